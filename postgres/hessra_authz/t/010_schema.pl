# The extension in a schema of the administrator's choice, there and in a copy of the database, with the rights that were
# granted on its functions.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Authz;
use Test::More;

my $node = authz_server('main');
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA authz;
CREATE EXTENSION hessra_authz SCHEMA authz;
CREATE ROLE app LOGIN;
GRANT USAGE ON SCHEMA authz TO app;
CREATE TABLE orders AS SELECT id FROM generate_series(1, 100) id;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY orders_read ON orders FOR SELECT
  USING ((SELECT authz.hessra_row_security(current_setting('app.token', true), 'orders', 'select')));
GRANT SELECT ON orders TO app;
GRANT EXECUTE ON FUNCTION authz.hessra_token_info(text) TO app;
SQL
my $token = token('orders_select');
my $count = "SET app.token = '$token'; SELECT count(*) FROM orders;";

sub as_app
{
	my ($database, $sql) = @_;
	return $node->safe_psql($database, $sql, extra_params => [ '-U', 'app' ]);
}

is(as_app('postgres', $count), '100', 'the extension in a schema that is not in the path');
isnt($node->psql('postgres', 'ALTER EXTENSION hessra_authz SET SCHEMA public'), 0, 'from where it is not moved');

my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('postgres') ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-Xqo', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-f', $dump, $node->connstr('restored') ], 'restoring it');
is(as_app('restored', $count), '100', 'the policy is in force');
is(as_app('restored', 'SELECT count(*) FROM orders'), '0', 'as before');
like(as_app('restored', "SELECT authz.hessra_token_info('$token')"), qr/"genuine": true/, 'rights that were granted are');
isnt($node->psql('restored', 'SELECT authz.hessra_reload_config()', extra_params => [ '-U', 'app' ]), 0, 'others are not');
$node->stop;
done_testing();
