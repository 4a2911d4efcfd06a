# SPDX-License-Identifier: Apache-2.0
"""Our GSMTAP in the eyes of tshark: every sound command is named, nothing is malformed. And traces in ours: they agree with tshark's."""

import collections
import json
import os
import pathlib
import re
import socket
import subprocess
import xml.etree.ElementTree

from lib.case import PYTHON, IntegrationTest, needs
from lib.eap import EapServer
from lib.processes import wait_for

# Commands of all groups, sound as they stand: an authentication, files of every structure, PINs, channels, toolkit.
COMMANDS = [
    "00A40004023F00", "00A40004022F00", "00B2010426", "00A40004022FE2", "00B000000A", "00A4040407A0000000871002",
    "00A40004026F07", "00B0000009", "00A40004026FAD", "00B0000004", "80F2000000", "002000010831323334FFFFFFFF", "0020000100",
    "008800812210" + "23553CBE9637A89D218AE64DAE47BF35" + "10" + "55F328B43577B9B94A9FFAC354DFAFB3",
    "0070000001", "0070800100", "8010000010" + "FF" * 16, "0084000008", "80AA000005A903810100",
]


@needs("tshark")
class Gsmtap(IntegrationTest):
    def shark(self, path, *more):
        return subprocess.run(["tshark", "-r", str(path), *more], capture_output=True, text=True, check=True).stdout

    def test_a_capture_file_is_read_without_a_complaint(self):
        path = self.directory / "trace.pcap"
        self.tool([self.binary, "apdu", "--trace", path, *COMMANDS])
        text = self.shark(path)
        self.assertNotIn("Malformed", self.shark(path, "-V"))
        for name in ("SELECT File MF", "EF.ICCID", "READ BINARY", "READ RECORD", "GET RESPONSE", "VERIFY", "STATUS", "MANAGE CHANNEL",
                     "TERMINAL PROFILE", "RUN GSM ALGORITHM / AUTHENTICATE"):
            self.assertIn(name, text)

    @needs("opensc-tool")
    def test_what_a_client_of_the_service_sends_is_in_the_capture_file(self):
        path = self.directory / "trace.pcap"
        service, env = self.run_service("--trace", path)
        self.tool(["opensc-tool", "--send-apdu", "00:A4:00:04:02:2F:E2", "--send-apdu", "00:B0:00:00:0A"], env)
        self.assertEqual(service.stop(), 0)
        # opensc-tool also asks what kind of card it has. Of two refused commands tshark misses the data that P3 promises, and of these alone: GET DATA
        # for a tag that no UICC has, and READ BINARY of EF_DIR, which has records (6981; TS 102 221 clause 11.1.3). That SELECT with P1=02 found it
        # below the MF is right (ISO/IEC 7816-4 clause 11.2.2).
        malformed = self.shark(path, "-Y", "_ws.malformed", "-T", "fields", "-e", "udp.payload").split()
        self.assertEqual([payload[32:] for payload in malformed], ["00cadf30056d00", "00b000005a6981"])
        told = self.shark(path, "-Y", "gsm_sim", "-T", "fields", "-e", "_ws.col.Info", "-e", "gsm_sim.apdu.sw").splitlines()
        self.assertTrue(any("EF.ICCID" in line and "0x6119" in line for line in told), told)
        self.assertTrue(any("READ BINARY" in line and "0x9000" in line for line in told), told)

    def test_tshark_and_we_agree_on_each_status_word(self):
        path = self.directory / "trace.pcap"
        done = subprocess.run([str(self.binary), "apdu", "-q", "--raw", "--trace", str(path), *COMMANDS], capture_output=True, text=True, check=True)
        ours = [line[-4:].lower() for line in done.stdout.split()]
        theirs = self.shark(path, "-Y", "gsm_sim.apdu.sw", "-T", "fields", "-e", "gsm_sim.apdu.sw").split()
        theirs = [re.sub("^0x", "", word) for word in theirs]
        self.assertEqual(theirs[-len(ours):], ours)


class Field:
    """A field of our output: name, offset in command and answer as one string, bytes, meaning."""

    def __init__(self, given, base):
        self.name = given["name"]
        self.offset = given["offset"] + base
        self.hex = given["bytes"].lower()
        self.meaning = given.get("meaning", "")

    def holds(self, shark):
        """The bytes of tshark's field are in it, at its place."""
        first = shark.offset - self.offset
        return 0 <= first and first + shark.size <= len(self.hex) // 2


class SharkField:
    def __init__(self, element, base):
        self.name = element.get("name")
        self.offset = int(element.get("pos")) - base
        self.size = int(element.get("size"))
        self.show = element.get("show")
        self.hex = element.get("value") or ""


class Pair:
    """One exchange as we and as tshark take it apart."""

    def __init__(self, ours):
        self.ours = ours
        self.fields = list(self.flat(ours.get("fields", []), 0)) + list(self.flat(ours.get("answer", []), len(ours["command"]) // 2))

    def flat(self, fields, base):
        for one in fields:
            yield Field(one, base)
            yield from self.flat(one.get("parts", []), base)

    def named(self, name):
        return [field for field in self.fields if field.name == name]

    def first(self, name):
        found = self.named(name)
        return found[0] if found else Field({"name": "", "offset": 0, "bytes": "", "meaning": ""}, 0)

    def byte(self, name, index=0):
        text = self.first(name).hex[2 * index:2 * index + 2]
        return int(text, 16) if text else None


def same(*names):
    """Our output has a field with one of these names and these bytes."""
    return lambda pair, shark: any(f.offset == shark.offset and f.hex == shark.hex for name in names for f in pair.named(name))


def value(*names):
    """A field of ours with one of these names has these bytes, wherever it begins (tshark leaves out tag and length)."""
    return lambda pair, shark: any(f.hex == shark.hex for name in names for f in (pair.named(name) if name else pair.fields))


def within(*names):
    """The bits lie in a field of ours with one of these names."""
    return lambda pair, shark: any(f.holds(shark) for name in names for f in pair.named(name))


def bits(name, shift, mask):
    return lambda pair, shark: (pair.byte(name) >> shift) & mask == int(shark.show, 0)


def byte_of(name, index):
    return lambda pair, shark: pair.byte(name, index) == int(shark.show, 0)


def said(name, words):
    """What our field means has this number in words."""
    return lambda pair, shark: words.format(int(shark.show, 0)) in pair.first(name).meaning


def authentication(begin, size):
    """tshark reads every AUTHENTICATE as class A0's, which has no lengths: its fields are ours with the lengths between them."""
    def check(pair, shark):
        lengths = [pair.first("length of RAND"), pair.first("RAND"), pair.first("length of AUTN"), pair.first("AUTN")]
        return "".join(f.hex for f in lengths)[2 * begin:2 * (begin + size)] == shark.hex
    return check


def application(pair, shark):
    """tshark takes the FCI of the default application for an AID, since SELECT without one looks the same."""
    return value("AID")(pair, shark) or (not pair.named("AID") and pair.ours["data"].lower() == shark.hex)


def channel(pair, shark):
    return pair.ours["channel"] in (int(shark.show), int(shark.show) + 4)


def time_part(index):
    def check(pair, shark):
        parts = re.findall(r"\d+", pair.first("TP-SCTS").meaning)
        return int(parts[index]) % 100 == int(shark.show)
    return check


AGREE = {
    "gsm_sim.apdu.cla.coding": bits("CLA", 4, 0xF),
    "gsm_sim.apdu.cla.secure_messaging_ind": bits("CLA", 2, 3),
    "gsm_sim.apdu.cla.secure_messaging_ind.ext": bits("CLA", 5, 1),
    "gsm_sim.apdu.cla.log_chan": channel,
    "gsm_sim.apdu.ins": same("INS"),
    "gsm_sim.apdu.p1": same("P1"),
    "gsm_sim.apdu.p2": same("P2"),
    "gsm_sim.apdu.p3": same("Lc", "Le"),
    "gsm_sim.apdu.sw": lambda pair, shark: pair.ours["sw"].lower() == shark.hex,
    "gsm_sim.apdu.data": lambda pair, shark: shark.hex in (pair.ours["command"] + pair.ours["data"]).lower(),
    "gsm_sim.le": same("Le", "Lc"),
    "gsm_sim.file_id": lambda pair, shark: same("file identifier")(pair, shark) or within("path")(pair, shark),
    "gsm_sim.aid": application,
    "gsm_sim.bin_offset": said("P2", "offset {}"),
    "gsm_sim.sfi": lambda pair, shark: said("P1", "SFI {}")(pair, shark) or said("P2", "SFI {}")(pair, shark),
    "gsm_sim.record_nr": same("P1"),
    "gsm_sim.auth_rand": authentication(0, 16),
    "gsm_sim.auth_sres": authentication(16, 4),
    "gsm_sim.auth_kc": authentication(20, 8),
    "gsm_sim.chan_op": same("P1"),
    "gsm_sim.chan_nr": same("P2", "channel number"),
    "gsm_sim.cat.ber_tlv_tag": lambda pair, shark: any(f.offset == shark.offset for f in pair.fields),
    "etsi_cat.comp_tlv": value(""),
    "etsi_cat.comp_tlv.src_dev": byte_of("device identities", 0),
    "etsi_cat.comp_tlv.dst_dev": byte_of("device identities", 1),
    "etsi_cat.comp_tlv.cmd_nr": byte_of("command details", 0),
    "etsi_cat.comp_tlv.cmd_type": byte_of("command details", 1),
    "etsi_cat.comp_tlv.result": byte_of("result", 0),
    "etsi_cat.comp_tlv.address.ton": bits("address", 4, 7),
    "etsi_cat.comp_tlv.address.npi": bits("address", 0, 15),
    "etsi_cat.comp_tlv.address.string": lambda pair, shark: pair.first("address").hex[2:] == shark.hex,
    "gsm_sms.tp-oa": lambda pair, shark: pair.first("TP-OA").meaning.lstrip("+") == shark.show,
    "gsm_sms.tp-da": lambda pair, shark: pair.first("TP-DA").meaning.lstrip("+") == shark.show,
    "gsm_sms.tp-pid": same("TP-PID"),
    "gsm_sms.tp-dcs": same("TP-DCS"),
    "gsm_sms.tp.user_data_length": same("TP-UDL"),
    "gsm_sms.dis_field_udh.user_data_header_length": same("UDHL"),
    "gsm_sms.ie_identifier": same("IEI"),
    "gsm_sms.dis_field_ud_iei.length": same("IEIDL"),
    "gsm_sms.sms_body": value("command packet", "response packet"),
}
AGREE.update({f"gsm_sms.scts.{name}": time_part(index) for index, name in enumerate(("year", "month", "day", "hour", "minutes", "seconds", "timezone"))})
# Groups of names that say what the bits of one byte are.
WITHIN = {
    r"gsm_sim\.tp\.": tuple(f"byte {n}" for n in range(1, 40)),
    r"gsm_sms\.tp-(rp|udhi|sri|srr|lp|mms|mti|rd|vpf)": ("TP-RP", "TP-UDHI", "TP-SRI", "TP-SRR", "TP-LP", "TP-MMS", "TP-MTI", "TP-RD", "TP-VPF"),
    r"gsm_sms\.dis_field_addr\.|e164\.": ("TP-OA", "TP-DA"),
    r"gsm_sms\.tp\.pid\.": ("TP-PID",),
    r"gsm_sms\.(coding_group|dcs\.)": ("TP-DCS",),
}


def check_of(name):
    if name in AGREE:
        return AGREE[name]
    for pattern, names in WITHIN.items():
        if re.match(pattern, name):
            return within(*names)
    return None


@needs("tshark")
class Decoded(IntegrationTest):
    """uicclab trace and tshark take the same captures apart: each field that tshark names is one of ours, with its value."""

    def decode(self, path, *options):
        done = subprocess.run([str(self.binary), "trace", "--json", "--show-secrets", *options, str(path)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def compare(self, path, *options):
        """Returns the exchanges as we decode them, and how often each name of tshark's was compared."""
        ours = self.decode(path, *options)
        plain = self.decode(path)  # fields of commands as they were sent; secure messaging is not tshark's
        pdml = subprocess.run(["tshark", "-r", str(path), "-T", "pdml"], capture_output=True, check=True).stdout
        packets = list(xml.etree.ElementTree.fromstring(pdml))
        self.assertEqual(len(packets), len(plain))
        compared = collections.Counter()
        for packet, one in zip(packets, plain):
            if one["event"] != "exchange":
                continue
            pair = Pair(one)
            proto = next(p for p in packet if p.get("name") == "gsm_sim")
            for element in proto.iter("field"):
                shark = SharkField(element, int(proto.get("pos")))
                if not re.match(r"(gsm_sim|etsi_cat|gsm_sms|e164)\.", shark.name or "") or shark.size == 0:
                    continue
                check = check_of(shark.name)
                self.assertIsNotNone(check, f"tshark names {shark.name} ({shark.show}), which nobody compares")
                self.assertTrue(check(pair, shark), f"exchange {one['number']} {one['title']}: {shark.name} {shark.show} {shark.hex}")
                compared[shark.name] += 1
        return ours, compared

    @needs("hostapd", "eapol_test", "osmo-auc-gen")
    def test_an_eap_aka_run(self):
        path = self.directory / "eap.pcap"
        service, env = self.run_service("--trace", path)
        with EapServer() as server:
            success, output = server.authenticate("AKA", {**os.environ, **env}, None, None)
        self.assertTrue(success, output)
        self.assertEqual(service.stop(), 0)
        ours, compared = self.compare(path)
        for name in ("gsm_sim.apdu.ins", "gsm_sim.file_id", "gsm_sim.aid", "gsm_sim.auth_rand", "gsm_sim.le", "gsm_sim.bin_offset"):
            self.assertGreater(compared[name], 0, name)
        self.assertIn("EF.IMSI", {one.get("file") for one in ours})
        keys = [one for one in ours if "AUTHENTICATE" in one["title"]]
        names = {field["name"] for one in keys for field in one.get("answer", [])}
        self.assertLessEqual({"RES", "CK", "IK"}, names)
        self.assertFalse([one for one in ours if one.get("notes")])

    def test_a_secure_channel_session(self):
        path = self.directory / "gp.pcap"
        self.tool([self.binary, "gp", "--trace", path, "list", "--level", "33"])
        ours, compared = self.compare(path, "--scp03-keys", "default")
        self.assertGreater(compared["gsm_sim.apdu.sw"], 10)
        self.assertFalse([one["notes"] for one in ours if one.get("notes")])
        answers = [one["plain"] for one in ours if one.get("plain") and one["plain"]["data"]]
        self.assertGreater(len(answers), 1)
        for one in answers:
            self.assertTrue(one["protocol"].startswith("SCP03 level 33"))
            self.assertTrue(one["data"].startswith("E3"), one)
        self.assertTrue(any("secured" in note for one in self.decode(path) for note in one.get("notes", [])))

    def test_an_update_over_the_air(self):
        path = self.directory / "ota.pcap"
        self.tool([self.binary, "ota", "send", "--tar", "usim", "--trace", path, "00A40004026F46", "00D6000005" "0041424344"], ok=None)
        ours, compared = self.compare(path, "--keys", "default")
        for name in ("gsm_sms.tp-oa", "gsm_sms.scts.year", "gsm_sms.sms_body", "etsi_cat.comp_tlv", "gsm_sim.tp.b1"):
            self.assertGreater(compared[name], 0, name)
        said = json.dumps(ours)
        self.assertIn("UPDATE BINARY 5 bytes at 0", said)
        self.assertIn("PoR OK", said)
        self.assertNotIn("WRONG", said)

    def test_tsharks_own_captures_can_be_pcapng(self):
        path = self.directory / "trace.pcap"
        self.tool([self.binary, "apdu", "--trace", path, *COMMANDS])
        ng = self.directory / "trace.pcapng"
        subprocess.run(["tshark", "-r", str(path), "-F", "pcapng", "-w", str(ng)], check=True, capture_output=True)
        self.assertEqual(self.decode(ng), self.decode(path))
        self.compare(ng)


class PostedLogs(IntegrationTest):
    """What real clients print is a trace."""

    def decoded(self, text):
        log = self.directory / "client.log"
        log.write_text(text)
        return [json.loads(line) for line in self.tool([self.binary, "trace", "--json", log]).splitlines() if line.startswith("{")]

    def assert_reads_iccid(self, text):
        events = self.decoded(text)
        reads = [one for one in events if one.get("command") == "00B000000A"]
        self.assertEqual([(one["file"], one["data"], one["sw"]) for one in reads], [("EF.ICCID", "98881201000000000001", "9000")], text)
        self.assertTrue([one for one in events if one.get("command") == "00A40004022FE2"], text)

    @needs("opensc-tool")
    def test_opensc_tool_and_its_debug_log(self):
        _, env = self.run_service()
        command = ["opensc-tool", "--send-apdu", "00:A4:00:04:02:2F:E2", "--send-apdu", "00:B0:00:00:0A"]
        self.assert_reads_iccid(self.tool(command, env))
        self.assert_reads_iccid(self.debug_log(command, env))

    def debug_log(self, command, env):
        path = self.directory / "debug.log"
        configuration = self.directory / "opensc.conf"
        configuration.write_text(f'app default {{\n  debug = 9;\n  debug_file = "{path}";\n}}\n')
        self.tool(command, {**env, "OPENSC_CONF": str(configuration)})
        return path.read_text(errors="replace")

    def test_the_example_of_the_readme(self):
        readme = (pathlib.Path(__file__).resolve().parents[2] / "README.md").read_text()
        self.assert_reads_iccid(readme.split("```console")[1].split("```")[0])

    @needs("scriptor")
    def test_scriptor(self):
        _, env = self.run_service()
        self.assert_reads_iccid(self.tool(["scriptor"], env, stdin="00 A4 00 04 02 2F E2\n00 B0 00 00 0A\n"))

    def test_the_observer_of_pyscard(self):
        _, env = self.run_service()
        script = ("from smartcard.System import readers\nfrom smartcard.CardConnectionObserver import ConsoleCardConnectionObserver\n"
                  "card = readers()[0].createConnection()\ncard.addObserver(ConsoleCardConnectionObserver())\ncard.connect()\n"
                  "card.transmit([0, 0xA4, 0, 4, 2, 0x2F, 0xE2])\ncard.transmit([0, 0xB0, 0, 0, 10])\n")
        self.assert_reads_iccid(self.tool([PYTHON, "-c", script], env))


class Live(IntegrationTest):
    def test_datagrams_are_decoded_as_they_come(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        live = self.start([self.binary, "trace", "--brief", "--count", "2", "--live", port])
        header = bytes.fromhex("02040400000000000000000000000000")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            wait_for(lambda: "listening" in live.output(), "the port", process=live)
            for exchange in ("00A40004022FE26119", "00B000000A988812010000000000019000"):
                sender.sendto(header + bytes.fromhex(exchange), ("127.0.0.1", port))
        self.assertEqual(live.wait(), 0)
        self.assertIn("SELECT 2FE2  @ EF.ICCID (3F00/2FE2)", live.output())
        self.assertIn("READ BINARY 10 bytes at 0", live.output())


class Report(IntegrationTest):
    def test_the_page_is_one_file_without_secrets(self):
        trace = self.directory / "trace.pcap"
        page = self.directory / "report.html"
        self.tool([self.binary, "apdu", "--trace", trace, "--show-secrets", "002000010831323334FFFFFFFF", "00A40004022FE2", "00B000000A"])
        self.assertIn(b"1234", trace.read_bytes())
        for form in ([], ["--json"], ["--redact", "--full"]):
            self.assertNotIn("31323334", self.tool([self.binary, "trace", *form, trace]))
        self.assertIn("31323334", self.tool([self.binary, "trace", "--show-secrets", trace]))
        self.tool([self.binary, "trace", "-q", "--stats", "--html", page, trace])
        text = page.read_text()
        self.assertNotIn("31323334", text)
        self.assertIn("EF.ICCID", text)
        self.assertNotRegex(text, r"https?:|src=|href=|@import")
        self.tool([self.binary, "trace", "-q", "--html", page, "--show-secrets", trace])
        self.assertIn("31323334", page.read_text())

    def test_what_goes_by_has_no_secrets_unless_they_are_asked_for(self):
        verify = "002000010831323334FFFFFFFF"
        for form in ("text", "json"):
            out = self.tool([self.binary, "apdu", "-q", "--trace", form, verify])
            self.assertIn("00200001082A2A2A2A2A2A2A2A", out)
            self.assertNotIn("31323334", out)
            self.assertIn("31323334", self.tool([self.binary, "apdu", "-q", "--trace", form, "--show-secrets", verify]))
        trace = self.directory / "trace.pcap"
        self.tool([self.binary, "apdu", "--trace", trace, verify])
        self.assertNotIn(b"1234", trace.read_bytes())

    def test_files_with_secrets_are_only_for_their_owner(self):
        victim = self.directory / "victim"
        victim.write_text("mine")
        written = {
            "trace.pcap": ["apdu", "--trace", None, "00A40004022FE2"],
            "clone.toml": ["clone", "-o", None],
            "profile.der": ["profile", "export", "default", "--format", "der", "-o", None],
            "session.script": ["record", "-o", None, "00A40004022FE2"],
            "files.json": ["fs", "export", "-o", None],
        }
        for name, command in written.items():
            path = self.directory / name
            path.symlink_to(victim)
            self.tool([self.binary, *[path if word is None else word for word in command]])
            self.assertFalse(path.is_symlink(), name)
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, name)
        self.assertEqual(victim.read_text(), "mine")
        self.assertFalse([path for path in self.directory.iterdir() if path.name.startswith(".uicclab")])

    def test_a_state_file_that_others_can_read_is_reported(self):
        state = self.directory / "my.card"
        self.assertNotIn("can be read", self.tool([self.binary, "apdu", "--state", state, "00A40004022FE2"]))
        state.chmod(0o644)
        self.assertIn(f"{state} can be read by others (mode 0644): chmod 600 {state}", self.tool([self.binary, "apdu", "--state", state, "00A40004022FE2"]))

    def test_the_page_is_complete_even_if_the_text_is_not_read(self):
        log = self.directory / "log"
        log.write_text("00A4000C022FE2 9000\n" * 20000)
        page = self.directory / "page.html"
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([str(self.binary), "trace", "--html", str(page), str(log)], stdout=writer, stderr=subprocess.PIPE, timeout=60)
        os.close(writer)
        self.assertGreaterEqual(done.returncode, 0, done.stderr)
        self.assertTrue(page.read_text().endswith("</html>\n"))

    def test_what_is_broken_is_refused_with_its_place(self):
        trace = self.directory / "trace.pcap"
        self.tool([self.binary, "apdu", "--trace", trace, "00A40004022FE2"])
        trace.write_bytes(trace.read_bytes()[:-3])
        text = self.tool([self.binary, "trace", "--brief", trace], ok=(2,))
        self.assertIn("the file ends in a packet (at byte", text)
        self.assertIn("reset", text)
        self.assertIn("cannot read", self.tool([self.binary, "trace", self.directory / "none"], ok=(2,)))
        self.assertIn("no command and no answer of a card", self.tool([self.binary, "trace"], stdin="hello\n", ok=(2,)))
