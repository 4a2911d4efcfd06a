# SPDX-License-Identifier: Apache-2.0
"""Profile packages of eUICCs (TCA interoperable format) with nothing of the program in it: DER, the files that a package makes, what their
FCPs say and which of their bytes it tells. Templates are known by their order only: what a template tells is not here."""

from dataclasses import dataclass, field

HEADER, MANAGEMENT, PINS, END = 0, 1, 2, 10
MF, TELECOM, USIM, OPT_USIM, ISIM, OPT_ISIM, CSIM, OPT_CSIM = 16, 18, 19, 20, 21, 22, 25, 26


def objects(data):
    """(tag, value) of each data object; the tag as its octets' number."""
    at = 0
    while at < len(data):
        start = at
        at += 1
        if data[start] & 0x1F == 0x1F:
            while data[at] & 0x80:
                at += 1
            at += 1
        tag = int.from_bytes(data[start:at], "big")
        size = data[at]
        at += 1
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[at : at + count], "big")
            at += count
        yield tag, data[at : at + size]
        at += size


def number(tag):
    return tag & 0x7F if tag > 0xFF else tag & 0x1F


@dataclass
class File:
    adf: bytes  # AID; empty: below the MF
    path: bytes  # file identifiers, without that of the MF or the ADF
    fcp: dict
    managed: bool  # by file management: no template stands behind it
    content: list = field(default_factory=list)  # (offset, bytes)
    cursor: int = 0

    @property
    def is_directory(self):
        descriptor = self.fcp.get(0x82)
        return 0xC6 in self.fcp or (descriptor is not None and descriptor[0] & 0x38 == 0x38 and descriptor[0] & 7 == 0)

    def expected(self, size, record):
        """What the package tells of each byte; None where only a template does."""
        info = dict(objects(self.fcp.get(0xA5, b"")))
        unit = record or size
        if 0xC1 in info:
            pattern = info[0xC1] + info[0xC1][-1:] * unit
            body = list((pattern[:unit] * (size // unit)))
        elif 0xC2 in info:
            body = list((info[0xC2] * unit)[:unit] * (size // unit))
        else:
            body = [0xFF if self.managed else None] * size
        for at, data in self.content:
            body[at : at + len(data)] = data
        return body


def files(package):
    """Every file that the package makes, in its order; links have C7 in their FCP."""
    made, adfs = [], {}
    naa = {}

    def fill(tag, value, tags):
        if tag == tags[0]:
            made[-1].cursor += int.from_bytes(value, "big")
        else:
            made[-1].content.append((made[-1].cursor, value))
            made[-1].cursor += len(value)

    for element, value in objects(package):
        kind = number(element)
        if kind == MANAGEMENT:
            for commands in (c for tag, list_ in objects(value) if tag == 0xA1 for _, c in objects(list_)):
                adf, path = b"", b""
                for tag, part in objects(commands):
                    if tag == 0x80:
                        adf = adfs.get(part[:2], b"")
                        path = part[2:] if adf else part
                    elif tag == 0x62:
                        fcp = dict(objects(part))
                        made.append(File(adf, path + fcp[0x83], fcp, True))
                    else:
                        fill(tag, part, (0x02, 0x81))
        elif kind >= MF:
            base, directory, adf = None, b"", b""
            for member, parts in list(objects(value))[2:]:
                for tag, part in objects(parts):
                    if tag == 0x80:
                        continue
                    if tag != 0xA1:
                        fill(tag, part, (0x82, 0x83))
                        continue
                    fcp = dict(objects(part))
                    if 0x84 in fcp:
                        adf = adfs[fcp[0x83]] = naa[kind] = fcp[0x84]
                        path = b""
                    elif kind == MF and base is None and 0xC6 in fcp:
                        base, path = b"", b""
                    elif 0xC6 in fcp:
                        if base is None:
                            base = b"" if kind == TELECOM else b""
                            adf = b"" if kind == TELECOM else naa[USIM]
                            base = directory = path = fcp[0x83]
                        else:
                            directory = path = base + fcp[0x83]
                    else:
                        if kind in (OPT_USIM, OPT_ISIM, OPT_CSIM):
                            adf = naa[kind - 1]
                        path = directory + fcp[0x83]
                    made.append(File(adf, path, fcp, False))
    return made
