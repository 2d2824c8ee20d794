#!/usr/bin/perl
# qmail-tls serve tlsc resumes sessions of one server, each once, and only for who asks for the very same
# (outbound 4.3, row "session resumption").
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

my $certs = temp_dir();
make_authority($certs, $_) for qw(ca other);
make_certificate($certs, $_, 'ca', alt => 'DNS:mx.example,DNS:mx2.example') for qw(mx client);
spit("$certs/client.pem", pem($certs, 'client.key', 'client.crt'));
my @service = start_program([ program('qmail-tls'), 'serve', 'tlsc' ], home => my $home = service_home(),
	fds => { 2 => my $said = File::Temp->new });
wait_until(sub { slurp("$said") =~ /started/ }) or die slurp("$said");

END {
	my $status = $?;
	kill 'TERM', @service if @service;
	$? = $status;
}

# A home whose helpers cannot be started on demand; each child serves one session.
sub service_home {
	my $home = instance(me => "c.example\n", limits => "tls_sessions:1\n");
	unlink "$home/bin";
	mkdir "$home/$_" for 'bin', 'run', 'run/tlsc';
	return $home;
}

sub connect_to {
	my ($server, @arguments) = @_;
	my $net = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die;
	return driver($home, $net, '-s', "abc\n", @arguments);
}

sub resumed { return connect_to(@_)->{resumed} // 'failed' }

sub digest { my ($by) = @_; return lc `openssl x509 -in $certs/mx.crt -noout -fingerprint -$by` =~ s/.*=|[:\n]//gr }

my @usual = ('-t', "$certs/ca.crt", 'client', 'mx.example');
for my $version ('1_2', '1_3') {
	my $server = openssl_server("-tls$version", '-num_tickets', 1, '-cert', "$certs/mx.crt", '-key', "$certs/mx.key");
	my $first = connect_to($server, @usual);
	is "$first->{resumed} $first->{verify}", 'no ok', "TLS $version: the first in full" or diag $first->{text};
	my $second = connect_to($server, @usual);
	is "$second->{resumed} $second->{verify} $second->{got}", 'yes ok cba', '... the second resumed, by another process' or diag $second->{text};
	is $second->{peer}, 'CN=mx', '... whose peer is told';
	# A server of TLS 1.2 gives no new ticket then, and the old one is not used again.
	is resumed($server, @usual), $version eq '1_2' ? 'no' : 'yes', '... each session once';

	# Whatever differs, the session is not that one.
	my @others = (
		[ 'another level',       '-l', 'verify', @usual ],
		[ 'another name',        '-t', "$certs/ca.crt", 'client', 'mx2.example' ],
		[ 'one more name',       '-A', 'x.example', @usual ],
		[ 'another server name', '-S', 'x.example', @usual ],
		[ 'another depth',       '-D', 3, @usual ],
		[ 'exactly',             '-x', @usual ],
		[ 'our certificate',     '-c', "$certs/client.pem", @usual ],
		[ 'ciphers',             '-C', 'HIGH', @usual ],
	);
	for my $other (@others) {
		my ($name, @arguments) = @$other;
		is resumed($server, @arguments), 'no', "TLS $version, $name: in full";
	}
	# Each of those left a session under its own name, and took nobody else's.
	is resumed($server, @{ $others[0] }[ 1 .. $#{ $others[0] } ]), 'yes', '... then resumed as well';
	stop_openssl($server);

	$server = openssl_server("-tls$version", '-num_tickets', 1, '-cert', "$certs/mx.crt", '-key', "$certs/mx.key");
	is resumed($server, '-l', 'may', @usual), 'no', "TLS $version: a session that nobody verified";
	is resumed($server, @usual), 'no', '... is none for who verifies';
	is resumed($server, '-l', 'may', @usual), 'yes', '... but for who does not';
	is resumed($server, '-l', 'may', '-t', "$certs/other.crt", 'client', 'mx.example'), 'no', 'another trust store';
	my $run = connect_to($server, '-t', "$certs/other.crt", 'client', 'mx.example');
	is $run->{exit}, 2, '... refuses what was resumed elsewhere' or diag $run->{text};
	my $pin = digest('sha256');
	is resumed($server, '-l', 'fingerprint', '-F', $pin, 'client', 'mx.example'), 'no', 'a fingerprint';
	$run = connect_to($server, '-l', 'fingerprint', '-F', $pin, 'client', 'mx.example');
	is "$run->{resumed} $run->{verified}", 'yes yes', '... of who was found to have it' or diag $run->{text};
	$run = connect_to($server, '-l', 'fingerprint', '-F', $pin =~ tr/0-9a-f/1-9a-f0/r, 'client', 'mx.example');
	is $run->{exit}, 2, '... is not that of who has another' or diag $run->{text};
	$run = connect_to($server, '-l', 'fingerprint', '-F', $pin =~ tr/0-9a-f/1-9a-f0/r, 'client', 'mx.example');
	is $run->{exit}, 2, '... nor after a handshake that failed for that';
	stop_openssl($server);
}

# A trust store that was replaced is another one.
my $server = openssl_server('-num_tickets', 2, '-cert', "$certs/mx.crt", '-key', "$certs/mx.key");
spit("$certs/store.pem", slurp("$certs/ca.crt"));
my @store = ('-t', "$certs/store.pem", 'client', 'mx.example');
is resumed($server, @store), 'no', 'a trust store';
is resumed($server, @store), 'yes', '... as it was';
spit("$certs/store.new", slurp("$certs/other.crt"));
rename "$certs/store.new", "$certs/store.pem";
is connect_to($server, @store)->{exit}, 2, '... and replaced by one without the authority';

# Each session is used once: who comes while it is in use, has none.
stop_openssl($server);
$server = openssl_server('-tls1_3', '-num_tickets', 0, '-cert', "$certs/mx.crt", '-key', "$certs/mx.key");
is resumed($server, @usual), 'no', 'no ticket';
is resumed($server, @usual), 'no', '... nothing to go on with';
stop_openssl($server);

kill 'TERM', @service;
is +(finish_program($service[0], 20))[0], 0, 'the service ends';
@service = ();

# Nobody resumes without the service: there is no place to keep a session.
$server = openssl_server('-cert', "$certs/mx.crt", '-key', "$certs/mx.key");
my $alone = instance(me => "c.example\n");
for (1, 2) {
	my $net = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die;
	is driver($alone, $net, '-s', "abc\n", @usual)->{resumed}, 'no', "on demand, $_";
}
stop_openssl($server);

done_testing;
