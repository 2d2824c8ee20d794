# Qferry::Send - qmail-send between a real queue and spawners that the test plays.
#
#   my $home = home(locals => ...);          a home with a queue
#   my $send = start($home, greetings => [ ... ], clean => 0, env => { ... }, argv => ['/usr/bin/setpriv', ...]);
#   enqueue($home, $sender, @recipients);    by our qmail-queue
#   log_until($send, qr/.../);               the log up to there
#   my $c = command($send, LOCAL);           { delnum, messid, sender, recipient }; answer() reports on it, too
#   my @c = ready_commands($send, REMOTE);   all that come without a further report
#   report($send, REMOTE, $delnum, "Kok\n");
#   stop($send); wait_for_end($send);        "EXIT SIGNAL"
#   queued($home);                           what is in the queue, as one line
package Qferry::Send;
use strict;
use warnings;
use Exporter qw(import);
use IO::Select;
use Qferry::Test;

our @EXPORT = qw(LOCAL REMOTE home start log_until command ready_commands report answer stop wait_for_end enqueue queued path);

use constant { LOCAL => 0, REMOTE => 1 };

sub home {
	my (%controls) = @_;
	my $home = instance(me => "mx.example.org\n", locals => "mx.example.org\nlocal.example\n", %controls);
	queue_tree($home);
	return $home;
}

sub pair { pipe my $read, my $write or die "pipe: $!"; $write->autoflush(1); return ($read, $write) }

# Start qmail-send; with: greetings (two byte strings), clean (0: this script answers), env, more fds, argv.
sub start {
	my ($home, %with) = @_;
	my @greetings = @{ $with{greetings} || [ chr 120, chr 120 ] };
	my ($log, $log_end) = pair();
	my (@commands, @reports, %fds);
	for my $kind (LOCAL, REMOTE) {
		(my $get, my $put) = pair();
		$commands[$kind] = $get;
		$fds{ 1 + 2 * $kind } = $put;
		($get, $put) = pair();
		$reports[$kind] = $put;
		$fds{ 2 + 2 * $kind } = $get;
		syswrite $put, $greetings[$kind];
	}
	my ($requests, $to_clean) = pair();
	my ($from_clean, $answers) = pair();
	my $pid = start_program($with{argv} || ['qmail-send'], home => $home, env => $with{env} || {},
		fds => { 0 => $log_end, %fds, 5 => $to_clean, 6 => $from_clean, %{ $with{fds} || {} } });
	my $clean;
	if (!defined $with{clean} || $with{clean}) {
		$clean = start_program(['qmail-clean'], home => $home, fds => { 0 => $requests, 1 => $answers });
		undef $requests;
		undef $answers;
	}
	return { pid => $pid, home => $home, log => $log, text => '', commands => \@commands, buffers => [ '', '' ],
		reports => \@reports, width => length $greetings[0], clean => $clean, requests => $requests,
		answers => $answers };
}

# The log up to what matches, which is then forgotten; undef if it does not come.
sub log_until {
	my ($send, $pattern) = @_;
	until ($send->{text} =~ $pattern) {
		IO::Select->new($send->{log})->can_read(20) or return undef;
		sysread($send->{log}, $send->{text}, 65536, length $send->{text}) or return undef;
	}
	$send->{text} =~ s/\A.*?($pattern)//s;
	return $1;
}

# The next command on a channel: { delnum, messid, sender, recipient }.
sub command {
	my ($send, $kind) = @_;
	my $pattern = $send->{width} == 2 ? qr/\A(..)([^\0]*)\0([^\0]*)\0([^\0]*)\0/s : qr/\A(.)([^\0]*)\0([^\0]*)\0([^\0]*)\0/s;
	until ($send->{buffers}[$kind] =~ $pattern) {
		IO::Select->new($send->{commands}[$kind])->can_read(20) or return {};
		sysread($send->{commands}[$kind], $send->{buffers}[$kind], 65536, length $send->{buffers}[$kind]) or return {};
	}
	$send->{buffers}[$kind] =~ s/$pattern//;
	return { delnum => unpack($send->{width} == 2 ? 'v' : 'C', $1), messid => $2, sender => $3, recipient => $4 };
}

sub report {
	my ($send, $kind, $delnum, $text) = @_;
	syswrite $send->{reports}[$kind], pack($send->{width} == 2 ? 'v' : 'C', $delnum) . "$text\0";
}

# Take the next command and report on it.
sub answer {
	my ($send, $kind, $text) = @_;
	my $command = command($send, $kind);
	report($send, $kind, $command->{delnum}, $text);
	return $command;
}

sub stop {
	my ($send, $signal) = @_;
	kill $signal || 'TERM', $send->{pid};
	return wait_for_end($send);
}

sub wait_for_end {
	my ($send) = @_;
	my ($exit, $signal) = finish_program($send->{pid});
	{ local $/; my $rest = readline $send->{log}; $send->{text} .= $rest if defined $rest }
	delete @$send{qw(commands reports requests answers)};
	finish_program($send->{clean}) if $send->{clean};
	return "$exit $signal";
}

# Queue a message with our qmail-queue, which pulls the trigger.
sub enqueue {
	my ($home, $sender, @recipients) = @_;
	spit("$home/envelope", "F$sender\0" . join('', map { "T$_\0" } @recipients) . "\0");
	open my $envelope, '<', "$home/envelope" or die;
	my $run = run_program(['qmail-queue'], home => $home, in => "Subject: t\n\nbody\n", fds => { 1 => $envelope });
	$run->{exit} == 0 or die "qmail-queue: $run->{exit}";
}

sub queued {
	my ($home) = @_;
	return join ' ', sort map { s{\Q$home\E/queue/}{}r } grep { -f } glob "$home/queue/{intd,todo,bounce,pid}/* $home/queue/{mess,info,local,remote}/*/*";
}

sub path { my ($home, $dir) = @_; return (glob "$home/queue/$dir/*/*")[0] }

my $barriers = 0;

# Every command on a channel that qmail-send gives by itself, now.  It has one loop: when it hears of a
# delivery on the other channel that came behind all of them, there is no more.
sub ready_commands {
	my ($send, $kind) = @_;
	my $other = $kind == LOCAL ? REMOTE : LOCAL;
	my $barrier = $other == LOCAL ? 'barrier@local.example' : 'barrier@barrier.example';
	my $said = 'barrier' . ++$barriers;
	enqueue($send->{home}, 'barrier@barrier.example', $barrier);
	my $command = answer($send, $other, "K$said\n");
	$command->{recipient} eq $barrier or die "not the barrier\n";
	until ($send->{text} =~ /success: $said\//) {
		IO::Select->new($send->{log})->can_read(20) or die "no barrier\n";
		sysread($send->{log}, $send->{text}, 65536, length $send->{text}) or die "no log\n";
	}
	wait_until(sub { !-e "$send->{home}/queue/mess/$command->{messid}" }) or die "the barrier stays\n";
	while (IO::Select->new($send->{commands}[$kind])->can_read(0)) {
		sysread($send->{commands}[$kind], $send->{buffers}[$kind], 65536, length $send->{buffers}[$kind]) or last;
	}
	my @commands;
	push @commands, command($send, $kind) while length $send->{buffers}[$kind];
	return @commands;
}

1;
