# SPDX-License-Identifier: Apache-2.0
"""A host of SCP03 (GlobalPlatform Amendment D), with nothing of the program in it: S8, security levels 00 and 01, PUT KEY. Uses Debian's
python3-cryptography."""

import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC


def cmac(key, data):
    mac = CMAC(algorithms.AES(key))
    mac.update(data)
    return mac.finalize()


def derive(key, constant, bits, context):
    """NIST SP 800-108 in counter mode (clause 4.1.5); up to one block."""
    label = bytes(11) + bytes([constant])
    return cmac(key, label + b"\0" + bits.to_bytes(2, "big") + b"\1" + context)[: bits // 8]


def key_check_value(key):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(b"\1" * 16)[:3]


class Refused(Exception):
    """The card did not open a session: its status."""


class Session:
    """One session with the security domain that is selected. `send` takes a command in hexadecimal and returns the answer."""

    def __init__(self, send, key, version):
        self._send = send
        self._dek = key
        challenge = os.urandom(8)
        answer = send(f"8050{version:02X}0008{challenge.hex()}00".upper())
        if not answer.endswith("9000"):
            raise Refused(answer)
        data = bytes.fromhex(answer)
        card_challenge, card_cryptogram = data[13:21], data[21:29]
        context = challenge + card_challenge
        self._mac_key = derive(key, 0x06, 128, context)
        if derive(self._mac_key, 0x00, 64, context) != card_cryptogram:
            raise Refused("the card has other keys")
        self._chaining = bytes(16)
        self._is_open = False
        status = self.command("8282", "0100", derive(self._mac_key, 0x01, 64, context).hex())
        if status != "9000":
            raise Refused(status)

    def command(self, cla_ins, p1_p2, data=""):
        """With a C-MAC; class 80 becomes 84."""
        header = bytes([0x84]) + bytes.fromhex(cla_ins[2:] + p1_p2)
        body = bytes.fromhex(data)
        whole = header + bytes([len(body) + 8]) + body
        self._chaining = cmac(self._mac_key, self._chaining + whole)
        return self._send((whole + self._chaining[:8]).hex().upper() + "00")

    def wrapped(self, cla_ins, p1_p2, data=""):
        """The same, not sent: the caller does. There is no second one after it unless it was."""
        sent = []
        send, self._send = self._send, sent.append
        self.command(cla_ins, p1_p2, data)
        self._send = send
        return sent[0]

    def key_set(self, key, version):
        """Data of PUT KEY: three times this key (clause 7.2)."""
        encryptor = Cipher(algorithms.AES(self._dek), modes.CBC(bytes(16))).encryptor()
        field = bytes([0x88, 17, 16]) + encryptor.update(key) + b"\3" + key_check_value(key)
        return (bytes([version]) + 3 * field).hex().upper()
