#!/usr/bin/perl
# make install as root: accounts, owners, modes.  Runs in a mount namespace of its own with a copy of
# /etc, so that the machine's accounts are not touched.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

my $top = abs_path("$FindBin::Bin/../..");
plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no QFERRY_BUILD' unless $ENV{QFERRY_BUILD};
plan skip_all => 'mount namespaces are not permitted here' if system('unshare -m true 2>/dev/null') != 0;

sub slurp {
	my ($path) = @_;
	open(my $in, '<', $path) or return;
	local $/;
	return scalar <$in>;
}

my $passwd_before = slurp('/etc/passwd');
my $dir = tempdir(DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $dir;
my $home = "$dir/qmail";

# The namespace: /etc is a copy; what is listed of the home afterwards has the copy's names.
my $script = <<"SH";
set -e
cp -a /etc $dir/etc
mount --bind $dir/etc /etc
mkdir -p $home
# staged where the accounts do not exist: nothing becomes set-id to somebody else
sed -i -e '/^qmail/d' /etc/passwd /etc/group /etc/shadow /etc/gshadow
DESTDIR=$dir/stage $top/setup/install $home $ENV{QFERRY_BUILD}
find $dir/stage -perm /6000 -printf 'set-id: %p\\n'
echo --
ME=mx.example.org $top/setup/install $home $ENV{QFERRY_BUILD}
echo --
cd $home
find . -path ./man -prune -o -printf '%p %u %g %m\\n'
echo --
cat users/ids
SH
open(my $steps, '>', "$dir/steps") or die "$dir/steps: $!";
print $steps $script;
close $steps;
my $output = `unshare -m sh $dir/steps 2>&1`;
is($? >> 8, 0, 'make install succeeds') or diag $output;
my ($staged, undef, $listing, $ids) = split /^--\n/m, $output;
my %is = map { /^\.\/?(\S*) (\S+ \S+ \d+)$/ ? ($1 => $2) : () } split /\n/, $listing // '';

my @rows = (
	[ '', 'root qmail 755' ],
	[ 'bin/qmail-queue', 'qmailq qmail 4711' ],
	[ 'bin/qmail-tls', 'root qmailt 2711' ],
	[ 'bin/qmail-state', 'root qmailk 2711' ],
	[ 'bin/qmail-authcdb', 'root qmaila 2711' ],
	[ 'supervise/qmail-smtpd/log/main', 'qmaill nofiles 755' ],
	[ 'supervise/qmail-send/log/main', 'qmaill nofiles 755' ],
	[ 'state', 'root qmail 755' ],
	[ 'state/db', 'root qmailk 2770' ],
	[ 'run/state', 'qmailk root 755' ],
	[ 'state/oauth', 'qmailo qmail 2750' ],
	[ 'run/oauth', 'qmailo root 755' ],
	[ 'bin/qmail-authcdb', 'root qmaila 2711' ],
	[ 'bin/qmail-passwd', 'root qmail 700' ],
	[ 'bin/qmail-newrcpt', 'root qmail 700' ],
	[ 'bin/qmail-start', 'root qmail 700' ],
	[ 'bin/qmail-lspawn', 'root qmail 700' ],
	[ 'bin/qmail-remote', 'root qmail 711' ],
	[ 'bin/qmail-smtpd', 'root qmail 755' ],
	[ 'bin/qmail-try', 'root qmail 755' ],
	[ 'alias', 'alias qmail 2755' ],
	[ 'alias/.qmail-postmaster', 'alias qmail 644' ],
	[ 'queue', 'qmailq qmail 750' ],
	[ 'queue/pid', 'qmailq qmail 700' ],
	[ 'queue/intd', 'qmailq qmail 700' ],
	[ 'queue/todo', 'qmailq qmail 750' ],
	[ 'queue/mess', 'qmailq qmail 750' ],
	[ 'queue/mess/22', 'qmailq qmail 750' ],
	[ 'queue/info/0', 'qmails qmail 700' ],
	[ 'queue/local/0', 'qmails qmail 700' ],
	[ 'queue/remote/0', 'qmails qmail 700' ],
	[ 'queue/bounce', 'qmails qmail 700' ],
	[ 'queue/lock', 'qmailq qmail 750' ],
	[ 'queue/lock/sendmutex', 'qmails qmail 600' ],
	[ 'queue/lock/tcpto', 'qmailr qmail 644' ],
	[ 'queue/lock/trigger', 'qmails qmail 622' ],
	[ 'run/tls', 'qmailt root 755' ],
	[ 'users/ids', 'root root 644' ],
);
unlike($staged // '', qr/^set-id/m, 'staged without the accounts, nothing is set-id');
like($staged // '', qr/^install: qmail-queue is to be qmailq:qmail with mode 04711/m, 'and it is said what should be');
is($is{ $_->[0] }, $_->[1], "$_->[0] is $_->[1]") for @rows;
ok(!exists $is{'queue/mess/23'}, 'split 23');
like($ids // '', qr/^qmaild:\d+$/m, 'users/ids knows qmaild');
like($ids // '', qr/^alias:\d+$/m, 'users/ids knows alias');
is(slurp('/etc/passwd'), $passwd_before, 'the accounts of this machine are as they were');

done_testing();
