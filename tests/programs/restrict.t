#!/usr/bin/perl
# What os_restrict() leaves to each program that keeps to a plan: calls that it needs go well, others
# fail, built with glibc and with musl; everything works where the kernel has less; links that lead out
# of a directory are followed; the services say in /proc that they are restricted (DESIGN 4).
# nosan: built with sanitizers, nothing is switched on.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Errno qw(EACCES ENOENT ENOSYS EPERM);
use POSIX ();
use Qferry::Queue;
use Qferry::Test;
use Qferry::Tls;
use Socket;
use Test::More;

my @tools  = grep { -x } map { build() . "/tools/$_" } qw(restricted restricted-static);
my $tool   = $tools[0];
my $body   = "Subject: test\n\nHello\n";
my $letter = envelope('joe@example.org', 'bob@example.com');

# The errors of a plan's calls, by name; `without` is what the kernel lacks.
sub calls_of {
	my ($tool, $home, $plan, $inside, $outside, $without) = @_;
	my $run = run_program([ $without ? ($tool, 'without', $without) : (), $tool, 'plan', $plan, $inside, $outside ],
		home => $home);
	is "$run->{exit} $run->{signal} $run->{err}", '0 0 ', "$plan: the calls were made";
	return map { split / / } split /\n/, $run->{out};
}

sub home {
	my $home = instance(me => "mx.example.org\n", resolvers => "127.0.0.1\n");
	queue_tree($home);
	mkdir "$home/$_" for qw(run run/dns run/tlsc run/state state state/db users Maildir Maildir/tmp Maildir/new outside);
	spit("$home/$_", 'x') for qw(outside/file queue/pid/x queue/lock/tcpto state/db/x Maildir/tmp/x);
	return $home;
}

# --- what the kernel has here ----------------------------------------------------------------------

my $probe = home();
my %here  = calls_of($tool, $probe, 'queue', "$probe/queue/pid/x", "$probe/outside/file");
my ($seccomp, $landlock) = @here{qw(seccomp landlock)};
diag "this kernel: seccomp $seccomp, landlock $landlock";

# --- each plan -------------------------------------------------------------------------------------

my @usual   = qw(memory clock sleep signal alarm pipe write read fstat stat random);
my @never   = qw(exec fork unshare ptrace code chmod personality keyctl bpf vm packet);
my @missing = qw(clone3 io_uring);
my @files   = map { ("$_-inside", "$_-outside") } qw(read write make);

# The calls that go well, besides the usual ones: all others of these lists fail.
my %plans = (
	queue   => { inside => 'queue/pid/x', may => [qw(read-inside write-inside make-inside remove-inside)] },
	maildir => { inside => 'Maildir/tmp/x', may => [qw(read-inside write-inside make-inside remove-inside)] },
	state   => { inside => 'state/db/x', may => [qw(read-inside write-inside make-inside remove-inside)] },
	dns     => { inside => 'control/resolvers', may => [qw(read-inside inet inet6 pair)] },
	tls     => { inside => 'control/me', may => [qw(read-inside read-outside)] },
	'tls-on-demand' => { inside => 'control/me', may => [qw(read-inside read-outside setuid)] },
	remote  => { inside => 'queue/lock/tcpto',
		may => [qw(read-inside write-inside inet inet6 unix netlink pair)] },
);

for my $tool (@tools) {
	for my $plan (sort keys %plans) {
		subtest "$plan, " . ($tool =~ /static/ ? 'musl' : 'glibc') => sub {
			my $home = home();
			my %may = map { $_ => 1 } @{ $plans{$plan}{may} };
			my %got = calls_of($tool, $home, $plan, "$home/$plans{$plan}{inside}", "$home/outside/file");
			is $got{$_}, 0, "$_ is as ever" for @usual;
			is $got{$_}, 0, "$_ goes well"  for sort keys %may;
			SKIP: {
				skip 'this kernel has no seccomp', 1 unless $seccomp;
				is $got{$_}, EPERM,  "$_ is refused" for grep { !$may{$_} } @never, qw(inet inet6 unix netlink pair kill setuid);
				is $got{$_}, ENOSYS, "$_ seems to be missing" for @missing;
			}
			SKIP: {
				skip 'this kernel has no landlock', 1 unless $landlock;
				for my $call (grep { !$may{$_} } @files) {
					ok $got{$call} == EACCES || $got{$call} == EPERM, "$call is refused";
				}
			}
		};
	}
}

subtest 'these checks can fail' => sub {
	my $home = home();
	my %got = calls_of($tool, $home, 'queue', "$home/queue/pid/x", "$home/outside/file", 'nothing');
	is "$got{seccomp} $got{landlock}", '0 0', 'nothing is in force';
	is $got{$_}, 0, "$_ goes well" for qw(inet unix read-outside write-outside make-outside fork code kill);
	is $got{exec}, ENOENT, 'exec finds that there is no such program';
};

# --- each half alone: what it forbids, and that the other half is what forbids the rest ----------------

for my $tool (@tools) {
	my $libc = $tool =~ /static/ ? 'musl' : 'glibc';
	for my $plan (sort keys %plans) {
		my %may = map { $_ => 1 } @{ $plans{$plan}{may} };
		my $only = sub {
			my ($without) = @_;
			my $home = home();
			return calls_of($tool, $home, $plan, "$home/$plans{$plan}{inside}", "$home/outside/file", $without);
		};
		subtest "$plan, seccomp alone, $libc" => sub {
			plan skip_all => 'this kernel has no seccomp' unless $seccomp;
			my %got = $only->('landlock');
			is $got{landlock}, 0, 'there is no landlock';
			is $got{$_}, EPERM,  "$_ is refused" for grep { !$may{$_} } @never, qw(inet inet6 unix netlink pair kill setuid);
			is $got{$_}, ENOSYS, "$_ seems to be missing" for @missing;
			my $writes = grep { $may{$_} } qw(write-inside make-inside);
			is $got{$_}, $writes ? 0 : EPERM, "$_ " . ($writes ? 'is not its business' : 'is refused')
			  for qw(write-outside make-outside);
			is $got{$_}, 0, "$_ goes well" for @usual, sort keys %may;
		};
		subtest "$plan, landlock alone, $libc" => sub {
			plan skip_all => 'this kernel has no landlock' unless $landlock;
			my %got = $only->('seccomp');
			is $got{seccomp}, 0, 'there is no seccomp';
			is $got{$_}, EACCES, "$_ is refused" for grep { !$may{$_} && /outside/ } @files;
			is $got{$_}, 0, "$_ is not its business" for qw(fork inet unix pair);
			# Where it may unshare(2) users, as here, nobody has an id that could be set afterwards.
			is $got{$_}, 0, "$_ goes well" for @usual, grep { $_ ne 'setuid' } sort keys %may;
		};
	}
}

# --- kernels that have less ------------------------------------------------------------------------

my $certs = temp_dir();
self_signed($certs, 'mx', alt => 'DNS:mx.example');

sub tls_works {
	my (@without) = @_;
	my $home = instance(me => "mx.example.org\n", 'servercert.pem' => pem($certs, 'mx.key', 'mx.crt'));
	socketpair my $one, my $two, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
	my $said = File::Temp->new;
	my $server = start_program([ @without, build() . '/tools/tlsdriver', 'server' ],
		home => $home, fds => { 0 => $one, 1 => $one, 2 => File::Temp->new });
	my $client = start_program([ @without, build() . '/tools/tlsdriver', '-l', 'may', '-s', 'ping', 'client', 'mx.example' ],
		home => $home, fds => { 0 => $two, 2 => $said });
	close $_ for $one, $two;
	is join(' ', map { (finish_program($_))[0] } $client, $server), '0 0', 'qmail-tls, both sides';
	like slurp("$said"), qr/^got ping/m, 'and what was sent came back';
}

sub dns_works {
	my (@without) = @_;
	my $dns  = start_dns("example.net. MX 10 mx.example.net.\nmx.example.net. A 127.0.0.1\n");
	my $home = instance(me => "mx.example.org\n", resolvers => "127.0.0.1:$dns->{port}\n", smtproutes => '');
	my $run  = run_program([ @without, program('qmail-remote'), 'example.org', 'a@example.org', 'b@example.org' ], home => $home);
	like $run->{out}, qr/^DSorry, I couldn't find any host/, 'qmail-dns: no such host';
	stop_server($dns);
}

for my $what (qw(seccomp landlock neither nothing)) {
	subtest "a kernel without $what" => sub {
		my @without = ($tool, 'without', $what);
		my $home = home();
		my %got = calls_of($tool, $home, 'queue', "$home/queue/pid/x", "$home/outside/file", $what);
		is $got{seccomp}, $what eq 'landlock' ? $seccomp : 0, 'seccomp';
		is $got{landlock}, $what eq 'seccomp' ? $landlock : 0, 'landlock';

		my $queue = queue_home();
		is enqueue($queue, $body, $letter, before => \@without)->{exit}, 0, 'qmail-queue';
		is join('; ', message_problems($queue, $body, $letter, 1, 1)), '', 'and the message is whole';

		my $user = user_with_maildir();
		is deliver($user, '', @without)->{exit}, 0, 'qmail-local';
		is scalar(my @new = glob "$user/Maildir/new/*"), 1, 'and the message is there';

		like run_program([ @without, build() . '/tools/statedriver' ], home => $home, in => "count 0 k 1 0 60\n")->{out},
		  qr/^found 1 /, 'qmail-state';
		tls_works(@without);
		dns_works(@without);
	};
}

# --- links that lead elsewhere ---------------------------------------------------------------------

sub user_with_maildir {
	my $user = temp_dir();
	chmod 0755, $user;
	mkdir "$user/Maildir$_" for '', '/tmp', '/new', '/cur';
	return $user;
}

sub deliver {
	my ($user, $control, @before) = @_;
	my $home = instance(me => "mx.example.org\n", $control ne '' ? (restrict => $control) : ());
	return run_program([ @before, program('qmail-local'), '--', 'joe', $user, 'joe', '', '', 'example.org', 'me@example.net', './Maildir/' ],
		home => $home, in => $body);
}

# DIR is elsewhere, with a link in its place.
sub move_away {
	my ($dir) = @_;
	my $elsewhere = temp_dir() . '/moved';
	rename $dir, $elsewhere or die "$dir: $!";
	symlink $elsewhere, $dir or die "$dir: $!";
	return $elsewhere;
}

subtest 'links' => sub {
	my $user = user_with_maildir();
	move_away("$user/Maildir");
	move_away("$user/Maildir/$_") for qw(tmp new);
	is deliver($user, '')->{exit}, 0, 'a Maildir that is elsewhere, and whose parts are elsewhere again';
	is scalar(my @new = glob "$user/Maildir/new/*"), 1, 'has the message';

	my $home = queue_home();
	move_away("$home/queue/$_") for qw(pid mess intd todo lock);
	move_away("$home/queue");
	is enqueue($home, $body, $letter)->{exit}, 0, 'a queue that is elsewhere, and whose parts are elsewhere again';

	my $dns = start_dns("example.net. MX 10 mx.example.net.\n");
	my $moved = instance(me => "mx.example.org\n", resolvers => "127.0.0.1:$dns->{port}\n");
	move_away("$moved/control/resolvers");
	like run_program([ 'qmail-remote', 'example.org', 'a@example.org', 'b@example.org' ], home => $moved)->{out},
	  qr/^DSorry, I couldn't find any host/, 'a control file that is elsewhere';
	stop_server($dns);
};

# --- what /proc says -------------------------------------------------------------------------------

# How many filters a process has more than we.
sub filters {
	my ($pid) = @_;
	my @count = map { (slurp("/proc/$_/status") // '') =~ /^Seccomp_filters:\s*(\d+)/m } $pid, $$;
	return @count == 2 ? $count[0] - $count[1] : undef;
}

sub children_of {
	my ($parent) = @_;
	return grep { (slurp("/proc/$_/status") // '') =~ /^PPid:\t$parent$/m } map { m{(\d+)} } glob '/proc/[0-9]*';
}

my @services;
END { my $status = $?; kill 'TERM', @services if @services; $? = $status }

sub start_service {
	my ($home, $service, @argv) = @_;
	my $said = File::Temp->new;
	mkdir "$home/run/$service";
	my $pid = start_program(\@argv, home => $home, fds => { 2 => $said });
	push @services, $pid;
	wait_until(sub { -S "$home/run/$service/sock" && slurp("$said") =~ /started/ });
	return $pid;
}

SKIP: {
	skip 'this kernel does not count filters', 1 unless $seccomp && defined filters($$);
	subtest 'services' => sub {
		for my $control ("1\n", "0\n") {
			my $home = home();
			control($home, restrict => $control);
			my $want = $control + 0;
			for my $name (qw(dns state)) {
				my $pid = start_service($home, $name, "qmail-$name", 'serve');
				is filters($pid), $want, "qmail-$name, control/restrict $want";
			}
			my $tls = start_service($home, 'tlsc', qw(qmail-tls serve tlsc));
			my $child;
			wait_until(sub { ($child) = children_of($tls); $child && filters($child) == $want });
			is filters($child), $want, "qmail-tls, a child, control/restrict $want";

			# The server of the next hop sees it: before the greeting there is time to look.
			my $listener = listen_local();
			control($home, smtproutes => ':127.0.0.1:' . $listener->sockport . "\n");
			is filters_of_remote($home, $listener), $want, "qmail-remote among services, control/restrict $want";
			kill 'TERM', $tls;
			wait_until(sub { waitpid($tls, POSIX::WNOHANG()) != 0 });
			@services = grep { $_ != $tls } @services;
			is filters_of_remote($home, $listener), 0, 'qmail-remote that may have to start a helper';
		}
	};
}

# It waits for the message, and reads no control file.
SKIP: {
	skip 'this kernel does not count filters', 1 unless $seccomp && defined filters($$);
	subtest 'qmail-queue' => sub {
		my $home = queue_home();
		control($home, restrict => "0\n");
		pipe my $in, my $message or die;
		pipe my $from, my $envelope or die;
		my $pid = start_program(['qmail-queue'], home => $home, fds => { 0 => $in, 1 => $from });
		close $_ for $in, $from;
		wait_until(sub { scalar grep { /^mess/ } tree_of($home) });
		is filters($pid), 1, 'is restricted whatever control/restrict says';
		print $message $body;
		close $message;
		print $envelope $letter;
		close $envelope;
		is +(finish_program($pid))[0], 0, 'and queues the message';
	};
}

sub filters_of_remote {
	my ($home, $listener) = @_;
	my $pid = start_program([ 'qmail-remote', 'dest.example', 'a@example.org', 'b@dest.example' ], home => $home);
	my $client = $listener->accept or die "accept: $!";
	my $filters = filters($pid);
	print $client "554 no\r\n";
	close $client;
	is +(finish_program($pid))[0], 0, 'qmail-remote ends as ever';
	return $filters;
}

done_testing;
