# Qferry::Talk - a dialogue, line by line, with a session that is { to, from }: handles of its two ends.
package Qferry::Talk;
use strict;
use warnings;
use Exporter qw(import);
use IO::Select;

our @EXPORT = qw(heard say_to);

# The next line of it; 'eof' at its end.
sub heard {
	my ($session) = @_;
	my $line = '';
	while ($line !~ /\n/) {
		IO::Select->new($session->{from})->can_read(20) or return "nothing after $line";
		sysread($session->{from}, my $byte, 1) or return 'eof';
		$line .= $byte;
	}
	return $line =~ s/\r\n$//r;
}

sub say_to { my ($session, @lines) = @_; print { $session->{to} } map { "$_\r\n" } @lines; return heard($session) }

1;
