#!/usr/bin/perl
# story-002: a home with the TLS and AUTH patch, whose qmail-remote dumped core, behind a NAT without port 25
# (outbound 8, seed 002).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Story;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

skip_story();
my $NAME = 'relay.example.net';
certificates($NAME);
make_certificate($pki, 'client', 'ca');
my @tls = (cert => "$pki/relay.pem", options => [ '--ask', "$pki/ca.crt" ]);

# --- a qmail-remote that dies -----------------------------------------------------------------------------------

my $relay = relay("user joe pw\n", @tls);
begin("$NAME A 127.0.0.1\ndest.example MX 10 nat.dest.example\nnat.dest.example A 192.0.2.77\n");
unlink "$home/bin";
mkdir "$home/bin";
symlink $_, "$home/bin/" . s{.*/}{}r for glob build() . '/bin/*';
sub swap_in {
	my ($path) = @_;
	symlink $path, "$home/bin/new" or die;
	rename "$home/bin/new", "$home/bin/qmail-remote" or die;
}
control($home, smtproutes => ":$NAME:$relay->{port}|joe|pw\n");
swap_in(spit("$home/crashes", "#!/bin/sh\nprintf 'r\\0'\nkill -SEGV \$\$\n", 0755));
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: deferral: qmail-remote_crashed\./m), 'outbound 8 seed 002 row 1: a crash defers');
swap_in(program('qmail-remote'));
ok(again(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 002 row 1: our qmail-remote is put in its place, and it goes');
swap_in(spit("$home/other", "#!/bin/sh\ncat >\"$home/vanilla\"\nprintf 'r\\0K192.0.2.1 accepted message.\\nRemote host said: 250 ok\\n\\0'\n", 0755));
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: success: 192\.0\.2\.1_accepted/m), '... and another one in ours');
like(slurp("$home/vanilla"), qr/^Subject: story$/m, '... which gets the message');
swap_in(program('qmail-remote'));

# A resolver that has gone mad takes nobody along.
my $mad = start_dns("$NAME A !garbage\n$NAME AAAA !badlength\n");
control($home, resolvers => "127.0.0.1:$mad->{port}\n");
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: deferral: Sorry,_I_couldn't_find_any_host_by_that_name\._\(#4\.1\.2\)/m), 'outbound 8 seed 002 row 1: what the DNS says is no crash');
control($home, resolvers => "127.0.0.1:$dns->{port}\n");
ok(again(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), '... and does not last');

# --- the patch's files ------------------------------------------------------------------------------------------------

control($home, 'clientcert.pem', pem($pki, 'client.key', 'client.crt'));
control($home, "tlshosts/$NAME.pem", slurp("$pki/ca.crt"));
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 002 row 2: tlshosts: the certificate is by that authority');
my $session = (sessions($relay))[-1];
like($session, qr/^TLS .* client=client$/m, 'outbound 8 seed 002 row 2: clientcert.pem is shown');
like($session, qr/^AUTH ok joe\n/m, '... and the credential used');
control($home, "tlshosts/$NAME.pem", slurp("$pki/other.crt"));
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: deferral: Connected_to_127\.0\.0\.1_but_TLS_policy_tlshosts_failed:_.*\._\(#4\.7\.5\)/m),
	'outbound 8 seed 002 row 2: tlshosts: it is not, and the log says so');
unlike((sessions($relay))[-1], qr/C: (?:AUTH|MAIL)/, '... nothing was sent');
unlink "$home/control/tlshosts/$NAME.pem";
ok(again(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), '... without the file any certificate does');
control($home, "notlshosts/$NAME", '');
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 002 row 2: notlshosts');
like((sessions($relay))[-1], qr/\A(?!.*(?:STARTTLS\n[^S]|^TLS ))/ms, '... no STARTTLS');
unlink "$home/control/notlshosts/$NAME";

# --- behind the NAT ---------------------------------------------------------------------------------------------------

control($home, helohost => "nat.example.org\n");
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 002 row 4: a route with a port');
like((sessions($relay))[-1], qr/^C: EHLO nat\.example\.org$/m, 'outbound 8 seed 002 row 4: helohost is our name');
control($home, smtproutes => '');
control($home, moreipme => "192.0.2.77\n");
send_mail('you@dest.example', sender => '');
ok(said(qr/^delivery \d+: failure: Sorry\._Although_I'm_listed_as_a_best-preference_MX_or_A_for_that_host,\/it_isn't_in_my_control\/locals_file/m),
	'outbound 8 seed 002 row 4: moreipme: the address in front of the NAT is us');

done_testing();
