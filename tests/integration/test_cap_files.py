# SPDX-License-Identifier: Apache-2.0
"""CAP files that others made are loaded in blocks, listed with their AIDs and versions, and deleted. None comes with us: UICCLAB_CAP_FILES
says which folder has some (docs/clients.md)."""

import os
import pathlib
import re
import unittest
import zipfile

from lib.cap_files import applets_of, imports_of, load_file, lv, package_of, read_cap
from lib.case import IntegrationTest
from lib.terminal import HAS_PYSCARD, Terminal

try:
    from lib import scp03
except ImportError:
    scp03 = None

FOLDER = os.environ.get("UICCLAB_CAP_FILES")
ISSUER = "A000000151000000"
KEY = bytes.fromhex("404142434445464748494A4B4C4D4E4F")
LONG = 600  # seconds, for a folder of many files
# The card has these itself: a load file cannot take their names.
CARD_PACKAGES = {line.split()[3] for table in (pathlib.Path(__file__).parents[2] / "jcvm/packages").glob("*.txt")
                 if "\nimplemented " in (text := table.read_text()) for line in text.splitlines() if line.startswith("package ")}
LARGEST_BLOCK = 247  # bytes of a LOAD command, with a C-MAC


def is_whole(path):
    """A repository has kept an archive that ends in its middle."""
    try:
        zipfile.ZipFile(path).close()
        return True
    except zipfile.BadZipFile:
        return False


def whole_files():
    return [path for path in sorted(pathlib.Path(FOLDER).glob("**/*.cap")) if is_whole(path)]


@unittest.skipUnless(FOLDER, "UICCLAB_CAP_FILES does not name a folder of CAP files (docs/clients.md)")
@unittest.skipUnless(HAS_PYSCARD, "not installed: python3-pyscard")
@unittest.skipUnless(scp03, "not installed: python3-cryptography")
class CapFiles(IntegrationTest):
    def setUp(self):
        super().setUp()
        _, env = self.run_service()
        self.terminal = Terminal(env)
        self.addCleanup(self.terminal.close)
        self.assertTrue(self.terminal.get("00A40400" + lv(ISSUER) + "00").endswith("9000"))
        self.session = scp03.Session(self.terminal.get, KEY, 0)
        self.free_memory = self.session.command("80CA", "FF21")

    def ok(self, *command):
        answer = self.session.command(*command)
        self.assertTrue(answer.endswith("9000"), f"{command[:2]}: {answer}")
        return answer[:-4]

    def load(self, components, block):
        """The answer to the last block."""
        file = load_file(components)
        blocks = [file[at : at + 2 * block] for at in range(0, len(file), 2 * block)]
        self.ok("80E6", "0200", lv(package_of(components)[0]) + "00000000")
        for number, data in enumerate(blocks[:-1]):
            self.ok("80E8", f"00{number:02X}", data)
        return self.session.command("80E8", f"80{len(blocks) - 1:02X}", blocks[-1])

    def has_imports(self, path):
        """The card has every package that the file imports, in that version or a later one of the same major."""
        for line in self.tool([self.binary, "cap", "info", path]).splitlines():
            if not line.startswith("Import"):
                continue
            wanted = re.search(r" (\d+)\.(\d+), AID", line)
            has = re.search(r": the card has (\d+)\.(\d+)$", line)
            if not has or has[1] != wanted[1] or int(has[2]) < int(wanted[2]):
                return False
        return True

    def listed(self, package):
        """Of a load file with many modules there are several entries."""
        entry, next_one = "", "1002"
        while (answer := self.session.command("80F2", next_one, "4F" + lv(package))).endswith("6310"):
            entry, next_one = entry + answer[:-4], "1003"
        self.assertTrue(answer.endswith("9000"), answer)
        return entry + answer[:-4]

    def test_our_command_lists_their_modules_and_imports(self):
        for path in whole_files():
            with self.subTest(path.name):
                components = read_cap(path)
                told = self.tool([self.binary, "gp", "load", "--dry-run", path])
                package, (major, minor) = package_of(components)
                self.assertIn(f"Load file {package} {major}.{minor}, ", told)
                for aid in applets_of(components):
                    self.assertIn(f", module {aid}", told)
                imports = ", ".join(f"{aid} {major}.{minor}" for aid, (major, minor) in imports_of(components))
                self.assertIn(f"\nIt imports {imports}\n", told)

    def test_each_is_loaded_listed_and_deleted(self):
        paths = whole_files()
        self.assertTrue(paths, f"no CAP files in {FOLDER}")
        linked = 0
        for path in paths:
            with self.subTest(path.name):
                components = read_cap(path)
                package, (major, minor) = package_of(components)
                smallest = -(-len(load_file(components)) // 2 // 255)
                if package.upper() in CARD_PACKAGES:
                    self.assertEqual(self.session.command("80E6", "0200", lv(package) + "00000000"), "6985")
                    continue
                if not self.has_imports(path):
                    self.assertEqual(self.load(components, LARGEST_BLOCK), "6A80")
                    continue
                linked += 1
                for block in (LARGEST_BLOCK, max(smallest, 16)):
                    self.assertEqual(self.load(components, block), "009000")
                    entry = self.listed(package)
                    self.assertRegex(entry, "^E3(..|8[12](..)+?)4F" + lv(package))
                    self.assertIn(f"CE02{major:02X}{minor:02X}", entry)
                    for aid in applets_of(components):
                        self.assertIn("84" + lv(aid), entry)
                    self.ok("80E4", "0080", "4F" + lv(package))
                    self.assertEqual(self.session.command("80F2", "1002", "4F" + lv(package)), "6A88")
                    self.assertEqual(self.session.command("80CA", "FF21"), self.free_memory)
        print(f"{len(paths)} CAP files, {linked} with imports that a card has: loaded, linked, listed and deleted")


@unittest.skipUnless(FOLDER, "UICCLAB_CAP_FILES does not name a folder of CAP files (docs/clients.md)")
class SoundCapFiles(IntegrationTest):
    """What converters make passes verification: its types, where it has its Descriptor, and its structure, also as a card gets it. It can be
    disassembled."""

    def paths(self):
        """Archives that are whole: a repository has kept one that ends in its middle."""
        return whole_files()

    def test_each_is_sound(self):
        paths = whole_files()
        self.assertTrue(paths, f"no CAP files in {FOLDER}")
        told = self.tool([self.binary, "cap", "verify", *paths], timeout=LONG).splitlines()
        self.assertEqual([line for line in told if ": sound: " not in line and ": types fit in " not in line], [])
        self.assertEqual(len(told), 2 * len(paths))
        told = self.tool([self.binary, "cap", "verify", "--as-loaded", *paths], timeout=LONG).splitlines()
        self.assertEqual([line for line in told if "; types not followed: no Descriptor component" not in line], [])
        self.assertEqual(len(told), len(paths))

    def test_each_is_disassembled(self):
        for path in whole_files():
            with self.subTest(path.name):
                package, _ = package_of(read_cap(path))
                self.assertIn(f"AID {package}", self.tool([self.binary, "cap", "dump", path]).splitlines()[0])
                self.tool([self.binary, "cap", "diff", path, path])


if __name__ == "__main__":
    unittest.main()
