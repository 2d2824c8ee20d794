#!/usr/bin/perl
# Every name of control/limits (DESIGN 4, D37): a case at the limit, which works, and one over it, which
# ends as qmail-control(5) says.  A name of src/config/limits.h without a case fails.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Handle;
use IO::Select;
use MIME::Base64 qw(encode_base64);
use Qferry::Remote;
use Qferry::Test;
use Qferry::Tls;
use Socket;
use Test::More;

$SIG{PIPE} = 'IGNORE';

# --- qmail-smtpd --------------------------------------------------------------------------------------------------

my $certs = temp_dir();
self_signed($certs, 'mx', alt => 'DNS:mx.example.net');
my $mail = "MAIL FROM:<a\@b>\r\n";

sub home { my ($limits, %controls) = @_; return instance(me => "mx.example.net\n", rcpthosts => "example.net\n", limits => "$limits\n", %controls) }

# The codes of all replies to what a client says at once.
sub codes {
	my ($home, $said, %with) = @_;
	my $run = run_program([ 'qmail-smtpd', @{ $with{argv} || [] } ], home => $home, in => "${said}QUIT\r\n",
		env => { QMAILQUEUE => use_store_queue($home), %{ $with{env} || {} } });
	return join ' ', $run->{out} =~ /^(\d{3})(?!-)/mg;
}

# A session that is talked with: { pid, net, err }.
sub session {
	my ($home, %with) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!";
	my $err = temp_dir() . '/err';
	open my $to, '>', $err or die;
	my $pid = start_program([ 'qmail-smtpd', @{ $with{argv} || [] } ], home => $home, fds => { 0 => $theirs, 1 => $theirs, 2 => $to },
		env => { QMAILQUEUE => use_store_queue($home), %{ $with{env} || {} } });
	my $s = { pid => $pid, net => $ours, err => $err, heard => '' };
	hear($s, qr/^220 .*\n/);
	return $s;
}

# Until it matches, or the end.
sub hear {
	my ($s, $until) = @_;
	my $select = IO::Select->new($s->{net});
	while ($s->{heard} !~ $until) {
		last unless $select->can_read(20) && sysread $s->{net}, $s->{heard}, 65536, length $s->{heard};
	}
	return $s->{heard} =~ s/\A.*?$until//s ? $& : $s->{heard};
}

sub say_it { my ($s, @text) = @_; syswrite $s->{net}, join '', @text; return }
sub is_silent { my ($s) = @_; return !IO::Select->new($s->{net})->can_read(0) }
sub finish { my ($s) = @_; close $s->{net}; return (finish_program($s->{pid}))[0] }

sub noop { my ($octets) = @_; return 'NOOP ' . 'x' x ($octets - 7) . "\r\n" }
sub address { my ($octets) = @_; return 'x' x ($octets - 12) . '@example.net' }
sub rcpt { my ($octets) = @_; return 'RCPT TO:<' . address($octets) . ">\r\n" }

my @checker = ("$FindBin::Bin/../tools/checkpassword", 'true');
my $refused = 'AUTH PLAIN ' . encode_base64("\0joe\0wrong", '') . "\r\n";

# A reply that is delayed comes by itself, or, when the delay is an hour, not before SIGTERM ends it.
sub delays {
	my ($name, $commands, $reply, $logged, %with) = @_;
	my $s = session(home("$name:0", %{ $with{controls} || {} }), %with);
	say_it($s, @$commands);
	like(hear($s, $reply), $reply, "limit $name, at: 0 is no delay");
	finish($s);
	$s = session(home("$name:3600000", %{ $with{controls} || {} }), %with);
	say_it($s, @$commands);
	ok(wait_until(sub { $logged->($s) }), "limit $name: it came to the delay");
	ok(is_silent($s), "limit $name, over: no reply before its end");
	kill 'TERM', $s->{pid};
	like(hear($s, qr/^421 .*\n/m), qr/^421 /m, "limit $name: which SIGTERM ends");
	finish($s);
}

# A message by single octets.  One session has to bring more than that, the other has not.
sub drip {
	my ($slow, $fine) = map { session(home("data_progress:$_", timeoutsmtpd => "1\n")) } 1048576, 1;
	for my $s ($slow, $fine) {
		say_it($s, $mail, rcpt(20), "DATA\r\n");
		hear($s, qr/^354 .*\n/m);
	}
	my $select = IO::Select->new($slow->{net});
	do { say_it($_, 'x') for $slow, $fine } until $select->can_read(0.1);
	is(hear($slow, qr/\z./), "451 timeout (#4.4.2)\r\n", 'limit data_progress, over: the server ends it');
	say_it($fine, "\r\n.\r\n");
	like(hear($fine, qr/^\d.*\n/m), qr/^250 ok/, 'limit data_progress, at: as many octets are enough');
	finish($_) for $slow, $fine;
}

# --- qmail-remote -------------------------------------------------------------------------------------------------

sub delivery { my ($limits, $script, %o) = @_; return remote("$script\n", %o, controls => { limits => "$limits\n", %{ $o{controls} || {} } })->{out} }

my $reply = join '', map { "250-$_\\r\\n" } 1, 2;

# Of so many octets, line ends included.
sub long_reply { my ($octets) = @_; return 'dot raw:250 ' . 'x' x ($octets - 6) . '\r\n' }

my %zone;

sub resolvers { my ($zone) = @_; return "127.0.0.1:" . ($zone{$zone} ||= start_dns($zone))->{port} . "\n" }

# Relays by name, the first of them somewhere else: { control file => text }.
sub relays {
	return (smtproutes => ":\@two\n", 'routes/two/relay' => "a.example:1\nb.example:PORT 1\n",
		resolvers => resolvers("a.example A 127.0.0.1\nb.example A 127.0.0.1\n"));
}

# --- the cases ----------------------------------------------------------------------------------------------------

# How many questions a delivery to one exchanger has: MX, A, AAAA.  Nothing listens at it.
my $QUESTIONS = 3;
my $NOBODY    = "dest.example MX 10 mx.example\nmx.example AAAA fd00::1\n";

my $hang = sub {
	my ($script) = @_;
	return codes(home('program:1'), $mail . rcpt(20), env => { RCPTCHECK => spit(temp_dir() . '/check', "#!/bin/sh\n$script\n", 0755) });
};

# What qmail-smtpd says to STARTTLS when qmail-tls is this script, or ours.
my $helper = sub {
	my ($script) = @_;
	my $home = home('helper_start_ms:' . ($script ? 300 : 600000), 'servercert.pem' => pem($certs, 'mx.key', 'mx.crt'));
	if ($script) {
		unlink "$home/bin";
		mkdir "$home/bin";
		spit("$home/bin/qmail-tls", "#!/bin/sh\n$script\n", 0755);
	}
	my $s = session($home);
	say_it($s, "STARTTLS\r\n");
	my $answer = hear($s, qr/^.*\n/);
	finish($s);
	return $answer;
};

# name => [ what at the limit, its result, what over it, its result ]
my %cases = (
	command_line => [ sub { codes(home('command_line:512'), noop(512)) }, '220 250 221', sub { codes(home('command_line:512'), noop(513)) }, '220 500 221' ],
	auth_line    => [
		sub { codes(home('auth_line:512'), "AUTH LOGIN\r\n" . 'x' x 508 . "\r\n*\r\n", argv => \@checker) }, '220 334 334 501 221',
		sub { codes(home('auth_line:512'), "AUTH LOGIN\r\n" . 'x' x 511 . "\r\n", argv => \@checker) }, '220 334 500 221' ],
	address => [
		sub { codes(home('address:256'), $mail . rcpt(256)) }, '220 250 250 221',
		sub { codes(home('address:256'), $mail . rcpt(257)) }, '220 250 555 221' ],
	recipients => [
		sub { codes(home('recipients:2'), $mail . rcpt(20) x 2) }, '220 250 250 250 221',
		sub { codes(home('recipients:2'), $mail . rcpt(20) x 3) }, '220 250 250 250 452 221' ],
	envelope => [
		sub { codes(home('envelope:1024'), $mail . rcpt(510) x 2) }, '220 250 250 250 221',
		sub { codes(home('envelope:1024'), $mail . rcpt(510) . rcpt(511) . rcpt(510)) }, '220 250 250 452 250 221' ],
	auth_delay_ms => sub { delays('auth_delay_ms', [$refused], qr/^535 .*\n/m, sub { slurp($_[0]{err}) =~ /: auth .*result=failed/ }, argv => \@checker) },
	chkuser_delay_ms => sub {
		delays('chkuser_delay_ms', [$mail], qr/^530 .*\n/m, sub { waits($_[0]) }, env => { CHKUSER_START => 'ALWAYS', CHKUSER_MUSTAUTH => 1 });
	},
	errors => [
		sub { codes(home('errors:3'), "FOO\r\n" x 2 . "NOOP\r\n") }, '220 502 502 250 221',
		sub { codes(home('errors:3'), "FOO\r\n" x 3 . "NOOP\r\n") }, '220 502 502 502 421' ],
	session => [
		sub { codes(home('session:31536000'), "NOOP\r\n") }, '220 250 221',
		sub { hear(session(home('session:1')), qr/\z./) }, "421 session has lasted too long, please reconnect (#4.4.2)\r\n" ],
	data_progress => \&drip,
	program       => [ sub { $hang->('exit 0') }, '220 250 250 221', sub { $hang->('exec sleep 1000') }, '220 250 421' ],
	helper_start_ms => [ sub { $helper->('') }, "220 ready for tls\r\n", sub { $helper->('exec sleep 1000 3<&0') }, qr/\A454 .*\r\n\z/ ],
	dns_questions => [
		sub { delivery("dns_questions:$QUESTIONS", '', controls => { smtproutes => undef, resolvers => resolvers($NOBODY) }) },
		"ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n\0",
		sub { delivery('dns_questions:' . ($QUESTIONS - 1), '', controls => { smtproutes => undef, resolvers => resolvers($NOBODY) }) },
		"ZSorry, I couldn't find any host by that name. (#4.1.2)\n\0" ],
	mx_addresses => [
		sub { delivery('mx_addresses:2', '', controls => { relays() }) }, "r\0$ACCEPTED",
		sub { delivery('mx_addresses:1', '', controls => { relays() }) }, "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n\0" ],
	reply_lines => [
		sub { delivery('reply_lines:3', "greeting raw:${\($reply =~ s/250/220/gr)}220 3\\r\\n") }, "r\0$ACCEPTED",
		sub { delivery('reply_lines:2', "greeting raw:${\($reply =~ s/250/220/gr)}220 3\\r\\n") }, $DIED ],
	reply_octets => [
		sub { delivery('reply_octets:512', long_reply(512)) }, qr/\Ar\0K\Q$P\E accepted message\.\nRemote host said: 250 x+\n\0\z/,
		sub { delivery('reply_octets:512', long_reply(513)) }, "r\0$MAYBE_TWICE" ],
	delivery => [
		sub { delivery('delivery:604800', '') }, "r\0$ACCEPTED",
		sub { delivery('delivery:1', 'mail hang') }, $DIED ],
);

# Where the servers are that others need, and that have tests named for these.
my %elsewhere = (
	state_bytes  => 'state.t',
	sts_domains  => 'sts.t',
	sts_ms       => 'sts.t',
	tls_children => 'tlsserve.t',
	tls_sessions => 'tlsserve.t',
	token_ms     => 'oauth.t',
);

# It has read all (SIOCOUTQ is 0) and sleeps.
sub waits {
	my ($s) = @_;
	my $unread = pack 'i', 0;
	ioctl $s->{net}, 0x5411, $unread or return 0;
	return unpack('i', $unread) == 0 && (slurp("/proc/$s->{pid}/stat") // '') =~ /\) S /;
}

for my $name (sort keys %cases) {
	my $case = $cases{$name};
	next if ref $case eq 'CODE' && do { $case->(); 1 };
	for (my $i = 0; $i < 4; $i += 2) {
		my $got = $case->[$i]->();
		my $title = "limit $name, " . ($i ? 'over' : 'at');
		ref $case->[ $i + 1 ] ? like($got, $case->[ $i + 1 ], $title) : is(visible($got), visible($case->[ $i + 1 ]), $title);
	}
}
for my $name (sort keys %elsewhere) {
	my $text = join '', grep { !/^\s*#/ } split /^/, slurp("$FindBin::Bin/$elsewhere{$name}");
	ok($text =~ /limit $name, $_\b/, "limit $name, $_: in $elsewhere{$name}") for qw(at over);
}
my @names = slurp(top() . '/src/config/limits.h') =~ /^\tX\((\w+), /mg;
is(join(' ', sort @names), join(' ', sort keys %cases, keys %elsewhere), 'each name has its cases, and no other');

# What is wrong with the file is told, by its line.
for my $case ([ "errors:5\nerrors:0", 'control/limits:2 reason=less\x20than\x20this\x20limit\x20may\x20be' ], [ 'nonsense:1', 'control/limits:1 reason=no\x20such\x20limit' ],
	[ "\nerrors:many", 'control/limits:2 reason=not\x20name:number' ]) {
	my ($text, $words) = @$case;
	my $run = run_program(['qmail-smtpd'], home => home($text));
	is($run->{out}, "421 unable to read controls (#4.3.0)\r\n", "421: $words");
	like($run->{err}, qr/config file=\Q$words\E/, '... and why');
	like(delivery($text, ''), qr/\AZ.*control/, '... qmail-remote defers');
}

done_testing;
