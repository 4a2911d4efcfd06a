// SPDX-License-Identifier: Apache-2.0
// Loading, and the cleaning up after an early end: GP clauses 9.3.5, 11.5.2.3.1, 11.6.
#include "core/crypto/hash.hpp"
#include "gp/host/manager.hpp"
#include "gp/host/words.hpp"

namespace uicclab::gp::host {
namespace {

constexpr std::uint8_t kLast = 0x80;
constexpr std::size_t kMaxBlocks = 256;

Bytes hash_of(LoadHash hash, BytesView components) {
  switch (hash) {
    case LoadHash::kSha1:
      return to_bytes(crypto::sha1({components}));
    case LoadHash::kSha256:
      return to_bytes(crypto::sha256({components}));
    case LoadHash::kSha384:
      return to_bytes(crypto::sha384({components}));
    case LoadHash::kSha512:
      return to_bytes(crypto::sha512({components}));
    default:
      return {};
  }
}

}  // namespace

Result<void> Manager::send_blocks(BytesView data, std::size_t size, const Progress& progress) {
  const std::size_t total = (data.size() + size - 1) / size;
  for (std::size_t i = 0; i < total; ++i) {
    if (progress && !progress(i, total)) {
      return fail(ErrorCode::kRefused, "stopped before block " + std::to_string(i + 1) + " of " + std::to_string(total));
    }
    const apdu::Command command{.cla = 0x80,
                                .ins = 0xE8,
                                .p1 = i + 1 == total ? kLast : std::uint8_t{0},
                                .p2 = static_cast<std::uint8_t>(i),
                                .data = data.subspan(i * size, std::min(size, data.size() - i * size)),
                                .le = 256};
    const auto answer = must(command);
    if (!answer) {
      return fail(answer.error().code, "block " + std::to_string(i + 1) + " of " + std::to_string(total) + ": " + answer.error().text);
    }
  }
  if (progress) progress(total, total);
  return {};
}

Result<void> Manager::load(const LoadFile& file, const Load& how, const Progress& progress) {
  const Bytes data = encode_load_file(file.components(), how.daps);
  const std::size_t largest = max_command_data();
  const std::size_t size = how.block_size == 0 ? largest : std::min(how.block_size, largest);
  if (size == 0 || (data.size() + size - 1) / size > kMaxBlocks) {
    return fail(ErrorCode::kRange, "LOAD has 256 blocks at most (P2, GP clause 11.6.2.2); " + std::to_string(data.size()) +
                                       " bytes in blocks of " + std::to_string(size) + " are more. Nothing was sent");
  }
  const InstallForLoad request{file.cap().header.package.aid, how.domain, hash_of(how.hash, file.components()), how.parameters, {}};
  const Bytes fields = request.encoded();
  if (const auto begun = must({.cla = 0x80, .ins = 0xE6, .p1 = install::kLoad, .data = fields, .le = 256}); !begun) {
    return tl::unexpected(begun.error());
  }
  auto done = send_blocks(data, size, progress);
  if (!done) done.error().text += ". " + clean_up(request.load_file);
  return done;
}

/// INSTALL [for load] was accepted, so before it there was nothing with this AID: what is found now is the half of this load.
std::string Manager::clean_up(const Aid& load_file) {
  const std::string aid = to_hex(load_file.bytes());
  const auto unknown = [&](const Error& error) {
    return "What is left of load file " + aid + " on the card is not known (" + error.text +
           "): look with 'gp list', remove it with 'gp delete " + aid + "'";
  };
  if (m_channel.session() == nullptr) {
    if (const auto reset = m_channel.reset(); !reset) return unknown(reset.error());
    if (const auto selected = select(); !selected) return unknown(selected.error());
    if (const auto opened = open_again(); !opened) return unknown(opened.error());
  }
  RegistryAnswer files;
  if (const auto told = get_status(StatusOf::kLoadFiles, files); !told) return unknown(told.error());
  if (std::ranges::find(files.entries, load_file, &RegistryEntry::aid) == files.entries.end()) {
    if (!files.oddities.empty()) return unknown({ErrorCode::kMalformed, "GET STATUS: " + files.oddities.front()});
    return "Nothing of load file " + aid + " is left on the card";
  }
  if (const auto removed = remove(load_file, false); !removed) {
    return "Load file " + aid + " is half on the card, and could not be deleted: " + removed.error().text;
  }
  return "Load file " + aid + " was half on the card and has been deleted";
}

}  // namespace uicclab::gp::host
