# Neither keys nor plaintext reach the log, other users or the statistics.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use AsherahNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('secrets', q{
shared_preload_libraries = 'pg_stat_statements'
log_min_messages = debug2
log_statement = none
log_min_error_statement = error
log_error_verbosity = verbose
log_parameter_max_length = 0
});
my $raw = pack('H*', KEY);

sub log_has { return index(slurp_file($node->logfile), $_[0]) >= 0 }

# A failing statement is in the log with its text; one of ours is not.
sql($node, q{SELECT 1 / 0, 'control-of-this-test'});
ok(log_has('control-of-this-test'), 'the log has statements that fail');
like(sql($node, q{SELECT asherah_encrypt('', 'plaintext-of-a-literal')}), qr/partition id is empty/, 'a call fails');
ok(log_has('partition id is empty'), 'its error is in the log');
ok(!log_has('plaintext-of-a-literal'), 'its plaintext is not');
sql($node, q{DO $$ BEGIN PERFORM asherah_encrypt('', 'plaintext-of-a-program'); END $$});
ok(!log_has('plaintext-of-a-program'), 'nor that of a statement of a program');

# Nor of any other error on the way: of the library, of the configuration, of a partition that is no text.
my $dynamic = q{DO $$ BEGIN EXECUTE 'SELECT asherah_encrypt(''p'', ''%s'')'; END $$};
like(sql($node, q{SET asherah.library_path = '/nowhere/lib.so';} . q{SELECT asherah_encrypt('p', 'plaintext-1-of-an-error')}),
	qr/could not find the file/, 'a library that is not there');
like(sql($node, q{SET asherah.library_path = '/nowhere/lib.so';} . sprintf($dynamic, 'plaintext-2-of-an-error')),
	qr/could not find the file/, 'and in a statement of a program');
like(sql($node, q{SET asherah.config_path = '';} . sprintf($dynamic, 'plaintext-3-of-an-error')),
	qr/not configured/, 'no configuration');
like(sql($node, q{SET asherah.config_path = '/nowhere/asherah.json';} . sprintf($dynamic, 'plaintext-4-of-an-error')),
	qr/cannot be opened/, 'a configuration that is not there');
$node->safe_psql('postgres', q{CREATE DATABASE bytes ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0});
$node->safe_psql('bytes', 'CREATE EXTENSION asherah_crypt');
my (undef, undef, $invalid) = $node->psql('bytes', q{SELECT asherah_encrypt(E'\\xff', 'plaintext-5-of-an-error')});
like($invalid, qr/invalid byte sequence/, 'a partition that is no text');
(undef, undef, $invalid) = $node->psql('bytes', q{SELECT asherah_decrypt(E'\\xff', '"plaintext-6-of-an-error"')});
like($invalid, qr/invalid byte sequence/, 'nor for decryption');
$node->safe_psql('postgres', 'CREATE ROLE writer LOGIN; GRANT EXECUTE ON FUNCTION asherah_encrypt TO writer');
{
	local $ENV{PGOPTIONS} = '-c asherah.config_path=/of/the/client';
	(undef, undef, $invalid) = $node->psql('postgres', q{SELECT asherah_encrypt('p', 'plaintext-7-of-an-error')},
		extra_params => [ '-U', 'writer' ]);
	like($invalid, qr/with a connection option/, 'an option that keeps the extension from being loaded');
}
ok(log_has($_), "the log has '$_'")
	for 'could not find the file', 'is not configured', 'cannot be opened', 'invalid byte sequence', 'with a connection option';
ok(!log_has('-of-an-error'), 'but no plaintext');

# Parameters are not in the log, even where every statement is.
$node->append_conf('postgresql.conf', 'log_min_duration_statement = 0');
$node->reload;
my $script = write_file($node->data_dir . '/encrypt.sql',
	"SELECT jsonb_typeof(asherah_encrypt('p', convert_to(:plain, 'UTF8')))");
for my $mode ('extended', 'prepared') {
	$node->command_ok([ 'pgbench', '-n', '-t', '3', '-M', $mode, '-D', "plain=parameter-$mode", '-f', $script, 'postgres' ],
		"parameters in mode $mode");
	ok(!log_has("parameter-$mode"), 'are not in the log');
}
ok(log_has('jsonb_typeof(asherah_encrypt'), 'their statements are');

# What is decrypted is not, and the configuration's key never, whatever becomes of it.
my $record = $node->safe_psql('postgres', q{SELECT asherah_encrypt('p', convert_to(reverse('txetnialp-detpyrced'), 'UTF8'))});
is($node->safe_psql('postgres', "SELECT convert_from(asherah_decrypt('p', '$record'), 'UTF8')"), 'decrypted-plaintext', 'decrypted');
ok(!log_has('decrypted-plaintext'), 'not in the log');
my $other = write_file($node->data_dir . '/other.json', configuration($node, StaticMasterKeyHex => '"' . KEY . 'secret-typo"'));
$node->safe_psql('postgres', "ALTER SYSTEM SET asherah.config_path = '$other'");
$node->reload;
$node->poll_query_until('postgres', "SELECT current_setting('asherah.config_path') = '$other'") or die 'no reload';
like(sql($node, q{SELECT asherah_encrypt('p', 'x')}), qr/StaticMasterKeyHex must be 64 hex digits/, 'a wrong configuration');
write_file($other, '{"StaticMasterKeyHex": "' . KEY . '", broken');
like(sql($node, q{SELECT asherah_encrypt('p', 'x')}), qr/not a JSON object/, 'a broken one');
write_file($other, configuration($node, Metastore => '"rdbms"',
	ConnectionString => '"postgres://user:password-in-url@127.0.0.1:1/keys?sslmode=disable"', QueryRetryMs => 0));
like(sql($node, q{SELECT asherah_encrypt('p', 'x')}), qr/no connection/, 'a metastore that is down');
ok(log_has('asherah_crypt: '), 'the log has its cause');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET asherah.config_path');
$node->reload;
for my $secret (KEY, uc(KEY), $raw, 'secret-typo', 'password-in-url') {
	ok(!log_has($secret), 'no secret of the configuration is in the log');
}

# Statistics of statements have placeholders for what is given to the functions.
$node->safe_psql('postgres', 'CREATE EXTENSION pg_stat_statements');
$node->safe_psql('postgres', q{SELECT asherah_encrypt('p', 'plaintext-of-statistics')});
like($node->safe_psql('postgres', q{SELECT query FROM pg_stat_statements WHERE query LIKE '%asherah_encrypt(%'}),
	qr/asherah_encrypt\(\$1, \$2\)/, 'statistics of statements');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%plaintext-of%' AND query NOT LIKE '%pg_stat%'}),
	'0', 'have no plaintext');

# A role without rights sees neither path nor file, loaded or not.
$node->safe_psql('postgres', 'CREATE ROLE anybody');
for my $loaded ('', q{LOAD 'asherah_crypt';}) {
	my $seen = sql($node, $loaded . q{SET ROLE anybody; SELECT name, setting FROM pg_settings; SHOW ALL; SELECT * FROM pg_file_settings});
	unlike($seen, qr/asherah\.json/, 'a role without rights does not see the path' . ($loaded ? ', loaded' : ''));
	unlike($seen, qr/\Q${\KEY}\E/, 'nor the key');
}

$node->stop;
done_testing();
