// A load file on its way, LOAD by LOAD: GP clauses 9.3.5, 11.6. Nothing of it is kept before the last block.
#pragma once

#include "applet/api/card_manager.hpp"

namespace uicclab::applet::issuer_sd {

class LoadSequence {
 public:
  explicit LoadSequence(gp::InstallForLoad request) : m_request(std::move(request)) {}

  /// One block: `number` must follow the one before. Status: 6A86 (number), 6A84 (more than the card has room for).
  StatusWord add(std::uint8_t number, BytesView block, std::size_t room);
  /// After the last block: hash, CAP file, registry. Status: 6A80 (hash, or a file that is not sound), 6985 (a DAP, which no domain here
  /// can verify), and those of CardManager::add_load_file().
  StatusWord finish(CardManager& card) const;

 private:
  gp::InstallForLoad m_request;
  Bytes m_data;
  std::uint8_t m_next = 0;
};

}  // namespace uicclab::applet::issuer_sd
