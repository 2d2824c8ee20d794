#!/usr/bin/perl
# qmail-tls and TLSA records: which one proved the server is told, and a session that records proved is
# resumed by who has the very same (outbound 4.3, 4.5).  What becomes of mail is in dane.t.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256_hex sha512_hex);
use IO::Socket::INET;
use Qferry::Dane;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

my $certs = temp_dir();
make_authority($certs, 'ca');
make_certificate($certs, 'middle', 'ca', ca => 1);
make_certificate($certs, 'mx', 'middle', alt => 'DNS:mx.example');
spit("$certs/chain.crt", slurp("$certs/middle.crt") . slurp("$certs/ca.crt"));
my %key  = map { $_ => association("$certs/$_.crt", 'key') } qw(mx middle ca);
my %cert = map { $_ => association("$certs/$_.crt", 'certificate') } qw(mx middle ca);
my $ee   = '030101' . sha256_hex($key{mx});

my $home = instance(me => "c.example\n", limits => "tls_sessions:1\n");
unlink "$home/bin";
mkdir "$home/$_" for 'bin', 'run', 'run/tlsc';
my @service = start_program([ program('qmail-tls'), 'serve', 'tlsc' ], home => $home, fds => { 2 => my $said = File::Temp->new });
wait_until(sub { slurp("$said") =~ /started/ }) or die slurp("$said");

END {
	my $status = $?;
	kill 'TERM', @service if @service;
	$? = $status;
}

my $server = openssl_server('-cert', "$certs/mx.crt", '-key', "$certs/mx.key", '-cert_chain', "$certs/chain.crt");

sub client {
	my ($level, $name, @records) = @_;
	my $net = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die;
	return driver($home, $net, '-s', "abc\n", '-l', $level, (map { ('-T', $_) } @records), 'client', $name);
}

my @cases = (
	[ 'usage 3, key',                    'mx.example', [$ee], '3 1 1 depth 0' ],
	[ 'usage 3, certificate, SHA-512',   'mx.example', [ '030002' . sha512_hex($cert{mx}) ], '3 0 2 depth 0' ],
	[ 'usage 3, another name',           'x.example',  [$ee], '3 1 1 depth 0' ],
	[ 'usage 2, key of an intermediate', 'mx.example', [ '020101' . sha256_hex($key{middle}) ], '2 1 1 depth 1' ],
	[ 'usage 2, the root',               'mx.example', [ '020001' . sha256_hex($cert{ca}) ], '2 0 1 depth 2' ],
	[ 'usage 2, the whole of it',        'mx.example', [ '020000' . unpack 'H*', $cert{ca} ], '2 0 0 depth 2' ],
	[ 'one of several',                  'mx.example', [ '030101' . sha256_hex('x'), '010101' . sha256_hex($key{mx}), $ee ], '3 1 1 depth 0' ],
);
for my $case (@cases) {
	my ($name, $host, $records, $matched) = @$case;
	my $run = client('dane', $host, @$records);
	is "$run->{matched} $run->{verify} $run->{sni} $run->{got}", "$matched ok $host cba", "outbound 4.5: $name" or diag $run->{text};
}

# Only usage 2 and 3: else any authority of the web could prove a mail server.
for my $usage ('00', '01') {
	my $run = client('dane', 'mx.example', "${usage}0101" . sha256_hex($key{$usage eq '00' ? 'ca' : 'mx'}));
	is "$run->{exit} $run->{verified}", '0 no', "usage $usage proves nothing" or diag $run->{text};
	is $run->{matched}, '', '... and is not said to';
	$run = client('dane-only', 'mx.example', "${usage}0101" . sha256_hex($key{mx}));
	is "$run->{exit} $run->{'helper failed'}", '3 no TLSA record is usable', '... which dane-only does not take' or diag $run->{text};
}
is client('dane', 'x.example', '020101' . sha256_hex($key{ca}))->{failed}, 'hostname mismatch', 'usage 2, another name';
like client('dane', 'mx.example', '030101' . sha256_hex($key{ca}))->{failed}, qr/matching DANE TLSA/i, 'usage 3 is of the server itself';

# Records that got lost must not make a lower level.
is client($_, 'mx.example')->{exit}, 3, "$_ without records is no request" for 'dane', 'dane-only';

# --- resumption ---
my $other = '030101' . sha256_hex('other');
stop_openssl($server);
$server = openssl_server('-num_tickets', 1, '-cert', "$certs/mx.crt", '-key', "$certs/mx.key", '-cert_chain', "$certs/chain.crt");
is client('dane', 'mx.example', $ee)->{resumed}, 'no', 'outbound 4.3: the first in full';
my $run = client('dane', 'mx.example', $ee);
is "$run->{resumed} $run->{verified} $run->{got}", 'yes yes cba', '... resumed with the same records' or diag $run->{text};
is client('dane', 'mx.example', $ee, $other)->{resumed}, 'no', '... not with one more';
is client('dane-only', 'mx.example', $ee)->{resumed}, 'no', '... nor at another level';
is client('dane', 'mx.example', $other)->{exit}, 2, '... and records that do not fit refuse it';
is client('dane', 'mx.example', $other)->{exit}, 2, '... each time';
stop_openssl($server);
done_testing;
