# Qferry::Dane - what a TLSA record says of a certificate.
package Qferry::Dane;
use strict;
use warnings;
use Exporter qw(import);

our @EXPORT = qw(association);

# The octets that selector 0 ("certificate") or 1 ("key") means, of a PEM file.
sub association {
	my ($path, $what) = @_;
	my $command = $what eq 'key'
	  ? "openssl x509 -in '$path' -noout -pubkey | openssl pkey -pubin -outform DER"
	  : "openssl x509 -in '$path' -outform DER";
	open my $out, '-|:raw', $command or die "$command: $!";
	local $/;
	my $octets = <$out>;
	close $out or die "$command: $?";
	return $octets;
}

1;
