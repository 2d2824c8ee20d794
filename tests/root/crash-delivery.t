#!/usr/bin/perl
# The whole suite on two disks that lose their power together, the queue on one and the Maildirs on the other
# (queue 7.3, 7.4): a message whose 250 was seen reaches its Maildir, is forwarded, and fails for two recipients,
# a local and a remote one.  A suite that starts after the loss comes to the end of it: nobody's mail is lost or
# torn, each failure is told to the sender, and the queue is empty.
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

use constant { MESSAGES => crash_is_long() ? 20 : 5, VARIANT => 6, SEED => 20262 };

my $sink = start_sink("rcpt bad\@remote.example 550 no such user\n");

# Messages of joe's to himself, to a forward, to nobody, and to a stranger who is refused.
sub letters {
	my ($count) = @_;
	my @all = sample_messages($count);
	for (@all) {
		$_->{sender}     = 'joe@mx.example.org';
		$_->{recipients} = [qw(joe@mx.example.org joe-fwd@mx.example.org nosuch@mx.example.org bad@remote.example)];
	}
	return @all;
}

sub home_with {
	my (%programs) = @_;
	my $home = crash_home(smtproutes => ":127.0.0.1:$sink->{port}\n", rcpthosts => "mx.example.org\nremote.example\n", locals => "mx.example.org\n");
	my ($uid, $gid) = split /:/, crash_owner();
	mkdir "$home/alias";
	mkdir "$home/users.d";
	spit("$home/users/assign", "=joe:joe:$uid:$gid:$home/users.d/joe:::\n=joe-fwd:joe:$uid:$gid:$home/users.d/joe:-:fwd:\n.\n");
	run_program(['qmail-newu'], home => $home)->{exit} == 0 or die 'qmail-newu';
	system('cp', $programs{$_}, "$home/bin/$_") == 0 or die 'cp' for keys %programs;
	return $home;
}

sub fill_disks {
	my ($home) = @_;
	queue_tree($home);
	my $joe = "$home/users.d/joe";
	mkdir "$joe$_" for '', '/Maildir', map {"/Maildir/$_"} qw(tmp new cur);
	spit("$joe/.qmail-fwd", "&joe\@mx.example.org\n", 0600);
	system('chown', '-R', crash_owner(), "$home/queue", $joe);
	chmod 0700, $joe;
}

sub new_mail { my ($home) = @_; return map { slurp($_) } glob "$home/users.d/joe/Maildir/new/*" }

# Two for each message: itself and the forward; a bounce, perhaps one for each failure.
sub is_through {
	my ($home, $count) = @_;
	my @new = new_mail($home);
	my @left = tree_of($home);
	return @new >= 3 * $count && !@left;
}

sub run_of_suite {
	my ($kind, $home, @messages) = @_;
	my $disks = flushlog_start($kind, sub { fill_disks($home) }, "$home/queue", "$home/users.d");
	my $suite = start_suite($home);
	smtp_send($home, 2, sub { $_[0]{at} = flushlog_position($disks) }, @messages);
	wait_until(sub { is_through($home, scalar @messages) }, 60) or die 'it does not come to an end: ' . slurp("$home/log");
	stop_suite($suite);
	flushlog_stop($disks);
	return $disks;
}

# What a suite that starts now makes of it.
sub problems_after {
	my ($home, $acknowledged, @messages) = @_;
	age_queue($home);
	my $suite = start_suite($home);
	my ($asked, @left) = (0);
	wait_until(sub {
		# What was deferred is tried now; before qmail-send says something, ALRM would be the end of it.
		kill 'ALRM', $suite if ++$asked % 50 == 0 && (slurp("$home/log") // '') =~ /^status/m;
		@left = tree_of($home);
		return !@left;
	}, 60);
	stop_suite($suite);
	my @wrong = map {"$_ is left"} @left;
	my @new = new_mail($home);
	my %count;
	for my $mail (@new) {
		my ($i) = $mail =~ /^Subject: message (\d+)$/m or do { push @wrong, 'mail of nobody'; next };
		my $whole = $messages[ $i - 1 ]{stored};
		push @wrong, "mail of message $i is torn" if $mail !~ /\n\Q$whole\E\z/;
		if ($mail =~ /failure notice/) { $count{$i}{$1}++ while $mail =~ /^<([^>]+)>:/mg }
		else                           { $count{$i}{ $mail =~ /^Delivered-To: joe-fwd\@/m ? 'forward' : 'joe' }++ }
	}
	for my $i (sort { $a <=> $b } keys %$acknowledged) {
		push @wrong, map {"message $i: nothing for $_"} grep { !$count{$i}{$_} } qw(joe forward nosuch@mx.example.org bad@remote.example);
	}
	push @wrong, slurp("$home/log") if @wrong;
	return @wrong;
}

sub state_problems {
	my ($disks, $home, $n, $how, @messages) = @_;
	my %acknowledged = map { $_->{n} => 1 } grep { flushlog_has_been($disks, $n, $_->{at}) } @messages;
	return 'it cannot be mounted' unless flushlog_state($disks, $n, $how, $disks->{dice});
	my @wrong = problems_after($home, \%acknowledged, @messages);
	flushlog_unmount($disks);
	return map {"after record $n, $how: $_"} @wrong;
}

# The moments are spread over the whole run; `make crash` takes many more.
sub moments {
	my ($disks, $states) = @_;
	my $count = flushlog_count($disks);
	my @hows = qw(none all none torn);
	return map { [ int(($_ + $disks->{dice}->()) * $count / $states), $hows[ $_ % @hows ] ] } 0 .. $states - 1;
}

for my $kind (flushlog_kinds()) {
	subtest $kind => sub {
		my $lacks = flushlog_lacks($kind);
		plan skip_all => $lacks if $lacks;
		my $home = home_with();
		my @messages = letters(MESSAGES);
		my $disks = run_of_suite($kind, $home, @messages);
		$disks->{dice} = crash_dice(SEED);
		my $states = crash_is_long() ? 60 : $kind eq 'ext4' ? 4 : 2;
		my @wrong = map { state_problems($disks, $home, @$_, @messages) } moments($disks, $states);
		is join("\n", @wrong), '', 'nothing is lost or torn, nothing is left';
		print_states("$kind: $states power losses in " . flushlog_count($disks) . ' writes and flushes of ' . @messages
			  . ' messages on their way through the suite, each taken up by a new one; seed ' . SEED);

		return unless crash_is_long() || $kind eq 'ext4';
		$home = home_with(map { $_ => build() . "/crash/$_" } qw(qmail-local qmail-send));
		@messages = letters(VARIANT);
		$disks = run_of_suite($kind, $home, @messages);
		$disks->{dice} = crash_dice(SEED);
		my %lost;
		for my $moment (moments($disks, 36)) {
			$lost{$_}++ for grep {/nothing for/} map {s/^after.*?: //r} state_problems($disks, $home, $moment->[0], 'none', @messages);
			last if %lost;
		}
		cmp_ok scalar(keys %lost), '>', 0, 'without the flushes of directories it is seen: ' . join ', ', sort keys %lost;
	};
}

done_testing;
