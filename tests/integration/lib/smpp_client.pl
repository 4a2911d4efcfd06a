# SPDX-License-Identifier: Apache-2.0
# An ESME of Net::SMPP (Debian package libnet-smpp-perl): PORT ID PASSWORD [HEX...]. Submits each as user data with a header, as (U)SIM data
# download; prints the statuses, and the deliver_sm that come back until `unbind` says that there are no more.
use strict;
use warnings;
use Net::SMPP;

my ($port, $id, $password, @messages) = @ARGV;
my ($smpp, $bound) = Net::SMPP->new_transceiver('127.0.0.1', port => $port, system_id => $id, password => $password, interface_version => 0x34,
                                                async => 0);
die "no connection\n" unless $smpp;
printf "bind %02X\n", $bound->{status};
exit 0 if $bound->{status};
printf "enquire_link %02X\n", $smpp->enquire_link()->{status};
my $expected = 0;
for my $hex (@messages) {
    my $sent = $smpp->submit_sm(source_addr_ton => 1, source_addr_npi => 1, source_addr => '491710000000', dest_addr_ton => 1, dest_addr_npi => 1,
                                destination_addr => '491710000001', esm_class => 0x40, protocol_id => 0x7F, data_coding => 0xF6,
                                registered_delivery => 1, short_message => pack('H*', $hex), async => 1);
}
my %answers;
while (keys %answers < @messages || $expected < @messages) {
    my $pdu = $smpp->read_pdu() or die "the connection broke\n";
    if ($pdu->{cmd} == 0x80000004) {
        $answers{$pdu->{seq}} = 1;
        printf "submit_sm_resp %02X\n", $pdu->{status};
        $expected++ if $pdu->{status};
    } elsif ($pdu->{cmd} == 0x05) {
        $smpp->deliver_sm_resp(message_id => '', seq => $pdu->{seq});
        $expected++ if $pdu->{esm_class} == 0x04;    # the receipt is the last of a message
        printf "deliver_sm %02X %s\n", $pdu->{esm_class},
            $pdu->{esm_class} == 0x04 ? $pdu->{short_message} : uc unpack('H*', $pdu->{short_message});
    }
}
$smpp->unbind();
