#!/usr/bin/perl
# qmail-remote against a scripted server: every reply at every stage, routes, credentials, messages.
# Rows T1 to T4 of outbound 11.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::IP;
use Qferry::Test;
use Test::More;

my $P = '127.0.0.1';
my $ACCEPTED = "K$P accepted message.\nRemote host said: 250 ok queued\n\0";

# One delivery to a sink with this script.  Options: controls (file => text, PORT is replaced), argv,
# in (the message), sink (options of it), route (text behind the relay's port).
sub deliver {
	my ($script, %o) = @_;
	my $sink = start_sink($script, @{ $o{sink} || [] });
	my %controls = (me => "client.example\n", smtproutes => ":$P:PORT" . ($o{route} || '') . "\n", %{ $o{controls} || {} });
	s/PORT/$sink->{port}/g for grep { defined } values %controls;
	my $home = instance(map { $_ => $controls{$_} } grep { defined $controls{$_} } keys %controls);
	queue_tree($home) if $o{queue};
	my $run = run_program([ 'qmail-remote', @{ $o{argv} || [ 'dest.example', 's@client.example', 'r@dest.example' ] } ],
		home => $home, in => defined $o{in} ? $o{in} : "Subject: x\n\nbody\n", env => $o{env});
	my $said = sub {
		my ($n) = @_;
		return undef unless -e "$sink->{dir}/$n.in";
		wait_until(sub { -e "$sink->{dir}/$n.done" });
		return slurp("$sink->{dir}/$n.in");
	};
	return { %$run, sink => $sink, home => $home, said => $said, dir => $sink->{dir} };
}

# The report, and that nothing else was written.
sub report_is {
	my ($run, $want, $name) = @_;
	is(visible($run->{out}), visible($want), $name);
	is("$run->{exit} $run->{err}", '0 ', "$name: exit 0, nothing on descriptor 2");
}

sub visible { my ($bytes) = @_; $bytes =~ s/([^\n -~])/sprintf '\\x%02x', ord $1/ge; return $bytes }

sub said     { my ($text) = @_; return "Remote host said: $text\n" }
sub sent_quit { my ($run, $n) = @_; return $run->{said}->($n || 1) =~ /(?:^|\r\n)QUIT\r\n\z/ ? 1 : 0 }

my $NO_PIPELINING = "ehlo 8BITMIME\n";
my $DIED = "ZConnected to $P but connection died. (#4.4.2)\n\0";
my $MAYBE_TWICE = "ZConnected to $P but connection died. Possible duplicate! (#4.4.2)\n\0";

# --- each reply at each stage (T2) ---------------------------------------------------------------

sub failed { my ($letter, $text, $reply) = @_; return "$letter$text\n" . said($reply) . "\0" }
my $GREETING = "Connected to $P but greeting failed.";
my $NAME     = "Connected to $P but my name was rejected.";
my $SENDER   = "Connected to $P but sender was rejected.";
my $RCPT     = "$P does not like recipient.";
my $GAVE_UP  = "DGiving up on $P.\n\0";
my $DATA     = "$P failed on DATA command.";
my $DOT      = "$P failed after I sent the message.";

my @stages = (
	# script line, report, was QUIT sent (undef: not asked)
	[ 'greeting 554 no',   failed('Z', $GREETING, '554 no'),   1 ],
	[ 'greeting 450 no',   failed('Z', $GREETING, '450 no'),   1 ],
	[ 'greeting 421 busy', failed('Z', $GREETING, '421 busy'), 0 ],
	[ 'greeting 250 hm',   failed('Z', $GREETING, '250 hm'),   1 ],
	[ 'greeting close',    $DIED,                              undef ],
	[ 'greeting reset',    $DIED,                              undef ],
	[ 'greeting raw:220-unfinished\r\n close', $DIED, undef ],
	[ 'greeting raw:hello\r\n',                $DIED, 0 ],
	[ 'greeting drip:220 slow', "r\0$ACCEPTED", 1 ],
	[ 'ehlo 450 no',            failed('Z', $NAME, '450 no'),   1 ],
	[ 'ehlo 421 busy',          failed('Z', $NAME, '421 busy'), 0 ],
	[ 'ehlo 220 hm',            failed('Z', $NAME, '220 hm'),   1 ],
	[ 'ehlo 502 no',            "r\0$ACCEPTED",                 1 ],
	[ "ehlo 502 no\nhelo 550-a|550 b", failed('Z', $NAME, "550-a\n550 b"), 1 ],
	[ "ehlo 502 no\nhelo 450 later",   failed('Z', $NAME, '450 later'),    1 ],
	[ "ehlo 502 no\nhelo close",       $DIED,                              undef ],
	[ 'mail 550 no',   failed('D', $SENDER, '550 no'),   1 ],
	[ 'mail 450 no',   failed('Z', $SENDER, '450 no'),   1 ],
	[ 'mail 354 hm',   failed('Z', $SENDER, '354 hm'),   1 ],
	[ 'mail 421 busy', failed('Z', $SENDER, '421 busy'), 0 ],
	[ 'mail close',    $DIED,                            undef ],
	[ 'rcpt 550 no', failed('h', $RCPT, '550 no') . $GAVE_UP, 1 ],
	[ 'rcpt 450 no', failed('s', $RCPT, '450 no') . $GAVE_UP, 1 ],
	[ 'rcpt 354 hm', failed('s', $RCPT, '354 hm') . $GAVE_UP, 1 ],
	[ 'rcpt 552 no', failed('h', $RCPT, '552 no') . $GAVE_UP, 1 ],
	[ 'rcpt 421 busy', failed('s', $RCPT, '421 busy') . $DIED, 0 ],
	[ 'rcpt close',    $DIED,                                  undef ],
	[ 'data 554 no',   "r\0" . failed('D', $DATA, '554 no'),   1 ],
	[ 'data 451 no',   "r\0" . failed('Z', $DATA, '451 no'),   1 ],
	[ 'data 250 hm',   "r\0" . failed('Z', $DATA, '250 hm'),   1 ],
	[ 'data 421 busy', "r\0" . failed('Z', $DATA, '421 busy'), 0 ],
	[ 'data close',    "r\0$DIED",                             undef ],
	[ 'dot 554 spam',  "r\0" . failed('D', $DOT, '554 spam'),  1 ],
	[ 'dot 451 later', "r\0" . failed('Z', $DOT, '451 later'), 1 ],
	[ 'dot 354 hm',    "r\0" . failed('Z', $DOT, '354 hm'),    1 ],
	[ 'dot 421 busy',  "r\0" . failed('Z', $DOT, '421 busy'),  0 ],
	[ 'dot close',     "r\0$MAYBE_TWICE",                      undef ],
	[ 'dot raw:25\r\n', "r\0$MAYBE_TWICE",                     0 ],
	[ 'dot 250-2.0.0 a|250 b', "r\0K$P accepted message.\n" . said("250-2.0.0 a\n250 b") . "\0", 1 ],
	[ 'quit hang',     "r\0$ACCEPTED",                         undef ],
);
for my $row (@stages) {
	my ($script, $want, $quit) = @$row;
	for my $pipelining (0, 1) {
		my $name = "$script" . ($pipelining ? ', pipelined' : '');
		$name =~ s/\n/; /g;
		my $before = $pipelining || $script =~ /^ehlo/ ? '' : $NO_PIPELINING;
		$before .= "rcpt 503 no\ndata 503 no\n" if $pipelining && $script =~ /^mail/;
		my $run = deliver("$before$script\n");
		report_is($run, $want, $name);
		is(sent_quit($run), $quit, "$name: QUIT " . ($quit ? 'sent' : 'not sent')) if defined $quit;
		last if $script =~ /^(?:greeting|ehlo|quit)/;
	}
}

{
	my $run = deliver("mail 550 no\n");
	report_is($run, failed('D', $SENDER, '550 no'), 'a server that wants data from a refused sender');
	unlike($run->{said}->(1), qr/DATA\r\n./, '... gets nothing');
}

# timeouts, with the shortest of them
for my $stage (qw(greeting ehlo mail data dot)) {
	my $run = deliver("$stage hang\n", controls => { timeoutremote => "1\n" });
	my $want = $stage eq 'dot' ? "r\0$MAYBE_TWICE" : $stage eq 'data' ? "r\0$DIED" : $DIED;
	report_is($run, $want, "timeout at $stage");
}

{
	# The whole delivery has a limit too: the server answers each command, but not soon enough.
	my $run = deliver("ehlo drip:250 sink\nmail hang\n", controls => { limits => "delivery:1\n" });
	report_is($run, $DIED, 'limits: delivery');
}
{
	my $run = deliver("\@1 ehlo close\n");
	report_is($run, "r\0$ACCEPTED", 'a server that hangs up on EHLO is asked by HELO');
	like($run->{said}->(2), qr/\AHELO client\.example\r\nMAIL FROM:<s\@client\.example>\r\n/, '... on a second connection');
	$run = deliver("ehlo close\nhelo close\n");
	report_is($run, $DIED, 'EHLO and HELO both hung up on');
	ok(!-e "$run->{dir}/3.in", '... no third connection');
}

# --- the dialogue ---------------------------------------------------------------------------------

{
	my $run = deliver($NO_PIPELINING);
	is($run->{said}->(1),
		"EHLO client.example\r\nMAIL FROM:<s\@client.example>\r\nRCPT TO:<r\@dest.example>\r\nDATA\r\n"
		  . "Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n", 'what goes over the wire');
	report_is($run, "r\0$ACCEPTED", 'success');
	$run = deliver('', controls => { helohost => "hello.example  \nsecond\n" });
	like($run->{said}->(1), qr/\AEHLO hello\.example\r\n/, 'helohost');
}
{
	my @three = ('dest.example', 's@client.example', map {"$_\@dest.example"} qw(a b c));
	for my $pipelining ('', $NO_PIPELINING) {
		my $run = deliver("${pipelining}rcpt b\@dest.example 550 no\nrcpt c\@dest.example 450 later\n", argv => \@three);
		report_is($run, "r\0" . failed('h', $RCPT, '550 no') . failed('s', $RCPT, '450 later') . $ACCEPTED, 'T3: three recipients');
		is(slurp("$run->{dir}/1.envelope.1"), "FFROM:<s\@client.example>\nTTO:<a\@dest.example>\n", '... one of them gets it')
		  if $pipelining;
		$run = deliver("${pipelining}rcpt b\@dest.example 552 too many\n", argv => \@three);
		report_is($run, "r\0" . failed('s', $RCPT, '552 too many') . "r\0$ACCEPTED", '552 behind an accepted recipient is 452');
		$run = deliver("${pipelining}rcpt b\@dest.example 421 busy\n", argv => \@three);
		report_is($run, "r\0" . failed('s', $RCPT, '421 busy') . $DIED, '421 ends all');
	}
	my @many = ('dest.example', 's@client.example', map {"r$_\@dest.example"} 1 .. 175);
	my $run = deliver("rcpt r60\@dest.example 550 no\n", argv => \@many);
	report_is($run, ("r\0" x 59) . failed('h', $RCPT, '550 no') . ("r\0" x 115) . $ACCEPTED, 'many recipients in groups');
	$run = deliver("rcpt 550 no\n", argv => \@three);
	report_is($run, failed('h', $RCPT, '550 no') x 3 . $GAVE_UP, 'no recipient, but 354');
	like($run->{said}->(1), qr/DATA\r\n\.\r\nQUIT\r\n\z/, '... gets an empty message for nobody');
	$run = deliver("rcpt 550 no\ndata 554 none\n", argv => \@three);
	report_is($run, failed('h', $RCPT, '550 no') x 3 . $GAVE_UP, 'no recipient, no DATA');
	like($run->{said}->(1), qr/DATA\r\nQUIT\r\n\z/, '... and QUIT at once');
}

# --- SIZE and 8BITMIME -----------------------------------------------------------------------------

{
	my $run = deliver("ehlo SIZE 1000|8BITMIME\n", in => "a\n.b\r\nc\n");
	like($run->{said}->(1), qr/\r\nMAIL FROM:<s\@client\.example> SIZE=10\r\n/, 'SIZE counts CRLF, not doubled dots');
	$run = deliver("ehlo SIZE|8BITMIME\n", in => "\xe4\n");
	like($run->{said}->(1), qr/> SIZE=3 BODY=8BITMIME\r\n/, '8BITMIME');
	$run = deliver("ehlo HELP\n", in => "\xe4\n");
	like($run->{said}->(1), qr/\@client\.example>\r\nRCPT.*DATA\r\n\xe4\r\n\.\r\n/s, '8 bit goes unchanged where it is not offered');
	$run = deliver("ehlo SIZE 9\n", in => "12345678\n");
	report_is($run, "DConnected to $P but message is larger than its limit of 9 bytes. (#5.3.4)\n\0", 'too large');
	unlike($run->{said}->(1), qr/MAIL/, '... and MAIL not sent');
	$run = deliver("ehlo SIZE 10\n", in => "12345678\n");
	report_is($run, "r\0$ACCEPTED", 'just not too large');
}

# --- messages (T4) -----------------------------------------------------------------------------------

for my $row (
	[ 'LF',               "a\nb\n",               "a\r\nb\r\n" ],
	[ 'CRLF',             "a\r\nb\r\n",           "a\r\nb\r\n" ],
	[ 'dots',             ".\n..a\n",             "..\r\n...a\r\n" ],
	[ 'outbound 10 #2: smuggled end', "a\r.\r\nRSET\n",       "a\r\n..\r\nRSET\r\n" ],
	[ 'smuggled end, LF', "a\r.\nRSET\n",         "a\r\n..\r\nRSET\r\n" ],
	[ 'CR at the end',    "a\r",                  "a\r\n" ],
	[ 'empty',            '',                     '' ],
	[ 'NUL',              "a\0b\n",               "a\0b\r\n" ],
	[ 'CR at a block\'s end', 'x' x 65535 . "\r\n.\n", 'x' x 65535 . "\r\n..\r\n" ],
	[ 'dot at a block\'s start', 'x' x 65535 . "\n.\n", 'x' x 65535 . "\r\n..\r\n" ],
	[ 'long line',        'y' x 300000 . "\n",    'y' x 300000 . "\r\n" ],
  )
{
	my ($name, $in, $wire) = @$row;
	my $run = deliver('', in => $in);
	report_is($run, "r\0$ACCEPTED", "message: $name");
	my ($sent) = $run->{said}->(1) =~ /\r\nDATA\r\n(.*)\z/s;
	ok($sent eq "$wire.\r\nQUIT\r\n", "... on the wire");
}
{
	my $run = deliver('', in => "a\nb");
	report_is($run, "r\0DSMTP cannot transfer messages with partial final lines. (#5.6.2)\n\0", 'no end of line');
	unlike($run->{said}->(1), qr/\r\n(?:\.|QUIT)\r\n/, '... neither dot nor QUIT');
	pipe my $from, my $to or die;
	print $to "from a pipe\xe4\n";
	close $to;
	my $sink = start_sink("ehlo SIZE 3|8BITMIME\n");
	my $home = instance(me => "c\n", smtproutes => ":$P:$sink->{port}\n");
	$run = run_program([ 'qmail-remote', 'd', 's@c', 'r@d' ], home => $home, fds => { 0 => $from });
	report_is($run, "r\0$ACCEPTED", 'a message from a pipe');
	open my $unreadable, '<', $home or die;
	$run = run_program([ 'qmail-remote', 'd', 's@c', 'r@d' ], home => $home, fds => { 0 => $unreadable });
	report_is($run, "r\0ZUnable to read message. (#4.3.0)\n\0", 'a message that cannot be read');
}

# --- addresses ---------------------------------------------------------------------------------------

my $BAD_RCPT   = "DSorry, that envelope address contains forbidden bytes. (#5.1.3)\n\0";
my $BAD_SENDER = "DSorry, that envelope address contains forbidden bytes. (#5.1.7)\n\0";
for my $row (
	[ 'outbound 10 #3: LF in recipient',    's@a', "r\@d>\nRCPT TO:<x\@d", $BAD_RCPT ],
	[ 'CR in recipient',     's@a', "r\r\@d",               $BAD_RCPT ],
	[ 'control in local',    's@a', "r\x01\@d",             $BAD_RCPT ],
	[ 'DEL in local',        's@a', "r\x7f\@d",             $BAD_RCPT ],
	[ '> in host',           's@a', 'r@d>x',                $BAD_RCPT ],
	[ '< in host',           's@a', 'r@<d',                 $BAD_RCPT ],
	[ 'blank in host',       's@a', 'r@d x',                $BAD_RCPT ],
	[ 'blank without @',     's@a', 'r x',                  $BAD_RCPT ],
	[ 'outbound 10 #3: LF in sender',    "s\nRSET\@a", 'r@d',           $BAD_SENDER ],
	[ 'blank in its host',   's@a b', 'r@d',                $BAD_SENDER ],
  )
{
	my ($name, $sender, $recipient, $want) = @$row;
	my $run = deliver('', argv => [ 'd', $sender, $recipient ]);
	report_is($run, $want, "forbidden: $name");
	ok(!-e "$run->{dir}/1.in", '... no connection');
}
{
	my $run = deliver('', argv => [ "d\nx", 's@a', 'r@d' ]);
	report_is($run, $BAD_RCPT, 'forbidden: LF in host');
	$run = deliver('', argv => [ 'd', 's@a', 'r@d', "x\n\@d", 'z@d' ]);
	report_is($run, "r\0hSorry, that envelope address contains forbidden bytes. (#5.1.3)\n\0r\0$ACCEPTED",
		'one forbidden recipient among good ones');
	unlike($run->{said}->(1), qr/TO:<"?x/, '... is not sent');
}
for my $row (
	[ 's@a',    'MAIL FROM:<s@a>' ],
	[ '',       'MAIL FROM:<>' ],
	[ '#@[]',   'MAIL FROM:<>' ],
	[ 'a b@c',  'MAIL FROM:<"a b"@c>' ],
	[ 'a<b>@c', 'MAIL FROM:<"a<b>"@c>' ],
	[ '.a@c',   'MAIL FROM:<".a"@c>' ],
	[ "a\"b\@c", 'MAIL FROM:<"a\"b"@c>' ],
	[ 'local',  'MAIL FROM:<local>' ],
  )
{
	my ($sender, $line) = @$row;
	my $run = deliver('', argv => [ 'd', $sender, 'r@d' ]);
	like($run->{said}->(1), qr/\r\n\Q$line\E\r\n/, "sender '$sender'");
}

# --- arguments, home, control files ------------------------------------------------------------------

# Which file, and where in it, is on a line of its own.
sub controls { my ($where) = @_; return "ZUnable to read control files. (#4.3.0)\n$where\n\0" }
{
	my $home = instance(me => "c\n");
	for my $args ([], ['h'], [ 'h', 's' ]) {
		report_is(run_program([ 'qmail-remote', @$args ], home => $home),
			"DI (qmail-remote) was invoked improperly. (#5.3.5)\n\0", scalar(@$args) . ' arguments');
	}
	report_is(run_program([ 'qmail-remote', 'h', 's', 'r' ], env => { QMAILHOME => "$home/none" }, dir => '/'),
		"ZUnable to switch to home directory. (#4.3.0)\n\0", 'no home');
	report_is(run_program([ 'qmail-remote', 'h', 's', 'r' ], home => instance()), controls('control/me: missing'), 'neither me nor helohost');
}
for my $file (qw(helohost smtproutes authsenders timeoutremote timeoutconnect tlspolicy tlsclientciphers outgoingip limits)) {
	my $sink = start_sink('');
	my $home = instance(me => "c\n", smtproutes => ":$P:$sink->{port}\n");
	unlink "$home/control/$file";
	mkdir "$home/control/$file" or die;
	report_is(run_program([ 'qmail-remote', 'h', 's@a', 'r@h' ], home => $home), controls("control/$file: unreadable: Is a directory"), "unreadable $file");
}
report_is(deliver('', controls => { outgoingip => "nonsense\n" }), "Zinvalid ipaddr in control/outgoingip (#4.3.0)\n\0",
	'outgoingip is no address');
report_is(deliver('', controls => { outgoingip6 => "192.0.2.1\n" }), "Zinvalid ipaddr in control/outgoingip6 (#4.3.0)\n\0",
	'outgoingip6 is no IPv6 address');
report_is(deliver('', controls => { outgoingip => "192.0.2.1\n" }), "r\0$ACCEPTED", 'outgoingip is not for loopback');
report_is(deliver('', controls => { outgoingip => "0.0.0.0\n" }), "r\0$ACCEPTED", 'outgoingip 0.0.0.0 is none');
report_is(deliver('', controls => { helohost => "h\n", me => undef }), "r\0$ACCEPTED", 'helohost without me');
report_is(deliver('', controls => { smtproutes => "x.example:r:x\n:$P:PORT\n" }), "r\0$ACCEPTED", 'a bad line for another host');
report_is(deliver('', controls => { smtproutes => "dest.example:r:x\n:$P:PORT\n" }), controls('control/smtproutes:1: not a route'), 'a bad line for this host');
report_is(deliver('', controls => { tlspolicy => "$P:strict\n" }), controls('control/tlspolicy:1: not a TLS policy'), 'a bad line of tlspolicy');
report_is(deliver('', controls => { tlspolicy => "$P:may fp=1\n" }), controls('control/tlspolicy:1: not a TLS policy'), 'an attribute that tlspolicy has not');

# Memory that runs out, which an allocation of megabytes brings about.  (A sanitizer needs more than this to
# start at all.)
SKIP: {
	my $home = instance(me => "c\n", smtproutes => "key:value\n" x 400000);
	my $limited = sub { run_program([ '/bin/sh', '-c', 'ulimit -v 3000 && exec "$0" "$@"', program('qmail-remote'), @_ ], home => $home) };
	skip 'it does not start with 3 MB', 2 unless $limited->()->{out} =~ /^DI \(qmail-remote\)/;
	report_is($limited->('h', 's@a', 'r@h'), "ZOut of memory. (#4.3.0)\n\0", 'out of memory');
}

# --- how the control files are read (outbound 2.1) --------------------------------------------------------

{
	my $hello = sub {
		my ($name, $controls, $want) = @_;
		my $run = deliver('', controls => $controls);
		report_is($run, "r\0$ACCEPTED", "outbound 2.1: $name");
		like($run->{said}->(1), qr/\AEHLO \Q$want\E\r\n/, "... says $want");
	};
	$hello->('me: blanks and tabs at its end', { me => "me.example \t \nother\n" }, 'me.example');
	$hello->('me without a line end', { me => 'me.example' }, 'me.example');
	$hello->('me with CR', { me => "me.example\r\n" }, 'me.example');
	$hello->('me behind a byte order mark', { me => "\xef\xbb\xbfme.example\n" }, 'me.example');
	$hello->('helohost wins', { me => "me.example\n", helohost => "helo.example\n" }, 'helo.example');
	for my $row ([ 'leading digits', "1x\n" ], [ 'the first line', "1\n1000\n" ], [ 'a CR', "1\r\n" ]) {
		report_is(deliver("mail hang\n", controls => { timeoutremote => $row->[1] }), $DIED, "outbound 2.1: timeoutremote, $row->[0]");
	}
	for my $value ("x1\n", "\n", '') {
		report_is(deliver('', controls => { timeoutremote => $value, timeoutconnect => $value }), "r\0$ACCEPTED",
			'outbound 2.1: timeouts without digits are the default');
	}
	for my $row (
		[ 'comments, empty lines, lines without a colon', "# :x.invalid\n\n \t\nno colon\n:$P:PORT\n" ],
		[ 'blanks and tabs behind the port', ":$P:PORT \t\n" ],
		[ 'CR', ":$P:PORT\r\n" ],
		[ 'a byte order mark', "\xef\xbb\xbf:$P:PORT\n" ],
		[ 'no end of the last line', ":$P:PORT" ],
	  )
	{
		report_is(deliver('', controls => { smtproutes => $row->[1] }), "r\0$ACCEPTED", "outbound 2.1: smtproutes, $row->[0]");
	}
}

# --- routes (T1) ----------------------------------------------------------------------------------------

sub route_case {
	my ($name, $controls, $argv, $user, $password, %o) = @_;
	my $script = defined $user ? "ehlo AUTH PLAIN\nuser $user $password\n" : '';
	my $run = deliver($script, controls => $controls, argv => $argv, %o);
	my $ip = $o{ip} || $P;
	report_is($run, "r\0K$ip accepted message.\n" . said('250 ok queued') . "\0", $name);
	like(slurp("$run->{dir}/1.log") || '', defined $user ? qr/^AUTH ok \Q$user\E$/m : qr/\A(?!.*AUTH)/s,
		'... ' . (defined $user ? "as $user" : 'without AUTH'));
}
my @to = ('dest.example', 's@client.example', 'r@dest.example');
route_case('outbound 3.2 row 1', { smtproutes => ":$P:PORT api_username api_password\n" }, \@to, 'api_username', 'api_password');
route_case('outbound 3.2 row 2', { smtproutes => ":$P:PORT -joe s e c\n" }, \@to, 'joe', 's e c');
route_case('outbound 3.2 row 3', { smtproutes => ":$P:PORT|joe|a|b c:d\n" }, \@to, 'joe', 'a|b c:d');
route_case('outbound 3.2 row 4', { smtproutes => ":$P:PORT jo|e p|w\n" }, \@to, 'jo|e', 'p|w');
route_case('outbound 3.2 row 7', { smtproutes => ":[::1]:PORT|joe|pw\n" }, \@to, 'joe', 'pw', sink => ['--v6'], ip => '::1') if has_v6();
route_case('outbound 3.2 row 8', { smtproutes => ":::1;PORT|joe|pw\n" }, \@to, 'joe', 'pw', sink => ['--v6'], ip => '::1') if has_v6();
route_case('outbound 3.2 row 9', { smtproutes => ":$P:PORT:0 joe pw\n" }, \@to, 'joe', 'pw');
route_case('outbound 3.2 row 10', { smtproutes => ":$P:PORT:3600:120 joe pw\n" }, \@to, 'joe', 'pw');
route_case('outbound 3.2 row 12', { smtproutes => "dest.example:[$P]:PORT\n" }, \@to);
route_case('outbound 3.2 row 13', { smtproutes => "[192.0.2.9]:$P:PORT\n" }, [ '[192.0.2.9]', 's@c', 'u@[192.0.2.9]' ]);
route_case('outbound 3.2 row 14', { smtproutes => ":x.invalid\n!\@:$P:PORT\n" }, [ 'dest.example', '', 'r@dest.example' ]);
route_case('outbound 3.2 row 14, double bounce', { smtproutes => ":x.invalid\n!\@:$P:PORT\n" }, [ 'dest.example', '#@[]', 'r@dest.example' ]);
route_case('outbound 3.2 row 15', { smtproutes => "dest.example: $P:PORT\n" }, \@to);
route_case('outbound 3.2 row 17', { smtproutes => ":$P:PORT|joe\n" }, \@to);
route_case('outbound 3.2 row 18', { smtproutes => ":$P:PORT\n", authsenders => "\@client.example|generic|passwd\n" }, \@to, 'generic', 'passwd');
route_case('outbound 3.2 row 19', { smtproutes => ":x.invalid\n", authsenders => "s\@client.example:$P:PORT|o|p\n" }, \@to, 'o', 'p');
route_case('outbound 3.2 row 20', { smtproutes => ":x.invalid\n", authsenders => ":$P:PORT|e=mc2|tp\n" }, \@to, 'e=mc2', 'tp');
route_case('T1: recipient', { smtproutes => ":x.invalid\nr\@dest.example:$P:PORT\n" }, \@to);
route_case('T1: suffix', { smtproutes => ":x.invalid\n.example:$P:PORT\n" }, \@to);
route_case('T1: DOS file', { smtproutes => ":$P:PORT u p\r\n" }, \@to, 'u', 'p');

sub has_v6 { return eval { IO::Socket::IP->new(LocalHost => '::1', Listen => 1) } ? 1 : 0 }

# --- AUTH (T2) ---------------------------------------------------------------------------------------------

sub auth_case {
	my ($script, $want, $name, %o) = @_;
	my $run = deliver("user u p w\n$script", route => '|u|p w', %o);
	report_is($run, $want, "AUTH: $name");
	return $run;
}
sub auth_failed { my ($mechanism, $reply) = @_; return "ZConnected to $P but authentication was rejected ($mechanism). (#4.7.8)\n" . said($reply) . "\0" }

for my $mechanism ('PLAIN', 'LOGIN', 'CRAM-MD5') {
	auth_case("ehlo AUTH X-OTHER $mechanism\n", "r\0$ACCEPTED", $mechanism);
	auth_case("ehlo AUTH=$mechanism\n", "r\0$ACCEPTED", "AUTH=$mechanism");
	my $run = deliver("user u other\nehlo AUTH $mechanism\n", route => '|u|p w');
	report_is($run, auth_failed($mechanism, '535 no'), "AUTH: $mechanism, wrong password");
	like($run->{said}->(1), qr/\r\nQUIT\r\n\z/, '... QUIT');
	unlike($run->{said}->(1), qr/MAIL/, '... no MAIL');
}
{
	my $run = auth_case("ehlo AUTH LOGIN PLAIN CRAM-MD5\n", "r\0$ACCEPTED", 'our order');
	like($run->{said}->(1), qr/^AUTH CRAM-MD5\r$/m, '... CRAM-MD5 first');
	$run = auth_case("ehlo AUTH LOGIN PLAIN CRAM-MD5\n", "r\0$ACCEPTED", 'authmechs', controls => { authmechs => "$P:LOGIN PLAIN\n" });
	like($run->{said}->(1), qr/^AUTH LOGIN\r$/m, '... its order');
	$run = auth_case("ehlo AUTH LOGIN PLAIN\n", "ZConnected to $P but it offers no usable AUTH mechanism. (#4.7.9)\n\0",
		'authmechs without a match', controls => { authmechs => ":SCRAM-SHA-256 CRAM-MD5\n" });
	$run = auth_case("ehlo AUTH PLAIN\n", "r\0$ACCEPTED", 'authmechs of another relay', controls => { authmechs => "other:LOGIN\n" });
	like($run->{said}->(1), qr/^AUTH PLAIN \S+\r$/m, '... initial response');
	my $long = 'p' x 400;
	$run = deliver("user u $long\nehlo AUTH PLAIN\n", route => "|u|$long");
	report_is($run, "r\0$ACCEPTED", 'AUTH: a long password goes in two steps');
	like($run->{said}->(1), qr/^AUTH PLAIN\r$/m, '... without initial response');
}
auth_case("ehlo HELP\n", "ZConnected to $P but it offers no usable AUTH mechanism. (#4.7.9)\n\0", 'not offered');
auth_case("ehlo AUTH GSSAPI\n", "ZConnected to $P but it offers no usable AUTH mechanism. (#4.7.9)\n\0", 'nothing we know');
auth_case("ehlo 502 no\n", failed('Z', $NAME, '502 no'), 'EHLO refused: no HELO');
auth_case("ehlo close\n", $DIED, 'EHLO hung up on: no HELO');
auth_case("ehlo AUTH PLAIN\nauth 454 later\n", auth_failed('PLAIN', '454 later'), '454');
auth_case("ehlo AUTH PLAIN LOGIN\nauth 535-a u|535 b\n", auth_failed('PLAIN', "535-a u\n535 b"), 'outbound 10 #4: 535 to PLAIN is the end');
auth_case("ehlo AUTH PLAIN\nauth 421 busy\n", auth_failed('PLAIN', '421 busy'), '421');
auth_case("ehlo AUTH PLAIN\nauth 250 hm\n", auth_failed('PLAIN', '250 hm'), '250 is not 235');
auth_case("ehlo AUTH PLAIN\nauth close\n", $DIED, 'close');
{
	my $run = auth_case("ehlo AUTH CRAM-MD5 PLAIN\nauth 504 no\n", auth_failed('PLAIN', '504 no'), '504: the next mechanism, once');
	is(() = $run->{said}->(1) =~ /^AUTH /mg, 2, '... two');
	$run = auth_case("ehlo AUTH CRAM-MD5 PLAIN LOGIN\nauth 504 no\n", auth_failed('PLAIN', '504 no'), 'no third mechanism');
	is(() = $run->{said}->(1) =~ /^AUTH /mg, 2, '... two');
	$run = auth_case("ehlo AUTH CRAM-MD5 PLAIN\nauth 535 no\nauth\n", "r\0$ACCEPTED", '535 to CRAM-MD5: PLAIN');
	$run = auth_case("ehlo AUTH PLAIN LOGIN\nauth 534 no\nauth\n", "r\0$ACCEPTED", '534: the next');
	$run = auth_case("ehlo AUTH CRAM-MD5\nauth raw:334 !!!\\r\\n\nother 501 cancelled\n", auth_failed('CRAM-MD5', '501 cancelled'), 'a challenge that is not base64');
	like($run->{said}->(1), qr/\r\n\*\r\n/, '... is cancelled');
}
{
	my $run = auth_case("user u p w\nehlo AUTH PLAIN\nrcpt 550 no\n", failed('h', $RCPT, '550 no') . $GAVE_UP,
		'outbound 10 #1: success does not make an early K');
	unlike($run->{said}->(1), qr/AUTH=/, '... MAIL has no AUTH=');
}

# --- helpers that are not there ---------------------------------------------------------------------------

{
	my $sink = start_sink("\@1 ehlo STARTTLS\n");
	my $home = instance(me => "c\n", smtproutes => "name:relay.example\n:$P:$sink->{port}\n");
	unlink "$home/bin";
	mkdir "$home/bin";
	report_is(run_program([ 'qmail-remote', 'name', 's@a', 'r@name' ], home => $home),
		"ZSorry, I couldn't find any host by that name. (#4.1.2)\n\0", 'no qmail-dns');
	report_is(run_program([ 'qmail-remote', 'd', 's@a', 'r@d' ], home => $home, in => "x\n"), "r\0$ACCEPTED", 'no qmail-tls: in clear where it may');
}

# --- helpers that die, talk nonsense or say nothing ------------------------------------------------------

{
	my %bad = (
		'that fails at once' => 'exit 1',
		'that is killed'     => 'kill -9 $$',
		'of another kind'    => 'printf nonsense >&0',
		'that only listens'  => 'exec cat >/dev/null',    # to its caller's end
	);
	for my $how (sort keys %bad) {
		my $sink = start_sink("ehlo STARTTLS\nstarttls 220 go\n");
		my $home = instance(me => "c\n", limits => "delivery:3\n", timeoutremote => "1\n",
			smtproutes => "name:relay.example\n:$P:$sink->{port}\n");
		unlink "$home/bin";
		mkdir "$home/bin";
		spit("$home/bin/$_", "#!/bin/sh\n$bad{$how}\n", 0755) for qw(qmail-dns qmail-tls);
		report_is(run_program([ 'qmail-remote', 'name', 's@a', 'r@name' ], home => $home),
			"ZSorry, I couldn't find any host by that name. (#4.1.2)\n\0", "a qmail-dns $how");
		report_is(run_program([ 'qmail-remote', 'd', 's@a', 'r@d' ], home => $home, in => "x\n"), "r\0$ACCEPTED",
			"a qmail-tls $how: in clear where it may");
		control($home, 'tlspolicy', "$P:encrypt\n");
		my $run = run_program([ 'qmail-remote', 'd', 's@a', 'r@d' ], home => $home, in => "x\n");
		like(visible($run->{out}), qr/\AZ[^\\]+\n\\x00\z/, '... and deferred where it must be TLS');
	}
}

# --- addresses that do not answer (T15) ---------------------------------------------------------------------

{
	my $closed = IO::Socket::IP->new(LocalHost => $P, LocalPort => 0, Proto => 'tcp') or die;    # bound, not listening
	my $home = instance(me => "c\n", smtproutes => ":$P:" . $closed->sockport . "\n");
	queue_tree($home);
	my $none = "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n\0";
	my @argv = ('qmail-remote', 'h', 's@a', 'r@h');
	report_is(run_program(\@argv, home => $home), $none, 'connection refused');
	is(slurp("$home/queue/lock/tcpto"), "\0" x 1024, '... does not count in tcpto');
	my $blocked = pack 'C4 C x3 V x4', 127, 0, 0, 1, 2, time - 60;
	my $sink = start_sink('');
	control($home, 'smtproutes', ":$P:$sink->{port}\n");
	spit("$home/queue/lock/tcpto", $blocked . "\0" x 1008);
	report_is(run_program(\@argv, home => $home), $none, 'an address that timed out twice is skipped');
	ok(!-e "$sink->{dir}/1.in", '... without a packet');
	control($home, 'smtproutes', ":$P:$sink->{port}:0\n");
	report_is(run_program(\@argv, home => $home), "r\0$ACCEPTED", 'penalty 0 switches that off');
	control($home, 'smtproutes', ":$P:$sink->{port}\n");
	my $once = pack 'C4 C x3 V x4', 127, 0, 0, 1, 1, time - 60;
	spit("$home/queue/lock/tcpto", $once . "\0" x 1008);
	report_is(run_program(\@argv, home => $home), "r\0$ACCEPTED", 'one that timed out once is tried');
	substr $once, 4, 1, "\0";
	is(slurp("$home/queue/lock/tcpto"), $once . "\0" x 1008, '... and cleared in the table');
}

done_testing();
