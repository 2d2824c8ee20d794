#!/usr/bin/perl
# kept-faults: kept workers beneath qmail-rspawn when something is short, stuck or overdone: nothing is lost,
# nothing is delivered twice, and who waits for one destination does not hold up the others (outbound 5.5).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Kept;
use Qferry::Spawn;
use Qferry::Test;
use Test::More;

my $P = $Qferry::Kept::P;
my $OK = $Qferry::Kept::OK;

# --- a reply as long as control/limits lets it be -----------------------------------------------------------

{
	my $reply = join '|', map { ($_ == 100 ? '250 ' : '250-') . 'x' x 620 } 1 .. 100;
	my ($home, $sink) = home("dot $reply\n");
	my $spawner = start($home);
	like(deliver($spawner, 'r@dest.example'), qr/\A.K$P accepted message\.\nRemote host said: 250-x/, 'a long reply to the dot is a success');
	my %reports = together($spawner, map { command("r$_\@dest.example", delnum => $_) } 1 .. 2);
	like($reports{$_}, qr/\AK/, '... over a kept connection too') for 1, 2;
	is(finish($spawner), '0 0', 'exit');
}

# --- who waits for a connection (row 16) --------------------------------------------------------------------

{
	my $dir = temp_dir();
	my ($home, $sink) = home("dot wait:$dir/go 250 ok queued\n",
		controls => { concurrencyremote => "20\n", concurrencyperhost => "2\n" });
	my $spawner = start($home);
	print { $spawner->{to} } join '', map { command("r\@dest.example", delnum => $_, messid => '3/26', sender => "s$_\@x") } 1 .. 20;
	my %reports = reports($spawner, 13);
	is(scalar(grep { /\AZToo many connections to \Q$P/ } values %reports), 13,
		'row 16: two are delivered, five wait: a quarter of concurrencyremote; the others are told to come again');
	spit("$dir/go", '');
	%reports = reports($spawner, 7);
	is(scalar(grep { $_ eq $OK } values %reports), 7, '... and the rest is delivered');
	is(finish($spawner), '0 0', 'exit');
}

# --- a session that fits nobody -------------------------------------------------------------------------------

# Many offers of one that may have no other domain: each delivery soon has a connection of its own.
{
	my ($home, $sink) = home("ehlo PIPELINING|LIMITS RCPTDOMAINMAX=1\n", controls => { concurrencyremote => "240\n" });
	my $spawner = start($home);
	warm_up($spawner, $sink);
	all_delivered('before', 3, $spawner);
	my %reports = together($spawner, map { command("r\@host$_.example", delnum => $_) } 1 .. 45);
	is(scalar(grep { $_ eq $OK } values %reports), 45, 'LIMITS RCPTDOMAINMAX=1: many domains at once');
	is(finish($spawner), '0 0', 'exit');
}

# --- a message that is cut while it is sent ------------------------------------------------------------------

# What is left is not delivered for the message, nor bounced as the sender's fault; in chunks neither.
for my $row (map { my $chunked = $_; map { [ $_, $chunked ] } 13_012, 13_017 } 0, 1) {
	my ($size, $chunked) = @$row;
	my $dir = temp_dir();
	my ($home, $sink) = home($chunked ? "ehlo CHUNKING\nbdat wait:$dir/go 250 ok\n" : "data wait:$dir/go 354 go\n",
		controls => { $chunked ? (chunkingremote => "1\n") : () });
	spit("$home/queue/mess/3/26", "Subject: x\n\n" . "line of text\n" x 400_000);
	my $spawner = start($home);
	print { $spawner->{to} } command('r@dest.example');
	wait_until(sub { (slurp("$sink->{dir}/1.in") // '') =~ /^(?:DATA|BDAT)/m });
	truncate "$home/queue/mess/3/26", $size or die;
	spit("$dir/go", '');
	is(report($spawner), "\0ZUnable to read message. (#4.3.0)\n\0", "cut to $size octets" . ($chunked ? ', CHUNKING' : ''));
	is(finish($spawner), '0 0', '... exit');
	all_closed($sink);
	is(scalar(() = glob "$sink->{dir}/*.message.*"), 0, '... and nothing has arrived');
}

# --- few descriptors ----------------------------------------------------------------------------------------

sub with_few_descriptors {
	my ($home, $count, $program) = @_;
	return spawner($home, [ '/bin/sh', '-c', "ulimit -n $count; exec " . program($program) ]);
}

for my $count (12, 30, 60) {
	my ($home, $sink) = home('');
	my $spawner = with_few_descriptors($home, $count, 'qmail-rspawn');
	greeting($spawner, 1);
	my %reports = together($spawner, map { command("r\@dest.example", delnum => $_) } 1 .. 60);
	is(scalar(keys %reports), 60, "ulimit -n $count: each delivery has a report");
	is(scalar(grep { $_ ne $OK && !/\AZ/ } values %reports), 0, '... nothing bounces');
	is(scalar(() = glob "$sink->{dir}/*.message.*"), scalar(grep { $_ eq $OK } values %reports), '... what arrived was reported, and the other way round');
	%reports = together($spawner, map { command("r\@dest.example", delnum => $_) } 1);
	is($reports{1}, $OK, '... and afterwards all is well');
	is(finish($spawner), '0 0', '... exit');
}

done_testing;
