# SPDX-License-Identifier: Apache-2.0
"""Secured packets of an independent implementation (lib/secured_packet.py) at a card: the whole of SPI1 x SPI2 x algorithm and key length,
counter modes among them, in each format; every octet of packets changed; counters on both sides of the last one. The response has to be the
one that the other implementation expects, and what was executed shows in a file."""

import collections
import itertools
import random
import re
import unittest

from lib import sms_terminal
from lib.case import IntegrationTest
from lib.vpcd_reader import VpcdReader

try:
    from lib import secured_packet as sp
except ImportError:
    sp = None

SELECT, INCREASE, READ = (bytes.fromhex(text) for text in ("00A4000C026F82", "8032000003000001", "00B2010403"))  # EF_ICT
SELECT_USIM = bytes.fromhex("00A4040C07A0000000871002")

TAR, STRICT_TAR = bytes.fromhex("B00140"), bytes.fromhex("000000")
FORMATS = ("compact", "definite", "indefinite")


def pattern(size, seed):
    return bytes((seed + 37 * i) & 0xFF for i in range(size))


# By key version: those of the built-in card, and one for each further length.
KEYS = {} if sp is None else {
    1: sp.KeySet("des", bytes(range(0x40, 0x50)), bytes(range(0x50, 0x60))),
    2: sp.KeySet("aes", bytes(range(0x10, 0x20)), bytes(range(0x20, 0x30))),
    3: sp.KeySet("aes", pattern(24, 3), pattern(24, 103)),
    4: sp.KeySet("aes", pattern(32, 4), pattern(32, 104)),
    5: sp.KeySet("des", pattern(24, 5), pattern(24, 105)),
    6: sp.KeySet("des", pattern(8, 6), pattern(8, 106)),
}

# KIc, KID and the size of a CC
ALGORITHMS = {
    "3DES, 2 keys; CRC-32": (0x15, 0x15, 8),
    "3DES, 2 keys; CRC-16": (0x15, 0x11, 8),
    "3DES, 3 keys": (0x59, 0x59, 8),
    "DES CBC; CRC-16": (0x61, 0x61, 8),
    "DES ECB": (0x6D, 0x61, 8),
    "AES-128": (0x22, 0x22, 8),
    "AES-192": (0x32, 0x32, 8),
    "AES-256": (0x42, 0x42, 8),
    "AES-128, CC of 4": (0x22, 0x22, 4),
    "AES-128; CRC-16": (0x22, 0x21, 8),
    "AES-256; CRC-32": (0x42, 0x45, 8),
    "implied 3DES": (0x10, 0x10, 8),
    "implied AES": (0x20, 0x20, 8),
    "all implied": (0x00, 0x00, 8),
    "reserved": (0x27, 0x27, 8),
}


def script(form):
    """EF_ICT counts one up and is read (ETSI TS 102 226 clauses 5.1 and 5.2)."""
    if form == "compact":
        return SELECT + INCREASE + READ
    objects = b"".join(bytes([0x22, len(command)]) + command for command in (SELECT, INCREASE + b"\0", READ))
    return bytes([0xAA, len(objects)]) + objects if form == "definite" else b"\xae\x80" + objects + b"\0\0"


def script_answer(form, count):
    value = count.to_bytes(3, "big")
    if form == "compact":
        return b"\3\x90\0" + value
    r_apdus = b"\x23\2\x90\0" + b"\x23\x08" + value + b"\0\0\1\x90\0" + b"\x23\5" + value + b"\x90\0"
    return bytes([0xAB, len(r_apdus) + 3]) + b"\x80\1\3" + r_apdus if form == "definite" else b"\xaf\x80" + r_apdus + b"\0\0"


@unittest.skipUnless(sp, "not installed: python3-cryptography")
class Matrix(IntegrationTest):
    def start_card(self, **policy):
        """With the keys above; packets need no protection. What is not in `policy` is refused."""
        profile = self.tool([self.binary, "profile", "show"])
        sets = "".join(
            f'[applications.parameters.keys.{version:02X}]\ntype = "{keys.kind}"\nkic = "{keys.kic.hex()}"\nkid = "{keys.kid.hex()}"\n'
            for version, keys in KEYS.items() if version > 2)
        anchor = "[applications.parameters.keys.01]"
        self.assertEqual(profile.count(anchor), 1)
        profile = profile.replace(anchor, sets + anchor).replace('minimum_security = "02"', 'minimum_security = "00"')
        profile += "\n[ota]\n" + "".join(f"{name} = {str(value).lower()}\n" for name, value in policy.items())
        path = self.directory / "card.toml"
        path.write_text(profile)
        self.reader = VpcdReader()
        self.addCleanup(self.reader.close)
        self.card = self.start([self.binary, "run", "--profile", path, "--vpcd", f"127.0.0.1:{self.reader.port}"])
        self.card.wait_output("Stop with")
        self.reader.wait_card()
        minimum = {bytes.fromhex(tar): int(level, 16)
                   for tars, level in re.findall(r'tars = "([0-9A-F ]+)".*?minimum_security = "(..)"', profile, re.S) for tar in tars.split()}
        self.assertEqual((minimum[TAR], minimum[STRICT_TAR]), (0, 0x12))
        self.model = sp.Receiver(KEYS, minimum, **policy)
        self.count = 0
        for command in (sms_terminal.TERMINAL_PROFILE, SELECT_USIM, SELECT):
            self.assertEqual(self.reader.transmit(command)[-2:], b"\x90\0")

    def check(self, packet, form="compact"):
        """The card does with the packet what the model does; returns the status."""
        try:
            return self._check(packet, form)
        except (AssertionError, ValueError) as error:
            self.fail(f"{form} {packet.hex()}: {error!r}")

    def _check(self, packet, form):
        verdict = self.model.judge(packet)
        self.model.take(packet, verdict)
        executed = verdict.status == sp.OK
        self.count += executed
        status, report = sms_terminal.deliver(self.reader, sms_terminal.COMMAND_HEADER + packet)
        if not verdict.due:
            self.assertEqual((status, report), (b"\x90\0" if executed else b"\x6f\0", b""))
        else:
            spi = packet[3:5]
            by_submit = bool(spi[1] & 0x20)
            self.assertEqual(status[:1] if by_submit else status, b"\x91" if by_submit else b"\x90\0")
            using = self.model.using(spi, packet[5], packet[6])
            as_asked = spi if verdict.protected else bytes([spi[0], spi[1] & ~0x1C])
            wanted = sp.Response(packet[7:10], verdict.counter, verdict.status, script_answer(form, self.count) if executed else b"")
            self.assertEqual(report[:3], sms_terminal.RESPONSE_HEADER)
            got = sp.open_response(report[3:], as_asked, using, verdict.check_size)
            if by_submit:
                self.assertEqual(got, sp.Response(wanted.tar, wanted.counter, sp.BY_SUBMIT, b""))
                got = sp.open_response(sms_terminal.fetch(self.reader), as_asked, using, verdict.check_size)
            self.assertEqual(got, wanted)
        if not (executed and verdict.due):
            self.assertEqual(self.reader.transmit(READ), self.count.to_bytes(3, "big") + b"\x90\0", "executed, or not")
        return verdict.status

    def build(self, spi, algorithm, form="compact", ahead=1, tar=TAR):
        """A packet whose counter is `ahead` of the last one; None if the keys have no such check or cipher."""
        kic, kid, size = ALGORITHMS[algorithm]
        counter = max(0, self.model.last(spi, kic, kid) + ahead)
        using = sp.Algorithms(kic, kid, KEYS[self.model.version(spi, kic, kid)], single_des=True, short_cmac=True)
        try:
            return sp.build_command(bytes(spi), tar, counter, script(form), using, size if spi[0] & 3 == sp.CC else None)
        except sp.Unusable:
            return None

    def check_counter(self, spi, algorithm):
        """It has the value of the model: exactly one higher is accepted, and nothing else."""
        for ahead, status in ((0, sp.LOW), (2, sp.HIGH), (1, sp.OK)):
            self.assertEqual(self.check(self.build((spi[0] | 0x18, 0x01), algorithm, ahead=ahead)), status)

    def test_every_spi_with_every_algorithm_in_every_format(self):
        self.start_card(single_des=True, short_cmac=True)
        statuses = collections.Counter()
        for algorithm, form in itertools.product(ALGORITHMS, FORMATS):
            for spi in itertools.product(range(0x20), range(0x40)):
                packet = self.build(spi, algorithm, form)
                if packet:
                    statuses[self.check(packet, form)] += 1
        self.assertGreater(statuses[sp.OK], 25000)
        self.assertGreater(statuses[sp.UNIDENTIFIED], 40000)  # DS, PoR mode 3, a check for the response that KID does not name
        self.assertEqual(len(statuses), 2)

    def test_every_octet_of_a_packet_changed(self):
        """Of every SPI1 with a check, and the header of unprotected packets: each bit changed alone."""
        self.start_card(single_des=True, short_cmac=True)
        statuses = collections.Counter()
        rng = random.Random(225)
        for algorithm, spi1 in itertools.product(ALGORITHMS, range(0x20)):
            for spi2 in (0x01, 0x39, 0x1A, 0x00):
                packet = self.build((spi1, spi2), algorithm)
                if not packet or self.model.judge(packet).status != sp.OK:
                    continue
                # What stands behind the TAR tells its change by the check alone.
                end = len(packet) if spi1 & 3 != sp.NONE else 3
                for at, change in itertools.product(range(end), (0x01 << rng.randrange(8), rng.randrange(1, 256))):
                    bent = packet[:at] + bytes([packet[at] ^ change]) + packet[at + 1 :]
                    statuses[self.check(bent)] += 1
                for size in (0, 2, 3, rng.randrange(len(packet)), len(packet) - 1):
                    statuses[self.check(packet[:size])] += 1
                self.assertEqual(self.check(packet), sp.OK)  # nothing of that has used its counter up
                self.check_counter((spi1,), algorithm)
        self.assertEqual(set(statuses), {None, sp.CHECK_FAILED, sp.CIPHERING, sp.UNIDENTIFIED, sp.TAR_UNKNOWN})
        self.assertGreater(statuses.total(), 50000)

    def test_counters_on_both_sides_of_the_last(self):
        self.start_card(single_des=True, short_cmac=True)
        statuses = collections.Counter()
        for algorithm, kind, ciphered, mode in itertools.product(ALGORITHMS, (sp.NONE, sp.RC, sp.CC), (0, 4), range(4)):
            for spi2, ahead in itertools.product((0x01, 0x39, 0x1A, 0x22, 0x00), (0, -1, -1000, 2, 1, 1, 5, 1)):
                packet = self.build((kind | ciphered | mode << 3, spi2), algorithm, ahead=ahead)
                if packet:
                    statuses[self.check(packet)] += 1
            if self.build((kind, 1), algorithm) and algorithm != "reserved":
                self.check_counter((kind,), algorithm)
        self.assertEqual(set(statuses), {sp.OK, sp.LOW, sp.HIGH, sp.UNIDENTIFIED})
        # A counter at its end is blocked (clause 5.1.4), and only the one of this key version.
        using = self.model.using(b"\x16\x39", 0x22, 0x22)
        for counter, status in ((0xFFFFFFFFFF, sp.OK), (0xFFFFFFFFFF, sp.BLOCKED), (1, sp.BLOCKED)):
            self.assertEqual(self.check(sp.build_command(b"\x16\x39", TAR, counter, script("compact"), using)), status)
        self.check_counter((0x16,), "AES-256")

    def test_minimum_security_level_and_what_is_not_allowed(self):
        self.start_card()
        statuses = collections.Counter()
        for algorithm, spi1 in itertools.product(ALGORITHMS, range(0x20)):
            for spi2, tar in itertools.product((0x01, 0x39, 0x1A), (STRICT_TAR, bytes.fromhex("B0FFFF"))):
                packet = self.build((spi1, spi2), algorithm, tar=tar)
                # The issuer security domain has no EF_ICT: what it would execute is left out.
                if packet and self.model.judge(packet).status != sp.OK:
                    statuses[self.check(packet)] += 1
        self.assertEqual(set(statuses), {sp.TAR_UNKNOWN, sp.INSUFFICIENT, sp.UNIDENTIFIED})
        for algorithm in ("DES CBC; CRC-16", "DES ECB", "AES-128, CC of 4"):  # where a profile does not allow them
            self.assertEqual(self.check(self.build((0x16, 0x39), algorithm)), sp.UNIDENTIFIED)

    def test_reserved_bits_mean_nothing(self):
        self.start_card()
        for spi1, spi2 in itertools.product((0x16, 0x36, 0x56, 0x96, 0xF6), (0x39, 0x79, 0xB9, 0xF9)):
            self.assertEqual(self.check(self.build((spi1, spi2), "AES-128")), sp.OK)
