#!/usr/bin/perl
# qmail-state set-gid qmailk, in a home of its own: who may ask, on demand and resident, who reaches
# the store without it, and whose files it makes (DESIGN 4 and 9).  The users need not exist:
# users/ids names them.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Socket qw(AF_UNIX SOCK_SEQPACKET pack_sockaddr_un);
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;

plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no setpriv' unless -x '/usr/bin/setpriv';

my %uid = (qmaild => 53782, qmailr => 53786, qmails => 53783, friend => 53787, stranger => 53785, qmailk => 53791);
my ($qmailk, $group) = (53791, 53789);    # the group of the store, and the callers'

my $home = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $home;
my $log = `cd ${\ top()} && make -s BUILD=$home/build CONF_HOME=$home $home/build/bin/qmail-state $home/build/tools/statedriver 2>&1`;
plan skip_all => "cannot build for a home of its own: $log" unless -x "$home/build/tools/statedriver";
mkdir "$home/$_" for qw(bin users control run run/state state state/db);
system("cp $home/build/bin/qmail-state $home/bin && cp $home/build/tools/statedriver $home && rm -rf $home/build") == 0 or die;
chown 0, $qmailk, "$home/bin/qmail-state", "$home/state/db";
chmod 02711, "$home/bin/qmail-state";
chmod 02770, "$home/state/db";
chown $uid{qmailk}, $qmailk, "$home/run/state";
spit("$home/users/ids", join('', map { "$_:$uid{$_}\n" } grep { $_ ne 'stranger' } sort keys %uid), 0644);

sub as { my ($who, $gid) = @_; return ('/usr/bin/setpriv', "--reuid=$uid{$who}", '--regid=' . ($gid || $group), '--clear-groups') }

# What a user is told; the home is the compiled-in one.
sub asked_by {
	my ($who, %env) = @_;
	my $run = run_program([ as($who), "$home/statedriver" ], dir => $home, env => { QMAILHOME => undef, %env }, in => "count 0 k 1 0 5000\n");
	return $run->{out};
}

sub check_who {
	my ($how) = @_;
	unlink "$home/control/helperusers";
	like asked_by($_), qr/^found \d+ /, "$_ may ask ($how)" for qw(qmaild qmailr qmails);
	is asked_by($_), "failed qmail-state does not answer us\n", "$_ may not ($how)" for qw(friend stranger);
}

check_who('on demand');
my ($mode, $gid) = (stat "$home/state/db/data.mdb")[ 2, 5 ];
is sprintf('%o %d', $mode & 07777, $gid), "660 $qmailk", 'the store is the group\'s';

# The resident one serves the same, and its own user; it finds what was made on demand.
my $pid = start_program([ as('qmailk', $qmailk), "$home/bin/qmail-state", 'serve' ], dir => $home, env => { QMAILHOME => undef });
ok wait_until(sub {
	socket(my $socket, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
	return connect($socket, pack_sockaddr_un("$home/run/state/sock"));
}), 'resident';
check_who('resident');
like asked_by('qmaild'), qr/^found 7 /, 'one store for all';
# The list is read at the start of a service.
kill 'TERM', $pid;
finish_program($pid);
spit("$home/control/helperusers", "friend\nnobody-of-that-name\n", 0644);
like asked_by('friend'), qr/^found 8 /, 'control/helperusers';
is asked_by('stranger'), "failed qmail-state does not answer us\n", 'but not others';

# Nothing inherited.
like asked_by('qmaild', QMAILHOME => $home), qr/^found 9 /, '$QMAILHOME of this home';
my $elsewhere = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $elsewhere;
symlink "$home/bin", "$elsewhere/bin";
like asked_by('qmaild', QMAILHOME => $elsewhere), qr/^failed helper/, '$QMAILHOME of another is refused';

# Without the program nobody reaches the store, and nobody can be the service.
my $run = run_program([ as('qmaild'), '/bin/cat', "$home/state/db/data.mdb" ], dir => '/');
isnt $run->{exit}, 0, 'the directory is closed';
$run = run_program([ as('stranger'), "$home/bin/qmail-state", 'serve' ], dir => $home, env => { QMAILHOME => undef });
is $run->{exit}, 111, 'a stranger is no service';
done_testing();
