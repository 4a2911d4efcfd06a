"""Our GSMTAP in the eyes of tshark: every sound command is named, nothing is malformed."""

import re
import subprocess

from lib.case import IntegrationTest, needs

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
        # opensc-tool also asks what kind of card it has: its GET DATA is no command of a UICC, and more than tshark takes apart.
        malformed = self.shark(path, "-Y", "_ws.malformed").splitlines()
        self.assertEqual([line for line in malformed if "GET DATA" not in line], [])
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
