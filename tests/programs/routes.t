#!/usr/bin/perl
# Named routes (control/routes/NAME) and what belongs to them: several relays, profiles, who may use
# them, as whom we go, credentials that were refused, and that none of it gets mixed up over kept
# connections (outbound 3.2 to 3.5; T9 and T10 of outbound 11).  The plain lines are in root/routes.t.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(decode_base64 encode_base64);
use Qferry::Spawn ();
use Qferry::Test;
use Qferry::Tls;
use Test::More;

my $P = '127.0.0.1';
my $AUTH = "ehlo AUTH PLAIN LOGIN\nauth 235 welcome\n";
my @TO = ('dest.example', 's@client.example', 'u@dest.example');

# A home with a route; its files as name => text.  Relays are "$P:PORT" of the sinks: A, B in the texts.
my ($home, %sink);
sub sinks {
	my (%scripts) = @_;
	stop_server($_) for values %sink;
	%sink = map { $_ => start_sink($scripts{$_}) } keys %scripts;
}
sub home {
	my (%files) = @_;
	my $fill = sub { my ($text) = @_; $text =~ s/\b([AB])\b/"$P:" . ($sink{$1} ? $sink{$1}{port} : 1)/ge; $text };
	my %controls = map { $_ => $fill->($files{$_}) } grep { !m{^routes/} } keys %files;
	$home = instance(me => "client.example\n", smtproutes => ":\@r\n", %controls);
	queue_tree($home);
	symlink top() . '/profiles', "$home/profiles" or die;
	spit("$home/control/$_", $fill->($files{$_})) for grep {m{^routes/}} keys %files;
}

sub run_remote { my (@argv) = @_; return run_program([ 'qmail-remote', @argv ? @argv : @TO ], home => $home, in => "x\n")->{out} =~ s/\0/\\0/gr }
sub accepted { return "r\\0K$P accepted message.\nRemote host said: 250 ok queued\n\\0" }
sub bad { my ($where) = @_; return "ZUnable to read control files. (#4.3.0)\n$where\n\\0" }

# What connection N to a sink said, whole.
sub said {
	my ($name, $n) = @_;
	my $dir = $sink{$name}{dir};
	return '' unless -e "$dir/" . ($n || 1) . '.in';
	wait_until(sub { -e "$dir/" . ($n || 1) . '.done' });
	return slurp("$dir/" . ($n || 1) . '.log');
}
sub credential { my ($log) = @_; return $log =~ /^C: AUTH PLAIN (\S+)/m ? join '/', (split /\0/, decode_base64($1))[ 1, 2 ] : '' }
sub connections { my ($name) = @_; return scalar grep { -e "$sink{$name}{dir}/$_.in" } 1 .. 50 }

# --- one value a file ------------------------------------------------------------------------------------

sinks(A => $AUTH);
home('routes/r/relay' => "A\n", 'routes/r/user' => "joe\n", 'routes/r/password' => "p w|x \n", 'routes/r/helo' => "hello.example\n");
is(run_remote(), accepted(), 'routes: relay, user, password, helo');
is(credential(said('A')), 'joe/p w|x', '... the credential');
like(said('A'), qr/^C: EHLO hello\.example$/m, '... our name');

sinks(A => $AUTH);
home('routes/r/relay' => "$P\n", 'routes/r/port' => "$sink{A}{port}\n", 'routes/r/authmechs' => "LOGIN PLAIN\n", 'routes/r/user' => "joe\n",
	'routes/r/password' => "pw\n", authmechs => "$P:PLAIN\n");
is(run_remote(), accepted(), 'routes: port, authmechs');
like(said('A'), qr/^C: AUTH LOGIN/m, '... the order of the route, not that of control/authmechs');

for my $row (
	[ 'no relay',          { 'routes/r/user' => "u\n" }, 'control/routes/r/relay:1: missing' ],
	[ 'no such route',     {},                           'control/routes/r/relay:1: missing' ],
	[ 'an empty relay',    { 'routes/r/relay' => "#\n" }, 'control/routes/r/relay:1: missing' ],
	[ 'a relay that is none', { 'routes/r/relay' => "A\nr.net:x\n" }, 'control/routes/r/relay:2: not a relay' ],
	[ 'a credential there',   { 'routes/r/relay' => "A joe pw\n" }, 'control/routes/r/relay:1: not a relay' ],
	[ 'too many relays',   { 'routes/r/relay' => "A\n" x 17 }, 'control/routes/r/relay:17: not a relay' ],
	[ 'port',              { 'routes/r/relay' => "r.net\n", 'routes/r/port' => "x\n" }, 'control/routes/r/port:1: not a port' ],
	[ 'no password',       { 'routes/r/relay' => "A\n", 'routes/r/user' => "u\n" }, 'control/routes/r/password:1: missing, and there is no token for the user either' ],
	[ 'tls',               { 'routes/r/relay' => "A\n", 'routes/r/tls' => "strict\n" }, 'control/routes/r/tls:1: not a TLS policy' ],
	[ 'an empty tls',      { 'routes/r/relay' => "A\n", 'routes/r/tls' => "\n" }, 'control/routes/r/tls:1: not a TLS policy' ],
	[ 'source',            { 'routes/r/relay' => "A\n", 'routes/r/source' => "host\n" }, 'control/routes/r/source:1: not an IP address' ],
	[ 'helo',              { 'routes/r/relay' => "A\n", 'routes/r/helo' => "a b\n" }, 'control/routes/r/helo:1: not a name' ],
	[ 'no such profile',   { 'routes/r/profile' => "none\n" }, 'control/routes/r/profile:1: no such profile: No such file or directory' ],
	[ 'not a profile',     { 'routes/r/profile' => "../x\n" }, 'control/routes/r/profile:1: not the name of a profile' ],
	[ 'no region',         { 'routes/r/profile' => "ses\n" }, "control/routes/r/region: missing, and the relay's name needs it" ],
	[ 'domainips',         { 'routes/r/relay' => "A\n", domainips => "client.example:x\n" }, 'control/domainips:1: not an address and a name' ],
  )
{
	my ($name, $files, $where) = @$row;
	home(%$files);
	is(run_remote(), bad($where), "routes, broken: $name");
}
for my $file (qw(relay port user password senders source helo tls authmechs profile)) {
	home('routes/r/relay' => "A\n", 'routes/r/user' => "u\n", 'routes/r/password' => "p\n");
	unlink "$home/control/routes/r/$file";
	mkdir "$home/control/routes/r/$file" or die;
	is(run_remote(), bad("control/routes/r/$file: unreadable: Is a directory"), "routes, unreadable: $file");
}

# --- who may use it ----------------------------------------------------------------------------------------

sinks(A => '');
home('routes/r/relay' => "A\n", 'routes/r/senders' => "joe\@one.example\n\@two.example\nthree.example\n.four.example\n!@\n");
for my $sender ('joe@ONE.example', 'x@two.example', 'x@Three.example', 'x@sub.four.example', '') {
	is(run_remote('dest.example', $sender, 'u@dest.example'), accepted(), "routes: senders: '$sender' may");
}
my $NOT = "ZSorry, this sender may not use that route. (#4.7.1)\ncontrol/routes/r/senders: does not list the sender\n\\0";
for my $sender ('jim@one.example', 'x@four.example', 'x@sub.two.example', 'x@xtwo.example', 'nobody') {
	is(run_remote('dest.example', $sender, 'u@dest.example'), $NOT, "routes: senders: '$sender' may not");
}
spit("$home/control/routes/r/senders", "one.example\n");
is(run_remote('dest.example', '', 'u@dest.example'), $NOT, 'routes: senders: bounces only where !@ lets them');
spit("$home/control/smtproutes", "dest.example:\@r\n:$P:$sink{A}{port}\n");
is(run_remote(), $NOT, 'routes: senders: no other line takes its place');

# --- TLS ---------------------------------------------------------------------------------------------------

sinks(A => $AUTH);
home('routes/r/relay' => "A\n", 'routes/r/user' => "u\n", 'routes/r/password' => "p\n", 'routes/r/tls' => "encrypt\n", tlspolicy => "$P:may\n");
like(run_remote(), qr/\AZConnected to \Q$P\E but TLS /, 'routes: tls is asked before tlspolicy');
is(credential(said('A')), '', '... no credential in clear');
home('routes/r/relay' => "A\n", 'routes/r/user' => "u\n", 'routes/r/password' => "p\n", 'routes/r/tls' => "may\n", tlspolicy => "$P:encrypt\n");
is(run_remote(), accepted(), 'routes: tls lowers what tlspolicy wants');

# --- several relays ------------------------------------------------------------------------------------------

my %joe = ('routes/r/user' => "joe\n", 'routes/r/password' => "pw\n");
sinks(A => $AUTH, B => $AUTH);
home(%joe, 'routes/r/relay' => "B 20\nA 10\n");
is(run_remote(), accepted(), 'relays: in order') for 1 .. 3;
is(connections('A') . connections('B'), '30', '... the lowest order first');
for my $script ('greeting 450 no', 'greeting 554 no', 'greeting close', "ehlo 502 no", 'ehlo HELP', "ehlo AUTH PLAIN\nauth 454 later", "ehlo AUTH PLAIN\nauth close", "${AUTH}mail 450 no", "${AUTH}mail 421 no", "${AUTH}mail close") {
	(my $name = $script) =~ s/\n/; /g;
	sinks(A => "$script\n", B => $AUTH);
	home(%joe, 'routes/r/relay' => "A 10\nB 20\n");
	is(run_remote(), accepted(), "relays: $name: the next");
	is(credential(said('B')), 'joe/pw', '... with the credential');
}
sinks(A => $AUTH, B => $AUTH);
home(%joe, 'routes/r/relay' => "$P:1 10\nB 20\n");
is(run_remote(), accepted(), 'relays: not connected: the next');
for my $script ("ehlo AUTH PLAIN\nauth 535 no", "${AUTH}mail 550 no", "${AUTH}rcpt 450 no", "${AUTH}data 450 no", "${AUTH}dot 450 no") {
	(my $name = $script) =~ s/\n/; /g;
	sinks(A => "$script\n", B => $AUTH);
	home(%joe, 'routes/r/relay' => "A 10\nB 20\n");
	unlike(run_remote(), qr/accepted message/, "relays: $name: no other");
	is(connections('B'), 0, '... is asked');
}
sinks(A => "greeting 450 a\n", B => "greeting 450 b\n");
home(%joe, 'routes/r/relay' => "A 10\nB 20\n", logdetail => "1\n");
like(run_remote(), qr/^relay=\Q$P\E\[\Q$P\E\]:$sink{B}{port};/m, 'relays: logdetail names the port of the second');
sinks(A => "greeting 450 a\n", B => "greeting 450 b\n");
home(%joe, 'routes/r/relay' => "A 10\nB 20\n");
is(run_remote(), "ZConnected to $P but greeting failed.\nRemote host said: 450 b\n\\0", 'relays: the report is that of the last');
sinks(A => "mail 450 a\n");
home('routes/r/relay' => "A\n");
is(run_remote(), "ZConnected to $P but sender was rejected.\nRemote host said: 450 a\n\\0", 'relays: one');
is(connections('A'), 1, '... is asked once');

{
	my $dns = start_dns("good.example A $P\nsoft.example A !servfail\nsoft.example AAAA !servfail\n");
	sinks(A => '');
	home(resolvers => "$P:$dns->{port}\n", 'routes/r/relay' => "none.example\nsoft.example\ngood.example:$sink{A}{port} 1\n");
	is(run_remote(), accepted(), 'relays: those that are not found are left out');
	home(resolvers => "$P:$dns->{port}\n", 'routes/r/relay' => "none.example\nsoft.example\n");
	is(run_remote(), "ZSorry, I couldn't find any host by that name. (#4.1.2)\n\\0", 'relays: one may be found later');
	home(resolvers => "$P:$dns->{port}\n", 'routes/r/relay' => "none.example\nnone2.example 1\n");
	is(run_remote(), "DSorry, I couldn't find any host named none.example. (#5.1.2)\n\\0", 'relays: none exists');
}

# --- the examples --------------------------------------------------------------------------------------------

for my $name (qw(pair ses)) {
	my $dns = start_dns("x A $P\n");
	home(resolvers => "$P:$dns->{port}\n", map { m{([^/]+)$}; "routes/r/$1" => slurp($_) } glob top() . "/control-examples/routes/$name/*");
	like(run_remote('dest.example', 'joe@example.com', 'u@dest.example'), qr/\ADSorry, I couldn't find any host named (?:smtp[12]|email-smtp\.eu-west-1)\./,
		"examples: $name is understood");
}

# --- profiles ------------------------------------------------------------------------------------------------

for my $profile (map {m{([^/]+)$}} glob top() . '/profiles/*') {
	my $dns = start_dns(join '', map {"$_ A $P\n"} 'email-smtp.eu-west-1.amazonaws.com', map { slurp($_) =~ s/\n//r } grep { slurp($_) !~ /\{/ } glob top() . '/profiles/*/relay');
	sinks(A => $AUTH);
	home(%joe, resolvers => "$P:$dns->{port}\n", 'routes/r/profile' => "$profile\n", 'routes/r/region' => "eu-west-1\n", 'routes/r/port' => "$sink{A}{port}\n",
		'routes/r/tls' => "may\n");
	is(run_remote(), accepted(), "profiles: $profile: what the route says wins, the relay is the profile's");
	is(connections('A'), 1, '... which was reached');
	home(%joe, resolvers => "$P:$dns->{port}\n", 'routes/r/profile' => "$profile\n", 'routes/r/region' => "eu-west-1\n", 'routes/r/port' => "$sink{A}{port}\n");
	like(run_remote(), qr/\AZConnected to \Q$P\E but TLS /, '... and wants TLS');
}

# --- as whom -----------------------------------------------------------------------------------------------

sinks(A => '');
my %ips = (domainips => "client.example:|one.example\n*:|two.example\n", 'routes/r/relay' => "A\n");
home(%ips);
is(run_remote(), accepted(), 'domainips');
like(said('A', 1), qr/^C: EHLO one\.example$/m, '... the name for the domain');
is(run_remote('dest.example', '', 'u@dest.example'), accepted(), 'domainips: a bounce');
like(said('A', 2), qr/^C: EHLO two\.example$/m, '... the name for all others');
home(%ips, 'routes/r/helo' => "three.example\n");
is(run_remote(), accepted(), 'domainips and the route');
like(said('A', 3), qr/^C: EHLO three\.example$/m, '... the name of the route');

# --- a credential that was refused (outbound 3.5, last row) ----------------------------------------------------

my $REFUSED = "ZConnected to $P but authentication was rejected (PLAIN). (#4.7.8)\nRemote host said: 535-5.7.8 no\n535 5.7.8 way\n\\0";
my $refuse = "ehlo AUTH PLAIN\nuser joe right\n\@1 auth 535-5.7.8 no|535 5.7.8 way\n\@2 auth 535-5.7.8 no|535 5.7.8 way\n";
sinks(A => $refuse);
home(%joe, 'routes/r/relay' => "A\n");
is(run_remote(), $REFUSED, 'lock-out: without state/db') for 1, 2;
is(connections('A'), 2, '... nothing is remembered');
sinks(A => $refuse, B => "ehlo AUTH PLAIN\nauth 454 later\n");
home(%joe, 'routes/r/relay' => "A\n");
mkdir "$home/state";
mkdir "$home/state/db", 0700;
is(run_remote(), $REFUSED, 'lock-out: refused');
is(run_remote(), $REFUSED, 'lock-out: the same report');
is(connections('A'), 1, '... without a connection');
spit("$home/control/routes/r/user", "jim\n");
is(run_remote(), $REFUSED, 'lock-out: another user is tried');
is(connections('A'), 2, '... at once');
spit("$home/control/routes/r/user", "joe\n");
spit("$home/control/routes/r/password", "right\n");
is(run_remote(), accepted(), 'lock-out: a new password is tried at once');
spit("$home/control/routes/r/password", "pw\n");
is(run_remote(), $REFUSED, 'lock-out: the old one is remembered still');
is(connections('A'), 3, '... and not sent');
spit("$home/control/routes/r/relay", "$P:$sink{B}{port}\n");
is(run_remote(), $REFUSED, 'lock-out: of the same relay, whatever the port');
spit("$home/control/routes/r/relay", "[127.0.0.2]:$sink{B}{port}\n");
is(run_remote(), "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n\\0", 'lock-out: another relay is tried');
spit("$home/control/routes/r/relay", "$P:$sink{A}{port}\nlocalhost.invalid 10\n");
like(run_remote(), qr/\ADSorry, I couldn't find any host named localhost\.invalid/, 'lock-out: of several relays the others are left');
{
	sinks(A => "ehlo AUTH PLAIN\nauth 454 later\n");
	home(%joe, 'routes/r/relay' => "A\n");
	mkdir "$home/state";
	mkdir "$home/state/db", 0700;
	like(run_remote(), qr/454 later/, 'lock-out: 454') for 1, 2;
	is(connections('A'), 2, '... is not remembered');
	my $long = join '|', map { sprintf '535-%s', 'x' x 70 } 1 .. 20;
	sinks(A => "ehlo AUTH PLAIN\nauth $long|535 end\n");
	spit("$home/control/routes/r/relay", "$P:$sink{A}{port}\n");
	my $first = run_remote();
	my $second = run_remote();
	is(connections('A'), 1, 'lock-out: a long reply');
	is(substr($second, 0, 1000), substr($first, 0, 1000), '... is remembered as far as there is room');
}

# --- kept connections (T9, T10) --------------------------------------------------------------------------------

my $OK = "\0K$P accepted message.\nRemote host said: 250 ok queued\n\0";
sub spawner {
	spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n");
	my $spawner = Qferry::Spawn::spawner($home, ['qmail-rspawn']);
	Qferry::Spawn::greeting($spawner, 1);
	return $spawner;
}
# Who each message came from and as whom, by connection: "joe/pw:s1 s2".
sub guests {
	my ($name) = @_;
	my @guests;
	for my $n (1 .. 50) {
		my $log = said($name, $n) or last;
		push @guests, credential($log) . ':' . join ' ', $log =~ /^C: MAIL FROM:<(.*?)>/mg;
	}
	return @guests;
}
sub deliver { my ($spawner, $sender) = @_; return Qferry::Spawn::deliver($spawner, 'u@dest.example', sender => $sender) }

sinks(A => $AUTH);
home(smtproutes => ":A\n", authsenders => "\@one|joe|1\n\@two|joe|2\n\@three:\@r\n\@four:\@r2\n", %joe, 'routes/r/relay' => "A\n", 'routes/r2/relay' => "A\n",
	'routes/r2/user' => "joe\n", 'routes/r2/password' => "pw\n");
{
	my $spawner = spawner();
	is(deliver($spawner, "s$_"), $OK, "T9: delivery for s$_")
	  for '0@zero', '1@one', '2@two', '3@one', '4@two', '5@three', '6@four', '7@three', '8@four', '9@zero', '10@one';
	Qferry::Spawn::finish($spawner);
	my @guests = guests('A');
	my %as = ('zero' => '', one => 'joe/1', two => 'joe/2', three => 'joe/pw', four => 'joe/pw');
	my @wrong = grep {
		my ($who, $list) = /^(.*?):(.*)$/;
		grep { /\@(\w+)/; $as{$1} ne $who } split ' ', $list;
	} @guests;
	is_deeply(\@wrong, [], 'T9: two accounts on one relay never mix');
	ok(!(grep {/\@three.*\@four|\@four.*\@three/} @guests), 'T9: nor do two routes with the same credential');
	ok((grep { () = / /g } @guests), '... and connections were kept');
}

sinks(A => $AUTH, B => $AUTH);
home(%joe, 'routes/r/relay' => "A\n");
{
	my $spawner = spawner();
	my $edit = sub { my ($file, $text) = @_; spit("$home/control/routes/r/$file", $text) };
	is(deliver($spawner, "a$_\@x"), $OK, "T10: before the edit, $_") for 1 .. 3;
	$edit->('password', "new\n");
	is(deliver($spawner, "b$_\@x"), $OK, "T10: another password, $_") for 1, 2;
	$edit->('helo', "other.example\n");
	is(deliver($spawner, "c$_\@x"), $OK, "T10: another name, $_") for 1, 2;
	$edit->('authmechs', "PLAIN\n");
	is(deliver($spawner, "d$_\@x"), $OK, "T10: other mechanisms, $_") for 1, 2;
	$edit->('tls', "may\n");
	is(deliver($spawner, "e$_\@x"), $OK, "T10: other TLS, $_") for 1, 2;
	$edit->('senders', "y\n");
	like(deliver($spawner, 'f@x'), qr/may not use that route/, 'T10: it is no more for this sender');
	is(deliver($spawner, 'f@y'), $OK, 'T10: but for another');
	unlink "$home/control/routes/r/senders";
	$edit->('relay', "$P:$sink{B}{port}\n");
	is(deliver($spawner, "g$_\@x"), $OK, "T10: another relay, $_") for 1, 2;
	Qferry::Spawn::finish($spawner);
	my %first;
	for my $guest (guests('A'), guests('B')) {
		my ($who, $list) = $guest =~ /^(.*?):(.*)$/;
		my %kinds = map { substr($_, 0, 1) => 1 } split ' ', $list;
		$first{$_}{$who}++ for keys %kinds;
		ok(!$kinds{a} || !$kinds{b}, 'T10: no connection from before another password') if $kinds{a} || $kinds{b};
		ok(!$kinds{b} || !$kinds{c}, 'T10: nor from before another name') if $kinds{b} || $kinds{c};
		ok(!$kinds{c} || !$kinds{d}, 'T10: nor from before other mechanisms') if $kinds{c} || $kinds{d};
	}
	is_deeply([ map { sort keys %{ $first{$_} } } qw(a b g) ], [ 'joe/pw', 'joe/new', 'joe/new' ], 'T10: each with the credential of its time');
	is(connections('B') > 0, 1, 'T10: the new relay has its mail');
}

# remoteauth's sender, and what TLS has to be for the message's
sinks(A => $AUTH);
home(smtproutes => ":A\n", remoteauth => "$P:boss\@firm.example:\n", tlsdestinations => "-$P:|||client.example\n");
like(run_remote(), qr/\AZConnected to \Q$P\E but TLS policy tlsdestinations failed: STARTTLS is not offered\. /, 'remoteauth: tlsdestinations is by the sender that chose the route');

# remoteauth's sender over a kept connection
sinks(A => $AUTH);
home(smtproutes => ":A\n", remoteauth => "$P:boss\@firm.example:" . encode_base64("\0joe\0pw", '') . "\n");
{
	my $spawner = spawner();
	is(deliver($spawner, $_), $OK, "remoteauth, kept: '$_'") for 'a@x', '', 'b@x', '';
	Qferry::Spawn::finish($spawner);
	my %senders = map { $_ => 1 } map { split / /, (split /:/, $_, 2)[1], -1 } guests('A');
	is_deeply([ sort keys %senders ], [ '', 'boss@firm.example' ], '... the sender is replaced, bounces stay bounces');
}

done_testing();
