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
$pooled->quit;
$node->stop;
done_testing();
