#!/usr/bin/perl
# qmhandle: what qmHandle does with a queue, it can do with ours (queue 5.2): list by the files, tell its one
# pid, stop it by TERM and wait until it is gone, delete a message's files, start it, ALRM.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::QueueImage;
use Qferry::Send;
use Qferry::Test;
use Test::More;

plan skip_all => 'root has no rootless queue' if $> == 0;

my $home = image_home();
my $queue = "$home/queue";
control($home, me => "mx.example.org\n");

# As qmHandle lists: dot-free names in mess/ are directories, dot-free names in these are messages.
sub listed {
	my %all;
	for my $dir (grep { !/\./ } map { m{([^/]*)\z} } glob "$queue/mess/*") {
		for my $n (grep { !/\./ } map { m{([^/]*)\z} } glob "$queue/mess/$dir/*") {
			my $sender = slurp("$queue/info/$dir/$n") // '';
			$all{$n} = { dir => $dir, sender => $sender =~ s/\AF|\0\z//gr,
				map { ($_ => [ map { substr $_, 1 } split /\0/, slurp("$queue/$_/$dir/$n") // '' ]) } qw(local remote) };
		}
	}
	return \%all;
}

my $send = start($home);
log_until($send, qr/^status.*\n/m);
enqueue($home, 's@example.net', "$_\@$_.example") for qw(a b);
answer($send, REMOTE, "Zlater\n") for 1, 2;
log_until($send, qr/deferral.*deferral/s);
run_program([ 'qmail-q', 'hold', '--domain', 'a.example' ], home => $home);
run_program([ 'qmail-q', 'pause', 'c.example' ], home => $home);
my $all = listed();
is join(' ', sort map { "$_->{sender}>@{ $_->{remote} }" } values %$all), 's@example.net>a@a.example s@example.net>b@b.example', 'the queue, by its files';
my @ours = grep { my $line = slurp("$_/cmdline") // ''; $line =~ /qmail-send/ && (readlink("$_/cwd") // '') eq $home } glob '/proc/[0-9]*';
is scalar(@ours), 1, 'one process of this home is called so';
kill 'TERM', $send->{pid};
is wait_for_end($send), '0 0', 'TERM ends it';
my ($n) = grep { $all->{$_}{remote}[0] eq 'a@a.example' } keys %$all;
unlink map { "$queue/$_/$all->{$n}{dir}/$n" } qw(mess info local remote);
$send = start($home);
log_until($send, qr/^status.*\n/m);
ok wait_until(sub { run_program([ 'qmail-q', 'list' ], home => $home)->{out} =~ /  waiting / }), 'it has looked at the queue';
kill 'ALRM', $send->{pid};
is answer($send, REMOTE, "Kok\n")->{recipient}, 'b@b.example', 'ALRM: the other one is tried';
ok log_until($send, qr/end msg/), '... and ends';
is stop($send), '0 0', 'TERM';
unlike $send->{text}, qr/alert|warning/, 'nobody misses what was deleted';
is queued($home), '', 'nothing is left';
ok !glob("$home/state/send/held/*"), 'nor a hold of it';

done_testing();
