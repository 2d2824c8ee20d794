#!/usr/bin/perl
# Debian's Dovecot asks qmail-authcdb by its checkpassword passdb: one list of users for IMAP and SMTP.
# Root, because Dovecot changes users.
#
# peers: dovecot
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Basename qw(dirname);
use Qferry::Test;
use Test::More;

plan skip_all => 'needs root' if $>;
my $overlay = temp_dir();
mkdir "$overlay/$_" for qw(a b c);
system("unshare -m mount -t overlay overlay -o lowerdir=$overlay/a:$overlay/b $overlay/c 2>/dev/null") == 0
  or plan skip_all => 'overlay mounts in namespaces are not permitted here';
chomp(my $peer = `"$FindBin::Bin/../peers" dovecot 2>/dev/null`);
$peer or plan skip_all => 'the package of Dovecot cannot be had';

# A rootless home, which Dovecot's user must be able to reach.
chmod 0711, map { dirname($_), $_ } $ENV{TMPDIR} if $ENV{TMPDIR} && $ENV{TMPDIR} ne '/tmp';
my $home = instance(me => "mx.example.net\n");
my $dir = temp_dir();
unlink "$home/bin";
mkdir "$home/$_" for qw(bin users);
for my $name (qw(qmail-authcdb qmail-passwd)) {
	system('cp', program($name), "$home/bin/") == 0 or die "cp: $?";
}
chmod 0755, $home, "$home/bin", "$home/users", $dir;
chown 65534, 65534, "$home/users";
for my $user ([ 'joe', 'right horse' ], [ 'ann@example.net', "p\xc3\xa4ss" ]) {
	my $run = run_program([ qw(/usr/bin/setpriv --reuid 65534 --regid 65534 --clear-groups), "$home/bin/qmail-passwd", 'add', $user->[0] ],
		home => $home, in => "$user->[1]\n");
	is($run->{exit}, 0, "qmail-passwd add $user->[0]") or diag $run->{err};
}
# Not set-gid here: it can read what its caller can.
chmod 0644, glob "$home/users/*";

my $run = run_program([ "$FindBin::Bin/../tools/dovecot-auth", $peer, $dir, $home, "$home/bin/qmail-authcdb" ],
	in => "joe right horse\njoe right\nann\@example.net p\xc3\xa4ss\nnobody right\n", env => { %ENV }, limit => 60);
is($run->{exit}, 0, 'dovecot-auth') or diag $run->{err}, slurp("$dir/log");
is($run->{out}, "yes joe\nno joe\nyes ann\@example.net\nno nobody\n", 'the right ones get in, and nobody else') or diag slurp("$dir/log");
done_testing();
