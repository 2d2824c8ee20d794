#!/usr/bin/perl
# send-bounces: bounces for programs, those that a queue program refuses, and that none of it holds up
# deliveries (queue 4.7, 6.1; outbound 6.6).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Send;
use Qferry::Test;
use Test::More;

# Let the recipients fail, with these reports; the bounce, and what of it is between its boundaries.
sub bounce_of {
	my ($home, $sender, %reports) = @_;
	my $send = start($home, env => { QMAILQUEUE => use_store_queue($home) });
	enqueue($home, $sender, sort keys %reports);
	for (keys %reports) { my $c = command($send, REMOTE); report($send, REMOTE, $c->{delnum}, $reports{ $c->{recipient} }) }
	log_until($send, qr/end msg \d+\n/) or return;
	stop($send);
	my ($got) = stored_messages($home);
	my ($header, $body) = split /\n\n/, $got->{message}, 2;
	my ($boundary) = $header =~ /boundary="(.*?)"/;
	return { header => $header, body => $body, sender => $got->{sender},
		parts => defined $boundary ? [ split /\n--\Q$boundary\E(?:--)?\n/, "\n$body" ] : [] };
}

# --- RFC 3464 ---------------------------------------------------------------------------------------------

{
	my $bounce = bounce_of(home(bouncedsn => "1\n"), 'me@example.net',
		'a@a.example' => "Da\n\nb (#5.1.2)\n", 'b@b.example' => "D1.2.3.4 does not like recipient.\nRemote host said: 550 5.7.1 no\n");
	is $bounce->{sender}, '', 'from <>';
	like $bounce->{header}, qr/^Content-Type: multipart\/report; report-type=delivery-status;\n\tboundary="qmail-send\.[0-9a-f]{32}"$/m, 'a report';
	like $bounce->{header}, qr/^MIME-Version: 1\.0$/m, 'of MIME';
	like $bounce->{header}, qr/^Subject: failure notice$/m, 'with the subject of always';
	my (undef, $words, $status, $copy) = @{ $bounce->{parts} };
	is scalar @{ $bounce->{parts} }, 4, 'three parts';
	like $words, qr/\AContent-Type: text\/plain; charset=utf-8\n.*\n\nHi\. This is the qmail-send program at mx\.example\.org\.\n/s, 'the words come first';
	like $words, qr/^<a\@a\.example>:\na\n\/b \(#5\.1\.2\)\n\n<b\@b\.example>:\n1\.2/m, 'with the paragraphs of QSBMF';
	like $status, qr/\AContent-Type: message\/delivery-status\n\nReporting-MTA: dns; mx\.example\.org\nArrival-Date: \d+ \w{3} 20.*\n\n/, 'the message';
	like $status, qr/\n\nFinal-Recipient: rfc822; a\@a\.example\nAction: failed\nStatus: 5\.1\.2\nDiagnostic-Code: x-qmail; a\n/, 'a recipient';
	like $status, qr/\n\nFinal-Recipient: rfc822; b\@b\.example\nAction: failed\nStatus: 5\.7\.1\nDiagnostic-Code: smtp; 550 5\.7\.1 no\n/, 'another';
	like $copy, qr/\AContent-Type: message\/rfc822\n\nReturn-Path: <me\@example\.net>\nReceived: .*\nSubject: t\n\nbody\n\z/s, 'the message';
	$bounce = bounce_of(home(bouncedsn => "1\n"), '', map { ("r$_\@h$_.example" => 'D' . 'x' x 3000 . "\n") } 1 .. 30);
	is scalar(() = $bounce->{parts}[2] =~ /^Final-Recipient: /mg), 30, 'many long reports';
	$bounce = bounce_of(home(bouncedsn => "0\n"), 'me@example.net', 'a@a.example' => "Dno\n");
	unlike $bounce->{header}, qr/MIME/, 'off by default, and with 0';
	like $bounce->{body}, qr/\AHi\. This is the qmail-send program/, 'QSBMF';
}

# --- a queue program that refuses ----------------------------------------------------------------------------

{
	my $home = home(queuelifetime => "100\n");
	my $store = use_store_queue($home);
	spit("$home/scan", "#!/bin/sh\ncat >'$home/in'\ngrep -q 'Subject: t' '$home/in' && exit 31\nexec '$store' <'$home/in'\n", 0755);
	my $send = start($home, env => { QMAILQUEUE => "$home/scan" });
	enqueue($home, 'me@example.net', 'joe@a.example');
	answer($send, REMOTE, "Dno\n");
	ok log_until($send, qr/^bounce msg \d+ qp \d+\nend msg/m), 'refused for its header, too: it goes without';
	stop($send);
	my ($got) = stored_messages($home);
	like $got->{message}, qr/\n<joe\@a\.example>:\nno\n\n\z/, 'with the reason';

	spit("$home/never", "#!/bin/sh\ncat >/dev/null\nexit 31\n", 0755);
	$send = start($home, env => { QMAILQUEUE => "$home/never" });
	enqueue($home, 'me@example.net', 'joe@a.example');
	answer($send, REMOTE, "Dno\n");
	ok log_until($send, qr/^warning: trouble injecting bounce message, will try later\n/m), 'refused in any form: it is tried again';
	stop($send);
	my ($file) = glob "$home/queue/bounce/*";
	utime time, time - 200, $file;
	$send = start($home, env => { QMAILQUEUE => "$home/never" });
	ok log_until($send, qr/^alert: the queue program refuses it: discarding bounce\/\d+\nend msg/m), 'but not for ever';
	stop($send);
	is queued($home), '', 'nothing is left';
}

# --- more bounces than children: the others wait, and mail flows -----------------------------------------------

{
	my $home = home();
	my $store = use_store_queue($home);
	require POSIX;
	POSIX::mkfifo("$home/go", 0600);
	spit("$home/hang", "#!/bin/sh\nread line <'$home/go'\nexec '$store'\n", 0755);
	my $send = start($home, env => { QMAILQUEUE => "$home/hang" });
	for (1 .. 8) { enqueue($home, 'me@example.net', "r$_\@h$_.example"); answer($send, REMOTE, "Dno\n") }
	for (1 .. 3) {
		enqueue($home, 'me@example.net', "good$_\@g$_.example");
		answer($send, REMOTE, "Kok\n");
		ok log_until($send, qr/success: ok\/\n.*?end msg \d+\n/s), 'mail flows while bounces hang';
	}
	open my $go, '+>', "$home/go";    # never at its end: none waits
	syswrite $go, "\n" x 8;
	my $sent = 0;
	$sent++ while $sent < 8 && log_until($send, qr/^bounce msg \d+ qp \d+\n/m);
	is $sent, 8, 'and all are sent in the end';
	stop($send);
	is scalar(stored_messages($home)), 8, 'each once';
}

done_testing();
