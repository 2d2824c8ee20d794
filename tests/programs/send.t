#!/usr/bin/perl
# send: qmail-send between a real queue and spawners that this script plays (queue 4.5 to 4.7,
# outbound 5.3, 5.4, 6.3 to 6.6).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Send;
use Qferry::Test;
use Test::More;

# --- one message, every line of the log ------------------------------------------------------------------

for my $wide (0, 1) {
	my $home = home();
	my $send = start($home, $wide ? (greetings => [ pack('v', 509), pack('v', 509) ]) : ());
	is log_until($send, qr/^.*\n/m), "status: local 0/10 remote 0/20\n", 'the first line';
	enqueue($home, 'me%x@example.net', 'joe@local.example', 'a b@remote.example');
	my ($n) = log_until($send, qr/new msg \d+\n/) =~ /(\d+)/;
	my $line = log_until($send, qr/info msg .*\n/);
	like $line, qr/\Ainfo msg $n: bytes \d+ from <me_x\@example\.net> qp \d+ uid $>\n\z/, 'info';
	is log_until($send, qr/^start.*\n/m), "starting delivery 1: msg $n to local joe\@local.example\n", 'starting 1';
	is log_until($send, qr/^.*\n/m), "status: local 1/10 remote 0/20\n", 'status';
	is log_until($send, qr/^start.*\n/m), "starting delivery 2: msg $n to remote a_b\@remote.example\n", 'starting 2';
	is log_until($send, qr/^.*\n/m), "status: local 1/10 remote 1/20\n", 'status';
	my $messid = ($n % 23) . "/$n";
	is_deeply command($send, LOCAL),
	  { delnum => 0, messid => $messid, sender => 'me%x@example.net', recipient => 'joe@local.example' }, 'local command';
	is_deeply command($send, REMOTE),
	  { delnum => 0, messid => $messid, sender => 'me%x@example.net', recipient => 'a b@remote.example' }, 'remote command';
	is slurp("$home/queue/local/$messid"), "Tjoe\@local.example\0", 'local/N';
	is slurp("$home/queue/info/$messid"),  "Fme%x\@example.net\0",  'info/N';
	is sprintf('%04o', (stat "$home/queue/info/$messid")[2] & 07777), '0600', 'mode of info/N';
	report($send, LOCAL, 0, "Kdid 1+0+0\n");
	is log_until($send, qr/^deliv.*\n/m), "delivery 1: success: did_1+0+0/\n", 'success';
	is log_until($send, qr/^.*\n/m), "status: local 0/10 remote 1/20\n", 'status';
	report($send, REMOTE, 0, "Zlater 100%\n");
	is log_until($send, qr/^deliv.*\n/m), "delivery 2: deferral: later_100_/\n", 'deferral';
	is log_until($send, qr/^.*\n/m), "status: local 0/10 remote 0/20\n", 'status';
	is queued($home), "info/$messid mess/$messid remote/$messid", 'local/N is gone, remote/N stays';
	kill 'ALRM', $send->{pid};
	is log_until($send, qr/^start.*\n/m), "starting delivery 3: msg $n to remote a_b\@remote.example\n", 'ALRM: at once';
	answer($send, REMOTE, "Kok\n");
	ok log_until($send, qr/^delivery 3: success: ok\/\nstatus: local 0\/10 remote 0\/20\nend msg $n\n/m), 'end msg';
	is stop($send), '0 0', 'TERM: exit 0';
	is $send->{text}, "status: exiting\n", 'the last line';
	is queued($home), '', 'nothing is left';
}

# --- the schedule survives --------------------------------------------------------------------------------

{
	my $home = home();
	my $send = start($home);
	enqueue($home, 's@example.net', 'joe@local.example', 'joe@remote.example');
	answer($send, LOCAL,  "Zno\n");
	answer($send, REMOTE, "Zno\n");
	log_until($send, qr/deferral: .*deferral: .*?0\/20\n/s);
	stop($send);
	my $birth = (stat path($home, 'info'))[9];
	my ($local, $remote) = map { (stat path($home, $_))[9] - $birth } qw(local remote);
	ok $local >= 100 && $local < 200, "TERM: mtime of local/N is the next attempt ($local)";
	ok $remote >= 400 && $remote < 600, "and of remote/N ($remote)";

	# A later start waits for it; one file is due, the other is not.
	my $now = time;
	utime $now, $now - 1, path($home, 'local');
	$send = start($home);
	like log_until($send, qr/^start.*\n/m), qr/1: msg \d+ to local joe/, 'restart: what is due starts';
	answer($send, LOCAL, "Zno\n");
	log_until($send, qr/deferral/);
	is stop($send), '0 0', 'TERM';
	unlike $send->{text}, qr/to remote/, 'what is not due waits';
	is((stat path($home, 'remote'))[9] - $birth, $remote, 'and keeps its time');

	# Too old: the last attempt.
	utime $now, $now - 604801, path($home, 'info');
	utime $now, $now - 1,      path($home, 'remote');
	use_store_queue($home);
	$send = start($home, env => { QMAILQUEUE => "$home/stored/queue" });
	answer($send, REMOTE, "Zno route\n");
	ok log_until($send, qr/failure: no_route\/I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long\.\/\n/),
	  'expired: a failure, with the sentence';
	stop($send);
	ok !path($home, 'remote'), 'remote/N is gone';
	like slurp("$home/queue/bounce/" . (split m{/}, path($home, 'info'))[-1]),
	  qr/\A<joe\@remote\.example>:\nno route\nI'm not going to try again; this message has been in the queue too long\.\n\n\z/,
	  'bounce/N';
}

# --- marks, crash, and restart without loss ---------------------------------------------------------------

{
	my $home = home(concurrencyremote => "2\n");
	my $send = start($home);
	my @recipients = map { "r$_\@remote$_.example" } 1 .. 5;
	enqueue($home, 's@example.net', @recipients);
	my @first = map { command($send, REMOTE) } 1, 2;
	is "$first[0]{delnum} $first[1]{delnum}", '0 1', 'both slots are filled';
	report($send, REMOTE, 1, "Kok\n");
	is command($send, REMOTE)->{delnum}, 1, 'the lowest free slot';
	my $file = path($home, 'remote');
	ok wait_until(sub { slurp($file) =~ /\0Dr2/ }), 'D is marked in place';
	is slurp($file), "Tr1\@remote1.example\0Dr2\@remote2.example\0Tr3\@remote3.example\0Tr4\@remote4.example\0Tr5\@remote5.example\0", 'and nothing else changed';
	kill 'KILL', $send->{pid};
	wait_for_end($send);
	$send = start($home);
	my %seen;
	for (1 .. 4) { $seen{ answer($send, REMOTE, "Kok\n")->{recipient} }++ }
	is join(' ', sort keys %seen), join(' ', map { "r$_\@remote$_.example" } 1, 3, 4, 5), 'after kill -9: all but the marked';
	ok log_until($send, qr/end msg/), 'end msg';
	stop($send);
	is queued($home), '', 'nothing is left';

	# Killed with todo/N there, and with half-made files.
	enqueue($home, 's@example.net', 'x@remote.example');
	my ($n) = (glob "$home/queue/todo/*")[0] =~ m{(\d+)$};
	my $part = $n % 23;
	spit("$home/queue/info/$part/$n",   'Fwrong');
	spit("$home/queue/remote/$part/$n", "Told\0");
	spit("$home/queue/local/$part/$n",  "Told\0");
	$send = start($home);
	is command($send, REMOTE)->{recipient}, 'x@remote.example', 'stale files are made anew';
	is slurp("$home/queue/local/$part/$n"), undef, 'those that are not needed go';
	report($send, REMOTE, 0, "Kok\n");
	log_until($send, qr/end msg/);
	is stop($send), '0 0', 'TERM';
}

# --- reports that are none ---------------------------------------------------------------------------------

{
	my $home = home();
	my $send = start($home);
	enqueue($home, 's@example.net', 'joe@remote.example');
	my $command = command($send, REMOTE);
	report($send, REMOTE, 5,   "Kwrong slot\n");
	report($send, REMOTE, 200, "Kno slot\n");
	for (1, 2) { ok log_until($send, qr/^warning: internal error: delivery report out of range\n/m), 'out of range' }
	report($send, REMOTE, 0, "?\n");
	ok log_until($send, qr/^delivery 1: report mangled, will defer\n/m), 'mangled';
	report($send, REMOTE, 0, "Ktoo late\n");
	ok log_until($send, qr/out of range\n/), 'a second report';
	for my $text ('', 'k') {
		kill 'ALRM', $send->{pid};
		answer($send, REMOTE, $text);
		ok log_until($send, qr/mangled/), "mangled: '$text'";
	}
	kill 'ALRM', $send->{pid};
	answer($send, REMOTE, 'Z' . 'x' x 20000);
	is length log_until($send, qr/deferral: x*\n/), length("deferral: \n") + 9998, 'cut at 10000 with delnum and letter';
	kill 'ALRM', $send->{pid};
	$command = command($send, REMOTE);
	syswrite $send->{reports}[REMOTE], $_ for split //, "\0Kok\n\0";
	ok log_until($send, qr/success: ok\//), 'octet by octet';
	is stop($send), '0 0', 'TERM';
}

# --- TERM, lost helpers, HUP, hold -----------------------------------------------------------------------------

{
	my $home = home(concurrencylocal => "0\n", concurrencyremote => "1\n");
	my $send = start($home);
	is log_until($send, qr/^.*\n/m), "status: local 0/0 remote 0/1\n", 'concurrency';
	enqueue($home, 's@example.net', 'joe@local.example', 'a@remote.example', 'b@remote.example');
	command($send, REMOTE);
	kill 'TERM', $send->{pid};
	kill 'ALRM', $send->{pid};
	report($send, REMOTE, 0, "Kok\n");
	is wait_for_end($send), '0 0', 'TERM waits for the report';
	like $send->{text}, qr/success: ok\/\nstatus: local 0\/0 remote 0\/1 exitasap\nstatus: exiting\n\z/, 'exitasap';
	unlike $send->{text}, qr/to local|b\@remote/, 'nothing new is started; concurrency 0 holds';
	like slurp(path($home, 'remote')), qr/\ADa.*\0Tb/, 'and marked';

	$send = start($home, greetings => [ chr 3, chr 1 ]);
	is log_until($send, qr/^status.*\n/m), "status: local 0/0 remote 0/1\n", 'still held';
	command($send, REMOTE);
	close $send->{reports}[REMOTE];
	is wait_for_end($send), '0 0', 'lost rspawn: a graceful end';
	like $send->{text}, qr/^alert: oh no! lost spawn connection! dying\.\.\.\nstatus: exiting\n\z/m, 'and said so';

	unlink "$home/control/concurrencylocal";
	$send = start($home, greetings => [ chr 3, chr 1 ]);
	is log_until($send, qr/^status.*\n/m), "status: local 0/3 remote 0/1\n", 'capped by the greeting';
	answer($send, LOCAL, "Kok\n");
	answer($send, REMOTE, "Kok\n");
	ok log_until($send, qr/end msg/), 'released';

	# HUP: locals and virtualdomains.
	control($home, 'locals', "other.example\n");
	control($home, 'virtualdomains', "v.example:vu\n");
	control($home, 'concurrencyremote', "7\n");
	kill 'HUP', $send->{pid};
	enqueue($home, 's@example.net', 'joe@local.example', 'x@v.example');
	is answer($send, LOCAL,  "Kok\n")->{recipient}, 'vu-x@v.example',    'HUP: virtualdomains';
	is answer($send, REMOTE, "Kok\n")->{recipient}, 'joe@local.example', 'HUP: locals';
	ok log_until($send, qr/end msg/), 'end';
	unlink "$home/control/locals";
	mkdir "$home/control/locals";
	kill 'HUP', $send->{pid};
	ok log_until($send, qr/^alert: unable to reread control\/locals\n/m), 'HUP: unreadable';
	enqueue($home, 's@example.net', 'x@v.example');
	is answer($send, LOCAL, "Kok\n")->{recipient}, 'vu-x@v.example', 'the old values are kept';
	log_until($send, qr/end msg/);

	my $second = start($home);
	is wait_for_end($second), '111 0', 'controls unreadable: 111';
	is $second->{text}, "alert: cannot start: unable to read controls\n", 'and why';
	rmdir "$home/control/locals";
	$second = start($home);
	is wait_for_end($second), '111 0', 'a second qmail-send: 111';
	is $second->{text}, "alert: cannot start: qmail-send is already running\n", 'and why';
	is stop($send), '0 0', 'TERM';

	$second = start($home, greetings => [ chr 120, '' ], clean => 0);
	close $second->{reports}[REMOTE];
	is wait_for_end($second), '111 0', 'no greeting: 111';
	is $second->{text}, "alert: cannot start: hath the daemon spawn no fire?\n", 'and why';
}

# --- another suite's qmail-start, and a queue that is not laid out alike -----------------------------------------

{
	my $home = home();
	my ($seven, $to_todo, $from_todo, $eight);
	pipe $seven, $to_todo or die;
	pipe $from_todo, $eight or die;
	my $send = start($home, fds => { 7 => $to_todo, 8 => $from_todo });
	is wait_for_end($send), '111 0', 'beside a qmail-todo: 111';
	is $send->{text}, "alert: cannot start: started beside a qmail-todo: replace qmail-start, too\n", 'and why';
	mkdir "$home/queue/info/23";
	$send = start($home);
	is wait_for_end($send), '111 0', 'split in another way: 111';
	is $send->{text}, "alert: cannot start: mess, info, local and remote are not split alike\n", 'and why';
}

# --- qmail-clean ------------------------------------------------------------------------------------------------

{
	my $home = home();
	my $send = start($home, clean => 0);
	enqueue($home, 's@example.net', 'joe@remote.example');
	my ($n) = (glob "$home/queue/todo/*")[0] =~ m{(\d+)$};
	my $request = sub { my $bytes = ''; sysread $send->{requests}, $bytes, 1, length $bytes until $bytes =~ /\0/; $bytes };
	is $request->(), "todo/$n\0", 'the request';
	syswrite $send->{answers}, '!';
	ok log_until($send, qr/^warning: qmail-clean unable to clean up todo\/$n\n/m), 'refused';
	open my $trigger, '>', "$home/queue/lock/trigger";
	syswrite $trigger, "\0";
	close $trigger;
	is $request->(), "todo/$n\0", 'taken again at the next scan';
	unlink "$home/queue/intd/$n", "$home/queue/todo/$n";
	syswrite $send->{answers}, '+';
	answer($send, REMOTE, "Kok\n");
	is $request->(), "foop/$n\0", 'the end';
	ok log_until($send, qr/end msg $n\n/), 'end msg';
	is slurp("$home/queue/info/" . $n % 23 . "/$n"), undef, 'info/N goes first';
	close $send->{answers};
	is wait_for_end($send), '0 0', 'lost qmail-clean: a graceful end';
	like $send->{text}, qr/^alert: oh no! lost qmail-clean connection! dying\.\.\.\n/m, 'and said so';
}

# --- a big-todo queue, debris, and todo/N without mess/N ---------------------------------------------------------

{
	my $home = home();
	for my $dir (qw(todo intd)) { mkdir "$home/queue/$dir/$_" for 0 .. 22 }
	my $send = start($home);
	enqueue($home, 's@example.net', 'joe@remote.example');
	answer($send, REMOTE, "Kok\n");
	ok log_until($send, qr/end msg/), 'big-todo';
	stop($send);
	is join(' ', glob "$home/queue/{todo,intd,mess}/*/*"), '', 'nothing is left';
}
{
	my $home = home();
	my $old = time - 129700;
	spit("$home/queue/mess/5/5", 'debris');
	spit("$home/queue/mess/6/6", 'new');
	spit("$home/queue/mess/7/7", 'has info');
	spit("$home/queue/info/7/7", "Fs\@example.net\0");
	spit("$home/queue/remote/7/7", "Tjoe\@remote.example\0");
	utime $old, $old, "$home/queue/mess/5/5", "$home/queue/mess/7/7";
	spit("$home/queue/todo/9", "u0\0p1\0F\0Tx\@y\0");
	my $send = start($home);
	ok wait_until(sub { !-e "$home/queue/mess/5/5" }), 'debris goes after 36 hours';
	ok -e "$home/queue/mess/6/6", 'young files stay';
	ok log_until($send, qr/^alert: todo\/9 has no message; moved aside/m), 'todo/N without mess/N';
	ok -e "$home/queue/todo/9.nomess", 'is moved aside';
	answer($send, REMOTE, "Kok\n");
	ok log_until($send, qr/end msg 7/), 'what has info is delivered';

	spit("$home/queue/mess/8/8", 'x');
	spit("$home/queue/todo/8", "u0\0p1\0F\0Xwhat\0");
	enqueue($home, 's@example.net');
	ok log_until($send, qr/^warning: unknown record type in todo\/8\n/m), 'unknown record type';
	ok log_until($send, qr/end msg/), 'no recipients: the end';
	stop($send);
	is queued($home), 'mess/6/6 mess/8/8 todo/8 todo/9.nomess', 'what is not understood stays';
}

# --- bounces ---------------------------------------------------------------------------------------------------

# Let every recipient fail; returns what was handed to $QMAILQUEUE.
sub bounces_of {
	my ($home, $sender, $recipients, %with) = @_;
	my $queue = use_store_queue($home);
	my $send = start($home, env => { QMAILQUEUE => $queue });
	enqueue($home, $sender, @$recipients);
	my %command = map { my $c = answer($send, REMOTE, $with{report} || "Dno such user\n"); ($c->{recipient} => $c) } @$recipients;
	my $text = $send->{text};
	my $seen = log_until($send, qr/.*end msg \d+\n/s);
	stop($send);
	is queued($home), '', "<$sender>: nothing is left";
	return ($seen, \%command, stored_messages($home));
}

{
	my ($seen, undef, @got) = bounces_of(home(bouncefrom => "Postmaster\n", bouncehost => "bounce.example\n"),
		'me@example.net', [ 'a@remote.example', 'b@remote.example' ], report => "Da\n\nb");
	is scalar @got, 1, 'one bounce for both';
	is $got[0]{sender}, '', 'from <>';
	is_deeply $got[0]{recipients}, ['me@example.net'], 'to the sender';
	like $seen, qr/^bounce msg (\d+) qp \d+\nend msg \1\n/m, 'logged';
	my ($date) = $got[0]{message} =~ /\ADate: (\d+ \w{3} \d{4} \d\d:\d\d:\d\d -0000)\n/;
	ok $date, 'a date';
	$got[0]{message} =~ s/^(Received: .*?; )\d.*\n/$1DATE\n/m;
	like $got[0]{message}, qr/\ADate: \Q$date\E
From: Postmaster\@bounce\.example
To: me\@example\.net
Subject: failure notice

Hi\. This is the qmail-send program at bounce\.example\.
I'm afraid I wasn't able to deliver your message to the following addresses\.
This is a permanent error; I've given up\. Sorry it didn't work out\.

<a\@remote\.example>:
a
\/b

<b\@remote\.example>:
a
\/b

--- Below this line is a copy of the message\.

Return-Path: <me\@example\.net>
Received: \(qmail \d+ invoked by uid $>\); DATE
Subject: t

body
\z/, 'the text, byte for byte';
}
{
	my ($seen, $command, @got) = bounces_of(home(), 'list-@example.net-@[]', ['joe@remote.example']);
	is $command->{'joe@remote.example'}{sender}, 'list-joe=remote.example@example.net', 'VERP';
	is_deeply $got[0]{recipients}, ['list-@example.net'], 'the bounce of VERP';
	like $got[0]{message}, qr/^Return-Path: <list-\@example\.net>\n/m, 'its Return-Path';
}
{
	my ($seen, undef, @got) = bounces_of(home(), '', ['joe@remote.example']);
	is "$got[0]{sender} @{ $got[0]{recipients} }", '#@[] postmaster@mx.example.org', 'a double bounce';
	like $got[0]{message}, qr/\nI tried to deliver a bounce message to this address, but the bounce bounced!\n\n<joe/, 'says so';
	like $got[0]{message}, qr/\n--- Below this line is the original bounce\.\n\nReturn-Path: <>\n/, 'and calls it one';
	($seen, undef, @got) = bounces_of(home(doublebounceto => "dev\n", doublebouncehost => "null.example\n"), '', ['j@remote.example']);
	is_deeply $got[0]{recipients}, ['dev@null.example'], 'doublebounceto, doublebouncehost';
	($seen, undef, @got) = bounces_of(home(doublebounceto => "\n"), '', ['j@remote.example']);
	like $seen, qr/^double bounce: discarding bounce\/\d+\nend msg/m, 'an empty doublebounceto discards';
	is scalar @got, 0, 'and sends none';
}
{
	my ($seen, undef, @got) = bounces_of(home(), '#@[]', ['joe@remote.example']);
	like $seen, qr/^triple bounce: discarding bounce\/\d+\nend msg/m, 'a triple bounce';
	is scalar @got, 0, 'is discarded';
}
{
	my (undef, undef, @got) = bounces_of(home(bouncemaxbytes => "20\n"), 'me@example.net', ['joe@remote.example']);
	like $got[0]{message}, qr/\nReturn-Path: <me\@example\.net>\nReceived: \(qmail \d.{1,8}\n--- End of message stripped\.\n\z/s, 'bouncemaxbytes';
}
{
	my $home = home(virtualdomains => "v.example:vu\n");
	my $queue = use_store_queue($home);
	my $send = start($home, env => { QMAILQUEUE => $queue });
	enqueue($home, 'me@example.net', 'joe@v.example', 'x@remote.example');
	answer($send, LOCAL, "Dno\n");
	ok log_until($send, qr/failure: no\//), 'one channel fails';
	my $file = sub { (glob "$home/queue/bounce/*")[0] };
	ok wait_until(sub { $file->() && slurp($file->()) eq "<joe\@v.example>:\nno\n\n" }), 'the prefix is stripped';
	answer($send, REMOTE, "Kok\n");
	ok log_until($send, qr/bounce msg/), 'the bounce waits for the other channel';
	stop($send);
	is scalar stored_messages($home), 1, 'one bounce';
}

# A queue program that refuses; one that cannot be run; and one that hangs while mail flows.
{
	my $home = home();
	spit("$home/refuse", "#!/bin/sh\ncat >/dev/null\nexit 53\n", 0755);
	my $send = start($home, env => { QMAILQUEUE => "$home/refuse" });
	enqueue($home, 'me@example.net', 'joe@remote.example');
	answer($send, REMOTE, "Dno\n");
	ok log_until($send, qr/^warning: trouble injecting bounce message, will try later\n/m), 'refused for now';
	stop($send);
	ok -e path($home, 'info'), 'the message stays';

	# Refused for good with its body: sent without.
	my $store = use_store_queue($home);
	spit("$home/scan", "#!/bin/sh\ncat >'$home/in'\ngrep -q '^body' '$home/in' && exit 31\nexec '$store' <'$home/in'\n", 0755);
	$send = start($home, env => { QMAILQUEUE => "$home/scan" });
	ok log_until($send, qr/^bounce msg \d+ qp \d+\nend msg/m), 'a bounce that is refused for its body goes without';
	stop($send);
	my @got = stored_messages($home);
	like $got[-1]{message}, qr/\nSubject: t\n\n\z/, 'up to the end of the header';

	POSIX::mkfifo("$home/go", 0600);
	spit("$home/hang", "#!/bin/sh\nread line <'$home/go'\nexec '$store'\n", 0755);
	$send = start($home, env => { QMAILQUEUE => "$home/hang" });
	enqueue($home, 'me@example.net', 'joe@remote.example');
	answer($send, REMOTE, "Dno\n");
	enqueue($home, 'me@example.net', 'other@remote.example');
	answer($send, REMOTE, "Kok\n");
	ok log_until($send, qr/success: ok\/\n.*end msg \d+\n/s), 'mail flows while a bounce is being scanned';
	kill 'KILL', $send->{pid};
	wait_for_end($send);
	my $next = start($home, env => { QMAILQUEUE => $store });
	ok log_until($next, qr/^bounce msg/m), 'a killed qmail-send leaves no lock to its children';
	open my $go, '>', "$home/go";
	close $go;
	is stop($next), '0 0', 'TERM';
}

# A bounce that cannot be noted is not lost: the recipient is tried again.
SKIP: {
	my $home = home();
	my $send = start($home);
	enqueue($home, 'me@example.net', 'joe@remote.example');
	my $command = command($send, REMOTE);
	chmod 0500, "$home/queue/bounce";
	skip 'root writes anywhere', 2 if -w "$home/queue/bounce";
	report($send, REMOTE, $command->{delnum}, "Dno\n");
	ok log_until($send, qr/^alert: unable to append to bounce message; HELP! sleeping\.\.\.\n/m), 'bounce/ is full';
	stop($send);
	like slurp(path($home, 'remote')), qr/\AT/, 'the recipient stays';
	chmod 0700, "$home/queue/bounce";
}

# --- many at once ----------------------------------------------------------------------------------------------

{
	my $home = home(concurrencyremote => "50\n");
	enqueue($home, 's@example.net', "m$_\@r$_.example") for 1 .. 100;
	my $send = start($home);
	my @taken = map { command($send, REMOTE) } 1 .. 50;
	is join(' ', sort { $a <=> $b } map { $_->{delnum} } @taken), join(' ', 0 .. 49), 'every slot is filled';
	my %seen = map { $_->{recipient} => 1 } @taken;
	report($send, REMOTE, $_->{delnum}, "Kok\n") for @taken;
	for (51 .. 100) { $seen{ answer($send, REMOTE, "Kok\n")->{recipient} } = 1 }
	is scalar keys %seen, 100, 'all are delivered, each once';
	my $ends = 0;
	$ends++ while $ends < 100 && log_until($send, qr/end msg \d+\n/);
	is $ends, 100, 'and end';
	is stop($send), '0 0', 'TERM';
	is queued($home), '', 'nothing is left';
}

done_testing();
