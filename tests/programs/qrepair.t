#!/usr/bin/perl
# qrepair: a queue that was copied, restored, cut otherwise or damaged is whole again, with every message
# that it had (queue 1.1 to 1.3, 1.7, 5.2); also when the repair is killed before any of its system calls and
# then run again.
# nosan: it numbers the system calls, and sanitizers add their own; qrepair-plain.t is run with them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Crash;
use Qferry::Faults;
use Qferry::QueueImage;
use Qferry::Test;
use Test::More;

plan skip_all => 'root has no rootless queue' if $> == 0;
plan skip_all => 'strace does not work here' unless can_strace();

my ($strace, $trace) = ('/usr/bin/strace', temp_dir() . '/trace');
my @calls_that_change = qw(linkat unlinkat renameat renameat2 mkdirat fchmod fchmodat syncfs flock mknodat exit_group);

# What is to be mended, each in a home made for it; and how.
my @cases = (
	[ 'a queue that was copied', sub {
		my $home = image_home();
		add_all($home);
		my $copy = image_home();
		copy_queue($home, $copy);
		return $copy;
	} ],
	[ 'two messages that have each other\'s number', sub {
		my $home = image_home();
		my ($a, $b) = add_all($home);
		swap($home, $a, $b);
		return $home;
	} ],
	[ 'another split', sub {
		my $home = image_home(split => 7);
		add_all($home, split => 7);
		return $home;
	}, '--split', 23 ],
	[ 'a smaller split, and big-todo, and damage', sub {
		my $home = image_home(split => 31);
		add_all($home, split => 31);
		unlink "$home/queue/lock/$_" for qw(tcpto trigger);
		rmdir "$home/queue/pid";
		spit("$home/queue/local/1/1", "Tgone\0", 0600);
		spit("$home/queue/todo/2000", "u1\0p1\0Fx\0Ty\0", 0644);
		return $home;
	}, '--split', 23, '--big-todo' ],
);

sub add_all {
	my ($home, %o) = @_;
	my @n = add_message($home, 'queued', body => 'one', local => "Ta\@b\0Dc\@d\0", remote => "Te\@f\0", bounce => "<g\@h>:\nwhy\n\n", %o);
	push @n, add_message($home, 'new', body => 'two', to => [ 'p@q', 'r@s' ], %o);
	push @n, add_message($home, 'half', body => 'three', local => "Tno\0", %o);
	push @n, add_message($home, 'queued', body => 'four', remote => "Te\@f\0", %o);
	return @n;
}

# Rename a to b and b to a, in all directories.
sub swap {
	my ($home, $a, $b) = @_;
	for my $dir (qw(mess info local remote bounce intd todo)) {
		my $path = sub { parts_of($home, $dir, $_[0], 23) };
		rename $path->($a), "$home/tmp" if -e $path->($a);
		rename $path->($b), $path->($a) if -e $path->($b);
		rename "$home/tmp", $path->($b) if -e "$home/tmp";
	}
}

sub repair {
	my ($home, $before, @options) = @_;
	return run_program([ @$before, program('qmail-qrepair'), '-r', @options ], home => $home, env => { ASAN_OPTIONS => 'detect_leaks=0' });
}

my %whole = (
	one   => [ { info => "Fme\@example.org\0", local => "Ta\@b\0Dc\@d\0", remote => "Te\@f\0", bounce => "<g\@h>:\nwhy\n\n" } ],
	two   => [ { todo => "u1\0p2\0Fme\@example.org\0Tp\@q\0Tr\@s\0" } ],
	three => [ { todo => "u1\0p2\0Fme\@example.org\0Tx\@y\0" } ],
	four  => [ { info => "Fme\@example.org\0", remote => "Te\@f\0" } ],
);
$whole{$_}[0]{intd} = $whole{$_}[0]{todo} for qw(two three);

# What is wrong with a queue that was mended.
sub problems {
	my ($home, $big) = @_;
	my @wrong = number_problems($home);
	my $have = contents($home, 23, $big);
	for my $body (sort keys %whole) {
		push @wrong, "message '$body' is not there once" unless @{ $have->{$body} || [] } == 1;
		push @wrong, "message '$body' is not what it was" unless explain_flat($have->{$body}) eq explain_flat($whole{$body});
	}
	push @wrong, 'more messages than there were' if keys %$have != keys %whole;
	my $mode = sprintf '%04o', (stat "$home/queue/lock/sendmutex")[2] & 07777;
	push @wrong, "lock/sendmutex has mode $mode" if $mode ne '0600';
	return @wrong;
}

sub explain_flat { my ($list) = @_; return join '|', map { my $m = $_; map { "$_=$m->{$_}" } sort keys %$m } @{ $list || [] } }

for my $case (@cases) {
	my ($name, $make, @options) = @$case;
	my $big = grep { $_ eq '--big-todo' } @options;
	my $home = $make->();
	my $run = repair($home, [ $strace, '-o', $trace ], @options);
	is $run->{exit}, 0, "$name: exit" or diag grep { !/missing|too many/ } split /^/, "$run->{out}$run->{err}";
	is join('; ', problems($home, $big)), '', "$name: all is well" or diag $run->{out};
	like $run->{out}, qr/^\d\d? found wrong, 0 not mended\n\z/m, '... and it says so';
	my $again = repair($home, [], @options);
	is $again->{out}, "0 found wrong, 0 not mended\n", '... and finds nothing any more';

	my %wanted = map { $_ => 1 } @calls_that_change;
	my @kills = grep { $_->{is_kill} && $wanted{ $_->{call} } } faults_of({}, calls_of(slurp($trace)));
	cmp_ok scalar(@kills), '>', 20, scalar(@kills) . ' moments to be killed at, ' . share_text();
	my @share = share_of(@kills);
	@share = @share[ grep { $_ % int(1 + @share / 12) == 0 } 0 .. $#share ] unless crash_is_long();
	my (@wrong, %seen);
	for my $fault (@share) {
		my $try = $make->();
		my $killed = repair($try, [ $strace, '-o', '/dev/null', '-e', "inject=$fault->{inject}" ], @options);
		next if $killed->{exit} == 0;    # it made fewer calls: another order of names
		$seen{ ((stat "$try/queue/lock/sendmutex")[2] // 0) & 07777 ? 'open' : 'locked' }++;
		my $second = repair($try, [], @options);
		push @wrong, "$fault->{name}: exit $second->{exit}: $second->{out}$second->{err}" if $second->{exit} != 0;
		push @wrong, map { "$fault->{name}: $_" } problems($try, $big);
	}
	is join("\n", @wrong), '', "$name: killed anywhere and run again, all is well";
	ok $seen{locked}, '... and meanwhile qmail-send is locked out' or diag explain \%seen;
}

# A call that fails: the queue stays locked, and the next run mends it.
{
	my $home = $cases[0][1]->();
	my $run = repair($home, [ $strace, '-o', '/dev/null', '-e', 'inject=linkat:error=ENOSPC:when=3' ]);
	is $run->{exit}, 1, 'no space: exit';
	like $run->{out}, qr/: not mended: No space left on device\n/, '... says it';
	like $run->{out}, qr/^qmail-send cannot start before this has succeeded\n\z/m, '... and what that means';
	is((stat "$home/queue/lock/sendmutex")[2] & 07777, 0, '... the queue is locked');
	is repair($home, [])->{exit}, 0, 'with space again: exit';
	is join('; ', problems($home)), '', '... all is well';
}

done_testing();
