#!/usr/bin/perl
# INSTALL, part B, as it stands: its commands make a mail host, which then takes mail from the world, serves its
# users, delivers into Maildirs and sends through a provider.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";
use Qferry::Layers;

my $top = abs_path("$FindBin::Bin/../..");
skip_layers(qw(svscan supervise svstat svok setuidgid softlimit multilog tcpserver tcprules openssl curl));

sub slurp { my ($path) = @_; open my $in, '<', $path or die "$path: $!"; local $/; return scalar <$in> }

# --- the commands of INSTALL, block by block ---------------------------------------------------------------------------

my ($part) = slurp("$top/INSTALL") =~ /^B\. A mail host.*?\n(.*?)^C\. /ms or die 'INSTALL has no part B';
my @blocks = $part =~ /((?:^        .*\n)+)/mg;
s/^        //mg for @blocks;
is(scalar @blocks, 12, 'INSTALL has the blocks that are followed here');
my $what = join '', @blocks;

# What is here already, or needs the network; and the provider, who is at home in this test.
my %instead = (
	"apt-get update\n"                 => '',
	qr/apt-get install .*?[^\\]\n/s     => "mkdir -p /etc/service\nsvscan /etc/service &\n",
	"make\n"                           => '',
	"make install ME=mx.example.org\n" => "ME=mx.example.org $top/setup/install /var/qmail $ENV{QFERRY_BUILD}\n",
	"qmail-passwd add joe\n"           => "qmail-passwd add joe <<END\nsecret\nEND\n",
	'smtp.provider.example:587'        => '127.0.0.1:5870',
);
for my $old (keys %instead) {
	my $pattern = $old =~ /^\(\?/ ? $old : qr/^?\Q$old\E/m;
	ok($what =~ s/$pattern/$instead{$old}/, 'INSTALL says ' . ($old =~ /^\(\?/ ? 'apt-get install' : $old =~ s/\n//r));
}

# --- a mail host, and what it has to do ------------------------------------------------------------------------------------

my %part = in_layers(<<"SH");
rm -f /usr/sbin/sendmail
mkdir /var/sink
printf 'user user password\\nehlo AUTH PLAIN\\n' >/var/script
perl $top/tests/tools/smtpsink --at 127.0.0.1:5870 --dir /var/sink /var/script >/dev/null &
wait_for() { i=0; until eval "\$1"; do i=\$((i + 1)); [ \$i -lt 900 ] || { echo "never: \$1"; return 0; }; sleep 0.1; done; }
listens() { perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new("127.0.0.1:\$ARGV[0]")' \$1; }
mail() { printf "From: \$1\\r\\nTo: \$2\\r\\nSubject: \$3\\r\\n\\r\\nbody\\r\\n" >/var/message; }
send() { url=\$1 from=\$2 to=\$3; shift 3; curl -sS --insecure --url "\$url" --mail-from "\$from" --mail-rcpt "\$to" --upload-file /var/message "\$@" && echo "sent" || echo "curl says \$?"; }
echo '-- install'
$what
set +e
cd /
wait_for 'listens 25 && listens 587 && listens 465'
svstat /var/qmail/supervise/qmail-send /var/qmail/supervise/qmail-smtpd
echo '-- from the world'
# the world has another address than those who may relay
ip addr add 192.0.2.1/32 dev lo
mail ann\@far.example joe\@example.org 'hello joe'
send smtp://127.0.0.1/far.example ann\@far.example joe\@example.org --interface 192.0.2.1 --ssl-reqd
wait_for 'cat /home/joe/Maildir/new/* 2>/dev/null | grep -q "^Subject: hello joe"'
cat /home/joe/Maildir/new/*
ls -ld /home/joe/Maildir/new/*
echo '-- for nobody'
send smtp://127.0.0.1/far.example ann\@far.example nobody-here\@example.org --interface 192.0.2.1
echo '-- no relay'
send smtp://127.0.0.1/far.example ann\@far.example bob\@elsewhere.example --interface 192.0.2.1
echo '-- aliases'
for a in postmaster shop-is-not sales root; do
	mail ann\@far.example \$a\@example.org "to \$a"
	send smtp://127.0.0.1/far.example ann\@far.example \$a\@example.org --interface 192.0.2.1
done
mail ann\@far.example any\@shop.example 'to a shop'
send smtp://127.0.0.1/far.example ann\@far.example any\@shop.example --interface 192.0.2.1
wait_for 'n=0; for s in "to postmaster" "to sales" "to root" "to a shop"; do ! grep -qx "Subject: \$s" /home/joe/Maildir/new/* || n=\$((n + 1)); done; [ \$n -eq 4 ]'
grep -h ^Subject: /home/joe/Maildir/new/* | sort
echo '-- submission'
mail joe\@example.org friend\@far.example 'from the phone'
send smtp://127.0.0.1:587/phone joe\@example.org friend\@far.example --ssl-reqd --user joe:secret --login-options AUTH=PLAIN
send smtps://127.0.0.1:465/phone joe\@example.org friend\@far.example --user joe:secret --login-options AUTH=PLAIN
echo '-- wrong password'
send smtp://127.0.0.1:587/phone joe\@example.org friend\@far.example --ssl-reqd --user joe:wrong --login-options AUTH=PLAIN
echo '-- from a program'
printf 'To: friend\@far.example\\nSubject: from cron\\n\\nbody\\n' | sendmail -t
echo '-- sink'
wait_for '[ "\$(cat /var/sink/*.message.* 2>/dev/null | grep -c "^Subject: \\(from\\|to sales\\)")" -eq 4 ]'
cat /var/sink/*.log
cat /var/sink/*.message.*
echo '-- logs'
cat /var/qmail/supervise/*/log/main/current
echo '-- stop'
svc -dx /etc/service/* /etc/service/*/log
wait_for '! svok /var/qmail/supervise/qmail-send'
find /var/qmail/queue -type f -not -path '*/lock/*'
SH

my $all = $part{''};
sub said { my ($name, $pattern, $test) = @_; return like($part{$name} // '', $pattern, $test) }

unlike($all, qr/^never: /m, 'nothing was waited for in vain') or diag $all;
said('install', qr{qmail-send: up .*\n.*qmail-smtpd: up }, 'the services are up') or diag $all;
said('from the world', qr/^sent$/m, 'mail from the world, over TLS');
said('from the world', qr/^  by mx\.example\.org with ESMTPS \(/m, '... with its Received line');
said('from the world', qr/^-rw------- \S+ joe joe .*\/home\/joe\/Maildir\/new\//m, "... is in joe's Maildir, and his");
said('for nobody', qr/^curl: .*\b550\b|curl says 55/m, 'who does not exist is refused at the door');
said('no relay', qr/^curl: .*\b553\b|curl says 55/m, 'nobody relays');
said('aliases', qr/^Subject: to a shop$/m, 'a domain of his own');
said('aliases', qr/^Subject: to $_$/m, "the alias $_") for qw(postmaster sales root);
said('aliases', qr/^curl says/m, 'and no other name');
is(scalar(() = ($part{submission} // '') =~ /^sent$/mg), 2, 'submission on 587 and 465');
said('wrong password', qr/^curl says 67$/m, 'not with a wrong password');
said('sink', qr/^Subject: from the phone$/m, 'it leaves by the provider');
said('sink', qr/^Subject: from cron$/m, 'mail of a program, too');
said('sink', qr/^AUTH ok user$/m, 'with the password');
said('sink', qr/^Subject: to sales$/m, "and an alias's copy");
said('stop', qr/\A\z/, 'all ends, and the queue is empty');

done_testing();
