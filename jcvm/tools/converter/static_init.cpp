// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/converter/static_init.hpp"

#include <algorithm>

#include "core/reader.hpp"
#include "jcvm/tools/converter/java_code.hpp"

namespace uicclab::jcvm::converter {
namespace {

using Kind = JavaKind;

constexpr std::int32_t kMostElements = 32767;
constexpr std::size_t kMostImage = 65535;

/// A number, or an array (by its number in a list), or null.
struct Constant {
  std::int32_t number = 0;
  std::optional<std::size_t> array;
  bool is_reference = false;
};

std::int32_t cut(std::int32_t value, char letter) {
  switch (letter) {
    case 'Z':
      return value & 1;
    case 'B':
      return static_cast<std::int8_t>(value);
    case 'S':
      return static_cast<std::int16_t>(value);
    default:
      return value;
  }
}

/// Java's operations on two constants; nullopt: a division by 0.
std::optional<std::int32_t> computed(Arithmetic operation, std::int32_t left, std::int32_t right) {
  const auto wide = [&](std::int64_t value) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(value)); };
  const auto bits = static_cast<unsigned>(right & 31);
  switch (operation) {
    case Arithmetic::kAdd:
      return wide(std::int64_t{left} + right);
    case Arithmetic::kSub:
      return wide(std::int64_t{left} - right);
    case Arithmetic::kMul:
      return wide(std::int64_t{left} * right);
    case Arithmetic::kDiv:
      return right == 0 ? std::nullopt : std::optional(wide(std::int64_t{left} / right));
    case Arithmetic::kRem:
      return right == 0 ? std::nullopt : std::optional(wide(std::int64_t{left} % right));
    case Arithmetic::kNeg:
      return wide(-std::int64_t{left});
    case Arithmetic::kShl:
      return wide(std::int64_t{left} << bits);
    case Arithmetic::kShr:
      return left >> bits;
    case Arithmetic::kUshr:
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(left) >> bits);
    case Arithmetic::kAnd:
      return left & right;
    case Arithmetic::kOr:
      return left | right;
    case Arithmetic::kXor:
      return left ^ right;
  }
  return std::nullopt;
}

class Evaluation {
 public:
  Evaluation(const Program& program, ClassModel& model, const ClassFile::Code& code, Report& report)
      : m_program(program), m_model(model), m_code(code), m_report(report) {}

  void run() {
    const auto instructions = decode_java(m_code.bytes);
    if (!instructions) {
      m_pc = static_cast<std::uint32_t>(instructions.error().offset);
      return wrong(instructions.error().text);
    }
    for (const JavaInstruction& java : *instructions) {
      m_pc = java.pc;
      if (java.kind == Kind::kReturn) return finish();
      if (!step(java)) wrong("a static initialiser may only assign constants and arrays of constants; do the rest in install()");
      if (m_failed) return;
    }
  }

 private:
  struct Array {
    char letter;
    std::vector<std::int32_t> elements;
    bool assigned = false;
  };

  void wrong(const std::string& text) {
    m_failed = true;
    m_report.refuse(*m_model.file, m_code.line_of(m_pc), text);
  }

  std::optional<Constant> pop() {
    if (m_stack.empty()) return std::nullopt;
    const Constant out = m_stack.back();
    m_stack.pop_back();
    return out;
  }
  bool push(std::int32_t number) {
    m_stack.push_back({number, std::nullopt, false});
    return true;
  }

  bool step(const JavaInstruction& java) {
    switch (java.kind) {
      case Kind::kNop:
        return true;
      case Kind::kConstant:
        return push(java.value);
      case Kind::kLdc: {
        const auto* number = m_model.file->constant(java.index, JavaConstantTag::kInteger);
        return number != nullptr && push(number->number);
      }
      case Kind::kNull:
        m_stack.push_back({0, std::nullopt, true});
        return true;
      case Kind::kDup:
        if (m_stack.empty()) return false;
        m_stack.push_back(m_stack.back());
        return true;
      case Kind::kToByte:
      case Kind::kToShort: {
        const auto value = pop();
        return value && push(cut(value->number, java.kind == Kind::kToByte ? 'B' : 'S'));
      }
      case Kind::kArithmetic:
        return arithmetic(java.arithmetic);
      case Kind::kNewArray:
        return new_array(java.letter);
      case Kind::kArrayStore:
        return store();
      case Kind::kGetStatic:
        return get_field(java.index);
      case Kind::kPutStatic:
        return put_field(java.index);
      default:
        return false;
    }
  }

  bool arithmetic(Arithmetic operation) {
    const auto right = operation == Arithmetic::kNeg ? std::optional<Constant>(Constant{}) : pop();
    const auto left = pop();
    if (!left || !right) return false;
    const auto result = computed(operation, left->number, right->number);
    return result && push(*result);
  }

  bool new_array(char letter) {
    const auto size = pop();
    if (!size || std::string_view("ZBSI").find(letter) == std::string_view::npos) return false;
    if (size->number < 0 || size->number > kMostElements) {
      wrong("an array of " + std::to_string(size->number) + " elements, must be at most 32767");
      return true;
    }
    if (m_elements += static_cast<std::size_t>(size->number); m_elements > kMostImage) {
      wrong("static arrays of more than 65535 elements");
      return true;
    }
    m_arrays.push_back({letter, std::vector<std::int32_t>(static_cast<std::size_t>(size->number)), false});
    m_stack.push_back({0, m_arrays.size() - 1, true});
    return true;
  }

  bool store() {
    const auto value = pop();
    const auto index = pop();
    const auto array = pop();
    if (!value || !index || !array || !array->array || value->is_reference) return false;
    Array& target = m_arrays[*array->array];
    if (index->number < 0 || static_cast<std::size_t>(index->number) >= target.elements.size()) return false;
    target.elements[static_cast<std::size_t>(index->number)] = cut(value->number, target.letter);
    return true;
  }

  FieldModel* field_at(std::uint16_t index, MemberName& name) {
    auto found = m_model.file->member_at(index);
    if (!found) return nullptr;
    name = *std::move(found);
    if (name.owner != m_model.name()) return nullptr;
    const auto field = std::ranges::find_if(m_model.fields, [&](const FieldModel& one) { return one.java->name == name.name; });
    return field == m_model.fields.end() || !field->is_static() ? nullptr : &*field;
  }

  bool get_field(std::uint16_t index) {
    MemberName name;
    const FieldModel* field = field_at(index, name);
    if (field == nullptr) {
      const FieldModel* other = m_program.own_field(name.owner, name.name);
      const auto api = m_program.api_field(name.owner, name.name);
      if (other != nullptr && other->constant) return push(*other->constant);
      return api && api->member->kind == packages::MemberKind::kConstant && push(api->member->value);
    }
    return !field->is_reference() && push(field->constant.value_or(field->value.value_or(0)));
  }

  bool put_field(std::uint16_t index) {
    MemberName name;
    FieldModel* field = field_at(index, name);
    const auto value = pop();
    if (field == nullptr || !value || value->is_reference != field->is_reference()) return false;
    if (!value->is_reference) {
      field->value = cut(value->number, field->java->descriptor.front());
      return true;
    }
    std::erase_if(m_targets, [&](const auto& target) { return target.first == field; });
    if (!value->array) return true;
    Array& array = m_arrays[*value->array];
    if (array.assigned || field->java->descriptor != std::string("[") + array.letter) return false;
    array.assigned = true;
    m_targets.emplace_back(field, *value->array);
    return true;
  }

  void finish() {
    for (const auto& [field, number] : m_targets) {
      ByteWriter out;
      const Array& array = m_arrays[number];
      for (const std::int32_t element : array.elements) {
        out.number(static_cast<std::uint64_t>(element), array.letter == 'I' ? 4 : array.letter == 'S' ? 2 : 1);
      }
      field->array = out.take();
    }
  }

  const Program& m_program;
  ClassModel& m_model;
  const ClassFile::Code& m_code;
  Report& m_report;
  std::vector<Constant> m_stack;
  std::vector<Array> m_arrays;
  std::vector<std::pair<FieldModel*, std::size_t>> m_targets;
  std::size_t m_elements = 0;
  std::uint32_t m_pc = 0;
  bool m_failed = false;
};

}  // namespace

void evaluate_static_initialiser(const Program& program, ClassModel& model, Report& report) {
  const ClassFile::Method* initialiser = model.file->method("<clinit>", "()V");
  if (initialiser == nullptr || !initialiser->code) return;
  if (model.is_interface()) {
    return report.refuse(*model.file, initialiser->code->line_of(0),
                         "fields of interfaces must be constants of a primitive type; put arrays into a class");
  }
  Evaluation(program, model, *initialiser->code, report).run();
}

StaticImage place_static_fields(Program& program, Report& report) {
  StaticImage image;
  std::vector<FieldModel*> fields;
  for (const auto& model : program.classes()) {
    for (FieldModel& field : model->fields) {
      if (field.is_static() && !field.constant) fields.push_back(&field);
    }
  }
  for (const FieldModel* field : fields) {
    auto& list = field->array                    ? image.arrays
                 : field->is_reference()         ? image.references
                 : field->value.value_or(0) == 0 ? image.zeroes
                                                 : image.numbers;
    list.push_back(field);
  }
  std::size_t next = 0;
  for (const auto* list : {&image.arrays, &image.references, &image.zeroes, &image.numbers}) {
    for (const FieldModel* placed : *list) {
      FieldModel* field = *std::ranges::find(fields, placed);
      field->offset = static_cast<std::uint16_t>(next);
      next += field->size();
    }
  }
  std::size_t array_bytes = 0;
  for (const FieldModel* field : image.arrays) array_bytes += field->array->size();
  if (next > kMostImage || array_bytes > kMostImage) {
    report.refuse("static fields of " + std::to_string(next) + " bytes with arrays of " + std::to_string(array_bytes) +
                  ", must be at most 65535 each");
  }
  return image;
}

}  // namespace uicclab::jcvm::converter
