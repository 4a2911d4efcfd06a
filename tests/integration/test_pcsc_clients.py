# SPDX-License-Identifier: Apache-2.0
"""PC/SC programs made by others, through our service and through pcscd with vpcd."""

import pathlib
import re
import subprocess
import textwrap
import unittest

from lib import winscard
from lib.case import PYTHON, IntegrationTest, needs

SELECT_ICCID = "00A40000022FE2"
ICCID_SIZE = 10
SCDAEMON = pathlib.Path("/usr/lib/gnupg/scdaemon")


def spaced(hex_text):
    return " ".join(re.findall("..", hex_text))


class Clients:
    """What each program has to manage; a subclass says how it reaches the card: `env`, `reader` and `readers`."""

    def setUp(self):
        super().setUp()
        self.reach_card()
        with winscard.Context(self.env) as context:
            self.atr = context.wait_present(self.reader).hex().upper()
            card = context.connect(self.reader)
            self.assertRegex(card.transmit(SELECT_ICCID), "^61..$")
            self.iccid = card.transmit(f"00B00000{ICCID_SIZE:02X}")
            self.assertRegex(self.iccid, "^98[0-9A-F]{18}9000$")
            card.disconnect(winscard.RESET)

    @needs("opensc-tool")
    def test_opensc_tool(self):
        listed = self.tool(["opensc-tool", "-l"], self.env)
        self.assertRegex(listed, rf"(?m)^0 +Yes +{re.escape(self.reader)}$")
        self.assertEqual(self.tool(["opensc-tool", "-a"], self.env).splitlines()[-1].replace(":", "").upper(), self.atr)
        got = self.tool(["opensc-tool", "-s", SELECT_ICCID, "-s", f"00B00000{ICCID_SIZE:02X}"], self.env)
        self.assertIn(spaced(self.iccid[:-4]), got)
        self.assertEqual(got.count("SW1=0x90, SW2=0x00"), 2)

    @needs("pcsc_scan")
    def test_pcsc_scan(self):
        self.assertIn(f"0: {self.reader}", self.tool(["pcsc_scan", "-r"], self.env))
        scanned = self.tool(["pcsc_scan", "-n", "-t", "1"], self.env, ok=None)
        self.assertIn(spaced(self.atr), scanned)
        self.assertIn("Card inserted", scanned)

    @needs("scriptor")
    def test_scriptor(self):
        script = f"reset\n{spaced(SELECT_ICCID)}\n{spaced(f'00B00000{ICCID_SIZE:02X}')}\n"
        got = self.tool(["scriptor", "-r", self.reader], self.env, stdin=script)
        self.assertIn(spaced(self.iccid), " ".join(got.split()))

    @unittest.skipIf(
        subprocess.run([PYTHON, "-c", "import smartcard"], capture_output=True).returncode, "not installed: python3-pyscard"
    )
    def test_pyscard(self):
        program = textwrap.dedent(
            f"""
            from smartcard.System import readers
            from smartcard.util import toHexString
            reader = [r for r in readers() if str(r) == {self.reader!r}][0]
            connection = reader.createConnection()
            connection.connect()
            print(toHexString(connection.getATR()))
            print(connection.transmit(list(bytes.fromhex({SELECT_ICCID!r}))))
            print(toHexString(connection.transmit([0, 0xB0, 0, 0, {ICCID_SIZE}])[0]))
            connection.disconnect()
            """
        )
        lines = self.tool([PYTHON, "-c", program], self.env).splitlines()
        self.assertEqual(lines[0], spaced(self.atr))
        self.assertRegex(lines[1], r"^\(\[\], 97, ")
        self.assertEqual(lines[2], spaced(self.iccid[:-4]))

    def java(self, *arguments):
        """A program that connects with a protocol and sends commands; the lines that it prints."""
        program = self.directory / "Card.java"
        program.write_text(
            textwrap.dedent(
                """
                import java.util.HexFormat;
                import javax.smartcardio.*;
                public class Card {
                  public static void main(String[] names) throws Exception {
                    CardTerminal terminal = TerminalFactory.getDefault().terminals().getTerminal(names[0]);
                    System.out.println(terminal.isCardPresent() + " " + terminal.waitForCardPresent(1000));
                    javax.smartcardio.Card card = terminal.connect(names[1]);
                    HexFormat hex = HexFormat.of().withUpperCase();
                    System.out.println(hex.formatHex(card.getATR().getBytes()));
                    card.beginExclusive();
                    for (int i = 2; i < names.length; ++i) {
                      // A header and /Ne, or a whole command.
                      String[] parts = names[i].split("/");
                      byte[] bytes = hex.parseHex(parts[0]);
                      CommandAPDU command = parts.length == 1 ? new CommandAPDU(bytes)
                          : new CommandAPDU(bytes[0], bytes[1], bytes[2], bytes[3], Integer.parseInt(parts[1]));
                      System.out.println(hex.formatHex(card.getBasicChannel().transmit(command).getBytes()));
                    }
                    card.endExclusive();
                    card.disconnect(true);
                  }
                }
                """
            )
        )
        library = next(pathlib.Path("/usr/lib").glob("*/libpcsclite.so.1"))
        command = ["java", f"-Dsun.security.smartcardio.library={library}", program, self.reader, *arguments]
        return self.tool(command, self.env).splitlines()

    @needs("java")
    def test_java(self):
        lines = self.java("*", SELECT_ICCID, f"00B00000{ICCID_SIZE:02X}")
        self.assertEqual(lines[0], "true true")
        self.assertEqual(lines[1], self.atr)
        self.assertTrue(lines[2].endswith("9000"), lines)  # smartcardio fetches what 61xx announces
        self.assertEqual(lines[3], self.iccid)

    @needs("pkcs15-tool", "pkcs11-tool")
    def test_opensc_pkcs15(self):
        """OpenSC, once its default driver is switched on, reads the bootstrap file of the PKCS #15 application, by PKCS #11 too."""
        conf = self.directory / "opensc.conf"
        conf.write_text("app default { enable_default_driver = true; framework pkcs15 { enable_builtin_emulation = no; } }")
        env = {**self.env, "OPENSC_CONF": str(conf)}
        listed = self.tool(["pkcs15-tool", "--reader", self.reader, "--dump"], env)
        for text in ("PKCS#15 Card [LwM2M]", "Manufacturer ID: uicclab", "Data object 'LwM2M Bootstrap'", "2.23.43.9.1", "000200AA"):
            self.assertIn(text, listed)
        self.assertIn("token label        : LwM2M", self.tool(["pkcs11-tool", "--list-token-slots"], env))
        content = self.directory / "bootstrap"
        self.tool(["pkcs11-tool", "--read-object", "--type", "data", "--label", "LwM2M Bootstrap", "--output-file", content], env)
        self.assertTrue(content.read_bytes().startswith(bytes.fromhex("000200AA")))

    @unittest.skipUnless(SCDAEMON.exists(), "not installed: scdaemon")
    def test_scdaemon(self):
        """GnuPG's card daemon reads the PKCS #15 application: SELECT with P1=02, EF_TokenInfo, EF_ODF and what it names."""
        home = self.directory / "gnupg"
        home.mkdir(mode=0o700)
        library = next(pathlib.Path("/usr/lib").glob("*/libpcsclite.so.1"))
        log = self.directory / "scdaemon.log"
        (home / "scdaemon.conf").write_text(
            f"disable-ccid\npcsc-driver {library}\nreader-port {self.reader}\nverbose\nverbose\ndebug cardio\nlog-file {log}\n"
        )
        said = self.tool(
            [SCDAEMON, "--homedir", home, "--server"], self.env, stdin="SERIALNO p15\nGETATTR APPTYPE\nLEARN --force\nBYE\n"
        )
        logged = log.read_text()
        self.assertNotIn("ERR", said, logged)
        self.assertIn("S APPTYPE p15", said)
        self.assertIn("S SERIALNO 98881112000000000001", said)  # of EF_TokenInfo
        self.assertIn("S MANUFACTURER 0 uicclab", said)
        for fid in ("50 32", "50 31"):
            self.assertRegex(logged, rf"PCSC_data: 00 A4 02 0C 02 {fid}\n.*response: sw=9000")
        self.assertRegex(logged, "p15: +label .*: LwM2M")

    def test_reset_and_unpower(self):
        with winscard.Context(self.env) as context:
            card = context.connect(self.reader)
            card.transmit(SELECT_ICCID)
            for initialization in (winscard.RESET, winscard.UNPOWER):
                card.reconnect(initialization)
                self.assertNotEqual(card.transmit(f"00B00000{ICCID_SIZE:02X}"), self.iccid)  # the file is not selected any more
                card.transmit(SELECT_ICCID)
                self.assertEqual(card.transmit(f"00B00000{ICCID_SIZE:02X}"), self.iccid)
            card.disconnect(winscard.UNPOWER)


class ThroughOurService(Clients, IntegrationTest):
    def reach_card(self):
        self.process, self.env = self.run_service()
        with winscard.Context(self.env) as context:
            self.reader = context.readers()[0]

    @needs("java")
    def test_java_with_more_than_256_bytes(self):
        """T=1: Ne is the most that may come back (ISO/IEC 7816-3 clause 12.1); smartcardio repeats 6Cxx with its last byte changed."""
        sizes = (257, 300, 360)
        lines = self.java(
            "T=1",
            *(f"80F20000/{ne}" for ne in sizes),
            "00A404000CA000000063504B43532D313500",
            "00A4020C026432",
            *(f"00B00000/{ne}" for ne in sizes),
            "00B00190/300",
        )[2:]
        for line in lines[:3]:
            self.assertRegex(line, "^62.*9000$")
            self.assertEqual(line, lines[0])
        self.assertEqual(lines[4], "9000")
        for ne, line in zip(sizes, lines[5:8]):
            self.assertEqual(len(line), 2 * (ne + 2))
            self.assertTrue(line.endswith("9000"))
            self.assertTrue(lines[7].startswith(line[:-4]))
        self.assertEqual(len(lines[8]), 2 * (112 + 2))  # the file has 512 bytes
        self.assertTrue(lines[8].endswith("6282"))

    def test_stop_is_clean(self):
        self.assertEqual(self.process.stop(), 0)
        self.assertFalse(pathlib.Path(self.env["PCSCLITE_CSOCK_NAME"]).exists())

    def test_several_cards(self):
        self.process.stop()
        _, env = self.run_service("--cards", "3")
        with winscard.Context(env) as context:
            readers = context.readers()
            self.assertEqual(len(readers), 3)
            for reader in readers:
                self.assertRegex(context.connect(reader).transmit(SELECT_ICCID), "^61..$")


class ThroughPcscd(Clients, IntegrationTest):
    def reach_card(self):
        self.process, self.daemon, self.env = self.run_in_pcscd()
        self.reader = self.daemon.readers[0]

    def test_a_second_card_in_the_second_slot(self):
        self.start([self.binary, "run", "--vpcd", f"127.0.0.1:{self.daemon.port + 1}"])
        self.wait_card(self.env, self.daemon.readers[1])
        with winscard.Context(self.env) as context:
            for reader in self.daemon.readers:
                self.assertRegex(context.connect(reader).transmit(SELECT_ICCID), "^61..$")

    def test_card_leaves_with_the_program(self):
        with winscard.Context(self.env) as context:
            state = context.status_change(self.reader)
            self.process.stop()
            while not state.event_state & winscard.STATE_EMPTY:
                state = context.status_change(self.reader, state.event_state & ~winscard.STATE_CHANGED)
