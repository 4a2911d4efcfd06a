// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/object_tree.hpp"

#include <algorithm>
#include <charconv>

#include "lwm2m/management_objects.hpp"
#include "lwm2m/transport/payloads.hpp"

namespace uicclab::lwm2m::device {
namespace {

using coap::Message;
using Path = ObjectTree::Path;

enum Right : unsigned { kRead = 1, kWrite = 2, kExecute = 4, kDelete = 8, kCreate = 16 };  // Core appendix E.3, resource 2

constexpr std::uint16_t kOwner = 3;  // resource of the Access Control object

constexpr coap::Code kUnauthorized = coap::code_of(4, 1);

bool can_be_created(std::uint16_t object) {
  return object == kButtonObject;
}

std::optional<std::int64_t> number_in(const ObjectInstance& instance, std::uint16_t resource) {
  const auto value = instance.value(resource);
  const auto number = value ? decode_integer(*value) : fail(ErrorCode::kNotFound, "");
  return number ? std::optional(*number) : std::nullopt;
}

ObjectInstance device_instance(const DeviceFacts& facts) {
  using namespace device_object;
  ObjectInstance out{0, {}};
  out.set(kManufacturer, std::string_view(facts.manufacturer));
  out.set(kModel, std::string_view(facts.model));
  if (!facts.serial_number.empty()) out.set(kSerialNumber, std::string_view(facts.serial_number));
  if (!facts.firmware.empty()) out.set(kFirmware, std::string_view(facts.firmware));
  out.add(kErrorCode, 0, encode_integer(0));
  out.set(kTime, std::int64_t{0});
  out.set(kUtcOffset, std::string_view("+00:00"));
  out.set(kTimeZone, std::string_view("Etc/UTC"));
  out.set(kBindings, std::string_view(facts.binding));
  return out;
}

ObjectInstance connectivity_instance(const DeviceFacts& facts) {
  using namespace connectivity;
  constexpr std::int64_t kEthernet = 41;
  ObjectInstance out{0, {}};
  out.set(kBearer, kEthernet);
  out.add(kBearers, 0, encode_integer(kEthernet));
  out.set(kSignal, std::int64_t{0});
  out.add(kAddresses, 0, as_bytes(facts.address));
  return out;
}

ObjectInstance button_instance() {
  ObjectInstance out{0, {}};
  out.set_boolean(button::kState, false);
  out.set(button::kCounter, std::int64_t{0});
  out.set(button::kApplicationType, std::string_view("button"));
  return out;
}

}  // namespace

ObjectTree::ObjectTree(const BootstrapFile& file, std::uint16_t short_id, const DeviceFacts& facts, Hooks hooks)
    : m_short_id(short_id), m_hooks(std::move(hooks)) {
  for (const BootstrapObject& one : file.objects) {
    if (one.id == kServerObject || one.id == kAccessControlObject) m_objects.push_back(one);
  }
  m_objects.push_back({kDeviceObject, std::nullopt, {device_instance(facts)}});
  m_objects.push_back({kConnectivityObject, std::nullopt, {connectivity_instance(facts)}});
  m_objects.push_back({kButtonObject, std::nullopt, {button_instance()}});
  refresh();
}

BootstrapObject* ObjectTree::object(std::uint16_t id) {
  const auto there = std::ranges::find(m_objects, id, &BootstrapObject::id);
  return there == m_objects.end() ? nullptr : &*there;
}
const BootstrapObject* ObjectTree::object(std::uint16_t id) const {
  return const_cast<ObjectTree*>(this)->object(id);  // NOLINT(cppcoreguidelines-pro-type-const-cast): the same search
}
ObjectInstance* ObjectTree::instance(const Path& path) {
  BootstrapObject* found = path.size() > 1 ? object(path[0]) : nullptr;
  if (found == nullptr) return nullptr;
  const auto there = std::ranges::find(found->instances, path[1], &ObjectInstance::id);
  return there == found->instances.end() ? nullptr : &*there;
}
const ObjectInstance* ObjectTree::instance(const Path& path) const {
  return const_cast<ObjectTree*>(this)->instance(path);  // NOLINT(cppcoreguidelines-pro-type-const-cast): the same search
}

/// Clause 7.3: the owner has every right on what no access control list restricts for it; others those of the list, or of its default
/// entry.
bool ObjectTree::may(const Path& path, unsigned right) const {
  const BootstrapObject* lists = object(kAccessControlObject);
  if (lists == nullptr || lists->instances.empty()) return true;
  if (path[0] == kAccessControlObject) return may_manage_list(path, right);
  for (const ObjectInstance& list : lists->instances) {
    if (number_in(list, 0) != path[0]) continue;
    const auto on = number_in(list, 1);
    const bool whole_object = on == 65535;
    if (right == kCreate ? !whole_object : path.size() > 1 ? on != path[1] : whole_object) continue;
    const Resource* entries = list.find(2);
    std::optional<std::int64_t> own, standard;
    for (const ResourceInstance& one : entries != nullptr ? entries->instances : std::vector<ResourceInstance>()) {
      const auto rights = decode_integer(one.value);
      if (rights && one.id == m_short_id) own = *rights;
      if (rights && one.id == 0) standard = *rights;
    }
    if (!own && number_in(list, kOwner) == m_short_id) return true;
    return (own.value_or(standard.value_or(0)) & right) != 0;
  }
  return true;
}

/// Appendix E.3, resource 3: only the owner manages a list, and 65535 is none of the servers; everybody may read it. Lists come and go with
/// a bootstrap, or with the instances that they are about.
bool ObjectTree::may_manage_list(const Path& path, unsigned right) const {
  if (right == kRead) return true;
  const ObjectInstance* list = instance(path);
  return right == kWrite && list != nullptr && number_in(*list, kOwner) == m_short_id;
}

void ObjectTree::refresh() {
  ObjectInstance* device = instance({kDeviceObject, 0});
  if (device != nullptr && m_hooks.date) device->set(device_object::kTime, std::int64_t{m_hooks.date().time_since_epoch().count()});
}

Message ObjectTree::answer(const Message& request, Instant now) {
  const auto path = coap::numbers_of(request.texts(coap::option::kUriPath));
  if (!path || path->empty()) return coap::answer_of(path ? coap::kMethodNotAllowed : coap::kNotFound);
  if ((*path)[0] == kSecurityObject) return coap::answer_of(kUnauthorized);  // appendix E.1
  const BootstrapObject* found = object((*path)[0]);
  if (found == nullptr || (path->size() > 1 && instance(*path) == nullptr)) {
    return coap::answer_of(coap::kNotFound);
  }
  refresh();
  if (request.code == coap::kGet) return read(request, *path, now);
  if (request.code == coap::kPut && request.payload.empty() && request.find(coap::option::kUriQuery) != nullptr) {
    return set_attributes(request, *path);
  }
  if (request.code == coap::kPut) return write(request, *path, true);
  if (request.code == coap::kDelete) return remove(*path);
  if (request.code != coap::kPost) return coap::answer_of(coap::kMethodNotAllowed);
  if (path->size() == 1) return create(request, *path);
  if (path->size() == 2) return write(request, *path, false);
  if (path->size() > 3) return coap::answer_of(coap::kMethodNotAllowed);
  const ManagedResource* managed = find_managed_resource((*path)[0], (*path)[2]);
  if (managed != nullptr && managed->operations.execute) return execute(*path);
  return coap::answer_of(managed != nullptr ? coap::kMethodNotAllowed : coap::kNotFound);
}

Message ObjectTree::read(const Message& request, const Path& path, Instant now) {
  const auto accept = request.number_in(coap::option::kAccept);
  if (accept == coap::format::kLinkFormat) return discover(path);  // appendix E.3, resource 2: no right is wanted for Discover
  if (!may(path, kRead)) return coap::answer_of(kUnauthorized);
  Message out = content(request, path);
  const auto observe = request.number_in(coap::option::kObserve);
  if (!out.code.is_success() || !observe) return out;
  if (*observe == 1) m_observations.erase(path);
  if (*observe != 0) return out;
  constexpr std::size_t kMostObservations = 64;
  if (m_observations.size() >= kMostObservations && !m_observations.contains(path)) return out;  // RFC 7641 clause 4.1: not observed then
  m_observations[path] = {request, 1, out.payload, now};
  out.add_number(coap::option::kObserve, 1);
  return out;
}

Message ObjectTree::content(const Message& request, const Path& path) const {
  const BootstrapObject* found = object(path[0]);
  if (found == nullptr) return coap::answer_of(coap::kNotFound);
  std::vector<ObjectInstance> instances;
  for (const ObjectInstance& one : found->instances) {
    if (path.size() > 1 && one.id != path[1]) continue;
    if (path.size() == 1 && !may({path[0], one.id}, kRead)) continue;  // clause 7.3: what is not readable is left out
    ObjectInstance& copy = instances.emplace_back(one);
    if (path.size() < 3) continue;
    std::erase_if(copy.resources, [&](const Resource& resource) { return resource.id != path[2]; });
  }
  if (path.size() > 1 && instances.empty()) return coap::answer_of(coap::kNotFound);
  if (path.size() > 2) {
    const ManagedResource* managed = find_managed_resource(path[0], path[2]);
    if (managed != nullptr && managed->operations.execute) return coap::answer_of(coap::kMethodNotAllowed);
    if (instances[0].resources.empty()) return coap::answer_of(coap::kNotFound);
  }
  if (path.size() > 3) {
    auto& values = instances[0].resources[0].instances;
    std::erase_if(values, [&](const ResourceInstance& one) { return one.id != path[3]; });
    if (values.empty() || !instances[0].resources[0].multiple) return coap::answer_of(coap::kNotFound);
  }
  return encode_payload(path, instances, request.number_in(coap::option::kAccept));
}

Message ObjectTree::discover(const Path& path) const {
  const BootstrapObject* found = object(path[0]);
  std::string out;
  const auto add = [&](const Path& to) {
    std::string text;
    for (const std::uint16_t number : to) text += "/" + std::to_string(number);
    out += (out.empty() ? "<" : ",<") + text + ">";
    const auto own = m_periods.find(to);
    if (own == m_periods.end()) return;
    if (own->second.shortest) out += ";pmin=" + std::to_string(*own->second.shortest);
    if (own->second.longest) out += ";pmax=" + std::to_string(*own->second.longest);
  };
  if (path.size() < 3) add(path);
  for (const ObjectInstance& one : found->instances) {
    if (path.size() > 1 && one.id != path[1]) continue;
    if (path.size() == 1) add({path[0], one.id});
    for (const Resource& resource : one.resources) {
      if (path.size() < 3 || path[2] == resource.id) add({path[0], one.id, resource.id});
    }
  }
  if (out.empty()) return coap::answer_of(coap::kNotFound);
  Message answer = coap::answer_of(coap::kContent);
  answer.add_number(coap::option::kContentFormat, coap::format::kLinkFormat);
  answer.payload = to_bytes(as_bytes(out));
  return answer;
}

Message ObjectTree::set_attributes(const Message& request, const Path& path) {
  if (path.size() > 3 || (path.size() == 3 && instance(path)->find(path[2]) == nullptr)) return coap::answer_of(coap::kNotFound);
  if (!may(path, kRead)) return coap::answer_of(kUnauthorized);  // clause 5.1.2: like observing
  Periods periods = m_periods[path];
  for (const std::string& one : request.texts(coap::option::kUriQuery)) {
    const std::size_t equals = std::min(one.find('='), one.size());
    const std::string name = one.substr(0, equals);
    if (name != "pmin" && name != "pmax") return coap::answer_of(coap::kBadRequest);
    std::optional<std::uint32_t>& place = name == "pmin" ? periods.shortest : periods.longest;
    place.reset();
    if (equals == one.size()) continue;  // clause 5.1.2: without a value it is unset
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(one.data() + equals + 1, one.data() + one.size(), number);
    if (error != std::errc() || end != one.data() + one.size()) return coap::answer_of(coap::kBadRequest);
    place = number;
  }
  m_periods[path] = periods;
  return coap::answer_of(coap::kChanged);
}

/// Clause 5.1.2: of the resource, else of its instance, its object, else what the Server object says.
ObjectTree::Periods ObjectTree::periods_of(const Path& path) const {
  Periods out;
  for (std::size_t size = path.size(); size > 0; --size) {
    const auto own = m_periods.find(Path(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(size)));
    if (own == m_periods.end()) continue;
    if (!out.shortest) out.shortest = own->second.shortest;
    if (!out.longest) out.longest = own->second.longest;
  }
  const BootstrapObject* servers = object(kServerObject);
  for (const ObjectInstance& one : servers != nullptr ? servers->instances : std::vector<ObjectInstance>()) {
    if (number_in(one, server::kShortServerId) != m_short_id) continue;
    const auto seconds_in = [&](std::uint16_t resource) {
      return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number_in(one, resource).value_or(0), 0, UINT32_MAX));
    };
    if (!out.shortest) out.shortest = seconds_in(2);
    if (!out.longest) out.longest = seconds_in(3);
  }
  // Core 1.1 clause 7.3: a longest period below the shortest one is passed over; of 0 s it would be a flood.
  if (out.longest && (*out.longest == 0 || *out.longest < out.shortest.value_or(0))) out.longest.reset();
  return out;
}

/// All or nothing: each value is checked before the first is taken.
Message ObjectTree::write_instance(std::uint16_t object_id, ObjectInstance& target, const ObjectInstance& values, bool replace) {
  for (const Resource& one : values.resources) {
    const ManagedResource* managed = find_managed_resource(object_id, one.id);
    if (managed == nullptr) return coap::answer_of(coap::kNotFound);
    if (!managed->operations.write) return coap::answer_of(coap::kMethodNotAllowed);
    if (one.multiple != managed->model.multiple) return coap::answer_of(coap::kBadRequest);
    for (const ResourceInstance& value : one.instances) {
      if (!check_value(managed->model, value.value)) return coap::answer_of(coap::kBadRequest);
    }
  }
  if (replace) {  // clause 5.4.3: what is optional, writable and not written goes
    std::erase_if(target.resources, [&](const Resource& one) {
      const ManagedResource* managed = find_managed_resource(object_id, one.id);
      return managed != nullptr && managed->operations.write && !managed->model.mandatory;
    });
  }
  for (const Resource& one : values.resources) {
    target.remove(one.id);
    target.resources.insert(std::ranges::upper_bound(target.resources, one.id, {}, &Resource::id), one);
  }
  return coap::answer_of(coap::kChanged);
}

Message ObjectTree::write(const Message& request, const Path& path, bool replace) {
  if (path.size() < 2) return coap::answer_of(coap::kMethodNotAllowed);
  if (!may(path, kWrite)) return coap::answer_of(kUnauthorized);
  const auto values = decode_payload(path, request);
  if (!values) return coap::answer_of(values.error().code == ErrorCode::kUnsupported ? coap::kUnsupportedFormat : coap::kBadRequest);
  if (values->size() != 1 || values->front().id != path[1]) return coap::answer_of(coap::kBadRequest);
  if (path.size() > 2 && (values->front().resources.size() != 1 || values->front().resources[0].id != path[2]))
    return coap::answer_of(coap::kBadRequest);
  return write_instance(path[0], *instance(path), values->front(), replace && path.size() == 2);
}

Message ObjectTree::create(const Message& request, const Path& path) {
  if (!can_be_created(path[0])) return coap::answer_of(coap::kMethodNotAllowed);
  if (!may(path, kCreate)) return coap::answer_of(kUnauthorized);
  BootstrapObject& target = *object(path[0]);
  constexpr std::size_t kMostInstances = 32;
  const auto values = decode_payload(path, request);
  if (!values) return coap::answer_of(values.error().code == ErrorCode::kUnsupported ? coap::kUnsupportedFormat : coap::kBadRequest);
  if (values->size() > 1 || target.instances.size() >= kMostInstances) return coap::answer_of(coap::kBadRequest);
  ObjectInstance made = button_instance();
  const bool named = !values->empty() && values->front().id != kNoInstance;
  while (!named && std::ranges::find(target.instances, made.id, &ObjectInstance::id) != target.instances.end()) ++made.id;
  if (named) made.id = values->front().id;
  if (std::ranges::find(target.instances, made.id, &ObjectInstance::id) != target.instances.end())
    return coap::answer_of(coap::kBadRequest);
  if (!values->empty()) {
    const Message written = write_instance(path[0], made, values->front(), false);
    if (!written.code.is_success()) return written;
  }
  target.instances.push_back(made);
  Message out = coap::answer_of(coap::kCreated);
  out.add(coap::option::kLocationPath, std::to_string(path[0]));
  out.add(coap::option::kLocationPath, std::to_string(made.id));
  return out;
}

Message ObjectTree::execute(const Path& path) {
  struct Row {
    std::uint16_t object, resource;
    Executed what;
  };
  static constexpr std::array kRows{Row{kServerObject, 4, Executed::kDisable}, Row{kServerObject, 8, Executed::kUpdate},
                                    Row{kServerObject, 9, Executed::kBootstrap},
                                    Row{kDeviceObject, device_object::kReboot, Executed::kReboot},
                                    Row{kDeviceObject, device_object::kFactoryReset, Executed::kFactoryReset}};
  if (!may(path, kExecute)) return coap::answer_of(kUnauthorized);
  if (path[0] == kDeviceObject && path[2] == device_object::kResetErrors) {
    ObjectInstance& target = *instance(path);
    target.remove(device_object::kErrorCode);
    target.add(device_object::kErrorCode, 0, encode_integer(0));
    return coap::answer_of(coap::kChanged);
  }
  for (const Row& row : kRows) {
    if (row.object != path[0] || row.resource != path[2]) continue;
    if (m_hooks.executed) m_hooks.executed(row.what);
    return coap::answer_of(coap::kChanged);
  }
  return coap::answer_of(coap::kNotFound);
}

Message ObjectTree::remove(const Path& path) {
  if (path.size() != 2 || !can_be_created(path[0])) return coap::answer_of(coap::kMethodNotAllowed);
  if (!may(path, kDelete)) return coap::answer_of(kUnauthorized);
  std::erase_if(object(path[0])->instances, [&](const ObjectInstance& one) { return one.id == path[1]; });
  std::erase_if(m_observations,
                [&](const auto& one) { return one.first.size() > 1 && one.first[0] == path[0] && one.first[1] == path[1]; });
  return coap::answer_of(coap::kDeleted);
}

void ObjectTree::press() {
  for (ObjectInstance& one : object(kButtonObject)->instances) {
    const auto state = one.value(button::kState);
    one.set_boolean(button::kState, !(state && decode_boolean(*state).value_or(false)));
    one.set(button::kCounter, number_in(one, button::kCounter).value_or(0) + 1);
  }
}

std::vector<ObjectTree::Notification> ObjectTree::due(Instant now) {
  std::vector<Notification> out;
  refresh();
  std::vector<Path> gone;
  for (auto& [path, one] : m_observations) {
    const Periods periods = periods_of(path);
    const auto since = now - one.told;
    const bool may_be_told = since >= std::chrono::seconds(periods.shortest.value_or(0));
    const bool must_be_told = periods.longest && since >= std::chrono::seconds(*periods.longest);
    if (!may_be_told && !must_be_told) continue;
    Message message = content(one.request, path);
    if (!must_be_told && message.payload == one.last && message.code.is_success()) continue;
    one.last = message.payload;
    one.told = now;
    if (message.code.is_success()) message.add_number(coap::option::kObserve, ++one.number & 0xFFFFFF);
    if (!message.code.is_success()) gone.push_back(path);
    out.push_back({one.request, std::move(message), path});
  }
  for (const Path& path : gone) m_observations.erase(path);
  return out;
}

std::optional<ObjectTree::Instant> ObjectTree::due_at() const {
  std::optional<Instant> out;
  for (const auto& [path, one] : m_observations) {
    const Periods periods = periods_of(path);
    if (!periods.longest) continue;
    const Instant at = one.told + std::chrono::seconds(*periods.longest);
    if (!out || at < *out) out = at;
  }
  return out;
}

void ObjectTree::forget(const Path& path) {
  m_observations.erase(path);
}

std::string ObjectTree::links() const {
  std::string out = "</>;rt=\"oma.lwm2m\"";
  for (const BootstrapObject& one : m_objects) {
    for (const ObjectInstance& child : one.instances) out += ",</" + std::to_string(one.id) + "/" + std::to_string(child.id) + ">";
  }
  return out;
}

std::optional<std::chrono::seconds> ObjectTree::lifetime() const {
  const BootstrapObject* servers = object(kServerObject);
  for (const ObjectInstance& one : servers != nullptr ? servers->instances : std::vector<ObjectInstance>()) {
    const auto lifetime = number_in(one, server::kLifetime);
    const bool good = lifetime && *lifetime > 0 && *lifetime <= UINT32_MAX;
    if (number_in(one, server::kShortServerId) == m_short_id && good) return std::chrono::seconds(*lifetime);
  }
  return std::nullopt;
}

}  // namespace uicclab::lwm2m::device
