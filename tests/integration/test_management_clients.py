# SPDX-License-Identifier: Apache-2.0
"""Programs made by others that manage GlobalPlatform cards, against our service, and our own client at a card made by others. Nothing of
them comes with us: environment variables say where they are (docs/clients.md), and without them these tests are skipped.

UICCLAB_GP        GlobalPlatformPro: gp.jar, or a program that runs it
UICCLAB_GPSHELL3  gpshell3 of the GlobalPlatform library
UICCLAB_PYSIM     the folder of pySim-shell.py
UICCLAB_FSDUMP    a dump of a real card (pySim-shell's fsdump); without it, one in ../shared beside the repository
UICCLAB_JCARDENGINE  a program that takes a port and is, there, JCardEngine as a card at vpcd (docs/globalplatform.md)
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import unittest

from lib.cap_files import COMPONENTS, PACKAGE, small_cap, write_cap
from lib.case import PYTHON, IntegrationTest
from lib.processes import free_ports

TEST_KEY = "404142434445464748494A4B4C4D4E4F"
NEW_KEY = "00112233445566778899AABBCCDDEEFF"
ISSUER = "A000000151000000"
PYSIM_ISSUER = "A000000003000000"  # the only one that pySim looks for
DOMAIN = "F07575010101"
APPLET_PACKAGE, APPLET = "F075696364", "F07569636401"  # tests/java/counter
ISIM = "A0000000871004FF49FF0589"
# A card that speaks SCP02 as well, with key version 20.
DES_KEYS = "".join(f'{name} = "{TEST_KEY}"\n' for name in ("enc", "mac", "dek"))
SCP02 = (
    ("\ndiversification = ", "\nscp02 = 0x55\ndiversification = "),
    ("\n[applications.parameters.keys.30]", f'\n[applications.parameters.keys.20]\ntype = "des"\n{DES_KEYS}[applications.parameters.keys.30]'),
)


def at(variable):
    """The path in an environment variable, and the decorator that skips without it."""
    path = os.environ.get(variable)
    return path, unittest.skipUnless(path, f"{variable} does not say where the program is (docs/clients.md)")


GP, needs_gp = at("UICCLAB_GP")
GPSHELL3, needs_gpshell3 = at("UICCLAB_GPSHELL3")
PYSIM, needs_pysim = at("UICCLAB_PYSIM")
TOP = pathlib.Path(__file__).resolve().parent.parent.parent
DUMP = pathlib.Path(os.environ.get("UICCLAB_FSDUMP", TOP.parent / "shared" / "data" / "card_profile_sysmoISIM-SJA5.json"))
JCARDENGINE, needs_jcardengine = at("UICCLAB_JCARDENGINE")


class ClientTest(IntegrationTest):
    def serve(self, *changes):
        """A card of the default profile, with lines changed: (line in it, what takes its place)."""
        text = self.tool([self.binary, "profile", "show", "default"])
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        profile = self.directory / "profile.toml"
        profile.write_text(text)
        _, self.env = self.run_service("--profile", profile)

    def cap(self):
        return write_cap(self.directory / "small.cap")

    def applet(self):
        """tests/java/counter, from its source."""
        if not shutil.which("javac"):
            self.skipTest("not installed: openjdk-17-jdk-headless")
        where = self.directory / "applet"
        self.tool([self.binary, "cap", "stubs", where / "stubs"])
        self.tool(["javac", "--release", "8", "-Xlint:-options", "-sourcepath", where / "stubs", "-d", where / "classes",
                   TOP / "tests" / "java" / "counter" / "Counter.java"])
        self.tool([self.binary, "cap", "build", "--package", "uicclab.counter", "--aid", APPLET_PACKAGE, "--applet", f"{APPLET}:Counter",
                   where / "classes" / "uicclab" / "counter", "-o", where / "counter.cap"])
        return where / "counter.cap"

    def ask_applet(self, *commands):
        """Its answers, last line each; selected by AID."""
        select = f"00A40400{len(APPLET) // 2:02X}{APPLET}"
        return self.tool(["opensc-tool", *(word for command in (select, *commands) for word in ("-s", command))], self.env)


@needs_gp
class GlobalPlatformPro(ClientTest):
    def gp(self, *options, ok=(0,)):
        command = ["java", "-jar", GP] if GP.endswith(".jar") else [GP]
        return self.tool([*command, *options], self.env, ok=ok)

    def test_list_and_information(self):
        self.serve()
        listed = self.gp("-l")
        for line in (f"ISD: {ISSUER} (OP_READY)", f"APP: {ISIM} (SELECTABLE)", "PKG: A0000001515350 (LOADED)"):
            self.assertIn(line, listed)
        told = self.gp("-i")
        for line in ("GP Version: 2.3", "SCP03 (i=70)", "Version:  48 (0x30) ID:   3 (0x03) type: AES"):
            self.assertIn(line, told)

    def test_every_mode_lists_loads_and_deletes(self):
        self.serve()
        listed = {self.gp("--mode", mode, "-l") for mode in ("clr", "mac", "enc", "rmac", "renc")}
        self.assertEqual(len(listed), 1)
        for mode in ("mac", "enc", "rmac", "renc"):
            with self.subTest(mode):
                self.gp("--mode", mode, "--load", self.cap())
                self.assertIn(f"PKG: {PACKAGE} (LOADED)", self.gp("--mode", mode, "-l"))
                self.gp("--mode", mode, "--delete", PACKAGE)
                self.assertNotIn(PACKAGE, self.gp("--mode", mode, "-l"))

    def test_sixteen_byte_challenges(self):
        self.serve(("\ndiversification = ", "\ni = 0x71\ndiversification = "))
        for mode in ("mac", "enc", "rmac", "renc"):
            self.assertIn(ISSUER, self.gp("--s16", "--mode", mode, "-l"))

    def test_scp02(self):
        self.serve(*SCP02)
        for mode in ("mac", "enc"):
            with self.subTest(mode):
                self.gp("--key-ver", "32", "--mode", mode, "--load", self.cap())
                self.assertIn(f"PKG: {PACKAGE} (LOADED)", self.gp("--key-ver", "32", "--mode", mode, "-l"))
                self.gp("--key-ver", "32", "--mode", mode, "--delete", PACKAGE)
        self.gp("--key-ver", "32", "--lock", NEW_KEY)
        self.assertIn(ISSUER, self.gp("--key", NEW_KEY, "--key-ver", "32", "-l"))

    def test_install_ends_with_registration(self):
        self.serve()
        self.gp("--install", self.cap())
        self.assertIn(f"PKG: {PACKAGE} (LOADED)", self.gp("-l"))
        self.assertIn(f"Applet:   {PACKAGE}01", self.gp("-l"))
        self.assertIn(f"APP: {PACKAGE}01 (SELECTABLE)", self.gp("-l"))

    def test_an_applet_is_installed_runs_and_goes(self):
        self.serve()
        before = self.gp("-l")
        self.gp("--install", self.applet(), "--params", "C902AABB")
        self.assertIn(f"APP: {APPLET} (SELECTABLE)", self.gp("-l"))
        self.assertIn("AA BB ..", self.ask_applet("8006000000"))
        self.gp("--delete", APPLET_PACKAGE, "--force")  # with its applications
        self.assertEqual(before, self.gp("-l"))
        self.assertIn("SW1=0x6A, SW2=0x82", self.ask_applet())

    def test_locked_with_new_keys_and_back(self):
        self.serve()
        for key in (NEW_KEY, NEW_KEY * 2):
            self.gp("--lock", key)
            self.assertIn("Card cryptogram invalid", self.gp("-l", ok=None))
            self.assertIn(ISSUER, self.gp("--key", key, "-l"))
            self.gp("--key", key, "--lock", TEST_KEY)
            self.assertIn(ISSUER, self.gp("-l"))
        self.gp("--lock", NEW_KEY, "--new-keyver", "49")
        self.assertIn(ISSUER, self.gp("--key", NEW_KEY, "--key-ver", "49", "-l"))
        self.gp("--delete-key", "49")
        self.assertNotIn("49 (0x31)", self.gp("-i"))

    def test_a_domain_with_keys_of_its_own(self):
        self.serve()
        self.gp("--domain", DOMAIN)
        self.gp("-c", DOMAIN, "--lock", NEW_KEY)
        self.assertIn(f"SSD: {DOMAIN} (PERSONALIZED)", self.gp("-c", DOMAIN, "--key", NEW_KEY, "-l"))
        self.gp("--delete", DOMAIN)
        self.assertNotIn(DOMAIN, self.gp("-l"))

    def test_states(self):
        self.serve()
        self.gp("--lock-applet", ISIM)
        self.assertIn(f"{ISIM} (LOCKED)", self.gp("-l"))
        self.gp("--unlock-applet", ISIM)
        self.assertIn(f"{ISIM} (SELECTABLE)", self.gp("-l"))
        for option, state in (("initialize", "INITIALIZED"), ("secure", "SECURED"), ("lock", "CARD_LOCKED"), ("unlock", "SECURED")):
            self.gp(f"--{option}-card")
            self.assertIn(f"{ISSUER} ({state})", self.gp("-l"))

    def test_data(self):
        self.serve()
        self.gp("--store-data", "4502AABB")
        self.assertIn("[45] aabb", self.gp("-s", "80CA004500"))
        self.gp("--set-perso", "0102030405060708", "--set-pre-perso", "1112131415161718")
        self.assertRegex(self.gp("-i"), r"ICPersonalizer=0102\n(.*\n)*.*ICPersonalizationEquipmentID=05060708")
        self.gp("--rename-isd", PYSIM_ISSUER)
        self.assertIn(f"{PYSIM_ISSUER} (OP_READY)", self.gp("-l"))


@needs_gpshell3
class GpShell3(ClientTest):
    def gpshell3(self, *options, ok=(0,)):
        return self.tool([GPSHELL3, *options], self.env, ok=ok)

    def test_both_protocols_and_every_level(self):
        self.serve()
        for protocol in ("t0", "t1"):
            for level in ("mac", "mac+enc", "mac+enc+rmac"):
                with self.subTest(protocol=protocol, level=level):
                    channel = ("--protocol", protocol, "--sec", level)
                    self.gpshell3(*channel, "install", "--load-only", self.cap())
                    self.assertIn(f"{PACKAGE} lc=loaded", self.gpshell3(*channel, "list-apps"))
                    self.gpshell3(*channel, "delete", PACKAGE)
                    self.assertNotIn(PACKAGE, self.gpshell3(*channel, "list-apps"))

    def test_an_applet_is_installed_runs_and_goes(self):
        self.serve()
        before = self.gpshell3("list-apps")
        self.gpshell3("install", "--params", "AABB", self.applet())
        self.assertIn(APPLET, self.gpshell3("list-apps"))
        self.assertIn("AA BB ..", self.ask_applet("8006000000"))
        self.gpshell3("delete", APPLET_PACKAGE)
        self.assertEqual(before, self.gpshell3("list-apps"))
        self.assertIn("SW1=0x6A, SW2=0x82", self.ask_applet())

    def test_scp02(self):
        self.serve(*SCP02)
        for level in ("mac", "mac+enc"):
            with self.subTest(level):
                self.assertIn("kv=0x20", self.gpshell3("--scp", "2", "--scp-impl", "55", "--kv", "32", "--sec", level, "list-keys"))

    def test_keys(self):
        self.serve()
        self.gpshell3("put-auth", "--kv", "0", "--new-kv", "49", "--key", NEW_KEY)
        self.assertIn("kv=0x31", self.gpshell3("--kv", "49", "--key", NEW_KEY, "list-keys"))
        self.gpshell3("--sec", "mac", "del-key", "--kv", "49")
        self.assertNotIn("kv=0x31", self.gpshell3("list-keys"))

    def test_signed_load_files(self):
        self.serve()
        cap = self.cap()
        gp = [self.binary, "gp", "--card", "pcsc"]
        privileges = "security-domain,dap-verification,mandated-dap-verification"
        module = ["--package", "A0000001515350", "--module", "A000000151535041"]
        self.tool([*gp, "install", *module, "--instance", DOMAIN, "--privileges", privileges], self.env)
        self.gpshell3("--sd", DOMAIN, "put-dap-key", "--key-type", "aes", NEW_KEY)
        self.assertIn("kv=0x73", self.gpshell3("--sd", DOMAIN, "list-keys"))
        self.assertIn("6985", self.gpshell3("install", "--load-only", cap, ok=None))
        load_hash = self.gpshell3("hash", cap).strip()
        signed = {key: self.gpshell3("sign-dap", "aes", load_hash, key).strip() for key in (NEW_KEY, TEST_KEY)}
        options = ("install", "--load-only", "--hash", load_hash, "--dap-sd", DOMAIN, "--dap")
        self.assertIn("6A80", self.gpshell3(*options, signed[TEST_KEY], cap, ok=None))
        self.assertNotIn(PACKAGE, self.gpshell3("list-apps"))
        self.gpshell3(*options, signed[NEW_KEY], cap)
        self.assertIn(f"{PACKAGE} lc=loaded", self.gpshell3("list-apps"))
        self.gpshell3("delete", PACKAGE)
        # The same with our own client.
        signature = self.directory / "signature"
        self.assertIn("a DAP that a domain demands is missing", self.tool([*gp, "load", cap], self.env, ok=(1,)))
        components = small_cap()
        own_hash = hashlib.sha256(b"".join(components[tag] for tag in COMPONENTS if tag in components)).hexdigest()  # without Descriptor
        for key, code in ((TEST_KEY, 1), (NEW_KEY, 0)):
            signature.write_bytes(bytes.fromhex(self.gpshell3("sign-dap", "aes", own_hash, key)))
            self.tool([*gp, "load", cap, "--hash", "sha256", "--dap", f"{DOMAIN}:{signature}"], self.env, ok=(code,))

    def test_domains(self):
        self.serve()
        self.gpshell3("install-sd", DOMAIN)
        self.gpshell3("move", ISIM, DOMAIN)
        self.assertRegex(self.gpshell3("list-apps"), rf"SD {DOMAIN}\n +Applications:\n +{ISIM}")


@needs_pysim
class PySim(ClientTest):
    def pysim(self, *commands, ok=True):
        script = self.directory / "commands.script"
        script.write_text("".join(command + "\n" for command in commands))
        program = pathlib.Path(PYSIM) / "pySim-shell.py"
        written = self.tool([PYTHON, program, "-p0", "--noprompt", "--script", script], self.env)
        if ok:
            self.assertNotRegex(written, "EXCEPTION|[eE]rror: ", written)
        return written

    def serve_for_pysim(self, *changes):
        self.serve((ISSUER, PYSIM_ISSUER), *changes)

    @staticmethod
    def session(level, key=TEST_KEY, version=48, more="", protocol="scp03"):
        return [
            "select ADF.ISD",
            f"establish_{protocol} --key-ver {version} --key-enc {key} --key-mac {key} --key-dek {key} --security-level {level} {more}",
        ]

    def test_an_applet_is_installed_runs_and_goes(self):
        self.serve_for_pysim()
        cap = self.applet()
        listed = self.tool([self.binary, "gp", "--card", "pcsc", "list"], self.env)
        # Its blocks of LOAD leave no room for padding, so the commands are not enciphered.
        written = self.pysim(*self.session(0x11), f"install_cap {cap} --install-parameters C902AABB")
        self.assertIn("done.", written)
        self.assertIn("AA BB ..", self.ask_applet("8006000000"))
        self.pysim(*self.session(0x33), f"delete_card_content {APPLET_PACKAGE} --delete-related-objects")
        self.assertIn("SW1=0x6A, SW2=0x82", self.ask_applet())
        # The sequence counter went on.
        again = self.tool([self.binary, "gp", "--card", "pcsc", "list"], self.env)
        self.assertEqual(*(re.sub("counter [0-9]+", "", text) for text in (listed, again)))

    def test_start_select_read(self):
        self.serve()
        written = self.pysim("select MF/EF.ICCID", "read_binary_decoded", "select MF/ADF.USIM/EF.IMSI", "read_binary_decoded")
        self.assertIn('"iccid": "89882110000000000010"', written)
        self.assertIn('"imsi": "001010000000001"', written)

    def test_read(self):
        self.serve()
        written = self.tool([PYTHON, pathlib.Path(PYSIM) / "pySim-read.py", "-p0"], self.env)
        self.assertIn("IMSI: 001010000000001", written)
        self.assertIn("Done !", written)

    def test_dump_of_the_file_system(self):
        self.serve()
        written = self.pysim("fsdump", ok=False)
        self.assertNotIn("EXCEPTION", written)
        self.assertGreater(written.count('"path"'), 100)

    @unittest.skipUnless(DUMP.is_file(), f"UICCLAB_FSDUMP does not say where a dump is, and there is none at {DUMP}")
    def test_a_card_that_is_a_dump_is_dumped_as_the_same(self):
        """A dump of a real card becomes a card with that ATR; its dump is the file: FCPs, contents and what could not be read."""
        _, self.env = self.run_service("--profile", DUMP)
        made = self.directory / "dump.json"
        self.pysim(f"fsdump > {made}", ok=False)
        entries = json.loads(DUMP.read_text())["files"]
        wanted = {f["path"]: f for f in entries} if isinstance(entries, list) else entries
        got = json.loads(made.read_text())["files"]

        def seen(entry):
            return entry.get("fcp_raw"), entry.get("body"), entry.get("error", {}).get("sw_actual")

        self.assertGreater(len(wanted), 100)
        self.assertEqual(wanted.keys(), got.keys())
        for path, entry in wanted.items():
            with self.subTest(path=path):
                self.assertEqual(seen(entry), seen(got[path]))

    def levels(self, more=""):
        for level in (0x01, 0x03, 0x11, 0x13, 0x33):
            with self.subTest(level=level):
                written = self.pysim(*self.session(level, more=more), "get_status isd", "get_data key_information", "release_scp")
                self.assertIn(f"Successfully established a SCP03[{level:02x}]", written)
                self.assertIn('"key_version_number": 48', written)

    def test_every_level(self):
        self.serve_for_pysim()
        self.levels()

    def test_every_level_with_challenges_of_sixteen_bytes(self):
        self.serve_for_pysim(("\ndiversification = ", "\ni = 0x71\ndiversification = "))
        self.levels("--s16-mode")

    def test_scp02(self):
        self.serve_for_pysim(*SCP02)
        for level in (0x01, 0x03):
            with self.subTest(level=level):
                written = self.pysim(*self.session(level, version=32, protocol="scp02"), "get_data key_information", "get_status isd")
                self.assertIn(f"Successfully established a SCP02[{level:02x}]", written)

    def test_keys(self):
        self.serve_for_pysim()
        new_keys = f" --key-type aes --key-data {NEW_KEY}" * 3
        old_keys = " --key-type des --key-data 00112233445566778899AABBCCDDEEF0" * 3
        written = self.pysim(
            *self.session(0x33),
            "put_key --key-version-nr 49 --key-id 1" + new_keys,
            "put_key --key-version-nr 4 --key-id 1" + old_keys,
            "release_scp",
            *self.session(0x33, NEW_KEY, 49),
            "get_data key_information",
            "delete_key --key-ver 4",
            "delete_key --key-ver 48",
        )
        self.assertEqual(set(re.findall(r'"key_version_number": (\d+)', written)), {"1", "2", "4", "48", "49"})
        self.assertIn("SCP03[33]", self.pysim(*self.session(0x33, NEW_KEY, 0)))

    def test_content(self):
        self.serve_for_pysim()
        written = self.pysim(
            *self.session(0x01),
            "install_for_install --load-file-aid a0000001515350 --module-aid a000000151535041"
            f" --application-aid {DOMAIN} --install-parameters c900 --make-selectable --privilege security_domain",
            f"set_status app_or_ssd locked --aid {ISIM}",
            f"get_status applications --aid {DOMAIN.lower()}",  # all of them are more than one answer, after which pySim stops
            f"set_status app_or_ssd selectable --aid {ISIM}",
            f"delete_card_content {DOMAIN}",
            "store_data 4202aabb",
            "get_data issuer_identification_number",
        )
        self.assertIn(f'"application_aid": "{DOMAIN.lower()}"', written)
        self.assertIn('"issuer_identification_number": "aabb"', written)
        loaded = f"get_status files --aid {PACKAGE.lower()}"
        written = self.pysim(*self.session(0x01), f"install_cap {self.cap()}", loaded)
        self.assertIn(f'"application_aid": "{PACKAGE.lower()}"', written)
        self.assertNotIn(PACKAGE.lower(), self.pysim(*self.session(0x01), f"delete_card_content {PACKAGE} --delete-related-objects", loaded))

    def test_access_rules(self):
        """The rules that pySim's own test stores, as it stores them: the newest comes first."""
        self.serve(('label = "ARA-M"\nin_dir = false', 'label = "ARA-M"\nin_dir = false\nparameters = { secure_channel = false }'))
        store = "aram_store_ref_ar_do --aid {} --device-app-id a1234567890123bb1f140de987aaa891bbbf0bdd {} --android-permissions 0000000000000004"
        written = self.pysim(
            "select ADF.ARA-M",
            store.format("ffffffffffaa", "--apdu-never --nfc-never"),
            store.format('""', "--apdu-filter aabbccdd010203041122334405060708 --nfc-always"),
            "aram_get_all",
            "aram_delete_all",
            "aram_get_all",
        )
        rules, empty = re.findall(r"^\[$.*?^\]$", written, re.M | re.S)[-2:]
        rules = json.loads(rules)[0]["response_all_ref_ar_do"]
        self.assertEqual([rule["ref_ar_do"][0]["ref_do"][0]["aid_ref_do"] for rule in rules], [None, "ffffffffffaa"])
        self.assertEqual(rules[0]["ref_ar_do"][1]["ar_do"][0]["apdu_ar_do"]["apdu_filter"][1], {"header": "11223344", "mask": "05060708"})
        self.assertEqual(json.loads(empty), [{"response_all_ref_ar_do": None}])


@needs_jcardengine
class JCardEngine(IntegrationTest):
    """It verifies commands and does not protect answers; inside the session it supports INSTALL and DELETE."""

    def setUp(self):
        super().setUp()
        self.port = free_ports()
        self.start([JCARDENGINE, self.port])

    def gp(self, *words, ok=(0,)):
        return self.tool([self.binary, "gp", "--card", f"vpcd:{self.port}", *words], ok=ok)

    def test_information(self):
        self.assertRegex(self.gp("info"), f"security domain +{ISSUER}")

    def test_a_session_opens_at_every_level(self):
        for counter, level in enumerate(("01", "03", "11", "13", "33")):
            with self.subTest(level):
                told = self.gp("list", "--level", level, ok=(1,))
                self.assertRegex(told, f"key version FF, SCP03 i=70, level {level} .*, sequence counter {counter}\n")
                self.assertIn("GET STATUS answered", told)  # behind EXTERNAL AUTHENTICATE, which was 9000

    def test_commands_are_understood_and_answers_without_an_r_mac_are_not_believed(self):
        self.assertIn("Deleted.", self.gp("delete", "F000000001", "--level", "03"))
        for level in ("13", "33"):
            self.assertIn("no R-MAC with status 9000", self.gp("delete", "F000000001", "--level", level, ok=None))

    def test_wrong_keys_are_not_sent(self):
        told = self.gp("list", "--key-hex", NEW_KEY, ok=(4,))
        self.assertIn("EXTERNAL AUTHENTICATE was not sent", told)
        self.assertIn("What fits: the public default keys 404142..4F", told)


if __name__ == "__main__":
    unittest.main()
