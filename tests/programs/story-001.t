#!/usr/bin/perl
# story-001: what a front that takes too much leaves to the way out: bounces nobody wants, messages with
# carriage returns, and limits of memory (outbound 8, seed 001).
# nosan: the limits of memory are those of the plain build
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Story;
use Qferry::Test;
use Test::More;

skip_story();

# As under `softlimit -m 25000000`, set by each run script.
my @SOFTLIMIT = ('/bin/bash', '-c', 'ulimit -S -d 24414 -s 24414 -v 24414; exec "$@"', 'sh');

# --- bounces -----------------------------------------------------------------------------------------------------

my $relay = relay("rcpt nobody\@dest.example 550 5.1.1 no such user\nrcpt forged\@spam.example 550 5.1.1 no such user\n");
begin("dest.example A 127.0.0.1\n", in_front => \@SOFTLIMIT);
control($home, smtproutes => ":127.0.0.1:$relay->{port}\n");
end();
control($home, doublebouncehost => "hub.example\n");
control($home, doublebounceto => "bounces\n");
begin(undef, in_front => \@SOFTLIMIT);
my $COUNT = 10;
queue_message('forged@spam.example', 'nobody@dest.example', "Subject: spam $_\n\nbody\n") for 2 .. $COUNT;
queue_message('forged@spam.example', 'nobody@dest.example', "Subject: spam 1\n\nbody\n");
ok(wait_until(sub { messages($relay) == $COUNT }, 60), 'outbound 8 seed 001 row 1: a double bounce of each') or diag said_last();
ok(all_ended(), '... and the queue is empty');
is_deeply([ grep { $_ ne "FFROM:<>\nTTO:<bounces\@hub.example>\n" } map {s/(FROM:<.*?>).*/$1/r} envelopes($relay) ], [],
	'outbound 8 seed 001 row 1: ... for whom the two files name, from nobody: #@[] is a mark of ours');
my $heard = heard($relay);
is((() = $heard =~ /^C: MAIL FROM:<>/mg), 2 * $COUNT, '... and one bounce each to the sender');
unlike($heard, qr/#@|\[\]/, '... the mark is never sent');

# With an empty doublebounceto they are thrown away, and the log says so.
end();
control($home, doublebounceto => "\n");
begin(undef, in_front => \@SOFTLIMIT);
queue_message('forged@spam.example', 'nobody@dest.example', "Subject: spam\n\nbody\n");
ok(said(qr/^double bounce: discarding bounce\/\d+$/m), 'outbound 8 seed 001 row 1: or for nobody');
is(scalar messages($relay), $COUNT, '... nothing more is sent');

# --- carriage returns ------------------------------------------------------------------------------------------------

queue_message('me@client.example', 'you@dest.example',
	"Subject: crlf\r\n\r\none\r\n.\r\nMAIL FROM:<evil\@spam.example>\r\ntwo\rthree\r.\r\n\r\r\nfour\n.\rfive\n");
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 001 row 2: CRLF and CR in the queue');
my ($message) = (messages($relay))[-1];
$message =~ s/\A(?:Received: .*\n(?:[ \t].*\n)*)//;
is($message, "Subject: crlf\n\none\n.\nMAIL FROM:<evil\@spam.example>\ntwo\nthree\n.\n\n\nfour\n.\nfive\n", '... end lines, and nothing else');
unlike(heard($relay), qr/^C: MAIL FROM:<evil/m, '... one message');
my ($last) = (sort { $a <=> $b } map { m{/(\d+)\.in$} } glob "$relay->{dir}/*.in")[-1];
my $wire = slurp("$relay->{dir}/$last.in");
is((() = $wire =~ /(?<!\r)\n|\r(?!\n)/g), 0, '... on the wire a CR has its LF');
is((() = $wire =~ /\r\n\.\r\n/g), 1, '... and there is one end');

# --- limits, and the end --------------------------------------------------------------------------------------------

my $big = "Subject: big\n\n" . ('x' x 75 . "\n") x 150_000 . 'y' x 3_000_000 . "\n";
queue_message('me@client.example', 'you@dest.example', $big);
ok(said(qr/^delivery \d+: success: 127\.0\.0\.1_accepted/m), 'outbound 8 seed 001 row 3: 14 MB under softlimit -m 25000000');
cmp_ok(length((messages($relay))[-1]), '>=', length $big, '... all of it');

stop_server($relay);
$relay = relay("dot wait:$home/go 250 ok queued\n");
control($home, smtproutes => ":127.0.0.1:$relay->{port}\n");
send_mail('you@dest.example');
ok(wait_until(sub { (slurp("$relay->{dir}/1.log") // '') =~ /message of/ }), 'a delivery is under way');
my $pid = fork // die;
if (!$pid) { select undef, undef, undef, 0.2; spit("$home/go", ''); exec 'true' }
is(end(), '0 0', 'outbound 8 seed 001 row 3: TERM: it ends by itself');
waitpid $pid, 0;
like(said_last(), qr/^delivery \d+: success.*^status: exiting\n\z/ms, '... after what was under way');

done_testing();
