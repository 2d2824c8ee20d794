#!/usr/bin/perl
# qmail-remote and DANE: what the TLSA records of a relay make of a delivery (outbound 4.5, T12 of
# outbound 11).  The exchangers of a domain need port 25: root/dane.t has them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256_hex sha512_hex);
use Qferry::Dane;
use Qferry::Spawn qw(spawner greeting finish);
use Qferry::Test;
use Qferry::Tls;
use Test::More;

system("perl '$FindBin::Bin/../tools/smtpsink' --can-tls") == 0
  or plan skip_all => 'perl has no IO::Socket::SSL';
system('command -v openssl >/dev/null 2>&1') == 0 or plan skip_all => 'no openssl to make certificates';

my $P        = '127.0.0.1';
my $ACCEPTED = "r\\0K$P accepted message.\nRemote host said: 250 ok queued\n\\0";

# --- servers, each with a certificate ----------------------------------------------------------------

my $pki = temp_dir();
make_authority($pki, $_) for qw(ca otherca);
self_signed($pki, 'self');
make_certificate($pki, 'expired', 'ca', expired => 1);
make_certificate($pki, 'named',   'ca', alt => join ',', map { "DNS:$_" } map { "$_.example" } qw(ta taspki alias));
make_certificate($pki, 'old',     'ca', alt => 'DNS:ta-old.example', expired => 1);
make_certificate($pki, 'foreign', 'ca', alt => 'DNS:other.test');
spit("$pki/$_.pem", pem($pki, "$_.key", "$_.crt")) for qw(self expired);
spit("$pki/$_.pem", pem($pki, "$_.key", "$_.crt", 'ca.crt')) for qw(named foreign old);
spit("$pki/alone.pem", pem($pki, 'named.key', 'named.crt'));

my %sinks = map { $_ => start_sink('', '--cert', "$pki/$_.pem") } qw(self expired named foreign old alone);
$sinks{clear}   = start_sink('');
$sinks{refuses} = start_sink("starttls 454 not now\n", '--cert', "$pki/self.pem");
$sinks{tls}     = start_sink('', '--cert', "$pki/self.pem", '--tls');
$sinks{auth}    = start_sink("user joe pw\n", '--cert', "$pki/self.pem");

my ($KEY, $CERT)     = map { my $how = $_; sub { association("$pki/$_[0].crt", $how) } } 'key', 'certificate';
my $NO_MATCH         = qr/no matching DANE TLSA records/i;
my $BAD              = sha256_hex('another');
my $BAD512           = sha512_hex('another');
my ($self, $ca)      = map { sha256_hex($KEY->($_)) } qw(self ca);
my $self512          = sha512_hex($KEY->('self'));
my ($selfall, $whole) = map { unpack 'H*', $_ } $KEY->('self'), $CERT->('self');

# --- the matrix --------------------------------------------------------------------------------------

# Each server is HOST.example, a relay for the mail to HOST.test.  Its records are the words of `tlsa`, each
# with AD; `zone` are lines of one's own, where HOST stands for the name and TLSA for that of the records.
my @cases = (
	# usage 3: the key, and nothing else
	{ host => 'ee',         tlsa => ["3 1 1 $self"] },
	{ host => 'ee-bad',     tlsa => ["3 1 1 $BAD"], fails => $NO_MATCH },
	{ host => 'ee-cert',    tlsa => [ '3 0 1 ' . sha256_hex($CERT->('self')) ] },
	{ host => 'ee-not-key', tlsa => ["3 0 1 $self"], fails => $NO_MATCH },
	{ host => 'ee-512',     tlsa => ["3 1 2 $self512"] },
	{ host => 'ee-512-bad', tlsa => ["3 1 2 $BAD512"], fails => $NO_MATCH },
	{ host => 'ee-full',    tlsa => ["3 1 0 $selfall"] },
	{ host => 'ee-whole',   tlsa => ["3 0 0 $whole"] },
	{ host => 'ee-expired', tlsa => [ '3 1 1 ' . sha256_hex($KEY->('expired')) ], sink => 'expired' },
	{ host => 'ee-foreign', tlsa => [ '3 1 1 ' . sha256_hex($KEY->('foreign')) ], sink => 'foreign' },
	{ host => 'ee-ca',      tlsa => ["3 1 1 $ca"], sink => 'named', fails => $NO_MATCH },
	{ host => 'implicit',   tlsa => ["3 1 1 $self"], sink => 'tls', port => 's' },
	{ host => 'implicit-bad', tlsa => ["3 1 1 $BAD"], sink => 'tls', port => 's', fails => $NO_MATCH },

	# usage 2: the chain that the server sends, and a name
	{ host => 'ta',         tlsa => [ '2 0 1 ' . sha256_hex($CERT->('ca')) ], sink => 'named' },
	{ host => 'taspki',     tlsa => ["2 1 1 $ca"], sink => 'named' },
	{ host => 'ta-alone',   tlsa => ["2 1 1 $ca"], sink => 'alone', fails => $NO_MATCH },
	{ host => 'ta-name',    tlsa => ["2 1 1 $ca"], sink => 'foreign', fails => qr/hostname mismatch/ },
	{ host => 'ta-bad',     tlsa => ["2 1 1 $BAD"], sink => 'named', fails => $NO_MATCH },
	{ host => 'ta-old',     tlsa => ["2 1 1 $ca"], sink => 'old', fails => qr/certificate has expired/ },

	# records that prove nothing: TLS with anybody
	{ host => 'pkix',       tlsa => [ '0 0 1 ' . sha256_hex($CERT->('named')), "1 1 1 $BAD" ], level => 'encrypt' },
	{ host => 'pkix-clear', tlsa => ["1 1 1 $self"], sink => 'clear', fails => qr/STARTTLS is not offered/ },
	{ host => 'odd',        tlsa => [ "3 2 1 $self", "3 1 3 $self", '3 1 1 00', "4 1 1 $self", '3 1 0' ], level => 'encrypt' },
	{ host => 'no-key',     tlsa => ['3 1 0 0102'], level => 'encrypt' },
	{ host => 'no-cert',    tlsa => ['2 0 0 0102'], level => 'encrypt' },

	# several: one that fits is enough, of each usage and selector the best digest counts
	{ host => 'mixed',      tlsa => [ "1 1 1 $BAD", '3 1 1 00', "3 1 1 $BAD", "3 1 1 $self" ] },
	{ host => 'mixed-bad',  tlsa => [ "1 1 1 $self", "3 1 1 $BAD" ], fails => $NO_MATCH },
	{ host => 'agile',      tlsa => [ "3 1 1 $BAD", "3 1 2 $self512" ] },
	{ host => 'agile-bad',  tlsa => [ "3 1 1 $self", "3 1 2 $BAD512" ], fails => $NO_MATCH },
	{ host => 'agile-full', tlsa => [ "3 1 0 $selfall", "3 1 2 $BAD512" ] },
	{ host => 'agile-selector', tlsa => [ "3 1 2 $BAD512", '3 0 1 ' . sha256_hex($CERT->('self')) ] },
	{ host => 'agile-usage', tlsa => [ "3 1 1 $self", "2 1 2 $BAD512" ] },
	{ host => 'many',       tlsa => [ map({ '3 1 1 ' . sha256_hex($_) } 1 .. 63), "3 1 1 $self" ] },
	{ host => 'too-many',   tlsa => [ map({ '3 1 1 ' . sha256_hex($_) } 1 .. 64), "3 1 1 $self" ],
		refused => 'the TLSA records of HOST are too many' },

	# no records that may be believed: as if there were none
	{ host => 'insecure',   tlsa => ["3 1 1 $BAD"], level => 'may', plain => 1, unasked => 1 },
	{ host => 'unproved',   zone => [ 'HOST ANY !ad', "TLSA TLSA 3 1 1 $BAD" ], level => 'may' },
	{ host => 'none',       zone => [ 'HOST ANY !ad', 'TLSA ANY !ad', 'TLSA ANY !nxdomain' ], level => 'may' },
	{ host => 'nodata',     zone => [ 'HOST ANY !ad', 'TLSA ANY !ad', 'TLSA TXT x' ], level => 'may' },
	{ host => 'nodata-insecure', zone => [ 'HOST ANY !ad', 'TLSA TXT x' ], level => 'may' },
	{ host => 'none-clear', zone => ['HOST ANY !ad'], sink => 'clear', level => 'none' },

	# a lookup that fails is no answer
	{ host => 'servfail',   zone => [ 'HOST ANY !ad', 'TLSA TLSA !servfail' ], refused => 'the TLSA records of HOST cannot be looked up' },
	{ host => 'refused',    zone => [ 'HOST ANY !ad', 'TLSA TLSA !refused' ], refused => 'the TLSA records of HOST cannot be looked up' },
	{ host => 'formerr',    zone => [ 'HOST ANY !ad', 'TLSA TLSA !formerr' ], refused => 'the TLSA records of HOST cannot be looked up' },
	{ host => 'garbage',    zone => [ 'HOST ANY !ad', 'TLSA TLSA !badcount', "TLSA TLSA 3 1 1 $self" ],
		refused => 'the TLSA records of HOST cannot be looked up' },
	{ host => 'bogus-address', zone => [ 'HOST A !servfail', 'HOST AAAA !servfail' ], soft => 1 },

	# aliases
	{ host => 'alias',      zone => aliased("alias-target.example A $P", "2 1 1 $ca"), sink => 'named' },
	{ host => 'alias-base', zone => aliased("alias-base-target.example A $P", "3 1 1 $self") },
	{ host => 'alias-first', zone => [ aliased_list("alias-first-target.example A $P", "3 1 1 $BAD"), "TLSA TLSA 3 1 1 $self", 'TLSA ANY !ad' ],
		fails => $NO_MATCH },
	{ host => 'alias-own',  zone => [ aliased_list("alias-own-target.example A $P"), "TLSA TLSA 3 1 1 $self", 'TLSA ANY !ad' ] },
	{ host => 'alias-own-bad', zone => [ aliased_list("alias-own-bad-target.example A $P"), "TLSA TLSA 3 1 1 $BAD", 'TLSA ANY !ad' ],
		fails => $NO_MATCH },
	{ host => 'alias-fails', zone => [ aliased_list("alias-fails-target.example A $P"), '_PORT._tcp.alias-fails-target.example TLSA !servfail',
			"TLSA TLSA 3 1 1 $self", 'TLSA ANY !ad' ],
		refused => 'the TLSA records of alias-fails-target.example cannot be looked up' },
	{ host => 'alias-insecure', zone => [ 'HOST CNAME alias-insecure-target.example', "alias-insecure-target.example A $P",
			"TLSA TLSA 3 1 1 $BAD", 'TLSA ANY !ad' ], level => 'may', unasked => 1 },

	# without TLS
	{ host => 'clear',      tlsa => ["3 1 1 $self"], sink => 'clear', fails => qr/STARTTLS is not offered/ },
	{ host => 'denied',     tlsa => ["3 1 1 $self"], sink => 'refuses', fails => qr/STARTTLS was refused/ },

	# what control/tlspolicy says
	{ host => 'off',        tlsa => ["3 1 1 $BAD"], policy => 'may', level => 'may', unasked => 1 },
	{ host => 'off-clear',  tlsa => ["3 1 1 $self"], sink => 'clear', policy => 'may', level => 'none', unasked => 1 },
	{ host => 'above',      tlsa => ["3 1 1 $self"], policy => 'secure', fails => qr/self-signed certificate/, named => 'secure', unasked => 1 },
	{ host => 'dane',       tlsa => ["3 1 1 $self"], policy => 'dane' },
	{ host => 'dane-none',  tlsa => [], policy => 'dane', level => 'may' },
	{ host => 'only',       tlsa => ["3 1 1 $self"], policy => 'dane-only' },
	{ host => 'only-bad',   tlsa => ["3 1 1 $BAD"], policy => 'dane-only', fails => $NO_MATCH },
	{ host => 'only-none',  tlsa => [], policy => 'dane-only', refused => 'HOST has no TLSA records' },
	{ host => 'only-pkix',  tlsa => ["1 1 1 $self"], policy => 'dane-only', refused => 'no TLSA record of HOST is usable' },
	{ host => 'only-no-key', tlsa => ['3 1 0 0102'], policy => 'dane-only', fails => qr/no TLSA record is usable/ },
	{ host => 'only-insecure', tlsa => ["3 1 1 $self"], plain => 1, policy => 'dane-only', unasked => 1,
		refused => 'HOST was found by DNS answers that are not authentic' },

	# what the message says (outbound 4.7), which is not above the admin
	{ host => 'unrequired', tlsa => ["3 1 1 $BAD"], header => "TLS-Required: No\n", level => 'may', unasked => 1 },
	{ host => 'unrequired-clear', tlsa => ["3 1 1 $self"], header => "TLS-Required: No\n", sink => 'clear', level => 'none', unasked => 1 },
	{ host => 'unrequired-policy', tlsa => ["3 1 1 $BAD"], header => "TLS-Required: No\n", policy => 'dane', fails => $NO_MATCH },

	# credentials
	{ host => 'auth',       tlsa => ["3 1 1 $self"], sink => 'auth', login => ' joe pw' },
	{ host => 'auth-bad',   tlsa => ["3 1 1 $BAD"], sink => 'auth', login => ' joe pw', fails => $NO_MATCH },
);

sub aliased_list {
	my ($address, @tlsa) = @_;
	my ($target) = split ' ', $address;
	return ("HOST CNAME $target", 'HOST ANY !ad', $address, map { ("_PORT._tcp.$target TLSA $_", "_PORT._tcp.$target ANY !ad") } @tlsa);
}
sub aliased { return [ aliased_list(@_) ] }

# The lines of the zone for a case.
sub zone_of {
	my ($case) = @_;
	my ($host, $port) = ("$case->{host}.example", sink_of($case)->{port});
	my @lines = @{ $case->{zone} || [] };
	push @lines, map({ "TLSA TLSA $_" } @{ $case->{tlsa} || [] }), 'HOST ANY !ad', 'TLSA ANY !ad' unless $case->{zone};
	@lines = grep { !/ANY/ || /TLSA/ } @lines if $case->{plain};
	push @lines, "HOST A $P" unless grep { /^HOST (?:A|CNAME) / } @lines;
	return map { s/^TLSA /_PORT._tcp.HOST /r =~ s/PORT/$port/r =~ s/HOST/$host/gr } @lines;
}

sub sink_of { my ($case) = @_; return $sinks{ $case->{sink} || 'self' } }

my $dns  = start_dns(join '', map { "$_\n" } map { zone_of($_) } @cases);
my $home = instance(
	me          => "client.example\n",
	resolvers   => "127.0.0.1:$dns->{port}\n",
	smtproutes  => join('', map { "$_->{host}.test:$_->{host}.example:" . ($_->{port} || '') . sink_of($_)->{port} . ($_->{login} || '') . "\n" } @cases),
	tlspolicy   => join('', map { "$_->{host}.example:$_->{policy}\n" } grep { $_->{policy} } @cases),
);

sub connections { my ($sink) = @_; return scalar(() = glob "$sink->{dir}/*.in") }

# Deliver to a case: the report, and what the connection that was made for it looks like.
sub deliver {
	my ($case, $home, $in) = @_;
	my $sink = sink_of($case);
	my $n    = connections($sink) + 1;
	my $run  = run_program([ 'qmail-remote', "$case->{host}.test", 's@client.example', "r\@$case->{host}.test" ],
		home => $home, in => $in || ($case->{header} || '') . "Subject: x\n\nbody\n");
	# There is always a connection, if only to be closed at once.
	wait_until(sub { -e "$sink->{dir}/$n.done" }) unless $case->{soft};
	return { out => $run->{out} =~ s/\0/\\0/gr, err => $run->{err}, log => slurp("$sink->{dir}/$n.log") // '',
		more => connections($sink) - $n };
}

sub asked { my ($case) = @_; return slurp($dns->{log}) =~ /_tcp\.\Q$case->{host}\E(?:-target)?\.example TLSA/ }

for my $case (@cases) {
	my $host = "$case->{host}.example";
	my $run  = deliver($case, $home);
	my $name = "T12: outbound 4.5: $case->{host}";
	is $run->{err}, '', "$name: nothing on descriptor 2";
	if ($case->{soft}) {
		is $run->{out}, "ZSorry, I couldn't find any host by that name. (#4.1.2)\n\\0", "$name: deferred";
	} elsif (my $why = $case->{refused}) {
		$why =~ s/HOST/$host/;
		is $run->{out}, "ZConnected to $P but TLS policy dane failed: $why. (#4.7.5)\n\\0", "$name: deferred";
		unlike $run->{log}, qr/^C:/m, '... without a word';
	} elsif ($case->{fails}) {
		my $policy = $case->{named} || 'dane';
		like $run->{out}, qr/\AZConnected to \Q$P\E but TLS policy $policy failed: .*$case->{fails}.*\. \(#4\.7\.5\)\n/, "$name: deferred";
		unlike $run->{log}, qr/^C: (?:MAIL|AUTH)/m, '... before MAIL';
		is $run->{more}, 0, '... and no other connection is made';
	} else {
		is $run->{out}, $ACCEPTED, "$name: accepted";
		my $tls = ($case->{level} || 'dane') ne 'none';
		like $run->{log}, $tls ? qr/^TLS TLSv1.*^C: MAIL/ms : qr/\A(?!.*^TLS)/ms, $tls ? '... over TLS' : '... in clear';
	}
	ok !$case->{unasked} == !!asked($case), '... TLSA records are ' . ($case->{unasked} ? 'not asked for' : 'asked for')
	  unless $case->{soft};
}

# The name in the ClientHello is that of the records (outbound 4.5, row SNI).
for my $row ([ 'ee', 'ee.example' ], [ 'alias', 'alias-target.example' ], [ 'alias-own', 'alias-own.example' ]) {
	my ($case) = grep { $_->{host} eq $row->[0] } @cases;
	like deliver($case, $home)->{log}, qr/^TLS .* sni=\Q$row->[1]\E$/m, "outbound 4.5: SNI of $row->[0]";
}

# Outbound 4.7, the last row: the header drops DANE; not the admin's file, not a credential.
for my $row ([ 'ee-bad', 0 ], [ 'servfail', 0 ], [ 'only-bad', 1 ], [ 'auth-bad', 1 ]) {
	my ($host, $fails) = @$row;
	my ($case) = grep { $_->{host} eq $host } @cases;
	my $out = deliver($case, $home, "Subject: x\nTLS-Required: No\n\nbody\n")->{out};
	$fails ? like($out, qr/^Z.* but TLS policy /, "outbound 4.7: TLS-Required: No, $host: fails")
	  : is($out, $ACCEPTED, "outbound 4.7: TLS-Required: No, $host: accepted");
}

# --- kept sessions -------------------------------------------------------------------------------------

# Outbound 5.5: an open session is proved by the records of its time; who has others has another session.
{
	my $sink = start_sink('', '--cert', "$pki/self.pem");
	my %zone = map {
		my ($name, @tlsa) = @$_;
		my $records = join '', map { "_$sink->{port}._tcp.kept.example TLSA $_\n" } @tlsa;
		$name => start_dns("kept.example A $P\nkept.example ANY !ad\n${records}_$sink->{port}._tcp.kept.example ANY !ad\n")
	} [ fits => "3 1 1 $self", "3 1 1 $ca" ], [ turned => "3 1 1 $ca", "3 1 1 $self" ], [ more => "3 1 1 $self", "3 1 1 $ca", "3 1 1 $BAD" ],
	  [ bad => "3 1 1 $BAD" ], ['none'];
	my $home = instance(me => "client.example\n", smtproutes => ":kept.example:$sink->{port}\n");
	queue_tree($home);
	spit("$home/queue/mess/3/26", "Subject: x\n\nbody\n");
	my $use = sub { control($home, 'resolvers', "127.0.0.1:$zone{ $_[0] }{port}\n") };
	$use->('fits');
	my $spawner = spawner($home, ['qmail-rspawn']);
	greeting($spawner, 1);
	my $send = sub { (my $r = Qferry::Spawn::deliver($spawner, 'r@dest.example')) =~ s/\A.(.*)\0\z/$1/s; return $r };
	my $ok = "K$P accepted message.\nRemote host said: 250 ok queued\n";
	is($send->(), $ok, 'kept: records that fit') for 1 .. 2; # the first one finds out that there is more
	my $before = connections($sink);
	is($send->(), $ok, 'kept: the same records') for 1 .. 2;
	$use->('turned');
	is($send->(), $ok, '... in another order');
	is(connections($sink), $before, '... over the open session');
	$use->('bad');
	like($send->(), qr/\AZConnected to \Q$P\E but TLS policy dane failed: .*$NO_MATCH/, 'kept: the records have changed, and the key does not fit');
	$use->('more');
	$before = connections($sink);
	is($send->(), $ok, 'kept: others that fit');
	cmp_ok(connections($sink), '>', $before, '... over a session of their own');
	$use->('none');
	$before = connections($sink);
	is($send->(), $ok, 'kept: no records any more');
	cmp_ok(connections($sink), '>', $before, '... over a session of their own');
	is(finish($spawner), '0 0', 'exit 0 at EOF');
}

done_testing;
