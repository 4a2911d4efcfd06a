# SPDX-License-Identifier: Apache-2.0
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

    def test_a_card_in_use_is_reported(self):
        with winscard.Context(self.env) as context:
            context.connect(self.reader, winscard.SHARE_EXCLUSIVE)
            self.assertIn("another program is using the card", self.apdu("--card", "pcsc", "00A40000023F00", ok=(3,)))


class AtOurService(AtPcscReaders, IntegrationTest):
    def reach_card(self):
        self.process, self.env = self.run_service()
        with winscard.Context(self.env) as context:
            self.reader = context.readers()[0]

    def test_a_stopped_service_is_reported(self):
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
        self.reader = self.daemon.readers[0]  # an empty slot is beside it: the one with the card is taken

    def test_an_empty_reader_is_reported(self):
        got = self.apdu("--card", f"pcsc:{self.daemon.readers[1]}", "00A40000023F00", ok=(3,))
        self.assertIn("there is no card in the reader", got)

    def test_of_two_readers_that_a_name_fits_the_one_with_the_card_is_taken(self):
        self.assertEqual(self.apdu("-q", "--card", "pcsc:virtual", *READ_ICCID).splitlines()[-1], ICCID)

    def test_a_card_that_another_program_left_at_t1_is_read_in_t0(self):
        with winscard.Context(self.env) as context:
            context.connect(self.reader, winscard.SHARE_SHARED, winscard.PROTOCOL_T1)
            got = self.apdu("-q", "--raw", "--card", "pcsc", READ_ICCID[0], ok=None)
        self.assertIn("another program is using the card", got)  # as long as it is there
        self.assertRegex(self.apdu("-q", "--raw", "--card", "pcsc", READ_ICCID[0]), "^61")


class AtTwoOfOurReaders(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.process, self.env = self.run_service("--cards", "2")

    def apdu(self, ok=(0,)):
        return self.tool([self.binary, "apdu", "-q", "--card", "pcsc", *READ_ICCID], self.env, ok=ok)

    def test_two_cards_are_a_question_and_one_is_the_answer(self):
        got = self.apdu(ok=(3,))
        self.assertIn("choose one with --card pcsc:NAME (uicclab readers lists them)", got)
        self.assertIn("uicclab 01 00", got)
        self.tool([self.binary, "ctl", "--reader", "0", "eject"], self.env)
        self.assertEqual(self.apdu().splitlines()[-1], ICCID)
        self.tool([self.binary, "ctl", "--reader", "1", "eject"], self.env)
        self.assertIn("no card in any of them", self.apdu(ok=(3,)))


class AtAClientThatTookTheCardRaw(IntegrationTest):
    def test_the_next_one_has_t0_and_t1(self):
        _, env = self.run_service("--power-down", "never")
        with winscard.Context(env) as context:
            reader = context.readers()[0]
            self.assertEqual(context.connect(reader, protocols=winscard.PROTOCOL_RAW).protocol, winscard.PROTOCOL_RAW)
        with winscard.Context(env) as context:
            self.assertRegex(context.connect(reader, protocols=winscard.PROTOCOL_T0).transmit(READ_ICCID[0]), "^61")


class AtACardThatNeverEnds(IntegrationTest):
    """TS 102 221 clause 7.3.1.1: 61xx to every command, GET RESPONSE too."""

    def test_it_is_given_up(self):
        recording = self.directory / "endless.script"
        recording.write_text("reset -> 3B00\nraw 00A40004 (3F00) -> 6110\n" + "raw 00C0000010 -> 6110\n" * 3)
        got = self.tool([self.binary, "apdu", "--card", f"replay:{recording}", "00A40004023F00"], ok=(3,), timeout=20)
        self.assertIn("without data and promises more (6110)", got)


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
