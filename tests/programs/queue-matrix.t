#!/usr/bin/perl
# Every system call of qmail-queue failed with every error that it can have, and the process killed
# before each of them (queue 7.2); then the recorded calls under a model of what a power loss leaves
# (queue 7.5).  P1: exit 0 means that the message is there, whole.  P2: any other end means that
# there is nothing to deliver, but for what came after the link to todo.  P3: nothing is torn.
# nosan: it numbers the system calls, and sanitizers add their own.
use strict;
use warnings;
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Crash;
use Qferry::CrashModel;
use Qferry::Queue;
use Qferry::Test;

my %errors = (
	write      => [qw(ENOSPC EIO EDQUOT EINTR)],
	fsync      => [qw(EIO ENOSPC EINTR)],
	openat     => [qw(EMFILE ENFILE ENOSPC EACCES ENOENT EEXIST EINTR EIO)],
	linkat     => [qw(EEXIST ENOSPC EMLINK EXDEV EIO)],
	unlinkat   => [qw(EIO EPERM)],
	read       => [qw(EIO EINTR)],
	newfstatat => [qw(EIO EACCES ENOENT)],
	fcntl      => [qw(EBADF EINVAL)],
	chdir      => [qw(ENOENT EACCES)],
	brk        => [qw(ENOMEM)],
	mmap       => [qw(ENOMEM)],
	prctl      => [qw(EINVAL)],
	seccomp    => [qw(ENOSYS EINVAL EPERM ENOMEM)],
	landlock_create_ruleset => [qw(ENOSYS EOPNOTSUPP EPERM EMFILE ENOMEM)],
	landlock_add_rule       => [qw(EINVAL ENOMEM)],
	landlock_restrict_self  => [qw(E2BIG EPERM ENOMEM)],
);
$errors{open} = $errors{openat};
$errors{$_} = ['EIO'] for qw(fstat fstatfs umask setitimer prlimit64 close_range rt_sigaction rt_sigprocmask ftruncate);

my $body   = "Subject: test\n\n" . "Hello\n" x 30_000;    # three writes
my $letter = envelope('joe@example.org', 'ann@example.com', 'bob@example.com');
my $home   = queue_home();
my $trace  = temp_dir() . '/trace';

sub traced {
	my (@options) = @_;
	return enqueue($home, $body, $letter, before => [ '/usr/bin/strace', '-o', $trace, @options ],
		env => { ASAN_OPTIONS => 'detect_leaks=0' });
}

sub clear_queue { unlink "$home/queue/$_" for tree_of($home) }

plan skip_all => 'no strace' unless -x '/usr/bin/strace';
my $first = traced();
plan skip_all => "strace does not work here: $first->{err}" unless -s $trace;

# A sanitizer has its own ideas about a shortage of memory.
delete @errors{qw(brk mmap)} if slurp(program('qmail-queue')) =~ /__asan_init/;

# The calls of a run that goes well, from the first that is our own: [ name, which of that name,
# the line ].
my (@calls, %seen);
for (split /\n/, slurp($trace)) {
	my ($name) = /^(\w+)\(/ or next;
	$seen{$name}++;
	push @calls, [ $name, $seen{$name}, $_ ] if @calls || $name eq 'umask';
}
my ($link) = grep { $calls[$_][0] eq 'linkat' && $calls[$_][1] == 2 } 0 .. $#calls;

sub name_of { return "$_[0][0] number $_[0][1]" }

subtest 'without a fault' => sub {
	is $first->{exit}, 0, 'queued';
	is join('; ', message_problems($home, $body, $letter, 1, 1)), '', 'whole';
	ok defined $link, 'the second link is that of todo';
	is scalar(grep { $_->[0] eq 'fsync' } @calls) >= 3, 1, 'three flushes at least';
	my ($timer) = grep { $calls[$_][2] =~ /^(?:setitimer\(ITIMER_REAL, .*tv_sec=86400|alarm\(86400)/ } 0 .. $#calls;
	my ($file) = grep { $calls[$_][2] =~ /O_CREAT/ } 0 .. $#calls;
	ok defined $timer && $timer < $file, 'the death timer is set before any file is made';
	is scalar(grep { $_->[2] =~ m{"(?:/etc|/usr|/lib|/proc|control)} } @calls), 0, 'no file of the system is opened';
};

# strace can say that a write took place which did not.
subtest 'these checks can fail' => sub {
	my @writes = grep { $_->[0] eq 'write' } @calls[ 0 .. $link ];
	for my $what (qw(message envelope)) {
		my $write = $what eq 'message' ? $writes[0] : $writes[-1];
		my ($len) = $write->[2] =~ / = (\d+)$/;
		clear_queue();
		my $run = traced('-e', "inject=write:retval=$len:when=$write->[1]");
		is $run->{exit}, 0, "the $what is not written: exit 0 all the same";
		isnt join('; ', message_problems($home, $body, $letter, 1, 1)), '', 'and that is noticed';
	}
};

my $states = 0;

subtest 'every call fails' => sub {
	for my $i (0 .. $#calls) {
		my ($call, $number) = @{ $calls[$i] };
		for my $error (@{ $errors{$call} || [] }) {
			clear_queue();
			my $run = traced('-e', "inject=$call:error=$error:when=$number");
			my $name = name_of($calls[$i]) . " fails with $error";
			$states++;
			my @wrong;
			if ($run->{signal}) {
				@wrong = ("killed by $run->{signal}");
			} elsif ($run->{exit} == 0) {
				@wrong = message_problems($home, $body, $letter, 1, 1);
				push @wrong, 'exit 0 after a failed fsync' if $call eq 'fsync';
			} elsif ($i > $link) {
				@wrong = message_problems($home, $body, $letter, 1, 1);    # the sender tries again
				push @wrong, "exit $run->{exit}, not 66" if $run->{exit} != 66;
			} else {
				@wrong = map { "$_ is left" } tree_of($home);
			}
			push @wrong, "exit $run->{exit}" if $run->{exit} !~ /^(?:0|5[1-4]|6[1-6]|81)$/;
			is join('; ', @wrong), '', $name;
		}
	}
};

subtest 'killed before every call' => sub {
	for my $i (0 .. $#calls) {
		my ($call, $number) = @{ $calls[$i] };
		clear_queue();
		my $run = traced('-e', "inject=$call:signal=KILL:when=$number");
		$states++;
		my $queued = $i > $link ? 1 : 0;
		my @wrong = message_problems($home, $body, $letter, $queued, $queued);
		push @wrong, "not killed, exit $run->{exit}" unless $run->{signal};
		my %left = map { $_ => 1 } tree_of($home);
		for (grep { m{^intd/} } keys %left) {
			my ($n) = m{(\d+)$};
			push @wrong, 'intd without mess: nobody would ever collect it' unless $left{ "mess/" . $n % 23 . "/$n" };
		}
		is join('; ', @wrong), '', 'killed before ' . name_of($calls[$i]);
	}
};

# The clean-up after an error, killed in turn.
subtest 'two faults' => sub {
	my @faults = grep { $_->[0] =~ /^(?:write|fsync|linkat|openat)$/ } @calls[ 0 .. $link ];
	for my $fault (@faults) {
		my ($call, $number) = @$fault;
		my $error = $call eq 'linkat' ? 'ENOSPC' : 'EIO';
		clear_queue();
		next if traced('-e', "inject=$call:error=$error:when=$number")->{exit} == 0;
		my (%count, @cleaning);
		my $failed = 0;
		for (split /\n/, slurp($trace)) {
			my ($name) = /^(\w+)\(/ or next;
			$count{$name}++;
			push @cleaning, [ $name, $count{$name} ] if $failed;
			$failed = 1 if $name eq $call && $count{$name} == $number;
		}
		for my $second (grep { $_->[0] ne $call } @cleaning) {
			clear_queue();
			traced('-e', "inject=$call:error=$error:when=$number", '-e', "inject=$second->[0]:signal=KILL:when=$second->[1]");
			$states++;
			is join('; ', message_problems($home, $body, $letter, 0, 0)), '',
			  name_of($fault) . ' fails, killed before ' . name_of($second);
		}
	}
};

subtest 'numbers that are taken' => sub {
	for my $times (1, 3, 8, 9) {
		clear_queue();
		my $run = traced('-e', "inject=linkat:error=EEXIST:when=1..$times");
		$states++;
		if ($times < 9) {
			is $run->{exit}, 0, "$times of them: queued";
			is join('; ', message_problems($home, $body, $letter, 1, 1)), '', 'whole';
			is scalar(my @files = tree_of($home)), 3, 'and nothing else is left';
		} else {
			is $run->{exit}, 64, 'nine of them: 64';
			is_deeply [ tree_of($home) ], [], 'and nothing is left';
		}
	}
	clear_queue();
	my ($open) = map { $_->[1] } grep { $_->[0] eq 'openat' && $_->[2] =~ m{"pid/} } @calls;
	is traced('-e', "inject=openat:error=EEXIST:when=$open.." . ($open + 8))->{exit}, 63, 'all names in pid/ taken: 63';
	is_deeply [ tree_of($home) ], [], 'and nothing is left';
	is traced('-e', "inject=openat:error=EEXIST:when=$open.." . ($open + 7))->{exit}, 0, 'but one: queued';
};

subtest 'no memory at all' => sub {
	plan skip_all => 'a sanitizer needs memory of its own' unless $errors{brk};
	clear_queue();
	my @from = map { my $what = $_; my ($first) = map { $_->[1] } grep { $_->[0] eq $what } @calls; $first || 1 } qw(brk mmap);
	my $run = traced('-e', "inject=brk:error=ENOMEM:when=$from[0]+", '-e', "inject=mmap:error=ENOMEM:when=$from[1]+");
	is $run->{exit}, 51, 'exit 51';
	is_deeply [ tree_of($home) ], [], 'and nothing is left';
};

# ---- the model ----

# Without statfs it cannot know the file system, and must do what POSIX asks for.
clear_queue();
my $strict_run = traced('-e', 'inject=fstatfs:error=ENOSYS');
my @strict     = operations_of(slurp($trace));
my $n          = (keys %{ { messages_of($home) } })[0] || 0;
my @default    = grep { "@$_" ne 'syncdir mess/' . $n % 23 } @strict;

sub without { my ($what, @log) = @_; return grep { "@$_" ne $what } @log }

subtest 'power loss' => sub {
	is $strict_run->{exit}, 0, 'queued';
	is scalar(grep { $_->[0] =~ /^sync/ } @strict), 4, 'four flushes where only POSIX holds';
	is scalar(@default), @strict - 1, 'one less elsewhere';
	my ($count, @problems) = crash_problems(posix => @strict);
	is join('; ', @problems), '', "$count states, POSIX";
	$states += $count;
	($count, @problems) = crash_problems(file => @default);
	is join('; ', @problems), '', "$count states, names kept by fsync of the file";
	$states += $count;
};

subtest 'the model can fail' => sub {
	my ($message, $envelope) = map { $_->[1] } grep { $_->[0] eq 'sync' } @strict;
	my @cases = (
		[ 'without the flush of todo', file  => without('syncdir todo', @default), 'an acknowledged message has no todo' ],
		[ 'the same',                  posix => without('syncdir todo', @strict),  'an acknowledged message has no todo' ],
		[ 'without that of the message',  file => without("sync $message",  @default), 'the message is torn' ],
		[ 'without that of the envelope', file => without("sync $envelope", @default), 'the envelope is torn' ],
		[ 'without that of mess/', posix => @default, 'todo without mess' ],
	);
	for (@cases) {
		my ($name, $model, @log) = @$_;
		my $expected = pop @log;
		my ($count, @problems) = crash_problems($model => @log);
		ok scalar(grep { $_ eq $expected } @problems), "$name: $expected";
	}
	my @early = @default;
	my ($at) = grep { $early[$_][0] eq 'name' && $early[$_][1] eq 'todo' } 0 .. $#early;
	my ($sync) = grep { "@{ $early[$_] }" eq "sync $envelope" } 0 .. $#early;
	@early[ $at, $sync ] = @early[ $sync, $at ];
	my ($count, @problems) = crash_problems(file => @early);
	is "@problems", 'the envelope is torn', 'link before the flush of the envelope';
};

print_states("$states faults and power losses of one qmail-queue");
done_testing;
