# Records and keys are those of other programs: the tool asherah and the C program of examples/c, on SQLite and on a
# table of this server.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use AsherahNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('programs');
my $library = library($node);
my ($folder) = $library =~ m{^(.*)/[^/]*$};
my $tool = tool($node);
my $data = $node->data_dir;
my $key = 'master-key-of-thirty-two-letters';

sub encrypt_in_sql {
	my ($partition, $plain) = @_;
	return $node->safe_psql('postgres', "SELECT asherah_encrypt('$partition', convert_to('$plain', 'UTF8'))");
}

sub decrypt_in_sql {
	my ($partition, $record) = @_;
	return $node->safe_psql('postgres', "SELECT convert_from(asherah_decrypt('$partition', '$record'), 'UTF8')");
}

sub run_tool {
	my (@arguments) = @_;
	my ($out, $err) = run_command([ $tool, @arguments ]);
	diag($err) if $err ne '';
	return $out;
}

# Both ways between SQL and the tool, with the configuration of the server.
sub exchange {
	my ($config, $partition) = @_;
	my $from_sql = write_file("$data/from_sql", encrypt_in_sql($partition, 'written by SQL'));
	is(run_tool('decrypt', '-c', $config, '--partition', $partition, $from_sql), 'written by SQL', 'the tool reads what SQL wrote');
	my $plain = write_file("$data/plain", 'written by the tool');
	my $record = run_tool('encrypt', '-c', $config, '--partition', $partition, $plain);
	is(decrypt_in_sql($partition, $record), 'written by the tool', 'SQL reads what the tool wrote');
}

exchange("$data/asherah.json", 'user-1001');

# The C program has a configuration of its own, with this database and key.
write_file("$data/asherah.json", configuration($node, ConnectionString => "\"$data/demo.db\"", StaticMasterKey => "\"$key\"") =~ s/"StaticMasterKeyHex":"\w+",//r);
exchange("$data/asherah.json", 'user-1001');
system('cc', '-std=c11', '-o', "$data/demo", '-I' . source() . '/include', source() . '/examples/c/demo.c', $library, "-Wl,-rpath,$folder") == 0
  or die 'cc';
my @demo = ('--database', "$data/demo.db", '--key', $key);
$node->command_ok([ "$data/demo", 'write', "$data/demo.records", @demo ], 'the C program writes');
$node->safe_psql('postgres', 'CREATE TABLE records (partition text, record jsonb)');
$node->safe_psql('postgres', "COPY records FROM '$data/demo.records'");
is($node->safe_psql('postgres', q{SELECT count(*) FROM records WHERE partition = 'user-1002' AND convert_from(asherah_decrypt(partition, record), 'UTF8') = 'passport C01X00T47'}),
	'1', 'SQL reads what the C program wrote');
is($node->safe_psql('postgres', q{SELECT count(*) = 4 FROM records WHERE length(asherah_decrypt(partition, record)) > 10}), 't', 'all of it');
$node->safe_psql('postgres', "COPY (SELECT 'user-1001', asherah_encrypt('user-1001', 'written by SQL for C')) TO '$data/sql.records'");
my ($read) = run_command([ "$data/demo", 'read', "$data/sql.records", @demo ]);
like($read, qr/user-1001\s+reads "written by SQL for C"/, 'the C program reads what SQL wrote');

# Keys in a table of the server itself.
my $ddl = run_tool('ddl', 'postgres');
$node->safe_psql('postgres', $ddl);
my $string = sprintf('host=%s port=%s user=%s dbname=postgres sslmode=disable', $node->host, $node->port, $node->safe_psql('postgres', 'SELECT current_user'));
write_file("$data/asherah.json", configuration($node, Metastore => '"rdbms"', SQLMetastoreDBType => '"postgres"', ConnectionString => "\"$string\""));
exchange("$data/asherah.json", 'user-1001');
is($node->safe_psql('postgres', 'SELECT count(*) FROM encryption_key'), '2', 'a system key and an intermediate key, for both');
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()}),
	'no connection of a session that ended stays');

$node->stop;
done_testing();
