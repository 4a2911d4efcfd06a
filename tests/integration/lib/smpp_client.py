"""A platform at an SMPP 3.4 message centre, as far as these tests need one: bind_transceiver, submit_sm, and the deliver_sm that come back."""

import socket
import struct

BIND_TRANSCEIVER, SUBMIT, DELIVER, ENQUIRE_LINK = 0x09, 0x04, 0x05, 0x15
RESPONSE = 0x80000000
UDHI = 0x40


def pdu(command, body=b"", sequence=1, status=0):
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


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
        rest = body.split(b"\0", 1)[1][2:].split(b"\0", 1)[1][2:].split(b"\0", 1)[1]  # behind service_type, source, destination
        rest = rest[3:].split(b"\0", 1)[1].split(b"\0", 1)[1][4:]  # behind esm_class to sm_default_msg_id
        self.delivered.append(rest[1 : 1 + rest[0]])
        self._socket.sendall(pdu(DELIVER | RESPONSE, b"\0", sequence))

    def submit(self, user_data, parameters=b""):
        """To the card (protocol_id 7F, data_coding F6), with a user data header. Returns what came back before the centre went on."""
        self.delivered = []
        body = (b"\0\1\x01491710000000\0\1\x01" + self._number + b"\0" + bytes([UDHI]) + b"\x7f\0\0\0\0\0\xf6\0" +
                bytes([len(user_data)]) + user_data + parameters)
        self._request(SUBMIT, body)
        self._request(ENQUIRE_LINK, b"")  # whatever the message brought back is here before this one is answered
        return self.delivered

    def close(self):
        self._socket.close()
