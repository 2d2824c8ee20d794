#!/usr/bin/perl
# Whose memory has which secret (DESIGN 4), looked for in /proc/PID/mem in the middle of a session: the
# private key is in qmail-tls alone, a password or token in nobody's once AUTH is over.
# nosan: the sanitizers keep what was freed
use strict;
use warnings;
no warnings qw(portable); # addresses have 64 bits
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use MIME::Base64 qw(encode_base64 decode_base64);
use Qferry::Test;
use Qferry::Tls;
use Socket;
use Test::More;

plan skip_all => 'needs root: nobody else may look into these programs' if $> != 0;
plan skip_all => 'no setpriv' unless -x '/usr/bin/setpriv';
my $tcpserver = (grep { -x } map { "$_/tcpserver" } qw(/usr/bin /usr/local/bin /command))[0] or plan skip_all => 'no tcpserver';

my @nobody = qw(/usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups --);

# --- looking ------------------------------------------------------------------------------------------------------

# { pid => name } of a process and all that it started.
sub family {
	my ($first) = @_;
	my (%parent, %name, %family);
	for my $stat (map { slurp($_) // '' } glob '/proc/[0-9]*/stat') {
		my ($pid, $name, $parent) = $stat =~ /^(\d+) \((.*)\) \S (\d+) / or next;
		@parent{$pid} = $parent;
		$name{$pid} = $name;
	}
	for my $pid (keys %parent) {
		my $at = $pid;
		$at = $parent{$at} while defined $at && $at != $first;
		$family{$pid} = $name{$pid} if defined $at;
	}
	return %family;
}

# Which of these byte strings (name => bytes) are in its memory: their names.
sub found {
	my ($pid, %secret) = @_;
	my %found;
	open my $mem, '<:raw', "/proc/$pid/mem" or die "/proc/$pid/mem: $!";
	for my $line (split /\n/, slurp("/proc/$pid/maps")) {
		my ($from, $to, $rights) = $line =~ /^([0-9a-f]+)-([0-9a-f]+) (\S+)/;
		next unless $rights =~ /^r/ && $line !~ /\[v(?:var|syscall)/;
		sysseek $mem, hex $from, 0 or next;
		sysread $mem, my $bytes, hex($to) - hex($from) or next;
		for my $name (keys %secret) { $found{$name} = 1 if index($bytes, $secret{$name}) >= 0 }
	}
	return join ' ', sort keys %found;
}

# In which programs of these they are: "qmail-tls".
sub holders {
	my ($secret, %family) = @_;
	my %holder;
	for my $pid (keys %family) { $holder{ $family{$pid} } = 1 if found($pid, %$secret) ne '' }
	return join ' ', sort keys %holder;
}

# A number as it is in DER, and as OpenSSL keeps it.
sub number { my ($name, $bytes) = @_; return ($name => $bytes, "$name reversed" => scalar reverse $bytes) }

# What there is to find of a key: its secret numbers, and each line of the PEM.
sub parts_of {
	my ($path) = @_;
	my %parts;
	my $text = `openssl pkey -in $path -noout -text`;
	while ($text =~ /^(priv|privateExponent|prime1|prime2):\n((?:\s+[0-9a-f:]+\n)+)/mg) {
		my ($name, $hex) = ($1, $2);
		my $bytes = pack 'H*', $hex =~ tr/0-9a-f//cdr;
		%parts = (%parts, number($name, $bytes =~ s/\A\0+//r));
	}
	my @lines = grep { length == 64 } split /\n/, slurp($path);
	$parts{"line $_"} = $lines[$_] for 0 .. $#lines;
	return %parts;
}

# --- a session ----------------------------------------------------------------------------------------------------

my $dir = temp_dir();
chmod 0755, $dir;
self_signed($dir, $_, key => $_, alt => 'DNS:mx.example.org') for qw(ecdsa rsa);
my $password = join '', 'pass-', map { chr(97 + int rand 26) } 1 .. 30;
my $checker = spit("$dir/checker", "#!/bin/sh\ncat <&3 >/dev/null\nexit 0\n", 0755);

sub home {
	my ($key) = @_;
	my $home = instance(me => "mx.example.org\n", rcpthosts => "example.org\n", 'servercert.pem' => pem($dir, "$key.key", "$key.crt"));
	mkdir "$home/$_" for 'run', 'run/tls';
	queue_tree($home);
	system 'chown', '-R', '65534:65534', $home;
	return $home;
}

# qmail-smtpd below tcpserver: { pid, port }.
sub serve {
	my ($home) = @_;
	my $port = start_server([ @nobody, $tcpserver, '-1', '-HRDl0', '127.0.0.1', '0', program('qmail-smtpd'), $checker, 'true' ], home => $home,
		fds => { 2 => do { open my $err, '>', "$home/stderr" or die; $err } });
	return $port;
}

# A client in TLS.  Closed when it goes.
sub client {
	my ($server) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
	my $pid = start_program([ '/usr/bin/openssl', 's_client', '-connect', "127.0.0.1:$server->{port}", '-starttls', 'smtp', '-quiet' ],
		fds => { 0 => $theirs, 1 => $theirs });
	return { net => $ours, pid => $pid, heard => '' };
}

sub ask {
	my ($client, $text, $until) = @_;
	my $select = IO::Select->new($client->{net});
	syswrite $client->{net}, $_ for ref $text ? @$text : $text;
	$client->{heard} = '';
	while ($client->{heard} !~ $until) {
		$select->can_read(20) && sysread $client->{net}, $client->{heard}, 65536, length $client->{heard} or last;
	}
	return like($client->{heard}, $until, 'the session goes on');
}

my $plain = encode_base64("\0joe\0$password", '');
my %words = (password => $password, base64 => substr($plain, 0, 40), part => substr(encode_base64($password, ''), 0, 36));

for my $case (map { my $key = $_; map { [ $key, $_ ] } 'on demand', 'resident' } qw(ecdsa rsa)) {
	my ($key, $shape) = @$case;
	my $name = "$key, $shape";
	my %secret = parts_of("$dir/$key.key");
	my $home = home($key);
	my $service = $shape eq 'resident'
	  && start_program([ @nobody, program('qmail-tls'), 'serve', 'tls' ], home => $home, fds => { 2 => do { open my $err, '>', "$home/service" or die; $err } });
	ok(wait_until(sub { slurp("$home/service") =~ /started/ }), "$name: the service") if $service;
	my $server = serve($home);
	my $client = client($server);
	ask($client, "EHLO x\r\n", qr/^250 .*\n/m);
	ask($client, "AUTH PLAIN $plain\r\n", qr/^235 .*\n/m) if $key eq 'ecdsa';
	ask($client, [ "AUTH LOGIN\r\n", "am9l\r\n", map { "$_" } split(/(?<=\G.{3})/s, encode_base64($password, '')), "\r\n" ], qr/^235 .*\n/m) if $key eq 'rsa';
	ask($client, "MAIL FROM:<a\@b>\r\nRCPT TO:<c\@example.org>\r\nDATA\r\n", qr/^354 .*\n/m);
	my %family = family($server->{pid});
	%family = (%family, family($service)) if $service;
	ok(wait_until(sub { %family = (%family, family($server->{pid})); grep { $_ eq 'qmail-queue' } values %family }), "$name: a message is under way")
	  or diag join ' ', values %family;
	is(join(' ', sort keys %{ { reverse %family } }), 'qmail-queue qmail-smtpd qmail-tls tcpserver', "$name: who is there");
	is(holders(\%secret, %family), 'qmail-tls', "$name: the key is in qmail-tls alone");
	my %others = map { $_ => $family{$_} } grep { $family{$_} ne 'qmail-tls' } keys %family;
	is(holders(\%words, %others), '', "$name: the password is in none of the others");
	ask($client, "x\r\n.\r\nQUIT\r\n", qr/^250 ok .*^221 /ms);
	finish_program($client->{pid});
	stop_server($server);
	if ($service) {
		is(holders(\%words, family($service)), '', "$name: nor in qmail-tls, once the session is over");
		kill 'TERM', $service;
		finish_program($service);
	}
}

# In clear, with AUTH refused, malformed and wrong: no trace either, in whatever pieces it comes.
sub in_clear {
	my ($name, $home, $check, $until, @pieces) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
	my $pid = start_program([ @nobody, program('qmail-smtpd'), $check, 'true' ], home => $home, fds => { 0 => $theirs, 1 => $theirs });
	my $client = { net => $ours, pid => $pid, heard => '' };
	ask($client, \@pieces, $until);
	ask($client, "NOOP\r\n", qr/^250 ok\r\n\z/m);
	is(found($pid, %words), '', "$name: no trace of the password");
	close $ours;
	finish_program($pid);
}

{
	my $home = home('ecdsa');
	unlink "$home/control/servercert.pem";
	spit("$home/control/limits", "auth_delay_ms:1\n");
	for my $wrong (0, 1) {
		my $check = spit("$dir/check$wrong", "#!/bin/sh\ncat <&3 >/dev/null\nexit $wrong\n", 0755);
		for my $auth ([ 'PLAIN', "AUTH PLAIN $plain\r\n", qr/^(?:235|535) /m ], [ 'malformed', "AUTH PLAIN $plain*\r\n", qr/^501 /m ],
			[ 'unknown', "AUTH GSSAPI $plain\r\n", qr/^504 /m ], [ 'canceled', "AUTH LOGIN\r\n$plain\r\n*\r\n", qr/^501 /m ],
			[ 'too long', 'AUTH PLAIN ' . $plain x 400 . "\r\n", qr/^500 /m ], [ 'twice', "AUTH PLAIN $plain\r\nAUTH PLAIN $plain\r\n", qr/^.*^(?:503|535) /ms ]) {
			my ($name, $text, $until) = @$auth;
			in_clear("$name, checker says $wrong", $home, $check, $until, $text =~ /(.{1,30})/gs);
			in_clear("$name at once, checker says $wrong", $home, $check, $until, $text);
		}
	}
}

# --- qmail-remote -------------------------------------------------------------------------------------------------

# What it is told by the server after AUTH is that it waits: at MAIL.
for my $case ([ 'PLAIN', "user joe $password\n", 'AUTH PLAIN', sub { (smtproutes => ":127.0.0.1:$_[0] joe $password\n") } ],
	[ 'CRAM-MD5', "user joe $password\n", 'AUTH CRAM-MD5', sub { (smtproutes => ":127.0.0.1:$_[0] joe $password\n") } ],
	[ 'SCRAM-SHA-256', "user joe $password\n", 'AUTH SCRAM-SHA-256', sub { (smtproutes => ":127.0.0.1:$_[0] joe $password\n") } ],
	[ 'LOGIN', "user joe $password\n", 'AUTH LOGIN', sub { (smtproutes => ":127.0.0.1:$_[0] joe $password\n") } ],
	[ 'a token', "token joe $password\n", 'AUTH XOAUTH2', sub { (smtproutes => ":\@office\n", 'routes/office/relay' => "127.0.0.1:$_[0]\n", 'routes/office/user' => "joe\n") } ],
	[ 'another token', "token joe $password\n", 'AUTH OAUTHBEARER', sub { (smtproutes => ":\@office\n", 'routes/office/relay' => "127.0.0.1:$_[0]\n", 'routes/office/user' => "joe\n") } ]) {
	my ($name, $script, $auth, $controls) = @$case;
	my $sink = start_sink("${script}ehlo $auth\nmail hang\n");
	my $home = instance(me => "client.example\n", $controls->($sink->{port}));
	if ($name =~ /token/) {
		mkdir "$home/control/oauth";
		spit("$home/control/oauth/office/tokenurl", "https://127.0.0.1:1/token\n");
		utime 1, 1, "$home/control/oauth/office/tokenurl";
		spit("$home/state/oauth/office", "$password\n" . (time + 3000) . "\n" . (time - 10) . "\n");
	}
	system 'chown', '-R', '65534:65534', $home;
	my $message = spit("$home/message", "Subject: x\n\nbody\n");
	open my $in, '<', $message or die;
	open my $out, '>', "$home/out" or die;
	my $pid = start_program([ @nobody, program('qmail-remote'), 'dest.example', 's@client.example', 'r@dest.example' ], home => $home, fds => { 0 => $in, 1 => $out });
	ok(wait_until(sub { (slurp("$sink->{dir}/1.in") // '') =~ /^MAIL /m }), "$name: AUTH is over")
	  or diag slurp("$home/out") =~ tr/\0/|/r, slurp("$sink->{dir}/1.log");
	like(slurp("$sink->{dir}/1.log"), qr/^C: AUTH /m, "$name: and was asked for");
	is(found($pid, %words), '', "$name: no trace in qmail-remote");
	kill 'TERM', $pid;
	finish_program($pid);
	stop_server($sink);
}

done_testing;
