#!/usr/bin/perl
# qmail-inject, sendmail and qmail-local, and callers that mean no good: line ends, NULs, leading dashes and megabytes
# in arguments, variables and headers (queue 3.1, 3.2, 3.5; doc/hostile-input).  Each argument is one recipient or one
# sender, or none; what is not meant to be a line of the header is none; in 16 MB, or an orderly refusal.
# QFERRY_LONG=1 tries every text in every place.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Hostile;
use Qferry::Test;
use Test::More;

my $home = instance(me => "me.example\n", defaulthost => "h.example\n", defaultdomain => "example\n");
my $queue = unlimited_queue($home);

# Run one of the two in 16 MB; what is queued is taken out.
sub run_limited {
	my ($program, $args, $in, %env) = @_;
	my @limit = sanitized($program) ? () : ('/bin/sh', '-c', 'ulimit -S -v ' . MEMORY_KB . '; exec "$0" "$@"');
	my $run = run_program([ @limit, program($program), @$args ], home => $home, in => $in, dir => '/', limit => 60,
		env => { USER => 'joe', QMAILQUEUE => $queue, %env });
	$run->{all} = [ stored_messages($home) ];
	$run->{message} = $run->{all}[0];
	system('rm', '-rf', glob "$home/stored/[0-9]*");
	return $run;
}

# What must hold of whatever was queued: one message, one sender, as many recipients as meant, and no field but these.
my %fields = map { $_ => 1 } qw(date message-id from to cc subject x-mine resent-date resent-message-id resent-from resent-to);

sub problems {
	my ($run, $recipients) = @_;
	my @wrong;
	push @wrong, "signal $run->{signal}" if $run->{signal};
	push @wrong, "exit $run->{exit}" if !$run->{signal} && $run->{exit} !~ /^(?:0|100|111)$/;
	push @wrong, sanitizer_report($run->{err}) // ();
	my $m = $run->{message} or return join '; ', @wrong, $run->{exit} == 0 ? 'exit 0, but nothing is queued' : ();
	push @wrong, 'queued, but exit ' . $run->{exit} if $run->{exit} != 0;
	push @wrong, @{ $run->{all} } . ' messages' if @{ $run->{all} } != 1;
	push @wrong, 'recipients: ' . join ' ', map { substr $_, 0, 40 } @{ $m->{recipients} } if @{ $m->{recipients} } != $recipients;
	my ($header) = $m->{message} =~ /\A(.*?)\n(?:\n|\z)/s;
	for my $line (split /\n/, $header // '') {
		next if $line =~ /^[ \t]/;
		push @wrong, 'a line of the header: ' . substr $line, 0, 60 unless $line =~ /^([!-9;-~]+)[ \t]*:/ && $fields{ lc $1 };
	}
	push @wrong, 'the body is not what was sent' unless $m->{message} =~ /\n\nbody\n\z/;
	return join '; ', @wrong;
}

my @evil = (
	"x\nBcc: evil\@evil.example", "x\n\nnot a header", "x\r\nEvil: y", "x\rEvil: y", "x>\nEvil: y", "\n", "\r\n", "\n\n\n", "x\n",
	"x\n evil\@evil.example", "x\n\tfolded", "\nEvil: y", "x\0y", "x\@y\nT", "x\@y\nz\@w", '"', '\\', "\\\n", "\"\nEvil: y\"\@x", "(\nEvil: y)",
	"x\@[\nEvil: y]", '<', '>', 'a>b', 'a<b', ',', 'a,b@c', ':', ';', 'a:b;', '@', '@@', '.', '..', '...@...', '@a,@b:c@d', '-x', '--', '-f',
	'-fevil@evil.example', '--help', '-', "\xff" x 300, "\x80\n\xff", '', ' ', "\t", '%n%s%n', "\e[2J", '`id`', '$(id)', '| id', '../../etc/passwd',
	'x@' . 'y.' x 300 . 'z', 'x' x 1003, "\x{c3}\x{a4}\@\x{c3}\x{b6}",
);
my $fields = "Subject: s\nX-Mine: y\nTo: t\@t.example\n";

# Their names are written visibly.
sub shown {
	my ($text) = @_;
	my $start = substr $text, 0, 50;
	$start =~ s/([^!-~])/sprintf '\\x%02x', ord $1/ge;
	return $start . (length $text > 50 ? '...' : '');
}

# One way in: `build` makes arguments, header and variables of a text; how many recipients there are then.  A NUL ends
# an argument or a variable for the kernel already.  The short form tries every text in some of the ways.
my $ways = 0;
sub way_in {
	my ($name, $program, $recipients, $build) = @_;
	my (%wrong, $queued);
	$ways++;
	for my $i (0 .. $#evil) {
		next unless is_long() || ($i + $ways) % 5 == 0;
		my $evil = $evil[$i];
		my ($args, $in, %env) = $build->($evil);
		next if grep { /\0/ } @$args, values %env;
		my $run = run_limited($program, $args, "$in\nbody\n", %env);
		my $problems = problems($run, ref $recipients ? $recipients->($evil) : $recipients);
		$wrong{ shown($evil) } = $problems if $problems ne '';
		$queued++ if $run->{message};
	}
	is_deeply \%wrong, {}, "$program, $name";
	cmp_ok $queued, '>', 4, 'most of it can be sent';
}

way_in('a recipient argument', 'qmail-inject', 1, sub { ([ '-a', '--', $_[0] ], $fields) });
way_in('a sender', 'qmail-inject', 1, sub { ([ '-f', $_[0], 'x@y.z' ], $fields) });
way_in("\$$_", 'qmail-inject', 1, do { my $name = $_; sub { (['x@y.z'], $fields, $name => $_[0]) } })
  for qw(QMAILSUSER QMAILSHOST QMAILUSER QMAILHOST MAILUSER MAILHOST USER QMAILNAME MAILNAME NAME QMAILDEFAULTHOST QMAILIDHOST);
way_in('a name in a comment', 'qmail-inject', 1, sub { (['x@y.z'], $fields, QMAILINJECT => 'c', NAME => $_[0]) });
way_in('$QMAILINJECT', 'qmail-inject', 1, sub { (['x@y.z'], $fields, QMAILINJECT => $_[0] =~ tr/n//dr) });
way_in('a recipient argument', 'sendmail', 1, sub { ([ '--', $_[0] ], $fields) });
way_in('-f', 'sendmail', 1, sub { ([ '-f', $_[0], '--', 'x@y.z' ], $fields) });
way_in('-F', 'sendmail', 1, sub { ([ '-F', $_[0], '--', 'x@y.z' ], $fields) });
way_in('-F and -f', 'sendmail', 1, sub { ([ '-F', $_[0], '-f', $_[0], '--', 'x@y.z' ], $fields) });

# In a header a line end is a line end, of course; a NUL is an octet like others there, and no end of an address.
for my $case (
	[ "To: a\0b\@x.y\n",              1 ], [ "To: \"a\0b\"\@x.y\n",      1 ], [ "To: a\@x\0.y\n", 1 ], [ "To: a\@x.y (\0)\n", 1 ],
	[ "To: a\@x.y\0, b\@x.y\n",       2 ], [ "Cc: a\@x.y\0Tevil\@x.y\n", 1 ], [ "To: \"\0Tevil\@x.y\0\"\@x.y\n", 1 ],
	[ "To: \"a\n b\"\@x.y\n",         1 ], [ "To: a\@x.y,\n b\@x.y\n",   2 ], [ "To: \"a\\\n b\"\@x.y\n", 1 ],
	[ "Cc: <a\@x.y>, <b\@x.y\r\n>\n", 2 ], [ "To: a\@x.y\r\n",           1 ],
) {
	my ($header, $recipients) = @$case;
	my $run = run_limited('sendmail', ['-t'], "$header\nbody\n");
	my $problems = problems($run, $recipients);
	is $problems, '', 'a header of ' . shown($header);
}

# --- without measure ----------------------------------------------------------------------------

my $mega = 1_000_000;
for my $case (
	# program, arguments, header, recipients if it can be sent
	[ 'qmail-inject', [], "To: " . 'x' x $mega . "\@b.c\n", 1 ],
	[ 'qmail-inject', [], 'To: ' . join(', ', map { "user$_\@example.org" } 1 .. 10_000) . "\n", 10_000 ],
	[ 'qmail-inject', [], 'Bcc: ' . join(', ', map { "user$_\@example.org" } 1 .. 200_000) . "\nTo: t\@t.t\n", 200_001 ],
	[ 'qmail-inject', [], "To: a\@b.c\nSubject: " . 'x' x $mega . "\n", 1 ],
	[ 'qmail-inject', [], "To: a\@b.c\n" . "X-Mine: y\n" x 100_000, 1 ],
	[ 'qmail-inject', [], "To: a\@b.c\n" . "X-Mine: y\n" x 3_000_000, 1 ],
	[ 'qmail-inject', [], 'To: ' . '(' x $mega . "\n", 0 ],
	[ 'qmail-inject', [], 'To: ' . '(' x 300_000 . ')' x 300_000 . "a\@b.c\n", 1 ],
	[ 'qmail-inject', [], 'To: a@b.c' . ',' x $mega . "\n", 1 ],
	[ 'qmail-inject', [], 'To: ' . '<' x $mega . "\n", 1 ],
	[ 'qmail-inject', [], 'To: ' . 'a.' x $mega . "b\@b.c\n", 1 ],
	[ 'qmail-inject', [], 'To: ' . 'g:' x $mega . "\n", 0 ],
	[ 'qmail-inject', [], 'To: ' . '\\' x $mega . "\n", 1 ],
	[ 'qmail-inject', [ map { "user$_\@example.org" } 1 .. 50_000 ], $fields, 50_000 ],
	[ 'qmail-inject', [ '-f', 'x' x 100_000, 'a@b.c' ], $fields, 1 ],
	[ 'sendmail', [ '-t', '-i', '--', map { 'x' x 100_000 } 1 .. 10 ], $fields, 11 ],
	[ 'sendmail', [ '-F', 'x' x 100_000, 'a@b.c' ], $fields, 1 ],
	[ 'sendmail', [ ('-v') x 50_000, 'a@b.c' ], $fields, 1 ],
) {
	my ($program, $args, $in, $recipients) = @$case;
	my $run = run_limited($program, $args, "$in\nbody\n");
	my $name = shown(join ' ', $program, map({ substr $_, 0, 10 } @$args[ 0 .. ($#$args < 2 ? $#$args : 2) ]), substr $in, 0, 20);
	is problems($run, $recipients), '', "without measure: $name, exit $run->{exit}";
}
{
	my $run = run_limited('qmail-inject', [], "To: a\@b.c\n\n" . 'x' x 50_000_000);
	is length($run->{message}{message} // ''), 50_000_001 + length(($run->{message}{message} // '') =~ s/\n\n.*//sr) + 2, 'a body of one line of 50 MB';
}

# --- qmail-local --------------------------------------------------------------------------------

# The same memory for a message of 50 MB to a Maildir, an mbox, a program.
my $user = temp_dir();
mkdir "$user/$_" for qw(Maildir Maildir/tmp Maildir/new Maildir/cur);
spit("$user/message", "Subject: x\n\n" . 'x' x 50_000_000 . "\n");
for my $instructions ('./Maildir/', './Mailbox', '|cat >got', join("\n", map { "&user$_\@example.org" } 1 .. 4000)) {
	open my $in, '<', "$user/message" or die;
	my @limit = sanitized('qmail-local') ? () : ('/bin/sh', '-c', 'ulimit -S -v ' . MEMORY_KB . '; exec "$0" "$@"');
	my $run = run_program([ @limit, program('qmail-local'), '--', 'joe', $user, 'joe', '', '', 'example.org', "a\nb\@x", $instructions ],
		home => $home, dir => $user, limit => 60, fds => { 0 => $in }, env => { QMAILQUEUE => $queue });
	is "$run->{exit} $run->{signal}", '0 0', 'qmail-local, 50 MB: ' . shown($instructions) or diag $run->{out}, $run->{err};
	my ($stored) = stored_messages($home);
	is scalar @{ $stored->{recipients} }, 4000, 'forwarded' if $instructions =~ /^&/;
	my ($sum) = map { -s } grep { -f } "$user/got", "$user/Mailbox", glob "$user/Maildir/new/*";
	cmp_ok $sum, '>', 50_000_000, 'whole' unless $instructions =~ /^&/;
	system('rm', '-rf', "$user/got", "$user/Mailbox", glob("$user/Maildir/new/*"), glob "$home/stored/[0-9]*");
}

done_testing;
