#!/usr/bin/perl
# maildir2mbox killed before each of its system calls, and each of them failed: no message is lost, and
# after the next run the mbox has nothing but whole messages.
# nosan: it numbers the system calls, and sanitizers add their own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Faults;
use Qferry::Test;
use Test::More;

my %errors = (
	write => [qw(ENOSPC EIO)], fsync => ['EIO'], openat => [qw(EMFILE EACCES EIO)], read => ['EIO'], pread64 => ['EIO'],
	ftruncate => ['EIO'], unlink => ['EIO'], flock => [qw(ENOLCK EINTR)], lseek => ['EIO'], getdents64 => ['EIO'],
);

plan skip_all => 'no strace that works' unless can_strace();
my $home  = temp_dir();
my $nobody = 'X' x 3;
my %paths = (MAILDIR => "$home/Maildir", MAIL => "$home/Mailbox", MAILTMP => "$home/work");
my $old   = "From me Sun Sep 09 01:46:40 2001\nSubject: old\n\nold\n\n";
# Of more octets than one write has.
my @texts = map { "Subject: $_\n\n" . "line of $_\n" x 9_000 } qw(one two);
my @whole = map { "From $nobody Sun Sep 09 01:46:40 2001\n$_\n" } @texts;

sub move {
	my (@options) = @_;
	return run_program([ '/usr/bin/strace', '-o', "$home/trace", @options, program('maildir2mbox') ], env => {%paths});
}

sub fresh {
	system 'rm', '-rf', values %paths;
	mkdir "$paths{MAILDIR}$_" for '', '/tmp', '/new', '/cur';
	for my $n (0, 1) {
		spit("$paths{MAILDIR}/new/$n", $texts[$n]);
		utime 1_000_000_000, 1_000_000_000, "$paths{MAILDIR}/new/$n";
	}
	spit($paths{MAIL}, $old);
}

# What is wrong with the mbox, which another run has put right, or nothing.
sub wrong {
	my $mbox = slurp($paths{MAIL});
	my %count = ($whole[0] => 0, $whole[1] => 0);
	return 'the old message is gone' unless $mbox =~ s/\A\Q$old\E//;
	while (length $mbox) {
		my ($found) = grep { $_ eq substr $mbox, 0, length } @whole;
		return 'something that is no message: ' . substr $mbox, 0, 60 unless defined $found;
		$count{$found}++;
		substr($mbox, 0, length $found) = '';
	}
	return 'a message is lost' if grep { $_ == 0 } values %count;
	return 'a message is there too often' if grep { $_ > 2 } values %count;
	return '';
}

fresh();
is move()->{exit}, 0, 'without a fault';
is slurp($paths{MAIL}), "$old$whole[0]$whole[1]", 'all is moved';
my @faults = share_of(faults_of(\%errors, calls_of(slurp("$home/trace"))));
my @bad;
for my $fault (@faults) {
	fresh();
	my $run = move('-e', "inject=$fault->{inject}");
	my $mbox = slurp($paths{MAIL});
	push @bad, "$fault->{name}: success, but not all moved" if $run->{exit} == 0 && !$run->{signal} && $mbox ne "$old$whole[0]$whole[1]";
	my $again = move();
	push @bad, "$fault->{name}: the next run fails: $again->{err}" if $again->{exit} != 0;
	my $wrong = wrong();
	push @bad, "$fault->{name}: $wrong" if $wrong;
	push @bad, "$fault->{name}: a message stays" if glob "$paths{MAILDIR}/*/*";
}
ok !@bad, @faults . ' faults (' . share_text() . ')' or diag join "\n", @bad;
done_testing;
