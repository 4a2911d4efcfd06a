// SPDX-License-Identifier: Apache-2.0
#include "cli/card/replay_card.hpp"

#include <iostream>

#include "cli/common/script_files.hpp"
#include "core/hex.hpp"

namespace uicclab::cli {
namespace {

constexpr std::string_view kLoose = "loose:";

script::Recording read(const ReplayOption& option) {
  auto recording = script::read_recording(read_script(option.file), script_variables(option.set));
  if (!recording) throw Exit{kUsage, recording.error().text};
  return *std::move(recording);
}

script::ReplayOptions options_of(const ReplayOption& option) {
  const auto status = from_hex(option.status);
  if (!status || status->size() != 2) throw Exit{kUsage, "--status " + option.status + ": a status word has four digits, for example 6F00"};
  script::ReplayOptions out;
  out.loose = option.loose;
  out.status = {static_cast<std::uint16_t>(((*status)[0] << 8) | (*status)[1])};
  out.on_deviation = [answer = option.status](const script::Deviation& deviation) {
    std::cerr << script::to_text(deviation.place) << ": " << deviation.text << "; answered " << answer << "\n";
  };
  return out;
}

}  // namespace

ReplayCard::ReplayCard(const ReplayOption& option) : m_port(read(option), options_of(option)) {}

std::unique_ptr<OpenCard> open_replay(const std::string& words) {
  ReplayOption option;
  option.loose = words.starts_with(kLoose);
  option.file = option.loose ? words.substr(kLoose.size()) : words;
  if (option.file.empty()) throw Exit{kUsage, "--card replay:FILE, or replay:loose:FILE: a recording is missing"};
  return std::make_unique<ReplayCard>(option);
}

}  // namespace uicclab::cli
