# SPDX-License-Identifier: Apache-2.0
"""uicclab ota decode, explain, por and the keyring, as a person meets them."""

import json
import os
import subprocess

from lib.case import IntegrationTest

# SELECT EF_IMSI and READ BINARY for ADF USIM under AES keys 00..0F, and the response; values of our own, computed independently.
PACKET = "00281516192222B001408F1F6D255B9CEB695D23AA087DC0E1045A3E47D8E44B01D330CE6670B1D0246E"
ANSWER = "027100002412B001401084F0706C593712269ABC45233207EE3476FE2ACB577D7B7D021245548FAAD09000"
KEY = "000102030405060708090A0B0C0D0E0F"
KEYRING = f"""
[[cards]]
name = "worked"
[cards.keys.02]
kic = "{KEY}"
kid = "{KEY}"
[cards.keys.01]
type = "des"
kic = "{KEY}"
kid = "{KEY}"
"""


class OtaDecode(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.keyring = self.directory / "keyring.toml"
        self.keyring.write_text(KEYRING)

    def ota(self, *words, stdin=""):
        done = subprocess.run([str(self.binary), "ota", *map(str, words)], input=stdin, capture_output=True, text=True, timeout=60)
        self.assertNotIn(KEY, done.stdout + done.stderr, "a key was printed")
        return done.returncode, done.stdout, done.stderr

    def test_command_and_response_one_after_the_other(self):
        code, out, _ = self.ota("decode", "--keys", self.keyring, PACKET, ANSWER)
        self.assertEqual(code, 0)
        for text in ("SELECT 6F07", "READ BINARY 9 bytes at 0", "45DFFA5784A63A34  right", "status  00", "080910101032540636"):
            self.assertIn(text, out)
        self.assertNotIn("[ETSI", out)
        self.assertIn("[ETSI TS 102 225 5.1.1]", self.ota("explain", "--keys", self.keyring, PACKET)[1])

    def test_file_standard_input_and_json(self):
        path = self.directory / "messages.txt"
        path.write_text(f"# a packet\n{PACKET}\n\n{ANSWER}\n")
        code, out, _ = self.ota("decode", "--json", "--keys", self.keyring, "--file", path)
        self.assertEqual(code, 0)
        first, second = (json.loads(line) for line in out.splitlines())
        self.assertEqual((first["what"], second["what"]), ("command packet", "user data"))
        self.assertEqual(out, self.ota("decode", "--json", "--keys", self.keyring, stdin=path.read_text())[1])

    def test_wrong_keys_cut_messages_and_no_hexadecimal(self):
        code, out, _ = self.ota("decode", PACKET)
        self.assertEqual((code, "WRONG at byte 16: the CC is wrong" in out), (1, True))
        code, out, _ = self.ota("decode", "D14D8202")
        self.assertEqual((code, "WRONG at byte 2" in out), (1, True))
        code, _, errors = self.ota("decode", "00X1")
        self.assertEqual((code, "character 3" in errors), (2, True))
        self.assertEqual(self.ota("decode", "--as", "letter", "00")[0], 2)
        self.assertEqual(self.ota("decode", stdin="")[0], 2)

    def test_por(self):
        options = ("--keys", self.keyring, "--key-set", "2", "--por", "always,cc,cipher")
        code, out, _ = self.ota("por", *options, ANSWER)
        self.assertEqual((code, "status: 00" in out, "last data: 080910101032540636" in out), (0, True, True))
        code, _, errors = self.ota("por", *options, ANSWER[:30] + "FF" + ANSWER[32:])
        self.assertEqual((code, "the CC is wrong" in errors), (1, True))
        # TAR unknown, bare: a proof that it did not go well.
        code, out, _ = self.ota("por", *options, "027100000B0AB0014000000000010009")
        self.assertEqual((code, "status: 09" in out), (1, True))

    def test_a_wrong_keyring_is_reported_with_its_place(self):
        for text, wrong in (
            ("[[cards]]\nname = 1\n", ":2:8: card: name must be a text"),
            ("[[cards]]\n[cards.keys.02]\nkic = \"0011\"\n", "kic must have 16, 24 or 32 bytes"),
            ("[[cards]]\n[cards.keys.80]\n", "a key version is 01 to 7F"),
            ("[[cards]]\ncolour = \"red\"\n", "colour"),
            ("[[cards]]\n[cards.tars]\nusim = \"B0\"\n", "must be a TAR"),
            ("", "a keyring has [[cards]]"),
            ("[[cards]\n", ":1:"),
        ):
            self.keyring.write_text(text)
            code, _, errors = self.ota("decode", "--keys", self.keyring, PACKET)
            self.assertEqual(code, 2, errors)
            self.assertIn(wrong, errors)
        self.keyring.write_text(KEYRING + KEYRING.replace("worked", "other"))
        code, _, errors = self.ota("decode", "--keys", self.keyring, PACKET)
        self.assertEqual((code, "--key-card" in errors), (2, True))
        self.assertEqual(self.ota("decode", "--keys", self.keyring, "--key-card", "other", PACKET)[0], 0)
        os.unlink(self.keyring)
        self.assertEqual(self.ota("decode", "--keys", self.keyring, PACKET)[0], 2)
