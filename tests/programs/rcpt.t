#!/usr/bin/perl
# qmail-rcpt (inbound 6.2): on demand and resident, and that it says what qmail-lspawn and
# qmail-local then do, for hundreds of addresses in a rootless home; and that qmail-smtpd says the same
# by the list of qmail-newrcpt (inbound 6.1).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use IO::Socket::UNIX;
use Qferry::Cdb;
use Qferry::Test;
use Socket qw(AF_UNIX SOCK_SEQPACKET pack_sockaddr_un);
use Test::More;

plan skip_all => 'root has no rootless home' if $> == 0;

use constant { ASK => 80, ADDRESS => 80, RESULT => 81, REASON => 1 };
use constant { ASK_MAILBOX => 81, RULES => 82, PERCENT => 83, MAILBOX => 84 };
my @results = qw(no yes unreadable unknown);
my @mailboxes = qw(none found elsewhere any full unreadable unknown);

# --- frames ---------------------------------------------------------------------------------------

sub frame {
	my ($kind, $id, @fields) = @_;
	return pack('a2CCNNCCn', 'QF', 1, $kind, $id, 20_000, 0, 0, 0) . join '', map { pack 'nn/a*', @$_ } @fields;
}

# { status, kind, id, fields => { tag => value } }, or undef at the end
sub answer {
	my ($socket) = @_;
	IO::Select->new($socket)->can_read(20) or return undef;
	my $n = sysread $socket, my $bytes, 65536;
	return undef unless $n;
	my (undef, undef, $kind, $id, undef, $status, undef, undef, $rest) = unpack 'a2CCNNCCna*', $bytes;
	return { kind => $kind, id => $id, status => $status, fields => { unpack '(nn/a*)*', $rest } };
}

my $id = 0;

sub ask {
	my ($socket, $address) = @_;
	syswrite $socket, frame(ASK, ++$id, [ ADDRESS, $address ]);
	my $answer = answer($socket) or return 'gone';
	return "status $answer->{status}" if $answer->{status};
	return $results[ ord $answer->{fields}{ +RESULT } ];
}

# As ask(), of mailboxes: fields besides the address are [tag, octets].
sub ask_mailbox {
	my ($socket, $address, @fields) = @_;
	syswrite $socket, frame(ASK_MAILBOX, ++$id, [ ADDRESS, $address ], @fields);
	my $answer = answer($socket) or return 'gone';
	return "status $answer->{status}" if $answer->{status};
	return $mailboxes[ ord $answer->{fields}{ +MAILBOX } ];
}

sub on_demand {
	my ($home, @arguments) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_SEQPACKET, 0 or die "socketpair: $!";
	my $pid = start_program([ 'qmail-rcpt', @arguments ], home => $home, fds => { 0 => $theirs, 2 => \*STDERR });
	return { socket => $ours, pid => $pid };
}

sub finish {
	my ($helper) = @_;
	close $helper->{socket};
	return join ' ', finish_program($helper->{pid});
}

# --- a home -----------------------------------------------------------------------------------------

# A domain of vpopmail, with what stands for vdelivermail: users in a file, user-anything is user's.
sub vpopmail {
	my ($vpopmail) = @_;
	my $domain = "$vpopmail/domains/vp.example";
	spit("$vpopmail/bin/vdelivermail", <<'END', 0755);
#!/bin/sh
case $(printf %s "$EXT" | tr A-Z a-z) in
 ann|ann-*|a.b|a.b-*) exit 0;;
esac
echo 'Sorry, no mailbox here by that name. (#5.1.1)'
exit 100
END
	spit("$domain/.qmail-default", "| $vpopmail/bin/vdelivermail '' bounce-no-mailbox\n");
	spit("$domain/.qmail-bob",       "#\n");
	spit("$domain/.qmail-l-default", "#\n");
	spit("$domain/full/Maildir/maildirsize", "100S\n95 1\n");
	spit("$domain/vpasswd.cdb", cdb(map { [ $_->[0], "x:0:$_->[1]::$domain/full:100S" ] } [ 'ann', 0 ], [ 'a.b', 0 ], [ 'e', 16 ]));
}

# Every .qmail file throws the mail away, so that a delivery that finds one succeeds.
sub home {
	my $home = instance(me => "mx.example.net\n", locals => "Example.net\n",
		virtualdomains => "v.example:joe-v\n.w.example:joe-w\none\@one.example:alone\nout.example:\n"
		. "vp.example:vp.example\n");
	queue_tree($home);
	spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n");
	spit("$home/alias/.qmail-$_", "#\n") for qw(list list-owner-default a:b sub-default -x y- q-w-e-default);
	mkdir "$home/alias/.qmail-dir";
	symlink '.qmail-list', "$home/alias/.qmail-link";
	symlink 'nowhere', "$home/alias/.qmail-dangling";
	POSIX::mkfifo("$home/alias/.qmail-fifo", 0600);
	spit("$home/joe/.qmail-$_", "#\n") for qw(bob v-ann v-l-default w-default x:y ext);
	spit("$home/all/.qmail-default", "#\n");
	spit("$home/locked/.qmail-in", "#\n");
	spit("$home/half/.qmail-in", "#\n", 0000);
	mkdir "$home/deep";
	spit("$home/deep/.qmail-in/file", "#\n");
	my $long = 'l' x 40;
	spit("$home/users/assign", join '', map { "$_:\n" }
		  "=joe:joe:7790:7790:$home/joe::", "=$long:joe:7790:7790:$home/joe::",
		"+joe-:joe:7790:7790:$home/joe:-:", "+all-:all:7790:7790:$home/all:-:", "+pre.:joe:7790:7790:$home/joe:-:v-",
		"=odd:joe:7790:7790:$home/joe:-:ext", "=none:joe:7790:7790:$home/joe:-:nothing", "+locked-:l:7790:7790:$home/locked:-:",
		"+vp.example-:vp.example:89:89:$home/vp/domains/vp.example:-:",
		"+half-:h:7790:7790:$home/half:-:", "+lost-:l:7790:7790:$home/lost:-:", "+deep-:d:7790:7790:$home/deep:-:", '.');
	vpopmail("$home/vp");
	is run_program(['qmail-newu'], home => $home)->{exit}, 0, 'users/cdb';
	chmod 0000, "$home/locked";
	return $home;
}

my $home = home();

# --- by itself ----------------------------------------------------------------------------------------

{
	my $helper = on_demand($home);
	is ask($helper->{socket}, 'joe@example.net'), 'yes', 'a user';
	is ask($helper->{socket}, 'joe-none@example.net'), 'no', 'nobody';
	control($home, 'locals', "other.example\n");
	is ask($helper->{socket}, 'joe-none@example.net'), 'yes', 'an edit is live at once: not for this host';
	unlink "$home/control/locals", "$home/control/me";
	is ask($helper->{socket}, 'joe@example.net'), 'unknown', 'no locals, no me: nobody knows';
	control($home, 'locals', "example.net\n");
	control($home, 'me',     "mx.example.net\n");
	is ask($helper->{socket}, 'lost-x@example.net'), 'unknown', 'a home that is gone may come back';
	is ask($helper->{socket}, 'locked-x@example.net'), 'unreadable', 'a home that is shut';
	is ask($helper->{socket}, "joe\0-none\@example.net"), 'unknown', 'a NUL';
	is ask($helper->{socket}, 'x' x 4097), 'status 3', 'an address beyond every limit is malformed';
	syswrite $helper->{socket}, frame(ASK, 77);
	is answer($helper->{socket})->{status}, 3, 'so is none';
	is ask_mailbox($helper->{socket}, 'Ann@VP.example'), 'found', 'a user of vpopmail';
	is ask_mailbox($helper->{socket}, 'joe@vp.example'), 'none', 'nobody there';
	is ask_mailbox($helper->{socket}, 'ann-x@vp.example'), 'none', 'nor an extension';
	is ask_mailbox($helper->{socket}, 'ann-x@vp.example', [ RULES, "\2" ]), 'found', 'unless these count';
	is ask_mailbox($helper->{socket}, 'ann@vp.example', [ PERCENT, pack 'N', 95 ]), 'full', 'a quota that is used';
	is ask_mailbox($helper->{socket}, 'ann@vp.example', [ PERCENT, pack 'N', 96 ]), 'found', 'and one that is not';
	is ask_mailbox($helper->{socket}, 'ann@vp.example', [ PERCENT, 'x' ], [ 999, 'y' ]), 'found', 'odd fields are skipped';
	is ask_mailbox($helper->{socket}, 'joe@vp.example', [ RULES, "\xfd" ]), 'none', 'so are rules of another release';
	is ask_mailbox($helper->{socket}, 'joe@v.example'), 'elsewhere', 'a domain of others';
	is ask_mailbox($helper->{socket}, "ann\0\@vp.example"), 'unknown', 'a NUL';
	is ask_mailbox($helper->{socket}, "ann\@vp.example\0"), 'unknown', 'a NUL behind it';
	is ask_mailbox($helper->{socket}, $_), 'elsewhere', "no domain: $_" for '', 'ann', 'ann@';
	is ask_mailbox($helper->{socket}, ('x' x 4000) . '@vp.example'), 'none', 'a name that no file can have';
	is ask_mailbox($helper->{socket}, "$_\@vp.example"), 'none', "not out of the directory: $_"
	  for '/../../../../joe/.qmail-bob', '../vp.example/.qmail-bob', '..', '.', '', '-', '..-x', '/etc-x', 'x/../l-x';
	is ask_mailbox($helper->{socket}, 'x' x 4097), 'status 3', 'an address beyond every limit is malformed';
	is ask_mailbox($helper->{socket}, 'ann@vp.example', [ RULES, '' ]), 'status 3', 'so are rules that are none';
	syswrite $helper->{socket}, frame(ASK_MAILBOX, 77);
	is answer($helper->{socket})->{status}, 3, 'so is no address';
	syswrite $helper->{socket}, frame(1, 78);
	is answer($helper->{socket})->{status}, 0, 'hello';
	syswrite $helper->{socket}, frame(200, 79);
	is answer($helper->{socket})->{status}, 4, 'what nobody knows is unsupported';
	syswrite $helper->{socket}, "nonsense";
	is answer($helper->{socket}), undef, 'a broken frame ends the connection';
	is finish($helper), '0 0', 'it ends well';
	is run_program([ 'qmail-rcpt', 'nonsense' ], home => $home)->{exit}, 100, 'wrong arguments';
	is run_program([ 'qmail-rcpt', 'serve' ], home => $home)->{exit}, 111, 'no place for a socket';
}

# --- resident -----------------------------------------------------------------------------------------

sub connect_to {
	my ($path) = @_;
	socket my $socket, AF_UNIX, SOCK_SEQPACKET, 0 or die;
	return connect($socket, pack_sockaddr_un($path)) ? $socket : undef;
}

{
	mkdir "$home/run";
	mkdir "$home/run/rcpt";
	my $pid = start_program([ 'qmail-rcpt', 'serve' ], home => $home);
	my ($one, $two);
	wait_until(sub { $one = connect_to("$home/run/rcpt/sock") });
	$two = connect_to("$home/run/rcpt/sock");
	is ask($two, 'joe@example.net'), 'yes', 'resident: the second client is not kept waiting by the first';
	is ask($one, 'joe-none@example.net'), 'no', 'resident: nor forgotten';
	close $two;

	control($home, 'rcpthosts',  "example.net\n");
	control($home, 'realrcptto', "1\n");
	unlink "$home/bin";
	mkdir "$home/bin"; # nothing to start on demand
	my $session = "MAIL FROM:<>\r\n" . join('', map { "RCPT TO:<$_\@example.net>\r\n" } qw(joe joe-none list)) . "QUIT\r\n";
	my $run = run_program(['qmail-smtpd'], home => $home, in => $session);
	is join(' ', $run->{out} =~ /^(\d+)/mg), '220 250 250 550 250 221', 'resident: qmail-smtpd asks it';
	kill 'TERM', $pid;
	is join(' ', finish_program($pid)), '0 0', 'SIGTERM ends it';
	$run = run_program(['qmail-smtpd'], home => $home, in => $session);
	is join(' ', $run->{out} =~ /^(\d+)/mg), '220 250 451 451 451 221', 'no helper at all: later';
	like $run->{err}, qr/warning .*no\\x20such\\x20helper/, 'and the log says why';

	for my $case (
		[ 'exit 0',             qr/helper\\x20(?:died|gone)/,                'dies at once' ],
		[ 'exec printf x >&0',  qr/helper\\x20(?:broke\\x20the|died|gone)/, 'talks nonsense' ],
		[ 'exec sleep 10 3<&0', qr/helper\\x20too\\x20slow/,                 'says nothing' ],
	) {
		my ($script, $why, $name) = @$case;
		spit("$home/bin/qmail-rcpt", "#!/bin/sh\n$script\n", 0755);
		control($home, 'limits', "helper_start_ms:300\n");
		my $bad = run_program(['qmail-smtpd'], home => $home, in => "MAIL FROM:<>\r\nRCPT TO:<joe\@example.net>\r\nQUIT\r\n");
		is join(' ', $bad->{out} =~ /^(\d+)/mg), '220 250 451 221', "a helper that $name: later";
		like $bad->{err}, $why, "a helper that $name: the log";
	}
	unlink "$home/bin/qmail-rcpt", "$home/control/limits";
	rmdir "$home/bin";
	symlink build() . '/bin', "$home/bin" or die;
}

# --- the same as the delivery ---------------------------------------------------------------------------

# What qmail-send would hand to qmail-lspawn: our own reading of queue 4.3 for the domains above.
sub routed {
	my ($address) = @_;
	my ($local, $domain) = $address =~ /\A(.*)\@(.*)\z/s;
	return $address if lc $domain eq 'example.net';
	return "joe-v-$address" if lc $domain eq 'v.example';
	return "joe-w-$address" if lc($domain) =~ /\.w\.example\z/;
	return "alone-$address" if lc $address eq 'one@one.example';
	return "vp.example-$address" if lc $domain eq 'vp.example';
	return undef;
}

sub addresses {
	my @words = ('joe', 'JOE', 'bob', 'list', 'owner', 'v', 'ann', 'l', 'a.b', 'a:b', 'x.y', 'default', '', '.', '..', '/', 'dir',
		'link', 'dangling', 'fifo', 'ext', 'all', 'pre.', 'pre.ann', 'half', 'in', 'deep', 'in/file', 'locked', 'lost', 'odd', 'none',
		'sub', 'q', 'w', 'e', 'x', 'y', 'l' x 31, 'l' x 32, 'l' x 40, 'nobody', 'root', 'alias', '+', '=', 'a b', "\xe4", '%', '../joe/.qmail-bob');
	my @domains = ('example.net', 'EXAMPLE.net', 'v.example', 'a.w.example', 'one.example', 'w.example', 'out.example', 'else.example', 'vp.example', 'VP.example');
	srand 20261121;
	my %all = map { $_ => 1 } map { ("$_\@example.net", "joe-$_\@example.net", "$_\@v.example", "$_\@vp.example") } @words;
	$all{ join('-', map { $words[ rand @words ] } 0 .. rand 4) . '@' . $domains[ rand @domains ] } = 1 for 1 .. 500;
	$all{$_} = 1 for 'one@one.example', 'two@one.example', 'a@b@example.net', 'list-owner-default@example.net',
	  'list-owner@example.net', '-x@example.net', 'y-@example.net', 'list-owner-' . ('z' x 300) . '@example.net',
	  'joe-' . ('z' x 300) . '@example.net', 'q-w-e-r@example.net', 'q-w-r@example.net';
	return grep { !/\A\@/ } sort keys %all;
}

my %said;
{
	pipe my $in, my $to or die;
	pipe my $from, my $out or die;
	my $spawner = start_program([ 'qmail-lspawn', '#' ], home => $home, fds => { 0 => $in, 1 => $out, 2 => \*STDERR });
	close $in;
	close $out;
	$to->autoflush(1);
	my $helper = on_demand($home);
	my ($buffer, $first, %seen, @wrong) = ('', 1);
	for my $address (addresses()) {
		my $said = $said{$address} = ask($helper->{socket}, $address);
		my $routed = routed($address);
		if (!defined $routed) {
			push @wrong, "$address: $said, but it is for others" unless $said eq 'yes';
			next;
		}
		print $to "\0003/26\0s\@example.net\0$routed\0";
		while (length $buffer < 1 + $first || index($buffer, "\0", 1 + $first) < 0) {
			IO::Select->new($from)->can_read(20) or last;
			sysread $from, $buffer, 65536, length $buffer or last;
		}
		my $report = substr $buffer, 1 + $first, 200;
		($buffer, $first) = ('', 0);
		my $class = substr $report, 0, 1;
		my %good = (K => 'yes', D => 'no', Z => 'unreadable unknown yes');
		$seen{"$class $said"}++;
		push @wrong, "$address: $said, but the delivery says $report"
		  unless grep { $_ eq $said } split / /, $good{$class} || '';
		push @wrong, "$address: no, but the delivery says $report" if $class eq 'D' && $report !~ /no mailbox here/;
	}
	close $to;
	is join(' ', finish_program($spawner)), '0 0', 'qmail-lspawn ends well';
	is finish($helper), '0 0', 'qmail-rcpt ends well';
	is join("\n", @wrong), '', 'every answer is what the delivery does';
	ok $seen{'K yes'} > 50 && $seen{"D no"} > 100 && $seen{'Z unreadable'}, 'of every kind'
	  or diag explain \%seen;
	note explain \%seen;
}

# --- the list ----------------------------------------------------------------------------------------------

sub quoted {
	my ($address) = @_;
	my ($local, $domain) = $address =~ /\A(.*)\@(.*)\z/s;
	$local =~ s/(["\\])/\\$1/g;
	return "\"$local\"\@$domain";
}

# What the list says of all addresses; it takes whatever there may be in a directory, or that
# vdelivermail may know.
sub by_list {
	my (@all) = @_;
	my $run = run_program(['qmail-smtpd'], home => $home,
		in => "MAIL FROM:<>\r\n" . join('', map { 'RCPT TO:<' . quoted($_) . ">\r\n" } @all) . "QUIT\r\n");
	my (undef, undef, @codes) = $run->{out} =~ /^(\d+)/mg;
	my %by_list;
	@by_list{@all} = map { $_ == 250 ? 'yes' : $_ == 550 ? 'no' : $_ } @codes;
	return %by_list;
}

{
	unlink "$home/control/realrcptto", "$home/control/rcpthosts"; # so every host gets so far
	my @all = sort keys %said;
	rmdir "$home/alias/.qmail-dir";
	my $run = run_program(['qmail-newrcpt'], home => $home);
	is $run->{exit}, 0, 'qmail-newrcpt' or diag $run->{err};
	is $run->{err}, join('', map { "qmail-newrcpt: warning: unable to look into $home/$_: every address there is accepted\n" }
		  'locked: Permission denied', 'lost: No such file or directory'), 'says where it could not look';
	my %by_list = by_list(@all);
	my @wrong = grep { ($said{$_} eq 'no') != ($by_list{$_} eq 'no') && !/^deep-|\@vp\.example\z/i } @all;
	is join("\n", map { "$_: $said{$_}, but $by_list{$_} by the list" } @wrong), '', 'the list says the same';
	my %counts;
	$counts{$_}++ for values %by_list;
	%by_list = by_list(my @unknown = map { "$_\@example.net" } qw(locked-x lost-x deep-in deep-x));
	is join(' ', @by_list{@unknown}), 'yes yes no yes', 'all of a home that it cannot know, but for what it does know';
	ok $counts{yes} > 200 && $counts{no} > 100, 'yes and no' or diag explain \%counts;

	mkdir "$home/alias/.qmail-dir";
	is run_program(['qmail-newrcpt'], home => $home)->{exit}, 0, 'with a directory of alias';
	%by_list = by_list(qw(nobody@example.net joe-none@example.net));
	is join(' ', map { $by_list{$_} } qw(nobody@example.net joe-none@example.net)), 'yes no', 'a directory lets in what begins like it';
}
chmod 0700, "$home/locked";
done_testing;
