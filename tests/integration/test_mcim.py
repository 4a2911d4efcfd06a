# SPDX-License-Identifier: Apache-2.0
"""A subscription by an MCIM object: afterwards EAP-AKA of hostapd and eapol_test succeeds with the new identity, no longer with the old."""

import os

from lib.case import IntegrationTest, needs
from lib.eap import EapServer

NEW_IMSI = "001010000000077"
NEW_K = "00112233445566778899AABBCCDDEEFF"
NEW_OPC = "0F0E0D0C0B0A09080706050403020100"


@needs("hostapd", "eapol_test", "osmo-auc-gen")
class Provisioning(IntegrationTest):
    def setUp(self):
        super().setUp()
        _, self.env = self.run_service()

    def uicclab(self, *words, ok=(0,)):
        return self.tool([self.binary, *words], self.env, ok=ok)

    def authenticate(self, **subscriber):
        with EapServer(**subscriber) as server:
            return server.authenticate("AKA", {**os.environ, **self.env}, None, None)

    def test_install(self):
        success, output = self.authenticate()
        self.assertTrue(success, output)
        key = self.directory / "card.der"
        said = self.uicclab("mcim", "register", key, "--card", "pcsc")
        nonce = said.split()[1]
        orders = self.directory / "orders.csv"
        orders.write_text(f"meter,card.der,{NEW_IMSI},{NEW_K},{NEW_OPC},{nonce},1\n")
        self.uicclab("mcim", "wrap", orders, "--out", self.directory)
        wrapped = self.directory / "meter.mcim"
        self.assertIn("add --yes-i-know".lower(), self.uicclab("mcim", "install", wrapped, "--card", "pcsc", ok=(2,)).lower())
        bent = self.directory / "bent.mcim"
        content = bytearray(wrapped.read_bytes())
        content[-1] ^= 1
        bent.write_bytes(content)
        self.assertIn("6A80", self.uicclab("mcim", "install", bent, "--card", "pcsc", "--yes-i-know", ok=(1,)))
        success, output = self.authenticate()
        self.assertTrue(success, output)
        self.assertIn("installed", self.uicclab("mcim", "install", wrapped, "--card", "pcsc", "--yes-i-know"))
        success, output = self.authenticate(imsi=NEW_IMSI, k=NEW_K, opc=NEW_OPC)
        self.assertTrue(success, output)
        success, _ = self.authenticate()
        self.assertFalse(success)
        self.assertIn("6A80", self.uicclab("mcim", "install", wrapped, "--card", "pcsc", "--yes-i-know", ok=(1,)))
