#!/usr/bin/perl
# A message cannot carry a second one past its end: whatever stands where an end might be read, what
# we take in and send on is one transaction (inbound 9.2, section 8 "smuggling", D5, D18).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

my %ends = (
	'LF.LF'          => "\n.\n",     'LF.CRLF'      => "\n.\r\n",    'CRLF.LF'    => "\r\n.\n",
	'CR.CR'          => "\r.\r",     'CRLF.CR'      => "\r\n.\r",    'CR.CRLF'    => "\r.\r\n",
	'CRLF NUL.CRLF'  => "\r\n\0.\r\n", 'CRLF.NUL CRLF' => "\r\n.\0\r\n", 'CRLF.CR CRLF' => "\r\n.\r\r\n",
	'CR LF CR.CRLF'  => "\r\n\r.\r\n", 'CRCRLF.CRCRLF' => "\r\r\n.\r\r\n", 'LFCR.LFCR' => "\n\r.\n\r",
	'CRLF..CRLF'     => "\r\n..\r\n",
);
my $evil = "MAIL FROM:<evil\@sender.example>\r\nRCPT TO:<victim\@example.net>\r\nDATA\r\nsmuggled\r\n";

# What a message became: { replies, exit, messages }.
sub take {
	my ($home, $body, %env) = @_;
	my $store = temp_dir();
	my $run = run_program(['qmail-smtpd'], home => $home, env => { QMAILQUEUE => use_store_queue($store), %env },
		in => "MAIL FROM:<a\@sender.example>\r\nRCPT TO:<x\@example.net>\r\nDATA\r\n$body\r\n.\r\nQUIT\r\n");
	return { replies => $run->{out}, exit => $run->{exit}, messages => [ stored_messages($store) ] };
}

my $sink = start_sink('');
my $out = instance(me => "mx.example.net\n", smtproutes => ":127.0.0.1:$sink->{port}\n");
my $connection = 0;

sub send_on {
	my ($message) = @_;
	my $run = run_program([ 'qmail-remote', 'next.example', 'a@sender.example', 'x@example.net' ],
		home => $out, in => $message);
	$connection++;
	wait_until(sub { -e "$sink->{dir}/$connection.done" });
	return slurp("$sink->{dir}/$connection.log");
}

for my $setting ([ 'default', {} ], [ 'barelf accept', { barelf => "accept\n" } ], [ 'barelf reject', { barelf => "reject\n" } ],
	[ 'barecr keep', { barecr => "keep\n" } ], [ 'strict', { strict => "1\n" } ]) {
	my ($name, $controls) = @$setting;
	my $home = instance(me => "mx.example.net\n", rcpthosts => "example.net\n", %$controls);
	for my $end (sort keys %ends) {
		my $got = take($home, "text$ends{$end}$evil");
		my @messages = @{ $got->{messages} };
		cmp_ok scalar @messages, '<=', 1, "$name, $end: at most one message comes in";
		is scalar(grep { $_->{sender} =~ /evil/ } @messages), 0, "$name, $end: none from the smuggler";
		next unless @messages;
		my $log = send_on($messages[0]{message});
		is scalar(() = $log =~ /^C: MAIL/mg), 1, "$name, $end: one transaction goes out" or diag $log;
		unlike $log, qr/^C: (?:MAIL|RCPT).*(?:evil|victim)/m, "$name, $end: and not the smuggler's";
	}
}

# Where the session goes on after a bare LF, nothing that came with the message is a command.
my $home = instance(me => "mx.example.net\n", rcpthosts => "example.net\n", barelf => "accept\n");
my $got = take($home, "a\nb\r\n.\r\n$evil");
is scalar @{ $got->{messages} }, 1, 'barelf accept: what follows the message is dropped';

done_testing;
