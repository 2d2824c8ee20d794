# Qferry::Bench - what the benches share: places, servers, rounds, and how figures are printed.
package Qferry::Bench;
use strict;
use warnings;
use Exporter qw(import);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use Qferry::Cpu;
use Qferry::Test;

our @EXPORT = qw(bench_count bench_rounds bench_dir disk_dir median row figure load free_port our_home our_server our_tls_home their_server their_tls_server
  postfix why_no_postfix per_item per_delivery in_rounds cpu_until);

my @as = $> == 0 ? qw(setpriv --reuid 65534 --regid 65534 --clear-groups) : ();
my ($dir, $disk, $homes);

sub bench_count { return $ENV{BENCH_COUNT} || 1000 }
sub bench_rounds { my ($usual) = @_; return $ENV{BENCH_ROUNDS} || $usual || 3 }

sub bench_dir {
	$dir //= tempdir('qferry-bench.XXXXXX', DIR => -w '/dev/shm' ? '/dev/shm' : '/tmp', CLEANUP => 1);
	chmod 0755, $dir;
	return $dir;
}

# On a real file system: below $BENCH_DISK or /var/tmp; undef where that is in memory too.
sub disk_dir {
	my $where = $ENV{BENCH_DISK} || '/var/tmp';
	return undef if `stat -f -c %T $where` =~ /tmpfs|ramfs/;
	$disk //= tempdir('qferry-bench.XXXXXX', DIR => $where, CLEANUP => 1);
	chmod 0755, $disk;
	return $disk;
}

sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ] }
sub row { printf "%-44s %10s %s\n", @_ }

# "name value unit", for tests/bench/run and whoever compares two runs.
sub figure { my ($name, $value, $unit) = @_; printf "%s %s %s\n", $name, $value < 10 ? sprintf('%.3f', $value) : sprintf('%.1f', $value), $unit }

# --- servers ---

# A rootless home that takes mail for example.net; root makes it for an ordinary user.  It is on a
# disk as others are, for tmpfs does not remember which files are not there; only its queue is
# where it is told (bench_dir()).  Somebody listens at the trigger, as qmail-send does.
sub our_home {
	my ($name, $place) = @_;
	my $setup = bench_dir() . '/setup';
	$homes //= tempdir('qferry-bench.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
	chmod 0755, $homes;
	my ($home, $queue) = ("$homes/$name", ($place // bench_dir()) . "/$name-queue");
	mkdir $_ for $home, $queue;
	chown 65534, 65534, $home, $queue if @as;
	symlink $queue, "$home/queue" or die "bench: $home/queue: $!\n";
	-d $setup or system('cp', '-R', top() . '/setup', $setup) == 0 or die "bench: cannot copy setup\n";
	system(@as, 'env', 'ME=mx.example.net', "$setup/new-home", $home) == 0 or die "bench: no home\n";
	control($home, 'rcpthosts', "example.net\n");
	my $build = build();
	system("cp $build/bin/* $home/bin/") == 0 or die "bench: no programs in $build/bin\n";
	return $home;
}

sub free_port {
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0) or die "bench: $!\n";
	return $s->sockport;
}

# tcpserver, and what it starts for each connection: qmail-smtpd, qmail-queue, helpers on demand.  With
# @services, each an argument of `qmail-tls serve`, these are resident.
sub our_server {
	my ($name, $home, @services) = @_;
	my $port = free_port();
	sysopen my $trigger, "$home/queue/lock/trigger", POSIX::O_RDONLY() | POSIX::O_NONBLOCK() or die "bench: $home: $!\n";
	mkdir $_ for map { ("$home/run", "$home/run/$_") } @services;
	chown 65534, 65534, glob("$home/run $home/run/*") if @as && @services;
	my $serve = join '', map { "$home/bin/qmail-tls serve $_ & while [ ! -S $home/run/$_/sock ]; do sleep 0.1; done; " } @services;
	return {
		name => $name, port => $port, log => bench_dir() . "/$name.log",
		command => [ @as, 'env', "QMAILHOME=$home", 'sh', '-c', "$serve exec tcpserver -H -R -l mx.example.net -c 200 "
			. "127.0.0.1 $port $home/bin/qmail-smtpd" ],
		empty => sub {
			sysread $trigger, my $pulls, 65536;
			system("find $home/queue/mess $home/queue/intd $home/queue/todo -type f -delete");
		},
	};
}

my ($postfix, $no_postfix);

# Where Debian's Postfix is unpacked, or undef; then why_no_postfix() says why.
sub postfix {
	return $postfix if defined $postfix || defined $no_postfix;
	if ($> != 0) { $no_postfix = 'it needs root to change users'; return }
	if (system('unshare -m true 2>/dev/null') != 0) { $no_postfix = 'mount namespaces are not permitted here'; return }
	chomp(my $path = `"@{[ top() ]}/tests/peers" postfix 2>/dev/null`);
	if ($? != 0) { $no_postfix = 'its package cannot be had'; return }
	return $postfix = $path;
}

sub why_no_postfix { postfix(); return $no_postfix }

# Postfix with what it has by default, and more lines for main.cf.  Messages go to the hold queue: like
# ours, they are accepted durably and not delivered.
sub their_server {
	my ($name, $place, @lines) = @_;
	my $peer = postfix() // return;
	my ($own, $port) = (($place // bench_dir()) . "/$name", free_port());
	make_path($own);
	return {
		name => $name, port => $port, log => bench_dir() . "/$name.log",
		command => [ top() . '/tests/tools/postfix-server', $peer, $own, $port,
			'smtpd_data_restrictions = check_client_access static:HOLD', 'smtpd_client_connection_rate_limit = 0', @lines ],
		empty => sub { system("find $own/queue/hold $own/queue/incoming $own/queue/active $own/queue/deferred -type f -delete") },
	};
}

# A home with a certificate; `pem` is key and certificate.
sub our_tls_home {
	my ($name, $pem) = @_;
	my $home = our_home($name);
	spit("$home/control/servercert.pem", $pem, 0600);
	chown 65534, 65534, "$home/control/servercert.pem" if @as;
	return $home;
}

sub their_tls_server {
	my ($name, $pem) = @_;
	my $chain = spit(bench_dir() . "/$name.pem", $pem, 0600);
	return their_server($name, undef, 'smtpd_tls_security_level = may', "smtpd_tls_chain_files = $chain");
}

# --- measurements ---

# tests/tools/smtpload, whose CPU is not counted: did each reply come as it should?
sub load { my ($server, @options) = @_; return system(build() . '/tools/smtpload', @options, $server->{port}) == 0 }

# CPU milliseconds for each of $count messages or connections, with these options of smtpload.
sub per_item {
	my ($server, $count, @options) = @_;
	return 1000 * cpu_of($server, sub { load($server, '-n', $count, @options) }) / $count;
}

# CPU seconds of a command, with all that it starts, from its start until $done says so.
sub cpu_until {
	my ($done, @command) = @_;
	my $log = bench_dir() . '/run.log';
	my $pid = open(my $out, '-|') // die "bench: fork: $!\n";
	if ($pid == 0) {
		open STDERR, '>>', $log;
		exec top() . '/tests/bench/measure', @command;
	}
	my $ok = wait_until($done, 1800);
	kill 'TERM', $pid;
	my $seconds = <$out>;
	close $out;
	$ok or die "bench: not all has arrived; see $log\n";
	return $seconds;
}

# CPU milliseconds of qmail-lspawn or qmail-rspawn and what it starts, for each of bench_count() deliveries of
# message 3/26 to one recipient, ten at a time.
sub per_delivery {
	my ($home, $recipient, $program, @arguments) = @_;
	my ($count, $at_a_time) = (bench_count(), 10);
	pipe my $in,   my $to  or die;
	pipe my $from, my $out or die;
	my $pid = fork // die "bench: fork: $!\n";
	if ($pid == 0) {
		open STDIN,  '<&', $in;
		open STDOUT, '>&', $out;
		close $_ for $to, $from;
		%ENV = clean_env($home);
		exec @as, top() . '/tests/bench/measure', "$home/bin/$program", @arguments;
	}
	close $_ for $in, $out;
	my ($bytes, $sent, $done) = ('', 0, 0);
	my $give = sub { syswrite $to, chr($_[0]) . "3/26\0a\@example.org\0$recipient\0"; $sent++ };
	sysread $from, my $greeting, 1;
	$give->($_) for 0 .. $at_a_time - 1;
	while ($done < $count) {
		sysread($from, $bytes, 65536, length $bytes) or die "bench: $program ended\n";
		while ($bytes =~ s/\A(.)(.)([^\0]*)\0//s) {
			die "bench: $2$3" if $2 ne 'K';
			$done++;
			$give->(ord $1) if $sent < $count;
		}
	}
	close $to;
	local $/;
	my $seconds = $bytes . <$from>;
	waitpid $pid, 0;
	return 1000 * $seconds / $count;
}

# Take all measurements in turn, so that what else the machine does falls on all of them: a list of
# [ name, [ qferry => sub ], [ postfix => sub ] ].  Prints the medians, and the median of the rounds'
# ratios.
sub in_rounds {
	my ($rounds, $unit, @figures) = @_;
	my %values;
	for my $round (1 .. $rounds) {
		for my $figure (@figures) {
			my ($name, @sides) = @$figure;
			push @{ $values{$name}{ $_->[0] } }, $_->[1]->() for @sides;
		}
	}
	for my $figure (@figures) {
		my ($name, @sides) = @$figure;
		my ($ours, $theirs) = @{ $values{$name} }{qw(qferry postfix)};
		figure("$name.$_->[0]", median(@{ $values{$name}{ $_->[0] } }), $unit) for @sides;
		figure("$name.ratio", median(map { $ours->[$_] / $theirs->[$_] } 0 .. $#$ours), 'ours/theirs') if $theirs;
	}
}

1;
