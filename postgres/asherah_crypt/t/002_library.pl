# How the library comes into a backend, and what keeps the server from harm.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use AsherahNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $encrypt = q{SELECT jsonb_typeof(asherah_encrypt('p', 'x'))};

# Not into the postmaster.
my $refused = PostgreSQL::Test::Cluster->new('refused');
$refused->init;
$refused->append_conf('postgresql.conf', "shared_preload_libraries = 'asherah_crypt'");
ok(!$refused->start(fail_ok => 1), 'shared_preload_libraries is refused');
like(slurp_file($refused->logfile), qr/asherah_crypt cannot be loaded by shared_preload_libraries/, 'with the reason');

# Into a backend by the other settings, and into one after another.
my $node = start_node('library', "session_preload_libraries = 'asherah_crypt'");
is($node->safe_psql('postgres', $encrypt), 'object', 'session_preload_libraries');
is(sql($node, $encrypt), "object\n", "session $_") for 1 .. 5;

# Where address space is limited a Go runtime would end the process, and the server all others.
my $pid = q{SELECT pg_backend_pid() AS pid \gset
\setenv PID :pid
};
my $limited = sql($node, $pid . q{\! prlimit --pid $PID --as=$(( $(cut -d' ' -f1 /proc/$PID/statm) * 4096 + 400 * 1048576 )):
} . $encrypt . q{;
\! prlimit --pid $PID --as=$(( $(cut -d' ' -f1 /proc/$PID/statm) * 4096 + 8192 * 1048576 )):
} . $encrypt);
like($limited, qr/limit on address space is too low/, 'a limit on address space is an error');
like($limited, qr/^object$/m, 'of which the backend knows no more when it is gone');

# Another library.
sub build {
	my ($name, $code) = @_;
	my $path = $node->data_dir . "/$name";
	write_file("$path.c", $code);
	system('cc', '-shared', '-fPIC', '-o', "$path.so", "$path.c") == 0 or die 'cc';
	chmod(0755, "$path.so");
	return "$path.so";
}

# Nor where memory or threads are.
for my $limit ([ 'data', 'Max data size', 100_000_000, 'memory is too short' ],
	[ 'nproc', 'Max processes', 1, 'threads are too short' ]) {
	my ($name, $line, $value, $message) = @$limit;
	my $answer = sql($node, $pid . qq{\\! prlimit --pid \$PID --$name=$value:\n$encrypt;\n}
		. qq{\\! prlimit --pid \$PID --$name=\$(sed -n 's/^$line  *[a-z0-9]*  *\\([a-z0-9]*\\).*/\\1/p' /proc/\$PID/limits):\n$encrypt});
	like($answer, qr/ERROR:  $message to load libasherah/, "a limit on $name is an error");
	like($answer, qr/^object$/m, 'of which the backend knows no more when it is gone');
}
my $threads = $node->safe_psql('postgres', q{LOAD 'asherah_crypt'; SET asherah.library_path = '} . build('empty', 'int nothing;') . q{';
DO $$ BEGIN PERFORM asherah_encrypt('p', 'x'); EXCEPTION WHEN undefined_function THEN NULL; END $$;
SELECT pg_read_file('/proc/self/status', 0, 10000)});
like($threads, qr/^Threads:\s+1$/m, 'the threads that tried it are gone');

# Another library in its place.
my @names = slurp_file(source() . '/postgres/asherah_crypt/library.c') =~ /\{"(asherah_\w+)"/g;
my $old = join('', map { "int $_(void) { return 1; }\n" } @names);
like(sql($node, "SET asherah.library_path = '" . build('empty', 'int nothing;') . "'; $encrypt"),
	qr/has no function asherah_abi_version.*start a new session/s, 'a library without the functions');
like(sql($node, "SET asherah.library_path = '" . build('old', $old) . "'; $encrypt"),
	qr/cannot be used: it is older than the extension/, 'an older library');

# Both extensions in one backend, each with a Go runtime of its own.
$node->safe_psql('postgres', 'CREATE EXTENSION hessra_authz');
my $key = write_file($node->data_dir . '/hessra.toml', 'public_key = """
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqBfFexAgQAgve2lKP4vgpEftMrhQ
Vp51bPaWuvXvf98B6FfNiS0LGM7zgtgOjHYMwF3l95PMtUpRfmWR252WPQ==
-----END PUBLIC KEY-----
"""
');
my @first = (q{asherah_decrypt('p', asherah_encrypt('p', 'x')) = 'x'}, q{NOT hessra_verify_token('no token', 's', 'r')});
for my $order ([ 0, 1 ], [ 1, 0 ]) {
	my $both = sql($node, "SET hessra.config_path = '$key'; SELECT $first[$order->[0]]; SELECT $first[$order->[1]];"
		  . "SELECT count(*) FROM generate_series(1, 2000) i WHERE $first[0] AND $first[1];"
		  . q{SELECT count(DISTINCT m) FROM regexp_matches(pg_read_file('/proc/self/maps', 0, 10000000), 'lib(?:asherah|hessra)\.so', 'g') m});
	is($both, "t\nt\n2000\n2\n", 'both extensions in one backend');
}

# A backend that has the libraries listens, waits and is terminated as others are.
my $listening = sql($node, "$encrypt; LISTEN ch; NOTIFY ch, 'arrived'; SELECT 1");
like($listening, qr/payload "arrived"/, 'notifications arrive');
like(sql($node, "$encrypt; SET statement_timeout = '100ms'; SELECT pg_sleep(60)"), qr/statement timeout/, 'pg_sleep is cancelled');
like(sql($node, "$encrypt; SELECT pg_terminate_backend(pg_backend_pid())"), qr/terminating connection/, 'a backend is terminated');

unlike(slurp_file($node->logfile), qr/was terminated by signal|exited with exit code 2|crash of another|reinitializing/, 'no backend has crashed');
$node->stop;
done_testing();
