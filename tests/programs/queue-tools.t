#!/usr/bin/perl
# queue-tools: qmail-qread, qmail-qstat, qmail-tcpto and qmail-tcpok print what qmail's print (queue 5.1), and
# do not fall into the traps of a queue that is used, or that somebody else may write to.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

my $home = instance();
my $queue = queue_tree($home);
my $birth = 1_700_000_000;    # 14 Nov 2023 22:13:20

sub run { my ($program, %with) = @_; return run_program([$program], home => $home, %with) }

sub message {
	my ($n, $sender, %files) = @_;
	my $part = $n % 23;
	spit("$queue/mess/$part/$n", 'x' x ($files{size} || 0));
	spit("$queue/info/$part/$n", "F$sender\0");
	spit("$queue/$_/$part/$n", $files{$_}) for grep { defined $files{$_} } qw(local remote);
	spit("$queue/bounce/$n", 'why') if $files{bounce};
	utime $birth, $birth, "$queue/info/$part/$n";
}

# --- qmail-qread -------------------------------------------------------------------------------------------

is_deeply [ @{ run('qmail-qread') }{qw(exit out err)} ], [ 0, '', '' ], 'qread: an empty queue';
message(24, 'ann@example.org', size => 4711, local => "Tjoe\@example.org\0Dann-x\@example.org\0", remote => "Dbob\@example.com\0Tx\@y\0torn");
message(2, "od\xe4\n%\@example.org", bounce => 1, remote => "Ta\tb\0X\0\0Tc\x7f\@d\0");
is run('qmail-qread')->{out}, <<"END", 'qread: two messages';
14 Nov 2023 22:13:20 GMT  #24  4711  <ann\@example.org>\x20
	local	joe\@example.org
  done	local	ann-x\@example.org
  done	remote	bob\@example.com
	remote	x\@y
14 Nov 2023 22:13:20 GMT  #2  0  <od__%\@example.org>  bouncing
	remote	a_b
	remote	c_\@d
END
utime 0, 86400 * 8, "$queue/info/2/2";
like run('qmail-qread')->{out}, qr/^9 Jan 1970 00:00:00 GMT  #2  /m, 'qread: a day of one digit';
message(0, '');
like run('qmail-qread')->{out}, qr/\A\S+ Nov .*  #0  0  <> \n\d/, 'qread: the null sender';
unlink "$queue/mess/0/0";
my $run = run('qmail-qread');
is $run->{exit}, 0, 'qread: a message that ends meanwhile is no failure';
like $run->{out}, qr/\Awarning: trouble with #0: No such file or directory\n14 Nov/, '... but a warning, where qmail has it';
unlink "$queue/info/0/0", "$queue/info/2/2";

# What stands in for a file there is not followed, nor waited for.
spit("$home/secret", "Fsecret\0Tsecret\0");
symlink "$home/secret", "$queue/info/2/2";
POSIX::mkfifo("$queue/local/2/2", 0600);
unlink "$queue/remote/1/24";
symlink "$home/secret", "$queue/remote/1/24";
$run = run('qmail-qread');
unlike $run->{out}, qr/secret/, 'qread: symbolic links are not followed';
like $run->{out}, qr/^warning: trouble with #2: .*\n/m, '... and said';
unlink "$queue/info/2/2";
message(2, 'x');
is run('qmail-qread')->{exit}, 0, 'qread: a FIFO is not waited for';
unlink "$queue/local/2/2", "$queue/remote/1/24";

# Long lists need no more memory than short ones.
message(24, 'ann@example.org', local => join '', map { "Tsomebody$_\@example.org\0" } 1 .. 100_000);
SKIP: {
	skip 'sanitizers need more', 1 if slurp(program('qmail-qread')) =~ /__asan_init/;
	$run = run_program([ '/bin/sh', '-c', 'ulimit -v 12000; exec "$0"', program('qmail-qread') ], home => $home);
	is scalar(() = $run->{out} =~ /^\tlocal\t/mg), 100_000, 'qread: 100 000 recipients in bounded memory';
}
rename "$queue/info/22", "$queue/gone";
is run('qmail-qread')->{exit}, 111, 'qread: a queue that is not split alike';
rename "$queue/gone", "$queue/info/22";

# --- qmail-qstat -------------------------------------------------------------------------------------------

sub stat_text { return "messages in queue: $_[0]\nmessages in queue but not yet preprocessed: $_[1]\n" }
is_deeply [ @{ run('qmail-qstat') }{qw(exit out err)} ], [ 0, stat_text(2, 0), '' ], 'qstat: two messages';
spit("$queue/todo/$_", '') for 5, 6, '7.nomess';
spit("$queue/mess/$_/$_", '') for 5, 6;
is run('qmail-qstat')->{out}, stat_text(4, 2), 'qstat: two are new; what was moved aside is none';
unlink glob "$queue/todo/*";
for my $k (0 .. 22) { mkdir "$queue/$_/$k" for qw(todo intd) }
spit("$queue/todo/5/5", '');
is run('qmail-qstat')->{out}, stat_text(4, 1), 'qstat: a big-todo queue';
SKIP: {
	skip 'root may look everywhere', 5 if $> == 0;
	chmod 0, "$queue/mess";
	$run = run('qmail-qstat');
	is $run->{exit}, 111, 'qstat: who may not look is told so';
	is $run->{out}, '', '... and no number';
	like $run->{err}, qr{\Aqmail-qstat: fatal: unable to count the messages in \Q$queue\E: Permission denied\n\z}, '... but why';
	is_deeply [ @{ run('qmail-qstat', env => { QSTRICT => 1 }) }{qw(exit out)} ], [ 0, stat_text(0, 0) ], 'qstat: in strict mode as qmail';
	chmod 0750, "$queue/mess";
	chmod 0, "$queue/todo/22";
	is run('qmail-qstat')->{exit}, 111, 'qstat: nor half of them';
	chmod 0750, "$queue/todo/22";
}

# --- qmail-tcpto, qmail-tcpok --------------------------------------------------------------------------------

my $now = time;
sub record { my ($count, $ago, @ip) = @_; return pack 'C4Cx3Vx4', @ip, $count, $now - $ago }
my $none = "\0" x 16;
is run('qmail-tcpto')->{out}, '', 'tcpto: nothing';
spit("$queue/lock/tcpto", record(2, 100, 192, 0, 2, 25) . $none . record(10, 5, 255, 1, 0, 9) . record(0, 5, 1, 2, 3, 4) . $none x 60);
my $out = run('qmail-tcpto')->{out};
like $out, qr/\A192\.0\.2\.25 timed out (\d+) seconds ago; # recent timeouts: 2\n255\.1\.0\.9 timed out \d+ seconds ago; # recent timeouts: 10\n\z/, 'tcpto: two';
my ($ago) = $out =~ /out (\d+)/;
ok $ago >= 100 && $ago <= 100 + time - $now, '... with the time';
spit("$queue/lock/tcpto6", pack('H32 C x3 V x8', '20010db8000000000000000000000001', 1, $now) . "\0" x 2016);
like run('qmail-tcpto')->{out}, qr/\n2001:db8::1 timed out \d+ seconds ago; # recent timeouts: 1\n\z/, 'tcpto: IPv6 follows';
$run = run('qmail-tcpok');
is_deeply [ @{$run}{qw(exit out err)} ], [ 0, '', '' ], 'tcpok';
is slurp("$queue/lock/tcpto"), "\0" x 1024, '... 1024 zeros';
is slurp("$queue/lock/tcpto6"), "\0" x 2048, '... and those of IPv6';
unlink "$queue/lock/tcpto6";
is run('qmail-tcpok')->{exit}, 0, 'tcpok: IPv6 may have no table';

spit("$queue/lock/tcpto", '');
is_deeply [ @{ run('qmail-tcpto') }{qw(exit out)} ], [ 0, '' ], 'tcpto: a table without records (queue-repair makes one)';
unlink "$queue/lock/tcpto";
is_deeply [ @{ run('qmail-tcpto') }{qw(exit out)} ], [ 111, "fatal: unable to open tcpto: No such file or directory\n" ], 'tcpto: no table';
$run = run('qmail-tcpok');
is $run->{exit}, 111, 'tcpok: no table';
is $run->{err}, "qmail-tcpok: fatal: unable to write $queue/lock/tcpto: No such file or directory\n", '... as qmail says it';
symlink "$home/secret", "$queue/lock/tcpto";
is run('qmail-tcpok')->{exit}, 111, 'tcpok: a symbolic link';
is slurp("$home/secret"), "Fsecret\0Tsecret\0", '... is not followed';
unlike run('qmail-tcpto')->{out}, qr/timed/, 'tcpto: neither';
unlink "$queue/lock/tcpto";
link "$home/secret", "$queue/lock/tcpto";
is run('qmail-tcpok')->{exit}, 111, 'tcpok: nor what has another name, too';
is slurp("$home/secret"), "Fsecret\0Tsecret\0", '... is written to';
unlink "$queue/lock/tcpto";
spit("$queue/lock/tcpto", record(1, 5, 1, 2, 3, 4) x 64);

# The lock is the one that qmail-remote takes.
SKIP: {
	open my $table, '+<', "$queue/lock/tcpto" or die;
	require Fcntl;
	flock $table, Fcntl::LOCK_EX() or die;
	for my $program (qw(qmail-tcpto qmail-tcpok)) {
		open my $sink, '>', "$home/sink" or die;
		my $pid = start_program([$program], home => $home, fds => { 1 => $sink });
		ok wait_until(sub { slurp('/proc/locks') =~ /^\d+: -> FLOCK .* $pid /m }), "$program waits for the lock";
		flock $table, Fcntl::LOCK_UN();
		is join(' ', finish_program($pid)), '0 0', '... and goes on';
		flock $table, Fcntl::LOCK_EX();
	}
}

# --- nowhere to print to -----------------------------------------------------------------------------------

SKIP: {
	skip 'no /dev/full', 1 unless -c '/dev/full';
	my $full = instance();
	my $tree = queue_tree($full);
	spit("$tree/mess/1/1", "x\n");
	spit("$tree/info/1/1", "Fann\@example.org\0");
	spit("$tree/remote/1/1", "Tbob\@example.com\0");
	for my $argv ([qw(qmail-qread)], [qw(qmail-qstat)], [qw(qmail-showctl)], [qw(qmail-q list)], [qw(qmail-q cat 1)]) {
		open my $disk, '>', '/dev/full' or die;
		open my $said, '+>', "$full/said" or die;
		my $pid = start_program($argv, home => $full, fds => { 1 => $disk, 2 => $said });
		is join(' ', finish_program($pid)), '111 0', "@$argv on a full disk";
		like slurp("$full/said"), qr/^$argv->[0]: fatal: standard output: unable to write: No space/m, '... and says so';
		pipe my $reader, my $writer or die;
		close $reader;
		open $said, '+>', "$full/said" or die;
		$pid = start_program($argv, home => $full, fds => { 1 => $writer, 2 => $said });
		is join(' ', finish_program($pid)), '111 0', '... to somebody who has gone';
		unlike slurp("$full/said"), qr/standard output/, '... who has seen enough';
	}
}

done_testing();
