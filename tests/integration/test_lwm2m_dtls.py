# SPDX-License-Identifier: Apache-2.0
"""The matrix of DTLS in LwM2M: each suite with each credential, in both roles, with fragments of 512 bytes and without a limit, full and resumed
(LwM2M 1.0 clause 7.1; RFC 7925), at programs that others wrote; what tshark reads of it; and who is refused."""

import datetime
import subprocess

from lib.case import needs
from lib.lwm2m_device import CBC, CCM_8, Device, ECDHE_PSK, ECDSA_CBC, ECDSA_CCM_8, KEY
from lib.lwm2m_serve import Server
from lib.processes import free_ports
from lib.udp_relay import UdpRelay

NAMES = {CCM_8: "TLS_PSK_WITH_AES_128_CCM_8", CBC: "TLS_PSK_WITH_AES_128_CBC_SHA256", ECDHE_PSK: "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256",
         ECDSA_CCM_8: "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", ECDSA_CBC: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"}
OPENSSL = {CCM_8: "PSK-AES128-CCM8", CBC: "PSK-AES128-CBC-SHA256", ECDHE_PSK: "ECDHE-PSK-AES128-CBC-SHA256",
           ECDSA_CCM_8: "ECDHE-ECDSA-AES128-CCM8", ECDSA_CBC: "ECDHE-ECDSA-AES128-SHA256"}
GNUTLS = {CCM_8: "+PSK:+AES-128-CCM-8:+AEAD", CBC: "+PSK:+AES-128-CBC:+SHA256", ECDHE_PSK: "+ECDHE-PSK:+AES-128-CBC:+SHA256",
          ECDSA_CCM_8: "+ECDHE-ECDSA:+AES-128-CCM-8:+AEAD", ECDSA_CBC: "+ECDHE-ECDSA:+AES-128-CBC:+SHA256"}
PRIORITY = "NONE:+VERS-DTLS1.2:+COMP-NULL:+GROUP-SECP256R1:+SIGN-ECDSA-SHA256:"
RAW_TYPES, X509_TYPES = ":+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK", ":+CTYPE-CLI-X509:+CTYPE-SRV-X509"


class AsClient(Device):
    """Our device at openssl s_server and gnutls-serv."""

    def agree(self, start, provision, suites):
        """`start(suite, port)` runs a server; the device connects twice, with each fragment length."""
        for suite in suites:
            for fragment in (0, 512):
                with self.subTest(suite=NAMES[suite], fragment=fragment):
                    port = free_ports()
                    server = start(suite, port)
                    provision(suite, port)
                    self.state.unlink(missing_ok=True)
                    for resumed in (False, True):
                        self.assertEqual(self.answer("connect", "--max-fragment", str(fragment))["dtls"],
                                         {"suite": NAMES[suite], "resumed": resumed, "extended_master_secret": True, "max_fragment": fragment})
                    server.stop()

    def with_psk(self, suite, port):
        self.provision(f"coaps://127.0.0.1:{port}", suites=[suite])

    def certificates(self):
        device, server = self.key_pair("device-1"), self.key_pair("server", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE")
        def provision(suite, port):
            self.provision(f"coaps://127.0.0.1:{port}", mode=2, identity=self.der("x509", device[1]), key=self.der("key", device[0]),
                           server_key=self.der("x509", server[1]), suites=[suite], force=True)
        return device, server, provision

    def test_openssl_with_pre_shared_keys(self):
        self.agree(lambda suite, port: self.s_server(port, "-psk", KEY, "-nocert", "-cipher", OPENSSL[suite]), self.with_psk, (CCM_8, CBC, ECDHE_PSK))

    def test_openssl_with_certificates(self):
        device, server, provision = self.certificates()
        self.agree(lambda suite, port: self.s_server(port, "-key", server[0], "-cert", server[1], "-Verify", "1", "-CAfile", device[1], "-verify_return_error",
                                                     "-cipher", OPENSSL[suite]), provision, (ECDSA_CCM_8, ECDSA_CBC))

    def gnutls(self, port, parts, *more):
        return self.start_udp(port, ["gnutls-serv", "--udp", "-p", port, "--echo", "--priority", PRIORITY + parts, *more], stdin=subprocess.PIPE)

    @needs("gnutls-serv")
    def test_gnutls_with_pre_shared_keys(self):
        keys = self.directory / "psk.txt"
        keys.write_text(f"device-1:{KEY.lower()}\n")
        self.agree(lambda suite, port: self.gnutls(port, GNUTLS[suite], "--pskpasswd", keys), self.with_psk, (CCM_8, CBC, ECDHE_PSK))

    @needs("gnutls-serv")
    def test_gnutls_with_certificates(self):
        device, server, provision = self.certificates()
        self.agree(lambda suite, port: self.gnutls(port, GNUTLS[suite] + X509_TYPES, "--x509keyfile", server[0], "--x509certfile", server[1],
                                                   "--require-client-cert", "--x509cafile", device[1]), provision, (ECDSA_CCM_8, ECDSA_CBC))

    @needs("gnutls-serv")
    def test_gnutls_with_raw_public_keys(self):
        device, server = self.raw_pair("device"), self.raw_pair("server")
        def provision(suite, port):
            self.provision(f"coaps://127.0.0.1:{port}", mode=1, identity="hex:" + device[2], key="hex:" + device[3], server_key="hex:" + server[2], suites=[suite])
        self.agree(lambda suite, port: self.gnutls(port, GNUTLS[suite] + RAW_TYPES, "--rawpkkeyfile", server[0], "--rawpkfile", server[1],
                                                   "--require-client-cert"), provision, (ECDSA_CCM_8, ECDSA_CBC))


class AsServer(Server):
    """openssl s_client and gnutls-cli at our server."""

    def setUp(self):
        super().setUp()
        self.device, self.own = self.key_pair("device-x", "-addext", "basicConstraints=CA:FALSE"), self.key_pair("server", "-addext", "subjectAltName=IP:127.0.0.1")
        self.raw, self.own_raw = self.raw_pair("raw"), self.raw_pair("own-raw")
        self.add("device-1", "--psk", KEY)
        self.add("device-x", "--certificate", self.device[1])
        self.add("device-r", "--public-key", self.raw[1])

    def serve_all(self):
        return self.serve("--raw-key", self.own_raw[0], "--certificate", self.own[1], "--private-key", self.own[0])

    def s_client(self, port, *more, ok=(0,)):
        return self.tool(["timeout", "10", "openssl", "s_client", "-dtls1_2", "-connect", f"127.0.0.1:{port}", *more], ok=ok)

    def gnutls_cli(self, port, parts, *more, ok=(0,)):
        return self.tool(["timeout", "10", "gnutls-cli", "--udp", "-p", port, "127.0.0.1", "--insecure", "--priority", PRIORITY + parts, *more], ok=ok)

    def test_openssl(self):
        self.serve_all()
        psk = ("-psk", KEY, "-psk_identity", "device-1")
        x509 = ("-cert", self.device[1], "-key", self.device[0], "-CAfile", self.own[1], "-verify_return_error")
        session = self.directory / "session.pem"
        for suite in NAMES:
            for fragment in (0, 512):
                for tickets in (True, False):
                    with self.subTest(suite=NAMES[suite], fragment=fragment, tickets=tickets):
                        before = len(self.events())
                        with_certificate = suite in (ECDSA_CCM_8, ECDSA_CBC)
                        common = (*(x509 if with_certificate else psk), "-cipher", OPENSSL[suite], *(("-maxfraglen", "512") if fragment else ()),
                                  *(() if tickets else ("-no_ticket",)))
                        # OpenSSL cuts its certificate by the MTU alone.
                        cut = ("-mtu", "525") if fragment and with_certificate else ()
                        self.assertIn("Extended master secret: yes", self.s_client(self.coaps, *common, *cut, "-sess_out", session))
                        self.assertIn("Reused, ", self.s_client(self.coaps, *common, "-sess_in", session))
                        connected = [one for one in self.events()[before:] if one["event"] == "connected"]
                        self.assertEqual([(one["suite"], one["resumed"], one["max_fragment"]) for one in connected],
                                         [(NAMES[suite], False, fragment), (NAMES[suite], True, fragment)])

    @needs("gnutls-cli")
    def test_gnutls(self):
        self.serve_all()
        credentials = [((CCM_8, CBC), "", ("--pskusername", "device-1", "--pskkey", KEY.lower())),
                       ((ECDSA_CCM_8, ECDSA_CBC), X509_TYPES, ("--x509keyfile", self.device[0], "--x509certfile", self.device[1])),
                       ((ECDSA_CCM_8, ECDSA_CBC), RAW_TYPES, ("--rawpkkeyfile", self.raw[0], "--rawpkfile", self.raw[1]))]
        for suites, types, how in credentials:
            for suite in suites:
                with self.subTest(suite=NAMES[suite], types=types):
                    before = len(self.events())
                    self.assertIn("This is a resumed session", self.gnutls_cli(self.coaps, GNUTLS[suite] + types, *how, "--resume"))
                    connected = [one for one in self.events()[before:] if one["event"] == "connected"]
                    self.assertEqual([(one["suite"], one["resumed"]) for one in connected], [(NAMES[suite], False), (NAMES[suite], True)])

    @needs("tshark", "gnutls-cli")
    def test_tshark_reads_what_the_server_agrees_to(self):
        self.serve_all()
        capture = self.directory / "server.pcap"
        relay = UdpRelay(self.coaps, capture)
        self.addCleanup(relay.close)
        session = self.directory / "session.pem"
        common = ("-psk", KEY, "-psk_identity", "device-1", "-cipher", OPENSSL[CCM_8], "-maxfraglen", "512", "-no_ticket")
        self.s_client(relay.port, *common, "-sess_out", session)
        self.s_client(relay.port, *common, "-sess_in", session)
        self.gnutls_cli(relay.port, GNUTLS[ECDSA_CCM_8] + RAW_TYPES, "--rawpkkeyfile", self.raw[0], "--rawpkfile", self.raw[1])
        shark = ["tshark", "-r", capture, "-d", f"udp.port=={relay.port},dtls", "-d", f"udp.port=={self.coaps},dtls"]
        self.assertNotIn("Malformed", self.tool([*shark, "-V"]))
        hellos = self.tool([*shark, "-V", "-Y", "dtls.handshake.type == 2"]).split("Handshake Type: Server Hello (2)")[1:]
        self.assertEqual(len(hellos), 3)
        for hello in hellos[:2]:
            for text in ("TLS_PSK_WITH_AES_128_CCM_8 (0xc0a8)", "Compression Method: null (0)", "extended_master_secret"):
                self.assertIn(text, hello)
        self.assertIn("Maximum Fragment Length: 512 (1)", hellos[0])  # it goes on for resumptions (RFC 6066 clause 4)
        for text in ("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 (0xc0ae)", "Compression Method: null (0)", "extended_master_secret", "Raw Public Key"):
            self.assertIn(text, hellos[2])
        sent = self.tool([*shark, "-Y", f"udp.srcport == {self.coaps} && dtls.handshake", "-T", "fields", "-e", "dtls.handshake.type"]).split()
        self.assertIn("3", sent)  # HelloVerifyRequest: nothing is kept before the cookie (RFC 6347 clause 4.2.1)
        self.assertIn("13", ",".join(sent).split(","))  # CertificateRequest

    def certificate_of(self, name, first, last):
        """A self-signed certificate for a new key, valid between two days from now."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.datetime.utcnow()
        certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(7)
                       .not_valid_before(now + datetime.timedelta(days=first)).not_valid_after(now + datetime.timedelta(days=last))
                       .sign(key, hashes.SHA256()))
        paths = self.directory / f"{name}.expired.key", self.directory / f"{name}.expired.pem"
        paths[0].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        paths[1].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return paths

    @needs("gnutls-cli")
    def test_who_is_refused(self):
        """Wrong pin, wrong common name, expired, not valid yet, the server's own key pair (UDP channel CR clauses 7.1.2, 7.1.3)."""
        expired, early = self.certificate_of("device-e", -30, -1), self.certificate_of("device-f", 1, 30)
        same_name = self.certificate_of("device-x", -1, 30)
        stranger = self.certificate_of("device-y", -1, 30)
        self.add("device-e", "--certificate", expired[1])
        self.add("device-f", "--certificate", early[1])
        self.add("device-s", "--public-key", self.own_raw[1])
        self.serve_all()
        for (key, certificate), reason in ((expired, "a certificate of the client is not valid at this time"), (early, "a certificate of the client is not valid at this time"),
                                           (same_name, "the client's certificate is not the one that is stored"),
                                           (stranger, "no account with certificates is named device-y")):
            with self.subTest(reason=reason):
                before = len(self.events())
                self.s_client(self.coaps, "-cert", certificate, "-key", key, "-CAfile", self.own[1], "-cipher", OPENSSL[ECDSA_CCM_8], ok=None)
                self.assertIn(reason, [one.get("reason") for one in self.events()[before:]])
        other = self.raw_pair("other")
        for pair, reason in ((other, "no account has this raw public key"), (self.own_raw, "client and server have the same key pair")):
            before = len(self.events())
            self.gnutls_cli(self.coaps, GNUTLS[ECDSA_CCM_8] + RAW_TYPES, "--rawpkkeyfile", pair[0], "--rawpkfile", pair[1], ok=None)
            self.assertIn(reason, [one.get("reason") for one in self.events()[before:]])
