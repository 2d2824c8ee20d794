#!/usr/bin/perl
# dropin by root: owners and set-id bits before the rename, groups of the helpers, whose numbers are compiled in, who may
# read the key and the secrets.  Over layers of this machine.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Home;
use Qferry::Layers;

my $top = abs_path("$FindBin::Bin/../..");
skip_layers(qw(setpriv groupadd useradd svscan svstat multilog));

my $dir = layers_dir();
foreign_home("$dir/home", 'netqmail');
fake_build("$dir/build");

my %part = in_layers(<<"SH");
h=/var/qmail
state() { find \$h -path \$h/queue -prune -o -printf '%p %u:%g %m\\n' | sort; }
dropin() { $top/setup/dropin \$h $dir/build "\$@"; }
undo() { $top/setup/dropin-undo \$h; }
groupadd --system qmail; groupadd --system nofiles; groupadd --system vchkpw
for u in alias qmaild qmaill qmailp; do useradd --system -M -g nofiles -d \$h \$u; done
for u in qmailq qmailr qmails; do useradd --system -M -g qmail -d \$h \$u; done
useradd --system -M -g vchkpw -d /nonexistent vpopmail
cp -a $dir/home \$h
chown -R root:qmail \$h
chown -R qmailq:qmail \$h/queue
chown qmails:qmail \$h/queue/lock/sendmutex
chown qmailr:qmail \$h/queue/lock/tcpto
chown qmailq:qmail \$h/bin/qmail-queue
chmod 04711 \$h/bin/qmail-queue
chmod 0755 \$h
cat >\$h/smtpd-run <<END
#!/bin/sh
exec tcpserver -u "\\\$(id -u vpopmail)" -g "\\\$(id -g vpopmail)" 0 25 \$h/bin/qmail-smtpd
END
export RUN_SCRIPTS=\$h/smtpd-run
set +e
state >/var/before
echo '-- whole'
dropin qmail-smtpd qmail-queue qmail-remote qmail-authcdb qmail-passwd qmail-oauth; echo "status \$?"
state
cat \$h/control/helperusers
ls \$h/bin/.*.new 2>/dev/null
echo '-- undo'
undo; echo "status \$?"
state >/var/after
diff /var/before /var/after && echo same
getent group qmailt
echo '-- key'
install -o root -g root -m 0600 /dev/null \$h/control/servercert.pem
dropin qmail-smtpd; echo "status \$?"
chgrp qmailt \$h/control/servercert.pem; chmod 0640 \$h/control/servercert.pem
dropin qmail-smtpd; echo "qmailt: status \$?"
undo >/dev/null
chown vpopmail \$h/control/servercert.pem; chmod 0400 \$h/control/servercert.pem
dropin qmail-smtpd; echo "vpopmail: status \$?"
undo >/dev/null
rm \$h/control/servercert.pem
echo '-- secret'
echo ':relay.example:587 user password' >\$h/control/smtproutes
chmod 0600 \$h/control/smtproutes
dropin qmail-remote; echo "status \$?"
chgrp qmail \$h/control/smtproutes; chmod 0640 \$h/control/smtproutes
dropin qmail-remote >/dev/null; echo "qmail: status \$?"
undo >/dev/null
echo '-- other numbers'
chown 4711 \$h/bin/qmail-queue
dropin qmail-queue; echo "status \$?"
chown qmailq \$h/bin/qmail-queue; chmod 04711 \$h/bin/qmail-queue
chown 4712 \$h/queue/lock/sendmutex
dropin qmail-queue; echo "status \$?"
chown qmails \$h/queue/lock/sendmutex
echo '-- no account'
sed -i /^qmaill:/d /etc/passwd
dropin qmail-queue; echo "status \$?"
useradd --system -M -g nofiles qmaill
echo '-- known to the name service only'
mkdir -p /var/shim
cat >/var/shim/id <<'END'
#!/bin/sh
[ "\$*" != '-u qmaild' ] || { echo 4242; exit 0; }
exec /usr/bin/id "\$@"
END
chmod 755 /var/shim/id
sed -i /^qmaild:/d /etc/passwd
PATH=/var/shim:\$PATH dropin qmail-queue; echo "status \$?"
cat \$h/users/ids
PATH=/var/shim:\$PATH undo >/dev/null
ls \$h/users
SH

my $all = $part{''};
sub said { my ($name, $pattern, $test) = @_; return like($part{$name} // '', $pattern, $test) || diag $part{$name} // $all }
sub lines { my ($name, @lines) = @_; said($name, qr/^\Q$_\E$/m, "$name: $_") for @lines }

lines('whole', 'status 0', '/var/qmail/bin/qmail-queue qmailq:qmail 4711', '/var/qmail/bin/qmail-smtpd root:qmail 755', '/var/qmail/bin/qmail-tls root:qmailt 2711',
	'/var/qmail/bin/qmail-state root:qmailk 2711', '/var/qmail/bin/qmail-rcpt root:qmail 755', '/var/qmail/bin/qmail-passwd root:qmail 700', '/var/qmail/bin/qmail-authcdb root:qmaila 2711', '/var/qmail/state/db root:qmailk 2770',
	'/var/qmail/state/oauth qmailo:qmail 2750', '/var/qmail/bin/.before-qferry/qmail-queue qmailq:qmail 4711', 'vpopmail');
unlike($part{whole}, qr/\.new$/m, 'nothing is left half done');
lines('undo', 'status 0', 'same');
said('undo', qr/^qmailt:x:\d+:$/m, 'the groups stay');
said('key', qr/servercert\.pem can be read neither by vpopmail.*nothing was changed\nstatus 1$/ms, 'a key that neither vpopmail nor qmail-tls can read');
lines('key', 'qmailt: status 0', 'vpopmail: status 0');
said('secret', qr/smtproutes cannot be read by qmailr.*nothing was changed\nstatus 1$/ms, 'a secret that qmailr cannot read');
lines('secret', 'qmail: status 0');
said('other numbers', qr/qmail-queue belongs to uid 4711, and qmailq is \d+.*status 1\n.*sendmutex belongs to uid 4712.*status 1$/ms, 'users that are compiled in');
said('no account', qr/there is no user qmaill.*status 1/s, 'an account that is missing');
said('known to the name service only', qr/wrote users\/ids.*status 0\n.*^qmaild:4242$/ms, 'accounts that are not in /etc/passwd are written down');
unlike($part{'known to the name service only'}, qr/^ids$/m, '... until it is undone');

done_testing();
