# SPDX-License-Identifier: Apache-2.0
"""Certificates of TREs before anything is wrapped (TR 33.812 5.1.3.7.3.3), lists with columns, and the objects opened by Python and OpenSSL."""

import hashlib
import hmac
import subprocess

from lib.case import IntegrationTest, needs

KI = "465B5CE8B199B49FAA5F0A2EE238A6BC"
OPC = "CD63CB71954A9F4E48A5994E37A02BAF"
NONCE = "11" * 16


class Mcim(IntegrationTest):
    def run_program(self, *words, env=None):
        done = subprocess.run([str(self.binary), *map(str, words)], capture_output=True, text=True, timeout=60, env=env)
        return done.returncode, done.stdout, done.stderr

    def good(self, *words):
        code, out, errors = self.run_program(*words)
        self.assertEqual(code, 0, out + errors)
        return out

    def openssl(self, *words, stdin=b""):
        return subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True, timeout=60, check=True, cwd=self.directory).stdout

    def wrap(self, device, *more, name="m1"):
        (self.directory / "list.csv").write_text(f"{name},{device},001010000000001,{KI},{OPC},{NONCE},7\n")
        return self.run_program("mcim", "wrap", self.directory / "list.csv", "--out", self.directory / "out", *more)

    def refused(self, text, device, *more):
        code, out, errors = self.wrap(device, *more, name="refused")
        self.assertEqual(code, 2, out + errors)
        self.assertIn(text, errors)
        self.assertFalse((self.directory / "out" / "refused.mcim").exists())


@needs("openssl")
class Certificates(Mcim):
    def setUp(self):
        super().setUp()
        self.ca = [self.directory / "ca.key", self.directory / "ca.crt"]
        self.good("mcim", "ca", *self.ca)
        self.openssl("x509", "-in", "ca.crt", "-inform", "DER", "-out", "ca.pem")
        self.openssl("pkey", "-in", "ca.key", "-inform", "DER", "-out", "ca-key.pem")

    def certificate(self, name, usage, *algorithm, days=30, ca=True):
        self.openssl("genpkey", *algorithm, "-out", f"{name}.pem")
        (self.directory / "ext.cnf").write_text(f"keyUsage=critical,{usage}\nsubjectKeyIdentifier=hash\n")
        self.openssl("req", "-new", "-key", f"{name}.pem", "-subj", f"/CN={name}", "-out", f"{name}.csr")
        by = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"] if ca else ["-signkey", f"{name}.pem"]
        self.openssl("x509", "-req", "-in", f"{name}.csr", *by, "-days", days, "-extfile", "ext.cnf", "-out", f"{name}.crt")
        return f"{name}.crt"

    def test_each_refusal_in_its_own_words_and_nothing_is_written(self):
        rsa, ec = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        ca = ["--ca", self.ca[1]]
        self.assertEqual(self.wrap(self.certificate("rsa", "keyEncipherment", *rsa), *ca)[0], 0)
        self.assertEqual(self.wrap(self.certificate("ec", "keyAgreement", *ec), *ca)[0], 0)
        self.refused("the certificate expired at", self.certificate("old", "keyEncipherment", *rsa, days=-1), *ca)
        self.refused("no chain of signatures from the certificate to a given CA", self.certificate("stranger", "keyAgreement", *ec, ca=False), *ca)
        self.refused("must include keyEncipherment", self.certificate("signing", "digitalSignature", *rsa), *ca)
        self.refused("must include keyAgreement", self.certificate("signing-ec", "digitalSignature", *ec), *ca)
        weak = self.certificate("weak", "keyEncipherment", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
        self.refused("weak key: RSA with 1024 bits, must have at least 2048", weak, *ca)
        small = self.certificate("small", "keyAgreement", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-224")
        self.refused("weak key: EC with 224 bits, must have at least 256", small, *ca)
        self.openssl("pkey", "-in", "ec.pem", "-pubout", "-out", "bare.pub")
        self.refused("a bare public key; with --ca", "bare.pub", *ca)
        self.openssl("pkey", "-in", "weak.pem", "-pubout", "-out", "weak.pub")
        self.refused("weak key", "weak.pub")
        self.refused("needs a certificate", "bare.pub", "--suite", "cms")
        code, _, errors = self.run_program("mcim", "certify", self.directory / "x.crt", "--ca-key", self.directory / "ec.pem", "--ca", self.directory / "ec.crt")
        self.assertEqual(code, 2)
        self.assertIn("not the certificate of a CA", errors)
        code, _, errors = self.wrap("stranger.crt")
        self.assertEqual(code, 0)
        self.assertIn("nobody vouches", errors)

    def test_one_bad_line_and_no_object_at_all(self):
        device = self.certificate("ec", "keyAgreement", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        self.certificate("old", "keyAgreement", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", days=-1)
        line = f"001010000000001,{KI},{OPC},{NONCE},7\n"
        (self.directory / "list.csv").write_text(f"a,{device},{line}b,old.crt,{line}")
        code, _, errors = self.run_program("mcim", "wrap", self.directory / "list.csv", "--out", self.directory / "out", "--ca", self.ca[1])
        self.assertEqual(code, 2)
        self.assertIn("old.crt: the certificate expired", errors)
        self.assertFalse((self.directory / "out").exists())

    def test_a_card_is_certified_and_gets_its_object_by_cms(self):
        for kind in ("p256", "rsa"):
            profile = self.directory / f"{kind}.toml"
            text = self.good("profile", "show")
            profile.write_text(text.replace('label = "MCIM"\nin_dir = false\n', f'label = "MCIM"\nin_dir = false\nparameters = {{ key_kind = "{kind}" }}\n'))
            self.assertIn("key_kind", profile.read_text())
            card = ["--card", f"sim:{profile}", "--state", self.directory / f"{kind}.card"]
            code, out, errors = self.run_program("mcim", "register", self.directory / "none.der", "--certificate", self.directory / "no.crt", *card)
            self.assertEqual(code, 1)
            self.assertIn("the card has no certificate", errors)
            for identifier in ([], ["--no-key-identifier"]):
                self.assertIn("stored on the card", self.good("mcim", "certify", self.directory / "card.crt", "--ca-key", self.ca[0], "--ca", self.ca[1],
                                                               "--name", "meter-1", *identifier, *card))
                nonce = self.good("mcim", "register", self.directory / "card.der", "--certificate", self.directory / "read.crt", *card).split()[1]
                self.assertEqual((self.directory / "read.crt").read_bytes(), (self.directory / "card.crt").read_bytes())
                self.openssl("verify", "-CAfile", "ca.pem", "-untrusted", "ca.pem", self.pem("read.crt"))
                shown = self.openssl("x509", "-inform", "DER", "-in", "read.crt", "-noout", "-text")
                self.assertEqual(b"Subject Key Identifier" in shown, not identifier)
                (self.directory / "cms.csv").write_text(f"name,device,kind,imsi,nonce,version\nm,read.crt,update,001010000000077,{nonce},{len(identifier) + 1}\n")
                self.good("mcim", "wrap", self.directory / "cms.csv", "--out", self.directory / "out", "--suite", "cms", "--ca", self.ca[1])
                self.assertEqual(self.good("mcim", "install", self.directory / "out" / "m.mcim", *card), "installed\n")
            self.assertIn("001010000000077", self.good("fs", "cat", "EF.IMSI", *card))

    def pem(self, name):
        self.openssl("x509", "-inform", "DER", "-in", name, "-out", f"{name}.pem")
        return f"{name}.pem"


class Lists(Mcim):
    def refuses(self, text, lines):
        (self.directory / "list.csv").write_text(lines)
        code, _, errors = self.run_program("mcim", "wrap", self.directory / "list.csv", "--out", self.directory / "out")
        self.assertEqual(code, 2)
        self.assertIn(text, errors)

    def test_columns_by_name_and_what_no_device_takes(self):
        names = "name,device,kind,algorithm,imsi,ki,opc,nonce,version"
        self.refuses("list.csv:1: the column 'ki' comes twice", f"{names},ki\n")
        self.refuses("list.csv:1: no column 'colour'", f"{names},colour\n")
        self.refuses("list.csv:2: the first line names 9 columns, this one has 2", f"{names}\na,b\n")
        self.refuses("list.csv:2: 'nonce' is missing", f"{names}\na,b,mcim,tuak,001010000000001,{KI},{OPC * 2},,1\n")
        row = f"{NONCE},1\n"
        self.refuses("Milenage (TS 35.206) needs a Ki of 16 bytes, this one has 32", f"{names}\na,b,mcim,milenage,001010000000001,{KI * 2},{OPC},{row}")
        self.refuses("TUAK (TS 35.231) needs an OPc or TOPc of 32 bytes, found 16 bytes", f"{names}\na,b,mcim,tuak,001010000000001,{KI},{OPC},{row}")
        self.refuses("XOR (TS 34.108) needs no OPc, found 16 bytes", f"{names}\na,b,mcim,xor,001010000000001,{KI},{OPC},{row}")
        self.refuses("an algorithm must not have: IMSI", f"{names}\na,b,algorithm,xor,001010000000001,,,{row}")
        self.refuses("an update that changes nothing", f"{names}\na,b,update,,,,,{row}")
        self.refuses("kind is one of mcim, algorithm, update, token, not 'all'", f"{names}\na,b,all,,,,,{row}")
        self.refuses("not-after is over", f"name,device,kind,imsi,nonce,version,not-after\na,b,update,001010000000001,{NONCE},1,2020-01-31\n")
        line = f"b,001010000000001,{KI},{OPC},{NONCE},1\n"
        self.refuses("list.csv:2: the name 'a' is that of", f"a,{line}a,{line}")

    def test_python_opens_the_modern_one_for_p256(self):
        try:
            from cryptography.hazmat.primitives import hashes, serialization
            from cryptography.hazmat.primitives.asymmetric import ec
            from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
            from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
        except ImportError:
            self.skipTest("no python3-cryptography")
        key = ec.generate_private_key(ec.SECP256R1())
        (self.directory / "tre.pub").write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        for suite, label, pik_size, digest in (("p256", b"uicclab-mcim", 32, hashlib.sha256), ("literal", b"", 20, hashlib.sha1)):
            code, out, errors = self.wrap("tre.pub", "--suite", suite)
            self.assertEqual(code, 0, out + errors)
            blob = (self.directory / "out" / "m1.mcim").read_bytes()
            header = 0 if suite == "literal" else 12
            point = blob[header:header + 33]
            z = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))
            keys = X963KDF(hashes.SHA256(), pik_size + 16, label + point).derive(z)
            body = blob[header + 33:-pik_size]
            covered = body if suite == "literal" else blob[:-pik_size]
            self.assertEqual(hmac.new(keys[:pik_size], covered, digest).digest(), blob[-pik_size:])
            iv, cipher = (bytes(16), body) if suite == "literal" else (body[:16], body[16:])
            data = Cipher(algorithms.AES(keys[pik_size:]), modes.CBC(iv)).decryptor()
            self.check_data(data.update(cipher) + data.finalize())

    @needs("openssl")
    def test_openssl_opens_the_literal_form_for_rsa(self):
        self.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "tre.pem")
        self.openssl("pkey", "-in", "tre.pem", "-pubout", "-out", "tre.pub")
        self.assertEqual(self.wrap("tre.pub", "--suite", "literal")[0], 0)
        path = self.directory / "out" / "m1.mcim"
        blob = path.read_bytes()
        keys = self.openssl("pkeyutl", "-decrypt", "-inkey", "tre.pem", "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", stdin=blob[:256])
        self.assertEqual(len(keys), 36)
        self.assertEqual(hmac.new(keys[:20], blob[256:-20], hashlib.sha1).digest(), blob[-20:])
        self.check_data(self.openssl("enc", "-d", "-aes-128-cbc", "-nopad", "-K", keys[20:].hex(), "-iv", "00" * 16, stdin=blob[256:-20]))
        # One in 256 begins as an XML document does.
        self.assertIn(self.run_program("mcim", "inspect", path, "--key", self.directory / "tre.pem")[0], (1, 2))
        out = self.good("mcim", "inspect", path, "--literal", "--key", self.directory / "tre.pem")
        self.assertIn("MCIM, version 7", out)

    def check_data(self, data):
        length = int.from_bytes(data[1:5], "big")
        self.assertEqual(data[0], 1)
        self.assertIn(bytes.fromhex(KI), data[5:5 + length])
        self.assertEqual(data[5 + length:7 + length], b"\0\x07")
        self.assertEqual(data[7 + length:].strip(b"\0"), b"")


@needs("openssl")
class Delivery(Mcim):
    def setUp(self):
        super().setUp()
        self.card = ["--card", "sim", "--state", self.directory / "m.card"]

    def test_over_the_air_by_remote_application_management(self):
        nonce = self.good("mcim", "register", self.directory / "card.der", *self.card).split()[1]
        (self.directory / "l.csv").write_text(f"m,card.der,001010000000077,{KI},{OPC},{nonce},1\n")
        self.good("mcim", "wrap", self.directory / "l.csv", "--out", self.directory)
        script = self.directory / "commands.txt"
        script.write_text(self.good("mcim", "commands", self.directory / "m.mcim"))
        self.assertEqual(len(script.read_text().split()), 2)
        send = ["ota", "send", "--tar", "isd", "--counters", self.directory / "counters", "--script", script, *self.card]
        self.assertIn("executed 2", self.good(*send))
        self.assertIn("001010000000077", self.good("fs", "cat", "EF.IMSI", *self.card))
        code, out, _ = self.run_program(*send)  # the same object in another packet
        self.assertNotEqual(code, 0)
        self.assertIn("6A80", out)

    def test_over_the_air_to_its_own_tar(self):
        profile = self.directory / "card.toml"
        profile.write_text(self.good("profile", "show").replace(
            'label = "MCIM"\nin_dir = false\n', 'label = "MCIM"\nin_dir = false\nparameters = { tars = "B20301", minimum_security = "12", key_kind = "rsa" }\n'))
        card = ["--card", f"sim:{profile}", "--state", self.directory / "tar.card"]
        nonce = self.good("mcim", "register", self.directory / "card.der", *card).split()[1]
        (self.directory / "l.csv").write_text(f"m,card.der,001010000000077,{KI},{OPC},{nonce},1\n")
        self.good("mcim", "wrap", self.directory / "l.csv", "--out", self.directory, "--suite", "seed")
        script = self.directory / "commands.txt"
        script.write_text(self.good("mcim", "commands", self.directory / "m.mcim", "--selected"))
        self.assertEqual(len(script.read_text().split()), 2)  # 392 bytes
        send = ["ota", "send", "--tar", "B20301", "--counters", self.directory / "counters", "--script", script, *card]
        self.assertIn("executed 2", self.good(*send))
        self.assertIn("001010000000077", self.good("fs", "cat", "EF.IMSI", *card))
        code, out, _ = self.run_program(*send, "--security", "none")  # less than the minimum
        self.assertNotEqual(code, 0)
        self.assertNotIn("executed", out)

    def test_what_openssl_cms_makes_is_opened_by_the_card(self):
        nonce = self.good("mcim", "register", self.directory / "card.der", *self.card).split()[1]
        ca = [self.directory / "ca.key", self.directory / "ca.crt"]
        self.good("mcim", "ca", *ca)
        self.good("mcim", "certify", self.directory / "card.crt", "--ca-key", ca[0], "--ca", ca[1], *self.card)
        self.openssl("x509", "-inform", "DER", "-in", "card.crt", "-out", "card.pem")
        fields = [(1, bytes.fromhex(nonce)), (2, b"001010000000077"), (3, bytes.fromhex(KI)), (4, b"\1"), (5, bytes.fromhex(OPC))]
        payload = b"".join(bytes([tag]) + len(value).to_bytes(2, "big") + value for tag, value in fields)
        data = b"\1" + len(payload).to_bytes(4, "big") + payload + b"\0\1"
        data += bytes(-len(data) % 16)
        cms = self.openssl("cms", "-encrypt", "-binary", "-aes-128-gcm", "-outform", "DER", "card.pem", stdin=data)
        (self.directory / "m.mcim").write_bytes(b"MCIM\1\3\0\0" + len(cms).to_bytes(4, "big") + cms)
        self.assertEqual(self.good("mcim", "install", self.directory / "m.mcim", *self.card), "installed\n")
        self.assertIn("001010000000077", self.good("fs", "cat", "EF.IMSI", *self.card))


@needs("openssl", "xmlsec1")
class Xml(Mcim):
    """Debian's xmlsec1 is the other end."""

    def setUp(self):
        super().setUp()
        self.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "tre.pem")
        self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "sender.pem")
        for name in ("tre", "sender"):
            self.openssl("pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub")
        code, out, errors = self.wrap("tre.pub", "--suite", "xml", "--sign", self.directory / "sender.pem")
        self.assertEqual(code, 0, out + errors)
        self.document = self.directory / "out" / "m1.xml"

    def xmlsec(self, *words):
        return subprocess.run(["xmlsec1", *map(str, words)], capture_output=True, timeout=60, check=True, cwd=self.directory).stdout

    def inspect(self, document):
        return self.run_program("mcim", "inspect", document, "--key", self.directory / "tre.pem", "--sender", self.directory / "sender.pub")

    def test_xmlsec_verifies_and_opens_ours(self):
        self.xmlsec("--verify", "--pubkey-pem", "sender.pub", self.document)
        data = self.xmlsec("--decrypt", "--privkey-pem", "tre.pem", self.document)
        self.assertIn(bytes.fromhex(KI), data)
        self.assertIn(b"001010000000001", data)
        code, out, _ = self.inspect(self.document)
        self.assertEqual(code, 0, out)
        self.assertIn("signature good\nMCIM, version 7", out)
        self.assertNotIn(KI, out.upper())
        text = self.document.read_text()
        self.document.write_text(text.replace("<CipherValue>", "<CipherValue>AA", 1))
        code, out, _ = self.inspect(self.document)
        self.assertEqual(code, 1)
        self.assertIn("not this sender's", out)

    def test_we_open_what_xmlsec_makes(self):
        import re
        data = self.xmlsec("--decrypt", "--privkey-pem", "tre.pem", self.document)
        (self.directory / "data.bin").write_bytes(data)
        blank = re.sub(r"<(CipherValue|DigestValue|SignatureValue)>[^<]*</", r"<\1></", self.document.read_text())
        (self.directory / "template.xml").write_text(blank)
        self.xmlsec("--encrypt", "--pubkey-pem", "tre.pub", "--session-key", "aes-128", "--binary-data", "data.bin", "--output", "encrypted.xml", "template.xml")
        self.xmlsec("--sign", "--privkey-pem", "sender.pem", "--output", "signed.xml", "encrypted.xml")
        code, out, _ = self.inspect(self.directory / "signed.xml")
        self.assertEqual(code, 0, out)
        self.assertIn("MCIM, version 7", out)
        code, out, _ = self.inspect(self.directory / "encrypted.xml")  # unsigned
        self.assertEqual(code, 1)

    def test_what_cannot_be_is_said(self):
        code, _, errors = self.wrap("tre.pub", "--suite", "xml")
        self.assertEqual(code, 2)
        self.assertIn("needs --sign", errors)
        code, _, errors = self.wrap("sender.pub", "--suite", "xml", "--sign", self.directory / "sender.pem")
        self.assertEqual(code, 2)
        self.assertIn("in XML a device's key is RSA", errors)
        code, _, errors = self.run_program("mcim", "inspect", self.document)
        self.assertEqual(code, 2)
        self.assertIn("--key and --sender", errors)
