# SPDX-License-Identifier: Apache-2.0
"""Milenage (3GPP TS 35.206) and the keys of GBA (TS 33.220 annex B) by Python's cryptography and hmac alone."""
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


class Milenage:
    def __init__(self, k, opc):
        self.k, self.opc = k, opc

    def _encrypt(self, block):
        encryptor = Cipher(algorithms.AES(self.k), modes.ECB()).encryptor()
        return encryptor.update(block) + encryptor.finalize()

    def _out(self, rand, rotation, constant):
        temp = xor(self._encrypt(xor(rand, self.opc)), self.opc)
        turned = temp[rotation:] + temp[:rotation]
        return xor(self._encrypt(xor(turned, bytes(15) + bytes([constant]))), self.opc)

    def keys(self, rand):
        """RES, CK, IK, AK."""
        out2 = self._out(rand, 0, 1)
        return out2[8:], self._out(rand, 4, 2), self._out(rand, 8, 4), out2[:6]

    def mac(self, rand, sqn, amf):
        temp = self._encrypt(xor(rand, self.opc))
        block = xor((sqn + amf) * 2, self.opc)
        turned = block[8:] + block[:8]
        return xor(self._encrypt(xor(temp, turned)), self.opc)[:8]


def kdf(key, *parameters):
    text = b"\x01"
    for one in parameters:
        text += one + len(one).to_bytes(2, "big")
    return hmac.new(key, text, hashlib.sha256).digest()


def naf_keys(ck, ik, rand, impi, naf_id):
    """Ks_(ext_)NAF and Ks_int_NAF."""
    return tuple(kdf(ck + ik, label, rand, impi.encode(), naf_id) for label in (b"gba-me", b"gba-u"))
