// SPDX-License-Identifier: Apache-2.0
#include "applet/java/session_call.hpp"
#include "core/apdu.hpp"
#include "jcvm/cap/cap_file.hpp"
#include "jcvm/verifier/data_flow.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::Cell;
using machine::kNull;
using machine::Lifetime;

namespace {

constexpr StatusWord kNotSelected{0x6999};  // ISO7816.SW_APPLET_SELECT_FAILED
constexpr machine::ApiClass kMultiSelectable{"javacard/framework", 17};
constexpr machine::ApiClass kAppletEvent{"javacard/framework", 18};
constexpr machine::ApiClass kExtendedLength{"javacardx/apdu", 0};

// Tokens of virtual methods of Applet, and those of MultiSelectable.
constexpr std::uint8_t kDeselect = 4;
constexpr std::uint8_t kSelect = 6;
constexpr std::uint8_t kProcess = 7;
constexpr std::uint8_t kMultiSelect = 0;
constexpr std::uint8_t kMultiDeselect = 1;

std::optional<std::uint16_t> package_number(std::uint32_t number) {
  constexpr std::uint32_t kMost = 0x7FFF;
  return number >= 1 && number <= kMost ? std::optional(static_cast<std::uint16_t>(number)) : std::nullopt;
}

}  // namespace

Session::Session(std::shared_ptr<const machine::Library> library, std::uint64_t byte_codes)
    : m_library(std::move(library)), m_byte_codes(byte_codes) {
  machine::MachineSettings settings;
  settings.memory.persistent = 0xFFFFFFFF;  // what the card has left is the limit (CardStore::room())
  settings.memory.clear_on_reset = settings.memory.clear_on_deselect = 0xFFFFFFFF;
  m_machine = std::make_unique<machine::Machine>(m_library, m_store, *this, settings);
}

Session::~Session() = default;

/// GP clause 9.7
void Session::set_quota(CodeServices& services, Context instance) {
  const MemoryQuota quota = services.quota(instance.instance);
  m_machine->heap().set_quota(instance, {quota.persistent, quota.volatile_memory});
}

/// Every load file of the card that can be linked is attached; after a rollback what the machine has is not what the card has.
void Session::prepare(CodeServices& services) {
  if (m_stale) {
    m_stale = m_attached = false;
    m_store.reload();
    m_extended.reset();
    m_machine->reload();
    forget_lost_objects();
    for (auto& [ref, body] : m_transients) {
      if (machine::Object* object = m_machine->heap().find(ref)) object->body = std::move(body);
    }
  }
  m_transients.clear();
  if (std::exchange(m_attached, true)) return;
  for (const LoadFile& file : services.load_files()) {
    const auto number = package_number(file.number);
    if (!number || m_machine->package(*number) != nullptr || !m_store.read(machine::kFirstStatics + *number)) continue;
    if (const auto cap = jcvm::cap::CapFile::parse(file.components)) (void)m_machine->attach(*number, *cap);
  }
  if (std::exchange(m_has_quotas, true)) return;
  for (const Instance& one : m_store.instances()) set_quota(services, one.context);
}

StatusWord Session::load(CodeServices& services, const LoadFile& file) {
  const Call call(*this, services, nullptr);
  const auto number = package_number(file.number);
  if (!number) return sw::kNotEnoughMemory;
  const auto cap = jcvm::cap::CapFile::parse(file.components);
  if (!cap) return sw::kIncorrectData;
  if (services.choices().verify_strictly && !jcvm::verifier::check_file(*cap).empty()) return sw::kIncorrectData;
  const auto done = m_machine->load(*number, *cap);
  if (done) return sw::kOk;
  return done.error().code == ErrorCode::kRefused ? sw::kNotEnoughMemory : sw::kIncorrectData;
}

/// JCRE clauses 11.3.4.1 and 11.3.4.2: neither other applets' objects nor static fields may hold references to what goes.
StatusWord Session::remove(CodeServices& services, std::span<const std::uint32_t> instances, std::span<const std::uint32_t> files) {
  const Call call(*this, services, nullptr);
  if (std::ranges::any_of(instances, [&](std::uint32_t number) { return is_on_parked_stack(number); })) return sw::kConditionsNotSatisfied;
  // The card lets one go that waits here: it was locked, and not resumed.
  if (m_parked != nullptr && std::ranges::find(instances, m_parked->instance.context.instance) != instances.end()) m_parked.reset();
  for (const Ref ref : m_machine->heap().stored()) {
    const machine::Object* object = m_machine->heap().find(ref);
    if (object != nullptr && !object->body_stored()) m_transients.emplace_back(ref, object->body);
  }
  std::vector<Ref> names;
  for (const std::uint32_t number : instances) {
    if (const auto gone = m_store.instance(number)) names.push_back(gone->aid);
    m_store.forget(number);
  }
  collect();
  for (const Ref ref : m_machine->heap().stored()) {
    const machine::Object* object = m_machine->heap().find(ref);
    if (object == nullptr || machine::Heap::is_statics(ref) || object->owner.is_runtime()) continue;
    if (std::ranges::find(instances, object->owner.instance) != instances.end()) return sw::kConditionsNotSatisfied;
  }
  // The AID objects and entries in the toolkit registry: of the runtime, they go unless somebody has them.
  for (const Ref ref : m_machine->heap().stored()) {
    auto owner = registry_owner(ref);
    if (!owner) owner = platform_owner(ref);
    if (owner && std::ranges::find(instances, *owner) != instances.end()) names.push_back(ref);
  }
  for (const Ref ref : m_machine->heap().stored()) {
    const machine::Object* object = m_machine->heap().find(ref);
    if (object == nullptr) continue;
    for (const Ref held : m_machine->heap().references(*object)) std::erase(names, held);
  }
  for (const Ref name : names) m_machine->heap().erase(name);
  // Who imports another one was loaded later.
  std::vector<std::uint32_t> last_first(files.begin(), files.end());
  std::ranges::sort(last_first, std::greater{});
  for (const std::uint32_t number : last_first) {
    const auto package = package_number(number);
    if (!package || m_machine->package(*package) == nullptr) continue;
    if (!m_machine->unload(*package)) return sw::kConditionsNotSatisfied;
  }
  return sw::kOk;
}

void Session::give_up() noexcept {
  m_stale = true;
  m_activation = nullptr;
  m_installing.reset();
  m_in_process = m_selecting = m_reselecting = m_deletion = false;
}

void Session::on_transaction_end(bool committed) {
  if (m_unsealed && !committed) m_stale = true;
  if (m_parks && !committed) m_parked.reset();  // the card does not wait for it
  m_unsealed = m_parks = false;
}

std::optional<Instance> Session::instance_of(Context context) const {
  if (context.is_runtime()) return std::nullopt;
  return m_store.instance(context.instance);
}

std::optional<Instance> Session::instance_named(BytesView aid) const {
  for (const Instance& one : m_store.instances()) {
    if (equal(one.name.bytes(), aid)) return one;
  }
  return std::nullopt;
}

/// Not an applet that is active on another channel and cannot be on several (JCRE clause 6.2.8.6).
bool Session::may_enter(Context /*caller*/, Context owner) {
  if (m_context == nullptr) return true;
  const auto instance = instance_of(owner);
  if (!instance || m_machine->is_a(instance->applet, kMultiSelectable)) return true;
  return std::ranges::none_of(
      m_active, [&](const auto& one) { return one.first != m_context->channel().value && one.second.package == owner.package; });
}

bool Session::is_active(Context instance) const {
  return std::ranges::any_of(m_active, [&](const auto& one) { return one.second == instance; });
}

void Session::collect() {
  std::vector<Ref> roots;
  for (const Instance& one : m_store.instances()) roots.insert(roots.end(), {one.applet, one.aid});
  m_machine->collect(roots);
  forget_lost_objects();
}

OpenView* Session::open_view(Ref view) {
  const auto found = m_views.find(view);
  return found == m_views.end() ? nullptr : &found->second;
}

OpenView& Session::keep_view(Ref view, std::unique_ptr<FileView> files, std::uint16_t package, machine::Lifetime lifetime) {
  return m_views[view] = {std::move(files), package, lifetime, {}, {}};
}

void Session::forget_lost_objects() {
  const auto is_lost = [&](const auto& one) { return m_machine->heap().find(one.first) == nullptr; };
  std::erase_if(m_views, is_lost);
  std::erase_if(m_engines, is_lost);
}

StatusWord Session::settle(machine::Thread& thread, machine::RunState state, bool& aborted) {
  StatusWord answer = sw::kNoPreciseDiagnosis;
  if (state == machine::RunState::kFinished) {
    answer = sw::kOk;
  } else if (state == machine::RunState::kThrew && m_machine->is_a(thread.exception(), machine::kISOException)) {
    answer = StatusWord{static_cast<std::uint16_t>(m_machine->reason(thread.exception()).value_or(0))};
  } else if (m_installing && state == machine::RunState::kThrew && m_machine->is_a(thread.exception(), machine::kSystemException)) {
    // GP table 11-36: "not enough memory space", where the applet leaves it at that
    const auto reason = m_machine->reason(thread.exception());
    if (reason == machine::kNoResource || reason == machine::kNoTransientSpace) answer = sw::kNotEnoughMemory;
  }
  m_machine->stop(thread);
  aborted = m_machine->heap().in_transaction();
  if (aborted) {
    abort_transaction();
    if (answer == sw::kOk) answer = sw::kNoPreciseDiagnosis;
  }
  if (!m_global_arrays.empty()) {
    for (const Ref array : std::exchange(m_global_arrays, {})) m_machine->heap().erase(array);
  }
  return answer;
}

namespace {

/// bArray of install(): the instance's AID, control information (privileges), applet data, each behind its length (Java Card API 2.2 and
/// later, Applet.install; GP clause 11.5.2.3.5). The API 2.1 has "a format defined by the applet", and its installer hands over the data
/// alone. Empty: longer than a byte can say.
std::optional<Bytes> install_array(const Aid& aid, const Installation& installation, bool data_alone) {
  constexpr std::size_t kMost = 0xFF;
  if (installation.parameters.size() > kMost) return std::nullopt;
  if (data_alone) return to_bytes(installation.parameters);
  Bytes out;
  const auto privileges = installation.privileges.encoded();
  for (const BytesView part : {aid.bytes(), BytesView(privileges), BytesView(installation.parameters)}) {
    out.push_back(static_cast<std::uint8_t>(part.size()));
    append(out, part);
  }
  return out.size() > kMost ? std::nullopt : std::optional(std::move(out));
}

}  // namespace

StatusWord Session::install(applet::Context& context, std::uint16_t package, const Aid& module, const Installation& installation) {
  CodeServices& services = *context.code();
  const Call call(*this, services, &context);
  const std::uint32_t number = services.self().value_or(0);
  if (number > 0xFFFF) return sw::kNotEnoughMemory;
  const auto parameters = install_array(context.aid(), installation, services.choices().java_21_install);
  if (!parameters) return sw::kIncorrectData;
  const Ref array =
      m_machine->make_array(jcvm::code::kTypeByte, static_cast<std::uint32_t>(parameters->size()), machine::kRuntime, Lifetime::kSession);
  m_machine->heap().grant(array, machine::kGlobalArray);
  m_machine->heap().write_now(*m_machine->heap().find(array), 0, *parameters);
  erase_after_call(array);
  const Context self{package, static_cast<std::uint16_t>(number)};
  m_installing = Installing{self, context.aid()};
  set_quota(services, self);
  std::optional<std::int16_t> returned;
  const auto begin = [&](machine::Thread& thread) {
    return m_machine->call_install(thread, package, module, self, array, 0, static_cast<std::int8_t>(parameters->size()));
  };
  const StatusWord answer = run(self, begin, &returned);
  const bool registered = m_installing->done;
  m_installing.reset();
  if (returned && registered) return sw::kOk;
  return answer.is_success() ? sw::kNoPreciseDiagnosis : answer;
}

bool Session::register_applet(Ref applet, std::optional<BytesView> name) {
  if (!m_installing || m_installing->done) return false;
  const machine::Object* object = m_machine->heap().find(applet);
  if (object == nullptr || object->owner != m_installing->context) return false;
  if (name && !equal(*name, m_installing->name.bytes())) return false;
  const Ref aid = m_machine->make(machine::kAid, machine::kRuntime, Lifetime::kPersistent);
  if (aid == kNull) return false;
  m_machine->heap().grant(aid, machine::kPermanentEntryPoint);
  Bytes value{static_cast<std::uint8_t>(m_installing->name.bytes().size())};
  append(value, m_installing->name.bytes());
  machine::Object& made = *m_machine->heap().find(aid);
  m_machine->heap().write_now(made, std::size_t{4} * made.length, value);
  m_store.keep({m_installing->context, applet, aid, m_installing->name});
  m_installing->done = true;
  return true;
}

void Session::abort_transaction() {
  m_machine->abort_transaction();
  if (!m_installing || !m_installing->done) return;
  const auto number = m_installing->context.instance;
  const auto record = m_store.instance(number);
  if (!record || m_machine->heap().find(record->aid) != nullptr) return;
  m_store.forget(number);
  m_installing->done = false;
}

/// Exceptions of uninstall() are ignored (AppletEvent.uninstall).
StatusWord Session::uninstall(applet::Context& context) {
  CodeServices& services = *context.code();
  const Call call(*this, services, &context);
  const auto instance = m_store.instance(services.self().value_or(0));
  if (!instance || !m_machine->is_a(instance->applet, kAppletEvent)) return sw::kOk;
  run(instance->context, [&](machine::Thread& thread) { return m_machine->call_interface(thread, instance->applet, kAppletEvent, 0, {}); });
  return sw::kOk;
}

/// MultiSelectable.select() if an applet of the package is active on another channel already, else Applet.select() (JCRE clause 4.2).
std::optional<std::int16_t> Session::select_now(applet::Context& context, const Instance& instance) {
  std::optional<std::int16_t> willing;
  const bool again = context.is_active_elsewhere(true) && m_machine->is_a(instance.applet, kMultiSelectable);
  const std::array<Cell, 1> active{Cell::of(context.is_active_elsewhere(false) ? 1 : 0)};
  const auto begin = [&](machine::Thread& thread) {
    return again ? m_machine->call_interface(thread, instance.applet, kMultiSelectable, kMultiSelect, active)
                 : m_machine->call_virtual(thread, instance.applet, machine::kApplet, kSelect, {});
  };
  run(instance.context, begin, &willing);
  return willing;
}

/// A SELECT comes to process() then; what the card selects itself, after a reset or in MANAGE CHANNEL, does not.
StatusWord Session::select(applet::Context& context) {
  CodeServices& services = *context.code();
  const Call call(*this, services, &context);
  const auto instance = m_store.instance(services.self().value_or(0));
  if (!instance) return kNotSelected;
  m_reselecting = m_left == std::pair(context.channel().value, instance->context);
  m_left.reset();
  if (select_now(context, *instance).value_or(0) == 0) return kNotSelected;
  m_active[context.channel().value] = instance->context;
  m_selected.reset();
  if (const auto command = context.command(); command && command->ins == apdu::kSelect) m_selected = context.channel().value;
  return sw::kOk;
}

void Session::deselect(applet::Context& context) {
  CodeServices& services = *context.code();
  const Call call(*this, services, &context);
  const auto instance = m_store.instance(services.self().value_or(0));
  if (!instance) return;
  // The first application whose name begins so is the one that is selected.
  const auto command = context.command();
  const bool by_select = command && command->ins == apdu::kSelect;
  constexpr std::uint8_t kOccurrence = 0x03;
  m_reselecting = by_select && (command->p2 & kOccurrence) == 0 && !command->data.empty() && instance->name.begins_with(command->data);
  m_left.reset();
  if (m_reselecting) m_left = std::pair(context.channel().value, instance->context);
  const bool still = context.is_active_elsewhere(true) && m_machine->is_a(instance->applet, kMultiSelectable);
  const std::array<Cell, 1> active{Cell::of(context.is_active_elsewhere(false) ? 1 : 0)};
  run(instance->context, [&](machine::Thread& thread) {
    return still ? m_machine->call_interface(thread, instance->applet, kMultiSelectable, kMultiDeselect, active)
                 : m_machine->call_virtual(thread, instance->applet, machine::kApplet, kDeselect, {});
  });
  const auto found = m_active.find(context.channel().value);
  if (found != m_active.end() && found->second == instance->context) m_active.erase(found);
  const bool others = std::ranges::any_of(m_active, [&](const auto& one) { return one.second.package == instance->context.package; });
  if (others) return;
  m_machine->heap().deselect(instance->context.package);
  std::erase_if(m_views, [&](const auto& one) {
    return one.second.package == instance->context.package && one.second.lifetime == Lifetime::kClearOnDeselect;
  });
}

StatusWord Session::process(applet::Context& context, const apdu::Command& command, Bytes& out) {
  CodeServices& services = *context.code();
  const Call call(*this, services, &context);
  const auto instance = m_store.instance(services.self().value_or(0));
  if (!instance) return sw::kConditionsNotSatisfied;
  m_active[context.channel().value] = instance->context;
  m_selecting = std::exchange(m_selected, std::nullopt) == context.channel().value && command.ins == apdu::kSelect;
  if (!m_selecting) m_reselecting = false;
  const StatusWord answer = process_now(*instance, command, out);
  m_selecting = m_reselecting = false;
  return answer;
}

std::uint32_t Session::volatile_memory(CodeServices& services, std::uint32_t instance) {
  std::optional<Call> call;
  if (!m_store.is_lent()) call.emplace(*this, services, nullptr);
  // An instance that INSTALL is making has no record yet.
  const auto there = m_store.instance(instance);
  const bool installing = m_installing && m_installing->context.instance == instance;
  if (!there && !installing) return 0;
  return m_machine->heap().used_by(there ? there->context : m_installing->context).transient();
}

void Session::make_apdu() {
  if (m_machine->heap().find(m_apdu_object) != nullptr) return;
  m_apdu_object = m_machine->make(machine::kAPDU, machine::kRuntime, Lifetime::kSession);
  m_machine->heap().grant(m_apdu_object, machine::kTemporaryEntryPoint);
  m_apdu_buffer = m_machine->make_array(jcvm::code::kTypeByte, kBuffer, machine::kRuntime, Lifetime::kSession);
  m_machine->heap().grant(m_apdu_buffer, machine::kGlobalArray);
}

/// The header, and the length of what it brings or expects.
void Session::fill_apdu_buffer(const apdu::Command& command, bool extended) {
  Bytes& buffer = m_machine->heap().find(m_apdu_buffer)->body;
  std::ranges::fill(buffer, std::uint8_t{0});
  std::ranges::copy(std::to_array<std::uint8_t>({command.cla, command.ins, command.p1, command.p2}), buffer.begin());
  const std::size_t length = command.data.empty() ? command.le.value_or(0) : command.data.size();
  if (extended) {
    m_apdu.data_at = 7;
    buffer[5] = static_cast<std::uint8_t>(length >> 8);
    buffer[6] = static_cast<std::uint8_t>(length);
  } else {
    buffer[4] = static_cast<std::uint8_t>(length);
  }
}

/// JCRE clause 9.4. An applet without javacardx.apdu.ExtendedLength gets no command with more than 255 bytes (6700).
StatusWord Session::process_now(const Instance& instance, const apdu::Command& command, Bytes& out) {
  constexpr std::uint32_t kMostExtended = 0x7FFF;
  if (!m_extended || m_extended->first != instance.applet)
    m_extended.emplace(instance.applet, m_machine->is_a(instance.applet, kExtendedLength));
  const bool may = m_extended->second;
  if (command.data.size() > (may ? kMostExtended : 255)) return sw::kWrongLength;
  make_apdu();
  m_apdu.begin(command.data);
  const std::uint32_t most = may && command.extended ? kMostExtended : 256;
  m_apdu.most = static_cast<std::int16_t>(may ? kMostExtended : 256);
  // Under T=0 it is unknown how much a terminal accepts that sent no Le.
  m_apdu.le = static_cast<std::int16_t>(std::min<std::uint32_t>(command.le.value_or(256), most));
  fill_apdu_buffer(command, may && command.extended);
  m_in_process = true;
  const std::array<Cell, 1> arguments{Cell::reference(m_apdu_object)};
  const StatusWord answer = run(instance.context, [&](machine::Thread& thread) {
    return m_machine->call_virtual(thread, instance.applet, machine::kApplet, kProcess, arguments);
  });
  m_in_process = false;
  if (std::exchange(m_deletion, false)) collect();
  append(out, m_apdu.sent);
  return answer;
}

}  // namespace uicclab::applet::java
