#!/usr/bin/perl
# Crash images (queue 7.3): a queue on a loop device; right after each exit 0 the device is copied as
# it is, which is a power loss without what was only in memory.  On the mounted copy every
# acknowledged message must be there, whole.  Then the same with the last flush left out, which must
# be found out.
use strict;
use warnings;
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Queue;
use Qferry::Test;

plan skip_all => 'needs root' if $> != 0;
if (!$ENV{QFERRY_IN_NAMESPACE}) {
	plan skip_all => 'mount namespaces are not permitted here'
	  if system('unshare -m --propagation private true 2>/dev/null') != 0;
	$ENV{QFERRY_IN_NAMESPACE} = 1;
	exec 'unshare', '-m', '--propagation', 'private', $^X, $0, @ARGV;
}

use constant MESSAGES => 5;
my %kinds = (
	ext4  => { size => '64M',  mkfs => [qw(mkfs.ext4 -q -F)],  options => 'loop' },
	xfs   => { size => '320M', mkfs => [qw(mkfs.xfs -q -f)],   options => 'loop,nouuid' },
	btrfs => { size => '160M', mkfs => [qw(mkfs.btrfs -q -f)], options => 'loop' },
);
my $body   = "Subject: test\n\n" . "Hello\n" x 2000;
my $letter = envelope('joe@example.org', 'ann@example.com', 'bob@example.com');

sub in_path { my ($name) = @_; return grep { -x "$_/$name" } qw(/sbin /usr/sbin /bin /usr/bin) }

sub run { return system(@_) == 0 }

# Queue messages one after the other on a fresh file system and copy it after each; returns how many
# of the acknowledged ones each copy lacks, or a text when that cannot be tried here.
sub lost_messages {
	my ($kind, $count, @before) = @_;
	my $how = $kinds{$kind};
	my $dir = temp_dir();
	my $home = instance();
	mkdir "$home/queue";
	run('truncate', '-s', $how->{size}, "$dir/disk") or return 'no image';
	run("@{ $how->{mkfs} } $dir/disk >/dev/null 2>&1") or return 'mkfs fails';
	run("mount -o $how->{options} $dir/disk $home/queue 2>/dev/null") or return 'it cannot be mounted';
	queue_tree($home);
	run('sync', '-f', "$home/queue");
	for my $i (1 .. $count) {
		my $run = enqueue($home, $body, $letter, before => \@before);
		run('cp', '--sparse=always', "$dir/disk", "$dir/copy$i");
		if ($run->{exit} != 0) {
			run('umount', "$home/queue");
			return "exit $run->{exit} $run->{err}";
		}
	}
	run('umount', "$home/queue") or return 'umount fails';
	my @lost;
	for my $i (1 .. $count) {
		run("mount -o $how->{options} $dir/copy$i $home/queue 2>/dev/null") or return 'a copy cannot be mounted';
		my @problems = message_problems($home, $body, $letter, 0, $i);
		diag "$kind: $_" for @problems;
		my %all = messages_of($home);
		push @lost, $i - keys(%all) + @problems;
		run('umount', "$home/queue");
	}
	return \@lost;
}

for my $kind (sort keys %kinds) {
	subtest $kind => sub {
		plan skip_all => "no $kinds{$kind}{mkfs}[0]" unless in_path($kinds{$kind}{mkfs}[0]);
		my $lost = lost_messages($kind, MESSAGES);
		plan skip_all => $lost if !ref $lost && $lost !~ /^exit|copy|umount/;
		is_deeply $lost, [ (0) x MESSAGES ], 'every copy has every acknowledged message';

		SKIP: {
			skip 'no strace', 1 unless in_path('strace');
			# The kernel may write on its own accord just then: three times it does not.
			my ($which, $found) = (3, 0);
			for (1 .. 3) {
				$lost = lost_messages($kind, 1, '/usr/bin/strace', '-o', '/dev/null', '-e', "inject=fsync:retval=0:when=$which");
				$found ||= ref $lost && $lost->[0] > 0;
			}
			ok $found, 'without the flush of todo the message is gone';
		}
	};
}

# A disk that is really full: 53, what was acknowledged stays, and what was not leaves nothing.
sub fill {
	my ($home) = @_;
	my $big = 'x' x 300_000;
	my ($acknowledged, $exit) = (0, 0);
	while ($acknowledged < 100) {
		$exit = enqueue($home, $big, $letter)->{exit};
		last if $exit;
		$acknowledged++;
	}
	like $exit, qr/^(?:53|6[3-6])$/, 'it is full';
	cmp_ok $acknowledged, '>', 0, 'not at once';
	is join('; ', message_problems($home, $big, $letter, $acknowledged, $acknowledged)), '', 'what was acknowledged is there';
	is scalar(my @files = tree_of($home)), 3 * $acknowledged, 'and nothing else';
}

for my $kind (qw(tmpfs ext4)) {
	subtest "full $kind" => sub {
		my $home = instance();
		my $dir = temp_dir();
		mkdir "$home/queue";
		if ($kind eq 'tmpfs') {
			run("mount -t tmpfs -o size=4M queue $home/queue 2>/dev/null") or plan skip_all => 'no tmpfs';
		} else {
			run("truncate -s 4M $dir/disk && mkfs.ext4 -q -F $dir/disk >/dev/null 2>&1"
				  . " && mount -o loop $dir/disk $home/queue 2>/dev/null") or plan skip_all => 'it cannot be mounted';
		}
		queue_tree($home);
		fill($home);
		run('umount', "$home/queue");
	};
}

done_testing;
