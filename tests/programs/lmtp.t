#!/usr/bin/perl
# qmail-lmtp from outside, with a server that follows a script: what it says, what it makes of the answers,
# and that a hostile one gains nothing.  (A real one: tests/interop/lmtp-dovecot.t.)
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use IO::Socket::UNIX;
use Qferry::Test;
use Test::More;

my $home = instance(me => "mx.example.org\n");
my $message = "Subject: test\n\n.dot\nbody\n";
my %given = (SENDER => 'me@example.net', RECIPIENT => 'joe@example.org', DTLINE => "Delivered-To: joe\@example.org\n");
my $count = 0;

# A server for one connection: it says `replies` in turn, one for each line it gets, the first at once; in
# the message, which follows the reply that begins with 354, until its end.  An empty reply hangs up, one that
# is a code reference does as it likes.  ->{record} has what came.
sub server {
	my ($listen, @replies) = @_;
	my $dir = temp_dir();
	my $record = "$dir/record";
	my $pid = fork;
	return { pid => $pid, record => $record } if $pid;
	alarm 60;    # if nobody comes
	my $peer = $listen->accept or POSIX::_exit(1);
	close $listen;
	open my $out, '>:raw', $record or POSIX::_exit(1);
	$out->autoflush(1);
	$peer->autoflush(1);
	my $in_message;
	for my $reply (@replies) {
		last unless length $reply;
		if (ref $reply) { $reply->($peer) } else { print $peer $reply }
		$in_message = !ref $reply && $reply =~ /^354/;
		while (defined(my $line = <$peer>)) {
			print $out $line;
			last if !$in_message || $line eq ".\r\n";
		}
	}
	close $peer;
	POSIX::_exit(0);
}

sub by_path {
	my (@replies) = @_;
	my $path = temp_dir() . '/lmtp';
	my $listen = IO::Socket::UNIX->new(Local => $path, Listen => 1) or die "$path: $!";
	my $server = server($listen, @replies);
	return { %$server, place => $path };
}

sub by_port {
	my (@replies) = @_;
	my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1) or die $!;
	my $server = server($listen, @replies);
	return { %$server, place => '127.0.0.1:' . $listen->sockport };
}

sub lmtp {
	my ($argv, %with) = @_;
	return run_program([ 'qmail-lmtp', @$argv ], home => $home, in => defined $with{in} ? $with{in} : $message,
		env => { %given, %{ $with{env} || {} } }, %{ $with{run} || {} });
}

# What the program said of this server, with PLACE for that; and it is gone.
sub outcome {
	my ($server, $run) = @_;
	waitpid $server->{pid}, 0;
	(my $out = "$run->{exit} $run->{out}$run->{err}") =~ s/\Q$server->{place}\E/PLACE/g;
	return $out;
}

sub ask {
	my ($replies, %with) = @_;
	my $server = by_path(@$replies);
	my $said = outcome($server, lmtp([ @{ $with{options} || [] }, $server->{place}, @{ $with{recipient} || [] } ], %with));
	return ($said, slurp($server->{record}));
}

my @hello = ("220 here LMTP\r\n", "250-here\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
my @ok = (@hello, "250 sender\r\n", "250 recipient\r\n", "354 go\r\n", "250 2.0.0 <joe> Saved\r\n", "221 bye\r\n");

# --- a delivery -----------------------------------------------------------------------------------

my $accepted = "0 PLACE accepted message.\nRemote host said: 250 2.0.0 <joe> Saved\n";
my $dialogue = join "\r\n", 'LHLO mx.example.org', 'MAIL FROM:<me@example.net> BODY=8BITMIME', 'RCPT TO:<joe@example.org>', 'DATA',
  'Delivered-To: joe@example.org', 'Subject: test', '', '..dot', 'body', '.', 'QUIT', '';
{
	my ($said, $record) = ask([@ok]);
	is $said, $accepted, 'by a socket';
	is $record, $dialogue, 'what the server gets';
	my $server = by_port(@ok);
	is outcome($server, lmtp([ $server->{place} ])), $accepted, 'by TCP';
	is slurp($server->{record}), $dialogue, 'the same';
}
{
	my ($said, $record) = ask([@ok], options => ['-d'], recipient => ['Joe Doe@example.org'], env => { RECIPIENT => undef, SENDER => '' },
		in => "A: b\n\nno end");
	is $said, $accepted, 'another recipient, the null sender';
	is $record, join("\r\n", 'LHLO mx.example.org', 'MAIL FROM:<> BODY=8BITMIME', 'RCPT TO:<"Joe Doe"@example.org>', 'DATA', 'A: b', '',
		'no end', '.', 'QUIT', ''), 'and a last line without an end gets one; -d: without Delivered-To';
	($said, $record) = ask([ $hello[0], "250 here\r\n", @ok[ 2 .. 6 ] ], in => '');
	is $said, $accepted, 'an empty message';
	like $record, qr/^MAIL FROM:<me\@example\.net>\r\n.*^DATA\r\nDelivered-To: joe\@example\.org\r\n\.\r\n/ms, 'no BODY that was not offered';
}
{
	pipe my $from, my $to or die;
	print $to $message;
	close $to;
	my ($said, $record) = ask([@ok], run => { fds => { 0 => $from } });
	is $said, $accepted, 'a message in a pipe';
	is $record, $dialogue, 'whole';
	my $dns = start_dns("mail.example A 127.0.0.1\nnone.example TXT x\n");
	control($home, 'resolvers', "127.0.0.1:$dns->{port}\n");
	my $server = by_port(@ok);
	(my $named = $server->{place}) =~ s/.*:/mail.example:/;
	is outcome({ %$server, place => $named }, lmtp([$named])), $accepted, 'a server by its name';
	is lmtp(['no.example:24'])->{out}, "Unable to connect to no.example:24: there is no such host. (#4.4.1)\n", 'a name that is none';
}

# --- what the server says -------------------------------------------------------------------------

for my $case (
	[ 0, '554 no',       111, 'Connected to PLACE but greeting failed.' ],
	[ 1, '550 who',      111, 'Connected to PLACE but my name was rejected.' ],
	[ 2, '550 5.1.8 no', 100, 'Connected to PLACE but sender was rejected.' ],
	[ 2, '451 later',    111, 'Connected to PLACE but sender was rejected.' ],
	[ 3, '550 5.1.1 no', 100, 'PLACE does not like recipient.' ],
	[ 3, '452 4.2.2 full', 111, 'PLACE does not like recipient.' ],
	[ 4, '554 no',       100, 'PLACE failed on DATA command.' ],
	[ 4, '421 bye',      111, 'PLACE failed on DATA command.' ],
	[ 4, '250 what',     111, 'PLACE failed on DATA command.' ],
	[ 5, '552 5.2.2 full', 100, 'PLACE failed after I sent the message.' ],
	[ 5, '451 4.3.0 disk', 111, 'PLACE failed after I sent the message.' ],
	[ 5, '354 more',     111, 'PLACE failed after I sent the message.' ]) {
	my ($at, $reply, $exit, $text) = @$case;
	my @replies = @ok;
	$replies[$at] = "$reply\r\n";
	my ($said) = ask(\@replies);
	is $said, "$exit $text\nRemote host said: $reply\n", "reply $at: $reply";
}
{
	my @replies = @ok;
	$replies[3] = "550-no such\r\n550 mailbox\r\n";
	my ($said, $record) = ask(\@replies);
	is $said, "100 PLACE does not like recipient.\nRemote host said: 550-no such\n550 mailbox\n", 'a reply of two lines';
	like $record, qr/\r\nQUIT\r\n\z/, 'then QUIT';
}

# --- a server that breaks off, or worse -----------------------------------------------------------

for my $at (0 .. 4) {
	my ($said) = ask([ @ok[ 0 .. $at - 1 ], '' ]);
	is $said, "111 Connected to PLACE but connection died. (#4.4.2)\n", "it hangs up in place of reply $at";
}
{
	my ($said) = ask([ @ok[ 0 .. 4 ], '' ]);
	is $said, "111 Connected to PLACE but connection died. Possible duplicate! (#4.4.2)\n", 'it hangs up behind the message';
	($said) = ask([ @ok[ 0 .. 3 ], sub { print { $_[0] } "354 go\r\n250 already\r\n" } ]);
	is $said, "111 Connected to PLACE but connection died. (#4.4.2)\n", 'an answer before the message is none';
	($said) = ask([ @ok[ 0 .. 3 ], sub { print { $_[0] } "354 go\r\n552 too large\r\n" } ]);
	is $said, "100 PLACE failed before I had sent the message.\nRemote host said: 552 too large\n", 'but a refusal is';
}
for my $case (
	[ "no reply\r\n",             'words' ],
	[ "220 \0\r\n220-x\r\n" x 3000, 'too many lines' ],
	[ '220-' . 'x' x 200_000,       'a line without end' ]) {
	my ($said) = ask([ $case->[0], '' ]);
	like $said, qr/^111 Connected to PLACE but (?:connection died|greeting failed|my name was rejected)\./, "hostile: $case->[1]";
}
{
	my @replies = @ok;
	$replies[3] = "550 a\0b\033[2Jc\r\n";
	my ($said) = ask(\@replies);
	unlike $said, qr/\0/, 'no NUL in the report, which would end it';
}
{
	my $listen = IO::Socket::UNIX->new(Local => temp_dir() . '/lmtp', Listen => 1) or die;
	is lmtp([ '-t', 1, $listen->hostpath ])->{exit}, 111, 'one that says nothing: later';
}

# --- addresses, arguments, home -------------------------------------------------------------------

for my $case ([ SENDER => "me\n\@x" ], [ SENDER => "a\r\nRCPT TO:<b>" ], [ RECIPIENT => "joe\r\nDATA" ]) {
	my ($said, $record) = ask([ $ok[0], '' ], env => { @$case });
	is $said, "100 LMTP cannot transfer addresses with control characters. (#5.1.3)\n", "a line end in $case->[0]";
	like $record, qr/\A(?:QUIT\r\n)?\z/, 'is not sent';
}
is lmtp(['/no/such/socket'])->{out}, "Unable to connect to /no/such/socket: No such file or directory. (#4.4.1)\n", 'no server';
is lmtp(['/no/such/socket'])->{exit}, 111, 'is for later';
my $usage = "100 qmail-lmtp: usage: qmail-lmtp [ -d ] [ -t seconds ] server [ recipient ]\n";
for my $bad ([], [ '-x', '/a' ], [ '-t', '0', '/a' ], [ '-t', 'x', '/a' ], [ '-t', '86401', '/a' ], [ '/a', 'b', 'c' ]) {
	my $run = lmtp($bad);
	is "$run->{exit} $run->{err}", $usage, "usage: @$bad";
}
for my $bad ('', ':24', 'a:0', 'a:65536', 'a:x', '::1:24', '[::1:24', '/' . 'x' x 108) {
	my $run = lmtp([$bad]);
	is "$run->{exit} $run->{err}", "100 qmail-lmtp: fatal: $bad is neither the path of a socket nor host:port\n", "no place: $bad";
}
for my $name (qw(SENDER RECIPIENT DTLINE)) {
	my $run = lmtp(['/a'], env => { $name => undef });
	is "$run->{exit} $run->{err}", "100 qmail-lmtp: fatal: $name not set\n", "without $name";
}
is lmtp(['/a'], run => { home => "$home/none", dir => '/' })->{err}, "qmail-lmtp: fatal: unable to switch to home directory\n", 'no home';
{
	mkdir "$home/control/limits";
	my $run = lmtp(['/a']);
	is "$run->{exit} $run->{err}", "111 qmail-lmtp: fatal: control/limits: unreadable\n", 'controls that cannot be read';
	rmdir "$home/control/limits";
}

# --- from a .qmail file ---------------------------------------------------------------------------

{
	my $user = temp_dir();
	chmod 0755, $user;
	my $server = by_path(@ok);
	spit("$user/.qmail-default", "|$home/bin/qmail-lmtp $server->{place} \"\$DEFAULT\@\$HOST\"\n", 0644);
	my $run = run_program([ 'qmail-local', '--', 'joe', $user, 'dom-ann', '-', 'ann', 'example.org', 'me@example.net', './Mailbox' ],
		home => $home, in => $message);
	is outcome($server, $run), "0 PLACE accepted message.\nRemote host said: 250 2.0.0 <joe> Saved\ndid 0+0+1\n", 'from a .qmail file';
	like slurp($server->{record}), qr/^RCPT TO:<ann\@example\.org>\r\n.*^Delivered-To: dom-ann\@example\.org\r$/ms, 'with the address of the mailbox';
}

done_testing;
