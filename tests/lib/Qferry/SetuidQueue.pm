# Qferry::SetuidQueue - qmail-queue set-uid qmailq in a home of its own, run by strangers.  The users need
# not exist: users/ids names them.  Needs root.
#
#   my ($why_not, %home) = setuid_home();
#   my $run = run_setuid(\%home, 'stranger', $message, $envelope, shell => 'umask 0;');
package Qferry::SetuidQueue;
use strict;
use warnings;
use Exporter qw(import);
use File::Temp qw(tempdir);
use Qferry::Queue;
use Qferry::Test;

our @EXPORT = qw(setuid_home write_ids run_setuid clear_queue);

my %uid = (alias => 53781, qmaild => 53782, qmails => 53783, qmailq => 53784, stranger => 53785);
my ($qmail, $group) = (53780, 53789);    # the group of the queue, and the callers'

# A text that says why there can be none, or undef and what there is: home, queue, program, uid (by name), qmail,
# group.
sub setuid_home {
	return 'needs root' if $> != 0;
	return 'no setpriv' unless -x '/usr/bin/setpriv';
	my $home = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
	chmod 0755, $home;
	my $log = `cd ${\ top()} && make -s BUILD=$home/build CONF_HOME=$home $home/build/bin/qmail-queue 2>&1`;
	return "cannot build for a home of its own: $log" unless -x "$home/build/bin/qmail-queue";

	my $program = "$home/bin/qmail-queue";
	mkdir $_ for "$home/bin", "$home/users";
	system('cp', "$home/build/bin/qmail-queue", $program) == 0 or die;
	system('rm', '-rf', "$home/build");

	# Owners and modes of queue 1.1.
	my $queue = queue_tree($home);
	system('chown', '-R', "$uid{qmails}:$qmail", $queue) == 0 or die;
	system("cd $queue && chown -R $uid{qmailq}:$qmail mess todo intd pid && chmod 0750 mess mess/* todo"
		  . " && chmod 0700 intd pid info local remote bounce info/* local/* remote/*") == 0 or die;
	chown $uid{qmailq}, $qmail, $queue, "$queue/lock", $program;
	chmod 0750, $queue, "$queue/lock";
	chmod 04711, $program;

	my %home = (home => $home, queue => $queue, program => $program, uid => {%uid}, qmail => $qmail, group => $group);
	write_ids(\%home);
	chmod 0755, "$home/users";
	my $probe = run_setuid(\%home, 'stranger', "x\n", envelope('a', 'b'));
	return 'set-uid bits have no effect here (nosuid?)' if $probe->{exit} == 62;
	return (undef, %home);
}

sub write_ids {
	my ($home) = @_;
	spit("$home->{home}/users/ids", join('', map { "$_:$uid{$_}\n" } sort grep { $_ ne 'stranger' } keys %uid), 0644);
}

sub clear_queue { my ($home) = @_; unlink map { "$home->{queue}/$_" } tree_of($home->{home}) }

# Run by `who` on an empty queue; `shell` comes in front of the program, `before` in front of that, as that user.
sub run_setuid {
	my ($home, $who, $message, $envelope, %with) = @_;
	my ($shell, $before) = (delete $with{shell} || '', delete $with{before} || []);
	clear_queue($home);
	my @as = ('/usr/bin/setpriv', "--reuid=$uid{$who}", "--regid=$group", '--clear-groups');
	return enqueue($home->{home}, $message, $envelope, %with,
		before => [ @as, @$before, '/bin/sh', '-c', "$shell exec \"\$0\"" ], program => $home->{program},
		env => { QMAILHOME => undef, %{ $with{env} || {} } });
}

1;
