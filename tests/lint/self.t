#!/usr/bin/perl
# self - every lint complains of a tree made to displease it, and is content with a good one.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

my $here = $FindBin::Bin;
my $good = "int\nmain(void)\n{\n\treturn 0;\n}\n";
my $page = ".Dd January 1, 2024\n.Dt ONE 8\n.Os\n.Sh NAME\n.Nm one\n.Nd does one thing\n.Sh SYNOPSIS\n.Nm\n"
  . ".Sh DESCRIPTION\nIt does it.\n.Sh EXIT STATUS\n0.\n";
my $bad_word = 'TO' . 'DO';

my %check = ('src/policy/table.c' => '{ "one", AT_RECIPIENT, "control/one", check_one },', 'src/policy/checks/one.c' => '',
	'control-examples/one' => '', 'man/qmail-smtpd.8' => ".It one\n", 'tests/dialogue/smtpd/one' => "control one x\n");

my %control = (
	'control-examples/a' => '', 'control-examples/README' => "  a\n      default: 0; read by one(8)\n",
	'src/lib/a.c' => qq("control/a"\n), 'src/config/controlfiles.c' => qq(\t{ ROW("a", X, "one", "0", "", "") },\n), 'src/config/limits.h' => "\tX(lines, 2, 1, 9)\n",
	'man/qmail-control.5' => ".Sh FILES\n.It Pa a\nRead by\n.Xr one 8 .\nDefault: 0.\n.El\n.Sh LIMITS\n.It Cm lines No 2, from 1 to 9\nx\n.El\n.Sh END\n",
);
my %seed = ('tests/lint/seeds.rows' => "S0: a\nS1: b (c)\n",
	'tests/dialogue/seeds/one' => "# Both.\n# inbound 10 S0: a\nrun x\nS: 250\n# inbound 10 S1: b (c)\nrun x\nS: 250\n");
my %row = ('tests/lint/outbound.rows' => "outbound 8 seed 000 row 1: a\noutbound 11 T2: b\n",
	'tests/programs/one.t' => "is(1, 1, 'outbound 8 seed 000 row 1: a');\nis(1, 1, 'T2: b');\n");
my %case = ('tests/lint/queue.rows' => "a 1: x | programs/one.t | it is so\na 2 (not here): y\n",
	'tests/programs/one.t' => "ok 1, 'it is so';\n");
my %target = ('tests/fuzz/targets' => "# weights\n1 lib/a lib/a\n", 'tests/fuzz/lib/a.c' => '', 'tests/fuzz/lib/a.seeds/x' => 'x', 'src/lib/a.c' => '');
# name, lint, files that it likes, file and text that it does not, what it says then
my @cases = (
	[ 'a lower layer includes a higher one', 'layers', { 'src/lib/a.h' => '', 'src/config/b.h' => '' },
		'src/lib/a.c', qq(#include "config/b.h"\n), qr/may not include config/ ],
	[ 'a foreign include', 'layers', {}, 'src/lib/a.c', "#include <openssl/ssl.h>\n", qr{belongs to src/tls} ],
	[ 'an include that is not from src', 'layers', { 'src/lib/a.h' => '' }, 'src/lib/a.c', qq(#include "a.h"\n), qr/not written from/ ],
	[ 'a row that links too much', 'layers', { Makefile => "NEED_lib := lib os\n" }, 'Makefile', "NEED_lib := lib os config\n", qr/links config/ ],
	[ 'a program without a row', 'layers', { 'src/lib/a.h' => '' }, 'src/programs/one.c', '', qr/no LINK row/ ],
	[ 'a program without a manual', 'manuals', { 'man/one.8' => $page, 'src/programs/one.c' => '' }, 'src/programs/two.c', '', qr/no man/ ],
	[ 'a manual without a section', 'manuals', { 'man/one.8' => $page }, 'man/one.8', $page =~ s/^\.Sh SYNOPSIS\n\.Nm\n//mr, qr/no section SYNOPSIS/ ],
	[ 'a fuzz target without a row', 'fuzz', {%target}, 'tests/fuzz/targets', "1 lib/b lib/a\n", qr{has no row} ],
	[ 'a fuzz target without a source', 'fuzz', {%target}, 'tests/fuzz/targets', "1 lib/a lib/b\n", qr{no src/lib/b.c} ],
	[ 'a fuzz target without seeds', 'fuzz', {%target}, 'tests/fuzz/lib/b.c', '', qr{has no seeds} ],
	[ 'unformatted code', 'format', { 'src/lib/a.c' => $good }, 'src/lib/b.c', "int main(void){return 0;}\n", qr{src/lib/b.c} ],
	[ 'a control file without an example', 'controls', { %control }, 'src/lib/b.c', qq("control/b"\n), qr{no control-examples/b} ],
	[ 'a control file without a row', 'controls', { %control }, 'control-examples/README', "ab\n", qr{no row} ],
	[ 'a control file that the manual does not know', 'controls', { %control }, 'man/qmail-control.5',
		$control{'man/qmail-control.5'} =~ s/Pa a/Pa c/r, qr/not in qmail-control.*no code names it/s ],
	[ 'two lists of readers', 'controls', { %control }, 'control-examples/README', "  a\n      default: 0; read by other(8)\n",
		qr/says qmail-control/ ],
	[ 'a control file that the table does not have', 'controls', { %control }, 'src/config/controlfiles.c', "\n", qr/not in src.config.controlfiles/ ],
	[ 'a control file with two defaults', 'controls', { %control }, 'src/config/controlfiles.c',
		qq(\t{ ROW("a", X, "one", "1", "", "") },\n), qr/default 1 says controlfiles.c/ ],
	[ 'a limit with another default', 'controls', { %control }, 'src/config/limits.h', "\tX(lines, 3, 1, 9)\n", qr/the code says 3/ ],
	[ 'a limit with another most', 'controls', { %control }, 'src/config/limits.h', "\tX(lines, 2, 1, 8)\n", qr/the code says 2 1 8/ ],
	[ 'a long function', 'functions', { 'src/lib/a.c' => $good }, 'src/lib/a.c', "{\n" . "\tx();\n" x 61 . "}\n", qr/61 lines/ ],
	[ 'a long file', 'functions', { 'src/lib/a.c' => $good }, 'src/lib/a.c', "\n" x 700, qr/lines/ ],
	[ 'unfinished work', 'words', { 'src/lib/a.c' => $good }, 'src/lib/a.c', "/* $bad_word */\n", qr/unfinished/ ],
	[ 'a path of a machine', 'words', { 'src/lib/a.c' => $good }, 'src/lib/a.c', '/' . "root/x\n", qr/some machine/ ],
	[ 'a shared name', 'words', { 'src/lib/a.c' => '"/tm' . qq(p/x.XXXXXX"\n) }, 'src/lib/a.c', '"/tm' . qq(p/x"\n), qr/shared name/ ],
	[ 'a check without a dialogue', 'checks', { %check }, 'tests/dialogue/smtpd/one', "control two x\n", qr/no dialogue/ ],
	[ 'a check without a row', 'checks', { %check }, 'src/policy/checks/two.c', '', qr/has no row/ ],
	[ 'a check without an example', 'checks', { %check }, 'src/policy/table.c',
		$check{'src/policy/table.c'} =~ s{control/one}{control/three}r, qr/no control-examples/ ],
	[ 'a seed without a dialogue', 'seeds', { %seed }, 'tests/lint/seeds.rows', "S0: a\nS1: b (c)\nS2: d\n", qr/S2: d\n# no dialogue/ ],
	[ 'a dialogue of no seed', 'seeds', { %seed }, 'tests/dialogue/seeds/two', "# inbound 10 S0: e\nrun x\nS: 250\n", qr/no row/ ],
	[ 'a seed that is only named', 'seeds', { %seed }, 'tests/dialogue/seeds/one',
		$seed{'tests/dialogue/seeds/one'} =~ s/run x\nS: 250\n//r, qr/S0: a\n# .*nothing runs/ ],
	[ 'a row without a test', 'seeds', { %row }, 'tests/lint/outbound.rows', "$row{'tests/lint/outbound.rows'}outbound 3.2 step 1: c\n",
		qr/3\.2 step 1\n# no test names it/ ],
	[ 'a test of no row', 'seeds', { %row }, 'tests/root/two.t', "is(1, 1, 'outbound 3.2 row 7: d');\n", qr/no row/ ],
	[ 'a row that only a comment names', 'seeds', { %row }, 'tests/programs/one.t', $row{'tests/programs/one.t'} =~ s/^is/# is/r,
		qr/row 1\n# only a comment/ ],
	[ 'a row that was built', 'seeds', { %row }, 'tests/lint/outbound.rows',
		$row{'tests/lint/outbound.rows'} =~ s/T2:/T2 (not built: no):/r, qr/T2\n# not built.*one\.t:2 tests it/ ],
	[ 'a row of the queue without a test', 'seeds', { %case }, 'tests/lint/queue.rows', "$case{'tests/lint/queue.rows'}a 3: z\n", qr/a 3\n# not a file/ ],
	[ 'a row whose test is gone', 'seeds', { %case }, 'tests/programs/one.t', "ok 1;\n", qr/a 1\n# no case of.*it is so/ ],
	[ 'a row whose test is a comment', 'seeds', { %case }, 'tests/programs/one.t', "# it is so\nok 1;\n", qr/a 1\n# no case/ ],
	[ 'a row whose file is gone', 'seeds', { %case }, 'tests/lint/queue.rows', "a 1: x | programs/two.t | it is so\n", qr/a 1\n# there is no/ ],
	[ 'a row that is there twice', 'seeds', { %case }, 'tests/lint/queue.rows', $case{'tests/lint/queue.rows'} x 2, qr/a 1\n# named twice/ ],
	[ 'a blank at the end', 'words', { 'src/lib/a.c' => $good }, 'src/lib/a.c', "x \n", qr/blanks/ ],
);

for my $case (@cases) {
	my ($name, $lint, $files, $path, $text, $says) = @$case;
	SKIP: {
		skip "$name: no clang-format", 2 if $lint eq 'format' && !-x '/usr/bin/clang-format';
		my $tree = temp_dir();
		spit("$tree/.clang-format", slurp("$here/../../.clang-format"));
		spit("$tree/$_", $files->{$_}) for keys %$files;
		is run_lint($lint, $tree)->{exit}, 0, "$lint is content without: $name" if %$files;
		spit("$tree/$path", $text);
		my $run = run_lint($lint, $tree);
		ok $run->{exit} == 1 && $run->{out} =~ /^not ok/m && $run->{out} =~ $says, "$lint sees: $name"
		  or diag $run->{out}, $run->{err};
	}
}

# The libraries of a program: one built badly.
SKIP: {
	my $tree = temp_dir();
	mkdir "$tree/bin";
	spit("$tree/one.c", "#include <stdio.h>\nint main(void) { return puts(\"x\"); }\n");
	spit("$tree/stamp/hot", "cc -static \n");
	skip 'no gcc or readelf', 3 unless -x '/usr/bin/gcc' && -x '/usr/bin/readelf';
	system("gcc -no-pie -o $tree/bin/qmail-queue $tree/one.c") == 0 or skip 'gcc cannot link', 3;
	my $run = run_lint('libraries', $tree, $tree);
	like $run->{out}, qr/mapped in pieces/, 'libraries sees a hot program that is not laid out as it should be';
	like $run->{out}, qr/not static/, 'libraries sees a hot program that is not static';
	like $run->{out}, qr/position-independent/, 'libraries sees a program that is no PIE';
}
done_testing;

sub run_lint {
	my ($lint, @args) = @_;
	return run_program([ "/usr/bin/perl", "$here/$lint", @args ], env => { PATH => $ENV{PATH} });
}
