#!/usr/bin/perl
# Files that a power loss brought back without their mess/N, as may be where the file system does not keep the
# order of names (queue 1.3, 1.5): moved aside with an alert, none delivered or put into another message's bounce;
# intd/N is removed after 36 hours.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Queue;
use Qferry::Test;
use Test::More;

plan skip_all => 'as root the real users must exist' if $> == 0;

# Spawners that fail every delivery.
my $spawner = <<'SPAWNER';
#!/usr/bin/perl
$| = 1;
print chr 20;
my $bytes = '';
while (sysread STDIN, $bytes, 4096, length $bytes) {
	while ($bytes =~ s/\A(.)[^\0]*\0[^\0]*\0([^\0]*)\0//s) {
		open my $out, '>>', "$ENV{QMAILHOME}/tried" or die;
		syswrite $out, "$2\n";
		syswrite STDOUT, "$1Dfailed\n\0";
	}
}
SPAWNER

sub home {
	my (%with) = @_;
	my $home = queue_home(%with);
	spit("$home/control/me", "mx.example.org\n");
	mkdir "$home/fakes";
	spit("$home/fakes/$_", $spawner, 0755) for qw(qmail-lspawn qmail-rspawn);
	return $home;
}

sub start {
	my ($home) = @_;
	open my $log, '>', "$home/log" or die;
	return start_program([ 'qmail-start', './Maildir/' ], home => $home, fds => { 1 => $log },
		env => { PATH => "$home/fakes:" . build() . '/bin:/usr/bin:/bin', QMAILQUEUE => use_store_queue($home) });
}

sub log_has { my ($home, $pattern) = @_; return wait_until(sub { slurp("$home/log") =~ $pattern }) }

sub stop { my ($pid) = @_; kill 'TERM', $pid; return join ' ', finish_program($pid) }

my $alert = 'has no message; moved aside under a name ending in .nomess';

subtest 'info, local, remote and bounce without mess' => sub {
	my $home = home();
	my $queue = "$home/queue";
	spit("$queue/info/3/26", "Fme\@example.net\0", 0600);
	spit("$queue/$_/3/26", "Tlost\@example.org\0", 0600) for qw(local remote);
	spit("$queue/bounce/26", "<old\@example.org>:\nno\n\n", 0600);
	spit("$queue/local/4/27",  "Tlost\@example.org\0",       0600);    # no info either
	spit("$queue/remote/5/28", "Tlost\@example.org\0",       0600);
	spit("$queue/bounce/29",   "<old\@example.org>:\nno\n\n", 0600);
	spit("$queue/bounce/30",   "<old\@example.org>:\nno\n\n", 0600);
	spit("$queue/mess/7/30", 'debris', 0644);
	my $old = time() - 40 * 3600;
	utime $old, $old, "$queue/mess/7/30";
	my $suite = start($home);
	ok log_has($home, qr{^alert: \Q$_\E \Q$alert\E$}m), "$_ is reported"
	  for qw(info/3/26 local/3/26 remote/3/26 bounce/26);
	ok wait_until(sub { !grep { -e "$queue/$_" } qw(local/4/27 remote/5/28 bounce/29 mess/7/30 bounce/30) }), 'what has no info either is removed';
	is stop($suite), '0 0', 'qmail-send ends';
	is join(' ', tree_of($home)), 'bounce/26.nomess info/3/26.nomess local/3/26.nomess '
	  . 'remote/3/26.nomess', 'all are aside';
	is slurp("$home/tried"), undef, 'nothing was tried';
	is scalar(my @bounces = stored_messages($home)), 0, 'and nothing returned';
	$suite = start($home);
	ok log_has($home, qr/^status/m), 'the next start';
	is stop($suite), '0 0', 'ends';
	unlike slurp("$home/log"), qr/alert/, '... and has nothing to say of them';
};

subtest 'a message of the same number' => sub {
	my $home = home();
	is enqueue($home, "Subject: new\n\nbody\n", envelope('me@example.net', 'new@example.org'))->{exit}, 0, 'it is queued';
	my ($n) = keys %{ { messages_of($home) } };
	my $part = $n % 23;
	spit("$home/queue/bounce/$n", "<old\@example.org>:\nsecret of another message\n\n", 0600);
	spit("$home/queue/local/$part/$n", "Told\@example.org\0", 0600);
	my $suite = start($home);
	ok log_has($home, qr/^end msg $n$/m), 'it comes to its end';
	is stop($suite), '0 0', 'qmail-send ends';
	is slurp("$home/tried"), "new\@example.org\n", 'its own recipient was tried';
	my ($bounce) = stored_messages($home);
	like $bounce->{message}, qr/^<new\@example\.org>:\nfailed/m, 'the bounce has its own failure';
	unlike $bounce->{message}, qr/secret/, '... and not that of another message';
};

for my $big_todo (0, 1) {
	subtest 'intd without mess' . ($big_todo ? ', in parts' : '') => sub {
		my $home = home(big_todo => $big_todo);
		my $path = sub { my ($dir, $n) = @_; return "$home/queue/$dir/" . ($big_todo ? $n % 23 . '/' : '') . $n };
		my $old = time() - 40 * 3600;
		spit($path->('intd', $_), "u0\0p1\0F\0Tx\@y\0", 0644) for 26, 27, 28;
		spit("$home/queue/mess/4/27", 'being written', 0644);
		utime $old, $old, $path->('intd', $_) for 26, 27;
		spit("$home/in", '');
		open my $in, '<', "$home/in" or die;
		is run_program(['qmail-clean'], home => $home, fds => { 0 => $in })->{exit}, 0, 'qmail-clean';
		ok !-e $path->('intd', 26), 'the old one is removed';
		ok -e $path->('intd', 27), 'one with its mess/N stays';
		ok -e $path->('intd', 28), 'a young one stays';
	};
}

done_testing;
