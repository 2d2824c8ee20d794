#!/usr/bin/perl
# Messages by SMTP onto a disk that loses its power, at every moment of that (queue 7.4): each message whose
# 250 was seen is there, whole, and is delivered by a qmail-send that starts then; nothing is torn; 36 hours
# later nothing else is left.  The same states must show the loss when qmail-queue does not bring its names
# to the disk.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Crash;
use Qferry::Flushlog;
use Qferry::Queue;
use Qferry::Test;
use Test::More;

plan skip_all => 'needs root' if $> != 0;
my $why = own_namespace();
plan skip_all => $why if $why;

use constant { MESSAGES => 20, SIDE_BY_SIDE => 8, VARIANT => 5, SEED => 20260 };

# On a fresh disk: the first messages in one session, the others in four.  Each gets the length of the diary
# at its 250.
sub take_messages {
	my ($kind, $home, @messages) = @_;
	my $disks = flushlog_start($kind, sub { queue_tree($home); system('chown', '-R', crash_owner(), "$home/queue") }, "$home/queue");
	my $acknowledged = sub { $_[0]{at} = flushlog_position($disks) };
	my $serial = @messages > SIDE_BY_SIDE ? @messages - SIDE_BY_SIDE : @messages;
	smtp_send($home, 1, $acknowledged, @messages[ 0 .. $serial - 1 ]);
	smtp_send($home, 4, $acknowledged, @messages[ $serial .. $#messages ]);
	flushlog_stop($disks);
	return $disks;
}

sub acknowledged_by {
	my ($disks, $n, @messages) = @_;
	return { map { $_->{n} => 1 } grep { flushlog_has_been($disks, $n, $_->{at}) } @messages };
}

# The moments of a power loss: [ record, how ].  The hardest is that right after a 250, with nothing written
# but what was flushed.
sub moments {
	my ($disks, $dice, @messages) = @_;
	my @records = grep { flushlog_end($disks, $_) <= $messages[-1]{at} } 0 .. flushlog_count($disks) - 1;
	my @at_250 = map { my $at = $_->{at}; (grep { flushlog_end($disks, $_) <= $at } @records)[-1] } @messages;
	my @any = crash_is_long() ? @records : map { $records[ $dice->() * @records ] } 1 .. 8;
	my @torn = crash_is_long() ? @records : map { $records[ $dice->() * @records ] } 1 .. 8;
	my @all = ((map { [ $_, 'none' ] } @at_250), (map { [ $_, 'all' ] } @any), (map { [ $_, 'torn' ] } @torn));
	push @all, map { [ $_, 'none' ] } grep { $_ + 1 < @records && flushlog_is_flush($disks, $_ + 1) } @records if crash_is_long();
	return sort { $a->[0] <=> $b->[0] } @all;
}

# A qmail-send after the loss, 40 hours later: what was acknowledged is delivered, and nothing is left.
sub recovery_problems {
	my ($home, $acknowledged, @messages) = @_;
	unlink "$home/delivered";
	age_queue($home);
	my $suite = start_suite($home);
	my @left;
	wait_until(sub { @left = tree_of($home); !@left }, 30);
	my @wrong = map {"$_ is left"} @left;
	stop_suite($suite);
	my $delivered = slurp("$home/delivered") || '';
	push @wrong, "$1 got torn mail" while $delivered =~ /^(\S+) torn$/mg;
	for my $message (grep { $acknowledged->{ $_->{n} } } @messages) {
		for my $recipient (@{ $message->{recipients} }) {
			push @wrong, "$recipient got nothing" if $delivered !~ /^\Q$recipient\E $message->{n}$/m;
		}
	}
	push @wrong, slurp("$home/log") if @wrong;
	return @wrong;
}

sub state_problems {
	my ($disks, $home, $moment, $recover, @messages) = @_;
	my ($n, $how) = @$moment;
	my $acknowledged = acknowledged_by($disks, $n, @messages);
	return 'it cannot be mounted' unless flushlog_state($disks, $n, $how, $disks->{dice});
	my @wrong = (queue_problems($home, \@messages, $acknowledged), debris_problems($home));
	push @wrong, recovery_problems($home, $acknowledged, @messages) if $recover;
	flushlog_unmount($disks);
	return @wrong;
}

# Every so many states the suite takes the queue up again.
sub try_states {
	my ($kind, $home, $disks, @messages) = @_;
	my ($states, $recoveries, @wrong) = (0, 0);
	for my $moment (moments($disks, $disks->{dice}, @messages)) {
		my $recover = $states++ % (crash_is_long() ? 10 : 8) == 0;
		$recoveries += $recover;
		push @wrong, map {"after record $moment->[0], $moment->[1]: $_"} state_problems($disks, $home, $moment, $recover, @messages);
	}
	print_states("$kind: $states power losses in " . flushlog_count($disks) . " writes and flushes of " . @messages
		  . " messages, $recoveries taken up by qmail-send; seed " . SEED);
	return @wrong;
}

for my $kind (flushlog_kinds()) {
	subtest $kind => sub {
		my $lacks = flushlog_lacks($kind);
		plan skip_all => $lacks if $lacks;
		my $home = crash_home();
		my @messages = sample_messages(MESSAGES);
		spawner_program($home, @messages);
		my $disks = take_messages($kind, $home, @messages);
		$disks->{dice} = crash_dice(SEED);
		my @wrong = try_states($kind, $home, $disks, @messages);
		is join("\n", @wrong), '', 'no message is lost or torn, no debris';

		system('cp', build() . '/crash/qmail-queue', "$home/bin/qmail-queue") == 0 or die "cp fails\n";
		@messages = sample_messages(VARIANT);
		$disks = take_messages($kind, $home, @messages);
		my %lost;
		for my $moment (grep { $_->[1] eq 'none' } moments($disks, crash_dice(SEED), @messages)) {
			$lost{$_}++ for grep {/lost/} state_problems($disks, $home, $moment, 0, @messages);
		}
		cmp_ok scalar(keys %lost), '>', 0, 'without the flush of todo/ it is seen: ' . join ', ', sort keys %lost;
	};
}

done_testing;
