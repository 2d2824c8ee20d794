#!/usr/bin/perl
# qmail-inject and sendmail from outside: queue 3.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

my $home  = instance(me => "me.example\n", defaulthost => "DH\n", defaultdomain => "DD\n", plusdomain => "PD\n");
my $queue = use_store_queue($home);
my %env   = (QMAILQUEUE => $queue, USER => 'joe');

sub inject {
	my ($args, $in, %with) = @_;
	return run_program([ 'qmail-inject', @$args ], home => $with{home} || $home, in => $in,
		dir => $with{dir} || '/', env => { %env, %{ $with{env} || {} } });
}

# What was stored by the last run, or undef.
my $stored = 0;

sub queued {
	my @all = stored_messages($home);
	return undef if @all == $stored;
	$stored = @all;
	return $all[-1];
}

# Without what depends on the moment.
sub steady {
	my ($text) = @_;
	$text =~ s/^((?:Resent-)?)Date: \d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d -0000$/$1DATE/mg;
	$text =~ s/^((?:Resent-)?)Message-ID: <\d{14}\.\d+\.qmail\@([^>]*)>$/$1ID \@$2/mg;
	return $text;
}

# A field, and what becomes of it with -n.
sub field_becomes {
	my ($field, $expected, $name) = @_;
	my $run = inject([qw(-n -a)], "Date: d\nMessage-ID: m\nFrom: f\@f.f\nTo: t\@t.t\n$field\n");
	is $run->{exit}, 0, "$name: exit";
	is $run->{out}, "Return-Path: <joe\@DH.DD>\nDate: d\nMessage-ID: m\nFrom: f\@f.f\nTo: t\@t.t\n$expected", $name;
}

# --- addresses (3.4) ----------------------------------------------------------------------------

for my $case (
	[ 'a',                       'a@DH.DD' ],
	[ 'b@c',                     'b@c.DD' ],
	[ 'e@f+',                    'e@f.PD' ],
	[ 'e@f.g',                   'e@f.g' ],
	[ '"q u"@x',                 '"q u"@x.DD' ],
	[ '<@r1,@r2:j@k>',           '<j@k.DD>' ],
	[ 'l@[1.2.3.4]',             'l@[1.2.3.4]' ],
	[ '<>',                      '<>' ],
	[ '<x@[]>',                  '<x@[]>' ],
	[ 'a@b.',                    'a@b.DD' ],
	[ 'a@b.c.',                  'a@b.c' ],
	[ 'a@',                      'a@DH.DD' ],
	[ '<@host:>',                '<>' ],
	[ 'Joe Doe <a@b.c>',         'Joe Doe <a@b.c>' ],
	[ '"Joe, Doe" <a@b.c>',      '"Joe, Doe" <a@b.c>' ],
	[ 'Joe<a@b.c>',              'Joe <a@b.c>' ],
	[ 'a@b.c (Joe)',             'a@b.c (Joe)' ],
	[ '(one) a (two) @ b.c',     'a@b.c (one) (two)' ],
	[ 'a@b.c (x (y) z)',         'a@b.c (x y z)' ],
	[ 'a b',                     'a@DH.DD, b@DH.DD' ],
	[ 'a@b.c d@e.f',             'a@b.c, d@e.f' ],
	[ 'a,b , c',                 'a@DH.DD, b@DH.DD, c@DH.DD' ],
	[ 'a,,b',                    'a@DH.DD, , b@DH.DD' ],
	[ 'g: a, b@c;',              'g: a@DH.DD, b@c.DD;' ],
	[ 'x, g h:; , y',            'x@DH.DD, g h: ;, y@DH.DD' ],
	[ 'a; b, c',                 'a@DH.DD;, b@DH.DD, c@DH.DD' ],
	[ "\xe4\@b.c",               "\"\xe4\"\@b.c" ],
	[ 'a\\@b@c.d',               '"a@b"@c.d' ],
	[ '"a\\"b"@c.d',             '"a\\"b"@c.d' ],
	[ "a\n\t, b",                'a@DH.DD, b@DH.DD' ],
	[ '"a' . "\n" . ' b"@c.d',   '"a b"@c.d' ],
	[ '',                        '' ]) {
	my ($in, $out) = @$case;
	(my $name = $in) =~ s/\n/\\n/g;
	field_becomes("Sender: $in", length $out ? "Sender: $out\n" : "Sender:\n", "address $name");
}

# Folded behind a comma where the line would have more than 78 octets.
{
	my $one  = 'Sender: ' . 'a' x 30 . '@x.y,';                  # 43
	my $fits = ' ' . 'b' x (78 - 43 - 1 - 4) . '@x.y';
	field_becomes("$one$fits",  "$one$fits\n",       'a line of 78 octets');
	field_becomes("${one} b" . substr($fits, 1), "$one\n  b" . substr($fits, 1) . "\n", 'one of 79 is folded');
	field_becomes("$one$fits, c\@d.e", "$one\n $fits, c\@d.e\n", 'the comma counts');
}

# --- fields (3.3) -------------------------------------------------------------------------------

for my $case (
	[ "X-Any : as   it is\n\tand on\n",  "X-Any : as   it is\n\tand on\n", 'an unknown field' ],
	[ "cC: a\n",                         "cC: a\@DH.DD\n",                 'names in any case' ],
	[ "Apparently-To: a\n",              "Apparently-To: a\@DH.DD\n",      'Apparently-To' ],
	[ "Bcc: a\nReply-to: b\n",           "Reply-to: b\@DH.DD\n",           'Bcc is removed' ],
	[ "Return-Receipt-To: a\nErrors-To: b\n", "Return-Receipt-To: a\@DH.DD\nErrors-To: b\@DH.DD\n", 'rewritten fields' ],
	[ "Content-Length: 5\nSubject:  x\n", "Subject:  x\n",                 'Content-Length is removed' ],
	[ "From me Mon\n",                   "MBOX-Line: From me Mon\n",       'a line of an mbox' ],
	[ "no field\nX: y\n",                "\nno field\nX: y\n",             'the first line that is no field begins the body' ],
	[ "X:y\n\n",                         "X:y\n\n",                        'an empty body' ],
	[ "X:y\n\nbody\n\nFrom end",         "X:y\n\nbody\n\nFrom end\n",      'a body without a last line end' ],
	[ "X:y",                             "X:y\n",                          'a header without a last line end' ]) {
	my ($in, $out, $name) = @$case;
	my $run = inject([qw(-n -a)], "Date: d\nMessage-ID: m\nFrom: f\@f.f\nTo: t\@t.t\n$in");
	is $run->{out}, "Return-Path: <joe\@DH.DD>\nDate: d\nMessage-ID: m\nFrom: f\@f.f\nTo: t\@t.t\n$out", $name;
}
is steady(inject(['-n'], '')->{out}),
  "Return-Path: <joe\@DH.DD>\nDATE\nID \@me.example\nFrom: joe\@DH.DD\nCc: recipient list not shown: ;\n", 'an empty message';
is steady(inject(['-n'], "Resent-To: a\@b.c\nTo: x\nDate: d\n")->{out}),
  "Return-Path: <joe\@DH.DD>\nResent-DATE\nResent-ID \@me.example\nResent-From: joe\@DH.DD\nResent-To: a\@b.c\nTo: x\@DH.DD\nDate: d\n",
  'resent';
is steady(inject(['-n'], "Resent-Reply-To: a\@b.c\n")->{out}),
  "Return-Path: <joe\@DH.DD>\nResent-DATE\nResent-ID \@me.example\nResent-From: joe\@DH.DD\nResent-Cc: recipient list not shown: ;\nResent-Reply-To: a\@b.c\n",
  'resent without recipients';
{
	my $big = "To: a\@b.c\n\n" . 'x' x 300000;
	is length inject([qw(-n)], $big)->{out}, length(inject([qw(-n)], "To: a\@b.c\n\n")->{out}) + 300001, 'a long line in the body';
}

# --- who gets it --------------------------------------------------------------------------------

my $header = "To: a\@t, b\@t\nCc: g: c\@t, d\@t;\nBcc: e\@t\nApparently-To: f\@t\n\n";
my @header = map { "$_\@t.DD" } qw(b a d c e f);
for my $case (
	[ [],                 [@header] ],
	[ ['x@y'],            ['x@y.DD'] ],
	[ ['-A'],             [@header] ],
	[ [ '-h', 'x@y' ],    [@header] ],
	[ [ '-H', 'x', 'y@z.z' ], [ 'x@DH.DD', 'y@z.z', @header ] ],
	[ [ '-h', '-a', 'x' ], ['x@DH.DD'] ],
	[ [ '-a', '-A' ],     [@header] ],
	[ [ 'a b@c', 'q"@c' ], [ 'a b@c.DD', 'q"@c.DD' ] ]) {
	my ($args, $to) = @$case;
	is inject($args, $header)->{exit}, 0, "@$args: exit";
	my $message = queued();
	is_deeply $message->{recipients}, $to, "@$args: recipients";
	is $message->{sender}, 'joe@DH.DD', "@$args: sender";
}
inject(['-h'], "To: a\nBcc: x\nResent-To: b, c\nResent-Cc: d\nResent-Bcc: e\n\n");
is_deeply queued()->{recipients}, [ map { "$_\@DH.DD" } qw(c b d e) ], 'resent: those of the Resent- fields only';

# What cannot be parsed.
for my $case (
	[ [],      "To: (a\n",      100 ],
	[ ['-h'],  "Cc: a, \"b\n",  100 ],
	[ ['-H', 'x'], "Bcc: <a\n>\n", 0 ],
	[ ['-H', 'x'], "Bcc: a>\n", 100 ],
	[ ['x'],   "From: a)\n",    0 ], # a ')' inside an atom is one byte of it
	[ ['x'],   "Sender: a; b; c\n", 100 ],
	[ ['x'],   "From: ) a\n",   100 ],
	[ ['x'],   "Sender: g: a, h: b;, c;\n",  100 ],
	[ ['x'],   "Reply-To: a: b\n",  100 ],
	[ ['x'],   "Return-Path: [a\n", 100 ],
	[ [],      "Resent-To: ]\n", 100 ]) {
	my ($args, $field, $exit) = @$case;
	my $run = inject($args, "$field\nbody\n");
	is $run->{exit}, $exit, "@$args: exit for $field";
	is $run->{err}, $exit ? "qmail-inject: fatal: unable to parse this line:\n$field" : '', 'and what is said';
	my $message = queued();
	ok $exit ? !$message : $message, 'queued or not';
}
for my $args (['x'], [ '-a', 'x' ]) {
	my $run = inject($args, "To: (a\nCc: b, c>\n\nbody\n");
	is $run->{exit}, 0, "@$args: a recipient field that nobody needs";
	my $message = queued();
	is_deeply $message->{recipients}, ['x@DH.DD'], 'no recipient of it';
	like $message->{message}, qr/^To: \(a\nCc: b, c>\n\nbody\n/m, 'it stays as it is';
}

# --- who sends it -------------------------------------------------------------------------------

for my $case (
	# arguments, header, environment, sender
	[ [ '-f', 'me@x' ],    '',                           {}, 'me@x.DD' ],
	[ [ '-f', '' ],        '',                           {}, '' ],
	[ [ '-f', 'me' ],      "Return-Path: <z\@z.z>\n",    {}, 'me@DH.DD' ],
	[ [ '-f', 'a b@c.d' ], '',                           {}, 'a b@c.d' ],
	[ [ '-f', 'l-@h-@[]' ], '',                          {}, 'l-@h-@[]' ],
	[ [],                  "Return-Path: <z\@z.z>\nReturn-Path: y\n", {}, 'z@z.z' ],
	[ [],                  "Return-Path: y\@y.y, z\@z.z\n", {}, 'z@z.z' ],
	[ [],                  "Return-Path: <>\n",          {}, '' ],
	[ [],                  "Return-Path: <z\@z.z>\n",    { QMAILINJECT => 's' }, 'joe@DH.DD' ],
	[ [],                  "Return-Path: <z\@z.z>\n",    { QMAILINJECT => 'r' }, 'z@z.z-@[]' ],
	[ [],                  '',                           { QMAILINJECT => 'r', QMAILHOST => 'h.x' }, 'joe-@h.x-@[]' ],
	[ [ '-f', 'me@x.y' ],  '',                           { QMAILINJECT => 'rm' }, 'me@x.y' ],
	[ [],                  '',                           { QMAILINJECT => 'm' }, qr/\Ajoe-\d+\.\d+\@DH\.DD\z/ ],
	[ [],                  '',                           { QMAILINJECT => 'zmr' }, qr/\Ajoe-\d+\.\d+-\@DH\.DD-\@\[\]\z/ ],
	[ [],                  '',                           { USER => undef }, 'anonymous@DH.DD' ],
	[ [],                  '',                           { USER => undef, LOGNAME => 'l' }, 'l@DH.DD' ],
	[ [],                  '',                           { LOGNAME => 'l' }, 'joe@DH.DD' ],
	[ [],                  '',                           { MAILUSER => 'm' }, 'm@DH.DD' ],
	[ [],                  '',                           { MAILUSER => 'm', QMAILUSER => 'q' }, 'q@DH.DD' ],
	[ [],                  '',                           { QMAILUSER => 'q', QMAILSUSER => 's', QMAILSHOST => 'sh', QMAILHOST => 'h' }, 's@sh.DD' ],
	[ [],                  '',                           { MAILHOST => 'm.m' }, 'joe@m.m' ],
	[ [],                  '',                           { USER => 'a b' }, 'a b@DH.DD' ],
	[ [],                  '',                           { USER => 'a@b' }, 'a@b@DH.DD' ],
	[ [],                  '',                           { QMAILSHOST => '(c)x' }, 'joe@x.DD' ],
	[ [],                  '',                           { QMAILSHOST => '' }, 'joe@DH.DD' ],
	[ [],                  '',                           { USER => '"' }, '"@DH.DD' ]) {
	my ($args, $fields, $env, $sender) = @$case;
	my $run = inject([ @$args, '-a', 'x@y.z' ], "$fields\n", env => $env);
	is $run->{exit}, 0, "sender: exit $run->{err}";
	my $message = queued();
	my $name = "sender: @$args $fields" . join ',', map { "$_=" . ($env->{$_} // '') } sort keys %$env;
	ref $sender ? like $message->{sender}, $sender, $name : is $message->{sender}, $sender, $name;
	unlike $message->{message}, qr/Return-Path/, 'no Return-Path goes out';
}

for my $case (
	[ { NAME => 'Joe Doe' },                             'From: "Joe Doe" <joe@DH.DD>' ],
	[ { NAME => 'n', MAILNAME => 'm' },                  'From: "m" <joe@DH.DD>' ],
	[ { MAILNAME => 'm', QMAILNAME => 'q' },             'From: "q" <joe@DH.DD>' ],
	[ { NAME => 'Joe "X" (Doe)', QMAILINJECT => 'c' },   'From: joe@DH.DD (Joe \"X\" \(Doe\))' ],
	[ { NAME => "evil\nBcc: x" },                        'From: "evil Bcc: x" <joe@DH.DD>' ],
	[ { QMAILUSER => 'a b', QMAILHOST => 'h+' },         'From: "a b"@h.PD' ],
	[ { QMAILSUSER => 's', QMAILSHOST => 't' },          'From: joe@DH.DD' ],
	[ { QMAILINJECT => 'fi' },                           'From: joe@DH.DD', "From: x\@y.z\nMessage-ID: old\n" ],
	[ {},                                                'From: x@y.z', "From: x\@y.z\n" ]) {
	my ($env, $from, $in) = @$case;
	my $out = inject([qw(-n)], ($in || '') . "To: t\@t.t\n", env => $env)->{out};
	my ($got) = $out =~ /^(From: .*)$/m;
	is $got, $from, join ',', 'from', map { "$_=$env->{$_}" } sort keys %$env;
	unlike $out, qr/: old/, 'no old Message-ID' if ($env->{QMAILINJECT} || '') =~ /i/;
}

# --- control files, and what overrides them -----------------------------------------------------

{
	my $other = instance(me => "mx.example.org\n", idhost => "id.example\n");
	my $out = inject([qw(-n -f a)], "To: b, c\@d, e\@f+\n", home => $other)->{out};
	like $out, qr/^Return-Path: <a\@mx\.example\.org>$/m, 'defaulthost is me';
	like $out, qr/^To: b\@mx\.example\.org, c\@d\.mx\.example\.org, e\@f\.mx\.example\.org$/m, 'defaultdomain and plusdomain too';
	like $out, qr/^Message-ID: .*\@id\.example>$/m, 'idhost';
	my %over = (QMAILDEFAULTHOST => 'eh', QMAILDEFAULTDOMAIN => 'ed', QMAILPLUSDOMAIN => 'ep', QMAILIDHOST => 'ei');
	$out = inject([qw(-n -f a)], "To: b, c\@d, e\@f+\n", home => $other, env => \%over)->{out};
	like $out, qr/^To: b\@eh\.ed, c\@d\.ed, e\@f\.ep$/m, 'the environment wins';
	like $out, qr/^Message-ID: .*\@ei>$/m, 'for idhost too';
	$out = inject([qw(-n)], "To: b\n", home => instance())->{out};
	like $out, qr/^To: b\@defaulthost\.defaultdomain$/m, 'without control/me: their own names';
	mkdir "$other/control/plusdomain";
	my $run = inject([qw(-n)], '', home => $other);
	is $run->{exit}, 111, 'an unreadable control file';
	is $run->{err}, "qmail-inject: fatal: unable to read control/plusdomain\n", 'is named';
}

# --- Mail-Followup-To ---------------------------------------------------------------------------

{
	my $dir = temp_dir();
	spit("$dir/lists", "# lists\nList\@Example.org\n");
	my %with = (dir => $dir, env => { QMAILMFTFILE => 'lists' });
	like inject(['-n'], "To: a, list\@example.org\nCc: \"x y\"\@h\n", %with)->{out},
	  qr/^Mail-Followup-To: "x y"\@h\.DD,\n  a\@DH\.DD,\n  list\@example\.org\n/m, 'last field first, in the order of each';
	unlike inject(['-n'], "To: a\n", %with)->{out}, qr/Mail-Followup-To/, 'not without a list';
	unlike inject(['-n'], "Bcc: list\@example.org\n", %with)->{out}, qr/Mail-Followup-To/, 'Bcc does not count';
	is inject(['-n'], "To: list\@example.org\nMail-Followup-To: me\n", %with)->{out} =~ s/^Mail-Followup-To: me$//mr =~ /Mail-Followup-To/,
	  '', 'not where one is';
	unlike inject(['-n'], "Resent-To: x\nTo: list\@example.org\n", %with)->{out}, qr/Mail-Followup-To/, 'not when resent';
	unlike inject(['-n'], "To: list\@example.org\n", dir => $dir, env => { QMAILMFTFILE => 'none' })->{out}, qr/Mail-Followup-To/, 'no file';
}

# --- errors -------------------------------------------------------------------------------------

is inject(['-x'], '')->{exit}, 100, 'an unknown option';
is inject(['-f'], '')->{exit}, 100, '-f without a sender';
is inject([ '-f', 'a@b)' ], '')->{exit}, 0, 'a bracket in a host';
for my $case ([ 31, 100, 'mail server permanently rejected message (#5.3.0)' ], [ 53, 111, 'qq write error or disk full (#4.3.0)' ]) {
	my ($code, $exit, $text) = @$case;
	spit("$home/stored/exit", $code);
	my $run = inject(['x'], "\n");
	is $run->{exit}, $exit, "queue program's exit $code";
	is $run->{err}, "qmail-inject: fatal: $text\n", 'and what is said';
	unlink "$home/stored/exit";
}
is inject(['x'], '', env => { QMAILQUEUE => '/no/such/program' })->{exit}, 111, 'no queue program';
is inject(['x'], '', home => '/no/such/home')->{exit}, 111, 'no home';

# --- nobody gets it -----------------------------------------------------------------------------

queued();
for my $case ([ [], "To: g:;\n\nx\n" ], [ ['-a'], "To: a\n\n" ], [ [], "\n" ], [ [], "Subject: x\n" ], [ ['-h', 'x'], "Resent-From: a\nTo: b\n" ]) {
	my ($args, $in) = @$case;
	my $run = inject($args, $in);
	is "$run->{exit} $run->{err}", "100 qmail-inject: fatal: no recipients\n", 'a message for nobody is refused';
	is queued(), undef, 'not lost';
	is inject([ '-n', @$args ], $in)->{exit}, 0, 'but it is printed';
	$run = inject($args, $in, env => { QSTRICT => 1 });
	is "$run->{exit} $run->{err}", '0 ', 'in strict mode it is taken, as qmail does';
	is_deeply queued()->{recipients}, [], 'for nobody';
}
is inject([], '')->{exit}, 0, 'a filter that prints nothing sends nothing';
queued();
control($home, 'strict', "1\n");
is inject([], "\n")->{exit}, 0, 'control/strict says the same';
queued();
unlink "$home/control/strict";

# --- sendmail -----------------------------------------------------------------------------------

sub sendmail {
	my ($args, $in, %with) = @_;
	return run_program([ $with{path} || 'sendmail', @$args ], home => $with{home} || $home, in => $in, dir => '/',
		env => { %env, %{ $with{env} || {} } });
}

for my $case (
	# arguments, sender, recipients, From
	[ [ 'x', 'y@z' ],                          'joe@DH.DD',  [ 'x@DH.DD', 'y@z.DD' ],  'From: joe@DH.DD' ],
	[ [ '-t', '-i' ],                          'joe@DH.DD',  ['h@h.h'],                'From: joe@DH.DD' ],
	[ [ '-oi', '-oem', '-t', 'x' ],            'joe@DH.DD',  [ 'x@DH.DD', 'h@h.h' ],   'From: joe@DH.DD' ],
	[ [ '-f', 'me@x.y', '--', '-x' ],          'me@x.y',     ['-x@DH.DD'],             'From: me@x.y' ],
	[ [ '-rme@x.y', 'x' ],                     'me@x.y',     ['x@DH.DD'],              'From: me@x.y' ],
	[ [ '-fme', 'x' ],                         'me@DH.DD',   ['x@DH.DD'],              'From: me@DH.DD' ],
	[ [ '-Fa b', 'x' ],                        'joe@DH.DD',  ['x@DH.DD'],              'From: "a b" <joe@DH.DD>' ],
	[ [ '-Fa b', '-fme@x.y', 'x' ],            'me@x.y',     ['x@DH.DD'],              'From: "a b" <me@x.y>' ],
	[ [ '-f<>', 'x' ],                         '',           ['x@DH.DD'],              undef ],
	[ [ '-f', '<me@x.y>', 'x' ],               'me@x.y',     ['x@DH.DD'],              'From: me@x.y' ],
	[ [ '-f', '', 'x' ],                       '',           ['x@DH.DD'],              undef ],
	[ [ qw(-v -m -x -em -odb -B8BITMIME -pSMTP -E -J -bm x) ], 'joe@DH.DD', ['x@DH.DD'], 'From: joe@DH.DD' ],
	[ [ qw(-O x=y -N never -R hdrs -V id -U -G -L tag -h 3 -Am -q -q30m -X /dev/null -n -c -C /dev/null x) ], 'joe@DH.DD', ['x@DH.DD'], 'From: joe@DH.DD' ]) {
	my ($args, $sender, $to, $from) = @$case;
	my $run = sendmail($args, "Bcc: h\@h.h\n\n");
	is $run->{exit}, 0, "sendmail @$args: exit $run->{err}";
	my $message = queued();
	is $message->{sender}, $sender, 'sender';
	is_deeply $message->{recipients}, $to, 'recipients';
	like $message->{message}, qr/^\Q$from\E$/m, 'From' if defined $from;
}
sendmail([ '-fme@x.y', 'x' ], "\n", env => { map { $_ => 'other' } qw(QMAILNAME MAILNAME NAME QMAILHOST MAILHOST) });
like queued()->{message}, qr/^From: me\@x\.y$/m, '-f: names and hosts of the environment do not count';
is sendmail([], "To: x\n\n")->{exit}, 100, 'sendmail without recipients';
is queued(), undef, 'sends nothing';
for my $args (['-q'], ['-q30m']) {
	is sendmail($args, "\n")->{exit}, 0, "sendmail @$args: the queue is run in any case";
	is queued(), undef, 'and no message is read';
}
for my $args (['-bi'], ['-I']) {
	is sendmail($args, '')->{err}, "sendmail: fatal: please use fastforward/newaliases instead\n", "sendmail @$args";
}
for my $args ([qw(-bd)], [qw(-bv)], [qw(-Z)], [qw(-f)], [qw(-bxyz)]) {
	my $run = sendmail($args, '');
	is $run->{exit}, 100, "sendmail @$args: exit";
	like $run->{err}, qr/\Asendmail: usage: /, 'usage';
}

# The programs that it becomes: a home with its own bin.
{
	my $other = temp_dir();
	mkdir "$other/bin";
	for my $name (qw(qmail-qread qmail-smtpd)) {
		spit("$other/bin/$name", "#!/bin/sh\necho $name\nenv | grep -E '^(RELAY|DATA|PROTO|TCP)' | sort\n", 0755);
	}
	symlink program('sendmail'), "$other/$_" for qw(mailq newaliases);
	is sendmail(['-bp'], '', home => $other)->{out}, "qmail-qread\n", '-bp';
	is sendmail([], '', home => $other, path => "$other/mailq")->{out}, "qmail-qread\n", 'as mailq';
	my $run = sendmail([], '', home => $other, path => "$other/newaliases");
	is $run->{exit}, 100, 'as newaliases';
	is sendmail(['-bs'], '', home => $other)->{out}, <<'TEXT', '-bs';
qmail-smtpd
DATABYTES=0
PROTO=TCP
RELAYCLIENT=
TCPLOCALHOST=localhost
TCPLOCALIP=127.0.0.1
TCPREMOTEHOST=localhost
TCPREMOTEINFO=sendmail-bs
TCPREMOTEIP=127.0.0.1
TEXT
	is sendmail(['-bs'], '', home => $other, env => { PROTO => 'TCP', TCPREMOTEIP => '192.0.2.1' })->{out},
	  "qmail-smtpd\nPROTO=TCP\nTCPREMOTEIP=192.0.2.1\n", '-bs under a server';
	is sendmail(['x'], '', home => $other)->{exit}, 111, 'no qmail-inject';
}

done_testing;
