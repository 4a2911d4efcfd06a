// SPDX-License-Identifier: Apache-2.0
// Package uicc.toolkit (ETSI TS 102 241 clause 6 and annex A) as native methods, over the toolkit of the card (applet/api/toolkit.hpp).
//
// Java sees handlers as interfaces alone. Their objects are of the interface itself (jcvm/machine/library.hpp): those of the card, one of
// each kind, are temporary entry points whose contents belong to the activation that runs; those that uicc.system.HandlerBuilder makes
// are objects of the applet.
#pragma once

#include "applet/api/toolkit.hpp"
#include "applet/java/framework/framework.hpp"
#include "applet/java/uicc/activation.hpp"

namespace uicclab::applet::java {

inline constexpr std::string_view kToolkitPackage = "uicc/toolkit";
inline constexpr jcvm::machine::ApiClass kEditHandler{kToolkitPackage, 2};
inline constexpr jcvm::machine::ApiClass kEnvelopeHandler{kToolkitPackage, 3};
inline constexpr jcvm::machine::ApiClass kEnvelopeResponseHandler{kToolkitPackage, 4};
/// The class of the card's EnvelopeHandler: a cast shows what uicc.usim.toolkit adds (3GPP TS 31.130).
inline constexpr std::string_view kUsimToolkitPackage = "uicc/usim/toolkit";
inline constexpr jcvm::machine::ApiClass kUsatEnvelopeHandler{kUsimToolkitPackage, 1};
inline constexpr jcvm::machine::ApiClass kProactiveHandler{kToolkitPackage, 5};
inline constexpr jcvm::machine::ApiClass kProactiveResponseHandler{kToolkitPackage, 6};
inline constexpr jcvm::machine::ApiClass kToolkitInterface{kToolkitPackage, 8};
inline constexpr jcvm::machine::ApiClass kToolkitRegistry{kToolkitPackage, 9};
inline constexpr jcvm::machine::ApiClass kBerTlvEditHandler{kToolkitPackage, 10};
inline constexpr jcvm::machine::ApiClass kToolkitException{kToolkitPackage, 13};

/// Reasons of ToolkitException that the card's toolkit does not give (applet::ToolkitError has the others).
inline constexpr std::int16_t kHandlerOverflow = 1;
inline constexpr std::int16_t kHandlerNotAvailable = 2;
inline constexpr std::int16_t kUnavailableElement = 3;
inline constexpr std::int16_t kOutOfTlvBoundaries = 8;
inline constexpr std::int16_t kTerminalProfileNotAvailable = 9;
inline constexpr std::int16_t kBadInputParameter = 14;

// The same toolkit for applets of the SIM API (package sim.toolkit, 3GPP TS 43.019): handlers and the registry are classes there.
inline constexpr std::string_view kSimToolkitPackage = "sim/toolkit";
inline constexpr jcvm::machine::ApiClass kSimToolkitInterface{kSimToolkitPackage, 1};
inline constexpr jcvm::machine::ApiClass kSimToolkitException{kSimToolkitPackage, 7};
inline constexpr jcvm::machine::ApiClass kSimToolkitRegistry{kSimToolkitPackage, 9};

/// The method that is called is one of the SIM API.
bool is_of_sim(jcvm::machine::NativeCall& call);

/// ToolkitException of the package of the method that is called.
inline jcvm::machine::Outcome toolkit_refuses(jcvm::machine::NativeCall& call, std::int16_t reason) {
  return call.throws(is_of_sim(call) ? kSimToolkitException : kToolkitException, reason);
}

void add_toolkit(jcvm::machine::NativeTable& table);

// Each adds its classes.
void add_view_handlers(jcvm::machine::NativeTable& table);
void add_edit_handlers(jcvm::machine::NativeTable& table);
void add_envelope_handlers(jcvm::machine::NativeTable& table);
void add_usat_envelope_handler(jcvm::machine::NativeTable& table);
void add_proactive_handlers(jcvm::machine::NativeTable& table);
void add_toolkit_registry(jcvm::machine::NativeTable& table);
void add_terminal_profile(jcvm::machine::NativeTable& table);
/// After the others, whose functions it takes.
void add_sim_toolkit(jcvm::machine::NativeTable& table);
void add_handler_builder(jcvm::machine::NativeTable& table);

/// The same methods for each of these classes: an interface of the tables repeats those of its superinterfaces.
template <std::size_t kCount>
void add_to_each(jcvm::machine::NativeTable& table, std::initializer_list<std::string_view> classes,
                 const std::array<jcvm::machine::NativeMethod, kCount>& methods, std::string_view package = kToolkitPackage) {
  for (const std::string_view name : classes) {
    auto copies = methods;
    for (auto& method : copies) method.class_name = name;
    table.add(package, copies);
  }
}

/// The list of the handler whose method is called, or of one that was handed over. False: return failed(), it is not available now.
class Handler {
 public:
  explicit Handler(jcvm::machine::NativeCall& call) : Handler(call, call.self()) {}
  Handler(jcvm::machine::NativeCall& call, jcvm::machine::Ref handler);
  /// Not an object of an applet's class that implements ViewHandler.
  static bool is_handler(jcvm::machine::NativeCall& call, jcvm::machine::Ref object);
  explicit operator bool() const { return m_list != nullptr; }
  TlvList* operator->() { return m_list; }
  TlvList& operator*() { return *m_list; }
  /// After a change: what is the applet's own is written into its objects. False: return failed().
  bool keep();

 private:
  void read();

  jcvm::machine::NativeCall& m_call;
  jcvm::machine::Ref m_handler;
  TlvList m_own;
  TlvList* m_list = nullptr;
};

/// A handler of the applet's own: HandlerBuilder.buildTLVHandler().
std::optional<jcvm::machine::Ref> make_handler(jcvm::machine::NativeCall& call, jcvm::machine::ApiClass of, std::int16_t capacity,
                                               BytesView content);

/// The value of the first element with this tag, which is selected then. Empty: return failed(); UNAVAILABLE_ELEMENT if there is none, and
/// OUT_OF_TLV_BOUNDARIES if it is shorter than `least`.
std::optional<BytesView> element_of(jcvm::machine::NativeCall& call, TlvList& list, std::uint8_t tag, std::size_t least);
/// getChannelStatus() of both kinds of handlers that have it.
jcvm::machine::Outcome channel_status(jcvm::machine::NativeCall& call);
jcvm::machine::Outcome channel_identifier(jcvm::machine::NativeCall& call);
jcvm::machine::Outcome item_identifier(jcvm::machine::NativeCall& call);
/// EnvelopeResponseHandler.post(), postAsBERTLV().
jcvm::machine::Outcome post_answer(jcvm::machine::NativeCall& call, const Bytes& data, bool success);

/// The entry in the toolkit registry that the object whose method is called means; null: return failed().
std::unique_ptr<ToolkitEntry> entry_of(jcvm::machine::NativeCall& call);
jcvm::machine::Outcome registry_answers(jcvm::machine::NativeCall& call, ToolkitError error);

}  // namespace uicclab::applet::java
