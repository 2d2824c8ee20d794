#!/usr/bin/perl
# Failed logins with a resident qmail-state: counted in one store by sessions at the same time, a
# refusal that ends, a service that is stuck.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(encode_base64);
use Socket qw(AF_UNIX SOCK_SEQPACKET pack_sockaddr_un);
use Test::More;
use Qferry::Test;
use POSIX ();

my @smtpd = ('qmail-smtpd', top() . '/tests/tools/checkpassword', 'true');

sub home {
	my $home = instance(me => "mx.example.org\n", rcpthosts => "example.org\n", limits => "auth_delay_ms:1\n",
		authguesses => "100\n", @_);
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

# The codes of the replies to these logins, and the log.
sub logins {
	my ($home, $ip, @logins) = @_;
	my $in = join '', map { 'AUTH PLAIN ' . encode_base64("\0$_->[0]\0$_->[1]", '') . "\r\n" } @logins;
	my $run = run_program(\@smtpd, home => $home, in => "${in}QUIT\r\n", env => { TCPREMOTEIP => $ip }, limit => 60);
	is sanitizer_report($run->{err}), undef, 'no report of a sanitizer' if sanitizer_report($run->{err});
	return (join(' ', $run->{out} =~ /^(\d+)/mg), $run->{err});
}

my @right = ('demo', 'secret');
my @wrong = ('x', 'wrong');

{
	my $home = home(authfailures => "12\n", authfailuresuser => "0\n");
	my $pid = start_resident($home);
	my @pids;
	for my $n (1 .. 4) {
		my $child = fork // die;
		if ($child == 0) {
			my ($codes) = logins($home, "192.0.2.$n", (\@wrong) x 3);
			POSIX::_exit($codes eq '220 535 535 535 221' ? 0 : 1);
		}
		push @pids, $child;
	}
	my $bad = grep { waitpid $_, 0; $? != 0 } @pids;
	is $bad, 0, 'four sessions with three failures each';
	my ($codes, $log) = logins($home, '192.0.2.9', \@right);
	is $codes, '220 454 221', 'are twelve failures of their network';
	unlike $log, qr/ helper /, 'the store was there';

	kill 'STOP', $pid;
	($codes, $log) = logins($home, '192.0.2.9', \@wrong, \@wrong, \@right);
	is $codes, '220 535 535 235 221', 'a service that is stuck: as if nothing were counted';
	is scalar(() = $log =~ / helper /g), 1, 'the log says so, once a session' or diag $log;
	kill 'CONT', $pid;
	($codes) = logins($home, '192.0.2.9', \@right);
	is $codes, '220 454 221', 'it goes on: still refused';
	kill 'TERM', $pid;
	finish_program($pid);
	($codes) = logins($home, '192.0.2.9', \@right);
	is $codes, '220 454 221', 'it has ended: on demand the same';
}
{
	my $home = home(authfailures => "1\n", authfailtime => "1\n");
	logins($home, '192.0.2.9', \@wrong);
	ok wait_until(sub { (logins($home, '192.0.2.9', \@right))[0] eq '220 235 221' }), 'a refusal ends';
}
{
	my $home = home(authfailures => "99999999999999999999\n", authfailuresuser => "2\n", authfailtime => "99999999999999999999\n");
	my ($codes) = logins($home, '192.0.2.9', ([ 'u' x 300, 'wrong' ]) x 2, [ 'U' x 300, 'wrong' ], [ 'u' x 299, 'wrong' ]);
	is $codes, '220 535 535 454 535 221', 'large figures, long names';
}
done_testing();
