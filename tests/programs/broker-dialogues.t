#!/usr/bin/perl
# Dialogues of all that has children or reads files, in sessions that start none themselves: each must be
# what it is without a broker.  (All of them: BROKER=1 tests/run dialogue.)
use strict;
use warnings;
use FindBin;

my @areas = qw(
  auth/authcdb-jms1 auth/variables content/clamd content/spamd dnschecks/dnsbl-variables smtpd/rcptcheck
  smtpd/rcptcheck-guards smtpd/recipients smtpd/validrcptto spp/commands spp/environment
  spp/failures smtpd/localiphost store/greylist
);
my @files = grep { -f } map { "$FindBin::Bin/../dialogue/$_" } @areas;
$ENV{BROKER} = 1;
exec "$FindBin::Bin/../tools/dialogue", @files or die "dialogue: $!";
