"""Files of a card from the command line and in the shell: uicclab fs, uicclab shell."""

import json
import subprocess

from lib.case import IntegrationTest


class Files(IntegrationTest):
    def uicclab(self, *words, code=0, stdin=""):
        done = subprocess.run([str(self.binary), *map(str, words)], input=stdin, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stdout + done.stderr

    def test_cat_tells_what_a_file_says(self):
        self.assertEqual(self.uicclab("fs", "cat", "EF.IMSI", "--pin", "PIN1=1234"), "imsi  001010000000001\n")
        self.assertEqual(json.loads(self.uicclab("fs", "cat", "7FFF/6F07", "--json", "--pin", "PIN1=1234")), {"imsi": "001010000000001"})
        self.assertEqual(self.uicclab("fs", "cat", "MF/2FE2", "--raw"), "98881201000000000001\n")
        rule = json.loads(self.uicclab("fs", "cat", "MF/2F06", "--record", "2", "--json"))
        self.assertIn({"access": ["read"], "condition": "PIN1"}, rule["rules"])
        self.assertRegex(self.uicclab("fs", "cat", "EF.IMSI", "--info", "--pin", "PIN1=1234"), "read +PIN1")

    def test_lists_say_structure_and_access(self):
        out = self.uicclab("fs", "ls", "MF", "--long")
        self.assertIn("2FE2 EF.ICCID", out)
        self.assertIn("read always", out)
        files = json.loads(self.uicclab("fs", "ls", "ADF.USIM", "--json"))
        self.assertIn("ADF.USIM/6F07", [one["path"] for one in files])
        self.assertIn("EF.SUCI_Calc_Info", self.uicclab("fs", "tree", "ADF.USIM"))

    def test_what_is_written_by_field_is_read_again(self):
        state = self.directory / "card.db"
        adm = ("--pin", "ADM1=88888888", "--pin", "PIN1=1234", "--state", state)
        out = self.uicclab("fs", "write", "EF.IMSI", "--set", "imsi=001010123456789", *adm)
        self.assertIn("imsi: 001010000000001 -> 001010123456789", out)
        self.assertEqual(json.loads(self.uicclab("fs", "cat", "EF.IMSI", "--json", *adm))["imsi"], "001010123456789")
        record = {"name": "Bob", "number": "+4917"}
        self.uicclab("fs", "write", "DF.TELECOM/EF.ADN", "--record", "3", "--value", json.dumps(record), *adm)
        self.assertEqual(json.loads(self.uicclab("fs", "cat", "DF.TELECOM/EF.ADN", "--record", "3", "--json", *adm)), record)
        self.assertIn("digits", self.uicclab("fs", "write", "EF.IMSI", "--set", "imsi=1", *adm, code=2))
        self.assertIn("no such field", self.uicclab("fs", "write", "EF.IMSI", "--set", "imei=1", *adm, code=2))

    def test_a_pin_is_not_risked(self):
        state = self.directory / "card.db"
        self.assertIn("update wants ADM1, which has", self.uicclab("fs", "write", "EF.IMSI", "080910100000000020", "--state", state, code=1))
        self.assertIn("tries are left", self.uicclab("fs", "cat", "EF.IMSI", "--pin", "ADM1=00000000", "--state", state, code=4))
        self.assertIn("nothing was sent", self.uicclab("fs", "cat", "EF.IMSI", "--pin", "ADM1=88888888", "--state", state, code=1))

    def test_differences_are_told_by_field(self):
        before, after, state = self.directory / "a.json", self.directory / "b.json", self.directory / "card.db"
        pins = ("--pin", "PIN1=1234", "--pin", "ADM1=88888888", "--state", state)
        self.uicclab("fs", "export", "-o", before, *pins)
        self.uicclab("fs", "write", "EF.SPN", "--set", "name=Other", *pins)
        self.uicclab("fs", "export", "-o", after, *pins)
        self.assertEqual(self.uicclab("fs", "diff", before, before), "")
        out = self.uicclab("fs", "diff", before, after, code=1)
        self.assertIn("EF.SPN (ADF.USIM/6F46)", out)
        self.assertIn("-> Other", out)
        files = json.loads(before.read_text())["files"]
        errors = [one["path"] for one in files for value in [one.get("value"), *one.get("records", [])] if value and "error" in value]
        self.assertEqual(errors, [], "the codecs read every file of the built-in card")


