#!/usr/bin/perl
# What the programs besides qmail-smtpd take at most, with the largest that their limits let in (DESIGN 4 and 7):
# 16 MB of address space for those that deliver and queue; of memory, for the helpers.
# nosan: the sanitizers want memory of their own
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Handle;
use IO::Select;
use Qferry::Remote;
use Qferry::Test;
use Qferry::Tls;
use Socket qw(AF_UNIX SOCK_SEQPACKET SOCK_STREAM PF_UNSPEC);
use Test::More;

my @bounded = ('/bin/sh', '-c', 'ulimit -v 16384 && exec "$@"', 'sh');
my $line = 'x' x 70 . "\n";
my $large = "Subject: large\n\n" . $line x 300_000;    # 21 MB

# The most memory that a process has had, in KB.
sub peak { my ($pid) = @_; return (slurp("/proc/$pid/status") // '') =~ /^VmHWM:\s+(\d+)/m ? $1 : undef }

# --- within 16 MB of address space ------------------------------------------------------------------------------

{
	my $run = run_program([ '/bin/sh', '-c', 'ulimit -v 16384 && exec perl -e "\$x = q(x) x 30_000_000"' ]);
	isnt("$run->{exit} $run->{signal}", '0 0', 'the bound is one');
}

# Replies of 64 KB in 99 lines to everything, 400 recipients, a large message.
{
	my $long = 'times:98:250-' . 'x' x 640 . '\r\nthen:250 ok';
	my $run = remote(join('', map { "$_ $long\n" } qw(mail rcpt dot)) . "data times:98:354-" . 'x' x 640 . "\\r\\nthen:354 go\n",
		argv => [ 'dest.example', 's@a', map {"r$_\@dest.example"} 1 .. 400 ], in => $large, wrap => \@bounded);
	like($run->{out}, qr/\A(?:r\0){400}K\Q$P\E accepted message/, 'qmail-remote: long replies, many recipients, a large message') or diag substr $run->{out}, 0, 300;
	$run = remote("dot flood:250-x\n", in => $large, wrap => \@bounded);
	like($run->{out}, qr/\Ar\0Z/, 'qmail-remote: a reply without end');
	$run = remote("greeting flood:x\n", wrap => \@bounded);
	like($run->{out}, qr/\AZ/, 'qmail-remote: a line without end');
}

# A .qmail of 1 MB with as many forwards as fit, and a Maildir for a large message.
{
	my $home = instance(me => "mx.example.org\n");
	my $dir = temp_dir();
	my $queue = spit("$dir/queue", "#!/bin/sh\ncat >/dev/null\ncat <&1 >/dev/null\nexit 0\n", 0755);
	mkdir "$dir/Maildir$_" for '', '/tmp', '/new', '/cur';
	my $forwards = join '', map {"&someone$_\@elsewhere.example\n"} 1 .. 30_000;
	spit("$dir/.qmail", "./Maildir/\n$forwards", 0644);
	cmp_ok(-s "$dir/.qmail", '>', 900_000, 'a large .qmail');
	my $run = run_program([ @bounded, program('qmail-local'), '--', 'joe', $dir, 'joe', '', '', 'example.org', 'me@example.net', './Mailbox' ],
		home => $home, in => $large, env => { QMAILQUEUE => $queue }, limit => 60);
	is($run->{exit}, 0, 'qmail-local: 30000 forwards, a large message') or diag $run->{out}, $run->{err};
	my ($file) = glob "$dir/Maildir/new/*";
	cmp_ok(-s $file, '>', length $large, '... delivered');
}

# A header of 64 KB of addresses in front of a large body; one that is over the limit is refused.
{
	my $home = instance(me => "mx.example.org\n");
	my $queue = spit("$home/queue", "#!/bin/sh\ncat >/dev/null\nexec 3<&1\ncat <&3 | tr '\\0' '\\n' | grep -c '^T' >$home/count\nexit 0\n", 0755);
	my $to = 'To: ' . join(",\n ", map {"someone$_\@elsewhere.example"} 1 .. 2000) . "\n";
	my $run = run_program([ @bounded, program('qmail-inject') ], home => $home, in => "$to$large", env => { QMAILQUEUE => $queue }, limit => 60);
	is("$run->{exit} " . slurp("$home/count"), "0 2000\n", 'qmail-inject: 2000 recipients, a large message') or diag $run->{err};
	$run = run_program(['qmail-inject'], home => $home, in => "X: y$line" x 230_000 . "\nbody\n", env => { QMAILQUEUE => $queue }, limit => 60);
	is("$run->{exit} $run->{err}", "100 qmail-inject: fatal: the header is too long\n", 'qmail-inject: a header over 16 MB');
	$run = run_program([ @bounded, program('qmail-inject') ], home => $home, in => 'To: ' . 'a,' x 1_000_000 . "\n\nbody\n", env => { QMAILQUEUE => $queue }, limit => 60);
	is($run->{exit}, 111, 'qmail-inject: out of memory is for later');
}

# A message with 300 000 recipients is told of, not kept in memory.
{
	my $home = instance(me => "mx.example.org\n");
	queue_tree($home);
	my $count = 300_000;
	spit("$home/queue/mess/5/5", "Subject: t\n\n");
	spit("$home/queue/info/5/5", "Fme\@example.net\0");
	spit("$home/queue/remote/5/5", join '', map {"Tsomeone$_\@remote.example\0"} 1 .. $count);
	for my $how ([ 'list', '--json' ], [ 'show', '--json', '5' ], [ 'show', '5' ]) {
		my $run = run_program([ @bounded, program('qmail-q'), @$how ], home => $home, limit => 60);
		is("$run->{exit} $run->{err} " . (() = $run->{out} =~ /\@remote\.example/g), "0  $count", "qmail-q @$how: $count recipients");
	}
}

# 8 MB of envelope and a large message go through qmail-queue.
{
	my $home = instance(me => "mx.example.org\n");
	queue_tree($home);
	pipe my $from, my $to or die;
	spit("$home/message", $large);
	open my $in, '<', "$home/message" or die;
	my $pid = start_program([ @bounded, program('qmail-queue') ], home => $home, fds => { 0 => $in, 1 => $from });
	close $from;
	local $SIG{PIPE} = 'IGNORE';
	print $to "Fme\@example.net\0", map({ 'T' . 'x' x 800 . "$_\@example.org\0" } 10001 .. 20000), "\0";
	close $to;
	is(join(' ', finish_program($pid, 60)), '0 0', 'qmail-queue: 8 MB of envelope, a large message');
}

# --- helpers: memory ----------------------------------------------------------------------------------------------

# What qmail-control(5) says of each, in KB.
my %most = ('qmail-dns' => 16384, 'qmail-rcpt' => 16384, 'qmail-state' => 16384, 'qmail-tls' => 24576);

sub is_within {
	my ($pid, $name, $what) = @_;
	my $peak = peak($pid);
	ok(defined $peak && $peak <= $most{$name}, "$name: $what") or diag "$peak KB";
	note "$name: $peak KB" if defined $peak;
}

sub frame {
	my ($kind, $id, @fields) = @_;
	return pack('a2CCNNCCn', 'QF', 1, $kind, $id, 20_000, 0, 0, 0) . join '', map { pack 'nn/a*', @$_ } @fields;
}

# Started on demand with one end of a socket.
sub on_demand {
	my ($home, @argv) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_SEQPACKET, PF_UNSPEC or die;
	return (start_program(\@argv, home => $home, fds => { 0 => $theirs }), $ours);
}

# Its answers to these frames; then what it has taken.
sub asked {
	my ($home, $name, $what, @frames) = @_;
	my ($pid, $socket) = on_demand($home, $name);
	my $answers = 0;
	for my $frame (@frames) {
		syswrite $socket, $frame or last;
		IO::Select->new($socket)->can_read(20) && sysread($socket, my $answer, 65536) or last;
		$answers++ if unpack('x12C', $answer) == 0;
	}
	is($answers, scalar @frames, "$name: answers");
	is_within($pid, $name, $what);
	close $socket;
	finish_program($pid);
}

{
	my $home = instance();
	mkdir "$home/state";
	mkdir "$home/state/db";
	# Records of the largest key and value, until the store is full twice over.
	spit("$home/control/limits", "state_bytes:4194304\n");
	my $n = 0;
	my $op = sub { [ 64, pack 'CCCC/a*NNNNQ>C/a*', 3, 0, 0, sprintf('%0255d', $n++), 0, 0, 0, 4000, 0, 'v' x 255 ] };
	asked($home, 'qmail-state', 'a store that is full', map { frame(64, $_, map { $op->() } 1 .. 16) } 1 .. 1000);
	my $dns = start_dns(join '', map { my $name = $_; map { qq(t$name.example TXT "$_) . 'x' x 240 . qq("\n) } 1 .. 190 } 1 .. 32);
	asked(instance(resolvers => "127.0.0.1:$dns->{port}\n"), 'qmail-dns', 'answers of 48 KB by TCP, 32 at once',
		map { frame(16, $_, map { [ 16, pack 'na*', 16, "t$_.example" ] } 1 .. 32) } 1 .. 4);
	asked(instance(), 'qmail-rcpt', 'long addresses', map { frame(80, $_, [ 80, 'x' x 4080 . '@example.org' ]) } 1 .. 50);
}

# Sessions in TLS one after another in one process, with a large message in each direction.
SKIP: {
	skip 'no openssl', 2 if system('command -v openssl >/dev/null 2>&1') != 0;
	my $certs = temp_dir();
	self_signed($certs, 'mx', key => 'rsa');
	my $home = instance(me => "mx.example.org\n", 'servercert.pem' => pem($certs, 'mx.key', 'mx.crt'));
	my $listener = listen_local();
	open my $said, '>', "$home/said" or die;
	pipe my $in, my $to or die;
	my $client = start_program([ '/usr/bin/openssl', 's_client', '-connect', '127.0.0.1:' . $listener->sockport, '-quiet', '-no_ign_eof' ],
		fds => { 0 => $in, 1 => $said });
	my $connection = $listener->accept or die;
	my $driver = start_driver($home, $connection, 'server');
	close $_ for $connection, $in;
	# The driver sends back what it gets.
	print $to $line x 100_000, "the end\n";
	$to->flush;
	ok(wait_until(sub { -s "$home/said" > 7_000_000 && slurp("$home/said") =~ /^the end$/m }, 60), 'qmail-tls: 7 MB there and back');
	my ($helper) = driver_children($driver);
	my $peak = peak($helper);
	close $to;
	finish_program($client);
	finish_driver($driver);
	ok($peak && $peak <= $most{'qmail-tls'}, 'qmail-tls: 7 MB of a session') or diag $peak // 'not seen';
	note 'qmail-tls: ' . ($peak // '?') . ' KB';
}

done_testing;
