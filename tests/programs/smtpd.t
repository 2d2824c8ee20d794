#!/usr/bin/perl
# qmail-smtpd where a transcript cannot say it: signals, time, descriptors, memory, the queue
# program's surroundings (inbound 1.1.7, 1.3, 2.1, D3, D31, D37).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Errno;
use IO::Handle;
use IO::Select;
use POSIX ();
use Qferry::Test;
use Socket;
use Test::More;

$SIG{PIPE} = 'IGNORE';

# A session over a socketpair: { pid, net, err (a path), home }.  `fds` names what else to give.
sub session {
	my ($home, %with) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!";
	my $dir = temp_dir();
	open my $err, '>', "$dir/err" or die;
	$ours->autoflush(1);
	my $pid = start_program($with{argv} || ['qmail-smtpd'], home => $home,
		env => { QMAILQUEUE => use_store_queue($home), %{ $with{env} || {} } },
		fds => { 0 => $theirs, 1 => $theirs, 2 => $with{stderr_too} ? $theirs : $err });
	close $theirs;
	return { pid => $pid, net => $ours, err => "$dir/err", home => $home };
}

# Read until the text matches, or the end; what was read since the last time.
sub hear {
	my ($s, $until) = @_;
	my $text = '';
	my $select = IO::Select->new($s->{net});
	while (!defined $until || $text !~ $until) {
		last unless $select->can_read(20);
		last unless sysread $s->{net}, $text, 65536, length $text;
	}
	return $text;
}

sub say_it { my ($s, $text) = @_; syswrite $s->{net}, $text; return }

sub finish { my ($s) = @_; my ($exit, $signal) = finish_program($s->{pid}); return $signal ? "signal $signal" : $exit }

my @envelope = ("MAIL FROM:<a\@b>\r\n", "RCPT TO:<x\@example.net>\r\n");
my $ok = qr/250 ok\r\n\z/;

sub into_data {
	my ($s) = @_;
	hear($s, qr/^220 .*\n/);
	say_it($s, join '', @envelope, "DATA\r\n");
	return hear($s, qr/354 go ahead\r\n\z/);
}

sub plain_home { return instance(me => "mx.example.net\n", rcpthosts => "example.net\n", @_) }

# --- SIGTERM ---
{
	my $s = session(plain_home());
	hear($s, qr/^220 .*\n/);
	say_it($s, "NOOP\r\n");
	hear($s, $ok);
	kill 'TERM', $s->{pid};
	is hear($s), "421 service shutting down, please try again (#4.3.2)\r\n", 'SIGTERM between transactions is told';
	is finish($s), 1, 'and ends with 1';
	like slurp($s->{err}), qr/ end .*reason=sigterm ms=\d+ helo=unknown\n\z/, 'the log says so';

	$s = session(plain_home(), argv => [ 'qmail-smtpd', '/bin/cat', 'true' ]);
	hear($s, qr/^220 .*\n/);
	say_it($s, "AUTH LOGIN\r\n");
	hear($s, qr/^334 .*\n/);
	kill 'TERM', $s->{pid};
	like hear($s), qr/\A421 [^\n]*\n\z/, 'SIGTERM in an AUTH exchange is told';
	is finish($s), 1, 'and ends with 1';

	$s = session(plain_home());
	into_data($s);
	kill 'TERM', $s->{pid};
	is hear($s), '', 'SIGTERM in a message: not a word';
	is finish($s), 'signal 15', 'it kills';
	is scalar stored_messages($s->{home}), 0, 'nothing is queued';

	$s = session(plain_home());
	into_data($s);
	say_it($s, "x\r\n.\r\n");
	hear($s, qr/250 ok .*\n/);
	say_it($s, "NOOP\r\n");
	hear($s, $ok);
	kill 'TERM', $s->{pid};
	like hear($s), qr/^421 /, 'SIGTERM after a message is told again';
	is finish($s), 1, 'and ends with 1';

	$s = session(plain_home(strict => "1\n"));
	hear($s, qr/^220 .*\n/);
	kill 'TERM', $s->{pid};
	is hear($s), '', 'strict mode: not a word';
	is finish($s), 'signal 15', 'strict mode: SIGTERM kills';
}

# --- timeouts ---
my $timeout = "451 timeout (#4.4.2)\r\n";
{
	my $s = session(plain_home(timeoutsmtpd => "1\n"));
	is hear($s), "220 mx.example.net ESMTP\r\n$timeout", 'a silent client';
	is finish($s), 1, 'ends with 1';
	like slurp($s->{err}), qr/ end .*reason=timeout/, 'the log says so';

	$s = session(plain_home(timeoutsmtpd => "0\n"));
	is hear($s), "220 mx.example.net ESMTP\r\n$timeout", 'timeoutsmtpd 0 is 1';
	finish($s);

	$s = session(plain_home(timeoutsmtpd => "1\n", strict => "1\n"));
	is hear($s), "220 mx.example.net ESMTP\r\n$timeout", 'strict mode';
	finish($s);
}

# A client that does not read, behind a pipe that is full: SIGTERM still ends it.
{
	my $home = plain_home();
	pipe my $unread, my $out or die;
	socketpair my $to, my $in, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
	my $dir = temp_dir();
	open my $err, '>', "$dir/err" or die;
	my $pid = start_program(['qmail-smtpd'], home => $home, fds => { 0 => $in, 1 => $out, 2 => $err });
	close $_ for $in, $out;
	$to->blocking(0);
	my $select = IO::Select->new($to);
	syswrite $to, "MAIL FROM:<>\r\nRSET\r\n" x 1000 while $select->can_write(0.5);
	kill 'TERM', $pid;
	is((finish_program($pid))[0], 1, 'SIGTERM ends a session that cannot write');
	like slurp("$dir/err"), qr/ end .*reason=sigterm ms=\d+ helo=unknown\n\z/, 'the log says so';
}

# Write one octet after the other until the other side has something to say.
sub drip {
	my ($s, $octet) = @_;
	my $select = IO::Select->new($s->{net});
	for (1 .. 200) {
		say_it($s, $octet);
		last if $select->can_read(0.1);
	}
	return hear($s);
}
{
	my $s = session(plain_home(timeoutsmtpd => "1\n"));
	hear($s, qr/^220 .*\n/);
	is drip($s, 'x'), $timeout, 'a command must come whole in the time';
	is finish($s), 1, 'ends with 1';

	$s = session(plain_home(timeoutsmtpd => "1\n"), argv => [ 'qmail-smtpd', '/bin/cat', 'true' ]);
	hear($s, qr/^220 .*\n/);
	say_it($s, "AUTH LOGIN\r\n");
	hear($s, qr/^334 .*\n/);
	is drip($s, 'x'), $timeout, 'so must an answer in AUTH';
	is finish($s), 1, 'ends with 1';

	$s = session(plain_home(timeoutsmtpd => "1\n"));
	into_data($s);
	is drip($s, 'x'), $timeout, 'a message must make progress';
	is finish($s), 1, 'ends with 1';
	is scalar stored_messages($s->{home}), 0, 'nothing is queued';

	$s = session(plain_home(limits => "session:1\n"));
	hear($s, qr/^220 .*\n/);
	like hear($s), qr/^421 .*\(#4\.4\.2\)\r\n\z/, 'a session has its limit';
	is finish($s), 1, 'ends with 1';
	like slurp($s->{err}), qr/reason=session-limit/, 'the log says so';
}

# --- when replies are sent (2.1.5): each packet is one write ---
{
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_SEQPACKET, PF_UNSPEC or die;
	pipe my $in, my $to or die;
	my $home = plain_home();
	my $pid = start_program(['qmail-smtpd'], home => $home, fds => { 0 => $in, 1 => $theirs },
		env => { QMAILQUEUE => use_store_queue($home) });
	close $_ for $in, $theirs;
	my $packet = sub { recv $ours, my $text, 65536, 0; return $text };
	is $packet->(), "220 mx.example.net ESMTP\r\n", 'the greeting is sent at once';
	syswrite $to, join '', "HELO x\r\n", @envelope, "RSET\r\n", @envelope, "NOOP\r\n", @envelope;
	is $packet->(), "250 mx.example.net\r\n", 'HELO is answered at once';
	is $packet->(), "250 ok\r\n250 ok\r\n250 flushed\r\n250 ok\r\n250 ok\r\n250 ok\r\n",
	  'MAIL, RCPT and RSET wait for those behind them';
	is $packet->(), "250 ok\r\n250 ok\r\n", 'but not for what has not come';
	close $to;
	is((finish_program($pid))[0], 1, 'exit 1');
}

# --- ends ---
{
	my $deaf = session(plain_home(timeoutsmtpd => "1\n"));
	hear($deaf, qr/^220 .*\n/);
	$deaf->{net}->blocking(0);
	my $select = IO::Select->new($deaf->{net});
	for (1 .. 200_000) {
		last unless $select->can_write(5);
		last unless defined syswrite $deaf->{net}, "EHLO x\r\n" x 100 or $!{EAGAIN};
	}
	is finish($deaf), 1, 'a client that never reads: exit 1';
	like slurp($deaf->{err}), qr/reason=write-error/, 'the log says so';

	my $home = plain_home();
	pipe my $nobody, my $out or die;
	close $nobody;
	my $run = run_program(['qmail-smtpd'], home => $home, in => "NOOP\r\n", fds => { 1 => $out });
	is $run->{exit}, 1, 'a client that does not listen: exit 1';
	like $run->{err}, qr/reason=write-error/, 'the log says so';

	$run = run_program(['qmail-smtpd'], env => { QMAILHOME => '/nonexistent' }, in => "QUIT\r\n");
	is $run->{out}, "421 unable to read controls (#4.3.0)\r\n", 'no home';
	is $run->{exit}, 1, 'exit 1';
	like $run->{err}, qr{^qmail-smtpd\[\d+\]: config file=/nonexistent .*error=No\\x20such}, 'the log names it';

	$run = run_program([ 'qmail-smtpd', 'some', 'arguments' ], home => $home, in => "QUIT\r\n");
	is $run->{out}, "220 mx.example.net ESMTP\r\n221 mx.example.net\r\n", 'arguments mean nothing';
}

# --- the examples ---
{
	my $home = instance();
	for my $file (grep { -f } glob top() . '/control-examples/*') {
		control($home, $file =~ s{.*/}{}r, slurp($file));
	}
	spit("$home/alias/.qmail-default", '');
	unlink "$home/control/realrcptto"; # its answers are about the users of this machine
	unlink map { "$home/control/$_" } qw(mfcheck dnsbllist rhsbl_zones); # they ask the network
	is run_program(['qmail-newmrh'], home => $home)->{exit}, 0, 'the examples: qmail-newmrh';
	my @rcpts = map { "RCPT TO:<x\@$_>\r\n" } qw(example.org sub.example.net foreign.example [192.0.2.77]);
	my $run = run_program(['qmail-smtpd'], home => $home, in => join '', "MAIL FROM:<a\@b>\r\n", @rcpts,
		"MAIL FROM:<z\@worse.example>\r\n", $rcpts[0], "QUIT\r\n");
	is join(' ', $run->{out} =~ /^(\d+)/mg), '220 250 250 250 553 553 250 553 221', 'the examples: a session'
	  or diag $run->{out}, $run->{err};
}

# --- a control file that is a FIFO is not waited for ---
for my $file (qw(me smtpgreeting localiphost timeoutsmtpd databytes rcpthosts morercpthosts.cdb badmailfrom
	limits dialect strict smtpdlog rfcorder barecr barelf authguesses authtwin signatures htmlonly klezfilter clamd spamd)) {
	for my $writer (0, 1) {
		my $home = plain_home();
		my $path = "$home/control/$file";
		unlink $path;
		POSIX::mkfifo($path, 0600) or die;
		open my $held, '+<', $path or die;
		close $held unless $writer;
		my $run = run_program([ 'qmail-smtpd', '/bin/cat', 'true' ], home => $home, env => { QMAILQUEUE => use_store_queue($home) },
			in => join '', "EHLO x\r\n", @envelope, "DATA\r\n.\r\nQUIT\r\n");
		like "$run->{exit} $run->{signal}", qr/\A[01] 0\z/, "control/$file is a FIFO, " . ($writer ? 'held open' : 'no writer') . ': an end';
		like $run->{out}, qr/\A(?:\d{3}[ -][ -~]*\r\n)+\z/, 'and whole replies';
	}
}

# --- a greeting with control octets is one line wherever it is said ---
for my $dialect ('notqmail', 'jms1', 'ldap') {
	my $run = run_program(['qmail-smtpd'], home => plain_home(), in => "EHLO x\r\nHELO x\r\nQUIT\r\n",
		env => { SMTPGREETING => "a\r\nb\x01c", QDIALECT => $dialect });
	like $run->{out}, qr/\A(?:\d{3}[ -][ -~]+\r\n)+\z/, "$dialect: nothing but whole replies";
	like $run->{out}, qr/^250-abc\r$/m, 'without the control octets';
}
{
	my $home = instance(smtpgreeting => "x\n");
	my $run = run_program(['qmail-smtpd'], home => $home, env => { QDIALECT => 'ldap' });
	is $run->{out}, "421 unable to read controls (#4.3.0)\r\n", "ldap greets with its name: no me, no session";
	like $run->{err}, qr{ config file=control/me reason=missing}, 'the log says so';
}

# --- bare LF accepted: what was sent before our reply is no command (D18) ---
{
	my $home = plain_home(barelf => "accept\n");
	my $run = run_program(['qmail-smtpd'], home => $home, env => { QMAILQUEUE => use_store_queue($home) },
		in => join '', @envelope, "DATA\r\na\nb\r\n.\r\n", "NOOP\r\n" x 500_000);
	like $run->{out}, qr/354 go ahead\r\n250 ok \d+ qp \d+\r\n\z/, 'a flood behind it: not one command';
	is scalar stored_messages($home), 1, 'one message';

	POSIX::mkfifo("$home/go", 0600);
	my $slow = spit("$home/slow", <<'END', 0755);
#!/bin/sh
cat >/dev/null; cat <&1 >/dev/null
: >"$QMAILHOME/has-all"
read x <"$QMAILHOME/go"
END
	my $s = session($home, env => { QMAILQUEUE => $slow });
	into_data($s);
	say_it($s, "a\nb\r\n.\r\n");
	wait_until(sub { -e "$home/has-all" });
	say_it($s, "NOOP\r\n");
	spit("$home/go", "\n");
	like hear($s, qr/\n/), qr/\A250 ok \d+ qp \d+\r\n\z/, 'nor what came while the queue program was busy';
	say_it($s, "QUIT\r\n");
	is hear($s), "221 mx.example.net\r\n", 'what comes after the reply is one';
	finish($s);
}

# --- descriptor 2 is the client ---
{
	my $s = session(plain_home(), stderr_too => 1, env => { QMAILQUEUE => undef });
	my $noisy = spit("$s->{home}/noisy", "#!/bin/sh\necho to the log >&2\nexit 53\n", 0755);
	hear($s, qr/^220 .*\n/);
	say_it($s, "RSET\r\nMAIL FROM:<a\@b>\r\nRCPT TO:<x\@foreign.example>\r\nQUIT\r\n");
	like hear($s), qr/^250 flushed\r\n250 ok\r\n553 [^\n]*\n221 mx.example.net\r\n\z/, 'no log in the conversation';
	finish($s);

	my $t = session($s->{home}, stderr_too => 1, env => { QMAILQUEUE => $noisy });
	hear($t, qr/^220 .*\n/);
	say_it($t, join '', @envelope, "DATA\r\n.\r\nQUIT\r\n");
	is hear($t), "250 ok\r\n250 ok\r\n354 go ahead\r\n451 qq write error or disk full (#4.3.0)\r\n221 mx.example.net\r\n",
	  'nor what the queue program says';
	finish($t);
}

# --- what the queue program gets ---
{
	my $home = plain_home(morercpthosts => "more.example\n");
	is run_program(['qmail-newmrh'], home => $home)->{exit}, 0, 'morercpthosts';
	my $nosy = spit("$home/nosy", <<'END', 0755);
#!/bin/sh
{ for fd in /proc/$$/fd/*; do
	n=${fd##*/}; case $n in ??*) continue;; esac; [ -e "$fd" ] && printf '%s ' "$n"
  done; echo; pwd; echo "$0 $#"; umask; trap; } >"$QMAILHOME/seen"
exit 0
END
	my $umask = umask 0027;
	my $s = session($home, env => { QMAILQUEUE => $nosy });
	umask $umask;
	into_data($s);
	say_it($s, ".\r\nQUIT\r\n");
	hear($s);
	is finish($s), 0, 'QUIT ends with 0';
	my ($fds, $dir, $argv, $mask) = split /\n/, slurp("$home/seen");
	is $fds, '0 1 2 4 6 ', 'descriptors: message, envelope, log, error text (twice)';
	is $dir, $home, 'the home is its directory';
	is $argv, "$nosy 0", 'its path, no arguments';
	is $mask, '0027', 'the umask is inherited';
}

# --- queue programs that leave something behind, or are started in odd surroundings ---
sub one_message {
	my ($home, $body, %with) = @_;
	my $s = session($home, %with);
	into_data($s);
	say_it($s, "$body.\r\nQUIT\r\n");
	return hear($s) . finish($s);
}
{
	my $home = plain_home();
	my $queue = sub { my ($body) = @_; return spit("$home/queue-program", "#!/bin/sh\n$body\n", 0755) };
	my $daemon = $queue->('cat >/dev/null; cat <&1 >/dev/null; sleep 30 & printf "Dno thanks" >&6; exit 82');
	is one_message($home, "x\r\n", env => { QMAILQUEUE => $daemon }), "554 no thanks\r\n221 mx.example.net\r\n0",
	  'D7: who holds the pipe of the error text is not waited for';
	my $flood = $queue->('cat >/dev/null; cat <&1 >/dev/null; yes Zno >&6 & printf "Dno" >&6; exit 82');
	like one_message($home, "x\r\n", env => { QMAILQUEUE => $flood }), qr/\A(?:554|451) [ -~]{2,260}\r\n221 mx.example.net\r\n0\z/,
	  'nor read for ever';
	my $holder = $queue->('sleep 30 5<&0 >/dev/null 2>&1 4>&1 6>&1 & exit 31');
	is one_message($home, 'x' x 70 . "\r\n" . ('x' x 70 . "\r\n") x 5000, env => { QMAILQUEUE => $holder }),
	  "554 mail server permanently rejected message (#5.3.0)\r\n221 mx.example.net\r\n0",
	  'nor who holds the pipe of the message, unread';

	my $smtpd = program('qmail-smtpd');
	for my $case (
		[ 'few descriptors', '/bin/sh', '-c', "ulimit -n 20; exec $smtpd" ],
		[ 'SIGCHLD ignored', '/usr/bin/perl', '-e', '$SIG{CHLD} = "IGNORE"; exec @ARGV', $smtpd ],
		[ 'D11: descriptors above 1024', '/bin/sh', '-c', 'ulimit -n 2000; exec /usr/bin/perl -e "$0" "$1"',
			'$^F = 5000; open $f[$_], "<", "/dev/null" or die for 1 .. 1100; exec @ARGV', $smtpd ],
	) {
		my ($name, @argv) = @$case;
		my $s = session($home, argv => \@argv);
		into_data($s);
		say_it($s, "x\r\n.\r\nQUIT\r\n");
		like hear($s), qr/\A250 ok [^\n]*\n221 mx.example.net\r\n\z/, "$name: a message is taken";
		is finish($s), 0, 'QUIT ends with 0';
	}
}

# --- memory ---
SKIP: {
	skip 'sanitizers need memory', 1 if slurp(program('qmail-smtpd')) =~ /__asan_init|__ubsan/;
	my $limited = sub {
		my ($kib, $home, $in) = @_;
		return run_program([ '/bin/sh', '-c', "ulimit -v $kib; exec " . program('qmail-smtpd') ],
			home => $home, in => $in, limit => 120, env => { QMAILQUEUE => '/bin/true', SMTPDLOG => 0 });
	};
	my $mail = "MAIL FROM:<a\@b>\r\n";
	my $rcpt = "RCPT TO:<" . 'x' x 80 . "\@example.net>\r\n";

	my $run = $limited->(25000, plain_home(), $mail . $rcpt x 100_000 . "RSET\r\nQUIT\r\n");
	is(() = $run->{out} =~ /^250 ok\r$/mg, 10_001, '10 000 recipients');
	is(() = $run->{out} =~ /^452 /mg, 90_000, 'and no more');
	is $run->{exit}, 0, 'within 25 MB';

	$run = $limited->(25000, plain_home(), 'x' x 40_000_000 . "\r\nQUIT\r\n");
	is $run->{out}, "220 mx.example.net ESMTP\r\n500 line too long (#5.5.2)\r\n221 mx.example.net\r\n", 'a line of 40 MB';

	my $cat = spit(temp_dir() . '/cat', "#!/bin/sh\ncat >/dev/null; cat <&1 >/dev/null\n", 0755);
	$run = run_program([ '/bin/sh', '-c', 'ulimit -v 25000; exec ' . program('qmail-smtpd') ], home => plain_home(),
		in => join('', @envelope, "DATA\r\n", ("0123456789" x 7 . "\r\n") x 1_000_000, ".\r\nQUIT\r\n"),
		env => { QMAILQUEUE => '/bin/true' }, limit => 120);
	like $run->{out}, qr/\r\n451 qq read error \(#4\.3\.0\)\r\n221 /, 'a message of 70 MB does not stay in memory';

	my $home = plain_home(limits => "recipients:1000000\nenvelope:1000000000\n");
	$run = $limited->(4000, $home, $mail . $rcpt x 100_000 . "QUIT\r\n");
	like $run->{out}, qr/\r\n421 out of memory \(#4\.3\.0\)\r\n\z/, 'out of memory is told';
	is $run->{exit}, 1, 'and ends with 1';
}

# --- UCSPI-TLS: a fake sslserver ---
sub ucspi_session {
	my ($home, %env) = @_;
	socketpair my $net, my $their_net, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
	socketpair my $control, my $their_control, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
	pipe my $their_in, my $to or die;
	pipe my $from, my $their_out or die;
	$_->autoflush(1) for $net, $control, $to;
	my $dir = temp_dir();
	open my $err, '>', "$dir/err" or die;
	my $pid = start_program(delete $env{argv} || ['qmail-smtpd'], home => $home,
		env => { QMAILQUEUE => use_store_queue($home), UCSPITLS => '', SSLCTLFD => 7, SSLREADFD => 8, SSLWRITEFD => 9, %env },
		fds => { 0 => $their_net, 1 => $their_net, 2 => $err, 7 => $their_control, 8 => $their_in, 9 => $their_out });
	close $_ for $their_net, $their_control, $their_in, $their_out;
	return ({ pid => $pid, net => $net, err => "$dir/err", home => $home }, $control, $to, $from);
}
{
	my ($s, $control, $to, $from) = ucspi_session(plain_home());
	hear($s, qr/^220 .*\n/);
	say_it($s, "EHLO x\r\n");
	like hear($s, qr/^250 .*\n/m), qr/^250-STARTTLS\r$/m, 'UCSPI-TLS: STARTTLS is offered';
	say_it($s, "STARTTLS now\r\n");
	is hear($s, qr/\n/), "501 Syntax error (no parameters allowed) (#5.5.4)\r\n", 'no parameters';
	say_it($s, join '', @envelope);
	hear($s, $ok);
	say_it($s, "STARTTLS\r\nMAIL FROM:<injected\@b>\r\n");
	is hear($s, qr/\n/), "220 ready for tls\r\n", 'ready';
	sysread $control, my $byte, 1;
	is $byte, 'Y', 'the server is asked';
	my $info = "SSL_PROTOCOL=TLSv1.3\0SSL_CIPHER=TLS_AES(x)\n_128\0PATH=/evil\0SSL_CLIENT_S_DN=/CN=joe\0";
	syswrite $control, $info;
	syswrite $control, "\0";
	my $t = { net => $from };
	syswrite $to, "RCPT TO:<x\@example.net>\r\n";
	is hear($t, qr/\n/), "503 MAIL first (#5.5.1)\r\n", 'nothing of the clear session is left';
	syswrite $to, "STARTTLS\r\n";
	is hear($t, qr/\n/), "502 unimplemented (#5.5.1)\r\n", 'no second time';
	syswrite $to, "EHLO y\r\n";
	unlike hear($t, qr/^250 .*\n/m), qr/STARTTLS/, 'no longer offered';
	syswrite $to, join '', @envelope, "RCPT TO:<y\@foreign.example>\r\nDATA\r\n.\r\nQUIT\r\n";
	like hear($t), qr/250 ok\r\n250 ok\r\n553 .*\r\n354 go ahead\r\n250 ok [^\n]*\n221 mx.example.net\r\n\z/, 'a message';
	is finish($s), 0, 'QUIT ends with 0';
	my ($message) = stored_messages($s->{home});
	like $message->{message}, qr/^  by unknown with ESMTPS \(TLSv1\.3 TLS_AESx_128\); /m, 'Received names protocol and cipher';
	my $environment = slurp("$s->{home}/stored/1/environment");
	SKIP: {
		skip 'no environment stored', 3 unless defined $environment;
		like $environment, qr/^SSL_CLIENT_S_DN=\/CN=joe$/m, 'what the server says is told to the queue program';
		unlike $environment, qr/evil/, 'but names that start with SSL only';
		unlike $environment, qr/^UCSPITLS=/m, 'UCSPITLS is gone';
	}
	my $log = slurp($s->{err});
	like $log, qr/ tls .*result=ok proto=TLSv1\.3 cipher=/, 'the log says so';
	like $log, qr/ warning .*dropped=24/, 'and what was dropped';
}
{
	my ($s, $control, $to, $from) = ucspi_session(plain_home(), UCSPITLS => '@');
	hear($s, qr/^220 .*\n/);
	my $must = "530 5.7.0 Must issue a STARTTLS command first\r\n";
	say_it($s, "HELO x\r\nNOOP\r\nRSET\r\n");
	like hear($s, qr/flushed\r\n/), qr/^250 mx.example.net\r\n250 ok\r\n250 flushed/, 'TLS required: what is allowed before';
	for my $verb ('MAIL FROM:<a@b>', 'RCPT TO:<a@b>', 'DATA', 'VRFY x', 'HELP') {
		say_it($s, "$verb\r\n");
		is hear($s, qr/\n/), $must, "TLS required: $verb";
	}
	say_it($s, "STARTTLS\r\n");
	hear($s, qr/^220 .*\n/);
	syswrite $control, "SSL_CLIENT_S_DN=/CN=joe\0\0";
	my $t = { net => $from };
	syswrite $to, "MAIL FROM:<a\@b>\r\nRCPT TO:<y\@foreign.example>\r\nQUIT\r\n";
	is hear($t), "250 ok\r\n250 ok\r\n221 mx.example.net\r\n", 'a client with a certificate may relay';
	is finish($s), 0, 'QUIT ends with 0';
}
{
	my $home = plain_home();
	my $yes = spit("$home/yes", "#!/bin/sh\nexit 0\n", 0755);
	my ($s, $control, $to, $from) = ucspi_session($home, argv => [ 'qmail-smtpd', $yes, 'true' ], FORCETLS => 0);
	hear($s, qr/^220 .*\n/);
	say_it($s, "AUTH PLAIN AGpvZQBzZWNyZXQ=\r\n");
	like hear($s, qr/\n/), qr/^235 /, 'AUTH in clear';
	say_it($s, "STARTTLS\r\n");
	hear($s, qr/^220 .*\n/);
	syswrite $control, "SSL_PROTOCOL=TLSv1.3\0\0";
	my $t = { net => $from };
	syswrite $to, join '', "MAIL FROM:<a\@b>\r\nRCPT TO:<y\@foreign.example>\r\n", @envelope, "DATA\r\n.\r\nQUIT\r\n";
	like hear($t), qr/\A250 ok\r\n553 [^\n]*\n250 ok\r\n250 ok\r\n354 [^\n]*\n250 ok [^\n]*\n221 /, 'is forgotten at STARTTLS';
	finish($s);
	my ($message) = stored_messages($home);
	like $message->{message}, qr/ \(unknown\)\n  by unknown with ESMTPS /, 'in Received';
	my $environment = slurp("$home/stored/1/environment");
	SKIP: {
		skip 'no environment stored', 2 unless defined $environment;
		unlike $environment, qr/joe|^RELAYCLIENT|^SMTP_?AUTH|^AUTH/m, 'and in the environment of the queue program';
		like $environment, qr/^SSL_PROTOCOL=TLSv1\.3$/m, 'where TLS is not';
	}
}
{
	my ($s, $control) = ucspi_session(plain_home());
	hear($s, qr/^220 .*\n/);
	say_it($s, "STARTTLS\r\n");
	hear($s, qr/^220 .*\n/);
	close $control;
	is hear($s), '', 'a server that gives up: not a word in clear';
	is finish($s), 1, 'ends with 1';

	($s) = ucspi_session(plain_home(), SSLCTLFD => undef);
	hear($s, qr/^220 .*\n/);
	say_it($s, "STARTTLS\r\n");
	is hear($s), "454 TLS not available due to temporary reason (#5.7.3)\r\n", 'no descriptors';
	is finish($s), 1, 'ends with 1';

	($s, $control) = ucspi_session(plain_home(), QDIALECT => 'sqmail', UCSPITLS => '!');
	hear($s, qr/^220 .*\n/);
	say_it($s, "MAIL FROM:<>\r\n");
	is hear($s, qr/\n/), "535 STARTTLS required (#5.7.1)\r\n", 'sqmail: its own words';
	say_it($s, "STARTTLS\r\n");
	is hear($s, qr/\n/), "220 Ready to start TLS (#5.7.0)\r\n", 'sqmail: its own words';
	close $control;
	finish($s);

	($s) = ucspi_session(plain_home(), UCSPITLS => '-');
	hear($s, qr/^220 .*\n/);
	say_it($s, "EHLO x\r\nSTARTTLS\r\nQUIT\r\n");
	my $said = hear($s);
	unlike $said, qr/STARTTLS/, 'UCSPITLS "-": not offered';
	like $said, qr/502 unimplemented/, 'nor done';
	finish($s);
}

done_testing;
