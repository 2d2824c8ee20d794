#!/usr/bin/perl
# kept-tls: kept connections with TLS, AUTH and OAuth 2: death at each of their stages (T7 of outbound 11),
# tokens that change while a connection is open (5.5, rows 5 and 7), and what control/logdetail says of
# them (6.5).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Kept;
use Qferry::Spawn;
use Qferry::Test;
use Test::More;

my $P = $Qferry::Kept::P;
my $OK = $Qferry::Kept::OK;
my $CRASHED = "Zqmail-remote crashed.\n";

sub text { my ($report) = @_; $report =~ s/\A.(.*)\0\z/$1/s; return $report }

# --- tokens -----------------------------------------------------------------------------------------------------

{
	my ($home, $sink) = home("token me\@x.example one\ntoken me\@x.example two\n", controls => {
		smtproutes => ":$P:PORT|me\@x.example|-\n", 'oauthtokens/me@x.example' => "one\n" });
	my $spawner = start($home);
	warm_up($spawner, $sink);
	all_delivered('a token', 2, $spawner);
	control($home, 'oauthtokens/me@x.example' => "two\n");
	all_delivered('a token that was renewed', 2, $spawner);
	unlink "$home/control/oauthtokens/me\@x.example";
	mkdir "$home/control/oauthtokens/me\@x.example";
	all_delivered('a token that cannot be read', 1, $spawner);
	is((() = slurp("$sink->{dir}/2.log") =~ /^AUTH ok/mg), 1, 'a session that is open needs no token');
	kill 'KILL', workers($spawner);
	like(text(deliver($spawner, 'r@dest.example')), qr/\AZUnable to read control files\. \(#4\.3\.0\)\ncontrol\/oauthtokens\/me\@x\.example/,
		'... a new one does');
	rmdir "$home/control/oauthtokens/me\@x.example";
	control($home, 'oauthtokens/me@x.example' => "two\n");
	all_delivered('a token again', 1, $spawner);
	finish($spawner);
	all_closed($sink);
	is(per_connection($sink), '1 5 1', 'tokens: messages by connection');
	like(dialogue($sink, 3), qr/^AUTH ok/m, 'the renewed token is good for a new one');
}
# The same by a route whose tokens qmail-oauth keeps; it is not there, so its last token counts.
{
	my ($home, $sink) = home("token me\@x.example kept\n\@2 mail 250 ok\n\@2 mail 250 ok\n\@2 mail 250 ok\n\@2 mail 421 enough close\n",
		controls => { smtproutes => ":\@office\n", 'routes/office/user' => "me\@x.example\n", 'routes/office/relay' => "$P:PORT\n" });
	my ($then, $end) = (time - 100, time + 3600);
	spit("$home/control/oauth/office/clientid", "x\n");
	utime 1, 1, "$home/control/oauth/office/clientid";
	spit("$home/state/oauth/office", "kept\n$end\n$then\n");
	my $spawner = start($home);
	warm_up($spawner, $sink);
	all_delivered('a token of a named route', 2, $spawner);
	unlink "$home/state/oauth/office";
	all_delivered('... that is gone', 1, $spawner);
	is(text(deliver($spawner, 'r@dest.example')), "ZSorry, I have no OAuth 2 token for office: the service is not running. (#4.7.0)\n",
		'the server ends the session before it has the message, and there is no token for another');
	finish($spawner);
	all_closed($sink);
	is(per_connection($sink), '1 3', '... nobody is connected to without');
}
# Another user, or another route with tokens, is another session (T9).
{
	my ($home, $sink) = home("token a\@x.example one\ntoken b\@x.example one\n", controls => {
		authsenders => "a\@x.example:$P:PORT|a\@x.example|-\nb\@x.example:$P:PORT|b\@x.example|-\n",
		'oauthtokens/a@x.example' => "one\n", 'oauthtokens/b@x.example' => "one\n" });
	my $spawner = start($home);
	for my $round (1 .. 3) {
		is(text(deliver($spawner, 'r@dest.example', sender => "$_\@x.example")), $OK, "round $round: $_") for qw(a b);
	}
	finish($spawner);
	all_closed($sink);
	for my $n (connections($sink)) {
		my ($user) = dialogue($sink, $n) =~ /^AUTH ok (\S+)/m;
		my %senders = map { $_ => 1 } dialogue($sink, $n) =~ /^C: MAIL FROM:<(.*?)>/mg;
		is(join(' ', keys %senders), $user, "T9: connection $n is its user's, with equal tokens");
	}
}

# --- logdetail ----------------------------------------------------------------------------------------------------

{
	my ($home, $sink) = home("user u pw\nrcpt bad\@dest.example 550 5.1.1 no\n", controls => {
		smtproutes => ":$P:PORT|u|pw\n", logdetail => "1\n" });
	my $spawner = start($home);
	for my $reused ('', '', '; reused 1') {
		like(text(deliver($spawner, 'a@dest.example')),
			qr/\AK\Q$P\E accepted message\.\nrelay=\Q$P\E\[\Q$P\E\]:$sink->{port}; delay=\d+\.\d\d; dsn=2\.0\.0; no TLS; AUTH CRAM-MD5$reused\nRemote host said: 250 ok queued\n\z/,
			"logdetail$reused");
		dialogue($sink, 1);
	}
	like(text(deliver($spawner, 'bad@dest.example')),
		qr/\AD\Q$P\E does not like recipient\.\nrelay=\S+; delay=\S+; dsn=5\.1\.1; no TLS; AUTH CRAM-MD5; reused 2\nRemote host said: 550 5\.1\.1 no\nGiving up on \Q$P\E\.\n\z/,
		'logdetail: one line for a rejected recipient');
	unlink "$home/control/logdetail";
	is(text(deliver($spawner, 'd@dest.example')), $OK, 'logdetail: live at the next delivery');
	control($home, logdetail => "0\n");
	is(text(deliver($spawner, 'd@dest.example')), $OK, 'logdetail 0: as without');
	control($home, logdetail => "1\n");
	like(text(deliver($spawner, 'd@dest.example')), qr/; AUTH CRAM-MD5; reused 2\n/, 'logdetail: of the session that was open before');
	unlink "$home/control/logdetail";
	mkdir "$home/control/logdetail";
	like(text(deliver($spawner, 'd@dest.example')), qr/\AZUnable to read control files\. \(#4\.3\.0\)\ncontrol\/logdetail/, 'logdetail that cannot be read: Z');
	rmdir "$home/control/logdetail";
	control($home, logdetail => "1\n");
	finish($spawner);
	$spawner = start($home, QSTRICT => 1);
	is(text(deliver($spawner, 'd@dest.example')), $OK, 'logdetail in strict mode: the stock report');
	finish($spawner);
	stop_server($sink);
	$spawner = start($home);
	like(text(deliver($spawner, 'd@dest.example')),
		qr/\AZSorry, I wasn't able to establish an SMTP connection\. \(#4\.4\.1\)\nrelay=none; delay=\d+\.\d\d; dsn=4\.4\.1\n\z/,
		'logdetail: nobody is there');
	finish($spawner);
}

# --- TLS --------------------------------------------------------------------------------------------------------------

SKIP: {
	skip 'perl has no IO::Socket::SSL, or there is no openssl', 1
	  if system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") != 0 || system('command -v openssl >/dev/null 2>&1') != 0;
	require Qferry::Tls;
	my $pki = temp_dir();
	Qferry::Tls::make_authority($pki, 'ca');
	Qferry::Tls::make_certificate($pki, 'relay', 'ca', alt => "IP:$P");
	spit("$pki/relay.pem", Qferry::Tls::pem($pki, 'relay.key', 'relay.crt'));
	my %controls = (smtproutes => ":$P:PORT|u|pw\n", tlspolicy => "$P:secure ca=$pki/ca.crt\n");

	# T7: killed while it waits for an answer of each kind.
	for my $row (
		[ 'EHLO',     "\@2 ehlo wait:FLAG 250-sink|250-STARTTLS|250 AUTH PLAIN\n", 'C: EHLO' ],
		[ 'STARTTLS', "\@2 starttls wait:FLAG 220 go\n", 'C: STARTTLS' ],
		[ 'EHLO behind the handshake', "\@2 ehlo-tls wait:FLAG 250-sink|250 AUTH PLAIN\n", 'TLS TLSv1' ],
		[ 'AUTH',     "\@2 auth wait:FLAG 235 welcome\n", 'C: AUTH' ],
		[ 'MAIL over TLS', "ehlo-tls AUTH PLAIN\n\@2 mail wait:FLAG 250 ok\n", 'C: MAIL' ],
		[ 'the dot over TLS', "\@2 dot wait:FLAG 250 ok\n", '(message' ],
	  )
	{
		my ($name, $script, $mark) = @$row;
		my $flag = temp_dir() . '/go';
		$script =~ s/FLAG/$flag/;
		my ($home, $sink) = home("user u pw\n$script", sink => [ '--cert', "$pki/relay.pem" ], controls => {%controls});
		my $spawner = start($home);
		warm_up($spawner, $sink);
		print { $spawner->{to} } command('r2@dest.example');
		wait_until(sub { index(slurp("$sink->{dir}/2.log") // '', $mark) >= 0 });
		kill 'KILL', workers($spawner);
		is(report($spawner), "\0$CRASHED\0", "T7: killed at $name");
		spit($flag, '');
		is(deliver($spawner, 'r3@dest.example'), "\0$OK\0", "... after");
		is(finish($spawner), '0 0', "... exit");
	}
	# A handshake that never ends because qmail-tls was killed in it.
	{
		my $flag = temp_dir() . '/go';
		my ($home, $sink) = home("user u pw\n\@2 ehlo-tls wait:$flag 250-sink|250 AUTH PLAIN\n", sink => [ '--cert', "$pki/relay.pem" ],
			controls => {%controls});
		my $spawner = start($home);
		warm_up($spawner, $sink);
		print { $spawner->{to} } command('r2@dest.example');
		wait_until(sub { index(slurp("$sink->{dir}/2.log") // '', 'TLS TLSv1') >= 0 });
		kill 'KILL', grep { (slurp("/proc/$_/cmdline") // '') =~ /qmail-tls/ } map { descendants($_) } workers($spawner);
		like(report($spawner), qr/\A\0ZConnected to \Q$P\E but connection died\. \(#4\.4\.2\)\n\0\z/, 'qmail-tls is killed: Z');
		spit($flag, '');
		is(deliver($spawner, 'r3@dest.example'), "\0$OK\0", "... after");
		is(finish($spawner), '0 0', "... exit");
	}
	{
		my ($home, $sink) = home("user u pw\n", sink => [ '--cert', "$pki/relay.pem" ], controls => { %controls, logdetail => "1\n" });
		my $spawner = start($home);
		like(text(deliver($spawner, 'a@dest.example')),
			qr/^relay=\Q$P\E\[\Q$P\E\]:$sink->{port}; delay=\d+\.\d\d; dsn=2\.0\.0; TLSv1\.3 TLS_[A-Z0-9_]+ verified secure; AUTH \S+\n/m,
			'logdetail: protocol, cipher, verified');
		control($home, tlspolicy => "$P:encrypt\n");
		dialogue($sink, 1);
		like(text(deliver($spawner, 'b@dest.example')), qr/ unverified encrypt; AUTH/, 'logdetail: not verified');
		finish($spawner);
	}
}

done_testing();
