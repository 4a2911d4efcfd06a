# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of `lwm2m provision`: a reader finds the account of before or the new one, whole."""

import json
import signal
import subprocess
import time

from lib.case import IntegrationTest
from lib.lwm2m_card import account, profile

KILLS = 30
SPARE = ("--short", "--spare", "6434")


class Provisioning(IntegrationTest):
    def setUp(self):
        super().setUp()
        card = self.directory / "card.toml"
        card.write_text(profile(self.tool([self.binary, "profile", "show", "default"])))
        self.emulated = ["--card", f"sim:{card}", "--state", self.directory / "card.db"]
        self.served = ["--profile", card, *self.emulated[2:]]
        self.accounts = []
        for letter in "ab":  # each of some 900 bytes: four commands, unless they are long ones
            path = self.directory / f"{letter}.toml"
            path.write_text(account("coaps://a.example").replace("text:device-1", "text:" + letter * 800))
            self.accounts.append(path)

    def provision(self, number, *where):
        return [str(word) for word in (self.binary, "lwm2m", "provision", self.accounts[number], "--adm", "88888888", *where)]

    def found(self):
        """0 or 1: whose account the card has, by its device's reader, after the power came back."""
        told = json.loads(self.tool([self.binary, "lwm2m", "read", *self.emulated, "--json"]))
        identity = told["objects"][0]["instances"][0]["public_key_or_identity"]
        self.assertIn(identity, ["text:" + letter * 800 for letter in "ab"])
        return "ab".index(identity[-1])

    def sweep(self, kill, duration):
        """Kills at moments that are spread over `duration`. Returns how many ended with the old account, and with the new one."""
        outcomes = [0, 0]
        for i in range(KILLS):
            before = self.found()
            kill(1 - before, duration * i / KILLS)
            outcomes[self.found() != before] += 1
        return outcomes

    def seconds_of(self, *where):
        start = time.monotonic()
        self.tool(self.provision(0, *where))
        self.tool(self.provision(1, *where))
        return (time.monotonic() - start) / 2

    def test_the_program_with_the_card_in_it(self):
        for more in ((), SPARE):
            with self.subTest(more=more):
                where = [*self.emulated, *more]

                def kill(number, after):
                    with subprocess.Popen(self.provision(number, *where), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
                        time.sleep(after)  # the moment of the kill; nothing is waited for
                        child.kill()

                outcomes = self.sweep(kill, 1.1 * self.seconds_of(*where))
                self.assertGreater(outcomes[0], 0, outcomes)
                self.tool(self.provision(0, *where))
                self.assertEqual(self.found(), 0)

    def test_a_served_card_under_the_program(self):
        for more in ((), SPARE):
            with self.subTest(more=more):
                self.tool(self.provision(0, *self.emulated, *more))
                # A card that is killed between the count of a try and the comparison has a try less: nobody asks here whether to go on.
                reader = ["--card", "pcsc", "--yes-i-know", *more]

                def kill(number, after):
                    service, env = self.run_service(*self.served)
                    command = self.provision(number, *reader)
                    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
                        time.sleep(after)
                        service.stop(signal.SIGKILL)
                        child.wait(timeout=30)

                service, env = self.run_service(*self.served)
                start = time.monotonic()
                self.tool(self.provision(1, *reader), env=env)
                duration = time.monotonic() - start
                service.stop(signal.SIGKILL)
                outcomes = self.sweep(kill, 1.1 * duration)
                self.assertGreater(outcomes[0], 0, outcomes)
