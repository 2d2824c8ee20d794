#!/usr/bin/perl
# qmail-showctl: what the control files say (queue 5.1).  The sentences of stock's files are those of
# notqmail's program; no secret is shown.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

sub show {
	my ($home, @args) = @_;
	return run_program([ 'qmail-showctl', @args ], home => $home, dir => '/');
}

# The part about one file, with its name.
sub about {
	my ($run, $name) = @_;
	return ($run->{out} =~ /^(\Q$name\E: (?:.*\n)+?)(?=\n|\z)/m)[0];
}

# --- a home of stock's ----------------------------------------------------------------------------

my $home = instance();
queue_tree($home);
my $run = show($home);
is $run->{exit}, 0, 'an empty home';
(my $report = $run->{out}) =~ s/^(user|group) ids: .*$/$1 ids/mg;
is $report, <<"END", 'the defaults of stock, and nothing else';
qmail home directory: $home.
user-ext delimiter: -.
paternalism (in decimal): 2.
silent concurrency limit: 120.
subdirectory split: 23.
user ids
group ids

badmailfrom: (Default.) Any MAIL FROM is allowed.

bouncefrom: (Default.) Bounce user name is MAILER-DAEMON.

bouncehost: (Default.) Bounce host name is bouncehost.

concurrencylocal: (Default.) Local concurrency is 10.

concurrencyremote: (Default.) Remote concurrency is 20.

databytes: (Default.) SMTP DATA limit is 0 bytes.

defaultdomain: (Default.) Default domain name is defaultdomain.

defaulthost: (Default.) Default host name is defaulthost.

doublebouncehost: (Default.) 2B recipient host: doublebouncehost.

doublebounceto: (Default.) 2B recipient user: postmaster.

envnoathost: (Default.) Presumed domain name is envnoathost.

helohost: (Default.) SMTP client HELO host name is helohost.

idhost: (Default.) Message-ID host name is idhost.

localiphost: (Default.) Local IP address becomes localiphost.

locals: (Default.) Messages for me are delivered locally.

me: (Default.) My name is undefined! Uh-oh.

percenthack: (Default.) The percent hack is not allowed.

plusdomain: (Default.) Plus domain name is plusdomain.

qmqpservers: (Default.) No QMQP servers.

queuelifetime: (Default.) Message lifetime in the queue is 604800 seconds.

rcpthosts: (Default.) SMTP clients may send messages to any recipient.

morercpthosts: (Default.) No rcpthosts; morercpthosts is irrelevant.

morercpthosts.cdb: (Default.) No effect.

smtpgreeting: (Default.) SMTP greeting: 220 smtpgreeting.

smtproutes: (Default.) No artificial SMTP routes.

timeoutconnect: (Default.) SMTP client connection timeout is 60 seconds.

timeoutremote: (Default.) SMTP client data timeout is 1200 seconds.

timeoutsmtpd: (Default.) SMTP server data timeout is 1200 seconds.

virtualdomains: (Default.) No virtual domains.
END

# file, its text, what is said
for my $case (
	[ me => "mx.example.org\n", 'My name is mx.example.org.' ],
	[ badmailfrom => "# x\n\nspam\@x \n \@y\n", "\nspam\@x not accepted in MAIL FROM.\n \@y not accepted in MAIL FROM." ],
	[ bouncefrom => "a\1\xe4%", 'Bounce user name is a??%.' ],
	[ helohost => '', 'SMTP client HELO host name is .' ],
	[ concurrencylocal => "17 x\n", 'Local concurrency is 17.' ],
	[ concurrencyremote => "x\n", '(Default.) Remote concurrency is 20.' ],
	[ locals => "a.example\nb.example", "\nMessages for a.example are delivered locally.\nMessages for b.example are delivered locally." ],
	[ locals => '', '' ],
	[ percenthack => 'a.example', "\nThe percent hack is allowed for user%host\@a.example." ],
	[ qmqpservers => '192.0.2.1', "\nQMQP server: 192.0.2.1." ],
	[ smtproutes => ":mx.example:26\n", "\nSMTP route: :mx.example:26" ],
	[ virtualdomains => "v.example:joe\n", "\nVirtual domain: v.example:joe" ],
	[ keptsessions => "7\n", 'Connections that wait for a message: 7.' ],
	[ badhelo => "a\nb\n", "\nHELO name not accepted: a\nHELO name not accepted: b" ],
	[ clamd => "/run/clamd\n", 'clamd listens at /run/clamd.' ],
	[ blackholedrcpt => "a\@b\n", "(Not read in this dialect.) \nAccepted, and gets nothing: a\@b" ],
	[ badmailform => "x\n", 'I have no idea what this file does.' ]) {
	my ($name, $text, $says) = @$case;
	control($home, $name, $text);
	is about(show($home), $name), "$name: $says\n", "$name: " . ($text =~ s/\n/ /gr);
	unlink "$home/control/$name";
}
control($home, 'me', "mx.example.org\n");
is about(show($home), 'idhost'), "idhost: (Default.) Message-ID host name is mx.example.org.\n", 'the default of many is me';

# morercpthosts depends on others.
my @more = (morercpthosts => "m.example\n");
control($home, @more);
is about(show($home), 'morercpthosts'), "morercpthosts: \nNo rcpthosts; doesn't matter that morercpthosts has m.example.\n", 'morercpthosts alone';
is about(show($home), 'morercpthosts.cdb'), "morercpthosts.cdb: Oops! morercpthosts exists but morercpthosts.cdb doesn't.\n", 'not compiled';
control($home, 'rcpthosts', "r.example\n");
is about(show($home), 'morercpthosts'), "morercpthosts: \nSMTP clients may send messages to recipients at m.example.\n", 'with rcpthosts';
is run_program(['qmail-newmrh'], home => $home)->{exit}, 0, 'compiled';
is about(show($home), 'morercpthosts.cdb'), "morercpthosts.cdb: Modified recently enough; hopefully up to date.\n", 'and told so';
utime 1, 1, "$home/control/morercpthosts.cdb";
is about(show($home), 'morercpthosts.cdb'), "morercpthosts.cdb: Oops! morercpthosts.cdb is older than morercpthosts.\n", 'outdated';
unlink "$home/control/morercpthosts";
is about(show($home), 'morercpthosts.cdb'), "morercpthosts.cdb: Oops! morercpthosts.cdb exists but morercpthosts doesn't.\n", 'without its source';
is about(show($home), 'morercpthosts'), "morercpthosts: (Default.) No effect.\n", 'nothing more';

# --- the rest -------------------------------------------------------------------------------------

{
	my $all = show($home, '-a');
	is about($all, 'authguesses'), "authguesses: (Default.) 4.\n", '-a: what is not there';
	is about($all, 'logdialect'), "logdialect: (Default.) project.\n", 'with its default';
	is about(show($home), 'authguesses'), undef, 'but not without -a';
	is show($home, '-x')->{exit}, 100, 'an unknown option';
	is show('/no/such/home')->{exit}, 111, 'no home';
	is show('/no/such/home')->{out}, "Oops! Unable to chdir to /no/such/home.\n", 'and what is said';
	my $empty = temp_dir();
	like show($empty)->{out}, qr/^Oops! Unable to chdir to control\.\n\z/m, 'no control directory';
}
{
	my $wide = instance();
	control($wide, 'spawnwidth', "2\n");
	queue_tree($wide, 7);
	my $run = show($wide);
	like $run->{out}, qr/^silent concurrency limit: 509\.\nsubdirectory split: 7\.$/m, 'what the home is made for';
	mkdir "$wide/control/me";
	$run = show($wide);
	is $run->{exit}, 111, 'an unreadable control/me';
	like $run->{out}, qr/^Oops! Trouble reading control\/me\.\z/m, 'ends the report';
}
{
	mkdir "$home/control/timeoutremote";
	my $run = show($home);
	is about($run, 'timeoutremote'), "timeoutremote: Oops! Trouble reading this file.\n", 'an unreadable file';
	is $run->{exit}, 0, 'does not end the report';
	like $run->{err}, qr{^qmail-showctl: warning: control/timeoutremote: unreadable: Is a directory$}m, 'and is told aloud';
	rmdir "$home/control/timeoutremote";
  SKIP: {
		skip 'root may read everything', 2 if $> == 0;
		control($home, 'badhelo', "x\n");
		chmod 0, "$home/control/badhelo";
		my $run = show($home);
		is about($run, 'badhelo'), "badhelo: Oops! Trouble reading this file.\n", 'one that the caller may not read';
		like $run->{err}, qr{^qmail-showctl: warning: control/badhelo: unreadable: Permission denied$}m, 'is told aloud';
	}
}

# --- secrets --------------------------------------------------------------------------------------

my $secret = 'h4x0r';
my %secrets = (
	smtproutes     => [ "a.example:relay.example:587 joe $secret\nb.example:[::1]:587|joe|$secret\n:plain.example\nx:\@named\n",
		"\nSMTP route: a.example:relay.example:587 (and what is not shown)\nSMTP route: b.example:[::1]:587| (and what is not shown)\nSMTP route: :plain.example\nSMTP route: x:\@named" ],
	qmtproutes     => [ "a.example:relay.example joe $secret\n", "\nQMTP route: a.example:relay.example (and what is not shown)" ],
	authsenders    => [ "ann\@a.example|joe|$secret\n\@b.example:r.example|joe|$secret\n",
		"\nRoute of a sender: ann\@a.example| (and what is not shown)\nRoute of a sender: \@b.example:r.example| (and what is not shown)" ],
	domaincerts    => [ "a.example:/c.pem|/k.pem|$secret\nb.example:/c.pem|/k.pem\n",
		"\nCertificate of a sender's domain: a.example:/c.pem|/k.pem (and what is not shown)\nCertificate of a sender's domain: b.example:/c.pem|/k.pem" ],
	remotesecrets  => [ "r.example:joe:$secret\nq.example:joe:$secret\n", 'Credentials of a relay, not shown: 2 lines.' ],
	remoteauth     => [ "r.example:s:$secret\n", 'Credentials of a relay, not shown: 1 line.' ],
	'servercert.pem' => [ "$secret\n", 'Key and certificate of this host, not shown.' ],
	'clientcert.pem' => [ "$secret\n", 'Certificate and key as a client, not shown.' ],
	'clientca.pem'   => [ "x\n", 'Authorities for clients\' certificates.' ],
	'routes/one/password'      => [ "$secret\n", "\nNamed routes: one" ],
	'oauth/two/refreshtoken'   => [ "$secret\n", "\nAccounts with a provider of tokens: two" ],
	'oauthtokens/ann'          => [ "$secret\n", "\nUsers with a token: ann" ],
	'servercerts/n.example/servercert.pem' => [ "$secret\n", "\nCertificates of other names: n.example" ]);
control($home, $_, $secrets{$_}[0]) for keys %secrets;
# A line that is no route, with a secret somewhere in it.
control($home, 'smtproutes', "$secrets{smtproutes}[0]z.example:a b c d e $secret\nno colon $secret\n");
$run = show($home);
for my $name (sort keys %secrets) {
	my ($file) = $name =~ m{^([^/]+)};
	my $says = $secrets{$name}[1] . ($file eq 'smtproutes' ? "\nSMTP route: z.example:a (and what is not shown)\nSMTP route:  (and what is not shown)" : '');
	is about($run, $file), "$file: $says\n", "$file";
}
unlike $run->{out} . $run->{err}, qr/$secret/, 'no secret is shown';

done_testing;
