#!/usr/bin/perl
# Sessions at a time, of a network and of a user: counted in one store, given back however a session
# ends; rates and failed logins that sessions at the same time run up.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Handle;
use MIME::Base64 qw(encode_base64);
use POSIX ();
use Socket qw(AF_UNIX SOCK_SEQPACKET pack_sockaddr_un);
use Test::More;
use Time::HiRes ();
use Qferry::Talk;
use Qferry::Test;

my ($SESSION_NETWORK, $SESSION_USER) = (6, 7);    # enum state_space
my @smtpd = ('qmail-smtpd', top() . '/tests/tools/checkpassword', 'true');
my $login = 'AUTH PLAIN ' . encode_base64("\0demo\0secret", '');

sub home {
	my $home = instance(me => "mx.example.org\n", rcpthosts => "example.org\n", limits => "auth_delay_ms:1\n", @_);
	mkdir "$home/$_" for qw(run run/state state state/db);
	return $home;
}

sub start_resident {
	my ($home) = @_;
	open my $err, '>>', "$home/stderr" or die;
	my $pid = start_program([ 'qmail-state', 'serve' ], home => $home, fds => { 2 => $err });
	ok wait_until(sub {
		socket(my $socket, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
		return connect $socket, pack_sockaddr_un("$home/run/state/sock");
	}), 'it listens';
	return $pid;
}

# --- a session --------------------------------------------------------------------------------

sub begin {
	my ($home, $ip, %env) = @_;
	my $dir = temp_dir();
	pipe my $in,   my $to  or die "pipe: $!";
	pipe my $from, my $out or die "pipe: $!";
	open my $err, '>', "$dir/err" or die;
	my $pid = start_program(\@smtpd, home => $home, fds => { 0 => $in, 1 => $out, 2 => $err },
		env => { TCPREMOTEIP => $ip, QMAILQUEUE => use_store_queue($home), %env });
	$to->autoflush(1);
	return { pid => $pid, to => $to, from => $from, err => "$dir/err" };
}

# How it ends after this; what it logged.
sub end {
	my ($session, $last) = @_;
	print { $session->{to} } $last if defined $last;
	close $session->{to};
	finish_program($session->{pid});
	my $log = slurp($session->{err});
	is sanitizer_report($log), undef, 'no report of a sanitizer' if sanitizer_report($log);
	return $log;
}

# "found 1 age 0 left 5", of a network's place.
sub place_of {
	my ($home, @octets) = @_;
	return run_program([ build() . '/tools/statedriver' ], home => $home,
		in => "read $SESSION_NETWORK " . pack('C4', 4, @octets) . "\n")->{out};
}

my $greeting = '220 mx.example.org ESMTP';
my $full     = '421 too many sessions from your network, try again later (#4.7.0)';

for my $kind ('on demand', 'resident') {
	my $home = home(sessionsnetwork => "2\n");
	my $pid = $kind eq 'resident' ? start_resident($home) : undef;
	my @open = map { begin($home, $_) } '192.0.2.1', '::ffff:192.0.2.2';
	is join(' ', map { heard($_) } @open), "$greeting $greeting", "$kind: two sessions of a network";
	my $third = begin($home, '192.0.2.3');
	is heard($third), $full,  'a third is sent away';
	is heard($third), 'eof', 'at once';
	like end($third), qr/ refuse .* code=421 check=sessionsnetwork by=control\/sessionsnetwork count=2 .*\n.* end .*reason=sessions/,
	  'and logged';
	my $other = begin($home, '192.0.3.1');
	is heard($other), $greeting, 'another network has its own';
	end($other, "QUIT\r\n");
	$other = begin($home, '192.0.2.3', SESSIONSNETWORK => 0);
	is heard($other), $greeting, 'tcprules can spare a client';
	end($other, "QUIT\r\n");
	unlike end($open[0], "QUIT\r\n"), qr/ helper /, 'the store was there';
	$open[0] = begin($home, '192.0.2.3');
	is heard($open[0]), $greeting, 'one that is over makes room';
	kill 'TERM', $open[1]{pid};
	end($open[1]);
	$open[1] = begin($home, '192.0.2.4');
	is heard($open[1]), $greeting, 'and so does one that SIGTERM ended';
	end($_) for @open;
	is place_of($home, 192, 0, 2), "absent 0\n", 'nothing is left behind';
	if ($pid) {
		kill 'TERM', $pid;
		finish_program($pid);
	}
}
{
	my $home = home(sessionsnetwork => "1\n", timeoutsmtpd => "1\n");
	my $session = begin($home, '192.0.2.1');
	is heard($session), $greeting, 'a session';
	kill 'KILL', $session->{pid};
	end($session);
	like place_of($home, 192, 0, 2), qr/^found 1 age \d left [0-5]\b/, 'that was killed holds its place, for five timeouts';
	ok wait_until(sub {
		my $again = begin($home, '192.0.2.1');
		my $said = heard($again);
		end($again, $said eq $greeting ? "QUIT\r\n" : undef);
		return $said eq $greeting;
	}), 'and no longer';
}
{
	my $home = home(sessionsnetwork => "1\n", timeoutsmtpd => "3\n");
	my $session = begin($home, '192.0.2.1');
	heard($session);
	my ($age, $left) = (0, 0); # 15 seconds at first; said again after 3
	ok wait_until(sub {
		say_to($session, 'NOOP') eq '250 ok' or return 1;
		($age, $left) = place_of($home, 192, 0, 2) =~ /age (\d+) left (\d+)/ or return 1;
		return $age >= 5;
	}), 'a session goes on';
	cmp_ok $left, '>=', 11, 'its place is held as long' or diag "age $age, left $left";
	say_to($session, $_) for 'MAIL FROM:<a@b.example>', 'RCPT TO:<x@example.org>', 'DATA';
	my $until = $age + 5;
	ok wait_until(sub {
		print { $session->{to} } ('x' x 62 . "\r\n") x 256;
		($age, $left) = place_of($home, 192, 0, 2) =~ /age (\d+) left (\d+)/ or return 1;
		return $age >= $until;
	}), 'and so does a message';
	cmp_ok $left, '>=', 11, 'its place is held, too' or diag "age $age, left $left";
	is say_to($session, '.') =~ s/ .*//r, '250', 'which is taken';
	end($session, "QUIT\r\n");
}
{
	my $home = home(sessionsuser => "1\n");
	my $first = begin($home, '192.0.2.1');
	heard($first);
	is say_to($first, $login), '235 ok, go ahead (#2.0.0)', 'a user';
	my $second = begin($home, '198.51.100.1');
	heard($second);
	is say_to($second, 'AUTH PLAIN ' . encode_base64("\0DEMO\0secret", '')),
	  '535 authentication failed (#5.7.1)', 'another name for the checker';
	is say_to($second, $login), '454 too many sessions of this user, try again later (#4.7.0)', 'not twice at a time';
	is say_to($second, 'MAIL FROM:<a@b.example>'), '250 ok', 'it goes on, but not as that user';
	is say_to($second, 'RCPT TO:<x@foreign.example>') =~ s/ .*//r, '553', 'who may relay';
	is say_to($second, 'RSET'), '250 flushed', 'it can try again';
	end($first, "QUIT\r\n");
	is say_to($second, $login), '235 ok, go ahead (#2.0.0)', 'when the other one is over';
	like end($second, "QUIT\r\n"), qr/ auth .*result=refused mech=PLAIN user=demo reason=sessions /m, 'which is logged';
}
{
	my $home = home(ratenetworkrcpt => "12\n");
	my @running = map { begin($home, "192.0.2.$_") } 1 .. 4;
	print { $_->{to} } "MAIL FROM:<a\@b.example>\r\n", "RCPT TO:<x\@example.org>\r\n" x 5, "QUIT\r\n" for @running;
	my $taken = 0;
	for my $session (@running) {
		my @said = map { heard($session) } 1 .. 8;
		$taken += grep { $_ eq '250 ok' } @said[ 2 .. 6 ];
		end($session);
	}
	is $taken, 12, 'of twenty recipients at the same time twelve are taken';
}
{
	my $home = home(authfailures => "0\n", authfailuresuser => "100\n", authguesses => "100\n", limits => "auth_delay_ms:40\n");
	my $bad = 'AUTH PLAIN ' . encode_base64("\0demo\0wrong", '');
	my $session = begin($home, '192.0.2.1');
	heard($session);
	is say_to($session, $bad), '535 authentication failed (#5.7.1)', 'a failure' for 1 .. 5;
	end($session, "QUIT\r\n");
	$session = begin($home, '198.51.100.1');
	heard($session);
	my $start = Time::HiRes::time();
	is say_to($session, $bad), '535 authentication failed (#5.7.1)', 'the sixth, elsewhere';
	cmp_ok Time::HiRes::time() - $start, '>=', 6 * 0.04, 'is answered as late as a sixth one';
	end($session, "QUIT\r\n");
}
{
	my $home = home(greylist => "1\n", ratenetwork => "1\n", ratenetworkrcpt => "1\n", sessionsnetwork => "1\n");
	rmdir "$home/state/db";
	my $run = run_program(\@smtpd, home => $home, env => { TCPREMOTEIP => '192.0.2.1', QMAILQUEUE => use_store_queue($home) },
		in => "MAIL FROM:<a\@b.example>\r\n" . "RCPT TO:<x\@example.org>\r\n" x 3 . "DATA\r\n.\r\nQUIT\r\n");
	is join(' ', $run->{out} =~ /^(\d+)/mg), '220 250 250 250 250 354 250 221', 'without a store everything is taken';
	is scalar(() = $run->{err} =~ / helper /g), 1, 'and the log says so once' or diag $run->{err};
}
done_testing();
