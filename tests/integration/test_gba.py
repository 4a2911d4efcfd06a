# SPDX-License-Identifier: Apache-2.0
"""GBA Push with three processes for HSS, BSF and NAF, a card, and a DM bootstrap under its key. Python computes every key and MAC once more,
libwbxml2's tools read our documents, tshark our short messages."""

import hashlib
import hmac
import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import urllib.error
import urllib.request

from lib.case import IntegrationTest, needs
from lib.milenage import Milenage, kdf, naf_keys, xor
from lib.processes import wait_for
from lib.smpp_client import BIND_TRANSMITTER, SUBMIT, Esme, submit_body

K, OPC = bytes.fromhex("465B5CE8B199B49FAA5F0A2EE238A6BC"), bytes.fromhex("CD63CB71954A9F4E48A5994E37A02BAF")
IMSI, IMPI = "001010000000001", "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
NAF_ID = b"dm.example.com" + bytes.fromhex("FF00000001")
POLICY = """name = "bsf.example"
[[naf]]
name = "dm.example.com"
token = "dm.token"
naf_ids = ["dm.example.com/FF00000001"]
longest_lifetime = 86400
gba_u = "{gba_u}"
[[naf]]
name = "evil.example"
token = "evil.token"
naf_ids = ["evil.example/FF00000001"]
longest_lifetime = 60
"""
BOOTSTRAP = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE SyncML PUBLIC "-//SYNCML//DTD SyncML 1.2//EN" "http://www.openmobilealliance.org/tech/DTD/OMA-TS-SyncML_RepPro_DTD-V1_2.dtd">
<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>0</SessionID><MsgID>0</MsgID>
<Target><LocURI>IMEI:490154203237518</LocURI></Target><Source><LocURI>https://dm.example.com/dm</LocURI></Source></SyncHdr><SyncBody>
<Add><CmdID>1</CmdID><Item><Target><LocURI>./DMAcc/operator</LocURI></Target><Meta><Format xmlns="syncml:metinf">node</Format></Meta></Item></Add>
<Add><CmdID>2</CmdID><Item><Target><LocURI>./DMAcc/operator/AppID</LocURI></Target><Meta><Format xmlns="syncml:metinf">chr</Format></Meta><Data>w7</Data></Item></Add>
<Add><CmdID>3</CmdID><Item><Target><LocURI>./DMAcc/operator/AppAuth/1/AAuthSecret</LocURI></Target><Meta><Format xmlns="syncml:metinf">chr</Format></Meta><Data>geheim</Data></Item></Add>
<Final/></SyncBody></SyncML>
"""


def fields_of(gpi):
    """Tag and value of each field, and what the MAC covers."""
    assert gpi[:4] == b"GPI\x01"
    out, at = {}, 4
    while at < len(gpi):
        out[gpi[at]] = gpi[at + 2:at + 2 + gpi[at + 1]]
        at += 2 + gpi[at + 1]
    return out, gpi[:-18]


class Gba(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.at = lambda name: self.directory / name
        self.cwd = os.getcwd()
        os.chdir(self.directory)  # tokens are named by the policy
        self.addCleanup(os.chdir, self.cwd)
        self.gba("hss", "import", "default", "--database", "hss.db", "--imei", "490154203237518")
        self.at("bsf.toml").write_text(POLICY.format(gba_u="allowed"))
        self.own = ("--name", "dm.example.com", "--database", "naf.db", "--policy", "bsf.toml", "--subscribers", "hss.db")
        self.card = ("--state", self.at("card.db"))
        self.keys = ("--keys", "naf-keys")

    def gba(self, *words, ok=(0,)):
        return self.tool([self.binary, "gba", *words], ok=ok)

    def dm(self, *words, ok=(0,)):
        return self.tool([self.binary, "dm", *words], ok=ok)

    def push(self, *more, who=("--imsi", IMSI), where=None):
        return json.loads(self.gba("naf", "push", "--json", *(where or self.own), *who, *more))

    def check(self, push, ks_file=None):
        """All that Python can compute of a push; returns Ks_(ext_)NAF and Ks_int_NAF."""
        fields, covered = fields_of(bytes.fromhex(push["gpi"]))
        rand, autn = fields[2], fields[3]
        milenage = Milenage(K, OPC)
        _, ck, ik, ak = milenage.keys(rand)
        sqn = xor(autn[:6], ak)
        mac = milenage.mac(rand, sqn, autn[6:8])
        if push["mode"] == "GBA_U":
            mac = xor(mac, hashlib.sha1(ik).digest()[:8])
        self.assertEqual(autn[8:], mac)
        external, internal = naf_keys(ck, ik, rand, IMPI, NAF_ID)
        self.assertEqual(fields[6], NAF_ID)
        self.assertEqual(fields[8], hmac.new(kdf(external, b"gpi-mac"), covered, hashlib.sha256).digest()[:16])
        self.sqn = int.from_bytes(sqn, "big")
        return external, internal

    def key_of(self, *more):
        self.gba("naf", "key", "-o", "key.hex", *more)
        self.assertEqual(stat.S_IMODE(os.stat("key.hex").st_mode), 0o600)
        return bytes.fromhex(self.at("key.hex").read_text().strip())

    def start_role(self, name, *words):
        process = self.start([self.binary, "gba", name, "serve", "--http", "0", *words])
        found = wait_for(lambda: re.search(r"HTTP    http://127.0.0.1:(\d+)\n.*Stop", process.output(), re.S), name, process=process)
        return process, f"127.0.0.1:{found.group(1)}"


class Roles(Gba):
    def serve(self, naf_token="file:dm.token", name="dm.example.com"):
        self.hss, hss = self.start_role("hss", "--database", "hss.db", "--token", "zh.token")
        self.bsf, bsf = self.start_role("bsf", "--policy", "bsf.toml", "--hss", hss, "--hss-token", "file:zh.token")
        self.naf, naf = self.start_role("naf", "--name", name, "--database", "naf.db", "--bsf", bsf, "--bsf-token", naf_token,
                                        "--token", "app.token")
        self.hss_at, self.bsf_at, self.naf_at = hss, bsf, naf
        return ("--at", naf, "--at-token", "file:app.token", "--naf-id", "dm.example.com")

    def test_each_step_with_three_processes(self):
        """Appendix D of the DM security document: request, policy, vector, association, GPI, keys at both ends."""
        where = self.serve()
        for mode in ("me", "uicc"):
            for who in (("--imsi", IMSI), ("--msisdn", "+491710000001"), ("--imei", "490154203237518")):
                push = self.push("--mode", mode, who=who, where=where)
                external, internal = self.check(push)
                told = self.gba("take", push["gpi"], *self.card, *self.keys, "--naf", "dm.example.com")
                self.assertIn("Ks_NAF for dm" if mode == "me" else "Ks_ext_NAF for dm", told)
                naf = ("--naf", self.naf_at, "--naf-token", "file:app.token")
                self.assertEqual(self.key_of(*who, *naf), external)
                self.assertEqual(self.key_of(push["sa"], *naf), external)
                if mode == "uicc":
                    self.assertEqual(self.key_of(push["sa"], "--uicc", *naf), internal)
        for name in ("hss.db", "naf.db", "zh.token", "app.token", "dm.token", "naf-keys"):
            self.assertEqual(stat.S_IMODE(os.stat(name).st_mode), 0o600, name)
        self.assertNotIn(external, self.at("naf-keys").read_bytes())

    def test_refusals_by_the_right_role(self):
        where = self.serve()
        say = lambda *more, who=("--imsi", IMSI), at=where, ok=(1,): self.gba("naf", "push", *at, *who, *more, ok=ok)
        self.assertIn("HSS: DIAMETER_ERROR_IMPI_UNKNOWN (5401)", say(who=("--imsi", "001019999999999")))
        self.assertIn("NAF: DIAMETER_ERROR_NOT_AUTHORIZED (5402)", say(at=("--at", self.naf_at, "--naf-id", "dm.example.com")))
        self.assertIn("BSF: DIAMETER_ERROR_NOT_AUTHORIZED (5402): dm.example.com may not use the NAF_Id other.example/FF00000001",
                      say(at=(*where[:4], "--naf-id", "other.example")))
        self.assertIn("HSS: DIAMETER_ERROR_NOT_AUTHORIZED (5402): the AUTS", say("--resync", "11" * 16 + ":" + "22" * 14))
        self.assertIn("BSF: DIAMETER_INVALID_AVP_VALUE (5004): Requested-Key-Lifetime", say("--lifetime", "0"))
        self.hss.stop()
        self.assertIn("BSF: DIAMETER_UNABLE_TO_COMPLY (5012): the HSS at", say())
        self.bsf.stop()
        self.assertIn("NAF: DIAMETER_UNABLE_TO_COMPLY (5012): the BSF at", say())
        self.naf.stop()
        self.assertIn("NAF: DIAMETER_UNABLE_TO_COMPLY (5012): the NAF at", say())

    def test_a_naf_with_another_one_s_token_gets_its_keys_nowhere(self):
        where = self.serve(naf_token="file:evil.token")
        self.assertIn("BSF: DIAMETER_ERROR_NOT_AUTHORIZED (5402): evil.example may not use the NAF_Id dm.example.com/FF00000001",
                      self.gba("naf", "push", *where, "--imsi", IMSI, ok=(1,)))

    def test_interfaces_take_no_token_but_their_own_and_no_page(self):
        self.serve()
        token = self.at("zh.token").read_text().strip()
        body = json.dumps({"ueIdType": "IMSI", "ueId": IMSI}).encode()
        for headers, code in (({}, 403), ({"Authorization": "Bearer " + "0" * 64}, 403), ({"Authorization": f"Bearer {token}", "Origin": "http://evil"}, 403)):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(f"http://{self.hss_at}/zh", body, headers), timeout=30)
            self.assertEqual(refused.exception.code, code)
            self.assertNotIn(b'"ck"', refused.exception.read())
        good = json.loads(urllib.request.urlopen(urllib.request.Request(f"http://{self.hss_at}/zh", body, {"Authorization": f"Bearer {token}"}), timeout=30).read())
        self.assertEqual(sorted(good), ["autn", "ck", "ik", "impi", "rand", "uiccType"])

    def test_no_sequence_number_is_used_twice_when_the_hss_is_killed(self):
        seen = []
        for _ in range(12):
            where = self.serve()
            push = self.push("--mode", "me", where=where)
            self.check(push)
            seen.append(self.sqn)
            os.kill(self.hss.pid, signal.SIGKILL)
            for process in (self.hss, self.bsf, self.naf):
                process.stop()
        self.assertEqual(seen, sorted(set(seen)))


class OneProcess(Gba):
    def test_policy_decides_where_keys_are_made(self):
        self.assertEqual(self.push()["mode"], "GBA_U")
        self.at("bsf.toml").write_text(POLICY.format(gba_u="refused"))
        self.assertEqual(self.push()["mode"], "GBA_ME")
        self.assertIn("BSF: DIAMETER_ERROR_NOT_AUTHORIZED (5402): GBA_U is not allowed to dm.example.com",
                      self.gba("naf", "push", *self.own, "--imsi", IMSI, "--mode", "uicc", ok=(1,)))
        self.at("bsf.toml").write_text(POLICY.format(gba_u="required"))
        self.assertIn("GBA_U is required", self.gba("naf", "push", *self.own, "--imsi", IMSI, "--mode", "me", ok=(1,)))
        self.at("bsf.toml").write_text(POLICY.format(gba_u="perhaps"))
        self.assertIn("bsf.toml:2: gba_u must be refused, allowed or required, is perhaps", self.gba("bsf", "policy", "bsf.toml", ok=(2,)))

    def test_a_lifetime_that_is_over(self):
        push = self.push("--mode", "me", "--lifetime", "1")
        self.gba("take", push["gpi"], *self.card, *self.keys)
        over = lambda: "the lifetime of the NAF security association" in self.gba("naf", "key", push["sa"], "--naf", "naf.db", "-o", "k", ok=(0, 1))
        wait_for(over, "the end of the lifetime")
        self.assertIn("over since", self.gba("naf", "list", "--database", "naf.db"))
        wait_for(lambda: self.gba("keys", *self.keys) == "", "the end of the UE's key")
        self.assertNotIn(self.check(push)[0], self.at("naf.db").read_bytes())

    def test_a_push_is_spent_only_when_everything_was_given(self):
        push = self.push("--mode", "me")
        self.assertIn("which is not the one that is wanted", self.gba("take", push["gpi"], *self.card, *self.keys, "--naf", "other.example", ok=(1,)))
        self.at("wrong.key").write_text("00" * 32)
        self.gba("keys", *self.keys)
        self.assertIn("the storage key is another one", self.gba("take", push["gpi"], *self.card, *self.keys, "--storage-key", "file:wrong.key", ok=(4,)))
        self.gba("take", push["gpi"], *self.card, "--keys", "no/such/folder", ok=(3,))
        self.assertIn("Ks_NAF for dm", self.gba("take", push["gpi"], *self.card, *self.keys))
        told = self.gba("take", push["gpi"], *self.card, *self.keys, ok=(1,))
        auts = told.split("--resync ")[1].strip()
        # A network that has lost its numbers goes on from the card's.
        os.unlink("hss.db")
        self.gba("hss", "import", "default", "--database", "hss.db")
        self.assertIn("--resync", self.gba("take", self.push("--mode", "me")["gpi"], *self.card, *self.keys, ok=(1,)))
        self.assertIn("Ks_NAF for dm", self.gba("take", self.push("--mode", "me", "--resync", auts)["gpi"], *self.card, *self.keys))

    def test_the_card_derives_one_naf_key_of_a_push(self):
        push = self.push("--mode", "uicc")
        self.gba("take", push["gpi"], *self.card, *self.keys)
        first = self.tool([self.binary, "fs", "cat", "EF.GBANL", *self.card, "--raw"], ok=None)
        self.assertIn(NAF_ID.hex().upper(), first.upper().replace(" ", "").replace("\n", ""))
        self.assertNotIn(b"bsf.example".hex().upper(), first.upper().replace(" ", ""))

    def test_subscribers_of_a_list_by_each_algorithm(self):
        self.at("list.toml").write_text("""
[[subscriber]]
imsi = "001010000000002"
k = "465B5CE8B199B49FAA5F0A2EE238A6BC"
opc = "CD63CB71954A9F4E48A5994E37A02BAF"
gba_u = false
[[subscriber]]
imsi = "001010000000003"
algorithm = "tuak"
k = "465B5CE8B199B49FAA5F0A2EE238A6BC"
topc = "465B5CE8B199B49FAA5F0A2EE238A6BC465B5CE8B199B49FAA5F0A2EE238A6BC"
[[subscriber]]
imsi = "001010000000004"
algorithm = "xor"
k = "465B5CE8B199B49FAA5F0A2EE238A6BC"
""")
        self.assertEqual(self.gba("hss", "import", "list.toml", "--database", "hss.db"), "3 subscribers imported\n")
        self.assertEqual(self.push(who=("--imsi", "001010000000002"))["mode"], "GBA_ME")
        for imsi in ("001010000000003", "001010000000004"):
            self.assertEqual(self.push(who=("--imsi", imsi))["mode"], "GBA_U")
        self.assertIn("001010000000002  GBA  SQN 32", self.gba("hss", "list", "--database", "hss.db"))
        self.assertNotIn("465B", self.gba("hss", "list", "--database", "hss.db"))
        self.at("bad.toml").write_text('[[subscriber]]\nimsi = "001010000000005"\nk = "46"\nopc = "00"\n')
        self.assertIn("bad.toml:1: k", self.gba("hss", "import", "bad.toml", "--database", "hss.db", ok=(2,)))

    def test_a_push_in_short_messages(self):
        push = self.push("--mode", "me", "--sms", "+491710000000")
        self.assertIn("parts of the message are missing", self.gba("take", push["messages"][0], *self.card, *self.keys, ok=(2,)))
        self.assertIn("Ks_NAF for dm", self.gba("take", *push["messages"], *self.card, *self.keys))


def pcap_of(tpdus):
    """A capture of SMS TPDUs from the network, link type USER0."""
    out = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000093000000")
    for one in tpdus:
        out += bytes(8) + len(one).to_bytes(4, "little") * 2 + one
    return out


class AtOnce(Gba):
    """What many programs do to one file at once is as if one came after the other."""

    def together(self, commands):
        running = [subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for words in commands]
        for one in running:
            said, _ = one.communicate(timeout=120)
            self.assertEqual(one.returncode, 0, said)

    def test_no_naf_key_is_lost_and_the_storage_key_is_one(self):
        naf_ids = [f"n{number}.example" for number in range(8)]
        listed = ", ".join(f'"{one}/FF00000001"' for one in naf_ids)
        self.at("bsf.toml").write_text(POLICY.format(gba_u="allowed").replace('"dm.example.com/FF00000001"', listed, 1))
        pushes = [self.push("--mode", "me", "--naf-id", one) for one in naf_ids]
        self.together([[self.binary, "gba", "take", push["gpi"], "--state", self.at(f"card-{number}.db"), *self.keys]
                       for number, push in enumerate(pushes)])
        kept = self.gba("keys", *self.keys)
        for one in naf_ids:
            self.assertIn(one, kept)

    def test_no_bootstrap_is_lost(self):
        messages = []
        for number in range(6):
            self.at("boot.xml").write_text(BOOTSTRAP.replace("DMAcc/operator", f"DMAcc/operator{number}"))
            self.dm("wbxml", "boot.xml", "-o", "boot.wbxml")
            messages.append(self.dm("sign", "boot.wbxml", "--sec", "USERPIN", "--pin", "1234", "--sms", "+491710000000").split())
        self.together([[self.binary, "dm", "receive", *one, "--tree", "device.tree", "--pin", "1234"] for one in messages])
        same = self.dm("receive", *messages[0], "--tree", "one.file", "--keys", "one.file", "--naf-id", "dm.example.com", ok=(2,))
        self.assertIn("--tree and --keys must be two files", same)
        shown = self.dm("tree", "device.tree")
        for number in range(6):
            self.assertIn(f"./DMAcc/operator{number}/AppID", shown)


class Bootstrap(Gba):
    def setUp(self):
        super().setUp()
        self.at("boot.xml").write_text(BOOTSTRAP)
        self.dm("wbxml", "boot.xml", "-o", "boot.wbxml")
        self.tree = ("--tree", "device.tree")
        self.device = (*self.keys, "--naf-id", "dm.example.com")

    def take(self, who=("--imsi", IMSI)):
        push = self.push("--mode", "me", who=who)
        self.gba("take", push["gpi"], *self.card, *self.keys, "--naf", "dm.example.com")
        return self.check(push)[0]

    def test_under_a_key_that_was_never_on_a_command_line(self):
        ks_naf = self.take()
        document = self.at("boot.wbxml").read_bytes()
        self.push("--mode", "me", who=("--imei", "490154203237518"))
        ks_naf = self.take(who=("--imei", "490154203237518"))  # found by the IMSI, too
        for sec, pin, key in (("NETWORKID_GBA", (), ks_naf), ("USERPIN_NETWORKID_GBA", ("--pin", "1234"), b"1234:" + ks_naf)):
            signed = self.dm("sign", "boot.wbxml", "--sec", sec, "--naf", "naf.db", "--imsi", IMSI, *pin).strip()
            mac = hmac.new(key, document, hashlib.sha1).hexdigest().upper()
            self.assertEqual(signed, f"Content-Type: application/vnd.syncml.dm+wbxml; SEC={sec}; MAC={mac}")
            self.assertEqual(self.dm("verify", "boot.wbxml", "--content-type", signed, *self.device, *pin, "--require", sec), "good\n")
        self.assertIn("USERPIN_NETWORKID_GBA, NETWORKID_GBA is required",
                      self.dm("verify", "boot.wbxml", "--content-type", signed, *self.device, "--pin", "1234", "--require", "NETWORKID_GBA", ok=(1,)))

    def test_the_imsi_is_the_card_s_and_a_downgrade_is_refused(self):
        signed = self.dm("sign", "boot.wbxml", "--sec", "NETWORKID", "--imsi", IMSI).splitlines()[-1]
        self.assertIn("good\n", self.dm("verify", "boot.wbxml", "--content-type", signed, *self.card))
        self.assertIn("the document is protected with NETWORKID, NETWORKID_GBA is required",
                      self.dm("verify", "boot.wbxml", "--content-type", signed, *self.card, "--require", "NETWORKID_GBA", ok=(1,)))
        weak = self.dm("sign", "boot.wbxml", "--sec", "NETWORKID", "--imsi", IMSI, "--sms", "+491710000000").split("\n")
        weak = [line for line in weak if line and ":" not in line]
        self.assertIn("anyone who knows them can sign too; --require NETWORKID takes it all the same",
                      self.dm("receive", *weak, *self.tree, *self.card, ok=(1,)))
        self.assertFalse(self.at("device.tree").exists())
        self.assertIn("3 commands carried out", self.dm("receive", *weak, *self.tree, *self.card, "--require", "NETWORKID"))
        self.assertIn("not both", self.dm("sign", "boot.wbxml", "--sec", "NETWORKID", "--imsi", IMSI, "--esn", "12345678", ok=(2,)))

    def test_documents_and_types_that_are_none(self):
        good = self.dm("sign", "boot.wbxml", "--sec", "USERPIN", "--pin", "1234").strip()
        self.assertIn("the document is XML", self.dm("sign", "boot.xml", "--sec", "USERPIN", "--pin", "1234", ok=(2,)))
        self.at("empty").write_bytes(b"")
        self.assertIn("the document is empty", self.dm("verify", "empty", "--content-type", good, "--pin", "1234", ok=(2,)))
        self.at("noise").write_bytes(b"\x99" * 40)
        self.assertIn("no WBXML", self.dm("sign", "noise", "--sec", "USERPIN", "--pin", "1234", ok=(2,)))
        mac = good.split("MAC=")[1]
        for mime in ("text/plain", "application/vnd.wap.connectivity-wbxml"):
            self.assertIn("the MIME type must be application/vnd.syncml.dm+wbxml, is " + mime,
                          self.dm("verify", "boot.wbxml", "--content-type", f"{mime}; SEC=USERPIN_NETWORKID; MAC={mac}", "--pin", "1234", ok=(1,)))
        self.assertIn("must not be XML", self.dm("verify", "boot.wbxml", "--content-type", f"application/vnd.syncml.dm+xml; SEC=USERPIN; MAC={mac}",
                                                "--pin", "1234", ok=(2,)))

    def test_by_short_message_into_the_tree(self):
        self.take()
        messages = self.dm("sign", "boot.wbxml", "--naf", "naf.db", "--imsi", IMSI, "--sms", "+491710000000").split()
        self.assertGreater(len(messages), 1)
        changed = [*messages[:-1], messages[-1][:-20] + "00" * 10]
        self.assertIn("not authentic", self.dm("receive", *changed, *self.tree, *self.device, ok=(1,)))
        self.assertFalse(self.at("device.tree").exists())
        told = self.dm("receive", *messages, *self.tree, *self.device, "--require", "NETWORKID_GBA")
        self.assertIn("bootstrap of https://dm.example.com/dm, NETWORKID_GBA: 3 commands carried out, the tree has 6 nodes", told)
        shown = self.dm("tree", "device.tree")
        self.assertIn("./DMAcc/operator/AppID  chr  w7\n", shown)
        self.assertIn("AAuthSecret  chr  (hidden)\n", shown)
        self.assertIn("AAuthSecret  chr  geheim\n", self.dm("tree", "device.tree", "--secrets"))
        self.assertIn("is there already (DM status 418)", self.dm("receive", *messages, *self.tree, *self.device, ok=(1,)))
        self.assertEqual(stat.S_IMODE(os.stat("device.tree").st_mode), 0o600)

    def test_with_the_push_itself_and_auts_on_its_replay(self):
        push = self.push("--mode", "me", "--sms", "+491710000000")
        messages = self.dm("sign", "boot.wbxml", "--naf", "naf.db", "--imsi", IMSI, "--sms", "+491710000000").split()
        taken = [word for one in push["messages"] for word in ("--push", one)]
        words = ("receive", *messages, *self.tree, *taken, "--naf-id", "dm.example.com", *self.card, "--require", "NETWORKID_GBA")
        self.assertIn("3 commands carried out", self.dm(*words))
        os.unlink("device.tree")
        self.assertIn("--resync " + push["rand"] + ":", self.dm(*words, ok=(1,)))

    def test_through_a_message_centre(self):
        """Both pushes go to ota smsc as a platform submits them, and come out at the device."""
        centre = self.start([self.binary, "ota", "smsc", "--port", "0", "--inbox", "inbox"])
        port = int(wait_for(lambda: re.search(r"SMPP    127.0.0.1:(\d+).*Stop", centre.output(), re.S), "smsc", process=centre).group(1))
        platform = Esme(port, BIND_TRANSMITTER)

        def through(messages):
            before = len(self.at("inbox").read_text().split())
            for one in messages:
                # SMS-DELIVER: first octet, TP-OA of 12 digits, PID, DCS, TP-SCTS, TP-UDL, user data.
                platform.send(SUBMIT, submit_body(bytes.fromhex(one)[19:]).replace(b"\x7f\0\0\0", b"\0\0\0\0", 1).replace(b"\0\xf6\0", b"\0\xf5\0", 1))
                self.assertEqual(platform.read()[1], 0)
            return self.at("inbox").read_text().split()[before:]

        push = self.push("--mode", "me", "--sms", "+491710000000")
        self.gba("take", *through(push["messages"]), *self.card, *self.keys)
        messages = self.dm("sign", "boot.wbxml", "--naf", "naf.db", "--imsi", IMSI, "--sms", "+491710000000").split()
        self.assertIn("3 commands carried out", self.dm("receive", *through(messages), *self.tree, *self.device))

    @needs("wbxml2xml", "xml2wbxml")
    def test_libwbxml2_reads_ours_and_we_read_its(self):
        theirs = self.tool(["wbxml2xml", "-o", "-", "boot.wbxml"])
        self.assertIn("<LocURI>./DMAcc/operator/AppID</LocURI>", theirs)
        self.tool(["xml2wbxml", "-v", "1.2", "-o", "theirs.wbxml", "boot.xml"])
        self.assertIn("<LocURI>./DMAcc/operator/AppID</LocURI>", self.dm("xml", "theirs.wbxml"))
        self.dm("xml", "boot.wbxml", "-o", "again.xml")
        self.dm("wbxml", "again.xml", "-o", "again.wbxml")
        self.assertEqual(self.at("again.wbxml").read_bytes(), self.at("boot.wbxml").read_bytes())
        self.at("deep").write_bytes(bytes.fromhex("0300006A00") + b"\x45" * 5000)
        self.assertIn("more than 64 deep", self.dm("xml", "deep", ok=(2,)))
        for cut in range(1, 60):
            self.at("cut").write_bytes(self.at("boot.wbxml").read_bytes()[:cut])
            self.dm("xml", "cut", ok=(0, 2))

    @needs("tshark")
    def test_tshark_takes_the_wap_push_apart(self):
        self.take()
        messages = self.dm("sign", "boot.wbxml", "--naf", "naf.db", "--imsi", IMSI, "--sms", "+491710000000").split()
        self.at("sms.pcap").write_bytes(pcap_of([bytes.fromhex(one) for one in messages]))
        done = subprocess.run(["tshark", "-r", "sms.pcap", "-V", "-o", 'uat:user_dlts:"User 0 (DLT=147)","gsm_sms","0","","0",""'],
                              capture_output=True, text=True, timeout=120, check=True).stdout
        self.assertNotIn("Malformed", done)
        for part in ("(2948)", "Wireless Session Protocol, Method: Push", "application/vnd.syncml.dm+wbxml", "NETWORKID_GBA"):
            self.assertIn(part, done)
