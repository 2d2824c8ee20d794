#!/usr/bin/perl
# Two deliveries over one kept connection, with a fault at each system call of the qmail-remote that keeps it
# (queue 7.2, outbound 5.5): what qmail-rspawn says went well was taken by the server, and no fault is a failure
# that goes back to a sender.
# nosan: it numbers the system calls, and sanitizers add their own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Crash;
use Qferry::Faults;
use Qferry::Spawn;
use Qferry::Test;
use Test::More;

plan skip_all => 'strace does not work here' unless can_strace();

my %errors = (
	read       => [qw(EIO EINTR)],
	write      => [qw(EIO EPIPE EINTR)],
	writev     => [qw(EIO EPIPE)],
	sendto     => [qw(EIO EPIPE)],
	sendmsg    => [qw(EIO EPIPE EINTR)],
	recvmsg    => [qw(EIO EINTR EMFILE)],
	recvfrom   => [qw(EIO ECONNRESET EINTR)],
	poll       => [qw(EINTR ENOMEM)],
	open       => [qw(EMFILE ENFILE EACCES EIO)],
	openat     => [qw(EMFILE ENFILE EACCES EIO)],
	access     => [qw(EACCES EIO)],
	stat       => [qw(EACCES EIO)],
	fstat      => [qw(EIO)],
	socket     => [qw(EMFILE ENFILE ENOBUFS EACCES)],
	connect    => [qw(ECONNREFUSED ETIMEDOUT EHOSTUNREACH)],
	getsockopt => [qw(ENOBUFS)],
	pipe2      => [qw(EMFILE)],
	fcntl      => [qw(EMFILE EBADF)],
	mmap       => [qw(ENOMEM)],
	brk        => [qw(ENOMEM)],
);

my $body = "Subject: x\n\n" . "A line of the message\n" x 6000;
my $sink = start_sink('');
my $home = instance(me => "client.example\n", smtproutes => ":127.0.0.1:$sink->{port}\n");
queue_tree($home);
spit("$home/queue/mess/3/26", $body);
unlink "$home/bin";
mkdir "$home/bin";
symlink program('qmail-rspawn'), "$home/bin/qmail-rspawn";
spit("$home/bin/qmail-remote", <<'SCRIPT', 0755);
#!/bin/sh
# @(#)qferry kept qmail-remote 1
exec /usr/bin/strace $(cat "$QMAILHOME/fault") "$REMOTE" "$@"
SCRIPT

# Two deliveries at once, then one more over what is kept; the reports by recipient.
sub three_deliveries {
	my ($n) = @_;
	my $spawner = spawner($home, ['qmail-rspawn'], REMOTE => program('qmail-remote'), PATH => "$home/bin:/usr/bin:/bin");
	greeting($spawner, 1);
	print { $spawner->{to} } map { command("r$n.$_\@dest.example", delnum => $_) } 1, 2;
	my %reports;
	my $bytes = receive($spawner, sub { (() = $_[0] =~ /[\x01-\x03][KZD][^\0]*\0/g) >= 2 });
	$reports{"r$n." . ord $1} = $2 while $bytes =~ /([\x01-\x03])([KZD][^\0]*)\0/g;
	$bytes = deliver($spawner, "r$n.3\@dest.example", delnum => 3);
	$reports{"r$n.3"} = $1 if $bytes =~ /\A\x03([KZD][^\0]*)\0/;
	my $end = finish($spawner);
	return ($end, %reports);
}

sub taken {
	my ($n) = @_;
	my %times;
	for my $path (glob "$sink->{dir}/*.message.*") {
		(my $envelope = $path) =~ s/message/envelope/;
		next unless wait_until(sub { -e $envelope }, 2);
		my @recipients = slurp($envelope) =~ /^TTO:<(r$n\.\d)\@/mgi;
		$times{$_}++ for @recipients;
		$times{torn} = 1 if @recipients && slurp($path) ne $body;
	}
	unlink glob "$sink->{dir}/*";
	return %times;
}

sub problems {
	my ($n) = @_;
	my ($end, %reports) = three_deliveries($n);
	my %times = taken($n);
	my @wrong;
	push @wrong, "qmail-rspawn ends with $end" if $end ne '0 0';
	push @wrong, 'torn' if $times{torn};
	for my $recipient (map {"r$n.$_"} 1 .. 3) {
		my ($report, $count) = ($reports{$recipient} || 'none', $times{$recipient} || 0);
		push @wrong, "$recipient: $report" if $report !~ /\A[KZ]/;
		push @wrong, "$recipient: success without delivery" if $report =~ /\AK/ && !$count;
		push @wrong, "$recipient: taken $count times" if $count > 1;
	}
	return @wrong;
}

spit("$home/fault", "-o $home/trace");
is join("\n", problems(0)), '', 'without a fault';
my @calls = calls_of(slurp("$home/trace"));
# The other look is for a resident helper; what it looks at is not told of a process that keeps secrets.
is scalar(grep { $_->[0] eq 'connect' && $_->[2] !~ /ENOENT/ } @calls), 1, 'over one connection';

my @wrong;
my @faults = share_of(faults_of(\%errors, @calls));
for my $i (0 .. $#faults) {
	spit("$home/fault", "-o /dev/null -e inject=$faults[$i]{inject}");
	push @wrong, map {"$faults[$i]{name}: $_"} problems($i + 1);
}
is join("\n", @wrong), '', scalar(@faults) . ' faults: a success is one, and nothing is a failure';

print_states(@faults . ' faults in three deliveries over a kept connection, ' . share_text());
done_testing;
