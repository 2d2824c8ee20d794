#!/usr/bin/perl
# storm: many messages through one relay that hangs up and says 4yz as it likes, and dies twice, while
# qmail-rspawn keeps connections to it.  All arrive; none arrives twice, unless the connection was lost
# after the final dot and before its reply, and then the log says which.  Also T7: qmail-remote and
# qmail-rspawn are killed, qmail-send comes to its end and is started again; a delivery whose report died
# with them may be made twice, and the log says so, too.
#
# $STORM_COUNT messages (1000), by $STORM_SEED.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use POSIX ();
use Qferry::Test;
use Test::More;

plan skip_all => 'root has no rootless instance' if $> == 0;

my $COUNT = $ENV{STORM_COUNT} || 1000;
my $seed = $ENV{STORM_SEED} || int(rand 1e6) + 1;
diag("seed $seed");

# --- a home on tmpfs, whose mail all goes to the relay -----------------------------------------------------

my $dir = -w '/dev/shm' ? tempdir('qf.XXXXXX', DIR => '/dev/shm', CLEANUP => 1) : temp_dir();
my $home = "$dir/home";
mkdir $home;
system('env', 'ME=client.example', top() . '/setup/new-home', $home) == 0 or die 'new-home';
rmdir "$home/bin";
symlink build() . '/bin', "$home/bin" or die "bin: $!";

sub relay {
	my ($at) = @_;
	my $relay = start_server([ top() . '/tests/tools/roughrelay', '--dir', $dir, '--seed', $seed++,
			$at ? ('--at', $at) : () ]);
	return $relay;
}

my $relay = relay();
my $at = "127.0.0.1:$relay->{port}";
control($home, smtproutes => ":$at\n");
control($home, locals => "client.example\n");
control($home, logdetail => "1\n");

# qmail-start's log; its pids.
open my $log, '>>', "$home/log" or die;
my ($suite, %pids);

sub start_suite {
	$suite = start_program([ 'qmail-start', './Maildir/' ], home => $home, env => { PATH => "$home/bin:/usr/bin:/bin" },
		fds => { 1 => $log, 2 => $log });
	wait_until(sub { ($pids{send}) = processes('qmail-send', $suite); ($pids{rspawn}) = processes('qmail-rspawn', $suite); $pids{send} && $pids{rspawn} });
}

# With this name, below a process or itself.
sub processes {
	my ($name, $root) = @_;
	my (%parent, %name);
	for my $file (glob '/proc/[0-9]*/stat') {
		next unless (slurp($file) // '') =~ /\A(\d+) \((.*)\) [^Z] (\d+) /;
		@parent{$1} = $3;
		@name{$1} = $2;
	}
	my $is_below = sub { my $p = shift; $p = $parent{$p} while $p && $p != $root; return $p };
	return grep { $name{$_} eq $name && $is_below->($_) } keys %parent;
}

sub events {
	my ($kind) = @_;
	my $events = slurp("$dir/events") // '';
	my %count;
	$count{$1}++ while $events =~ /^$kind r(\d+)\@/mg;
	return \%count;
}

sub total { my ($counts) = @_; my $sum = 0; $sum += $_ for values %$counts; return $sum }
sub ended { return scalar(() = (slurp("$home/log") // '') =~ /^end msg/mg) }

# Each ALRM makes all that failed due again.  What is to happen, happens in between.
sub retry_until {
	my ($question) = @_;
	my $end = time + 60 + $COUNT / 10;
	until ($question->()) {
		return 0 if time > $end;
		kill 'ALRM', $pids{send};
		select undef, undef, undef, 0.2;
	}
	return 1;
}

# --- the messages -------------------------------------------------------------------------------------------

sub put_file { my ($name, $text) = @_; open my $file, '+>', "$dir/$name" or die; syswrite $file, $text; seek $file, 0, 0; return $file }

sub inject {
	my ($n) = @_;
	my $message = put_file('message', "Subject: $n\n\nbody\n");
	my $envelope = put_file('envelope', "Fs\@client.example\0Tr$n\@dest.example\0\0");
	my $pid = fork // die;
	if (!$pid) {
		POSIX::dup2(fileno $message, 0);
		POSIX::dup2(fileno $envelope, 1);
		%ENV = clean_env($home);
		exec "$home/bin/qmail-queue";
	}
	waitpid $pid, 0;
	return $? == 0;
}

start_suite();
my ($given, $queued) = (0, 0);

# Up to so many of all.
sub inject_until {
	my ($last) = @_;
	while ($given < $last) { $queued += inject(++$given) }
}

# --- the relay dies twice; then qmail-remote does, and qmail-rspawn: always amid deliveries ---------------------

for my $part (1, 2) {
	inject_until($COUNT * (3 * $part - 1) / 10);
	my $before = () = slurp("$home/log") =~ /wasn't_able_to_establish/g;
	kill 'KILL', -$relay->{pid};
	inject_until($COUNT * 3 * $part / 10);
	ok(retry_until(sub { (() = slurp("$home/log") =~ /wasn't_able_to_establish/g) > $before }), "death $part of the relay");
	stop_server($relay);
	$relay = relay($at);
}
inject_until($COUNT * 8 / 10);
kill 'KILL', processes('qmail-remote', $suite);
inject_until($COUNT * 9 / 10);
kill 'KILL', $pids{rspawn};
my ($exit, $signal) = finish_program($suite);
like(slurp("$home/log"), qr/^alert: oh no! lost spawn connection! dying\.\.\.$/m, 'T7: without qmail-rspawn qmail-send ends');
start_suite();
inject_until($COUNT);
is($queued, $COUNT, "$COUNT messages were queued");

ok(retry_until(sub { ended() >= $COUNT }), 'all messages come to their end');
kill 'TERM', $pids{send};
is(join(' ', finish_program($suite)), '0 0', 'the suite ends');
stop_server($relay);

# --- what arrived, and what the log says -----------------------------------------------------------------------

my ($have, $said) = (events('have'), events('said'));
my (%recipient, %lost, %killed);
for (split /\n/, slurp("$home/log")) {
	if (/^starting delivery (\d+): msg \d+ to remote r(\d+)\@/) { $recipient{$1} = $2 }
	# What had no report when qmail-rspawn was killed: the log has its start only.
	elsif (/^alert: oh no! lost spawn/) { $killed{$_}++ for values %recipient; %recipient = () }
	elsif (/^delivery (\d+): (.*)/) {
		my ($to, $text) = (delete $recipient{$1}, $2);
		next unless $text =~ m{Possible_duplicate!};
		$text =~ /qmail-remote_crashed/ ? $killed{$to}++ : $lost{$to}++;
	}
}
my @all = 1 .. $COUNT;
sub n { my ($counts, $key) = @_; return $counts->{$key} // 0 }
is(scalar(grep { !n($have, $_) } @all), 0, 'every message has arrived');
is(scalar(grep { n($said, $_) > 1 + n(\%killed, $_) } @all), 0, 'none was accepted twice, but where our own end was killed');
is(scalar(grep { n($have, $_) > 1 + n(\%killed, $_) + n(\%lost, $_) } @all), 0,
	'what came twice came so because its reply was lost, and the log says which');
is(scalar(grep { n($have, $_) - n($said, $_) > n(\%killed, $_) + n(\%lost, $_) } @all), 0, '... every reply that was lost is in the log');
cmp_ok(scalar(grep { n($have, $_) > 1 } @all), '>', 0, '... and there were such');
is((() = slurp("$home/log") =~ /^delivery \d+: failure/mg), 0, 'nothing bounced');
is((() = slurp("$home/log") =~ /mangled|out of range/g), 0, 'T16: no report was mangled');
diag(sprintf '%d messages, %d deliveries, %d connections that were lost after the dot, %d messages twice', $COUNT,
	scalar(() = slurp("$home/log") =~ /^starting delivery/mg), total($have) - total($said), scalar(grep { n($have, $_) > 1 } @all));

done_testing;
