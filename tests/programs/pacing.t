#!/usr/bin/perl
# pacing: how fast mail leaves by a route and for a destination, and what a server's wish for less does
# (outbound 5.5 rows 13, 15 and 16).  Nothing here is about how long something takes: what is decided is
# seen by reports, connections and what stands in the store.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Spawn;
use Qferry::Test;
use Test::More;

my $P = '127.0.0.1';
my $OK = "K$P accepted message.\nRemote host said: 250 ok queued\n";
my ($RATE, $SLOW, $CLOSED, $PUT_OFF, $HELD) = 10 .. 14;    # enum state_space
my $UNTIL = qr/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/;
my $THROTTLED = '454 Throttling failure: Maximum sending rate exceeded.';

# --- a home with a route for everybody to a sink ----------------------------------------------------

# Options: controls (file => text, PORT is replaced; undef: without it), sink, store (0: none).
sub home {
	my ($script, %o) = @_;
	my $sink = start_sink($script, @{ $o{sink} || [] });
	my %controls = (me => "client.example\n", smtproutes => ":$P:PORT\n", pacing => ":\n", %{ $o{controls} || {} });
	delete $controls{$_} for grep { !defined $controls{$_} } keys %controls;
	s/PORT/$sink->{port}/g for values %controls;
	my $home = instance(%controls);
	queue_tree($home);
	spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n");
	if (!defined $o{store} || $o{store}) { mkdir "$home/$_" for qw(state state/db) }
	return { path => $home, sink => $sink, name => "$P:$sink->{port}" };
}

sub argv { my (@recipients) = @_; return [ 'qmail-remote', 'dest.example', 's@client.example', @recipients ] }

# A delivery by a qmail-remote of its own: the report as qmail-rspawn passes it on, for one recipient.
sub remote {
	my ($home, @recipients) = @_;
	@recipients = ('r@dest.example') unless @recipients;
	my $run = run_program(argv(@recipients), home => $home->{path}, in => "Subject: x\n\nbody\n", limit => 60);
	is("$run->{exit} $run->{err}", '0 ', 'exit 0, nothing on descriptor 2') if "$run->{exit} $run->{err}" ne '0 ';
	return $run->{out};
}

# The last record, without the accepted recipients.
sub message { my ($out) = @_; return $out =~ s/\A(?:r\0)*(.*)\0\z/$1/sr }

sub deliver_ok { my ($home, $name) = @_; return is(message(remote($home)), $OK, $name) }

sub waits_like {
	my ($got, $who, $why, $name) = @_;
	return like($got, qr/\AZMail for \Q$who\E waits until $UNTIL: \Q$why\E \(#4\.3\.2\)\n\z/, $name);
}

sub connections {
	my ($home) = @_;
	return scalar grep { -e "$home->{sink}{dir}/$_.in" } 1 .. 200;
}

# What the store says to these requests: "found 3 age 0 left 60 VALUE".
sub book {
	my ($home, @requests) = @_;
	my $run = run_program([ build() . '/tools/statedriver' ], home => $home->{path}, in => join('', map { "$_\n" } @requests));
	return $run->{out} =~ s/\n\z//r;
}

sub standing { my ($home, $space, $name) = @_; return book($home, "read $space " . ($name // $home->{name})) }

# --- off ----------------------------------------------------------------------------------------------

for my $row (
	[ 'no control/pacing', { pacing => undef }, 1 ],
	[ 'no state/db',       {},                  0 ],
  )
{
	my ($name, $controls, $store) = @$row;
	my $home = home("mail $THROTTLED\n", controls => $controls, store => $store);
	is(message(remote($home)), "ZConnected to $P but sender was rejected.\nRemote host said: $THROTTLED\n",
		"$name: the report is stock's") for 1, 2;
	is(connections($home), 2, "$name: nothing is closed");
	is(standing($home, $CLOSED), 'absent 0', "$name: nothing is remembered") if $store;
}

# --- rates ----------------------------------------------------------------------------------------------

{
	my $home = home('', controls => { pacing => ":perhour=2\n" });
	deliver_ok($home, "within perhour: $_") for 1, 2;
	waits_like(message(remote($home)), $home->{name}, 'perhour 2 reached', 'one more waits');
	is(connections($home), 2, '... and nobody is connected to');
}

{
	my $home = home('', controls => { pacing => "$P:perhour=3 perday=100\n" });
	is(remote($home, 'a@dest.example', 'b@dest.example'), "r\0r\0$OK\0", 'two recipients');
	like(remote($home, 'a@dest.example', 'b@dest.example'), qr/\AZMail for .* perhour 3 reached/, 'recipients are counted');
	deliver_ok($home, 'one recipient fits: the two were not counted');
	like(remote($home), qr/\AZMail for .* perhour 3 reached/, 'then it is full');
	like(book($home, map { "count $RATE \0\0\x0e\x10$home->{name} 0 0 3600 sliding" } 1), qr/^found 3 /, 'the hour has three');
	like(book($home, "count $RATE \0\1\x51\x80$home->{name} 0 0 86400 sliding"), qr/^found 3 /,
		'... and so has the day: all windows or none');
}

{
	my $home = home('', controls => { pacing => "$P:perhour=2\n" });
	is(remote($home, map { "r$_\@dest.example" } 1 .. 5), ("r\0" x 5) . "$OK\0", 'more recipients than the figure go once');
	like(remote($home), qr/\AZMail for .* perhour 2 reached/, '... and fill it');
}

{
	my $home = home('', controls => { pacing => ":persecond=1\n" });
	my @running = map { start_remote($home) } 1 .. 3;
	is(join('', map { ended($_) } @running), "r\0$OK\0" x 3, 'who has to wait a second does so');
}

sub start_remote {
	my ($home) = @_;
	my $dir = temp_dir();
	spit("$dir/in", "Subject: x\n\nbody\n");
	open my $in,  '<', "$dir/in"  or die;
	open my $out, '>', "$dir/out" or die;
	return { dir => $dir, pid => start_program(argv('r@dest.example'), home => $home->{path}, fds => { 0 => $in, 1 => $out, 2 => $out }) };
}

sub ended { my ($running) = @_; finish_program($running->{pid}, 60); return slurp("$running->{dir}/out") }

{
	my $home = home('', controls => { pacing => ":perhour=1\n", smtproutes => ":$P:1\n" });
	like(remote($home), qr/\AZSorry, I wasn't able/, 'nobody listens');
	like(remote($home), qr/\AZSorry, I wasn't able/, 'what was not used is given back');
}

{
	my $home = home("mail 250 ok\n", controls => { pacing => ":perhour=1\n" });
	my @times;
	deliver_ok($home, 'the hour is full');
	for (1 .. 3) {
		my ($until) = remote($home) =~ /until ($UNTIL)/;
		push @times, $until;
	}
	is_deeply([ sort keys %{ { map { $_ => 1 } @times } } ], \@times, 'who waits gets a time of his own, one after the other');
}

# --- what a server says ------------------------------------------------------------------------------------

for my $row (
	[ 'greeting', "greeting 421 4.7.0 Try again later, closing connection. (HELO) x\n" ],
	[ 'EHLO',     "ehlo 421 4.7.28 Our system has detected an unusual rate\n" ],
	[ 'MAIL',     "mail $THROTTLED\n" ],
	[ 'RCPT',     "rcpt 451 4.7.500 Server busy. Please try again later.\n" ],
	[ 'DATA',     "data 450 4.2.1 Peak SMTP relay limit exceeded for customer.\n" ],
	[ 'dot',      "dot 451 4.7.652 The mail server [x] has exceeded the maximum number of connections.\n" ],
	[ '421 many', "mail 421 4.7.0 Too many concurrent SMTP connections\n" ],
	[ 'lines',    "mail 421-please|421 rate limit exceeded\n" ],
  )
{
	my ($stage, $script) = @$row;
	my ($reply) = $script =~ /(4\d\d[- ].*?)(?:\||\n)/;
	my $home = home($script, controls => { pacing => ":pause=3600\n" });
	my $first = remote($home);
	like($first, qr/\A(?:r\0)?[Zs][^\n]*\nMail for \Q$home->{name}\E waits until $UNTIL: \Q$reply\E \(#4\.3\.2\)\nRemote host said: /,
		"$stage: the report says that it waits, and the reply");
	like(standing($home, $SLOW), qr/^found 512 /, "$stage: half of the rate is left");
	waits_like(message(remote($home)), $home->{name}, $reply, "$stage: the next one waits");
	is(connections($home), 1, "$stage: nobody is connected to");
}

{
	my $home = home("mail $THROTTLED\n\@3 mail 250 ok\n", controls => { pacing => ":pause=3600 perhour=4\n" });
	remote($home);
	like(standing($home, $CLOSED), qr/^found 0 age \d+ left 3[56]\d\d 454 Throttling/, 'closed for as long as pause says');
	book($home, "forget $CLOSED $home->{name}");
	remote($home);
	like(standing($home, $SLOW), qr/^found 256 /, 'a second slow-down halves again');
	is(connections($home), 2, 'open again, and connected to');
	book($home, "forget $CLOSED $home->{name}");
	waits_like(message(remote($home)), $home->{name}, 'perhour 1 of 4 reached', 'a quarter of four is one');
}

# --- which replies, and what they become ---------------------------------------------------------------

my $DAILY = '550 5.4.5 Daily user sending limit exceeded. For more information on Gmail';
for my $row (
	# script, control/slowdown, letter, seconds that it is closed for (0: it is not)
	[ "mail $DAILY",                       undef,                              'Z', 14400, 'the quota of a day is no bounce' ],
	[ "dot $DAILY",                        undef,                              'Z', 14400, '... nor behind the message' ],
	[ 'mail 550 5.4.5 no such thing',      undef,                              'D', 0,     'another 5.4.5 is' ],
	[ 'mail 550 5.7.1 daily quota reached', undef,                             'D', 0,     'a permanent reply, if its code is not written out' ],
	[ 'mail 554 5.7.1 throttled',          "* throttl slow\n",                 'D', 0,     '"*" is of temporary replies only' ],
	[ 'mail 554 5.7.1 throttled',          "554 throttl close 10m\n",          'Z', 600,   'a permanent reply by its own line' ],
	[ "mail $THROTTLED",                   "454 throttl* pass\n",              'Z', 0,     'a built-in one taken out' ],
	[ "mail $THROTTLED",                   "# x\n454 max*rate close 24h\n",    'Z', 86400, 'close instead of slow' ],
	[ 'mail 454 Throttling failure: Daily message quota exceeded', undef,      'Z', 3600,  'the quota of a day closes for longer' ],
	[ 'mail 452 4.5.3 too many recipients', undef,                             'Z', 0,     'not about the route' ],
	[ 'mail 450 4.2.1 The user you are trying to contact is receiving mail too quickly', undef, 'Z', 0, 'nor this' ],
	[ 'mail 450 4.2.0 greylisted, try again later', undef,                     'Z', 0,     'nor this one' ],
  )
{
	my ($script, $lines, $letter, $seconds, $name) = @$row;
	my $home = home("$script\n", controls => { slowdown => $lines });
	like(message(remote($home)), qr/\A$letter/, "$name: $letter");
	my ($left) = standing($home, $CLOSED) =~ /left (\d+)/;
	ok($seconds ? ($left // 0) > $seconds - 60 && $left <= $seconds : !defined $left, "$name: closed for $seconds s")
	  or diag($left // 'not closed');
}

{
	my $home = home("rcpt $DAILY\n");
	is(remote($home) =~ /\As[^\0]*\0D/ ? 1 : 0, 1, 'a recipient who waits: s');
	my $plain = home("rcpt 550 no\n");
	is(remote($plain), "h$P does not like recipient.\nRemote host said: 550 no\n\0DGiving up on $P.\n\0", 'one who does not: h');
}

# --- whose figures ---------------------------------------------------------------------------------------

{
	my $home = home('', controls => { pacing => "dest.example:perhour=1\n$P:perhour=50\n" });
	deliver_ok($home, 'within the figure of a destination');
	waits_like(message(remote($home)), 'dest.example', 'perhour 1 reached', 'a destination behind a relay');
	my $other = run_program([ 'qmail-remote', 'other.example', '', 'r@other.example' ], home => $home->{path}, in => "x\n");
	is(message($other->{out}), $OK, 'another destination by the same relay');
}

{
	my %files = ('routes/r/relay' => "$P:PORT\n", 'routes/r/perhour' => "1\n", 'routes/r/slowdown' => "450 own words close 5m\n");
	my $home = home("\@2 mail 450 some own words\n", controls => { smtproutes => ":\@r\n", pacing => undef, %files });
	deliver_ok($home, 'a named route');
	waits_like(message(remote($home)), '@r', 'perhour 1 reached', 'its directory has the figure');
	control($home->{path}, 'pacing', "\@r:perhour=2\n:perhour=1\n");
	like(message(remote($home)), qr/\AZ.*\nMail for \@r waits until $UNTIL: 450 some own words /, 'its line in control/pacing wins');
	like(standing($home, $CLOSED, '@r'), qr/left (?:29\d|300) 450 some/, '... and its slowdown counts');
}

# --- broken settings, a lost store -----------------------------------------------------------------------

for my $row (
	[ { pacing => "dest.example:persecond=x\n" },        'control/pacing:1: not attributes of pacing' ],
	[ { pacing => "#\n:perhour\n" },                     'control/pacing:2: not attributes of pacing' ],
	[ { pacing => ":perweek=1\n" },                      'control/pacing:1: not attributes of pacing' ],
	[ { slowdown => "454 x slow\n454 slow\n" },          'control/slowdown:2: not "code pattern action"' ],
	[ { slowdown => "250 x slow\n" },                    'control/slowdown:1: not "code pattern action"' ],
	[ { slowdown => "454 x close never\n" },             'control/slowdown:1: not "code pattern action"' ],
	[ { smtproutes => ":\@r\n", 'routes/r/relay' => "$P:PORT\n", 'routes/r/persecond' => "fast\n" }, 'control/routes/r/persecond:1: not a number' ],
  )
{
	my ($controls, $why) = @$row;
	my $home = home('', controls => $controls);
	is(message(remote($home)), "ZUnable to read control files. (#4.3.0)\n$why\n", "broken: $why");
	is(connections($home), 0, '... and nobody is connected to');
}

deliver_ok(home('', controls => { pacing => "other.example:persecond=x\nno colon\n" }), 'a broken line of others is none of ours');

{
	my $home = home("\@2 mail $DAILY\n", controls => { pacing => ":perhour=1 concurrency=1\n" });
	deliver_ok($home, 'the store is there');
	rename "$home->{path}/state/db", "$home->{path}/state/away" or die;
	spit("$home->{path}/state/db", 'no store');
	is(message(remote($home)), "ZConnected to $P but sender was rejected.\nRemote host said: $DAILY\n",
		'a store that is lost: nothing waits, and yet no bounce');
}

# --- connections -----------------------------------------------------------------------------------------

{
	my $dir = temp_dir();
	my $home = home("\@1 mail wait:$dir/go 250 ok\n", controls => { pacing => ":concurrency=1\n", concurrencyremote => "4\n" });
	my $first = start_remote($home);
	ok(wait_until(sub { connections($home) == 1 }), 'one is connected');
	my $second = start_remote($home);
	ok(wait_until(sub { standing($home, $HELD, '@') =~ /^found 1 / }), 'a second one waits');
	waits_like(message(remote($home)), $home->{name}, 'concurrency 1 reached', 'a third one has no seat to wait in');
	is(connections($home), 1, 'one connection still');
	spit("$dir/go", '');
	is(ended($first),  "r\0$OK\0", 'the first is delivered');
	is(ended($second), "r\0$OK\0", 'the second then has its turn');
	is(standing($home, $HELD), 'absent 0', 'no connection is held');
	is(standing($home, $HELD, '@'), 'absent 0', 'no seat is held');
}

{
	my $home = home("mail hang\n\@2 mail 250 ok\n", controls => { pacing => ":concurrency=1\n", concurrencyremote => "1\n" });
	my $running = start_remote($home);
	ok(wait_until(sub { standing($home, $HELD) =~ /^found 1 / && connections($home) == 1 }), 'a connection is held');
	kill 'KILL', $running->{pid};
	finish_program($running->{pid});
	like(standing($home, $HELD), qr/^found 1 age \d+ left (?:[1-5]\d\d|600|\d\d?) /, 'its holder was killed: it is free after a while');
}

# --- kept workers ----------------------------------------------------------------------------------------

sub start {
	my ($home) = @_;
	my $spawner = spawner($home->{path}, ['qmail-rspawn']);
	greeting($spawner, 1);
	return $spawner;
}

sub reports {
	my ($spawner, $count) = @_;
	my @reports = split /(?<=\0)(?=.)/s, receive($spawner, sub { (() = $_[0] =~ /.[KZD][^\0]*\0/gs) >= $count });
	return map { /\A.(.*)\0\z/s } @reports;
}

{
	my $home = home('', controls => { pacing => ":perhour=3\n" });
	my $spawner = start($home);
	my @reports = map { (deliver($spawner, 'r@dest.example') =~ /\A.(.*)\0\z/s)[0] } 1 .. 6;
	is(scalar(grep { $_ eq $OK } @reports), 3, 'kept: as many as the figure');
	waits_like($_, $home->{name}, 'perhour 3 reached', 'kept: the others wait') for @reports[3 .. 5];
	ok(connections($home) <= 3, 'kept: who waits does not connect');
	like(message(remote($home)), qr/\AZMail for/, 'a qmail-remote of its own counts in the same book');
	is(finish($spawner), '0 0', 'exit');
}

{
	my $home = home('', controls => { pacing => ":concurrency=1\n", concurrencyremote => "48\n" });
	my $spawner = start($home);
	print { $spawner->{to} } join '', map { command("r$_\@dest.example", delnum => $_) } 1 .. 12;
	is_deeply([ reports($spawner, 12) ], [ ($OK) x 12 ], 'kept: all are delivered');
	is(connections($home), 1, 'kept: one after the other, over one connection');
	is(finish($spawner), '0 0', 'exit');
	ok(wait_until(sub { standing($home, $HELD) eq 'absent 0' }), 'kept: the connection is given back');
}

{
	my $home = home("mail 250 ok\nmail 250 ok\nmail $THROTTLED\n", controls => { pacing => ":pause=3600\n" });
	my $spawner = start($home);
	my @reports = map { (deliver($spawner, 'r@dest.example') =~ /\A.(.*)\0\z/s)[0] } 1 .. 6;
	my ($waiting) = grep { $reports[$_] ne $OK } 0 .. 5;
	like($reports[$waiting], qr/\AZConnected to $P but sender was rejected.\nMail for \Q$home->{name}\E waits until $UNTIL: \Q$THROTTLED\E/,
		'kept: a slow-down over a connection that is used again');
	waits_like($_, $home->{name}, $THROTTLED, 'kept: then all wait') for @reports[ $waiting + 1 .. 5 ];
	waits_like(message(remote($home)), $home->{name}, $THROTTLED, 'kept: and so do others');
	is(finish($spawner), '0 0', 'exit');
}

done_testing;
