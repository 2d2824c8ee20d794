# Qferry::Spawn - qmail-send's part with a spawner: commands in, reports out.
#
#   my $spawner = spawner($home, ['qmail-rspawn'], VARIABLE => 'value');
#   greeting($spawner, 1);
#   deliver($spawner, 'joe@example.com', sender => '', delnum => 3);   the report, as it came
#   finish($spawner);                                                  "exit signal" after EOF
package Qferry::Spawn;
use strict;
use warnings;
use Exporter qw(import);
use IO::Select;
use Qferry::Test;

our @EXPORT = qw(spawner receive greeting report deliver command finish);

# Start a spawner; its pipes are ours.
sub spawner {
	my ($home, $argv, %env) = @_;
	pipe my $in,   my $to  or die;
	pipe my $from, my $out or die;
	my $pid = start_program($argv, home => $home, fds => { 0 => $in, 1 => $out, 2 => \*STDERR }, env => \%env);
	close $in;
	close $out;
	$to->autoflush(1);
	return { pid => $pid, to => $to, from => $from, bytes => '' };
}

# What came until `enough` says so, or EOF.
sub receive {
	my ($spawner, $enough) = @_;
	until ($enough->($spawner->{bytes})) {
		IO::Select->new($spawner->{from})->can_read(20) or last;
		sysread($spawner->{from}, $spawner->{bytes}, 65536, length $spawner->{bytes}) or last;
	}
	my $bytes = $spawner->{bytes};
	$spawner->{bytes} = '';
	return $bytes;
}

sub greeting { my ($spawner, $width) = @_; return receive($spawner, sub { length $_[0] >= $width }) }

# One report: what is behind the delnum, without its NUL.
sub report {
	my ($spawner, $width) = @_;
	$width ||= 1;
	receive($spawner, sub { length $_[0] > $width && index($_[0], "\0", $width) >= 0 });
}

sub command {
	my ($recipient, %with) = @_;
	my $messid = defined $with{messid} ? $with{messid} : '3/26';
	my $sender = defined $with{sender} ? $with{sender} : 's@example.net';
	return chr($with{delnum} || 0) . "$messid\0$sender\0$recipient\0";
}

sub deliver {
	my ($spawner, $recipient, %with) = @_;
	print { $spawner->{to} } command($recipient, %with);
	return report($spawner);
}

sub finish {
	my ($spawner) = @_;
	close $spawner->{to};
	return join ' ', finish_program($spawner->{pid});
}

1;
