# SPDX-License-Identifier: Apache-2.0
"""A terminal with pyscard, in a process of its own: it ends when the service is gone."""

import os
import subprocess
import textwrap

from .case import PYTHON

# Command in, answer out, a line each.
PROGRAM = textwrap.dedent(
    """
    import sys
    from smartcard.System import readers
    connection = readers()[0].createConnection()
    connection.connect()
    for line in sys.stdin:
        data, sw1, sw2 = connection.transmit(list(bytes.fromhex(line)))
        print(bytes(data + [sw1, sw2]).hex().upper(), flush=True)
    """
)

HAS_PYSCARD = subprocess.run([PYTHON, "-c", "import smartcard"], capture_output=True).returncode == 0


class ServiceGone(Exception):
    pass


class Terminal:
    def __init__(self, env):
        self._child = subprocess.Popen(
            [PYTHON, "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **env},
        )

    def begin(self, command):
        try:
            self._child.stdin.write(command + "\n")
            self._child.stdin.flush()
        except BrokenPipeError as gone:
            raise ServiceGone from gone

    def end(self):
        answer = self._child.stdout.readline().strip()
        if not answer:
            raise ServiceGone
        return answer

    def send(self, command):
        self.begin(command)
        return self.end()

    def get(self, command):
        """With the answer that waits behind 61xx."""
        answer = self.send(command)
        while answer[-4:-2] == "61":
            answer = answer[:-4] + self.send(command[:2] + "C00000" + answer[-2:])
        return answer

    def close(self):
        self._child.stdin.close()
        self._child.wait(30)
        self._child.stdout.close()
