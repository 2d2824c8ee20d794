#!/usr/bin/perl
# reliability: messages by qmail-queue and by SMTP to Maildirs, mboxes, forwards, a rough relay, to the unknown and to
# those who are not ready yet, while every daemon is killed in turn, and all at once, the disk runs full of octets and of
# files, the clock is set days ahead and back, and all that is in Qferry::Trouble happens besides.  supervise starts the
# suite again.  In the end all that was acknowledged has been delivered or is in a bounce, whole; twice is only what was
# under way at a kill; 36 hours later no file is left (queue 7.1; doc/reliability).
#
# $RELIABILITY_MESSAGES (240; `make reliability`: 20000) by $RELIABILITY_SEED; $RELIABILITY_TROUBLE: only these of
# Qferry::Trouble ("limits tcpto").  After a failure home, log and ledgers are copied to $RELIABILITY_KEEP.
# nosan: thousands of programs are started
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Fcntl qw(:DEFAULT :flock);
use POSIX ();
use Qferry::Load;
use Qferry::Queue;
use Qferry::Reliability;
use Qferry::Test;
use Qferry::Trouble;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'root has no rootless instance' if $> == 0;

my $disk = own_machine('size=64m,nr_inodes=6000', qw(supervise svc tcpserver prlimit));

my $MESSAGES = $ENV{RELIABILITY_MESSAGES} || 240;
my $CLIENTS = 6;
my $seed = $ENV{RELIABILITY_SEED} || int(rand 1e6) + 1;
my $is_long = $MESSAGES > 1000;
my $pace = $is_long ? 1 : 0.25;    # in the short form trouble comes sooner
srand $seed;
diag("seed $seed");

# --- the home: queue and mailboxes on the small disk ----------------------------------------------------------------

my $dir = temp_dir();
chmod 0755, $dir, $disk;
my $home = "$disk/home";
mkdir $home;
system('env', 'ME=mx.example.org', top() . '/setup/new-home', $home) == 0 or die 'new-home';
rmdir "$home/bin";
symlink build() . '/bin', "$home/bin" or die "bin: $!";
my ($queue, $alias) = ("$home/queue", "$home/alias");

mkdir "$dir/relay";
my $relay = start_server([ top() . '/tests/tools/roughrelay', '--dir', "$dir/relay", '--seed', $seed ]);
my %controls = (locals => 'example.org', smtproutes => ":127.0.0.1:$relay->{port}", concurrencylocal => 8, concurrencyremote => 8,
	doublebounceto => '');
control($home, $_, "$controls{$_}\n") for keys %controls;
for my $maildir (qw(md co bounces)) { mkdir "$alias/$maildir$_" for '', '/tmp', '/new', '/cur' }
my %dotfile = ('md-default' => './md/', 'mb-default' => './mb', 'fw-default' => '&co@example.org', co => './co/',
	'df-default' => "|test -e $dir/calm || test \$((\$\$ % 3)) = 0 || exit 111\n./md/", 'bounce-default' => './bounces/');
spit("$alias/.qmail-$_", "$dotfile{$_}\n", 0644) for keys %dotfile;
chmod 0755, $alias;

# --- the suite, under supervise, with a clock that we set --------------------------------------------------------------

spit("$dir/clock", pack 'q', 0);
spit("$dir/log", '');
spit("$dir/service/run", <<"END", 0755);
#!/bin/sh
exec env - QMAILHOME='$home' PATH='$home/bin:/usr/bin:/bin' LD_PRELOAD='@{[build()]}/crash/clock.so' TEST_CLOCK='$dir/clock' \\
    qmail-start ./Maildir/ 2>&1
END

# The log goes through the smallest of pipes, so that it is full soon where nobody reads it.
pipe my $log_read, my $log_write or die "pipe: $!";
fcntl $log_write, 1031, 4096;    # F_SETPIPE_SZ
open my $log_file, '>>', "$dir/log" or die;
my $reader = start_program(['/bin/cat'], fds => { 0 => $log_read, 1 => $log_file });

sub set_clock { my ($seconds) = @_; open my $clock, '+<', "$dir/clock" or die; syswrite $clock, pack 'q', $seconds }

my $supervise = start_program([ '/usr/bin/supervise', "$dir/service" ], dir => $dir, fds => { 1 => $log_write, 2 => $log_write });
my $smtp = start_server([ qw(/usr/bin/tcpserver -1 -H -R -l mx.example.org -c 200 127.0.0.1 0), build() . '/bin/qmail-smtpd' ],
	home => $home, env => { RELAYCLIENT => '' });
my @daemons = qw(qmail-send qmail-lspawn qmail-rspawn qmail-clean);

sub alive {
	my (@names) = @_;
	my %all = processes();
	my @pids;
	for my $name (@names) { push @pids, grep { $all{$_}{name} eq $name && $all{$_}{state} ne 'Z' } sort keys %all }
	return @pids;
}

# qmail-send itself, and not what is about to become it: that would die of an ALRM.
sub retry {
	my ($send) = alive('qmail-send') or return;
	my ($blocked) = (slurp("/proc/$send/status") // '') =~ /^SigBlk:\s*(\w+)$/m;
	kill 'ALRM', $send if hex($blocked // 0) & 1 << POSIX::SIGALRM() - 1;
	sysopen my $trigger, "$queue/lock/trigger", O_WRONLY | O_NONBLOCK or return;
	syswrite $trigger, "\0";
}

# --- what goes wrong --------------------------------------------------------------------------------------------------

my (%count, @wrong);

# The first of them is looked for until it is there, but not for ever; then it is the last.  Of the daemons one is
# killed only when all four are there, or there would be no mail to lose.
my @victims = (@daemons, qw(qmail-local qmail-remote qmail-queue qmail-smtpd));
my ($turn, $looking) = (0, time);

sub kill_next {
	return 0 if alive(@daemons) < @daemons && $victims[0] !~ /queue/;
	my @pids = alive($victims[0]);
	if (@pids) { $count{"$victims[0] killed"} += kill 'KILL', $pids[ rand @pids ] }
	elsif (time < $looking + 2) { return 0 }
	push @victims, shift @victims;
	kill_all() if ++$turn % @victims == 0;
	$looking = time;
	return 1;
}

# With supervise stopped nobody is there for a moment; then nothing may be in the queue that a qmail of old has not.
sub kill_all {
	kill 'STOP', $supervise;
	my @all = (@daemons, qw(qmail-local qmail-remote qmail-start));
	for (1 .. 100) { my @pids = alive(@all) or last; kill 'KILL', @pids; sleep 0.005 }
	$count{'all killed'}++;
	push @wrong, records_problems();
	kill 'CONT', $supervise;
}

my %record = (
	info => qr/\AF[^\0]*\0\z/, local => qr/\A(?:[TD][^\0]*\0)*\z/, remote => qr/\A(?:[TD][^\0]*\0)*\z/,
	todo => qr/\Au\d+\0p\d+\0F[^\0]*\0(?:T[^\0]*\0)*\z/, bounce => qr/\A(?:<[^\n]*>:\n(?:[^\n]+\n)*\n)*\z/,
);

# What is in the middle of being made has a todo/N, or nothing that counts yet.
sub records_problems {
	my @problems;
	for my $path (tree_of($home)) {
		my ($place, $n) = $path =~ m{^(mess|info|local|remote)/\d+/(\d+)\z} ? ($1, $2) : $path =~ m{^(intd|todo|bounce)/(\d+)\z} ? ($1, $2)
		  : $path =~ m{^pid/\d+\.\d+\.\d\z} ? next : ('', '');
		if ($place eq '') { push @problems, "$path: no name of old"; next }
		next if !$record{$place} || $place =~ /^(?:info|local|remote)$/ && -e "$queue/todo/$n";
		my $bytes = slurp("$queue/$path") // next;
		next if $place eq 'bounce' && $count{'disk full'};    # a paragraph may be cut there; it is written again
		push @problems, "$path: no record of old" if $bytes !~ $record{$place};
	}
	return @problems;
}

sub jump { set_clock(3600 * (5, -5, 40, -40, 0)[ rand 5 ]); $count{'clock set'}++ }

my $is_full = 0;

sub change_disk {
	if ($is_full) { empty_disk($disk) }
	else {
		my $what = (qw(octets files))[ $count{'disk full'}++ % 2 ];
		fill_disk($disk, $what);
	}
	$is_full = !$is_full;
}

# --- what arrives is taken away, for the disk is small ----------------------------------------------------------------

my (%sent, %have, %bounced, %sum_of, @torn);

sub arrived {
	my ($m, $kind) = @_;
	if ($m->{torn}) { push @torn, $m; return }
	my $to = $kind eq 'co' ? "fw-$m->{id}\@example.org" : $m->{to};
	$have{$to}++;
	push @{ $sum_of{ $m->{id} } }, $m->{sum};
}

sub take_maildir {
	my ($maildir, $taker) = @_;
	for my $file (glob "$alias/$maildir/new/*") { $taker->(slurp($file), $maildir); unlink $file }
}

sub take_bounce {
	my ($text) = @_;
	my ($report) = $text =~ /^Hi\. This is the qmail-send program.*?\n\n(.*?)^--- Below this line/ms;
	if (!defined $report) { push @wrong, 'no bounce: ' . substr $text, 0, 300; return }
	push @{ $bounced{$1} }, $2 while $report =~ /^<(\S+)>:\n(.*?)\n\n/msg;
}

sub take_mbox {
	open my $mbox, '+<', "$alias/mb" or return;
	flock $mbox, LOCK_EX or return;
	local $/;
	my $text = <$mbox>;
	truncate $mbox, 0;
	arrived($_, 'mb') for mbox_entries($text // '');
}

sub take_all {
	take_maildir($_, sub { arrived(message_of($_[0]), $_[1]) }) for qw(md co);
	take_maildir('bounces', \&take_bounce);
	take_mbox();
}

# --- it goes wrong ----------------------------------------------------------------------------------------------------

ok(wait_until(sub { alive(@daemons) == @daemons && slurp("$dir/log") =~ /^status/m }), 'supervise starts the suite') or diag slurp("$dir/log");

my %client;
for my $number (1 .. $CLIENTS) {
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		POSIX::nice(5);
		eval { inject_messages({ number => $number, seed => $seed, count => int($MESSAGES / $CLIENTS), pace => $CLIENTS / 40, home => $home,
			ledger => "$dir/ledger.$number", port => $smtp->{port} }) };
		print STDERR $@ if $@;
		POSIX::_exit($@ ? 1 : 0);
	}
	$client{$pid} = $number;
}

sub reap {
	while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
		push @wrong, "a client ended with $?" if delete $client{$pid} && $?;
		push @wrong, 'supervise has ended' if $pid == $supervise;
	}
}

my $trouble = trouble_for({ home => $home, service => "$dir/service", reader => $reader, alive => \&alive });
my %every = (
	kill => sub { return kill_next() ? $pace * (0.5 + rand 2) : 0 },
	disk => sub { change_disk(); return $pace * ($is_full ? 0.5 + rand 3 : 4 + rand 8) },
	clock => sub { jump(); return $pace * (3 + rand 10) },
	trouble => sub { trouble_next($trouble); return $pace * (0.2 + rand 1.6) },
	retry => sub { retry(); return $is_long ? 15 : 1 },
	take => sub { take_all(); return 0.3 },
);
my %due = map { $_ => time + $pace } keys %every;

sub total { my ($what) = @_; my $sum = 0; $sum += $count{$_} for grep {/$what/} keys %count; return $sum }
sub had_enough { return (!grep { !$count{"$_ killed"} } @victims) && ($count{'all killed'} // 0) >= 2 && ($count{'disk full'} // 0) >= 4 && ($count{'clock set'} // 0) >= 3
	  && !grep { !$trouble->{count}{$_} } trouble_kinds() }

# Kills go on until each has been killed; on a busy machine some are not seen for a while.
my $end = time + ($is_long ? $MESSAGES : 130);
while ((%client || !had_enough()) && time < $end) {
	for my $what (sort keys %every) { $due{$what} = time + $every{$what}->() if $due{$what} <= time }
	reap();
	sleep 0.02;
}

# --- it goes well again -------------------------------------------------------------------------------------------------

empty_disk($disk);
set_clock(0);
trouble_end($trouble);
spit("$dir/calm", '');
spit("$dir/relay/calm", '');
ok(wait_until(sub { reap(); !%client }, $is_long ? 600 : 50), 'all have been sent');

sub in_queue { return grep { !m{^(?:mess|intd|pid)/} } tree_of($home) }

sub calm_down { retry(); release_all($trouble) }

my $asked = 0;
ok(wait_until(sub { reap(); take_all(); calm_down() if time > $asked + 1 and $asked = time; !in_queue() }, $is_long ? 600 + $MESSAGES / 5 : 100),
	'the queue comes to its end') or diag join ' ', (map {"$_ (" . ((slurp("$queue/$_") // '') =~ s/\0/ /gr) . ')'} in_queue()), substr slurp("$dir/log"), -3000;
take_all();
ok(wait_until(sub { reap(); alive(@daemons) == @daemons }), 'all is there');
my @there = map { my $name = $_; scalar(my @pids = alive($name)) } @daemons;
is("@there", '1 1 1 1', 'what was killed was started again, once');

%sent = injected(glob "$dir/ledger.*");
my $log = slurp("$dir/log");
my %late = interrupted($log);
for my $line (split /\n/, slurp("$dir/relay/events") // '') {
	my ($to, $sum) = $line =~ /^have (\S+) (\w+)/ or next;
	$have{$to}++;
	push @{ $sum_of{ $1 } }, $sum if $to =~ /-(\w+)\@/;
}
push @wrong, map { my $id = $_; map {"$id: its octets are not what was sent"} grep { $_ ne $sent{$id}{sum} } @{ $sum_of{$id} } } grep { $sent{$_} } sort keys %sum_of;
push @wrong, reliability_problems(\%sent, \%have, \%bounced, \%late);
my $crashed_mbox = () = $log =~ /qmail-local_crashed/g;

sub first_of { my (@lines) = @_; splice @lines, 20 if @lines > 20; return join "\n", @lines }

my ($taken) = scalar grep { $_->{outcome} eq '0' } values %sent;
cmp_ok($taken, '>', $MESSAGES / 4, 'messages were acknowledged');
is(first_of(grep {/acknowledged, and not there|nobody sent/} @wrong), '', 'nothing that was acknowledged is lost');
is(first_of(grep {/bounce/} @wrong), '', 'each failure is in a bounce, with its text, and nothing else is');
is(first_of(grep {/times|twice/} @wrong), '', 'twice only what was under way at a kill');
is(first_of(grep {/octets/} @wrong), '', 'nothing is there by half, or mixed');
is(first_of(grep {/of old/} @wrong), '', 'after a crash the queue has names and records of old');
is(first_of(grep { !/acknowledged, and not|nobody sent|bounce|times|twice|octets|of old/ } @wrong), '', 'nothing else is wrong');
cmp_ok(scalar @torn, '<=', total('qmail-local|lspawn|all') + $count{'disk full'} + ($trouble->{count}{'told to end'} // 0), 'a part of a message is in the mbox only where a writer was killed');
# A spawner that is killed before it has said anything is no start.
is(first_of(grep { /cannot start|unknown record|moved aside|mangled|out of range/ && !/no fire/ } split /\n/, $log), '', 'no start was refused, no record was strange');
cmp_ok($count{"$_ killed"} // 0, '>=', 1, "$_ was killed") for @victims;
cmp_ok($trouble->{count}{$_} // 0, '>=', 1, "$_: there was") for trouble_kinds();

# --- the judge is no friend -----------------------------------------------------------------------------------------------

{
	my $is_left = sub { my ($id) = $_[0] =~ /-(\w+)/; return $sent{$id}{fate} eq '' };
	my ($md) = grep { /^md-/ && !$late{$_} && $is_left->($_) } sort keys %have;
	my ($nx) = grep { /^nx-/ && $is_left->($_) } sort keys %bounced;
	my $count_of = sub { my ($h, $b) = @_; return scalar reliability_problems(\%sent, { %have, %$h }, { %bounced, %$b }, \%late) };
	my $none = $count_of->({}, {});
	is($count_of->({ $md => 0 }, {}), $none + ($sent{ ($md =~ /-(\w+)/)[0] }{outcome} eq '0'), 'it misses one that is not there');
	is($count_of->({ $md => 2 }, {}), $none + 1, '... sees one that is there twice');
	is($count_of->({}, { $nx => ['something else'] }), $none + 1, '... and a bounce that does not say why');
	is($count_of->({ 'md-0x0@example.org' => 1 }, {}), $none + 1, '... and what nobody sent');
	is(scalar(grep { $_->{torn} } mbox_entries("From a\nDelivered-To: x\nX-Load: 1\n\nhal")), 1, '... and half an entry');
}

# --- 36 hours later -----------------------------------------------------------------------------------------------------

# One more is killed amid its message.
pipe my $from, my $to or die "pipe: $!";
my $dead = start_program(['qmail-queue'], home => $home, fds => { 0 => $from });
wait_until(sub { grep {/^mess/} tree_of($home) });
kill 'KILL', $dead;
finish_program($dead);
my $debris = () = tree_of($home);
system('svc', '-dx', "$dir/service");
ok(wait_until(sub { reap(); !alive(@daemons) }), 'the suite ends');
set_clock(37 * 3600);
my $suite = start_program([ "$dir/service/run" ], dir => $dir, fds => { 1 => $log_write, 2 => $log_write });
ok(wait_until(sub { alive(@daemons) == @daemons && substr(slurp("$dir/log"), -200) =~ /status: local.*\n\z/ }), 'and begins again');
ok(wait_until(sub { !tree_of($home) }), 'no debris after 36 hours') or diag join ' ', tree_of($home);
kill 'TERM', $suite;
is(join(' ', finish_program($suite)), '0 0', 'the last end');
stop_server($relay);

my %outcomes;
$outcomes{ $_->{outcome} }++ for values %sent;
my ($more, $deliveries) = (0, 0);
for my $to (keys %have) { $deliveries += $have{$to}; $more += $have{$to} - 1 }
sub figures { my ($title, $of) = @_; print "# states: $title: ", join(', ', map {"$_ $of->{$_}"} sort keys %$of), "\n" }
print "# states: seed $seed, $MESSAGES messages, $taken acknowledged, $deliveries deliveries, $more of them twice, ",
  scalar(map {@$_} values %bounced), ' failures in bounces, ', scalar(@torn), " parts in the mbox, $debris files swept\n";
figures('exits of qmail-queue', \%outcomes);
figures('what went wrong', \%count);
figures('and besides', $trouble->{count});
system('cp', '-a', $dir, $home, $ENV{RELIABILITY_KEEP}) if $ENV{RELIABILITY_KEEP} && !Test::More->builder->is_passing;
done_testing;
