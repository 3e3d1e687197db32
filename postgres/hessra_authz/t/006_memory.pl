# The memory of a backend does not grow with the tokens it judges: good, expired, forged, mended and errors.
# MEMORY_CALLS, default 100000, in each half.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Authz;
use Session;
use PostgreSQL::Test::Utils;
use Test::More;

my $calls = $ENV{MEMORY_CALLS} // 60_000;
my $node = authz_server('main');
authz_setup($node);
my $session = Session->new($node);
my $pid = $session->value('SELECT pg_backend_pid();');

# What the process has for itself, in KiB: it is not moved by what others share.
sub memory
{
	my ($file) = slurp_file("/proc/$pid/smaps_rollup");
	my ($clean) = $file =~ /^Private_Clean:\s*(\d+)/m;
	my ($dirty) = $file =~ /^Private_Dirty:\s*(\d+)/m;
	return $dirty;
}

my $before = memory();
my $good = token('orders_select');
is($session->value("SELECT hessra_row_security('$good', 'orders', 'select');"), 't', 'first call');
diag('private memory: ' . $before . ' KiB before the library, ' . memory() . ' KiB after its first call');

sub use_it
{
	my ($from) = @_;
	my $to = $from + $calls;
	# A third each: kept tokens, texts that are new each time, and refused ones whose reason is asked for.
	is($session->value(sprintf(q{SELECT count(*) FILTER (WHERE hessra_row_security(CASE n %% 4 WHEN 0 THEN '%s' WHEN 1 THEN '%s'
		WHEN 2 THEN '%s' ELSE left('%s', 300) || n END, 'orders', 'select')) FROM (SELECT generate_series(%d, %d - 1) n) t;},
			$good, token('orders_expired'), token('orders_forged'), $good, $from, $to)), $calls / 4, "calls from $from");
	$session->query('SELECT hessra_reload_config();') for 1 .. 50;
	$session->query('SELECT hessra_init(\'/nowhere\');') for 1 .. 50;
	$session->query("SELECT hessra_token_info('$good');") for 1 .. 50;
}

# A Go heap comes to its size in the first collections.
use_it(0);
my $middle = memory();
use_it($calls);
use_it(2 * $calls);
my $end = memory();
diag("private memory: $middle KiB after $calls calls, $end KiB after three times as many");
cmp_ok($end, '<', $middle * 1.2 + 1024, 'memory does not grow with calls');
$session->quit;
$node->stop;
done_testing();
