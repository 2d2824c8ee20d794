#!/usr/bin/perl
# Set-uid qmail-queue and a caller that means no good: descriptors of every kind, limits, signals blocked, ignored and
# pending, timers that run, environments, no arguments, no directory, a debugger, death at any moment (queue 1.7, 2;
# doc/hostile-input).  After each: exit 0 means that the message is there, whole; anything else that there is nothing
# to deliver, with a code of queue 2.2; and only a signal leaves a file behind, in mess/.
use strict;
use warnings;
use Fcntl qw(O_RDONLY O_RDWR O_WRONLY);
use FindBin;
use POSIX ();
use Socket;
use Test::More;
use Time::HiRes ();
use lib "$FindBin::Bin/../lib";
use Qferry::Queue;
use Qferry::SetuidQueue;
use Qferry::Test;

my ($why_not, %home) = setuid_home();
plan skip_all => $why_not if $why_not;
my ($queue, $program, $group) = @home{qw(queue program group)};
my $stranger = $home{uid}{stranger};

my $body   = "Subject: test\n\n" . "Hello\n" x 2000;
my $letter = envelope('joe@example.org', 'ann@example.com', 'bob@example.com');
my %codes  = map { $_ => 1 } 0, 11, 51 .. 54, 61 .. 66, 81, 91, 111;

sub run_as_stranger { return run_setuid(\%home, 'stranger', $body, $letter, @_) }

# What is wrong after a run: ''.  With `only` the exit must be one of these; `whole` are the message and envelope if
# not ours; a signal that came late may leave a message that is whole.
sub judge {
	my ($run, %with) = @_;
	my ($message, $envelope) = @{ $with{whole} || [ $body, $letter ] };
	my $queued = $run->{signal} ? [ 0, 1 ] : $run->{exit} == 0 ? [ 1, 1 ] : [ 0, 0 ];
	my @wrong = message_problems($home{home}, $message, $envelope, @$queued);
	push @wrong, "exit $run->{exit}" unless $run->{signal} || $codes{ $run->{exit} };
	push @wrong, "signal $run->{signal}" if $run->{signal} && !$with{may_die};
	push @wrong, "exit $run->{exit}, not " . join ' or ', @{ $with{only} }
	  if $with{only} && !grep { $_ == $run->{exit} } @{ $with{only} };
	push @wrong, "says $run->{err}" if length($run->{err} // '') && !$with{may_speak};
	my $dead = $run->{signal} || $run->{exit} == 52 || $run->{exit} == 81;
	my %queued = messages_of($home{home});
	for my $path (tree_of($home{home})) {
		my ($dir, $n) = $path =~ m{^(\w+)/.*?(\d+)$};
		push @wrong, "$path is left" unless $queued{ $n // '' } || ($dead && $dir =~ /^(?:mess|intd|pid)$/);
	}
	return join '; ', @wrong;
}

# --- descriptors --------------------------------------------------------------------------------

my $dir = temp_dir();
chmod 0755, $dir;
spit("$dir/body", $body, 0644);
spit("$dir/letter", $letter, 0644);

# A descriptor of each kind: [ name, handle or undef, what of it is read ('' for nothing, undef: an error) ].
sub kinds {
	my ($file, $bytes) = @_;
	sysopen my $read, $file, O_RDONLY or die;
	sysopen my $both, $file, O_RDWR or die;
	sysopen my $write, "$dir/scratch", O_WRONLY | POSIX::O_CREAT() or die;
	sysopen my $path, $file, 010000000 or die;    # O_PATH
	sysopen my $memory, '/proc/self/mem', O_RDONLY or die;
	opendir my $folder, $dir or die;
	open my $folder_fd, '<', $dir or die;
	open my $null, '<', '/dev/null' or die;
	open my $sink, '>', '/dev/null' or die;
	open my $nothing, '+<', '/dev/null' or die;
	open my $random, '>', '/dev/full' or die;
	pipe my $ended, my $end or die;
	close $end;
	pipe my $quiet, my $held or die;
	$quiet->blocking(0);
	pipe my $unread, my $in or die;
	socketpair my $socket, my $far, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
	syswrite $far, $bytes;
	close $far;
	socket my $alone, AF_INET, SOCK_STREAM, 0 or die;
	return (
		[ 'closed',                 undef,      undef ],
		[ 'a file',                 $read,      $bytes ],
		[ 'a file, read and write', $both,      $bytes ],
		[ 'a file to write',        $write,     undef ],
		[ 'a mere path',            $path,      undef ],
		[ 'somebody\'s memory',     $memory,    undef ],
		[ 'a directory',            $folder_fd, undef ],
		[ 'nothing to read',        $null,      '' ],
		[ 'nothing to write',       $sink,      undef ],
		[ 'nothing for both',       $nothing,   undef ],
		[ 'a full device',          $random,    undef ],
		[ 'a pipe at its end',      $ended,     '' ],
		[ 'a pipe that must not wait', $quiet,  undef, $held ],
		[ 'the wrong end',          $in,        undef, $unread ],
		[ 'a socket',               $socket,    $bytes ],
		[ 'a socket alone',         $alone,     undef ],
	);
}

# Run by the stranger on these descriptors (undef: closed).
sub on_descriptors {
	my (%fds) = @_;
	clear_queue(\%home);
	my $pid = start_by(sub { }, %fds);
	my ($exit, $signal) = finish_program($pid);
	return { exit => $exit, signal => $signal };
}

# Fork; as the stranger on these descriptors do what `first` says; then qmail-queue, or what `exec` does.
sub start_by {
	my ($first, %fds) = @_;
	my $exec = delete $fds{exec} || sub { exec {$program} 'qmail-queue' };
	my $pid = fork // die;
	return $pid if $pid;
	eval {
		my %copy = map { $_ => POSIX::dup2(fileno $fds{$_}, 100 + $_) } grep { defined $fds{$_} } keys %fds;
		POSIX::close($_) for 0 .. 60;
		POSIX::dup2(100 + $_, $_) for keys %copy;
		POSIX::close(100 + $_) for keys %copy;
		%ENV = ();
		$( = $) = "$group $group";
		POSIX::setuid($stranger);
		$SIG{$_} = 'DEFAULT' for qw(PIPE ALRM);
		$first->();
		$exec->();
	};
	POSIX::_exit(120);
}

subtest 'descriptors' => sub {
	my %wrong;
	my $count = @{ [ kinds("$dir/body", $body) ] };
	for my $zero (0 .. $count - 1) {
		for my $one (0 .. $count - 1) {
			# One of them is as it should be, or both are of the same kind.
			next unless $zero == 1 || $one == 1 || $zero == $one;
			for my $two ($zero == 1 && $one == 1 ? (0 .. $count - 1) : 0) {
				my $message  = [ (kinds("$dir/body",   $body))[$zero] ];
				my $envelope = [ (kinds("$dir/letter", $letter))[$one] ];
				my $log      = [ (kinds("$dir/scratch", ''))[$two] ];
				my $run = on_descriptors(0 => $message->[0][1], 1 => $envelope->[0][1], 2 => $log->[0][1]);
				my $good = defined $message->[0][2] && ($envelope->[0][2] // '') eq $letter;
				my $problems = judge($run, only => [ $good ? 0 : 54 ], whole => [ $message->[0][2] // '', $letter ]);
				$wrong{"$message->[0][0], $envelope->[0][0], $log->[0][0]"} = $problems if $problems ne '';
			}
		}
	}
	is_deeply \%wrong, {}, "0, 1 and 2 of $count kinds";
};

subtest 'a thousand descriptors more' => sub {
	my $run = run_as_stranger(before => [ $^X, '-e', '$^F = 5000; open $f[$_], "<", "/dev/null" or last for 1 .. 1000; exec @ARGV' ]);
	is judge($run, only => [0]), '', 'are nothing to us';
};

# --- limits -------------------------------------------------------------------------------------

subtest 'limits' => sub {
	plan skip_all => 'no prlimit' unless -x '/usr/bin/prlimit';
	my (%wrong, $count);
	for my $limit (qw(as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio sigpending stack)) {
		for my $value (0, 1, 3 .. 8, 4096, 65_536) {
			clear_queue(\%home);
			open my $in, '<', "$dir/body" or die;
			open my $envelope, '<', "$dir/letter" or die;
			my $pid = start_by(sub { }, 0 => $in, 1 => $envelope, exec => sub {
				exec '/usr/bin/prlimit', "--$limit=$value", $program;
			});
			my ($exit, $signal) = finish_program($pid);
			$count++;
			next if $exit =~ /^(?:1|120|126|127)$/ && !tree_of($home{home});    # prlimit itself could not
			my $problems = judge({ exit => $exit, signal => $signal }, may_die => scalar $limit =~ /^(?:as|data|stack|cpu|nofile)$/);
			$wrong{"$limit $value"} = $problems if $problems ne '';
		}
	}
	is_deeply \%wrong, {}, "$count limits";
	my ($large, $many) = ('x' x 20_000_000, envelope('a@b', map { "user$_\@example.org" } 1 .. 200_000));
	my $run = run_setuid(\%home, 'stranger', $large, $many, before => [ '/usr/bin/prlimit', '--as=16384000' ]);
	is judge($run, only => [0], whole => [ $large, $many ]), '', '16 MB of memory do for 20 MB to 200 000 recipients';
};

# --- signals and timers -------------------------------------------------------------------------

# It waits for its message: `first` is done as the stranger before the exec, `then` to the process.  Returns the run.
sub while_reading {
	my ($first, $then) = @_;
	clear_queue(\%home);
	pipe my $from, my $to or die;
	open my $envelope, '<', "$dir/letter" or die;
	my $pid = start_by($first, 0 => $from, 1 => $envelope);
	close $from;
	local $SIG{PIPE} = 'IGNORE';
	wait_until(sub { (grep { m{^mess/} } tree_of($home{home})) && !grep({ m{^pid/} } tree_of($home{home}))
		  || (slurp("/proc/$pid/stat") // ') Z') =~ /\) Z/ });
	$then->($pid);
	syswrite $to, $body;
	close $to;
	my ($exit, $signal) = finish_program($pid);
	return { exit => $exit, signal => $signal };
}

my @signals = grep { $_ != 32 && $_ != 33 } 1 .. 64;

subtest 'signals' => sub {
	my (%wrong, %ends);
	my %ignored = map { $_ => 1 } 1, 2, 3, 13, 24, 25, 26, 27, 17, 18, 23, 28, 19, 20, 21, 22;
	my %fatal = map { $_ => 81 } 4, 6, 7, 8, 11, 31;
	$fatal{14} = 52;
	for my $signal (@signals) {
		my $run = while_reading(sub { }, sub { kill $signal, $_[0]; kill 'CONT', $_[0] });
		my $should = $ignored{$signal} ? 0 : $fatal{$signal};
		my $problems = judge($run, may_die => !defined $should, defined $should ? (only => [$should]) : ());
		$wrong{$signal} = $problems if $problems ne '';
	}
	is_deeply \%wrong, {}, 'each, while it reads';
};

subtest 'blocked, ignored, pending' => sub {
	my %wrong;
	my $block = sub { my $all = POSIX::SigSet->new; $all->fillset; POSIX::sigprocmask(POSIX::SIG_BLOCK(), $all) };
	my $ignore = sub { for (@signals) { eval { POSIX::sigaction($_, POSIX::SigAction->new('IGNORE')) } } };
	for my $case ([ 'blocked', $block ], [ 'ignored', $ignore ], [ 'both', sub { $block->(); $ignore->() } ]) {
		my ($name, $first) = @$case;
		my $problems = judge(while_reading($first, sub { }), only => [0]);
		$problems .= judge(while_reading($first, sub { kill 'ALRM', $_[0] }), only => [52]);
		$wrong{$name} = $problems if $problems ne '';
	}
	for my $signal (@signals) {
		next if $signal == 9 || $signal == 19;
		my $first = sub { $block->(); kill $signal, $$ };
		my $run = while_reading($first, sub { kill 'CONT', $_[0] });
		my $problems = judge($run, may_die => scalar $signal !~ /^(?:13|14|17|25)$/);
		$wrong{"pending $signal"} = $problems if $problems ne '';
	}
	is_deeply \%wrong, {}, 'before it begins';
};

subtest 'timers' => sub {
	my $run = while_reading(sub { Time::HiRes::setitimer(Time::HiRes::ITIMER_REAL(), 0.3, 0.3) },
		sub { select undef, undef, undef, 0.7 });
	is judge($run, only => [0]), '', 'one that the caller has set ends nothing';
	$run = while_reading(sub {
		Time::HiRes::setitimer($_, 0.001, 0.001) for Time::HiRes::ITIMER_VIRTUAL(), Time::HiRes::ITIMER_PROF();
	}, sub { });
	is judge($run, may_die => 1), '', 'nor does one of its processor time, once it has begun';
};

# --- death and a debugger -----------------------------------------------------------------------

subtest 'killed at any moment' => sub {
	my %wrong;
	my ($rounds, $queued) = ($ENV{QFERRY_LONG} ? 2000 : 60, 0);
	srand 7;
	for my $round (1 .. $rounds) {
		my $signal = (9, 15, 14, 11, 19)[ $round % 5 ];
		clear_queue(\%home);
		open my $in, '<', "$dir/body" or die;
		open my $envelope, '<', "$dir/letter" or die;
		my $pid = start_by(sub { }, 0 => $in, 1 => $envelope);
		select undef, undef, undef, 0.001 + rand 0.006;
		kill $signal, $pid;
		kill 'CONT', $pid;
		my ($exit, $by) = finish_program($pid);
		my $run = { exit => $exit, signal => $by };
		$queued += $exit == 0;
		my $problems = judge($exit == 52 || $exit == 81 ? { %$run, signal => $exit } : $run, may_die => 1);
		$wrong{"round $round"} = $problems if $problems ne '';
	}
	is_deeply \%wrong, {}, "$rounds times ($queued were done before)";
};

sub can_read {
	my ($path) = @_;
	open my $file, '<', $path or return 0;
	return read $file, my $octet, 1;
}

subtest 'a debugger' => sub {
	plan skip_all => 'no strace' unless -x '/usr/bin/strace';
	open my $in, '<', "$dir/body" or die;
	open my $envelope, '<', "$dir/letter" or die;
	open my $null, '>', '/dev/null' or die;
	clear_queue(\%home);
	my $pid = start_by(sub { }, 0 => $in, 1 => $envelope, 2 => $null, exec => sub { exec '/usr/bin/strace', '-o', '/dev/null', $program });
	my ($exit, $signal) = finish_program($pid);
	isnt $exit, 0, 'who traces it has no rights';
	is_deeply [ tree_of($home{home}) ], [], 'and queues nothing';
	my %seen;
	my $run = while_reading(sub { }, sub {
		my ($pid) = @_;
		my $spy = fork // die;
		if (!$spy) {
			POSIX::setuid($stranger);
			my $attached = syscall(101, 16, $pid + 0, 0, 0) == 0 ? 1 : 0;    # PTRACE_ATTACH
			my $reads = grep { can_read("/proc/$pid/$_") } qw(mem environ maps);
			POSIX::_exit($attached * 10 + $reads);
		}
		waitpid $spy, 0;
		is $? >> 8, 0, 'nobody attaches to it, or reads its memory';
	});
	is judge($run, only => [0]), '', 'it goes on';
};

# --- environment, arguments, surroundings -------------------------------------------------------

subtest 'surroundings' => sub {
	my $absent = "$dir/absent";
	my %env = (
		'none'       => {},
		'libraries'  => { map { $_ => "$dir/evil.so" } qw(LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT LD_DEBUG LD_BIND_NOW LD_ORIGIN_PATH) },
		'memory'     => { MALLOC_CHECK_ => 3, MALLOC_PERTURB_ => 170, MALLOC_ARENA_MAX => 1, GLIBC_TUNABLES => 'glibc.malloc.check=3' },
		'locale'     => { LC_ALL => '../../../../tmp', LANG => 'de_DE.UTF-8', TZ => ":$absent", TZDIR => $dir, NLSPATH => "$dir/%N" },
		'ours'       => { QMAILQUEUE => '/bin/false', ERROR_FD => 1, QSTRICT => 1, QMAILSID => "\n" x 100, QMAILHOME => '' },
		'a megabyte' => { map { ("EVIL$_" => 'x' x 100_000) } 1 .. 10 },
		'ten thousand' => { map { ("EVIL$_" => '') } 1 .. 10_000 },
		'nonsense'   => { '' => 'x', "\n" => "\n", 'A' => "\xff" x 1000 },
		'sanitizers' => { ASAN_OPTIONS => "log_path=$dir/evil", UBSAN_OPTIONS => "log_path=$dir/evil" },
	);
	for my $name (sort keys %env) {
		my $run = run_as_stranger(env => $env{$name}, before => [ '/usr/bin/env', '-u', 'PATH' ]);
		is judge($run, only => [0], may_speak => $name eq 'libraries'), '', "environment: $name"; # env and sh speak
	}
	is_deeply [ glob "$dir/evil*" ], [], 'and nothing is written on their word';

	my @cases = (
		[ 'no arguments at all', sub { my @none; exec {$program} @none } ],
		[ 'many arguments',      sub { exec {$program} 'qmail-queue', ('-x' x 1000) x 100 } ],
		[ 'a name of control octets', sub { exec {$program} "\n\e[2J%n%s" } ],
		[ 'a directory that is gone', sub { mkdir "$absent.$$"; chdir "$absent.$$"; rmdir "$absent.$$"; exec {$program} 'x' } ],
		[ 'a umask of 0777',     sub { umask 0777; exec {$program} 'x' } ],
		[ 'a umask of 0',        sub { umask 0; exec {$program} 'x' } ],
		[ 'niceness',            sub { POSIX::nice(19); exec {$program} 'x' } ],
		[ 'a session of its own', sub { POSIX::setsid(); exec {$program} 'x' } ],
	);
	chmod 0777, $dir;
	for my $case (@cases) {
		my ($name, $exec) = @$case;
		clear_queue(\%home);
		open my $in, '<', "$dir/body" or die;
		open my $envelope, '<', "$dir/letter" or die;
		my ($exit, $signal) = finish_program(start_by(sub { }, 0 => $in, 1 => $envelope, exec => $exec));
		is judge({ exit => $exit, signal => $signal }, only => [0]), '', $name;
		my ($n) = keys %{ { messages_of($home{home}) } };
		is sprintf('%o', (stat "$queue/todo/$n")[2] & 07777), '644', "$name: mode" if $n;
	}
};

done_testing;
