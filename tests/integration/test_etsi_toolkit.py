# SPDX-License-Identifier: Apache-2.0
"""ETSI TS 102 268, the conformance suite of the UICC API (TS 102 241), by a runner that reads its host scripts as data (docs/clients.md).

UICCLAB_ETSI268 names the runner's folder (etsi268.py and etsi268.toml, the file system that the suite wants), UICCLAB_ETSI268_SUITE a
checkout of the suite, tag REL-7.2.0. Nothing of either is here. With UICCLAB_ETSI268_SOURCES=1 the suite is run a second time with CAP files
that our converter makes of its Java sources."""

import json
import os
import pathlib
import sys
import unittest

from lib.case import IntegrationTest, needs
from lib.etsi268_sources import Suite

RUNNER = os.environ.get("UICCLAB_ETSI268")
SUITE = os.environ.get("UICCLAB_ETSI268_SUITE")
PASSES = pathlib.Path(__file__).resolve().parent / "lib" / "etsi268_passes.txt"


@unittest.skipUnless(RUNNER and SUITE, "UICCLAB_ETSI268 and UICCLAB_ETSI268_SUITE do not name the runner and the suite (docs/clients.md)")
class EtsiSuite(IntegrationTest):
    def run_scripts(self, *options, suite=SUITE):
        """What became of each: {name: its first mismatch}, None of those that pass."""
        runner = pathlib.Path(RUNNER)
        results = self.directory / "results.json"
        # Where the standard leaves the card a choice (docs/decisions/007), this is the suite's.
        profile = self.directory / "etsi268.toml"
        profile.write_text("deactivated_warning = true\n" + (runner / "etsi268.toml").read_text())
        card = f"cmd:{self.binary} run --profile {profile} --vpcd 127.0.0.1:{{port}}"
        self.tool([sys.executable, runner / "etsi268.py", "--suite", suite, "--card", card, "--json", results, *options], ok=(0, 1),
                  timeout=900)
        results = json.loads(results.read_text())
        return {one["script"]: None if one["verdict"] == "pass" else one["why"] for one in results}

    def test_cre_api_tran(self):
        """send() aborts an open transaction; another applet is triggered while one waits; results are read, applets and package deleted."""
        self.assertEqual(self.run_scripts("--filter", "Test_Cre_Api_Tran"), {"Test_Cre_Api_Tran": None})

    def test_all_that_passed_pass_still(self):
        expected = {line.strip() for line in PASSES.read_text().splitlines() if line.strip() and not line.startswith("#")}
        self.assertEqual(expected - {name for name, why in self.run_scripts().items() if why is None}, set())

    @needs("javac")
    @unittest.skipUnless(os.environ.get("UICCLAB_ETSI268_SOURCES"), "UICCLAB_ETSI268_SOURCES is not set (docs/clients.md)")
    def test_applets_from_their_sources_behave_the_same(self):
        """Every package of the suite by javac and our converter: each script passes, or fails at the same place, as with the published CAPs."""
        ours = Suite(SUITE, self.directory, self.binary, self.tool)
        sizes = ours.build()
        for what, (converted, published) in sizes.items():
            print(f"{len(ours.packages)} packages, {what}: {converted} bytes, published {published}")
        self.assertEqual(self.run_scripts(suite=ours.root), self.run_scripts())
