#!/usr/bin/perl
# A session whose children another process starts: what it gives up, that nothing else changes, and what
# happens when either half is killed, in each phase.  The broker is forked off (BROKER=1) or resident.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Handle;
use MIME::Base64 qw(encode_base64);
use POSIX ();
use Socket qw(AF_UNIX SOCK_SEQPACKET pack_sockaddr_un);
use Test::More;
use Time::HiRes ();
use Qferry::Talk;
use Qferry::Test;

my $sanitized = slurp(program('qmail-smtpd')) =~ /__asan_init|__ubsan/;    # then os_restrict() only prepares
my $login = 'AUTH PLAIN ' . encode_base64("\0demo\0secret", '');

sub home {
	my $home = instance(me => "mx.example.org\n", rcpthosts => "example.org\n", limits => "auth_delay_ms:1\n", @_);
	mkdir "$home/$_" for qw(run run/broker);
	return $home;
}

# --- a session --------------------------------------------------------------------------------

sub begin {
	my ($home, %env) = @_;
	my $args = delete $env{ARGS} || [];
	my $dir = temp_dir();
	pipe my $in,   my $to  or die "pipe: $!";
	pipe my $from, my $out or die "pipe: $!";
	open my $err, '>', "$dir/err" or die;
	my $pid = start_program([ 'qmail-smtpd', @$args ], home => $home, fds => { 0 => $in, 1 => $out, 2 => $err },
		env => { TCPREMOTEIP => '192.0.2.7', QMAILQUEUE => use_store_queue($home), BROKER => undef, %env });
	$to->autoflush(1);
	return { pid => $pid, to => $to, from => $from, err => "$dir/err", home => $home };
}

# How it ends when the client has gone; what it logged.
sub end {
	my ($session) = @_;
	close $session->{to};
	my ($exit, $signal) = finish_program($session->{pid});
	my $log = slurp($session->{err});
	is sanitizer_report($log), undef, 'no report of a sanitizer' if sanitizer_report($log);
	return wantarray ? ($exit, $signal, $log) : $log;
}

# Up to the phase: 'greeting', 'rcpt', 'data' (the queue program runs and has got some of it).
sub lead_to {
	my ($session, $phase) = @_;
	like heard($session), qr/^220 /, 'it greets';
	return if $phase eq 'greeting';
	is say_to($session, 'MAIL FROM:<a@b.example>'), '250 ok', 'MAIL';
	is say_to($session, 'RCPT TO:<bob@example.org>'), '250 ok', 'RCPT';
	return if $phase eq 'rcpt';
	is say_to($session, 'DATA'), '354 go ahead', 'DATA';
}

sub send_message {
	my ($session) = @_;
	say_to($session, 'MAIL FROM:<a@b.example>');
	say_to($session, 'RCPT TO:<bob@example.org>');
	my $answer = say_to($session, 'DATA');
	return $answer unless $answer =~ /^354/;
	return say_to($session, 'Subject: x', '', 'hello', '.');
}

# --- processes --------------------------------------------------------------------------------

# Those whose parent it is: [ pid, state, name ].
sub children_of {
	my ($parent) = @_;
	my @found;
	for my $path (glob '/proc/[0-9]*/stat') {
		open my $in, '<', $path or next;
		my ($pid, $name, $state, $ppid) = (<$in> // '') =~ /^(\d+) \((.*)\) (\S) (\d+)/ or next;
		push @found, [ $pid, $state, $name ] if $ppid == $parent;
	}
	return @found;
}

sub is_restricted {
	my ($pid) = @_;
	my $status = slurp("/proc/$pid/status");
	return $status =~ /^Seccomp:\s+2$/m && $status =~ /^NoNewPrivs:\s+1$/m ? 1 : 0;
}

sub has_gone { my ($pid) = @_; return wait_until(sub { !-d "/proc/$pid" }) }

# The one child of a session: its broker.
sub broker_of {
	my ($session) = @_;
	my @children = children_of($session->{pid});
	is scalar @children, 1, 'one child: the broker' or diag explain \@children;
	return $children[0][0];
}

sub start_resident {
	my ($home, %env) = @_;
	my $service = delete $env{SERVICE} || 'broker';
	mkdir "$home/run/$service";
	open my $err, '>>', "$home/broker.log" or die;
	my $pid = start_program([ 'qmail-broker', 'serve', $service ], home => $home, fds => { 2 => $err }, env => \%env);
	ok wait_until(sub {
		socket(my $socket, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
		return connect $socket, pack_sockaddr_un("$home/run/$service/sock");
	}), 'it listens';
	return $pid;
}

sub stop_resident {
	my ($home, $pid) = @_;
	kill 'TERM', $pid;
	my ($exit) = finish_program($pid);
	is $exit, 0, 'the service ends at SIGTERM';
	my $log = slurp("$home/broker.log");
	is sanitizer_report($log), undef, 'no report of a sanitizer' if sanitizer_report($log);
	return $log;
}

sub stored { my ($home) = @_; return scalar(() = stored_messages($home)) }

# --- forked off -------------------------------------------------------------------------------

subtest 'a broker of its own' => sub {
	my $home = home();
	my $s = begin($home, BROKER => 1);
	lead_to($s, 'greeting');
	my $broker = broker_of($s);
	is is_restricted($s->{pid}), $sanitized ? 0 : 1, 'the session is restricted';
	is is_restricted($broker), 0, 'its broker is not';
	my %of_client = map { readlink("/proc/$s->{pid}/fd/$_") => 1 } 0, 1;
	is_deeply [ grep { $of_client{$_} } map { readlink($_) // '' } glob "/proc/$broker/fd/*" ], [],
	  'the broker has none of the client\'s descriptors';
	like send_message($s), qr/^250 ok \d+ qp \d+$/, 'a message is accepted';
	is scalar(children_of($broker)), 0, 'the broker has no child, and no zombie';
	is say_to($s, 'QUIT'), '221 mx.example.org', 'QUIT';
	is_deeply [ end($s) ], [ 0, 0, slurp($s->{err}) ], 'exit 0';
	ok has_gone($broker), 'its broker ends with it';
	is stored($home), 1, 'it is stored';
};

# As qmail-queue does where a disk or a processor is busy: the pipe is full meanwhile.
my $late = <<'END';
#!/usr/bin/perl
open my $four, '<&=', 4;
open my $six, '<&=', 6;
close $_ for $four, $six;
select undef, undef, undef, 0.1;
1 while sysread STDIN, my $octets, 65536;
open my $envelope, '<&=', 1;
1 while sysread $envelope, my $octets, 65536;
END

subtest 'a queue program that closes its error descriptor, and then reads' => sub {
	my $home = home();
	my $s = begin($home, BROKER => 1, QMAILQUEUE => spit("$home/late", $late, 0755));
	lead_to($s, 'data');
	like say_to($s, ('x' x 70) x 5000, '.'), qr/^250 ok/, 'it has not ended';
	end($s);
};

subtest 'control/broker, and exit 1 of a client that goes' => sub {
	my $s = begin(home(broker => "1\n"));
	lead_to($s, 'rcpt');
	my $broker = broker_of($s);
	my ($exit) = end($s);
	is $exit, 1, 'exit 1';
	ok has_gone($broker), 'its broker ends with it';
	my $without = begin(home(broker => "1\n"), BROKER => 0);
	lead_to($without, 'greeting');
	is scalar(children_of($without->{pid})), 0, 'BROKER=0: none';
	end($without);
};

subtest 'SIGTERM between transactions' => sub {
	my $s = begin(home(), BROKER => 1);
	lead_to($s, 'greeting');
	my $broker = broker_of($s);
	kill 'TERM', $broker;    # as a whole process group may be told
	like send_message($s), qr/^250 ok/, 'the broker leaves it to the session';
	kill 'TERM', $s->{pid};
	like heard($s), qr/^421 /, 'it says so';
	my ($exit) = end($s);
	is $exit, 1, 'exit 1';
	ok has_gone($broker), 'its broker ends with it';
};

subtest 'a password checker, and what it may do' => sub {
	my $home = home();
	my $s = begin($home, BROKER => 1, ARGS => [ top() . '/tests/tools/checkpassword', 'true' ]);
	lead_to($s, 'greeting');
	like say_to($s, $login), qr/^235 /, 'it is asked';
	like send_message($s), qr/^250 ok/, 'a message after it';
	like slurp("$home/stored/1/environment"), qr/SMTPAUTHUSER=demo/, 'whose queue program knows the user';
	end($s);
};

for my $phase (qw(greeting rcpt data)) {
	subtest "the session is killed, $phase" => sub {
		my $home = home();
		my $s = begin($home, BROKER => 1);
		lead_to($s, $phase);
		my $broker = broker_of($s);
		my @queue = map { $_->[0] } children_of($broker);
		is scalar @queue, $phase eq 'data' ? 1 : 0, 'its children';
		kill 'KILL', $s->{pid};
		is heard($s), 'eof', 'the client sees the end';
		my (undef, $signal) = end($s);
		is $signal, 9, 'tcpserver is told of the signal';
		ok has_gone($_), "process $_ ends" for $broker, @queue;
		is stored($home), 0, 'nothing is stored';
	};
	subtest "the broker is killed, $phase" => sub {
		my $home = home();
		my $s = begin($home, BROKER => 1);
		lead_to($s, $phase);
		my $broker = broker_of($s);
		kill 'KILL', $broker;
		like $phase eq 'data' ? say_to($s, 'x', '.') : send_message($s), qr/^451 qqt? (?:failure|waitpid surprise) /,
		  'later, not accepted';
		like send_message($s), qr/^451 qqt failure /, 'nor the next one';
		ok has_gone($broker), 'no zombie is left of it';
		is say_to($s, 'QUIT'), '221 mx.example.org', 'the session goes on to its end';
		my ($exit) = end($s);
		is $exit, 0, 'exit 0';
	};
}

# A control file that leads elsewhere since the session began: out of its reach, unless a variable named the place.
subtest 'what is told of a client opens no directory' => sub {
	my $outside = spit(temp_dir() . '/barecr', "keep\n");
	my $answer = sub {
		my $home = home(barecr => "keep\n");
		my $s = begin($home, BROKER => 1, @_);
		lead_to($s, 'rcpt');
		unlink "$home/control/barecr" and symlink $outside, "$home/control/barecr" or die;
		my $said = say_to($s, 'DATA');
		end($s);
		return $said;
	};
	my $closed = $answer->();
	is $answer->($_ => '/'), $closed, $_ for qw(TCPREMOTEHOST TCPREMOTEINFO SSL_CLIENT_S_DN);
	like $answer->(OURS => '/'), qr/^354 /, 'one of ours does';
};

subtest "where there is none" => sub {
	my $s = begin(home(broker => "1\n"), QSTRICT => 1);
	lead_to($s, 'greeting');
	is scalar(children_of($s->{pid})), 0, 'strict mode has none';
	end($s);
	my $home = home(broker => "1\n");
	mkdir "$home/control/brokerprograms";
	$s = begin($home);
	is heard($s), '421 unable to read controls (#4.3.0)', 'its list cannot be read';
	my (undef, undef, $log) = end($s);
	like $log, qr/file=control\/brokerprograms/, 'the log says so';
};

# --- resident ---------------------------------------------------------------------------------

subtest 'a resident broker' => sub {
	my $home = home();
	spit("$home/control/brokerprograms", use_store_queue($home) . "\n");
	my $service = start_resident($home, PWD => '/elsewhere');
	my $s = begin($home, DATABYTES => 100000, PWD => '/here');
	lead_to($s, 'greeting');
	is is_restricted($s->{pid}), $sanitized ? 0 : 1, 'the session is restricted, without being told';
	is scalar(children_of($s->{pid})), 0, 'it has no children';
	is say_to($s, 'MAIL FROM:<a@b.example>'), '250 ok', 'MAIL';
	is say_to($s, 'RCPT TO:<bob@example.org>'), '250 ok', 'RCPT';
	is say_to($s, 'DATA'), '354 go ahead', 'DATA';
	my @queue = children_of($service);
	is scalar @queue, 1, 'the service has its queue program';
	like say_to($s, 'x', '.'), qr/^250 ok \d+ qp $queue[0][0]$/, 'whose pid is in the reply';
	is scalar(children_of($service)), 0, 'and no zombie of it';
	my $environment = slurp("$home/stored/1/environment");
	like $environment, qr/^DATABYTES=100000$/m, 'variables of the session are passed on';
	like $environment, qr/^QMAILSID=/m, 'and what it says itself';
	unlike $environment, qr/^PWD=/m, 'and not where it stands';
	is say_to($s, 'QUIT'), '221 mx.example.org', 'QUIT';
	end($s);
	stop_resident($home, $service);
};

subtest 'what it does not serve' => sub {
	my $home = home();
	my $service = start_resident($home);
	my $try = sub {
		my ($reason, %env) = @_;
		my $s = begin($home, %env);
		lead_to($s, 'greeting');
		is is_restricted($s->{pid}), 0, "not restricted: $reason" unless $env{BROKER};
		is scalar(children_of($s->{pid})), 1, "one of its own: $reason" if $env{BROKER};
		like send_message($s), qr/^250 ok/, 'and works as ever';
		like end($s), qr/helper=broker reason=not\\x20by\\x20the\\x20resident\\x20one\S* text=\S*$reason/, 'the log says why';
	};
	$try->('a\\\\x20program');
	$try->('a\\\\x20program', BROKER => 1);
	spit("$home/control/brokerprograms", use_store_queue($home) . "\n");
	$try->('a\\\\x20variable', FOO => 1);
	$try->('another\\\\x20PATH', PATH => undef);
	$try->('a\\\\x20variable', LD_LIBRARY_PATH => '/nowhere');
	spit("$home/control/brokervariables", "FO*\n");
	my $s = begin($home, FOO => 1);
	lead_to($s, 'greeting');
	is is_restricted($s->{pid}), $sanitized ? 0 : 1, 'with the name in control/brokervariables it is served';
	end($s);
	stop_resident($home, $service);
};

subtest 'the service dies, and comes back' => sub {
	my $home = home();
	spit("$home/control/brokerprograms", use_store_queue($home) . "\n");
	my $service = start_resident($home);
	my $s = begin($home);
	lead_to($s, 'data');
	kill 'KILL', $service;
	finish_program($service);
	like say_to($s, 'x', '.'), qr/^451 qq waitpid surprise /, 'the message is not acknowledged';
	like send_message($s), qr/^451 qqt failure /, 'nor is one without a broker';
	$service = start_resident($home);
	like send_message($s), qr/^250 ok/, 'the same session finds the new one';
	kill 'KILL', $s->{pid};
	end($s);
	ok wait_until(sub { !children_of($service) }), 'it has no children then';
	stop_resident($home, $service);
	my $without = begin($home);
	lead_to($without, 'greeting');
	is is_restricted($without->{pid}), 0, 'a socket that nobody listens at: without';
	like send_message($without), qr/^250 ok/, 'and works as ever';
	is end($without) =~ /helper=broker/ ? 1 : 0, 0, 'and is no news';
};

# Beyond its thousand sessions it turns others away at once: they begin as without it.
subtest 'a thousand sessions, and one more' => sub {
	my $home = home();
	spit("$home/control/brokerprograms", use_store_queue($home) . "\n");
	my $service = start_resident($home);
	my @held;
	for (1 .. 1000) {
		socket(my $socket, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
		wait_until(sub { connect $socket, pack_sockaddr_un("$home/run/broker/sock") }) or die "connect: $!";
		push @held, $socket;
	}
	ok wait_until(sub { my @fds = glob "/proc/$service/fd/*"; @fds >= 1000 }), 'it has a thousand';
	my $s = begin($home);
	lead_to($s, 'greeting');
	is is_restricted($s->{pid}), 0, 'the next is greeted, and is as without';
	like send_message($s), qr/^250 ok/, 'and works as ever';
	like end($s), qr/helper=broker reason=not\\x20by\\x20the\\x20resident\\x20one/, 'the log says why';
	close shift @held;
	my $served = wait_until(sub {
		my $next = begin($home);
		lead_to($next, 'greeting');
		my $is = is_restricted($next->{pid});
		end($next);
		return $is || $sanitized;
	});
	ok $served, 'one of them goes: the next is served';
	@held = ();
	stop_resident($home, $service);
};

# qmail-dns on demand is started by the service; the delivery is what it was.
subtest 'qmail-remote' => sub {
	my $sink = start_sink("ehlo 8BITMIME\n");
	my $dns  = start_dns("relay.example A 127.0.0.1\n");
	my $home = home(smtproutes => ":relay.example:$sink->{port}\n", resolvers => "127.0.0.1:$dns->{port}\n");
	unlink "$home/bin" and mkdir "$home/bin" or die;
	spit("$home/bin/qmail-dns", "#!/bin/sh\necho \$PPID >>parents\nexec ${\ program('qmail-dns')}\n", 0755);
	my @delivery = ([ 'qmail-remote', 'dest.example', 's@client.example', 'r@dest.example' ], home => $home);
	my $without = run_program(@delivery, in => "Subject: x\n\nbody\n");
	like $without->{out}, qr/^r\0K127\.0\.0\.1 accepted/, 'a delivery without a broker';
	my $service = start_resident($home, SERVICE => 'brokerc');
	my $run = run_program(@delivery, in => "Subject: x\n\nbody\n");
	is $run->{out}, $without->{out}, 'the same report with a broker';
	is "$run->{exit} $run->{err}", '0 ', 'exit 0, nothing on descriptor 2';
	is((split /\n/, slurp("$home/parents"))[1], $service, 'the service is the parent of the helper');
	ok wait_until(sub { !children_of($service) }), 'and has no child left';
	stop_resident($home, $service);
};

subtest 'wrong arguments' => sub {
	my $run = run_program([ 'qmail-broker' ], home => home());
	is $run->{exit}, 100, 'usage';
	$run = run_program([ 'qmail-broker', 'serve', 'other' ], home => home());
	is $run->{exit}, 100, 'another service';
	$run = run_program([ 'qmail-broker', 'serve', 'brokerc' ], home => home());
	is $run->{exit}, 111, 'no place for its socket';
};

done_testing;
