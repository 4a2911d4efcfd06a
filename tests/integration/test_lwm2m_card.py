# SPDX-License-Identifier: Apache-2.0
"""The LwM2M files of the default card as clients made by others read them."""

import re

from lib.case import IntegrationTest, needs

# Object identifier of the bootstrap object: 2.23.43.9.1.
OBJECT = "2.23.43.9.1"


class Pkcs15(IntegrationTest):
    def setUp(self):
        super().setUp()
        _, self.env = self.run_service()
        configuration = self.directory / "opensc.conf"
        configuration.write_text("app default {\n  enable_default_driver = true;\n}\n")  # for cards it has no driver of
        self.env["OPENSC_CONF"] = str(configuration)

    @needs("pkcs15-tool")
    def test_data_object(self):
        listed = self.tool(["pkcs15-tool", "--list-data-objects"], self.env)
        self.assertIn("LwM2M Bootstrap", listed)
        self.assertIn(OBJECT, listed)
        content = self.directory / "bootstrap"
        self.tool(["pkcs15-tool", "--read-data-object", OBJECT, "--raw", "--output", content], self.env)
        shown = self.tool([self.binary, "lwm2m", "show", content])
        self.assertIn("coaps://127.0.0.1:5684", shown)
        self.assertRegex(shown, r"uicclab-001010000000001")

    @needs("pkcs15-tool")
    def test_token(self):
        dumped = self.tool(["pkcs15-tool", "--dump"], self.env)
        self.assertRegex(dumped, r"PKCS#15 Card \[LwM2M\]")
        self.assertEqual(len(re.findall("Data object", dumped)), 1)


class ProfileCheck(IntegrationTest):
    """`profile check` says what a device would refuse."""

    def check(self, profile):
        path = self.directory / "card.toml"
        path.write_text(profile)
        return self.tool([self.binary, "profile", "check", path])

    def test_account(self):
        default = self.tool([self.binary, "profile", "show"])
        self.assertNotIn("6432", self.check(default))
        account = "C607121216B20203"
        self.assertEqual(default.count(account), 1)
        self.assertIn("no application lwm2m-sms takes packets for TAR BFFF77", self.check(default.replace(account, "C607121216BFFF77")))
        self.assertIn("a device refuses it", self.check(default.replace(account, "C607121206B20203")))
        self.assertIn("a device cannot read it", self.check(default.replace('content = "000200AA', 'content = "000300AA')))
