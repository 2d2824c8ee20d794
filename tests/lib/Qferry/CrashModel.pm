# Qferry::CrashModel - what may be on disk after a power loss, worked out from the system calls that
# a qmail-queue made (queue 7.5).
#
# A log is a list of operations:
#   [ name   => directory, entry, file ]   a new name, by open or link
#   [ unname => directory, entry ]         unlink
#   [ data   => file ]                     write
#   [ sync   => file ]  [ syncdir => directory ]
#   [ ack ]                                exit 0
#
# In the model "posix" data is durable after a sync of its file, a change of a name after a sync of
# its directory, and everything else may or may not have happened, in any combination.  In "file" a
# sync of a file keeps the names that it has at that moment too: less than what ext4, xfs and btrfs
# do (their journals keep the order of all names), more than POSIX promises.
package Qferry::CrashModel;
use strict;
use warnings;
use Exporter qw(import);

our @EXPORT = qw(operations_of crash_problems);

# The log of a trace as strace writes it; paths are those below queue/.
sub operations_of {
	my ($trace) = @_;
	my (%of_fd, %file_of, @log);
	my $queue_fd = -1;
	for (split /\n/, $trace) {
		if (/^open(?:at)?\((?:AT_FDCWD, )?"queue", .* = (\d+)/) {
			$queue_fd = $1;
		} elsif (/^openat\($queue_fd, "([^"]+)", (\S+?)(?:, 0\d+)?\) += (\d+)/) {
			my ($path, $flags, $fd) = ($1, $2, $3);
			$of_fd{$fd} = { path => $path, directory => scalar($flags =~ /O_DIRECTORY/) };
			next unless $flags =~ /O_CREAT/;
			$file_of{$path} = $path;
			push @log, [ name => split_path($path), $path ];
		} elsif (/^linkat\($queue_fd, "([^"]+)", $queue_fd, "([^"]+)", 0\) += 0/) {
			$file_of{$2} = $file_of{$1};
			push @log, [ name => split_path($2), $file_of{$1} ];
		} elsif (/^unlinkat\($queue_fd, "([^"]+)", 0\) += 0/) {
			push @log, [ unname => split_path($1) ];
		} elsif (/^write\((\d+), .* = [1-9]/ && $of_fd{$1} && $of_fd{$1}{path} !~ /^lock/) {
			push @log, [ data => $of_fd{$1}{path} ];
		} elsif (/^fsync\((\d+)\) += 0/ && $of_fd{$1}) {
			push @log, [ ($of_fd{$1}{directory} ? 'syncdir' : 'sync') => $of_fd{$1}{path} ];
		} elsif (/^exit_group\(0\)/) {
			push @log, ['ack'];
		}
	}
	return @log;
}

sub split_path { return $_[0] =~ m{^(.*)/([^/]+)$} }

# Which of the first operations of the log are durable for certain; returns a list of the others.
sub pending {
	my ($model, @done) = @_;
	my @pending;
	for my $i (0 .. $#done) {
		my ($what, @args) = @{ $done[$i] };
		next unless $what =~ /^(?:name|unname|data)$/;
		my $durable = 0;
		for my $later (@done[ $i + 1 .. $#done ]) {
			my ($how, $object) = @$later;
			$durable = 1 if $what eq 'data' && $how eq 'sync' && $object eq $args[0];
			$durable = 1 if $what ne 'data' && $how eq 'syncdir' && $object eq $args[0];
			$durable = 1 if $what eq 'name' && $model eq 'file' && $how eq 'sync' && $object eq $args[2];
		}
		push @pending, $i unless $durable;
	}
	return @pending;
}

# What is wrong when these operations took place: a text, or ''.
sub wrong_state {
	my ($happened, $writes, $acked) = @_;
	my (%names, %written);
	for (@$happened) {
		my ($what, @args) = @$_;
		$names{"$args[0]/$args[1]"} = $args[2] if $what eq 'name';
		delete $names{"$args[0]/$args[1]"} if $what eq 'unname';
		$written{ $args[0] }++ if $what eq 'data';
	}
	my $whole = sub { ($written{ $_[0] } || 0) == ($writes->{ $_[0] } || 0) };
	my @todo = grep { m{^todo/} } keys %names;
	return 'an acknowledged message has no todo' if $acked && !@todo;
	for (@todo) {
		my ($n) = m{([^/]+)$};
		my ($mess) = grep { m{^mess/\d+/$n$} } keys %names;
		return 'todo without mess' unless $mess;
		return 'the envelope is torn' unless $whole->($names{$_});
		return 'the message is torn' unless $whole->($names{$mess});
	}
	return '';
}

# Every crash after every operation, in every combination of what was still pending.  Returns the
# number of states and a list of the different problems.
sub crash_problems {
	my ($model, @log) = @_;
	my (%writes, %problems);
	my $states = 0;
	$writes{ $_->[1] }++ for grep { $_->[0] eq 'data' } @log;
	for my $end (0 .. $#log) {
		my @done = @log[ 0 .. $end ];
		my $acked = grep { $_->[0] eq 'ack' } @done;
		my @pending = pending($model, @done);
		for my $choice (0 .. (1 << @pending) - 1) {
			my %lost = map { $choice >> $_ & 1 ? () : ($pending[$_] => 1) } 0 .. $#pending;
			my $wrong = wrong_state([ map { $lost{$_} ? () : $done[$_] } 0 .. $end ], \%writes, $acked);
			$problems{$wrong} = 1 if $wrong;
			$states++;
		}
	}
	return ($states, sort keys %problems);
}

1;
