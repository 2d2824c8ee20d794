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

# --- a syslog that is away, or does not keep up ---------------------------------------------------------------------

my $many = join '', map { "line $_ " . 'z' x 90 . "\n" } 1 .. 3000;
my $lost = qr/^warning: splogger: entries lost while syslog took none: (\d+)$/;

# A splogger that goes on reading: its pid, and the end of its descriptor 0 that is written to.
sub running {
	pipe my $in, my $to or die;
	$to->autoflush(1);
	my $pid = start_program([ '/usr/bin/unshare', '-m', '/bin/sh', '-c', "mount --bind $dir/dev /dev && exec \"\$@\"", 'sh', program('splogger') ], fds => { 0 => $in });
	return ($pid, $to);
}

# The texts that arrive until one of them is `last`.
sub texts_until {
	my ($last) = @_;
	my @texts;
	$log->blocking(0);
	wait_until(sub {
		while (defined recv $log, my $entry, 65536, 0) { push @texts, $entry =~ /: \d+\.\d{6} (.*)\z/s }
		return @texts && $texts[-1] eq $last;
	}) or diag "no '$last'";
	return @texts;
}

# Nobody reads: it reads on, and what was not taken is counted when there is room again.  The pipe and its own
# buffer hold less than a half of these lines, so that some have been lost once all are written.
my ($pid, $to) = running();
print $to $many;
print $to "back\n";
my @texts = texts_until('back');
my ($count) = map { /$lost/ } @texts;
my @lines = grep { /^line / } @texts;
ok $count, "a syslog that is full: lines are lost" or diag scalar @texts;
is @lines + ($count // 0), 3000, '... and counted: ' . @lines . ' are there';
is_deeply \@lines, [ sort { ($a =~ /(\d+)/)[0] <=> ($b =~ /(\d+)/)[0] } @lines ], '... in their order';

# It is away: started anew, at another inode, as syslogs are.
close $log;
unlink "$dir/dev/log";
print $to $many;
socket $log, AF_UNIX, SOCK_DGRAM, 0 or die;
setsockopt $log, SOL_SOCKET, SO_RCVBUF, 1 << 22;
bind $log, sockaddr_un("$dir/dev/log") or die "bind: $!";
print $to "here\n";
@texts = texts_until('here');
($count) = map { /$lost/ } @texts;
@lines = grep { /^line / } @texts;
ok $count, 'a syslog that is away: lines are lost';
is @lines + ($count // 0), 3000, '... and counted';
close $to;
is join(' ', finish_program($pid)), '0 0', 'it ends as ever';

# Away for good.
close $log;
unlink "$dir/dev/log";
$run = run_program([ '/usr/bin/unshare', '-m', '/bin/sh', '-c', "mount --bind $dir/dev /dev && exec \"\$@\"", 'sh', program('splogger') ], in => $many);
is "$run->{exit} $run->{err}", "0 splogger: warning: syslog took no more entries\n", 'no syslog at all: all is read, and the end is the usual one';
done_testing;
