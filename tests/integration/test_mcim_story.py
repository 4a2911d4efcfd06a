# SPDX-License-Identifier: Apache-2.0
"""TR 33.812 clause 5.1.3.7 from registration to EAP-AKA with the new identity: device, DPF, PVA and SHO as commands that exchange files."""

import os
import pathlib
import re
import signal
import sqlite3
import stat
import subprocess

from lib.case import IntegrationTest, needs
from lib.eap import EapServer
from lib.authentication_centre import AuthenticationCentre
from lib.tuak import TuakCentre

DEVICE = "meter-0001"
K = "00112233445566778899AABBCCDDEEFF"
MILENAGE = {"imsi": "001010000000077", "algorithm": "milenage", "k": K, "opc": "0F0E0D0C0B0A09080706050403020100"}
TUAK = {"imsi": "001010000000078", "algorithm": "tuak", "k": K * 2, "topc": "465B5CE8B199B49FAA5F0A2EE238A6BC" * 2}
FIRMWARE = "firmware 1.0\n"
FIRMWARE_DIGEST = "3fd1333ce3dfc849103d045632384b2c16994fe50e307264cea36cf54db06518"
POLICY = f"""name = "pva.example"
makers = "maker.crt"
{{more}}
[[model]]
name = "m1"
components = {{{{ firmware = "{FIRMWARE_DIGEST}" }}}}
"""


class Story(IntegrationTest):
    card = ("--state", "card.db")
    uncertified = ("--uncertified",)

    def setUp(self):
        super().setUp()
        self.env = {}
        cwd = os.getcwd()
        os.chdir(self.directory)
        self.addCleanup(os.chdir, cwd)
        for who in ("maker", "tre", "pva", "dpf", "sho", "evil"):
            self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{who}.pem")
            self.openssl("pkey", "-in", f"{who}.pem", "-pubout", "-out", f"{who}.pub")
        for who in ("maker", "evil"):
            self.openssl("req", "-x509", "-key", f"{who}.pem", "-subj", f"/CN={who}", "-days", "30", "-out", f"{who}.crt")
        self.certify("tre.pem", f"/CN={DEVICE}", "tre.crt")
        pathlib.Path("firmware.bin").write_text(FIRMWARE)
        self.policy("")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    def certify(self, key, subject, out, maker="maker"):
        self.openssl("req", "-new", "-key", key, "-subj", subject, "-out", "request.pem")
        self.openssl("x509", "-req", "-in", "request.pem", "-CA", f"{maker}.crt", "-CAkey", f"{maker}.pem", "-CAcreateserial", "-days", "30",
                     "-out", out)

    def policy(self, more):
        pathlib.Path("pva.toml").write_text(POLICY.format(more=more))

    def mcim(self, *words, ok=(0,)):
        return self.tool([self.binary, "mcim", *words], self.env, ok=ok)

    def dpf(self, *words, ok=(0,)):
        return self.mcim("dpf", *words, "--database", "dpf.db", ok=ok)

    def sho(self, *words, ok=(0,)):
        return self.mcim("sho", *words, "--database", "sho.db", ok=ok)

    def subscriptions(self, *which):
        lines = ["[[subscriber]]\n" + "".join(f'{name} = "{value}"\n' for name, value in one.items()) for one in which]
        pathlib.Path("list.toml").write_text("\n".join(lines))
        return self.sho("import", "list.toml")

    # ---- steps of the document

    def begin(self, device=DEVICE):
        return self.dpf("begin", device).split()[1]

    def report(self, nonce, *more, device=DEVICE, ok=(0,)):
        return self.mcim("device", "report", "--device", device, "--nonce", nonce, "--tree", "device.tree", *self.card, "--tre-key", "tre.pem",
                         "--tre-certificate", "tre.crt", "--model", "m1", "--measure", "firmware=firmware.bin", "-o", "m2mmobj.xml", *more, ok=ok)

    def validate(self, ok=(0,)):
        self.dpf("evidence", DEVICE, "-o", "evidence.txt")
        return self.mcim("pva", "validate", "evidence.txt", "--policy", "pva.toml", "--key", "pva.pem", "-o", "validation.txt", ok=ok)

    def validated(self):
        self.report(self.begin())
        self.dpf("take", "m2mmobj.xml")
        self.validate()
        self.dpf("accept", "validation.txt", "--pva", "pva.pub")

    def order(self):
        self.dpf("order", DEVICE, "--key", "dpf.pem", "-o", "order.txt")

    def provide(self, *more, ok=(0,), order="order.txt"):
        return self.sho("provide", order, "--key", "sho.pem", "--name", "home.example", "--dpf", "dpf.pub", "--pva", "pva.pub", *self.uncertified,
                        *more, "-o", "delivery.txt", ok=ok)

    def deliver(self, *more, ok=(0,)):
        return self.dpf("deliver", DEVICE, "--sho", "sho.pub", *more, "-o", "session.xml", ok=ok)

    def certified_card(self, name=DEVICE):
        """The card's key gets a certificate of a test CA, which the SHO knows."""
        self.mcim("ca", "ca.key", "ca.crt")
        self.mcim("certify", "card.crt", "--ca-key", "ca.key", "--ca", "ca.crt", "--name", name, *self.card)
        self.uncertified = ("--makers", "ca.crt")

    def profile(self, parameters):
        """The built-in card with these parameters of its application mcim."""
        text = self.tool([self.binary, "profile", "show"])
        pathlib.Path("card.toml").write_text(text.replace('label = "MCIM"', f'label = "MCIM"\nparameters = {{ {parameters} }}', 1))

    def install(self, *more, ok=(0,)):
        return self.mcim("device", "install", "--tree", "device.tree", *self.card, "--yes-i-know", "--sho", "sho.pub", "-o", "m2mmobj.xml", *more, ok=ok)

    def provisioned(self, *provide, deliver=()):
        self.validated()
        self.order()
        self.provide(*provide)
        self.dpf("store", "delivery.txt", "--sho", "sho.pub")
        self.deliver(*deliver)
        self.tool([self.binary, "dm", "apply", "session.xml", "--tree", "device.tree"])
        self.assertIn(f"{DEVICE}: installed", self.install())
        self.assertIn(f"{DEVICE}: installed", self.dpf("take", "m2mmobj.xml"))


@needs("openssl", "hostapd", "eapol_test", "osmo-auc-gen")
class ToEapAka(Story):
    card = ("--card", "pcsc")

    def authenticate(self, centre=AuthenticationCentre, **subscriber):
        with EapServer(centre=centre, **subscriber) as server:
            return server.authenticate("AKA", {**os.environ, **self.env}, None, None)

    def check(self, which, centre, *provide, parameters=None, deliver=()):
        if parameters:
            self.profile(parameters)
        _, self.env = self.run_service(*(("--profile", "card.toml") if parameters else ()))
        self.certified_card()
        self.assertEqual(self.subscriptions(which), "1 subscription imported\n")
        success, output = self.authenticate()
        self.assertTrue(success, output)
        self.provisioned(*provide, deliver=deliver)
        success, output = self.authenticate(centre, imsi=which["imsi"], k=which["k"], opc=which.get("opc", which.get("topc")))
        self.assertTrue(success, output)
        success, _ = self.authenticate()
        self.assertFalse(success, "the old identity")

    def test_milenage_ec(self):
        self.check(MILENAGE, AuthenticationCentre)

    def test_tuak_ec(self):
        self.check(TUAK, TuakCentre, deliver=("--form", "tnds", "--wbxml"))

    def test_milenage_ec_literal(self):
        self.check(MILENAGE, AuthenticationCentre, "--suite", "literal", parameters="literal = true", deliver=("--wbxml",))

    def test_tuak_ec_cms(self):
        self.check(TUAK, TuakCentre, "--suite", "cms")

    def test_milenage_rsa(self):
        self.check(MILENAGE, AuthenticationCentre, "--suite", "seed", parameters='key_kind = "rsa"')

    def test_tuak_rsa(self):
        self.check(TUAK, TuakCentre, parameters='key_kind = "rsa"', deliver=("--form", "tnds"))

    def test_tuak_rsa_literal(self):
        self.check(TUAK, TuakCentre, "--suite", "literal", parameters='key_kind = "rsa", literal = true')

    def test_a_card_that_is_not_emulated_is_changed_only_when_told(self):
        _, self.env = self.run_service()
        self.subscriptions(MILENAGE)
        self.certified_card()
        self.validated()
        self.order()
        self.provide()
        self.dpf("store", "delivery.txt", "--sho", "sho.pub")
        self.deliver()
        self.tool([self.binary, "dm", "apply", "session.xml", "--tree", "device.tree"])
        self.assertIn("Add --yes-i-know", self.mcim("device", "install", "--tree", "device.tree", *self.card, "--sho", "sho.pub", ok=(2,)))
        self.assertIn("installed", self.install())


@needs("openssl")
class Refusals(Story):
    def setUp(self):
        super().setUp()
        self.subscriptions(MILENAGE, TUAK)

    def test_the_pva_says_why_and_the_dpf_does_not_accept_it(self):
        self.report(self.begin())
        self.dpf("take", "m2mmobj.xml")
        self.policy('revoked = ["meter-0001"]')
        self.assertIn("meter-0001, m1: refused: the TRE is revoked", self.validate(ok=(1,)))
        self.assertIn("the PVA does not trust the TRE: the TRE is revoked", self.dpf("accept", "validation.txt", "--pva", "pva.pub", ok=(1,)))
        self.policy("")
        pathlib.Path("firmware.bin").write_text("firmware 1.0, changed\n")
        self.report(self.begin())
        self.dpf("take", "m2mmobj.xml")
        self.assertIn("the component firmware was changed", self.validate(ok=(1,)))
        pathlib.Path("firmware.bin").write_text(FIRMWARE)
        self.certify("tre.pem", f"/CN={DEVICE}", "tre.crt", maker="evil")
        self.report(self.begin())
        self.dpf("take", "m2mmobj.xml")
        self.assertIn("the TRE's certificate is not trusted", self.validate(ok=(1,)))
        self.assertIn("must be validated by the PVA first", self.dpf("order", DEVICE, "--key", "dpf.pem", "-o", "order.txt", ok=(1,)))

    def test_registrations_do_not_mix(self):
        old = self.begin()
        self.report(old)
        self.begin()
        self.assertIn("not of the registration that is going on (nonce)", self.dpf("take", "m2mmobj.xml", ok=(1,)))
        self.validated()
        self.begin()
        self.assertIn("the validation is of another registration (nonce)", self.dpf("accept", "validation.txt", "--pva", "pva.pub", ok=(1,)))
        self.assertIn("no registration is going on", self.dpf("deliver", "meter-0002", "--sho", "sho.pub", "-o", "x", ok=(1,)))
        self.assertFalse(pathlib.Path("x").exists())

    def test_each_role_takes_its_own_partners_only(self):
        self.validated()
        self.assertIn("not signed by this PVA", self.dpf("accept", "validation.txt", "--pva", "evil.pub", ok=(1,)))
        self.order()
        swap = lambda a, b: (self.sho("provide", "order.txt", "--key", "sho.pem", "--dpf", a, "--pva", b, *self.uncertified, "-o", "delivery.txt", ok=(1,)))
        self.assertIn("the order is not signed by this DPF", swap("evil.pub", "pva.pub"))
        self.assertIn("the validation is not signed by this PVA", swap("dpf.pub", "evil.pub"))
        self.assertIn("001010000000077  free", self.sho("list"))  # nothing was spent
        text = pathlib.Path("order.txt").read_text()
        pathlib.Path("bent.txt").write_text(text.replace("device: meter-0001", "device: meter-0002"))
        self.assertIn("the order is not signed by this DPF", self.provide(order="bent.txt", ok=(1,)))
        self.provide()
        self.assertIn("the delivery is not signed by this SHO", self.dpf("store", "delivery.txt", "--sho", "evil.pub", ok=(1,)))
        self.assertIn("no object is prepared", self.deliver(ok=(1,)))
        self.dpf("store", "delivery.txt", "--sho", "sho.pub")
        self.deliver()
        self.tool([self.binary, "dm", "apply", "session.xml", "--tree", "device.tree"])
        self.assertIn("the object is not signed by this SHO", self.mcim("device", "install", "--tree", "device.tree", *self.card, "--sho", "evil.pub", ok=(1,)))

    def test_a_platform_key_without_a_certificate_is_taken_only_when_told(self):
        self.validated()
        self.order()
        self.uncertified = ()
        self.assertIn("PK_D has no certificate", self.provide(ok=(1,)))
        self.assertIn("001010000000077  free", self.sho("list"))

    def test_a_suite_that_does_not_fit_the_key_spends_nothing(self):
        self.validated()
        self.order()
        self.assertIn("the suite seed needs an RSA key", self.provide("--suite", "seed", ok=(1,)))
        self.assertIn("the suite cms needs a certificate of PK_D", self.provide("--suite", "cms", ok=(1,)))
        self.assertIn("001010000000077  free", self.sho("list"))

    def test_a_server_may_write_only_what_the_description_lets_it(self):
        self.validated()
        self.order()
        self.provide()
        self.dpf("store", "delivery.txt", "--sho", "sho.pub")
        self.deliver("--form", "tnds")
        text = pathlib.Path("m2mmobj.xml").read_text().replace(DEVICE, "meter-0666")
        pathlib.Path("evil.xml").write_text(text)
        before = pathlib.Path("device.tree").read_bytes()
        self.assertIn("Replace is not allowed to a server (DM status 425)",
                      self.tool([self.binary, "dm", "apply", "evil.xml", "--tree", "device.tree"], ok=(1,)))
        self.assertEqual(pathlib.Path("device.tree").read_bytes(), before)

    def test_secrets_of_a_tree_are_printed_only_when_told(self):
        pathlib.Path("secret.tree").write_text("./A node \n./A/AAuthSecret chr 7365637265743432\n./A/Name chr 61\n")
        tnds = [self.binary, "dm", "tnds", "secret.tree", "./A"]
        said = self.tool(tnds, ok=(2,))
        self.assertIn("./A/AAuthSecret may be a secret", said)
        self.assertNotIn("secret42", said)
        self.assertIn("secret42", self.tool([*tnds, "--secrets"]))
        self.tool([*tnds, "-o", "secret.xml"])
        self.assertIn("secret42", pathlib.Path("secret.xml").read_text())

    def test_a_certificate_of_another_authority_is_refused_before_anything_is_spent(self):
        self.certified_card()
        self.validated()
        self.order()
        self.uncertified = ("--makers", "evil.crt")
        self.assertIn("no chain of signatures from the certificate to a given CA", self.provide(ok=(1,)))
        self.uncertified = ()
        self.assertIn("--makers: the certificates of those who certify devices' keys", self.provide(ok=(2,)))
        self.assertIn("001010000000077  free", self.sho("list"))
        self.uncertified = ("--makers", "ca.crt")
        self.assertIn("001010000000077, version 1", self.provide())

    def test_an_object_answers_one_nonce_of_the_card_and_is_taken_once(self):
        self.validated()
        self.order()
        self.provide()
        self.dpf("store", "delivery.txt", "--sho", "sho.pub")
        nonce = self.dpf("list").split()[2]
        self.report(nonce)  # the card begins another registration
        self.dpf("take", "m2mmobj.xml")
        self.assertIn("the object was prepared for another nonce of its card: order again", self.deliver(ok=(1,)))
        self.validate()
        self.dpf("accept", "validation.txt", "--pva", "pva.pub")
        self.order()
        self.assertIn("001010000000077, version 2", self.provide())
        self.dpf("store", "delivery.txt", "--sho", "sho.pub")
        self.deliver()
        self.tool([self.binary, "dm", "apply", "session.xml", "--tree", "device.tree"])
        self.assertIn("installed", self.install())
        self.assertIn("the card answers 6A80", self.install(ok=(1,)))
        tree = self.tool([self.binary, "dm", "tree", "device.tree"])
        self.assertIn("./M2MMobj/Registration/State  chr  refused\n", tree)
        self.dpf("take", "m2mmobj.xml")
        self.assertIn("this registration is over", self.deliver(ok=(1,)))
        self.assertEqual(self.dpf("list").split()[1], "refused")

    def test_the_dpf_never_sees_a_key(self):
        self.validated()
        self.order()
        self.provide()
        self.dpf("store", "delivery.txt", "--sho", "sho.pub")
        self.deliver()
        for name in ("dpf.db", "delivery.txt", "session.xml"):
            content = pathlib.Path(name).read_bytes()
            for secret in (MILENAGE["k"], MILENAGE["opc"], MILENAGE["imsi"]):
                self.assertNotIn(secret.encode(), content)
                self.assertNotIn(bytes.fromhex(secret + "0" * (len(secret) % 2)), content)

    def test_the_token_of_the_user_authorizes(self):
        self.profile('token = "A1B2C3D4"')
        self.card = ("--card", "sim:card.toml", "--state", "token.db")
        self.validated()
        for more, installed in (((), False), (("--token", "hex:A1B2C3D5"), False), (("--token", "hex:A1B2C3D4"), True)):
            self.order()
            self.provide(*more)
            self.dpf("store", "delivery.txt", "--sho", "sho.pub")
            self.deliver()
            self.tool([self.binary, "dm", "apply", "session.xml", "--tree", "device.tree"])
            self.assertIn("installed" if installed else "6A80", self.install(ok=(0,) if installed else (1,)))

    def test_a_device_that_is_killed_at_any_moment_registers_again(self):
        """It may not know whether its card took the object; the operator gives it the same subscription, under the next version."""
        for delay in (0.0, 0.02, 0.04, 0.06, 0.08, 0.1):
            self.validated()
            self.order()
            self.assertIn("001010000000077", self.provide())
            self.dpf("store", "delivery.txt", "--sho", "sho.pub")
            self.deliver()
            self.tool([self.binary, "dm", "apply", "session.xml", "--tree", "device.tree"])
            process = subprocess.Popen([str(self.binary), "mcim", "device", "install", "--tree", "device.tree", *self.card, "--sho", "sho.pub"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=delay)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            process.wait()
            self.assertIn("./M2MMobj/Registration/State", self.tool([self.binary, "dm", "tree", "device.tree"]))
        self.validated()
        self.order()
        self.provide()
        self.dpf("store", "delivery.txt", "--sho", "sho.pub")
        self.deliver()
        self.tool([self.binary, "dm", "apply", "session.xml", "--tree", "device.tree"])
        self.assertIn("installed", self.install())
        self.assertIn(MILENAGE["imsi"], self.tool([self.binary, "fs", "cat", "EF.IMSI", *self.card]))

    def test_no_subscription_is_given_twice(self):
        self.assertEqual(self.sho("prepare", "meter-0002", DEVICE), "meter-0002 001010000000077\nmeter-0001 001010000000078\n")
        self.assertIn("no subscription is free for meter-0003", self.sho("prepare", "meter-0003", ok=(1,)))
        self.assertIn("the device has no name", self.sho("prepare", "", ok=(2,)))
        self.validated()
        self.order()
        self.assertIn("meter-0001: 001010000000078, version 1", self.provide())
        self.assertIn("a device has this subscription already", self.sho("import", "list.toml", ok=(1,)))
        self.assertIn("2 subscribers in hss.toml", self.sho("export", "-o", "hss.toml"))
        self.tool([self.binary, "gba", "hss", "import", "hss.toml", "--database", "hss.db"])
        for name in ("hss.toml", "sho.db", "dpf.db", "device.tree", "delivery.txt"):
            self.assertEqual(stat.S_IMODE(os.stat(name).st_mode), 0o600, name)

    def test_wrong_files_are_refused_for_what_they_are(self):
        self.validated()
        self.order()
        for name in ("evidence.txt", "validation.txt", "order.txt"):
            content = pathlib.Path(name).read_bytes()
            for cut in (0, 1, len(content) // 2, len(content) - 1):
                pathlib.Path("cut").write_bytes(content[:cut])
                for words in (("pva", "validate", "cut", "--policy", "pva.toml", "--key", "pva.pem", "-o", "x"),
                              ("dpf", "accept", "cut", "--pva", "pva.pub", "--database", "dpf.db"),
                              ("dpf", "store", "cut", "--sho", "sho.pub", "--database", "dpf.db")):
                    self.assertIn("cut: ", self.mcim(*words, ok=(1, 2)))
        self.assertIn("must begin with 'uicclab-mcim order 1', begins with 'uicclab-mcim evidence 1'", self.provide(order="evidence.txt", ok=(2,)))
        for database, words in (("sho.db", ("dpf", "list")), ("dpf.db", ("sho", "list"))):
            self.assertIn("but is another file", self.mcim(*words, "--database", database, ok=(2,)))
        pathlib.Path("noise").write_bytes(b"\x00\xff" * 50)
        self.assertIn("noise: ", self.dpf("take", "noise", ok=(2,)))
        self.assertIn("a device is named by", self.dpf("begin", "../evil", ok=(2,)))

    def test_a_kill_at_any_moment_leaves_each_database_whole(self):
        """A version of a device's objects is used once, whatever is killed when."""
        self.validated()
        self.order()
        seen = set()
        for delay in range(8):
            process = subprocess.Popen([str(self.binary), "mcim", "sho", "provide", "order.txt", "--database", "sho.db", "--key", "sho.pem", "--dpf",
                                        "dpf.pub", "--pva", "pva.pub", "--uncertified", "-o", f"delivery-{delay}.txt"],
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            try:
                process.wait(timeout=0.004 * delay)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            process.communicate()
            file = pathlib.Path(f"delivery-{delay}.txt")
            if file.exists():
                version = re.search(r"^version: (\d+)$", file.read_text(), re.M).group(1)
                self.assertNotIn(version, seen)
                seen.add(version)
        self.provide()
        last = re.search(r"^version: (\d+)$", pathlib.Path("delivery.txt").read_text(), re.M).group(1)
        self.assertNotIn(last, seen)
        self.assertEqual(sqlite3.connect("sho.db").execute("SELECT count(*) FROM subscription WHERE device IS NOT NULL").fetchone(), (1,))


@needs("openssl", "wbxml2xml", "xml2wbxml")
class Others(Story):
    def test_openssl_verifies_statements_and_the_object_s_signature(self):
        self.subscriptions(MILENAGE)
        self.validated()
        self.order()
        self.provide()
        for name, signer in (("evidence.txt", "tre"), ("validation.txt", "pva"), ("order.txt", "dpf"), ("delivery.txt", "sho")):
            covered, signature = pathlib.Path(name).read_text().rsplit("signature: ", 1)
            pathlib.Path("covered").write_text(covered)
            pathlib.Path("signature").write_bytes(bytes.fromhex(signature.strip()))
            self.openssl("dgst", "-sha256", "-verify", f"{signer}.pub", "-signature", "signature", "covered")
        lines = dict(line.split(": ", 1) for line in covered.splitlines()[1:])
        pathlib.Path("covered").write_bytes(bytes.fromhex(lines["object"]))
        pathlib.Path("signature").write_bytes(bytes.fromhex(lines["object-signature"]))
        self.openssl("dgst", "-sha256", "-verify", "sho.pub", "-signature", "signature", "covered")

    def test_libwbxml2_s_tools_read_our_documents_and_we_read_theirs(self):
        self.subscriptions(MILENAGE)
        nonce = self.begin()
        self.report(nonce)
        self.tool([self.binary, "dm", "tnds", "device.tree", "./M2MMobj", "--wbxml", "-o", "ours.wbxml"])
        self.assertIn("<NodeName>CardNonce</NodeName>", self.tool(["wbxml2xml", "-o", "-", "ours.wbxml"]))
        self.tool(["xml2wbxml", "-v", "1.2", "-o", "theirs.wbxml", "m2mmobj.xml"])
        self.assertEqual(self.dpf("take", "theirs.wbxml"), f"{DEVICE}: reported\n")
        for name in ("m2mmobj", "m2msimmobj"):
            pathlib.Path("ddf.xml").write_text(self.mcim("dpf", "ddf", name))
            self.tool(["xml2wbxml", "-v", "1.2", "-o", "ddf.wbxml", "ddf.xml"])
            self.assertIn("<DFProperties>", self.tool(["wbxml2xml", "-o", "-", "ddf.wbxml"]))


@needs("openssl")
class OverTheAir(Story):
    def test_m2msimmobj_comes_in_short_messages_under_a_key_of_gba_push(self):
        """The document's first step: the DM server's message is authenticated by a shared secret, which GBA Push gave both."""
        tool = lambda *words, ok=(0,): self.tool([self.binary, *words], ok=ok)
        pathlib.Path("bsf.toml").write_text('name = "bsf.example"\n[[naf]]\nname = "dm.example.com"\nnaf_ids = ["dm.example.com/FF00000001"]\n'
                                            'longest_lifetime = 3600\ngba_u = "refused"\n')
        tool("gba", "hss", "import", "default", "--database", "hss.db")
        pushed = tool("gba", "naf", "push", "--name", "dm.example.com", "--database", "naf.db", "--policy", "bsf.toml", "--subscribers", "hss.db",
                      "--imsi", "001010000000001")
        tool("gba", "take", pushed.split()[-1], *self.card, "--keys", "naf-keys")
        self.subscriptions(MILENAGE)
        self.certified_card()
        self.validated()
        self.order()
        self.provide()
        self.dpf("store", "delivery.txt", "--sho", "sho.pub")
        self.deliver("--wbxml")
        messages = tool("dm", "sign", "session.xml", "--naf", "naf.db", "--imsi", "001010000000001", "--sms", "+491710000000").split()
        receive = ("--tree", "device.tree", "--keys", "naf-keys", "--naf-id", "dm.example.com", "--require", "NETWORKID_GBA")
        bent = [*messages[:-1], messages[-1][:-4] + "0000"]
        self.assertIn("not authentic", tool("dm", "receive", *bent, *receive, ok=(1,)))
        self.assertIn("NETWORKID_GBA: 5 commands carried out", tool("dm", "receive", *messages, *receive))
        self.assertIn("installed", self.install())
        self.assertIn(MILENAGE["imsi"], tool("fs", "cat", "EF.IMSI", *self.card))


@needs("openssl")
class Batch(Story):
    def test_objects_are_prepared_in_advance_and_bound_when_the_devices_come(self):
        devices = [f"meter-{number:04}" for number in range(1, 4)]
        pathlib.Path("batch.txt").write_text("# a lorry of meters\n" + "\n".join(devices) + "\n")
        self.subscriptions(*({**MILENAGE, "imsi": f"00101000000010{number}"} for number in range(3)))
        nonces = dict(line.split() for line in self.dpf("begin", "--list", "batch.txt").splitlines())
        self.assertEqual(list(nonces), devices)
        for device in devices:
            self.certify("tre.pem", f"/CN={device}", "tre.crt")
            self.card = ("--state", f"{device}.db")
            self.mcim("device", "report", "--device", device, "--nonce", nonces[device], "--tree", f"{device}.tree", *self.card, "--tre-key", "tre.pem",
                      "--tre-certificate", "tre.crt", "--model", "m1", "--measure", "firmware=firmware.bin", "-o", f"{device}.xml")
            self.dpf("take", f"{device}.xml")
            self.dpf("evidence", device, "-o", "evidence.txt")
            self.mcim("pva", "validate", "evidence.txt", "--policy", "pva.toml", "--key", "pva.pem", "-o", "validation.txt")
            self.dpf("accept", "validation.txt", "--pva", "pva.pub")
        self.assertEqual(self.dpf("order", "--key", "dpf.pem", "-o", "orders"), "3 orders\n")
        pathlib.Path("deliveries").mkdir()
        self.sho("provide", *(f"orders/{device}.order" for device in devices), "--key", "sho.pem", "--dpf", "dpf.pub", "--pva", "pva.pub",
                 *self.uncertified, "-o", "deliveries")
        self.dpf("store", *(f"deliveries/{device}.delivery" for device in devices), "--sho", "sho.pub")
        self.assertEqual([line.split()[1] for line in self.dpf("list").splitlines()], ["prepared"] * 3)
        for number, device in enumerate(devices):
            self.dpf("deliver", device, "--sho", "sho.pub", "-o", "session.xml")
            self.tool([self.binary, "dm", "apply", "session.xml", "--tree", f"{device}.tree"])
            other = devices[(number + 1) % 3]
            self.assertIn("6A80", self.install_at(device, f"{other}.db", ok=(1,)))
            self.tool([self.binary, "dm", "apply", "session.xml", "--tree", f"{device}.tree"])
            self.assertIn("installed", self.install_at(device, f"{device}.db"))
            imsi = self.tool([self.binary, "fs", "cat", "EF.IMSI", "--state", f"{device}.db"])
            self.assertIn(f"00101000000010{number}", imsi)

    def install_at(self, device, state, ok=(0,)):
        return self.mcim("device", "install", "--tree", f"{device}.tree", "--state", state, "--sho", "sho.pub", ok=ok)
