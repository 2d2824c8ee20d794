#!/usr/bin/perl
# start: the suite under root, with users that only users/ids names (queue 4.1, 4.8).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Basename qw(dirname);
use POSIX ();
use Qferry::Test;
use Test::More;

plan skip_all => 'needs root' if $> != 0;

my %ids = (alias => 64010, qmaild => 64011, qmaill => 64012, qmailp => 64013, qmailq => 64014, qmailr => 64015,
	qmails => 64016, '@qmail' => 64020, '@nofiles' => 64021);
my ($joe, $joe_gid) = (64030, 64031);

# A home whose programs are copies, as the users cannot read a checkout of root's.
my $home = instance(me => "mx.example.org\n");
for (my $dir = $home; $dir ne '/'; $dir = dirname($dir)) { chmod 0755, $dir if $dir ne '/tmp' && (stat $dir)[4] == 0 && !((stat _)[2] & 01) }
unlink "$home/bin";
mkdir "$home/bin";
for my $name (qw(qmail-start qmail-send qmail-lspawn qmail-rspawn qmail-clean qmail-queue qmail-local qmail-newu)) {
	system('cp', program($name), "$home/bin/$name") == 0 or die;
}
spit("$home/users/ids", join('', map { "$_:$ids{$_}\n" } sort keys %ids), 0644);
queue_tree($home);
sub own { my ($user, $group, $mode, @paths) = @_; chown $ids{$user}, $ids{"\@$group"}, @paths; chmod $mode, @paths }
my $queue = "$home/queue";
own('qmailq', 'qmail', 0750, $queue, glob "$queue/{mess,todo,lock} $queue/mess/*");
own('qmailq', 'qmail', 0700, map { "$queue/$_" } qw(pid intd));
own('qmails', 'qmail', 0700, "$queue/bounce", map { ("$queue/$_", glob "$queue/$_/*") } qw(info local remote));
own('qmails', 'qmail', 0600, "$queue/lock/sendmutex");
own('qmails', 'qmail', 0622, "$queue/lock/trigger");
own('qmailr', 'qmail', 0644, "$queue/lock/tcpto");

mkdir "$home/joe";
for my $dir ('', qw(/new /cur /tmp)) { mkdir "$home/joe/Maildir$dir"; chown $joe, $joe_gid, "$home/joe/Maildir$dir" }
chown $joe, $joe_gid, "$home/joe";
spit("$home/joe/.qmail-id", "|id -u; id -g; id -G; ls /proc/self/fd | wc -l\n", 0644);
spit("$home/users/assign", "=joe:joe:$joe:$joe_gid:$home/joe:::\n=joe-id:joe:$joe:$joe_gid:$home/joe:-:id:\n"
	  . "=root:root:0:0:$home/joe:::\n=toor:toor:$joe:0:$home/joe:-:id:\n.\n");
is run_program(['qmail-newu'], home => $home)->{exit}, 0, 'qmail-newu';
spit("$home/bin/qmail-remote", "#!/bin/sh\nprintf 'r\\0K'; id -u; id -g; id -G; printf '\\0'\n", 0755);
spit("$home/bin/qmail-getpw", "#!/bin/sh\necho \"\$1 \$(id -u) \$(id -g) \$(id -G) \$(readlink /proc/self/fd/0)\" >$home/getpw/seen\nexit 116\n", 0755);
mkdir "$home/getpw";
chown $ids{qmailp}, 0, "$home/getpw";

# qmail-queue is set-uid for the home it was built for; here it runs as qmailq altogether.
sub enqueue {
	my (@recipients) = @_;
	spit("$home/envelope", "Fme\@example.net\0" . join('', map { "T$_\0" } @recipients) . "\0", 0644);
	spit("$home/message", "Subject: t\n\nbody\n", 0644);
	my $pid = fork // die;
	if (!$pid) {
		open STDIN, '<', "$home/message";
		POSIX::dup2(POSIX::open("$home/envelope"), 1);
		$ENV{QMAILHOME} = $home;
		exec 'setpriv', "--reuid=$ids{qmailq}", "--regid=$ids{'@qmail'}", '--clear-groups', "$home/bin/qmail-queue";
	}
	waitpid $pid, 0;
	return $?;
}

open my $log, '>', "$home/log" or die;
my $pid = start_program([ 'qmail-start', './Maildir/' ], home => $home, dir => '/', fds => { 1 => $log },
	env => { PATH => "$home/bin:/usr/bin:/bin" });
ok wait_until(sub { slurp("$home/log") =~ /status: local/ }), 'it starts';

# --- who runs as whom -------------------------------------------------------------------------------------

sub identity {
	my ($process) = @_;
	my $status = slurp("/proc/$process/status");
	my ($uid) = $status =~ /^Uid:\s+(.*?)\s*$/m;
	my ($gid) = $status =~ /^Gid:\s+(.*?)\s*$/m;
	my ($groups) = $status =~ /^Groups:\s*(.*?)\s*$/m;
	return join '/', (map { my %seen; join ' ', grep { !$seen{$_}++ } split ' ', $_ } $uid, $gid), $groups;
}

is identity($pid), "$ids{qmails}/$ids{'@qmail'}/$ids{'@qmail'}", 'qmail-send is the process that was started';
my %children = map {
	my $stat = slurp("/proc/$_/stat");
	defined $stat && $stat =~ /\((.*)\) \S (\d+)/ && $2 == $pid ? ($1 => $_) : ()
} map { m{(\d+)$} } glob '/proc/[0-9]*';
is identity($children{'qmail-lspawn'}), "0/$ids{'@qmail'}/$ids{'@qmail'}", 'qmail-lspawn is root';
is identity($children{'qmail-rspawn'}), "$ids{qmailr}/$ids{'@qmail'}/$ids{'@qmail'}", 'qmail-rspawn';
is identity($children{'qmail-clean'}),  "$ids{qmailq}/$ids{'@qmail'}/$ids{'@qmail'}", 'qmail-clean';

# --- deliveries -------------------------------------------------------------------------------------------

is enqueue('joe@mx.example.org', 'joe-id@mx.example.org', 'root@mx.example.org', 'toor@mx.example.org', 'none@mx.example.org', 'x@remote.example'), 0, 'queued';
ok wait_until(sub { my $seen = () = slurp("$home/log") =~ /^delivery \d+: /mg; $seen >= 6 }), 'all are tried';
my $text = slurp("$home/log");
my %number = reverse $text =~ /^starting delivery (\d+): .* to \w+ (\S+)$/mg;
my $result = sub { my ($address) = @_; $text =~ /^delivery $number{$address}: (.*)$/m; $1 };
is $result->('joe@mx.example.org'), 'success: did_1+0+0/', 'the Maildir';
my ($file) = glob "$home/joe/Maildir/new/*";
is join(' ', (stat $file)[ 4, 5 ]), "$joe $joe_gid", 'is written as the user';
like $result->('joe-id@mx.example.org'), qr{^success: $joe/$joe_gid/$joe_gid/\d/did_0\+0\+1/}, 'a program is the user, with one group';
is $result->('root@mx.example.org'), 'deferral: Not_allowed_to_perform_deliveries_as_root./', 'uid 0 is refused';
is $result->('none@mx.example.org'), 'deferral: Unable_to_find_alias_user!/', 'what qmail-getpw exits with';
is slurp("$home/getpw/seen"), "none $ids{qmailp} $ids{'@nofiles'} $ids{'@nofiles'} /dev/null\n",
  'qmail-getpw is qmailp, without the message';
is $result->('x@remote.example'), "success: $ids{qmailr}/$ids{'@qmail'}/$ids{'@qmail'}/", 'qmail-remote is qmailr, and can read the message';

# A message that somebody else owns.
my ($mess) = glob "$queue/mess/*/*";
chown $joe, $joe_gid, $mess;
kill 'ALRM', $pid;
ok wait_until(sub { slurp("$home/log") =~ /deferral: Sorry,_message_has_wrong_owner\._\(#4\.3\.5\)\// }), 'a message of another owner is refused';
kill 'TERM', $pid;
is join(' ', finish_program($pid)), '0 0', 'TERM: exit 0';

# --- without the users ------------------------------------------------------------------------------------

spit("$home/users/ids", "qmailq:64014\n", 0644);
SKIP: {
	skip 'the users exist here', 2 if getpwnam 'qmails';
	is run_program([ 'qmail-start', './Mailbox' ], home => $home, env => { PATH => "$home/bin:/usr/bin:/bin" })->{exit}, 111, 'no users: 111';
	is run_program([ 'qmail-lspawn', './Mailbox' ], home => $home)->{exit}, 111, 'no users: qmail-lspawn does not start';
}

done_testing();
