# SPDX-License-Identifier: Apache-2.0
"""Our own card management client: at an emulated card in process, and through our PC/SC service."""

import json
import os
import signal
import subprocess

from lib.cap_file import APPLET, PACKAGE, make_cap
from lib.case import IntegrationTest
from lib.processes import free_ports

DEFAULT_KEY = "404142434445464748494A4B4C4D4E4F"
NEW_KEY = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF"
ISSUER = "A000000151000000"
SECOND_DOMAIN = ["--package", "A0000001515350", "--module", "A000000151535041", "--instance", "F0756963630001",
                 "--privileges", "security-domain"]


class Gp(IntegrationTest):
    env = None
    card = []

    def gp(self, *words, ok=(0,), env=None, **more):
        return self.tool([self.binary, "gp", *self.card, *words], {**(self.env or {}), **(env or {})}, ok=ok, **more)

    def out(self, *words):
        """Only standard output."""
        done = subprocess.run([str(self.binary), "gp", *map(str, self.card), *map(str, words)], capture_output=True, text=True,
                              env={**os.environ, **(self.env or {})}, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def entries(self, *words):
        return {one["aid"]: one for one in json.loads(self.out("list", "--json", *words))}

    def write(self, name, text, mode=0o600):
        path = self.directory / name
        path.write_text(text)
        path.chmod(mode)
        return path


class InProcess(Gp):
    """The emulated card inside the program; its memory in a file."""

    def setUp(self):
        super().setUp()
        self.card = ["--state", self.directory / "card.db"]

    def test_info_shows_the_card_s_data(self):
        text = self.out("info")
        for part in (ISSUER, "SCP03 i=70", "1.2.840.114283.4.3.112", "01 AES-128, 02 AES-128, 03 AES-128", "free memory"):
            self.assertIn(part, text)
        data = json.loads(self.out("info", "--json"))
        self.assertEqual(data["security_domain"], ISSUER)
        self.assertEqual(data["secure_channels"], [{"scp": "03", "i": "70"}])
        self.assertEqual({key["version"] for key in data["keys"]}, {"01", "02", "30"})

    def test_sessions_count_and_are_reported(self):
        self.gp("list")
        self.assertEqual(json.loads(self.out("info", "--json"))["sequence_counter"], 1)
        text = self.gp("list", "--level", "13")
        self.assertIn("Using keys 'default', key version 30, SCP03 i=70, level 13 (commands MACed and encrypted, answers MACed), "
                      "sequence counter 2", text)

    def test_a_card_that_answers_select_without_fci_wants_a_domain(self):
        recorded = self.write("card.script", 'case "old" {\nreset -> 3B00\nraw 00A4040000 -> 9000\nraw 00A4040008A00000000300000000 -> 9000\n}\n')
        card = ["info", "--card", f"replay:loose:{recorded}"]
        self.card = []
        self.assertRegex(self.gp(*card, ok=(1,)), "without file control information.*--domain")
        self.assertRegex(self.out(*card, "--domain", "A000000003000000"), "security domain +A000000003000000")

    def test_every_level(self):
        for level in ("00", "01", "03", "11", "13", "33"):
            self.assertIn(ISSUER, self.out("list", "--level", level) if level != "00" else self.out("info"))
        text = self.gp("apdu", "--each-level", "80CA00E000")
        self.assertEqual(text.count("9000: normal ending"), 6)

    def test_install_list_and_delete_of_a_domain_and_an_application_in_it(self):
        self.gp("install", *SECOND_DOMAIN)
        entry = self.entries()["F0756963630001"]
        self.assertEqual((entry["state"], entry["domain"], entry["privileges"]), ("SELECTABLE", ISSUER, ["security-domain"]))
        self.assertIn("  F0756963630001  security domain, SELECTABLE", self.out("list"))
        self.gp("state", "F0756963630001", "locked")
        self.assertEqual(self.entries()["F0756963630001"]["state"], "LOCKED (was SELECTABLE)")
        self.gp("state", "F0756963630001", "unlocked")
        self.assertIn("6985: conditions of use not satisfied: the AID is in use already", self.gp("install", *SECOND_DOMAIN, ok=(1,)))
        self.gp("delete", "F0756963630001")
        self.assertIn("6A88: there is no such object or key (GP clause 11.2.3.2)", self.gp("delete", "F0756963630001", ok=(1,)))

    def test_a_cap_file_is_loaded_listed_and_deleted(self):
        cap = self.directory / "example.cap"
        make_cap(cap)
        text = self.gp("load", cap, "--hash", "sha256")
        self.assertIn(f"Load file {PACKAGE} 1.0", text)
        self.assertNotIn("\r", text)  # no bar where nobody sees it
        self.assertEqual(self.entries()[PACKAGE]["modules"], [APPLET])
        self.assertIn("INSTALL [for load] answered 6985", self.gp("load", cap, ok=(1,)))
        self.assertIn("already, it is not loaded again", self.gp("install", cap))
        self.assertIn(APPLET, self.entries())
        self.gp("delete", PACKAGE, "--with-dependants")
        self.assertNotIn(PACKAGE, self.entries())

    def test_an_interrupted_load_leaves_nothing(self):
        cap = self.directory / "example.cap"
        make_cap(cap)

        def with_pending_interrupt():  # a blocked signal that waits stays, over exec too
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
            os.kill(os.getpid(), signal.SIGINT)

        done = subprocess.run([str(self.binary), "gp", *map(str, self.card), "load", str(cap)], capture_output=True, text=True, timeout=60,
                              preexec_fn=with_pending_interrupt)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("stopped before block 1 of", done.stderr)
        self.assertIn(f"Nothing of load file {PACKAGE} is left on the card", done.stderr)
        self.assertNotIn(PACKAGE, self.entries())

    def test_a_damaged_cap_file_is_refused_before_the_card_sees_it(self):
        cap = self.directory / "example.cap"
        make_cap(cap)
        content = bytearray(cap.read_bytes())
        content[content.index(b"Method.cap") + len("Method.cap") + 3] ^= 0xFF
        cap.write_bytes(content)
        text = self.gp("load", cap, "--trace", "text", ok=(2,))
        self.assertNotIn("80E6", text)
        self.assertIn("example.cap:", text)

    def test_wrong_keys_are_reported_and_never_sent(self):
        for source in (["--key-hex", NEW_KEY], ["--keys", "env:KEY"]):
            text = self.gp("list", "--trace", "text", *source, ok=(4,), env={"KEY": NEW_KEY})
            self.assertIn("EXTERNAL AUTHENTICATE was not sent", text)
            self.assertIn("What fits: the public default keys 404142..4F, not diversified", text)
            self.assertIn("8050", text)
            self.assertNotIn("8482", text)
            self.assertNotIn(NEW_KEY, text)
        text = self.gp("list", "--trace", "text", "--key-version", "20", ok=(4,))
        self.assertIn("no key version 20; it has: 01 02 30", text)
        self.assertNotIn("8050", text)

    def test_keys_come_from_files_the_environment_and_keyrings(self):
        one = self.write("one.keys", f"# all three\n{DEFAULT_KEY}\n")
        three = self.write("three.keys", f"{DEFAULT_KEY}\n{DEFAULT_KEY}\n{DEFAULT_KEY}\n", 0o644)
        self.assertNotIn("other users", self.gp("list", "--keys", f"file:{one}"))
        self.assertIn("other users of this machine can read the keys", self.gp("list", "--keys", f"file:{three}"))
        self.gp("list", "--keys", "env:KEY", env={"KEY": f"{DEFAULT_KEY},{DEFAULT_KEY} {DEFAULT_KEY}"})
        keys = "".join(f'{name} = "{DEFAULT_KEY}"\n' for name in ("enc", "mac", "dek"))
        other = keys.replace(DEFAULT_KEY, NEW_KEY)
        ring = self.write("lab.toml", f'[[cards]]\nname = "a"\n[cards.keys.30]\n{keys}[[cards]]\nname = "b"\n[cards.keys.31]\n{other}'
                          f'[[cards]]\nname = "c"\ndiversify = "kdf3"\n[cards.keys.30]\n{keys}')
        self.assertIn("Using keys 'a', key version 30", self.gp("list", "--keys", ring, "--key-card", "a"))
        self.assertIn("no key version 31", self.gp("list", "--keys", ring, "--key-card", "b", ok=(4,)))
        self.assertIn("What fits: the keys given, not diversified", self.gp("list", "--keys", ring, "--key-card", "c", ok=(4,)))
        for bad in (["--keys", "env:NOT_THERE"], ["--keys", "file:/not/there"], ["--keys", "/not/there"], ["--key-hex", "1234"],
                    ["--keys", ring], ["--keys", ring, "--key-card", "a", "--key-version", "31"], ["--diversify", "kdf4"],
                    ["--level", "02"], ["--scp", "04"], ["--domain", "A0"]):
            self.gp("list", *bad, ok=(2,))

    def test_keys_are_put_replaced_locked_and_unlocked(self):
        new = self.write("new.keys", NEW_KEY)
        self.gp("put-key", "--new-keys", f"file:{new}", "--new-key-version", "31")
        self.gp("list", "--keys", f"file:{new}", "--key-version", "31")
        self.gp("delete", "--delete-key-version", "31")
        text = self.gp("lock", "--new-keys", f"file:{new}")
        self.assertIn("Key version 30 has the keys", text)
        self.assertIn("A session with the new keys opens", text)
        self.assertNotIn(NEW_KEY, text)
        self.gp("list", ok=(4,))
        self.gp("unlock", "--keys", f"file:{new}")
        self.gp("list")
        long = self.write("long.keys", NEW_KEY + NEW_KEY)
        self.gp("lock", "--new-keys", f"file:{long}")
        self.assertIn("01 AES-256", self.out("info"))
        self.gp("unlock", "--keys", f"file:{long}")
        self.gp("lock", "--new-keys", f"file:{new}", "--new-diversify", "kdf3")
        self.assertIn("What fits: the keys given, diversified by kdf3", self.gp("list", "--keys", f"file:{new}", ok=(4,)))
        self.gp("unlock", "--keys", f"file:{new}", "--diversify", "kdf3")
        self.gp("put-key", "--new-keys", f"file:{new}", "--new-key-version", "11", "--key-id", "01", "--type", "des")
        self.assertIn("key version 11            01 DES-128", self.out("info"))

    def test_data_is_stored(self):
        self.gp("store-data", "4203AABBCC")
        self.assertEqual(json.loads(self.out("info", "--json"))["iin"], "AABBCC")
        self.assertIn("STORE DATA answered", self.gp("store-data", "0101FF", ok=(1,)))

    def test_a_dry_run_shows_everything_and_sends_nothing_that_changes_the_card(self):
        text = self.gp("install", *SECOND_DOMAIN, "--dry-run", "--trace", "text")
        self.assertIn("INSTALL [for install and make selectable], load file A0000001515350, module A000000151535041, application "
                      "F0756963630001, privileges security-domain", text)
        for sent in ("8050", "8482", "80E6"):
            self.assertNotIn(f" {sent}", "".join(line for line in text.splitlines(True) if " -> " in line))
        self.assertNotIn("F0756963630001", self.entries())
        self.assertEqual(json.loads(self.out("info", "--json"))["sequence_counter"], 1)
        new = self.write("new.keys", NEW_KEY)
        text = self.gp("lock", "--new-keys", f"file:{new}", "--dry-run")
        self.assertIn("PUT KEY, ", text)
        self.assertNotIn(NEW_KEY, text)
        self.assertIn("TERMINATED", self.gp("state", "card", "terminated", "--dry-run"))
        self.gp("list")

    def test_json_is_one_line_about_what_was_used_planned_and_done(self):
        used = {"keys": "default", "diversified_by": "none", "key_version": "30", "scp": "03", "i": "70", "level": "33", "sequence_counter": 1}
        done = json.loads(self.out("install", *SECOND_DOMAIN, "--json", "--rehearse"))
        self.assertEqual(done, {"session": used, "exchanges": [], "done": ["Installed F0756963630001."]})
        one = json.loads(self.out("apdu", "80CA00C100", "80F28002024F0000", "--json", "--level", "03"))
        self.assertEqual([exchange["status"] for exchange in one["exchanges"]], ["9000", "9000"])
        self.assertEqual(one["exchanges"][0]["answer"], "C103000002")
        new = self.write("new.keys", NEW_KEY)
        text = self.out("lock", "--new-keys", f"file:{new}", "--json", "--dry-run")
        self.assertNotIn(NEW_KEY, text)
        planned = json.loads(text)["planned"]
        self.assertEqual([one["command"][:4] for one in planned[:3]], ["8050", "8482", "80D8"])
        self.assertNotIn("done", json.loads(self.out("list", "--dry-run", "--json")))
        self.assertIn("security_domain", json.loads(self.out("info", "--dry-run", "--json")))

    def test_a_rehearsal_comes_first_and_a_failed_one_changes_nothing(self):
        text = self.gp("install", *SECOND_DOMAIN, "--rehearse")
        self.assertIn("(rehearsal) Installed F0756963630001.", text)
        self.assertIn("The rehearsal went well; now on the card:", text)
        self.assertIn("F0756963630001", self.entries())
        counter = json.loads(self.out("info", "--json"))["sequence_counter"]
        text = self.gp("install", *SECOND_DOMAIN, "--rehearse", ok=(1,))
        self.assertIn("That was the rehearsal: nothing was done on the card", text)
        self.assertEqual(json.loads(self.out("info", "--json"))["sequence_counter"], counter)

    def test_install_parameters_go_out_as_they_should(self):
        base = ["install", "--package", "A0000001515350", "--module", "A000000151535041", "--dry-run"]
        # GP table 11-49; ETSI TS 102 226 clause 8.2.1.3.2
        for options, parameters in ((["--params", "0102"], "C9020102"),
                                    (["--memory", "256", "--volatile-memory", "256"], "C900EF08C7020100C8020100"),
                                    (["--install-params", "C900EF04C8020100"], "C900EF04C8020100")):
            self.assertIn(f"parameters {parameters}", self.gp(*base, *options))
        self.assertIn("EA", self.gp(*base, "--tar", "B00099", "--menu", "2", "--access", "00"))
        self.assertIn("CA", self.gp(*base, "--tar", "B00099", "--menu", "2", "--access", "00", "--sim-params"))
        self.gp(*base, "--privileges", "everything", ok=(2,))

    def test_toolkit_parameters_are_accepted_and_a_tar_is_given_once(self):
        self.gp("install", *SECOND_DOMAIN, "--tar", "B00099")
        third = [word.replace("F0756963630001", "F0756963630002") for word in SECOND_DOMAIN]
        self.assertIn("6A80: the card does not accept the data: privileges or install parameters",
                      self.gp("install", *third, "--tar", "B00099", ok=(1,)))
        self.gp("install", *third, "--tar", "B0009A")

    def test_a_bar_is_drawn_where_somebody_sees_it(self):
        cap = self.directory / "example.cap"
        make_cap(cap)
        text = self.tool(["script", "-qec", f"{self.binary} gp load {cap}", "/dev/null"])
        self.assertIn("[" + "#" * 40 + "] 14/14", text)

    def test_t1_as_well(self):
        self.assertIn(ISSUER, self.out("list", "--t1"))


class ThroughPcsc(Gp):
    """The same client with the card in our PC/SC service."""

    def setUp(self):
        super().setUp()
        _, self.env = self.run_service()
        self.card = ["--card", "pcsc"]

    def test_load_install_and_delete(self):
        cap = self.directory / "example.cap"
        make_cap(cap)
        for level in ("01", "33"):
            self.gp("load", cap, "--level", level)
            self.assertEqual(self.entries("--level", level)[PACKAGE]["modules"], [APPLET])
            self.gp("delete", PACKAGE)
        self.gp("install", *SECOND_DOMAIN)
        self.assertIn("F0756963630001", self.entries("--t1"))
        self.gp("delete", "F0756963630001")

    def test_what_may_lose_a_card_needs_a_word(self):
        new = self.write("new.keys", NEW_KEY)
        for words in (["lock", "--new-keys", f"file:{new}"], ["unlock"], ["state", "card", "terminated"], ["delete", "--delete-key-version", "30"],
                      ["put-key", "--replace", "30", "--new-keys", f"file:{new}", "--new-key-version", "30"]):
            self.assertIn("--yes-i-know", self.gp(*words, ok=(2,)))
        self.gp("list")
        self.gp("lock", "--new-keys", f"file:{new}", "--yes-i-know")
        self.gp("list", ok=(4,))
        self.gp("unlock", "--keys", f"file:{new}", "--yes-i-know")
        self.gp("list")

    def test_a_card_in_a_reader_cannot_be_rehearsed_and_that_is_said(self):
        text = self.gp("install", *SECOND_DOMAIN, "--rehearse", ok=(2,))
        self.assertIn("a card in a reader cannot be copied with its keys", text)
        self.assertNotIn("F0756963630001", self.entries())

    def test_no_reader_is_the_environment(self):
        self.card = ["--card", "pcsc:nonsense"]
        self.assertIn("no reader's name contains", self.gp("info", ok=(3,)))


class AtVpcd(Gp):
    def test_a_card_that_connects_to_us_is_managed(self):
        port = free_ports()
        self.start([self.binary, "run", "--vpcd", f"127.0.0.1:{port}"])
        self.card = ["--card", f"vpcd:{port}"]
        self.assertIn(ISSUER, self.entries())
