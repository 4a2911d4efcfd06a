# SPDX-License-Identifier: Apache-2.0
"""What the tests of LwM2M devices and servers share: a card, its account, keys and certificates by openssl, UDP servers in the background."""

import json
import pathlib
import subprocess

from .case import IntegrationTest
from .lwm2m_card import account, profile
from .processes import wait_for

CCM_8, CBC, ECDHE_PSK, ECDSA_CCM_8, ECDSA_CBC = 0xC0A8, 0x00AE, 0xC037, 0xC0AE, 0xC023
KEY = "D31C924FA0775BE809C63D81F26AB415"


def udp_bound(port):
    """Somebody has bound the UDP port."""
    wanted = f":{port:04X} "
    return any(wanted in line for line in pathlib.Path("/proc/net/udp").read_text().splitlines()[1:])


class Device(IntegrationTest):
    def setUp(self):
        super().setUp()
        path = self.directory / "card.toml"
        path.write_text(profile(self.tool([self.binary, "profile", "show", "default"])))
        self.card = ["--card", f"sim:{path}", "--state", self.directory / "card.db"]
        self.state = self.directory / "device.state"

    def lwm2m(self, *words, ok=(0,)):
        return self.tool([self.binary, "lwm2m", *words], ok=ok)

    def provision(self, *args, force=False, **more):
        path = self.directory / "account.toml"
        path.write_text(account(*args, **more))
        self.lwm2m("provision", path, "--adm", "88888888", *self.card, *(["--force"] if force else []))

    def device(self, command, *more, ok=(0,)):
        return self.lwm2m(command, *self.card, "--device-state", self.state, *more, ok=ok)

    def answer(self, command, *more):
        return json.loads(self.device(command, "--json", *more).splitlines()[-1])

    def start_udp(self, port, command, **more):
        process = self.start(command, **more)
        wait_for(lambda: udp_bound(port), f"UDP port of {process.name}", process=process)
        return process

    def s_server(self, port, *more):
        """openssl s_server for one port; its standard input stays open, else it ends."""
        return self.start_udp(port, ["openssl", "s_server", "-dtls1_2", "-accept", f"127.0.0.1:{port}", *more], stdin=subprocess.PIPE)

    def key_pair(self, name, *more):
        key, certificate = self.directory / f"{name}.key", self.directory / f"{name}.pem"
        self.tool(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
                   "-days", "30", "-subj", f"/CN={name}", *more])
        return key, certificate

    def der(self, kind, path):
        command = ["openssl", "x509"] if kind == "x509" else ["openssl", "pkcs8", "-topk8", "-nocrypt"]
        return "hex:" + subprocess.run([*command, "-in", path, "-outform", "DER"], capture_output=True, check=True).stdout.hex()

    def signed_by(self, name, ca, extension, *more):
        """A certificate for the key of `name`, signed by a CA: (its file, its key)."""
        key, request, out = (self.directory / f"{name}.{end}" for end in ("key", "csr", "pem"))
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(extension + "\n")
        self.tool(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj",
                   f"/CN={name}", "-out", request])
        self.tool(["openssl", "x509", "-req", "-in", request, "-CA", ca[1], "-CAkey", ca[0], "-days", "30", "-extfile", extensions, "-out", out,
                   *more])
        return key, out

    def raw_pair(self, name):
        """A key pair by openssl: (private PEM, public PEM, public DER, private DER, its 32 bytes, the 32 bytes of x), the last four in hexadecimal."""
        secret, public = self.directory / f"{name}.key", self.directory / f"{name}.pub"
        self.tool(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", secret])
        self.tool(["openssl", "pkey", "-in", secret, "-pubout", "-out", public])
        spki, pkcs8 = (subprocess.run(["openssl", "pkey", "-in", secret, *more, "-outform", "DER"], capture_output=True, check=True).stdout
                       for more in (["-pubout"], []))
        scalar = pkcs8[pkcs8.index(b"\x02\x01\x01\x04\x20") + 5:][:32]
        return secret, public, spki.hex(), pkcs8.hex(), scalar.hex(), spki[-64:-32].hex()
