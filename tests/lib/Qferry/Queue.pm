# Qferry::Queue - what the tests of qmail-queue share: one message in, and what is in a queue.
package Qferry::Queue;
use strict;
use warnings;
use Exporter qw(import);
use File::Find qw(find);
use Qferry::Test;

our @EXPORT = qw(queue_home envelope enqueue tree_of messages_of message_problems);

# A home with a stock queue; options: split, big_todo.
sub queue_home {
	my (%with) = @_;
	my $home = instance();
	queue_tree($home, $with{split});
	if ($with{big_todo}) {
		for my $k (0 .. ($with{split} || 23) - 1) {
			mkdir "$home/queue/$_/$k" for qw(intd todo);
		}
	}
	return $home;
}

sub envelope {
	my ($sender, @recipients) = @_;
	return "F$sender\0" . join('', map { "T$_\0" } @recipients) . "\0";
}

# Run qmail-queue on two files.  The options are those of run_program(); `before` is put in
# front of the command.
sub enqueue {
	my ($home, $message, $envelope, %with) = @_;
	my $before = delete $with{before} || [];
	my $program = delete $with{program} || program('qmail-queue');
	my $dir = temp_dir();
	spit("$dir/envelope", $envelope);
	open my $in, '<', "$dir/envelope" or die;
	return run_program([ @$before, $program ],
		home => $home, in => $message, %with, fds => { 1 => $in, %{ $with{fds} || {} } });
}

# Every file of the queue but what the installer puts into lock/, as a sorted list of paths.
sub tree_of {
	my ($home) = @_;
	my @files;
	find({ no_chdir => 1, wanted => sub {
		my ($path) = m{^\Q$home\E/queue/(.*)} or return;
		push @files, $path if !-d $_ && $path !~ m{^lock/};
	} }, "$home/queue");
	return sort @files;
}

# The queued messages (state S4), by number: { mess, intd, todo } with the bytes of each.
sub messages_of {
	my ($home) = @_;
	my %all;
	for my $path (tree_of($home)) {
		my ($dir, $n) = $path =~ m{^(todo)/(?:\d+/)?(\d+)$} or next;
		$all{$n}{todo} = slurp("$home/queue/$path");
	}
	for my $path (tree_of($home)) {
		my ($dir, $n) = $path =~ m{^(mess|intd)/(?:\d+/)?(\d+)$} or next;
		$all{$n}{$dir} = slurp("$home/queue/$path") if $all{$n};
	}
	return %all;
}

# What is wrong with a queue in which `message` and `envelope` may be queued up to `most` times:
# a list of texts.  A message counts only when it is whole (P3).
sub message_problems {
	my ($home, $message, $envelope, $least, $most) = @_;
	my %all = messages_of($home);
	my @wrong;
	my $records = substr $envelope, 0, -1;
	for my $n (sort keys %all) {
		my $m = $all{$n};
		push @wrong, "todo/$n without mess" unless defined $m->{mess};
		push @wrong, "mess/$n is not what was sent"
		  if defined $m->{mess} && $m->{mess} !~ /\AReceived: \(qmail \d+ invoked [^\n]*\n\Q$message\E\z/;
		push @wrong, "todo/$n is not what was sent" if $m->{todo} !~ /\Au\d+\0p\d+\0\Q$records\E\z/;
	}
	my $count = keys %all;
	push @wrong, "$count messages, not $least to $most" if $count < $least || $count > $most;
	return @wrong;
}

1;
