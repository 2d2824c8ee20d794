#!/usr/bin/perl
# dropin and dropin-undo in homes of other suites: what fits is seen in the home; a dropin that is killed can be
# run again, and undone.
use strict;
use warnings;
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Home;
use Test::More;

my $dir = tempdir(CLEANUP => 1);
my $build = fake_build("$dir/build");
my $number = 0;
$ENV{RUN_SCRIPTS} = '';
delete @ENV{qw(STOP CONNECT FORCE)};

sub home_of { my ($kind) = @_; return foreign_home("$dir/home" . ++$number, $kind) }
sub dropin { return run_setup('dropin', $_[0], $build, @_[ 1 .. $#_ ]) }
sub undo { return run_setup('dropin-undo', @_) }

sub refuses {
	my ($name, $home, $why, @programs) = @_;
	my $before = shape($home);
	my ($status, $output) = dropin($home, @programs);
	is($status, 1, "$name: refused");
	like($output, qr/$why.*nothing was changed/s, '... and it is said why');
	is(shape($home), $before, '... nothing was changed');
}

# --- each suite: in and out -----------------------------------------------------------------------------------

my %dialect = (sagredo => 'sagredo', sqmail => 'sqmail', jms1 => 'jms1', indimail => 'indimail');
for my $kind (qw(notqmail netqmail jms1 sagredo sqmail indimail)) {
	my $home = home_of($kind);
	my $before = shape($home);
	my ($status, $output) = dropin($home, 'qmail-smtpd');
	is($status, 0, "$kind: qmail-smtpd") or diag $output;
	is(slurp("$home/bin/qmail-smtpd"), ours('qmail-smtpd'), '... is ours');
	is(slurp("$home/control/dialect"), $dialect{$kind} ? "$dialect{$kind}\n" : undef, '... and its files mean what they did');
	($status, $output) = undo($home);
	is($status, 0, '... undone') or diag $output;
	is(shape($home), $before, '... without a trace');
}
for my $kind (qw(notqmail netqmail sagredo sqmail)) {
	my $home = home_of($kind);
	my @programs = qw(qmail-queue qmail-lspawn qmail-rspawn qmail-remote qmail-clean);
	my ($status, $output) = dropin($home, @programs);
	is($status, 0, "$kind: @programs") or diag $output;
	is(slurp("$home/control/spawnwidth"), $kind eq 'sagredo' ? "2\n" : "1\n", '... with the width of its qmail-send');
	is(mode("$home/bin/qmail-queue"), '4711', '... set-id as it was');
	like($output, qr/restart qmail-send/, '... and what runs is spoken of');
}
{
	my $home = home_of('notqmail');
	spew("$home/control/dialect", "jms1\n");
	dropin($home, 'qmail-smtpd');
	is(slurp("$home/control/dialect"), "jms1\n", 'a dialect that was chosen stays');
}

{
	my $home = home_of('notqmail');
	my $checked = fake_build("$dir/checked");
	spew("$checked/bin/qmail-check", "#!/bin/sh\necho \"error: control/me: \$*\"\necho 'warning: x'\nexit 2\n", 0755);
	my ($status, $output) = run_setup('dropin', $home, $checked, 'qmail-smtpd');
	like("$status $output", qr{^0 .*dropin: error: control/me: -q \Q$home\E\n.*warnings about this home: 1}s, 'qmail-check looks at the home, and decides nothing');
}

# --- what does not fit ------------------------------------------------------------------------------------------

refuses('a program that nobody has', home_of('notqmail'), 'there is no program qmail-none', 'qmail-none');
refuses('a spawner of another width than is written down', do {
	my $home = home_of('sagredo');
	spew("$home/control/spawnwidth", "1\n");
	$home;
}, 'spawnwidth says 1, and \S+ has 2', 'qmail-rspawn');
refuses('a spawner that says nothing', do {
	my $home = home_of('notqmail');
	spew("$home/bin/qmail-lspawn", "#!/bin/sh\n", 0755);
	$home;
}, 'does not say how wide', 'qmail-lspawn');
refuses("indimail's several queues", do { my $home = home_of('indimail'); mkdir "$home/queue1"; $home }, 'several queues', 'qmail-queue');
refuses("indimail's $_ alone", home_of('indimail'), 'replace all of them', $_) for qw(qmail-remote qmail-local qmail-rspawn);
for my $kind (qw(sagredo sqmail)) {
	refuses("$kind: qmail-send without qmail-start", home_of($kind), 'qmail-todo', 'qmail-send');
	refuses("$kind: qmail-start without qmail-send", home_of($kind), 'qmail-todo', 'qmail-start', 'qmail-clean');
	my $home = home_of($kind);
	my ($status, $output) = dropin($home, qw(qmail-start qmail-send));
	is($status, 0, "$kind: both") or diag $output;
}
refuses('channels of their own', do {
	my $home = home_of('sagredo');
	spew("$home/control/concurrencysuppl0", "5\n");
	$home;
}, 'channels of that patch', 'qmail-start', 'qmail-send');
refuses('directories that are split unlike', do { my $home = home_of('notqmail'); rmdir "$home/queue/info/22"; $home },
	'info is not split as mess is \(23\)', 'qmail-queue');
refuses('half a big-todo queue', do { my $home = home_of('sagredo'); remove_tree("$home/queue/intd"); mkdir "$home/queue/intd"; $home },
	'a big-todo queue has both', 'qmail-clean');
refuses('no trigger', do { my $home = home_of('notqmail'); unlink "$home/queue/lock/trigger"; $home }, 'trigger is no FIFO', 'qmail-send');
{
	my $other = fake_build("$dir/other");
	mkdir "$other/stamp";
	spew("$other/stamp/home", "/var/qmail 0.1\n");
	my ($status, $output) = run_setup('dropin', home_of('notqmail'), $other, 'qmail-smtpd');
	like("$status $output", qr/^1 .*was made for the home \/var\/qmail.*nothing was changed/s, 'programs of another home are refused');
}

# --- the run scripts, the key -------------------------------------------------------------------------------------------

{
	my $home = home_of('netqmail');
	spew("$home/run-smtpd", <<"RUN");
#!/bin/sh
QMAILDUID=`id -u vpopmail`
NOFILESGID=`id -g vpopmail`
exec /usr/local/bin/softlimit -m 25000000 \\
    /usr/local/bin/tcpserver -v -R -x $home/control/tcp.smtp.cdb -u "\$QMAILDUID" -g "\$NOFILESGID" 0 smtp \\
    $home/bin/qmail-smtpd /home/vpopmail/bin/vchkpw /bin/true 2>&1
RUN
	spew("$home/run-other", "#!/bin/sh\nexec tcpserver -u 7770 0 25 /var/other/bin/qmail-smtpd\n");
	spew("$home/run-uid", "exec setuidgid qmaild tcpserver 0 25 \\\n\tbin/qmail-smtpd mx.example.org checkpw true\n");
	spew("$home/run.service", "[Service]\nUser=smtp\nExecStart=$home/bin/qmail-smtpd\n");
	spew("$home/inetd", "smtp stream tcp nowait inetu /usr/bin/tcp-env tcp-env $home/bin/qmail-smtpd\n");
	local $ENV{RUN_SCRIPTS} = join ' ', map { "$home/$_" } qw(run-smtpd run-other run-uid run.service inetd);
	my (undef, $found) = run_setup('run-scripts', $home, 'qmail-smtpd');
	is($found, "vpopmail\t$home/run-smtpd\t/home/vpopmail/bin/vchkpw /bin/true\n" . "qmaild\t$home/run-uid\tmx.example.org checkpw true\n" .
		"smtp\t$home/run.service\t\n" . "inetu\t$home/inetd\t\n", 'who runs qmail-smtpd, by scripts, units and inetd');
	$ENV{RUN_SCRIPTS} = "$home/run-smtpd";
	my ($status, $output) = dropin($home, 'qmail-smtpd');
	like("$status $output", qr/^0 .*run-smtpd runs qmail-smtpd as vpopmail/s, 'it is said');
	is(slurp("$home/control/helperusers"), "vpopmail\n", 'and the helpers answer that user');
	undo($home);
	ok(!-e "$home/control/helperusers", 'until it is undone');
	my $made = slurp("$FindBin::Bin/../../setup/services") ? `cd / && $FindBin::Bin/../../setup/make-services run qmail-smtpd $home` : '';
	spew("$home/run-made", $made);
	spew("$home/made.service", scalar `cd / && $FindBin::Bin/../../setup/make-services unit qmail-smtpd $home`);
	$ENV{RUN_SCRIPTS} = "$home/run-made $home/made.service";
	(undef, $found) = run_setup('run-scripts', $home, 'qmail-smtpd');
	is($found, "qmaild\t$home/run-made\t\nqmaild\t$home/made.service\t\n", 'our own scripts are understood, too');
}
SKIP: {
	skip 'root reads everything', 4 if $> == 0;
	my $home = home_of('notqmail');
	spew("$home/control/servercert.pem", "key\n", 0000);
	refuses('a key that nobody can read', $home, 'STARTTLS would be offered and fail', 'qmail-smtpd');
	local $ENV{FORCE} = 1;
	my ($status, $output) = dropin($home, 'qmail-smtpd');
	is($status, 0, '... unless that is wanted') or diag $output;
}

# --- killed at any point --------------------------------------------------------------------------------------------------

# Each command that changes something is counted; the one with the number of $KILL_AT ends the script instead, or right
# after it was done.
mkdir "$dir/shim";
for my $tool (qw(ln cp mv rm rmdir mkdir chmod sync mkfifo chown)) {
	my ($real) = grep { -x } map { "$_/$tool" } '/usr/bin', '/bin';
	spew("$dir/shim/$tool", <<"SH", 0755);
#!/bin/sh
echo >>"\$KILL_COUNT"
n=\$(wc -l <"\$KILL_COUNT")
[ "\$n" -ne "\$KILL_AT" ] || [ -n "\$KILL_AFTER" ] || { kill -KILL \$PPID; exit 1; }
$real "\$@"
status=\$?
[ "\$n" -ne "\$KILL_AT" ] || kill -KILL \$PPID
exit \$status
SH
}

sub killed {
	my ($at, $after, $script, @arguments) = @_;
	local @ENV{qw(KILL_AT KILL_AFTER KILL_COUNT PATH)} = ($at, $after ? 1 : '', "$dir/count", "$dir/shim:$ENV{PATH}");
	unlink "$dir/count";
	my ($status) = run_setup($script, @arguments);
	return $status =~ /^(?:signal 9|137)$/;
}

my @what = qw(qmail-queue qmail-sts qmail-rspawn);
my $old = home_of('tiny');
my $before = shape($old);
my $new = copy_of($old, 'new');
dropin($new, @what);
my $after_it = shape($new);
my $every = $ENV{QFERRY_CRASH} ? 1 : 8;    # by default each eighth step, before it and, of others, after it
my ($kills, $wrong) = (0, 0);

sub copy_of {
	my ($home, $name) = @_;
	remove_tree("$dir/$name");
	system('cp', '-a', $home, "$dir/$name") == 0 or die "cp\n";
	return "$dir/$name";
}

# At each step, before it and after it: TRY($step, $after), until one returns false.
sub each_step {
	my ($try) = @_;
	for my $after (0, 1) {
		for (my $step = 1 + $after * int($every / 2);; $step += $every) {
			last unless $try->($step, $after);
			$kills++;
		}
	}
}

each_step(sub {
	my ($step, $after) = @_;
	my $victim = copy_of($old, 'victim');
	return 0 unless killed($step, $after, 'dropin', $victim, $build, @what);
	my $again = copy_of($victim, 'again');
	my ($status) = dropin($again, @what);
	my $same = $status eq '0' && shape($again) eq $after_it;
	($status) = -e "$victim/bin/.before-qferry" ? undo($victim) : 0;
	my $back = $status eq '0' && shape($victim) eq $before;
	return 1 if $same && $back;
	$wrong++;
	diag("killed at $step" . ($after ? ' (after it)' : '') . ': ' . ($same ? '' : 'not the same when run again; ') . ($back ? '' : 'not undone'));
	return 1;
});
cmp_ok($kills, '>', 5, 'a dropin was killed at its steps');
is($wrong, 0, '... and run again, and undone, with the same end each time');

my $dropins = $kills;
each_step(sub {
	my ($step, $after) = @_;
	my $victim = copy_of($new, 'victim');
	return 0 unless killed($step, $after, 'dropin-undo', $victim);
	my ($status) = -e "$victim/bin/.before-qferry" ? undo($victim) : 0;
	return 1 if $status eq '0' && shape($victim) eq $before;
	$wrong++;
	diag("undo killed at $step");
	return 1;
});
cmp_ok($kills - $dropins, '>', 2, 'an undo was killed at its steps');
is($wrong, 0, '... and run again');
print "# states: $kills kills of dropin and of its undo\n";

done_testing();
