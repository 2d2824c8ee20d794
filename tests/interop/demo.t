#!/usr/bin/perl
# The demo as a user runs it, then the clients that people have, through its gateway into the
# provider's Maildir; at last a thousand messages at once, each of which must arrive exactly once.
#
# peers: postfix
use strict;
use warnings;
use FindBin;
use File::Glob qw(:bsd_glob);
use IO::Socket::INET;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);
use lib "$FindBin::Bin/../lib";
use Qferry::Test;

for my $tool (qw(tcpserver svscan supervise multilog openssl)) {
	plan skip_all => "$tool is not installed" if system("command -v $tool >/dev/null") != 0;
}

# Two neighbouring ports that are free now; the demo says so itself if one is lost until it starts.
sub free_ports {
	for (1 .. 100) {
		my $one = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0) or next;
		my $port = $one->sockport;
		return $port
		    if IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => $port + 1);
	}
	die 'no two neighbouring ports are free';
}

my $dir = temp_dir();
my $port = free_ports();
my $output = "$dir/output";
my $pid = fork // die "fork: $!";
if ($pid == 0) {
	setpgrp(0, 0);
	open(STDIN, '<', '/dev/null');
	open(STDOUT, '>', $output);
	open(STDERR, '>&', \*STDOUT);
	$ENV{DEMO_PORT} = $port;
	$ENV{DEMO_DIR} = "$dir/demo here"; # a checkout may be below a name with a blank
	delete $ENV{ONCE};
	exec Qferry::Test::top() . '/setup/demo', Qferry::Test::build();
	exit 127;
}
END { local $?; kill 'TERM', $pid if $pid }

my $maildir = "$dir/demo here/provider/alias/Maildir/new";

# Wait until the condition holds: true, or false when the demo ended or after a minute.
sub until_true {
	my ($condition) = @_;
	my $end = time + 120;
	until ($condition->()) {
		return 0 if time > $end || waitpid($pid, WNOHANG) == $pid;
		sleep 0.05;
	}
	return 1;
}

sub messages { return glob("$maildir/*") }
sub said { my ($pattern) = @_; return (slurp($output) // '') =~ $pattern }

ok(until_true(sub { said(qr/It keeps running/) }), 'the demo runs') or do {
	diag slurp($output);
	done_testing();
	exit;
};
my @first = messages();
is(scalar @first, 1, 'one message arrived');
my $message = slurp($first[0]);
like($message, qr/^Subject: over the water$/m, 'it is the one the client sent');
like($message, qr/^  by provider\.example with ESMTPSA \(TLSv1\.3 /m, 'it came by verified TLS and AUTH');
like($message, qr/^  by gateway\.example with SMTP;/m, 'it went in by SMTP');
ok(said(qr/over the water/), 'the demo shows it');

# A port that cannot be had is named, and the demo that runs is left alone.
for my $row ([ $port, qr/port $port on 127\.0\.0\.1 is taken; choose another/ ], [ 'x', qr/DEMO_PORT=x is no port/ ]) {
	my ($wanted, $answer) = @$row;
	my $text = do {
		local @ENV{qw(DEMO_PORT DEMO_DIR)} = ($wanted, "$dir/other");
		my ($demo, $build) = (Qferry::Test::top() . '/setup/demo', Qferry::Test::build());
		`'$demo' '$build' 2>&1`;
	};
	ok($? != 0, "DEMO_PORT=$wanted is refused");
	like($text, $answer, 'and the demo says why');
}
ok(said(qr/delivery 1: success: /), 'the demo shows the log of the queue');

# --- clients from Debian ---
sub client {
	my ($name, $command) = @_;
	SKIP: {
		skip("$name is not installed", 2) if system("command -v $name >/dev/null") != 0;
		my $before = () = messages();
		my $said = `$command 2>&1`;
		is($? >> 8, 0, "$name sends") or diag $said;
		ok(until_true(sub { grep { slurp($_) =~ /^Subject: from $name$/m } messages() }),
			"the message of $name arrives");
	}
}

spit("$dir/mail", "From: <a\@example.org>\nTo: <friend\@inbox.example>\nSubject: from NAME\n\nbody\n");
sub mail { my ($name) = @_; return "sed s/NAME/$name/ $dir/mail" }

client('swaks', "swaks --server 127.0.0.1:$port --helo client.example --from a\@example.org"
    . ' --to friend@inbox.example --header "Subject: from swaks" --body body');
client('curl', mail('curl') . " > $dir/curl; curl -sS smtp://127.0.0.1:$port/client.example"
    . " --mail-from a\@example.org --mail-rcpt friend\@inbox.example --upload-file $dir/curl --crlf");
client('msmtp', mail('msmtp') . " | msmtp --file=/dev/null --host=127.0.0.1 --port=$port --tls=off"
    . ' --auth=off --domain=client.example --from=a@example.org friend@inbox.example');
client('s-nail', "printf 'body\\n' | HOME=$dir s-nail -:/ -Sv15-compat -Ssendcharsets=utf-8"
    . " -Smta=smtp://127.0.0.1:$port -Ssmtp-auth=none -Shostname=client.example"
    . ' -r a@example.org -s "from s-nail" friend@inbox.example');

# --- many at once ---
my $before = () = messages();
my ($sessions, $each) = (10, 20);
my @children;
for my $session (1 .. $sessions) {
	my $child = fork // die "fork: $!";
	if ($child == 0) {
		$pid = 0;
		exit send_many($session, $each);
	}
	push @children, $child;
}
my $failed = 0;
for (@children) { waitpid($_, 0); $failed++ if $? }
is($failed, 0, 'two hundred messages are accepted, ten sessions at once');

sub send_many {
	my ($session, $count) = @_;
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or return 1;
	my $expect = sub { my ($code) = @_; my $l; do { $l = <$s> // return 0 } while $l =~ /^\d+-/; $l =~ /^$code/ };
	$expect->(220) or return 1;
	print $s "EHLO client.example\r\n";
	$expect->(250) or return 1;
	for my $n (1 .. $count) {
		print $s "MAIL FROM:<a\@example.org>\r\nRCPT TO:<friend\@inbox.example>\r\nDATA\r\n";
		$expect->($_) or return 1 for 250, 250, 354;
		print $s "Subject: many $session.$n.\r\n\r\nbody\r\n.\r\n";
		$expect->(250) or return 1;
	}
	print $s "QUIT\r\n";
	return $expect->(221) ? 0 : 1;
}

ok(until_true(sub { my $now = () = messages(); $now >= $before + $sessions * $each }),
	'two hundred messages arrive');
my %seen;
for (messages()) {
	$seen{$1}++ if slurp($_) =~ /^Subject: many (\S+)$/m;
}
is(scalar keys %seen, $sessions * $each, 'each of them is there');
is((grep { $_ != 1 } values %seen), 0, 'none is there twice');

SKIP: {
	my $peers = Qferry::Test::top() . '/tests/peers';
	chomp(my $postfix = `'$peers' postfix 2>/dev/null` // '');
	skip('the postfix package cannot be had: no smtp-source', 3) unless $postfix;
	my $before_source = () = messages();
	system("$postfix/run", '/usr/sbin/smtp-source', '-s', '20', '-m', '1000', '-f', 'a@example.org',
		'-t', 'friend@inbox.example', '-M', 'client.example', '-S', 'from smtp-source', "127.0.0.1:$port");
	is($?, 0, "Postfix's smtp-source sends a thousand messages, twenty sessions at once");
	ok(until_true(sub { my $now = () = messages(); $now >= $before_source + 1000 }), 'they arrive');
	my %ids;
	for (messages()) {
		my $text = slurp($_);
		next unless $text =~ /^Subject: from smtp-source$/m;
		$ids{$1}++ if $text =~ /^Message-Id: (\S+)/mi;
	}
	is(join(' ', scalar keys %ids, grep { $_ != 1 } values %ids), '1000', 'each exactly once');
}

kill 'INT', $pid;
is(waitpid($pid, 0), $pid, 'the demo ends when it is interrupted');
$pid = 0;
ok(!IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port), 'nothing listens any more');

done_testing();
