# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of secured packets: none is ever executed twice, the counter never goes back, and what was answered is kept (ETSI TS
102 225 clause 5.1.4)."""

import os
import random
import time
import unittest

from lib import sms_terminal
from lib.case import IntegrationTest
from lib.vpcd_reader import VpcdReader

try:
    from lib import secured_packet as sp
    from test_ota_matrix import INCREASE, KEYS, READ, SELECT, SELECT_USIM, TAR
except ImportError:
    sp = None

PACKETS = 240
LONGEST_COMMAND = 0.004  # seconds; a kill comes at any time within it
STEPS = 6  # how often a packet counts EF_ICT up


@unittest.skipUnless(sp, "not installed: python3-cryptography")
class KillOta(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.reader = VpcdReader()
        self.addCleanup(self.reader.close)
        self.using = sp.Algorithms(0x22, 0x22, KEYS[2])
        self.counter = 0
        self.sent = []  # every packet that was taken

    def power_on(self):
        self.card = self.start([self.binary, "run", "--state", self.directory / "card.db", "--vpcd", f"127.0.0.1:{self.reader.port}"])
        self.reader.wait_card()
        for command in (sms_terminal.TERMINAL_PROFILE, SELECT_USIM, SELECT):
            self.assertEqual(self.reader.transmit(command), b"\x90\0")

    def count(self):
        return int.from_bytes(self.reader.transmit(READ)[:3], "big")

    def status(self, packet):
        """What the card answers to the packet, all parts of it."""
        for part in sms_terminal.split(packet, self.counter & 0xFF):
            status, report = sms_terminal.deliver(self.reader, part)
        response = sp.open_response(report[3:], packet[3:5], self.using)
        if response.status != sp.BY_SUBMIT:
            return response.status
        return sp.open_response(sms_terminal.fetch(self.reader), packet[3:5], self.using).status

    def step(self, rng):
        self.counter += 1
        long = rng.random() < 0.4
        script = SELECT + INCREASE * STEPS + (bytes.fromhex("00A4000C026F46") + bytes.fromhex("00D6000011") + bytes(17)) * (5 if long else 0)
        spi = rng.choice((b"\x16\x19", b"\x16\x39", b"\x1e\x19"))
        packet = sp.build_command(spi, TAR, self.counter, script, self.using)
        parts = sms_terminal.split(packet, self.counter & 0xFF)
        before = self.count()
        if rng.random() < 0.3:
            self.assertEqual(self.status(packet), sp.OK)
            self.assertEqual(self.count(), before + STEPS)
        else:
            victim = rng.randrange(len(parts))
            for part in parts[:victim]:
                self.reader.transmit(sms_terminal.envelope(part))
            answered = self.kill_within(sms_terminal.envelope(parts[victim]), rng.uniform(0, LONGEST_COMMAND))
            self.power_on()
            self.check(packet, before, answered and victim + 1 == len(parts))
        self.sent.append(packet)
        before = self.count()
        self.assertEqual(self.status(rng.choice(self.sent)), sp.LOW)
        self.assertEqual(self.count(), before)

    def kill_within(self, command, seconds):
        """Was it answered before the kill?"""
        self.kills += 1
        self.reader.begin(command)
        time.sleep(seconds)  # not a wait for anything: the kill comes at a random moment of the command
        self.card.kill()
        try:
            self.reader.end()
            return True
        except ConnectionError:
            self.unanswered += 1
            return False

    def check(self, packet, before, answered):
        """After the kill: executed whole, in part or not at all; the platform sends it again, and then it is not executed a second time."""
        done = self.count() - before
        self.assertIn(done, (STEPS,) if answered else range(STEPS + 1))
        self.cut_short += 0 < done < STEPS
        status = self.status(packet)
        if done != 0:
            self.assertEqual(status, sp.LOW)
        # Nothing of it was executed: its counter is used up, or it is taken now.
        self.assertEqual(self.count() - before, STEPS if status == sp.OK else done)
        self.assertIn(status, (sp.OK, sp.LOW))

    def test_kill_at_random_points_of_secured_packets(self):
        seed = int(os.environ.get("UICCLAB_SEED", "1"))
        rng = random.Random(seed)
        self.kills = self.unanswered = self.cut_short = 0
        self.power_on()
        for number in range(PACKETS):
            try:
                self.step(rng)
            except (AssertionError, ConnectionError, ValueError) as error:
                self.fail(f"UICCLAB_SEED={seed}, packet {number}: {error!r}")
        self.assertGreater(self.kills, PACKETS // 2)
        self.assertGreater(self.unanswered, 10)
        self.card.stop()
        self.assertEqual([path.name for path in self.directory.glob("card.db*")], ["card.db"])
