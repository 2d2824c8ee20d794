#!/usr/bin/perl
# users/ids counts only when it is root's: so the cases of the unit test that trust it need root.
use strict;
use warnings;
use Test::More;

plan skip_all => 'needs root' if $> != 0;
my $unit = ($ENV{QFERRY_BUILD} || '') . '/unit/config/ids';
plan skip_all => 'the unit test is not built' unless -x $unit;

my $output = `CMOCKA_MESSAGE_OUTPUT=TAP $unit 2>&1`;
is $?, 0, 'the unit test passes' or diag $output;
like $output, qr/^ok \d+ - trusted$/m, 'with the case that needs root';
unlike $output, qr/trusted # SKIP/i, 'which was not skipped';

done_testing;
