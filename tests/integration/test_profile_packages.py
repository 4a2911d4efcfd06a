# SPDX-License-Identifier: Apache-2.0
"""Cards made of profile packages: each file that a package makes is selected and read over PC/SC, and is what the package says, as a decoder
of our own in Python (lib/profile_package.py) reads it. GSMA's generic test profile TS.48 is no part of the repository:

UICCLAB_TS48   a file or a folder of TS.48 packages (.der); without it, ../shared/data/ts48 beside the repository
"""

import binascii
import os
import pathlib
import textwrap
import unittest

from lib import winscard
from lib.case import IntegrationTest
from lib.profile_package import files, objects
from lib.secured_packet import Algorithms, KeySet, build_command, open_response
from lib.sms_terminal import TERMINAL_PROFILE, deliver

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
TS48 = pathlib.Path(os.environ.get("UICCLAB_TS48", TOP.parent / "shared" / "data" / "ts48"))
PACKAGES = sorted(TS48.glob("*.der")) if TS48.is_dir() else [TS48] if TS48.is_file() else []
needs_ts48 = unittest.skipUnless(PACKAGES, "UICCLAB_TS48 does not say where packages of TS.48 are, and there are none in ../shared")

ADM1 = b"5" * 8
USIM, ISIM = "A0000000871002FF49FF0589", "A0000000871004FF49FF0589"
TEST_KEY = bytes(range(16))


class PackageTest(IntegrationTest):
    def insert(self, profile):
        _, env = self.run_service("--profile", profile)
        self.wait_card(env, self.reader(env))
        context = winscard.Context(env)
        context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return context.connect(self.reader(env), protocols=winscard.PROTOCOL_T1)

    def reader(self, env):
        with winscard.Context(env) as context:
            return context.readers()[0]

    def select(self, card, file):
        if file.adf:
            answer = card.transmit(bytes([0, 0xA4, 4, 4, len(file.adf)]) + file.adf + b"\0")
        else:
            answer = card.transmit(bytes.fromhex("00A40004023F0000"))
        self.assertEqual(answer[-2:], b"\x90\0", file)
        if file.path:
            way = 9 if file.adf else 8
            answer = card.transmit(bytes([0, 0xA4, way, 4, len(file.path)]) + file.path + b"\0")
            self.assertEqual(answer[-2:], b"\x90\0", file)
        return dict(objects(dict(objects(answer[:-2]))[0x62]))

    def read(self, card, size, record):
        """The whole body; nothing if the rule forbids it."""
        body = b""
        if record:
            commands = [bytes([0, 0xB2, n + 1, 4, record]) for n in range(size // record)]
        else:
            commands = [bytes([0, 0xB0, at >> 8, at & 0xFF, min(255, size - at)]) for at in range(0, size, 255)]
        for command in commands:
            answer = card.transmit(command)
            if answer[-2:] == b"\x69\x82":
                return None
            self.assertEqual(answer[-2:], b"\x90\0", command.hex())
            body += answer[:-2]
        return body

    def compare(self, card, package):
        """Everything that the package says of every file. Returns how many files there were, and how many of them could be read."""
        made, readable = files(package), 0
        by_place = {(f.adf, f.path): f for f in made}
        temporary = {f.fcp[0x83]: f.adf for f in made if 0x84 in f.fcp}
        for file in made:
            with self.subTest(adf=file.adf.hex(), path=file.path.hex()):
                fcp = self.select(card, file)
                self.assertEqual(fcp[0x8A], file.fcp.get(0x8A, b"\x05"))
                if 0x8B in file.fcp and len(file.fcp[0x8B]) == 3:
                    self.assertEqual(fcp[0x8B], file.fcp[0x8B])
                if 0xC6 in file.fcp:
                    keys = bytes(v[0] for t, v in objects(fcp[0xC6]) if t == 0x83)
                    self.assertEqual(keys, file.fcp[0xC6])
                if file.is_directory:
                    continue
                if 0x88 in file.fcp:
                    self.assertEqual(fcp[0x88], file.fcp[0x88])
                if fcp[0x82][0] & 0x3F == 0x39:
                    continue  # BER-TLV: its size is that of its data, which are read by tags
                size = int.from_bytes(fcp[0x80], "big")
                if 0x80 in file.fcp:
                    self.assertEqual(size, int.from_bytes(file.fcp[0x80], "big"))
                record = int.from_bytes(fcp[0x82][2:4], "big")
                if len(file.fcp.get(0x82, b"")) == 4 and 0xC7 not in file.fcp:  # a link has the records of its file
                    self.assertEqual(record, int.from_bytes(file.fcp[0x82][2:], "big"))
                source = file
                while link := source.fcp.get(0xC7):
                    adf = temporary.get(link[:2], b"")
                    source = by_place[adf, link[2:] if adf else link]
                body = self.read(card, size, record)
                if body is None:
                    continue
                readable += 1
                for at, (want, got) in enumerate(zip(source.expected(size, record), body, strict=True)):
                    if want is not None:
                        self.assertEqual(want, got, f"byte {at}")
        return len(made), readable


class OwnPackages(PackageTest):
    def export(self, profile="default"):
        package = self.directory / "own.der"
        self.tool([self.binary, "profile", "export", profile, "--format", "der", "-o", package])
        return package

    def test_each_file_is_what_the_package_says(self):
        package = self.export()
        card = self.insert(package)
        self.assertEqual(card.transmit(bytes.fromhex("0020000A08") + b"8" * 8), b"\x90\0")
        made, readable = self.compare(card, package.read_bytes())
        self.assertGreater(made, 100)
        self.assertGreater(readable, made * 3 // 4)

    def test_a_package_is_imported_checked_and_written_again(self):
        package = self.export()
        toml, again, last = (self.directory / name for name in ("own.toml", "again.der", "last.toml"))
        self.tool([self.binary, "profile", "import", package, "-o", toml])
        self.assertIn("files", self.tool([self.binary, "profile", "check", toml]))
        self.assertIn("files", self.tool([self.binary, "profile", "check", package]))
        self.tool([self.binary, "profile", "export", toml, "--format", "der", "-o", again])
        self.tool([self.binary, "profile", "import", again, "-o", last])
        self.assertEqual(last.read_text(), toml.read_text())

    def test_a_package_may_be_text(self):
        der = self.directory / "card.der"
        self.tool([self.binary, "profile", "export", "default", "--format", "der", "-o", der])
        expected = self.tool([self.binary, "profile", "import", der])
        text = self.directory / "card.txt"
        base64 = binascii.b2a_base64(der.read_bytes()).decode()
        hexadecimal = der.read_bytes().hex()
        for form in (hexadecimal, hexadecimal.upper() + "\n", "0x" + hexadecimal, "\n".join(textwrap.wrap(hexadecimal, 60)), base64,
                     "\r\n".join(textwrap.wrap(base64, 76)), f"-----BEGIN PROFILE-----\n{base64}-----END PROFILE-----\n"):
            text.write_text(form)
            self.assertEqual(self.tool([self.binary, "profile", "import", text]), expected, form[:40])
        text.write_text("headerValue ProfileElement ::= header : {\n  major-version 2,\n  minor-version 3\n}\n")
        self.assertIn("ASN.1 value notation; it must be DER", self.tool([self.binary, "profile", "import", text], ok=(1,)))

    def test_a_spoilt_package_is_refused_with_its_place(self):
        package = self.export()
        data = bytearray(package.read_bytes())
        del data[400:420]
        package.write_bytes(data)
        said = self.tool([self.binary, "profile", "import", package], ok=(1,))
        self.assertRegex(said, r"own\.der: byte \d+: .+: ")
        package.write_bytes(b"\xa0\x03\x80\x01\x02")
        self.tool([self.binary, "profile", "check", package], ok=(1,))


@needs_ts48
class GenericTestProfile(PackageTest):
    def newest(self):
        return next((p for p in PACKAGES if "V7" in p.name.upper()), PACKAGES[-1])

    def test_every_version_becomes_a_card(self):
        for package in PACKAGES:
            with self.subTest(package=package.name):
                toml, again, last = (self.directory / name for name in ("a.toml", "b.der", "b.toml"))
                self.tool([self.binary, "profile", "import", package, "-o", toml])
                self.assertIn("files", self.tool([self.binary, "profile", "check", toml]))
                self.tool([self.binary, "profile", "export", package, "--format", "der", "-o", again])
                self.tool([self.binary, "profile", "import", again, "-o", last])
                self.assertEqual(last.read_text(), toml.read_text())

    def test_the_newest_is_imported_without_a_warning(self):
        if "V7" not in self.newest().name.upper():
            self.skipTest("no version 7 of TS.48")
        self.assertEqual(self.tool([self.binary, "profile", "import", "--strict", self.newest(), "-o", self.directory / "a.toml"]), "")

    def test_each_file_is_what_the_package_says(self):
        for package in PACKAGES:
            with self.subTest(package=package.name):
                card = self.insert(package)
                self.assertEqual(card.transmit(bytes.fromhex("0020000A08") + ADM1), b"\x90\0")
                made, readable = self.compare(card, package.read_bytes())
                self.assertGreater(made, 100)
                self.assertGreater(readable, made * 3 // 4)
                self.doCleanups()
                self.setUp()

    def test_authentication_and_remote_file_management(self):
        card = self.insert(self.newest())
        card.transmit(TERMINAL_PROFILE)
        for aid in (USIM, ISIM):
            self.assertEqual(card.transmit(bytes.fromhex("00A404040C" + aid + "00"))[-2:], b"\x90\0")
            rand, sqn, amf = bytes(range(0x30, 0x40)), bytes.fromhex("000000000020"), bytes.fromhex("8000")
            # 3GPP TS 34.108 clause 8.1.2
            out = bytes(a ^ b for a, b in zip(TEST_KEY, rand))
            check = bytes(a ^ b for a, b in zip(out[:8], sqn + amf))
            autn = bytes(a ^ b for a, b in zip(sqn, out[3:9])) + amf + check
            answer = card.transmit(bytes.fromhex("0088008122") + b"\x10" + rand + b"\x10" + autn + b"\0")
            self.assertEqual(answer[:1] + answer[1:52], b"\xdb\x10" + out + b"\x10" + out[1:] + out[:1] + b"\x10" + out[2:] + out[:2])
        counter = 1
        for kind, indicator in (("des", 0x15), ("aes", 0x22)):
            for tar, file, size, content in (("B00140", "6F07", 9, "080910101032547698"), ("B00120", "2FE2", 10, "98001032547698103214")):
                using = Algorithms(indicator, indicator, KeySet(kind, TEST_KEY, TEST_KEY))
                spi = bytes.fromhex("1601")
                script = bytes.fromhex(f"00A4000402{file}00B00000{size:02X}")
                packet = build_command(spi, bytes.fromhex(tar), counter, script, using)
                status, answer = deliver(card, bytes.fromhex("027000") + packet)
                self.assertEqual(status, b"\x90\0")
                response = open_response(answer[3:], spi, using)
                self.assertEqual((response.status, response.data.hex().upper()), (0, "029000" + content))
                counter += 1
