# SPDX-License-Identifier: Apache-2.0
"""uicclab ota smsc: platforms written by others submit to the card and read its answers; data that is not SMPP does not affect others."""

import datetime
import pathlib
import random
import re
import shutil
import socket
import struct
import unittest

from lib.case import IntegrationTest
from lib.smpp_client import (BIND_RECEIVER, BIND_TRANSCEIVER, BIND_TRANSMITTER, DELIVER, ENQUIRE_LINK, RESPONSE, SUBMIT, Esme, pdu, submit_body,
                             text_of)

CLIENT = pathlib.Path(__file__).resolve().parent / "lib" / "smpp_client.pl"
MULTI = CLIENT.with_name("smpp_multi.pl")
PERL_MODULE = pathlib.Path("/usr/share/perl5/Net/SMPP.pm")
needs_client = unittest.skipUnless(PERL_MODULE.exists() and shutil.which("perl"), "not installed: libnet-smpp-perl")


class SmscTest(IntegrationTest):
    def start_smsc(self, *options):
        """Returns the process and its port."""
        process = self.start([self.binary, "ota", "smsc", "--port", "0", *options])
        process.wait_output("Stop with Ctrl-C")
        return process, int(re.search(r"127\.0\.0\.1:(\d+)", process.output()).group(1))

    def packet(self, *commands, options=()):
        """User data of the short messages of a packet, from a dry run."""
        out = self.tool([self.binary, "ota", "send", "--dry-run", "--counters", self.directory / "counters", *options, *commands])
        # TP-UD stands behind 19 octets: first octet, TP-OA (8), TP-PID, TP-DCS, TP-SCTS (7), TP-UDL.
        return [tpdu[2 * 19:] for tpdu in out.split()]


class Smsc(SmscTest):
    def client(self, port, *messages, password="uicclab"):
        return self.tool(["perl", CLIENT, port, "uicclab", password, *messages])

    def por(self, *user_data, options=()):
        return self.tool([self.binary, "ota", "por", *options, *user_data])

    @needs_client
    def test_a_platform_reads_the_imsi_and_updates_a_file(self):
        _, port = self.start_smsc()
        out = self.client(port, *self.packet("--tar", "usim", "00A40004026F07", "00B0000009"))
        self.assertIn("bind 00\nenquire_link 00\nsubmit_sm_resp 00\n", out)
        self.assertIn("stat:DELIVRD", out)
        answer = re.search(r"deliver_sm 40 (\w+)", out).group(1)
        self.assertIn("last data: 080910100000000010", self.por(answer))

        # By SMS-SUBMIT, in several short messages there and back.
        script = ["00A40004026F46"] + ["00D6000011" + "42" * 17] * 12 + ["00B0000011"]
        parts = self.packet("--tar", "usim-expanded", "--por", "always,cc,cipher,submit", *script)
        self.assertGreater(len(parts), 2)
        out = self.client(port, *parts)
        answers = re.findall(r"deliver_sm 40 (\w+)", out)
        self.assertEqual(len(answers), 2)  # 0B in the report, and the response itself
        self.assertIn("42" * 17 + "9000", self.por(answers[1], options=("--por", "always,cc,cipher,submit")))
        # A replay is told from the next.
        out = self.client(port, *parts)
        self.assertIn("status: 02", self.tool([self.binary, "ota", "por", "--por", "always,cc,cipher,submit",
                                               re.findall(r"deliver_sm 40 (\w+)", out)[1]], ok=(1,)))

    @needs_client
    def test_submit_multi_query_sm_and_data_sm_of_net_smpp(self):
        """SMPP 3.4 clauses 4.5, 4.7 and 4.8."""
        _, port = self.start_smsc("--cards", "2")
        [message] = self.packet("--tar", "usim", "00A40004026F07")
        today = datetime.datetime.now(datetime.timezone.utc).strftime("%y%m")
        out = self.tool(["perl", MULTI, port, message])
        self.assertRegex(out, rf"submit_multi_resp 00 1: 123 0B\nquery_sm_resp 00 1: {today}\d{{9}}00\+ state 2 error 0\ndata_sm_resp 00 2\n")

    @needs_client
    def test_password_number_and_rate(self):
        accounts = self.directory / "accounts"
        accounts.write_text("# who may bind\nuicclab geheim\n")
        _, port = self.start_smsc("--accounts", accounts, "--number", "+491710000009", "--cards", "2", "--rate", "1")
        self.assertEqual(self.client(port), "bind 0E\n")
        out = self.client(port, "00", "00", password="geheim")
        self.assertIn("submit_sm_resp 0B\nsubmit_sm_resp 58\n", out)

    def test_data_that_is_not_smpp_does_not_affect_others(self):
        process, port = self.start_smsc()
        numbers = random.Random(20240607)
        bind = pdu(9, b"uicclab\0uicclab\0\0\x34\0\0\0")
        wrong = [b"GET / HTTP/1.0\r\n\r\n", b"\0\0\0\x0f", b"\xff" * 64, pdu(4, b"\xff" * 30), pdu(9, b"x" * 100), bind + pdu(4, b"\0" * 7),
                 bind + pdu(0x1234), b"\0\0\0\x10", bind[:20]]
        wrong += [bind + bytes(numbers.randrange(256) for _ in range(200)) for _ in range(20)]
        for text in wrong:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
                client.sendall(text)
                client.shutdown(socket.SHUT_WR)
                while client.recv(4096):
                    pass
            self.assertIsNone(process.poll())
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(bind + pdu(0x15, sequence=2))
            got = b""
            while len(got) < 16 + 13 + 16:
                got += client.recv(4096)
            self.assertEqual(struct.unpack(">IIII", got[-16:]), (16, 0x80000015, 0, 2))
        self.assertEqual(process.stop(), 0)

    def test_several_clients_at_once_and_a_receiver_with_a_transmitter(self):
        _, port = self.start_smsc()
        credentials = b"uicclab\0uicclab\0\0\x34\0\0\0"
        [message] = self.packet("--tar", "usim", "00A40004026F07", "00B0000009")
        submit = (b"\0\1\x01491710000000\0\1\x01491710000001\0\x40\x7f\0\0\0\0\0\xf6\0" + bytes([len(message) // 2]) + bytes.fromhex(message))

        def read(client):
            head = client.recv(16, socket.MSG_WAITALL)
            size, command, status, _ = struct.unpack(">IIII", head)
            return command, status, client.recv(size - 16, socket.MSG_WAITALL) if size > 16 else b""

        with socket.create_connection(("127.0.0.1", port), timeout=20) as transmitter, \
                socket.create_connection(("127.0.0.1", port), timeout=20) as receiver:
            transmitter.sendall(pdu(2, credentials))
            self.assertEqual(read(transmitter)[:2], (0x80000002, 0))
            transmitter.sendall(pdu(4, submit, 2))  # held until somebody receives
            self.assertEqual(read(transmitter)[:2], (0x80000004, 0))
            receiver.sendall(pdu(1, credentials))
            self.assertEqual(read(receiver)[:2], (0x80000001, 0))
            command, _, body = read(receiver)
            self.assertEqual(command, 5)
            self.assertIn("last data: 080910100000000010", self.por(body[body.index(b"\x02\x71\x00"):].hex()))


class Queue(SmscTest):
    """Nothing that the centre took on is lost with a connection."""

    COUNT = 1300
    QUEUE_FULL = 0x14

    def submit_all(self, esme, body, count):
        """In flights of fifty. The message ids that were taken on, how many found the queue full, and the deliver_sm that came meanwhile."""
        ids, full, delivered = [], 0, []
        for begin in range(0, count, 50):
            waited = {esme.send(SUBMIT, body) for _ in range(min(50, count - begin))}
            while waited:
                command, status, sequence, answer = esme.read()
                if command == DELIVER:
                    delivered.append((sequence, answer))
                    continue
                waited.remove(sequence)
                if status == 0:
                    ids.append(answer.rstrip(b"\0").decode())
                else:
                    self.assertEqual(status, self.QUEUE_FULL)
                    full += 1
        return ids, full, delivered

    def receive_all(self, esme, answer=True):
        """Everything that waits: ids of receipts, and how many others."""
        ids, others = [], 0
        asked = None
        while True:
            command, _, sequence, body = esme.read()
            if command == DELIVER:
                esm_class, text = text_of(body)
                if esm_class & 0x04:
                    ids.append(re.match(rb"id:(\d+) ", text).group(1).decode())
                else:
                    others += 1
                esme.answer(sequence)
                asked = None
            elif command == ENQUIRE_LINK | RESPONSE and sequence == asked:
                return ids, others  # nothing came between this one and the answers before it
            if asked is None:
                asked = esme.send(ENQUIRE_LINK)

    def body(self, **more):
        [message] = self.packet("--tar", "usim", "--por", "always", "00A40004026F07")
        return submit_body(bytes.fromhex(message), registered=1, **more)

    def test_1300_responses_for_a_receiver_that_takes_ten_and_one_that_takes_the_others(self):
        """SMPP 3.4 clause 4.6: the card answers each of 1,300 packets, and each brings a receipt."""
        process, port = self.start_smsc()
        transmitter = Esme(port, BIND_TRANSMITTER)
        ids, full, _ = self.submit_all(transmitter, self.body(), self.COUNT)
        self.assertEqual((len(ids), full), (self.COUNT, 0))
        first = Esme(port, BIND_RECEIVER)
        taken = []
        for _ in range(10):
            command, _, sequence, body = first.read()
            self.assertEqual(command, DELIVER)
            taken.append(text_of(body))
            first.answer(sequence)
        # As soon as this one is answered, so are the ten.
        asked = first.send(ENQUIRE_LINK)
        while first.read()[2] != asked:
            pass
        first.close()
        receipts, others = self.receive_all(Esme(port, BIND_RECEIVER))
        self.assertEqual(others + sum(esm_class & 0x04 == 0 for esm_class, _ in taken), self.COUNT)
        self.assertEqual(sorted(map(int, receipts + [re.match(rb"id:(\d+) ", text).group(1) for esm_class, text in taken if esm_class & 4])),
                         sorted(map(int, ids)))
        self.assertEqual(process.stop(), 0)
        self.assertNotIn("found no receiver", process.output())

    def test_1300_messages_of_a_client_that_does_not_answer(self):
        """SMPP 3.4 clause 5.1.3: what finds no room is refused with ESME_RMSGQFUL; what was taken on arrives at the next receiver."""
        process, port = self.start_smsc("--queue", "1000")
        silent = Esme(port, BIND_TRANSCEIVER)
        ids, full, delivered = self.submit_all(silent, self.body(), self.COUNT)
        self.assertEqual(len(ids) + full, self.COUNT)
        self.assertEqual((len(ids), len(delivered)), (505, 10))  # a response and a receipt each: 1,000 wait, ten are on their way
        process.wait_output("uicclab: refused: 1000 messages wait for a receiver")
        silent.close()
        receipts, others = self.receive_all(Esme(port, BIND_RECEIVER))
        self.assertEqual((sorted(map(int, receipts)), others), (sorted(map(int, ids)), len(ids)))
        # There is room again; what is not fetched is told at the end.
        self.assertEqual(len(self.submit_all(Esme(port, BIND_TRANSMITTER), self.body(), 2)[0]), 2)
        self.assertEqual(process.stop(), 0)
        self.assertIn("uicclab: 4 messages found no receiver", process.output())

    def test_slow_clients_do_not_fill_all_places(self):
        """SMPP 3.4 clause 7.2: whoever keeps the centre waiting longest makes room."""
        _, port = self.start_smsc("--window", "1")
        self.submit_all(Esme(port, BIND_TRANSMITTER), self.body(), 64)
        slow = [Esme(port, BIND_RECEIVER) for _ in range(63)]  # with the transmitter: all places
        for one in slow:
            self.assertEqual(one.read()[0], DELIVER)  # and it is not answered
        for _ in range(2):
            late = [Esme(port) for _ in range(64)]  # they say nothing
            late[0].socket.sendall(b"\0\0")
            esme = Esme(port, BIND_TRANSCEIVER)
            esme.send(ENQUIRE_LINK)
            self.receive_all(esme)
            esme.close()
        self.assertIsNone(slow[0].read())

    def test_clients_that_keep_the_centre_waiting_are_cut_off(self):
        process, port = self.start_smsc("--timeout", "1")
        unbound = Esme(port)
        self.submit_all(Esme(port, BIND_TRANSMITTER), self.body(), 1)
        silent = Esme(port, BIND_RECEIVER)
        self.assertEqual(silent.read()[0], DELIVER)
        self.assertEqual(silent.read()[0], DELIVER)
        self.assertIsNone(silent.read())
        self.assertIsNone(unbound.read())
        process.wait_output("a client that did not bind: closed: no bind within its time")
        process.wait_output("2 PDUs were not answered within 1 s")
        self.assertEqual(len(self.receive_all(Esme(port, BIND_RECEIVER))[0]), 1)

    def test_a_message_waits_for_its_time_and_reports_it(self):
        """SMPP 3.4 clause 7.1.1 and appendix B."""
        process, port = self.start_smsc()
        esme = Esme(port, BIND_TRANSCEIVER)
        before = datetime.datetime.now(datetime.timezone.utc)
        esme.send(SUBMIT, self.body(schedule=b"000000000002000R"))
        self.assertEqual(esme.read()[:2], (SUBMIT | RESPONSE, 0))
        process.wait_output("message 1 to 491710000001: waits until ")
        got = [text_of(esme.read()[3]) for _ in range(2)]
        after = datetime.datetime.now(datetime.timezone.utc)
        self.assertGreaterEqual((after - before).total_seconds(), 2)
        dates = re.search(rb"submit date:(\d{10}) done date:(\d{10}) stat:DELIVRD err:000", got[1][1]).groups()
        for date in dates:
            self.assertIn(date.decode(), {moment.strftime("%y%m%d%H%M") for moment in (before, after)})
        esme.send(SUBMIT, self.body(schedule=b"241301000000000+"))
        self.assertEqual(esme.read()[:2], (SUBMIT | RESPONSE, 0x61))

    def test_a_name_and_no_name_as_source_and_reserved_bits(self):
        """SMPP 3.4 clauses 4.4.1, 5.2.5; 3GPP TS 23.040 clause 9.1.2.5."""
        process, port = self.start_smsc("--trace", "json")
        esme = Esme(port, BIND_TRANSMITTER)
        for source, ton, npi, status in ((b"1234", 5, 1, 0), (b"", 0, 0, 0), (b"49", 0x11, 1, 0x48), (b"49", 1, 0x11, 0x49)):
            esme.send(SUBMIT, self.body(source=source, ton=ton, npi=npi))
            self.assertEqual(esme.read()[:2], (SUBMIT | RESPONSE, status))
        trace = process.output().upper()
        self.assertIn("4407D131D98C067FF6", trace)
        self.assertIn("4400807FF6", trace)
