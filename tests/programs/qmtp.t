#!/usr/bin/perl
# qmail-remote by QMTP: what goes over the wire, the answers, and servers that break off or talk nonsense (outbound 3.1
# Q, 3.3 step 4, 1.3's last row of texts in the wild).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::IP;
use Qferry::Spawn qw(spawner greeting finish);
use Qferry::Test;
use Qferry::Tls;
use Test::More;

my $P = '127.0.0.1';

# One delivery to a sink with this script.  Options: controls (PORT is replaced), argv, in, sink.
sub deliver {
	my ($script, %o) = @_;
	my $sink = start_qmtpsink($script, @{ $o{sink} || [] });
	my %controls = (me => "client.example\n", qmtproutes => ":$P:PORT\n", %{ $o{controls} || {} });
	s/PORT/$sink->{port}/g for grep { defined } values %controls;
	my $home = instance(map { $_ => $controls{$_} } grep { defined $controls{$_} } keys %controls);
	queue_tree($home);
	my $run = run_program([ 'qmail-remote', @{ $o{argv} || [ 'dest.example', 's@client.example', 'r@dest.example' ] } ],
		home => $home, in => defined $o{in} ? $o{in} : "Subject: x\n\nbody\n", %{ $o{run} || {} });
	wait_until(sub { -e "$sink->{dir}/1.done" }) if -e "$sink->{dir}/1.in";
	return { %$run, dir => $sink->{dir}, home => $home, sink => $sink };
}

sub visible { my ($bytes) = @_; $bytes =~ s/([^\n -~])/sprintf '\\x%02x', ord $1/ge; return $bytes }

sub report_is {
	my ($run, $want, $name) = @_;
	is(visible($run->{out}), visible($want), $name);
	is("$run->{exit} $run->{err}", '0 ', "$name: exit 0, nothing on descriptor 2");
}

my $RECEIVED = "KAll received okay by $P\n\0";
my $GAVE_UP  = "DGiving up on $P.\n\0";
my $DIED     = "ZConnected to $P but connection died. (#4.4.2)\n\0";
my $MAYBE_TWICE = "ZConnected to $P but connection died. Possible duplicate! (#4.4.2)\n\0";

# --- the wire -----------------------------------------------------------------------------------------

{
	my $run = deliver("K2.0.0 ok 17\n");
	report_is($run, "rqmtp: 2.0.0 ok 17\n\0$RECEIVED", 'outbound 3.1 Q: delivered by QMTP');
	is(slurp("$run->{dir}/1.in"), "18:\nSubject: x\n\nbody\n,16:s\@client.example,18:14:r\@dest.example,,", '... what goes over the wire');
	$run = deliver("K\n", argv => [ 'dest.example', '', 'r@dest.example' ]);
	like(slurp("$run->{dir}/1.in"), qr/,0:,18:14:r/, '... the empty sender');
	$run = deliver("K\n", argv => [ 'dest.example', '#@[]', 'a b@dest.example' ]);
	like(slurp("$run->{dir}/1.in"), qr/,0:,20:16:a b\@dest\.example,,\z/, '... a double bounce; addresses as they are, without quotes');
}
for my $row (
	[ 'CRLF and bare CR', "a\r\nb\rc\n",   "a\nb\nc\n" ],
	[ 'dots',             ".\n..a\n",      ".\n..a\n" ],
	[ 'NUL, 8 bit',       "a\0\xe4\n",     "a\0\xe4\n" ],
	[ 'no end of line',   "a\nb",          "a\nb" ],
	[ 'empty',            '',              '' ],
	[ 'CR at a block\'s end', 'x' x 65535 . "\r\n.\n", 'x' x 65535 . "\n.\n" ],
	[ 'long',             'y' x 1000000 . "\n", 'y' x 1000000 . "\n" ],
  )
{
	my ($name, $in, $wire) = @$row;
	my $run = deliver("Kok\n", in => $in);
	report_is($run, "rqmtp: ok\n\0$RECEIVED", "message: $name");
	ok(slurp("$run->{dir}/1.message") eq "\n$wire", '... on the wire, lines ending with LF (outbound 2.8)');
	pipe my $from, my $to or die;
	my $writer = fork // die;
	if (!$writer) {
		close $from;
		print $to $in;
		close $to;
		exec 'true';
	}
	close $to;
	$run = deliver("Kok\n", run => { fds => { 0 => $from } });
	waitpid $writer, 0;
	ok(slurp("$run->{dir}/1.message") eq "\n$wire", '... and out of a pipe, whose length nobody knows');
}

# --- answers ----------------------------------------------------------------------------------------

my @three = ('dest.example', 's@client.example', map {"$_\@dest.example"} qw(a b c));
for my $row (
	[ 'later',            "Zlater\n",         "sqmtp: later\n\0$GAVE_UP" ],
	[ 'never',            "Dno such box\n",   "hqmtp: no such box\n\0$GAVE_UP" ],
	[ 'no text',          "K\n",              "rqmtp: \n\0$RECEIVED" ],
	[ 'NUL and CR in it', "Da\\0b\\r\\nc\n",  "hqmtp: a?b\nc\n\0$GAVE_UP" ],
	[ 'slowly',           "drip:Kok\n",       "rqmtp: ok\n\0$RECEIVED" ],
	[ 'too long to keep', 'K' . 'x' x 60000 . "\n", 'rqmtp: ' . 'x' x 5000 . "\n\0$RECEIVED" ],
	[ 'closed',           "close\n",          $MAYBE_TWICE ],
	[ 'half',             "raw:5:Kab close\n", $MAYBE_TWICE ],
	[ 'another letter',   "Xok\n",            $MAYBE_TWICE ],
	[ 'no netstring',     "raw:220 mx.example\\r\\n\n", $MAYBE_TWICE ],
	[ 'no comma',         "raw:3:Kok.\n",     $MAYBE_TWICE ],
	[ 'no length',        "raw:0:,\n",        $MAYBE_TWICE ],
	[ 'over the limit',   "raw:65537:K\n",    $MAYBE_TWICE ],
	[ 'digits without end', "flood:0\n",      $MAYBE_TWICE ],
	[ 'digits without end', "flood:1\n",      $MAYBE_TWICE ],
	[ 'before it is asked', "early Kok\nhang\n", "rqmtp: ok\n\0$RECEIVED" ],
	[ 'more than is asked', "Kok\nlate Dno\n", "rqmtp: ok\n\0$RECEIVED" ],
	[ 'answers without end', "flood:3:Kok,\n", "rqmtp: ok\n\0$RECEIVED" ],
  )
{
	my ($name, $script, $want) = @$row;
	my $run = deliver($script);
	report_is($run, $want, "answer: $name");
}
{
	my $run = deliver("Kok\nDno\nZlater\n", argv => \@three);
	report_is($run, "rqmtp: ok\n\0hqmtp: no\n\0sqmtp: later\n\0$RECEIVED", 'T3 by QMTP: three recipients');
	is(slurp("$run->{dir}/1.envelope"), "s\@client.example\na\@dest.example\nb\@dest.example\nc\@dest.example\n", '... in one message');
	$run = deliver("Kok\nDno\nclose\n", argv => \@three);
	report_is($run, "rqmtp: ok\n\0hqmtp: no\n\0$MAYBE_TWICE", 'broken off behind the second answer');
	$run = deliver("Dno\n", argv => \@three);
	report_is($run, "hqmtp: no\n\0" x 3 . $GAVE_UP, 'no recipient is taken');
	$run = deliver("K\n", argv => [ @three[0, 1], "x\n\@d", 'a@dest.example' ]);
	report_is($run, "hSorry, that envelope address contains forbidden bytes. (#5.1.3)\n\0rqmtp: \n\0$RECEIVED", 'a forbidden recipient');
	is(slurp("$run->{dir}/1.envelope"), "s\@client.example\na\@dest.example\n", '... is not sent');
}
report_is(deliver("hang\n", controls => { timeoutremote => "1\n" }), $MAYBE_TWICE, 'no answer');
{
	# A server that hangs up before it has the message whole.
	my $listener = IO::Socket::IP->new(LocalHost => $P, Listen => 1) or die;
	my $port = $listener->sockport;
	my $server = fork // die;
	if (!$server) {
		my $client = $listener->accept;
		sysread $client, my $some, 100;
		setsockopt $client, Socket::SOL_SOCKET(), Socket::SO_LINGER(), pack 'ii', 1, 0;
		close $client;
		exec 'true';
	}
	close $listener;
	my $run = deliver('', controls => { qmtproutes => ":$P:$port\n" }, in => 'z' x 20_000_000 . "\n");
	waitpid $server, 0;
	report_is($run, $DIED, 'broken off within the message: no duplicate is possible');
	open my $unreadable, '<', $run->{home} or die;
	report_is(deliver('', run => { fds => { 0 => $unreadable } }), "ZUnable to read message. (#4.3.0)\n\0", 'a message that cannot be read');
}

# --- which way ------------------------------------------------------------------------------------------

{
	my $smtp = start_sink('');
	my $by_smtp = "r\0K$P accepted message.\nRemote host said: 250 ok queued\n\0";
	my $by_qmtp = "rqmtp: ok\n\0$RECEIVED";
	for my $row (
		[ 'equal keys: qmtproutes first', { smtproutes => ":$P:$smtp->{port}\n" }, $by_qmtp ],
		[ 'a longer key in smtproutes', { smtproutes => "dest.example:$P:$smtp->{port}\n" }, $by_smtp ],
		[ 'a longer key in qmtproutes', { smtproutes => ".example:$P:$smtp->{port}\n", qmtproutes => "dest.example:$P:PORT\n" }, $by_qmtp ],
		[ 'no qmtproutes', { smtproutes => ":$P:$smtp->{port}\n", qmtproutes => undef }, $by_smtp ],
		[ 'a broken line', { qmtproutes => ":r:x\n" }, "ZUnable to read control files. (#4.3.0)\ncontrol/qmtproutes:1: not a route\n\0" ],
	  )
	{
		my ($name, $controls, $want) = @$row;
		report_is(deliver("Kok\n", controls => $controls), $want, "outbound 3.3 step 4: $name");
	}
}
report_is(deliver("Kok\n", controls => { qmtproutes => ":$P:PORT|joe|pw\n" }),
	"ZConnected to $P but it offers no usable AUTH mechanism. (#4.7.9)\n\0", 'a credential has no use here, and the mail waits');
report_is(deliver("Kok\n", controls => { tlspolicy => "$P:encrypt\n" }),
	"ZConnected to $P but TLS policy encrypt failed: STARTTLS is not offered. (#4.7.5)\n\0", 'TLS is wanted, and QMTP has none');
{
	my $closed = IO::Socket::IP->new(LocalHost => $P, LocalPort => 0, Proto => 'tcp') or die;
	report_is(deliver('', controls => { qmtproutes => ":$P:" . $closed->sockport . "\n" }),
		"ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n\0", 'nobody listens');
}

# --- QMTPS ---------------------------------------------------------------------------------------------

SKIP: {
	skip 'no openssl, or no TLS in perl', 12
	  unless system('command -v openssl >/dev/null 2>&1') == 0 && eval { require IO::Socket::SSL };
	my $pki = temp_dir();
	make_authority($pki, $_) for qw(ca otherca);
	make_certificate($pki, 'mx', 'ca', alt => 'IP:127.0.0.1');
	spit("$pki/mx.pem", pem($pki, 'mx.key', 'mx.crt'));
	my @tls = (sink => [ '--cert', "$pki/mx.pem" ]);
	my %route = (qmtproutes => ":$P;sPORT\n");
	report_is(deliver("Kok\n", controls => {%route}, @tls), "rqmtp: ok\n\0$RECEIVED", 'QMTPS');
	report_is(deliver("Kok\n", controls => { %route, tlspolicy => "$P:secure ca=$pki/ca.crt\n" }, @tls),
		"rqmtp: ok\n\0$RECEIVED", 'QMTPS, verified');
	my $run = deliver("Kok\n", controls => { %route, tlspolicy => "$P:secure ca=$pki/otherca.crt\n" }, @tls);
	like($run->{out}, qr/\AZConnected to 127\.0\.0\.1 but TLS policy secure failed: .+\. \(#4\.7\.5\)\n\0\z/, 'QMTPS with a certificate of another authority');
	is(slurp("$run->{dir}/1.in") // '', '', '... and nothing is sent');
	for my $row ([ 'the first in clear', "$P:1\n$P;sPORT 1\n" ], [ 'the first by TLS', "$P;s1\n$P;sPORT 1\n" ]) {
		my ($name, $relays) = @$row;
		report_is(deliver("Kok\n", controls => { qmtproutes => ":\@r\n", 'routes/r/relay' => $relays }, @tls),
			"rqmtp: ok\n\0$RECEIVED", "several relays: QMTPS with the second, $name");
	}
	report_is(deliver("Kok\n", controls => { qmtproutes => ":\@r\n", 'routes/r/relay' => "$P;s1\n$P:PORT 1\n" }),
		"rqmtp: ok\n\0$RECEIVED", 'several relays: the second in clear');
}

# --- beneath qmail-rspawn --------------------------------------------------------------------------------

{
	my $sink = start_qmtpsink("Kok\n");
	my $home = instance(me => "client.example\n", qmtproutes => ":$P:$sink->{port}\n");
	queue_tree($home);
	spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n");
	my $spawner = spawner($home, ['qmail-rspawn']);
	greeting($spawner, 1);
	for my $n (1 .. 4) {
		is(Qferry::Spawn::deliver($spawner, "r$n\@dest.example"), "\0Kqmtp: ok\nAll received okay by $P\n\0", "kept worker: delivery $n");
		is(slurp("$sink->{dir}/$n.envelope"), "s\@example.net\nr$n\@dest.example\n", '... over a connection of its own');
	}
	is(finish($spawner), '0 0', 'exit 0 at EOF');
	my $maybe = start_qmtpsink("close\n");
	control($home, 'qmtproutes', ":$P:$maybe->{port}\n");
	$spawner = spawner($home, ['qmail-rspawn']);
	greeting($spawner, 1);
	is(Qferry::Spawn::deliver($spawner, "r\@dest.example"), "\0ZConnected to $P but connection died. Possible duplicate! (#4.4.2)\n\0", 'broken off');
	ok(!-e "$maybe->{dir}/2.in", '... and not tried again at once');
	is(finish($spawner), '0 0', 'exit 0 at EOF');
}

done_testing();
