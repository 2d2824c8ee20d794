#!/usr/bin/perl
# Every system call of a delivery failed, and the process killed before each (queue 1.5, 7.2): a
# delivery that says success has left the whole message on the disk, under its name; one that does
# not has left nothing, or at worst the whole message; nothing is torn, and nothing is returned to
# the sender.
# nosan: it numbers the system calls, and sanitizers add their own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Crash;
use Qferry::Test;
use Test::More;

my %errors = (
	write    => [qw(ENOSPC EIO)],
	fsync    => [qw(EIO)],
	openat   => [qw(EMFILE EACCES EIO EEXIST)],
	linkat   => [qw(EEXIST ENOSPC)],
	read     => [qw(EIO)],
	lseek    => [qw(EIO)],
	close    => [qw(EIO)],
	clone    => [qw(EAGAIN)],
	fork     => [qw(EAGAIN)],
	wait4    => [qw(ECHILD)],
	unlinkat => [qw(EIO)],
	flock    => [qw(ENOLCK)],
);

my $message = "Subject: test\n\n" . "Hello\n" x 30_000;
my $head    = "Return-Path: <me\@example.net>\nDelivered-To: joe\@example.org\n";
my $home    = temp_dir();
my $trace   = temp_dir() . '/trace';
chmod 0755, $home;

sub deliver {
	my ($where, @options) = @_;
	unlink glob "$home/Maildir/*/*";
	unlink "$home/Mailbox";
	mkdir "$home/Maildir$_" for '', '/tmp', '/new';
	return run_program(
		[   '/usr/bin/strace', '-f', '-o', $trace, @options,
			program('qmail-local'), '--', 'joe', $home, 'joe', '', '', 'example.org', 'me@example.net', $where ],
		in => $message);
}

plan skip_all => 'no strace' unless -x '/usr/bin/strace';

# A Maildir that is the last line is written by qmail-local itself, another by its child.
my %maildir = ('the last line' => './Maildir/', 'not the last' => "./Maildir/\n#");
my %most;
for my $which (sort keys %maildir) {
	my $run = deliver($maildir{$which});
	plan skip_all => "strace does not work here: $run->{err}" unless -s $trace;
	is $run->{exit}, 0, "$which: without a fault";

	# In the order that a crash cannot break: the file, its name, the directory of the name.
	my @steps = map { /(fsync|linkat|unlinkat)\(.* = 0$/ ? $1 : () } split /\n/, slurp($trace);
	is "@steps", 'fsync linkat fsync unlinkat', "$which: file, name, directory";

	# How often each call occurs in one process: strace counts for each alone.
	my %in;
	for (split /\n/, slurp($trace)) {
		my ($pid, $name) = /^(\d+) +(\w+)\(/ or next;
		my $n = ++$in{$pid}{$name};
		$most{$which}{$name} = $n if $n > ($most{$which}{$name} || 0);
	}
	is scalar keys %in, $which eq 'not the last' ? 2 : 1, "$which: processes";
}

my $states = 0;

# What is wrong after a run, or nothing.
sub maildir_wrong {
	my ($run) = @_;
	$states++;
	my @new  = map { slurp($_) } glob "$home/Maildir/new/*";
	my @torn = grep { $_ ne "$head$message" } @new;
	return 'torn' if @torn;
	return @new . ' messages' if @new > 1;
	return 'lost' if $run->{exit} == 0 && @new != 1;
	return 'returned' if $run->{exit} == 100;
	return '';
}

for my $which (sort keys %maildir) {
	for my $name (sort keys %errors) {
		my @wrong;
		for my $n (1 .. $most{$which}{$name} || 0) {
			for my $fault ((map { "error=$_" } @{ $errors{$name} }), 'signal=KILL') {
				my $wrong = maildir_wrong(deliver($maildir{$which}, '-e', "inject=$name:$fault:when=$n"));
				push @wrong, "$name:$fault:when=$n: $wrong" if $wrong;
			}
		}
		is "@wrong", '', "Maildir, $which: $name, " . ($most{$which}{$name} || 0) . ' times';
	}
}

# An mbox is cut again; a process that is killed may leave a part.
my $whole = qr/\AFrom me\@example\.net .*\n\Q$head$message\E\n\z/;
for my $name (qw(write fsync read flock)) {
	my @wrong;
	deliver('./Mailbox');
	my @calls = grep { /^\d+ +$name\(/ } split /\n/, slurp($trace);
	for my $n (1 .. @calls) {
		for my $error (@{ $errors{$name} }) {
			my $run  = deliver('./Mailbox', '-e', "inject=$name:error=$error:when=$n");
			$states++;
			my $mbox = slurp("$home/Mailbox");
			$mbox = '' unless defined $mbox;
			push @wrong, "$name:$error:$n: lost" if $run->{exit} == 0 && $mbox !~ $whole;
			push @wrong, "$name:$error:$n: left" if $run->{exit} != 0 && $mbox ne '';
		}
	}
	is "@wrong", '', "mbox: $name, " . @calls . ' times';
}

# What qmail-local says of them (queue 4.11); the text of an error is the C library's.
{
	sub said {
		my ($where, $fault, $text, @only) = @_;
		my $run = deliver($where, @only, '-e', "inject=$fault");
		$states++;
		like "$run->{exit} $run->{err}", qr/^111 $text\n\z/, "$fault: $text";
		return;
	}
	my $disk = '(?:Input\/output|I\/O) error\. \(#4\.3\.0\)';
	for (map { $maildir{$_} } sort keys %maildir) {
		said($_, 'fsync:error=EIO:when=1', 'Temporary error on maildir delivery\. \(#4\.3\.0\)');
		said($_, 'linkat:error=EIO', 'Temporary error on maildir delivery\. \(#4\.3\.0\)');
		said($_, 'fsync:signal=ALRM:when=1', 'Timeout on maildir delivery\. \(#4\.3\.0\)');
	}
	said($maildir{'not the last'}, 'fsync:signal=SEGV:when=1', 'Aack, child crashed\. \(#4\.3\.0\)');
	said('./Mailbox',  'fsync:error=EIO:when=1', "Unable to write \\./Mailbox: $disk");
	said('./Mailbox',  'chdir:error=EIO', "Unable to switch to \Q$home\E: $disk");
	said('&a@b',       'pipe2:error=EMFILE', 'Unable to fork: .*(?:open files|descriptors).*\. \(#4\.3\.0\)');

	# Only the calls that name this path: the loader, too, looks at files, and qmail-local is itself executed.
	my @home = ('-e', 'quiet=all', '-P', '.');
	my @sh   = ('-e', 'quiet=all', '-P', '/bin/sh');
	said('./Mailbox', '%%stat:error=EIO',         "Unable to stat home directory: $disk", @home);
	said('./Mailbox', '%%stat:error=ESTALE',      'Unable to stat home directory: Stale file handle\. \(#4\.3\.0\)', @home);
	said('|true',     'execve:error=ENOENT',     'Unable to run /bin/sh: No such file or directory\. \(#4\.3\.0\)', @sh);
	said('|true',     'execve:error=EACCES',     'Unable to run /bin/sh: Permission denied\. \(#4\.3\.0\)', @sh);
	said('|true',     'execve:error=EAGAIN',     'Unable to fork: Resource temporarily unavailable\. \(#4\.3\.0\)', @sh);
	said('|true',     'wait4:error=EIO:when=1',  "Unable to run /bin/sh: $disk");
	my $run = deliver("./Maildir/\n|true\n|>$home/never", @sh, '-e', 'inject=execve:error=ENOENT');
	is "$run->{exit} $run->{err}", "111 Unable to run /bin/sh: No such file or directory. (#4.3.0)\n", 'no shell, after a Maildir: later';
	is scalar(() = glob "$home/Maildir/new/*"), 1, '... what stands before it is delivered';
	$states++;
}

print_states("$states faults in deliveries to a Maildir and an mbox");
done_testing;
