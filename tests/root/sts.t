#!/usr/bin/perl
# MTA-STS and TLS reports as qmail-remote sees to them, on ports 25 and 443 of a network of its own: what
# each policy allows, kept sessions, the notes for reports, and the whole way from the first message for a
# domain to an enforced policy (outbound 4.6, 4.7, 5.5 row 6, T13).  Root, to make that network.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256_hex);
use Socket qw(AF_UNIX SOCK_SEQPACKET pack_sockaddr_un);
use Qferry::Dane;
use Qferry::Spawn;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

plan skip_all => 'needs root' if $>;
if (!$ENV{STS_INSIDE}) {
	system('unshare -n true 2>/dev/null') == 0 or plan skip_all => 'network namespaces are not permitted here';
	$ENV{STS_INSIDE} = 1;
	exec 'unshare', '-n', $^X, $0 or die "unshare: $!";
}
system("PATH=$ENV{PATH}:/sbin:/usr/sbin; ip link set lo up") == 0 or plan skip_all => 'no ip(8)';
system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0
  or plan skip_all => 'perl has no IO::Socket::SSL';
system('command -v openssl >/dev/null 2>&1') == 0 or plan skip_all => 'no openssl to make certificates';
plan skip_all => 'no setpriv' unless -x '/usr/bin/setpriv';

my ($qmailo, $qmail, $qmailr) = (53794, 53789, 53786);
my $pki = temp_dir();
make_authority($pki, $_) for qw(ca otherca);
my %certificate = (
	good1   => [ 'ca',      alt => 'DNS:mx1.example' ],
	good2   => [ 'ca',      alt => 'DNS:MX2.example' ],
	wild    => [ 'ca',      alt => 'DNS:*.hosts.example' ],
	wrong   => [ 'ca',      alt => 'DNS:other.example' ],
	onlycn  => [ 'ca',      subject => 'mx1.example' ],
	foreign => [ 'otherca', alt => 'DNS:mx1.example' ],
	expired => [ 'ca',      alt => 'DNS:mx1.example', expired => 1 ],
	policy  => [ 'ca',      alt => 'DNS:mta-sts.dest.example' ],
	ulabel  => [ 'ca',      alt => 'DNS:mx.xn--mller-kva.example' ],
);
for my $name (sort keys %certificate) {
	my ($by, %with) = @{ $certificate{$name} };
	make_certificate($pki, $name, $by, %with);
	spit("$pki/$name.pem", pem($pki, "$name.key", "$name.crt"));
}

my ($KEY, $BAD) = (sha256_hex(association("$pki/wrong.crt", 'key')), sha256_hex('another'));
my $dns = start_dns(<<"END");
dest.example MX 10 mx1.example
dest.example MX 20 mx2.example
one.example MX 10 mx1.example
wild.example MX 10 mx1.hosts.example
mx1.hosts.example A 127.0.0.2
xn--bcher-kva.example MX 10 mx1.example
mx1.example A 127.0.0.2
mx2.example A 127.0.0.3
_mta-sts.dest.example TXT "v=STSv1; id=e2e"
mta-sts.dest.example A 127.0.0.4
xn--mller-kva.example MX 10 mx.xn--mller-kva.example
mx.xn--mller-kva.example A 127.0.0.2
mxps.example MX 12801 mx1.example
both.example MX 10 mx-dane.example
both.example ANY !ad
mxpsdane.example MX 12801 mx-dane.example
mxpsdane.example ANY !ad
mx-dane.example A 127.0.0.2
mx-dane.example ANY !ad
_25._tcp.mx-dane.example TLSA 3 1 1 $KEY
_25._tcp.mx-dane.example TLSA 2 1 1 $BAD
_25._tcp.mx-dane.example ANY !ad
nodane.example MX 10 mx-nodane.example
nodane.example ANY !ad
mx-nodane.example A 127.0.0.2
mx-nodane.example ANY !ad
unusable.example MX 10 mx-unusable.example
unusable.example ANY !ad
mx-unusable.example A 127.0.0.2
mx-unusable.example ANY !ad
_25._tcp.mx-unusable.example TLSA 1 1 1 $KEY
_25._tcp.mx-unusable.example ANY !ad
nokey.example MX 10 mx-nokey.example
nokey.example ANY !ad
mx-nokey.example A 127.0.0.2
mx-nokey.example ANY !ad
_25._tcp.mx-nokey.example TLSA 3 1 0 0102
_25._tcp.mx-nokey.example ANY !ad
fails.example MX 10 mx-fails.example
fails.example ANY !ad
mx-fails.example A 127.0.0.2
mx-fails.example ANY !ad
_25._tcp.mx-fails.example TLSA !servfail
END

# --- a home, exchangers, a policy ------------------------------------------------------------------------

$SIG{PIPE} = 'IGNORE';
my ($home, %sinks);

sub new_home {
	my (%controls) = @_;
	$home = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
	chmod 0755, $home;
	mkdir "$home/$_" for qw(bin users control run run/sts cache cache/sts state state/tlsrpt);
	system('cp', (map { build() . "/bin/$_" } qw(qmail-sts qmail-remote qmail-dns qmail-tls qmail-rspawn)), "$home/bin") == 0 or die;
	spit("$home/users/ids", "qmaild:53782\nqmailq:53787\nqmailr:$qmailr\nqmails:53783\nqmailo:$qmailo\n");
	my %all = (me => "client.example\n", resolvers => "127.0.0.1:$dns->{port}\n", stscafile => "$home/ca.crt\n", %controls);
	spit("$home/ca.crt", slurp("$pki/ca.crt"));
	control($home, $_, $all{$_}) for keys %all;
	queue_tree($home);
	chown $qmailo, $qmail, "$home/cache/sts", "$home/run/sts";
	chown $qmailr, $qmailo, "$home/state/tlsrpt";
	chmod 02750, "$home/cache/sts";
	chmod 02770, "$home/state/tlsrpt";
	return $home;
}

# Exchangers: 1 => [certificate or '', script].
sub exchangers {
	my (%script) = @_;
	stop_server($_) for values %sinks;
	%sinks = map {
		my ($cert, $script) = @{ $script{$_} };
		$_ => start_sink($script // '', '--at', '127.0.0.' . ($_ + 1) . ':25', $cert ? ('--cert', "$pki/$cert.pem") : ());
	} keys %script;
}

sub policy {
	my ($mode, $mx, %o) = @_;
	my $domain = $o{domain} || 'dest.example';
	my $now = time;
	my %line = (id => 'abc', max_age => 86400, fetched => $now - 10, expires => $now + 86390, checked => $now - 10,
		next => $now + 3590, used => $now - 10, failure => '', text => '', %o);
	spit("$home/cache/sts/$domain", "mta-sts 1\ndomain $domain\nmode $mode\n"
		  . join('', map { "$_ $line{$_}\n" } qw(id max_age fetched expires checked next used failure text)) . "mx $mx\nend\n");
}

sub remote {
	my (%o) = @_;
	my $host = $o{host} || 'dest.example';
	my $run = run_program([ '/usr/bin/setpriv', "--reuid=$qmailr", "--regid=$qmail", '--clear-groups', "$home/bin/qmail-remote",
		$host, 's@client.example', "r\@$host" ], home => $home, in => $o{in} || "Subject: x\n\nbody\n", limit => 60);
	return ($run->{out} . $run->{err}) =~ s/\0/\\0/gr;
}

sub accepted_by { my ($n) = @_; my $ip = '127.0.0.' . ($n + 1); return "r\\0K$ip accepted message.\nRemote host said: 250 ok queued\n\\0" }
sub failed { my ($n, $why) = @_; my $ip = '127.0.0.' . ($n + 1); return "ZConnected to $ip but TLS policy sts failed: $why. (#4.7.5)\n\\0" }
sub not_allowed { my ($mx) = @_; return "ZTLS policy sts failed for $mx: the policy of dest.example does not list it. (#4.7.5)\n\\0" }
sub connections { my ($n) = @_; return scalar(() = glob "$sinks{$n}{dir}/*.in") }
sub dialogue { my ($n, $c) = @_; wait_until(sub { -e "$sinks{$n}{dir}/" . ($c || 1) . '.done' }); return slurp("$sinks{$n}{dir}/" . ($c || 1) . '.log') }
sub notes { return join '', map { slurp($_) } sort glob "$home/state/tlsrpt/*" }
# Fields of the last note: type result mx ip own-ip detail policy.
sub last_note { my @f = split ' ', (split /\n/, notes())[-1] // ''; return join ' ', map { $_ // '?' } @f[ 2 .. $#f ] }

my $BOTH = 'mx1.example mx2.example';
new_home();

# --- outbound 4.6, row "enforce" -------------------------------------------------------------------------
exchangers(1 => ['good1'], 2 => ['good2']);
policy('enforce', $BOTH);
is(remote(), accepted_by(1), 'T13 enforce: listed, and the certificate fits');
like(dialogue(1), qr/^TLS .*^C: MAIL/ms, '... over TLS');
is(last_note(), 'dest.example sts ok mx1.example 127.0.0.2 - - version:\x20STSv1;mode:\x20enforce;mx:\x20mx1.example;mx:\x20mx2.example;max_age:\x2086400',
	'... noted for the report');
policy('enforce', 'mx2.example');
is(remote(), accepted_by(2), 'the first exchanger is not listed: the second');
is(connections(1), 1, '... and the first one is not connected to');
like(notes(), qr/^1 \d+ dest\.example sts validation-failure mx1\.example 127\.0\.0\.2 - the\\x20policy\\x20does\\x20not\\x20list\\x20the\\x20exchanger /m, '... which is noted');
policy('enforce', 'mail.example *.other.example *.mx1.example example');
is(remote(), not_allowed('mx1.example'), 'none is listed');
policy('enforce', '*.example');
is(remote(), accepted_by(1), '*.example is one label and the rest');
policy('enforce', 'mx2.example');
exchangers(1 => ['good1']);
is(remote(), not_allowed('mx1.example'), 'not listed, and the other one does not answer');
exchangers(1 => ['good1'], 2 => [ 'good2', 'greeting 450 later' ]);
is(remote(), "ZConnected to 127.0.0.3 but greeting failed.\nRemote host said: 450 later\n\\0", '... or defers');

policy('enforce', $BOTH);
exchangers(1 => ['']);
is(remote(), failed(1, 'STARTTLS is not offered'), 'STARTTLS is not offered');
unlike(dialogue(1), qr/C: MAIL/, '... no mail');
like(last_note(), qr/^dest\.example sts starttls-not-supported mx1\.example 127\.0\.0\.2 127\.0\.0\.1 - version/, '... noted');
exchangers(1 => [ 'good1', 'starttls 454 no' ]);
is(remote(), failed(1, 'STARTTLS was refused') =~ s/\\0$/Remote host said: 454 no\n\\0/r, 'STARTTLS is refused');
for my $row ([ wrong => 'hostname mismatch', 'certificate-host-mismatch' ], [ onlycn => 'hostname mismatch', 'certificate-host-mismatch' ],
	[ foreign => 'unable to get local issuer certificate', 'certificate-not-trusted' ],
	[ expired => 'certificate has expired', 'certificate-expired' ])
{
	my ($cert, $why, $type) = @$row;
	exchangers(1 => [$cert]);
	is(remote(), failed(1, $why), "certificate $cert: deferred");
	unlike(dialogue(1), qr/C: MAIL/, '... no mail');
	like(last_note(), qr/^dest\.example sts $type mx1\.example 127\.0\.0\.2 127\.0\.0\.1 \S+ version/, '... noted');
	exchangers(1 => [$cert], 2 => ['good2']);
	is(remote(), accepted_by(2), '... if no other exchanger does');
}
exchangers(1 => ['wild']);
policy('enforce', 'mx1.hosts.example', domain => 'wild.example');
is(remote(host => 'wild.example'), accepted_by(1), 'a wildcard certificate fits');

# --- testing, none, expired, off ---------------------------------------------------------------------------
for my $row ([ '', '', 'starttls-not-supported' ], [ wrong => '', 'certificate-host-mismatch' ], [ onlycn => '', 'certificate-host-mismatch' ],
	[ foreign => '', 'certificate-not-trusted' ], [ good1 => '', 'ok' ])
{
	my ($cert, undef, $type) = @$row;
	exchangers(1 => [$cert]);
	policy('testing', $BOTH);
	is(remote(), accepted_by(1), "T13 testing: delivered, certificate '$cert'");
	like(last_note(), qr/^dest\.example sts $type mx1\.example /, '... noted');
	policy('none', '');
	is(remote(), accepted_by(1), 'T13 none: delivered');
	like(last_note(), qr/^dest\.example no-policy-found (?:ok|starttls-not-supported) /, '... noted');
	policy('enforce', $BOTH, expires => time - 1);
	is(remote(), accepted_by(1), 'T13 expired: delivered');
	spit("$home/cache/sts/dest.example", "mta-sts 1\ndomain dest.example\nmode enforce\n");
	is(remote(), accepted_by(1), 'a file that is none: delivered');
}
exchangers(1 => ['wrong']);
policy('testing', 'mx2.example');
is(remote(), accepted_by(1), 'testing: delivered, although not listed');
like(last_note(), qr/^dest\.example sts validation-failure mx1\.example /, '... noted');
policy('enforce', $BOTH, id => '', failure => 'sts-policy-fetch-error', text => 'timeout', expires => 0, fetched => 0);
is(remote(), accepted_by(1), 'a policy that could not be had: delivered');
like(last_note(), qr/^dest\.example sts sts-policy-fetch-error mx1\.example 127\.0\.0\.2 - timeout -$/, '... noted');

# --- who wins ------------------------------------------------------------------------------------------------
policy('enforce', 'mx2.example');
control($home, 'tlspolicy', "dest.example:may\n");
is(remote(), accepted_by(1), 'outbound 4.2: control/tlspolicy wins');
like(last_note(), qr/^dest\.example no-policy-found ok /, '... and nothing is noted of the policy');
unlink "$home/control/tlspolicy";
mkdir "$home/control/notlshosts";
spit("$home/control/notlshosts/mx1.example", '');
is(remote(), accepted_by(1), '... and so does notlshosts');
unlink "$home/control/notlshosts/mx1.example";
control($home, 'smtproutes', "dest.example:mx1.example\n");
is(remote(), accepted_by(1), 'outbound 4.6: a route is no exchanger');
unlink "$home/control/smtproutes";
my $before = notes();
is(remote(host => '127.0.0.2'), accepted_by(1), '... nor is an address');
is(notes(), $before, '... and neither is noted');
is(remote(host => 'one.example'), accepted_by(1), 'another domain has no policy');
policy('enforce', 'mx2.example', domain => 'xn--bcher-kva.example');
is(remote(host => "b\xc3\xbccher.example"), not_allowed('mx1.example') =~ s/dest/xn--bcher-kva/r, 'A-labels: a domain as it is written');
is(remote(host => 'XN--Bcher-Kva.example'), not_allowed('mx1.example') =~ s/dest/xn--bcher-kva/r, '... or in any case');
policy('enforce', $BOTH);
is(remote(in => "Subject: x\nTLS-Required: No\n\nbody\n"), accepted_by(1), 'outbound 4.7: TLS-Required: No');
is(remote(in => "Subject: x\n\nTLS-Required: No\n"), failed(1, 'hostname mismatch'), '... in the header only');
is(remote(in => "Subject: x\nTLS-Required: Yes\n\nbody\n"), failed(1, 'hostname mismatch'), '... and only No');
control($home, 'tlspolicy', "dest.example:verify\n");
like(remote(in => "Subject: x\nTLS-Required: No\n\nbody\n"), qr/^ZConnected to 127\.0\.0\.2 but TLS policy verify failed/, "... but it is not the admin's word");
unlink "$home/control/tlspolicy";
control($home, 'stscafile', "$home/nothing.crt\n");
like(remote(), qr/^Z/, 'certificates to trust that are not there: deferred');
unlink "$home/control/stscafile";
mkdir "$home/control/stscafile";
like(remote(), qr{^ZUnable to read control files\. \(#4\.3\.0\)\ncontrol/stscafile: }, 'broken configuration: deferred, and named');
policy('testing', $BOTH);
is(remote(), accepted_by(1), '... but not for a test');
rmdir "$home/control/stscafile";
control($home, 'stscafile', "$home/ca.crt\n");

policy('enforce', $BOTH);
rename "$home/cache/sts", "$home/cache/away";
is(remote(), accepted_by(1), 'no cache: MTA-STS is off');
rename "$home/cache/away", "$home/cache/sts";
rename "$home/state/tlsrpt", "$home/state/away";
is(remote(), failed(1, 'hostname mismatch'), 'no spool: nothing is noted');
ok(!-e "$home/state/tlsrpt", '... and none is made');
rename "$home/state/away", "$home/state/tlsrpt";

# --- DANE beside it: outbound 4.6, "DANE result wins over STS"; 4.7 ----------------------------------------
{
	new_home();
	my $strings = "2\\x201\\x201\\x20$BAD;3\\x201\\x201\\x20$KEY";
	my $dane_failed = sub { failed(1, $_[0]) =~ s/policy sts/policy dane/r };
	policy('enforce', 'mx2.example', domain => $_) for qw(both.example nodane.example);
	exchangers(1 => ['wrong']);
	is(remote(host => 'both.example'), accepted_by(1), 'records that fit, and a policy that does not list the exchanger: DANE decides');
	is(last_note(), "both.example tlsa ok mx-dane.example 127.0.0.2 - - $strings", '... and is noted');
	is(remote(host => 'nodane.example'), not_allowed('mx-nodane.example') =~ s/dest/nodane/r, 'no records: the policy decides');
	like(last_note(), qr/^nodane\.example sts validation-failure mx-nodane\.example /, '... and is noted');
	exchangers(1 => ['good1']);
	policy('enforce', 'mx-dane.example', domain => 'both.example');
	like(remote(host => 'both.example'), qr/\AZConnected to 127\.0\.0\.2 but TLS policy dane failed: No matching DANE TLSA records\. /i,
		'records that do not fit, and a policy: DANE decides');
	like(last_note(), qr/^both\.example tlsa validation-failure mx-dane\.example 127\.0\.0\.2 127\.0\.0\.1 \S+ \Q$strings\E$/, '... and is noted');
	is(remote(host => 'both.example', in => "TLS-Required: No\n\nbody\n"), accepted_by(1), 'outbound 4.7: TLS-Required: No drops both');
	like(last_note(), qr/^both\.example no-policy-found ok /, '... which is noted as no policy');
	for my $host (qw(unusable nokey)) {
		is(remote(host => "$host.example"), accepted_by(1), "$host.example: no record is usable");
		like(last_note(), qr/^$host\.example tlsa tlsa-invalid mx-$host\.example 127\.0\.0\.2 127\.0\.0\.1 \S+ [13]\\x201\\x20/, '... which is noted');
	}
	like(remote(host => 'fails.example'), qr/but TLS policy dane failed: the TLSA records of mx-fails\.example cannot be looked up/, 'a lookup that fails');
	like(last_note(), qr/^fails\.example tlsa dnssec-invalid mx-fails\.example 127\.0\.0\.2 127\.0\.0\.1 \S+ -$/, '... is noted');
	control($home, 'tlspolicy', "nodane.example:dane-only\nnokey.example:dane-only\nunusable.example:dane-only\n");
	for my $row ([ nodane => 'dane-required' ], [ nokey => 'tlsa-invalid' ], [ unusable => 'tlsa-invalid' ]) {
		my ($host, $type) = @$row;
		like(remote(host => "$host.example"), qr/^ZConnected to 127\.0\.0\.2 but TLS policy dane failed/, "dane-only: $host.example");
		like(last_note(), qr/^$host\.example tlsa $type mx-$host\.example /, '... is noted');
	}
	unlink "$home/control/tlspolicy";
	exchangers(1 => ['']);
	is(remote(host => 'both.example'), $dane_failed->('STARTTLS is not offered'), 'records, and no STARTTLS');
	like(last_note(), qr/^both\.example tlsa starttls-not-supported mx-dane\.example /, '... is noted');

	# Outbound 4.2: the recipient's domain in U-labels, its exchanger and the certificate in A-labels.
	exchangers(1 => ['ulabel']);
	for my $key ("m\xc3\xbcller.example", 'xn--mller-kva.example') {
		control($home, 'tlspolicy', "$key:secure ca=$home/ca.crt\n");
		is(remote(host => "m\xc3\xbcller.example"), accepted_by(1), "secure, by a key " . ($key =~ /^xn/ ? 'in A-labels' : 'as written'));
	}
	unlink "$home/control/tlspolicy";
}

# --- MXPS: mail that must be protected does not go by QMTP ---------------------------------------------------
{
	new_home(mxps => "1\n");
	my $qmtp = start_qmtpsink('', '--at', '127.0.0.2:209');
	my $nothing = sub { my ($name) = @_; is(scalar(() = glob "$qmtp->{dir}/*.in"), 0, "... nobody is asked by QMTP: $name") };
	exchangers(1 => ['wrong']);
	is(remote(host => 'mxpsdane.example'), accepted_by(1), 'MXPS with records of SMTP: by SMTP');
	$nothing->('DANE');
	like(notes(), qr/\A1 \d+ mxpsdane\.example tlsa ok [^\n]+\n\z/, '... and noted once');
	exchangers(1 => ['good1']);
	like(remote(host => 'mxpsdane.example'), qr/^ZConnected to 127\.0\.0\.2 but TLS policy dane failed/, '... that do not fit: deferred');
	$nothing->('DANE');
	policy('enforce', 'mx1.example', domain => 'mxps.example');
	is(remote(host => 'mxps.example'), accepted_by(1), 'MXPS with a policy: by SMTP');
	policy('enforce', 'mx2.example', domain => 'mxps.example');
	is(remote(host => 'mxps.example'), not_allowed('mx1.example') =~ s/dest/mxps/r, '... that does not list the exchanger: deferred');
	unlink "$home/cache/sts/mxps.example";
	for my $level (qw(encrypt chain secure verify dane-only)) {
		control($home, 'tlspolicy', "mxps.example:$level" . ($level =~ /secure|verify/ ? ' match=mx1.example' : '') . " \n");
		my $got = remote(host => 'mxps.example');
		$level eq 'encrypt' ? is($got, accepted_by(1), "MXPS at $level: by SMTP") : like($got, qr/^ZConnected to 127\.0\.0\.2 but TLS policy/, "MXPS at $level: by SMTP");
	}
	unlink "$home/control/tlspolicy";
	control($home, 'tlsdestinations', "mxps.example:;s25\n");
	unlike(remote(host => 'mxps.example'), qr/All received/, 'MXPS and TLS from the first octet');
	unlink "$home/control/tlsdestinations";
	$nothing->('all of them');
	stop_server($qmtp);
	$qmtp = start_qmtpsink("Kok\n", '--at', '127.0.0.2:209');
	policy('testing', 'mx1.example', domain => 'mxps.example');
	is(remote(host => 'mxps.example'), "rqmtp: ok\n\\0KAll received okay by 127.0.0.2\n\\0", 'MXPS and a policy that is tested: by QMTP');
	like(last_note(), qr/^mxps\.example sts starttls-not-supported mx1\.example 127\.0\.0\.2 127\.0\.0\.1 - version/, '... noted for the report');
	stop_server($qmtp);
}

# --- kept sessions: outbound 5.5, row 6 ------------------------------------------------------------------------
{
	new_home();
	exchangers(1 => ['good1'], 2 => ['good2']);
	spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n");
	policy('enforce', $BOTH);
	system('chown', '-R', "53787:$qmail", "$home/queue") == 0 or die;
	my $spawner = spawner($home, [ '/usr/bin/setpriv', "--reuid=$qmailr", "--regid=$qmail", '--clear-groups', "$home/bin/qmail-rspawn" ]);
	greeting($spawner, 1);
	my $one = sub { (my $r = deliver($spawner, 'r@dest.example', host => 'dest.example')) =~ s/\A.(.*)\0\z/$1/s; return $r };
	# The first message for a domain finds out that there is more.
	like($one->(), qr/^K127\.0\.0\.2 accepted/, 'kept: a message') for 1 .. 2;
	my $sessions = connections(1);
	like($one->(), qr/^K127\.0\.0\.2 accepted/, '... and more') for 1 .. 3;
	is(connections(1), $sessions, '... over the open session');
	is(scalar(() = notes() =~ /\n/g), $sessions, 'outbound 4.7: a session is noted once');
	policy('enforce', 'mx2.example');
	like($one->(), qr/^K127\.0\.0\.3 accepted/, 'the policy has changed: not over the open session');
	policy('testing', 'mx2.example');
	like($one->(), qr/^K127\.0\.0\.2 accepted/, '... nor from one that enforces to one that tests');
	policy('enforce', 'mx1.example');
	like($one->(), qr/^K127\.0\.0\.2 accepted/, '... nor back');
	cmp_ok(connections(1), '>', $sessions, '... and from testing to enforcing not over one session');
	finish($spawner);
}

# --- end to end: nothing known, a note, a policy, obeyed ---------------------------------------------------------
{
	new_home();
	exchangers(1 => ['wrong'], 2 => ['good2']);
	my $server = start_policyserver("policy version: STSv1\\nmode: enforce\\nmx: mx2.example\\nmax_age: 86400\\n\n", "$pki/policy.pem", '--at', '127.0.0.4:443');
	open my $err, '>>', "$home/stderr" or die;
	my $pid = start_program([ '/usr/bin/setpriv', "--reuid=$qmailo", "--regid=$qmailo", '--clear-groups', "$home/bin/qmail-sts", 'serve' ],
		home => $home, fds => { 2 => $err });
	ok(wait_until(sub {
		socket(my $socket, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
		return connect($socket, pack_sockaddr_un("$home/run/sts/sock"));
	}), 'qmail-sts serves');
	is(remote(), accepted_by(1), 'end to end: the first message goes as without a policy');
	ok(wait_until(sub { -e "$home/cache/sts/dest.example" }), '... and makes qmail-sts look');
	like(slurp("$home/cache/sts/dest.example"), qr/^mode enforce\nid e2e\n/m, '... and find the policy, at port 443 of its host');
	is((stat "$home/cache/sts/dest.example")[5], $qmail, '... for the group of qmail-remote');
	is(remote(), accepted_by(2), '... which the next message obeys');
	is(remote(host => 'one.example'), accepted_by(1), 'another domain');
	ok(wait_until(sub { -e "$home/cache/sts/one.example" }), '... has no policy, and that is known');
	is(scalar(() = glob "$server->{dir}/*.head"), 1, '... one request in all');
	kill 'TERM', $pid;
	is(join(' ', finish_program($pid)), '0 0', 'the service ends');
	is(sanitizer_report(slurp("$home/stderr")), undef, 'no report of a sanitizer');
}
done_testing();
