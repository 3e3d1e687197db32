# Where a token comes to: the log of statements, of errors and of plans, and the statistics. A token that is a parameter
# is in none of them, one in the text of SET or EXECUTE is.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Authz;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Session;
use Test::More;

my $token = token('orders_select');
my $forged = token('orders_forged');
my $node = authz_server('main', "shared_preload_libraries = 'pg_stat_statements'",
	"session_preload_libraries = 'auto_explain'", 'auto_explain.log_min_duration = 0',
	'log_min_duration_statement = 0', 'log_parameter_max_length = 0', 'log_error_verbosity = verbose',
	'log_min_messages = debug1',
	'hessra.log_refusals = on', 'pg_stat_statements.track = all');
authz_setup($node);
# From 16 on auto_explain writes parameters too.
if ($node->safe_psql('postgres', 'SHOW server_version_num') >= 160000)
{
	$node->append_conf('postgresql.conf', 'auto_explain.log_parameter_max_length = 0');
	$node->restart;
}
$node->safe_psql('postgres', 'CREATE EXTENSION pg_stat_statements');

sub log_has { return index(slurp_file($node->logfile), $_[0]) >= 0 }

# What other sessions of the application may read of its statements.
sub activity
{
	return $node->safe_psql('postgres',
		"SELECT string_agg(query, ' ') FROM pg_stat_activity WHERE usename = 'app' AND pid <> pg_backend_pid()",
		extra_params => [ '-U', 'app' ]);
}

# The statements of the statistics are looked through here, since a statement with the token would be in the log.
sub statistics_have
{
	return index($node->safe_psql('postgres', 'SELECT query FROM pg_stat_statements'), $_[0]) >= 0;
}

# pgbench sends its variables as parameters.
my $script = $node->basedir . '/script.sql';
append_to_file($script, <<'SQL');
BEGIN;
SELECT set_config('app.token', :token, true) IS NOT NULL;
SELECT count(*) FROM orders;
COMMIT;
SQL
for my $mode ('extended', 'prepared')
{
	for my $value ($token, $forged)
	{
		my @sends = ('pgbench', '-n', '-t', '2', '-M', $mode, '-U', 'app', '-D', "token=$value", '-f', $script, 'postgres');
		$node->command_ok([@sends], "$mode: a token as a parameter");
	}
}
ok(log_has('SELECT set_config('), 'the log has the statements');
ok(log_has('Query Text: SELECT count(*) FROM orders;'), 'and their plans');
ok(log_has('hessra_authz refused a token: role "app"'), 'and the refusals');
ok(!log_has($_), 'and no token') for $token, $forged;
ok(!statistics_have($token), 'nor have the statistics');

# An error in the middle of it has no token in its text, detail or context.
my $thrown = $node->basedir . '/error.sql';
append_to_file($thrown, <<'SQL');
BEGIN;
SELECT set_config('app.token', :token, true) IS NOT NULL;
SELECT count(*) / 0 FROM orders;
COMMIT;
SQL
my @failing = ('pgbench', '-n', '-t', '1', '-M', 'extended', '-U', 'app', '-D', "token=$token", '-f', $thrown);
my ($out, $err) = run_command([ @failing, '-h', $node->host, '-p', $node->port, 'postgres' ]);
like($err, qr/division by zero/, 'a statement fails');
ok(log_has('division by zero'), 'the log has it');
ok(!log_has($token), 'without the token');

# What the guide warns of: plans with all expressions, and the text of SET.
$node->safe_psql('postgres', 'ALTER ROLE app SET auto_explain.log_verbose = on');
my @shown = ('pgbench', '-n', '-t', '1', '-M', 'extended', '-U', 'app', '-f', $script, 'postgres');
$node->command_ok([ @shown, '-D', "token=$forged" ], 'auto_explain.log_verbose');
ok(log_has($forged), 'has a token that is a parameter in the log');
$node->safe_psql('postgres', 'ALTER ROLE app RESET auto_explain.log_verbose');
$node->safe_psql('postgres', "SET app.token = '$token'", extra_params => [ '-U', 'app' ]);
ok(log_has($token), 'a token in the text of SET is in the log');

my $executed = token('events_select');
$node->safe_psql('postgres', "PREPARE use_token(text) AS SELECT set_config('app.token', \$1, true) IS NOT NULL;"
	. "EXECUTE use_token('$executed')", extra_params => [ '-U', 'app' ]);
ok(log_has($executed), 'and so is one in the text of EXECUTE');

# Others of the same role read the text of statements, that of the last one too, in pg_stat_activity; no parameter.
my $client = Session->new($node, 'app');
$client->value("SET app.token = '$token';");
like(activity(), qr/SET app\.token = '\Q$token\E'/, 'another session reads a token in the text of SET');
$client->quit;
my $holder = Session->new($node);
$holder->value('SELECT FROM pg_advisory_lock(9);');
my $waits = $node->basedir . '/waits.sql';
append_to_file($waits, "SELECT set_config('app.token', :token, true) IS NOT NULL, pg_advisory_xact_lock(9);\n");
my ($in, $bench) = ('', '');
my @waiter = ('pgbench', '-n', '-t', 1, '-M', 'extended', '-U', 'app', '-D', "token=$token", '-f', $waits);
my $waiting = IPC::Run::start([ @waiter, '-h', $node->host, '-p', $node->port, 'postgres' ],
	'<', \$in, '>&', \$bench, IPC::Run::timeout(120));
wait_for($node, "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
like(activity(), qr/set_config\('app\.token', \$1, true\)/, 'and a statement with a parameter');
unlike(activity(), qr/\Q$token\E/, 'without the token');
$holder->value('SELECT FROM pg_advisory_unlock(9);');
$waiting->finish;
$holder->quit;

$node->stop;
done_testing();
