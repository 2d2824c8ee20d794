# Qferry::Test - what the perl tests share: instances, programs on given descriptors, servers on
# ports that they chose themselves.  Everything lives in fresh directories and ends with the test.
#
#   use lib "$ENV{QFERRY_TOP}/tests/lib";  (or FindBin)
#   use Qferry::Test;
#   my $home = instance(me => "mx.example.org\n");
#   my $run = run_program(["qmail-smtpd"], home => $home, in => "QUIT\r\n");
#   is $run->{exit}, 0;  $run->{out}, $run->{err}, $run->{signal}
package Qferry::Test;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use Fcntl qw(F_GETFL F_SETFL F_SETFD O_NONBLOCK);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Handle;
use IO::Select;
use POSIX ();
use Time::HiRes ();

our @EXPORT = qw(top build program instance control slurp spit queue_tree clean_env
  start_program finish_program run_program start_server start_dns start_sink start_qmtpsink start_scanner start_tokenserver start_policyserver stop_server
  wait_until temp_dir sanitizer_report stored_messages use_store_queue);

my $top = abs_path(dirname(__FILE__) . '/../../..');

# The directories of the sources and of the build (with bin/).
sub top   { return $top }
sub build { return abs_path($ENV{QFERRY_BUILD} || "$top/build") }

# The path of one of our programs; a name with a slash is a path already.
sub program { my ($name) = @_; return $name =~ m{/} ? $name : build() . "/bin/$name" }

sub temp_dir { return tempdir('qf.XXXXXX', TMPDIR => 1, CLEANUP => 1) }

sub slurp {
	my ($path) = @_;
	open my $in, '<:raw', $path or return undef;
	local $/;
	my $bytes = <$in>;
	return defined $bytes ? $bytes : '';
}

sub spit {
	my ($path, $bytes, $mode) = @_;
	make_path(dirname($path));
	open my $out, '>:raw', $path or die "$path: $!";
	print $out $bytes;
	close $out or die "$path: $!";
	chmod $mode, $path if defined $mode;
	return $path;
}

# A qmail home of its own: control/ with the given files (name => whole text), bin -> the build.
sub instance {
	my (%controls) = @_;
	my $home = temp_dir();
	chmod 0755, $home;
	mkdir "$home/control";
	symlink build() . '/bin', "$home/bin" or die "$home/bin: $!";
	control($home, $_, $controls{$_}) for keys %controls;
	return $home;
}

sub control { my ($home, $file, $text) = @_; return spit("$home/control/$file", $text) }

# The directories and files of a stock queue (queue 1.1), as far as an ordinary user can make them.
sub queue_tree {
	my ($home, $split) = @_;
	$split ||= 23;
	my $queue = "$home/queue";
	make_path(map { "$queue/$_" } qw(pid intd todo bounce lock));
	for my $dir (qw(mess info local remote)) {
		make_path(map { "$queue/$dir/$_" } 0 .. $split - 1);
	}
	spit("$queue/lock/sendmutex", '',        0600);
	spit("$queue/lock/tcpto",     "\0" x 1024, 0644);
	POSIX::mkfifo("$queue/lock/trigger", 0622) or die "trigger: $!" unless -p "$queue/lock/trigger";
	chmod 0622, "$queue/lock/trigger";
	return $queue;
}

# The environment of what a test starts: nothing of the caller's but the way to the programs, the options
# of the sanitizers, and BROKER: with BROKER=1 all that was tested is tested in restricted sessions.  The home's own bin is first, for tools that tests put there.
sub clean_env {
	my ($home) = @_;
	my %env = (PATH => '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin');
	for my $name (qw(ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS LLVM_PROFILE_FILE BROKER)) {
		$env{$name} = $ENV{$name} if defined $ENV{$name};
	}
	$env{QMAILHOME} = $home if defined $home;
	return %env;
}

# Make tests/tools/store-queue the queue program of an instance; see there for its settings.
# Returns the path for $QMAILQUEUE.
sub use_store_queue {
	my ($home) = @_;
	make_path("$home/stored");
	my $path = "$home/stored/queue";
	symlink "$top/tests/tools/store-queue", $path or die "$path: $!" unless -l $path;
	return $path;
}

# What it stored: a list of { message, envelope, sender, recipients } in the order of arrival.
# Only messages with a whole envelope count, as with qmail-queue.
sub stored_messages {
	my ($home) = @_;
	my @all;
	for (my $n = 1; -e "$home/stored/$n/envelope"; $n++) {
		my $envelope = slurp("$home/stored/$n/envelope");
		next unless $envelope =~ /\AF([^\0]*)\0((?:T[^\0]*\0)*)\0/;
		my ($sender, @parts) = ($1, split /\0/, $2);
		push @all,
		  { message    => slurp("$home/stored/$n/message"),
			envelope   => $envelope,
			sender     => $sender,
			recipients => [ map { substr $_, 1 } @parts ] };
	}
	return @all;
}

# Start a program: argv, and by name: home, env (hash, added to clean_env; undef unsets), fds
# (number => handle; 0, 1 and 2 not named are /dev/null), dir.  Returns the pid.
sub start_program {
	my ($argv, %with) = @_;
	my %env = (clean_env($with{home}), %{ $with{env} || {} });
	my %fds = %{ $with{fds} || {} };
	open my $null, '+<', '/dev/null' or die "/dev/null: $!";
	$fds{$_} ||= $null for 0 .. 2;
	my $path = program($argv->[0]);    # while the environment still says which build
	my $pid = fork // die "fork: $!";
	return $pid if $pid;

	eval {
		%ENV = ();
		$ENV{$_} = $env{$_} for grep { defined $env{$_} } keys %env;
		$SIG{$_} = 'DEFAULT' for qw(PIPE ALRM INT TERM CHLD);
		chdir($with{dir} || $with{home} || '/') or die "chdir: $!";
		place_descriptors(%fds);
		exec { $path } @$argv[0 .. $#$argv];
	};
	POSIX::_exit(120);
}

# First all copies out of the way (above 100), then each to its number; the rest is closed.
sub place_descriptors {
	my (%fds) = @_;
	my $high = 100;
	my %copy;
	for my $to (keys %fds) {
		POSIX::dup2(fileno $fds{$to}, $high) or die "dup2: $!";
		$copy{$to} = $high++;
	}
	for my $fd (map { m{/(\d+)$} ? $1 : () } glob '/proc/self/fd/*') {
		POSIX::close($fd) if $fd < 100;
	}
	for my $to (keys %copy) {
		POSIX::dup2($copy{$to}, $to);
		POSIX::close($copy{$to});
	}
}

# Wait for it, at most `limit` seconds (20); then it is killed.  Returns (exit, signal);
# exit is -1 when a signal ended it.
sub finish_program {
	my ($pid, $limit) = @_;
	my $end = Time::HiRes::time() + ($limit || 20);
	my $pause = 0.001;
	while (waitpid($pid, POSIX::WNOHANG()) == 0) {
		if (Time::HiRes::time() > $end) {
			kill 'KILL', $pid;
			waitpid $pid, 0;
			return (-1, 'timeout');
		}
		Time::HiRes::sleep($pause);
		$pause = 0.02 if ($pause *= 1.5) > 0.02;
	}
	return $? & 127 ? (-1, $? & 127) : ($? >> 8, 0);
}

# Run a program to its end: in (bytes for descriptor 0), and what start_program() takes.
# Returns { exit, signal, out, err }.
sub run_program {
	my ($argv, %with) = @_;
	my $limit = delete $with{limit} || 60;
	my $dir = temp_dir();
	spit("$dir/in", defined $with{in} ? delete $with{in} : '');
	open my $in, '<', "$dir/in" or die;
	open my $out, '>', "$dir/out" or die;
	open my $err, '>', "$dir/err" or die;
	my $pid = start_program($argv, %with, fds => { 0 => $in, 1 => $out, 2 => $err, %{ $with{fds} || {} } });
	my ($exit, $signal) = finish_program($pid, $limit);
	return { exit => $exit, signal => $signal, out => slurp("$dir/out"), err => slurp("$dir/err") };
}

# Servers.  Each prints its port as the first line of descriptor 1 once it listens.
my %servers;

sub start_server {
	my ($argv, %with) = @_;
	pipe my $from, my $to or die "pipe: $!";
	my $pid = start_program($argv, %with, fds => { 1 => $to, 2 => \*STDERR, %{ $with{fds} || {} } });
	close $to;
	IO::Select->new($from)->can_read(20) or die "@$argv: no port after 20 s";
	my $line = <$from>;
	defined $line && $line =~ /(\d+)/ or die "@$argv: no port";
	my $server = { pid => $pid, port => $1, from => $from };
	$servers{$pid} = $$;
	return $server;
}

sub stop_server {
	my ($server) = @_;
	return unless delete $servers{ $server->{pid} };
	kill 'TERM', $server->{pid};
	finish_program($server->{pid}, 5);
}

# tests/tools/dnsserver with a zone; options go to its command line.
sub start_dns {
	my ($zone, @options) = @_;
	my $dir = temp_dir();
	spit("$dir/zone", $zone);
	my $server =
	  start_server([ "$top/tests/tools/dnsserver", @options, '--log', "$dir/log", "$dir/zone" ], env => { %ENV });
	$server->{log} = "$dir/log";
	return $server;
}

# tests/tools/smtpsink with a script; its records are in $sink->{dir}/1, 2, ...
sub start_sink {
	my ($script, @options) = @_;
	my $dir = temp_dir();
	spit("$dir/script", $script);
	my $sink =
	  start_server([ "$top/tests/tools/smtpsink", @options, '--dir', $dir, "$dir/script" ], env => { %ENV });
	$sink->{dir} = $dir;
	return $sink;
}

# tests/tools/qmtpsink likewise.
sub start_qmtpsink {
	my ($script, @options) = @_;
	my $dir = temp_dir();
	spit("$dir/script", $script);
	my $sink =
	  start_server([ "$top/tests/tools/qmtpsink", @options, '--dir', $dir, "$dir/script" ], env => { %ENV });
	$sink->{dir} = $dir;
	return $sink;
}

# tests/tools/tokenserver with a script and a certificate; its records are in $server->{dir}/1.request, ...
sub start_tokenserver {
	my ($script, $pem) = @_;
	my $dir = temp_dir();
	spit("$dir/script", $script);
	my $server =
	  start_server([ "$top/tests/tools/tokenserver", '--cert', $pem, '--dir', $dir, "$dir/script" ], env => { %ENV });
	$server->{dir} = $dir;
	return $server;
}

# tests/tools/policyserver with a script and more options; the requests are in $server->{dir}/1.head, ...
sub start_policyserver {
	my ($script, $pem, @options) = @_;
	my $dir = temp_dir();
	spit("$dir/script", $script);
	my $server = start_server([ "$top/tests/tools/policyserver", '--cert', $pem, '--dir', $dir, @options, "$dir/script" ],
		env => { %ENV });
	$server->{dir} = $dir;
	return $server;
}

# tests/tools/scanner with a script, also on the socket scan.sock of a home; its records are in
# $scanner->{dir}/1.message, ...
sub start_scanner {
	my ($script, $home) = @_;
	my $dir = temp_dir();
	spit("$dir/script", $script);
	my $scanner =
	  start_server([ "$top/tests/tools/scanner", '--dir', $dir, '--home', $home, "$dir/script" ], env => { %ENV });
	$scanner->{dir} = $dir;
	return $scanner;
}

END {
	my $status = $?;
	for my $pid (keys %servers) {
		next unless $servers{$pid} == $$;
		kill 'TERM', $pid;
		finish_program($pid, 5);
	}
	$? = $status;
}

# Ask until it is true, at most 20 seconds; returns what it said.
sub wait_until {
	my ($question, $limit) = @_;
	my $end = Time::HiRes::time() + ($limit || 20);
	my $answer;
	until ($answer = $question->()) {
		return $answer if Time::HiRes::time() > $end;
		Time::HiRes::sleep(0.01);
	}
	return $answer;
}

# What a sanitizer had to say in this text, or undef.
sub sanitizer_report {
	my ($text) = @_;
	return $text =~ /^(.*(?:ERROR: \w+Sanitizer|runtime error:).*(?:\n.*){0,12})/m ? $1 : undef;
}

1;
