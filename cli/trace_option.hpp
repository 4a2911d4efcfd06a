// --trace: where the events of the cards go.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "core/trace.hpp"

namespace uicclab::cli {

/// The sinks that `--trace text|json|FILE.pcap|gsmtap` asks for; text and JSON go to standard error.
class Trace {
 public:
  /// Throws Exit for a word that means nothing and for a file that cannot be written.
  explicit Trace(const std::vector<std::string>& wanted);
  ~Trace();

  /// Null if no trace is wanted.
  TraceSink* sink();

  static void add_to(App& command, std::vector<std::string>& wanted);

 private:
  struct Sinks;
  std::unique_ptr<Sinks> m_sinks;
};

}  // namespace uicclab::cli
