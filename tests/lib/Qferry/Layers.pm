# Qferry::Layers - a shell script as root over this machine's /usr, /etc, /var and /home, none of which it changes: layers
# (overlayfs) in a mount namespace of its own, with its own processes and its own loopback, so that every port is free.
#
#   skip_layers();
#   my %part = in_layers("echo '-- install'\ndpkg -i x\n");    # what was said after each "-- NAME"
package Qferry::Layers;
use strict;
use warnings;
use Exporter qw(import);
use File::Temp qw(tempdir);
use Test::More ();

our @EXPORT = qw(skip_layers layers_dir in_layers);

my $dir;

# A directory that the script sees, too; what is put there before in_layers() can be read.
sub layers_dir {
	if (!$dir) {
		$dir = tempdir('layers.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
		chmod 0755, $dir;
	}
	return $dir;
}

sub skip_layers {
	my (@tools) = @_;
	Test::More::plan(skip_all => 'needs root') if $> != 0;
	Test::More::plan(skip_all => 'no QFERRY_BUILD') unless $ENV{QFERRY_BUILD};
	for my $tool (@tools, 'ip') {
		Test::More::plan(skip_all => "no $tool here") if system("command -v $tool >/dev/null 2>&1") != 0;
	}
	Test::More::plan(skip_all => 'no layers (overlayfs) or namespaces here') if in_layers("true\n") && $? != 0;
}

# "echo '-- NAME'" begins a part.  $? is the script's.
sub in_layers {
	my ($script) = @_;
	my $at = layers_dir();
	open my $out, '>', "$at/steps" or die "$at/steps: $!\n";
	print $out <<"SH";
set -e
exec 2>&1
umask 022
mount --make-rprivate /
mkdir -p $at/layers
mount -t tmpfs tmpfs $at/layers
for d in usr etc home var; do
	mkdir -p $at/layers/\$d/up $at/layers/\$d/work
	mount -t overlay overlay -o lowerdir=/\$d,upperdir=$at/layers/\$d/up,workdir=$at/layers/\$d/work /\$d
done
for d in usr etc home var; do [ "\$(stat -f -c %T /\$d)" = overlayfs ]; done
mount -t proc proc /proc
ip link set lo up
rm -rf /var/qmail
sed -i -e '/^alias:/d; /^qmail/d; /^nofiles/d' /etc/passwd /etc/group /etc/shadow /etc/gshadow
export LC_ALL=C
cd /
$script
SH
	close $out;
	my $said = `unshare -m -n -p -f --kill-child sh $at/steps </dev/null`;
	my %part = ('' => $said, $said =~ /^-- (.*)\n((?:(?!-- ).*\n)*)/mg);
	return %part;
}

1;
