// SPDX-License-Identifier: Apache-2.0
// AdminFileView: ETSI TS 102 241 annex A, by the commands of ETSI TS 102 222. The rights are those of the administrative access domain.
#include "applet/java/uicc/access.hpp"
#include "applet/java/uicc/toolkit.hpp"
#include "core/ber_tlv.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::uint8_t kCreateFile = 0xE0;
constexpr std::uint8_t kDeleteFile = 0xE4;
constexpr std::uint8_t kResizeFile = 0xD4;
constexpr std::uint8_t kSelect = 0xA4;
constexpr std::uint8_t kNoData = 0x0C;
constexpr ber::Tag kFcp = 0x62;
constexpr ber::Tag kFileIdentifier = 0x83;

/// Reasons of AdminException.
enum AdminReason : std::int16_t {
  kIncorrectParameters = 1,
  kFileAlreadyExists,
  kConditionsOfUse,
  kNotEnoughMemory,
  kDfNameAlreadyExists,
};

Outcome admin_refuses(NativeCall& call, StatusWord status) {
  switch (status.value) {
    case sw::kIncorrectData.value:
      return call.throws(kAdminException, kIncorrectParameters);
    case sw::kFileExists.value:
      return call.throws(kAdminException, kFileAlreadyExists);
    case sw::kNotEnoughMemory.value:
      return call.throws(kAdminException, kNotEnoughMemory);
    case sw::kDfNameExists.value:
      return call.throws(kAdminException, kDfNameAlreadyExists);
    default:
      return uicc_refuses(call, status);
  }
}

/// The value of an FCP template, in a handler. Empty: return failed().
std::optional<Bytes> template_at(NativeCall& call, std::size_t argument) {
  const machine::Ref ref = call.reference_at(argument);
  if (call.object(ref) == nullptr) return std::nullopt;
  if (!Handler::is_handler(call, ref)) {
    call.throws(kAdminException, kIncorrectParameters);
    return std::nullopt;
  }
  Handler list(call, ref);
  return list ? std::optional(list->bytes) : std::nullopt;
}

apdu::Command with_fcp(std::uint8_t cla, std::uint8_t ins, BytesView data) {
  apdu::Command command;
  command.cla = cla;
  command.ins = ins;
  command.data = data;
  return command;
}

StatusWord run(View& view, std::uint8_t cla, std::uint8_t ins, BytesView data) {
  Bytes nothing;
  return view.run(with_fcp(cla, ins, data), nothing);
}

Outcome create_file(NativeCall& call) {
  const auto value = template_at(call, 0);
  if (!value) return call.failed();
  View view(call, call.self());
  if (!view) return call.failed();
  const StatusWord status = run(view, 0x00, kCreateFile, ber::encode(kFcp, *value));
  return status.is_success() ? call.returns() : admin_refuses(call, status);
}

Outcome delete_file(NativeCall& call) {
  View view(call, call.self());
  if (!view) return call.failed();
  const auto fid = static_cast<std::uint16_t>(call.short_at(0));
  const std::array data{static_cast<std::uint8_t>(fid >> 8), static_cast<std::uint8_t>(fid)};
  const StatusWord status = run(view, 0x00, kDeleteFile, data);
  return status.is_success() ? call.returns() : uicc_refuses(call, status, {.conditions = kInternalError});
}

/// 6985 is the answer for a terminated file, and for one whose conditions do not allow it.
bool is_terminated(View& view, BytesView value) {
  const auto fid = ber::find(value, kFileIdentifier);
  if (!fid || fid->size() != 2) return false;
  const FileView::Position before = view.position();
  apdu::Command select = with_fcp(0x00, kSelect, *fid);
  select.p2 = kNoData;
  Bytes nothing;
  const bool terminated = view.run(select, nothing).is_success() && view.current().terminated;
  view.restore(before);
  return terminated;
}

Outcome resize_file(NativeCall& call) {
  const auto value = template_at(call, 0);
  if (!value) return call.failed();
  View view(call, call.self());
  if (!view) return call.failed();
  const StatusWord status = run(view, 0x80, kResizeFile, ber::encode(kFcp, *value));
  if (status.is_success()) return call.returns();
  if (status == sw::kConditionsNotSatisfied && !is_terminated(view, *value)) return call.throws(kAdminException, kConditionsOfUse);
  return admin_refuses(call, status);
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"", "deleteFile", "(S)V", delete_file},
    {"", "createFile", "(Luicc/toolkit/ViewHandler;)V", create_file},
    {"", "resizeFile", "(Luicc/toolkit/ViewHandler;)V", resize_file},
});

}  // namespace

void add_admin_file_view(machine::NativeTable& table) {
  add_to_views(table, {"AdminBERTLVFileView"}, kMethods);
}

}  // namespace uicclab::applet::java
