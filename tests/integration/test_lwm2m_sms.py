# SPDX-License-Identifier: Apache-2.0
"""CoAP in secured packets that end in the card (LwM2M 1.0 clause 7.2.2.2; docs/formats/lwm2m-sms.md): a server in Python that shares the session keys, a
terminal and a device on pyscard, and new keys by remote file management from `uicclab ota`."""

import os
import unittest

from lib import sms_terminal
from lib.case import IntegrationTest
from lib.terminal import HAS_PYSCARD, Terminal

try:
    from lib import secured_packet as sp
except ImportError:
    sp = None

SELECT = "00A404000AF0756963636C61620401"
SELECT_PKCS15 = "00A4040C0CA000000063504B43532D3135"
TO_CARD, TO_SERVER = bytes.fromhex("B20203"), bytes.fromhex("BFFF01")
SPI, INDICATOR = b"\x16\x00", 0x12
KIC, KID = bytes(range(0x70, 0x80)), bytes(range(0x80, 0x90))  # of the built-in card's bootstrap file
NOTHING = "6A88"


class Server:
    """The other end of the session keys."""

    def __init__(self, kic, kid):
        self._keys = sp.KeySet("aes", kic, kid)
        self._card = sp.Receiver({1: self._keys}, {TO_SERVER: 0x16})
        self.counter = 0

    def packet(self, coap):
        """`05 | length | CoAP`, ciphered and with a CC, under the next counter."""
        self.counter += 1
        return sp.build_command(SPI, TO_CARD, self.counter, sms_terminal.tlv(0x05, coap) if len(coap) < 256 else b"\x05\x82"
                                + len(coap).to_bytes(2, "big") + coap, sp.Algorithms(INDICATOR, INDICATOR, self._keys))

    def open(self, packet):
        """The CoAP message of a packet from the card; its status if it is not right."""
        verdict = self._card.judge(packet)
        if verdict.status != sp.OK:
            return verdict.status
        self._card.take(packet, verdict)
        data = verdict.data
        size, start = (data[1], 2) if data[1] < 0x80 else (data[2], 3) if data[1] == 0x81 else (int.from_bytes(data[2:4], "big"), 4)
        assert data[0] == 0x05 and len(data) == start + size, data.hex()
        return data[start:]


class Card:
    """For lib/sms_terminal.py: commands as octets, answers as a terminal under T=0 fetches them."""

    def __init__(self, terminal):
        self._terminal = terminal

    def transmit(self, command):
        answer = self._terminal.get(command.hex())
        if answer[-4:-2] == "6C":
            answer = self._terminal.get(command[:4].hex() + answer[-2:])
        return bytes.fromhex(answer)

    def send(self, command):
        return self.transmit(bytes.fromhex(command)).hex().upper()


@unittest.skipUnless(sp and HAS_PYSCARD, "not installed: python3-cryptography, python3-pyscard")
class SecuredMessages(IntegrationTest):
    def setUp(self):
        super().setUp()
        _, self.env = self.run_service()
        self.power_on()
        self.server = Server(KIC, KID)
        self.reference = 0

    def power_on(self):
        terminal = Terminal(self.env)
        self.addCleanup(terminal.close)
        self.terminal = terminal
        self.card = Card(terminal)
        self.assertEqual(self.card.transmit(sms_terminal.TERMINAL_PROFILE), b"\x90\0")
        self.assertEqual(self.card.send(SELECT), "9000")

    def deliver(self, packet):
        self.reference += 1
        for part in sms_terminal.split(packet, self.reference & 0xFF):
            status, report = sms_terminal.deliver(self.card, part)
            self.assertEqual((status, report), (b"\x90\0", b""))

    def read(self):
        """The oldest message, which is removed; NOTHING if there is none."""
        whole = ""
        for block in range(256):
            answer = self.card.send(f"80CA01{block:02X}00")
            if answer[-4:] != "9000":
                break
            whole += answer[:-4]
        if not whole:
            return answer
        self.assertEqual(self.card.send("80E4010000"), "9000")
        head = "0C91947101000000" + "05"
        self.assertTrue(whole.startswith(head), whole)
        coap = bytes.fromhex(whole[len(head) + 4 :])
        self.assertEqual(int(whole[len(head) : len(head) + 4], 16), len(coap))
        return coap

    def give(self, coap):
        """To the server, from the device: STORE DATA in blocks; then what the terminal sends."""
        data = bytes.fromhex("0C91947101000000" + "05") + len(coap).to_bytes(2, "big") + coap
        for number, at in enumerate(range(0, len(data), 150)):
            part = data[at : at + 150]
            last = at + 150 >= len(data)
            answer = self.card.transmit(bytes([0x80, 0xE2, 0x80 if last else 0, number, len(part)]) + part)
        self.assertEqual(answer[0], 0x91, answer.hex())
        packet, parts = b"", 1
        while parts:
            fetched = self.card.transmit(sms_terminal.FETCH)
            self.assertEqual(fetched[-2:], b"\x90\0")
            tpdu = sms_terminal.values(sms_terminal.values(fetched[:-2])[0x50])[0x0B]
            self.assertEqual((tpdu[2:12], tpdu[10:12], tpdu[12]), (sms_terminal.DELIVER[1:11], b"\x7f\xf6", len(tpdu) - 13))
            user_data = tpdu[13:]
            header, content = user_data[1 : 1 + user_data[0]], user_data[1 + user_data[0] :]
            if not packet:
                self.assertEqual(header[-2:], b"\x70\0")
                parts = header[3] if header[0] == 0 else 1
            packet += content
            parts -= 1
            answer = self.card.transmit(sms_terminal.SENT)
            self.assertEqual(answer[0], 0x91 if parts else 0x90, answer.hex())
        return packet

    def test_both_ways(self):
        self.assertEqual(self.read(), NOTHING)
        for coap in (b"\x44\x01\0\1\1\2\3\4\xb2rd", os.urandom(100), os.urandom(300), os.urandom(1100)):
            self.deliver(self.server.packet(coap))
            self.assertEqual(self.read(), coap)
            packet = self.give(coap)
            self.assertNotIn(coap[:16], packet)
            self.assertEqual(self.server.open(packet), coap)
            self.assertEqual(self.server.open(packet), sp.LOW)

    def test_what_is_dropped(self):
        good = self.server.packet(b"one")
        for at in (10, 20, len(good) - 1):
            self.deliver(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
            self.assertEqual(self.read(), NOTHING)
        self.deliver(good)
        self.assertEqual(self.read(), b"one")
        self.deliver(good)
        self.assertEqual(self.read(), NOTHING)
        self.deliver(Server(KID, KIC).packet(b"two"))
        self.assertEqual(self.read(), NOTHING)
        own = self.give(b"three")
        self.deliver(own[:7] + TO_CARD + own[10:])  # what the card sent, brought back as the server's
        self.assertEqual(self.read(), NOTHING)

    def test_new_keys_by_remote_file_management(self):
        self.deliver(self.server.packet(b"old"))
        self.assertEqual(self.read(), b"old")
        before = self.server.packet(b"too late")
        self.card.send(SELECT_PKCS15)
        self.card.send("00A4080C047FFF6432")
        content = bytes.fromhex(self.card.send("00B0000000"))[:-2]
        offset = content.index(KIC + KID)
        kic, kid = os.urandom(16), os.urandom(16)
        self.terminal.close()
        said = self.tool([self.binary, "ota", "send", "--card", "pcsc", "--tar", "pkcs15", "00A40004026432", f"00D6{offset:04X}20{(kic + kid).hex()}"],
                         self.env)
        self.assertIn("PoR OK", said)
        self.power_on()
        self.deliver(before)
        self.assertEqual(self.read(), NOTHING)
        old, self.server = self.server, Server(kic, kid)
        self.deliver(self.server.packet(b"new"))
        self.assertEqual(self.read(), b"new")
        packet = self.give(b"answer")
        self.assertNotIn(old.open(packet), (b"answer",))
        self.assertEqual(self.server.open(packet), b"answer")
