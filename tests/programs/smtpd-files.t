#!/usr/bin/perl
# Which files a session of qmail-smtpd looks at, and how often: what is switched off, because its file
# is not there, costs nothing; what is there is opened when it is first needed; a list is read for
# the first few names only.
# nosan: strace is in the way of the leak check
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

my $strace = '/usr/bin/strace';
plan skip_all => 'no strace' unless -x $strace;

# The calls of one session, and its end as run_program() says; `env` besides.
sub calls {
	my ($home, $in, %env) = @_;
	my $trace = temp_dir() . '/trace';
	my $run = run_program([ $strace, '-o', $trace, '-s', '64', program('qmail-smtpd') ],
		home => $home, in => $in =~ s/\n/\r\n/gr,
		env => { QMAILQUEUE => use_store_queue($home), TCPREMOTEIP => '192.0.2.7', BROKER => undef, %env });
	return ($run, split /\n/, slurp($trace) // '');
}

# How often each control file was opened, or not there.
sub looked {
	my %looked;
	/^(?:open|openat|stat|newfstatat|access)\([^"]*"(control\/[^"]*)"/ && !/^access.*= 0$/ and $looked{$1}++ for @_;
	return %looked;
}

my $message = "MAIL FROM:<joe\@example.org>\nRCPT TO:<bob\@example.net>\nRCPT TO:<postmaster\@example.net>\n"
  . "RCPT TO:<bob\@[192.0.2.1]>\nRCPT TO:<x\@elsewhere.example>\nDATA\nSubject: x\n\nx\n.\n";
my $unknown = "FROB\nFROB\n";
my $home = instance(me => "mx.example.net\n", rcpthosts => "example.net\n");

my ($run, @calls) = calls($home, "EHLO client.example\n$message$unknown${message}MAIL FROM:<>\nRSET\n${unknown}QUIT\n");
plan skip_all => "strace does not work here: $run->{err}" unless @calls;
is $run->{exit}, 0, 'a session with nothing switched on ends well';
is scalar(() = $run->{out} =~ /^250 ok \d+ qp /mg), 2, 'and takes two messages';

my %looked = looked(@calls);
is_deeply \%looked, { 'control/me' => 1, 'control/rcpthosts' => 1 }, 'what is there is looked at once, and nothing else is';
is scalar(grep { /^open(?:at)?\([^"]*"control"/ } @calls), 1, 'for what is there is known from one listing';

# inbound 2.3: qmail's own, because a bad one is 421 before the greeting.  What MAIL, RCPT and DATA are
# answered by comes later.
{
	my %files = (badmailfrom => "\@spam.example\n", databytes => "0\n", localiphost => "mx.example.net\n", me => "mx.example.net\n",
		'morercpthosts.cdb' => "\0" x 2048, rcpthosts => "example.net\n", smtpgreeting => "mx.example.net\n", timeoutsmtpd => "60\n");
	my %others = (badhelo => "dialup.example\n", badrcptto => "\@none.example\n", barecr => "space\n", brtlimit => "9\n",
		maxrcpt => "9\n", mfcheck => "0\n", realrcptto => "0\n", rejectnullsenders => "0\n", rfcorder => "0\n",
		spfbehavior => "0\n", tarpitcount => "0\n");
	my ($run, @calls) = calls(instance(%files, %others), "EHLO client.example\n$message${message}QUIT\n");
	my ($greeting) = grep { $calls[$_] =~ /^(?:write|sendto)\(1, "220 / } 0 .. $#calls;
	my %early = looked(@calls[ 0 .. $greeting ]);
	my %late = looked(@calls[ $greeting .. $#calls ]);
	is $run->{exit}, 0, 'a session with files ends well';
	is_deeply [ sort keys %early ], [ map { "control/$_" } sort grep { $_ ne 'me' } keys %files ], "before the greeting come qmail's files";
	is_deeply [ sort keys %late ], [ map { "control/$_" } sort keys %others ], 'and not what is asked later';
	is_deeply [ grep { $_ > 1 } values %early, values %late ], [], 'no file is looked at twice';
}

# Nor is any other file, or any program but the queue's, needed; a resident broker is looked for.
my ($start) = grep { $calls[$_] =~ /"control\// } 0 .. $#calls;
is_deeply [ grep { /^(?:open|openat|stat|newfstatat|access|connect|execve)\(/ && !m{"(?:control/|run/broker/sock")} } @calls[ $start .. $#calls ] ],
  [], 'no other file is looked at';

{
	my ($once, @first) = calls($home, "EHLO client.example\n${message}QUIT\n");
	my ($again, @both) = calls($home, "EHLO client.example\n$message${message}QUIT\n");
	my @files = map { scalar grep { /^(?:open|openat|stat|newfstatat|access)\(/ } @$_ } \@first, \@both;
	is $files[1], $files[0], 'a second message looks at none';
}

# What a variable says need not be looked up.
{
	my %env = (QDIALECT => 'notqmail', SMTPDLOG => 1, ENHANCEDCODES => 0, RFCORDER => 0, REJECTNULLSENDERS => 0,
		MFCHECK => 0, SPFBEHAVIOR => 0, BRTLIMIT => 9, MAXRCPT => 9, MAXRECIPIENTS => 9, REALRCPTTO => 0,
		POSTMASTEREXEMPT => 1, TARPITCOUNT => 0, MAXNOTIMPL => 9, CHUNKING => 1, QSTRICT => 0, BROKER => 0);
	my ($run, @calls) = calls($home, "EHLO client.example\n$message${unknown}QUIT\n", %env);
	my %looked = looked(@calls);
	is $run->{exit}, 0, 'a session with variables';
	is_deeply [ grep { $looked{$_} } map { 'control/' . s/^Q//r } map { lc } keys %env ], [], 'a variable spares its file';
}

# --- a list of 20 000 names ------------------------------------------------------------------------------

control($home, 'badmailfrom', join '', map { "spammer$_\@bulk.example\n\@ads$_.example\n" } 1 .. 10_000);
for my $case ([ 'x@ADS9999.example', 19998 ], [ 'spammer1@bulk.example', 1 ], [ 'spammer5000@bulk.example', 9999 ],
	[ 'spammer10001@bulk.example', 0 ]) {
	my ($sender, $line) = @$case;
	my ($run) = calls($home, "EHLO client.example\nMAIL FROM:<$sender>\nRCPT TO:<bob\@example.net>\nQUIT\n");
	my ($by) = $run->{err} =~ /check=badmailfrom by=control\/badmailfrom:(\d+)/;
	is $by || 0, $line, "$sender: " . ($line ? "line $line refuses" : 'is not listed');
}
{
	my @reads;
	for my $count (100, 1000) {
		my $recipients = "RCPT TO:<bob\@example.net>\n" x $count;
		my ($run, @calls) = calls($home, "EHLO client.example\nMAIL FROM:<joe\@example.org>\n${recipients}QUIT\n");
		is scalar(() = $run->{out} =~ /^250 ok\r$/mg), $count + 1, "$count recipients are taken";
		push @reads, scalar grep { /^p?read(?:64)?\(\d+, "[^"]*bulk\.example/ } @calls;
	}
	is $reads[1], $reads[0], 'however many there are, the list is read for the first few';
}

# What was to be decided by a list that cannot be read any more is not decided.
{
	my $run = run_program([ $strace, '-o', temp_dir() . '/trace', '-P', 'control/badmailfrom', '-e', 'inject=pread64:error=EIO',
			program('qmail-smtpd') ], home => $home,
		in => "EHLO c\r\nMAIL FROM:<joe\@example.org>\r\nRCPT TO:<bob\@example.net>\r\nQUIT\r\n");
	like $run->{out}, qr/^250 ok\r\n421 unable to read controls/m, 'a list that cannot be read at RCPT is 421';
	like $run->{err}, qr/config .*file=control\/badmailfrom reason=unreadable/, 'and the log names it';
}

done_testing();
