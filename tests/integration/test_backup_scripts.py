# SPDX-License-Identifier: Apache-2.0
"""Backups of cards that pySim-shell's command export wrote, imported as cards: each file answers as the card did. The seven that pySim's own tests
have are read if UICCLAB_PYSIM says where pySim is."""

import os
import pathlib
import re
import subprocess

from lib.case import IntegrationTest

# A UICC with a USIM, an ADM that only a rule names, an EF_ARR, a file that could not be read, and what export writes beside.
UICC = """\
# directory: MF (3f00)
# RAW FCP Template: 62278202782183023f00a50a80017183027fff8701018a01058b032f0602c60990014083010183010a
select MF
# MF(3f00) has no exportable contents
# directory: MF/EF.DIR (3f00/2f00)
# RAW FCP Template: 621a8205422100200183022f008a01058b032f0601800200208801f0
select MF/EF.DIR
update_record 1 61184f10a0000000871002ffffffff890709000050045553494dffffffffffff
# directory: MF/EF.ARR (3f00/2f06)
# RAW FCP Template: 621a8205422100180383022f068a01058b032f060180020048880130
select MF/EF.ARR
update_record 1 8001019000800102a40683010b950108ffffffffffffffff
update_record 2 8001019000ffffffffffffffffffffffffffffffffffffff
update_record 3 800101a406830101950108ffffffffffffffffffffffffff
# directory: MF/EF.ICCID (3f00/2fe2)
# structure: transparent
# RAW FCP Template: 62178202412183022fe28a01058b032f06018002000a880110
select MF/EF.ICCID
update_binary 98881201000000000001
# directory: MF/EF.PL (3f00/2f05)
# bad file: MF/EF.PL/EF.PL, SW match failed! Expected 9000 and got 6a82: Wrong parameters - File not found
# directory: MF/ADF.USIM (3f00/a0000000871002)
# RAW FCP Template: 622e820278218410a0000000871002ffffffff8907090000a5038001718a01058b032f0602c60990014083010183010a
select MF/ADF.USIM
# directory: MF/ADF.USIM/EF.IMSI (3f00/a0000000871002/6f07)
# RAW FCP Template: 62178202412183026f078a01058b032f060380020009880138
select MF/ADF.USIM/EF.IMSI
update_binary 080910100000000010
# directory: MF/ADF.USIM/EF.Keys (3f00/a0000000871002/6f08)
# RAW FCP Template: 62178202412183026f088a01058b032f060380020021880140
select MF/ADF.USIM/EF.Keys
# bad file: MF/ADF.USIM/EF.Keys/EF.Keys, SW match failed! Expected 9000 and got 6982: Command not allowed
aram_delete_all
"""

# The answers to SELECT of a SIM (3GPP TS 51.011 clause 9.2.1) in the place of FCPs.
SIM = """\
# directory: MF (3f00)
# RAW FCP Template: 0000125c3f000100000000000a9303020c00838a838a00
select MF
# directory: MF/EF.ICCID (3f00/2fe2)
# RAW FCP Template: 0000000a2fe2040005ff5501020000
select MF/EF.ICCID
update_binary 98881201000000000001
# directory: MF/DF.TELECOM (3f00/7f10)
# RAW FCP Template: 000002f27f100200000000000a93000a0c00838a838a00
select MF/DF.TELECOM
# directory: MF/DF.TELECOM/EF.ADN (3f00/7f10/6f3a)
# RAW FCP Template: 0000003e6f3a040011f0220102011f
select MF/DF.TELECOM/EF.ADN
update_record 1 426f62ffffffffffffffffffffffffffff0791947110325476ffffffffffff
update_record 2 ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
"""


class BackupScripts(IntegrationTest):
    def uicclab(self, *words, stdin="", code=0):
        done = subprocess.run([str(self.binary), *map(str, words)], input=stdin, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stdout + done.stderr

    def write(self, text, name="card_backup_3b9f96801fc78031a073be21136744220610000001a9_8988.script"):
        path = self.directory / name
        path.write_text(text)
        return path

    def answers(self, card, commands):
        out = self.uicclab("apdu", "-q", "--card", f"sim:{card}", "-", stdin="\n".join(commands) + "\n")
        return [line.strip() for line in out.splitlines()]

    def test_a_uicc_answers_as_it_did(self):
        card = self.write(UICC)
        self.assertEqual(self.answers(card, ["00A40004022FE2", "00B000000A"])[-1], "988812010000000000019000")
        self.assertEqual(self.answers(card, ["00A4040410A0000000871002FFFFFFFF8907090000", "002000010830303030FFFFFFFF", "00A40804047FFF6F07", "00B0000009"])[-1],
                         "0809101000000000109000")
        # Directories tell of themselves what the card told: 80, 83 of two bytes, 87 of the MF; 80 alone of the ADF.
        for select, path in (("00A40004023F00", "MF (3f00)"), ("00A4040410A0000000871002FFFFFFFF8907090000", "MF/ADF.USIM (")):
            fcp = UICC.split(f"# directory: {path}")[1].split("Template: ")[1].split()[0].upper()
            self.assertEqual(self.answers(card, [select])[-1], fcp + "9000")
        # ADM2 stands in a rule alone: it can be given, and lets the file be written.
        self.assertEqual(self.answers(card, ["0020000B083838383838383838", "00A40004022FE2", "00D600000A98881201000000000002"])[-2:],
                         ["62178202412183022FE28A01058B032F06018002000A8801109000", "9000"])
        toml = self.directory / "card.toml"
        done = subprocess.run([str(self.binary), "profile", "import", str(card), "-o", str(toml)], capture_output=True, text=True, timeout=60)
        self.assertIn("aram_delete_all", done.stderr)
        self.assertNotIn("made up", done.stderr)
        self.assertIn("3B9F96801FC78031A073BE21136744220610000001A9", toml.read_text().upper().replace(" ", ""))
        self.assertEqual(self.answers(toml, ["00A40004022FE2", "00B000000A"])[-1], "988812010000000000019000")

    def test_a_sim_supports_only_class_a0(self):
        card = self.write(SIM)
        self.assertEqual(self.answers(card, ["A0A40000022FE2", "A0B000000A"])[-1], "988812010000000000019000")
        self.assertEqual(self.answers(card, ["A0A40000027F10", "A0A40000026F3A", "A020000108" "30303030FFFFFFFF", "A0B201041F"])[-1],
                         "426F62FFFFFFFFFFFFFFFFFFFFFFFFFFFF0791947110325476FFFFFFFFFFFF9000")
        self.assertEqual(self.answers(card, ["00A40004022FE2"])[-1], "6E00")

    def test_an_invalid_backup_is_refused_with_its_line(self):
        for text, told in (("select MF\nupdate_binary 12\n", "RAW FCP Template"), ("select MF\nupdate_binary xy\n", ":2: the content must be hexadecimal"),
                           ("select MF\nupdate_record 0 12\n", "from 1 to 254"), ("select MF\nupdate_record 9999999999999999999 12\n", "from 1 to 254"),
                           ("# RAW FCP Template: 0102\nselect MF\n", ":1: the file control parameters"), ("select MF\n", "the MF is missing")):
            self.assertIn(told, self.uicclab("profile", "check", self.write(text, "backup.script"), code=1))

    def test_the_seven_backups_of_pysim(self):
        place = os.environ.get("UICCLAB_PYSIM")
        scripts = sorted(pathlib.Path(place).glob("tests/card_sanitizer/*.script")) if place else []
        if not scripts:
            self.skipTest("UICCLAB_PYSIM does not say where pySim is")
        for script in scripts:
            with self.subTest(script.name):
                commands = self.reading_of(script.read_text())
                self.assertGreater(sum(wanted is not None for _, _, wanted in commands), 100)
                got = self.answers(script, [command for command, _, _ in commands])
                self.assertEqual(len(got), len(commands))
                other = [f"{name}: {line}" for (_, name, wanted), line in zip(commands, got) if wanted is not None and line != wanted.upper() + "9000"]
                self.assertEqual(other, [])

    def reading_of(self, text):
        """Commands that read all of it, each with the name of the file, and the content where one is read; an FCP of a UICC is one."""
        sim = "# RAW FCP Template: 62" not in text
        cla = "A0" if sim else "00"
        pins = [f"{cla}2000{key}08{value}" for key, value in (("01", "30303030FFFFFFFF"), ("0A", "3838383838383838"), ("0B", "3838383838383838"))]
        commands, aids = [(command, "PIN", None) for command in pins], {}
        for part in text.split("# directory: ")[1:]:
            names, fids = re.match(r"(\S+) \((\S+)\)", part).groups()
            fcp = re.search(r"RAW FCP Template: ([0-9a-f]+)", part)
            if fcp is None:
                continue
            if fcp.group(1).startswith("6f"):  # an application without files; that of the issuer's domain is kept
                aid = re.search(r"8408([0-9a-f]{16})", fcp.group(1))
                if "ADF.ISD" in names and aid:
                    commands.append((f"00A4040408{aid.group(1)}00", names, fcp.group(1)))
                continue
            name = re.search(r"8410([0-9a-f]{32})|840c([0-9a-f]{24})", fcp.group(1))
            if "ADF." in names.split("/")[-1] and name:
                aids[names] = name.group(1) or name.group(2)
            below = fids.split("/")[1:]
            if sim:
                select = [f"A0A4000002{fid}" for fid in ["3f00", *below]]
            else:
                application = "/".join(names.split("/")[:2])
                select = []
                if application in aids:
                    select.append(f"00A40404{len(aids[application]) // 2:02X}{aids[application]}")
                    below = ["7fff", *below[1:]]
                if below and below != ["7fff"]:
                    select.append(f"00A40804{2 * len(below):02X}{''.join(below)}")
                if not select:
                    select.append("00A40004023F00")
            commands += [(command, names, None) for command in select[:-1]]
            commands.append((select[-1], names, None if sim else fcp.group(1)))
            binary = re.search(r"^update_binary (\S+)", part, re.M)
            if binary:
                content = binary.group(1)
                for at in range(0, len(content) // 2, 255):
                    piece = content[2 * at:2 * at + 510]
                    commands.append((f"{cla}B0{at:04X}{len(piece) // 2:02X}", names, piece))
            for number, content in re.findall(r"^update_record (\d+) (\S+)", part, re.M):
                commands.append((f"{cla}B2{int(number):02X}04{len(content) // 2:02X}", f"{names} record {number}", content))
        return commands
