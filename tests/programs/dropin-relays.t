#!/usr/bin/perl
# dropin of qmail-remote, with real programs and relays: what would become of mail with a credential (outbound 4.4)?
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Home qw(foreign_home run_setup shape);
use Qferry::Test;
use Qferry::Tls;
use Test::More;

plan skip_all => 'perl has no IO::Socket::SSL' if system($^X, top() . '/tests/tools/smtpsink', '--can-tls') != 0;
plan skip_all => 'no openssl to make certificates' if system('command -v openssl >/dev/null 2>&1') != 0;
$ENV{RUN_SCRIPTS} = '';
delete @ENV{qw(STOP CONNECT FORCE)};

my $dir = temp_dir();
my $pki = "$dir/pki";
mkdir $pki;
make_authority($pki, $_) for qw(ca other);
make_certificate($pki, 'relay', 'ca', alt => 'DNS:relay.example,IP:127.0.0.1');
spit("$pki/relay.pem", pem($pki, 'relay.key', 'relay.crt'));
my $relay = start_sink("user user secret\nehlo-tls AUTH PLAIN\n", '--cert', "$pki/relay.pem");
my $dns = start_dns("relay.example A 127.0.0.1\nmx.example.org A 127.0.0.1\n");

# The programs, without the note that says which home they were made for.
mkdir "$dir/build";
symlink build() . '/bin', "$dir/build/bin" or die;
my $home = foreign_home("$dir/home", 'netqmail');
control($home, resolvers => "127.0.0.1:$dns->{port}\n");
control($home, smtproutes => ":relay.example:$relay->{port} user secret\nclear.example:relay.example:$relay->{port}\n");

sub dropin {
	my (%how) = @_;
	local @ENV{keys %how} = values %how;
	return join ' ', run_setup('dropin', $home, "$dir/build", 'qmail-remote');
}

# A relay on loopback would be let off verification; this one is not.
control($home, tlspolicy => "relay.example:secure\n");
my $before = shape($home);
my $said = dropin(CONNECT => 1);
like($said, qr/^1 .*leaves by relay\.example\S* with a credential, at the level secure: .*\n.*nothing was changed/s, 'a relay with a private certificate is refused');
is(shape($home), $before, 'nothing was changed');
unlike($said, qr/clear\.example leaves/, 'one without a credential is nobody\'s business');
unlike($said, qr/secret/, 'no password is shown');
like(slurp("$relay->{dir}/1.log"), qr/^TLS/m, 'it was asked');
unlike(slurp("$relay->{dir}/1.log"), qr/C: (?:AUTH|MAIL)/, '... and not told anything');

control($home, tlspolicy => "relay.example:secure ca=$pki/ca.crt\n");
$said = dropin(CONNECT => 1);
like($said, qr/^0 .*at the level secure: it passes/s, 'with its authority in tlspolicy it passes');
run_setup('dropin-undo', $home);
control($home, tlspolicy => "relay.example:encrypt\n");
$said = dropin(CONNECT => 1);
like($said, qr/^0 .*at the level encrypt: it passes/s, 'or at a lower level');
run_setup('dropin-undo', $home);
control($home, tlspolicy => "relay.example:secure\n");
my $asked = () = glob "$relay->{dir}/*.in";
$said = dropin();
like($said, qr/^0 .*relay\.example:\d+ with a credential: not tried.*CONNECT=1/s, 'without CONNECT it is only said');
is(scalar(() = glob "$relay->{dir}/*.in"), $asked, '... and nobody is connected to');
run_setup('dropin-undo', $home);
$said = dropin(CONNECT => 1, FORCE => 1);
like($said, qr/^0 .*mail for these relays would wait/s, 'FORCE goes on');

done_testing();
