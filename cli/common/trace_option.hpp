// SPDX-License-Identifier: Apache-2.0
// --trace: where the events of the cards go, and --show-secrets: whether with PIN values and keys.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/common/commands.hpp"
#include "core/trace.hpp"

namespace uicclab::cli {

struct TraceOption {
  std::vector<std::string> wanted;
  bool show_secrets = false;
};

/// The sinks that `--trace text|json|FILE.pcap|gsmtap` asks for; text and JSON go to standard error. Every one of them sees events without
/// secrets, unless --show-secrets is given.
class Trace {
 public:
  /// Throws Exit for a word that means nothing and for a file that cannot be written.
  explicit Trace(const TraceOption& option);
  ~Trace();

  /// Null if no trace is wanted.
  TraceSink* sink();

  static void add_to(App& command, TraceOption& option);

 private:
  struct Sinks;
  std::unique_ptr<Sinks> m_sinks;
};

}  // namespace uicclab::cli
