#!/usr/bin/perl
# qmail-passwd and qmail-authcdb from outside: users/auth, what it becomes, and who gets in
# (DESIGN 9; inbound 1.1.7, 4.2.7, 4.2.8).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Handle;
use MIME::Base64;
use POSIX ();
use Qferry::Test;
use Test::More;

sub home { my $home = instance(me => "mx.example.org\n", @_); mkdir "$home/users"; return $home }

sub passwd {
	my ($home, $in, @arguments) = @_;
	return run_program([ 'qmail-passwd', @arguments ], home => $home, in => $in);
}

sub ok_passwd {
	my ($home, $in, @arguments) = @_;
	my $run = passwd($home, $in, @arguments);
	is "$run->{exit} $run->{err}", '0 ', "qmail-passwd @arguments";
	return $run->{out};
}

# Ask: the octets of descriptor 3 (undef: closed), a prefix to the command, the subprogram.  The
# result gains `senders`, what came on descriptor 5.
sub ask {
	my ($home, $strings, %with) = @_;
	my %fds;
	if (defined $strings) {
		pipe my $out, my $in or die;
		$in->autoflush;
		print $in $strings;
		close $in;
		$fds{3} = $out;
	}
	pipe my $told, my $tell or die;
	$fds{5} = $tell unless $with{no_channel};
	my $run = run_program([ @{ $with{before} || [] }, program('qmail-authcdb'), @{ $with{sub} || [ 'sh', '-c', 'echo "in $USER"' ] } ],
		home => $home, fds => \%fds, env => $with{env} || {});
	close $tell;
	%fds = ();
	$run->{senders} = join '', <$told>;
	return $run;
}

sub login { my ($home, $name, $password, %with) = @_; return ask($home, "$name\0$password\0\0", %with) }

sub admits {
	my ($home, $name, $password, $user, $senders) = @_;
	my $run = login($home, $name, $password);
	is "$run->{exit} $run->{out}$run->{err}", "0 in $user\n", "$name gets in as $user";
	is $run->{senders}, $senders || '', 'its senders';
}

sub denies {
	my ($home, $name, $password, $why) = @_;
	my $run = login($home, $name, $password);
	is "$run->{exit} $run->{out}$run->{err}$run->{senders}", '1 ', $why;
}

# --- a life of users/auth ------------------------------------------------------------------------

my $home = home();
ok_passwd($home, "secret\nnot read\n", 'add', 'joe');
like slurp("$home/users/auth"), qr/\Ajoe:\$y\$[^:\n]+\n\z/, 'yescrypt';
for my $file (qw(auth auth.cdb)) {
	is sprintf('%o', (stat "$home/users/$file")[2] & 07777), '600', "mode of $file without root";
}
ok_passwd($home, 'pass word', 'add', 'Ann@Shop.Example', 'ann@shop.example', '@sales.example', '<>');
is ok_passwd($home, '', 'list'), "joe\nAnn\@Shop.Example ann\@shop.example,\@sales.example,<>\n", 'the list';
is join(' ', sort map { m{([^/]*)$} } glob "$home/users/*"), 'auth auth.cdb auth.lock', 'nothing else is left';

admits($home, 'joe', 'secret', 'joe');
admits($home, 'Ann@shop.EXAMPLE', 'pass word', 'Ann@shop.example', "ann\@shop.example\n\@sales.example\n<>\n");
denies($home, 'joe',  'Secret',  'another password');
denies($home, 'joe',  'secret ', 'a longer one');
denies($home, 'joe',  '',        'none');
denies($home, 'Joe',  'secret',  'the case of the name counts');
denies($home, 'jim',  'secret',  'nobody');
denies($home, '',     'secret',  'no name');
denies($home, '@mx.example.org', 'secret', 'a realm alone');
denies($home, 'joe@elsewhere.example', 'secret', 'another realm');
denies($home, 'ann@shop.example', 'pass word', 'the case of the name counts, that of the realm does not');

ok_passwd($home, "another\n", 'set', 'joe');
denies($home, 'joe', 'secret', 'the old password');
admits($home, 'joe', 'another', 'joe');
ok_passwd($home, '', 'senders', 'joe', 'joe@example.org');
admits($home, 'joe', 'another', 'joe', "joe\@example.org\n");
ok_passwd($home, "third\n", 'set', 'joe');
admits($home, 'joe', 'third', 'joe', "joe\@example.org\n");
ok_passwd($home, '', 'senders', 'joe');
admits($home, 'joe', 'third', 'joe');
ok_passwd($home, '', 'remove', 'Ann@shop.example');
denies($home, 'Ann@shop.example', 'pass word', 'removed');
is ok_passwd($home, '', 'list'), "joe\n", 'one is left';

# --- nothing can be written -----------------------------------------------------------------------

SKIP: {
	skip 'root writes everywhere', 6 if $> == 0;
	my $old = slurp("$home/users/auth");
	chmod 0500, "$home/users";
	my $run = passwd($home, "x\n", 'set', 'joe');
	is "$run->{exit} $run->{err}", "111 qmail-passwd: fatal: users/auth.tmp: unable to write: Permission denied\n", 'no right to write';
	chmod 0700, "$home/users";
	is slurp("$home/users/auth"), $old, 'users/auth is as it was';
	$run = run_program([ '/bin/sh', '-c', 'trap "" XFSZ; ulimit -f 0; exec "$0" "$@"', program('qmail-passwd'), 'set', 'joe' ],
		home => $home, in => "x\n");
	is $run->{exit}, 111, 'no room';
	ok slurp("$home/users/auth") eq $old && !-e "$home/users/auth.tmp", 'and now too';
	admits($home, 'joe', 'third', 'joe');
}
is passwd(instance(), "x\n", 'add', 'joe')->{err},
  "qmail-passwd: fatal: users/auth.lock: unable to lock: No such file or directory\n", 'a home without users';

# --- with and without a realm ---------------------------------------------------------------------

admits($home, 'joe@MX.example.org', 'third', 'joe');
control($home, 'locals', "# ours\nexample.org\nexample.net\n");
admits($home, 'joe@example.NET', 'third', 'joe');
denies($home, 'joe@mx.example.org', 'third', 'a realm that is not local');
ok_passwd($home, "of the realm\n", 'add', 'joe@example.net');
admits($home, 'joe@example.net', 'of the realm', 'joe@example.net');
denies($home, 'joe@example.net', 'third', 'the whole name comes first');
ok_passwd($home, "sue's\n", 'add', 'sue@mx.example.org');
admits($home, 'sue', "sue's", 'sue@mx.example.org');
control($home, 'envnoathost', "example.net\n");
denies($home, 'sue', "sue's", 'another default');
unlink "$home/control/locals";
mkdir "$home/control/locals";
is login($home, 'pete@example.org', 'x')->{exit}, 111, 'local names cannot be read: could not find out';
admits($home, 'joe', 'third', 'joe');

# --- what is not done --------------------------------------------------------------------------------

$home = home();
ok_passwd($home, "secret\n", 'add', 'joe');
my $before = slurp("$home/users/auth");
for my $case (
	[ [ 'add', 'joe' ],              "x\n", 'this name is there already; its password: qmail-passwd set' ],
	[ [ 'set', 'jim' ],              "x\n", 'there is no such name' ],
	[ [ 'senders', 'jim', 'a@b' ],   '',    'there is no such name' ],
	[ [ 'remove', 'jim' ],           '',    'there is no such name' ],
	[ [ 'add', '' ],                 "x\n", 'the name is empty' ],
	[ [ 'add', 'a:b' ],              "x\n", 'the name has a colon, a blank or a control octet' ],
	[ [ 'add', "a\nb" ],             "x\n", 'the name has a colon, a blank or a control octet' ],
	[ [ 'add', '#a' ],               "x\n", 'the name starts with #' ],
	[ [ 'add', 'a' x 256 ],          "x\n", 'the name is too long' ],
	[ [ 'add', 'jim', 'a,b@c' ],     "x\n", 'a,b@c: a sender is not user@host, @host or <>' ],
	[ [ 'senders', 'joe', 'joe' ],   "x\n", 'joe: a sender is not user@host, @host or <>' ],
	[ [ 'senders', 'joe', ('x' x 100 . '@y') x 41 ], '', 'the list of senders is too long' ],
	[ [ 'add', 'jim' ],              "\n",  'no password was given; nothing was changed' ],
	[ [ 'add', 'jim' ],              '',    'no password was given; nothing was changed' ],
	[ [ 'set', 'joe' ],              "x\r\n", 'a control character in the password' ],
	[ [ 'set', 'joe' ],              "x\0y\n", 'a control character in the password' ],
	[ [ 'set', 'joe' ],              'x' x 257, 'a password has at most 256 octets' ],
  )
{
	my ($arguments, $in, $err) = @$case;
	my $run = passwd($home, $in, @$arguments);
	is "$run->{exit} $run->{out}$run->{err}", "1 qmail-passwd: $err\n", $err;
}
is slurp("$home/users/auth"), $before, 'nothing was changed';
for my $arguments ([], ['what'], ['add'], ['set'], [qw(set joe secret)], [qw(list joe)], [qw(remove joe jim)]) {
	my $run = passwd($home, "x\n", @$arguments);
	like "$run->{exit} $run->{err}", qr/\A100 usage: /, "usage: @$arguments";
}
ok_passwd($home, 'x' x 256, 'set', 'joe');
admits($home, 'joe', 'x' x 256, 'joe');

# --- files made by hand ----------------------------------------------------------------------------

# "secret" by md5crypt and sha512crypt, from elsewhere.
chomp(my $sha512 = `openssl passwd -6 -salt saltsalt secret`);
chomp(my $md5    = `openssl passwd -1 -salt saltsalt secret`);
$home = home();
spit("$home/users/auth", "# our users\n\nold:$md5\r\nnew:$sha512:new\@example.org \nshut:!$sha512\nnone:*\n");
chmod 0644, "$home/users/auth";
ok_passwd($home, '', 'compile');
is sprintf('%o', (stat "$home/users/auth")[2] & 07777), '644', 'compile leaves the text alone';
admits($home, 'old', 'secret', 'old');
admits($home, 'new', 'secret', 'new', "new\@example.org\n");
denies($home, 'shut', 'secret',  'locked');
denies($home, 'shut', '!secret', 'locked');
denies($home, 'none', '*',       'no hash');
is ok_passwd($home, '', 'list'), "old\nnew new\@example.org\nshut (locked)\nnone (locked)\n", 'listed';
ok_passwd($home, "x\n", 'add', 'jim');
like slurp("$home/users/auth"), qr/\A# our users\n\nold:.*\nnew:.*\nshut:!.*\nnone:\*\njim:.*\n\z/, 'comments and order stay';
is sprintf('%o', (stat "$home/users/auth")[2] & 07777), '640', 'what all could read they cannot any more'
  unless $> == 0;

for my $case (
	[ "joe\n",                           1, 'there is no colon' ],
	[ "joe:$md5\n\n:$md5\n",             3, 'the name is empty' ],
	[ "joe:\n",                          1, 'the hash is empty' ],
	[ "joe:secret\n",                    1, 'crypt(3) does not know this kind of hash' ],
	[ "joe:\$99\$x\$y\n",                1, 'crypt(3) does not know this kind of hash' ],
	[ "joe:$md5:\n",                     1, 'a sender is not user@host, @host or <>' ],
	[ "joe:$md5:a\@b,\n",                1, 'a sender is not user@host, @host or <>' ],
	[ "joe:$md5:a\@b, c\@d\n",           1, 'a sender is not user@host, @host or <>' ],
	[ "joe\@A:$md5\njim:$md5\njoe\@a:$md5\njim:*\n", 3, 'this name is in a line before' ],
	[ "joe:" . 'x' x 384 . "\n",         1, 'the hash is too long' ],
  )
{
	my ($text, $line, $what) = @$case;
	my $bad = home();
	spit("$bad/users/auth", $text);
	for my $arguments ([ 'compile' ], [ 'add', 'pat' ]) {
		my $run = passwd($bad, "x\n", @$arguments);
		is "$run->{exit} $run->{err}", "111 qmail-passwd: fatal: users/auth:$line: $what\n", "@$arguments: $what";
	}
	ok slurp("$bad/users/auth") eq $text && !-e "$bad/users/auth.cdb", 'nothing was changed';
}

# --- descriptor 3 and the command line -----------------------------------------------------------------

$home = home();
ok_passwd($home, "secret\n", 'add', 'joe');
my $digest = '0123456789abcdef0123456789ABCDEF';
for my $case (
	[ "joe\0secret\0",                    0, 'two strings are enough' ],
	[ "joe\0secret\0<1.2\@mx>\0",         0, 'a time stamp, as qmail-popup gives' ],
	[ "joe\0secret\0Y123\0\0",            0, 'more strings' ],
	[ "joe\0secret\0" . 'x' x 500,        0, '511 octets' ],
	[ "joe\0secret\0" . 'x' x 502,        2, '513 octets' ],
	[ "joe\0secret",                      2, 'the second does not end' ],
	[ "joe",                              2, 'nor the first' ],
	[ '',                                 2, 'nothing' ],
	[ undef,                              2, 'no descriptor 3' ],
	[ "joe\0$digest\0<1.2\@mx>\0",        2, 'CRAM-MD5' ],
	[ "joe\0<1.2\@mx>\0$digest\0",        2, 'CRAM-MD5 in the other order' ],
	[ "joe\0$digest\0\0",                 1, 'a password that looks like a digest' ],
  )
{
	my ($strings, $exit, $name) = @$case;
	my $run = ask($home, $strings);
	is $run->{exit}, $exit, $name;
	like $run->{err}, $exit == 2 ? qr/\Aqmail-authcdb: fatal: .*\n\z/ : qr/\A\z/, 'what it says';
}
is login($home, 'joe', 'secret', sub => [])->{exit}, 2, 'no subprogram';
is login($home, 'joe', 'secret', sub => ['/nowhere/true'])->{exit}, 111, 'a subprogram that is not there';
is login($home, 'joe', 'secret', sub => [ 'sh', '-c', 'exit 7' ])->{exit}, 7, "the subprogram's exit";
is login($home, 'joe', 'wrong', sub => [ 'sh', '-c', 'exit 7' ])->{exit}, 1, 'not run for a wrong password';
is login($home, 'joe', 'secret', no_channel => 1)->{exit}, 0, 'nobody wants to know the senders';
is login($home, 'joe', 'secret', sub => [ 'sh', '-c', 'ls /proc/self/fd; env' ])->{out} =~ /^[45]$|^3\n[^\n]*\n?4|secret/m ? 1 : 0, 0,
  'it inherits neither descriptors nor the password';

unlink "$home/users/auth.cdb";
my $run = login($home, 'joe', 'secret');
is "$run->{exit} $run->{err}", "111 qmail-authcdb: fatal: users/auth.cdb: missing; see qmail-passwd: No such file or directory\n", 'no file';
spit("$home/users/auth.cdb", 'x' x 100);
is login($home, 'joe', 'secret')->{exit}, 111, 'no cdb';

# --- a session ------------------------------------------------------------------------------------------

$home = home(rcpthosts => "example.org\n", limits => "auth_delay_ms:1\n");
ok_passwd($home, "secret\n", 'add', 'demo', 'demo@example.org');
sub session {
	my (%with) = @_;
	my $login = encode_base64("\0demo\0" . ($with{password} || 'secret'), '');
	return run_program([ qw(qmail-smtpd bin/qmail-authcdb true) ], home => $home, %with,
		in => "AUTH PLAIN $login\r\nMAIL FROM:<a\@far.example>\r\nMAIL FROM:<Demo\@example.org>\r\n"
		  . "RCPT TO:<b\@far.example>\r\nQUIT\r\n");
}
sub replies { return join ' ', map { /^(\d+)/ } split /\n/, $_[0]{out} }
is replies(session()), '220 235 503 250 250 221', 'qmail-smtpd asks it, and heeds the senders';
is replies(session(password => 'other')), '220 535 250 250 553 221', 'a wrong password';
rename "$home/users/auth.cdb", "$home/users/away";
$run = session();
is replies($run), '220 454 250 250 553 221', 'no file: later';
like $run->{err}, qr/^qmail-authcdb: fatal: users\/auth.cdb: missing/m, 'the log says why';

# --- on a terminal -----------------------------------------------------------------------------------

# Type the lines, each when its prompt is there; a terminal of its own, so that nothing of ours is
# used.  What was shown, and the exit.
sub type {
	my ($arguments, @lines) = @_;
	my $master = POSIX::open('/dev/ptmx', POSIX::O_RDWR() | POSIX::O_NOCTTY()) // return;
	open my $pty, '+<&=', $master or return;
	my ($number, $unlock) = (pack('i', 0), pack('i', 0));
	ioctl $pty, 0x40045431, $unlock or return;    # TIOCSPTLCK
	ioctl $pty, 0x80045430, $number or return;    # TIOCGPTN
	sysopen my $tty, '/dev/pts/' . unpack('i', $number), POSIX::O_RDWR() | POSIX::O_NOCTTY() or return;
	my $pid = start_program([ 'qmail-passwd', @$arguments ], home => $home, fds => { 0 => $tty, 2 => $tty });
	my $shown = '';
	for my $line (@lines) {
		do { sysread($pty, $shown, 1, length $shown) or return } until $shown =~ /: \z/;
		if (ref $line) { kill $$line, $pid }
		else { syswrite $pty, $line }
	}
	my ($exit) = finish_program($pid);
	$pty->blocking(0);
	1 while sysread $pty, $shown, 4096, length $shown;
	my $termios = POSIX::Termios->new;
	$termios->getattr(fileno $tty);
	return { shown => $shown, exit => $exit, echoes => $termios->getlflag & POSIX::ECHO() };
}

SKIP: {
	my $typed = type([ 'set', 'demo' ], "new one\n", "new one\n") or skip 'no terminal to be had', 9;
	is $typed->{exit}, 0, 'typed twice';
	is $typed->{shown}, "Password: \r\nThe same again: \r\n", 'and not shown';
	ok $typed->{echoes}, 'the terminal is as it was';
	admits($home, 'demo', 'new one', 'demo', "demo\@example.org\n");
	$typed = type([ 'set', 'demo' ], "one\n", "two\n");
	is "$typed->{exit} $typed->{echoes}", '1 ' . POSIX::ECHO(), 'two different ones';
	$typed = type([ 'set', 'demo' ], \'INT');
	is "$typed->{exit} $typed->{echoes}", '1 ' . POSIX::ECHO(), 'interrupted';
	like $typed->{shown}, qr/interrupted; nothing was changed/, 'and says so';
}

# --- memory -----------------------------------------------------------------------------------------

SKIP: {
	skip 'a sanitizer wants more address space', 5 if $ENV{ASAN_OPTIONS} && `nm -D ${\ program('qmail-authcdb')} 2>/dev/null` =~ /__asan_/;
	$home = home();
	ok_passwd($home, "secret\n", 'add', 'joe');
	my $soft = login($home, 'joe', 'secret', before => [ '/bin/sh', '-c', 'ulimit -Sv 5000; exec "$@"', 'sh' ],
		sub => [ 'sh', '-c', 'ulimit -Sv' ]);
	is "$soft->{exit} $soft->{out}", "0 5000\n", 'a soft limit is raised, and is there again for the subprogram';
	SKIP: {
		skip 'no softlimit', 1 unless grep { -x "$_/softlimit" } split /:/, $ENV{PATH};
		is login($home, 'joe', 'secret', before => [ '/bin/sh', '-c', 'exec softlimit -m 25000000 "$@"', 'sh' ])->{exit}, 0,
		  'softlimit -m 25000000';
	}
	my @hard = (before => [ '/bin/sh', '-c', 'ulimit -Sv 12000; ulimit -Hv 12000; exec "$@"', 'sh' ]);
	is login($home, 'joe', 'secret', @hard)->{exit}, 111, 'no memory is no wrong password';
	is login($home, 'joe', 'wrong', @hard)->{exit}, 111, 'nor is a wrong one judged';
	is login($home, 'jim', 'wrong', @hard)->{exit}, 111, 'and nobody is not told from somebody';
}

done_testing;
