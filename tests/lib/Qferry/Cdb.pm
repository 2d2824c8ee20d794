# Qferry::Cdb - the bytes of a cdb file: cdb([key, data], ...).
package Qferry::Cdb;
use strict;
use warnings;
use Exporter qw(import);
our @EXPORT = qw(cdb);

# A cdb file as its inventor's description says, octet for octet.
sub cdb {
	my @records = @_;
	my ($body, @table) = ('');
	for my $record (@records) {
		my ($key, $data) = @$record;
		my $hash = 5381;
		$hash = (($hash * 33) & 0xffffffff) ^ ord for split //, $key;
		push @{ $table[ $hash & 255 ] }, [ $hash, 2048 + length $body ];
		$body .= pack('VV', length $key, length $data) . $key . $data;
	}
	my ($header, $tables) = ('', '');
	for my $n (0 .. 255) {
		my @entries = @{ $table[$n] || [] };
		my $size    = 2 * @entries;
		$header .= pack 'VV', 2048 + length($body) + length($tables), $size;
		my @slots;
		for my $entry (@entries) {
			my $slot = ($entry->[0] >> 8) % $size;
			$slot = ($slot + 1) % $size while $slots[$slot];
			$slots[$slot] = $entry;
		}
		$tables .= pack 'VV', @{ $slots[$_] || [ 0, 0 ] } for 0 .. $size - 1;
	}
	return $header . $body . $tables;
}

1;
