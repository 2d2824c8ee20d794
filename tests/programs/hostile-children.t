#!/usr/bin/perl
# What qmail-smtpd starts or asks, and that does its worst: password checker, recipient checker, plugin, queue
# program, scanners (inbound 4.2, 5.9, 5.11, 5.12, 2.3; doc/hostile-input).  They write without end, never read, hang,
# close everything, end by every signal and with every code, leave somebody behind.  The session ends or goes on with
# whole replies; who could not find out defers; nothing is stored that was not answered with 250.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::UNIX;
use POSIX ();
use Qferry::Hostile;
use Qferry::Test;
use Test::More;

$SIG{PIPE} = 'IGNORE';
$SIG{$_} = 'DEFAULT' for qw(HUP INT QUIT TERM ALRM USR1 USR2); # whatever started us ignores

# One program for all parts: $EVIL says what it does; of "next" it is the first line of a file, which goes.
my $EVIL = <<'END';
#!/bin/sh
unlimited() { ulimit -S -v unlimited; }
do=$EVIL
if [ "$do" = next ]; then
	do=$(head -n 1 "$QMAILHOME/todo")
	sed -i 1d "$QMAILHOME/todo"
fi
flood() { eval "head -c 3000000 /dev/zero | tr '\0' '\377' >&$1"; }
case $do in
	exit*) exit ${do#exit};;
	signal*) kill -${do#signal} $$; exit 7;;
	flood*) flood ${do#flood}; exit 0;;
	full*) head -c 9000 /dev/zero >&${do#full}; exit 0;;
	controls*) printf '550 a\r250 b\0c\n250 d\001\377\n' >&${do#controls}; exit ${CODE:-0};;
	hang) exec sleep 60;;
	stop) kill -STOP $$; exit 0;;
	deaf) trap '' TERM INT HUP QUIT ALRM PIPE; sleep 60 & echo $! >>"$QMAILHOME/left"; wait; exit 0;;
	close) exec 0<&- 1<&- 2<&- 3<&- 4<&- 5<&- 6<&-; exec sleep 60;;
	child*) sleep 60 & echo $! >>"$QMAILHOME/left"; exit ${do#child};;
	halfhang) cat >/dev/null; exec sleep 60;;
	readhang) head -c 1000 >/dev/null; exec sleep 60;;
	wholehang) cat >/dev/null; cat <&1 >/dev/null; exec sleep 60;;
	wholeclosed) cat >/dev/null; cat <&1 >/dev/null; exec 4>&- 6>&-; exec sleep 60;;
	read*) head -c ${do#read} >/dev/null; exit ${CODE:-0};;
	message*) cat >/dev/null; exit ${do#message};;
	whole*) cat >/dev/null; cat <&1 >/dev/null; exit ${do#whole};;
	half) cat >/dev/null; head -c 3 <&1 >/dev/null; exit 0;;
	error*) cat >/dev/null; cat <&1 >/dev/null; flood 6; exit ${do#error};;
	text*) cat >/dev/null; cat <&1 >/dev/null; printf "$TEXT" >&6; exit ${do#text};;
esac
exit 0
END

sub evil_home {
	my (%controls) = @_;
	my $limits = 'auth_delay_ms:1' . (defined $controls{limits} ? "\n$controls{limits}" : '');
	my $home = instance(me => "mx.example.net\n", rcpthosts => "example.net\n", %controls, limits => "$limits\n");
	spit("$home/evil", $EVIL, 0755);
	spit("$home/todo", '');
	return $home;
}

# End what was left behind; until then it holds the log.
sub end_left { my ($home) = @_; kill 'KILL', split ' ', slurp("$home/left") // '' }

# The commands are said at once; the replies, without the greeting.
sub replies {
	my ($home, $commands, %with) = @_;
	my $s = session($home, %with);
	say_it($s, join '', @$commands);
	hang_up($s, 'half');
	hear($s);
	end_left($home);
	my $problems = problems_of($s, any_log => $with{any_log});
	my (undef, @replies) = split /\r\n/, $s->{out};
	return ($problems, @replies);
}

# No signal of these ends a program, or it ends the test as well.
my @signals = grep { !/^(?:17|18|19|20|21|22|23|28)$/ } 1 .. 31;

# --- the password checker -----------------------------------------------------------------------

sub check {
	my ($do, $reply, %with) = @_;
	my $home = evil_home(timeoutsmtpd => ($with{slow} ? "1\n" : "60\n"));
	my ($problems, $said) = replies($home, ["AUTH PLAIN AGpvZQBzZWNyZXQ=\r\n", "MAIL FROM:<a\@b>\r\n", "QUIT\r\n"],
		argv => [ 'qmail-smtpd', "$home/evil", 'true' ], env => { EVIL => $do, %with }, any_log => 1);
	is $problems, '', "password checker, $do: the session is well";
	like $said, $reply, 'and answered';
}
my $accepted = qr/^235 /;
my $unknown  = qr/^454 /;
check(@$_) for (
	[ exit0     => $accepted ],
	[ flood1    => $accepted ],
	[ flood2    => $accepted ],
	[ flood5    => $unknown, slow => 1 ],
	[ full5     => $unknown ],
	[ controls5 => $accepted ],
	[ controls5 => qr/^535 /, CODE => 1 ],
	[ hang      => $unknown, slow => 1 ],
	[ stop      => $unknown, slow => 1 ],
	[ deaf      => $unknown, slow => 1 ],
	[ close     => $unknown, slow => 1 ],
	[ child0    => $accepted ],
	[ child1    => qr/^535 / ],
	[ read3     => $accepted ],
);

{
	my $home = evil_home(authguesses => "1000\n");
	my @do = (map({ "signal$_" } @signals), map({ "exit$_" } reverse 0 .. 255));
	spit("$home/todo", join '', map { "$_\n" } @do);
	my ($problems, @said) = replies($home, [ map { "AUTH PLAIN AGpvZQBzZWNyZXQ=\r\n" } @do ],
		argv => [ 'qmail-smtpd', "$home/evil", 'true' ], env => { EVIL => 'next' });
	is $problems, '', 'password checker, every signal and every code';
	my %known = (exit0 => 235, exit1 => 535, exit3 => 535);
	my %is = map { $do[$_] => substr $said[$_] // '', 0, 3 } 0 .. $#do;
	is_deeply \%is, { map { $_ => $known{$_} || 454 } @do }, 'only 0 is a yes, only 1 (and 3) a no';
}

# --- the recipient checker ----------------------------------------------------------------------

my @envelope = ("MAIL FROM:<a\@sender.example>\r\n", "RCPT TO:<x\@example.net>\r\n");

# What the recipient is answered with, and whether the session goes on.
sub rcptcheck {
	my ($do, $reply, %with) = @_;
	my $home = evil_home(limits => 'program:' . ($with{slow} ? 1 : 60));
	my ($problems, $mail, $said, $next) = replies($home, [ @envelope, "NOOP\r\n", "QUIT\r\n" ],
		env => { RCPTCHECK => "$home/evil", EVIL => $do, QDIALECT => 'sagredo', %with }, any_log => 1);
	is $problems, '', "recipient checker, $do: the session is well";
	like $said, $reply, 'and answered';
	like $next // 'end', $said =~ /^421/ ? qr/^end$/ : qr/^250 ok$/, 'ended or going on';
}
rcptcheck(@$_) for (
	[ flood1    => qr/^250 / ],
	[ flood2    => qr/^250 / ],
	[ flood4    => qr/^421 / ],
	[ full4     => qr/^250 / ],
	[ controls4 => qr/^250 / ],
	[ controls4 => qr/^550 a250 bc$/, CODE => 100 ],
	[ hang      => qr/^421 /, slow => 1 ],
	[ stop      => qr/^421 /, slow => 1 ],
	[ deaf      => qr/^421 /, slow => 1 ],
	[ close     => qr/^421 /, slow => 1 ],
	[ child0    => qr/^250 / ],
	[ child100  => qr/^550 / ],
);
for my $dialect ('notqmail', 'jms1', 'sagredo') {
	my %code = (100 => $dialect eq 'sagredo' ? 550 : 553, 111 => $dialect eq 'jms1' ? 450 : 421, 120 => 421,
		$dialect eq 'sagredo' ? (113 => 421) : ());
	my @going_on = map { "exit$_" } grep { ($code{$_} || 0) != 421 } 0 .. 255;
	my $home = evil_home();
	spit("$home/todo", join '', map { "$_\n" } @going_on);
	my ($problems, $mail, @said) = replies($home, [ $envelope[0], map({ "RCPT TO:<$_\@example.net>\r\n" } @going_on), "DATA\r\nx\r\n.\r\n" ],
		env => { RCPTCHECK => "$home/evil", EVIL => 'next', QDIALECT => $dialect });
	is $problems, '', "recipient checker, $dialect, every code";
	my %wrong = map { $going_on[$_] => $said[$_] } grep { $said[$_] !~ ('^' . ($code{ $going_on[$_] =~ /(\d+)/ ? $1 : '' } || 250)) } 0 .. $#going_on;
	is_deeply \%wrong, {}, 'is answered as it should be';
	my ($stored) = stored_messages($home);
	is_deeply $stored->{recipients}, [ map { "$_\@example.net" } grep { my ($n) = /(\d+)/; !$code{$n} } @going_on ], 'who was accepted is stored, nobody else';
}
{
	my %wrong;
	for my $do (map({ "signal$_" } @signals), 'exit111', 'exit113', 'exit120') {
		my $home = evil_home();
		my ($problems, $mail, @said) = replies($home, [ @envelope, "NOOP\r\n" ],
			env => { RCPTCHECK => "$home/evil", EVIL => $do, QDIALECT => 'sagredo' });
		$wrong{$do} = "$problems: @said" if $problems ne '' || @said != 1 || $said[0] !~ /^421 /;
	}
	is_deeply \%wrong, {}, 'recipient checker, every signal: 421, and the end';
}

# --- a plugin -----------------------------------------------------------------------------------

{
	my $home = evil_home(smtpplugins => "[mail]\nevil\n");
	my @do = (map({ "signal$_" } @signals), map({ "exit$_" } 0 .. 255));
	spit("$home/todo", join '', map { "$_\n" } @do);
	my ($problems, @said) = replies($home, [ map { "MAIL FROM:<a\@b>\r\n" } @do ], env => { ENABLE_SPP => 1, EVIL => 'next' });
	is $problems, '', 'plugin, every signal and every code';
	my %is = map { $do[$_] => substr $said[$_] // '', 0, 3 } 0 .. $#do;
	is_deeply \%is, { map { $_ => /signal|exit120/ ? 451 : 250 } @do }, 'a crash defers, a code means nothing';
}
for my $case ([ flood1 => qr/^451 / ], [ flood2 => qr/^250 / ], [ stop => qr/^451 /, 1 ], [ deaf => qr/^451 /, 1 ], [ close => qr/^451 /, 1 ],
	[ child0 => qr/^250 / ]) {
	my ($do, $reply, $slow) = @$case;
	my $home = evil_home(smtpplugins => "[mail]\nevil\n", limits => 'program:' . ($slow ? 1 : 60));
	my ($problems, $said) = replies($home, [ $envelope[0], "NOOP\r\n", "QUIT\r\n" ], env => { ENABLE_SPP => 1, EVIL => $do }, any_log => 1);
	is $problems, '', "plugin, $do: the session is well";
	like $said, $reply, 'and answered';
}

# --- the queue program --------------------------------------------------------------------------

my $large = "Subject: x\r\n\r\n" . ('x' x 76 . "\r\n") x 4000;

# What the message is answered with, and what comes then.
sub submit {
	my ($do, $reply, %with) = @_;
	my $home = evil_home(limits => 'session:' . ($with{slow} ? 1 : 60));
	my $body = $with{large} ? $large : "x\r\n";
	my ($problems, undef, undef, undef, $said, $next) = replies($home, [ @envelope, "DATA\r\n", "$body.\r\n", "QUIT\r\n" ],
		env => { QMAILQUEUE => "$home/evil", EVIL => $do, %with }, any_log => 1);
	is $problems, '', "queue program, $do" . ($with{large} ? ', a large message' : '') . ': the session is well';
	like $said, $reply, 'and answered';
	like $next // $said, $with{slow} ? qr/^421 / : qr/^221 /, 'and goes on, or has taken too long';
}
my $taken = qr/^250 ok \d+ qp \d+$/;
my $short = qr/^451 qq read error \(#4\.3\.0\)$/;
my $late  = qr/^(?:451 qq timeout \(#4\.3\.0\)|421 session has lasted too long.*)$/;
my $either = qr/^(?:250 ok|451 qq read error)/; # who ends unread may do so before or after we have written (D35)
submit(@$_) for (
	[ exit0     => $either ],
	[ exit0     => $short, large => 1 ],
	[ read9     => $either ],
	[ read9     => $short, large => 1 ],
	[ read9     => qr/^554 /, large => 1, CODE => 31 ],
	[ message0  => $either, large => 1 ],
	[ message53 => qr/^451 qq write error/, large => 1 ],
	[ half      => $either, large => 1 ],
	[ whole0    => $taken, large => 1 ],
	[ flood2    => $either ],
	[ flood6    => $either ],
	[ error0    => $taken ],
	[ error31   => qr/^554 mail server permanently rejected/ ],
	[ error82   => qr/^451 \xff{254}$/ ],
	[ text82    => qr/^451 no250 ok$/, TEXT => 'Zno\r\n250 ok\r\n\0\0' ],
	[ text82    => qr/^554 \xc3\xa4$/, TEXT => 'D\303\244\000\033\177' ],
	[ text82    => qr/^451 qq temporary problem/, TEXT => 'D\r\n\0\033' ],
	[ child0    => $either ],
	[ child31   => qr/^554 / ],
	[ hang      => $late, slow => 1 ],
	[ hang      => $late, slow => 1, large => 1 ],
	[ readhang  => $late, slow => 1, large => 1 ],
	[ halfhang  => $late, slow => 1 ],
	[ wholehang => $late, slow => 1 ],
	[ wholeclosed => $late, slow => 1 ],
	[ stop      => $late, slow => 1 ],
	[ deaf      => $late, slow => 1 ],
	[ close     => $late, slow => 1 ],
);
{
	my $home = evil_home(limits => 'errors:1000');
	my @do = (map({ "signal$_" } grep { $_ != 13 } @signals), map({ "whole$_" } 0 .. 255)); # it gets SIGPIPE ignored
	spit("$home/todo", join '', map { "$_\n" } @do);
	my ($problems, @said) = replies($home, [ (@envelope, "DATA\r\nx\r\n.\r\n") x @do ], env => { QMAILQUEUE => "$home/evil", EVIL => 'next' });
	is $problems, '', 'queue program, every signal and every code';
	my @verdicts = map { $said[ $_ * 4 + 3 ] // '' } 0 .. $#do;
	my %wrong;
	for my $i (0 .. $#do) {
		my ($kind, $n) = $do[$i] =~ /([a-z]+)(\d+)/;
		my $should = $kind eq 'signal' ? '451 qq crashed' : $n == 0 ? '250 ok' : $n == 115 || ($n >= 11 && $n <= 40) ? '554 ' : '451 ';
		$wrong{ $do[$i] } = $verdicts[$i] if index($verdicts[$i], $should) != 0;
	}
	is_deeply \%wrong, {}, 'is answered as the table says';
}

# --- scanners -----------------------------------------------------------------------------------

# A scanner that listens on scan.sock; `code` gets each connection, once its command is there.
sub scanner {
	my ($home, $code) = @_;
	my $listener = IO::Socket::UNIX->new(Local => "$home/scan.sock", Listen => 1) or die "scan.sock: $!";
	my $pid = fork // die;
	return $pid if $pid;
	$SIG{ALRM} = sub { POSIX::_exit(0) };
	alarm 30;
	while (my $connection = $code && $listener->accept) { $code->($connection) }
	sleep 30;
	POSIX::_exit(0);
}

sub swallow {
	my ($c) = @_;
	while (sysread $c, my $octets, 65_536) { last if $octets =~ /\0\0\0\0\z/ }
}

sub dribble { my ($c, $octets) = @_; for (1 .. 400) { syswrite $c, $octets or last; select undef, undef, undef, 0.05 } }

for my $case (
	# how it acts; clamd defers, spamd lets pass
	[ 'that does not accept',          undef ],
	[ 'that does not read',            sub { sleep 30 } ],
	[ 'that reads a little',           sub { sysread $_[0], my $x, 100; sleep 30 } ],
	[ 'that reads everything and hangs', sub { swallow($_[0]); sleep 30 } ],
	[ 'that answers by drops',         sub { swallow($_[0]); dribble($_[0], 's') } ],
	[ 'that answers without end',      sub { swallow($_[0]); 1 while syswrite $_[0], 'stream: ' . 'x' x 60_000 } ],
	[ 'that answers in lines without end', sub { swallow($_[0]); syswrite $_[0], "SPAMD/1.1 0 EX_OK\r\n"; 1 while syswrite $_[0], "X: y\r\n" x 10_000 } ],
	[ 'that closes at once',           sub { close $_[0] } ],
	[ 'that resets',                   sub { sysread $_[0], my $x, 10; close $_[0] } ],
	[ 'that answers half',             sub { swallow($_[0]); syswrite $_[0], 'SPAMD/1.1 0 EX_O'; close $_[0] } ],
	[ 'that speaks HTTP',              sub { swallow($_[0]); syswrite $_[0], "HTTP/1.1 200 OK\r\n\r\nSpam: True ; 9 / 5\r\n\r\n"; close $_[0] } ],
	[ 'of a great length',             sub { swallow($_[0]); syswrite $_[0], "SPAMD/1.1 0 EX_OK\r\nContent-length: 18446744073709551616\r\nSpam: True ; 9 / 5\r\n\r\nA"; close $_[0] } ],
	[ 'of a score that is none',       sub { swallow($_[0]); syswrite $_[0], "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 9e9 / 5\r\n\r\nA"; close $_[0] } ],
	[ 'that is content too early',     sub { sysread $_[0], my $x, 100; syswrite $_[0], "stream: OK\0"; close $_[0] } ],
) {
	my ($name, $code) = @$case;
	for my $kind (qw(clamd spamd)) {
		my $home = evil_home($kind => "./scan.sock\n", scantimeout => "1\n", spamreject => "5\n");
		my $pid = scanner($home, $code);
		my ($problems, undef, undef, undef, $said) = replies($home, [ @envelope, "DATA\r\n", "$large.\r\n", "QUIT\r\n" ]);
		kill 'KILL', $pid;
		waitpid $pid, 0;
		is $problems, '', "a $kind $name: the session is well";
		like $said, $kind eq 'clamd' ? qr/^451 sorry, the virus scanner does not answer/ : $taken, $kind eq 'clamd' ? 'and deferred' : 'and taken';
		is scalar stored_messages($home), $kind eq 'clamd' ? 0 : 1, 'and stored or not';
	}
}

done_testing;
