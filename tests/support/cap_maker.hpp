// A small CAP file made by hand (Java Card Virtual Machine Specification chapter 6), whose parts a test can bend.
#pragma once

#include <map>
#include <string>

#include "core/hex.hpp"
#include "core/reader.hpp"

namespace uicclab::test {

/// One applet, one import, a method component of 64 bytes.
struct CapMaker {
  std::string package = "F07569636301";
  std::string applet = "F0756963630101";
  std::string import = "A0000000620101";

  /// Contents by tag, without tag and size; the directory is made from them.
  std::map<int, Bytes> contents() const {
    const auto hex = [](const std::string& text) { return *from_hex(text); };
    const auto lv = [](const std::string& text) { return to_hex(Bytes{static_cast<std::uint8_t>(text.size() / 2)}) + text; };
    std::map<int, Bytes> parts;
    parts[1] = hex("DECAFFED" "0102" "04" "0001" + lv(package));
    parts[3] = hex("01" + lv(applet) + "0009");
    parts[4] = hex("01" "0301" + lv(import));
    parts[5] = hex("0002" "06800300" "01000000");
    parts[6] = Bytes(20, 0x80);
    parts[7] = hex("01" "0009000800110000" + std::string(110, '0'));
    parts[8] = hex("0005" "0001" "0001" "03" "0002" "AABB" "0002" "0001" "07");
    parts[9] = hex("0002" "0101" "0001" "05");
    return parts;
  }
  static Bytes directory(const std::map<int, Bytes>& parts) {
    ByteWriter out;
    for (int tag = 1; tag <= 11; ++tag) {
      const auto part = parts.find(tag);
      const std::size_t size = tag == 2 ? 31 : part == parts.end() ? 0 : part->second.size();
      out.u16(static_cast<std::uint16_t>(size));
    }
    return out.bytes("0005 0001 0002 01 01 00"_h).take();
  }
  static Bytes join(const std::map<int, Bytes>& parts) {
    ByteWriter out;
    for (int tag : {1, 2, 4, 3, 6, 7, 8, 10, 5, 9, 11}) {
      const auto part = parts.find(tag);
      if (part != parts.end()) out.u8(static_cast<std::uint8_t>(tag)).u16(static_cast<std::uint16_t>(part->second.size())).bytes(part->second);
    }
    return out.take();
  }
  Bytes build() const {
    auto parts = contents();
    parts[2] = directory(parts);
    return join(parts);
  }
};

}  // namespace uicclab::test
