# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of PUT KEY, INSTALL, LOAD and DELETE: registry and key sets of a card with --state are as before the command or as
after it, and whatever was answered is kept."""

import os
import random
import signal
import time
import unittest

from lib.cap_files import PACKAGE, load_file, lv, small_cap
from lib.case import IntegrationTest
from lib.terminal import HAS_PYSCARD, ServiceGone, Terminal

try:
    from lib import scp03
except ImportError:
    scp03 = None

STEPS = 240
STEPS_A_LIFE = 4  # on average
LONGEST_COMMAND = 0.006  # seconds; a kill comes at any time within it

ISSUER = "A000000151000000"
ROOT = bytes.fromhex("404142434445464748494A4B4C4D4E4F")  # version 30, which stays
DOMAINS = [f"F0756963630002{i:02X}" for i in range(4)]
BLOCK = 40


class Model:
    """What the card has: keys by version, domains, the load file."""

    def __init__(self, keys, domains, loaded):
        self.keys, self.domains, self.loaded = dict(keys), frozenset(domains), loaded

    def facts(self):
        return (sorted(self.keys.items()), sorted(self.domains), self.loaded)

    def with_key(self, version, key):
        return Model({**self.keys, version: key}, self.domains, self.loaded)

    def without_key(self, version):
        return Model({v: k for v, k in self.keys.items() if v != version}, self.domains, self.loaded)

    def with_domains(self, domains):
        return Model(self.keys, domains, self.loaded)

    def with_file(self, loaded):
        return Model(self.keys, self.domains, loaded)


@unittest.skipUnless(HAS_PYSCARD, "not installed: python3-pyscard")
@unittest.skipUnless(scp03, "not installed: python3-cryptography")
class KillManagement(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "card.state"
        self.kills = self.unanswered = 0
        self.free_memory = {}  # told by FF21, for each registry

    def power_on(self):
        self.service, env = self.run_service("--state", self.state)
        self.terminal = Terminal(env)
        self.addCleanup(self.terminal.close)
        self.open()

    def open(self, key=ROOT, version=0x30):
        self.assertTrue(self.terminal.get("00A40400" + lv(ISSUER) + "00").endswith("9000"))
        self.session = scp03.Session(self.terminal.get, key, version)

    # A step is a list of commands, of which one changes the card, and the model after it.

    def put_key(self, model, rng):
        version = rng.choice((0x31, 0x32))
        key = rng.randbytes(16)
        old = version if version in model.keys else 0
        return [("80D8", f"{old:02X}81", self.session.key_set(key, version))], model.with_key(version, key)

    def delete_key(self, model, rng):
        own = [version for version in model.keys if version != 0x30]
        if not own:
            return self.put_key(model, rng)
        version = rng.choice(own)
        return [("80E4", "0000", f"D201{version:02X}")], model.without_key(version)

    def install_or_delete(self, model, rng):
        domain = rng.choice(DOMAINS)
        if domain in model.domains:
            return [("80E4", "0080", "4F" + lv(domain))], model.with_domains(model.domains - {domain})
        data = lv("A0000001515350") + lv("A000000151535041") + lv(domain) + "03800000" + "02C900" + "00"
        return [("80E6", "0C00", data)], model.with_domains(model.domains | {domain})

    def load_or_delete(self, model, rng):
        if model.loaded:
            return [("80E4", "0080", "4F" + lv(PACKAGE))], model.with_file(False)
        commands = [("80E6", "0200", lv(PACKAGE) + "00000000")]
        file = load_file(small_cap())
        blocks = [file[at : at + 2 * BLOCK] for at in range(0, len(file), 2 * BLOCK)]
        for number, block in enumerate(blocks):
            commands.append(("80E8", f"{0x80 if number == len(blocks) - 1 else 0:02X}{number:02X}", block))
        return commands, model.with_file(True)

    STEPS = (put_key, delete_key, install_or_delete, load_or_delete)

    def observe(self, candidates):
        """The model as the card says it is. A key is that of the candidate it opens a session with."""
        information = self.session.command("80CA", "00E0")
        versions = {version for version in (0x30, 0x31, 0x32) if f"{version:02X}8810" in information}
        per_version = [information.count(f"C0040{key}{version:02X}") for version in versions for key in (1, 2, 3)]
        self.assertEqual(set(per_version), {1}, f"a key set in part: {information}")
        status = self.session.command("80F2", "4002", "4F05F075696363")
        domains = [domain for domain in DOMAINS if "4F" + lv(domain) in status]
        loaded = "4F" + lv(PACKAGE) in self.session.command("80F2", "2002", "4F" + lv(PACKAGE))
        memory = self.session.command("80CA", "FF21")
        keys = {}
        for version in sorted(versions):
            for candidate in candidates:
                try:
                    self.open(candidate.keys.get(version, b""), version)
                    keys[version] = candidate.keys[version]
                    break
                except (scp03.Refused, ValueError):
                    continue
            else:
                self.fail(f"no key opens version {version:02X}")
        self.open()
        seen = Model(keys, domains, loaded)
        registry = (sorted(keys), sorted(domains), loaded)
        self.assertEqual(self.free_memory.setdefault(registry.__repr__(), memory), memory, "memory is lost")
        return seen

    def kill_within(self, command, seconds):
        """The answer, if it was given before the kill."""
        self.terminal.begin(self.session.wrapped(*command))
        time.sleep(seconds)  # not a wait for anything: the kill comes at a random moment of the command
        self.service.stop(signal.SIGKILL)
        try:
            return self.terminal.end()
        except ServiceGone:
            return None
        finally:
            self.terminal.close()

    def step(self, model, rng):
        commands, after = rng.choice(self.STEPS)(self, model, rng)
        self.last = commands
        victim = None if rng.randrange(STEPS_A_LIFE) else rng.randrange(len(commands))
        for number, command in enumerate(commands):
            if number != victim:
                answer = self.session.command(*command)
                self.assertTrue(answer.endswith("9000"), answer)
                continue
            answer = self.kill_within(command, rng.uniform(0, LONGEST_COMMAND))
            self.kills += 1
            self.unanswered += answer is None
            self.power_on()
            whole = number == len(commands) - 1
            seen = self.observe((after, model) if whole else (model,))
            possible = [after] if whole and answer else [after, model] if whole else [model]
            self.assertIn(seen.facts(), [one.facts() for one in possible])
            return seen
        return after

    def test_kill_at_random_points_of_content_management(self):
        seed = int(os.environ.get("UICCLAB_SEED", "1"))
        rng = random.Random(seed)
        self.power_on()
        model = Model({0x30: ROOT}, [], False)
        self.assertEqual(self.observe((model,)).facts(), model.facts())
        for number in range(STEPS):
            try:
                model = self.step(model, rng)
            except (AssertionError, ServiceGone, scp03.Refused) as error:
                self.fail(f"UICCLAB_SEED={seed}, step {number}, {self.last}: {error!r}")
        self.assertEqual(self.observe((model,)).facts(), model.facts())
        self.assertGreater(self.kills, STEPS // STEPS_A_LIFE // 2)
        self.assertGreater(self.unanswered, 0)
        self.service.stop()
        self.assertEqual([path.name for path in self.directory.glob("card.state*")], ["card.state"])


if __name__ == "__main__":
    unittest.main()
