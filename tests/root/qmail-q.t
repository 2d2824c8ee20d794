#!/usr/bin/perl
# qmail-q, qmail-qrepair and the places of holds where there is root: whose the files are, as whom root acts, who else is
# refused (queue 6.1 row 10, 1.1).  The users need not exist: users/ids names them.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Home ();
use Qferry::Layers;
use Qferry::QueueImage;
use Qferry::Send;
use Qferry::Test;

plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no setpriv' unless -x '/usr/bin/setpriv';

my %uid = (alias => 53781, qmaild => 53782, qmails => 53783, qmailq => 53784, qmailr => 53786, stranger => 53785);
my ($qmail, $others) = (53780, 53789);
my $home = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
my $queue = "$home/queue";
make_home();

sub make_home {
	chmod 0755, $home;
	mkdir "$home/$_" for qw(bin users control run);
	system('cp', (map { build() . "/bin/$_" } qw(qmail-q qmail-send qmail-qrepair)), "$home/bin") == 0 or die;
	chmod 0755, glob "$home/bin/*";
	spit("$home/users/ids", join('', "\@qmail:$qmail\n", map { "$_:$uid{$_}\n" } sort grep { $_ ne 'stranger' } keys %uid), 0644);
	spit("$home/control/$_", "mx.example.org\n", 0644) for qw(me locals);
	queue_tree($home);
	is as_root('qmail-qrepair', '-r')->{exit}, 0, 'qmail-qrepair gives a queue to its users';
}

sub owner { my @st = lstat $_[0] or return 'none'; return sprintf '%d:%d %04o', @st[4, 5], $st[2] & 07777 }
sub of { my ($who, $mode, $group) = @_; return sprintf '%d:%d %s', $who eq 'root' ? 0 : $uid{$who}, $group // $qmail, $mode }
sub as_root { return run_program([ "$home/bin/" . shift, @_ ], home => $home) }
sub setpriv { my ($who, $group) = @_; return ('/usr/bin/setpriv', "--reuid=$uid{$who}", "--regid=$group", '--clear-groups') }
sub as_user { my ($who, $group, @words) = @_; return run_program([ setpriv($who, $group), "$home/bin/qmail-q", @words ], home => $home) }
sub said { my ($run) = @_; return "$run->{exit} $run->{out}$run->{err}" }
sub birth { return (stat parts_of($home, 'info', $_[0], 23))[9] }

# As its users would have made it.
sub message {
	my ($state, %with) = @_;
	my $n = add_message($home, $state, %with);
	for my $dir (qw(mess todo intd info local remote bounce)) {
		my $path = parts_of($home, $dir, $n, 23);
		chown $uid{ $dir =~ /^(?:mess|todo|intd)$/ ? 'qmailq' : 'qmails' }, $qmail, $path if -e $path;
	}
	return $n;
}

# --- qmail-qrepair: owners, and as whom it acts --------------------------------------------------------------------------

my %places = ('.' => [ 'qmailq', '0750' ], pid => [ 'qmailq', '0700' ], mess => [ 'qmailq', '0750' ], 'mess/3' => [ 'qmailq', '0750' ],
	intd => [ 'qmailq', '0700' ], todo => [ 'qmailq', '0750' ], lock => [ 'qmailq', '0750' ], info => [ 'qmails', '0700' ],
	'local/7' => [ 'qmails', '0700' ], 'remote/22' => [ 'qmails', '0700' ], bounce => [ 'qmails', '0700' ],
	'lock/sendmutex' => [ 'qmails', '0600' ], 'lock/trigger' => [ 'qmails', '0622' ], 'lock/tcpto' => [ 'qmailr', '0644' ]);
is owner("$queue/$_"), of(@{ $places{$_} }), "queue/$_" for sort keys %places;
my $n = add_message($home, 'queued', remote => "Ta\@remote.example\0");    # root's
my $new = add_message($home, 'new', body => 'new');
is as_root('qmail-qrepair')->{exit}, 1, 'files of root';
is as_root('qmail-qrepair', '-r')->{exit}, 0, '... are given away';
is owner(parts_of($home, 'mess', $n, 23)), of('qmailq', '0644'), '... mess/N';
is owner(parts_of($home, $_, $n, 23)), of('qmails', '0600'), "... $_/N" for qw(info remote);
is owner("$queue/todo/$new"), of('qmailq', '0644'), '... todo/N';
is as_root('qmail-qrepair', '-r', '--split', 29, '--big-todo')->{exit}, 0, 'another split';
is owner("$queue/$_"), of('qmailq', '0750'), "... queue/$_" for 'mess/28', 'todo/28';
is as_root('qmail-qrepair', '-r', '--split', 23, '--flat-todo')->{exit}, 0, '... and back';
{
	my $before = contents($home);
	system("cd $home && cp -a queue copy && rm -rf queue && mv copy queue") == 0 or die;
	spit("$queue/$_", "Tgone\@y\0", 0600) for qw(local/1/1 remote/1/1 bounce/1);
	spit("$queue/intd/1", 'u1', 0644);
	utime 1, 1, "$queue/intd/1";
	is as_root('qmail-qrepair')->{exit}, 1, 'a copy, and remains';
	my $run = as_root('qmail-qrepair', '-r');
	is $run->{exit}, 0, '... mended' or diag said($run);
	is_deeply contents($home), $before, '... with all messages';
	is join(' ', number_problems($home)), '', '... which have their numbers';
	is said(as_root('qmail-qrepair')), "0 0 found wrong, 0 to mend (-r)\n", '... all is well';
	($n) = map { m{(\d+)\z} } glob "$queue/info/*/*";
	is owner(parts_of($home, 'remote', $n, 23)), of('qmails', '0600'), '... still their users\'';
}
symlink $home, "$queue/info/5/7";
mkdir "$home/info7";
is owner("$home/info7"), of('root', '0755', 0), 'a symbolic link of somebody leads nowhere';
is as_root('qmail-qrepair', '-r')->{exit}, 1, '... and is left';
unlink "$queue/info/5/7";
unlink glob "$queue/{mess,info,remote}/*/* $queue/{todo,intd}/*";

# --- nobody runs: root ---------------------------------------------------------------------------------------------------

$n = message('queued', remote => "Ta\@remote.example\0");
like said(as_root('qmail-q', 'list')), qr/\A0 $n /, 'list';
ok !-e "$home/state", '... makes no places';
is said(as_root('qmail-q', 'hold', $n)), "0 $n: held\n", 'hold';
like owner("$home/state"), qr/^0:0 07/, 'state/ is root\'s';
is owner("$home/state/send$_"), of('qmails', '0700'), "state/send$_ is qmail-send's" for '', '/held', '/domains';
my $held = "$home/state/send/held/$n." . birth($n);
is owner($held), of('qmails', '0600'), '... and what is in it';
is said(as_root('qmail-q', 'release', $n)), "0 $n: released\n", 'release';
ok !-e $held, '... it is gone';
is said(as_root('qmail-q', 'pause', 'x.example')), "0 x.example\n", 'pause';
is owner("$home/state/send/domains/x.example"), of('qmails', '0600'), '... is qmail-send\'s';
as_root('qmail-q', 'resume', 'x.example');

# What qmail-send's user may have put there.
spit("$home/secret", 'x', 0600);
symlink "$home/planted", $held;
like said(as_root('qmail-q', 'hold', $n)), qr/\A111 /, 'a symbolic link for a hold';
ok !-e "$home/planted", '... is not followed';
unlink $held;
rmdir "$home/state/send/held" or die;
link "$home/secret", "$home/state/send/held" or die;
like said(as_root('qmail-q', 'hold', $n)), qr/\A111 /, 'a file of others in place of held/';
is owner("$home/secret"), of('root', '0600', 0), '... is not given away';
unlink "$home/state/send/held";
symlink "$home/users", "$home/state/send/held";
like said(as_root('qmail-q', 'hold', $n)), qr/\A111 /, 'a symbolic link in place of held/';
is owner("$home/users"), of('root', '0755', 0), '... is not given away';
unlink "$home/state/send/held";

SKIP: {
	skip 'mount namespaces are not permitted here', 2 if system('unshare -m true 2>/dev/null') != 0;
	my $q = "mount --bind '$home' '$home' && mount -o remount,ro,bind '$home' && exec '$home/bin/qmail-q'";
	like said(run_program([ '/usr/bin/unshare', '-m', 'sh', '-c', "$q list" ], home => $home)), qr/\A0 $n  /, 'on a read-only file system: list';
	like said(run_program([ '/usr/bin/unshare', '-m', 'sh', '-c', "$q hold $n" ], home => $home)), qr/\A111 .*sendmutex: Read-only file system/, '... hold';
}

utime 1, 1, parts_of($home, 'remote', $n, 23);
is said(as_root('qmail-q', 'retry', $n)), "0 $n: due now\n", 'retry';
cmp_ok((stat parts_of($home, 'remote', $n, 23))[9], '>', 1, '... is due');
chown 0, 0, "$queue/bounce";
like said(as_root('qmail-q', 'bounce', $n)), qr/\A111 .*unable to change its files: Permission denied/, 'bounce: root acts as qmail-send\'s user';
is slurp(parts_of($home, 'remote', $n, 23)), "Ta\@remote.example\0", '... and has marked nothing';
chown $uid{qmails}, $qmail, "$queue/bounce";
is said(as_root('qmail-q', 'bounce', $n)), "0 $n: returned to the sender\n", 'bounce';
is owner("$queue/bounce/$n"), of('qmails', '0600'), '... bounce/N is qmail-send\'s';
is slurp(parts_of($home, 'remote', $n, 23)), "Da\@remote.example\0", '... marked';
$new = message('new');
chown 0, 0, "$queue/todo";
like said(as_root('qmail-q', 'remove', $new)), qr/\A111 .*Permission denied/, 'remove: root acts as qmail-queue\'s user';
chown $uid{qmailq}, $qmail, "$queue/todo";
is said(as_root('qmail-q', 'remove', $_)), "0 $_: removed\n", 'remove' for $n, $new;
is scalar(() = glob "$queue/{mess,info,local,remote}/*/* $queue/{todo,intd,bounce}/*"), 0, '... nothing is left';

# --- others ---------------------------------------------------------------------------------------------------------------

$n = message('queued', remote => "Ta\@remote.example\0");
for my $words (['list'], [ 'show', $n ], [ 'cat', $n ], [ 'hold', $n ], [ 'remove', '--all' ], ['pause'], [ 'pause', 'x.example' ]) {
	is said(as_user('stranger', $others, @$words)), "111 qmail-q: fatal: unable to enter the queue: Permission denied\n", "a stranger: @$words";
	like said(as_user('qmailr', $qmail, @$words)), qr/\A111 qmail-q: fatal: unable to open queue\/lock\/sendmutex: Permission denied$/, "in group qmail: @$words";
}

# --- qmail-send runs as its user --------------------------------------------------------------------------------------------

mkdir "$home/run/send";
chown $uid{qmails}, $qmail, "$home/run/send";
my $send = start($home, argv => [ setpriv('qmails', $qmail), "$home/bin/qmail-send" ]);
my $running = command($send, REMOTE);
is $running->{recipient}, 'a@remote.example', 'qmail-send runs';
is owner("$home/run/send/sock"), of('qmails', '0600'), 'its socket is for its user and root';
like said(as_root('qmail-q', 'list')), qr/\A0 $n .* active /, 'root: list';
is said(as_root('qmail-q', 'hold', $n)), "0 $n: held\n", '... hold';
is owner("$home/state/send/held/$n." . birth($n)), of('qmails', '0600'), '... is qmail-send\'s';
is said(as_root('qmail-q', 'release', $n)), "0 $n: released\n", '... release';
is said(as_root('qmail-q', 'pause', 'x.example')), "0 x.example\n", '... pause';
like said(as_user('qmails', $qmail, 'pause')), qr/\A0 x\.example$/, 'its own user, too';
like said(as_user('stranger', $others, 'list')), qr/\A111 .*unable to enter the queue/, 'a stranger: list';
like said(as_user('qmailr', $qmail, 'list')), qr/\A111 .*Permission denied/, 'in group qmail: list';
chmod 0666, "$home/run/send/sock";
for my $who ([ qmailr => 'list' ], [ qmailr => 'remove', $n ], [ qmailq => 'hold', $n ], [ qmaild => 'pause', 'y.example' ]) {
	my ($user, @words) = @$who;
	like said(as_user($user, $qmail, @words)), qr/\A(?:111 qmail-q: fatal: qmail-send answers root and its own user alone|1(?:11)? .*: Permission denied)$/, "$user, by its uid: @words";
}
is said(as_root('qmail-q', 'pause')), "0 x.example\n", '... to no avail';
report($send, REMOTE, $running->{delnum}, "Kok\n");
ok log_until($send, qr/end msg $n/), 'it ends';
is stop($send), '0 0', 'TERM';

# --- places that setup makes ------------------------------------------------------------------------------------------------

SKIP: {
	my $tools = grep { system("command -v $_ >/dev/null 2>&1") == 0 } qw(useradd groupadd unshare ip);
	my $dir = layers_dir();
	my %part = $tools == 4 ? in_layers("true\n") : ();
	skip 'no layers (overlayfs) or namespaces here', 4 if $tools < 4 || $? != 0;
	Qferry::Home::foreign_home("$dir/home", 'netqmail');
	Qferry::Home::fake_build("$dir/build");
	my $setup = top() . '/setup';
	%part = in_layers(<<"SH");
groupadd --system qmail; groupadd --system nofiles
for u in alias qmaild qmaill qmailp; do useradd --system -M -g nofiles -d /var/qmail \$u; done
for u in qmailq qmailr qmails; do useradd --system -M -g qmail -d /var/qmail \$u; done
places() { (cd "\$1" && stat -c '%n %U:%G %a' state state/send state/send/held state/send/domains run/send); }
mkdir -p /var/new
ME=mx.example.org $setup/new-home /var/new >/dev/null
$setup/run-places /var/new
echo '-- new'
places /var/new
chown qmaild /var/new/state/send/held; chmod 0755 /var/new/state/send/held /var/new/run/send
ME=mx.example.org $setup/new-home /var/new >/dev/null
$setup/run-places /var/new
echo '-- again'
places /var/new
cp -a $dir/home /var/qmail
chown -R root:qmail /var/qmail
chown -R qmailq:qmail /var/qmail/queue
(cd /var/qmail/queue && chown -R qmails:qmail info local remote bounce lock/sendmutex lock/trigger)
chown qmailr:qmail /var/qmail/queue/lock/tcpto
chown qmailq:qmail /var/qmail/bin/qmail-queue
chmod 04711 /var/qmail/bin/qmail-queue
chmod 0755 /var/qmail
echo '-- dropin'
$setup/dropin /var/qmail $dir/build qmail-send qmail-start qmail-clean >/var/said 2>&1 || cat /var/said
echo '-- places'
places /var/qmail
SH
	is $part{dropin}, '', 'dropin';
	like $part{new}, qr/\Astate root:\w+ 755\nstate\/send qmails:qmail 700\nstate\/send\/held qmails:qmail 700\nstate\/send\/domains qmails:qmail 700\nrun\/send qmails:\w+ 755\n\z/, 'new-home and run-places';
	is $part{again}, $part{new}, '... put them right';
	like $part{places}, qr/\Astate root:\w+ 755\nstate\/send qmails:qmail 700\nstate\/send\/held qmails:qmail 700\nstate\/send\/domains qmails:qmail 700\nrun\/send qmails:\w+ 755\n\z/, 'dropin makes the same';
}

done_testing;
