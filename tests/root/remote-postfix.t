#!/usr/bin/perl
# qmail-remote submits to Debian's Postfix, which wants STARTTLS and AUTH, and delivers into a Maildir:
# with the right certificate, name and password, and not otherwise.  Root, because Postfix changes users.
#
# peers: postfix
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Basename qw(dirname);
use File::Path qw(make_path);
use IO::Socket::INET;
use IO::Socket::UNIX;
use MIME::Base64;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

plan skip_all => 'needs root' if $>;
system('unshare -m true 2>/dev/null') == 0 or plan skip_all => 'mount namespaces are not permitted here';
chomp(my $peer = `"$FindBin::Bin/../peers" postfix 2>/dev/null`);
$peer or plan skip_all => 'the package of Postfix cannot be had';

my $pki = temp_dir();
make_authority($pki, $_) for qw(ca otherca);
make_certificate($pki, 'submit', 'ca', alt => 'DNS:submit.example');
my $dir = temp_dir();
# Postfix's user must be able to reach it.
chmod 0711, map { dirname($_), $_ } $ENV{TMPDIR} if $ENV{TMPDIR} && $ENV{TMPDIR} ne '/tmp';
make_path("$dir/mail/box", "$dir/queue/private");
chmod 0755, $dir, "$dir/mail", $pki;
chown 65534, 65534, "$dir/mail", "$dir/mail/box";

# --- who may log in: the protocol of dovecot's auth sockets, as far as Postfix uses it ---------------

my $auth = IO::Socket::UNIX->new(Local => "$dir/queue/private/auth", Listen => 10) or die "auth: $!";
chmod 0666, "$dir/queue/private/auth";
my $keeper = fork // die;
if (!$keeper) {
	$SIG{CHLD} = 'IGNORE';
	alarm 250;
	while (my $client = $auth->accept) {
		next if fork;
		$client->autoflush(1);
		print $client "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t0\nDONE\n";
		while (my $line = <$client>) {
			next unless $line =~ /^AUTH\t(\d+)\tPLAIN\t.*\bresp=(\S*)/;
			my ($id, $response) = ($1, decode_base64($2));
			print $client $response eq "\0joe\0p w" ? "OK\t$id\tuser=joe\n" : "FAIL\t$id\tuser=joe\n";
		}
		exec 'true';
	}
	exec 'true';
}

# --- Postfix ---------------------------------------------------------------------------------------------

my $port = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')->sockport;
open my $errors, '>', "$dir/errors" or die;
my $postfix = start_program([ "$FindBin::Bin/../tools/postfix-server", $peer, $dir, $port,
		"smtpd_tls_cert_file = $pki/submit.crt", "smtpd_tls_key_file = $pki/submit.key",
		'smtpd_tls_security_level = encrypt', 'smtpd_sasl_auth_enable = yes', 'smtpd_sasl_type = dovecot',
		'smtpd_sasl_path = private/auth', 'smtpd_tls_auth_only = yes',
		'smtpd_recipient_restrictions = permit_sasl_authenticated, reject',
		'virtual_mailbox_domains = dest.example', "virtual_mailbox_base = $dir/mail", 'virtual_mailbox_maps = static:box/',
		'virtual_uid_maps = static:65534', 'virtual_gid_maps = static:65534' ], fds => { 2 => $errors });
END {
	my $status = $?;
	for my $pid (grep { $_ } $postfix, $keeper) {
		kill 'TERM', $pid;
		finish_program($pid, 10);
	}
	$? = $status;
}
if (!wait_until(sub { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") })) {
	diag(slurp("$dir/errors") . (slurp("$dir/maillog") || ''));
	BAIL_OUT('Postfix does not listen');
}

# --- deliveries ------------------------------------------------------------------------------------------

my $dns = start_dns("submit.example A 127.0.0.1\nalias.example A 127.0.0.1\n");

sub submit {
	my ($body, %controls) = @_;
	my $home = instance(
		me         => "client.example\n",
		smtproutes => ":submit.example:$port joe p w\n",
		resolvers  => "127.0.0.1:$dns->{port}\n",
		tlspolicy  => ":secure ca=$pki/ca.crt\n",
		%controls
	);
	my $run = run_program([ 'qmail-remote', 'dest.example', 's@client.example', 'r@dest.example' ], home => $home, in => $body);
	is($run->{exit}, 0, 'exit 0');
	$run->{out} =~ s/\0/\\0/g;
	return $run->{out};
}

like(submit("Subject: interop\n\n.dot\nbody \xe4\n" . 'long ' x 10000 . "\n"),
	qr/\Ar\\0K127\.0\.0\.1 accepted message\.\nRemote host said: 250 2\.0\.0 Ok: queued as \S+\n\\0\z/, 'delivered');
my ($file) = wait_until(sub { my @new = glob "$dir/mail/box/new/*"; $new[0] });
my $message = slurp($file // '/nonexistent') // '';
like($message, qr/^Return-Path: <s\@client\.example>$/m, 'the envelope');
like($message, qr/^X-Original-To: r\@dest\.example$/m, '... of both ends');
like($message, qr/\bTLSv1\.\d.*\(Authenticated sender|with ESMTPSA/s, 'over TLS, authenticated');
like($message, qr/^Subject: interop\n.*\n\n\.dot\nbody \xe4\n(?:long ){1000}/ms, 'the message');

my $refused = qr/\AZConnected to 127\.0\.0\.1 but TLS policy secure failed: .+\. \(#4\.7\.5\)\n\\0\z/;
like(submit("x\n", tlspolicy => ":secure ca=$pki/otherca.crt\n"), $refused, 'a certificate of another authority');
like(submit("x\n", smtproutes => ":alias.example:$port joe p w\n"), $refused, 'another name');
like(submit("x\n", smtproutes => ":submit.example:$port joe wrong\n"),
	qr/\AZConnected to 127\.0\.0\.1 but authentication was rejected \(PLAIN\)\. \(#4\.7\.8\)\nRemote host said: 535 5\.7\.8 [^\n]+\n\\0\z/,
	'a wrong password, with the words of the server');
like(submit("x\n", smtproutes => ":submit.example:$port\n", tlspolicy => "submit.example:none\n"),
	qr/\AZConnected to 127\.0\.0\.1 but sender was rejected\.|\ADConnected to 127\.0\.0\.1 but sender was rejected\.\nRemote host said: 530/,
	'without TLS the server refuses');
like(submit("x\n", smtproutes => ":submit.example:$port\n"),
	qr/\A[hs]127\.0\.0\.1 does not like recipient\.\nRemote host said: 554 .*\n\\0DGiving up on 127\.0\.0\.1\.\n/, 'without AUTH the recipient is refused');

done_testing();
