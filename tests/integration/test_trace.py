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

    def test_tshark_and_we_agree_on_each_status_word(self):
        path = self.directory / "trace.pcap"
        done = subprocess.run([str(self.binary), "apdu", "-q", "--raw", "--trace", str(path), *COMMANDS], capture_output=True, text=True, check=True)
        ours = [line[-4:].lower() for line in done.stdout.split()]
        theirs = self.shark(path, "-Y", "gsm_sim.apdu.sw", "-T", "fields", "-e", "gsm_sim.apdu.sw").split()
        theirs = [re.sub("^0x", "", word) for word in theirs]
        self.assertEqual(theirs[-len(ours):], ours)
