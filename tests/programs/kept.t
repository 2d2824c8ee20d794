#!/usr/bin/perl
# kept: connections that qmail-rspawn uses again (outbound 5.5, and T4, T7 to T10, T14 of outbound 11).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Kept;
use Qferry::Spawn;
use Qferry::Test;
use Test::More;

my $P = $Qferry::Kept::P;
my $OK = $Qferry::Kept::OK;
my $CRASHED = "Zqmail-remote crashed.\n";

# --- one connection, many messages ---------------------------------------------------------------------

{
	my ($home, $sink) = home('');
	my $spawner = start($home);
	warm_up($spawner, $sink);
	all_delivered('reuse', 5, $spawner);
	my %reports = together($spawner, map { command("r\@host$_.example", delnum => $_, sender => "s$_\@x.example") } 1);
	is($reports{1}, $OK, 'another host over the same relay');
	is(finish($spawner), '0 0', 'exit 0 at EOF');
	all_closed($sink);
	is(per_connection($sink), '1 6', 'the second connection has all that followed');
	like(dialogue($sink, 2), qr/C: QUIT\nS: 221 bye\nEND\n\z/, 'QUIT at EOF');
	unlike(dialogue($sink, 2), qr/C: (?:RSET|NOOP)/, '... and nothing in between that a server would count');
	is((() = dialogue($sink, 2) =~ /C: EHLO/g), 1, '... one EHLO');
	is(slurp("$sink->{dir}/2.message.3"), "Subject: x\n\nbody\n", 'the message is whole');
	is(slurp("$sink->{dir}/2.envelope.6"), "FFROM:<s1\@x.example>\nTTO:<r\@host1.example>\n", 'the envelope is its own');
}

for my $row (
	[ 'keptmessages',   '',                            { keptmessages => "3\n" }, '1 3 3' ],
	[ 'LIMITS MAILMAX', "ehlo LIMITS MAILMAX=2\n",     {}, '1 2 2 2' ],
	[ 'keptmessages 1', '',                            { keptmessages => "1\n" }, '1 1 1 1 1 1 1' ],
	[ 'keptidle 0',     '',                            { keptidle => "0\n" },     '1 1 1 1 1 1 1' ],
	[ 'keptage 0',      '',                            { keptage => "0\n" },      '1 1 1 1 1 1 1' ],
	[ 'closed after two',   "dot 250 ok queued\ndot 250 ok queued close\n", {}, '1 2 2 2' ],
	[ '421 to the third MAIL', "mail 250 ok\nmail 250 ok\nmail 421 enough close\n", {}, '1 2 2 2' ],
	[ '503 to the third MAIL', "mail 250 ok\nmail 250 ok\nmail 503 no\n", {}, '1 2 2 2' ],
	[ 'hang-up at the third MAIL', "mail 250 ok\nmail 250 ok\nmail close\n", {}, '1 2 2 2' ],
	[ 'reset at the third RCPT',   "rcpt 250 ok\nrcpt 250 ok\nrcpt reset\n", {}, '1 2 2 2' ],
	[ 'hang-up at the third DATA', "data 354 go\ndata 354 go\ndata close\n", {}, '1 2 2 2' ],
  )
{
	my ($name, $script, $controls, $want) = @$row;
	for my $pipelining (1, 0) {
		next if !$pipelining && $script !~ /^(?:mail|rcpt|data)/;
		my ($home, $sink) = home($script . ($pipelining ? '' : "ehlo 8BITMIME\n"), controls => $controls);
		my $spawner = start($home);
		warm_up($spawner, $sink);
		all_delivered($name, 6, $spawner);
		is(finish($spawner), '0 0', "$name: exit");
		all_closed($sink);
		is(per_connection($sink), $want, "$name: messages by connection");
	}
}

# T8: five hundred in all, one after the other.
for my $row ([ 'MAILMAX=3', "ehlo PIPELINING|LIMITS MAILMAX=3\n", 3, 200 ],
	[ 'closed after two', "dot 250 ok queued\ndot 250 ok queued close\n", 2, 150 ],
	[ '421 to the third MAIL', "mail 250 ok\nmail 250 ok\nmail 421 enough close\n", 2, 150 ])
{
	my ($name, $script, $each, $count) = @$row;
	my ($home, $sink) = home($script);
	my $spawner = start($home);
	warm_up($spawner, $sink);
	all_delivered("T8: $name", $count - 1, $spawner);
	is(finish($spawner), '0 0', 'exit');
	my @done;
	wait_until(sub { @done = glob "$sink->{dir}/*.done"; @done == (() = glob "$sink->{dir}/*.in") });
	is(scalar(() = glob "$sink->{dir}/*.message.*"), $count, "T8: $name: each once");
	is(scalar @done, 1 + int(($count - 1 + $each - 1) / $each), "T8: $name: as many connections as it takes");
}

for my $variable (qw(QSTRICT QMAILREMOTE)) {
	my ($home, $sink) = home('');
	my $spawner = start($home, $variable => $variable eq 'QSTRICT' ? 1 : program('qmail-remote'));
	all_delivered("T14: \$$variable", 3, $spawner);
	finish($spawner);
	all_closed($sink);
	is(per_connection($sink), '1 1 1', "T14: \$$variable: one for each");
}

# A wrapper sees every message; and the program itself is used again once it is back.
{
	my ($home, $sink) = home('');
	unlink "$home/bin";
	mkdir "$home/bin";
	symlink program($_), "$home/bin/$_" for qw(qmail-dns qmail-tls);
	my $wrapper = "#!/bin/sh\necho \"\$*\" >>\"\$QMAILHOME/seen\"\nexec '" . program('qmail-remote') . "' \"\$@\"\n#\@(#)qferry kept qmail-remote 1\n";
	spit("$home/bin/qmail-remote", $wrapper, 0755);
	my $spawner = start($home);
	all_delivered('T14: wrapper', 3, $spawner);
	is((() = slurp("$home/seen") =~ /^dest\.example s\@example\.net r\d\@dest\.example$/mg), 3, 'T14: it saw each');
	all_closed($sink);
	is(per_connection($sink), '1 1 1', 'T14: a connection for each');
	unlink "$home/bin/qmail-remote";
	symlink program('qmail-remote'), "$home/bin/qmail-remote";
	all_delivered('T14: without the wrapper', 1, $spawner);
	dialogue($sink, 4);
	all_delivered('T14: without the wrapper', 2, $spawner);
	spit("$home/bin/new", $wrapper, 0755);
	rename "$home/bin/new", "$home/bin/qmail-remote";
	all_delivered('T14: with it again', 2, $spawner);
	finish($spawner);
	all_closed($sink);
	is(per_connection($sink), '1 1 1 1 2 1 1', 'the program is looked at before each delivery');
}

# --- whatever the server says, the report is that of a qmail-remote of its own (row 21) ------------------------

my @refusals = (
	'mail 550 no', 'mail 450 later', 'rcpt 550 no', 'rcpt 450 later', 'rcpt 552 full', 'data 554 no', 'data 451 later',
	'dot 554 no', 'dot 452 later', 'dot close', 'dot 421 bye close', 'greeting 554 no', 'greeting close', 'ehlo 550 no',
	'mail 421 busy close', 'mail close', 'rcpt close', 'data close', 'rcpt 421 bye close', 'ehlo SIZE 3',
);
for my $refusal (@refusals) {
	for my $pipelining (1, 0) {
		my ($home, $sink) = home(script_of($refusal, $pipelining), controls => { keptmessages => "0\n" });
		my $spawner = start($home);
		my $alone = join '|', one_by_one($spawner, 3);
		all_closed($sink);
		my $before = connections($sink);
		unlink "$home/control/keptmessages";
		my $kept = join '|', one_by_one($spawner, 1);
		dialogue($sink, $before + 1);
		$kept = join '|', $kept, one_by_one($spawner, 2);
		finish($spawner);
		all_closed($sink);
		is($kept, $alone, "$refusal, pipelining $pipelining: same report");
		next if $pipelining || $refusal =~ /^greeting|^ehlo|421|close$/;
		is(connections($sink) - $before, 2, "$refusal: aborted ones share a connection");
		is((() = dialogue($sink, $before + 2) =~ /C: RSET/g), 2, "$refusal: RSET after each");
	}
}

sub script_of {
	my ($refusal, $pipelining) = @_;
	return "$refusal\nhelo 550 no\n" if $refusal =~ /^ehlo 5/;
	return "$refusal|" . ($pipelining ? 'PIPELINING' : '8BITMIME') . "\n" if $refusal =~ /^ehlo/;
	return "$refusal\nehlo " . ($pipelining ? 'PIPELINING' : '8BITMIME') . "\n";
}

for my $row ([ 'rset 502 what', '1 0 2' ], [ 'rset 421 bye close', '1 0 2' ], [ 'rset close', '1 0 2' ], [ 'rset 250 ok', '1 2' ]) {
	my ($reply, $want) = @$row;
	my ($home, $sink) = home("$reply\nrcpt bad\@dest.example 550 no\nehlo 8BITMIME\n");
	my $spawner = start($home);
	warm_up($spawner, $sink);
	like(deliver($spawner, 'bad@dest.example'), qr/\A\0D127\.0\.0\.1 does not like recipient\./, "$reply: refused");
	all_delivered($reply, 2, $spawner);
	finish($spawner);
	all_closed($sink);
	is(per_connection($sink), $want, "$reply: messages by connection");
}

# --- death of a worker -------------------------------------------------------------------------------------------

for my $row (
	[ greeting => '220 sink', $CRASHED ], [ mail => '250 ok', $CRASHED ], [ rcpt => '250 ok', $CRASHED ],
	[ data => '354 go', $CRASHED ], [ dot => '250 ok', $CRASHED ],
  )
{
	my ($stage, $reply, $want) = @$row;
	my $flag = temp_dir() . '/go';
	my ($home, $sink) = home("ehlo 8BITMIME\n\@2 $stage wait:$flag $reply\n");
	my $spawner = start($home);
	warm_up($spawner, $sink);
	print { $spawner->{to} } command('r2@dest.example');
	my $mark = { greeting => 'NOTHING', mail => 'MAIL', rcpt => 'RCPT', data => 'DATA', dot => '(message' }->{$stage};
	wait_until(sub { -e "$sink->{dir}/2.log" && ($stage eq 'greeting' || index(slurp("$sink->{dir}/2.log"), "C: $mark") >= 0) });
	kill 'KILL', workers($spawner);
	is(report($spawner), "\0$want\0", "killed at $stage");
	spit($flag, '');
	is(deliver($spawner, 'r3@dest.example'), "\0$OK\0", "$stage: after");
	is(finish($spawner), '0 0', "$stage: exit");
}
{
	my ($home, $sink) = home('');
	my $spawner = start($home);
	warm_up($spawner, $sink);
	all_delivered('before', 1, $spawner);
	wait_until(sub { workers($spawner) == 1 });
	kill 'KILL', workers($spawner);
	all_delivered('a parked one was killed', 2, $spawner);
	finish($spawner);
	all_closed($sink);
	is(per_connection($sink), '1 1 2', 'a new connection');
}
{
	my $flag = temp_dir() . '/go';
	my ($home, $sink) = home("dot wait:$flag 250 ok queued\n");
	my $spawner = start($home);
	print { $spawner->{to} } command('r@dest.example', delnum => 9);
	close $spawner->{to};
	wait_until(sub { -e "$sink->{dir}/1.message.1" });
	spit($flag, '');
	is(report($spawner), "\11$OK\0", 'what runs at EOF is awaited');
	is(join(' ', finish_program($spawner->{pid})), '0 0', 'exit');
}
# The same when qmail-rspawn itself goes: connections are not left behind.
{
	my ($home, $sink) = home('');
	my $spawner = start($home);
	warm_up($spawner, $sink);
	all_delivered('before', 1, $spawner);
	kill 'TERM', $spawner->{pid};
	finish_program($spawner->{pid});
	like(dialogue($sink, 2), qr/C: QUIT\n/, 'TERM: parked workers quit');
}

# --- whose session it is ------------------------------------------------------------------------------------------

{
	my ($home, $sink) = home("user u1 p1\nuser u2 p2\nuser u3 p3\n", controls => {
		smtproutes => ":$P:PORT|u3|p3\n",
		authsenders => "a\@x.example:$P:PORT|u1|p1\nb\@x.example:$P:PORT|u2|p2\n",
	});
	my $spawner = start($home);
	my %user = ('a@x.example' => 'u1', 'b@x.example' => 'u2', 'c@x.example' => 'u3', '' => 'u3');
	for my $round (1 .. 4) {
		is(deliver($spawner, 'r@dest.example', sender => $_), "\0$OK\0", "round $round, sender <$_>") for sort keys %user;
	}
	finish($spawner);
	all_closed($sink);
	my $wrong = 0;
	for my $n (connections($sink)) {
		my @users = dialogue($sink, $n) =~ /^AUTH ok (\S+)/mg;
		my @senders = dialogue($sink, $n) =~ /^C: MAIL FROM:<(.*?)>/mg;
		$wrong++ if @users != 1 || grep { $user{$_} ne $users[0] } @senders;
	}
	is($wrong, 0, 'no connection has another sender\'s mail than its credential\'s (T9)');
	cmp_ok(scalar connections($sink), '<', 16, '... and yet connections were shared');
}
for my $row (
	[ 'smtproutes: another password', sub { control($_[0], smtproutes => ":$P:$_[1]|u|other\n") }, qr/535 no/ ],
	[ 'smtproutes: another user',     sub { control($_[0], smtproutes => ":$P:$_[1]|v|pw\n") }, qr/AUTH ok v/ ],
	[ 'smtproutes: no credential',    sub { control($_[0], smtproutes => ":$P:$_[1]\n") }, qr/C: MAIL/ ],
	[ 'helohost', sub { control($_[0], helohost => "other.example\n") }, qr/EHLO other\.example/ ],
	[ 'me',       sub { control($_[0], me       => "third.example\n") }, qr/EHLO third\.example/ ],
	[ 'authmechs', sub { control($_[0], authmechs => ":LOGIN\n") }, qr/C: AUTH LOGIN/ ],
	[ 'tlspolicy', sub { control($_[0], tlspolicy => ":encrypt\n") }, qr/C: QUIT/ ],
	[ 'touched only', sub { utime 1, 1, "$_[0]/control/smtproutes" }, undef ],
  )
{
	my ($name, $edit, $want) = @$row;
	my ($home, $sink) = home("user u pw\nuser v pw\n", controls => { smtproutes => ":$P:PORT|u|pw\n" });
	my $spawner = start($home);
	warm_up($spawner, $sink);
	all_delivered($name, 2, $spawner);
	$edit->($home, $sink->{port});
	deliver($spawner, 'r@dest.example');
	finish($spawner);
	all_closed($sink);
	is(scalar connections($sink), $want ? 3 : 2, "$name: " . ($want ? 'a new connection' : 'the same connection'));
	like(dialogue($sink, 3), $want, "$name: live at the next delivery (T10)") if $want;
}
{
	my ($home, $sink) = home('');
	my ($other_home, $other) = home('');
	my $spawner = start($home);
	warm_up($spawner, $sink);
	all_delivered('before the edit', 2, $spawner);
	control($home, smtproutes => "dest.example:$P:$other->{port}\n:$P:$sink->{port}\n");
	all_delivered('after the edit', 3, $spawner);
	is(deliver($spawner, 'r@elsewhere.example'), "\0$OK\0", 'another host');
	finish($spawner);
	all_closed($_) for $sink, $other;
	is(per_connection($sink), '1 3', 'the old relay');
	like(per_connection($other), qr/^(?:1 2|3)$/, 'the new one');
	control($home, smtproutes => ":$P:99999\n");
	$spawner = start($home);
	like(deliver($spawner, 'r@dest.example'), qr/\A\0ZUnable to read control files\. \(#4\.3\.0\)\ncontrol\/smtproutes:1/, 'a broken line defers');
	finish($spawner);
}
# A control file of the pool that cannot be read changes nothing but that nothing is kept.
{
	my ($home, $sink) = home('');
	mkdir "$home/control/keptidle";
	my $spawner = start($home);
	all_delivered('unreadable keptidle', 3, $spawner);
	finish($spawner);
	all_closed($sink);
	is(per_connection($sink), '1 1 1', 'unreadable keptidle: one for each');
}

# --- limits ---------------------------------------------------------------------------------------------------------

{
	my $flag = temp_dir() . '/go';
	my ($home, $sink) = home("\@1 dot wait:$flag 250 ok queued\n\@1 dot 250 ok queued\n", controls => { concurrencyperhost => "1\n" });
	my $spawner = start($home);
	print { $spawner->{to} } map { command("r\@host$_.example", delnum => $_) } 1 .. 4;
	wait_until(sub { -e "$sink->{dir}/1.message.1" && workers($spawner) == 4 });
	is(scalar connections($sink), 1, 'concurrencyperhost 1: the others wait');
	spit($flag, '');
	my %reports = reports($spawner, 4);
	is(scalar(grep { $_ eq $OK } values %reports), 4, '... and are delivered');
	finish($spawner);
	all_closed($sink);
	is(per_connection($sink), '4', '... over that connection');
}
{
	my $flag = temp_dir() . '/go';
	my ($home, $sink) = home("\@1 dot wait:$flag 250 ok queued\n\@1 dot 250 ok queued\n",
		controls => { concurrencyperhost => "1\n", concurrencyremote => "500\n" });
	my $spawner = start($home);
	print { $spawner->{to} } map { command("r\@dest.example", delnum => $_) } 1 .. 40;
	my %reports = reports($spawner, 9);
	is(scalar(grep { /\AZToo many connections to $P at a time; control\/concurrencyperhost has the limit\. \(#4\.4\.5\)
Mail for $P waits until \S+Z: concurrency 1 reached \(#4\.3\.2\)\n\z/ } values %reports),
		9, 'a quarter of the slots may wait; the rest comes back later');
	spit($flag, '');
	%reports = reports($spawner, 31);
	is(scalar(grep { $_ eq $OK } values %reports), 31, '... and those that waited are delivered');
	is(finish($spawner), '0 0', 'exit');
}
{
	my ($home, $sink) = home("user u1 p1\nuser u2 p2\n", controls => { concurrencyperhost => "1\n",
		authsenders => "a\@x.example:$P:PORT|u1|p1\nb\@x.example:$P:PORT|u2|p2\n" });
	my $spawner = start($home);
	for my $round (1 .. 3) {
		is(deliver($spawner, 'r@dest.example', sender => "$_\@x.example"), "\0$OK\0", "one place, two credentials, $_") for qw(a b);
	}
	finish($spawner);
}
{
	my ($home, $sink) = home('', controls => { keptidle => "1\n" });
	my $spawner = start($home);
	warm_up($spawner, $sink);
	all_delivered('keptidle 1', 2, $spawner);
	like(dialogue($sink, 2), qr/C: QUIT\n/, 'an idle connection is closed by itself');
	wait_until(sub { !workers($spawner) });
	is(scalar(workers($spawner)), 0, '... and nobody is left');
	all_delivered('afterwards', 1, $spawner);
	is(finish($spawner), '0 0', 'exit');
}
# A new worker that ends before it has begun: the delivery is made as before.  This program has our mark
# and does not know the option; as a qmail-remote it runs the file named by its first argument.
{
	my ($home, $sink) = home('');
	unlink "$home/bin";
	mkdir "$home/bin";
	spit("$home/bin/qmail-remote", slurp($^X) . "\@(#)qferry kept qmail-remote 1", 0755);
	spit("$home/queue/mess/dest.example", 'print "r\0K@ARGV\n\0"');
	my $spawner = start($home);
	is(deliver($spawner, 'r@dest.example'), "\0Ks\@example.net r\@dest.example\n\0", 'who knows no -k is run for each delivery');
	is(finish($spawner), '0 0', '... exit');
}
# Three that are parked for one destination are one too many.
{
	my $flag = temp_dir() . '/go';
	my ($home, $sink) = home("dot wait:$flag 250 ok queued\ndot 250 ok queued\n");
	my $spawner = start($home);
	print { $spawner->{to} } map { command("r\@dest.example", delnum => $_) } 1 .. 5;
	wait_until(sub { 5 == grep { -e "$sink->{dir}/$_.message.1" } 1 .. 5 });
	spit($flag, '');
	my %reports = reports($spawner, 5);
	is(scalar(grep { $_ eq $OK } values %reports), 5, 'five at a time');
	wait_until(sub { 3 == grep { -e "$sink->{dir}/$_.done" } 1 .. 5 });
	is(scalar(grep { !-e "$sink->{dir}/$_.done" } 1 .. 5), 2, 'two stay');
	finish($spawner);
}

# --- recipients of one message together (row 19) ---------------------------------------------------------------------

{
	my ($home, $sink) = home("rcpt bad\@dest.example 550 no\nrcpt full\@dest.example 450 later\n", controls => { keptrecipients => "10\n" });
	my $spawner = start($home);
	my %reports = together($spawner, command('a@dest.example', delnum => 1), command('bad@dest.example', delnum => 2),
		command('full@dest.example', delnum => 3), command('b@dest.example', delnum => 4),
		command('c@other.example', delnum => 5), command('d@dest.example', delnum => 6, sender => 't@example.net'));
	is($reports{$_}, $OK, "together: $_") for 1, 4, 5, 6;
	is($reports{2}, "D$P does not like recipient.\nRemote host said: 550 no\n", 'together: rejected');
	is($reports{3}, "Z$P does not like recipient.\nRemote host said: 450 later\n", 'together: deferred');
	finish($spawner);
	all_closed($sink);
	my @envelopes = sort map { slurp($_) } glob "$sink->{dir}/*.envelope.*";
	is(scalar @envelopes, 3, 'three transactions');
	ok((grep { $_ eq "FFROM:<s\@example.net>\nTTO:<a\@dest.example>\nTTO:<b\@dest.example>\n" } @envelopes), 'same message, sender and host: one');
}
for my $row ([ 'all rejected', "rcpt 550 no\n", "D$P does not like recipient.\nRemote host said: 550 no\nGiving up on $P.\n" ],
	[ 'dot refused', "dot 451 later\n", "Z$P failed after I sent the message.\nRemote host said: 451 later\n" ],
	[ 'hang-up at the second RCPT', "rcpt 250 ok\nrcpt close\n", "ZConnected to $P but connection died. (#4.4.2)\n" ])
{
	my ($name, $script, $want) = @$row;
	my ($home, $sink) = home($script, controls => { keptrecipients => "10\n" });
	my $spawner = start($home);
	my %reports = together($spawner, map { command("r$_\@dest.example", delnum => $_) } 1 .. 3);
	is(join('|', @reports{ 1 .. 3 }), join('|', ($want) x 3), "together, $name");
	finish($spawner);
}
{
	my ($home, $sink) = home('', controls => { keptrecipients => "10\n" });
	my ($other_home, $other) = home('');
	control($home, smtproutes => "b\@dest.example:$P:$other->{port}\n:$P:$sink->{port}\n");
	my $spawner = start($home);
	my %reports = together($spawner, map { command("$_\@dest.example", delnum => ord) } qw(a b c));
	is(scalar(grep { $_ eq $OK } values %reports), 3, 'a recipient with a route of its own goes alone');
	finish($spawner);
	all_closed($_) for $sink, $other;
	is(join('', map { slurp($_) } glob "$other->{dir}/*.envelope.*"), "FFROM:<s\@example.net>\nTTO:<b\@dest.example>\n", '... by that route');
}

# --- wide numbers ------------------------------------------------------------------------------------------------------

{
	my ($home, $sink) = home('', controls => { spawnwidth => "2\n" });
	my $spawner = spawner($home, ['qmail-rspawn']);
	is(greeting($spawner, 2), pack('v', 509), 'wide greeting');
	for my $delnum (508, 300, 7, 8) {
		print { $spawner->{to} } pack('v', $delnum), "3/26\0s\@example.net\0r\@dest.example\0";
		is(report($spawner, 2), pack('v', $delnum) . "$OK\0", "wide: $delnum");
	}
	is(finish($spawner), '0 0', 'wide: exit');
	all_closed($sink);
	cmp_ok(scalar connections($sink), '<=', 2, 'wide: kept');
}

# --- TLS -----------------------------------------------------------------------------------------------------------------

SKIP: {
	skip 'perl has no IO::Socket::SSL, or there is no openssl', 1
	  if system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") != 0 || system('command -v openssl >/dev/null 2>&1') != 0;
	require Qferry::Tls;
	my $pki = temp_dir();
	Qferry::Tls::make_authority($pki, 'ca');
	Qferry::Tls::make_certificate($pki, 'relay', 'ca', alt => "IP:$P");
	spit("$pki/relay.pem", Qferry::Tls::pem($pki, 'relay.key', 'relay.crt'));
	my ($home, $sink) = home("user u pw\n", sink => [ '--cert', "$pki/relay.pem" ],
		controls => { smtproutes => ":$P:PORT|u|pw\n", tlspolicy => "$P:secure ca=$pki/ca.crt\n" });
	my $spawner = start($home);
	warm_up($spawner, $sink);
	all_delivered('STARTTLS and AUTH', 4, $spawner);
	like(dialogue($sink, 1), qr/^TLS TLSv1.*^AUTH ok u/ms, 'verified TLS, then the credential');
	is((() = slurp("$sink->{dir}/2.log") =~ /^(?:TLS TLSv1|AUTH ok u)/mg), 2, 'one handshake and one AUTH for four messages');
	# The trust store is another file now, though it says the same.
	spit("$pki/new", slurp("$pki/ca.crt"));
	rename "$pki/new", "$pki/ca.crt";
	all_delivered('another trust store', 2, $spawner);
	control($home, tlspolicy => "$P:encrypt\n");
	all_delivered('another policy', 2, $spawner);
	is(finish($spawner), '0 0', 'TLS: exit');
	all_closed($sink);
	is(per_connection($sink), '1 4 2 2', 'TLS: a new handshake where the policy or its files changed');
	like(dialogue($sink, 4), qr/C: QUIT\n/, 'TLS: QUIT');

	# A helper that dies takes the session along, and nothing else.
	control($home, tlspolicy => "$P:encrypt\n");
	$spawner = start($home);
	all_delivered('before', 3, $spawner);
	my @helpers = grep { (slurp("/proc/$_/cmdline") // '') =~ /qmail-tls/ } map { descendants($_) } workers($spawner);
	kill 'KILL', @helpers;
	all_delivered('qmail-tls was killed', 2, $spawner);
	finish($spawner);
}

# --- qmail-remote -k by hand ---------------------------------------------------------------------------------------------

is(run_program([ 'qmail-remote', '-k' ], home => instance(me => "x.example\n"))->{out},
	"DI (qmail-remote) was invoked improperly. (#5.3.5)\n\0", 'qmail-remote -k without a socket is an error as ever');

done_testing();
