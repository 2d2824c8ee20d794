#!/usr/bin/perl
# qmail-qmqpc and the QMQP server of Debian's Postfix, which delivers into a Maildir, or does not want to be asked by us.
# Root, because Postfix changes users.
#
# peers: postfix
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Basename qw(dirname);
use File::Path qw(make_path);
use IO::Socket::INET;
use Qferry::Queue;
use Qferry::Test;
use Test::More;

plan skip_all => 'needs root' if $>;
system('unshare -m true 2>/dev/null') == 0 or plan skip_all => 'mount namespaces are not permitted here';
chomp(my $peer = `"$FindBin::Bin/../peers" postfix 2>/dev/null`);
$peer or plan skip_all => 'the package of Postfix cannot be had';

my $dir = temp_dir();
# Postfix's user must be able to reach it.
chmod 0711, map { dirname($_), $_ } $ENV{TMPDIR} if $ENV{TMPDIR} && $ENV{TMPDIR} ne '/tmp';
make_path("$dir/mail/box");
chmod 0755, $dir, "$dir/mail";
chown 65534, 65534, "$dir/mail", "$dir/mail/box";

# Ports of its choice are no use here: it is told them.  All are held until the last is known.
my @held = map { IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') } 1 .. 3;
my ($smtp, $open, $closed) = map { $_->sockport } @held;
close $_ for @held;
open my $errors, '>', "$dir/errors" or die;
my $postfix = start_program([ "$FindBin::Bin/../tools/postfix-server", $peer, $dir, $smtp,
		"service: 127.0.0.1:$open inet n - n - - qmqpd -o qmqpd_authorized_clients=127.0.0.0/8",
		"service: 127.0.0.1:$closed inet n - n - - qmqpd -o qmqpd_authorized_clients=192.0.2.1",
		'qmqpd_error_delay = 0s', 'message_size_limit = 1000000',
		'virtual_mailbox_domains = dest.example', "virtual_mailbox_base = $dir/mail", 'virtual_mailbox_maps = static:box/',
		'virtual_uid_maps = static:65534', 'virtual_gid_maps = static:65534' ], fds => { 2 => $errors });
END {
	my $status = $?;
	kill 'TERM', $postfix if $postfix;
	finish_program($postfix, 10) if $postfix;
	$? = $status;
}
for my $port ($open, $closed) {
	next if wait_until(sub { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") });
	diag(slurp("$dir/errors") . (slurp("$dir/maillog") || ''));
	BAIL_OUT('Postfix does not listen');
}

sub send_by {
	my ($servers, $message, @to) = @_;
	my $home = instance(qmqpservers => join '', map { "127.0.0.1:$_\n" } @$servers);
	return enqueue($home, $message, envelope('s@client.example', @to), program => program('qmail-qmqpc'));
}

sub arrived { my ($what) = @_; return grep { slurp($_) =~ $what } glob "$dir/mail/box/new/*" }

my $run = send_by([$open], "Subject: interop one\n\n.dot\n8 bit \xe4\nlong " . 'x' x 900 . "\n", 'r@dest.example', 'q@dest.example');
is("$run->{exit} $run->{err}", '0 ', 'taken');
wait_until(sub { arrived(qr/^Subject: interop one$/m) == 2 }) or diag(slurp("$dir/maillog"));
my @files = arrived(qr/^Subject: interop one$/m);
is(scalar(@files), 2, '... delivered to both');
like(slurp($files[0]), qr/^Return-Path: <s\@client\.example>\n.*\n\n\.dot\n8 bit \xe4\nlong x{900}\n\z/s, '... the sender, and the text as it was');

$run = send_by([$closed], "x\n", 'r@dest.example');
like("$run->{exit} $run->{err}", qr/\A31 qmail-qmqpc: control\/qmqpservers:1: .*not authorized/, 'a client that may not, which is said before the message is there');
$run = send_by([$open], 'x' x 2_000_000, 'r@dest.example');
like("$run->{exit} $run->{err}", qr/\A31 qmail-qmqpc: control\/qmqpservers:1: netstring length exceeds/, 'a message that is too large');

done_testing();
