#!/usr/bin/perl
# qmail-tls as a server, started on demand (inbound 4.1, D15 to D17, section 8 row 8314).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use File::Temp;
use POSIX ();
use Qferry::Test;
use Qferry::Tls;
use Socket;
use Test::More;

my $certs    = temp_dir();
my $listener = listen_local();
make_authority($certs, 'ca');
make_certificate($certs, 'middle', 'ca', ca => 1);
make_certificate($certs, 'rsa',   'middle', key => 'rsa', subject => 'mx.example.org', alt => 'DNS:mx.example.org');
make_certificate($certs, 'ecdsa', 'middle', subject => 'mx.example.org', alt => 'DNS:mx.example.org');
make_certificate($certs, 'other', 'ca', subject => 'other.example', alt => 'DNS:other.example');
my @verify = ('-CAfile', "$certs/ca.crt", '-verify_return_error');

sub home {
	my (@parts) = @_;
	my $home = instance(me => "mx.example.org\n");
	control($home, 'servercert.pem', pem($certs, @parts)) if @parts;
	return $home;
}

# --- protocols, keys and the order of the file ---
my $rsa = home('rsa.key', 'rsa.crt', 'middle.crt');
my $ecdsa = home('middle.crt', 'ecdsa.crt', 'ecdsa.key');
for my $case ([ $rsa, 'RSA' ], [ $ecdsa, 'ECDSA, key last' ],
	[ home('rsa.key', 'middle.crt', 'ecdsa.crt', 'rsa.crt', 'ecdsa.key'), 'two keys' ]) {
	my ($home, $name) = @$case;
	for my $version ('1_2', '1_3') {
		my $run = openssl_client($home, $listener, [ @verify, "-tls$version", '-verify_hostname', 'mx.example.org' ]);
		is $run->{exit}, 0, "$name, TLS $version: session" or diag $run->{text}, $run->{client};
		is $run->{protocol}, 'TLSv' . ($version =~ tr/_/./r), 'protocol is told';
		like $run->{client}, qr/^Verify return code: 0 \(ok\)|Verification: OK/m, 'the chain is sent';
		like $run->{client}, qr/^from the server$/m, 'plaintext to the client';
		is $run->{got}, 'from the client', 'plaintext from the client';
		is length $run->{binding}, 64, 'channel binding';
		unlike $run->{client}, qr/unexpected eof|error:/i, 'ends with close_notify';
		like $run->{client}, qr/No client certificate CA names sent/, 'no client certificate is asked for';
	}
}

my $run = openssl_client($rsa, $listener, [ '-tls1_2', '-cipher', 'ECDHE-RSA-AES128-GCM-SHA256' ]);
is $run->{cipher}, 'ECDHE-RSA-AES128-GCM-SHA256', 'cipher is told';
like $run->{client}, qr/Compression: NONE/, 'no compression';
unlike $run->{client}, qr/TLS session ticket:/, 'no ticket on demand';
is $run->{resumed}, 'no', 'not resumed';

# A client that wants to renegotiate is refused (4.1.9).
{
	my $said = File::Temp->new;
	pipe my $in, my $to or die;
	my $client = start_program(
		[ '/usr/bin/openssl', 's_client', '-tls1_2', '-connect', '127.0.0.1:' . $listener->sockport ],
		fds => { 0 => $in, 1 => $said, 2 => $said });
	close $in;
	my $driver = start_driver($rsa, scalar $listener->accept, 'server');
	wait_until(sub { slurp("$driver->{said}") =~ /^resumed/m });
	syswrite $to, "R\n";
	finish_program($client);
	like slurp("$said"), qr/^RENEGOTIATING\n.*no renegotiation/ms, 'no renegotiation';
	is finish_driver($driver)->{exit}, 0, 'and the session ends';
}

$run = openssl_client($rsa, $listener, [ '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0' ]);
is $run->{exit}, 2, 'TLS 1.1 is refused';
like $run->{failed}, qr/version|protocol/, 'and the reason is told' or diag $run->{text};

# --- ciphers: names for 1.2 and for 1.3 in one list ---
control($rsa, 'tlsserverciphers', "ECDHE-RSA-AES256-GCM-SHA384\n# comment\nTLS_CHACHA20_POLY1305_SHA256\n");
is openssl_client($rsa, $listener, ['-tls1_2'])->{cipher}, 'ECDHE-RSA-AES256-GCM-SHA384', 'list: TLS 1.2';
is openssl_client($rsa, $listener, ['-tls1_3'])->{cipher}, 'TLS_CHACHA20_POLY1305_SHA256', 'list: TLS 1.3';
$run = openssl_client($rsa, $listener, ['-tls1_3'], '-C', 'TLS_AES_128_GCM_SHA256:TLS_FUTURE:AES128-SHA');
is $run->{cipher}, 'TLS_AES_128_GCM_SHA256', "the caller's list wins; an unknown suite does no harm";
control($rsa, 'tlsserverciphers', "NO-SUCH-CIPHER\n");
$run = driver($rsa, undef, 'ready');
is $run->{exit}, 1, 'a list without any known name: not ready';
like $run->{'not ready'}, qr/no cipher match/, 'and why';
unlink "$rsa/control/tlsserverciphers";

# --- certificate by server name ---
spit("$ecdsa/control/servercerts/other.example/servercert.pem", pem($certs, 'other.key', 'other.crt'));
spit("$ecdsa/control/servercerts/broken.example/servercert.pem", 'nothing');
for my $case ([ 'OTHER.example', 'other.example' ], [ 'mx.example.org', 'mx.example.org' ],
	[ 'broken.example', 'mx.example.org' ], [ '..', 'mx.example.org' ]) {
	my ($name, $subject) = @$case;
	$run = openssl_client($ecdsa, $listener, [ '-servername', $name ]);
	like $run->{client}, qr/^ ?subject=CN ?= ?\Q$subject\E$/m, "certificate for $name" or diag $run->{client};
	is $run->{sni}, $name, 'the name is told';
}

# --- the client's certificate (inbound 4.1.8, D16: asked in the first handshake) ---
make_certificate($certs, 'client', 'ca', email => 'joe@client.example');
self_signed($certs, 'stranger');
control($ecdsa, 'clientca.pem', pem($certs, 'ca.crt'));
control($ecdsa, 'tlsclients', "joe\@client.example\n");
for my $version ('1_2', '1_3') {
	$run = openssl_client($ecdsa, $listener, [ "-tls$version", '-cert', "$certs/client.crt", '-key', "$certs/client.key" ]);
	is $run->{verify}, 'ok', "client certificate, TLS $version";
	is $run->{emails}, 'joe@client.example', 'its address is told';
	like $run->{peer}, qr/CN=client/, 'its subject is told';
	$run = openssl_client($ecdsa, $listener, [ "-tls$version", '-cert', "$certs/stranger.crt", '-key', "$certs/stranger.key" ]);
	is $run->{exit}, 0, 'a stranger is served too';
	is $run->{verified}, 'no', 'but not verified';
	is $run->{emails}, '', 'and without addresses';
}
$run = openssl_client($ecdsa, $listener, []);
is $run->{verify}, 'no certificate', 'no client certificate';
unlink "$ecdsa/control/tlsclients";

# --- no certificate, no helper ---
my $empty = home();
$run = driver($empty, undef, 'ready');
is $run->{exit}, 1, 'no certificate: not ready';
like $run->{'not ready'}, qr{control/servercert.pem: No such file}, 'and why';
for my $case ([ 'ca.crt', qr/no private key/ ], [ 'rsa.key', qr/no certificate in/ ]) {
	$run = driver(home($case->[0]), undef, 'ready');
	like $run->{'not ready'}, $case->[1], "only $case->[0]";
}
$run = driver(home('rsa.key', 'ecdsa.crt'), undef, 'ready');
like $run->{'not ready'}, qr/no certificate belongs to the private key/, 'key of another certificate';
SKIP: {
	skip 'root reads all files', 1 if $> == 0;
	my $home = home('rsa.key', 'rsa.crt');
	chmod 0, "$home/control/servercert.pem";
	like driver($home, undef, 'ready')->{'not ready'}, qr/Permission denied/, 'unreadable certificate';
}
spit("$certs/encrypted.pem", '');
system("openssl pkey -in $certs/rsa.key -aes128 -passout pass:x -out $certs/encrypted.pem 2>/dev/null");
control($empty, 'servercert.pem', pem($certs, 'encrypted.pem', 'rsa.crt'));
like driver($empty, undef, 'ready')->{'not ready'}, qr/passphrase/, 'a key with a passphrase is not asked about';
unlink "$empty/bin";
mkdir "$empty/bin";
like driver($empty, undef, 'ready')->{'not ready'}, qr/no such helper/, 'no helper';

# --- peers that do not speak TLS ---
sub pair {
	my $peer = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $listener->sockport) or die;
	return ($peer, scalar $listener->accept);
}
my ($peer, $connection) = pair();
my $driver = start_driver($rsa, $connection, '-d', 300, 'server');
close $connection;
$run = finish_driver($driver);
is $run->{exit}, 2, 'a silent peer: the handshake has a deadline';
like $run->{failed}, qr/timed out/, 'and that is told';
is sysread($peer, my $bytes, 100), 0, 'nothing is sent in clear (D17)';

($peer, $connection) = pair();
$driver = start_driver($rsa, $connection, 'server');
close $connection;
syswrite $peer, "EHLO client.example\r\n";
$run = finish_driver($driver);
is $run->{exit}, 2, 'SMTP instead of a ClientHello';
local $/;
$bytes = <$peer>;
ok $bytes eq '' || $bytes =~ /^\x15\x03/, 'at most an alert is sent (D17)';

($peer, $connection) = pair();
$driver = start_driver($rsa, $connection, 'server');
close $connection;
syswrite $peer, "\x16\x03\x01\x40\x00\x01\x00\x3f\xfc" . 'x' x 5000;
shutdown $peer, 1;
is finish_driver($driver)->{exit}, 2, 'a cut ClientHello';

($peer, $connection) = pair();
$driver = start_driver($rsa, $connection, 'server');
close $connection;
close $peer;
is finish_driver($driver)->{exit}, 2, 'a peer that goes at once';

# --- both ways at once, over a socket and over two pipes ---
my $octets = 8_000_000;
($peer, $connection) = pair();
$driver = start_driver($rsa, $connection, '-z', $octets, 'server');
my $client = start_driver($rsa, $peer, '-z', $octets, '-l', 'may', 'client', 'mx.example.org');
close $_ for $peer, $connection;
is finish_driver($client)->{came}, $octets, 'much both ways: client';
is finish_driver($driver)->{came}, $octets, 'much both ways: server';

($peer, $connection) = pair();
pipe my $in, my $to or die;
pipe my $from, my $out or die;
my @relays = (relay($connection, $to), relay($from, $connection));
close $_ for $to, $from, $connection;
$driver = start_driver($rsa, [ $in, $out ], '-s', "over pipes\n", 'server');
close $_ for $in, $out;
$client = start_driver($rsa, $peer, '-s', "to pipes\n", '-l', 'may', 'client', 'mx.example.org');
close $peer;
is finish_driver($driver)->{got}, 'to pipes', 'pipes: server';
is finish_driver($client)->{got}, 'over pipes', 'pipes: client';
finish_program($_) for @relays;

sub relay {
	my ($from, $to) = @_;
	my $pid = fork // die;
	return $pid if $pid;
	for my $fd (map { m{/(\d+)$} ? $1 : () } glob '/proc/self/fd/*') {
		POSIX::close($fd) unless $fd <= 2 || $fd == fileno $from || $fd == fileno $to;
	}
	while (sysread $from, my $block, 65536) { syswrite $to, $block }
	shutdown $to, 1;
	POSIX::_exit(0);
}

# --- a helper that dies ---
($peer, $connection) = pair();
$driver = start_driver($rsa, $connection, 'server');
$client = start_driver($rsa, $peer, '-l', 'may', 'client', 'mx.example.org');
close $_ for $peer, $connection;
wait_until(sub { slurp("$driver->{said}") =~ /resumed/ && slurp("$client->{said}") =~ /resumed/ });
my @helpers = driver_children($driver);
is @helpers, 1, 'one helper serves';
kill 'KILL', @helpers;
is finish_driver($driver)->{exit}, 0, 'killed: the plaintext ends';
is finish_driver($client)->{exit}, 0, 'and so does the other side';

# --- what the caller inherits does not matter ---
SKIP: {
	skip 'a sanitizer needs the address space', 2 if build() =~ /san/;
	for my $kind ('-S', '') {
		my $said = File::Temp->new;
		my $pid = start_program(
			[ '/bin/sh', '-c', "ulimit $kind -v 25000 && exec " . build() . '/tools/tlsdriver ready' ],
			home => $rsa, fds => { 2 => $said },
			env => { OPENSSL_CONF => '/nonexistent', SSL_CERT_DIR => '/nonexistent' });
		finish_program($pid);
		is slurp("$said"), "ready\n", "ulimit $kind -v 25000";
	}
}
is run_program(['qmail-tls'], home => $rsa)->{exit}, 100, 'usage';
is run_program([ 'qmail-tls', 'server' ], home => "$rsa/none", dir => '/')->{exit}, 111, 'no home';

done_testing;
