# Qferry::Net - QMTP and QMQP for tests: what a client says, and what a server's answers are.
#
#   my $said = qmtp("\nSubject: x\n\nhi\n", 's@a.example', 'r@b.example');
#   my $run  = net_run('qmail-qmtpd', $said, home => $home, env => {...});
#   is_deeply [ answers($run->{out}) ], ['Kok N qp N'];
package Qferry::Net;
use strict;
use warnings;
use Exporter qw(import);
use Qferry::Test;
use Test::More;

our @EXPORT = qw(netstring qmtp qmqp answers net_home net_run stored_as);

sub netstring { my $octets = join '', @_; return length($octets) . ":$octets," }

# One message; the text with its first octet, LF or CR.
sub qmtp { my ($text, $from, @to) = @_; return netstring($text) . netstring($from) . netstring(map { netstring($_) } @to) }
sub qmqp { my ($text, $from, @to) = @_; return netstring(netstring($text), netstring($from), map { netstring($_) } @to) }

# The netstrings, numbers of time and process as N; what is none is an answer that begins with "?".
sub answers {
	my ($said) = @_;
	my @answers;
	while ($said =~ /\G(\d+):/gc) {
		my ($length, $at) = ($1, pos $said);
		last if length($said) < $at + $length + 1 || substr($said, $at + $length, 1) ne ',';
		push @answers, substr $said, $at, $length;
		$answers[-1] =~ s/^(Kok )\d+ qp \d+$/$1N qp N/;
		pos($said) = $at + $length + 1;
	}
	push @answers, '?' . substr $said, pos($said) || 0 if (pos($said) || 0) < length $said;
	return @answers;
}

# A home that takes mail for dest.example.
sub net_home {
	my (%controls) = @_;
	return instance(me => "mx.example.net\n", rcpthosts => "dest.example\n.wild.example\n", %controls);
}

# The program, with all of that as its input.
sub net_run {
	my ($program, $said, %with) = @_;
	my $home = $with{home} || net_home(%{ $with{controls} || {} });
	my $queue = use_store_queue($home);
	spit("$home/stored/exit", $with{exit}) if defined $with{exit};
	my %env = (QMAILQUEUE => $queue, TCPREMOTEIP => '192.0.2.1', TCPREMOTEHOST => 'client.example', TCPLOCALHOST => 'mx.example');
	my $run = run_program([$program], home => $home, in => $said, env => { %env, %{ $with{env} || {} } });
	return { %$run, home => $home, stored => [ stored_messages($home) ] };
}

# A look at what net_run() stored first: the message under our Received, and the envelope.
sub stored_as {
	my ($protocol, $message, $sender, @to) = @_;
	return sub {
		my ($run, $name) = @_;
		my $got = $run->{stored}[0];
		(my $rest = $got->{message}) =~ s/\AReceived: from client\.example \(192\.0\.2\.1\)\n  by mx\.example with $protocol; \d+ \w{3} \d{4} \d\d:\d\d:\d\d -0000\n// or fail("$name: Received");
		is($rest, $message, "$name: the message, under our Received");
		is("$got->{sender} > @{ $got->{recipients} }", "$sender > @to", "$name: the envelope");
	};
}

1;
