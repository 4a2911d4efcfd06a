// SPDX-License-Identifier: Apache-2.0
#include "script/redacting_report.hpp"

#include <algorithm>
#include <set>

#include "core/hex.hpp"
#include "script/secrets.hpp"
#include "script/selected_file.hpp"

namespace uicclab::script {
namespace {

constexpr std::uint8_t kMark = '*';
constexpr std::size_t kLeast = 2;  // bytes; fewer are everywhere

char upper(char c) {
  return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// Secrets of a case as its text may have them.
class Words {
 public:
  void add(BytesView secret) {
    // A PIN ends where its padding begins.
    while (!secret.empty() && secret.back() == 0xFF) secret = secret.first(secret.size() - 1);
    if (secret.size() < kLeast || std::ranges::all_of(secret, [](std::uint8_t byte) { return byte == kMark; })) return;
    m_digits.insert(to_hex(secret));
    if (std::ranges::all_of(secret, [](std::uint8_t c) { return c > 0x20 && c < 0x7F; }))
      m_texts.insert(std::string(secret.begin(), secret.end()));
  }

  void take_out(std::string& text) const {
    for (const std::string& digits : m_digits) replace_digits(text, digits);
    for (const std::string& word : m_texts) {
      const std::string quoted = '"' + word + '"';
      for (auto at = text.find(quoted); at != std::string::npos; at = text.find(quoted)) text.replace(at, quoted.size(), "\"***\"");
    }
  }

 private:
  /// Blanks may be between the digits.
  static void replace_digits(std::string& text, const std::string& digits) {
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
      std::size_t at = begin;
      std::size_t found = 0;
      for (; at < text.size() && found < digits.size(); ++at) {
        if (upper(text[at]) == digits[found]) {
          ++found;
        } else if (text[at] != ' ' || found == 0) {
          break;
        }
      }
      if (found == digits.size()) text.replace(begin, at - begin, "***");
    }
  }

  std::set<std::string, std::greater<>> m_digits;  ///< the longer of two that begin alike comes first
  std::set<std::string, std::greater<>> m_texts;
};

void overwrite(Bytes& bytes, const std::vector<Secret>& secrets, Words& words) {
  for (const Secret& secret : secrets) {
    if (secret.offset >= bytes.size()) continue;
    const std::size_t size = std::min(secret.size, bytes.size() - secret.offset);
    words.add(BytesView(bytes).subspan(secret.offset, size));
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(secret.offset), size, kMark);
  }
}

}  // namespace

void RedactingReport::on_result(const CaseResult& result) {
  CaseResult shown = result;
  Words words;
  SelectedFiles selected;
  for (Exchange& one : shown.exchanges) {
    if (one.command.empty()) continue;
    const std::string path = selected.path(one.command[0]);
    const Bytes command = one.command;
    overwrite(one.command, secrets_of_command(command, path), words);
    overwrite(one.data, secrets_of_answer(command, path, one.data), words);
    selected.follow(command, one.status);
  }
  for (std::string& line : shown.printed) words.take_out(line);
  if (shown.failure) {
    words.take_out(shown.failure->statement);
    words.take_out(shown.failure->text);
    for (std::string& line : shown.failure->details) words.take_out(line);
  }
  m_reporter.on_result(shown);
}

}  // namespace uicclab::script
