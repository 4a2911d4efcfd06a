# SPDX-License-Identifier: Apache-2.0
"""A toolkit applet in Java on a card that is served: it waits within send() when the process is killed, and what it wrote before is there
(TS 102 241 clause 6.4; JCRE clause 7.1)."""

import pathlib
import unittest

from lib import winscard
from lib.case import IntegrationTest
from test_java_applets import AVAILABLE

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "java" / "toolkit"
PACKAGE, APPLET = "F0756963A5", "F0756963A501"
SELECT, NOTES = f"00A4040006{APPLET}00", "8001000000"
PROFILE = "8010000008" + "FF" * 8
CHOOSE = "80C2000009D30782020181900180"
DONE = "801400000C810301218182028281830100"


@unittest.skipUnless(AVAILABLE, "not installed: openjdk-17-jdk-headless, ecj")
class JavaToolkit(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "card.state"
        stubs, classes, cap = self.directory / "stubs", self.directory / "classes", self.directory / "toolkit.cap"
        compiler = next(iter(AVAILABLE.values()))
        self.tool([self.binary, "cap", "stubs", stubs])
        self.tool([*compiler, "-sourcepath", stubs, "-d", classes, *sorted(SOURCES.glob("*.java"))])
        self.tool([self.binary, "cap", "build", "--package", "uicclab.toolkit", "--aid", PACKAGE, "--applet", f"{APPLET}:Menu",
                   classes / "uicclab" / "toolkit", "-o", cap])
        self.tool([self.binary, "gp", "--state", self.state, "install", cap, "--menu", "1"])

    def serve(self):
        process, env = self.run_service("--state", self.state)
        context = self.enterContext(winscard.Context(env))
        card = context.connect(context.readers()[0], protocols=winscard.PROTOCOL_T1)
        return process, card.transmit

    def take_menu(self, send):
        """TERMINAL PROFILE, and all that the card wants then."""
        status = send(PROFILE)
        while status[-4:-2] == "91":
            command = send("8012000000")
            status = send(f"801400000C{command[4:14]}82028281830100")
        self.assertEqual(status, "9000")

    def test_killed_while_it_waits(self):
        process, send = self.serve()
        self.take_menu(send)
        self.assertEqual(send(CHOOSE)[-4:-2], "91")
        self.assertTrue(send("8012000000").startswith("D0"))
        process.kill()
        _, send = self.serve()
        self.take_menu(send)
        self.assertEqual(send(SELECT), "9000")
        self.assertEqual(send(NOTES), "010000000000000000" + "9000")  # it began, and nothing behind send()
        self.assertEqual(send(CHOOSE)[-4:-2], "91")
        self.assertTrue(send("8012000000").startswith("D0"))
        self.assertEqual(send(DONE), "9000")
        self.assertEqual(send(NOTES), "020000000100008002" + "9000")
