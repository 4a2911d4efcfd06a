# SPDX-License-Identifier: Apache-2.0
"""uicclab lwm2m serve: our device at it with each credential; clients that others wrote (gnutls-cli, openssl s_client, libcoap) with each suite."""

import http.client
import json
import pathlib
import socket
import subprocess
import unittest

from lib.case import needs
from lib.lwm2m_card import account
from lib.lwm2m_device import CBC, CCM_8, ECDHE_PSK, ECDSA_CBC, ECDSA_CCM_8, KEY
from lib.lwm2m_serve import Server
from lib.processes import free_ports, wait_for

PRIORITY = "NONE:+VERS-DTLS1.2:+COMP-NULL:+GROUP-SECP256R1:+SIGN-ECDSA-SHA256:"


class Credentials(Server):
    """Our device, from the card, with each security mode (LwM2M 1.0 clauses 7.1.7 to 7.1.10)."""

    def story(self, resumed=True):
        """Register, Update, De-register; what the server has of it."""
        self.state.unlink(missing_ok=True)
        told = self.answer("register", "--endpoint", "device-1")
        registered = self.manage("devices")
        self.assertEqual([one["endpoint"] for one in registered], ["device-1"])
        self.assertEqual(registered[0]["lifetime"], 300)
        if resumed:
            self.assertTrue(self.answer("update")["dtls"]["resumed"])
        else:
            self.device("update")
        self.device("deregister")
        self.assertEqual(self.manage("devices"), [])
        return told, registered[0]

    def test_pre_shared_keys_with_each_suite(self):
        self.add("device-1", "--psk", KEY)
        self.serve()
        for suite in (CCM_8, CBC, ECDHE_PSK):
            with self.subTest(suite=hex(suite)):
                self.provision(f"coaps://127.0.0.1:{self.coaps}", suites=[suite])
                told, registered = self.story()
                self.assertEqual((told["dtls"]["max_fragment"], told["dtls"]["extended_master_secret"], registered["security_mode"]), (512, True, 0))
        self.provision(f"coaps://127.0.0.1:{self.coaps}", key="hex:" + KEY[::-1])
        self.state.unlink(missing_ok=True)
        self.device("register", "--timeout", "2", ok=(1, 3))
        self.provision(f"coaps://127.0.0.1:{self.coaps}")
        self.assertIn("4.03 Forbidden", self.device("register", "--endpoint", "device-2", ok=(1,)))

    def test_a_session_ends_with_the_key_that_it_was_made_with(self):
        """Also a ticket, and a connection that is open (LwM2M 1.0 clause 7.1)."""
        other = "A1B2C3D4E5F60718293A4B5C6D7E8F90"
        for tickets in ((), ("-no_ticket",)):
            with self.subTest(tickets=not tickets):
                self.add("device-1", "--psk", KEY)
                self.serve()
                session = self.directory / "session.pem"
                connect = ["timeout", "10", "openssl", "s_client", "-dtls1_2", "-connect", f"127.0.0.1:{self.coaps}", "-psk_identity", "device-1",
                           "-cipher", "PSK-AES128-CCM8", *tickets]
                self.tool([*connect, "-psk", KEY, "-sess_out", session])
                self.assertIn("Reused", self.tool([*connect, "-psk", KEY, "-sess_in", session]))
                self.add("device-1", "--psk", other)
                self.assertNotIn("Reused", self.tool([*connect, "-psk", KEY, "-sess_in", session], ok=None))
                self.assertIn("New, ", self.tool([*connect, "-psk", other, "-sess_in", session]))
                self.server.stop()

    def test_raw_public_keys_with_both_suites_in_both_forms(self):
        own, device, other = (self.raw_pair(name) for name in ("server", "device", "other"))
        self.add("device-1", "--public-key", device[1])
        self.serve("--raw-key", own[0])
        for suite in (ECDSA_CCM_8, ECDSA_CBC):
            for form in (2, 5):
                with self.subTest(suite=hex(suite), form=form):
                    self.provision(f"coaps://127.0.0.1:{self.coaps}", mode=1, identity="hex:" + device[form], key="hex:" + device[3 if form == 2 else 4],
                                   server_key="hex:" + own[form], suites=[suite])
                    self.assertEqual(self.story()[1]["security_mode"], 1)
        self.provision(f"coaps://127.0.0.1:{self.coaps}", mode=1, identity="hex:" + other[2], key="hex:" + other[3], server_key="hex:" + own[2])
        self.state.unlink(missing_ok=True)
        self.assertIn("refuses", self.device("register", "--endpoint", "device-1", ok=(1,)))
        self.event("handshake refused", reason="no account has this raw public key")

    def test_certificates_pinned_or_of_a_ca_whose_common_name_is_the_endpoint_name(self):
        server_key, server_certificate = self.key_pair("server", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE")
        pinned = self.key_pair("device-1", "-addext", "basicConstraints=CA:FALSE")
        ca = self.key_pair("ca", "-addext", "keyUsage=keyCertSign")
        self.add("device-1", "--certificate", pinned[1])
        self.serve("--certificate", server_certificate, "--private-key", server_key)

        def provision(pair, suite=ECDSA_CCM_8):
            self.provision(f"coaps://127.0.0.1:{self.coaps}", mode=2, identity=self.der("x509", pair[1]), key=self.der("key", pair[0]),
                           server_key=self.der("x509", server_certificate), suites=[suite])
            self.state.unlink(missing_ok=True)

        for suite in (ECDSA_CCM_8, ECDSA_CBC):
            provision(pinned, suite)
            self.assertEqual(self.story()[1]["security_mode"], 2)
        # Another certificate with the same name; then one whose name no account has; then the CA in the place of the pinned one.
        same_name = self.directory / "same"
        same_name.mkdir()
        self.tool(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", same_name / "k", "-out",
                   same_name / "c", "-days", "30", "-subj", "/CN=device-1"])
        provision((same_name / "k", same_name / "c"))
        self.device("connect", "--timeout", "5", ok=(1, 3))
        self.event("handshake refused", reason="the client's certificate is not the one that is stored")
        provision(self.key_pair("stranger"))
        self.device("connect", "--timeout", "5", ok=(1, 3))
        self.event("handshake refused", reason="no account with certificates is named stranger")
        by_ca = self.signed_by("device-2", ca, "basicConstraints=CA:FALSE")
        self.add("device-2", "--certificate", ca[1])
        provision(by_ca)
        self.assertIn("registered", self.device("register", "--endpoint", "device-2"))
        self.assertIn("the certificate's common name device-2", self.device("register", "--endpoint", "device-1", ok=(1,)))

    def test_without_dtls(self):
        self.add("device-1", "--nosec")
        self.serve()
        self.provision(f"coap://127.0.0.1:{self.coap}", mode=3)
        self.assertEqual(self.story(resumed=False)[1]["security_mode"], 3)
        self.assertIn("4.03 Forbidden", self.device("register", "--endpoint", "device-2", ok=(1,)))

    def test_an_account_with_dtls_cannot_be_used_without(self):
        self.add("device-1", "--psk", KEY)
        self.serve("--open")
        self.provision(f"coap://127.0.0.1:{self.coap}", mode=3)
        self.assertIn("4.03 Forbidden", self.device("register", "--endpoint", "device-1", ok=(1,)))
        self.assertIn("registered", self.device("register", "--endpoint", "anybody"))


class Management(Server):
    """A device that was provisioned from the card, managed end to end by one script (LwM2M 1.0 clauses 5.3 to 5.5)."""

    SCRIPT = """wait device-1
read device-1 /3/0
expect "0":"uicclab"
read device-1 /1/0/1
expect "value":"300"
write device-1 /3/0/15 Europe/Berlin
read device-1 /3/0/15 as=senml-json
expect Europe/Berlin
discover device-1 /3347
expect </3347/0/5501>
observe device-1 /3347/0/5501
event "event":"notified"
expect /3347/0/5501
cancel device-1 /3347/0/5501
create device-1 /3347/5 5750=door
read device-1 /3347/5/5750
expect "value":"door"
delete device-1 /3347/5
fails read device-1 /3347/5
expect 4.04
fails read device-1 /0/0
fails read device-1 /3/0 as=text
expect 4.06
fails write device-1 /3/0/0 x
expect 4.05
update device-1 /1/0 1=600
event "event":"updated","endpoint":"device-1","lifetime":600
execute device-1 /1/0/8
event "event":"updated"
execute device-1 /1/0/4
event "event":"deregistered"
quit
"""

    def manage_by_script(self, provision):
        script = self.directory / "script.txt"
        script.write_text(self.SCRIPT)
        self.serve("--script", script)
        provision()
        told = self.device("device", "--endpoint", "device-1", "--press", "1", "--seconds", "100", "--timeout", "20")
        for text in ("registered as device-1", "updated for 600 s", "the server executed: registration update", "deregistered"):
            self.assertIn(text, told)
        self.assertEqual(self.server.wait(), 0, self.server.output())

    def test_with_a_pre_shared_key_from_the_card(self):
        self.add("device-1", "--psk", KEY)
        self.manage_by_script(lambda: self.provision(f"coaps://127.0.0.1:{self.coaps}"))

    def test_with_raw_public_keys_from_the_card(self):
        own, device = self.raw_pair("server"), self.raw_pair("device")
        self.add("device-1", "--public-key", device[1])
        script = self.directory / "script.txt"
        script.write_text(self.SCRIPT)
        self.serve("--raw-key", own[0], "--script", script)
        self.provision(f"coaps://127.0.0.1:{self.coaps}", mode=1, identity="hex:" + device[2], key="hex:" + device[3], server_key="hex:" + own[2])
        self.device("device", "--endpoint", "device-1", "--press", "1", "--seconds", "100", "--timeout", "20")
        self.assertEqual(self.server.wait(), 0, self.server.output())

    def test_the_lifetime_that_the_device_is_told(self):
        """It was overridden by the account's as soon as the device was registered (Core appendix E.2, resource 1)."""
        self.add("device-1", "--nosec")
        script = self.directory / "script.txt"
        script.write_text('event "event":"registered","endpoint":"device-1","lifetime":120\nread device-1 /1/0/1\nexpect "value":"120"\n'
                          'update device-1 /1/0 1=600\nevent "event":"updated","endpoint":"device-1","lifetime":600\nexecute device-1 /1/0/4\nevent "event":"deregistered"\nquit\n')
        self.serve("--script", script)
        self.provision(f"coap://127.0.0.1:{self.coap}", mode=3)
        told = self.device("device", "--endpoint", "device-1", "--lifetime", "120", "--seconds", "100", "--timeout", "20")
        self.assertNotIn("updated for 300 s", told)
        self.assertEqual(self.server.wait(), 0, self.server.output())

    def test_without_dtls(self):
        self.add("device-1", "--nosec")
        self.manage_by_script(lambda: self.provision(f"coap://127.0.0.1:{self.coap}", mode=3))


class Bootstraps(Server):
    """Client-initiated and server-initiated bootstrap over DTLS, then registration with what it brought (LwM2M 1.0 clauses 5.2.3.3, 5.2.3.4)."""

    def provision_bootstrap(self, hold_off):
        text = account(f"coaps://127.0.0.1:{self.coaps}", more=f"client_hold_off_time = {hold_off}\n")
        path = self.directory / "bootstrap.toml"
        path.write_text(text[:text.rindex("[[object]]")].replace("bootstrap_server = false", "bootstrap_server = true").replace("short_server_id = 1\n", ""))
        self.lwm2m("provision", path, "--adm", "88888888", "--force", *self.card)

    def test_the_device_asks_and_registers_with_what_it_got(self):
        self.serve()
        wanted = self.directory / "wanted.toml"
        wanted.write_text(account(f"coaps://127.0.0.1:{self.coaps}", identity="text:device-1-management", key="hex:" + "A1B2C3D4E5F60718293A4B5C6D7E8F90"))
        self.add("device-1", "--psk", KEY, "--bootstrap", wanted)
        self.provision_bootstrap(0)
        told = self.device("bootstrap", "--endpoint", "device-1")
        self.assertIn('public_key_or_identity = "text:device-1-management"', told)
        self.assertEqual(told.count("bootstrap_server = true"), 1)
        self.event("bootstrapped", endpoint="device-1")
        self.assertIn("hidden: 16 bytes", told)
        # The keys are provisioned, and the device registers with them.
        self.add("device-1", "--psk", "A1B2C3D4E5F60718293A4B5C6D7E8F90", "--identity", "device-1-management")
        self.add("bootstrapping", "--psk", KEY, "--identity", "device-1", "--bootstrap", wanted)
        told = self.device("bootstrap", "--endpoint", "bootstrapping", "--provision", "--adm", "88888888")
        self.assertIn("bytes written", told)
        self.assertNotIn("A1B2C3D4", told)
        self.assertEqual(self.lwm2m("read", *self.card).count("server_uri"), 2)
        self.assertIn("registered", self.device("register", "--endpoint", "device-1"))
        self.provision_bootstrap(0)
        brought = self.directory / "brought.toml"
        told = self.device("bootstrap", "--endpoint", "bootstrapping", "--secrets")
        brought.write_text(told[told.index("[[object]]"):])
        self.lwm2m("provision", brought, "--adm", "88888888", *self.card)
        self.assertIn("registered", self.device("register", "--endpoint", "device-1"))
        self.assertIn("--provision", self.device("bootstrap", "--endpoint", "bootstrapping", "--adm", "88888888", ok=(2,)))

    def wanted(self):
        path = self.directory / "wanted.toml"
        path.write_text(account(f"coaps://127.0.0.1:{self.coaps}", identity="text:device-1-management", key="hex:A1B2C3D4E5F60718293A4B5C6D7E8F90"))
        return path

    def begin_by_the_server(self, hold_off, *more, where=()):
        """The device waits to be asked for `hold_off` seconds; the server begins."""
        device = self.start([self.binary, "lwm2m", "bootstrap", *self.card, "--endpoint", "device-1", *more])
        device.wait_output("Waiting")
        def begun():
            done = self.lwm2m("manage", "--server", f"127.0.0.1:{self.http}", "bootstrap", "device-1", *where, ok=(0, 1))
            return "bootstrapped" in done
        wait_for(begun, "bootstrap by the server", process=device)
        self.assertEqual(device.wait(), 0, device.output())
        self.assertIn("Bootstrap that the server began", device.output())
        self.assertIn('public_key_or_identity = "text:device-1-management"', device.output())

    def test_the_server_begins_on_the_dtls_connection_within_the_hold_off_time(self):
        self.serve()
        self.add("device-1", "--psk", KEY, "--bootstrap", self.wanted())
        self.provision_bootstrap(300)
        self.begin_by_the_server(300)

    def test_the_server_begins_at_an_address_without_dtls(self):
        self.serve()
        self.add("device-1", "--nosec", "--bootstrap", self.wanted())
        text = account(f"coap://127.0.0.1:{self.coap}", mode=3, more="client_hold_off_time = 300\n")
        path = self.directory / "bootstrap.toml"
        path.write_text(text[:text.rindex("[[object]]")].replace("bootstrap_server = false", "bootstrap_server = true").replace("short_server_id = 1\n", ""))
        self.lwm2m("provision", path, "--adm", "88888888", "--force", *self.card)
        port = free_ports()
        self.begin_by_the_server(300, "--local-port", port, where=(f"127.0.0.1:{port}",))

    def test_what_a_device_would_refuse_is_no_bootstrap_of_an_account(self):
        wanted = self.directory / "wanted.toml"
        wanted.write_text(account("coaps://127.0.0.1", key="text:password"))
        told = self.lwm2m("account", "add", "device-1", "--database", self.database, "--psk", KEY, "--bootstrap", wanted, ok=(1,))
        self.assertIn("the suite needs 16", told)
        self.assertIn("no account was stored", told)
        self.assertEqual(json.loads(self.lwm2m("account", "list", "--database", self.database, "--json")), [])
        self.add("device-1", "--psk", KEY, "--bootstrap", wanted, "--force")
        self.assertEqual(len(json.loads(self.lwm2m("account", "list", "--database", self.database, "--json"))), 1)

    def test_a_device_whose_account_has_no_bootstrap_is_refused(self):
        self.serve()
        self.add("device-1", "--psk", KEY)
        self.provision_bootstrap(0)
        self.assertIn("4.00 Bad Request", self.device("bootstrap", "--endpoint", "device-1", ok=(1,)))


@needs("gnutls-cli")
class GnutlsClient(Server):
    """gnutls-cli with each suite and credential."""

    def connect(self, parts, *more, ok=(0,), priority=PRIORITY):
        return self.tool(["timeout", "10", "gnutls-cli", "--udp", "-p", self.coaps, "127.0.0.1", "--priority", priority + parts, "--insecure", *more], ok=ok)

    def test_pre_shared_keys(self):
        self.add("device-1", "--psk", KEY)
        self.serve()
        for parts, told in (("+PSK:+AES-128-CCM-8:+AEAD", "TLS_PSK_WITH_AES_128_CCM_8"), ("+PSK:+AES-128-CBC:+SHA256", "TLS_PSK_WITH_AES_128_CBC_SHA256"),
                            ("+ECDHE-PSK:+AES-128-CBC:+SHA256", "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256")):
            with self.subTest(suite=parts):
                self.connect(parts, "--pskusername", "device-1", "--pskkey", KEY.lower(), ok=(0, -11))  # it falls over its own report of ECDHE-PSK
                self.event("connected", suite=told)
        wrong = self.connect("+PSK:+AES-128-CCM-8:+AEAD", "--pskusername", "device-1", "--pskkey", "00" * 16, ok=None)
        self.assertNotIn("Handshake was completed", wrong)

    def test_raw_public_keys(self):
        own, device = self.raw_pair("server"), self.raw_pair("device")
        self.add("device-1", "--public-key", device[1])
        self.serve("--raw-key", own[0])
        for parts in ("+AES-128-CCM-8:+AEAD", "+AES-128-CBC:+SHA256"):
            told = self.connect("+ECDHE-ECDSA:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK:" + parts, "--rawpkkeyfile", device[0], "--rawpkfile", device[1])
            self.assertIn("Handshake was completed", told)
        self.event("connected", suite="TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8")
        self.event("connected", suite="TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256")


class OpensslClient(Server):
    """openssl s_client with each suite and credential, maximum fragment length, resumption with and without tickets."""

    def connect(self, *more, ok=(0,)):
        return self.tool(["timeout", "10", "openssl", "s_client", "-dtls1_2", "-connect", f"127.0.0.1:{self.coaps}", *more], ok=ok)

    def test_pre_shared_keys_with_fragments_and_resumption(self):
        self.add("device-1", "--psk", KEY)
        self.serve()
        for name in ("PSK-AES128-CCM8", "PSK-AES128-CBC-SHA256", "ECDHE-PSK-AES128-CBC-SHA256"):
            for tickets in ((), ("-no_ticket",)):
                with self.subTest(suite=name, tickets=not tickets):
                    session = self.directory / "session.pem"
                    common = ("-psk", KEY, "-psk_identity", "device-1", "-cipher", name, "-maxfraglen", "512", *tickets)
                    first = self.connect(*common, "-sess_out", session)
                    self.assertIn(f"Cipher is {name}", first)
                    self.assertIn("Extended master secret: yes", first)
                    self.assertIn("Compression: NONE", first)
                    again = self.connect(*common, "-sess_in", session)
                    self.assertIn("Reused, TLSv1.", again); self.assertIn(f"Cipher is {name}", again)
        self.assertEqual([one for one in self.events() if one["event"] == "connected" and one["max_fragment"] != 512], [])

    def test_certificates(self):
        server_key, server_certificate = self.key_pair("server", "-addext", "subjectAltName=IP:127.0.0.1")
        key, certificate = self.key_pair("device-1")
        self.add("device-1", "--certificate", certificate)
        self.serve("--certificate", server_certificate, "--private-key", server_key)
        for name in ("ECDHE-ECDSA-AES128-CCM8", "ECDHE-ECDSA-AES128-SHA256"):
            for size in ((), ("-maxfraglen", "512", "-mtu", "525")):  # OpenSSL cuts handshake messages by its MTU alone
                told = self.connect("-cert", certificate, "-key", key, "-CAfile", server_certificate, "-verify_return_error", "-cipher", name, *size)
                self.assertIn(f"Cipher is {name}", told)
        self.connect("-CAfile", server_certificate, "-cipher", "ECDHE-ECDSA-AES128-CCM8", ok=None)
        self.event("handshake refused")


class LibcoapClient(Server):
    """libcoap's clients, on OpenSSL and on GnuTLS, register and get errors for what they may not do."""

    def ask(self, program, *more, method="post", path="/rd?ep=device-1&lt=60&lwm2m=1.0"):
        return self.tool([program, "-m", method, "-v", "6", "-B", "10", *more, f"coaps://127.0.0.1:{self.coaps}{path}"], ok=None)

    @needs("coap-client-openssl", "coap-client-gnutls")
    def test_registers_with_a_pre_shared_key(self):
        key = "Vc8_Zt-q4Xw!hR2y9mKp3sLd"
        self.add("device-1", "--psk", "ascii:" + key)
        self.serve()
        for program in ("coap-client-openssl", "coap-client-gnutls"):
            with self.subTest(program=program):
                before = len(self.events())
                self.ask(program, "-u", "device-1", "-k", key, "-t", "40", "-e", "</1/0>,</3/0>")
                wait_for(lambda: any(one["event"] == "registered" for one in self.events()[before:]), "registered", process=self.server)
                self.assertEqual(self.manage("devices")[0]["objects"], ["/1/0", "/3/0"])

    @needs("coap-client-gnutls")
    def test_registers_with_a_raw_public_key(self):
        own, device = self.raw_pair("server"), self.raw_pair("device")
        self.add("device-1", "--public-key", device[1])
        self.serve("--raw-key", own[0])
        both = self.directory / "device.pem"
        both.write_bytes(device[0].read_bytes() + device[1].read_bytes())
        self.ask("coap-client-gnutls", "-M", both, "-t", "40", "-e", "</3/0>")
        self.event("registered", endpoint="device-1")


@needs("node", "npm")
class NodeLib(Server):
    """lwm2m-node-lib, of the npm registry: its client at our server, our device at its server (LwM2M 1.0)."""

    VERSION = "1.4.0"

    def setUp(self):
        super().setUp()
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", f"lwm2m-node-lib@{self.VERSION}"], cwd=self.directory,
                              capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise unittest.SkipTest("lwm2m-node-lib cannot be had: " + done.stderr.strip()[-200:])

    def node(self, script, *words):
        path = self.directory / script  # beside node_modules
        path.write_text((pathlib.Path(__file__).parent / "lib" / script).read_text())
        return self.start(["node", path, *words], stdin=subprocess.PIPE)

    @staticmethod
    def say(process, line):
        process.stdin.write(line.encode() + b"\n")
        process.stdin.flush()

    def test_its_client_is_managed_by_our_server(self):
        self.serve("--open")
        client = self.node("lwm2m_node_client.js", self.coap, "node-1")
        client.wait_output('["registered"')
        self.assertEqual([(one["endpoint"], one["version"], one["objects"]) for one in self.manage("devices")], [("node-1", "1.0", ["/7/3"])])
        self.assertEqual(self.manage("read", "node-1", "/7/3/5")["value"], "first")
        self.assertEqual(self.manage("observe", "node-1", "/7/3/5")["value"], "first")
        self.assertEqual(self.manage("write", "node-1", "/7/3/5", "second")["code"], "2.04 Changed")
        self.event("notified", path="/7/3/5", value="second")
        self.assertEqual(self.manage("execute", "node-1", "/7/3/5")["code"], "2.04 Changed")
        self.assertIn("</7/3>", self.manage("discover", "node-1", "/7")["value"])
        self.say(client, "update")
        self.event("updated", endpoint="node-1")
        self.say(client, "unregister")
        self.event("deregistered", endpoint="node-1")

    def test_our_device_is_managed_by_its_server(self):
        port = free_ports()
        server = self.node("lwm2m_node_server.js", port)
        server.wait_output('["listening"')
        self.provision(f"coap://127.0.0.1:{port}", mode=3)
        device = self.start([self.binary, "lwm2m", "device", *self.card, "--endpoint", "device-1", "--lwm2m", "1.0", "--lifetime", "300", "--seconds", "0"])
        server.wait_output('["registration","device-1","300","1.0","U"')
        self.say(server, "read 1 3 0 0")
        server.wait_output('["answer","uicclab"]')
        device.stop()
        server.wait_output('["unregistration","device-1"]')


class Interface(Server):
    """The HTTP interface and scripts."""

    def test_a_script_waits_and_ends_with_what_it_found(self):
        self.add("device-1", "--nosec")
        script = self.directory / "script.txt"
        script.write_text("# a device that never comes\nwait device-1 1\n")
        told = self.tool([self.binary, "lwm2m", "serve", "--database", self.database, "--coap", "0", "--coaps", "0", "--script", script], ok=(1,))
        self.assertIn("line 2: wait device-1 1: not within 1 s", told)
        script.write_text("fails read device-1 /3/0\nexpect not registered\nquit\nwait nobody\n")
        self.tool([self.binary, "lwm2m", "serve", "--database", self.database, "--coap", "0", "--coaps", "0", "--script", script])

    def test_another_file_is_no_database(self):
        for content in (b"127.0.0.1 localhost\n" * 60, b"SQLite format 3\0" + bytes(84)):
            other = self.directory / "other"
            other.write_bytes(content)
            for command in (["serve", "--database", other], ["account", "list", "--database", other]):
                told = self.lwm2m(*command, ok=(2,))
                self.assertIn(f"{other}: must be a database made by 'uicclab lwm2m account add', but is another file", told)
                self.assertNotIn("chmod", told)
            self.assertEqual(other.read_bytes(), content)

    def test_a_database_without_accounts_is_pointed_out(self):
        self.assertIn(f"{self.database}: new database, no accounts yet: uicclab lwm2m account add", self.serve().output())
        self.server.stop()
        self.assertIn(f"{self.database}: no accounts yet", self.serve().output())
        self.server.stop()
        self.add("device-1", "--nosec")
        self.assertNotIn("no accounts yet", self.serve().output())

    def test_gnutls_is_loaded_by_who_needs_it_alone(self):
        def maps(process):
            return pathlib.Path(f"/proc/{process.pid}/maps").read_text()
        service, _ = self.run_service()
        self.assertNotIn("libgnutls", maps(service))
        self.assertIn("libgnutls", maps(self.serve()))
        missing = self.directory / "missing"
        missing.mkdir()
        (missing / "libgnutls.so.30").write_bytes(b"")
        told = self.tool([self.binary, "lwm2m", "serve", "--database", self.database, "--coap", "0", "--coaps", "0"],
                         env={"LD_LIBRARY_PATH": str(missing)}, ok=(3,))
        self.assertIn("needs GnuTLS 3.7 (Debian: libgnutls30)", told)

    def test_http_is_for_this_machine_and_not_for_web_pages(self):
        self.serve()
        self.assertIn("is not a loopback address", self.tool([self.binary, "lwm2m", "serve", "--database", self.database, "--coap", "0", "--coaps", "0", "--http", "0",
                                                        "--http-host", "0.0.0.0"], ok=(2,)))
        for headers, status in (({"Host": "localhost"}, 200), ({"Host": "127.0.0.1:8683"}, 200), ({"Host": "evil.example"}, 403),
                                ({"Host": "127.evil.example"}, 403), ({"Host": "127.0.0.1.evil.example:80"}, 403),
                                ({"Host": "localhost", "Origin": "http://evil.example"}, 403)):
            connection = http.client.HTTPConnection("127.0.0.1", self.http)
            connection.putrequest("GET", "/devices", skip_host=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            self.assertEqual(connection.getresponse().status, status)

    def test_http_serves_a_client_that_sends_no_more_and_goes_on_beside_silent_ones(self):
        self.serve()
        silent = [socket.create_connection(("127.0.0.1", self.http)) for _ in range(80)]
        self.addCleanup(lambda: [one.close() for one in silent])
        with socket.create_connection(("127.0.0.1", self.http), timeout=30) as client:
            client.sendall(b"GET /devices HTTP/1.1\r\nHost: localhost\r\n\r\n")
            client.shutdown(socket.SHUT_WR)
            self.assertTrue(client.recv(64).startswith(b"HTTP/1.1 200"))

    def test_accounts_are_private_and_identities_unique(self):
        self.add("device-1", "--psk", KEY)
        self.assertEqual(self.database.stat().st_mode & 0o077, 0)
        self.assertIn("has the same PSK identity", self.lwm2m("account", "add", "device-2", "--database", self.database, "--psk", KEY, "--identity",
                                                               "device-1", ok=(1,)))
        listed = self.lwm2m("account", "list", "--database", self.database, "--json")
        self.assertEqual(json.loads(listed), [{"endpoint": "device-1", "mode": "psk", "bootstrap": False}])
        self.assertNotIn(KEY, listed)
        self.lwm2m("account", "remove", "device-1", "--database", self.database)
        self.assertIn("no account is named", self.lwm2m("account", "remove", "device-1", "--database", self.database, ok=(1,)))
