# SPDX-License-Identifier: Apache-2.0
"""CAP files (Java Card Virtual Machine Specification chapter 6): one that is made here, and those that are found; the load file of each."""

import pathlib
import zipfile

PACKAGE = "F07569636301"  # of the one made here; its applet is PACKAGE + 01

# Component tags in the order of a load file (GlobalPlatform Card Specification clause 11.6.2.3), and their names in a CAP file.
COMPONENTS = {
    1: "Header",
    2: "Directory",
    4: "Import",
    3: "Applet",
    6: "Class",
    7: "Method",
    8: "StaticField",
    10: "Export",
    5: "ConstantPool",
    9: "RefLocation",
}
DESCRIPTOR = bytes.fromhex("0B0003000000")  # need not be loaded; tools want to see it in the file


def lv(text):
    return f"{len(text) // 2:02X}{text}"


def small_cap():
    """Components by tag: one applet that does nothing, one import."""
    parts = {
        1: "DECAFFED0102040001" + lv(PACKAGE),
        3: "01" + lv(PACKAGE + "01") + "0008",
        4: "010301" + lv("A0000000620101"),
        5: "000406800300060000010300000101000000",
        6: "00800300FF00070100000015",
        7: "000110188C00007A02308F00033D8C00018B00027A00207A" + "00" * 55,
        8: "00" * 10,
        9: "0000000405060403",
    }
    sizes = {tag: len(part) // 2 for tag, part in parts.items()}
    sizes[2] = 31
    sizes[11] = len(DESCRIPTOR) - 3
    parts[2] = "".join(f"{sizes.get(tag, 0):04X}" for tag in range(1, 12)) + "000000000000010100"
    return {tag: bytes.fromhex(f"{tag:02X}{sizes[tag]:04X}{part}") for tag, part in parts.items()}


def write_cap(path, components=None):
    """A CAP file at `path`, which is returned."""
    with zipfile.ZipFile(path, "w") as archive:
        for tag, component in (components or small_cap()).items():
            archive.writestr(f"small/javacard/{COMPONENTS[tag]}.cap", component)
        archive.writestr("small/javacard/Descriptor.cap", DESCRIPTOR)
    return path


def read_cap(path):
    """Components by tag."""
    tags = {name + ".cap": tag for tag, name in COMPONENTS.items()}
    with zipfile.ZipFile(path) as archive:
        names = {pathlib.PurePosixPath(name).name: name for name in archive.namelist()}
        return {tag: archive.read(names[name]) for name, tag in tags.items() if name in names}


def load_file(components):
    """C4 with all components, in hexadecimal."""
    whole = b"".join(components[tag] for tag in COMPONENTS if tag in components)
    size = len(whole)
    length = f"{size:02X}" if size < 0x80 else f"81{size:02X}" if size < 0x100 else f"82{size:04X}"
    return f"C4{length}{whole.hex().upper()}"


def package_of(components):
    """AID of the package and its version (major, minor), from the Header component (clause 6.4)."""
    header = components[1]
    size = header[12]
    return header[13 : 13 + size].hex().upper(), (header[11], header[10])


def applets_of(components):
    """AIDs of the applets (clause 6.6)."""
    applet = components.get(3, bytes(4))
    aids, rest = [], applet[4:]
    for _ in range(applet[3]):
        aids.append(rest[1 : 1 + rest[0]].hex().upper())
        rest = rest[3 + rest[0] :]
    return aids


def imports_of(components):
    """AIDs and versions of the packages it imports (clause 6.7)."""
    imported = components[4]
    packages, rest = [], imported[4:]
    for _ in range(imported[3]):
        packages.append((rest[3 : 3 + rest[2]].hex().upper(), (rest[1], rest[0])))
        rest = rest[3 + rest[2] :]
    return packages
