# A server of its own with asherah_crypt, a configuration on SQLite, and what the tests beside ask it.
package AsherahNode;

use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(KEY start_node configuration write_file library source sql tool);

use constant KEY => 'a7' x 32;

# The top of the source tree, or a copy of what the tests need of it.
sub source {
	my ($here) = __FILE__ =~ m{^(.*)/[^/]*$};
	return $ENV{SOURCE} // "$here/../../..";
}

# The operator's tool.
sub tool {
	my ($node) = @_;
	my ($folder) = library($node) =~ m{^(.*)/[^/]*$};
	return $ENV{ASHERAH_TOOL} // "$folder/asherah";
}

sub write_file {
	my ($path, $content, $mode) = @_;
	open(my $file, '>', $path) or die "$path: $!";
	chmod(0600, $path);
	print $file $content;
	close($file) or die "$path: $!";
	chmod($mode, $path) if defined $mode;
	return $path;
}

# Members of a configuration replace or add to those that are there.
sub configuration {
	my ($node, %members) = @_;
	my %all = (
		ServiceName => '"billing"', ProductID => '"shop"', StrictConfig => 'true', Metastore => '"sqlite"',
		ConnectionString => '"' . $node->data_dir . '/asherah.db"', KMS => '"static"',
		StaticMasterKeyHex => '"' . KEY . '"', %members);
	return '{' . join(',', map { "\"$_\":$all{$_}" } sort keys %all) . '}';
}

# A running server with the extension in database postgres; lines go into its postgresql.conf.
sub start_node {
	my ($name, $lines) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	my $config = write_file($node->data_dir . '/asherah.json', configuration($node));
	$node->append_conf('postgresql.conf', "asherah.config_path = '$config'\n" . ($lines // ''));
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION asherah_crypt');
	return $node;
}

# The path of libasherah that the extension was built with.
sub library {
	my ($node) = @_;
	return $node->safe_psql('postgres', q{LOAD 'asherah_crypt'; SHOW asherah.library_path});
}

# What one session prints, errors too.
sub sql {
	my ($node, $text) = @_;
	my ($status, $out, $err) = $node->psql('postgres', $text, on_error_stop => 0);
	return "$out\n$err";
}

1;
