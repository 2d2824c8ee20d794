# Qferry::Home - homes of other qmails, as far as setup/dropin looks at them: scripts in the place of programs, a
# queue, control files.
#
#   my $home = foreign_home("$dir/home", 'sagredo');
#   my $build = fake_build("$dir/build");
#   my ($status, $output) = run_setup('dropin', $home, $build, 'qmail-smtpd');
package Qferry::Home;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Path qw(make_path);

our @EXPORT = qw(foreign_home fake_build run_setup slurp spew mode shape ours theirs);

my $top = abs_path(dirname(__FILE__) . '/../../..');
my @STOCK = qw(qmail-smtpd qmail-queue qmail-send qmail-clean qmail-start qmail-lspawn qmail-rspawn qmail-local
  qmail-remote qmail-getpw qmail-inject sendmail qmail-newu qmail-newmrh);
my @OURS = qw(qmail-tls qmail-dns qmail-rcpt qmail-state qmail-authcdb qmail-passwd qmail-newrcpt qmail-oauth qmail-sts qmail-try);

# What tells the suites apart: split, is the queue a big-todo one, octets of a delivery number, words in
# qmail-smtpd, programs that others lack.
my %LAYOUT = (
	tiny     => { split => 2,   width => 1, words => '' },
	notqmail => { split => 23,  width => 1, words => '' },
	netqmail => { split => 101, width => 1, words => 'RELAYCLIENT' },
	jms1     => { split => 23,  width => 1, words => 'FORCE_TLS DENY_TLS GREETDELAY' },
	sagredo  => { split => 23,  width => 2, words => 'SMTPD_GREETDELAY BRTLIMIT FORCETLS', big => 1, more => ['qmail-todo'] },
	sqmail   => { split => 23,  width => 1, words => 'HELOCHECK MFDNSCHECK UCSPITLS', big => 1, more => [ 'qmail-todo', 'qmail-authuser' ] },
	indimail => { split => 151, width => 2, words => 'QREGEX', more => ['qmail-multi'] },
);

sub theirs { my ($name) = @_; return "#!/bin/sh\necho theirs $name\n" }
sub ours   { my ($name) = @_; return "#!/bin/sh\necho ours $name\n" }

sub foreign_home {
	my ($home, $kind) = @_;
	my $layout = $LAYOUT{$kind} or die "no such home: $kind\n";
	make_path(map { "$home/$_" } qw(bin control users alias queue/lock));
	spew("$home/bin/$_", theirs($_), 0711) for @STOCK, @{ $layout->{more} || [] };
	spew("$home/bin/qmail-smtpd", theirs('qmail-smtpd') . "# $layout->{words}\n", 0755);
	spew("$home/bin/qmail-$_", "#!/bin/sh\nprintf " . ('x' x $layout->{width}) . "\n", 0711) for qw(lspawn rspawn);
	chmod 0700, "$home/bin/qmail-lspawn";
	chmod 04711, "$home/bin/qmail-queue";
	spew("$home/control/me", "mx.example.org\n");
	make_queue($home, $layout);
	return $home;
}

sub make_queue {
	my ($home, $layout) = @_;
	my @split = (qw(mess info local remote), $layout->{big} ? qw(todo intd) : ());
	make_path(map { my $part = $_; map { "$home/queue/$part/$_" } 0 .. $layout->{split} - 1 } @split);
	make_path(map { "$home/queue/$_" } qw(pid bounce todo intd));
	spew("$home/queue/lock/$_", '', 0600) for qw(sendmutex tcpto);
	system('mkfifo', '-m', '622', "$home/queue/lock/trigger") == 0 or die "mkfifo\n";
}

sub fake_build {
	my ($build) = @_;
	make_path("$build/bin");
	spew("$build/bin/$_", ours($_), 0755) for @STOCK, @OURS;
	# They say what control/spawnwidth says, or else one octet.
	spew("$build/bin/qmail-$_", qq{#!/bin/sh\n# ours\nread w <"\${0%/bin/*}/control/spawnwidth" || w=1\nhead -c "\$w" /dev/zero\n}, 0755) for qw(lspawn rspawn);
	return $build;
}

sub run_setup {
	my ($script, @arguments) = @_;
	my $text = join ' ', map { "'$_'" } "$top/setup/$script", @arguments;
	my $output = `$text 2>&1`;
	return ($? & 127 ? "signal " . ($? & 127) : $? >> 8, $output);
}

sub slurp {
	my ($path) = @_;
	open(my $in, '<', $path) or return;
	local $/;
	return scalar <$in>;
}

sub spew {
	my ($path, $text, $mode) = @_;
	open(my $out, '>', $path) or die "$path: $!";
	print $out $text;
	close $out;
	chmod $mode // 0644, $path;
	return $path;
}

sub mode { return sprintf '%04o', (stat $_[0])[2] & 07777 }

# All of a home but its queue in one text: path, type, mode, owner, what is in it.
sub shape {
	my ($home) = @_;
	my $find = q{find . -path ./queue -prune -o \( -type d -printf '%p d %m %U %G\n' \) -o \( -type l -printf '%p l %l\n' \)} .
	  q{ -o -printf '%p f %m %U %G %s\n'};
	my @lines = sort `cd '$home' && $find`;
	return join '', map { /^(\S+) f / ? $_ . (slurp("$home/$1") // '') : $_ } @lines;
}

1;
