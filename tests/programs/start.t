#!/usr/bin/perl
# start: qmail-start without root: what each program gets (queue 4.1), and a message through the
# whole suite.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Qferry::Test;
use Test::More;

plan skip_all => 'as root the real users must exist: tests/root/start.t' if $> == 0;

# --- fake programs that write down what they are given ---------------------------------------------------

sub fakes {
	my ($home, @names) = @_;
	mkdir "$home/fakes";
	mkdir "$home/seen";
	for my $name (@names) {
		spit("$home/fakes/$name", <<"END", 0755);
#!/usr/bin/perl
my %fd = map { \$_ => readlink "/proc/self/fd/\$_" } map { m{(\\d+)\$} } glob '/proc/self/fd/*';
open my \$out, '>', "$home/seen/$name.part";
my \@own = grep { \$_ > 2 && \$fd{\$_} =~ m{fakes/|/proc/} || \$fd{\$_} eq '' } keys %fd;
delete \@fd{\@own};
my \$mask = sprintf '%03o', umask;
my \$cwd = readlink '/proc/self/cwd';
s/:\\[\\d+\\]// for values %fd;
print \$out "argv: \@ARGV\\ncwd: \$cwd\\numask: \$mask\\nenv: \$ENV{KEPT}\\n";
print \$out "\$_: \$fd{\$_}\\n" for sort { \$a <=> \$b } keys %fd;
close \$out;
rename "$home/seen/$name.part", "$home/seen/$name";
END
	}
}

sub start {
	my ($home, @arguments) = @_;
	open my $leaked, '<', '/dev/zero' or die;
	open my $log, '>', "$home/log" or die;
	return start_program([ 'qmail-start', @arguments ], home => $home, dir => $home,
		env => { PATH => "$home/fakes:$home/bin:/usr/bin:/bin", KEPT => 'yes' }, fds => { 1 => $log, 9 => $leaked });
}

my @all = qw(qmail-send qmail-lspawn qmail-rspawn qmail-clean);
my $common = "cwd: /\numask: 077\nenv: yes\n";
{
	my $home = instance(me => "mx.example.org\n");
	fakes($home, @all);
	my $pid = start($home);
	finish_program($pid);
	ok wait_until(sub { !grep { !-e "$home/seen/$_" } @all }), 'all four are started';
	for my $name (@all[ 1 .. 3 ]) {
		my $argv = $name eq 'qmail-lspawn' ? './Mailbox' : '';
		is slurp("$home/seen/$name"), "argv: $argv\n${common}0: pipe\n1: pipe\n2: /dev/null\n", $name;
	}
	like slurp("$home/seen/qmail-send"), qr{\Aargv: \n\Q$common\E0: \Q$home\E/log\n(?:[1-6]: pipe\n){6}\z},
	  'qmail-send: its log is standard output, nothing above 6';
}
{
	my $home = instance(me => "mx.example.org\n");
	fakes($home, @all, 'logger');
	my $pid = start($home, "line one\nline two", 'logger', 'a', 'b');
	finish_program($pid);
	ok wait_until(sub { !grep { !-e "$home/seen/$_" } @all, 'logger' }), 'with a logger';
	is slurp("$home/seen/logger"), "argv: a b\n${common}0: pipe\n1: $home/log\n2: /dev/null\n", 'the logger';
	like slurp("$home/seen/qmail-lspawn"), qr/\Aargv: line one\nline two\n/, 'the default delivery';
	like slurp("$home/seen/qmail-send"), qr{^0: pipe\n1: pipe\n}m, 'the log is a pipe';
}
is run_program(['qmail-start'], home => '/nonexistent', dir => '/')->{exit}, 111, 'no home: 111';
{
	my $home = instance(me => "mx.example.org\n");
	my $run = run_program(['qmail-start'], home => $home, env => { PATH => '/nonexistent' });
	is "$run->{exit} '$run->{out}$run->{err}'", "111 ''", 'nothing in PATH: 111, and not a word';
}

# --- the whole suite -----------------------------------------------------------------------------------------

sub enqueue {
	my ($home, $sender, @recipients) = @_;
	spit("$home/envelope", "F$sender\0" . join('', map { "T$_\0" } @recipients) . "\0");
	open my $envelope, '<', "$home/envelope" or die;
	return run_program(['qmail-queue'], home => $home, in => "Subject: t\n\nbody\n", fds => { 1 => $envelope })->{exit};
}

{
	my $home = instance(me => "mx.example.org\n");
	queue_tree($home);
	mkdir "$home/fakes";
	spit("$home/alias/.qmail-$_", "./Maildir/\n", 0644) for qw(joe postmaster);
	chmod 0755, "$home/alias";
	for my $dir ('', qw(/new /cur /tmp)) { mkdir "$home/alias/Maildir$dir"; chmod 0700, "$home/alias/Maildir$dir" }
	my $pid = start($home, './Maildir/');
	is enqueue($home, 'joe@mx.example.org', 'joe@mx.example.org', 'nobody@mx.example.org'), 0, 'queued';
	ok wait_until(sub { slurp("$home/log") =~ /(?:^end msg .*){2}/ms }), 'delivered and bounced';
	ok wait_until(sub { my @files = glob "$home/queue/mess/*/*"; !@files }), 'the queue is empty';
	kill 'TERM', $pid;
	is join(' ', finish_program($pid)), '0 0', 'TERM: exit 0';
	my $log = slurp("$home/log");
	like $log, qr/success: did_1\+0\+0\//, 'a local delivery';
	like $log, qr/failure: Sorry,_no_mailbox_here_by_that_name\._\(#5\.1\.1\)\//, 'a failure';
	like $log, qr/info msg \d+: bytes \d+ from <> qp (\d+) uid $>\n/, 'the bounce is a message';
	my @new = map { slurp($_) } glob "$home/alias/Maildir/new/*";
	is scalar @new, 2, 'the message and the bounce';
	is scalar(grep { /^Subject: failure notice$/m } @new), 1, 'one of each';
	like join('', grep { !/failure/ } @new), qr/\AReturn-Path: <joe\@mx\.example\.org>\nDelivered-To: joe\@mx\.example\.org\nReceived: /, 'with its header';
	like $log, qr/status: exiting\n\z/, 'the last line';
}

done_testing();
