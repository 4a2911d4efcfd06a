# SPDX-License-Identifier: Apache-2.0
"""A secured packet for the TAR of an applet in Java is an event of it: the card opens the packet, what the applet posts is in the response
(3GPP TS 31.130, EVENT_FORMATTED_SMS_PP_ENV; ETSI TS 102 225)."""

import json
import pathlib
import unittest

from lib.case import IntegrationTest
from test_java_applets import AVAILABLE

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "java" / "remote"
PACKAGE, APPLET, TAR = "F0756963A7", "F0756963A701", "B0F001"


@unittest.skipUnless(AVAILABLE, "not installed: openjdk-17-jdk-headless, ecj")
class JavaRemote(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "card.state"
        stubs, classes, self.cap = self.directory / "stubs", self.directory / "classes", self.directory / "remote.cap"
        compiler = next(iter(AVAILABLE.values()))
        self.tool([self.binary, "cap", "stubs", stubs])
        self.tool([*compiler, "-sourcepath", stubs, "-d", classes, *sorted(SOURCES.glob("*.java"))])
        self.tool([self.binary, "cap", "build", "--package", "uicclab.remote", "--aid", PACKAGE, "--applet", f"{APPLET}:Remote",
                   classes / "uicclab" / "remote", "-o", self.cap])

    def install(self, *options, ok=(0,)):
        return self.tool([self.binary, "gp", "--state", self.state, "install", self.cap, *options], ok=ok)

    def send(self, *words, ok=(0,)):
        return json.loads(self.tool([self.binary, "ota", "send", "--state", self.state, "--counters", self.directory / "counters", "--json",
                                     "--tar", TAR, *words], ok=ok))

    def notes(self):
        answers = self.tool([self.binary, "apdu", "--state", self.state, "-q", f"00A4040006{APPLET}", "8001000000"]).split()
        self.assertTrue(answers[1].endswith("9000"))
        return answers[1][:-4]

    def test_data_and_answer(self):
        self.install("--tar", TAR, "--msl", "02")
        # The applet counts the first byte up: read as a response of remote management, one command answered A400 with data.
        command = "00A40004023F00"
        got = self.send(command, ok=(0, 1))
        self.assertEqual((got["status"], got["executed"], got["responses"]), ("00", 1, [{"data": "04023F00", "sw": "A400"}]))
        self.assertEqual(self.notes(), "01" + "01" + command[2:])
        # Short of the minimum security level: the applet gets nothing.
        refused = self.send("--security", "none", "--counter", "none", "--por", "always", command, ok=(0, 1))
        self.assertEqual(refused["status"], "0A")
        self.assertEqual(self.notes()[:2], "01")
        # In several messages.
        command = "00D60000C8" + "5A" * 0xC8
        got = self.send(command, ok=(0, 1))
        self.assertEqual((got["executed"], got["responses"][0]["sw"]), (1, "D600"))
        self.assertGreater(got["messages"], 1)
        self.assertEqual(self.notes(), "02" + "01" + command[2:])

    def test_an_applet_without_a_tar(self):
        """ToolkitException TAR_NOT_DEFINED, which install() does not catch."""
        self.install("--menu", "1", ok=(1,))
