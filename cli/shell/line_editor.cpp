// SPDX-License-Identifier: Apache-2.0
#include "cli/shell/line_editor.hpp"

#include <algorithm>
#include <cstdio>

#include <histedit.h>
#include <sys/stat.h>

#include "core/result.hpp"

namespace uicclab::cli {

struct LineEditor::State {
  EditLine* editor = nullptr;
  History* history = nullptr;
  std::string file;
  std::string prompt;
  Complete complete;
};

namespace {

constexpr int kHistoryLines = 1000;

LineEditor::State& state_of(EditLine* editor) {
  void* state = nullptr;
  el_get(editor, EL_CLIENTDATA, &state);
  return *static_cast<LineEditor::State*>(state);
}

const char* prompt_of(EditLine* editor) {
  return state_of(editor).prompt.c_str();
}

std::string common_prefix(const std::vector<std::string>& words) {
  std::string out = words.front();
  for (const std::string& word : words) {
    const auto [end, other] = std::mismatch(out.begin(), out.end(), word.begin(), word.end());
    out.erase(end, out.end());
  }
  return out;
}

unsigned char complete(EditLine* editor, int) {
  const LineInfo* info = el_line(editor);
  const std::string line(info->buffer, info->cursor);
  const std::string word = line.substr(line.rfind(' ') == std::string::npos ? 0 : line.rfind(' ') + 1);
  std::vector<std::string> words = state_of(editor).complete(line, word);
  std::erase_if(words, [&](const std::string& one) { return !one.starts_with(word); });
  if (words.empty()) return CC_REFRESH_BEEP;
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  std::string more = common_prefix(words).substr(word.size());
  if (words.size() == 1 && !words.front().ends_with('/')) more += ' ';
  if (!more.empty()) {
    el_insertstr(editor, more.c_str());
    return CC_REFRESH;
  }
  std::fputs("\n", stdout);
  for (const std::string& one : words) std::printf("%s  ", one.c_str());
  std::fputs("\n", stdout);
  std::fflush(stdout);
  return CC_REDISPLAY;
}

/// Ctrl-C: the line is dropped.
unsigned char drop_line(EditLine* editor, int) {
  const LineInfo* info = el_line(editor);
  el_cursor(editor, static_cast<int>(info->lastchar - info->cursor));
  el_deletestr(editor, static_cast<int>(info->lastchar - info->buffer));
  el_insertstr(editor, "\n");  // as the return key does
  std::fputs("^C\n", stdout);
  return CC_NEWLINE;
}

}  // namespace

LineEditor::LineEditor(std::string history, Complete completion) : m_state(std::make_unique<State>()) {
  m_state->file = std::move(history);
  m_state->complete = std::move(completion);
  m_state->editor = el_init("uicclab", stdin, stdout, stderr);
  if (m_state->editor == nullptr) throw SystemError("libedit cannot use this terminal");
  EditLine* editor = m_state->editor;
  el_set(editor, EL_CLIENTDATA, m_state.get());
  el_set(editor, EL_PROMPT, prompt_of);
  el_set(editor, EL_EDITOR, "emacs");
  m_state->history = history_init();
  HistEvent event{};
  ::history(m_state->history, &event, H_SETSIZE, kHistoryLines);
  ::history(m_state->history, &event, H_SETUNIQUE, 1);
  el_set(editor, EL_HIST, ::history, m_state->history);
  // The wide form keeps these strings as they are; the other keeps copies that it never frees.
  el_wset(editor, EL_ADDFN, L"uicclab-complete", L"Complete the word", complete);
  el_set(editor, EL_BIND, "^I", "uicclab-complete", nullptr);
  el_wset(editor, EL_ADDFN, L"uicclab-drop", L"Drop the line", drop_line);
  el_set(editor, EL_BIND, "^C", "uicclab-drop", nullptr);
  // While a line is typed, Ctrl-C is a character, not a signal.
  el_set(editor, EL_SETTY, "-d", "-isig", nullptr);
  el_source(editor, nullptr);
  if (!m_state->file.empty()) ::history(m_state->history, &event, H_LOAD, m_state->file.c_str());
}

LineEditor::~LineEditor() {
  HistEvent event{};
  if (!m_state->file.empty()) {
    const mode_t before = ::umask(0077);  // what somebody typed is theirs
    ::history(m_state->history, &event, H_SAVE, m_state->file.c_str());
    ::umask(before);
  }
  history_end(m_state->history);
  el_end(m_state->editor);
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  m_state->prompt = prompt;
  int count = 0;
  const char* line = el_gets(m_state->editor, &count);
  if (line == nullptr || count <= 0) return std::nullopt;
  std::string out(line, static_cast<std::size_t>(count));
  while (!out.empty() && (out.back() == '\n' || out.back() == '\r')) out.pop_back();
  return out;
}

void LineEditor::remember(const std::string& line) {
  HistEvent event{};
  ::history(m_state->history, &event, H_ENTER, line.c_str());
}

}  // namespace uicclab::cli
