#!/usr/bin/perl
# qmail-remote: each kind of failure at each stage of a dialogue, T2 of outbound 11; each split of a message and of the
# replies, T4.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Remote;
use Qferry::Test;
use Qferry::Tls;
use Socket qw(AF_UNIX SOCK_SEQPACKET);
use Test::More;

my $can_tls = system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0 && system('command -v openssl >/dev/null 2>&1') == 0;
my $pki = temp_dir();
if ($can_tls) {
	self_signed($pki, 'mx');
	spit("$pki/mx.pem", pem($pki, 'mx.key', 'mx.crt'));
}

# --- T2 -------------------------------------------------------------------------------------------------

# Each stage: what the script says before, the text that goes with a reply, whether 5yz is D, what recipients' reports come
# first, and deviations: event => report, or undef for "no matter".
my $AUTH = "Connected to $P but authentication was rejected (PLAIN). (#4.7.8)";
my %stages = (
	greeting => { text => "Connected to $P but greeting failed." },
	ehlo     => { text => "Connected to $P but my name was rejected.", but => { 554 => "r\0$ACCEPTED", close => "r\0$ACCEPTED" } },
	helo     => { before => "ehlo 502 no\n", text => "Connected to $P but my name was rejected." },
	starttls => { sink => [ '--cert', "$pki/mx.pem" ], text => "Connected to $P but TLS policy may failed: STARTTLS was refused. (#4.7.5)",
		but => { map({ ($_ => "r\0$ACCEPTED") } 554, 451, 150), 354 => undef } },
	'ehlo-tls' => { sink => [ '--cert', "$pki/mx.pem" ], text => "Connected to $P but my name was rejected.",
		but => { 554 => undef, close => undef } },
	auth => { before => "user u p w\nehlo AUTH PLAIN\n", route => '|u|p w', text => $AUTH },
	mail => { text => "Connected to $P but sender was rejected.", is_final => 1 },
	rcpt => { text => "$P does not like recipient.", is_rcpt => 1 },
	data => { text => "$P failed on DATA command.", is_final => 1, first => "r\0" },
	dot  => { text => "$P failed after I sent the message.", is_final => 1, first => "r\0", twice => 1 },
);
my %events = (451 => '451 later', 554 => '554 no', 421 => '421 busy', close => 'close', reset => 'reset', hang => 'hang', half => 'raw:250-x\r\n close',
	'354' => '354 hm', 150 => '150 wait');

sub expected {
	my ($stage, $event) = @_;
	my ($first, $died) = ($stage->{first} // '', $stage->{twice} ? $MAYBE_TWICE : $DIED);
	return $first . $died if $event =~ /^(?:close|reset|hang|half)$/;
	return undef if $event eq '354' && $stage->{text} =~ /DATA/;
	my $for_good = $event eq '554';
	if ($stage->{is_rcpt}) {
		return failed($for_good ? 'h' : 's', $stage->{text}, $events{$event}) . ($event eq '421' ? $DIED : $GAVE_UP);
	}
	return $first . failed($for_good && $stage->{is_final} ? 'D' : 'Z', $stage->{text}, $events{$event});
}

for my $name (sort keys %stages) {
	my $stage = $stages{$name};
	next if $stage->{sink} && !$can_tls;
	for my $event (sort keys %events) {
		for my $pipelining ($name =~ /^(?:mail|rcpt|data|dot)$/ ? (0, 1) : 1) {
			my $want = exists $stage->{but}{$event} ? $stage->{but}{$event} : expected($stage, $event);
			# These begin another connection, by HELO or in clear, to which the same happens.
			next if !defined $want;
			next if $event eq 'reset' && $pipelining && $name =~ /^(?:rcpt|data)$/;    # may take the replies in front of it along
			my $before = ($stage->{before} || '') . ($pipelining ? '' : "ehlo 8BITMIME\n");
			$before .= "rcpt 503 no\ndata 503 no\n" if $name eq 'mail';
			my $run = remote("$before$name $events{$event}\n", sink => $stage->{sink}, route => $stage->{route},
				controls => { timeoutremote => $event eq 'hang' ? "1\n" : "20\n" });
			my $title = "T2: $events{$event} at $name" . ($pipelining ? '' : ', without PIPELINING');
			$want = "r\0$ACCEPTED" if $name eq 'ehlo' && $event =~ /^(?:half|reset)$/;
			report_is($run, $want, $title);
			next if $event =~ /^(?:close|reset|half|hang)$/ || $want =~ /accepted message/;
			next if $name eq 'ehlo-tls';    # what was sent is not to be seen here
			is(sent_quit($run), $event eq '421' ? 0 : 1, '... QUIT ' . ($event eq '421' ? 'not sent' : 'sent'));
		}
	}
}

# No report before its cause: what the last stage is answered is not known while the reply is held back.
{
	my $hold = temp_dir() . '/go';
	my $sink = start_sink("dot wait:$hold 451 later\n");
	my $home = instance(me => "c\n", smtproutes => ":$P:$sink->{port}\n");
	my $dir = temp_dir();
	spit("$dir/in", "x\n");
	open my $in, '<', "$dir/in" or die;
	open my $out, '>', "$dir/out" or die;
	my $pid = start_program([ 'qmail-remote', 'd', 's@c', 'r@d' ], home => $home, fds => { 0 => $in, 1 => $out });
	wait_until(sub { -e "$sink->{dir}/1.message.1" });
	is(slurp("$dir/out"), '', 'T2: no report before its cause');
	spit($hold, '');
	finish_program($pid);
	is(visible(slurp("$dir/out")), visible("r\0" . failed('Z', "$P failed after I sent the message.", '451 later')), '... but then');
}

# --- T4 ---------------------------------------------------------------------------------------------------

# A packet for each read: each split of a message that has everything of outbound 2.8 in it.
{
	my $in   = "a\r\nb\rc\n.\r.\r\n\r.\n..\0\xe4\r\r\n.\n";
	my $wire = "a\r\nb\r\nc\r\n..\r\n..\r\n\r\n..\r\n...\0\xe4\r\n\r\n..\r\n";
	for my $offers ('8BITMIME', 'CHUNKING') {
		my $sink = start_sink("ehlo $offers\n");
		my $good = 0;
		for my $split (0 .. length $in) {
			socketpair my $ours, my $theirs, AF_UNIX, SOCK_SEQPACKET, 0 or die;
			for my $part (substr($in, 0, $split), substr($in, $split)) { syswrite $ours, $part if length $part }
			shutdown $ours, 1;
			my $run = remote('', sink => $sink, fds => { 0 => $theirs }, controls => { chunkingremote => "1\n" });
			my $sent = $run->{said}->($split + 1);
			my $found = $offers eq 'CHUNKING' ? $sent =~ s/.*BDAT \d+ LAST\r\n//sr : $sent =~ s/.*\r\nDATA\r\n//sr;
			(my $want = $wire) =~ s/(\A|\r\n)\.\./$1./g if $offers eq 'CHUNKING';
			$want = "$wire.\r\n" if $offers ne 'CHUNKING';
			$good += $run->{out} eq "r\0$ACCEPTED" && $found eq "${want}QUIT\r\n"
			  && ($offers eq 'CHUNKING' || (() = "\r\n$found" =~ /\r\n\.\r\n/g) == 1);
		}
		is($good, 1 + length $in, "T4: every split of the message across reads, $offers");
	}
}
{
	# The replies, each byte in a write of its own, and all of them in one.
	my @slow = map {"$_\n"} 'greeting drip:220-a\r\n220 b', 'mail drip:250 ok', 'rcpt drip:250 ok', 'data drip:354 go', 'dot drip:250 ok queued';
	report_is(remote(join '', @slow), "r\0$ACCEPTED", 'T4: replies byte by byte');
	report_is(remote(join '', "ehlo HELP\n", @slow), "r\0$ACCEPTED", '... without PIPELINING');
	report_is(remote("rcpt raw:\nmail raw:\ndata raw:250 ok\\r\\n250 ok\\r\\n354 go\\r\\n\n"), "r\0$ACCEPTED", 'T4: the replies to a group in one write');
}

done_testing();
