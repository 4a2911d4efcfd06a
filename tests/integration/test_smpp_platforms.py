# SPDX-License-Identifier: Apache-2.0
"""Platforms that others wrote, whole, at uicclab ota smsc: Kannel, a gateway between HTTP and SMPP; pySim's smpp-ota-tool, which makes and reads
secured packets itself."""

import http.server
import os
import pathlib
import re
import subprocess
import threading
import urllib.parse
import urllib.request

from lib.case import PYTHON, IntegrationTest, needs
from lib.processes import free_ports, wait_for
from test_management_clients import PYSIM, needs_pysim

CARD, PLATFORM = "491710000001", "491710000000"
KEYS = {"kic": "101112131415161718191A1B1C1D1E1F", "kid": "202122232425262728292A2B2C2D2E2F"}  # version 2 of the built-in card
KANNEL = """
group = core
admin-port = {admin}
admin-password = test
smsbox-port = {smsbox}
box-allow-ip = 127.0.0.1
store-type = file
store-location = {directory}/kannel.store

group = smsc
smsc = smpp
smsc-id = lab
host = 127.0.0.1
port = {smpp}
transceiver-mode = true
smsc-username = uicclab
smsc-password = uicclab
system-type = ""
alt-dcs = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}

group = sendsms-user
username = test
password = test
max-messages = 1

group = sms-service
keyword = default
catch-all = true
get-url = "http://127.0.0.1:{mobile_originated}/?from=%p&udh=%u&text=%b"
max-messages = 0
"""


class Platforms(IntegrationTest):
    def start_smsc(self):
        process = self.start([self.binary, "ota", "smsc", "--port", "0"])
        process.wait_output("Stop with Ctrl-C")
        return int(re.search(r"127\.0\.0\.1:(\d+)", process.output()).group(1))

    @needs("bearerbox", "smsbox")
    def test_kannel_reads_the_imsi_and_updates_a_file(self):
        received = []

        class MobileOriginated(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query, encoding="latin-1")
                received.append({name: value[0].encode("latin-1") for name, value in query.items()})
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), MobileOriginated)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

        first = free_ports(3)
        ports = {"admin": first, "smsbox": first + 1, "sendsms": first + 2, "smpp": self.start_smsc(), "mobile_originated": server.server_port}
        configuration = self.directory / "kannel.conf"
        configuration.write_text(KANNEL.format(directory=self.directory, **ports))
        bearerbox = self.start(["bearerbox", configuration])

        def answers(port, path):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
                    return reply.read().decode()
            except OSError:
                return ""

        wait_for(lambda: "online" in answers(ports["admin"], "/status.txt?password=test"), "Kannel's bind", process=bearerbox)
        smsbox = self.start(["smsbox", configuration])
        wait_for(lambda: "smsbox" in answers(ports["admin"], "/status.txt?password=test").split("Box connections", 1)[-1].lower(),
                 "Kannel's smsbox", process=smsbox)

        for script, data in ((["00A40004026F07", "00B0000009"], "080910100000000010"),
                             (["00A40004026F46", "00D6000005014B414E4E", "00B0000005"], "014B414E4E")):
            counters = self.directory / "counters"
            tpdu = self.tool([self.binary, "ota", "send", "--dry-run", "--counters", counters, "--tar", "usim", *script]).strip()
            user_data = bytes.fromhex(tpdu)[19:]
            query = urllib.parse.urlencode({
                "username": "test", "password": "test", "from": PLATFORM, "to": CARD, "pid": 0x7F, "coding": 1, "mclass": 2, "alt-dcs": 1,
                "udh": user_data[:3], "text": user_data[3:]})
            self.assertIn("Accepted", answers(ports["sendsms"], "/cgi-bin/sendsms?" + query))
            wait_for(lambda: received, "the card's answer", process=bearerbox)
            answer = received.pop()
            self.assertEqual((answer["from"].lstrip(b"+"), answer["udh"]), (CARD.encode(), b"\x02\x71\x00"))
            self.assertIn("last data: " + data, self.tool([self.binary, "ota", "por", (answer["udh"] + answer["text"]).hex()]))

    @needs_pysim
    def test_smpp_ota_tool_reads_the_imsi_and_updates_a_file(self):
        if subprocess.run([PYTHON, "-c", "import smpplib"], capture_output=True).returncode != 0:
            self.skipTest("python-smpplib is not where Python finds it (docs/clients.md)")
        env = {"PYTHONPATH": PYSIM + os.pathsep + os.environ.get("PYTHONPATH", "")}
        port = self.start_smsc()
        for counter, (script, data) in enumerate(((["00A40004026F07", "00B0000009"], "080910100000000010"),
                                                  (["00A40004026F46", "00D6000005015059534D", "00B0000005"], "015059534D")), 1):
            out = self.tool([PYTHON, pathlib.Path(PYSIM) / "contrib" / "smpp-ota-tool.py", "--host", "127.0.0.1", "--port", port,
                             "--system-id", "uicclab", "--password", "uicclab", "--algo-crypt", "aes_cbc", "--algo-auth", "aes_cmac",
                             "--kic", KEYS["kic"], "--kic-idx", 2, "--kid", KEYS["kid"], "--kid-idx", 2, "--tar", "B00140",
                             "--cntr-req", "counter_must_be_higher", "--cntr", counter, "--src-addr", PLATFORM, "--dest-addr", CARD,
                             *(word for command in script for word in ("-a", command))], env)
            self.assertIn(f"{data.lower()} 9000", out)
