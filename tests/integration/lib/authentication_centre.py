# SPDX-License-Identifier: Apache-2.0
"""The network's side of AKA for hostapd: a home location register whose Milenage is osmo-auc-gen's (Debian package libosmocore-utils).

hostapd asks over a UNIX datagram socket (eap_sim_db=unix:PATH); the messages are those of its hlr_auc_gw:
  AKA-REQ-AUTH IMSI        -> AKA-RESP-AUTH IMSI RAND AUTN IK CK RES
  SIM-REQ-AUTH IMSI n      -> SIM-RESP-AUTH IMSI Kc:SRES:RAND ...
  AKA-AUTS IMSI AUTS RAND  -> nothing; the register follows the card's sequence number
"""
import os
import secrets
import socket
import subprocess
import threading


class AuthenticationCentre:
    """Serves one subscriber. `sqn` is the next sequence number; it grows by one SEQ (32) a vector."""

    def __init__(self, path, imsi, k, opc, amf="8000", sqn=0x100):
        self.imsi, self.k, self.opc, self.amf, self.sqn = imsi, k, opc, amf, sqn
        self.resynchronisations = 0
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        self._socket.settimeout(0.1)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._stopped.set()
        self._thread.join()
        self._socket.close()
        os.unlink(self._path)

    def _generate(self, *arguments):
        out = subprocess.run(
            ["osmo-auc-gen", "-3", "-a", "MILENAGE", "-k", self.k, "-o", self.opc, "-f", self.amf, *arguments],
            check=True, capture_output=True, text=True).stdout
        return dict(line.split(":\t", 1) for line in out.splitlines() if ":\t" in line)

    def vector(self, rand=None):
        """A vector with the next sequence number: RAND, AUTN, IK, CK, RES, SRES, Kc as hexadecimal text."""
        values = self._generate("-s", str(self.sqn), "-r", rand or secrets.token_hex(16))
        self.sqn += 32
        return values

    def resynchronise(self, auts, rand):
        """Takes the card's sequence number out of AUTS; raises if its MAC is wrong."""
        values = self._generate("-A", auts, "-r", rand)
        self.sqn = int(values["SQN.MS"]) + 32
        self.resynchronisations += 1

    def _answer(self, words):
        if len(words) < 2 or words[1] != self.imsi:
            return None
        if words[0] == "AKA-REQ-AUTH":
            v = self.vector()
            return f"AKA-RESP-AUTH {self.imsi} {v['RAND']} {v['AUTN']} {v['IK']} {v['CK']} {v['RES']}"
        if words[0] == "SIM-REQ-AUTH":
            triplets = [self.vector() for _ in range(int(words[2]))]
            return f"SIM-RESP-AUTH {self.imsi} " + " ".join(f"{v['Kc']}:{v['SRES']}:{v['RAND']}" for v in triplets)
        if words[0] == "AKA-AUTS":
            self.resynchronise(words[2], words[3])
        return None

    def _serve(self):
        while not self._stopped.is_set():
            try:
                message, peer = self._socket.recvfrom(1024)
            except TimeoutError:
                continue
            answer = self._answer(message.decode("ascii", "replace").split())
            if answer and peer:
                self._socket.sendto(answer.encode(), peer)
