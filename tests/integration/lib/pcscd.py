"""A pcscd of the test's own, with vpcd as its only driver: no system service, file or reader is touched.

pcscd's socket path is compiled in, but it takes a listening socket as systemd hands it over: descriptor 3, LISTEN_FDS and LISTEN_PID.
"""

import pathlib
import shutil
import socket
import subprocess

from .processes import Process, free_ports

DRIVER = pathlib.Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
SLOTS = 2  # of Debian's vpcd


def available():
    return shutil.which("pcscd") is not None and DRIVER.exists()


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
            self.process = Process(["sh", "-c", script, "pcscd", *options], directory, pass_fds=(number,))

    def stop(self):
        self.process.stop()
