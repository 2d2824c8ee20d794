# Qferry::SuiteModel - what may be on disk after a power loss at any moment of a message's life, worked out from
# the system calls of all who write (queue 7.5): from qmail-queue to the Maildir, and the bounce on its way back.
#
#   my @log = suite_log($home, $trace, ...);        strace -f -y -xx -s 200000, one after the other
#   my ($states, @problems) = suite_problems($model, $judge, $most, $dice, @log);
#
# Data is durable after a sync of its file.  A change of a name is durable, in the model
#
#   posix    after a sync of its directory; else each may or may not have happened
#   file     and a new one also after a sync of the file, as it is on ext2/3/4, xfs and btrfs
#   ordered  as in "file", and no change of a name is on disk without all those before it: the journals
#            of ext4 and xfs
#
# Operations: { do => name, path, file } { do => unname, path } { do => data, file, at, bytes }
# { do => cut, file, at }; and { do => sync, file } { do => syncdir, path } with `from`: what was complete before
# that one began is covered; { do => ack } when a qmail-queue ended with 0.
package Qferry::SuiteModel;
use strict;
use warnings;
use Exporter qw(import);
use Qferry::Test;

our @EXPORT = qw(suite_log suite_problems suite_without);

# --- the trace ------------------------------------------------------------------------------------------------

my $string = qr/"((?:[^"\\]|\\.)*)"/;

sub bytes_of { my ($text) = @_; $text =~ s/\\x([0-9a-f]{2})/chr hex $1/ge; return $text }

# [ process, name, arguments, result, line at which it began, line at which it ended ]
sub calls {
	my @lines = map { split /\n/ } @_;
	my (%begun, @calls);
	for my $i (0 .. $#lines) {
		my ($pid, $rest) = $lines[$i] =~ /^(\d+) +(.*)$/ or next;
		my $from = $i;
		if ($rest =~ s/ <unfinished \.\.\.>$//) { $begun{$pid} = [ $i, $rest ]; next }
		if ($rest =~ s/^<\.\.\. \w+ resumed>//) {
			my $begin = delete $begun{$pid} or next;
			$from = $begin->[0];
			$rest = $begin->[1] . $rest;
		}
		my ($name, $args, $result) = $rest =~ /^(\w+)\((.*)\) += (.*)$/ or next;
		push @calls, [ $pid, $name, $args, $result, $from, $i ];
	}
	return @calls;
}

# Its path below the home, if it is in the queue or in joe's home; what else is written is nobody's business.
sub place {
	my ($home, $dir, $name) = @_;
	my $path = $name =~ m{^/} ? $name : "$dir/$name";
	$path =~ s{/\./}{/}g;
	return $path =~ s{^\Q$home\E/}{} && $path =~ m{^(?:queue/(?!lock)|joe/)} ? $path : undef;
}

sub suite_log {
	my ($home, @traces) = @_;
	my ($is_queue, %file, @log) = ({});
	my $add = sub { my ($call, %op) = @_; push @log, { %op, from => $call->[4], to => $call->[5] } };
	my %version;
	my $of_fd = sub { my ($path) = @_; return place($home, '', $path) };
	my $fd = qr/\d+<([^>]*)>/;
	my $at = qr/(?:AT_FDCWD|\d+)<([^>]*)>/;
	for my $call (calls(@traces)) {
		my ($pid, $name, $args, $result) = @$call;
		next if $result =~ /^-1/;
		$_ = $args;
		s/\(deleted\)//g;
		if ($name eq 'execve') {
			$is_queue->{$pid} = bytes_of($args) =~ m{^"(?:[^"]*/)?qmail-queue"};
		} elsif ($name eq 'exit_group') {
			$add->($call, do => 'ack') if $is_queue->{$pid} && $args eq '0';
		} elsif ($name eq 'openat' && /O_CREAT/ && /^$at, $string/) {
			my $path = place($home, bytes_of($1), bytes_of($2)) or next;
			next if $file{$path} && !/O_EXCL/;
			$file{$path} = $path . ($version{$path}++ ? "#$version{$path}" : '');
			$add->($call, do => 'name', path => $path, file => $file{$path});
		} elsif ($name =~ /^link(?:at)?$/ && /^$at, $string, $at, $string/) {
			my ($from, $to) = (place($home, bytes_of($1), bytes_of($2)), place($home, bytes_of($3), bytes_of($4)));
			next unless defined $to;
			$file{$to} = $file{$from};
			$add->($call, do => 'name', path => $to, file => $file{$from});
		} elsif ($name eq 'unlinkat' && /^$at, $string/) {
			my $path = place($home, bytes_of($1), bytes_of($2)) or next;
			$add->($call, do => 'unname', path => $path);
			$file{$path . '!gone'} = delete $file{$path};
		} elsif ($name =~ /^p?write(?:64)?$/ && /^$fd, $string, \d+(?:, (\d+))?$/) {
			my ($path, $bytes, $offset) = ($of_fd->(bytes_of($1)), bytes_of($2), $3);
			my $id = defined $path && ($file{$path} || $file{"$path!gone"}) or next;
			$add->($call, do => 'data', file => $id, at => $offset, bytes => substr $bytes, 0, $result);
		} elsif ($name eq 'ftruncate' && /^$fd, (\d+)/) {
			my ($path, $size) = ($of_fd->(bytes_of($1)), $2);
			my $id = defined $path && ($file{$path} || $file{"$path!gone"}) or next;
			$add->($call, do => 'cut', file => $id, at => $size);
		} elsif ($name =~ /^f(?:data)?sync$/ && /^$fd/) {
			my $path = $of_fd->(bytes_of($1));
			next unless defined $path;
			my $id = $file{$path} || $file{"$path!gone"};
			$add->($call, defined $id ? (do => 'sync', file => $id) : (do => 'syncdir', path => $path));
		}
	}
	return with_offsets(@log);
}

# Appended data has the place that it got.
sub with_offsets {
	my %size;
	for my $op (@_) {
		next unless $op->{do} eq 'data';
		$op->{at} = $size{ $op->{file} } || 0 unless defined $op->{at};
		my $end = $op->{at} + length $op->{bytes};
		$size{ $op->{file} } = $end if $end > ($size{ $op->{file} } || 0);
	}
	return @_;
}

sub suite_without { my ($what, @log) = @_; return grep { !$what->($_) } @log }

# --- the states -----------------------------------------------------------------------------------------------

sub directory_of { my ($path) = @_; return $path =~ s{/[^/]*$}{}r }

# For each operation the first after which it is durable for certain, or undef.
sub durable_after {
	my ($model, @log) = @_;
	my @after;
	for my $i (0 .. $#log) {
		my $op = $log[$i];
		next unless $op->{do} =~ /^(?:name|unname|data|cut)$/;
		for my $k ($i + 1 .. $#log) {
			my $sync = $log[$k];
			next unless $sync->{do} =~ /^sync/ && $sync->{from} > $op->{to};
			my $is_name = $op->{do} =~ /name/;
			my $covers = $sync->{do} eq 'syncdir' ? $is_name && $sync->{path} eq directory_of($op->{path})
			  : $is_name ? $model ne 'posix' && $op->{do} eq 'name' && $op->{file} eq $sync->{file}
			  : $op->{file} eq $sync->{file};
			if ($covers) { $after[$i] = $k; last }
		}
	}
	# A journal brings all that came before along.
	if ($model eq 'ordered') {
		my $first;
		for my $i (reverse 0 .. $#log) {
			next unless $log[$i]{do} =~ /name/;
			$first = $after[$i] if defined $after[$i] && (!defined $first || $after[$i] < $first);
			$after[$i] = $first;
		}
	}
	return @after;
}

# The files by name, with what they hold, when these operations took place.
sub files_after {
	my (@ops) = @_;
	my (%name, %bytes);
	for my $op (@ops) {
		if    ($op->{do} eq 'name')   { $name{ $op->{path} } = $op->{file} }
		elsif ($op->{do} eq 'unname') { delete $name{ $op->{path} } }
		elsif ($op->{do} eq 'data') {
			my $held = \$bytes{ $op->{file} };
			$$held = '' unless defined $$held;
			$$held .= "\0" x ($op->{at} - length $$held) if length $$held < $op->{at};
			substr $$held, $op->{at}, length $op->{bytes}, $op->{bytes};
		} elsif ($op->{do} eq 'cut') { substr $bytes{ $op->{file} }, $op->{at}, length $bytes{ $op->{file} }, '' if defined $bytes{ $op->{file} } }
	}
	return { map { my $held = $bytes{ $name{$_} }; $_ => defined $held ? $held : '' } keys %name };
}

# What of the pending operations was lost: a list of hashes.  In "ordered" lost names are the last ones.  More
# than `most` combinations are a sample.
sub losses {
	my ($model, $most, $dice, $log, @pending) = @_;
	my @names = $model eq 'ordered' ? grep { $log->[$_]{do} =~ /name/ } @pending : ();
	my %is_name = map { $_ => 1 } @names;
	my @free = grep { !$is_name{$_} } @pending;
	my @all;
	for my $kept (0 .. @names) {
		my @lost_names = @names[ $kept .. $#names ];
		my $combinations = 2**@free;
		my @choices = $combinations <= $most ? 0 .. $combinations - 1 : (0, $combinations - 1, map { int($dice->() * $combinations) } 1 .. $most);
		push @all, map { my $choice = $_; +{ map { $_ => 1 } @lost_names, map { $choice >> $_ & 1 ? () : $free[$_] } 0 .. $#free } } @choices;
	}
	return @all;
}

# Every power loss after every operation; `judge` gets the files and whether the message was acknowledged, and says
# what is wrong.  The number of different states, and the different problems.
sub suite_problems {
	my ($model, $judge, $most, $dice, @log) = @_;
	my @after = durable_after($model, @log);
	my (%seen, %problems);
	my $acked = 0;
	for my $end (0 .. $#log) {
		$acked = 1 if $log[$end]{do} eq 'ack';
		my @pending = grep { $log[$_]{do} =~ /^(?:name|unname|data|cut)$/ && !(defined $after[$_] && $after[$_] <= $end) } 0 .. $end;
		for my $lost (losses($model, $most, $dice, \@log, @pending)) {
			my $files = files_after(map { $lost->{$_} ? () : $log[$_] } 0 .. $end);
			my $state = join "\1", $acked, map { ($_, $files->{$_}) } sort keys %$files;
			next if $seen{$state}++;
			$problems{$_} = 1 for $judge->($files, $acked);
		}
	}
	return (scalar(keys %seen), sort keys %problems);
}

1;
