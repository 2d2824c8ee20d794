#!/usr/bin/perl
# qrepair-plain: what qmail-qrepair finds, what it says, and what it leaves alone.
use strict;
use warnings;
use Fcntl qw(:flock);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::QueueImage;
use Qferry::Test;
use Test::More;

plan skip_all => 'root has no rootless queue' if $> == 0;

my ($home, $queue);
sub fresh { $home = image_home(@_); $queue = "$home/queue" }
sub run { return run_program([ 'qmail-qrepair', @_ ], home => $home) }
sub mode { return sprintf '%04o', (lstat $_[0])[2] & 07777 }

# One thing that is wrong: it is reported, nothing is changed; then it is mended, and all is well.
sub wrong {
	my ($name, $text, $mended, @options) = @_;
	my $tree = sub { join "\n", `cd '$queue' && find . -printf '%p %m %i %l\\n' 2>/dev/null | sort` };
	my $before = $tree->();
	my $run = run(@options);
	is $run->{exit}, 1, "$name: exit of a look";
	like $run->{out}, $text, '... is said';
	is $tree->(), $before, '... nothing is changed';
	$run = run('-r', @options);
	is $run->{exit}, 0, '... mended' or diag $run->{out}, $run->{err};
	ok $mended->(), '... indeed';
	is_deeply [ @{ run() }{qw(exit out err)} ], [ 0, "0 found wrong, 0 to mend (-r)\n", '' ], '... all is well';
}

fresh();
is_deeply [ @{ run() }{qw(exit out err)} ], [ 0, "0 found wrong, 0 to mend (-r)\n", '' ], 'a new home';

# --- places ----------------------------------------------------------------------------------------------

chmod 0777, $queue;
wrong('mode of queue/', qr/^\.: has the wrong owner or mode$/m, sub { mode($queue) eq '0750' });
rmdir "$queue/$_" for 'pid', map { "info/$_" } 3, 22;
wrong('directories that are missing', qr{^info/3: is missing\ninfo/22: is missing$}m, sub { mode("$queue/pid") eq '0700' && mode("$queue/info/22") eq '0700' });
rmdir "$queue/remote/$_" for 0 .. 22;
rmdir "$queue/remote";
wrong('a whole directory', qr{^remote: is missing\nremote/0: is missing$}m, sub { mode("$queue/remote/7") eq '0700' });
unlink "$queue/lock/tcpto";
wrong('tcpto', qr{^lock/tcpto: is missing$}m, sub { slurp("$queue/lock/tcpto") eq "\0" x 1024 && mode("$queue/lock/tcpto") eq '0644' });
spit("$queue/lock/tcpto", '');
is run()->{exit}, 0, 'a tcpto without records is tolerated';
unlink "$queue/lock/trigger";
spit("$queue/lock/trigger", '');
wrong('a trigger that is a file', qr{^lock/trigger: is no FIFO}m, sub { -p "$queue/lock/trigger" && mode("$queue/lock/trigger") eq '0622' });
unlink "$queue/lock/sendmutex";
wrong('no sendmutex', qr{^lock/sendmutex: is missing$}m, sub { mode("$queue/lock/sendmutex") eq '0600' });
chmod 0644, "$queue/lock/sendmutex";
wrong('mode of sendmutex', qr{^lock/sendmutex: has the wrong}m, sub { mode("$queue/lock/sendmutex") eq '0600' });
chmod 0, "$queue/lock/sendmutex";
wrong('a repair that was cut short', qr{^lock/sendmutex: may not be opened: a repair was cut short}m, sub { mode("$queue/lock/sendmutex") eq '0600' });
chmod 0, "$queue/bounce";
wrong('a directory that nobody may open', qr{^bounce: cannot be opened$}m, sub { mode("$queue/bounce") eq '0700' });
system('rm', '-rf', "$queue/lock") == 0 or die;
is run('-r')->{exit}, 0, 'no lock/ at all';
ok -p "$queue/lock/trigger" && -e "$queue/lock/sendmutex", '... is made';

# --- files ------------------------------------------------------------------------------------------------

my $n = add_message($home, 'queued', body => 'one', local => "Ta\@b\0");
chmod 04777, parts_of($home, 'mess', $n, 23);
chmod 0, parts_of($home, 'local', $n, 23);
wrong('modes of files', qr{^mess/\d+/$n: has the wrong owner or mode\nlocal/\d+/$n: has the wrong}m,
	sub { mode(parts_of($home, 'mess', $n, 23)) eq '0644' && mode(parts_of($home, 'local', $n, 23)) eq '0600' });
rename parts_of($home, 'mess', $n, 23), "$queue/mess/$n";
rename parts_of($home, 'info', $n, 23), "$queue/info/" . ($n + 1) % 23 . "/$n";
wrong('flat, and in another subdirectory', qr{^mess/$n: is in the wrong directory\ninfo/\d+/$n: is in the wrong directory$}m,
	sub { -e parts_of($home, 'mess', $n, 23) && -e parts_of($home, 'info', $n, 23) });
spit("$queue/mess/$n", 'another');
is run('-r')->{exit}, 1, 'two files of one number are left to the admin';
is slurp("$queue/mess/$n") . slurp(parts_of($home, 'mess', $n, 23)), 'anotherone', '... as they are';
unlink "$queue/mess/$n";

symlink '/etc/passwd', parts_of($home, 'mess', 46, 23);
spit("$queue/mess/5/what", '');
spit("$queue/mess/5/what.not", '');
my $run = run('-r');
is $run->{exit}, 1, 'strays: exit';
like $run->{out}, qr{^mess/0/46: is no file of qmail's\n}m, 'a symbolic link';
like $run->{out}, qr{^mess/5/what: is no file of qmail's\n}m, 'a name that is no number';
unlike $run->{out}, qr{what\.not}, 'but with a dot it is nobody\'s business';
ok -l parts_of($home, 'mess', 46, 23) && -e "$queue/mess/5/what", '... all are left alone';
unlink parts_of($home, 'mess', 46, 23), "$queue/mess/5/what";

# Two messages of one file: nobody can say which is which.
my $twin = $n + 23;
link parts_of($home, 'mess', $n, 23), parts_of($home, 'mess', $twin, 23);
spit(parts_of($home, 'info', $twin, 23), "Fother\0", 0600);
$run = run('-r');
like $run->{out}, qr{^mess/\d+/$twin: cannot have its number: another message has it\n}m, 'two messages of one file';
is slurp(parts_of($home, 'info', $twin, 23)), "Fother\0", '... both stay';
unlink parts_of($home, $_, $twin, 23) for qw(mess info);

# --- remains ------------------------------------------------------------------------------------------------

my $old = time - 129700;
sub aged { my ($path, $bytes, $mode) = @_; spit($path, $bytes, $mode); utime $old, $old, $path; return $path }
sub message_file {    # mess/N of that age, with its inode as name
	my ($bytes, $when) = @_;
	my $pid = spit("$queue/pid/9.9.9", $bytes, 0644);
	my $number = (stat $pid)[1];
	my $path = parts_of($home, 'mess', $number, 23);
	rename $pid, $path;
	utime $when, $when, $path;
	return ($number, $path);
}
my ($debris, $debris_path) = message_file('debris', $old);
my (undef, $young_path) = message_file('young', time);
aged("$queue/pid/1.2.3", 'x', 0644);
wrong('debris', qr{: is of no message$}m, sub { !-e $debris_path && !-e "$queue/pid/1.2.3" && -e $young_path });
unlink $young_path;
spit("$queue/todo/99", "u0\0p1\0F\0Tx\@y\0", 0644);
spit("$queue/info/7/99", "Fx\0", 0600);
spit("$queue/remote/7/99", "Tx\@y\0", 0600);
spit("$queue/bounce/98", 'x', 0600);
wrong('without a message', qr{^info/7/99: has no message: moved aside}m,
	sub { -e "$queue/todo/99.nomess" && -e "$queue/info/7/99.nomess" && -e "$queue/remote/7/99.nomess" && !-e "$queue/bounce/98" });
my ($lost, $lost_path) = message_file('lost', $old);
spit(parts_of($home, 'local', $lost, 23), "Tx\0", 0600);
$run = run('-r');
is $run->{exit}, 1, 'a message without its info file';
like $run->{out}, qr{: has recipients, but its info file is gone\n}, '... is said';
ok -e $lost_path, '... and left';
unlink $lost_path, parts_of($home, 'local', $lost, 23);

# What a power loss leaves of a message that qmail-queue has answered for.
my $envelope = "u1\0p2\0Fme\@x\0Tyou\@y\0";
my ($half, $half_path) = message_file('half', $old);
aged(parts_of($home, 'intd', $half, 23), $envelope, 0644);
$run = run('-r');
is $run->{exit}, 1, 'all but todo/N: exit';
like $run->{out}, qr{^mess/\d+/$half: has an envelope, but is not queued \(--rescue does that\)\n}m, '... is said';
is run('-r', '--rescue')->{exit}, 0, '--rescue';
is slurp(parts_of($home, 'todo', $half, 23)), $envelope, '... queues it';
is((stat parts_of($home, 'todo', $half, 23))[3], 2, '... as qmail-queue does');
unlink $half_path, map { parts_of($home, $_, $half, 23) } qw(intd todo);
for my $bad ("u1\0p2\0Fme\@x\0Tyou\@y", "u1\0p2\0Fme\@x\0", '', "u1\0p2\0Tyou\0", "u1\0p2\0Fme\0Xyou\0") {
	($half, $half_path) = message_file('half', $old);
	aged(parts_of($home, 'intd', $half, 23), $bad, 0644);
	is run('-r', '--rescue')->{exit}, 0, 'an envelope that is not whole';
	ok !-e $half_path && !-e parts_of($home, 'todo', $half, 23), '... is debris';
}
($half, $half_path) = message_file('half', time);
spit(parts_of($home, 'intd', $half, 23), $envelope, 0644);
is run('-r', '--rescue')->{exit}, 0, 'what qmail-queue may be working on';
ok -e $half_path && !-e parts_of($home, 'todo', $half, 23), '... is left to it';

# --- the split -------------------------------------------------------------------------------------------------

fresh(split => 7);
$n = add_message($home, 'new', split => 7);
rmdir "$queue/$_/6" for qw(mess info local remote);
is run()->{out} =~ /too many/, '', 'of a split of 7, with a part missing';
is run('-r')->{exit}, 0, '... the files say how it is split' if $n % 7 != 6;
is run('-r', '--split', 23)->{exit}, 0, '--split 23';
ok -e parts_of($home, 'mess', $n, 23) && -d "$queue/local/22", '... done';
is run('-r', '--split', 5, '--big-todo')->{exit}, 0, '--split 5 --big-todo';
ok -e parts_of($home, 'todo', $n, 5, 1) && !-e "$queue/info/5" && !-e "$queue/todo/$n", '... done';
is run('-r', '--flat-todo')->{exit}, 0, '--flat-todo';
ok -e "$queue/todo/$n" && !-e "$queue/todo/0", '... done';
is_deeply [ @{ run_program(['qmail-qstat'], home => $home) }{qw(exit out)} ], [ 0, "messages in queue: 1\nmessages in queue but not yet preprocessed: 1\n" ], 'and the others see it so';
fresh(split => 40);
$run = run('-r');
is $run->{exit}, 111, 'nothing says how it is split';
like $run->{err}, qr/: use --split\n\z/, '... is said';
is mode("$queue/lock/sendmutex"), '0600', '... and the queue is not locked';
is run('-r', '--split', 23)->{exit}, 0, '... so it is';

# Numbers below the split: todo/N is a file in one layout, and a directory in the other.
fresh();
{
	my $envelope = "u1\0p2\0Fme\@example.org\0Tx\@y\0";
	my @small = (0, 5, 22, 28);
	for my $n (@small) {
		spit(parts_of($home, 'mess', $n, 23), "body $n", 0644);
		spit("$queue/intd/$n", $envelope, 0644);
		link "$queue/intd/$n", "$queue/todo/$n" or die;
	}
	my $before = contents($home);
	is run('--big-todo')->{exit}, 1, 'small numbers, --big-todo: a look';
	is_deeply contents($home), $before, '... nothing is changed';
	is run('-r', '--big-todo')->{exit}, 0, '... done' or diag run()->{out};
	is_deeply contents($home, 23, 1), $before, '... all are there';
	is mode("$queue/lock/sendmutex"), '0600', '... and the queue is not locked';
	for my $mess (glob "$queue/mess/*/*") {
		my ($from, $to) = ((stat $mess)[1], shift @small);
		rename parts_of($home, $_, $from, 23, 1), parts_of($home, $_, $to, 23, 1) or die for qw(mess todo intd);
	}
	is run('-r', '--flat-todo')->{exit}, 0, '--flat-todo';
	is_deeply contents($home), $before, '... all are there';
	is_deeply [ grep { -d } glob "$queue/todo/*" ], [], '... no directory is left';
	is run()->{exit}, 0, '... all is well';
}

# --- who else is there, and usage -----------------------------------------------------------------------------------

open my $mutex, '+<', "$queue/lock/sendmutex" or die;
flock $mutex, LOCK_EX or die;
for my $how ([], ['-r']) {
	$run = run(@$how);
	is_deeply [ @{$run}{qw(exit err)} ], [ 111, "qmail-qrepair: fatal: qmail-send is running: stop it first\n" ], "while qmail-send runs: @$how";
}
is mode("$queue/lock/sendmutex"), '0600', '... its lock is left alone';
close $mutex;
for ([ '--split', 24 ], [ '--split', 'x' ], ['--split'], [ '--split', 10009 ], ['-x'], ['queue']) {
	is run(@$_)->{exit}, 100, "usage: @$_";
}
is run_program(['qmail-qrepair'], home => '/nonexistent', dir => '/')->{exit}, 111, 'no home';

done_testing();
