#!/usr/bin/perl
# qmail-smtpd and Debian's clamd: a virus is refused, in the clear and in base64, however the message comes;
# what is too large passes; when clamd is gone, mail waits or passes.
#
# peers: clamd
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64;
use Qferry::Test;
use Test::More;

chomp(my $peer = `"$FindBin::Bin/../peers" clamd 2>/dev/null`);
$peer or plan skip_all => 'the package of clamd cannot be had';

my $home = instance(me => "mx.example.org\n", rcpthosts => "example.org\n", clamd => "./clamd.sock\n");
open my $log, '>', "$home/clamd.log" or die;
my $clamd = start_program([ "$FindBin::Bin/../tools/clamd-server", $peer, $home ], fds => { 1 => $log, 2 => $log });
wait_until(sub { -S "$home/clamd.sock" || waitpid($clamd, 1) == $clamd });
-S "$home/clamd.sock" or do { diag slurp("$home/clamd.log"); plan skip_all => 'clamd does not start here' };

# The reply to the message, and the log.
sub submit {
	my ($message, %env) = @_;
	$message =~ s/\n/\r\n/g;
	my $run = run_program(['qmail-smtpd'], home => $home, env => { QMAILQUEUE => use_store_queue($home), %env },
		in => "MAIL FROM:<a\@b.example>\r\nRCPT TO:<joe\@example.org>\r\nDATA\r\n$message.\r\nQUIT\r\n");
	my @lines = split /\r\n/, $run->{out};
	return ($lines[4], $run->{err});
}

sub stored { return scalar stored_messages($home) }

my $marker = 'qferry-virus-marker';
is((submit("Subject: x\n\nhello\n"))[0] =~ s/\d+/N/gr, 'N ok N qp N', 'a clean message');
my ($reply, $err) = submit("Subject: x\n\n$marker\n");
is($reply, '552 Virus Found: Test.Qferry.UNOFFICIAL', 'a virus');
like($err, qr/ scan .*check=clamd result=virus .*text=Test\.Qferry\.UNOFFICIAL/, 'the log has its name');
my $attachment = encode_base64('x' x 5000 . $marker . 'y' x 5000);
is((submit("Mime-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\n" .
			"Content-Type: application/octet-stream; name=x.bin\nContent-Transfer-Encoding: base64\n\n$attachment\n--b--\n"))[0],
	'552 Virus Found: Test.Qferry.UNOFFICIAL', 'in base64: clamd takes it for mail');
is(stored(), 1, 'neither was stored');
($reply, $err) = submit("Subject: x\n\n" . ('x' x 75 . "\n") x 20000);
like($reply, qr/^250 /, 'what is too large for clamd passes');
like($err, qr/ scan .*check=clamd result=too-large/, 'the log says so');

kill 'TERM', $clamd;
finish_program($clamd);
like((submit("Subject: x\n\nhello\n"))[0], qr/^451 .* \(#4\.3\.0\)$/, 'no clamd: later');
like((submit("Subject: x\n\n$marker\n", CLAMDFAIL => 'pass'))[0], qr/^250 /, 'or not at all');
is(stored(), 3, 'stored');

done_testing();
