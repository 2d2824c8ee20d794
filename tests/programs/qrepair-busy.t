#!/usr/bin/perl
# qrepair-busy: qmail-qrepair cuts the queue otherwise, again and again, and is killed at times, while qmail-queue takes
# messages into it.  Every message that was taken is there, with its own recipient.
# nosan: thousands of programs are started
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Qferry::Queue;
use Qferry::Test;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'as root the real users must exist' if $> == 0;

use constant { CALLERS => 4, MESSAGES => 40 };

my $home = queue_home();

# Some take their time.
sub inject {
	my ($caller) = @_;
	open my $ledger, '>', "$home/ledger.$caller" or die;
	local $SIG{PIPE} = 'IGNORE';
	for my $n (1 .. MESSAGES) {
		pipe my $from, my $to or die;
		open my $envelope, '<', spit("$home/envelope.$caller", envelope('me@example.net', "r$caller-$n\@remote.example")) or die;
		my $pid = start_program(['qmail-queue'], home => $home, fds => { 0 => $from, 1 => $envelope });
		close $from;
		syswrite $to, "X: $caller-$n\n\n";
		sleep 0.03 if $n % 2;
		syswrite $to, "body\n";
		close $to;
		my ($exit, $signal) = finish_program($pid);
		syswrite $ledger, "$caller-$n $exit\n";
	}
}

my @callers = map { my $number = $_; fork // die || do { inject($number); POSIX::_exit(0) } } 1 .. CALLERS;
my @ways = (['--split', 29], [ '--split', 7, '--big-todo' ], [ '--split', 23, '--flat-todo' ], ['--split', 5]);
my (%ends, $rounds);
srand 5;
while (kill 0, @callers) {
	my $pid = start_program([ 'qmail-qrepair', '-r', @{ $ways[ $rounds++ % @ways ] } ], home => $home);
	if (rand() < 0.3) { sleep rand 0.05; kill 'KILL', $pid }
	my ($exit, $signal) = finish_program($pid);
	$ends{ $signal ? 'killed' : $exit }++;
	@callers = grep { waitpid($_, POSIX::WNOHANG()) == 0 } @callers;
}
ok !(grep { $_ !~ /^(?:0|1|killed)$/ } keys %ends), "$rounds rounds: " . join ', ', map {"$_ $ends{$_}"} sort keys %ends;

# What was found in the way may be told once more.
my $last;
for (1, 2) { $last = run_program([ 'qmail-qrepair', '-r', '--split', 23, '--flat-todo' ], home => $home) }
is $last->{exit}, 0, 'in the end all is well' or diag $last->{out}, $last->{err};

my %outcome = map { split ' ' } map { split /\n/, slurp($_) } glob "$home/ledger.*";
my %all = messages_of($home);
my %have;
for my $m (values %all) {
	my ($to) = $m->{todo} =~ /\0Tr(\S+)\@remote\.example\0\z/;
	$have{$to}++ if ($m->{mess} // '') =~ /\nX: \Q$to\E\n\nbody\n\z/;
}
is keys %outcome, CALLERS * MESSAGES, 'all came to their end';
cmp_ok scalar(grep { $_ eq '0' } values %outcome), '>', 0, '... some were taken';
is join(' ', grep { $outcome{$_} eq '0' && !$have{$_} } sort keys %outcome), '', '... those are all there';
is join(' ', grep { $outcome{$_} ne '0' && $have{$_} } sort keys %outcome), '', '... and none else';
is scalar(keys %all), scalar(keys %have), '... whole';

done_testing;
