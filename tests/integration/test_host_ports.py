"""The other direction: our commands at a card that somebody else serves, through libpcsclite and through vpcd's protocol."""

import signal

from lib import winscard
from lib.case import IntegrationTest
from lib.processes import free_ports

READ_ICCID = ["00A40000022FE2", "00B000000A"]
ICCID = "988812010000000000019000"


class AtPcscReaders:
    """A subclass says how the card is reached: `env` and `reader`."""

    def setUp(self):
        super().setUp()
        self.reach_card()

    def apdu(self, *options, ok=(0,)):
        return self.tool([self.binary, "apdu", *options], self.env, ok=ok)

    def test_a_card_in_a_reader_is_read(self):
        self.assertEqual(self.apdu("-q", "--raw", "--card", "pcsc", *READ_ICCID).splitlines()[-1], ICCID)
        self.assertEqual(self.apdu("-q", "--card", f"pcsc:{self.reader.lower()}", *READ_ICCID).splitlines()[-1], ICCID)

    def test_every_session_finds_a_fresh_card(self):
        self.apdu("-q", "--raw", "--card", "pcsc", *READ_ICCID)
        self.assertNotEqual(self.apdu("-q", "--raw", "--card", "pcsc", READ_ICCID[1]).strip(), ICCID)

    def test_the_readers_are_listed(self):
        self.assertIn(self.reader, self.tool([self.binary, "readers"], self.env))

    def test_a_wrong_name_shows_the_right_ones(self):
        got = self.apdu("--card", "pcsc:nonsense", "00A40000023F00", ok=(3,))
        self.assertIn("no reader's name contains 'nonsense'", got)
        self.assertIn(self.reader, got)

    def test_a_card_in_use_is_told(self):
        with winscard.Context(self.env) as context:
            context.connect(self.reader, winscard.SHARE_EXCLUSIVE)
            self.assertIn("another program is using the card", self.apdu("--card", "pcsc", "00A40000023F00", ok=(3,)))


class AtOurService(AtPcscReaders, IntegrationTest):
    def reach_card(self):
        self.process, self.env = self.run_service()
        with winscard.Context(self.env) as context:
            self.reader = context.readers()[0]

    def test_a_service_that_is_gone_is_told(self):
        self.process.stop()
        self.assertIn("no PC/SC service is running", self.apdu("--card", "pcsc", "00A40000023F00", ok=(3,)))

    def test_a_killed_service_leaves_a_socket_that_the_next_one_replaces(self):
        self.process.kill()
        self.assertIn("no PC/SC service is running", self.apdu("--card", "pcsc", "00A40000023F00", ok=(3,)))
        self.run_service()
        self.assertEqual(self.apdu("-q", "--card", "pcsc", *READ_ICCID).splitlines()[-1], ICCID)


class AtPcscd(AtPcscReaders, IntegrationTest):
    def reach_card(self):
        self.process, self.daemon, self.env = self.run_in_pcscd()
        # With the name of an empty slot beside it, the reader has to be named.
        self.reader = self.daemon.readers[0]

    def apdu(self, *options, ok=(0,)):
        return super().apdu(*[f"pcsc:{self.reader}" if option == "pcsc" else option for option in options], ok=ok)

    def test_an_empty_reader_is_told(self):
        got = self.apdu("--card", f"pcsc:{self.daemon.readers[1]}", "00A40000023F00", ok=(3,))
        self.assertIn("there is no card in the reader", got)

    def test_a_name_that_fits_two_readers_is_refused(self):
        got = self.apdu("--card", "pcsc:virtual", "00A40000023F00", ok=(3,))
        self.assertIn("fits several readers", got)
        self.assertIn(self.daemon.readers[1], got)


class AtVpcdPort(IntegrationTest):
    def test_a_virtual_card_that_connects_is_read(self):
        port = free_ports()
        self.start([self.binary, "run", "--vpcd", f"127.0.0.1:{port}"])
        got = self.tool([self.binary, "apdu", "-q", "--raw", "--card", f"vpcd:{port}", *READ_ICCID])
        self.assertEqual(got.splitlines()[-1], ICCID)

    def test_the_card_comes_back_to_the_next_listener(self):
        port = free_ports()
        card = self.start([self.binary, "run", "--vpcd", f"127.0.0.1:{port}"])
        for _ in range(2):
            got = self.tool([self.binary, "apdu", "-q", "--raw", "--card", f"vpcd:{port}", *READ_ICCID])
            self.assertEqual(got.splitlines()[-1], ICCID)
        self.assertEqual(card.stop(signal.SIGTERM), 0)
