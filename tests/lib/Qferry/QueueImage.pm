# Qferry::QueueImage - a queue with messages in every state (queue 1.3), made by hand, and what is in it
# whatever its messages are called: so that it can be compared before and after.
#
#   my $home = image_home();  add_message($home, 'new', body => 'x', ...);  is_deeply contents($home), $before;
package Qferry::QueueImage;
use strict;
use warnings;
use Exporter qw(import);
use Qferry::Test;
use Socket;

our @EXPORT = qw(image_home add_message contents copy_queue number_problems parts_of queue_socket ask_queue);

# A rootless home as setup/new-home makes it: modes are right.  That is asked once for each split.
my %made;

sub image_home {
	my (%with) = @_;
	my $split = $with{split} || 23;
	$made{$split} ||= make_home($split);
	my $home = temp_dir() . '/home';
	system('cp', '-a', $made{$split}, $home) == 0 or die 'cp';
	return $home;
}

sub make_home {
	my ($split) = @_;
	my $home = temp_dir() . '/home';
	mkdir $home;
	system('env', 'ME=client.example', "SPLIT=$split", top() . '/setup/new-home', $home) == 0 or die 'new-home';
	rmdir "$home/bin";
	symlink build() . '/bin', "$home/bin" or die "bin: $!";
	return $home;
}

# Where the file of a number is, in a queue of that split.
sub parts_of {
	my ($home, $dir, $n, $split, $big) = @_;
	my $flat = $dir eq 'bounce' || ($dir =~ /^(?:todo|intd)$/ && !$big);
	return $flat ? "$home/queue/$dir/$n" : "$home/queue/$dir/" . $n % $split . "/$n";
}

# A message with its inode as number: state new (S4), half (S4, with files that were begun), queued (S5).
# Options: body, sender, local, remote (record texts), bounce, split, big.
sub add_message {
	my ($home, $state, %o) = @_;
	my $split = $o{split} || 23;
	my $path = sub { parts_of($home, $_[0], $_[1], $split, $o{big}) };
	my $pid = spit("$home/queue/pid/1.1.1", $o{body} // 'body', 0644);
	my $n = (stat $pid)[1];
	rename $pid, $path->('mess', $n) or die "mess: $!";
	my $sender = $o{sender} // 'me@example.org';
	if ($state =~ /^(?:new|half)$/) {
		spit($path->('intd', $n), "u1\0p2\0F$sender\0" . join('', map { "T$_\0" } @{ $o{to} || ['x@y'] }), 0644);
		link $path->('intd', $n), $path->('todo', $n) or die "todo: $!";
	}
	if ($state =~ /^(?:queued|half)$/) {
		spit($path->('info', $n), "F$sender\0", 0600);
		defined $o{$_} and spit($path->($_, $n), $o{$_}, 0600) for qw(local remote bounce);
	}
	return $n;
}

# Every message, by its body: its state and the bytes of each of its files.
sub contents {
	my ($home, $split, $big) = @_;
	$split ||= 23;
	my %all;
	for my $mess (glob "$home/queue/mess/*/*") {
		my ($n) = $mess =~ m{/(\d+)\z} or next;
		my %files = map { my $bytes = slurp(parts_of($home, $_, $n, $split, $big)); defined $bytes ? ($_ => $bytes) : () } qw(info local remote bounce todo intd);
		delete @files{qw(info local remote)} if $files{todo};    # they are made anew
		push @{ $all{ slurp($mess) } }, \%files if $files{todo} || $files{info};
	}
	return \%all;
}

# Another one whose files are other inodes.
sub copy_queue {
	my ($from, $to) = @_;
	system('rm', '-rf', "$to/queue") == 0 or die;
	system('cp', '-a', "$from/queue", "$to/queue") == 0 or die;
}

# Names that are no inodes, and names without a message: a list of texts.
sub number_problems {
	my ($home) = @_;
	my (@wrong, %number);
	for (glob "$home/queue/mess/*/*") {
		my ($n) = m{/(\d+)\z} or next;
		$number{$n} = 1;
		push @wrong, "mess/$n is inode " . (stat)[1] unless (stat)[1] == $n;
		push @wrong, "mess/$n has more than one name" if (stat)[3] != 1;
	}
	for (glob "$home/queue/{info,local,remote}/*/* $home/queue/{bounce,intd,todo}/*") {
		my ($n) = m{/(\d+)\z} or next;
		push @wrong, "$_ is of no message" unless $number{$n} || -d $_;
	}
	return @wrong;
}

# A connection to run/send/sock, by a relative path: a long one would not fit.
sub queue_socket {
	my ($home) = @_;
	socket my $socket, AF_UNIX, SOCK_SEQPACKET, 0 or die "socket: $!";
	chdir $home or die;
	connect $socket, pack_sockaddr_un('run/send/sock') or die "run/send/sock: $!";
	chdir '/';
	return $socket;
}

# One request of that kind with these fields; the kind and fields of the answer, or its status if that is not "ok".
sub ask_queue {
	my ($home, $kind, $fields) = @_;
	my $socket = queue_socket($home);
	send $socket, pack('a2 C C N N C C n', 'QF', 1, $kind, 7, 5000, 0, 0, 0) . $fields, 0;
	recv $socket, my $packet, 65536, 0;
	my (undef, undef, $back, undef, undef, $status) = unpack 'a2 C C N N C', $packet;
	return $status ? ("status $status", '') : ($back, substr $packet, 16);
}

1;
