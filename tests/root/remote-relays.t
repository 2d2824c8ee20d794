#!/usr/bin/perl
# qmail-remote submits to Debian's Exim, by STARTTLS and by TLS at once, with AUTH: with the right certificate, name and
# password, and not otherwise; and delivers to OpenSMTPD.  Root, because they change users.
#
# peers: exim4 opensmtpd
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Basename qw(dirname);
use IO::Socket::INET;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

plan skip_all => 'needs root' if $>;
system('unshare -m true 2>/dev/null') == 0 or plan skip_all => 'mount namespaces are not permitted here';
system('command -v openssl >/dev/null 2>&1') == 0 or plan skip_all => 'no openssl to make certificates';

my $pki = temp_dir();
make_authority($pki, $_) for qw(ca otherca);
make_certificate($pki, 'submit', 'ca', alt => 'DNS:submit.example', key => 'rsa');
spit("$pki/submit.pem", pem($pki, 'submit.key', 'submit.crt'));
my $dns = start_dns("submit.example A 127.0.0.1\nalias.example A 127.0.0.1\n");
my @servers;

END {
	my $status = $?;
	for my $pid (@servers) {
		kill 'TERM', $pid;
		finish_program($pid, 10);
	}
	$? = $status;
}

sub free_ports {
	my @open = map { IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') } 1 .. 2;
	return map { $_->sockport } @open;
}

for my $name (@ARGV ? @ARGV : qw(exim4 opensmtpd)) {
	SKIP: {
		chomp(my $peer = `"$FindBin::Bin/../peers" $name 2>/dev/null`);
		$peer or skip "the package of $name cannot be had", 1;
		try_server($name, $peer);
	}
}
done_testing();

sub try_server {
	my ($name, $peer) = @_;
	my $dir = temp_dir();
	# The server's users must be able to reach it.
	chmod 0711, map { dirname($_), $_ } $ENV{TMPDIR} if $ENV{TMPDIR} && $ENV{TMPDIR} ne '/tmp';
	chmod 0755, $dir;
	my ($port, $tlsport) = free_ports();
	open my $errors, '>', "$dir/errors" or die;
	(my $tool = "$FindBin::Bin/../tools/$name-server") =~ s/exim4/exim/;
	my $has_tls = $name eq 'exim4';    # tools/opensmtpd-server says why
	my $credential = $has_tls ? ' joe pw' : '';
	push @servers, start_program([ $tool, $peer, $dir, $port, $has_tls ? ($tlsport, "$pki/submit.pem", 'joe', 'pw') : () ],
		fds => { 1 => $errors, 2 => $errors });
	if (!wait_until(sub { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") })) {
		diag(slurp("$dir/errors"), map { slurp($_) // '' } glob "$dir/log/*");
		fail("$name does not listen");
		return;
	}
	my $submit = sub {
		my ($body, %controls) = @_;
		my $home = instance(
			me         => "client.example\n",
			smtproutes => ":submit.example:$port$credential\n",
			resolvers  => "127.0.0.1:$dns->{port}\n",
			tlspolicy  => $has_tls ? ":secure ca=$pki/ca.crt\n" : "\n",
			%controls
		);
		my $run = run_program([ 'qmail-remote', 'dest.example', 's@client.example', 'r@dest.example', 'q@dest.example' ],
			home => $home, in => $body, limit => 60);
		is($run->{exit}, 0, "$name: exit 0");
		$run->{out} =~ s/\0/\\0/g;
		return $run->{out};
	};
	my $arrived = sub {
		my ($text, $what) = @_;
		my $seen = sub { grep { index($_, $text) >= 0 } map { slurp($_) // '' } glob "$dir/mail/new/*" };
		ok(wait_until(sub { $seen->() == 2 }), "$name: $what, for each recipient")
		  or diag(slurp("$dir/errors"), map { slurp($_) // '' } glob "$dir/log/*");
		return ($seen->())[0] // '';
	};
	my $delivered = qr/\Ar\\0r\\0K127\.0\.0\.1 accepted message\.\nRemote host said: 250[- ].*\n\\0\z/s;

	my $long = 'x' x 70 . "\n";
	my $body = "\n\n.dot\n..\nbody \xe4\n" . $long x 3000;
	like($submit->("Subject: interop$body"), $delivered, "$name: delivered");
	my $message = $arrived->($body, 'the message is whole');
	like($message, qr/^Return-Path: <s\@client\.example>$/mi, "$name: the envelope");
	like($message, qr/^Subject: interop$/m, "$name: the header");
	$body = "\n\nchunks\n.dot\n" . $long x 30000;
	like($submit->("Subject: chunks$body", chunkingremote => "1\n"), $delivered, "$name: with chunkingremote");
	$arrived->($body, 'in chunks, where it takes them');
	return unless $has_tls;
	like($submit->("Subject: implicit\n\nx\n", smtproutes => ":submit.example:s$tlsport joe pw\n"), $delivered, "$name: TLS at once");
	$arrived->("Subject: implicit\n", 'arrives, too');
	for my $mechanism (qw(PLAIN LOGIN)) {
		like($submit->("Subject: $mechanism\n\nx\n", authmechs => "submit.example:$mechanism\n"), $delivered, "$name: $mechanism");
	}
	my $refused = qr/\AZConnected to 127\.0\.0\.1 but TLS policy secure failed: .+\. \(#4\.7\.5\)\n\\0\z/;
	like($submit->("x\n", tlspolicy => ":secure ca=$pki/otherca.crt\n"), $refused, "$name: a certificate of another authority");
	like($submit->("x\n", smtproutes => ":alias.example:$port joe pw\n"), $refused, "$name: another name");
	like($submit->("x\n", smtproutes => ":submit.example:$port joe wrong\n"),
		qr/\AZConnected to 127\.0\.0\.1 but authentication was rejected \((?:PLAIN|LOGIN)\)\. \(#4\.7\.8\)\nRemote host said: 535 [^\n]+\n\\0\z/,
		"$name: a wrong password, with the words of the server");
	like($submit->("x\n", smtproutes => ":submit.example:$port\n"), qr/\A(?:[hs]|[ZD]Connected).*Remote host said: [45]/s, "$name: without AUTH it refuses");
}
