// SPDX-License-Identifier: Apache-2.0
// File structure templates of the eUICC profile package: TCA "eUICC Profile Package: Interoperable Format Technical Specification" v3.3.1,
// annex A (in this folder "IF"). A profile element names a template; what it says of a file replaces what the template says.
#pragma once

#include <span>
#include <string_view>

#include "emulator/fs/file.hpp"

namespace uicclab::profile::package {

inline constexpr std::uint8_t kRepeat = 0x01;  ///< the content is repeated as a whole
inline constexpr std::uint8_t kBusy = 0x02;    ///< high update activity

/// One file of a template.
struct TemplateFile {
  std::uint8_t member;  ///< its tag number in the profile element
  std::uint16_t fid;    ///< 0: only in the package (an ADF, or a file that is not from 3GPP)
  uicc::FileKind kind;
  std::uint8_t records;     ///< 0: only the package tells
  std::uint16_t size;       ///< of the file or of a record; 0: only in the package
  std::uint8_t rule;        ///< record of EF_ARR; 0: only in the package
  std::uint8_t sfi;         ///< 0: none
  std::uint16_t directory;  ///< the DF of the template that holds it; 0: its first file
  std::string_view name;
  std::string_view content;  ///< hexadecimal; "07FF..FF": the byte before the points is repeated; empty: FF
  std::uint8_t flags;
  std::uint8_t versions;  ///< bit n-1: part of version n of the template
};

struct Template {
  std::uint8_t element;  ///< tag number of the profile element
  std::uint8_t oid;      ///< { 2 23 143 1 2 oid }, for versions above 1 with the version after it
  std::string_view name;
  std::uint8_t versions;    ///< the newest
  bool created_by_default;  ///< files that the element does not mention are made as well
  std::span<const TemplateFile> files;
};

std::span<const Template> templates();

}  // namespace uicclab::profile::package
