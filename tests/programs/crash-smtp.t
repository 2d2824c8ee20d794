#!/usr/bin/perl
# A whole SMTP accept with a fault at each of its system calls (queue 7.2): of qmail-smtpd, of its child on
# the way to qmail-queue, of that qmail-queue.  A 250 means that the message is in the queue, once and whole;
# anything else that it is there whole or not at all, and may be sent again: no fault of ours is a refusal.
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

plan skip_all => 'strace does not work here' unless can_strace();

# ENOENT is not a fault where a file may be absent; a close that strace makes fail has closed nothing, which
# no kernel does.
my %errors = (
	read       => [qw(EIO EINTR)],
	write      => [qw(EIO ENOSPC EPIPE EINTR)],
	sendto     => [qw(EIO EPIPE EINTR)],
	poll       => [qw(EINTR ENOMEM)],
	open       => [qw(EMFILE ENFILE EACCES EIO)],
	access     => [qw(EACCES EIO)],
	stat       => [qw(EACCES EIO)],
	fstat      => [qw(EIO)],
	pipe2      => [qw(EMFILE ENFILE)],
	clone      => [qw(EAGAIN ENOMEM)],
	pidfd_open => [qw(EMFILE ENOSYS)],
	wait4      => [qw(EINTR)],
	fcntl      => [qw(EMFILE EBADF)],
	dup2       => [qw(EMFILE EINTR)],
	signalfd4  => [qw(EMFILE ENOMEM)],
	getrandom  => [qw(ENOSYS EINTR)],
	mmap       => [qw(ENOMEM)],
	brk        => [qw(ENOMEM)],
	chdir      => [qw(EACCES ENOENT)],
);
my %queue_errors = (%errors,
	write      => [qw(ENOSPC EIO EDQUOT EINTR)],
	fsync      => [qw(EIO ENOSPC EINTR)],
	openat     => [qw(EMFILE ENFILE ENOSPC EACCES ENOENT EEXIST EINTR EIO)],
	linkat     => [qw(EEXIST ENOSPC EMLINK EXDEV EIO)],
	unlinkat   => [qw(EIO EPERM)],
	newfstatat => [qw(EIO EACCES)],
);

my ($message) = (sample_messages(7))[6];    # of several writes
my $home  = crash_home();
my $trace = "$home/trace";
queue_tree($home);
spit("$home/traced-queue", "#!/bin/sh\nexec /usr/bin/strace -o $trace \$(cat $home/fault) $home/bin/qmail-queue\n", 0755);

# One session, by a client that tells what it was answered: { replies, is_accepted }.  It is over when all that
# had its descriptor 2 are.
sub accept_with {
	my (%with) = @_;
	pipe my $from, my $err or die "pipe: $!";
	my $session = smtp_session($home, err => $err, %with);
	close $err;
	my @replies = smtp_dialogue($session, $message);
	close $session->{socket};
	local $/;
	my $log = <$from>;
	finish_program($session->{pid});
	return { replies => \@replies, is_accepted => scalar(@replies >= 5 && ($replies[-1] =~ /^221/ ? $replies[-2] : $replies[-1]) =~ /^250 ok \d+ qp/) };
}

# A qmail-queue that is killed leaves what a sweep removes; any other end leaves nothing.
sub problems {
	my ($run, $may_leave) = @_;
	my ($least, $most) = $run->{is_accepted} ? (1, 1) : (0, 1);
	my @wrong = queue_problems($home, [ ({}) x 6, $message ], $run->{is_accepted} ? { 7 => 1 } : {});
	my @files = tree_of($home);
	my %queued = messages_of($home);
	push @wrong, $may_leave ? debris_problems($home) : %queued ? () : map {"$_ is left"} @files;
	push @wrong, map {"refused: $_"} grep {/^5/} @{ $run->{replies} };
	unlink map {"$home/queue/$_"} @files;
	return @wrong;
}

sub try_all {
	my ($what, $faults, $run, $may_leave) = @_;
	my (@wrong, $accepted, $tried);
	for my $fault (share_of(@$faults)) {
			my $result = $run->($fault);
		$tried++;
		$accepted++ if $result->{is_accepted};
		push @wrong, map {"$fault->{name}: $_"} problems($result, $may_leave && $fault->{is_kill});
	}
	is join("\n", @wrong), '', "$what: $tried faults, accepted all the same with " . ($accepted || 0);
	return $tried;
}

my $states = 0;
my $session = accept_with(before => [ '/usr/bin/strace', '-o', $trace ]);
ok $session->{is_accepted}, 'without a fault' or diag explain $session->{replies};
is join("\n", problems($session)), '', '... it is in the queue';
my @faults = faults_of(\%errors, calls_of(slurp($trace)));
$states += try_all('qmail-smtpd', \@faults,
	sub { accept_with(before => [ '/usr/bin/strace', '-o', '/dev/null', '-e', "inject=$_[0]{inject}" ]) });

# Only the child moves descriptors.
my @moves = faults_of(\%errors, map { [ dup2 => $_ ] } 1 .. 4);
$states += try_all('its child', \@moves,
	sub { accept_with(before => [ '/usr/bin/strace', '-f', '-b', 'execve', '-o', '/dev/null', '-e', "inject=$_[0]{inject}" ]) });

my %queue = (env => { QMAILQUEUE => "$home/traced-queue" });
spit("$home/fault", '');
$session = accept_with(%queue);
is join("\n", problems($session)), '', 'a qmail-queue that is traced';
@faults = faults_of(\%queue_errors, calls_of(slurp($trace)));
$states += try_all('qmail-queue', \@faults,
	sub { spit("$home/fault", "-e inject=$_[0]{inject}"); accept_with(%queue) }, 1);

# A queue program that says yes without the message, and one that loses half: these checks can fail.
spit("$home/traced-queue", "#!/bin/sh\ncat >/dev/null\ncat <&1 >/dev/null\n", 0755);
$session = accept_with(%queue);
like join("\n", problems($session)), qr/message 7 is lost/, 'a 250 without a message is noticed';
spit("$home/traced-queue", "#!/bin/sh\n{ head -n 9; cat >/dev/null; } | $home/bin/qmail-queue\n", 0755);
$session = accept_with(%queue);
like join("\n", problems($session)), qr/message 7 is torn/, '... and one with half of it';

print_states("$states faults in one SMTP accept, " . share_text());
done_testing;
