# Qferry::Kept - what the tests of kept connections share: a home whose mail all goes to one sink, and what
# that sink saw.
#
#   my ($home, $sink) = home("dot 451 later\n", controls => { keptmessages => "3\n" });
#   my $spawner = start($home);
#   all_delivered('name', 5, $spawner);
#   finish($spawner);
#   all_closed($sink);
#   is(per_connection($sink), '1 4');
package Qferry::Kept;
use strict;
use warnings;
use Exporter qw(import);
use Qferry::Spawn;
use Qferry::Test;
use Test::More ();

our @EXPORT = qw(home start per_connection connections dialogue all_closed one_by_one all_delivered warm_up
  together reports workers descendants);

our $P = '127.0.0.1';
our $OK = "K$P accepted message.\nRemote host said: 250 ok queued\n";

# A home with a route for everybody to a sink with this script.  Options: controls (file => text, PORT is replaced), sink (options of it), env.
sub home {
	my ($script, %o) = @_;
	my $sink = start_sink($script, @{ $o{sink} || [] });
	my %controls = (me => "client.example\n", smtproutes => ":$P:PORT\n", %{ $o{controls} || {} });
	s/PORT/$sink->{port}/g for values %controls;
	my $home = instance(%controls);
	queue_tree($home);
	spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n");
	return ($home, $sink);
}

sub start {
	my ($home, %env) = @_;
	my $spawner = spawner($home, ['qmail-rspawn'], %env);
	greeting($spawner, 1);
	return $spawner;
}

# How many messages came over each connection, once all are closed: "1 4".
sub per_connection {
	my ($sink) = @_;
	return join ' ', map { my $n = $_; scalar grep { -e "$sink->{dir}/$n.message.$_" } 1 .. 200 } connections($sink);
}

sub connections {
	my ($sink) = @_;
	return grep { -e "$sink->{dir}/$_.in" } 1 .. 200;
}

sub dialogue {
	my ($sink, $n) = @_;
	wait_until(sub { -e "$sink->{dir}/$n.done" });
	return slurp("$sink->{dir}/$n.log");
}

sub all_closed { my ($sink) = @_; wait_until(sub { !grep { !-e "$sink->{dir}/$_.done" } connections($sink) }) }

# One after the other; the reports without their frames.
sub one_by_one {
	my ($spawner, $count, %with) = @_;
	return map { (my $r = deliver($spawner, "r$_\@dest.example", %with)) =~ s/\A.(.*)\0\z/$1/s; $r } 1 .. $count;
}

sub all_delivered {
	my ($name, $count, $spawner, %with) = @_;
	Test::More::is(scalar(grep { $_ eq $OK } one_by_one($spawner, $count, %with)), $count, "$name: all are delivered");
}

# A connection is kept only when more comes (outbound 5.6): the first is closed, if nothing waits.
sub warm_up {
	my ($spawner, $sink) = @_;
	Test::More::is(deliver($spawner, 'first@dest.example'), "\0$OK\0", 'the first');
	dialogue($sink, 1);
}

# Several commands in one write; delivery number => report.
sub together {
	my ($spawner, @commands) = @_;
	print { $spawner->{to} } join '', @commands;
	return reports($spawner, scalar @commands);
}

sub reports {
	my ($spawner, $count) = @_;
	my %reports;
	for (split /(?<=\0)(?=.)/s, receive($spawner, sub { (() = $_[0] =~ /.[KZD][^\0]*\0/gs) >= $count })) {
		$reports{ ord $1 } = $2 if /\A(.)(.*)\0\z/s;
	}
	return %reports;
}

# Processes that are children of qmail-rspawn.
sub workers {
	my ($spawner) = @_;
	my @pids;
	for my $file (glob '/proc/[0-9]*/stat') {
		push @pids, $1 if (slurp($file) // '') =~ /\A(\d+) \(.*\) [^Z] (\d+) / && $2 == $spawner->{pid};
	}
	return @pids;
}

sub descendants {
	my ($parent) = @_;
	return grep { (slurp("/proc/$_/stat") // '') =~ /\A\d+ \(.*\) \S $parent / } map { m{/(\d+)/} } glob '/proc/[0-9]*/stat';
}

1;
