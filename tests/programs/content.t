#!/usr/bin/perl
# qmail-smtpd looks at large messages in 16 MB of memory: all rules on, both scanners asked, and the largest
# message that is kept for spamd.
# nosan: sanitizers need far more memory
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

use constant { MEMORY_KB => 16000, MEGABYTE => 1_000_000 };

my $home = instance(me => "mx.example.org\n", rcpthosts => "example.org\n", signatures => "TVqQ\n",
	bodycheck => "some (thing|body) else:x\n", htmlonly => "1\n", klezfilter => "1\n", clamd => "./scan.sock\n",
	spamd => "./scan.sock\n", spamsize => "2000000\n", spammunge => "5\n");
my $scanner = start_scanner("clamd OK\nspamd 7/5 A,B\n", $home);
spit("$home/swallow", "#!/bin/sh\ncat >size\ncat <&1 >/dev/null\n", 0755);

# The reply to a message of so many lines of 76 octets.
sub submit {
	my ($lines) = @_;
	my $body = ('x' x 76 . "\r\n") x $lines;
	my $run = run_program([ '/bin/sh', '-c', 'ulimit -v ' . MEMORY_KB . '; exec "$0"', program('qmail-smtpd') ], home => $home,
		env => { QMAILQUEUE => "$home/swallow", BODYCHECK => '', BADMIMETYPE => '!' },
		in => "MAIL FROM:<a\@b.example>\r\nRCPT TO:<joe\@example.org>\r\nDATA\r\nSubject: x\r\n\r\n$body.\r\nQUIT\r\n");
	return ((split /\r\n/, $run->{out})[4] // '', $run->{err});
}

my ($reply, $err) = submit(int(1.99 * MEGABYTE / 77));
like($reply, qr/^250 /, 'two megabytes: accepted') or diag $err;
like($err, qr/check=spamd result=spam score=7\.0/, 'spamd was asked');
like(slurp("$home/size"), qr/^Subject: \*\*\*\*\*SPAM\*\*\*\*\* x$/m, 'and the subject marked');
($reply, $err) = submit(int(20 * MEGABYTE / 77));
like($reply, qr/^250 /, 'twenty: accepted') or diag $err;
like($err, qr/check=spamd result=too-large/, 'spamd was not asked');
ok(-s "$home/size" > 20 * MEGABYTE - 77, 'the message is whole');

done_testing();
