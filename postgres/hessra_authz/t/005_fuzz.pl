# No text makes a backend crash, and none that is not a token is taken for one: random texts, good tokens with a bit
# flipped, cut, doubled and spliced. FUZZ_ROUNDS, default 10, times 500 calls.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Authz;
use Session;
use Test::More;

my $rounds = $ENV{FUZZ_ROUNDS} // 10;
my $seed = $ENV{FUZZ_SEED} // time;
diag("FUZZ_SEED=$seed");
my $node = authz_server('main');
authz_setup($node);
$node->safe_psql('postgres', 'CREATE ROLE fuzzer LOGIN;');
$node->safe_psql('postgres', <<'SQL');
-- The token with one bit of its bytes changed, as text of the same alphabet.
CREATE FUNCTION flipped(token text, place int) RETURNS text LANGUAGE sql AS $$
  SELECT translate(replace(encode(set_bit(bytes, place % (length(bytes) * 8), 1 - get_bit(bytes, place % (length(bytes) * 8))),
    'base64'), E'\n', ''), '+/', '-_')
  FROM (SELECT decode(translate(token, '-_', '+/'), 'base64') AS bytes) t $$;
CREATE FUNCTION noise(length int) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(chr(1 + (random() * CASE WHEN random() < 0.9 THEN 126 ELSE 50000 END)::int), '')
  FROM generate_series(1, length) $$;
-- Bytes of a token's beginning, so that they come further than to the first tag.
CREATE FUNCTION garbled(token text, at int, length int) RETURNS text LANGUAGE sql AS $$
  SELECT substr(token, 1, at) || string_agg(substr('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
    1 + floor(random() * 64)::int, 1), '') || substr(token, at + length + 1)
  FROM generate_series(1, length) $$;
SQL
my $session = Session->new($node, 'fuzzer');
my $pid = $session->value('SELECT pg_backend_pid();');
my $good = token('orders_select');
my $half = int(length($good) / 2);
my $also = token('orders_insert');
$session->value(sprintf 'SELECT setseed(%f);', ($seed % 1000) / 1000);
my $call = q{hessra_row_security(%s, 'orders', 'select')};

is($session->value(sprintf "SELECT $call;", "'$good'"), 't', 'the token is good');
is($session->value(sprintf "SELECT $call IS NULL;", 'NULL'), 't', 'no token: NULL');

# Each bit of the token. What may change is the number of a field of value 0, which is what it has where it is missing:
# "08 00" says that the next key is an Ed25519 key, and readers of Protocol Buffers pass over fields that they don't know.
my $bytes = "decode(translate('$good', '-_', '+/'), 'base64')";
my @accepted = split /,/, $session->value(sprintf "SELECT coalesce(string_agg(place::text, ','), '') "
	. "FROM generate_series(0, length($bytes) * 8 - 1) place WHERE $call;", "flipped('$good', place)");
my %numbers = map { int($_ / 8) => 1 } @accepted;
cmp_ok(scalar keys %numbers, '<=', 1, 'no bit that is signed can be flipped');
my $at = (keys %numbers)[0];
is($session->value("SELECT encode(substr($bytes, $at + 1, 2), 'hex');"), '0800', 'but of a number of a field') if defined $at;
# The characters of that byte are put back before a text is compared with the token.
my $tag = defined $at ? int($at * 8 / 6) + 1 : 1;
my $same = "overlay(text placing substr('$good', $tag, 2) from $tag) = '$good'";

my %kinds = (
	'one bit' => "flipped('$good', (random() * 100000)::int)",
	'two bits' => "flipped(flipped('$good', (random() * 100000)::int), 1 + (random() * 100000)::int)",
	'a part' => "garbled('$good', (random() * $half)::int, 1 + (random() * 40)::int)",
	'cut' => "left('$good', (random() * (length('$good') - 5))::int)",
	'spliced' => "left('$good', (random() * $half)::int + 40) || right('$also', $half)",
	'noise' => 'noise((random() * 300)::int)',
	'other characters' => "left('$good', 8 + (random() * 200)::int) || noise(8)",
);
my %allowed;
for my $round (1 .. $rounds)
{
	for my $kind (sort keys %kinds)
	{
		my $calls = int(500 / keys %kinds);
		my $text = "coalesce($kinds{$kind}, '')";
		$allowed{$kind} += $session->value(sprintf(
			"SELECT count(*) FILTER (WHERE $call) FROM (SELECT $text AS text FROM generate_series(1, $calls) OFFSET 0) t WHERE NOT $same;",
			'text'));
	}
}
is($allowed{$_}, 0, "$_: none allowed") for sort keys %kinds;

# Long ones, up to what the library reads and beyond, and requests of all lengths.
for my $length (0, 1, 1000, 65_536, 1_048_576, 1_048_577, 5_000_000)
{
	my ($out, $err) = $session->query(sprintf "SELECT $call;", "repeat('E', $length)");
	is($out, 'f', "$length characters");
	($out, $err) = $session->query(sprintf q{SELECT hessra_verify_token('%s', repeat('s', %d), 'orders');}, $good, $length);
	like("$out$err", qr/^f$|ERROR/, "a subject of $length characters");
}
is($session->value("SELECT length('$good' || repeat('=', 3)) > 0 AND NOT " . sprintf("$call;", "repeat('$good', 2)")), 't', 'doubled');
is($session->value('SELECT pg_backend_pid();'), $pid, 'the backend lives');
is($session->value(sprintf "SELECT $call;", "'$good'"), 't', 'and judges as before');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/terminated by signal|PANIC|all server processes/, 'no process crashed');
$session->quit;
$node->stop;
done_testing();
