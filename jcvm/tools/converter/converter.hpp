// SPDX-License-Identifier: Apache-2.0
// Class files of a Java compiler become a CAP file: JCVM 3.1 chapters 2, 4 and 6.
#pragma once

#include "jcvm/cap/cap_file.hpp"
#include "jcvm/packages/package.hpp"
#include "jcvm/tools/converter/class_file.hpp"

namespace uicclab::jcvm::converter {

struct Options {
  struct Applet {
    Aid aid;
    std::string class_name;  ///< "com/example/Wallet"
  };
  std::string package;  ///< "com/example"
  Aid aid;
  packages::Version version{1, 0};
  std::vector<Applet> applets;
  bool allow_int = false;
  bool is_exported = false;                ///< an Export component: all that is public, or, with applets, the shareable interfaces
  bool with_debug = true;                  ///< Debug component, for which the format is 2.2; without it the format is 2.1
  std::vector<packages::Package> imports;  ///< in addition to the API
};

struct Converted {
  cap::CapFile file;
  std::string table;  ///< what it exports, as another package imports it (Options::imports); empty if it exports nothing
};

/// A CAP file that passed the structural verification; or what is refused and why, "Wallet.java:42: ...", at most Report::kMost lines.
tl::expected<Converted, std::vector<std::string>> convert(const std::vector<ClassFile>& classes, const Options& options);

}  // namespace uicclab::jcvm::converter
