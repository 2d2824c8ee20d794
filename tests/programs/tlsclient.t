#!/usr/bin/perl
# qmail-tls as a client, started on demand: levels, names, trust stores (outbound 4.2 to 4.4, T11).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

my $certs = temp_dir();
my $home  = instance(me => "mx.example.org\n");
make_authority($certs, 'ca');
make_authority($certs, 'elsewhere');
make_certificate($certs, 'middle',  'ca', ca => 1);
make_certificate($certs, 'good',    'ca', alt => 'DNS:relay.example.net,DNS:*.wild.example,DNS:m*.part.example');
make_certificate($certs, 'cn',      'ca', subject => 'relay.example.net');
make_certificate($certs, 'both',    'ca', subject => 'relay.example.net', alt => 'DNS:other.example');
make_certificate($certs, 'expired', 'ca', alt => 'DNS:relay.example.net', expired => 1);
make_certificate($certs, 'address', 'ca', alt => 'IP:192.0.2.1,IP:2001:db8::1');
make_certificate($certs, 'deep',    'middle', alt => 'DNS:relay.example.net');
make_certificate($certs, 'client',  'ca', email => 'postmaster@example.org');
self_signed($certs, 'self', alt => 'DNS:relay.example.net');
my $hashed = hash_directory("$certs/hashed", "$certs/ca.crt", "$certs/elsewhere.crt");
my $trust  = "$certs/ca.crt";

sub client {
	my ($server, @arguments) = @_;
	my $net = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die;
	return driver($home, $net, '-s', "abc\n", @arguments);
}

# What each certificate is worth: file, name, arguments, result ("ok" or OpenSSL's words).
my @cases = (
	[ 'good', 'relay.example.net', [ '-t', $trust ],       'ok' ],
	[ 'good', 'RELAY.Example.net', [ '-t', $trust ],       'ok' ],
	[ 'good', 'relay.example.net', [ '-t', "$hashed/" ],   'ok' ],
	[ 'good', 'relay.example.net', [ '-t', $hashed ],      'ok' ],
	[ 'good', 'a.wild.example',    [ '-t', $trust ],       'ok' ],
	[ 'good', 'a.b.wild.example',  [ '-t', $trust ],       'hostname mismatch' ],
	[ 'good', 'wild.example',      [ '-t', $trust ],       'hostname mismatch' ],
	[ 'good', 'mx.part.example',   [ '-t', $trust ],       'hostname mismatch' ],
	[ 'good', 'other.example',     [ '-t', $trust ],       'hostname mismatch' ],
	[ 'good', 'relay.example.net', [],                     'unable to get local issuer certificate' ],
	[ 'good', 'relay.example.net', [ '-t', "$certs/elsewhere.crt" ], 'unable to get local issuer certificate' ],
	[ 'cn',   'relay.example.net', [ '-t', $trust ],       'ok' ],
	[ 'both', 'relay.example.net', [ '-t', $trust ],       'hostname mismatch' ],
	[ 'expired', 'relay.example.net', [ '-t', $trust ],    'certificate has expired' ],
	[ 'self', 'relay.example.net', [ '-t', $trust ],       qr/^self-signed certificate$/ ],
	[ 'self', 'relay.example.net', [ '-t', "$certs/self.crt" ], 'ok' ],
	[ 'deep', 'relay.example.net', [ '-t', $trust ],       'unable to get local issuer certificate' ],
	[ 'deep', 'relay.example.net', [ '-t', "$certs/middle.crt" ], 'ok' ],
	[ 'address', '192.0.2.1',      [ '-t', $trust, '-i' ], 'ok' ],
	[ 'address', '2001:db8::1',    [ '-t', $trust, '-i' ], 'ok' ],
	[ 'address', '192.0.2.2',      [ '-t', $trust, '-i' ], 'IP address mismatch' ],
	[ 'address', '192.0.2.1',      [ '-t', $trust ],       'hostname mismatch' ],
);

sub hex_of { my ($text) = @_; return lc($text =~ /([0-9A-Fa-f:]{40,})\s*$/ ? $1 =~ tr/://dr : $text) }
sub openssl_digest { my ($name, $by) = @_; return hex_of(`openssl x509 -in $certs/$name.crt -noout -fingerprint -$by`) }
sub key_digest {
	my ($name, $by) = @_;
	return hex_of(`openssl x509 -in $certs/$name.crt -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -$by`);
}

my %servers;
for my $case (@cases) {
	my ($file, $name, $arguments, $expected) = @$case;
	my $server = $servers{$file} ||=
	  openssl_server('-cert', "$certs/$file.crt", '-key', "$certs/$file.key");
	my $title = "$file as $name, @{[ map { s{.*/(.)}{$1}r } @$arguments ]}";
	my $secure = client($server, '-l', 'secure', @$arguments, 'client', $name);
	if ($expected eq 'ok') {
		is $secure->{exit}, 0, "secure: $title" or diag $secure->{text};
		is $secure->{verified}, 'yes', 'verified';
		is $secure->{got}, 'cba', 'and used';
	} else {
		is $secure->{exit}, 2, "secure: $title" or diag $secure->{text};
		ref $expected ? like $secure->{failed}, $expected : is $secure->{failed}, $expected, 'in OpenSSL\'s words';
	}
	next if $file =~ /cn|both|address/;
	for my $level ('may', 'encrypt') {
		my $run = client($server, '-l', $level, @$arguments, 'client', $name);
		is $run->{exit}, 0, "$level: $title";
		is $run->{got}, 'cba', 'used whatever it is';
		ref $expected ? like $run->{verify}, $expected : is $run->{verify}, $expected, 'the result is told';
	}
}

# --- the server name ---
my $sni = openssl_server('-cert', "$certs/good.crt", '-key', "$certs/good.key", '-servername', 'relay.example.net',
	'-cert2', "$certs/cn.crt", '-key2', "$certs/cn.key", '-tlsextdebug');
my $run = client($sni, '-t', $trust, 'client', 'relay.example.net');
is $run->{peer}, 'CN=relay.example.net', 'the name is sent' or diag $run->{text};
$run = client($sni, '-l', 'may', '-i', 'client', '192.0.2.1');
is $run->{peer}, 'CN=good', 'but not an address';
$run = client($sni, '-t', $trust, '-S', 'relay.example.net', '-A', 'good', '-l', 'may', 'client', 'x.example');
is $run->{peer}, 'CN=relay.example.net', 'another name can be sent' or diag $run->{text};
$run = client($sni, '-l', 'may', '-S', '-', 'client', 'relay.example.net');
is $run->{peer}, 'CN=good', 'or none';
stop_openssl($sni);

# --- the chain alone, and names more or fewer than one ---
my $sha1   = openssl_digest('good', 'sha1');
my $sha256 = openssl_digest('good', 'sha256');
my $server = $servers{good};
my @demands = (
	[ 'chain: no name counts',   [ '-l', 'chain', '-t', $trust, 'client', 'other.example' ], 'ok' ],
	[ 'chain: another authority', [ '-l', 'chain', '-t', "$certs/elsewhere.crt", 'client', 'relay.example.net' ], 'unable to get local issuer certificate' ],
	[ 'verify: as secure',        [ '-l', 'verify', '-t', $trust, 'client', 'relay.example.net' ], 'ok' ],
	[ 'verify: another name',     [ '-l', 'verify', '-t', $trust, 'client', 'other.example' ], 'hostname mismatch' ],
	[ 'another name does, too',   [ '-l', 'secure', '-t', $trust, '-A', 'x.example,relay.example.net', 'client', 'other.example' ], 'ok' ],
	[ 'exact: the name itself',   [ '-l', 'verify', '-t', $trust, '-x', 'client', 'relay.example.net' ], 'ok' ],
	[ 'exact: not by a wildcard', [ '-l', 'verify', '-t', $trust, '-x', 'client', 'a.wild.example' ], 'hostname mismatch' ],
	[ 'fingerprint, SHA-1',       [ '-l', 'fingerprint', '-F', $sha1, 'client', 'other.example' ], 'ok' ],
	[ 'fingerprint, SHA-256',     [ '-l', 'fingerprint', '-F', $sha256, 'client', 'other.example' ], 'ok' ],
);
push @demands,
	[ "fingerprint, $_",           [ '-l', 'fingerprint', '-F', openssl_digest('good', $_), 'client', 'x' ], 'ok' ],
	[ "fingerprint, $_ of the key", [ '-l', 'fingerprint', '-F', key_digest('good', $_), 'client', 'x' ], 'ok' ] for qw(sha224 sha512);
push @demands,
	[ 'fingerprint, one of two',  [ '-l', 'fingerprint', '-F', ('0' x 40) . ",$sha1", 'client', 'x' ], 'ok' ],
	[ 'fingerprint, another',     [ '-l', 'fingerprint', '-F', openssl_digest('cn', 'sha256'), 'client', 'x' ],
		"no fingerprint given is that of the certificate, which is $sha256" ],
	[ 'fingerprint, none',        [ '-l', 'fingerprint', 'client', 'x' ], "no fingerprint given is that of the certificate, which is $sha256" ];
for my $demand (@demands) {
	my ($title, $arguments, $expected) = @$demand;
	my $run = client($server, @$arguments);
	is $run->{exit}, $expected eq 'ok' ? 0 : 2, $title or diag $run->{text};
	is $run->{ $expected eq 'ok' ? 'verify' : 'failed' }, $expected, '... in words';
}
for my $file (qw(expired self)) {
	my $run = client($servers{$file}, '-l', 'fingerprint', '-F', openssl_digest($file, 'sha256'), 'client', 'x');
	is $run->{verified}, 'yes', "fingerprint: a certificate that is $file" or diag $run->{text};
}
is client($server, '-l', 'may', 'client', 'x')->{digest}, $sha256, 'the digest is told';

# --- depth ---
make_certificate($certs, 'middle2', 'middle', ca => 1);
make_certificate($certs, 'deeper', 'middle2', alt => 'DNS:relay.example.net');
spit("$certs/chain.pem", pem($certs, 'deeper.crt', 'middle2.crt', 'middle.crt'));
my $deep = openssl_server('-cert', "$certs/deeper.crt", '-key', "$certs/deeper.key", '-cert_chain', "$certs/chain.pem");
for my $case ([ 0, 'ok' ], [ 1, 'certificate chain too long' ], [ 2, 'ok' ]) {
	my ($depth, $expected) = @$case;
	my $run = client($deep, '-t', $trust, '-D', $depth, 'client', 'relay.example.net');
	is $run->{ $expected eq 'ok' ? 'verify' : 'failed' }, $expected, "at most $depth intermediate certificates" or diag $run->{text};
}
stop_openssl($deep);

# --- trust stores that cannot be used ---
$run = client($servers{good}, '-t', "$certs/none.pem", 'client', 'relay.example.net');
is $run->{exit}, 3, 'secure: no such trust store means that we could not find out' or diag $run->{text};
like $run->{'helper failed'}, qr/none\.pem/, 'and which';
$run = client($servers{good}, '-t', "$certs/none/", 'client', 'relay.example.net');
is $run->{exit}, 3, 'nor such a directory';
$run = client($servers{good}, '-l', 'encrypt', '-t', "$certs/none.pem", 'client', 'relay.example.net');
is $run->{exit}, 0, 'encrypt: it does not matter';
is $run->{verified}, 'no', 'but verifies nothing';
$run = client($servers{good}, '-l', 'none', 'client', 'relay.example.net');
is $run->{exit}, 3, 'level none is no request';

# --- a hashed directory is never read as a whole (DESIGN 4) ---
# Whoever opens one of these pipes to read it waits for ever.
for my $name ('ca-certificates.crt', '00000000.0', 'ffffffff.0', 'other.pem') {
	system('mkfifo', "$hashed/$name") == 0 or die "mkfifo: $?";
}
$run = client($servers{good}, '-d', 10000, '-t', $hashed, 'client', 'relay.example.net');
is $run->{verify}, 'ok', 'of a hashed directory only what is asked for is opened' or diag $run->{text};

# What we and the programs that we waited for, and those that they waited for, have read: nobody may look
# into a helper itself.
sub octets_read { return (slurp('/proc/self/io') // '') =~ /^rchar: (\d+)/m ? $1 : undef }

# Nor is the system's: one session has read less than its bundle has.
SKIP: {
	my $bundle = '/etc/ssl/certs/ca-certificates.crt';
	skip 'no bundle of the system', 3 unless -s $bundle;
	my $before = octets_read();
	my $net = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $servers{good}{port}) or die;
	my $driver = start_driver($home, $net, '-l', 'may', 'client', 'relay.example.net');
	wait_until(sub { slurp("$driver->{said}") =~ /^resumed/m });
	like slurp("$driver->{said}"), qr/^verify unable to get local issuer certificate$/m, 'the system\'s trust store was asked';
	close $net;
	finish_driver($driver);
	SKIP: {
		skip 'no /proc/PID/io', 2 unless defined $before;
		my $read = octets_read() - $before;
		cmp_ok $read, '>', 1000, '... of which, when all have been waited for,';
		cmp_ok $read, '<', (-s $bundle) / 2, '... few octets were read' or diag $read;
	}
}

# --- protocols and ciphers ---
for my $version ('1_2', '1_3') {
	my $server = openssl_server("-tls$version", '-cert', "$certs/good.crt", '-key', "$certs/good.key");
	$run = client($server, '-t', $trust, 'client', 'relay.example.net');
	is $run->{protocol}, 'TLSv' . ($version =~ tr/_/./r), 'protocol is told';
	is length $run->{binding}, 64, 'channel binding';
	$run = client($server, '-t', $trust, '-C', 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256', 'client',
		'relay.example.net');
	like $run->{cipher}, qr/AES.?128.GCM/, 'ciphers of the caller';
	stop_openssl($server);
}
my $old = openssl_server('-tls1_1', '-cipher', 'ALL:@SECLEVEL=0', '-cert', "$certs/good.crt", '-key', "$certs/good.key");
$run = client($old, '-t', $trust, 'client', 'relay.example.net');
is $run->{exit}, 2, 'TLS 1.1 at level secure';
like $run->{failed}, qr/version|protocol|alert/, 'and the reason' or diag $run->{text};
$run = client($old, '-l', 'encrypt', 'client', 'relay.example.net');
is $run->{exit}, 2, 'nor at encrypt';
$run = client($old, '-l', 'may', '-C', 'ALL:@SECLEVEL=0', 'client', 'relay.example.net');
is $run->{protocol}, 'TLSv1.1', 'but at may, where the ciphers allow it';
$run = client($old, '-l', 'encrypt', '-L', 2, '-C', 'ALL:@SECLEVEL=0', 'client', 'relay.example.net');
is $run->{protocol}, 'TLSv1.1', 'or where it was asked for';
stop_openssl($old);
$run = client($servers{good}, '-t', $trust, '-H', 3, 'client', 'relay.example.net');
is $run->{protocol}, 'TLSv1.2', 'no later one than was asked for';

# --- our own certificate ---
my $asking = openssl_server('-Verify', 1, '-CAfile', "$certs/ca.crt", '-tls1_2', '-cert', "$certs/good.crt",
	'-key', "$certs/good.key", '-verify_return_error');
control($home, 'clientcert.pem', pem($certs, 'client.key', 'client.crt'));
$run = client($asking, '-t', $trust, '-c', 'control/clientcert.pem', 'client', 'relay.example.net');
is $run->{got}, 'cba', 'a client certificate is sent' or diag $run->{text};
$run = client($asking, '-t', $trust, 'client', 'relay.example.net');
is $run->{exit}, 2, 'only if asked for';
control($home, 'clientcert.pem', "broken\n");
$run = client($servers{good}, '-t', $trust, '-c', 'control/clientcert.pem', 'client', 'relay.example.net');
is $run->{got}, 'cba', 'one that cannot be loaded is not used';

# --- one with a key of its own, and a password ---
system("openssl pkey -in $certs/client.key -aes128 -passout pass:secret -out $certs/sealed.key 2>/dev/null");
system("openssl ec -in $certs/client.key -aes128 -passout pass:secret -out $certs/old.key 2>/dev/null");
for my $file (qw(client sealed old)) {
	my @key = ('-t', $trust, '-n', '-c', "$certs/client.crt", '-k', "$certs/$file.key");
	$run = client($asking, @key, '-p', 'secret', 'client', 'relay.example.net');
	is $run->{got}, 'cba', "key in another file: $file" or diag $run->{text};
	next if $file eq 'client';
	$run = client($asking, @key, '-p', 'wrong', 'client', 'relay.example.net');
	is $run->{exit}, 3, '... the password is wrong' or diag $run->{text};
	like $run->{'helper failed'}, qr/^our own certificate: /, '... which is told';
	$run = client($asking, @key, 'client', 'relay.example.net');
	like $run->{'helper failed'}, qr/passphrase/, '... or there is none';
}
$run = client($servers{good}, '-n', '-t', $trust, '-c', "$certs/none.pem", 'client', 'relay.example.net');
is $run->{exit}, 3, 'a certificate that is needed and cannot be loaded';
stop_openssl($asking);

# --- servers that do not speak TLS ---
my $listener = listen_local();
for my $case ([ 'speaks SMTP', "220 mx.example.net ESMTP\r\n" ], [ 'says nothing', '' ], [ 'closes', undef ]) {
	my ($title, $bytes) = @$case;
	my $net = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $listener->sockport) or die;
	my $peer = $listener->accept;
	if (defined $bytes) { syswrite $peer, $bytes } else { undef $peer }
	$run = driver($home, $net, '-d', 500, 'client', 'relay.example.net');
	is $run->{exit}, 2, "a server that $title" or diag $run->{text};
}

stop_openssl($_) for values %servers;
done_testing;
