# SPDX-License-Identifier: Apache-2.0
"""An applet in Java works on the card's files: uicc.access, .fileadministration and .bertlvfile (ETSI TS 102 241 annex A)."""

import pathlib
import unittest

from lib import winscard
from lib.case import IntegrationTest
from test_java_applets import AVAILABLE

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "java" / "files"
PACKAGE, APPLET = "F0756963A6", "F0756963A601"
SELECT = f"00A4040006{APPLET}00"
USIM = "A0000000871002FF49FF0589"
PERSISTENT, ON_RESET, ON_DESELECT = 0, 1, 2
NEXT, PREVIOUS, ABSOLUTE = "02", "03", "04"
# Rules of the default card: read always and update with PIN1, which is disabled; INCREASE with PIN1; directories. ADM1 administers.
FREE, COUNTING, DIRECTORY = "8B032F0601", "8B032F0607", "8B032F0609"

# Reasons as status words (Files.java).
NO_EF_SELECTED, COMMAND_INCOMPATIBLE, SECURITY_STATUS, FILE_NOT_FOUND, INTERNAL_ERROR = "6401", "6402", "6403", "6404", "6405"
REF_DATA_INVALIDATED, OUT_OF_FILE, OUT_OF_RECORD, RECORD_NOT_FOUND, INVALID_MODE = "6406", "6407", "6408", "6409", "640A"
MAX_VALUE, CONDITIONS, DATA_NOT_FOUND, OUT_OF_DATA, NO_MEMORY, INVALID_TAG = "640C", "640E", "640F", "6410", "6411", "6412"
INCORRECT_PARAMETERS, FILE_EXISTS = "6501", "6502"
ILLEGAL_VALUE, NULL_POINTER, OUT_OF_BOUNDS, SECURITY = "6601", "6F01", "6F02", "6F03"


def efcp(fid, descriptor, size, rule=FREE):
    body = f"82{len(descriptor) // 2:02X}{descriptor}8302{fid}8A0105{rule}8002{size:04X}8800"
    return body


@unittest.skipUnless(AVAILABLE, "not installed: openjdk-17-jdk-headless, ecj")
class JavaFiles(IntegrationTest):
    ACCESS = ("--access", "00", "--access", f"{USIM}:00", "--admin-access", "00")

    def setUp(self):
        super().setUp()
        self.state = self.directory / "card.state"
        stubs, classes, cap = self.directory / "stubs", self.directory / "classes", self.directory / "files.cap"
        compiler = next(iter(AVAILABLE.values()))
        self.tool([self.binary, "cap", "stubs", stubs])
        self.tool([*compiler, "-sourcepath", stubs, "-d", classes, *sorted(SOURCES.glob("*.java"))])
        self.tool([self.binary, "cap", "build", "--int", "--package", "uicclab.files", "--aid", PACKAGE, "--applet", f"{APPLET}:Files",
                   classes / "uicclab" / "files", "-o", cap])
        self.tool([self.binary, "gp", "--state", self.state, "install", cap, *self.ACCESS])
        _, env = self.run_service("--state", self.state)
        context = self.enterContext(winscard.Context(env))
        self.card = context.connect(context.readers()[0], protocols=winscard.PROTOCOL_T1)
        self.assertEqual(self.card.transmit(SELECT), "9000")

    def ask(self, ins, view=0, parameter=0, data=""):
        answer = self.card.transmit(f"80{ins:02X}{view:02X}{parameter:02X}" + (f"{len(data) // 2:02X}{data}" if data else "") + "00")
        return answer[:-4] if answer.endswith("9000") else answer[-4:]

    def make(self, fcp, view=0):
        self.assertEqual(self.ask(0x2B, view, 0, fcp), "")

    def open_own_directory(self):
        """View 0, administrative, in a new DF 5F70 with EFs of each kind: 6F01, 6F02 linear, 6F03 cyclic, 6F04 BER-TLV."""
        self.assertEqual(self.ask(0x12, 0, ON_RESET), "")
        self.make(f"8202782183025F708A0105{DIRECTORY}81020400C60690018083010B")
        self.make(efcp("6F01", "4121", 10))
        self.make(efcp("6F02", "42210004", 12))
        self.make(efcp("6F03", "46210003", 9, COUNTING))
        self.make(f"8202792183026F048A0105{FREE}800200808800")

    def choose(self, fid, view=0):
        self.assertRegex(self.ask(0x20, view, 0, fid), "^62")

    def test_selection(self):
        """Each view has a selection of its own, in its file system alone; how long it lasts was asked for."""
        self.assertEqual(self.ask(0x20, 0, 0, "3F00"), NULL_POINTER)
        self.assertEqual(self.ask(0x10, 0, 3), ILLEGAL_VALUE)
        self.assertEqual(self.ask(0x11, 0, ON_RESET, "A000000087100299"), "00")  # null: no such application
        self.assertEqual(self.ask(0x11, 0, ON_RESET, "A0000000"), ILLEGAL_VALUE)
        for view, kind in enumerate((PERSISTENT, ON_RESET, ON_DESELECT)):
            self.assertEqual(self.ask(0x10, view, kind), "")
            self.choose("7F10", view)
        self.assertEqual(self.ask(0x11, 3, ON_RESET, USIM), "01")
        self.assertIn("84" + f"{len(USIM) // 2:02X}" + USIM, self.ask(0x22, 3))
        self.choose("6F07", 3)
        self.assertEqual(self.ask(0x20, 3, 0, "3F00"), FILE_NOT_FOUND)
        self.assertEqual(self.ask(0x20, 0, 0, "7FFF"), FILE_NOT_FOUND)
        self.assertEqual(self.ask(0x21, 3, 0), FILE_NOT_FOUND)
        self.assertEqual(self.ask(0x21, 3, 31), FILE_NOT_FOUND)
        self.assertEqual(self.ask(0x2E, 3), NULL_POINTER)
        directory = lambda view: "7F10" if "83027F10" in self.ask(0x22, view) else "3F00"
        self.assertEqual([directory(view) for view in range(3)], ["7F10"] * 3)
        self.assertEqual(self.card.transmit(SELECT), "9000")
        self.assertEqual([directory(view) for view in range(3)], ["7F10", "7F10", "3F00"])
        self.card.reconnect(initialization=winscard.RESET, protocols=winscard.PROTOCOL_T1)
        self.assertEqual(self.card.transmit(SELECT), "9000")
        self.assertEqual([directory(view) for view in range(3)], ["7F10", "3F00", "3F00"])

    def test_contents(self):
        """Reading and updating, in part too; bounds, structures, states."""
        self.open_own_directory()
        self.assertEqual(self.ask(0x23, 0, 0, "00000001"), COMMAND_INCOMPATIBLE)  # the BER-TLV file is current
        self.choose("5F70")
        self.assertEqual(self.ask(0x23, 0, 0, "00000001"), NO_EF_SELECTED)
        self.choose("6F01")
        self.assertEqual(self.ask(0x24, 0, 0, "0002A1A2A3"), "")
        self.assertEqual(self.ask(0x23, 0, 0, "0000000A"), "FFFFA1A2A3FFFFFFFFFF")
        for bounds in ("0000000B", "000A0001", "FFFF0001"):
            self.assertEqual(self.ask(0x23, 0, 0, bounds), OUT_OF_FILE)
        self.assertEqual(self.ask(0x23, 0, 0, "0000FFFF"), OUT_OF_BOUNDS)
        self.assertEqual(self.ask(0x24, 0, 0, "0009A1A2"), OUT_OF_FILE)
        self.assertEqual(self.ask(0x24, 0, 0, "FFFFA1"), OUT_OF_FILE)
        self.assertEqual(self.ask(0x24, 0, 0, "000A"), "")  # nothing, at the end
        self.assertEqual(self.ask(0x24, 0, 0, "000B"), OUT_OF_FILE)
        self.assertEqual(self.ask(0x50, 0, 0, "B1B2"), "")  # files have no part in a Java transaction, aborted here
        self.assertEqual(self.ask(0x23, 0, 0, "00000003"), "B1B2A1")
        self.assertEqual(self.ask(0x29), "")
        self.assertEqual(self.ask(0x29), "")
        self.assertEqual(self.ask(0x23, 0, 0, "00000001"), REF_DATA_INVALIDATED)
        self.assertEqual(self.ask(0x2A), "")
        self.assertEqual(self.ask(0x23, 0, 0, "00000001"), "B1")

    def test_records(self):
        self.open_own_directory()
        self.choose("6F02")
        read = lambda record, mode, offset=0, length=4: self.ask(0x25, 0, 0, f"{record & 0xFFFF:04X}{mode}{offset & 0xFFFF:04X}{length:04X}")
        write = lambda record, mode, data, offset=0: self.ask(0x26, 0, 0, f"{record & 0xFFFF:04X}{mode}{offset & 0xFFFF:04X}{data}")
        self.assertEqual(read(0, ABSOLUTE), RECORD_NOT_FOUND)  # current, and there is none
        self.assertEqual(write(1, ABSOLUTE, "11111111"), "")
        self.assertEqual(write(2, ABSOLUTE, "2222", 1), "")  # a part
        self.assertEqual(read(2, ABSOLUTE, 1, 3), "2222FF")
        self.assertEqual(read(0, NEXT), "11111111")
        self.assertEqual(read(0, NEXT, 4, 1), OUT_OF_RECORD)
        self.assertEqual(read(0, ABSOLUTE), "11111111")  # what failed moved nothing
        self.assertEqual(read(0, PREVIOUS), RECORD_NOT_FOUND)
        self.assertEqual(read(1, ABSOLUTE, -1, 1), OUT_OF_RECORD)
        self.assertEqual(write(1, ABSOLUTE, "1111", 3), OUT_OF_RECORD)
        for record in (4, -1, 256):
            self.assertEqual(read(record, ABSOLUTE), RECORD_NOT_FOUND)
            self.assertEqual(write(record, ABSOLUTE, "11111111"), RECORD_NOT_FOUND)
        for mode in ("00", "01", "05", "0C"):
            self.assertEqual(read(1, mode), INVALID_MODE)
            self.assertEqual(write(1, mode, "11111111"), INVALID_MODE)
        self.choose("6F03")
        self.assertEqual(write(0, PREVIOUS, "000001"), "")
        self.assertEqual(write(0, PREVIOUS, "000002"), "")
        self.assertEqual(write(0, PREVIOUS, "0003", 1), "")  # the rest is the oldest record's
        self.assertEqual([read(n, ABSOLUTE, 0, 3) for n in (1, 2, 3)], ["FF0003", "000002", "000001"])
        self.assertEqual(write(1, ABSOLUTE, "000001"), INVALID_MODE)

    def test_search_and_increase(self):
        self.open_own_directory()
        self.choose("6F02")
        for record, data in enumerate(("0A0B0C0D", "00000000", "000A0B00"), 1):
            self.assertEqual(self.ask(0x26, 0, 0, f"{record:04X}{ABSOLUTE}0000{data}"), "")
        find = lambda mode, record, indication, pattern: self.ask(0x27, 0, 0, f"{mode}{record & 0xFFFF:04X}{indication}{pattern}")
        self.assertEqual(find("04", 1, "0000", "0A0B"), "020103")
        self.assertEqual(find("05", 3, "0000", "0A0B"), "020301")
        self.assertEqual(find("04", 1, "0000", "FFFF"), "00")
        self.choose("6F02")
        self.assertEqual(find("06", 0, "0600", "0A0B"), "020103")  # next, without a pointer: from the first
        self.assertEqual(find("06", 1, "0401", "0A0B"), "0103")
        self.assertEqual(find("04", 4, "0000", "0A0B"), RECORD_NOT_FOUND)
        self.assertEqual(find("04", -1, "0000", "0A0B"), RECORD_NOT_FOUND)
        self.assertEqual(find("03", 1, "0000", "0A0B"), INVALID_MODE)
        self.assertEqual(find("04", 1, "0000", "0A0B0C0D0E"), OUT_OF_RECORD)
        self.assertEqual(self.ask(0x28, 0, 0, "000001"), COMMAND_INCOMPATIBLE)
        self.choose("6F03")
        for value in ("000000", "000005"):
            self.assertEqual(self.ask(0x26, 0, 0, f"0000{PREVIOUS}0000{value}"), "")
        self.assertEqual(self.ask(0x28, 0, 0, "02"), "000007")
        self.assertEqual(self.ask(0x28), "000007")  # by nothing: the record again
        self.assertEqual(self.ask(0x25, 0, 0, f"0002{ABSOLUTE}00000003"), "000007")
        self.assertEqual(self.ask(0x28, 0, 0, "FFFFFF"), MAX_VALUE)

    def test_administration(self):
        self.open_own_directory()
        self.assertEqual(self.ask(0x2B, 0, 0, "8202"), INCORRECT_PARAMETERS)
        self.assertEqual(self.ask(0x2B, 0, 0, efcp("6F01", "4121", 10)), FILE_EXISTS)
        self.choose("6F01")
        self.assertEqual(self.ask(0x24, 0, 0, "0000A1A2"), "")
        self.assertEqual(self.ask(0x2D, 0, 0, "83026F0180020004"), "")
        self.assertEqual(self.ask(0x23, 0, 0, "00000004"), "A1A2FFFF")
        self.assertEqual(self.ask(0x2D, 0, 0, "83026F7780020004"), FILE_NOT_FOUND)
        self.assertEqual(self.ask(0x2D, 0, 0, "83026F0380020004"), COMMAND_INCOMPATIBLE)
        self.assertEqual(self.ask(0x2C, 0, 0, "6F01"), "")
        self.assertEqual(self.ask(0x20, 0, 0, "6F01"), FILE_NOT_FOUND)
        self.assertEqual(self.ask(0x2C, 0, 0, "6F01"), FILE_NOT_FOUND)
        self.assertEqual(self.ask(0x13, 1, ON_RESET, USIM), "01")
        self.assertEqual(self.ask(0x2B, 1, 0, efcp("6F79", "4121", 10)), SECURITY_STATUS)  # no administrative access there

    def test_data_objects(self):
        self.open_own_directory()
        self.choose("6F04")
        first, following = 0x80, 0x00
        self.assertEqual(self.ask(0x32, 0, first, "00000080" + "00000003" + "A1A2A3"), "00000000")
        self.assertEqual(self.ask(0x32, 0, first, "00009F7F" + "00000006" + "B1B2"), "00000004")
        self.assertEqual(self.ask(0x30, 0, 0, "00009F7F" + "00000000" + "0001"), DATA_NOT_FOUND)  # not whole yet
        self.assertEqual(self.ask(0x32, 0, following, "00000000" * 2 + "B3"), "00000003")
        self.assertEqual(self.ask(0x32, 0, first, "00009F7F" + "00000006" + "B1B2"), "00000004")
        self.assertEqual(self.ask(0x32, 0, following, "00000000" * 2 + "B3B4"), "00000002")
        self.assertEqual(self.ask(0x32, 0, following, "00000000" * 2 + "B5B6B7"), OUT_OF_DATA)
        self.assertEqual(self.ask(0x32, 0, following, "00000000" * 2 + "B5B6"), "00000000")
        self.assertEqual(self.ask(0x32, 0, following, "00000000" * 2 + "B5"), CONDITIONS)
        self.assertEqual(self.ask(0x30, 0, 0, "00009F7F" + "00000001" + "0003"), "B2B3B4" + "00000002")
        self.assertEqual(self.ask(0x30, 0, 0, "00009F7F" + "00000004" + "0003"), OUT_OF_DATA)
        self.assertEqual(self.ask(0x31, 0, following, "0001"), CONDITIONS)
        self.assertEqual(self.ask(0x31, 0, first, "0001"), "00000080" + "00000001")
        self.assertEqual(self.ask(0x31, 0, following, "0001"), "00009F7F" + "00000000")
        self.assertEqual(self.ask(0x31, 0, following, "0001"), OUT_OF_DATA)
        self.assertEqual(self.ask(0x31, 0, 1, "0001"), INVALID_MODE)
        for tag in ("0000005C", "00000000", "0000001F", "00008080", "01000000", "FFFFFFFF"):
            self.assertEqual(self.ask(0x30, 0, 0, tag + "00000000" + "0000"), INVALID_TAG)
            self.assertEqual(self.ask(0x33, 0, 0, tag), INVALID_TAG)
        self.assertEqual(self.ask(0x33, 0, 0, "00000080"), "")
        self.assertEqual(self.ask(0x33, 0, 0, "00000080"), DATA_NOT_FOUND)
        self.assertEqual(self.ask(0x32, 0, first, "00000081" + "00001000" + "00"), NO_MEMORY)
        self.assertEqual(self.ask(0x32, 0, first, "00000081" + "00000000"), "00000000")  # without a value
        self.assertEqual(self.ask(0x30, 0, 0, "00000081" + "00000000" + "0000"), "00000000")

    def test_file_events(self):
        """The file that is current in a view; updates by the terminal alone are events."""
        self.open_own_directory()
        self.choose("6F01")
        self.assertEqual(self.ask(0x40, 0, 0, "0001"), "6F86")  # EVENT_NOT_SUPPORTED
        self.assertEqual(self.ask(0x40, 0, 0, "0007"), "6F8D")  # EVENT_NOT_ALLOWED
        self.assertEqual(self.ask(0x40, 1, 0, "007C"), NULL_POINTER)
        self.assertEqual(self.ask(0x14, 2), "")
        self.assertEqual(self.ask(0x40, 2, 0, "007C"), INTERNAL_ERROR)  # a class of the applet's that implements the interface
        self.assertEqual(self.ask(0x40, 0, 0, "007C"), "")
        self.assertEqual(self.ask(0x24, 0, 0, "0000A1"), "")  # its own
        self.assertEqual(self.ask(0x42), "0001")
        for command in ("00A4040C0C" + USIM, "00A4080C045F706F01", "00D6000001A2"):
            self.assertEqual(self.card.transmit(command), "9000")
        self.assertEqual(self.card.transmit(SELECT), "9000")
        self.assertEqual(self.ask(0x42), "0101" + "01" + "3F005F706F01")
        self.assertEqual(self.ask(0x41), "")
        self.assertEqual(self.ask(0x42)[:4], "0100")


class JavaFilesWithoutRights(JavaFiles):
    ACCESS = ("--access", "02000004")

    test_selection = test_contents = test_records = test_search_and_increase = None
    test_administration = test_data_objects = test_file_events = None

    def test_rights(self):
        """Access domains are exact: this one allows what is ALWAYS, no PIN, and nothing of an ADF or of administration."""
        self.assertEqual(self.ask(0x10, 0, ON_RESET), "")
        self.choose("2FE2")
        self.assertRegex(self.ask(0x23, 0, 0, "0000000A"), "^[0-9A-F]{20}$")
        self.assertEqual(self.ask(0x24, 0, 0, "000000"), SECURITY_STATUS)
        self.assertEqual(self.ask(0x12, 2, ON_RESET), "")
        self.assertEqual(self.ask(0x2B, 2, 0, efcp("2F77", "4121", 10)), SECURITY_STATUS)
        self.choose("2FE2", 2)
        self.assertEqual(self.ask(0x23, 2, 0, "00000001"), SECURITY_STATUS)  # such a view has the administrative domain alone
        self.assertEqual(self.ask(0x11, 1, ON_RESET, USIM), "01")
        self.choose("6F07", 1)
        self.assertEqual(self.ask(0x23, 1, 0, "00000001"), SECURITY_STATUS)
