#!/usr/bin/perl
# Every system call of an accept by QMTP and QMQP failed, and the process killed before each (queue 7.2): an answer of K
# means that the message is queued, whole; any other means that the client still has it, and nothing is torn.
# The same of qmail-qmqpc: exit 0 means that the server has the message.
# QFERRY_CRASH=all tries all of them.
# nosan: it numbers the system calls, and sanitizers add their own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Crash;
use Qferry::Faults;
use Qferry::Net;
use Qferry::Queue;
use Qferry::Test;
use Test::More;

plan skip_all => 'strace does not work here' unless can_strace();

my %errors = (
	read    => [qw(EIO ECONNRESET EINTR)],
	write   => [qw(EPIPE EIO EAGAIN EINTR)],
	open    => [qw(EMFILE EACCES EIO)],
	pipe2   => [qw(EMFILE ENFILE)],
	fcntl   => [qw(EBADF EINVAL)],
	poll    => [qw(ENOMEM EINTR)],
	clone   => [qw(EAGAIN ENOMEM)],
	vfork   => [qw(EAGAIN ENOMEM)],
	wait4   => [qw(ECHILD EINTR)],
	waitid  => [qw(ECHILD EINTR)],
	chdir   => [qw(EACCES)],
	connect => [qw(ECONNREFUSED ETIMEDOUT ENETUNREACH EINTR)],
	socket  => [qw(EMFILE EAFNOSUPPORT)],
	mmap    => [qw(ENOMEM)],
	brk     => [qw(ENOMEM)],
	signalfd4 => [qw(EMFILE)],
	getsockopt => [qw(EBADF)],
);
my @sender = ('s@client.example', 'r@dest.example', 'q@dest.example');
my $text   = "Subject: test\n\n" . "Hello\n" x 20_000;
my $home   = net_home();
queue_tree($home);
my $trace = temp_dir() . '/trace';

sub clear_queue { unlink map { "$home/queue/$_" } tree_of($home) }

# The program under strace; what it hears is a file.
sub traced {
	my ($program, $said, @options) = @_;
	clear_queue();
	return run_program([ '/usr/bin/strace', '-o', $trace, @options, program($program) ], home => $home, in => $said,
		env => { TCPREMOTEIP => '192.0.2.1', SMTPDLOG => 0 });
}

# How many messages are queued; torn ones are told.
sub queued {
	my ($wrong) = @_;
	my ($subject) = $text =~ /^(Subject: .*\n)/;
	my %all = messages_of($home);
	delete @all{ grep { ($all{$_}{mess} // $subject) !~ /^\Q$subject\E/m } keys %all };
	for my $m (values %all) {
		push @$wrong, 'torn' unless defined $m->{mess} && $m->{mess} =~ /\n\Q$text\E\z/
		  && $m->{todo} =~ /\0F\Q$sender[0]\E\0T\Q$sender[1]\E\0T\Q$sender[2]\E\0\z/;
	}
	return scalar keys %all;
}

# `yes` K for each that was taken.
sub check {
	my ($program, $said, $yes) = @_;
	my $first = traced($program, $said);
	my @wrong;
	is_deeply([ answers($first->{out}) ], [ ('Kok N qp N') x $yes ], "$program: without a fault");
	is(queued(\@wrong) . "@wrong", '1', '... it is queued');
	my @calls = calls_of(slurp($trace));
	my @faults = faults_of(\%errors, grep { $_->[2] !~ /^execve/ } @calls);
	my @failed;
	for my $fault (share_of(@faults)) {
		my $run = traced($program, $said, '-e', "inject=$fault->{inject}");
		my @answers = answers($run->{out});
		my @bad;
		my $there = queued(\@bad);
		push @bad, "$there messages" if $there > 1;
		push @bad, 'K, and it is not there' if (grep { /^K/ } @answers) && !$there;
		push @bad, 'an answer that is none' if grep { !/^[KZD]/ } @answers;
		push @bad, 'D for trouble of our own' if grep { /^D/ } @answers;
		push @bad, "exit $run->{exit}" unless $fault->{is_kill} || $run->{exit} =~ /^(?:0|100|111)$/;
		push @failed, "$fault->{name}: @bad" if @bad;
	}
	is(join("\n", @failed), '', "$program: " . share_text() . ' of ' . @faults . ' faults');
	print_states(scalar(@faults) . " faults of $program");
}

check('qmail-qmtpd', qmtp("\n$text", @sender), 2);
check('qmail-qmqpd', qmqp($text, @sender), 1);

# --- the client: its server is ours, without faults ---------------------------------------------------

{
	my $server = start_server([ '/usr/bin/env', 'tcpserver', '-1', '-H', '-R', '-l', 'hub.example', '127.0.0.1', 0, program('qmail-qmqpd') ],
		home => $home, env => { SMTPDLOG => 0 });
	my $host = instance(qmqpservers => "127.0.0.1:$server->{port}\n");
	# What a server does with a client that was killed may come later: each message says whose it is.
	my $number = 0;
	my $client = sub {
		my @options = @_;
		clear_queue();
		$text = 'Subject: ' . ++$number . "\n\n" . "Hello\n" x 20_000;
		return enqueue($host, $text, envelope(@sender), program => program('qmail-qmqpc'), before => [ '/usr/bin/strace', '-o', $trace, @options ]);
	};
	my $first = $client->();
	my (@wrong, @failed);
	is("$first->{exit} " . queued(\@wrong) . "@wrong", '0 1', 'qmail-qmqpc: without a fault');
	my @faults = faults_of(\%errors, grep { $_->[2] !~ /^execve/ } calls_of(slurp($trace)));
	for my $fault (share_of(@faults)) {
		my $run = $client->('-e', "inject=$fault->{inject}");
		my @bad;
		my $there = queued(\@bad);
		push @bad, "$there messages" if $there > 1;
		push @bad, 'exit 0, and it is not there' if $run->{exit} == 0 && !$there;
		push @bad, "exit $run->{exit}" unless $fault->{is_kill} || $run->{exit} =~ /^(?:0|5[1456]|61|7[1-4]|91)$/;
		push @failed, "$fault->{name}: @bad" if @bad;
	}
	is(join("\n", @failed), '', 'qmail-qmqpc: ' . share_text() . ' of ' . @faults . ' faults');
	print_states(scalar(@faults) . ' faults of qmail-qmqpc');
	stop_server($server);
}

done_testing();
