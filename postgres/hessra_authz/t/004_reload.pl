# A key that is replaced while statements run: each gets the answer of one key or of the other, and after the reload
# that of the new one. A configuration that is broken leaves the old one in force.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Authz;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Session;
use Test::More;

# A key that signed none of the tokens.
my $other = 'MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';

my $node = authz_server('main');
authz_setup($node);
my $session = Session->new($node, 'app');
my $read = sprintf "BEGIN; SET LOCAL app.token = '%s'; SELECT count(*) FROM orders; COMMIT;", token('orders_select');
is($session->value($read), '100', 'the key of the service');

authz_config($node, $other);
is($session->value($read), '100', 'a file that changes is not read before a reload');
$node->reload;
ok(answers('0'), 'after the reload its token is worth nothing');
authz_config($node);
$node->reload;
ok(answers('100'), 'until the key is back');

authz_config($node, 'broken');
$node->reload;
ok(logs(qr/the configuration of hessra_authz/), 'a broken file is reported');
is($session->value($read), '100', 'and the old key stays');
my ($out, $err) = Session->new($node, 'app')->query($read);
like($err, qr/ERROR:/, 'a session that has no key yet does not judge without one');
($out, $err) = Session->new($node, 'app')->query('SELECT hessra_reload_config();');
like($err, qr/permission denied for function hessra_reload_config/, 'the application may not reload');
for my $setting ('config_path', 'library_path')
{
	($out, $err) = $session->query("SET hessra.$setting = '/nowhere';");
	like($err, qr/permission denied to set parameter "hessra.$setting"/, "nor set hessra.$setting");
}
authz_config($node);
$node->reload;

# A file that cannot be read because open files are short is read later. The reload itself takes files.
ok(answers('100'), 'the key of the service once more');
my $pid = $session->value('SELECT pg_backend_pid();');
my ($soft) = slurp_file("/proc/$pid/limits") =~ /^Max open files\s+(\d+)/m;
my $before = $session->value('SELECT pg_conf_load_time();');
authz_config($node, $other);
$node->reload;
for (1 .. 600)
{
	last if $session->value('SELECT pg_conf_load_time();') ne $before;
	select undef, undef, undef, 0.1;
}
system('prlimit', '--pid', $pid, '--nofile=4:') == 0 or die 'prlimit';
is($session->value($read), '100', 'a file that cannot be read leaves the old key');
ok(logs(qr/the configuration of hessra_authz cannot be read\n.*the configuration file cannot be opened/), 'and is reported');
system('prlimit', '--pid', $pid, "--nofile=$soft:") == 0 or die 'prlimit';
ok(answers('0'), 'the new one follows when it can, without another reload');
authz_config($node);
$node->reload;

# A statement that runs takes no notice of a reload: it goes on with the old key until the session takes its next one.
my $holder = Session->new($node);
$holder->value('SELECT FROM pg_advisory_lock(9);');
my $running = Session->new($node, 'app');
$running->send(sprintf <<'SQL', token('orders_select'));
BEGIN;
SET LOCAL app.token = '%s';
DO $$
BEGIN
  PERFORM count(*) FROM orders;
  PERFORM pg_advisory_xact_lock(9);
  PERFORM set_config('app.seen', count(*)::text, true) FROM orders;
END $$;
SQL
wait_for($node, "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
authz_config($node, $other);
$node->reload;
ok(answers('0'), 'a new key is in force for an idle session');
$holder->value('SELECT FROM pg_advisory_unlock(9);');
$running->receive;
is($running->value("SELECT current_setting('app.seen');"), '100', 'a statement that began before keeps the old key');
is($running->value('SELECT count(*) FROM orders;'), '0', 'the next one of its transaction does not');
$running->value('COMMIT;');
$holder->value('SELECT FROM pg_advisory_lock(9);');
$running->send('SELECT FROM pg_advisory_xact_lock(9);');
wait_for($node, "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
wait_for($node, "SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = 'app'");
pass('a session that is ended does not wait for its statement');
$_->quit for $holder, $running, $session;
$session = Session->new($node, 'app');
authz_config($node);
$node->reload;
ok(answers('100'), 'the key is back');

# Nor does anybody while postgresql.conf has an error, whatever pg_reload_conf() answers.
my $loaded = $node->safe_psql('postgres', 'SELECT pg_conf_load_time()');
my $newer = "SELECT pg_conf_load_time() > '$loaded'";
$node->append_conf('postgresql.conf', 'no setting');
authz_config($node, $other);
is($node->safe_psql('postgres', 'SELECT pg_reload_conf()'), 't', 'pg_reload_conf() with an error in postgresql.conf');
ok(logs(qr/contains errors; no changes were applied/), 'the server reports it');
is($session->value($read), '100', 'and the old key stays');
is($node->safe_psql('postgres', $newer), 'f', 'as pg_conf_load_time() tells');
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM pg_file_settings WHERE error IS NOT NULL'), 't',
	'and pg_file_settings');
my $conf = $node->data_dir . '/postgresql.conf';
my $text = slurp_file($conf);
$text =~ s/^no setting$//m;
unlink $conf;
append_to_file($conf, $text);
$node->reload;
ok(answers('0'), 'without the error the new key is in force');
is($node->safe_psql('postgres', $newer), 't', 'as pg_conf_load_time() tells then');
authz_config($node);
$node->reload;
ok(answers('100'), 'the old key is back again');

# Eight clients read while the key changes 20 times. Nothing but 0 and 100 is an answer, and none of them fails.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION either(count bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF count NOT IN (0, 100) THEN RAISE EXCEPTION 'wrong answer: %', count; END IF;
  RETURN count;
END $$;
SQL
my $script = $node->basedir . '/read.sql';
open my $file, '>', $script or die "$script: $!";
printf $file "BEGIN;\nSET LOCAL app.token = '%s';\nSELECT either(count(*)) FROM orders;\nCOMMIT;\n", token('orders_select');
close $file;
my ($bench, $errors) = ('', '');
my $run = IPC::Run::start([ 'pgbench', '-n', '-c', 8, '-T', 6, '-f', $script, '-U', 'app', '-h', $node->host, '-p', $node->port, 'postgres' ],
	'>', \$bench, '2>', \$errors, IPC::Run::timeout(120));
for my $round (1 .. 20)
{
	authz_config($node, $round % 2 ? $other : undef);
	$node->reload;
	select undef, undef, undef, 0.2;
}
ok($run->finish, "reloads under load: $errors");
my ($transactions) = $bench =~ /actually processed: (\d+)/;
cmp_ok($transactions // 0, '>', 100, 'which did something');
ok(answers('100'), 'and the last key counts');
is($session->value("$read"), '100', 'for a session that has seen all');
$session->quit;
$node->stop;
done_testing();

# A backend sees a reload when it takes the next statement, but not sooner than its signal arrives.
sub answers
{
	my ($expected) = @_;
	for (1 .. 100)
	{
		return 1 if $session->value($read) eq $expected;
		select undef, undef, undef, 0.05;
	}
	return 0;
}

sub logs
{
	my ($pattern) = @_;
	for (1 .. 100)
	{
		return 1 if slurp_file($node->logfile) =~ $pattern;
		$session->value($read);
		select undef, undef, undef, 0.05;
	}
	return 0;
}
