// SPDX-License-Identifier: Apache-2.0
// CREATE, DELETE and RESIZE FILE: ETSI TS 102 222 clauses 6.3, 6.4 and 6.10.
#include "core/ber_tlv.hpp"
#include "core/reader.hpp"
#include "emulator/commands/handlers.hpp"
#include "emulator/fs/filling.hpp"
#include "uicc/fcp.hpp"

namespace uicclab::emulator::commands {
namespace {

// Reserved identifiers (ETSI TS 102 221 clause 8.2): MF, current DF by ISO/IEC 7816-4, current ADF, RFU.
bool is_reserved(Fid fid) {
  return fid == Fid{0x3F00} || fid == Fid{0x3FFF} || fid == Fid{0x7FFF} || fid == Fid{0xFFFF};
}

// Takes the filling patterns out of the proprietary data: they are an order, not a property of the file.
Filling take_filling(FileHeader& header) {
  Filling filling;
  Bytes kept;
  ber::Reader reader(header.proprietary);
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) break;
    if (tlv->tag == 0xC1 || tlv->tag == 0xC2) {
      filling.pattern = to_bytes(tlv->value);
      filling.repeat_whole = tlv->tag == 0xC2;
    } else {
      append(kept, tlv->whole);
    }
  }
  header.proprietary = std::move(kept);
  return filling;
}

// No two files of one directory have the same identifier, nor a file and any directory above it (ETSI TS 102 221 clause 8.3).
bool identifier_taken(const Execution& e, FileId here, const FileHeader& header) {
  const FileSystem& files = e.files();
  if (files.child(here, header.fid)) return true;
  for (FileId at = here; at != kMfId; at = files.header(at).parent) {
    if (files.header(at).fid == header.fid) return true;
  }
  return false;
}

std::optional<StatusWord> refuse_new_file(const Execution& e, const FileHeader& header) {
  if (header.kind == FileKind::kAdf) return sw::kFunctionNotSupported;  // an ADF comes with the installation of its application
  if (header.security.form == SecurityAttributes::Form::kNone || is_reserved(header.fid)) return sw::kIncorrectData;
  if (header.life_cycle == LifeCycle::kTerminated) return sw::kIncorrectData;
  const FileId here = e.channel.directory;
  if (e.files().header(here).life_cycle == LifeCycle::kTerminated) return sw::kConditionsNotSatisfied;
  const std::uint8_t access = is_directory(header.kind) ? df_access::kCreateDf : df_access::kCreateEf;
  if (!e.allowed(here, Access::of_mode(access))) return sw::kSecurityStatusNotSatisfied;
  if (identifier_taken(e, here, header)) return sw::kFileExists;
  if (header.sfi && e.files().child_by_sfi(here, *header.sfi)) return sw::kIncorrectData;
  const std::uint64_t room = std::uint64_t{capacity(header)} + FileSystem::kFileOverhead;
  if (room > e.session.free_memory()) return sw::kNotEnoughMemory;
  return std::nullopt;
}

/// A file that is current, or an application's, on another channel.
bool in_use_elsewhere(const Execution& e, FileId file) {
  for (const ChannelState& channel : e.session.channels) {
    if (!channel.open || &channel == &e.channel) continue;
    for (FileId at = channel.file.value_or(channel.directory);; at = e.files().header(at).parent) {
      if (at == file) return true;
      if (at == kMfId) break;
    }
  }
  return false;
}

}  // namespace

StatusWord create_file(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kIncorrectP1P2;
  if (e.command.data.empty()) return sw::kWrongLength;
  auto header = parse_fcp(e.command.data);
  if (!header) return sw::kIncorrectData;
  if (const auto refused = refuse_new_file(e, *header)) return *refused;
  const Filling filling = take_filling(*header);
  header->parent = e.channel.directory;
  Bytes body;
  if (!is_directory(header->kind) && header->kind != FileKind::kBerTlv) {
    body.resize(header->size);
    filling.fill(body, 0, header->record_length);
  }
  const bool directory = is_directory(header->kind);
  const FileId id = e.files().create(std::move(*header), body);
  if (directory) {
    e.channel.select_directory(id);
  } else {
    e.channel.select_file(id, e.files().header(id));
  }
  return sw::kOk;
}

StatusWord delete_file(Execution& e) {
  if (e.command.p1p2() != 0) return sw::kIncorrectP1P2;
  if (e.command.data.size() != 2) return sw::kWrongLength;
  const auto file = find_by_fid(e, fid_at(e.command.data));
  if (!file) return sw::kFileNotFound;
  const FileHeader& header = e.files().header(*file);
  if (header.kind == FileKind::kMf || header.kind == FileKind::kAdf) return sw::kConditionsNotSatisfied;
  const FileId parent = header.parent;
  if (!e.allowed(*file, Access::of_mode(ef_access::kDelete)) && !e.allowed(parent, Access::of_mode(df_access::kDeleteChild))) {
    return sw::kSecurityStatusNotSatisfied;
  }
  if (in_use_elsewhere(e, *file)) return sw::kConditionsNotSatisfied;
  // What was selected inside it is gone with it; its parent becomes the current DF.
  for (FileId at = e.channel.file.value_or(e.channel.directory); at != kMfId; at = e.files().header(at).parent) {
    if (at != *file) continue;
    e.channel.select_directory(parent);
    break;
  }
  e.files().remove(*file);
  return sw::kOk;
}

StatusWord resize_file(Execution& e) {
  const apdu::Command& c = e.command;
  if (c.p1 > 1 || c.p2 != 0) return sw::kIncorrectP1P2;
  const auto fcp = ber::only(c.data, 0x62);
  if (!fcp) return sw::kIncorrectData;
  const auto fid = ber::find(fcp->value, 0x83);
  // The new size: tag 80, or the maximum file size of a BER-TLV EF in the proprietary template (clause 6.10.2).
  auto size = ber::find(fcp->value, 0x80);
  if (const auto proprietary = ber::find(fcp->value, 0xA5); !size && proprietary) size = ber::find(*proprietary, 0x86);
  if (!fid || fid->size() != 2 || !size || size->empty() || size->size() > 4) return sw::kIncorrectData;
  const auto file = e.files().child(e.channel.directory, fid_at(*fid));
  if (!file) return sw::kFileNotFound;

  FileHeader header = e.files().header(*file);
  if (is_directory(header.kind) || header.kind == FileKind::kCyclic) return sw::kIncompatibleFileStructure;
  if (header.life_cycle == LifeCycle::kTerminated) return sw::kConditionsNotSatisfied;
  if (header.life_cycle == LifeCycle::kDeactivated) return sw::kReferencedDataInvalidated;
  if (!e.allowed(*file, Access::of_command(0x80, 0xD4))) return sw::kSecurityStatusNotSatisfied;
  if (e.files().is_shared(*file)) return sw::kConditionsNotSatisfied;  // other files have the same body
  const auto next = static_cast<std::uint32_t>(*ByteReader(*size).number(size->size()));
  if (next == 0) return sw::kIncorrectData;
  if (header.kind == FileKind::kLinearFixed) {
    if (next % header.record_length != 0 || next / header.record_length > 254) return sw::kIncorrectData;
    header.record_count = static_cast<std::uint16_t>(next / header.record_length);
  }
  if (next > capacity(header) && next - capacity(header) > e.session.free_memory()) return sw::kNotEnoughMemory;
  if (header.kind == FileKind::kBerTlv) {
    if (e.files().body(*file).size() > next) return sw::kNotEnoughMemory;  // what is stored stays (P1 00 and 01 alike)
    header.max_size = 0;
  } else {
    Bytes& body = e.files().edit_body(*file);
    const std::size_t kept = std::min<std::size_t>(body.size(), next);
    body.resize(next);
    Filling{}.fill(body, kept, header.record_length);
  }
  header.size = next;
  e.files().set_header(*file, std::move(header));
  if (e.channel.file == *file) e.channel.record = 0;
  return sw::kOk;
}

}  // namespace uicclab::emulator::commands
