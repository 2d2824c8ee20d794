#!/usr/bin/perl
# DANE with the real thing: zones signed by ldns, served by NSD, validated by Unbound, and exchangers at
# port 25 of a network of its own (outbound 4.5, T12 of outbound 11).  Root, to make that network.
#
# peers: ldnsutils nsd unbound
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use Qferry::Dane;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

plan skip_all => 'needs root' if $>;
system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0
  or plan skip_all => 'perl has no IO::Socket::SSL';
my %peer;
for my $name (qw(ldnsutils nsd unbound)) {
	chomp($peer{$name} = $ENV{"DANE_$name"} || `"$FindBin::Bin/../peers" $name 2>/dev/null`);
	$peer{$name} or plan skip_all => "the package of $name cannot be had";
	$ENV{"DANE_$name"} = $peer{$name};
}
if (!$ENV{DANE_INSIDE}) {
	system('unshare -n true 2>/dev/null') == 0 or plan skip_all => 'network namespaces are not permitted here';
	$ENV{DANE_INSIDE} = 1;
	exec 'unshare', '-n', $^X, $0 or die "unshare: $!";
}
system("PATH=$ENV{PATH}:/sbin:/usr/sbin; ip link set lo up") == 0 or plan skip_all => 'no ip(8)';

my $dir = temp_dir();
my ($NSD, $UNBOUND) = (5301, 5300);

# --- certificates and zones ----------------------------------------------------------------------------

make_authority($dir, 'ca');
make_certificate($dir, 'mx', 'ca', alt => 'DNS:ta.signed.example');
spit("$dir/mx.pem", pem($dir, 'mx.key', 'mx.crt', 'ca.crt'));
my $KEY = sha256_hex(association("$dir/mx.crt", 'key'));
my $CA  = sha256_hex(association("$dir/ca.crt", 'key'));
my $BAD = sha256_hex('another');
my $SOA = '@ 60 IN SOA ns hostmaster 1 3600 600 86400 60';

spit("$dir/signed", <<"END");
\$ORIGIN signed.example.
\$TTL 60
$SOA
\@ IN NS ns
ns IN A 127.0.0.1
good IN MX 10 mx-good
mx-good IN A 127.0.0.2
_25._tcp.mx-good IN TLSA 3 1 1 $KEY
wrong IN MX 10 mx-wrong
mx-wrong IN A 127.0.0.2
_25._tcp.mx-wrong IN TLSA 3 1 1 $BAD
next IN MX 10 mx-wrong
next IN MX 20 mx-next
mx-next IN A 127.0.0.3
ta IN MX 10 mx-ta
mx-ta IN A 127.0.0.2
_25._tcp.mx-ta IN TLSA 2 1 1 $CA
notta IN MX 10 mx-ta
none IN MX 10 mx-none
mx-none IN A 127.0.0.2
alias IN MX 10 mx-alias
mx-alias IN CNAME mx-wrong
noexchanger IN A 127.0.0.2
_25._tcp.noexchanger IN TLSA 3 1 1 $BAD
bogus IN MX 10 mx-bogus
mx-bogus IN A 127.0.0.2
_25._tcp.mx-bogus IN TLSA 3 1 1 $KEY
bogusnext IN MX 10 mx-bogus
bogusnext IN MX 20 mx-next
bogusmx IN MX 10 mx-good
bogusa IN MX 10 mx-bogusa
mx-bogusa IN A 127.0.0.2
leaving IN MX 10 mx.plain.example.
only IN MX 10 mx-good
onlynone IN MX 10 mx-none
END
spit("$dir/plain", <<"END");
\$ORIGIN plain.example.
\$TTL 60
$SOA
\@ IN NS ns
ns IN A 127.0.0.1
\@ IN MX 10 mx
mx IN A 127.0.0.2
_25._tcp.mx IN TLSA 3 1 1 $BAD
entering IN MX 10 mx-wrong.signed.example.
only IN MX 10 mx-good.signed.example.
END

# Sign it; then break the signatures of the records that are to be bogus.
sub run_ldns {
	my ($program, @arguments) = @_;
	my $said = `cd '$dir' && '$peer{ldnsutils}/run' '/usr/bin/$program' @arguments 2>&1`;
	die "$program: $said" if $?;
	return $said;
}
chomp(my $key = run_ldns('ldns-keygen', '-k -a ECDSAP256SHA256 signed.example'));
run_ldns('ldns-signzone', "signed $key");
my $zone = slurp("$dir/signed.signed");
for my $bogus ([ '_25._tcp.mx-bogus', 'TLSA' ], [ 'bogusmx', 'MX' ], [ 'mx-bogusa', 'A' ]) {
	my ($name, $type) = @$bogus;
	$zone =~ s{^(\Q$name\E\.signed\.example\.\s.*\sRRSIG\s+$type\s.* )(\S{8})(\S+)$}{$1 . reverse($2) . $3}me
	  or die "no signature of $name $type";
}
spit("$dir/signed.signed", $zone);

# --- servers ---------------------------------------------------------------------------------------------

spit("$dir/nsd.conf", <<"END");
server:
	ip-address: 127.0.0.1\@$NSD
	username: ""
	zonesdir: "$dir"
	database: ""
	pidfile: "$dir/nsd.pid"
	xfrdfile: "$dir/xfrd.state"
	zonelistfile: "$dir/zone.list"
	xfrdir: "$dir"
	logfile: "$dir/nsd.log"
	server-count: 1
remote-control:
	control-enable: no
zone:
	name: signed.example
	zonefile: signed.signed
zone:
	name: plain.example
	zonefile: plain
END
spit("$dir/unbound.conf", <<"END");
server:
	interface: 127.0.0.1\@$UNBOUND
	do-daemonize: no
	do-not-query-localhost: no
	username: ""
	chroot: ""
	directory: "$dir"
	pidfile: ""
	use-syslog: no
	logfile: "$dir/unbound.log"
	module-config: "validator iterator"
	trust-anchor-file: "$dir/$key.key"
	local-zone: "example." nodefault
	num-threads: 1
stub-zone:
	name: signed.example
	stub-addr: 127.0.0.1\@$NSD
stub-zone:
	name: plain.example
	stub-addr: 127.0.0.1\@$NSD
END
open my $said, '>', "$dir/said" or die;
my @servers = (
	start_program([ "$peer{nsd}/run", '/usr/sbin/nsd', '-d', '-c', "$dir/nsd.conf" ], fds => { 1 => $said, 2 => $said }),
	start_program([ "$peer{unbound}/run", '/usr/sbin/unbound', '-d', '-c', "$dir/unbound.conf" ], fds => { 1 => $said, 2 => $said }),
);

END {
	my $status = $?;
	kill 'TERM', @servers if @servers;
	$? = $status;
}

sub drill { return `'$peer{ldnsutils}/run' /usr/bin/drill -p $UNBOUND \@127.0.0.1 @_ 2>&1` }

wait_until(sub { drill('-D', 'good.signed.example', 'MX') =~ /rcode: NOERROR/ })
  or die join "\n", drill('good.signed.example', 'MX'), map { "$_: " . (slurp("$dir/$_") // '') } qw(said nsd.log unbound.log);
like drill('-D', 'good.signed.example', 'MX'), qr/flags:.* ad\b/, 'Unbound validates';
like drill('-D', 'mx.plain.example', 'A'), qr/rcode: NOERROR(?!.*flags:.* ad\b)/s, '... and knows what is not signed';

# --- deliveries --------------------------------------------------------------------------------------------

my %sinks = map { $_ => start_sink('', '--at', "127.0.0.$_:25", '--cert', "$dir/mx.pem") } 2, 3;
my $home = instance(me => "client.example\n", resolvers => "127.0.0.1:$UNBOUND\n",
	tlspolicy => "only.signed.example:dane-only\nonlynone.signed.example:dane-only\nonly.plain.example:dane-only\n");
queue_tree($home);

sub deliver {
	my ($host) = @_;
	my $run = run_program([ 'qmail-remote', $host, 's@client.example', "r\@$host" ], home => $home, in => "x\n", limit => 60);
	return $run->{out} =~ s/\0/\\0/gr . $run->{err};
}

sub accepted_by { my ($ip) = @_; return "r\\0K$ip accepted message.\nRemote host said: 250 ok queued\n\\0" }
sub failed { my ($why) = @_; return qr/\AZConnected to 127\.0\.0\.2 but TLS policy dane failed: $why\. \(#4\.7\.5\)\n\\0\z/ }

my $MISMATCH = qr/no matching DANE TLSA records/i;
my $SOFT = "ZSorry, I couldn't find any host by that name. (#4.1.2)\n\\0";
my @cases = (
	[ 'good.signed.example',        accepted_by('127.0.0.2'), 'a record that fits' ],
	[ 'wrong.signed.example',       failed($MISMATCH),        'one that does not' ],
	[ 'next.signed.example',        accepted_by('127.0.0.3'), '... leads to the next exchanger' ],
	[ 'ta.signed.example',          accepted_by('127.0.0.2'), 'usage 2, and the certificate has the next-hop domain' ],
	[ 'notta.signed.example',       failed('hostname mismatch'), '... but not that of every domain with the exchanger' ],
	[ 'none.signed.example',        accepted_by('127.0.0.2'), 'no records, proved' ],
	[ 'alias.signed.example',       failed($MISMATCH),        'an alias: the records of what it stands for' ],
	[ 'noexchanger.signed.example', failed($MISMATCH),        'no MX, proved: the host itself' ],
	[ 'bogus.signed.example',       failed('the TLSA records of mx-bogus\.signed\.example cannot be looked up'), 'bogus records' ],
	[ 'bogusnext.signed.example',   accepted_by('127.0.0.3'), '... lead to the next exchanger' ],
	[ 'bogusmx.signed.example',     $SOFT,                    'a bogus MX' ],
	[ 'bogusa.signed.example',      $SOFT,                    'a bogus address' ],
	[ 'plain.example',              accepted_by('127.0.0.2'), 'a zone that is not signed' ],
	[ 'entering.plain.example',     accepted_by('127.0.0.2'), 'an MX that is not signed' ],
	[ 'leaving.signed.example',     accepted_by('127.0.0.2'), 'an exchanger that is not' ],
	[ 'only.signed.example',        accepted_by('127.0.0.2'), 'dane-only' ],
	[ 'onlynone.signed.example',    failed('mx-none\.signed\.example has no TLSA records'), 'dane-only, and there are none' ],
	[ 'only.plain.example',         failed('mx-good\.signed\.example was found by DNS answers that are not authentic'),
		'dane-only, and an MX that is not signed' ],
);
for my $case (@cases) {
	my ($host, $want, $name) = @$case;
	my $got = deliver($host);
	ref $want ? like($got, $want, "outbound 4.5: $name") : is($got, $want, "outbound 4.5: $name");
}

# A resolver whose word is not to be believed makes no DANE: then nothing is asked.
control($home, 'resolvers', "127.0.0.1:$UNBOUND\n192.0.2.1\n");
is(deliver('wrong.signed.example'), accepted_by('127.0.0.2'), 'a resolver without trust-ad among them: no DANE');
control($home, 'resolvers', "127.0.0.1:$UNBOUND\n192.0.2.1 trust-ad\n");
like(deliver('wrong.signed.example'), failed($MISMATCH), '... marked: DANE');

kill 'TERM', @servers;
finish_program($_, 10) for @servers;
@servers = ();
done_testing();
