#!/usr/bin/perl
# qmail-try with the owners and modes of an installed home: root sees what qmailr sees, and somebody else
# is told what he may not read (outbound 3.4).  The users need not exist: users/ids names them.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;

plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no setpriv' unless -x '/usr/bin/setpriv';

my ($qmailr, $qmail, $stranger) = (53786, 53789, 53785);
my $home = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $home;
mkdir "$home/$_" for qw(bin users control);
system('cp', (map { build() . "/bin/$_" } qw(qmail-try qmail-dns)), "$home/bin") == 0 or die;
my $dns = start_dns("client.example A 127.0.0.1\nrelay.example A 127.0.0.1\n");
spit("$home/control/me",         "client.example\n");
spit("$home/control/resolvers",  "127.0.0.1:$dns->{port}\n");
spit("$home/control/smtproutes", ":relay.example:587 joe pw\n");

sub try_route {
	my (@as) = @_;
	my $run = run_program([ @as, "$home/bin/qmail-try", 'route', 's@x', 'u@d.example' ], home => $home, limit => 60);
	return { exit => $run->{exit}, map { /\A([a-z-]+): *(.*?)(?:  +\(.*\))?\z/ ? ($1, $2) : () } split /\n/, $run->{out} };
}
sub as { my ($uid, $gid) = @_; return ('/usr/bin/setpriv', "--reuid=$uid", "--regid=$gid", '--clear-groups') }

sub says {
	my ($name, $got, %want) = @_;
	is($got->{$_}, $want{$_}, "$name: $_") for sort keys %want;
}

# Without a qmailr there is nobody to become.
my $nobody = !grep { /^qmailr:/ } split /\n/, slurp('/etc/passwd');
SKIP: {
	skip 'this machine has a qmailr', 3 unless $nobody;
	chmod 0600, "$home/control/smtproutes";
	says('root, and no qmailr', try_route(), exit => 0, as => 'uid 0',
		warning => 'there is no user qmailr here, and root may read what a qmail-remote may not');
}

spit("$home/users/ids", "qmailr:$qmailr\n\@qmail:$qmail\n");
chown 0, $qmail, "$home/control/smtproutes";
chmod 0640, "$home/control/smtproutes";
says('root becomes qmailr', try_route(), exit => 0, as => 'qmailr', credential => 'user joe, password', warning => undef);
says('qmailr', try_route(as($qmailr, $qmail)), exit => 0, as => 'qmailr', credential => 'user joe, password', warning => undef);
says('a stranger', try_route(as($stranger, $stranger)), exit => 111,
	as => "uid $stranger, not qmailr: qmail-remote may read other files than this",
	result => 'not known: this user may not read what qmailr may', warning => 'control/smtproutes: this user may not read it; qmailr, perhaps, may');

chmod 0600, "$home/control/smtproutes";
says('what qmailr may not read', try_route(), exit => 1, as => 'qmailr', result => 'it would be tried again later',
	report => 'control/smtproutes: unreadable: Permission denied');
spit("$home/control/clientcert.pem", "x\n");
chmod 0600, "$home/control/clientcert.pem";
chmod 0640, "$home/control/smtproutes";
chown 0, $qmail, "$home/control/smtproutes";
says('a certificate that qmailr may not read', try_route(), exit => 0, certificate => undef,
	warning => 'control/clientcert.pem: qmail-remote may not read it');

done_testing();
