// SPDX-License-Identifier: Apache-2.0
// Longer than other files: a short function for each kind of Java's instructions, all of which write to the same method.
#include "jcvm/tools/converter/code_generator.hpp"

#include <algorithm>
#include <set>

namespace uicclab::jcvm::converter {
namespace {

using code::Op;
using Kind = JavaKind;

constexpr std::size_t kMostCells = 255;

Op shifted(Op first, int distance) {
  return static_cast<Op>(static_cast<int>(first) + distance);
}

/// Of getfield_a, b, s, i and their like: by the type of the field.
int type_distance(std::string_view type) {
  return type == "Z" || type == "B" ? 1 : type == "S" ? 2 : type == "I" ? 3 : 0;
}

class Generator {
 public:
  Generator(const ClassModel& model, const MethodModel& method, const Flow& flow, const Narrowing& narrowing, References& references,
            const GeneratorOptions& options, Report& report)
      : m_model(model),
        m_method(method),
        m_java(*method.java->code),
        m_flow(flow),
        m_narrowing(narrowing),
        m_references(references),
        m_options(options),
        m_report(report) {}

  std::optional<CardCode> run() {
    const std::size_t before = m_report.size();
    place_locals();
    find_barriers();
    find_own_objects();
    for (const FlowNode& node : m_flow.nodes) {
      m_node = &node;
      if (m_barriers.contains(node.java.pc) || node.joins) m_barrier = m_out.instructions.size();
      m_out.starts[node.java.pc] = m_out.instructions.size();
      one(node);
      count_stack(node);
    }
    if (m_out.max_stack > kMostCells) refuse("more than 255 cells are on the stack");
    if (m_report.size() != before) return std::nullopt;
    return std::move(m_out);
  }

 private:
  void refuse(const std::string& text) {
    m_report.refuse(*m_model.file, m_node == nullptr ? m_java.line_of(0) : m_java.line_of(m_node->java.pc), text);
  }

  // Before the first instruction.

  /// Arguments as their types are, then one or two cells for each other local variable. A variable of Java that is once a reference, once
  /// an int of two cells, gets both.
  void place_locals() {
    const auto types = signature_of(m_method.descriptor)->parameters;
    std::size_t local = 0;
    unsigned cell = 0;
    m_out.local_cells.assign(std::max<std::size_t>(m_java.max_locals, types.size() + 1), 0);
    m_int_cells = m_out.local_cells;
    const auto place = [&](unsigned cells) {
      m_int_cells[local] = m_out.local_cells[local] = cell;
      cell += cells;
      ++local;
    };
    if (!m_method.is_static()) place(1);
    for (const auto& type : types) {
      if (type != "I" && m_narrowing.local_is_int(local)) refuse("an argument is given a value of type int; use a local variable");
      place(cells_of(type));
    }
    m_out.nargs = cell;
    std::set<std::size_t> references;
    for (const FlowNode& node : m_flow.nodes) {
      if ((node.java.kind == Kind::kLoad || node.java.kind == Kind::kStore) && node.java.letter == 'A') references.insert(node.java.local);
    }
    while (local < m_java.max_locals) {
      const bool two = m_narrowing.local_is_int(local);
      const bool both = two && references.contains(local);
      place(both ? 1 : two ? 2 : 1);
      if (!both) continue;
      m_int_cells[local - 1] = cell;
      cell += 2;
    }
    m_out.max_locals = cell - m_out.nargs;
    if (cell > kMostCells) refuse(std::to_string(cell) + " cells of arguments and local variables, must be at most 255");
  }

  /// Places that control or a range can come to: nothing before them may be put together with what is behind.
  void find_barriers() {
    for (const auto& handler : m_java.handlers) {
      m_barriers.insert(handler.start);
      m_barriers.insert(handler.end);
      m_barriers.insert(handler.handler);
    }
  }

  /// Loads of this that are only the object of one putfield: the form putfield_this needs no object on the stack.
  void find_own_objects() {
    if (m_method.is_static() || !m_options.few_fields) return;
    std::map<std::uint32_t, unsigned> uses;
    std::map<std::uint32_t, unsigned> definitions;
    std::map<std::uint32_t, std::uint32_t> loads;
    for (const FlowNode& node : m_flow.nodes) {
      if ((node.java.kind == Kind::kStore || node.java.kind == Kind::kIncrement) && node.java.local == 0) return;
      for (std::size_t i = 0; i < node.popped; ++i) ++uses[m_flow.groups.find(node.in(i).group)];
      for (std::size_t i = node.after.size() - node.pushed; i < node.after.size(); ++i)
        ++definitions[m_flow.groups.find(node.after[i].group)];
      if (node.java.kind == Kind::kLoad && node.java.local == 0) loads[m_flow.groups.find(node.out().group)] = node.java.pc;
    }
    for (const FlowNode& node : m_flow.nodes) {
      if (node.java.kind != Kind::kPutField) continue;
      const std::uint32_t group = m_flow.groups.find(node.in(1).group);
      const auto load = loads.find(group);
      if (load == loads.end() || uses[group] != 1 || definitions[group] != 1) continue;
      m_own_loads.insert(load->second);
      m_own_puts.insert(node.java.pc);
    }
  }

  /// Between two instructions of Java, and within one while a value is changed or 0 is pushed next to it.
  void count_stack(const FlowNode& node) {
    const auto cells = [&](const std::vector<StackValue>& stack) {
      unsigned out = 0;
      for (const StackValue& value : stack) out += m_narrowing.cells(value);
      return out;
    };
    m_out.max_stack = std::max({m_out.max_stack, cells(node.before) + m_extra, cells(node.after) + m_extra});
    m_extra = 0;
  }

  // Output.

  CardInstruction& emit(Op op) {
    m_out.instructions.emplace_back();
    m_out.instructions.back().op = op;
    return m_out.instructions.back();
  }
  void emit_symbol(Op op, std::optional<std::size_t> symbol, const std::string& what) {
    if (!symbol) return refuse(what + " is in no package that can be imported; 'uicclab cap stubs' writes those of the API");
    emit(op).symbol = symbol;
  }
  void push_short(std::int32_t value) {
    const auto cut = static_cast<std::int16_t>(value);
    if (cut >= -1 && cut <= 5) {
      emit(shifted(Op::kSconst0, cut));
      return;
    }
    emit(cut >= INT8_MIN && cut <= INT8_MAX ? Op::kBspush : Op::kSspush).value = cut;
  }
  void push_int(std::int32_t value) {
    if (value >= -1 && value <= 5) {
      emit(shifted(Op::kIconst0, value));
      return;
    }
    emit(value >= INT8_MIN && value <= INT8_MAX     ? Op::kBipush
         : value >= INT16_MIN && value <= INT16_MAX ? Op::kSipush
                                                    : Op::kIipush)
        .value = value;
  }
  void local(Op general, Op first, unsigned cell) {
    if (cell <= 3) {
      emit(shifted(first, static_cast<int>(cell)));
      return;
    }
    emit(general).local = static_cast<std::uint8_t>(cell);
  }

  bool out_is_int() const { return m_narrowing.is_int(m_node->out()); }
  bool in_is_int(std::size_t from_top = 0) const { return m_narrowing.is_int(m_node->in(from_top)); }
  /// The top is a short or an int now; what follows wants it as its group is.
  void settle(bool is_int_now) {
    if (!is_int_now && out_is_int()) emit(Op::kS2i);
    if (!is_int_now || out_is_int()) return;
    emit(Op::kI2s);
    m_extra = 1;  // it had two cells before
  }
  void cut_top() {
    if (in_is_int()) emit(Op::kI2s);
  }

  // One instruction of Java.

  void one(const FlowNode& node) {
    const JavaInstruction& java = node.java;
    switch (java.kind) {
      case Kind::kNop:
      case Kind::kLdc:
        return;
      case Kind::kNull:
        emit(Op::kAconstNull);
        return;
      case Kind::kConstant:
        return out_is_int() ? push_int(java.value) : push_short(java.value);
      case Kind::kLoad:
        return load(java);
      case Kind::kStore:
        return store(java);
      case Kind::kIncrement:
        return increment(java);
      case Kind::kArrayLoad:
      case Kind::kArrayStore:
        return array(java);
      case Kind::kPop:
      case Kind::kPop2:
      case Kind::kDup:
      case Kind::kDupX1:
      case Kind::kDupX2:
      case Kind::kDup2:
      case Kind::kDup2X1:
      case Kind::kDup2X2:
      case Kind::kSwap:
        return shuffle(java.kind);
      case Kind::kArithmetic:
        return arithmetic(java);
      case Kind::kToByte:
      case Kind::kToShort:
        return cut(java.kind == Kind::kToByte);
      case Kind::kIf:
      case Kind::kIfCompare:
        return compare(java);
      case Kind::kIfReference:
        emit(java.condition == Condition::kEqual ? Op::kIfAcmpeq : Op::kIfAcmpne).target = java.target;
        return;
      case Kind::kIfNull:
        emit(java.condition == Condition::kEqual ? Op::kIfnull : Op::kIfnonnull).target = java.target;
        return;
      case Kind::kGoto:
        emit(Op::kGoto).target = java.target;
        return;
      case Kind::kSwitch:
        return switches(java);
      case Kind::kReturn:
        return returns(java);
      case Kind::kGetStatic:
      case Kind::kPutStatic:
        return static_field(java.kind == Kind::kGetStatic);
      case Kind::kGetField:
        return get_field();
      case Kind::kPutField:
        return put_field();
      case Kind::kInvokeVirtual:
      case Kind::kInvokeSpecial:
      case Kind::kInvokeStatic:
      case Kind::kInvokeInterface:
        return invoke(java.kind);
      case Kind::kNew:
        return emit_symbol(Op::kNew, m_references.class_named(node.class_name), "class " + node.class_name);
      case Kind::kNewArray:
        return new_array(java);
      case Kind::kNewReferences:
        cut_top();
        if (node.class_name.starts_with("[")) return refuse("arrays of more than one dimension are not in the Java Card language");
        return emit_symbol(Op::kAnewarray, m_references.class_named(node.class_name), "class " + node.class_name);
      case Kind::kArrayLength:
        emit(Op::kArraylength);
        return settle(false);
      case Kind::kThrow:
        emit(Op::kAthrow);
        return;
      case Kind::kCheckCast:
        return type_check(Op::kCheckcast);
      case Kind::kInstanceOf:
        type_check(Op::kInstanceof);
        return settle(false);
    }
  }

  void load(const JavaInstruction& java) {
    if (java.letter == 'A') {
      if (!m_own_loads.contains(java.pc)) local(Op::kAload, Op::kAload0, m_out.local_cells[java.local]);
      return;
    }
    const bool is_int = m_narrowing.local_is_int(java.local);
    const unsigned cell = m_int_cells[java.local];
    is_int ? local(Op::kIload, Op::kIload0, cell) : local(Op::kSload, Op::kSload0, cell);
    settle(is_int);
  }

  void store(const JavaInstruction& java) {
    if (java.letter == 'A') return local(Op::kAstore, Op::kAstore0, m_out.local_cells[java.local]);
    const unsigned cell = m_int_cells[java.local];
    if (m_narrowing.local_is_int(java.local)) return local(Op::kIstore, Op::kIstore0, cell);
    cut_top();
    if (!put_together(cell)) local(Op::kSstore, Op::kSstore0, cell);
  }

  /// "i = (short)(i + 1)" is an increment: what was just written loads the variable, pushes a number and adds it.
  bool put_together(unsigned cell) {
    auto& list = m_out.instructions;
    if (list.size() < m_barrier + 3) return false;
    const CardInstruction& add = list[list.size() - 1];
    const CardInstruction& number = list[list.size() - 2];
    const CardInstruction& variable = list[list.size() - 3];
    const bool is_variable =
        (variable.op == Op::kSload && variable.local == cell) || (cell <= 3 && variable.op == shifted(Op::kSload0, static_cast<int>(cell)));
    const bool is_short = number.op >= Op::kSconstM1 && number.op <= Op::kSconst5;
    if (!is_variable || (add.op != Op::kSadd && add.op != Op::kSsub)) return false;
    if (!is_short && number.op != Op::kBspush && number.op != Op::kSspush) return false;
    std::int32_t value = is_short ? static_cast<int>(number.op) - static_cast<int>(Op::kSconst0) : number.value;
    if (add.op == Op::kSsub) value = -value;
    if (value < INT16_MIN || value > INT16_MAX) return false;
    list.resize(list.size() - 3);
    increment_cell(Op::kSinc, Op::kSincW, cell, value);
    return true;
  }

  void increment_cell(Op small, Op wide, unsigned cell, std::int32_t value) {
    CardInstruction& out = emit(value >= INT8_MIN && value <= INT8_MAX ? small : wide);
    out.local = static_cast<std::uint8_t>(cell);
    out.value = value;
  }

  void increment(const JavaInstruction& java) {
    const bool is_int = m_narrowing.local_is_int(java.local);
    increment_cell(is_int ? Op::kIinc : Op::kSinc, is_int ? Op::kIincW : Op::kSincW, m_int_cells[java.local], java.value);
  }

  void array(const JavaInstruction& java) {
    const int distance = java.letter == 'A' ? 0 : java.letter == 'B' ? 1 : java.letter == 'S' ? 2 : 3;
    if (java.kind == Kind::kArrayLoad) {
      cut_top();
      emit(shifted(Op::kAaload, distance));
      if (java.letter != 'A') settle(java.letter == 'I');
      return;
    }
    if (java.letter != 'I' && java.letter != 'A') cut_top();
    emit(shifted(Op::kAastore, distance));
  }

  void shuffle(Kind kind) {
    const auto cells = [&](std::size_t from_top) { return m_narrowing.cells(m_node->in(from_top)); };
    const auto two_nibbles = [&](Op op, unsigned m, unsigned n) { emit(op).value = static_cast<std::int32_t>(m << 4 | n); };
    if (kind == Kind::kSwap) return two_nibbles(Op::kSwapX, cells(0), cells(1));
    const bool two = kind == Kind::kPop2 || kind == Kind::kDup2 || kind == Kind::kDup2X1 || kind == Kind::kDup2X2;
    const unsigned top = cells(0) + (two ? cells(1) : 0);
    if (kind == Kind::kPop || kind == Kind::kPop2) {
      for (unsigned left = top; left > 0; left -= left > 1 ? 2 : 1) emit(left > 1 ? Op::kPop2 : Op::kPop);
      return;
    }
    unsigned below = 0;
    for (std::size_t i = two ? 2 : 1; i < m_node->popped; ++i) below += cells(i);
    if (below == 0 && top <= 2) {
      emit(top == 1 ? Op::kDup : Op::kDup2);
      return;
    }
    two_nibbles(Op::kDupX, top, below == 0 ? 0 : top + below);
  }

  void arithmetic(const JavaInstruction& java) {
    // In the order of Arithmetic; the form for ints is one further.
    constexpr Op kOps[] = {Op::kSadd, Op::kSsub, Op::kSmul,  Op::kSdiv, Op::kSrem, Op::kSneg,
                           Op::kSshl, Op::kSshr, Op::kSushr, Op::kSand, Op::kSor,  Op::kSxor};
    const bool is_int = m_narrowing.computes_int(*m_node);
    if (!is_int) cut_top();
    emit(shifted(kOps[static_cast<std::size_t>(java.arithmetic)], is_int ? 1 : 0));
    settle(is_int);
  }

  void cut(bool to_byte) {
    const ValueRange range = m_node->in(0).range;
    if (in_is_int()) {
      if (out_is_int() && range.within(ValueRange::of_type(to_byte ? 'B' : 'S'))) return;
      emit(to_byte ? Op::kI2b : Op::kI2s);
    } else if (to_byte && !range.is_byte()) {
      emit(Op::kS2b);
    }
    settle(false);
  }

  void compare(const JavaInstruction& java) {
    const int distance = static_cast<int>(java.condition);
    if (in_is_int()) {
      if (java.kind == Kind::kIf) emit(Op::kIconst0);
      if (java.kind == Kind::kIf) m_extra = 2;
      emit(Op::kIcmp);
      emit(shifted(Op::kIfeq, distance)).target = java.target;
      return;
    }
    emit(shifted(java.kind == Kind::kIf ? Op::kIfeq : Op::kIfScmpeq, distance)).target = java.target;
  }

  /// Cases that the value cannot have are left out; the others are distinguished by their lower 16 bits.
  void switches(const JavaInstruction& java) {
    const bool is_int = in_is_int();
    const ValueRange range = m_node->in(0).range;
    std::vector<CardInstruction::Case> cases;
    for (const auto& one : java.cases) {
      if (!ValueRange::of(one.value).within(range)) continue;
      cases.push_back({is_int ? one.value : static_cast<std::int16_t>(one.value), one.target});
    }
    std::ranges::stable_sort(cases, {}, &CardInstruction::Case::value);
    bool dense = java.is_table && !cases.empty();
    for (std::size_t i = 1; i < cases.size(); ++i) dense = dense && cases[i].value == cases[i - 1].value + 1;
    const Op table = is_int ? Op::kItableswitch : Op::kStableswitch;
    const Op lookup = is_int ? Op::kIlookupswitch : Op::kSlookupswitch;
    CardInstruction& out = emit(dense ? table : lookup);
    out.target = java.target;
    out.cases = std::move(cases);
  }

  void returns(const JavaInstruction& java) {
    if (java.letter == 'V') {
      emit(Op::kReturn);
    } else if (java.letter == 'A') {
      emit(Op::kAreturn);
    } else if (m_method.descriptor.ends_with(")I")) {
      emit(Op::kIreturn);
    } else {
      cut_top();
      emit(Op::kSreturn);
    }
  }

  std::string member_name() const { return m_node->member.owner + "." + m_node->member.name + m_node->member.descriptor; }

  void static_field(bool is_get) {
    const std::string& type = m_node->member.descriptor;
    if (is_get) {
      if (const auto value = m_references.constant(m_node->member)) return out_is_int() ? push_int(*value) : push_short(*value);
    }
    if (type == "I" && !m_options.allow_int) return refuse("type int: convert with --int");
    if (!is_get && type != "I" && m_node->in(0).is_int()) cut_top();
    emit_symbol(shifted(is_get ? Op::kGetstaticA : Op::kPutstaticA, type_distance(type)), m_references.static_field(m_node->member),
                "static field " + member_name());
    if (is_get && m_node->out().is_int()) settle(type == "I");
  }

  void get_field() {
    const std::string& type = m_node->member.descriptor;
    auto& list = m_out.instructions;
    const bool of_this = m_options.few_fields && !m_method.is_static() && list.size() > m_barrier && list.back().op == Op::kAload0;
    if (of_this) list.pop_back();
    if (type == "I" && !m_options.allow_int) return refuse("type int: convert with --int");
    emit_symbol(shifted(of_this ? Op::kGetfieldAThis : Op::kGetfieldA, type_distance(type)), m_references.instance_field(m_node->member),
                "field " + member_name());
    if (m_node->out().is_int()) settle(type == "I");
  }

  void put_field() {
    const std::string& type = m_node->member.descriptor;
    if (type != "I" && m_node->in(0).is_int()) cut_top();
    emit_symbol(shifted(m_own_puts.contains(m_node->java.pc) ? Op::kPutfieldAThis : Op::kPutfieldA, type_distance(type)),
                m_references.instance_field(m_node->member), "field " + member_name());
  }

  void invoke(Kind kind) {
    const MemberName& member = m_node->member;
    const auto& parameters = m_node->signature.parameters;
    const std::string what = "method " + member_name();
    if (is_null_check()) return check_null();
    if (member.owner.starts_with("[")) return refuse(what + ": arrays have no methods in the Java Card language");
    if (m_node->signature.result == "I" && !m_options.allow_int) return refuse(what + ": type int: convert with --int");
    if (!parameters.empty() && parameters.back() != "I" && m_node->in(0).is_int()) cut_top();
    if (kind == Kind::kInvokeStatic) {
      emit_symbol(Op::kInvokestatic, m_references.bound_method(member), what);
    } else if (kind == Kind::kInvokeSpecial) {
      // A constructor, a private method of this class, or a method as the superclass has it.
      const bool is_bound = member.name == "<init>" || m_references.is_private(m_model, member);
      const auto symbol = is_bound ? m_references.bound_method(member) : m_references.super_method(m_model, member);
      emit_symbol(Op::kInvokespecial, symbol, what);
    } else if (kind == Kind::kInvokeVirtual) {
      emit_symbol(Op::kInvokevirtual, m_references.virtual_method(member), what);
    } else if (const auto found = m_references.interface_method(member)) {
      CardInstruction& out = emit(Op::kInvokeinterface);
      out.symbol = found->interface;
      out.token = found->token;
      unsigned nargs = 1;
      for (const auto& type : parameters) nargs += cells_of(type);
      out.nargs = static_cast<std::uint8_t>(nargs);
    } else {
      emit_symbol(Op::kInvokeinterface, std::nullopt, what);
    }
    if (m_node->pushed > 0 && m_node->out().is_int()) settle(m_node->signature.result == "I");
  }

  /// What compilers write for "outer.new Inner()": a call that throws if there is no object, and whose result goes away.
  bool is_null_check() const {
    const MemberName& member = m_node->member;
    const FlowNode* next = m_node + 1 == m_flow.nodes.data() + m_flow.nodes.size() ? nullptr : m_node + 1;
    if (next == nullptr || next->java.kind != Kind::kPop || next->joins) return false;
    return (member.owner == "java/util/Objects" && member.name == "requireNonNull" && m_node->signature.parameters.size() == 1) ||
           (member.name == "getClass" && member.descriptor == "()Ljava/lang/Class;");
  }
  void check_null() {
    emit(Op::kDup);
    emit(Op::kIfnonnull).target = m_node->java.next();
    emit(Op::kAconstNull);
    emit(Op::kAthrow);  // of null: NullPointerException
    m_barriers.insert(m_node->java.next());
    m_extra = 1;
  }

  void new_array(const JavaInstruction& java) {
    constexpr std::string_view kTypes = "ZBSI";
    const std::size_t type = kTypes.find(java.letter);
    if (type == std::string_view::npos) return refuse("an array of long, char, float or double is not in the Java Card language");
    if (java.letter == 'I' && !m_options.allow_int) return refuse("type int: convert with --int");
    cut_top();
    emit(Op::kNewarray).type = static_cast<std::uint8_t>(code::kTypeBoolean + type);
  }

  void type_check(Op op) {
    const std::string& name = m_node->class_name;
    if (!name.starts_with("[")) return emit_symbol(op, m_references.class_named(name), "class " + name);
    constexpr std::string_view kTypes = "ZBSI";
    const std::size_t type = name.size() == 2 ? kTypes.find(name[1]) : std::string_view::npos;
    if (type != std::string_view::npos) {
      if (name == "[I" && !m_options.allow_int) return refuse("type int: convert with --int");
      emit(op).type = static_cast<std::uint8_t>(code::kTypeBoolean + type);
      return;
    }
    if (!name.starts_with("[L")) return refuse("type " + name + " is not in the Java Card language");
    const std::string element = name.substr(2, name.size() - 3);
    const auto symbol = m_references.class_named(element);
    emit_symbol(op, symbol, "class " + element);
    if (symbol) m_out.instructions.back().type = code::kTypeReferences;
  }

  const ClassModel& m_model;
  const MethodModel& m_method;
  const ClassFile::Code& m_java;
  const Flow& m_flow;
  const Narrowing& m_narrowing;
  References& m_references;
  const GeneratorOptions& m_options;
  Report& m_report;
  CardCode m_out;
  std::vector<unsigned> m_int_cells;
  std::set<std::uint32_t> m_barriers;
  std::set<std::uint32_t> m_own_loads;
  std::set<std::uint32_t> m_own_puts;
  std::size_t m_barrier = 0;
  unsigned m_extra = 0;
  const FlowNode* m_node = nullptr;
};

}  // namespace

unsigned cells_of(std::string_view type) {
  return type == "V" ? 0 : type == "I" ? 2 : 1;
}

std::optional<CardCode> generate(const ClassModel& model, const MethodModel& method, References& references,
                                 const GeneratorOptions& options, Report& report) {
  const auto refuse = [&](std::size_t pc, const std::string& text) { report.refuse(*model.file, method.java->code->line_of(pc), text); };
  const auto flow = analyse(*model.file, *method.java);
  if (!flow) {
    refuse(flow.error().offset, flow.error().text);
    return std::nullopt;
  }
  const std::size_t before = report.size();
  const Narrowing narrowing(*model.file, *method.java, *flow, options.allow_int, report);
  if (report.size() != before) return std::nullopt;
  return Generator(model, method, *flow, narrowing, references, options, report).run();
}

}  // namespace uicclab::jcvm::converter
