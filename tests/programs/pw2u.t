#!/usr/bin/perl
# qmail-pw2u: users/assign of a passwd file (queue 5.1).  The expected text is what notqmail's prints.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

my $home = instance();
my $uid  = $> || 65534;
mkdir "$home/users";
mkdir "$home/$_" for qw(joe ann root);
if ($> == 0) { chown $uid, -1, "$home/$_" for qw(joe ann) }
my $other = $uid + 1;
my $alias = "alias:*:$uid:2108::$home/joe:/bin/false\n";

sub convert {
	my ($args, $in, %files) = @_;
	unlink glob "$home/users/*";
	spit("$home/users/$_", $files{$_}) for keys %files;
	return run_program([ 'qmail-pw2u', @$args ], home => $home, in => $in);
}

# Lines of an account as they are expected, in the place of USER.
my $alias_lines = "+:alias:$uid:2108:$home/joe:-::\n=alias:alias:$uid:2108:${home}/joe:::\n+alias-:alias:$uid:2108:$home/joe:-::\n";

sub lines {
	my ($user, $dir, %how) = @_;
	my ($break, $dash) = (defined $how{break} ? $how{break} : '-', $how{dash} || '-');
	return join '', map { ("=$_:$user:$uid:100:${dir}:::\n", $break eq '' ? () : "+$_$break:$user:$uid:100:${dir}:$dash:" . ":\n") } @{ $how{names} || [$user] };
}

sub account { my ($name, $dir, $as) = @_; return "$name:x:" . (defined $as ? $as : $uid) . ":100:Joe, Room 1:$dir:/bin/sh\n" }

for my $case (
	[ 'a user',                         [],        account('joe', "$home/joe"), lines('joe', "$home/joe") ],
	[ 'a home that does not exist',     [],        account('joe', "$home/none"), '' ],
	[ 'the same with -o',               ['-o'],    account('joe', "$home/none"), '' ],
	[ 'with -H',                        ['-H'],    account('joe', "$home/none"), lines('joe', "$home/none") ],
	[ 'the last of -H and -o',          [ '-H', '-o' ], account('joe', "$home/none"), '' ],
	[ "somebody else's home",           [],        account('joe', '/'), '' ],
	[ 'also with -h',                   ['-h'],    account('joe', '/'), '' ],
	[ 'uid 0',                          ['-H'],    account('toor', "$home/joe", 0), '' ],
	[ 'no uid',                         ['-H'],    account('joe', "$home/joe", ''), '' ],
	[ 'a capital letter',               [],        account('Joe', "$home/joe"), '' ],
	[ 'with -u',                        ['-u'],    account('Joe', "$home/joe"), lines('Joe', "$home/joe") ],
	[ 'with -u -U',                     [ '-u', '-U' ], account('Joe', "$home/joe"), '' ],
	[ 'another break',                  ['-c+'],   account('joe', "$home/joe"), lines('joe', "$home/joe", break => '+') ],
	[ 'no break',                       ['-C'],    account('joe', "$home/joe"), lines('joe', "$home/joe", break => '') ],
	[ 'directories',                    ['-/'],    account('joe', "$home/joe"), lines('joe', "$home/joe", dash => '-/') ],
	[ 'too few fields',                 [],        "joe:x:$uid:100:\n", '' ],
	[ 'a NUL',                          [],        "j\0:x:$uid:100::$home/joe:\n", '' ],
	[ 'included',                       [],        account('joe', "$home/joe") . account('ann', "$home/ann"), lines('ann', "$home/ann"), include => "# x\nANN \nalias" ],
	[ 'excluded',                       [],        account('joe', "$home/joe") . account('ann', "$home/ann"), lines('joe', "$home/joe"), exclude => "ann\n" ],
	[ 'names',                          [],        account('joe', "$home/joe"), lines('joe', "$home/joe", names => [qw(joe j.doe)]), mailnames => "joe:joe::j.doe:\nann:x\n" ],
	[ 'no names',                       [],        account('joe', "$home/joe"), '', mailnames => "joe:\n" ],
	[ 'a subuser',                      [],        account('joe', "$home/joe"),
		lines('joe', "$home/joe") . "=sales:joe:$uid:100:$home/joe:-:s:\n+sales-:joe:$uid:100:$home/joe:-:s-:\n", subusers => "no colon\nsales:JOE:s:\n" ],
	[ 'a subuser without break',        [ '-C', '-/' ], account('joe', "$home/joe"),
		lines('joe', "$home/joe", break => '') . "=sales:joe:$uid:100:$home/joe:-/:s:\n", subusers => 'sales:joe:s:' ],
	[ 'lines that are given',           [],        '', "=x:y:1:1:/::\n", append => "=x:y:1:1:/::\n" ],
	[ 'the same without its end',       [],        '', "=x:y:1:1:/::\n", append => '=x:y:1:1:/::' ]) {
	my ($name, $args, $in, $out, %files) = @$case;
	my $run = convert($args, $alias . $in, %files);
	is $run->{exit}, 0, "$name: exit" or diag $run->{err};
	my $expected = $alias_lines;
	$expected =~ s/^\+alias-/+alias+/m if grep { $_ eq '-c+' } @$args;
	$expected =~ s/^\+alias-.*\n//m if grep { $_ eq '-C' } @$args;
	$expected =~ s/:-:/:-\/:/g if grep { $_ eq '-/' } @$args;
	is $run->{out}, "$expected$out.\n", $name;
}
is convert([], $alias . account('joe', "$home/joe") =~ s/\n//r)->{out}, "$alias_lines" . lines('joe', "$home/joe") . ".\n", 'a last line without an end';

# What is wrong, and what is said of it.
for my $case (
	[ 'no alias',          [], account('joe', "$home/joe"), 'unable to find alias user' ],
	[ 'alias is excluded', [], $alias, 'unable to find alias user', exclude => 'alias' ],
	[ 'a home that must exist', ['-h'], $alias . account('joe', "$home/none"), "unable to stat $home/none" ],
	[ 'a home below a file',    [], $alias . account('joe', "$home/bin/qmail-pw2u/x"), "unable to stat $home/bin/qmail-pw2u/x" ],
	[ 'a subuser of nobody',    [], $alias, 'unable to find joe user for subuser', subusers => "s:joe:x:\n" ]) {
	my ($name, $args, $in, $says, %files) = @$case;
	my $run = convert($args, $in, %files);
	is $run->{exit}, 111, "$name: exit";
	is $run->{err}, "qmail-pw2u: fatal: $says\n", $name;
}
is convert(['-x'], $alias)->{exit}, 100, 'an unknown option';
for my $name (qw(include exclude mailnames subusers append)) {
	unlink glob "$home/users/*";
	mkdir "$home/users/$name";
	my $run = run_program(['qmail-pw2u'], home => $home, in => $alias);
	is "$run->{exit} $run->{err}", "111 qmail-pw2u: fatal: unable to read controls\n", "users/$name cannot be read";
	rmdir "$home/users/$name";
}
is run_program(['qmail-pw2u'], home => '/no/such/home', dir => '/', in => $alias)->{err}, "qmail-pw2u: fatal: unable to chdir\n", 'no home';

# qmail-newu takes it.
spit("$home/users/assign", convert([], $alias . account('joe', "$home/joe"))->{out});
is run_program(['qmail-newu'], home => $home)->{exit}, 0, 'qmail-newu takes what it prints';

# The examples are good ones: each takes part, and qmail-newu compiles what comes of them.
{
	my $examples = top() . '/control-examples/users';
	my %file = map { $_ => slurp("$examples/$_") } qw(include exclude mailnames subusers append);
	my $accounts = $alias . join '', map { account($_, "$home/joe") } qw(joe ann web backup other);
	my $made = convert([], $accounts, %file);
	is $made->{exit}, 0, 'the examples of control-examples/users';
	my %user_of = map { /^([=+][^:]*):([^:]*):/ ? ($1 => $2) : () } split /\n/, $made->{out};
	is_deeply \%user_of,
	  { '+' => 'alias', '=alias' => 'alias', '+alias-' => 'alias', '=joe' => 'joe', '+joe-' => 'joe', '=ann' => 'ann', '+ann-' => 'ann', '=a.smith' => 'ann', '+a.smith-' => 'ann',
		'=web' => 'web', '+web-' => 'web', '=sales' => 'joe', '+sales-' => 'joe', '+example.net-' => 'web' }, '... each takes part';
	for ([ 'what comes of them', $made->{out} ], [ 'the assign there', slurp("$examples/assign") ]) {
		spit("$home/users/assign", $_->[1]);
		is run_program(['qmail-newu'], home => $home)->{exit}, 0, "... qmail-newu compiles $_->[0]";
	}
}
done_testing;
