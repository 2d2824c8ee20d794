#!/usr/bin/perl
# Maildir++ quotas from outside: qmail-local and deliverquota, and what they keep in maildirsize.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Glob qw(bsd_glob);
use Qferry::Test;
use Test::More;

my $home = instance(me => "mx.example.org\n");
my $message = "Subject: test\n\nbody\n";
my $lines   = "Return-Path: <me\@example.net>\nDelivered-To: joe\@example.org\n";
my $size    = length "$lines$message";

# A Maildir with a maildirsize of this text; ->{dir}, ->{user}.
sub maildir {
	my ($maildirsize) = @_;
	my $user = temp_dir();
	chmod 0755, $user;
	mkdir "$user/Maildir$_" for '', '/tmp', '/new', '/cur';
	spit("$user/Maildir/maildirsize", $maildirsize) if defined $maildirsize;
	return { user => $user, dir => "$user/Maildir" };
}

sub folder {
	my ($box, $name) = @_;
	mkdir "$box->{dir}/$name$_" for '', '/tmp', '/new', '/cur';
	spit("$box->{dir}/$name/maildirfolder", '');
	return "$box->{dir}/$name";
}

sub deliver {
	my ($box, %with) = @_;
	return run_program(
		[ 'qmail-local', '--', 'joe', $box->{user}, 'joe', '', '', 'example.org', 'me@example.net', $with{to} || './Maildir/' ],
		home => $home, in => defined $with{in} ? $with{in} : $message);
}

sub arrives {
	my ($run, $name, $err) = @_;
	is $run->{exit}, 0, "$name: exit 0";
	is $run->{out}, "did 1+0+0\n", "$name: delivered";
	is $run->{err}, defined $err ? $err : '', "$name: errors";
}

sub is_full {
	my ($run, $name) = @_;
	is $run->{exit}, 100, "$name: exit 100";
	is $run->{err}, "User over quota. (#5.2.2)\n", "$name: no room";
}

sub account  { my ($box) = @_; return slurp("$box->{dir}/maildirsize") }
sub messages { my ($box, $in) = @_; return scalar @{ [ bsd_glob "$box->{dir}/" . ($in || 'new') . '/*' ] } }

# The file is as old as it need be for a sum to be in doubt.
sub age { my ($box) = @_; my $then = time - 16 * 60; utime $then, $then, "$box->{dir}/maildirsize"; return }

# --- room, and the account ------------------------------------------------------------------------

{
	my $box = maildir("1000S,3C\n0 0\n");
	arrives(deliver($box), 'room');
	is account($box), "1000S,3C\n0 0\n$size 1\n", 'a line for it';
	my ($path) = bsd_glob "$box->{dir}/new/*";
	is -s $path, $size, 'which has its size';
	arrives(deliver($box), 'room for one more');
	arrives(deliver($box), 'and another');
	is_full(deliver($box), 'three messages');
	is messages($box), 3, 'are there';
	is messages($box, 'tmp'), 0, 'and nothing in tmp';
	unlink((bsd_glob "$box->{dir}/new/*")[0]);
	is account($box), '1000S,3C' . "\n" . 3 * $size . " 3\n", 'it was counted';
	is_full(deliver($box), 'a sum just counted is believed');
	age($box);
	arrives(deliver($box), 'an old one is counted again');
	is account($box), "1000S,3C\n" . 2 * $size . " 2\n$size 1\n", 'and what came is added';
}
{
	my $box = maildir("$size" . "S\n0 0\n");
	arrives(deliver($box), 'octets: exactly enough');
	is_full(deliver($box), 'octets: enough is enough');
	is_full(deliver(maildir(($size - 1) . "S\n0 0\n")), 'octets: one too many');
}
arrives(deliver(maildir("$_\n500000000 70000\n")), "quota '$_' is none", '') for 'NOQUOTA', '0S', '0S,0C';
arrives(deliver(maildir()), 'no maildirsize');
{
	my $box = maildir();
	deliver($box);
	ok !-e "$box->{dir}/maildirsize", 'and none is made';
}

# --- counting -------------------------------------------------------------------------------------

# 100 octets over, by an old sum; then what is there counts.
sub counted {
	my ($fill, $name, $sum, $count) = @_;
	my $box = maildir("5000S\n5001 1\n0 0\n");
	$fill->($box);
	arrives(deliver($box), $name);
	is account($box), "5000S\n$sum $count\n$size 1\n", "$name: the sum";
	return;
}
counted(sub { }, 'an empty Maildir', 0, 0);
counted(sub { spit("$_[0]{dir}/cur/1.a:2,S", 'x' x 70); spit("$_[0]{dir}/new/2.b", 'x' x 7) }, 'by the file', 77, 2);
counted(sub { spit("$_[0]{dir}/cur/1.a,S=1000:2,S", 'x') }, 'by the name', 1000, 1);
counted(sub { spit("$_[0]{dir}/cur/1.a,S=12x,S=34,W=5", 'x') }, 'by what is a number in it', 34, 1);
counted(sub { spit("$_[0]{dir}/cur/1.a:2,S,S=4000", 'xx') }, 'not by its flags', 2, 1);
counted(sub { spit("$_[0]{dir}/cur/$_", 'x' x 4000) for '1.a:2,ST', '2.b,S=4000:2,T', '.hidden'; spit("$_[0]{dir}/" . "tmp/3.c", 'x' x 4000) },
	'trashed, hidden and unfinished ones do not count', 0, 0);
counted(sub { spit(folder($_[0], '.Sent') . '/cur/1.a', 'x' x 11); spit(folder($_[0], '.a.b') . '/new/1.a', 'x' x 22) },
	'folders count', 33, 2);
counted(sub { spit(folder($_[0], '.Trash') . '/cur/1.a', 'x' x 4000) }, 'the one for trash does not', 0, 0);
{
	my $box = maildir("5000S\n" . "1 1\n" x 1300);
	spit("$box->{dir}/cur/1.a", 'x' x 99);
	arrives(deliver($box), 'a long account');
	is account($box), "5000S\n99 1\n$size 1\n", 'is made anew';
}
for my $case ([ "10S\nnonsense\n", 'one that makes no sense' ], [ "10S\n", 'one without a sum' ]) {
	my $box = maildir($case->[0]);
	is_full(deliver($box), $case->[1]);
	is account($box), "10S\n0 0\n", "$case->[1] is made anew";
}
{
	my $box = maildir("5000S\n9999 1\n");
	chmod 0640, "$box->{dir}/maildirsize";
	age($box);
	deliver($box);
	is sprintf('%o', (stat "$box->{dir}/maildirsize")[2] & 07777), '640', 'a new account has the mode of the old one';
	is messages($box, 'tmp'), 0, 'and left nothing in tmp';
}

# --- a folder -------------------------------------------------------------------------------------

{
	my $box = maildir("2C\n0 0\n");
	folder($box, '.Lists');
	arrives(deliver($box, to => './Maildir/.Lists/'), 'to a folder');
	is account($box), "2C\n0 0\n$size 1\n", 'on the account of its Maildir';
	ok !-e "$box->{dir}/.Lists/maildirsize", 'not of its own';
	deliver($box);
	is_full(deliver($box, to => './Maildir/.Lists/'), 'a folder of a full one');
}

{
	# Dovecot marks the Maildir itself.
	my $box = maildir("1C\n0 0\n");
	spit("$box->{dir}/maildirfolder", '');
	arrives(deliver($box), 'a Maildir that is marked as a folder');
	is account($box), "1C\n0 0\n$size 1\n", 'has its own account';
	$box = maildir();
	spit("$box->{dir}/maildirfolder", '');
	arrives(deliver($box), 'and one without an account');
	ok !-e "$box->{user}/maildirsize", 'has none in its home';
}

# --- what cannot be used lets mail in -------------------------------------------------------------

for my $case (
	[ sub { maildir("lots of room\n0 0\n") }, 'no quota in its first line' ],
	[ sub { my $box = maildir(); mkdir "$box->{dir}/maildirsize"; $box }, 'unreadable' ],
	[ sub { my $box = maildir(); spit("$box->{user}/other", "1S\n9 9\n"); symlink "$box->{user}/other", "$box->{dir}/maildirsize"; $box }, 'unreadable' ]) {
	my ($make, $why) = @$case;
	arrives(deliver($make->()), $why, "Warning: maildirsize of ./Maildir/: $why\n");
}
{
	my $box = maildir('');
	arrives(deliver($box), 'an empty file', "Warning: maildirsize of ./Maildir/: no quota in its first line\n");
}

# --- deliverquota ---------------------------------------------------------------------------------

sub deliverquota {
	my ($box, @arguments) = @_;
	return run_program([ 'deliverquota', @arguments ], home => $home, in => $message, dir => $box->{user},
		env => { RPLINE => "Return-Path: <me\@example.net>\n", DTLINE => "Delivered-To: joe\@example.org\n" });
}
{
	my $box = maildir();
	my $run = deliverquota($box, './Maildir', '2C,10M');
	is "$run->{exit}$run->{out}$run->{err}", '0', 'deliverquota';
	is account($box), "2C,10M\n0 0\n$size 1\n", 'begins an account';
	is slurp((bsd_glob "$box->{dir}/new/*")[0]), "$lines$message", 'the message, behind the lines that it was given';
	deliverquota($box, './Maildir', '2C,10M');
	is_full(deliverquota($box, './Maildir', '2C,10M'), 'deliverquota');
	is deliverquota($box, './Maildir', '3C')->{exit}, 0, 'another quota';
	is account($box), "3C\n" . 2 * $size . " 2\n$size 1\n", 'is written down';
	is_full(deliverquota($box, './Maildir'), 'deliverquota by the file');
	is deliverquota($box, './Maildir', 'NOQUOTA')->{exit}, 0, 'no quota';
	is account($box), "3C\n" . 3 * $size . " 3\n", 'leaves the file alone';
	$run = deliverquota($box, '/no/such', '1C');
	is "$run->{exit} $run->{err}", "111 Unable to chdir to maildir. (#4.2.1)\n", 'no Maildir';
}
for my $bad ([], [ './Maildir', 'lots' ], [ './Maildir', '1C', 'x' ]) {
	my $run = deliverquota(maildir(), @$bad);
	is "$run->{exit} $run->{err}", "100 deliverquota: usage: deliverquota maildir [ quota ]\n", "usage: @$bad";
}
{
	my $run = deliver({ user => maildir("1C\n0 0\n")->{user} }, to => '|echo before' . "\n./Maildir/\n./Maildir/\n|echo after\n");
	is $run->{exit}, 100, 'one that is full on the way returns the message';
	is $run->{out}, "before\n", 'and ends the delivery';
}

# --- many at once ---------------------------------------------------------------------------------

{
	my $box = maildir("1000000S\n0 0\n");
	my $path = spit("$box->{user}/m", $message);
	my @pids = map {
		open my $in, '<', $path or die;
		start_program([ 'qmail-local', '--', 'joe', $box->{user}, 'joe', '', '', 'example.org', 'me@example.net', './Maildir/' ],
			home => $home, fds => { 0 => $in });
	} 1 .. 8;
	finish_program($_) for @pids;
	is account($box), "1000000S\n0 0\n" . "$size 1\n" x 8, 'eight deliveries at once: eight lines';
}

done_testing;
