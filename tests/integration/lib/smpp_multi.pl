# SPDX-License-Identifier: Apache-2.0
# An ESME of Net::SMPP (Debian package libnet-smpp-perl): PORT HEX. Submits a packet by submit_multi to two cards and to nobody, and by data_sm; asks
# by query_sm what became of the first. Prints what it reads.
use strict;
use warnings;
use Net::SMPP;

my ($port, $hex) = @ARGV;
my $packet = pack('H*', $hex);
my ($smpp, $bound) = Net::SMPP->new_transmitter('127.0.0.1', port => $port, system_id => 'uicclab', password => 'uicclab', interface_version => 0x34,
                                                async => 0);
die "no connection\n" unless $smpp;
my %from = (source_addr_ton => 1, source_addr_npi => 1, source_addr => '491710000000');
my $multi = $smpp->submit_multi(%from, dest_addr_ton => [1, 1, 1], dest_addr_npi => [1, 1, 1], destination_addr => ['491710000001', '123', '491710000002'],
                                esm_class => 0x40, protocol_id => 0x7F, data_coding => 0xF6, short_message => $packet, async => 0);
printf "submit_multi_resp %02X %s: %s\n", $multi->{status}, $multi->{message_id},
    join ' ', map { sprintf '%s %02X', $multi->{destination_addr}[$_], $multi->{error_status_code}[$_] } 0 .. $multi->{no_unsuccess} - 1;
my $query = $smpp->query_sm(%from, message_id => $multi->{message_id}, async => 0);
printf "query_sm_resp %02X %s: %s state %d error %d\n", $query->{status}, $query->{message_id}, $query->{final_date}, $query->{message_state},
    $query->{error_code};
my $data = $smpp->data_sm(%from, dest_addr_ton => 1, dest_addr_npi => 1, destination_addr => '491710000001', esm_class => 0x40, data_coding => 0xF6,
                          message_payload => $packet, async => 0);
printf "data_sm_resp %02X %s\n", $data->{status}, $data->{message_id};
$smpp->unbind();
