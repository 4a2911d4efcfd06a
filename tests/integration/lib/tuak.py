# SPDX-License-Identifier: Apache-2.0
"""TUAK (3GPP TS 35.231) in plain Python, with MAC and RES of 8 bytes, CK and IK of 16; and a home location register that uses it."""
import secrets

from .authentication_centre import AuthenticationCentre
from .milenage import xor

MASK = (1 << 64) - 1
ROTATIONS = ((0, 36, 3, 41, 18), (1, 44, 10, 45, 2), (62, 6, 43, 15, 61), (28, 55, 25, 21, 56), (27, 20, 39, 8, 14))


def turn(lane, count):
    return (lane << count | lane >> (64 - count)) & MASK if count else lane


def round_constants():
    """The 24 constants of FIPS 202 clause 3.2.5, by their shift register."""
    register, out = 1, []
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << ((1 << j) - 1)
            register = (register << 1) ^ (0x171 if register >> 7 else 0)
        out.append(constant)
    return out


CONSTANTS = round_constants()


def keccak_f1600(data):
    a = [[int.from_bytes(data[8 * (x + 5 * y):8 * (x + 5 * y) + 8], "little") for y in range(5)] for x in range(5)]
    for constant in CONSTANTS:
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        d = [c[(x - 1) % 5] ^ turn(c[(x + 1) % 5], 1) for x in range(5)]
        b = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                b[y][(2 * x + 3 * y) % 5] = turn(a[x][y] ^ d[x], ROTATIONS[x][y])
        for x in range(5):
            for y in range(5):
                a[x][y] = b[x][y] ^ (~b[(x + 1) % 5][y] & b[(x + 2) % 5][y] & MASK)
        a[0][0] ^= constant
    return b"".join(a[i % 5][i // 5].to_bytes(8, "little") for i in range(25))


def sha3_256(data):
    """Of less than one block: shows that the permutation is Keccak's."""
    block = bytearray(data + b"\x06" + bytes(136 - len(data) - 1) + bytes(64))
    block[135] |= 0x80
    return keccak_f1600(bytes(block))[:32]


class Tuak:
    def __init__(self, k, topc):
        self.k, self.topc = k, topc

    def _run(self, instance, rand, amf_sqn=bytes(8)):
        instance |= 1 if len(self.k) == 32 else 0
        block = bytearray(200)
        at = 0
        for field in (self.topc, bytes([instance]), b"TUAK1.0", rand, amf_sqn[:2], amf_sqn[2:], self.k):
            block[at:at + len(field)] = field[::-1]
            at += len(field)
        block[96], block[135] = 0x1F, 0x80
        return keccak_f1600(bytes(block))

    def keys(self, rand):
        """RES, CK, IK, AK."""
        out = self._run(0x48, rand)
        return out[:8][::-1], out[32:48][::-1], out[64:80][::-1], out[96:102][::-1]

    def mac(self, rand, sqn, amf, star=False):
        return self._run(0x88 if star else 0x08, rand, amf + sqn)[:8][::-1]

    def ak_star(self, rand):
        return self._run(0xC0, rand)[96:102][::-1]


class TuakCentre(AuthenticationCentre):
    def _tuak(self):
        return Tuak(bytes.fromhex(self.k), bytes.fromhex(self.opc))

    def vector(self, rand=None):
        tuak, rand, sqn, amf = self._tuak(), bytes.fromhex(rand or secrets.token_hex(16)), self.sqn.to_bytes(6, "big"), bytes.fromhex(self.amf)
        res, ck, ik, ak = tuak.keys(rand)
        self.sqn += 32
        autn = xor(sqn, ak) + amf + tuak.mac(rand, sqn, amf)
        return {"RAND": rand.hex(), "AUTN": autn.hex(), "CK": ck.hex(), "IK": ik.hex(), "RES": res.hex()}

    def resynchronise(self, auts, rand):
        tuak, auts, rand = self._tuak(), bytes.fromhex(auts), bytes.fromhex(rand)
        sqn = xor(auts[:6], tuak.ak_star(rand))
        assert tuak.mac(rand, sqn, bytes(2), star=True) == auts[6:], "AUTS of another card"
        self.sqn = int.from_bytes(sqn, "big") + 32
        self.resynchronisations += 1
