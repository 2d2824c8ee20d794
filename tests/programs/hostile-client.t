#!/usr/bin/perl
# qmail-smtpd and clients that mean no good: gone or reset after every octet, slow, deaf, endless, without
# measure, with numbers that overflow, talking on after QUIT (inbound 2, 3, 9; doc/hostile-input).  Every
# session ends, in 16 MB, with whole replies and log lines; what is stored is what was answered with 250.
# QFERRY_LONG=1 tries every octet instead of some.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Hostile;
use Qferry::Test;
use Test::More;

$SIG{PIPE} = 'IGNORE';

sub plain_home {
	return instance(me => "mx.example.net\n", rcpthosts => "example.net\n", limits => "auth_delay_ms:1\n", @_);
}

my @mail = ("MAIL FROM:<a\@sender.example>\r\n", "RCPT TO:<x\@example.net>\r\n");
my $body = "Subject: x\r\n\r\n.. a dot\r\nbody\r\n";

# --- gone after every octet ---------------------------------------------------------------------

my @script = (
	"EHLO c.example\r\n", "AUTH PLAIN AGpvZQBzZWNyZXQ=\r\n",
	"MAIL FROM:<a\@sender.example> SIZE=100 BODY=8BITMIME\r\n", "RCPT TO:<x\@example.net>\r\n", "RCPT TO:<>\r\n",
	"RCPT TO:<y\@far.example>\r\n", "DATA\r\n", "$body.\r\n",
	"MAIL FROM:<b\@sender.example>\r\n", "RCPT TO:<z\@example.net>\r\n",
	"BDAT 12\r\nSubject: y\r\n", "BDAT 8 LAST\r\n\r\nbody\r\n", "NOOP\r\n", "FROB\r\n", "RSET\r\n", "QUIT\r\n",
);
my $whole = join '', @script;

# Every octet, or the edges of commands and every thirteenth besides.
sub cuts {
	my ($all, @parts) = @_;
	my ($at, %cuts) = (0);
	for my $part (@parts) {
		$at += length $part;
		$cuts{$_} = 1 for $at - 1, $at;
	}
	$cuts{$_ * 13} = 1 for 0 .. $all / 13;
	return is_long() ? 0 .. $all : grep { $_ <= $all } sort { $a <=> $b } keys %cuts;
}

sub cut_home {
	my $home = plain_home();
	spit("$home/check", "#!/bin/sh\nexit 0\n", 0755);
	return $home;
}

# As the judge wants them, by what is answered: the commands that end before an octet.
sub commands_before {
	my ($octet) = @_;
	my ($at, @commands) = (0);
	for my $part (@script) {
		last if ($at += length $part) > $octet;
		push @commands, $part =~ /^Subject/ ? '.' : $part;
	}
	return \@commands;
}

# What is wrong with the session, cut.
my $full;
sub cut_at {
	my ($at, $how) = @_;
	my $home = cut_home();
	my $s = session($home, tcp => 1, argv => [ 'qmail-smtpd', "$home/check", 'true' ]);
	my $text = substr $whole, 0, $at;
	if ($how eq 'step') {    # everything that can be answered is, before we go
		my $sent = '';
		hear($s, qr/^220 .*\n/);
		for my $part (@script) {
			last if length($sent) + length($part) > $at;
			$sent .= $part;
			say_it($s, $part);
			hear($s, qr/^\d{3} .*\n\z/m) if $s->{net};
		}
		say_it($s, substr $text, length $sent);
		$how = 'reset';
	} else {
		say_it($s, $text);
	}
	hang_up($s, $how);
	my $is_cut = $how ne 'half';
	my @wrong = problems_of($s, cut => $is_cut);
	push @wrong, mail_problems($home, commands_before($at), $s->{out}, $is_cut ? $full : undef);
	$full = $s->{out} if !$is_cut && $at == length $whole;
	return join '; ', grep { $_ ne '' } @wrong;
}
is cut_at(length $whole, 'half'), '', 'the whole session';
is join(' ', $full =~ /^(\d+) /mg), '220 250 235 250 250 555 250 354 250 250 250 250 250 250 502 250 221', 'as it should be';

for my $how (qw(half close reset step)) {
	my %wrong;
	my @cuts = cuts(length $whole, @script);
	for my $at (@cuts) {
		my $problems = cut_at($at, $how);
		$wrong{$at} = $problems if $problems ne '';
	}
	is_deeply \%wrong, {}, "a client that is gone ($how) after any of " . @cuts . ' octets';
}

# --- slow: who ends it, and how -----------------------------------------------------------------

my $timeout = qr/^451 timeout \(#4\.4\.2\)\r\n\z/m;

# An octet at a time, until the other side has something to say.
sub drip {
	my ($s, $octets) = @_;
	my $select = IO::Select->new($s->{net});
	for my $n (0 .. 400) {
		say_it($s, substr $octets, $n % length $octets, 1) or last;
		last if $select->can_read(0.05);
	}
}
for my $case (
	[ 'a command',       '',                     'NOOP without end ' ],
	[ 'AUTH',            "AUTH LOGIN\r\n",       'x' ],
	[ 'a recipient',     $mail[0],               'RCPT TO:<x@' ],
	[ 'a message',       join('', @mail) . "DATA\r\n", "x\r\n" ],
	[ 'a message of dots', join('', @mail) . "DATA\r\n", '.' ],
	[ 'a chunk',         join('', @mail) . "BDAT 1000000 LAST\r\n", 'x' ],
	[ 'a chunk that is not wanted', "BDAT 1000000 LAST\r\n", 'x' ],
) {
	my ($name, $before, $octets) = @$case;
	my $home = plain_home(timeoutsmtpd => "1\n");
	my $s = session($home, tcp => 1, argv => [ 'qmail-smtpd', '/bin/cat', 'true' ]);
	hear($s, qr/^220 .*\n/);
	say_it($s, $before);
	hear($s, qr/\n\z/) if $before ne '' && $before !~ /BDAT/;
	drip($s, $octets);
	is problems_of($s, exit => 1, says => $timeout, reason => 'timeout'), '', "$name that drips";
	is scalar stored_messages($home), 0, 'nothing is stored';
}

# --- deaf: replies pile up ----------------------------------------------------------------------

for my $case ([ 'timeoutsmtpd' => "1\n", 'write-error' ], [ 'limits' => "session:1\n", 'session-limit' ]) {
	my ($file, $text, $reason) = @$case;
	for my $tcp (0, 1) {
		my $s = session(plain_home($file => $text), tcp => $tcp);
		1 while say_it($s, "EHLO x\r\n" x 50_000, deaf => 1, patience => 0.3);
		(my $held, $s->{net}) = $s->{net};
		is problems_of($s, exit => 1, reason => $reason), '', "a client that never reads, $file, " . ($tcp ? 'TCP' : 'a socketpair');
	}
}

# It reads a little now and then, so that no wait is too long: the session has an end all the same.
{
	my $s = session(plain_home(limits => "session:1\n"));
	1 while say_it($s, "EHLO x\r\n" x 50_000, deaf => 1, patience => 0.3);
	my $ended = wait_until(sub {
		sysread $s->{net}, $s->{out}, 1, length $s->{out};
		return !take_log($s);
	}, 30);
	ok $ended, 'a client that reads an octet now and then is ended';
	is problems_of($s, cut => 1, exit => 1, reason => 'session-limit'), '', 'by the time for a session';
}

# --- without measure ----------------------------------------------------------------------------

my $mega = 1_000_000;
my $too_long = qr/^500 line too long \(#5\.5\.2\)\r\n/m;
for my $case (
	[ 'a verb',             'x' x $mega . "\r\n" ],
	[ 'NULs',               "\0" x $mega . "\r\n" ],
	[ 'MAIL',               'MAIL FROM:<' . 'x' x $mega . ">\r\n" ],
	[ 'parameters',         'MAIL FROM:<>' . ' SIZE=1' x ($mega / 7) . "\r\n" ],
	[ 'blanks',             'MAIL' . ' ' x $mega . "FROM:<>\r\n" ],
	[ 'quotes',             'MAIL FROM:<"' . '\\"' x ($mega / 2) . "\"\@x>\r\n" ],
	[ 'a source route',     'MAIL FROM:<' . '@a,' x ($mega / 3) . ":a\@b>\r\n" ],
	[ 'HELO',               'HELO ' . 'x' x $mega . "\r\n" ],
	[ 'AUTH PLAIN',         'AUTH PLAIN ' . 'QUFB' x ($mega / 4) . "\r\n" ],
	[ 'AUTH and NULs',      'AUTH PLAIN ' . "\0" x $mega . "\r\n" ],
	[ 'an answer to AUTH',  "AUTH LOGIN\r\n" . 'QUFB' x ($mega / 4) . "\r\n" ],
	[ 'carriage returns',   "\r" x $mega . "\n" ],
) {
	my ($name, $line) = @$case;
	my $s = session(plain_home(), argv => [ 'qmail-smtpd', '/bin/cat', 'true' ]);
	say_it($s, "${line}NOOP\r\nQUIT\r\n");
	is problems_of($s, exit => 0, says => qr/$too_long(?:250 ok\r\n)?221 /m), '', "a megabyte of $name";
}
{
	my $s = session(plain_home());
	say_it($s, ('x' x $mega . "\r\n") x 3 . "NOOP\r\n");
	is problems_of($s, exit => 1, reason => 'long-lines', says => qr/(?:$too_long){3}\z/), '', 'three of them are enough';

	$s = session(plain_home());
	say_it($s, 'BDAT 5 ' . 'x' x 20_000 . "\r\nNOOP\r\n");
	is problems_of($s, exit => 1, reason => 'long-lines', says => qr/^220 [^\n]*\n$too_long\z/), '', 'after such a BDAT nothing is a command';

	$s = session(plain_home(timeoutsmtpd => "1\n"));
	hear($s, qr/^220 .*\n/);
	my $sent = 0;
	$sent += 1_000_000 while say_it($s, 'x' x 1_000_000);
	cmp_ok $sent, '>', 0, 'a line that does not end';
	is problems_of($s, exit => 1, reason => 'timeout', says => qr/^220 [^\n]*\n451 timeout/), '', 'is ended by the time for a command';

	$s = session(plain_home());
	say_it($s, "FROB\r\n" x 100_000);
	is problems_of($s, exit => 1, reason => 'too-many-errors', says => qr/^421 [^\n]*\n\z/m), '', 'a flood of nonsense';
	is scalar(() = $s->{out} =~ /^502 /mg), 100, 'is heard a hundred times';

	srand 7;
	my $noise = join '', map { chr int rand 256 } 1 .. 300_000;
	$s = session(plain_home());
	say_it($s, $noise);
	hang_up($s, 'half');
	is problems_of($s, exit => 1), '', 'noise';
	$s = session(plain_home());
	say_it($s, "QUIT\r\nMAIL FROM:<a\@b>\r\n$noise");
	is problems_of($s, exit => 0, says => qr/\A220 [^\n]*\n221 [^\n]*\n\z/), '', 'and more behind QUIT';
}

# --- recipients ---------------------------------------------------------------------------------

# A message to the first `count`, of whom `taken` may be; `pad` makes the addresses longer.
sub many {
	my ($home, $count, $taken, $pad) = @_;
	my @to = map { ('y' x $pad) . "$_\@example.net" } 1 .. $count;
	my $s = session($home);
	say_it($s, join '', $mail[0], map({ "RCPT TO:<$_>\r\n" } @to), "DATA\r\n", "x\r\n.\r\n", "QUIT\r\n");
	is problems_of($s, exit => 0, says => qr/^250 ok \d+ qp \d+\r\n221 [^\n]*\n\z/m), '', "$count recipients of " . length $to[-1];
	is scalar(() = $s->{out} =~ /^452 /mg), $count - $taken, "$taken of them are taken";
	my ($stored) = stored_messages($home);
	is_deeply $stored->{recipients}, [ @to[ 0 .. $taken - 1 ] ], 'and stored, none besides';
}
many(plain_home(), 10_000,  10_000, 1);
many(plain_home(), 10_001,  10_000, 1);
many(plain_home(), 100_000, 10_000, 1);
{
	# 8 MB of addresses: as long as they may be.
	my $s = session(my $home = plain_home());
	my @to = map { sprintf '%0880d@example.net', $_ } 1 .. 12_000;
	my $taken = 0;
	say_it($s, $mail[0]);
	say_it($s, join '', map { "RCPT TO:<$_>\r\n" } splice @to, 0, 1000) while @to;
	say_it($s, "DATA\r\nx\r\n.\r\nQUIT\r\n");
	is problems_of($s, exit => 0), '', 'addresses of 892 octets, 12 000 times';
	$taken = (() = $s->{out} =~ /^250 ok\r$/mg) - 1;
	cmp_ok $taken * 893, '<=', 8_388_608, "$taken are taken, in 8 MB";
	cmp_ok $taken, '>', 9000, 'and not many fewer';
	my ($stored) = stored_messages($home);
	is scalar @{ $stored->{recipients} }, $taken, 'those are stored';
}

# --- numbers ------------------------------------------------------------------------------------

my @edges = map { my $n = $_; map { big($n, $_) } -1 .. 1 } qw(31 32 63 64);
push @edges, '9' x 40, '0' x 40 . '1', 0;

# 2**$power + $delta in decimal, of any size.
sub big {
	my ($power, $delta) = @_;
	require Math::BigInt;
	return Math::BigInt->new(2)->bpow($power)->badd($delta)->bstr;
}

sub exceeds { return Math::BigInt->new($_[0])->bcmp(Math::BigInt->new($_[1])) > 0 }

# A number of more than 64 bits is the largest that fits: such a limit is none, such a size is too large for all but it.
sub clipped { my ($n) = @_; return exceeds($n, big(64, -1)) ? big(64, -1) : Math::BigInt->new($n)->bstr }

my %wrong;
my @databytes = is_long() ? @edges : (100, map({ big($_, 0) } 31, 32, 63, 64), big(64, -1));
for my $databytes (@databytes) {
	my $s = session(my $home = plain_home(databytes => "$databytes\n"));
	say_it($s, join '', "EHLO x\r\n", map({ "MAIL FROM:<> SIZE=$_\r\n" } @edges),
		"MAIL FROM:<> SIZE=-1\r\n", "MAIL FROM:<> SIZE=1x\r\n", "MAIL FROM:<> SIZE=\r\n",
		$mail[0], $mail[1], "DATA\r\n", "x\r\n.\r\n", "QUIT\r\n");
	my $problems = problems_of($s, exit => 0, says => qr/^250 ok \d+ qp/m);
	my @codes = $s->{out} =~ /^(\d{3}) /mg;
	splice @codes, 0, 2;
	for my $size (@edges) {
		my $should = clipped($databytes) ne '0' && exceeds(clipped($size), clipped($databytes)) ? 552 : 250;
		my $is = shift @codes;
		$problems .= "; SIZE=$size: $is" if $is != $should;
	}
	$problems .= '; what is no number: ' . join ' ', @codes[ 0 .. 2 ] if "@codes[0..2]" ne '250 250 250';
	$problems .= '; EHLO says another size' unless $s->{out} =~ /^250[- ]SIZE \Q${\ clipped($databytes)}\E\r$/m;
	$wrong{$databytes} = $problems if $problems ne '';
}
is_deeply \%wrong, {}, 'SIZE and databytes about 2^31, 2^32, 2^63, 2^64';

for my $octets (big(31, 0), big(32, 0), big(63, -1), big(64, 0), '9' x 40, '-1', '1x', '') {
	my $home = plain_home();
	my $s = session($home);
	say_it($s, join '', @mail, "BDAT $octets LAST\r\n$body");
	hang_up($s, 'half');
	is problems_of($s, exit => 1), '', "BDAT '$octets'";
	is scalar stored_messages($home), 0, 'nothing is stored';
	$s = session($home);
	say_it($s, "BDAT $octets\r\nMAIL FROM:<a\@b>\r\n");
	hang_up($s, 'half');
	is problems_of($s, exit => 1), '', "BDAT '$octets' without a message";
	unlike $s->{out}, qr/^250 /m, 'what follows is no command';
}

# --- logs ---------------------------------------------------------------------------------------

# Everything that a client says of itself, at the limit and of octets that are written as four.
{
	my $home = plain_home(badmailfrom => "\@bad.example\n");
	my $evil = "\xff" x 880;
	for my $level (1, 2) {
		my $s = session($home, env => { SMTPDLOG => $level, TCPREMOTEIP => 'x' x 300, TCPREMOTEHOST => "\n" x 300, TCPREMOTEINFO => "\r\n" });
		say_it($s, join '', "HELO \\$evil\r\n", "$evil\r\n", "MAIL FROM:<$evil\@bad.example>\r\n", "RCPT TO:<$evil\@example.net>\r\n",
			"MAIL FROM:<$evil>\r\n", "RCPT TO:<$evil\@far.example>\r\n", "RCPT TO:<$evil\@example.net>\r\n", "DATA\r\nx\r\n.\r\n", "QUIT\r\n");
		is problems_of($s, exit => 0, says => qr/^250 ok \d+ qp/m), '', "smtpdlog $level: lines stay lines, of 1024 octets";
		like $s->{err}, qr/ accept /, 'the message is there';
	}
}

done_testing;
