#!/usr/bin/perl
# SPF against the test suite of openspf.org for RFC 7208 (inbound 5.6.7), by tests/tools/spfdriver.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP;
use Qferry::Test;
use Test::More;

my $path = ($ENV{QFERRY_DATA} || top() . '/../shared/data') . '/spf/rfc7208-tests.json';
plan skip_all => "no test suite at $path" unless -r $path;

my $DEFAULT = 'DEFAULT';
my @TYPES   = qw(A AAAA MX PTR TXT);
my $groups  = JSON::PP->new->utf8->decode(slurp($path));
my (@input, @expected);

for my $group (@$groups) {
	push @input, 'forget', 'receiver receiver.example.net', "explanation $DEFAULT", zone_lines($group->{zonedata});
	for my $name (sort keys %{ $group->{tests} }) {
		my $test = $group->{tests}{$name};
		push @input, join ' ', 'check', $test->{host}, hex_of($test->{helo}), hex_of($test->{mailfrom});
		push @expected, { %$test, name => "$group->{description}: $name" };
	}
}
my $run = run_program([ build() . '/tools/spfdriver' ], in => join("\n", @input, ''));
is $run->{exit}, 0, 'the driver ran';
my @got = split /\n/, $run->{out};
is scalar @got, scalar @expected, 'an answer to each question';
judge($_, shift @got) for @expected;
done_testing;

sub judge {
	my ($test, $line) = @_;
	my ($result, $explanation) = split / /, defined $line ? $line : '', 2;
	my @allowed = ref $test->{result} ? @{ $test->{result} } : $test->{result};
	ok((grep { $_ eq $result } @allowed), $test->{name}) or diag("got $result, allowed @allowed");
	is $explanation, $test->{explanation}, "$test->{name}: explanation" if exists $test->{explanation};
}

sub hex_of {
	my ($text) = @_;
	return defined $text && length $text ? unpack 'H*', $text : '-';
}

# The records of a group as lines of the table.  TIMEOUT is the answer to every type that the name
# does not list; a record of type SPF is a text too, unless texts are given.
sub zone_lines {
	my ($zone) = @_;
	my @lines;
	for my $name (sort keys %$zone) {
		my @records = @{ $zone->{$name} };
		my (%seen, $silent, @own);
		my $has_text = grep { ref && exists $_->{TXT} } @records;
		for my $record (@records) {
			if (!ref $record) { $silent = 1; next }
			my ($type, $data) = %$record;
			push @lines, line_of($name, 'SPF', '-');    # so that the name exists
			if ($type eq 'SPF') {
				next if $has_text;
				$type = 'TXT';
			}
			next if !ref $data && $data eq 'NONE';
			$seen{$type}++;
			push @lines, line_of($name, $type, data_of($type, $data));
		}
		next unless $silent;
		push @lines, map { line_of($name, $_, 'FAIL') } grep { !$seen{$_} } @TYPES;
	}
	return @lines;
}

sub line_of {
	my ($name, $type, $data) = @_;
	$name =~ s/([^!-~]|\\)/sprintf '\\%03d', ord $1/ge;
	return "zone $name $type $data";
}

sub data_of {
	my ($type, $data) = @_;
	return 'FAIL' if !ref $data && $data eq 'TIMEOUT';
	return join ' ', @$data if $type eq 'MX';
	return $data unless $type eq 'TXT';
	return join(' ', map { quoted($_) } ref $data ? @$data : $data) || '""';
}

sub quoted {
	my ($text) = @_;
	$text =~ s/([^ -~]|["\\])/sprintf '\\%03d', ord $1/ge;
	return "\"$text\"";
}
