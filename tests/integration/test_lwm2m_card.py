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
