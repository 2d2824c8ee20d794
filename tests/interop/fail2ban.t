#!/usr/bin/perl
# The fail2ban filter of control-examples finds failed logins in lines that qmail-smtpd wrote, with the
# client's address, and nothing else, whatever clients call themselves (inbound 5.17, 10 S4): judged by
# its expressions in perl, and by fail2ban itself.
#
# peers: fail2ban
use strict;
use warnings;
use FindBin;
use MIME::Base64;
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;

my $filter = top() . '/control-examples/fail2ban/qferry.conf';

# --- real lines ---
my $home = instance(
	me          => "mx.example.org\n",
	rcpthosts   => "example.org\n",
	authguesses => "2\n",
	limits      => "auth_delay_ms:1\n",
	authfailures => "0\n",
	authfailuresuser => "1\n",
);
mkdir "$home/state";
mkdir "$home/state/db", 0700;

sub session {
	my ($ip, @lines) = @_;
	my $run = run_program([ 'qmail-smtpd', top() . '/tests/tools/checkpassword', 'true' ],
		home => $home, in => join('', map { "$_\r\n" } @lines), env => { SSL => 1, SUBMISSION => 1, TCPREMOTEIP => $ip });
	return grep { /./ } split /\n/, $run->{err};
}

sub login { my ($user, $password) = @_; return 'AUTH PLAIN ' . encode_base64("\0$user\0$password", '') }

# A line of ours as the name of a client or a user must not be one.
my $forged = "x\tqmail-smtpd[1]: auth sid=0123456789abcdef ip=192.0.2.66 result=failed mech=PLAIN user=x";
my %lines = (
	'a wrong password'   => [ session('192.0.2.1', login('nobody', 'x'), 'QUIT') ],
	'a wrong one, IPv6'  => [ session('2001:db8::1', login('nemo', 'x'), 'QUIT') ],
	'a second guess'     => [ session('192.0.2.2', login('nobody', 'x'), 'QUIT') ],
	'a forged user'      => [ session('192.0.2.3', login($forged, 'x'), 'QUIT') ],
	'a forged name'      => [ session('192.0.2.4', "EHLO $forged", 'MAIL FROM:<a@b>', 'QUIT') ],
	'the right password' => [ session('192.0.2.5', login('demo', 'secret'), 'MAIL FROM:<a@b>', 'RCPT TO:<x@far.example>', 'QUIT') ],
	'no login'           => [ session('192.0.2.6', 'MAIL FROM:<a@b>', 'QUIT') ],
);
my %guesser = ('a wrong password' => '192.0.2.1', 'a wrong one, IPv6' => '2001:db8::1', 'a second guess' => '192.0.2.2', 'a forged user' => '192.0.2.3');
my %refused = (%guesser, 'a forged name' => '192.0.2.4', 'no login' => '192.0.2.6');

# --- by the expressions ---
# The value of a key, with what %(NAME)s stands for.
my $text = slurp($filter);
my %value;
while ($text =~ /^([\w-]+) = (.*\n(?:[ \t]+\S.*\n)*)/mg) {
	my ($key, $value) = ($1, $2);
	$value =~ s/%\(([\w-]+)\)s/$value{$1}/g;
	chomp($value{$key} = $value);
}

sub address_of {
	my ($mode, @lines) = @_;
	my @found;
	for my $regex (split /\n\s*/, $value{"mdre-$mode"}) {
		$regex =~ s/<HOST>/(?<host>[0-9a-f.:]+)/;
		for (@lines) { push @found, $+{host} if /$regex/ }
	}
	return join ' ', sort @found;
}

for my $name (sort keys %lines) {
	is(address_of('normal', @{ $lines{$name} }), $guesser{$name} // '', $name) or diag map { "$_\n" } @{ $lines{$name} };
	is(address_of('aggressive', @{ $lines{$name} }), $refused{$name} // '', "$name, aggressive");
}
like("@{ $lines{'a second guess'} }", qr/result=refused/, 'the second guess was not even listened to');

# --- by fail2ban ---
SKIP: {
	my $peer = "$ENV{QFERRY_PEERS}/fail2ban";
	my $program = "$peer/usr/bin/fail2ban-regex";
	skip('the fail2ban package cannot be had, or no python3', 4) unless -e $program && -x '/usr/bin/python3';
	my $dir = temp_dir();
	# As multilog writes them.
	spit("$dir/log", join '', map { "\@400000006b0acb3c13c1cb6e $_\n" } 'tcpserver: status: 0/100', map { @$_ } values %lines);
	for my $row ([ normal => \%guesser ], [ aggressive => \%refused ]) {
		my ($mode, $wanted) = @$row;
		my $run = run_program([ '/usr/bin/python3', $program, "--config=$peer/etc/fail2ban", '-o', 'ip', "$dir/log", "${filter}[mode=$mode]" ],
			env => { PYTHONPATH => "$peer/usr/lib/python3/dist-packages", HOME => $dir });
		is(join(' ', sort $run->{out} =~ /^(\S+)$/mg), join(' ', sort values %$wanted), "fail2ban-regex, $mode") or diag $run->{err};
		is($run->{exit}, 0, 'and no complaint');
	}
}

done_testing();
