// SPDX-License-Identifier: Apache-2.0
// The shared, immutable part of a card, written by personalisation. Any number of cards use one image; a card's writes go to its
// own overlay (nvm.hpp).
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "applet/api/applet.hpp"
#include "core/card_port.hpp"
#include "emulator/choices.hpp"
#include "emulator/fs/file.hpp"
#include "emulator/nvm/object.hpp"
#include "emulator/remote/settings.hpp"

namespace uicclab::emulator {

/// An application instance that personalisation made. Its number is its place in CardImage::instances().
struct InstanceSpec {
  Aid aid;
  std::string label;
  std::shared_ptr<const applet::Module> module;  // shared: modules serve every card and every image
  std::optional<FileId> adf;
  // GlobalPlatform registry data (Card Specification v2.3.1 clauses 5.3, 6.6 and 7.2).
  gp::Privileges privileges = {};
  std::uint8_t life_cycle = gp::kSelectable;
  std::optional<std::uint32_t> domain = {};        ///< number of its security domain; nothing: the issuer's
  std::optional<std::uint32_t> memory_quota = {};  ///< bytes of private objects, keys and files that it may have; nothing: no limit
  std::uint32_t reserved_memory = 0;               ///< bytes that are kept for it (GP clause 9.7)
  std::uint32_t reserved_volatile = 0;
  std::optional<std::uint32_t> volatile_quota = {};   ///< bytes of volatile memory that it may have; nothing: no limit
  std::vector<std::uint8_t> implicit_selection = {};  ///< parameters CF (GP clause 11.1.7)
  std::optional<std::uint32_t> load_file = {};        ///< number of the load file that its module is of; nothing: built in
  gp::UiccParameters uicc = {};                       ///< what it has of toolkit and files (ETSI TS 102 226 clause 8.2.1.3.2.2)
};

/// Settings of a card that no command changes.
struct CardSettings {
  std::string name;
  Atr atr;
  std::uint32_t free_memory = 0;
  std::uint8_t logical_channels = 19;
  bool gsm_class = true;
  std::uint32_t max_suspend_seconds = 0;
  RemoteSettings remote = {};
  CardChoices choices = {};
};

/// Directory entries of one DF, for look-ups without a walk.
struct DirectoryIndex {
  std::vector<FileId> children;
  std::array<std::uint32_t, 32> by_sfi{};  ///< FileId value + 1, or 0
};

class CardImage {
 public:
  const CardSettings& settings() const { return m_settings; }
  const std::vector<InstanceSpec>& instances() const { return m_instances; }
  /// The modules of the card's program. They are no part of the fingerprint: a newer program may have more.
  const applet::ModuleCatalogue& modules() const { return m_modules; }
  /// The first instance that is a security domain with authorized management; a card may have none.
  std::optional<std::uint32_t> issuer_domain() const { return m_issuer_domain; }

  /// Files are numbered 0 to file_count()-1 without gaps; 0 is the MF.
  std::uint32_t file_count() const { return static_cast<std::uint32_t>(m_headers.size()); }
  const FileHeader& header(FileId id) const { return m_headers[id.value]; }
  std::span<const FileHeader> headers() const { return m_headers; }
  const DirectoryIndex& directory(FileId id) const { return m_directories[m_directory_of[id.value]]; }

  /// Nothing if personalisation wrote no such object.
  std::optional<BytesView> find(ObjectId id) const {
    if (id.space() != Space::kFileBody) return find_object(id);
    return id.index() < m_bodies.size() ? std::optional<BytesView>(m_bodies[id.index()]) : std::nullopt;
  }

  /// Did personalisation write this object, or make this file? What it did not write needs no mark when it is erased.
  bool has(ObjectId id) const { return id.space() == Space::kFileHeader ? id.index() < file_count() : find(id).has_value(); }
  /// In the order of their numbers.
  const std::vector<std::pair<ObjectId, Bytes>>& objects() const { return m_objects; }
  /// What the ATR says of clock stop and supply voltage (AtrInfo::clock_and_class).
  std::optional<std::uint8_t> clock_and_class() const { return m_clock_and_class; }

  /// SHA-256 over everything above (encode_image() in image_file.hpp): state on disk belongs to one image.
  const std::array<std::uint8_t, 32>& fingerprint() const;

 private:
  friend class CardImageBuilder;
  CardImage() = default;

  std::optional<BytesView> find_object(ObjectId id) const;

  CardSettings m_settings;
  std::vector<InstanceSpec> m_instances;
  applet::ModuleCatalogue m_modules;
  std::optional<std::uint32_t> m_issuer_domain;
  std::vector<FileHeader> m_headers;
  std::vector<Bytes> m_bodies;
  std::vector<DirectoryIndex> m_directories;
  std::vector<std::uint32_t> m_directory_of;  ///< FileId -> index into m_directories; only meaningful for directories
  std::vector<std::pair<ObjectId, Bytes>> m_objects;
  std::array<std::uint32_t, kLastSpace + 2> m_first_object{};  ///< by space, which PINs are few of: its place in m_objects
  std::optional<std::uint8_t> m_clock_and_class;
  /// Calculated when somebody asks for it: a card without state on disk starts without.
  struct Fingerprint {
    std::once_flag once;
    std::array<std::uint8_t, 32> value{};
  };
  std::unique_ptr<Fingerprint> m_fingerprint = std::make_unique<Fingerprint>();
};

/// Puts an image together. Rules of the file system (unique FIDs, parents first) are the caller's to keep; build() checks them.
class CardImageBuilder {
 public:
  /// The modules of instances belong to the card's program, whether they are in `modules` or not.
  explicit CardImageBuilder(CardSettings settings, applet::ModuleCatalogue modules = {});

  /// The first file is the MF. An EF's body must have the header's size (BER-TLV EFs: at most).
  FileId add_file(FileHeader header, Bytes body);
  /// Returns the instance's number.
  std::uint32_t add_instance(InstanceSpec instance);
  void put(ObjectId id, Bytes value);

  /// Errors: kMalformed, with what is wrong: no MF, a parent that is no directory, a FID or SFI twice in a directory, a body of the wrong
  /// size.
  Result<std::shared_ptr<const CardImage>> build();  // shared: the image outlives its builder and serves many cards

 private:
  CardImage m_image;
};

}  // namespace uicclab::emulator
