// SPDX-License-Identifier: Apache-2.0
// The API as Java sources that a compiler can be given: what the package tables say, with methods that do nothing. A class file made
// against them names what a card has.
#pragma once

#include <string>
#include <vector>

#include "jcvm/packages/package.hpp"

namespace uicclab::jcvm::tools {

struct StubSource {
  std::string path;  ///< "javacard/framework/Applet.java"
  std::string text;
};

/// A source for each class of a package that is not nested in another one.
std::vector<StubSource> stub_sources(const packages::Package& package);

/// Of all packages that have a table, but those that every Java compiler brings with it: java.lang, java.io, java.rmi.
std::vector<StubSource> all_stub_sources();

}  // namespace uicclab::jcvm::tools
