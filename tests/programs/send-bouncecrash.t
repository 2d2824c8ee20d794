#!/usr/bin/perl
# send-bouncecrash: the life of a failure when something is in its way: a full disk, a file that a crash has cut, the
# child that hands the bounce over killed, or outliving qmail-send.  Nobody's failure is lost, and nobody hears of one
# that was none (queue 1.5, 4.7, 7.1 P3 and P4).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Qferry::Send;
use Qferry::Test;
use Test::More;

plan skip_all => 'as root the real users must exist' if $> == 0;

my @ignore = ('/bin/sh', '-c', 'trap "" XFSZ; exec "$0"', program('qmail-send'));
sub failures { my ($message) = @_; return $message->{message} =~ /work out\.\n\n(.*)--- Below/s ? $1 : undef }
sub files { my ($pattern) = @_; return scalar(my @files = glob $pattern) }
sub retry { my ($send) = @_; kill 'ALRM', $send->{pid} }

# --- a failure that cannot be noted, of somebody who is served then ------------------------------------------------

{
	my $home = home();
	my $send = start($home, env => { QMAILQUEUE => use_store_queue($home) });
	chmod 0300, "$home/queue/bounce";    # a name can be made, but not be brought to the disk
	enqueue($home, 'me@example.net', 'joe@remote.example');
	answer($send, REMOTE, "Dno\n");
	ok log_until($send, qr/^alert: unable to append to bounce message/m), 'the name of bounce/N cannot be synced';
	chmod 0700, "$home/queue/bounce";
	ok files("$home/queue/bounce/*"), 'it is there, and empty';
	retry($send);
	answer($send, REMOTE, "Kok\n");
	ok log_until($send, qr/^warning: it names nobody: discarding bounce\/\d+\nend msg/m), 'served after all';
	is stop($send), '0 0', 'TERM';
	is scalar(stored_messages($home)), 0, 'nobody is told of nothing';
	is queued($home), '', 'nothing is left';
}

SKIP: {
	skip 'no prlimit', 9 unless -x '/usr/bin/prlimit';
	my $home = home();
	my $send = start($home, argv => \@ignore, env => { QMAILQUEUE => use_store_queue($home) });
	my $allow = sub { system('/usr/bin/prlimit', "--fsize=$_[0]:", '--pid', $send->{pid}) == 0 or die 'prlimit' };
	enqueue($home, 'me@example.net', map { "r$_\@h$_.example" } 1 .. 3);
	my %to = map { $_->{recipient} => $_ } map { command($send, REMOTE) } 1 .. 3;
	my $report = sub { my ($r, $text) = @_; report($send, REMOTE, delete($to{"r$r\@h$r.example"})->{delnum}, $text) };
	$allow->(0);
	$report->(1, "Dno\n");
	ok log_until($send, qr/^alert: unable to append/m), 'the disk is full';
	$allow->('unlimited');
	$report->(2, "Dnever\n");
	log_until($send, qr/failure: never.*\n/);
	my ($file) = glob "$home/queue/bounce/*";
	ok wait_until(sub { slurp($file) eq "<r2\@h2.example>:\nnever\n\n" }), 'another failure';
	$allow->((-s $file) + 10);
	$report->(3, "Dnot now\n");
	ok log_until($send, qr/^alert: unable to append/m), 'it is full behind ten octets';
	is slurp($file), "<r2\@h2.example>:\nnever\n\n", '... of which none is left';
	$allow->('unlimited');
	retry($send);
	for (1, 2) { my $c = command($send, REMOTE); report($send, REMOTE, $c->{delnum}, $c->{recipient} =~ /^r1/ ? "Dno\n" : "Kok\n") }
	ok log_until($send, qr/end msg/), 'there is room again: all end';
	is stop($send), '0 0', 'TERM';
	my @bounces = stored_messages($home);
	is scalar(@bounces), 1, 'one bounce';
	is failures($bounces[0]), "<r2\@h2.example>:\nnever\n\n<r1\@h1.example>:\nno\n\n", '... of those that failed';
	is queued($home), '', 'nothing is left';
}

# --- what a crash has left ---------------------------------------------------------------------------------------

my $NO = "<a\@b.example>:\nno\n\n";
for my $case (
	[ 'an empty file', '', undef, undef ],
	[ 'a cut one of somebody who is served now', "<joe\@remote.example>:\nha", "Tjoe\@remote.example\0", undef ],
	[ 'behind a whole one', "$NO<joe\@remote.example>:\nha", "Tjoe\@remote.example\0", $NO ],
	[ 'of another suite, which had marked it', "$NO<joe\@remote.example>:\nha", "Djoe\@remote.example\0", "$NO<joe\@remote.example>:\nha\n(The rest of this report is lost.)\n\n" ],
	[ 'and removed its channel', "<joe\@remote.ex", undef, "<joe\@remote.ex>:\n(The rest of this report is lost.)\n\n" ],
  ) {
	my ($name, $bounce, $remote, $expected) = @$case;
	my $home = home();
	spit("$home/queue/mess/5/5", "Subject: t\n\n");
	spit("$home/queue/info/5/5", "Fme\@example.net\0");
	spit("$home/queue/remote/5/5", $remote) if defined $remote;
	spit("$home/queue/bounce/5", $bounce);
	utime time - 9, time - 9, glob "$home/queue/{info,remote}/5/5";
	my $send = start($home, env => { QMAILQUEUE => use_store_queue($home) });
	answer($send, REMOTE, "Kok\n") if ($remote // '') =~ /^T/;
	ok log_until($send, qr/end msg 5\n/), "$name: it ends";
	stop($send);
	is join('|', map { failures($_) // '?' } stored_messages($home)), $expected // '', '... and tells what is so';
	is queued($home), '', '... nothing is left';
}

# --- the child is killed, wherever the queue program is ------------------------------------------------------------

for my $case ([ 'before it reads', 'kill -9 $PPID; exec "$0.store"' ], [ 'when it has read', 'cat >/dev/null; kill -9 $PPID' ], [ 'when it has stored', '"$0.store"; kill -9 $PPID' ]) {
	my ($name, $script) = @$case;
	my $home = home();
	my $store = use_store_queue($home);
	spit("$home/queue.store", "#!/bin/sh\nexec '$store'\n", 0755);
	spit("$home/queue.sh", "#!/bin/sh\n" . $script =~ s/\$0\.store/$home\/queue.store/r . "\n", 0755);
	my $send = start($home, env => { QMAILQUEUE => "$home/queue.sh" });
	enqueue($home, 'me@example.net', 'joe@remote.example');
	answer($send, REMOTE, "Dno\n");
	ok log_until($send, qr/^warning: trouble injecting bounce message, will try later\n/m), "the child is killed $name: it is tried again";
	ok files("$home/queue/bounce/*"), '... by what is on the disk';
	stop($send);
	$send = start($home, env => { QMAILQUEUE => $store });
	ok log_until($send, qr/^bounce msg \d+ qp \d+\nend msg/m), '... and told';
	stop($send);
	my @bounces = stored_messages($home);
	is failures($bounces[-1]), "<joe\@remote.example>:\nno\n\n", '... rightly';
	is queued($home), '', '... nothing is left';
}

# --- the child outlives qmail-send, and its message -----------------------------------------------------------------

{
	my $home = home();
	my $store = use_store_queue($home);
	POSIX::mkfifo("$home/go", 0600);
	spit("$home/hang", "#!/bin/sh\nread line <'$home/go'\nexec '$store'\n", 0755);
	my $send = start($home, env => { QMAILQUEUE => "$home/hang" });
	enqueue($home, 'me@example.net', map { "r$_\@h$_.example" } 1 .. 10);
	answer($send, REMOTE, 'D' . 'x' x 9000 . "\n") for 1 .. 10;    # more than a pipe takes
	log_until($send, qr/(?:failure: x.*?){10}/s);
	wait_until(sub { !files("$home/queue/remote/*/*") });
	my ($mess) = glob "$home/queue/mess/*/*";
	my ($n) = $mess =~ /(\d+)$/;
	open my $go, '+>', "$home/go";    # whoever opens it to read goes on, and waits for a line
	kill 'KILL', $send->{pid};
	wait_for_end($send);
	$send = start($home, env => { QMAILQUEUE => $store });
	ok log_until($send, qr/^bounce msg $n qp \d+\nend msg $n\n/m), 'the next qmail-send sends the bounce';
	ok wait_until(sub { !-e $mess }), '... and the message is gone';
	spit($mess, "Subject: of somebody else\n\nsecret\n");
	spit("$home/queue/bounce/$n", "<other\@example>:\nsecret\n\n");
	syswrite $go, "\n";
	ok wait_until(sub { stored_messages($home) == 2 }), 'the old child goes on';
	my @bounces = stored_messages($home);
	is scalar(grep { $_->{message} =~ /secret/ } @bounces), 0, '... with nothing of who has the number now';
	is scalar(grep { (failures($_) // '') =~ /\A(?:<r\d+\@h\d+\.example>:\nx{9000}\n\n){10}\z/ } @bounces), 2, '... both tell the same';
	unlink $mess, "$home/queue/bounce/$n";
	is stop($send), '0 0', 'TERM';
}

done_testing;
