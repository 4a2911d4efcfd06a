// SPDX-License-Identifier: Apache-2.0
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
    parts[1] =
        hex("DECAFFED"
            "0102"
            "04"
            "0001" +
            lv(package));
    parts[3] = hex("01" + lv(applet) + "0009");
    parts[4] =
        hex("01"
            "0301" +
            lv(import));
    parts[5] =
        hex("0002"
            "06800300"
            "01000000");
    parts[6] = Bytes(20, 0x80);
    parts[7] =
        hex("01"
            "0009000800110000" +
            std::string(110, '0'));
    parts[8] =
        hex("0005"
            "0001"
            "0001"
            "03"
            "0002"
            "AABB"
            "0002"
            "0001"
            "07");
    parts[9] =
        hex("0002"
            "0101"
            "0001"
            "05");
    return parts;
  }
  /// The same package in format 2.`minor`, 2 or 3, with every component that this format has: one interface and two classes, an exported
  /// static field and method, a Descriptor and a Debug component, and in 2.3 static resources.
  std::map<int, Bytes> full_contents(int minor) const {
    const auto hex = [](const std::string& text) { return *from_hex(text); };
    const std::string mapping = minor >= 3 ? "00010203"
                                             "04"
                                           : "";
    auto parts = contents();
    parts[1][4] = static_cast<std::uint8_t>(minor);
    parts[1][6] = 0x06;
    append(parts[1], hex("07"
                         "736D616C6C2F61"));  // "small/a"
    // A signature pool; a shareable interface at 4; a class at 7 with an interface, another at 33 of which it is the superclass.
    parts[6] =
        hex("0002"
            "0110"
            "C1"
            "8003"  //
            "41"
            "8001"
            "02"
            "00"
            "01"
            "01"
            "02"
            "01"
            "01"
            "0011"
            "0015"
            "FFFF"  //
            "0004"
            "01"
            "02" +
            (minor >= 3 ? "000102"
                          "02"
                        : std::string()) +  //
            "00"
            "0007"
            "01"
            "FF"
            "00"
            "03"
            "01"
            "01"
            "00"
            "0011" +
            mapping);
    parts[10] =
        hex("02"
            "0004"
            "00"
            "00"
            "0007"
            "01"
            "02"
            "0000"
            "0011"
            "0015");
    // An interface without methods, and a class with an instance field and two methods.
    parts[11] =
        hex("02"  //
            "00"
            "41"
            "0004"
            "00"
            "0000"
            "0000"  //
            "01"
            "01"
            "0007"
            "01"
            "0001"
            "0002"
            "0004"  //
            "00"
            "01"
            "000700"
            "8003"  //
            "00"
            "81"
            "0011"
            "0006"
            "0003"
            "0001"
            "0000"  //
            "01"
            "01"
            "0015"
            "0006"
            "0001"
            "0000"
            "0000"  //
            "0002"
            "0006"
            "FFFF"
            "01"
            "10");
    // "small/a", "x", "()V", "A.java"; a class with a field and a method with a variable and two lines.
    parts[12] =
        hex("0004"
            "0007736D616C6C2F61"
            "000178"
            "0003282956"
            "0006412E6A617661"
            "0000"
            "0001"  //
            "0000"
            "0001"
            "0007"
            "0000"
            "0003"
            "01"
            "0001"
            "0001"
            "0000"  //
            "0001"
            "0002"
            "0001"
            "00000000"  //
            "0001"
            "0002"
            "0001"
            "0011"
            "02"
            "0003"
            "0001"
            "0002"  //
            "00"
            "0001"
            "0002"
            "0000"
            "0003"
            "0000"
            "0001"
            "0007"
            "0002"
            "0002"
            "0008");
    if (minor >= 3)
      parts[13] =
          hex("0002"
              "0001"
              "00000003"
              "0002"
              "00000001"
              "AABBCC"
              "DD");
    return parts;
  }
  /// The same package with code that is sound, in format 2.1 with a Descriptor: an applet with a field, whose process() reads the first
  /// byte of the APDU, switches on it, and has an exception handler
  std::map<int, Bytes> sound_contents() const {
    const auto hex = [](const std::string& text) { return *from_hex(text); };
    auto parts = contents();
    parts[5] =
        hex("0009"
            "01000000"    // 0 this class
            "06800300"    // 1 Applet.<init>
            "06000016"    // 2 its constructor
            "03000001"    // 3 register()
            "01800700"    // 4 ISOException
            "06800701"    // 5 ISOException.throwIt
            "03800A01"    // 6 APDU.getBuffer
            "02000000"    // 7 its field
            "05000004");  // 8 the static byte
    parts[6] =
        hex("00"
            "8003"
            "01"
            "00"
            "01"
            "07"
            "01"
            "00"
            "00"
            "001D");
    parts[7] =
        hex("01"
            "001F001C"
            "0042"
            "0004"  //  1 from 31 to 58 -> 66, ISOException
            "0230"
            "8F0000"
            "3D"
            "8C0002"
            "8B0003"
            "7A"  //  9 install: new, dup, invokespecial, invokevirtual, return
            "0110"
            "18"
            "8C0001"
            "7A"  // 22 <init>: aload_0, invokespecial, return
            "0221"
            "19"
            "8B0006"
            "2D"
            "1A"
            "03"
            "25"  // 29 process: aload_1, getBuffer, astore_2, aload_2, sconst_0, baload
            "73"
            "0014"
            "0000"
            "0001"
            "000B"
            "000E"  // 39 stableswitch: 59, 50, 53
            "AD07"
            "3B"
            "7C0008"
            "3B"
            "7008"  // 50 getfield_a_this, pop, getstatic_b, pop, goto 65
            "116D00"
            "8D0005"
            "7A"
            "3B"
            "7A");  // 59 sspush, throwIt, return; 66 pop, return
    parts[9] =
        hex("0001"
            "33"
            "0008"
            "0705040307071509");
    parts[11] =
        hex("01"
            "FF"
            "01"
            "0000"
            "00"
            "0001"
            "0003"  //
            "FF"
            "02"
            "000000"
            "001D"  //
            "FF"
            "09"
            "0009"
            "0016"
            "000B"
            "0000"
            "0000"  //
            "FF"
            "82"
            "0016"
            "0014"
            "0005"
            "0000"
            "0000"  //
            "07"
            "01"
            "001D"
            "0019"
            "0025"
            "0001"
            "0000"  //
            "0009"
            "FFFF"
            "0014"
            "0014"
            "0014"
            "FFFF"
            "001F"
            "001D"
            "001D"
            "8003"
            "0110"
            "04B431"
            "066800A1"
            "01B0"
            "0241");
    return parts;
  }
  Bytes build_sound() const {
    auto parts = sound_contents();
    parts[2] = directory(parts);
    return join(parts);
  }
  static Bytes directory(const std::map<int, Bytes>& parts, int minor = 1) {
    ByteWriter out;
    const int last = minor == 1 ? 11 : 12;
    const auto size_of = [&](int tag) { return parts.contains(tag) ? parts.at(tag).size() : 0; };
    const std::size_t own = 2U * static_cast<unsigned>(last) + (minor >= 3 ? 4 : 0) + 9;
    for (int tag = 1; tag <= last; ++tag) out.u16(static_cast<std::uint16_t>(tag == 2 ? own : size_of(tag)));
    if (minor >= 3) out.u32(static_cast<std::uint32_t>(size_of(13)));
    return out.bytes("0005 0001 0002 01 01 00"_h).take();
  }
  static Bytes join(const std::map<int, Bytes>& parts) {
    ByteWriter out;
    for (int tag : {1, 2, 4, 3, 6, 7, 8, 10, 5, 9, 13, 11, 12}) {
      const auto part = parts.find(tag);
      if (part == parts.end()) continue;
      out.u8(static_cast<std::uint8_t>(tag)).number(part->second.size(), tag == 13 ? 4 : 2).bytes(part->second);
    }
    return out.take();
  }
  Bytes build_full(int minor) const {
    auto parts = full_contents(minor);
    parts[2] = directory(parts, minor);
    return join(parts);
  }
  Bytes build() const {
    auto parts = contents();
    parts[2] = directory(parts);
    return join(parts);
  }
};

}  // namespace uicclab::test
