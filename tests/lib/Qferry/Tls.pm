# Qferry::Tls - certificates for the tests, OpenSSL's programs as peers of qmail-tls, and a caller
# of it (tests/tools/tlsdriver.c).
package Qferry::Tls;
use strict;
use warnings;
use Exporter qw(import);
use File::Temp;
use IO::Socket::INET;
use Qferry::Test;

our @EXPORT = qw(make_authority make_certificate self_signed hash_directory listen_local driver
  start_driver finish_driver driver_children openssl_client openssl_server stop_openssl pem);

my %key_options = (rsa => '-newkey rsa:2048', ecdsa => '-newkey ec -pkeyopt ec_paramgen_curve:P-256');

sub openssl {
	my ($command) = @_;
	my $said = `openssl $command 2>&1`;
	die "openssl $command: $said" if $?;
	return $said;
}

# Certificates in a directory: NAME.crt and NAME.key.  `alt` is a subjectAltName, `key` rsa or ecdsa.
sub self_signed {
	my ($dir, $name, %with) = @_;
	my $alt = $with{alt} ? "-addext subjectAltName=$with{alt}" : '';
	openssl("req -x509 $key_options{$with{key} || 'ecdsa'} -nodes -days 30 -subj '/CN=$name' $alt "
		  . "-keyout $dir/$name.key -out $dir/$name.crt");
}

sub make_authority { my ($dir, $name) = @_; self_signed($dir, $name) }

# Signed by `by`.  `ca` makes it an intermediate, `expired` puts it into the past, `days` is how long
# it is good (30), `email` goes into the subject.
sub make_certificate {
	my ($dir, $name, $by, %with) = @_;
	my $subject = '/CN=' . ($with{subject} || $name) . ($with{email} ? "/emailAddress=$with{email}" : '');
	openssl("req -new $key_options{$with{key} || 'ecdsa'} -nodes -subj '$subject' "
		  . "-keyout $dir/$name.key -out $dir/$name.csr");
	spit("$dir/$name.db", '');
	spit("$dir/$name.db.attr", "unique_subject = no\n");
	spit("$dir/$name.ext",
		"basicConstraints = CA:" . ($with{ca} ? 'true' : 'false') . "\n"
		  . ($with{alt} ? "subjectAltName = $with{alt}\n" : ''));
	spit("$dir/$name.cnf",
		"[ca]\ndefault_ca = us\n[us]\ndatabase = $dir/$name.db\nnew_certs_dir = $dir\nrand_serial = yes\n"
		  . "default_md = sha256\npolicy = any\nemail_in_dn = yes\n[any]\ncommonName = supplied\n"
		  . "emailAddress = optional\n");
	my $dates = $with{expired} ? '-startdate 20200101000000Z -enddate 20200201000000Z' : '-days ' . ($with{days} || 30);
	openssl("ca -batch -notext -config $dir/$name.cnf -cert $dir/$by.crt -keyfile $dir/$by.key "
		  . "-extfile $dir/$name.ext $dates -in $dir/$name.csr -out $dir/$name.crt");
}

# The parts named, one behind the other: pem($dir, 'mx.key', 'mx.crt').
sub pem { my ($dir, @parts) = @_; return join '', map { slurp("$dir/$_") } @parts }

sub hash_directory {
	my ($dir, @certificates) = @_;
	mkdir $dir;
	spit("$dir/" . (s{.*/}{}r), slurp($_)) for @certificates;
	openssl("rehash $dir");
	return $dir;
}

sub listen_local {
	return IO::Socket::INET->new(Listen => 10, LocalAddr => '127.0.0.1', ReuseAddr => 1)
	  || die "listen: $!";
}

# Start a driver on the network's handle, or on [in, out].
sub start_driver {
	my ($home, $net, @arguments) = @_;
	my ($in, $out) = ref $net eq 'ARRAY' ? @$net : ($net, $net);
	my $said = File::Temp->new;
	my $pid = start_program([ build() . '/tools/tlsdriver', @arguments ],
		home => $home, fds => { $in ? (0 => $in, 1 => $out) : (), 2 => $said });
	return { pid => $pid, said => $said };
}

# Its exit, and what it said by key: { exit => 0, protocol => 'TLSv1.3', text => all of it }.
sub finish_driver {
	my ($driver) = @_;
	my ($exit) = finish_program($driver->{pid}, 60);
	my $text = slurp("$driver->{said}");
	my %said = map { /^((?:not |helper )?[a-z]+):? (.*)/ ? ($1, $2) : ($_, '') } split /\n/, $text;
	$exit = 'sanitizer' if sanitizer_report($text);
	return { %said, exit => $exit, text => $text };
}

sub driver { return finish_driver(start_driver(@_)) }

# The helpers that a driver started.
sub driver_children {
	my ($driver) = @_;
	my @found;
	for my $stat (glob '/proc/[0-9]*/stat') {
		my $line = slurp($stat) or next;
		push @found, $1 if $line =~ /^(\d+) \(qmail-tls\) \S (\d+) / && $2 == $driver->{pid};
	}
	return @found;
}

# s_client against one accepted connection of `listener`, with a driver behind that.  `input` is what
# the client sends.  Returns what both said: the driver's hash with `client` in it.
sub openssl_client {
	my ($home, $listener, $options, @arguments) = @_;
	my $said = File::Temp->new;
	my $input = File::Temp->new;
	print $input "from the client\n";
	$input->flush;
	open my $in, '<', "$input" or die;
	my $client = start_program(
		[ '/usr/bin/openssl', 's_client', '-connect', '127.0.0.1:' . $listener->sockport, '-ign_eof', @$options ],
		fds => { 0 => $in, 1 => $said, 2 => $said });
	my $connection = $listener->accept or die "accept: $!";
	my $driver = start_driver($home, $connection, '-s', "from the server\n", @arguments, 'server');
	close $connection;
	my $result = finish_driver($driver);
	($result->{client_exit}) = finish_program($client, 30);
	return { %$result, client => slurp("$said") };
}

# s_server with options; returns { port, pid, said }.  It sends back each line reversed.
sub openssl_server {
	my (@options) = @_;
	my $said = File::Temp->new;
	my $pid = start_program(
		[ '/usr/bin/openssl', 's_server', '-accept', '127.0.0.1:0', '-rev', @options ],
		fds => { 1 => $said, 2 => $said });
	my $port = wait_until(sub { slurp("$said") =~ /^ACCEPT \S+:(\d+)$/m && $1 })
	  or die 's_server: ' . slurp("$said");
	return { port => $port, pid => $pid, said => $said };
}

sub stop_openssl {
	my ($server) = @_;
	kill 'TERM', $server->{pid};
	finish_program($server->{pid});
}

1;
