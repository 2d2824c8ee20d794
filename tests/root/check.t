#!/usr/bin/perl
# qmail-check with root's owners and modes: a home as installed, and one as a stock qmail's, are clean, for root
# and for others; wrong owners and modes are found.  In a mount namespace with a copy of /etc, so that the
# machine's accounts are not touched.
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

my $dir = tempdir(DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $dir;
my $home = "$dir/qmail";
my $stock = "$dir/stock";
my $check = "$ENV{QFERRY_BUILD}/bin/qmail-check";
my $nobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups';

# name, what is done to the home and undone again, the finding
my @rows = (
	[ 'qmail-queue is not set-uid', 'chmod 0711 bin/qmail-queue', 'chmod 4711 bin/qmail-queue', qr{^error: bin/qmail-queue: not set-uid}m ],
	[ 'qmail-queue is somebody else\'s', 'chown root bin/qmail-queue; chmod 4711 bin/qmail-queue', 'chown qmailq bin/qmail-queue; chmod 4711 bin/qmail-queue', qr{^error: bin/qmail-queue: does not belong to qmailq}m ],
	[ 'a program that its group may write', 'chmod g+w bin/qmail-send', 'chmod g-w bin/qmail-send', qr{^error: bin/qmail-send: others than its owner may write it}m ],
	[ 'a program of a user', 'chown qmaild bin/qmail-lspawn', 'chown root bin/qmail-lspawn', qr{^error: bin/qmail-lspawn: does not belong to root}m ],
	[ 'a program that is set-id', 'chmod u+s bin/qmail-local', 'chmod u-s bin/qmail-local', qr{^warning: bin/qmail-local: set-id, which}m ],
	[ 'qmail-tls is not set-gid', 'chmod g-s bin/qmail-tls', 'chmod g+s bin/qmail-tls', qr{^warning: bin/qmail-tls: not set-gid}m ],
	[ '... to another group', 'chgrp root bin/qmail-tls; chmod 2711 bin/qmail-tls', 'chgrp qmailt bin/qmail-tls; chmod 2711 bin/qmail-tls', qr{^error: bin/qmail-tls: set-gid to another group than qmailt}m ],
	[ 'a store of another group', 'chgrp root state/db; chmod 2770 state/db', 'chgrp qmailk state/db; chmod 2770 state/db', qr{^error: state/db: qmail-state may not write into it}m ],
	[ '... that all may enter', 'chmod o+rx state/db', 'chmod o-rx state/db', qr{^error: state/db: others than the group qmailk may enter it}m ],
	[ 'no alias', 'mv alias aliasx', 'mv aliasx alias', qr{^error: alias: missing: mail for postmaster}m ],
	[ 'a user that is gone', 'cp -p /etc/passwd passwd; sed -i /^qmailr:/d /etc/passwd', 'cp -p passwd /etc/passwd; rm passwd', qr{^error: /etc/passwd: there is no user qmailr, whose number is in users/ids}m ],
	[ 'a user with another number', 'cp -p users/ids ids; sed -i s/^qmaild:.*/qmaild:4999/ users/ids', 'cp -p ids users/ids; rm ids', qr{^error: users/ids: another number than the system has for qmaild}m ],
	[ 'a program that is gone', 'mv bin/qmail-clean x', 'mv x bin/qmail-clean', qr{^error: bin/qmail-clean: missing}m ],
	[ 'a program that is none', 'chmod a-x bin/qmail-rspawn', 'chmod 0711 bin/qmail-rspawn', qr{^error: bin/qmail-rspawn: not executable}m ],
	[ 'rcpthosts that qmaild may not read', 'chmod 0640 control/rcpthosts', 'chmod 0644 control/rcpthosts', qr{^error: control/rcpthosts: qmaild may not read it; qmail-smtpd then answers 421}m ],
	[ 'locals that qmails may not read', 'chmod 0600 control/locals', 'chmod 0644 control/locals', qr{^error: control/locals: qmails may not read it; qmail-send then does not start}m ],
	[ 'smtproutes that qmailr may not read', 'echo :r.example:25 joe pw > control/smtproutes; chmod 0600 control/smtproutes', 'rm control/smtproutes', qr{^error: control/smtproutes: qmailr may not read it}m ],
	[ 'defaultdomain that users may not read', 'chmod 0640 control/defaultdomain', 'chmod 0644 control/defaultdomain', qr{^error: control/defaultdomain: not everybody may read it}m ],
	[ 'a control file that its group may write', 'chgrp qmail control/me; chmod g+w control/me', 'chmod g-w control/me; chgrp root control/me', qr{^warning: control/me: its group may write it}m ],
	[ 'a directory that nobody may enter', 'chmod 0700 control', 'chmod 0755 control', qr{^error: control: not everybody may enter it}m ],
	[ 'a home of a user', 'chown qmaild bin', 'chown root bin', qr{^error: bin: does not belong to root}m ],
	[ 'a queue of root\'s', 'chown root queue/todo', 'chown qmailq queue/todo', qr{^error: queue/todo: does not belong to qmailq}m ],
	[ '... and of another group', 'chgrp nofiles queue/mess/3', 'chgrp qmail queue/mess/3', qr{^error: queue/mess/3: is not of the group qmail}m ],
	[ 'info of the wrong user', 'chown qmailq queue/info/3', 'chown qmails queue/info/3', qr{^error: queue/info/3: does not belong to qmails}m ],
	[ 'sendmutex of root', 'chown root queue/lock/sendmutex', 'chown qmails queue/lock/sendmutex', qr{^error: queue/lock/sendmutex: does not belong to qmails}m ],
	[ 'a key that the helper may not read', 'cp KEY control/servercert.pem; chmod 0600 control/servercert.pem', 'rm control/servercert.pem', qr{^error: control/servercert\.pem: qmail-tls may not read it}m ],
	[ '... that it may', 'cp KEY control/servercert.pem; chgrp qmailt control/servercert.pem; chmod 0640 control/servercert.pem', 'rm control/servercert.pem', undef, qr{may not read it} ],
	[ 'a virtual domain of what is behind alias', 'echo v.example:alias-v > control/virtualdomains; echo v.example >> control/rcpthosts; echo joe > alias/.qmail-v-default', 'sed -i /^v.example/d control/rcpthosts; rm control/virtualdomains alias/.qmail-v-default', undef ],
	[ '... and of one address', 'echo v.example:v > control/virtualdomains; echo v.example >> control/rcpthosts; echo joe > alias/.qmail-v-a', 'sed -i /^v.example/d control/rcpthosts; rm control/virtualdomains alias/.qmail-v-a', undef ],
	[ '... where nothing is', 'echo v.example:alias-v > control/virtualdomains; echo v.example >> control/rcpthosts; echo joe > alias/.qmail-alias-v-default', 'sed -i /^v.example/d control/rcpthosts; rm control/virtualdomains alias/.qmail-alias-v-default', qr{^warning: control/virtualdomains:1: mail to it will bounce}m ],
	[ '... which all is', 'echo v.example:alias > control/virtualdomains; echo v.example >> control/rcpthosts; echo joe > alias/.qmail-default', 'sed -i /^v.example/d control/rcpthosts; rm control/virtualdomains alias/.qmail-default', undef ],
	[ 'tcpserver as root', 'mkdir -p supervise/t/supervise; printf "exec tcpserver 0 25 bin/qmail-smtpd\n" > supervise/t/run; chmod 755 supervise/t/run', 'rm -r supervise/t', qr{^error: supervise/t/run:1: what takes connections runs as root}m ],
	[ '... -u 0', 'mkdir -p supervise/t/supervise; printf "exec tcpserver -u 0 -g 0 0 25 bin/qmail-smtpd\n" > supervise/t/run; chmod 755 supervise/t/run', 'rm -r supervise/t', qr{^error: supervise/t/run:1: what takes connections runs as root}m ],
	[ '... not so', 'mkdir -p supervise/t/supervise; printf "exec setuidgid qmaild tcpserver 0 25 bin/qmail-smtpd\n" > supervise/t/run; chmod 755 supervise/t/run', 'rm -r supervise/t', undef ],
	[ 'nosuid', 'mount -t tmpfs -o nosuid none x2; cp -a bin x2/; mount --bind x2/bin bin', 'umount bin; umount x2', qr{^error: bin: mounted with nosuid}m ],
	[ 'a queue on a read-only file system', 'mount -t tmpfs none x2; cp -a queue x2/; mount --bind x2/queue queue; mount -o remount,ro,bind queue', 'umount queue; umount x2', qr{^error: queue: on a file system that is read-only}m ],
);

my $steps = <<"SH";
set -e
cp -a /etc $dir/etc
mount --bind $dir/etc /etc
mkdir -p $home $stock
ME=mx.example.org $top/setup/install $home $ENV{QFERRY_BUILD} >/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $dir/k -out $dir/c -days 100 -subj /CN=mx.example.org 2>/dev/null
cat $dir/k $dir/c > $dir/KEY
run() { echo "== \$1"; shift; "\$@" || echo "exit \$?"; }
run fresh $check $home
run 'fresh, for nobody' $nobody $check $home
cd $stock
chown root:qmail .
mkdir bin boot control users alias queue
chown root:qmail bin boot control users
chown alias:qmail alias; chmod 02755 alias
for p in clean getpw local remote rspawn send; do cp /bin/true bin/qmail-\$p; chmod 0711 bin/qmail-\$p; done
for p in lspawn start newu newmrh; do cp /bin/true bin/qmail-\$p; chmod 0700 bin/qmail-\$p; done
for p in inject showctl qread qstat tcpto tcpok smtpd qmqpc; do cp /bin/true bin/qmail-\$p; done
cp /bin/true bin/sendmail; cp /bin/true bin/qmail-queue
chown -R root:qmail bin; chown qmailq bin/qmail-queue; chmod 4711 bin/qmail-queue
for f in me locals rcpthosts; do echo mx.example.org > control/\$f; done
echo example.org > control/defaultdomain; echo example.org > control/plusdomain; echo 40 > control/concurrencyincoming; echo ./Maildir/ > control/defaultdelivery
for a in postmaster mailer-daemon root; do echo '&joe' > alias/.qmail-\$a; chown alias:qmail alias/.qmail-\$a; done
rmdir queue; cp -a $home/queue queue; rm -f queue/lock/tcpto6
run stock $check $stock
run 'stock, for nobody' $nobody $check $stock
cd $home
mkdir x2
SH
my $n = 0;
for my $row (@rows) {
	my ($break, $mend) = map { s{\bKEY\b}{$dir/KEY}gr } @$row[ 1, 2 ];
	$steps .= "$break\nrun 'row $n' $check -q $home\n$mend\n";
	$n++;
}
$steps .= "run 'no new privileges' setpriv --no-new-privs $check -q $home\nrun mended $check -q $home\n";
open my $out, '>', "$dir/steps" or die "$dir/steps: $!";
print $out $steps;
close $out;
my $output = `unshare -m sh $dir/steps 2>&1`;
is($? >> 8, 0, 'all steps were taken') or diag $output;
my %said = $output =~ /^== (.*)\n((?:(?!== ).*\n)*)/mg;

sub none_but_notes { my ($text) = @_; return join "\n", grep { !/^note: / } split /\n/, $text // 'nothing was run' }
is(none_but_notes($said{$_}), '', "clean: $_") for 'fresh', 'fresh, for nobody', 'stock', 'stock, for nobody', 'mended';
is($said{stock}, '', 'of a stock home, not even a note');
like($said{'fresh, for nobody'}, qr{^note: queue: not checked: this user may not look into it}m, 'nobody is told what was not checked');
like($said{'no new privileges'}, qr{^warning: bin/qmail-queue: no_new_privs is set here}m, 'no_new_privs');
for my $i (0 .. $#rows) {
	my ($name, $finding, $never) = @{ $rows[$i] }[ 0, 3, 4 ];
	if ($never) { unlike($said{"row $i"}, $never, $name) }
	elsif ($finding) { like($said{"row $i"}, $finding, $name) }
	else { is($said{"row $i"}, '', $name) }
}
done_testing();
