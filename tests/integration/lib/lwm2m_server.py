# SPDX-License-Identifier: Apache-2.0
"""LwM2M servers on plain CoAP, with threads and without DTLS (dtls_relay.py stands before them): registrations by their endpoint names, and
a bootstrap server."""

import socket
import threading
import time

POST, PUT, DELETE = 2, 3, 4
CREATED, DELETED, CHANGED, BAD_REQUEST, NOT_FOUND = 0x41, 0x42, 0x44, 0x80, 0x84
URI_PATH, LOCATION_PATH, CONTENT_FORMAT, URI_QUERY = 11, 8, 12, 15
LWM2M_TLV = (11542).to_bytes(2, "big")


def options_of(message):
    """[(number, value)] and the payload (RFC 7252 clause 3.1)."""
    at, number, out = 4 + (message[0] & 15), 0, []
    while at < len(message) and message[at] != 0xFF:
        head, at = message[at], at + 1
        parts = []
        for nibble in (head >> 4, head & 15):
            if nibble == 13:
                nibble, at = 13 + message[at], at + 1
            elif nibble == 14:
                nibble, at = 269 + int.from_bytes(message[at:at + 2], "big"), at + 2
            parts.append(nibble)
        number += parts[0]
        out.append((number, message[at:at + parts[1]]))
        at += parts[1]
    return out, message[at + 1:]


def option(delta, value):
    extended = [x for n in (delta, len(value)) for x in ([n - 13] if n >= 13 else [])]
    return bytes([min(delta, 13) << 4 | min(len(value), 13), *extended]) + value


class Lwm2mServer:
    def __init__(self):
        self.registrations = {}  # location -> queries
        self.log = []
        self.refuse = None  # a code for every Register
        self.diagnostic = b""  # what it says with it
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._socket.settimeout(0.1)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        self._stopped.set()
        self._thread.join()
        self._socket.close()

    def _run(self):
        while not self._stopped.is_set():
            try:
                message, peer = self._socket.recvfrom(65536)
                self._socket.sendto(self._answer(message), peer)
            except TimeoutError:
                continue
            except OSError:
                return

    def _answer(self, message):
        options, payload = options_of(message)
        path = [value.decode() for number, value in options if number == URI_PATH]
        queries = dict(value.decode().split("=", 1) for number, value in options if number == URI_QUERY)
        code, more = self._carry_out(message[1], path, queries, payload.decode())
        self.log.append((message[1], path, queries, code))
        size = message[0] & 15
        return bytes([0x60 | size, code]) + message[2:4] + message[4:4 + size] + more

    def _carry_out(self, method, path, queries, payload):
        if method == POST and path == ["rd"]:
            if self.refuse:
                return self.refuse, b"\xFF" + self.diagnostic if self.diagnostic else b""
            location = f"{len(self.log):x}"
            self.registrations[location] = {**queries, "objects": payload}
            return CREATED, option(LOCATION_PATH, b"rd") + option(0, location.encode())
        if len(path) == 2 and path[1] in self.registrations:
            if method == POST:
                self.registrations[path[1]].update(queries)
                return CHANGED, b""
            if method == DELETE:
                del self.registrations[path[1]]
                return DELETED, b""
        return NOT_FOUND, b""


def resource(number, value):
    """A resource of LwM2M's TLV (clause 6.4.3): an integer below 32768, a boolean or a text."""
    if isinstance(value, (bool, int)):
        value = int(value).to_bytes(1 if value < 128 else 2, "big")
    else:
        value = value.encode()
    head = bytes([0xC0 | len(value), number]) if len(value) < 8 else bytes([0xC8, number, len(value)])
    return head + value


class BootstrapServer:
    """Carries out one bootstrap: when it is asked by POST /bs, or by itself at the device's `port`."""

    def __init__(self, account_uri):
        self.account_uri = account_uri
        self.asked = None  # the queries, and when that was
        self.codes = []  # of the device's answers
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(30)
        self.port = self._socket.getsockname()[1]
        self._thread = None

    def close(self):
        if self._thread:
            self._thread.join()
        self._socket.close()

    def requests(self):
        security = resource(0, self.account_uri) + resource(1, False) + resource(2, 3) + resource(10, 7)
        server = resource(0, 7) + resource(1, 300) + resource(6, True) + resource(7, "U")
        return [(DELETE, ["0"], b""), (PUT, ["0", "1"], security), (PUT, ["1", "0"], server), (POST, ["bs"], b"")]

    def wait_to_be_asked(self):
        self._run(self._be_asked)

    def begin_at(self, port):
        """By itself: again until somebody is there."""
        self._run(lambda: ("127.0.0.1", port))

    def _run(self, find_device):
        self._thread = threading.Thread(target=lambda: self._bootstrap(find_device()), daemon=True)
        self._thread.start()

    def _be_asked(self):
        message, peer = self._socket.recvfrom(65536)
        options, _ = options_of(message)
        self.asked = [value.decode() for number, value in options if number == URI_QUERY], time.monotonic()
        size = message[0] & 15
        self._socket.sendto(bytes([0x60 | size, CHANGED]) + message[2:4] + message[4:4 + size], peer)
        return peer

    def _bootstrap(self, device):
        for number, (method, path, payload) in enumerate(self.requests()):
            message = bytes([0x40, method]) + (0x100 + number).to_bytes(2, "big")
            for at, one in enumerate(path):
                message += option(URI_PATH if at == 0 else 0, one.encode())
            if payload:
                message += option(CONTENT_FORMAT - URI_PATH, LWM2M_TLV) + b"\xff" + payload
            self.codes.append(self._exchange(message, device)[1])

    def _exchange(self, message, device):
        while True:
            self._socket.sendto(message, device)
            self._socket.settimeout(0.05)  # CoAP's retransmission, in a hurry: nobody may be there yet
            try:
                answer, _ = self._socket.recvfrom(65536)
            except OSError:
                continue
            if answer[2:4] == message[2:4]:
                return answer
