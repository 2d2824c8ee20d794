#!/usr/bin/perl
# STARTTLS and implicit TLS through qmail-tls, with OpenSSL's client (inbound 4.1, D15, D17;
# RFC 3207, RFC 8314).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Handle;
use IO::Select;
use POSIX ();
use Qferry::Test;
use Qferry::Tls;
use Socket;
use Test::More;

$SIG{PIPE} = 'IGNORE';
plan skip_all => 'no openssl program' if system('openssl version >/dev/null 2>&1');
plan skip_all => 'qmail-tls is not built' unless -x program('qmail-tls');

my $certs = temp_dir();
self_signed($certs, 'mx', alt => 'DNS:mx.example.net');
my $listener = listen_local();

sub tls_home {
	my ($pem, %controls) = @_;
	my $home = instance(me => "mx.example.net\n", rcpthosts => "example.net\n", %controls);
	control($home, 'servercert.pem', $pem) if defined $pem;
	return $home;
}

my $pem = pem($certs, 'mx.key', 'mx.crt');

# Start qmail-smtpd on the next connection that the listener gets.
sub serve {
	my ($home, %env) = @_;
	my $net = $listener->accept or die "accept: $!";
	my $dir = temp_dir();
	open my $err, '>', "$dir/err" or die;
	my $limit = delete $env{limit};
	my $pid = start_program([ $limit ? ('/bin/sh', '-c', "$limit; exec \"\$0\"", program('qmail-smtpd')) : 'qmail-smtpd' ], home => $home,
		env => { QMAILQUEUE => use_store_queue($home), TCPREMOTEIP => '192.0.2.9', %env },
		fds => { 0 => $net, 1 => $net, 2 => $err });
	close $net;
	return { pid => $pid, err => "$dir/err", home => $home };
}

# A client of OpenSSL's that says `in` once it is connected.  Returns what it printed, and the
# session's exit.
sub talk {
	my ($home, $in, $options, %env) = @_;
	my $dir = temp_dir();
	pipe my $from, my $to or die;
	open my $out, '>', "$dir/out" or die;
	my $client = start_program([ '/usr/bin/openssl', 's_client', '-connect', '127.0.0.1:' . $listener->sockport,
			'-crlf', '-ign_eof', @$options ], fds => { 0 => $from, 1 => $out, 2 => $out });
	close $from;
	my $s = serve($home, %env);
	syswrite $to, $in;
	my ($exit) = finish_program($s->{pid});
	close $to;
	finish_program($client);
	return { exit => $exit, out => slurp("$dir/out"), log => slurp($s->{err}), home => $home };
}

my $mail = "EHLO client.example\nMAIL FROM:<a\@b>\nRCPT TO:<x\@example.net>\nDATA\nhello\n.\nQUIT\n";

# --- STARTTLS ---
for my $version ('1_2', '1_3') {
	my $run = talk(tls_home($pem), $mail, [ '-starttls', 'smtp', "-tls$version" ]);
	my $name = 'TLSv' . ($version =~ tr/_/./r);
	is $run->{exit}, 0, "STARTTLS, $name: QUIT ends with 0" or diag $run->{out}, $run->{log};
	like $run->{out}, qr/^250 ok \d+ qp \d+\r?\n221 mx\.example\.net/m, 'a message is taken';
	unlike $run->{out}, qr/250-STARTTLS/, 'STARTTLS is not offered again';
	my ($stored) = stored_messages($run->{home});
	like $stored->{message}, qr/^Received: from unknown \(HELO client\.example\) \(192\.0\.2\.9\)\n  by unknown with ESMTPS \(\Q$name\E [A-Z0-9_-]+\); /,
	  'Received names protocol and cipher';
	like $run->{log}, qr/ tls sid=\w+ ip=192\.0\.2\.9 result=ok proto=\Q$name\E cipher=\S/, 'the log too';
}

SKIP: {
	skip 'sanitizers need memory', 2 if slurp(program('qmail-smtpd')) =~ /__asan_init|__ubsan/;
	my $run = talk(tls_home($pem), $mail, [ '-starttls', 'smtp' ], limit => 'ulimit -S -v 24400');
	is $run->{exit}, 0, 'under softlimit -m 25000000' or diag $run->{out}, $run->{log};
	like $run->{out}, qr/^250 ok \d+ qp/m, 'a message is taken';
}
{
	my $run = talk(tls_home($pem), "STARTTLS\nQUIT\n", [ '-starttls', 'smtp', '-quiet' ]);
	like $run->{out}, qr/^502 unimplemented \(#5\.5\.1\)\r?$/m, 'no second STARTTLS';
	$run = talk(tls_home($pem), "STARTTLS\nQUIT\n", [ '-starttls', 'smtp', '-quiet' ], QDIALECT => 'jms1');
	like $run->{out}, qr/^454 TLS not available: TLS already active \(4\.3\.0\)\r?$/m, "jms1's words";
}

# --- plugins: what the client called itself in clear is forgotten, what a plugin has set is not (inbound 5.11) ---
{
	my $plugins = "[connection]\n:echo SPLUGIN=kept\n[helo]\n:printf '%s ' \"\$SMTPHELOHOST\" >>said\n"
	  . "[mail]\n:printf '<%s> %s' \"\$SMTPHELOHOST\" \"\$PLUGIN\" >>said\n";
	my $run = talk(tls_home($pem, smtpplugins => $plugins), "MAIL FROM:<a\@b>\nQUIT\n",
		[ '-starttls', 'smtp', '-quiet' ], ENABLE_SPP => '1');
	like slurp("$run->{home}/said"), qr/^\S+ <> kept$/, 'plugins are asked anew after STARTTLS';
}

# --- implicit TLS ---
{
	my $run = talk(tls_home($pem), $mail, [], SMTPS => '1');
	is $run->{exit}, 0, 'implicit TLS: QUIT ends with 0';
	like $run->{out}, qr/^220 mx\.example\.net ESMTP\r?\n250-mx/m, 'the greeting comes in TLS';
	unlike $run->{out}, qr/STARTTLS/, 'STARTTLS is not offered';
	like((stored_messages($run->{home}))[0]{message}, qr/with ESMTPS \(/, 'Received says so');

	$run = talk(tls_home(undef), "QUIT\n", [], SMTPS => '1');
	is $run->{exit}, 1, 'no certificate: no session';
	unlike $run->{out}, qr/^220/m, 'and no greeting in clear';
	like $run->{log}, qr{ config .*file=control/servercert\.pem reason=missing}, 'the log says why';
}

# --- a client's certificate (4.1.8, D16) ---
{
	make_authority($certs, 'ca');
	make_certificate($certs, 'joe',  'ca', email => 'joe@client.example');
	make_certificate($certs, 'anon', 'ca');
	self_signed($certs, 'stranger');
	my $home = tls_home($pem);
	control($home, 'clientca.pem', pem($certs, 'ca.crt'));
	control($home, 'tlsclients', "Joe\@Client.example\n");
	my $gateway = "553 sorry, that domain isn't in my list of allowed rcpthosts";
	my $ask = sub {
		my ($name, %env) = @_;
		my $sender = delete $env{sender} || 'a@b';
		my $who = $name ? [ '-cert', "$certs/$name.crt", '-key', "$certs/$name.key" ] : [];
		my $run = talk($home, "MAIL FROM:<$sender>\nRCPT TO:<x\@foreign.example>\nQUIT\n", [ '-starttls', 'smtp', '-quiet', @$who ], %env);
		return $run->{out} =~ /^250 ok\r?\n([^\r\n]*)\r?\n221/m ? $1 : $run->{out} . $run->{log};
	};
	is $ask->('joe'), '250 ok', 'a client whose certificate is listed may relay';
	is $ask->(undef), "$gateway; no valid cert for gatewaying (#5.7.1)", 'one without a certificate may not';
	is $ask->('anon'), "$gateway; no valid cert for gatewaying: contains no email address (#5.7.1)", 'nor one without an address';
	like $ask->('stranger'), qr/^\Q$gateway; no valid cert for gatewaying: \E[^;]+ \(#5\.7\.1\)$/, 'nor one by nobody known';
	is $ask->('anon', QDIALECT => 'jms1'), '553 no valid cert for gatewaying (#5.7.1)', "jms1's words";
	is $ask->('joe', LOCALMFCHECK => '?'), '553 sorry, invalid sender address specified (#5.7.1)', 'who relays by certificate is asked by LOCALMFCHECK';
	control($home, 'tlsclients', "jane\@client.example\n");
	is $ask->('joe'), "$gateway; no valid cert for gatewaying: email address not in my list of tlsclients (#5.7.1)", 'nor one who is not listed';
	is $ask->('joe', RELAYCLIENT => ''), '250 ok', 'a relay client is not asked for one';
	my %own = (RELAYCLIENT => '', LOCALMFCHECK => '?');
	is $ask->('joe', %own, sender => 'Joe@Client.example'), '250 ok', 'LOCALMFCHECK=?: a relay client sends in the name of its certificate';
	is $ask->('joe', %own), '553 sorry, invalid sender address specified (#5.7.1)', 'and in no other';
	is $ask->('anon', %own), '553 sorry, invalid sender address specified (#5.7.1)', 'without an address in none';
	unlink "$home/control/clientca.pem";
	is $ask->('joe'), "$gateway (#5.7.1)", 'without clientca.pem nobody speaks of certificates';
}

# A session in clear over a socketpair, as in smtpd.t.
sub clear_session {
	my ($home, %env) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
	$ours->autoflush(1);
	my $dir = temp_dir();
	open my $err, '>', "$dir/err" or die;
	my $pid = start_program(['qmail-smtpd'], home => $home,
		env => { QMAILQUEUE => use_store_queue($home), %env }, fds => { 0 => $theirs, 1 => $theirs, 2 => $err });
	close $theirs;
	my $s = { pid => $pid, net => $ours, err => "$dir/err", home => $home };
	hear($s, qr/^220 .*\n/);
	return $s;
}

sub hear {
	my ($s, $until) = @_;
	my $text = '';
	my $select = IO::Select->new($s->{net});
	while (!defined $until || $text !~ $until) {
		last unless $select->can_read(20);
		last unless sysread $s->{net}, $text, 65536, length $text;
	}
	return $text;
}

sub ask { my ($s, $command, $until) = @_; syswrite $s->{net}, "$command\r\n"; return hear($s, $until || qr/^\d{3} .*\n\z/m) }

# --- offered or not ---
for my $case (
	[ 'a certificate', tls_home($pem), {}, 1 ],
	[ 'no certificate', tls_home(undef), {}, 0 ],
	[ 'DISABLETLS', tls_home($pem), { DISABLETLS => 1 }, 0 ],
	[ 'DENY_TLS', tls_home($pem), { DENY_TLS => 1 }, 0 ],
	[ 'DENY_TLS 0', tls_home($pem), { DENY_TLS => 0 }, 1 ],
	[ 'strict mode', tls_home($pem), { QSTRICT => 1 }, 0 ],
	[ 'a wrapper in front', tls_home($pem), { SSL => 1 }, 0 ],
	[ 'TLS_SERVER_CERT', tls_home(undef, 'elsewhere.pem' => $pem), { TLS_SERVER_CERT => 'control/elsewhere.pem' }, 1 ],
) {
	my ($name, $home, $env, $offered) = @$case;
	my $s = clear_session($home, %$env);
	my $said = ask($s, 'EHLO x', qr/^250 .*\n/m);
	is $said =~ /^250[- ]STARTTLS\r$/m ? 1 : 0, $offered, "offered with $name";
	is ask($s, 'STARTTLS'), "502 unimplemented (#5.5.1)\r\n", 'nor done' unless $offered;
	ask($s, 'QUIT');
	finish_program($s->{pid});
}
for my $case ([ 'jms1', "503 STARTTLS first (#5.5.1)\r\n", "503 MAIL first (#5.5.1)\r\n" ],
	[ 'indimail', "530 must issue STARTTLS first (#5.7.0)\r\n", "530 must issue STARTTLS first (#5.7.0)\r\n" ]) {
	my ($dialect, $mail, $rcpt) = @$case;
	my $s = clear_session(tls_home($pem), QDIALECT => $dialect, FORCE_TLS => 1);
	is ask($s, 'MAIL FROM:<>'), $mail, "$dialect with FORCE_TLS: MAIL";
	is ask($s, 'RCPT TO:<a@b>'), $rcpt, "$dialect with FORCE_TLS: RCPT";
	ask($s, 'QUIT');
	finish_program($s->{pid});
}
{
	my $s = clear_session(tls_home($pem), FORCE_TLS => 1);
	is ask($s, 'MAIL FROM:<>'), "250 ok\r\n", 'FORCE_TLS means nothing without a dialect';
	ask($s, 'QUIT');
	finish_program($s->{pid});

	my $run = run_program(['qmail-smtpd'], home => tls_home($pem), in => "QUIT\r\n",
		env => { QDIALECT => 'jms1', FORCE_TLS => 1, DENY_TLS => 1 });
	is $run->{out}, "421 FORCE_TLS and DENY_TLS both found (#4.3.0)\r\n", 'jms1: both at once';
	is $run->{exit}, 1, 'exit 1';
}

# --- a helper that is not ready, or dies ---
sub home_with_helper {
	my ($script) = @_;
	my $home = tls_home($pem);
	unlink "$home/bin";
	mkdir "$home/bin";
	symlink build() . "/bin/$_", "$home/bin/$_" for qw(qmail-smtpd qmail-queue);
	spit("$home/bin/qmail-tls", $script, 0755) if defined $script;
	return $home;
}
{
	my $s = clear_session(home_with_helper(undef));
	unlike ask($s, 'EHLO x', qr/^250 .*\n/m), qr/STARTTLS/, 'no helper: not offered';
	ask($s, 'QUIT');
	finish_program($s->{pid});
	like slurp($s->{err}), qr/ helper .*helper=qmail-tls reason=not\\x20installed/, 'the log says so';

	$s = clear_session(tls_home('this is no certificate'));
	like ask($s, 'STARTTLS'), qr/^454 TLS unable to initialize ctx: .+ \(#4\.3\.0\)\r\n\z/, 'a bad certificate: 454';
	is ask($s, 'NOOP'), "250 ok\r\n", 'and the session goes on in clear';
	ask($s, 'QUIT');
	is((finish_program($s->{pid}))[0], 0, 'QUIT ends with 0');
	like slurp($s->{err}), qr/ tls .*result=unavailable reason=/, 'the log says why';

	$s = clear_session(tls_home('this is no certificate'), QDIALECT => 'jms1');
	like ask($s, 'STARTTLS'), qr/^454 TLS not available: .+ \(#4\.3\.0\)\r\n\z/, "jms1's words";
	ask($s, 'QUIT');
	finish_program($s->{pid});

	$s = clear_session(home_with_helper("#!/bin/sh\nexit 1\n"));
	like ask($s, 'STARTTLS'), qr/^454 /, 'a helper that dies at once: 454';
	ask($s, 'QUIT');
	finish_program($s->{pid});
}

# Helpers that misbehave before the session is theirs: 454, and it goes on in clear.
for my $case (
	[ 'says nothing', 'exec sleep 30' ],
	[ 'talks nonsense', 'echo nonsense >&0; exec sleep 30' ],
	[ 'never stops', 'exec yes >&0' ],
	[ 'sends an empty packet', 'exec perl -MSocket -e "open S, q(+<&=0); send S, q(), 0; sleep 30"' ],
) {
	my ($name, $body) = @$case;
	my $home = home_with_helper("#!/bin/sh\n$body\n");
	control($home, 'limits', "helper_start_ms:300\n");
	my $s = clear_session($home);
	like ask($s, 'STARTTLS'), qr/\A454 TLS unable to initialize ctx: [ -~]+ \(#4\.3\.0\)\r\n\z/, "a helper that $name: 454";
	is ask($s, 'NOOP'), "250 ok\r\n", 'and the session goes on';
	ask($s, 'QUIT');
	is((finish_program($s->{pid}))[0], 0, 'QUIT ends with 0');
}

# A service that is stopped: its socket takes connections, nobody answers.
{
	my $home = tls_home($pem);
	mkdir "$home/$_" for qw(run run/tls);
	control($home, 'limits', "helper_start_ms:300\n");
	socket my $stopped, AF_UNIX, SOCK_SEQPACKET, 0 or die;
	bind $stopped, pack_sockaddr_un("$home/run/tls/sock") or die "bind: $!";
	listen $stopped, 5 or die;
	my $s = clear_session($home);
	like ask($s, 'STARTTLS'), qr/\A454 TLS [^\n]*\n\z/, 'a service that is stopped: 454';
	is ask($s, 'NOOP'), "250 ok\r\n", 'and the session goes on';
	ask($s, 'QUIT');
	is((finish_program($s->{pid}))[0], 0, 'QUIT ends with 0');
	like slurp($s->{err}), qr/ tls .*result=unavailable reason=helper\\x20too\\x20slow/, 'the log says why';
}

# SIGTERM while the handshake is awaited: whatever was said would be garbage in it (D17).
{
	my $s = clear_session(tls_home($pem));
	is ask($s, 'STARTTLS'), "220 ready for tls\r\n", 'ready';
	kill 'TERM', $s->{pid};
	unlike hear($s), qr/^\d\d\d/m, 'SIGTERM in a handshake: not a word in clear';
	ok !(grep { $_ eq '0' } (finish_program($s->{pid}))[0]), 'and the end';
}

# --- a handshake that fails; text in clear behind STARTTLS ---
{
	my $s = clear_session(tls_home($pem));
	is ask($s, 'STARTTLS'), "220 ready for tls\r\n", 'ready';
	syswrite $s->{net}, "EHLO this is no handshake\r\n";
	unlike hear($s), qr/^\d\d\d/m, 'a failed handshake: nothing is said in clear';
	is((finish_program($s->{pid}))[0], 1, 'exit 1');
	like slurp($s->{err}), qr/ tls .*result=failed .*\n.* end .*reason=tls/, 'the log says so';

	$s = clear_session(tls_home($pem));
	like ask($s, "STARTTLS\r\nRSET\r\nMAIL FROM:<injected\@b>", qr/220 .*\n/), qr/\A220 ready for tls\r\n\z/,
	  'text behind STARTTLS is not answered';
	close $s->{net};
	finish_program($s->{pid});
	like slurp($s->{err}), qr/ warning .*dropped=30/, 'it is dropped';
}

# --- the helper dies in the middle ---
SKIP: {
	my $home = tls_home($pem);
	my $dir = temp_dir();
	pipe my $from, my $to or die;
	pipe my $out, my $client_out or die;
	my $client = start_program([ '/usr/bin/openssl', 's_client', '-quiet', '-connect', '127.0.0.1:' . $listener->sockport,
			'-starttls', 'smtp', '-crlf' ], fds => { 0 => $from, 1 => $client_out });
	close $_ for $from, $client_out;
	my $s = serve($home);
	syswrite $to, "MAIL FROM:<>\nRCPT TO:<x\@example.net>\nDATA\n";
	hear({ net => $out }, qr/354 /);
	my ($helper) = grep { (slurp("/proc/$_/stat") // "") =~ /\(qmail-tls\) \w \Q$s->{pid}\E / } map { m{(\d+)} ? $1 : () } glob '/proc/[0-9]*';
	skip 'the helper is not a child', 3 unless $helper;
	kill 'KILL', $helper;
	is((finish_program($s->{pid}))[0], 1, 'a helper that is killed ends the session: exit 1');
	like slurp($s->{err}), qr/ end .*reason=/, 'the log says so';
	is scalar stored_messages($home), 0, 'nothing is queued';
	close $to;
	finish_program($client);
}

done_testing;
