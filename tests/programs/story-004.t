#!/usr/bin/perl
# story-004: who had Postfix with relayhost, sasl_passwd and smtp_tls_CAfile, and reads the log (outbound 8, seed 004).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::IP;
use Qferry::Story;
use Qferry::Test;
use Test::More;

skip_story();
my $NAME = 'smtp.example.net';
certificates($NAME);
my %tls = (cert => "$pki/leaf.pem");    # it does not send its intermediate

# --- the relay, the secret, the CA file -----------------------------------------------------------------------------

my $relay = relay("user user password\n", %tls);
begin("$NAME A 127.0.0.1\n$NAME MX 10 elsewhere.example\nelsewhere.example A 192.0.2.25\n");
control($home, logdetail => "1\n");
control($home, smtproutes => ":$NAME:$relay->{port}\n");
ok(by_manual('man/qmail-routes.5', 'remotesecrets', 'smtp.example.net' => $NAME), 'the manual\'s steps for a secret file');
is(sprintf('%04o', (stat "$home/control/remotesecrets")[2] & 07777), '0640', 'outbound 8 seed 004 row 2: the secret\'s file has mode 0640');
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 004 row 1: relayhost with a port and a password');
my ($session) = sessions($relay);
like($session, qr/^AUTH ok user\n/m, '... the credential of the file');
unlike(slurp($dns->{log}), qr/\bMX\b/, 'outbound 8 seed 004 row 1: the relay is looked up by its address alone');

control($home, remotesecrets => '');
unlink "$home/control/remotesecrets";
mkdir "$home/control/remotesecrets";
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: deferral: Unable_to_read_control_files\._\(#4\.3\.0\)\/control\/remotesecrets/m), 'outbound 8 seed 004 row 2: it cannot be read: later');
rmdir "$home/control/remotesecrets";
control($home, remotesecrets => "$NAME:user:password\n");
ok(again(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), '... until it can');

# The levels of smtp_tls_security_level, and what the log says of who offers what.
for my $row (
	[ 'may',                           qr/success: .*_not_verified;|success: .*TLSv1/ ],
	[ 'encrypt',                       qr/success: .*TLSv1/ ],
	[ "secure ca=$pki/ca.crt",         qr/deferral: .*TLS_policy_secure_failed/ ],
	[ "secure ca=$pki/middle.crt",     qr/success: .*_verified_secure;/ ],
	[ 'none',                          qr/deferral|success: .*no_TLS/ ],
  )
{
	my ($level, $want) = @$row;
	control($home, tlspolicy => "$NAME:$level\n");
	my $shown = $level =~ s{/\S*/}{}r;
	send_mail('you@dest.example', name => "at $shown");
	ok(said(qr/^delivery \d+: $want/m), "outbound 8 seed 004 row 3: $shown");
	if ($level =~ /ca\.crt/) {
		control($home, tlspolicy => "$NAME:may\n");
		again(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m);
	}
}
spit("$home/control/trustanchors", slurp("$pki/middle.crt"));
control($home, tlspolicy => "$NAME:secure\n");
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: success: .*_verified_secure;/m), 'outbound 8 seed 004 row 3: the intermediate as CA file: trustanchors');

# --- a log line --------------------------------------------------------------------------------------------------------

ok(said_last() =~ m{^delivery \d+: success: 127\.0\.0\.1_accepted_message\./relay=\Q$NAME\E\[127\.0\.0\.1\]:$relay->{port};_delay=\d+\.\d\d;_dsn=2\.0\.0;_TLSv1\.\d_TLS_AES_\w+_verified_secure;_AUTH_CRAM-MD5/Remote_host_said:_250_ok_queued/$}m,
	'outbound 8 seed 004 row 6: relay, delay, dsn and status in the log') or diag said_last();

# --- what the relay says when it does not want us ---------------------------------------------------------------------

# Each with a user of its own: a credential that was refused is not sent again for five minutes.
my $guest = 0;
for my $row (
	[ 'auth 535 5.7.8 Error: authentication failed', 'deferral', '535_5.7.8_Error:_authentication_failed' ],
	[ 'rcpt 554 5.7.1 <client[192.0.2.1]>: Client host rejected: Access denied', 'failure', '554_5.7.1_<client[192.0.2.1]>:_Client_host_rejected:_Access_denied' ],
	[ 'mail 530 5.7.0 Must issue a STARTTLS command first', 'failure', '530_5.7.0_Must_issue_a_STARTTLS_command_first' ],
	[ 'mail 554 5.7.1 Access denied', 'failure', '554_5.7.1_Access_denied' ],
  )
{
	my ($script, $how, $text) = @$row;
	my $rude = relay("$script\nehlo-tls AUTH PLAIN\nehlo STARTTLS\n" . ($script =~ /^auth/ ? '' : "auth 235 welcome\n"), %tls);
	control($home, smtproutes => ":$NAME:$rude->{port} guest" . ++$guest . " password\n");
	send_mail('you@dest.example', sender => '', name => $text);
	ok(said(qr{^delivery \d+: $how: .*/Remote_host_said:_\Q$text\E/}m), "outbound 8 seed 004 row 7: $script");
	if ($how eq 'deferral') {
		control($home, smtproutes => ":$NAME:$relay->{port}\n");    # the right credential is that of remotesecrets
		again(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m);
	}
}
my $anonymous = relay("ehlo-tls AUTH ANONYMOUS\nehlo STARTTLS\n", %tls);
control($home, smtproutes => ":$NAME:$anonymous->{port}\n");
send_mail('you@dest.example');
ok(said(qr/^delivery \d+: deferral: Connected_to_127\.0\.0\.1_but_it_offers_no_usable_AUTH_mechanism\._\(#4\.7\.9\)/m), 'outbound 8 seed 004 row 1: never ANONYMOUS');
unlike(heard($anonymous), qr/C: (?:AUTH|MAIL)/, '... nor without a credential');
control($home, smtproutes => ":$NAME:$relay->{port}\n");
ok(again(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), '... that mail goes, too');

# --- a credential for each domain, as upstreams want it --------------------------------------------------------------------

my $upstream = relay("user postmaster\@one.example key-1\nuser postmaster\@two.example key-2\n", %tls);
control($home, smtproutes => ":$NAME:$upstream->{port}\n");
control($home, authsenders => "\@one.example|postmaster\@one.example|key-1\n\@two.example|postmaster\@two.example|key-2\n");
for my $domain ('one', 'two') {
	send_mail('you@dest.example', sender => "joe\@$domain.example");
	ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), "outbound 8 seed 004 row 4: $domain.example");
	like((sessions($upstream))[-1], qr/^AUTH ok postmaster\@$domain\.example\n(?:.*\n)*C: MAIL FROM:<joe\@$domain\.example>/m, '... has its own credential');
}
unlink "$home/control/authsenders";

# --- TLS from the first octet, at a port that says nothing -------------------------------------------------------------------

my $implicit = relay("user user password\n", %tls, options => ['--tls']);
for my $form (":$NAME:s$implicit->{port} user password", ":$NAME;s$implicit->{port}|user|password") {
	control($home, smtproutes => "$form\n");
	send_mail('you@dest.example');
	ok(said(qr/^delivery \d+: success: .*_verified_secure;_AUTH/m), 'outbound 8 seed 004 row 5: ' . ($form =~ s/\d+/PORT/r));
	like((sessions($implicit))[-1], qr/\ATLS .*\n(?:S: 220)/, '... TLS first');
}

# --- a null client ---------------------------------------------------------------------------------------------------------

control($home, smtproutes => '');
ok(by_manual('man/qmail-routes.5', ': > locals', ":$NAME:587" => ":$NAME:$relay->{port}"), 'the manual\'s steps for a null client');
end();
begin();
my $run = run_program([ 'sendmail', '-i', '-t' ], home => $home, env => { PATH => "$home/bin:/usr/bin:/bin", USER => 'root', LOGNAME => 'root' },
	in => "To: joe\@client.example, you\@dest.example\nSubject: cron\n\n.\nbody\n");
is($run->{exit}, 0, 'mailx calls sendmail -i -t');
ok(all_ended(), 'outbound 8 seed 004 row 8: it leaves');
is(join(' ', sort map { /^TTO:<(.*?)>/m } (envelopes($relay))[ -2, -1 ]), 'joe@client.example you@dest.example', '... also what is for this host');
like((envelopes($relay))[-1], qr/\AFFROM:<root\@client\.example>/, '... from its user');
like((messages($relay))[-1], qr/^Subject: cron\n(?:\S.*\n)*\n\.\nbody\n\z/m, '... whole');

# --- IPv6 -------------------------------------------------------------------------------------------------------------------

SKIP: {
	skip 'no ::1 here', 4 unless IO::Socket::IP->new(LocalHost => '::1', Listen => 1);
	my $six = relay("user user password\n", options => ['--v6']);
	for my $form ("[::1]:$six->{port} user password", "::1;$six->{port}|user|password", "[IPv6:::1]:$six->{port} user password") {
		control($home, smtproutes => ":$form\n");
		send_mail('you@dest.example');
		ok(said(qr/^delivery \d+: success: ::1_accepted_message\.\/relay=\S*\[::1\]:$six->{port};/m), 'outbound 8 seed 004 row 9: ' . ($form =~ s/\d\d+/PORT/r));
	}
	is(scalar messages($six), 3, '... all arrived');
}
is(end(), '0 0', 'the suite ends');
unlike(slurp("$home/log"), qr/key-[12]|dXNlcg|AHVzZXI/, 'no credential is in the log');

done_testing();
