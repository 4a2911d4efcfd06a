# SPDX-License-Identifier: Apache-2.0
"""CoAP messages as bytes, for peers that say what no library would (RFC 7252 clause 3)."""

import dataclasses

CON, NON, ACK, RST = range(4)
GET, POST, PUT, DELETE = range(1, 5)
LOCATION_PATH, URI_PATH, CONTENT_FORMAT, URI_QUERY, ACCEPT, BLOCK1, SIZE1 = 8, 11, 12, 15, 17, 27, 60
TLV = (CONTENT_FORMAT, (11542).to_bytes(2, "big"))


@dataclasses.dataclass
class Message:
    type: int
    code: int
    id: int
    token: bytes = b""
    options: tuple = ()
    payload: bytes = b""

    def encode(self):
        out, last = b"", 0
        for number, value in sorted(self.options, key=lambda one: one[0]):
            nibbles, more = [], b""
            for size in (number - last, len(value)):
                nibbles.append(size if size < 13 else 13 if size < 269 else 14)
                more += b"" if size < 13 else bytes([size - 13]) if size < 269 else (size - 269).to_bytes(2, "big")
            out += bytes([nibbles[0] << 4 | nibbles[1]]) + more + value
            last = number
        head = bytes([0x40 | self.type << 4 | len(self.token), self.code]) + self.id.to_bytes(2, "big")
        return head + self.token + out + (b"\xff" + self.payload if self.payload else b"")

    def values(self, number):
        return [value for one, value in self.options if one == number]

    @property
    def path(self):
        return "/" + "/".join(value.decode() for value in self.values(URI_PATH))

    @property
    def status(self):
        """The code as "2.05"."""
        return f"{self.code >> 5}.{self.code & 31:02}"


def parse(datagram):
    at, number, options = 4 + (datagram[0] & 15), 0, []
    token = datagram[4:at]
    while at < len(datagram) and datagram[at] != 0xFF:
        sizes, head, at = [], datagram[at], at + 1
        for nibble in (head >> 4, head & 15):
            width = {13: 1, 14: 2}.get(nibble, 0)
            sizes.append(nibble if not width else int.from_bytes(datagram[at:at + width], "big") + (13 if width == 1 else 269))
            at += width
        number += sizes[0]
        options.append((number, datagram[at:at + sizes[1]]))
        at += sizes[1]
    return Message(datagram[0] >> 4 & 3, datagram[1], int.from_bytes(datagram[2:4], "big"), token, tuple(options), datagram[at + 1:])


def code(text):
    """"2.05" as its byte."""
    return int(text[0]) << 5 | int(text[2:])


def path(*segments):
    return tuple((URI_PATH, one.encode()) for one in segments)
