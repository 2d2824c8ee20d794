#!/usr/bin/perl
# qmail-remote and what a server offers: LIMITS, CHUNKING, 8BITMIME, SIZE; and what may be said of lines (outbound 7).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Remote;
use Qferry::Test;
use Test::More;

sub controls_broken { my ($file) = @_; return "ZUnable to read control files. (#4.3.0)\ncontrol/$file: unreadable: Is a directory\n\0" }

# --- LIMITS -------------------------------------------------------------------------------------------

my $LEFT_OVER = "sThe host takes no more recipients of one message at a time. (#4.5.3)\n\0";
my @four = ('dest.example', 's@client.example', 'a@x.example', 'b@y.example', 'c@X.example', 'd@z.example');
for my $row (
	[ 'RCPTMAX=2',       'ab',   "r\0r\0$LEFT_OVER$LEFT_OVER" ],
	[ 'rcptmax=1',       'a',    "r\0$LEFT_OVER$LEFT_OVER$LEFT_OVER" ],
	[ 'RCPTMAX=4',       'abcd', "r\0r\0r\0r\0" ],
	[ 'RCPTMAX=0',       'abcd', "r\0r\0r\0r\0" ],
	[ 'RCPTMAX=many',    'abcd', "r\0r\0r\0r\0" ],
	[ 'MAILMAX=1 RCPTMAX=3', 'abc', "r\0r\0r\0$LEFT_OVER" ],
	[ 'RCPTDOMAINMAX=1', 'ac',   "r\0${LEFT_OVER}r\0$LEFT_OVER" ],
	[ 'RCPTDOMAINMAX=2', 'abc',  "r\0r\0r\0$LEFT_OVER" ],
	[ 'RCPTMAX=2 RCPTDOMAINMAX=1', 'ac', "r\0${LEFT_OVER}r\0$LEFT_OVER" ],
	[ 'UNKNOWN=1',       'abcd', "r\0r\0r\0r\0" ],
  )
{
	my ($limits, $sent, $want) = @$row;
	for my $pipelining ('', '|PIPELINING') {
		my $run = remote("ehlo LIMITS $limits$pipelining\n", argv => \@four);
		report_is($run, $want . $ACCEPTED, "outbound 7, LIMITS: $limits$pipelining");
		is(join('', $run->{said}->(1) =~ /^RCPT TO:<(.)@/mg), $sent, '... no more are named');
	}
}
report_is(remote("ehlo LIMITS RCPTMAX=1\nrcpt 550 no\n", argv => \@four), failed('h', "$P does not like recipient.", '550 no') . $LEFT_OVER x 3 . $GAVE_UP,
	'the only one that went is refused');

# --- the length of commands -----------------------------------------------------------------------------

{
	my $TOO_LONG = 'Sorry, that envelope address is longer than an SMTP command may be.';
	my $fits = ('r' x 490) . '@dest.example';
	substr($fits, 0, length("RCPT TO:<$fits>\r\n") - 512) = '';
	for my $pipelining ('', "ehlo HELP\n") {
		my $run = remote($pipelining, argv => [ 'dest.example', 's@a', $fits, "r$fits", 'c@dest.example' ]);
		report_is($run, "r\0h$TOO_LONG (#5.1.3)\n\0r\0$ACCEPTED", 'outbound 7, line length: a recipient too long for 512 octets');
		is((sort { $b <=> $a } map { length } $run->{said}->(1) =~ /^((?:MAIL|RCPT).*\n)/mg)[0], 512, '... is not sent; one that just fits is');
		report_is(remote($pipelining, argv => [ 'dest.example', 's@a', "r$fits" ]), "h$TOO_LONG (#5.1.3)\n\0$GAVE_UP", '... alone');
	}
	my $run = remote('', argv => [ 'dest.example', "rr$fits", 'r@dest.example' ]);
	report_is($run, "D$TOO_LONG (#5.1.7)\n\0", '... a sender');
	unlike($run->{said}->(1), qr/MAIL/, '... is not sent');
}

# --- long lines --------------------------------------------------------------------------------------------

{
	my $long = "a\r\n" . 'x' x 999 . "\nb\n";
	my $refused = "DSorry, a line of the message is longer than 998 bytes. (#5.6.0)\n\0";
	report_is(remote('', in => $long), "r\0$ACCEPTED", 'outbound 7, line length: text lines go as they are');
	my $run = remote('', in => $long, controls => { linemaxremote => "998\n" });
	report_is($run, $refused, 'linemaxremote');
	unlike($run->{said}->(1), qr/MAIL/, '... before MAIL');
	like($run->{said}->(1), qr/QUIT\r\n\z/, '... with QUIT');
	report_is(remote('', in => 'x' x 999, controls => { linemaxremote => "998\n" }), $refused, '... also the last line, without its end');
	report_is(remote("ehlo HELP\n", in => ('x' x 998 . "\r") x 3, controls => { linemaxremote => "998\n" }), "r\0$ACCEPTED", '... just not too long');
	report_is(remote('', in => $long, controls => { linemaxremote => "0\n" }), "r\0$ACCEPTED", 'linemaxremote 0');
	report_is(remote('', unreadable => ['linemaxremote']), controls_broken('linemaxremote'), 'linemaxremote unreadable');
}

# --- a last line without end ---------------------------------------------------------------------------------

{
	my $partial = "DSMTP cannot transfer messages with partial final lines. (#5.6.2)\n\0";
	for my $script ('', "ehlo CHUNKING\n") {
		my %chunks = $script ? (chunkingremote => "1\n") : ();
		my $how = $script ? ' in chunks' : '';
		report_is(remote($script, in => "a\nb", controls => {%chunks}), "r\0$partial", "outbound 2.8: no LF at the end of file$how");
		report_is(remote($script, in => "a\nb", controls => { %chunks, partialremote => "0\n" }), "r\0$partial", 'partialremote 0');
		my $run = remote($script, in => "a\nb", controls => { %chunks, partialremote => "1\n" });
		report_is($run, "r\0$ACCEPTED", 'partialremote');
		$run->{said}->(1);
		is(slurp("$run->{dir}/1.message.1"), "a\nb\n", '... its end is added');
		$run = remote($script, in => "a\nb", controls => {%chunks}, unreadable => ['partialremote']);
		report_is($run, "r\0" . controls_broken('partialremote'), 'partialremote unreadable');
		unlike($run->{said}->(1), qr/\r\n\.\r\n|LAST|QUIT/, '... nothing is delivered');
		report_is(remote($script, controls => {%chunks}, unreadable => ['partialremote']), "r\0$ACCEPTED", '... is not looked at without need');
	}
}

# --- CHUNKING ------------------------------------------------------------------------------------------------

my @on = (controls => { chunkingremote => "1\n" });
for my $row (
	[ 'small',       "a\n.b\r\nc\r.\n",            1, "a\n.b\nc\n.\n" ],
	[ 'empty',       '',                           1, '' ],
	[ 'a dot',       ".\n",                        1, ".\n" ],
	[ 'NUL, 8 bit',  "a\0\xe4\n",                  1, "a\0\xe4\n" ],
	[ 'three chunks', join('', ('0123456789abcde' x 10 . "\n") x 15000), 3 ],
  )
{
	my ($name, $in, $chunks, $out) = @$row;
	for my $pipelining ('', '|PIPELINING') {
		my $run = remote("ehlo CHUNKING|8BITMIME|SIZE$pipelining\n", in => $in, @on);
		report_is($run, "r\0$ACCEPTED", "outbound 7, CHUNKING: $name$pipelining");
		my $wire = $run->{said}->(1);
		ok(slurp("$run->{dir}/1.message.1") eq ($out // $in), '... the message is whole');
		is(scalar(() = $wire =~ /BDAT \d+(?: LAST)?\r\n/g), $chunks, '... in so many chunks');
		unlike($wire, qr/^DATA\r/m, '... without DATA');
		my ($size, $sum) = ($wire =~ /SIZE=(\d+)/, 0);
		$sum += $_ for $wire =~ /BDAT (\d+)/g;
		is($sum, $size, '... of the length that MAIL said');
		like($wire, qr/QUIT\r\n\z/, '... QUIT');
	}
}
for my $row (
	[ 'off',          "ehlo CHUNKING\n", {} ],
	[ '0',            "ehlo CHUNKING\n", { chunkingremote => "0\n" } ],
	[ 'not offered',  "ehlo 8BITMIME\n", { chunkingremote => "1\n" } ],
  )
{
	my ($name, $script, $controls) = @$row;
	my $run = remote($script, controls => $controls);
	report_is($run, "r\0$ACCEPTED", "CHUNKING: $name");
	unlike($run->{said}->(1), qr/BDAT/, '... DATA it is');
}
{
	my $run = remote("ehlo CHUNKING\n", unreadable => ['chunkingremote']);
	report_is($run, controls_broken('chunkingremote'), 'chunkingremote unreadable');
	report_is(remote('', unreadable => ['chunkingremote']), "r\0$ACCEPTED", '... is not looked at where nobody offers it');
}
my $big = ('x' x 99 . "\n") x 25000;
for my $row (
	[ 'bdat 554 no',   "r\0" . failed('D', "$P failed on BDAT command.", '554 no'),   1 ],
	[ 'bdat 452 full', "r\0" . failed('Z', "$P failed on BDAT command.", '452 full'), 1 ],
	[ 'bdat 354 hm',   "r\0" . failed('Z', "$P failed on BDAT command.", '354 hm'),   1 ],
	[ 'bdat 421 bye',  "r\0" . failed('Z', "$P failed on BDAT command.", '421 bye'),  0 ],
	[ 'bdat close',    "r\0$DIED",        undef ],
	[ 'dot 554 spam',  "r\0" . failed('D', "$P failed after I sent the message.", '554 spam'), 1 ],
	[ 'dot 451 later', "r\0" . failed('Z', "$P failed after I sent the message.", '451 later'), 1 ],
	[ 'dot close',     "r\0$MAYBE_TWICE", undef ],
	[ 'rcpt 550 no',   failed('h', "$P does not like recipient.", '550 no') . $GAVE_UP, 1 ],
	[ 'mail 550 no',   failed('D', "Connected to $P but sender was rejected.", '550 no'), 1 ],
  )
{
	my ($script, $want, $quit) = @$row;
	for my $pipelining ('', '|PIPELINING') {
		my $run = remote("ehlo CHUNKING$pipelining\n$script\n", in => $big, @on);
		report_is($run, $want, "CHUNKING: $script$pipelining");
		is($run->{said}->(1) =~ /QUIT\r\n\z/ ? 1 : 0, $quit, '... QUIT ' . ($quit ? 'sent' : 'not sent')) if defined $quit;
		unlike($run->{said}->(1), qr/ LAST\r/, '... and no last chunk') unless $script =~ /^dot/;
	}
}
report_is(remote("ehlo CHUNKING\ndot hang\n", in => $big, controls => { chunkingremote => "1\n", timeoutremote => "1\n" }), "r\0$MAYBE_TWICE",
	'CHUNKING: no reply to the last chunk');
report_is(remote("ehlo CHUNKING\nbdat hang\n", in => $big, controls => { chunkingremote => "1\n", timeoutremote => "1\n" }), "r\0$DIED",
	'CHUNKING: no reply to the first chunk');

# --- BODY=8BITMIME ------------------------------------------------------------------------------------------

for my $row (
	[ '8BITMIME', "\xe4\n", qr/> BODY=8BITMIME\r/ ],
	[ '8BITMIME', "a\n",    qr/\@client\.example>\r/ ],
	[ 'HELP',     "\xe4\n", qr/\@client\.example>\r/ ],
  )
{
	my ($offer, $in, $like) = @$row;
	my $run = remote("ehlo $offer\n", in => $in);
	report_is($run, "r\0$ACCEPTED", "outbound 7, 8BITMIME: $offer");
	like($run->{said}->(1), $like, '... MAIL');
	$run->{said}->(1);
	is(slurp("$run->{dir}/1.message.1"), $in, '... the body is never converted');
}

done_testing();
