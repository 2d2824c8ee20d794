#!/usr/bin/perl
# qmail-oauth and the whole way of a token: from a token server over TLS to the AUTH of qmail-remote.
# outbound 3.5 (XOAUTH2, OAUTHBEARER, token source), DESIGN 9.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::UNIX;
use Socket qw(AF_UNIX SOCK_SEQPACKET pack_sockaddr_un);
use Qferry::Test;
use Qferry::Tls;
use Test::More;

system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0
  or plan skip_all => 'perl has no IO::Socket::SSL';
system('command -v openssl >/dev/null 2>&1') == 0 or plan skip_all => 'no openssl to make certificates';

my $P = '127.0.0.1';
my $ACCEPTED = "r\0K$P accepted message.\nRemote host said: 250 ok queued\n\0";
my $pki = temp_dir();
make_authority($pki, $_) for qw(ca otherca);
make_certificate($pki, 'good',    'ca',      alt => "IP:$P");
make_certificate($pki, 'foreign', 'otherca', alt => "IP:$P");
make_certificate($pki, 'wrong',   'ca',      alt => 'IP:127.0.0.2');
spit("$pki/$_.pem", pem($pki, "$_.key", "$_.crt")) for qw(good foreign wrong);

# --- a home, a token server, a relay --------------------------------------------------------------

# Settings were written before all that follows.
sub oauth_file {
	my ($home, $file, $text) = @_;
	spit("$home/control/oauth/office/$file", "$text\n");
	utime 1, 1, "$home/control/oauth/office/$file";
}

sub home {
	my ($server, $sink, %files) = @_;
	my $home = instance(me => "client.example\n", smtproutes => ":\@office\n", limits => "token_ms:20000\n");
	mkdir "$home/$_" for qw(run run/oauth state state/oauth control/oauth control/oauth/office control/routes control/routes/office);
	my %values = (tokenurl => "https://$P:$server->{port}/token", clientid => 'our-id', clientsecret => 'our secret',
		cafile => "$pki/ca.crt", %files);
	oauth_file($home, $_, $values{$_}) for grep { defined $values{$_} } keys %values;
	spit("$home/control/routes/office/relay", "$P:" . ($sink ? $sink->{port} : 1) . "\n");
	spit("$home/control/routes/office/user",  "me\@office.example\n");
	return $home;
}

sub connects {
	my ($home) = @_;
	socket(my $socket, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
	return connect($socket, pack_sockaddr_un("$home/run/oauth/sock")) ? $socket : undef;
}

my %services;

sub serve {
	my ($home) = @_;
	open my $err, '>>', "$home/stderr" or die;
	my $pid = start_program([ 'qmail-oauth', 'serve' ], home => $home, fds => { 2 => $err });
	$services{$pid} = $home;
	wait_until(sub { connects($home) }) or die 'no service';
	return $pid;
}

sub stop {
	my ($pid, $signal) = @_;
	kill $signal || 'TERM', $pid;
	my ($exit, $got) = finish_program($pid);
	my $home = delete $services{$pid};
	is("$exit $got", $signal ? '-1 9' : '0 0', 'the service ends');
	is(sanitizer_report(slurp("$home/stderr")), undef, 'no report of a sanitizer');
}
END { my $status = $?; for (keys %services) { kill 'TERM', $_; finish_program($_, 5) } $? = $status }

sub deliver {
	my ($home) = @_;
	return run_program([ 'qmail-remote', 'dest.example', 's@client.example', 'r@dest.example' ],
		home => $home, in => "Subject: x\n\nbody\n", limit => 60)->{out};
}

sub is_visible { my ($got, $want, $name) = @_; s/\0/\\0/g for $got, $want; is($got, $want, $name) }
sub like_visible { my ($got, $want, $name) = @_; $got =~ s/\0/\\0/g; like($got, $want, $name) }
sub log_of { my ($sink, $n) = @_; wait_until(sub { -e "$sink->{dir}/$n.done" }); return slurp("$sink->{dir}/$n.log") }
sub requests { my ($server) = @_; return scalar grep { 1 } glob "$server->{dir}/*.request" }
sub request { my ($server, $n) = @_; return slurp("$server->{dir}/$n.request") }
sub kept { my ($home) = @_; return slurp("$home/state/oauth/office") }
sub mode { return sprintf '%04o', (stat $_[0])[2] & 07777 }

# Make the kept token, and the last failure, so many seconds older.
sub age {
	my ($home, $seconds) = @_;
	for my $file (grep { -e } map { "$home/state/oauth/$_" } qw(office office.failed)) {
		my @lines = split /^/, slurp($file);
		if ($file =~ /failed$/) { $lines[0] = $lines[0] - $seconds . "\n" }
		else                    { $_ = $_ - $seconds . "\n" for @lines[ 1, 2 ] }
		spit($file, join '', @lines);
	}
}

# --- client credentials: fetched once, kept, renewed ahead of its end --------------------------------
{
	my $server = start_tokenserver("token first 3600\ntoken second 3600\n", "$pki/good.pem");
	my $sink = start_sink("token me\@office.example first\ntoken me\@office.example second\n");
	my $home = home($server, $sink, scope => 'https://mail.example/.default');
	my $pid = serve($home);

	is_visible(deliver($home), $ACCEPTED, 'OAUTHBEARER; limit token_ms, at: in time');
	like(log_of($sink, 1), qr/^C: AUTH OAUTHBEARER\b.*^OAUTHBEARER host=127\.0\.0\.1 port=mine\n.*^AUTH ok me\@office\.example\n/ms,
		'... with host and port');
	is(request($server, 1), "client_id=our-id\nclient_secret=our secret\ngrant_type=client_credentials\n"
		  . "scope=https://mail.example/.default\n", '... what was posted');
	like(slurp("$server->{dir}/1.head"), qr{\APOST /token HTTP/1\.1\r\n}, '... and where');
	unlike(slurp("$server->{dir}/1.head"), qr/user-agent/i, '... saying nothing about us');
	like(kept($home), qr/\Afirst\n\d+\n\d+\n\z/, 'it is kept');
	is(mode("$home/state/oauth/office"), '0640', '... for the group');

	is_visible(deliver($home), $ACCEPTED, 'again');
	is(requests($server), 1, '... with the same token');
	age($home, 2600);
	is_visible(deliver($home), $ACCEPTED, 'nearly three quarters later');
	is(requests($server), 1, '... with the same token');
	age($home, 120);
	is_visible(deliver($home), $ACCEPTED, 'ahead of its end');
	is(requests($server), 2, '... renewed');
	like(kept($home), qr/\Asecond\n/, '... and kept');

	stop($pid);
	is_visible(deliver($home), $ACCEPTED, 'without the service the last token counts');
	age($home, 3595);
	is_visible(deliver($home), "ZSorry, I have no OAuth 2 token for office: the service is not running. (#4.7.0)\n\0",
		'... as long as it is valid');
	ok(!-e "$sink->{dir}/6.in", '... and nobody is connected to');
	unlink "$home/state/oauth/office";
	is_visible(deliver($home), "ZSorry, I have no OAuth 2 token for office: the service is not running. (#4.7.0)\n\0", '... or there is one');
	like(slurp("$home/stderr"), qr/^qmail-oauth\[\d+\]: token route=office result=renewed$/m, 'the log');
	unlike(slurp("$home/stderr"), qr/first|second|secret/, '... has no secret');
}

# --- XOAUTH2, and what a relay does not offer ---------------------------------------------------------
{
	my $server = start_tokenserver("token first 3600\n", "$pki/good.pem");
	my $sink = start_sink("ehlo AUTH PLAIN XOAUTH2\ntoken me\@office.example first\n");
	my $home = home($server, $sink);
	my $pid = serve($home);

	is_visible(deliver($home), $ACCEPTED, 'XOAUTH2');
	like(log_of($sink, 1), qr/^C: AUTH XOAUTH2 /m, '... in one line');
	my $plain = start_sink("ehlo AUTH PLAIN LOGIN CRAM-MD5\nuser me\@office.example first\n");
	spit("$home/control/routes/office/relay", "$P:$plain->{port}\n");
	is_visible(deliver($home), "ZConnected to $P but it offers no usable AUTH mechanism. (#4.7.9)\n\0", 'a token is no password');
	unlike(log_of($plain, 1), qr/C: (?:AUTH|MAIL)/, '... and is not sent as one');
	stop($pid);
}

# Longer than a command may be: in a second step.
{
	my $token = 'x' x 2000;
	my $server = start_tokenserver("token $token 3600\n", "$pki/good.pem");
	for my $mechanism (qw(XOAUTH2 OAUTHBEARER)) {
		my $sink = start_sink("ehlo AUTH $mechanism\ntoken me\@office.example $token\n");
		my $home = home($server, $sink);
		my $pid = serve($home);
		is_visible(deliver($home), $ACCEPTED, "a long token by $mechanism");
		like(log_of($sink, 1), qr/^C: AUTH $mechanism\nS: 334 \nC: /m, '... in two steps');
		stop($pid);
	}
}

# --- refused by the relay -------------------------------------------------------------------------------
{
	my $server = start_tokenserver("token stale 3600\ntoken fresh 3600\ntoken third 3600\n", "$pki/good.pem");
	for my $mechanism (qw(OAUTHBEARER XOAUTH2)) {
		my $sink = start_sink("ehlo AUTH $mechanism\ntoken me\@office.example fresh\ntoken me\@office.example third\n");
		my $home = home($server, $sink);
		my $pid = serve($home);
		my $before = requests($server);
		run_program([ 'qmail-oauth', 'get', 'office' ], home => $home);
		spit("$home/state/oauth/office", "stale\n" . (time + 3000) . "\n" . (time - 600) . "\n");
		is_visible(deliver($home), $ACCEPTED, "$mechanism: 535, renewed, accepted");
		is(requests($server), $before + 2, '... by one more request');
		like(log_of($sink, 1), qr/^CHALLENGE answered\n.*^S: 535 no\nC: AUTH $mechanism.*^AUTH ok/ms, '... in the same session');
		stop($pid);
	}
	my $sink = start_sink("token me\@office.example none\n");
	my $home = home($server, $sink);
	my $pid = serve($home);
	spit("$home/state/oauth/office", "stale\n" . (time + 3000) . "\n" . (time - 600) . "\n");
	like_visible(deliver($home), qr/\AZConnected to \Q$P\E but authentication was rejected \(OAUTHBEARER\)\. \(#4\.7\.8\)\nRemote host said: 535 no\n\\0\z/,
		'535 twice defers');
	my $log = log_of($sink, 1);
	is(scalar(() = $log =~ /^C: AUTH /mg), 2, '... after two tries');
	unlike($log, qr/C: MAIL/, '... without mail');
	my $before = requests($server);
	like_visible(deliver($home), qr/\AZConnected to \Q$P\E but authentication was rejected/, '535 once more');
	is(requests($server), $before, '... asks for no token within the minute');
	is(scalar(() = log_of($sink, 2) =~ /^C: AUTH /mg), 1, '... and tries once');
	stop($pid);
}

# --- the token server fails ------------------------------------------------------------------------------
sub fails {
	my ($name, $script, $want, %o) = @_;
	my $server = start_tokenserver("$script\n", "$pki/" . ($o{cert} || 'good') . '.pem');
	my $home = home($server, undef, %{ $o{files} || {} });
	control($home, 'limits', "token_ms:$o{ms}\n") if $o{ms};
	my $pid = serve($home);
	like_visible(deliver($home), qr/\AZSorry, I have no OAuth 2 token for office: $want\. \(#4\.7\.0\)\n\\0\z/, $name);
	is(slurp("$home/state/oauth/office.failed") =~ /\A\d+\n1\n/, 1, '... once') unless $o{no_request};
	my $count = requests($server);
	like_visible(deliver($home), qr/\AZSorry, I have no OAuth 2 token for office: a moment ago: $want\. \(#4\.7\.0\)\n\\0\z/, '... again')
	  unless $o{no_request};
	is(requests($server), $count, '... without asking again');
	stop($pid);
	like(slurp("$home/stderr"), qr/^qmail-oauth\[\d+\]: token route=office result=failed text=/m, '... in the log') unless $o{no_request};
	return ($home, $server);
}
{
	my ($home) = fails('invalid_grant', 'error 400 invalid_grant AADSTS700082: the refresh token has expired',
		'invalid_grant: AADSTS700082: the refresh token has expired', files => { refreshtoken => 'r' });
	like(slurp("$home/stderr"), qr/text=invalid_grant:\\x20AADSTS700082:\\x20the\\x20refresh\\x20token/, "... in the server's words");
}
fails('5xx', 'body 503 <html>', "the token server's answer is not a JSON object \\(HTTP status 503\\)");
fails('garbage', 'body 200 {"access_token":', "the token server's answer is not a JSON object \\(HTTP status 200\\)");
fails('no token', 'body 200 {"expires_in":3600}', 'the answer has no access_token that can be used \(HTTP status 200\)');
fails('endless', 'endless', "the token server's answer is too long");
fails('limit token_ms, over: hang', 'hang', '.*(?:timed out|[Tt]imeout).*', ms => 1000);
fails('close', 'close', '.+');
fails('redirect', "redirect https://$P:1/", "the token server's answer is not a JSON object \\(HTTP status 302\\)");
fails('foreign certificate', 'token x', '.*certificate.*', cert => 'foreign');
fails("another's certificate", 'token x', '.*', cert => 'wrong');
fails('no clientid', 'token x', 'control/oauth/office/clientid: missing', files => { clientid => undef }, no_request => 1);
fails('no https', 'token x', 'control/oauth/office/tokenurl: missing, or does not begin with https://',
	files => { tokenurl => "http://$P/" }, no_request => 1);
fails('no profile', 'token x', 'control/oauth/office/profile: no such profile', files => { profile => 'nobody' }, no_request => 1);
fails('google without consent', 'token x', 'control/oauth/office/refreshtoken: missing', files => { profile => 'google' }, no_request => 1);

# The token that is still good serves while the server fails; and a mended file is tried at once.
{
	my $server = start_tokenserver("token first 3600\nbody 503 no\ntoken second 3600\n", "$pki/good.pem");
	my $sink = start_sink("token me\@office.example first\ntoken me\@office.example second\n");
	my $home = home($server, $sink);
	my $pid = serve($home);
	is_visible(deliver($home), $ACCEPTED, 'a first token');
	age($home, 2800);
	is_visible(deliver($home), $ACCEPTED, 'renewing fails, the token serves');
	is_visible(deliver($home), $ACCEPTED, '... and once more');
	is(requests($server), 2, '... without asking again');
	age($home, 5);
	utime undef, undef, "$home/control/oauth/office/clientsecret";
	is_visible(deliver($home), $ACCEPTED, 'the settings changed');
	is(requests($server), 3, '... so the server is asked');
	ok(!-e "$home/state/oauth/office.failed", '... and the failure forgotten');
	stop($pid);
}

# --- refresh tokens ----------------------------------------------------------------------------------------
{
	my $server = start_tokenserver("token first 3600 rotated1\ntoken second 3600 rotated2\ntoken third 3600\n", "$pki/good.pem");
	my $sink = start_sink(join '', map { "token me\@office.example $_\n" } qw(first second third));
	my $home = home($server, $sink, refreshtoken => 'given', clientsecret => undef);
	my $pid = serve($home);
	is_visible(deliver($home), $ACCEPTED, 'by a refresh token');
	is(request($server, 1), "client_id=our-id\ngrant_type=refresh_token\nrefresh_token=given\n", '... the given one');
	like(slurp("$home/state/oauth/office.refresh"), qr/\Arotated1\n[0-9a-f]{64}\n\z/, 'the rotated one is kept');
	is(mode("$home/state/oauth/office.refresh"), '0600', '... for us alone');
	stop($pid, 'KILL');

	# Killed before anybody used the access token: that may be lost, the refresh token not.
	unlink "$home/state/oauth/office";
	$pid = serve($home);
	is_visible(deliver($home), $ACCEPTED, 'after kill -9');
	is(request($server, 2), "client_id=our-id\ngrant_type=refresh_token\nrefresh_token=rotated1\n", '... the rotated one');
	oauth_file($home, 'refreshtoken', 'given anew');
	age($home, 3600);
	is_visible(deliver($home), $ACCEPTED, 'the admin gave a new one');
	is(request($server, 3), "client_id=our-id\ngrant_type=refresh_token\nrefresh_token=given anew\n", '... which wins');
	stop($pid);
}

# A refresh token that could not be kept is not asked for.
SKIP: {
	skip 'root may write anywhere', 2 if $> == 0;
	my $server = start_tokenserver("token first 3600 rotated\n", "$pki/good.pem");
	my $home = home($server, undef, refreshtoken => 'given');
	chmod 0555, "$home/state/oauth";
	my $run = run_program([ 'qmail-oauth', 'check', 'office' ], home => $home);
	is($run->{err}, "qmail-oauth: office: state/oauth cannot be written\n", 'no place to keep it');
	is(requests($server), 0, '... no request');
	chmod 0755, "$home/state/oauth";
}

# --- killed between the answer and the first use: at any of its system calls ---------------------------------
SKIP: {
	skip 'no strace', 1 if system('command -v strace >/dev/null 2>&1') != 0;
	skip 'strace and the sanitizer do not agree', 1 if slurp(build() . '/stamp/cool') =~ /-fsanitize/;
	my $probe = run_program([ '/usr/bin/env', 'strace', '-o', '/dev/null', 'true' ]);
	skip 'strace may not trace here', 1 if $probe->{exit} != 0;
	for my $call (qw(rename rename:2 fsync:2 fsync:3)) {
		my ($name, $when) = split /:/, $call;
		$when ||= 1;
		my $server = start_tokenserver("token first 3600 rotated1\ntoken second 3600 rotated2\n", "$pki/good.pem");
		my $home = home($server, undef, refreshtoken => 'given');
		run_program([ '/usr/bin/env', 'strace', '-o', '/dev/null', "-einject=$name:signal=KILL:when=$when",
			build() . '/bin/qmail-oauth', 'check', 'office' ], home => $home);
		my $run = run_program([ 'qmail-oauth', 'check', 'office' ], home => $home);
		is($run->{exit}, 0, "killed at $call");
		like(request($server, 2), qr/^refresh_token=rotated1$/m, '... the rotated one is used');
	}
}

# --- the admin's commands --------------------------------------------------------------------------------------
{
	my $server = start_tokenserver("token first 3600\ntoken second 1800\nerror 401 invalid_client Wrong secret\n", "$pki/good.pem");
	my $home = home($server);
	my $run = run_program([ 'qmail-oauth', 'get', 'office' ], home => $home);
	is("$run->{exit} $run->{out}$run->{err}", "0 first\n", 'get');
	$run = run_program([ 'qmail-oauth', 'get', 'office' ], home => $home);
	is("$run->{exit} $run->{out}$run->{err}", "0 first\n", 'get: the kept one');
	$run = run_program([ 'qmail-oauth', 'check', 'office' ], home => $home);
	is("$run->{exit} $run->{out}$run->{err}", "0 office: the token server gave a token for 1800 seconds\n", 'check: a new one');
	$run = run_program([ 'qmail-oauth', 'check', 'office' ], home => $home);
	is("$run->{exit} $run->{out}$run->{err}", "111 qmail-oauth: office: invalid_client: Wrong secret\n", 'check: refused');
	$run = run_program([ 'qmail-oauth', 'check', 'elsewhere' ], home => $home);
	is("$run->{exit} $run->{out}$run->{err}", "111 qmail-oauth: elsewhere: there is no such directory in control/oauth\n", 'check: no such name');
	for my $argv ([], ['check'], [ 'check', '../x' ], [ 'get', 'a', 'b' ], ['what']) {
		is(run_program([ 'qmail-oauth', @$argv ], home => $home)->{exit}, 100, "usage: @$argv");
	}
}

# --- tokens from a file, and named routes ------------------------------------------------------------------------
{
	my $sink = start_sink("token u\@x.example by-hand\n");
	my $home = instance(me => "client.example\n", smtproutes => ":$P:$sink->{port} u\@x.example ignored\n",
		'oauthtokens/u@x.example' => "by-hand\n");
	is_visible(deliver($home), $ACCEPTED, 'control/oauthtokens/USER');
	control($home, 'oauthtokens/u@x.example', "refused\n");
	like_visible(deliver($home), qr/\AZConnected to \Q$P\E but authentication was rejected \(OAUTHBEARER\)\. \(#4\.7\.8\)/, '... refused');
	is(scalar(() = log_of($sink, 2) =~ /^C: AUTH /mg), 1, '... once, as nobody renewed it');
	control($home, 'oauthtokens/u@x.example', "\n");
	is_visible(deliver($home), "ZUnable to read control files. (#4.3.0)\ncontrol/oauthtokens/u\@x.example:1: not a token\n\0", '... empty');
}
{
	my $sink = start_sink("user joe secret\n");
	my $home = instance(me => "client.example\n", smtproutes => ":\@a\n");
	my $unreadable = sub { return "ZUnable to read control files. (#4.3.0)\n$_[0]\n\0" };
	mkdir "$home/control/$_" for qw(routes routes/a);
	is_visible(deliver($home), $unreadable->('control/routes/a/relay:1: missing'), 'a route without a relay');
	spit("$home/control/routes/a/relay", "$P:$sink->{port}\n");
	is_visible(deliver($home), $ACCEPTED, 'a route by name, without a credential');
	spit("$home/control/routes/a/user", "joe\n");
	is_visible(deliver($home), $unreadable->('control/routes/a/password:1: missing, and there is no token for the user either'),
		'... with a user alone');
	spit("$home/control/routes/a/password", "secret\n");
	is_visible(deliver($home), $ACCEPTED, '... and a password');
	like(log_of($sink, 2), qr/^AUTH ok joe$/m, '... which is used');
	spit("$home/control/routes/a/relay", "$P:$sink->{port} joe secret\n");
	is_visible(deliver($home), $unreadable->('control/routes/a/relay:1: not a relay'), '... not in the line of the relay');
	control($home, 'smtproutes', ":\@../a\n");
	is_visible(deliver($home), $unreadable->('control/smtproutes:1: not a route'), 'no way out of control/routes');
}

# SCRAM-SHA-256 goes before the others; a server that does not know the password is not believed.
{
	for my $row ([ 'secret', '', $ACCEPTED ], [ 'wrong', '', qr/rejected \(CRAM-MD5\)/ ], [ 'secret', "scram-liar yes\n", qr/rejected \(SCRAM-SHA-256\)/ ]) {
		my ($password, $script, $want) = @$row;
		my $sink = start_sink("user joe secret\nehlo AUTH PLAIN CRAM-MD5 SCRAM-SHA-256\n$script");
		my $home = instance(me => "client.example\n", smtproutes => ":$P:$sink->{port} joe $password\n");
		my $out = deliver($home);
		if (ref $want) { like_visible($out, $want, "SCRAM-SHA-256: $password $script") }
		else           { is_visible($out, $want, "SCRAM-SHA-256: $password") }
		like(log_of($sink, 1), qr/^C: AUTH SCRAM-SHA-256 .*?(?:^AUTH|\z)/ms, '... is tried first');
		unlike(log_of($sink, 1), qr/C: AUTH PLAIN/, '... and PLAIN not');
	}
}
done_testing();
