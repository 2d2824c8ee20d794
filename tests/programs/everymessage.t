#!/usr/bin/perl
# One DATA never becomes two messages: short messages over CR, LF, dot, a, NUL and 0xFF, many on one
# connection with everything pipelined, through a real qmail-smtpd (inbound 3.4 and 9.2).  A sample of them;
# QFERRY_EVERY=1 takes all of up to seven octets, as tests/unit/smtp/everymessage.c always does.
# nosan: thousands of starts of a queue program; the unit test runs the decoder with sanitizers
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

use constant { LONGEST => 7, BATCH => 2000, PIPELINED => 1000, ALONE => 60 };

my @alphabet = ("\r", "\n", '.', 'a', "\0", "\xff");
my $queue    = build() . '/tools/appendqueue';
my $end      = "\r\n.\r\n";

sub all_of {
	my @all = my @last = ('');
	for (1 .. LONGEST) {
		@last = map { my $begun = $_; map { "$begun$_" } @alphabet } @last;
		push @all, @last;
	}
	return @all;
}

# What a client means by it, a line at a time: what is to be stored, and what is behind the end.  A
# bare LF before the end: nothing is stored, nothing is behind it.
sub expected {
	my ($octets, $cr) = @_;
	my ($in, $stored) = ("$octets$end", '');
	while ($in =~ s/\A([^\n]*)\n//) {
		my $line = $1;
		return if $line !~ s/\r\z//;
		return ($stored, $in) if $line eq '.';
		$line =~ s/\A\.(?=[^\r])//;
		$line =~ s/\r/$cr/g;
		$stored .= "$line\n";
	}
	return;
}

sub has_bare_lf { return "$_[0]$end" =~ /(?<!\r)\n/ }

# About `count` of them, or all.
sub sample {
	my ($count, @all) = @_;
	return @all if $ENV{QFERRY_EVERY};
	my $step = int(@all / $count) | 1;
	return @all[ grep { $_ % $step == 0 } 0 .. $#all ];
}

# What was stored of messages sent on one connection, without our header.
sub send_all {
	my ($home, @messages) = @_;
	my $file = temp_dir() . '/stored';
	my $run = run_program(['qmail-smtpd'], home => $home, limit => 280, env => { QMAILQUEUE => $queue, QUEUE_FILE => $file },
		in => join('', "EHLO client.example\r\n",
			(map { "MAIL FROM:<a\@sender.example>\r\nRCPT TO:<x\@example.net>\r\nDATA\r\n$_$end" } @messages), "QUIT\r\n"));
	my ($bytes, @stored) = (slurp($file) // '');
	while ($bytes =~ s/\A(\d+)://) {
		my $message = substr $bytes, 0, $1, '';
		$bytes =~ s/\A,// or die 'what was stored is no record';
		$message =~ s/\AReceived: [^\n]*\n  by [^\n]*\n// or die 'no Received';
		push @stored, $message;
	}
	return { %$run, stored => \@stored, accepted => scalar(() = $run->{out} =~ /^250 ok \d+ qp/mg) };
}

# The first message that is not what it should be; undef.
sub first_wrong {
	my ($cr, $stored, @messages) = @_;
	for my $i (0 .. $#messages) {
		my ($right) = expected($messages[$i], $cr);
		return sprintf 'message %s: stored %s, not %s', map { defined $_ ? unpack('H*', $_) : 'nothing' } $messages[$i],
		  $stored->[$i], $right
		  if !defined $stored->[$i] || $stored->[$i] ne $right;
	}
	return undef;
}

my @all    = all_of();
my @clean  = sample(PIPELINED, grep { !has_bare_lf($_) } @all);
my @broken = sample(ALONE, grep { has_bare_lf($_) } @all);

for my $setting ([ 'default', ' ', { limits => "errors:1000000\n" } ], [ 'strict', "\r", { strict => "1\n" } ]) {
	my ($name, $cr, $controls) = @$setting;
	my $home = instance(me => "mx.example.net\n", rcpthosts => "example.net\n", smtpdlog => "0\n", %$controls);

	my @rest = @clean;
	while (my @batch = splice @rest, 0, BATCH) {
		my $got = send_all($home, @batch);
		is scalar @{ $got->{stored} }, scalar @batch, "$name: of " . @batch . ' pipelined messages as many are stored';
		is $got->{accepted}, scalar @batch, "$name: and accepted";
		is first_wrong($cr, $got->{stored}, @batch), undef, "$name: each as it was sent";
		is $got->{exit}, 0, "$name: and the session goes on to QUIT" or diag substr $got->{out}, -300;
	}

	my ($wrong, $many) = (0, 0);
	for my $message (@broken) {
		my ($right, $behind) = expected($message, $cr);
		my $got = send_all($home, $message, 'second');
		my @right = defined $right ? ($right, "second\n") : ();
		$wrong++ if "@right" ne "@{ $got->{stored} }" || $got->{accepted} != @right;
		$many++ if @{ $got->{stored} } > 2;
	}
	is $wrong, 0, "$name: of " . @broken . ' with a bare LF each is stored whole, or ends the session';
	is $many, 0, "$name: and none is two";
}

done_testing;
