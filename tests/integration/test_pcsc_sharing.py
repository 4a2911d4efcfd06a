# SPDX-License-Identifier: Apache-2.0
"""Several programs with one card: who waits, who is refused, who is notified. Our service and pcscd must behave the same."""

import pathlib
import subprocess
import threading

from lib import winscard
from lib.case import PYTHON, IntegrationTest

SELECT_MF = "00A40000023F00"
SELECT_ICCID = "00A40000022FE2"
READ_ICCID = "00B000000A"


class Sharing:
    """A subclass says how the card is reached: `env` and `reader`."""

    def setUp(self):
        super().setUp()
        self.reach_card()
        self.one, self.two = self.context(), self.context()

    def context(self):
        context = winscard.Context(self.env)
        self.addCleanup(context.close)
        return context

    def assertFails(self, code, call, *arguments):
        with self.assertRaises(winscard.PcscError) as caught:
            call(*arguments)
        self.assertEqual(f"{caught.exception.code:08X}", f"{code:08X}")

    def in_background(self, call):
        """Starts call(); returns the thread and a list that gets its result or its PcscError."""
        result = []

        def work():
            try:
                result.append(call())
            except winscard.PcscError as error:
                result.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        self.addCleanup(thread.join)
        return thread, result

    def test_exclusive_use(self):
        card = self.one.connect(self.reader, winscard.SHARE_EXCLUSIVE)
        self.assertFails(winscard.E_SHARING_VIOLATION, self.two.connect, self.reader)
        card.disconnect()
        shared = self.two.connect(self.reader)
        self.assertFails(winscard.E_SHARING_VIOLATION, self.one.connect, self.reader, winscard.SHARE_EXCLUSIVE)
        shared.disconnect()

    def test_a_transaction_is_waited_for(self):
        first, second = self.one.connect(self.reader), self.two.connect(self.reader)
        first.begin()
        thread, result = self.in_background(second.begin)
        first.transmit(SELECT_ICCID)
        self.assertRegex(first.transmit(READ_ICCID), "9000$")
        self.assertEqual(result, [])
        first.end()
        thread.join()
        self.assertEqual(result, [None])
        second.transmit(SELECT_MF)
        second.end()

    def test_a_reset_is_reported_to_the_others(self):
        first, second = self.one.connect(self.reader), self.two.connect(self.reader)
        first.reconnect(winscard.RESET)
        self.assertRegex(first.transmit(SELECT_MF), "^61")
        self.assertFails(winscard.W_RESET_CARD, second.transmit, SELECT_MF)
        second.reconnect(winscard.LEAVE)
        self.assertRegex(second.transmit(SELECT_MF), "^61")

    def test_an_owner_that_is_killed_gives_its_transaction_back(self):
        program = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from lib import winscard\n"
            "context = winscard.Context({'PCSCLITE_CSOCK_NAME': sys.argv[2]})\n"
            "card = context.connect(sys.argv[3])\n"
            "card.begin()\n"
            "card.transmit(sys.argv[4])\n"
            "print('begun', flush=True)\n"
            "sys.stdin.read()\n"
        )
        here = pathlib.Path(__file__).parent
        command = [PYTHON, "-c", program, here, self.env["PCSCLITE_CSOCK_NAME"], self.reader, SELECT_ICCID]
        owner = self.start(command, stdin=subprocess.PIPE)
        self.addCleanup(owner.stdin.close)
        owner.wait_output("begun")
        thread, result = self.in_background(lambda: self.one.connect(self.reader))
        owner.kill()
        thread.join()
        card = result[0]
        card.begin()
        self.assertNotRegex(card.transmit(READ_ICCID), "9000$")  # the card was reset: the dead owner's file is not selected any more
        card.end()

    def test_waiting_for_a_change_is_cancelled(self):
        state = self.one.status_change(self.reader).event_state & ~winscard.STATE_CHANGED
        thread, result = self.in_background(lambda: self.one.status_change(self.reader, state))
        while thread.is_alive():  # the wait may not have begun yet; then there is nothing to cancel
            self.one.cancel()
            thread.join(0.01)
        self.assertEqual(result[0].code, winscard.E_CANCELLED)

    def test_waiting_for_a_change_times_out(self):
        state = self.one.status_change(self.reader).event_state & ~winscard.STATE_CHANGED
        self.assertFails(winscard.E_TIMEOUT, self.one.status_change, self.reader, state, 20)

    def test_the_use_of_a_reader_is_a_change(self):
        state = self.one.status_change(self.reader).event_state & ~winscard.STATE_CHANGED
        thread, result = self.in_background(lambda: self.one.status_change(self.reader, state | winscard.STATE_INUSE))
        thread.join()
        self.assertFalse(result[0].event_state & winscard.STATE_INUSE)
        card = self.two.connect(self.reader)
        while not state & winscard.STATE_INUSE:
            state = self.one.status_change(self.reader, state | winscard.STATE_EXCLUSIVE).event_state & ~winscard.STATE_CHANGED
        card.disconnect()


class AtOurService(Sharing, IntegrationTest):
    def reach_card(self):
        _, self.env = self.run_service()
        with winscard.Context(self.env) as context:
            self.reader = context.readers()[0]


class AtPcscd(Sharing, IntegrationTest):
    def reach_card(self):
        _, daemon, self.env = self.run_in_pcscd()
        self.reader = daemon.readers[0]
