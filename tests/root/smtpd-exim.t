#!/usr/bin/perl
# Debian's Exim, which uses BDAT where it is offered, sends to qmail-smtpd: in chunks and, where chunking
# is off, by DATA, the same message.  Root, because Exim changes users.
#
# peers: exim4
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Basename qw(dirname);
use Qferry::Test;
use Test::More;

plan skip_all => 'needs root' if $>;
system('unshare -m true 2>/dev/null') == 0 or plan skip_all => 'mount namespaces are not permitted here';
chomp(my $peer = `"$FindBin::Bin/../peers" exim4 2>/dev/null`);
$peer or plan skip_all => 'the package of Exim cannot be had';

chomp(my $tcpserver = `sh -c 'command -v tcpserver'`);
$tcpserver or plan skip_all => 'tcpserver is not installed';

# Exim's user must be able to reach it.
chmod 0711, map { dirname($_), $_ } $ENV{TMPDIR} if $ENV{TMPDIR} && $ENV{TMPDIR} ne '/tmp';
my $home = instance(me => "mx.example.net\n", rcpthosts => "example.net\n");
my $text = "Subject: chunks\n\n.\n..a dot\n" . ("x" x 70 . "\n") x 5000;

sub submit {
	my ($chunking) = @_;
	my $server = start_server([ $tcpserver, qw(-1 -H -R -l0 127.0.0.1 0), program('qmail-smtpd') ], home => $home,
		env => { CHUNKING => $chunking, QMAILQUEUE => use_store_queue($home) });
	my $dir = temp_dir();
	chmod 0755, $dir;
	my $run = run_program([ "$FindBin::Bin/../tools/exim-client", $peer, $dir, $server->{port}, 'a@sender.example',
		'x@example.net', 'y@example.net' ], in => $text, env => { %ENV }, limit => 60);
	is($run->{exit}, 0, "Exim took the message, CHUNKING=$chunking") or diag($run->{err});
	stop_server($server);
	return slurp("$dir/log/main");
}

my ($by_bdat, $by_data) = map { submit($_) } 1, 0;
like($by_bdat, qr/=> x\@example\.net .* K C="250 ok /, 'delivered in chunks, says Exim');
like($by_data, qr/=> x\@example\.net .* C="250 ok /, 'delivered without them');
unlike($by_data, qr/ K C=/, 'and says so');
my @messages = stored_messages($home);
is(@messages, 2, 'each message once');
for my $message (@messages) {
	like($message->{message}, qr/\n\n\.\n\.\.a dot\n(?:x{70}\n){5000}\z/, 'whole, dots and all');
	is($message->{envelope}, "Fa\@sender.example\0Tx\@example.net\0Ty\@example.net\0\0", 'with its envelope');
}
done_testing();
