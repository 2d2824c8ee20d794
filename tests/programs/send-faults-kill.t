#!/usr/bin/perl
# send-faults-kill: qmail-send is killed before each of its system calls; after a restart
# every recipient was delivered to or is in a bounce, and the queue is empty (queue 7.1, 7.2).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Crash;
use Qferry::SendFaults;
use Test::More;

plan_faults();
my $states = try_fault('signal=KILL', without_fault());
print_states("$states deaths of qmail-send, each taken up by a new one");
done_testing();
