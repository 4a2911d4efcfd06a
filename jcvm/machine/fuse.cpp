// SPDX-License-Identifier: Apache-2.0
// Operations that often follow each other become one, in the place of the first. The others stay where they are: a branch to one of them,
// an exception in one of them and a budget that ends between them are as before.
#include <algorithm>
#include <array>
#include <initializer_list>

#include "jcvm/machine/linker.hpp"

namespace uicclab::jcvm::machine {
namespace {

namespace names {
enum Name : std::uint8_t {
#define STEP(name) name,
#define FUSED(name, ...)
#include "jcvm/machine/steps.def"
#undef FUSED
#undef STEP
};
}  // namespace names

struct Pattern {
  Step fused = Step::kNop;
  std::array<std::uint8_t, 3> steps{};
  std::size_t count = 0;

  constexpr Pattern(Step fused_, std::initializer_list<names::Name> steps_) : fused(fused_), count(steps_.size()) {
    std::ranges::copy(steps_, steps.begin());
  }
};

constexpr auto kPatterns = [] {
  using namespace names;
  return std::to_array<Pattern>({
#define STEP(name)
#define FUSED(name, ...) Pattern(Step::k##name, {__VA_ARGS__}),
#include "jcvm/machine/steps.def"
#undef FUSED
#undef STEP
  });
}();

}  // namespace

void fuse(Method& method) {
  std::vector<std::uint8_t> steps;
  for (const Code& code : method.code) steps.push_back(code.op);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const Pattern& pattern : kPatterns) {
      const auto begin = pattern.steps.begin();
      if (pattern.count > steps.size() - i) continue;
      if (std::equal(begin, begin + pattern.count, steps.begin() + static_cast<std::ptrdiff_t>(i)))
        method.code[i].op = static_cast<std::uint8_t>(pattern.fused);  // the last one that fits
    }
  }
}

}  // namespace uicclab::jcvm::machine
