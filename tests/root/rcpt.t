#!/usr/bin/perl
# qmail-rcpt and qmail-newrcpt with users of the system and homes that the daemon may not look into
# (inbound 6.1, 6.2): what the live check says of them, and that the list of root says what the
# deliveries do.  Runs in a mount namespace of its own with another /etc/passwd.
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use FindBin;
use IO::Select;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

plan skip_all => 'needs root' if $> != 0;
plan skip_all => 'no setpriv' unless -x '/usr/bin/setpriv';
plan skip_all => 'mount namespaces are not permitted here' if system('unshare -m true 2>/dev/null') != 0;
exec 'unshare', '-m', $^X, $0 unless $ENV{QFERRY_NAMESPACE}++;

my %uid = (alias => 64110, qmaild => 64111, qmailp => 64113, qmailq => 64114, joe => 64131, ann => 64132, ed => 64133,
	shut => 64134, 'joe-sub' => 64135, thief => 64136);
my $gid = 64121;

# --- a home, and users with theirs ------------------------------------------------------------------

my $home = tempdir('qferry.XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $home;
mkdir "$home/$_" for qw(bin control users homes queue queue/mess queue/mess/3);
for my $name (qw(qmail-smtpd qmail-rcpt qmail-newrcpt qmail-lspawn qmail-getpw qmail-local)) {
	system('cp', program($name), "$home/bin/$name") == 0 or die;
}
control($home, 'me', "mx.example.net\n");
control($home, 'locals', "example.net\n");
control($home, 'virtualdomains', "v.example:ann-v\n");
control($home, 'rcpthosts', "example.net\nv.example\n");
spit("$home/users/ids", join('', (map { "$_:$uid{$_}\n" } grep { /^(?:alias|qmail.)$/ } sort keys %uid), "\@qmail:$gid\n\@nofiles:$gid\n"), 0644);
spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n", 0644);
chown $uid{qmailq}, $gid, "$home/queue/mess/3/26";

my %where = (alias => 'alias', joe => 'homes/joe', ann => 'homes/ann', ed => 'homes/ann/ed', shut => 'homes/shut', 'joe-sub' => 'homes/sub',
	thief => 'homes/joe');
my %has = (alias => [qw(info ed-list ann-none sales-default a:b)], joe => [qw(list x-default)], ann => [qw(box v-eve v-l-default)],
	ed => ['own'], shut => ['box'], 'joe-sub' => ['box']);
my %mode = (ann => 0700, shut => 0000);
for my $user (qw(alias joe ann ed shut joe-sub)) { # ann before ed
	my $dir = "$home/$where{$user}";
	mkdir $dir or die "$dir: $!";
	spit("$dir/.qmail-$_", "#\n", 0644) for @{ $has{$user} };
	chown $uid{$user}, $gid, $dir, glob "$dir/.qmail-*";
}
chmod $mode{$_}, "$home/$where{$_}" for keys %mode;
spit("$home/passwd", join('', "root:x:0:0::/root:/bin/sh\n", map { "$_:x:$uid{$_}:$gid\::" . ($where{$_} ? "$home/$where{$_}" : '/') . ":/bin/false\n" } sort keys %uid), 0644);
system('mount', '--bind', "$home/passwd", '/etc/passwd') == 0 or die;
plan skip_all => 'the users of this machine are not those of /etc/passwd' unless ((getpwnam 'ann')[2] // 0) == $uid{ann};

# --- what is asked -------------------------------------------------------------------------------------

my @names = (qw(joe JOE joe-list joe-none joe-x-y joe-sub joe-sub-box joe-sub-x ann ann-box ann-none ann-v-eve ed ed-own ed-list ed-x
	shut shut-box shut-x thief thief-x alias alias-x info nobody sales sales-x a.b root root-x qmaild), 'joe-sub-box-x');
my @all = ((map { "$_\@example.net" } @names), map { "$_\@v.example" } qw(eve l-x x));

sub as_daemon { return ('/usr/bin/setpriv', "--reuid=$uid{qmaild}", "--regid=$gid", '--clear-groups', "$home/bin/$_[0]") }

sub session {
	my (@recipients) = @_;
	my $run = run_program([ as_daemon('qmail-smtpd') ], home => $home,
		in => "MAIL FROM:<>\r\n" . join('', map { "RCPT TO:<$_>\r\n" } @recipients) . "QUIT\r\n");
	my (undef, undef, @codes) = $run->{out} =~ /^(\d+)/mg;
	pop @codes;
	return ("@codes", $run->{err}, @codes);
}

# --- the live check ------------------------------------------------------------------------------------

my @some = map { "$_\@example.net" } qw(joe joe-list joe-none joe-sub-x info nobody ann ann-box ann-none);
control($home, 'realrcptto', "1\n");
my ($codes, $log) = session(@some);
is $codes, '250 250 550 550 250 550 250 250 250', 'realrcptto 1: what is in a private home is taken';
is join(' ', $log =~ /text=unreadable\S* reason=(\S+)/g), 'ann-box@example.net ann-none@example.net', 'and the log says so';
control($home, 'realrcptto', "2\n");
($codes, $log) = session(@some);
is $codes, '250 250 550 550 250 550 250 451 451', 'realrcptto 2: deferred';
unlink "$home/control/realrcptto";

# --- the list of root ----------------------------------------------------------------------------------

my $shut = "qmail-newrcpt: warning: unable to look into $home/homes/shut: Permission denied: every address there is accepted\n";
my $run = run_program(["$home/bin/qmail-newrcpt"], home => $home);
is "$run->{exit} $run->{err}", "0 $shut", 'root looks into the homes of others, as they may';
is join(' ', map { sprintf '%o %d', $_->[2] & 07777, $_->[4] } [ stat "$home/control/realrcptto.cdb" ]), '644 0', 'whose the list is';
my (undef, undef, @by_list) = session(@all);
my %by_list;
@by_list{@all} = @by_list;
($codes) = session(@some);
is $codes, '250 250 550 550 250 550 250 250 550', 'exact in a private home, too';

# Every delivery that finds a file of these succeeds, and does nothing.
sub deliveries {
	my (@recipients) = @_;
	pipe my $in, my $to or die;
	pipe my $from, my $out or die;
	my $pid = start_program([ "$home/bin/qmail-lspawn", '#' ], home => $home, fds => { 0 => $in, 1 => $out, 2 => \*STDERR });
	close $in;
	close $out;
	$to->autoflush(1);
	my ($buffer, $first, @reports) = ('', 1);
	for my $recipient (@recipients) {
		print $to "\0003/26\0s\@example.net\0$recipient\0";
		while (length $buffer < 1 + $first || index($buffer, "\0", 1 + $first) < 0) {
			IO::Select->new($from)->can_read(20) or last;
			sysread $from, $buffer, 65536, length $buffer or last;
		}
		push @reports, substr $buffer, 1 + $first;
		($buffer, $first) = ('', 0);
	}
	close $to;
	is join(' ', finish_program($pid)), '0 0', 'qmail-lspawn ends well';
	return @reports;
}

{
	my @reports = deliveries(map { /(.*)\@v\.example/ ? "ann-v-$_" : $_ } @all);
	my @wrong;
	for my $n (0 .. $#all) {
		my $expected = $reports[$n] =~ /^D.*no mailbox here/s ? 550 : 250;
		push @wrong, "$all[$n]: $by_list{$all[$n]}, but the delivery says $reports[$n]" if $by_list{ $all[$n] } != $expected;
	}
	is join("\n", @wrong), '', 'the list says what the deliveries do';
	is join(' ', map { $by_list{"$_\@example.net"} } qw(ed ed-own ed-list)), '550 550 250', 'a home that qmail-getpw cannot see is nobody\'s';
}

# --- without root --------------------------------------------------------------------------------------

chown $uid{qmaild}, $gid, "$home/control";
$run = run_program([ as_daemon('qmail-newrcpt') ], home => $home);
is $run->{exit}, 0, 'not root: a list of what can be seen';
is $run->{err}, join('', map { "qmail-newrcpt: warning: unable to look into $home/homes/$_: Permission denied: every address there is accepted\n" }
	  qw(ann ann/ed shut)), 'which says where it could not look';
(undef, undef, @by_list) = session(@all);
@by_list{@all} = @by_list;
is join(' ', map { $by_list{"$_\@example.net"} } qw(joe-list joe-none ann-none ed ed-x shut-x nobody)), '250 550 250 250 250 250 550',
  'and takes everything there';
done_testing;
