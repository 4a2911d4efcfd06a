# SPDX-License-Identifier: Apache-2.0
"""uicclab ota send, and cards reached over the air: what a platform and what a PC/SC client see."""

import json
import subprocess
import textwrap

from lib.cap_file import PACKAGE, make_cap
from lib.case import PYTHON, IntegrationTest, needs

READ_IMSI = ("00A40004026F07", "00B0000009")
IMSI = "080910100000000010"


class OtaSend(IntegrationTest):
    def ota(self, *words, stdin=""):
        done = subprocess.run([str(self.binary), "ota", *map(str, words)], input=stdin, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def send(self, *words, code=0):
        got, out, errors = self.ota("send", "--json", *words)
        self.assertEqual(got, code, out + errors)
        return [json.loads(line) for line in out.splitlines()]

    def test_either_format_key_set_and_way_of_the_response(self):
        for tar in ("usim", "usim-expanded"):
            for key_set in ("1", "2"):
                for por in ("always", "always,cc", "always,cc,cipher", "always,cc,cipher,submit", "always,rc"):
                    # KID names one algorithm for both directions: a CC and a CRC do not go together.
                    if por.endswith("rc"):
                        continue
                    with self.subTest(tar=tar, key_set=key_set, por=por):
                        packet = self.send("--tar", tar, "--key-set", key_set, "--por", por, *READ_IMSI)[0]
                        self.assertEqual((packet["status"], packet["executed"]), ("00", 2))
                        self.assertEqual(packet["by_submit"], "submit" in por)
                        self.assertEqual(packet["responses"][-1], {"data": IMSI, "sw": "9000"})

    def test_a_script_that_takes_several_short_messages(self):
        script = self.directory / "script.txt"
        script.write_text("# the service provider name\n00 A4 00 04 02 6F 46\n" + "00D6000011" + "01" + "41" * 16 + "\n" * 2 +
                          "".join("00D60000110142" + "43" * 15 + "  # again\n" for _ in range(9)) + "00B0000011\n")
        packet = self.send("--tar", "usim", "--script", script)[0]
        self.assertEqual((packet["messages"], packet["executed"], packet["responses"][-1]["data"]), (2, 12, "0142" + "43" * 15))
        packets = self.send("--tar", "usim", "--each", *READ_IMSI, code=1)
        self.assertEqual([one["counter"] for one in packets], [1, 2])
        self.assertEqual(packets[1]["responses"][-1]["sw"], "6986")  # each packet begins anew

    def test_a_refusal_of_the_card_is_reported_and_fails(self):
        self.assertEqual(self.send("--tar", "112233", "00A40004026F07", code=1)[0]["status"], "09")
        self.assertEqual(self.send("--tar", "usim", "--security", "none", "00A40004026F07", code=1)[0]["status"], "0A")
        self.assertEqual(self.send("--tar", "usim", "00A40004021234", code=1)[0]["responses"], [{"data": "", "sw": "6A82"}])
        # A packet under other keys: the card stays silent, since nothing says who sent it.
        keyring = self.directory / "wrong.toml"
        keyring.write_text('[[cards]]\n[cards.keys.02]\nkic = "' + "00" * 16 + '"\nkid = "' + "00" * 16 + '"\n')
        packet = self.send("--keys", keyring, "--tar", "B00140", "00A40004026F07", code=1)[0]
        self.assertEqual(packet["result"], "no response")

    def test_a_name_as_originator(self):
        """3GPP TS 23.040 clause 9.1.2.5: type of number 5, septets."""
        [tpdu] = self.ota("send", "--dry-run", "--counters", self.directory / "counters", "--from", "Bank 24", "--tar", "usim", *READ_IMSI)[1].split()
        self.assertEqual(tpdu[2:20], "0DD0C2B07B0D92D100")
        for por in ("always", "always,cc,cipher,submit"):
            packet = self.send("--from", "Bank 24", "--por", por, "--tar", "usim", *READ_IMSI)[0]
            self.assertEqual(packet["responses"][-1], {"data": IMSI, "sw": "9000"})
        code, _, errors = self.ota("send", "--from", "twelve chars", "--tar", "usim", *READ_IMSI)
        self.assertEqual((code, "a name of 12 septets; at most 11 fit" in errors), (2, True), errors)

    def test_the_address_of_the_service_centre_in_front_of_a_tpdu(self):
        """3GPP TS 27.005 clause 3.1: the form of AT+CMGS."""
        words = ("send", "--dry-run", "--counters", self.directory / "counters", "--tar", "usim")
        for smsc, prefix in (("+491710000099", "07919471010000" + "99"), ("none", "00")):
            [pdu] = self.ota(*words, "--smsc", smsc, *READ_IMSI)[1].split()
            self.assertEqual(pdu[: len(prefix) + 2], prefix + "44")
            code, out, _ = self.ota("decode", pdu)
            self.assertEqual((code, "READ BINARY 9 bytes at 0" in out, "TPDU after the address" in out), (0, True, True), out)
        code, _, errors = self.ota("send", "--smsc", "none", "--tar", "usim", *READ_IMSI)
        self.assertEqual((code, "--smsc needs --dry-run" in errors), (2, True))
        self.assertEqual(self.ota(*words, "--smsc", "letters", *READ_IMSI)[0], 2)

    def test_usage_errors(self):
        for words, text in (
            (("--tar", "nothing", "00A40004026F07"), "neither a TAR nor one of"),
            (("--tar", "usim"), "no commands"),
            (("--tar", "usim", "00A4"), "at least four bytes"),
            (("--tar", "usim", "--key-set", "16", *READ_IMSI), "1 to 15"),
            (("--tar", "usim", "--por", "always,never", *READ_IMSI), "at most one of each kind"),
            (("--tar", "usim", "00B0000009", "00A40004026F07"), "only the last command"),
            (("--tar", "usim", "--format", "long", *READ_IMSI), "compact or expanded"),
        ):
            with self.subTest(words=words):
                code, _, errors = self.ota("send", *words)
                self.assertEqual(code, 2)
                self.assertIn(text, errors)

    def test_counters_outlive_the_program_and_are_used_once(self):
        counters, state = self.directory / "counters", self.directory / "card.db"
        options = ("--counters", counters, "--state", state, "--tar", "usim", "--counter")
        for mode in ("higher", "one-higher", "one-higher"):
            self.send(*options, mode, *READ_IMSI)
        self.assertIn("89882110000000000010 2 3\n", counters.read_text())
        # A dry run uses its counter up: who knows where its TPDUs go.
        code, tpdus, _ = self.ota("send", "--dry-run", "--counters", counters, "--tar", "usim", *READ_IMSI)
        self.assertEqual((code, "89882110000000000010 2 4\n" in counters.read_text()), (0, True))
        self.assertIn("READ BINARY 9 bytes", self.ota("decode", *tpdus.split())[1])
        self.assertEqual(self.send(*options, "one-higher", *READ_IMSI, code=1)[0]["status"], "03")  # 4 never came
        self.send(*options, "higher", "--counter-value", "100", *READ_IMSI)
        self.assertEqual(self.send(*options, "higher", *READ_IMSI)[0]["counter"], 101)
        code, _, errors = self.ota("send", *options, "higher", "--counter-value", "100", *READ_IMSI)
        self.assertEqual((code, "was used already" in errors), (2, True))
        counters.write_text("89882110000000000010 2\n")
        code, _, errors = self.ota("send", *options, "higher", *READ_IMSI)
        self.assertEqual((code, ":1: not an ICCID" in errors), (2, True))

    def test_many_programs_at_one_counter_file(self):
        counters = self.directory / "counters"
        command = [str(self.binary), "ota", "send", "--dry-run", "--counters", str(counters), "--tar", "usim", *READ_IMSI]
        programs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(12)]
        packets = {program.communicate(timeout=60)[0] for program in programs}
        self.assertEqual(len(packets), 12)
        self.assertIn(" 2 12\n", counters.read_text())


class CardManagement(IntegrationTest):
    def gp(self, *words, ok=(0,), via="ota:isd,2"):
        return self.tool([self.binary, "gp", "--via", via, "--state", self.directory / "card.db", "--counters", self.directory / "counters",
                          *words], ok=ok)

    def test_load_install_put_key_and_delete(self):
        make_cap(self.directory / "example.cap", 8000)
        self.assertIn(f"Loaded {PACKAGE}.", self.gp("load", self.directory / "example.cap"))
        self.gp("install", "--package", "A0000001515350", "--module", "A000000151535041", "--instance", "F0756963630001", "--privileges",
                "security-domain", "--tar", "C0FFEE", "--msl", "16")
        for key_set in ("1", "2"):
            out = self.gp("list", via=f"ota:isd,{key_set}")
            self.assertIn(f"{PACKAGE}  load file 1.0, LOADED", out)
            self.assertIn("F0756963630001", out)
        self.gp("delete", PACKAGE)
        self.assertNotIn(PACKAGE, self.gp("list"))
        self.assertIn("6A88", self.gp("delete", PACKAGE, ok=(1,)))

        # New keys for secured packets, in a packet; then packets under them.
        key = "0F0E0D0C0B0A09080706050403020100"
        (self.directory / "new").write_text(key)
        for key_set, version in (("2", "03"), ("1", "04")):
            self.gp("put-key", "--new-keys", f"file:{self.directory}/new", "--new-key-version", version, "--type", "aes", via=f"ota:isd,{key_set}")
        keyring = self.directory / "keyring.toml"
        keyring.write_text("[[cards]]\n" + "".join(f'[cards.keys.{version}]\nkic = "{key}"\nkid = "{key}"\ndek = "{key}"\n' for version in ("03", "04")))
        keyring.chmod(0o600)
        for version in ("3", "4"):
            self.assertIn("A0000000871002FF49FF0589", self.gp("list", "--keys", keyring, via=f"ota:000000,{version}"))

    def test_errors_are_reported(self):
        self.assertIn("it must be ota:TAR", self.gp("list", via="sms:isd", ok=(2,)))
        self.assertIn("neither a TAR nor one of", self.gp("list", via="ota:nobody", ok=(2,)))
        self.assertRegex(self.gp("list", via="ota:112233", ok=(1, 3)), "(?i)tar|6A82")


class OverTheAirReader(IntegrationTest):
    @needs("opensc-tool")
    def test_opensc_tool_reads_a_file(self):
        out = self.tool([self.binary, "run", "--via", "ota:usim,2", "--", "opensc-tool", "--send-apdu", "00A4080C047FFF6F07",
                         "--send-apdu", "00B0000009"])
        self.assertIn("08 09 10 10 00 00 00 00 10", out)

    def test_pyscard_changes_a_file(self):
        script = self.directory / "client.py"
        script.write_text(textwrap.dedent("""
            from smartcard.System import readers
            connection = readers()[0].createConnection()
            connection.connect()
            def send(text):
                data, sw1, sw2 = connection.transmit(list(bytes.fromhex(text)))
                print(text, bytes(data).hex().upper() + f"{sw1:02X}{sw2:02X}")
            for text in ("00A40004026F07", "00C0000019", "00B0000009", "00A4000C026F46", "00D600000401414243", "00B0000004", "00A4000C021234"):
                send(text)
        """))
        for via in ("ota:usim,2", "ota:usim,1", "ota:usim-expanded,2", "ota:usim,2,1619"):
            with self.subTest(via=via):
                out = self.tool([self.binary, "run", "--via", via, "--", PYTHON, script])
                for line in ("00A40004026F07 6119", "00B0000009 0809101000000000109000", "00D600000401414243 9000", "00B0000004 014142439000",
                             "00A4000C021234 6A82"):
                    self.assertIn(line, out)

    def test_gp_list_shows_what_is_on_the_card(self):
        out = self.tool([self.binary, "run", "--via", "ota:isd,2", "--", self.binary, "gp", "list", "--card", "pcsc"])
        self.assertIn("A000000151000000", out)
        self.assertIn("A0000000871002FF49FF0589", out)

    def test_an_invalid_via_option(self):
        for via, text in (("sms:usim", "ota:TAR"), ("ota:", "ota:TAR"), ("ota:usim,2,1639,4", "nothing follows"), ("ota:usim,99", "1 to 15")):
            done = subprocess.run([str(self.binary), "run", "--via", via, "--", "true"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 2, via)
            self.assertIn(text, done.stderr)
