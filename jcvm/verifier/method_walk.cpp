// SPDX-License-Identifier: Apache-2.0
#include "jcvm/verifier/method_walk.hpp"

#include <map>

namespace uicclab::jcvm::verifier {
namespace {

using code::Flow;
using code::Instruction;

class Walk {
 public:
  Walk(const cap::MethodComponent& methods, std::uint32_t offset, std::uint32_t limit)
      : m_methods(methods), m_limit(std::min(limit, methods.size())) {
    m_out.offset = offset;
  }

  Result<MethodBody> run() {
    auto header = m_methods.header_at(m_out.offset);
    if (!header) return tl::unexpected(header.error());
    m_out.header = *header;
    m_out.end = m_out.header.code;
    if (m_out.header.is_abstract()) return std::move(m_out);
    auto done =
        follow(m_out.header.code, m_out.offset).and_then([&] { return follow_handlers(); }).and_then([&] { return check_handlers(); });
    if (!done) return tl::unexpected(done.error());
    for (auto& [at, instruction] : m_found) m_out.instructions.push_back(std::move(instruction));
    return std::move(m_out);
  }

 private:
  std::string at(std::uint32_t offset) const {
    return "method at " + std::to_string(m_out.offset) + ", byte " + std::to_string(offset) + ": ";
  }

  /// A place that control comes to, from the instruction at `from`.
  Result<void> need(std::int64_t target, std::uint32_t from) {
    if (target < m_out.header.code || target >= m_limit) {
      return fail(ErrorCode::kRange,
                  at(from) + "control goes to byte " + std::to_string(target) + ", the method's code is from " +
                      std::to_string(m_out.header.code) + " to " + std::to_string(m_limit - 1),
                  from);
    }
    const auto place = static_cast<std::uint32_t>(target);
    if (m_found.contains(place)) return {};
    const auto after = m_found.upper_bound(place);
    if (after != m_found.begin() && std::prev(after)->second.next() > place) {
      return fail(ErrorCode::kMalformed,
                  at(from) + "control goes to byte " + std::to_string(target) + ", which is within the instruction at " +
                      std::to_string(std::prev(after)->first),
                  from);
    }
    m_open.push_back(place);
    return {};
  }

  Result<void> follow(std::int64_t target, std::uint32_t from) {
    auto done = need(target, from);
    while (done && !m_open.empty()) {
      const std::uint32_t place = m_open.back();
      m_open.pop_back();
      if (!m_found.contains(place)) done = take(place);
    }
    return done;
  }

  /// One instruction, and where it goes.
  Result<void> take(std::uint32_t place) {
    auto instruction = code::decode(m_methods.from(place).first(m_limit - place), place);
    if (!instruction) return fail(instruction.error().code, at(place) + instruction.error().text, place);
    const auto after = m_found.upper_bound(place);
    if (after != m_found.end() && after->first < instruction->next()) {
      return fail(ErrorCode::kMalformed, at(place) + "the instruction overlaps the one at " + std::to_string(after->first), place);
    }
    if (after != m_found.begin() && std::prev(after)->second.next() > place) {
      return fail(ErrorCode::kMalformed, at(place) + "it is within the instruction at " + std::to_string(std::prev(after)->first), place);
    }
    m_out.end = std::max(m_out.end, instruction->next());
    const Instruction& taken = m_found.emplace(place, *std::move(instruction)).first->second;
    return successors(taken);
  }

  Result<void> successors(const Instruction& instruction) {
    const Flow flow = instruction.operation->flow;
    Result<void> done;
    if (flow == Flow::kBranch || flow == Flow::kJump || flow == Flow::kCall || flow == Flow::kSwitch)
      done = need(instruction.target, instruction.offset);
    for (const auto& one : instruction.cases) {
      if (done) done = need(one.target, instruction.offset);
    }
    if (done && (flow == Flow::kNext || flow == Flow::kBranch || flow == Flow::kCall)) {
      if (instruction.next() >= m_limit) {
        return fail(ErrorCode::kRange,
                    at(instruction.offset) + std::string(instruction.operation->mnemonic) +
                        " is the last instruction: control leaves the method at its end",
                    instruction.offset);
      }
      done = need(instruction.next(), instruction.offset);
    }
    return done;
  }

  /// Handlers belong to the method in whose code their range begins. What they do may make the code longer, and bring in more of them.
  Result<void> follow_handlers() {
    std::vector<bool> taken(m_methods.handlers.size());
    for (bool again = true; again;) {
      again = false;
      for (std::size_t i = 0; i < taken.size(); ++i) {
        const cap::ExceptionHandler& handler = m_methods.handlers[i];
        if (taken[i] || handler.start < m_out.header.code || handler.start >= m_out.end) continue;
        taken[i] = again = true;
        if (auto done = follow(handler.handler, handler.start); !done) return done;
      }
    }
    for (std::size_t i = 0; i < taken.size(); ++i) {
      if (taken[i]) m_out.handlers.push_back(static_cast<std::uint16_t>(i));
    }
    return {};
  }

  Result<void> check_handlers() const {
    for (const std::uint16_t index : m_out.handlers) {
      const cap::ExceptionHandler& handler = m_methods.handlers[index];
      const std::uint32_t end = std::uint32_t{handler.start} + handler.length;
      const auto refuse = [&](const std::string& text) {
        return fail(ErrorCode::kMalformed, at(handler.start) + "exception handler " + std::to_string(index) + ": " + text, handler.start);
      };
      if (handler.length == 0) return refuse("its range must not be empty");
      if (end > m_limit) return refuse("its range ends at " + std::to_string(end) + ", the method at " + std::to_string(m_limit));
      // What is not reached has no boundaries to be at.
      if (inside(handler.start) || inside(end)) return refuse("its range begins or ends within an instruction");
    }
    return {};
  }

  bool inside(std::uint32_t place) const {
    const auto after = m_found.upper_bound(place);
    return after != m_found.begin() && std::prev(after)->first != place && std::prev(after)->second.next() > place;
  }

  const cap::MethodComponent& m_methods;
  std::uint32_t m_limit;
  MethodBody m_out;
  std::map<std::uint32_t, Instruction> m_found;
  std::vector<std::uint32_t> m_open;
};

}  // namespace

const code::Instruction* MethodBody::at(std::uint32_t instruction) const {
  const auto found = std::ranges::lower_bound(instructions, instruction, {}, &code::Instruction::offset);
  return found == instructions.end() || found->offset != instruction ? nullptr : &*found;
}

Result<MethodBody> walk_method(const cap::MethodComponent& methods, std::uint32_t offset, std::uint32_t limit) {
  return Walk(methods, offset, limit).run();
}

}  // namespace uicclab::jcvm::verifier
