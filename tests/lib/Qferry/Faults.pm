# Qferry::Faults - a fault at each system call of a run (queue 7.2): the process is killed before the call,
# or the call fails.  Numbers are those of strace: which call of that name, in one process.
#
#   my @calls  = calls_of($trace);              [ name, number, the line ], of one process
#   my @faults = faults_of(\%errors, @calls);   { inject => "write:error=EIO:when=3", is_kill, call, name }
#   for (share_of(@faults)) { ... "-e", "inject=$_->{inject}" ... }
package Qferry::Faults;
use strict;
use warnings;
use Exporter qw(import);
use Qferry::Crash;

our @EXPORT = qw(can_strace calls_of faults_of share_of share_text);

use constant SHARE => 5;

# As a number that another run can be given.
my $seed = defined $ENV{QFERRY_SEED} ? $ENV{QFERRY_SEED} : int(time() / 60) % SHARE;

# Whether strace is here and may do what it does.
sub can_strace {
	return -x '/usr/bin/strace' && system('/usr/bin/strace -o /dev/null true 2>/dev/null') == 0;
}

# The calls of a process; of a trace made with -f, those of process `pid`.
sub calls_of {
	my ($trace, $pid) = @_;
	my (@calls, %seen);
	for my $line (split /\n/, $trace) {
		next if defined $pid && $line !~ /^$pid +/;
		my ($name) = $line =~ /^(?:\d+ +)?(\w+)\(/ or next;
		push @calls, [ $name, ++$seen{$name}, $line ];
	}
	return @calls;
}

sub faults_of {
	my ($errors, @calls) = @_;
	my @faults;
	for my $call (@calls) {
		my ($name, $number) = @$call;
		push @faults, { inject => "$name:signal=KILL:when=$number", is_kill => 1, call => $name, name => "killed before $name $number" }
		  unless $name eq 'execve';
		push @faults, { inject => "$name:error=$_:when=$number", is_kill => 0, call => $name, name => "$name $number fails with $_" }
		  for @{ $errors->{$name} || [] };
	}
	return @faults;
}

# All of them for `make crash`; else one in SHARE, others in the next minute.
sub share_of {
	my (@faults) = @_;
	return @faults if crash_is_long();
	return map { $faults[$_] } grep { ($_ + $seed) % SHARE == 0 } 0 .. $#faults;
}

sub share_text { return crash_is_long() ? 'all' : 'one in ' . SHARE . ", QFERRY_SEED=$seed" }

1;
