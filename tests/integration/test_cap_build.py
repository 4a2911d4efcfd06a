# SPDX-License-Identifier: Apache-2.0
"""From Java to a CAP file: the API as sources, Debian's javac and ecj, the converter, the verifier (JCVM 3.1 chapters 2, 4, 6)."""

import pathlib
import re
import shutil
import tempfile
import unittest
import zipfile

from lib.case import IntegrationTest

JAVA = pathlib.Path(__file__).resolve().parent.parent / "java"
COMPILERS = {
    "javac": ["javac", "--release", "8", "-Xlint:-options", "-g"],
    "ecj": ["ecj", "--release", "8", "-g", "-nowarn", "-proc:none"],
}
AVAILABLE = {name: command for name, command in COMPILERS.items() if shutil.which(name)}

MNEMONICS = re.findall(r'^OPERATION\(0x\w+, \w+, +"(\w+)"', (JAVA.parent.parent / "jcvm" / "code" / "operations.def").read_text(), re.M)
# What compilers or our converter make of no case, and what takes more than 256 constants: tests/unit/jcvm/bytecode_test.cpp has them.
NEVER_IN_CASES = {"nop", "swap_x", "i2b", "jsr", "ret", *(f"{verb}field_{kind}_w" for verb in ("get", "put") for kind in "abis")}


@unittest.skipUnless(AVAILABLE, "not installed: openjdk-17-jdk-headless, ecj")
class CapBuild(IntegrationTest):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)
        self.stubs = self.top / "stubs"
        self.assertIn("sources", self.tool([self.binary, "cap", "stubs", self.stubs]))

    def compile(self, compiler, name, file="*.java", classpath=None):
        """Classes of tests/java/NAME, whose package is uicclab.NAME."""
        out = self.top / compiler / name
        sources = sorted((JAVA / name).glob(file))
        self.assertTrue(sources)
        path = ["-cp", classpath] if classpath else []
        self.tool([*AVAILABLE[compiler], *path, "-sourcepath", self.stubs, "-d", out, *sources])
        return out / "uicclab" / name

    def build(self, classes, *options, package=None, ok=(0,)):
        cap = classes / "out.cap"
        names = ["--package", package or f"uicclab.{classes.name}"]
        if "--aid" not in options:
            names += ["--aid", "F075696363"]
        told = self.tool([self.binary, "cap", "build", *names, *options, classes, "-o", cap], ok=ok)
        return cap, told

    def test_every_stub_compiles(self):
        sources = sorted(self.stubs.glob("**/*.java"))
        for compiler, command in AVAILABLE.items():
            with self.subTest(compiler):
                self.tool([*command, "-d", self.top / compiler / "stubs", *sources])

    def test_an_applet_is_converted_and_sound(self):
        for compiler in AVAILABLE:
            with self.subTest(compiler):
                classes = self.compile(compiler, "hello")
                for options in ([], ["--no-debug"]):
                    cap, _ = self.build(classes, "--applet", "F07569636301:Hello", *options)
                    self.assertIn(": sound: 3 methods", self.tool([self.binary, "cap", "verify", cap]))
                    self.assertIn(": sound: 3 methods", self.tool([self.binary, "cap", "verify", "--as-loaded", cap]))
                    told = self.tool([self.binary, "cap", "info", cap])
                    self.assertIn("Applet      F07569636301", told)
                    self.assertIn("Import      javacard/framework 1.0", told)
                    self.assertIn("uicclab/hello/javacard/Header.cap", zipfile.ZipFile(cap).namelist())
                self.assertIn("invokevirtual 8         javacard/framework/APDU.setOutgoingAndSend(SS)V", self.tool([self.binary, "cap", "dump", cap]))

    def described(self, cap):
        """Classes of the Descriptor component (JCVM 6.14): token, flags, number of interfaces, tokens of methods."""
        archive = zipfile.ZipFile(cap)
        data = archive.read(next(name for name in archive.namelist() if name.endswith("Descriptor.cap")))
        at, out = 4, []
        for _ in range(data[3]):
            token, flags, interfaces = data[at], data[at + 1], data[at + 4]
            fields, methods = (int.from_bytes(data[at + i : at + i + 2], "big") for i in (5, 7))
            at += 9 + 2 * interfaces + 7 * fields
            out.append((token, flags, interfaces, [data[at + 12 * i] for i in range(methods)]))
            at += 12 * methods
        return out

    def test_the_descriptor_says_what_other_verifiers_look_for(self):
        """Found by the off-card verifier of Oracle's kit (JCVM 4.3.7, 6.14, tables 6-20 and 6-24)."""
        compiler = next(iter(AVAILABLE))
        cap, _ = self.build(self.compile(compiler, "hello"), "--applet", "F07569636301:Hello")
        self.assertEqual(self.described(cap), [(0, 0x01, 0, [0, 1, 7])])
        told = self.tool([self.binary, "cap", "dump", cap])
        self.assertIn("javacard/framework/Applet.register()V", told)
        self.assertNotIn("uicclab/hello/Hello.register()V", told)
        # A package without applets exports; interfaces are abstract, have no interfaces, and every method that they inherit.
        cap, _ = self.build(self.compile(compiler, "library"))
        self.assertIn("exports", self.tool([self.binary, "cap", "info", cap]))
        interfaces = [one for one in self.described(cap) if one[1] & 0x40]
        self.assertTrue(interfaces)
        for token, flags, count, methods in interfaces:
            self.assertEqual((flags & 0x80, count, methods), (0x80, 0, list(range(len(methods)))))

    def test_the_same_classes_make_the_same_bytes(self):
        classes = self.compile(next(iter(AVAILABLE)), "hello")
        cap, _ = self.build(classes, "--applet", "F07569636301:Hello")
        first = cap.read_bytes()
        self.build(classes, "--applet", "F07569636301:Hello")
        self.assertEqual(cap.read_bytes(), first)

    def test_every_construct_of_the_language_is_converted(self):
        for compiler in AVAILABLE:
            classes = self.compile(compiler, "language")
            for options in ([], ["--no-debug"], ["--int"], ["--export"]):
                with self.subTest(f"{compiler} {options}"):
                    cap, _ = self.build(classes, "--applet", "F07569636302:Language", *options)
                    for as_loaded in ([], ["--as-loaded"]):
                        self.assertIn(": sound: ", self.tool([self.binary, "cap", "verify", *as_loaded, cap]))

    @unittest.skipUnless(shutil.which("java"), "not installed: java")
    def test_the_card_computes_what_a_java_machine_computes(self):
        """Every case with every pair of operands: results and exceptions (JCVM 3.1 clause 7.5)."""
        program = pathlib.Path(self.binary).resolve().parent / "tests" / "java_cases"
        if not program.exists():
            self.skipTest(f"not built: {program}")
        host_compiler = next(iter(AVAILABLE))
        dumps = ""
        for name, main, settings in (("language", "Language", ([], ["--int"])), ("integers", "Integers", (["--int"],))):
            host = self.top / "host" / name
            sources = [*sorted((JAVA / "host").glob("**/*.java")), *sorted((JAVA / name).glob("*.java"))]
            self.tool([*AVAILABLE[host_compiler], "-sourcepath", self.stubs, "-d", host, *sources])
            expected = self.tool(["java", "-cp", host, "RunCases", f"uicclab.{name}.{main}"]).splitlines()
            self.assertGreater(len(expected), 1000)
            cases = expected[-1].split()[0]
            for compiler in AVAILABLE:
                classes = self.compile(compiler, name)
                for options in settings:
                    with self.subTest(f"{name} {compiler} {options}"):
                        cap, _ = self.build(classes, *options)
                        self.assertEqual(self.tool([program, cap, f"uicclab/{name}/{main}", cases]).splitlines(), expected)
                        dumps += self.tool([self.binary, "cap", "dump", cap])
        missing = {one for one in MNEMONICS if not re.search(rf"\b{one}\b", dumps)}
        self.assertEqual(missing - NEVER_IN_CASES, set(), "byte codes that no case has")

    def test_a_package_is_built_on_another_one(self):
        """What a library exports is named in a table, by whose tokens another package imports it (JCVM 4.3.7, 6.13)."""
        for compiler in AVAILABLE:
            with self.subTest(compiler):
                library = self.compile(compiler, "library")
                table = self.top / compiler / "library.txt"
                cap, _ = self.build(library, "--export", "--table", table)
                self.assertIn(": sound: ", self.tool([self.binary, "cap", "verify", cap]))
                self.assertIn("exports", self.tool([self.binary, "cap", "info", cap]))
                self.assertIn("virtual 1 twice (S)S", table.read_text())
                client = self.compile(compiler, "client", classpath=library.parent.parent)
                names = ["--aid", "F075696364", "--applet", "F07569636401:Client"]
                cap, told = self.build(client, *names, ok=(1,))
                self.assertIn("superclass uicclab/library/Account of uicclab/client/Client$Savings is in no package", told)
                export_file = self.top / compiler / "library.exp"  # of other converters too (JCVM chapter 5)
                self.build(library, "--export", "--table", export_file)
                self.assertEqual(export_file.read_bytes()[:4].hex(), "00facade")
                cap, _ = self.build(client, *names, "--import", export_file)
                as_by_export_file = cap.read_bytes()
                cap, _ = self.build(client, *names, "--import", table)
                self.assertEqual(cap.read_bytes(), as_by_export_file)
                self.assertIn(": sound: ", self.tool([self.binary, "cap", "verify", cap]))
                self.assertIn("F075696363: not an API package", self.tool([self.binary, "cap", "info", cap]))

    def test_what_the_language_does_not_have_is_refused_with_its_line(self):
        """Each line of tests/java/refused with "// refused: WORDS" is, for this reason, and no other line is."""
        compiler = next(iter(AVAILABLE))
        for source in sorted((JAVA / "refused").glob("*.java")):
            shutil.rmtree(self.top / compiler / "refused", ignore_errors=True)
            _, told = self.build(self.compile(compiler, "refused", source.name), ok=(1,))
            expected = {
                number: line.split("// refused: ")[1].strip()
                for number, line in enumerate(source.read_text().splitlines(), 1)
                if "// refused: " in line
            }
            self.assertTrue(expected)
            for number, words in expected.items():
                with self.subTest(f"{source.name}:{number}"):
                    fitting = [line for line in told.splitlines() if words in line]
                    self.assertTrue(fitting, told)
                    # Fields and native methods have no line in a class file.
                    self.assertTrue(any(re.match(rf"{source.name}(:{number}|: (field|enum|method) )", line) for line in fitting), told)
            self.assertLessEqual(len(told.splitlines()) - 1, len(expected) + 2, told)

    def test_what_does_not_fit_together_is_refused(self):
        classes = self.compile(next(iter(AVAILABLE)), "hello")
        for options, words in (
            (["--applet", "F07569636301:Other"], "applet class uicclab/hello/Other is not among the class files"),
            (["--applet", "A07569636301:Hello"], "its first 5 bytes must be those of the package"),
            (["--applet", "F0756963"], "must be AID:CLASS"),
            (["--version", "1"], "must be MAJOR.MINOR"),
        ):
            with self.subTest(words):
                cap, told = self.build(classes, *options, ok=(1, 2))
                self.assertIn(words, told)
                self.assertFalse(cap.exists())
        self.assertIn("is not of package com/example", self.build(classes, package="com.example", ok=(1,))[1])


if __name__ == "__main__":
    unittest.main()
