#!/usr/bin/perl
# qmail-remote and servers that mean no good, or are broken: replies without end, huge lines, NULs, more replies than
# commands, replies in the wrong place (outbound 2.7, 7 "replies").  In bounded memory, with the right report, and no
# recipient lost or acknowledged twice; alone and kept by qmail-rspawn.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Remote;
use Qferry::Spawn qw(spawner greeting finish);
use Qferry::Test;
use Test::More;

# Memory for the program itself, buffers, and a reply of 64 KB; a sanitizer needs more than this to start at all.
my @bounded = ('/bin/sh', '-c', 'ulimit -v 8000 && exec "$0" "$@"');
{
	my $run = run_program([ @bounded, program('qmail-remote') ], home => instance(me => "c\n"));
	@bounded = () unless $run->{out} =~ /^DI \(qmail-remote\)/;
}

my $GREETING = "Connected to $P but greeting failed.";
my $NAME     = "Connected to $P but my name was rejected.";
my $SENDER   = "Connected to $P but sender was rejected.";
my $RCPT     = "$P does not like recipient.";
my $DATA     = "$P failed on DATA command.";
my $DOT      = "$P failed after I sent the message.";
my %before   = (greeting => '', ehlo => '', helo => '', mail => '', rcpt => '', data => "r\0", dot => "r\0");

# --- replies without end, huge lines, NULs, at each stage ------------------------------------------------------

for my $stage (qw(greeting ehlo helo mail rcpt data dot)) {
	my $code = { greeting => 220, data => 354 }->{$stage} || 250;
	my $died = $before{$stage} . ($stage eq 'dot' ? $MAYBE_TWICE : $DIED);
	my $prefix = $stage eq 'helo' ? "ehlo 502 no\n" : '';
	for my $row (
		[ 'lines without end',         "flood:$code-more\\r\\n",        $died ],
		[ 'a line without end',        "flood:$code",                   $died ],
		[ 'blanks without end',        "times:1:$code then:flood: ",    $died ],
		[ 'no reply at all',           'raw:<html>\r\n',                $died ],
		[ 'NULs without end',          'flood:\0',                      $died ],
		[ 'a code of letters',         'raw:2x0 hm\r\n',                $died ],
		[ 'a code of zeros',           'raw:000 hm\r\n',                $died ],
		[ 'four digits',               'raw:2500 hm\r\n',               $died ],
		[ '100 lines',                 "times:100:$code-more\\r\\nthen:raw:$code end\\r\\n", $died ],
		[ 'a huge line',               "times:1:$code then:times:60000:ythen:raw:\\r\\n", 'ok' ],
		[ 'NULs in it',                "raw:$code a\\0\\0b\\r\\n",      'ok' ],
		[ 'a bare LF',                 "raw:$code ok\\n",               'ok' ],
		[ 'nothing but the code',      "raw:$code\\r\\n",               'ok' ],
		[ '99 lines',                  "times:99:$code-more\\r\\nthen:raw:$code end\\r\\n", 'ok' ],
	  )
	{
		my ($name, $reply, $want) = @$row;
		my $run = remote("$prefix$stage $reply\n", wrap => [@bounded]);
		my $title = "$name at $stage";
		if ($want eq 'ok') {
			like($run->{out}, qr/\Ar\0K\Q$P\E accepted message\.\nRemote host said: 250[- \n]/, $title);
			cmp_ok(length $run->{out}, '<', 5100, '... of which not more than 5000 octets are kept (1.2)');
			unlike(substr($run->{out}, 2), qr/\0.|\r/s, '... without NUL and CR');
			next;
		}
		report_is($run, $want, $title);
	}
}

# --- more replies than commands, and in the wrong order -----------------------------------------------------------

# Script, report; what of it holds with PIPELINING only, or without.
for my $row (
	[ 'junk behind the greeting',   "greeting raw:220 a\\r\\n250 junk\\r\\n\n",  "r\0" . failed('Z', $DATA, '250 ok') ],
	[ 'junk behind EHLO',           "ehlo raw:250 a\\r\\n250 junk\\r\\n\n",      "r\0" . failed('Z', $DATA, '250 ok') ],
	[ 'junk behind MAIL',           "mail raw:250 ok\\r\\n250 junk\\r\\n\n",     "r\0" . failed('Z', $DATA, '250 ok') ],
	[ 'junk behind RCPT',           "rcpt raw:250 ok\\r\\n250 junk\\r\\n\n",     "r\0" . failed('Z', $DATA, '250 junk') ],
	[ 'acceptance behind 354',      "data raw:354 go\\r\\n250 accepted\\r\\n\n", "r\0$DIED" ],
	[ 'two 354',                    "data raw:354 go\\r\\n354 go\\r\\n\n",       "r\0$DIED" ],
	[ 'refusal behind 354',         "data raw:354 go\\r\\n552 too much\\r\\n\n", "r\0" . failed('D', $DOT, '552 too much') ],
	[ 'deferral behind 354',        "data raw:354 go\\r\\n451 not now\\r\\n\n",  "r\0" . failed('Z', $DOT, '451 not now') ],
	[ '421 behind 354',             "data raw:354 go\\r\\n421 bye\\r\\n\n",      "r\0" . failed('Z', $DOT, '421 bye') ],
	[ 'nonsense behind 354',        "data raw:354 go\\r\\nhm\\r\\n\n",           "r\0$DIED" ],
	[ 'half a reply behind 354',    "data raw:354 go\\r\\n250-\\r\\n close\n",   "r\0$DIED" ],
	[ 'all of it at the greeting',  "greeting raw:220 a\\r\\n250 b\\r\\n250 c\\r\\n250 d\\r\\n354 e\\r\\n250 f\\r\\n\n", "r\0$DIED" ],
	[ '250 to DATA',                "data 250 ok\n",        "r\0" . failed('Z', $DATA, '250 ok') ],
	[ '354 to EHLO',                "ehlo 354 go\n",        failed('Z', $NAME, '354 go') ],
	[ '354 to the greeting',        "greeting 354 go\n",    failed('Z', $GREETING, '354 go') ],
	[ '354 to MAIL, then order',    "mail 354 go\n",        failed('Z', $SENDER, '354 go') ],
	[ '354 to all',                 "mail 354 go\nrcpt 354 go\ndot 354 go\n",          failed('Z', $SENDER, '354 go') ],
	[ '150 to all',                 "mail 150 x\nrcpt 150 x\ndata 150 x\ndot 150 x\n", failed('Z', $SENDER, '150 x') ],
	[ '354 and 250 changed places', "rcpt 354 go\ndata 250 ok\n", failed('s', $RCPT, '354 go') . $GAVE_UP ],
	[ 'reply to the dot twice',     "dot raw:250 ok\\r\\n554 no\\r\\n\n", "r\0K$P accepted message.\n" . said('250 ok') . "\0" ],
	[ '99 to the dot, then 250',    "dot raw:99 x\\r\\n250 ok\\r\\n\n",   "r\0$MAYBE_TWICE" ],
	[ '600 to the dot',             "dot 600 x\n", "r\0" . failed('Z', $DOT, '600 x') ],
  )
{
	my ($name, $script, $want) = @$row;
	for my $offers ("ehlo PIPELINING\n", "ehlo HELP\n") {
		my $run = remote(($script =~ /^ehlo/ ? '' : $offers) . $script, wrap => [@bounded]);
		report_is($run, $want, "$name" . ($offers =~ /HELP/ ? ', without PIPELINING' : ''));
		ok(!-e "$run->{dir}/2.in", '... and no other connection is made');
	}
}
{
	# Long replies to many recipients: neither side waits for the other to read.
	my @many = map {"r$_\@dest.example"} 1 .. 500;
	my $run = remote("rcpt times:90:250-x\\r\\nthen:250 ok\n", argv => [ 'dest.example', 's@a', @many ], wrap => [@bounded]);
	report_is($run, "r\0" x 500 . $ACCEPTED, 'outbound 7, PIPELINING: long replies to 500 recipients, no deadlock');
	is(scalar(() = slurp("$run->{dir}/1.envelope.1") =~ /^T/mg), 500, '... each of them once');
	$run = remote("rcpt 250 ok\nrcpt 550 no\nrcpt 450 later\nrcpt 250 ok\nrcpt close\n", argv => [ 'dest.example', 's@a', @many[0 .. 9] ]);
	like(visible($run->{out}), qr/\A\Q@{[ visible("r\0" . failed('h', $RCPT, '550 no') . failed('s', $RCPT, '450 later') . "r\0$DIED") ]}\E\z/,
		'hung up among the recipients: nothing is accepted, whatever was said before');
}
{
	# The reply of an unfriendly one goes into the report as it is, bounded; it makes neither records nor lines of its own.
	my $run = remote("dot raw:550 a\\0Kb\\r\\0c\\x1b[2J\\xff\\r\\n\n");
	report_is($run, "r\0D$DOT\nRemote host said: 550 a?Kb?c\x1b[2J\xff\n\0", 'NULs cannot end a record');
	$run = remote("rcpt times:90:550-" . 'z' x 500 . "\\r\\nthen:550 no\n", wrap => [@bounded]);
	is(length $run->{out}, length("h$RCPT\nRemote host said: ") + 5000 + 1 + length $GAVE_UP, '5000 octets of a reply are kept');
}

# --- kept -----------------------------------------------------------------------------------------------------------------

sub kept {
	my ($script, %controls) = @_;
	my $sink = start_sink($script);
	my $home = instance(me => "client.example\n", smtproutes => ":$P:$sink->{port}\n", %controls);
	queue_tree($home);
	spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n");
	my $spawner = spawner($home, ['qmail-rspawn']);
	greeting($spawner, 1);
	my @reports = map { my $r = Qferry::Spawn::deliver($spawner, "r$_\@dest.example"); $r =~ s/\A.(.*)\0\z/$1/sr } 1 .. 4;
	is(finish($spawner), '0 0', 'exit 0 at EOF');
	wait_until(sub { !grep { !-e s/in$/done/r } glob "$sink->{dir}/*.in" });
	# Who was accepted, as the server sees it.
	my %got;
	for my $file (glob "$sink->{dir}/*.envelope.*") { $got{$_}++ for slurp($file) =~ /^TTO:<r(\d)/mg }
	return { reports => \@reports, got => \%got, sink => $sink };
}

my $OK = "K$P accepted message.\nRemote host said: 250 ok queued\n";
for my $row (
	# From the third message on, that is the second of a connection that was used before.
	[ 'closes behind its greeting',     "\@3 greeting raw:220 a\\r\\n close\n" ],
	[ 'says too much at the end',       "dot raw:250 ok queued\\r\\n421 bye\\r\\n\n" ],
	[ 'accepts in advance',             "dot raw:250 ok queued\\r\\n250 ok\\r\\n250 ok\\r\\n354 go\\r\\n250 ok\\r\\n\n" ],
	[ 'repeats its greeting',           "dot raw:250 ok queued\\r\\n220 sink ESMTP\\r\\n\n" ],
	[ 'says NULs at the end',           "dot raw:250 ok queued\\r\\n\\0\\0\\0\n" ],
	[ 'breaks off at the second MAIL',  "mail 250 ok\nmail raw:2\\r\\n\n" ],
	[ 'talks without end at the second MAIL', "mail 250 ok\nmail flood:250-x\\r\\n\n" ],
	[ 'talks without end at the second RCPT', "rcpt 250 ok\nrcpt flood:x\n" ],
	[ 'closes at the second DATA',      "data 354 go\ndata close\n" ],
  )
{
	my ($name, $script) = @$row;
	for my $offers ("ehlo PIPELINING\n", "ehlo HELP\n") {
		my $run = kept("$offers$script");
		is_deeply([ grep { $_ ne $OK } @{ $run->{reports} } ], [], "kept: a server that $name: each is delivered")
		  or diag(join '', slurp("$run->{sink}{dir}/1.log"), slurp("$run->{sink}{dir}/2.log") // '');
		is(join(' ', map {"$_=$run->{got}{$_}"} sort keys %{ $run->{got} }), '1=1 2=1 3=1 4=1', '... once');
	}
}
for my $row (
	[ 'acceptance behind 354', "data raw:354 go\\r\\n250 ok queued\\r\\n\n", "ZConnected to $P but connection died. (#4.4.2)\n", '' ],
	[ 'refusal behind 354',    "data raw:354 go\\r\\n552 too much\\r\\n\n",  "D$DOT\n" . said('552 too much'), '' ],
	[ 'nonsense to the dot',   "dot raw:hm\\r\\n\n", "ZConnected to $P but connection died. Possible duplicate! (#4.4.2)\n", '1=1 2=1 3=1 4=1' ],
	[ '250 to DATA',           "data 250 ok\n",      "Z$DATA\n" . said('250 ok'), '' ],
	[ '354 to RCPT',           "rcpt 354 go\ndata 250 ok\n", "Z$RCPT\n" . said('354 go') . "Giving up on $P.\n", '' ],
	[ '550 to RCPT, 354 to DATA', "rcpt 550 no\n",   "D$RCPT\n" . said('550 no') . "Giving up on $P.\n", '' ],
	[ 'RSET refused',          "mail 450 no\nrcpt 503 no\ndata 503 no\nrset 500 hm\n", "Z$SENDER\n" . said('450 no'), '' ],
	[ 'RSET answered without end', "mail 450 no\nrcpt 503 no\ndata 503 no\nrset flood:250-x\\r\\n\n", "Z$SENDER\n" . said('450 no'), '' ],
  )
{
	my ($name, $script, $want, $got) = @$row;
	for my $offers ("ehlo PIPELINING\n", "ehlo HELP\n") {
		my $run = kept("$offers$script");
		is_deeply([ map { visible($_) } @{ $run->{reports} } ], [ (visible($want)) x 4 ], "kept: $name: reports");
		is(join(' ', map {"$_=$run->{got}{$_}"} sort keys %{ $run->{got} }), $got, '... what the server has');
	}
}

done_testing();
