# Qferry::Lint - what the lints share.  A lint looks at a tree (its first argument, or the sources
# that it is in), collects complaints by subject, and prints a TAP line for each subject.
package Qferry::Lint;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Find ();

our @EXPORT = qw(root files text_of lines_of subject skip_subject complain skip_lint done has_tool);

my $root = abs_path(@ARGV ? $ARGV[0] : dirname(__FILE__) . '/../../..');
my (@subjects, %complaints, %skipped);

sub root { return $root }

# Paths below the root, of files under these folders (or these files) that match the pattern, in order.
sub files {
	my ($pattern, @places) = @_;
	my @found;
	for my $place (grep { -e "$root/$_" } @places) {
		File::Find::find({ no_chdir => 1, wanted => sub {
			return unless -f && substr($_, length($root) + 1) =~ $pattern;
			push @found, substr $_, length($root) + 1;
		} }, "$root/$place");
	}
	my %seen;
	return grep { !$seen{$_}++ } sort @found;
}

sub text_of {
	my ($path) = @_;
	open my $in, '<', $path =~ m{^/} ? $path : "$root/$path" or return '';
	local $/;
	my $text = <$in>;
	return defined $text ? $text : '';
}

sub lines_of { return split /\n/, text_of($_[0]), -1 }

sub has_tool { my ($name) = @_; return grep { -x "$_/$name" } split /:/, $ENV{PATH} }

# A thing that is looked at: one TAP line, good unless something is complained of.
my %known;
sub subject { push @subjects, grep { !$known{$_}++ } @_ }

# One that cannot be good yet, and why.
sub skip_subject {
	my ($subject, $why) = @_;
	subject($subject);
	$skipped{$subject} = $why;
}

sub complain {
	my ($subject, $text) = @_;
	subject($subject);
	push @{ $complaints{$subject} }, $text;
}

sub skip_lint { print "1..0 # SKIP $_[0]\n"; exit 0 }

sub done {
	my $n = 0;
	my $bad = 0;
	for my $subject (@subjects) {
		$n++;
		my $list = $complaints{$subject};
		$bad++ if $list;
		my $skip = $skipped{$subject} && !$list ? " # SKIP $skipped{$subject}" : '';
		print $list ? 'not ' : '', "ok $n - $subject$skip\n";
		print "# $_\n" for map { split /\n/ } @{ $list || [] };
	}
	print $n ? "1..$n\n" : "1..0 # SKIP nothing to look at\n";
	exit($bad ? 1 : 0);
}

1;
