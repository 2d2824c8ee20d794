#!/usr/bin/perl
# qmail-local from outside: every row of queue 4.11.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Fcntl qw(:DEFAULT :flock);
use File::Glob qw(bsd_glob);
use Qferry::Test;
use Test::More;

my $home = instance(me => "mx.example.org\n");
my $queue = use_store_queue($home);
my $message = "Subject: test\n\nbody\n";

# A user's home with the given files.
sub user {
	my (%files) = @_;
	my $dir = temp_dir();
	chmod 0755, $dir;
	spit("$dir/$_", $files{$_}, 0644) for keys %files;
	return $dir;
}

# Arguments by name; those of a plain user without an extension if not named.
sub deliver {
	my ($dir, %with) = @_;
	my %args = (user => 'joe', local => 'joe', dash => '', ext => '', domain => 'example.org',
		sender => 'me@example.net', fallback => './Mailbox', %with);
	return run_program(
		[   'qmail-local', @{ $with{options} || [] }, '--', $args{user}, $dir,
			@args{qw(local dash ext domain sender fallback)} ],
		home => $home, in => defined $with{in} ? $with{in} : $message,
		env => { QMAILQUEUE => $queue, %{ $with{env} || {} } }, %{ $with{run} || {} });
}

sub ends {
	my ($run, $exit, $out, $err, $name) = @_;
	is $run->{exit}, $exit, "$name: exit $exit";
	like $run->{out}, ref $out ? $out : qr/\A\Q$out\E\z/, "$name: report";
	like $run->{err}, ref $err ? $err : qr/\A\Q$err\E\z/, "$name: errors";
}

sub new_mail {
	my ($maildir) = @_;
	return map { slurp($_) } sort { $a cmp $b } bsd_glob "$maildir/new/*";
}

sub maildir {
	my ($dir) = @_;
	mkdir "$dir$_" for '', '/tmp', '/new', '/cur';
	return $dir;
}

my $head = "Return-Path: <me\@example.net>\nDelivered-To: joe\@example.org\n";

# --- usage --------------------------------------------------------------------------------------

my $usage = "qmail-local: usage: qmail-local [ -nN ] user homedir local dash ext domain sender aliasempty\n";
for my $bad ([], ['-x'], [ ('a') x 8 ], [ 'a', '/', ('a') x 5 ], [ 'a', '/', ('a') x 7 ]) {
	ends(run_program([ 'qmail-local', @$bad ]), 100, '', $usage, "usage: @$bad");
}

# --- the home -----------------------------------------------------------------------------------

ends(deliver('/no/such/home'), 111, '',
	"Unable to switch to /no/such/home: No such file or directory. (#4.3.0)\n", 'no home');
for my $case (
	[ 0757, 111, "Uh-oh: home directory is writable. (#4.7.0)\n" ],
	[ 01755, 111, "Home directory is sticky: user is editing his .qmail file. (#4.2.1)\n" ],
	[ 0775, 0,   '' ]) {
	my $dir = user();
	chmod $case->[0], $dir;
	ends(deliver($dir), $case->[1], $case->[1] ? '' : "did 1+0+0\n", $case->[2], sprintf 'home of mode %o', $case->[0]);
}
{
	my $dir = user();
	chmod 01755, $dir;
	ends(deliver($dir, options => ['-n']), 0, "mbox ./Mailbox\ndid 1+0+0\n",
		"Warning: home directory is sticky.\n", 'sticky home with -n');
}

# --- the loop -----------------------------------------------------------------------------------

my $looping = "This message is looping: it already has my Delivered-To line. (#5.4.6)\n";
for my $case (
	[ "A: b\nDelivered-To: joe\@example.org\n\n",                100, 'same line' ],
	[ 'X: ' . 'y' x 50000 . "\nDelivered-To: joe\@example.org\n\n", 100, 'behind a long line' ],
	[ "Delivered-To: Joe\@example.org\n\n",                      0,   'other case' ],
	[ "Delivered-To: joe\@example.org \n\n",                     0,   'a blank behind it' ],
	[ "A: b\n\nDelivered-To: joe\@example.org\n",                0,   'in the body' ],
	[ "Delivered-To: joe\@example.org",                          0,   'without a line end' ]) {
	my ($in, $exit, $name) = @$case;
	ends(deliver(user(), in => $in), $exit, $exit ? '' : "did 1+0+0\n", $exit ? $looping : '', "loop: $name");
}
ends(deliver(user(), in => "Delivered-To: joe\@example.org\n\n", options => ['-n']),
	0, "mbox ./Mailbox\ndid 1+0+0\n", '', 'loop: not with -n');

# --- which file ---------------------------------------------------------------------------------

my $no_mailbox = "Sorry, no mailbox here by that name. (#5.1.1)\n";
for my $case (
	# files, dash, ext, what -n says, DEFAULT
	[ [qw(.qmail)],                          '',  '',      '.qmail',             undef ],
	[ [qw(.qmail-a .qmail-default)],         '-', 'a',     '.qmail-a',           undef ],
	[ [qw(.qmail-a .qmail-default)],         '-', 'A',     '.qmail-a',           undef ],
	[ [qw(.qmail-a:b .qmail-default)],       '-', 'A.B',   '.qmail-a:b',         undef ],
	[ [qw(.qmail-a-b-default .qmail-default)], '-', 'a-b-C', '.qmail-a-b-default', 'C' ],
	[ [qw(.qmail-a-default .qmail-default)], '-', 'a-b-C', '.qmail-a-default',   'b-C' ],
	[ [qw(.qmail-default)],                  '-', 'a-b-C', '.qmail-default',     'a-b-C' ],
	[ [qw(.qmail-default)],                  '-', '',      '.qmail-default',     '' ],
	[ [qw(.qmail-default)],                  '-', 'x' x 300, '.qmail-default',   'x' x 300 ],
	[ [qw(.qmail-a-default)],                '-', 'a-Default', '.qmail-a-default', 'Default' ],
	[ [qw(.qmail-xdefault)],                 '-', 'xdefault', '.qmail-xdefault', 'default' ],
	[ [qw(.qmail-a-default)],                '-', 'a',     undef,                undef ],
	[ [qw(.qmail)],                          '-', 'a',     undef,                undef ]) {
	my ($files, $dash, $ext, $found, $default) = @$case;
	my $dir = user(map { $_ => "|echo \"$_ \${DEFAULT-unset}\"\n" } @$files);
	my $run = deliver($dir, dash => $dash, ext => $ext, local => "joe$dash$ext", env => { DEFAULT => 'inherited' });
	my $name = "search: $dash$ext in @$files";
	if (defined $found) {
		ends($run, 0, "$found " . (defined $default ? $default : 'unset') . "\ndid 0+0+1\n", '', $name);
	} else {
		ends($run, 100, '', $no_mailbox, $name);
	}
}
{
	my $dir = user('.qmail-default' => "|echo default\n");
	mkdir "$dir/.qmail-a";
	ends(deliver($dir, dash => '-', ext => 'a'), 0, "default\ndid 0+0+1\n", '', 'a directory does not count');
	symlink "$dir/.qmail-default", "$dir/.qmail-b";
	ends(deliver($dir, dash => '-', ext => 'b'), 0, "default\ndid 0+0+1\n", '', 'a link does');
	symlink '/no/such/file', "$dir/.qmail-c";
	ends(deliver($dir, dash => '-', ext => 'c'), 0, "default\ndid 0+0+1\n", '', 'a dangling link does not');
	chmod 0646, "$dir/.qmail-default";
	ends(deliver($dir, dash => '-', ext => 'd'), 111, '', "Uh-oh: .qmail file is writable. (#4.7.0)\n", 'writable .qmail');
	chmod 0664, "$dir/.qmail-default";
	ends(deliver($dir, dash => '-', ext => 'd'), 0, "default\ndid 0+0+1\n", '', 'writable for the group');
SKIP: {
		skip 'root may read everything', 3 if $> == 0;
		chmod 0, "$dir/.qmail-default";
		ends(deliver($dir, dash => '-', ext => 'd'), 111, '',
			"Unable to open .qmail-default: Permission denied. (#4.3.0)\n", 'unreadable .qmail');
	}
}

# --- lines --------------------------------------------------------------------------------------

my $x_file = "Uh-oh: .qmail has file delivery but has x bit set. (#4.7.0)\n";
my $x_prog = "Uh-oh: .qmail has prog delivery but has x bit set. (#4.7.0)\n";
my $blank  = "Uh-oh: first line of .qmail file is blank. (#4.2.1)\n";
for my $case (
	# file, mode, exit, -n says, error
	[ "./Maildir/\n",                  0644, 0, "maildir ./Maildir/\ndid 1+0+0\n" ],
	[ "/a b/c/  \t\n",                 0644, 0, "maildir /a b/c/\ndid 1+0+0\n" ],
	[ "/mbox\n.mbox",                  0644, 0, "mbox /mbox\nmbox .mbox\ndid 2+0+0\n" ],
	[ "| cat >x \n",                   0644, 0, "program  cat >x\ndid 0+0+1\n" ],
	[ "&a\@b\nc\@d \n& e\n",           0644, 0, "forward a\@b\nforward c\@d\nforward  e\ndid 0+3+0\n" ],
	[ "#only\n# comments\n",           0644, 0, "did 0+0+0\n" ],
	[ "#c\n\n  \na\n",                 0644, 0, "forward a\ndid 0+1+0\n" ],
	[ "\na\n",                         0644, 111, '', $blank ],
	[ " \t\na\n",                      0644, 111, '', $blank ],
	[ "a\n+list\nb\n+other\n",         0644, 0, "forward a\nforward b\ndid 0+2+0\n" ],
	[ "a\n+list\n./m/\n",              0644, 111, "forward a\n", $x_file ],
	[ "+list\n|x\n",                   0644, 111, '', $x_prog ],
	[ "a\n./m\n",                      0744, 111, "forward a\n", $x_file ],
	[ "|x\n",                          0744, 111, '', $x_prog ],
	[ '',                              0644, 0, "mbox ./Mailbox\ndid 1+0+0\n" ],
	[ '',                              0744, 0, "mbox ./Mailbox\ndid 1+0+0\n" ]) {
	my ($text, $mode, $exit, $out, $err) = @$case;
	my $dir = user('.qmail' => $text);
	chmod $mode, "$dir/.qmail";
	(my $name = $text) =~ s/\n/\\n/g;
	ends(deliver($dir, options => ['-n']), $exit, $out, $err || '', "-n: $name");
	ok !-e "$dir/Mailbox", 'and nothing is done';
}
ends(deliver(user(), options => [ '-n' ], fallback => "./Maildir/\n|x"), 0,
	"maildir ./Maildir/\nprogram x\ndid 1+0+1\n", '', 'a default delivery of two lines');
ends(deliver(user(), fallback => ''), 111, '', $blank, 'an empty default delivery');
ends(deliver(user('.qmail' => "#\n")), 0, "did 0+0+0\n", '', 'comments only: thrown away');
ends(deliver(user(), options => [ '-n', '-N' ]), 0, "did 1+0+0\n", '', '-N takes -n back');

# --- Maildir ------------------------------------------------------------------------------------

{
	my $dir = user('.qmail' => "./Mail dir/\n./Mail dir/\n");
	maildir("$dir/Mail dir");
	ends(deliver($dir), 0, "did 2+0+0\n", '', 'two maildirs');
	is_deeply [ new_mail("$dir/Mail dir") ], [ ("$head$message") x 2 ], 'both messages';
	is_deeply [ glob "$dir/Mail\\ dir/tmp/*" ], [], 'nothing in tmp';
	for my $path (glob "$dir/Mail\\ dir/new/*") {
		like $path, qr{/\d+\.M\d+P\d+Q\d+\.[^/:]+,S=(\d+)$}, 'its name';
		is -s $path, ($path =~ /,S=(\d+)$/)[0], 'its size';
		is sprintf('%o', (stat $path)[2] & 07777), '600', 'its mode';
	}
	my $odd = "From x\n>From y\r\n\0\xff";
	my $maildir = maildir(user() . '/m');
	ends(deliver(user(), fallback => "$maildir/", in => $odd, sender => "a\nb\@c\nd"), 0, "did 1+0+0\n", '', 'odd bytes');
	is_deeply [ new_mail($maildir) ], ["Return-Path: <\"a\\_b\"\@c_d>\nDelivered-To: joe\@example.org\n$odd"], 'verbatim';
	ends(deliver(user(), fallback => '/no/such/'), 111, '', "Unable to chdir to maildir. (#4.2.1)\n", 'no maildir');
	my $plain = user();
	ends(deliver(user(), fallback => "$plain/"), 111, '', "Temporary error on maildir delivery. (#4.3.0)\n", 'no tmp');
	mkdir "$plain/tmp";
	ends(deliver(user(), fallback => "$plain/"), 111, '', "Temporary error on maildir delivery. (#4.3.0)\n", 'no new');
	is_deeply [ glob "$plain/tmp/*" ], [], 'and nothing stays in tmp';
}
{
	my $maildir = maildir(user() . '/m');
	my @pids = map { start_program([ 'qmail-local', '--', 'joe', '/', 'joe', '', '', 'example.org', '', "$maildir/" ],
			home => $home, fds => { 0 => message_handle() }) } 1 .. 8;
	finish_program($_) for @pids;
	is scalar(new_mail($maildir)), 8, 'eight deliveries at once';
}

sub message_handle {
	my $path = spit(temp_dir() . '/m', $message);
	open my $in, '<', $path or die;
	return $in;
}

# --- mbox ---------------------------------------------------------------------------------------

my $from = qr/From me\@example\.net (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z][a-z] \d\d \d\d:\d\d:\d\d \d{4}\n/;
{
	my $dir = user();
	ends(deliver($dir, in => "A: b\n\nFrom x\n>From y\n>>From z\n From\nFrom\n>Fro\nFrom here"), 0, "did 1+0+0\n", '', 'mbox');
	like slurp("$dir/Mailbox"),
	  qr/\A$from\Q$head\EA: b\n\n>From x\n>>From y\n>>>From z\n From\nFrom\n>Fro\n>From here\n\n\z/, 'its lines';
	is sprintf('%o', (stat "$dir/Mailbox")[2] & 07777), '600', 'its mode';
	my $size = -s "$dir/Mailbox";
	deliver($dir, in => '', sender => '');
	like substr(slurp("$dir/Mailbox"), $size),
	  qr/\AFrom MAILER-DAEMON .*\nReturn-Path: <>\nDelivered-To: joe\@example\.org\n\n\z/, 'appended; the null sender, an empty message';
	unlink "$dir/Mailbox";
	deliver($dir, sender => "a\tb c\@d", in => 'From');
	like slurp("$dir/Mailbox"), qr/\AFrom a-b-c\@d .*\nReturn-Path: <"a\tb c"\@d>\n.*\nFrom\n\n\z/, 'blanks in the sender';
	ends(deliver(user(), fallback => '/no/such/mbox'), 111, '',
		"Unable to open /no/such/mbox: No such file or directory. (#4.2.1)\n", 'no directory');
	ends(deliver(user(), fallback => '/dev/full'), 111, '', qr{\AUnable to write /dev/full: .*\. \(#4\.3\.0\)}, 'a full disk');
}
{
	# A second writer waits for the lock; when it is free he goes on.
	my $dir = user('Mailbox' => '');
	open my $lock, '>>', "$dir/Mailbox" or die;
	flock $lock, LOCK_EX or die;
	my $pid = start_program([ 'qmail-local', '--', 'joe', $dir, 'joe', '', '', 'example.org', '', './Mailbox' ],
		home => $home, fds => { 0 => message_handle() });
	ok wait_until(sub { waits_for_lock($pid) }), 'it waits for the lock';
	is -s "$dir/Mailbox", 0, 'and has written nothing';
	close $lock;
	is_deeply [ finish_program($pid) ], [ 0, 0 ], 'and then goes on';
	ok -s "$dir/Mailbox", 'with the delivery';
}

sub waits_for_lock {
	my ($pid) = @_;
	return (slurp('/proc/locks') || '') =~ /-> FLOCK .* \Q$pid\E /;
}

# --- programs -----------------------------------------------------------------------------------

my %ends_with = (0 => 0, 99 => 0, (map { $_ => 100 } 100, 64, 65, 70, 76, 77, 78, 112), map { $_ => 111 } 1, 63, 66, 71, 74, 75, 98, 101, 111, 113, 255);
for my $code (sort { $a <=> $b } keys %ends_with) {
	my $run = deliver(user('.qmail' => "|echo said; exit $code\n|echo more\n"));
	my $more = $code == 0 ? "said\nmore\ndid 0+0+2\n" : $code == 99 ? "said\ndid 0+0+1\n" : "said\n";
	ends($run, $ends_with{$code}, $more, '', "a program's exit $code");
}
ends(deliver(user('.qmail' => "|kill -9 \$\$\n")), 111, '', "Aack, child crashed. (#4.3.0)\n", 'a program that is killed');
ends(deliver(user('.qmail' => "|cat\n|cat; pwd >where\n")), 0, "$message${message}did 0+0+2\n", '', 'each gets the whole message');
ends(deliver(user('.qmail' => "|trap - PIPE; kill -s PIPE \$\$; exit 0\n")), 111, '', "Aack, child crashed. (#4.3.0)\n",
	'SIGPIPE is at its default');
{
	my @names = qw(SENDER NEWSENDER RECIPIENT LOCAL USER HOME HOST HOST2 HOST3 HOST4 EXT EXT2 EXT3 EXT4 DEFAULT DTLINE RPLINE UFLINE);
	my $dir = user('.qmail-default' => '|' . join('; ', map { "echo \"$_=\$$_\"" } @names) . "\n");
	my $run = deliver($dir, user => 'alice', local => 'pre-A-b-c-d', dash => '-', ext => 'A-b-c-d', domain => 'one.two.three.four.org',
		sender => 'x y@example.net');
	(my $out = $run->{out}) =~ s/^UFLINE=From x-y\@example.net .*$/UFLINE=ok/m;
	is $out, <<"TEXT", 'the environment';
SENDER=x y\@example.net
NEWSENDER=x y\@example.net
RECIPIENT=pre-A-b-c-d\@one.two.three.four.org
LOCAL=pre-A-b-c-d
USER=alice
HOME=$dir
HOST=one.two.three.four.org
HOST2=one.two.three.four
HOST3=one.two.three
HOST4=one.two
EXT=A-b-c-d
EXT2=b-c-d
EXT3=c-d
EXT4=d
DEFAULT=A-b-c-d
DTLINE=Delivered-To: pre-A-b-c-d\@one.two.three.four.org

RPLINE=Return-Path: <"x y"\@example.net>

UFLINE=ok

did 0+0+1
TEXT
}

# --- forwards and their sender ------------------------------------------------------------------

{
	my $dir = user('.qmail' => "a\@example.com\n|true\n&b\n");
	my $run = deliver($dir);
	ends($run, 0, qr/\Adid 0\+2\+1\nqp \d+\n\z/, '', 'forwards');
	is_deeply [ stored_messages($home) ],
	  [ { message => "Delivered-To: joe\@example.org\n$message", sender => 'me@example.net',
			recipients => [ 'a@example.com', 'b' ], envelope => "Fme\@example.net\0Ta\@example.com\0Tb\0\0" } ],
	  'one message to both';
}
for my $case (
	[ ['.qmail-l'],                                                   'me@x',  'me@x' ],
	[ ['.qmail-l', '.qmail-l-owner'],                                 'me@x',  'joe-L-owner@example.org' ],
	[ [ '.qmail-l', '.qmail-l-owner', '.qmail-l-owner-default' ],     'me@x',  'joe-L-owner-@example.org-@[]' ],
	[ [ '.qmail-l', '.qmail-l-owner-default' ],                       'me@x',  'me@x' ],
	[ [ '.qmail-l', '.qmail-l-owner', '.qmail-l-owner-default' ],     '',      '' ],
	[ [ '.qmail-l', '.qmail-l-owner', '.qmail-l-owner-default' ],     '#@[]', '#@[]' ]) {
	my ($files, $sender, $expected) = @$case;
	my $dir = user(map { $_ => "to\@example.com\n" } @$files);
	my $before = () = stored_messages($home);
	deliver($dir, dash => '-', ext => 'L', local => 'joe-L', sender => $sender);
	my @after = stored_messages($home);
	is $after[$before]{sender}, $expected, "sender of a forward: '$sender' with @$files";
}
for my $case (
	[ 31, 100, "Unable to forward message: mail server permanently rejected message (#5.3.0).\n" ],
	[ 53, 111, "Unable to forward message: qq write error or disk full (#4.3.0).\n" ]) {
	my ($code, $exit, $text) = @$case;
	spit("$home/stored/exit", $code);
	ends(deliver(user('.qmail' => "a\n")), $exit, '', $text, "a queue that says $code");
	unlink "$home/stored/exit";
}
{
	my $before = () = stored_messages($home);
	ends(deliver(user('.qmail' => "a\n|exit 1\n")), 111, '', '', 'a program that fails behind a forward');
	ends(deliver(user('.qmail' => "a\n|exit 99\nb\n")), 0, qr/\Adid 0\+1\+1\nqp/, '', 'exit 99: earlier forwards are sent');
	my @after = stored_messages($home);
	is scalar(@after), $before + 1, 'one of the two';
	is_deeply $after[-1]{recipients}, ['a'], 'with the earlier recipient';
}

# --- the message --------------------------------------------------------------------------------

{
	pipe my $from, my $to or die;
	print $to $message;
	close $to;
	my $run = deliver(user(), run => { fds => { 0 => $from } });
	ends($run, 111, '', "Unable to rewind message. (#4.3.0)\n", 'a message in a pipe');
}
{
	sysopen my $directory, '/', O_RDONLY or die;
	my $run = deliver(user(), run => { fds => { 0 => $directory } });
	ends($run, 111, '', "Unable to read message: Is a directory. (#4.3.0)\n", 'a message that cannot be read');
}

done_testing;
