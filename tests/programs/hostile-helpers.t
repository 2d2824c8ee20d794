#!/usr/bin/perl
# qmail-smtpd and helpers that answer rubbish: wrong ids, cut frames, frames without end, descriptors that nobody wants
# (DESIGN 9; doc/hostile-input).  Each is worth as much as a helper that is not there: the replies are the same.
# QFERRY_LONG=1 waits for those that hang where that takes long.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Hostile;
use Qferry::Test;
use Test::More;

$SIG{PIPE} = 'IGNORE';

# The helper: for each request it does what $EVIL says.  It runs without the caller's limit of memory, but only
# for as long as the test.
my $HELPER = <<'END';
use Socket;
alarm 60;
open my $s, '+<&=', 0 or die;
my $do = $ENV{EVIL};
sub frame { my ($kind, $id, $status, $fds, $fields, $version) = @_;
	return pack 'a2CCNNCCn', 'QF', $version // 1, $kind, $id, 0, $status, $fds, 0 }
sub field { my ($tag, $octets) = @_; return pack 'nn/a*', $tag, $octets }
sub send_it { send $s, $_[0], 0 or exit }
# sendmsg(2) with descriptors, by hand: perl has none.
sub send_descriptors { my ($octets, $count) = @_;
	my $rights = pack 'QllN0l*', 16 + 4 * $count, 1, 1, (2) x $count;
	my $iov = pack 'PQ', $octets, length $octets;
	my $message = pack 'QLx4PQPQlx4', 0, 0, $iov, 1, $rights, length($rights), 0;
	syscall(46, 0, $message, 0) >= 0 or die "sendmsg: $!";
}
exit 0 if $do eq 'gone';
exit 111 if $do eq 'trouble';
sleep 60 if $do eq 'deaf';
if ($do eq 'eager') { send_it(frame(16, 1, 0, 0)) for 1 .. 100_000 }
while (defined recv $s, my $request, 70_000, 0) {
	last if length $request < 16;
	my (undef, undef, $kind, $id) = unpack 'a2CCN', $request;
	my $head = sub { frame($kind, $id, $_[0] // 0, $_[1] // 0) };
	my $all = { 16 => field(17, "\0" x 40), 64 => field(65, "\xff" x 40), 80 => field(81, "\xff"), 81 => field(84, "\xff"), 32 => field(1, 'x') }->{$kind} || '';
	if    ($do eq 'close')     { exit 0 }
	elsif ($do eq 'crash')     { kill 'SEGV', $$ }
	elsif ($do eq 'hang')      { sleep 60 }
	elsif ($do eq 'empty')     { send_it('') }
	elsif ($do eq 'short')     { send_it(substr $head->(), 0, 15) }
	elsif ($do eq 'magic')     { send_it('XX' . substr $head->(), 2) }
	elsif ($do eq 'version')   { send_it(frame($kind, $id, 0, 0, '', 2)) }
	elsif ($do eq 'kind')      { send_it(frame($kind + 1, $id, 0, 0) . $all) }
	elsif ($do eq 'next id')   { send_it(frame($kind, $id + 1, 0, 0) . $all) }
	elsif ($do eq 'far id')    { send_it(frame($kind, $id + 0x7fffffff, 0, 0) . $all) }
	elsif ($do eq 'old ids')   { send_it(frame($kind, $id - $_ & 0xffffffff, 0, 0) . $all) for 1 .. 100_000 }
	elsif ($do eq 'no fields') { send_it($head->()) }
	elsif ($do eq 'cut field') { send_it($head->() . substr $all, 0, -1) }
	elsif ($do eq 'long field') { send_it($head->() . pack 'nn', 81, 65535) }
	elsif ($do eq 'wild')      { send_it($head->() . $all) }
	elsif ($do eq 'many')      { send_it($head->() . field(1, "x\r\n250 ok\0") x 4000) }
	elsif ($do eq 'large')     { send_it($head->() . "\0\0\xff\xfb" . 'x' x 65_531 . 'y' x 100) }
	elsif ($do eq 'status')    { send_it($head->(9) . $all) }
	elsif ($do eq 'unsupported') { send_it($head->(4)) }
	elsif ($do eq 'malformed') { send_it($head->(3)) }
	elsif ($do eq 'later')     { send_it($head->(2) . field(1, "later\r\n250 ok\xff" . 'z' x 3000)) }
	elsif ($do eq 'said fds')  { send_it($head->(0, 4) . $all) }
	elsif ($do eq 'nine fds')  { send_it($head->(0, 9) . $all) }
	elsif ($do eq 'hidden fds') { send_descriptors($head->() . $all, 2) }
	elsif ($do eq 'five fds')  { send_descriptors($head->(0, 4) . $all, 5) }
	elsif ($do eq 'many fds')  { send_descriptors($head->(0, 4) . $all, 200) }
	elsif ($do eq 'noise')     { send_it($head->() . join '', map { chr int rand 256 } 1 .. 500) for 1 .. 100 }
	elsif ($do eq 'talks on')  { send_it(frame($kind, $id + $_, 2, 0)) for 0 .. 50_000 }
}
END

my @evil = ('gone', 'trouble', 'deaf', 'eager', 'close', 'crash', 'hang', 'empty', 'short', 'magic', 'version', 'kind', 'next id', 'far id',
	'old ids', 'no fields', 'cut field', 'long field', 'wild', 'many', 'large', 'status', 'unsupported', 'malformed', 'later',
	'said fds', 'nine fds', 'hidden fds', 'five fds', 'many fds', 'noise', 'talks on');

sub home_with {
	my ($helper, %controls) = @_;
	my $home = instance(me => "mx.example.net\n", rcpthosts => "example.net\n", limits => "helper_start_ms:400\nchkuser_delay_ms:1\n", %controls);
	unlink "$home/bin";
	mkdir "$home/bin";
	if (defined $helper) {
		spit("$home/helper.pl", $HELPER);
		spit("$home/bin/$helper", "#!/bin/sh\nulimit -S -v unlimited\nexec $^X $home/helper.pl\n", 0755);
	}
	return $home;
}

# The codes of the replies to a message, and what was wrong with the session.
sub converse {
	my ($home, $do, $commands, %env) = @_;
	my $s = session($home, env => { EVIL => $do, %env });
	say_it($s, join '', @$commands);
	hang_up($s, 'half');
	my @codes = hear($s) =~ /^(\d+) /mg;
	return (join(' ', @codes), problems_of($s), $s);
}

my @mail = ("EHLO c\r\n", "MAIL FROM:<a\@sender.example>\r\n", "RCPT TO:<x\@example.net>\r\n", "RCPT TO:<y\@example.net>\r\n",
	"DATA\r\nx\r\n.\r\n", "MAIL FROM:<a\@sender.example>\r\n", "QUIT\r\n");

for my $case (
	[ 'qmail-rcpt',  { realrcptto => "1\n" }, {} ],
	[ 'qmail-rcpt',  {}, { CHKUSER_START => 'ALWAYS' } ],
	[ 'qmail-state', { greylist => "1\n", ratenetwork => "1\n" }, {} ],
	[ 'qmail-dns',   {}, { MFDNSCHECK => '-' } ],
	[ 'qmail-dns',   { dnsbllist => "dnsbl.example\n", spfbehavior => "3\n" }, {} ],
) {
	my ($helper, $controls, $env) = @$case;
	my $what = join ' ', $helper, sort keys %$controls, keys %$env;
	my ($without, $problems) = converse(home_with(undef, %$controls), 'none', \@mail, %$env);
	is $problems, '', "$what: without a helper the session is well ($without)";
	my %wrong;
	for my $do (@evil) {
		next if $helper eq 'qmail-dns' && $do =~ /^(?:deaf|hang)$/ && !is_long(); # the DNS has 20 seconds
		my $home = home_with($helper, %$controls);
		my ($codes, $problems, $s) = converse($home, $do, \@mail, %$env);
		my $stored = stored_messages($home);
		my @wrong = grep { $_ ne '' } $problems, $codes eq $without ? '' : "$codes, not $without",
		  $stored == (() = $s->{out} =~ /^250 ok \d+ qp/mg) ? '' : "$stored messages";
		$wrong{$do} = join '; ', @wrong if @wrong;
	}
	is_deeply \%wrong, {}, "$what: as if there were none";
}

# --- qmail-tls: not ready is 454, and the session goes on in clear; what fails later is the end, not a word in clear ---

{
	my %wrong;
	for my $do (@evil) {
		my $home = home_with('qmail-tls', 'servercert.pem' => "x\n", timeoutsmtpd => "2\n");
		my $s = session($home, env => { EVIL => $do });
		hear($s, qr/^220 .*\n/);
		say_it($s, "EHLO c\r\nSTARTTLS\r\n");
		my $said = hear($s, qr/^(?:454|220) [^\n]*\n/m);
		if ($said =~ /^454 /m) {
			say_it($s, "NOOP\r\nQUIT\r\n");
			my $problems = problems_of($s, exit => 0, says => qr/^250 ok\r\n221 /m);
			$wrong{$do} = $problems if $problems ne '';
		} else {
			say_it($s, "NOOP\r\nQUIT\r\n");
			hear($s);
			$s->{out} =~ s/^220 ready for tls\r\n\K(.*)//ms;
			my $problems = problems_of($s, exit => 1, reason => '(?:tls|eof|timeout|read-error|write-error)');
			$wrong{$do} = join '; ', $problems, $1 if $problems ne '' || $1 ne '';
		}
	}
	is_deeply \%wrong, {}, 'qmail-tls: 454, or the end without a word';
}

done_testing;
