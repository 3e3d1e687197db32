package Session;

# A psql that stays: statements go to the same backend, one after another.

use strict;
use warnings;
use IPC::Run;

sub new
{
	my ($class, $node, $user) = @_;
	my $self = bless { in => '', out => '', err => '', count => 0 }, $class;
	my @command = ('psql', '-XAtq', '-d', $node->connstr('postgres'), '-U', $user // scalar getpwuid($<));
	$self->{timer} = IPC::Run::timeout(180);
	$self->{run} = IPC::Run::start(\@command, '<', \$self->{in}, '>', \$self->{out}, '2>', \$self->{err}, $self->{timer});
	return $self;
}

# Sends statements without waiting for them.
sub send
{
	my ($self, $sql) = @_;
	$self->{count}++;
	$self->{in} .= "$sql\n\\echo end $self->{count}\n\\warn end $self->{count}\n";
	$self->{run}->pump_nb;
}

# What the statements that were sent wrote, and their messages.
sub receive
{
	my ($self) = @_;
	my $end = qr/^end $self->{count}\n/m;
	$self->{timer}->start(180);
	until ($self->{out} =~ $end && $self->{err} =~ $end)
	{
		last unless $self->{run}->pumpable;
		$self->{run}->pump;
	}
	my ($out, $err) = @{$self}{qw(out err)};
	$self->{$_} = '' for qw(out err);
	for ($out, $err)
	{
		s/^end \d+\n//mg;
		s/\n+\z//;
	}
	return ($out, $err);
}

sub query
{
	my ($self, $sql) = @_;
	$self->send($sql);
	return $self->receive;
}

# The result alone; dies of a message.
sub value
{
	my ($self, $sql) = @_;
	my ($out, $err) = $self->query($sql);
	die "$sql: $err" if $err ne '';
	return $out;
}

sub quit
{
	my ($self) = @_;
	$self->{in} .= "\\q\n";
	eval { $self->{run}->finish };
}

1;
