#!/usr/bin/perl
# A remote delivery with a fault at each system call of qmail-remote, under qmail-send and qmail-rspawn with
# their marks; then qmail-rspawn is the one that is killed (queue 7.2).  A recipient that is marked done was
# taken by the server, whole; every other one is still in the queue, and gets the message when the faults have
# gone.  No fault of ours is a failure that goes back to the sender.
# nosan: it numbers the system calls, and sanitizers add their own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Crash;
use Qferry::Faults;
use Qferry::Queue;
use Qferry::Test;
use Test::More;

plan skip_all => 'as root the real users must exist' if $> == 0;
plan skip_all => 'strace does not work here' unless can_strace();

use constant RECIPIENTS => 25;    # of a message

my %errors = (
	read         => [qw(EIO EINTR)],
	write        => [qw(EIO EPIPE EINTR)],
	writev       => [qw(EIO EPIPE)],
	sendto       => [qw(EIO EPIPE EINTR)],
	recvfrom     => [qw(EIO ECONNRESET EINTR)],
	poll         => [qw(EINTR ENOMEM)],
	open         => [qw(EMFILE ENFILE EACCES EIO)],
	openat       => [qw(EMFILE ENFILE EACCES EIO)],
	access       => [qw(EACCES EIO)],
	stat         => [qw(EACCES EIO)],
	fstat        => [qw(EIO)],
	lseek        => [qw(ESPIPE)],
	socket       => [qw(EMFILE ENFILE ENOBUFS EACCES)],
	bind         => [qw(EADDRNOTAVAIL)],
	connect      => [qw(ECONNREFUSED ETIMEDOUT EHOSTUNREACH ENETUNREACH EADDRNOTAVAIL)],
	getsockopt   => [qw(ENOBUFS)],
	getsockname  => [qw(ENOBUFS)],
	getpeername  => [qw(ENOTCONN)],
	setsockopt   => [qw(ENOBUFS)],
	socketpair   => [qw(EMFILE)],
	pipe2        => [qw(EMFILE)],
	fcntl        => [qw(EMFILE EBADF)],
	flock        => [qw(ENOLCK)],
	mmap         => [qw(ENOMEM)],
	brk          => [qw(ENOMEM)],
	chdir        => [qw(EACCES ENOENT)],
);

my $body = "Subject: test\n\n" . "A line of the message\n" x 6000;    # several writes
my $sink = start_sink('');
my $home = crash_home(smtproutes => ":127.0.0.1:$sink->{port}\n", concurrencyremote => "4\n", hostpause => "0\n");
queue_tree($home);

# qmail-remote with the fault that the recipient's name asks for: "fN" the one in faults/N, which has the
# options of strace.
rename "$home/bin/qmail-remote", "$home/bin/remote";
spit("$home/bin/qmail-remote", <<'SCRIPT', 0755);
#!/bin/sh
name=${3%%@*}
fault=$QMAILHOME/faults/$name
[ -f "$fault" ] || exec "$QMAILHOME/bin/remote" "$@"
exec /usr/bin/strace $(cat "$fault") "$QMAILHOME/bin/remote" "$@"
SCRIPT

sub inject {
	my (@recipients) = @_;
	my $run = enqueue($home, $body, envelope('me@mx.example.org', @recipients), program => "$home/bin/qmail-queue");
	$run->{exit} == 0 or die "qmail-queue: exit $run->{exit}\n";
}

# How many times the server has the whole message, by recipient; and what it has that is not whole.
sub taken {
	my (%times, $torn);
	for my $path (glob "$sink->{dir}/*.message.*") {
		(my $envelope = $path) =~ s/message/envelope/;
		next unless wait_until(sub { -e $envelope }, 2);
		$times{$_}++ for slurp($envelope) =~ /^TTO:<([^>]*)>/mgi;
		$torn .= "$path " if slurp($path) !~ /\n\Q$body\E\z/;
	}
	return (\%times, $torn);
}

# The queued recipients: name => 1 when marked done, 0 when waiting.
sub queued {
	my %state;
	for my $path (glob "$home/queue/remote/*/*") {
		for (split /\0/, slurp($path)) { $state{ substr $_, 1 } = /^D/ ? 1 : 0 }
	}
	return %state;
}

# Which deliveries have no end: the numbers of their faults.
sub without_end {
	my $log = slurp("$home/log");
	my %begun = reverse $log =~ /^starting delivery (\d+): msg \d+ to remote f(\d+)\@/mg;
	my %ended = map { $_ => 1 } $log =~ /^delivery (\d+):/mg;
	return grep { !$ended{ $begun{$_} } } sort keys %begun;
}

sub ended_in_log { my @ends = slurp("$home/log") =~ /^delivery \d+: (\w+)/mg; return @ends }

# A suite without faults takes up what is left.
sub deliver_the_rest {
	unlink glob "$home/faults/*";
	my $suite = start_suite($home);
	my $is_empty = sub {
		kill 'ALRM', $suite if slurp("$home/log") =~ /^status/m;
		my @files = glob "$home/queue/{todo,bounce}/* $home/queue/{info,local,remote}/*/*";
		return !@files;
	};
	my $done = wait_until($is_empty, 60);
	stop_suite($suite);
	return $done;
}

# --- what a delivery does ------------------------------------------------------------------------------------

mkdir "$home/faults";
spit("$home/faults/first", "-o $home/trace");
inject('first@dest.example');
my $suite = start_suite($home);
wait_until(sub { ended_in_log() });
stop_suite($suite);
my ($times, $torn) = taken();
is $times->{'first@dest.example'}, 1, 'without a fault it is delivered' or BAIL_OUT(slurp("$home/log"));
my @calls = calls_of(slurp("$home/trace"));
my @all = faults_of(\%errors, @calls);
my $is_poll = sub { $_[0]{inject} =~ /^poll:error=ENOMEM/ };    # they once made it wait for a reply to nothing
my @faults = (share_of(grep { !$is_poll->($_) } @all), grep { $is_poll->($_) } @all);

# --- every call of qmail-remote -------------------------------------------------------------------------------

spit("$home/faults/f$_", "-o /dev/null -e inject=$faults[$_]{inject}") for 0 .. $#faults;
my @recipients = map {"f$_\@dest.example"} 0 .. $#faults;
for (my $from = 0; $from < @recipients; $from += RECIPIENTS) {
	my $to = $from + RECIPIENTS - 1;
	inject(@recipients[ $from .. ($to < $#recipients ? $to : $#recipients) ]);
}
$suite = start_suite($home);
my ($before, $still) = (-1, 0);
wait_until(sub {
	my @ends = ended_in_log();
	$still = @ends == $before ? $still + 1 : 0;    # 30 s without any: they hang
	$before = @ends;
	return @ends >= @faults || $still > 3000;
}, 280);
my @endless = map { $faults[$_]{name} } without_end();
stop_suite($suite);
my @ends = ended_in_log();
is join("\n", @endless), '', 'each delivery has its end in the log';
is scalar(@ends), scalar(@faults), '... and each had one';
is_deeply [ grep {/^failure/} @ends ], [], 'and no fault is a failure' or diag grep {/failure/} slurp("$home/log") =~ /^.*\n/mg;

($times, $torn) = taken();
my %queued = queued();
my @wrong;
for my $i (0 .. $#faults) {
	my $recipient = $recipients[$i];
	my $is_taken = $times->{$recipient} || 0;
	push @wrong, "$faults[$i]{name}: lost" if !$is_taken && (!defined $queued{$recipient} || $queued{$recipient});
	push @wrong, "$faults[$i]{name}: taken $is_taken times" if $is_taken > 1;
}
is join("\n", @wrong), '', scalar(@faults) . ' faults: whoever is marked done was served';
is $torn, undef, 'the server has whole messages only';
my $waiting = grep { !$_ } values %queued;
ok deliver_the_rest(), "without faults the queue is emptied; $waiting had to wait" or diag slurp("$home/log");
($times, $torn) = taken();
is join(' ', grep { !$times->{$_} } @recipients), '', 'and everybody was served';
is $torn, undef, 'with whole messages';

# --- qmail-rspawn is killed ----------------------------------------------------------------------------------

# Its end is that of qmail-send, which marks nobody; a new suite delivers.
rename "$home/bin/qmail-rspawn", "$home/bin/rspawn";
spit("$home/bin/qmail-rspawn", "#!/bin/sh\nexec /usr/bin/strace \$(cat $home/rspawn-fault) $home/bin/rspawn\n", 0755);
spit("$home/rspawn-fault", "-o $home/trace");
inject('traced@dest.example');
deliver_the_rest();
my @kills = share_of(grep { $_->{is_kill} } faults_of({}, calls_of(slurp("$home/trace"))));
@wrong = ();
for my $i (0 .. $#kills) {
	spit("$home/rspawn-fault", "-o /dev/null -e inject=$kills[$i]{inject}");
	inject("k$i\@dest.example");
	my $pid = start_suite($home);
	my $ended;
	wait_until(sub { ($ended ||= waitpid($pid, POSIX::WNOHANG()) != 0) || ended_in_log() }, 20);
	stop_suite($pid) unless $ended;
	spit("$home/rspawn-fault", '-o /dev/null');
	push @wrong, "$kills[$i]{name}: the queue is not emptied" unless deliver_the_rest();
	($times, $torn) = taken();
	push @wrong, "$kills[$i]{name}: lost" unless $times->{"k$i\@dest.example"};
}
is join("\n", @wrong), '', scalar(@kills) . ' kills of qmail-rspawn: everybody was served';

# A qmail-remote that tells lies: these checks can fail.
spit("$home/bin/qmail-remote", "#!/bin/sh\nprintf 'r\\0Kaccepted message.\\n\\0'\n", 0755);
inject('liar@dest.example');
ok deliver_the_rest(), 'a server that was never asked is said to have accepted';
($times, $torn) = taken();
ok !$times->{'liar@dest.example'}, '... and that is noticed';

print_states(@faults + @kills . ' faults in one remote delivery, ' . share_text());
done_testing;
