# Qferry::Flushlog - power losses at every moment of a run (queue 7.4): file systems on loop devices on
# build/crash/flushlog, which writes down each write and each flush; what a power loss may have left is
# made of that diary, and mounted.  For tests/root: needs root, FUSE and loop devices.
#
#   my $why = flushlog_lacks('ext4');                   why it cannot be tried here, or undef
#   my $disks = flushlog_start('ext4', "$home/queue");  one disk for each directory, mounted on it
#   flushlog_position($disks)                           now: compare it with that of a state
#   flushlog_stop($disks);                              unmounts; the diary is whole
#   flushlog_state($disks, $n, $how, $dice)             mounts what a loss after record n leaves
#   flushlog_unmount($disks);                           before the next state
#
# A loss after record n leaves all that was written before the last flush, and of what was written since
# then, HOW: "all", "none" or "torn", each block of 4096 octets by chance.  A disk's flush is its own.
package Qferry::Flushlog;
use strict;
use warnings;
use Exporter qw(import);
use Qferry::Test;

our @EXPORT = qw(own_namespace flushlog_lacks flushlog_start flushlog_position flushlog_stop flushlog_count
  flushlog_end flushlog_has_been flushlog_is_flush flushlog_state flushlog_unmount flushlog_kinds);

use constant { HEADER => 24, BLOCK => 4096, FLUSH => 1 };

my %started;    # pid => where it is mounted, for a test that dies
END {
	my $status = $?;
	for my $pid (keys %started) {
		run("umount -l $_") for @{ $started{$pid} };
		kill 'TERM', $pid;
		finish_program($pid, 5);
	}
	$? = $status;
}

my %kinds = (
	ext4  => { size => '64M',  mkfs => [ qw(mkfs.ext4 -q -F -E), 'lazy_itable_init=0,nodiscard' ] },
	xfs   => { size => '320M', mkfs => [qw(mkfs.xfs -q -f -K)], options => ',nouuid' },
	btrfs => { size => '128M', mkfs => [qw(mkfs.btrfs -q -f -K)], options => ',nodiscard' },
);

sub flushlog_kinds { return sort keys %kinds }

# Mounts of ours are nobody else's, and go with us.  Starts the test again, in a namespace of its own; or
# returns why there is none.
sub own_namespace {
	return undef if $ENV{QFERRY_IN_NAMESPACE};
	return 'mount namespaces are not permitted here' if system('unshare -m --propagation private true 2>/dev/null') != 0;
	$ENV{QFERRY_IN_NAMESPACE} = 1;
	exec 'unshare', '-m', '--propagation', 'private', $^X, "-I" . top() . '/tests/lib', $0, @ARGV;
}

sub in_path { my ($name) = @_; return grep { -x "$_/$name" } qw(/sbin /usr/sbin /bin /usr/bin) }

sub run { return system("@_ >/dev/null 2>&1") == 0 }

sub flushlog_lacks {
	my ($kind) = @_;
	my $mkfs = $kinds{$kind}{mkfs}[0];
	return 'no libfuse3-dev when this was built'             unless -x build() . '/crash/flushlog';
	return 'no /dev/fuse'                                    unless -c '/dev/fuse';
	return "no $mkfs"                                        unless in_path($mkfs);
	return 'no loop devices'                                 unless run('losetup -f');
	return "$kind is not a file system of this kernel"       unless kernel_has($kind);
	return undef;
}

sub kernel_has {
	my ($kind) = @_;
	return slurp('/proc/filesystems') =~ /^\s*$kind$/m || run("modprobe $kind");
}

sub mount_disk {
	my ($kind, $image, $at) = @_;
	return run("mount -t $kind -o loop" . ($kinds{$kind}{options} || '') . " $image $at");
}

# A process of the suite may outlive qmail-send by a moment.
sub unmount { my ($at) = @_; wait_until(sub { run("umount $at") }) or die "umount of $at fails\n" }

# Fresh file systems, one for each directory, and the diary begins.  `prepare` is called when they are
# mounted; what it leaves is on the disks before the first record that counts.  Dies when it cannot.
sub flushlog_start {
	my ($kind, $prepare, @at) = @_;
	my $dir = temp_dir();
	my $disks = { kind => $kind, dir => $dir, at => \@at, log => "$dir/log" };
	mkdir "$dir/fuse";
	mkdir "$dir/ram";
	run("mount -t tmpfs -o size=4G disks $dir/ram") or die "no tmpfs\n";
	my @images = map {"$dir/ram/$_"} 0 .. $#at;
	for my $i (0 .. $#at) {
		run("truncate -s $kinds{$kind}{size} $images[$i]") or die "no image\n";
		run("@{ $kinds{$kind}{mkfs} } $images[$i]") or die "mkfs fails\n";
		mount_disk($kind, $images[$i], $at[$i]) or die "$kind cannot be mounted\n";
	}
	$prepare->();
	for my $i (0 .. $#at) {
		unmount($at[$i]);
		run("cp --sparse=always $images[$i] $images[$i].base") or die "cp fails\n";
	}
	$disks->{pid} = start_program([ build() . '/crash/flushlog', "$dir/fuse", $disks->{log}, @images ], fds => { 2 => \*STDERR });
	$started{ $disks->{pid} } = [ @at, "$dir/fuse", "$dir/ram" ];
	wait_until(sub { -e "$dir/fuse/0" }) or die "flushlog does not start\n";
	mount_disk($kind, "$dir/fuse/$_", $at[$_]) || die "$kind on FUSE cannot be mounted\n" for 0 .. $#at;
	return $disks;
}

# How long the diary is; whatever happened before is in it.
sub flushlog_position { my ($disks) = @_; return -s $disks->{log} }

# The end of the run; the diary is read.
sub flushlog_stop {
	my ($disks) = @_;
	unmount($_) for @{ $disks->{at} };
	unmount("$disks->{dir}/fuse");
	finish_program($disks->{pid});
	$started{ $disks->{pid} } = [ @{ $disks->{at} }, "$disks->{dir}/ram" ];
	my ($log, $at) = (slurp($disks->{log}), 0);
	my @records;
	while ($at + HEADER <= length $log) {
		my ($device, $kind, $offset, $length) = unpack 'L L Q Q', substr $log, $at, HEADER;
		push @records, { device => $device, is_flush => $kind == FLUSH, offset => $offset, length => $length, bytes_at => $at + HEADER };
		$at += HEADER + $length;
		$records[-1]{end} = $at;
	}
	$disks->{bytes} = \$log;
	$disks->{records} = \@records;
	$disks->{flushed} = [];
}

sub flushlog_count    { my ($disks) = @_; return scalar @{ $disks->{records} } }
sub flushlog_end      { my ($disks, $n) = @_; return $disks->{records}[$n]{end} }

# Whether what happened at this position can be behind a loss after record n: before the next one was whole.
sub flushlog_has_been {
	my ($disks, $n, $position) = @_;
	my $next = $disks->{records}[ $n + 1 ];
	return !$next || $position < $next->{end};
}

sub flushlog_is_flush { my ($disks, $n) = @_; return $disks->{records}[$n]{is_flush} }

sub apply {
	my ($disks, $image, $record, $dice) = @_;
	my ($at, $end) = (0, $record->{length});
	open my $out, '+<:raw', $image or die "$image: $!";
	while ($at < $end) {
		my $part = $dice && $end - $at > BLOCK ? BLOCK : $end - $at;
		if (!$dice || $dice->() < 0.5) {
			sysseek $out, $record->{offset} + $at, 0;
			syswrite($out, ${ $disks->{bytes} }, $part, $record->{bytes_at} + $at) == $part or die "$image: $!";
		}
		$at += $part;
	}
}

# The image of a device with all that was flushed before record n is behind it; it only goes forward.
sub flushed_image {
	my ($disks, $device, $last) = @_;
	my $image = "$disks->{dir}/ram/$device.flushed";
	my $done = $disks->{flushed}[$device];
	if (!defined $done || $done > $last) {
		run("cp --sparse=always $disks->{dir}/ram/$device.base $image") or die "cp fails\n";
		$done = 0;
	}
	for my $record (@{ $disks->{records} }[ $done .. $last - 1 ]) {
		apply($disks, $image, $record) if $record->{device} == $device && !$record->{is_flush};
	}
	$disks->{flushed}[$device] = $last;
	return $image;
}

# Mount what a power loss after record n leaves.  False when it cannot be mounted.
sub flushlog_state {
	my ($disks, $n, $how, $dice) = @_;
	my $records = $disks->{records};
	for my $device (0 .. $#{ $disks->{at} }) {
		my $last = $n;
		$last-- until $last < 0 || ($records->[$last]{device} == $device && $records->[$last]{is_flush});
		my $flushed = flushed_image($disks, $device, $last < 0 ? 0 : $last);
		my $image = "$disks->{dir}/ram/$device.state";
		run("cp --sparse=always $flushed $image") or die "cp fails\n";
		for my $record (@$records[ ($last < 0 ? 0 : $last) .. $n ]) {
			next if $record->{device} != $device || $record->{is_flush} || $how eq 'none';
			apply($disks, $image, $record, $how eq 'torn' ? $dice : undef);
		}
		mount_disk($disks->{kind}, $image, $disks->{at}[$device]) or return 0;
	}
	return 1;
}

sub flushlog_unmount {
	my ($disks) = @_;
	unmount($_) for @{ $disks->{at} };
}

1;
