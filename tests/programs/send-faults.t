#!/usr/bin/perl
# send-faults: each system call of qmail-send fails; after a restart
# every recipient was delivered to or is in a bounce, and the queue is empty (queue 7.1, 7.2).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Crash;
use Qferry::SendFaults;
use Test::More;

plan_faults();
my $states = try_fault('error=EIO', without_fault());
print_states("$states calls of qmail-send that fail, each taken up by a new one");
done_testing();
