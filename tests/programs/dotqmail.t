#!/usr/bin/perl
# The programs for .qmail files from outside: forward, condredirect, bouncesaying, except, preline, and
# srsfilter (queue 5.1); and by what qmail-local gives them, those of others (queue 5.2).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

my $home = instance(me => "mx.example.org\n");
my $queue = use_store_queue($home);
my $message = "Subject: test\n\nbody\n";
my %given = (
	SENDER => 'me@example.net', NEWSENDER => 'new@example.net',
	DTLINE => "Delivered-To: joe\@example.org\n",
	RPLINE => "Return-Path: <me\@example.net>\n",
	UFLINE => "From me\@example.net now\n");

sub ask {
	my ($argv, %with) = @_;
	return run_program($argv, home => $home, in => defined $with{in} ? $with{in} : $message,
		env => { QMAILQUEUE => $queue, %given, %{ $with{env} || {} } }, %{ $with{run} || {} });
}

sub ends {
	my ($run, $exit, $out, $err, $name) = @_;
	is $run->{exit}, $exit, "$name: exit $exit";
	is $run->{out}, $out, "$name: report";
	(my $said = $run->{err}) =~ s/qp \d+$/qp N/m;
	is $said, $err, "$name: errors";
}

my $stored = 0;

# What was queued since the last call.
sub new_messages {
	my @all = stored_messages($home);
	my @new = @all[ $stored .. $#all ];
	$stored = @all;
	return @new;
}

sub queue_says {
	my ($code, $do) = @_;
	spit("$home/stored/exit", $code);
	my $run = $do->();
	unlink "$home/stored/exit";
	return $run;
}

# --- forward ------------------------------------------------------------------------------------

ends(ask([ 'forward', 'a@example.com', 'b' ]), 0, '', "forward: qp N\n", 'forward');
is_deeply [ new_messages() ],
  [ { message => "$given{DTLINE}$message", sender => 'new@example.net', recipients => [ 'a@example.com', 'b' ],
		envelope => "Fnew\@example.net\0Ta\@example.com\0Tb\0\0" } ], 'one message to both';
ends(ask(['forward']), 0, '', "forward: qp N\n", 'forward to nobody');
is_deeply [ map { $_->{recipients} } new_messages() ], [ [] ], 'is as in qmail';
{
	pipe my $from, my $to or die;
	print $to $message;
	close $to;
	ends(ask([ 'forward', 'a' ], run => { fds => { 0 => $from } }), 0, '', "forward: qp N\n", 'forward from a pipe');
	is +(new_messages())[0]{message}, "$given{DTLINE}$message", 'with the message';
}
for my $name (qw(NEWSENDER DTLINE)) {
	ends(ask([ 'forward', 'a' ], env => { $name => undef }), 100, '', "forward: fatal: $name not set\n", "forward without $name");
}
ends(queue_says(31, sub { ask([ 'forward', 'a' ]) }), 100, '',
	"forward: fatal: mail server permanently rejected message (#5.3.0)\n", 'forward: a queue that refuses');
ends(queue_says(53, sub { ask([ 'forward', 'a' ]) }), 111, '',
	"forward: fatal: qq write error or disk full (#4.3.0)\n", 'forward: a full queue');
{
	open my $directory, '<', '/' or die;
	ends(ask([ 'forward', 'a' ], run => { fds => { 0 => $directory } }), 111, '',
		"forward: fatal: unable to read message: Is a directory\n", 'forward: a message that cannot be read');
	is_deeply [ new_messages() ], [], 'is not queued';
	ends(ask([ 'forward', 'a' ], run => { home => "$home/none", dir => '/' }), 111, '',
		"forward: fatal: qq trouble in home directory (#4.3.0)\n", 'forward: no home');
}

# --- condredirect -------------------------------------------------------------------------------

my $usage = "condredirect: usage: condredirect newaddress program [ arg ... ]\n";
ends(ask([ 'condredirect', @$_ ]), 100, '', $usage, "condredirect @$_") for [], ['a'];
ends(ask([ 'condredirect', 'a@example.com', 'cat' ]), 99, $message, "condredirect: qp N\n", 'condredirect: yes');
is_deeply [ map { [ @$_{qw(message sender recipients)} ] } new_messages() ],
  [ [ "$given{DTLINE}$message", 'me@example.net', ['a@example.com'] ] ], 'with the old sender';
ends(ask([ 'condredirect', 'a', 'sh', '-c', "exit $_" ]), 0, '', '', "condredirect: exit $_ is no") for 1, 99, 100, 255;
ends(ask([ 'condredirect', 'a', 'sh', '-c', 'exit 111' ]), 111, '', "condredirect: fatal: temporary child error\n", 'condredirect: not now');
ends(ask([ 'condredirect', 'a', 'sh', '-c', 'kill -9 $$' ]), 111, '', "condredirect: fatal: child crashed\n", 'condredirect: a crash');
ends(ask([ 'condredirect', 'a', '/no/such' ]), 0, '',
	"condredirect: warning: unable to run /no/such: No such file or directory\n", 'condredirect: no program');
ends(ask([ 'condredirect', 'a', 'true' ], env => { $_ => undef }), 100, '', "condredirect: fatal: $_ not set\n",
	"condredirect without $_") for qw(SENDER DTLINE);
ends(queue_says(31, sub { ask([ 'condredirect', 'a', 'true' ]) }), 100, '',
	"condredirect: fatal: mail server permanently rejected message (#5.3.0)\n", 'condredirect: a queue that refuses');
ends(queue_says(53, sub { ask([ 'condredirect', 'a', 'true' ]) }), 111, '',
	"condredirect: fatal: qq write error or disk full (#4.3.0)\n", 'condredirect: a full queue');
{
	pipe my $from, my $to or die;
	close $to;
	ends(ask([ 'condredirect', 'a', 'true' ], run => { fds => { 0 => $from } }), 111, '',
		"condredirect: fatal: unable to rewind: Illegal seek\n", 'condredirect: a message in a pipe');
}
is_deeply [ new_messages() ], [], 'nothing of that was queued';

# --- bouncesaying, except -----------------------------------------------------------------------

ends(ask(['bouncesaying']), 100, '', "bouncesaying: usage: bouncesaying error [ program [ arg ... ] ]\n", 'bouncesaying, bare');
ends(ask([ 'bouncesaying', 'no %s here' ]), 100, '', "no %s here\n", 'bouncesaying, always');
ends(ask([ 'bouncesaying', 'gone', 'cat' ]), 100, $message, "gone\n", 'bouncesaying: yes');
ends(ask([ 'bouncesaying', 'gone', 'sh', '-c', "exit $_" ]), 0, '', '', "bouncesaying: exit $_ is no") for 1, 99, 100;
ends(ask([ 'bouncesaying', 'gone', 'sh', '-c', 'exit 111' ]), 111, '', "bouncesaying: fatal: temporary child error\n", 'bouncesaying: not now');
ends(ask([ 'bouncesaying', 'gone', 'sh', '-c', 'kill -9 $$' ]), 111, '', "bouncesaying: fatal: child crashed\n", 'bouncesaying: a crash');
ends(ask([ 'bouncesaying', 'gone', '/no/such' ]), 0, '',
	"bouncesaying: warning: unable to run /no/such: No such file or directory\n", 'bouncesaying: no program');

ends(ask(['except']), 100, '', "except: usage: except program [ arg ... ]\n", 'except, bare');
ends(ask([ 'except', 'cat' ]), 100, $message, '', 'except: yes is no');
ends(ask([ 'except', 'sh', '-c', "exit $_" ]), 0, '', '', "except: exit $_ is yes") for 1, 99, 100;
ends(ask([ 'except', 'sh', '-c', 'exit 111' ]), 111, '', "except: fatal: temporary child error\n", 'except: not now');
ends(ask([ 'except', 'sh', '-c', 'kill -9 $$' ]), 111, '', "except: fatal: child crashed\n", 'except: a crash');
ends(ask([ 'except', '/no/such' ]), 0, '', "except: warning: unable to run /no/such: No such file or directory\n", 'except: no program');

# --- preline ------------------------------------------------------------------------------------

my ($uf, $rp, $dt) = @given{qw(UFLINE RPLINE DTLINE)};
for my $case (
	[ [],              "$uf$rp$dt$message" ],
	[ ['-f'],          "$rp$dt$message" ],
	[ ['-r'],          "$uf$dt$message" ],
	[ ['-d'],          "$uf$rp$message" ],
	[ ['-frd'],        $message ],
	[ [ '-frd', '-R' ], "$rp$message" ],
	[ [ '-frd', '-FD', '--' ], "$uf$dt$message" ]) {
	my ($options, $out) = @$case;
	ends(ask([ 'preline', @$options, 'cat' ]), 0, $out, '', "preline @$options");
}
my $preline_usage = "preline: usage: preline cmd [ arg ... ]\n";
ends(ask([ 'preline', @$_ ]), 100, '', $preline_usage, "preline @$_") for [], ['-f'], [ '-x', 'cat' ];
ends(ask([ 'preline', 'cat' ], env => { $_ => undef }), 100, '', $preline_usage, "preline without $_") for qw(UFLINE RPLINE DTLINE);
ends(ask([ 'preline', 'sh', '-c', "cat >/dev/null; exit $_" ]), $_, '', '', "preline: the program's exit $_") for 0, 64, 75, 77, 99, 100, 111;
ends(ask([ 'preline', 'sh', '-c', 'kill -9 $$' ]), 111, '', "preline: fatal: child crashed\n", 'preline: a crash');
ends(ask([ 'preline', '/no/such' ]), 100, '', "preline: fatal: unable to run /no/such: No such file or directory\n", 'preline: no program');
ends(ask([ 'preline', 'sh', '-c', 'read line; echo "$line"; exit 3' ], in => 'x' x 500_000), 3,
	substr($uf, 0, -1) . "\n", '', 'preline: a program that has seen enough');
ends(ask([ 'preline', '-f', 'sh', '-c', 'trap - PIPE; kill -s PIPE $$; exit 0' ]), 111, '', "preline: fatal: child crashed\n",
	'preline: SIGPIPE is at its default for the program');
{
	open my $directory, '<', '/' or die;
	ends(ask([ 'preline', '-frd', 'cat' ], run => { fds => { 0 => $directory } }), 111, '',
		"preline: fatal: unable to copy input: Is a directory\n", 'preline: a message that cannot be read');
}

# --- srsfilter, and the rewriting that it takes back ----------------------------------------------

sub srs {
	my (%controls) = (srs_domain => "srs.example.org\n", srs_secrets => "tops3cr3t\n",
		rcpthosts => "example.org\nsrs.example.org\n", @_);
	unlink map { "$home/control/$_" } qw(srs_domain srs_secrets srs_maxage rcpthosts);
	control($home, $_, $controls{$_}) for grep { defined $controls{$_} } keys %controls;
	return;
}

srs();
my $rewritten = qr/^SRS0=[A-Za-z0-9+\/]{4}=[A-Z2-7]{2}=example\.net=new\@srs\.example\.org$/;
ends(ask([ 'forward', 'a@example.com' ]), 0, '', "forward: qp N\n", 'forward with SRS');
my $address = (new_messages())[0]{sender};
like $address, $rewritten, 'the sender is rewritten';
ask([ 'condredirect', 'a@example.com', 'true' ]);
like +(new_messages())[0]{sender}, qr/^SRS0=.*=example\.net=me\@srs\.example\.org$/, 'condredirect rewrites, too';
for my $sender ('', '#@[]', 'joe@example.org', 'list-@example.net-@[]', 'nobody') {
	ask([ 'forward', 'a' ], env => { NEWSENDER => $sender });
	is +(new_messages())[0]{sender}, $sender, "'$sender' stays";
}

# qmail-inject, as vpopmail's programs run it.
sub inject {
	my (%env) = @_;
	my $run = ask([ 'qmail-inject', '-f', 'new@example.net', 'to@example.com' ], env => { EXT => 'x', HOST => 'example.org', %env });
	return $run->{exit} == 0 ? (new_messages())[0]{sender} : "$run->{exit} $run->{err}";
}
like inject(), $rewritten, 'qmail-inject below qmail-local rewrites, too';
is inject($_ => undef), 'new@example.net', "but not without $_" for qw(EXT HOST);
is inject(QMAILINJECT_SKIP_SRS => ''), 'new@example.net', 'nor with QMAILINJECT_SKIP_SRS';
like inject(QMAILINJECT_FORCE_SRS => '', EXT => undef), $rewritten, 'with QMAILINJECT_FORCE_SRS it does';
srs(srs_secrets => undef);
is inject(), "111 qmail-inject: fatal: unable to rewrite the sender: control/srs_secrets: missing\n", 'qmail-inject without secrets';
srs();

(my $local = $address) =~ s/\@.*//;
sub filter {
	my ($recipient, %with) = @_;
	return ask(['srsfilter'], env => { SENDER => '', EXT => "srs-$recipient", EXT2 => $recipient, LOCAL => "alias-srs-$recipient", %{ $with{env} || {} } });
}
ends(filter($local), 0, '', "srsfilter: qp N\n", 'srsfilter');
is_deeply [ map { [ @$_{qw(message sender recipients)} ] } new_messages() ],
  [ [ "$given{DTLINE}$message", '', ['new@example.net'] ] ], 'the bounce goes where it belongs';
filter(lc $local);
is_deeply +(new_messages())[0]{recipients}, ['new@example.net'], 'in lower case, too';
filter('other', env => { EXT => $local });
is_deeply +(new_messages())[0]{recipients}, ['new@example.net'], 'the address in EXT';
filter('other', env => { EXT => 'x', LOCAL => $local });
is_deeply +(new_messages())[0]{recipients}, ['new@example.net'], 'the address in LOCAL';
for my $case (
	[ $local =~ s/new$/old/r, 'Hash invalid in SRS address.' ],
	[ $local =~ s/=.*?=/=xyz=/r, 'Hash too short in SRS address.' ],
	[ 'SRS0=x', 'A part is missing in SRS address.' ],
	[ 'postmaster', 'Not an SRS address.' ]) {
	ends(filter($case->[0]), 100, '', "srsfilter: fatal: SRS: $case->[1]\n", "srsfilter: $case->[0]");
}
ends(filter($local, env => { SENDER => 'me@example.net' }), 100, '',
	"srsfilter: fatal: this address takes bounces only: SENDER must be empty (#5.7.1)\n", 'srsfilter: no bounce');
ends(filter($local, env => { $_ => undef }), 100, '', "srsfilter: fatal: $_ not set\n", "srsfilter without $_") for qw(SENDER EXT2 DTLINE);
srs(srs_secrets => "fresh\ntops3cr3t\n");
ends(filter($local), 0, '', "srsfilter: qp N\n", 'an older secret still verifies');
srs(srs_secrets => "fresh\n");
ends(filter($local), 100, '', "srsfilter: fatal: SRS: Hash invalid in SRS address.\n", 'until it is gone');
srs(srs_secrets => undef);
ends(filter($local), 111, '', "srsfilter: fatal: control/srs_secrets: missing\n", 'srsfilter without secrets');
ends(ask([ 'forward', 'a' ]), 111, '', "forward: fatal: unable to rewrite the sender: control/srs_secrets: missing\n", 'forward without secrets');
srs(srs_domain => undef);
ends(filter($local), 100, '', "srsfilter: fatal: there is no control/srs_domain\n", 'srsfilter without a domain');
ends(queue_says(53, sub { srs(); filter($local) }), 111, '', "srsfilter: fatal: qq write error or disk full (#4.3.0)\n",
	'srsfilter: a full queue');
new_messages();

# The forward lines of qmail-local, and the whole way back through a virtual domain of alias.
{
	my $user = temp_dir();
	chmod 0755, $user;
	spit("$user/.qmail", "a\@example.com\n", 0644);
	spit("$user/.qmail-srs-default", "|$home/bin/srsfilter\n", 0644);
	my @local = ('qmail-local', '--', 'joe', $user, 'joe');
	my $run = ask([ @local, '', '', 'example.org', 'new@example.net', './Mailbox' ]);
	is $run->{exit}, 0, 'outbound 8 seed 002 row 3: qmail-local forwards with SRS';
	my ($forwarded) = new_messages();
	like $forwarded->{sender}, $rewritten, 'and rewrites the sender';
	(my $back = $forwarded->{sender}) =~ s/\@.*//;
	$run = ask([ 'qmail-local', '--', 'alias', $user, "srs-$back", '-', "srs-$back", 'srs.example.org', '', './Mailbox' ]);
	is $run->{exit}, 0, 'the bounce is delivered';
	my ($bounce) = new_messages();
	is_deeply [ $bounce->{sender}, $bounce->{recipients} ], [ '', ['new@example.net'] ], 'to who sent it';
	is $bounce->{message}, "Delivered-To: srs-$back\@srs.example.org\n$message", 'with what it was delivered to';
	srs(srs_secrets => undef);
	ends(ask([ @local, '', '', 'example.org', 'new@example.net', './Mailbox' ]), 111, '',
		"Unable to rewrite the sender: control/srs_secrets: missing. (#4.3.0)\n", 'qmail-local without secrets');
	srs(srs_secrets => undef, srs_domain => undef);
	ask([ @local, '', '', 'example.org', 'new@example.net', './Mailbox' ]);
	is +(new_messages())[0]{sender}, 'new@example.net', 'SRS is off without srs_domain';
}

# --- what programs of others count on (queue 5.2) ---------------------------------------------------

# A user whose .qmail runs this perl program; then what qmail-local says.
sub with_program {
	my ($code, %with) = @_;
	my $user = temp_dir();
	chmod 0755, $user;
	spit("$user/program", $code, 0644);
	spit("$user/.qmail-list", "|perl ./program\n|echo the next line\n", 0644);
	symlink '.qmail-list', "$user/.qmail-list-$_" for qw(default owner return-default);
	my $ext = defined $with{ext} ? $with{ext} : 'list-Sub=a.b';
	return ask([ 'qmail-local', '--', 'dom', $user, "dom-$ext", '-', $ext, 'example.org', 'me@example.net', './Mailbox' ],
		run => { home => $with{home} || $home }, env => $with{env});
}
my $vdelivermail = 'use POSIX; print join("|", @ENV{qw(EXT HOST)}), "\n$ENV{RPLINE}$ENV{DTLINE}"; '
  . '$size = sysseek(STDIN, 0, 2); sysseek(STDIN, 0, 0); sysread STDIN, $all, 9999; print $size == length $all ? $all : "no seek", "\n";';
my $seen = "list-Sub=a.b|example.org\nReturn-Path: <me\@example.net>\nDelivered-To: dom-list-Sub=a.b\@example.org\n$message\n";
ends(with_program("$vdelivermail exit 0"), 0, "${seen}the next line\ndid 0+0+2\n", '', 'vdelivermail: environment, a file on 0');
ends(with_program("$vdelivermail exit 99"), 0, "${seen}did 0+0+1\n", '', 'vdelivermail: delivered, and no more');
ends(with_program("exit $_"), $_, '', '', "vdelivermail: exit $_") for 100, 111;
for my $case ([ 'list', '' ], [ 'list-subscribe', 'subscribe' ], [ 'list-return-7-me=example.net', '7-me=example.net' ], [ 'list-owner', '' ]) {
	my ($ext, $default) = @$case;
	my $run = with_program('print "$ENV{SENDER} $ENV{LOCAL} $ENV{HOST} $ENV{DEFAULT} $ENV{DTLINE}"; exit 99', ext => $ext);
	ends($run, 0, "me\@example.net dom-$ext example.org $default Delivered-To: dom-$ext\@example.org\ndid 0+0+1\n", '', "ezmlm: $ext");
}
ends(with_program('print map { "$_=" . ($ENV{$_} // "unset") . "\n" } qw(SHELL OTHER); print "PATH\n" if $ENV{PATH}; exit 99',
		env => { OTHER => "inherited", SHELL => undef }), 0, "SHELL=unset\nOTHER=inherited\nPATH\ndid 0+0+1\n", '', 'what qmail-start was started with is inherited');
new_messages();
ends(with_program('exec "$ENV{QMAILHOME}/bin/qmail-inject", "-f", $ENV{SENDER}, "other\@example.com"'), 0, "the next line\ndid 0+0+2\n", '',
	'vdelivermail: a forward by qmail-inject');
is_deeply [ map { [ @$_{qw(sender recipients)} ] } new_messages() ], [ [ 'me@example.net', ['other@example.com'] ] ], 'is queued';
SKIP: {
	skip 'as root the real users must exist', 2 if $> == 0;
	my $own = instance(me => "mx.example.org\n");
	queue_tree($own);
	my $program = 'open STDIN, "<", "$ENV{HOME}/program"; open my $e, ">", "e"; print $e "Fjoe\@x\0Tyou\@y\0\0"; close $e; '
	  . 'open STDOUT, "<", "e"; exec "$ENV{QMAILHOME}/bin/qmail-queue"';
	ends(with_program($program, home => $own), 0, "the next line\ndid 0+0+2\n", '', 'autorespond: runs qmail-queue itself');
	is scalar(@{ [ glob "$own/queue/todo/*" ] }), 1, 'whatever QMAILQUEUE says';
}

done_testing;
