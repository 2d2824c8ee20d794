#!/usr/bin/perl
# QMQP: qmail-qmqpd, which takes everything from those that may connect; qmail-qmqpc in the place of qmail-queue, with its
# exit codes (queue 2.2, 2.4); and both together, as a host without a queue has them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use IO::Socket::INET;
use Qferry::Net;
use Qferry::Queue;
use Qferry::Test;
use Socket;
use Test::More;

$SIG{PIPE} = 'IGNORE';
my $OK  = 'Kok N qp N';
my $BAD = q(Dsorry, I can't accept addresses like that (#5.1.3));

# --- the server --------------------------------------------------------------------------------------

sub row {
	my ($name, $said, $answers, $exit, %with) = @_;
	for my $mode (@{ $with{modes} || [ '', 1 ] }) {
		my %env = (%{ $with{env} || {} }, $mode ? (QSTRICT => 1) : ());
		my $run = net_run('qmail-qmqpd', $said, %with, env => \%env);
		my $shown = $mode ? "$name, strict" : $name;
		is_deeply([ answers($run->{out}) ], $answers, "$shown: the answer");
		is("$run->{exit}/$run->{signal}", "$exit/0", "$shown: exit $exit");
		is(scalar @{ $run->{stored} }, scalar(grep { /^K/ } @$answers), "$shown: stored is what was taken");
		$with{look}->($run, $shown) if $with{look};
	}
}

row('a message', qmqp("Subject: x\n\nhi\n", 's@a.example', 'r@far.example', 'local'), [$OK], 0,
	look => stored_as('QMQP', "Subject: x\n\nhi\n", 's@a.example', 'r@far.example', 'local'));
row('octets as they are', qmqp("a\r\nb\rc\0d\xe4", '', 'r@far.example'), [$OK], 0, look => stored_as('QMQP', "a\r\nb\rc\0d\xe4", '', 'r@far.example'));
row('an empty message', qmqp('', 's', 'r'), [$OK], 0);
row('a bad recipient, and nobody gets it', qmqp("x\n", 's', 'l' x 1000, 'r'), [$BAD], 0);
row('... one with NUL', qmqp("x\n", 's', "r\0", 'r'), [$BAD], 0);
row('a bad sender', qmqp("x\n", 's' x 1000, 'r'), [$BAD], 0);
row('... one with NUL', qmqp("x\n", "s\0", 'r'), [$BAD], 0);
row('the queue program refuses', qmqp("x\n", 's', 'r'), ['Dmail server permanently rejected message (#5.3.0)'], 0, exit => 31);
row('... defers', qmqp("x\n", 's', 'r'), ['Zmail server temporarily rejected message (#4.3.0)'], 0, exit => 71);
row('one message only', qmqp("x\n", 's', 'r') x 2, [$OK], 0);
row('its last comma is missing', substr(qmqp("x\n", 's', 'r'), 0, -1), [], 0);
row('... is another octet', substr(qmqp("x\n", 's', 'r'), 0, -1) . ';', [], 100);
row('no sender', netstring(netstring('x')), [], 100);
row('a part that is longer than the whole', '5:9:abc,,', [], 100);
row('another protocol', "EHLO x\r\n", [], 100);
row('a number without measure', '99999999999999:', [], 111);
row('nothing', '', [], 0);
row('no recipient', qmqp("x\n", 's'), ['Dthere is no recipient (#5.5.1)'], 0, modes => ['']);
row('... is fine for stock', qmqp("x\n", 's'), [$OK], 0, modes => [1]);
row('a recipient of no octets', qmqp("x\n", 's', ''), [$BAD], 0, modes => ['']);
row('a loop', qmqp("Received: by x\n" x 100 . "\n", 's', 'r'), ['Dtoo many hops, this message is looping (#5.4.6)'], 0, modes => ['']);
row('lists of hosts and senders, and what is scanned, are for strangers', qmqp("123456\n", 'bad@spam.example', 'r@far.example'), [$OK], 0,
	controls => { badmailfrom => "\@spam.example\n", rcpthosts => "dest.example\n", databytes => "3\n", clamd => "/none\n", submission => "1\n" });
row('... even where they cannot be read', qmqp("x\n", 's', 'r'), [$OK], 0, modes => [''],
	home => do { my $home = net_home(); unlink "$home/control/rcpthosts"; mkdir "$home/control/rcpthosts"; $home });
row('$DATABYTES is for us', qmqp("123456\n", 's', 'r'), ['Dsorry, that message size exceeds my databytes limit (#5.3.4)'], 0,
	env => { DATABYTES => 3 }, modes => ['']);
row('more recipients than SMTP may have', qmqp("x\n", 's', map { "r$_" } 1 .. 30), [$OK], 0, modes => [''], controls => { limits => "recipients:2\n" });
row('more of an envelope than may be', qmqp("x\n", 's', map { "r$_\@far.example" } 1 .. 99), ['Zsorry, too many recipients (#4.5.3)'], 0,
	modes => [''], controls => { limits => "envelope:1024\n" });
like(net_run('qmail-qmqpd', qmqp("x\n", 's', 'r', 'q'))->{err},
	qr/\Aqmail-qmqpd\[\d+\]: accept sid=\S+ ip=192\.0\.2\.1 qp=\d+ octets=\d+ rcpts=2 ms=\d+ from=s to=r /, 'the log');

{
	my $home = net_home(ratenetwork => "1\n");
	mkdir "$home/$_" for qw(state state/db);
	is_deeply([ map { answers(net_run('qmail-qmqpd', qmqp("x\n", 's', 'r'), home => $home)->{out}) } 1, 2 ],
		[ $OK, 'Zyou have sent too much, try again later (#4.7.1)' ], 'ratenetwork counts here, too');
}

# --- the client --------------------------------------------------------------------------------------

# Servers that answer: each a script of what to read (octets; 0: until the end) and say.
sub listener { return IO::Socket::INET->new(Listen => 10, LocalAddr => '127.0.0.1', ReuseAddr => 1) || die "listen: $@" }

# A port that nobody listens at.
sub nobody { my $l = listener(); return $l->sockport }

# qmail-qmqpc, with these servers: [ what each says, after how many octets (all that comes, if undef) ].
# Returns exit, err, and what each has heard.
sub client {
	my ($servers, %with) = @_;
	my $message  = $with{message}  // "Subject: x\n\nhi\n";
	my $envelope = $with{envelope} // envelope('s@a.example', 'r@far.example', 'q@far.example');
	my @listen = map { ref $_ ? listener() : undef } @$servers;
	my @lines = map { ref $servers->[$_] ? '127.0.0.1:' . $listen[$_]->sockport : $servers->[$_] } 0 .. $#$servers;
	my $home = $with{home} || instance(qmqpservers => $with{list} // join '', map { "$_\n" } @lines);
	my $dir = temp_dir();
	spit("$dir/$_->[0]", $_->[1]) for [ message => $message ], [ envelope => $envelope ];
	open my $in, '<', "$dir/message" or die;
	open my $from, '<', "$dir/envelope" or die;
	open my $err, '>', "$dir/err" or die;
	my $pid = start_program(['qmail-qmqpc'], home => $home, env => $with{env} || {}, fds => { 0 => $in, 1 => $from, 2 => $err });
	my @heard = map { '' } @$servers;
	my $select = IO::Select->new(grep { $_ } @listen);
	my %index = map { $listen[$_] ? (fileno $listen[$_] => $_) : () } 0 .. $#listen;
	my ($exit, $signal);
	until (defined $exit) {
		if (waitpid($pid, POSIX::WNOHANG()) == $pid) { ($exit, $signal) = ($? >> 8, $? & 127); last }
		for my $handle ($select->can_read(0.02)) {
			my $n = $index{ fileno $handle };
			serve(scalar $handle->accept, $servers->[$n], \$heard[$n]);
		}
	}
	return { exit => $signal ? "signal $signal" : $exit, err => slurp("$dir/err"), heard => \@heard };
}

sub serve {
	my ($net, $script, $heard) = @_;
	my ($says, $after, $then) = @$script;
	my $enough = sub { return defined $after ? length $$heard >= $after : $$heard =~ /\A(\d+):/ && length $$heard >= length($1) + $1 + 2 };
	until ($enough->()) { sysread $net, $$heard, 65536, length $$heard or last }
	syswrite $net, $says if length $says;
	if (($then || '') eq 'reset') { setsockopt $net, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0 }
	elsif (!$then) { shutdown $net, 1; 1 while sysread $net, my $rest, 65536 }
	close $net;
}

my $wire = qmqp("Subject: x\n\nhi\n", 's@a.example', 'r@far.example', 'q@far.example');
{
	my $run = client([ ['3:Kok,'] ]);
	is($run->{exit}, 0, 'client: taken');
	is($run->{heard}[0], $wire, '... what goes over the wire');
	is($run->{err}, '', '... and nothing is said');
	$run = client([ ['1:K,'] ], message => '', envelope => "F\0T\0\0junk");
	is("$run->{exit} $run->{heard}[0]", "0 " . qmqp('', '', ''), '... the least that there can be; what follows the envelope is not read');
	my $large = join '', map { "line $_\n" } 1 .. 300_000;
	$run = client([ ['3:Kok,'] ], message => $large, envelope => envelope('s', map { "r$_\@far.example" } 1 .. 20_000));
	is($run->{exit}, 0, '... megabytes');
	ok($run->{heard}[0] eq qmqp($large, 's', map { "r$_\@far.example" } 1 .. 20_000), '... arrive whole');
}

my $gone = nobody();
for my $case (
	[ 'refused for good',              [ ['5:Dnope,'] ],              31, qr/^qmail-qmqpc: control\/qmqpservers:1: nope$/ ],
	[ '... and no other is asked',     [ ['5:Dnope,'], ['3:Kok,'] ],  31 ],
	[ 'put off',                       [ ['6:Zlater,'] ],             71, qr/:1: later$/ ],
	[ '... but another one takes it',  [ ['6:Zlater,'], ['3:Kok,'] ], 0, qr/\A\z/ ],
	[ '... or is not there',           [ ['6:Zlater,'], "127.0.0.1:$gone" ], 71, qr/:1: later\n.*:2: Connection refused$/s ],
	[ 'nobody there',                  ["127.0.0.1:$gone"],           73, qr/:1: Connection refused$/ ],
	[ '... but at the next address',   [ "127.0.0.1:$gone", ['3:Kok,'] ], 0, qr/\A\z/ ],
	[ 'no answer',                     [ [''] ],                      74, qr/:1: no answer; it may have the message all the same$/ ],
	[ '... and no other is asked',     [ [''], ['3:Kok,'] ],          74 ],
	[ 'another protocol, afterwards',  [ ["220 mx.example ESMTP\r\n"], ['3:Kok,'] ], 74 ],
	[ 'half an answer',                [ ['3:'], ['3:Kok,'] ],        74 ],
	[ 'the letter is there',           [ ['3:K'] ],                   0 ],
	[ 'another protocol, before',      [ [ "220 mx.example ESMTP\r\n", 0 ], ['3:Kok,'] ], 0 ],
	[ 'a greeting alone',              [ [ "220 mx.example ESMTP\r\n", 0 ] ], 74 ],
	[ 'taken before it is there',      [ [ '3:Kok,', 1 ] ],           74, qr/:1: it takes what it has not seen$/ ],
	[ 'refused before it is there',    [ [ '5:Dnope,', 1 ] ],         31 ],
	[ 'gone in the middle',            [ [ '', 1, 'reset' ], ['3:Kok,'] ], 0 ],
	[ 'control octets in an answer',   [ ["6:Da\nb\x1b[,"] ],         31, qr/:1: a\?b\?\[$/ ],
	[ 'an answer without measure',     [ ['99999999:D'] ],            74 ],
	[ 'lines that are none',           [ 'mx.example', '[::1', '# comment', '', ['3:Kok,'] ], 0 ],
	[ 'no line that is one',           ['mx.example'],                55, qr/^qmail-qmqpc: control\/qmqpservers:1: not an address, with or without a port$/ ],
	[ 'no line',                       [],                            55 ],
) {
	my ($name, $servers, $exit, $err) = @$case;
	my $big = $name =~ /before|middle|alone/ ? 'x' x 10_000_000 : undef;    # so that there is a before
	my $run = client($servers, message => $big);
	is($run->{exit}, $exit, "client: $name: exit $exit");
	like($run->{err}, $err, '... what is said') if $err;
}
for my $case (
	[ 'no list',             [], 55, home => instance() ],
	[ 'a list that is a directory', [], 55, home => do { my $home = instance(); mkdir "$home/control/qmqpservers"; $home } ],
	[ 'no home',             [], 61, env => { QMAILHOME => '/none' } ],
	[ 'no envelope',         [ ['3:Kok,'] ], 91, envelope => '' ],
	[ 'a cut envelope',      [ ['3:Kok,'] ], 91, envelope => "Fs\0Tr\0" ],
	[ 'a bad letter',        [ ['3:Kok,'] ], 91, envelope => "Fs\0Xr\0\0" ],
	[ 'a long address',      [ ['3:Kok,'] ], 11, envelope => envelope('s', 'r' x 1003) ],
	[ 'strict: put off, and no other is asked', [ ['6:Zlater,'], ['3:Kok,'] ], 71, env => { QSTRICT => 1 } ],
	[ 'strict: nobody there, and another is', [ "127.0.0.1:$gone", ['3:Kok,'] ], 0, env => { QSTRICT => 1 } ],
) {
	my ($name, $servers, $exit, %with) = @$case;
	my $run = client($servers, %with);
	is($run->{exit}, $exit, "client: $name: exit $exit");
	is_deeply([ grep { length } @{ $run->{heard} } ], [], '... and no server hears of it') if $exit == 91 || $exit == 11;
}

# --- both, as on a host that has no queue ----------------------------------------------------------------

{
	my $hub = net_home();
	my $queue = use_store_queue($hub);
	my $server = start_server([ '/usr/bin/env', 'tcpserver', '-1', '-H', '-R', '-l', 'hub.example', '127.0.0.1', 0, program('qmail-qmqpd') ],
		home => $hub, env => { QMAILQUEUE => $queue, SMTPDLOG => 0 });
	my $host = instance(me => "host.example\n", idhost => "host.example\n", defaulthost => "host.example\n",
		defaultdomain => "example\n", rcpthosts => "dest.example\n", qmqpservers => "127.0.0.1:$gone\n127.0.0.1:$server->{port}\n");
	my %env = (QMAILQUEUE => 'bin/qmail-qmqpc', QMAILUSER => 'joe');
	my $run = run_program([ 'qmail-inject', 'ann@dest.example' ], home => $host, in => "Subject: one\n\nhi\n", env => \%env);
	is("$run->{exit} $run->{err}", '0 ', 'qmail-inject on a host without a queue');
	$run = run_program(['qmail-smtpd'], home => $host, env => { %env, SMTPDLOG => 0 },
		in => "HELO x\r\nMAIL FROM:<s\@a.example>\r\nRCPT TO:<bob\@dest.example>\r\nDATA\r\nSubject: two\r\n\r\nhi\r\n.\r\nQUIT\r\n");
	like($run->{out}, qr/^250 ok \d+ qp \d+\r$/m, 'qmail-smtpd there');

	# A link in the place of qmail-queue is all that a caller needs to know.
	my $bin = readlink "$host/bin";
	unlink "$host/bin";
	mkdir "$host/bin";
	symlink "$bin/$_", "$host/bin/$_" for qw(qmail-inject sendmail);
	symlink "$bin/qmail-qmqpc", "$host/bin/qmail-queue";
	$run = run_program([ "$host/bin/sendmail", '-f', 's@a.example', 'eve@dest.example' ], home => $host, in => "Subject: three\n\nhi\n", env => { QMAILUSER => 'joe' });
	is("$run->{exit} $run->{err}", '0 ', 'sendmail with a link as bin/qmail-queue');
	my @stored = stored_messages($hub);
	is_deeply([ map { "$_->{sender} > @{ $_->{recipients} }" } @stored ],
		[ 'joe@host.example > ann@dest.example', 's@a.example > bob@dest.example', 's@a.example > eve@dest.example' ], '... all are at the server');
	like($stored[1]{message}, qr/\AReceived: from unknown \(127\.0\.0\.1\)\n  by hub\.example with QMQP; .*\nReceived: from unknown .*\n  by .* with SMTP; .*\nSubject: two\n\nhi\n\z/, '... with the way that it came');

	stop_server($server);
	$run = run_program([ "$host/bin/qmail-inject", 'ann@dest.example' ], home => $host, in => "Subject: one\n\nhi\n", env => { QMAILUSER => 'joe' });
	is($run->{exit}, 111, 'no server: the caller is told to try later');
	like($run->{err}, qr/^qmail-qmqpc: .*Connection refused\n(?:.*\n)*qmail-inject: fatal: connection to mail server rejected \(#4\.4\.1\)$/m, '... and why');
}

done_testing();
