#!/usr/bin/perl
# story-000: port 25 is closed, so all mail leaves through a provider, at another port, with a user and a
# password: one line of control/smtproutes, as the README has it (outbound 8, seed 000).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(decode_base64);
use Qferry::Story;
use Qferry::Test;
use Test::More;

skip_story();
certificates('smtp.provider.example');
my $NAME = 'smtp.provider.example';
my %tls = (cert => "$pki/relay.pem");

# --- the line ------------------------------------------------------------------------------------------------

my $relay = relay("user user password\n", %tls);
begin("$NAME A 127.0.0.1\ndest.example MX 10 mx.dest.example\nmx.dest.example A 192.0.2.25\n");
control($home, logdetail => "1\n");
control($home, tlspolicy => "$NAME:secure ca=$pki/ca.crt\n");
ok(by_manual('README', 'smtp.provider.example:587', ":$NAME:587" => ":$NAME:$relay->{port}"), 'the lines of the README');
is(slurp("$home/control/smtproutes"), ":$NAME:$relay->{port} user password\n", '... make the well-known line');
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted_message\./m), 'outbound 8 seed 000 row 1: mail flows with that line');
ok(all_ended(), '... and leaves the queue');
like(heard($relay), qr/^TLS TLSv1\S* .*sni=\Q$NAME\E\n.*^AUTH ok user\n/ms, '... within TLS, with its credential');
unlike(slurp($dns->{log}), qr/dest\.example|MX/, 'outbound 8 seed 000 row 2: nobody asks who the exchanger is');

# --- the relay is away -------------------------------------------------------------------------------------------

my $at = "127.0.0.1:$relay->{port}";
stop_server($relay);
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection\._\(#4\.4\.1\)\//m), 'outbound 8 seed 000 row 2: it waits');
ok(again(qr/^delivery \d+: deferral: Sorry,_I_wasn't/m), '... again and again');
unlike(slurp($dns->{log}), qr/dest\.example|MX/, '... and takes no other way');
$relay = relay("user user password\n", %tls, options => [ '--at', $at ]);
ok(again(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), '... until the relay is back');
is(scalar messages($relay), 1, '... once');

# --- greylisted ------------------------------------------------------------------------------------------------

stop_server($relay);
$relay = relay("user user password\n\@1 rcpt 451 4.7.1 greylisted, come back later\n", %tls);
control($home, smtproutes => ":$NAME:$relay->{port} user password\n");
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: deferral: 127\.0\.0\.1_does_not_like_recipient\.\/.*Remote_host_said:_451_4\.7\.1_greylisted,_come_back_later\//m),
	'outbound 8 seed 000 row 9: later, in its words');
ok(again(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), '... and then it is taken');

# --- an edit, and a restart ----------------------------------------------------------------------------------------

stop_server($relay);
$relay = relay("user new secret\n", %tls);
control($home, smtproutes => ":$NAME:$relay->{port} user password\n");
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: deferral: .*authentication_was_rejected_\(.*Remote_host_said:_535_no\//m), 'the provider has a new credential for us');
control($home, smtproutes => ":$NAME:$relay->{port} new secret\n");
ok(again(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 000 row 5: the edit is live, without a restart');
is(end(), '0 0', '... a restart');
send_mail('you@dest.example');
begin();
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), '... does no harm: what came meanwhile is delivered');
like(heard($relay), qr/AUTH ok new/, '... with the new credential');

# --- qmail-remote with mode 711 (its reader is another user there; here nobody may read it) ---------------------------

unlink "$home/bin";
mkdir "$home/bin";
symlink $_, "$home/bin/" . s{.*/}{}r for glob build() . '/bin/*';
unlink "$home/bin/qmail-remote";
system('cp', build() . '/bin/qmail-remote', "$home/bin/qmail-remote") == 0 or die;
chmod 0111, "$home/bin/qmail-remote";
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 000 row 4: qmail-remote, executable and not readable');
chmod 0755, "$home/bin/qmail-remote";

# --- what providers give one for a credential; verified senders (rows 3, 6, 7) ----------------------------------------

my $LONG = join '', map { chr(33 + $_ * 7 % 94) } 1 .. 300;
my @accounts = (
	[ 'BN+x/Y=', 'A+b/C==' ],                         # base64 of something
	[ 'api\\key', 'p\\n\\0' ],
	[ 'tenant:user', 'p:q|r s' ],
	[ 'user name', ' leading and trailing |' ],
	[ 'apikey', "SG.$LONG" ],
	[ 'postmaster@mg.example.org', "8-bit \xc3\xa4 \"quoted\" 'x' \$HOME `id`" ],
);
stop_server($relay);
my %by_mechanism;
for my $mechanism ('PLAIN', 'LOGIN') {
	$relay = relay("ehlo-tls AUTH $mechanism\nehlo STARTTLS\n" . ($mechanism eq 'PLAIN' ? "auth 235 welcome\n" : "auth 334 VXNlcm5hbWU6\nother 334 UGFzc3dvcmQ6\nother 235 welcome\n"), %tls);
	control($home, smtproutes => ":$NAME:$relay->{port}\n");
	control($home, authsenders => join '', map {"\@s$_.example|$accounts[$_][0]|$accounts[$_][1]\n"} 0 .. $#accounts);
	for my $n (0 .. $#accounts) {
		send_mail('you@dest.example', sender => "me\@s$n.example", name => "$mechanism, account $n");
		ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), "outbound 8 seed 000 row 6: $mechanism with account $n");
	}
	for my $session (sessions($relay)) {
		my ($n) = $session =~ /^C: MAIL FROM:<me\@s(\d)\.example>/m or next;
		my @sent = $mechanism eq 'PLAIN' ? (split /\0/, decode_base64(initial($session)), 3)[ 1, 2 ] : map { decode_base64($_) } answers($session);
		s/ +$// for my $want = $accounts[$n][1];
		is_deeply(\@sent, [ $accounts[$n][0], $want ],
			"outbound 8 seed 000 row 7: $mechanism: the sender's own account $n");
		$by_mechanism{$mechanism}{$n} = 1;
	}
	is(scalar keys %{ $by_mechanism{$mechanism} }, scalar @accounts, "outbound 8 seed 000 row 3: $mechanism: all of them, in good base64");
	stop_server($relay);
}

# What PLAIN says, with the command or, if that is too long, in the next line; what LOGIN says.
sub initial { my ($s) = @_; return $s =~ /^C: AUTH PLAIN (\S+)/m ? $1 : $s =~ /^C: AUTH PLAIN\nS: .*\nC: (\S+)/m ? $1 : '' }
sub answers { my ($s) = @_; return $s =~ /^S: 334 .*\nC: (\S+)/mg }

# A sender that is nobody's customer: no credential, and none of another's.
$relay = relay("ehlo-tls AUTH PLAIN\nehlo STARTTLS\nmail 530 5.7.0 Authentication required\n", %tls);
control($home, smtproutes => ":$NAME:$relay->{port}\n");
send_mail('you@dest.example', sender => 'spam@web.example');
ok(said(qr/^delivery \d+: failure: .*530_5\.7\.0_Authentication_required/m), 'outbound 8 seed 000 row 7: others have no account');
unlike(heard($relay), qr/C: AUTH/, '... and none of those');
stop_server($relay);

# --- whoever injects ------------------------------------------------------------------------------------------------

$relay = relay("user agent secret\n", %tls);
control($home, smtproutes => ":$NAME:$relay->{port} agent secret\n");
unlink "$home/control/authsenders";
my %foreign = (AUTHUSER => 'anubis', PASSWORD => 'anubis-secret', SMTPAUTHUSER => 'anubis', RELAYCLIENT => '');
send_mail('you@dest.example', env => \%foreign, in => "From: web\@client.example\nX-Spam-Flag: NO\nSubject: chain\n\nbody\n");
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 000 row 8: a filter in front of sendmail');
queue_message('web@client.example', 'you@dest.example', "Subject: form\n\nbody\n");
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 000 row 8: a filter in front of qmail-queue');
my $heard = heard($relay);
is(scalar messages($relay), 2, '... both');
unlike($heard, qr/^AUTH (?!ok agent\n)/m, '... the relay\'s credential');
unlike($heard . join('', messages($relay)), qr/anubis/, '... is all that leaves');
unlike($heard, qr/MAIL FROM:.* AUTH=/, '... nor who had logged in');
is(end(), '0 0', 'the suite ends');
unlike(slurp("$home/log"), qr/password|secret|SG\.|QStiL0M9/, 'no password is in the log');

done_testing();
