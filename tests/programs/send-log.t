#!/usr/bin/perl
# qmail-send and who reads its log: while nobody does it waits, and goes on where it was; when the reader is gone it goes
# on without.  Nothing is lost either way (queue 4.6).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Send;
use Qferry::Test;
use Test::More;

use constant { F_SETPIPE_SZ => 1031, FIONREAD => 0x541B, COUNT => 30 };

my @names = map {"r$_\@local.example"} 1 .. COUNT;

sub octets_waiting { my ($log) = @_; ioctl $log, FIONREAD, my $count = pack 'i', 0 or die "FIONREAD: $!"; return unpack 'i', $count }

# A qmail-send whose log is full: there is no room for another "info msg".
sub full_one {
	my ($home) = @_;
	my $send = start($home);
	fcntl $send->{log}, F_SETPIPE_SZ, 4096 or die "F_SETPIPE_SZ: $!";
	enqueue($home, 'a' x 100 . '@example.net', $_) for @names;
	ok wait_until(sub { octets_waiting($send->{log}) > 4096 - 160 }), 'the log is full';
	return $send;
}

# All that it delivers from now on.
sub delivered {
	my ($send) = @_;
	my %to;
	for (@names) {
		my $command = answer($send, LOCAL, "Kok\n");
		$to{ $command->{recipient} // last }++;
		log_until($send, qr/success: ok\/\n/) or last;
	}
	return join ' ', sort keys %to;
}

my $all = join ' ', sort @names;

{
	my $send = full_one(my $home = home(concurrencylocal => "4\n"));
	is delivered($send), $all, 'read again: all is delivered';
	ok wait_until(sub { queued($home) eq '' }), 'and nothing is left';
	is stop($send), '0 0', 'TERM';
}

{
	my $send = full_one(my $home = home(concurrencylocal => "4\n"));
	kill 'TERM', $send->{pid};
	delete $send->{reports};    # the spawners are gone, too
	ok log_until($send, qr/^status: exiting\n/m), 'TERM while the log is full, and read again: it says that it ends';
	is wait_for_end($send), '0 0', '... and does, in order';
	$send = start($home);
	is delivered($send), $all, 'all that is queued is delivered by another';
	is stop($send), '0 0', 'which ends';
}

{
	my $send = full_one(my $home = home(concurrencylocal => "4\n"));
	is stop($send, 'KILL'), '-1 9', 'killed while the log is full';
	$send = start($home);
	is delivered($send), $all, 'all that is queued is delivered by another';
	is stop($send), '0 0', 'which ends';
}

{
	my $send = start(my $home = home());
	ok log_until($send, qr/^status/m), 'it runs';
	close $send->{log};
	enqueue($home, 'ann@example.net', 'a@local.example', 'b@remote.example');
	is answer($send, LOCAL, "Kok\n")->{recipient}, 'a@local.example', 'nobody reads the log any more: it delivers';
	is answer($send, REMOTE, "Zlater\n")->{recipient}, 'b@remote.example', '... and defers';
	kill 'ALRM', $send->{pid};
	is answer($send, REMOTE, "Kok\n")->{recipient}, 'b@remote.example', '... and tries again';
	ok wait_until(sub { queued($home) eq '' }), '... to the end';
	open $send->{log}, '<', '/dev/null' or die;
	is stop($send), '0 0', '... and ends in order';
}

done_testing;
