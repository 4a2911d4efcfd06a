# SPDX-License-Identifier: Apache-2.0
"""OMA DM MACs and MCIM objects, opened and checked by another implementation: Python's hmac and OpenSSL's own program."""

import hashlib
import hmac
import json
import subprocess

from lib.case import IntegrationTest, needs

KI = "465B5CE8B199B49FAA5F0A2EE238A6BC"
OPC = "CD63CB71954A9F4E48A5994E37A02BAF"
DOCUMENT = bytes.fromhex("030b6a054e41503100c54601c6570101")
IMSI_KEY = bytes.fromhex("0910101032547698")
KS_NAF = bytes.fromhex("bf30d6e985771daa00290835328460385ca3f04d36fdd5f3f65d1b6a7f87f956")


class ProvisioningObjects(IntegrationTest):
    def run_program(self, *words):
        done = subprocess.run([str(self.binary), *map(str, words)], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def openssl(self, *words, stdin=b""):
        return subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True, timeout=60, check=True).stdout

    # --- dm ---

    def test_dm_signs_as_python_does(self):
        document = self.directory / "doc.wbxml"
        document.write_bytes(DOCUMENT)
        key_file = self.directory / "ks.hex"
        key_file.write_text(KS_NAF.hex() + "\n")
        secret = ["--imsi", "001010123456789", "--pin", "1234", "--ks-naf", key_file]
        for sec, key in (("NETWORKID", IMSI_KEY), ("USERPIN", b"1234"), ("USERPIN_NETWORKID", b"1234:" + IMSI_KEY), ("NETWORKID_GBA", KS_NAF),
                         ("USERPIN_NETWORKID_GBA", b"1234:" + KS_NAF), ("NETWPIN", IMSI_KEY), ("USERNETWPIN", IMSI_KEY + b"1234")):
            mac = hmac.new(key, DOCUMENT, hashlib.sha1).hexdigest().upper()
            code, out, errors = self.run_program("dm", "sign", document, "--sec", sec, *secret)
            self.assertEqual(code, 0, errors)
            self.assertIn(f"; SEC={sec}; MAC={mac}\n", out)
            self.assertEqual("not secrets" in errors, sec in ("NETWORKID", "NETWPIN"))
            for wsp in ([], ["--wsp"]):
                typed = self.run_program("dm", "sign", document, "--sec", sec, *wsp, *secret)[1].strip()
                self.assertEqual(self.run_program("dm", "verify", document, "--content-type", typed, *secret)[:2], (0, "good\n"))
        document.write_bytes(DOCUMENT + b"\0")
        self.assertEqual(self.run_program("dm", "verify", document, "--content-type", typed, *secret)[:2], (1, "not authentic\n"))

    def test_dm_makes_the_second_half_of_a_pin(self):
        document = self.directory / "doc.wbxml"
        document.write_bytes(DOCUMENT)
        code, out, _ = self.run_program("dm", "sign", document, "--sec", "USERPINMAC", "--pin", "12345")
        self.assertEqual(code, 0)
        half = "".join(str(b % 10) for b in hmac.new(b"12345", DOCUMENT, hashlib.sha1).digest()[:5])
        self.assertIn(f"PIN: 12345{half}\n", out)
        typed = out.splitlines()[1]
        self.assertEqual(self.run_program("dm", "verify", document, "--pin", "12345" + half, "--content-type", typed)[0], 0)
        self.assertEqual(self.run_program("dm", "verify", document, "--pin", "12346" + half, "--content-type", typed)[0], 1)

    def test_dm_says_what_is_missing(self):
        document = self.directory / "doc.wbxml"
        document.write_bytes(DOCUMENT)
        for words, text in ((["--sec", "USERPIN"], "no PIN"), (["--sec", "FANCY"], "not known"), ([], "no Ks_NAF")):
            code, _, errors = self.run_program("dm", "sign", document, *words)
            self.assertEqual(code, 2)
            self.assertIn(text, errors)
        self.assertEqual(self.run_program("dm", "sign", self.directory / "absent", "--sec", "USERPIN", "--pin", "1")[0], 3)

    # --- mcim ---

    def wrap(self, suite, device, *more):
        (self.directory / "list.csv").write_text(f"# name,device,imsi,ki,opc,nonce,version,target\nm1,{device},001010000000001,{KI},{OPC},{'11' * 16},7,meter-1\n")
        code, out, errors = self.run_program("mcim", "wrap", self.directory / "list.csv", "--out", self.directory / "out", "--suite", suite, *more)
        self.assertEqual(code, 0, errors)
        return self.directory / "out" / "m1.mcim"

    def check_data(self, data):
        self.assertEqual(data[0], 1)
        length = int.from_bytes(data[1:5], "big")
        payload = data[5:5 + length]
        self.assertIn(bytes.fromhex(KI), payload)
        self.assertIn(b"001010000000001", payload)
        self.assertEqual(data[5 + length:7 + length], b"\0\x07")
        self.assertEqual(data[7 + length:].strip(b"\0"), b"")

    @needs("openssl")
    def test_openssl_opens_the_seed_profile_and_the_modern_one(self):
        self.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.directory / "tre.pem")
        self.openssl("pkey", "-in", self.directory / "tre.pem", "-pubout", "-out", self.directory / "tre.pub")
        for suite, pik_size, digest in (("seed", 20, hashlib.sha1), ("rsa", 32, hashlib.sha256)):
            path = self.wrap(suite, "tre.pub")
            blob = path.read_bytes()
            self.assertEqual(blob[:5], b"MCIM\1")
            keys = self.openssl("pkeyutl", "-decrypt", "-inkey", self.directory / "tre.pem", "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt",
                                "rsa_oaep_md:sha256", "-pkeyopt", "rsa_oaep_label:" + b"uicclab-mcim".hex(), stdin=blob[12:12 + 256])
            self.assertEqual(len(keys), pik_size + 16)
            mac = hmac.new(keys[:pik_size], blob[:-pik_size], digest).digest()
            self.assertEqual(mac, blob[-pik_size:])
            body = blob[12 + 256:-pik_size]
            self.check_data(self.openssl("enc", "-d", "-aes-128-cbc", "-nopad", "-K", keys[pik_size:].hex(), "-iv", body[:16].hex(), stdin=body[16:]))
            code, out, _ = self.run_program("mcim", "inspect", path, "--key", self.directory / "tre.pem")
            self.assertEqual(code, 0)
            self.assertIn("for meter-1", out)
            self.assertNotIn(KI, out.upper())

    @needs("openssl")
    def test_openssl_opens_cms_and_checks_the_signature(self):
        for name, algorithm in (("tre", ["RSA"]), ("ec", ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]), ("sender", ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"])):
            self.openssl("genpkey", "-algorithm", *algorithm, "-out", self.directory / f"{name}.pem")
            self.openssl("pkey", "-in", self.directory / f"{name}.pem", "-pubout", "-out", self.directory / f"{name}.pub")
        for name in ("tre", "ec"):
            self.openssl("req", "-new", "-x509", "-key", self.directory / f"{name}.pem", "-subj", "/CN=tre", "-out", self.directory / "tre.crt")
            path = self.wrap("cms", "tre.crt", "--sign", self.directory / "sender.pem")
            self.check_data(self.openssl("cms", "-decrypt", "-inform", "DER", "-binary", "-inkey", self.directory / f"{name}.pem",
                                         stdin=path.read_bytes()[12:]))
            out = self.openssl("dgst", "-sha256", "-verify", self.directory / "sender.pub", "-signature", f"{path}.sig", path)
            self.assertIn(b"Verified OK", out)
            self.assertEqual(self.run_program("mcim", "inspect", path, "--key", self.directory / f"{name}.pem", "--sender", self.directory / "sender.pub")[0], 0)
        code, out, _ = self.run_program("mcim", "inspect", path, "--sender", self.directory / "tre.pub")
        self.assertEqual(code, 1)
        self.assertIn("not this sender's", out)

    @needs("openssl")
    def test_a_changed_object_and_a_wrong_key_get_one_answer(self):
        for name in ("a", "b"):
            self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.directory / f"{name}.pem")
            self.openssl("pkey", "-in", self.directory / f"{name}.pem", "-pubout", "-out", self.directory / f"{name}.pub")
        path = self.wrap("auto", "a.pub")
        answers = {self.run_program("mcim", "inspect", path, "--key", self.directory / "b.pem")}
        good = path.read_bytes()
        for place in (20, 60, len(good) - 1):
            path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1:])
            answers.add(self.run_program("mcim", "inspect", path, "--key", self.directory / "a.pem"))
        self.assertEqual(len(answers), 1)
        code, out, _ = answers.pop()
        self.assertEqual(code, 1)
        self.assertTrue(out.endswith("MCIM object refused\n"))

    def test_a_list_with_an_error_names_its_line(self):
        for line, text in (("m1,x", "a line is"), (f"m1,x,12a456,{KI},,{'11' * 16},1", "IMSI"), (f"m1,x,001010000000001,00,,{'11' * 16},1", "16 or 32"),
                           (f"m1,x,001010000000001,{KI},,11,1", "nonce"), (f"m1,x,001010000000001,{KI},,{'11' * 16},0", "version"),
                           (f"../m1,x,001010000000001,{KI},,{'11' * 16},1", "name of a file")):
            (self.directory / "bad.csv").write_text("\n" + line + "\n")
            code, _, errors = self.run_program("mcim", "wrap", self.directory / "bad.csv")
            self.assertEqual(code, 2)
            self.assertIn("bad.csv:2: ", errors)
            self.assertIn(text, errors)

    # --- lwm2m ---

    def test_lwm2m_shows_and_checks_a_file(self):
        path = self.directory / "boot.hex"
        path.write_text("000100360000000031 08002E C80025" + b"coap://leshan.eclipseprojects.io:5783".hex() + "C10101C10203 FFFF")
        code, out, _ = self.run_program("lwm2m", "show", path)
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(out)["objects"][0]["instances"][0]["server_uri"], "coap://leshan.eclipseprojects.io:5783")
        self.assertIn("bootstrap_server = true\n", self.run_program("lwm2m", "show", path, "--format", "toml")[1])
        self.assertEqual(self.run_program("lwm2m", "check", path)[:2], (0, "nothing that a device would refuse\n"))
        path.write_text(path.read_text().replace("C10203", "C10209"))
        code, out, _ = self.run_program("lwm2m", "check", path)
        self.assertEqual(code, 1)
        self.assertIn("/0/0/2: unknown security mode 9", out)
        path.write_text("0001")
        self.assertEqual(self.run_program("lwm2m", "check", path)[0], 1)

    def test_lwm2m_simulation_is_the_same_for_the_same_seed(self):
        first = self.run_program("lwm2m", "simulate", "--seed", "5")
        self.assertEqual(first, self.run_program("lwm2m", "simulate", "--seed", "5"))
        self.assertEqual(first[0], 0)
        self.assertIn("accepted under stale keys: 0, counters reused: 0, devices left without keys: 0", first[1])
