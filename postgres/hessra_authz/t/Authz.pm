package Authz;

# Servers with hessra_authz, the tokens of the regression tests, and what is read of a backend in /proc.

use strict;
use warnings;
use Exporter 'import';
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(authz_server authz_setup authz_config token tokens status_of pids_of wait_for);

my $data = "$FindBin::RealBin/../data";

# The variables of data/tokens.psql: tokens and what else there is.
my %variables;

sub tokens
{
	return %variables if %variables;
	open my $file, '<', "$data/tokens.psql" or die "$data/tokens.psql: $!";
	while (<$file>)
	{
		$variables{$1} = $2 if /^\\set (\w+) '([^']*)'/;
	}
	close $file;
	return %variables;
}

sub token
{
	my ($name) = @_;
	my %all = tokens();
	return $all{$name} // die "data/tokens.psql has no $name";
}

# Writes the configuration of a server: the key of the tokens' service, or another one.
sub authz_config
{
	my ($node, $key) = @_;
	my $path = $node->basedir . '/hessra.json';
	$key //= token('service_key');

	# By renaming, as an administrator does who does not want half a file to be read.
	open my $file, '>', "$path.new" or die "$path.new: $!";
	print $file qq({"public_key": "-----BEGIN PUBLIC KEY-----\\n$key\\n-----END PUBLIC KEY-----\\n"}\n);
	close $file;
	chmod 0644, "$path.new";
	rename "$path.new", $path or die "$path: $!";
	return $path;
}

# A running server with further settings, without the extension.
sub authz_server
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	# The characters of the tests are in UTF-8, which not every release's modules choose.
	$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
	$node->append_conf('postgresql.conf', "hessra.config_path = '" . authz_config($node) . "'");
	$node->append_conf('postgresql.conf', $_) for @settings;
	$node->start;
	return $node;
}

# The extension and 100 orders, which the role app may see with a token.
sub authz_setup
{
	my ($node) = @_;
	$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION hessra_authz;
CREATE ROLE app LOGIN;
CREATE TABLE orders AS SELECT id FROM generate_series(1, 100) id;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY orders_read ON orders FOR SELECT
  USING ((SELECT hessra_row_security(current_setting('app.token', true), 'orders', 'select')));
GRANT SELECT ON orders TO app;
SQL
}

# A line of /proc/<pid>/status.
sub status_of
{
	my ($pid, $name) = @_;
	my ($value) = slurp_file("/proc/$pid/status") =~ /^\Q$name\E:\s*(.*)$/m;
	return $value;
}

# The backends of a user.
sub pids_of
{
	my ($node, $user) = @_;
	return split /\n/, $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE usename = '$user'");
}

# Waits until a query of the superuser is true; dies after a while that no machine needs.
sub wait_for
{
	my ($node, $query) = @_;
	$node->poll_query_until('postgres', $query) or die "waited in vain for: $query";
}

1;
