#!/usr/bin/perl
# qmail-send whose lock/trigger cannot be opened: nobody can call it, so it looks into todo/ by itself, and opens the trigger
# again as soon as that can be done (queue 1.6).
# nosan: a sanitizer wants to be loaded first
use strict;
use warnings;
use FindBin;
use POSIX ();
use lib "$FindBin::Bin/../lib";
use Qferry::Send;
use Qferry::Test;
use Test::More;

plan skip_all => 'root may read all' if $> == 0;

my $home = home();
my $clock = spit(temp_dir() . '/clock', pack 'q', 0);
my $seconds = 0;

# Some seconds pass; HUP wakes it.
sub pass {
	my ($send) = @_;
	open my $file, '+<', $clock or die "clock: $!";
	syswrite $file, pack 'q', $seconds += 11;
	kill 'HUP', $send->{pid};
}

my %trouble = (
	'may not be read' => sub { chmod 0, $_[0] },
	'is not there' => sub { unlink $_[0] },
);
for my $what (sort keys %trouble) {
	my $trigger = "$home/queue/lock/trigger";
	$trouble{$what}->($trigger);
	my $send = start($home, env => { LD_PRELOAD => build() . '/crash/clock.so', TEST_CLOCK => $clock });
	ok log_until($send, qr/^status.*\n/m), "the trigger $what: it starts";
	enqueue($home, 'ann@example.net', 'a@local.example');
	pass($send);
	is answer($send, LOCAL, "Kok\n")->{recipient}, 'a@local.example', '... and looks by itself';
	ok log_until($send, qr/end msg/), '... it is delivered';

	unlink $trigger;
	POSIX::mkfifo($trigger, 0622) or die "trigger: $!";
	pass($send);
	ok wait_until(sub { sysopen my $pull, $trigger, POSIX::O_WRONLY() | POSIX::O_NONBLOCK() }), 'it is there again: somebody reads it';
	enqueue($home, 'ann@example.net', 'b@local.example');
	is answer($send, LOCAL, "Kok\n")->{recipient}, 'b@local.example', '... and is called';
	is stop($send), '0 0', 'TERM';
}

done_testing;
