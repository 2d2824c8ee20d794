#!/usr/bin/perl
# What qmail-send says of trouble (queue 4.6): each warning and alert that other tests do not meet, letter for letter, and
# the message, which is delivered once the trouble is over.
# nosan: strace, and a limit of the memory.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Send;
use Qferry::Test;
use Test::More;

plan skip_all => 'root is refused nothing' if $> == 0;

# A message that waits for its first delivery: (home, number, part).
sub waiting {
	my ($to) = @_;
	my $home = home();
	my $send = start($home);
	enqueue($home, 's@example.net', $to || 'joe@remote.example');
	answer($send, $to ? LOCAL : REMOTE, "Zlater\n");
	log_until($send, qr/deferral: later\//) or die 'no deferral';
	stop($send);
	my ($n) = path($home, 'mess') =~ /(\d+)$/;
	return ($home, $n, $n % 23);
}

# Messages that nobody has looked at.
sub arrived {
	my $home = home();
	enqueue($home, 's@example.net', 'joe@remote.example');
	my ($n) = (glob "$home/queue/todo/*")[0] =~ /(\d+)$/;
	return ($home, $n, $n % 23);
}

# It listens to signals once it has said the first line; this one makes it try all.
sub hurry { my ($send) = @_; log_until($send, qr/^status: .*\n/m); kill 'ALRM', $send->{pid} }

sub warns { my ($send, $text, $name) = @_; ok log_until($send, qr/^warning: \Q$text\E\n/m), $name // $text or diag $send->{text} }

# Now the message goes out, by this qmail-send or a new one.
sub goes_out {
	my ($home, $send) = @_;
	stop($send) if $send;
	$send = start($home);
	hurry($send);
	answer($send, REMOTE, "Kok\n");
	ok log_until($send, qr/^end msg /m), '... it is delivered in the end' or diag $send->{text};
	stop($send);
}

sub under_strace {
	my ($only, @inject) = @_;
	return [ '/usr/bin/strace', '-D', '-qq', '-o', '/dev/null', (map { ('-P', $_) } @$only), (map { ('-e', "inject=$_") } @inject), program('qmail-send') ];
}

# --- files that cannot be opened, made, read, written ---------------------------------------------------------------------

for my $dir ('info', 'remote') {
	my ($home, $n, $part) = waiting();
	chmod 0, "$home/queue/$dir/$part/$n";
	my $send = start($home);
	hurry($send);
	warns($send, "unable to open $dir/$part/$n; will try again later");
	chmod 0600, "$home/queue/$dir/$part/$n";
	goes_out($home, $send);
}
{
	my ($home, $n) = arrived();
	chmod 0, "$home/queue/todo/$n";
	my $send = start($home);
	warns($send, "unable to open todo/$n; will try again later");
	chmod 0644, "$home/queue/todo/$n";
	goes_out($home, $send);
}
{
	my ($home, $n, $part) = arrived();
	chmod 0500, "$home/queue/info/$part";
	my $send = start($home);
	warns($send, "unable to create info/$part/$n; will try again later");
	chmod 0700, "$home/queue/info/$part";
	goes_out($home, $send);
}
{
	my ($home, $n, $part) = arrived();
	spit("$home/queue/local/$part/$n", 'stale');
	chmod 0500, "$home/queue/local/$part";
	my $send = start($home);
	warns($send, "unable to unlink local/$part/$n; will try again later");
	chmod 0700, "$home/queue/local/$part";
	goes_out($home, $send);
}
{
	my ($home, $n, $part) = waiting();
	my $send = start($home);
	hurry($send);
	my $command = command($send, REMOTE);
	chmod 0500, "$home/queue/remote/$part";
	report($send, REMOTE, $command->{delnum}, "Kok\n");
	warns($send, "unable to unlink remote/$part/$n; will try again later", 'unable to unlink, at the end');
	chmod 0700, "$home/queue/remote/$part";
	stop($send);
	$send = start($home);
	hurry($send);
	ok log_until($send, qr/^end msg $n\n/m), '... it is gone in the end, and not sent again' or diag $send->{text};
	stop($send);
}
{
	my ($home, $n, $part) = arrived();
	my $send = start($home, argv => [ '/bin/sh', '-c', 'ulimit -f 0; exec "$@"', 'sh', program('qmail-send') ]);
	warns($send, "trouble writing to info/$part/$n; will try again later");
	goes_out($home, $send);
}
{
	my ($home, $n) = arrived();
	my $todo = slurp("$home/queue/todo/$n");
	spit("$home/queue/todo/$n", $todo =~ s/F.*//sr);
	my $send = start($home);
	warns($send, "trouble reading todo/$n; will try again later");
	spit("$home/queue/todo/$n", $todo);
	goes_out($home, $send);
}
{
	my ($home, $n, $part) = waiting();
	my $send = start($home);
	hurry($send);
	my $command = command($send, REMOTE);
	chmod 0400, "$home/queue/remote/$part/$n";
	report($send, REMOTE, $command->{delnum}, "Kok\n");
	warns($send, "trouble marking remote/$part/$n; message will be delivered twice!");
	chmod 0600, "$home/queue/remote/$part/$n";
	stop($send);
}
{
	my $home = home();
	my $send = start($home);
	enqueue($home, 's@example.net', 'joe@remote.example');
	answer($send, REMOTE, "Zlater\n");
	log_until($send, qr/deferral: later\//);
	my $file = path($home, 'remote');
	rename $file, "$home/kept";
	stop($send);
	my $name = $file =~ s{.*/queue/}{}r;
	like $send->{text}, qr{^warning: unable to utime $name; message will be retried too soon\n}m, 'unable to utime';
	rename "$home/kept", $file;
	goes_out($home);
}

# --- what the system refuses ----------------------------------------------------------------------------------------------

SKIP: {
	my ($home, $n, $part) = arrived();
	my $trial = run_program([ '/usr/bin/strace', '-o', '/dev/null', '/bin/true' ]);
	skip 'strace does not work here', 8 if $trial->{exit} != 0;
	my $send = start($home, argv => under_strace([ "$home/queue/info/$part/$n" ], 'fsync:error=EIO:when=1'));
	warns($send, "trouble fsyncing info/$part/$n; will try again later");
	goes_out($home, $send);

	($home, $n, $part) = waiting();
	$send = start($home, argv => under_strace([], 'poll:error=ENOMEM:when=3'));
	hurry($send);
	warns($send, 'trouble in select');
	goes_out($home, $send);

	($home, $n, $part) = waiting();
	$send = start($home, argv => under_strace([ "$home/queue/remote/$part/$n" ], 'read,pread64:error=EIO:when=1'));
	hurry($send);
	warns($send, "trouble reading remote/$part/$n; will try again later");
	goes_out($home, $send);

	($home, $n, $part) = waiting();
	$send = start($home, argv => under_strace([], 'pipe2:error=EMFILE'));
	hurry($send);
	answer($send, REMOTE, "Dno\n");
	warns($send, 'unable to start qmail-queue, will try later');
	stop($send);
	$send = start($home);
	ok log_until($send, qr/^bounce msg $n qp \d+\n/m), '... the bounce goes out in the end' or diag $send->{text};
	stop($send);
}

# --- it cannot start, or not go on ------------------------------------------------------------------------------------------

sub cannot_start {
	my ($home, $why, %env) = @_;
	my $send = start($home, clean => 0, env => \%env);
	is wait_for_end($send), '111 0', "$why: 111";
	is $send->{text}, "alert: cannot start: $why\n", '... and why';
}
cannot_start(home(), 'unable to switch to home directory', QMAILHOME => '/no/such/home');
{
	my $home = home();
	unlink "$home/queue/lock/sendmutex";
	cannot_start($home, 'unable to open mutex');
	rename "$home/queue", "$home/other";
	cannot_start($home, 'unable to switch to queue directory');
}
{
	my ($home, $n, $part) = waiting();
	my $send = start($home);
	log_until($send, qr/^status: /m);
	for my $file ('virtualdomains', 'concurrencyremote') {
		mkdir "$home/control/$file";
		kill 'HUP', $send->{pid};
		ok log_until($send, qr{^alert: unable to reread control/$file\n}m), "HUP: unable to reread control/$file" or diag $send->{text};
		rmdir "$home/control/$file";
	}
	goes_out($home, $send);
}
SKIP: {
	skip 'no prlimit', 3 unless -x '/usr/bin/prlimit';
	my $home = home();
	my $send = start($home);
	log_until($send, qr/^status: /m);
	system('/usr/bin/prlimit', "--pid=$send->{pid}", '--as=4096') == 0 or die 'prlimit';
	control($home, virtualdomains => join '', map { "v$_.example:joe\n" } 1 .. 50_000);
	kill 'HUP', $send->{pid};
	like wait_for_end($send), qr/^111 /, 'no memory: 111';
	like $send->{text}, qr/^alert: out of memory, sleeping\.\.\.\n/m, '... and why';
	enqueue($home, 's@example.net', 'joe@remote.example');
	$send = start($home);
	is answer($send, REMOTE, "Kok\n")->{recipient}, 'joe@remote.example', '... a new one goes on';
	stop($send);
}
done_testing;
