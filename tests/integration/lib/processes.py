# SPDX-License-Identifier: Apache-2.0
"""Programs under test and beside it: started in the background, waited for without guessing, ended by their process id."""

import os
import pathlib
import signal
import socket
import subprocess
import time

START_TIMEOUT = 30  # seconds; generous, for a loaded machine: nothing waits that long if all is well


def wait_for(condition, what, timeout=START_TIMEOUT, process=None):
    """The first true value of condition(); AssertionError with `what` after the timeout, or at once if `process` ends."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if process is not None and process.poll() is not None:
            raise AssertionError(f"{what}: {process.name} ended with {process.poll()}\n{process.output()}")
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout} s\n{process.output() if process else ''}")
        time.sleep(0.005)


def can_connect(path):
    """Somebody listens at the UNIX socket `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
            return True
        except OSError:
            return False


def free_ports(count=1):
    """The first of `count` TCP ports in a row that are free."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("0.0.0.0", port))
            return first
        except (OSError, OverflowError):
            continue


class Process:
    """A program in the background; its output goes to a file that failures can show."""

    def __init__(self, command, directory, env=None, pass_fds=(), stdin=subprocess.DEVNULL, stdout=None):
        self.name = pathlib.Path(command[0]).name
        self._log = pathlib.Path(directory) / f"{self.name}.{time.monotonic_ns()}.log"
        with open(self._log, "wb") as log:
            self._child = subprocess.Popen(
                [str(word) for word in command],
                stdout=log if stdout is None else stdout,
                stderr=log,
                stdin=stdin,
                env={**os.environ, **(env or {})},
                pass_fds=pass_fds,
            )

    @property
    def pid(self):
        return self._child.pid

    @property
    def stdin(self):
        return self._child.stdin

    def poll(self):
        return self._child.poll()

    def output(self):
        return self._log.read_text(errors="replace")

    def wait_output(self, text, timeout=START_TIMEOUT):
        """Until it has written `text`."""
        wait_for(lambda: text in self.output(), f"output {text!r} of {self.name}", timeout, self)

    def wait_socket(self, path, timeout=START_TIMEOUT):
        """Until it listens at the UNIX socket `path`."""
        wait_for(lambda: can_connect(path), f"socket {path} of {self.name}", timeout, self)

    def wait(self, timeout=START_TIMEOUT):
        """Its exit code, once it has ended by itself."""
        return self._child.wait(timeout)

    def kill(self):
        """As by kill -9: it has no chance to tidy up."""
        self._child.kill()
        self._child.wait()

    def stop(self, sig=signal.SIGTERM):
        """Ends it and returns the exit code; kills it if it does not end."""
        if self._child.poll() is None:
            self._child.send_signal(sig)
            try:
                self._child.wait(START_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        return self._child.returncode
