#!/usr/bin/perl
# qmail-remote and TLS: what each level accepts, what is said when it is not had, and that
# credentials stay home then.  Row T11 of outbound 11.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0
  or plan skip_all => 'perl has no IO::Socket::SSL';
system('command -v openssl >/dev/null 2>&1') == 0 or plan skip_all => 'no openssl to make certificates';

my $P = '127.0.0.1';
my $ACCEPTED = "r\0K$P accepted message.\nRemote host said: 250 ok queued\n\0";

# --- certificates ----------------------------------------------------------------------------------

my $pki = temp_dir();

# NAME.pem: key and certificate.
sub certificate {
	my ($name, $by, %with) = @_;
	make_certificate($pki, $name, $by, %with);
	spit("$pki/$name.pem", pem($pki, "$name.key", "$name.crt"));
}
make_authority($pki, $_) for qw(ca otherca);
certificate('good',      'ca',      alt => "IP:$P,DNS:relay.example");
certificate('othername', 'ca',      alt => 'DNS:other.example');
certificate('expired',   'ca',      alt => "IP:$P", expired => 1);
certificate('foreign',   'otherca', alt => "IP:$P");
certificate('middle',    'ca',      ca => 1);
certificate('leaf',      'middle',  alt => "IP:$P");    # sent without its intermediate

# --- deliveries --------------------------------------------------------------------------------------

sub deliver {
	my ($script, %o) = @_;
	my @tls = $o{cert} ? ('--cert', "$pki/$o{cert}.pem", $o{implicit} ? '--tls' : ()) : ();
	my $sink = start_sink($script, @tls);
	my %controls = (me => "client.example\n", smtproutes => ":$P:PORT" . ($o{route} || '') . "\n", %{ $o{controls} || {} });
	s/PORT/$sink->{port}/g for values %controls;
	my $home = instance(%controls);
	my $run = run_program([ 'qmail-remote', 'dest.example', 's@client.example', 'r@dest.example' ],
		home => $home, in => $o{in} || "Subject: x\n\nbody\n");
	my $log = sub { my ($n) = @_; wait_until(sub { -e "$sink->{dir}/$n.done" }); slurp("$sink->{dir}/$n.log") };
	return { %$run, log => $log, dir => $sink->{dir} };
}

sub is_visible { my ($got, $want, $name) = @_; s/\0/\\0/g for $got, $want; is($got, $want, $name) }
sub like_visible { my ($got, $want, $name) = @_; $got =~ s/\0/\\0/g; like($got, $want, $name) }

sub accepted {
	my ($name, $script, %o) = @_;
	my $run = deliver($script, %o);
	is_visible($run->{out}, $ACCEPTED, "T11: $name");
	return $run;
}

sub policy_failed {
	my ($name, $policy, $detail, $script, %o) = @_;
	my $run = deliver($script, %o);
	like_visible($run->{out}, qr/\AZConnected to \Q$P\E but TLS policy $policy failed: $detail\. \(#4\.7\.5\)\n/, "T11: $name");
	unlike($run->{log}->(1), qr/C: (?:AUTH|MAIL)/, '... neither credentials nor mail were sent');
	ok(!-e "$run->{dir}/2.in", '... nor a second connection made');
	return $run;
}
my $CA = "ca=$pki/ca.crt";

# may: any certificate, and clear where TLS does not work
for my $cert (qw(good othername expired foreign leaf)) {
	my $run = accepted("may: $cert", '', cert => $cert);
	like($run->{log}->(1), qr/^TLS TLSv1.*^C: EHLO client\.example\n.*^C: MAIL/ms, '... over TLS, and EHLO again');
}
for my $row ([ 'close', qr/but connection died\. \(#4\.4\.2\)/ ], [ '421 busy', qr/TLS policy may failed: STARTTLS was refused\. \(#4\.7\.5\)\nRemote host said: 421 busy/ ]) {
	my ($reply, $want) = @$row;
	like_visible(deliver("starttls $reply\n", cert => 'good')->{out}, qr/\AZConnected to \Q$P\E $want\n\\0\z|\AZConnected to \Q$P\E but $want\n\\0\z/,
		"may: $reply at STARTTLS");
}
{
	my $run = accepted('may: STARTTLS refused', "starttls 454 not now\n", cert => 'good');
	like($run->{log}->(1), qr/C: STARTTLS\nS: 454 not now\nC: MAIL/, '... goes on in clear');
	$run = accepted('may: no handshake', "\@1 starttls raw:220 go\\r\\n close\n", cert => 'good');
	like($run->{log}->(2), qr/\A(?!.*C: STARTTLS)/s, '... in clear over a second connection');
	$run = accepted('may: injected reply', "\@1 starttls raw:220 go\\r\\n250 injected\\r\\n\n", cert => 'good');
	like($run->{log}->(2), qr/\A(?!.*C: STARTTLS)/s, '... in clear over a second connection');
	$run = accepted('none', '', cert => 'good', controls => { tlspolicy => "$P:none\n" });
	unlike($run->{log}->(1), qr/C: STARTTLS/, '... STARTTLS is not asked for');
	$run = accepted('capabilities are those of the second EHLO', "ehlo STARTTLS|SIZE 5\nehlo-tls SIZE 500000\n", cert => 'good');
	like($run->{log}->(1), qr/MAIL FROM:<s\@client\.example> SIZE=\d+\n/, '... SIZE');
	$run = deliver("ehlo-tls 450 no\n", cert => 'good');
	is_visible($run->{out}, "ZConnected to $P but my name was rejected.\nRemote host said: 450 no\n\0", 'EHLO refused behind TLS');
}

# Outbound 4.3, row note_starttls_offer: the line of control/logdetail says what was offered and not used.
for my $row (
	[ 'none',              '',                        { tlspolicy => "$P:none\n" }, 'no TLS, STARTTLS offered' ],
	[ 'STARTTLS refused',  "starttls 454 not now\n", {},                            'no TLS, STARTTLS offered' ],
	[ 'no handshake',      "\@1 starttls raw:220 go\\r\\n close\n", {},             'no TLS, STARTTLS offered' ],
	[ 'used',              '',                        {},                            'TLSv1\.\d \S+ unverified may' ],
	[ 'not offered',       '',                        {},                            'no TLS', undef ],
  )
{
	my ($name, $script, $controls, $want, @cert) = @$row;
	my $run = deliver($script, cert => @cert ? undef : 'good', controls => { %$controls, logdetail => "1\n" });
	like_visible($run->{out}, qr/^relay=\S+; delay=\S+; dsn=2\.0\.0; $want\n/m, "logdetail: $name");
}

# encrypt: any certificate, but TLS
accepted("encrypt: $_", '', cert => $_, controls => { tlspolicy => "$P:encrypt\n" }) for qw(good foreign expired);
policy_failed('encrypt: not offered', 'encrypt', 'STARTTLS is not offered', '', controls => { tlspolicy => "$P:encrypt\n" });
policy_failed('encrypt: refused', 'encrypt', 'STARTTLS was refused', "starttls 454 not now\n", cert => 'good',
	controls => { tlspolicy => ":encrypt\n" });
policy_failed('encrypt: injected', 'encrypt', 'the server spoke before the handshake', "starttls raw:220 go\\r\\n250 x\\r\\n\n",
	cert => 'good', controls => { tlspolicy => "[$P]:encrypt\n" });
policy_failed('encrypt: no handshake', 'encrypt', '.+', "starttls raw:220 go\\r\\n close\n", cert => 'good',
	controls => { tlspolicy => "$P:encrypt\n" });

# secure: the trust store and the name
my %secure = (controls => { tlspolicy => "$P:secure $CA\n" });
accepted('secure: good', '', cert => 'good', %secure);
policy_failed("secure: $_", 'secure', '.+', '', cert => $_, %secure) for qw(othername expired foreign leaf);
policy_failed('secure: not offered', 'secure', 'STARTTLS is not offered', '', %secure);
accepted('secure: match=', '', cert => 'good', controls => { tlspolicy => "$P:secure $CA match=relay.example\n" });
policy_failed('secure: match= another', 'secure', '.+', '', cert => 'good', controls => { tlspolicy => "$P:secure $CA match=x.example\n" });
accepted('secure: the intermediate as trust store', '', cert => 'leaf', controls => { tlspolicy => "$P:secure ca=$pki/middle.crt\n" });
policy_failed('secure: the system does not know our authority', 'secure', '.+', '', cert => 'good', controls => { tlspolicy => "$P:secure\n" });
policy_failed('secure: no trust store', 'secure', '.+', '', cert => 'good', controls => { tlspolicy => "$P:secure ca=$pki/none\n" });

# implicit TLS
{
	my $run = accepted('implicit', '', cert => 'good', implicit => 1, controls => { smtproutes => ":$P:sPORT\n" });
	like($run->{log}->(1), qr/\ATLS .*\nS: 220/, '... before the greeting');
	accepted('implicit and secure', '', cert => 'good', implicit => 1,
		controls => { smtproutes => ":$P;sPORT\n", tlspolicy => "$P:secure $CA\n" });
	policy_failed('implicit and secure, foreign', 'secure', '.+', '', cert => 'foreign', implicit => 1,
		controls => { smtproutes => ":$P;sPORT\n", tlspolicy => "$P:secure $CA\n" });
	$run = deliver('', controls => { smtproutes => ":$P:sPORT\n", timeoutremote => "2\n" });
	like_visible($run->{out}, qr/\AZTLS connect failed: .+; connecting to \Q$P\E\.\n\\0\z/, 'implicit, but the server speaks clear');
}

# by the relay's name: the patches' directories
{
	my $dns = start_dns("relay.example A $P\n");
	my %named = (smtproutes => ":relay.example:PORT\n", resolvers => "127.0.0.1:$dns->{port}\n");
	my $ca = slurp("$pki/ca.crt");
	my $run = accepted('tlshosts', '', cert => 'good', controls => { %named, 'tlshosts/relay.example.pem' => $ca });
	like($run->{log}->(1), qr/^TLS .* sni=relay\.example$/m, '... and the name is sent');
	policy_failed('tlshosts, foreign', 'tlshosts', '.+', '', cert => 'foreign', controls => { %named, 'tlshosts/relay.example.pem' => $ca });
	policy_failed('tlshosts, not offered', 'tlshosts', 'STARTTLS is not offered', '', controls => { %named, 'tlshosts/relay.example.pem' => $ca });
	$run = accepted('notlshosts', '', cert => 'good', controls => { %named, 'notlshosts/relay.example' => '' });
	unlike($run->{log}->(1), qr/C: STARTTLS/, '... STARTTLS is not asked for');
	accepted('secure, with credentials', "user joe pw\n", cert => 'good', route => ' joe pw',
		controls => { %named, smtproutes => ":relay.example:PORT joe pw\n", tlspolicy => "relay.example:secure $CA\n" });
}

# AUTH goes over TLS, and not over less than what was asked for
my $users = "user joe pw\n";
{
	my $run = accepted('AUTH over TLS', $users . "ehlo STARTTLS\nehlo-tls AUTH PLAIN\n", cert => 'good', route => ' joe pw', %secure);
	like($run->{log}->(1), qr/^TLS.*^C: AUTH PLAIN/ms, '... after the handshake');
	$run = accepted('AUTH over encrypt', $users, cert => 'foreign', route => ' joe pw', controls => { tlspolicy => "$P:encrypt\n" });
	$run = policy_failed('AUTH: secure, foreign', 'secure', '.+', $users, cert => 'foreign', route => ' joe pw', %secure);
	$run = deliver("${users}ehlo STARTTLS|AUTH PLAIN\nehlo-tls PIPELINING\n", cert => 'good', route => ' joe pw');
	is_visible($run->{out}, "ZConnected to $P but it offers no usable AUTH mechanism. (#4.7.9)\n\0", 'AUTH is not offered behind TLS');
	$run = deliver("${users}\@1 starttls raw:220 go\\r\\n close\n", cert => 'good', route => ' joe pw');
	like_visible($run->{out}, qr/\AZTLS connect failed: .+; connecting to \Q$P\E\.\n\\0\z/, 'a credential never makes a second try in clear');
	ok(!-e "$run->{dir}/2.in", '... no second connection');
}

# Who reads the report sees its end at once, whatever the server and qmail-tls still do.
{
	my $sink = start_sink("quit hang\n", '--cert', "$pki/good.pem");
	my $home = instance(me => "c\n", smtproutes => ":$P:$sink->{port}\n");
	spit("$home/message", "x\n");
	open my $message, '<', "$home/message" or die;
	pipe my $from, my $to or die;
	my $pid = start_program([ 'qmail-remote', 'd', 's@c', 'r@d' ], home => $home, fds => { 0 => $message, 1 => $to, 2 => $to });
	close $to;
	local $SIG{ALRM} = sub { die "no end of the report\n" };
	alarm 20;
	my $report = eval { local $/; <$from> };
	alarm 0;
	is_visible($report, $ACCEPTED, 'the report ends before the connection does');
	is((finish_program($pid))[0], 0, '... as does qmail-remote');
	stop_server($sink);
}

# Relays that are not on loopback: by their credentials the level is secure.
SKIP: {
	# No packet is sent: this only asks which address would be used.
	my $ask = IO::Socket::INET->new(Proto => 'udp', PeerAddr => '192.0.2.1:9');
	my $own = $ask ? $ask->sockhost : '';
	skip 'this machine has no address but loopback', 6 if $own eq '' || $own =~ /^(?:127|0)\./;
	my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => $own) or skip 'cannot listen', 6;
	my $port = $server->sockport;
	my $child = fork // die;
	if (!$child) {
		$SIG{ALRM} = 'DEFAULT';
		alarm 60;
		while (my $client = $server->accept) {
			print $client "220 x\r\n";
			while (my $line = <$client>) {
				print $client $line =~ /^EHLO/ ? "250-x\r\n250 AUTH PLAIN\r\n"
				  : $line =~ /^AUTH/ ? "235 ok\r\n" : $line =~ /^DATA/ ? "354 go\r\n" : "250 ok\r\n"
				  if $line =~ /^(?:EHLO|AUTH|MAIL|RCPT|DATA|\.\r)/;
			}
		}
		exec 'true';
	}
	my $try = sub {
		my (%controls) = @_;
		my $home = instance(me => "c\n", smtproutes => ":$own:$port joe pw\n", %controls);
		return run_program([ 'qmail-remote', 'd', 's@c', 'r@d' ], home => $home, in => "x\n")->{out};
	};
	my $refused = "ZConnected to $own but TLS is not available, so credentials were not sent. (#4.7.10)\n"
	  . "A line $own in control/authclear would send them in clear.\n\0";
	is_visible($try->(), $refused, 'credentials without TLS');
	is_visible($try->(tlspolicy => "$own:may\n"), $refused, '... level may does not change that');
	is_visible($try->(tlspolicy => "$own:none\n"), $refused, '... nor does none');
	like_visible($try->(smtproutes => ":$own:$port -joe pw\n"), qr/\Ar\\0K/, 'allowed by -user');
	like_visible($try->(authclear => "$own\n"), qr/\Ar\\0K/, 'allowed by authclear');
	like_visible($try->(authclear => "other\n*\n"), qr/\Ar\\0K/, 'allowed by authclear *');
	kill 'KILL', $child;
	waitpid $child, 0;
}

done_testing();
