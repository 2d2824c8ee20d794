#!/usr/bin/perl
# The commands of qmail-submission(7), as printed, in a fresh rootless home: a certificate, a user, both
# services from the run scripts of control-examples.  Then the clients that people have, and what must
# not work (inbound 10 S4, 4.1.6, 4.1.7, 4.2.1, 8: 6409, 8314).
use strict;
use warnings;
use FindBin;
use IO::Socket::INET;
use MIME::Base64;
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;

for my $tool (qw(tcpserver svscan supervise multilog softlimit openssl)) {
	plan skip_all => "$tool is not installed" if system("command -v $tool >/dev/null") != 0;
}
plan skip_all => 'no IO::Socket::SSL' unless eval { require IO::Socket::SSL };

my $dir  = temp_dir();
my $home = "$dir/mail";
mkdir "$dir/service";
$ENV{QMAILHOME} = $home; # what `make CONF_HOME=` would have compiled in

# --- the manual ---
my %port = map { $_ => free_port() } 465, 587;

sub free_port {
	my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0) or die;
	return $socket->sockport;
}

# What stands for root's own places: this home, no owners, other ports.
sub adapted {
	my ($commands) = @_;
	$commands =~ s/\\e/\\/g;
	$commands =~ s/^chown .*\n//mg;
	$commands =~ s{/etc/service}{$dir/service}g;
	$commands =~ s{/var/qmail}{$home}g;
	$commands =~ s/PASSWORD/secret/g;
	$commands =~ s/:(465|587)\b/:$port{$1}/g;
	return $commands;
}

my $manual = slurp(top() . '/man/qmail-submission.7');
my @blocks = grep { !/certbot/ } $manual =~ /^\.Bd -literal.*\n((?:(?!\.Ed).*\n)+)/mg;
my ($certificate, $placing, $user, $services, $look) = map { adapted($_) } @blocks;
is(scalar @blocks, 5, 'the manual has the commands that are followed here');

sub sh {
	my ($commands, $input) = @_;
	spit("$dir/in", $input // '');
	my $said = do {
		local $ENV{PATH} = "$ENV{PATH}:/usr/sbin:/sbin";
		spit("$dir/script", "set -e\n$commands");
		`sh '$dir/script' < '$dir/in' 2>&1`;
	};
	return ($? >> 8, $said);
}

sub works {
	my ($name, $commands, $input) = @_;
	my ($status, $said) = sh($commands, $input);
	is($status, 0, $name) or diag $commands, $said;
	return $said;
}

{
	local $ENV{ME} = 'mail.example.org';
	works('make install', "'" . top() . "/setup/install' '$home' '" . build() . "'");
}
works('a certificate is made and put into place', "$certificate$placing");
works('joe is added', $user, "secret\n");

# The run scripts are those of control-examples; only the ports are of our choice.
for my $service (qw(qmail-smtps qmail-submission)) {
	my $path = "$home/supervise/$service/run";
	my $run = slurp($path);
	$run =~ s/ 0 2(465|587) / 127.0.0.1 $port{$1} / or die "$path: no port";
	spit($path, $run, 0755);
}
my ($links) = $services =~ /((?:^ln .*\n)+)/m;
my ($status) = $services =~ /(^svstat .*)/m;
works('the services are linked', $links);
open my $scanner_says, '>', "$dir/svscan" or die;
my $scanner = start_program([ '/usr/bin/svscan', "$dir/service" ], home => $home, dir => '/', fds => { 1 => $scanner_says, 2 => $scanner_says });

END {
	local $?;
	if ($scanner) {
		kill 'TERM', $scanner;
		system("svc -dx '$dir/service'/* '$dir/service'/*/log 2>/dev/null");
		finish_program($scanner);
		wait_until(sub { !glob("$dir/service/*/supervise/ok") || !grep { is_supervised($_) } glob("$dir/service/*") });
	}
}
sub is_supervised { my ($service) = @_; return system("svok '$service'") == 0 }

ok(wait_until(sub {
	!grep { !IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $_) } values %port;
}), 'both listen') or do { diag logs(); done_testing(); exit };
is(scalar(() = works('svstat', $status) =~ /: up /g), 2, 'svstat says up');

sub log_of { my ($service) = @_; return slurp("$home/supervise/$service/log/main/current") // '' }
sub logs { return join '', map { log_of($_) } qw(qmail-smtps qmail-submission) }
sub has_logged { my ($pattern) = @_; return wait_until(sub { logs() =~ $pattern }) }

# Messages in the queue, the text of each.
sub queued { return map { slurp($_) } glob("$home/queue/mess/*/*") }
sub arrived { my ($subject) = @_; return grep { /^Subject: \Q$subject\E$/m } queued() }

SKIP: {
	skip('curl is not installed', 6) if system('command -v curl >/dev/null') != 0;
	my ($sends, $tail) = $look =~ /\A(.*?)(^tail .*)\z/ms;
	works("curl, by the manual's commands", $sends);
	is(scalar(arrived('hello')), 2, 'both messages are in the queue');
	like($_, qr/^Date: .*\nMessage-ID: <[0-9a-f]{16}\.1\@mail\.example\.org>\n\n/m, 'Date and Message-ID were added') for arrived('hello');
	has_logged(qr/ accept /);
	my $shown = works('tail', $tail);
	is(scalar(() = $shown =~ / accept .* user=joe proto=TLSv1\.3 cipher=\S+ ms=\d+ from=joe\@example\.org /g), 2, 'the logs have a line for each');
}

# --- other clients ---
sub client {
	my ($name, $program, $command) = @_;
	SKIP: {
		skip("$program is not installed", 2) if system("command -v $program >/dev/null") != 0;
		works($name, $command);
		my ($message) = arrived("by $name");
		like($message // '', qr/^  by mail\.example\.org with ESMTPSA \(TLSv1\.3 /m, "the message of $name is in the queue");
	}
}

my $to = 'friend@far.example';
for my $row ([ 'swaks', $port{587}, '--tls' ], [ 'swaks at once', $port{465}, '--tlsc' ]) {
	my ($name, $port, $tls) = @$row;
	client($name, 'swaks', "swaks --server 127.0.0.1 --port $port $tls --helo phone.example --auth LOGIN --auth-user joe"
		. " --auth-password secret --from joe\@example.org --to $to --header 'Subject: by $name' --body body");
}
for my $row ([ 'msmtp', $port{587}, 'on' ], [ 'msmtp at once', $port{465}, 'off' ]) {
	my ($name, $port, $starttls) = @$row;
	client($name, 'msmtp', "printf 'Subject: by $name\\n\\nbody\\n' | msmtp --file=/dev/null --host=localhost --port=$port --tls=on"
		. " --tls-starttls=$starttls --tls-certcheck=off --auth=plain --user=joe --passwordeval='echo secret'"
		. " --domain=phone.example --from=joe\@example.org $to");
}
for my $row ([ 's-nail', "submission://joe:secret\@127.0.0.1:$port{587}", '-Ssmtp-use-starttls' ],
	[ 's-nail at once', "submissions://joe:secret\@127.0.0.1:$port{465}", '' ]) {
	my ($name, $url, $option) = @$row;
	client($name, 's-nail', "printf 'body\\n' | HOME=$dir s-nail -:/ -Sv15-compat -Ssendcharsets=utf-8 -Smta=$url $option"
		. " -Ssmtp-auth=login -Stls-verify=ignore -Shostname=phone.example -r joe\@example.org -s 'by $name' $to");
}

# --- a phone ---
sub connected {
	my ($port) = @_;
	return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 20) || die "connect: $!";
}

# Send a line (undef: only hear); the reply, its lines joined.
sub say_to {
	my ($socket, $line) = @_;
	print $socket "$line\r\n" if defined $line;
	my $reply = '';
	while (defined(my $heard = <$socket>)) {
		$reply .= $heard;
		last if $heard =~ /^\d{3} /;
	}
	$reply =~ s/\r\n/\n/g;
	return $reply;
}

sub begin_tls {
	my ($socket) = @_;
	IO::Socket::SSL->start_SSL($socket, SSL_verify_mode => 0) or die 'no TLS';
	return $socket;
}

my $login = 'AUTH PLAIN ' . encode_base64("\0joe\0secret", '');
my $wrong = 'AUTH PLAIN ' . encode_base64("\0joe\0terces", '');

{
	my $phone = connected($port{587});
	like(say_to($phone), qr/^220 mail\.example\.org ESMTP$/, '587 greets in clear');
	my $clear = say_to($phone, 'EHLO [192.168.1.23]');
	like($clear, qr/^250-STARTTLS$/m, 'STARTTLS is offered');
	unlike($clear, qr/AUTH/, 'AUTH is not');
	is(say_to($phone, 'MAIL FROM:<joe@example.org>'), "530 5.7.0 Must issue a STARTTLS command first\n", 'no mail in clear');
	is(say_to($phone, $login), "530 5.7.0 Must issue a STARTTLS command first\n", 'no password in clear');
	like(say_to($phone, 'STARTTLS'), qr/^220 /, 'STARTTLS');
	begin_tls($phone);
	is(say_to($phone, 'MAIL FROM:<joe@example.org>'), "530 5.7.0 Authentication required\n", 'no mail without a login');
	my $offered = say_to($phone, 'EHLO [192.168.1.23]');
	like($offered, qr/^250[- ]AUTH LOGIN PLAIN$/m, 'EHLO again: AUTH is offered');
	unlike($offered, qr/STARTTLS/, 'STARTTLS no more');
	is(say_to($phone, $login), "235 ok, go ahead (#2.0.0)\n", 'AUTH PLAIN with the initial response');
	is(say_to($phone, 'MAIL FROM:<eve@example.org> BODY=8BITMIME SIZE=60'), "503 from and auth not the same (#5.5.1)\n",
		'a foreign sender is refused');
	is(say_to($phone, 'MAIL FROM:<Joe@example.org> BODY=8BITMIME SIZE=60'), "250 ok\n", 'his own is not');
	is(say_to($phone, "RCPT TO:<$to>"), "250 ok\n", 'he may send anywhere');
	like(say_to($phone, 'DATA'), qr/^354 /, 'DATA');
	like(say_to($phone, "From: Joe <joe\@example.org>\r\nMessage-Id: <1\@phone>\r\nSubject: by phone\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n."),
		qr/^250 ok \d+ qp \d+$/, 'the message is taken');
	like(say_to($phone, 'QUIT'), qr/^221 /, 'QUIT');
	my ($message) = arrived('by phone');
	like($message, qr/^Received: from unknown \(HELO \[192\.168\.1\.23\]\) \(joe\@127\.0\.0\.1\)\n  by mail\.example\.org with ESMTPSA /m, 'Received');
	like($message, qr/^Message-Id: <1\@phone>\nSubject: by phone\nDate: \d+ \w+ \d+ [\d:]+ -0000\n\nGr\xc3\xbc/m, 'only the Date was added');
	ok(has_logged(qr/ refuse .*ip=127\.0\.0\.1 code=530 check=tls/), 'the log has the refusal in clear');
	ok(has_logged(qr/ refuse .*code=503 check=senders user=joe from=eve\@example\.org/), 'and the foreign sender');
}
{
	my $phone = begin_tls(connected($port{465}));
	like(say_to($phone), qr/^220 mail\.example\.org ESMTP$/, '465 greets inside TLS');
	my $offered = say_to($phone, 'EHLO [IPv6:2001:db8::23]');
	like($offered, qr/^250[- ]AUTH LOGIN PLAIN$/m, 'AUTH is offered at once');
	is(say_to($phone, $wrong), "535 authentication failed (#5.7.1)\n", 'a wrong password');
	is(say_to($phone, 'MAIL FROM:<joe@example.org>'), "530 5.7.0 Authentication required\n", 'opens nothing');
	is(say_to($phone, 'RCPT TO:<postmaster@mail.example.org>'), "503 MAIL first (#5.5.1)\n", 'not even to here');
	say_to($phone, 'QUIT');
	ok(has_logged(qr/ auth .*ip=127\.0\.0\.1 result=failed mech=PLAIN user=joe /), 'the log has it, with the address');
}
{
	my $clear = connected($port{465});
	print $clear "EHLO client.example\r\nQUIT\r\n";
	is(join('', <$clear> // ''), '', 'in clear 465 says nothing');
	ok(has_logged(qr/ tls .*result=failed/), 'the log has the failed handshake');
}

# --- foreign senders by the name of the login ---
{
	my $path = "$home/supervise/qmail-submission/run";
	my $run = slurp($path);
	$run =~ s/^SUBMISSION=1\nexport SUBMISSION$/SUBMISSION=1 FORCEAUTHMAILFROM=1\nexport SUBMISSION FORCEAUTHMAILFROM/m or die $path;
	spit($path, $run, 0755);
	works('ann is added', "$home/bin/qmail-passwd add ann\@example.org", "secret\n");
	works('the service is started anew', "svc -t '$dir/service/qmail-submission'");
	ok(wait_until(sub {
		my $phone = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port{587}) or return 0;
		say_to($phone);
		say_to($phone, 'STARTTLS');
		begin_tls($phone);
		say_to($phone, 'AUTH PLAIN ' . encode_base64("\0ann\@example.org\0secret", ''));
		return say_to($phone, 'MAIL FROM:<eve@example.org>') eq "503 from and auth not the same (#5.5.1)\n"
		  && say_to($phone, 'MAIL FROM:<ann@example.org>') eq "250 ok\n";
	}), 'FORCEAUTHMAILFROM=1: only as herself');
}

done_testing();
