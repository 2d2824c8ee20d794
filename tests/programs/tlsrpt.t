#!/usr/bin/perl
# qmail-tlsrpt: the notes of a day become reports of RFC 8460, by mail and by HTTPS, to the domains whose
# record asks for them (outbound 4.7).  What qmail-remote notes is in root/sts.t.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Uncompress::Gunzip qw(gunzip);
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64);
use POSIX qw(strftime);
use Qferry::Test;
use Qferry::Tls;
use Test::More;

system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0
  or plan skip_all => 'perl has no IO::Socket::SSL';
system('command -v openssl >/dev/null 2>&1') == 0 or plan skip_all => 'no openssl to make certificates';

my $P = '127.0.0.1';
my $pki = temp_dir();
make_authority($pki, 'ca');
make_certificate($pki, 'good', 'ca', alt => 'DNS:reports.example');
spit("$pki/good.pem", pem($pki, 'good.key', 'good.crt'));

my $start = time - time % 86400 - 86400;
my $day = strftime('%Y%m%d', gmtime $start);
my $date = strftime('%Y-%m-%d', gmtime $start);

my $dns = start_dns(<<'END');
_smtp._tls.mail.example TXT "v=TLSRPTv1; rua=mailto:tls@mail.example,mailto:more@other.example"
_smtp._tls.post.example TXT "v=TLSRPTv1;rua=https://reports.example/v1/tlsrpt"
_smtp._tls.two.example TXT "v=TLSRPTv1; rua=mailto:a@two.example"
_smtp._tls.two.example TXT "v=TLSRPTv1; rua=mailto:b@two.example"
_smtp._tls.odd.example TXT "v=TLSRPTv1; rua=mailto:-f@odd.example,mailto:a b@odd.example,http://odd.example/,https://127.0.0.1:25/x y,mailto:$(x)@odd.example"
_smtp._tls.broken.example TXT !servfail
END

my @STS = ('sts', 'version:\x20STSv1;mode:\x20testing;mx:\x20mx.mail.example;mx:\x20*.mail.example;max_age:\x20900');

sub line {
	my ($domain, $result, %o) = @_;
	my ($type, $policy) = $o{sts} ? @STS : ('no-policy-found', '-');
	return join(' ', 1, $start + ($o{at} || 0), $domain, $type, $result, $o{mx} || 'mx.mail.example', $o{ip} || '192.0.2.1',
		$result eq 'ok' ? '-' : '192.0.2.9', $o{detail} || '-', $policy) . "\n";
}

sub home {
	my ($notes, %controls) = @_;
	my $home = instance(me => "mail.us.example\n", resolvers => "$P:$dns->{port}\n", stscafile => "$pki/ca.crt\n", %controls);
	unlink "$home/bin";
	mkdir "$home/$_" for qw(bin state state/tlsrpt);
	symlink build() . "/bin/$_", "$home/bin/$_" for qw(qmail-dns);
	spit("$home/bin/qmail-inject", "#!/bin/sh\nfor a; do echo \"<\$a>\"; done >\"\$QMAILHOME/args.\$4\"\ncat >\"\$QMAILHOME/mail.\$4\"\n"
		  . "test ! -e \"\$QMAILHOME/fail\"\n");
	chmod 0755, "$home/bin/qmail-inject";
	spit("$home/state/tlsrpt/$day", $notes) if defined $notes;
	return $home;
}

sub tlsrpt { my ($home, @argv) = @_; return run_program([ 'qmail-tlsrpt', @argv ], home => $home, limit => 60) }
sub mails { my ($home) = @_; return join ' ', map { s{.*/mail\.$}{}r =~ s{.*/mail\.}{}r } sort glob "$home/mail.*" }

my $NOTES = join '', line('mail.example', 'ok', sts => 1, at => 5), line('two.example', 'ok'), line('mail.example', 'ok', sts => 1, at => 7),
  line('mail.example', 'certificate-expired', sts => 1, at => 9, detail => 'certificate\x20has\x20expired'),
  line('mail.example', 'certificate-expired', sts => 1, at => 10, detail => 'certificate\x20has\x20expired'),
  line('mail.example', 'starttls-not-supported', sts => 1, ip => '2001:db8::1'), line('mail.example', 'ok'), line('none.example', 'ok'),
  "garbage\n", line('odd.example', 'ok'), 'cut';

# --- show and json: what there is ---------------------------------------------------------------------------
{
	my $home = home($NOTES);
	my $run = tlsrpt($home, 'show');
	is("$run->{exit} $run->{err}", '0 ', 'show');
	like($run->{out}, qr/^2 mail\.example sts ok mx\.mail\.example 192\.0\.2\.1$/m, '... equal sessions together');
	like($run->{out}, qr/^2 mail\.example sts certificate-expired mx\.mail\.example 192\.0\.2\.1 certificate has expired$/m, '... with the words');
	$run = tlsrpt($home, 'json', 'mail.example', $day);
	my $json = decode_json($run->{out});
	is_deeply($json->{'date-range'}, { 'start-datetime' => "${date}T00:00:00Z", 'end-datetime' => "${date}T23:59:59Z" }, 'json: RFC 8460 4.4, the day');
	is($json->{'organization-name'}, 'mail.us.example', '... who');
	is($json->{'contact-info'}, 'postmaster@mail.us.example', '... whom to ask');
	is($json->{'report-id'}, "$day.mail.example\@mail.us.example", '... its id');
	is(scalar @{ $json->{policies} }, 2, '... two policies');
	my ($sts) = grep { $_->{policy}{'policy-type'} eq 'sts' } @{ $json->{policies} };
	is_deeply($sts->{policy}, { 'policy-type' => 'sts', 'policy-domain' => 'mail.example', 'mx-host' => [ 'mx.mail.example', '*.mail.example' ],
		'policy-string' => [ 'version: STSv1', 'mode: testing', 'mx: mx.mail.example', 'mx: *.mail.example', 'max_age: 900' ] }, '... the policy');
	is_deeply($sts->{summary}, { 'total-successful-session-count' => 2, 'total-failure-session-count' => 3 }, '... the sum');
	is_deeply([ sort { $a->{'result-type'} cmp $b->{'result-type'} } @{ $sts->{'failure-details'} } ], [
		{ 'result-type' => 'certificate-expired', 'sending-mta-ip' => '192.0.2.9', 'receiving-mx-hostname' => 'mx.mail.example',
			'receiving-ip' => '192.0.2.1', 'failed-session-count' => 2, 'failure-reason-code' => 'certificate has expired' },
		{ 'result-type' => 'starttls-not-supported', 'sending-mta-ip' => '192.0.2.9', 'receiving-mx-hostname' => 'mx.mail.example',
			'receiving-ip' => '2001:db8::1', 'failed-session-count' => 1 } ], '... the failures');
	my ($none) = grep { $_->{policy}{'policy-type'} ne 'sts' } @{ $json->{policies} };
	is_deeply($none, { policy => { 'policy-type' => 'no-policy-found', 'policy-domain' => 'mail.example' },
		summary => { 'total-successful-session-count' => 1, 'total-failure-session-count' => 0 } }, '... and without a policy');
	is(tlsrpt($home, 'show', '20010101')->{exit}, 111, 'a day too long ago');
	is(tlsrpt($home, 'show', '../../x')->{exit}, 111, '... or none');
	is(tlsrpt($home, @$_)->{exit}, 100, "usage: @$_") for [], ['json'], [qw(json a/b)], [qw(report a b)], ['wrong'];
	my $today = strftime('%Y%m%d', gmtime);
	like(tlsrpt($home, 'show', $today)->{err}, qr{^qmail-tlsrpt: no notes of $today \(UTC\) in state/tlsrpt: }, 'a day without notes');
}

# --- report: by mail ------------------------------------------------------------------------------------------
{
	my $home = home($NOTES, tlsrptfrom => "tls-reports\@us.example\n");
	spit("$home/state/tlsrpt/20200101", 'old');
	spit("$home/state/tlsrpt/20200102.sent", 'old');
	my $run = tlsrpt($home, 'report');
	is($run->{exit}, 0, 'report') or diag $run->{err};
	is(mails($home), 'more@other.example tls@mail.example', '... to who asks for it, and to nobody else');
	is(slurp("$home/args.tls\@mail.example"), "<-a>\n<-f>\n<>\n<tls\@mail.example>\n", '... with a null sender');
	my $mail = slurp("$home/mail.tls\@mail.example");
	my ($header, $body) = split /\n\n/, $mail, 2;
	like($header, qr/^$_$/m, "... header: $_")
	  for 'From: tls-reports@us\.example', 'To: tls@mail\.example',
	  "Subject: Report Domain: mail\\.example Submitter: mail\\.us\\.example Report-ID: <$day\\.mail\\.example\@mail\\.us\\.example>",
	  'TLS-Report-Domain: mail\.example', 'TLS-Report-Submitter: mail\.us\.example', 'TLS-Required: No', 'MIME-Version: 1\.0',
	  'Content-Type: multipart/report; report-type="tlsrpt";';
	my ($boundary) = $header =~ /boundary="(.*?)"/;
	my @parts = split /^--\Q$boundary\E(?:--)?\n/m, $body;
	is(scalar @parts, 3, '... two parts');
	my $name = quotemeta "mail.us.example!mail.example!$start!" . ($start + 86399) . '.json.gz';
	like($parts[2], qr{\AContent-Type: application/tlsrpt\+gzip\n.*filename="$name"}s, '... the second is the report');
	unlike($mail, qr/[^\n]{200}/, '... in short lines');
	my ($base64) = $parts[2] =~ /\n\n(.*)/s;
	my $packed = decode_base64($base64);
	gunzip(\$packed => \my $json);
	is($json, tlsrpt($home, 'json', 'mail.example')->{out}, '... compressed');
	like($run->{err}, qr/^qmail-tlsrpt\[\d+\]: tlsrpt host=mail\.example to=tls\@mail\.example result=sent$/m, '... and the log has it');
	is(join(' ', map { s{.*/}{}r } glob "$home/state/tlsrpt/*"), "$day.sent", '... and old notes are removed');
	unlink glob "$home/mail.*";
	$run = tlsrpt($home, 'report');
	is("$run->{exit} $run->{out}$run->{err}" . mails($home), '0 ', 'again: nothing is sent twice');

	# The real qmail-inject takes it as it is.
	my $out = run_program([ 'qmail-inject', '-n', '-a', '-f', '', 'tls@mail.example' ], home => $home, in => $mail)->{out};
	like($out, qr/^TLS-Required: No$/m, 'qmail-inject: its fields stay');
	like($out, qr/^Message-ID: </mi, '... and what is missing is added');
}
{
	my $home = home($NOTES);
	spit("$home/fail", '');
	my $run = tlsrpt($home, 'report');
	is($run->{exit}, 111, 'qmail-inject fails');
	like($run->{err}, qr/host=mail\.example to=tls\@mail\.example result=failed text=qmail-inject\\x20failed$/m, '... in the log');
	$home = home(line('broken.example', 'ok') . line('mail.example', 'ok'));
	$run = tlsrpt($home, 'report');
	is($run->{exit}, 111, 'a record that cannot be had');
	like($run->{err}, qr/host=broken\.example result=failed text=/m, '... in the log');
	is(mails($home), 'more@other.example tls@mail.example', '... and the others get theirs');
	$home = home(undef);
	is(tlsrpt($home, 'report')->{exit}, 0, 'a day without notes needs no report');
	mkdir "$home/control/tlsrptfrom";
	like(tlsrpt($home, 'report')->{err}, qr{^qmail-tlsrpt: control/tlsrptfrom: }, 'broken configuration is named');
}

# --- by HTTPS -----------------------------------------------------------------------------------------------------
{
	my $server = start_policyserver("status 201 ok\nstatus 500 no\n", "$pki/good.pem");
	my $home = home(line('post.example', 'ok', mx => 'mx.post.example'), stsproxy => "$P:$server->{port}\n");
	my $run = tlsrpt($home, 'report');
	is($run->{exit}, 0, 'posted') or diag $run->{err};
	like(slurp("$server->{dir}/1.head"), qr{\APOST /v1/tlsrpt HTTP/1\.1\r\nHost: reports\.example\r\n.*^content-type: application/tlsrpt\+gzip\r?$}msi, '... where and as what');
	my $packed = slurp("$server->{dir}/1.body");
	gunzip(\$packed => \my $json);
	is($json, tlsrpt($home, 'json', 'post.example')->{out}, '... what');
	rename "$home/state/tlsrpt/$day.sent", "$home/state/tlsrpt/$day";
	$run = tlsrpt($home, 'report');
	is($run->{exit}, 111, 'refused');
	like($run->{err}, qr/result=failed text=the\\x20host\\x20of\\x20the\\x20URI\\x20refused$/m, '... in the log');
}
done_testing();
