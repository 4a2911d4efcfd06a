# SPDX-License-Identifier: Apache-2.0
"""The control socket: cards that change, vanish and fail under live PC/SC clients."""

import json
import os
import socket
import stat
import subprocess
import threading
import unittest

from lib import winscard
from lib.case import PYTHON, IntegrationTest

READER = "uicclab 00 00"
SELECT_ICCID = "00A40004022FE2"
READ_ICCID = "00B000000A"


class ControlTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.process, self.env = self.run_service("--cards", "2")
        self.control = f"{self.env['PCSCLITE_CSOCK_NAME']}.ctl"
        self.process.wait_socket(self.control)  # it opens after that of the service

    def ctl(self, *words, ok=(0,)):
        return self.tool([self.binary, "ctl", "--reader", "0", *words], self.env, ok=ok)

    def status(self, reader=0):
        return json.loads(self.ctl("status", "--json"))["readers"][0]

    def connect(self):
        context = winscard.Context(self.env)
        self.addCleanup(context.close)
        context.wait_present(READER)
        return context, context.connect(READER, protocols=winscard.PROTOCOL_T0)

    def assert_pcsc(self, code, function, *arguments):
        with self.assertRaises(winscard.PcscError) as caught:
            function(*arguments)
        self.assertEqual(f"{caught.exception.code:08X}", f"{code:08X}")

    def test_socket_is_private_and_named(self):
        self.assertEqual(stat.S_IMODE(os.stat(self.control).st_mode), 0o600)
        self.process.wait_output(f"Control {self.control}")

    def test_eject_and_insert_are_seen_by_clients(self):
        context, card = self.connect()
        self.assertRegex(card.transmit(SELECT_ICCID), "^61")
        known = context.status_change(READER).event_state & ~winscard.STATE_CHANGED
        seen = []
        waiter = threading.Thread(target=lambda: seen.append(context.status_change(READER, known)))
        with winscard.Context(self.env) as other:  # another client, which does nothing, is not disturbed
            other.readers()
            waiter.start()
            self.ctl("eject")
            waiter.join()
        self.assertTrue(seen[0].event_state & winscard.STATE_EMPTY)
        self.assert_pcsc(winscard.W_REMOVED_CARD, card.transmit, READ_ICCID)
        self.assert_pcsc(winscard.E_NO_SMARTCARD, context.connect, READER)
        self.assertFalse(self.status()["present"])
        self.ctl("eject", ok=(1,))
        self.ctl("insert")
        self.assertTrue(context.wait_present(READER))
        self.ctl("insert", ok=(1,))
        card.reconnect()
        self.assertRegex(card.transmit(SELECT_ICCID), "^61")
        self.assertTrue(json.loads(self.tool([self.binary, "ctl", "--reader", "01 00", "status", "--json"], self.env))["readers"][0]["present"])

    def test_reset_is_seen_by_clients(self):
        _, card = self.connect()
        self.assertRegex(card.transmit(SELECT_ICCID), "^61")
        self.ctl("reset")
        self.assert_pcsc(winscard.W_RESET_CARD, card.transmit, READ_ICCID)
        card.reconnect()
        self.assertEqual(card.transmit(READ_ICCID), "6986")  # nothing is selected any more

    def test_an_unplugged_reader_is_missing_for_clients_until_it_is_plugged_in(self):
        context, card = self.connect()
        seen = []
        waiter = threading.Thread(target=lambda: seen.append(context.status_change(winscard.PNP)))
        with winscard.Context(self.env) as other:
            other.readers()
            waiter.start()
            self.ctl("unplug")
            waiter.join(1)
            while waiter.is_alive():  # the number of readers changed before it began to wait
                self.ctl("plug")
                self.ctl("unplug")
                waiter.join(1)
            self.assertTrue(seen[0].event_state & winscard.STATE_CHANGED)
            self.assertEqual(other.readers(), ["uicclab 01 00"])
            self.assert_pcsc(winscard.E_UNKNOWN_READER, other.connect, READER)
        self.assert_pcsc(winscard.E_INVALID_VALUE, card.transmit, SELECT_ICCID)
        self.assertFalse(self.status()["plugged"])
        self.assertIn("unplugged", self.ctl("status"))
        for command in ("unplug", "eject", "insert", "reset", "mute"):
            self.assertIn("ctl plug brings it back", self.ctl(command, ok=(1,)))
        self.ctl("plug")
        self.assertIn("is plugged in", self.ctl("plug", ok=(1,)))
        self.assertTrue(context.wait_present(READER))
        self.assert_pcsc(winscard.E_INVALID_VALUE, card.transmit, SELECT_ICCID)
        card.disconnect()
        self.assertRegex(context.connect(READER, protocols=winscard.PROTOCOL_T0).transmit(SELECT_ICCID), "^61")

    def test_a_mute_card_has_no_atr_until_it_is_turned_round(self):
        context, card = self.connect()
        self.ctl("mute")
        self.assert_pcsc(winscard.W_REMOVED_CARD, card.transmit, SELECT_ICCID)
        state = context.status_change(READER)
        self.assertTrue(state.event_state & winscard.STATE_MUTE)
        self.assertEqual(state.atr, b"")
        card.disconnect()
        self.assert_pcsc(winscard.W_UNPOWERED_CARD, context.connect, READER)
        self.assertTrue(self.status()["mute"])
        self.assertIn("the card got no power, or does not answer a reset", self.tool([self.binary, "apdu", "--card", f"pcsc:{READER}", "00"], self.env, ok=(3,)))
        self.ctl("eject")
        self.ctl("insert")
        self.assertTrue(context.wait_present(READER))
        self.assertRegex(context.connect(READER, protocols=winscard.PROTOCOL_T0).transmit(SELECT_ICCID), "^61")

    def test_set_and_refresh(self):
        _, card = self.connect()
        self.ctl("set", "EF.ICCID", "89101112", "--offset", "2")
        card.transmit(SELECT_ICCID)
        self.assertEqual(card.transmit(READ_ICCID)[4:12], "89101112")
        self.ctl("set", "EF.ICCID", "00" * 11, ok=(1,))
        self.ctl("set", "EF.NOTHING", "00", ok=(2,))
        self.ctl("set", "EF.ICCID", "0", ok=(2,))
        self.ctl("refresh", ok=(1,))  # no TERMINAL PROFILE yet
        self.assertEqual(card.transmit("801000000AFFFFFFFFFFFFFFFFFFFF"), "9000")
        queued = self.ctl("refresh", "files", "EF.FPLMN", "EF.IMSI").split()[1]
        self.assertIn("3F007FFF6F7B3F007FFF6F07", queued)
        announced = card.transmit("80F2000C00")
        self.assertEqual(announced, f"91{len(queued) // 2:02X}")
        self.assertEqual(card.transmit(f"80120000{announced[2:]}"), queued + "9000")
        self.assertEqual(card.transmit("801400000C810301010182028281830100"), "9000")

    def test_a_mutated_fcp(self):
        _, card = self.connect()
        right = card.transmit(SELECT_ICCID)
        right = card.transmit(f"00C00000{right[2:]}")
        self.assertIn("83022FE2", right)
        self.ctl("fault", "add", "mutate", "62/83", "7F20", "ins", "A4", "times", "1")
        wrong = card.transmit(SELECT_ICCID)
        self.assertEqual(card.transmit(f"00C00000{wrong[2:]}"), right.replace("83022FE2", "83027F20"))
        again = card.transmit(SELECT_ICCID)
        self.assertEqual(card.transmit(f"00C00000{again[2:]}"), right)
        self.assertIn("fault 1: mutate 62/83 7F20 ins A4 times 1  (2 seen, 1 done)", self.ctl("fault", "list"))
        self.ctl("fault", "clear")
        self.assertNotIn("fault", self.ctl("fault", "list"))
        self.assertIn("rule:1:1", self.ctl("fault", "add", "explode", ok=(2,)))
        self.ctl("fault", "clear", "9", ok=(1,))

    def test_the_number_of_a_rule_is_not_cut(self):
        self.ctl("fault", "add", "drop", "ins", "A4")
        self.ctl("fault", "clear", "4294967297", ok=(1,))
        self.ctl("fault", "clear", "0", ok=(1,))
        self.ctl("fault", "clear", "1.0", ok=(2,))
        self.ctl("fault", "clear", "--", "7", ok=(1,))
        self.assertIn("fault 1: drop ins A4", self.ctl("fault", "list"))

    def test_idle_connections_lose_their_place_to_one_that_asks(self):
        idle = []
        for _ in range(40):
            one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.addCleanup(one.close)
            one.connect(self.control)
            idle.append(one)
        self.assertTrue(self.status()["present"])

    def test_a_tear_at_each_write_leaves_old_or_new(self):
        """An update of a record, torn at write k: after the next reset the record is what it was or what it shall be."""
        self.ctl("set", "DF.TELECOM/EF.ADN", "11" * 10, "--record", "1")
        _, card = self.connect()
        outcomes = set()
        for k in range(1, 6):
            self.ctl("fault", "clear")
            self.ctl("fault", "add", "cut", "write", str(k), "ins", "DC")
            old, new = self.read_adn(card), f"{k:02X}" * 14
            if len(old) // 2 - 2 < 14:
                self.skipTest("records are shorter than expected")
            command = f"00DC0104{len(old) // 2 - 2:02X}{new}{old[28:-4]}"
            try:
                answer = card.transmit(command)
            except winscard.PcscError:
                answer = "torn"
                card.reconnect(winscard.RESET)
            self.ctl("fault", "clear")
            got = self.read_adn(card)
            self.assertIn(got, (old, new + old[28:]))
            outcomes.add((answer, got == old))
            if answer == "9000":
                self.assertEqual(got, new + old[28:])
        self.assertIn(("torn", True), outcomes)
        self.assertIn(("torn", False), outcomes)
        self.assertIn(("9000", False), outcomes)

    def read_adn(self, card):
        card.transmit("00200001083030303046464646")
        card.transmit("0020000108" + "31323334FFFFFFFF")
        self.assertRegex(card.transmit("00A40804047F106F3A"), "^(61|9000)")
        answer = card.transmit("00B2010400")
        if answer.startswith("6C"):
            answer = card.transmit(f"00B20104{answer[2:]}")
        return answer

    def test_many_clients_while_everything_changes(self):
        stop = threading.Event()
        failures = []

        def client(card):
            while not stop.is_set():
                try:
                    answer = card.transmit("00A40000022FE2")
                    if not answer.startswith(("61", "9000")):
                        failures.append(answer)
                except winscard.PcscError as error:
                    if error.code not in (winscard.W_REMOVED_CARD, winscard.W_RESET_CARD, winscard.E_NO_SMARTCARD, 0x80100016):
                        failures.append(error)
                    try:
                        card.reconnect()
                    except winscard.PcscError:
                        pass

        clients = [threading.Thread(target=client, args=(self.connect()[1],)) for _ in range(4)]
        for one in clients:
            one.start()
        for i in range(10):
            self.ctl("eject")
            self.ctl("insert")
            self.ctl("reset")
            self.ctl("set", "EF.ICCID", f"{i:02X}")
            self.ctl("fault", "add", "delay 1 chance 50 seed 1")
            self.ctl("fault", "add", "drop ins A4 times 3")
            self.ctl("fault", "clear")
        stop.set()
        for one in clients:
            one.join()
        self.assertEqual(failures, [])
        self.assertEqual(self.process.stop(), 0)

    def test_the_socket_by_hand(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.connect(self.control)
            stream = line.makefile("rw")

            def ask(text):
                stream.write(text + "\n")
                stream.flush()
                return json.loads(stream.readline())

            self.assertEqual([r["reader"] for r in ask('{"command": "status"}')["readers"]], [READER, "uicclab 01 00"])
            self.assertTrue(ask('{"command": "eject"}')["usage"])  # two readers
            self.assertTrue(ask('{"command": "eject", "reader": 2}')["usage"])
            self.assertTrue(ask('{"command": "eject", "reader": 1}')["ok"])
            for wrong in ["", "[]", "nonsense", "{}", '{"command": 1}', '{"command": "explode"}', '{"command": "set", "reader": 0}', '{"command": "set", "reader": 0, "file": "EF.ICCID", "value": "00", "offset": -1}', '{"command": "refresh", "reader": 0, "mode": "files"}']:
                answer = ask(wrong)
                self.assertFalse(answer["ok"], wrong)
                self.assertTrue(answer["usage"], wrong)

    def test_a_deep_request_is_refused(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.connect(self.control)
            line.sendall(b'{"command": ' + b"[" * 2000 + b"]" * 2000 + b"}\n")
            answer = json.loads(line.makefile("r").readline())
        self.assertTrue(answer["usage"])
        self.assertIn("64 lists and objects", answer["error"])
        self.assertTrue(self.status()["present"])

    def test_a_card_that_hangs_does_not_hold_up_the_end(self):
        self.ctl("fault", "add", "delay 3000000 ins A4")
        _, card = self.connect()

        def transmit():
            try:
                card.transmit(SELECT_ICCID)
            except winscard.PcscError:
                pass

        hanging = threading.Thread(target=transmit)
        waiting = subprocess.Popen([self.binary, "ctl", "--reader", "0", "status"], env={**os.environ, **self.env}, stdout=subprocess.DEVNULL)
        hanging.start()
        self.assertEqual(waiting.wait(), 0)
        self.assertEqual(self.process.stop(), 0)
        hanging.join()


class FaultOptionTest(IntegrationTest):
    def test_rules_from_the_start(self):
        _, env = self.run_service("--fault", "mutate sw 6A82 command 00A40004022FE2", "--fault", "delay 1")
        with winscard.Context(env) as context:
            context.wait_present(READER)
            card = context.connect(READER)
            self.assertEqual(card.transmit(SELECT_ICCID), "6A82")
        self.assertIn("rule:1:1: a rule begins with", self.tool([self.binary, "run", "--fault", "never"], ok=(2,)))

    def test_the_command_of_run_finds_the_socket(self):
        got = self.tool([self.binary, "run", "--", self.binary, "ctl", "status"])
        self.assertIn(f"0  {READER}: card, ATR 3B", got)
        self.assertIn("no 'uicclab run' listens", self.tool([self.binary, "ctl", "--control", self.directory / "none", "status"], ok=(3,)))

    @unittest.skipIf(subprocess.run([PYTHON, "-c", "import smartcard"], capture_output=True).returncode, "not installed: python3-pyscard")
    def test_pyscard_sees_the_card_go(self):
        process, env = self.run_service()
        process.wait_socket(f"{env['PCSCLITE_CSOCK_NAME']}.ctl")
        program = f"""
import subprocess
from smartcard.System import readers
from smartcard.CardMonitoring import CardMonitor, CardObserver
from smartcard.Exceptions import CardConnectionException, NoCardException
import threading
seen, gone = threading.Event(), threading.Event()
class Observer(CardObserver):
    def update(self, observable, actions):
        if actions[0]:
            seen.set()
        if actions[1]:
            gone.set()
connection = readers()[0].createConnection()
connection.connect()
print(connection.transmit([0x00, 0xA4, 0x00, 0x00, 0x02, 0x2F, 0xE2])[1])
monitor = CardMonitor()
monitor.addObserver(Observer())
seen.wait(30)
subprocess.run([{str(self.binary)!r}, "ctl", "eject"], check=True)
print(gone.wait(30))
try:
    connection.transmit([0x00, 0xB0, 0x00, 0x00, 0x0A])
except (CardConnectionException, NoCardException) as error:
    print("removed" if "removed" in str(error).lower() else error)
subprocess.run([{str(self.binary)!r}, "ctl", "insert"], check=True)
connection = readers()[0].createConnection()
connection.connect()
print(connection.transmit([0x00, 0xA4, 0x00, 0x00, 0x02, 0x2F, 0xE2])[1])
import os; os._exit(0)
"""
        self.assertEqual(self.tool([PYTHON, "-u", "-c", program], env).split(), ["97", "True", "removed", "97"])


if __name__ == "__main__":
    unittest.main()
