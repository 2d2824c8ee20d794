#!/usr/bin/perl
# qmail-dns: questions in frames (DESIGN 9, outbound 2.3), answers from a zone-file server.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use IO::Socket::UNIX;
use Socket qw(AF_UNIX AF_INET SOCK_SEQPACKET SOCK_DGRAM pack_sockaddr_un pack_sockaddr_in inet_aton
  unpack_sockaddr_in);
use Test::More;
use Qferry::Test;

my %type   = (A => 1, PTR => 12, MX => 15, TXT => 16, AAAA => 28, TLSA => 52);
my @result = qw(FOUND NODATA NXNAME FAILED BADNAME);
my @reason = qw(none helper timeout servfail formerr broken long config limit);

# --- frames ------------------------------------------------------------------------------------

sub frame {
	my ($kind, $id, $ms, @fields) = @_;
	my $fields = join '', map { pack 'nn/a*', @$_ } @fields;
	return pack('a2CCNNCCn', 'QF', 1, $kind, $id, $ms, 0, 0, 0) . $fields;
}

sub questions { map { [ 16, pack 'na*', $type{ $_->[1] }, $_->[0] ] } @_ }

sub send_frame { my ($socket, $frame) = @_; defined syswrite $socket, $frame or die "send: $!" }

# The header and the fields of the next frame, undef at the end or after 20 s.
sub receive_frame {
	my ($socket) = @_;
	IO::Select->new($socket)->can_read(20) or return undef;
	my $n = sysread $socket, my $bytes, 65536;
	return undef unless $n;
	my %frame;
	(@frame{qw(magic version kind id ms status fds zero)}, my $rest) = unpack 'a2CCNNCCna*', $bytes;
	while (length $rest) {
		my ($tag, $value) = unpack 'nn/a*', $rest;
		push @{ $frame{fields} }, [ $tag, $value ];
		$rest = substr $rest, 4 + length $value;
	}
	return \%frame;
}

# An answer as { result, why, ad, asked, canonical, records => [...] }.
sub answer_of {
	my ($type, $value) = @_;
	my ($result, $why, $flags, $asked, $canonical, $count, $rest) = unpack 'CCCn/a*n/a*na*', $value;
	my @records;
	for (1 .. $count) {
		my ($ttl, $data) = unpack 'Nn/a*', $rest;
		$rest = substr $rest, 6 + length $data;
		push @records,
		    $type eq 'A'    ? join('.', unpack 'C4', $data)
		  : $type eq 'AAAA' ? join(':', map { sprintf '%x', $_ } unpack 'n8', $data)
		  : $type eq 'MX'   ? join(' ', unpack 'na*', $data)
		  : $type eq 'TLSA' ? unpack('H*', $data)
		  :                   $data;
	}
	return { result => $result[$result], why => $reason[$why], ad => $flags & 1, asked => $asked,
		canonical => $canonical, records => \@records, rest => $rest };
}

sub answers_of {
	my ($frame, @asked) = @_;
	my @values = map { $_->[1] } grep { $_->[0] == 17 } @{ $frame->{fields} || [] };
	return map { answer_of($_->[1], shift @values) } @asked;
}

# --- the program -------------------------------------------------------------------------------

# On demand, in a home with these resolvers.  Returns pid, socket, file of its stderr.
sub start_helper {
	my ($home) = @_;
	socketpair(my $ours, my $theirs, AF_UNIX, SOCK_SEQPACKET, 0) or die "socketpair: $!";
	open my $err, '>>', "$home/stderr" or die;
	# What the libraries of resolvers read from an environment must not matter.
	my %env = (RES_OPTIONS => 'ndots:9 attempts:1 timeout:1 rotate', LOCALDOMAIN => 'example', HOSTALIASES => '/dev/null');
	my $pid = start_program(['qmail-dns'], home => $home, env => \%env, fds => { 0 => $theirs, 2 => $err });
	return ($pid, $ours);
}

# Ask these at once; the answers.
sub ask {
	my ($resolvers, $ms, @asked) = @_;
	my $home = instance(defined $resolvers ? (resolvers => $resolvers) : ());
	my ($pid, $socket) = start_helper($home);
	send_frame($socket, frame(16, 77, $ms, questions(@asked)));
	my $frame = receive_frame($socket);
	close $socket;
	my ($exit, $signal) = finish_program($pid);
	is("$exit $signal", '0 0', "ends well when its caller goes ($asked[0][0])");
	is(sanitizer_report(slurp("$home/stderr")), undef, 'no report of a sanitizer');
	is($frame->{id}, 77, 'the id comes back');
	return answers_of($frame, @asked);
}

sub ask_one { my @answers = ask($_[0], $_[1], [ @_[ 2, 3 ] ]); return $answers[0] }

sub told { my ($a) = @_; return join ' | ', $a->{result} eq 'FAILED' ? "FAILED $a->{why}" : $a->{result}, @{ $a->{records} } }

my $many = join '', map { "many.example A 192.0.2.$_\n" } 1 .. 250;
my $long = join '', map { "long.example TXT \"" . ($_ % 10) x 250 . "\"\n" } 1 .. 40;
my $huge = join '', map { "huge.example TXT \"" . ($_ % 10) x 250 . "\"\n" } 1 .. 190;
my $dns = start_dns(<<"ZONE" . $many . $long . $huge);
a.example          A      192.0.2.1
a.example          A      192.0.2.2
a.example          AAAA   2001:db8::1
a.example          MX     10 mx.a.example
a.example          MX     20 b\\.c.example
null.example       MX     0 .
alias.example      CNAME  next.example
next.example       CNAME  a.example
dead.example       CNAME  nothing.example
loop.example       CNAME  loop.example
txt.example        TXT    "one " "two"
1.2.0.192.in-addr.arpa PTR mail.example
_25._tcp.a.example TLSA   3 1 1 00112233
xn--bcher-kva.example A   192.0.2.3
servfail.example   A      !servfail
refused.example    A      !refused
notimp.example     A      !notimp
formerr.example    A      !formerr
garbage.example    A      !garbage
short.example      A      !short
badcount.example   A      !badcount
badcount.example   A      192.0.2.4
pointer.example    A      !pointer
badlength.example  A      !badlength
wrongid.example    A      !wrongid
wrongq.example     A      !wrongquestion
spoofed.example    A      !spoofed
spoofed.example    A      192.0.2.5
noedns.example     A      !noedns
noedns.example     A      192.0.2.6
drop.example       A      !drop
drop1.example      A      !drop*1
drop1.example      A      192.0.2.7
tc.example         A      !tc
tc.example         A      192.0.2.8
tcpdrop.example    A      !tc
tcpdrop.example    A      !tcpdrop
ad.example         A      !ad
ad.example         A      192.0.2.9
ZONE
my $here = "127.0.0.1:$dns->{port}\n";

# --- answers -----------------------------------------------------------------------------------

my @cases = (
	[ 'two addresses',         'a.example', 'A',    'FOUND | 192.0.2.1 | 192.0.2.2' ],
	[ 'IPv6',                  'a.example', 'AAAA', 'FOUND | 2001:db8:0:0:0:0:0:1' ],
	[ 'a trailing dot',        'a.example.', 'A',   'FOUND | 192.0.2.1 | 192.0.2.2' ],
	[ 'case does not matter',  'A.EXAMPLE', 'A',    'FOUND | 192.0.2.1 | 192.0.2.2' ],
	[ 'MX; a dot in a label is no dot', 'a.example', 'MX', 'FOUND | 10 mx.a.example | 20 b\\046c.example' ],
	[ 'null MX',               'null.example', 'MX', 'FOUND | 0 ' ],
	[ 'no record of the type', 'a.example', 'TXT',  'NODATA' ],
	[ 'no such name',          'nothing.example', 'A', 'NXNAME' ],
	[ 'a chain of CNAMEs',     'alias.example', 'A', 'FOUND | 192.0.2.1 | 192.0.2.2' ],
	[ 'CNAME to nothing',      'dead.example', 'A', 'NXNAME' ],
	[ 'CNAME to itself',       'loop.example', 'A', 'FAILED broken' ],
	[ 'strings are joined',    'txt.example', 'TXT', 'FOUND | one two' ],
	[ 'PTR',                   '1.2.0.192.in-addr.arpa', 'PTR', 'FOUND | mail.example' ],
	[ 'TLSA',                  '_25._tcp.a.example', 'TLSA', 'FOUND | 03010100112233' ],
	[ 'U-labels',              "b\xc3\xbccher.example", 'A', 'FOUND | 192.0.2.3' ],
	[ 'U-labels in capitals',  "B\xc3\x9cCHER.Example", 'A', 'FOUND | 192.0.2.3' ],
	[ 'no UTF-8',              "b\xfccher.example", 'A', 'BADNAME' ],
	[ 'an empty label',        'a..example', 'A', 'BADNAME' ],
	[ 'the root',              '.', 'A', 'BADNAME' ],
	[ 'nothing',               '', 'A', 'BADNAME' ],
	[ 'a label of 64',         ('a' x 64) . '.example', 'A', 'BADNAME' ],
	[ 'a label of 63',         ('a' x 63) . '.example', 'A', 'NXNAME' ],
	[ 'a name of 254',         join('.', ('a' x 50) x 5), 'A', 'BADNAME' ],
	[ 'a name of 253',         join('.', ('a' x 49) x 5) . '.abc', 'A', 'NXNAME' ],
	[ 'a blank',               'a b.example', 'A', 'BADNAME' ],
	[ 'a NUL',                 "a\0.example", 'A', 'BADNAME' ],
	[ 'SERVFAIL',              'servfail.example', 'A', 'FAILED servfail' ],
	[ 'REFUSED',               'refused.example', 'A', 'FAILED servfail' ],
	[ 'NOTIMP',                'notimp.example', 'A', 'FAILED servfail' ],
	[ 'FORMERR is no "no such host"', 'formerr.example', 'A', 'FAILED formerr' ],
	[ 'a name that points to itself', 'pointer.example', 'A', 'FAILED broken' ],
	[ 'more records promised than there are', 'badcount.example', 'A', 'FAILED broken' ],
	[ 'a record longer than the packet', 'badlength.example', 'A', 'FAILED broken' ],
	[ 'a forged answer with another id', 'spoofed.example', 'A', 'FOUND | 192.0.2.5' ],
	[ 'a server that knows no EDNS', 'noedns.example', 'A', 'FOUND | 192.0.2.6' ],
	[ 'truncated: TCP',        'tc.example', 'A', 'FOUND | 192.0.2.8' ],
	[ 'the first packet is lost', 'drop1.example', 'A', 'FOUND | 192.0.2.7' ],
);
my @got = ask($here, 20000, map { [ $_->[1], $_->[2] ] } @cases);
for my $i (0 .. $#cases) {
	is(told($got[$i]), $cases[$i][3], $cases[$i][0]);
}

# What never gets an answer ends at the deadline, and does not hold up the others' answers.
for my $name (qw(drop garbage short wrongid wrongq tcpdrop)) {
	my @both = ask($here, 1500, [ "$name.example", 'A' ], [ 'a.example', 'A' ]);
	like(told($both[0]), qr/^FAILED (timeout|broken|servfail)$/, "$name: could not find out");
	is(told($both[1]), 'FOUND | 192.0.2.1 | 192.0.2.2', "$name: the other question has its answer");
}

my $one = ask_one($here, 20000, 'many.example', 'A');
is(scalar @{ $one->{records} }, 200, 'more records than 200 are cut');
$one = ask_one($here, 20000, 'long.example', 'TXT');
is(scalar @{ $one->{records} }, 40, '10 KB of text come by TCP');
my @long = ask($here, 20000, [ 'huge.example', 'TXT' ], [ 'huge.example', 'TXT' ], [ 'a.example', 'A' ]);
is(join(' ', map { "$_->{result} $_->{why}" } @long), 'FOUND none FAILED long FOUND none',
	'what a frame does not hold fails, and alone');
is(ask_one($here, 20000, 'alias.example', 'A')->{canonical}, 'a.example', 'the name behind the CNAMEs');
is(ask_one($here, 20000, "B\xc3\x9ccher.example.", 'A')->{asked}, 'xn--bcher-kva.example', 'the name in A-labels');
like(slurp($dns->{log}), qr/^udp a\.example MX rd ad edns/m, 'recursion, AD and EDNS0 are wanted');
like(slurp($dns->{log}), qr/^tcp tc\.example A /m, 'TCP after truncation');

# --- control/resolvers -------------------------------------------------------------------------

is(ask_one($here, 20000, 'ad.example', 'A')->{ad}, 1, 'AD from a resolver on loopback');
is(ask_one($here, 20000, 'a.example', 'A')->{ad},  0, 'no AD, none told');
my $other = start_dns("b.example A 192.0.2.20\n*.example A !servfail\n");
is(told(ask_one("127.0.0.1:$other->{port}\n$here", 20000, 'a.example', 'A')), 'FOUND | 192.0.2.1 | 192.0.2.2',
	'a second resolver is asked after SERVFAIL');
SKIP: {
	my $s;
	socket($s, Socket::AF_INET6(), SOCK_DGRAM, 0) && bind($s, Socket::pack_sockaddr_in6(0, Socket::inet_pton(Socket::AF_INET6(), '::1')))
	  or skip 'no IPv6 on loopback', 4;
	is(told(ask_one("[::1]:$dns->{port} trust-ad\n", 20000, 'a.example', 'A')), 'FOUND | 192.0.2.1 | 192.0.2.2',
		'an IPv6 resolver');
}
{
	my $closed;
	socket($closed, AF_INET, SOCK_DGRAM, 0) && bind($closed, pack_sockaddr_in(0, inet_aton('127.0.0.1'))) or die;
	my ($port) = unpack_sockaddr_in(getsockname $closed);
	close $closed;
	like(told(ask_one("127.0.0.1:$port\n", 2000, 'a.example', 'A')), qr/^FAILED (servfail|timeout)$/, 'nobody there');
	is(told(ask_one("127.0.0.1:$port\n$here", 20000, 'a.example', 'A')), 'FOUND | 192.0.2.1 | 192.0.2.2',
		'nobody there: the next one');
}
is(told(ask_one("localhost\n300.1.1.1\n", 20000, 'a.example', 'A')), 'FAILED config', 'no usable line');
is(told(ask_one("nonsense\n# comment\n$here", 20000, 'a.example', 'A')), 'FOUND | 192.0.2.1 | 192.0.2.2',
	'a broken line is skipped');
{
	my $home = instance(resolvers => "x y\n");
	my ($pid, $socket) = start_helper($home);
	my @told;
	for my $text ("x y\n", $here, "127.0.0.1:$other->{port}\n") {
		control($home, 'resolvers', $text);
		send_frame($socket, frame(16, 1, 20000, questions([ 'b.example', 'A' ])));
		push @told, told(answers_of(receive_frame($socket), [ 'b.example', 'A' ]));
	}
	is("@told", 'FAILED config NXNAME FOUND | 192.0.2.20', 'an edit is live at the next question');
	close $socket;
	finish_program($pid);
	like(slurp("$home/stderr"), qr{^qmail-dns\[\d+\]: config file=control/resolvers:1 reason=not}m, 'and a broken line logged');
}

# --- frames ------------------------------------------------------------------------------------

{
	my ($pid, $socket) = start_helper(instance(resolvers => $here));
	send_frame($socket, frame(1, 5, 0));
	my $frame = receive_frame($socket);
	is("$frame->{kind} $frame->{id} $frame->{status}", '1 5 0', 'HELLO is answered');
	send_frame($socket, frame(99, 6, 0));
	is(receive_frame($socket)->{status}, 4, 'an unknown kind is unsupported');
	send_frame($socket, pack('a2CCNNCCn', 'QF', 2, 16, 7, 0, 0, 0, 0) . 'whatever that is');
	is(receive_frame($socket)->{status}, 4, 'another version is unsupported');
	for my $bad ([], [ [ 16, 'x' ] ], [ [ 16, pack 'na*', 2, 'a.example' ] ], [ questions(([ 'a.example', 'A' ]) x 65) ]) {
		send_frame($socket, frame(16, 8, 1000, @$bad));
		is(receive_frame($socket)->{status}, 3, 'malformed questions');
	}
	send_frame($socket, frame(16, 9, 20000, [ 999, 'unknown' ], questions([ 'a.example', 'A' ])));
	is(told(answers_of(receive_frame($socket), [ 'a.example', 'A' ])), 'FOUND | 192.0.2.1 | 192.0.2.2', 'unknown tags are skipped');
	send_frame($socket, 'nonsense');
	is(receive_frame($socket), undef, 'a broken frame ends the connection');
	is(join(' ', finish_program($pid)), '0 0', 'and the program');
}
is(run_program([ 'qmail-dns', 'nonsense' ])->{exit}, 100, 'wrong use');

# --- resident ----------------------------------------------------------------------------------

my $home = instance(resolvers => $here);
mkdir "$home/run";
is(run_program([ 'qmail-dns', 'serve' ], home => $home)->{exit}, 111, 'no directory, no service');
mkdir "$home/run/dns";
chdir $home or die;

sub start_service {
	open my $err, '>>', "$home/stderr" or die;
	return start_program([ 'qmail-dns', 'serve' ], home => $home, fds => { 2 => $err });
}

# Both are given: perl's own parse of an address wants it.
sub connect_service {
	socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
	return connect($s, pack_sockaddr_un('run/dns/sock')) ? $s : undef;
}

my $service = start_service();
ok(wait_until(\&connect_service), 'the service listens');
is((stat 'run/dns/sock')[2] & 0777, 0666, 'everybody may ask');
my $second = start_service();
is((finish_program($second))[0], 111, 'a second one ends');
ok(connect_service(), 'and the first still serves');

# Many clients; a slow question holds nobody up; a caller that goes takes its question along.
my $slow = connect_service();
send_frame($slow, frame(16, 1, 60000, questions([ 'drop.example', 'A' ])));
my $gone = connect_service();
send_frame($gone, frame(16, 1, 60000, questions([ 'drop.example', 'A' ])));
close $gone;
my @clients = map { connect_service() } 1 .. 30;
send_frame($clients[$_], frame(16, $_, 20000, questions([ 'a.example', 'MX' ], [ 'a.example', 'A' ]))) for 0 .. 29;
my $good = 0;
for my $i (0 .. 29) {
	my $frame = receive_frame($clients[$i]);
	my @both = answers_of($frame, [ 'a.example', 'MX' ], [ 'a.example', 'A' ]);
	$good++ if $frame->{id} == $i && @{ $both[0]{records} } == 2 && @{ $both[1]{records} } == 2;
}
is($good, 30, 'thirty clients at once have their answers');
send_frame($clients[0], frame(16, 100, 20000, questions([ 'a.example', 'A' ])));
is(receive_frame($clients[0])->{id}, 100, 'a connection serves again');
is(scalar(() = glob "/proc/$service/fd/*") < 50, 1, 'no descriptors are left behind');

# One that asks and never reads is dropped, and nobody waits for it.
my $rude = connect_service();
{
	local $SIG{PIPE} = 'IGNORE';
	my $sent = 0;
	$sent++ while $sent < 100_000 && defined syswrite $rude, frame(1, 1, 0);
	cmp_ok($sent, '<', 100_000, 'a client that does not read is dropped');
}
my $polite = connect_service();
send_frame($polite, frame(16, 101, 20000, questions([ 'a.example', 'A' ])));
is(receive_frame($polite)->{id}, 101, 'and the others are served');

kill 'KILL', $service;
finish_program($service);
ok(!connect_service(), 'a dead service leaves a socket where nobody listens');
$service = start_service();
ok(wait_until(\&connect_service), 'which the next one replaces');
kill 'TERM', $service;
is(join(' ', finish_program($service)), '0 0', 'SIGTERM ends it');
like(slurp("$home/stderr"), qr/serve helper=dns reason=started.*reason=stopped/s, 'start and end are logged');
is(sanitizer_report(slurp("$home/stderr")), undef, 'no report of a sanitizer');
chdir '/';

done_testing();
