# SPDX-License-Identifier: Apache-2.0
"""uicclab test: the scripts of tests/script in process, through our PC/SC service and through pcscd; reports; scripts of other tools."""

import json
import pathlib
import re
import shutil
import subprocess

from lib.case import IntegrationTest, needs

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
SUITE = TOP / "tests" / "script"
AT_LEAST = 300  # cases


class Scripts(IntegrationTest):
    def suite(self, *options, env=None, ok=(0,)):
        """Runs the suite; what became of each case, with the status words of its commands."""
        out = self.directory / "results.json"
        self.tool([self.binary, "test", "-q", "--json", out, *options, SUITE], env, ok=ok, timeout=300)
        cases = json.loads(out.read_text())["cases"]
        return [(case["file"], case["name"], case["result"], [one["sw"] for one in case["exchanges"]]) for case in cases]

    def test_the_suite_passes_with_one_job_and_with_two(self):
        one = self.suite()
        self.assertGreaterEqual(len(one), AT_LEAST)
        self.assertEqual({result for _, _, result, _ in one}, {"passed"})
        self.assertEqual(one, self.suite("-j", "2"))
        self.assertEqual(one, self.suite("-j", "7", "--seed", "5"))

    def test_our_pcsc_service_gives_the_same(self):
        _, env = self.run_service("--fresh")
        self.assertEqual(self.suite(), self.suite("--card", "pcsc", "--fresh", "--yes-i-know", env=env))

    def test_pcscd_with_vpcd_gives_the_same(self):
        _, daemon, env = self.run_in_pcscd("--fresh")
        got = self.suite("--card", f"pcsc:{daemon.readers[0]}", "--fresh", "--yes-i-know", env=env)
        self.assertEqual(self.suite(), got)

    def test_nothing_dangerous_happens_to_a_card_in_a_reader(self):
        """Without --yes-i-know a command that can permanently block the card is skipped, and its counters are as before."""
        process, env = self.run_service()
        tries = [self.binary, "apdu", "-q", "--card", "pcsc", "0020000A", "002C0001"]
        before = self.tool(tries, env)
        script = self.directory / "bad.script"
        script.write_text(
            'case "terminate" {\n00FE0000\n}\n'
            'case "wrong ADM1" {\nverify ADM1 "00000000" -> 63C2\nverify ADM1 "00000000" -> 63C1\n}\n'
            'case "wrong again" {\nverify ADM1 "88888888"\n}\n'
            'case "wrong keys" {\n84823300 (0000000000000000 0000000000000000) -> 6985\n}\n'
            'case "put key" {\n80D83081 (30) -> 6982\n}\n'
        )
        out = self.tool([self.binary, "test", "--card", "pcsc", script], env)
        self.assertIn("0 passed, 0 failed, 5 skipped", out)
        self.assertEqual(out.count("--yes-i-know"), 5)
        self.assertIn("TERMINATE CARD USAGE was not sent", out)
        self.assertEqual(before.splitlines()[0], "63C3")
        # One try was taken before the card said that the value is wrong; it is not tried again.
        self.assertEqual(self.tool(tries, env).splitlines(), ["63C2", before.splitlines()[1]])

    def test_restored_files(self):
        """--restore: what a case changes in a card that cannot be copied is put back; other changes are skipped."""
        _, env = self.run_service()
        fresh = {name: result for file, name, result, _ in self.suite("--filter", "binary.script")}
        for _ in range(2):
            kept = self.suite("--card", "pcsc", "--restore", "--filter", "binary.script", env=env)
            ran = {name: result for _, name, result, _ in kept if result != "skipped"}
            self.assertEqual(ran, {name: fresh[name] for name in ran})
            self.assertGreater(len(ran), len(fresh) - 5)
        skipped = self.suite("--card", "pcsc", "--restore", "--filter", "increase.script", env=env)
        self.assertIn("skipped", {result for _, _, result, _ in skipped})
        self.assertIn("--fresh and --restore are", self.tool([self.binary, "test", "--restore", SUITE], ok=(2,)))

    @needs("xmllint")
    def test_results_show_no_pin_and_no_key(self):
        pin, key = "97531864", "CAFEBABE00112233445566778899AABB"
        script = self.directory / "secrets.script"
        script.write_text(f"""case "in digits" {{
  0020000108 {pin.encode().hex()} -> 9000
}}
case "as a text" {{
  00200001 ("{pin}") -> 9000
}}
case "by a variable" {{
  verify PIN1 -> 9000
}}
case "changed" {{
  0024000110 31323334FFFFFFFF {" ".join(re.findall("..", pin.encode().hex()))} -> 9000
}}
case "a key" {{
  80D8008116 318810{key}03ABCDEF -> 9000
}}
""")
        reports = {form: self.directory / form for form in ("tap", "junit", "json")}
        options = [word for form, path in reports.items() for word in (f"--{form}", path)]
        run = [self.binary, "test", "-v", "--set", f"PIN1={pin}", *options, script]

        def forms():
            return {"text": self.tool(run, ok=(1,)), **{form: path.read_text() for form, path in reports.items()}}

        secrets = (pin, pin.encode().hex(), " ".join(re.findall("..", pin.encode().hex())), key)
        for form, text in forms().items():
            for secret in secrets:
                self.assertNotIn(secret.lower(), text.lower(), form)
            self.assertIn("***", text, form)
        self.assertIn("00200001082A2A2A2A2A2A2A2A", reports["json"].read_text())
        run.insert(2, "--show-secrets")
        for form, text in forms().items():
            self.assertIn(pin.encode().hex(), text, form)

    def test_junit_fits_its_schema(self):
        bad = self.directory / "bad.script"
        bad.write_text(
            'case "fails & <says> \\"so\\"" {\n00A40004 (6FFF) -> 9000\n}\ncase "error" {\n00B0 $nothing\n}\n'
            'case "skipped" skip "later" {\n}\n'
        )
        xml = self.directory / "results.xml"
        self.tool([self.binary, "test", "-q", "--junit", xml, SUITE, bad], ok=(1,))
        self.tool(["xmllint", "--noout", "--schema", TOP / "tests/integration/junit.xsd", xml])
        text = xml.read_text()
        self.assertIn('failures="1" errors="1" skipped="1"', text)
        self.assertIn("fails &amp; &lt;says&gt; &quot;so&quot;", text)

    def test_a_stopped_service_is_reported(self):
        process, env = self.run_service()
        process.stop()
        out = self.tool([self.binary, "test", "--card", "pcsc", SUITE / "status.script"], env, ok=(3,))
        self.assertIn("no PC/SC service is running", out)

    def removed_in_the_middle(self, env, reader, remove):
        """What a run says when the card goes away while it is at it."""
        xml = self.directory / "results.xml"
        running = self.start(
            [self.binary, "test", "--fail-fast", "--repeat", "20000", "--junit", xml, "--card", f"pcsc:{reader}", SUITE / "status.script"], env
        )
        running.wait_output("  ok  ")
        remove()
        self.assertEqual(running.wait(), 1)
        self.assert_junit(xml, errors=1)
        return next(line for line in running.output().splitlines() if "status.script:" in line)

    def assert_junit(self, xml, errors):
        """The results are complete, whatever ended the run: they fit the schema, and give the number of cases that could not be completed."""
        if shutil.which("xmllint"):
            self.tool(["xmllint", "--noout", "--schema", TOP / "tests/integration/junit.xsd", xml])
        self.assertIn(f'failures="0" errors="{errors}"', xml.read_text())

    def test_a_removed_reader_is_reported(self):
        process, env = self.run_service()
        said = self.removed_in_the_middle(env, "uicclab", process.stop)
        self.assertRegex(said, "the reader was unplugged|PC/SC service has stopped|connection to the PC/SC service broke|no PC/SC service")

    def test_a_removed_card_is_reported(self):
        process, daemon, env = self.run_in_pcscd()
        said = self.removed_in_the_middle(env, daemon.readers[0], process.stop)
        self.assertRegex(said, "the card was removed|there is no card in the reader|failed in the middle of the command|got no power|does not answer a reset")

    def test_a_protocol_that_the_card_does_not_support_is_reported(self):
        profile = self.directory / "t0.toml"
        text = self.tool([self.binary, "profile", "show"])
        profile.write_text(re.sub(r'(?m)^atr = ".*"', 'atr = "3B 00"', text))
        _, env = self.run_service("--profile", profile)
        script = self.directory / "t1.script"
        script.write_text('case "T=1" {\nreset\nprotocol T=1\n}\n')
        out = self.tool([self.binary, "test", "--card", "pcsc", script], env, ok=(1,))
        self.assertIn("does not offer", out)

    def test_a_wrong_protocol_in_the_middle_of_a_suite_is_reported(self):
        """The cases before and after it run; the card in the vpcd speaks T=0 only."""
        profile = self.directory / "t0.toml"
        text = self.tool([self.binary, "profile", "show"])
        profile.write_text(re.sub(r'(?m)^atr = ".*"', 'atr = "3B 00"', text))
        _, daemon, env = self.run_in_pcscd("--profile", profile)
        script = self.directory / "protocols.script"
        script.write_text('case "before" {\nselect MF\n}\ncase "T=1" {\nreset\nprotocol T=1\nselect MF\n}\ncase "after" {\nselect MF\n}\n')
        xml = self.directory / "results.xml"
        out = self.tool([self.binary, "test", "--junit", xml, "--card", f"pcsc:{daemon.readers[0]}", script], env, ok=(1,))
        self.assertIn("does not offer", out)
        self.assertIn("2 passed", out)
        self.assert_junit(xml, errors=1)

    def test_a_wrong_script_says_where(self):
        script = self.directory / "wrong.script"
        script.write_text('case "a" {\n  00A4 -> 900\n}\n')
        out = self.tool([self.binary, "test", script], ok=(2,))
        self.assertIn("wrong.script:2:11: '900' is not a status word", out)

    def test_a_trace_is_a_script(self):
        for kind in ("text", "json"):
            done = subprocess.run(
                [str(self.binary), "apdu", "-q", "--trace", kind, "00A40004022FE2", "00B000000A"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            recorded = self.directory / f"recorded.{kind}"
            recorded.write_text(done.stderr)
            self.assertIn("1 passed, 0 failed", self.tool([self.binary, "test", recorded]))
            recorded.write_text(done.stderr.replace("98881201000000000001", "98881201000000000002"))
            self.assertIn("0 passed, 1 failed", self.tool([self.binary, "test", recorded], ok=(1,)))

    @needs("scriptor")
    def test_scriptors_files_run_as_in_scriptor(self):
        script = self.directory / "example"
        script.write_text("# reset the card\nreset\nA0 A4 00 00 02 3F 00\nA0 C0 00 00 16\n00 a4 00 04 02 2f e2\n00 B0 00 00 0A\n")
        _, env = self.run_service()
        theirs = self.tool(["scriptor", script], env)
        ours = self.tool([self.binary, "test", "-v", script])
        self.assertIn("1 passed", ours)
        answers = [line.split("<")[1].split(":")[0].strip().removesuffix(" :") for line in theirs.splitlines() if line.startswith("<")]
        answers = ["".join(answer.split()) for answer in answers]
        self.assertGreaterEqual(len(answers), 4)
        got = "".join(line.split("<")[1].split("  ")[0].replace(" ", "") + "\n" for line in ours.splitlines() if "  < " in line)
        for answer in answers[-4:]:
            self.assertIn(answer, got)
