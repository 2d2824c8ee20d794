#!/usr/bin/perl
# doc/migration names control files, manuals, services and settings that exist, and leaves out none of what a relay by
# Postfix is made of (inbound 10 S4, outbound 8 seed 004).
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use Test::More;

my $top = abs_path("$FindBin::Bin/../..");

sub slurp { my ($path) = @_; open my $in, '<', $path or die "$path: $!"; local $/; return scalar <$in> }

my $page = slurp("$top/doc/migration");
my %control = map { s{.*/}{}r => 1 } glob "$top/control-examples/*";
my ($known) = slurp("$top/man/qmail-control.5");
$control{$1} = 1 while $known =~ /^\.It Pa (\S+)/mg;

# "name: value" where a table says what it is here.
my @named = $page =~ /^.{46}([a-z0-9_]+):(?: |$)/mg;
cmp_ok(scalar @named, '>', 20, 'control files are named');
my %elsewhere = map { $_ => 1 } qw(nothing none always);
ok($control{$_}, "there is a control file $_") for grep { !$elsewhere{$_} } @named;
for my $reference ($page =~ /\b([a-z][a-z0-9-]*\([1-8]\))/g) {
	my ($name, $section) = $reference =~ /(.*)\((\d)\)/;
	ok(-e "$top/man/$name.$section", "there is a manual $reference");
}
my $services = `$top/setup/make-services list`;
like($services, qr/^\Q$_\E$/m, "there is a service $_") for qw(qmail-submission qmail-smtps qmail-smtpd);
like($page, qr/\b\Q$_\E\b/, "postconf $_ is spoken of") for qw(relayhost smtp_sasl_password_maps smtp_sasl_security_options noanonymous
  smtp_tls_security_level smtp_tls_CAfile smtp_tls_note_starttls_offer smtpd_tls_auth_only smtpd_sasl_local_domain broken_sasl_auth_clients
  smtpd_tls_cert_file smtpd_client_restrictions milter_macro_ mynetworks mydestination inet_protocols 443);
my $smtpd = slurp("$top/man/qmail-smtpd.8");
like($smtpd, qr/\b\Q$_\E\b/, "qmail-smtpd knows $_") for qw(FORCEAUTHMAILFROM SUBMISSION FORCETLS DENY_TLS GREETDELAY SMTPD_GREETDELAY UCSPITLS QMAILQUEUE);

done_testing();
