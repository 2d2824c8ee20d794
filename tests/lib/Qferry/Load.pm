# Qferry::Load - a client of the load test: it sends messages that are told apart by their bytes, keeps
# to no manners, and writes down what became of each.
#
#   load_client({ number, seed, plain => [ port, port ], implicit => port, ledger => path, is_over => sub });
#   my %sent = ledger_of(@paths);      by id: { outcome, reply, sender, recipients, sum }
#   my $message = queued_message($mess, $todo);   { id, sender, recipients, sum, problem } of what is queued
#   my $found = judged(\%sent, { id => [ messages ] });   { problems, outcomes, deferrals, unanswered }
#   my %all = processes();             by pid: { name, state, parent }
#   my $disk = own_machine('size=64m');    the test goes on in namespaces of its own, with a small disk
#   fill_disk($disk, 'octets' or 'files'); empty_disk($disk);
package Qferry::Load;
use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC);
use Test::More ();
use Time::HiRes qw(sleep);
use Qferry::Test;

our @EXPORT = qw(load_client ledger_of queued_message judged processes descriptors memory own_machine fill_disk empty_disk);

use constant HANG => 120;    # seconds without a reply that nobody can explain by a busy machine

# --- connections -------------------------------------------------------------------------------------------

# s_client is one side of TLS; what it says itself is of no interest.
sub tls_connection {
	my ($port, @starttls) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!";
	my $pid = start_program([ '/usr/bin/openssl', 's_client', '-quiet', '-connect', "127.0.0.1:$port", @starttls ],
		fds => { 0 => $theirs, 1 => $theirs });
	close $theirs;
	return { socket => $ours, bytes => '', pid => $pid };
}

# undef: nobody is there now.
sub connection {
	my ($client, $kind) = @_;
	my $port = $client->{plain}[ rand 2 ];
	return tls_connection($client->{implicit}) if $kind eq 'implicit';
	return tls_connection($port, '-starttls', 'smtp') if $kind eq 'starttls';
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or return;
	return { socket => $socket, bytes => '' };
}

sub end_connection {
	my ($connection) = @_;
	close $connection->{socket};
	return unless $connection->{pid};
	kill 'KILL', $connection->{pid};
	finish_program($connection->{pid});
}

# --- dialogue: everything below ends with die 'close' or die 'hang' when the server does not answer ----------

sub say_bytes {
	my ($connection, $bytes) = @_;
	my $at = 0;
	while ($at < length $bytes) {
		IO::Select->new($connection->{socket})->can_write(HANG) or die "hang\n";
		my $put = syswrite $connection->{socket}, $bytes, 16384, $at;
		die "close\n" unless $put;
		$at += $put;
	}
}

sub reply {
	my ($connection) = @_;
	my $whole = qr/\A(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/;
	until ($connection->{bytes} =~ $whole) {
		IO::Select->new($connection->{socket})->can_read(HANG) or die "hang\n";
		sysread($connection->{socket}, $connection->{bytes}, 65536, length $connection->{bytes}) or die "close\n";
	}
	return substr $connection->{bytes}, 0, $+[0], '' if $connection->{bytes} =~ $whole;
}

sub ask { my ($connection, $line) = @_; say_bytes($connection, "$line\r\n"); return reply($connection) }

# s_client passes the last line of its own EHLO on.
sub hello {
	my ($connection) = @_;
	my $hello = ask($connection, 'EHLO client.example');
	$hello = reply($connection) if $hello =~ /^250 /;
	die "close\n" unless $hello =~ /^250-/;
}

# --- messages ----------------------------------------------------------------------------------------------

sub octets_of_message {
	my $kind = rand;
	return 0 if $kind < 0.05;
	return int rand 4000 if $kind < 0.7;
	return int rand 100_000 if $kind < 0.93;
	return int rand 1_000_000 if $kind < 0.99;
	return 5_000_000;
}

# As it is sent, with dots at the beginning of lines.
sub body_of {
	my ($id) = @_;
	my $octets = octets_of_message();
	my $count = $octets < 3000 ? int $octets / 50 : 60;
	my $lines = join '', map { "line $_ of $id " . ('.' x $_) . "\n.\n" } 1 .. $count;
	my $body = "X-Load: $id\n\n" . ($lines ? $lines x (1 + $octets / length $lines) : '');
	(my $sent = $body) =~ s/^\./../mg;
	$sent =~ s/\n/\r\n/g;
	return ($body, $sent);
}

# --- one transaction -----------------------------------------------------------------------------------------

# Its commands in one write, as PIPELINING permits, or one after the other: the replies.
sub envelope_replies {
	my ($connection, $pipelined, @commands) = @_;
	return map { ask($connection, $_) } @commands unless $pipelined;
	say_bytes($connection, join '', map {"$_\r\n"} @commands);
	return map { reply($connection) } @commands;
}

# Why a transaction comes to nothing before DATA, or undef.  Of a recipient a 4yz is always right; a 5yz is for
# those who do not exist, and a 2yz is for the others: all else is a 599.
sub refusal {
	my ($mail, $wanted, $replies) = @_;
	return $mail unless $mail =~ /^2/;
	for my $n (0 .. $#$wanted) {
		my $class = $wanted->[$n] =~ /^nobody/ ? 5 : 2;
		return "599 $wanted->[$n]: $replies->[$n]" unless $replies->[$n] =~ /^[4$class]/;
	}
	return undef if grep {/^2/} @$replies;
	return (grep {/^4/} @$replies)[0];
}

# Up to its last reply; what became of it goes into %$m step by step, for the connection may end at any
# point: some we end ourselves.
sub transaction {
	my ($connection, $m, $drop, $pipelined) = @_;
	my ($body, $sent) = body_of($m->{id});
	$m->{sum} = md5_hex($body);
	my @wanted = map {"load-$m->{id}-$_\@example.org"} 1 .. 1 + int rand 3;
	push @wanted, "nobody-$m->{id}\@example.org" if rand() < 0.1;
	my ($mail, @rcpt) = envelope_replies($connection, $pipelined, "MAIL FROM:<$m->{sender}>", map {"RCPT TO:<$_>"} @wanted);
	$m->{recipients} = [ map { $rcpt[$_] =~ /^2/ ? $wanted[$_] : () } 0 .. $#wanted ];
	if (my $reply = refusal($mail, \@wanted, \@rcpt)) {
		$m->{reply} = $reply;
		ask($connection, 'RSET');
		return;
	}
	die "drop\n" if $drop eq 'envelope';
	my $data = ask($connection, 'DATA');
	if ($data !~ /^354/) { $m->{reply} = $data; ask($connection, 'RSET'); return }
	if ($drop eq 'data') { say_bytes($connection, substr $sent, 0, rand length $sent); die "drop\n" }
	my $first = rand length $sent;
	say_bytes($connection, substr $sent, 0, $first);
	sleep rand 0.3 if rand() < 0.2;    # so that qmail-queue is there to be killed amid a message
	say_bytes($connection, substr($sent, $first) . ".\r\n");
	die "drop\n" if $drop eq 'reply';
	$m->{reply} = reply($connection);
}

sub note {
	my ($client, $m, $outcome) = @_;
	my $reply = ($m->{reply} // '') =~ s/\s+/ /gr;
	syswrite $client->{out}, join("\t", $m->{id}, $outcome, $reply, $m->{sender}, join(',', @{ $m->{recipients} }), $m->{sum} // '') . "\n";
}

# Up to ten messages over one connection.
sub session {
	my ($client) = @_;
	my $kind = (qw(plain plain plain starttls implicit))[ rand 5 ];
	my $connection = connection($client, $kind) or return sleep 0.05;
	my $m;
	eval {
		reply($connection) unless $kind eq 'starttls';
		hello($connection);
		for (1 .. 1 + int rand 10) {
			my $id = sprintf '%d-%d', $client->{number}, ++$client->{messages};
			$m = { id => $id, sender => "s$id\@client.example", recipients => [] };
			my $drop = (qw(envelope data reply))[ rand 40 ] // '';
			transaction($connection, $m, $drop, rand() < 0.5);
			note($client, $m, ($m->{reply} // '') =~ /^(\d{3})/ ? $1 : 'none');
			undef $m;
		}
		ask($connection, 'QUIT');
	};
	chomp(my $why = $@);
	note($client, $m, $why) if $m && $why;
	note($client, { id => "$client->{number}-hang-" . ++$client->{messages}, sender => '', recipients => [] }, $why)
	  if !$m && $why && $why !~ /^(?:close|drop)$/;
	end_connection($connection);
}

sub load_client {
	my ($client) = @_;
	srand $client->{seed} + $client->{number};
	$SIG{PIPE} = 'IGNORE';
	open $client->{out}, '>>', $client->{ledger} or die "$client->{ledger}: $!";
	session($client) until $client->{is_over}->();
}

# --- what was sent, and what is there ------------------------------------------------------------------------

sub ledger_of {
	my (@paths) = @_;
	my %sent;
	for my $line (map { split /\n/, slurp($_) } @paths) {
		my ($id, $outcome, $reply, $sender, $recipients, $sum) = split /\t/, $line, -1;
		$sent{$id} = { outcome => $outcome, reply => $reply, sender => $sender, recipients => $recipients, sum => $sum };
	}
	return %sent;
}

# A message that is queued, by the bytes of its two files.
sub queued_message {
	my ($mess, $todo) = @_;
	return { problem => 'todo without mess' } unless defined $mess;
	return { problem => 'no envelope of ours' } unless $todo =~ /\Au\d+\0p\d+\0F([^\0]*)\0((?:T[^\0]*\0)+)\z/;
	my ($sender, $recipients) = ($1, join ',', map { substr $_, 1 } split /\0/, $2);
	return { problem => 'no message of ours' } unless $mess =~ /\AReceived: \(qmail .*?^(X-Load: (\S+)\n)/ms;
	my ($at, $id) = ($-[1], $2);
	return { id => $id, sender => $sender, recipients => $recipients, sum => md5_hex(substr $mess, $at) };
}

sub problems_of {
	my ($id, $m, @there) = @_;
	my ($is_taken, $times) = ($m->{outcome} eq '250', scalar @there);
	# A qmail-queue that is killed, or whose broker is, may have queued it already: the client cannot know, and sends
	# it again.
	my $most = $m->{outcome} =~ /^4/ && $m->{reply} !~ /qq (?:crashed|waitpid surprise)/ ? 0 : 1;
	my @wrong;
	push @wrong, "$id: $m->{outcome} $m->{reply}, and it is there $times times" if $times > $most || $times < $is_taken;
	push @wrong, "$id: $m->{outcome} $m->{reply}" unless $m->{outcome} =~ /\A(?:250|421|450|451|452|454|close|drop)\z/;
	push @wrong, "$id: $m->{reply}, and all was sent" if $m->{reply} =~ /qq read error/;
	for my $there (@there) {
		push @wrong, map {"$id: its $_ is not what was sent"} grep { $there->{$_} ne $m->{$_} } qw(sender recipients sum);
	}
	return @wrong;
}

# What was sent and what was queued, by id: { problems, outcomes, deferrals, unanswered }.
sub judged {
	my ($sent, $queued) = @_;
	my %found = (problems => [ map {"$_ is nobody's"} grep { !$sent->{$_} } sort keys %$queued ], unanswered => 0);
	for my $id (sort keys %$sent) {
		my ($m, @there) = ($sent->{$id}, @{ $queued->{$id} // [] });
		push @{ $found{problems} }, problems_of($id, $m, @there);
		$found{outcomes}{ $m->{outcome} }++;
		$found{deferrals}{ $m->{reply} =~ s/ \z//r }++ if $m->{outcome} =~ /^4/;
		$found{unanswered} += @there if $m->{outcome} ne '250';
	}
	return \%found;
}

# --- what runs ----------------------------------------------------------------------------------------------------

# By pid: { name, state, parent }.
sub processes {
	my %all;
	for my $file (glob '/proc/[0-9]*/stat') {
		$all{$1} = { name => $2, state => $3, parent => $4 } if (slurp($file) // '') =~ /\A(\d+) \((.*)\) (\S) (\d+) /;
	}
	return %all;
}

sub descriptors { my ($pid) = @_; return scalar(() = glob "/proc/$pid/fd/*") }

# KiB that are its own.
sub memory {
	my ($pid) = @_;
	my $status = slurp("/proc/$pid/status") // return 0;
	my $sum = 0;
	$sum += $1 while $status =~ /^Rss(?:Anon|Shmem):\s*(\d+)/mg;
	return $sum;
}

# --- a machine of its own -------------------------------------------------------------------------------------------

# The script that calls this runs on in user, mount and process namespaces without any capabilities, where its
# first process is the init: the directory of a file system in memory with these options.  Without such namespaces,
# or without one of the tools, the test is skipped.
sub own_machine {
	my ($options, @tools) = @_;
	return $ENV{LOAD_DISK} if $ENV{LOAD_DISK};
	my @unshare = qw(unshare --user --map-current-user --mount --pid --fork --mount-proc --kill-child --keep-caps);
	Test::More::plan(skip_all => 'no namespaces for an ordinary user') if system("@unshare true 2>/dev/null") != 0;
	for my $tool ('setpriv', @tools) {
		Test::More::plan(skip_all => "no $tool") unless grep { -x "$_/$tool" } split /:/, $ENV{PATH};
	}
	$ENV{LOAD_DISK} = temp_dir();
	my $inside = "mount -t tmpfs -o $options tmpfs \"\$LOAD_DISK\" &&"
	  . ' exec setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all -- "$@"';
	exit(system(@unshare, 'sh', '-c', $inside, 'sh', $^X, $0) ? 1 : 0);
}

sub fill_disk {
	my ($disk, $what) = @_;
	mkdir "$disk/filler";
	if ($what eq 'files') {
		for (my $n = 0; ; $n++) { sysopen(my $file, "$disk/filler/$n", POSIX::O_CREAT() | POSIX::O_WRONLY()) or last }
		return;
	}
	open my $filler, '>', "$disk/filler/octets" or return;
	my $block = "\0" x 1048576;
	for my $size (1048576, 65536, 4096) { 1 while (syswrite($filler, $block, $size) // 0) == $size }
	close $filler;
}

sub empty_disk { my ($disk) = @_; unlink glob "$disk/filler/*" }

1;
