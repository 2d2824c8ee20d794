#!/usr/bin/perl
# qmail-newrcpt from outside (inbound 6.1): the keys it writes, what its failures leave, and what
# qmail-smtpd makes of wildcards and of addresses without a domain.  rcpt.t compares it with deliveries.
use strict;
use warnings;
use Fcntl qw(:flock);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Cdb;
use Qferry::Test;
use Test::More;

plan skip_all => 'root has no rootless home' if $> == 0;

# The records of a cdb file in their order: "key" for a yes, "key -" for a no.
sub records {
	my ($home) = @_;
	my $bytes = slurp("$home/control/realrcptto.cdb");
	return () unless defined $bytes;
	my ($at, $end, @records) = (2048, unpack 'V', $bytes);
	while ($at < $end) {
		my ($key, $data) = map { substr $bytes, $at + 8 + $_->[0], $_->[1] }
		  map { [ 0, $_->[0] ], [ $_->[0], $_->[1] ] } [ unpack 'VV', substr $bytes, $at, 8 ];
		push @records, $data eq '' ? $key : "$key $data";
		$at += 8 + length($key) + length $data;
	}
	return @records;
}

sub home {
	my (%controls) = @_;
	my $home = instance(me => "mx.example.net\n", %controls);
	mkdir "$home/$_" for qw(alias joe users);
	return $home;
}

sub newrcpt { my ($home) = @_; return run_program(['qmail-newrcpt'], home => $home) }

# What qmail-smtpd answers to each recipient.
sub codes {
	my ($home, @recipients) = @_;
	my $run = run_program(['qmail-smtpd'], home => $home,
		in => "MAIL FROM:<>\r\n" . join('', map { "RCPT TO:<$_>\r\n" } @recipients) . "QUIT\r\n");
	my (undef, undef, @codes) = $run->{out} =~ /^(\d+)/mg;
	pop @codes;
	return join ' ', @codes;
}

# --- keys ---------------------------------------------------------------------------------------------

{
	my $home = home(locals => "Example.net\nexample.net\n");
	spit("$home/alias/.qmail-$_", "#\n") for qw(info list-default list-owner a:b Upper);
	spit("$home/joe/.qmail-x", "#\n");
	spit("$home/users/assign", "=joe:joe:1:1:$home/joe:::\n+joe-:joe:1:1:$home/joe:-::\n.\n");
	is run_program(['qmail-newu'], home => $home)->{exit}, 0, 'qmail-newu';
	my $run = newrcpt($home);
	is "$run->{exit} $run->{out}$run->{err}", '0 ', 'it is silent';
	my $written = slurp("$home/control/realrcptto.cdb");
	unlink "$home/control/realrcptto.cdb";
	my $asked = run_program([ 'qmail-newrcpt', '--help' ], home => $home);
	is "$asked->{exit} $asked->{out}$asked->{err}", "100 qmail-newrcpt: usage: qmail-newrcpt\n", 'arguments: how it is used';
	ok !-e "$home/control/realrcptto.cdb", '... and nothing is done';
	spit("$home/control/realrcptto.cdb", $written);
	is join("\n", records($home)), join("\n", '@', '@example.net -', 'a.b@example.net', 'a:b@example.net', 'info@example.net',
		'joe@example.net', 'joe-x@example.net', 'list-default@example.net', '') , 'the keys, and no more than are needed';
	is sprintf('%o', (stat "$home/control/realrcptto.cdb")[2] & 07777), '644', 'the mode';
	ok !-e "$home/control/realrcptto.tmp", 'no temporary file';

	spit("$home/alias/.qmail-default", "#\n");
	newrcpt($home);
	is join(' ', records($home)), '@ @example.net joe-default@example.net - joe@example.net joe-x@example.net ' =~ s/ joe\@example.net//r,
	  'a user hides what alias has for all';
}

# --- what is the same for many -----------------------------------------------------------------------

{
	my $home = home(locals => "here.example\n", envnoathost => "here.example\n",
		virtualdomains => ".wild.example:w\nout.wild.example:\nall.wild.example:all\nann\@one.example:ann\nbob\@one.example:none\n");
	spit("$home/alias/.qmail-$_", "#\n") for qw(joe w-ann all-default ann-ann list-default);
	is newrcpt($home)->{exit}, 0, 'virtual domains';
	is codes($home, map { "$_\@here.example" } qw(joe JOE jim list list-x)), '250 250 550 550 250', 'a local domain';
	is codes($home, map { "$_\@a.b.Wild.example" } qw(ann Ann joe ann-x)), '250 250 550 550', 'below a wildcard';
	is codes($home, map { "$_\@out.wild.example" } qw(ann nobody)), '250 250', 'an empty value: for others';
	is codes($home, map { "$_\@all.wild.example" } qw(ann nobody)), '250 250', 'closer than the wildcard';
	is codes($home, map { "$_\@wild.example" } qw(ann nobody)), '250 250', 'not below the wildcard: for others';
	is codes($home, map { "$_\@one.example" } qw(ann bob eve)), '250 550 250', 'single addresses';
	is codes($home, qw(joe jim list-x list)), '250 550 250 550', 'no domain: as at envnoathost';

	control($home, 'virtualdomains', ":w\n");
	control($home, 'envnoathost', "far.example\n");
	is newrcpt($home)->{exit}, 0, 'a catch-all';
	is codes($home, 'ann@far.example', 'bob@far.example', 'joe@here.example', 'ann@here.example', 'ann', 'joe'),
	  '250 550 250 550 250 550', 'for every domain but the local one';

	control($home, 'percenthack', "here.example\n");
	is newrcpt($home)->{exit}, 0, 'percenthack';
	is codes($home, 'ann%far.example@here.example', 'jim@here.example', 'bob@far.example'), '250 250 550',
	  'where it rewrites, everybody is taken';
}

# --- a list that others have made --------------------------------------------------------------------

{
	my $home = home();
	spit("$home/control/realrcptto.cdb", cdb([ 'joe@here.example', '' ], [ 'joe-default@here.example', '' ],
		[ 'joe-no@here.example', '-' ], [ '@all.example', '' ], [ 'ann', '' ]));
	is codes($home, qw(joe@here.example joe-x@here.example joe-no@here.example jim@here.example x@all.example x@a.all.example ann ann-x)),
	  '250 250 550 550 250 550 250 550', 'the form of jms1';
}

# --- failures -----------------------------------------------------------------------------------------

sub kept {
	my ($home, $run, $err, $name) = @_;
	is $run->{exit}, 111, "$name: exit 111";
	like $run->{err}, $err, "$name: says why";
	is slurp("$home/control/realrcptto.cdb"), 'old', "$name: the old list stays";
	ok !-e "$home/control/realrcptto.tmp", "$name: nothing is left";
}

{
	my $home = home();
	spit("$home/control/realrcptto.cdb", 'old');
	spit("$home/users/cdb", 'damaged');
	kept($home, newrcpt($home), qr{^qmail-newrcpt: fatal: users/cdb: .+$}, 'users/cdb damaged');
	unlink "$home/users/cdb";

	rename "$home/control/me", "$home/me";
	kept($home, newrcpt($home), qr{^qmail-newrcpt: fatal: control/me: missing$}, 'no me');
	rename "$home/me", "$home/control/me";

	mkdir "$home/control/virtualdomains";
	kept($home, newrcpt($home), qr{^qmail-newrcpt: fatal: control/virtualdomains: }, 'virtualdomains unreadable');
	rmdir "$home/control/virtualdomains";

	chmod 0500, "$home/control";
	kept($home, newrcpt($home), qr{^qmail-newrcpt: fatal: unable to write to control/realrcptto.tmp: Permission denied$}, 'control read-only');
	chmod 0700, "$home/control";

	spit("$home/alias/.qmail-x", "#\n");
	spit("$home/users/assign", "+joe-:joe:1:1:$home/joe:-::\n.\n");
	run_program(['qmail-newu'], home => $home);
	SKIP: {
		my @strace = ('/usr/bin/strace', '-o', "$home/trace");
		my %with = (home => $home, env => { ASAN_OPTIONS => 'detect_leaks=0' }); # which needs ptrace for itself
		skip 'strace does not work here', 12 if run_program([ @strace, program('qmail-newrcpt') ], %with)->{exit} != 0;
		my @calls = split /\n/, slurp("$home/trace");
		spit("$home/control/realrcptto.cdb", 'old');
		for my $case ([ openat => "\"$home/joe\"", 'EIO', "$home/joe: unreadable: Input/output error" ],
			[ newfstatat => '".qmail-x"', 'ESTALE', "$home/alias/.qmail-x: unreadable: Stale file handle" ],
			[ fsync => '', 'EIO', 'unable to move realrcptto.tmp to control/realrcptto.cdb: Input/output error' ]) {
			my ($call, $argument, $error, $named) = @$case;
			my ($n, $when) = (0);
			for (grep { /^$call\(/ } @calls) { $n++; $when //= $n if index($_, $argument) >= 0 }
			my $run = run_program([ @strace, '-e', "inject=$call:error=$error:when=$when", program('qmail-newrcpt') ], %with);
			kept($home, $run, qr/^qmail-newrcpt: fatal: \Q$named\E$/, "$error at $call");
		}
	}
	is newrcpt($home)->{exit}, 0, 'afterwards all is well';
}

# --- two at once --------------------------------------------------------------------------------------

{
	my $home = home();
	open my $lock, '<', "$home/control" or die;
	flock $lock, LOCK_EX or die;
	my $pid = start_program(['qmail-newrcpt'], home => $home);
	ok wait_until(sub { (slurp('/proc/locks') || '') =~ /-> FLOCK .* $pid / }), 'it waits for another';
	ok !-e "$home/control/realrcptto.tmp", 'and touches nothing meanwhile';
	close $lock;
	is join(' ', finish_program($pid)), '0 0', 'then goes on';
}
done_testing;
