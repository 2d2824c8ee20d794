# Qferry::Hostile - what the tests of hostile clients and children share: sessions of qmail-smtpd in
# bounded memory, over TCP or a pair of sockets, and a judge who is told what was said and what is stored.
#
#   my $s = session($home, argv => [...], env => {...}, tcp => 1);
#   say_it($s, "EHLO x\r\n");   hear($s, qr/^250 .*\n\z/m);
#   is problems_of($s), '';     # ends it: replies, log, exit
package Qferry::Hostile;
use strict;
use warnings;
use Exporter qw(import);
use IO::Handle;
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket;
use Time::HiRes ();
use Qferry::Test;

our @EXPORT = qw(session say_it hear take_log hang_up end_of reply_problems log_problems problems_of
  mail_problems is_long sanitized unlimited_queue MEMORY_KB);

use constant {
	MEMORY_KB => 16_000,    # of address space, for the program itself
	REPLY_MAX => 512,       # RFC 5321 4.5.3.1.5
	LOG_MAX   => 1024,      # DESIGN 9
	VALUE_MAX => 256,
	PATIENCE  => 30,        # seconds until something counts as hanging
};

# The long forms of these tests try every octet and every value.
sub is_long { return $ENV{QFERRY_LONG} }

# Sanitizers reserve terabytes of address space.
sub sanitized { my ($program) = @_; return slurp(program($program || 'qmail-smtpd')) =~ /__asan_init|__ubsan/ }

# store-queue without the limit of its caller, which is too small for perl.
sub unlimited_queue {
	my ($home) = @_;
	my $store = use_store_queue($home);
	return spit("$home/unlimited-queue", "#!/bin/sh\nulimit -S -v unlimited\nexec $store\n", 0755);
}

# --- sessions -----------------------------------------------------------------------------------

my $listener;

sub connected {
	my ($tcp) = @_;
	if (!$tcp) {
		socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!";
		return ($ours, $theirs);
	}
	$listener ||= IO::Socket::INET->new(Listen => 10, LocalAddr => '127.0.0.1') or die "listen: $@";
	my $ours = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $listener->sockport) or die "connect: $@";
	return ($ours, $listener->accept);
}

# The home with the names that these tests use.
sub start_limited {
	my ($argv, %with) = @_;
	my @shell = ('/bin/sh', '-c', 'ulimit -S -v ' . ($with{memory} || MEMORY_KB) . '; exec "$0" "$@"');
	my @argv = (program($argv->[0]), @$argv[ 1 .. $#$argv ]);
	return start_program($with{unlimited} || sanitized($argv->[0]) ? \@argv : [ @shell, @argv ], %with);
}

# A session: `net` is the client's end, what is logged goes into a pipe, which its children hold too.  With
# `accept` the connection is the next one that this listener gets, and somebody else's.
sub session {
	my ($home, %with) = @_;
	my ($ours, $theirs) = $with{accept} ? (undef, $with{accept}->accept) : connected($with{tcp});
	pipe my $log, my $err or die "pipe: $!";
	my $pid = start_limited($with{argv} || ['qmail-smtpd'], %with, home => $home,
		env => { QMAILQUEUE => unlimited_queue($home), TCPREMOTEIP => '192.0.2.66', %{ $with{env} || {} } },
		fds => { 0 => $theirs, 1 => $theirs, 2 => $err });
	close $_ for $theirs, $err;
	$ours->autoflush(1) if $ours;
	return { pid => $pid, net => $ours, log => $log, err => '', out => '', home => $home };
}

# Take what is there; false when nothing comes any more from `net` (or, without `net`, from the log).
sub take_some {
	my ($s, $patience) = @_;
	my $select = IO::Select->new(grep { $_ } $s->{net}, $s->{log});
	my $goes_on = 1;
	my @ready = $select->can_read($patience) or return 0;
	for my $handle (@ready) {
		my $is_log = $s->{log} && $handle == $s->{log};
		my $got = sysread $handle, my $octets, 65536;
		if ($got) {
			$s->{ $is_log ? 'err' : 'out' } .= $octets;
			next;
		}
		$s->{ $is_log ? 'log' : 'net' } = undef;
		$goes_on = 0 unless $is_log && $s->{net};
	}
	return $goes_on;
}

# Take what was logged; false at its end.
sub take_log {
	my ($s) = @_;
	(local $s->{net}) = ();
	take_some($s, 0);
	return defined $s->{log};
}

# Read until what comes matches, or the end: what came since the last call.
sub hear {
	my ($s, $until) = @_;
	my $from = length $s->{out};
	while ($s->{net}) {
		last if defined $until && substr($s->{out}, $from) =~ $until;
		last unless take_some($s, PATIENCE);
	}
	return substr $s->{out}, $from;
}

# Say it whole, listening meanwhile unless `deaf`.  False if the other side does not take it.
sub say_it {
	my ($s, $octets, %with) = @_;
	my $at = 0;
	$s->{net} or return 0;
	$s->{net}->blocking(0);
	while ($at < length $octets && $s->{net}) {
		my $put = syswrite $s->{net}, $octets, 262_144, $at;
		if ($put) { $at += $put; next }
		return 0 unless $!{EAGAIN};
		my ($reads) = IO::Select->select($with{deaf} ? undef : IO::Select->new(grep { $_ } $s->{net}, $s->{log}),
			IO::Select->new($s->{net}), undef, $with{patience} || PATIENCE) or return 0;
		take_some($s, 0) if @$reads;
	}
	return $at == length $octets;
}

# Close our side: 'half' goes on listening, 'close' does not, 'reset' sends RST on TCP.
sub hang_up {
	my ($s, $how) = @_;
	my $net = $s->{net} or return;
	if ($how eq 'half') {
		shutdown $net, 1;
		return;
	}
	setsockopt $net, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0 if $how eq 'reset';
	close $net;
	$s->{net} = undef;
}

# Hear it out: { exit, signal }.  The log ends when all its children have ended, too.
sub end_of {
	my ($s) = @_;
	hear($s);
	1 while $s->{log} && take_some($s, PATIENCE);
	my ($exit, $signal) = finish_program($s->{pid}, PATIENCE);
	$signal = 'a child that hangs' if $s->{log} && !$signal;
	return { exit => $exit, signal => $signal };
}

# --- the judge ----------------------------------------------------------------------------------

# What is wrong with these replies; `last` says that the last one may be cut (the client went away).
sub reply_problems {
	my ($text, %with) = @_;
	my (@wrong, $open);
	$text =~ s/[^\n]*\z// if $with{cut};
	for my $line ($text =~ /\G([^\n]*\n?)/g) {
		next if $line eq '';
		my ($code, $mark) = $line =~ /\A([2-5]\d\d)([ -])[\t\x20-\x7e\x80-\xff]*\r\n\z/;
		my $shown = substr $line, 0, 80;
		push @wrong, "no reply: $shown" unless $code;
		push @wrong, 'too long: ' . length($line) . " $shown" if length $line > REPLY_MAX;
		push @wrong, "$open-, then $shown" if $code && defined $open && $code ne $open;
		$open = defined $mark && $mark eq '-' ? $code : undef;
	}
	push @wrong, "nothing after $open-" if defined $open && !$with{cut};
	return @wrong > 5 ? (@wrong[ 0 .. 4 ], '...') : @wrong;
}

# What is wrong with these lines of a log (DESIGN 9), of a program and its helpers.
sub log_problems {
	my ($text) = @_;
	my @wrong;
	push @wrong, "sanitizer: $_" for grep { $_ } sanitizer_report($text);
	push @wrong, 'no line end' if $text =~ /[^\n]\z/;
	for my $line (split /\n/, $text) {
		push @wrong, 'log line of ' . (length($line) + 1) if length $line >= LOG_MAX;
		if ($line !~ /\Aqmail-[a-z]+\[\d+\]: [a-z]+(?: [a-z_]+=(?:[\x21-\x5b\x5d-\x7e]|\\x[0-9a-f]{2})*)*\z/) {
			push @wrong, "log line: $line";
			next;
		}
		push @wrong, "log value: $_" for grep { length > VALUE_MAX } $line =~ / [a-z_]+=(\S*)/g;
	}
	return @wrong > 5 ? (@wrong[ 0 .. 4 ], '...') : @wrong;
}

# How it ended, and what is wrong with all that it said, as one text; '' if nothing.
sub problems_of {
	my ($s, %with) = @_;
	my $end = end_of($s);
	my @wrong = (reply_problems($s->{out}, cut => $with{cut}), $with{any_log} ? () : log_problems($s->{err}));
	push @wrong, "signal $end->{signal}" if $end->{signal};
	push @wrong, "exit $end->{exit}" unless $end->{exit} =~ /\A[01]\z/ || $end->{signal};
	push @wrong, "exit $end->{exit}, not $with{exit}" if defined $with{exit} && $end->{exit} ne $with{exit};
	push @wrong, 'unsaid: ' . substr $s->{out}, -200 if $with{says} && $s->{out} !~ $with{says};
	push @wrong, "reason: " . ($s->{err} =~ /( end .*)/ ? $1 : 'none') if $with{reason} && $s->{err} !~ / end .*reason=$with{reason}\b/;
	return join '; ', @wrong;
}

# The messages of a conversation: [ sender, recipients ... ] of each that was answered with 250.  `commands`
# is a list of texts that are answered once each (DATA and its text: two of them), `replies` one line for each.
sub messages_by {
	my ($commands, $replies) = @_;
	my ($sender, @to, @messages);
	for my $i (0 .. $#$commands) {
		my ($command, $taken) = ($commands->[$i], ($replies->[$i] // '') =~ /^250/);
		last unless defined $replies->[$i];
		if ($command =~ /^MAIL FROM:<([^>]*)>/) { ($sender, @to) = ($1) if $taken }
		elsif ($command =~ /^RCPT TO:<([^>]*)>/) { push @to, $1 if $taken }
		elsif ($command =~ /^(?:BDAT \d+ LAST|\.)/) { push @messages, join ' ', $sender, splice @to if $taken }
		elsif ($command =~ /^(?:RSET|EHLO|HELO)/) { @to = () if $taken }
	}
	return @messages;
}

sub replies_in { my ($said) = @_; return $said =~ /^(\d{3} [^\r\n]*)\r\n/mg }

# How what is stored differs from what was answered.  A client that went away has not seen all answers: then `full`
# is what is said when it stays, and a message whose last octet it sent may be there, or not.
sub mail_problems {
	my ($home, $commands, $said, $full) = @_;
	my @stored = map { join ' ', $_->{sender}, @{ $_->{recipients} } } stored_messages($home);
	my (undef, @replies) = replies_in($said);
	my @seen = messages_by($commands, \@replies);
	my @may = @seen;
	if (defined $full) {
		my (undef, @all) = replies_in($full);
		@may = messages_by($commands, \@all);
	}
	my @wrong;
	push @wrong, @stored . ' messages, not ' . @seen . ' to ' . @may if @stored < @seen || @stored > @may;
	for my $i (0 .. $#stored) {
		push @wrong, "envelope: $stored[$i]; expected $may[$i]" if $i <= $#may && $stored[$i] ne $may[$i];
	}
	return @wrong;
}

1;
