#!/usr/bin/perl
# Routes and credentials, line by line as they stand in the contract (T1 of outbound 11): every row of the
# table of 3.2, the rules of 2.2, the syntaxes of 3.1 and the order of 3.3, with relays at the very
# ports and addresses that the lines name, in a network of the test's own.  Root, to make that network.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(decode_base64 encode_base64);
use Qferry::Test;
use Qferry::Tls;
use Test::More;

plan skip_all => 'needs root' if $>;
if (!$ENV{ROUTES_INSIDE}) {
	system('unshare -n true 2>/dev/null') == 0 or plan skip_all => 'network namespaces are not permitted here';
	$ENV{ROUTES_INSIDE} = 1;
	exec 'unshare', '-n', $^X, $0 or die "unshare: $!";
}
system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0 or plan skip_all => 'perl has no IO::Socket::SSL';
system('command -v openssl >/dev/null 2>&1') == 0 or plan skip_all => 'no openssl to make certificates';
my @ADDRESSES = ((map {"192.0.2.$_/32"} 7, 10 .. 16, 100, 101), (map {"2001:db8::$_/128"} 1, 100, 101));
system('PATH=$PATH:/sbin:/usr/sbin; ip link set lo up'
	  . join '', map {" && ip addr add $_ dev lo" . (/:/ ? ' nodad' : '')} @ADDRESSES) == 0
  or plan skip_all => 'no ip(8)';

my %IP = (
	'r.net'                 => '192.0.2.10',
	'smtp.elasticemail.com' => '192.0.2.11',
	'bounce.r.net'          => '192.0.2.12',
	'smtp.example.com'      => '192.0.2.13',
	'mailrelay.example.com' => '192.0.2.14',
	'mx.x.org'              => '192.0.2.15',
);
my $dns = start_dns(join '', "x.org MX 10 mx.x.org\nsix.net AAAA 2001:db8::1\n", map {"$_ A $IP{$_}\n"} sort keys %IP);

my $pki = temp_dir();
make_authority($pki, 'ca');
make_certificate($pki, 'all', 'ca', alt => join ',', (map {"DNS:$_"} sort keys %IP), 'IP:2001:db8::1', 'IP:192.0.2.7');
spit("$pki/all.pem", pem($pki, 'all.key', 'all.crt'));

# Relays that write down what they hear and let everybody in: "address port" => sink.  TLS is at every
# relay, from the first octet at ports 465 and 2465; `clear` ones have none.
my %tls;
my %places = (
	'192.0.2.10' => [ 25, 26, 465, 587, 2465 ],
	'192.0.2.11' => [2525],
	'192.0.2.12' => [27],
	'192.0.2.13' => [26],
	'192.0.2.14' => [587],
	'192.0.2.15' => [25],
	'192.0.2.7'  => [26],
	'2001:db8::1' => [587],
);
for my $ip (sort keys %places) {
	for my $port (@{ $places{$ip} }) {
		$tls{"$ip $port"} = start_sink("ehlo-tls AUTH PLAIN\nehlo STARTTLS\nauth 235 welcome\n", '--at', "$ip:$port",
			'--cert', "$pki/all.pem", $port =~ /465/ ? '--tls' : ());
	}
}

my $home;
sub home {
	my (%controls) = @_;
	$home = instance(me => "client.example\n", resolvers => "127.0.0.1:$dns->{port}\n",
		tlspolicy => ":secure ca=$pki/ca.crt\nx.org:may\n", timeoutconnect => "5\n", notipme => "192.0.2.15\n", %controls);
	queue_tree($home);
	return $home;
}

my %seen;    # connections of each sink that were looked at

# One delivery: what it says, and of which relay it was the guest, as whom.
sub deliver {
	my (@argv) = @_;
	my $run = run_program([ 'qmail-remote', @argv ], home => $home, in => "x\n");
	my %result = (report => $run->{out} =~ s/\0/\\0/gr, place => 'nobody', sender => '', user => undef, pass => undef);
	for my $place (keys %tls) {
		my $dir = $tls{$place}{dir};
		while (-e "$dir/" . (($seen{$place} // 0) + 1) . '.in') {
			my $n = ++$seen{$place};
			wait_until(sub { -e "$dir/$n.done" });
			my $log = slurp("$dir/$n.log");
			$result{place} = $place;
			$result{begins} = $log =~ /\ATLS / ? 'implicit' : $log =~ /^TLS /m ? 'STARTTLS' : 'clear';
			(undef, @result{qw(user pass)}) = split /\0/, decode_base64($1), 3 if $log =~ /^C: AUTH PLAIN (\S+)/m;
			($result{sender}) = $log =~ /^C: MAIL FROM:<(.*?)>/m;
			$result{peer} = slurp("$dir/$n.peer");
			($result{helo}) = $log =~ /^C: EHLO (.*)/m;
		}
	}
	return \%result;
}

my @TO = ('dest.example', 's@client.example', 'u@dest.example');

# place "ip port", how TLS begins, user, password
sub goes {
	my ($name, $place, $begins, $user, $pass, @argv) = @_;
	my $r = deliver(@argv ? @argv : @TO);
	my ($ip) = split / /, $place;
	is($r->{report}, "r\\0K$ip accepted message.\nRemote host said: 250 ok queued\n\\0", $name);
	is($r->{place}, $place, '... relay and port');
	is($r->{begins}, $begins, '... TLS');
	is_deeply([ @$r{qw(user pass)} ], [ $user, $pass ], '... credential');
	return $r;
}
sub fails {
	my ($name, $want, @argv) = @_;
	my $r = deliver(@argv ? @argv : @TO);
	is($r->{report}, "$want\n\\0", $name);
	is($r->{user}, undef, '... no credential was sent');
	return $r;
}
sub bad_line { return "ZUnable to read control files. (#4.3.0)\n$_[0]" }

# --- the table of 3.2 ------------------------------------------------------------------------------

my $R = '192.0.2.10';
my @X = ('x.org', 's@client.example', 'u@x.org');
my @table = (
	[ 'outbound 3.2 row 1', ':smtp.elasticemail.com:2525 api_username api_password', '192.0.2.11 2525', 'STARTTLS', 'api_username', 'api_password' ],
	[ 'outbound 3.2 row 2', ':r.net -joe s e c',            "$R 25",   'STARTTLS', 'joe',   's e c' ],
	[ 'outbound 3.2 row 3', ':r.net:587|joe|a|b c:d',       "$R 587",  'STARTTLS', 'joe',   'a|b c:d' ],
	[ 'outbound 3.2 row 4', ':r.net:587 jo|e p|w',          "$R 587",  'STARTTLS', 'jo|e',  'p|w' ],
	[ 'outbound 3.2 row 5', ':r.net:465|joe|pw',            "$R 465",  'implicit', 'joe',   'pw' ],
	[ 'outbound 3.2 row 6', ':r.net;s2465|joe|pw',          "$R 2465", 'implicit', 'joe',   'pw' ],
	[ 'outbound 3.2 row 7', ':[2001:db8::1]:587|joe|pw',    '2001:db8::1 587', 'STARTTLS', 'joe', 'pw' ],
	[ 'outbound 3.2 row 8', ':2001:db8::1;587|joe|pw',      '2001:db8::1 587', 'STARTTLS', 'joe', 'pw' ],
	[ 'outbound 3.2 row 9', ':r.net:587:0 joe pw',          "$R 587",  'STARTTLS', 'joe',   'pw' ],
	[ 'outbound 3.2 row 10', ':r.net::3600:120 joe pw',      "$R 25",   'STARTTLS', 'joe',   'pw' ],
	[ 'outbound 3.2 row 11', "x.org:\n:r.net",               '192.0.2.15 25', 'STARTTLS', undef, undef, \@X ],
	[ 'outbound 3.2 row 12', 'x.org:[192.0.2.7]:26',         '192.0.2.7 26', 'STARTTLS', undef, undef, \@X ],
	[ 'outbound 3.2 row 13', '[192.0.2.9]:r.net',            "$R 25",   'STARTTLS', undef, undef, [ '[192.0.2.9]', 's@x', 'u@[192.0.2.9]' ] ],
	[ 'outbound 3.2 row 14', ":r.net\n!\@:bounce.r.net:27",   '192.0.2.12 27', 'STARTTLS', undef, undef, [ 'x.org', '', 'u@x.org' ] ],
	[ 'outbound 3.2 row 15', 'x.org: r.net',                 "$R 25",   'STARTTLS', undef, undef, \@X ],
	[ 'outbound 3.2 row 16', 'x.org:r.net:',                 "$R 25",   'STARTTLS', undef, undef, \@X ],
	[ 'outbound 3.2 row 17', ':r.net|joe',                   "$R 25",   'STARTTLS', undef, undef ],
);
for my $row (@table) {
	my ($name, $line, $place, $begins, $user, $pass, $argv) = @$row;
	home(smtproutes => "$line\n");
	goes("$name: $line" =~ s/\n/; /r, $place, $begins, $user, $pass, $argv ? @$argv : @TO);
}
home(smtproutes => ":r.net\n!\@:bounce.r.net:27\n");
goes('outbound 3.2 row 14: but not of others', "$R 25", 'STARTTLS', undef, undef);
home(smtproutes => ":r.net\n", authsenders => "\@example.com|generic|passwd\n");
goes('outbound 3.2 row 18: the credential of authsenders, the relay of smtproutes', "$R 25", 'STARTTLS', 'generic', 'passwd',
	'dest.example', 'joe@example.com', 'u@dest.example');
goes('outbound 3.2 row 18: not for others', "$R 25", 'STARTTLS', undef, undef);
home(smtproutes => ":r.net\n", authsenders => "info\@example.com:smtp.example.com:26|o|p\n");
goes('outbound 3.2 row 19', '192.0.2.13 26', 'STARTTLS', 'o', 'p', 'dest.example', 'info@example.com', 'u@dest.example');
home(smtproutes => ":r.net\n", authsenders => ":mailrelay.example.com:587|e=mc2|tp\n");
goes('outbound 3.2 row 20', '192.0.2.14 587', 'STARTTLS', 'e=mc2', 'tp');

# The last column: what may go in clear.  Of these relays none has TLS.
{
	stop_server($tls{"$R 25"});
	$tls{"$R 25"} = start_sink("ehlo AUTH PLAIN\nauth 235 welcome\n", '--at', "$R:25");
	delete $seen{"$R 25"};
	home(smtproutes => ":r.net -joe s e c\n", tlspolicy => '');
	goes('outbound 3.2 row 2: clear is allowed', "$R 25", 'clear', 'joe', 's e c');
	for my $line (':r.net joe pw', ':r.net|joe|pw', ':r.net::3600:120 joe pw', ':r.net|-joe|pw') {
		home(smtproutes => "$line\n", tlspolicy => '');
		my $r = deliver(@TO);
		like($r->{report}, qr/\AZConnected to \Q$R\E but TLS /, "outbound 3.2: $line: clear is not allowed");
		is($r->{user}, undef, '... no credential was sent');
	}
	home(smtproutes => ":r.net\n", authsenders => "|generic|passwd\n", tlspolicy => '');
	is(deliver(@TO)->{user}, undef, 'outbound 3.2 row 18: clear is not allowed');
	home(smtproutes => ":r.net joe pw\n", tlspolicy => '', authclear => "R.net\n");
	goes('outbound 3.5: but control/authclear lets it', "$R 25", 'clear', 'joe', 'pw');
	home(smtproutes => ":r.net --x pw\n", tlspolicy => '');
	goes('outbound 3.2 step 8: "--x" is user "-x"', "$R 25", 'clear', '-x', 'pw');
	stop_server($tls{"$R 25"});
	$tls{"$R 25"} = start_sink("ehlo-tls AUTH PLAIN\nehlo STARTTLS\nauth 235 welcome\n", '--at', "$R:25", '--cert', "$pki/all.pem");
	delete $seen{"$R 25"};
}

# --- the steps of the parse procedure ----------------------------------------------------------------

my @steps = (
	[ 'outbound 3.2 step 1: blanks, CR, comments, empty lines, BOM', "\xef\xbb\xbf#x\n\n:r.net:587 joe pw \t\r\n", "$R 587", 'STARTTLS', 'joe', 'pw' ],
	[ 'outbound 3.2 step 2: key up to the first colon outside brackets', "[IPv6:2001:db8::9]:r.net:587\n", "$R 587", 'STARTTLS', undef, undef,
		[ '[IPv6:2001:db8::9]', 's@x', 'u@[IPv6:2001:db8::9]' ] ],
	[ 'outbound 3.2 step 3: leading blanks', ": \t r.net:587 joe pw\n", "$R 587", 'STARTTLS', 'joe', 'pw' ],
	[ 'outbound 3.2 step 4: the first of | and blank decides: blank', ":r.net:587 joe|x p\n", "$R 587", 'STARTTLS', 'joe|x', 'p' ],
	[ 'outbound 3.2 step 4: the first of | and blank decides: pipe', ":r.net:587|joe x|p\n", "$R 587", 'STARTTLS', 'joe x', 'p' ],
	[ 'outbound 3.2 step 4: tab is a blank', ":r.net:587\tjoe\tp\n", "$R 587", 'STARTTLS', 'joe', 'p' ],
	[ 'outbound 3.2 step 5: a semicolon before a port', ":r.net;587\n", "$R 587", 'STARTTLS' ],
	[ 'outbound 3.2 step 5: IPv6: in brackets', ":[IPv6:2001:db8::1]:587\n", '2001:db8::1 587', 'STARTTLS' ],
	[ 'outbound 3.2 step 6: no digits: 25', ":r.net:\n", "$R 25", 'STARTTLS' ],
	[ 'outbound 3.2 step 6: s before the port', ":r.net:s2465\n", "$R 2465", 'implicit' ],
	[ 'outbound 3.2 step 6: 465 is TLS', ":r.net:465\n", "$R 465", 'implicit' ],
	[ 'outbound 3.2 step 7: penalty and tolerance', ":r.net:587:60:5\n", "$R 587", 'STARTTLS' ],
	[ 'outbound 3.2 step 8: in the pipe form - is a byte', ":r.net:587|-joe|pw\n", "$R 587", 'STARTTLS', '-joe', 'pw' ],
	[ 'outbound 3.2 step 9: no password: no credential, but the route', ":r.net:587 joe\n", "$R 587", 'STARTTLS' ],
	[ 'outbound 3.2 step 9: empty user', ":r.net:587||pw\n", "$R 587", 'STARTTLS' ],
	[ 'outbound 3.2 step 10: a credential for no relay, in smtproutes', "x.org:|joe|pw\n:r.net\n", '192.0.2.15 25', 'STARTTLS', undef, undef, \@X ],
);
for my $row (@steps) {
	my ($name, $file, $place, $begins, $user, $pass, $argv) = @$row;
	home(smtproutes => $file);
	goes($name, $place, $begins, $user, $pass, $argv ? @$argv : @TO);
}
for my $value ('r.net:65536', 'r.net:x', 'r.net:26abc', 'r.net:s2s', 'r.net:25:a', '[192.0.2.7', 'r.net:0') {
	home(smtproutes => "x.org:$value\n:r.net\n");
	fails("outbound 3.2 step 6: $value", bad_line('control/smtproutes:1: not a route'), @X);
	goes('... is of no concern to others', "$R 25", 'STARTTLS', undef, undef);
}
home(authsenders => "|joe|pw\n");
goes('outbound 3.2 step 10: never to a host that only MX data named', '192.0.2.15 25', 'STARTTLS', undef, undef, @X);

# --- 2.2: which line ---------------------------------------------------------------------------------

my @A = ('a.x.org', 's@client.example', 'u@a.x.org');
my @rules = (
	[ 'case does not matter',           "X.ORG:r.net:587\n:r.net\n",           "$R 587", \@X ],
	[ 'whole host before suffix',       ".x.org:r.net\na.x.org:r.net:587\n",   "$R 587", \@A ],
	[ '.x.org matches a.x.org',         ".x.org:r.net:587\n:r.net\n",          "$R 587", \@A ],
	[ '.x.org does not match x.org',    ".x.org:r.net:587\n:r.net\n",          "$R 25",  \@X ],
	[ 'x.org does not match a.x.org',   "x.org:r.net:587\n:r.net\n",           "$R 25",  \@A ],
	[ 'the longest suffix',             ".x.org:r.net:587\n.org:r.net\n:r.net:26\n", "$R 587", \@A ],
	[ 'the last of equal keys',         "x.org:r.net\nx.org:r.net:587\n",      "$R 587", \@X ],
	[ 'an empty value ends the search', "x.org:\n:r.net\n",                    '192.0.2.15 25', \@X ],
	[ 'a dot at the end of the host',   "x.org:r.net:587\n:r.net\n",           "$R 587", [ 'x.org.', 's@x', 'u@x.org.' ] ],
	[ 'no relay\'s MX',                 ":r.net:587\n",                        "$R 587", \@X ],
	[ 'bounces go the same way',        "x.org:r.net:587\n",                   "$R 587", [ 'x.org', '', 'u@x.org' ] ],
	[ 'a line without colon is none',   "x.org\n:r.net:587\n",                 "$R 587", \@X ],
);
for my $row (@rules) {
	my ($name, $file, $place, $argv) = @$row;
	home(smtproutes => $file);
	goes("outbound 2.2: $name", $place, 'STARTTLS', undef, undef, @$argv);
}

# --- 3.1: the syntaxes of the patches ------------------------------------------------------------------

my $secret = encode_base64("\0joe\0p w", '');
my @syntaxes = (
	[ 'C', { smtproutes => ":r.net:587 joe p w\n" }, "$R 587", 'STARTTLS', 'joe', 'p w' ],
	[ 'J', { smtproutes => ":r.net:587 -joe p w\n" }, "$R 587", 'STARTTLS', 'joe', 'p w' ],
	[ 'I', { smtproutes => ":r.net:587:0:0 joe p w\n" }, "$R 587", 'STARTTLS', 'joe', 'p w' ],
	[ 'I, empty port', { smtproutes => ":r.net::0 joe p w\n" }, "$R 25", 'STARTTLS', 'joe', 'p w' ],
	[ 'P', { smtproutes => ":r.net:587|joe|p|w:x\n" }, "$R 587", 'STARTTLS', 'joe', 'p|w:x' ],
	[ 'S', { smtproutes => ":2001:db8::1;587|joe|p w\n" }, '2001:db8::1 587', 'STARTTLS', 'joe', 'p w' ],
	[ 'S, implicit TLS', { smtproutes => ":r.net;s465|joe|p w\n" }, "$R 465", 'implicit', 'joe', 'p w' ],
	[ 'A', { authsenders => "\@client.example:r.net:587|joe|p w\n" }, "$R 587", 'STARTTLS', 'joe', 'p w' ],
	[ 'A2', { authsenders => "\@client.example:r.net;587|joe|p w\n" }, "$R 587", 'STARTTLS', 'joe', 'p w' ],
	[ 'A3', { authsenders => "\@client.example|joe|p w\n", smtproutes => ":r.net:587\n" }, "$R 587", 'STARTTLS', 'joe', 'p w' ],
	[ 'R', { remotesecrets => "R.net:joe:p:w\n", smtproutes => ":r.net:587\n" }, "$R 587", 'STARTTLS', 'joe', 'p:w' ],
	[ 'R, not where the relay is not selected', { remotesecrets => "mx.x.org:joe:p:w\n", tlspolicy => '' }, '192.0.2.15 25', 'STARTTLS', undef, undef, \@X ],
	[ 'O', { remoteauth => "r.net::$secret\n", smtproutes => ":r.net:587\n" }, "$R 587", 'STARTTLS', 'joe', 'p w' ],
	[ 'B', { smtproutes => ":r.net\n!\@:r.net:587\n" }, "$R 587", 'STARTTLS', undef, undef, [ 'x.org', '', 'u@x.org' ] ],
	[ 'M', { smtproutes => ":r.net\nU\@x.org:r.net:587\n" }, "$R 587", 'STARTTLS', undef, undef, \@X ],
);
for my $row (@syntaxes) {
	my ($id, $controls, $place, $begins, $user, $pass, $argv) = @$row;
	home(%$controls);
	goes("outbound 3.1 $id", $place, $begins, $user, $pass, $argv ? @$argv : @TO);
}
home(remoteauth => "r.net:boss\@firm.example:$secret\n", smtproutes => ":r.net:587\n");
is(goes('outbound 3.1 O: with a sender', "$R 587", 'STARTTLS', 'joe', 'p w')->{sender}, 'boss@firm.example', '... which takes the place of ours');
is(goes('outbound 3.1 O: bounces', "$R 587", 'STARTTLS', 'joe', 'p w', 'x.org', '', 'u@x.org')->{sender}, '', '... stay without sender');
home(remoteauth => "r.net:boss\@firm.example:$secret\n", smtproutes => ":r.net:587 u p\n");
is(goes('outbound 3.3: O only where the line has no credential', "$R 587", 'STARTTLS', 'u', 'p')->{sender}, 's@client.example', '... and the sender stays');
home(remoteauth => "r.net::nonsense!\n", smtproutes => "x.org:[192.0.2.7]:26\n:r.net:587\n");
fails('outbound 3.1 O: a line that is none', bad_line('control/remoteauth:1: not a credential'));
goes('... is of no concern to other relays', '192.0.2.7 26', 'STARTTLS', undef, undef, @X);

# --- 3.3: the order --------------------------------------------------------------------------------------

home(authsenders => "s\@client.example:r.net:587|1|p\n\@client.example:r.net|2|p\n.example:r.net|3|p\n.org:r.net|5|p\n:r.net|4|p\n!\@:r.net:26|6|p\n.last\@many.example:r.net|7|p\n");
goes('outbound 3.3 row 1: the whole sender', "$R 587", 'STARTTLS', '1', 'p');
goes('outbound 3.3 row 1: its domain', "$R 25", 'STARTTLS', '2', 'p', 'dest.example', 'x@client.example', 'u@dest.example');
goes('outbound 3.3 row 1: a suffix at a dot', "$R 25", 'STARTTLS', '3', 'p', 'dest.example', 'x@other.example', 'u@dest.example');
goes('outbound 3.3 row 1: dots of the local part count', "$R 25", 'STARTTLS', '7', 'p', 'dest.example', 'first.last@many.example', 'u@dest.example');
goes('outbound 3.3 row 1: the empty key', "$R 25", 'STARTTLS', '4', 'p', 'dest.example', 'x@z.net', 'u@dest.example');
goes('outbound 3.3 row 1: !@', "$R 26", 'STARTTLS', '6', 'p', 'dest.example', '', 'u@dest.example');
home(authsenders => "s\@client.example:\n:r.net:587|4|p\n");
goes('outbound 3.3 row 1: an empty value is no match', "$R 587", 'STARTTLS', '4', 'p');
home(authsenders => "\@client.example:r.net:587\n", smtproutes => "u\@dest.example:r.net\n");
goes('outbound 3.3 rows 1, 2: authsenders before the recipient', "$R 587", 'STARTTLS', undef, undef);
my %byhost = (smtproutes => "!\@:r.net:26\nu\@x.org:r.net:587\nx.org:r.net\n:bounce.r.net:27\n");
home(%byhost);
goes('outbound 3.3 rows 2, 3: the recipient before !@', "$R 587", 'STARTTLS', undef, undef, 'x.org', '', 'u@x.org');
goes('outbound 3.3 rows 3, 4: !@ before the host', "$R 26", 'STARTTLS', undef, undef, 'x.org', '', 'v@x.org');
goes('outbound 3.3 row 4: the host before the empty key', "$R 25", 'STARTTLS', undef, undef, 'x.org', 's@x', 'v@x.org');
my $two = deliver('x.org', 's@x', 'u@x.org', 'v@x.org');
is($two->{place}, "$R 25", 'outbound 3.3: no recipient\'s key for several recipients');
home();
goes('outbound 3.3 row 5: MX', '192.0.2.15 25', 'STARTTLS', undef, undef, @X);

my %all = (
	smtproutes    => ":r.net:587 line p\n",
	authsenders   => "|a3|p\n",
	remotesecrets => "r.net:secret:p\nr.net:587:port:p\n:any:p\n",
	remoteauth    => 'r.net::' . encode_base64("\0auth\0p", '') . "\n",
);
home(%all);
goes('outbound 3.3 credentials: the selected line', "$R 587", 'STARTTLS', 'line', 'p');
home(%all, smtproutes => ":r.net:587\n");
goes('outbound 3.3 credentials: then authsenders without a relay', "$R 587", 'STARTTLS', 'a3', 'p');
home(%all, smtproutes => ":r.net:587\n", authsenders => '');
goes('outbound 3.3 credentials: then remotesecrets', "$R 587", 'STARTTLS', 'secret', 'p');
home(%all, smtproutes => ":r.net:587\n", authsenders => '', remotesecrets => '');
goes('outbound 3.3 credentials: then remoteauth', "$R 587", 'STARTTLS', 'auth', 'p');
home(smtproutes => ":R.NET:587\n", remotesecrets => "r.net:587:port:p\n:any:p\n");
goes('outbound 3.3 credentials: the relay with its port', "$R 587", 'STARTTLS', 'port', 'p');
home(smtproutes => ":r.net:26\n", remotesecrets => "r.net:587:port:p\n:any:p\n");
goes('outbound 3.3 credentials: the empty key', "$R 26", 'STARTTLS', 'any', 'p');
home(authsenders => ":r.net:587\n", remotesecrets => "r.net:secret:p\n");
goes('outbound 3.3 credentials: also of a relay of authsenders', "$R 587", 'STARTTLS', 'secret', 'p');

# --- 3.4: files that cannot be read ----------------------------------------------------------------------

for my $file (qw(remotesecrets remoteauth)) {
	home(smtproutes => "x.org:r.net:587 joe pw\ny.org:\n:r.net:587\n");
	mkdir "$home/control/$file" or die;
	fails("outbound 3.4: unreadable $file: a route that needs it", bad_line("control/$file: unreadable: Is a directory"));
	goes('... and one that does not', "$R 587", 'STARTTLS', 'joe', 'pw', @X);
}
for my $file (qw(smtproutes qmtproutes)) {
	home(authsenders => "a\@b:r.net:587|joe|pw\n");
	mkdir "$home/control/$file" or die;
	fails("outbound 3.4: unreadable $file: every delivery", bad_line("control/$file: unreadable: Is a directory"), @X);
	goes('... but those that authsenders decides', "$R 587", 'STARTTLS', 'joe', 'pw', 'x.org', 'a@b', 'u@x.org');
}

# --- 2.5: from which address ---------------------------------------------------------------------------------

sub comes_from {
	my ($name, $place, $peer, @argv) = @_;
	my $r = deliver(@argv ? @argv : @TO);
	is($r->{place}, $place, $name) or diag $r->{report};
	is($r->{peer}, $peer, '... from');
	return $r;
}
my @CLIENT = ('dest.example', 's@one.example', 'u@dest.example');
my @V6 = ('v6.example', 's@one.example', 'u@v6.example');
my %sources = (
	smtproutes   => "v6.example:[2001:db8::1]:587\n:r.net:587\n",
	outgoingip   => "192.0.2.100\n",
	outgoingip6  => "2001:db8::100\n",
	helohost     => "all.example\n",
);
home(%sources);
comes_from('outbound 2.5: outgoingip', "$R 587", '192.0.2.100', @CLIENT);
comes_from('outbound 2.5: outgoingip6', '2001:db8::1 587', '2001:db8::100', @V6);
home(%sources, domainips => "one.example:192.0.2.101%eth0|one.example\none.example:2001:db8::101\n*:192.0.2.16|other.example\n");
is(comes_from('outbound 2.5: domainips', "$R 587", '192.0.2.101', @CLIENT)->{helo}, 'one.example', '... as');
is(comes_from('outbound 2.5: domainips, IPv6', '2001:db8::1 587', '2001:db8::101', @V6)->{helo}, 'one.example', '... as');
is(comes_from('outbound 2.5: domainips, *', "$R 587", '192.0.2.16')->{helo}, 'other.example', '... as');
is(comes_from('outbound 2.5: domainips, * says nothing of IPv6', '2001:db8::1 587', '2001:db8::100', 'v6.example', 's@x', 'u@v6.example')->{helo},
	'other.example', '... as');
home(%sources, smtproutes => ":\@r\n", domainips => "one.example:192.0.2.101|one.example\n");
spit("$home/control/routes/r/relay", "[2001:db8::1]:587\nr.net:587 1\n");
spit("$home/control/routes/r/source", "192.0.2.16\n2001:db8::101\n");
spit("$home/control/routes/r/helo", "route.example\n");
is(comes_from('outbound 2.5: source of a route', '2001:db8::1 587', '2001:db8::101', @CLIENT)->{helo}, 'route.example', '... as');
spit("$home/control/routes/r/relay", "r.net:587\n");
comes_from('outbound 2.5: source of a route, IPv4', "$R 587", '192.0.2.16', @CLIENT);
spit("$home/control/routes/r/source", "192.0.2.200\n");
is(deliver(@CLIENT)->{report}, "ZCan't bind to local ip address: 192.0.2.200. (#4.3.0)\n\\0", 'outbound 2.5: a source that is not ours');
spit("$home/control/routes/r/source", "0.0.0.0\n");
comes_from('outbound 2.5: 0.0.0.0 is whatever the system likes', "$R 587", $R, @CLIENT);

done_testing();
