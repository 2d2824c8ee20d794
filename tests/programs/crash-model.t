#!/usr/bin/perl
# A message's whole life under a model of power losses (queue 7.5): it comes by qmail-queue, goes to a Maildir,
# fails for a local and for a remote recipient, and the bounce comes back.  Once it is acknowledged, each recipient
# got it, or is still to get it, or is named in a bounce that gets through; nothing is torn.  Programs that do not
# bring names to the disk must be found out.
# nosan: it reads the system calls, and sanitizers add their own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Crash;
use Qferry::Faults;
use Qferry::Queue;
use Qferry::SuiteModel;
use Qferry::Test;
use Test::More;

plan skip_all => 'as root the real users must exist' if $> == 0;
plan skip_all => 'strace does not work here' unless can_strace();

use constant SEED => 20261;

my @failing = ('nosuch@mx.example.org', 'bad@remote.example');
my $body = "Subject: the message\n\n" . "line\n" x 10;
my $sink = start_sink("rcpt bad\@remote.example 550 no such user\n");

# --- a life, and its trace ------------------------------------------------------------------------------------

sub traced_home {
	my (@variants) = @_;
	my $home = crash_home(smtproutes => ":127.0.0.1:$sink->{port}\n", locals => "mx.example.org\n");
	queue_tree($home);
	mkdir "$home/alias";
	mkdir "$home/joe$_" for '', '/Maildir', map {"/Maildir/$_"} qw(tmp new cur);
	my ($uid, $gid) = split /:/, crash_owner();
	spit("$home/users/assign", "=joe:joe:$uid:$gid:$home/joe:::\n.\n");
	run_program(['qmail-newu'], home => $home)->{exit} == 0 or die 'qmail-newu';
	system('cp', build() . "/crash/$_", "$home/bin/$_") == 0 or die 'cp' for @variants;
	return $home;
}

# fstatfs fails: so nobody can tell what this file system promises.
sub life {
	my (@variants) = @_;
	my $home = traced_home(@variants);
	my @strace = ('/usr/bin/strace', '-f', '-y', '-xx', '-s', 200000, '-e', 'inject=fstatfs:error=ENOSYS', '-o');
	my $run = enqueue($home, $body, envelope('joe@mx.example.org', 'joe@mx.example.org', @failing),
		program => "$home/bin/qmail-queue", before => [ @strace, "$home/trace.1" ]);
	$run->{exit} == 0 or die "qmail-queue: exit $run->{exit} $run->{err}\n";
	open my $log, '>', "$home/log" or die;
	my $suite = start_program([ $strace[0], '-D', @strace[ 1 .. $#strace ], "$home/trace.2", "$home/bin/qmail-start", './Maildir/' ], home => $home,
		fds => { 1 => $log, 2 => $log }, env => { PATH => "$home/bin:/usr/bin:/bin" });
	wait_until(sub { my @new = glob "$home/joe/Maildir/new/*"; my @left = tree_of($home); @new == 2 && !@left }, 40) or die slurp("$home/log");
	stop_suite($suite);
	wait_until(sub { slurp("$home/trace.2") =~ /^$suite +\+\+\+ exited/m });
	return suite_log($home, slurp("$home/trace.1"), slurp("$home/trace.2"));
}

# --- what a state is good for ----------------------------------------------------------------------------------

sub is_whole { my ($bytes) = @_; return $bytes =~ /\n\Q$body\E\z/ }

# The messages that a qmail-send would find: number => { recipients, whole, bounce }; and what is wrong with them.
sub queued_in {
	my ($files) = @_;
	my (%queued, @wrong);
	for my $path (sort keys %$files) {
		my ($dir, $n) = $path =~ m{^queue/(todo|info)/(?:\d+/)?(\d+)$} or next;
		next if $dir eq 'info' && exists $files->{"queue/todo/$n"};
		my $part = $n % 23;
		my $mess = $files->{"queue/mess/$part/$n"};
		next unless defined $mess;    # it is moved aside: crash-remains.t
		my @records = $dir eq 'todo' ? $files->{$path} =~ /(?<=\0)T([^\0]*)\0/g
		  : map { ($_ // '') =~ /T([^\0]*)\0/g } map { $files->{"queue/$_/$part/$n"} } qw(local remote);
		push @wrong, 'the envelope is torn' if $dir eq 'todo' && $files->{$path} !~ /\Au\d+\0p\d+\0F[^\0]*\0(?:T[^\0]*\0)+\z/;
		push @wrong, 'a message is torn' if @records && !is_whole($mess);
		$queued{$n} = { recipients => { map { $_ => 1 } @records }, mess => $mess, bounce => $files->{"queue/bounce/$n"} // '' };
	}
	return (\%queued, @wrong);
}

sub judge {
	my ($files, $acked) = @_;
	my ($queued, @wrong) = queued_in($files);
	my @new = map { $files->{$_} } grep {m{^joe/Maildir/new/}} keys %$files;
	push @wrong, 'what is in new/ is torn' if grep { !is_whole($_) } @new;
	return @wrong unless $acked;
	my @texts = (@new, map { $queued->{$_}{bounce} } keys %$queued);
	for my $m (values %$queued) { push @texts, $m->{mess} if $m->{recipients}{'joe@mx.example.org'} && is_whole($m->{mess}) }
	push @wrong, 'the message for joe is lost' unless grep {/^(?:Received|Return).*^Subject: the message/ms && !/failure notice/} @texts;
	for my $recipient (@failing) {
		next if grep { $_->{recipients}{$recipient} && is_whole($_->{mess}) } values %$queued;
		push @wrong, "no bounce names $recipient" unless grep {/^<\Q$recipient\E>:/m} @texts;
	}
	return @wrong;
}

# What stays: files of a number without mess or, for a qmail-send to end it, info.  Where the order of names is
# kept there is none.
sub judge_debris {
	my ($files) = @_;
	my %debris;
	for my $path (keys %$files) {
		my ($dir, $part, $n) = $path =~ m{^queue/(\w+)/(\d+/)?(\d+)$} or next;
		next if grep { exists $files->{$_} } "queue/mess/" . $n % 23 . "/$n", "queue/info/" . $n % 23 . "/$n";
		$debris{"$dir is left"} = 1;
	}
	return keys %debris;
}

# --- the models -------------------------------------------------------------------------------------------------

my $dice = crash_dice(SEED);
my $most = crash_is_long() ? 512 : 64;
my $total = 0;
my @log = life();
cmp_ok scalar(@log), '>', 60, scalar(@log) . ' operations';
is scalar(grep { $_->{do} eq 'ack' } @log), 2, 'two messages';
for my $model (qw(posix file ordered)) {
	my ($states, @problems) = suite_problems($model, \&judge, $most, $dice, @log);
	is join("\n", @problems), '', "$model: $states states";
	$total += $states;
}
my ($states, @problems) = suite_problems('ordered', \&judge_debris, $most, $dice, @log);
is join("\n", @problems), '', 'no debris that nobody removes';
# The original is not disturbed by what is not its part: each variant loses something else.
my %loses = ('qmail-queue' => qr/joe is lost/, 'qmail-send' => qr/no bounce names|is lost/, 'qmail-local' => qr/joe is lost/);
for my $variant (sort keys %loses) {
	my ($count, @found) = suite_problems('posix', \&judge, $most, $dice, life($variant));
	like join(', ', @found), $loses{$variant}, "$variant without its flushes of directories is found out";
}

print_states("$total different power losses in a message's life, of " . scalar(@log) . " operations; at most $most at once, seed " . SEED);
done_testing;
