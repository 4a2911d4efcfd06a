# SPDX-License-Identifier: Apache-2.0
"""A guest under QEMU, without KVM and without root: Debian's kernel, its USB and CCID drivers, pcscd and our program. Its USB smart card reader is
QEMU's own (usb-ccid), whose card comes over a UNIX socket (VSCARD)."""

import gzip
import os
import pathlib
import re
import select
import shutil
import socket
import stat
import subprocess
import time

from .processes import START_TIMEOUT, wait_for

TOP = pathlib.Path(__file__).resolve().parents[3]
KERNEL = TOP / "build" / "guest-kernel"  # scripts/guest-kernel makes it
MODULES = ["common/usb-common.ko", "core/usbcore.ko", "host/xhci-hcd.ko", "host/xhci-pci.ko"]  # in the order in which they are loaded
DRIVER = pathlib.Path("/usr/lib/pcsc/drivers/ifd-ccid.bundle")
PROGRAMS = ["pcscd", "opensc-tool"]
LOADED_AT_RUN_TIME = ["libgcc_s.so.1"]  # by pthread_exit()
PATIENCE = 120  # seconds for a guest on a machine with other work

INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /run/pcscd /tmp
/bin/busybox mount -t devtmpfs none /dev
/bin/busybox mount -t proc none /proc
/bin/busybox mount -t sysfs none /sys
/bin/busybox mount -t tmpfs none /run
/bin/busybox mkdir -p /run/pcscd
/bin/busybox --install -s /bin
/bin/busybox ifconfig lo up
export PATH=/usr/bin:/usr/sbin:/bin HOME=/tmp TERM=dumb
for module in %s; do insmod /modules/$module; done
until grep -qs 08e6 /sys/bus/usb/devices/*/idVendor; do usleep 50000; done
pcscd --foreground &
until [ -S /run/pcscd/pcscd.comm ]; do usleep 50000; done
exec 3<>/dev/ttyS1
stty -F /dev/ttyS1 raw -echo
echo "@@ shell" >&3
while read -r line <&3; do
  [ "$line" = halt ] && poweroff -f
  eval "$line" >&3 2>&1 </dev/null
  echo "@@ rc=$?" >&3
done
"""


def why_not(binary):
    """Why there can be no guest; None if there can."""
    for program in ["qemu-system-x86_64", "busybox", "stdbuf", *PROGRAMS]:
        if shutil.which(program) is None:
            return f"not installed: {program}"
    if not DRIVER.exists():
        return "not installed: libccid"
    if not list(KERNEL.glob("boot/vmlinuz-*")):
        return "no kernel for a guest: scripts/guest-kernel fetches it"
    if "libasan" in libraries_text(binary) or b"__asan_init" in pathlib.Path(binary).read_bytes():
        return "a program with sanitizers is too large for the guest"
    return None


def libraries_text(program):
    return subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False).stdout


def libraries_of(program):
    return [pathlib.Path(path) for path in re.findall(r"(/\S+) \(0x", libraries_text(program))]


class Archive:
    """An archive of the kind that a kernel unpacks as its first file system (cpio, "newc")."""

    def __init__(self):
        self._out = bytearray()
        self._names = set()
        self._inode = 0

    def _entry(self, name, mode, data=b""):
        if name in self._names:
            return
        self._names.add(name)
        self._inode += 1
        encoded = name.encode() + b"\0"
        fields = [self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0]
        self._out += b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
        self._out += bytes(-len(self._out) % 4) + data
        self._out += bytes(-len(self._out) % 4)

    def add(self, path, data, mode=0o755):
        """The file `path`, absolute, with its directories."""
        parents = list(pathlib.PurePosixPath(path).parents)[-2::-1]
        for parent in parents:
            self._entry(str(parent).lstrip("/"), stat.S_IFDIR | 0o755)
        self._entry(str(path).lstrip("/"), stat.S_IFREG | mode, data)

    def add_program(self, path, place=None):
        """A program or library of this machine with all that it is linked to."""
        self.add(place or path, pathlib.Path(path).read_bytes())
        for library in libraries_of(path):
            self.add(library, library.read_bytes())

    def take(self):
        self._entry("TRAILER!!!", 0)
        return gzip.compress(bytes(self._out), compresslevel=1)


def make_file_system(binary, directory, folders):
    """Everything the guest needs, as a file in `directory`. `folders`: place in the guest -> folder here."""
    archive = Archive()
    archive.add("/init", (INIT % " ".join(pathlib.Path(name).name for name in MODULES)).encode())
    archive.add("/bin/busybox", pathlib.Path(shutil.which("busybox")).read_bytes())
    usb = next(KERNEL.glob("lib/modules/*/kernel/drivers/usb"))
    for name in MODULES:
        archive.add(f"/modules/{pathlib.Path(name).name}", (usb / name).read_bytes())
    for name in PROGRAMS:
        archive.add_program(os.path.realpath(shutil.which(name)), shutil.which(name))
    stripped = pathlib.Path(directory) / "stripped"
    if shutil.which("strip") is None or subprocess.run(["strip", "-o", stripped, binary], check=False).returncode != 0:
        shutil.copy(binary, stripped)
    archive.add_program(stripped, "/usr/bin/uicclab")
    for path in DRIVER.rglob("*"):
        if path.is_file():
            archive.add(path, path.read_bytes())  # Info.plist is a link into /etc
            if path.suffix == ".so":
                archive.add_program(path.resolve(), path)
    for name in LOADED_AT_RUN_TIME:
        directory_of_libc = next(path for path in libraries_of(shutil.which("pcscd")) if path.name.startswith("libc.so")).parent
        archive.add(directory_of_libc / name, (directory_of_libc / name).read_bytes())
    for place, folder in folders.items():
        for path in pathlib.Path(folder).rglob("*"):
            if path.is_file():
                archive.add(f"{place}/{path.relative_to(folder)}", path.read_bytes(), 0o644)
    file = pathlib.Path(directory) / "root.cpio.gz"
    file.write_bytes(archive.take())
    return file


class Guest:
    """Booted by the constructor; ready() waits for its shell. `card`: the socket at which QEMU waits for a card; `power`: a FIFO with what its reader says of power."""

    def __init__(self, case, file_system):
        self.card = case.directory / "vscard"
        self.power = case.directory / "power"
        self.console = case.directory / "console.log"
        shell = case.directory / "shell"
        os.mkfifo(self.power)
        self._power_end = os.open(self.power, os.O_RDWR | os.O_NONBLOCK)  # QEMU would wait for a reader
        case.addCleanup(os.close, self._power_end)
        kernel = next(KERNEL.glob("boot/vmlinuz-*"))
        command = ["stdbuf", "-oL", "qemu-system-x86_64", "-machine", "pc", "-accel", "tcg", "-cpu", "max", "-m", "256", "-nodefaults", "-display", "none", "-no-reboot",
                   "-kernel", kernel, "-initrd", file_system, "-append", "console=ttyS0 panic=-1 quiet",
                   "-serial", f"file:{self.console}",
                   "-chardev", f"socket,id=sh,path={shell},server=on,wait=off", "-serial", "chardev:sh",
                   "-device", "qemu-xhci",
                   "-chardev", f"socket,id=card,path={self.card},server=on,wait=off",
                   "-device", "usb-ccid,id=rd,debug=3", "-device", "ccid-card-passthru,chardev=card,bus=rd.0"]
        self._process = case.start(command, stdout=self._power_end)
        wait_for(lambda: shell.exists() and self.card.exists(), "QEMU's sockets", process=self._process)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        case.addCleanup(self._socket.close)
        self._socket.connect(str(shell))
        self._received = ""

    def _wait(self, pattern, timeout):
        deadline = time.monotonic() + timeout
        while True:
            found = re.search(pattern, self._received)
            if found:
                before, self._received = self._received[: found.start()], self._received[found.end() :]
                return before, found
            if self._process.poll() is not None:
                raise AssertionError(f"QEMU ended\n{self.told()}")
            if not select.select([self._socket], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"the guest says nothing for {timeout} s; so far: {self._received}\n{self.told()}")
            self._received += self._socket.recv(65536).decode(errors="replace")

    def told(self):
        return self._process.output() + (self.console.read_text(errors="replace") if self.console.exists() else "")

    def ready(self, timeout=PATIENCE):
        self._wait("@@ shell\r?\n", timeout)

    def run(self, line, ok=(0,), timeout=PATIENCE):
        """Runs a line of the shell in the guest; returns what it wrote. Fails unless its exit code is one of `ok`."""
        self._socket.sendall(line.encode() + b"\n")
        text, found = self._wait(r"@@ rc=(\d+)\r?\n", timeout)
        if int(found.group(1)) not in ok:
            raise AssertionError(f"in the guest: {line}\nended with {found.group(1)}:\n{text}\n{self.told()[-3000:]}")
        return text.replace("\r", "")

    def until(self, line, timeout=PATIENCE):
        """Repeats a line in the guest until it ends with 0."""
        self.run(f"until {line}; do usleep 50000; done", timeout=timeout)
