# SPDX-License-Identifier: Apache-2.0
"""The test case that integration tests inherit from."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from . import pcscd, winscard
from .processes import Process, can_connect, wait_for

PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's packages (pyscard)
TOOL_TIMEOUT = 120


def needs(*programs):
    """Class or method decorator: skipped unless all these programs are installed."""
    missing = [program for program in programs if shutil.which(program) is None]
    return unittest.skipIf(missing, f"not installed: {', '.join(missing)}")


class IntegrationTest(unittest.TestCase):
    """Has the program under test (`binary`), a directory that is gone after the test (`directory`), and ends what it started."""

    binary = None  # set by the runner

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="uicclab-")
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)

    def start(self, command, env=None, **more):
        """A program in the background; it is ended after the test, last started first."""
        process = Process(command, self.directory, env, **more)
        self.addCleanup(process.stop)
        return process

    def tool(self, command, env=None, stdin="", ok=(0,), timeout=TOOL_TIMEOUT):
        """Runs a program to its end and returns what it wrote; fails unless its exit code is one of `ok` (None: any)."""
        done = subprocess.run(
            [str(word) for word in command],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **(env or {})},
            timeout=timeout,
        )
        if ok is not None and done.returncode not in ok:
            self.fail(f"{command} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def run_service(self, *options):
        """`run --socket`: a PC/SC service of our own. Returns the process and the environment for its clients."""
        path = self.directory / "pcsc.sock"
        process = self.start([self.binary, "run", "--socket", path, *options])
        process.wait_socket(path)
        return process, {"PCSCLITE_CSOCK_NAME": str(path)}

    def run_in_pcscd(self, *options):
        """`run --vpcd` into a private pcscd. Returns the process, the pcscd, and the environment for its clients; the card is in slot 0."""
        if reason := pcscd.why_not():
            self.skipTest(reason)
        daemon = pcscd.PrivatePcscd(self.directory)
        self.addCleanup(daemon.stop)
        process = self.start([self.binary, "run", "--vpcd", f"127.0.0.1:{daemon.port}", *options])
        self.wait_card(daemon.env, daemon.readers[0], process)
        return process, daemon, daemon.env

    def wait_card(self, env, reader, process=None):
        """Until PC/SC clients see a card in the reader; returns its ATR."""
        wait_for(lambda: can_connect(env["PCSCLITE_CSOCK_NAME"]), "PC/SC socket", process=process)
        with winscard.Context(env) as context:
            return context.wait_present(reader)
