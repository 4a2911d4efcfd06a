# SPDX-License-Identifier: Apache-2.0
"""pySim's own tests that want real cards, at cards made of the backups that pySim has of them. UICCLAB_PYSIM says where pySim is (docs/clients.md)."""

import csv
import os
import pathlib
import re
import shutil

from lib.case import IntegrationTest
from test_management_clients import PYSIM, needs_pysim

# How pySim-prog's tests name the cards, and their ICCIDs; the key that its ADM is in class 00, and the number by which class A0 has it.
PROG = {
    "sysmosim-gr1": ("2222334455667788990", "0B", "05"),
    "fakemagicsim": ("1122334455667788990", None, None),
    "Wavemobile-SIM": ("89445310150011013678", "0A", None),
    "sysmoUSIM-SJS1": ("8988211320300000028", "0A", None),
    "Fairwaves-SIM": ("8988219000000117833", "0A", "11"),
    "sysmoISIM-SJA2": ("8988211000000467343", "0A", None),
    "sysmoISIM-SJA5": ("8949440000001155314", "0A", None),
}
# Files that these programs write keys to, and that no backup has: directory, line of the profile.
BY_ADM = 'expanded = "80011BA40683010A950108"'
PROPRIETARY = {
    "fakemagicsim": ("3F00", '000C = { name = "EF.entries", linear = "11 x 90", expanded = "8001039000" }\n'),
    "sysmoUSIM-SJS1": ("3F00/7F20", f"00FF = {{ size = 16, {BY_ADM} }}\n00F7 = {{ size = 17, {BY_ADM} }}\n"),
    "Fairwaves-SIM": ("3F00/7F20", f"FF01 = {{ size = 17, {BY_ADM} }}\nFF02 = {{ size = 16, {BY_ADM} }}\n"),
}
SJA5, SJA2, GR1 = "8949440000001155314", "8988211000000467343", "2222334455667788990"
# The K that pySim-shell's test of AUTHENTICATE writes to a proprietary file, and OPc of the OP beside it.
K, OPC = "56C3A6DA347AE7E43C69D37576725D81", "B54AA2ED5FB981DD3D544C1FE3E36B6F"
ARA_M = '[[applications]]\nmodule = "ara-m"\naid = "A00000015141434C00"\nin_dir = false\nparameters = { secure_channel = false }\n\n'
EUICC = "sysmoEUICC1-C2T"  # its tests want an eUICC


def replaced(text, *pairs):
    """Text with each first text, which must be there, in the place of the second."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


@needs_pysim
class PySimSuite(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.tree = self.directory / "pysim"  # the tests write beside themselves
        shutil.copytree(PYSIM, self.tree, ignore=shutil.ignore_patterns(".git"))
        # The programs begin with "env python3": Debian's, which has Debian's packages.
        self.env = {"PATH": f"/usr/bin:{os.environ['PATH']}",
                    "PYTHONPATH": os.pathsep.join([str(self.tree), os.environ.get("PYTHONPATH", "")])}

    def profile(self, iccid, backup=None):
        """The text of a profile made of the backup of a card."""
        backup = backup or next((self.tree / "tests" / "card_sanitizer").glob(f"card_backup_*_{iccid}.script"))
        path = self.directory / f"{iccid}.toml"
        self.tool([self.binary, "profile", "import", backup, "-o", path])
        text = path.read_text()
        path.unlink()
        return text

    def serve(self, profiles):
        """The profiles as cards, each in a reader of its own."""
        options = []
        for number, text in enumerate(profiles):
            path = self.directory / f"card{number}.toml"
            path.write_text(text)
            options += ["--profile", path]
        _, env = self.run_service(*options)
        self.env.update(env)

    def test_pysim_prog(self):
        tests = self.tree / "tests" / "pySim-prog_test"
        profiles = []
        for name, (iccid, key, chv) in PROG.items():
            text = self.profile(iccid)
            adm = re.search(r"(?m)^ADM(?:_HEX)?=(\S+)", (tests / f"{name}.data").read_text())
            if key:
                text = replaced(text, (f'{{ key = "{key}", value = "88888888" }}', f'{{ key = "{key}", value = "{adm.group(1)}" }}'))
            if chv:
                text = replaced(text, ("\npins = [", f'\ngsm_adm = {{ "{chv}" = "{key}" }}\npins = ['))
            if name in PROPRIETARY:
                directory, lines = PROPRIETARY[name]
                text = re.sub(rf'(?ms)(^\[files\."{directory}"\]\n(?:[a-z]\w* = [^\n]*\n)*)', lambda found, more=lines: found.group(1) + more, text)
            profiles.append(text)
        self.serve(profiles)
        said = self.tool(["sh", "-c", f"cd {tests} && bash ./pySim-prog_test.sh -n {len(PROG)}"], self.env, timeout=1800)
        self.assertEqual(said.count("Programming successful"), len(PROG), said)
        self.assertEqual(said.count("Card contents match the test data"), len(PROG), said)
        self.assertIn("All cards seen -- everything ok!", said)

    def test_pysim_shell(self):
        tests = self.tree / "tests" / "pySim-shell_test"
        config = (tests / "config.yaml").read_text()
        (tests / "config.yaml").write_text(re.sub(rf' - name : "{EUICC}"\n(?:   .*\n)*', "", config))
        with open(tests / "card_data.csv", newline="") as file:
            data = {row["iccid"]: row for row in csv.DictReader(file)}
        # What the tests expect of an export is a backup too, of the SJA5 as it was then.
        atr = re.search(r'SJA5-S17"\n *atr : "(\w+)"', config).group(1)
        newer = self.directory / f"card_backup_{atr}_{SJA5}.script"
        shutil.copy(tests / "export" / "export.script.ok", newer)
        profiles = []
        for iccid, backup in ((SJA5, newer), (SJA2, None)):
            row = data[iccid]
            keys = "".join(f'keys.70.{name} = "{row[f"SCP02_{name.upper()}_1"]}"\n' for name in ("dek", "enc", "mac"))
            text = replaced(self.profile(iccid, backup),
                            ('value = "0000", puk = "00000000"', f'value = "{row["pin1"]}", puk = "{row["puk1"]}"'),
                            ('{ key = "0A", value = "88888888" }', f'{{ key = "0A", value = "{row["adm1"]}" }}'),
                            ("\npins = [", "\nversion_70_opens_sessions = true\nany_pin_value = true\n\npins = ["),
                            ('\n[files."3F00"]', f'\n{ARA_M}[files."3F00"]'))
            text = re.sub(r"(?m)^k = .*", f'k = "{K}"', text)
            text = re.sub(r"(?m)^opc = .*", f'opc = "{OPC}"', text)
            text = re.sub(r"(keys\.30\.\w+ = .*\n)+", f'iin = "0102030405"\nscp02 = 0x55\nkeys.70.type = "des"\n{keys}', text)
            profiles.append(text)
        profiles.append(self.profile(GR1))
        self.serve(profiles)
        said = self.tool(["sh", "-c", f"cd {self.tree} && python3 -m unittest discover -v -s ./tests/pySim-shell_test/"], self.env, ok=None,
                         timeout=1800)
        ran = int(re.search(r"(?m)^Ran (\d+) tests", said).group(1))
        failures = re.findall(r"(?ms)^={70}\n((?:ERROR|FAIL): .*?)(?=^={70}$|^-{70}\nRan )", said)
        of_cards = [text for text in failures if EUICC not in text]
        self.assertEqual(of_cards, [])
        self.assertGreaterEqual(ran - len(failures), 30, said[-3000:])
