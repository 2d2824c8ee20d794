#!/usr/bin/perl
# matchup: the log of qmail-send, and the reports in it, as the scanners in the field take them apart (outbound 1.6,
# 6.5; T6 and T16 of outbound 11).  The reader here is ours; it knows what theirs do: words between blanks, the first
# one says what a line is, and each delivery and each message has its begin and its end.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Qferry::Story;
use Qferry::Test;
use Test::More;

skip_story();

# --- the reader --------------------------------------------------------------------------------------------------

# Take lines "TIME TEXT" apart: what ended, what did not, and what nobody knows.
sub matchup {
	my (@lines) = @_;
	my %r = (deliveries => [], messages => [], unknown => [], open => {}, message => {});
	for my $line (@lines) {
		my ($time, @words) = split / /, $line, -1;
		my $kind = $words[0] // '';
		my $reader = {
			'status:' => \&status, starting => \&starting, delivery => \&delivery, new => \&message, end => \&message,
			info => \&info, bounce => \&bounce, triple => sub { "@_[2..4]" =~ /\Atriple bounce: discarding\z/ && $_[5] =~ m{\Abounce/\d+\z} && @_ == 6 },
		}->{$kind};
		push @{ $r{unknown} }, "@words" unless $reader && $reader->(\%r, $time, @words);
	}
	return \%r;
}

sub status {
	my ($r, $time, @w) = @_;
	return "@w" =~ m{\Astatus: (?:local \d+/\d+ remote \d+/\d+(?: exitasap)?|exiting)\z};
}

sub starting {
	my ($r, $time, @w) = @_;
	return 0 unless @w == 8 && $w[1] eq 'delivery' && $w[2] =~ s/\A(\d+):\z/$1/ && $w[3] eq 'msg' && $w[5] eq 'to' && $w[6] =~ /\A(?:local|remote)\z/;
	return 0 if !$r->{message}{ $w[4] } || $r->{open}{ $w[2] };
	$r->{open}{ $w[2] } = { message => $w[4], channel => $w[6], recipient => $w[7], started => $time };
	return 1;
}

sub delivery {
	my ($r, $time, @w) = @_;
	$w[1] =~ s/\A(\d+):\z/$1/ or return 0;
	my $open = delete $r->{open}{ $w[1] } or return 0;
	return "@w[2..5]" eq 'report mangled, will defer' if $w[2] eq 'report';
	my ($result) = $w[2] =~ /\A(succ|fail|defer)\w*:\z/;
	return 0 unless @w == 4 && $result && $w[3] =~ /\A[!-~]*\z/ && $w[3] !~ /%/;
	push @{ $r->{deliveries} }, { %$open, result => $result, reason => $w[3], ended => $time };
	return 1;
}

sub message {
	my ($r, $time, @w) = @_;
	return 0 unless @w == 3 && $w[1] eq 'msg' && $w[2] =~ /\A\d+\z/;
	if ($w[0] eq 'new') { $r->{message}{ $w[2] } = { born => $time } }
	else { push @{ $r->{messages} }, delete $r->{message}{ $w[2] } || return 0 }
	return 1;
}

sub info {
	my ($r, $time, @w) = @_;
	my ($id, $bytes, $sender) = "@w" =~ /\Ainfo msg (\d+): bytes (\d+) from <(\S*)> qp \d+ uid \d+\z/ or return 0;
	$r->{message}{$id} or return 0;
	@{ $r->{message}{$id} }{qw(bytes sender)} = ($bytes, $sender);
	return 1;
}

sub bounce {
	my ($r, $time, @w) = @_;
	return "@w" =~ /\Abounce msg (\d+) qp \d+\z/ && $r->{message}{$1};
}

# The reader complains of what it should.
is(scalar @{ matchup('1 new msg 5', '2 starting delivery 1: msg 6 to remote a@b', '3 delivery 1: success: x', '4 hello')->{unknown} }, 3, 'the reader knows what it does not know');

# --- everything that can be in a log, narrow and wide ------------------------------------------------------------------

my %sender = (good => 'me@client.example', odd => "m\xc3\xa4 %x\@client.example");
begin('');
is(end(), '0 0', 'a home');
for my $width (1, 2) {
	for my $detail (0, 1) {
		unlink "$home/log";
		my $relay = relay("rcpt no\@dest.example 550-5.1.1 no, 100%|550 5.1.1 \\xc3\\xa4 user\\x01\nrcpt later\@dest.example 450 4.2.1 la ter\nmail 250 ok\n"
			  . "rcpt forged\@dest.example 550 no\nrcpt postmaster\@hub.example 550 no\ndot 250 2.0.0 ok 100% \\xc3\\xa4\n");
		control($home, smtproutes => "dead.example:127.0.0.1:1\nbad.example:127.0.0.1:99999\n:127.0.0.1:$relay->{port}\n");
		control($home, spawnwidth => "$width\n");
		control($home, concurrencyremote => $width == 2 ? "300\n" : "20\n");
		control($home, logdetail => "$detail\n");
		control($home, doublebouncehost => "hub.example\n");
		begin();
		my $name = "T6: width $width, logdetail $detail";
		queue_message($sender{$_}, "$_\@dest.example", "Subject: x\n\nbody\n") for qw(good odd);
		queue_message('me@client.example', "$_\@dest.example", "Subject: x\n\nbody\n") for qw(no later);
		queue_message('forged@dest.example', 'no@dest.example', "Subject: x\n\nbody\n");
		queue_message('me@client.example', $_, "Subject: x\n\nbody\n") for 'x@dead.example', 'x@bad.example', "a b\@dest.example", 'postmaster@client.example';
		my $lines = sub { slurp("$home/log") };
		ok(wait_until(sub { (() = $lines->() =~ /^delivery \d+: /mg) >= 12 && $lines->() =~ /^triple bounce/m }, 60), "$name: all has happened") or diag $lines->();
		like($lines->(), $width == 2 ? qr{^status: local 0/10 remote 0/300$}m : qr{^status: local 0/10 remote 0/20$}m, "$name: as many as may be at a time");
		is(end(), '0 0', "$name: exit");

		my $time = 1_700_000_000;
		my $r = matchup(map { $time++ . ".000000 $_" } split /\n/, $lines->());
		is_deeply($r->{unknown}, [], "T16: width $width, logdetail $detail: no unknown line");
		is_deeply($r->{open}, {}, '... each delivery has its end');
		my %count;
		$count{ $_->{result} }++ for @{ $r->{deliveries} };
		cmp_ok($count{$_} // 0, '>=', 2, "... deliveries with $_") for qw(succ fail defer);
		is(scalar(grep { !defined $_->{sender} } @{ $r->{messages} }), 0, '... each message has its sender');
		cmp_ok(scalar @{ $r->{messages} }, '>=', 5, '... and those that are done their end');
		my ($rejected) = grep { $_->{recipient} eq 'no@dest.example' } @{ $r->{deliveries} };
		like($rejected->{reason}, qr{/Remote_host_said:_550-5\.1\.1_no,_100_/550_5\.1\.1____user_/Giving_up_on_127\.0\.0\.1\./\z}, '... a reason is one word');
		unlike($lines->(), qr/mangled|out of range/, "T6: width $width: no report was mangled");
		clear_queue();
	}
}

# What is left waits: it is no part of the next round.
sub clear_queue {
	unlink grep { -f } glob "$home/queue/{mess,info,local,remote}/*/*";
	unlink grep { -f } glob "$home/queue/{bounce,todo,intd}/*";
}

done_testing();
