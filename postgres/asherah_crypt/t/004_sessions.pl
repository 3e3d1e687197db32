# Databases of other encodings, and sessions that end or are cancelled while they wait for the metastore.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use AsherahNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('sessions');

# A partition is the same text in every encoding.
my ($utf8, $latin1) = ("Gr\xc3\xbc\xc3\x9fe", "Gr\xfc\xdfe");
for my $encoding ('LATIN1', 'SQL_ASCII') {
	$node->safe_psql('postgres', "CREATE DATABASE " . lc("db_$encoding") . " TEMPLATE template0 ENCODING '$encoding' LOCALE 'C'");
	$node->safe_psql(lc("db_$encoding"), 'CREATE EXTENSION asherah_crypt');
}
sub text { return "convert_from('\\x" . unpack('H*', $_[0]) . "', '$_[1]')" }
my %partition = (db_latin1 => text($latin1, 'LATIN1'), db_sql_ascii => text($utf8, 'SQL_ASCII'), postgres => text($utf8, 'UTF8'));
my %encoding = (db_latin1 => 'UTF8', db_sql_ascii => 'SQL_ASCII', postgres => 'UTF8');
for my $from (sort keys %partition) {
	my $record = pack('H*', $node->safe_psql($from, "SELECT encode(convert_to(asherah_encrypt($partition{$from}, 'x')::text, '$encoding{$from}'), 'hex')"));
	for my $to (sort keys %partition) {
		my $read = text($record, $encoding{$to});
		is($node->safe_psql($to, "SELECT asherah_decrypt($partition{$to}, ${read}::jsonb) = 'x'"), 't', "$to reads what $from wrote");
	}
}
my ($status, $out, $err) = $node->psql('db_sql_ascii', q{SELECT asherah_encrypt(convert_from('\xff', 'SQL_ASCII'), 'x')});
like($err, qr/invalid byte sequence for encoding "UTF8"/, 'what is no UTF-8 is no partition');
($status, $out, $err) = $node->psql('db_latin1', "SELECT asherah_decrypt('another', asherah_encrypt($partition{db_latin1}, 'x'))");
like($err, qr/_IK_Gr\?\?\?\?e_billing_shop/, 'messages are in the encoding of the database');

# Keys in a table that another session has locked.
my ($ddl) = run_command([ tool($node), 'ddl', 'postgres' ]);
$node->safe_psql('postgres', $ddl);
my $string = sprintf('host=%s port=%s user=%s dbname=postgres sslmode=disable', $node->host, $node->port, $node->safe_psql('postgres', 'SELECT current_user'));
write_file($node->data_dir . '/asherah.json', configuration($node, Metastore => '"rdbms"', SQLMetastoreDBType => '"postgres"',
		ConnectionString => "\"$string\"", QueryTimeoutMs => 300000, QueryRetryMs => 300000));

my $locker = $node->background_psql('postgres');
$locker->query_safe('BEGIN; LOCK TABLE encryption_key;');
my $waits = q{application_name = 'waits' AND state = 'active' AND wait_event_type = 'Extension'};
for my $function ('pg_cancel_backend', 'pg_terminate_backend') {
	for my $round (1 .. 3) {
		my ($out, $err) = ('', '');
		my $waiting = IPC::Run::start([ 'psql', '-X', '-d', $node->connstr('postgres') . ' application_name=waits', '-c', q{SELECT asherah_encrypt('p', 'x')} ],
			'>', \$out, '2>', \$err);
		ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE $waits"), 'a session waits for the metastore');
		$node->safe_psql('postgres', "SELECT $function(pid) FROM pg_stat_activity WHERE $waits");
		$waiting->finish;
		like($err, $function =~ /cancel/ ? qr/canceling statement due to user request/ : qr/terminating connection due to administrator command/, $function);
	}
}
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'waits'}), 'all of them have ended');
$locker->query_safe('COMMIT;');
$locker->quit;
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()}),
	'and so have their connections, once nothing keeps them');
is($node->safe_psql('postgres', q{SELECT jsonb_typeof(asherah_encrypt('p', 'x'))}), 'object', 'when the lock is gone it works');

# Sessions that make the same keys at the same time agree.
my $script = write_file($node->data_dir . '/same.sql', q{SELECT asherah_decrypt('new ' || :p, asherah_encrypt('new ' || :p, 'x'));});
$node->command_ok([ 'pgbench', '-n', '-C', '-c', '6', '-t', '4', '-D', 'p=1', '-f', $script, 'postgres' ], 'sessions at once');
is($node->safe_psql('postgres', q{SELECT count(*) FROM encryption_key WHERE id LIKE '%new 1%'}), '1', 'have one key');

unlike(slurp_file($node->logfile), qr/was terminated by signal|exited with exit code 2|crash of another/, 'no backend has crashed');
$node->stop;
done_testing();
