#!/usr/bin/perl
# qmail-qmtpd: the protocol, stock's answers byte for byte, and what it shares with qmail-smtpd: hosts, senders,
# recipients, limits, the log (queue 2.4, outbound 1.3).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Qferry::Net;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

my $text  = "\nSubject: x\n\nhi\n";
my $OK    = 'Kok N qp N';
my $HOST  = q(Dsorry, that domain isn't in my list of allowed rcpthosts (#5.7.1));
my $RCPT  = q(Dsorry, I can't handle that recipient (#5.1.3));
my $FROM  = 'Dunacceptable sender (#5.1.7)';
my $LARGE = 'Dsorry, that message size exceeds my databytes limit (#5.3.4)';
my ($us, $him) = ('s@client.example', 'r@dest.example');

# name, what is said, answers, exit, and by name: what net_run() takes; stored (messages, 1 if one says K); in
# both modes unless `modes` says otherwise.
sub row {
	my ($name, $said, $answers, $exit, %with) = @_;
	for my $mode (@{ $with{modes} || [ '', 1 ] }) {
		my %env = (%{ $with{env} || {} }, $mode ? (QSTRICT => 1) : ());
		my $run = net_run('qmail-qmtpd', $said, %with, env => \%env);
		my $shown = $mode ? "$name, strict" : $name;
		is_deeply([ answers($run->{out}) ], $answers, "$shown: the answers");
		is("$run->{exit}/$run->{signal}", "$exit/0", "$shown: exit $exit");
		my $wanted = defined $with{stored} ? $with{stored} : grep { /^K/ } @$answers;
		is(scalar @{ $run->{stored} }, $wanted, "$shown: stored is what was taken");
		$with{look}->($run, $shown) if $with{look};
	}
}

# --- the protocol, as stock has it ---------------------------------------------------------------

row('a message', qmtp($text, $us, $him), [$OK], 0, look => stored_as('QMTP', "Subject: x\n\nhi\n", $us, $him));
row('line ends of DOS', qmtp("\rSubject: x\r\n\r\nhi\r\n\rx\r\r\ny\r", $us, $him), [$OK], 0,
	look => stored_as('QMTP', "Subject: x\n\nhi\n\rx\r\ny\r", $us, $him));
row('octets as they are', qmtp("\na\r\nb\rc\0d\xe4", $us, $him), [$OK], 0, look => stored_as('QMTP', "a\r\nb\rc\0d\xe4", $us, $him));
row('an empty message and an empty sender', qmtp("\n", '', $him), [$OK], 0, look => stored_as('QMTP', '', '', $him));
row('a foreign host', qmtp($text, $us, 'r@far.example'), [$HOST], 0);
row('some of several', qmtp($text, $us, 'r@far.example', $him, "n\0l\@dest.example", 'l' x 1000, 'x@Y.wild.EXAMPLE', 'local'),
	[ $HOST, $OK, $RCPT, $RCPT, $OK, $OK ], 0, stored => 1, look => stored_as('QMTP', "Subject: x\n\nhi\n", $us, $him, 'x@Y.wild.EXAMPLE', 'local'));
row('two messages', qmtp($text, $us, $him) . qmtp("\ny\n", 't@client.example', 'q@dest.example'), [ $OK, $OK ], 0);
row('one and a half', qmtp($text, $us, $him) . substr(qmtp($text, $us, $him), 0, 30), [$OK], 0);
row('a sender of 1000 octets', qmtp($text, 's' x 1000, $him), [$FROM], 0);
row('... and a foreign host', qmtp($text, 's' x 1000, $him, 'r@far.example'), [ $FROM, $HOST ], 0, modes => [1]);
row('a sender with NUL', qmtp($text, "s\0", $him), [$FROM], 0);
row('a relay client', qmtp($text, $us, 'r@far.example'), [$OK], 0, env => { RELAYCLIENT => '.relay' },
	look => stored_as('QMTP', "Subject: x\n\nhi\n", $us, 'r@far.example.relay'));
row('... with no room for the suffix', qmtp($text, $us, 'r' x 990), [$RCPT], 0, env => { RELAYCLIENT => '.relay.example' });
row('databytes', qmtp("\n12345", $us, $him) . qmtp("\n123456", $us, $him), [ $OK, $LARGE ], 0, controls => { databytes => "5\n" });
row('... by variable, with CRLF', qmtp("\r1234\r\n", $us, $him) . qmtp("\r12345\r\n", $us, $him), [ $OK, $LARGE ], 0, env => { DATABYTES => 5 });
row('... and a bad sender', qmtp("\n123456", "\0", $him), [$LARGE], 0, env => { DATABYTES => 5 });
row('the queue program refuses', qmtp($text, $us, $him, 'r@far.example'), [ 'Dmail server permanently rejected message (#5.3.0)', $HOST ], 0, exit => 31);
row('... defers', qmtp($text, $us, $him), ['Zqq write error or disk full (#4.3.0)'], 0, exit => 53);
row('a user is named by IDENT', qmtp($text, $us, $him), [$OK], 0, env => { TCPREMOTEINFO => 'joe' },
	look => sub { like($_[0]{stored}[0]{message}, qr/^Received: from client\.example \(joe\@192\.0\.2\.1\)$/m, "$_[1]: in Received") });
row('nobody', qmtp($text, $us), [], 0, stored => 0);
row('another protocol', "EHLO x\r\n", [], 100);
row('a message without its first octet', '0:,', [], 100);
row('a message that begins with another', netstring('x'), [], 100);
row('no comma', "3:\nab;", [], 100);
row('a list that does not hold what it says', netstring($text) . netstring('') . '5:9:abc,,', [], 100);
row('a number without measure', '99999999999999:', [], 111);
row('numbers with zeros in front', '0000016:' . substr($text, 0, 16) . ',' . netstring('') . netstring(netstring($him)), [$OK], 0);
row('nothing', '', [], 0);
row('no control/me', qmtp($text, $us, $him), [$OK], 0, controls => { me => '' });
row('control/rcpthosts that cannot be read', qmtp($text, $us, $him), [], 111,
	home => do { my $home = net_home(); unlink "$home/control/rcpthosts"; mkdir "$home/control/rcpthosts"; $home });

# --- what qmail-smtpd does, and stock's qmail-qmtpd does not --------------------------------------

my @ours = (modes => ['']);
row('badmailfrom', qmtp($text, 'bad@spam.example', $him), ['Dsorry, your envelope sender is in my badmailfrom list (#5.7.1)'], 0, @ours,
	controls => { badmailfrom => "\@spam.example\n" });
row('... not in strict mode', qmtp($text, 'bad@spam.example', $him), [$OK], 0, modes => [1], controls => { badmailfrom => "\@spam.example\n" });
row('badrcptto', qmtp($text, $us, 'nobody@dest.example', $him), [ 'Dsorry, your envelope recipient is in my badrcptto list (#5.7.1)', $OK ], 0, @ours,
	controls => { badrcptto => "nobody\@dest.example\n" }, stored => 1);
row('a recipient who has no mailbox', qmtp($text, $us, 'nobody@dest.example', $him), [ 'Dsorry, no mailbox here by that name. (#5.1.1)', $OK ], 0, @ours,
	env => { RCPTCHECK => spit(temp_dir() . '/check', "#!/bin/sh\ncase \$RECIPIENT in nobody@*) exit 100 ;; esac\n", 0755) }, stored => 1);
row('... and nobody can say', qmtp($text, $us, $him), ['Zunable to verify recipient (#4.3.0)'], 111, @ours,
	env => { RCPTCHECK => spit(temp_dir() . '/check', "#!/bin/sh\nexit 111\n", 0755) });
row('a list that cannot be read defers', qmtp($text, $us, $him, $him), [ ('Zunable to read controls (#4.3.0)') x 2 ], 111, @ours,
	home => do { my $home = net_home(); mkdir "$home/control/badrcptto"; $home });
row('a recipient with a control octet', qmtp($text, $us, "r\n\@dest.example"), [$RCPT], 0, @ours);
row('a recipient of no octets', qmtp($text, $us, ''), [$RCPT], 0, @ours);
row('a loop', qmtp("\n" . "Received: by x\n" x 100 . "\n", $us, $him), ['Dtoo many hops, this message is looping (#5.4.6)'], 0, @ours);
row('99 hops, and a body that talks of more', qmtp("\n" . "Received: by x\n" x 99 . "\nReceived: x\n", $us, $him), [$OK], 0, @ours);
row('a queue program that is not there', qmtp($text, $us, $him), ['Zunable to exec qq (#4.3.0)'], 0, env => { QMAILQUEUE => 'bin/none' });
row('limits.recipients', qmtp($text, $us, map { "r$_\@dest.example" } 1 .. 3), [ $OK, $OK, 'Zsorry, too many recipients (#4.5.3)' ], 0, @ours,
	controls => { limits => "recipients:2\n" }, stored => 1);
row('many more than that', qmtp($text, $us, ('r@far.example') x 102), [], 111, @ours, controls => { limits => "recipients:1\n" });
row('a list that is longer than all of it may be', netstring($text) . netstring('') . '2049:', [], 111, @ours, controls => { limits => "envelope:1024\n" });
row('a sender of more octets than limits.address', qmtp($text, 's' x 300, $him), [$FROM], 0, @ours, controls => { limits => "address:256\n" });
row('maxmsgs', qmtp($text, $us, $him) x 2, [ $OK, 'Ztoo many messages in one session, please reconnect (#4.7.0)' ], 0, @ours, controls => { maxmsgs => "1\n" });
row('HELO is not asked for', qmtp($text, $us, $him), [$OK], 0, @ours, controls => { badhelo => ".*\n", rfcorder => "1\n", submission => "1\n" });

{
	my $home = net_home(ratenetworkrcpt => "2\n");
	mkdir "$home/$_" for qw(state state/db);
	my $run = net_run('qmail-qmtpd', qmtp($text, $us, $him, $him, $him), home => $home);
	is_deeply([ answers($run->{out}) ], [ $OK, $OK, 'Zyou have sent too much, try again later (#4.7.1)' ], 'ratenetworkrcpt');
}

# --- the log ---------------------------------------------------------------------------------------

{
	my $run = net_run('qmail-qmtpd', qmtp($text, $us, $him, 'r@far.example') . "x", controls => {});
	my @log = split /\n/, $run->{err};
	like($log[0], qr/^qmail-qmtpd\[\d+\]: refuse sid=[0-9a-f]{16} ip=192\.0\.2\.1 code=553 check=rcpthosts .*to=r\@far\.example/, 'log: a recipient is refused');
	like($log[1], qr/^qmail-qmtpd\[\d+\]: accept sid=\S+ ip=192\.0\.2\.1 qp=\d+ octets=\d+ rcpts=1 ms=\d+ from=s\@client\.example to=r\@dest\.example/, '... a message is taken');
	like($log[2], qr/^qmail-qmtpd\[\d+\]: end .*reason=protocol/, '... how it ended');
	is(@log, 3, '... and no more');
	is(net_run('qmail-qmtpd', qmtp($text, $us, $him), env => { SMTPDLOG => 0 })->{err}, '', 'smtpdlog 0: silent');
	is(net_run('qmail-qmtpd', qmtp($text, $us, 'r@far.example'), env => { QSTRICT => 1 })->{err}, '', 'strict mode: silent');
}

# --- answers come when they are due, and several messages on one connection --------------------------

{
	my $home = net_home();
	my $queue = use_store_queue($home);
	my $server = start_server([ '/usr/bin/env', 'tcpserver', '-1', '-H', '-R', '-l', 'mx.example', '127.0.0.1', 0, program('qmail-qmtpd') ],
		home => $home, env => { QMAILQUEUE => $queue, SMTPDLOG => 0 });
	my $net = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die "connect: $@";
	for my $n (1 .. 3) {
		my $said = '';
		$net->syswrite(qmtp("\nmessage $n\n", $us, $him));
		$net->sysread($said, 100, length $said) or last until $said =~ /,\z/;
		is_deeply([ answers($said) ], [$OK], "message $n on a connection: answered while it stays");
	}
	close $net;
	is(scalar(stored_messages($home)), 3, '... all are there');
	stop_server($server);
}

# --- our qmail-remote to our qmail-qmtpd, to two recipients -----------------------------

{
	my $home = net_home();
	my $queue = use_store_queue($home);
	my $server = start_server([ '/usr/bin/env', 'tcpserver', '-1', '-H', '-R', '-l', 'mx.example', '127.0.0.1', 0, program('qmail-qmtpd') ],
		home => $home, env => { QMAILQUEUE => $queue, SMTPDLOG => 0 });
	my $sender = instance(me => "client.example\n", qmtproutes => ":127.0.0.1:$server->{port}\n");
	queue_tree($sender);
	my $message = "Subject: x\n\n.dot\n8 bit \xe4\nlong " . 'x' x 2000 . "\n" . "line\n" x 50_000;
	my $run = run_program([ 'qmail-remote', 'dest.example', $us, $him, 'r@far.example' ], home => $sender, in => $message);
	like($run->{out}, qr/\Arqmtp: ok \d+ qp \d+\n\0hqmtp: sorry, that domain isn't in my list of allowed rcpthosts \(#5\.7\.1\)\n\0KAll received okay by 127\.0\.0\.1\n\0\z/,
		'our qmail-remote: the report');
	my ($got) = stored_messages($home);
	is(substr($got->{message}, -length $message), $message, '... the message as it was');
	is("$got->{sender} > @{ $got->{recipients} }", "$us > $him", '... the envelope');
	stop_server($server);
}

# --- inside TLS: QMTPS ------------------------------------------------------------------------------------

SKIP: {
	skip 'no openssl to make certificates', 3 unless system('command -v openssl >/dev/null 2>&1') == 0;
	my $pki = temp_dir();
	make_authority($pki, 'ca');
	make_certificate($pki, 'mx', 'ca', alt => 'IP:127.0.0.1');
	my $home = net_home('servercert.pem' => pem($pki, 'mx.key', 'mx.crt'));
	chmod 0600, "$home/control/servercert.pem";
	my $queue = use_store_queue($home);
	my $server = start_server([ '/usr/bin/env', 'tcpserver', '-1', '-H', '-R', '-l', 'mx.example', '127.0.0.1', 0, program('qmail-qmtpd') ],
		home => $home, env => { QMAILQUEUE => $queue, SMTPDLOG => 0, SMTPS => 1 });
	my $sender = instance(me => "client.example\n", qmtproutes => ":127.0.0.1:s$server->{port}\n", tlspolicy => ":secure ca=$pki/ca.crt\n");
	queue_tree($sender);
	my $run = run_program([ 'qmail-remote', 'dest.example', $us, $him ], home => $sender, in => "Subject: x\n\nhi\n");
	like($run->{out}, qr/\Arqmtp: ok \d+ qp \d+\n\0KAll received okay/, 'QMTPS: our qmail-remote delivers to our qmail-qmtpd');
	my ($got) = stored_messages($home);
	like($got->{message}, qr/ with QMTPS \(TLSv1\.3 \S+\); /, '... Received says so');
	is("$got->{sender} > @{ $got->{recipients} }", "$us > $him", '... the envelope');
	stop_server($server);
}

done_testing();
