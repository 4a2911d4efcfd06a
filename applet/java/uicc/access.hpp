// SPDX-License-Identifier: Apache-2.0
// Packages uicc.access, uicc.access.fileadministration and uicc.access.bertlvfile (ETSI TS 102 241 annex A) as native
// methods, over the card's files by access domain (applet/api/file_view.hpp).
//
// A view that Java gets is an object of the applet that asked for it, of the widest interface (BER-TLV files are a cast away), and a
// permanent entry point. It holds an array for what is selected, of the lifetime that was asked for: the memory that it takes is the
// applet's, and a transient one in a package that is not selected is refused like any other.
#pragma once

#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java {

inline constexpr std::string_view kAccessPackage = "uicc/access";
inline constexpr std::string_view kAdministrationPackage = "uicc/access/fileadministration";
inline constexpr std::string_view kBerTlvPackage = "uicc/access/bertlvfile";
inline constexpr jcvm::machine::ApiClass kUiccException{kAccessPackage, 2};
inline constexpr jcvm::machine::ApiClass kAdminException{kAdministrationPackage, 1};
inline constexpr jcvm::machine::ApiClass kBerTlvFileView{kBerTlvPackage, 0};
inline constexpr jcvm::machine::ApiClass kAdminBerTlvFileView{kBerTlvPackage, 1};

/// Reasons of UICCException.
enum UiccReason : std::int16_t {
  kNoEfSelected = 1,
  kCommandIncompatible,
  kSecurityStatusNotSatisfied,
  kFileNotFound,
  kInternalError,
  kRefDataInvalidated,
  kOutOfFileBoundaries,
  kOutOfRecordBoundaries,
  kRecordNotFound,
  kInvalidMode,
  kCommandNotAllowed,
  kMaxValueReached,
  kMemoryProblem,
  kConditionsOfUseNotSatisfied,
  kReferencedDataNotFound,
  kOutOfDataBoundaries,
  kNotEnoughMemorySpace,
  kInvalidTagValue,
};

inline jcvm::machine::Outcome uicc_refuses(jcvm::machine::NativeCall& call, UiccReason reason) {
  return call.throws(kUiccException, reason);
}

/// What a status word means that is not the same in every method.
struct Meanings {
  UiccReason bounds = kInternalError;          ///< 6700, 6B00
  UiccReason conditions = kCommandNotAllowed;  ///< 6985: the file is terminated
  UiccReason data = kInternalError;            ///< 6A80
};
jcvm::machine::Outcome uicc_refuses(jcvm::machine::NativeCall& call, StatusWord status, const Meanings& meanings = {});

/// The view whose method is called, or that was handed over.
class View {
 public:
  View(jcvm::machine::NativeCall& call, jcvm::machine::Ref view);
  /// False: return failed().
  explicit operator bool() const { return m_open != nullptr; }

  StatusWord run(const apdu::Command& command, Bytes& out);
  StatusWord select(Sfi sfi);
  StatusWord update(const apdu::Command& command, std::size_t offset);
  FileView::Current current() const { return m_open->files->current(); }
  FileView::Position position() const { return m_open->files->position(); }
  /// A method that failed after its command was carried out: what is selected is as before.
  void restore(const FileView::Position& position);

  /// Whose ADF it shows; nothing: the shared file system.
  const std::optional<Aid>& application() const { return m_application; }
  OpenView& state() { return *m_open; }

 private:
  /// Of a persistent context, what is selected is kept for the next session.
  void keep();

  jcvm::machine::NativeCall& m_call;
  jcvm::machine::Ref m_context = jcvm::machine::kNull;
  std::optional<Aid> m_application;
  OpenView* m_open = nullptr;
};

void add_access(jcvm::machine::NativeTable& table);

// Each adds its methods, to both classes that have them.
void add_file_view(jcvm::machine::NativeTable& table);
void add_admin_file_view(jcvm::machine::NativeTable& table);
void add_ber_tlv_file_view(jcvm::machine::NativeTable& table);

/// The same methods for each of these interfaces of uicc.access.bertlvfile.
template <std::size_t kCount>
void add_to_views(jcvm::machine::NativeTable& table, std::initializer_list<std::string_view> classes,
                  const std::array<jcvm::machine::NativeMethod, kCount>& methods) {
  for (const std::string_view name : classes) {
    auto copies = methods;
    for (auto& method : copies) method.class_name = name;
    table.add(kBerTlvPackage, copies);
  }
}

}  // namespace uicclab::applet::java
