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


@unittest.skipUnless(AVAILABLE, "not installed: openjdk-17-jdk-headless, ecj")
class CapBuild(IntegrationTest):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)
        self.stubs = self.top / "stubs"
        self.assertIn("sources", self.tool([self.binary, "cap", "stubs", self.stubs]))

    def compile(self, compiler, name, file="*.java"):
        """Classes of tests/java/NAME, whose package is uicclab.NAME."""
        out = self.top / compiler / name
        sources = sorted((JAVA / name).glob(file))
        self.assertTrue(sources)
        self.tool([*AVAILABLE[compiler], "-sourcepath", self.stubs, "-d", out, *sources])
        return out / "uicclab" / name

    def build(self, classes, *options, package=None, ok=(0,)):
        cap = classes / "out.cap"
        names = ["--package", package or f"uicclab.{classes.name}", "--aid", "F075696363"]
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
        """tests/java/language, every case with every pair of operands: results and exceptions (JCVM 3.1 clause 7.5)."""
        program = pathlib.Path(self.binary).resolve().parent / "tests" / "java_cases"
        if not program.exists():
            self.skipTest(f"not built: {program}")
        compiler = next(iter(AVAILABLE))
        host = self.top / "host"
        sources = [JAVA / "host" / "RunCases.java", *sorted((JAVA / "language").glob("*.java"))]
        self.tool([*AVAILABLE[compiler], "-sourcepath", f"{JAVA / 'host'}:{self.stubs}", "-d", host, *sources])
        expected = self.tool(["java", "-cp", host, "RunCases"]).splitlines()
        self.assertGreater(len(expected), 1000)
        for compiler in AVAILABLE:
            classes = self.compile(compiler, "language")
            for options in ([], ["--int"]):
                with self.subTest(f"{compiler} {options}"):
                    cap, _ = self.build(classes, "--applet", "F07569636302:Language", *options)
                    self.assertEqual(self.tool([program, cap]).splitlines(), expected)

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
