# SPDX-License-Identifier: Apache-2.0
"""LwM2M clients that others wrote at uicclab lwm2m serve: wakaama's lwm2mclient and Anjay's demo. docs/clients.md says how they are built; each
is skipped unless its environment variable names it."""

import os
import subprocess
import unittest

from lib.lwm2m_card import account
from lib.lwm2m_device import KEY
from lib.lwm2m_serve import Server
from lib.processes import free_ports, wait_for

NEW_KEY = "A1B2C3D4E5F60718293A4B5C6D7E8F90"


def named_by(variable):
    """Class or method decorator: skipped unless this environment variable names the program."""
    return unittest.skipUnless(os.environ.get(variable), f"{variable} names no program")


class Client(Server):
    def run_client(self, *command):
        """Its console stays open: commands are written to it."""
        self.client = self.start(command, stdin=subprocess.PIPE)
        return self.client

    def say(self, line):
        self.client.stdin.write(line.encode() + b"\n")
        self.client.stdin.flush()

    def code(self, *words, ok=(0,), at=None):
        return self.manage(*words, ok=ok, at=at)["code"]

    def value(self, *words, at=None):
        return self.manage(*words, at=at)["value"]

    def accounts_for_bootstrap(self, endpoint):
        """A bootstrap server, which knows the device by KEY, and the server that it sends the device to."""
        servers = self.directory / "managing.db"
        self.add(endpoint, "--psk", NEW_KEY, "--identity", "managed", database=servers)
        managing = self.serve(database=servers)
        wanted = self.directory / "wanted.toml"
        wanted.write_text(account(f"coaps://127.0.0.1:{managing.coaps}", identity="text:managed", key="hex:" + NEW_KEY))
        self.add(endpoint, "--psk", KEY, "--identity", "first", "--bootstrap", wanted)
        return managing, self.serve()


class Wakaama(Client):
    """LwM2M 1.1; its example does not compile as 1.0."""

    def client_at(self, program, port, *more):
        return self.run_client(os.environ[program], "-4", "-h", "127.0.0.1", "-p", port, "-n", "waka", "-l", free_ports(), "-t", "300", *more)

    def story(self):
        self.event("registered", endpoint="waka", version="1.1", lifetime=300)
        self.assertEqual(self.value("read", "waka", "/3/0/0"), "Open Mobile Alliance")
        device = self.value("read", "waka", "/3/0")
        self.assertEqual((device["0"], device["6"], device["9"]), ("Open Mobile Alliance", {"0": 1, "1": 5}, 100))
        self.assertIn("</3/0/0>", self.value("discover", "waka", "/3"))
        self.assertEqual(self.code("write", "waka", "/31024/10/1", "200"), "2.04 Changed")
        self.assertEqual(self.value("read", "waka", "/31024/10/1"), 200)
        text = "a" * 90
        self.assertEqual(self.code("write", "waka", "/31024/10", "1=3", "3=hex:C1F00000", "5=text:" + text), "2.04 Changed")
        told = self.value("read", "waka", "/31024/10/5")  # the client keeps no length, and answers up to the next zero byte
        self.assertTrue(told.startswith(text) or told.startswith("hex:" + text.encode().hex()), told)
        self.assertEqual(self.code("update", "waka", "/1/0", "1=300"), "2.04 Changed")
        self.assertEqual(self.code("execute", "waka", "/31024/10/2", "5"), "2.04 Changed")
        self.assertEqual(self.code("create", "waka", "/31024/20", "1=7"), "2.01 Created")
        self.assertEqual(self.value("read", "waka", "/31024/20")["1"], 7)
        self.assertEqual(self.code("delete", "waka", "/31024/20"), "2.02 Deleted")
        self.assertEqual(self.code("read", "waka", "/31024/20", ok=(1,)), "4.04 Not Found")
        self.assertEqual(self.code("observe", "waka", "/31024/10/1"), "2.05 Content")
        self.say("change /31024/10/1 44")
        self.event("notified", path="/31024/10/1", value="44")
        self.assertEqual(self.code("cancel", "waka", "/31024/10/1"), "2.05 Content")
        before = len(self.events())
        self.say("update 123")
        self.wait_events(before, "updated")
        self.say("quit")
        self.event("deregistered", endpoint="waka")

    def wait_events(self, before, kind):
        wait_for(lambda: any(one["event"] == kind for one in self.events()[before:]), kind, process=self.server)

    @named_by("UICCLAB_WAKAAMA_CLIENT")
    def test_is_managed_without_dtls(self):
        self.add("waka", "--nosec")
        self.serve()
        self.client_at("UICCLAB_WAKAAMA_CLIENT", self.coap)
        self.story()

    @named_by("UICCLAB_WAKAAMA_CLIENT")
    def test_is_managed_in_blocks_of_16_bytes(self):
        self.add("waka", "--nosec")
        self.serve()
        self.client_at("UICCLAB_WAKAAMA_CLIENT", self.coap, "-S", "16")
        self.story()

    @named_by("UICCLAB_WAKAAMA_DTLS_CLIENT")
    def test_is_managed_with_a_pre_shared_key(self):
        self.add("waka", "--psk", KEY, "--identity", "first")
        self.serve()
        self.client_at("UICCLAB_WAKAAMA_DTLS_CLIENT", self.coaps, "-i", "first", "-s", KEY)
        self.story()
        self.event("connected", suite="TLS_PSK_WITH_AES_128_CCM_8")

    @named_by("UICCLAB_WAKAAMA_DTLS_CLIENT")
    def test_asks_for_a_bootstrap_and_is_managed_with_what_it_brought(self):
        managing, first = self.accounts_for_bootstrap("waka")
        self.client_at("UICCLAB_WAKAAMA_DTLS_CLIENT", first.coaps, "-b", "-i", "first", "-s", KEY)  # after its hold-off time of 10 s
        self.event("bootstrapped", at=first, endpoint="waka")
        self.event("registered", at=managing, endpoint="waka", lifetime=300)
        self.assertEqual(self.value("read", "waka", "/1/0/0", at=managing), 1)
        self.say("quit")
        self.event("deregistered", at=managing, endpoint="waka")


@named_by("UICCLAB_ANJAY_DEMO")
class Anjay(Client):
    """LwM2M 1.0 to 1.2; SenML CBOR is its own choice from 1.1 on."""

    def client_at(self, uri, *more):
        return self.run_client(os.environ["UICCLAB_ANJAY_DEMO"], "-e", "anjay", "-u", uri, "-l", "300", *more)

    def story(self, version):
        self.event("registered", endpoint="anjay", version=version, lifetime=300)
        self.assertEqual(self.value("read", "anjay", "/3/0/0"), "Anjay")
        for form in ((), ("as=tlv",)) if version == "1.0" else ((), ("as=tlv",), ("as=senml-json",), ("as=senml-cbor",)):
            with self.subTest(form=form):
                device = self.value("read", "anjay", "/3/0", *form)
                self.assertEqual((device["0"], device["1"], device["11"]), ("Anjay", "demo-client", {"0": 0}))
                self.assertEqual(self.value("read", "anjay", "/3", *form)["0"]["0"], "Anjay")
        self.assertIn("</3/0/0>", self.value("discover", "anjay", "/3/0"))
        self.assertEqual(self.code("write", "anjay", "/3/0/15", "Europe/Berlin"), "2.04 Changed")
        self.assertEqual(self.value("read", "anjay", "/3/0/15"), "Europe/Berlin")
        self.assertEqual(self.code("create", "anjay", "/33605/7"), "2.01 Created")
        self.assertEqual(self.code("read", "anjay", "/33605/7"), "2.05 Content")
        self.assertEqual(self.code("delete", "anjay", "/33605/7"), "2.02 Deleted")
        self.assertEqual(self.code("observe", "anjay", "/3347/0/5501"), "2.05 Content")
        self.say("push-button-press 0")
        self.event("notified", path="/3347/0/5501", value="1")
        self.assertEqual(self.code("cancel", "anjay", "/3347/0/5501"), "2.05 Content")
        self.assertEqual(self.code("execute", "anjay", "/1/1/8"), "2.04 Changed")
        self.event("updated", endpoint="anjay", lifetime=300)
        self.assertEqual(self.code("update", "anjay", "/1/1", "1=700"), "2.04 Changed")
        self.event("updated", endpoint="anjay", lifetime=700)
        if version != "1.0":
            self.say("send 1 /3/0/0")
            self.event("sent", value={"3": {"0": {"0": "Anjay"}}})
        self.say("disable-server 1 60")
        self.event("deregistered", endpoint="anjay")

    def test_is_managed_with_a_pre_shared_key_as_each_version(self):
        for version in ("1.0", "1.1", "1.2"):
            with self.subTest(version=version):
                self.add("anjay", "--psk", KEY, "--identity", "first")
                self.serve()
                client = self.client_at(f"coaps://127.0.0.1:{self.coaps}", "-V", version, "-s", "psk", "-i", b"first".hex(), "-k", KEY)
                self.story(version)
                client.stop()
                self.server.stop()

    def test_asks_for_a_bootstrap_and_is_managed_with_what_it_brought(self):
        for version in ("1.0", "1.1"):
            with self.subTest(version=version):
                managing, first = self.accounts_for_bootstrap("anjay")
                client = self.client_at(f"coaps://127.0.0.1:{first.coaps}", "-V", version, "-b", "-s", "psk", "-i", b"first".hex(), "-k", KEY)
                self.event("bootstrapped", at=first, endpoint="anjay")
                self.event("registered", at=managing, endpoint="anjay", version=version, lifetime=300)
                self.assertEqual(self.value("read", "anjay", "/1/0/1", at=managing), "300")
                client.stop()
                managing.stop()
                first.stop()
