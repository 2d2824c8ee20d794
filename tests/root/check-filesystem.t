#!/usr/bin/perl
# qmail-check, of a queue on a file system that is no place for one: what the kernel says of it is changed on its way to
# the program, as a network or a FAT is seldom at hand.  Only root may do that to a program that reads secrets.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

my $strace = '/usr/bin/strace';
plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no strace' unless -x $strace;

my $home = instance(me => "mx.example.org\n");
mkdir "$home/queue";

# What is said where fstatfs() answers with this kind.
sub check_on {
	my ($kind) = @_;
	my $octets = join '', map { sprintf '%02x', $_ } unpack 'C*', pack 'l!', $kind;
	my $run = run_program([ $strace, '-o', '/dev/null', '-e', "inject=fstatfs:poke_exit=\@arg2=$octets", program('qmail-check') ], home => $home, limit => 120);
	return $run->{err} ? "strace: $run->{err}" : join "\n", grep { /^\w+: queue: on a / } split /\n/, $run->{out};
}

my $usual = check_on(0xEF53);
plan skip_all => "strace changes nothing here: $usual" if $usual =~ /^strace: /;
is $usual, '', 'ext4: nothing';

my $network  = qr/^error: queue: on a network: locks and syncs are not what qmail needs; put it on/;
my $no_links = qr/^error: queue: on a file system without hard links: no mail can be queued; ext4/;
my $user     = qr/^warning: queue: on a file system in user space \(FUSE\): /;
for my $row (
	[ 'NFS',   0x6969,     $network ],  [ 'CIFS',  0xFF534D42, $network ],  [ 'SMB2',   0xFE534D42, $network ], [ 'SMB',  0x517B,     $network ],
	[ 'AFS',   0x5346414F, $network ],  [ 'Ceph',  0x00C36400, $network ],  [ '9p',     0x01021997, $network ], [ 'FAT',  0x4D44,     $no_links ],
	[ 'exFAT', 0x2011BAB0, $no_links ], [ 'HFS',   0x4244,     $no_links ], [ 'vboxsf', 0x786F4256, $no_links ], [ 'FUSE', 0x65735546, $user ],
) {
	my ($name, $kind, $finding) = @$row;
	like check_on($kind), $finding, $name;
}
is check_on($_->[1]), '', "$_->[0]: nothing" for [ 'XFS', 0x58465342 ], [ 'btrfs', 0x9123683E ], [ 'tmpfs', 0x01021994 ], [ 'overlayfs', 0x794C7630 ];
done_testing;
