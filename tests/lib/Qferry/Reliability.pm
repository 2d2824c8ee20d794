# Qferry::Reliability - mail through the whole suite while its programs are killed: what is sent, what must have
# become of it, and what the log says of deliveries that nobody heard the end of.
#
#   inject_messages({ number, seed, count, pace, home, ledger, port });   as one of several at once: by qmail-queue,
#       or by SMTP at that port, in turn
#   my %sent = injected(@paths);          by id: { outcome, recipients, sum }
#   my @entries = mbox_entries($text);    { to, id, sum } or { torn }
#   my %late = interrupted($log);         by address: attempts that were under way when something was killed
#   my @wrong = reliability_problems(\%sent, \%have, \%bounced, \%late);
#
# A message N has recipients KIND-N@DOMAIN; what becomes of each is its kind:
#
#   md mb    to a Maildir, to an mbox           rm   to a remote host
#   fw       forwarded to co@example.org        nx   unknown here: a bounce
#   df       deferred, two times of three       no   at remote.example: unknown there: a bounce
package Qferry::Reliability;
use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Qferry::Test;
use Qferry::Trouble;
use Time::HiRes qw(sleep);

our @EXPORT = qw(inject_messages injected message_of mbox_entries interrupted reliability_problems);

my %domain = ((map { $_ => 'example.org' } qw(md mb fw df nx)), rm => 'remote.example', no => 'remote.example');
my @kinds = qw(md md md mb mb fw rm rm df nx no);

# What the bounce must say of those who are unknown.
my %says = (nx => qr/^Sorry, no mailbox here by that name\. \(#5\.1\.1\)$/m, no => qr/^Remote host said: 550 5\.1\.1 rough: nobody of that name$/m);

# --- sending ------------------------------------------------------------------------------------------------

# From lines, dots, a NUL, and now and then more than one write() takes.
sub body_of {
	my ($id) = @_;
	my $lines = "line of $id\n.\n..\nFrom here\n>From there\n\n" . ('x' x rand 60) . "\0\n";
	return "X-Load: $id\n\n" . $lines x (rand() < 0.05 ? rand 3000 : rand 30);
}

sub recipients_of { my ($id) = @_; my %kinds = map { $kinds[ rand @kinds ] => 1 } 1 .. 1 + int rand 4; return map {"$_-$id\@$domain{$_}"} sort keys %kinds }

# The exit of qmail-queue, or "killed".  Some callers take their time, so that it can be killed amid a message.
sub queue_message {
	my ($home, $message, $envelope) = @_;
	pipe my $from, my $to or die "pipe: $!";
	my $dir = temp_dir();
	spit("$dir/envelope", $envelope);
	open my $in, '<', "$dir/envelope" or die;
	my $pid = start_program(["$home/bin/qmail-queue"], home => $home, fds => { 0 => $from, 1 => $in });
	close $from;
	my $half = rand length $message;
	syswrite $to, $message, $half;
	sleep rand 0.2 if rand() < 0.3;
	my $at = $half = int $half;
	while ($at < length $message) { $at += syswrite($to, $message, 65536, $at) || last }
	close $to;
	my ($exit, $signal) = finish_program($pid, 120);
	return $signal ? 'killed' : $exit;
}

# --- sending by SMTP -------------------------------------------------------------------------------------------

# The reply; "" if there is none.  Whom it asks may be stopped for a while.
sub reply {
	my ($socket) = @_;
	my $reply = '';
	until ($reply =~ /^\d{3} .*\n\z/m) {
		IO::Select->new($socket)->can_read(120) or return '';
		sysread($socket, $reply, 4096, length $reply) or return '';
	}
	return $reply;
}

sub ask { my ($socket, $line) = @_; syswrite $socket, "$line\r\n"; return reply($socket) }

# What qmail-queue would have ended with: before the end of the data nothing may be there, after it a reply that does
# not say what was wrong leaves it open.
sub smtp_outcome {
	my ($reply) = @_;
	return '0' if $reply =~ /^250 /;
	return $reply =~ /^4.*qq (?:write error|read error|out of memory)/ ? '53' : 'killed';
}

sub write_whole {
	my ($socket, $bytes) = @_;
	my $at = 0;
	while ($at < length $bytes) { $at += syswrite($socket, $bytes, 65536, $at) || return 0 }
	return 1;
}

sub send_by_smtp {
	my ($port, $message, $sender, @recipients) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or return '54';
	reply($socket) =~ /^220/ && ask($socket, 'HELO client.example') =~ /^250/ or return '54';
	for my $line ("MAIL FROM:<$sender>", map {"RCPT TO:<$_>"} @recipients) { ask($socket, $line) =~ /^250/ or return '54' }
	ask($socket, 'DATA') =~ /^354/ or return '54';
	(my $data = $message) =~ s/^\./../mg;
	$data =~ s/\n/\r\n/g;
	my $half = int rand length $data;
	write_whole($socket, substr $data, 0, $half) or return '54';
	sleep rand 0.2 if rand() < 0.3;
	write_whole($socket, substr $data, $half) or return '54';
	return smtp_outcome(ask($socket, '.'));
}

sub inject_messages {
	my ($c) = @_;
	srand $c->{seed} + $c->{number};
	local $SIG{PIPE} = 'IGNORE';
	open my $ledger, '>>', $c->{ledger} or die "$c->{ledger}: $!";
	for my $n (1 .. $c->{count}) {
		my $id = "$c->{number}x$n";
		my ($body, @recipients) = (body_of($id), recipients_of($id));
		my $sender = "bounce-$id\@example.org";
		my $outcome = rand() < 0.4 ? send_by_smtp($c->{port}, $body, $sender, @recipients)
		  : queue_message($c->{home}, $body, "F$sender\0" . join('', map {"T$_\0"} @recipients) . "\0");
		syswrite $ledger, join("\t", $id, $outcome, join(',', @recipients), md5_hex($body)) . "\n";
		sleep rand 2 * $c->{pace};
	}
}

sub injected {
	my (@paths) = @_;
	my %sent;
	for my $line (map { split /\n/, slurp($_) } @paths) {
		my ($id, $outcome, $recipients, $sum) = split /\t/, $line;
		$sent{$id} = { outcome => $outcome, recipients => [ split /,/, $recipients ], sum => $sum, fate => fate_of($id) // '' };
	}
	return %sent;
}

# --- what is there --------------------------------------------------------------------------------------------

# A message as it was delivered: { to, id, sum }; with `torn` if it is none of ours.
sub message_of {
	my ($text) = @_;
	my ($to) = $text =~ /^Delivered-To: (\S+)$/m;
	return { torn => substr $text, 0, 200 } unless defined $to && $text =~ /^(X-Load: (\S+)\n)/m;
	my ($at, $id) = ($-[1], $2);
	return { to => $to, id => $id, sum => md5_hex(substr $text, $at) };
}

# An entry begins with "From " where a line begins, and ends with an empty line.
sub mbox_entries {
	my ($text) = @_;
	my @entries;
	for my $entry (split /^(?=From )/m, $text) {
		$entry =~ s/\n\n\z/\n/ or push @entries, { torn => substr $entry, 0, 200 } and next;
		$entry =~ s/^>(>*From )/$1/mg;
		push @entries, message_of($entry);
	}
	return @entries;
}

# --- the log ----------------------------------------------------------------------------------------------------

# Deferrals after which the message may be there all the same.
my $doubtful = qr/crashed|Possible_duplicate|maildir_delivery|qq_|incomplete|no_output|mangled/;

# Delivery numbers begin at 1 in each life of qmail-send: what has no end then was under way when a life ended.  An end
# is logged, marked in the queue, and then there is a status line: where that is missing, or the mark, it is made again.
sub interrupted {
	my ($log) = @_;
	my (%late, %open);
	my ($last, $statuses) = ('', 0);
	for my $line (split /\n/, $log) {
		if ($line =~ /^starting delivery (\d+): msg \d+ to \w+ (\S+)/) {
			if ($1 == 1) { $late{$_}++ for values %open, $last ne '' && $statuses < 2 ? $last : (); %open = (); $last = '' }
			$open{$1} = $2;
		} elsif ($line =~ /^delivery (\d+): (.*)/ && defined(my $to = delete $open{$1})) {
			$late{$to}++ if $2 !~ /^(?:success|failure)/ && $2 =~ $doubtful;
			($last, $statuses) = ($to, 0);
		} elsif ($line =~ /^warning: trouble marking / && $last ne '') {
			$late{$last}++;
		} elsif ($line =~ /^status: local/) {
			$statuses++;
		}
	}
	$late{$_}++ for values %open;
	return %late;
}

# --- the judgement --------------------------------------------------------------------------------------------

# Exits of a qmail-queue that has removed what it made; after the others, and a kill, the message may be there.
sub is_refused { my ($outcome) = @_; return $outcome =~ /^(?:11|31|51|53|54|61|62|63|64|65|91)$/ }

# An admin removes or returns messages of some numbers, whatever has become of them until then.
sub problems_of {
	my ($to, $m, $have, $bounced, $late) = @_;
	my ($kind) = $to =~ /^(\w+)-/;
	my $count = $have->{$to} // 0;
	my @texts = @{ $bounced->{$to} // [] };
	@texts = grep { $_ ne $ADMIN_SAYS } @texts if $m->{fate} eq 'returned';
	my $is_taken = $m->{outcome} eq '0' && $m->{fate} ne 'removed' && @texts == @{ $bounced->{$to} // [] };
	return () if $kind eq 'fw' && $m->{fate} eq 'returned' && !$count;    # its copy, of which the bounce says co@example.org
	if (my $text = $says{$kind}) {
		return "$to: acknowledged, and no bounce says so" if $is_taken && !@texts;
		return "$to: the bounce says: $texts[0]" if grep { $_ !~ $text } @texts;
		return "$to: delivered" if $count;
		return ();
	}
	return "$to: acknowledged, and not there" if $is_taken && !$count;
	return "$to: exit $m->{outcome}, and it is there" if is_refused($m->{outcome}) && $count;
	my $most = 1 + ($late->{$to} // 0);
	return "$to: there $count times, not $most" if $kind ne 'fw' && $count > $most;
	return "$to: bounced" if @texts;
	return ();
}

# have: by address how often; a forward counts as its own address.  Forwards may be twice for their own sake or for
# that of co@example.org, which all share.
sub reliability_problems {
	my ($sent, $have, $bounced, $late) = @_;
	my @wrong;
	my ($twice, $may) = (0, $late->{'co@example.org'} // 0);
	for my $id (sort keys %$sent) {
		for my $to (@{ $sent->{$id}{recipients} }) {
			push @wrong, problems_of($to, $sent->{$id}, $have, $bounced, $late);
			next unless $to =~ /^fw-/;
			$twice += $have->{$to} - 1 if ($have->{$to} // 0) > 1;
			$may += $late->{$to} // 0;
		}
	}
	push @wrong, "$twice forwards twice, not $may" if $twice > $may;
	my %known = map { $_ => 1 } map { @{ $_->{recipients} } } values %$sent;
	push @wrong, map {"$_: nobody sent that"} grep { !$known{$_} } sort keys %$have;
	return @wrong;
}

1;
