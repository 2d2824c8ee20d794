#!/usr/bin/perl
# Programs that hold credentials or keys leave no core, and no other process of their user reads their
# memory (DESIGN 4); what they start for others has the limits that it would have had.
# nosan: the sanitizer sets the limit of cores, and takes SIGSEGV
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::UNIX;
use POSIX ();
use Qferry::Test;
use Socket qw(AF_UNIX SOCK_SEQPACKET SOCK_STREAM PF_UNSPEC);
use Test::More;

-r "/proc/$$/status" or plan skip_all => 'no /proc';

my @checker = ("$FindBin::Bin/../tools/checkpassword", 'true');
my @unlimited = ('/bin/sh', '-c', 'ulimit -S -c "$(ulimit -H -c)"; exec "$@"', 'sh');

# Descriptor 0 is `in`, or one end of a socket that stays open; `fds` are more of them.
sub start {
	my ($argv, %with) = @_;
	my $home = $with{home} || instance(me => "mx.example.org\n", %{ $with{controls} || {} });
	socketpair my $ours, my $theirs, AF_UNIX, $with{packets} ? SOCK_SEQPACKET : SOCK_STREAM, PF_UNSPEC or die;
	my $pid = start_program([ @unlimited, program($argv->[0]), @$argv[1 .. $#$argv] ], home => $home, dir => $home,
		fds => { 0 => $theirs, 1 => $theirs, %{ $with{fds} || {} } });
	return { pid => $pid, net => $ours, home => $home };
}

# Who may be looked into belongs, in /proc, to its user; who may not, to root.
sub is_hidden { my ($pid) = @_; return (stat "/proc/$pid/mem")[4] == 0 && !open my $mem, '<', "/proc/$pid/mem" }

# Ended by a signal with a core?  With it, bit 7 of the wait status is set.
sub has_core {
	my ($pid, $signal) = @_;
	kill $signal, $pid;
	wait_until(sub { waitpid($pid, POSIX::WNOHANG()) == $pid }) or die "$pid stays";
	return $? & 127 ? $? >> 7 & 1 : "exit $?";
}

# It cannot be told apart from root's, who sees everything.
my $plain = $> == 0;
{
	my $other = start([ '/bin/cat' ]);
	wait_until(sub { (slurp("/proc/$other->{pid}/cmdline") // '') =~ m{^/bin/cat} });
	ok(!is_hidden($other->{pid}), 'another program can be looked into') unless $plain;
	my $had = has_core($other->{pid}, 'ABRT');
	note($had ? 'cores are written here' : 'no cores are written here: only /proc tells');
}

sub is_closed {
	my ($s, $name, $signal, $is_there) = @_;
	my $pid = $s->{pid};
	SKIP: {
		skip "$name: root sees everything", 1 if $plain;
		ok(wait_until(sub { is_hidden($pid) }), "$name: its memory is its own");
	}
	ok(wait_until($is_there), "$name: it has come to where it has secrets") if $is_there;
	is(has_core($pid, $signal), 0, "$name: no core after SIG$signal");
	is(join(' ', glob "$s->{home}/core*"), '', "$name: no file");
}

my $sink = start_sink("greeting hang\n");
my $connections = 0;

# One more has come to the relay, and waits for its greeting.
sub is_connected { return -e "$sink->{dir}/" . ($connections + 1) . '.in' && ++$connections }

my %remote = (smtproutes => ":127.0.0.1:$sink->{port} joe secret\n");
my $service = sub {
	my ($name, @argv) = @_;
	my $home = instance(me => "mx.example.org\n");
	mkdir "$home/$_" for 'run', "run/$name", 'state', "state/$name", 'state/db', 'cache', 'cache/sts';
	return start(\@argv, home => $home);
};

# name => [ start, once it has secrets ]
my @cases = (
	[ 'qmail-smtpd with AUTH', sub { start([ 'qmail-smtpd', @checker ]) }, sub { my ($s) = @_; sysread $s->{net}, my $greeting, 100 } ],
	[ 'qmail-tls server',     sub { start([qw(qmail-tls server)], packets => 1) } ],
	[ 'qmail-tls client',     sub { start([qw(qmail-tls client)], packets => 1) } ],
	[ 'qmail-tls serve tls',  sub { $service->(qw(tls qmail-tls serve tls)) } ],
	[ 'qmail-tls serve tlsc', sub { $service->(qw(tlsc qmail-tls serve tlsc)) } ],
	[ 'qmail-oauth serve',    sub { $service->(qw(oauth qmail-oauth serve)) } ],
	[ 'qmail-sts serve',      sub { $service->(qw(sts qmail-sts serve)) } ],
	[ 'qmail-remote',         sub { start([qw(qmail-remote dest.example s@a r@dest.example)], controls => \%remote) },
		\&is_connected ],
	[ 'qmail-remote -k',      sub { start([qw(qmail-remote -k)], packets => 1) } ],
	[ 'qmail-try',            sub { start([qw(qmail-try route -c s@a r@dest.example)], controls => \%remote) }, \&is_connected ],
	[ 'qmail-passwd',         sub { my $home = instance(); mkdir "$home/users"; start([qw(qmail-passwd add joe)], home => $home) } ],
	[ 'qmail-authcdb',        sub { pipe my $in, my $out or die; my $s = start([qw(qmail-authcdb true)], fds => { 3 => $in }); $s->{strings} = $out; $s } ],
);
for my $case (@cases) {
	my ($name, $start, $ready) = @$case;
	for my $signal (qw(ABRT SEGV)) {
		my $s = $start->();
		is_closed($s, $name, $signal, $ready && sub { $ready->($s) });
	}
}

# The children that serve sessions are closed, too.
{
	my $s = $service->(qw(tls qmail-tls serve tls));
	my $children = sub { return grep { (slurp("/proc/$_/stat") // '') =~ /^\d+ \(qmail-tls\) \S $s->{pid} / } map { m{(\d+)} ? $1 : () } glob '/proc/[0-9]*' };
	ok(wait_until($children), 'qmail-tls has children');
	SKIP: {
		skip 'root sees everything', 1 if $plain;
		is(scalar(grep { !is_hidden($_) } $children->()), 0, 'and their memory is their own');
	}
	kill 'TERM', $s->{pid};
	finish_program($s->{pid});
}

# qmail-queue has no secrets, but the messages of others: queue 2.5.
{
	my $s = start(['qmail-queue']);
	ok(wait_until(sub { (slurp("/proc/$s->{pid}/limits") // '') =~ /^Max core file size\s+0\s/m }), 'qmail-queue: the limit is 0');
	is(has_core($s->{pid}, 'ABRT'), 0, 'qmail-queue: no core');
}

# What is started for others finds the limit as it was: the checker, what it runs, a filter, and the program behind a login.
{
	my $limit = `sh -c 'ulimit -S -c "\$(ulimit -H -c)"; ulimit -c'`;
	my $home = instance(me => "mx.example.org\n", rcpthosts => "example.org\n");
	my $script = spit(temp_dir() . '/script', "#!/bin/sh\nulimit -c >>$home/said\ncat >/dev/null\ncat <&3 >/dev/null\nexit 0\n", 0755);
	my $filter = spit(temp_dir() . '/filter', "#!/bin/sh\nulimit -c >>$home/said\ncat >/dev/null\ncat <&1 >/dev/null\nexit 0\n", 0755);
	my $run = run_program([ @unlimited, program('qmail-smtpd'), $script, 'true' ], home => $home, env => { QMAILQUEUE => $filter },
		in => "AUTH PLAIN AGpvZQBzZWNyZXQ=\r\nMAIL FROM:<a\@b>\r\nRCPT TO:<c\@example.org>\r\nDATA\r\n.\r\nQUIT\r\n");
	like($run->{out}, qr/^235 .*^354 .*^250 ok/ms, 'a login and a message');
	is(slurp("$home/said"), $limit x 2, 'the checker and the filter have the limit that they would have had');

	mkdir "$home/users";
	run_program([ 'qmail-passwd', 'add', 'joe' ], home => $home, in => "secret\n", limit => 60);
	pipe my $strings, my $to or die;
	syswrite $to, "joe\0secret\0\0";
	close $to;
	$run = run_program([ @unlimited, program('qmail-authcdb'), 'sh', '-c', 'ulimit -c' ], home => $home, fds => { 3 => $strings }, limit => 60);
	is("$run->{exit} $run->{out}", "0 $limit", 'so has the program behind qmail-authcdb');
}

done_testing;
