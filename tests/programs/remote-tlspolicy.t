#!/usr/bin/perl
# T11 of outbound 11: what is wrong with a server's TLS, at each level of 4.2, by qmail-remote alone and
# by a kept worker; the files of 4.1; and how long a failure is remembered (4.3).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Spawn;
use Qferry::Test;
use Qferry::Tls;
use Test::More;

system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0
  or plan skip_all => 'perl has no IO::Socket::SSL';
system('command -v openssl >/dev/null 2>&1') == 0 or plan skip_all => 'no openssl to make certificates';

my $P = '127.0.0.1';
my $ACCEPTED = "K$P accepted message.\nRemote host said: 250 ok queued\n";

# --- certificates ----------------------------------------------------------------------------------

my $pki = temp_dir();
sub certificate {
	my ($name, $by, %with) = @_;
	$by ? make_certificate($pki, $name, $by, %with) : self_signed($pki, $name, %with);
	spit("$pki/$name.pem", pem($pki, "$name.key", "$name.crt"));
}
make_authority($pki, 'ca');
certificate('good',      'ca', alt => "IP:$P,DNS:relay.example,DNS:mx.dest.example");
certificate('self',      undef, alt => "IP:$P");
certificate('expired',   'ca', alt => "IP:$P", expired => 1);
certificate('othername', 'ca', alt => 'DNS:other.example');
certificate('middle',    'ca', ca => 1);
certificate('leaf',      'middle', alt => "IP:$P");    # sent without its intermediate
certificate('client',    'ca');
my $CA = "$pki/ca.crt";
my $hashed = hash_directory("$pki/hashed", $CA);
sub fingerprint { my ($name, $by) = @_; return lc `openssl x509 -in $pki/$name.crt -noout -fingerprint -$by` =~ s/.*=|[:\n]//gr }
my $PIN = fingerprint('good', 'sha256');

# --- deliveries --------------------------------------------------------------------------------------

sub home {
	my ($sink, %controls) = @_;
	%controls = (me => "client.example\n", smtproutes => ":$P:PORT\n", %controls);
	s/PORT/$sink->{port}/g for values %controls;
	my $home = instance(%controls);
	queue_tree($home);
	spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n");
	return $home;
}

# By qmail-remote alone: what qmail-rspawn would make of it.
sub alone {
	my ($home, %o) = @_;
	my $run = run_program([ 'qmail-remote', $o{host} || 'dest.example', $o{sender} || 's@client.example', 'r@dest.example' ],
		home => $home, in => "Subject: x\n\nbody\n");
	my $out = $run->{out};
	$out =~ s/\Ar\0//;
	$out =~ s/\0\z//;
	return $out;
}

# By a kept worker.
sub kept {
	my ($home) = @_;
	my $spawner = spawner($home, ['qmail-rspawn']);
	greeting($spawner, 1);
	my $report = deliver($spawner, 'r@dest.example', sender => 's@client.example');
	finish($spawner);
	$report =~ s/\A.(.*)\0\z/$1/s;
	return $report;
}

sub connections { my ($sink) = @_; return scalar grep { -e "$sink->{dir}/$_.in" } 1 .. 60 }

sub dialogue {
	my ($sink, $n) = @_;
	wait_until(sub { -e "$sink->{dir}/$n.done" });
	return slurp("$sink->{dir}/$n.log") // '';
}

sub is_like {
	my ($got, $want, $name) = @_;
	return ref $want ? like($got, $want, $name) : is($got, $want, $name);
}

# --- T11 ---------------------------------------------------------------------------------------------

# What is wrong: certificate, script, and what a level says about it: "tls", "clear", "again" for clear
# over a second connection, or else why the mail waits.
my $words = qr/[^\n]+/;
my $not_pinned = sub { 'no fingerprint given is that of the certificate, which is ' . fingerprint($_[0], 'sha256') };
my @faults = (
	[ 'nothing',   'good',    '', { map { $_ => 'tls' } qw(may encrypt chain fingerprint verify secure) } ],
	[ 'self-signed', 'self',  '', { may => 'tls', encrypt => 'tls', fingerprint => $not_pinned->('self'),
		map { $_ => 'self-signed certificate' } qw(chain verify secure) } ],
	[ 'expired',   'expired', '', { may => 'tls', encrypt => 'tls', fingerprint => $not_pinned->('expired'),
		map { $_ => 'certificate has expired' } qw(chain verify secure) } ],
	[ 'wrong name', 'othername', '', { may => 'tls', encrypt => 'tls', chain => 'tls', fingerprint => $not_pinned->('othername'),
		map { $_ => 'IP address mismatch' } qw(verify secure) } ],
	[ 'missing intermediate', 'leaf', '', { may => 'tls', encrypt => 'tls', fingerprint => $not_pinned->('leaf'),
		map { $_ => 'unable to get local issuer certificate' } qw(chain verify secure) } ],
	[ 'plaintext injected behind 220', 'good', "starttls raw:220 go\\r\\n250 injected\\r\\n\n", { may => 'again',
		map { $_ => 'the server spoke before the handshake' } qw(encrypt chain fingerprint verify secure) } ],
	[ 'STARTTLS stripped', undef, '', { may => 'clear',
		map { $_ => 'STARTTLS is not offered' } qw(encrypt chain fingerprint verify secure) } ],
	[ 'STARTTLS refused', 'good', "starttls 454 not now\n", { may => 'clear',
		map { $_ => 'STARTTLS was refused' } qw(encrypt chain fingerprint verify secure) } ],
	[ 'broken handshake', 'good', "starttls raw:220 go\\r\\n close\n", { may => 'again',
		map { $_ => $words } qw(encrypt chain fingerprint verify secure) } ],
);
my %policy = (none => 'none', may => 'may', encrypt => 'encrypt', chain => "chain ca=$CA", fingerprint => "fingerprint fp=$PIN",
	verify => "verify ca=$CA", secure => "secure ca=$CA");

for my $fault (@faults) {
	my ($name, $cert, $script, $outcome) = @$fault;
	my $sink = start_sink($script, $cert ? ('--cert', "$pki/$cert.pem") : ());
	for my $level (qw(none may encrypt chain fingerprint verify secure)) {
		for my $shape ([ 'alone', \&alone ], [ 'kept', \&kept ]) {
			my $case = "T11, $shape->[0], $level, $name";
			my $want = $level eq 'none' ? 'clear' : $outcome->{$level};
			my $before = connections($sink);
			my $report = $shape->[1]->(home($sink, tlspolicy => "$P:$policy{$level}\n"));
			my $log = dialogue($sink, $before + 1);
			if ($want =~ /^(?:tls|clear|again)\z/) {
				is($report, $ACCEPTED, "$case: delivered");
				$log .= dialogue($sink, $before + 2) if $want eq 'again';
				my %seen = (tls => qr/^TLS TLS.*^C: EHLO .*^C: MAIL/ms, clear => qr/\A(?!.*^TLS TLS).*^C: MAIL/ms,
					again => qr/C: STARTTLS\n.*^END\n.*\A?(?:(?!C: STARTTLS).)*^C: MAIL/ms);
				like($log, $seen{$want}, "... $want");
				unlike($log, qr/C: STARTTLS/, '... STARTTLS was not asked for') if $level eq 'none';
			} else {
				my $why = ref $want ? $want : quotemeta $want;
				like($report, qr/\AZConnected to \Q$P\E but TLS policy $level failed: $why\. \(#4\.7\.5\)\n/, "$case: waits");
				unlike($log, qr/C: (?:MAIL|AUTH)/, '... nothing of it was sent');
			}
			is(connections($sink) - $before, $want eq 'again' ? 2 : 1, '... connections');
		}
	}
	stop_server($sink);
}

# --- the trust store -----------------------------------------------------------------------------------

{
	my $sink = start_sink('', '--cert', "$pki/good.pem");
	my $leaf = start_sink('', '--cert', "$pki/leaf.pem");
	my @cases = (
		[ 'a hashed directory', $sink, { tlspolicy => "$P:secure ca=$hashed\n" }, 1 ],
		[ 'a hashed directory, with a slash', $sink, { tlspolicy => "$P:secure ca=$hashed/\n" }, 1 ],
		[ 'outbound 9: trustanchors', $sink, { tlspolicy => "$P:secure\n", trustanchors => slurp($CA) }, 1 ],
		[ 'none: the system\'s', $sink, { tlspolicy => "$P:secure\n" }, 'unable to get local issuer certificate' ],
		[ 'ca= before trustanchors', $sink, { tlspolicy => "$P:secure ca=$pki/self.crt\n", trustanchors => slurp($CA) },
			'unable to get local issuer certificate' ],
		[ 'outbound 4.4: an intermediate as anchor', $leaf, { tlspolicy => "$P:secure ca=$pki/middle.crt\n" }, 1 ],
		[ 'a file that is none', $sink, { tlspolicy => "$P:secure ca=control/me\n" }, $words ],
		[ 'may, a trust store that is not there', $sink, { tlspolicy => "$P:may ca=control/none.pem\n" }, 1 ],
	);
	for my $case (@cases) {
		my ($name, $where, $controls, $want) = @$case;
		my $report = alone(home($where, %$controls));
		$want eq '1' ? is($report, $ACCEPTED, $name) : like($report, qr/TLS policy secure failed: $want\. \(#4\.7\.5\)\n/, $name);
	}
}

# --- attributes ------------------------------------------------------------------------------------------

{
	my $dns = start_dns("relay.example A $P\ndest.example MX 10 mx.dest.example\nmx.dest.example A $P\n");
	my %named = (smtproutes => ":relay.example:PORT\n", resolvers => "127.0.0.1:$dns->{port}\n");
	my $sink = start_sink('', '--cert', "$pki/good.pem");
	my @cases = (
		[ 'match= several', "secure ca=$CA match=x.example,other.example,relay.example", 1 ],
		[ 'match= a suffix', "secure ca=$CA match=.example", 1 ],
		[ 'match= another suffix', "secure ca=$CA match=.elsewhere", 'the name relay\.example is not one that the policy trusts' ],
		[ 'fp= of another digest, and the right one', 'fingerprint fp=' . ('0' x 40) . ',' . uc fingerprint('good', 'sha1'), 1 ],
		[ 'protocols= and ciphers=', "secure ca=$CA protocols=TLSv1.2 ciphers=ECDHE-ECDSA-AES128-GCM-SHA256", qr/^TLS TLSv1_?[._]?2 .*ECDHE-ECDSA-AES128-GCM-SHA256/m ],
		[ 'protocols= alone', "encrypt protocols=>=TLSv1.3", qr/^TLS TLSv1_?[._]?3 /m ],
		[ 'the name is sent', "encrypt", qr/^TLS .* sni=relay\.example$/m ],
		[ 'sni=', "encrypt sni=x.example", qr/^TLS .* sni=x\.example$/m ],
		[ 'sni=-', "encrypt sni=-", qr/^TLS (?!.*sni=\S)/m ],
	);
	for my $case (@cases) {
		my ($name, $value, $want) = @$case;
		my $report = alone(home($sink, %named, tlspolicy => "relay.example:$value\n"));
		$want eq '1' || ref $want ? is($report, $ACCEPTED, "tlspolicy $name") : like($report, qr/TLS policy secure failed: $want\. /, "tlspolicy $name");
		like(dialogue($sink, connections($sink)), $want, '... seen there') if ref $want;
	}
	# A line that is broken defers who selects it, with its place.
	my $report = alone(home($sink, %named, tlspolicy => "x.example:secure\nrelay.example:fingerprint\n"));
	like($report, qr/\AZUnable to read control files\. \(#4\.3\.0\)\ncontrol\/tlspolicy:2: not a TLS policy/, 'a broken line of tlspolicy');
	is(alone(home($sink, %named, tlspolicy => "x.example:nonsense\n")), $ACCEPTED, '... of somebody else');
	# A route that is a directory has its policy there.
	%named = (%named, smtproutes => ":\@office\n", 'routes/office/relay' => "relay.example:PORT\n");
	is(alone(home($sink, %named, 'routes/office/tls' => "secure ca=$CA\n", tlspolicy => ":secure\n")), $ACCEPTED, 'routes/NAME/tls');
	$report = alone(home($sink, %named, 'routes/office/tls' => "secure ca=$pki/self.crt\n"));
	like($report, qr/TLS policy secure failed/, '... is obeyed');
	$report = alone(home($sink, %named, 'routes/office/tls' => "hm\n"));
	like($report, qr/control\/routes\/office\/tls:1: not a TLS policy/, '... or broken');
}

# --- tlsdestinations (outbound 4.1) ----------------------------------------------------------------------------

{
	my $dns = start_dns("relay.example A $P\nother.example A $P\n");
	my %named = (smtproutes => ":relay.example:PORT\n", resolvers => "127.0.0.1:$dns->{port}\n");
	my $sink = start_sink('', '--cert', "$pki/good.pem");
	my $implicit = start_sink('', '--cert', "$pki/good.pem", '--tls');
	my $failed = sub { qr/\AZConnected to \Q$P\E but TLS policy $_[0] failed: $_[1]\. \(#4\.7\.5\)\n/ };
	my $none = start_sink('');
	my @cases = (
		[ 'store', "relay.example:$CA", 'tls' ],
		[ 'suffix', ".example:$CA", 'tls' ],
		[ 'hashed directory', "relay.example:$hashed/", 'tls' ],
		[ 'another store', "relay.example:$pki/self.crt", $failed->('tlsdestinations', $words) ],
		[ '=', "=relay.example:$CA", 'tls' ],
		[ '~', "~relay.example:$CA", 'tls' ],
		[ '-', "-relay.example:", 'tls' ],
		[ '!', "!relay.example:\n-*:", 'clear' ],
		[ '%', "%relay.example:=$PIN", 'tls' ],
		[ '% of another', '%relay.example:=' . fingerprint('self', 'sha512'), $failed->('fingerprint', $words) ],
		[ '=*', "=*:$CA", 'tls' ],
		[ '*', '*:', 'tls' ],
		[ 'aQmail: ciphers', "relay.example:$CA|ECDHE-ECDSA-AES256-GCM-SHA384|3", 'tls' ],
		[ 's/qmail: ciphers', "relay.example:$CA|3|ECDHE-ECDSA-AES256-GCM-SHA384", 'tls' ],
		[ 'aQmail: port', "relay.example:$CA||;s$implicit->{port}", 'implicit' ],
		[ 's/qmail: port', "relay.example:$CA|2;s$implicit->{port}", 'implicit' ],
		[ 'another sender', "relay.example:$pki/self.crt|||else.example\n*:", 'tls' ],
		[ 'this sender', "relay.example:$pki/self.crt|||client.example", $failed->('tlsdestinations', $words) ],
		[ 'broken', 'relay.example:a|b|c', qr/\AZUnable to read control files.*\ncontrol\/tlsdestinations:1: not a TLS destination/ ],
		[ '% without digest', "%relay.example:$CA", qr/\ncontrol\/tlsdestinations:1: not a TLS destination/ ],
	);
	for my $case (@cases) {
		my ($name, $lines, $want) = @$case;
		my $there = $want eq 'implicit' ? $implicit : $sink;
		my $report = alone(home($sink, %named, tlsdestinations => "$lines\n"));
		is_like($report, ref $want ? $want : $ACCEPTED, "tlsdestinations $name");
		next if ref $want;
		my $log = dialogue($there, connections($there));
		like($log, $want eq 'clear' ? qr/\A(?!.*^TLS TLS).*C: MAIL/ms : $want eq 'implicit' ? qr/\ATLS/ : qr/^TLS TLS/m, "... $want");
	}
	like(alone(home($none, %named, tlsdestinations => "-relay.example:\n")), $failed->('tlsdestinations', 'STARTTLS is not offered'), '-: stripped');
	# outbound 4.2: what comes first.
	is(alone(home($sink, %named, tlsdestinations => "relay.example:$pki/self.crt\n", tlspolicy => "relay.example:secure ca=$CA\n")),
		$ACCEPTED, 'tlspolicy is before tlsdestinations');
	like(alone(home($sink, %named, tlsdestinations => "relay.example:$pki/self.crt\n", 'notlshosts/relay.example' => '')),
		$failed->('tlsdestinations', $words), 'tlsdestinations is before notlshosts');
	is(alone(home($sink, %named, notlshosts => "other.example\nrelay.example\n")), $ACCEPTED, 'notlshosts, a list');
	unlike(dialogue($sink, connections($sink)), qr/C: STARTTLS/, '... no TLS');
	is(alone(home($sink, %named, notlshosts_auto => "1\n")), $ACCEPTED, 'notlshosts_auto');
	like(dialogue($sink, connections($sink)), qr/^TLS TLS/m, '... has no effect');
}

# --- our own certificate ------------------------------------------------------------------------------------------

{
	my $sink = start_sink('', '--cert', "$pki/good.pem", '--ask', $CA);
	system("openssl pkey -in $pki/client.key -aes128 -passout 'pass:a|b' -out $pki/client.sealed 2>/dev/null");
	my $seen = sub { dialogue($sink, connections($sink)) =~ /^TLS .* client=(\S*)/m ? $1 : 'none' };
	for my $case (
		[ 'key and password', "client.example:$pki/client.crt|$pki/client.sealed|a|b", 'client' ],
		[ 'one file', "*:$pki/client.pem", 'client' ],
		[ 'another domain', "other.example:$pki/client.pem", '' ],
	) {
		my ($name, $line, $want) = @$case;
		is(alone(home($sink, domaincerts => "$line\n")), $ACCEPTED, "domaincerts, $name");
		is($seen->(), $want, '... is seen');
	}
	my $report = alone(home($sink, domaincerts => "*:$pki/client.crt|$pki/client.sealed|wrong\n", tlspolicy => "$P:encrypt\n"));
	like($report, qr/\AZConnected to \Q$P\E but TLS policy encrypt failed: our own certificate: [^\n]+\. \(#4\.7\.5\)\n/, 'a wrong password');
	unlike($report, qr/wrong\b(?! pass)/, '... is not told');
	is(alone(home($sink, 'clientcert.pem' => slurp("$pki/client.pem"))), $ACCEPTED, 'clientcert.pem');
	is($seen->(), 'client', '... is seen');
	is(alone(home($sink, 'clientcert.pem' => "broken\n")), $ACCEPTED, 'a broken clientcert.pem');
	is($seen->(), '', '... is not');
	like(alone(home($sink, domaincerts => "*:\n")), qr/control\/domaincerts:1: not a certificate/, 'a broken line of domaincerts');
}

# --- outbound 4.3: a failure is remembered for an hour ----------------------------------------------------------------

my $INJECT = "starttls raw:220 go\\r\\n250 injected\\r\\n\n";
for my $case ([ 'with a store', 1 ], [ 'without one', 0 ], [ 'with a store that cannot be used', -1 ]) {
	my ($name, $store) = @$case;
	my $sink = start_sink($INJECT, '--cert', "$pki/good.pem");
	my $home = home($sink);
	if ($store) { mkdir "$home/$_" for qw(run run/state state state/db) }
	if ($store < 0) { rmdir "$home/state/db"; spit("$home/state/db", '') }
	is(alone($home), $ACCEPTED, "a failure is remembered $name: the first");
	is(alone($home), $ACCEPTED, '... the second');
	is(connections($sink), $store > 0 ? 3 : 4, '... connections');
	unlike(dialogue($sink, 3), qr/C: STARTTLS/, '... STARTTLS is not asked for again') if $store > 0;
	next if $store <= 0;
	control($home, tlspolicy => "$P:encrypt\n");
	like(alone($home), qr/TLS policy encrypt failed/, '... which changes nothing where TLS must be');
	my $other = start_sink('', '--cert', "$pki/good.pem");
	control($home, smtproutes => ":$P:$other->{port}\n");
	unlink "$home/control/tlspolicy";
	alone($home);
	like(dialogue($other, 1), qr/^TLS TLS/m, '... nor for another port of the address');
}
{
	my $sink = start_sink("user joe pw\n\@1 $INJECT", '--cert', "$pki/good.pem");
	my $home = home($sink, smtproutes => ":$P:PORT joe pw\n", tlspolicy => "$P:may\n");
	mkdir "$home/$_" for qw(run run/state state state/db);
	like(alone($home), qr/\AZTLS connect failed: the server spoke before the handshake/, 'with a credential a failure is one');
	is(alone($home), $ACCEPTED, '... and not remembered');
	like(dialogue($sink, 2), qr/^TLS TLS.*^C: AUTH/ms, '... TLS again');
}
{
	my $sink = start_sink("$INJECT" . "mail 250 ok\nmail 250 ok\nmail close\n", '--cert', "$pki/good.pem");
	my $home = home($sink);
	my $spawner = spawner($home, ['qmail-rspawn']);
	greeting($spawner, 1);
	deliver($spawner, "r$_\@dest.example") for 1 .. 4;
	finish($spawner);
	# The first worker's two connections, the second's two; then that connects once more.
	is(connections($sink), 5, 'a kept worker remembers by itself');
	unlike(dialogue($sink, 5), qr/C: STARTTLS/, '... STARTTLS is not asked for again');
	like(dialogue($sink, 5), qr/C: MAIL FROM/, '... and the mail is sent');
}

done_testing();
