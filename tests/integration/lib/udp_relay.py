# SPDX-License-Identifier: Apache-2.0
"""A relay of UDP datagrams that writes them down as a capture file (IPv4 without a link layer), so that no privilege is needed to see them."""

import select
import socket
import struct
import threading
import time


class UdpRelay:
    """Listens on a port of its own and speaks to `target`."""

    def __init__(self, target, capture):
        self._target = ("127.0.0.1", target)
        self._front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._front.bind(("127.0.0.1", 0))
        self.port = self._front.getsockname()[1]
        self._backs = {}
        self._file = open(capture, "wb")
        self._file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        self._file.flush()
        self._stop = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        self._stop = True
        self._thread.join()
        self._file.close()
        for one in (self._front, *self._backs.values()):
            one.close()

    def _write(self, data, source, to):
        udp = struct.pack(">HHHH", source, to, 8 + len(data), 0) + data
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]))
        now = time.time()
        self._file.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(ip) + len(udp), len(ip) + len(udp)) + ip + udp)
        self._file.flush()

    def _run(self):
        while not self._stop:
            ready, _, _ = select.select([self._front, *self._backs.values()], [], [], 0.05)
            for peer, back in list(self._backs.items()):
                if back in ready:
                    try:
                        data = back.recv(65536)
                    except OSError:
                        continue
                    self._write(data, self._target[1], peer[1])
                    self._front.sendto(data, peer)
            if self._front in ready:
                data, peer = self._front.recvfrom(65536)
                if peer not in self._backs:
                    self._backs[peer] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    self._backs[peer].connect(self._target)
                self._write(data, peer[1], self._target[1])
                self._backs[peer].send(data)
