#!/usr/bin/perl
# story-003: the ISP's relay, at a port of its own, wants AUTH and an envelope sender that it knows (outbound 8,
# seed 003).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(encode_base64);
use Qferry::Story;
use Qferry::Test;
use Test::More;

skip_story();
my $NAME = 'smtp.example.net';
certificates($NAME);

my $relay = relay("user user password\nmail 553 5.7.1 that is not your address\nmail noreply\@example.com 250 ok\n", cert => "$pki/relay.pem");
begin("$NAME A 127.0.0.1\n");
control($home, tlspolicy => "$NAME:secure ca=$pki/ca.crt\n");

# --- through the ISP --------------------------------------------------------------------------------------------

ok(by_manual('man/qmail-routes.5', 'chmod 0640 smtproutes', ":$NAME:587" => ":$NAME:$relay->{port}"),
	'the first example of qmail-routes(5)');
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: failure: Connected_to_127\.0\.0\.1_but_sender_was_rejected\.\/Remote_host_said:_553_5\.7\.1_that_is_not_your_address\//m),
	'outbound 8 seed 003 row 1: the relay insists on its own sender');
like(heard($relay), qr/^TLS .*^AUTH ok user\n/ms, 'outbound 8 seed 003 row 2: by its port, within TLS, with AUTH');

# Its sender for all: remoteauth, as the manual has it.
my $route = ":$NAME:$relay->{port}\n";
control($home, smtproutes => $route);
my ($line) = slurp(top() . '/man/qmail-routes.5') =~ /^\.Dl (smtp\.example\.net:noreply\@example\.com:\S+)$/m;
is($line, "$NAME:noreply\@example.com:" . encode_base64("\0user\0password", ''), 'the manual\'s line of remoteauth');
control($home, remoteauth => "$line\n");
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 003 row 1: remoteauth says who we are there');
like((envelopes($relay))[-1], qr/\AFFROM:<noreply\@example\.com>.*\nTTO:<you\@dest\.example>\n\z/, '... the sender is replaced');
send_mail('you@dest.example', sender => 'forwarded@elsewhere.example');
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 003 row 1: a forward, too');
send_mail('you@dest.example', sender => '');
ok(said(qr/^delivery \d+: failure: .*553_5\.7\.1/m), '... a bounce stays a bounce, whatever comes of it');
like(heard($relay), qr/^C: MAIL FROM:<>/m, '... from nobody');

# By sender: who has an account there goes there, the rest another way, at another port.
my $second = relay("user other secret\n", cert => "$pki/relay.pem");
unlink "$home/control/remoteauth";
control($home, authsenders => "noreply\@example.com:$NAME:$relay->{port}|user|password\n\@example.com|other|secret\n");
control($home, smtproutes => ":$NAME:$second->{port}\n");
my $before = messages($relay);
send_mail('you@dest.example', sender => 'noreply@example.com');
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 003 row 1: authsenders: an address');
is(scalar messages($relay), $before + 1, '... has its relay');
send_mail('you@dest.example', sender => 'joe@example.com');
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 003 row 1: authsenders: a domain');
like(heard($second), qr/^AUTH ok other\n(?:.*\n)*?C: MAIL FROM:<joe\@example\.com>/m, '... has its credential');

# The credential in a file of its own, the port in the key.
unlink "$home/control/authsenders";
for my $key ("$NAME", "$NAME:$second->{port}", '') {
	control($home, remotesecrets => "$key:other:secret\n");
	send_mail('you@dest.example');
	ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), "outbound 8 seed 003 row 2: remotesecrets, '$key'");
}
unlike(heard($second), qr/^AUTH (?!ok other\n)/m, '... the credential each time');
control($home, remotesecrets => "$NAME:1:other:secret\n");
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), '... that of another port is none');
unlike((sessions($second))[-1], qr/C: AUTH/, '... of ours');

done_testing();
