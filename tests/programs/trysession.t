#!/usr/bin/perl
# qmail-try session: what it says qmail-smtpd would answer is what qmail-smtpd answers, for many homes and
# clients; who decides, and where; what is not done in a rehearsal.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use MIME::Base64 qw(encode_base64);
use Test::More;

my $dns = start_dns(<<'ZONE');
ok.example MX 10 mx.ok.example
mx.ok.example A 192.0.2.1
ok.example TXT "v=spf1 ip4:192.0.2.7 -all"
spam.example MX 10 mx.ok.example
spam.example TXT "v=spf1 -all"
8.2.0.192.zen.example A 127.0.0.2
8.2.0.192.zen.example TXT "listed"
ZONE

# { exit, text, lines => [[name, value, place]...] }
sub try_session {
	my ($home, @arguments) = @_;
	my $run = run_program([ 'qmail-try', 'session', @arguments ], home => $home, limit => 60);
	my %got = (exit => $run->{exit}, err => $run->{err}, text => $run->{out});
	for my $line (split /\n/, $run->{out}) {
		my ($name, $value, $place) = $line =~ /\A([a-z-]+): *(.*?)(?:  +\((.*)\))?\z/ or BAIL_OUT("no such line: $line");
		push @{ $got{lines} }, [ $name, $value, $place ];
	}
	return \%got;
}

sub values_of { my ($got, $name) = @_; return map { $_->[1] } grep { $_->[0] eq $name } @{ $got->{lines} } }
sub places_of { my ($got, $name) = @_; return map { ($_->[2] // '') } grep { $_->[0] eq $name } @{ $got->{lines} } }

# An executable that lets everybody in.
sub accepter {
	my ($home) = @_;
	return spit("$home/accepts", "#!/bin/sh\nexit 0\n", 0755);
}

# What qmail-smtpd itself answers to the commands that a rehearsal has sent.
sub really {
	my ($home, $got, $env, $user, @argv) = @_;
	my @commands = map { s/ \[user .*// ? $_ . ' ' . encode_base64("\0$user\0x", '') : $_ } values_of($got, 'sent');
	my $run = run_program([ 'qmail-smtpd', @argv ], home => $home, env => $env, in => join('', map { "$_\r\n" } @commands));
	return join "\n", map { s/\r$//r } split /\n/, $run->{out};
}

# --- the command line ---------------------------------------------------------------------------

for my $arguments ([], ['192.0.2.7'], [ '192.0.2.7', 'a' ], [ '-x', '192.0.2.7', 'a', 'b' ], [ '-s', 'x', '192.0.2.7', 'a', 'b' ],
	[ '-u', '', '192.0.2.7', 'a', 'b' ], [ '-e', '=x', '192.0.2.7', 'a', 'b' ], [ '192.0.2.7', 'a', 'b', '--' ], [ '192.0.2.7', 'a', '--', 'b' ]) {
	my $got = try_session(instance(me => "mx.example.org\n"), @$arguments);
	is($got->{exit}, 100, "usage: @$arguments");
	like($got->{err}, qr/\Ausage: qmail-try route .*\n +qmail-try session /, '... it says');
}
like(try_session(instance(me => "mx.example.org\n"), '192.0.2', 'a', 'b')->{err}, qr/\Aqmail-try: not an IP address: 192\.0\.2\nusage: /, 'an address that is none');

# --- generated homes: the same octets -------------------------------------------------------------

my $seed = 20261128;
sub random { my ($below) = @_; $seed = ($seed * 1103515245 + 12345) % 2**31; return int($seed / 65536) % $below }
sub one_of { return $_[ random(scalar @_) ] }

my @dialects = ('', qw(notqmail sagredo jms1 sqmail indimail ldap));
my %pool = (
	smtpgreeting => ["hello.example\n"], databytes => [ "5000\n", "0\n", "junk\n" ], rcpthosts => [ "example.org\n.example.net\n", '', undef ],
	badmailfrom => [ "\@spam.example\nbad\@ok.example\n", "!ok\n" ], badrcptto => [ "ann\@example.org\n", "ann\n" ],
	badhelo => ["bad.client\n"], maxrcpt => ["2\n"], maxrecipients => ["1\n"], brtlimit => ["1\n"], enhancedcodes => ["1\n"],
	rejectnullsenders => ["1\n"], validrcptto => ["bob\@example.org\n-ann\@example.org\n\@sub.example.net\n"], postmasterexempt => ["0\n"],
	goodmailfrom => ["joe\@spam.example\n"], rejectrelaytest => ["1\n"], rfcorder => ["1\n"], relaymailfrom => ["\@ok.example\n"],
	tarpitcount => ["1\n"], greetdelay => ["200\n"], strict => ["1\n"], nullenvsender => ["1\n"], mfcheck => ["1\n"], spfbehavior => [ "3\n", "6\n" ],
	dnsbllist => ["-zen.example\n"], limits => [ "address:300\n", "nonsense\n" ], recipients => ["!example.org\n"], submission => ["1\n"],
	authdomains => ["ok.example\n"], realrcptto => ["1\n"], badmailfromnorelay => ["ok.example\n"], maxrcpts => ["2\n"], chunking => ["1\n"],
);
my @clients = ('192.0.2.7', '192.0.2.8', '127.0.0.1', '::1', '2001:db8::7');
my @senders = ('', 'joe@ok.example', 'joe@spam.example', 'bad@ok.example', 'joe@nowhere.example', 'joe', 'a b@ok.example');
my @recipients = ('bob@example.org', 'ann@example.org', 'x@sub.example.net', 'joe@other.example', 'postmaster@example.org', 'bob', 'u%h@example.org', 'a@[127.0.0.1]');

my ($compared, $different) = (0, 0);
for my $n (1 .. 40) {
	my %controls = (me => "mx.example.org\n", resolvers => "127.0.0.1:$dns->{port}\n", rcpthosts => "example.org\n.example.net\n", limits => "chkuser_delay_ms:0\n", tarpitdelay => "0\n");
	for my $name (map { one_of(sort keys %pool) } 1 .. 4) {
		my $value = one_of(@{ $pool{$name} });
		if (defined $value) { $controls{$name} = $value } else { delete $controls{$name} }
	}
	my $dialect = one_of(@dialects);
	$controls{dialect} = "$dialect\n" if $dialect;
	$controls{'tcp.smtp'} = "127.:allow,RELAYCLIENT=\"\"\n::1:allow,RELAYCLIENT=\"\@gate\",DATABYTES=\"700\"\n:allow\n";
	delete $controls{greetdelay} if $n % 8;    # the real one waits
	my $home = instance(%controls);
	my $accepts = accepter($home);
	for (1 .. 2) {
		my ($ip, $sender, $user) = (one_of(@clients), one_of(@senders), random(3) == 0 ? 'joe@ok.example' : '');
		my @to = map { one_of(@recipients) } 1 .. 1 + random(3);
		my @argv = $user ? ($accepts, 'true') : ();
		my @options = (('-h', one_of('client.example', 'bad.client')), ('-n') x (random(4) > 0), $user ? ('-u', $user) : (), random(3) == 0 ? ('-s', '4096') : ());
		push @options, '-n' if grep { defined $controls{$_} } qw(mfcheck spfbehavior dnsbllist);
		push @options, '-e', 'FORCETLS=0';
		my $got = try_session($home, @options, $ip, $sender, @to, $user ? ('--', 'qmail-smtpd', @argv) : ());
		my %env = (FORCETLS => 0, PROTO => 'TCP', TCPREMOTEIP => $ip);
		$env{RELAYCLIENT} = '' if $ip eq '127.0.0.1';
		@env{qw(RELAYCLIENT DATABYTES)} = ('@gate', 700) if $ip eq '::1';
		delete $env{SMTPD_GREETDELAY};
		my $real = $controls{greetdelay} ? undef : really($home, $got, \%env, $user, @argv);
		next unless defined $real;
		$compared++;
		my $said = join "\n", grep { defined } values_of($got, 'reply');
		next if $said eq $real;
		$different++;
		is($said, $real, "home $n: " . join(' ', map { "$_=" . ($controls{$_} =~ s/\n/,/gr) } sort keys %controls) . " @options $ip $sender @to") or diag $got->{text};
	}
}
ok($compared > 60, "$compared sessions of generated homes");
is($different, 0, '... answered as qmail-smtpd does, to the octet');

# --- who decides ----------------------------------------------------------------------------------

my %base = (me => "mx.example.org\n", rcpthosts => "a.example\nexample.org\n", 'tcp.smtp' => "# who\n10.0.0.1-3:deny\n127.:allow,RELAYCLIENT=\"\"\n:allow\n");

sub decides {
	my ($name, $controls, $arguments, @want) = @_;
	my $got = try_session(instance(%base, %$controls), @$arguments);
	is(join(' | ', map { "$_->[1] ($_->[2])" } map { [ $_->[0], $_->[1], $_->[2] // '' ] } grep { $_->[0] eq 'decided' } @{ $got->{lines} }), join(' | ', @want), $name)
	  or diag $got->{text};
	ok(!sanitizer_report($got->{err}), '... no sanitizer report') or diag $got->{err};
	return $got;
}
my $got = decides('rcpthosts, and its line', {}, [ '192.0.2.7', 's@x', 'bob@EXAMPLE.org', 'bob@b.example' ],
	'rcpthosts (control/rcpthosts:2)', 'rcpthosts (control/rcpthosts)');
is($got->{exit}, 1, '... one refused: exit');
is(join('', values_of($got, 'result')), '1 of 2 recipients would be accepted', '... result');
is(join('', values_of($got, 'rule')), 'allow', '... the rule');
is(join('', places_of($got, 'rule')), 'control/tcp.smtp:4', '... its line');
is(join('', values_of($got, 'would-run')), 'bin/qmail-queue', '... whom the message would go to');
$got = decides('a relay client', {}, [ '127.0.0.1', 's@x', 'bob@b.example' ], 'relay client (control/tcp.smtp:3)');
is($got->{exit}, 0, '... exit');
is(join('', values_of($got, 'rule')), 'allow, RELAYCLIENT=', '... the rule says so');
decides('badmailfrom', { badmailfrom => "x\@y\n\n\@bad.example\n" }, [ '127.0.0.1', 'joe@bad.example', 'bob@b.example' ], 'badmailfrom (control/badmailfrom:3)');
{
	my $home = instance(%base);
	unlink "$home/control/rcpthosts";
	my $open = try_session($home, '192.0.2.7', 's@x', 'bob@b.example');
	is(join('', values_of($open, 'decided')), 'open relay: there is no control/rcpthosts', 'an open relay is called one');
	ok(scalar(grep { /rcpthosts is missing/ } values_of($open, 'warning')), '... as qmail-smtpd warns, too');
}
$got = decides('validrcptto', { validrcptto => "bob\@example.org\n" }, [ '192.0.2.7', 's@x', 'bob@example.org' ], 'rcpthosts (control/rcpthosts:2)');
is(join('', values_of($got, 'known-by')), 'validrcptto', '... who knew the recipient');
$got = decides('databytes', { databytes => "100\n" }, [ '-s', '101', '192.0.2.7', 's@x', 'bob@example.org' ], 'databytes ()');
is(join('', values_of($got, 'result')), 'the sender would be refused', '... result');
$got = decides('databytes without SIZE', { databytes => "100\n", strict => "1\n" }, [ '-s', '101', '192.0.2.7', 's@x', 'bob@example.org' ], 'rcpthosts (control/rcpthosts:2)');
is(join('', values_of($got, 'at-end-of-data')), "552 sorry, that message size exceeds my databytes limit (#5.3.4)", '... at the end of data');
is($got->{exit}, 1, '... exit');
$got = decides('a rule that denies', {}, [ '10.0.0.2', 's@x', 'bob@example.org' ]);
is(join('', values_of($got, 'result'), places_of($got, 'result')), 'tcpserver would close the connection at oncecontrol/tcp.smtp:2', '... that is all');
$got = decides('a control file that cannot be used', { dialect => "klingon\n" }, [ '192.0.2.7', 's@x', 'bob@example.org' ]);
is(join('', values_of($got, 'reply')), '421 unable to read controls (#4.3.0)', '... no greeting');
like(join('', values_of($got, 'warning')), qr{control/dialect:1}, '... which file');

# --- what is not done -------------------------------------------------------------------------------

{
	my $home = instance(%base, greylist => "1\n", greetdelay => "250\n", tarpitcount => "1\n", tarpitdelay => "200\n", mfcheck => "1\n", smtpplugins => "[rcpt]\nplugin\n");
	spit("$home/plugin", "#!/bin/sh\n: > $home/ran\n", 0755);
	my $start = time;
	my $try = try_session($home, '-e', 'ENABLE_SPP=1', '-e', 'QMAILQUEUE=/no/queue', '192.0.2.7', 's@ok.example', 'bob@example.org');
	ok(time - $start < 100, 'nobody waits in a rehearsal');
	is(join(' | ', values_of($try, 'would-ask')), 'MX ok.example, taken to be there | A ok.example, taken to be there | AAAA ok.example, taken not to be there | qmail-state, taken to let pass',
		'the DNS and the store are not asked') or diag $try->{text};
	is(join(' | ', values_of($try, 'would-run')), 'plugin, taken to agree | /no/queue', 'no program is run');
	ok(!-e "$home/ran", '... really');
	ok(!-d "$home/state", '... nothing is noted');
	is($try->{exit}, 0, '... and the recipient is accepted');
	my $alone = try_session($home, '-u', 'joe', '192.0.2.7', 's@ok.example', 'bob@example.org');
	is(join('', values_of($alone, 'result')), 'the user would not be let in', 'a user, and no checker');
	ok(scalar(grep { /behind --/ } values_of($alone, 'warning')), '... a hint');
	unlink "$home/plugin";
	my $none = try_session($home, '-e', 'ENABLE_SPP=1', '192.0.2.7', 's@ok.example', 'bob@example.org');
	like(join('', values_of($none, 'reply')), qr/451 qmail-spp failure: plugin: can't execute/, 'a program that cannot be started');
}
{
	my $home = instance(%base, 'servercert.pem' => '');
	my $tls = try_session($home, '-t', '192.0.2.7', 's@x', 'bob@example.org');
	is(join(' | ', grep { !/^(?:RCPT|MAIL|QUIT)/ } values_of($tls, 'sent')), 'EHLO [192.0.2.7] | STARTTLS | EHLO [192.0.2.7]', 'TLS begins, as far as commands go');
	ok(!grep({ /STARTTLS/ } (values_of($tls, 'reply'))[6 .. 11]), '... and is not offered again');
	my $submission = try_session($home, '-e', 'SUBMISSION=1', '192.0.2.7', 's@x', 'bob@example.org');
	is(join('', (values_of($submission, 'reply'))[-2]), '530 5.7.0 Must issue a STARTTLS command first', 'TLS that is required') or diag $submission->{text};
	my $accepts = accepter($home);
	my $login = try_session($home, '-e', 'SUBMISSION=1', '-u', 'joe', '192.0.2.7', 's@x', 'bob@b.example', '--', 'qmail-smtpd', $accepts, 'true');
	is(join('', values_of($login, 'decided')), 'relay client, as the user is known', 'who logs in may relay') or diag $login->{text};
	unlike($login->{text}, qr/AGpvZQ/, '... and AUTH shows no octet of it');
	my $smtps = try_session($home, '-e', 'SMTPS=1', '192.0.2.7', 's@x', 'bob@example.org');
	is($smtps->{exit}, 0, 'TLS from the first octet') or diag $smtps->{text};
}

# --- rules: as tcprules(1) and tcprulescheck(1) have them --------------------------------------------

SKIP: {
	my $tcprules = '/usr/bin/tcprules';
	skip 'no tcprules', 1 unless -x $tcprules && -x '/usr/bin/tcprulescheck';
	my $text = join '', map { "$_\n" } '# c', '127.:allow,RELAYCLIENT=""', '::1:allow,A="1",B=!x y!', '2001:db8::allow,P="1"', '2001:db8:1:deny', '1.2.3.4-6:allow,X="y"',
	  '=host.example:allow,H="h"', '=.example:allow,H="dot"', '=:allow,H="any"', '1.2.3.5:deny', '10.:deny', '192.168.1-3.:deny', '9.8.7.250-999:deny', '5.5.5.9-3:deny', ':allow,Z="z"';
	my $home = instance(me => "mx\n", 'tcp.smtp' => $text);
	system("$tcprules $home/control/tcp.smtp.cdb $home/control/tmp < $home/control/tcp.smtp") == 0 or die;
	my $cases = 0;
	for my $ip (qw(127.0.0.1 ::1 2001:db8::5 2001:db8:1::7 1.2.3.3 1.2.3.4 1.2.3.5 1.2.3.6 1.2.3.7 10.9.9.9 192.168.0.1 192.168.2.1 192.168.20.1 9.8.7.255 9.8.7.249 5.5.5.5 8.8.8.8)) {
		for my $host ('', 'host.example', 'a.b.example', 'other') {
			my @checked = split /\n/, `env -i TCPREMOTEIP='$ip' @{[ $host ? "TCPREMOTEHOST='$host'" : '' ]} /usr/bin/tcprulescheck $home/control/tcp.smtp.cdb`;
			my $want = join ', ', grep { defined } (map { /^(allow|deny) connection/ ? $1 : () } @checked), map { /^set environment variable (.*)/ ? $1 : () } @checked;
			for my $file ("$home/control/tcp.smtp", "$home/control/tcp.smtp.cdb") {
				my $rule = try_session($home, '-r', $file, $host ? ('-p', $host) : (), $ip, 's', 'r');
				my $said = join '', values_of($rule, 'rule');
				$cases++ if $said eq $want;
				is($said, $want, "$file: $ip $host") unless $said eq $want;
			}
		}
	}
	is($cases, 17 * 4 * 2, 'rules decide as tcprulescheck has them');
	my $compiled = try_session($home, '1.2.3.5', 's', 'r');
	is(join('', places_of($compiled, 'rule')), 'control/tcp.smtp:6', 'of a cdb file, its text names the line') or diag $compiled->{text};
}
for my $bad ('nonsense', '1.2.3.4:foo', '1.2.3.4:allow,X', '1.2.3.4:allow,X="y') {
	my $try = try_session(instance(me => "mx\n", 'tcp.smtp' => ":allow\n$bad\n"), '1.2.3.4', 's', 'r');
	is($try->{exit}, 111, "no rule: $bad");
	like(join('', values_of($try, 'warning')), qr{control/tcp\.smtp:2: }, '... its line');
}
my $none = try_session(instance(me => "mx\n"), '-r', 'control/none', '1.2.3.4', 's', 'r');
is($none->{exit}, 111, 'no such file of rules');
like(join('', values_of($none, 'result')), qr/^nobody knows/, '... is the result');

done_testing();
