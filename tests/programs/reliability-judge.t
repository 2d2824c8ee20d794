#!/usr/bin/perl
# The judge of reliability.t: what it lets pass, and that it lets nothing else pass.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Reliability;
use Qferry::Trouble;
use Test::More;

my $NX = "Sorry, no mailbox here by that name. (#5.1.1)";

# What it says of one message to one recipient.
sub said {
	my ($kind, %of) = @_;
	my $to = "$kind-1x1\@example.org";
	my %sent = ('1x1' => { outcome => $of{outcome} // '0', recipients => [$to], sum => '', fate => $of{fate} // '' });
	return join ' ', reliability_problems(\%sent, { $of{have} ? ($to => $of{have}) : () }, { $of{bounced} ? ($to => [ $of{bounced} ]) : () },
		{ $to => $of{late} // 0 });
}

is said('md', have => 1), '', 'it is there';
like said('md'), qr/acknowledged, and not there/, 'it is not';
is said('md', outcome => '53'), '', '... and was not acknowledged';
like said('md', outcome => '53', have => 1), qr/exit 53, and it is there/, '... and is there all the same';
is said('md', outcome => $_, have => 1), '', "the end of qmail-queue is $_: it may be there" for qw(killed 66);
is said('md', outcome => $_), '', "... or not" for qw(killed 66);
like said('md', have => 2), qr/there 2 times/, 'it is there twice';
is said('md', have => 2, late => 1), '', '... and was under way at a kill';
like said('md', have => 3, late => 1), qr/there 3 times/, '... but not three times';
like said('md', have => 1, bounced => 'why'), qr/bounced/, 'it is there, and in a bounce';
is said('nx', bounced => $NX), '', 'nobody of that name: a bounce';
like said('nx'), qr/no bounce says so/, '... none';
like said('nx', bounced => 'why'), qr/the bounce says/, '... another';
like said('nx', bounced => $NX, have => 1), qr/delivered/, '... and it was delivered';

is said('md', fate => 'removed'), '', 'an admin removed it';
is said('md', fate => 'removed', have => 1), '', '... too late';
is said('nx', fate => 'removed'), '', '... and nobody is told';
like said('md', fate => 'removed', have => 2), qr/there 2 times/, '... but it is not there twice';
like said('md', fate => 'removed', bounced => $ADMIN_SAYS), qr/bounced/, '... nor returned';
is said('md', fate => 'returned', bounced => $ADMIN_SAYS), '', 'an admin returned it';
is said('md', fate => 'returned', bounced => $ADMIN_SAYS, have => 1), '', '... while it was being delivered';
like said('md', fate => 'returned'), qr/acknowledged, and not there/, '... but nobody was told';
like said('md', fate => 'returned', bounced => 'why'), qr/not there/, '... but it says something else';
is said('nx', fate => 'returned', bounced => $_), '', '... who is unknown anyway' for $ADMIN_SAYS, $NX;
like said('nx', fate => 'returned'), qr/no bounce says so/, '... but nobody was told';
like said('md', bounced => $ADMIN_SAYS), qr/not there/, 'what no admin returned is not returned';

# What the log says may be there once more.
sub late { my %late = interrupted(join "\n", @_); return join ' ', map {"$_ $late{$_}"} sort keys %late }

my @started = map {"starting delivery $_: msg 9 to local $_\@a"} 0 .. 3;
my $status = 'status: local 0/8 remote 0/8';
is late(@started[ 1, 2 ], 'delivery 1: success: ok', $status, 'delivery 2: failure: no', $status, $status, $started[1], 'delivery 1: success: ok'), '',
  'all have their end';
is late(@started[ 1, 2 ], 'delivery 1: success: ok', $status, $status, $started[1], 'delivery 1: success: ok'), '2@a 1', 'one has none in its life';
is late($started[1], $status, 'delivery 1: success: ok', $status, $started[1], 'delivery 1: success: ok', $status), '1@a 1', 'killed before it was marked';
is late($started[1], 'delivery 1: success: ok', 'warning: trouble marking local/1/9; message will be delivered twice!', $status), '1@a 1',
  'it could not be marked';
is late($started[1], 'delivery 1: deferral: qmail-local_crashed./', $status), '1@a 1', 'a crash';
is late($started[1], 'delivery 1: deferral: later/', $status), '', 'an honest deferral';

done_testing;
