# SPDX-License-Identifier: Apache-2.0
"""uicclab record, replay, clone, and --rehearse; the guard before cards in readers."""

import os
import pathlib
import re
import signal
import subprocess

from lib.case import IntegrationTest, needs

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
SUITE = TOP / "tests" / "script"
RIGHT, WRONG = "0020000A083838383838383838", "0020000A083131313131313131"
TRIES = "0020000A"


class Recordings(IntegrationTest):
    def record(self, *what, env=None, options=(), ok=(0,)):
        path = self.directory / "recorded.script"
        self.tool([self.binary, "record", "-o", path, *options, *what], env, ok=ok)
        return path

    def test_a_suite_is_recorded_and_replayed(self):
        """What a script did to a card is a script itself: it passes on a fresh card, and on the card that answers from it."""
        path = self.record(SUITE / "select.script", SUITE / "binary.script", options=("--with-secrets",), ok=(0, 1))  # one card for all cases: not each of them passes
        self.assertIn(" EF.IMSI\nraw 00A4", path.read_text())
        for card in ("sim", f"replay:{path}"):
            out = self.tool([self.binary, "test", "-q", "--card", card, path])
            self.assertIn("1 passed, 0 failed", out)

    def test_a_client_of_the_reader_is_recorded_and_replayed(self):
        words = "00A40004022FE2 00B000000A".split()
        path = self.directory / "client.script"
        done = self.tool([self.binary, "record", "-o", path, "--", self.binary, "apdu", "-q", "--card", "pcsc", *words])
        again = self.tool([self.binary, "replay", path, "--", self.binary, "apdu", "-q", "--card", "pcsc", *words])
        self.assertEqual(done, again)
        self.assertIn("98881201000000000001", again)
        # Another order deviates from it, with the line; loose it does not matter.
        wrong = self.tool([self.binary, "replay", path, "--status", "6985", "--", self.binary, "apdu", "-q", "--card", "pcsc", "00A40004023F00", *words], ok=(1,))
        self.assertRegex(wrong, r"client.script:\d+:1: SELECT 3F00 \(00A40004023F00\), where the recording has SELECT 2FE2")
        self.assertIn("6985", wrong)
        self.assertIn("1 command was not as recorded", wrong)
        twice = self.tool([self.binary, "replay", "--loose", path, "--", self.binary, "apdu", "-q", "--card", "pcsc", *words, *words])
        self.assertEqual(twice.count("98881201000000000001"), 2)

    @needs("opensc-tool", "scriptor")
    def test_clients_that_others_wrote(self):
        path = self.directory / "opensc.script"
        line = ["opensc-tool", "--send-apdu", "00:A4:00:04:02:2F:E2", "--send-apdu", "00:B0:00:00:0A"]
        done = self.tool([self.binary, "record", "-o", path, "--", *line])
        self.assertEqual(done, self.tool([self.binary, "replay", path, "--", *line]))
        # What scriptor writes is a recording too.
        commands = self.directory / "commands"
        commands.write_text("reset\n00 A4 00 04 02 2F E2\n00 B0 00 00 0A\n")
        _, env = self.run_service()
        log = self.directory / "scriptor.log"
        log.write_text(self.tool(["scriptor", commands], env))
        out = self.tool([self.binary, "apdu", "-q", "--raw", "--card", f"replay:{log}", "00A40004022FE2", "00B000000A"])
        self.assertIn("98881201000000000001", out)

    def test_kill_leaves_a_complete_script(self):
        """What the client has seen is in the file, and the file is a script that passes."""
        for _ in range(3):
            socket, path = self.directory / "pcsc.sock", self.directory / "killed.script"
            process = self.start([self.binary, "record", "-o", path, "--socket", socket])
            process.wait_socket(socket)
            env = {"PCSCLITE_CSOCK_NAME": str(socket)}
            client = self.start([self.binary, "test", "-v", "--fail-fast", "--card", "pcsc", "--repeat", "5000", SUITE / "status.script"], env)
            client.wait_output("  ok  ")
            os.kill(process.pid, signal.SIGKILL)
            client.wait()
            process.wait()
            last = re.findall(r"^ +\d+: > ([0-9A-F]+)", client.output(), re.M)[-1]
            self.assertIn(last, path.read_text())
            self.assertIn("1 passed, 0 failed", self.tool([self.binary, "test", "-q", path]))
            socket.unlink(missing_ok=True)

    def test_secrets_are_masked_and_refuse_to_be_replayed(self):
        path = self.record(RIGHT, "00A40004022FE2")
        self.assertNotIn("3838383838383838", path.read_text())
        self.assertIn("raw 0020000A08 $masked_1 -> none 9000", path.read_text())
        out = self.tool([self.binary, "test", path], ok=(1,))
        self.assertIn("$masked_1 was masked when this was recorded: give it with --set masked_1=VALUE", out)
        self.assertIn("1 passed", self.tool([self.binary, "test", "--set", 'masked_1="88888888"', path]))
        out = self.tool([self.binary, "replay", path, "--", self.binary, "apdu", "-q", "--card", "pcsc", "--yes-i-know", RIGHT], ok=(1,))
        self.assertIn("VERIFY PIN 0A was masked when it was recorded", out.replace("the data of ", ""))
        path = self.record(RIGHT, options=("--with-secrets",))
        self.assertIn(RIGHT, path.read_text())
        self.assertEqual(path.stat().st_mode & 0o077, 0)


class Clones(IntegrationTest):
    PINS = ("--pin", "PIN1=1234", "--pin", "PIN2=5678", "--pin", "ADM1=88888888")

    def clone(self, *options, env=None, ok=(0,)):
        path = self.directory / "clone.toml"
        out = self.tool([self.binary, "clone", "-o", path, *options], env, ok=ok)
        return path, out

    def test_the_clone_of_a_card_in_a_reader_answers_as_the_card(self):
        """Every SELECT and every READ that the clone's report does not name, through pcscd and vpcd."""
        _, daemon, env = self.run_in_pcscd()
        path, said = self.clone("--card", f"pcsc:{daemon.readers[0]}", *self.PINS, env=env)
        self.assertRegex(said, r"\d+ files, 3 applications, 3 PINs")
        self.assertIn("3 tries" if "tries" in said else "AUTHENTICATE", said)
        self.assertEqual(self.tool([self.binary, "apdu", "-q", "--card", f"pcsc:{daemon.readers[0]}", TRIES], env).strip(), "63C3")
        script = SUITE / "select.script"
        self.assertIn(" 0 failed", self.tool([self.binary, "test", "-q", "--card", f"sim:{path}", script]))
        served = self.tool([self.binary, "run", "--profile", path, "--", self.binary, "apdu", "-q", "--card", "pcsc", "00A40004022FE2", "00B000000A"])
        self.assertIn("98881201000000000001", served)

    def test_the_suite_on_the_clone(self):
        """Everything that needs no keys and values that remain in a card."""
        path, _ = self.clone(*self.PINS)
        secret = ("ara_m", "authenticate", "global_platform", "over_the_air", "toolkit", "pin.script")
        files = [one for one in sorted(SUITE.glob("*.script")) if not any(word in one.name for word in secret)]
        self.assertGreater(len(files), 12)
        out = self.tool([self.binary, "test", "-q", "--card", f"sim:{path}", *files], ok=None)
        self.assertRegex(out.splitlines()[-1], r"^\d{3} passed, 0 failed")

    def test_a_clone_takes_no_tries(self):
        _, env = self.run_service()
        tries = [self.binary, "apdu", "-q", "--card", "pcsc", TRIES, "00200001", "002C0001"]
        before = self.tool(tries, env)
        self.clone("--card", "pcsc", env=env)
        self.assertEqual(before, self.tool(tries, env))
        _, said = self.clone("--card", "pcsc", "--pin", "ADM1=00000000", env=env, ok=(1,))
        self.assertIn("ADM1 was not verified: 63C2", said)
        _, said = self.clone("--card", "pcsc", "--pin", "ADM1=88888888", env=env, ok=(1,))
        self.assertIn("it has 2 tries left", said)
        self.assertEqual(self.tool(tries, env).splitlines()[0], "63C2")


class Rehearsals(IntegrationTest):
    def apdu(self, *words, env=None, ok=(0,)):
        return self.tool([self.binary, "apdu", *words], env, ok=ok)

    def test_what_would_be_consumed_is_shown_and_an_emulated_card_follows(self):
        state = self.directory / "my.card"
        out = self.apdu("--state", state, "--rehearse", RIGHT, "00A40004022F05", "00D6000002" + "6672")
        self.assertIn("It would consume and change:\n  EF.PL (3F00/2F05)", out)
        out = self.apdu("--state", state, "--rehearse", WRONG)
        self.assertIn("ADM1: 3 tries, then 2", out)
        self.assertIn("63C2", self.apdu("--state", state, TRIES))

    def test_a_card_in_a_reader_is_touched_after_yes_only(self):
        _, env = self.run_service()
        change = ["--card", "pcsc", "--rehearse", "00A4040C07A0000000871002", "00A4000C026F05", "00D6000002" + "6672"]
        read = ["-q", "--card", "pcsc", "00A4040C07A0000000871002", "00A4000C026F05", "00B0000002"]
        out = self.apdu(*change, env=env, ok=(2,))
        self.assertIn("EF.LI (ADF.USIM/6F05) from byte 0: 656E -> 6672", out)
        self.assertIn("nothing was done on the card; --yes", out)
        self.assertIn("656E9000", self.apdu(*read, env=env))
        self.apdu(*change, "--yes", env=env)
        self.assertIn("66729000", self.apdu(*read, env=env))

    def test_a_suite_is_rehearsed_on_a_copy(self):
        _, env = self.run_service()
        script = self.directory / "change.script"
        script.write_text('case "a language" {\nselect EF.LI\n00D60000 ("fr")\n}\n')
        line = [self.binary, "test", "--card", "pcsc", "--rehearse", script]
        out = self.tool(line, env, ok=(2,))
        self.assertIn("EF.LI (ADF.USIM/6F05) from byte 0: 656E -> 6672", out)
        out = self.tool([*line, "--yes"], env)
        self.assertIn("1 passed, 0 failed", out)
        self.assertIn("It would consume nothing", self.tool([*line, "--yes"], env))

    def test_management_and_packets_are_rehearsed(self):
        state = self.directory / "my.card"
        out = self.tool([self.binary, "gp", "--state", state, "--rehearse", "list"])
        self.assertIn("SCP sequence counter of key version 30: 0 -> 1", out)
        send = [self.binary, "ota", "send", "--state", state, "--counters", self.directory / "counters", "--rehearse", "--tar", "usim", "00A40004026F07", "00B0000009"]
        for counter in (1, 2):
            out = self.tool(send)
            self.assertIn(f"OTA counter (CNTR) of key version 02: {counter - 1} -> {counter}", out)
            self.assertEqual(out.count(f"counter {counter}, "), 2)

    def test_nothing_dangerous_reaches_a_reader_without_confirmation(self):
        """apdu, ota and gp: refused without --yes-i-know, and the card is as before."""
        _, env = self.run_service()
        for words in (["00FE0000"], ["80D8308103010203"], ["8482330010" + "00" * 16]):
            self.assertIn("was not sent to a card in a reader", self.apdu("--card", "pcsc", *words, env=env, ok=(2,)))
        self.assertIn("63C2", self.apdu("--card", "pcsc", WRONG, env=env))
        for value in (WRONG, RIGHT):
            self.assertIn("it has 2 tries left", self.apdu("--card", "pcsc", value, env=env, ok=(2,)))
        ota = [self.binary, "ota", "send", "--card", "pcsc", "--counters", self.directory / "counters", "--tar", "usim"]
        self.assertIn("can permanently block the card", self.tool([*ota, "00E80000026F07"], env, ok=(2,)))
        self.assertIn("over the air", self.tool([*ota, RIGHT], env, ok=(2,)))
        self.assertIn("was not sent", self.tool([self.binary, "gp", "--card", "pcsc", "apdu", "80D8308103010203"], env, ok=(1,)))
        self.assertIn("63C3", self.apdu("--card", "pcsc", "--yes-i-know", RIGHT, TRIES, env=env).replace("9000", "63C3"))
