# Qferry::Remote - one delivery by qmail-remote to a scripted server, and what it reports.
#
#   my $run = remote("mail 550 no\n", controls => { me => "x\n" });
#   report_is($run, "D...", 'name');     $run->{said}->(1) is what connection 1 sent
package Qferry::Remote;
use strict;
use warnings;
use Exporter qw(import);
use Qferry::Test;
use Test::More;

our @EXPORT = qw(remote report_is visible said sent_quit failed $P $ACCEPTED $DIED $MAYBE_TWICE $GAVE_UP);

our $P           = '127.0.0.1';
our $ACCEPTED    = "K$P accepted message.\nRemote host said: 250 ok queued\n\0";
our $DIED        = "ZConnected to $P but connection died. (#4.4.2)\n\0";
our $MAYBE_TWICE = "ZConnected to $P but connection died. Possible duplicate! (#4.4.2)\n\0";
our $GAVE_UP     = "DGiving up on $P.\n\0";

# Options: controls (file => text, PORT is replaced), argv, in (the message) or fds, sink (options of it, or a sink that
# runs), route (text behind the relay's port), env, wrap (a command in front).
sub remote {
	my ($script, %o) = @_;
	my $sink = ref $o{sink} eq 'HASH' ? $o{sink} : start_sink($script, @{ $o{sink} || [] });
	my %controls = (me => "client.example\n", smtproutes => ":$P:PORT" . ($o{route} || '') . "\n", %{ $o{controls} || {} });
	s/PORT/$sink->{port}/g for grep { defined } values %controls;
	my $home = instance(map { $_ => $controls{$_} } grep { defined $controls{$_} } keys %controls);
	mkdir "$home/control/$_" for @{ $o{unreadable} || [] };
	my @argv = ('qmail-remote', @{ $o{argv} || [ 'dest.example', 's@client.example', 'r@dest.example' ] });
	@argv = (@{ $o{wrap} }, program($argv[0]), @argv[1 .. $#argv]) if $o{wrap};
	my $run = run_program(\@argv, home => $home, in => defined $o{in} ? $o{in} : "Subject: x\n\nbody\n", env => $o{env}, fds => $o{fds});
	my $heard = sub {
		my ($n) = @_;
		return undef unless -e "$sink->{dir}/$n.in";
		wait_until(sub { -e "$sink->{dir}/$n.done" });
		return slurp("$sink->{dir}/$n.in");
	};
	return { %$run, sink => $sink, home => $home, said => $heard, dir => $sink->{dir} };
}

sub visible { my ($bytes) = @_; $bytes =~ s/([^\n -~])/sprintf '\\x%02x', ord $1/ge; return $bytes }

# The report, and that nothing else was written.
sub report_is {
	my ($run, $want, $name) = @_;
	is(visible($run->{out}), visible($want), $name);
	is("$run->{exit} $run->{err}", '0 ', "$name: exit 0, nothing on descriptor 2");
}

sub said { my ($text) = @_; return "Remote host said: $text\n" }

# A report with the server's words.
sub failed { my ($letter, $text, $reply) = @_; return "$letter$text\n" . said($reply) . "\0" }

sub sent_quit { my ($run, $n) = @_; return $run->{said}->($n || 1) =~ /(?:^|\r\n)QUIT\r\n\z/ ? 1 : 0 }

1;
