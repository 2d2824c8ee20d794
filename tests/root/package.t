#!/usr/bin/perl
# The Debian package, made of the programs that are tested: installed, used, upgraded, removed and purged by the real
# dpkg, over layers that keep this machine's /usr, /etc and /var as they are.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Layers;

my $top = abs_path("$FindBin::Bin/../..");
skip_layers(qw(dpkg-buildpackage dh tcprules));
my $dir = layers_dir();

# --- the package ---------------------------------------------------------------------------------------------------------

my $built = `mkdir $dir/src && cd $top && tar cf - --exclude=./build --exclude=./.git . | tar xf - -C $dir/src &&
    cd $dir/src && LC_ALL=C PREBUILT=$ENV{QFERRY_BUILD} DPKG_DEB_COMPRESSOR_TYPE=none DEB_BUILD_OPTIONS="noautodbgsym nostrip" dpkg-buildpackage -b -us -uc -d 2>&1`;
my ($package) = glob "$dir/qferry_*.deb";
ok($package, 'dpkg-buildpackage makes a package') or do { diag substr $built, -4000; done_testing(); exit };

my %is;
for (`dpkg -c $package`) {
	my ($mode, $owner, $path) = (split ' ')[ 0, 1, 5 ];
	$is{ $path =~ s/^\.//r } = "$mode $owner";
}
like($is{"/var/qmail/bin/$_"} // '', qr{^-rw.-?x?--x root/root|^-rwx(?:r-x|--x|---)(?:r-x|--x|---) root/root}, "$_ is in it, not set-id yet") for map { s{.*/}{}r } glob "$ENV{QFERRY_BUILD}/bin/*";
for my $page (map { s{.*/}{}r } glob "$top/man/*") {
	my ($section) = $page =~ /(\d)$/;
	ok($is{"/usr/share/man/man$section/${page}qferry.gz"}, "the manual $page, under a name of its own");
}
ok($is{"/lib/systemd/system/$_.service"}, "the unit $_") for split ' ', `$top/setup/make-services list`;
is(join(' ', grep { m{^/(?!usr/share/(?:qferry|doc/qferry|man|lintian)|lib/systemd/system|var/qmail/bin/|(?:[a-z]+/)*$)} && !m{/$} } sort keys %is), '', 'nothing anywhere else');
my $fields = `dpkg -f $package`;
unlike($fields, qr/^(?:Provides|Conflicts|Replaces|Breaks):/m, 'it puts no other mail server out');

# --- its life -----------------------------------------------------------------------------------------------------------

my $steps = <<"SH";
cp $dir/package.deb /etc/package.deb
export DEBIAN_FRONTEND=noninteractive
echo mx.example.org >/etc/mailname
state() { find /var/qmail -path /var/qmail/queue/mess -prune -o -printf '%p %u:%g %m\\n'; }
echo "-- install"
dpkg --force-depends -i /etc/package.deb
echo "status \$?"
state
cat /var/qmail/control/me /var/qmail/users/ids
ls /etc/systemd/system/multi-user.target.wants
echo "-- use"
env - PATH=/var/qmail/bin:/usr/bin:/bin qmail-start ./Maildir/ >/var/log.send 2>&1 &
printf 'To: postmaster\\nSubject: packed\\n\\nbody\\n' | /var/qmail/bin/qmail-inject
i=0
while [ -z "\$(ls /var/qmail/alias/Maildir/new)" ] && [ \$i -lt 600 ]; do i=\$((i + 1)); sleep 0.1; done
cat /var/qmail/alias/Maildir/new/*
kill \$!
wait \$! || :
echo "-- upgrade"
echo kept.example >>/var/qmail/control/rcpthosts
dpkg --force-depends -i /etc/package.deb
cat /var/qmail/control/rcpthosts
state
echo "-- remove"
printf 'To: postmaster\\n\\nleft\\n' | /var/qmail/bin/qmail-inject
dpkg -r qferry
state
echo "-- purge with mail"
dpkg -P qferry
state
dpkg-statoverride --list '/var/qmail/*' || :
echo "-- again, and purge without mail"
dpkg --force-depends -i /etc/package.deb >/dev/null
find /var/qmail/queue/mess /var/qmail/queue/todo /var/qmail/queue/intd /var/qmail/alias/Maildir -type f -exec rm {} +
dpkg -P qferry
ls -d /var/qmail || :
echo "-- another qmail"
mkdir -p /var/qmail/bin
echo theirs >/var/qmail/bin/qmail-queue
dpkg --force-depends -i /etc/package.deb || echo "status \$?"
cat /var/qmail/bin/qmail-queue
SH
rename $package, "$dir/package.deb";
my %part = in_layers($steps);

sub has { my ($part, $line, $name) = @_; like($part{$part} // '', qr/^\Q$line\E$/m, $name // "$part: $line") }

has('install', 'status 0', 'it installs');
for my $part ('install', 'upgrade') {
	has($part, "/var/qmail/$_") for 'bin/qmail-queue qmailq:qmail 4711', 'bin/qmail-tls root:qmailt 2711', 'bin/qmail-state root:qmailk 2711',
	  'bin/qmail-authcdb root:qmaila 2711', 'bin/qmail-lspawn root:root 700', 'queue qmailq:qmail 750', 'queue/lock/trigger qmails:qmail 622', 'run/tls qmailt:root 755',
	  'state/db root:qmailk 2770', 'alias/.qmail-postmaster alias:qmail 644', 'supervise/qmail-smtpd/run root:root 755', 'control/tcp.smtp.cdb root:root 644';
}
has('install', 'mx.example.org', 'the host name is that of /etc/mailname');
like($part{install}, qr/^qmaild:\d+$/m, 'users/ids is written');
unlike($part{install}, qr/^qmail-\w+\.service$/m, 'no service is switched on');
like($part{use} // '', qr/^Subject: packed$/m, 'a message is delivered') or diag $part{''};
has('upgrade', 'kept.example', "the admin's files stay");
unlike($part{remove}, qr{^/var/qmail/bin/qmail-queue}m, 'removed: the programs are gone');
has('remove', '/var/qmail/control/me root:root 644', '... the settings stay');
like($part{'purge with mail'}, qr{there is mail in /var/qmail/queue; /var/qmail is left as it is}, 'purged with mail in the queue: it says so');
like($part{'purge with mail'}, qr{^/var/qmail/queue/todo/\d+ }m, '... and leaves it');
unlike($part{'purge with mail'}, qr{^qmailq qmail 4711}m, '... without an override');
like($part{'again, and purge without mail'}, qr{cannot access '/var/qmail'}, 'purged without mail: nothing is left');
like($part{'another qmail'}, qr/there is a qmail in \/var\/qmail.*^status 1\ntheirs$/ms, 'another qmail is not overwritten');

done_testing();
