# Copies of a server: a standby, which has the configuration that is on its own machine; dumps and upgraded clusters,
# which have none.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Authz;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $token = token('orders_select');
my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "hessra.config_path = '" . authz_config($node) . "'");
$node->start;
authz_setup($node);

# What the application sees of a database: the count, or its error.
sub seen
{
	my ($on, $value) = @_;
	my $sql = "BEGIN; SET LOCAL app.token = '$value'; SELECT count(*) FROM orders; COMMIT;";
	my ($status, $out, $err) = $on->psql('postgres', $sql,
		extra_params => [ '-U', 'app' ], on_error_stop => 0);
	return $out ne '' ? $out : $err;
}
is(seen($node, $token), '100', 'the primary');

$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
my $missing = $standby->basedir . '/missing.json';
$standby->append_conf('postgresql.conf', "hessra.config_path = '$missing'");
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
like(seen($standby, $token), qr/ERROR/, 'a standby without a configuration file shows nothing, and says so');
$standby->append_conf('postgresql.conf', "hessra.config_path = '" . authz_config($standby) . "'");
$standby->reload;
$standby->poll_query_until('postgres', "SELECT current_setting('hessra.config_path') NOT LIKE '%missing%'") or die;
is(seen($standby, $token), '100', 'a standby with one');
is(seen($standby, token('orders_expired')), '0', 'where an expired token gives no right');
is(seen($standby, token('orders_forged')), '0', 'nor a forged one');
$standby->promote;
is(seen($standby, $token), '100', 'a standby that was promoted');
$standby->stop;

# A dump has extension and policies, neither key nor path; on another server rows are hidden until it is configured.
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, 'postgres' ], 'pg_dump');
my $text = slurp_file($dump);
like($text, qr/CREATE EXTENSION IF NOT EXISTS hessra_authz/, 'the dump has the extension');
like($text, qr/CREATE POLICY orders_read/, 'and the policy');
unlike($text, qr/hessra\.json|config_path|PUBLIC KEY|CREATE FUNCTION \S*hessra/, 'but nothing of the configuration');
my $other = PostgreSQL::Test::Cluster->new('other');
$other->init;
$other->start;
$other->safe_psql('postgres', 'CREATE ROLE app LOGIN');
$other->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, 'postgres' ], 'restored');
like(seen($other, $token), qr/hessra_authz is not configured/, 'no row without a configuration');
$other->append_conf('postgresql.conf', "hessra.config_path = '" . authz_config($other) . "'");
$other->reload;
$other->poll_query_until('postgres', "SELECT current_setting('hessra.config_path', true) <> ''") or die;
is(seen($other, $token), '100', 'with one: the rows');
is(seen($other, token('orders_forged')), '0', 'with a forged token: none');

# A dump is taken by a role that policies do not bind; with row security on, it has what the role may see.
$node->safe_psql('postgres', 'ALTER TABLE orders FORCE ROW LEVEL SECURITY');
$node->safe_psql('postgres', 'CREATE ROLE dumper LOGIN; GRANT SELECT ON orders TO dumper');
command_fails_like(
	[ 'pg_dump', '-h', $node->host, '-p', $node->port, '-U', 'dumper', '-t', 'orders', 'postgres' ],
	qr/row-level security/, 'a role that policies bind cannot dump without saying so');
$other->stop;

# pg_upgrade takes extension and policies along, and no setting; between two clusters of the same version here.
my $new = PostgreSQL::Test::Cluster->new('new');
$new->init;
$node->stop;
chomp(my $bin = `pg_config --bindir`);
$node->command_ok(
	[ 'pg_upgrade', '-d', $node->data_dir, '-D', $new->data_dir, '-b', $bin, '-B', $bin,
		'-s', $node->host, '-p', $node->port, '-P', $new->port ],
	'pg_upgrade');
$new->start;
like(seen($new, $token), qr/hessra_authz is not configured/, 'no row of an upgraded cluster without a configuration');
$new->append_conf('postgresql.conf', "hessra.config_path = '" . authz_config($new) . "'");
$new->restart;
is(seen($new, $token), '100', 'with one: the rows');
is(seen($new, token('orders_forged')), '0', 'with a forged token: none');
$new->stop;
done_testing();
