#!/usr/bin/perl
# sendmail and qmail-inject with the programs that people send mail with: s-nail, mutt, git send-email, swaks,
# and the options that cron, PHP, mail clients and other mail servers' scripts pass (queue 3.5).
#
# peers: git-email mutt
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Test;
use Test::More;

my $home  = instance(me => "me.example\n", defaulthost => "h.example\n", defaultdomain => "example\n");
my $queue = use_store_queue($home);
my $user  = temp_dir();
my %env   = (QMAILQUEUE => $queue, USER => 'joe', LOGNAME => 'joe', HOME => $user, LC_ALL => 'C.UTF-8');
my $sendmail = program('sendmail');
my $stored   = 0;

sub run_as_user {
	my ($argv, %with) = @_;
	return run_program($argv, home => $home, dir => $user, %with, env => { %env, %{ $with{env} || {} } });
}

sub has { my ($tool) = @_; return -x "/usr/bin/$tool" }

# One message has come: what became of it.
sub arrived {
	my ($name, $run, $sender, $to, @like) = @_;
	is $run->{exit}, 0, "$name: exit" or diag "$run->{err}$run->{out}";
	my @all = stored_messages($home);
	is @all, ++$stored, "$name: one message";
	$stored = @all;
	my $message = $all[-1] || { message => '', recipients => [] };
	is $message->{sender}, $sender, "$name: sender" if defined $sender;
	is_deeply [ sort @{ $message->{recipients} } ], [ sort @$to ], "$name: recipients";
	like $message->{message}, $_, "$name: message" for @like;
	unlike $message->{message}, qr/^Bcc:/mi, "$name: no Bcc";
}

# --- the options that others pass ----------------------------------------------------------------

my $letter = "To: ann\@a.example\nBcc: bob\@b.example\nSubject: s\n\nbody\n.\nmore\n";
my $header = [qw(ann@a.example bob@b.example)];
for my $case (
	[ 'Debian\'s cron',   [qw(-FCronDaemon -i -B8BITMIME -oem root)],           undef, ['root@h.example'], qr/^From: \"CronDaemon\" <joe\@h\.example>$/m ],
	[ 'cronie',           [qw(-FCronDaemon -i -odi -oem -oi -t -f root)],       'root@h.example', $header ],
	[ 'anacron',          [qw(root)],                                           undef, ['root@h.example'] ],
	[ 'PHP',              [qw(-t -i)],                                          undef, $header ],
	[ 'PHP with -f',      [qw(-t -i -fweb@w.example)],                          'web@w.example', $header ],
	[ 'PHPMailer',        [qw(-oi -fweb@w.example -t)],                         'web@w.example', $header ],
	[ 'Symfony',          [qw(-t)],                                             undef, $header ],
	[ 'Symfony with -bs off', [qw(-oi -t)],                                     undef, $header ],
	[ 'Django, Rails',    [qw(-i)],                                             undef, [], 100 ],
	[ 'Rails',            [ '-i', '-f', 'web@w.example', '--', 'c@c.example' ], 'web@w.example', ['c@c.example'] ],
	[ 'bsd-mailx',        [qw(-i -t)],                                          undef, $header ],
	[ 'mailman',          [qw(-i -f list-bounces@l.example c@c.example)],       'list-bounces@l.example', ['c@c.example'] ],
	[ 'logwatch',         [qw(-oi -t)],                                         undef, $header ],
	[ 'smartmontools',    [qw(-i root)],                                        undef, ['root@h.example'] ],
	[ 'sudo',             [ '-t' ],                                             undef, $header ],
	[ 'nullmailer users', [ '-f', 'a@a.example', 'c@c.example' ],               'a@a.example', ['c@c.example'] ],
	[ 'Postfix users',    [qw(-G -i -f a@a.example -F), 'A B', '-N', 'success,failure', '-R', 'hdrs', '-V', 'id', '-t' ], 'a@a.example', $header ],
	[ 'Exim users',       [qw(-odf -oi -t)],                         undef, $header ],
	[ 'Sendmail users',   [qw(-odb -oeq -O DeliveryMode=b -Am -U -L tag -v -t)], undef, $header ],
	[ 'vacation',         [ '-f', '<>', 'c@c.example' ],                        '', ['c@c.example'] ],
	[ 'the null sender',  [ '-f', '', 'c@c.example' ],                          '', ['c@c.example'] ],
	[ 'joined options',   [qw(-tioem)],                                         undef, $header ],
) {
	my ($name, $args, $sender, $to, $more) = @$case;
	if (($more // '') eq '100') {
		is run_as_user([ 'sendmail', @$args ], in => $letter)->{exit}, 100, "$name: recipients are missing";
		next;
	}
	arrived($name, run_as_user([ 'sendmail', @$args ], in => $letter), defined $sender ? $sender : 'joe@h.example', $to,
		qr/\n\nbody\n\.\nmore\n\z/, defined $more ? $more : ());
}

# --- s-nail ---------------------------------------------------------------------------------------

SKIP: {
	skip 'no s-nail', 1 unless has('s-nail');
	my @nail = ('s-nail', '-:/', '-Sv15-compat', "-Smta=$sendmail");
	$nail[0] = '/usr/bin/s-nail';
	arrived('s-nail', run_as_user([ @nail, '-s', 'hello', 'ann@a.example' ], in => "body\n.\nmore\n"), undef, ['ann@a.example'],
		qr/^To: ann\@a\.example$/m, qr/^Subject: hello$/m, qr/\nbody\n\.\nmore\n\z/);
	arrived('s-nail with Cc and Bcc', run_as_user([ @nail, qw(-s s -c cc@c.example -b bcc@b.example -r me@m.example ann@a.example) ], in => "x\n"),
		'me@m.example', [qw(ann@a.example bcc@b.example cc@c.example)], qr/^From: me\@m\.example$/m);
	arrived('s-nail -t', run_as_user([ @nail, '-t' ], in => "To: Ann <ann\@a.example>\nBcc: b\@b.example\nSubject: s\n\nx\n"), undef,
		[qw(ann@a.example b@b.example)], qr/^To: Ann <ann\@a\.example>$/m);
}

# --- mutt -----------------------------------------------------------------------------------------

SKIP: {
	chomp(my $peer = `"$FindBin::Bin/../peers" mutt 2>/dev/null`);
	skip 'mutt cannot be had', 1 unless $peer;
	my @mutt = ("$peer/run", '/usr/bin/mutt', '-n', '-F', '/dev/null', '-e', 'unset record; unset use_domain');
	my $set = "set sendmail=\"$sendmail -oem -oi\"";
	arrived('mutt', run_as_user([ @mutt, '-e', $set, qw(-s hello -c cc@c.example -b bcc@b.example -- ann@a.example) ], in => "body\n.\nmore\n"),
		'joe@h.example', [qw(ann@a.example bcc@b.example cc@c.example)], qr/^Subject: hello$/m, qr/^To: ann\@a\.example$/m, qr/\nbody\n\.\nmore\n\z/);
	arrived('mutt with a sender', run_as_user([ @mutt, '-e', $set, '-e', 'set use_envelope_from envelope_from_address=me@m.example', qw(-s s -- ann@a.example) ], in => "x\n"),
		'me@m.example', ['ann@a.example']);
	is run_as_user([ @mutt, '-e', "set sendmail=\"$sendmail --no-such-option\"", qw(-s s -- ann@a.example) ], in => "x\n")->{exit}, 1, 'mutt hears of a refusal';
}

# --- git send-email -------------------------------------------------------------------------------

SKIP: {
	chomp(my $peer = `"$FindBin::Bin/../peers" git-email 2>/dev/null`);
	skip 'git send-email cannot be had', 1 unless $peer && has('git');
	my $patch = spit("$user/patch", "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: Joe <joe\@j.example>\nDate: Mon, 1 Jan 2024 00:00:00 +0000\nSubject: [PATCH] one\n\nwhat\n---\n a | 1 +\n");
	my @git = ('/usr/bin/perl', "$peer/usr/lib/git-core/git-send-email", '--confirm=never', '--quiet', "--smtp-server=$sendmail");
	my %git = (env => { PATH => "/usr/bin:/bin", PERL5LIB => "$peer/usr/share/perl5", GIT_CONFIG_NOSYSTEM => 1, GIT_CONFIG_GLOBAL => '/dev/null', EMAIL => 'joe@j.example', GIT_CEILING_DIRECTORIES => '/' });
	SKIP: {
		my $probe = run_as_user([ @git, '--help' ], %git);
		skip 'git send-email does not run here', 1 if $probe->{err} =~ /Can't locate/;
		arrived('git send-email', run_as_user([ @git, '--from=Joe <joe@j.example>', '--to=list@l.example', '--cc=Ann A <ann@a.example>', '--bcc=b@b.example', '--suppress-cc=all', $patch ], %git),
			'joe@h.example', [qw(ann@a.example b@b.example list@l.example)], qr/^Subject: \[PATCH\] one$/m);
		arrived('git send-email with a sender', run_as_user([ @git, '--envelope-sender=me@m.example', '--from=Joe <joe@j.example>', '--to=list@l.example', '--suppress-cc=all', $patch ], %git),
			'me@m.example', ['list@l.example']);
	}
}

# --- swaks: SMTP over a pipe ----------------------------------------------------------------------

SKIP: {
	skip 'no swaks', 1 unless has('swaks');
	control($home, 'rcpthosts', "h.example\n");
	arrived('swaks --pipe', run_as_user([ '/usr/bin/swaks', '--pipe', "$sendmail -bs", '--from', 'me@m.example', '--to', 'ann@a.example,b@b.example', '--body', "body\n.\nmore", '--hide-all' ]),
		'me@m.example', [qw(ann@a.example b@b.example)], qr/^Received: from .* \(sendmail-bs\@?.*127\.0\.0\.1/m);
}

done_testing;
