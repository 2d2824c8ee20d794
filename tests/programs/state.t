#!/usr/bin/perl
# qmail-state: operations through a caller of wire/state.h, on demand and resident; many at once,
# killed at any moment, damaged stores, small limits, hostile frames (DESIGN 4, 7, 9).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use IO::Socket::UNIX;
use POSIX ();
use Socket qw(AF_UNIX SOCK_SEQPACKET pack_sockaddr_un);
use Test::More;
use Qferry::Test;

my ($OK, $NO, $LATER, $MALFORMED, $UNSUPPORTED) = 0 .. 4;
my $driver = build() . '/tools/statedriver';
my $sanitized = slurp(build() . '/stamp/cool') =~ /-fsanitize/;

sub home {
	my $home = instance(@_);
	mkdir "$home/$_" for qw(run run/state state state/db);
	return $home;
}

# Another home that shares the store, where nothing is resident.
sub twin {
	my ($home) = @_;
	my $twin = instance();
	symlink "$home/state", "$twin/state" or die;
	return $twin;
}

# --- a caller ----------------------------------------------------------------------------------

# The answers to these lines, and what was said on descriptor 2.
sub talk {
	my ($home, $lines, %with) = @_;
	my $run = run_program([ @{ $with{in_front} || [] }, $driver, '-d', $with{ms} || 15000 ],
		home => $home, in => $lines, limit => 60);
	is("$run->{exit} $run->{signal}", '0 0', 'the caller ends well') if $run->{exit} || $run->{signal};
	is(sanitizer_report($run->{err}), undef, 'no report of a sanitizer') if sanitizer_report($run->{err});
	return wantarray ? ($run->{out}, $run->{err}) : $run->{out};
}

# Several at once: their outputs.
sub talk_at_once {
	my (@each) = @_;
	my (@running, @out);
	for my $one (@each) {
		my ($home, $lines) = @$one;
		my $dir = temp_dir();
		spit("$dir/in", $lines);
		open my $in,  '<', "$dir/in"  or die;
		open my $out, '>', "$dir/out" or die;
		push @running, [ start_program([$driver], home => $home, fds => { 0 => $in, 1 => $out, 2 => \*STDERR }), "$dir/out" ];
	}
	for my $one (@running) {
		finish_program($one->[0], 120);
		push @out, slurp($one->[1]);
	}
	return @out;
}

# --- the program -------------------------------------------------------------------------------

sub start_resident {
	my ($home) = @_;
	open my $err, '>>', "$home/stderr" or die;
	my $pid = start_program([ 'qmail-state', 'serve' ], home => $home, fds => { 2 => $err });
	ok(wait_until(sub { connect_to($home) }), 'it listens');
	return $pid;
}

sub connect_to {
	my ($home) = @_;
	socket(my $socket, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
	return connect($socket, pack_sockaddr_un("$home/run/state/sock")) ? $socket : undef;
}

sub stop_resident {
	my ($home, $pid) = @_;
	kill 'TERM', $pid;
	is(join(' ', finish_program($pid)), '0 0', 'SIGTERM ends it');
	is(sanitizer_report(slurp("$home/stderr")), undef, 'no report of a sanitizer');
}

sub start_on_demand {
	my ($home) = @_;
	socketpair(my $ours, my $theirs, AF_UNIX, SOCK_SEQPACKET, 0) or die "socketpair: $!";
	open my $err, '>>', "$home/stderr" or die;
	my $pid = start_program(['qmail-state'], home => $home, fds => { 0 => $theirs, 2 => $err });
	return ($pid, $ours);
}

sub frame {
	my ($kind, $id, @fields) = @_;
	return pack('a2CCNNCCn', 'QF', 1, $kind, $id, 5000, 0, 0, 0) . join '', map { pack 'nn/a*', @$_ } @fields;
}

sub op {
	my ($verb, $key, %with) = @_;
	return [ 64, pack 'CCCC/a*NNNNQ>C/a*', $verb, $with{flags} || 0, $with{space} || 0, $key, $with{amount} || 0,
		$with{limit} || 0, $with{window} || 0, $with{keep} || 0, $with{holder} || 0, $with{value} // '' ];
}

# The next answer: { status, id, counts => [...] }; undef at the end or after 20 s.
sub receive {
	my ($socket) = @_;
	IO::Select->new($socket)->can_read(20) or return undef;
	my $n = sysread $socket, my $bytes, 65536;
	return undef unless $n;
	my (undef, undef, $kind, $id, undef, $status, undef, undef, $rest) = unpack 'a2CCNNCCna*', $bytes;
	my %answer = (kind => $kind, id => $id, status => $status, counts => []);
	while (length $rest) {
		my ($tag, $value) = unpack 'nn/a*', $rest;
		push @{ $answer{counts} }, (unpack 'CQ>Q>Q>Q>Q>', $value)[5] if $tag == 65;
		$rest = substr $rest, 4 + length $value;
	}
	return \%answer;
}

sub exchange { my ($socket, $frame) = @_; syswrite $socket, $frame; return receive($socket) }

# --- what it does ------------------------------------------------------------------------------

my @dialogue = (
	[ 'read 0 k',                         'absent 0' ],
	[ 'count 0 k 1 0 5000',               'found 1 age 0 left 5000' ],
	[ 'count 0 k 2 4 5000',               'found 3 age N left N' ],
	[ 'count 0 k 2 4 5000',               'over 3 age N left N' ],
	[ 'count 1 k 0 0 5000',               'absent 0' ],
	[ 'count 0 s 5 0 5000 sliding',       'found 5 age 0 left 10000' ],
	[ 'set 8 ban reason 5000',            'found 0 age 0 left 5000' ],
	[ 'read 8 ban',                       'found 0 age N left N reason' ],
	[ 'seen 3 t 0 5000 9000',             'absent 0 age 0 left 5000' ],
	[ 'seen 3 t 0 5000 9000',             'found 1 age N left N' ],
	[ 'seen 3 u 4000 5000 9000',          'absent 0 age 0 left 5000' ],
	[ 'seen 3 u 4000 5000 9000',          'over 0 age N left N' ],
	[ 'hold 6 n 1 2 500;hold 6 n 2 2 500;hold 6 n 3 2 500', 'found 1 age N left N; found 2 age N left N; over 2 age N left N' ],
	[ 'close' ],
	[ 'hold 6 n 1 2 500;drop 6 n 1;drop 6 n 1;hold 6 n 3 2 500', 'found 2 age N left N; found 1 age N left N; absent 1 age N left N; found 2 age N left N' ],
	[ 'forget 8 ban',                     'found 0 age N left N reason' ],
	[ 'forget 8 ban',                     'absent 0' ],
	[ 'count 0 k 0 0 5000',               'found 3 age N left N' ],
	[ 'count 0 ' . 'l' x 300 . ' 1 0 60', 'found 1 age N left N' ],
	[ 'count 0 ' . 'l' x 301 . ' 1 0 60', 'found 1 age N left N' ],
	[ 'count 0 ' . 'l' x 300 . ' 1 0 60', 'found 2 age N left N' ],
);

# Seconds may pass between two lines.
sub tamed { my ($text) = @_; $text =~ s/age \d+ left \d+/age N left N/g; return $text }

sub dialogue {
	my ($home, $what) = @_;
	my @got = split /\n/, talk($home, join '', map { "$_->[0]\n" } @dialogue);
	is(tamed(shift @got), tamed($_->[1]), "$what: " . substr $_->[0], 0, 40) for grep { $_->[1] } @dialogue;
}

dialogue(home(), 'on demand');
{
	my $home = home();
	my $pid = start_resident($home);
	dialogue($home, 'resident');
	is((stat "$home/state/db/data.mdb")[2] & 07777, 0660, 'the store is the group\'s too');
	isnt(join(' ', finish_program(start_program([ 'qmail-state', 'serve' ], home => $home))), '0 0', 'a second service ends');
	like(talk($home, "count 0 k 0 0 5000\n"), qr/^found 3/, 'and the first goes on');
	stop_resident($home, $pid);
	like(talk($home, "count 0 k 0 0 5000\n"), qr/^found 3/, 'what the service kept is there on demand');
}

# --- time: a record ends ---
{
	my $home = home();
	is(talk($home, "count 0 k 1 0 1\n"), "found 1 age 0 left 1\n", 'a second');
	ok(wait_until(sub { talk($home, "read 0 k\n") eq "absent 0\n" }), 'is over after a while');
}

# --- many at once ---
{
	my $home = home();
	my $pid = start_resident($home);
	my $twin = twin($home);
	talk_at_once(map { [ $_ % 2 ? $home : $twin, "again 100\ncount 0 together 1 0 5000\n" ] } 1 .. 8);
	like(talk($twin, "read 0 together\n"), qr/^found 800 /, 'none is lost, resident and on demand at once');
	my @out = talk_at_once(map { [ $_ % 2 ? $home : $twin, "hold 6 n $_ 3 5000\n" ] } 1 .. 8);
	is(scalar(grep { /^found/ } @out), 3, 'three of eight hold');
	stop_resident($home, $pid);
}

# --- killed at any moment ---
{
	my $home = home();
	my ($answered, $most) = (0, 0);
	for my $round (1 .. 25) {
		my ($pid, $socket) = start_on_demand($home);
		my $asked = 0;
		for (1 .. $round % 7) {
			$asked++;
			my $answer = exchange($socket, frame(64, $asked, op(2, 'k', amount => 1, window => 5000), op(2, "r$round", amount => 1, window => 5000)));
			$answered++ if $answer && $answer->{status} == $OK;
		}
		syswrite $socket, frame(64, 99, op(2, 'k', amount => 1, window => 5000));
		select undef, undef, undef, ($round % 5) * 0.0004;
		kill 'KILL', $pid;
		finish_program($pid);
		$most += $asked + 1;
	}
	my ($count) = talk($home, "read 0 k\n") =~ /^found (\d+)/;
	ok(defined $count && $count >= $answered && $count <= $most, 'what was answered is kept: ' . ($count // 'none') . " of $answered to $most");
	ok(!-e "$home/state/db/damaged.mdb", 'and the store is whole');
}
{
	my $home = home();
	my $pid = start_resident($home);
	my $twin = twin($home);
	my $caller = fork // die;
	if ($caller == 0) {
		spit("$twin/answers", join '', talk_at_once(map { [ $twin, "again 150\ncount 0 other 1 0 5000\n" ] } 1 .. 3));
		POSIX::_exit(0);
	}
	for (1 .. 15) {
		my $socket = connect_to($home);
		syswrite $socket, frame(64, 1, op(2, 'k', amount => 1, window => 5000)) if $socket;
		kill 'KILL', $pid;
		finish_program($pid);
		$pid = start_resident($home);
	}
	waitpid $caller, 0;
	unlike(slurp("$twin/answers"), qr/failed/, 'no question fails while a service is killed');
	like(talk($home, "read 0 other\n"), qr/^found 450 /, 'a service that is killed does not hold up the others');
	kill 'KILL', $pid;
	finish_program($pid);
	like(talk($home, "read 0 other\n"), qr/^found 450 /, 'its socket without a listener is no obstacle');
}

# --- damaged stores: begun anew, at the second try at the latest ---
# Three hundred records, of which the last is told.
my $fill = "again 20\n" . join(';', map { "count 0 key$_-% 1 0 5000" } 1 .. 15) . "\n";

sub filled {
	my $home = home();
	talk($home, $fill);
	return $home;
}

for my $case (
	[ 'zeros in the middle', sub { overwrite($_[0], 8192, "\0" x ((-s $_[0]) - 8192)) } ],
	[ 'garbage in the middle', sub { overwrite($_[0], 8192, pack('C*', map { ($_ * 7919) % 251 } 1 .. (-s $_[0]) - 8192)) } ],
	[ 'all ones', sub { overwrite($_[0], 8192, "\xff" x ((-s $_[0]) - 8192)) } ],
	[ 'garbage at its start', sub { overwrite($_[0], 0, 'x' x 8192) } ],
	[ 'cut to two pages', sub { truncate $_[0], 8192 } ],
	[ 'cut inside the first page', sub { truncate $_[0], 100 } ],
	[ 'gone', sub { unlink $_[0] } ],
	[ 'a mark of a crash', sub { spit($_[0] =~ s/data\.mdb$/damaged/r, '') } ],
) {
	my ($name, $damage) = @$case;
	my $home = filled();
	$damage->("$home/state/db/data.mdb");
	my $tries = 0;
	my $said = '';
	my $ok = wait_until(sub {
		$tries++;
		my ($out, $err) = talk($home, $fill);
		$said .= $err;
		return $out =~ /^found 1 /;
	}, 10);
	ok($ok && $tries <= 2, "$name: begun anew ($tries)") or diag $said;
	like($said, qr/store\\x20set\\x20aside\\x20as\\x20damaged\.mdb/, "$name: and said") unless $name eq 'gone';
	ok(-e "$home/state/db/damaged.mdb", "$name: kept") unless $name eq 'gone';
	ok(!-e "$home/state/db/damaged", "$name: no mark is left");
}

sub overwrite {
	my ($file, $at, $bytes) = @_;
	open my $out, '+<', $file or die;
	sysseek $out, $at, 0;
	syswrite $out, $bytes;
}

{
	my $home = filled();
	my $pid = start_resident($home);
	my $socket = connect_to($home);
	is(exchange($socket, frame(64, 1, op(1, 'key1-1')))->{counts}[0], 1, 'a service has the store open');
	unlink glob "$home/state/db/*";
	is(exchange($socket, frame(64, 2, op(2, 'key1-1', amount => 5, window => 5000)))->{counts}[0], 5, 'it is removed: begun anew');
	like(talk(twin($home), "read 0 key1-1\n"), qr/^found 5 /, 'and the same for all');
	stop_resident($home, $pid);
}

# --- no store, small limits ---
{
	my $home = home();
	rmdir "$home/state/db";
	my ($out, $err) = talk($home, "count 0 k 1 0 60\n");
	is($out, "failed the store cannot be used\n", 'no directory: could not find out');
	like($err, qr/^qmail-state\[\d+\]: serve helper=state reason=store\\x20cannot\\x20be\\x20used file=state\/db error=No/m, 'and said');
	mkdir "$home/state/db";
	unlink "$home/bin";
	is(talk($home, "count 0 k 1 0 60\n"), "failed no such helper\n", 'no program');
}
{
	my ($out, $err) = talk(home(limits => "state_bytes:many\n"), "count 0 k 1 0 60\n");
	is($out, "found 1 age 0 left 60\n", 'a broken control/limits is no obstacle');
	like($err, qr/config.*control\/limits:1/, 'and said');
}
{
	my $home = home(limits => "state_bytes:1048576\n");
	my $value = 'v' x 250;
	is(talk($home, "set 8 key $value 4000\nset 8 other $value 4000\nread 8 key\n") =~ tr/\n//, 3, 'limit state_bytes, at: what fits is kept');
	my $out = talk($home, "again 10\nset 8 old-% $value 4000\nagain 400\n" . join(';', map { "set 8 $_-% $value 5000" } 1 .. 10) .
		  "\nread 8 old-0\nread 8 9-399\nread 8 1-0\n");
	like($out, qr/^(?:found.*\n){2}absent 0\nfound 0.*\nabsent 0\n\z/, 'limit state_bytes, over: a store of 1 MB takes more than that, and forgets what ends first');
	ok(-s "$home/state/db/data.mdb" <= 2 << 20, 'and stays small');
}
SKIP: {
	skip 'address sanitizer wants all of the address space', 4 if $sanitized;
	for my $kind ('-S', '-H -S') {
		my $home = home();
		my @limited = ('/bin/bash', '-c', "ulimit $kind -v 24414; exec \"\$@\"", 'sh');
		is(talk($home, "count 0 k 1 0 60\n", in_front => \@limited), "found 1 age 0 left 60\n", "softlimit -m 25000000 ($kind)");
		is(tamed(talk($home, "count 0 k 1 0 60\n")), "found 2 age N left N\n", 'the same store without');
	}
}

# --- a helper that is stuck ---
{
	my $home = home();
	my $pid = start_resident($home);
	kill 'STOP', $pid;
	is(talk($home, "count 0 k 1 0 60\n", ms => 200), "failed helper too slow\n", 'a service that does not answer');
	kill 'CONT', $pid;
	stop_resident($home, $pid);
}

# --- hostile frames ---
{
	my $home = home();
	my $pid = start_resident($home);
	my $good = op(2, 'k', amount => 1, window => 5000);
	for my $case (
		[ 'no operation',            frame(64, 7),                                        $MALFORMED ],
		[ 'a broken one',            frame(64, 7, [ 64, "\2" ]),                          $MALFORMED ],
		[ 'a broken one behind one', frame(64, 7, $good, [ 64, "\2\0" ]),                 $MALFORMED ],
		[ 'seventeen',               frame(64, 7, ($good) x 17),                          $MALFORMED ],
		[ 'an unknown verb',         frame(64, 7, $good, op(99, 'k')),                    $UNSUPPORTED ],
		[ 'an unknown kind',         frame(65, 7, $good),                                 $UNSUPPORTED ],
		[ 'another version',         "QF\2" . substr(frame(64, 7, $good), 3),             $UNSUPPORTED ],
		[ 'hello',                   frame(1, 7),                                         $OK ],
		[ 'an empty key',            frame(64, 7, op(1, '')),                             $OK ],
		[ 'the longest key',         frame(64, 7, op(2, "\xff" x 255, space => 255, amount => 1, window => 9)), $OK ],
		[ 'the longest value',       frame(64, 7, op(3, 'v', keep => 9, value => 'v' x 255)), $OK ],
		[ 'a tag of a later release', frame(64, 7, op(1, 'n'), [ 999, 'x' ]),             $OK ],
	) {
		my ($name, $frame, $status) = @$case;
		my $answer = exchange(connect_to($home), $frame);
		is($answer && "$answer->{id} $answer->{status}", "7 $status", $name);
	}
	for my $garbage ('x', 'QF', 'x' x 65536, frame(64, 7, $good) . "\0", pack('a2CCNNCCn', 'QF', 1, 64, 7, 0, 0, 3, 0)) {
		my $socket = connect_to($home);
		is(exchange($socket, $garbage), undef, 'garbage ends the connection: ' . unpack 'H20', $garbage);
	}
	my $answer = exchange(connect_to($home), frame(64, 8, op(1, 'k')));
	is_deeply($answer->{counts}, [0], 'nothing of a request that was refused was done');
	my $deaf = connect_to($home);
	$deaf->blocking(0);
	for (1 .. 5000) { syswrite $deaf, frame(64, $_, op(1, 'v')) or last }
	my @others = map { connect_to($home) } 1 .. 20;
	is(exchange($_, frame(64, 1, $good))->{status}, $OK, 'others are served') for @others;
	is(exchange($others[0], frame(64, 1, op(1, 'k')))->{counts}[0], 20, 'each once');
	stop_resident($home, $pid);
}

is(run_program([ 'qmail-state', 'what' ], home => home())->{exit}, 100, 'usage');
is(run_program(['qmail-state'], home => '/nonexistent', dir => '/')->{exit}, 111, 'no home');
{
	my $home = home();
	rmdir "$home/run/state";
	my $run = run_program([ 'qmail-state', 'serve' ], home => $home);
	is($run->{exit}, 111, 'no place for its socket');
	like($run->{err}, qr/cannot\\x20listen/, 'and said');
}
done_testing();
