#!/usr/bin/perl
# Users of the system (queue 4.9, 4.10): qmail-getpw as qmailp, and a delivery all the way from qmail-lspawn to the
# user's own .qmail, with accounts that only the mount namespace of this test has.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Basename qw(dirname);
use File::Path qw(make_path);
use Qferry::Spawn;
use Qferry::Test;
use Test::More;

plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no mount namespaces here' if system('unshare -m true 2>/dev/null') != 0;
if (!$ENV{QFERRY_INSIDE}) {
	$ENV{QFERRY_INSIDE} = 1;
	exec 'unshare', '-m', $^X, $0 or die "unshare: $!";
}

my %ids = (alias => 64010, qmailp => 64013, qmailq => 64014, '@qmail' => 64020, '@nofiles' => 64021);
my $nobody_there = 64099;

# --- a home whose programs are copies, as the users cannot read a checkout of root's -------------------------------

my $home = instance(me => "mx.example.org\n");
for (my $dir = $home; $dir ne '/'; $dir = dirname($dir)) { chmod 0755, $dir if $dir ne '/tmp' && (stat $dir)[4] == 0 && !((stat _)[2] & 01) }
unlink "$home/bin";
mkdir "$home/bin";
for my $name (qw(qmail-lspawn qmail-getpw qmail-local qmail-newu)) {
	system('cp', program($name), "$home/bin/$name") == 0 or die;
}
spit("$home/users/ids", join('', map { "$_:$ids{$_}\n" } sort keys %ids), 0644);
spit("$home/queue/mess/3/26", "Subject: t\n\nbody\n", 0644);
chown $ids{qmailq}, $ids{'@qmail'}, "$home/queue/mess/3/26";

# --- accounts ------------------------------------------------------------------------------------------------------

# name => uid; a directory of his own, or what the home is instead, and whose
my $long = 'l' x 31;
my @accounts = (
	[ alias => $ids{alias} ], [ joe => 64030 ], [ 'joe-ann', 64031 ], [ dotted => 64032 ], [ $long, 64033 ], [ "${long}x", 64034 ],
	[ toor => 0 ], [ foreign => 64035, undef, $nobody_there ], [ homeless => 64036, "$home/none" ], [ hidden => 64037, "$home/closed/hidden" ],
	[ gone => 64038 ], [ 'Upper', 64039 ], [ filehome => 64040, "$home/file", 64040 ],
);
my %home_of = map { $_->[0] => $_->[2] // "$home/homes/$_->[0]" } @accounts;
for my $account (@accounts) {
	my ($name, $uid, $path, $owner) = @$account;
	next if $path;
	make_path($home_of{$name});
	chown $owner // $uid, $owner // $uid, $home_of{$name};
}
make_path("$home/closed/hidden");
chown 64037, 64037, "$home/closed/hidden";
chmod 0700, "$home/closed";
spit("$home/file", '', 0644);
chown 64040, 64040, "$home/file";

my @lines = map { "$_->[0]:x:$_->[1]:" . ($_->[1] || 64050) . "::$home_of{$_->[0]}:/bin/sh\n" } @accounts;
sub use_passwd { spit("$home/passwd", join('', @_), 0644) }
use_passwd("root:x:0:0::/root:/bin/sh\n", @lines);
spit("$home/nsswitch", "passwd: files\ngroup: files\n", 0644);
for ([ "$home/passwd", '/etc/passwd' ], [ "$home/nsswitch", '/etc/nsswitch.conf' ]) {
	system('mount', '--bind', @$_) == 0 or die "mount $_->[1]";
}

# What a file system in user space is once its server has died: all that is asked of it fails.
sub mount_dead {
	my ($place, $mode) = @_;
	local $^F = 255;
	open my $fuse, '+<', '/dev/fuse' or return 0;
	my $options = sprintf 'fd=%d,rootmode=%s,user_id=0,group_id=0,allow_other', fileno $fuse, $mode;
	return system("mount -i -t fuse -o $options dead $place 2>/dev/null") == 0;
}

# --- qmail-getpw ---------------------------------------------------------------------------------------------------

sub getpw {
	my @argv = @_;
	my $run = run_program([ '/usr/bin/setpriv', "--reuid=$ids{qmailp}", "--regid=$ids{'@nofiles'}", '--clear-groups', "$home/bin/qmail-getpw", @argv ], home => $home);
	return $run->{exit} == 0 ? join '|', split /\0/, $run->{out}, -1 : "exit $run->{exit} $run->{out}";
}
sub found { my ($name, $dash, $ext) = @_; my ($a) = grep { $_->[0] eq $name } @accounts; "$name|$a->[1]|$a->[1]|$home_of{$name}|$dash|$ext|" }
sub alias { return found('alias', '-', $_[0]) }

is getpw(), 'exit 100 ', 'no argument: 100';
is getpw('joe'),            found('joe', '', ''),                'a user';
is getpw('JOE'),            found('joe', '', ''),                '... in capitals';
is getpw('joe-'),           found('joe', '-', ''),               '... with an empty extension';
is getpw('Joe-List-Own'),   found('joe', '-', 'List-Own'),       '... with an extension, as it was written';
is getpw('joe-ann'),        found('joe-ann', '', ''),            'a user with a hyphen in his name is before an extension';
is getpw('joe-ann-list'),   found('joe-ann', '-', 'list'),       '... with one';
is getpw('joe-anna'),       found('joe', '-', 'anna'),           '... and only he';
is getpw('joe.list'),       alias('joe.list'),                   'a dot begins no extension';
is getpw($long),            found($long, '', ''),                'a name of 31 octets';
is getpw("${long}x"),       alias("${long}x"),                   '... of 32 is none';
is getpw("${long}x-e"),     alias("${long}x-e"),                 '... not with an extension either';
is getpw('root'),           alias('root'),                       'root is for alias';
is getpw('toor-x'),         alias('toor-x'),                     'so is whoever has uid 0';
is getpw('foreign'),        alias('foreign'),                    'a home of somebody else';
is getpw('homeless'),       alias('homeless'),                   'no home';
is getpw('hidden'),         alias('hidden'),                     'a home that qmailp cannot look at';
is getpw('filehome'),       found('filehome', '', ''),           'a home that is a file is his: qmail-local says more';
is getpw('upper'),          alias('upper'),                      'an account in capitals is never found';
is getpw('nobody-here'),    alias('nobody-here'),                'nobody: alias, with all of it';
is getpw(''),               alias(''),                           'nothing: alias, too';

# --- a delivery ------------------------------------------------------------------------------------------------------

for my $name (qw(joe alias)) {
	my ($uid) = map { $_->[1] } grep { $_->[0] eq $name } @accounts;
	for my $dir ('', qw(/new /cur /tmp)) { mkdir "$home_of{$name}/Maildir$dir"; chown $uid, $uid, "$home_of{$name}/Maildir$dir" }
}
spit("$home_of{joe}/.qmail-list-default", "|echo \"\$USER \$HOME \$EXT \$DEFAULT \$(id -u) \$(id -g) \$(id -G)\"\n", 0644);
spit("$home_of{alias}/.qmail-root",       "|echo \"alias \$EXT\"\n", 0644);
spit("$home_of{alias}/.qmail-hidden",     "|echo \"alias \$EXT\"\n", 0644);
spit("$home_of{joe}/.qmail-default",      "|echo \"virtual \$EXT \$HOST\"\n", 0644);

my $lspawn = spawner($home, [ 'qmail-lspawn', './Maildir/' ]);
greeting($lspawn, 1);
sub delivered { my ($to) = @_; my $report = deliver($lspawn, $to, delnum => 1); return substr $report, 1, -1 }

is delivered('joe@mx.example.org'), "Kdid 1+0+0\n", 'to a user of the system';
is join(' ', map { join ':', (stat)[ 4, 5 ] } glob "$home_of{joe}/Maildir/new/*"), '64030:64030', '... who owns it';
is delivered('joe-list-A.b@mx.example.org'), "K" . "joe $home_of{joe} list-A.b A.b 64030 64030 64030\ndid 0+0+1\n", '... to an extension';
is delivered('root@mx.example.org'),   "Kalias root\ndid 0+0+1\n", 'root is an alias';
is delivered('hidden@mx.example.org'), "Kalias hidden\ndid 0+0+1\n", 'so is one whose home cannot be looked at';
is delivered('none@mx.example.org'),   "DSorry, no mailbox here by that name. (#5.1.1)\n", 'nobody';
is delivered('filehome@mx.example.org'), "ZUnable to switch to $home/file: Not a directory. (#4.3.0)\n", 'a home that is a file: later';

# users/cdb is asked first, and what it does not know is looked up as before.
spit("$home/users/assign", "=mapped:joe:64030:64030:$home_of{joe}:-:list-m:\n+vdom-:vdom:64030:64030:$home_of{joe}:-::\n.\n");
is run_program(['qmail-newu'], home => $home)->{exit}, 0, 'qmail-newu';
like delivered('mapped@mx.example.org'), qr/^Kjoe \S+ list-m m 64030/, 'users/cdb';
is delivered('vdom-Info@v.example'), "Kvirtual Info v.example\ndid 0+0+1\n", '... a virtual domain, as vpopmail sets it up';
is delivered('joe-list-x@mx.example.org'), "Kjoe $home_of{joe} list-x x 64030 64030 64030\ndid 0+0+1\n", '... a miss';
rename "$home/users/cdb", "$home/users/kept";
mkdir "$home/users/cdb";
is delivered('joe@mx.example.org'), "ZTrouble reading users/cdb in qmail-lspawn.\n", 'a users/cdb that cannot be read';
rmdir "$home/users/cdb";
is delivered('mapped@mx.example.org'), "DSorry, no mailbox here by that name. (#5.1.1)\n", 'none';

# --- what cannot be found out -----------------------------------------------------------------------------------------

SKIP: {
	skip 'no FUSE here', 7 unless mount_dead($home_of{gone}, '40755');
	is getpw('gone'), 'exit 115 ', 'a home on a file system that is away: 115';
	is getpw('gone-list'), 'exit 115 ', '... with an extension';
	is getpw('joe-gone'), found('joe', '-', 'gone'), '... which is not asked for others';
	is delivered('gone@mx.example.org'), "ZNFS failure in qmail-local.\n", '... the mail has to wait';
	mount_dead('/etc/passwd', '100644') or die 'no second mount';
	is getpw('joe'), 'exit 118 ', 'accounts that cannot be read: 118';
	is delivered('none@mx.example.org'), "ZTemporary failure in qmail-lspawn.\n", '... nobody is taken for unknown';
	is system('umount', '/etc/passwd'), 0, '... and are there again';
}
use_passwd(grep { !/^alias:/ } @lines);
is getpw('nobody-here'), 'exit 116 ', 'no alias: 116';
is getpw('joe'), found('joe', '', ''), '... which concerns nobody else';
is delivered('none@mx.example.org'), "ZUnable to find alias user!\n", '... the mail has to wait';
is finish($lspawn), '0 0', 'qmail-lspawn ends';

done_testing;
