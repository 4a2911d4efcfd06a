# SPDX-License-Identifier: Apache-2.0
"""A terminal that brings short messages to a card and sends those that the card wants sent, over a reader (lib/vpcd_reader.py)."""

TERMINAL_PROFILE = bytes.fromhex("8010000004FFFFFFFF")
FETCH = bytes.fromhex("8012000000")
SENT = bytes.fromhex("801400000C810301130002028281830100")  # TERMINAL RESPONSE to SEND SHORT MESSAGE
# SMS-DELIVER up to TP-UDL: TP-OA +491710000000, TP-PID 7F, TP-DCS F6 (3GPP TS 23.040 clause 9.2.2.1)
DELIVER = bytes.fromhex("440C91947101000000" "7FF6" "00000000000000")
COMMAND_HEADER, RESPONSE_HEADER = bytes.fromhex("027000"), bytes.fromhex("027100")


def split(packet, reference):
    """User data of the short messages of a packet: 70 00 in the first, 00 03 in each if there are several (3GPP TS 31.115 clause 4.2)."""
    if len(packet) <= 137:
        return [COMMAND_HEADER + packet]
    cuts = [packet[:132]] + [packet[at : at + 134] for at in range(132, len(packet), 134)]
    return [
        (b"\x07\0\3" if at == 0 else b"\x05\0\3") + bytes([reference, len(cuts), at + 1]) + (b"\x70\0" if at == 0 else b"") + cut
        for at, cut in enumerate(cuts)
    ]


def tlv(tag, value):
    return bytes([tag]) + (bytes([len(value)]) if len(value) < 0x80 else bytes([0x81, len(value)])) + value


def values(data):
    """Data objects by tag, comprehension required or not."""
    found = {}
    while data:
        size, start = (data[1], 2) if data[1] < 0x80 else (data[2], 3)
        found[data[0] & 0x7F] = data[start : start + size]
        data = data[start + size :]
    return found


def envelope(user_data):
    """ENVELOPE (SMS-PP download) with an SMS-DELIVER (3GPP TS 31.111 clause 7.1.1)."""
    tpdu = DELIVER + bytes([len(user_data)]) + user_data
    data = tlv(0xD1, bytes.fromhex("82028381" "06069194710700F0") + tlv(0x8B, tpdu))
    return bytes([0x80, 0xC2, 0, 0, len(data)]) + data + b"\0"


def deliver(reader, user_data):
    """Status of the ENVELOPE and its data."""
    answer = reader.transmit(envelope(user_data))
    return answer[-2:], answer[:-2]


def fetch(reader):
    """The response packet that the card sends to TP-OA as a short message of its own (3GPP TS 23.040 clause 9.2.2.2)."""
    answer = reader.transmit(FETCH)
    assert answer[-2:] == b"\x90\0", answer.hex()
    assert reader.transmit(SENT) == b"\x90\0"
    tpdu = values(values(answer[:-2])[0x50])[0x0B]
    assert (tpdu[0], tpdu[2:12], tpdu[12], tpdu[13:16]) == (0x41, DELIVER[1:11], len(tpdu) - 13, RESPONSE_HEADER), tpdu.hex()
    return tpdu[16:]
