# SPDX-License-Identifier: Apache-2.0
"""The device's side of LwM2M at servers that others wrote: libcoap's resource directory (on OpenSSL and on GnuTLS), openssl s_server,
gnutls-serv; and tshark, which reads what went over the wire."""

import hashlib
import json
import pathlib
import subprocess
import sys
import time

from lib.case import IntegrationTest, needs
from lib.lwm2m_card import account
from lib.lwm2m_device import CBC, CCM_8, Device, ECDHE_PSK, ECDSA_CBC, ECDSA_CCM_8, KEY
from lib.lwm2m_server import BAD_REQUEST, BootstrapServer, CHANGED, DELETED, Lwm2mServer
from lib.processes import free_ports
from lib.udp_relay import UdpRelay

NAMES = {CCM_8: "TLS_PSK_WITH_AES_128_CCM_8", CBC: "TLS_PSK_WITH_AES_128_CBC_SHA256", ECDHE_PSK: "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256"}
TEXT_KEY = "Vc8_Zt-q4Xw!hR2y9mKp3sLd"  # what can be typed behind -k, and cannot be guessed


class Files(Device):
    def test_a_view_is_provisioned_and_read_back(self):
        self.provision("coaps://a.example:5684", suites=[CCM_8, CBC])
        told = json.loads(self.lwm2m("read", *self.card, "--json", "--secrets"))
        self.assertEqual((told["aid"], told["in_ef_dir"], told["path"], told["secured"]), ("A000000063504B43532D3135", True, "7FFF6432", False))
        security = told["objects"][0]["instances"][0]
        self.assertEqual(security["dtls_tls_ciphersuite"], {"0": CCM_8, "1": CBC})
        self.assertEqual(security["secret_key"], "hex:" + KEY)
        again = self.directory / "again.json"
        again.write_text(json.dumps(told))
        self.lwm2m("provision", again, "--adm", "88888888", *self.card)
        self.assertEqual(json.loads(self.lwm2m("read", *self.card, "--json", "--secrets")), told)
        hidden = self.lwm2m("read", *self.card)
        self.assertIn("hidden: 16 bytes", hidden)
        self.assertNotIn(KEY, hidden)

    def test_a_file_longer_than_one_read(self):
        path = self.directory / "account.toml"
        text = account("coaps://a.example:5684").replace("text:device-1", "text:" + "i" * 700)
        path.write_text(text)
        self.lwm2m("provision", path, "--adm", "88888888", *self.card)
        self.assertIn("i" * 700, self.lwm2m("read", *self.card))

    def test_what_is_refused_is_refused_before_anything_is_written(self):
        path = self.directory / "account.toml"
        path.write_text(account("coaps://a.example", key="text:password"))
        self.assertIn("the suite needs 16", self.lwm2m("provision", path, "--adm", "88888888", *self.card, ok=(1,)))
        self.assertIn("no directory names a bootstrap file", self.lwm2m("read", *self.card, ok=(1,)))
        path.write_text(account("coaps://a.example"))
        self.assertIn("tries left: 2", self.lwm2m("provision", path, "--adm", "99999999", *self.card, ok=(4,)))
        self.assertIn("6982", self.lwm2m("provision", path, *self.card, "--scp03", "never", ok=(1,)))
        path.write_text("[[object]]\nid = 0\n[[object.instance]]\nid = 0\nsecret_key = \"hidden: 16 bytes\"\n")
        self.assertIn("--secrets", self.lwm2m("provision", path, "--adm", "88888888", *self.card, ok=(2,)))


class ResourceDirectory:
    """Registration at libcoap's resource directory."""

    program = None
    suites = (CCM_8, CBC, ECDHE_PSK)

    def setUp(self):
        super().setUp()
        self.port = free_ports(2)  # DTLS is one port above
        self.start_udp(self.port + 1, [self.program, "-A", "127.0.0.1", "-p", self.port, "-k", TEXT_KEY, "-v", "7"])

    def test_registers_with_each_suite_of_pre_shared_keys(self):
        for suite in self.suites:
            name = NAMES[suite]
            with self.subTest(suite=name):
                self.provision(f"coaps://127.0.0.1:{self.port + 1}", key="text:" + TEXT_KEY, suites=[suite])
                told = self.answer("register")
                self.assertEqual(told["dtls"]["suite"], name)
                self.assertTrue(told["dtls"]["extended_master_secret"])
                self.assertEqual(told["dtls"]["max_fragment"], 512)
                self.assertRegex(told["location"], "^rd/.+")
                self.assertEqual(told["endpoint"], "device-1")

    def test_without_a_list_ccm_8_is_taken(self):
        self.provision(f"coaps://127.0.0.1:{self.port + 1}", key="text:" + TEXT_KEY)
        self.assertEqual(self.answer("register")["dtls"]["suite"], "TLS_PSK_WITH_AES_128_CCM_8")

    def test_libcoap_s_client_finds_the_registration(self):
        self.provision(f"coaps://127.0.0.1:{self.port + 1}", key="text:" + TEXT_KEY)
        location = self.answer("register")["location"]
        told = self.tool(["coap-client-openssl", "-m", "get", "-u", "other", "-k", TEXT_KEY, f"coaps://127.0.0.1:{self.port + 1}/{location}"])
        self.assertIn("</1/0>", told)


@needs("coap-rd-openssl", "coap-client-openssl")
class OnOpenSsl(ResourceDirectory, Device):
    program = "coap-rd-openssl"
    suites = (CCM_8,)  # libcoap's list for OpenSSL is "TLSv1.2", which has no CBC suites of pre-shared keys

    def test_a_session_is_resumed_after_sleep_unless_its_file_was_touched(self):
        self.provision(f"coaps://127.0.0.1:{self.port + 1}", key="text:" + TEXT_KEY)
        self.assertFalse(self.answer("register")["dtls"]["resumed"])
        self.assertTrue(self.answer("register")["dtls"]["resumed"])
        self.assertFalse(self.answer("register", "--no-resume")["dtls"]["resumed"])
        for path in (self.state, pathlib.Path(f"{self.state}.key")):
            self.assertEqual(path.stat().st_mode & 0o077, 0)
        sealed = self.state.read_bytes()
        self.state.write_bytes(sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:])
        self.assertIn("not a device state encrypted with this key", self.device("register", ok=(4,)))

    def test_another_key_ends_in_words_that_hold_no_secret(self):
        self.provision(f"coaps://127.0.0.1:{self.port + 1}")
        told = self.device("register", "--timeout", "1", ok=(3,))
        self.assertIn("the key is not the one", told)
        self.assertNotIn(KEY, told)

    @needs("tshark")
    def test_tshark_deciphers_the_registration(self):
        capture = self.directory / "dtls.pcap"
        relay = UdpRelay(self.port + 1, capture)
        self.addCleanup(relay.close)
        self.provision(f"coaps://127.0.0.1:{relay.port}", key="text:" + TEXT_KEY)
        self.device("register")
        shark = ["tshark", "-r", capture, "-d", f"udp.port=={relay.port},dtls", "-d", f"udp.port=={self.port + 1},dtls",
                 "-o", "dtls.psk:" + TEXT_KEY.encode().hex()]
        hello = self.tool([*shark, "-V", "-Y", "dtls.handshake.type == 1"])
        for text in ("Maximum Fragment Length: 512 (1)", "extended_master_secret", "TLS_PSK_WITH_AES_128_CCM_8 (0xc0a8)", "Compression Method: null (0)"):
            self.assertIn(text, hello)
        self.assertNotIn("server_name", hello)
        self.assertNotIn("Malformed", self.tool([*shark, "-V"]))
        exchange = self.tool([*shark, "-V", "-Y", "dtls.handshake.type == 16"])
        self.assertIn("Identity: " + b"device-1".hex(), exchange)
        plain = self.tool([*shark, "-d", f"dtls.port=={relay.port},coap", "-d", f"dtls.port=={self.port + 1},coap", "-Y", "coap"])
        self.assertRegex(plain, "CoAP.*POST.*/rd\\?ep=device-1&lt=300")
        self.assertRegex(plain, "CoAP.*2.01 Created")


@needs("coap-rd-gnutls", "coap-client-openssl")
class OnGnuTls(ResourceDirectory, Device):
    program = "coap-rd-gnutls"


class Handshakes(Device):
    """TLS libraries' own servers, which report the negotiated values."""

    def test_openssl_agrees_to_each_suite_and_resumes_it(self):
        for suite, name in ((CCM_8, "PSK-AES128-CCM8"), (CBC, "PSK-AES128-CBC-SHA256"), (ECDHE_PSK, "ECDHE-PSK-AES128-CBC-SHA256")):
            with self.subTest(suite=name):
                port = free_ports()
                server = self.s_server(port, "-psk", KEY, "-nocert", "-cipher", name)
                self.provision(f"coaps://127.0.0.1:{port}", suites=[suite])
                wanted = {"suite": NAMES[suite], "resumed": False, "extended_master_secret": True, "max_fragment": 512}
                self.assertEqual(self.answer("connect")["dtls"], wanted)
                server.wait_output(f"CIPHER is {name}")
                self.assertEqual(self.answer("connect")["dtls"], {**wanted, "resumed": True})
                server.wait_output("Reused session-id")
                server.stop()

    @needs("gnutls-serv")
    def test_gnutls_agrees_to_each_suite(self):
        for suite, priority in ((CCM_8, "+AES-128-CCM-8:+AEAD:+PSK"), (CBC, "+AES-128-CBC:+SHA256:+PSK"), (ECDHE_PSK, "+AES-128-CBC:+SHA256:+ECDHE-PSK")):
            with self.subTest(suite=hex(suite)):
                port = free_ports()
                keys = self.directory / "psk.txt"
                keys.write_text(f"device-1:{KEY.lower()}\n")
                server = self.start_udp(port, ["gnutls-serv", "--udp", "-p", port, "--pskpasswd", keys, "--echo", "--priority",
                                               "NONE:+VERS-DTLS1.2:+COMP-NULL:+GROUP-ALL:+SIGN-ALL:" + priority], stdin=subprocess.PIPE)
                self.provision(f"coaps://127.0.0.1:{port}", suites=[suite])
                self.assertEqual(self.answer("connect")["dtls"]["resumed"], False)
                server.stop()

    def test_certificates_direct_and_indirect_trust_names_and_time(self):
        device_key, device_certificate = self.key_pair("device-1")
        key, certificate = self.key_pair("server", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE")
        _, other = self.key_pair("other", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE")
        ca_key, ca = self.key_pair("ca")
        signed = self.directory / "signed.pem"
        request = self.directory / "signed.csr"
        extensions = self.directory / "extensions"
        extensions.write_text("subjectAltName=IP:127.0.0.1\n")
        self.tool(["openssl", "req", "-new", "-key", key, "-subj", "/CN=signed", "-out", request])
        self.tool(["openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-days", "30", "-extfile", extensions, "-out", signed])

        def agree(shown, stored, host="127.0.0.1", suite=ECDSA_CCM_8, more=(), ok=(0,)):
            port = free_ports()
            server = self.s_server(port, "-key", key, "-cert", shown, "-Verify", "1", "-CAfile", device_certificate, "-verify_return_error",
                                   "-cipher", "ECDHE-ECDSA-AES128-CCM8:ECDHE-ECDSA-AES128-SHA256")
            self.provision(f"coaps://{host}:{port}", mode=2, identity=self.der("x509", device_certificate), key=self.der("key", device_key),
                           server_key=self.der("x509", stored), suites=[suite], force=True)
            self.state.unlink(missing_ok=True)
            told = self.device("connect", *more, ok=ok)
            server.stop()
            return told

        self.assertIn("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", agree(certificate, certificate))
        self.assertIn("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", agree(certificate, certificate, suite=ECDSA_CBC))
        self.assertIn("not the one that is stored", agree(certificate, other, ok=(1,)))
        self.assertIn("connected", agree(certificate, certificate, more=("--date", "none")))
        self.assertIn("not valid at this time", agree(certificate, certificate, more=("--date", "2001-01-01"), ok=(1,)))
        self.assertIn("connected", agree(signed, ca))
        self.assertIn("needs at least a date", agree(signed, ca, more=("--date", "none"), ok=(1,)))
        self.assertIn("not trusted", agree(signed, ca, more=("--date", "2001-01-01"), ok=(1,)))
        self.assertIn("not trusted", agree(certificate, ca, ok=(1,)))

    def test_a_session_is_not_resumed_with_a_certificate_that_would_not_be_accepted_any_more(self):
        device_key, device_certificate = self.key_pair("device-1")
        ca = self.key_pair("ca")
        key, certificate = self.signed_by("server", ca, "subjectAltName=IP:127.0.0.1")
        port = free_ports()
        self.s_server(port, "-key", key, "-cert", certificate, "-cipher", "ECDHE-ECDSA-AES128-CCM8")
        self.provision(f"coaps://127.0.0.1:{port}", mode=2, identity=self.der("x509", device_certificate), key=self.der("key", device_key),
                       server_key=self.der("x509", ca[1]), suites=[ECDSA_CCM_8], force=True)
        self.assertFalse(self.answer("connect")["dtls"]["resumed"])
        self.assertTrue(self.answer("connect")["dtls"]["resumed"])
        self.assertIn("not trusted", self.device("connect", "--date", "2001-01-01", ok=(1,)))  # not valid yet: a full handshake, which refuses
        self.assertIn("needs at least a date", self.device("connect", "--date", "none", ok=(1,)))
        self.assertFalse(self.answer("connect")["dtls"]["resumed"])  # what was refused is over (RFC 5246 clause 7.2.2)

    def test_rules_for_certificates_one_by_one(self):
        device = self.key_pair("device-1")
        ca = self.key_pair("ca", "-addext", "keyUsage=keyCertSign")

        def agree(shown, stored, more="", host="127.0.0.1", chain=None, security_level=2, ok=(1,)):
            port = free_ports()
            server = self.s_server(port, "-key", shown[0], "-cert", shown[1], *(["-cert_chain", chain] if chain else []), "-cipher",
                                   f"ECDHE-ECDSA-AES128-CCM8:@SECLEVEL={security_level}")
            self.provision(f"coaps://{host}:{port}", mode=2, identity=self.der("x509", device[1]), key=self.der("key", device[0]),
                           server_key=stored, suites=[ECDSA_CCM_8], more=more, force=True)
            self.state.unlink(missing_ok=True)
            told = self.device("connect", "--timeout", "20", ok=ok)
            server.stop()
            return told

        def digest(path, name):
            der = subprocess.run(["openssl", "x509", "-in", path, "-outform", "DER"], capture_output=True, check=True).stdout
            return "hex:" + hashlib.new(name, der).hexdigest()

        own = self.signed_by("server", ca, "subjectAltName=IP:127.0.0.1")
        whole, of_ca = self.der("x509", own[1]), self.der("x509", ca[1])
        # Names: of the URI, or of resource 14; a wildcard stands for one label, and not right before a top-level domain.
        elsewhere = self.signed_by("elsewhere", ca, "subjectAltName=DNS:server.example,IP:192.0.2.1")
        self.assertIn("does not name 127.0.0.1", agree(elsewhere, of_ca))
        self.assertIn("does not name the host 127.0.0.1", agree(elsewhere, self.der("x509", elsewhere[1])))  # also under direct trust
        self.assertIn("connected", agree(elsewhere, of_ca, 'sni = "server.example"\n', ok=(0,)))
        self.assertIn("does not name other.example", agree(elsewhere, of_ca, 'sni = "other.example"\n'))
        wildcard = self.signed_by("wildcard", ca, "subjectAltName=DNS:*.a.example")
        self.assertIn("connected", agree(wildcard, of_ca, 'sni = "b.a.example"\n', ok=(0,)))
        self.assertIn("does not name c.b.a.example", agree(wildcard, of_ca, 'sni = "c.b.a.example"\n'))
        top = self.signed_by("top", ca, "subjectAltName=DNS:*.example")
        self.assertIn("does not name a.example", agree(top, of_ca, 'sni = "a.example"\n'))
        # Certificate usage: 3 is direct trust, 2 a trust anchor; 0 and 1 want public CAs.
        self.assertIn("connected", agree(own, whole, "certificate_usage = 3\n", ok=(0,)))
        self.assertIn("connected", agree(own, of_ca, "certificate_usage = 2\n", ok=(0,)))
        self.assertIn("not the one that is stored", agree(own, of_ca, "certificate_usage = 3\n"))
        self.assertIn("public CAs", agree(own, of_ca, "certificate_usage = 0\n"))
        self.assertIn("public CAs", agree(own, whole, "certificate_usage = 1\n"))
        # Matching type: a hash in the place of the certificate.
        for matching, name in ((1, "sha256"), (2, "sha384"), (3, "sha512")):
            lines = f"matching_type = {matching}\n"
            self.assertIn("connected", agree(own, digest(own[1], name), lines + "certificate_usage = 3\n", ok=(0,)))
            self.assertIn("not the one that is stored", agree(own, digest(elsewhere[1], name), lines + "certificate_usage = 3\n"))
        lines = "matching_type = 1\ncertificate_usage = 2\n"
        self.assertIn("connected", agree(own, digest(ca[1], "sha256"), lines, chain=ca[1], ok=(0,)))
        self.assertIn("did not send the CA certificate", agree(own, digest(ca[1], "sha256"), lines))
        self.assertIn("did not send the CA certificate", agree(own, digest(elsewhere[1], "sha256"), lines, chain=ca[1]))
        # Signatures and keys.
        weak = self.signed_by("weak", ca, "subjectAltName=IP:127.0.0.1", "-sha1")
        self.assertIn("signed with SHA1", agree(weak, of_ca, security_level=0))
        self.assertIn("signed with SHA1", agree(weak, self.der("x509", weak[1]), "certificate_usage = 3\n", security_level=0))
        short = self.key_pair("short", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp224r1", "-addext", "subjectAltName=IP:127.0.0.1")
        self.assertIn("key of 224 bits", agree(short, self.der("x509", short[1]), "certificate_usage = 3\n", security_level=0))

    def test_nobody_listens(self):
        port = free_ports()
        self.provision(f"coaps://127.0.0.1:{port}")
        self.assertIn(f"coaps://127.0.0.1:{port}: nobody listens there", self.device("connect", ok=(3,)))
        self.assertIn(f"coaps://127.0.0.1:{port}: nobody listens there", self.device("register", ok=(3,)))
        self.provision(f"coap://127.0.0.1:{port}", mode=3)
        self.assertIn(f"coap://127.0.0.1:{port}: nobody listens there", self.device("register", "--endpoint", "x", ok=(3,)))

    def test_options_and_names_that_cannot_be(self):
        self.provision("coap://127.0.0.1:9", mode=3)
        self.assertIn("--lifetime", self.device("connect", "--lifetime", "5", ok=(2,)))
        self.assertIn("--lifetime", self.device("deregister", "--lifetime", "5", ok=(2,)))
        self.assertIn("an endpoint name of 253 bytes, must be 1 to 252", self.device("register", "--endpoint", "x" * 253, ok=(1,)))

    @needs("tshark")
    def test_a_pre_shared_key_s_hello_has_what_it_needs_and_a_resumed_handshake_costs_less(self):
        port = free_ports()
        self.s_server(port, "-psk", KEY, "-nocert", "-cipher", "PSK-AES128-CCM8")
        capture = self.directory / "hello.pcap"
        relay = UdpRelay(port, capture)
        self.addCleanup(relay.close)
        self.provision(f"coaps://localhost:{relay.port}", suites=[CCM_8])
        self.assertFalse(self.answer("connect")["dtls"]["resumed"])
        shark = ["tshark", "-r", capture, "-d", f"udp.port=={relay.port},dtls", "-d", f"udp.port=={port},dtls"]
        hello = self.tool([*shark, "-V", "-Y", "dtls.handshake.type == 1"])
        for text in ("Server Name: localhost", "Maximum Fragment Length: 512 (1)", "extended_master_secret"):
            self.assertIn(text, hello)
        for text in ("session_ticket", "encrypt_then_mac", "supported_groups", "ec_point_formats", "rsa_"):
            self.assertNotIn(text, hello)

        def bytes_so_far():
            told = self.tool([*shark, "-T", "fields", "-e", "udp.length", "-Y", "udp"])
            return sum(int(line) for line in told.splitlines() if line.isdigit())

        full = bytes_so_far()
        self.assertTrue(self.answer("connect")["dtls"]["resumed"])
        self.assertLess(bytes_so_far() - full, full)
        # A session is offered with the fragment length that it was made with, and with no other (RFC 6066 clause 4).
        self.assertFalse(self.answer("connect", "--max-fragment", "1024")["dtls"]["resumed"])

    @needs("gnutls-serv")
    def test_client_certificates_at_gnutls_with_short_fragments(self):
        device_key, device_certificate = self.key_pair("device-1")
        key, certificate = self.key_pair("server", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE")
        port = free_ports()
        self.start_udp(port, ["gnutls-serv", "--udp", "-p", port, "--x509keyfile", key, "--x509certfile", certificate, "--require-client-cert",
                              "--x509cafile", device_certificate, "--echo", "--priority", "NONE:+VERS-DTLS1.2:+COMP-NULL:+GROUP-ALL:+SIGN-ALL:"
                              "+CTYPE-X509:+ECDHE-ECDSA:+AES-128-CCM-8:+AEAD"], stdin=subprocess.PIPE)
        self.provision(f"coaps://127.0.0.1:{port}", mode=2, identity=self.der("x509", device_certificate), key=self.der("key", device_key),
                       server_key=self.der("x509", certificate), suites=[ECDSA_CCM_8], force=True)
        self.assertEqual(self.answer("connect")["dtls"]["max_fragment"], 512)
        self.assertIn("the endpoint name is other", self.device("register", "--endpoint", "other", ok=(1,)))


class RawPublicKeys(Device):
    """Raw public keys (security mode 1; LwM2M 1.0 clause 7.1.8, RFC 7250) at servers that others wrote."""

    def raw_account(self, port, device, server, suite, short=False, ok=True):
        self.provision(f"coaps://127.0.0.1:{port}", mode=1, identity="hex:" + device[5 if short else 2], key="hex:" + device[4 if short else 3],
                       server_key="hex:" + server[5 if short else 2], suites=[suite], force=not ok)
        self.state.unlink(missing_ok=True)

    def test_a_pair_is_written_in_each_form(self):
        secret, public, spki, _, scalar, x = self.raw_pair("device")
        told = json.loads(self.lwm2m("raw-key", secret, "--secrets", "--json"))
        self.assertEqual({key: value.lower() for key, value in told.items()},
                         {"public_key": "hex:" + spki, "public_key_32_bytes": "hex:" + x, "secret_key": self.der("key", secret), "secret_key_32_bytes": "hex:" + scalar})
        self.assertNotIn(scalar.upper(), self.lwm2m("raw-key", secret))
        self.assertIn(x.upper(), self.lwm2m("raw-key", public))
        self.assertIn("needs the private key", self.lwm2m("raw-key", public, "--secrets", ok=(2,)))

    @needs("gnutls-serv")
    def test_gnutls_agrees_to_both_suites_and_resumes_with_either_form_of_the_keys(self):
        device, server_pair = self.raw_pair("device"), self.raw_pair("server")
        for suite, parts in ((ECDSA_CCM_8, "+AES-128-CCM-8:+AEAD"), (ECDSA_CBC, "+AES-128-CBC:+SHA256")):
            for short in (False, True):
                with self.subTest(suite=hex(suite), short=short):
                    port = free_ports()
                    server = self.start_udp(port, ["gnutls-serv", "--udp", "-p", port, "--rawpkkeyfile", server_pair[0], "--rawpkfile", server_pair[1],
                                                   "--require-client-cert", "--echo", "--priority", "NONE:+VERS-DTLS1.2:+COMP-NULL:+GROUP-ALL:"
                                                   "+SIGN-ALL:+ECDHE-ECDSA:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK:" + parts], stdin=subprocess.PIPE)
                    self.raw_account(port, device, server_pair, suite, short)
                    first = self.answer("connect")["dtls"]
                    self.assertEqual((first["resumed"], first["max_fragment"], first["extended_master_secret"]), (False, 512, True))
                    self.assertIn("TLS_ECDHE_ECDSA_WITH_AES_128_C", first["suite"])
                    self.assertTrue(self.answer("connect")["dtls"]["resumed"])
                    server.stop()

    @needs("coap-server-gnutls")
    def test_libcoap_registers_no_device_but_answers_under_raw_public_keys(self):
        device, server_pair, other = (self.raw_pair(name) for name in ("device", "server", "other"))
        both = self.directory / "server.pem"
        both.write_bytes(server_pair[0].read_bytes() + server_pair[1].read_bytes())
        port = free_ports(2)
        self.start_udp(port + 1, ["coap-server-gnutls", "-A", "127.0.0.1", "-p", port, "-M", both])
        self.raw_account(port + 1, device, server_pair, ECDSA_CCM_8)
        self.assertIn("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", self.device("connect"))
        self.assertIn("4.04 Not Found", self.device("register", "--endpoint", "device-1", ok=(1,)))
        self.raw_account(port + 1, device, other, ECDSA_CCM_8)
        self.assertIn("public key is not the one that is stored", self.device("connect", ok=(1,)))

    def test_the_same_key_pair_at_both_ends_is_refused(self):
        device = self.raw_pair("device")
        self.raw_account(9, device, device, ECDSA_CCM_8, ok=False)
        self.assertIn("client and server have the same key pair", self.device("connect", ok=(1,)))


class Registrations(Device):
    """Register, Update, De-register at the tests' own server, plain and over libssl's DTLS."""

    def setUp(self):
        super().setUp()
        self.server = Lwm2mServer()
        self.addCleanup(self.server.close)

    def relay(self):
        port = free_ports()
        program = pathlib.Path(__file__).parent / "lib" / "dtls_relay.py"
        relay = self.start_udp(port, [sys.executable, program, port, self.server.port, "device-1", KEY])
        return relay, port

    def test_from_register_to_deregister_on_a_session_that_is_resumed(self):
        relay, port = self.relay()
        self.provision(f"coaps://127.0.0.1:{port}")
        first = self.answer("register")
        self.assertEqual((first["dtls"]["resumed"], first["lifetime"]), (False, 300))
        only = self.server.registrations[first["location"].split("/")[1]]
        self.assertEqual((only["ep"], only["lt"], only["lwm2m"], only["b"]), ("device-1", "300", "1.1", "U"))
        self.assertIn("</1/0>", only["objects"])
        self.assertNotIn("</0/", only["objects"])
        self.assertTrue(self.answer("update", "--lifetime", "600")["dtls"]["resumed"])
        self.assertEqual(only["lt"], "600")
        self.assertTrue(self.answer("deregister")["dtls"]["resumed"])
        self.assertEqual(self.server.registrations, {})
        self.assertIn("not registered", self.device("update", ok=(1,)))
        self.assertEqual(relay.output().count("resumed"), 2)

    def test_plain_coap(self):
        self.provision(f"coap://127.0.0.1:{self.server.port}", mode=3)
        self.assertNotIn("dtls", self.answer("register", "--endpoint", "plain"))
        self.device("update")
        self.device("deregister")
        self.assertEqual([entry[3] for entry in self.server.log], [0x41, 0x44, 0x42])

    def test_what_a_server_says_is_shown_on_one_line(self):
        self.provision(f"coap://127.0.0.1:{self.server.port}", mode=3)
        self.server.refuse = BAD_REQUEST
        self.server.diagnostic = b"no\x1b[2Jsuch\ndevice"
        told = self.device("register", "--endpoint", "plain", ok=(1,))
        self.assertIn("4.00 Bad Request: no\\u001b[2Jsuch\\ndevice", told)

    def test_a_server_that_refuses_or_forgot(self):
        self.provision(f"coap://127.0.0.1:{self.server.port}", mode=3)
        self.server.refuse = BAD_REQUEST
        self.assertIn("4.00 Bad Request", self.device("register", "--endpoint", "plain", ok=(1,)))
        self.server.refuse = None
        self.device("register", "--endpoint", "plain")
        self.server.registrations.clear()
        self.assertIn("4.04 Not Found", self.device("update", ok=(1,)))
        self.assertIn("not registered", self.device("update", ok=(1,)))

    def test_another_account_on_the_card_ends_the_registration(self):
        self.provision(f"coap://127.0.0.1:{self.server.port}", mode=3)
        self.device("register", "--endpoint", "plain")
        self.provision(f"coap://127.0.0.1:{self.server.port}", mode=3, lifetime=400)
        self.assertIn("has changed", self.device("update", ok=(1,)))


class Bootstraps(Device):
    """From a bootstrap server: the device asks, or the server begins within the hold-off time (LwM2M 1.0 clauses 5.2.3.3, 5.2.3.4)."""

    def setUp(self):
        super().setUp()
        self.server = BootstrapServer("coap://127.0.0.1:5683")
        self.addCleanup(self.server.close)
        self.provision_bootstrap(1)

    def provision_bootstrap(self, hold_off):
        text = account(f"coap://127.0.0.1:{self.server.port}", mode=3, more=f"client_hold_off_time = {hold_off}\n")
        path = self.directory / "bootstrap.toml"
        path.write_text(text.replace("bootstrap_server = false", "bootstrap_server = true"))
        self.lwm2m("provision", path, "--adm", "88888888", "--force", *self.card)

    def check(self, told):
        self.assertEqual(self.server.codes, [DELETED, CHANGED, CHANGED, CHANGED])
        self.assertIn('server_uri = "coap://127.0.0.1:5683"', told)
        self.assertIn("short_server_id = 7", told)
        self.assertEqual(told.count("bootstrap_server = true"), 1)  # the account it came from stays

    def test_the_device_asks_after_the_hold_off_time(self):
        self.server.wait_to_be_asked()
        start = time.monotonic()
        told = self.device("bootstrap", "--endpoint", "device-1")
        queries, asked = self.server.asked
        self.assertEqual(queries, ["ep=device-1"])
        self.assertGreaterEqual(asked - start, 1)
        self.assertIn("the device asked for", told)
        self.check(told)

    def test_the_server_begins_within_the_hold_off_time(self):
        self.provision_bootstrap(60)
        port = free_ports()
        self.server.begin_at(port)
        told = self.device("bootstrap", "--endpoint", "device-1", "--local-port", port)
        self.assertIsNone(self.server.asked)
        self.assertIn("the server began", told)
        self.check(told)

    def test_what_it_brought_is_an_account_to_register_with(self):
        registry = Lwm2mServer()
        self.addCleanup(registry.close)
        self.server.account_uri = f"coap://127.0.0.1:{registry.port}"
        self.server.wait_to_be_asked()
        view = self.directory / "new.toml"
        told = self.device("bootstrap", "--endpoint", "device-1")
        view.write_text(told[told.index("[[object]]"):])
        self.lwm2m("provision", view, "--adm", "88888888", "--force", *self.card)
        self.assertRegex(self.answer("register", "--endpoint", "device-1")["location"], "^rd/")


class Simulation(IntegrationTest):
    def test_the_figures_that_must_be_zero_are_zero(self):
        told = self.tool([self.binary, "lwm2m", "simulate", "--devices", "300", "--days", "10", "--quiet"])
        self.assertIn("accepted under stale keys: 0, counters reused: 0, devices left without keys: 0", told)
        self.assertRegex(told, "[1-9][0-9]* times 4.00, [1-9][0-9]* replays dropped")


@needs("coap-rd-openssl")
class Demo(IntegrationTest):
    def test_the_whole_story_on_the_built_in_card(self):
        script = pathlib.Path(__file__).parents[2] / "scripts" / "demo-lwm2m"
        told = self.tool([script, self.binary], env={"PORT": str(free_ports(2))})
        for text in ("bytes written", "# read through SCP03", "full handshake", "resumed", "generation 1", "generation 2", "6982",
                     "GBA_ME", "4.00 Bad Request: stale keys", "--resync", "its keys are fresh"):
            self.assertIn(text, told)
        self.assertEqual(told.count("TLS_PSK_WITH_AES_128_CCM_8"), 2)
        self.assertEqual(told.count("location rd/1"), 3)
