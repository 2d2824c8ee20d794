#!/usr/bin/perl
# qmail-queue and qmail-clean in a rootless instance: every exit code that can be had without
# breaking the machine, what is on disk after each (queue 2.2 and 2.3), and the layouts of queue 0.
use strict;
use warnings;
use Fcntl qw(O_RDONLY O_NONBLOCK);
use FindBin;
use POSIX ();
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Queue;
use Qferry::Test;

my $body = "Subject: test\n\nHello\n";
my $letter = envelope('joe@example.org', 'ann@example.com', 'bob@example.com');

sub is_empty_queue {
	my ($home, $name) = @_;
	is_deeply [ tree_of($home) ], [], "$name: nothing is left";
}

subtest 'one message' => sub {
	my $home = queue_home();
	my $run = enqueue($home, $body, $letter);
	is $run->{exit}, 0, 'queued';
	is $run->{err}, '', 'nothing to say';
	my %all = messages_of($home);
	is keys %all, 1, 'one message';
	my ($n, $m) = %all;
	my $k = $n % 23;
	is_deeply [ tree_of($home) ], [ sort "mess/$k/$n", "intd/$n", "todo/$n" ], 'three names';
	like $m->{mess},
	  qr/\AReceived: \(qmail (\d+) invoked by uid $<\); [1-9]\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d -0000\n\Q$body\E\z/,
	  'the Received line and the body';
	my ($pid) = $m->{mess} =~ /qmail (\d+)/;
	is $m->{todo}, "u$<\0p$pid\0Fjoe\@example.org\0Tann\@example.com\0Tbob\@example.com\0",
	  'the envelope, without a last NUL';
	my $queue = "$home/queue";
	is +(stat "$queue/mess/$k/$n")[1], $n, 'named after its inode';
	is +(stat "$queue/todo/$n")[1], (stat "$queue/intd/$n")[1], 'todo is intd';
	is sprintf('%o', (stat "$queue/$_")[2] & 07777), '644', "$_ has mode 0644" for "mess/$k/$n", "todo/$n";
};

subtest 'contents pass unchanged' => sub {
	for my $case (
		[ 'empty message',    '' ],
		[ 'NULs',             "a\0b\0\0" ],
		[ '8 bit',            join '', map { chr } 0 .. 255 ],
		[ 'no final newline', 'no newline' ],
		[ 'CR and bare LF',   "a\r\nb\nc\r" ],
		[ '64 KB less one',   'x' x 65535 ],
		[ '64 KB',            'x' x 65536 ],
		[ '20 MB',            join '', map { sprintf "%07d\n", $_ } 1 .. 2_621_440 ],
	  )
	{
		my ($name, $message) = @$case;
		my $home = queue_home();
		is enqueue($home, $message, $letter)->{exit}, 0, "$name: queued";
		is join('; ', message_problems($home, $message, $letter, 1, 1)), '', "$name: whole";
	}
};

subtest 'envelopes' => sub {
	my $long = 'x' x 1002;
	my @cases = (
		[ 'no recipients',          "Fa\@b\0\0",                                    0 ],
		[ 'null sender',            "F\0Tc\@d\0\0",                                 0 ],
		[ 'empty recipient',        "Fa\@b\0T\0\0",                                 0 ],
		[ '8 bit',                  "F\xff\x80\@b\0Tc \n\@d\0\0",                   0 ],
		[ '1002 bytes of sender',   "F$long\0Tc\@d\0\0",                            0 ],
		[ '1002 of recipient',      "Fa\@b\0T$long\0\0",                            0 ],
		[ '1003 bytes of sender',   "Fx$long\0Tc\@d\0\0",                           11 ],
		[ '1003 of recipient',      "Fa\@b\0Tx$long\0\0",                           11 ],
		[ 'long without an end',    'F' . 'x' x 200_000,                            11 ],
		[ 'late too long',          "Fa\@b\0" . "Tc\@d\0" x 40_000 . "Tx$long\0\0", 11 ],
		[ 'no F',                   "Ta\@b\0\0",                                    91 ],
		[ 'NUL at once',            "\0",                                           91 ],
		[ 'bad letter',             "Fa\@b\0Rc\@d\0\0",                             91 ],
		[ 'late bad letter',        "Fa\@b\0" . "Tc\@d\0" x 40_000 . "X\0\0",       91 ],
		[ 'empty',                  '',                                             54 ],
		[ 'ends in the sender',     'Fa@b',                                         54 ],
		[ 'ends after the sender',  "Fa\@b\0",                                      54 ],
		[ 'ends in a recipient',    "Fa\@b\0Tc",                                    54 ],
		[ 'no last NUL',            "Fa\@b\0Tc\@d\0",                               54 ],
		[ 'late end',               "Fa\@b\0" . "Tc\@d\0" x 40_000,                 54 ],
		[ '40 000 recipients',      "Fa\@b\0" . "Tc\@d\0" x 40_000 . "\0",          0 ],
	);
	for my $case (@cases) {
		my ($name, $envelope, $exit) = @$case;
		my $home = queue_home();
		is enqueue($home, $body, $envelope)->{exit}, $exit, "$name: exit $exit";
		if ($exit) {
			is_empty_queue($home, $name);
		} else {
			is join('; ', message_problems($home, $body, $envelope, 1, 1)), '', "$name: whole";
		}
	}
	my $home = queue_home();
	is enqueue($home, $body, $letter . "Teve\@example.net\0junk")->{exit}, 0, 'bytes after the last NUL';
	is join('; ', message_problems($home, $body, $letter, 1, 1)), '', 'are ignored';
};

subtest 'descriptors' => sub {
	for my $closed (0, 1) {
		my $home = queue_home();
		is enqueue($home, $body, $letter, before => [ '/bin/sh', '-c', "exec \"\$0\" $closed<&-" ])->{exit}, 54,
		  "descriptor $closed closed: 54";
		is_empty_queue($home, "descriptor $closed closed");
	}
	my $home = queue_home();
	is enqueue($home, $body, $letter, before => [ '/bin/sh', '-c', 'exec "$0" 2<&-' ])->{exit}, 0, '2 closed: queued';
	is join('; ', message_problems($home, $body, $letter, 1, 1)), '', 'and whole';

	$home = queue_home();
	open my $write_only, '>', '/dev/null' or die;
	is enqueue($home, $body, $letter, fds => { 0 => $write_only })->{exit}, 54, '0 cannot be read: 54';
	is_empty_queue($home, '0 cannot be read');
	opendir my $dir, '/' or die;
	open my $folder, '<', '/' or die;
	is enqueue($home, $body, $letter, fds => { 0 => $folder })->{exit}, 54, '0 is a directory: 54';
	is_empty_queue($home, '0 is a directory');
};

subtest 'the message is read to its end before the envelope' => sub {
	my $home = queue_home();
	pipe my $message_out, my $message or die;
	pipe my $envelope_out, my $envelope or die;
	my $pid = start_program(['qmail-queue'], home => $home, fds => { 0 => $message_out, 1 => $envelope_out });
	close $message_out;
	close $envelope_out;
	syswrite $envelope, $letter;
	syswrite $message, $body;
	is_deeply [ grep { /todo/ } tree_of($home) ], [], 'not yet queued';
	close $message;
	is +(finish_program($pid))[0], 0, 'queued although the envelope was not closed';
	is join('; ', message_problems($home, $body, $letter, 1, 1)), '', 'and whole';
};

subtest 'limits' => sub {
	my $home = queue_home();
	my $limited = sub { ('/bin/sh', '-c', "ulimit $_[0]; exec \"\$0\"") };
	is enqueue($home, 'x' x 100_000, $letter, before => [ $limited->('-f 20') ])->{exit}, 53, 'file size: 53';
	is_empty_queue($home, 'file size');
	like enqueue($home, $body, $letter, before => [ $limited->('-n 3') ])->{exit}, qr/^(?:62|127)$/,
	  'no descriptor for the queue: 62 (a dynamic program does not even start)';
	is enqueue($home, $body, $letter, before => [ $limited->('-n 4') ])->{exit}, 63, 'none for the message: 63';
	is enqueue($home, $body, $letter, before => [ $limited->('-n 5') ])->{exit}, 66, 'none for todo: 66';
	is enqueue($home, $body, $letter, before => [ $limited->('-n 6') ])->{exit} =~ /^(?:64|65)$/ ? 1 : 0, 1,
	  'none for intd (or the directory of mess): 65 (64)';
	is_empty_queue($home, 'descriptors');
};

# The message has its place, and its first name is gone.
sub is_reading {
	my ($home) = @_;
	my @tree = tree_of($home);
	return (grep { m{^mess/} } @tree) && !grep { m{^pid/} } @tree;
}

subtest 'signals' => sub {
	for my $case ([ ALRM => 52 ], [ SEGV => 81 ], [ BUS => 81 ], [ ILL => 81 ], [ FPE => 81 ], [ ABRT => 81 ],
		[ SYS => 81 ], [ TERM => -1 ], [ KILL => -1 ])
	{
		my ($signal, $exit) = @$case;
		my $home = queue_home();
		pipe my $message_out, my $message or die;
		my $pid = start_program(['qmail-queue'], home => $home, fds => { 0 => $message_out });
		close $message_out;
		ok wait_until(sub { is_reading($home) }), "SIG$signal: it reads";
		kill $signal, $pid;
		my ($code, $by) = finish_program($pid);
		is $code, $exit, "SIG$signal: exit $exit";
		is_deeply [ grep { !m{^mess/} } tree_of($home) ], [], "SIG$signal: only mess is left";
	}
	my $home = queue_home();
	pipe my $message_out, my $message or die;
	my $dir = temp_dir();
	spit("$dir/envelope", $letter);
	open my $envelope, '<', "$dir/envelope" or die;
	my $pid = start_program(['qmail-queue'], home => $home, fds => { 0 => $message_out, 1 => $envelope });
	ok wait_until(sub { is_reading($home) }), 'it reads';
	kill $_, $pid for qw(PIPE VTALRM PROF QUIT INT HUP XCPU XFSZ);
	syswrite $message, $body;
	close $message;
	close $message_out;
	is +(finish_program($pid))[0], 0, 'signals that are ignored';
	is join('; ', message_problems($home, $body, $letter, 1, 1)), '', 'queued and whole';
};

subtest 'layouts' => sub {
	for my $split (1, 2, 7, 23, 24, 151) {
		for my $big (0, 1) {
			my $home = queue_home(split => $split, big_todo => $big);
			my $name = "split $split" . ($big ? ', big-todo' : '');
			is enqueue($home, $body, $letter)->{exit}, 0, "$name: queued";
			is join('; ', message_problems($home, $body, $letter, 1, 1)), '', "$name: whole";
			my ($n) = keys %{ { messages_of($home) } };
			my $k = $n % $split;
			my $todo = $big ? "$k/$n" : $n;
			is_deeply [ tree_of($home) ], [ sort "mess/$k/$n", "intd/$todo", "todo/$todo" ], "$name: names";
		}
	}
};

sub refuses {
	my ($name, $exit, $break) = @_;
	my $home = queue_home();
	$break->("$home/queue");
	is enqueue($home, $body, $letter)->{exit}, $exit, "$name: $exit";
	is_empty_queue($home, $name) if -d "$home/queue";
}

subtest 'a broken queue is refused' => sub {
	refuses('no queue', 62, sub { rename "$_[0]", "$_[0].away" });
	refuses("no $_", 62, sub { rename "$_[0]/$_", "$_[0]/../$_" }) for qw(mess info local remote);
	refuses("$_ split by 22", 62, sub { rmdir "$_[0]/$_/22" }) for qw(mess info local remote);
	refuses("$_ split by 24", 62, sub { mkdir "$_[0]/$_/23" }) for qw(mess info local remote);
	refuses('no pid',  63, sub { rmdir "$_[0]/pid" });
	refuses('no intd', 65, sub { rmdir "$_[0]/intd" });
	refuses('no todo', 66, sub { rmdir "$_[0]/todo" });
	refuses('half a big-todo', 65, sub { mkdir "$_[0]/todo/$_" for 0 .. 22 });
	my $home = queue_home();
	is enqueue("$home/absent", $body, $letter, dir => '/')->{exit}, 61, 'no home: 61';
	mkdir "$home/queue/mess/lost+found";
	mkdir "$home/queue/info/lost+found";
	is enqueue($home, $body, $letter)->{exit}, 0, 'a stray directory is none of our business';
};

subtest 'trigger' => sub {
	my $home = queue_home();
	sysopen my $reader, "$home/queue/lock/trigger", O_RDONLY | O_NONBLOCK or die;
	is enqueue($home, $body, $letter)->{exit}, 0, 'with a reader: queued';
	is sysread($reader, my $bytes, 10), 1, 'one byte';
	is $bytes, "\0", 'a NUL';
	is enqueue($home, $body, "Fa\0Tb\0X")->{exit}, 91, 'a refused message';
	is sysread($reader, $bytes, 10), 0, 'does not pull it';
	close $reader;
	is enqueue($home, $body, $letter)->{exit}, 0, 'without a reader: queued';
	unlink "$home/queue/lock/trigger";
	is enqueue($home, $body, $letter)->{exit}, 0, 'no trigger: queued';
};

subtest 'arguments' => sub {
	my $home = queue_home();
	my $dir = temp_dir();
	spit("$dir/envelope", $letter);
	open my $envelope, '<', "$dir/envelope" or die;
	my $pid = start_program([ program('qmail-queue'), 'an', 'argument' ], home => $home, fds => { 1 => $envelope });
	is +(finish_program($pid))[0], 0, 'arguments are ignored';
	is enqueue($home, $body, $letter, before => [ $^X, '-e', 'my @none; exec { $ARGV[0] } @none' ])->{exit}, 0, 'none at all';
};

subtest 'two hundred at once' => sub {
	my $home = queue_home();
	my (@pids, $failed);
	for my $i (1 .. 200) {
		my $dir = temp_dir();
		spit("$dir/envelope", $letter);
		spit("$dir/body", $body);
		open my $envelope, '<', "$dir/envelope" or die;
		open my $message,  '<', "$dir/body"     or die;
		push @pids, start_program(['qmail-queue'], home => $home, fds => { 0 => $message, 1 => $envelope });
		next if @pids < 20;
		$failed += (finish_program($_))[0] != 0 for splice @pids;
	}
	is $failed, 0, 'all queued';
	is join('; ', message_problems($home, $body, $letter, 200, 200)), '', 'and whole';
};

# ---- qmail-clean ----

sub clean {
	my ($home, @requests) = @_;
	return run_program(['qmail-clean'], home => $home, in => join '', map { "$_\0" } @requests);
}

subtest 'qmail-clean' => sub {
	my $home = queue_home();
	enqueue($home, $body, $letter) for 1 .. 2;
	my ($n, $other) = sort { $a <=> $b } keys %{ { messages_of($home) } };
	my $k = $n % 23;
	is clean($home, "todo/$n")->{out}, '+', 'todo/';
	is_deeply [ grep { m{/$n$} } tree_of($home) ], ["mess/$k/$n"], 'intd and todo are gone';
	is clean($home, "foop/$n", "foop/$n", "todo/$n")->{out}, '+++', 'foop/, and again: what is gone is done';
	is_deeply [ grep { m{/$n$} } tree_of($home) ], [], 'mess is gone';
	my $kept = "mess/" . $other % 23 . "/$other";
	is clean($home, "foop/$other")->{out}, '!', 'foop/ of a message in todo/';
	is_deeply [ tree_of($home) ], [ $kept, "todo/$other" ], 'leaves it there, but for intd';
	unlink "$home/queue/todo/$other";
	is clean($home, "foop/$other")->{out}, '+', 'not in todo/';
	is_deeply [ tree_of($home) ], [], 'it goes';
	enqueue($home, $body, $letter);
	($other) = keys %{ { messages_of($home) } };

	my @malformed = (
		'', 'x', 'foop/', 'foop/1x', 'foop/-1', 'foop/ 1', 'foob/12', 'todo', 'mess/12', 'foop/1/', 'foop/../12',
		'todo/1/24', 'foop/99999999999999999999', 'foop/' . '0' x 95, 'foop/' . '1' x 5000,
	);
	my $run = clean($home, @malformed, "todo/$other");
	is $run->{out}, 'x' x @malformed . '+', 'malformed requests';
	is $run->{exit}, 0, 'exit 0 at the end';
	is clean($home, 'foop/1')->{out}, '+', 'seven octets with the NUL are enough';
	is clean($home, 'foop/' . '0' x 92 . '12')->{out}, '+', 'a hundred octets are not too many';
	is clean($home)->{exit}, 0, 'no request';
	is run_program(['qmail-clean'], home => "$home/absent", dir => '/')->{exit}, 111, 'no home: 111';

	spit("$home/queue/mess/12/12/x", '');
	is clean($home, 'foop/12')->{out}, '!', 'what cannot be removed';

	open my $full, '>', '/dev/full' or die;
	is run_program(['qmail-clean'], home => $home, in => "foop/77\0", fds => { 1 => $full })->{exit}, 100, 'nobody listens: 100';

	# What a killed qmail-send has asked for is not done: its successor has taken the numbers up.
	enqueue($home, $body, $letter);
	my @before = tree_of($home);
	pipe my $nobody, my $answers or die "pipe: $!";
	close $nobody;
	is run_program(['qmail-clean'], home => $home, in => join('', map {"todo/$_\0"} keys %{ { messages_of($home) } }), fds => { 1 => $answers })->{exit},
		100, 'qmail-send has gone: 100';
	is_deeply [ tree_of($home) ], \@before, 'and nothing is removed any more';
};

subtest 'qmail-clean, big-todo' => sub {
	my $home = queue_home(big_todo => 1);
	enqueue($home, $body, $letter) for 1 .. 2;
	my ($n, $other) = sort { $a <=> $b } keys %{ { messages_of($home) } };
	my $k = $n % 23;
	my $wrong = ($k + 1) % 23;
	is clean($home, "todo/$wrong/$n", "todo/$k/$n")->{out}, 'x+', 'todo/K/N';
	is_deeply [ grep { m{/$n$} } tree_of($home) ], ["mess/$k/$n"], 'intd and todo are gone';
	is clean($home, "foop/$n", "todo/$other", "foop/" . $other % 23 . "/$other")->{out}, '+++', 'all forms';
	is_deeply [ tree_of($home) ], [], 'all gone';
};

subtest 'sweep of pid/' => sub {
	my $home = queue_home();
	my $pid = "$home/queue/pid";
	my $now = time;
	spit("$pid/$_", '') for '1.2.1', '3.4.1', '.hidden';
	utime $now - 129_700, $now, "$pid/$_" for '1.2.1', '.hidden';
	utime $now - 129_000, $now - 200_000, "$pid/3.4.1";
	clean($home);
	is_deeply [ tree_of($home) ], [ sort 'pid/3.4.1', 'pid/.hidden' ], 'by access time, after 36 hours';
	utime $now - 129_700, $now, "$pid/3.4.1";

	spit("$pid/5.6.1", '');
	pipe my $from, my $requests or die;
	pipe my $answers, my $to or die;
	my $cleaner = start_program(['qmail-clean'], home => $home, fds => { 0 => $from, 1 => $to });
	close $from;
	close $to;
	my $ask = sub { syswrite $requests, "foop/123456\0" x $_[0]; my $got = 0; $got += sysread $answers, my $x, 100 while $got < $_[0] };
	$ask->(1);
	utime $now - 129_700, $now, "$pid/5.6.1";
	$ask->(29);
	ok -e "$pid/5.6.1", 'not before 31 requests';
	$ask->(2);
	ok !-e "$pid/5.6.1", 'then again';
	close $requests;
	is +(finish_program($cleaner))[0], 0, 'end';
};

done_testing;
