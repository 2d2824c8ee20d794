# Qferry::Story - what a new user does with a home of his own, by the manual: edits files in control, sends
# mail by sendmail, reads the log.  All of the suite runs: sendmail, qmail-queue, qmail-send, qmail-rspawn,
# qmail-remote.
#
#   my $relay = relay("user joe pw\n", cert => "$pki/relay.pem");
#   begin("smtp.example.net A 127.0.0.1\n");
#   control($home, smtproutes => ":smtp.example.net:$relay->{port} joe pw\n");
#   send_mail('you@dest.example');
#   ok(said(qr/success/), 'it arrives');
#   like(heard($relay), qr/AUTH ok joe/, 'as joe');
package Qferry::Story;
use strict;
use warnings;
use Exporter qw(import);
use Qferry::Test;
use Qferry::Tls;
use Test::More ();

our @EXPORT = qw($home $pki $dns begin end skip_story relay certificates by_manual send_mail said said_last all_ended
  again sessions heard messages envelopes queue_message);

our ($home, $dns, $pki);
my ($suite, $log, $from);

sub skip_story {
	Test::More::plan(skip_all => 'root has no rootless instance') if $> == 0;
	Test::More::plan(skip_all => 'perl has no IO::Socket::SSL')
	  if system($^X, top() . '/tests/tools/smtpsink', '--can-tls') != 0;
	Test::More::plan(skip_all => 'no openssl to make certificates') if system('command -v openssl >/dev/null 2>&1') != 0;
}

# An authority, its intermediate, and a relay's certificate by each, for one name.
sub certificates {
	my ($name) = @_;
	$pki = temp_dir();
	make_authority($pki, $_) for qw(ca other);
	make_certificate($pki, 'middle', 'ca', ca => 1);
	make_certificate($pki, $_, $_ eq 'leaf' ? 'middle' : 'ca', alt => "DNS:$name,IP:127.0.0.1") for qw(relay leaf);
	spit("$pki/$_.pem", pem($pki, "$_.key", "$_.crt")) for qw(relay leaf);
	return $pki;
}

sub relay {
	my ($script, %o) = @_;
	return start_sink($script, $o{cert} ? ('--cert', $o{cert}) : (), @{ $o{options} || [] });
}

# A home as setup/new-home makes it, with a resolver that knows this zone, and all of the suite.
sub begin {
	my ($zone, %o) = @_;
	if (!$home) {
		my $dir = temp_dir();
		chmod 0755, $dir;
		$home = "$dir/home";
		mkdir $home;
		system('env', 'ME=client.example', top() . '/setup/new-home', $home) == 0 or die 'new-home';
		rmdir "$home/bin";
		symlink build() . '/bin', "$home/bin" or die "bin: $!";
		symlink top() . '/profiles', "$home/profiles";
	}
	if (defined $zone) {
		$dns = start_dns($zone);
		control($home, resolvers => "127.0.0.1:$dns->{port}\n");
	}
	open $log, '>>', "$home/log" or die "log: $!";
	$from = -s "$home/log";
	$suite = start_program([ @{ $o{in_front} || [] }, program('qmail-start'), './Maildir/' ], home => $home,
		env => { PATH => "$home/bin:/usr/bin:/bin" }, fds => { 1 => $log, 2 => $log });
	Test::More::ok(wait_until(sub { slurp("$home/log") =~ /^status: local 0\//m }), 'the suite runs');
}

# TERM; "exit signal".
sub end {
	return '' unless $suite;
	kill 'TERM', $suite;
	my $how = join ' ', finish_program($suite, 60);
	undef $suite;
	return $how;
}

END {
	my $status = $?;
	end();
	$? = $status;
}

# The literal block of a manual page or README in which this text occurs, as a shell script for this home: /var/qmail
# is the home, owners are not changed (it is all ours), and what else the caller says.
sub by_manual {
	my ($file, $text, %instead) = @_;
	my $page = slurp(top() . "/$file");
	my @blocks = $file =~ /\.\d$/ ? $page =~ /^\.Bd -literal.*?\n(.*?)^\.Ed$/msg : $page =~ /((?:^    .*\n)+)/mg;
	my ($script) = grep { index($_, $text) >= 0 } @blocks;
	die "$file has no example with $text\n" unless defined $script;
	$script =~ s/^\s*ch(?:own|grp) [^;\n]*(?:; )?//mg;
	$script =~ s/\\&//g;
	$script =~ s/\\e/\\/g;
	$script =~ s{/var/qmail}{$home}g;
	for my $old (sort keys %instead) {
		$script =~ s/\Q$old\E/$instead{$old}/g or die "$file: no $old in the example\n";
	}
	return system('/bin/sh', '-ec', $script) == 0;
}

# One message, by sendmail.  The log from now on is what said() looks at.
sub send_mail {
	my ($recipients, %o) = @_;
	$from = -s "$home/log";
	my @to = ref $recipients ? @$recipients : split ' ', $recipients;
	my $run = run_program([ 'sendmail', '-i', '-f', $o{sender} // 'me@client.example', @to ], home => $home,
		env => { PATH => "$home/bin:/usr/bin:/bin", USER => 'me', %{ $o{env} || {} } },
		in => $o{in} // "Subject: story\n\nbody\n");
	Test::More::is("$run->{exit} $run->{err}", '0 ', $o{name} // "sendmail @to");
}

# As qmail-queue gets it from any other program: the bytes as they are.
sub queue_message {
	my ($sender, $recipient, $bytes) = @_;
	$from = -s "$home/log";
	my $dir = temp_dir();
	open my $message,  '<', spit("$dir/message", $bytes) or die;
	open my $envelope, '<', spit("$dir/envelope", "F$sender\0T$recipient\0\0") or die;
	my ($exit) = finish_program(start_program(['qmail-queue'], home => $home, fds => { 0 => $message, 1 => $envelope }));
	Test::More::is($exit, 0, 'qmail-queue');
}

# Wait until the log, from the last message on, has a line like that.
sub said {
	my ($pattern) = @_;
	my $found = wait_until(sub { said_last() =~ $pattern }, 60);
	Test::More::diag(said_last()) unless $found;
	return $found;
}

sub said_last { return substr slurp("$home/log"), $from }

sub all_ended {
	return said(qr/^end msg/m) && wait_until(sub { !glob("$home/queue/mess/*/*") && !glob("$home/queue/todo/*") }, 60);
}

# What waits is due now, as often as needed (ALRM), until the log says so.
sub again {
	my ($pattern) = @_;
	my $old = length said_last();
	my $last = 0;
	my $found = wait_until(sub {
		kill 'ALRM', $suite if time > $last;
		$last = time;
		substr(said_last(), $old) =~ $pattern;
	}, 60);
	Test::More::diag(said_last()) unless $found;
	return $found;
}

# The dialogues that a relay had, each once it has ended.
sub sessions {
	my ($relay) = @_;
	my @all;
	for (my $n = 1; -e "$relay->{dir}/$n.in"; $n++) {
		wait_until(sub { -e "$relay->{dir}/$n.done" });
		push @all, slurp("$relay->{dir}/$n.log");
	}
	return @all;
}

sub heard { return join '', sessions($_[0]) }

# The messages that it took for somebody, in order; their envelopes ("FFROM:<..>" and "TTO:<..>" lines).
sub messages { my ($relay) = @_; return map { slurp($_ =~ s/envelope/message/r) } taken($relay) }
sub envelopes { my ($relay) = @_; return map { slurp($_) } taken($relay) }

sub taken {
	my ($relay) = @_;
	my $key = sub { my ($session, $number) = $_[0] =~ /(\d+)\.envelope\.(\d+)$/; return 1000 * $session + $number };
	return sort { $key->($a) <=> $key->($b) } grep { slurp($_) =~ /^T/m } glob "$relay->{dir}/*.envelope.*";
}

1;
