// SPDX-License-Identifier: Apache-2.0
// A card that is nothing but a PKCS #15 application, as badly behaved as a test wants it.
#pragma once

#include <map>

#include "core/apdu.hpp"
#include "core/ber_tlv.hpp"
#include "core/card_port.hpp"
#include "core/hex.hpp"
#include "lwm2m/pkcs15_directory.hpp"

namespace uicclab::test {

class Pkcs15Card final : public CardPort {
 public:
  enum class Read { kAlways, kPin, kSecured, kNever };
  struct File {
    Bytes content;
    Read read = Read::kAlways;
  };

  /// By path below the MF, in hexadecimal.
  std::map<std::string, File> files;
  std::vector<Bytes> ef_dir;  ///< records
  bool has_application = true, has_channels = true, tells_size = true, writable = true;
  bool secured = false;  ///< set by who opens the secure channel
  unsigned pin_tries = 3;
  Bytes pin = to_bytes("31323334FFFFFFFF"_h);
  int commands_left = -1;  ///< the power goes when it is 0
  bool takes_extended = true;
  unsigned commands = 0, open_channels = 0, verifications = 0;

  Result<Atr> reset() override { return to_bytes("3B00"_h); }
  void power_off() override {}

  Result<Bytes> transmit(BytesView bytes) override {
    if (commands_left == 0) return fail(ErrorCode::kIo, "no power");
    if (commands_left > 0) --commands_left;
    ++commands;
    const auto command = *apdu::parse(bytes);
    Bytes out;
    const StatusWord status = command.extended && !takes_extended ? sw::kWrongLength : run(command, out);
    out.insert(out.end(), {status.sw1(), status.sw2()});
    return out;
  }

 private:
  StatusWord run(const apdu::Command& command, Bytes& out) {
    if (command.ins == 0x70) return manage_channel(command, out);
    switch (command.ins) {
      case 0xA4:
        return select(command, out);
      case 0x20:
        return verify(command);
      case 0xB2:
        if (command.p1 == 0 || command.p1 > ef_dir.size()) return sw::kRecordNotFound;
        out = ef_dir[command.p1 - 1U];
        return sw::kOk;
      case 0xB0:
        return read(command, out);
      case 0xD6:
        return update(command);
      default:
        return sw::kInsNotSupported;
    }
  }

  StatusWord manage_channel(const apdu::Command& command, Bytes& out) {
    if (!has_channels) return sw::kInsNotSupported;
    open_channels += command.p1 == 0 ? 1U : static_cast<unsigned>(-1);
    if (command.p1 == 0) out = {1};
    return sw::kOk;
  }

  StatusWord select(const apdu::Command& command, Bytes& out) {
    m_file = nullptr;
    if (command.p1 == 0x04) {
      if (!has_application || !equal(command.data, lwm2m::kPkcs15Aid)) return sw::kFileNotFound;
      out = ber::encode(0x62, concat({"82027821"_h, ber::encode(0x84, lwm2m::kPkcs15Aid)}));
      return sw::kOk;
    }
    const std::string path = to_hex(command.data);
    if (path == "2F00" && !ef_dir.empty()) {
      out = concat({"62 07 8205 4221 00"_h, Bytes{static_cast<std::uint8_t>(ef_dir[0].size()), static_cast<std::uint8_t>(ef_dir.size())}});
      return sw::kOk;
    }
    const auto found = files.find(path);
    if (found == files.end()) return sw::kFileNotFound;
    m_file = &found->second;
    const std::size_t size = m_file->content.size();
    Bytes fcp = to_bytes("82024121"_h);
    if (tells_size) ber::write(fcp, 0x80, Bytes{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)});
    out = ber::encode(0x62, fcp);
    return sw::kOk;
  }

  StatusWord verify(const apdu::Command& command) {
    if (pin_tries == 0) return sw::kAuthenticationBlocked;
    if (command.data.empty()) return m_verified ? sw::kOk : sw::tries_left(pin_tries);
    ++verifications;
    m_verified = equal(command.data, pin);
    if (!m_verified && --pin_tries == 0) return sw::kAuthenticationBlocked;
    return m_verified ? sw::kOk : sw::tries_left(pin_tries);
  }

  StatusWord read(const apdu::Command& command, Bytes& out) const {
    if (m_file == nullptr) return sw::kNoEfSelected;
    const bool open =
        m_file->read == Read::kAlways || (m_file->read == Read::kPin && m_verified) || (m_file->read == Read::kSecured && secured);
    if (!open) return sw::kSecurityStatusNotSatisfied;
    const std::size_t offset = command.p1p2();
    if (offset >= m_file->content.size()) return sw::kWrongP1P2;
    const BytesView rest = BytesView(m_file->content).subspan(offset);
    out = to_bytes(rest.first(std::min<std::size_t>(rest.size(), *command.le)));
    return sw::kOk;
  }

  StatusWord update(const apdu::Command& command) {
    if (m_file == nullptr) return sw::kNoEfSelected;
    if (!writable && !m_verified) return sw::kSecurityStatusNotSatisfied;
    const std::size_t offset = command.p1p2();
    if (offset + command.data.size() > m_file->content.size()) return sw::kWrongLength;
    std::ranges::copy(command.data, m_file->content.begin() + static_cast<std::ptrdiff_t>(offset));
    return sw::kOk;
  }

  File* m_file = nullptr;
  bool m_verified = false;
};

}  // namespace uicclab::test
