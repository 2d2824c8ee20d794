#!/usr/bin/perl
# setup: a new rootless home, drop-in and its undo.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Home qw(mode slurp spew);
use Test::More;

my $top = abs_path("$FindBin::Bin/../..");
my $dir = tempdir(CLEANUP => 1);

sub run {
	my (@command) = @_;
	my $text = join ' ', map { "'$_'" } @command;
	my $output = `$text 2>&1`;
	return ($? >> 8, $output);
}

# --- new-home: the queue is what queue.md 1.1 says ---
my $home = "$dir/home";
$ENV{ME} = 'MX.Dept.Example.ORG';
my ($status, $output) = run("$top/setup/new-home", $home);
is($status, 0, 'new-home makes a home') or diag $output;
for my $row (
	[ 'queue', '0750' ], [ 'queue/pid', '0700' ], [ 'queue/intd', '0700' ], [ 'queue/todo', '0750' ],
	[ 'queue/bounce', '0700' ], [ 'queue/mess/22', '0750' ], [ 'queue/info/0', '0700' ],
	[ 'queue/local/22', '0700' ], [ 'queue/remote/7', '0700' ], [ 'queue/lock', '0750' ],
	[ 'queue/lock/sendmutex', '0600' ], [ 'queue/lock/tcpto', '0644' ], [ 'alias', '02755' =~ s/^0//r ],
    )
{
	is(mode("$home/$row->[0]"), $row->[1], "$row->[0] has mode $row->[1]");
}
ok(!-e "$home/queue/mess/23", 'split 23');
is(-s "$home/queue/lock/tcpto", 1024, 'tcpto has 1024 octets');
ok(-p "$home/queue/lock/trigger", 'trigger is a FIFO');
is(mode("$home/queue/lock/trigger"), '0622', 'trigger has mode 0622');
is(slurp("$home/control/me"), "mx.dept.example.org\n", 'me');
is(slurp("$home/control/rcpthosts"), "mx.dept.example.org\n", 'rcpthosts: no open relay');
is(slurp("$home/control/locals"), "mx.dept.example.org\n", 'locals');
is(slurp("$home/control/defaultdomain"), "dept.example.org\n", 'defaultdomain: me without its first label');
is(slurp("$home/control/plusdomain"), "example.org\n", 'plusdomain: the last two labels');
ok(-e "$home/alias/.qmail-$_", "alias $_") for qw(postmaster mailer-daemon root);

spew("$home/control/rcpthosts", "kept.example\n");
($status, $output) = run("$top/setup/new-home", $home);
is($status, 0, 'new-home completes a home that is there');
is(slurp("$home/control/rcpthosts"), "kept.example\n", 'and leaves what is there alone');

# A queue keeps the split that it has, and is not made where none can be.
{
	local $ENV{SPLIT} = 3;
	run("$top/setup/new-home", "$dir/three");
}
rmdir "$dir/three/queue/local/2";
($status, $output) = run("$top/setup/new-home", "$dir/three");
like("$status $output", qr/^1 .*queue\/local is not split as mess is \(3\)/s, 'a queue that is split unlike is refused');
mkdir "$dir/three/queue/local/2";
($status, $output) = run("$top/setup/new-home", "$dir/three");
is($status, 0, 'a home with another split is completed') or diag $output;
ok(!-e "$dir/three/queue/mess/3", 'and keeps that split');
{
	local $ENV{SPLIT} = 23;
	($status, $output) = run("$top/setup/new-home", "$dir/three");
	like("$status $output", qr/^1 .*is split into 3, not 23/s, 'another one is refused');
}
mkdir "$dir/place", 0755;
for my $row ([ 'stat', 'echo nfs', 'network file system' ], [ 'ln', 'exit 1', 'no hard links' ], [ 'mkfifo', 'exit 1', 'no FIFOs' ], [ 'flock', 'exit 1', 'no flock' ]) {
	my ($tool, $does, $why) = @$row;
	spew("$dir/place/$tool", "#!/bin/sh\n$does\n", 0755);
	local $ENV{PATH} = "$dir/place:$ENV{PATH}";
	($status, $output) = run("$top/setup/new-home", "$dir/elsewhere");
	like("$status $output", qr/^1 .*\Q$why\E/s, "no queue: $why");
	ok(!-e "$dir/elsewhere/queue", 'nothing was made');
	unlink "$dir/place/$tool";
}

# --- drop-in ---
$ENV{RUN_SCRIPTS} = '';
my $build = "$dir/build";
mkdir "$build", 0755;
mkdir "$build/bin", 0755;
spew("$build/bin/$_", "#!/bin/sh\necho ours\n", 0755) for qw(qmail-smtpd qmail-tls qmail-rcpt qmail-dns qmail-state qmail-rspawn qmail-remote qmail-queue qmail-authcdb qmail-newrcpt qmail-oauth qmail-sts qmail-try);
spew("$home/bin/qmail-smtpd", "#!/bin/sh\necho theirs\n", 0711);
spew("$home/bin/qmail-rspawn", "#!/bin/sh\nprintf x\n", 0711);
spew("$home/bin/qmail-remote", "#!/bin/sh\necho theirs\n", 0711);

($status, $output) = run("$top/setup/dropin", $home, $build, 'qmail-smtpd', 'qmail-queue');
is($status, 1, 'dropin refuses a program that the home does not have');
like($output, qr/qmail-queue does not exist.*nothing was changed/s, 'and says so');
is(slurp("$home/bin/qmail-smtpd"), "#!/bin/sh\necho theirs\n", 'and changed nothing');
($status, $output) = run("$top/setup/dropin", $home, $build, '../bin/qmail-smtpd');
like($output, qr/no name of a program.*nothing was changed/s, 'nor a path in place of a name');
($status, $output) = run("$top/setup/dropin", "$dir/none", $build, 'qmail-smtpd');
is($status, 1, 'dropin refuses what is no home');

my $store = "$home/state/db";
ok(-d $store, 'a new home has a store');
ok(-d "$home/state/oauth", 'and a place for tokens');
ok(-d "$home/$_", "and $_") for qw(state/tlsrpt state/send/held state/send/domains cache/sts);
rmdir "$home/$_" or die "$home/$_: $!" for qw(state/db state/oauth state/tlsrpt state/send/held state/send/domains state/send state cache/sts cache);

rename "$build/bin/qmail-dns", "$build/dns";
($status, $output) = run("$top/setup/dropin", $home, $build, 'qmail-smtpd');
like($output, qr/no helper qmail-dns.*nothing was changed/s, 'dropin refuses without a helper');
ok(!-e "$home/bin/.before-qferry", 'before it begins');
rename "$build/dns", "$build/bin/qmail-dns";

($status, $output) = run("$top/setup/dropin", $home, $build, 'qmail-smtpd');
is($status, 0, 'dropin') or diag $output;
is(slurp("$home/bin/qmail-smtpd"), "#!/bin/sh\necho ours\n", 'the program is ours');
is(mode("$home/bin/qmail-smtpd"), '0711', 'with the mode of the old one');
ok(-x "$home/bin/qmail-tls", 'its helper came along');
is(mode("$home/bin/qmail-state"), '0755', 'and the one that counts, not set-id without root');
is(mode($store), '0700', 'with a store');
spew("$store/data.mdb", 'counted', 0600);
($status, $output) = run("$top/setup/dropin", $home, $build, 'qmail-smtpd');
is($status, 0, 'a second dropin of the same program') or diag $output;
like($output, qr/qmail-smtpd is ours already/, 'has nothing to do');
spew("$build/bin/qmail-smtpd", "#!/bin/sh\necho newer\n", 0755);
($status, $output) = run("$top/setup/dropin", $home, $build, 'qmail-smtpd');
is(slurp("$home/bin/qmail-smtpd"), "#!/bin/sh\necho newer\n", 'or brings the newer one');
is(slurp("$home/bin/.before-qferry/qmail-smtpd"), "#!/bin/sh\necho theirs\n", 'and keeps the one that was there first');

($status, $output) = run("$top/setup/dropin", $home, $build, 'qmail-rspawn');
is($status, 0, 'dropin of a spawner') or diag $output;
is(slurp("$home/control/spawnwidth"), "1\n", 'asks how wide delivery numbers are');
like($output, qr/restart qmail-send/, 'and says that the old one still runs');

($status, $output) = run("$top/setup/dropin", $home, $build, 'qmail-remote');
is($status, 0, 'dropin of qmail-remote') or diag $output;
is(slurp("$home/profiles/ses/port"), "587\n", 'brings the profiles of providers');
is(mode("$home/profiles/ses/port"), '0644', 'for everybody to read');

($status, $output) = run("$top/setup/dropin", $home, $build, 'qmail-authcdb', 'qmail-newrcpt', 'qmail-oauth', 'qmail-sts', 'qmail-try');
is($status, 0, 'dropin of what stock qmail has not') or diag $output;
is(slurp("$home/bin/$_"), "#!/bin/sh\necho ours\n", "adds $_") for qw(qmail-authcdb qmail-newrcpt qmail-oauth qmail-sts qmail-try);
ok(-d "$home/$_/oauth", "and $_/oauth") for qw(run state);
ok(-d "$home/$_", "and $_") for qw(run/sts cache/sts state/tlsrpt);

($status, $output) = run("$top/setup/dropin-undo", $home);
is($status, 0, 'dropin-undo') or diag $output;
is(slurp("$home/bin/qmail-smtpd"), "#!/bin/sh\necho theirs\n", 'the old program is back');
is(mode("$home/bin/qmail-smtpd"), '0711', 'with its mode');
ok(!-e "$home/bin/qmail-tls", 'the helper is gone');
ok(!-e "$home/state", 'and the store that came with one');
ok(!-e "$home/$_", "and $_") for qw(profiles cache);
ok(!-e "$home/bin/$_", "and $_, which was added") for qw(qmail-authcdb qmail-newrcpt qmail-oauth qmail-sts qmail-try);
ok(!-e "$home/bin/.before-qferry", 'nothing is left');
ok(!-e "$home/control/spawnwidth", 'nor is spawnwidth');
($status, $output) = run("$top/setup/dropin-undo", $home);
is($status, 1, 'nothing to undo is said');

# A store that was there is used, and stays.
mkdir "$home/state", 0755;
mkdir $store, 0750;
spew("$store/data.mdb", 'counted', 0600);
($status, $output) = run("$top/setup/dropin", $home, $build, 'qmail-smtpd');
is($status, 0, 'dropin in a home with a store') or diag $output;
is(mode($store), '0750', 'whose mode stays');
($status, $output) = run("$top/setup/dropin-undo", $home);
is($status, 0, 'undo') or diag $output;
is(slurp("$store/data.mdb"), 'counted', 'it is left as it was');

# A wrapper behind a symbolic link: the mode is that of what it leads to, and the link comes back.
spew("$home/wrapper", "#!/bin/sh\necho wrapped\n", 0711);
symlink('../wrapper', "$home/bin/qmail-queue") or die "symlink: $!";
($status, $output) = run("$top/setup/dropin", $home, $build, 'qmail-queue', 'qmail-queue');
is($status, 0, 'dropin in place of a symbolic link, named twice') or diag $output;
is(mode("$home/bin/qmail-queue"), '0711', 'with the mode of what it leads to');
spew("$build/bin/qmail-queue", "#!/bin/sh\necho newer\n", 0755);
($status, $output) = run("$top/setup/dropin", $home, $build, 'qmail-queue');
is("$status " . mode("$home/bin/qmail-queue"), '0 0711', 'also the next time') or diag $output;
is(slurp("$home/wrapper"), "#!/bin/sh\necho wrapped\n", 'which is as it was');
($status, $output) = run("$top/setup/dropin-undo", $home);
is($status, 0, 'undo') or diag $output;
is(readlink "$home/bin/qmail-queue", '../wrapper', 'the link is back');

# --- install without root: the run scripts name nobody, no low port, and this home ---
my $mine = "$dir/mine";
($status, $output) = run("$top/setup/install", $mine, $build);
is($status, 0, 'install without root') or diag $output;
like($output, qr/is accepted for: mx\.dept\.example\.org/, 'says whose mail is accepted');
my @services = split ' ', `$top/setup/make-services list`;
cmp_ok(scalar @services, '>', 10, 'there are services');
for my $service (@services) {
	my $run = slurp("$mine/supervise/$service/run") // '';
	my $log = slurp("$mine/supervise/$service/log/run") // '';
	like($run, qr/^home=\Q$mine\E$/m, "$service: this home");
	unlike("$run$log", qr{^[^#]*(?:setuidgid|/var/qmail|id -u| 0 (?:25|587|465)\b)}m, "$service: no user, no low port");
	ok(-d "$mine/supervise/$service/log/main", "$service: its log has a directory");
}
mkdir "$dir/fake", 0755;
spew("$dir/fake/$_", "#!/bin/sh\necho $_\n", 0755) for qw(sleep softlimit);
for my $service (qw(qmail-submission qmail-smtps)) {
	local $ENV{PATH} = "$dir/fake:$ENV{PATH}";
	my $run = "$mine/supervise/$service/run";
	(undef, $output) = run($run);
	like($output, qr/no control\/servercert.pem.*\nsleep$/, "$service: passwords are not asked for without TLS");
	spew("$mine/control/servercert.pem", '');
	(undef, $output) = run($run);
	is($output, "softlimit\n", 'with a certificate it starts');
	unlink "$mine/control/servercert.pem";
}
{
	local $ENV{ME} = 'short';
	(undef, $output) = run("$top/setup/install", "$dir/short", $build);
	like($output, qr/short is no full host name/, 'a host name without a dot is spoken of');
}

for my $path ("$dir/a home", 'home', "$dir/a&b", "$dir/\$a") {
	($status, $output) = run("$top/setup/install", $path, $build);
	is($status, 1, "no home can be in $path");
	like($output, qr/cannot be a home/, 'and it is said');
}

# --- what another user has built is not gone on with, and it is said whose it is ---
mkdir "$dir/theirs", 0500;
($status, $output) = run('make', '-n', '-C', $top, "BUILD=$dir/theirs");
is($status, 2, 'a build folder that may not be written');
like($output, qr/\Q$dir\E\/theirs belongs to \S+, and this user may not write it: .*make clean/, '... and what helps');
($status, $output) = run('make', '-n', '-C', $top, "BUILD=$dir/new");
is($status, 0, 'make in a fresh tree') or diag $output;
unlike($output, qr/No such file/, '... says nothing that sounds like an error');

# --- INSTALL names what tests/packages asks for ---
my ($list) = slurp("$top/tests/packages") =~ /^build='\n(.*?)'/ms;
my $install = slurp("$top/INSTALL");
like($install, qr/^ .*\b\Q$_\E\b/m, "INSTALL names the package $_") for map { /^(\S+)/ } split /\n/, $list;

done_testing();
