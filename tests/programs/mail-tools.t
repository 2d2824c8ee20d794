#!/usr/bin/perl
# The small programs for people who send and keep mail (queue 5.1): predate, datemail, mailsubj, qreceipt,
# maildirmake, maildir2mbox.
use strict;
use warnings;
use Cwd qw(getcwd);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Fcntl qw(:flock);
use POSIX ();
use Qferry::Test;
use Test::More;

my $home  = instance(me => "me.example\n", defaulthost => "h.example\n", defaultdomain => "example\n");
my $queue = use_store_queue($home);
my %env   = (QMAILQUEUE => $queue, USER => 'joe', TZ => 'EST5EDT');
my $dir   = temp_dir();
my $stored = 0;

sub tool {
	my ($argv, %with) = @_;
	return run_program($argv, home => $home, %with, env => { %env, %{ $with{env} || {} } });
}

sub queued {
	my @all = stored_messages($home);
	return undef if @all == $stored;
	$stored = @all;
	return $all[-1];
}

# What is read from descriptor 0 ends with an error: a directory does that.
sub unreadable { open my $in, '<', $dir or die "$dir: $!"; return (fds => { 0 => $in }) }

# --- predate, datemail --------------------------------------------------------------------------

my $when = qr/(?:[1-9]|[12]\d|3[01]) [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d/;
{
	my $run = tool([qw(predate cat)], in => "Subject: x\n\nbody");
	like $run->{out}, qr/\ADate: $when -0[45]00\nSubject: x\n\nbody\z/, 'predate: the field in front of the message';
	is $run->{exit}, 0, 'and exit 0';
	for my $zone ([ 'UTC0', '+0000' ], [ 'XYZ-05:45', '+0545' ], [ 'XYZ3:30', '-0330' ], [ 'XYZ-14', '+1400' ]) {
		like tool([qw(predate cat)], in => '', env => { TZ => $zone->[0] })->{out}, qr/ \Q$zone->[1]\E\n\z/, "zone $zone->[0]";
	}
	my ($day, $clock) = tool([qw(predate cat)], in => '')->{out} =~ /\ADate: (\d+ \w+ \d+) (\S+) /;
	my ($utc, $utcclock) = tool([qw(predate cat)], in => '', env => { TZ => 'UTC0' })->{out} =~ /\ADate: (\d+ \w+ \d+) (\S+) /;
	isnt $clock, $utcclock, 'the clock is that of the zone';
	is tool([ 'predate', 'sh', '-c', 'exit 17' ], in => 'x' x 200_000)->{exit}, 17, "the program's exit code, even if it reads nothing";
	is tool([ 'predate', 'sh', '-c', 'kill -9 $$' ], in => '')->{exit}, 111, 'a program that is killed';
	is tool([ 'predate', "$dir/none" ], in => '')->{exit}, 111, 'a program that does not exist';
	$run = tool(['predate'], in => '');
	is $run->{exit}, 100, 'no program';
	is $run->{err}, "predate: usage: predate child\n", 'and what is said';
	is length tool([qw(predate cat)], in => 'y' x 300_000)->{out}, 300_000 + length(tool([qw(predate cat)], in => '')->{out}), 'a long message';
	# An end that is none: the program must not take the half for the whole.
	$run = tool([ 'predate', 'sh', '-c', "cat >$dir/got; echo all >$dir/done" ], unreadable());
	is $run->{exit}, 111, 'a message that cannot be read';
	ok !-e "$dir/done", 'and the program saw no end';
}
{
	my $run = tool([qw(datemail -t)], in => "To: ann\nSubject: s\n\nbody\n");
	is $run->{exit}, 0, 'datemail' or diag $run->{err};
	my $message = queued();
	like $message->{message}, qr/^Date: $when -0[45]00$/m, 'a local date';
	is_deeply $message->{recipients}, ['ann@h.example'], 'the recipient of the header';
	is tool([ 'datemail', '-fme@x.y', 'bob@b.example' ], in => "\n")->{exit}, 0, 'datemail with arguments';
	$message = queued();
	is_deeply [ $message->{sender}, @{ $message->{recipients} } ], [qw(me@x.y bob@b.example)], 'are those of sendmail';
	is tool([ 'datemail', '-bd' ], in => '')->{exit}, 100, 'and so are its refusals';
}

# --- mailsubj -----------------------------------------------------------------------------------

{
	my $run = tool([ 'mailsubj', 'a  subject', 'ann', 'Bob B <bob@b.example>', 'c@d' ], in => "body\n");
	is $run->{exit}, 0, 'mailsubj' or diag $run->{err};
	my $message = queued();
	is_deeply [ sort @{ $message->{recipients} } ], [qw(ann@h.example bob@b.example c@d.example)], 'all recipients, with names or not';
	like $message->{message}, qr/^Subject: a  subject\nTo: ann\@h\.example, Bob B <bob\@b\.example>, c\@d\.example\n\nbody\n\z/m, 'the message';
	is tool([ 'mailsubj', "x\nBcc: evil\@e.example", "a\n" ], in => "\n")->{exit}, 0, 'line ends in arguments';
	$message = queued();
	is_deeply $message->{recipients}, ['a@h.example'], 'make no field';
	like $message->{message}, qr/^Subject: x Bcc: evil\@e\.example$/m, 'but blanks';
	for my $args ([], ['subject']) {
		$run = tool([ 'mailsubj', @$args ], in => "\n");
		is $run->{exit}, 100, @$args . ' arguments';
		is queued(), undef, 'send nothing';
	}
	is tool([qw(mailsubj s a)], unreadable())->{exit}, 111, 'a body that cannot be read';
	is queued(), undef, 'sends nothing';
	is tool([ 'mailsubj', 's', '(a' ], in => "\n")->{exit}, 100, "qmail-inject's refusal";
}

# --- qreceipt -----------------------------------------------------------------------------------

my $asked = "Message-ID: <1\@x>\nNotice-Requested-Upon-Delivery-To: Joe <joe\@j.example>,\n  (c) ann\@a.example\n\nbody\n";

sub receipt {
	my ($in, %with) = @_;
	return tool([ 'qreceipt', defined $with{for} ? $with{for} : 'joe@j.example' ], in => $in, env => { SENDER => 'her friend@s.example', %{ $with{env} || {} } });
}
{
	is receipt($asked)->{exit}, 0, 'qreceipt';
	my $message = queued();
	is_deeply [ $message->{sender}, @{ $message->{recipients} } ], [ '', 'her friend@s.example' ], 'a notice to the sender, from nobody';
	like $message->{message}, qr/\ADate: $when -0000\nFrom: DELIVERY NOTICE SYSTEM <"her friend"\@s\.example>\nTo: <"her friend"\@s\.example>\nSubject: success notice\nAuto-Submitted: auto-replied\n\n/, 'its header';
	like $message->{message}, qr/following address: joe\@j\.example\. Thanks for asking\.\nYour Message-ID: <1\@x>\n\z/, 'and body';
	is receipt($asked, for => 'ann@a.example')->{exit}, 0, 'another address of the field';
	ok queued(), 'is told, too';
	for my $case (
		[ 'another address', $asked, for => 'x@j.example' ],
		[ 'no field',        "Message-ID: <1\@x>\n\nNotice-Requested-Upon-Delivery-To: joe\@j.example\n" ],
		[ 'a bounce',        $asked, env => { SENDER => '' } ],
		[ 'a double bounce', $asked, env => { SENDER => '#@[]' } ],
		[ 'a field that cannot be parsed', "Notice-Requested-Upon-Delivery-To: joe\@j.example, (\n\n" ],
	) {
		my ($name, $in, %with) = @$case;
		is receipt($in, %with)->{exit}, 0, "$name: exit";
		is queued(), undef, "$name: no notice";
	}
	is receipt($asked, env => { SENDER => undef })->{exit}, 100, 'no $SENDER';
	is tool(['qreceipt'], in => $asked, env => { SENDER => 'a@b' })->{exit}, 100, 'no address';
	for my $case ([ 31, 100 ], [ 53, 111 ]) {
		spit("$home/stored/exit", $case->[0]);
		is receipt($asked)->{exit}, $case->[1], "the queue program's exit $case->[0]";
		unlink "$home/stored/exit";
	}
	is tool([ 'qreceipt', 'a@b' ], env => { SENDER => 'a@b' }, unreadable())->{exit}, 111, 'a message that cannot be read';
}

# --- maildirmake --------------------------------------------------------------------------------

{
	my $box = "$dir/box";
	umask 0;
	is tool([ 'maildirmake', $box ])->{exit}, 0, 'maildirmake';
	is_deeply [ map { sprintf '%o', (stat $_)[2] & 07777 } $box, map { "$box/$_" } qw(tmp new cur) ], [ (700) x 4 ], 'four directories, for the owner alone';
	my $run = tool([ 'maildirmake', $box ]);
	is $run->{exit}, 111, 'one that is there';
	like $run->{err}, qr/^maildirmake: fatal: unable to mkdir \Q$box\E: File exists$/, 'and what is said';
	is tool([ 'maildirmake', 'rel/' ], dir => $dir)->{exit}, 0, 'a relative name with a slash behind it';
	ok -d "$dir/rel/new", 'is made there';
	is tool(['maildirmake'])->{exit}, 100, 'no name';
	is tool([ 'maildirmake', '-x', "$dir/x" ])->{exit}, 100, 'an unknown option';
	is tool([ 'maildirmake', "$dir/a", "$dir/b" ])->{exit}, 100, 'two names';
	is tool([ 'maildirmake', '-f', 'lists.qmail', $box ])->{exit}, 0, 'a folder';
	ok -d "$box/.lists.qmail/$_", "with $_" for qw(tmp new cur);
	is -s "$box/.lists.qmail/maildirfolder", 0, 'and the file that says so';
	for my $bad ('', '.x', 'a/b', 'a..b', 'a.') {
		is tool([ 'maildirmake', '-f', $bad, $box ])->{exit}, 111, "no folder '$bad'";
	}
	is tool([ 'maildirmake', '-f', 'x', $dir ])->{exit}, 111, 'a folder in what is no Maildir';
	# A quota, as Courier's sets it: of a new Maildir, and of one with mail in it.
	for my $case ([ '1000000S,50C', '1000000S,50C' ], [ '10M', '10485760S' ], [ '7C', '7C' ], [ '5000', '5000S' ]) {
		system 'rm', '-rf', "$dir/quota";
		is tool([ 'maildirmake', '-q', $case->[0], "$dir/quota" ])->{exit}, 0, "-q $case->[0]";
		ok -d "$dir/quota/new", 'makes it';
		is slurp("$dir/quota/maildirsize"), "$case->[1]\n0 0\n", 'with the account';
	}
	spit("$dir/quota/new/1", 'x' x 10);
	spit("$dir/quota/cur/2,S=90:2,S", 'x');
	spit("$dir/quota/cur/3:2,T", 'x');
	is tool([ 'maildirmake', '-q', '3000S', "$dir/quota" ])->{exit}, 0, 'another quota for one that is there';
	is slurp("$dir/quota/maildirsize"), "3000S\n100 2\n", 'with what is in it';
	is_deeply [ glob join('/', $dir, 'quota', 'tmp', '*') ], [], 'nothing else is left';
	is tool([ 'maildirmake', '-q', 'NOQUOTA', "$dir/quota" ])->{exit}, 0, 'no quota';
	ok !-e "$dir/quota/maildirsize", 'and no account';
	my $none = tool([ 'maildirmake', '-q', 'lots', "$dir/quota" ]);
	is "$none->{exit} $none->{err}", "111 maildirmake: fatal: not a quota, as 50000000S,1000C: lots\n", 'what is no quota';
	# The path is so long that its parts cannot be made: it is as if nothing had been tried.
	my $long = $dir . '/' . join '/', map { 'n' x 200 } 1 .. 19;
	system 'mkdir', '-p', $long;
	my $name = 'n' x (4094 - length $long);
	is tool([ 'maildirmake', "$long/$name" ])->{exit}, 111, 'parts that cannot be made' if length $name <= 255;
	ok !-e "$long/$name", 'the whole is gone again';
}

# --- maildir2mbox -------------------------------------------------------------------------------

my $nobody = 'X' x 3;
my %paths = (MAILDIR => "$dir/Maildir", MAIL => "$dir/Mailbox", MAILTMP => "$dir/Mailbox.tmp");
my $time  = 1_000_000_000;

sub fresh {
	my (%files) = @_;
	system 'rm', '-rf', values %paths;
	mkdir "$paths{MAILDIR}$_" for '', '/tmp', '/new', '/cur';
	for my $name (keys %files) {
		my ($age, $text) = @{ $files{$name} };
		spit("$paths{MAILDIR}/$name", $text);
		utime $time - $age, $time - $age, "$paths{MAILDIR}/$name";
	}
}

sub move { return tool(['maildir2mbox'], env => { %paths, @_ }) }
sub left { return scalar(() = glob "$paths{MAILDIR}/{new,cur}/*") }
{
	fresh('new/b' => [ 10, "Return-Path: <a b\@c.d>\nFrom: x\n\n>From y\nFrom z\nlast" ], 'cur/a:2,S' => [ 0, "Subject: two\n\n" ],
		'new/c' => [ 20, "Return-Path: <>\n\nFrom " ]);
	my $run = move();
	is $run->{exit}, 0, 'maildir2mbox' or diag $run->{err};
	is slurp($paths{MAIL}), "From MAILER-DAEMON Sun Sep 09 01:46:20 2001\nReturn-Path: <>\n\n>From \n\n"
	  . "From a-b\@c.d Sun Sep 09 01:46:30 2001\nReturn-Path: <a b\@c.d>\nFrom: x\n\n>>From y\n>From z\nlast\n\n"
	  . "From $nobody Sun Sep 09 01:46:40 2001\nSubject: two\n\n\n", 'the oldest first, quoted';
	is left(), 0, 'the Maildir is empty';
	is sprintf('%o', (stat $paths{MAIL})[2] & 07777), '600', 'for the owner alone';
	ok !-e $paths{MAILTMP}, 'nothing else is left';

	my $inode = (stat $paths{MAIL})[1];
	chmod 0640, $paths{MAIL};
	spit("$paths{MAILDIR}/new/d", "Subject: three\n\nx\n");
	utime $time, $time, "$paths{MAILDIR}/new/d";
	my $before = slurp($paths{MAIL});
	is move()->{exit}, 0, 'to an mbox with mail in it';
	is slurp($paths{MAIL}), $before . "From $nobody Sun Sep 09 01:46:40 2001\nSubject: three\n\nx\n\n", 'behind it';
	is_deeply [ (stat $paths{MAIL})[1], (stat _)[2] & 07777 ], [ $inode, 0640 ], 'it is the same file: a delivery that waits for its lock is not lost';
	is move()->{exit}, 0, 'with nothing to do';
	unlink $paths{MAIL};
	is move()->{exit}, 0, 'it does nothing';
	ok !-e $paths{MAIL}, 'no mbox is made';
}
for my $case ([ 'x', "x\n\n" ], [ "x\n", "x\n\n" ], [ "x\n\n", "x\n\n" ], [ "\n", "\n\n" ], [ '', '' ]) {
	fresh('new/a' => [ 0, "S: 1\n" ]);
	spit($paths{MAIL}, $case->[0]);
	is move()->{exit}, 0, 'an mbox that does not end as it should';
	is slurp($paths{MAIL}), "$case->[1]From $nobody Sun Sep 09 01:46:40 2001\nS: 1\n\n", 'is mended';
}
{
	fresh('new/a' => [ 0, "S: 1\n" ]);
	spit("$paths{MAILDIR}/new/now", "S: 2\n");
	utime time + 1000, time + 1000, "$paths{MAILDIR}/new/now";
	my %tmp = map { $_ => spit(join('/', $paths{MAILDIR}, 'tmp', $_), 'x') } qw(old young);
	utime time - 36 * 3600 - 60, time, $tmp{old};
	move();
	is_deeply [ map { s{.*/}{}r } glob "$paths{MAILDIR}/*/*" ], [qw(now young)], 'what has just come stays, what was forgotten goes';
}
for my $name (sort keys %paths) {
	fresh('new/a' => [ 0, "S: 1\n" ]);
	my $run = move($name => undef);
	is $run->{exit}, 111, "no \$$name";
	is $run->{err}, "maildir2mbox: fatal: $name not set\n", 'and what is said';
	is left(), 1, 'the message stays';
}
for my $case (
	[ 'the same file twice', MAILTMP => $paths{MAIL} ],
	[ 'a directory as mbox', MAIL    => $dir ],
	[ 'an mbox nowhere',     MAIL    => "$dir/none/x" ],
	[ 'a work file nowhere', MAILTMP => "$dir/none/x" ],
	[ 'no Maildir',          MAILDIR => "$dir/none" ]) {
	my ($name, @with) = @$case;
	fresh('new/a' => [ 0, "S: 1\n" ]);
	spit($paths{MAIL}, "old\n\n");
	is move(@with)->{exit}, 111, $name;
	is left(), 1, 'the message stays';
	is slurp($paths{MAIL}), "old\n\n", 'and so does the mbox';
}
{
	# Locked: it waits; what is written meanwhile is not lost.
	fresh('new/a' => [ 0, "S: 1\n" ]);
	spit($paths{MAIL}, "old\n\n");
	open my $mbox, '>>', $paths{MAIL} or die;
	flock $mbox, LOCK_EX;
	pipe my $end, my $alive;
	my $pid = start_program(['maildir2mbox'], home => $home, env => { %paths }, fds => { 1 => $alive });
	close $alive;
	wait_until(sub { -e "/proc/$pid/fd" && grep { (readlink $_ // '') eq $paths{MAIL} } glob "/proc/$pid/fd/*" }) if -d '/proc/self/fd';
	syswrite $mbox, "more\n\n";
	close $mbox;
	sysread $end, my $nothing, 1;
	waitpid $pid, 0;
	is slurp($paths{MAIL}), "old\n\nmore\n\nFrom $nobody Sun Sep 09 01:46:40 2001\nS: 1\n\n", 'it waits for the lock';
}
SKIP: {
	skip 'no prlimit', 4 unless -x '/usr/bin/prlimit';
	fresh('new/a' => [ 5, "S: 1\n" ], 'new/b' => [ 0, 'x' x 3000 ]);
	my $old = 'y' x 40_000 . "\n\n";
	spit($paths{MAIL}, $old);
	my $run = tool([ '/bin/sh', '-c', "trap '' XFSZ; exec prlimit --fsize=41000 " . program('maildir2mbox') ], env => { %paths });
	is $run->{exit}, 111, 'no room for all of it';
	is slurp($paths{MAIL}), $old, 'the mbox is as it was';
	is left(), 2, 'and so is the Maildir';
	is move()->{exit}, 0, 'later there is room';
}

done_testing;
