#!/usr/bin/perl
# SRS and Debian's postsrsd with one file of secrets: each takes back what the other has made.
#
# peers: postsrsd
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Qferry::Test;
use Test::More;

my $peer = ($ENV{QFERRY_PEERS} || build() . '/peers') . '/postsrsd';
plan skip_all => "no postsrsd: tests/peers postsrsd" unless -x "$peer/run";

my $secrets = "first-secret\nolder one\n";
my $home = instance(me => "mx.example.org\n", rcpthosts => "example.org\n", srs_domain => "srs.example.org\n", srs_secrets => $secrets);
my $queue = use_store_queue($home);
my $file = spit(temp_dir() . '/secrets', $secrets, 0600);
my @ports = free_ports();
my $daemon = start_program([ "$peer/run", '/usr/sbin/postsrsd', '-4', "-s$file", '-dsrs.example.org', "-f$ports[0]", "-r$ports[1]" ]);

# It listens on ports that it is told.  These were free a moment ago.
sub free_ports {
	my @sockets = map { IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1) or die $! } 1 .. 2;
	return map { $_->sockport } @sockets;
}

# Its answer, or undef.
sub ask {
	my ($port, $key) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or return undef;
	$key =~ s/([%\s])/sprintf '%%%02x', ord $1/ge;
	print $socket "get $key\n";
	my $line = <$socket>;
	return undef unless defined $line && $line =~ /^200 (.*?)\r?\n/;
	(my $value = $1) =~ s/%([0-9a-fA-F]{2})/chr hex $1/ge;
	return $value;
}

plan skip_all => 'postsrsd does not start here' unless wait_until(sub { defined ask($ports[0], 'joe@example.com') });

my $stored = 0;
sub queued { my @all = stored_messages($home); return $stored == @all ? undef : $all[ $stored++ ] }

sub ours {
	my ($sender) = @_;
	run_program([ 'forward', 'to@example.com' ], home => $home, in => "A: b\n\n",
		env => { QMAILQUEUE => $queue, NEWSENDER => $sender, DTLINE => "Delivered-To: x\n" });
	return queued()->{sender};
}

sub our_reverse {
	my ($address) = @_;
	(my $local = $address) =~ s/\@[^\@]*$//;
	my $run = run_program(['srsfilter'], home => $home, in => "A: b\n\n",
		env => { QMAILQUEUE => $queue, SENDER => '', EXT => "srs-$local", EXT2 => $local, DTLINE => "Delivered-To: x\n" });
	return $run->{exit} == 0 ? queued()->{recipients}[0] : $run->{err};
}

for my $sender ('joe@example.com', 'Joe.User=x+y@Sub.Example.COM', 'a-b-c@example.net', 'x' x 60 . '@' . 'long-name.' x 15 . 'example',
	'SRS0=AbCd=TT=first.example=ann@second.example', 'SRS0+AbCd=TT=first.example=ann@second.example',
	'SRS1=AbCd=second.example==AbCd=TT=first.example=ann@third.example') {
	my ($made, $theirs) = (ours($sender), ask($ports[0], $sender));
	is $made, $theirs, "the same address for $sender";
	is ask($ports[1], $made), our_reverse($theirs), 'each takes the other\'s back to the same';
	(my $back = $sender) =~ s/^SRS1=AbCd=second\.example=(.*)\@third\.example$/SRS0$1\@second.example/;
	is our_reverse($theirs), $back, 'which is who sent it';
	is our_reverse(lc $theirs), ask($ports[1], lc $theirs), 'also in lower case';
}
for my $bad ('SRS0=AbCd=TT=example.com=joe@srs.example.org', 'SRS0=AbCd@srs.example.org') {
	is ask($ports[1], $bad), undef, "it refuses $bad";
	like our_reverse($bad), qr/^srsfilter: fatal: SRS: /, 'so do we';
}

kill 'TERM', $daemon;
finish_program($daemon);
done_testing;
