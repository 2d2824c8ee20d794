#!/usr/bin/perl
# send-left: what qmail-send must come back to by itself, and what it must leave alone: bounces that wait for a child,
# a directory that cannot be read at the start, messages that somebody else removed (queue 4.5, 6.1).
# nosan: a sanitizer wants to be loaded first
use strict;
use warnings;
use FindBin;
use IO::Select;
use lib "$FindBin::Bin/../lib";
use Qferry::Send;
use Qferry::Test;
use Test::More;

plan skip_all => 'as root the real users must exist' if $> == 0;

require POSIX;

sub pull_trigger { my ($home) = @_; open my $trigger, '>', "$home/queue/lock/trigger" or die; syswrite $trigger, "\0" }

# Files of message $n, by their directories.
sub make_message {
	my ($home, $n, %files) = @_;
	for (sort keys %files) {
		my $path = /todo/ ? "$home/queue/todo/$n" : "$home/queue/$_/" . $n % 23 . "/$n";
		spit($path, $files{$_});
		utime time - 1, time - 1, $path;
	}
}

# Its number is not used again: mess/N has another name.
sub remove_message {
	my ($home, $n) = @_;
	link "$home/queue/mess/" . $n % 23 . "/$n", "$home/removed" or die "link: $!";
	unlink glob "$home/queue/{mess,info,local,remote}/" . $n % 23 . "/$n";
}

# --- bounces that wait for a child have it as soon as one ends, whatever the clock says ----------------------------

{
	my $clock = spit(temp_dir() . '/clock', pack 'q', 0);
	my $home = home();
	my $store = use_store_queue($home);
	POSIX::mkfifo("$home/go", 0600);
	spit("$home/hang", "#!/bin/sh\nunset LD_PRELOAD\nread line <'$home/go'\nexec '$store'\n", 0755);
	my $send = start($home, env => { QMAILQUEUE => "$home/hang", LD_PRELOAD => build() . '/crash/clock.so', TEST_CLOCK => $clock });
	for (1 .. 12) { enqueue($home, 'me@example.net', "r$_\@h$_.example"); answer($send, REMOTE, "Dno\n"); log_until($send, qr/failure: no/) }
	open my $file, '+<', $clock or die;
	syswrite $file, pack 'q', -50;
	enqueue($home, 'me@example.net', 'good@good.example');
	answer($send, REMOTE, "Kok\n");
	ok log_until($send, qr/success: ok\/\n.*?end msg \d+\n/s), 'the clock was set back';
	open my $go, '+>', "$home/go";    # never at its end: none waits
	syswrite $go, "\n" x 100;
	my $sent = 0;
	$sent++ while $sent < 12 && log_until($send, qr/^bounce msg \d+ qp \d+\n/m);
	is $sent, 12, 'all bounces are sent, each as a child is free' or diag $send->{text};
	stop($send);
	is scalar(stored_messages($home)), 12, 'each once';
}

# --- who stood back for others goes on when these cannot be tried -------------------------------------------------

# All that was queued before has been looked at.
sub looked_at {
	my ($send) = @_;
	enqueue($send->{home}, 'me@example.net');
	log_until($send, qr/end msg \d+\n/);
}

{
	my $home = home(concurrencyremote => "3\n");
	my $deferral = "Zx does not like recipient.\nRemote host said: 450 no\n";    # its host is as good as before
	my $send = start($home);
	my %running;
	my $next = sub { my $c = command($send, REMOTE); $running{ $c->{recipient} // '' } = $c; return $c->{recipient} // '' };
	my $defer = sub { report($send, REMOTE, $running{ $_[0] }{delnum}, $deferral); return $next->() };
	enqueue($home, 's1@example.net', map { "$_\@x.example" } qw(a b c));
	is $next->(), 'a@x.example', 'the first of three recipients';
	enqueue($home, "s$_\@other$_.example", "p$_\@x.example") for 2, 3;
	looked_at($send);
	enqueue($home, 's4@four.example', 'q1@y.example');
	is $next->(), 'q1@y.example', 'another host';
	enqueue($home, 's5@five.example', 'q2@y.example');
	looked_at($send);
	enqueue($home, 's6@six.example', 'f@z.example');
	is $next->(), 'f@z.example', 'all slots are taken';
	like my $parked = $defer->('a@x.example'), qr/^p[23]\@x/, 'who was parked comes first';
	is $defer->($parked), 'b@x.example', 'then who stood back';
	is $defer->('q1@y.example'), 'q2@y.example', 'who was parked for the other host';
	for my $info (glob "$home/queue/info/*/*") { chmod 0, $info if slurp($info =~ s/info/remote/r) =~ /^Tp/ }
	is $defer->('b@x.example'), 'c@x.example', 'who was parked cannot be tried: who stood back goes on';
	kill 'KILL', $send->{pid};
	wait_for_end($send);
}

# --- many messages that end do not hold up those that come, nor the other way ---------------------------------------

{
	my $home = home();
	make_message($home, $_, mess => "Subject: t\n\n", info => "Fs\@example.net\0") for 1 .. 200;
	my $send = start($home, clean => 0);
	ok log_until($send, qr/^(?:end msg \d+\n){5}/m), 'messages without recipients end';
	enqueue($home, 's@example.net', 'joe@remote.example');
	my $bytes = '';
	until ($bytes =~ /todo\/\d+\0/) {
		IO::Select->new($send->{requests})->can_read(20) or last;
		sysread($send->{requests}, $bytes, 4096, length $bytes) or last;
	}
	like $bytes, qr/\A(?:foop\/\d+\0){64}todo\/\d+\0\z/, 'of which no more are asked for at a time than leave room for new ones';
	kill 'KILL', $send->{pid};
	wait_for_end($send);
}

# --- a directory that cannot be read at the start ----------------------------------------------------------------

{
	my $home = home();
	make_message($home, 5, mess => "Subject: t\n\n", info => "Fs\@example.net\0", remote => "Tfive\@remote.example\0");
	make_message($home, 6, mess => "Subject: t\n\n", info => "Fs\@example.net\0", remote => "Tsix\@h6.example\0");
	chmod 0, "$home/queue/info/5";
	my $send = start($home);
	ok log_until($send, qr/^alert: unable to opendir info\/5, sleeping\.\.\.\n/m), 'a directory that cannot be read';
	chmod 0700, "$home/queue/info/5";
	is join(' ', sort map { command($send, REMOTE)->{recipient} // '' } 1, 2), 'five@remote.example six@h6.example', 'it is read again, and nothing is left out';
	report($send, REMOTE, $_, "Kok\n") for 0, 1;
	log_until($send, qr/end msg/) for 1, 2;
	stop($send);
	is queued($home), '', 'all is delivered';
}

{
	my $clock = spit(temp_dir() . '/clock', pack 'q', 0);
	my $set_clock = sub { open my $file, '+<', $clock or die; syswrite $file, pack 'q', $_[0] };
	my $home = home();
	make_message($home, 5, mess => "Subject: t\n\n", info => "Fs\@example.net\0", remote => "Tfive\@remote.example\0");
	chmod 0, "$home/queue/todo";
	my $send = start($home, env => { LD_PRELOAD => build() . '/crash/clock.so', TEST_CLOCK => $clock });
	my $doubt = qr/^warning: unable to stat todo\/5; will try again later\n/m;
	ok log_until($send, $doubt), 'nobody knows whether it is in todo/';
	$set_clock->(100);
	kill 'ALRM', $send->{pid};
	ok log_until($send, $doubt), 'nor a minute later';
	chmod 0700, "$home/queue/todo";
	$set_clock->(300);
	kill 'ALRM', $send->{pid};
	is answer($send, REMOTE, "Kok\n")->{recipient}, 'five@remote.example', 'it is not forgotten';
	ok log_until($send, qr/end msg 5\n/), 'and comes to its end';
	stop($send);
}

# --- messages that somebody else removed while they were delivered ----------------------------------------------------

{
	my $home = home();
	my $send = start($home);
	enqueue($home, 's@example.net', 'joe@local.example', 'old@remote.example');
	my ($local, $old) = (command($send, LOCAL), command($send, REMOTE));
	remove_message($home, $old->{messid} =~ s/.*\///r);
	report($send, LOCAL, $local->{delnum}, "Kok\n");
	log_until($send, qr/success: ok/);
	enqueue($home, 's@example.net', 'new@other.example');
	my $new = command($send, REMOTE);
	is $new->{recipient}, 'new@other.example', 'another message';
	report($send, REMOTE, $old->{delnum}, "Kold\n");
	log_until($send, qr/success: old/);
	ok -e "$home/queue/remote/$new->{messid}", 'has its files when the delivery of the removed one ends';
	report($send, REMOTE, $new->{delnum}, "Kok\n");
	ok log_until($send, qr/success: ok\/\n(?s:.*)end msg/), 'and comes to its end';
	stop($send);
	is queued($home), '', 'nothing is left';
}

{
	my $home = home();
	my $send = start($home);
	enqueue($home, 's@example.net', 'old@remote.example');
	my $old = command($send, REMOTE);
	my ($n) = $old->{messid} =~ /(\d+)$/;
	remove_message($home, $n);
	make_message($home, $n, mess => "Subject: t\n\nnew\n", todo => "u1\0p1\0Fs\@example.net\0Tnew\@other.example\0");
	pull_trigger($home);
	enqueue($home, 's@example.net');
	log_until($send, qr/end msg/);    # the pull was seen
	report($send, REMOTE, $old->{delnum}, "Kold\n");
	is command($send, REMOTE)->{recipient}, 'new@other.example', 'a new message with the number of a removed one that was being delivered';
	is slurp("$home/queue/mess/$old->{messid}"), "Subject: t\n\nnew\n", 'is whole';
	report($send, REMOTE, 0, "Kok\n");
	ok log_until($send, qr/end msg $n\n/), 'and is delivered';
	stop($send);
	is queued($home), '', 'nothing is left';
}

done_testing();
