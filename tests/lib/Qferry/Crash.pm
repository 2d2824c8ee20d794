# Qferry::Crash - what the tests of crash safety share (doc/crash-safety): a home that an ordinary user can
# run, mail by SMTP with the moment of each 250, what must be true of a queue after a power loss, and the
# suite that takes it up again.
package Qferry::Crash;
use strict;
use warnings;
use Exporter qw(import);
use IO::Select;
use Qferry::Queue;
use Qferry::Test;
use Socket qw(AF_UNIX SOCK_STREAM);

our @EXPORT = qw(crash_is_long crash_dice crash_home crash_owner as_owner sample_messages smtp_session smtp_dialogue smtp_send
  queue_problems debris_problems age_queue spawner_program start_suite stop_suite print_states);

# `make crash` tries everything; `make check` a part of it.
sub crash_is_long { return ($ENV{QFERRY_CRASH} || '') eq 'all' }

# Chance that can be had again: numbers from 0 to 1, the same ones for the same seed.
sub crash_dice {
	my ($seed) = @_;
	my $state = $seed;
	return sub { $state = ($state * 1103515245 + 12345) % 2147483648; return ($state >> 8) / 8388608 };
}

# tests/run shows these lines.
sub print_states { my ($text) = @_; print "# states: $text\n" }

# --- the home ----------------------------------------------------------------------------------------------

my ($uid, $gid) = $> == 0 ? (getpwnam 'nobody')[ 2, 3 ] : ($>, (split ' ', $))[0]);

# Nobody when root runs the test: deliveries never run as root.
sub crash_owner { my (@paths) = @_; chown $uid, $gid, @paths if $> == 0; return "$uid:$gid" }

# A command that runs as that user.
sub as_owner {
	my (@argv) = @_;
	return @argv if $> != 0;
	return ('/usr/bin/setpriv', "--reuid=$uid", "--regid=$gid", '--clear-groups', '--', @argv);
}

# A home with its own copies of the programs: nobody may not read a checkout of root's.
sub crash_home {
	my (%controls) = @_;
	my $home = instance(me => "mx.example.org\n", rcpthosts => "example.org\n", locals => "mx.example.org\nexample.org\n", %controls);
	unlink "$home/bin";
	mkdir "$home/bin";
	system('cp', (glob build() . '/bin/*'), "$home/bin") == 0 or die "cp fails\n";
	mkdir "$home/queue";
	crash_owner($home, "$home/queue");
	return $home;
}

# --- mail ---------------------------------------------------------------------------------------------------

# Messages that are told apart by their bytes: small ones, some of several writes; up to three recipients.
sub sample_messages {
	my ($count) = @_;
	my @all;
	for my $i (1 .. $count) {
		my $lines = $i % 7 == 0 ? 4000 : $i % 3 == 0 ? 300 : 5;
		my $body = "Subject: message $i\r\n\r\n" . join '', map { "line $_ of message $i\r\n" } 1 .. $lines;
		(my $stored = $body) =~ s/\r\n/\n/g;
		push @all, { n => $i, sender => "s$i\@example.net", recipients => [ map {"r$i.$_\@example.org"} 1 .. 1 + $i % 3 ],
			body => $body, stored => $stored };
	}
	return @all;
}

# A qmail-smtpd that was greeted; `before` goes in front of its command.
sub smtp_session {
	my ($home, %with) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, 0 or die "socketpair: $!";
	my $pid = start_program([ as_owner(@{ $with{before} || [] }, "$home/bin/qmail-smtpd") ], home => $home,
		fds => { 0 => $theirs, 1 => $theirs, 2 => $with{err} },
		env => { PROTO => 'TCP', TCPREMOTEIP => '192.0.2.7', TCPLOCALIP => '192.0.2.1', %{ $with{env} || {} } });
	close $theirs;
	return { pid => $pid, socket => $ours, bytes => '' };
}

sub say_line { my ($session, $bytes) = @_; local $SIG{PIPE} = 'IGNORE'; return syswrite $session->{socket}, $bytes }

# The next whole reply, or '' when the session ended.
sub next_reply {
	my ($session) = @_;
	my $whole = qr/\A(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/;
	until ($session->{bytes} =~ $whole) {
		IO::Select->new($session->{socket})->can_read(10) or return '599 says nothing for 10 s';
		sysread($session->{socket}, $session->{bytes}, 65536, length $session->{bytes}) or return '';
	}
	return substr $session->{bytes}, 0, $+[0], '' if $session->{bytes} =~ $whole;
}

sub say_data {
	my ($session, $message) = @_;
	local $SIG{PIPE} = 'IGNORE';
	my $data = "$message->{body}.\r\n";
	my $at = 0;
	while ($at < length $data) {
		my $put = syswrite $session->{socket}, $data, 65536, $at;
		return unless $put;
		$at += $put;
	}
}

# One message up to the end of its data, which is sent, but not yet answered.
sub begin_message {
	my ($session, $message) = @_;
	my $reply = '';
	for my $line ("MAIL FROM:<$message->{sender}>", (map {"RCPT TO:<$_>"} @{ $message->{recipients} }), 'DATA') {
		say_line($session, "$line\r\n");
		$reply = next_reply($session);
		$reply =~ /^[23]/ or die "not taken: $reply\n";
	}
	say_data($session, $message);
}

# A session with one message by a client that gives up when it is not wanted; all replies.
sub smtp_dialogue {
	my ($session, $message) = @_;
	my @replies = (next_reply($session));
	for my $line ('EHLO client.example', "MAIL FROM:<$message->{sender}>", (map {"RCPT TO:<$_>"} @{ $message->{recipients} }), 'DATA') {
		last unless $replies[-1] =~ /^2/;
		say_line($session, "$line\r\n");
		push @replies, next_reply($session);
	}
	if ($replies[-1] =~ /^354/) {
		say_data($session, $message);
		push @replies, next_reply($session);
	}
	say_line($session, "QUIT\r\n") if $replies[-1] ne '';
	push @replies, next_reply($session) if $replies[-1] ne '';
	return grep { $_ ne '' } @replies;
}

# Send the messages, `at_once` of them in sessions side by side; acknowledged($message) is called as soon as
# its 250 is here.
sub smtp_send {
	my ($home, $at_once, $acknowledged, @messages) = @_;
	my @sessions = map { smtp_session($home) } 1 .. $at_once;
	for my $session (@sessions) {
		next_reply($session);
		say_line($session, "EHLO client.example\r\n");
		next_reply($session);
	}
	while (@messages) {
		my @now = splice @messages, 0, $at_once;
		begin_message($sessions[$_], $now[$_]) for 0 .. $#now;
		my %open = map { fileno $sessions[$_]{socket} => $_ } 0 .. $#now;
		while (%open) {
			for my $socket (IO::Select->new(map { $sessions[$_]{socket} } values %open)->can_read(30)) {
				my $i = delete $open{ fileno $socket };
				my $reply = next_reply($sessions[$i]);
				$reply =~ /^250 / or die "not accepted: $reply\n";
				$acknowledged->($now[$i]);
			}
		}
	}
	for my $session (@sessions) { say_line($session, "QUIT\r\n"); next_reply($session); finish_program($session->{pid}) }
}

# --- a queue after a power loss -----------------------------------------------------------------------------

# Each acknowledged message is there, whole; the others are whole or not there; nobody's mail is mixed (P1,
# P2, P3).  `acknowledged` has their numbers as keys.
sub queue_problems {
	my ($home, $messages, $acknowledged) = @_;
	my %all = messages_of($home);
	my (%seen, @wrong);
	for my $n (sort keys %all) {
		my ($mess, $todo) = @{ $all{$n} }{qw(mess todo)};
		my ($i) = ($todo =~ /\0Fs(\d+)\@/);
		my $message = $i && $messages->[ $i - 1 ];
		if (!$message) { push @wrong, "todo/$n is nobody's"; next }
		push @wrong, "todo/$n without mess" unless defined $mess;
		push @wrong, "message $i is torn" if defined $mess && $mess !~ /\AReceived: \(qmail [^\n]*\n.*?\n\Q$message->{stored}\E\z/s;
		my $records = join '', "F$message->{sender}\0", map {"T$_\0"} @{ $message->{recipients} };
		push @wrong, "the envelope of message $i is torn" unless $todo =~ /\Au\d+\0p\d+\0\Q$records\E\z/;
		push @wrong, "message $i is there twice" if $seen{$i}++;
	}
	push @wrong, map {"message $_ is lost"} grep { !$seen{$_} } sort { $a <=> $b } keys %$acknowledged;
	return @wrong;
}

# Files that nobody would ever remove (P6): all but those of a message in the queue, mess/N with or without
# intd/N, which a sweep finds, and names in pid/, which qmail-clean does.
sub debris_problems {
	my ($home) = @_;
	my %is_there = map { $_ => 1 } tree_of($home);
	my @wrong;
	for my $path (keys %is_there) {
		my ($dir, $n) = $path =~ m{^(\w+)/(?:\d+/)?(\d+)$};
		next if !defined $n && $path =~ m{^pid/};
		push @wrong, "$path: nobody removes it" if !defined $n || ($dir ne 'mess' && !$is_there{ 'mess/' . $n % 23 . "/$n" });
	}
	return @wrong;
}

# 40 hours go by, for all that is not to be delivered.
sub age_queue {
	my ($home) = @_;
	my $then = time() - 40 * 3600;
	utime $then, $then, map {"$home/queue/$_"} grep { m{^(?:mess|pid)/} } tree_of($home);
}

# --- the suite ----------------------------------------------------------------------------------------------

# A spawner that takes every delivery, and writes down what it was given: "RECIPIENT MESSAGE-NUMBER" when
# mess/N is the whole of that message, else "RECIPIENT torn".
my $spawner = <<'SPAWNER';
#!/usr/bin/perl
$| = 1;
print chr 20;
my ($bytes, $home) = ('', $ENV{QMAILHOME});
sub slurp { open my $in, '<', $_[0] or return ''; local $/; return scalar <$in> }
while (sysread STDIN, $bytes, 4096, length $bytes) {
	while ($bytes =~ s/\A(.)([^\0]*)\0[^\0]*\0([^\0]*)\0//s) {
		my ($delnum, $id, $recipient) = ($1, $2, $3);
		my ($n) = $recipient =~ /^r(\d+)\./;
		my $whole = slurp("$home/sample.$n");
		my $what = slurp("$home/queue/mess/$id") =~ /\n\Q$whole\E\z/ && length $whole ? $n : 'torn';
		open my $out, '>>', "$home/delivered" or die;
		syswrite $out, "$recipient $what\n";
		syswrite STDOUT, $delnum . "Kok\n\0";
	}
}
SPAWNER

# Both spawners of a home become that one.
sub spawner_program {
	my ($home, @messages) = @_;
	spit("$home/bin/$_", $spawner, 0755) for qw(qmail-lspawn qmail-rspawn);
	spit("$home/sample.$_->{n}", $_->{stored}, 0644) for @messages;
}

sub start_suite {
	my ($home, %env) = @_;
	open my $log, '>', "$home/log" or die "$home/log: $!";
	return start_program([ as_owner("$home/bin/qmail-start"), './Maildir/' ], home => $home, fds => { 1 => $log, 2 => $log },
		env => { PATH => "$home/bin:/usr/bin:/bin", %env });
}

sub stop_suite { my ($pid) = @_; kill 'TERM', $pid; return finish_program($pid) }

1;
