// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/card_bootstrap.hpp"

#include <algorithm>

#include "core/ber_tlv.hpp"
#include "core/hex.hpp"

namespace uicclab::lwm2m::device {
namespace {

constexpr auto kEfDir = "2F00"_h;
constexpr auto kMf = "3F00"_h;
constexpr auto kCurrentApplication = "7FFF"_h;
constexpr auto kOdf = "7FFF 5031"_h;          // PKCS #15 clause 5.5.1
constexpr auto kSessionKeys = "7FFF 6433"_h;  // ours
constexpr std::size_t kLongestShort = 255;
constexpr std::string_view kFileName = "EF_LWM2M_Bootstrap";

std::string told(StatusWord status) {
  return to_hex(status) + ": " + std::string(meaning(status));
}

/// A path of PKCS #15 as SELECT takes it: absolute from the MF, or relative to the application.
Bytes below_mf(BytesView path) {
  if (path.size() > 2 && equal(path.first(2), kMf)) return to_bytes(path.subspan(2));
  return concat({kCurrentApplication, path});
}

bool asks_for_more(StatusWord status) {
  return status == sw::kSecurityStatusNotSatisfied || status == sw::kConditionsNotSatisfied;
}

/// No reader takes it for a bootstrap file: blank, or torn off while there was none.
bool is_nothing(BytesView content) {
  return content.size() >= 2 && equal(content.first(2), "FFFF"_h);
}

}  // namespace

CardBootstrap::CardBootstrap(CardPort& port, CardAccess access) : m_access(std::move(access)), m_files(port) {
  m_files.set_longest(m_access.longest_command, 256);
}

Result<bool> CardBootstrap::find_in_ef_dir(BootstrapPlace& place) {
  const auto directory = m_files.select(kEfDir);
  if (!directory) return tl::unexpected(directory.error());
  if (!directory->status.is_success() || !directory->record) return false;
  for (std::uint8_t number = 1; number < 255; ++number) {
    const auto record = m_files.read_record(number, *directory->record);
    if (!record) return tl::unexpected(record.error());
    if (record->status != sw::kOk) return false;  // 6A83: behind the last one
    const auto name = ber::find_path(record->bytes, {0x61, 0x4F});
    if (!name) continue;
    const auto aid = Aid::from(*name);
    if (!aid || !aid->begins_with(kPkcs15Aid)) continue;
    place.aid = *aid;
    return true;
  }
  return false;
}

Result<void> CardBootstrap::select_application(BootstrapPlace& place) {
  if (m_selected) {
    place = *m_selected;
    return {};
  }
  if (const auto opened = m_files.open_channel(); !opened) return opened;
  const auto listed = find_in_ef_dir(place);
  if (!listed) return tl::unexpected(listed.error());
  place.in_ef_dir = *listed;
  // Real devices select it without a look into EF_DIR.
  const auto application = m_files.select_application(place.in_ef_dir ? place.aid.bytes() : BytesView(kPkcs15Aid));
  if (!application) return tl::unexpected(application.error());
  if (!application->status.is_success()) {
    return fail(ErrorCode::kNotFound, std::string("the card has no PKCS #15 application: EF_DIR ") +
                                          (place.in_ef_dir ? "names it, but" : "does not name it, and") + " SELECT answers " +
                                          told(application->status));
  }
  const auto told_aid = Aid::from(application->aid);
  if (told_aid) place.aid = *told_aid;
  if (!told_aid && place.aid.empty()) place.aid = *Aid::from(kPkcs15Aid);
  m_selected = place;
  return m_access.secure_from_the_start ? secure(place) : Result<void>();
}

Result<void> CardBootstrap::secure(const BootstrapPlace& place) {
  if (auto opened = m_access.open_secure_channel(m_files.channel(), place.aid); !opened) return opened;
  m_files.set_longest(m_access.longest_secured_command, m_access.longest_secured_answer);
  m_secured = true;
  return {};
}

/// After a refusal: true if there is something new that may help. The PIN first: keys prove who the device is, and are not for everything.
Result<bool> CardBootstrap::unlock(const BootstrapPlace& place) {
  if (!m_access.pin.empty() && !m_pin_used) {
    m_pin_used = true;
    const auto open = m_files.ask_pin(m_access.pin_reference);
    if (!open) return tl::unexpected(open.error());
    if (*open != sw::kOk) {
      const auto status = m_files.verify_pin(m_access.pin_reference, m_access.pin);
      if (!status) return tl::unexpected(status.error());
      if ((status->value & 0xFFF0) == 0x63C0) {
        const unsigned left = status->value & 0x0FU;
        return fail(ErrorCode::kMismatch, "the card does not accept this PIN; tries left: " + std::to_string(left));
      }
      if (*status != sw::kOk) return fail(ErrorCode::kRefused, "VERIFY PIN answers " + told(*status));
      return true;
    }
  }
  if (m_secured || !m_access.open_secure_channel) return false;
  if (const auto opened = secure(place); !opened) return tl::unexpected(opened.error());
  return true;
}

Result<crypto::WipedBytes> CardBootstrap::read_file(const BootstrapPlace& place, BytesView path, std::string_view name,
                                                    std::optional<std::size_t>& size) {
  while (true) {
    const auto file = m_files.select(path);
    if (!file) return tl::unexpected(file.error());
    StatusWord status = file->status;
    if (status.is_success()) {
      size = file->size;
      auto content = m_files.read(file->size);
      if (!content) return tl::unexpected(content.error());
      if (!content->is_refused()) return std::move(content->bytes);
      status = content->status;
    }
    const std::string what = std::string(name) + " (" + to_hex(path) + ")";
    if (status == sw::kFileNotFound) return fail(ErrorCode::kNotFound, what + " is not on the card");
    if (!asks_for_more(status)) return fail(ErrorCode::kRefused, what + " cannot be read: " + told(status));
    const auto helped = unlock(place);
    if (!helped) return tl::unexpected(helped.error());
    if (*helped) continue;
    return fail(ErrorCode::kRefused, what + " may not be read: " + told(status) + "; " +
                                         (m_pin_used ? "the PIN does not allow it" : "no PIN was given") + ", and " +
                                         (m_secured ? "the secure channel does not allow it" : "no keys for a secure channel were given"));
  }
}

Result<void> CardBootstrap::find_file(BootstrapPlace& place) {
  place.odf = to_bytes(kOdf);
  std::optional<std::size_t> size;
  const auto odf = read_file(place, place.odf, "EF(ODF)", size);
  if (!odf) return tl::unexpected(odf.error());
  const auto directories = parse_odf(*odf);
  if (!directories) return fail(directories.error().code, "EF(ODF): " + directories.error().text, directories.error().offset);
  // Any of them may have the entry; one that cannot be read is skipped (a real card names two, one of which is empty).
  std::string tried;
  for (const Bytes& path : *directories) {
    place.dodf = below_mf(path);
    const auto dodf = read_file(place, place.dodf, "EF(DODF)", size);
    if (!dodf && dodf.error().code == ErrorCode::kIo) return tl::unexpected(dodf.error());
    const auto entry = dodf ? find_bootstrap(*dodf) : tl::unexpected(dodf.error());
    if (entry) {
      place.entry = *entry;
      place.path = below_mf(entry->path);
      return {};
    }
    tried += "; " + to_hex(path) + ": " + entry.error().text;
  }
  return fail(ErrorCode::kNotFound,
              directories->empty() ? "EF(ODF) names no directory of data objects" : "no directory names a bootstrap file" + tried);
}

Result<CardReading> CardBootstrap::read() {
  CardReading out;
  if (const auto found = select_application(out.place).and_then([&] { return find_file(out.place); }); !found) {
    return tl::unexpected(found.error());
  }
  auto content = read_file(out.place, out.place.path, kFileName, out.place.size);
  if (!content) return tl::unexpected(content.error());
  auto file = parse_bootstrap_file(*content);
  if (!file) return fail(file.error().code, "EF_LWM2M_Bootstrap: " + file.error().text, file.error().offset);
  out.file = *std::move(file);
  out.content = *std::move(content);
  out.secured = m_secured;
  out.pin_used = m_pin_used;
  return out;
}

Result<SessionKeyRecord> CardBootstrap::read_session_keys() {
  BootstrapPlace place;
  if (const auto selected = select_application(place); !selected) return tl::unexpected(selected.error());
  std::optional<std::size_t> size;
  const auto content = read_file(place, kSessionKeys, "session-key file", size);
  if (!content) return tl::unexpected(content.error());
  return parse_session_keys(*content);
}

Result<bool> CardBootstrap::write_file(const BootstrapPlace& place, BytesView path, std::string_view name, BytesView content, Steps steps) {
  const std::string what = std::string(name) + " (" + to_hex(path) + ")";
  while (true) {
    const auto file = m_files.select(path);
    if (!file) return tl::unexpected(file.error());
    if (!file->status.is_success()) return fail(ErrorCode::kNotFound, what + " is not on the card: SELECT answers " + told(file->status));
    if (!file->size) return fail(ErrorCode::kMalformed, what + ": its FCP does not give its size");
    if (*file->size < content.size()) {
      return fail(ErrorCode::kRange,
                  what + " has " + std::to_string(*file->size) + " bytes; " + std::to_string(content.size()) + " are needed");
    }
    crypto::WipedBytes padded = crypto::to_wiped(content);
    padded.resize(*file->size, 0xFF);
    const auto now = m_files.read(file->size);
    if (!now) return tl::unexpected(now.error());
    const bool known = !now->is_refused();
    if (known && crypto::constant_time_equal(now->bytes, padded)) return true;
    const auto at_once = m_files.write_in_one(padded, known ? BytesView(now->bytes) : BytesView());
    if (!at_once) return tl::unexpected(at_once.error());
    if (!*at_once && steps == Steps::kOne && !(known && is_nothing(now->bytes))) return false;
    const auto status = *at_once ? Result<StatusWord>(**at_once) : m_files.write(padded);
    if (!status) return tl::unexpected(status.error());
    if (status->is_success()) {
      m_written = true;
      const auto back = m_files.read(file->size);
      if (!back) return tl::unexpected(back.error());
      if (!back->is_refused() && !crypto::constant_time_equal(back->bytes, padded)) {
        return fail(ErrorCode::kMismatch, what + ": the content read back differs from the written one");
      }
      return true;
    }
    if (*status == sw::kWrongLength && m_files.longest_command() > kLongestShort) {  // no extended length after all
      m_files.set_longest(kLongestShort, 256);
      continue;
    }
    const auto helped = asks_for_more(*status) ? unlock(place) : Result<bool>(false);
    if (!helped) return tl::unexpected(helped.error());
    if (!*helped) return fail(ErrorCode::kRefused, what + " cannot be written: " + told(*status));
  }
}

/// The file, and then the way to it, its begin last. A blank content of ODF and DODF is written; one that leads elsewhere is somebody
/// else's.
Result<void> CardBootstrap::write_new(BootstrapPlace& place, BytesView content, const ProvisionOptions& options) {
  place.odf = to_bytes(kOdf);
  place.dodf = below_mf(options.dodf);
  place.entry = bootstrap_data_object(options.file, options.coding);
  place.path = below_mf(options.file);
  std::optional<std::size_t> size;
  const auto odf = read_file(place, place.odf, "EF(ODF)", size);
  if (!odf) return tl::unexpected(odf.error());
  const auto directories = parse_odf(*odf);
  if (!directories) return fail(directories.error().code, "EF(ODF): " + directories.error().text, directories.error().offset);
  if (!directories->empty() && std::ranges::find(*directories, options.dodf) == directories->end()) {
    return fail(ErrorCode::kRefused, "EF(ODF) names other directories, none of which names a bootstrap file");
  }
  const auto dodf = read_file(place, place.dodf, "EF(DODF)", size);
  if (!dodf) return tl::unexpected(dodf.error());
  const auto entries = parse_dodf(*dodf);
  if (!entries) return fail(entries.error().code, "EF(DODF): " + entries.error().text, entries.error().offset);
  const auto ours = [&](const DataObject& entry) { return entry == place.entry; };  // of a try that the power ended
  if (!std::ranges::all_of(*entries, ours)) return fail(ErrorCode::kRefused, "EF(DODF) has other entries");
  const auto write = [&](BytesView path, std::string_view name, BytesView what) {
    return write_file(place, path, name, what, Steps::kAny).map([](bool) {});
  };
  if (const auto written = write(place.path, kFileName, content); !written) return written;
  if (const auto written = write(place.dodf, "EF(DODF)", encode_dodf(place.entry)); !written) return written;
  return directories->empty() ? write(place.odf, "EF(ODF)", encode_odf({options.dodf})) : Result<void>();
}

Result<void> CardBootstrap::replace(BootstrapPlace& place, BytesView content, const ProvisionOptions& options) {
  const auto written = write_file(place, place.path, kFileName, content, options.may_tear ? Steps::kAny : Steps::kOne);
  if (!written) return tl::unexpected(written.error());
  if (*written) return {};
  if (options.spare.size() != 2) {
    return fail(ErrorCode::kUnsupported, std::string(kFileName) + " (" + to_hex(place.path) +
                                             ") needs several commands, and a power cut between them would lose the existing accounts");
  }
  const Bytes old = place.path;
  const Bytes now = to_bytes(BytesView(place.entry.path).last(2));
  const Bytes& other = equal(now, options.spare) ? options.file : options.spare;
  if (equal(other, now)) return fail(ErrorCode::kRefused, "the spare file is the one in use");
  std::ranges::copy(other, place.entry.path.end() - 2);
  place.path = below_mf(place.entry.path);
  const auto beside = write_file(place, place.path, kFileName, content, Steps::kAny);
  if (!beside) return tl::unexpected(beside.error());

  std::optional<std::size_t> size;
  const auto dodf = read_file(place, place.dodf, "EF(DODF)", size);
  if (!dodf) return tl::unexpected(dodf.error());
  const auto turned = with_bootstrap_path(*dodf, place.entry.path);
  if (!turned) return tl::unexpected(turned.error());
  const auto switched = write_file(place, place.dodf, "EF(DODF)", *turned, Steps::kOne);
  if (!switched) return tl::unexpected(switched.error());
  // Nobody reads the old one any more; its keys do not stay.
  return write_file(place, old, kFileName, {}, Steps::kAny).map([](bool) {});
}

Result<BootstrapPlace> CardBootstrap::write(const BootstrapFile& file, const ProvisionOptions& options) {
  const auto content = encode_bootstrap_file(file);
  if (!content) return tl::unexpected(content.error());
  BootstrapPlace place;
  m_written = false;
  if (const auto selected = select_application(place); !selected) return tl::unexpected(selected.error());
  const auto found = find_file(place);
  if (!found && found.error().code != ErrorCode::kNotFound) return tl::unexpected(found.error());
  const auto written = found ? replace(place, *content, options) : write_new(place, *content, options);
  if (!written) return tl::unexpected(written.error());
  place.size = content->size();
  place.unchanged = !m_written;
  return place;
}

}  // namespace uicclab::lwm2m::device
