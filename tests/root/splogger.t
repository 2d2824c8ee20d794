#!/usr/bin/perl
# splogger hands lines to syslog (queue 4.6): to a /dev/log of its own, in a mount namespace.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Socket;
use Test::More;

plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no mount namespaces here' if system('unshare -m true 2>/dev/null') != 0;

my $dir = temp_dir();
mkdir "$dir/dev";
socket my $log, AF_UNIX, SOCK_DGRAM, 0 or die;
bind $log, sockaddr_un("$dir/dev/log") or die "bind: $!";
setsockopt $log, SOL_SOCKET, SO_RCVBUF, 1 << 20;
system 'mknod', '-m', '666', "$dir/dev/null", 'c', 1, 3;

# The entries that were made of these lines: [ facility, priority, tag, stamp, ' ' or '+', text ].
sub entries {
	my ($in, @args) = @_;
	my $run = run_program([ '/usr/bin/unshare', '-m', '/bin/sh', '-c', "mount --bind $dir/dev /dev && exec \"\$@\"", 'sh', program('splogger'), @args ], in => $in);
	my @entries;
	$log->blocking(0);
	while (defined recv $log, my $entry, 65536, 0) {
		my ($number, $tag, $stamp, $mark, $text) = $entry =~ /\A<(\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d (.*?): (\d+\.\d{6})([ +])(.*)\0?\z/s or next push @entries, [$entry];
		push @entries, [ $number >> 3, $number & 7, $tag, $stamp, $mark, $text ];
	}
	return ($run, @entries);
}

sub plain { return map { [ @$_[ 0, 1, 2, 4, 5 ] ] } @_ }

my ($run, @got) = entries("one\n\nwarning: two\nalert: three\n warning: four\nWarning: five\nlast");
is $run->{exit}, 0, 'exit 0 at the end' or diag $run->{err};
is_deeply [ plain(@got) ], [
	[ 2, 6, 'splogger', ' ', 'one' ], [ 2, 4, 'splogger', ' ', 'warning: two' ], [ 2, 1, 'splogger', ' ', 'alert: three' ],
	[ 2, 6, 'splogger', ' ', ' warning: four' ], [ 2, 6, 'splogger', ' ', 'Warning: five' ], [ 2, 6, 'splogger', ' ', 'last' ] ],
  'facility, priority, tag; no empty line; the last line without an end';
cmp_ok abs($got[0][3] - time), '<', 86_400, 'the time' if @got;

($run, @got) = entries("a\tb\xe4%s%n\n", 'qmail');
is_deeply [ plain(@got) ], [ [ 2, 6, 'qmail', ' ', 'a?b?%s%n' ] ], 'only printable text, and no format';
($run, @got) = entries("x\n", 'qmail', 16);
is_deeply [ plain(@got) ], [ [ 16, 6, 'qmail', ' ', 'x' ] ], 'another facility';

my $long = 'warning: ' . join '', map { chr(97 + $_ % 26) } 1 .. 2000;
($run, @got) = entries("$long\nshort\n" . 'y' x 799 . "\n");
is_deeply [ plain(@got) ], [
	[ 2, 4, 'splogger', ' ', substr $long, 0, 799 ], [ 2, 4, 'splogger', '+', substr $long, 799, 799 ], [ 2, 4, 'splogger', '+', substr $long, 1598 ],
	[ 2, 6, 'splogger', ' ', 'short' ], [ 2, 6, 'splogger', ' ', 'y' x 799 ] ], 'a long line in pieces';
is $got[1][3], $got[0][3], 'which have one time';

for my $facility ('mail', '-1', '', '128') {
	($run, @got) = entries("x\n", 'qmail', $facility);
	is $run->{exit}, 100, "no facility '$facility'";
	is @got, 0, 'and nothing logged';
}
done_testing;
