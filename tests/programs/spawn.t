#!/usr/bin/perl
# spawn: qmail-rspawn and qmail-lspawn with children that are scripts (outbound 1.4, 1.5, 5.2 to 5.4,
# queue 4.8).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Spawn;
use Qferry::Test;
use Test::More;

# --- a home whose qmail-remote and qmail-local run fake/LOCALPART -----------------------------------

sub home {
	my (%controls) = @_;
	my $home = instance(me => "mx.example.org\n", %controls);
	queue_tree($home);
	unlink "$home/bin";
	mkdir "$home/bin";
	mkdir "$home/fake";
	mkdir "$home/alias";
	spit("$home/bin/qmail-remote", "#!/bin/sh\nexec /bin/sh \"\$QMAILHOME/fake/\${3%%@*}\" \"\$@\"\n", 0755);
	spit("$home/bin/qmail-local", "#!/bin/sh\nexec /bin/sh \"\$QMAILHOME/fake/\$4\" \"\$@\"\n", 0755);
	spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n");
	return $home;
}

sub is_dynamic { my ($name) = @_; return slurp(program($name)) =~ /\0\/lib[^\0]*ld-[^\0]*\0/ }
sub fake { my ($home, $name, $script) = @_; spit("$home/fake/$name", $script) }

# --- qmail-rspawn: a start is a fresh start (outbound 2.6) -----------------------------------------------

{
	my $home = home();
	for my $name (qw(tcpto tcpto6)) {
		my $path = "$home/queue/lock/$name";
		my $size = $name eq 'tcpto' ? 1024 : 2048;
		spit($path, 'x' x ($size + 5));
		my $spawner = spawner($home, ['qmail-rspawn']);
		greeting($spawner, 1);
		is(slurp($path), "\0" x $size . 'xxxxx', "outbound 2.6: $name is zeroed when qmail-rspawn starts");
		is(finish($spawner), '0 0', '... which runs');
		unlink $path;
		$spawner = spawner($home, ['qmail-rspawn']);
		greeting($spawner, 1);
		is(finish($spawner), '0 0', "... also without $name");
		ok(!-e $path, '... which is not made');
	}
}

# --- qmail-rspawn: the tables 1.4 and 1.5 --------------------------------------------------------------

my $incomplete = "ZThe report of qmail-remote is incomplete.\n";
my @remote = (
	[ 'r K', q(printf 'r\0Kyes\n\0'), "Kyes\n" ],
	[ 'K',   q(printf 'Kyes\n\0'),    "Kyes\n" ],
	[ 'h D', q(printf 'hno\n\0Dmore\n\0'), "Dno\nmore\n" ],
	[ 's D', q(printf 'sno\n\0Dmore\n\0'), "Zno\nmore\n" ],
	[ 's K', q(printf 'sno\n\0Kmore\n\0'), "Zno\n" ],
	[ 'h Z', q(printf 'hno\n\0Zmore\n\0'), "Dno\n" ],
	[ 's Z', q(printf 'sno\n\0Zmore\n\0'), "Zno\nmore\n" ],
	[ 'r with text', q(printf 'r<From:a To:b> \0Kyes\n\0'), "K<From:a To:b> yes\n" ],
	[ 'no output',   q(exit 0), "Zqmail-remote produced no output.\n" ],
	[ 'killed',      q(kill -9 $$), "Zqmail-remote crashed.\n" ],
	[ 'killed behind K', q(printf 'Kyes\n\0'; kill -9 $$), "Zqmail-remote crashed.\n" ],
	[ 'exit 111', q(printf 'Kyes\n\0'; exit 111), "ZUnable to run qmail-remote.\n" ],
	[ 'exit 1',   q(printf 'Kyes\n\0'; exit 1),   "DUnable to run qmail-remote.\n" ],
	[ 'exit 100', q(exit 100), "DUnable to run qmail-remote.\n" ],
	[ 'no NUL',   q(printf 'Kyes\n'), $incomplete, 'D' ],
	[ 'no message report', q(printf 'r\0'), $incomplete, 'D' ],
	[ 'stderr in between', q(printf 'r\0'; echo oops >&2; printf 'Kyes\n\0'), $incomplete, 'D' ],
	[ 'K, then failure', q(printf 'Kearly\n\0Zlater\n\0'), "Kearly\n" ],
);

for my $strict (0, 1) {
	my $home = home();
	my $spawner = spawner($home, ['qmail-rspawn'], QSTRICT => $strict ? 1 : undef);
	is greeting($spawner, 1), "\x78", 'greeting: 120 slots';
	for my $row (@remote) {
		my ($name, $script, $expected, $stock) = @$row;
		fake($home, 'joe', $script);
		$expected = $stock if $strict && defined $stock;
		is deliver($spawner, 'joe@example.com'), "\0$expected\0", "T5: strict $strict: $name";
	}
	is finish($spawner), '0 0', 'exit 0 at EOF';
}

{
	my $home = home();
	fake($home, 'joe', 'printf "r\0K%s|%s|%s|%s|" "$1" "$2" "$3" "$#"; pwd -P; cat; echo err >&2; printf "\0"');
	my $spawner = spawner($home, ['qmail-rspawn']);
	greeting($spawner, 1);
	my $text = deliver($spawner, 'joe@a@Example.COM', sender => '');
	$text =~ s/\|[^|\s]+(?=\/queue\/mess\n)/|HOME/;
	is $text, "\0KExample.COM||joe\@a\@Example.COM|3|HOME/queue/mess\nSubject: x\n\nbody\nerr\n\0",
	  'argv, current directory, message on 0, error output into the report';
	unlink "$home/bin/qmail-remote";
	is deliver($spawner, 'joe@example.com'), "\0ZUnable to run qmail-remote.\n\0", 'no qmail-remote: later';
	fake($home, 'long', q(perl -e 'print "r\0K", "x" x 20000, "\n\0"'));
	spit("$home/bin/qmail-remote", "#!/bin/sh\nexec /bin/sh \"\$QMAILHOME/fake/\${3%%@*}\" \"\$@\"\n", 0755);
	is length deliver($spawner, 'long@example.com'), 20004, 'nothing is cut';
	finish($spawner);

	spit("$home/other", "#!/bin/sh\nprintf 'r\\0Kother\\n\\0'\n", 0755);
	$spawner = spawner($home, ['qmail-rspawn'], QMAILREMOTE => "$home/other");
	greeting($spawner, 1);
	is deliver($spawner, 'joe@example.com'), "\0Kother\n\0", 'T14: $QMAILREMOTE';
	finish($spawner);

	$spawner = spawner($home, ['qmail-rspawn'], QSTRICT => 1, QMAILREMOTE => "$home/none");
	greeting($spawner, 1);
	is deliver($spawner, 'joe@example.com'), "\0DUnable to run qmail-remote.\n\0", 'strict: bounces, as stock';
	finish($spawner);
}

# --- hostile frames ---------------------------------------------------------------------------------------

for my $program (['qmail-rspawn'], [ 'qmail-lspawn', './Mailbox' ]) {
	my $home = home();
	my $spawner = spawner($home, $program);
	my $name = $program->[0];
	fake($home, 'joe', $name eq 'qmail-rspawn' ? q(printf 'r\0Kyes\n\0') : 'echo yes');
	greeting($spawner, 1);
	my @frames = (
		[ 'letters in the messid', 'a@b', { messid => '3/2x' }, 'DInternal error: messid has nonnumerics. (#5.3.5)' ],
		[ 'path upwards', 'a@b', { messid => '../info/3/26' }, 'DInternal error: messid has nonnumerics. (#5.3.5)' ],
		[ 'absolute path', 'a@b', { messid => '/3/26' }, 'DInternal error: messid has nonnumerics. (#5.3.5)' ],
		[ 'long messid',  'a@b', { messid => '1' x 101 }, 'DInternal error: messid too long. (#5.3.5)' ],
		[ 'empty messid', 'a@b', { messid => '' }, 'DInternal error: messid too short. (#5.3.5)' ],
		[ 'no at',        'joe', {}, 'DSorry, address must include host name. (#5.1.3)' ],
		[ 'no message',   'a@b', { messid => '3/27' }, 'Zqmail-spawn unable to open message. (#4.3.0)' ],
		[ 'a directory',  'a@b', { messid => '3' }, 'ZSorry, message has wrong type. (#4.3.5)' ],
		[ 'delnum too big', 'a@b', { delnum => 120 }, 'ZInternal error: delnum too big. (#4.3.5)' ],
		[ 'delnum 255',   'a@b', { delnum => 255 }, 'ZInternal error: delnum too big. (#4.3.5)' ],
		[ 'long address', 'x' x 4100 . '@b', {}, 'DSorry, that address is too long. (#5.1.3)' ],
	);
	for my $row (@frames) {
		my ($what, $recipient, $with, $text) = @$row;
		is deliver($spawner, $recipient, %$with), chr($with->{delnum} || 0) . "$text\n\0", "$name: $what";
	}

	# The slot is taken until its report.
	fake($home, 'slow', "read line < '$home/go'; " . ($name eq 'qmail-rspawn' ? q(printf 'r\0Kslow\n\0') : 'echo slow'));
	POSIX::mkfifo("$home/go", 0600);
	print { $spawner->{to} } "\7" . "3/26\0\0slow\@b\0";
	is deliver($spawner, 'joe@b', delnum => 7), "\7ZInternal error: delnum in use. (#4.3.5)\n\0", "$name: in use";
	is deliver($spawner, 'joe@b', delnum => 8), "\10Kyes\n\0", "$name: another slot meanwhile";
	close $spawner->{to};
	open my $go, '>', "$home/go";
	print $go "go\n";
	close $go;
	is report($spawner), "\7Kslow\n\0", "$name: what runs at EOF is awaited";
	is join(' ', finish_program($spawner->{pid})), '0 0', "$name: exit 0";

	# A qmail-send that is gone has nothing started any more: the file may be another message by now.
	$spawner = spawner($home, $program);
	greeting($spawner, 1);
	fake($home, 'late', "touch '$home/started'");
	kill 'STOP', $spawner->{pid};
	print { $spawner->{to} } "\7" . "3/26\0\0late\@b\0";
	close $spawner->{to};
	close $spawner->{from};
	kill 'CONT', $spawner->{pid};
	is join(' ', finish_program($spawner->{pid})), '0 0', "$name: qmail-send was killed";
	ok !-e "$home/started", '... and what it asked for is not done';

	# Fragments, and several commands in one write.
	$spawner = spawner($home, $program);
	greeting($spawner, 1);
	my $bytes = "\0003/26\0s\@x\0joe\@b\0\0013/26\0\0joe\@c\0";
	for my $byte (split //, $bytes) { syswrite $spawner->{to}, $byte }
	my $reports = receive($spawner, sub { ($_[0] =~ tr/\n//) == 2 });
	is join('|', sort split /(?<=\n\0)/, $reports), "\0Kyes\n\0|\1Kyes\n\0", "$name: octet by octet";
	print { $spawner->{to} } $bytes;
	$reports = receive($spawner, sub { ($_[0] =~ tr/\n//) == 2 });
	is join('|', sort split /(?<=\n\0)/, $reports), "\0Kyes\n\0|\1Kyes\n\0", "$name: two in one write";
	is finish($spawner), '0 0', "$name: exit";

	# The wide variant.
	control($home, 'spawnwidth', "2\n");
	$spawner = spawner($home, $program);
	is greeting($spawner, 2), pack('v', 509), "T6: $name: wide greeting";
	print { $spawner->{to} } pack('v', 300), "3/26\0\0joe\@b\0";
	is report($spawner, 2), pack('v', 300) . "Kyes\n\0", "T6: $name: wide delnum";
	is finish($spawner), '0 0', "$name: exit";
}

# --- qmail-lspawn: exit codes -------------------------------------------------------------------------------

{
	my $home = home();
	my $spawner = spawner($home, [ 'qmail-lspawn', './Default/' ]);
	is greeting($spawner, 1), "\x78", 'lspawn greets with 120 slots';
	my %codes = (
		0 => "Kout\nerr\n", (map { $_ => "Zout\nerr\n" } 71, 74, 75, 111), (map { $_ => "Dout\nerr\n" } 1, 64, 99, 100, 114, 127, 255),
		112 => "ZInternal qmail-lspawn bug.\n", 113 => "ZNot allowed to perform deliveries as root.\n",
		115 => "ZNFS failure in qmail-local.\n", 116 => "ZUnable to find alias user!\n",
		117 => "ZTrouble reading users/cdb in qmail-lspawn.\n", 118 => "ZTemporary failure in qmail-lspawn.\n",
		119 => "ZOut of memory in qmail-lspawn.\n", 120 => "ZUnable to run qmail-local.\n",
		121 => "ZUnable to run qmail-getpw.\n", 126 => "DUnable to run qmail-local.\n",
	);
	for my $code (sort { $a <=> $b } keys %codes) {
		fake($home, 'joe', "echo out; echo err >&2; exit $code");
		is deliver($spawner, 'joe@b'), "\0$codes{$code}\0", "qmail-local exits $code";
	}
	fake($home, 'joe', 'ulimit -v 2000; exec ' . program('qmail-local') . ' "$@"');
	like deliver($spawner, 'joe@b'), qr/\A\0Z[^\0]*shared librar[^\0]*\0\z/, 'no memory for its libraries: later' if is_dynamic('qmail-local');
	fake($home, 'joe', 'echo out; kill -11 $$');
	is deliver($spawner, 'joe@b'), "\0Zqmail-local crashed.\n\0", 'qmail-local crashes';
	fake($home, 'joe', q(printf 'seen\0hidden'));
	is deliver($spawner, 'joe@b'), "\0Kseen\0", 'the text ends at a NUL';
	fake($home, 'joe', q(perl -e 'print "x" x 5000'; exit 100));
	like deliver($spawner, 'joe@b'), qr/\A\0Dx{2966}\nError report too long, sorry\.\n\0\z/, 'cut at 3000';
	is deliver($spawner, '@b'), "\0K\0", 'no local part: nothing to do';

	fake($home, 'joe', 'for a; do printf "%s|" "$a"; done; pwd -P; cat');
	fake($home, 'Joe-Ext@x', 'for a; do printf "%s|" "$a"; done');
	my $text = deliver($spawner, 'joe@example.org');
	$text =~ s/\Q$home\E/HOME/g;
	is $text, "\0K--|alias|HOME/alias|joe|-|joe|example.org|s\@example.net|./Default/|HOME\nSubject: x\n\nbody\n\0",
	  'rootless: everybody is an alias';
	like deliver($spawner, 'Joe-Ext@x@b', sender => ''), qr/\|Joe-Ext\@x\|-\|Joe-Ext\@x\|b\|\|/, 'split at the last at';

	# users/assign
	my ($uid, $gid) = ($>, (split ' ', $))[0]);
	spit("$home/users/assign", "+list-:named:$uid:$gid:$home/named:-:pre-:\n=joe:joey:$uid:$gid:$home/joe:::\n.\n");
	is run_program(['qmail-newu'], home => $home)->{exit}, 0, 'qmail-newu';
	fake($home, 'list-Dev', 'for a; do printf "%s|" "$a"; done');
	($text = deliver($spawner, 'joe@b')) =~ s/\Q$home\E/HOME/g;
	like $text, qr/\A\0K--\|joey\|HOME\/joe\|joe\|\|\|b\|/, 'users/cdb: exact';
	($text = deliver($spawner, 'list-Dev@b')) =~ s/\Q$home\E/HOME/g;
	like $text, qr/\A\0K--\|named\|HOME\/named\|list-Dev\|-\|pre-Dev\|b\|/, 'users/cdb: wildcard';
	spit("$home/users/cdb", 'broken');
	is deliver($spawner, 'joe@b'), "\0ZTrouble reading users/cdb in qmail-lspawn.\n\0", 'users/cdb broken';
	unlink "$home/users/cdb";
	unlink "$home/bin/qmail-local";
	is deliver($spawner, 'joe@b'), "\0DUnable to run qmail-local.\n\0", 'no qmail-local';
	is finish($spawner), '0 0', 'exit';
	spit("$home/other", "#!/bin/sh\necho \"other \$1 \$4\"\n", 0755);
	for my $path ("$home/other", 'other') {
		$spawner = spawner($home, [ 'qmail-lspawn', './Mailbox' ], QMAILLOCAL => $path);
		greeting($spawner, 1);
		is deliver($spawner, 'joe@b'), "\0Kother -- joe\n\0", "\$QMAILLOCAL: $path" =~ s/\Q$home\E/HOME/r;
		finish($spawner);
	}
	$spawner = spawner($home, [ 'qmail-lspawn', './Mailbox' ], QMAILLOCAL => "$home/none");
	greeting($spawner, 1);
	is deliver($spawner, 'joe@b'), "\0DUnable to run qmail-local.\n\0", '$QMAILLOCAL that is not there';
	finish($spawner);
	is run_program(['qmail-lspawn'], home => $home)->{exit}, 100, 'no default delivery: 100';
	is run_program(['qmail-rspawn'], home => "$home/none", dir => '/')->{exit}, 111, 'no home: 111';
}

done_testing();
