# SPDX-License-Identifier: Apache-2.0
"""Text from outside that would steer a terminal or forge a line of a log: planted at every source, looked for in every form of output."""

import json
import os
import re
import subprocess
import tomllib
import xml.dom.minidom

from lib.case import IntegrationTest
from lib.smpp_client import BIND_TRANSCEIVER, SUBMIT, Esme, submit_body

# ESC, BEL, a right-to-left override, an isolate, C1 CSI, a line end, a carriage return.
EVIL = "A\x1b]0;x\x07\u202eB\u2066\u009b2JC\nforged\rD"
LABEL = "A\x1b\x07\u202eB\u009b\nforged"  # what fits into a record of EF_DIR
RAW = b"A\x9b2J\x1b[1mB\nforged"
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


class HostileText(IntegrationTest):
    def output(self, *words, ok=None, stdin=b""):
        """What the program wrote, both streams; fails if a terminal would obey any of it."""
        done = subprocess.run([str(self.binary), *words], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
        if ok is not None:
            self.assertEqual(done.returncode, ok, done.stdout)
        self.assert_harmless(done.stdout, words)
        return done.stdout.decode()

    def assert_harmless(self, written, where):
        text = written.decode()  # is UTF-8
        self.assertIsNone(HIDDEN.search(text), (where, text))
        self.assertNotRegex(text, r"(?m)^\s*forged", (where, text))

    def profile(self, label):
        text = self.output("profile", "show").replace('label = "USIM"', f"label = {label}")
        path = self.directory / "card.toml"
        path.write_text(text)
        return path

    def test_a_label_of_a_card(self):
        for label in (json.dumps(LABEL), f'"hex:{RAW.hex()}"'):
            card = f"sim:{self.profile(label)}"
            self.output("fs", "cat", "EF.DIR", "--card", card, ok=0)
            json.loads(self.output("fs", "cat", "EF.DIR", "--json", "--card", card, ok=0))
            for form in ("text", "json"):
                self.output("apdu", "--card", card, "--trace", form, "00A40004022F00", "00B2010430", ok=0)
            self.output("profile", "check", str(self.directory / "card.toml"), ok=0)
            self.output("fs", "diff", card, "sim", ok=1)
            # The clone holds the bytes, and its own reader takes it.
            clone = self.directory / "clone.toml"
            self.output("clone", "--card", card, "-o", str(clone), ok=0)
            self.assert_harmless(clone.read_bytes(), "clone")
            self.output("profile", "check", str(clone))
            read = ("apdu", "-q", "--raw", "00A40004022F00", "00B2010426")
            self.assertEqual(self.output(*read, "--card", card, ok=0), self.output(*read, "--card", f"sim:{clone}", ok=0))
            package = self.directory / "card.der"
            self.output("profile", "export", str(self.directory / "card.toml"), "--format", "der", "-o", str(package), ok=0)
            tomllib.loads(self.output("profile", "import", str(package)))

    def test_the_content_of_files(self):
        spn = "00" + "80" + "0041001B000A202E009B20660042" + "FF"  # UCS2
        state = str(self.directory / "card.db")
        self.output("fs", "write", "EF.SPN", spn, "--pin", "ADM1=88888888", "--state", state, ok=0)
        self.output("fs", "cat", "EF.SPN", "--state", state, ok=0)
        self.output("fs", "cat", "EF.SPN", "--json", "--state", state, ok=0)
        self.output("fs", "write", "EF.SPN", "--set", f"name={EVIL[:4]}", "--pin", "ADM1=88888888", "--dry-run", "--state", state)
        log = self.directory / "log"
        log.write_bytes(b"> 00A4000C026F46\n< 9000\n> 00B0000011\n< " + spn.encode() + b"9000\n")
        for form in ([], ["--json"], ["--brief"]):
            self.output("trace", str(log), *form, ok=0)
        page = self.directory / "page.html"
        self.output("trace", str(log), "--html", str(page), ok=0)
        self.assert_harmless(page.read_bytes(), "page")

    def test_a_text_of_the_toolkit(self):
        text = "A\x1b]0;x\x07\n\x7fforged"
        command = "D0" + f"{len(text) + 12:02X}" + "8103012180" + "82028102" + "8D" + f"{len(text) + 1:02X}04" + text.encode("latin-1").hex()
        log = self.directory / "log"
        log.write_text(f"> 80120000{len(command) // 2:02X}\n< {command}9000\n")
        for form in ([], ["--json"], ["--brief"]):
            self.output("trace", str(log), *form, ok=0)
        page = self.directory / "page.html"
        self.output("trace", str(log), "--html", str(page), ok=0)
        self.assert_harmless(page.read_bytes(), "page")

    def test_names_of_files(self):
        directory = os.fsencode(self.directory)
        for name in (EVIL.encode(), RAW):
            path = os.path.join(directory, name)
            for command in (["profile", "check"], ["profile", "import"], ["test"], ["trace"], ["lwm2m", "show"], ["lwm2m", "check"],
                            ["gp", "load"], ["gp", "list", "--keys"], ["replay"], ["mcim", "inspect"], ["fs", "diff", "sim"],
                            ["ota", "decode", "--file"], ["apdu", "--card"], ["apdu", "--state"], ["cap", "info"]):
                self.output(*command, path)  # is absent
                with open(path, "wb") as file:
                    file.write(RAW + b"\n[[[\n")
                self.output(*command, path)
                os.unlink(path)
            self.output(path)
            self.output("run", "--socket", path, "--", "true")
            self.output("run", "--profile", path, "--", "true")
            self.output("apdu", b"--" + name)

    def test_words_of_a_profile(self):
        profile = self.directory / "card.toml"
        profile.write_text(f"{json.dumps(EVIL)} = 1\n")
        self.output("profile", "check", str(profile), ok=1)
        profile.write_bytes(b"\x1b[2J = 1\n")
        self.output("profile", "check", str(profile), ok=1)
        keyring = self.directory / "keys.toml"
        keyring.write_text(f"[{json.dumps(EVIL)}]\n")
        self.output("gp", "list", "--keys", str(keyring), ok=2)

    def test_names_of_cases(self):
        script = self.directory / "a.script"
        script.write_bytes(b'case "' + RAW.replace(b"\n", b"") + EVIL.replace("\n", "").replace("\r", "").encode() + b'" {\n  00A40004023F00 -> 9000\n}\n')
        shown = self.output("test", str(script))
        self.assertIn("\\u001b", shown)
        self.output("test", "--list", str(script))
        for form in ("tap", "junit", "json"):
            report = self.directory / form
            self.output("test", str(script), f"--{form}", str(report))
            self.assert_harmless(report.read_bytes(), form)
        xml.dom.minidom.parse(str(self.directory / "junit"))
        json.loads((self.directory / "json").read_text())

    def test_what_an_smpp_client_sends(self):
        accounts = self.directory / "accounts"
        accounts.write_bytes(b"x\x9b\x1b[1m secret\n")
        accounts.chmod(0o600)
        process = self.start([self.binary, "ota", "smsc", "--port", "0", "--accounts", accounts])
        process.wait_output("Stop with Ctrl-C")
        port = int(re.search(r"127\.0\.0\.1:(\d+)", process.output()).group(1))
        client = Esme(port, BIND_TRANSCEIVER, account=b"x\x9b\x1b[1m", password=b"secret")
        self.addCleanup(client.close)
        client.send(SUBMIT, submit_body(b"A", number=b"49\x1b[1m\nforged"))
        client.send(SUBMIT, submit_body(b"A", source=b"\x1b[1m\nforged"))
        client.send(SUBMIT, submit_body(b"A", source=b"\x1b[1m\nf", ton=5, npi=0))
        client.send(SUBMIT, submit_body(b"A", schedule=b"\x1b[1m\nforged"))
        for _ in range(4):
            client.read()
        client.close()
        process.wait_output("x\\x9b")
        self.assert_harmless(process.output().encode(), "smsc")
