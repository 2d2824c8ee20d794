#!/usr/bin/perl
# qmail-queue set-uid qmailq, in a home of its own, run by strangers: who is named in Received, whose
# the files are, and that nothing of what it inherits matters (queue 2.5).  The users need not exist:
# users/ids names them.
use strict;
use warnings;
use FindBin;
use POSIX ();
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Queue;
use Qferry::SetuidQueue;
use Qferry::Test;

my ($why_not, %home) = setuid_home();
plan skip_all => $why_not if $why_not;
my ($home, $queue, $program, $qmail, $group) = @home{qw(home queue program qmail group)};
my %uid = %{ $home{uid} };

my $body   = "Subject: test\n\nHello\n";
my $letter = envelope('joe@example.org', 'ann@example.com');

# Run by `who`; `shell` comes in front of the program, as that user.
sub run_by {
	my ($who, %with) = @_;
	return run_setuid(\%home, $who, $body, $letter, %with);
}

sub received { my %all = messages_of($home); my ($m) = values %all; return $m ? (split /\n/, $m->{mess})[0] : '(nothing queued)' }

subtest 'who is named' => sub {
	for my $case (
		[ alias    => 'by alias' ],
		[ qmaild   => 'from network' ],
		[ qmails   => 'for bounce' ],
		[ qmailq   => "by uid $uid{qmailq}" ],
		[ stranger => "by uid $uid{stranger}" ],
	  )
	{
		my ($who, $text) = @$case;
		is run_by($who)->{exit}, 0, "$who: queued";
		like received(), qr/^Received: \(qmail \d+ invoked \Q$text\E\); /, "$who: $text";
		my %all = messages_of($home);
		my ($n, $m) = %all;
		like $m->{todo}, qr/\Au$uid{$who}\0p\d+\0F/, "$who: u";
		my @path = ("mess/" . $n % 23 . "/$n", "todo/$n");
		for (@path) {
			my @st = stat "$queue/$_";
			is_deeply [ @st[4, 5], $st[2] & 07777 ], [ $uid{qmailq}, $group, 0644 ], "$who: owner, group, mode of $_";
		}
	}
};

subtest 'users/ids must be root\'s' => sub {
	for my $spoil (sub { chown $uid{stranger}, 0, "$home/users/ids" }, sub { chmod 0664, "$home/users/ids" },
		sub { chmod 0646, "$home/users/ids" }, sub { unlink "$home/users/ids" })
	{
		$spoil->();
		is run_by('qmaild')->{exit}, 0, 'queued';
		like received(), qr/invoked by uid $uid{qmaild}\)/, 'by uid';
		unlink "$home/users/ids";
		write_ids(\%home);
	}
	unlink "$home/users/ids";
	mkdir "$home/users/ids";
	is run_by('qmaild')->{exit}, 111, 'it cannot be read: 111';
	is_deeply [ tree_of($home) ], [], 'and nothing is left';
	rmdir "$home/users/ids";
	write_ids(\%home);
};

subtest 'QMAILHOME' => sub {
	my $other = queue_home();
	chmod 0777, $other;
	is run_by('stranger', env => { QMAILHOME => $other })->{exit}, 61, 'another home: 61';
	is_deeply [ tree_of($other) ], [], 'nothing in the other';
	is_deeply [ tree_of($home) ],  [], 'nor in ours';
	is run_by('stranger', env => { QMAILHOME => "$home/absent" })->{exit}, 61, 'none at all: 61';
	is run_by('stranger', env => { QMAILHOME => "$home/users/.." })->{exit}, 0, 'the same by another path';
	is run_by('stranger', env => { QMAILHOME => '' })->{exit}, 0, 'empty';
};

subtest 'descriptors' => sub {
	for my $closed ('0<&-', '1<&-', '0<&- 1<&-', '0<&- 1<&- 2<&-') {
		is run_by('stranger', shell => "exec $closed;")->{exit}, 54, "$closed: 54";
		is_deeply [ tree_of($home) ], [], "$closed: nothing is left";
	}
	is run_by('stranger', shell => 'exec 2<&-;')->{exit}, 0, '2 closed: queued';
	is run_by('stranger', shell => 'exec 0</dev/null;')->{exit}, 0, 'an empty message is none of these';
	is run_by('stranger', shell => 'exec 3</etc/passwd 4<&3 5<&3 6>/dev/null 7<&3 8<&3 9<&3; ulimit -n 10;')->{exit}, 0,
	  'all descriptors taken: they are closed';
	is join('; ', message_problems($home, $body, $letter, 1, 1)), '', 'and the message is whole';
};

subtest 'limits' => sub {
	is run_by('stranger', shell => 'ulimit -f 0;')->{exit}, 53, 'no file size: 53';
	is_deeply [ tree_of($home) ], [], 'nothing is left';
	is run_by('stranger', shell => 'ulimit -n 3;')->{exit}, 62, 'no descriptors: 62';
	isnt run_by('stranger', shell => 'ulimit -v 100;')->{exit}, 0, 'no memory: not queued';
	is scalar(grep { m{^todo/} } tree_of($home)), 0, 'nothing to deliver';
	is run_by('stranger', shell => 'ulimit -c unlimited;')->{exit}, 0, 'core files allowed';
};

subtest 'umask' => sub {
	for my $mask ('0', '777', '022') {
		is run_by('stranger', shell => "umask $mask;")->{exit}, 0, "$mask: queued";
		my ($n) = keys %{ { messages_of($home) } };
		is sprintf('%o', (stat "$queue/todo/$n")[2] & 07777), '644', "$mask: mode";
	}
};

subtest 'environment' => sub {
	my $run = run_by('stranger', shell => "export LD_PRELOAD=$home/absent.so LD_LIBRARY_PATH=$home TZ=XYZ-9"
		  . ' LANG=de_DE.UTF-8 MALLOC_PERTURB_=7 QMAILQUEUE=/bin/false PATH=;');
	is $run->{exit}, 0, 'queued';
	is $run->{err}, '', 'nothing to say';
	like received(), qr/ \d{4} \d\d:\d\d:\d\d -0000$/, 'UTC';
	my ($hour) = received() =~ / (\d\d):\d\d:\d\d -0000$/;
	my $now = (gmtime)[2];
	ok $hour == $now || ($hour + 1) % 24 == $now, 'and the hour of UTC';
};

# A caller may block and ignore signals before the exec, but the death timer must still end it, and
# kill() what its owner may kill.
subtest 'signals' => sub {
	system('rm', '-f', map { "$queue/$_" } tree_of($home));
	pipe my $message_out, my $message or die;
	my $pid = fork // die;
	if (!$pid) {
		my $all = POSIX::SigSet->new;
		$all->fillset;
		POSIX::sigprocmask(POSIX::SIG_BLOCK(), $all);
		$SIG{ALRM} = $SIG{SEGV} = 'IGNORE';
		POSIX::dup2(fileno $message_out, 0);
		POSIX::close(fileno $message);
		delete $ENV{QMAILHOME};
		$( = $) = "$group $group";
		POSIX::setuid($uid{stranger});
		exec {$program} 'qmail-queue' or POSIX::_exit(120);
	}
	close $message_out;
	ok wait_until(sub { grep { m{^mess/} } tree_of($home) }), 'it reads';
	my $status = slurp("/proc/$pid/status");
	my ($blocked) = $status =~ /^SigBlk:\s+(\w+)$/m;
	my $ignored = 0;
	$ignored |= 1 << $_ - 1 for POSIX::SIGHUP(), POSIX::SIGINT(), POSIX::SIGQUIT(), POSIX::SIGPIPE(), 24 .. 27; # SIGXCPU, XFSZ, VTALRM, PROF
	is hex($blocked) & ~$ignored, 0, 'nothing is blocked but what it does not heed';
	my ($soft) = slurp("/proc/$pid/limits") =~ /^Max core file size\s+(\S+)/m;
	is $soft, '0', 'no core file';
	my @open = map { m{/(\d+)$} } glob "/proc/$pid/fd/*";
	is scalar(grep { $_ > 2 && (readlink("/proc/$pid/fd/$_") || '') !~ m{^\Q$queue\E} } @open), 0, 'only the queue is open';
	kill 'ALRM', $pid;
	is_deeply [ finish_program($pid) ], [ 52, 0 ], 'SIGALRM: 52';
};

done_testing;
