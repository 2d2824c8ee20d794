#!/usr/bin/perl
# qmail-newu, qmail-newmrh and qmail-getpw from outside (queue 4.9, 5.1; inbound 6.1).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Cdb;
use Qferry::Test;
use Test::More;

sub ends {
	my ($run, $exit, $err, $name) = @_;
	is $run->{exit}, $exit, "$name: exit $exit";
	is $run->{err},  $err,  "$name: errors";
	is $run->{out}, '', "$name: silent";
}

# --- qmail-newu ---------------------------------------------------------------------------------

sub newu {
	my ($assign) = @_;
	my $home = instance();
	spit("$home/users/assign", $assign) if defined $assign;
	mkdir "$home/users";
	return ($home, run_program(['qmail-newu'], home => $home));
}

{
	my ($home, $run) = newu("=joe:joe:500:501:/home/joe:::\n+joe-:joe:500:501:/home/joe:-::\n"
		  . "+Big.:al:7:8:/h:-:pre-:\n+:alias:7:8:/a:-::\n.\nignored");
	ends($run, 0, '', 'the golden example');
	is unpack('H*', slurp("$home/users/cdb")), unpack('H*', cdb(
		[ "!joe\0", "joe\000500\000501\0/home/joe\0\0" ], [ '!joe-', "joe\000500\000501\0/home/joe\0-\0" ],
		[ '!big.', "al\0007\0008\0/h\0-\0pre-" ], [ '!', "alias\0007\0008\0/a\0-\0" ], [ '', '-.' ])),
	  'octet for octet';
	is sprintf('%o', (stat "$home/users/cdb")[2] & 07777), '644', 'its mode';
	ok !-e "$home/users/cdb.tmp", 'no temporary file';
}
{
	my @lines = map { sprintf '=u%1$d:u%1$d:%1$d:%1$d:/home/u%1$d:::', $_ } 1 .. 1000;
	my ($home, $run) = newu(join("\n", @lines, '=u1:second:2:2:/:::', '.') . "\n");
	ends($run, 0, '', 'a thousand users, one of them twice');
	ok slurp("$home/users/cdb") eq cdb((map { [ "!u$_\0", "u$_\0$_\0$_\0/home/u$_\0\0" ] } 1 .. 1000),
		[ "!u1\0", "second\0002\0002\0/\0\0" ], [ '', '' ]), 'octet for octet';
}
{
	my ($home, $run) = newu("joe:joe:1:2:/h:-:e:f:g\n.");
	ends($run, 0, '', 'any first byte; more than seven colons; no last line end');
	is slurp("$home/users/cdb"), cdb([ "!oe\0", "joe\0001\0002\0/h\0-\0e" ], [ '', '' ]), 'octet for octet';
}
my $format = "qmail-newu: fatal: bad format in users/assign\n";
for my $case (
	[ "=joe:joe:1:2:/h::\n.\n",       'six colons' ],
	[ "=joe:joe:1:2:/h:::\n",         'no last line' ],
	[ '',                             'empty' ],
	[ "\n.\n",                        'an empty line' ],
	[ ":joe:1:2:/h:::\n.\n",          'no key' ],
	[ "=j\0e:joe:1:2:/h:::\n.\n",     'a NUL' ],
	[ "# comment\n.\n",               'a comment' ]) {
	my ($home, $run) = newu($case->[0]);
	ends($run, 111, $format, $case->[1]);
	is_deeply [ map { s{.*/}{}r } glob "$home/users/*" ], ['assign'], 'nothing is left';
}
{
	my ($home, $run) = newu(undef);
	ends($run, 111, "qmail-newu: fatal: unable to read users/assign\n", 'no users/assign');
	spit("$home/users/assign", "nonsense\n");
	spit("$home/users/cdb",    'old');
	run_program(['qmail-newu'], home => $home);
	is slurp("$home/users/cdb"), 'old', 'after an error the old file stays';
}

# --- qmail-newmrh -------------------------------------------------------------------------------

{
	my $home = instance(morercpthosts => "Example.ORG\n.wild.example  \t\n# no\n\n lead\n#\nlast # in it");
	ends(run_program(['qmail-newmrh'], home => $home), 0, '', 'qmail-newmrh');
	is unpack('H*', slurp("$home/control/morercpthosts.cdb")),
	  unpack('H*', cdb(map { [ $_, '' ] } 'example.org', '.wild.example', ' lead', 'last # in it')), 'octet for octet';
	is sprintf('%o', (stat "$home/control/morercpthosts.cdb")[2] & 07777), '644', 'its mode';
	is_deeply [ map { s{.*/}{}r } glob "$home/control/*" ], [qw(morercpthosts morercpthosts.cdb)], 'no temporary file';
	ends(run_program(['qmail-newmrh'], home => instance()), 111,
		"qmail-newmrh: fatal: unable to read control/morercpthosts\n", 'no control/morercpthosts');
	ends(run_program(['qmail-newmrh'], home => '/no/such/home', dir => '/'), 111,
		"qmail-newmrh: fatal: unable to chdir\n", 'no home');
}

# --- qmail-getpw --------------------------------------------------------------------------------

sub getpw {
	my ($home, $local) = @_;
	return run_program([ 'qmail-getpw', defined $local ? $local : () ], home => $home);
}

is getpw('/')->{exit}, 100, 'no argument';

# Somebody of this machine who counts, and does not begin with another who does.
my ($user) = grep { $_->[2] != 0 && -d $_->[7] && (stat $_->[7])[4] == $_->[2] && length $_->[0] < 32 && $_->[0] !~ /-/ && $_->[0] eq lc $_->[0] } all_users();
my @alias = getpwnam 'alias';

sub all_users {
	my @all;
	setpwent;
	while (my @entry = getpwent) { push @all, [@entry] }
	return @all;
}

SKIP: {
	skip 'nobody here has a home of his own', 4 unless $user;
	my ($name, $uid, $gid, $dir) = @$user[ 0, 2, 3, 7 ];
	is getpw('/', $name)->{out},        join("\0", $name, $uid, $gid, $dir, '', '') . "\0", 'a user';
	is getpw('/', uc $name)->{out},     join("\0", $name, $uid, $gid, $dir, '', '') . "\0", 'in any case';
	is getpw('/', "$name-A-b")->{out},  join("\0", $name, $uid, $gid, $dir, '-', 'A-b') . "\0", 'an extension keeps its case';
	is getpw('/', "$name-")->{out},     join("\0", $name, $uid, $gid, $dir, '-', '') . "\0", 'an empty extension';
}
for my $local ('root', 'no-such-user-here', 'x' x 200, '', '-', 'a/b') {
	my $run = getpw('/', $local);
	if (@alias) {
		is $run->{out}, join("\0", @alias[ 0, 2, 3, 7 ], '-', $local) . "\0", "alias gets '$local'";
	} else {
		is $run->{exit} . $run->{out}, '116', "'$local' without a user alias";
	}
}
SKIP: {
	skip 'root has no rootless instance', 5 if $> == 0;
	my $home = instance();
	is getpw($home, 'any-Body')->{exit}, 116, 'rootless, without a directory alias';
	mkdir "$home/alias";
	my $gid = (split ' ', $()[0];
	is getpw($home, 'any-Body')->{out}, join("\0", 'alias', $>, $gid, "$home/alias", '-', 'any-Body') . "\0",
	  'rootless: alias is the owner, in the home';
	my @me = getpwuid $>;
	my $counts = @me && -d $me[7] && (stat _)[4] == $>;
	is getpw($home, 'root')->{out}, join("\0", 'alias', $>, $gid, "$home/alias", '-', 'root') . "\0", 'root does not count';
	skip 'the caller has no home of his own', 1 unless $counts;
	is getpw($home, "$me[0]-x")->{out}, join("\0", @me[ 0, 2, 3, 7 ], '-', 'x') . "\0", 'the caller counts';
}

done_testing;
