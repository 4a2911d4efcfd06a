# SPDX-License-Identifier: Apache-2.0
"""hostapd as authentication server and eapol_test as the device, both Debian's own, on loopback."""
import os
import socket
import subprocess
import tempfile
import time

from .authentication_centre import AuthenticationCentre

# The subscriber of the built-in test card (3GPP TS 35.208 test set 1).
IMSI = "001010000000001"
K = "465B5CE8B199B49FAA5F0A2EE238A6BC"
OPC = "CD63CB71954A9F4E48A5994E37A02BAF"
SECRET = "testing123"


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class EapServer:
    """hostapd with a RADIUS server in front of an AuthenticationCentre; a context manager."""

    def __init__(self, imsi=IMSI, k=K, opc=OPC, centre=AuthenticationCentre):
        self._directory = tempfile.TemporaryDirectory()
        self._centre = centre
        self._subscriber = (imsi, k, opc)
        self.port = free_udp_port()
        self.centre = None
        self._hostapd = None

    def path(self, name):
        return os.path.join(self._directory.name, name)

    def _write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def __enter__(self):
        self.centre = self._centre(self.path("hlr"), *self._subscriber)
        users = self._write("users", '"0"*\tAKA\n"1"*\tSIM\n"6"*\tAKA\'\n')
        clients = self._write("clients", f"127.0.0.1 {SECRET}\n")
        config = self._write("hostapd.conf", "\n".join([
            "driver=none", f"radius_server_clients={clients}", f"radius_server_auth_port={self.port}", "eap_server=1",
            f"eap_user_file={users}", f"eap_sim_db=unix:{self.path('hlr')}", ""]))
        self._log = open(self.path("hostapd.log"), "w")
        self._hostapd = subprocess.Popen(["/usr/sbin/hostapd", config], stdout=self._log, stderr=subprocess.STDOUT)
        self._wait_until_bound()
        return self

    def _wait_until_bound(self):
        wanted = f"0100007F:{self.port:04X}"
        wildcard = f"00000000:{self.port:04X}"
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with open("/proc/net/udp") as table:
                text = table.read()
            if wanted in text or wildcard in text:
                return
            if self._hostapd.poll() is not None:
                break
            time.sleep(0.02)
        with open(self.path("hostapd.log")) as log:
            raise RuntimeError("hostapd does not listen: " + log.read())

    def __exit__(self, *_):
        self._hostapd.terminate()
        self._hostapd.wait()
        self._log.close()
        self.centre.close()
        self._directory.cleanup()

    def authenticate(self, method, environment, reader=None, pin=None):
        """Runs eapol_test with EAP method SIM, AKA or AKA' and the card of the PC/SC service in `environment`; (success, output)."""
        network = f'ssid="x" key_mgmt=WPA-EAP eap={method} pcsc=""'
        config = self._write("device.conf", "network={\n" + "\n".join(network.split(" ")) + "\n}\n")
        command = ["eapol_test", "-c", config, "-a", "127.0.0.1", "-p", str(self.port), "-s", SECRET, "-t", "10"]
        if reader:
            command += ["-R", reader]
        if pin:
            command += ["-P", pin]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        return done.returncode == 0 and done.stdout.rstrip().endswith("SUCCESS"), done.stdout + done.stderr
