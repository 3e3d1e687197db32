# The token of one client of a pooled connection is not seen by the next.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Authz;
use Session;
use Test::More;

my $node = authz_server('main');
authz_setup($node);
my $pooled = Session->new($node, 'app');
my $token = token('orders_select');
my $count = 'SELECT count(*) FROM orders;';

is($pooled->value($count), '0', 'no rows without a token');
for my $round (1 .. 2)
{
	is($pooled->value("BEGIN; SET LOCAL app.token = '$token'; $count COMMIT;"), '100', "round $round: the first client");
	is($pooled->value("BEGIN; $count COMMIT;"), '0', "round $round: the next one");
	is($pooled->value("BEGIN; SET LOCAL app.token = '$token'; $count ROLLBACK;"), '100', "round $round: rolled back");
	is($pooled->value($count), '0', "round $round: and the next one");
}
is($pooled->value("BEGIN; SAVEPOINT s; SET LOCAL app.token = '$token'; ROLLBACK TO s; $count COMMIT;"),
	'0', 'a token of a subtransaction ends with it');

# A prepared statement and its cached plan do not keep an answer.
$pooled->value('PREPARE orders AS SELECT count(*) FROM orders; SET plan_cache_mode = force_generic_plan;');
is($pooled->value("BEGIN; SET LOCAL app.token = '$token'; EXECUTE orders; COMMIT;"), '100', 'prepared: the first client');
is($pooled->value('EXECUTE orders;'), '0', 'prepared: the next one');

# What SET LOCAL guards against: the test sees it where the application sets the token for the session.
$pooled->value("SET app.token = '$token';");
is($pooled->value($count), '100', 'a token that is SET remains for the next client');
$pooled->value('DISCARD ALL;');
is($pooled->value($count), '0', 'until DISCARD ALL');
for my $name ('orders_expired', 'orders_forged')
{
	is($pooled->value(sprintf "BEGIN; SET LOCAL app.token = '%s'; $count COMMIT;", token($name)), '0', "$name: no rows");
}

# A cursor has the right that its first row was read with, as long as it is open; one WITH HOLD has all its rows when
# its transaction ends.
is($pooled->value("BEGIN; SET LOCAL app.token = '$token'; DECLARE c CURSOR FOR SELECT id FROM orders; FETCH c;"), '1',
	'a cursor of a good token');
is($pooled->value("SET LOCAL app.token = ''; $count"), '0', 'the token is gone');
is($pooled->value('MOVE FORWARD ALL IN c; FETCH BACKWARD 1 FROM c; COMMIT;'), '100', 'the cursor goes on');
for my $ends ('DISCARD ALL', 'CLOSE ALL')
{
	$pooled->value("BEGIN; SET LOCAL app.token = '$token'; DECLARE c CURSOR WITH HOLD FOR SELECT id FROM orders; COMMIT;");
	is($pooled->value($count), '0', "$ends: the next client has no token");
	is($pooled->value('FETCH 1 FROM c;'), '1', 'and reads from the cursor of the one before');
	$pooled->value("$ends;");
	my ($out, $err) = $pooled->query('FETCH 1 FROM c;');
	like($err, qr/cursor "c" does not exist/, "until $ends");
}
$pooled->quit;
$node->stop;
done_testing();
