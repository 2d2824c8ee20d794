#!/usr/bin/perl
# Mail for users of Debian's Dovecot: qmail-lmtp to its LMTP server, preline to its delivery program, and one
# Maildir with a quota that both it and qmail-local keep the account of (queue 5.2).  Dovecot runs as whoever
# we are, out of a directory of its own.
#
# peers: dovecot-lmtp
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Find qw(find);
use File::Temp qw(tempdir);
use Qferry::Test;
use Test::More;

plan skip_all => 'Dovecot refuses to deliver as root' if $> == 0;
my $peer = ($ENV{QFERRY_PEERS} || build() . '/peers') . '/dovecot-lmtp';
plan skip_all => "no Dovecot: tests/peers dovecot-lmtp" unless -x "$peer/run";

my $dir = tempdir('qf.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);    # short: a socket is in it
my ($user, $group) = ((getpwuid $>)[0], (getgrgid((split ' ', $()[0]))[0]);
plan skip_all => 'we have no name' unless defined $user && defined $group;

# Its programs look for modules where the package would have put them; ours look in a place of the same length.
sub move_in {
	my $modules = tempdir('qf.XXXXXX', DIR => '/tmp', CLEANUP => 1);
	system('cp', '-a', $peer, "$dir/peer") == 0 or die "cp: $?";
	symlink "$dir/peer/usr/lib/dovecot/modules", "$modules/m" or die;
	my $there = "$modules/m";
	for my $file (qw(lmtp dovecot-lda libdovecot.so.0.0.0 libdovecot-storage.so.0.0.0 libdovecot-lda.so.0.0.0)) {
		my $path = "$dir/peer/usr/lib/dovecot/$file";
		my $bytes = slurp($path);
		$bytes =~ s{/usr/lib/dovecot/modules\0}{$there . "\0" x (25 - length $there)}ge or next;
		my $mode = (stat $path)[2] & 07777;
		unlink $path;
		spit($path, $bytes, $mode);
	}
	return;
}
move_in();
mkdir "$dir/$_" for qw(run mail mail/ann);
spit("$dir/users", join '', map { "$_:{PLAIN}x:$>:" . (split ' ', $()[0] . "::$dir/mail/" . (split /\@/)[0] . "::\n" } 'joe@example.org', 'ann@example.org');
spit("$dir/conf", <<"CONF");
base_dir = $dir/run
state_dir = $dir/run
libexec_dir = $dir/peer/usr/lib/dovecot
mail_plugin_dir = $dir/peer/usr/lib/dovecot/modules
protocols = lmtp
ssl = no
default_internal_user = $user
default_internal_group = $group
default_login_user = $user
import_environment = TZ LD_LIBRARY_PATH
log_path = $dir/log
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_plugins = quota
protocol !indexer-worker {
  plugin {
    quota = maildir:User
    quota_rule = *:bytes=2000
  }
}
userdb {
  driver = passwd-file
  args = $dir/users
}
passdb {
  driver = static
  args = nopassword=y
}
service lmtp {
  chroot =
  user = $user
  unix_listener lmtp {
    mode = 0600
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service auth {
  user = $user
}
service auth-worker {
  user = $user
}
service config {
  executable = config -c $dir/conf
  user = $user
}
CONF

sub dovecot { my ($module, @argv) = @_; return ("$dir/peer/run", '/usr/bin/doveconf', '-c', "$dir/conf", '-m', $module, '-e', @argv) }

open my $complaints, '>', "$dir/out" or die;
my $master = start_program([ dovecot('master', "$dir/peer/usr/sbin/dovecot", '-F') ], fds => { 1 => $complaints, 2 => $complaints },
	dir => $dir, env => { QMAILHOME => undef });
my $home = instance(me => "mx.example.org\n");
my $socket = "$dir/run/lmtp";
my $message = "Subject: interop\n\n.dot\nbody \xe4\n";

sub lmtp {
	my ($recipient, $in) = @_;
	return run_program([ 'qmail-lmtp', $socket, $recipient ], home => $home, in => defined $in ? $in : $message,
		env => { SENDER => 'me@example.net', RECIPIENT => 'other@example.org', DTLINE => "Delivered-To: local\@example.org\n" });
}

sub mail_of {
	my ($name) = @_;
	my @all;
	find({ no_chdir => 1, wanted => sub { push @all, slurp($_) if m{/new/[^/]+$} && -f } }, "$dir/mail/$name") if -d "$dir/mail/$name";
	return @all;
}

sub logs { return map { slurp($_) || '' } "$dir/log", "$dir/out" }

# --- LMTP -----------------------------------------------------------------------------------------

ok wait_until(sub { -S $socket }), 'Dovecot listens' or diag logs();
my $run;
ok wait_until(sub { $run = lmtp('joe@example.org'); $run->{exit} != 111 }), 'and answers' or diag $run->{out}, logs();
is $run->{exit}, 0, 'delivered by LMTP' or diag logs();
like $run->{out}, qr/\A\Q$socket\E accepted message\.\nRemote host said: 250 2\.0\.0 <joe\@example\.org> \S+ Saved\n\z/, 'with its words';
my ($mail) = mail_of('joe');
like $mail, qr/\AReturn-Path: <me\@example\.net>\n/, 'it writes Return-Path';
like $mail, qr/\nDelivered-To: local\@example\.org\n\Q$message\E\z/, 'our Delivered-To, and the message, are whole';
$run = lmtp('none@example.org');
is $run->{exit}, 100, 'nobody of that name: returned';
like $run->{out}, qr/\A\Q$socket\E does not like recipient\.\nRemote host said: 550 5\.1\.1 /, 'with its words';

# --- one Maildir, two that keep its account -------------------------------------------------------

$run = lmtp('ann@example.org');
is $run->{exit}, 0, 'another user';
my $account = slurp("$dir/mail/ann/Maildir/maildirsize");
like $account, qr/\A2000S\n/, 'Dovecot has written its quota into maildirsize';
sub local_delivery {
	my ($in) = @_;
	return run_program([ 'qmail-local', '--', 'ann', "$dir/mail/ann", 'ann', '', '', 'example.org', 'me@example.net', './Maildir/' ],
		home => $home, in => $in);
}
$run = local_delivery($message);
is "$run->{exit} $run->{out}$run->{err}", "0 did 1+0+0\n", 'qmail-local delivers there';
like slurp("$dir/mail/ann/Maildir/maildirsize"), qr/\A\Q$account\E\d+ 1\n\z/, 'and adds to the account';
$run = local_delivery('x' x 1900 . "\n");
is "$run->{exit} $run->{err}", "100 User over quota. (#5.2.2)\n", 'what there is no room for is returned';
is local_delivery('x' x 900 . "\n")->{exit}, 0, 'what there is room for is not';
$run = lmtp('ann@example.org', 'x' x 700 . "\n");
isnt $run->{exit}, 0, 'Dovecot has counted that, and has no room left';
like $run->{out}, qr/Remote host said: [45]\d\d /, 'as it says';

# --- its delivery program, by preline (queue 5.2) -------------------------------------------------

my $before = () = mail_of('joe');
spit("$dir/mail/joe/.qmail", "|$home/bin/preline -f " . join(' ', dovecot('lda', "$dir/peer/usr/lib/dovecot/dovecot-lda")) . ' -f "$SENDER" -a "$RECIPIENT"' . "\n", 0644);
chmod 0755, "$dir/mail/joe";
$run = run_program([ 'qmail-local', '--', 'joe', "$dir/mail/joe", 'joe', '', '', 'example.org', 'me@example.net', './Mailbox' ],
	home => $home, in => $message);
is "$run->{exit} $run->{out}$run->{err}", "0 did 0+0+1\n", 'delivered by preline and dovecot-lda' or diag logs();
my @all = mail_of('joe');
is scalar(@all), $before + 1, 'one more message';
like join('', @all), qr/^Return-Path: <me\@example\.net>\n(?:.*\n)*?Delivered-To: joe\@example\.org\n\Q$message\E/m, 'behind the lines of preline';

kill 'TERM', $master;
is join(' ', finish_program($master)), '0 0', 'Dovecot ends';

done_testing;
