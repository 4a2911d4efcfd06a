# SPDX-License-Identifier: Apache-2.0
"""Files of a card from the command line and in the shell: uicclab fs, uicclab shell."""

import json
import os
import pty
import select
import subprocess
import time

from lib.case import IntegrationTest


class Files(IntegrationTest):
    def uicclab(self, *words, code=0, stdin=""):
        done = subprocess.run([str(self.binary), *map(str, words)], input=stdin, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stdout + done.stderr

    def test_cat_shows_the_content_of_a_file(self):
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

    def test_the_objects_of_a_ber_tlv_file_are_read(self):
        # ETSI TS 102 221 clause 11.3.1.2: the data of RETRIEVE DATA is the tag alone.
        state = ("--state", self.directory / "card.db")
        self.uicclab("apdu", *state, "0020000A083838383838383838", "00A4080C067F105F3D4F02", "80DB0080048002AABB", "--expect", "9000")
        self.assertEqual(self.uicclab("fs", "cat", "EF.MCS_CONFIG", "--raw", *state).strip(), "8002AABB")

    def test_names_and_messages_are_texts(self):
        # ETSI TS 102 221 annex A: the shortest form; 3GPP TS 23.038: the text of a short message.
        state = ("--state", self.directory / "card.db")
        adm = ("--pin", "ADM1=88888888", *state)
        self.uicclab("fs", "write", "EF.SPN", "--set", "name=Привет мир", *adm)
        self.assertEqual(self.uicclab("fs", "cat", "EF.SPN", "--raw", *state).strip(), "00810A089FC0B8B2B5C220BCB8C0FFFFFF")
        self.uicclab("fs", "write", "EF.SPN", "0180041C04380440FFFFFFFFFFFFFFFFFF", *adm)  # the same in a longer form can be changed by field
        self.uicclab("fs", "write", "EF.SPN", "--value", '{"display":[],"name":"Мир"}', *adm)
        self.uicclab("fs", "write", "EF.SPN", "0180041C04380440FFFFFFFFFFFFFFFFFF", *adm)
        self.uicclab("fs", "write", "EF.SPN", "--set", 'display=["hide elsewhere"]', *adm)
        self.assertEqual(self.uicclab("fs", "cat", "EF.SPN", "--raw", *state).strip(), "028103089CB8C0FFFFFFFFFFFFFFFFFFFF")
        message = {"status": "received, to be read", "service_centre": "+4917",
                   "deliver": {"from": "Bank", "time": "62112160410200", "pid": "00", "dcs": "00", "text": "Hello {you}"}}
        self.uicclab("fs", "write", "EF.SMS", "-r", "1", "--value", json.dumps(message), *state)
        self.assertEqual(json.loads(self.uicclab("fs", "cat", "EF.SMS", "-r", "1", "--json", *state)), message)
        self.uicclab("fs", "write", "EF.SMS", "-r", "1", "--set", "deliver.dcs=08", "--set", "deliver.text=Привет", *state)
        self.assertIn("Привет", self.uicclab("fs", "cat", "EF.SMS", "-r", "1", *state))
        self.assertIn("not in the GSM alphabet", self.uicclab("fs", "write", "EF.SMS", "-r", "1", "--set", "deliver.dcs=00", *state, code=2))

    def test_a_pin_is_not_risked(self):
        state = self.directory / "card.db"
        self.assertIn("update needs ADM1: --pin ADM1=VALUE (3 tries left)", self.uicclab("fs", "write", "EF.IMSI", "080910100000000020", "--state", state, code=1))
        self.assertIn("tries are left", self.uicclab("fs", "cat", "EF.IMSI", "--pin", "ADM1=00000000", "--state", state, code=4))
        self.assertIn("nothing was sent", self.uicclab("fs", "cat", "EF.IMSI", "--pin", "ADM1=88888888", "--state", state, code=1))

    def test_what_a_local_key_guards_is_written(self):
        # ETSI TS 102 221 clauses 8.5.1 and 9.4.2: selecting the application again ends its session, and what was verified for it.
        state = ("--state", self.directory / "card.db")
        self.uicclab("fs", "write", "EF.FDN", "-r", "1", "--set", "name=Bob", "--set", "number=112", "--pin", "PIN2=5678", *state)
        self.uicclab("fs", "write", "DF.TELECOM/EF.FDN", "-r", "1", "--value", '{"name":"Eve","number":"113"}', "--pin", "PIN2=5678", *state)
        self.assertIn("Bob", self.uicclab("fs", "cat", "EF.FDN", *state))
        self.assertIn("Eve", self.uicclab("fs", "cat", "DF.TELECOM/EF.FDN", *state))
        self.assertIn("ADF.ISIM/PIN2", self.uicclab("fs", "cat", "EF.FDN", "--pin", "PIN9=1", code=2))
        told = self.uicclab("fs", "cat", "EF.FDN", "--pin", "ADF.ISIM/PIN2=5678", "--trace", "text")  # one that the card does not have
        self.assertNotIn("VERIFY value", told)

    def test_a_hint_does_not_advise_what_was_given(self):
        full = ("EF.FDN", "FF" * 14 + "03A1" + "FF" * 12, "--record", "1")
        told = self.uicclab("fs", "write", *full, code=1)
        self.assertIn("update needs PIN2: --pin PIN2=VALUE (3 tries left)", told)
        profile = self.directory / "card.toml"  # a rule that asks for two keys, and one that any key of two satisfies
        two = "800102 AF10 A406830181950108 A40683010A950108"
        either = "800102 A010 A406830181950108 A40683010B950108"
        rule = "800102 A406830181950108 800158 A40683010A950108 8401D4 A40683010A950108"
        text = self.uicclab("profile", "show")
        card = ("--card", f"sim:{profile}")
        self.assertIn(rule, text)
        profile.write_text(text.replace(rule, two))
        self.assertIn("--pin PIN2=VALUE (3 tries left) and --pin ADM1=VALUE (3 tries left)", self.uicclab("fs", "write", *full, *card, code=1))
        told = self.uicclab("fs", "write", *full, *card, "--pin", "PIN2=5678", code=1)
        self.assertIn("--pin ADM1=VALUE", told)
        self.assertNotIn("--pin PIN2", told)
        profile.write_text(text.replace(rule, either))
        told = self.uicclab("fs", "write", *full, *card, code=1)
        self.assertIn("--pin PIN2=VALUE (3 tries left)", told)
        self.uicclab("fs", "write", *full, *card, "--pin", "PIN2=5678")

    def test_what_is_mistyped_gets_the_names_that_there_are(self):
        self.assertIn("did you mean EF.IMSI?", self.tool([self.binary, "fs", "cat", "EF.IMIS"], ok=(1,)))
        self.assertIn("fs tree", self.tool([self.binary, "fs", "cat", "EF.Nothing"], ok=(1,)))
        told = self.tool([self.binary, "fs", "write", "EF.SPN", "--set", "nme=x", "--pin", "ADM1=88888888"], ok=(1, 2))
        self.assertRegex(told, r"nme: no such field; the fields are: .*name")
        self.assertIn("--control", self.tool([self.binary, "ctl", "status"], {"PCSCLITE_CSOCK_NAME": str(self.directory / "none")}, ok=(3,)))
        told = self.tool([self.binary, "gp", "list", "--key-hex", "00112233445566778899AABBCCDDEEFF"], ok=(4,))
        self.assertIn("(--keys default)", told)

    def test_phonebook_files_are_what_their_reference_file_says(self):
        # 3GPP TS 31.102 clause 4.4.2.1. Other cards have EXT1, CCP1, GAS, AAS, GRP and IAP under these identifiers.
        listed = dict(line.split()[:2] for line in self.uicclab("fs", "ls", "DF.PHONEBOOK").splitlines())
        self.assertEqual({fid: listed[fid] for fid in ("4F3A", "4F3D", "4F4B", "4F4C", "4F4D", "4F51")},
                         {"4F3A": "EF.ADN", "4F3D": "EF.CCP1", "4F4B": "EF.AAS", "4F4C": "EF.GRP", "4F4D": "EF.GAS", "4F51": "EF.EMAIL"})
        state = ("--state", self.directory / "card.db")
        entry = {"name": "Bob", "number": "+4917"}
        self.uicclab("fs", "write", "DF.PHONEBOOK/EF.ADN", "-r", "1", "--value", json.dumps(entry), *state)
        mail = {"address": "bob@example.org", "adn_sfi": 10, "adn_record": 1}
        self.uicclab("fs", "write", "ADF.USIM/5F3A/4F14", "-r", "2", "--value", json.dumps(mail), *state)
        self.assertEqual(json.loads(self.uicclab("fs", "cat", "ADF.USIM/5F3A/4F3A", "-r", "1", "--json", *state)), entry)
        self.assertEqual(json.loads(self.uicclab("fs", "cat", "ADF.USIM/5F3A/4F14", "-r", "2", "--json", *state)), mail)
        export = json.loads(self.uicclab("fs", "export", "DF.PHONEBOOK", *state))["files"]
        self.assertEqual([one["records"][0] for one in export if one["name"] == "EF.ADN"], [entry])
        # A card that has them elsewhere: EF_ADN is 4F01, and 4F3A something that no file of the phonebook is.
        profile = self.directory / "card.toml"
        text = self.uicclab("profile", "show").replace('"A823C0034F3A0A', '"A823C0034F010A')
        profile.write_text(text.replace('4F3A = { name = "EF.ADN", linear = "50 x 28", sfi = 10', '4F01 = { name = "EF.ADN", linear = "50 x 28", sfi = 10'))
        card = ("--card", f"sim:{profile}")
        self.assertIn("4F01 EF.ADN", self.uicclab("fs", "ls", "DF.TELECOM/DF.PHONEBOOK", *card))
        self.assertIn("EF.ADN (3F00/7F10/5F3A/4F01)",
                      self.uicclab("fs", "write", "DF.TELECOM/DF.PHONEBOOK/EF.ADN", "-r", "1", "--value", json.dumps(entry), "--dry-run", *card))

    def test_differences_are_reported_by_field(self):
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


class Shell(IntegrationTest):
    def test_commands_of_a_script_go_on_after_an_error(self):
        lines = ["cd ADF.USIM", "pwd", "nonsense", "cat EF.Nothing", "verify ADM1 88888888", "cat EF.IMSI", "pins", "help cat", "apdu 00B0000001", "gp info", "exit",
                 "pwd"]
        done = subprocess.run([str(self.binary), "shell", *[word for line in lines for word in ("--command", line)]], capture_output=True, text=True,
                              timeout=120)
        self.assertIn("ADF.USIM\n", done.stdout)
        self.assertIn("imsi  001010000000001", done.stdout)
        self.assertIn("--record", done.stdout)
        self.assertIn("no file is called EF.Nothing", done.stderr)
        self.assertNotEqual(done.returncode, 0)
        piped = subprocess.run([str(self.binary), "shell"], input="cat MF/2FE2\nwrite\n", capture_output=True, text=True, timeout=60)
        self.assertIn("iccid  8988", piped.stdout)
        self.assertIn("error: ", piped.stderr)

    def test_a_local_key_that_was_typed_stays_verified(self):
        write = "write ADF.USIM/EF.FDN -r {} --value '{{\"name\":\"Bob\",\"number\":\"{}\"}}'".format
        lines = ["verify PIN2 5678", "ls MF", write(1, 1), "cd ADF.ISIM", write(2, 2), "apdu 00A4040007A0000000871004", write(3, 3),
                 "change ADF.USIM/PIN2 5678 8765", "ls MF", write(4, 4), "gp list", write(5, 5), "cat EF.FDN"]
        done = subprocess.run([str(self.binary), "shell", *[word for line in lines for word in ("-c", line)]], capture_output=True, text=True,
                              timeout=120)
        for number in (1, 2, 3, 4):
            self.assertRegex(done.stdout, f"number +{number}\n", done.stderr)
        self.assertNotRegex(done.stdout, "number +5\n")  # gp resets the card
        self.assertEqual(done.stderr.count("error"), 1)
        self.assertIn("update needs PIN2: verify PIN2 (3 tries left)", done.stderr)

    def test_a_card_in_a_reader_is_read_and_not_lost(self):
        shell = [str(self.binary), "run", "--", str(self.binary), "shell", "--card", "pcsc", "-c", "cat EF.IMSI", "-c", "apdu 00FE000000"]
        done = subprocess.run(shell, capture_output=True, text=True, timeout=60)
        self.assertIn("imsi  001010000000001", done.stdout)
        self.assertIn("was not sent to a card in a reader", done.stderr)
        done = subprocess.run([*shell, "--yes-i-know"], capture_output=True, text=True, timeout=60)
        self.assertNotIn("was not sent", done.stderr)

    def test_authentication_and_toolkit_by_hand(self):
        keys = "--k 465B5CE8B199B49FAA5F0A2EE238A6BC --opc CD63CB71954A9F4E48A5994E37A02BAF"
        out = subprocess.run([str(self.binary), "shell", "-c", f"auth {keys}", "-c", "profile", "-c", "status", "-c", "fetch", "-c",
                              "reset"], capture_output=True, text=True, timeout=60)
        self.assertIn("RES is what the network expects", out.stdout)
        self.assertIn("> 8010000014", out.stdout)
        self.assertIn("ATR 3B", out.stdout)

    def test_a_terminal_completes_remembers_and_survives_control_c(self):
        history = self.directory / "history"
        master, slave = pty.openpty()
        process = subprocess.Popen([str(self.binary), "shell", "--history", str(history)], stdin=slave, stdout=slave, stderr=slave, close_fds=True,
                                   env={**os.environ, "TERM": "xterm"})
        os.close(slave)
        seen = ""

        def until(text, seconds=30):
            nonlocal seen
            end = time.monotonic() + seconds
            while text not in seen and time.monotonic() < end:
                if select.select([master], [], [], 0.2)[0]:
                    try:
                        seen += os.read(master, 4096).decode(errors="replace")
                    except OSError:
                        break
            self.assertIn(text, seen)
            seen = seen[seen.index(text) + len(text):]

        until("MF> ")
        os.write(master, b"cd ADF.US\t\n")
        until("ADF.USIM> ")
        os.write(master, b"verify ADM1 88888888\n")
        until("ADM1: done")
        until("ADF.USIM> ")
        os.write(master, b"cat EF.HPPL\t\n")
        until("MN")  # the word is finished
        until("interval")
        until("ADF.USIM> ")
        os.write(master, b"cat EF.IMS\t")  # several files begin so
        until("EF.IMSDCI")
        os.write(master, b"\x03")
        until("ADF.USIM> ")
        os.write(master, b"cat nonsense\x03")
        until("ADF.USIM> ")
        os.write(master, b"exit\n")
        self.assertEqual(process.wait(timeout=30), 0)
        os.close(master)
        lines = history.read_text()
        self.assertIn("EF.HPPLMN", lines.replace("\\056", "."))
        self.assertNotIn("8888", lines)
