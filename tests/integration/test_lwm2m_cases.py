# SPDX-License-Identifier: Apache-2.0
"""A device at LwM2M servers that answer and ask in every way that CoAP allows, and in some that it does not (RFC 7252, RFC 7959; LwM2M 1.0 clauses
5.2, 5.3, 8.2; LwM2M 1.1 clause 6.1.7)."""

import json
import socket
import threading

from lib import coap
from lib.coap import ACK, CON, NON, RST, Message, code, path
from lib.lwm2m_card import account
from lib.lwm2m_device import Device
from lib.lwm2m_server import resource

LOCATION = ((coap.LOCATION_PATH, b"rd"), (coap.LOCATION_PATH, b"5a3f"))


class Peer:
    """A UDP socket on loopback; `talk(peer)` runs in a thread."""

    def __init__(self, talk):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(20)
        self.port = self.socket.getsockname()[1]
        self.address = None
        self.error = None
        self.thread = threading.Thread(target=self.run, args=(talk,), daemon=True)
        self.thread.start()

    def run(self, talk):
        try:
            talk(self)
        except Exception as error:  # shown by the test
            self.error = error

    def receive(self):
        datagram, self.address = self.socket.recvfrom(65536)
        return coap.parse(datagram)

    def send(self, *messages):
        for one in messages:
            self.socket.sendto(one if isinstance(one, bytes) else one.encode(), self.address)

    def quiet(self):
        """Nothing comes for a moment; or what came."""
        self.socket.settimeout(0.4)
        try:
            return self.receive()
        except TimeoutError:
            return None
        finally:
            self.socket.settimeout(20)

    def close(self):
        self.thread.join(30)
        self.socket.close()


class Registering(Device):
    def register(self, talk, ok=(0,)):
        peer = Peer(talk)
        self.provision(f"coap://127.0.0.1:{peer.port}", mode=3, force=True)
        self.state.unlink(missing_ok=True)
        told = self.device("register", "--endpoint", "device-1", "--json", ok=ok)
        peer.close()
        self.assertIsNone(peer.error)
        return told

    @staticmethod
    def answer(status, options=LOCATION, payload=b"", kind=ACK):
        def talk(peer):
            request = peer.receive()
            peer.send(Message(kind, code(status), request.id if kind == ACK else 7778, request.token, options, payload))
        return talk

    def location(self, told):
        return json.loads(told.splitlines()[-1])["location"]

    def test_answers(self):
        for talk, location in ((self.answer("2.01"), "rd/5a3f"), (self.answer("2.01", kind=NON), "rd/5a3f"),
                               (self.answer("2.01", (*LOCATION, (136, b"x"), (2048, b"z"), (4, b"etag"), (28, b"\x01"))), "rd/5a3f"),  # elective
                               (self.answer("2.01", ((8, b"reg"), (8, "ü".encode()))), "reg/ü")):
            self.assertEqual(self.location(self.register(talk)), location)

    def test_refusals(self):
        for talk, text in ((self.answer("4.00", (), b"Client must specify an endpoint identifier"), "4.00 Bad Request: Client must specify"),
                           (self.answer("4.03", (), b"no such client"), "4.03 Forbidden: no such client"), (self.answer("4.12", ()), "4.12 Precondition Failed"),
                           (self.answer("4.04", ((12, b""),)), "4.04 Not Found"), (self.answer("5.03", ((14, b"\x05"),)), "5.03"),
                           (self.answer("5.00", (), bytes(range(64))), "5.00"), (self.answer("2.04"), "2.04"), (self.answer("2.05"), "2.05"),
                           (self.answer("2.01", ()), "location"), (self.answer("2.01", (*LOCATION, (9, b"x"), (65001, b"z"))), "critical option")):
            with self.subTest(text=text):
                told = self.register(talk, ok=(1,))
                self.assertIn(text, told)
                self.assertNotIn("\x1b", told)

    def test_reset(self):
        def talk(peer):
            peer.send(Message(RST, 0, peer.receive().id))
        self.assertIn("Reset", self.register(talk, ok=(1,)))

    def test_a_separate_response_that_comes_twice_is_acknowledged_twice(self):
        def talk(peer):
            request = peer.receive()
            response = Message(CON, code("2.01"), 7777, request.token, LOCATION)
            peer.send(Message(ACK, 0, request.id), response)
            first = peer.receive()
            assert (first.type, first.code, first.id) == (ACK, 0, 7777), first
        self.assertEqual(self.location(self.register(talk)), "rd/5a3f")

    def test_another_token_is_nobody_s_answer(self):
        def talk(peer):
            request = peer.receive()
            peer.send(Message(ACK, code("2.01"), request.id, b"\x01\x02", ((8, b"wrong"),)), Message(ACK, code("2.01"), request.id, request.token, LOCATION))
        self.assertEqual(self.location(self.register(talk)), "rd/5a3f")

    def test_lost_requests_come_again(self):
        def talk(peer):
            first, second = peer.receive(), peer.receive()
            assert (first.id, first.token) == (second.id, second.token)
            peer.send(Message(ACK, code("2.01"), second.id, second.token, LOCATION))
        self.assertEqual(self.location(self.register(talk)), "rd/5a3f")

    def test_too_large_wants_blocks(self):
        def talk(peer):
            request = peer.receive()
            peer.send(Message(ACK, code("4.13"), request.id, request.token, ((coap.BLOCK1, b"\x00"), (coap.SIZE1, b"\x10"))))
            body, more = b"", True
            while more:
                part = peer.receive()
                block = part.values(coap.BLOCK1)[0]
                number = int.from_bytes(block, "big")
                assert (number & 7, number >> 4) == (0, len(body) // 16), number
                body, more = body + part.payload, bool(number & 8)
                peer.send(Message(ACK, code("2.31" if more else "2.01"), part.id, part.token, ((coap.BLOCK1, block), *(() if more else LOCATION))))
            assert body == request.payload, body
        self.assertEqual(self.location(self.register(talk)), "rd/5a3f")

    def test_what_a_server_asks_meanwhile(self):
        """Requests are answered, what cannot be read is reset, and nothing is answered that must not be (RFC 7252 clauses 4.2, 4.3, 5.4.1)."""
        asked = [(Message(CON, coap.GET, 5000, b"\xaa", path("3", "0")), "4"), (Message(CON, 0, 5001), "RST"),
                 (Message(CON, coap.GET, 5002, b"\xab", ((3, b"localhost"), *path("3", "0"))), "4"), (Message(CON, coap.GET, 5003, b"\xac", path(".well-known", "core")), "4"),
                 (Message(CON, coap.GET, 5004, b"\xad", (*path("3"), (65001, b"z"))), "4.02"), (Message(CON, code("2.05"), 5005, b"\xee\xee", (), b"x"), "RST"),
                 (bytes.fromhex("4001"), None), (bytes.fromhex("8001138a"), None), (bytes.fromhex("40011390ff"), "RST"), (Message(CON, 5, 5006, b"\xaf", path("3")), "4"),
                 (Message(CON, 0x20, 5007, b"\xb0"), "RST")]
        found = []

        def talk(peer):
            request = peer.receive()
            for message, _ in asked:
                peer.send(message)
                reaction = peer.quiet()
                found.append(None if reaction is None else "RST" if reaction.type == RST else reaction.status)
            peer.send(Message(ACK, code("2.01"), request.id, request.token, LOCATION))
        self.register(talk)
        for (message, wanted), reaction in zip(asked, found):
            with self.subTest(message=message):
                self.assertTrue(reaction == wanted or (wanted and reaction and reaction.startswith(wanted)), f"{reaction}, not {wanted}")


SECURITY = resource(0, "coap://127.0.0.1:15683") + resource(1, False) + resource(2, 3) + resource(10, 123)
SERVER = resource(0, 123) + resource(1, 300) + resource(6, False) + resource(7, "U")


def instance(number, content):
    return bytes([0x08, number, len(content)]) + content


def json_payload(*records):
    return json.dumps(records).encode()


class Bootstrapping(Device):
    """A bootstrap server of the test's own: requests with the answers that they must get."""

    PUT_SECURITY, PUT_SERVER = ("PUT", ("0", "1"), (coap.TLV,), SECURITY, "2.04"), ("PUT", ("1", "0"), (coap.TLV,), SERVER, "2.04")
    DELETE_ALL, FINISH = ("DELETE", (), (), b"", "2.02"), ("POST", ("bs",), (), b"", "2.04")
    REFUSED = ("POST", ("bs",), (), b"", "4.06")

    def bootstrap(self, *steps, ok=(0,), kind=CON):
        found = []

        def talk(peer):
            request = peer.receive()
            assert request.path == "/bs", request
            peer.send(Message(ACK, code("2.04"), request.id, request.token))
            for number, (method, segments, options, payload, *_) in enumerate(steps):
                peer.send(Message(kind, getattr(coap, method), 9000 + number, bytes([number, 0x55]), (*path(*segments), *options), payload))
                answer = peer.receive()
                assert answer.token == bytes([number, 0x55]), answer
                found.append((answer.status, answer.payload))
        peer = Peer(talk)
        text = account(f"coap://127.0.0.1:{peer.port}", mode=3)
        view = self.directory / "bootstrap.toml"
        view.write_text(text[:text.rindex("[[object]]")].replace("bootstrap_server = false", "bootstrap_server = true").replace("short_server_id = 1\n", ""))
        self.lwm2m("provision", view, "--adm", "88888888", "--force", *self.card)
        told = self.device("bootstrap", "--endpoint", "device-1", "--timeout", "2", ok=ok)
        peer.close()
        self.assertIsNone(peer.error)
        self.assertEqual([status for status, _ in found], [step[4] for step in steps])
        return told, found

    def good(self, *steps, kind=CON):
        told, found = self.bootstrap(*steps, kind=kind)
        self.assertIn('server_uri = "coap://127.0.0.1:15683"', told)
        self.assertIn("short_server_id = 123", told)
        self.assertEqual(told.count("bootstrap_server = true"), 1)
        return found

    def test_the_ways_of_servers(self):
        host = ((3, b"localhost"), (7, b"\x3d\x44"))
        with_host = [(method, segments, (*host, *options), payload, wanted) for method, segments, options, payload, wanted in
                     (self.DELETE_ALL, self.PUT_SECURITY, self.PUT_SERVER, self.FINISH)]
        for name, steps in (("objects deleted", (("DELETE", ("0",), (), b"", "2.02"), ("DELETE", ("1",), (), b"", "2.02"), self.PUT_SECURITY, self.PUT_SERVER, self.FINISH)),
                            ("all deleted", (self.DELETE_ALL, self.PUT_SECURITY, self.PUT_SERVER, self.FINISH)),
                            ("whole objects", (self.DELETE_ALL, ("PUT", ("0",), (coap.TLV,), instance(1, SECURITY), "2.04"),
                                               ("PUT", ("1",), (coap.TLV,), instance(0, SERVER), "2.04"), self.FINISH)),
                            ("Uri-Host and Uri-Port", with_host),
                            ("two accounts", (self.DELETE_ALL, ("PUT", ("0",), (coap.TLV,), instance(1, SECURITY) + instance(2, SECURITY.replace(b"\x7b", b"\x7c")), "2.04"),
                                              ("PUT", ("1",), (coap.TLV,), instance(0, SERVER) + instance(1, SERVER.replace(b"\x7b", b"\x7c", 1)), "2.04"), self.FINISH))):
            with self.subTest(name):
                self.good(*steps)

    def test_not_confirmable(self):
        self.good(self.DELETE_ALL, self.PUT_SECURITY, self.PUT_SERVER, self.FINISH, kind=NON)

    def test_single_resources(self):
        def put(number, form, payload):
            return ("PUT", ("0", "1", str(number)), ((coap.CONTENT_FORMAT, form),), payload, "2.04")
        self.good(self.DELETE_ALL, put(0, b"", b"coap://127.0.0.1:15683"), put(1, b"", b"0"), put(2, b"", b"3"), put(10, (11542).to_bytes(2, "big"), resource(10, 123)),
                  self.PUT_SERVER, self.FINISH)

    def test_blocks(self):
        steps = [self.DELETE_ALL]
        for segments, content in ((("0", "1"), SECURITY), (("1", "0"), SERVER)):
            for at in range(0, len(content), 16):
                more = at + 16 < len(content)
                block = (at // 16) << 4 | (8 if more else 0)
                steps.append(("PUT", segments, (coap.TLV, (coap.BLOCK1, bytes([block]) if block else b"")), content[at:at + 16], "2.31" if more else "2.04"))
        self.good(*steps, self.FINISH)

    def test_formats(self):
        security = json_payload({"bn": "/0/1/", "n": "0", "vs": "coap://127.0.0.1:15683"}, {"n": "1", "vb": False}, {"n": "2", "v": 3}, {"n": "10", "v": 123})
        cbor = bytes.fromhex("84" "A3" "21" "652F302F312F" "00" "6130" "03" "76") + b"coap://127.0.0.1:15683" + bytes.fromhex(
            "A2" "00" "6131" "04F4" "A2" "00" "6132" "0203" "A2" "00" "623130" "02187B")
        for name, form, payload, wanted in (("SenML JSON", 110, security, "2.04"), ("SenML CBOR", 112, cbor, "2.04"), ("old TLV", 1542, SECURITY, "2.04"),
                                            ("OMA JSON", 11543, b'{"bn":"/0/1/","e":[]}', "4.15"), ("a number that nobody gave", 99, SECURITY, "4.15")):
            with self.subTest(name):
                written = ("PUT", ("0", "1"), ((coap.CONTENT_FORMAT, form.to_bytes(2 if form > 255 else 1, "big")),), payload, wanted)
                if wanted == "2.04":
                    self.good(self.DELETE_ALL, written, self.PUT_SERVER, self.FINISH)
                else:
                    self.good(self.DELETE_ALL, written, self.PUT_SECURITY, self.PUT_SERVER, self.FINISH)

    def test_discover_and_read(self):
        found = self.good(("GET", (), ((coap.ACCEPT, b"\x28"),), b"", "2.05"), ("GET", ("0",), ((coap.ACCEPT, b"\x28"),), b"", "2.05"), self.DELETE_ALL,
                          self.PUT_SECURITY, self.PUT_SERVER, ("GET", (), ((coap.ACCEPT, b"\x28"),), b"", "2.05"),
                          ("GET", ("1",), ((coap.ACCEPT, (11542).to_bytes(2, "big")),), b"", "2.05"), ("GET", ("1",), ((coap.ACCEPT, b"\x6e"),), b"", "2.05"), self.FINISH)
        self.assertIn(b"</0/0>", found[0][1])
        self.assertIn(b"</0/1>;ssid=123", found[5][1])
        self.assertIn(SERVER, found[6][1])

    def test_what_must_be_refused(self):
        found = self.good(("PUT", ("0", "1"), (coap.TLV,), SECURITY[:-1], "4.00"), ("PUT", ("5", "0"), (coap.TLV,), resource(1, "x"), "4.04"),
                          ("PUT", ("3", "0"), (coap.TLV,), resource(0, "x"), "4.04"), ("PUT", ("0", "1"), (coap.TLV, (65001, b"z")), SECURITY, "4.02"),
                          ("PUT", ("0", "1"), (coap.TLV, (1, b"")), SECURITY, "4.02"), ("GET", ("0",), ((coap.ACCEPT, (11542).to_bytes(2, "big")),), b"", "4.05"),
                          ("POST", ("0", "1"), (coap.TLV,), SECURITY, "4.05"), ("POST", ("0", "1", "4"), (), b"", "4.05"), ("DELETE", ("0", "0"), (), b"", "4.00"),
                          self.REFUSED, self.PUT_SECURITY, self.REFUSED, self.PUT_SERVER, self.FINISH)
        self.assertEqual(len(found), 14)

    def test_accounts_that_no_device_takes(self):
        psk = resource(0, "coaps://127.0.0.1:15683") + resource(1, False) + resource(2, 0) + resource(3, "") + resource(5, "") + resource(10, 123)
        for name, steps in (("only the Finish", ()), ("another short identifier", (self.PUT_SECURITY, (*self.PUT_SERVER[:3], SERVER.replace(b"\x7b", b"\x7c", 1), "2.04"))),
                            ("no account", (self.PUT_SERVER,)), ("no key", ((*self.PUT_SECURITY[:3], psk, "2.04"), self.PUT_SERVER)),
                            ("a URI of HTTP", ((*self.PUT_SECURITY[:3], SECURITY.replace(b"coap://127.0.0.1:15683", b"http://127.0.0.1:15683"), "2.04"), self.PUT_SERVER))):
            with self.subTest(name):
                told, _ = self.bootstrap(self.DELETE_ALL, *steps, self.REFUSED, ok=(3,))
                self.assertIn("did not finish", told)

    def test_the_same_message_again_is_done_once(self):
        answers = []

        def talk(peer):
            request = peer.receive()
            peer.send(Message(ACK, code("2.04"), request.id, request.token))
            for number, (method, segments, options, payload, _) in enumerate((self.DELETE_ALL, self.PUT_SECURITY, self.PUT_SERVER)):
                message = Message(CON, getattr(coap, method), 100 + number, bytes([number]), (*path(*segments), *options), payload)
                for _ in range(2):
                    peer.send(message)
                    answers.append(peer.receive().encode())
            peer.send(Message(CON, coap.POST, 200, b"\x09", path("bs")))
            peer.receive()
        peer = Peer(talk)
        text = account(f"coap://127.0.0.1:{peer.port}", mode=3)
        view = self.directory / "bootstrap.toml"
        view.write_text(text[:text.rindex("[[object]]")].replace("bootstrap_server = false", "bootstrap_server = true").replace("short_server_id = 1\n", ""))
        self.lwm2m("provision", view, "--adm", "88888888", "--force", *self.card)
        self.assertIn("short_server_id = 123", self.device("bootstrap", "--endpoint", "device-1", "--timeout", "5"))
        peer.close()
        self.assertIsNone(peer.error)
        self.assertEqual(answers[0::2], answers[1::2])
