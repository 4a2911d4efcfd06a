"""A LwM2M server on plain CoAP: registrations by their endpoint names. With threads and without DTLS; dtls_relay.py stands before it."""

import socket
import threading

POST, DELETE = 2, 4
CREATED, DELETED, CHANGED, BAD_REQUEST, NOT_FOUND = 0x41, 0x42, 0x44, 0x80, 0x84
URI_PATH, LOCATION_PATH, URI_QUERY = 11, 8, 15


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
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        self._socket.close()

    def _run(self):
        while True:
            try:
                message, peer = self._socket.recvfrom(65536)
                self._socket.sendto(self._answer(message), peer)
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
                return self.refuse, b""
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
