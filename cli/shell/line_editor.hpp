// SPDX-License-Identifier: Apache-2.0
// Lines from a terminal: editing, history, completion.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace uicclab::cli {

class LineEditor {
 public:
  /// What the last word of the line up to the cursor can become; whole words.
  using Complete = std::function<std::vector<std::string>(const std::string& line, const std::string& word)>;

  /// `history`: a file that is read now and written when this object goes; empty: none. Throws SystemError if the terminal cannot be used.
  LineEditor(std::string history, Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// A line without its end; empty after Ctrl-C; nothing at the end of the input.
  std::optional<std::string> read(const std::string& prompt);
  void remember(const std::string& line);

  struct State;

 private:
  std::unique_ptr<State> m_state;
};

}  // namespace uicclab::cli
