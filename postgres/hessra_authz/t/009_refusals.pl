# What is written about refused tokens: who asked for what and why it was refused, once for each message, and never
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

# The same refusal once, others up to a number, with each message of the client anew.
my $rows = "SELECT count(*) FROM generate_series(1, 500) i WHERE hessra_row_security('$expired', 'orders' || i %% %d, 'select');";
is(refusals(written(sprintf $rows, 1)), 1, 'the same refusal is written once');
is(refusals(written(sprintf($rows, 2) . "\n" . sprintf($rows, 2))), 4, 'for each message');
# psql sends what has a backslash before its semicolon with what follows.
is(refusals(written(sprintf($rows, 2) =~ s/;$/\\;/r . sprintf($rows, 2))), 2, 'of as many statements as it may be');
my $more = qr/LOG:  hessra_authz refused tokens (\d+) times more in one message: role "app", session of "app"/;
is((() = written(sprintf $rows, 32) =~ /$more/g), 0, 'as many as there may be');
my $payroll = "SELECT hessra_row_security('$expired', 'payroll', 'select')";
for my $with ("$payroll;", "SELECT 1 / 0;", "SELECT pg_terminate_backend(pg_backend_pid());") {
	my $message = sprintf($rows, 500) =~ s/;$/\\;/r . "$payroll \\; $with";
	# What fails is in the log.
	my $many = written("SET app.token = '$expired';\n" . $message =~ s/'\Q$expired\E'/current_setting('app.token')/gr);
	is(refusals($many), 32, 'there is an end');
	like($many, qr/DETAIL:  Further refusals of this message of the client are counted/, 'which is said');
	my @counts = $many =~ /$more/g;
	is("@counts", 468 + ($with eq "$payroll;" ? 2 : 1), 'and how many were left out');
}
my $next = written("BEGIN;\n" . sprintf($rows, 500) . "\n$payroll;\nSELECT pg_sleep(0);\nCOMMIT;");
like($next, qr/refused tokens 468 times more.*resource "payroll"/s, 'before what the next message is refused');
is(refusals($next), 33, 'which is written');

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
# The path is for administrators, not for whom a superuser's function lends its rights.
$node->safe_psql('postgres', qq(CREATE FUNCTION lent() RETURNS boolean LANGUAGE sql SECURITY DEFINER
	AS \$\$SELECT hessra_row_security('$good', 'orders', 'select')\$\$));
my $said = sub { return ($node->psql('postgres', $_[1], extra_params => [ '-U', $_[0] ]))[2] };
my $superuser = $node->safe_psql('postgres', 'SELECT current_user');
unlike($said->('app', 'SELECT lent()'), qr/nowhere/, 'a function with the rights of a superuser');
unlike($said->($superuser, 'SET ROLE app; SELECT lent()'), qr/nowhere/, 'by a role that was taken on');
like($said->($superuser, 'SELECT lent()'), qr{/nowhere/hessra.json}, 'and by the superuser himself');
like(written("SELECT hessra_verify_token('$good', 'jonas', repeat('x', 2000000));"), qr/ERROR/, 'an error of the call');
$node->safe_psql('postgres', q(ALTER DATABASE postgres SET hessra.library_path = '/nowhere/libhessra.so.1'));
like(written(sprintf $ask, $good), qr/ERROR:.*hessra.library_path/, 'a library that is not there');

unlike(slurp_file($node->logfile), qr/\Q$_\E/, 'the log has no part of a token')
  for map { (substr($_, 0, 60), substr($_, 100, 60)) } $good, $expired, $forged;
$node->stop;
done_testing();
