// SPDX-License-Identifier: Apache-2.0
// Our own format. One statement a line; a line that ends with { begins a block, which a line with } alone ends.
#include <algorithm>
#include <array>

#include "script/foreign.hpp"
#include "script/line.hpp"

namespace uicclab::script {
namespace {

constexpr std::size_t kDeepestBlock = 32;  // of blocks
constexpr std::size_t kMaxIncludes = 16;   // one in another

class Parser {
 public:
  Parser(Script& script, const FileReader& read, std::size_t includes) : m_script(script), m_read(read), m_includes(includes) {}

  Result<void> run(std::string_view text, const std::string& file);
  /// The statements outside of cases, other than set.
  Block take_stray() { return std::move(m_stray); }

 private:
  using Handler = Result<void> (Parser::*)(const Line& line);

  // What is outside of cases.
  Result<void> include(const Line& line);
  Result<void> tags(const Line& line);
  Result<void> name_file(const Line& line);
  Result<void> setup(const Line& line);
  Result<void> teardown(const Line& line);
  Result<void> define(const Line& line);
  Result<void> begin_case(const Line& line);

  Result<Statement> statement(const Line& line, std::size_t depth);
  Result<Block> block(const Line& opening, std::size_t depth, Case* table = nullptr);
  Result<void> row(const Line& line, Case& table);

  Script& m_script;
  const FileReader& m_read;
  std::size_t m_includes;
  std::vector<Line> m_lines;
  std::size_t m_next = 0;
  std::set<std::string> m_tags;
  Block m_stray;
};

Result<void> Parser::run(std::string_view text, const std::string& file) {
  if (m_includes > kMaxIncludes) return fail_at({file, 1, 1}, "included in too many files, or in itself");
  auto lines = lines_of(text, file);
  if (!lines) return tl::unexpected(lines.error());
  m_lines = *std::move(lines);
  static constexpr std::array<std::pair<std::string_view, Handler>, 7> kTop{{{"include", &Parser::include},
                                                                             {"tags", &Parser::tags},
                                                                             {"file", &Parser::name_file},
                                                                             {"setup", &Parser::setup},
                                                                             {"teardown", &Parser::teardown},
                                                                             {"define", &Parser::define},
                                                                             {"case", &Parser::begin_case}}};
  while (m_next < m_lines.size()) {
    const Line& line = m_lines[m_next++];
    const Token& first = line.tokens.front();
    const auto found = std::ranges::find_if(kTop, [&](const auto& one) { return first.is_word(one.first); });
    if (found != kTop.end()) {
      if (auto done = (this->*found->second)(line); !done) return done;
      continue;
    }
    auto one = statement(line, 0);
    if (!one) return tl::unexpected(one.error());
    Block& to = one->kind == Statement::Kind::kSet ? m_script.globals : m_stray;
    to.push_back(*std::move(one));
  }
  return {};
}

Result<void> Parser::include(const Line& line) {
  if (line.tokens.size() != 2 || line.tokens[1].kind != Token::Kind::kString) return complain(line, 1, "include \"FILE\"");
  const std::string& name = line.tokens[1].text;
  const auto slash = line.place.file.rfind('/');
  const std::string path = name.starts_with('/') || slash == std::string::npos ? name : line.place.file.substr(0, slash + 1) + name;
  const auto text = m_read(path);
  if (!text) return complain(line, 1, text.error().text);
  Parser inner(m_script, m_read, m_includes + 1);
  if (auto done = inner.run(*text, path); !done) return done;
  const Block stray = inner.take_stray();
  if (!stray.empty()) return fail_at(stray.front().place, "an included file must not have commands outside its blocks");
  return {};
}

Result<void> Parser::tags(const Line& line) {
  for (std::size_t i = 1; i < line.tokens.size(); ++i) {
    if (line.tokens[i].kind != Token::Kind::kWord) return complain(line, i, "tags are words");
    m_tags.insert(line.tokens[i].text);
  }
  return line.tokens.size() == 1 ? Result<void>(complain(line, 1, "tags WORD...")) : Result<void>();
}

Result<void> Parser::name_file(const Line& line) {
  const bool good = line.tokens.size() == 4 && line.tokens[1].kind == Token::Kind::kWord && line.tokens[2].is("=") &&
                    line.tokens[3].kind == Token::Kind::kWord;
  if (!good) return complain(line, 1, "file NAME = PATH, for example: file EF.MINE = ADF.USIM/6FFF");
  m_script.files[line.tokens[1].text] = line.tokens[3].text;
  return {};
}

Result<void> Parser::setup(const Line& line) {
  auto read = block(line, 0);
  if (!read) return tl::unexpected(read.error());
  std::ranges::move(*read, std::back_inserter(m_script.setup));
  return {};
}

Result<void> Parser::teardown(const Line& line) {
  auto read = block(line, 0);
  if (!read) return tl::unexpected(read.error());
  std::ranges::move(*read, std::back_inserter(m_script.teardown));
  return {};
}

Result<void> Parser::define(const Line& line) {
  if (line.tokens.size() < 3) return complain(line, 1, "define NAME [PARAMETER...] {");
  Definition definition;
  for (std::size_t i = 1; i + 1 < line.tokens.size(); ++i) {
    if (line.tokens[i].kind != Token::Kind::kWord || !is_name(line.tokens[i].text)) return complain(line, i, "a name is expected");
    if (i > 1) definition.parameters.push_back(line.tokens[i].text);
  }
  const std::string name = line.tokens[1].text;
  if (m_script.definitions.contains(name)) return complain(line, 1, name + " is defined already");
  auto read = block(line, 0);
  if (!read) return tl::unexpected(read.error());
  definition.body = *std::move(read);
  m_script.definitions.emplace(name, std::move(definition));
  return {};
}

Result<void> Parser::begin_case(const Line& line) {
  Case one;
  if (line.tokens.size() < 3 || line.tokens[1].kind != Token::Kind::kString) {
    return complain(line, 1, "case \"NAME\" [tags WORD...] [clause \"TEXT\"] [skip \"WHY\"] {");
  }
  one.name = line.tokens[1].text;
  one.place = line.place;
  one.tags = m_tags;
  for (std::size_t i = 2; i + 1 < line.tokens.size(); ++i) {
    const Token& token = line.tokens[i];
    if (token.is_word("tags")) {
      while (i + 2 < line.tokens.size() && line.tokens[i + 1].kind == Token::Kind::kWord && !line.tokens[i + 1].is_word("clause") &&
             !line.tokens[i + 1].is_word("skip")) {
        one.tags.insert(line.tokens[++i].text);
      }
    } else if ((token.is_word("clause") || token.is_word("skip")) && line.tokens[i + 1].kind == Token::Kind::kString) {
      (token.text == "skip" ? one.skip : one.clause) = line.tokens[i + 1].text;
      ++i;
    } else {
      return complain(line, i, "tags WORD..., clause \"TEXT\" or skip \"WHY\" is expected");
    }
  }
  auto read = block(line, 0, &one);
  if (!read) return tl::unexpected(read.error());
  one.body = *std::move(read);
  if (!one.columns.empty() && one.rows.empty()) return fail_at(one.place, "a table without rows");
  m_script.cases.push_back(std::move(one));
  return {};
}

Result<Block> Parser::block(const Line& opening, std::size_t depth, Case* table) {
  if (opening.tokens.empty() || !opening.tokens.back().is("{")) return complain(opening, opening.tokens.size(), "{ is expected");
  if (depth >= kDeepestBlock) return complain(opening, 0, "blocks are nested too deep");
  Block out;
  while (m_next < m_lines.size()) {
    const Line& line = m_lines[m_next++];
    if (line.tokens.front().is("}")) {
      if (auto end = no_more(line, 1); !end) return tl::unexpected(end.error());
      return out;
    }
    if (table != nullptr && line.tokens.front().is("|")) {
      if (auto read = row(line, *table); !read) return tl::unexpected(read.error());
      continue;
    }
    auto one = statement(line, depth + 1);
    if (!one) return tl::unexpected(one.error());
    out.push_back(*std::move(one));
  }
  return fail_at(opening.place, "this block has no end: } is missing");
}

Result<void> Parser::row(const Line& line, Case& table) {
  if (!line.tokens.back().is("|")) return complain(line, line.tokens.size(), "a row ends with |");
  std::vector<Tokens> cells;
  for (std::size_t i = 0; i + 1 < line.tokens.size(); ++i) {
    if (line.tokens[i].is("|")) {
      cells.emplace_back();
    } else {
      cells.back().push_back(line.tokens[i]);
    }
  }
  if (table.columns.empty()) {
    for (const Tokens& cell : cells) {
      if (cell.size() != 1 || cell[0].kind != Token::Kind::kWord || !is_name(cell[0].text)) {
        return complain(line, 0, "the first row of a table has the names of its columns");
      }
      if (std::ranges::find(table.columns, cell[0].text) != table.columns.end()) return complain(line, 0, "two columns of the same name");
      table.columns.push_back(cell[0].text);
    }
    return {};
  }
  if (cells.size() != table.columns.size()) {
    return complain(
        line, 0, "this row has " + std::to_string(cells.size()) + " cells, the table " + std::to_string(table.columns.size()) + " columns");
  }
  Case::Row out{line.place, std::move(cells), {}};
  for (const Tokens& cell : out.cells) {
    std::string text;
    for (const Token& token : cell) {
      if (!text.empty() && !token.glued) text += ' ';
      text += token.kind == Token::Kind::kVariable ? "$" + token.text : token.text;
    }
    out.texts.push_back(std::move(text));
  }
  table.rows.push_back(std::move(out));
  return {};
}

Result<Statement> Parser::statement(const Line& line, std::size_t depth) {
  auto out = read_statement(line);
  if (!out || !has_block(out->kind)) return out;
  auto read = block(line, depth);
  if (!read) return tl::unexpected(read.error());
  out->block = *std::move(read);
  return out;
}

Result<void> find_definitions(const Script& script, const Block& block) {
  for (const Statement& one : block) {
    if (one.kind == Statement::Kind::kUse) {
      const auto found = script.definitions.find(one.name);
      if (found == script.definitions.end()) return fail_at(one.place, "'" + one.name + "' is not defined");
      const std::size_t wanted = found->second.parameters.size();
      const std::size_t given = arguments_of(one).size();
      if (given != wanted) {
        return fail_at(one.place, "'" + one.name + "' takes " + std::to_string(wanted) + " values, not " + std::to_string(given));
      }
    }
    if (auto good = find_definitions(script, one.block); !good) return good;
  }
  return {};
}

}  // namespace

Result<Script> parse(std::string_view text, const std::string& file, const FileReader& read) {
  if (auto foreign = parse_foreign(text, file)) return *std::move(foreign);
  Script script;
  script.file = file;
  Parser parser(script, read, 0);
  if (auto done = parser.run(text, file); !done) return tl::unexpected(done.error());
  Block stray = parser.take_stray();
  if (!stray.empty() && !script.cases.empty()) return fail_at(stray.front().place, "a command outside of a case, in a file that has cases");
  if (!stray.empty()) {
    const auto slash = file.rfind('/');
    const std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
    const Place place = stray.front().place;
    script.cases.push_back({name.substr(0, name.rfind('.')), place, {}, {}, {}, {}, {}, std::move(stray)});
  }
  for (const Block* block : {&script.setup, &script.teardown}) {
    if (auto good = find_definitions(script, *block); !good) return tl::unexpected(good.error());
  }
  for (const auto& [name, definition] : script.definitions) {
    if (auto good = find_definitions(script, definition.body); !good) return tl::unexpected(good.error());
  }
  for (const Case& one : script.cases) {
    if (auto good = find_definitions(script, one.body); !good) return tl::unexpected(good.error());
  }
  return script;
}

}  // namespace uicclab::script
