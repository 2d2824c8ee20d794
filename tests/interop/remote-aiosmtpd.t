#!/usr/bin/perl
# qmail-remote submits to aiosmtpd, which wants STARTTLS and AUTH: with the right certificate, name and
# password, and not otherwise.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Qferry::Tls;
use Test::More;

system("/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null") == 0 or plan skip_all => 'python3-aiosmtpd is not installed';
system('command -v openssl >/dev/null 2>&1') == 0 or plan skip_all => 'no openssl to make certificates';

my $pki = temp_dir();
make_authority($pki, $_) for qw(ca otherca);
make_certificate($pki, 'submit', 'ca', alt => 'DNS:submit.example,DNS:submit.xn--bcher-kva.example');
spit("$pki/submit.pem", pem($pki, 'submit.key', 'submit.crt'));

my $mail = temp_dir();
open my $complaints, '>', "$mail/complaints" or die;    # about the handshakes that we end
my $password = 'p|w :"';
my $server = start_server([ "$FindBin::Bin/../tools/aiosmtpd-server", "$pki/submit.pem", 'joe', $password, $mail ],
	env => { %ENV }, fds => { 2 => $complaints });
my $dns = start_dns("submit.example A 127.0.0.1\nalias.example A 127.0.0.1\nsubmit.xn--bcher-kva.example A 127.0.0.1\n");

sub submit {
	my (%controls) = @_;
	my $home = instance(
		me         => "client.example\n",
		smtproutes => ":submit.example:$server->{port} joe $password\n",
		resolvers  => "127.0.0.1:$dns->{port}\n",
		tlspolicy  => "submit.example:secure ca=$pki/ca.crt\nalias.example:secure ca=$pki/ca.crt\n",
		%controls
	);
	my $run = run_program([ 'qmail-remote', 'dest.example', 's@client.example', 'r@dest.example' ],
		home => $home, in => "Subject: interop\n\n.dot\nbody \xe4\n");
	is($run->{exit}, 0, 'exit 0');
	$run->{out} =~ s/\0/\\0/g;
	return $run->{out};
}

sub messages { my @all = glob "$mail/*.message"; return scalar @all }

like(submit(), qr/\Ar\\0K127\.0\.0\.1 accepted message\.\nRemote host said: 250 kept as 1\n\\0\z/, 'delivered');
is(slurp("$mail/1.message"), "Subject: interop\r\n\r\n.dot\r\nbody \xe4\r\n", 'the message is whole');
is(slurp("$mail/1.envelope"), "s\@client.example r\@dest.example\n", 'so is the envelope');
for my $mechanism (qw(PLAIN LOGIN)) {
	like(submit(authmechs => "submit.example:$mechanism\n"), qr/\Ar\\0K/, $mechanism);
}
like(submit(tlspolicy => "submit.example:secure ca=$pki/otherca.crt\n"),
	qr/\AZConnected to 127\.0\.0\.1 but TLS policy secure failed: .+\. \(#4\.7\.5\)\n\\0\z/, 'a certificate of another authority');
like(submit(smtproutes => ":alias.example:$server->{port} joe $password\n"),
	qr/\AZConnected to 127\.0\.0\.1 but TLS policy secure failed: .+\. \(#4\.7\.5\)\n\\0\z/, 'another name');
like(submit(smtproutes => ":alias.example:$server->{port} joe $password\n",
		tlspolicy => "alias.example:secure ca=$pki/ca.crt match=submit.example\n"), qr/\Ar\\0K/, 'another name that is allowed');
like(submit(smtproutes => ":submit.example:$server->{port} joe wrong\n"),
	qr/\AZConnected to 127\.0\.0\.1 but authentication was rejected \(PLAIN\)\. \(#4\.7\.8\)\nRemote host said: 535 5\.7\.8 wrong words\n\\0\z/,
	'a wrong password, with the words of the server');
for my $name ("submit.b\xc3\xbccher.example", 'submit.xn--bcher-kva.example') {
	like(submit(smtproutes => ":$name:$server->{port} joe $password\n", tlspolicy => "$name:secure ca=$pki/ca.crt\n"), qr/\Ar\\0K/,
		'outbound 2.3, IDN: TLS verifies the A-label; keys are as written');
}
is(messages(), 6, 'nothing else was accepted');

done_testing();
