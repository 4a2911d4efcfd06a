# SPDX-License-Identifier: Apache-2.0
"""A toolkit applet in Java for the API of SIMs, sim.toolkit (3GPP TS 43.019): menu, input, text, exceptions with a phone that the script plays."""

import pathlib
import unittest

from lib.case import IntegrationTest
from test_java_applets import AVAILABLE

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "java" / "sim"
PACKAGE, APPLET = "F0756963A8", "F0756963A801"
SCRIPT = f"""
case "a greeting" {{
  in terminal {{
    on GET_INPUT type "Ada"
    saw SET_UP_MENU
    D0/8F == 80 "SIM"
    menu "SIM"
    saw GET_INPUT
    D0/8D == 04 "Name?"
    saw DISPLAY_TEXT
    D0/8D == 04 "Hello Ada"
    saw nothing
  }}
  80C20000 (DE 04 82028281)
  00A40400 ({APPLET}) 00
  8001000000 -> 0101DE01020D 9000
}}
"""


@unittest.skipUnless(AVAILABLE, "not installed: openjdk-17-jdk-headless, ecj")
class JavaSim(IntegrationTest):
    def test_menu(self):
        state = self.directory / "card.state"
        stubs, classes, cap = self.directory / "stubs", self.directory / "classes", self.directory / "sim.cap"
        compiler = next(iter(AVAILABLE.values()))
        self.tool([self.binary, "cap", "stubs", stubs])
        self.tool([*compiler, "-sourcepath", stubs, "-d", classes, *sorted(SOURCES.glob("*.java"))])
        self.tool([self.binary, "cap", "build", "--package", "uicclab.sim", "--aid", PACKAGE, "--applet", f"{APPLET}:SimMenu",
                   classes / "uicclab" / "sim", "-o", cap])
        self.tool([self.binary, "gp", "--state", state, "install", cap, "--menu", "1"])
        script = self.directory / "sim.script"
        script.write_text(SCRIPT)
        self.tool([self.binary, "test", "--state", state, script])
