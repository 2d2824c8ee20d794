#!/usr/bin/perl
# qmail-q-load: mail flows in without a pause while several qmail-q hold, release, try, remove and return
# messages at random: at the end each recipient was served or told about once, or its message was removed.  $QUEUE_LOAD (60) messages, by $LOAD_SEED.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use Qferry::QueueImage;
use Qferry::Send;
use Qferry::Test;
use Test::More;
use Time::HiRes qw(time);

plan skip_all => 'root has no rootless queue' if $> == 0;

my $MESSAGES = $ENV{QUEUE_LOAD} || 60;
my $seed = $ENV{LOAD_SEED} || int(rand 1e6) + 1;
my $WORKERS = 3;
diag("seed $seed");

my $home = image_home();
control($home, me => "mx.example.org\n");
my $queue = use_store_queue($home);

# --- who injects, and who administers ------------------------------------------------------------------------

sub child {
	my ($name, $work) = @_;
	my $pid = fork // die "fork: $!";
	return $pid if $pid;
	srand $seed + length $name;
	open my $notes, '>', "$home/notes.$name" or die;
	$notes->autoflush(1);
	my $n = 0;
	while (1) { my $line = $work->($n++); last unless defined $line; print $notes $line }
	POSIX::_exit(0);
}

sub inject {
	my ($n) = @_;
	return undef if $n == $MESSAGES;
	my @to = map { "m$n-$_\@h" . int(rand 7) . '.example' } 1 .. 1 + int rand 2;
	my $dir = "$home/in";
	spit("$dir/envelope", "Fs$n\@from.example\0" . join('', map { "T$_\0" } @to) . "\0");
	open my $envelope, '<', "$dir/envelope" or die;
	my $run = run_program(['qmail-queue'], home => $home, in => "Subject: $n\n\nbody\n", fds => { 1 => $envelope });
	return $run->{exit} == 0 ? join '', map { "$_\n" } @to : '';
}

# The sender says which message it is; of one that was removed it is noted.
sub administer {
	my ($turn) = @_;
	my $verb = (qw(hold hold release release retry retry remove bounce list))[ rand 9 ];
	my ($last) = (slurp("$home/notes.inject") // '') =~ /^m(\d+)-\d\@h\d\.example\n\z/m;
	return undef if $turn > 8 && ($last // 0) == $MESSAGES - 1;
	my $n = int rand 1 + ($last // 0);
	my @which = $verb =~ /^(?:remove|bounce|list)$/ ? ('--sender', "s$n\@from.example") : ('--sender', "s*$n\@*", '--domain', 'h' . int(rand 7) . '.example');
	my $run = run_program([ 'qmail-q', $verb, @which, $verb eq 'bounce' ? ('--text', 'by admin') : () ], home => $home);
	return "$verb " . ($run->{out} =~ /: removed$/m ? "removed $n" : '-') . " $run->{exit} " . ($run->{err} =~ s/\n/ /gr) . "\n";
}

my @children = (child(inject => \&inject), map { child('a' x $_ => \&administer) } 1 .. $WORKERS);

# --- the spawners ----------------------------------------------------------------------------------------------

my (%served, $calm, @running);
srand $seed;
my $send = start($home, env => { QMAILQUEUE => $queue });

# Take what comes, for a moment; a delivery is reported on in its turn.
sub turn {
	my $select = IO::Select->new($send->{log}, $send->{commands}[REMOTE]);
	for my $ready ($select->can_read(0.02)) {
		if ($ready == $send->{log}) { sysread($ready, $send->{text}, 65536, length $send->{text}); next }
		sysread($ready, $send->{buffers}[REMOTE], 65536, length $send->{buffers}[REMOTE]);
		while ($send->{buffers}[REMOTE] =~ s/\A(.)([^\0]*)\0([^\0]*)\0([^\0]*)\0//s) { push @running, [ ord $1, $4 ] }
	}
	while (@running && ($calm || rand() < 0.7)) {
		my ($delnum, $recipient) = @{ splice @running, int(rand @running), 1 };
		my $what = $calm ? 'K' : (qw(K K K Z Z D))[ rand 6 ];
		$served{$recipient}++ if $what eq 'K';
		report($send, REMOTE, $delnum, "${what}said\n");
	}
}

while (@children) {
	turn();
	@children = grep { waitpid($_, POSIX::WNOHANG()) == 0 } @children;
}

# --- all comes to its end -----------------------------------------------------------------------------------------

$calm = 1;
my $released = run_program([ 'qmail-q', 'release', '--held' ], home => $home);
is $released->{exit}, 0, 'release what is held' or diag $released->{err};
my $left = sub { scalar grep { -f } glob "$home/queue/{todo,bounce}/* $home/queue/{mess,info,local,remote}/*/*" };
my $last = 0;
ok wait_until(sub {
	turn();
	kill 'ALRM', $send->{pid} if time > $last + 0.5 and $last = time;
	return !$left->() && !@running;
}, 100), 'the queue is empty' or diag queued($home);
is stop($send), '0 0', 'TERM';

my %notes = map { $_ => slurp("$home/notes.$_") } 'inject', map { 'a' x $_ } 1 .. $WORKERS;
my @recipients = split /\n/, $notes{inject};
cmp_ok scalar(@recipients), '>=', $MESSAGES, scalar(@recipients) . ' recipients';
my $admin = join '', @notes{ map { 'a' x $_ } 1 .. $WORKERS };
cmp_ok scalar(() = $admin =~ /\n/g), '>', 10, 'as many times was something done';
my @trouble = grep { /fatal/ || / 100 / } split /\n/, $admin;
is $trouble[0], undef, '... and nothing went wrong';

# A bounce names who failed.
my %told;
for my $stored (stored_messages($home)) {
	$told{$_}++ for $stored->{message} =~ /^<(m\d+-\d\@h\d\.example)>:$/mg;
}
my %removed = map { ($_ => 1) } $admin =~ /^remove removed (\d+) /mg;
my @wrong;
for my $recipient (@recipients) {
	my ($n) = $recipient =~ /^m(\d+)-/;
	my ($served, $told) = ($served{$recipient} // 0, $told{$recipient} // 0);
	push @wrong, "$recipient: served $served, told $told" . ($removed{$n} ? ', removed' : '')
	  if $served + $told > 1 || ($served + $told == 0 && !$removed{$n});
}
is join("\n", @wrong), '', 'each recipient was served or told about once, or its message removed';
diag keys(%removed) . ' messages were removed, ' . keys(%told) . ' recipients returned';
unlike $send->{text}, qr/^(?:alert|warning: (?!mail for))/m, 'nothing odd in the log';

done_testing();
