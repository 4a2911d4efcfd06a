// A card of three files (EF.ICCID as the default test card) and the part of `uicclab run` that the PC/SC tests need: `stub_card run
// --socket PATH [--cards N]`, `--vpcd HOST:PORT`, `--pcap FILE`. It tries the bridges apart from the emulator; the tests run with it and
// with the real program alike.
#include <csignal>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "core/apdu.hpp"
#include "core/gsmtap.hpp"
#include "pcsc_bridge/service.hpp"
#include "pcsc_bridge/vpcd_client.hpp"

namespace {

using namespace uicclab;
using namespace uicclab::literals;

/// MF, EF.DIR (one record) and EF.ICCID; honest 6A82 and 6D00 for everything else.
class StubCard final : public CardPort {
 public:
  Result<Atr> reset() override {
    m_on = true;
    m_waiting.clear();
    m_selected = 0x3F00;
    return to_bytes("3B9F96801F878031E073FE211B674A357530350265F8"_h);
  }
  Result<Bytes> transmit(BytesView bytes) override {
    if (!m_on) return fail(ErrorCode::kIo, "the card is off");
    const auto command = apdu::parse(bytes);
    if (!command) return answer({}, sw::kWrongLength);
    switch (command->ins) {
      case 0xA4:
        return select(*command);
      case 0xC0:
        return answer(std::exchange(m_waiting, {}), sw::kOk);
      case 0xB0:
        return m_selected == 0x2FE2 ? exactly(*command, "98881201000000000001"_h) : answer({}, sw::kNoEfSelected);
      case 0xB2:
        return m_selected == 0x2F00 ? exactly(*command, "61094F07A0000000871002FFFFFFFFFF"_h) : answer({}, sw::kNoEfSelected);
      default:
        return answer({}, sw::kInsNotSupported);
    }
  }
  void power_off() override { m_on = false; }

 private:
  static Bytes answer(BytesView data, StatusWord status) { return concat({data, Bytes{status.sw1(), status.sw2()}}); }

  static Bytes exactly(const apdu::Command& command, BytesView data) {
    return command.le == data.size() ? answer(data, sw::kOk) : answer({}, sw::exact_length(data.size()));
  }
  Bytes select(const apdu::Command& command) {
    if (command.data.size() != 2 || (command.p1 != 0 && command.p1 != 8)) return answer({}, sw::kFileNotFound);
    const auto fid = static_cast<std::uint16_t>((command.data[0] << 8) | command.data[1]);
    const auto fcp = m_files.find(fid);
    if (fcp == m_files.end()) return answer({}, sw::kFileNotFound);
    m_selected = fid;
    m_waiting = fcp->second;
    return answer({}, sw::bytes_available(m_waiting.size()));
  }

  const std::map<std::uint16_t, Bytes> m_files{
      {std::uint16_t{0x3F00}, to_bytes("620C8202782183023F008A01058B00"_h)},
      {std::uint16_t{0x2F00}, to_bytes("621382054221001001 83022F00 8A0105 8002 0010"_h)},
      {std::uint16_t{0x2FE2}, to_bytes("621082024121 83022FE2 8A0105 8002 000A"_h)},
  };
  bool m_on = false;
  std::uint16_t m_selected = 0x3F00;
  Bytes m_waiting;
};

std::function<void()> g_stop;  // for the signal handler

template <typename Server>
void serve_until_signal(Server& server) {
  g_stop = [&server] { server.stop(); };
  std::signal(SIGTERM, [](int) { g_stop(); });
  std::signal(SIGINT, [](int) { g_stop(); });
  server.run();
}

}  // namespace

int main(int argc, char** argv) {
  std::string socket;
  std::string vpcd;
  std::string pcap;
  unsigned cards = 1;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--socket") == 0) socket = argv[i + 1];
    if (std::strcmp(argv[i], "--vpcd") == 0) vpcd = argv[i + 1];
    if (std::strcmp(argv[i], "--pcap") == 0) pcap = argv[i + 1];
    if (std::strcmp(argv[i], "--cards") == 0) cards = static_cast<unsigned>(std::stoul(argv[i + 1]));
  }
  try {
    std::ofstream capture(pcap, std::ios::binary);
    PcapTrace trace(capture);
    const SystemClock clock;
    std::vector<std::unique_ptr<StubCard>> stubs;
    std::vector<std::unique_ptr<TracePort>> ports;
    std::vector<pcsc_bridge::ReaderConfig> readers;
    for (unsigned i = 0; i < cards; ++i) {
      stubs.push_back(std::make_unique<StubCard>());
      ports.push_back(std::make_unique<TracePort>(*stubs.back(), trace, clock, i));
      readers.push_back({"uicclab 00 0" + std::to_string(i), ports.back().get()});
    }
    if (vpcd.empty()) {
      pcsc_bridge::Service service(socket, readers);
      serve_until_signal(service);
    } else {
      const auto colon = vpcd.rfind(':');
      pcsc_bridge::VpcdClient client(vpcd.substr(0, colon), static_cast<std::uint16_t>(std::stoul(vpcd.substr(colon + 1))), *ports[0],
                                     [](const std::string& text) { std::cerr << text << std::endl; });
      serve_until_signal(client);
    }
  } catch (const std::exception& e) {
    std::cerr << "stub_card: " << e.what() << '\n';
    return 1;
  }
}
