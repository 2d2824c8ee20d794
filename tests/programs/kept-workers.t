#!/usr/bin/perl
# kept-workers: qmail-rspawn and workers that hang, die or speak nonsense: each costs its own delivery
# (outbound 5.5, rows 1, 2, 13 and 19; wire/kept.h).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Kept;
use Qferry::Spawn;
use Qferry::Test;
use Test::More;

my $CRASHED = "Zqmail-remote crashed.\n";
my ($KEPT, $ALONE) = ("Kkept\n", "Kalone\n");
my $START = "hear\nplan\nhear\n"; # until it has leave to connect
my $DONE = $START . "dot\nreport 0 K\n";

# A home whose qmail-remote is tests/tools/keptworker, a script for each that is started.
sub scripted {
	my ($scripts, %controls) = @_;
	my $home = instance(me => "client.example\n", %controls);
	queue_tree($home);
	spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n");
	unlink "$home/bin";
	mkdir "$home/bin";
	symlink build() . '/tools/keptworker', "$home/bin/qmail-remote" or die;
	spit("$home/worker.$_", $scripts->[ $_ - 1 ]) for 1 .. @$scripts;
	my $spawner = start($home);
	return ($home, $spawner);
}

sub text { my ($report) = @_; $report =~ s/\A.(.*)\0\z/$1/s; return $report }

# --- rules that are broken -----------------------------------------------------------------------------------

# What the worker says; its delivery's report.  Before it had leave to connect nothing was done, so another
# qmail-remote delivers; afterwards it has crashed.
for my $row (
	[ 'no frame instead of a plan',  "hear\njunk\nhang\n",      $ALONE ],
	[ 'an unknown kind',             "hear\nkind 200\nhang\n",  $ALONE ],
	[ 'a kind of ours',              "hear\nkind 97\nhang\n",   $ALONE ],
	[ 'a session that it has not',   "hear\nconnected\nhang\n", $ALONE ],
	[ 'the dot before a plan',       "hear\ndot\nhang\n",       $ALONE ],
	[ 'a refusal of what is no offer', "hear\nrefuse\nhang\n",  $ALONE ],
	[ 'a recipient that is too many, before a plan', "hear\nback 1\nhang\n", $ALONE ],
	[ 'the end before a report',     "hear\nend\nhang\n",       $ALONE ],
	[ 'two plans',                   "hear\nplan\nplan\nhang\n", $CRASHED ],
	[ 'no frame when it delivers',   $START . "junk\nhang\n",    $CRASHED ],
	[ 'no frame after the dot',      $START . "dot\njunk\nhang\n", $CRASHED ],
	[ 'another plan after the dot',  $START . "dot\nplan\nhang\n", $CRASHED ],
	[ 'the end without a report',    $START . "dot\nend\nhang\n", $CRASHED ],
	[ 'a recipient that there is not', $START . "dot\nreport 1 K\nhang\n", $CRASHED ],
	[ 'the first goes back',         $START . "back 0\nhang\n",  $CRASHED ],
	[ 'one goes back that there is not', $START . "back 1\nhang\n", $CRASHED ],
	[ 'a report twice',              $DONE . "report 0 D\nhang\n", $KEPT ],
	[ 'no frame after the report',   $DONE . "junk\nhang\n",      $KEPT ],
	[ 'the end twice',               $DONE . "open\nopen\n",      $KEPT ],
	[ 'death before a plan',         "hear\ndie\n",              $ALONE ],
	[ 'death with a plan',           "hear\nplan\ndie\n",        qr/\A(?:\Q$ALONE\E|\Q$CRASHED\E)\z/ ],
	[ 'death when it delivers',      $START . "die\n",           $CRASHED ],
	[ 'death after the dot',         $START . "dot\ndie\n",      $CRASHED ],
	[ 'death after the report',      $DONE . "die\n",            $KEPT ],
	[ 'it ends by itself',           $START . "dot\n",           $CRASHED ],
  )
{
	my ($name, $script, $want) = @$row;
	# The second is as it should be.
	my ($home, $spawner) = scripted([ $script, $DONE . "end\n" ]);
	my $got = text(deliver($spawner, 'a@dest.example'));
	ref $want ? like($got, $want, $name) : is($got, $want, $name);
	is(text(deliver($spawner, 'b@dest.example')), $KEPT, "$name: the next one");
	ok(wait_until(sub { !workers($spawner) }), "$name: nobody is left, killed where it hung");
	is(finish($spawner), '0 0', "$name: exit");
}

# Nonsense as the answer to an offer: nothing was done, and somebody else does it.
for my $answer ('junk', 'plan', 'kind 3', 'dot', 'die', 'end') {
	my $worker = $DONE . "open\nhear\n$answer\nhang\n";
	my ($home, $spawner) = scripted([ $DONE . "end\n", $worker, $DONE . "end\n" ]);
	is(text(deliver($spawner, "$_\@dest.example")), $KEPT, "$answer to an offer: $_") for qw(first second third);
	ok(-e "$home/worker.3.taken", "$answer to an offer: it went to another worker");
	is(finish($spawner), '0 0', "$answer to an offer: exit");
}

# The knowledge that the server may have the message goes to the log, by control/logdetail.
for my $row ([ 'dot', "dot\n", "Possible duplicate!\n" ], [ 'before', '', '' ]) {
	my ($name, $dot, $more) = @$row;
	my ($home, $spawner) = scripted([ $START . $dot . "die\n" ], logdetail => "1\n");
	is(text(deliver($spawner, 'a@dest.example')), $CRASHED . $more, "row 2: logdetail and a crash, $name");
	finish($spawner);
}

# --- a worker that hangs: it is killed in the end (the bounds are in unit/spawn/keptworker) ------------------

{
	my ($home, $spawner) = scripted([ $START . "hang\n", $DONE . "end\n" ], limits => "delivery:1\n");
	print { $spawner->{to} } command('a@dest.example', delnum => 1), command('b@other.example', delnum => 2);
	my %reports = reports($spawner, 1);
	is(join('', values %reports), $KEPT, 'hang: another delivery is made meanwhile');
	kill 'KILL', workers($spawner);
	%reports = reports($spawner, 1);
	is(join('', values %reports), $CRASHED, 'hang: once it is killed the delivery is free');
	is(finish($spawner), '0 0', 'hang: exit');
}

# --- row 13: fewer connections where there were too many ----------------------------------------------------------

{
	# Three at a time; the server refuses one of them.  Of the next three two may connect.
	my $flag = temp_dir() . '/go';
	my ($home, $sink) = home("\@3 greeting 421 4.7.0 too many connections from you close\ndot wait:$flag 250 ok queued\n",
		controls => { keptmessages => "2\n", keptidle => "0\n" });
	my $spawner = start($home);
	my $crowded = "ZConnected to $Qferry::Kept::P but greeting failed.\nRemote host said: 421 4.7.0 too many connections from you\n";
	print { $spawner->{to} } map { command("r\@dest.example", delnum => $_) } 1 .. 3;
	my %reports = reports($spawner, 1);
	is(join('', values %reports), $crowded, 'row 13: the third is refused');
	print { $spawner->{to} } map { command("r\@dest.example", delnum => $_) } 11 .. 12;
	wait_until(sub { workers($spawner) == 4 });
	is(scalar connections($sink), 3, 'row 13: the next two wait, as two is what the server bears');
	spit($flag, '');
	%reports = reports($spawner, 4);
	is(join('', values %reports), $Qferry::Kept::OK x 4, '... and all are delivered');
	is(finish($spawner), '0 0', '... exit');
}
{
	# More wait than may: their report says why.
	my $flag = temp_dir() . '/go';
	my ($home, $sink) = home("\@2 greeting 421 too many sessions close\ndot wait:$flag 250 ok queued\n",
		controls => { concurrencyremote => "120\n" });
	my $spawner = start($home);
	print { $spawner->{to} } map { command("r\@dest.example", delnum => $_) } 1 .. 2;
	my %reports = reports($spawner, 1);
	print { $spawner->{to} } map { command("r\@dest.example", delnum => $_) } 11 .. 41;
	%reports = reports($spawner, 1);
	like(join('', values %reports), qr/\AZToo many connections to $Qferry::Kept::P at a time; it has refused more\. \(#4\.4\.5\)\nMail for .*\n\z/,
		'rows 13 and 16: a quarter of the slots may wait, and then it is said who sets the limit');
	spit($flag, '');
	%reports = reports($spawner, 31);
	is(scalar(grep { $_ eq $Qferry::Kept::OK } values %reports), 31, '... the others are delivered');
	is(finish($spawner), '0 0', '... exit');
}

# --- row 19: what the server takes at a time -------------------------------------------------------------------------

{
	my ($home, $sink) = home("ehlo PIPELINING|LIMITS RCPTMAX=2\n", controls => { keptrecipients => "10\n" });
	my $spawner = start($home);
	my %reports = together($spawner, map { command("r$_\@dest.example", delnum => $_) } 1 .. 5);
	is(join('', @reports{ 1 .. 5 }), $Qferry::Kept::OK x 5, 'row 19, RCPTMAX=2: five recipients');
	finish($spawner);
	all_closed($sink);
	my @rcpts = map { scalar(() = slurp($_) =~ /^T/mg) } sort glob "$sink->{dir}/*.envelope.*";
	is(join(' ', sort @rcpts), '1 2 2', '... in three transactions');
	is(join('', sort map { /^TTO:<r(\d)/mg } map { slurp($_) } glob "$sink->{dir}/*.envelope.*"), '12345', '... each once');
}
{
	my ($home, $sink) = home("ehlo LIMITS RCPTMAX=1 MAILMAX=1\n", controls => { keptrecipients => "10\n" });
	my $spawner = start($home);
	my %reports = together($spawner, map { command("r$_\@dest.example", delnum => $_) } 1 .. 3);
	is(join('', @reports{ 1 .. 3 }), $Qferry::Kept::OK x 3, 'row 19, RCPTMAX=1 and MAILMAX=1');
	finish($spawner);
	all_closed($sink);
	is(per_connection($sink), '1 1 1', '... one for each');
}
{
	my ($home, $sink) = home("ehlo LIMITS RCPTDOMAINMAX=1\n");
	my $spawner = start($home);
	warm_up($spawner, $sink);
	is(text(deliver($spawner, "r\@$_.example")), $Qferry::Kept::OK, "row 19, RCPTDOMAINMAX=1: $_") for qw(dest dest other Other dest);
	finish($spawner);
	all_closed($sink);
	for my $n (connections($sink)) {
		my %domains = map { lc($_) => 1 } dialogue($sink, $n) =~ /^C: RCPT TO:<r?[a-z]*\@([^>]*)>/mg;
		is(scalar keys %domains, 1, "... connection $n has one domain");
	}
	cmp_ok(scalar connections($sink), '<', 6, '... and is used again for it');
}
# The worker's part of row 19 beneath a scripted one: what comes back is offered to it again, two at a time.
{
	my $worker = "hear\nplan\nhear\ndot\nreport 0 K\nreport 1 K\nback 2\nfew\nhear\nconnected\ndot\nreport 0 K\nend\n";
	my ($home, $spawner) = scripted([$worker], keptrecipients => "10\n");
	my %reports = together($spawner, map { command("r$_\@dest.example", delnum => $_) } 1 .. 3);
	is(join('', @reports{ 1 .. 3 }), $KEPT x 3, 'row 19: what comes back goes again');
	is(finish($spawner), '0 0', '... exit');
}
{
	my ($home, $spawner) = scripted([ "hear\nplan\nhear\nreport 0 K\nback 1\ndie\n", $DONE . "end\n" ], keptrecipients => "10\n");
	my %reports = together($spawner, map { command("r$_\@dest.example", delnum => $_) } 1 .. 2);
	is(join('', @reports{ 1 .. 2 }), $KEPT x 2, 'row 19: what came back before a death is not lost with it');
	is(finish($spawner), '0 0', '... exit');
}

# --- row 12: nothing of the next message goes before the end of the last one was answered ------------------------------

{
	my $flag = temp_dir() . '/go';
	my ($home, $sink) = home("\@2 dot wait:$flag 250 ok queued\n\@2 dot 250 ok queued\n", controls => { concurrencyperhost => "1\n" });
	my $spawner = start($home);
	warm_up($spawner, $sink);
	print { $spawner->{to} } map { command("r\@dest.example", delnum => $_) } 1 .. 2;
	wait_until(sub { -e "$sink->{dir}/2.message.1" && workers($spawner) == 2 });
	is((() = slurp("$sink->{dir}/2.in") =~ /^MAIL/mg), 1, 'row 12: with PIPELINING too, one message at a time');
	spit($flag, '');
	my %reports = reports($spawner, 2);
	finish($spawner);
	all_closed($sink);
	is(per_connection($sink), '1 2', '... over one connection');
}

done_testing();
