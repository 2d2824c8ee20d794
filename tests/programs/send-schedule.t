#!/usr/bin/perl
# send-schedule: whose turn it is - destinations, senders, new and retried mail - seen by the order of
# qmail-send's commands (queue 4.5, 6.1, 6.3; outbound 5.5).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Send;
use Qferry::Test;
use Test::More;

my $unreachable = "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n";

sub names { return join ' ', map { $_->{recipient} } @_ }
sub report_all { my ($send, $text, @commands) = @_; report($send, REMOTE, $_->{delnum}, $text) for @commands; return }

# --- a destination begins with one, and has never all slots ----------------------------------------------

{
	my $home = home(concurrencyremote => "8\n");
	my $send = start($home);
	enqueue($home, "s$_\@example.net", "m$_\@slow.example") for 1 .. 40;
	my @counts;
	for (1 .. 5) {
		my @commands = ready_commands($send, REMOTE);
		push @counts, scalar @commands;
		report_all($send, "Kok\n", @commands);
	}
	is "@counts", '1 2 4 6 6', 'one, two, four, and then all but the quarter that is for others';
	my @slow = ready_commands($send, REMOTE);
	is scalar @slow, 6, 'it has six, and takes its time';
	enqueue($home, 's@example.net', 'a@other.example');
	is names(ready_commands($send, REMOTE)), 'a@other.example', 'mail for others goes on at once';
	report_all($send, "Kok\n", @slow);
	stop($send);
}

# --- one that is dead ------------------------------------------------------------------------------------

{
	my $home = home();
	my $send = start($home);
	enqueue($home, "s$_\@example.net", "m$_\@Dead.example") for 1 .. 20;
	my @first = ready_commands($send, REMOTE);
	is scalar @first, 1, 'one is tried';
	report_all($send, $unreachable, @first);
	my @second = ready_commands($send, REMOTE);
	is scalar @second, 1, 'and another one';
	report_all($send, $unreachable, @second);
	like log_until($send, qr/^warning: mail for dead.*\n/m),
	  qr/\Awarning: mail for dead\.example waits (6\d|7[0-5]) seconds: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection\._\(#4\.4\.1\)\/\n\z/,
	  'then its mail waits, which is logged';
	is names(ready_commands($send, REMOTE)), '', 'nothing more is tried';
	enqueue($home, 's@example.net', 'new@dead.example', 'a@other.example');
	is names(ready_commands($send, REMOTE)), 'a@other.example', 'also not of new mail; but the rest of that is';
	report($send, REMOTE, 0, "Kok\n");

	# ALRM: everything is due, and yet one decides.
	kill 'ALRM', $send->{pid};
	my @probe = ready_commands($send, REMOTE);
	is scalar @probe, 1, 'ALRM: one is tried';
	report_all($send, $unreachable, @probe);
	like log_until($send, qr/^warning: mail for dead\.example waits \d+/m), qr/ 1[2-4]\d$/, 'the pause is twice as long';
	is names(ready_commands($send, REMOTE)), '', 'and all wait';
	kill 'ALRM', $send->{pid};
	@probe = ready_commands($send, REMOTE);
	report_all($send, "Kok\n", @probe);
	my $delivered = @probe;
	for my $expected (2, 4, 8) {
		my @commands = ready_commands($send, REMOTE);
		is scalar @commands, $expected, "it is back: $expected";
		$delivered += @commands;
		report_all($send, "Kok\n", @commands);
	}
	while (my @commands = ready_commands($send, REMOTE)) { $delivered += @commands; report_all($send, "Kok\n", @commands) }
	is $delivered, 21, 'and everything is delivered, once';
	stop($send);
	is queued($home), '', 'nothing is left';
}

# --- refusals of one recipient say nothing of the others; 421 does -----------------------------------------

{
	my $home = home();
	my $send = start($home);
	enqueue($home, "s$_\@example.net", "m$_\@grey.example") for 1 .. 5;
	for (1 .. 5) {
		my @commands = ready_commands($send, REMOTE);
		is scalar @commands, 1, 'greylisting: the next is tried';
		report_all($send, "Z192.0.2.1 does not like recipient.\nRemote host said: 451 greylisted\n", @commands);
	}
	enqueue($home, "s$_\@example.net", "m$_\@busy.example") for 1 .. 9;
	report_all($send, "Kok\n", ready_commands($send, REMOTE));
	my @two = ready_commands($send, REMOTE);
	is scalar @two, 2, 'busy.example has two';
	report_all($send, "ZConnected to 192.0.2.1 but greeting failed.\nRemote host said: 421 too many\n", $two[0]);
	is names(ready_commands($send, REMOTE)), '', '421: and then one';
	report_all($send, "Kok\n", $two[1]);
	is scalar(ready_commands($send, REMOTE)), 1, 'which goes on';
	stop($send, 'KILL');
}

# --- what is too old does not wait for a dead destination ---------------------------------------------------

{
	my $home = home(doublebounceto => "\n");
	my $send = start($home);
	enqueue($home, '', "m$_\@dead.example") for 1 .. 3;
	report_all($send, "Zlater\n", command($send, REMOTE)) for 1 .. 3;
	log_until($send, qr/deferral(?:.*?deferral){2}/s);
	stop($send);
	my $now = time;
	for my $file (glob "$home/queue/remote/*/*") {
		my ($n) = slurp($file) =~ /m(\d)/;
		utime $now, $now - 10 + $n, $file;
		utime $now, $now - ($n == 3 ? 604801 : 5000), $file =~ s{/remote/}{/info/}r;
	}
	$send = start($home);
	for (1, 2) {
		my ($command) = ready_commands($send, REMOTE);
		is $command->{recipient}, "m$_\@dead.example", "one is tried: m$_";
		report_all($send, $unreachable, $command);
	}
	ok log_until($send, qr/^warning: mail for dead\.example waits/m), 'the host is suspended';
	ok log_until($send, qr/^starting delivery \d+: msg \d+ to remote m3\@dead\.example\n.*\ndelivery \d+: failure: Sorry,_I_wasn't_able.*too_long\.\/\n/m),
	  'what is too old fails with what is known of the host';
	ok log_until($send, qr/^end msg/m), 'and comes to its end';
	is names(ready_commands($send, REMOTE)), '', 'without being tried';
	stop($send);
	is scalar(() = glob "$home/queue/info/*/*"), 2, 'the others wait';
}

# --- senders have turns -----------------------------------------------------------------------------------

{
	my $home = home(concurrencyremote => "1\n");
	my $send = start($home);
	enqueue($home, 'first@example.net', 'first@h0.example');
	my $running = command($send, REMOTE);
	enqueue($home, 'list@example.net', map { "l$_\@l$_.example" } 1 .. 30);
	enqueue($home, 'big@example.net', "b$_\@b$_.example") for 1 .. 5;
	enqueue($home, 'joe@example.net', 'x@joe.example');
	enqueue($home, 'list-owner@example.net', 'extra@list.example');
	ready_commands($send, REMOTE);    # all are taken in
	report($send, REMOTE, $running->{delnum}, "Kok\n");
	my @order = map { answer($send, REMOTE, "Kok\n")->{recipient} } 1 .. 37;
	my %at = map { $order[$_] => $_ } reverse 0 .. $#order;
	cmp_ok $at{'x@joe.example'}, '<', 4, 'one message among those of others is not behind all of them';
	cmp_ok $at{'b1@b1.example'}, '<', 4, 'nor is the first of many';
	cmp_ok $at{'b5@b5.example'}, '<', 20, 'senders have turns';
	cmp_ok $at{'extra@list.example'}, '<', 10, 'a list does not stop its own sender';
	cmp_ok $at{'l30@l30.example'}, '>', 30, 'who has most is the last';
	is join(' ', grep { /^l\d/ } @order), join(' ', map { "l$_\@l$_.example" } 1 .. 30), 'each list in its order';
	stop($send);
}

# --- new and retried mail -----------------------------------------------------------------------------------

{
	my $home = home(concurrencyremote => "4\n");
	my $send = start($home);
	enqueue($home, "s$_\@example.net", "m$_\@h$_.example") for 1 .. 8;
	for (1 .. 8) { report($send, REMOTE, command($send, REMOTE)->{delnum}, "Zlater\n") }
	log_until($send, qr/delivery 8: deferral/);
	kill 'ALRM', $send->{pid};
	my @retried = ready_commands($send, REMOTE);
	is scalar @retried, 3, 'retried mail has not all slots';
	enqueue($home, 's@example.net', 'new@new.example');
	is names(ready_commands($send, REMOTE)), 'new@new.example', 'new mail starts at once';
	enqueue($home, 's@example.net', "new$_\@new$_.example") for 1 .. 20;
	report($send, REMOTE, 0, "Zlater\n");
	my @mixed = map { my $c = command($send, REMOTE); report($send, REMOTE, $c->{delnum}, "Kok\n"); $c->{recipient} } 1 .. 12;
	ok scalar(grep { /^m/ } @mixed), 'and does not stop retried mail';
	stop($send, 'KILL');
}

# --- relays, and the admin's limit --------------------------------------------------------------------------

{
	my $home = home(smtproutes => "direct.example:\n:Relay.example:587 user secret\n", concurrencyremote => "4\n");
	my $send = start($home);
	enqueue($home, "s$_\@example.net", "m$_\@h$_.example") for 1 .. 9;
	enqueue($home, 's@example.net', 'd@direct.example');
	my @commands = ready_commands($send, REMOTE);
	is join(' ', sort map { $_->{recipient} =~ s/.*\@h\d+.*/host/r } @commands), 'd@direct.example host', 'all that goes through a relay counts together';
	report_all($send, $unreachable, grep { $_->{recipient} =~ /^m/ } @commands);
	report_all($send, $unreachable, ready_commands($send, REMOTE));
	unlike log_until($send, qr/^warning: mail for relay\.example:587 waits.*\n/m), qr/secret/, 'and waits together; credentials are not logged';
	unlink "$home/control/smtproutes";
	control($home, 'smtproutes', ":\n");
	stop($send, 'KILL');

	$home = home(concurrencyperhost => "2\n");
	$send = start($home);
	enqueue($home, "s$_\@example.net", "m$_\@h.example") for 1 .. 9;
	report_all($send, "Kok\n", ready_commands($send, REMOTE));
	report_all($send, "Kok\n", ready_commands($send, REMOTE));
	is scalar(ready_commands($send, REMOTE)), 2, 'concurrencyperhost';
	control($home, 'concurrencyperhost', "3\n");
	kill 'HUP', $send->{pid};
	is scalar(ready_commands($send, REMOTE)), 0, 'HUP: the window is what was learnt';
	stop($send, 'KILL');
}

# --- one mailbox --------------------------------------------------------------------------------------------

{
	my $home = home(concurrencylocal => "4\n");
	my $send = start($home);
	enqueue($home, "s$_\@example.net", 'joe@local.example') for 1 .. 6;
	is scalar(ready_commands($send, LOCAL)), 3, 'a mailbox has not all slots';
	enqueue($home, 's@example.net', 'jim@local.example');
	is names(ready_commands($send, LOCAL)), 'jim@local.example', 'others go on';
	stop($send, 'KILL');
}

# --- recipients that go together ---------------------------------------------------------------------------

{
	my $home = home(keptrecipients => "4\n", concurrencyremote => "8\n");
	my $send = start($home);
	my @list = ((map { "a$_\@a.example" } 1 .. 6), 'b1@b.example', 'a7@A.example');
	enqueue($home, 'list@example.net', @list);
	my @commands = ready_commands($send, REMOTE);
	is names(@commands), 'a1@a.example a2@a.example a3@a.example a4@a.example b1@b.example', 'four at once, as one connection';
	my $file = path($home, 'remote');
	report_all($send, "Kok\n", @commands[0, 1]);
	report_all($send, "Zlater\n", $commands[2]);
	is names(ready_commands($send, REMOTE)), '', 'the connection is in use until the last of them';
	report_all($send, "Dno\n", $commands[3]);
	my @rest = ready_commands($send, REMOTE);
	is names(@rest), 'a5@a.example a6@a.example a7@A.example', 'then the rest';
	is slurp($file) =~ s/\0/ /gr, 'Da1@a.example Da2@a.example Ta3@a.example Da4@a.example Ta5@a.example Ta6@a.example Tb1@b.example Ta7@A.example ',
	  'each is marked by its own report';
	ok log_until($send, qr/^starting delivery \d+: msg \d+ to remote a$_\@a\.example\n/mi), 'and logged as its own delivery' for 1 .. 7;
	report_all($send, "Kok\n", @rest, $commands[4]);
	stop($send);

	$home = home(keptrecipients => "4\n");
	$send = start($home);
	enqueue($home, 'list-@example.net-@[]', map { "a$_\@a.example" } 1 .. 6);
	is names(ready_commands($send, REMOTE)), 'a1@a.example', 'not where each has its own sender';
	stop($send, 'KILL');
}

# --- after a crash ---------------------------------------------------------------------------------------------

{
	my $home = home();
	my $send = start($home);
	enqueue($home, "s$_\@example.net", "m$_\@h$_.example") for 1 .. 4;
	report_all($send, "Zlater\n", map { command($send, REMOTE) } 1 .. 4);
	log_until($send, qr/(deferral.*?){4}/s);
	stop($send, 'KILL');
	my $now = time;
	for (glob "$home/queue/{info,remote}/*/*") { utime $now, $now - 2000, $_ }
	my ($young) = glob "$home/queue/info/*/*";
	utime $now, $now - 30, $young, $young =~ s{/info/}{/remote/}r;
	$send = start($home);
	my @commands = ready_commands($send, REMOTE);
	is scalar @commands, 1, 'after a crash: what is young is tried at once';
	report_all($send, "Kok\n", @commands);
	stop($send);
	my @next = map { (stat)[9] - $now } glob "$home/queue/remote/*/*";
	is scalar(grep { $_ >= 1600 && $_ <= 1900 } @next), 3, 'the rest at the next time of its curve, spread';

	# A clean end: the times are those of the files.
	utime $now, $now - 1, glob "$home/queue/remote/*/*";
	$send = start($home);
	is scalar(ready_commands($send, REMOTE)), 3, 'after an end in order: by the times of the files';
	stop($send, 'KILL');
}

# --- HUP ----------------------------------------------------------------------------------------------------------

{
	my $home = home(concurrencyremote => "1\n", concurrencylocal => "0\n", queuelifetime => "604800\n");
	my $send = start($home);
	log_until($send, qr/^status.*\n/m);
	enqueue($home, 's@example.net', 'joe@local.example', 'a@a.example', 'b@b.example');
	my $running = command($send, REMOTE);
	control($home, 'concurrencyremote', "3\n");
	control($home, 'concurrencylocal', "2\n");
	control($home, 'envnoathost', "noat.example\n");
	control($home, 'percenthack', "hack.example\n");
	control($home, 'bouncefrom', "Bouncer\n");
	kill 'HUP', $send->{pid};
	is command($send, REMOTE)->{recipient}, 'b@b.example', 'HUP: concurrencyremote';
	is answer($send, LOCAL, "Kok\n")->{recipient}, 'joe@local.example', 'HUP: concurrencylocal, that held';
	enqueue($home, 's@example.net', 'box%h.example@hack.example');
	is answer($send, REMOTE, "Kok\n")->{recipient}, 'box@h.example', 'HUP: percenthack';
	enqueue($home, 's@example.net', 'bare');
	is answer($send, REMOTE, "Kok\n")->{recipient}, 'bare@noat.example', 'HUP: envnoathost';
	unlink "$home/control/queuelifetime";
	mkdir "$home/control/queuelifetime";
	control($home, 'concurrencyremote', "1\n");
	kill 'HUP', $send->{pid};
	ok log_until($send, qr/^alert: unable to reread control\/queuelifetime\n/m), 'HUP: one cannot be read';
	enqueue($home, 's@example.net', 'c@c.example');
	is command($send, REMOTE)->{recipient}, 'c@c.example', 'and none is changed';
	stop($send, 'KILL');
}

done_testing();
