#!/usr/bin/perl
# qmail-qmtpd, qmail-qmqpd and qmail-qmqpc, and peers that mean no good: gone after every octet, slow, deaf, endless,
# with numbers that overflow (doc/hostile-input).  Every session ends, in 16 MB; each answer is a netstring; what
# is stored is what was answered with K.  QFERRY_LONG=1 tries every octet instead of some.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use IO::Socket::INET;
use Qferry::Hostile;
use Qferry::Net;
use Qferry::Queue;
use Qferry::Test;
use Socket;
use Test::More;

$SIG{PIPE} = 'IGNORE';
my ($us, $him) = ('s@client.example', 'r@dest.example');

sub home { return net_home(limits => "recipients:50\n", @_) }

# How the session ended, and what is wrong with what was said and stored; '' if nothing.  `full`: how many messages
# the client has sent whole; `exit`: a pattern.
sub wrong {
	my ($s, %with) = @_;
	my $end = end_of($s);
	my @answers = answers($s->{out});
	pop @answers if $with{cut} && @answers && $answers[-1] =~ /^\?/;
	my @stored = stored_messages($s->{home});
	my $taken = () = grep { /^K/ } @answers;
	my @wrong = log_problems($s->{err});
	push @wrong, "no answer: $_" for grep { !/\A[KZD][\x20-\x7e]+\z/ } @answers;
	push @wrong, "signal $end->{signal}" if $end->{signal};
	push @wrong, "exit $end->{exit}" if $end->{exit} !~ ($with{exit} || qr/\A(?:0|100|111)\z/) && !$end->{signal};
	push @wrong, "$taken taken, " . @stored . ' stored' if @stored < $taken || (!$with{cut} && @stored > $taken);
	push @wrong, @stored . " stored of $with{full}" if defined $with{full} && @stored > $with{full};
	push @wrong, "$taken taken of $with{taken}" if defined $with{taken} && $taken != $with{taken};
	push @wrong, 'the log has no reason ' . $with{reason} if $with{reason} && $s->{err} !~ / end .*reason=$with{reason}\b/;
	return join '; ', @wrong;
}

sub begin { my ($program, %with) = @_; return session($with{home} || home(), argv => [$program], tcp => 1, %with) }

# --- gone after every octet ----------------------------------------------------------------------------

my %whole = (
	'qmail-qmtpd' => qmtp("\rSubject: x\r\n\r\n.\r\n", $us, $him, 'x@far.example') . qmtp("\ny\n", '', $him),
	'qmail-qmqpd' => qmqp("Subject: x\n\n.\n", $us, $him, 'x@far.example'),
);
my %first = ('qmail-qmtpd' => length qmtp("\rSubject: x\r\n\r\n.\r\n", $us, $him, 'x@far.example'), 'qmail-qmqpd' => length $whole{'qmail-qmqpd'});

for my $program (sort keys %whole) {
	my $said = $whole{$program};
	my @cuts = grep { is_long() || $_ % 7 == 0 || $_ >= $first{$program} - 2 && $_ <= $first{$program} + 1 || $_ >= length($said) - 2 } 0 .. length $said;
	my @failed;
	for my $at (@cuts) {
		for my $how (is_long() ? qw(half close reset) : (qw(half close reset))[ $at % 3 ]) {
			my $s = begin($program);
			say_it($s, substr $said, 0, $at);
			hang_up($s, $how);
			my $full = $at < $first{$program} ? 0 : $at < length $said || $program eq 'qmail-qmqpd' ? 1 : 2;
			my $wrong = wrong($s, cut => $how ne 'half', full => $full, exit => qr/\A(?:0|111)\z/);
			push @failed, "$how at $at: $wrong" if $wrong;
		}
	}
	is(join("\n", @failed), '', "$program: gone after " . @cuts . ' of ' . length($said) . ' octets');
	my $s = begin($program);
	say_it($s, $_) for split //, $said;
	hang_up($s, 'half');
	is(wrong($s, full => $program eq 'qmail-qmqpd' ? 1 : 2, taken => $program eq 'qmail-qmqpd' ? 1 : 2, exit => qr/\A0\z/), '', '... octet by octet, it is taken');
}

# --- no end, no measure ----------------------------------------------------------------------------------

my $message = netstring("\nSubject: x\n\nhi\n");
my $part    = netstring("Subject: x\n\nhi\n") . netstring($us);
for my $case (
	[ 'zeros without end',        'qmail-qmtpd', '0' x 1_000_000, 100, 'protocol' ],
	[ 'digits without end',       'qmail-qmtpd', '1' x 1_000_000, 111, 'too-long' ],
	[ '2^32',                     'qmail-qmtpd', "4294967296:\n", 111, 'too-long' ],
	[ '2^64 and a little',        'qmail-qmtpd', "18446744073709551617:\n", 111, 'too-long' ],
	[ '2^64 as a sender',         'qmail-qmtpd', "${message}18446744073709551617:", 111, 'too-long' ],
	[ '2^64 as a recipient',      'qmail-qmtpd', $message . netstring($us) . '100:18446744073709551617:', 111, 'too-long' ],
	[ '2^32 recipients',          'qmail-qmtpd', $message . netstring($us) . '4294967299:', 111, 'too-long' ],
	[ 'a minus',                  'qmail-qmtpd', "-1:\n,", 100, 'protocol' ],
	[ 'a plus',                   'qmail-qmtpd', "+2:\nx,", 100, 'protocol' ],
	[ 'blanks',                   'qmail-qmtpd', " 2:\nx,", 100, 'protocol' ],
	[ 'NULs',                     'qmail-qmtpd', "\0" x 100_000, 100, 'protocol' ],
	[ 'no letters for a recipient', 'qmail-qmtpd', $message . netstring($us) . '5:x:ab,,', 100, 'protocol' ],
	[ 'a sender of 65536 octets', 'qmail-qmtpd', $message . netstring('s' x 65_536) . netstring(netstring($him)), 0 ],
	[ '65537',                    'qmail-qmtpd', $message . netstring('s' x 65_537) . netstring(netstring($him)), 111, 'too-long' ],
	[ 'a hundred recipients too many', 'qmail-qmtpd', $message . netstring($us) . netstring(netstring('x@far.example') x 2000), 111, 'recipients' ],
	[ 'a million of nothing',     'qmail-qmtpd', $message . netstring($us) . netstring('0:,' x 1_000_000), 111, 'recipients' ],
	[ 'many recipients of 65536 octets', 'qmail-qmtpd', $message . netstring($us) . netstring(netstring('r' x 65_536) x 50), 0 ],
	[ 'all of it 2^64',           'qmail-qmqpd', '18446744073709551617:', 111, 'too-long' ],
	[ 'more inside than outside', 'qmail-qmqpd', '100:18446744073709551617:', 111, 'too-long' ],
	[ 'zeros without end',        'qmail-qmqpd', '0' x 1_000_000, 100, 'protocol' ],
	[ 'three million of nothing', 'qmail-qmqpd', netstring($part . '0:,' x 3_000_000), 0 ],
	[ 'many recipients of 65536 octets', 'qmail-qmqpd', netstring($part . netstring('r' x 65_536) x 50), 0 ],
	[ 'eight million octets of recipients', 'qmail-qmqpd', netstring($part . netstring('r' x 800) x 11_000), 0, undef, memory => 40_000 ],
) {
	my ($name, $program, $said, $exit, $reason, %with) = @$case;
	my $s = begin($program, %with);
	say_it($s, $said);
	hang_up($s, 'half');
	is(wrong($s, exit => qr/\A$exit\z/, reason => $reason, full => 0), '', "$program: $name: exit $exit");
}
for my $program (sort keys %whole) {
	my $s = begin($program, env => { QMAILQUEUE => spit(temp_dir() . '/sink', "#!/bin/sh\nulimit -S -v unlimited\nexec cat >/dev/null\n", 0755) });
	my $head = $program eq 'qmail-qmqpd' ? '2000000000:1999999000:' : "2000000000:\r";
	ok(say_it($s, $head . "a line\r\n" x 1_000_000), "$program: two gigabytes are said to come, and eight megabytes do");
	hang_up($s, 'reset');
	is(wrong($s, cut => 1, full => 0), '', '... and no more');
}

# --- slow, deaf, silent -----------------------------------------------------------------------------------

for my $program (sort keys %whole) {
	for my $at (0, 1, 10, length($whole{$program}) - 1) {
		my $s = begin($program, home => home(timeoutsmtpd => "1\n"));
		say_it($s, substr $whole{$program}, 0, $at);
		is(wrong($s, exit => qr/\A111\z/, reason => 'timeout', full => 1), '', "$program: silent after $at octets");
	}
	my $s = begin($program, home => home(limits => "session:1\n"));
	my $end = time + 20;
	1 while say_it($s, '0', patience => 1) && time < $end && $s->{net} && !select(undef, undef, undef, 0.1) && $s->{out} eq '' && kill(0, $s->{pid}) && !ended($s);
	ok(time < $end, "$program: a client that never stops to count is told to stop");
	hang_up($s, 'close');
	wrong($s);
	$s = begin($program);
	say_it($s, substr $whole{$program}, 0, 20);
	kill 'TERM', $s->{pid};
	my $how = end_of($s);
	is("$how->{exit} $how->{signal}", '-1 15', "$program: TERM ends it in a message");
	is(scalar(stored_messages($s->{home})), 0, '... of which nothing is stored');
	$s = begin($program);
	wait_until(sub { -e "/proc/$s->{pid}/fd" && slurp("/proc/$s->{pid}/stat") =~ /\) S / });
	kill 'TERM', $s->{pid};
	$how = end_of($s);
	ok($how->{signal} eq '15' || $how->{exit} == 111, "$program: ... and where it waits");
}

sub ended { my ($s) = @_; return slurp("/proc/$s->{pid}/stat") =~ /\) Z / }

{
	my $home = home(timeoutsmtpd => "1\n", limits => "recipients:60000\n");
	my $s = begin('qmail-qmtpd', home => $home, env => { SMTPDLOG => 0 });
	my $many = $message . netstring($us) . netstring(netstring('x@far.example') x 60_000);
	for (1 .. 10) { say_it($s, $many, deaf => 1, patience => 2) or last }
	ok(wait_until(sub { ended($s) }), 'qmail-qmtpd: a client that does not listen is not spoken to for ever');
	is(wrong($s, cut => 1, full => 0), '', '... and the session ends well');
}

# --- the client, and servers ---------------------------------------------------------------------------------

# Says this after it has all, piece by piece.
sub client {
	my ($says, %with) = @_;
	my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die "listen: $@";
	my $home = instance(qmqpservers => '127.0.0.1:' . $listener->sockport . "\n");
	my $dir = temp_dir();
	spit("$dir/message", $with{message} // "Subject: x\n\nhi\n");
	spit("$dir/envelope", envelope($us, $him));
	open my $in, '<', "$dir/message" or die;
	open my $from, '<', "$dir/envelope" or die;
	open my $err, '>', "$dir/err" or die;
	my $pid = Qferry::Hostile::start_limited(['qmail-qmqpc'], home => $home, fds => { 0 => $in, 1 => $from, 2 => $err });
	IO::Select->new($listener)->can_read(20) or return 'no connection';
	my $net = $listener->accept;
	my $heard = '';
	until ($heard =~ /\A(\d+):/ && length $heard >= length($1) + $1 + 2) { sysread $net, $heard, 65536, length $heard or last }
	for my $piece (@$says) { last unless defined syswrite $net, $piece }
	close $net unless $with{stays};
	my ($exit, $signal) = finish_program($pid, 30);
	my $said = slurp("$dir/err");
	return "signal $signal" if $signal;
	return 'sanitizer: ' . sanitizer_report($said) if sanitizer_report($said);
	return "said: $said" if $said =~ /[^\n\x20-\x7e]/;
	return $exit;
}

my $answer = '27:Dnot here, and not there: no,';
for my $at (0 .. length $answer) {
	my $exit = $at > 3 ? 31 : 74;
	is(client([ substr $answer, 0, $at ]), $exit, "qmail-qmqpc: gone after $at octets of an answer: exit $exit") if is_long() || $at < 6 || $at > length($answer) - 3;
}
is(client([ split //, $answer ], stays => 1), 31, '... octet by octet');
is(client(['3:Kok,']), 0, '... K');
is(client([ '1' x 10_000_000 ]), 74, '... digits without end');
is(client([ '65000:D' . 'x' x 65_000 ]), 31, '... a long text');
is(client([ '65537:D' . 'x' x 65_537 ]), 74, '... a text without measure');
is(client([ "\0" x 1_000_000 ]), 74, '... NULs');
is(client([ "6:D\0\r\n\e\xff," ]), 31, '... octets that are no text');
is(client([ '18446744073709551619:Kok,' ]), 74, '... 2^64 and a little');
is(client([ '0:,3:Kok,' ]), 74, '... nothing, and something');
is(client([ '-3:Kok,' ]), 74, '... a minus');
is(client([ '3:kok,' ]), 74, '... no letter');

done_testing();
