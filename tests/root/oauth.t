#!/usr/bin/perl
# qmail-oauth as qmailo, with the owners and modes of an installed home: who may ask, who can read which
# secret, and that qmailr gets the kept token when the service is away (DESIGN 4 and 9).  The users need
# not exist: users/ids names them.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Socket qw(AF_UNIX SOCK_SEQPACKET pack_sockaddr_un);
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Qferry::Tls;

plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no setpriv' unless -x '/usr/bin/setpriv';
system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0
  or plan skip_all => 'perl has no IO::Socket::SSL';
system('command -v openssl >/dev/null 2>&1') == 0 or plan skip_all => 'no openssl to make certificates';

my $P = '127.0.0.1';
my ($qmailo, $qmail) = (53794, 53789);    # groups
my %uid = (qmaild => 53782, qmailr => 53786, qmails => 53783, stranger => 53785, qmailo => $qmailo);
my $home = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $home;
make_authority($home, 'ca');
make_certificate($home, 'good', 'ca', alt => "IP:$P");
spit("$home/good.pem", pem($home, 'good.key', 'good.crt'));
my $server = start_tokenserver("token first 3600 rotated\n", "$home/good.pem");
my $sink = start_sink("token me\@office.example first\n");

mkdir "$home/$_" for qw(bin users control control/oauth control/oauth/office control/routes control/routes/office run run/oauth state state/oauth);
system('cp', (map { build() . "/bin/$_" } qw(qmail-oauth qmail-remote)), "$home/bin") == 0 or die;
spit("$home/users/ids", join '', map { "$_:$uid{$_}\n" } grep { $_ ne 'stranger' } sort keys %uid);
spit("$home/control/me", "client.example\n");
spit("$home/control/smtproutes", ":\@office\n");
my %oauth = (tokenurl => "https://$P:$server->{port}/", clientid => 'id', clientsecret => 'secret', refreshtoken => 'given', cafile => 'ca.crt');
spit("$home/control/oauth/office/$_", "$oauth{$_}\n") for keys %oauth;
spit("$home/control/routes/office/relay", "$P:$sink->{port}\n");
spit("$home/control/routes/office/user", "me\@office.example\n");
chmod 0750, "$home/control/oauth/office", "$home/control/routes/office";
chown 0, $qmailo, "$home/control/oauth/office";
chown 0, $qmail, "$home/control/routes/office";
chown $uid{qmailo}, $qmail, "$home/state/oauth";
chmod 02750, "$home/state/oauth";
chown $uid{qmailo}, 0, "$home/run/oauth";

sub as { my ($who, $gid) = @_; return ('/usr/bin/setpriv', "--reuid=$uid{$who}", "--regid=$gid", '--clear-groups') }

sub deliver {
	my ($who) = @_;
	return run_program([ as($who, $qmail), "$home/bin/qmail-remote", 'dest.example', 's@client.example', 'r@dest.example' ],
		home => $home, in => "Subject: x\n\nbody\n")->{out};
}

my $pid = start_program([ as('qmailo', $qmailo), "$home/bin/qmail-oauth", 'serve' ], home => $home);
ok wait_until(sub {
	socket(my $socket, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
	return connect($socket, pack_sockaddr_un("$home/run/oauth/sock"));
}), 'resident';
like deliver('stranger'), qr/^ZSorry, I have no OAuth 2 token for office: qmail-oauth does not answer us\. /, 'a stranger gets nothing';
like deliver('qmailr'), qr/^r\0K/, 'qmailr gets the token';
my %is = map { $_ => sprintf '%o %d %d', (stat "$home/state/oauth/$_")[2] & 07777, (stat _)[ 4, 5 ] } qw(office office.refresh);
is $is{office}, "640 $uid{qmailo} $qmail", 'the access token is for the group';
is $is{'office.refresh'}, "600 $uid{qmailo} $qmail", 'the refresh token is for qmailo alone';

sub can_read {
	my ($who, $gid, $path) = @_;
	return run_program([ as($who, $gid), '/bin/cat', "$home/$path" ])->{exit} == 0;
}
ok can_read('qmailr', $qmail, 'state/oauth/office'), 'qmailr reads the access token';
ok !can_read('qmailr', $qmail, $_), "qmailr does not read $_" for qw(control/oauth/office/clientsecret state/oauth/office.refresh);
ok !can_read('stranger', $uid{stranger}, $_), "a stranger does not read $_" for qw(state/oauth/office control/routes/office/user);

kill 'TERM', $pid;
is join(' ', finish_program($pid)), '0 0', 'the service ends';
like deliver('qmailr'), qr/^r\0K/, 'without it the kept token serves';
done_testing();
