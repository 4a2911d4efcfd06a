# SPDX-License-Identifier: Apache-2.0
"""The OpenPGP applet SmartPGP, as its authors published it, with GnuPG: keys are made on the card, sign, decipher, and PINs are changed.

UICCLAB_CAP_FILES names a folder of CAP files (docs/clients.md); nothing of SmartPGP is here."""

import os
import pathlib
import stat
import sys
import unittest

from lib import winscard
from lib.case import IntegrationTest, needs

PUBLIC = os.environ.get("UICCLAB_CAP_FILES")
SCDAEMON = pathlib.Path("/usr/lib/gnupg/scdaemon")
PINENTRY = """#!{python}
import sys
pins = {pins!r}
admin = False
print("OK here", flush=True)
for line in sys.stdin:
    word = line.split(" ")[0].strip()
    if word in ("SETDESC", "SETPROMPT"):
        admin = "dmin" in line
    if word == "GETPIN":
        print("D " + pins[admin], flush=True)
    print("OK", flush=True)
    if word == "BYE":
        break
"""
USER, ADMIN = "123456", "12345678"  # of a new applet


@unittest.skipUnless(PUBLIC and list(pathlib.Path(PUBLIC).glob("**/*SmartPGP*.cap")), "UICCLAB_CAP_FILES does not name a folder with SmartPGP's CAP file")
@unittest.skipUnless(SCDAEMON.exists(), "not installed: scdaemon")
@needs("gpg", "gpgconf")
class OpenPgpCard(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.home = self.directory / "g"
        self.home.mkdir(mode=0o700)
        cap = sorted(pathlib.Path(PUBLIC).glob("**/*SmartPGP*.cap"))[0]
        self.process, self.env = self.run_service("--applet", cap)
        with winscard.Context(self.env) as context:
            reader = context.readers()[0]
        self.env["GNUPGHOME"] = str(self.home)
        library = next(pathlib.Path("/usr/lib").glob("*/libpcsclite.so.1"))
        (self.home / "scdaemon.conf").write_text(
            f"disable-ccid\npcsc-driver {library}\nreader-port {reader}\nverbose\ndebug cardio\nlog-file {self.home}/scdaemon.log\n")
        pinentry = self.home / "pinentry"
        pinentry.write_text(PINENTRY.format(python=sys.executable, pins={False: USER, True: ADMIN}))
        pinentry.chmod(stat.S_IRWXU)
        (self.home / "gpg-agent.conf").write_text(f"pinentry-program {pinentry}\n")
        self.addCleanup(self.tool, ["gpgconf", "--kill", "all"], self.env, ok=None)

    def gpg(self, *words, stdin="", ok=(0,)):
        return self.tool(["gpg", "--no-tty", "--status-fd", "2", *words], self.env, stdin=stdin, ok=ok)

    def edit(self, *lines):
        return self.gpg("--command-fd", "0", "--edit-card", stdin="".join(line + "\n" for line in lines))

    def test_keys_of_the_card_sign_and_decipher(self):
        for attributes in ((), ("key-attr", "2", "4", "2", "4", "2", "4")):  # RSA 2048; NIST P-384
            with self.subTest(attributes=attributes):
                if attributes:
                    self.edit("admin", *attributes, "quit")
                again = ("y",) if attributes else ()
                self.edit("admin", "generate", "n", *again, "0", "Card Holder", "holder@example.com", "", "O", "quit")
                listed = self.gpg("--card-status", "--with-colons")
                self.assertIn("Card Holder", self.gpg("--list-keys"))
                self.assertIn("fpr:", listed)
                message = self.directory / "message"
                message.write_text("to whom it may concern")
                signed, secret, plain = (self.directory / name for name in ("signed", "secret", "plain"))
                for file in (signed, secret, plain):
                    file.unlink(missing_ok=True)
                self.gpg("--sign", "-o", signed, message)
                self.assertIn("GOODSIG", self.gpg("--verify", signed))
                spoilt = bytearray(signed.read_bytes())
                spoilt[len(spoilt) // 2] ^= 1
                (self.directory / "spoilt").write_bytes(spoilt)
                self.assertNotIn("GOODSIG", self.gpg("--verify", self.directory / "spoilt", ok=None))
                self.gpg("--trust-model", "always", "--encrypt", "-r", "holder@example.com", "-o", secret, message)
                self.gpg("--decrypt", "-o", plain, secret)
                self.assertEqual(plain.read_text(), message.read_text())
                self.gpg("--batch", "--yes", "--delete-secret-and-public-key",
                         *[line.split(":")[9] for line in self.gpg("--list-keys", "--with-colons").splitlines() if line.startswith("fpr:")][:1])
