#!/usr/bin/perl
# services: run scripts and units are made of one description, setup/services.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

my $top = abs_path("$FindBin::Bin/../..");
my $dir = tempdir(CLEANUP => 1);

sub made { my (@how) = @_; return scalar `$top/setup/make-services @how 2>&1` }

sub spew {
	my ($path, $text, $mode) = @_;
	open(my $out, '>', $path) or die "$path: $!";
	print $out $text;
	close $out;
	chmod $mode // 0644, $path;
}

my @names = split ' ', made('list');
cmp_ok(scalar @names, '>', 10, 'services are listed');
like(made('run', 'nobody-knows', '/var/qmail'), qr/there is no service nobody-knows/, 'one that is not there is named');

# --- what a run script says, and does ---
my $smtpd = made('run', 'qmail-smtpd', '/srv/mail');
like($smtpd, qr{^home=/srv/mail$}m, 'the home');
like($smtpd, qr/-x control\/tcp\.smtp\.cdb .*\n.*-c 100 -u "\$\(id -u qmaild\)" -g "\$\(id -g qmaild\)" 0 25 \\\n\tbin\/qmail-smtpd\n\z/, 'rules, user, port, program');
like($smtpd, qr/^exec softlimit -m 25000000/m, 'the limit');
like(made('run', 'qmail-send', '/srv/mail'), qr/^exec env - PATH="\$home\/bin:[^"]*" qmail-start \.\/Maildir\/$/m, 'qmail-send has a clean environment');
like(made('run', 'qmail-state', '/srv/mail'), qr/^exec setuidgid qmailk bin\/qmail-state serve$/m, 'a helper has its user');
is(made('log', 'qmail-send', '/srv/mail'), "#!/bin/sh\nexec setuidgid qmaill multilog t s1000000 n20 ./main\n", 'the log has its own');
{
	local $ENV{ROOTLESS} = 'yes';
	my $run = made('run', 'qmail-smtpd', '/srv/mail');
	like($run, qr/-c 100 0 2525 \\\n/, 'without root: another port');
	like($run, qr/^# .*port 2525/m, '... which is the one spoken of');
	unlike($run, qr/id -u/, '... and no user');
	local @ENV{qw(ADDRESS PORT)} = ('127.0.0.1', 12345);
	like(made('run', 'qmail-smtpd', '/srv/mail'), qr/ 127\.0\.0\.1 12345 /, 'or one that is asked for');
}
for my $name (@names) {
	spew("$dir/run", made('run', $name, '/srv/mail'), 0755);
	is(system("sh -n $dir/run"), 0, "$name: the shell reads its script");
}

# --- what a unit says ---
my %unit = map { $_ => made('unit', $_, '/srv/mail') } @names;
like($unit{'qmail-smtpd'}, qr/^ExecStart=\/bin\/sh -c 'exec tcpserver .* -u "\$\$\(id -u qmaild\)".* 0 25 bin\/qmail-smtpd'$/m, 'tcpserver in a unit');
like($unit{'qmail-smtpd'}, qr/^LimitAS=25000000:infinity$/m, 'a soft limit, as softlimit sets it');
like($unit{'qmail-submission'}, qr{^ConditionPathExists=/srv/mail/control/servercert\.pem$}m, 'not without a certificate');
like($unit{'qmail-send'}, qr/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m, 'reload');
like($unit{'qmail-send'}, qr/^KillMode=mixed$/m, 'only qmail-send is told to end');
like($unit{'qmail-tls'}, qr/^User=qmailt$/m, 'the user of a helper');
like($unit{'qmail-state'}, qr{^ReadWritePaths=-/srv/mail/run/state -/srv/mail/state/db }m, 'where it writes');
like($unit{'qmail-rcpt'}, qr/^ProtectHome=read-only$/m, 'who looks for .qmail files sees homes');
like($unit{'qmail-dns'}, qr/^ProtectHome=yes$/m, 'nobody else does');

# What takes set-id bits from a child, and what implies that for who is not root (systemd.exec(5)).
my $fatal = qr/^(?:NoNewPrivileges|SystemCall\w+|RestrictAddressFamilies|RestrictNamespaces|PrivateDevices|Protect(?:KernelTunables|KernelModules|KernelLogs|Clock|Hostname)|MemoryDenyWriteExecute|RestrictRealtime|RestrictSUIDSGID|LockPersonality|DynamicUser)=/m;
for my $name (@names) {
	my $starts = $unit{$name} =~ m{tcpserver|qmail-start|qmail-broker};
	if ($starts) { unlike($unit{$name}, $fatal, "$name: set-id programs stay set-id") }
	else         { like($unit{$name}, qr/^NoNewPrivileges=yes$/m, "$name: no new privileges") }
}

SKIP: {
	skip 'no systemd-analyze', 1 if system('command -v systemd-analyze >/dev/null 2>&1') != 0;
	mkdir "$dir/home";
	mkdir "$dir/home/$_" for qw(bin control);
	spew("$dir/home/bin/$_", "#!/bin/sh\n", 0755) for qw(qmail-start qmail-smtpd qmail-qmtpd qmail-qmqpd qmail-tls qmail-dns qmail-rcpt qmail-state qmail-oauth qmail-sts qmail-broker);
	spew("$dir/$_.service", made('unit', $_, "$dir/home")) for @names;
	my $said = `systemd-analyze verify --man=no $dir/*.service 2>&1`;
	is($? . ' ' . join('', grep { /\Q$dir\E|^qmail-/ } split /^/, $said), '0 ', 'systemd-analyze finds nothing wrong');
}

done_testing();
