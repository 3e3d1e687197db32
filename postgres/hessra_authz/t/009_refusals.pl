# What is written about refused tokens: who asked for what and why it was refused, once for each statement, and never
# the token, whatever is written about statements that fail.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Authz;
use PostgreSQL::Test::Utils;
use Test::More;

# Statements are not written, as a server with tokens in them has it.
my $node = authz_server('main', 'log_statement = none');
authz_setup($node);
my ($good, $expired, $forged) = map { token("orders_$_") } qw(select expired forged);

# Runs statements as app, with the setting as the server has it; returns what was written meanwhile.
sub written
{
	my ($sql) = @_;
	my $offset = -s $node->logfile;
	$node->psql('postgres', $sql, extra_params => [ '-U', 'app' ]);
	return slurp_file($node->logfile, $offset);
}

sub refusals { return scalar(() = $_[0] =~ /LOG:  hessra_authz refused a token/g); }

my $ask = "SELECT hessra_row_security('%s', 'orders', 'select');";
is(refusals(written(sprintf $ask, $expired)), 0, 'nothing is written by default');

$node->safe_psql('postgres', "LOAD 'hessra_authz'; ALTER DATABASE postgres SET hessra.log_refusals = on;");
my $log = written(sprintf $ask, $expired);
like($log, qr/role "app", session of "app", row_security, resource "orders", operation "select", reason expired/,
	'role, request and reason');
unlike($log, qr/STATEMENT|CONTEXT/, 'no statement and no context with it');
like(written(sprintf $ask, $forged), qr/reason signature/, 'a forged token');
like(written(sprintf $ask, 'nonsense'), qr/reason (format|key)/, 'no token at all');
is(refusals(written(sprintf $ask, $good)), 0, 'a good token is not refused');
like(written("SELECT hessra_verify_token('$good', 'jonas', 'orders');"),
	qr/verify_token, resource "orders", subject "jonas", reason \w+/, 'the other function');

# Another role's name, and a line break that would look like another line of the log.
$node->safe_psql('postgres', 'CREATE ROLE "other role"; GRANT "other role" TO app;');
like(written("SET ROLE \"other role\"; " . sprintf $ask, $expired), qr/role "other role", session of "app"/, 'SET ROLE');
my $broken = written("SELECT hessra_row_security('$expired', E'orders\\nLOG:  all is well', 'select');");
unlike($broken, qr/^LOG:  all is well/m, 'no line of its own');

# The same refusal once, others up to a number, with each statement anew.
my $rows = "SELECT count(*) FROM generate_series(1, 500) i WHERE hessra_row_security('$expired', 'orders' || i %% %d, 'select');";
is(refusals(written(sprintf $rows, 1)), 1, 'the same refusal is written once');
is(refusals(written(sprintf($rows, 2) . sprintf($rows, 2))), 4, 'for each statement');
my $many = written(sprintf $rows, 500);
is(refusals($many), 32, 'there is an end');
like($many, qr/DETAIL:  Further refusals of this statement are not written/, 'which is said');

# In an error afterwards, a function's body, a message that was asked for.
$log = written(
	"SET client_min_messages = debug5; SET app.token = '$expired';
	 SELECT count(*) FROM orders; DO \$\$BEGIN PERFORM hessra_row_security('$forged', 'a', 'b'); END\$\$;");
is(refusals($log), 2, 'by a policy, and by a function');

# A fault of the administrator's is written with its reason, and without the statement.
$node->safe_psql('postgres', q(ALTER DATABASE postgres SET hessra.config_path = '/nowhere/hessra.json'));
$log = written(sprintf $ask, $good);
like($log, qr/ERROR:  the configuration of hessra_authz cannot be read/, 'a fault');
like($log, qr{DETAIL:  .*/nowhere/hessra.json}, 'its reason');
like(written("SELECT hessra_verify_token('$good', 'jonas', repeat('x', 2000000));"), qr/ERROR/, 'an error of the call');
$node->safe_psql('postgres', q(ALTER DATABASE postgres SET hessra.library_path = '/nowhere/libhessra.so.1'));
like(written(sprintf $ask, $good), qr/ERROR:.*hessra.library_path/, 'a library that is not there');

unlike(slurp_file($node->logfile), qr/\Q$_\E/, 'the log has no part of a token')
  for map { (substr($_, 0, 60), substr($_, 100, 60)) } $good, $expired, $forged;
$node->stop;
done_testing();
