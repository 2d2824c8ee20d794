#!/usr/bin/perl
# Strict mode against the real thing (inbound 9.2): the same random sessions for notqmail's
# qmail-smtpd and ours; replies, exit codes, messages and envelopes must be the same, but for D1.
#
#   NOTQMAIL_SMTPD=$PWD/nq/qmail-smtpd NOTQMAIL_HOME=$PWD/nq/home prove tests/interop/notqmail-smtpd.t
#
# The binary is one that was built for that home (conf-qmail), which needs nothing but an empty
# directory control; its files are written by the test.  SESSIONS and SEED may be set.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

my ($stock, $stock_home) = @ENV{qw(NOTQMAIL_SMTPD NOTQMAIL_HOME)};
plan skip_all => 'NOTQMAIL_SMTPD and NOTQMAIL_HOME name no qmail-smtpd to compare with'
  unless $stock && -x $stock && $stock_home && -d "$stock_home/control";

my $seed = $ENV{SEED} || time;
srand $seed;
diag "SEED=$seed";

sub pick { return $_[ rand @_ ] }

# --- random sessions ---
my @domains = qw(example.net a.wild.example wild.example foreign.example more.example EXAMPLE.NET example.net.
  a.b.example.net [127.0.0.1] [127.0.0.257] [192.0.2.1] [0.0.0.0] evil.example spam.example a..wild.example .wild.example);
my @locals = ('x', 'a', 'bad', 'BAD', '"a b"', 'a.b', 'user%foo', 'a@b', '"q\"x"', '\\>', "\x01", "\xff", '');
my @octets = ("\r", "\n", '.', 'a', "\0", "\xff", "\r\n", "\r\n.", "\r\n.\r", "received: x\r\n", "Delivered-To: y\r\n", "\r\n\r\n");
my @others = ('HELO', 'EHLO', 'HELO x', 'EHLO client.example', 'helo a(b)', 'RSET', 'NOOP', 'VRFY a', 'EXPN a', 'HELP',
	'FOO', ' NOOP', "NOOP\tx", '', 'QUITX', 'STARTTLS', 'AUTH PLAIN', 'QUIT');

sub damaged {
	my ($text) = @_;
	my $octet = pick('<', '>', ':', '"', '\\', ' ', '@', "\t", "\r", '.', 'a', "\x80");
	substr $text, rand(1 + length $text), 0, $octet;
	return $text;
}

sub address {
	my $local = rand() < .05 ? 'a' x (880 + rand 25) : pick(@locals);
	my $address = rand() < .1 ? $local : "$local\@" . pick(@domains);
	$address = "\@foo:$address" if rand() < .05;
	return rand() < .1 ? damaged($address) : $address;
}

sub message {
	my @alphabet = grep { $_ ne "\n" || rand() < .2 } @octets;
	my $text = join '', map { pick(@alphabet) } 0 .. rand 10;
	$text = pick("Received: x\r\n", "rEceived\r\n", "Delivered\r\n") x (95 + rand 10) . $text if rand() < .1;
	return $text . "\r\n.\r\n";
}

sub command {
	my $end  = pick(("\r\n") x 12, "\n", "\r\r\n");
	my $kind = rand;
	my $address = address();
	my $path = pick(("<$address>") x 4, "<$address", "$address NOTIFY=x", "<$address> SIZE=3");
	return pick('MAIL FROM:', 'mail from: ', 'MAIL', 'Mail x') . $path . $end if $kind < .25;
	return pick('RCPT TO:', 'rcpt to: ', 'RCPT') . $path . $end if $kind < .55;
	return pick(@others) . $end if $kind > .8;
	return (rand() < .8 ? "MAIL FROM:<a\@b>\r\nRCPT TO:<x\@example.net>\r\n" : '') . "DATA$end" . message();
}

# --- random surroundings ---
my %controls = (
	rcpthosts    => [ ("example.net\n.wild.example\n") x 2, '', "# c\nexample.net  \n .x\n", undef ],
	badmailfrom  => [ "bad\@spam.example\n\@evil.example\n", undef ],
	databytes    => [ undef, undef, "10\n", "x\n", '3abc' ],
	localiphost  => [ undef, "local.example\n" ],
	smtpgreeting => [ undef, undef, "hello \t\n", " lead\nx\n", "\n" ],
	timeoutsmtpd => [ undef, "20\n", "abc\n" ],
);
my %variables = (
	TCPREMOTEIP   => [ '192.0.2.9', '::ffff:192.0.2.9', '2001:db8::1', undef ],
	TCPREMOTEHOST => [ 'client.example', '', 'x y', undef ],
	TCPREMOTEINFO => [ undef, undef, 'joe', '', 'a(b)' ],
	TCPLOCALHOST  => [ 'mx.example.net', undef ],
	TCPLOCALIP    => [ '192.0.2.1', undef ],
	RELAYCLIENT   => [ undef, undef, undef, '', '@fix' ],
	DATABYTES     => [ undef, undef, undef, '', 5, 12, 'x', '18446744073709551615', '99999999999999999999999' ],
);

sub prepare {
	control($stock_home, 'me', "mx.example.net\n");
	for my $file (keys %controls) {
		my $text = pick(@{ $controls{$file} });
		unlink "$stock_home/control/$file";
		control($stock_home, $file, $text) if defined $text;
	}
	return map { my $value = pick(@{ $variables{$_} }); defined $value ? ($_ => $value) : () } keys %variables;
}

# What a session came to, without the numbers, dates and URLs that may differ.
sub outcome {
	my ($program, $home, $in, %env) = @_;
	my $store = temp_dir();
	my $run = run_program([$program], home => $home, in => $in, env => { %env, QMAILQUEUE => use_store_queue($store) });
	my @stored = map { [ $_->{message}, $_->{envelope} ] } stored_messages($store);
	$_->[0] =~ s/; \d+ \w+ \d{4} [\d:]{8} -0000/; DATE/ for @stored;
	$run->{out} =~ s/ok \d+ qp \d+/ok T qp P/g;
	$run->{out} =~ s/^(214|451 See) .*/$1 URL/mg;
	return { replies => $run->{out}, exit => $run->{exit}, stored => \@stored, log => $run->{err} };
}

# D1: where we were the first to differ, and refused an address that is none.
sub is_d1 {
	my ($theirs, $ours) = map { [ split /\n/, $_->{replies} ] } @_;
	shift @$theirs, shift @$ours while @$theirs && @$ours && $theirs->[0] eq $ours->[0];
	return @$ours && $ours->[0] =~ /^555/ && @$theirs && $theirs->[0] !~ /^555/;
}

my $home = temp_dir();
symlink "$stock_home/control", "$home/control" or die;
for my $number (1 .. $ENV{SESSIONS} || 300) {
	my %env = prepare();
	my $in = join '', (map { command() } 0 .. rand 10), pick("QUIT\r\n", '');
	my $theirs = outcome($stock, $stock_home, $in, %env);
	my $ours = outcome('qmail-smtpd', $home, $in, %env, QSTRICT => 1);
	next if is_d1($theirs, $ours);
	next if is_deeply $ours, $theirs, "session $number";
	diag explain { input => $in, environment => \%env };
}
done_testing;
