#!/usr/bin/perl
# qmail-sts: records, policies, the cache, refresh and back-off, against a policy host and a DNS of our own
# (outbound 4.6, T13).  The policy host is reached as a proxy, because an ordinary user has no port 443;
# root/sts.t has the way without one, and what qmail-remote makes of it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Socket qw(AF_UNIX SOCK_SEQPACKET pack_sockaddr_un);
use Qferry::Test;
use Qferry::Tls;
use Test::More;

system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0
  or plan skip_all => 'perl has no IO::Socket::SSL';
system('command -v openssl >/dev/null 2>&1') == 0 or plan skip_all => 'no openssl to make certificates';

my $P = '127.0.0.1';
my $pki = temp_dir();
make_authority($pki, $_) for qw(ca otherca);
make_certificate($pki, 'good',    'ca',      alt => 'DNS:mta-sts.dest.example,DNS:mta-sts.two.example');
make_certificate($pki, 'wild',    'ca',      alt => 'DNS:*.dest.example');
make_certificate($pki, 'foreign', 'otherca', alt => 'DNS:mta-sts.dest.example');
make_certificate($pki, 'wrong',   'ca',      alt => 'DNS:mta-sts.other.example');
make_certificate($pki, 'onlycn',  'ca',      subject => 'mta-sts.dest.example', alt => 'DNS:other.example');
make_certificate($pki, 'expired', 'ca',      alt => 'DNS:mta-sts.dest.example', expired => 1);
spit("$pki/$_.pem", pem($pki, "$_.key", "$_.crt")) for qw(good wild foreign wrong onlycn expired);

my $ENFORCE = 'version: STSv1\nmode: enforce\nmx: mx.dest.example\nmx: *.Backup.example\nmax_age: 604800\n';

# --- a home ----------------------------------------------------------------------------------------------

my (%services, %dns);

sub dns { my ($zone) = @_; return $dns{$zone} ||= start_dns($zone) }

# The record of a domain, by its text.
sub zone { my ($record) = @_; return join '', map { qq(_mta-sts.dest.example TXT "$_"\n) } ref $record ? @$record : $record }

sub use_record { my ($home, $record) = @_; control($home, 'resolvers', "$P:" . dns(zone($record))->{port} . "\n") }

sub home {
	my ($server, $record, %controls) = @_;
	my $home = instance(stscafile => "$pki/ca.crt\n", stsproxy => "$P:$server->{port}\n", %controls);
	mkdir "$home/$_" for qw(run run/sts cache cache/sts);
	use_record($home, $record);
	return $home;
}

sub policy_host { my ($script, $cert) = @_; return start_policyserver("$script\n", "$pki/" . ($cert || 'good') . '.pem') }

sub fetch { my ($home, $domain) = @_; return run_program([ 'qmail-sts', 'fetch', $domain || 'dest.example' ], home => $home, limit => 60) }

sub kept { my ($home, $domain) = @_; return slurp("$home/cache/sts/" . ($domain || 'dest.example')) // '' }

sub value { my ($home, $key) = @_; return kept($home) =~ /^\Q$key\E (.*)$/m ? $1 : undef }

sub requests { my ($server) = @_; return scalar(() = glob "$server->{dir}/*.head") }

# Make a file so many seconds older.
# While it works on a domain, the service drops notes about it, and it has the last word in the file.
sub is_idle {
	my ($home) = @_;
	my ($pid) = grep { $services{$_} eq $home } keys %services or return 1;
	return !grep { (slurp($_) // '') =~ /^\d+ \(.*\) \S $pid / } glob '/proc/[0-9]*/stat';
}

sub age {
	my ($home, $seconds) = @_;
	wait_until(sub { is_idle($home) }) or die 'the service does not come to rest';
	my $text = kept($home) =~ s/^(fetched|expires|checked|next|used) (\d+)$/"$1 " . ($2 > $seconds ? $2 - $seconds : $2)/gemr;
	# Whole at once: of half a file the service would fetch another.
	spit("$home/aged", $text);
	rename "$home/aged", "$home/cache/sts/dest.example" or die "rename: $!";
}

sub connects {
	my ($home) = @_;
	socket(my $socket, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
	return connect($socket, pack_sockaddr_un("$home/run/sts/sock")) ? $socket : undef;
}

sub serve {
	my ($home, @prefix) = @_;
	open my $err, '>>', "$home/stderr" or die;
	my $pid = start_program([ @prefix, @prefix ? program('qmail-sts') : 'qmail-sts', 'serve' ], home => $home, fds => { 2 => $err });
	$services{$pid} = $home;
	wait_until(sub { connects($home) }) or die 'no service';
	return $pid;
}

sub stop {
	my ($pid, $signal) = @_;
	kill $signal || 'TERM', $pid;
	my ($exit, $got) = finish_program($pid);
	my $home = delete $services{$pid};
	is("$exit $got", $signal ? '-1 9' : '0 0', 'the service ends');
	is(sanitizer_report(slurp("$home/stderr")), undef, 'no report of a sanitizer');
}
END { my $status = $?; for (keys %services) { kill 'TERM', $_; finish_program($_, 5) } $? = $status }

# As qmail-remote does it: a frame, and no wait.  With an answer, its status.
sub send_note {
	my ($home, $domain, $answered) = @_;
	my $socket = connects($home) or return 'nobody';
	my $field = pack 'nn/a', 128, $domain;
	send $socket, "QF\x01\x80" . pack('NNCCn', 7, 0, 0, 0, 0) . $field, 0;
	return unless $answered;
	recv $socket, my $frame, 65536, 0;
	return unpack 'x12C', $frame;
}

sub is_kept { my ($home, $key, $want, $name) = @_; ok(wait_until(sub { (value($home, $key) // '') eq $want }), $name) or diag kept($home) }

# --- by hand: what is found, in words ----------------------------------------------------------------------
{
	my $server = policy_host("policy $ENFORCE");
	my $home = home($server, 'v=STSv1; id=20260101;', limits => "sts_ms:60000\n");
	my $run = fetch($home);
	is("$run->{exit} $run->{err}", '0 ', 'outbound 4.6 fetch: by hand; limit sts_ms, at: in time');
	like($run->{out}, qr/\Adomain: dest\.example\npolicy: enforce: .*\nid: 20260101\nmx: mx\.dest\.example \*\.backup\.example\nfetched: .*\nexpires: /,
		'... said in words');
	is(slurp("$server->{dir}/1.connect"), 'mta-sts.dest.example:443', '... from the policy host');
	like(slurp("$server->{dir}/1.head"), qr{\AGET /\.well-known/mta-sts\.txt HTTP/1\.1\r\nHost: mta-sts\.dest\.example\r\n}, '... the well-known file');
	unlike(slurp("$server->{dir}/1.head"), qr/user-agent|cookie/i, '... saying nothing about us');
	is(join('|', map { value($home, $_) } qw(domain mode id max_age failure mx)),
		'dest.example|enforce|20260101|604800||mx.dest.example *.backup.example', '... and kept');
	is(value($home, 'expires') - value($home, 'fetched'), 604800, '... for its max_age');
	is(sprintf('%04o', (stat "$home/cache/sts/dest.example")[2] & 07777), '0640', '... for the group');
	is(join(' ', map { s{.*/}{}r } glob "$home/cache/sts/{*,.new*}"), 'dest.example', '... in one file');
	$run = run_program([ 'qmail-sts', 'show', 'DEST.example' ], home => $home);
	like("$run->{exit} $run->{out}", qr/\A0 domain: dest\.example\npolicy: enforce: /, 'show');
	$run = run_program([ 'qmail-sts', 'show' ], home => $home);
	like("$run->{exit} $run->{out}", qr/\A0 dest\.example enforce \d+\n\z/, 'show all');
	$run = run_program([ 'qmail-sts', 'show', 'none.example' ], home => $home);
	is("$run->{exit} $run->{err}", "111 qmail-sts: nothing is known of none.example\n", 'show what is not there');
	is(run_program([ 'qmail-sts', @$_ ], home => $home)->{exit}, 100, "usage: @$_") for [], ['fetch'], [qw(fetch ../x)], [qw(show a b)], ['wrong'];
	$run = fetch($home, 'none.example');
	like("$run->{exit} $run->{out}", qr/\A0 domain: none\.example\npolicy: no policy\n.*^because: there is no record in the DNS$/ms, 'no record');
	is(requests($server), 1, '... no request');
}

# --- outbound 4.6, rows "fetch" and "TXT": what is no policy -----------------------------------------------
sub fails {
	my ($name, $script, $failure, $words, %o) = @_;
	my $server = policy_host($script, $o{cert});
	my $home = home($server, $o{record} || 'v=STSv1; id=1', %{ $o{controls} || {} });
	spit("$server->{dir}/refuse", '') if $o{refuse};
	my $run = fetch($home);
	is($run->{exit}, $failure ? 111 : 0, $name);
	is(value($home, 'failure'), $failure, '... so kept');
	is(value($home, 'id'), '', '... without a policy');
	like($run->{out}, qr/^because: $words$/m, '... in words');
	is(value($home, 'next') - value($home, 'checked'), $failure ? 300 : 3600, '... and left alone') if !$o{dns};
	return $server;
}
my ($ERROR, $INVALID, $WEBPKI) = qw(sts-policy-fetch-error sts-policy-invalid sts-webpki-invalid);
is(requests(fails('T13 redirect', "redirect https://mta-sts.dest.example/other", $ERROR, 'the policy host answered with HTTP status 301')),
	1, '... not followed');
fails('T13 65 KiB body', "long 65537 $ENFORCE", $ERROR, 'the policy is longer than 65536 octets');
fails('endless', 'endless', $ERROR, 'the policy is longer than 65536 octets');
fails('status 404', "status 404 $ENFORCE", $ERROR, 'the policy host answered with HTTP status 404');
fails('status 201', "status 201 $ENFORCE", $ERROR, 'the policy host answered with HTTP status 201');
fails('content type', "type text/html $ENFORCE", $ERROR, 'the policy is not text/plain');
fails('no content type', "type - $ENFORCE", $ERROR, 'the policy is not text/plain');
fails('limit sts_ms, over: hang', 'hang', $ERROR, '.*(?:timed out|[Tt]imeout).*', controls => { limits => "sts_ms:1000\n" });
fails('close', 'close', $ERROR, '.+');
fails('proxy refuses', "policy $ENFORCE", $ERROR, '.+', refuse => 1);
fails("another's certificate", "policy $ENFORCE", $WEBPKI, '.*', cert => 'wrong');
fails('a foreign certificate', "policy $ENFORCE", $WEBPKI, '.*certificate.*', cert => 'foreign');
fails('an expired certificate', "policy $ENFORCE", $WEBPKI, '.*expired.*', cert => 'expired');
fails('a certificate with the name as CN only', "policy $ENFORCE", $WEBPKI, '.*', cert => 'onlycn');
fails('no version', 'policy mode: enforce\nmx: a.example\nmax_age: 9\n', $INVALID, 'the version is not STSv1');
fails('garbage', 'policy <html>\n', $INVALID, '.+');
fails('no mx', 'policy version: STSv1\nmode: testing\nmax_age: 9\n', $INVALID, 'there is no mx');
is(requests(fails('T13 two TXT', "policy $ENFORCE", '', 'there are several records in the DNS',
	record => [ 'v=STSv1; id=1', 'v=STSv1; id=2' ])), 0, '... no request');
is(requests(fails('no such TXT', "policy $ENFORCE", '', 'there is no record in the DNS', record => 'v=spf1 -all')), 0, '... no request');
fails('a bad id', "policy $ENFORCE", $INVALID, 'the record in the DNS is not valid', record => 'v=STSv1; id=a-b');
{
	my $server = policy_host("policy $ENFORCE");
	my $home = home($server, 'v=STSv1; id=1', resolvers => "$P:1\n");
	control($home, 'resolvers', "$P:" . dns("_mta-sts.dest.example TXT !servfail\n")->{port} . "\n");
	my $run = fetch($home);
	is(value($home, 'next') - value($home, 'checked'), 300, 'SERVFAIL: again in five minutes');
}

# What is one.
sub succeeds {
	my ($name, $script, %o) = @_;
	my $home = home(policy_host($script, $o{cert}), $o{record} || 'v=STSv1; id=1');
	is(fetch($home)->{exit}, 0, $name);
	is(value($home, 'id'), $o{id} || '1', '... and kept');
	return $home;
}
succeeds('65 536 octets', "long 65536 $ENFORCE");
succeeds('CRLF', 'policy ' . ($ENFORCE =~ s/\\n/\\r\\n/gr));
succeeds('text/plain with a charset', "type Text/Plain;charset=utf-8 $ENFORCE");
succeeds('a wildcard certificate', "policy $ENFORCE", cert => 'wild');
succeeds('one of several records is ours', "policy $ENFORCE", record => [ 'v=spf1 -all', 'v=STSv1; id=abc; x=y', 'v=STSv2; id=1' ], id => 'abc');
is(value(succeeds('none', 'policy version: STSv1\nmode: none\nmax_age: 86400\n'), 'mode'), 'none', '... as none');
is(value(succeeds('too long an age', 'policy version: STSv1\nmode: none\nmax_age: 99999999\n'), 'max_age'), '31557600', '... is cut');

# A file that cannot be read, and one that is not there.
{
	my $home = home(policy_host("policy $ENFORCE"), 'v=STSv1; id=1');
	unlink "$home/control/stscafile";
	mkdir "$home/control/stscafile";
	my $run = fetch($home);
	like("$run->{exit} $run->{err}", qr{\A111 qmail-sts\[\d+\]: config .*control/stscafile}, 'broken configuration is named');
	rmdir "$home/control/stscafile";
	$run = fetch($home);
	like("$run->{exit} $run->{out}", qr/\A111 .*^failed: $WEBPKI$/ms, 'without the file the system decides whom to trust');
	rmdir "$home/cache/sts" if unlink "$home/cache/sts/dest.example";
	control($home, 'stscafile', "$pki/ca.crt\n");
	$run = fetch($home);
	like("$run->{exit} $run->{err}", qr{\A0 qmail-sts: this is not kept in cache/sts: }, 'without a cache it is said all the same');
}

# --- the service: notes, id change, refresh, back-off --------------------------------------------------------
{
	my $server = policy_host("policy $ENFORCE\npolicy " . ($ENFORCE =~ s/enforce/testing/r));
	my $home = home($server, 'v=STSv1; id=1');
	my $pid = serve($home);
	is(send_note($home, 'dest.example', 1), 0, 'a note is answered ok');
	is_kept($home, 'id', '1', '... and the policy fetched');
	is(value($home, 'mode'), 'enforce', '... in the background');
	send_note($home, 'dest.example', 1) for 1 .. 3;
	is(requests($server), 1, '... once');
	age($home, 3700);
	send_note($home, 'Dest.Example');
	ok(wait_until(sub { value($home, 'next') > time }), 'an hour later the record is looked at');
	is(requests($server), 1, '... but with the same id nothing is fetched');
	use_record($home, 'v=STSv1; id=2');
	age($home, 3700);
	send_note($home, 'dest.example');
	is_kept($home, 'id', '2', 'T13 id change: fetched');
	is(value($home, 'mode'), 'testing', '... and in force');
	age($home, 86500);
	send_note($home, 'dest.example');
	ok(wait_until(sub { requests($server) == 3 }), 'a day later it is fetched again with the same id');
	is_kept($home, 'mode', 'testing', '... and kept');
	use_record($home, 'v=spf1 -all');
	ok(wait_until(sub { value($home, 'next') > time }), '... looked at');
	age($home, 3700);
	send_note($home, 'dest.example');
	is_kept($home, 'text', 'there is no record in the DNS', 'the record is gone');
	is(value($home, 'mode') . value($home, 'id'), 'testing2', '... the policy stays');
	is(send_note($home, '../../etc/passwd', 1), 3, 'what is no domain is malformed');
	is(send_note($home, 'a' x 300, 1), 3, '... nor is what is too long');
	stop($pid);
	is(send_note($home, 'dest.example'), 'nobody', 'nobody listens');
	like(slurp("$home/stderr"), qr/^qmail-sts\[\d+\]: sts host=dest\.example result=enforce\n.*^qmail-sts\[\d+\]: sts host=dest\.example result=testing$/ms, 'the log');
	# After a restart.
	age($home, 700000);
	use_record($home, 'v=STSv1; id=2');
	$pid = serve($home);
	send_note($home, 'dest.example');
	is_kept($home, 'mode', 'testing', 'T13 expired: fetched anew');
	ok(wait_until(sub { value($home, 'expires') > time }), '... and valid');
	stop($pid);
}
{
	my $server = policy_host("policy $ENFORCE\nstatus 500 no\nstatus 500 no\npolicy $ENFORCE");
	my $home = home($server, 'v=STSv1; id=1');
	my $pid = serve($home);
	send_note($home, 'dest.example');
	is_kept($home, 'id', '1', 'a policy');
	use_record($home, 'v=STSv1; id=2');
	age($home, 4000);
	send_note($home, 'dest.example');
	is_kept($home, 'failure', $ERROR, 'outbound 4.6 cache: the fetch of the next one fails');
	is(value($home, 'mode') . value($home, 'id'), 'enforce1', '... the old one holds');
	send_note($home, 'dest.example', 1) for 1 .. 3;
	stop($pid);
	$pid = serve($home);
	send_note($home, 'dest.example', 1);
	send_note($home, 'dest.example', 1);
	is(requests($server), 2, '... and nobody asks within five minutes, not after a restart either');
	age($home, 310);
	send_note($home, 'dest.example');
	ok(wait_until(sub { requests($server) == 3 }), '... then again');
	stop($pid);
}

# Background: a policy that is due is looked at without mail, unless there was none for long.
{
	my $server = policy_host("policy $ENFORCE");
	my $home = home($server, 'v=STSv1; id=1');
	fetch($home);
	age($home, 90000);
	my $used = value($home, 'used');
	spit("$home/cache/sts/idle.example", kept($home) =~ s/^domain .*/domain idle.example/mr =~ s/^used .*/"used " . (time - 31 * 86400)/mer);
	spit("$home/cache/sts/gone.example", kept($home) =~ s/^domain .*/domain gone.example/mr =~ s/^expires .*/expires 5/mr);
	spit("$home/cache/sts/broken.example", "mta-sts 1\ndomain broken.example\nmode enf");
	spit("$home/cache/sts/.new.17", 'x');
	utime 1, 1, "$home/cache/sts/.new.17";
	my $pid = serve($home);
	ok(wait_until(sub { requests($server) == 2 }), 'refresh in the background');
	ok(wait_until(sub { value($home, 'next') > time }), '... kept');
	is(value($home, 'used'), $used, '... is no use');
	is(join(' ', map { s{.*/}{}r } glob "$home/cache/sts/{*,.new*}"), 'dest.example idle.example', '... and what is over, broken or unfinished is swept');
	stop($pid);
}

# Who may: in a home of ours everybody is us; more than enough notes; the cache is bounded.
{
	my $server = policy_host("policy $ENFORCE");
	my $home = home($server, 'v=STSv1; id=1', limits => "sts_domains:2\n");
	my $pid = serve($home);
	send_note($home, "a$_.example") for 1 .. 2;
	ok(wait_until(sub { 2 == grep { !/\.new/ } glob "$home/cache/sts/*" }), 'limit sts_domains, at: two are kept');
	send_note($home, "a$_.example") for 1 .. 1200;
	ok(wait_until(sub { slurp("$home/stderr") =~ /the\\x20cache\\x20of\\x20policies\\x20is\\x20full/ }), 'the cache is full, says the log');
	my @files = glob "$home/cache/sts/*";
	ok(@files <= 2, 'limit sts_domains, over: and stays so');
	stop($pid);
}

# Ended in the middle of a fetch, and of a write.
{
	my $server = policy_host("policy $ENFORCE\nhang");
	my $home = home($server, 'v=STSv1; id=1');
	my $pid = serve($home);
	send_note($home, 'dest.example');
	is_kept($home, 'id', '1', 'a policy');
	my $before = kept($home);
	use_record($home, 'v=STSv1; id=2');
	age($home, 4000);
	$before = kept($home);
	send_note($home, 'dest.example');
	ok(wait_until(sub { requests($server) == 2 }), 'a fetch hangs');
	stop($pid);
	is(kept($home), $before, '... and the file is as it was');
}
SKIP: {
	skip 'no strace', 4 unless -x '/usr/bin/strace';
	skip 'strace and the sanitizer do not agree', 4 if slurp(build() . '/stamp/cool') =~ /-fsanitize/;
	skip 'strace does not work here', 4 if run_program([ '/usr/bin/strace', '-o', '/dev/null', 'true' ])->{exit} != 0;
	for my $call (qw(fsync rename)) {
		my $home = home(policy_host("policy $ENFORCE"), 'v=STSv1; id=1');
		fetch($home);
		my $before = kept($home);
		run_program([ '/usr/bin/strace', '-o', '/dev/null', '-e', "trace=$call", '-e', "inject=$call:signal=KILL:when=1",
			program('qmail-sts'), 'fetch', 'dest.example' ], home => $home, limit => 60);
		is(kept($home), $before, "killed at $call: the file is as it was");
		isnt((glob "$home/cache/sts/.new.*")[0], undef, '... and an unfinished one beside it') if $call eq 'fsync';
		is(fetch($home)->{exit}, 0, '... and the next one goes');
	}
}
done_testing();
