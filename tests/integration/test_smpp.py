"""uicclab ota smsc: platforms written by others submit to the card and read its answers; what is no SMPP harms nobody."""

import pathlib
import random
import re
import shutil
import socket
import struct
import unittest

from lib.case import IntegrationTest
from lib.smpp_client import pdu

CLIENT = pathlib.Path(__file__).resolve().parent / "lib" / "smpp_client.pl"
PERL_MODULE = pathlib.Path("/usr/share/perl5/Net/SMPP.pm")
needs_client = unittest.skipUnless(PERL_MODULE.exists() and shutil.which("perl"), "not installed: libnet-smpp-perl")


class Smsc(IntegrationTest):
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
    def test_password_number_and_rate(self):
        accounts = self.directory / "accounts"
        accounts.write_text("# who may bind\nuicclab geheim\n")
        _, port = self.start_smsc("--accounts", accounts, "--number", "+491710000009", "--cards", "2", "--rate", "1")
        self.assertEqual(self.client(port), "bind 0E\n")
        out = self.client(port, "00", "00", password="geheim")
        self.assertIn("submit_sm_resp 0B\nsubmit_sm_resp 58\n", out)

    def test_what_is_no_smpp_harms_nobody(self):
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

    def test_several_clients_at_once_and_a_receiver_beside_a_transmitter(self):
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
