#!/usr/bin/perl
# qmail-badmimetypes and qmail-badloadertypes from outside (inbound 6.1).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Cdb;
use Qferry::Test;
use Test::More;

for my $name (qw(badmimetypes badloadertypes)) {
	my $octets = $name eq 'badmimetypes' ? 9 : 5;
	my $home = instance($name => "# comment\nTVqQAAMAAAAEAAAA\n\nUEsDBBQAA  \r\nabcd\nTVqQAAMAAAAEAAAA");
	my $run = run_program(["qmail-$name"], home => $home);
	is "$run->{exit} $run->{out}", '0 ', "qmail-$name";
	is $run->{err}, "qmail-$name: warning: ignored: control/$name:5 is too short\n", 'a short line';
	is slurp("$home/control/$name.cdb"), cdb(map { [ substr($_, 0, $octets), '' ] } qw(TVqQAAMAAA UEsDBBQAAA TVqQAAMAAA)),
	  'keys of so many octets, without data';
	is sprintf('%o', (stat "$home/control/$name.cdb")[2] & 07777), '644', 'its mode';
	is_deeply [ map { s{.*/}{}r } glob "$home/control/*" ], [ $name, "$name.cdb" ], 'no temporary file';
	my $old = slurp("$home/control/$name.cdb");
	unlink "$home/control/$name";
	$run = run_program(["qmail-$name"], home => $home);
	is "$run->{exit} $run->{err}", "111 qmail-$name: fatal: unable to read control/$name\n", 'no file';
	is slurp("$home/control/$name.cdb"), $old, 'the old result stays';
	$run = run_program(["qmail-$name"], home => '/no/such/home', dir => '/');
	is "$run->{exit} $run->{err}", "111 qmail-$name: fatal: unable to chdir\n", 'no home';
}

done_testing();
