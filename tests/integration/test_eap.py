# SPDX-License-Identifier: Apache-2.0
"""EAP-SIM, EAP-AKA, EAP-AKA' and a resynchronisation: hostapd and eapol_test, both Debian's, against the card.

The network's Milenage is osmo-auc-gen's. eapol_test reads EF_DIR, EF_IMSI and EF_AD, and runs AUTHENTICATE, as a telephone does.
"""
import os

from lib.case import IntegrationTest, needs
from lib.eap import EapServer


class Eap:
    """What must succeed; a subclass says how the card is reached: `env` and `reader`."""

    reader = None

    def setUp(self):
        super().setUp()
        self.reach_card()
        self.server = EapServer()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    def authenticate(self, method, pin=None):
        return self.server.authenticate(method, {**os.environ, **self.env}, self.reader, pin)

    def test_each_method_succeeds(self):
        for method in ("SIM", "AKA", "AKA'"):
            with self.subTest(method=method):
                success, output = self.authenticate(method)
                self.assertTrue(success, output)
        self.assertEqual(self.server.centre.resynchronisations, 0)

    def test_a_network_behind_the_card_resynchronises(self):
        for _ in range(3):
            success, output = self.authenticate("AKA")
            self.assertTrue(success, output)
        ahead = self.server.centre.sqn
        self.server.centre.sqn = 32
        success, output = self.authenticate("AKA")
        self.assertTrue(success, output)
        self.assertEqual(self.server.centre.resynchronisations, 1)
        self.assertGreaterEqual(self.server.centre.sqn, ahead)

    def test_a_network_with_another_key_is_refused(self):
        self.server.centre.k = "00" * 16
        success, _ = self.authenticate("AKA")
        self.assertFalse(success)


@needs("hostapd", "eapol_test", "osmo-auc-gen")
class EapOverService(Eap, IntegrationTest):
    def reach_card(self):
        _, self.env = self.run_service()


@needs("hostapd", "eapol_test", "osmo-auc-gen")
class EapOverPcscd(Eap, IntegrationTest):
    def reach_card(self):
        _, daemon, self.env = self.run_in_pcscd()
        self.reader = daemon.readers[0]
