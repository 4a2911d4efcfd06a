// SPDX-License-Identifier: Apache-2.0
// A load file on its way, LOAD by LOAD: GP clauses 9.3.5, 11.6. Nothing of it is kept before the last block.
#pragma once

#include "applet/api/card_manager.hpp"

namespace uicclab::applet::issuer_sd {

class LoadSequence {
 public:
  /// In a combined process (INSTALL [for load, install and make selectable]) the file enters the registry with its application. `room`:
  /// bytes that the card has for it.
  LoadSequence(gp::InstallForLoad request, bool combined, std::size_t room)
      : m_request(std::move(request)), m_room(room), m_combined(combined) {}
  // What was read points into the data.
  LoadSequence(LoadSequence&&) = default;
  LoadSequence& operator=(LoadSequence&&) = default;

  /// One block: `number` must follow the one before. Status: 6A86 (number), 6A84 (more than the card has room for).
  StatusWord add(std::uint8_t number, BytesView block);
  /// After the last block: hash, DAPs, CAP file, and, if not combined, registry. Status: 6A80 (hash, or a file that is not sound), and
  /// those of CardManager::check_daps() and of enter().
  StatusWord finish(CardManager& card);
  /// Registry. Status: those of CardManager::add_load_file().
  StatusWord enter(CardManager& card) const;

  bool is_combined() const { return m_combined; }
  /// finish() was, and found the file sound.
  bool is_complete() const { return m_file.has_value(); }

 private:
  /// The file, when all of it was there and is sound.
  struct Sound {
    jcvm::cap::CapFile cap;
    BytesView components;
  };

  gp::InstallForLoad m_request;
  std::size_t m_room;
  Bytes m_data;
  std::optional<Sound> m_file;
  std::uint8_t m_next = 0;
  bool m_combined;
};

}  // namespace uicclab::applet::issuer_sd
