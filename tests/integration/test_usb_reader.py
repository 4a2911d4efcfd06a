# SPDX-License-Identifier: Apache-2.0
"""A true USB reader: a guest under QEMU whose kernel, libccid and pcscd, all Debian's, see a USB CCID reader with our card in it."""

import pathlib

from lib import guest
from lib.case import IntegrationTest

SCRIPTS = pathlib.Path(__file__).resolve().parents[1] / "script"
ICCID = "988812010000000000019000"
ATR = "3B9F968091FE1F878031E073FE215F67756963636C6162C8"


class UsbReaderTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        if reason := guest.why_not(self.binary):
            self.skipTest(reason)

    def ctl(self, *words):
        return self.tool([self.binary, "ctl", "--control", self.control, *words])

    def test_debian_in_a_guest_uses_our_card(self):
        file_system = guest.make_file_system(self.binary, self.directory, {"/scripts": SCRIPTS})
        machine = guest.Guest(self, file_system)
        self.control = self.directory / "control"
        served = self.start([self.binary, "run", "--fresh", "--vscard", machine.card, "--vscard-power", machine.power, "--control", self.control])
        machine.ready()
        machine.until("uicclab readers | grep -q ATR")
        self.assertIn(f"card inserted at {machine.card}", served.output())

        self.assertRegex(machine.run("uicclab readers"), r"CCID Interface[^\n]*\n?.*" + ATR)
        self.assertIn(":".join(ATR[i : i + 2] for i in range(0, len(ATR), 2)).lower(), machine.run("opensc-tool --atr"))
        self.assertEqual(machine.run("uicclab apdu -q --card pcsc 00A40004022FE2 00B000000A").split()[-1], ICCID)
        # TPDU level: what T=0 leaves to the terminal is seen.
        self.assertEqual(machine.run("uicclab apdu -q --raw --card pcsc 00A40004022FE2 00B0000000").split(), ["6119", "6C0A"])

        # The reader speaks T=0 alone.
        self.assertIn("the reader does not speak T=1", machine.run("uicclab apdu --t1 --card pcsc 00A40004023F00", ok=(3,)))

        # All scripts. A reset by the guest is one of the card, or none of this would pass.
        told = machine.run("uicclab test --card pcsc --fresh --yes-i-know --quiet /scripts")
        self.assertRegex(told, r"(?m)^\d{3,} passed, 0 failed, 1 skipped;", told)
        self.assertIn("the reader does not speak T=1", told)

        # Cards come and go.
        self.ctl("eject")
        machine.until("! uicclab readers | grep -q ATR")
        self.assertIn("there is no card in the reader", machine.run("uicclab apdu --card pcsc 00", ok=(3,)))
        self.ctl("insert")
        machine.until("uicclab readers | grep -q ATR")
        self.assertEqual(machine.run("uicclab apdu -q --card pcsc 00A40004022FE2 00B000000A").split()[-1], ICCID)
        # A command whose answer is lost fails, and the next one works.
        self.ctl("fault", "add", "drop", "ins", "B0", "times", "1")
        self.assertIn("failed in the middle of the command", machine.run("uicclab apdu --card pcsc 00A40004022FE2 00B000000A", ok=(3,)))
        self.assertEqual(machine.run("uicclab apdu -q --card pcsc 00A40004022FE2 00B000000A").split()[-1], ICCID)

        # A card that leaves with its program does not stay in the reader; a new one may come.
        served.stop()
        machine.until("! uicclab readers | grep -q ATR")
        self.start([self.binary, "run", "--vscard", machine.card])
        machine.until("uicclab readers | grep -q ATR")
        self.assertEqual(machine.run("uicclab apdu -q --card pcsc 00A40004022FE2 00B000000A").split()[-1], ICCID)
