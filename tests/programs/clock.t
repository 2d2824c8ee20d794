#!/usr/bin/perl
# clock: the time of day is set ahead and back under a qmail-send that runs (queue 1.7, 6.1).  What waits is not taken
# for debris, and what was to be done in ten minutes is done in ten minutes.
# nosan: a sanitizer wants to be loaded first
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Send;
use Qferry::Test;
use Test::More;

plan skip_all => 'as root the real users must exist' if $> == 0;

use constant { HOUR => 3600, DAY => 86400 };

my $clock = spit(temp_dir() . '/clock', pack 'q', 0);
my %env = (LD_PRELOAD => build() . '/crash/clock.so', TEST_CLOCK => $clock);

# Seconds that the clock is ahead.
sub set_clock { my ($seconds) = @_; open my $file, '+<', $clock or die; syswrite $file, pack 'q', $seconds }

sub started { my ($home, %more) = @_; set_clock(0); return start($home, env => { %env, %more }) }

# A message without recipients has come and gone: qmail-send has seen the clock, and done what was due.
sub turn {
	my ($send) = @_;
	for (1, 2) {
		enqueue($send->{home}, 'me@example.net');
		my ($n) = (log_until($send, qr/new msg \d+\n/) // '') =~ /(\d+)/;
		log_until($send, qr/end msg $n\n/) or return fail('qmail-send goes on');
	}
}

{
	my $home = home();
	my $queue = "$home/queue";
	my $debris = spit("$queue/mess/5/5", 'debris');
	spit("$queue/mess/6/6", 'old debris');
	utime time - 40 * HOUR, time - 40 * HOUR, "$queue/mess/6/6";
	my $send = started($home);
	ok wait_until(sub { !-e "$queue/mess/6/6" }), 'debris goes at the start';
	set_clock(40 * HOUR);
	turn($send);
	ok -e $debris, 'a step of the clock makes no debris';
	my $at = 40 * HOUR;
	while ($at < 75 * HOUR) { set_clock($at += HOUR - 60); turn($send) }
	ok -e $debris, '... for 36 hours';
	while ($at < 78 * HOUR) { set_clock($at += HOUR - 60); turn($send) }
	ok wait_until(sub { !-e $debris }), '... but then';
	is stop($send), '0 0', 'TERM';
}

{
	my $home = home();
	my $send = started($home);
	enqueue($home, 'me@example.net', 'joe@local.example');
	answer($send, LOCAL, "Zno\n");
	log_until($send, qr/deferral/);
	set_clock(-10 * DAY);
	turn($send);
	set_clock(-10 * DAY + 50);
	turn($send);
	is index($send->{text}, 'starting'), -1, 'set back by ten days: not yet';
	set_clock(-10 * DAY + 200);
	turn($send);
	is answer($send, LOCAL, "Zno\n")->{recipient}, 'joe@local.example', '... but when it would have been';
	log_until($send, qr/deferral/);
	set_clock(3 * DAY);
	turn($send);
	is answer($send, LOCAL, "Zno\n")->{recipient}, 'joe@local.example', 'set ahead by three days: at once';
	like log_until($send, qr/deferral: .*\n/), qr/no\/$/, '... and not for the last time';
	set_clock(9 * DAY);
	turn($send);
	is answer($send, LOCAL, "Kok\n")->{recipient}, 'joe@local.example', 'by nine days: it is tried, and not given up before';
	ok log_until($send, qr/end msg/), '... and has come to its end';
	is stop($send), '0 0', 'TERM';
	is queued($home), '', 'nothing is left';
}

# A qmail-send that starts while the clock is wrong does not know that: but a file is no debris while its qmail-queue
# lives.
{
	my $home = home();
	pipe my $from, my $to or die;
	open my $envelope, '<', spit("$home/letter", "Fme\@example.net\0Tjoe\@remote.example\0\0") or die;
	my $pid = start_program(['qmail-queue'], home => $home, fds => { 0 => $from, 1 => $envelope });
	my $mess = sub { return (glob "$home/queue/mess/*/*")[0] };
	ok wait_until(sub { $mess->() && !glob "$home/queue/pid/*" }), 'a message under way';
	set_clock(40 * HOUR);
	spit("$home/queue/mess/6/6", 'debris');
	my $send = start($home, env => { %env });
	ok wait_until(sub { !-e "$home/queue/mess/6/6" }), '... what nobody writes is taken for debris when the clock is wrong at the start';
	turn($send);
	ok $mess->(), '... what is being written is not';
	close $from;
	close $to;
	is join(' ', finish_program($pid)), '0 0', '... and is accepted';
	is answer($send, REMOTE, "Kok\n")->{recipient}, 'joe@remote.example', '... and delivered';
	log_until($send, qr/end msg/);
	is stop($send), '0 0', 'TERM';
	is queued($home), '', 'nothing is left';
}

# One that was killed holds nothing.
{
	my $home = home();
	pipe my $from, my $to or die;
	open my $envelope, '<', spit("$home/letter", "Fme\@example.net\0Tjoe\@remote.example\0\0") or die;
	my $pid = start_program(['qmail-queue'], home => $home, fds => { 0 => $from, 1 => $envelope });
	my $mess = sub { return (glob "$home/queue/mess/*/*")[0] };
	ok wait_until(sub { $mess->() && !glob "$home/queue/pid/*" }), 'a message under way';
	kill 'KILL', $pid;
	finish_program($pid);
	set_clock(40 * HOUR);
	my $send = start($home, env => { %env });
	ok wait_until(sub { !$mess->() }), '... whose qmail-queue was killed goes';
	is stop($send), '0 0', 'TERM';
}

done_testing;
