# Qferry::Bench - what the benches share: a directory on tmpfs, servers, and the CPU that one costs.
#
# A server is { name, port, command, empty }: what listens, and what takes its messages away.
package Qferry::Bench;
use strict;
use warnings;
use Exporter qw(import);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use Qferry::Test;

our @EXPORT = qw(bench_count bench_rounds bench_dir median row our_home our_server cpu_of per_item);

my $bench = Qferry::Test::top() . '/tests/bench';
my @as = $> == 0 ? qw(setpriv --reuid 65534 --regid 65534 --clear-groups) : ();
my ($dir, $homes);

sub bench_count { return $ENV{BENCH_COUNT} || 1000 }
sub bench_rounds { return $ENV{BENCH_ROUNDS} || 3 }

sub bench_dir {
	return $dir if $dir;
	$dir = tempdir('qferry-bench.XXXXXX', DIR => -w '/dev/shm' ? '/dev/shm' : '/tmp', CLEANUP => 1);
	chmod 0755, $dir;
	return $dir;
}

sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ] }
sub row { printf "%-44s %10s %s\n", @_ }

# --- servers ---

# A rootless home that takes mail for example.net; root makes it for an ordinary user.  It is on a
# disk as others are, for tmpfs does not remember which files are not there; only its queue is below
# bench_dir().
sub our_home {
	my ($name) = @_;
	my $setup = bench_dir() . '/setup';
	$homes //= tempdir('qferry-bench.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
	chmod 0755, $homes;
	my ($home, $queue) = ("$homes/$name", bench_dir() . "/$name-queue");
	mkdir $_ for $home, $queue;
	chown 65534, 65534, $home, $queue if @as;
	symlink $queue, "$home/queue" or die "bench: $home/queue: $!\n";
	-d $setup or system('cp', '-R', Qferry::Test::top() . '/setup', $setup) == 0 or die "bench: cannot copy setup\n";
	system(@as, 'env', 'ME=mx.example.net', "$setup/new-home", $home) == 0 or die "bench: no home\n";
	spit("$home/control/rcpthosts", "example.net\n");
	my $build = Qferry::Test::build();
	system("cp $build/bin/* $home/bin/") == 0 or die "bench: no programs in $build/bin\n";
	return $home;
}

sub free_port {
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0) or die "bench: $!\n";
	return $s->sockport;
}

sub our_server {
	my ($name, $home) = @_;
	my $port = free_port();
	return {
		name => $name, port => $port,
		command => [ @as, 'env', "QMAILHOME=$home", 'tcpserver', '-H', '-R', '-l', 'mx.example.net', '-c', '200',
			'127.0.0.1', $port, "$home/bin/qmail-smtpd" ],
		empty => sub { system("find $home/queue/mess $home/queue/intd $home/queue/todo -type f -delete") },
	};
}

# --- one measurement: CPU seconds of a server while the client runs ---

sub wait_for_port {
	my ($port) = @_;
	for (1 .. 2000) {
		return if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
		select undef, undef, undef, 0.01;
	}
	die "bench: nobody listens on port $port\n";
}

# $work gets the pid of the server's watcher, and says whether all went well.
sub cpu_of {
	my ($server, $work) = @_;
	my $pid = open(my $out, '-|') // die "bench: fork: $!\n";
	if ($pid == 0) {
		open(STDERR, '>', bench_dir() . "/$server->{name}.log");
		exec "$bench/measure", @{ $server->{command} };
	}
	wait_for_port($server->{port});
	my $ok = $work->($pid);
	kill 'TERM', $pid;
	my $seconds = <$out>;
	close $out;
	$server->{empty}->();
	die "bench: the client failed against $server->{name}\n" unless $ok;
	return $seconds;
}

# Milliseconds for each of bench_count() items, the start of the server taken off; @what is what
# tests/bench/client is to do with them: KIND, messages per connection.
sub per_item {
	my ($server, $kind, $per) = @_;
	my $items = bench_count();
	my $idle = cpu_of($server, sub { 1 });
	my $busy = cpu_of($server, sub { system("$bench/client", $server->{port}, $kind, $items, $per) == 0 });
	return 1000 * ($busy - $idle) / $items;
}

1;
