#!/usr/bin/perl
# qmail-tls as a resident service: tickets across processes, new certificates, many callers, ends
# (DESIGN 4 and 7).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Qferry::Test;
use Qferry::Tls;
use Socket;
use Test::More;

my $certs    = temp_dir();
my $listener = listen_local();
my @services;
self_signed($certs, $_, alt => "DNS:$_.example") for qw(first second);

# A home whose helpers cannot be started on demand: who is served is served by the service.
sub home {
	my ($service, %controls) = @_;
	my $home = instance(me => "mx.example.org\n", %controls);
	unlink "$home/bin";
	mkdir "$home/$_" for 'bin', 'run', "run/$service";
	return $home;
}

sub start_service {
	my ($home, $name) = @_;
	my $said = File::Temp->new;
	my $pid = start_program([ program('qmail-tls'), 'serve', $name ], home => $home, fds => { 2 => $said });
	wait_until(sub { slurp("$said") =~ /started|cannot/ });
	push @services, $pid;
	return { pid => $pid, said => $said };
}

sub stop_service {
	my ($service) = @_;
	kill 'TERM', $service->{pid};
	my ($exit) = finish_program($service->{pid}, 20);
	return $exit;
}

END {
	my $status = $?;
	kill 'TERM', @services if @services;
	$? = $status;
}

sub pair {
	my $peer = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $listener->sockport) or die;
	return ($peer, scalar $listener->accept);
}

sub children {
	my ($service) = @_;
	return driver_children($service);
}

# A session that stays open: echoes what `peer`, an openssl s_client, gets from `to`.
sub open_session {
	my ($home) = @_;
	my $said = File::Temp->new;
	pipe my $in, my $to or die;
	my $client = start_program(
		[ '/usr/bin/openssl', 's_client', '-connect', '127.0.0.1:' . $listener->sockport, '-quiet', '-no_ign_eof' ],
		fds => { 0 => $in, 1 => $said, 2 => $said });
	close $in;
	my $connection = $listener->accept;
	my $driver = start_driver($home, $connection, 'server');
	$to->autoflush;
	return { client => $client, driver => $driver, to => $to, said => $said };
}

sub is_open { my ($session) = @_; return wait_until(sub { slurp("$session->{driver}{said}") =~ /^resumed/m }) }

sub echoes {
	my ($session, $text) = @_;
	print { $session->{to} } "$text\n";
	return wait_until(sub { slurp("$session->{said}") =~ /^\Q$text\E$/m });
}

sub close_session {
	my ($session) = @_;
	close $session->{to};
	finish_program($session->{client});
	return finish_driver($session->{driver});
}

# --- sessions one after another, and tickets that another process takes ---
my $home = home('tls', limits => "tls_sessions:1\n", 'servercert.pem' => pem($certs, 'first.key', 'first.crt'));
my $service = start_service($home, 'tls');
for my $version ('1_2', '1_3') {
	my $file = "$certs/session$version";
	my $run = openssl_client($home, $listener, [ "-tls$version", '-sess_out', $file ]);
	is $run->{exit}, 0, "TLS $version: served by the service" or diag $run->{text}, slurp("$service->{said}");
	is $run->{resumed}, 'no', 'at first in full';
	$run = openssl_client($home, $listener, [ "-tls$version", '-sess_in', $file, '-sess_out', "$file.next" ]);
	is $run->{resumed}, 'yes', 'then resumed, by another process';
	like $run->{client}, qr/^Reused, /m, 'as the client sees too';
	is $run->{got}, 'from the client', 'and used';
	$run = openssl_client($home, $listener, [ "-tls$version", '-sess_in', $version eq '1_3' ? "$file.next" : $file ]);
	is $run->{resumed}, 'yes', 'and again';
	spit("$home/control/clientca.pem", pem($certs, 'first.crt'));
	spit("$home/control/tlsclients", "joe\@client.example\n");
	$run = openssl_client($home, $listener, [ "-tls$version", '-sess_in', "$file" ]);
	is $run->{resumed}, 'no', 'not where other client certificates count';
	unlink "$home/control/clientca.pem", "$home/control/tlsclients";
}
my @tickets = slurp("$certs/session1_3") =~ /BEGIN SSL SESSION/g;
is @tickets, 1, 'one ticket a session';

# --- a new certificate, without a restart ---
control($home, 'servercert.pem.new', pem($certs, 'second.key', 'second.crt'));
rename "$home/control/servercert.pem.new", "$home/control/servercert.pem";
for my $try (1 .. 4) {
	like openssl_client($home, $listener, [])->{client}, qr/^ ?subject=CN ?= ?second$/m, "new certificate, $try";
}
rename "$home/control/servercert.pem", "$home/control/away";
my $run = driver($home, undef, 'ready');
is $run->{exit}, 1, 'without certificate: not ready';
like $run->{'not ready'}, qr/No such file/, 'and why' or diag $run->{text};
rename "$home/control/away", "$home/control/servercert.pem";
is driver($home, undef, 'ready')->{exit}, 0, 'with one again: ready';

# --- callers that break the rules ---
for my $packet ('', 'x', "QF\x01\x20", "QF\x01\x21" . "\0" x 12, "QF\x01\x21" . "\0" x 9 . "\x02\0\0",
	"QF\x02\x01" . "\0" x 12, "QF\x01\x22" . "\0" x 12 . "\0\x20\xff\xff") {
	socket my $caller, AF_UNIX, SOCK_SEQPACKET, 0 or die;
	chdir $home;
	connect $caller, pack_sockaddr_un('run/tls/sock') or die "connect: $!";
	send $caller, $packet, 0 if length $packet;
	shutdown $caller, 1;
	IO::Select->new($caller)->can_read(10);
}
is driver($home, undef, 'ready')->{exit}, 0, 'broken requests do no harm';
unlike slurp("$service->{said}"), qr/worker/, 'and cost no process';

# --- many at once; one that dies ---
my @sessions = map { open_session($home) } 1 .. 6;
is scalar(grep { is_open($_) } @sessions), 6, 'six at once';
is scalar(grep { echoes($sessions[$_], "number $_") } 0 .. 5), 6, 'and all work';
kill 'KILL', children($service);
is close_session($_)->{exit}, 0, 'killed: the session ends' for @sessions;
is openssl_client($home, $listener, [])->{exit}, 0, 'others are forked';
like slurp("$service->{said}"), qr/worker\\x20killed/, 'and it is told';

# --- another service of the name; the end ---
my $other = start_service($home, 'tls');
is +(finish_program($other->{pid}))[0], 111, 'a second service cannot listen';
my $session = open_session($home);
is_open($session);
is stop_service($service), 0, 'SIGTERM ends the service';
ok echoes($session, 'still here'), 'but not a session';
like driver($home, undef, 'ready')->{'not ready'}, qr/no such helper/, 'nobody else is served';
is close_session($session)->{exit}, 0, 'the session ends by itself';
$service = start_service($home, 'tls');
is driver($home, undef, 'ready')->{exit}, 0, 'a new service takes the place';

# --- killed: its children finish what they do, and keep nobody from its place ---
$session = open_session($home);
is_open($session);
kill 'KILL', $service->{pid};
finish_program($service->{pid});
$service = start_service($home, 'tls');
like slurp("$service->{said}"), qr/reason=started/, 'a killed service: a new one starts at once';
is driver($home, undef, 'ready')->{exit}, 0, 'and serves';
ok echoes($session, 'still here'), 'a session of the killed one goes on';
is close_session($session)->{exit}, 0, 'and ends by itself';
is stop_service($service), 0, 'and ends';

# --- at most so many children: the next caller is told so ---
$home = home('tls', limits => "tls_children:2\n", 'servercert.pem' => pem($certs, 'first.key', 'first.crt'));
$service = start_service($home, 'tls');
@sessions = map { open_session($home) } 1 .. 2;
ok is_open($_), 'limit tls_children, at: a session' for @sessions;
is scalar(children($service)), 2, '... two children';
for my $try (1 .. 2) {
	like driver($home, undef, 'ready')->{'not ready'}, qr/^all its children are busy$/, "limit tls_children, over: refused, $try";
}
{
	# One that connects and says nothing is not waited for; nor is its end.
	socket my $mute, PF_UNIX, SOCK_SEQPACKET, 0 or die;
	chdir $home;
	connect $mute, pack_sockaddr_un('run/tls/sock') or die "connect: $!";
	chdir '/';
	ok wait_until(sub { my $end = ''; defined recv($mute, $end, 10, MSG_DONTWAIT) }), '... one that says nothing is left';
	my $run = run_program(['qmail-smtpd'], home => $home, in => "EHLO x\r\nSTARTTLS\r\nNOOP\r\nQUIT\r\n", env => { TCPREMOTEIP => '192.0.2.1' });
	like $run->{out}, qr/^250.STARTTLS\r\n(?:250.*\r\n)*454 .*\r\n250 .*\r\n221 /m, '... STARTTLS is 454, and the session goes on';
	like $run->{err}, qr/all.x20its.x20children.x20are.x20busy/, '... the log says why';
}
ok echoes($_, 'still here'), 'the sessions go on' for @sessions;
close_session(shift @sessions);
ok wait_until(sub { driver($home, undef, 'ready')->{exit} == 0 }), 'one ends: the next caller is served';
close_session($_) for @sessions;
is stop_service($service), 0, 'the service ends';

# --- so many sessions of one child ---
$home = home('tls', limits => "tls_sessions:2\ntls_children:1\n", 'servercert.pem' => pem($certs, 'first.key', 'first.crt'));
$service = start_service($home, 'tls');
my @served = map {
	my $session = open_session($home);
	is_open($session);
	my ($child) = children($service);
	close_session($session);
	$child
} 1 .. 3;
is $served[1], $served[0], 'limit tls_sessions, at: the second session has the same child';
isnt $served[2], $served[0], 'limit tls_sessions, over: the third has another';
stop_service($service);

# --- the client's service ---
$home = home('tlsc');
my $server = openssl_server('-cert', "$certs/first.crt", '-key', "$certs/first.key");
$service = start_service($home, 'tlsc');
for my $case ([ 'secure', 0 ], [ 'may', 0 ], [ 'secure', 2, 'other.example' ], [ 'secure', 0 ]) {
	my ($level, $exit, $name) = @$case;
	my $net = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die;
	my $run = driver($home, $net, '-s', "abc\n", '-l', $level, '-t', "$certs/first.crt", 'client', $name || 'first.example');
	is $run->{exit}, $exit, "client, $level, " . ($name || 'right name') or diag $run->{text};
	is $run->{got}, 'cba', 'and used' if $exit == 0;
}
is stop_service($service), 0, 'the client service ends';
stop_openssl($server);

done_testing;
