// SPDX-License-Identifier: Apache-2.0
// One message being decoded; for the files of this folder.
#pragma once

#include "ota/explain/explain.hpp"
#include "ota/remote_apdu_compact.hpp"

namespace uicclab::ota {

inline constexpr std::uint8_t kGsmClass = 0xA0;

/// The header of ENVELOPE, of class 8X or of class A0 (3GPP TS 51.011 clause 9.2.20); no TPDU begins so, with an address of 194 digits.
inline bool is_envelope_command(BytesView bytes) {
  return bytes.size() > 1 && ((bytes[0] & 0xF0) == 0x80 || bytes[0] == kGsmClass) && bytes[1] == 0xC2;
}

/// The functions append fields to `out`; `base` is the offset of `bytes` in the message. What is wrong goes to `wrong`.
struct Explaining {
  Explainer& owner;
  std::optional<Error> wrong;

  // envelope.cpp
  void envelope(BytesView bytes, std::size_t base, std::vector<Field>& out);
  void proactive_command(BytesView bytes, std::size_t base, std::vector<Field>& out);
  // tpdu.cpp
  void deliver(BytesView bytes, std::size_t base, std::vector<Field>& out);
  void submit(BytesView bytes, std::size_t base, std::vector<Field>& out);
  void modem_pdu(BytesView bytes, std::size_t base, std::vector<Field>& out);
  void user_data(BytesView bytes, std::size_t base, bool has_header, const Address& peer, std::vector<Field>& out);
  // packet.cpp
  void command_packet(BytesView bytes, std::size_t base, std::vector<Field>& out);
  void response_packet(BytesView bytes, std::size_t base, std::vector<Field>& out);
  // script.cpp
  void command_script(BytesView bytes, std::size_t base, const Tar& tar, std::vector<Field>& out);
  void response_script(BytesView bytes, std::size_t base, std::vector<Field>& out);

  /// A group of fields over these bytes.
  static Field& group(std::vector<Field>& out, std::string name, std::string clause, std::size_t offset, BytesView bytes,
                      std::string meaning = {}) {
    out.push_back({std::move(name), std::move(clause), offset, to_bytes(bytes), std::move(meaning), {}});
    return out.back();
  }
  FieldReader reader(BytesView bytes, std::size_t base, std::vector<Field>& out) { return {bytes, base, out, wrong}; }

 private:
  void message(BytesView payload, const UserData& data, std::size_t base, std::vector<Field>& out);
  void body(FieldReader& fields, bool has_header, std::uint8_t dcs, const Address& peer);
  void application_data(BytesView data, std::size_t base, std::optional<Tar> to, std::vector<Field>& out);
};

}  // namespace uicclab::ota
