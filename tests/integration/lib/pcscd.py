# SPDX-License-Identifier: Apache-2.0
"""A pcscd of the test's own, with vpcd as its only driver: no system service, file or reader is touched.

pcscd's socket path is compiled in, but it takes a listening socket as systemd hands it over: descriptor 3, LISTEN_FDS and LISTEN_PID.
Its polkit rules let only root and the user at the screen in. An ordinary user's pcscd therefore runs in a user namespace of its own, in
which that user is root, with a /run of its own (pcscd keeps a process id there).
"""

import os
import pathlib
import shutil
import socket
import subprocess

from .processes import Process, free_ports

DRIVER = pathlib.Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
SLOTS = 2  # of Debian's vpcd


AS_ROOT = ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs run /run && exec "$@"', "as-root"]


def why_not():
    """What is in the way of a pcscd of our own; None if nothing is."""
    if shutil.which("pcscd") is None or not DRIVER.exists():
        return "not installed: pcscd with vpcd"
    if os.geteuid() != 0 and subprocess.run([*AS_ROOT, "true"], capture_output=True).returncode != 0:
        return "pcscd lets only root in, and this user may open no user namespace"
    return None


class PrivatePcscd:
    """Runs until stop(). Clients reach it with `env`; cards connect to `port` (slot 0) and `port` + 1 (slot 1) on 127.0.0.1."""

    def __init__(self, directory):
        directory = pathlib.Path(directory)
        self.socket_path = directory / "pcscd.sock"
        self.port = free_ports(SLOTS)
        self.env = {"PCSCLITE_CSOCK_NAME": str(self.socket_path)}
        self.readers = [f"Virtual PCD 00 {slot:02}" for slot in range(SLOTS)]

        config = directory / "reader.conf.d"
        config.mkdir()
        (config / "vpcd").write_text(
            f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x{self.port:04X}\n'
            f"LIBPATH {DRIVER}\nCHANNELID 0x{self.port:04X}\n"
        )
        options = ["-f", "-c", str(config)]
        if "--disable-polkit" in subprocess.run(["pcscd", "--help"], capture_output=True, text=True).stdout:
            options.append("--disable-polkit")  # without a message bus pcscd 2.x refuses every client
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(self.socket_path))
            listener.listen()
            number = listener.fileno()
            script = f'LISTEN_PID=$$ LISTEN_FDS=1 exec pcscd "$@" 3<&{number}'
            self.process = Process([*([] if os.geteuid() == 0 else AS_ROOT), "sh", "-c", script, "pcscd", *options], directory, pass_fds=(number,))

    def stop(self):
        self.process.stop()
