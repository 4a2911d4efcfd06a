# SPDX-License-Identifier: Apache-2.0
"""The life of the session keys of LwM2M's SMS binding (SMS session-key CR, clause 7.2.2.1): made by remote file management, by remote application
management and by GBA Push, with AES and triple DES; lost, expired, asleep, awake; in the device and in the card. The time is the tests' own (--clock)."""

import json
import re
import signal
import socket
import subprocess
import time

from lib.case import IntegrationTest
from lib.lwm2m_card import account, profile
from lib.processes import wait_for

BEGIN = 1_800_000_000
LIFETIME = 300
KEYS = {"aes": "707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F",
        "3des": "707276787C7E8284888A8E9094969A9CA0A2A6A8ACAEB2B4B8BABEC0C4C6CACCD0D2D6D8DCDEE2E4E8EAEEF0F4F6FAFC"}
SUBSCRIBER = """imsi = "001010000000001"
mnc_digits = 2
k = "465B5CE8B199B49FAA5F0A2EE238A6BC"
opc = "CD63CB71954A9F4E48A5994E37A02BAF"
"""
SERVER, STRANGER = "+491710000000", "+491710000666"


def binding(algorithm, mode, number=SERVER):
    indicator, tar = {"aes": "12", "3des": "19"}[algorithm], "B20203" if mode == 2 else "BFFF01"
    return (f'sms_security_mode = {mode}\nsms_binding_key_parameters = "hex:{indicator * 2}16{tar}"\n'
            f'sms_binding_secret_keys = "hex:{KEYS[algorithm]}"\nserver_sms_number = "{number}"\n')


class Ends(IntegrationTest):
    """A card, a device and a server with the key files of each."""

    def begin(self, algorithm, mode, lifetime=LIFETIME):
        self.now = BEGIN
        self.algorithm = algorithm
        folder = self.directory / f"{algorithm}-{mode}"
        folder.mkdir(exist_ok=True)
        self.folder = folder
        card = folder / "card.toml"
        card.write_text(profile(self.tool([self.binary, "profile", "show", "default"])))
        self.card = ["--card", f"sim:{card}", "--state", folder / "card.db"]
        self.account = folder / "account.toml"
        self.account.write_text(account("coaps://127.0.0.1:5684", lifetime=lifetime, more=binding(algorithm, mode)))
        (folder / "subscriber.toml").write_text(SUBSCRIBER)
        self.device_keys = ["--device-keys", folder / "device.keys"]
        self.server_keys = ["--server-keys", folder / "server.keys"]
        self.refresh_options = ["--account", self.account, "--counters", folder / "counters", "--subscriber", folder / "subscriber.toml",
                                "--naf", "lwm2m.example"]
        self.lwm2m("provision", self.account, "--adm", "88888888", *self.card)

    def lwm2m(self, *words, ok=(0,)):
        return self.tool([self.binary, "lwm2m", *words], ok=ok)

    def clock(self):
        return ["--clock", self.now]

    # --- the server ---

    def refresh(self, way, *more):
        """The short messages of new keys, if they are due; and what was said."""
        told = self.lwm2m("sms", "refresh", *self.server_keys, *self.clock(), "--refresh", way, *self.refresh_options, *more)
        return re.findall(r"^refresh (\w+)$", told, re.MULTILINE), told

    def answer(self, request, *more, ok=(0,)):
        told = self.lwm2m("sms", "answer", *request, *self.server_keys, *self.clock(), *more, ok=ok)
        return re.findall(r"^([0-9A-F]{20,})$", told, re.MULTILINE), re.findall(r"^refresh (\w+)$", told, re.MULTILINE), told

    # --- the device ---

    def take(self, way, messages):
        """What a refresh brought goes to where its keys belong."""
        if way.startswith("push"):
            self.assertIn("GBA_", self.lwm2m("take-push", *messages, *self.card, *self.device_keys, *self.clock()))
        else:
            self.lwm2m("sms", "deliver", *messages, *self.card)
        if way != "push":
            told = self.lwm2m("keys", *self.card, *self.device_keys, *self.clock())
            self.assertIn(f"{16 if self.algorithm == 'aes' else 24} bytes each", told)

    def send(self, *words, ok=(0,)):
        return self.lwm2m("sms", "send", *words, *self.device_keys, *self.clock(), ok=ok)

    def receive(self, messages, *more, ok=(0,)):
        return self.lwm2m("sms", "receive", *messages, *self.device_keys, *self.clock(), *more, ok=ok)

    def register(self):
        """Register by short message, accepted. Returns the request."""
        request = self.send("register", "--endpoint", "device-1").split()
        reply, _, told = self.answer(request)
        self.assertIn("2.01 Created", told)
        self.assertIn("2.01 Created, location rd/1", self.receive(reply))
        return request

    def update(self):
        request = self.send("update").split()
        reply, _, told = self.answer(request)
        self.assertIn("2.04 Changed", told)
        self.assertIn("2.04 Changed", self.receive(reply))

    # --- the card ---

    def in_bootstrap_file(self):
        """Resource 8 of EF_LWM2M_Bootstrap, and KIc and KID of resource 7."""
        one = json.loads(self.lwm2m("read", *self.card, "--json", "--secrets"))["objects"][0]["instances"][0]
        return one["sms_binding_secret_keys"].removeprefix("hex:"), one["sms_binding_key_parameters"].removeprefix("hex:")[:4]


class Story(Ends):
    def play(self, algorithm, way):
        self.begin(algorithm, 204)
        indicator = {"aes": "1212", "3des": "1919"}[algorithm]
        self.assertEqual(self.in_bootstrap_file(), (KEYS[algorithm], indicator))
        seen = {KEYS[algorithm]}

        def look():
            """The keys in force are in EF_LWM2M_Bootstrap; those of GBA_ME stay with the device, and the file as it is."""
            keys, parameters = self.in_bootstrap_file()
            self.assertEqual(parameters, indicator)
            self.assertEqual(len(keys), len(KEYS[algorithm]))
            self.assertEqual(keys in seen, way == "push")
            seen.add(keys)

        # The first keys, and a Register under them. Nothing is sent before there are some.
        self.assertIn("no session keys yet", self.send("register", "--endpoint", "device-1", ok=(1,)))
        messages, _ = self.refresh(way)
        self.take(way, messages)
        look()
        request = self.register()
        self.assertIn("repeated message", self.answer(request, ok=(1,))[2])

        # Used keys: the device refuses, and says what to do. The server says 4.00 to who sends nevertheless, and new keys follow.
        told = self.send("update", ok=(1,))
        self.assertIn("wants fresh ones", told)
        self.assertIn("take-push", told)
        reply, messages, told = self.answer(self.send("update", "--stale").split(), "--refresh", way, *self.refresh_options)
        self.assertIn("4.00 Bad Request: stale keys", told)
        self.assertTrue(messages)
        self.assertIn("4.00 Bad Request", self.receive(reply, ok=(1,)))
        self.take(way, messages)
        look()
        self.update()

        # Awake: new keys go out before the registration ends. Two are lost; the third message of them arrives.
        self.now += LIFETIME * 7 // 10 - 1
        messages, told = self.refresh(way)
        self.assertEqual((messages, "next: in 1 s" in told), ([], True))
        self.now += 1
        first, told = self.refresh(way)
        self.assertTrue(first)
        self.assertIn("go out by", told)
        self.assertIn("next: in 30 s", told)
        self.now += 29
        self.assertEqual(self.refresh(way)[0], [])
        self.now += 1
        second, told = self.refresh(way)
        self.assertTrue(second)
        self.assertIn("go out again", told)
        if way == "push":
            self.assertEqual(first, second)  # a push serves once, whichever of its copies comes
        # Its registration ends while the device waits: it must not send, and asks for keys.
        self.now += 60
        self.assertIn("have ended", self.send("register", "--endpoint", "device-1", ok=(1,)))
        self.assertIn("have ended", self.send("deregister", ok=(1,)))
        _, messages, told = self.answer(self.send("register", "--endpoint", "device-1", "--stale").split(), "--refresh", way, *self.refresh_options)
        self.assertIn("4.00 Bad Request", told)
        self.assertTrue(messages)
        self.assertIn("go out again", told)
        self.take(way, messages)
        look()
        self.register()

        # Asleep: nothing goes out, however long; at the wake-up it does.
        self.assertEqual(self.refresh(way, "--asleep")[0], [])
        self.now += 10 * LIFETIME
        messages, told = self.refresh(way)
        self.assertEqual(messages, [])
        self.assertIn("sleeps", told)
        messages, _ = self.refresh(way, "--awake")
        self.assertTrue(messages)
        self.take(way, messages)
        look()
        self.register()

        # The keys before those in use: 4.00, and a refresh.
        reply, messages, told = self.answer(self.send("register", "--endpoint", "device-1", "--before").split(), "--refresh", way,
                                            *self.refresh_options)
        self.assertIn("4.00 Bad Request: stale keys", told)
        self.assertTrue(messages)
        self.assertIn("4.00 Bad Request", self.receive(reply, "--before", ok=(1,)))

    def test_remote_file_management(self):
        for algorithm in KEYS:
            with self.subTest(algorithm=algorithm):
                self.play(algorithm, "rfm")

    def test_remote_application_management(self):
        for algorithm in KEYS:
            with self.subTest(algorithm=algorithm):
                self.play(algorithm, "ram")

    def test_gba_push_to_the_device(self):
        for algorithm in KEYS:
            with self.subTest(algorithm=algorithm):
                self.play(algorithm, "push")

    def test_gba_push_to_the_card(self):
        for algorithm in KEYS:
            with self.subTest(algorithm=algorithm):
                self.play(algorithm, "push-u")

    def test_any_number_of_refreshes_may_be_lost(self):
        self.begin("aes", 204)
        messages, _ = self.refresh("rfm")
        self.take("rfm", messages)
        self.register()
        for _ in range(40):  # more than are remembered of keys that nobody used
            self.now += 2 * LIFETIME
            self.assertTrue(self.refresh("rfm")[0])
        _, messages, told = self.answer(self.send("register", "--endpoint", "device-1", "--stale").split(), "--refresh", "rfm", *self.refresh_options)
        self.assertIn("4.00 Bad Request", told)
        self.now += 60
        messages = messages or self.refresh("rfm")[0]
        self.take("rfm", messages)
        self.register()


class Lifetimes(Ends):
    def test_keys_live_no_longer_than_the_registration(self):
        self.begin("aes", 204)
        push = ["push", self.folder / "subscriber.toml", "--naf", "lwm2m.example", "--account", self.account]
        for words in (push, ["new-keys", "--account", self.account], ["sms", "refresh", *self.server_keys, "--refresh", "rfm", *self.refresh_options]):
            told = self.lwm2m(*words, "--lifetime", LIFETIME + 1, ok=(2,))
            self.assertIn(f"no longer than the registration, {LIFETIME} s", told)
        # Without a lifetime they have the registration's: nothing else is said in the push.
        gpi = json.loads(self.lwm2m(*push, "--json"))["gpi"]
        self.assertIn("070400000000", gpi)
        self.assertIn("lifetime that of the registration", self.lwm2m("take-push", gpi, *self.card, *self.device_keys, *self.clock()))
        self.now += LIFETIME - 1
        self.send("register", "--endpoint", "device-1")
        self.now += 1
        self.assertIn("have ended", self.send("register", "--endpoint", "device-1", ok=(1,)))

    def test_the_documented_recipe_replaces_keys_of_either_algorithm(self):
        """A file of 61 octets behind one of 77 left the end of the longer one there, and with it no file."""
        self.begin("3des", 2)
        for algorithm, application, options in (("3des", "pkcs15", ["--commands"]), ("aes", "pkcs15", ["--commands"]), ("3des", "isd", ["--ram"]),
                                                ("aes", "isd", ["--ram"]), ("3des", "pkcs15", ["--commands"])):
            self.algorithm = algorithm
            commands = self.lwm2m("new-keys", *options, "--algorithm", algorithm, *self.server_keys, *self.clock()).split()
            told = self.tool([self.binary, "ota", "send", *self.card, "--counters", self.folder / "counters", "--tar", application, *commands])
            self.assertIn("PoR OK", told)
            self.assertNotIn("6A80", told)
            keys, parameters = self.in_bootstrap_file()
            self.assertIn(keys[: len(keys) // 2], commands[-1])
            self.assertIn(keys[len(keys) // 2 :], commands[-1])
            self.assertEqual(parameters, {"aes": "1212", "3des": "1919"}[algorithm])
            self.lwm2m("keys", *self.card, *self.device_keys, *self.clock())
            card = ["--by-card", *self.card]
            request = self.lwm2m("sms", "send", "register", "--endpoint", "device-1", *card).split()
            reply, _, told = self.answer(request)
            self.assertIn("2.01 Created", told)
            self.assertIn("2.01 Created", self.lwm2m("sms", "receive", *reply, *card))


class EndPoints(Ends):
    def keys(self):
        messages, _ = self.refresh("rfm")
        self.take("rfm", messages)

    def test_class_and_protocol_are_those_of_the_end_point(self):
        """SMS session-key CR 7.2.2.1: class 1, TP-PID 7D. A GPI of class 0 was taken."""
        self.begin("aes", 204)
        [push] = self.lwm2m("push", self.folder / "subscriber.toml", "--naf", "a.example", "--application", "").split()
        head = push.index("7DF5")
        for wrong in ("7DF4", "7DF6", "7DF7", "00F5", "7FF5", "7D04", "40F5"):
            message = push[:head] + wrong + push[head + 4 :]
            self.assertIn("TP-PID 7D and class 1", self.lwm2m("take-push", message, *self.card, *self.device_keys, ok=(1, 2)))
        self.assertIn("message for the card", self.lwm2m("take-push", push[:head] + "7FF6" + push[head + 4 :], *self.card, *self.device_keys, ok=(1,)))
        self.assertIn("GBA_ME", self.lwm2m("take-push", push, *self.card, *self.device_keys))

    def test_answers_go_to_and_come_from_the_number_that_was_asked(self):
        """TP-OA of a request is TP-DA of its answer; another number's answer is dropped (LwM2M 1.0 7.2.2)."""
        self.begin("aes", 204)
        self.keys()
        request = self.send("register", "--endpoint", "device-1").split()
        self.assertIn("this server has the number " + STRANGER, self.answer(request, "--number", STRANGER, ok=(1,))[2])
        [reply], _, _ = self.answer(request, "--number", "00" + SERVER[1:])
        self.assertIn("0C91947101000000", reply)
        strange = reply.replace("0C91947101000000", "0C91947101006066")
        self.assertNotEqual(strange, reply)
        self.assertIn("is from " + STRANGER, self.receive([strange], ok=(1,)))
        for wrong in ("7DF4", "00F5", "7FF6"):
            self.assertRegex(self.receive([reply.replace("7DF5", wrong)], ok=(1,)), "class 1|for the card")
        self.assertIn("2.01 Created", self.receive([reply]))
        # A server at another number: its answers come from there.
        self.keys_at_another_number()

    def keys_at_another_number(self):
        self.now += LIFETIME
        messages, _ = self.refresh("rfm", "--awake")
        self.take("rfm", messages)
        reply, _, _ = self.answer(self.send("register", "--endpoint", "device-1", "--number", STRANGER).split())
        self.assertIn("0C91947101006066", reply[0])
        self.assertIn("2.01 Created", self.receive(reply))

    def test_a_device_answers_a_request_of_its_server(self):
        self.begin("aes", 204)
        self.keys()
        self.register()
        ask = ("sms", "ask", *self.server_keys, *self.clock())
        request = self.lwm2m(*ask, "read", "/3/0/0").split()
        reply = re.findall(r"^([0-9A-F]{20,})$", self.receive(request), re.MULTILINE)
        _, _, told = self.answer(reply)
        self.assertIn("2.05 Content", told)
        self.assertIn("uicclab", told)
        self.assertIn("repeated message", self.receive(request, ok=(1,)))
        trigger = self.receive(self.lwm2m(*ask, "execute", "/1/0/8").split(), "--account", self.account)
        self.assertIn("the server wants an Update", trigger)
        told = self.receive(self.lwm2m(*ask, "write", "/3/0/15", "Europe/Berlin").split())
        self.assertIn("answered 4.05", told)  # it would not be kept

    def test_the_card_at_either_end_point(self):
        """With the end-point in the device and the keys in the card, --by-card sent nothing."""
        for mode in (1, 204, 2):
            for algorithm in KEYS:
                with self.subTest(mode=mode, algorithm=algorithm):
                    self.begin(algorithm, mode)
                    self.keys()
                    card = ["--by-card", *self.card]
                    request = self.lwm2m("sms", "send", "register", "--endpoint", "device-1", *card).split()
                    reply, _, told = self.answer(request)
                    self.assertIn("2.01 Created", told)
                    self.assertIn("2.01 Created, location rd/1", self.lwm2m("sms", "receive", *reply, *card))
                    more = ["--by-card"] if mode == 2 else []
                    asked = self.lwm2m("sms", "ask", "read", "/3/0/1", *more, *self.server_keys, *self.clock()).split()
                    answer = re.findall(r"^([0-9A-F]{20,})$", self.lwm2m("sms", "receive", *asked, *card), re.MULTILINE)
                    self.assertIn("LwM2M device", self.answer(answer)[2])

    def test_a_device_whose_card_has_the_keys_remembers_what_they_were_used_for(self):
        self.begin("3des", 2)
        card = ["--by-card", *self.card]

        def keys():
            messages, _ = self.refresh("ram")
            self.lwm2m("sms", "deliver", *messages, *self.card)

        def register(*more, ok=(0,)):
            return self.send("register", "--endpoint", "device-1", *card, *more, ok=ok)

        keys()
        reply, _, told = self.answer(register().split())
        self.assertIn("2.01 Created", told)
        self.assertIn("2.01 Created", self.receive(reply, *card))
        self.assertIn("wants fresh ones", register(ok=(1,)))
        self.now += LIFETIME
        self.assertIn("have ended", self.send("deregister", *card, ok=(1,)))
        reply, _, told = self.answer(register("--stale").split())
        self.assertIn("4.00 Bad Request", told)
        self.assertIn("4.00 Bad Request", self.receive(reply, *card, ok=(1,)))
        keys()
        reply, _, told = self.answer(register().split())
        self.assertIn("2.01 Created", told)
        self.assertIn("2.01 Created", self.receive(reply, *card))

    def test_provision_and_check_know_the_end_points(self):
        self.begin("aes", 204)
        view = self.folder / "wrong.toml"
        for mode, tar, told in ((204, "B20203", "BFFF00 to BFFFFF"), (1, "B20203", "BFFF00 to BFFFFF"), (2, "BFFF01", "mode 204"), (204, "C00000", "BFFF00 to BFFFFF")):
            text = account("coaps://127.0.0.1:5684", more=binding("aes", mode))
            view.write_text(re.sub(r'(hex:121216)\w{6}', rf'\g<1>{tar}', text))
            self.assertIn(told, self.lwm2m("check", view, ok=(1,)))
            self.assertIn(told, self.lwm2m("provision", view, "--adm", "88888888", *self.card, ok=(1,)))
        view.write_text(account("coaps://127.0.0.1:5684", more=binding("aes", 1)))
        self.assertIn("warning: mode 1 is DTLS over SMS", self.lwm2m("check", view))
        view.write_text(re.sub("sms_binding_secret_keys.*\n", "", account("coaps://127.0.0.1:5684", more=binding("aes", 204))))
        self.assertIn("/0/0/8: the SMS keys is missing", self.lwm2m("check", view, ok=(1,)))
        # What is there already is not written.
        self.assertIn("nothing was written", self.lwm2m("provision", self.account, "--adm", "88888888", *self.card))

    def test_a_refresh_by_a_service_centre(self):
        self.begin("aes", 2)
        state = self.card[-1]
        smsc = self.start([self.binary, "ota", "smsc", "--port", "0", "--profile", self.card[1].removeprefix("sim:"), "--state", state])
        smsc.wait_output("Stop with Ctrl-C")
        port = re.search(r"127\.0\.0\.1:(\d+)", smsc.output()).group(1)
        told = self.refresh("rfm", "--smsc", f"127.0.0.1:{port}", "--to", "+491710000001")[1]
        self.assertIn("keys 1 go out by rfm", told)
        self.now += 60
        self.refresh("ram", "--smsc", f"127.0.0.1:{port}", "--to", "+491710000001")
        wrong = self.lwm2m("sms", "refresh", *self.server_keys, "--awake", *self.clock(), "--refresh", "rfm", *self.refresh_options, "--smsc",
                           f"127.0.0.1:{port}", "--to", "+491710000777", ok=(3,))
        self.assertIn("refuses the message: status 0B", wrong)
        self.assertEqual(smsc.stop(), 0)
        self.assertNotEqual(self.in_bootstrap_file()[0], KEYS["aes"])
        self.lwm2m("keys", *self.card, *self.device_keys, *self.clock())
        request = self.lwm2m("sms", "send", "register", "--endpoint", "device-1", "--by-card", *self.card).split()
        self.assertIn("2.01 Created", self.answer(request)[2])


class Serve(Ends):
    """`lwm2m serve --sms` by the real clock: a registration of six seconds."""

    def clock(self):
        return []

    def manage(self, *words, ok=(0,)):
        return json.loads(self.lwm2m("manage", "--server", self.http, *words, ok=ok))

    def sent(self):
        return [one for one in self.manage("events")["events"] if one["event"] == "keys sent"]

    def sent_keys(self, generation):
        """The last refresh, when keys of that generation, or newer ones, have gone out."""
        wait_for(lambda: any(one["generation"] >= generation for one in self.sent()), f"keys {generation}", process=self.server)
        return self.sent()[-1]

    def registers(self):
        """With the keys of the last refresh. A slow machine may be overtaken by the next ones."""
        self.take("rfm", self.sent_keys(1)["messages"])
        return self.exchange("register", "--endpoint", "device-1", "--stale")["code"] == "2.01 Created"

    def exchange(self, *words):
        told = self.manage("sms", *self.send(*words).split())
        if told["code"].startswith("2"):
            self.assertIn(told["code"], self.receive(told["messages"]))
        else:
            self.assertIn("4.00", self.receive(told["messages"], ok=(1,)))
        return told

    def test_refreshes_in_time_after_loss_and_at_the_wake_up(self):
        self.begin("3des", 204, lifetime=6)
        devices = self.folder / "devices.toml"
        devices.write_text(f'[[device]]\nendpoint = "device-1"\nserver_keys = "{self.folder}/server.keys"\nrefresh = "rfm"\n'
                           f'account = "{self.account}"\nnumber = "+491710000001"\n')
        self.server = self.start([self.binary, "lwm2m", "serve", "--database", self.folder / "server.db", "--coap", "0", "--coaps", "0", "--http", "0",
                                  "--sms", devices, "--counters", self.folder / "counters"])
        self.server.wait_output("Stop with Ctrl-C")
        self.http = re.search(r"HTTP\s+http://(\S+)", self.server.output()).group(1)
        wait_for(self.registers, "the first Register", process=self.server)
        # Before the registration ends others go out; they are lost.
        before = max(one["generation"] for one in self.sent())
        self.sent_keys(before + 1)
        wait_for(lambda: "have ended" in self.send("update", ok=(0, 1)), "the end of the keys", process=self.server)
        self.assertEqual(self.exchange("update", "--stale")["code"], "4.00 Bad Request")
        wait_for(self.registers, "a Register with the keys that followed", process=self.server)
        # Asleep: nothing, although the registration ends; awake: at once.
        self.assertEqual(self.manage("asleep", "device-1")["refresh"], [])
        count = len(self.sent())
        wait_for(lambda: "have ended" in self.send("update", ok=(0, 1)), "the end of the keys", process=self.server)
        self.assertEqual(len(self.sent()), count)
        messages = self.manage("awake", "device-1")["refresh"]
        self.assertTrue(messages)
        wait_for(self.registers, "a Register after the wake-up", process=self.server)
        self.assertIn("no device of --sms", self.lwm2m("manage", "--server", self.http, "awake", "device-2", ok=(1,)))
        self.assertIn("error", self.lwm2m("manage", "--server", self.http, "sms", "0011", ok=(1,)))


    def test_a_service_centre_that_does_not_answer_holds_nobody_up(self):
        self.begin("aes", 204, lifetime=60)
        devices = self.folder / "devices.toml"
        devices.write_text(f'[[device]]\nendpoint = "device-1"\nserver_keys = "{self.folder}/server.keys"\nrefresh = "ram"\n'
                           f'account = "{self.account}"\nnumber = "+491710000001"\n')
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.server = self.start([self.binary, "lwm2m", "serve", "--database", self.folder / "server.db", "--coap", "0", "--coaps", "0", "--http",
                                      "0", "--sms", devices, "--counters", self.folder / "counters", "--smsc",
                                      f"127.0.0.1:{silent.getsockname()[1]}"])
            self.server.wait_output("Stop with Ctrl-C")
            self.http = re.search(r"HTTP\s+http://(\S+)", self.server.output()).group(1)
            first = self.sent_keys(1)
            self.assertNotIn("refresh failed", self.server.output())  # it is answered while the centre is waited for
            self.take("ram", first["messages"])
            self.assertEqual(self.exchange("register", "--endpoint", "device-1")["code"], "2.01 Created")
            self.server.wait_output("the service centre does not answer")


class AtOnce(Ends):
    def test_no_counter_is_used_twice(self):
        """Several programs at one key file: each message has a counter of its own, and each is taken once."""
        self.begin("aes", 204)
        messages, _ = self.refresh("rfm")
        self.take("rfm", messages)
        send = [self.binary, "lwm2m", "sms", "send", "register", "--endpoint", "device-1", "--stale", *self.device_keys, *self.clock()]
        started = [subprocess.Popen([str(word) for word in send], stdout=subprocess.PIPE, text=True) for _ in range(6)]
        requests = [one.communicate(timeout=60)[0] for one in started]
        self.assertEqual(len(set(requests)), 6)
        answer = [self.binary, "lwm2m", "sms", "answer", *requests[0].split(), *self.server_keys, *self.clock()]
        started = [subprocess.Popen([str(word) for word in answer], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(6)]
        told = [one.communicate(timeout=60)[0] for one in started]
        self.assertEqual(sum("repeated message" in one for one in told), 5)


class Kills(Ends):
    def killed(self, command, after):
        with subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            time.sleep(after)  # the moment of the kill; nothing is waited for
            child.send_signal(signal.SIGKILL)
            child.wait()

    def test_new_keys_on_the_card(self):
        """kill -9 at any moment: the keys in force are the old ones or the new, whole, in both files of the card."""
        self.begin("aes", 2)
        old = 0
        for i in range(16):
            before = self.in_bootstrap_file()[0]
            commands = self.lwm2m("new-keys", "--commands", "--generation", i + 1).split()
            send = [self.binary, "ota", "send", *self.card, "--counters", self.folder / "counters", "--tar", "pkcs15", *commands]
            start = time.monotonic()
            if i == 0:
                self.tool(send)
                duration = time.monotonic() - start
            else:
                self.killed(send, 1.1 * duration * i / 16)
            keys, _ = self.in_bootstrap_file()
            new = keys != before
            old += not new
            if new:
                self.assertIn(keys[:32], commands[-1])
            told = self.lwm2m("keys", *self.card)
            if new:
                self.assertIn(f"generation {i + 1}:", told)
        self.assertGreater(old, 0)

    def test_the_files_of_both_ends(self):
        """Whenever a command is killed, its file is one that opens, and no counter is used twice."""
        self.begin("aes", 204)
        messages, _ = self.refresh("rfm")
        self.take("rfm", messages)
        send = [self.binary, "lwm2m", "sms", "send", "register", "--endpoint", "device-1", "--stale", *self.device_keys, *self.clock()]
        start = time.monotonic()
        request = self.tool(send).split()
        duration = time.monotonic() - start
        for i in range(16):
            self.killed(send, 1.1 * duration * i / 16)
            self.killed([self.binary, "lwm2m", "sms", "answer", *request, *self.server_keys, *self.clock()], 1.1 * duration * i / 16)
            before, request = request, self.tool(send).split()
            self.assertNotEqual(before, request)
        self.assertRegex(self.answer(request)[2], "2.01|4.00")
        self.assertIn("repeated message", self.answer(request, ok=(1,))[2])
