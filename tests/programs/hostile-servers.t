#!/usr/bin/perl
# qmail-remote and its helpers against servers that mean no good, where remote-hostile.t does not look: replies cut
# after every octet, AUTH, STARTTLS and what comes after, QUIT; a DNS server that sends what it likes; a token server
# whose tokens are none; services that end in the middle of a delivery (outbound 2.3, 2.7, 7, 10; doc/hostile-input).
# Every delivery ends, in bounded memory, with one report that is well formed.
# QFERRY_LONG=1 cuts after every octet instead of some.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Qferry::Hostile qw(sanitized is_long MEMORY_KB);
use Qferry::Remote;
use Qferry::Test;
use Qferry::Tls;
use Socket;
use Test::More;

$SIG{PIPE} = 'IGNORE';

# For the program itself; its helpers, which are started by it, need more, and are watched in their own way.
my @bounded = sanitized('qmail-remote') ? () : ('/bin/sh', '-c', 'ulimit -S -v ' . MEMORY_KB . ' && exec "$0" "$@"');

# What is wrong with a report: recipients, then the message, each a text and a NUL.
sub report_problem {
	my ($run) = @_;
	return "signal $run->{signal}" if $run->{signal};
	return "exit $run->{exit}" if $run->{exit} != 0;
	return 'sanitizer' if sanitizer_report($run->{err});
	return 'no report: ' . visible($run->{out}) unless $run->{out} =~ /\A(?:[rhs][^\0\r]*\0)?[KZD][^\0\r]*\n\0\z/;
	return length($run->{out}) . ' octets' if length $run->{out} > 10_500;
	return '';
}

# --- a reply that is cut ---------------------------------------------------------------------------------

my %reply = (greeting => '220 sink ESMTP\r\n', ehlo => '250-sink\r\n250 HELP\r\n', mail => '250 2.1.0 ok\r\n', rcpt => '250 2.1.5 ok\r\n',
	data => '354 go\r\n', dot => '250 2.0.0 ok\r\n', quit => '221 bye\r\n', auth => '235 2.7.0 ok\r\n', starttls => '220 go\r\n');
for my $stage (qw(greeting ehlo starttls auth mail rcpt data dot quit)) {
	my @octets = $reply{$stage} =~ /(\\.|.)/g;
	my @cuts = grep { is_long() || $_ <= 4 || $_ > $#octets - 2 } 0 .. $#octets;
	my @failed;
	for my $at (@cuts) {
		my $cut = join '', @octets[ 0 .. $at - 1 ];
		my $script = ($stage eq 'ehlo' ? '' : $stage eq 'auth' ? "ehlo AUTH PLAIN\n" : $stage eq 'starttls' ? "ehlo STARTTLS\n" : "ehlo HELP\n")
		  . "$stage " . (length $cut ? "raw:$cut close" : 'close') . "\n";
		my $run = remote($script, wrap => \@bounded, $stage eq 'auth' ? (route => ' -joe secret') : ());
		my $problem = report_problem($run);
		# Whoever breaks off at EHLO is asked again with HELO, and at STARTTLS in clear (outbound 2.7, 4.3).
		my $want = $stage =~ /^(?:quit|starttls|ehlo)$/ ? qr/\0?K/ : qr/(?:\A|\0)Z/;
		$problem ||= 'report: ' . visible($run->{out}) unless $run->{out} =~ $want;
		$problem ||= 'the message is there' if $stage !~ /^(?:quit|dot|starttls|ehlo)$/ && glob "$run->{dir}/*.message.*";
		my @messages = glob "$run->{dir}/*.message.*";
		$problem ||= @messages . ' messages' if @messages > 1;
		push @failed, "$stage, cut at $at: $problem" if $problem;
	}
	is(join("\n", @failed), '', "$stage: a reply that is cut, at " . @cuts . ' of ' . @octets . ' places');
}

# --- AUTH, STARTTLS, QUIT -----------------------------------------------------------------------------------

for my $row (
	[ 'challenges without end',     'auth flood:334 eHh4\r\n' ],
	[ 'a challenge of megabytes',   'auth times:160:' . 'A' x 4000 . 'then:raw:\r\n' ],
	[ 'a 334 of 60 KB',             'auth times:1:334 then:times:15:' . 'A' x 4000 . 'then:raw:\r\n' ],
	[ 'NULs without end',           'auth flood:\0' ],
	[ 'a challenge that is none',   'auth 334 ***' ],
	[ 'one where none is due',      'auth 334 eHh4' ],
	[ '150',                        'auth 150 x' ],
	[ '354',                        'auth 354 go' ],
	[ '250',                        'auth 250 ok' ],
	[ '999',                        'auth 999 ok' ],
	[ '235, cut by NUL',            'auth raw:2\05 ok\r\n' ],
	[ 'closes',                     'auth close' ],
	[ 'resets',                     'auth reset' ],
  )
{
	my ($name, $script) = @$row;
	for my $mechanism ('PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256') {
		my $run = remote("ehlo AUTH $mechanism\n$script\n", wrap => \@bounded, route => ' -joe secret');
		is(report_problem($run), '', "AUTH $mechanism: $name: a report");
		like($run->{out}, qr/\AZ/, '... deferred');
		is(scalar(() = glob "$run->{dir}/*.message.*"), 0, '... and no message without a login');
	}
}
for my $row (
	[ 'octets without end',   'starttls times:1:220 go\r\nthen:flood:\x16\x03\x01\xff\xff' ],
	[ 'noise',                'starttls times:1:220 go\r\nthen:flood:x' ],
	[ 'lines without end',    'starttls flood:220-x\r\n' ],
	[ 'a megabyte of a line', 'starttls times:160:' . '2' x 4000 . 'then:raw:\r\n' ],
	[ 'commands',             'starttls raw:220 go\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n' ],
	[ '150',                  'starttls 150 x' ],
	[ '354',                  'starttls 354 go' ],
	[ '250',                  'starttls 250 ok' ],
	[ 'closes',               'starttls close' ],
	[ 'half an alert',        'starttls raw:220 go\r\n\x15\x03\x03 close' ],
  )
{
	my ($name, $script) = @$row;
	for my $level (qw(secure may)) {
		my $run = remote("ehlo STARTTLS\n$script\n", wrap => \@bounded, controls => { tlspolicy => ":$level\n" });
		is(report_problem($run), '', "STARTTLS, level $level: $name: a report");
		my @messages = glob "$run->{dir}/*.message.*";
		cmp_ok(scalar @messages, '<=', $level eq 'may' ? 1 : 0, '... not more messages than may be');
		like($run->{out}, $level eq 'may' && @messages ? qr/\0K/ : qr/\AZ/, '... and so it says');
	}
}
for my $script ('quit hang', 'quit flood:x', 'quit flood:221-x\r\n', 'quit close', 'quit reset', 'quit raw:\0') {
	my $run = remote("$script\n", wrap => \@bounded);
	like($run->{out}, qr/\Ar\0K/, "$script: the report does not wait for it");
	is(report_problem($run), '', '... and is one');
}

# --- behind STARTTLS -----------------------------------------------------------------------------------------

SKIP: {
	skip 'perl has no IO::Socket::SSL, or no openssl', 1
	  if system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") || system('command -v openssl >/dev/null 2>&1');
	my $pki = temp_dir();
	make_authority($pki, 'ca');
	make_certificate($pki, 'good', 'ca', alt => "IP:$P");
	spit("$pki/good.pem", pem($pki, 'good.key', 'good.crt'));
	for my $row (
		[ 'EHLO without end',       'ehlo-tls flood:250-x\r\n' ],
		[ 'a line without end',     'ehlo-tls flood:250' ],
		[ 'NULs',                   'ehlo-tls flood:\0' ],
		[ 'STARTTLS again',         "ehlo-tls STARTTLS\nmail 430 STARTTLS first" ],
		[ 'closes at EHLO',         'ehlo-tls close' ],
		[ 'resets at DATA',         'data reset' ],
		[ 'half a reply to the dot', 'dot raw:250 o close' ],
		[ 'replies before commands', 'ehlo-tls raw:250 x\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n' ],
	  )
	{
		my ($name, $script) = @$row;
		my $run = remote("ehlo STARTTLS\n$script\n", wrap => \@bounded, sink => [ '--cert', "$pki/good.pem" ],
			controls => { tlspolicy => ":secure ca=$pki/ca.crt\n" });
		is(report_problem($run), '', "in TLS: $name: a report");
		like($run->{out}, qr/(?:\A|\0)Z/, '... deferred');
		my @messages = glob "$run->{dir}/*.message.*";
		cmp_ok(scalar @messages, '<=', $script =~ /^dot/ ? 1 : 0, '... and no message that is not due');
	}

	# --- services that end -------------------------------------------------------------------------------

	# A qmail-remote whose helpers are services has given up to start any itself.
	my $start = sub {
		my ($home, $service, @argv) = @_;
		mkdir "$home/run" unless -d "$home/run";
		mkdir "$home/run/$service";
		open my $err, '>>', "$home/services.log" or die;
		my $pid = start_program(\@argv, home => $home, fds => { 2 => $err });
		wait_until(sub { -S "$home/run/$service/sock" });
		return $pid;
	};
	for my $row ([ 'tlsc', 'secure', qr/\AZConnected to \Q$P\E but TLS policy .*helper.*\n\0\z/ ], [ 'tlsc', 'may', qr/\0K|\AZ/ ]) {
		my ($service, $level, $want) = @$row;
		my $gate = temp_dir() . '/open';
		my $sink = start_sink("ehlo STARTTLS\ngreeting wait:$gate 220 sink\n", '--cert', "$pki/good.pem");
		my $home = instance(me => "client.example\n", smtproutes => ":$P:$sink->{port}\n", tlspolicy => ":$level ca=$pki/ca.crt\n", resolvers => "127.0.0.1:1\n");
		my %pids = (dns => $start->($home, 'dns', 'qmail-dns', 'serve'), tlsc => $start->($home, 'tlsc', 'qmail-tls', 'serve', 'tlsc'));
		spit("$home/message", "Subject: x\n\nbody\n");
		open my $in, '<', "$home/message" or die;
		open my $out, '>', "$home/out" or die;
		open my $err, '>', "$home/err" or die;
		my $pid = start_program([ 'qmail-remote', 'dest.example', 's@client.example', 'r@dest.example' ], home => $home, fds => { 0 => $in, 1 => $out, 2 => $err });
		wait_until(sub { -e "$sink->{dir}/1.log" });
		my $restricted = slurp("/proc/$pid/status") =~ /^Seccomp:\s+2$/m;
		kill 'KILL', $pids{$service};
		finish_program($pids{$service});
		unlink "$home/run/$service/sock";
		spit($gate, '');
		my ($exit, $signal) = finish_program($pid, 60);
		my $run = { exit => $exit, signal => $signal, out => slurp("$home/out"), err => slurp("$home/err") };
		is(report_problem($run), '', "$service ends in a delivery, level $level: a report");
		# Unrestricted, as sanitizers want it, it starts a helper of its own and delivers.
		like($run->{out}, $restricted ? $want : qr/\0K|$want/, '... that says what was missing' . ($restricted ? '' : ' (not restricted here)'));
		for my $other (grep { $_ ne $service } keys %pids) { kill 'TERM', $pids{$other}; finish_program($pids{$other}) }
	}
	{
		# The service of the DNS has gone before it is asked: a listener that hangs up on whoever comes.
		my $home = instance(me => "client.example\n", resolvers => "127.0.0.1:1\n");
		mkdir "$home/$_" for qw(run run/dns run/tlsc);
		my @listeners = map {
			socket my $socket, AF_UNIX, SOCK_SEQPACKET, 0 or die;
			chdir $home;
			bind $socket, pack_sockaddr_un("run/$_/sock") or die "bind: $!";
			listen $socket, 10;
			chdir '/';
			$socket;
		} qw(dns tlsc);
		my $pid = fork // die;
		if (!$pid) {
			alarm 60;
			my $select = IO::Select->new(@listeners);
			while (1) { for my $l ($select->can_read) { accept(my $c, $l); close $c } }
		}
		my $run = run_program([ 'qmail-remote', 'dest.example', 's@client.example', 'r@dest.example' ], home => $home, in => "x\n");
		kill 'KILL', $pid;
		waitpid $pid, 0;
		is(report_problem($run), '', 'the DNS service hangs up: a report');
		like($run->{out}, qr/\AZ.*\(#4\.[1-4]\.[0-9]\)\n\0\z/, '... deferred');
	}
}

# --- a DNS server that sends what it likes ---------------------------------------------------------------------

sub name { return join('', map { pack 'C/a*', $_ } split /\./, $_[0]) . "\0" }
sub record { my ($type, $data, $name) = @_; return ($name // "\xc0\x0c") . pack 'nnNn/a*', $type, 1, 60, $data }

# Answers by the first label of the question: [ flags, answers counted, octets behind the question ].
my @long = map { record(15, pack('n', $_) . name("mx$_.flood.example")) } 1 .. 60;
my %evil = (
	loop      => [ 0x8180, 1, "\xc0\x0c" =~ s/\x0c/\x20/r . pack('nnNn/a*', 15, 1, 60, "\0\1\xc0\x20") ],
	selfname  => [ 0x8180, 1, record(15, "\0\1\xc0\x2a") ],
	beyond    => [ 0x8180, 1, record(15, "\0\1\xff\xff") ],
	short     => [ 0x8180, 1, record(15, "\0") ],
	empty     => [ 0x8180, 1, record(15, '') ],
	longer    => [ 0x8180, 1, "\xc0\x0c" . pack('nnNn', 15, 1, 60, 500) . "\0\1" ],
	liar      => [ 0x8180, 65535, record(15, "\0\1" . name('mx.example')) ],
	none      => [ 0x8180, 5, '' ],
	label     => [ 0x8180, 1, record(15, "\0\1\x7fabc\0") ],
	huge      => [ 0x8180, 1, record(15, "\0\1" . ("\x3f" . 'x' x 63) x 5 . "\0") ],
	newline   => [ 0x8180, 1, record(15, "\0\1\x10a\r\n250 ok\r\nQUIT\x07example\0") ],
	nul       => [ 0x8180, 1, record(15, "\0\1\x03a\0b\x07example\0") ],
	dots      => [ 0x8180, 1, record(15, "\0\1\x03...\x07example\0") ],
	slash     => [ 0x8180, 1, record(15, "\0\1\x0b../../etc/x\x07example\0") ],
	many      => [ 0x8180, scalar(@long), join('', @long) ],
	cname     => [ 0x8180, 50, join('', map { record(5, name("c$_.example")) } 1 .. 50) ],
	cnameself => [ 0x8180, 1, record(5, "\xc0\x0c") ],
	class     => [ 0x8180, 1, "\xc0\x0c" . pack('nnNn/a*', 15, 3, 60, "\0\1" . name('mx.example')) ],
	tail      => [ 0x8180, 1, record(15, "\0\1" . name('mx.example')) . "\xff" x 400 ],
);

sub dns_answer {
	my ($packet) = @_;
	my ($id) = unpack 'n', $packet;
	my ($label) = unpack 'x12 C/a', $packet;
	my $end = 12;
	$end += 1 + ord substr $packet, $end, 1 while $end < length $packet && ord substr $packet, $end, 1;
	my ($type) = unpack 'n', substr $packet, $end + 1, 2;
	my $question = substr $packet, 12, $end + 5 - 12;
	my $case = $evil{$label};
	# Addresses are none, so that every one of these ends at once.
	return pack('nnnnnn', $id, 0x8183, 1, 0, 0, 0) . $question unless $case && $type == 15;
	return pack('nnnnnn', $id, $case->[0], 1, $case->[1], 0, 0) . $question . $case->[2];
}

{
	my $udp = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die "udp: $@";
	my $port = $udp->sockport;
	my $server = fork // die;
	if (!$server) {
		alarm 280;
		while (1) { defined(my $from = recv $udp, my $packet, 4096, 0) or next; send $udp, dns_answer($packet), 0, $from }
	}
	my $home = instance(me => "client.example\n", resolvers => "127.0.0.1:$port\n");
	mkdir "$home/$_" for qw(run run/dns);
	open my $err, '>', "$home/dns.log" or die;
	my $service = start_program([ 'qmail-dns', 'serve' ], home => $home, fds => { 2 => $err });
	wait_until(sub { -S "$home/run/dns/sock" });
	my $ask = sub {
		my ($host) = @_;
		return run_program([ @bounded, program('qmail-remote'), $host, 's@client.example', "r\@$host" ], home => $home, in => "x\n");
	};
	my $peak = sub { my ($kb) = slurp("/proc/$service/status") =~ /^VmPeak:\s+(\d+)/m; return $kb // 0 };
	$ask->('good.example');
	my $before = $peak->();
	for my $label (sort keys %evil) {
		my $run = $ask->("$label.example");
		is(report_problem($run), '', "DNS, $label: a report");
		like($run->{out}, qr/\A[DZ]/, '... and no delivery');
		unlike($run->{out}, qr/[\x01-\x09\x0b-\x1f]/, '... without control octets');
	}
	cmp_ok($peak->() - $before, '<', 16_000, 'qmail-dns: the address space has grown by less than 16 MB');
	like($ask->('good.example')->{out}, qr/\AD.*\(#5\.1\.2\)\n\0\z/, '... and it still answers');
	kill 'TERM', $service;
	is(join(' ', finish_program($service)), '0 0', '... and ends well');
	is(sanitizer_report(slurp("$home/dns.log")), undef, '... without a report of a sanitizer');
	kill 'KILL', $server;
	waitpid $server, 0;
}

done_testing();
