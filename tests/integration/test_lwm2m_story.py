# SPDX-License-Identifier: Apache-2.0
"""A device of LwM2M from its first account to keys that nobody takes any more, in one go: a card in a PC/SC reader, DTLS at servers that others
wrote, session keys by remote file management and by GBA Push, and secured short messages under them."""

import json
import pathlib

from lib.case import IntegrationTest, needs
from lib.lwm2m_card import SMS_BINDING, account, profile
from lib.processes import free_ports, wait_for

PSK = "Vc8_Zt-q4Xw!hR2y9mKp3sLd"  # what can be typed behind -k, and cannot be guessed
SUBSCRIBER = """imsi = "001010000000001"
mnc_digits = 2
k = "465B5CE8B199B49FAA5F0A2EE238A6BC"
opc = "CD63CB71954A9F4E48A5994E37A02BAF"
"""


def udp_bound(port):
    wanted = f":{port:04X} "
    return any(wanted in line for line in pathlib.Path("/proc/net/udp").read_text().splitlines()[1:])


class Story:
    server, resumes = None, False

    def setUp(self):
        super().setUp()
        self.device_keys = ["--device-keys", self.directory / "device.keys"]
        self.server_keys = ["--server-keys", self.directory / "server.keys"]
        self.subscriber = self.directory / "subscriber.toml"
        self.subscriber.write_text(SUBSCRIBER)

    def lwm2m(self, *words, ok=(0,)):
        return self.tool([self.binary, "lwm2m", *words], self.env, ok=ok)

    def provision(self):
        card = self.directory / "card.toml"
        card.write_text(profile(self.tool([self.binary, "profile", "show", "default"])))
        where = ["--card", f"sim:{card}", "--state", self.directory / "card.db"]
        view = self.directory / "account.toml"
        view.write_text(account(f"coaps://127.0.0.1:{self.port + 1}", key="text:" + PSK, more=SMS_BINDING))
        self.tool([self.binary, "lwm2m", "provision", view, "--adm", "88888888", *where])
        _, self.env = self.run_service("--profile", card, *where[2:])

    def register(self):
        words = ("register", "--card", "pcsc", "--scp03", "always", "--device-state", self.directory / "device.state", "--json")
        return json.loads(self.lwm2m(*words).splitlines()[-1])

    def send(self, *words):
        """A request of the device as short messages, under its keys."""
        return self.lwm2m("sms", "send", *words, *self.device_keys).split()

    def answer(self, messages, ok=(0,)):
        """The server's answer; its verdict follows the messages."""
        return self.lwm2m("sms", "answer", *messages, *self.server_keys, ok=ok).split("\n")[:-1]

    def receive(self, messages, *more, ok=(0,)):
        return self.lwm2m("sms", "receive", *messages, *self.device_keys, *more, ok=ok)

    def exchange(self):
        """Register by short message and back; then neither message once more. Returns the request."""
        request = self.send("register", "--endpoint", "device-1")
        *reply, verdict = self.answer(request)
        self.assertEqual(verdict, "2.01 Created")
        self.assertIn("2.01 Created, location rd/1", self.receive(reply))
        self.assertIn("repeated message", self.answer(request, ok=(1,))[-1])
        self.assertIn("repeated message", self.receive(reply, ok=(1,)))
        self.assertIn("wants fresh ones", self.lwm2m("sms", "send", "update", *self.device_keys, ok=(1,)))
        update = self.send("update", "--stale")
        *reply, verdict = self.answer(update)
        self.assertIn("4.00 Bad Request", verdict)  # an Update wants keys that none was sent with before
        self.assertIn("4.00 Bad Request", self.receive(reply, ok=(1,)))
        return request

    def refresh_by_files(self):
        """The server's keys go to the card in a secured packet; the device reads them through SCP03."""
        keys = self.lwm2m("new-keys", "--commands", *self.server_keys).split()
        command = ["ota", "send", "--card", "pcsc", "--counters", self.directory / "counters", "--tar", "pkcs15"]
        told = self.tool([self.binary, *command, *keys], self.env)
        self.assertIn("PoR OK", told)
        self.assertIn("6982", self.lwm2m("keys", "--card", "pcsc", "--scp03", "never", ok=(1,)))
        self.lwm2m("keys", "--card", "pcsc", *self.device_keys)

    def push(self, *more):
        return json.loads(self.lwm2m("push", self.subscriber, "--naf", "lwm2m.example", *self.server_keys, "--json", *more))

    def take(self, push, ok=(0,)):
        return self.lwm2m("take-push", *push["messages"], "--card", "pcsc", *self.device_keys, ok=ok)

    def exchange_by_card(self):
        """The same with the end-point in the card, which keeps the keys: STORE DATA and SEND SHORT MESSAGE, ENVELOPE and GET DATA."""
        card = ("--by-card", "--card", "pcsc")
        request = self.lwm2m("sms", "send", "register", "--endpoint", "device-1", *card).split()
        *reply, verdict = self.answer(request)
        self.assertEqual(verdict, "2.01 Created")
        self.assertIn("2.01 Created, location rd/1", self.lwm2m("sms", "receive", *reply, *card))
        self.assertIn("it dropped the packet", self.lwm2m("sms", "receive", *reply, *card, ok=(1,)))
        self.assertIn("repeated message", self.answer(request, ok=(1,))[-1])
        update = self.lwm2m("sms", "send", "update", "--location", "rd/1", *card).split()
        *reply, verdict = self.answer(update)
        self.assertIn("4.00 Bad Request: stale keys", verdict)
        self.assertIn("4.00 Bad Request", self.lwm2m("sms", "receive", *reply, *card, ok=(1,)))
        return request

    def stale(self):
        """A device that missed the new keys, or has them and sends under the old ones: 4.00."""
        request = self.send("register", "--endpoint", "device-1", "--before")
        *reply, verdict = self.answer(request)
        self.assertIn("4.00 Bad Request: stale keys", verdict)
        self.assertIn("4.00 Bad Request", self.receive(reply, "--before", ok=(1,)))

    def test_the_whole_story(self):
        self.port = free_ports(2)  # DTLS is one port above
        server = self.start([self.server, "-A", "127.0.0.1", "-p", self.port, "-k", PSK])
        wait_for(lambda: udp_bound(self.port + 1), "the server's UDP port", process=server)
        self.provision()

        read = json.loads(self.lwm2m("read", "--card", "pcsc", "--scp03", "always", "--json"))
        self.assertTrue(read["secured"])
        first = self.register()
        wanted = {"suite": "TLS_PSK_WITH_AES_128_CCM_8", "resumed": False, "extended_master_secret": True, "max_fragment": 512}
        self.assertEqual(first["dtls"], wanted)
        self.assertRegex(first["location"], "^rd/.+")
        # The device sleeps: nothing of it runs. What it kept is sealed.
        self.assertNotIn(b"device-1", (self.directory / "device.state").read_bytes())
        if self.resumes:
            self.assertEqual(self.register()["dtls"], {**wanted, "resumed": True})

        self.refresh_by_files()
        self.exchange()
        self.refresh_by_files()
        self.exchange()
        self.stale()

        push = self.push()
        self.assertIn("GBA_ME", self.take(push))
        self.exchange()
        self.stale()

        # The same push again: the card says AUTS, and the network goes on from there, also if it lost its sequence number.
        told = self.take(push, ok=(1,))
        self.assertIn(f"--resync {push['rand']}:", told)
        auts = told.split("--resync ")[1].split()[0]
        pathlib.Path(f"{self.subscriber}.sqn").write_text("000000000000\n")
        self.assertIn("--resync", self.take(self.push(), ok=(1,)))
        self.assertIn("GBA_ME", self.take(self.push("--resync", auts)))
        self.exchange()

        push = self.push("--mode", "uicc")
        self.assertIn("GBA_U", self.take(push))
        self.lwm2m("keys", "--card", "pcsc", *self.device_keys)
        self.exchange()
        self.stale()
        self.assertIn("--resync", self.take(push, ok=(1,)))

        # The same messages, opened and made by the card.
        self.refresh_by_files()
        self.exchange_by_card()
        self.assertIn("GBA_U", self.take(self.push("--mode", "uicc")))
        self.exchange_by_card()


@needs("coap-rd-openssl")
class AtLibcoapOnOpenSsl(Story, IntegrationTest):
    server, resumes = "coap-rd-openssl", True


@needs("coap-rd-gnutls")
class AtLibcoapOnGnuTls(Story, IntegrationTest):
    server = "coap-rd-gnutls"


class Refusals(IntegrationTest):
    """GBA Push and secured messages that must not be taken."""

    def setUp(self):
        super().setUp()
        self.subscriber = self.directory / "subscriber.toml"
        self.subscriber.write_text(SUBSCRIBER)
        self.card = ["--state", self.directory / "card.db"]
        self.device = ["--device-keys", self.directory / "device.keys"]

    def lwm2m(self, *words, ok=(0,)):
        return self.tool([self.binary, "lwm2m", *words], ok=ok)

    def push(self, *more, ok=(0,)):
        return self.lwm2m("push", self.subscriber, "--naf", "lwm2m.example", *more, ok=ok).split("\n")[:-1]

    def test_pushes(self):
        first = self.push("--application", "a" * 120)
        self.assertEqual(len(first), 2)
        self.assertIn("parts", self.lwm2m("take-push", first[0], *self.card, *self.device, ok=(2,)))
        # A push is spent only when everything it needs was given.
        self.assertIn("nothing was asked of the card", self.lwm2m("take-push", *first, *self.card, ok=(2,)))
        self.assertIn("GBA_ME", self.lwm2m("take-push", *first, *self.card, *self.device))
        gpi = json.loads("".join(self.push("--json")))["gpi"]
        changed = gpi[:18] + ("0" if gpi[18] != "0" else "1") + gpi[19:]  # the first digit of RAND
        self.assertIn("does not accept the challenge", self.lwm2m("take-push", changed, *self.card, *self.device, ok=(4,)))
        self.assertIn("not a GBA Push Info", self.lwm2m("take-push", gpi[:-2], *self.card, *self.device, ok=(1,)))
        self.subscriber.write_text(SUBSCRIBER.replace("465B", "465C"))
        self.assertIn("does not accept the challenge", self.lwm2m("take-push", *self.push(), *self.card, *self.device, ok=(4,)))
        self.subscriber.write_text(SUBSCRIBER.replace("CD63", "CD"))
        self.assertIn("opc has 32", self.lwm2m("push", self.subscriber, "--naf", "a.example", ok=(2,)))
        self.assertFalse((self.directory / "device.keys.before").exists())

    def test_the_sequence_number_is_kept_and_never_used_twice(self):
        numbers = []
        for _ in range(3):
            self.push()
            numbers.append(int(pathlib.Path(f"{self.subscriber}.sqn").read_text(), 16))
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_messages_under_other_keys(self):
        messages = self.push("--server-keys", self.directory / "server.keys")
        self.lwm2m("take-push", *messages, *self.card, *self.device)
        request = self.lwm2m("sms", "send", "register", "--endpoint", "a", *self.device).split()
        self.push("--server-keys", self.directory / "other.keys")
        other = ["--server-keys", self.directory / "other.keys"]
        self.assertIn("not secured with these", self.lwm2m("sms", "answer", *request, *other, ok=(4,)))
        self.assertIn("not a secured packet", self.lwm2m("sms", "answer", *messages, *other, ok=(1,)))
        self.assertIn("this is an SMS-SUBMIT", self.lwm2m("sms", "receive", *request, *self.device, ok=(2,)))  # its own comes back
        key = self.directory / "device.keys.key"
        key.write_text("00" * 32)
        self.assertIn("encrypted with this key", self.lwm2m("sms", "send", "register", "--endpoint", "a", *self.device, ok=(4,)))
