#!/usr/bin/perl
# qmail-tls set-gid qmailt, in a home of its own: who gets a session with a key that only the group
# can read, that the group is gone afterwards, and that nothing of what it inherits matters
# (DESIGN 4 and 9).  The users need not exist: users/ids names them.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use IO::Socket::INET;
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Qferry::Tls;

plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no setpriv' unless -x '/usr/bin/setpriv';

my %uid = (qmaild => 53782, qmailr => 53786, qmails => 53783, friend => 53787, stranger => 53785);
my ($qmailt, $group) = (53790, 53789);    # the group of the key, and the callers'

my $home = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $home;
my $log = `cd ${\ top()} && make -s BUILD=$home/build CONF_HOME=$home $home/build/bin/qmail-tls $home/build/tools/tlsdriver 2>&1`;
plan skip_all => "cannot build for a home of its own: $log" unless -x "$home/build/tools/tlsdriver";
mkdir "$home/$_" for qw(bin users control run run/tls);
system("cp $home/build/bin/qmail-tls $home/bin && cp $home/build/tools/tlsdriver $home && rm -rf $home/build") == 0 or die;
chown 0, $qmailt, "$home/bin/qmail-tls";
chmod 02711, "$home/bin/qmail-tls";
spit("$home/users/ids", join('', map { "$_:$uid{$_}\n" } grep { $_ ne 'stranger' } sort keys %uid), 0644);
spit("$home/control/me", "mx.example.org\n", 0644);

my $certs = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
self_signed($certs, $_) for qw(mx other);
my $key = "$home/control/servercert.pem";
spit($key, pem($certs, 'mx.key', 'mx.crt'), 0640);
chown 0, $qmailt, $key;
my $listener = listen_local();

# A caller as a user; the home is the compiled-in one.
sub caller_of {
	my ($who, $net, $env, @arguments) = @_;
	my $said = File::Temp->new;
	my $pid = start_program(
		[ '/usr/bin/setpriv', "--reuid=$uid{$who}", "--regid=$group", '--clear-groups', '/bin/sh', '-c',
			'exec "$0" "$@"', "$home/tlsdriver", @arguments ],
		dir => $home, env => { QMAILHOME => undef, %$env },
		fds => { $net ? (0 => $net, 1 => $net) : (), 2 => $said });
	return { pid => $pid, said => $said };
}

sub ready { my ($who, %env) = @_; return finish_driver(caller_of($who, undef, \%env, 'ready')) }

# --- who may ---
is ready($_)->{exit}, 0, "$_ may use the key" or diag ready($_)->{text} for qw(qmaild qmailr qmails);
for my $who (qw(stranger friend)) {
	my $run = ready($who);
	is $run->{exit}, 1, "$who may not";
	like $run->{'not ready'}, qr/Permission denied/, 'for want of rights';
}
spit("$home/control/helperusers", "friend\nnobody-of-that-name\n", 0644);
is ready('friend')->{exit}, 0, 'helperusers';
is ready('stranger')->{exit}, 1, 'but not others';
spit("$home/control/own.pem", pem($certs, 'other.key', 'other.crt'), 0600);
chown $uid{stranger}, $group, "$home/control/own.pem";
is finish_driver(caller_of('stranger', undef, {}, '-c', 'control/own.pem', 'ready'))->{exit}, 0,
  'everybody has what he can read himself';

# --- nothing inherited ---
is ready('qmaild', QMAILHOME => $home)->{exit}, 0, '$QMAILHOME of this home';
my $elsewhere = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $elsewhere;
mkdir "$elsewhere/control";
symlink "$home/bin", "$elsewhere/bin";
is ready('qmaild', QMAILHOME => $elsewhere)->{exit}, 1, '$QMAILHOME of another is refused';

# --- the group is gone once the certificate is chosen ---
sub groups_of {
	my ($pid) = @_;
	return slurp("/proc/$pid/status") =~ /^Gid:\s+(.*)$/m ? [ split ' ', $1 ] : [];
}

for my $names (0, 1) {
	if ($names) {
		mkdir "$home/control/servercerts";
		mkdir "$home/control/servercerts/other.example";
		spit("$home/control/servercerts/other.example/servercert.pem", pem($certs, 'other.key', 'other.crt'), 0640);
		chown 0, $qmailt, "$home/control/servercerts/other.example/servercert.pem", "$home/control/servercerts";
		chmod 0750, "$home/control/servercerts";
	}
	my $peer = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $listener->sockport) or die;
	my $net = $listener->accept;
	my $driver = caller_of('qmaild', $net, {}, 'server');
	close $net;
	wait_until(sub { slurp("$driver->{said}") =~ /^ready/ && driver_children($driver) });
	my ($helper) = driver_children($driver);
	my $before = $names ? $qmailt : $group;
	wait_until(sub { (groups_of($helper)->[1] || 0) == $before });
	is groups_of($helper)->[1], $before,
	  $names ? 'kept for the name in the ClientHello' : 'given up before the handshake';
	my $client = start_client($peer);
	wait_until(sub { slurp("$driver->{said}") =~ /^resumed/m });
	is_deeply groups_of($helper), [ ($group) x 4 ], 'gone for good in the session';
	close $peer;
	finish_program($client);
	is finish_driver($driver)->{sni}, $names ? 'other.example' : 'mx.example.org', 'served';
}

# A client of ours over the same connection, asking for the name of this round.
sub start_client {
	my ($peer) = @_;
	my $name = -d "$home/control/servercerts" ? 'other.example' : 'mx.example.org';
	my $said = File::Temp->new;
	my $driver = start_program([ "$home/tlsdriver", '-l', 'may', 'client', $name ],
		dir => $home, fds => { 0 => $peer, 2 => $said }, env => { QMAILHOME => undef });
	my ($helper) = wait_until(sub { slurp("$said") =~ /^peer (.*)$/m && $1 });
	like $helper, $name eq 'other.example' ? qr/CN=other/ : qr/CN=mx/, "certificate of $name, read by the group";
	my ($child) = driver_children({ pid => $driver });
	is((groups_of($child)->[1] || 0), (groups_of($driver)->[1] || 0), 'a client has no group');
	kill 'TERM', $driver;
	return $driver;
}

# --- the resident service: the peer's uid counts ---
my $said = File::Temp->new;
my $service = start_program(
	[ '/usr/bin/setpriv', '--reuid=53791', "--regid=$qmailt", '--clear-groups', "$home/bin/qmail-tls", 'serve', 'tls' ],
	dir => $home, env => { QMAILHOME => undef }, fds => { 2 => $said })
  if chown 53791, $qmailt, "$home/run/tls";
wait_until(sub { slurp("$said") =~ /started/ });
rename "$home/bin/qmail-tls", "$home/bin/away";
is ready('qmaild')->{exit}, 0, 'resident: qmaild is served' or diag slurp("$said");
is ready('friend')->{exit}, 0, 'resident: friend too';
my $run = ready('stranger');
is $run->{exit}, 1, 'resident: a stranger is not';
like $run->{'not ready'}, qr/no such helper/, 'but would start one of his own';
kill 'TERM', $service;
is((finish_program($service))[0], 0, 'the service ends');

done_testing;
