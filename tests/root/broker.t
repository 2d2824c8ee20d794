#!/usr/bin/perl
# A restricted qmail-smtpd and set-uid qmail-queue: no_new_privs is the session's alone, so what its
# broker starts is set-uid as ever; with a broker that was forked off and with the resident one.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Socket qw(AF_UNIX SOCK_SEQPACKET pack_sockaddr_un);
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Queue;
use Qferry::Test;

plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no setpriv' unless -x '/usr/bin/setpriv';

my %uid = (alias => 53981, qmaild => 53982, qmails => 53983, qmailq => 53984);
my ($qmail, $nofiles) = (53980, 53989);

my $home = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $home;
my $log = `cd ${\ top()} && make -s BUILD=$home/build CONF_HOME=$home $home/build/bin/qmail-queue 2>&1`;
plan skip_all => "cannot build for a home of its own: $log" unless -x "$home/build/bin/qmail-queue";

mkdir $_ for map { "$home/$_" } qw(bin users control run run/broker);
system("cp $home/build/bin/qmail-queue ${\ program('qmail-smtpd')} ${\ program('qmail-broker')} $home/bin/ && rm -rf $home/build") == 0 or die;
spit("$home/control/me",        "mx.example.org\n", 0644);
spit("$home/control/rcpthosts", "example.org\n",    0644);
spit("$home/users/ids", join('', map { "$_:$uid{$_}\n" } sort keys %uid), 0644);

# Owners and modes of queue 1.1.
my $queue = queue_tree($home);
system('chown', '-R', "$uid{qmails}:$qmail", $queue) == 0 or die;
system("cd $queue && chown -R $uid{qmailq}:$qmail mess todo intd pid && chmod 0750 mess mess/* todo"
	  . " && chmod 0700 intd pid info local remote bounce info/* local/* remote/*") == 0 or die;
chown $uid{qmailq}, $qmail, $queue, "$queue/lock", "$home/bin/qmail-queue";
chmod 0750, $queue, "$queue/lock";
chmod 04711, "$home/bin/qmail-queue";
chmod 0755, map { "$home/$_" } qw(bin users control run run/broker);
chown $uid{qmaild}, $nofiles, "$home/run/broker";

my @as = ('/usr/bin/setpriv', "--reuid=$uid{qmaild}", "--regid=$nofiles", '--clear-groups');

sub session {
	my (%env) = @_;
	my $talk = join '', map { "$_\r\n" } 'EHLO client.example', 'MAIL FROM:<a@b.example>', 'RCPT TO:<bob@example.org>',
	  'DATA', 'Subject: x', '', 'hello', '.', 'QUIT';
	return run_program([ @as, "$home/bin/qmail-smtpd" ], home => $home, in => $talk,
		env => { TCPREMOTEIP => '192.0.2.7', BROKER => undef, %env });
}

# The owner of what was queued, and what it says of itself.
sub queued {
	my %all = messages_of($home);
	my ($path) = glob "$queue/mess/*/*";
	my ($m) = values %all;
	my $owner = $path ? (stat $path)[4] : 'nobody';
	system('find', $queue, '-path', "$queue/lock", '-prune', '-o', '-type', 'f', '-exec', 'rm', '{}', ';');
	return ($owner, $m ? (split /\n/, $m->{mess})[0] : '(nothing queued)');
}

sub check {
	my ($name, %env) = @_;
	subtest $name => sub {
		my $run = session(%env);
		is $run->{exit}, 0, 'exit 0' or diag $run->{out}, $run->{err};
		like $run->{out}, qr/^250 ok \d+ qp \d+\r$/m, 'the message is accepted';
		unlike $run->{err}, qr/helper=broker/, 'and the broker has nothing to say' or diag $run->{err};
		my ($owner, $received) = queued();
		is $owner, $uid{qmailq}, 'the file is qmailq\'s';
		like $received, qr/invoked from network/, 'as it came from qmaild';
	};
}

my $probe = session(BROKER => 0);
plan skip_all => 'set-uid bits have no effect here (nosuid?)' if $probe->{out} =~ /^451 qq trouble/m;
queued();

check('without', BROKER => 0);
check('forked off', BROKER => 1);

my $service = start_program([ @as, "$home/bin/qmail-broker", 'serve' ], home => $home);
ok wait_until(sub {
	socket(my $socket, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
	return connect $socket, pack_sockaddr_un("$home/run/broker/sock");
}), 'the resident one listens';
check('resident');
subtest 'root is not served by qmaild\'s' => sub {
	my $run = run_program([ "$home/bin/qmail-smtpd" ], home => $home, in => "QUIT\r\n", env => { BROKER => undef });
	like $run->{err}, qr/helper=broker .*another\\x20user/, 'the log says so';
	is $run->{exit}, 0, 'exit 0';
};
subtest 'nor is qmaild in another group' => sub {
	my $run = run_program([ '/usr/bin/setpriv', "--reuid=$uid{qmaild}", "--regid=$qmail", '--clear-groups', "$home/bin/qmail-smtpd" ],
		home => $home, in => "QUIT\r\n", env => { BROKER => undef });
	like $run->{err}, qr/helper=broker .*another\\x20user\\x20or\\x20group/, 'the log says so';
	is $run->{exit}, 0, 'exit 0';
};
kill 'TERM', $service;
finish_program($service);
done_testing;
