#!/usr/bin/perl
# qmail-try route: what it says of a delivery, and that qmail-remote then does just that; warnings; with
# -c the dialogue, which ends before a message.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Qferry::Tls;
use File::Path qw(make_path);
use MIME::Base64 qw(decode_base64 encode_base64);
use Test::More;

my $P = '127.0.0.1';
my $can_tls = system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0
  && system('command -v openssl >/dev/null 2>&1') == 0;
my $dns = start_dns(<<"ZONE");
client.example A $P
relay.example A $P
other.example A $P
mx.example MX 10 one.example
mx.example MX 20 two.example
one.example A 198.51.100.1
two.example A 198.51.100.2
two.example AAAA 2001:db8::2
null.example MX 0 .
ZONE

# A home whose files nobody else may read, so that nothing is to be warned of.
sub home {
	my (%controls) = @_;
	my $home = instance(me => "client.example\n", resolvers => "127.0.0.1:$dns->{port}\n", %controls);
	chmod 0640, grep { -f } glob "$home/control/*";
	return $home;
}

# { exit, err, text, lines => [[name, value, place]...], line name => first value, place_NAME }
sub try_route {
	my ($home, @arguments) = @_;
	my $run = run_program([ 'qmail-try', 'route', @arguments ], home => $home, limit => 60);
	my %got = (exit => $run->{exit}, err => $run->{err}, text => $run->{out});
	for my $line (split /\n/, $run->{out}) {
		my ($name, $value, $place) = $line =~ /\A([a-z-]+): *(.*?)(?:  +\((.*)\))?\z/ or BAIL_OUT("no such line: $line");
		push @{ $got{lines} }, [ $name, $value, $place ];
		$got{$name} = $value unless exists $got{$name};
		$got{"$name from"} = $place unless exists $got{"$name from"};
	}
	return \%got;
}

sub values_of { my ($got, $name) = @_; return map { $_->[1] } grep { $_->[0] eq $name } @{ $got->{lines} } }

# Without what depends on whether there is a qmailr here.
sub warnings_of { my ($got) = @_; return grep { !/no user qmailr/ } values_of($got, 'warning') }

sub says {
	my ($name, $got, %want) = @_;
	is($got->{exit}, delete $want{exit} // 0, "$name: exit");
	is($got->{$_}, $want{$_}, "$name: $_") for sort keys %want;
	ok(!sanitizer_report($got->{err}), '... no sanitizer report') or diag $got->{err};
}

# --- the command line ---------------------------------------------------------------------------

for my $arguments ([], ['journey'], ['route'], [ 'route', 'a' ], [ 'route', '-x', 'a', 'b' ], [ 'route', '-c', 'a' ], [ 'route', 'a', 'b', 'c' ]) {
	my $run = run_program([ 'qmail-try', @$arguments ], home => home());
	is("$run->{exit} $run->{err}", "100 " . join('', map { "$_\n" } 'usage: qmail-try route [-c] SENDER RECIPIENT',
		'       qmail-try session [-nt] [-e NAME=VALUE] [-h HELO] [-p HOST] [-r RULES] [-s SIZE] [-u USER]',
		'           IP SENDER RECIPIENT ... [-- qmail-smtpd ARGUMENT ...]'), "usage: @$arguments");
}
{
	my $run = run_program([ 'qmail-try', 'route', 'a', 'b@c' ], home => '/', env => { QMAILHOME => '/nonexistent' });
	is($run->{exit}, 111, 'no home');
}

# --- routes: outbound 2.2, 3.2, 3.3 ------------------------------------------------------------

sub route_is {
	my ($name, $controls, $sender, $recipient, %want) = @_;
	my $got = try_route(home(%$controls), $sender, $recipient);
	says("outbound 3.3: $name", $got, %want);
	return $got;
}
route_is('no route', {}, 's@x', 'u@mx.example', route => 'mail exchangers of mx.example', 'route from' => undef,
	server => 'one.example:25, preference 10', address => '198.51.100.1', tls => 'may', 'tls from' => 'by default',
	credential => 'none', protocol => 'SMTP', helo => 'client.example', 'helo from' => 'control/me:1',
	source => 'as the kernel chooses', result => 'it would be tried');
{
	my $got = try_route(home(), 's@x', 'u@mx.example');
	is(join(' ', sort(values_of($got, 'address'))), '198.51.100.1 198.51.100.2 2001:db8::2', 'all addresses of all exchangers');
	is(join(' / ', values_of($got, 'server')), 'one.example:25, preference 10 / two.example:25, preference 20', '... below their names');
}
my $row1 = { smtproutes => "a.example:other.example:26\n\n:relay.example:2525 api_username api_password\n" };
my $got = route_is('3.2 row 1', $row1, 's@x', 'u@mx.example', route => 'relay.example:2525', 'route from' => 'control/smtproutes:3',
	credential => 'user api_username, password', 'credential from' => 'control/smtproutes:3', server => 'relay.example:2525',
	address => $P, auth => 'SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN', 'auth-in-clear' => 'allowed', 'auth-in-clear from' => 'loopback');
unlike($got->{text}, qr/api_password/, 'a password is never shown');
route_is('another key', $row1, 's@x', 'u@A.example', route => 'other.example:26', 'route from' => 'control/smtproutes:1', credential => 'none');
route_is('row 11: exempt', { smtproutes => "mx.example:\n:relay.example\n" }, 's@x', 'u@mx.example',
	route => 'mail exchangers of mx.example', 'route from' => 'control/smtproutes:1');
route_is('row 6', { smtproutes => ":relay.example;s2465|joe|pw\n" }, 's@x', 'u@d.example', route => 'relay.example:2465',
	protocol => 'SMTP, TLS from the first octet');
route_is('row 8', { smtproutes => ":::1;587|joe|pw\n" }, 's@x', 'u@d.example', route => '[::1]:587', credential => 'user joe, password');
route_is('row 7', { smtproutes => ":[::1]:587|joe|pw\n" }, 's@x', 'u@d.example', route => '[::1]:587', address => '::1');
route_is('row 14: bounces', { smtproutes => "!\@:other.example:27\n:relay.example\n" }, '<>', 'u@d.example', sender => 'none, a bounce',
	route => 'other.example:27', 'route from' => 'control/smtproutes:1');
route_is('... and others', { smtproutes => "!\@:other.example:27\n:relay.example\n" }, 's@x', 'u@d.example', route => 'relay.example:25');
route_is('the recipient', { smtproutes => "u\@d.example:other.example:27\n:relay.example\n" }, 's@x', 'u@d.example', route => 'other.example:27');
route_is('authsenders', { authsenders => "\@x.example:other.example:26|o|p\n", smtproutes => ":relay.example\n" }, 's@x.example', 'u@d.example',
	route => 'other.example:26', 'route from' => 'control/authsenders:1', credential => 'user o, password', 'credential from' => 'control/authsenders:1');
route_is('authsenders without relay', { authsenders => "\@x.example|o|p\n", smtproutes => ":relay.example:587\n" }, 's@x.example', 'u@d.example',
	route => 'relay.example:587', 'route from' => 'control/smtproutes:1', credential => 'user o, password', 'credential from' => 'control/authsenders:1');
route_is('a named route', { smtproutes => ":\@isp\n", 'routes/isp/relay' => "relay.example:587\n", 'routes/isp/user' => "joe\n", 'routes/isp/password' => "pw\n" },
	's@x', 'u@d.example', route => 'relay.example:587, route isp', 'route from' => 'control/smtproutes:1',
	credential => 'user joe, password', 'credential from' => 'control/routes/isp/user:1');
route_is('qmtproutes', { qmtproutes => "d.example:relay.example\n", smtproutes => ":other.example\n" }, 's@x', 'u@d.example',
	route => 'relay.example:209', 'route from' => 'control/qmtproutes:1', protocol => 'QMTP');
$got = route_is('a token file', { smtproutes => ":\@isp\n", 'routes/isp/relay' => "relay.example:587\n", 'routes/isp/user' => "joe\n", 'oauthtokens/joe' => "very.secret\n" },
	's@x', 'u@d.example', auth => 'OAUTHBEARER XOAUTH2');
like($got->{credential}, qr{\Auser joe, OAuth 2 token of control/oauthtokens/joe, written \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\z}, '... its age');
unlike($got->{text}, qr/very\.secret/, '... a token is never shown');
{
	my $home = home(smtproutes => ":\@isp\n", 'routes/isp/relay' => "relay.example:587\n", 'routes/isp/user' => "joe\n", 'oauth/isp/profile' => "google\n");
	spit("$home/state/oauth/isp", "very.secret\n");
	my $none = try_route($home, 's@x', 'u@d.example');
	says('no token', $none, exit => 1, result => 'it would be tried again later');
	like($none->{report}, qr/\ASorry, I have no OAuth 2 token for isp: /, '... why');
}

route_is('several relays', { smtproutes => ":\@isp\n", 'routes/isp/relay' => "relay.example:587 1\nother.example:2525 2\n", 'routes/isp/helo' => "h.example\n",
		'routes/isp/source' => "192.0.2.8\n", 'routes/isp/authmechs' => "PLAIN\n", 'routes/isp/tls' => "encrypt\n", 'routes/isp/user' => "joe\n", 'routes/isp/password' => "pw\n" },
	's@x', 'u@d.example', route => 'relay.example:587, other.example:2525, route isp', helo => 'h.example', 'helo from' => 'control/routes/isp',
	source => '192.0.2.8', 'source from' => 'control/routes/isp', auth => 'PLAIN', tls => 'encrypt', 'tls from' => 'control/routes/isp/tls:1');
route_is('a sender that may not', { smtproutes => ":\@isp\n", 'routes/isp/relay' => "relay.example:587\n", 'routes/isp/senders' => "y.example\n" },
	's@x', 'u@d.example', exit => 1, result => 'it would be tried again later', report => 'Sorry, this sender may not use that route. (#4.7.1)');
route_is('remotesecrets', { smtproutes => ":relay.example:587\n", remotesecrets => "x:u:p\nrelay.example:ann:pw\n" }, 's@x', 'u@d.example',
	credential => 'user ann, password', 'credential from' => 'control/remotesecrets:2', 'sent-as' => undef);
route_is('remoteauth', { smtproutes => ":relay.example:587\n", remoteauth => 'relay.example:boss@x.example:' . encode_base64("\0ann\0pw", '') . "\n" },
	's@x', 'u@d.example', credential => 'user ann, password', 'credential from' => 'control/remoteauth:1', 'sent-as' => 'boss@x.example');
{
	# A store of our own: the refusal of a credential is remembered there.
	my $home = home(smtproutes => ":relay.example:587 joe pw\n");
	make_path("$home/state/db");
	my $sink = start_sink("user joe other\nehlo AUTH PLAIN\n");
	control($home, smtproutes => ":$P:$sink->{port} joe pw\n");
	chmod 0640, "$home/control/smtproutes";
	my $first = try_route($home, '-c', 's@x', 'u@d.example');
	like($first->{report}, qr/authentication was rejected/, 'outbound 3.5: a refused credential');
	my $second = try_route($home, '-c', 's@x', 'u@d.example');
	says('... is remembered', $second, exit => 1, 'refused-lately' => $P, 'refused-lately from' => 'control/smtproutes:1', connected => undef,
		report => $first->{report});
}

{
	my $sink = start_sink("mail 454 Throttling failure: Daily message quota exceeded\n");
	my $home = home(smtproutes => ":$P:$sink->{port}\n", pacing => ":\n");
	make_path("$home/state/db");
	says('outbound 5.5: pacing', try_route($home, 's@x', 'u@d.example'), pacing => "$P:$sink->{port}, open", 'closed-by' => undef);
	run_program([ 'qmail-remote', 'd.example', 's@x', 'u@d.example' ], home => $home, in => "x\n");
	my $got = try_route($home, '-c', 's@x', 'u@d.example');
	says('... closed by the server', $got, exit => 1, result => 'it would be tried again later', report => 'The route is closed for now.',
		connected => undef);
	like($got->{pacing}, qr/\A\Q$P:$sink->{port}\E, closed until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\z/, '... until when');
	like($got->{'closed-by'}, qr/quota exceeded/, '... why');
}

# --- our side -------------------------------------------------------------------------------------

route_is('helohost', { helohost => "mail.client.example\n" }, 's@x', 'u@mx.example', helo => 'mail.client.example', 'helo from' => 'control/helohost:1');
{
	my $got = try_route(home(outgoingip => "192.0.2.9\n", outgoingip6 => "2001:db8::9\n"), 's@x', 'u@mx.example');
	is(join(' ', values_of($got, 'source')), '192.0.2.9 2001:db8::9', 'outbound 2.5: outgoingip and outgoingip6');
	is($got->{'source from'}, 'control/outgoingip:1', '... and where that is from');
}

route_is('outbound 2.5: domainips', { domainips => "y:192.0.2.1\nx:192.0.2.7|x.example\n" }, 's@x', 'u@mx.example', source => '192.0.2.7',
	'source from' => 'control/domainips:2', helo => 'x.example', 'helo from' => 'control/domainips:2');

# --- TLS ------------------------------------------------------------------------------------------

sub tls_is {
	my ($name, $controls, %want) = @_;
	return route_is("4.2: $name", { smtproutes => ":relay.example:587\n", %$controls }, 's@x', 'u@d.example', %want);
}
tls_is('none', { tlspolicy => "relay.example:none\n" }, tls => 'none', 'tls from' => 'control/tlspolicy:1', verify => undef);
tls_is('encrypt', { tlspolicy => "x:may\nrelay.example:encrypt\n" }, tls => 'encrypt', 'tls from' => 'control/tlspolicy:2',
	verify => 'nothing: any certificate will do');
tls_is('secure', { tlspolicy => "relay.example:secure\n" }, tls => 'secure', verify => 'name relay.example, issued by whom the system trusts');
tls_is('secure, with ca and match', { tlspolicy => "relay.example:secure ca=/x/ca.pem match=m.example\n" },
	verify => 'name m.example, issued by /x/ca.pem');
tls_is('chain', { tlspolicy => "relay.example:chain\n" }, tls => 'chain', verify => 'issued by whom the system trusts');
my $digest = '0123456789abcdef' x 4;
tls_is('fingerprint', { tlspolicy => "relay.example:fingerprint fp=$digest\n" }, tls => 'fingerprint', verify => "fingerprint $digest");
tls_is('tlsdestinations', { tlsdestinations => "x.example:\nrelay.example:/x/ca.pem\n" }, tls => 'tlsdestinations', 'tls from' => 'control/tlsdestinations:2',
	verify => 'issued by /x/ca.pem');
tls_is('tlshosts', { 'tlshosts/relay.example.pem' => "x\n" }, tls => 'tlshosts', 'tls from' => 'control/tlshosts/relay.example.pem',
	verify => 'name relay.example, issued by control/tlshosts/relay.example.pem');
tls_is('tlsclientciphers', { tlsclientciphers => "HIGH\n!aNULL\n" }, ciphers => 'HIGH:!aNULL');
tls_is('an invalid line', { tlspolicy => "relay.example:maybe\n" }, exit => 1, result => 'it would be tried again later',
	report => 'Unable to read control files. (#4.3.0)');

# --- what would fail --------------------------------------------------------------------------------

sub fails {
	my ($name, $controls, $recipient, $result, $report) = @_;
	my $got = try_route(home(%$controls), 's@x', $recipient);
	says($name, $got, exit => 1, result => $result);
	is(join("\n", values_of($got, 'report')), $report, '... the report');
}
fails('no host', {}, 'u@nowhere.example', 'it would bounce', "Sorry, I couldn't find any host named nowhere.example. (#5.1.2)");
fails('null MX', {}, 'u@null.example', 'it would bounce', 'Sorry, that domain does not accept mail (null MX). (#5.1.10)');
for my $row ([ {}, 'u@client.example', undef ], [ {}, 'u', 'u@client.example' ], [ { locals => "x\n", virtualdomains => "v.example:joe\n" }, 'u@v.example', 'joe-u@v.example' ]) {
	my ($controls, $recipient, $rewritten) = @$row;
	says("outbound 6.2: $recipient", try_route(home(%$controls), 's@x', $recipient), exit => 1, rewritten => $rewritten,
		result => 'it would be delivered on this machine');
}
says('outbound 6.2: envnoathost', try_route(home(envnoathost => "mx.example\n"), 's@x', 'u'), rewritten => 'u@mx.example', route => 'mail exchangers of mx.example');
says('outbound 6.2: percenthack', try_route(home(percenthack => "p.example\n"), 's@x', 'u%mx.example@p.example'), rewritten => 'u@mx.example',
	route => 'mail exchangers of mx.example');
fails('forbidden', {}, "u\n\@mx.example", 'it would bounce', 'Sorry, that envelope address contains forbidden bytes. (#5.1.3)');
fails('not a route', { smtproutes => "ok.example:relay.example:25\n:relay.example:99999\n" }, 'u@mx.example', 'it would be tried again later',
	"Unable to read control files. (#4.3.0)\ncontrol/smtproutes:2: not a route");
{
	my $home = home();
	unlink "$home/control/me";
	my $got = try_route($home, 's@x', 'u@mx.example');
	is(join("\n", values_of($got, 'report')), "Unable to read control files. (#4.3.0)\ncontrol/me: missing", 'neither me nor helohost');
	control($home, helohost => "client.example\n");
	says('outbound 2.1: helohost alone', try_route($home, 's@x', 'u@mx.example'), helo => 'client.example', 'helo from' => 'control/helohost:1');
}

# --- warnings ---------------------------------------------------------------------------------------

sub warns {
	my ($name, $controls, @want) = @_;
	my $got = try_route(home(%$controls), 's@x', 'u@mx.example');
	is(join("\n", warnings_of($got)), join("\n", @want), "warnings: $name");
}
my $bounces = 'a stock qmail-remote would bounce what selects it; with :PORT right behind the relay\'s name it would not';
my $half    = 'half a credential';
warns('nothing is wrong', { smtproutes => "a.example:relay.example:25\n#\n\n.b:r.example:587 joe pw\nx.example:\n", authsenders => "\@a:r.example:25|u|p\n\@b|u|p\n" });
warns('3.2, what a stock qmail-remote makes of it', { smtproutes => <<'ROUTES' },
a: r.net:25
b:r.net joe pw
c:r.net|joe|pw
d:r.net;s2465|joe|pw
e:[2001:db8::1]:587
f:@isp
g:r.net:
h:r.net:s465
u@i:r.net:25
[IPv6:2001:db8::1]:r.net:25
!@:r.net:25
ROUTES
	(map { "control/smtproutes:$_: $bounces" } 1 .. 4),
	'control/smtproutes:5: a stock qmail-remote knows no IPv6 and would bounce what selects it; a name in place of the address would do',
	"control/smtproutes:6: $bounces",
	(map { "control/smtproutes:$_: a stock qmail-remote would try port 0; digits behind the ':' help" } 7, 8),
	(map { "control/smtproutes:$_: a stock qmail-remote would pass it over and take another line" } 9 .. 11));
warns('3.2, lines that are none', { smtproutes => "a:r.net:x\nr.net\nb:r.net:99999\n", qmtproutes => "a:r.net:x\n", authsenders => "\@a:r.net:x\n\@b\n",
		tlspolicy => "a:maybe\nb:encrypt\n" },
	'control/authsenders:1: not a route: mail that selects it has to wait',
	"control/authsenders:2: without a ':' it is passed over",
	'control/qmtproutes:1: not a route: mail that selects it has to wait',
	'control/smtproutes:1: not a route: mail that selects it has to wait',
	"control/smtproutes:2: without a ':' it is passed over",
	'control/smtproutes:3: not a route: mail that selects it has to wait',
	'control/tlspolicy:1: not a policy: mail that selects it has to wait');
warns('lines of other files that are none', { domainips => "a:b\nc\n", remotesecrets => "a\n", remoteauth => "a:b:c\n", tlsdestinations => "a:b|c|d\n", domaincerts => "x\n" },
	"control/domaincerts:1: without a ':' it is passed over",
	'control/domainips:1: not an address and a name: mail that selects it has to wait',
	"control/domainips:2: without a ':' it is passed over",
	'control/remoteauth:1: not a credential: mail that selects it has to wait',
	'control/remotesecrets:1: not a credential: mail that selects it has to wait',
	'control/tlsdestinations:1: not a policy: mail that selects it has to wait');
warns('3.2 rows 10 and 17', { smtproutes => "a:|joe|pw\nb:r.net:25|joe\nc:r.net:25 joe\n", authsenders => "\@a|joe\n" },
	"control/authsenders:1: $half", 'control/smtproutes:1: a credential without a relay',
	"control/smtproutes:2: $half", "control/smtproutes:3: $half");
warns('the last of equal keys counts', { smtproutes => "a:r.net:25\nb:r.net:25\nA.:r.net:26\na:r.net:27\n", authsenders => "\@a:\n\@A:r.net:25\n" },
	'control/smtproutes:1: of no effect: line 3 has the same key, and the last one counts',
	'control/smtproutes:3: of no effect: line 4 has the same key, and the last one counts');
{
	my $got = try_route(home(smtproutes => "x\n" x 1000), 's@x', 'u@mx.example');
	my @warnings = warnings_of($got);
	is(scalar @warnings, 21, 'warnings: at most twenty of a file');
	is($warnings[20], 'control/smtproutes: and more of that kind', '... and that there are more');
}
warns('HELO without a domain', { helohost => "client\n" }, 'control/helohost:1: the name that we say in EHLO has no domain: many servers refuse that');
warns('HELO with an address', { helohost => "[192.0.2.1]\n" });
warns('HELO that the DNS does not know', { helohost => "nowhere.example\n" }, 'control/helohost:1: the DNS does not know the name that we say in EHLO');

# 3.4: secrets that everybody may read
{
	my %all = (smtproutes => "a:r.net:25 joe pw\n", qmtproutes => "a:r.net:25\n", authsenders => "\@a|joe|pw\n", 'oauthtokens/joe' => "t\n",
		'routes/isp/relay' => "r.net\n", 'routes/isp/password' => "pw\n", 'oauth/isp/clientsecret' => "x\n");
	my $home = home(%all);
	chmod 0644, map { "$home/control/$_" } keys %all;
	my $got = try_route($home, 's@x', 'u@mx.example');
	my $readable = 'a secret that everybody on this machine may read: chmod o-r';
	is(join("\n", warnings_of($got)), join("\n", map { "control/$_: $readable" }
			qw(authsenders smtproutes oauthtokens/joe routes/isp/password oauth/isp/clientsecret)), 'outbound 3.4: files that everybody may read');
	chmod 0750, "$home/control/routes", "$home/control/oauthtokens", "$home/control/oauth/isp";
	$got = try_route($home, 's@x', 'u@mx.example');
	is(join("\n", warnings_of($got)), join("\n", map { "control/$_: $readable" } qw(authsenders smtproutes)), '... not where a directory is closed');
}

# --- files that cannot be read --------------------------------------------------------------------

SKIP: {
	skip 'root may read everything', 3 if $> == 0;
	my $home = home(smtproutes => ":relay.example\n", 'clientcert.pem' => "x\n");
	chmod 0, "$home/control/clientcert.pem";
	my $got = try_route($home, 's@x', 'u@mx.example');
	like(join("\n", warnings_of($got)), qr{^control/clientcert\.pem: }m, 'a certificate that may not be read is warned of');
	chmod 0, "$home/control/smtproutes";
	$got = try_route($home, 's@x', 'u@mx.example');
	ok($got->{exit} == 1 || $got->{exit} == 111, 'routes that may not be read');
	like($got->{text}, qr/^report: +control\/smtproutes: unreadable: Permission denied$/m, '... why');
}

# --- -c ---------------------------------------------------------------------------------------------

# Run with -c against a sink; { what try_route() gives, log }.
sub connect_to {
	my ($script, %o) = @_;
	my $sink = start_sink($script, @{ $o{options} || [] });
	my %controls = (smtproutes => ":$P:PORT\n", %{ $o{controls} || {} });
	s/PORT/$sink->{port}/g for values %controls;
	my $got = try_route(home(%controls), '-c', $o{sender} || 's@client.example', 'r@d.example');
	wait_until(sub { -e "$sink->{dir}/1.done" }) unless $o{no_log};
	$got->{log} = slurp("$sink->{dir}/1.log");
	$got->{port} = $sink->{port};
	$got->{has_message} = grep { -e } glob "$sink->{dir}/*.message.*";
	return $got;
}

$got = connect_to('');
says('-c', $got, result => 'the recipient would be accepted', connected => "$P, $P:$got->{port}");
is(join('|', values_of($got, 'sent')), 'EHLO client.example|MAIL FROM:<s@client.example>|RCPT TO:<r@d.example>|RSET|QUIT', '... what was sent');
like($got->{log}, qr/C: MAIL.*\nS: 250.*\nC: RCPT.*\nS: 250.*\nC: RSET\nS: 250 ok\nC: QUIT\n/, '... and heard by the server');
ok(!$got->{has_message}, '... no message');
is(join('|', values_of($got, 'reply')), '220 sink.example ESMTP|250-sink.example|250-PIPELINING|250 8BITMIME|250 ok|250 ok|250 ok', '... its replies');

for my $row (
	[ 'greeting 554 no',        'it would be tried again later', 'but greeting failed.' ],
	[ 'mail 550 no',            'it would bounce',               'but sender was rejected.' ],
	[ 'mail 450 no',            'it would be tried again later', 'but sender was rejected.' ],
	[ 'rcpt 550 no',            'it would bounce',               'does not like recipient.' ],
	[ 'rcpt 450 no',            'it would be tried again later', 'does not like recipient.' ],
	[ 'rcpt close',             'it would be tried again later', 'but connection died. (#4.4.2)' ],
	[ 'ehlo 550 no|helo 550 no', 'it would be tried again later', 'but my name was rejected.' ],
  ) {
	my ($script, $result, $report) = @$row;
	my $got = connect_to(join("\n", split /\|/, $script) . "\n");
	says("-c, $script", $got, exit => 1, result => $result);
	like($got->{text}, qr/^report: .*\Q$report\E$/m, '... the report');
	unlike($got->{log}, qr/C: DATA/, '... no DATA');
}
$got = connect_to("rcpt 250 a\\x1b[31m\\\\b  c\n");
like($got->{text}, qr/^reply: +250 a\\x1b\[31m\\x5cb \\x20c$/m, 'what a server says is tamed');

# AUTH
my $auth = { smtproutes => ":$P:PORT joe s3cret-pass\n" };
$got = connect_to("user joe s3cret-pass\n", controls => $auth);
says('-c, AUTH', $got);
like($got->{text}, qr/^sent: +AUTH CRAM-MD5\nreply: +334 \[challenge\]\nsent: +\[hidden\]\nreply: +235 /m, '... as lines');
$got = connect_to("user joe s3cret-pass\nehlo AUTH PLAIN\n", controls => $auth);
like($got->{text}, qr/^sent: +AUTH PLAIN \[hidden\]\n/m, '... PLAIN');
$got = connect_to("user joe other\nehlo AUTH PLAIN\n", controls => $auth);
says('-c, a wrong password', $got, exit => 1, result => 'it would be tried again later');
like($got->{text}, qr/^report: .*authentication was rejected \(PLAIN\)\. \(#4\.7\.8\)$/m, '... the report');
$got = connect_to("ehlo AUTH PLAIN\nauth 535 no AGpvZQBzM2NyZXQtcGFzcw== for s3cret-pass\n", controls => $auth);
like($got->{text}, qr/^reply: +535 no \[hidden\] for \[hidden\]$/m, 'a server that repeats secrets');
unlike($got->{text}, qr/s3cret-pass|AGpvZQBzM2NyZXQtcGFzcw/, '... nowhere');
$got = connect_to("ehlo PIPELINING\n", controls => $auth);
like($got->{text}, qr/^report: .*offers no usable AUTH mechanism/m, 'no AUTH');

# QMTP asks nothing without a message
{
	my $sink = start_sink('');
	my $got = try_route(home(qmtproutes => ":$P:$sink->{port}\n"), '-c', 's@x', 'u@d.example');
	says('-c, QMTP', $got, result => 'it would be tried', connected => "$P, $P:$sink->{port}", protocol => 'QMTP');
	wait_until(sub { -e "$sink->{dir}/1.done" });
	is(slurp("$sink->{dir}/1.in"), '', '... nothing was said');
}

# the next address
{
	my $dns = start_dns("two.example MX 10 a.two.example\ntwo.example MX 20 b.two.example\na.two.example A 127.0.0.9\nb.two.example A $P\nclient.example A $P\n");
	my $sink = start_sink('');
	my $home = home(resolvers => "127.0.0.1:$dns->{port}\n", smtproutes => ":both.example:$sink->{port}\n");
	stop_server($dns);
	$dns = start_dns("both.example A 127.0.0.9\nboth.example A $P\nclient.example A $P\n");
	control($home, resolvers => "127.0.0.1:$dns->{port}\n");
	my $got = try_route($home, '-c', 's@x', 'u@d.example');
	says('-c, two addresses', $got, connected => "$P, both.example:$sink->{port}");
	is(scalar(values_of($got, 'address')), 2, '... both are told');
	my ($failed) = values_of($got, 'not-connected');
	ok(!defined $failed || $failed eq "127.0.0.9, both.example:$sink->{port}: Connection refused", '... the one that refuses, if it came first');
}

# 2.6: the table of timeouts is asked, and left alone
{
	my $home = home(smtproutes => ":192.0.2.1\n");
	queue_tree($home);
	my $table = pack('C4 C x3 V x4', 192, 0, 2, 1, 5, time) . "\0" x (1024 - 16);
	spit("$home/queue/lock/tcpto", $table, 0644);
	my $got = try_route($home, '-c', 's@x', 'u@d.example');
	says('-c, an address that timed out', $got, exit => 1, address => '192.0.2.1, which timed out lately and is left out (qmail-tcpto)',
		'not-connected' => '192.0.2.1, 192.0.2.1:25: left out, as it timed out lately (qmail-tcpok)');
	is(slurp("$home/queue/lock/tcpto"), $table, '... the table is as it was');
}

# --- -c and TLS -----------------------------------------------------------------------------------

SKIP: {
	skip 'no IO::Socket::SSL, or no openssl', 1 unless $can_tls;
	my $pki = temp_dir();
	make_authority($pki, 'ca');
	make_certificate($pki, 'good', 'ca', alt => "IP:$P,DNS:relay.example");
	spit("$pki/good.pem", pem($pki, 'good.key', 'good.crt'));
	make_certificate($pki, 'short', 'ca', alt => "IP:$P", days => 5);
	spit("$pki/short.pem", pem($pki, 'short.key', 'short.crt'));
	make_certificate($pki, 'expired', 'ca', alt => "IP:$P", expired => 1);
	spit("$pki/expired.pem", pem($pki, 'expired.key', 'expired.crt'));
	spit("$pki/none.pem", "nothing\n");
	my @cert = (options => [ '--cert', "$pki/good.pem" ]);
	my $got = connect_to('', @cert);
	says('-c, TLS', $got, result => 'the recipient would be accepted', peer => 'CN=good');
	like($got->{secured}, qr/\ATLSv1\.[23], \S+\z/, '... protocol and cipher');
	isnt($got->{verified}, 'ok', '... nobody knows the authority');
	is($got->{issuer}, 'CN=ca', '... who issued it');
	is(join(' ', values_of($got, 'name')), "$P relay.example", '... for which names');
	like($got->{ends}, qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \((?:29|30) days\)\z/, '... until when');
	is(join('', warnings_of($got)), '', '... which is long enough');
	$got = connect_to('', options => [ '--cert', "$pki/short.pem" ]);
	like(join('', warnings_of($got)), qr/\Athe server's certificate: the certificate is about to end: \S+Z \([45] days\)\z/, 'a certificate about to end');
	$got = connect_to('', options => [ '--cert', "$pki/expired.pem" ]);
	like(join('', warnings_of($got)), qr/\Athe server's certificate: the certificate has ended: \S+Z \(over\)\z/, 'one that has ended');
	for my $row ([ good => qr/\A\z/ ], [ short => qr/is about to end: / ], [ expired => qr/has ended: / ], [ none => qr/\Acontrol\/clientcert.pem: no certificate is in it\z/ ]) {
		my ($name, $want) = @$row;
		my $home = home('clientcert.pem' => slurp("$pki/$name.pem"));
		my $got = try_route($home, 's@x', 'u@mx.example');
		like(join("\n", warnings_of($got)), $want, "our own certificate: $name");
		is($got->{certificate}, 'control/clientcert.pem', '... is named');
		chmod 0644, "$home/control/clientcert.pem";
		like(join("\n", warnings_of(try_route($home, 's@x', 'u@mx.example'))),
			qr{^control/clientcert\.pem: a secret that everybody on this machine may read: chmod o-r$}m, '... everybody may read it');
	}
	$got = connect_to('', @cert, controls => { tlspolicy => "$P:secure ca=$pki/ca.crt\n" });
	says('-c, secure', $got, verified => 'ok', tls => 'secure');
	$got = connect_to('', @cert, controls => { tlspolicy => "$P:secure\n" }, no_log => 1);
	says('-c, secure, a stranger', $got, exit => 1, result => 'it would be tried again later');
	like($got->{text}, qr/^report: .*TLS policy secure failed: /m, '... the report');
	$got = connect_to("starttls 454 no\n", @cert, controls => { tlspolicy => "$P:encrypt\n" });
	like($got->{text}, qr/^report: .*TLS policy encrypt failed: STARTTLS was refused/m, '-c, STARTTLS refused');
	$got = connect_to('', options => [ @{ $cert[1] }, '--tls' ], controls => { smtproutes => ":$P:sPORT\n" });
	says('-c, TLS from the first octet', $got, protocol => 'SMTP, TLS from the first octet', peer => 'CN=good');
}

# --- what is said is what is done ---------------------------------------------------------------

# Generated homes: what qmail-try says of relay, credential and TLS, against what qmail-remote does with
# two servers that write down everything, one with TLS that nobody can verify and one without.
SKIP: {
	skip 'no IO::Socket::SSL, or no openssl', 1 unless $can_tls;
	my $pki = temp_dir();
	self_signed($pki, 'sink');
	spit("$pki/sink.pem", pem($pki, 'sink.key', 'sink.crt'));
	my $users = join '', map { "user $_ pw-$_\n" } qw(joe ann bob);
	my @sinks = (start_sink($users), start_sink($users, '--cert', "$pki/sink.pem"));
	my @seen = (0, 0);
	my @relays = map { ("relay.example:$_->{port}", "other.example:$_->{port}") } @sinks;
	srand 20261128;
	my $pick = sub { $_[ int rand @_ ] };
	my $credential = sub { my $user = $pick->(qw(joe ann bob)); $pick->('', " $user pw-$user", " -$user pw-$user", "|$user|pw-$user") };
	my $relay      = sub { $pick->(@relays) };

	for my $n (1 .. 30) {
		my $route = sub { my ($key) = @_; $pick->("$key:" . $relay->() . $credential->() . "\n", '') };
		my %controls = (
			smtproutes  => join('', map { $route->($_) } '', '.example', 'd.example', 'd.example', 'r@d.example', "!\@") . ':' . $relay->() . "\n",
			authsenders => join('', map { $route->($_) } '@s.example', 's@s.example') . $pick->('', "\@s.example|bob|pw-bob\n", '.example:' . $relay->() . "|ann|pw-ann\n"),
			tlspolicy   => join('', map { $pick->('', "$_:" . $pick->(qw(none may encrypt secure)) . "\n") } 'relay.example', 'd.example', '.example', ''),
			authclear   => $pick->('', "*\n"),
		);
		my ($sender, $recipient) = ($pick->('', 's@s.example', 't@s.example'), $pick->('r@d.example', 'u@d.example', 'x@e.example'));
		my $home = home(%controls);
		my $said = try_route($home, $sender, $recipient);
		my $run  = run_program([ 'qmail-remote', ($recipient =~ s/.*@//r), $sender, $recipient ], home => $home, in => "x\n");
		my $what = "generated $n";

		# What was done: at which server, as whom, over what.
		my ($hit) = grep { -e "$sinks[$_]{dir}/" . ($seen[$_] + 1) . '.in' } 0, 1;
		ok(defined $hit, "$what: a connection") or next;
		my $number = ++$seen[$hit];
		wait_until(sub { -e "$sinks[$hit]{dir}/$number.done" });
		my $log = slurp("$sinks[$hit]{dir}/$number.log");
		my $done = $run->{out} =~ /\Ar\0K/;

		like($said->{route}, qr/:\Q$sinks[$hit]{port}\E\z/, '... the relay');
		my ($user) = $said->{credential} =~ /\Auser (\w+), password\z/;
		my $tls = { may => $hit, none => 0, encrypt => 1, secure => 1 }->{ $said->{tls} };
		my $fits = $said->{tls} =~ /^(?:may|none)$/ || ($said->{tls} eq 'encrypt' && $hit == 1);
		is($done ? 1 : 0, $fits ? 1 : 0, "... accepted, as $said->{tls} lets it") or diag $said->{text}, $log, $run->{out};
		next unless $done;
		is($log =~ /^TLS TLS/m ? 1 : 0, $tls, '... TLS');
		is($log =~ /^C: AUTH/m ? 1 : 0, defined $user ? 1 : 0, '... AUTH');
		next unless defined $user;
		my $got = user_of($log);
		is($got, $user, '... as whom');
	}
}

# Whom the log of a sink names in AUTH CRAM-MD5 or PLAIN.
sub user_of {
	my ($log) = @_;
	return (split /\0/, decode_base64($1))[1] if $log =~ /^C: AUTH PLAIN (\S+)/m;
	return (split / /, decode_base64($1))[0] if $log =~ /^C: AUTH CRAM-MD5\nS: 334 .*\nC: (\S+)/m;
	return undef;
}

done_testing();
