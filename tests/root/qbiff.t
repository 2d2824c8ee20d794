#!/usr/bin/perl
# qbiff writes on the user's terminals, and on no other (queue 5.1): utmp and terminals of its own, in a mount
# namespace.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Fcntl qw(O_RDWR O_NOCTTY O_NONBLOCK);
use Qferry::Test;
use Test::More;

plan skip_all => 'needs root' if $> != 0;
for my $tool (qw(unshare setpriv mount)) {
	plan skip_all => "no $tool" if system("command -v $tool >/dev/null") != 0;
}
plan skip_all => 'no mount namespaces here' if system('unshare -m true 2>/dev/null') != 0;

use constant { TIOCGPTN => 0x80045430, TIOCSPTLCK => 0x40045431, TIOCPKT => 0x5420, USER_PROCESS => 7, DEAD_PROCESS => 8, NOBODY => 65534 };
my $dir = temp_dir();
chmod 0755, $dir;

# A terminal: our end, and its name below /dev.
sub terminal {
	my ($mode, $owner) = @_;
	sysopen my $master, '/dev/ptmx', O_RDWR | O_NOCTTY | O_NONBLOCK or plan skip_all => 'no terminals here';
	my ($unlock, $number) = (pack('i', 0), pack('i', 0));
	ioctl $master, TIOCSPTLCK, $unlock or die "unlock: $!";
	ioctl $master, TIOCGPTN, $number or die "number: $!";
	my $name = 'pts/' . unpack 'i', $number;
	chown $owner, -1, "/dev/$name" or die "$name: $!";
	chmod $mode, "/dev/$name";
	return { master => $master, name => $name };
}

sub entry {
	my ($type, $line, $user) = @_;
	return pack 's x2 l a32 a4 a32 a256 s s l l l l4 a20', $type, 1, $line, '', $user, '', (0) x 9, '';
}

sub biff {
	my ($in, $utmp, %env) = @_;
	spit("$dir/utmp", $utmp);
	my $run = run_program([ '/usr/bin/unshare', '-m', '/bin/sh', '-c', "mount -t tmpfs none /run && cp $dir/utmp /run/utmp && exec setpriv --reuid=@{[NOBODY]} --regid=@{[NOBODY]} --clear-groups " . program('qbiff') ],
		in => $in, env => { USER => 'joe', LOCAL => 'joe-x', SENDER => 'ann@a.example', %env });
	is $run->{exit}, 0, 'exit 0' or diag $run->{err};
}

# What came to a terminal.
sub shown {
	my ($terminal) = @_;
	my $got = '';
	while (sysread $terminal->{master}, my $part, 4096) { $got .= $part }
	return $got =~ s/\r+\n/\n/gr; # as the terminal's driver makes it
}

my ($mine, $quiet, $theirs, $away) = (terminal(0700, NOBODY), terminal(0600, NOBODY), terminal(0700, 0), terminal(0700, NOBODY));
my $utmp = join '', entry(USER_PROCESS, $mine->{name}, 'joe'), entry(USER_PROCESS, $quiet->{name}, 'joe'), entry(USER_PROCESS, $theirs->{name}, 'joe'),
  entry(USER_PROCESS, $away->{name}, 'ann'), entry(DEAD_PROCESS, $away->{name}, 'joe'), entry(USER_PROCESS, "/dev/$away->{name}", 'joe'),
  entry(USER_PROCESS, "../dev/$away->{name}", 'joe'), entry(USER_PROCESS, '', 'joe'), entry(USER_PROCESS, 'pts/no', 'joe');

biff("Received: x\nSubject: lunch\n at one\nTo: joe\n\nAt\tone?\n\nAnn\n", $utmp);
is shown($mine), "\n\a*** TO <joe-x> FROM <ann\@a.example>\n    lunch/ at one//At/one?//Ann/\n", 'recipient and sender, subject and beginning';
is shown($_), '', 'nothing elsewhere' for $quiet, $theirs, $away;

biff("Subject: \e]2;evil\a\x9bm\nX: y\n\n" . 'z' x 500, $utmp, SENDER => "a\eb\@c", LOCAL => "\xe4");
my $text = shown($mine);
unlike $text =~ s/\A\n\a//r, qr/[^\x20-\x7e\n]/, 'no byte that a terminal obeys';
like $text, qr/TO <_> FROM <a_b\@c>/, 'nor in addresses';
is length((split /\n/, $text)[2]), 78, 'a line of a terminal';
biff("Subject: s\n", $utmp, SENDER => '');
is shown($mine), "\n\a*** TO <joe-x> FROM <>\n    s/\n", 'a bounce, and a message without a body';
for my $name (qw(USER LOCAL SENDER)) {
	biff("Subject: s\n\n", $utmp, $name => undef);
	is shown($mine), '', "nothing without \$$name";
}
biff("Subject: s\n\n", '');
is shown($mine), '', 'nobody is logged in';
done_testing;
