# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of commands: a card with --state has the state before the command or after it, whatever was answered is kept, and
what protects (tries of a PIN, sequence numbers of AUTHENTICATE) is never back where it was."""

import copy
import os
import random
import signal
import time
import unittest

from lib.authentication_centre import AuthenticationCentre
from lib.case import IntegrationTest, needs
from lib.terminal import HAS_PYSCARD, ServiceGone, Terminal

COMMANDS = 1000
COMMANDS_A_LIFE = 12  # on average
LONGEST_COMMAND = 0.006  # seconds; a kill comes at any time within it

USIM = "00A4040C07A0000000871002"
SMS = "00A4080C047F106F3C"  # linear fixed, 10 x 176
LND = "00A4080C047F106F44"  # cyclic, 10 x 28
SMSS = "00A4080C047F106F43"
MF = "00A4000C023F00"
OWN_FILES = ("6FB0", "6FB1", "6FB2")
PIN2S = ("35363738FFFFFFFF", "34333231FFFFFFFF")
PUK2 = "3837363534333231"
WRONG = "3030303030303030"
K, OPC = "465B5CE8B199B49FAA5F0A2EE238A6BC", "CD63CB71954A9F4E48A5994E37A02BAF"


class Model:
    """What the test knows of the card, and the commands that change it: each returns what selects, what writes, and the model after it."""

    def __init__(self):
        self.loci = None
        self.sms = []
        self.lnd = []
        self.smss_active = True
        self.own = {}
        self.pin2 = PIN2S[0]
        self.tries, self.puk_tries = 3, 10

    def after(self, **changes):
        model = copy.deepcopy(self)
        for name, value in changes.items():
            setattr(model, name, value)
        return model

    def facts(self):
        """Everything that is not a counter."""
        return (self.loci, self.sms, self.lnd, self.smss_active, self.own)

    def update_binary(self, rng):
        offset = rng.randrange(11)
        data = rng.randbytes(rng.randint(1, 11 - offset)).hex().upper()
        loci = self.loci[: 2 * offset] + data + self.loci[2 * offset + len(data) :]
        return USIM, f"00D68B{offset:02X}{len(data) // 2:02X}{data}", self.after(loci=loci)

    def update_record(self, rng):
        record = rng.randrange(10)
        data = rng.randbytes(176).hex().upper()
        sms = self.sms[:record] + [data] + self.sms[record + 1 :]
        return SMS, f"00DC{record + 1:02X}04B0{data}", self.after(sms=sms)

    def update_cyclic(self, rng):
        data = rng.randbytes(28).hex().upper()
        return LND, f"00DC00031C{data}", self.after(lnd=[data] + self.lnd[:-1])

    def life_cycle(self, rng):
        instruction = "04" if self.smss_active else "44"
        return SMSS, f"00{instruction}0000", self.after(smss_active=not self.smss_active)

    def create_or_delete(self, rng):
        fid = rng.choice(OWN_FILES)
        own = dict(self.own)
        if fid in own:
            del own[fid]
            return MF, f"00E4000002{fid}", self.after(own=own)
        own[fid] = "FF" * 16
        return MF, f"00E0000018621682024121 8302{fid} 8A0105 8B032F0608 80020010 8800".replace(" ", ""), self.after(own=own)

    def verify(self, rng):
        if self.tries == 0:
            return self.unblock(rng)
        if rng.random() < 0.4:
            return USIM, f"0020008108{WRONG}", self.after(tries=self.tries - 1)
        return USIM, f"0020008108{self.pin2}", self.after(tries=3)

    def change(self, rng):
        if self.tries == 0:
            return self.unblock(rng)
        pin2 = PIN2S[1 - PIN2S.index(self.pin2)]
        return USIM, f"0024008110{self.pin2}{pin2}", self.after(pin2=pin2, tries=3)

    def unblock(self, rng):
        if self.puk_tries > 5 and rng.random() < 0.4:
            return USIM, f"002C008110{WRONG}{self.pin2}", self.after(puk_tries=self.puk_tries - 1)
        return USIM, f"002C008110{PUK2}{self.pin2}", self.after(tries=3, puk_tries=10)

    COMMANDS = (update_binary, update_record, update_cyclic, life_cycle, create_or_delete, verify, change)

    @staticmethod
    def observe(terminal, pin2):
        """The model as the card says it is; the value of PIN2 cannot be read."""
        seen = Model()
        seen.pin2 = pin2
        terminal.send(USIM)
        seen.loci = terminal.send("00B08B000B")[:-4]
        seen.tries = tries_in(terminal.send("0020008100"))
        seen.puk_tries = tries_in(terminal.send("002C008100"))
        terminal.send(SMS)
        seen.sms = [terminal.send(f"00B2{record:02X}04B0")[:-4] for record in range(1, 11)]
        terminal.send(LND)
        seen.lnd = [terminal.send(f"00B2{record:02X}041C")[:-4] for record in range(1, 11)]
        terminal.send(SMSS)
        seen.smss_active = terminal.send("00B0000002").endswith("9000")
        for fid in OWN_FILES:
            terminal.send(MF)
            if terminal.send(f"00A4000C02{fid}") == "9000":
                seen.own[fid] = terminal.send("00B0000010")[:-4]
        return seen


def tries_in(status):
    """63Cx, or 6983 for none."""
    return 0 if status == "6983" else int(status[3], 16)


@needs("osmo-auc-gen")
@unittest.skipUnless(HAS_PYSCARD, "not installed: python3-pyscard")
class Kill(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "card.state"
        self.centre = AuthenticationCentre(str(self.directory / "centre.sock"), "001010000000001", K, OPC)
        self.addCleanup(self.centre.close)
        self.used = None  # the last vector the card has answered
        self.kills = self.unanswered = 0

    def power_on(self):
        self.service, env = self.run_service("--state", self.state)
        self.terminal = Terminal(env)
        self.addCleanup(self.terminal.close)
        self.assertEqual(self.terminal.send("0020000A083838383838383838"), "9000")

    def authenticate(self, vector):
        """DB: a success, DC: the sequence number was used (3GPP TS 31.102 clause 7.1.2.1)."""
        self.terminal.send(USIM)
        return self.terminal.get(f"008800812210{vector['RAND']}10{vector['AUTN']}".upper())[:2]

    def kill_within(self, command, seconds):
        """The answer, if it was given before the kill."""
        self.terminal.begin(command)
        time.sleep(seconds)  # not a wait for anything: the kill comes at a random moment of the command
        self.service.stop(signal.SIGKILL)
        try:
            return self.terminal.end()
        except ServiceGone:
            return None
        finally:
            self.terminal.close()

    def check_model(self, before, after, answered):
        """After a restart; returns the model the card has."""
        seen = Model.observe(self.terminal, before.pin2)
        counters = (seen.tries, seen.puk_tries)
        if answered:
            self.assertEqual(seen.facts(), after.facts())
            self.assertEqual(counters, (after.tries, after.puk_tries))
        else:
            self.assertIn(seen.facts(), (before.facts(), after.facts()))
            # The try is counted before the comparison; only the command as a whole gives it back.
            counted = ((before.tries - 1, before.puk_tries), (before.tries, before.puk_tries - 1))
            self.assertIn(counters, ((before.tries, before.puk_tries), (after.tries, after.puk_tries), *counted))
        if after.pin2 != before.pin2:
            seen = self.find_pin2(seen, before, after, answered)
        return seen

    def find_pin2(self, seen, before, after, answered):
        if seen.tries == 0:
            self.terminal.send(f"002C008110{PUK2}{before.pin2}")
            return seen.after(tries=3, puk_tries=10, pin2=before.pin2)
        self.terminal.send(USIM)
        if self.terminal.send(f"0020008108{after.pin2}") == "9000":
            return seen.after(pin2=after.pin2, tries=3)
        self.assertFalse(answered, "the PIN was changed, and is the old one")
        if seen.tries > 1:
            self.assertEqual(self.terminal.send(f"0020008108{before.pin2}"), "9000")
            return seen.after(pin2=before.pin2, tries=3)
        self.assertEqual(self.terminal.send(f"002C008110{PUK2}{before.pin2}"), "9000")
        return seen.after(pin2=before.pin2, tries=3, puk_tries=10)

    def step(self, model, rng):
        """One command; returns the model after it."""
        vector, after = None, model
        if rng.random() < 0.15:
            vector = self.centre.vector()
            select, self.write = USIM, f"008800812210{vector['RAND']}10{vector['AUTN']}".upper()
        else:
            select, self.write, after = rng.choice(Model.COMMANDS)(model, rng)
        self.assertIn(self.terminal.send(select), ("9000", "6283"))
        if rng.randrange(COMMANDS_A_LIFE):
            self.assertRegex(self.terminal.send(self.write), "^(9000|63C.|61..)$")
            self.used = vector or self.used
            return after
        answer = self.kill_within(self.write, rng.uniform(0, LONGEST_COMMAND))
        self.kills += 1
        self.unanswered += answer is None
        self.power_on()
        if vector and answer:
            self.used = vector
        if self.used:
            self.assertEqual(self.authenticate(self.used), "DC", "a vector was accepted twice")
        if vector and not answer:
            self.assertIn(self.authenticate(vector), ("DB", "DC"))
            self.used = vector
        return self.check_model(model, after, answer is not None)

    def test_kill_at_random_points_of_a_thousand_random_commands(self):
        seed = int(os.environ.get("UICCLAB_SEED", "1"))
        rng = random.Random(seed)
        self.power_on()
        model = Model.observe(self.terminal, PIN2S[0])
        for number in range(COMMANDS):
            try:
                model = self.step(model, rng)
            except (AssertionError, ServiceGone) as error:
                self.fail(f"UICCLAB_SEED={seed}, command {number}, {self.write}: {error!r}")
        self.assertEqual(Model.observe(self.terminal, model.pin2).facts(), model.facts())
        self.assertGreater(self.kills, COMMANDS // COMMANDS_A_LIFE // 2)
        self.assertGreater(self.unanswered, 0)
        self.service.stop()
        self.assertEqual([path.name for path in self.directory.glob("card.state*")], ["card.state"])


if __name__ == "__main__":
    unittest.main()
