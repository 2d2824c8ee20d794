#!/usr/bin/perl
# qmail-remote and the exchangers of a domain, on port 25 of a network of its own: order, which failures
# lead to the next address, self-elimination, addresses that do not answer (outbound 2.3 to 2.6, T15).
# Root, to make that network.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

plan skip_all => 'needs root' if $>;
if (!$ENV{REMOTE_MX_INSIDE}) {
	system('unshare -n true 2>/dev/null') == 0 or plan skip_all => 'network namespaces are not permitted here';
	$ENV{REMOTE_MX_INSIDE} = 1;
	exec 'unshare', '-n', $^X, $0 or die "unshare: $!";
}
system("PATH=$ENV{PATH}:/sbin:/usr/sbin; ip link set lo up") == 0 or plan skip_all => 'no ip(8)';
# Packets for these leave on lo, and come back to nobody: they time out.
system("PATH=$ENV{PATH}:/sbin:/usr/sbin; ip route add 203.0.113.0/24 dev lo && ip -6 route add 2001:db8:dead::/64 dev lo && ip -6 addr add 2001:db8::25/128 dev lo nodad") == 0
  or plan skip_all => 'no routes here';

my $zone = <<'END';
one.example MX 10 mx2.example
two.example MX 10 mx2.example
two.example MX 20 mx3.example
backup.example MX 10 mx2.example
backup.example MX 20 me.example
backup.example MX 30 mx3.example
self.example MX 10 me.example
self.example MX 20 mx3.example
broken.example MX 10 fail.example
broken.example MX 20 me.example
slow.example MX 10 dead.example
slow.example MX 20 mx3.example
dead2.example MX 10 dead.example
null.example MX 0 .
formerr.example MX !formerr
servfail.example MX !servfail
empty.example MX 10 nothing.example
nothing.example TXT x
six.example MX 10 mx6.example
mx2.example A 127.0.0.2
mx3.example A 127.0.0.3
mx6.example AAAA 2001:db8::25
me.example A 127.0.0.1
dead.example A 203.0.113.1
fail.example A !servfail
fail.example AAAA !servfail
both.example MX 10 dead46.example
dead46.example A 203.0.113.1
dead46.example AAAA 2001:db8::25
dead4.example A 203.0.113.1
dead4.example A 203.0.113.2
dead4.example AAAA 2001:db8::25
dead6.example A 127.0.0.2
dead6.example AAAA 2001:db8:dead::1
mxps.example MX 12801 mx2.example
mxps.example MX 12900 mx3.example
last.example MX 13041 mx2.example
plain.example MX 12802 mx2.example
above.example MX 13057 mx2.example
below.example MX 12785 mx2.example
worse.example MX 10 dead.example
worse.example MX 20 mx6.example
END
my $dns = start_dns($zone);

# Sinks at port 25 of 127.0.0.2, .3 and 2001:db8::25, each with a script; then one delivery.
my (%sinks, %env);
my $home;

sub scripts {
	my (%scripts) = @_;
	stop_server($_) for values %sinks;
	%sinks = map { $_ => start_sink($scripts{$_}, '--at', ($_ == 6 ? '2001:db8::25' : "127.0.0.$_") . ':25') } keys %scripts;
	$home = instance(me => "client.example\n", resolvers => "127.0.0.1:$dns->{port}\n", notipme => "2001:db8::25\n",
		timeoutconnect => "1\n");
	queue_tree($home);
}

sub deliver {
	my ($host, @argv) = @_;
	my $run = run_program([ 'qmail-remote', $host, 's@client.example', @argv ? @argv : "r\@$host" ], home => $home, in => "x\n",
		env => \%env);
	is("$run->{exit} $run->{err}", '0 ', "$host: exit 0");
	$run->{out} =~ s/\0/\\0/g;
	return $run->{out};
}

sub accepted_by { my ($ip) = @_; return "r\\0K$ip accepted message.\nRemote host said: 250 ok queued\n\\0" }
my $NOBODY = "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n\\0";
my $SELF = "DSorry. Although I'm listed as a best-preference MX or A for that host,\n"
  . "it isn't in my control/locals file, so I don't treat it as local. (#5.4.6)\n\\0";
my $SOFT = "ZSorry, I couldn't find any host by that name. (#4.1.2)\n\\0";

scripts(2 => '', 3 => '');
is(deliver('one.example'), accepted_by('127.0.0.2'), 'one exchanger');
is(deliver('two.example'), accepted_by('127.0.0.2'), 'the better one');
is(deliver('mx3.example'), accepted_by('127.0.0.3'), 'a host without exchangers is its own');
is(deliver('127.0.0.3'),   accepted_by('127.0.0.3'), 'an address');
is(deliver('[127.0.0.3]', 'r@[127.0.0.3]'), accepted_by('127.0.0.3'), 'an address in brackets');
is(deliver('backup.example'), accepted_by('127.0.0.2'), 'better than us');
is(deliver('self.example'), $SELF, 'we are the best');
is(deliver('me.example'), $SELF, 'we are it');
is(deliver('[127.0.0.1]', 'r@[127.0.0.1]'), $SELF, 'our address');
is(deliver('broken.example'), $SOFT, 'we are the backup of one that cannot be found now');
is(deliver('null.example'), "DSorry, that domain does not accept mail (null MX). (#5.1.10)\n\\0", 'null MX');
is(deliver('empty.example'), "DSorry, I couldn't find a mail exchanger or IP address. (#5.4.4)\n\\0", 'exchangers without addresses');
is(deliver('none.example'), "DSorry, I couldn't find any host named none.example. (#5.1.2)\n\\0", 'no such domain');
is(deliver("n\xe4ne..example", 'r@x'), "DSorry, I couldn't find any host named n?ne..example. (#5.1.2)\n\\0", 'bytes of it that are not shown');
is(deliver('servfail.example'), $SOFT, 'SERVFAIL');
is(deliver('formerr.example'), $SOFT, 'FORMERR bounces nothing');

for my $script ('greeting 554 no', 'greeting 450 no', 'greeting 421 no', 'greeting close', "ehlo 502 no\nhelo 550 no", 'ehlo 421 no') {
	scripts(2 => "$script\n", 3 => '');
	(my $name = $script) =~ s/\n/; /;
	is(deliver('two.example'), accepted_by('127.0.0.3'), "$name: the next address");
	is(deliver('backup.example') =~ s/127\.0\.0\.2/IP/r =~ /^ZConnected to IP but/ ? 'Z' : '', 'Z', '... but nothing worse than us');
}
for my $script ('mail 450 no', 'rcpt 450 no', 'data 450 no', 'dot 450 no', 'mail close') {
	scripts(2 => "$script\n", 3 => '');
	unlike(deliver('two.example'), qr/accepted message/, "$script: no other address");
	ok(!-e "$sinks{3}{dir}/1.in", '... is even asked');
}
scripts(3 => "greeting 450 later\n");
is(deliver('two.example'), "ZConnected to 127.0.0.3 but greeting failed.\nRemote host said: 450 later\n\\0", 'refused, then deferred');
scripts(2 => "greeting 450 later\n");
is(deliver('two.example'), "ZConnected to 127.0.0.2 but greeting failed.\nRemote host said: 450 later\n\\0", 'deferred, then refused');
scripts();
is(deliver('two.example'), $NOBODY, 'all refused');

# tcpto
sub table { return slurp("$home/queue/lock/tcpto") }
sub record { my ($count, $time) = @_; return pack 'C4 C x3 V x4', 203, 0, 113, 1, $count, $time }

scripts(3 => '');
my $before = time;
is(deliver('slow.example'), accepted_by('127.0.0.3'), 'a timeout, then the next');
my ($when) = unpack 'x8 V', table();
ok($when >= $before && $when <= time, 'tcpto has the time');
is(table(), record(1, $when) . "\0" x 1008, '... and else just the record');
is(deliver('dead2.example'), $NOBODY, 'a timeout');
is(table(), record(1, $when) . "\0" x 1008, '... too soon after the other to count');
spit("$home/queue/lock/tcpto", record(1, $when - 120) . "\0" x 1008);
is(deliver('dead2.example'), $NOBODY, 'a later timeout');
($when) = unpack 'x8 V', table();
is(table(), record(2, $when) . "\0" x 1008, '... is counted');
unlink "$home/queue/lock/tcpto";
is(deliver('dead2.example'), $NOBODY, 'without a table');
ok(!-e "$home/queue/lock/tcpto", '... none is made');

# IPv6, and where we come from
scripts(6 => '');
is(deliver('six.example'), accepted_by('2001:db8::25'), 'IPv6');
is(deliver('[IPv6:2001:db8::25]', 'r@[IPv6:2001:db8::25]'), accepted_by('2001:db8::25'), 'an IPv6 literal');
control($home, 'notipme', "\n");
is(deliver('six.example'), $SELF, 'our own IPv6 address');
control($home, 'notipme', "2001:db8::25\n");
control($home, 'outgoingip6', "2001:db8::99\n");
is(deliver('six.example'), "ZCan't bind to local ip address: 2001:db8::99. (#4.3.0)\n\\0", 'outgoingip6 that is not ours');
control($home, 'outgoingip6', "2001:db8::25\n");
is(deliver('six.example'), accepted_by('2001:db8::25'), 'outgoingip6 that is');

# A dead family holds nobody up: with the default of 60 seconds for a connection, these would not end in time.
control($home, 'outgoingip6', "\n");
my $EMPTY = "\0" x 1024;
for my $host (qw(both.example dead46.example dead4.example)) {
	scripts(6 => '');
	unlink "$home/control/timeoutconnect";
	is(deliver($host), accepted_by('2001:db8::25'), "outbound 2.3, IPv6: $host, without a way for IPv4");
	is(table(), $EMPTY, '... and who did not get its time did not time out (2.6)');
}
scripts(2 => '');
unlink "$home/control/timeoutconnect";
is(deliver('dead6.example'), accepted_by('127.0.0.2'), 'outbound 2.3, IPv6: without a way for IPv6');
scripts(6 => "greeting 450 later\n");
is(deliver('dead46.example'), "ZConnected to 2001:db8::25 but greeting failed.\nRemote host said: 450 later\n\\0",
	'outbound 2.5: the quicker one does not take it: the other gets its time');
is(table(), record(1, unpack 'x8 V', table()) . "\0" x 1008, '... and is in the table');
scripts(6 => '');
is(deliver('worse.example'), accepted_by('2001:db8::25'), 'a worse exchanger, of the other family');
is(table(), record(1, unpack 'x8 V', table()) . "\0" x 1008, '... has to wait until the better one timed out');
scripts(6 => '');
%env = (QSTRICT => 1);
is(deliver('dead46.example'), accepted_by('2001:db8::25'), 'strict: one after the other');
is(table(), record(1, unpack 'x8 V', table()) . "\0" x 1008, '... each until its timeout');
%env = ();
scripts(6 => '');
spit("$home/control/strict", "1\n");
is(deliver('dead46.example'), accepted_by('2001:db8::25'), 'control/strict likewise');
is(table(), record(1, unpack 'x8 V', table()) . "\0" x 1008, '... each until its timeout');
unlink "$home/control/strict";
mkdir "$home/control/strict";
is(deliver('dead46.example'), "ZUnable to read control files. (#4.3.0)\ncontrol/strict: unreadable: Is a directory\n\\0", 'control/strict unreadable');
is(deliver('six.example'), accepted_by('2001:db8::25'), '... is not asked where there is one family');

# Blocked, in the race too
scripts(6 => '');
spit("$home/queue/lock/tcpto", record(2, time - 60) . "\0" x 1008);
is(deliver('both.example'), accepted_by('2001:db8::25'), 'an address that is left alone does not start');

# MXPS
{
	my $qmtp;
	my $mxps = sub {
		my ($script, %controls) = @_;
		stop_server($qmtp) if $qmtp;
		$qmtp = defined $script ? start_qmtpsink($script, '--at', '127.0.0.2:209') : undef;
		scripts(2 => '', 3 => '');
		control($home, $_, $controls{$_}) for keys %controls;
	};
	my $by_qmtp = "rqmtp: ok\n\\0KAll received okay by 127.0.0.2\n\\0";
	my $by_smtp = accepted_by('127.0.0.2');
	$mxps->("Kok\n", mxps => "1\n");
	is(deliver('mxps.example'), $by_qmtp, 'outbound 3.1 X: MXPS');
	is(deliver('last.example'), $by_qmtp, '... the last of the preferences that mean it');
	ok(!-e "$sinks{2}{dir}/1.in", '... and nobody is asked by SMTP');
	is(deliver($_), $by_smtp, "$_: a preference that does not") for qw(plain.example above.example below.example);
	$mxps->("Kok\n");
	is(deliver('mxps.example'), $by_smtp, 'MXPS is off');
	$mxps->("Kok\n", mxps => "0\n");
	is(deliver('mxps.example'), $by_smtp, '... with 0, too');
	$mxps->(undef, mxps => "1\n");
	is(deliver('mxps.example'), $by_smtp, 'MXPS: nobody at port 209');
	is(table(), $EMPTY, '... is no word for the table of timeouts');
	for my $script ('Zlater', 'Dno', 'close', 'raw:220 nonsense\r\n') {
		$mxps->("$script\n", mxps => "1\n");
		unlike(deliver('mxps.example'), qr/accepted|okay/, "MXPS: $script");
		ok(!-e "$sinks{$_}{dir}/1.in", '... no SMTP once QMTP was spoken') for 2, 3;
	}
	$mxps->("Kok\n", mxps => "1\n", tlspolicy => "mxps.example:encrypt\n");
	like(deliver('mxps.example'), qr/TLS policy encrypt failed/, 'MXPS has no TLS');
	ok(!-s "$qmtp->{dir}/1.in" && -e "$sinks{2}{dir}/1.in", '... so SMTP it is');
	$mxps->("Kok\n", mxps => "1\n", smtproutes => ":127.0.0.2\n");
	is(deliver('mxps.example'), $by_smtp, 'MXPS is not for relays');
	$mxps->(undef);
	mkdir "$home/control/mxps";
	is(deliver('mxps.example'), "ZUnable to read control files. (#4.3.0)\ncontrol/mxps: unreadable: Is a directory\n\\0", 'mxps unreadable');
	is(deliver('two.example'), $by_smtp, '... is not asked without such an exchanger');
}

# T15: the table when it is full: the oldest gives way, one more timeout being as good as 1024 seconds
{
	my $now = time;
	my $slot = sub { my ($i, $count, $age) = @_; return pack 'C4 C x3 V x4', 198, 51, 100, $i, $count, $now - $age };
	my @full = map { $slot->($_, $_ == 40 ? 1 : 2, $_ == 50 ? 5000 : $_ == 40 ? 4500 : 100) } 0 .. 63;
	scripts();
	spit("$home/queue/lock/tcpto", join '', @full);
	is(deliver('dead2.example'), $NOBODY, 'T15: a timeout when the table is full');
	my $at = 0;
	for my $i (0 .. 63) {
		my $key = sub { my ($c, $t) = (unpack('x4 C', $_[0]), unpack('x8 V', $_[0])); return $t + 1024 * $c };
		$at = $i if $key->($full[$i]) < $key->($full[$at]);
	}
	$full[$at] = record(1, unpack 'x8 V', substr table(), 16 * $at, 16);
	is(unpack('H*', table()), unpack('H*', join '', @full), 'T15: ... takes the place of the one with the least time + 1024 * count');
	$full[7] = pack 'C4 C x3 V x4', 127, 0, 0, 2, 1, $now - 300;
	spit("$home/queue/lock/tcpto", join '', @full);
	scripts(2 => '');
	spit("$home/queue/lock/tcpto", join '', @full);
	is(deliver('one.example'), accepted_by('127.0.0.2'), 'T15: a connection');
	substr $full[7], 4, 1, "\0";
	is(unpack('H*', table()), unpack('H*', join '', @full), 'T15: ... clears the count of its own entry only');
}

done_testing();
