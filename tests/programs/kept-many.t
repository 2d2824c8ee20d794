#!/usr/bin/perl
# kept-many: five hundred messages to one host, whose connections end again and again (T8 of outbound 11): each
# message arrives once, over as many connections as there must be.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Kept;
use Qferry::Spawn;
use Qferry::Test;
use Test::More;

# How the relay ends a connection, and how many messages one has at most.
my @ends = (
	[ 'MAILMAX=3',                        "ehlo LIMITS MAILMAX=3\n", 3 ],
	[ 'the server closes after two',      "dot 250 ok queued\ndot 250 ok queued close\n", 2 ],
	[ 'the server says 421 to the third', "mail 250 ok\nmail 250 ok\nmail 421 enough close\n", 2 ],
);
my $COUNT = 500;
for my $row (@ends) {
	my ($name, $script, $most) = @$row;
	my ($home, $sink) = home($script);
	my $spawner = start($home);
	all_delivered("T8: $name", $COUNT, $spawner);
	is(finish($spawner), '0 0', '... exit');
	my @envelopes = glob "$sink->{dir}/*.envelope.*";
	my %seen;
	$seen{$_}++ for map { slurp($_) =~ /^TTO:<(r\d+)\@/m } @envelopes;
	is(join(' ', scalar keys %seen, scalar grep { $_ != 1 } values %seen), "$COUNT 0", '... each once');
	my %messages;
	m{(\d+)\.envelope} && $messages{$1}++ for @envelopes;
	is(scalar(grep { $_ > $most } values %messages), 0, "... at most $most over a connection");
	my $connections = () = glob "$sink->{dir}/*.in";
	my $least = int(($COUNT + $most - 1) / $most);
	cmp_ok($connections, '>=', $least, '... over as many connections as that takes');
	cmp_ok($connections, '<=', $least + 2, '... and hardly one more');
	stop_server($sink);
}

done_testing();
