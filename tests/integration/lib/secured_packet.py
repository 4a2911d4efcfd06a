# SPDX-License-Identifier: Apache-2.0
"""Secured packets (ETSI TS 102 225, 3GPP TS 31.115), both ends, with nothing of the program in it: written from the clauses, on Debian's
python3-cryptography. The receiver says what a card has to answer to any octets."""

import zlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

NONE, RC, CC, DS = range(4)  # bits 2 and 1 of SPI1, bits 4 and 3 of SPI2
NO_COUNTER, UNCHECKED, HIGHER, ONE_HIGHER = range(4)  # bits 5 and 4 of SPI1
NEVER, ALWAYS, ON_ERROR, RESERVED = range(4)  # bits 2 and 1 of SPI2
OK, CHECK_FAILED, LOW, HIGH, BLOCKED, CIPHERING, UNIDENTIFIED = range(7)
TAR_UNKNOWN, INSUFFICIENT, BY_SUBMIT = 9, 10, 11

COMMAND_CLEAR, RESPONSE_CLEAR = 10, 6  # octets before CNTR
RESPONSE_HEADER = bytes.fromhex("027100")


def crc16(data):
    """CRC of ISO/IEC 13239 (clause 5.1.3.2), bit by bit."""
    crc = 0xFFFF
    for octet in data:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return (crc ^ 0xFFFF).to_bytes(2, "big")


def crc32(data):
    return zlib.crc32(data).to_bytes(4, "big")


@dataclass(frozen=True)
class KeySet:
    """KIc and KID of one key version."""

    kind: str  # "aes" or "des"
    kic: bytes
    kid: bytes


NO_KEYS = KeySet("", b"", b"")


class Unusable(Exception):
    """KIc, KID and the keys do not go together."""


def algorithm(indicator, kind, key, single_des):
    """Of the low half of KIc or KID: "aes", "des", "3des" or "ecb" (clauses 5.1.2 and 5.1.3)."""
    low = indicator & 15
    if not key:
        raise Unusable
    if low == 0:
        low = 2 if kind == "aes" else {8: 1, 16: 5, 24: 9}[len(key)]
    name, fits = {1: ("des", 8), 5: ("3des", 16), 9: ("3des", 24), 13: ("ecb", 8), 2: ("aes", 0)}.get(low, (None, None))
    if name is None or (name == "aes") != (kind == "aes") or (kind == "des" and len(key) != fits):
        raise Unusable
    if fits == 8 and not single_des:
        raise Unusable
    return name


class Algorithms:
    """What a pair of KIc and KID can be used for with the keys of its version."""

    def __init__(self, kic, kid, keys, single_des=False, short_cmac=False):
        self.kic, self.kid, self._keys = kic, kid, keys
        self._single_des, self._short_cmac = single_des, short_cmac

    def cipher(self):
        """Cipher and block size; the IV is zero."""
        name = algorithm(self.kic, self._keys.kind, self._keys.kic, self._single_des)
        if name == "aes":
            return Cipher(algorithms.AES(self._keys.kic), modes.CBC(bytes(16))), 16
        mode = modes.ECB() if name == "ecb" else modes.CBC(bytes(8))
        return Cipher(algorithms.TripleDES(self._keys.kic), mode), 8

    def check(self, kind):
        """The function and the sizes that it may be cut to."""
        if kind == RC:
            by_low = {1: (crc16, (2,)), 5: (crc32, (4,)), 0: (crc32, (4,))}
            if self.kid & 15 not in by_low:
                raise Unusable
            return by_low[self.kid & 15]
        if kind != CC:
            raise Unusable
        name = algorithm(self.kid, self._keys.kind, self._keys.kid, self._single_des)
        if name == "ecb":
            raise Unusable
        if name == "aes":
            return self._cmac, (8, 4) if self._short_cmac else (8,)
        return self._des_mac, (8,)

    def _cmac(self, data):
        mac = CMAC(algorithms.AES(self._keys.kid))
        mac.update(data)
        return mac.finalize()

    def _des_mac(self, data):
        """The last block in CBC mode, zeros behind the data."""
        encryptor = Cipher(algorithms.TripleDES(self._keys.kid), modes.CBC(bytes(8))).encryptor()
        return encryptor.update(data + bytes(-len(data) % 8))[-8:]

    def encrypt(self, data):
        return self.cipher()[0].encryptor().update(data)

    def decrypt(self, data):
        return self.cipher()[0].decryptor().update(data)


def spi_fields(spi):
    """Check, ciphered, counter mode; PoR mode, its check, ciphered, by SMS-SUBMIT (clause 5.1.1)."""
    first, second = spi
    return first & 3, bool(first & 4), first >> 3 & 3, second & 3, second >> 2 & 3, bool(second & 16), bool(second & 32)


def build_command(spi, tar, counter, data, using, check_size=None):
    """Clause 5.1. A DS is eight octets of nothing."""
    kind, ciphered = spi_fields(spi)[:2]
    function, size = None, 0
    if kind == DS:
        function, size = (lambda _: bytes(8)), 8
    elif kind != NONE:
        function, sizes = using.check(kind)
        size = check_size or sizes[0]
    padding = -(6 + size + len(data)) % using.cipher()[1] if ciphered else 0
    body = data + bytes(padding)
    clear = bytes([13 + size, *spi, using.kic, using.kid]) + tar
    fixed = counter.to_bytes(5, "big") + bytes([padding])
    clear = (len(clear) + len(fixed) + size + len(body)).to_bytes(2, "big") + clear
    check = function(clear + fixed + body)[:size] if function else b""
    rest = fixed + check + body
    return clear + (using.encrypt(rest) if ciphered else rest)


@dataclass
class Response:
    tar: bytes
    counter: int
    status: int
    data: bytes


def open_response(packet, spi, using, check_size=None):
    """Clause 5.2, and the check over UDHL, IEIa and IEIDLa too (3GPP TS 31.115 clause 4.4). Raises ValueError unless all of it is right."""
    _, _, _, _, kind, ciphered, _ = spi_fields(spi)
    if int.from_bytes(packet[:2], "big") != len(packet) - 2:
        raise ValueError(f"RPL: {packet.hex()}")
    clear, rest = packet[:RESPONSE_CLEAR], packet[RESPONSE_CLEAR:]
    if ciphered:
        rest = using.decrypt(rest)
    size = 0
    if kind != NONE:
        function, sizes = using.check(kind)
        size = check_size if kind == CC and check_size else sizes[0]
        if function(RESPONSE_HEADER + clear + rest[:7] + rest[7 + size :])[:size] != rest[7 : 7 + size]:
            raise ValueError(f"check of the response: {packet.hex()}")
    if clear[2] != 10 + size:
        raise ValueError(f"RHL: {packet.hex()}")
    data, padding = rest[7 + size :], rest[5]
    if padding > len(data) or any(data[len(data) - padding :]):
        raise ValueError(f"padding of the response: {packet.hex()}")
    return Response(clear[3:6], int.from_bytes(rest[:5], "big"), rest[6], data[: len(data) - padding])


@dataclass
class Verdict:
    """What a card makes of a packet. The status is None for what is no packet."""

    status: int = None
    counter: int = 0
    data: bytes = b""
    due: bool = False  # a response packet
    protected: bool = True  # as the SPI asks; else bare
    check_size: int = None


@dataclass
class Receiver:
    """A card. `counters` are the last ones taken: by key version, and with a CC or without one."""

    keys: dict
    minimum: dict  # minimum security level by TAR
    single_des: bool = False
    short_cmac: bool = False
    counters: dict = field(default_factory=dict)

    def version(self, spi, kic, kid):
        """Of the keys that KIc and KID name; where they name two, that of the one in use. 0 stands for the lowest there is."""
        first, second = (kid >> 4, kic >> 4) if spi[0] & 3 == CC else (kic >> 4, kid >> 4)
        return first or second or min(self.keys)

    def using(self, spi, kic, kid):
        return Algorithms(kic, kid, self.keys.get(self.version(spi, kic, kid), NO_KEYS), self.single_des, self.short_cmac)

    def last(self, spi, kic, kid):
        """The last counter that was taken."""
        return self.counters.get((self.version(spi, kic, kid), spi[0] & 3 == CC), 0)

    def judge(self, packet):
        """What has to become of the packet. Nothing here changes by it: that is take()."""
        if len(packet) < 3 or int.from_bytes(packet[:2], "big") != len(packet) - 2 or not 13 <= packet[2] <= len(packet) - 3:
            return Verdict()
        spi, kic, kid, tar = packet[3:5], packet[5], packet[6], packet[7:10]
        kind, ciphered, mode, por, por_kind, por_ciphered, _ = spi_fields(spi)
        size = packet[2] - 13
        verdict = Verdict(OK, check_size=size if kind == CC else None)

        def ends(status, authenticated=False):
            verdict.status = status
            # 3GPP TS 31.111 clause 7.1.1.1: nothing is said to whom a CC proves a stranger.
            silent = status == CHECK_FAILED and kind == CC
            verdict.due = not silent and (por == ALWAYS or (por == ON_ERROR and status != OK))
            # Table 5, status 06; and the keys of the card serve nobody who did not authenticate.
            wants_keys = por_ciphered or por_kind in (CC, DS)
            verdict.protected = status == OK or not (status in (UNIDENTIFIED, TAR_UNKNOWN) or (not authenticated and wants_keys))
            return verdict

        if tar not in self.minimum:
            return ends(TAR_UNKNOWN)
        try:
            if kind == CC and ciphered and len({kic >> 4, kid >> 4} - {0}) > 1:
                raise Unusable  # annex A.2
            using = self.using(spi, kic, kid)
            block = using.cipher()[1] if ciphered else 1
            function, sizes = (None, (0,)) if kind == NONE else using.check(kind)
            if size not in sizes or por == RESERVED:
                raise Unusable
            if por != NEVER:
                if por_kind != NONE:
                    using.check(por_kind)
                if por_ciphered:
                    using.cipher()
        except Unusable:
            return ends(UNIDENTIFIED)
        clear, rest = packet[:COMMAND_CLEAR], packet[COMMAND_CLEAR:]
        if len(rest) % block:
            return ends(CHECK_FAILED if kind == CC else CIPHERING)
        if ciphered:
            rest = using.decrypt(rest)
        verdict.counter = int.from_bytes(rest[:5], "big")
        if function and function(clear + rest[:6] + rest[6 + size :])[:size] != rest[6 : 6 + size]:
            return ends(CHECK_FAILED)
        authenticated = kind == CC
        data, padding = rest[6 + size :], rest[5]
        if padding > len(data):
            return ends(CIPHERING if ciphered else UNIDENTIFIED, authenticated)
        minimum = self.minimum[tar]
        if any(spi[0] >> shift & mask < minimum >> shift & mask for shift, mask in ((0, 3), (2, 1), (3, 3))):
            return ends(INSUFFICIENT, authenticated)
        last = self.last(spi, kic, kid)
        if mode in (HIGHER, ONE_HIGHER):
            if last == 0xFFFFFFFFFF:
                return ends(BLOCKED, authenticated)
            if verdict.counter <= last:
                return ends(LOW, authenticated)
            if mode == ONE_HIGHER and verdict.counter != last + 1:
                return ends(HIGH, authenticated)
        verdict.data = data[: len(data) - padding]
        return ends(OK, authenticated)

    def take(self, packet, verdict):
        """The counter moves."""
        if verdict.status == OK and spi_fields(packet[3:5])[2] in (HIGHER, ONE_HIGHER):
            self.counters[self.version(packet[3:5], packet[5], packet[6]), packet[3] & 3 == CC] = verdict.counter
