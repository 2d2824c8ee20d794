# Qferry::SendFaults - faults in qmail-send: it is killed before a system call, or that fails; after a restart
# every recipient was delivered to or is in a bounce, and the queue is empty (queue 7.1, 7.2).
#
#   plan_faults();                           skips all where it cannot be tried
#   my %count = without_fault();             how often it makes each of those calls
#   my $states = try_fault('error=EIO', %count);   at each of them; a test for each name
package Qferry::SendFaults;
use strict;
use warnings;
use Exporter qw(import);
use POSIX ();
use Qferry::Crash;
use Qferry::Test;
use Test::More;

our @EXPORT = qw(plan_faults without_fault try_fault);

my @calls = qw(openat unlinkat fsync pwrite64 write);

sub plan_faults {
	plan skip_all => 'as root the real users must exist' if $> == 0;
	plan skip_all => 'no strace' unless -x '/usr/bin/strace';
	plan skip_all => 'a sanitizer cannot check for leaks under strace' if slurp(program('qmail-send')) =~ /__asan_init/;
}

# A spawner that answers by the local part, and notes what it was asked.
my $spawner = <<'END';
#!/usr/bin/perl
$| = 1;
print chr 20;
my $bytes = '';
while (sysread STDIN, $bytes, 4096, length $bytes) {
	while ($bytes =~ s/\A(.)[^\0]*\0[^\0]*\0([^\0]*)\0//s) {
		my ($delnum, $recipient) = ($1, $2);
		open my $out, '>>', "$ENV{QMAILHOME}/delivered" or die;
		syswrite $out, "$recipient\n";
		syswrite STDOUT, $delnum . ($recipient =~ /^bad/ ? "Dno\n" : "Kok\n") . "\0";
	}
}
END

sub home {
	my $home = instance(me => "mx.example.org\n");
	queue_tree($home);
	mkdir "$home/fakes";
	spit("$home/fakes/$_", $spawner, 0755) for qw(qmail-lspawn qmail-rspawn);
	spit("$home/envelope", "Fme\@example.net\0Tok1\@mx.example.org\0Tbad\@remote.example\0Tok2\@remote.example\0\0");
	open my $envelope, '<', "$home/envelope" or die;
	my $run = run_program(['qmail-queue'], home => $home, in => "Subject: t\n\nbody\n", fds => { 1 => $envelope });
	$run->{exit} == 0 or die "qmail-queue: $run->{exit}";
	return $home;
}

sub start {
	my ($home, @strace) = @_;
	unlink "$home/fakes/qmail-send";
	my $command = join ' ', map { "'$_'" } @strace, program('qmail-send');
	spit("$home/fakes/qmail-send", "#!/bin/sh\nexec $command\n", 0755);
	open my $log, '>', "$home/log" or die;
	return start_program([ 'qmail-start', './Maildir/' ], home => $home, fds => { 1 => $log },
		env => { PATH => "$home/fakes:" . build() . '/bin:/usr/bin:/bin', QMAILQUEUE => use_store_queue($home) });
}

# Without info/N and todo/N, mess/N is debris that goes after 36 hours.
sub is_empty { my ($home) = @_; my @files = glob "$home/queue/{todo,bounce}/* $home/queue/{info,local,remote}/*/*"; return !@files }

sub stop { my ($pid) = @_; kill 'TERM', $pid; return finish_program($pid) }

# One run with a fault; the end of the run is its death, an empty queue, or trouble in its log.
sub run_with_fault {
	my ($home, @options) = @_;
	my $pid = start($home, '/usr/bin/strace', '-D', '-o', "$home/trace", @options);
	my $ended = 0;
	wait_until(sub {
		$ended ||= waitpid($pid, POSIX::WNOHANG()) != 0;
		$ended || is_empty($home) || slurp("$home/log") =~ /^(?:warning|alert)/m;
	}, 5);
	stop($pid) unless $ended;
	wait_until(sub { slurp("$home/trace") =~ /^\+\+\+/m }, 5);
}

# What is wrong after a restart without a fault; '' if nothing is.
sub problems_after_restart {
	my ($home) = @_;
	my $pid = start($home);
	my $is_done = sub { kill 'ALRM', $pid if slurp("$home/log") =~ /^status/m; is_empty($home) };
	my @problems;
	push @problems, 'the queue is not empty: ' . slurp("$home/log") unless wait_until($is_done, 10);
	stop($pid);
	my $delivered = slurp("$home/delivered") || '';
	for my $recipient (qw(ok1@mx.example.org ok2@remote.example bad@remote.example)) {
		push @problems, "$recipient was not tried" if $delivered !~ /^\Q$recipient\E$/m;
	}
	my @bounces = grep { $_->{message} =~ /^<bad\@remote\.example>:\nno\n\n/m } stored_messages($home);
	push @problems, 'no bounce names the failed recipient' unless @bounces;
	push @problems, 'a bounce names nobody, or half of it' if grep { $_->{message} !~ /work out\.\n\n(?:<bad\@remote\.example>:\nno\n\n)+---/ } stored_messages($home);
	return join '; ', @problems;
}

sub count_of {
	my ($home, $call) = @_;
	return scalar(() = slurp("$home/trace") =~ /^$call\(/mg);
}

sub without_fault {
	my $home = home();
	run_with_fault($home);
	plan skip_all => 'strace does not work here' unless -s "$home/trace";
	is problems_after_restart($home), '', 'without a fault';
	my %count = map { $_ => count_of($home, $_) } @calls;
	cmp_ok $count{$_}, '>', 1, "$_ is called" for @calls;
	return %count;
}

# The last calls write the schedule; one more than was counted may come.
sub try_fault {
	my ($fault, %count) = @_;
	my $states = 0;
	for my $call (@calls) {
		my @bad;
		$states += $count{$call} + 1;
		for my $k (1 .. $count{$call} + 1) {
			my $this = home();
			run_with_fault($this, '-e', "inject=$call:$fault:when=$k");
			my $problems = problems_after_restart($this);
			push @bad, "at $call $k: $problems" if $problems ne '';
		}
		is join("\n", @bad), '', "$fault at each $call";
	}
	return $states;
}

1;
