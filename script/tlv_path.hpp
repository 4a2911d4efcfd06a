// SPDX-License-Identifier: Apache-2.0
// Paths into an answer: 62/83, 62/A5/80, 70:2/4F, data[2..5], sw.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/apdu.hpp"

namespace uicclab::script {

/// A parsed path.
class TlvPath {
 public:
  /// `data`, `sw` or tags between slashes; :2 after a tag for the second of its kind; [3] or [2..5] at the end for some of its bytes.
  /// Errors: kMalformed.
  static Result<TlvPath> of(std::string_view text);

  /// Nothing if a tag on the way is not there, or the bytes are not. Below a template of ETSI TS 102 223 (D0 to DF) the data objects are
  /// COMPREHENSION-TLV, and their tags match with and without the comprehension bit.
  std::optional<Bytes> find(const apdu::Response& response) const;

  /// The value at the path is replaced by the result of `change`; without a result it is removed, with its data object. The lengths of the
  /// templates around it follow. Nothing, and `response` as it was, if it is not there, or if a status word would not have two bytes.
  using Change = std::function<std::optional<Bytes>(BytesView)>;
  std::optional<apdu::Response> change(const apdu::Response& response, const Change& change) const;

  bool is_status() const { return m_root == Root::kStatus; }
  /// [ ] at the end: some of the bytes.
  bool is_partial() const { return m_first.has_value(); }

 private:
  enum class Root { kTags, kData, kStatus };
  struct Step {
    std::uint32_t tag = 0;
    std::size_t which = 1;
  };
  std::optional<Bytes> rewrite(BytesView in, std::size_t step, bool comprehension, const Change& change) const;

  Root m_root = Root::kTags;
  std::vector<Step> m_steps;
  std::optional<std::size_t> m_first;
  std::size_t m_last = 0;
};

}  // namespace uicclab::script
