# What is loaded into the postmaster would be broken in each backend: the extension refuses, and says what to do instead.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Authz;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = authz_server('main');
authz_setup($node);
my $check = sprintf q{SELECT hessra_row_security('%s', 'orders', 'select')}, token('orders_select');
is($node->safe_psql('postgres', $check), 't', 'a token is judged');

$node->restart;
is($node->safe_psql('postgres', $check), 't', 'and after a restart');

# Libraries that a session loads at its start are loaded after the fork.
$node->append_conf('postgresql.conf', "session_preload_libraries = 'hessra_authz'");
$node->reload;
is($node->safe_psql('postgres', $check), 't', 'session_preload_libraries is fine');
is($node->safe_psql('postgres', 'SHOW hessra.token_cache_size'), '32', 'the library is there before its first function');

# What the settings say is nobody's before the first call either, and none can be taken away by an option.
my (undef, $out, $err) = $node->psql('postgres', 'SHOW hessra.config_path', extra_params => [ '-U', 'app' ]);
is($out, '', 'the path is not shown');
like($err, qr/ERROR:.* to examine "hessra.config_path"/, 'which is said');
{
	local $ENV{PGOPTIONS} = '-c hessra.log_refusals=off';
	(undef, $out, $err) = $node->psql('postgres', 'SELECT 1', extra_params => [ '-U', 'app' ]);
	like($err, qr/FATAL:  permission denied to set "hessra.log_refusals" with a connection option/, 'an option');
	is($node->safe_psql('postgres', 'SHOW hessra.log_refusals'), 'off', "a superuser's option");
}

$node->append_conf('postgresql.conf', "shared_preload_libraries = 'hessra_authz'");
$node->stop;
ok(!$node->start(fail_ok => 1), 'a server with it in shared_preload_libraries does not start');
my $log = slurp_file($node->logfile);
like($log, qr/hessra_authz cannot be loaded by shared_preload_libraries/, 'the log says why');
like($log, qr/HINT:.*session_preload_libraries/, 'and what to do');

$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->start;
is($node->safe_psql('postgres', $check), 't', 'it works again without');
$node->stop;
done_testing();
