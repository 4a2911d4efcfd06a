// SPDX-License-Identifier: Apache-2.0
// The kernels of tests/perf/java/kernels on the card's virtual machine: number, what is computed, nanoseconds of the processor and byte
// codes of a round, a line each. tests/perf/java/run builds the CAP file and puts the lines beside those of `java -Xint`. Argument: the CAP
// file.
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <limits>

#include "jcvm/archive/cap_archive.hpp"
#include "jcvm/machine/machine.hpp"

using namespace uicclab;
using namespace uicclab::jcvm;
using machine::Cell;

namespace {

constexpr std::int16_t kKernels = 8;
constexpr machine::Context kApplet{1, 1};

std::uint32_t offset_of_run(const cap::CapFile& file) {
  if (!file.debug) throw SystemError("the CAP file has no Debug component");
  for (const auto& one : file.debug->classes) {
    for (const auto& each : one.methods) {
      if (file.debug->text(each.name) == "run") return each.location;
    }
  }
  throw SystemError("the CAP file has no method run");
}

/// In memory, without a copy of what a power cut would leave.
class PlainStore : public machine::ObjectStore {
 public:
  std::optional<BytesView> read(std::uint32_t number) const override {
    const auto found = m_objects.find(number);
    if (found == m_objects.end()) return std::nullopt;
    return found->second;
  }
  void create(std::uint32_t number, BytesView value) override { m_objects[number] = to_bytes(value); }
  void write(std::uint32_t number, std::size_t offset, BytesView bytes) override {
    std::ranges::copy(bytes, m_objects.at(number).begin() + static_cast<std::ptrdiff_t>(offset));
  }
  void write_now(std::uint32_t number, std::size_t offset, BytesView bytes) override { write(number, offset, bytes); }
  void erase(std::uint32_t number) override { m_objects.erase(number); }
  std::vector<std::uint32_t> numbers() const override {
    std::vector<std::uint32_t> out;
    for (const auto& [number, value] : m_objects) out.push_back(number);
    return out;
  }
  void begin() override {}
  void end() override {}

 private:
  std::map<std::uint32_t, Bytes> m_objects;
};

class Kernels {
 public:
  explicit Kernels(const cap::CapFile& file)
      : m_vm(std::make_shared<const machine::Library>(machine::NativeTable(), machine::Library::Accept::kEvery), m_store, m_host),
        m_offset(offset_of_run(file)) {
    if (const auto done = m_vm.load(1, file); !done) throw SystemError(done.error().text);
    m_bytes = m_vm.make_array(code::kTypeByte, 256, kApplet, machine::Lifetime::kClearOnReset);
    m_shorts = m_vm.make_array(code::kTypeShort, 128, kApplet, machine::Lifetime::kClearOnReset);
  }

  std::int32_t run(std::int16_t kernel, std::int16_t rounds) {
    machine::Thread thread(m_vm);
    const std::array<Cell, 4> arguments{Cell::of(kernel), Cell::of(rounds), Cell::reference(m_bytes), Cell::reference(m_shorts)};
    m_vm.call_static(thread, 1, m_offset, kApplet, arguments);
    std::uint64_t budget = std::numeric_limits<std::uint64_t>::max();
    if (m_vm.run(thread, budget) != machine::RunState::kFinished) throw SystemError("kernel " + std::to_string(kernel) + " did not end");
    m_byte_codes = thread.executed();
    return thread.result().number;
  }
  /// Of the last run.
  std::uint64_t byte_codes() const { return m_byte_codes; }
  void clear() {
    for (const machine::Ref ref : {m_bytes, m_shorts}) std::ranges::fill(m_vm.heap().find(ref)->body, std::uint8_t{0});
  }
  /// What the allocation left.
  void collect() { m_vm.collect(std::array{m_bytes, m_shorts}); }

 private:
  PlainStore m_store;
  machine::NativeHost m_host;
  machine::Machine m_vm;
  std::uint32_t m_offset;
  machine::Ref m_bytes = machine::kNull;
  machine::Ref m_shorts = machine::kNull;
  std::uint64_t m_byte_codes = 0;
};

/// Of this thread: others that use the machine do not count.
double processor_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

void measure(Kernels& kernels, std::int16_t kernel) {
  kernels.clear();
  const std::int32_t checksum = kernels.run(kernel, 7);
  kernels.run(kernel, 1);
  const std::uint64_t one = kernels.byte_codes();
  kernels.run(kernel, 2);
  const std::uint64_t byte_codes = kernels.byte_codes() - one;
  double best = std::numeric_limits<double>::max();
  for (int attempt = 0; attempt < 5; ++attempt) {
    const double begin = processor_nanoseconds();
    for (int i = 0; i < 20; ++i) {
      kernels.run(kernel, 200);
      kernels.collect();
    }
    best = std::min(best, (processor_nanoseconds() - begin) / 4000);
  }
  std::printf("%d %d %.1f %llu\n", kernel, checksum, best, static_cast<unsigned long long>(byte_codes));
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count != 2) throw SystemError("usage: perf_java FILE.cap");
    std::ifstream in(arguments[1], std::ios::binary);
    const Bytes bytes((std::istreambuf_iterator<char>(in)), {});
    const auto components = archive::read_components(bytes, archive::Keep::kAll);
    if (!components) throw SystemError(components.error().text);
    const auto file = cap::CapFile::parse(*components);
    if (!file) throw SystemError(file.error().text);
    Kernels kernels(*file);
    for (std::int16_t kernel = 0; kernel < kKernels; ++kernel) measure(kernels, kernel);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "perf_java: %s\n", error.what());
    return 1;
  }
}
