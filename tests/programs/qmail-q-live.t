#!/usr/bin/perl
# qmail-q-live: qmail-q and a qmail-send that runs: what is said, held, released, tried, removed and returned
# while mail flows (queue 6.1 row 10, 6.3 "control").
use strict;
use warnings;
use Errno;
use Fcntl qw(F_SETFL O_NONBLOCK);
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP;
use Qferry::QueueImage;
use Qferry::Send;
use Qferry::Test;
use Socket qw(MSG_NOSIGNAL);
use Test::More;

plan skip_all => 'root has no rootless queue' if $> == 0;

my $home = image_home();
control($home, me => "mx.example.org\n");
control($home, locals => "mx.example.org\nlocal.example\n");
sub q_ { return run_program([ 'qmail-q', @_ ], home => $home) }
# Signals are for one that listens.
sub begin { my $send = start(@_); log_until($send, qr/^status.*\n/m); return $send }
sub only { my ($run) = @_; return "$run->{exit} $run->{out}$run->{err}" }
sub json { return map { decode_json($_) } split /\n/, q_('list', '--json', @_)->{out} }
sub number { my ($send) = @_; return log_until($send, qr/new msg \d+\n/) =~ /(\d+)/ ? $1 : die 'no message' }

my $send = begin($home);
is only(q_('list')), '0 ', 'nothing';

# --- what it knows ------------------------------------------------------------------------------------------

enqueue($home, 'ann@example.net', 'bob@remote.example', 'joe@local.example');
my $n = number($send);
my $remote = command($send, REMOTE);
my $local = command($send, LOCAL);
like only(q_('list')), qr/\A0 $n  \ds  \d+  active  <ann\@example\.net>  joe\@local\.example \+1\n\z/, 'a delivery runs';
report($send, REMOTE, $remote->{delnum}, "Z4.2.1 try\x1b later\n");
report($send, LOCAL, $local->{delnum}, "Kok\n");
ok log_until($send, qr/deferral/), 'deferred';
ok wait_until(sub { (json())[0]{state} eq 'waiting' }), 'it waits';
my ($m) = json();
is $m->{recipients}[0]{reason}, "4.2.1 try\x1b later", 'the last reason';
like q_('show', $n)->{out}, qr/^\tremote\tbob\@remote\.example\n\t\t4\.2\.1 try_ later\n/m, '... as a terminal may see it';
like $m->{next}, qr/Z\z/, 'the next attempt';
is join(' ', map { $_->{id} } json('--reason', 'TRY')), $n, '--reason';
is join(' ', map { $_->{id} } json('--reason', 'no such')), '', '... of others';

# --- retry, hold, release -------------------------------------------------------------------------------------

is only(q_('retry', $n)), "0 $n: due now\n", 'retry';
answer($send, REMOTE, "Zagain\n");
ok log_until($send, qr/deferral: again/), '... at once';
is only(q_('hold', $n)), "0 $n: held\n", 'hold';
is((json())[0]{state}, 'held', '... is shown');
kill 'ALRM', $send->{pid};
enqueue($home, 'x@example.net', 'after@remote.example');
is answer($send, REMOTE, "Kok\n")->{recipient}, 'after@remote.example', 'ALRM: what is held stays';
ok log_until($send, qr/end msg/), '... the other comes to its end';
is stop($send), '0 0', 'TERM';
$send = begin($home);
kill 'ALRM', $send->{pid};
enqueue($home, 'x@example.net', 'after@remote.example');
is answer($send, REMOTE, "Kok\n")->{recipient}, 'after@remote.example', 'a new qmail-send: it is still held';
utime time, time - 800_000, parts_of($home, 'info', $n, 23);
is only(q_('retry', $n)), "0 $n: due now\n", 'held and too old: retry';
is((json())[0]{state}, 'held', '... does not release');
ok !-e "$home/queue/bounce/$n", '... and it is not given up';
my ($birth) = (stat parts_of($home, 'info', $n, 23))[9];
is only(q_('hold', $n)), "0 $n: held\n", 'hold, of another birth';
is only(q_('release', '--held')), "0 $n: released\n", 'release';
is answer($send, REMOTE, "Kok\n")->{recipient}, 'bob@remote.example', '... is tried at once';
ok log_until($send, qr/end msg $n/), '... and ends';
ok !-e "$home/state/send/held/$n.$birth", 'nothing is held any more';

# --- remove and bounce ------------------------------------------------------------------------------------------

use_store_queue($home);
stop($send);
$send = begin($home, env => { QMAILQUEUE => "$home/stored/queue" });
enqueue($home, 'ann@example.net', 'a@one.example', 'b@two.example', 'c@local.example');
$n = number($send);
answer($send, REMOTE, "Dfailed\n");
answer($send, REMOTE, "Zlater\n");
answer($send, LOCAL, "Zlater\n");
log_until($send, qr/deferral.*deferral/s);
is only(q_('remove', $n)), "0 $n: removed\n", 'remove';
ok log_until($send, qr/end msg $n\n/), '... by the normal end';
is scalar stored_messages($home), 0, '... nobody is told, not even of failures before';
ok wait_until(sub { !-e parts_of($home, 'mess', $n, 23) }), '... it is gone';
is only(q_('remove', $n)), "1 qmail-q: $n: there is no such message\n", 'remove again';

enqueue($home, 'ann@example.net', 'a@one.example', 'b@two.example');
$n = number($send);
my $running = command($send, REMOTE);
answer($send, REMOTE, "Zlater\n");
log_until($send, qr/deferral/);
is only(q_('bounce', $n, '--text', 'Not today.')), "0 $n: returned to the sender\n", 'bounce, while a delivery runs';
is scalar stored_messages($home), 0, '... which is waited for';
report($send, REMOTE, $running->{delnum}, "Kok\n");
ok log_until($send, qr/bounce msg $n/), '... the bounce';
my ($bounce) = stored_messages($home);
like $bounce->{message}, qr/\n\n<b\@two\.example>:\nNot today\.\n\n--- Below/, '... with the text, for who was left';
ok log_until($send, qr/end msg $n/), '... ends';

stop($send);
spit("$home/slow", "#!/bin/sh\ntouch $home/asked\nuntil [ -e $home/go ]; do sleep 0.1; done\nexit 71\n", 0755);
$send = begin($home, env => { QMAILQUEUE => "$home/slow" });
enqueue($home, 'ann@example.net', 'a@one.example');
$n = number($send);
answer($send, REMOTE, "Dfailed\n");
ok wait_until(sub { -e "$home/asked" }), 'a bounce is on the way';
is only(q_('remove', $n)), "0 $n: removed\n", '... remove';
spit("$home/go", '');
my $after = log_until($send, qr/.*end msg $n\n/s);
ok defined $after, '... and it was refused: the message ends at once';
unlike $after // '', qr/warning/, '... which is no trouble';
stop($send);
$send = begin($home, env => { QMAILQUEUE => "$home/stored/queue" });

# --- of very many recipients: mail flows meanwhile, and who asked is answered at the end -----------------------------

for my $verb ('remove', 'bounce') {
	my $count = 20_000;
	my @before = stored_messages($home);
	q_('pause', 'many.example');
	enqueue($home, 'ann@example.net', map { "r$_\@many.example" } 1 .. $count);
	my $n = number($send);
	ok wait_until(sub { my ($one) = json(); $one && $one->{state} eq 'waiting' }), "$count recipients";
	is only(q_($verb, $n)), "0 $n: " . ($verb eq 'remove' ? 'removed' : 'returned to the sender') . "\n", "... $verb";
	ok log_until($send, qr/end msg $n\n/), '... it ends';
	my @told = stored_messages($home);
	splice @told, 0, scalar @before;
	is scalar(@told), $verb eq 'remove' ? 0 : 1, '... told is who is to be told';
	is scalar(() = $told[0]{message} =~ /^<r\d+\@many\.example>:$/mg), $count, '... of all' if @told;
	q_('resume', 'many.example');
}

# --- domains -----------------------------------------------------------------------------------------------------

is only(q_('pause', 'Held.example')), "0 held.example\n", 'pause';
enqueue($home, 'ann@example.net', 'a@HELD.example', 'b@remote.example');
$n = number($send);
is answer($send, REMOTE, "Kok\n")->{recipient}, 'b@remote.example', '... others go';
ok wait_until(sub { my ($one) = json(); $one && $one->{state} eq 'waiting' }), '... it waits';
utime time, time - 800_000, parts_of($home, 'info', $n, 23);
q_('retry', $n);
ok wait_until(sub { my ($one) = json(); $one->{state} eq 'waiting' }), '... also if tried';
is slurp(parts_of($home, 'remote', $n, 23)), "Ta\@HELD.example\0Db\@remote.example\0", '... however old it is';
stop($send);
$send = begin($home, env => { QMAILQUEUE => "$home/stored/queue" });
is only(q_('pause')), "0 held.example\n", 'over a restart';
kill 'ALRM', $send->{pid};
enqueue($home, 'ann@example.net', 'c@remote.example');
is answer($send, REMOTE, "Kok\n")->{recipient}, 'c@remote.example', '... too';
is only(q_('resume', 'held.example')), '0 ', 'resume';
is answer($send, REMOTE, "Kok\n")->{recipient}, 'a@HELD.example', '... at once';
ok log_until($send, qr/end msg $n/), '... ends';

# --- a host that does not answer -------------------------------------------------------------------------------------

{
	my $why = 'Sorry, I wasn\'t able to establish an SMTP connection. (#4.4.1)';
	for my $to ('a@dead.example', 'b@dead.example') {
		enqueue($home, 'ann@example.net', $to);
		answer($send, REMOTE, "Z$why\n");
	}
	ok log_until($send, qr/mail for dead\.example waits/), 'a host is left alone for a while';
	enqueue($home, 'ann@example.net', 'c@dead.example');
	$n = number($send);
	ok wait_until(sub { my ($one) = json('--recipient', 'c@*'); $one && ($one->{recipients}[0]{reason} || '') eq $why }), '... why is known of what was not tried, too';
	is scalar(() = q_('remove', '--domain', 'dead.example')->{out} =~ /removed/g), 3, '... and they are removed';
	ok wait_until(sub { only(q_('list')) eq '0 ' }), '... all';
}

# --- places that cannot be written to -----------------------------------------------------------------------------------

{
	enqueue($home, 'ann@example.net', 'a@remote.example');
	$n = number($send);
	my $busy = command($send, REMOTE);
	open my $full, '>', '/dev/full' or die;
	my $out = sub { my $run = run_program([ 'qmail-q', @_ ], home => $home, fds => { 1 => $full }); return "$run->{exit} $run->{err}" };
	my $words = "111 qmail-q: fatal: standard output: unable to write: No space left on device\n";
	is $out->('cat', $n), $words, 'cat: what cannot be written is not passed over';
	is $out->('list'), $words, 'list: likewise';
	chmod 0500, "$home/state/send/held", "$home/state/send/domains";
	is only(q_('hold', $n)), "1 $n: not done: the log of qmail-send says why\n", 'hold, and it cannot be noted';
	ok log_until($send, qr/warning: unable to write to state\/send: /), '... which the log says';
	is((json())[0]{held}, JSON::PP::false, '... is not held');
	like only(q_('pause', 'x.example')), qr/\A111 .*its log says why/, 'pause, likewise';
	ok log_until($send, qr/warning: unable to write to state\/send: /), '... which the log says, too';
	chmod 0700, "$home/state/send/held", "$home/state/send/domains";
	report($send, REMOTE, $busy->{delnum}, "Kok\n");
	ok log_until($send, qr/end msg $n/), '... ends';
}

# --- a list of recipients that is long is not read while mail waits ------------------------------------------------------

{
	enqueue($home, 'ann@example.net', 'a@remote.example');
	$n = number($send);
	my $busy = command($send, REMOTE);
	my $file = parts_of($home, 'local', $n, 23);
	spit($file, "Dsomebody\@local.example\0" x 400_000, 0600);
	my $read = sub { slurp("/proc/$send->{pid}/io") =~ /^rchar: (\d+)/m ? $1 : die 'io' };
	my $before = $read->();
	my ($kind) = ask_queue($home, 170, pack('n n C', 170, 1, 0) . pack('n n Q> Q>', 171, 16, $n, (stat parts_of($home, 'info', $n, 23))[9]));
	is $kind, 170, '400 000 recipients: answered';
	cmp_ok $read->() - $before, '<', 4_000_000, '... and not all of them are looked at';
	unlink $file;
	report($send, REMOTE, $busy->{delnum}, "Kok\n");
	ok log_until($send, qr/end msg $n/), '... ends';
}

# --- numbers are used again ----------------------------------------------------------------------------------------

{
	enqueue($home, 'ann@example.net', 'a@remote.example');
	$n = number($send);
	my $busy = command($send, REMOTE);
	my ($kind, $answer) = ask_queue($home, 171, pack('n n C', 170, 1, 4) . pack('n n Q> Q>', 171, 16, $n, time - 5000));
	is "$kind $answer", '171 ' . pack('n n C', 176, 1, 1), 'of another birth: unknown';
	report($send, REMOTE, $busy->{delnum}, "Kok\n");
	ok log_until($send, qr/success: ok\/.*end msg $n/s), '... and not removed';
}

# --- who asks nonsense, and who does not read -------------------------------------------------------------------------

is((ask_queue($home, 171, ''))[0], 'status 3', 'no verb: malformed');
is((ask_queue($home, 171, pack('n n C', 170, 1, 99)))[0], 'status 3', 'an unknown verb');
is((ask_queue($home, 171, pack('n n C', 170, 1, 1) . pack('n n Q> Q>', 171, 16, 1, 1) x 65))[0], 'status 3', 'too many at a time');
is((ask_queue($home, 64, ''))[0], 'status 4', 'a kind of others: unsupported');
{
	my @odd = map { queue_socket($home) } 1 .. 4;
	my $list = pack('a2 C C N N C C n', 'QF', 1, 170, 7, 5000, 0, 0, 0) . pack('n n C', 170, 1, 0) . pack('n n Q> Q>', 171, 16, 1, 1) x 64;
	send $odd[0], 'QF', 0;
	send $odd[1], substr($list, 0, 100), 0;
	send $odd[2], "\xff" x 60_000, 0;
	local $SIG{PIPE} = 'IGNORE';
	my $memory = sub { slurp("/proc/$send->{pid}/status") =~ /^VmRSS:\s+(\d+)/m ? $1 : die 'status' };
	my ($before, $sent) = ($memory->(), 0);
	fcntl $odd[3], F_SETFL, O_NONBLOCK;
	ok wait_until(sub { while (send $odd[3], $list, MSG_NOSIGNAL) { $sent++ } return !$!{EAGAIN} }), 'who asks and reads no answers is hung up on';
	is stop_and_go(), 'b@remote.example', "... mail flows, after halves of frames, too";
	cmp_ok $memory->() - $before, '<', 8192, "... and nothing grows: $sent were sent";
}
my @idle = map { queue_socket($home) } 1 .. 40;
is stop_and_go(), 'b@remote.example', 'forty that say nothing: mail flows';
@idle = ();
ok wait_until(sub { only(q_('list')) eq '0 ' }), '... and qmail-q is answered when they are gone';
is sprintf('%o', (stat "$home/run/send/sock")[2] & 0777), '600', 'others find no place before the socket';
sub stop_and_go { enqueue($home, 'x@y', 'b@remote.example'); return answer($send, REMOTE, "Kok\n")->{recipient} }

is stop($send), '0 0', 'TERM';
like q_('pause', 'x.example')->{out}, qr/^x\.example$/, 'without qmail-send';
chmod 0, "$home/state/send/held";
$send = start($home);
is wait_for_end($send), '111 0', 'what is held cannot be found out: nothing is delivered';
like $send->{text}, qr/^alert: cannot start: unable to read state\/send$/m, '... says why';
chmod 0700, "$home/state/send/held";

done_testing();
