# A backend in which libhessra runs goes on hearing PostgreSQL's signals: cancelling, terminating, statement time-out,
# notifications, parallel workers. HESSRA_UNSAFE names a libhessra without the measures that docs/host-safety.md
# describes, whose harm the same look must see.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Authz;
use Session;
use Test::More;
use Time::HiRes qw(time);

my $node = authz_server('main', 'max_parallel_workers_per_gather = 2');
authz_setup($node);
$node->safe_psql('postgres', 'CREATE TABLE numbers AS SELECT n FROM generate_series(1, 300000) n; ANALYZE numbers;');
my $load = sprintf q{SELECT hessra_row_security('%s', 'orders', 'select');}, token('orders_select');

# Blocked, ignored and handled signals. A Go library handles 7 and 11, faults of its own, where nobody did; 32 and 33
# are the C library's, for threads, which handles them from the first thread on even where they were ignored.
sub signals
{
	my ($pid) = @_;
	my $threads = 3 << 31;
	my $own = 1 << 6 | 1 << 10 | $threads;
	return sprintf 'blocked %x ignored %x handled %x', hex status_of($pid, 'SigBlk'),
	  hex(status_of($pid, 'SigIgn')) & ~$threads, hex(status_of($pid, 'SigCgt')) & ~$own;
}

# The signals 14 and later wait for in a descriptor, 13 in a handler: the state before is what counts.
my $session = Session->new($node);
my $pid = $session->value('SELECT pg_backend_pid();');
my $before = signals($pid);
my $threads = status_of($pid, 'Threads');
is($session->value($load), 't', 'the library is loaded');
cmp_ok(status_of($pid, 'Threads'), '>', $threads, 'it runs threads');
is(signals($pid), $before, 'blocked, ignored and handled signals of the backend are as before');
for my $task (glob "/proc/$pid/task/*")
{
	my ($thread) = $task =~ /(\d+)$/;
	next if $thread == $pid;
	my $blocked = hex status_of("$pid/task/$thread", 'SigBlk');
	my @open = grep { !($blocked >> ($_ - 1) & 1) } 1, 2, 3, 10, 12, 13, 14, 15, 17, 23;
	is("@open", '', "thread $thread takes no signal that PostgreSQL uses");
}

# Time the statement takes until it is ended: with a deaf backend it would be that of the statement.
sub ended
{
	my ($what, $sql, $pattern, $how) = @_;
	my $began = time;
	$session->send($sql);
	$how->() if $how;
	my ($out, $err) = $session->receive;
	like($err, $pattern, $what);
	cmp_ok(time - $began, '<', 60, "$what: before its end");
}
my $asleep = "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $pid";
my $long = 'SELECT pg_sleep(100);';
my $judging = sprintf q{SELECT count(hessra_row_security('%s' || n, 'orders', 'select')) FROM (SELECT generate_series(1, 100000000) n) t;},
  token('orders_select');
my $active = "SELECT state = 'active' AND query LIKE '%100000000%' FROM pg_stat_activity WHERE pid = $pid";
my $cancel = "SELECT pg_cancel_backend($pid)";

ended('pg_sleep is cancelled', $long, qr/canceling statement due to user request/,
	sub { wait_for($node, $asleep); $node->safe_psql('postgres', $cancel) });
ended('calls are cancelled', $judging, qr/canceling statement due to user request/,
	sub { wait_for($node, $active); $node->safe_psql('postgres', $cancel) });
ended('statement_timeout ends pg_sleep', "SET statement_timeout = '200ms'; $long", qr/statement timeout/);
ended('statement_timeout ends calls', $judging, qr/statement timeout/);
$session->value('SET statement_timeout = 0;');
is($session->value($load), 't', 'the session goes on');

# A notification wakes the backend by its latch.
$session->value('LISTEN news;');
$node->safe_psql('postgres', q{NOTIFY news, 'hello'});
my ($out) = $session->query('SELECT 1;');
like($out, qr/"news" with payload "hello"/, 'a notification arrives');

# Workers wake their leader, which has the library loaded, by its latch, thousands of times here.
$session->value('SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;');
like($session->value('EXPLAIN SELECT sum(n) FROM numbers;'), qr/Workers Planned: 2/, 'a parallel plan');
is($session->value('SELECT sum(n) FROM numbers;'), '45000150000', 'gives its answer') for 1 .. 3;
my $restricted = "SELECT count(*) FROM numbers WHERE hessra_row_security(current_setting('app.token', true), 'orders', 'select');";
$session->value(sprintf "SET app.token = '%s';", token('orders_select'));
is($session->value($restricted), '300000', 'and beside the function, which stays with the leader');
is($session->value('SELECT length(string_agg(n::text, \',\')) > 0 FROM (SELECT n FROM numbers WHERE n % 2 = 0) t;'), 't', 'rows of workers');

ended('pg_terminate_backend', $long, qr/terminating connection due to administrator command/,
	sub { wait_for($node, $asleep); $node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)") });
is($node->safe_psql('postgres', 'SELECT count(*) FROM orders'), '100', 'the server goes on');

SKIP:
{
	skip 'HESSRA_UNSAFE is not set: run.sh builds that library', 1 unless $ENV{HESSRA_UNSAFE};
	my $unsafe = Session->new($node);
	my $other = $unsafe->value('SELECT pg_backend_pid();');
	my $was = signals($other);
	$unsafe->value("SET hessra.library_path = '$ENV{HESSRA_UNSAFE}';");
	is($unsafe->value($load), 't', 'a library without the measures is loaded');
	isnt(signals($other), $was, 'and changes the signals of its backend');
	diag("without the measures: $was becomes " . signals($other));
	$unsafe->quit;
}
$node->stop('fast');
done_testing();
