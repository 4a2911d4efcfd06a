# SPDX-License-Identifier: Apache-2.0
"""Access rules of a card, `uicclab ara`: at an emulated card in process, through our PC/SC service, and at a card that wants other keys."""

import json

from lib.case import IntegrationTest

CERTIFICATE = "ABCD92CBB156B280FA4E1429A6ECEEB6E5C1BFE4"
PACKAGE = "com.example.app"
PERMISSIONS = "0000000000000001"
NEW_KEY = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF"
ADD = ["add", "--app", CERTIFICATE, "--package", PACKAGE, "--permissions", PERMISSIONS]
# What the built-in card has, and with STORE DATA open to anybody.
MODULE = 'label = "ARA-M"\nin_dir = false\n'
OPEN = MODULE + "parameters = { secure_channel = false }\n"


class Ara(IntegrationTest):
    env = None
    card = []

    def ara(self, command, *words, ok=(0,)):
        return self.tool([self.binary, "ara", command, *self.card, *words], self.env, ok=ok)

    def listed(self):
        return json.loads(self.ara("list", "--json"))

    def profile(self, *changes):
        text = self.tool([self.binary, "profile", "show", "default"])
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        path = self.directory / "card.toml"
        path.write_text(text)
        return path

    def story(self):
        """Rules are added, listed and deleted, one by one and all at once."""
        before = self.listed()
        self.assertEqual(before["rules"], [])
        self.ara(*ADD)
        self.ara("add", "--aid", "A0000000871004", "--app", "any", "--apdu", "80CA0000/FFFF0000", "--nfc", "never")
        self.assertIn("6381", self.ara("add", "--aid", "A0000000871004", "--app", "any", "--apdu", "never"))
        told = self.listed()
        self.assertNotEqual(told["refresh_tag"], before["refresh_tag"])
        self.assertEqual([rule["aid"] for rule in told["rules"]], ["A0000000871004", "A0000000871004", None])
        last = told["rules"][2]
        self.assertEqual((last["app"], last["package"], last["permissions"], last["odd"]), (CERTIFICATE, PACKAGE, PERMISSIONS, None))
        text = self.ara("list")
        for part in (f"{CERTIFICATE} (SHA-1), package \"{PACKAGE}\"", "80CA0000/FFFF0000", "all that no other rule names"):
            self.assertIn(part, text)
        self.ara("delete", "2")  # another rule has the same REF-DO
        self.assertEqual([rule["apdu"] for rule in self.listed()["rules"]], ["never", None])
        self.assertIn("no rule 3", self.ara("delete", "3", ok=(1,)))
        self.ara("delete", "--all")
        self.assertIn("no rules", self.ara("list"))


class InProcess(Ara):
    def setUp(self):
        super().setUp()
        self.card = ["--state", self.directory / "card.db"]

    def test_through_the_security_domain(self):
        self.assertIn("Using keys 'default'", self.ara(*ADD))
        self.ara("delete", "--all")
        self.story()

    def test_open_to_anybody(self):
        self.card += ["--card", f"sim:{self.profile((MODULE, OPEN))}"]
        self.assertNotIn("Using keys", self.ara(*ADD))
        self.ara("delete", "1")
        self.story()

    def test_more_rules_than_one_answer_holds(self):
        for number in range(9):
            self.ara("add", "--app", f"{number:02X}" * 32, "--package", PACKAGE, "--apdu", "always")
        self.assertEqual([rule["app"][:2] for rule in self.listed()["rules"]], [f"{number:02X}" for number in reversed(range(9))])

    def test_wrong_keys_are_not_sent(self):
        told = self.ara(*ADD, "--key-hex", NEW_KEY, ok=(4,))
        self.assertIn("EXTERNAL AUTHENTICATE was not sent", told)
        self.assertEqual(self.listed()["rules"], [])

    def test_a_card_without_the_application(self):
        text = self.tool([self.binary, "profile", "show", "default"])
        begin = text.index('[[applications]]\nmodule = "ara-m"')
        path = self.directory / "without.toml"
        path.write_text(text[:begin] + text[text.index("[files", begin):])
        told = self.tool([self.binary, "ara", "list", "--card", f"sim:{path}"], ok=(1,))
        self.assertIn("no application A00000015141434C00 (6A82)", told)
        self.assertIn("module ara-m", told)

    def test_rules_of_a_profile(self):
        rules = f'rules = [{{ app = "{CERTIFICATE}", package = "{PACKAGE}", permissions = "{PERMISSIONS}" }}, {{ aid = "default", app = "any", apdu = "never" }}]'
        path = self.profile((MODULE, MODULE + f"[applications.parameters]\n{rules}\n"))
        self.card = ["--card", f"sim:{path}"]
        told = self.listed()["rules"]
        self.assertEqual([(rule["aid"], rule["app"]) for rule in told], [(None, CERTIFICATE), ("default", "any")])
        # Written out and read in again it is the same card.
        again = self.directory / "again.toml"
        again.write_text(self.tool([self.binary, "profile", "export", path]))
        self.card = ["--card", f"sim:{again}"]
        self.assertEqual(self.listed()["rules"], told)

    def test_usage(self):
        for words, text in (
            (["add"], "a rule names an application"),
            (["add", "--app", "12", "--apdu", "never"], "app: must be a SHA-1"),
            (["add", "--app", "any"], "a rule must have"),
            (["add", "--app", "any", "--apdu", "sometimes"], "must be always, never, or a header and a mask"),
            (["delete"], "the number of a rule, or --all"),
            (["delete", "0"], "must be the number of a rule"),
            (["delete", "1", "--all"], "the number of a rule, or --all"),
            (["list", "--ara-m", "A0"], "--ara-m"),
        ):
            with self.subTest(words=words):
                self.assertIn(text, self.ara(*words, ok=(2,)))


class InAReader(Ara):
    def test_through_our_service(self):
        self.card = ["--card", "pcsc"]
        _, self.env = self.run_service()
        self.story()

    def test_two_clients_see_one_card(self):
        """One client reads the rules that the other stored, and the refresh tag shows the change."""
        self.card = ["--card", "pcsc"]
        _, self.env = self.run_service("--profile", self.profile((MODULE, OPEN)))
        first = self.listed()
        self.tool([self.binary, "apdu", "--card", "pcsc", "--yes-i-know", "00A4040009A00000015141434C00", "80E290000DF00BE209E102C100E303D00100"], self.env)
        second = self.listed()
        self.assertEqual(len(second["rules"]), 1)
        self.assertNotEqual(first["refresh_tag"], second["refresh_tag"])
