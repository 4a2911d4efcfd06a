# SPDX-License-Identifier: Apache-2.0
"""Platforms at an SMPP 3.4 message centre, as far as these tests need them: one that does all for its user, and one that does nothing by itself."""

import socket
import struct

BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x01, 0x02, 0x09
SUBMIT, DELIVER, ENQUIRE_LINK = 0x04, 0x05, 0x15
RESPONSE = 0x80000000
UDHI = 0x40


def pdu(command, body=b"", sequence=1, status=0):
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def submit_body(user_data, number=b"491710000001", source=b"491710000000", ton=1, npi=1, registered=0, schedule=b""):
    """A submit_sm for the card: protocol_id 7F, data_coding F6, with a user data header."""
    return (b"\0" + bytes([ton, npi]) + source + b"\0\1\1" + number + b"\0" + bytes([UDHI]) + b"\x7f\0" + schedule + b"\0\0" + bytes([registered]) +
            b"\0\xf6\0" + bytes([len(user_data)]) + user_data)


def text_of(body):
    """esm_class and short_message of a deliver_sm."""
    rest = body.split(b"\0", 1)[1][2:].split(b"\0", 1)[1][2:].split(b"\0", 1)[1]  # behind service_type, source, destination
    esm_class = rest[0]
    rest = rest[3:].split(b"\0", 1)[1].split(b"\0", 1)[1][4:]  # behind esm_class to sm_default_msg_id
    return esm_class, rest[1 : 1 + rest[0]]


class Esme:
    """Answers nothing that it is not told to answer."""

    def __init__(self, port, command=None, account=b"uicclab", password=b"uicclab", version=0x34):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._sequence = 0
        if command is not None:
            self.send(command, account + b"\0" + password + b"\0\0" + bytes([version, 0, 0, 0]))
            self.bound = self.read()
            if self.bound[1] != 0:
                raise ConnectionError(f"bind: status {self.bound[1]:02X}")

    def send(self, command, body=b""):
        self._sequence += 1
        self.socket.sendall(pdu(command, body, self._sequence))
        return self._sequence

    def read(self):
        """The next PDU: command, status, sequence, body; None at the end of the connection."""
        while len(self._buffer) < 16 or len(self._buffer) < struct.unpack(">I", self._buffer[:4])[0]:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not more:
                return None
            self._buffer += more
        size, command, status, sequence = struct.unpack(">IIII", self._buffer[:16])
        body, self._buffer = self._buffer[16:size], self._buffer[size:]
        return command, status, sequence, body

    def answer(self, sequence, status=0):
        self.socket.sendall(pdu(DELIVER | RESPONSE, b"\0", sequence, status))

    def close(self):
        self.socket.close()


class SmppClient:
    def __init__(self, port, number=b"491710000001", account=b"uicclab", password=b"uicclab"):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sequence = 0
        self._number = number
        self.delivered = []  # user data
        self._request(BIND_TRANSCEIVER, account + b"\0" + password + b"\0\0\x34\0\0\0")

    def _read(self):
        head = self._socket.recv(16, socket.MSG_WAITALL)
        if len(head) != 16:
            raise ConnectionError("the message centre is gone")
        size, command, status, sequence = struct.unpack(">IIII", head)
        return command, status, sequence, self._socket.recv(size - 16, socket.MSG_WAITALL) if size > 16 else b""

    def _request(self, command, body):
        """Waits for the response; takes what is delivered meanwhile."""
        self._sequence += 1
        self._socket.sendall(pdu(command, body, self._sequence))
        while True:
            got, status, sequence, answer = self._read()
            if got == command | RESPONSE and sequence == self._sequence:
                if status:
                    raise ConnectionError(f"status {status:02X}")
                return answer
            if got == DELIVER:
                self._take(sequence, answer)

    def _take(self, sequence, body):
        self.delivered.append(text_of(body)[1])
        self._socket.sendall(pdu(DELIVER | RESPONSE, b"\0", sequence))

    def submit(self, user_data, parameters=b""):
        """To the card (protocol_id 7F, data_coding F6), with a user data header. Returns what came back before the centre went on."""
        self.delivered = []
        body = submit_body(user_data, self._number) + parameters
        self._request(SUBMIT, body)
        self._request(ENQUIRE_LINK, b"")  # whatever the message brought back is here before this one is answered
        return self.delivered

    def close(self):
        self._socket.close()
