# SPDX-License-Identifier: Apache-2.0
"""Remote application management from a platform that is not ours, through ota smsc, over a network that loses, doubles and reorders: a load
file of 30 kB gets onto the card, also when the card loses its power on the way (ETSI TS 102 226 clauses 8.2.1.3 and 8.2.1.4)."""

import random
import re
import unittest

from lib import sms_terminal
from lib.cap_file import APPLET, PACKAGE, make_cap
from lib.cap_files import load_file, read_cap
from lib.case import IntegrationTest
from lib.smpp_client import SmppClient

try:
    from lib import secured_packet as sp
except ImportError:
    sp = None

SPI = bytes.fromhex("1619")  # CC, ciphered, counter higher; PoR always, CC, ciphered, by report
TAR = bytes.fromhex("000000")
BLOCK = 200
LOST, DOUBLED = 0.12, 0.15


@unittest.skipUnless(sp, "not installed: python3-cryptography")
class Load(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.keys = sp.Algorithms(0x22, 0x22, sp.KeySet("aes", bytes(range(0x10, 0x20)), bytes(range(0x20, 0x30))))
        self.counter = self.parts_lost = self.parts_doubled = self.answers_lost = 0
        self.rng = random.Random(30_000)

    def power_on(self):
        self.smsc = self.start([self.binary, "ota", "smsc", "--port", "0", "--state", self.directory / "card.db"])
        self.smsc.wait_output("Stop with Ctrl-C")
        self.platform = SmppClient(int(re.search(r"127\.0\.0\.1:(\d+)", self.smsc.output()).group(1)))
        self.addCleanup(self.platform.close)

    def send(self, command):
        """One packet, sent until an answer comes through. Returns the status word of its command; None if only that it was taken is known."""
        self.counter += 1
        packet = sp.build_command(SPI, TAR, self.counter, command, self.keys)
        parts = sms_terminal.split(packet, self.counter & 0xFF)
        for _ in range(40):
            doubled = [part for part in parts if self.rng.random() < DOUBLED]
            self.parts_doubled += len(doubled)
            network = parts + doubled
            self.rng.shuffle(network)
            for part in network:
                if self.rng.random() < LOST:
                    self.parts_lost += 1
                    continue
                for answer in self.platform.submit(part):
                    if self.rng.random() < LOST:
                        self.answers_lost += 1
                        continue
                    response = sp.open_response(answer[3:], SPI, self.keys)
                    self.assertEqual((answer[:3], response.tar, response.counter), (b"\x02\x71\x00", TAR, self.counter))
                    if response.status == sp.LOW:
                        return None  # it was taken before, and its answer was lost
                    self.assertEqual(response.status, sp.OK)
                    self.assertEqual(response.data[0], 1)
                    return response.data[1:3].hex().upper()
        self.fail("no answer in 40 attempts")

    def begin(self):
        """INSTALL [for load]."""
        self.assertIn(self.send(bytes.fromhex(f"80E602000B{len(PACKAGE) // 2:02X}{PACKAGE}00000000")), (None, "9000", "6101"))

    def block(self, blocks, number):
        """LOAD."""
        last = number + 1 == len(blocks)
        block = blocks[number]
        return self.send(bytes([0x80, 0xE8, 0x80 if last else 0, number, len(block)]) + block)

    def gp_list(self):
        return self.tool([self.binary, "gp", "list", "--state", self.directory / "card.db"])

    def test_a_load_file_of_30_kB_with_parts_lost_and_doubled_and_the_power_cut(self):
        make_cap(self.directory / "big.cap", 30_000)
        file = bytes.fromhex(load_file(read_cap(self.directory / "big.cap")))
        self.assertGreater(len(file), 30_000)
        blocks = [file[at : at + BLOCK] for at in range(0, len(file), BLOCK)]
        done = (None, "9000", "6101")

        self.power_on()
        self.begin()
        for number in range(60):
            self.assertIn(self.block(blocks, number), done)
        self.smsc.kill()
        self.assertNotIn(PACKAGE, self.gp_list())  # nothing is left of it

        self.power_on()
        replay = self.counter
        self.counter -= 1
        self.assertIsNone(self.block(blocks, 59))  # the counter is where it was: this packet was taken before
        self.assertEqual(self.counter, replay)
        self.assertEqual(self.block(blocks, 60), "6985")  # the load ended with the power, so it begins anew
        self.begin()
        for number in range(len(blocks)):
            self.assertIn(self.block(blocks, number), done)
        self.assertEqual(self.smsc.stop(), 0)
        self.assertRegex(self.gp_list(), rf"{PACKAGE}  load file 1.0, LOADED\n +module {APPLET}")
        self.assertGreater(min(self.parts_lost, self.parts_doubled, self.answers_lost), 10)
