"""The device's side of LwM2M at servers that others wrote: libcoap's resource directory (on OpenSSL and on GnuTLS), openssl s_server,
gnutls-serv; and tshark, which reads what went over the wire."""

import json
import pathlib
import subprocess
import sys

from lib.case import IntegrationTest, needs
from lib.lwm2m_card import account, profile
from lib.lwm2m_server import BAD_REQUEST, Lwm2mServer
from lib.processes import free_ports, wait_for
from lib.udp_relay import UdpRelay

CCM_8, CBC, ECDHE_PSK, ECDSA_CCM_8, ECDSA_CBC = 0xC0A8, 0x00AE, 0xC037, 0xC0AE, 0xC023
NAMES = {CCM_8: "TLS_PSK_WITH_AES_128_CCM_8", CBC: "TLS_PSK_WITH_AES_128_CBC_SHA256", ECDHE_PSK: "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256"}
KEY = "D31C924FA0775BE809C63D81F26AB415"
TEXT_KEY = "Vc8_Zt-q4Xw!hR2y9mKp3sLd"  # what can be typed behind -k, and cannot be guessed


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
        self.assertIn("the suite wants 16", self.lwm2m("provision", path, "--adm", "88888888", *self.card, ok=(1,)))
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
        self.assertIn("no device state sealed with this key", self.device("register", ok=(4,)))

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
    """TLS libraries' own servers, which tell what was agreed."""

    def key_pair(self, name, *more):
        key, certificate = self.directory / f"{name}.key", self.directory / f"{name}.pem"
        self.tool(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
                   "-days", "30", "-subj", f"/CN={name}", *more])
        return key, certificate

    def der(self, kind, path):
        command = ["openssl", "x509"] if kind == "x509" else ["openssl", "pkcs8", "-topk8", "-nocrypt"]
        return "hex:" + subprocess.run([*command, "-in", path, "-outform", "DER"], capture_output=True, check=True).stdout.hex()

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

    def test_raw_public_keys_are_refused_before_anything_goes_out(self):
        self.provision("coaps://127.0.0.1:9", mode=1, server_key="hex:00", force=True)
        self.assertIn("file is refused", self.device("connect", ok=(1,)))

    def test_nobody_listens(self):
        self.provision(f"coaps://127.0.0.1:{free_ports()}")
        self.assertIn("nobody listens there", self.device("connect", ok=(3,)))


class Registrations(Device):
    """Register, Update, De-register at a server of the tests' own, plain and behind libssl's DTLS."""

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
        self.assertIn("is not what it was", self.device("update", ok=(1,)))


class Simulation(IntegrationTest):
    def test_the_figures_that_must_be_none_are_none(self):
        told = self.tool([self.binary, "lwm2m", "simulate", "--devices", "300", "--days", "10", "--quiet"])
        self.assertIn("accepted under stale keys: 0, counters reused: 0, devices left without keys: 0", told)
        self.assertRegex(told, "[1-9][0-9]* times 4.00, [1-9][0-9]* replays dropped")


@needs("coap-rd-openssl")
class Demo(IntegrationTest):
    def test_the_whole_story_on_the_built_in_card(self):
        script = pathlib.Path(__file__).parents[2] / "scripts" / "demo-lwm2m"
        told = self.tool([script, self.binary], env={"PORT": str(free_ports(2))})
        for text in ("bytes written", "# read through SCP03", "full handshake", "resumed", "generation 1", "generation 2", "6982",
                     "its keys are fresh"):
            self.assertIn(text, told)
        self.assertEqual(told.count("TLS_PSK_WITH_AES_128_CCM_8"), 2)
