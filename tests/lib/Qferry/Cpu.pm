# Qferry::Cpu - the CPU that a server uses, with all that it starts.
#
# A server is { name, port, command, empty }: what listens, and what takes its messages away.  It runs
# in a control group of its own (version 2, root only), whose account is complete and counts
# microseconds, while it runs.  Where there is none, tests/bench/measure runs it for each measurement
# anew, and the start is taken off.
package Qferry::Cpu;
use strict;
use warnings;
use Exporter qw(import);
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);
use Qferry::Test;

our @EXPORT = qw(run_server end_server watch_server cpu_of tree_of is_open);

my $measure = top() . '/tests/bench/measure';
my $number = 0;
my %running;

sub groups {
	my ($line) = grep { /^cgroup2? \S+ cgroup2 / || /^\S+ \S+ cgroup2 / } split /^/, slurp('/proc/mounts');
	return $line ? (split / /, $line)[1] : undef;
}

sub make_group {
	my $root = groups();
	my $dir = ($root // return) . "/qferry-bench.$$." . $number++;
	return mkdir($dir) && -w "$dir/cgroup.procs" ? $dir : undef;
}

sub members { my ($group) = @_; return split /\n/, slurp("$group/cgroup.procs") // '' }

sub is_open { my ($port) = @_; return defined IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) }

sub start {
	my ($server, @command) = @_;
	open my $out, '+>', undef or die "bench: $!\n";
	my $pid = fork // die "bench: fork: $!\n";
	if ($pid == 0) {
		setpgrp(0, 0);
		spit("$server->{group}/cgroup.procs", $$) if $server->{group};
		open STDIN, '<', '/dev/null';
		open STDOUT, '>&', $out;
		open STDERR, '>>', $server->{log};
		exec @command or POSIX::_exit(1);
	}
	@$server{qw(pid out)} = ($pid, $out);
	$running{$pid} = [ $$, $server ];
	wait_until(sub { is_open($server->{port}) }, 60) or die "bench: $server->{name} does not start; see $server->{log}\n";
}

# What it printed.
sub end {
	my ($server) = @_;
	delete $running{ $server->{pid} };
	kill 'TERM', $server->{pid};
	finish_program($server->{pid}, 30);
	seek $server->{out}, 0, 0;
	return readline $server->{out};
}

# Start it for many measurements.
sub run_server {
	my ($server) = @_;
	$server->{group} = make_group() or return;
	start($server, @{ $server->{command} });
}

sub end_server {
	my ($server) = @_;
	my $group = delete $server->{group};
	end($server);
	kill 'TERM', -$server->{pid};
	return unless $group;
	kill 'TERM', members($group);
	wait_until(sub { !members($group) }, 10) or kill 'KILL', members($group);
	wait_until(sub { rmdir $group }, 10);
}

# Start it for $work alone, which gets the pid of all its processes' parent.
sub watch_server {
	my ($server, $work) = @_;
	$server->{group} = make_group();
	start($server, @{ $server->{command} });
	$work->($server->{pid});
	end_server($server);
}

# All descendants of a process, itself too.
sub tree_of {
	my ($root) = @_;
	my %children;
	for my $file (glob('/proc/[0-9]*/stat')) {
		push @{ $children{$2} }, $1 if (slurp($file) // '') =~ /^(\d+) \(.*\) \S (\d+) /;
	}
	my @all = my @next = ($root);
	push @all, @next while @next = map { @{ $children{$_} // [] } } @next;
	return @all;
}

sub used {
	my ($group) = @_;
	return slurp("$group/cpu.stat") =~ /^usage_usec (\d+)/m ? $1 / 1e6 : die "bench: no account in $group\n";
}

# Once it has come to rest: the last process of a session ends after its last reply.
sub used_at_rest {
	my ($group) = @_;
	my $before = -1;
	for (1 .. 100) {
		my $now = used($group);
		return $now if $now == $before;
		$before = $now;
		sleep 0.01;
	}
	return $before;
}

sub measured {
	my ($server, $work) = @_;
	start($server, $measure, @{ $server->{command} });
	my $ok = $work->($server->{pid});
	my $seconds = end($server);
	die "bench: the client failed with $server->{name}\n" unless $ok;
	return $seconds;
}

# CPU seconds of a server for $work, which gets the pid of all its processes' parent and says whether all went
# well.
sub cpu_of {
	my ($server, $work) = @_;
	my $group = $server->{group};
	my $seconds;
	if ($group) {
		my $before = used_at_rest($group);
		$work->($server->{pid}) or die "bench: the client failed with $server->{name}; see $server->{log}\n";
		$seconds = used_at_rest($group) - $before;
	} else {
		my $idle = measured($server, sub { 1 });
		$seconds = measured($server, $work) - $idle;
	}
	$server->{empty}->();
	return $seconds;
}

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

END {
	my $status = $?;
	end_server($_->[1]) for grep { $_->[0] == $$ } values %running;
	$? = $status;
}

1;
