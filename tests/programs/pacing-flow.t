#!/usr/bin/perl
# From sendmail to a server that wants less, through a rootless instance: all arrives, nothing bounces,
# nothing is tried while the route is closed (outbound 5.5 rows 13 and 16, 6.3).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

plan skip_all => 'root has no rootless instance' if $> == 0;

use constant { MESSAGES => 100, CONNECTIONS => 8 };

my $THROTTLED = '454 Throttling failure: Maximum sending rate exceeded.';

sub messages { my ($sink) = @_; my @all = glob "$sink->{dir}/*.message.*"; return scalar @all }

# Twenty messages go; then each of some connections is told to slow down at its first message.
my $script = join '', map { "\@$_ mail 250 ok\n" x 20 . "\@$_ mail $THROTTLED\n" } 1;
$script .= join '', map { "\@$_ mail $THROTTLED\n" } 2 .. 3;
my $sink = start_sink($script);

my $home = temp_dir();
chmod 0755, $home;
system('env', 'ME=mx.example.org', top() . '/setup/new-home', $home) == 0 or die 'new-home';
rmdir "$home/bin";
symlink build() . '/bin', "$home/bin" or die "bin: $!";
for ([ smtproutes => ":127.0.0.1:$sink->{port}" ], [ pacing => ':pause=1 concurrency=' . CONNECTIONS ], [ concurrencyremote => '20' ],
	[ defaultdelivery => './Maildir/' ]) {
	spit("$home/control/$_->[0]", "$_->[1]\n", 0644);
}
mkdir "$home/$_" for grep { !-d "$home/$_" } qw(state state/db);

my %env = (PATH => "$home/bin:/usr/bin:/bin", USER => 'me');
open my $log, '>', "$home/log" or die;
my $suite = start_program([ 'qmail-start', './Maildir/' ], home => $home, env => \%env, fds => { 1 => $log, 2 => $log });
my $sent = 0;
for my $n (1 .. MESSAGES) {
	$sent++ unless run_program([ 'sendmail', '-f', 'me@mx.example.org', "r$n\@dest.example" ], home => $home, env => \%env,
		in => "Subject: $n\n\nbody\n")->{exit};
}
is $sent, MESSAGES, 'all are queued';
ok wait_until(sub { messages($sink) >= MESSAGES }, 150), 'all arrive' or diag substr slurp("$home/log"), -3000;
ok wait_until(sub { (() = slurp("$home/log") =~ /^end msg /mg) == MESSAGES }), 'all are done';
kill 'TERM', $suite;
is_deeply [ finish_program($suite) ], [ 0, 0 ], 'the suite ends';

my $text = slurp("$home/log");
my @subjects = map { slurp($_) =~ /^Subject: (\d+)/m } glob "$sink->{dir}/*.message.*";
is_deeply [ sort { $a <=> $b } @subjects ], [ 1 .. MESSAGES ], 'each of them once';
is((() = $text =~ /: failure: |^bounce msg/mg), 0, 'none bounces');
like $text, qr/deferral: .*Mail_for_127\.0\.0\.1:\d+_waits_until_\d{4}-/, 'the log says why mail waits, and until when';
my $connections = grep { -e "$sink->{dir}/$_.in" } 1 .. 1000;
cmp_ok $connections, '<', MESSAGES / 2, 'who waits does not connect' or diag $connections;

done_testing;
