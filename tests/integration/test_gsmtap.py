"""What the program writes as a capture, tshark reads as SIM commands."""

from lib import winscard
from lib.case import IntegrationTest, needs


@needs("tshark")
class Capture(IntegrationTest):
    def test_tshark_names_the_commands_and_finds_nothing_malformed(self):
        capture = self.directory / "trace.pcap"
        _, env = self.run_service("--trace", capture)
        with winscard.Context(env) as context:
            card = context.connect(context.readers()[0])
            selected = card.transmit("00A40000023F00")
            card.transmit("00A40000022FE2")
            card.transmit("00B000000A")
            card.disconnect()
        shown = self.tool(["tshark", "-r", capture, "-o", "ip.check_checksum:TRUE", "-V"])
        self.assertIn("raw:ip:udp:gsmtap:gsm_sim", shown)
        self.assertIn("Header checksum status: Good", shown)
        self.assertNotIn("Malformed", shown)
        fields = ["-T", "fields", "-e", "gsm_sim.apdu.ins", "-e", "gsm_sim.file_id", "-e", "gsm_sim.apdu.sw"]
        rows = [line.split("\t") for line in self.tool(["tshark", "-r", capture, "-Y", "gsm_sim", *fields]).splitlines() if "\t" in line]
        commands = [row for row in rows if row[0] in ("0xa4", "0xb0")]
        self.assertEqual([row[0] for row in commands], ["0xa4", "0xa4", "0xb0"], rows)
        self.assertEqual(commands[0][1:], ["0x3f00", f"0x{selected.lower()}"], rows)
        self.assertEqual(commands[2][2], "0x9000", rows)
