# Qferry::Trouble - what happens to a suite that runs, but for kills, full disks and clocks: programs stop for a while, an
# admin tells them to end, a reader of the log falls asleep, a directory cannot be entered, memory, descriptors or
# processes run out, qmail-tcpto's table is damaged, and the queue is administered.
#
#   my $trouble = trouble_for({ home, service, reader, alive => sub { pids of these names } });
#   trouble_next($trouble);       ends the last one and begins another, or makes a pause
#   trouble_end($trouble);        all is as it should be
#   my %count = %{ $trouble->{count} };      by what it was
#
# What an admin may have removed or returned is told by the number of the message: fate_of($id) is "removed",
# "returned" or undef.
package Qferry::Trouble;
use strict;
use warnings;
use Exporter qw(import);
use POSIX ();
use Qferry::Test;

our @EXPORT = qw(trouble_for trouble_next trouble_end trouble_kinds fate_of release_all $ADMIN_SAYS);

my @daemons = qw(qmail-send qmail-lspawn qmail-rspawn qmail-clean);
my @programs = (@daemons, qw(qmail-local qmail-remote qmail-queue qmail-smtpd));
our $ADMIN_SAYS = 'The admin sent it back.';

sub shuffled { my @left = @_; return map { splice @left, rand @left, 1 } 1 .. @left }

sub pick { return $_[ rand @_ ] }

# Each begins; what it returns undoes it.  undef: there was nothing to be done it to.
my %kinds = (
	stopped => \&stop_one,
	'told to end' => \&tell_to_end,
	'taken down' => \&take_down,
	signals => \&many_signals,
	'log not read' => \&stop_reader,
	'no permission' => \&take_permission,
	limits => \&limit_one,
	tcpto => \&damage_tcpto,
	administered => \&administer,
);

# $RELIABILITY_TROUBLE has words of those that are wanted; all are, without it.
sub trouble_kinds {
	my @words = split ' ', $ENV{RELIABILITY_TROUBLE} // '';
	return grep { my $kind = $_; !@words || grep { index($kind, $_) >= 0 } @words } sort keys %kinds;
}

sub trouble_for {
	my ($t) = @_;
	return { %$t, count => {}, turn => [], at => undef };
}

sub trouble_end { my ($t) = @_; my $undo = delete $t->{undo} or return; $undo->() }

# In turn, in another order each time, so that none is forgotten.
sub trouble_next {
	my ($t) = @_;
	if ($t->{undo}) { trouble_end($t); return }
	@{ $t->{turn} } = shuffled(trouble_kinds()) unless @{ $t->{turn} };
	my $kind = $t->{turn}[0];
	$t->{undo} = $kinds{$kind}->($t) or return;
	shift @{ $t->{turn} };
	$t->{count}{$kind}++;
}

# --- processes ---------------------------------------------------------------------------------------------------------

sub one_of { my ($t, @names) = @_; return pick($t->{alive}->(@names)) }

sub stop_one {
	my ($t) = @_;
	my $pid = one_of($t, pick(@programs)) or return;
	kill 'STOP', $pid;
	return sub { kill 'CONT', $pid };
}

# To qmail-send that is an end in order; to all others it is a kill.
sub tell_to_end {
	my ($t) = @_;
	my $pid = one_of($t, pick(@programs)) or return;
	kill 'TERM', $pid;
	return sub { };
}

sub take_down {
	my ($t) = @_;
	system('svc', '-d', $t->{service});
	return sub { system('svc', '-u', $t->{service}) };
}

# qmail-send itself, and not what is about to become it: that would die of an ALRM.
sub many_signals {
	my ($t) = @_;
	my ($send) = $t->{alive}->('qmail-send') or return;
	my ($blocked) = (slurp("/proc/$send/status") // '') =~ /^SigBlk:\s*(\w+)$/m;
	return unless hex($blocked // 0) & 1 << POSIX::SIGALRM() - 1;
	kill pick('ALRM', 'HUP'), $send for 1 .. 200;
	return sub { };
}

sub stop_reader { my ($t) = @_; kill 'STOP', $t->{reader}; return sub { kill 'CONT', $t->{reader} } }

# Soft limits of one that runs, and of what it starts meanwhile.
my %limit_name = (as => 'Max address space', nofile => 'Max open files', nproc => 'Max processes', fsize => 'Max file size');

sub limit_one {
	my ($t) = @_;
	my $pid = one_of($t, pick(@daemons)) or return;
	my $what = pick(sort keys %limit_name);
	my ($old) = (slurp("/proc/$pid/limits") // '') =~ /^$limit_name{$what}\s+(\w+)/m or return;
	my ($pages) = (slurp("/proc/$pid/statm") // '') =~ /^(\d+)/ or return;
	my %value = (as => 4096 * $pages - 4096 + int(rand 20) * 65536, nofile => 4 + int rand 8, nproc => 1, fsize => 1 + int rand 4096);
	set_limit($pid, $what, $value{$what}) or return;
	$t->{count}{"limit $what"}++;
	return sub { set_limit($pid, $what, $old) };
}

sub set_limit {
	my ($pid, $what, $value) = @_;
	open my $err, '>&', \*STDERR or die;
	open STDERR, '>', '/dev/null';
	my $status = system('prlimit', '--pid', $pid, "--$what=$value:");
	open STDERR, '>&', $err;
	return $status == 0;
}

# --- files ---------------------------------------------------------------------------------------------------------------

# Where nobody can start without it is not among them.
sub take_permission {
	my ($t) = @_;
	my $k = int rand 23;
	my $path = "$t->{home}/" . pick((map {"queue/$_/$k"} qw(mess info local remote)), (map {"queue/$_"} qw(todo intd pid bounce lock/trigger)),
		(map {"alias/$_"} qw(md md/tmp md/new mb .qmail-md-default)), 'alias');
	my $mode = (stat $path)[2] // return;
	chmod 0, $path or return;
	return sub { chmod $mode & 07777, $path };
}

sub damage_tcpto {
	my ($t) = @_;
	my $path = "$t->{home}/queue/lock/tcpto";
	my $bytes = pick('', 'x', join('', map { chr rand 256 } 1 .. 1024), "\377" x 5000);
	unlink $path if rand() < 0.3;
	open my $table, '>', $path or return;
	syswrite $table, $bytes;
	chmod 0, $path if rand() < 0.3;
	return sub { unlink $path; spit($path, "\0" x 1024, 0644) };
}

# --- the admin ---------------------------------------------------------------------------------------------------------

sub fate_of { my ($id) = @_; return $id =~ /7$/ ? 'removed' : $id =~ /9$/ ? 'returned' : undef }

# Never waited for: whom it asks may be stopped.
sub ask_queue {
	my ($t, @words) = @_;
	open my $said, '>>', "$t->{home}/../admin" or die "admin: $!";
	return start_program([ 'qmail-q', @words ], home => $t->{home}, fds => { 1 => $said, 2 => $said });
}

sub administer {
	my ($t) = @_;
	my @senders = map { [ '--sender', "bounce-*$_\@example.org" ] } 3, 7, 9;
	my ($what, $undo) = @{ pick(
		[ [ 'hold', @{ $senders[0] } ], ['release', '--held'] ], [ [ 'pause', 'remote.example' ], [ 'resume', 'remote.example' ] ],
		[ [ 'pause', 'example.org' ], [ 'resume', 'example.org' ] ], [ [ 'remove', @{ $senders[1] } ] ],
		[ [ 'bounce', '--text', $ADMIN_SAYS, @{ $senders[2] } ] ], [ [ 'retry', '--all' ] ], [ [ 'list', '--json' ] ], [ [ 'show', '--all' ] ]) };
	ask_queue($t, @$what);
	$t->{count}{"qmail-q $what->[0]"}++;
	return sub { ask_queue($t, @$undo) if $undo };
}

# What was asked of a qmail-send that was killed then may have been done.
sub release_all { my ($t) = @_; ask_queue($t, 'release', '--held'); ask_queue($t, 'resume', $_) for qw(example.org remote.example) }

1;
