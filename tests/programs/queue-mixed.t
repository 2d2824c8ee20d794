#!/usr/bin/perl
# queue-mixed: a queue that others use, too, or used before: another suite's files, widths that do not fit, programs that
# are replaced while they run, and whatever should not be in a queue (queue 0, 1.2, 1.7, 2, 4.3, 5.2, 8).
use strict;
use warnings;
use Fcntl qw(:DEFAULT :flock);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Queue qw(envelope tree_of message_problems messages_of);
use Qferry::Send;
use Qferry::Spawn ();
use Qferry::Test;
use Test::More;

plan skip_all => 'as root the real users must exist' if $> == 0;

my $body = "Subject: test\n\nHello\n";
my $letter = envelope('me@example.net', 'joe@remote.example');

# A qmail-queue that waits for the end of its message.
sub half_queued {
	my ($home, $program) = @_;
	pipe my $from, my $to or die;
	my $path = spit("$home/letter", $letter);
	open my $envelope, '<', $path or die;
	my $pid = start_program([ $program || 'qmail-queue' ], home => $home, fds => { 0 => $from, 1 => $envelope });
	syswrite $to, $body;
	wait_until(sub { (grep {m{^mess/}} tree_of($home)) && !grep {m{^pid/}} tree_of($home) });
	return ($pid, $to);
}

# --- what is found out, and what is not --------------------------------------------------------------------

for my $dir (qw(mess info local remote)) {
	my $home = home();
	rmdir "$home/queue/$dir/22";
	my $send = start($home);
	is wait_for_end($send), '111 0', "qmail-send refuses a queue whose $dir is split otherwise";
	like $send->{text}, qr/\Aalert: cannot start: [^\n]*\n\z/, '... and says so';
}
{
	my $home = home();
	my $send = start($home, greetings => [ pack('v', 120), pack('v', 120) ]);
	enqueue($home, 'me@example.net', 'joe@remote.example');
	my $command = command($send, REMOTE);
	syswrite $send->{reports}[REMOTE], "\0Kok\n\0";
	ok log_until($send, qr/out of range\n/), 'a width that is wrong is noticed';
	close $send->{reports}[REMOTE];
	wait_for_end($send);
	like slurp(path($home, 'remote')), qr/\AT/, '... and the recipient stays';
	$send = start($home);
	is answer($send, REMOTE, "Kok\n")->{recipient}, 'joe@remote.example', '... for a spawner that fits';
	ok log_until($send, qr/end msg/), '... to be delivered';
	stop($send);
}

# --- live swap ---------------------------------------------------------------------------------------------

{
	my $home = home();
	system('cp', program('qmail-queue'), "$home/old") == 0 or die;
	my ($pid, $to) = half_queued($home, "$home/old");
	spit("$home/new", "#!/bin/sh\nexit 53\n", 0755);
	rename "$home/new", "$home/old" or die;
	close $to;
	is join(' ', finish_program($pid)), '0 0', 'a program that is replaced while it runs comes to its end';
	is join('; ', message_problems($home, $body, $letter, 1, 1)), '', '... with the message';
	is run_program(["$home/old"], home => $home)->{exit}, 53, '... and the next one is the new one';

	my $before = queued($home);
	enqueue($home, 'me@example.net', 'ann@remote.example');
	like queued($home), qr/todo.*todo/, 'what arrives meanwhile waits in todo/';
	my $send = start($home);
	my %seen = map { answer($send, REMOTE, "Kok\n")->{recipient} => 1 } 1, 2;
	is join(' ', sort keys %seen), 'ann@remote.example joe@remote.example', '... for the next qmail-send';
	ok log_until($send, qr/end msg.*end msg/s), '... which delivers it';
	stop($send);
}

# A message of another suite's life: D and T, a failure noted, times in mtimes, another group's mode.
{
	my $home = home();
	my $queue = "$home/queue";
	my $now = time;
	spit("$queue/mess/3/26", "Received: (qmail 7 invoked by uid 5); 1 Jan 2024 00:00:00 -0000\nSubject: old\n\nold\n", 0644);
	spit("$queue/info/3/26", "Fme\@example.net\0", 0600);
	spit("$queue/local/3/26", "Ddone\@local.example\0Tjoe\@local.example\0", 0600);
	spit("$queue/remote/3/26", "Tx\@remote.example\0Dbad\@remote.example\0", 0600);
	spit("$queue/bounce/26", "<bad\@remote.example>:\nno\n\n", 0600);
	utime $now - 5000, $now - 5000, "$queue/info/3/26";
	utime $now - 10,   $now - 10,   "$queue/local/3/26";
	utime $now + 5000, $now + 5000, "$queue/remote/3/26";
	my $send = start($home, env => { QMAILQUEUE => use_store_queue($home) });
	is answer($send, LOCAL, "Kok\n")->{recipient}, 'joe@local.example', 'a queue that stock left: who is not done';
	ok log_until($send, qr/success/), '... is delivered to';
	stop($send);
	unlike $send->{text}, qr/starting/, '... and nobody else before his time';
	is((stat "$queue/remote/3/26")[9], $now + 5000, '... which is kept');
	$send = start($home, env => { QMAILQUEUE => use_store_queue($home) });
	log_until($send, qr/status/);
	kill 'ALRM', $send->{pid};
	is answer($send, REMOTE, "Dno, too\n")->{recipient}, 'x@remote.example', '... but ALRM';
	ok log_until($send, qr/^bounce msg 26 qp \d+\nend msg 26\n/m), '... and the bounce';
	stop($send);
	like((stored_messages($home))[0]{message}, qr/^<bad\@remote\.example>:\nno\n\n<x\@remote\.example>:\nno, too\n\n---/m, '... has both failures');
	is queued($home), '', '... and nothing is left';
}

# Names are inodes no longer: in a queue that was restored, say.
{
	my $home = home();
	enqueue($home, 'me@example.net', 'one@remote.example');
	my $send = start($home);
	answer($send, REMOTE, "Zno\n");
	log_until($send, qr/deferral/);
	stop($send);
	enqueue($home, 'me@example.net', 'two@remote.example');
	rename "$home/queue", "$home/before" or die;
	system('cp', '-a', "$home/before", "$home/queue") == 0 or die;
	$send = start($home);
	log_until($send, qr/status/);
	kill 'ALRM', $send->{pid};
	my %seen = map { answer($send, REMOTE, "Kok\n")->{recipient} => 1 } 1, 2;
	is join(' ', sort keys %seen), 'one@remote.example two@remote.example', 'names that are no inodes: both are delivered';
	ok log_until($send, qr/end msg.*end msg/s), '... to their end';
	stop($send);
	is queued($home), '', '... and nothing is left';
}

# --- qmail-queue, some more --------------------------------------------------------------------------------

{
	my $home = home();
	my $file = spit("$home/large", "Subject: large\n\n");
	truncate $file, 100_000_000 or die;
	open my $in, '<', $file or die;
	open my $envelope, '<', spit("$home/letter", $letter) or die;
	is run_program(['qmail-queue'], home => $home, fds => { 0 => $in, 1 => $envelope })->{exit}, 0, '100 MB are queued';
	my ($mess) = glob "$home/queue/mess/*/*";
	open my $queued, '<', $mess or die;
	my $received = readline $queued;
	is -s $mess, 100_000_000 + length $received, '... all of them';
	is system("tail -c +@{[1 + length $received]} '$mess' | cmp -s - '$file'"), 0, '... octet for octet';
}
{
	my $home = home();
	my ($pid, $to) = half_queued($home);
	unlink glob "$home/queue/mess/*/*";
	close $to;
	is join(' ', finish_program($pid)), '52 0', 'mess/N taken away from a living qmail-queue: 52';
	is_deeply [ tree_of($home) ], [], '... and nothing is queued or left';
}

# --- routing -----------------------------------------------------------------------------------------------

{
	my $home = home(
		locals => "local.example\nrelay.example\n", percenthack => "relay.example\n", envnoathost => "local.example\n",
		virtualdomains => "v.example:vu\nbob\@p.example:bob\n.w.example:w\n.deep.w.example:dw\nexc.w.example:\nd.example:one\nD.example:two\nno line\n");
	my @cases = (
		[ 'joe@local.example',             LOCAL,  'joe@local.example' ],
		[ 'Joe@LOCAL.Example',             LOCAL,  'Joe@LOCAL.Example' ],
		[ 'nohost',                        LOCAL,  'nohost@local.example' ],
		[ 'a@local.example@r.example',     REMOTE, 'a@local.example@r.example' ],
		[ 'Joe@V.example',                 LOCAL,  'vu-Joe@V.example' ],
		[ 'BOB@p.example',                 LOCAL,  'bob-BOB@p.example' ],
		[ 'al@p.example',                  REMOTE, 'al@p.example' ],
		[ 'x@a.b.w.example',               LOCAL,  'w-x@a.b.w.example' ],
		[ 'x@a.deep.w.example',            LOCAL,  'dw-x@a.deep.w.example' ],
		[ 'x@exc.w.example',               REMOTE, 'x@exc.w.example' ],
		[ 'x@w.example',                   REMOTE, 'x@w.example' ],
		[ 'x@d.example',                   LOCAL,  'two-x@d.example' ],
		[ 'a%b.example@relay.example',     REMOTE, 'a@b.example' ],
		[ 'a%relay.example%relay.example@relay.example', LOCAL, 'a@relay.example' ],
		[ 'a%v.example%relay.example@relay.example', LOCAL, 'vu-a@v.example' ],
		[ '@local.example',                LOCAL,  '@local.example' ],
		[ "a\nb\@r.example",               REMOTE, "a\nb\@r.example" ],
	);
	my $send = start($home);
	for my $case (@cases) {
		my ($to, $kind, $expected) = @$case;
		enqueue($home, 'me@example.net', $to);
		is answer($send, $kind, "Kok\n")->{recipient}, $expected, "routed as in stock: " . ($to =~ s/\n/\\n/r);
		log_until($send, qr/end msg/);
	}
	stop($send);
	$home = home(virtualdomains => ":all\nout.example:\n");
	$send = start($home);
	enqueue($home, 'me@example.net', 'x@r.example', 'y@out.example');
	is answer($send, LOCAL,  "Kok\n")->{recipient}, 'all-x@r.example', 'routed as in stock: a catch-all';
	is answer($send, REMOTE, "Kok\n")->{recipient}, 'y@out.example',   'routed as in stock: and its exception';
	log_until($send, qr/end msg/);
	stop($send);
}

# --- what other programs do to a queue ------------------------------------------------------------------------

{
	my $home = home();
	my $queue = "$home/queue";
	my $send = start($home, env => { QMAILQUEUE => use_store_queue($home) });
	enqueue($home, 'me@example.net', "$_\@remote.example") for qw(one two);
	answer($send, REMOTE, "Zno\n") for 1, 2;
	log_until($send, qr/deferral.*deferral/s);
	# A birth of long ago: the next attempt is the last.
	my ($n) = map {m{(\d+)$}} grep { slurp($_) =~ /one/ } glob "$queue/remote/*/*";
	utime time, time - 604801, "$queue/info/" . $n % 23 . "/$n";
	kill 'ALRM', $send->{pid};
	answer($send, REMOTE, "Zno\n") for 1, 2;
	ok log_until($send, qr/failure: no\/I'm_not_going_to_try_again/), 'info/N that was touched while it runs: too old';
	ok log_until($send, qr/end msg $n\n/), '... ends';
	is stop($send), '0 0', 'TERM';

	# As qmHandle deletes.
	my ($two) = map {m{(\d+)$}} glob "$queue/remote/*/*";
	my $part = $two % 23;
	enqueue($home, 'me@example.net', 'three@remote.example');
	unlink grep { -e } map {"$queue/$_"} "mess/$part/$two", "info/$part/$two", "remote/$part/$two", "local/$part/$two", "bounce/$two";
	$send = start($home);
	is answer($send, REMOTE, "Kok\n")->{recipient}, 'three@remote.example', 'a message that was deleted while it was stopped is not missed';
	ok log_until($send, qr/end msg/), '... the others go on';
	stop($send);
	unlike $send->{text}, qr/alert|warning/, '... without a word';
	is queued($home), '', '... and nothing is left';
}

# Things that are no messages, under names of messages.
{
	my $home = home();
	my $queue = "$home/queue";
	symlink '/etc/passwd', "$queue/mess/3/26";
	symlink "$home/control/me", "$queue/todo/26";
	POSIX::mkfifo("$queue/todo/27", 0600);
	spit("$queue/mess/4/27", 'x');
	mkdir "$queue/mess/5/28";
	mkdir "$queue/todo/28";
	symlink '/nonexistent', "$queue/todo/29";
	my $send = start($home);
	enqueue($home, 'me@example.net', 'joe@remote.example');
	is answer($send, REMOTE, "Kok\n")->{recipient}, 'joe@remote.example', 'symbolic links, FIFOs and directories in the queue hold up nothing';
	ok log_until($send, qr/end msg/), '... the message ends';
	is stop($send), '0 0', '... and so does qmail-send';
	is slurp("$home/control/me"), "mx.example.org\n", '... and what they lead to is as it was';

	symlink program('qmail-local'), "$home/sink";
	my $spawner = Qferry::Spawn::spawner($home, [ 'qmail-lspawn', './Mailbox' ]);
	Qferry::Spawn::greeting($spawner, 1);
	is Qferry::Spawn::deliver($spawner, 'joe@mx.example.org'), "\0ZSorry, message has wrong owner. (#4.3.5)\n\0", 'a symbolic link to another one\'s file is not delivered';
	is Qferry::Spawn::finish($spawner), '0 0', 'exit';
}

# --- a lock that nobody gives back ------------------------------------------------------------------------------

{
	my $home = home();
	my $user = temp_dir();
	chmod 0755, $user;
	spit("$user/Mailbox", '');
	open my $lock, '>>', "$user/Mailbox" or die;
	flock $lock, LOCK_EX or die;
	open my $in, '<', spit("$home/in", $body) or die;
	open my $err, '+>', "$home/err" or die;
	my $pid = start_program([ 'qmail-local', '--', 'joe', $user, 'joe', '', '', 'example.org', '', './Mailbox' ], home => $home,
		fds => { 0 => $in, 1 => $err, 2 => $err });
	ok wait_until(sub { (slurp('/proc/locks') || '') =~ /-> FLOCK .* \Q$pid\E / }), 'it waits for the lock';
	kill 'ALRM', $pid;
	is join(' ', finish_program($pid)), '111 0', 'an mbox that is locked for 30 seconds straight: later';
	is slurp("$home/err"), "File has been locked for 30 seconds straight. (#4.3.0)\n", '... and says so';
	is -s "$user/Mailbox", 0, '... and has written nothing';
}

# Whoever wrote before us was killed.
for my $case ([ "From a\nbod", "\n\n" ], [ "From a\nbody\n", "\n" ], [ "From a\n\nbody\n\n", '' ], [ "\n", '' ], [ 'x', "\n\n" ], [ '', '' ]) {
	my ($half, $end) = @$case;
	my $home = home();
	my $user = temp_dir();
	chmod 0755, $user;
	spit("$user/Mailbox", $half);
	open my $in, '<', spit("$home/in", $body) or die;
	is run_program([ 'qmail-local', '--', 'joe', $user, 'joe', '', '', 'example.org', '', './Mailbox' ], home => $home, fds => { 0 => $in })->{exit}, 0,
	  'an mbox that ends with ' . ($half =~ s/\n/\\n/gr);
	like slurp("$user/Mailbox"), qr/\A\Q$half$end\EFrom MAILER-DAEMON .*\n\n\z/s, '... the entry begins on a line of its own';
}

# A file may be only so large: a part of the message has its place, the rest has not.
for my $what (qw(mbox Maildir)) {
	my $home = home();
	my $user = temp_dir();
	chmod 0755, $user;
	mkdir "$user/Maildir$_" for '', '/tmp', '/new', '/cur';
	my $old = "From old\n\nold\n\n";
	spit("$user/Mailbox", $old);
	open my $in, '<', spit("$home/in", "Subject: large\n\n" . "line\n" x 100_000) or die;
	my $run = run_program([ '/bin/sh', '-c', 'ulimit -f 200; exec "$@"', 'sh', program('qmail-local'), '--', 'joe', $user, 'joe', '', '', 'example.org', '',
			$what eq 'mbox' ? './Mailbox' : './Maildir/' ], home => $home, fds => { 0 => $in });
	is "$run->{exit} $run->{signal}", '111 0', "$what: no room for all of it: later";
	is slurp("$user/Mailbox"), $old, '... the mbox is what it was';
	is join(' ', grep { -e } glob "$user/Maildir/{new,tmp}/*"), '', '... and the Maildir is empty';
}

{
	my $home = home();
	my $user = temp_dir();
	chmod 0755, $user;
	open my $in, '<', spit("$home/in", "Subject: x\n\nbody\n") or die;
	my $run = run_program([ 'qmail-local', '--', 'joe', $user, 'joe', '', '', 'example.org', '', "|ulimit -f 1; yes >file; echo \$?\n" ],
		home => $home, fds => { 0 => $in });
	is $run->{out}, "153\ndid 0+0+1\n", 'in programs of users SIGXFSZ is at its default';
}

# --- a suite as others see it ------------------------------------------------------------------------------------

# name and command line, as ps has them, of a process and all below it.
sub processes_below {
	my ($root) = @_;
	my %parent = map { (slurp("$_/stat") // '') =~ /\A(\d+) \(.*\) \S (\d+) /s ? ($1 => $2) : () } glob '/proc/[0-9]*';
	my $is_below = sub { my $pid = shift; $pid = $parent{$pid} while $pid && $pid != $root; return $pid };
	return map { [ (slurp("/proc/$_/comm") // '') =~ s/\n//r, (slurp("/proc/$_/cmdline") // '') =~ tr/\0/ /r ] } grep { $is_below->($_) } sort keys %parent;
}

{
	my $home = home();
	mkdir "$home/alias";
	chmod 0755, "$home/alias";
	POSIX::mkfifo("$home/go", 0600);
	spit("$home/alias/.qmail-joe", "|read line <'$home/go'\n", 0644);
	my $sink = start_sink("mail wait:$home/gone 250 ok\n");
	control($home, smtproutes => ":127.0.0.1:$sink->{port}\n");
	spit("$home/queue/lock/tcpto", '');    # as queue-repair makes it
	my $log = "$home/log";
	open my $out, '>', $log or die;
	my $pid = start_program([ 'qmail-start', './Maildir/' ], home => $home, env => { PATH => build() . '/bin:/usr/bin:/bin' }, fds => { 1 => $out });
	enqueue($home, 'me@example.net', 'joe@local.example', 'x@remote.example', 'none@local.example');
	ok wait_until(sub { (grep { $_->[1] =~ /read line/ } processes_below($pid)) && glob "$sink->{dir}/1.in" }), 'a suite at work';
	my @all = processes_below($pid);
	cmp_ok scalar @all, '>', 6, '... of several processes';
	is scalar(grep { $_->[0] eq 'qmail-send' } @all), 1, '... one process of that name, for pidof';
	is join('; ', map {"@$_"} grep { $_->[0] ne 'qmail-send' && "@$_" =~ /qmail-send/ } @all), '', '... and no other line in ps has it';
	is join(' ', grep {/qmail-send./} map {s{.*/}{}r} glob build() . '/bin/*'), '', '... nor has a program of ours it in its name';
	spit("$home/gone", '');
	open my $go, '>', "$home/go";
	print $go "\n";
	close $go;
	ok wait_until(sub { slurp($log) =~ /success: .*success: /s }), 'an empty tcpto is none: both are delivered';
	kill 'TERM', $pid;
	is join(' ', finish_program($pid)), '0 0', 'TERM';
	stop_server($sink);
}

done_testing;
