// SPDX-License-Identifier: Apache-2.0
// UICCSystem, AdminFileViewBuilder, UICCException and AdminException: how an applet gets a view, and what is refused to it.
#include "applet/java/uicc/access.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::Lifetime;
using machine::NativeCall;
using machine::Outcome;

namespace {

// The cells of a view: its context, whose rights it has, and the application whose files it shows.
constexpr unsigned kContext = 0;
constexpr unsigned kInstance = 1;
constexpr std::uint16_t kAidBytes = 1 + Aid::kMaxSize;
constexpr machine::NativeLayout kLayout{.references = 1, .numbers = 1, .bytes = kAidBytes};

std::optional<machine::ApiClass> class_of(NativeCall& call, machine::Ref view) {
  if (is_native(call, view, kAdminBerTlvFileView)) return kAdminBerTlvFileView;
  if (is_native(call, view, kBerTlvFileView)) return kBerTlvFileView;
  return std::nullopt;
}

bool is_administrative(const machine::ApiClass& of) {
  return of.token == kAdminBerTlvFileView.token;
}

}  // namespace

Outcome uicc_refuses(NativeCall& call, StatusWord status, const Meanings& meanings) {
  switch (status.value) {
    case sw::kNoEfSelected.value:
      return uicc_refuses(call, kNoEfSelected);
    case sw::kIncompatibleFileStructure.value:
      return uicc_refuses(call, kCommandIncompatible);
    case sw::kSecurityStatusNotSatisfied.value:
      return uicc_refuses(call, kSecurityStatusNotSatisfied);
    case sw::kFileNotFound.value:
      return uicc_refuses(call, kFileNotFound);
    case sw::kReferencedDataInvalidated.value:
      return uicc_refuses(call, kRefDataInvalidated);
    case sw::kRecordNotFound.value:
      return uicc_refuses(call, kRecordNotFound);
    case sw::kIncorrectP1P2.value:
      return uicc_refuses(call, kInvalidMode);
    case sw::kConditionsNotSatisfied.value:
      return uicc_refuses(call, meanings.conditions);
    case sw::kMaximumReached.value:
      return uicc_refuses(call, kMaxValueReached);
    case sw::kMemoryProblem.value:
      return uicc_refuses(call, kMemoryProblem);
    case sw::kReferencedDataNotFound.value:
      return uicc_refuses(call, kReferencedDataNotFound);
    case sw::kNotEnoughMemory.value:
      return uicc_refuses(call, kNotEnoughMemorySpace);
    case sw::kWrongLength.value:
    case sw::kWrongP1P2.value:
      return uicc_refuses(call, meanings.bounds);
    case sw::kIncorrectData.value:
      return uicc_refuses(call, meanings.data);
    default:
      return uicc_refuses(call, kInternalError);
  }
}

/// SecurityException: its context is cleared on deselection, and its applet is not the selected one.
View::View(NativeCall& call, machine::Ref view) : m_call(call) {
  const machine::Object* object = call.object(view);
  if (object == nullptr) return;
  const auto of = class_of(call, view);
  if (!of) {  // an applet's own class that implements the interface
    uicc_refuses(call, kInternalError);
    return;
  }
  m_context = call.reference_in(view, *of, kContext);
  const machine::Object* context = call.heap().find(m_context);
  const bool of_selected = call.selected() && call.selected()->package == object->owner.package;
  if (context == nullptr || (context->lifetime == Lifetime::kClearOnDeselect && !of_selected)) {
    call.throws(machine::kSecurityException);
    return;
  }
  const BytesView name = call.bytes_in(view, *of);
  if (const auto application = Aid::from(name.subspan(1, name[0]))) m_application = *application;
  Session& session = session_of(call);
  m_open = session.open_view(view);
  if (m_open != nullptr) return;
  const auto instance = static_cast<std::uint32_t>(call.number_in(view, *of, kInstance));
  auto files = session.context().code()->file_view(instance, m_application.value_or(Aid{}), is_administrative(*of));
  if (files == nullptr) {  // the application was deleted
    uicc_refuses(call, kInternalError);
    return;
  }
  FileView::Position position{};
  std::ranges::copy(BytesView(context->body).first(position.size()), position.begin());
  files->restore(position);
  m_open = &session.keep_view(view, std::move(files), object->owner.package, context->lifetime);
}

void View::keep() {
  machine::Object* context = m_call.heap().find(m_context);
  if (context == nullptr || context->lifetime != Lifetime::kPersistent) return;
  const FileView::Position position = m_open->files->position();
  if (!equal(context->body, position)) m_call.heap().write_now(*context, 0, position);
}

StatusWord View::run(const apdu::Command& command, Bytes& out) {
  m_call.charge(command.data.size());
  const StatusWord status = m_open->files->run(command, out);
  m_call.charge(out.size());
  if (status.is_success()) keep();
  return status;
}

StatusWord View::select(Sfi sfi) {
  const StatusWord status = m_open->files->select(sfi);
  if (status.is_success()) keep();
  return status;
}

StatusWord View::update(const apdu::Command& command, std::size_t offset) {
  m_call.charge(command.data.size());
  const StatusWord status = m_open->files->update(command, offset);
  if (status.is_success()) keep();
  return status;
}

void View::restore(const FileView::Position& position) {
  m_open->files->restore(position);
  keep();
}

namespace {

/// Empty: an exception was chosen.
std::optional<Lifetime> lifetime(NativeCall& call, std::int8_t event) {
  const bool selected = call.selected() && call.selected()->package == call.caller().package;
  if (event < 0 || event > 2) {
    call.throws(machine::kSystemException, machine::kIllegalValue);
  } else if (event == static_cast<std::int8_t>(Lifetime::kClearOnDeselect) && !selected) {
    call.throws(machine::kSystemException, machine::kIllegalTransient);
  } else {
    return static_cast<Lifetime>(event);
  }
  return std::nullopt;
}

/// Null before Applet.register(), and if there are no such files.
Outcome make_view(NativeCall& call, machine::ApiClass of, std::int8_t event, const Aid& application) {
  const auto of_context = lifetime(call, event);
  if (!of_context) return call.failed();
  Session& session = session_of(call);
  const auto instance = session.instance_of(call.caller());
  if (!instance) return call.returns_reference(machine::kNull);
  const std::uint32_t number = instance->context.instance;
  if (session.context().code()->file_view(number, application, is_administrative(of)) == nullptr)
    return call.returns_reference(machine::kNull);
  const auto context = call.make_array(jcvm::code::kTypeByte, FileView::kPositionSize, call.caller(), *of_context);
  if (!context) return call.failed();
  const auto view = call.make(of, call.caller());
  if (!view) return call.failed();
  Bytes name{static_cast<std::uint8_t>(application.bytes().size())};
  append(name, application.bytes());
  const bool written = call.set_reference(*view, of, kContext, *context) &&
                       call.set_number(*view, of, kInstance, static_cast<std::int32_t>(number)) && call.set_bytes(*view, of, 0, name);
  if (!written) return call.failed();
  call.heap().grant(*view, machine::kPermanentEntryPoint);
  session.forget_view(*view);  // of an object that had this number before
  return call.returns_reference(*view);
}

template <const machine::ApiClass& kOf>
Outcome shared_view(NativeCall& call) {
  return make_view(call, kOf, call.byte_at(0), {});
}

template <const machine::ApiClass& kOf>
Outcome view_by_object(NativeCall& call) {
  const machine::Ref aid = call.reference_at(0);
  if (call.object(aid) == nullptr) return call.failed();
  const BytesView all = call.bytes_in(aid, machine::kAid);
  const auto application = Aid::from(all.subspan(1, all[0]));
  return application ? make_view(call, kOf, call.byte_at(1), *application) : call.returns_reference(machine::kNull);
}

template <const machine::ApiClass& kOf>
Outcome view_by_bytes(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), call.byte_at(2));
  if (!bytes) return call.failed();
  const auto application = Aid::from(*bytes);
  if (!application) return call.throws(machine::kSystemException, machine::kIllegalValue);
  return make_view(call, kOf, call.byte_at(3), *application);
}

Outcome throw_uicc(NativeCall& call) {
  return call.throws(kUiccException, call.short_at(0));
}

Outcome throw_admin(NativeCall& call) {
  return call.throws(kAdminException, call.short_at(0));
}

constexpr auto kAccess = std::to_array<machine::NativeMethod>({
    {"UICCSystem", "getTheUICCView", "(B)Luicc/access/FileView;", shared_view<kBerTlvFileView>},
    {"UICCSystem", "getTheFileView", "(Ljavacard/framework/AID;B)Luicc/access/FileView;", view_by_object<kBerTlvFileView>},
    {"UICCSystem", "getTheFileView", "([BSBB)Luicc/access/FileView;", view_by_bytes<kBerTlvFileView>},
    {"UICCException", "<init>", "(S)V", set_exception_reason},
    {"UICCException", "throwIt", "(S)V", throw_uicc},
});

constexpr auto kAdministration = std::to_array<machine::NativeMethod>({
    {"AdminFileViewBuilder", "getTheUICCAdminFileView", "(B)Luicc/access/fileadministration/AdminFileView;",
     shared_view<kAdminBerTlvFileView>},
    {"AdminFileViewBuilder", "getTheAdminFileView", "(Ljavacard/framework/AID;B)Luicc/access/fileadministration/AdminFileView;",
     view_by_object<kAdminBerTlvFileView>},
    {"AdminFileViewBuilder", "getTheAdminFileView", "([BSBB)Luicc/access/fileadministration/AdminFileView;",
     view_by_bytes<kAdminBerTlvFileView>},
    {"AdminException", "<init>", "(S)V", set_exception_reason},
    {"AdminException", "throwIt", "(S)V", throw_admin},
});

}  // namespace

void add_access(machine::NativeTable& table) {
  table.layout(kBerTlvPackage, "BERTLVFileView", kLayout);
  table.layout(kBerTlvPackage, "AdminBERTLVFileView", kLayout);
  table.add(kAccessPackage, kAccess);
  table.add(kAdministrationPackage, kAdministration);
  add_file_view(table);
  add_admin_file_view(table);
  add_ber_tlv_file_view(table);
}

}  // namespace uicclab::applet::java
