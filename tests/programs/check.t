#!/usr/bin/perl
# qmail-check: a fresh home is clean; each mistake is found, at its file and line, and is gone when the home
# is mended; exit codes, JSON, what an ordinary user cannot see.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Qferry::Cdb;
use File::Path qw(make_path);
use Test::More;

my $top = top();

# A home as setup/new-home makes it, without root; made once, and copied.
my $model = new_home();
sub fresh {
	my $home = temp_dir() . '/home';
	system('cp', '-a', $model, $home) == 0 or die 'cp';
	return $home;
}

sub new_home {
	my $home = temp_dir() . '/home';
	mkdir $home;
	system("ME=mx.example.org SPLIT=3 '$top/setup/new-home' '$home' >/dev/null") == 0 or die 'new-home';
	rmdir "$home/bin";
	symlink build() . '/bin', "$home/bin" or die "bin: $!";
	return $home;
}

# { exit, lines, text }
sub check {
	my ($home, @options) = @_;
	my $run = run_program([ 'qmail-check', @options ], home => $home, limit => 120);
	ok(!sanitizer_report($run->{err}), 'no sanitizer report') or diag $run->{err};
	return { exit => $run->{exit}, text => $run->{out}, err => $run->{err}, lines => [ split /\n/, $run->{out} ] };
}

my $got = check(fresh());
is($got->{text}, '', 'a fresh home: nothing');
is($got->{exit}, 0, '... exit');

# --- each mistake, in a home that is right otherwise --------------------------------------------------

sub put { my ($home, %files) = @_; spit("$home/$_", $files{$_}) for sort keys %files }

# name, what is broken (a sub, or files of control/), the finding, how it is mended (the same; undef: the files
# are removed).
my @table = (
	# control files: names
	[ 'a name that nobody has', { rcpthost => "x.example\n" }, qr{^warning: control/rcpthost: no program here reads a file of this name: is it meant to be rcpthosts\?; rename it} ],
	[ 'a name in capitals', { Databytes => "1\n" }, qr{^warning: control/Databytes: .*meant to be databytes\?} ],
	[ 'two octets exchanged', { badmialfrom => "x\n" }, qr{^warning: control/badmialfrom: .*meant to be badmailfrom\?} ],
	[ 'a name like no other', { 'frobnicate-it' => "x\n" }, qr{^warning: control/frobnicate-it: no program here reads a file of this name; remove it} ],
	[ 'a copy', { 'locals~' => "x\n" }, qr{^note: control/locals~: a copy that nobody reads} ],
	[ 'another dialect', { spfexplain => "x\n" }, qr{^warning: control/spfexplain: of no effect in the dialect in force, notqmail} ],
	[ '... of this one', { spfexplain => "x\n", dialect => "sqmail\n" }, undef ],
	[ 'a twin', { 'badhelo.cdb' => cdb() }, qr{^warning: control/badhelo\.cdb: of no effect but in the dialect indimail} ],
	[ '... in its dialect', { 'badhelo.cdb' => cdb(), dialect => "indimail\n" }, undef ],
	[ 'strict', { strict => "1\n", mfcheck => "0\n" }, qr{^note: control/mfcheck: of no effect, as control/strict is on} ],
	[ 'a directory for a file', sub { mkdir "$_[0]/control/badmailfrom" }, qr{^error: control/badmailfrom: not a file: who reads it fails}, sub { rmdir "$_[0]/control/badmailfrom" } ],
	[ 'a file for a directory', { tlshosts => "x\n" }, qr{^error: control/tlshosts: not a directory} ],
	[ 'a link to nowhere', sub { symlink 'nowhere', "$_[0]/control/badhelo" }, qr{^error: control/badhelo: cannot be looked at: No such file}, sub { unlink "$_[0]/control/badhelo" } ],

	# their octets
	[ 'a byte order mark', { locals => "\xef\xbb\xbfmx.example.org\n" }, qr{^warning: control/locals:1: a byte order mark}, { locals => "mx.example.org\n" } ],
	[ 'CR LF', { locals => "\nmx.example.org\r\n" }, qr{^warning: control/locals:2: the line ends in CR LF}, { locals => "mx.example.org\n" } ],
	[ 'NUL', { badmailfrom => "a\@b\nx\0\@y\n" }, qr{^error: control/badmailfrom:2: a NUL octet} ],
	[ 'not ASCII', { locals => "mx.example.org\nm\xc3\xbcller.example\n" }, qr{^warning: control/locals:2: octets outside ASCII}, { locals => "mx.example.org\n" } ],
	[ 'a leading blank', { badmailfrom => "# c\n \@x.example\n" }, qr{^warning: control/badmailfrom:2: blanks at the start of the line count} ],
	[ 'a comment behind a line', { badmailfrom => "\@x.example # spam\n" }, qr{^warning: control/badmailfrom:1: what stands behind '#' is no comment} ],
	[ '... which a list in the DNS may have', { dnsbllist => "zen.example # spam\n" }, undef ],
	[ 'no line end', { badmailfrom => "\@x.example" }, undef ],
	[ 'a comment in place of a number', { databytes => "# limit\n1000\n" }, qr{^warning: control/databytes:1: the first line counts here, and a '#' begins no comment} ],
	[ 'something behind a number', { databytes => "10M\n" }, qr{^warning: control/databytes:1: what stands behind the digits does not count} ],
	[ 'no number', { databytes => "unlimited\n" }, qr{^warning: control/databytes:1: not a number: it counts as if it were not there \(0\)} ],
	[ 'an empty number', { queuelifetime => "\n" }, qr{^warning: control/queuelifetime:1: no number is in it.*\(604800\)} ],
	[ 'an empty line', { helohost => "\nmx.example.org\n" }, qr{^warning: control/helohost:1: nothing is in the first line} ],
	[ 'more than a line', { helohost => "mx.example.org\nmy.example.org\n" }, qr{^note: control/helohost:2: only the first line counts} ],

	# what their readers make of them
	[ 'a dialect that is none', { dialect => "klingon\n" }, qr{^error: control/dialect:1: no such dialect; notqmail, sagredo, .*; as it is, qmail-smtpd answers 421} ],
	[ 'a limit that is none', { limits => "errors:5\nnonsense:1\n" }, qr{^error: control/limits:2: } ],
	[ 'a limit that is too small', { limits => "errors:0\n" }, qr{^error: control/limits:1: } ],
	[ 'submission without a number', { submission => "yes\n" }, qr{^error: control/submission:1: not a number} ],
	[ 'barecr', { barecr => "sometimes\n" }, qr{^error: control/barecr:1: no such word} ],
	[ 'a pattern', { badhelo => "ok\n(\n", dialect => "sagredo\n" }, qr{^warning: control/badhelo:2: not a pattern: } ],
	[ '... which is none in this dialect', { badhelo => "ok\n(\n" }, qr{^warning: control/badhelo:2: an expression, and here is a list of names} ],
	[ 'a list in the DNS', { dnsbllist => "-\n" }, qr{^warning: control/dnsbllist:1: no zone is in it} ],
	[ 'rhsbl_zones', { rhsbl_zones => "rhsbl.example\n.\n" }, qr{^warning: control/rhsbl_zones:2: no zone is in it} ],
	[ 'greylistallow', { greylistallow => "192.0.2.\nwhat is this\n" }, qr{^warning: control/greylistallow:2: no address, network} ],
	[ 'resolvers', { resolvers => "127.0.0.1:53\ndns.example\n" }, qr{^warning: control/resolvers:2: no address of a resolver} ],
	[ 'moreipme', { moreipme => "192.0.2.0/33\n" }, qr{^warning: control/moreipme:1: no address or network} ],
	[ 'helperusers', { helperusers => "nosuchuser.\n" }, qr{^error: control/helperusers:1: there is no such user} ],
	[ 'outgoingip', { outgoingip => "mx.example.org\n" }, qr{^error: control/outgoingip:1: no address: mail has to wait} ],
	[ 'pacing', { pacing => "x.example:persecond=1\ny.example:quickly=1\n" }, qr{^error: control/pacing:2: no rule: remote mail has to wait; see qmail-pacing\(5\)} ],
	[ 'slowdown', { slowdown => "421 * slow\n421 * perhaps\n" }, qr{^error: control/slowdown:2: no rule} ],
	[ 'authmechs', { authmechs => "relay.example:PLAIN MAGIC\n" }, qr{^warning: control/authmechs:1: a mechanism in it is none} ],
	[ 'tlsclients', { tlsclients => "joe\n" }, qr{^warning: control/tlsclients:1: not an e-mail address} ],
	[ 'SPF', { spfguess => "v=spf1 mx -nothing\n" }, qr{^warning: control/spfguess:1: a term of it is no SPF term} ],
	[ 'policy', { policy => "example.org:lX\n" }, qr{^error: control/policy:1: malformed} ],
	[ 'qmqpservers', { qmqpservers => "192.0.2.1:628\nhub.example.org\n" }, qr{^error: control/qmqpservers:2: no address, with or without a port} ],
	[ 'an expression among names', { badmailfrom => "\@x.example\n.*\@y\\.example\n" }, qr{^warning: control/badmailfrom:2: an expression, and here is a list of names: .*control/dialect} ],
	[ '... of recipients', { badrcptto => "a|b\@x.example\n" }, qr{^warning: control/badrcptto:1: an expression} ],
	[ 'a domain among addresses', { badmailfrom => "\@x.example\nspam.example\n" }, qr{^warning: control/badmailfrom:2: a domain without '\@' before it refuses nobody} ],
	[ '... of recipients', { badrcptto => "spam.example\n" }, qr{^warning: control/badrcptto:1: a domain without '\@'} ],
	[ '... where names are listed', { badhelo => "spam.example\n" }, undef ],
	[ '... in a dialect that has them', { badmailfrom => ".*\@y\\.example\n", badrcptto => "a|b\n", dialect => "sagredo\n" }, undef ],
	[ '... addresses with odd octets', { badmailfrom => "joe+x?\@[192.0.2.1]\n" }, undef ],
	[ 'no remote deliveries', { concurrencyremote => "0\n" }, qr{^warning: control/concurrencyremote:1: 0 holds all remote mail} ],
	[ 'no local deliveries', { concurrencylocal => "0\n" }, qr{^warning: control/concurrencylocal:1: 0 holds all local mail} ],
	[ 'more remote deliveries than there can be', { concurrencyremote => "121\n" }, qr{^warning: control/concurrencyremote:1: more deliveries at a time than there can be: 120; .*spawnwidth} ],
	[ '... which a wider number allows', { concurrencyremote => "509\n", spawnwidth => "2\n" }, undef ],
	[ 'more local ones than there can ever be', { concurrencylocal => "510\n", spawnwidth => "2\n" }, qr{^warning: control/concurrencylocal:1: .* 509; a smaller number} ],
	[ 'as many as there can be', { concurrencyremote => "120\n" }, undef ],
	[ 'a short life', { queuelifetime => "0\n" }, qr{^warning: control/queuelifetime:1: less than an hour} ],
	[ '... that is long enough', { queuelifetime => "3600\n" }, undef ],
	[ 'an SPF level that is none', { spfbehavior => "9\n" }, qr{^warning: control/spfbehavior:1: more than the highest level, 6} ],
	[ 'SRS without a secret', { srs_domain => "srs.example.org\n" }, qr{^error: control/srs_secrets: missing; as control/srs_domain is there, mail that users forward has to wait} ],
	[ 'plugins', { smtpplugins => "[rcpt]\nplugins/none\n:true\n" }, qr{^error: control/smtpplugins:2: there is no such program} ],
	[ 'brokerprograms', { brokerprograms => "/no/such/program\n" }, qr{^warning: control/brokerprograms:1: there is no such program} ],
	[ 'recipients', { recipients => "!x.example\nexample.org:users/none.cdb\n" }, qr{^error: control/recipients:2: the file that it names is not there} ],
	[ 'clamd', { clamd => "nowhere\n" }, qr{^error: control/clamd:1: } ],
	[ 'clamdfail', { clamdfail => "panic\n" }, qr{^error: control/clamdfail:1: } ],
	[ 'spamreject', { spamreject => "many\n" }, qr{^error: control/spamreject:1: } ],
	[ 'logdialect', { logdialect => "elvish\n" }, qr{^warning: control/logdialect:1: no such word} ],
	[ 'spawnwidth', { spawnwidth => "3\n" }, qr{^error: control/spawnwidth:1: neither 1 nor 2} ],
	[ 'a route without a colon', { smtproutes => "relay.example\n" }, qr{^warning: control/smtproutes:1: without a ':'} ],
	[ 'a route that is none', { smtproutes => ":relay.example:port\n" }, qr{^error: control/smtproutes:1: not a route: mail that selects it has to wait} ],
	[ 'a route that a stock qmail bounces on', { smtproutes => ": relay.example\n" }, qr{^note: control/smtproutes:1: a stock qmail-remote would bounce} ],
	[ '... for its address', { smtproutes => ":[2001:db8::1]:25\n" }, qr{^note: control/smtproutes:1: a stock qmail-remote knows no IPv6} ],
	[ 'a route with a wildcard', { smtproutes => "*.a.example:b.example:25\n" }, qr{^warning: control/smtproutes:1: there are no wildcards} ],
	[ 'two routes', { smtproutes => "a.example:b.example:25\na.example:c.example:25\n" }, qr{^warning: control/smtproutes:1: of no effect: line 2 has the same key} ],
	[ 'a TLS policy', { tlspolicy => "a.example:sometimes\n" }, qr{^error: control/tlspolicy:1: not a policy: .*; see qmail-tlspolicy\(5\)} ],

	# domains
	[ 'no rcpthosts', sub { unlink "$_[0]/control/rcpthosts" }, qr{^error: control/rcpthosts: missing: an OPEN RELAY}, { rcpthosts => "mx.example.org\n" } ],
	[ 'a companion without it', sub { unlink "$_[0]/control/rcpthosts"; spit("$_[0]/control/morercpthosts.cdb", cdb()) }, qr{^error: control/morercpthosts\.cdb: of no effect without control/rcpthosts},
		sub { control($_[0], rcpthosts => "mx.example.org\n") } ],
	[ 'no me', sub { unlink "$_[0]/control/me" }, qr{^error: control/me: missing}, { me => "mx.example.org\n" } ],
	[ 'an empty me', { me => "\n" }, qr{^error: control/me:1: an empty name.*; write the full name of this host}, { me => "mx.example.org\n" } ],
	[ 'a short me', { me => "mx\n" }, qr{^warning: control/me:1: a name without a domain}, { me => "mx.example.org\n" } ],
	[ 'a local domain that is not taken', { locals => "mx.example.org\nother.example\n" }, qr{^warning: control/locals:2: not in control/rcpthosts: mail to it is refused}, { locals => "mx.example.org\n" } ],
	[ '... where nothing is taken from strangers', { rcpthosts => '' }, undef ],
	[ 'a certificate of any name', { 'ca.pem' => "x\n" }, undef ],
	[ '... but is in the companion', sub { control($_[0], locals => "mx.example.org\nOther.example\n"); control($_[0], morercpthosts => "other.example\n"); spit("$_[0]/control/morercpthosts.cdb", cdb(["other.example", ""])) }, undef ],
	[ 'a domain that is taken and sent on', { rcpthosts => "mx.example.org\nother.example\n" }, qr{^note: control/rcpthosts:2: in neither control/locals nor}, { rcpthosts => "mx.example.org\n" } ],
	[ 'a wildcard', { rcpthosts => "mx.example.org\n*.example.net\n" }, qr{^warning: control/rcpthosts:2: there are no wildcards}, { rcpthosts => "mx.example.org\n" } ],
	[ 'a dot at the end', { rcpthosts => "mx.example.org\nexample.net.\n" }, qr{^warning: control/rcpthosts:2: a domain with a dot at its end}, { rcpthosts => "mx.example.org\n" } ],
	[ 'an address', { locals => "mx.example.org\njoe\@example.net\n" }, qr{^warning: control/locals:2: an address, where a domain should be}, { locals => "mx.example.org\n" } ],
	[ 'a suffix in locals', { locals => "mx.example.org\n.example.net\n" }, qr{^warning: control/locals:2: no subdomains here}, { locals => "mx.example.org\n" } ],
	[ 'virtualdomains without a colon', { virtualdomains => "v.example\n" }, qr{^error: control/virtualdomains:1: without a ':'} ],
	[ 'a virtual domain of nobody', { virtualdomains => "mx.example.org:x\nv.example:nobodyhere\n" }, qr{^warning: control/virtualdomains:2: mail to it will bounce} ],
	[ '... that an alias takes', sub { control($_[0], rcpthosts => "mx.example.org\nv.example\n"); control($_[0], virtualdomains => "v.example:sales\n"); spit("$_[0]/alias/.qmail-sales-default", "joe\@x.example\n") }, undef ],
	[ 'a virtual domain that is local', { virtualdomains => "mx.example.org:alias\n" }, qr{^warning: control/virtualdomains:1: of no effect: the domain is in control/locals} ],
	[ 'a virtual domain twice', { virtualdomains => "v.example:a\nV.example:b\n" }, qr{^warning: control/virtualdomains:1: of no effect: a later line} ],
	[ 'all the world', { virtualdomains => ":a\n" }, qr{^warning: control/virtualdomains:1: without a key it takes all mail} ],

	# compiled files
	[ 'never compiled', { morercpthosts => "x.example\n" }, qr{^warning: control/morercpthosts: of no effect: it was never compiled.*; run qmail-newmrh}, sub { unlink "$_[0]/control/morercpthosts" } ],
	[ 'newer than its cdb', sub { spit("$_[0]/users/cdb", cdb()); spit("$_[0]/users/assign", ".\n"); utime 1, 1, "$_[0]/users/cdb" }, qr{^warning: users/assign: newer than users/cdb, which is what counts; run qmail-newu},
		sub { utime 1, 1, "$_[0]/users/assign" } ],
	[ 'a broken cdb', { 'realrcptto.cdb' => "not a cdb\n" }, qr{^error: control/realrcptto\.cdb: } ],
	[ 'a rule of tcprules', { 'tcp.smtp' => ":allow\n1.2.3.4:maybe\n" }, qr{^error: control/tcp\.smtp:2: neither ':allow' nor ':deny'} ],
	[ 'everybody relays', { 'tcp.smtp' => "127.:allow,RELAYCLIENT=\"\"\n:allow,RELAYCLIENT=\"\"\n" }, qr{^error: control/tcp\.smtp:2: an OPEN RELAY} ],
	[ '... with a name', { 'tcp.smtp' => "=.example.org:allow,RELAYCLIENT=\"\"\n=:allow,RELAYCLIENT=\"\"\n" }, qr{^error: control/tcp\.smtp:2: an OPEN RELAY: everybody with a name} ],
	[ '... in a range', { 'tcp.smtp' => "1-223.:allow,RELAYCLIENT=\"\"\n" }, qr{^error: control/tcp\.smtp:1: an OPEN RELAY} ],
	[ '... but not all', { 'tcp.smtp' => "1-222.:allow,RELAYCLIENT=\"\"\n10.0.0.1-20:allow\n192.168.:allow\n:deny\n" }, undef ],
	[ 'a wildcard among rules', { 'tcp.smtp' => "10.*:allow\n" }, qr{^warning: control/tcp\.smtp:1: there are no wildcards} ],
	[ 'a part of an address', { 'tcp.smtp' => "192.168:allow\n" }, qr{^warning: control/tcp\.smtp:1: a part of an address without a dot at its end} ],
	[ 'a network with a slash', { 'tcp.smtp' => "10.0.0.0/8:allow\n" }, qr{^warning: control/tcp\.smtp:1: tcpserver knows no networks} ],
	[ 'everybody by QMQP', { 'tcp.qmqp' => "192.0.2.1:allow\n:allow\n" }, qr{^error: control/tcp\.qmqp:2: an OPEN RELAY: everybody may use QMQP} ],
	[ '... as it should be', { 'tcp.qmqp' => "192.0.2.1:allow\n:deny\n" }, undef ],
	[ 'an empty range', { 'tcp.smtp' => "10.0.0.9-1:deny\n" }, qr{^warning: control/tcp\.smtp:1: a range that nobody is in} ],

	# secrets and users
	[ 'a password that all may read', sub { spit("$_[0]/control/smtproutes", ":relay.example:587 joe pw\n", 0644) }, qr{^warning: control/smtproutes: credentials that everybody}, sub { chmod 0640, "$_[0]/control/smtproutes" } ],
	[ '... in a copy', sub { spit("$_[0]/control/smtproutes.bak", ":relay.example:587 joe pw\n", 0644) }, qr{^warning: control/smtproutes\.bak: everybody may read this copy}, sub { unlink "$_[0]/control/smtproutes.bak" } ],
	[ 'a route without a password', sub { spit("$_[0]/control/smtproutes", ":relay.example:587\n", 0644) }, undef ],
	[ 'a token that all may read', sub { spit("$_[0]/control/oauthtokens/joe", "t\n", 0644) }, qr{^error: control/oauthtokens/joe: a secret that everybody}, sub { chmod 0600, "$_[0]/control/oauthtokens/joe" } ],
	[ 'a file that all may write', sub { chmod 0666, "$_[0]/control/rcpthosts" }, qr{^error: control/rcpthosts: everybody on this machine may write it}, sub { chmod 0644, "$_[0]/control/rcpthosts" } ],
	[ 'assign without an end', sub { spit("$_[0]/users/assign", "=joe:joe:1000:1000:/:::\n") }, qr{^error: users/assign: no line that begins with a dot ends it}, sub { unlink "$_[0]/users/assign" } ],
	[ 'assign with a comment', sub { spit("$_[0]/users/assign", "# users\n.\n") }, qr{^error: users/assign:1: there are no comments here}, sub { unlink "$_[0]/users/assign" } ],
	[ 'assign to root', sub { spit("$_[0]/users/assign", "=joe:joe:0:0:/:::\n.\n") }, qr{^error: users/assign:1: the uid is root's}, sub { unlink "$_[0]/users/assign" } ],
	[ 'assign to a directory that is not there', sub { spit("$_[0]/users/assign", "=joe:joe:1000:1000:/no/home:::\n.\n") }, qr{^warning: users/assign:1: there is no directory /no/home}, sub { unlink "$_[0]/users/assign" } ],
	[ 'no postmaster', sub { unlink "$_[0]/alias/.qmail-postmaster" }, qr{^warning: alias/\.qmail-postmaster: missing}, sub { spit("$_[0]/alias/.qmail-postmaster", "joe\@x.example\n") } ],
	[ 'a .qmail file that all may write', sub { chmod 0666, "$_[0]/alias/.qmail-root" }, qr{^error: alias/\.qmail-root: everybody may write it: mail to it is put off}, sub { chmod 0644, "$_[0]/alias/.qmail-root" } ],
	[ '... or its group', sub { chmod 0664, "$_[0]/alias/.qmail-root" }, qr{^warning: alias/\.qmail-root: its group may write it}, sub { chmod 0644, "$_[0]/alias/.qmail-root" } ],
	[ 'a .qmail file with a dot', sub { spit("$_[0]/alias/.qmail-john.doe", "joe\@x.example\n") }, qr{^warning: alias/\.qmail-john\.doe: no address leads here; .*a colon}, sub { rename "$_[0]/alias/.qmail-john.doe", "$_[0]/alias/.qmail-john:doe" } ],
	[ '... in capitals', sub { spit("$_[0]/alias/.qmail-Joe", "joe\@x.example\n") }, qr{^warning: alias/\.qmail-Joe: no address leads here}, sub { unlink "$_[0]/alias/.qmail-Joe" } ],
	[ 'a Maildir that is not there', sub { spit("$_[0]/alias/.qmail-x", "# c\n./Nodir/\n") }, qr{^warning: alias/\.qmail-x:2: there is no such Maildir}, sub { unlink "$_[0]/alias/.qmail-x" } ],

	[ 'an mbox that is a directory', sub { mkdir "$_[0]/alias/Box"; spit("$_[0]/alias/.qmail-x", "./Box\n") }, qr{^error: alias/\.qmail-x:1: a directory, where a line without '/'}, sub { spit("$_[0]/alias/.qmail-x", "./Box/\n") } ],
	[ 'an mbox that is meant as a Maildir', sub { spit("$_[0]/alias/.qmail-x", "/home/joe/Maildir\n") }, qr{^warning: alias/\.qmail-x:1: an mbox of this name, not a Maildir}, sub { spit("$_[0]/alias/.qmail-x", "./Mailbox\n") } ],
	[ '... for all users', { defaultdelivery => "./Maildir\n" }, qr{^warning: control/defaultdelivery:1: an mbox of this name} ],
	[ '... who have theirs', { defaultdelivery => "./Maildir/\n" }, undef ],
	[ 'CR LF in a .qmail file', sub { spit("$_[0]/alias/.qmail-x", "# c\njoe\@x.example\r\n") }, qr{^warning: alias/\.qmail-x:2: the line ends in CR LF}, sub { unlink "$_[0]/alias/.qmail-x" } ],
	[ 'two addresses in a line', sub { spit("$_[0]/alias/.qmail-x", "joe, ann\n") }, qr{^warning: alias/\.qmail-x:1: taken as one address}, sub { spit("$_[0]/alias/.qmail-x", "joe\n&ann\n\n+list\n") } ],
	[ 'a path that is none', sub { spit("$_[0]/alias/.qmail-x", "~/Maildir/\n") }, qr{^warning: alias/\.qmail-x:1: an address: a path begins with}, sub { spit("$_[0]/alias/.qmail-x", "a/b\@x.example\n") } ],
	[ 'a program that is not there', sub { spit("$_[0]/alias/.qmail-x", "| /no/such/program -x\n") }, qr{^error: alias/\.qmail-x:1: there is no such program}, sub { spit("$_[0]/alias/.qmail-x", "|/bin/true\n|/no/such; true\n|test -x /no/such\n") } ],
	[ 'a pipe to nothing', sub { spit("$_[0]/alias/.qmail-x", "|\n") }, qr{^error: alias/\.qmail-x:1: no program behind the '\|': mail to it is lost}, sub { unlink "$_[0]/alias/.qmail-x" } ],
	[ 'an address that is none', sub { spit("$_[0]/alias/.qmail-x", "joe\n&\n") }, qr{^warning: alias/\.qmail-x:2: no address behind the '&'}, sub { unlink "$_[0]/alias/.qmail-x" } ],
	[ 'a .qmail file with the x bit', sub { spit("$_[0]/alias/.qmail-x", "joe\n|true\n", 0700) }, qr{^error: alias/\.qmail-x:2: the x bit}, sub { chmod 0600, "$_[0]/alias/.qmail-x" } ],
	[ 'a blank first line', sub { spit("$_[0]/alias/.qmail-x", "\njoe\n") }, qr{^error: alias/\.qmail-x:1: the first line is blank}, sub { spit("$_[0]/alias/.qmail-x", "joe\n\n") } ],

	# places
	[ 'no trigger', sub { unlink "$_[0]/queue/lock/trigger" }, qr{^error: queue/lock/trigger: missing}, sub { POSIX::mkfifo("$_[0]/queue/lock/trigger", 0622); chmod 0622, "$_[0]/queue/lock/trigger" } ],
	[ 'a trigger that is a file', sub { unlink "$_[0]/queue/lock/trigger"; spit("$_[0]/queue/lock/trigger", '', 0622) }, qr{^error: queue/lock/trigger: not a FIFO}, sub { unlink "$_[0]/queue/lock/trigger"; POSIX::mkfifo("$_[0]/queue/lock/trigger", 0622); chmod 0622, "$_[0]/queue/lock/trigger" } ],
	[ 'a trigger that nobody may write', sub { chmod 0600, "$_[0]/queue/lock/trigger" }, qr{^error: queue/lock/trigger: not everybody may write it.*00600, and should be 00622}, sub { chmod 0622, "$_[0]/queue/lock/trigger" } ],
	[ 'a queue that is open', sub { chmod 0755, "$_[0]/queue/mess/2" }, qr{^error: queue/mess/2: more may enter it than should: its mode is 00755, and should be 00750}, sub { chmod 0750, "$_[0]/queue/mess/2" } ],
	[ 'a queue that is shut', sub { chmod 0500, "$_[0]/queue/info" }, qr{^error: queue/info: who must may not enter it}, sub { chmod 0700, "$_[0]/queue/info" } ],
	[ 'a split that differs', sub { rmdir "$_[0]/queue/local/2" }, qr{^error: queue: mess, info, local and remote are not split alike}, sub { mkdir "$_[0]/queue/local/2", 0700 } ],
	[ 'no bounce', sub { rmdir "$_[0]/queue/bounce" }, qr{^error: queue/bounce: missing}, sub { mkdir "$_[0]/queue/bounce", 0700 } ],
	[ 'a short tcpto', sub { spit("$_[0]/queue/lock/tcpto", '') }, qr{^note: queue/lock/tcpto: not of 1024 octets}, sub { spit("$_[0]/queue/lock/tcpto", "\0" x 1024) } ],
	[ 'a control that all may write', sub { chmod 0777, "$_[0]/control" }, qr{^error: control: everybody may put files into it}, sub { chmod 0755, "$_[0]/control" } ],

	# services
	[ 'TLS that is required', { submission => "1\n" }, qr{^error: control: TLS is required, but there is no control/servercert\.pem} ],
	[ '... and AUTH that nobody can use', { submission => "1\n" }, qr{^error: control: AUTH is required, and nobody can log in} ],
);

# Where files of control/ are all that is broken, without them the home is the fresh one again.
my $common = fresh();
for my $row (@table) {
	my ($name, $break, $finding, $mend) = @$row;
	my $is_added = ref $break eq 'HASH' && !$mend && !grep { -e "$common/control/$_" } keys %$break;
	my $home = $is_added ? $common : fresh();
	my $files = ref $break eq 'HASH' ? $break : {};
	if (ref $break eq 'CODE') { $break->($home) } else { control($home, $_, $files->{$_}) for keys %$files }
	my $broken = check($home);
	unlink map { "$home/control/$_" } keys %$files if $is_added;
	if (!$finding) {
		is($broken->{text}, '', "$name: nothing");
		next;
	}
	ok(scalar(grep { /$finding/ } @{ $broken->{lines} }), "$name: found") or diag $broken->{text} || 'nothing';
	my ($level) = "$finding" =~ /(error|warning|note)/;
	is($broken->{exit}, grep({ /^error/ } @{ $broken->{lines} }) ? 2 : grep({ /^warning/ } @{ $broken->{lines} }) ? 1 : 0, '... exit');
	next if $is_added;
	if (ref $mend eq 'CODE') { $mend->($home) }
	else { unlink "$home/control/$_" for keys %$files; control($home, $_, $mend->{$_}) for keys %{ $mend || {} } }
	my $mended = check($home);
	ok(!grep({ /$finding/ } @{ $mended->{lines} }), '... and not in the mended home') or diag $mended->{text};
}

{
	my $home = fresh();
	unlink "$home/control/me";
	is(scalar(grep { m{control/me\b} } @{ check($home)->{lines} }), 1, 'no me is said once');
}

is(check($common)->{text}, '', 'the home without what was broken is clean');

{
	my $home = fresh();
	unlink "$home/bin";
	mkdir "$home/bin";
	for my $name (qw(qmail-inject qmail-qmqpc)) { symlink build() . "/bin/$name", "$home/bin/$name" }
	system('rm', '-r', "$home/queue", "$home/alias", "$home/control/rcpthosts", "$home/control/locals");
	control($home, qmqpservers => "192.0.2.10\n");
	like(check($home)->{text}, qr{^error: bin/qmail-queue: missing}m, 'a home without qmail-queue');
	symlink 'qmail-qmqpc', "$home/bin/qmail-queue";
	is(check($home)->{text}, '', '... whose queue is on another host');
}

# --- services -----------------------------------------------------------------------------------------

sub service {
	my ($home, $name, $text, $mode) = @_;
	spit("$home/supervise/$name/run", $text, $mode // 0755);
	make_path("$home/supervise/$name/supervise");    # it was started once
}
my @services = (
	[ 'the rules are not there', "exec tcpserver -x control/none.cdb -u 1 -g 1 0 25 \\\n  bin/qmail-smtpd\n", qr{^error: supervise/s/run:1: tcpserver is told of a file of rules that is not there: control/none\.cdb} ],
	[ 'not executable', "exec tcpserver 0 25 bin/qmail-smtpd\n", qr{^error: supervise/s/run: not executable}, 0644 ],
	[ 'little memory', "exec softlimit -m 2000000 tcpserver 0 25 bin/qmail-smtpd 2>&1\n", qr{^warning: supervise/s/run:1: too little memory} ],
	[ 'RELAYCLIENT for all', "RELAYCLIENT=\nexport RELAYCLIENT\nexec tcpserver 0 25 bin/qmail-smtpd\n", qr{^error: supervise/s/run:3: an OPEN RELAY: RELAYCLIENT is set for every client} ],
	[ 'a checker that lets all in', "exec tcpserver 0 587 bin/qmail-smtpd /bin/true /bin/true\n", qr{^error: supervise/s/run:1: AUTH is refused: } ],
	[ 'AUTH in clear', "exec tcpserver 0 587 bin/qmail-smtpd bin/qmail-authcdb true\n", qr{^warning: supervise/s/run:1: AUTH is offered without TLS} ],
	[ 'a checker that is not there', "exec tcpserver 0 587 bin/qmail-smtpd /no/checker true\n", qr{^error: supervise/s/run:1: AUTH is refused: the password checker is not executable} ],
	[ 'submission without a certificate', "SUBMISSION=1; export SUBMISSION\nexec tcpserver 0 587 bin/qmail-smtpd bin/qmail-authcdb true\n", qr{^error: supervise/s/run:2: TLS is required, but there is no} ],
	[ 'TLS forced and denied', "FORCE_TLS=1 DENY_TLS=1 QDIALECT=jms1\nexport FORCE_TLS DENY_TLS QDIALECT\nexec tcpserver 0 587 bin/qmail-smtpd\n", qr{^error: supervise/s/run:3: TLS is required, but there is no} ],
	[ 'a queue program that is not there', "export QMAILQUEUE=/no/queue\nexec tcpserver 0 25 bin/qmail-smtpd\n", qr{^error: supervise/s/run:2: there is no program /no/queue} ],
	[ 'a variable that is of no use', "export SUBMISSION=yes\nexec tcpserver 0 25 bin/qmail-smtpd\n", qr{^error: supervise/s/run:2: SUBMISSION: of no use} ],
	[ 'an mbox for all that is meant as a Maildir', "exec env - PATH=/x \\\n  qmail-start ./Maildir splogger qmail\n", qr{^warning: supervise/s/run:2: an mbox of this name, not a Maildir} ],
	[ '... that is computed', "exec qmail-start \"\$(cat control/defaultdelivery)\" >/dev/null\n", undef ],
	[ '... that is none', "exec qmail-start '|preline /x/Maildir' splogger >/log/Maildir\n", undef ],
	[ 'comments, quotes and what is computed', "# RELAYCLIENT=\nhome=/x\nexec tcpserver -l \"\$(head -n 1 control/me)\" -u \"\$(id -u qmaild)\" 0 25 'bin/qmail-smtpd'\n", undef ],
);
for my $row (@services) {
	my ($name, $text, $finding, $mode) = @$row;
	my $home = fresh();
	service($home, 's', "#!/bin/sh\n" =~ s/.*//sr . $text, $mode);
	my $broken = check($home);
	ok($finding ? scalar(grep { /$finding/ } @{ $broken->{lines} }) : $broken->{text} eq '', "service: $name") or diag $broken->{text} || 'nothing';
}

# What envdir and its like take from files is known: [ name, the script, the files, the finding ].  Of an empty file the
# variable is taken away.
my $smtpd = 'tcpserver 0 25 bin/qmail-smtpd';
my $relay = qr{^error: supervise/s/run:\d: an OPEN RELAY: RELAYCLIENT is set};
my @envdirs = (
	[ 'a variable of an envdir', "exec envdir ./env $smtpd\n", { 'supervise/s/env/RELAYCLIENT' => "\n" }, $relay ],
	[ 'one of the home', "home=HOME\ncd \"\$home\" || exit 1\nexec envdir control/env $smtpd\n", { 'control/env/RELAYCLIENT' => "x\n" }, $relay ],
	[ 'one by its path', "home=HOME\nexec /usr/bin/envdir \"\${home}/e\" $smtpd\n", { 'e/RELAYCLIENT' => "x" }, $relay ],
	[ 's6-envdir', "exec s6-envdir -f env $smtpd\n", { 'supervise/s/env/RELAYCLIENT' => "x" }, $relay ],
	[ 'chpst', "exec chpst -u qmaild -m 30000000 -ve env $smtpd\n", { 'supervise/s/env/RELAYCLIENT' => "x" }, $relay ],
	[ 'the first line, without blanks', "exec envdir env $smtpd\n", { 'supervise/s/env/QMAILQUEUE' => "bin/none \t\nbin/qmail-queue\n" }, qr{: there is no program bin/none\b(?!\s)} ],
	[ 'one that is of no use', "exec envdir env $smtpd\n", { 'supervise/s/env/SUBMISSION' => "yes\n" }, qr{^error: supervise/s/run:2: SUBMISSION: of no use} ],
	[ 'an empty file', "RELAYCLIENT=\nexport RELAYCLIENT\nexec envdir env $smtpd\n", { 'supervise/s/env/RELAYCLIENT' => '' }, undef ],
	[ '... before the script says otherwise', "exec envdir env env RELAYCLIENT= $smtpd\n", { 'supervise/s/env/RELAYCLIENT' => '' }, $relay ],
	[ 'files that begin with a dot', "exec envdir env $smtpd\n", { 'supervise/s/env/.RELAYCLIENT' => "x" }, undef ],
	[ 'a path that is computed', "exec envdir \"\$(pwd)/env\" envdir \"\$other\" $smtpd\n", { 'supervise/s/env/RELAYCLIENT' => "x" }, undef ],
	[ 'chpst without', "exec chpst -u env $smtpd\n", { 'supervise/s/env/RELAYCLIENT' => "x" }, undef ],
	[ 'no such directory', "exec envdir ./none $smtpd\n", {}, qr{^error: supervise/s/run:2: envdir is told of a directory that is not there: supervise/s/\./none; make it} ],
	[ 'nothing behind envdir', "exec bin/qmail-smtpd envdir\n", {}, undef ],
);
for my $row (@envdirs) {
	my ($name, $text, $files, $finding) = @$row;
	my $home = fresh();
	service($home, 's', "#!/bin/sh\n" . $text =~ s/HOME/$home/r);
	spit("$home/$_", $files->{$_}) for keys %$files;
	my $found = check($home);
	my @lines = grep { !m{^warning: control/env} } @{ $found->{lines} };
	ok($finding ? scalar(grep { /$finding/ } @lines) : !grep({ /RELAYCLIENT|envdir/ } @lines), "envdir: $name") or diag $found->{text} || 'nothing';
}
{
	my $home = fresh();
	spit("$home/boot/qmail-smtpd.service", "[Service]\nExecStart=$home/bin/qmail-smtpd\nNoNewPrivileges=yes\nDynamicUser=true\nPrivateUsers=1\nProtectSystem=strict\n");
	my $units = check($home);
	like($units->{text}, qr{^error: boot/qmail-smtpd\.service:3: NoNewPrivileges takes}m, 'a unit: NoNewPrivileges');
	like($units->{text}, qr{^error: boot/qmail-smtpd\.service:4: a user that is made up}m, '... DynamicUser');
	like($units->{text}, qr{^error: boot/qmail-smtpd\.service:5: with users of its own}m, '... PrivateUsers');
	like($units->{text}, qr{^warning: boot/qmail-smtpd\.service:6: the queue is read-only}m, '... ProtectSystem');
	spit("$home/boot/qmail-smtpd.service", "[Service]\nExecStart=$home/bin/qmail-dns\nNoNewPrivileges=yes\n");
	is(check($home)->{text}, '', '... of a helper that is right');
}
{
	my $home = fresh();
	spit("$home/supervise/s/run", "exec tcpserver -x control/none.cdb 0 25 bin/qmail-smtpd\n", 0755);
	my $never = check($home);
	like($never->{text}, qr{^note: supervise/s/run:1: tcpserver is told}, 'of a service that was never started, a note');
	is($never->{exit}, 0, '... exit');
	is(check($home, '-q')->{text}, '', '... which -q leaves out');
}

# --- certificates -------------------------------------------------------------------------------------

SKIP: {
	skip 'no openssl', 1 if system('command -v openssl >/dev/null 2>&1') != 0;
	my $dir = temp_dir();
	system("cd '$dir' && for n in a b; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \$n.key -out \$n.crt -days 100 -subj /CN=mx.example.org; done >/dev/null 2>&1") == 0 or die 'openssl';
	system("cd '$dir' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout c.key -out c.crt -days 3 -subj /CN=mx.example.org >/dev/null 2>&1") == 0 or die 'openssl';
	my %pem = (right => slurp("$dir/a.key") . slurp("$dir/a.crt"), other => slurp("$dir/b.key") . slurp("$dir/a.crt"), soon => slurp("$dir/c.key") . slurp("$dir/c.crt"), none => slurp("$dir/a.key"));
	my %want = (right => undef, other => qr{^error: control/servercert\.pem: qmail-tls cannot use it: }, soon => qr{^warning: control/servercert\.pem: the certificate is about to end: \S+ \([23] days\)}, none => qr{^error: control/servercert\.pem: no certificate is in it});
	for my $which (sort keys %pem) {
		my $home = fresh();
		spit("$home/control/servercert.pem", $pem{$which}, 0600);
		my $with = check($home);
		ok($want{$which} ? scalar(grep { /$want{$which}/ } @{ $with->{lines} }) : $with->{text} eq '', "a certificate: $which") or diag $with->{text} || 'nothing';
		chmod 0644, "$home/control/servercert.pem";
		like(check($home)->{text}, qr{^error: control/servercert\.pem: a private key that everybody}m, '... that all may read') if $which eq 'right';
	}
	my $home = fresh();
	spit("$home/control/servercert.pem", $pem{right}, 0600);
	control($home, me => "mail.example.org\n");
	like(check($home)->{text}, qr{^note: control/servercert\.pem: the certificate does not name mail\.example\.org}m, '... of another name than ours');
	control($home, me => "mx.example.org\n");
	make_path("$home/control/servercerts/$_") for qw(mx.example.org mail.example.org);
	for my $name (qw(mx mail)) {
		rename "$home/control/servercert.pem", "$home/control/servercerts/$name.example.org/servercert.pem";
		is(check($home)->{text} =~ /does not name $name\.example/ ? 1 : 0, $name eq 'mail' ? 1 : 0, "... in the directory of $name.example.org");
		rename "$home/control/servercerts/$name.example.org/servercert.pem", "$home/control/servercert.pem";
	}
	spit("$home/control/clientcert.pem", $pem{other}, 0600);
	like(check($home)->{text}, qr{^error: control/clientcert\.pem: qmail-tls cannot use it: .*; servers that ask for it see none}m, "a client's, whose key does not fit");
	spit("$home/control/clientcert.pem", $pem{right}, 0600);
	unlike(check($home)->{text}, qr{clientcert}, '... that fits');
}

# --- the DNS ------------------------------------------------------------------------------------------

{
	my $dns = start_dns(<<'ZONE');
mx.example.org A 127.0.0.1
here.example MX 10 mx.example.org
there.example MX 10 mx.there.example
mx.there.example A 192.0.2.9
1.0.0.127.in-addr.arpa PTR localhost
ZONE
	my $home = fresh();
	control($home, resolvers => "127.0.0.1:$dns->{port}\n");
	control($home, $_ => "mx.example.org\nhere.example\nthere.example\nnowhere.example\n") for qw(locals rcpthosts);
	my $asked = check($home, '-n');
	like($asked->{text}, qr{^note: control/me:1: the DNS has another name for its address 127\.0\.0\.1}m, 'the DNS: the reverse');
	like($asked->{text}, qr{^note: control/locals:3: its mail goes to another host}m, '... an exchanger elsewhere');
	like($asked->{text}, qr{^warning: control/locals:4: the DNS does not know this domain}m, '... no such domain');
	unlike($asked->{text}, qr{control/locals:[12]:}, '... and those that are right');
	is(check($home)->{text}, '', '... without -n it is not asked');
	control($home, me => "nobody.example\n");
	like(check($home, '-n')->{text}, qr{^warning: control/me:1: the DNS knows no address of it}m, '... me');
}

# --- the rest -----------------------------------------------------------------------------------------

{
	my $home = fresh();
	control($home, databytes => "1\"\\\x01M\n");
	control($home, "odd\"name" => "x\n");
	my $json = check($home, '-j');
	like($json->{text}, qr/^\{"level":"warning","file":"control\/databytes","line":1,"text":"what stands[^"]*","hint":"digits only"\}$/m, 'JSON');
	like($json->{text}, qr/"file":"control\/odd\\u0022name"/, '... escapes');
	like(check($home)->{text}, qr{^warning: control/odd"name: }m, 'as text');
	for my $options (['-x'], [ 'a', 'b' ], [ '-q', 'a', 'b' ]) {
		my $usage = check($home, @$options);
		is("$usage->{exit} $usage->{err}", "100 usage: qmail-check [-jnq] [HOME]\n", "usage: @$options");
	}
	is(check('/', $home)->{exit}, 1, 'a home as an argument');
	is(check('/', '/nonexistent')->{exit}, 111, '... that is not there');
	is_deeply([ @{ check('/', '/dev') }{qw(exit text err)} ], [ 111, '', "qmail-check: fatal: /dev is no qmail home: neither control nor bin is in it\n" ], '... that is none');
	chmod 0, "$home/control/databytes";
	like(check($home)->{text}, qr{^note: control/databytes: not checked: this user may not read it}m, 'what may not be read') if $> != 0;
}

done_testing();
