#!/usr/bin/perl
# tools: the dialogue runner says yes to a good transcript and no to each kind of bad one; the DNS server and
# the SMTP sink do what their scripts say.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::IP;
use Qferry::Test;
use Socket qw(SOCK_DGRAM SOCK_STREAM);
use Test::More;

my $tools = "$FindBin::Bin/../tools";
my $sample = slurp("$tools/samples/talk");
my $dir = temp_dir();

sub dialogue {
	my ($text, @options) = @_;
	spit("$dir/dialogue", $text);
	return run_program([ '/usr/bin/perl', "$tools/dialogue", @options, "$dir/dialogue" ]);
}

is dialogue($sample)->{exit}, 0, 'a good dialogue passes' or diag dialogue($sample)->{out};
is dialogue($sample, '--split')->{exit}, 0, 'and byte by byte';
is dialogue("over socketpair\n$sample")->{exit}, 0, 'and over a socketpair';
SKIP: {
	skip 'no tcpserver', 1 unless grep { -x "$_/tcpserver" } split /:/, $ENV{PATH};
	(my $tcp = $sample) =~ s/^env TCPREMOTEIP.*\n|^child .*\n|^log .*\n//mg;
	my $run = dialogue("over tcpserver\n$tcp");
	is $run->{exit}, 0, 'and under tcpserver' or diag $run->{out};
}

# what to change in the sample, and what is said then
my @bad = (
	[ 'a wrong line',         qr/^S: 250 one$/m,        'S: 250 two',        qr/expected: 250 two/ ],
	[ 'a wrong raw reply',    qr/rawA\\r/,              'rawB\r',            qr/got:/ ],
	[ 'a wrong exit',         qr/^exit 3$/m,            'exit 0',            qr/got 3/ ],
	[ 'output not expected',  qr/^S: 221 \.\.\.\n/m,    '',                  qr/unexpected output/ ],
	[ 'a line too many',      qr/^S: 221 \.\.\.\n/m,    "S: 221 ...\nS: 2\n", qr/end of output/ ],
	[ 'a wrong count',        qr/^queue count 1/m,      'queue count 2',     qr/got 1/ ],
	[ 'a missing log line',   qr/^log text=one/m,       'log text=four',     qr/no log line/ ],
	[ 'a forbidden log line', qr/^nolog text=three/m,   'nolog text=one',    qr/a log line/ ],
	[ 'another message',      qr/^\| body/m,            '| bodi',            qr/message 1 is/ ],
	[ 'another envelope',     qr/^\| Tc\@d/m,           '| Td@d',            qr/envelope 1 is/ ],
	[ 'another environment',  qr/^(child .*)7$/m,       'child 1 TCPREMOTEIP 192.0.2.8', qr/TCPREMOTEIP is/ ],
	[ 'an unknown word',      qr/^queue count 1/m,      'queues count 1',    qr/unknown directive/ ],
	[ 'a missing program',    qr/^run .*/m,             'run ./none',        qr/end of output/ ],
);
for my $case (@bad) {
	my ($name, $from, $to, $says) = @$case;
	(my $text = $sample) =~ s/$from/$to/ or die "$name: nothing to change";
	my $run = dialogue($text);
	ok $run->{exit} == 1 && $run->{out} =~ /^not ok 1/m && $run->{out} =~ $says, "no to $name" or diag $run->{out};
}

# --- the DNS server ---------------------------------------------------------------------------

my $dns = start_dns(<<'END');
example.org MX 10 mx.example.org
mx.example.org AAAA 2001:db8::1
alias.example.org CNAME mx.example.org
loop.example CNAME loop.example
*.wild.example A 192.0.2.1
t.example TXT "a" "b c"
fail.example ANY !servfail
once.example A !refused*1
once.example A 192.0.2.3
cut.example A !tc
cut.example A 192.0.2.4
sure.example A !ad
sure.example A 192.0.2.5
silent.example A !drop
wrong.example A !wrongid
wrong.example A 192.0.2.6
END

sub ask_dns {
	my ($name, $type, $kind, $host) = @_;
	my $socket = IO::Socket::IP->new(PeerHost => $host || '127.0.0.1', PeerPort => $dns->{port}, Type => $kind || SOCK_DGRAM)
	  or return undef;
	my $question = pack('n6', 4242, 0x0120, 1, 0, 0, 0) . join('', map { pack 'C/a*', $_ } split /\./, $name) . "\0" . pack 'nn', $type, 1;
	syswrite $socket, ($kind || 0) == SOCK_STREAM ? pack 'n/a*', $question : $question;
	vec(my $ready = '', fileno $socket, 1) = 1;
	return { silent => 1 } unless select $ready, undef, undef, $name =~ /^silent/ ? 0.2 : 20;
	sysread $socket, my $answer, 4096;
	$answer = unpack 'n/a*', $answer if ($kind || 0) == SOCK_STREAM;
	my ($id, $flags, undef, $count) = unpack 'n4', $answer;
	return { id => $id, code => $flags & 15, tc => $flags & 0x200 ? 1 : 0, ad => $flags & 0x20 ? 1 : 0, count => $count, bytes => $answer };
}

my ($a, $mx, $txt, $aaaa) = (1, 15, 16, 28);
# name, type, code, records, truncated, authentic
my @questions = (
	[ 'example.org', $mx, 0, 1, 0, 0 ], [ 'EXAMPLE.org', $mx, 0, 1, 0, 0 ], [ 'example.org', $a, 0, 0, 0, 0 ],
	[ 'none.example.org', $a, 3, 0, 0, 0 ], [ 'alias.example.org', $aaaa, 0, 2, 0, 0 ], [ 'loop.example', $a, 0, 2, 0, 0 ],
	[ 'x.y.wild.example', $a, 0, 1, 0, 0 ], [ 'wild.example', $a, 0, 0, 0, 0 ], [ 't.example', $txt, 0, 1, 0, 0 ],
	[ 'fail.example', $a, 2, 0, 0, 0 ], [ 'once.example', $a, 5, 0, 0, 0 ], [ 'once.example', $a, 0, 1, 0, 0 ],
	[ 'cut.example', $a, 0, 0, 1, 0 ], [ 'sure.example', $a, 0, 1, 0, 1 ],
);
for my $row (@questions) {
	my ($name, $type, @want) = @$row;
	my $got = ask_dns($name, $type);
	is_deeply [ @$got{qw(code count tc ad)} ], \@want, "dnsserver: $name $type";
}
is ask_dns('cut.example', $a, SOCK_STREAM)->{count}, 1, 'dnsserver: whole over TCP';
ok ask_dns('silent.example', $a)->{silent}, 'dnsserver: no answer';
isnt ask_dns('wrong.example', $a)->{id}, 4242, 'dnsserver: a wrong id';
like ask_dns('t.example', $txt)->{bytes}, qr/\x01a\x03b c/, 'dnsserver: strings of a TXT record';
SKIP: {
	skip 'no ::1', 1 unless IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0, Type => SOCK_DGRAM);
	is ask_dns('example.org', $mx, SOCK_DGRAM, '::1')->{count}, 1, 'dnsserver: over ::1';
}
like slurp($dns->{log}), qr/^udp example\.org MX rd ad$/m, 'dnsserver: the log';

# --- the sink -----------------------------------------------------------------------------------

my $sink = start_sink(<<'END');
rcpt bad@example.org 550 no such user
rcpt 250 fine
dot 250 one
dot 451 two
@2 greeting 421 not now close
@3 ehlo SIZE 1000|PIPELINING
@3 mail raw:2\x350 raw\r\n
END

sub talk {
	my (@lines) = @_;
	my $socket = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $sink->{port}, Type => SOCK_STREAM) or die;
	my @said = scalar <$socket>;
	for my $line (@lines) {
		print $socket "$line\r\n";
		while (defined(my $reply = <$socket>)) {
			push @said, $reply;
			last if $reply =~ /^\d\d\d /;
		}
	}
	return join '', map { s/\r\n//r . "\n" } grep { defined } @said;
}

is talk('HELO x', 'MAIL FROM:<a@b>', 'RCPT TO:<bad@example.org>', 'RCPT TO:<c@d>', 'DATA', '.', 'QUIT'),
  "220 sink.example ESMTP\n250 sink.example\n250 ok\n550 no such user\n250 fine\n354 go ahead\n250 one\n221 bye\n",
  'smtpsink: a session';
ok wait_until(sub { -e "$sink->{dir}/1.done" }), 'smtpsink: its end is marked';
is slurp("$sink->{dir}/1.envelope.1"), "FFROM:<a\@b>\nTTO:<c\@d>\n", 'smtpsink: the envelope is stored';
is talk(), "421 not now\n", 'smtpsink: the second connection has its own greeting';
is talk('EHLO x', 'MAIL FROM:<a@b>', 'QUIT'), "220 sink.example ESMTP\n250-SIZE 1000\n250 PIPELINING\n250 raw\n221 bye\n"
  =~ s/250-SIZE/250-sink.example\n250-SIZE/r, 'smtpsink: capabilities and raw replies';
done_testing;
