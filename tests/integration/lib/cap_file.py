# SPDX-License-Identifier: Apache-2.0
"""A small CAP file as converters write it: one applet, one import (Java Card Virtual Machine Specification chapter 6)."""

import struct
import zipfile

PACKAGE, APPLET = "F07569636301", "F0756963630101"


def make_cap(path, method_size=3000):
    """Writes it to `path`, its method component `method_size` bytes longer than it must be."""
    def lv(text):
        return f"{len(text) // 2:02X}{text}"

    parts = {
        1: "DECAFFED" "0102" "04" "0001" + lv(PACKAGE),
        3: "01" + lv(APPLET) + "0008",
        4: "01" "0301" + lv("A0000000620101"),
        # class Small extends Applet { install() { new Small().register(); } process() {} }
        5: "0004" "06800300" "06000001" "03000001" "01000000",
        6: "00800300FF00070100000015",
        7: "00" "0110188C00007A" "02308F00033D8C00018B00027A" "00207A" + "00" * method_size,
        8: "00" * 10,
        9: "0000" "0004" "05060403",
    }
    parts = {tag: bytes.fromhex(text) for tag, text in parts.items()}
    sizes = b"".join(struct.pack(">H", 31 if tag == 2 else len(parts.get(tag, b""))) for tag in range(1, 12))
    parts[2] = sizes + bytes.fromhex("000000000000010100")
    names = {1: "Header", 2: "Directory", 3: "Applet", 4: "Import", 5: "ConstantPool", 6: "Class", 7: "Method", 8: "StaticField",
             9: "RefLocation"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
        for tag, content in parts.items():
            archive.writestr(f"example/javacard/{names[tag]}.cap", bytes([tag]) + struct.pack(">H", len(content)) + content)
