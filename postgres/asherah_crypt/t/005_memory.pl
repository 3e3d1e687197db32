# The memory of a session after it has read its configuration: the text with the key is not in it.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use AsherahNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('memory', 'log_statement = none');

# How often each of these is in the memory that the process may write.
sub occurrences {
	my ($pid, @wanted) = @_;
	my %found = map { $_ => 0 } @wanted;
	open(my $mem, '<:raw', "/proc/$pid/mem") or die "the memory of a process of this user cannot be read ($!): kernel.yama.ptrace_scope must be 0";
	for my $line (split /\n/, slurp_file("/proc/$pid/maps")) {
		my ($from, $to) = $line =~ /^([0-9a-f]+)-([0-9a-f]+) rw/ or next;
		my ($at, $end) = (hex($from), hex($to));
		while ($at < $end) {
			my $size = $end - $at < 1 << 20 ? $end - $at : 1 << 20;
			sysseek($mem, $at, 0);
			my $got = sysread($mem, my $bytes, $size + 64);
			last if !$got;
			for my $text (@wanted) {
				my $i = -1;
				$found{$text}++ while ($i = index($bytes, $text, $i + 1)) >= 0;
			}
			$at += $size;
		}
	}
	return \%found;
}

my $session = $node->background_psql('postgres');
$session->query_safe(q{SET application_name = 'a-marker-in-memory'});
my $pid = $session->query_safe('SELECT pg_backend_pid()');
is($session->query_safe(q{SELECT jsonb_typeof(asherah_encrypt('p', 'x'))}), 'object', 'a session has its keys');
my $found = occurrences($pid, 'a-marker-in-memory', KEY, 'StaticMasterKeyHex":"' . substr(KEY, 0, 4));
cmp_ok($found->{'a-marker-in-memory'}, '>', 0, 'what is in memory is found');
is($found->{ +KEY }, 0, 'the key is not, as it was in the file');
is($found->{'StaticMasterKeyHex":"' . substr(KEY, 0, 4)}, 0, 'nor the text around it');

# One that failed.
write_file($node->data_dir . '/asherah.json', configuration($node, Metastore => '"memory"'));
my $failed = $node->background_psql('postgres', on_error_stop => 0);
$pid = $failed->query_safe('SELECT pg_backend_pid()');
$failed->query(q{SELECT asherah_encrypt('p', 'x')});
is(occurrences($pid, KEY)->{ +KEY }, 0, 'nor after a configuration that was refused');

$session->quit;
$failed->quit;
$node->stop;
done_testing();
