// SPDX-License-Identifier: Apache-2.0
// Code that was loaded with LOAD and that the card's program can run (GlobalPlatform Card Specification v2.3.1 clauses 6.2 and 9.3.5).
//
// Who can run it, the managed code, is one object of the process that joins the module catalogue:
//
//   class JavaCode final : public ManagedCode {
//     std::shared_ptr<const Module> module(const LoadFile& file, const Aid& module_aid) const override;  // a JavaModule, or null
//     std::unique_ptr<CodeSession> make_session() const override;                                       // a JavaSession: the machine
//   };
//   ModuleCatalogue catalogue = builtin_modules();
//   catalogue.managed = std::make_shared<const JavaCode>();
//
// A JavaModule says writes_at_once(), and what else is true of its instances; a JavaApplet finds its machine at each call:
//
//   StatusWord JavaApplet::process(Context& context, const apdu::Command& command, Bytes& out) {
//     CodeServices& services = *context.code();
//     auto& java = static_cast<JavaSession&>(services.session());
//     const JavaSession::Call call(java, context);    // lends `services.objects()` to the machine's object store until it returns
//     ...
//   }
//
// The order of events:
//   LOAD          CodeSession::load(): links, creates static fields; a refusal is LOAD's answer.
//   INSTALL       Applet::install() of the new instance. Nothing is final before the whole command is.
//   SELECT ...    Applet::select(), process(), deselect(). Each write is final at once, or with the instance's own transaction.
//   DELETE        Applet::uninstall() of each instance that goes, then CodeSession::remove(), which may refuse. Nothing is final before.
//   any end       CodeSession::on_transaction_end(), after the applets'.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "core/environment.hpp"
#include "core/status_word.hpp"
#include "core/types.hpp"

namespace uicclab::applet {

class FileView;
class Module;
class OpenServices;
class ToolkitEntry;

/// A load file of the card.
struct LoadFile {
  std::uint32_t number = 0;  ///< from 1; never used again on this card
  Aid aid;
  BytesView components;  ///< the CAP components as they were loaded; valid for the length of the call that got them
};

/// Persistent objects of all managed code on a card, in one space: numbers 1 to FFFFFFFF are chosen by the code. Outside a unit each write
/// is final when it returns, unless the card does the command as a whole (seals()).
class CodeObjects {
 public:
  virtual ~CodeObjects() = default;

  /// Good until the next write.
  virtual std::optional<BytesView> read(std::uint32_t number) const = 0;
  virtual void write(std::uint32_t number, BytesView value) = 0;
  /// Within the object as it is. Throws SystemError outside of it.
  virtual void write_part(std::uint32_t number, std::size_t offset, BytesView bytes) = 0;
  /// The same, final when it returns even within a unit, and even if the command fails: PIN try counters. Of an object that is not
  /// final itself it is a part.
  virtual void write_part_now(std::uint32_t number, std::size_t offset, BytesView bytes) = 0;
  virtual void erase(std::uint32_t number) = 0;
  /// Of the objects there are, in order.
  virtual std::vector<std::uint32_t> numbers() const = 0;

  /// Between both nothing is final; with end() all of it is, with abandon() none of it was written. As Context::begin_transaction(), which
  /// it is for an instance: what it writes into slots and files belongs to it. False, and nothing done: a unit is open already (begin), or
  /// none is.
  virtual bool begin() = 0;
  virtual bool end() = 0;
  virtual bool abandon() = 0;
  /// What is written now is final at once. False in LOAD, INSTALL and DELETE: on_transaction_end() then says what became of it.
  virtual bool seals() const = 0;
};

class CodeSession;

/// Bytes that an instance may have (GP clause 9.7, install parameters C8 and C7); nothing: no limit.
struct MemoryQuota {
  std::optional<std::uint32_t> persistent;
  std::optional<std::uint32_t> volatile_memory;
  std::uint32_t reserved_volatile = 0;  ///< D7: kept for it
};

/// What a profile says of managed code.
struct CodeChoices {
  bool java_21_install = false;
  bool verify_strictly = false;
};

/// The card's services for managed code during one call, in addition to the Context of an instance.
class CodeServices {
 public:
  virtual ~CodeServices() = default;
  /// Of this card and this session.
  virtual CodeSession& session() = 0;
  virtual CodeObjects& objects() = 0;
  /// All that are on the card, by number: what a file imports comes before it.
  virtual std::vector<LoadFile> load_files() const = 0;
  /// Bytes that new objects may take from the card's memory now, and its volatile memory that neither is in use nor kept for somebody;
  /// writes are not checked against either.
  virtual std::uint32_t free_memory() const = 0;
  virtual std::uint32_t free_volatile_memory() const = 0;
  /// Of an instance, by its install parameters. Keeping to them is the code's own business.
  virtual MemoryQuota quota(std::uint32_t instance) const = 0;
  /// The number of the instance with this AID, if it can be selected.
  virtual std::optional<std::uint32_t> instance(const Aid& aid) const = 0;
  /// The number of the instance that is called; nullopt in calls for a load file.
  virtual std::optional<std::uint32_t> self() const = 0;
  /// The entry of an instance in the toolkit registry; null: it has none. Not for longer than the call.
  virtual std::unique_ptr<ToolkitEntry> toolkit_entry(std::uint32_t instance) = 0;
  virtual OpenServices& open() = 0;
  /// A view of any instance by its access domains alone, whatever PINs are disabled. `administrative`: that one for everything.
  virtual std::unique_ptr<FileView> file_view(std::uint32_t instance, const Aid& application, bool administrative) = 0;
  virtual Random& random() = 0;
  virtual const Clock& clock() const = 0;
  virtual CodeChoices choices() const = 0;
};

/// What managed code keeps while a card is powered: the machine, its cache of objects, transient memory. Made when the first of its files
/// or instances is used, destroyed at power-off; and after something was thrown through it, together with the objects of its applets.
class CodeSession {
 public:
  virtual ~CodeSession() = default;

  /// The last block of LOAD came: `file` is on the card, with what it imports. Status other than success: it cannot be run, LOAD answers so
  /// and leaves nothing.
  virtual StatusWord load(CodeServices& services, const LoadFile& file) = 0;
  /// DELETE: these instances, whose uninstall() was called, and load files (of the load files that managed code runs) go, with all that is
  /// theirs; both may be empty. Status other than success (6985: others hold references to their objects): nothing goes.
  virtual StatusWord remove(CodeServices& services, std::span<const std::uint32_t> instances, std::span<const std::uint32_t> files) = 0;
  /// A transaction has ended in which this session had a part: what it wrote while it did not seal is final, or was taken back.
  virtual void on_transaction_end(bool committed) = 0;
  /// Bytes of volatile memory that an instance has now. May be asked while the code runs.
  virtual std::uint32_t volatile_memory(CodeServices& services, std::uint32_t instance) = 0;
};

/// The code of load files that the card's program can run. One object serves every card of the process; what it knows of a load file it
/// keeps by the file's bytes.
class ManagedCode {
 public:
  virtual ~ManagedCode() = default;

  /// The module of a load file; it outlives `file`. Null: this is not code that can be run, INSTALL answers 6A81. Called at most once for
  /// each load file and module of a session, when an instance needs it: after power-on too.
  virtual std::shared_ptr<const Module> module(const LoadFile& file, const Aid& module_aid) const = 0;
  virtual std::unique_ptr<CodeSession> make_session() const = 0;
};

}  // namespace uicclab::applet
