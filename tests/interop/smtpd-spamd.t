#!/usr/bin/perl
# qmail-smtpd and Debian's spamd, with rules of its own: points, thresholds, fields.
#
# peers: spamd
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

chomp(my $peer = `"$FindBin::Bin/../peers" spamd 2>/dev/null`);
$peer or plan skip_all => 'the package of spamd cannot be had';

my $home = instance(me => "mx.example.org\n", rcpthosts => "example.org\n", spamd => "./spamd.sock\n",
	spamreject => "8.5\n", spammunge => "5.5\n", spamdfail => "defer\n");
open my $log, '>', "$home/spamd.log" or die;
my $spamd = start_program([ "$FindBin::Bin/../tools/spamd-server", $peer, $home ], fds => { 1 => $log, 2 => $log });
wait_until(sub { -S "$home/spamd.sock" || waitpid($spamd, 1) == $spamd });
-S "$home/spamd.sock" or do { diag slurp("$home/spamd.log"); plan skip_all => 'spamd does not start here' };

sub submit {
	my ($message, %env) = @_;
	$message =~ s/\n/\r\n/g;
	my $run = run_program(['qmail-smtpd'], home => $home, env => { QMAILQUEUE => use_store_queue($home), %env },
		in => "MAIL FROM:<a\@b.example>\r\nRCPT TO:<joe\@example.org>\r\nDATA\r\n$message.\r\nQUIT\r\n");
	my @lines = split /\r\n/, $run->{out};
	return ($lines[4], $run->{err});
}

# What was stored last, without Received.
sub stored {
	my $text = (stored_messages($home))[-1]{message};
	return $text =~ s/\AReceived:[^\n]*\n(?:[ \t][^\n]*\n)*//r;
}

like((submit("Subject: x\n\nhello\n"))[0], qr/^250 /, 'no spam');
is(stored(), "X-Spam-Level: \nX-Spam-Status: No, score=0.0 required=5.0\n\ttests=none\nSubject: x\n\nhello\n", 'with its fields');

my ($reply, $err) = submit("X-Spam-Status: No\nSubject: x\n\nqferry-doubtful\n");
like($reply, qr/^250 /, 'spam below the threshold');
is(stored(), "X-Spam-Flag: YES\nX-Spam-Level: ******\nX-Spam-Status: Yes, score=6.0 required=5.0\n\ttests=QFERRY_DOUBT\n"
	  . "Old-X-Spam-Status: No\nSubject: *****SPAM***** x\n\nqferry-doubtful\n", 'is marked');
like($err, qr/ scan .*check=spamd result=spam score=6\.0 .*text=QFERRY_DOUBT/, 'and in the log');

is((submit("Subject: x\n\nqferry-spam-marker\n"))[0], '550 sorry, this message looks like spam, score 12.5 (#5.7.1)', 'spam above it');
like((submit("Subject: x\n\nqferry-spam-marker\n", RELAYCLIENT => ''))[0], qr/^250 /, 'a relay client');
like((submit("Subject: x\n\n" . ('x' x 75 . "\n") x 6000))[0], qr/^250 /, 'a message of half a megabyte');
like(stored(), qr/\AX-Spam-Level: \n/, 'was looked at');

kill 'TERM', $spamd;
finish_program($spamd);
like((submit("Subject: x\n\nhello\n"))[0], qr/^451 .* \(#4\.3\.0\)$/, 'no spamd: later');
like((submit("Subject: x\n\nqferry-spam-marker\n", SPAMDFAIL => 'pass'))[0], qr/^250 /, 'or not at all');
is(stored(), "Subject: x\n\nqferry-spam-marker\n", 'without fields');

done_testing();
