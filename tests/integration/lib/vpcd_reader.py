# SPDX-License-Identifier: Apache-2.0
"""A reader of our own, as vpcd is one: the card connects, and gets commands without anything between."""

import socket

ON = b"\1"


class VpcdReader:
    """`port` is where the card has to connect; wait_card() first, and again for each further card."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(30)
        self.port = self._listener.getsockname()[1]
        self._card = None

    def wait_card(self):
        if self._card is not None:
            self._card.close()
        self._card, _ = self._listener.accept()
        self._card.settimeout(30)
        self._card.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._write(ON)

    def _write(self, payload):
        self._card.sendall(len(payload).to_bytes(2, "big") + payload)

    def _read(self, size):
        data = self._card.recv(size, socket.MSG_WAITALL)
        if len(data) != size:
            raise ConnectionError("the card is gone")
        return data

    def begin(self, command):
        self._write(command)

    def end(self):
        """Raises ConnectionError if the card is gone before it has answered."""
        return self._read(int.from_bytes(self._read(2), "big"))

    def _exchange(self, command):
        self.begin(command)
        return self.end()

    def transmit(self, command):
        """The answer: data and status, as a terminal fetches it under T=0 (61xx and 6Cxx, ETSI TS 102 221 clause 7.3.1.1)."""
        answer = self._exchange(command)
        if answer[0] == 0x6C:
            answer = self._exchange(command[:4] + answer[1:2])
        while answer[-2] == 0x61:
            answer = answer[:-2] + self._exchange(bytes([command[0] & 3, 0xC0, 0, 0, answer[-1]]))
        return answer

    def close(self):
        for one in (self._card, self._listener):
            if one is not None:
                one.close()
