# SPDX-License-Identifier: Apache-2.0
"""ETSI's test applets (TS 102 268, annexes D and E) compiled and converted from their sources, in the place of the CAP files of the suite."""

import os
import pathlib
import re
import shutil
import zipfile

JAVAC = ["javac", "--release", "8", "-Xlint:-options", "-g", "-nowarn", "-encoding", "latin1"]
IMPORT = re.compile(r"^\s*import\s+(uicc\.test[\w.]*)\.(?:\w+|\*)\s*;", re.M)
APPLET = re.compile(r"^-applet\s+(\S+)\s+(\S+)", re.M)
UTIL = "uicc.test.util"
SIZES = {"Method": "methods", "ConstantPool": "constants", "StaticField": "static fields"}


def components(cap):
    """Names and bytes of the components of a CAP file."""
    with zipfile.ZipFile(cap) as archive:
        return {pathlib.PurePosixPath(name).stem: archive.read(name) for name in archive.namelist() if name.endswith(".cap")}


def aid_text(written):
    """0xa0:0x00: of an options file, as hex."""
    return "".join(f"{int(part, 16):02X}" for part in written.split(":"))


class Package:
    """A folder of the suite with sources, the converter's options, and the CAP file that somebody made of them."""

    def __init__(self, cap, root):
        self.cap = cap
        folder = cap.parent.parent
        parts = folder.relative_to(root).parts
        self.name = ".".join(parts[parts.index("uicc") :])
        # Host scripts extend UiccTestModel; a few applets import its package in vain.
        texts = {file: file.read_text("latin1") for file in sorted(folder.glob("*.java"))}
        self.sources = [file for file, text in texts.items() if "UiccTestModel" not in text]
        self.imports = {name for file in self.sources for name in IMPORT.findall(texts[file])} - {self.name}
        self.original = components(cap)
        header = self.original["Header"]
        self.aid = header[13 : 13 + header[12]].hex().upper()
        self.version = f"{header[11]}.{header[10]}"
        options = "".join(file.read_text("latin1") for file in folder.glob("*.opt"))
        classes = {aid_text(aid): name.rpartition(".")[2] for aid, name in APPLET.findall(options)}
        self.applets = [(aid, classes[aid]) for aid in self.applet_aids()]

    def applet_aids(self):
        data, at, out = self.original.get("Applet", bytes(4)), 4, []
        for _ in range(data[3]):
            out.append(data[at + 1 : at + 1 + data[at]].hex().upper())
            at += 1 + data[at] + 2
        return out


class Suite:
    """A copy of the suite below `folder`, whose CAP files are those of our converter. `run(command)` executes one."""

    def __init__(self, source, folder, binary, run):
        self.root = folder / "suite"
        source = pathlib.Path(source)
        shutil.copytree(source / "source" if (source / "source").is_dir() else source, self.root)
        self.packages = {one.name: one for one in (Package(cap, self.root) for cap in sorted(self.root.glob("**/javacard/*.cap")))}
        self.folder, self.binary, self.run = folder, binary, run
        self.classes = folder / "classes"

    def build(self):
        """Every package, those first that others import. Returns {what: (bytes of our components, of theirs)}."""
        stubs = self.folder / "stubs"
        self.run([self.binary, "cap", "stubs", stubs])
        sources = [file for one in self.packages.values() for file in one.sources]
        self.run([*JAVAC, "-sourcepath", stubs, "-d", self.classes, *sources])
        done = set()
        while len(done) < len(self.packages):
            ready = [one for one in self.packages.values() if one.name not in done and one.imports & self.packages.keys() <= done]
            if not ready:
                raise ValueError("packages that import each other")
            for one in ready:
                self.convert(one)
                done.add(one.name)
        sizes = dict.fromkeys(SIZES.values(), (0, 0))
        for one in self.packages.values():
            made = components(one.cap)
            for component, what in SIZES.items():
                ours, theirs = sizes[what]
                sizes[what] = (ours + len(made[component]), theirs + len(one.original[component]))
        return sizes

    def table(self, name):
        return self.folder / f"{name}.txt"

    def convert(self, package):
        command = [self.binary, "cap", "build", "--package", package.name, "--aid", package.aid, "--version", package.version]
        if any(package.name in one.imports | {UTIL} for one in self.packages.values()):
            command += ["--export", "--table", self.table(package.name)]
        for name in sorted((package.imports | {UTIL}) & self.packages.keys() - {package.name}):
            command += ["--import", self.table(name)]
        for aid, name in package.applets:
            command += ["--applet", f"{aid}:{name}"]
        os.unlink(package.cap)
        # Not the folder: other packages lie below it.
        classes = sorted(self.classes.joinpath(*package.name.split(".")).glob("*.class"))
        self.run([*command, *classes, "-o", package.cap])
        self.run([self.binary, "cap", "verify", package.cap])
