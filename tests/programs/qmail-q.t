#!/usr/bin/perl
# qmail-q: the queue while no qmail-send runs: which messages are meant, what is said of them, and what becomes
# of them when one starts.  qmail-q-live.t asks one that runs.
use strict;
use warnings;
use Fcntl qw(:flock);
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP;
use Qferry::QueueImage;
use Qferry::Test;
use Test::More;

plan skip_all => 'root has no rootless queue' if $> == 0;

my $home = image_home();
my $queue = "$home/queue";
sub q_ { return run_program([ 'qmail-q', @_ ], home => $home) }
sub ids { my $run = q_('list', @_); return join ' ', sort { $a <=> $b } $run->{out} =~ /^(\d+)/mg }
sub sorted { return join ' ', sort { $a <=> $b } @_ }
sub path { my ($dir, $n) = @_; return parts_of($home, $dir, $n, 23) }

is_deeply [ @{ q_('list') }{qw(exit out err)} ], [ 0, '', '' ], 'an empty queue';

my $now = time;
my $a = add_message($home, 'queued', body => "Subject: a\xe4\n\tmore\n\nbody\n", sender => 'ann@example.org', local => "Tjoe\@here.example\0", remote => "Dx\@done.example\0Tbob\@Example.com\0Tcarl\@example.net\0");
my $b = add_message($home, 'queued', body => 'x' x 5000, sender => '', remote => "Tjoe\@b.example\0", bounce => "<y\@z>:\nno\n\n");
my $c = add_message($home, 'new', body => "x\n", sender => 'new@example.org', to => [ 'p@q.example', 'r@s.example' ]);
utime $now - 7200, $now - 7200, path('info', $a);
utime $now - 90000, $now - 90000, path('info', $b);
utime $now + 900, $now + 900, path($_, $a) for qw(local remote);
utime $now - 5, $now - 5, path('remote', $b);

# --- what is said ---------------------------------------------------------------------------------------------

my $run = q_('list');
is $run->{exit}, 0, 'list: exit';
like $run->{out}, qr/^$c  \d+s  2  new  <new\@example\.org>  p\@q\.example \+1$/m, '... one that is new';
like $run->{out}, qr/^$a  2h  \d+  waiting 1[45]m  <ann\@example\.org>  joe\@here\.example \+2$/m, '... one that waits';
like $run->{out}, qr/^$b  25h  5000  due bouncing  <>  joe\@b\.example$/m, '... one that is due';
my %json = map { my $m = decode_json($_); ($m->{id} => $m) } split /\n/, q_('list', '--json')->{out};
is_deeply [ sort keys %json ], [ sort $a, $b, $c ], 'list --json: all of them';
is_deeply $json{$a}{recipients}, [ { address => 'joe@here.example', channel => 'local', done => JSON::PP::false }, { address => 'x@done.example', channel => 'remote', done => JSON::PP::true },
	{ address => 'bob@Example.com', channel => 'remote', done => JSON::PP::false }, { address => 'carl@example.net', channel => 'remote', done => JSON::PP::false } ], '... recipients';
is join(' ', @{ $json{$a} }{qw(sender size state left)}), 'ann@example.org ' . (-s path('mess', $a)) . ' waiting 3', '... and more';
like $json{$a}{next}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\z/, '... the next attempt';
is "$json{$b}{bouncing} $json{$a}{bouncing} $json{$c}{state}", '1 0 new', '... and how they stand';
$run = q_('show', $a);
like $run->{out}, qr/^message: $a\nsender: <ann\@example\.org>\nentered: \S+Z \(2h ago\)\nsize: \d+\nstate: waiting 1[45]m\nnext local: \S+Z\nnext remote: \S+Z\nrecipients:\n\tlocal\tjoe\@here\.example\n  done\tremote\tx\@done\.example\n/, 'show';
like $run->{out}, qr/^header:\n\tSubject: a_\n\t_more\n\n\z/m, '... its header, and nothing that a terminal would obey';
is q_('cat', $a)->{out}, "Subject: a\xe4\n\tmore\n\nbody\n", 'cat: as it is';

# --- which are meant --------------------------------------------------------------------------------------------

my @selections = (
	[ [ $a, $c ], $a, $c ], [ [ $a, $b, $c ], '--all' ],
	[ [$a], '--sender', 'ANN@example.org' ], [ [$b], '--sender', '' ], [ [ $a, $c ], '--sender', '*@example.org' ], [ [$a], '--sender', 'a*n@*o*g' ], [ [], '--sender', 'ann' ],
	[ [ $a, $b ], '--recipient', 'joe@*' ], [ [$c], '--recipient', 'r@s.example' ], [ [], '--recipient', 'x@done.example' ],
	[ [$a], '--domain', 'example.COM' ], [ [ $a, $b, $c ], '--domain', '*example*' ], [ [$b], '--domain', 'b.example' ],
	[ [ $a, $b ], '--channel', 'remote' ], [ [$a], '--channel', 'local' ], [ [], '--channel', 'local', '--domain', 'example.com' ],
	[ [ $a, $b ], '--older', '1h' ], [ [$b], '--older', '1d' ], [ [ $a, $c ], '--younger', '1w', '--younger', '2h', '--younger', '1d' ],
	[ [$b], '--larger', '1k' ], [ [ $a, $c ], '--smaller', '1000' ], [ [], '--reason', 'x' ], [ [], '--held' ],
	[ [$a], '--older', '1h', '--domain', 'example.com', $a, $b ],
);
for (@selections) {
	my ($wanted, @how) = @$_;
	is ids(@how), sorted(@$wanted), "list @how";
}
$run = q_('list', 99, $a);
is $run->{exit}, 1, 'a number of no message: exit';
is $run->{err}, "qmail-q: 99: there is no such message\n", '... is said';
like $run->{out}, qr/^$a /, '... and the others are shown';
for ([], ['what'], ['list', 'x'], [ 'list', '--older', 'x' ], [ 'list', '--older' ], [ 'list', '--channel', 'both' ], [ 'list', '--text', 'x' ], ['show'], ['remove'], [ 'hold', '--json' ], ['resume'], [ 'bounce', '--all', '--text', 'x' x 400 ], [ 'list', '--older', '1y' ]) {
	is q_(@$_)->{exit}, 100, "usage: @$_";
}
for ([ 'no such command: what', 'what' ], [ 'neither an option nor the number of a message: x', 'list', 'x' ],
	[ 'no such option, or not a value for it: --older', 'list', '--older', 'x' ], [ 'which messages?', 'remove' ],
	[ 'resume which domain?', 'resume' ]) {
	my ($why, @how) = @$_;
	like q_(@how)->{err}, qr/^qmail-q: \Q$why\E.*\nqmail-q: usage:\n/, "... and why: @how";
}

# --- what becomes of them ----------------------------------------------------------------------------------------

my $tree = sub { join "\n", `cd '$home' && find queue state -type f -printf '%p %m %T@ %s\\n' | sort` };
my $before = $tree->();
$run = q_($_, '--all', '--dry-run') for qw(hold release retry remove bounce);
like $run->{out}, qr/^bounce: $a  /m, '--dry-run says what would be done';
is $tree->(), $before, '... and does nothing';

is q_('hold', $a, $b)->{out}, "$a: held\n$b: held\n", 'hold';
is ids('--held'), sorted($a, $b), '... they are';
ok !grep({ m{held} } glob "$queue/*"), '... and the queue has no file for that';
like q_('list', $a)->{out}, qr/  held  /, '... is shown';
utime $now, $now, path('info', $b);
is ids('--held'), $a, 'another message of that number is not held';
utime $now - 90000, $now - 90000, path('info', $b);
is join(' ', sort split /\n/, q_('release', '--held', '--json')->{out}), join(' ', sort map { qq({"id":$_,"action":"release","result":"done"}) } $a, $b), 'release, as JSON';
is ids('--held'), '', '... none is';

utime $now + 900, $now + 900, path($_, $a) for qw(local remote);
is q_('retry', $a)->{out}, "$a: due now\n", 'retry';
cmp_ok((stat path('remote', $a))[9], '<=', time, '... is due');
is q_('bounce', $a, '--text', 'Go away.')->{out}, "$a: returned to the sender\n", 'bounce';
is slurp(path('bounce', $a)), "<joe\@here.example>:\nGo away.\n\n<bob\@Example.com>:\nGo away.\n\n<carl\@example.net>:\nGo away.\n\n", '... with the text';
is slurp(path('remote', $a)), "Dx\@done.example\0Dbob\@Example.com\0Dcarl\@example.net\0", '... all are done';
like q_('list', $a)->{out}, qr/bouncing/, '... is shown';

# Many recipients: a sync for each would take hours of a message with a million.
my @many = map { "r$_\@many.example" } 1 .. 9000;
my $many = add_message($home, 'queued', body => "x\n", sender => 'ann@example.org', local => "Tone\@here.example\0", remote => join '', map { "T$_\0" } @many);
my $calls = temp_dir() . '/calls';
SKIP: {
	skip 'no strace', 1 if system("strace -qq -o $calls true 2>/dev/null") != 0;
	local $ENV{QMAILHOME} = $home;
	is system('strace', '-f', '-qq', '-e', 'trace=fsync,fdatasync', '-o', $calls, build() . '/bin/qmail-q', 'bounce', $many, '--text', 'No.'), 0, 'bounce of many, traced';
	my $syncs = () = slurp($calls) =~ /sync\(/g;
	cmp_ok $syncs, '<', 40, '... their reasons are synced some thousands at a time';
}
q_('bounce', $many, '--text', 'No.');
is slurp(path('bounce', $many)), join('', map { "<$_>:\nNo.\n\n" } 'one@here.example', @many), '... each is named once';
is slurp(path('remote', $many)), join('', map { "D$_\0" } @many), '... and done';
q_('remove', $many);
$run = q_('hold', $c);
is $run->{exit}, 1, 'one that is new cannot be held';
like $run->{out}, qr/^$c: is no more, or not taken over by qmail-send yet$/, '... is said';
is q_('remove', $b, $c)->{out} =~ s/\n/ /r, "$b: removed $c: removed\n", 'remove';
is join(' ', grep { -f && m{/(?:$b|$c)\z} } glob "$queue/*/* $queue/*/*/*"), '', '... all of its files are gone';

is q_('pause')->{out}, '', 'pause: none';
is q_('pause', 'Example.COM', 'b.example')->{out} =~ s/\n/ /gr, 'example.com b.example ', 'pause: two';
is q_('resume', 'example.com')->{out}, "b.example\n", 'resume one';
is q_('pause', '../x')->{exit}, 111, 'what is no domain';
is q_('resume', 'b.example')->{out}, '', 'resume the other';

# --- who else works on the queue ------------------------------------------------------------------------------------

open my $mutex, '+<', "$queue/lock/sendmutex" or die;
flock $mutex, LOCK_EX or die;
is q_('list')->{exit}, 0, 'another suite\'s qmail-send runs: it can be looked at';
unlike q_('list')->{out}, qr/waiting|due/, '... what only it knows is not guessed';
$run = q_('hold', $a);
is $run->{exit}, 111, '... but not changed';
like $run->{err}, qr/cannot be asked/, '... is said';
close $mutex;
chmod 0, "$queue/lock/sendmutex";
is q_('retry', $a)->{exit}, 111, 'nor where a repair was cut short';
chmod 0600, "$queue/lock/sendmutex";
is q_('fix')->{out}, run_program(['qmail-qrepair'], home => $home)->{out}, 'fix is qmail-qrepair';
chmod 0, $queue;
$run = q_('list');
is $run->{exit}, 111, 'who may not look';
like $run->{err}, qr/Permission denied/, '... is told';
chmod 0750, $queue;

done_testing();
