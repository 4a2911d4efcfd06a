# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of commands to a Java applet: what it wrote lasts to a point in time, the writes of a transaction all or none, and
what was answered is kept (JCRE clauses 7.1 and 7.4)."""

import os
import pathlib
import random
import shutil
import signal
import time
import unittest

from lib.case import IntegrationTest
from lib.terminal import HAS_PYSCARD, ServiceGone, Terminal

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "java"
LIBRARY, PACKAGE, APPLET = "F0756963A0", "F0756963A1", "F0756963A101"
SELECT = f"00A4040006{APPLET}"
KILLS = 60
COMMANDS_A_LIFE = 5  # on average
LONGEST_COMMAND = 0.004  # seconds; a kill comes at any time within it


@unittest.skipUnless(shutil.which("javac"), "not installed: openjdk-17-jdk-headless")
@unittest.skipUnless(HAS_PYSCARD, "not installed: python3-pyscard")
class KillJava(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "card.state"
        self.unanswered = 0
        self.build()

    def build(self):
        stubs, classes, table = (self.directory / name for name in ("stubs", "classes", "shared.txt"))
        self.tool([self.binary, "cap", "stubs", stubs])
        sources = [*(SOURCES / "shared").glob("*.java"), *(SOURCES / "card").glob("*.java")]
        self.tool(["javac", "--release", "8", "-Xlint:-options", "-sourcepath", stubs, "-d", classes, *sources])
        for package, aid, options in (("shared", LIBRARY, ["--export", "--table", table]),
                                      ("card", PACKAGE, ["--import", table, "--applet", f"{APPLET}:Card"])):
            cap = self.directory / f"{package}.cap"
            self.tool([self.binary, "cap", "build", "--package", f"uicclab.{package}", "--aid", aid, *options,
                       classes / "uicclab" / package, "-o", cap])
            self.tool([self.binary, "gp", "--state", self.state, "load" if package == "shared" else "install", cap])

    def power_on(self):
        self.service, env = self.run_service("--state", self.state)
        self.terminal = Terminal(env)
        self.addCleanup(self.terminal.close)
        self.assertEqual(self.terminal.send(SELECT), "9000")

    def kill_within(self, command, seconds):
        """Whether it was answered before the kill."""
        self.terminal.begin(command)
        time.sleep(seconds)  # not a wait for anything: the kill comes at a random moment of the command
        self.service.stop(signal.SIGKILL)
        try:
            return self.terminal.end() is not None
        except ServiceGone:
            self.unanswered += 1
            return False
        finally:
            self.terminal.close()

    def step(self, old, new, transaction, rng):
        """Ten writes of `new` over `old`; what the applet has after it."""
        command = f"8011{new:02X}{transaction:02X}"
        if rng.randrange(COMMANDS_A_LIFE):
            self.assertEqual(self.terminal.send(command), "9000")
            return new
        answered = self.kill_within(command, rng.uniform(0, LONGEST_COMMAND))
        self.kills += 1
        self.power_on()
        seen = list(bytes.fromhex(self.terminal.get("801200000A")[:-4]))
        written = seen.count(new)
        self.assertEqual(seen, [new] * written + [old] * (10 - written), "the writes that last are those of an earlier time")
        if answered:
            self.assertEqual(written, 10, "an answered command was taken back")
        if transaction:
            self.assertIn(written, (0, 10), "a transaction was cut")
        if written in (0, 10):
            return new if written else old
        self.assertEqual(self.terminal.send(command), "9000")
        return new

    def test_writes_last_to_a_point_in_time(self):
        seed = int(os.environ.get("UICCLAB_SEED", "1"))
        rng = random.Random(seed)
        self.kills = number = value = 0
        self.power_on()
        while self.kills < KILLS:
            number += 1
            new = (value + rng.randint(1, 255)) % 256
            try:
                value = self.step(value, new, rng.randrange(2), rng)
            except (AssertionError, ServiceGone) as error:
                self.fail(f"UICCLAB_SEED={seed}, command {number}: {error!r}")
        self.assertGreater(self.unanswered, 0)
        self.service.stop()
        self.assertEqual([path.name for path in self.directory.glob("card.state*")], ["card.state"])


if __name__ == "__main__":
    unittest.main()
