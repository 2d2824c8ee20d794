#!/usr/bin/perl
# qmail-authcdb set-gid qmaila, in a home of its own: who may have passwords checked, that the group is
# gone when the subprogram runs, and that nothing of what it inherits matters (DESIGN 4 and 9).  And
# qmail-passwd as root: whose the files are.  The users need not exist: users/ids names them.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Cdb;
use Qferry::Test;

plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no setpriv' unless -x '/usr/bin/setpriv';

my %uid = (qmaild => 53782, qmailr => 53786, qmails => 53783, friend => 53787, stranger => 53785, root => 0);
my ($qmaila, $group) = (53791, 53789);    # the group of the hashes, and the callers'

my $home = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $home;
my $log = `cd ${\ top()} && make -s BUILD=$home/build CONF_HOME=$home $home/build/bin/qmail-authcdb $home/build/bin/qmail-passwd 2>&1`;
plan skip_all => "cannot build for a home of its own: $log" unless -x "$home/build/bin/qmail-passwd";
mkdir "$home/$_" for qw(bin users control);
system("cp $home/build/bin/qmail-* $home/bin && rm -rf $home/build") == 0 or die;
chown 0, $qmaila, "$home/bin/qmail-authcdb";
chmod 02711, "$home/bin/qmail-authcdb";
spit("$home/control/me", "mx.example.org\n", 0644);

sub passwd {
	my ($in, @arguments) = @_;
	return run_program([ "$home/bin/qmail-passwd", @arguments ], in => $in, dir => $home);
}

sub owner { my @st = stat "$home/users/$_[0]"; return @st ? sprintf('%d:%d %o', @st[ 4, 5 ], $st[2] & 07777) : 'missing' }

# --- whose the files are ---
SKIP: {
	skip 'this machine has a group qmaila', 2 if getgrnam 'qmaila';
	spit("$home/users/ids", join('', map { "$_:$uid{$_}\n" } grep { !/stranger|root/ } sort keys %uid), 0644);
	my $run = passwd("secret\n", 'add', 'joe');
	is "$run->{exit} $run->{err}", "111 qmail-passwd: fatal: users/auth: there is no group qmaila to give it to\n",
	  'hashes are given to nobody else';
	is owner('auth') . owner('auth.tmp'), 'missingmissing', 'nothing is left';
}
spit("$home/users/ids", join('', "\@qmaila:$qmaila\n", map { "$_:$uid{$_}\n" } grep { !/stranger|root/ } sort keys %uid), 0644);
is passwd("secret\n", 'add', 'joe')->{exit}, 0, 'add';
is owner($_), "0:$qmaila 640", "users/$_" for qw(auth auth.cdb);
chown 0, $group, "$home/users/auth";
chmod 0604, "$home/users/auth";
is passwd('', 'senders', 'joe', 'joe@example.org')->{exit}, 0, 'senders';
is owner('auth'),     "0:$group 600",  'owner and mode are kept, but not for the world';
is owner('auth.cdb'), "0:$qmaila 640", 'those of the other too';

# --- who may ask ---
# Run by `who`; `shell` comes in front of the program, as that user.
sub ask {
	my ($who, $password, %with) = @_;
	pipe my $out, my $in or die;
	print $in "joe\0$password\0\0";
	close $in;
	return run_program([ '/usr/bin/setpriv', "--reuid=$uid{$who}", "--regid=$group", '--clear-groups', '/bin/sh', '-c',
			($with{shell} || '') . ' exec "$0" "$@"', "$home/bin/qmail-authcdb",
			@{ $with{sub} || [ '/bin/sh', '-c', 'echo $USER; grep ^Gid /proc/self/status' ] } ],
		dir => '/', fds => { 3 => $out, %{ $with{fds} || {} } }, env => { QMAILHOME => undef, %{ $with{env} || {} } });
}

my $probe = ask('qmaild', 'secret');
if ($probe->{err} =~ /users\/auth\.cdb: .*denied/) {
	SKIP: { skip 'set-gid programs do not work here', 1 }
	done_testing;
	exit;
}
for my $who (qw(root qmaild qmailr qmails)) {
	my $run = ask($who, 'secret');
	is "$run->{exit} $run->{out}$run->{err}", "0 joe\nGid:" . ("\t$group" x 4) . "\n", "$who may; the subprogram has no group of ours";
	is ask($who, 'other')->{exit}, 1, 'a wrong password';
}
for my $who (qw(friend stranger)) {
	my $run = ask($who, 'secret');
	is "$run->{exit} $run->{out}", '111 ', "$who may not";
	like $run->{err}, qr/users\/auth\.cdb: .*: Permission denied/, 'and is told why';
}
spit("$home/control/helperusers", "friend\n", 0644);
is ask('friend',   'secret')->{exit}, 0,   'control/helperusers';
is ask('stranger', 'secret')->{exit}, 111, 'and nobody else';

# --- nothing inherited ---
is ask('qmaild', 'secret', env => { QMAILHOME => $home })->{exit}, 0, '$QMAILHOME of this home';
my $elsewhere = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $elsewhere;
mkdir "$elsewhere/$_" for qw(control users);
system("cp $home/users/auth.cdb $elsewhere/users && chmod 644 $elsewhere/users/auth.cdb") == 0 or die;
my $run = ask('qmaild', 'secret', env => { QMAILHOME => $elsewhere });
is "$run->{exit} $run->{err}", "111 qmail-authcdb: fatal: unable to enter the home: Operation not permitted\n",
  '$QMAILHOME of another is refused';
is ask('qmaild', 'secret', shell => 'umask 0; ulimit -Sv 5000; ulimit -c unlimited; trap "" TERM ALRM;')->{exit}, 0,
  'limits, umask, signals';
is ask('qmaild', 'secret', shell => 'exec <&- >&- 2>&- 4</etc/passwd 9</etc/passwd;', sub => ['/bin/true'])->{exit}, 0,
  'closed and open descriptors';
is ask('qmaild', 'secret', shell => 'exec 3<&-;')->{exit}, 2, 'no descriptor 3';
pipe my $told, my $tell or die;
is ask('qmaild', 'secret', fds => { 5 => $tell }, sub => ['/bin/true'])->{exit}, 0, 'the senders are told';
close $tell;
is join('', <$told>), "joe\@example.org\n", 'to who has a right to ask';

# --- a file that the caller names ---
for my $case ([ 'users/auth.cdb', 'users/auth\.cdb: .*: Permission denied', 'the hashes, by its name' ],
	[ "$home/users/auth.cdb", 'users/auth\.cdb: .*: Permission denied', 'or by its path' ],
	[ 'users/none.cdb', 'users/none\.cdb: missing', 'or nothing' ]) {
	my ($path, $why, $name) = @$case;
	$run = ask('qmaild', 'secret', env => { AUTH_CDB => $path });
	is "$run->{exit} $run->{out}", '111 ', "AUTH_CDB cannot name $name";
	like $run->{err}, qr/$why/, 'and is told why';
}
spit("$elsewhere/joe.cdb", cdb([ 'joe', crypt('secret', '$1$salt$') . ',MAXRCPT="5"' ]), 0644);
pipe $told, $tell or die;
is ask('stranger', 'secret', env => { AUTH_CDB => "$elsewhere/joe.cdb" }, fds => { 5 => $tell }, sub => ['/bin/true'])->{exit}, 0,
  'AUTH_CDB names what its caller may read';
close $tell;
is join('', <$told>), " MAXRCPT=5\n", 'its variables are told';

open my $file, '+>', "$elsewhere/file" or die;
is ask('qmaild', 'secret', fds => { 5 => $file }, sub => ['/bin/true'])->{exit}, 0, 'a descriptor 5 that is no pipe';
is -s "$elsewhere/file", 0, 'is left alone';

done_testing;
