#!/usr/bin/perl
# From sendmail to Maildirs through a rootless instance: users/assign, the user alias, a forward, a
# program, a recipient whom nobody knows.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

plan skip_all => 'root has no rootless instance' if $> == 0;

my $home = temp_dir();
chmod 0755, $home;
system('env', 'ME=mx.example.org', top() . '/setup/new-home', $home) == 0 or die 'new-home';
rmdir "$home/bin";
symlink build() . '/bin', "$home/bin" or die "bin: $!";

my $joe = "$home/joe";
mkdir $joe;
for my $maildir ("$joe/Maildir", "$home/alias/Maildir") {
	mkdir "$maildir$_" for '', '/tmp', '/new', '/cur';
}
my $gid = (split ' ', $()[0];
spit("$home/users/assign", sprintf "=joe:joe:%1\$d:%2\$d:%3\$s:::\n+joe-:joe:%1\$d:%2\$d:%3\$s:-::\n.\n", $>, $gid, $joe);
is run_program(['qmail-newu'], home => $home)->{exit}, 0, 'users/cdb';
spit("$joe/.qmail-list-default", "|echo \"\$DEFAULT \$SENDER\" >>said\n./Maildir/\n", 0644);
spit("$home/alias/.qmail-all",   "joe\n&joe-list-X\@mx.example.org\n",                 0644);
spit("$home/alias/.qmail-me",    "./Maildir/\n",                                       0644);

my %env = (PATH => "$home/bin:/usr/bin:/bin", USER => 'me');
open my $log, '>', "$home/log" or die;
my $suite = start_program([ 'qmail-start', './Maildir/' ], home => $home, env => \%env, fds => { 1 => $log, 2 => $log });

sub new_in {
	my ($maildir) = @_;
	return map { slurp($_) } glob "$maildir/new/*";
}

is run_program([ 'sendmail', '-t' ], home => $home, env => \%env,
	in => "To: all\@mx.example.org\nBcc: nobody-here\@mx.example.org\nSubject: flow\n\nbody\n")->{exit}, 0, 'sent';
ok wait_until(sub { new_in("$joe/Maildir") == 2 && new_in("$home/alias/Maildir") == 1 }), 'all has arrived'
  or diag slurp("$home/log");
kill 'TERM', $suite;
is_deeply [ finish_program($suite) ], [ 0, 0 ], 'the suite ends';

my @joe = sort(new_in("$joe/Maildir"));
like $joe[0], qr/^Delivered-To: joe-list-X\@mx\.example\.org$/m, 'the extension';
like $joe[1], qr/^Delivered-To: joe\@mx\.example\.org$/m,        'the user himself, by the default delivery';
like $joe[1], qr/\AReturn-Path: <me\@mx\.example\.org>\n/,        'the sender';
like $joe[1], qr/^Delivered-To: all\@mx\.example\.org$/m,        'by way of the alias';
like $joe[1], qr/^From: me\@mx\.example\.org\nTo: all\@mx\.example\.org\nSubject: flow\n\nbody\n\z/m, 'the message';
is slurp("$joe/said"), "X me\@mx.example.org\n", 'what the program was told';
my ($bounce) = new_in("$home/alias/Maildir");
like $bounce, qr/^<nobody-here\@mx\.example\.org>:\nSorry, no mailbox here by that name\. \(#5\.1\.1\)\n/m, 'the bounce';

done_testing;
