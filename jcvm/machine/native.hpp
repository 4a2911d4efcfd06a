// SPDX-License-Identifier: Apache-2.0
// Native methods: the methods of API packages, written in C++.
//
// A native method is a plain function. It takes its arguments from `call`, and its last statement says how it ends:
//
//   Outcome array_copy(NativeCall& call) {                        // Util.arrayCopy([BS[BSS)S
//     const auto source = call.read_array(0, call.short_at(1), call.short_at(4));
//     if (!source) return call.failed();                          // the exception has been chosen: null, bounds, firewall
//     if (!call.write_array(2, call.short_at(3), *source)) return call.failed();
//     return call.returns(static_cast<std::int16_t>(call.short_at(3) + call.short_at(4)));
//   }
//   constexpr auto kUtil = std::to_array<NativeMethod>({{"Util", "arrayCopy", "([BS[BSS)S", array_copy}});
//   table.add("javacard/framework", kUtil);
//
// Numbers of arguments count from 0, without the object, an int or a reference as one. The interpreter has checked, before the function is
// called, that each argument is of the kind that the descriptor says, and a reference null or an object of its class (an array of its
// type). It does not check null or the firewall.
//
// Order of checks: what the API documentation says first, throws first. read_array() and write_array() check null, then the firewall, then
// bounds.
//
// Methods that call Java do it by `return call.calls_virtual(...)`: the machine runs that method and then calls the same function again,
// with call.step() as it was asked for; `call.result()` is what the method returned. What must be kept meanwhile goes into call.scratch(i).
// C++ locals do not survive. A method that waits for something from outside returns call.waits(step): run() ends as kWaiting, and the next
// run() calls the function again with that step.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string_view>

#include "core/types.hpp"
#include "jcvm/machine/api_packages.hpp"
#include "jcvm/machine/cell.hpp"

namespace uicclab::jcvm::machine {

class Heap;
class Machine;
class NativeCall;
class Thread;
struct Frame;
struct Method;

/// How a native method ended. Made by the functions of NativeCall only.
enum class Outcome : std::uint8_t { kReturned, kThrew, kCalled, kWaiting };

using NativeFunction = Outcome (*)(NativeCall& call);

/// A class of an API package.
struct ApiClass {
  std::string_view package;  ///< "java/lang"
  std::uint8_t token;
  std::size_t place;  ///< of the package in kApiPackages

  constexpr ApiClass(std::string_view package_, std::uint8_t token_)
      : package(package_),
        token(token_),
        place(static_cast<std::size_t>(std::ranges::find(kApiPackages, package) - kApiPackages.begin())) {}
};

/// Exceptions that the machine itself throws, and those that most natives need. Others are written the same way where they are needed:
/// constexpr ApiClass kCryptoException{"javacard/security", 14};
constexpr ApiClass kObject{"java/lang", 0};
constexpr ApiClass kThrowable{"java/lang", 1};
constexpr ApiClass kArrayIndexOutOfBoundsException{"java/lang", 5};
constexpr ApiClass kNegativeArraySizeException{"java/lang", 6};
constexpr ApiClass kNullPointerException{"java/lang", 7};
constexpr ApiClass kClassCastException{"java/lang", 8};
constexpr ApiClass kArithmeticException{"java/lang", 9};
constexpr ApiClass kSecurityException{"java/lang", 10};
constexpr ApiClass kArrayStoreException{"java/lang", 11};
constexpr ApiClass kShareable{"javacard/framework", 2};
constexpr ApiClass kApplet{"javacard/framework", 3};
constexpr ApiClass kCardException{"javacard/framework", 4};
constexpr ApiClass kCardRuntimeException{"javacard/framework", 5};
constexpr ApiClass kAid{"javacard/framework", 6};
constexpr ApiClass kISOException{"javacard/framework", 7};
constexpr ApiClass kOwnerPIN{"javacard/framework", 9};
constexpr ApiClass kAPDU{"javacard/framework", 10};
constexpr ApiClass kPINException{"javacard/framework", 11};
constexpr ApiClass kAPDUException{"javacard/framework", 12};
constexpr ApiClass kSystemException{"javacard/framework", 13};
constexpr ApiClass kTransactionException{"javacard/framework", 14};
constexpr ApiClass kUserException{"javacard/framework", 15};

/// Reasons of SystemException and TransactionException.
constexpr std::int16_t kIllegalValue = 1;
constexpr std::int16_t kNoTransientSpace = 2;
constexpr std::int16_t kIllegalTransient = 3;
constexpr std::int16_t kNoResource = 5;
constexpr std::int16_t kIllegalUse = 6;
constexpr std::int16_t kTransactionInProgress = 1;
constexpr std::int16_t kTransactionNotInProgress = 2;
constexpr std::int16_t kTransactionBufferFull = 3;

/// What whoever runs the machine lends its natives: static_cast<MyRuntime&>(call.host()).
class NativeHost {
 public:
  virtual ~NativeHost() = default;
  /// May an applet of `caller` call a Shareable method of an object of `owner` now? Not if the owner is an applet that is not
  /// multiselectable and is active on another channel (JCRE clause 6.2.8.6).
  virtual bool may_enter(Context /*caller*/, Context /*owner*/) { return true; }
  /// A method of the API was called that is not implemented: the caller gets SystemException ILLEGAL_USE.
  virtual void absent(std::string_view /*method*/) {}
};

/// One method: class without package, name ("<init>" of a constructor), descriptor.
struct NativeMethod {
  std::string_view class_name;
  std::string_view method;
  std::string_view descriptor;
  NativeFunction function;
};

/// What objects of a native class hold: cells of 32 bits that natives use (the first `references` of them are references, the others
/// numbers), and a string of bytes. Both persist like fields, and follow those of the superclass. Bytes count to the object's size.
struct NativeLayout {
  std::uint8_t references = 0;
  std::uint8_t numbers = 0;
  std::uint16_t bytes = 0;
};

/// Natives by package AID, class token, method token. Made once for a process; a Library is made from it.
class NativeTable {
 public:
  /// The machine knows: cells of CardException and CardRuntimeException (cell 0: the reason), java.lang whole.
  NativeTable();

  /// Throws SystemError if the package's table has no such method, or it has a function already.
  void add(std::string_view package, std::span<const NativeMethod> methods);
  void layout(std::string_view package, std::string_view class_name, const NativeLayout& layout);
  /// Methods of a class get the functions that those of the same kind, name and descriptor have in another one. Throws as add().
  void same_as(std::string_view package, std::string_view class_name, std::string_view other_package, std::string_view other_class);

  NativeFunction function(const Aid& package, std::uint8_t class_token, bool is_virtual, std::uint8_t token) const;
  NativeLayout layout_of(const Aid& package, std::uint8_t class_token) const;
  /// An interface with a layout is a class as well, of objects of the runtime that Java sees through the interface alone.
  bool has_layout(const Aid& package, std::uint8_t class_token) const;

 private:
  struct Key {
    Aid package;
    std::uint8_t class_token = 0;
    bool is_virtual = false;
    std::uint8_t token = 0;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, NativeFunction> m_functions;
  std::map<Key, NativeLayout> m_layouts;
};

/// A native that moves this many bytes takes about as long as a byte code.
constexpr std::uint64_t kBytesOfAByteCode = 32;

/// What a native method sees of the machine.
class NativeCall {
 public:
  NativeCall(Machine& machine, Thread& thread, std::size_t frame);

  // Where it is called.

  Machine& machine() { return m_machine; }
  Heap& heap();
  Thread& thread() { return m_thread; }
  NativeHost& host();
  /// Who called: the context whose rights count for the arguments. A method of a runtime's entry point runs in the runtime's own context,
  /// its caller is here.
  Context caller() const;
  /// The context of the caller's caller whose package is another one: JCSystem.getPreviousContextAID. nullopt: there is none.
  std::optional<Context> previous() const;
  /// The context whose CLEAR_ON_DESELECT arrays may be touched: of the selected applet; none for an event.
  std::optional<Context> selected() const;

  // Arguments.

  Ref self() const;  ///< the object; never null
  std::int16_t short_at(std::size_t argument) const;
  std::int8_t byte_at(std::size_t argument) const { return static_cast<std::int8_t>(short_at(argument)); }
  bool boolean_at(std::size_t argument) const { return (short_at(argument) & 0xFF) != 0; }
  std::int32_t int_at(std::size_t argument) const;
  Ref reference_at(std::size_t argument) const;

  // Objects that Java handed over: null, firewall and bounds are checked for caller(). Empty: return failed().

  /// Neither null nor foreign.
  const Object* object(Ref ref);
  const Object* object_at(std::size_t argument) { return object(reference_at(argument)); }
  /// Bytes of a byte or boolean array; good until the next write or creation.
  std::optional<BytesView> read_array(std::size_t argument, std::int32_t offset, std::int32_t length);
  /// The whole array.
  std::optional<BytesView> read_array(std::size_t argument);
  /// Range of a byte or boolean array: checks only.
  bool check_array(std::size_t argument, std::int32_t offset, std::int32_t length);
  /// Writes as Java does: within a Java transaction, if one is open, as part of it (the commit buffer may be full). `source` may lie in the
  /// same array.
  bool write_array(std::size_t argument, std::int32_t offset, BytesView source);
  /// Writes outside the transaction, final at once: Util.arrayCopyNonAtomic, arrayFillNonAtomic.
  bool write_array_now(std::size_t argument, std::int32_t offset, BytesView source);

  // Objects of natives' own, unchecked. `cell` counts from 0 in the NativeLayout of that class.

  Ref reference_in(Ref object, ApiClass of, unsigned cell);
  std::int32_t number_in(Ref object, ApiClass of, unsigned cell);
  BytesView bytes_in(Ref object, ApiClass of);
  /// Empty: return failed() (the commit buffer is full).
  bool set_reference(Ref object, ApiClass of, unsigned cell, Ref value);
  bool set_number(Ref object, ApiClass of, unsigned cell, std::int32_t value);
  bool set_bytes(Ref object, ApiClass of, unsigned offset, BytesView value);
  /// Beside the transaction, final at once: try counters.
  void set_number_now(Ref object, ApiClass of, unsigned cell, std::int32_t value);
  void set_bytes_now(Ref object, ApiClass of, unsigned offset, BytesView value);

  /// Work beside reading, writing and making objects, which count by themselves: the budget pays for it by its bytes.
  void charge(std::uint64_t bytes);

  // New objects, owned by `owner`. Empty: return failed() (SystemException NO_RESOURCE or NO_TRANSIENT_SPACE, NegativeArraySizeException).

  std::optional<Ref> make(ApiClass of, Context owner, Lifetime lifetime = Lifetime::kPersistent);
  std::optional<Ref> make_array(code::ArrayType type, std::int32_t length, Context owner, Lifetime lifetime = Lifetime::kPersistent);
  /// An array of references; elements are of `of` or its subclasses.
  std::optional<Ref> make_object_array(ApiClass of, std::int32_t length, Context owner, Lifetime lifetime = Lifetime::kPersistent);

  // How it ends: return call.returns(...);

  Outcome returns();
  Outcome returns(std::int16_t value);  ///< S, B, Z
  Outcome returns_int(std::int32_t value);
  Outcome returns_reference(Ref value);
  /// With an exception of the runtime's: a temporary entry point, one of each class. Classes without a reason ignore it.
  Outcome throws(ApiClass exception, std::int16_t reason = 0);
  Outcome throws(Ref exception);
  /// After a function of this class failed.
  Outcome failed() const { return Outcome::kThrew; }

  // Calling Java, and waiting.

  /// What happens to an exception that the called method does not catch.
  enum class Catch : std::uint8_t { kNothing, kAll };

  /// A virtual method of `object` by the token of one of its superclasses, in the object owner's context, whoever calls.
  Outcome calls_virtual(Ref object, ApiClass of, std::uint8_t token, std::span<const Cell> arguments, std::uint8_t next_step,
                        Catch catches = Catch::kNothing);
  /// The same of an interface's method.
  Outcome calls_interface(Ref object, ApiClass interface, std::uint8_t token, std::span<const Cell> arguments, std::uint8_t next_step,
                          Catch catches = Catch::kNothing);
  Outcome waits(std::uint8_t next_step);
  /// 0 when the method is called; then what calls_... or waits said.
  std::uint8_t step() const;
  /// What the called method returned.
  Value result() const;
  /// What it threw, of Catch::kAll; else null.
  Ref caught() const;
  /// kScratchCells of its own that last over calls and waiting; references there are seen by the collector.
  Cell& scratch(std::size_t index);
  static constexpr std::size_t kScratchCells = 8;

 private:
  Frame& frame();
  const Frame& frame() const;
  std::size_t cell_of(std::size_t argument) const;
  Object& need(Ref ref);
  std::optional<Ref> made(Ref ref, Lifetime lifetime);
  bool is_length(std::int32_t length);
  Outcome calls(const Object& object, const Method* method, std::span<const Cell> arguments, std::uint8_t next_step, Catch catches);
  Object* array_for_write(std::size_t argument, std::int32_t offset, std::int32_t length);
  std::size_t place(const Object& object, ApiClass of, unsigned cell);
  std::size_t bytes_place(const Object& object, ApiClass of, std::size_t& size);
  bool write(Ref object, std::size_t offset, BytesView bytes);

  Machine& m_machine;
  Thread& m_thread;
  std::size_t m_frame;
};

}  // namespace uicclab::jcvm::machine
