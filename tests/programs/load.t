#!/usr/bin/perl
# load: 50 clients at once, mixed sizes, plain and TLS, while our programs are killed at random and the disk
# of the queue runs full of octets or of files, and empties again.  Every message that was answered 250 is in
# the queue once and whole; every other got a 4yz or a close; no process or descriptor is left behind, and
# the memory of the services stays what it was (doc/load).
#
# $LOAD_SECONDS (8; `make load`: 600) with $LOAD_CLIENTS (50), by $LOAD_SEED.  It runs in namespaces of its
# own, so that the queue and the counters have a small file system, and every process there is of this test.
# nosan: thousands of programs are started
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Qferry::Load;
use Qferry::Test;
use Qferry::Tls;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'root has no rootless instance' if $> == 0;

my $disk = own_machine('size=64m,nr_inodes=2000', qw(tcpserver openssl));

my $SECONDS = $ENV{LOAD_SECONDS} || 8;
my $CLIENTS = $ENV{LOAD_CLIENTS} || 50;
my $seed = $ENV{LOAD_SEED} || int(rand 1e6) + 1;
# In the short form things happen more often.
my $pace = $SECONDS < 60 ? 0.15 : 1;
srand $seed;
diag("seed $seed");

# --- the home ----------------------------------------------------------------------------------------------------

my $dir = temp_dir();
my $home = "$dir/home";
my $queue = "$disk/queue";
mkdir $home;
for my $name (qw(queue state)) {
	mkdir "$disk/$name";
	symlink "$disk/$name", "$home/$name" or die "$home/$name: $!";
}
system('env', 'ME=mx.example.org', top() . '/setup/new-home', $home) == 0 or die 'new-home';
rmdir "$home/bin";
symlink build() . '/bin', "$home/bin" or die "bin: $!";
mkdir "$home/run/$_" for qw(tls rcpt state dns broker);

my $dns = start_dns("client.example A 127.0.0.1\nclient.example MX 10 mx.client.example\nmx.client.example A 127.0.0.1\n");
self_signed($dir, 'mx', alt => 'DNS:mx.example.org');
my %controls = (rcpthosts => 'example.org', locals => 'example.org', badmailfrom => "spam\@client.example", realrcptto => 1,
	mfcheck => 1, resolvers => "127.0.0.1:$dns->{port}", ratenetwork => 1000000, sessionsnetwork => 200, timeoutsmtpd => 60);
control($home, $_, "$controls{$_}\n") for keys %controls;
spit("$home/control/servercert.pem", pem($dir, 'mx.key', 'mx.crt'), 0600);
spit("$home/alias/.qmail-load-default", "./Maildir/\n", 0644);

# --- the services, started again when they end, as supervise does -----------------------------------------------

my (%service, %client, %killed, %count, @wrong);
my %command = (tls => [qw(qmail-tls serve tls)], map { ($_ => [ "qmail-$_", 'serve' ]) } qw(rcpt state dns broker));

sub start_service {
	my ($name) = @_;
	open my $log, '>>', "$dir/log.$name" or die;
	$service{$name} = { pid => start_program($command{$name}, home => $home, fds => { 1 => $log, 2 => $log }), since => time };
}

# Where it listens is what tcpserver says first.
sub start_port {
	my ($name, %env) = @_;
	open my $log, '>>', "$dir/log.$name" or die;
	my $server = start_server([ qw(/usr/bin/tcpserver -1 -H -R -l mx.example.org -c 200 127.0.0.1 0), build() . '/bin/qmail-smtpd' ],
		home => $home, env => \%env, fds => { 2 => $log });
	$service{$name} = { pid => $server->{pid}, since => time };
	return $server;
}

# We are the first process here: orphans are ours too.
sub reap {
	while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
		if (delete $client{$pid}) { push @wrong, "a client ended with $?" if $?; next }
		my ($name) = grep { $service{$_}{pid} == $pid } keys %service or next;
		$command{$name} or die "tcpserver has ended: $?";
		push @wrong, "$name has ended by itself: $?" unless delete $killed{$pid};
		$count{"$name started again"}++;
		start_service($name);
	}
}

# --- what goes wrong -----------------------------------------------------------------------------------------------

my %is_victim = map { $_ => 1 } qw(qmail-smtpd qmail-queue qmail-tls qmail-rcpt qmail-state qmail-dns qmail-broker);

# The services themselves only up to the middle: after that their memory is watched.
sub kill_somebody {
	my ($is_late) = @_;
	my %spared = map { $_->{pid} => 1 } $is_late ? values %service : ();
	my %all = processes();
	my %those;
	for my $pid (keys %all) {
		my ($name, $state) = @{ $all{$pid} }{qw(name state)};
		push @{ $those{$name} }, $pid if $is_victim{$name} && $state ne 'Z' && !$spared{$pid};
	}
	my @names = keys %those or return;
	for (1 .. ($SECONDS < 60 ? 3 : 1)) {
		my ($name, $signal) = ($names[ rand @names ], (qw(KILL TERM))[ rand 2 ]);
		my $pid = $those{$name}[ rand @{ $those{$name} } ];
		$killed{$pid} = 1;
		$count{"$signal $name"} += kill $signal, $pid;
	}
}

# --- the queue's consumer, as qmail-send and qmail-clean are --------------------------------------------------------

my %queued;
my $debris = 0;

sub take_messages {
	for my $todo (glob "$queue/todo/*") {
		my ($n) = $todo =~ m{(\d+)\z};
		my $mess = "$queue/mess/" . $n % 23 . "/$n";
		my $m = queued_message(slurp($mess), slurp($todo) // next);
		if ($m->{problem}) { push @wrong, "$n: $m->{problem}" }
		else { push @{ $queued{ $m->{id} } }, $m }
		unlink "$queue/intd/$n", $todo, $mess;
	}
}

# What a qmail-queue that was killed left (queue 1.7), after a minute and not 36 hours; or all of it, when none runs.
sub sweep {
	my ($age) = @_;
	for my $mess (glob "$queue/mess/*/* $queue/pid/*") {
		my ($n) = $mess =~ m{mess/\d+/(\d+)\z};
		next if defined $n && -e "$queue/todo/$n";
		my $changed = (stat $mess)[9] // next;
		next if $age && $changed > time - $age;
		$debris++;
		unlink $mess;
		unlink "$queue/intd/$n" if defined $n;
	}
}

# --- the load ------------------------------------------------------------------------------------------------------

start_service($_) for sort keys %command;
for my $name (sort keys %command) {
	wait_until(sub { -S "$home/run/$name/sock" }) or die "$name: " . slurp("$dir/log.$name");
}
# A session that starts its programs itself; one that forks off a broker, for the resident one does not know this
# variable; one of the resident broker.
my $plain = start_port('plain', BROKER => 0);
my $forked = start_port('forked', BROKER => 1, LOADOWN => 1);
my $implicit = start_port('implicit', SMTPS => 1);

sub client {
	my ($number, $ledger, $is_over) = @_;
	load_client({ number => $number, seed => $seed, plain => [ $plain->{port}, $forked->{port} ], implicit => $implicit->{port},
		ledger => "$dir/$ledger", is_over => $is_over });
}

# Of each service, once they have been the same for two seconds: a close may be on its way.
sub settled_descriptors {
	my ($last, $since, %now) = ('', time);
	wait_until(sub {
		%now = map { $_ => descriptors($service{$_}{pid}) } keys %service;
		my $text = join ' ', map { $now{$_} } sort keys %now;
		($last, $since) = ($text, time) if $text ne $last;
		return time - $since >= 2;
	});
	return %now;
}

# Everything has been asked once, and is at rest again.
my $warm = time + 1;
client(0, 'before', sub { time > $warm });
wait_until(sub { !leftovers() });
take_messages();
%queued = ();
my %at_rest = settled_descriptors();

my $end = time + $SECONDS;
my $middle = $end - $SECONDS / 2;
my (%early, %peak);
for my $number (1 .. $CLIENTS) {
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		POSIX::nice(10);    # what they make is not to keep us from making trouble
		eval { client($number, "ledger.$number", sub { -e "$dir/over" }) };
		print STDERR $@ if $@;
		POSIX::_exit($@ ? 1 : 0);
	}
	$client{$pid} = $number;
}

sub fill_somehow {
	my $what = (qw(octets files))[ rand 2 ];
	$count{"disk full of $what"}++;
	fill_disk($disk, $what);
}

# What is due happens; each thing says how long it is until it happens again.
my $is_full = 0;
my %every = (
	kill => sub { kill_somebody(time > $middle); return $pace * (0.5 + rand 2.5) },
	disk => sub {
		if ($is_full) { empty_disk($disk) } else { fill_somehow() }
		$is_full = !$is_full;
		return $pace * ($is_full ? 0.5 + rand 2 : 3 + rand 6);
	},
	consume => sub { take_messages(); return 0.3 },
	sweep => sub { sweep(60); return 5 },
	memory => sub { watch_memory(); return 1 },
);
my %due = map { $_ => time + $pace } keys %every;

# The most that each service and each program had, and what a service had in the middle.
sub watch_memory {
	my %all = processes();
	for my $pid (keys %all) {
		my ($name, $kib) = ($all{$pid}{name}, memory($pid));
		$peak{$name} = $kib if $name =~ /^(?:qmail|tcp)/ && $kib > ($peak{$name} // 0);
	}
	return if %early || time < $middle;
	%early = map { $_ => { pid => $service{$_}{pid}, kib => memory($service{$_}{pid}) } } keys %service;
}

# A busy machine takes longer to have had enough trouble.
sub total { my ($what) = @_; my $sum = 0; $sum += $count{$_} for grep {/$what/} keys %count; return $sum }
sub had_enough { return time > $end && total('KILL|TERM') >= 10 && total('disk') >= 3 || time > $end + 90 }

my $is_over = 0;
while (%client) {
	for my $name (sort keys %every) {
		next if $due{$name} > time || ($is_over && $name =~ /kill|disk/);
		$due{$name} = time + $every{$name}->();
	}
	if (!$is_over && had_enough()) { spit("$dir/over", ''); empty_disk($disk); $is_over = 1 }
	reap();
	sleep 0.02;
}

# --- rest ------------------------------------------------------------------------------------------------------------

# What may be there, when all sessions are over: the services, and what those keep ready.
sub leftovers {
	reap();
	my %all = processes();
	my %ours = map { $_->{pid} => 1 } values %service;
	my @left;
	for my $pid (keys %all) {
		next if $pid == $$ || $pid == $dns->{pid} || $ours{$pid};
		next if $all{$pid}{name} eq 'qmail-tls' && $all{$pid}{parent} == $service{tls}{pid} && $all{$pid}{state} ne 'Z';
		push @left, "$all{$pid}{name} ($all{$pid}{state}) $pid, of $all{$pid}{parent}";
	}
	return @left;
}

wait_until(sub { !leftovers() }, 90);
is(join('; ', leftovers()), '', 'no process is left behind');
take_messages();
sweep(0);

my %sent = ledger_of(glob "$dir/ledger.*");
my $found = judged(\%sent, \%queued);
push @wrong, @{ $found->{problems} };
splice @wrong, 20 if @wrong > 20;
is(join("\n", @wrong), '', 'each 250 is in the queue once and whole, and all else got 4yz or a close');
cmp_ok($found->{outcomes}{250} // 0, '>', $CLIENTS, 'messages were taken');
cmp_ok(total('KILL|TERM'), '>=', 10, 'and programs killed');
cmp_ok(total('disk'), '>=', 3, 'and the disk was full');
is(join(' ', glob "$queue/todo/* $queue/intd/* $queue/mess/*/* $queue/pid/*"), '', 'nothing is in the queue but messages and what a sweep takes');

my %at_end = settled_descriptors();
for my $name (sort keys %service) {
	my $pid = $service{$name}{pid};
	is($at_end{$name}, $at_rest{$name}, "$name has as many descriptors as at the beginning");
	next unless $early{$name} && $early{$name}{pid} == $pid;
	cmp_ok(memory($pid), '<=', $early{$name}{kib} + 1024, "$name has the memory it had: $early{$name}{kib} KiB, now " . memory($pid));
}

# All is as it was: one more message.
my %after;
my $attempt = 1000;    # a number makes the same choices each time, and one may be to hang up
ok(wait_until(sub {
	my $sessions = 0;
	client($attempt++, 'after', sub { $sessions++ });
	%after = ledger_of("$dir/after");
	return grep { $_->{outcome} eq '250' } values %after;
}, 120), 'and mail is still taken');
is(join(' ', grep {/^4/} map { $_->{reply} } values %after), '', '... without complaint');

# tests/run shows these.
sub figures { my ($title, $of) = @_; print "# states: $title: ", join(', ', map {"$_ $of->{$_}"} sort keys %$of), "\n" }
print "# states: seed $seed, $SECONDS seconds, $CLIENTS clients\n";
figures('outcomes of messages', $found->{outcomes});
figures('deferrals', $found->{deferrals});
figures('killed, started again, filled', \%count);
figures('KiB of the largest process', \%peak);
print "# states: queued without a 250: $found->{unanswered}, files for the sweep: $debris\n";

for my $name (qw(plain forked implicit), sort keys %command) {
	delete $command{$name};
	kill 'TERM', $service{$name}{pid};
	finish_program($service{$name}{pid});
}
done_testing;
