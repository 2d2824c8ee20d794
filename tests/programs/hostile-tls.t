#!/usr/bin/perl
# qmail-smtpd and qmail-tls, and clients that mean no good within TLS: gone or reset after some octets, noise
# instead of a handshake, slow, deaf, without measure (inbound 2, 4.1; doc/hostile-input).
# QFERRY_LONG=1 cuts a session at many more places.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use IO::Socket::INET;
use Qferry::Hostile;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

$SIG{PIPE} = 'IGNORE';
plan skip_all => 'no openssl program' if system('openssl version >/dev/null 2>&1');
plan skip_all => 'qmail-tls is not built' unless -x program('qmail-tls');

my $certs = temp_dir();
self_signed($certs, 'mx', alt => 'DNS:mx.example.net');
my ($front, $back) = (listen_local(), listen_local());

sub tls_home {
	return instance(me => "mx.example.net\n", rcpthosts => "example.net\n", 'servercert.pem' => pem($certs, 'mx.key', 'mx.crt'), @_);
}

# Octets of one side to the other, `most` at most; what has come so far is counted in $$count.
sub forward {
	my ($from, $to, $count, $most) = @_;
	my $got = sysread $from, my $octets, 16_384;
	return 0 unless $got;
	$octets = substr $octets, 0, $most - $$count if defined $most && $$count + $got > $most;
	$$count += length $octets;
	my $at = 0;
	while ($at < length $octets) {
		my $put = syswrite $to, $octets, length($octets) - $at, $at or return 0;
		$at += $put;
	}
	return !defined $most || $$count < $most;
}

# The most memory that the session's helpers have had, by name.
sub note_peaks {
	my ($s) = @_;
	for my $pid (split ' ', slurp("/proc/$s->{pid}/task/$s->{pid}/children") // '') {
		my ($name, $peak) = (slurp("/proc/$pid/status") // '') =~ /^Name:\t(\S+)\n.*^VmHWM:\s+(\d+) kB/ms or next;
		$s->{peaks}{$name} = $peak;
	}
}

# A client of OpenSSL's that says `in` in TLS; after `most` of its octets it is gone, as `how` says.  Returns the
# session, what the client printed, how many octets it sent.
sub talk {
	my ($home, $in, %with) = @_;
	my $dir = temp_dir();
	spit("$dir/in", $in);
	open my $from, '<', "$dir/in" or die;
	open my $out, '>', "$dir/out" or die;
	my $client = start_program([ '/usr/bin/openssl', 's_client', '-quiet', '-connect', '127.0.0.1:' . $front->sockport,
			'-starttls', 'smtp', '-ign_eof' ], fds => { 0 => $from, 1 => $out });
	my $near = $front->accept or die "accept: $!";
	my $far = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $back->sockport) or die "connect: $@";
	my $s = session($home, accept => $back, env => $with{env});
	my ($sent, $heard, $rounds, $select) = (0, 0, 0, IO::Select->new($near, $far));
	relay: while (!defined $with{most} || $sent < $with{most}) {
		note_peaks($s) if $with{peaks} && $rounds++ % 50 == 20;
		for my $ready ($select->can_read(30)) {
			last relay unless $ready == $near ? forward($near, $far, \$sent, $with{most}) : forward($far, $near, \$heard);
		}
	}
	$s->{net} = $far;
	hang_up($s, $with{how} || 'close');
	close $near;
	finish_program($client);
	return ($s, slurp("$dir/out"), $sent);
}

my @envelope = ("MAIL FROM:<a\@sender.example>\r\n", "RCPT TO:<x\@example.net>\r\n");
my $mail = join '', "EHLO c\r\n", @envelope, "DATA\r\nSubject: x\r\n\r\nbody\r\n.\r\n", "QUIT\r\n";

# --- gone ---------------------------------------------------------------------------------------

my ($whole, $said, $octets) = talk(tls_home(), $mail);
is problems_of($whole, exit => 0), '', 'a session in TLS';
like $said, qr/^250 ok \d+ qp \d+\r\n221 /m, 'takes a message';

for my $how (qw(close reset)) {
	my (%wrong, $count);
	my $step = is_long() ? 3 : 67;
	for (my $at = 0; $at < $octets; $at += $step) {
		my $home = tls_home();
		my ($s, $said) = talk($home, $mail, most => $at, how => $how);
		my $problems = problems_of($s, cut => 1);
		my $stored = stored_messages($home);
		$problems .= "; $stored messages" if $stored > 1 || ($stored == 0 && $said =~ /^250 ok \d+ qp/m);
		$problems .= '; no acceptance' if $stored && $s->{err} !~ / accept /;
		$wrong{$at} = $problems if $problems ne '';
		$count++;
	}
	is_deeply \%wrong, {}, "a client that is gone ($how) after $count parts of $octets octets";
}

# --- noise --------------------------------------------------------------------------------------

srand 7;
my $noise = join '', map { chr int rand 256 } 1 .. 100_000;
for my $case (
	[ 'noise',                         $noise ],
	[ 'text in clear',                 "EHLO x\r\n" x 20_000 ],
	[ 'NULs',                          "\0" x 200_000 ],
	[ 'a record that is too long',     "\x16\x03\x01\xff\xff" . $noise ],
	[ 'empty records',                 "\x16\x03\x01\0\0" x 20_000 ],
	[ 'alerts',                        "\x15\x03\x01\0\x02\x01\0" x 20_000 ],
	[ 'a hello of 16 MB',              "\x16\x03\x01\x40\0\x01\xff\xff\xff" . "\0" x 16_380 . ("\x16\x03\x01\x40\0" . "\0" x 16_384) x 10 ],
	[ 'a hello of version 2',          "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" . $noise ],
	[ 'application data at once',      "\x17\x03\x03\x10\0" . $noise ],
) {
	my ($name, $octets) = @$case;
	my $s = session(tls_home(), tcp => 1);
	say_it($s, "STARTTLS\r\n");
	hear($s, qr/^220 ready for tls\r\n/m);
	my $clear = length $s->{out};
	say_it($s, $octets);
	hang_up($s, 'half');
	hear($s);
	my $answer = substr $s->{out}, $clear, length $s->{out}, '';
	unlike $answer, qr/^\d\d\d[ -]/m, "$name instead of a handshake: not a word in clear";
	is problems_of($s, exit => 1, reason => 'tls'), '', 'and the end';
}

# --- slow ---------------------------------------------------------------------------------------

{
	my $s = session(tls_home(timeoutsmtpd => "1\n"), tcp => 1);
	say_it($s, "STARTTLS\r\n");
	hear($s, qr/^220 ready for tls\r\n/m);
	ok wait_until(sub { $s->{net} && say_it($s, "\x16"); return !take_log($s) }, 30), 'a handshake that drips is ended';
	$s->{out} =~ s/tls\r\n\K.*//s;
	is problems_of($s, exit => 1, reason => 'tls'), '', 'by us';
}

# --- without measure ----------------------------------------------------------------------------

for my $case (
	[ 'a line of a megabyte',    'x' x 1_000_000 . "\r\nQUIT\r\n",   qr/^500 line too long/m, 0 ],
	[ '10 001 recipients',       join('', $envelope[0], $envelope[1] x 10_001, "DATA\r\nx\r\n.\r\nQUIT\r\n"), qr/^250 ok \d+ qp/m, 1 ],
	[ 'a message of 20 MB',      join('', @envelope, "DATA\r\n", ('x' x 70 . "\r\n") x 280_000, ".\r\nQUIT\r\n"), qr/^250 ok \d+ qp/m, 1 ],
	[ 'more behind QUIT',        join('', "QUIT\r\n", @envelope, "DATA\r\nx\r\n.\r\n"), qr/^221 /m, 0 ],
) {
	my ($name, $in, $reply, $messages) = @$case;
	my $home = tls_home();
	my ($s, $said) = talk($home, $in, peaks => 1);
	is problems_of($s, exit => 0), '', "$name in TLS";
	like $said, $reply, 'is answered';
	is scalar stored_messages($home), $messages, 'and what is stored is what was taken';
	next unless defined(my $peak = $s->{peaks}{'qmail-tls'});
	cmp_ok $peak, '<=', MEMORY_KB, "qmail-tls took $peak KB" unless sanitized('qmail-tls');
}

done_testing;
