// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "core/markup.hpp"
#include "core/visible.hpp"
#include "trace/report.hpp"

namespace uicclab::trace {
namespace {

std::string escaped(std::string_view given) {
  return escape_markup(visible(given));
}

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#667;--line:#d8dee4;--head:#f3f5f7;--bad:#b3261e;--warn:#8a5a00;--hex:#0b5394}
@media(prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e4e7ea;--dim:#98a2ad;--line:#30363d;--head:#1d2125;--bad:#ff8a80;--warn:#ffcc80;--hex:#8ab4f8}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);font:14px/1.45 system-ui,sans-serif}
header{position:sticky;top:0;background:var(--head);border-bottom:1px solid var(--line);padding:.6em 1em;display:flex;gap:1em;align-items:center;flex-wrap:wrap}
h1{font-size:1.05em;margin:0}h2{font-size:1em;margin:1.5em 1em .5em}input[type=search]{flex:1;min-width:12em;padding:.35em .6em;font:inherit}
main>details{border-bottom:1px solid var(--line);padding:.25em 1em}main>details[open]{background:var(--head)}
summary{cursor:pointer;display:grid;grid-template-columns:4em 16em 3.5em 1fr 22em;gap:.8em}summary>*{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.n,.t,.c{color:var(--dim)}.bad{color:var(--bad)}.note{color:var(--warn)}code,pre{font-family:ui-monospace,monospace;font-size:.92em;overflow-wrap:anywhere;color:var(--hex)}
ul{list-style:none;margin:.2em 0;padding-left:1.4em}.cl{color:var(--dim);font-size:.88em}table{border-collapse:collapse;margin:0 1em 1em}
td,th{border:1px solid var(--line);padding:.2em .6em;text-align:right}td:first-child,th:first-child{text-align:left}[hidden]{display:none!important}
@media(max-width:50em){summary{grid-template-columns:3em 1fr 6em}.t,.c{display:none}}@media print{header{position:static}}
)";

constexpr const char* kScript = R"(
const q=document.getElementById('q'),bad=document.getElementById('b'),n=document.getElementById('n');
const rows=[...document.querySelectorAll('main>details')];
function f(){const words=q.value.toLowerCase().split(/\s+/).filter(Boolean);let shown=0;
for(const r of rows){r.t??=r.textContent.toLowerCase();const ok=words.every(w=>r.t.includes(w))&&(!bad.checked||r.dataset.bad==='1');r.hidden=!ok;if(ok)shown++}
n.textContent=shown+' of '+rows.length}
q.addEventListener('input',f);bad.addEventListener('change',f);
document.getElementById('o').addEventListener('click',()=>{const open=rows.some(r=>!r.hidden&&!r.open);for(const r of rows)if(!r.hidden)r.open=open});f();
)";

void write_fields(std::ostream& out, const std::vector<Field>& fields) {
  if (fields.empty()) return;
  out << "<ul>";
  for (const Field& field : fields) {
    out << "<li>" << escaped(field.name);
    if (field.parts.empty() && !field.bytes.empty()) out << " <code>" << to_hex(field.bytes) << "</code>";
    if (!field.meaning.empty()) out << " " << escaped(field.meaning);
    if (!field.clause.empty()) out << " <span class=cl>" << escaped(field.clause) << "</span>";
    write_fields(out, field.parts);
    out << "</li>";
  }
  out << "</ul>";
}

void write_hex(std::ostream& out, const char* arrow, BytesView bytes, const std::string& behind = {}) {
  if (bytes.empty() && behind.empty()) return;
  out << "<div>" << arrow << " <code>" << to_hex(bytes) << (behind.empty() || bytes.empty() ? "" : " ") << behind << "</code></div>";
}

/// "1.234567 s"
std::string seconds_text(std::chrono::nanoseconds time) {
  const auto all = time.count() / 1000;
  std::string micro = std::to_string(std::abs(all % 1000000));
  micro.insert(0, 6 - micro.size(), '0');
  return (all < 0 ? "-" : "") + std::to_string(std::abs(all / 1000000)) + "." + micro + " s";
}

void write_row(std::ostream& out, const std::string& name, const Statistics::Line& line) {
  out << "<tr><td>" << escaped(name) << "</td><td>" << line.count << "</td><td>" << line.refused << "</td><td>" << line.bytes_to_card
      << "</td><td>" << line.bytes_to_terminal << "</td>";
  if (line.took.count() != 0) {
    for (const auto one : {line.took.least(), line.took.percentile(50), line.took.percentile(95), line.took.most()}) {
      out << "<td>" << milliseconds(one) << "</td>";
    }
  }
  out << "</tr>\n";
}

}  // namespace

HtmlReport::HtmlReport(std::ostream& out, const std::string& title) : m_out(out) {
  // Nothing is fetched, and nothing may be: the policy says so to the browser.
  m_out << "<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport content='width=device-width'>"
           "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
           "<title>"
        << escaped(title) << "</title><style>" << kStyle << "</style></head><body>\n<header><h1>" << escaped(title)
        << "</h1><input type=search id=q placeholder='filter: words of a command, file, field or status' aria-label=filter>"
           "<label><input type=checkbox id=b> refused or noted</label><button id=o>open or close all</button><span id=n "
           "class=n></span></header>"
           "\n<main>\n";
}

void HtmlReport::add(const Exchange& exchange) {
  const bool refused = exchange.status && !exchange.status->is_success();
  std::string when = exchange.took ? milliseconds(*exchange.took) : "";
  if (exchange.time) {
    if (!m_first) m_first = exchange.time;
    when = seconds_text(*exchange.time - *m_first);
    if (m_before) when += " +" + milliseconds(*exchange.time - *m_before);
    m_before = exchange.time;
  }
  m_out << "<details data-bad=" << (refused || !exchange.notes.empty() ? 1 : 0) << "><summary><span class=n>" << exchange.number
        << "</span><span class=t>" << when << "</span><span class=c>";
  if (exchange.card != 0) m_out << "card " << exchange.card << " ";
  if (exchange.channel != 0) m_out << "ch " << unsigned{exchange.channel};
  m_out << "</span><span>" << escaped(exchange.title);
  if (!exchange.file.empty()) m_out << " <span class=n>" << escaped(exchange.file) << "</span>";
  m_out << "</span><span" << (refused ? " class=bad" : "") << ">";
  if (exchange.status) m_out << to_hex(*exchange.status) << " " << escaped(exchange.status_meaning);
  m_out << "</span></summary>";
  if (!exchange.clause.empty() || !exchange.path.empty()) {
    m_out << "<div class=cl>" << escaped(exchange.clause) << (exchange.path.empty() ? "" : " &middot; " + escaped(exchange.path))
          << "</div>";
  }
  if (exchange.took) m_out << "<div class=cl>answered after " << milliseconds(*exchange.took) << "</div>";
  write_hex(m_out, "&rarr;", exchange.command);
  write_hex(m_out, "&larr;", exchange.data, exchange.status ? to_hex(*exchange.status) : "");
  if (exchange.plain) {
    m_out << "<div>" << escaped(exchange.plain->protocol) << ", in plain:</div>";
    write_hex(m_out, "&rarr;", exchange.plain->command);
    write_hex(m_out, "&larr;", exchange.plain->data);
  }
  write_fields(m_out, exchange.command_fields);
  write_fields(m_out, exchange.answer_fields);
  if (!exchange.status_clause.empty()) m_out << "<div class=cl>" << escaped(exchange.status_clause) << "</div>";
  for (const std::string& note : exchange.notes) m_out << "<div class=note>" << escaped(note) << "</div>";
  if (!exchange.hidden.empty()) m_out << "<div class=cl>not shown: " << escaped(hidden_words(exchange)) << "</div>";
  m_out << "</details>\n";
}

void HtmlReport::finish(const Statistics& statistics) {
  m_out << "</main>\n<h2>Commands</h2><table><tr><th>command</th><th>count</th><th>refused</th><th>bytes to card</th><th>bytes back</th>";
  if (statistics.all().took.count() != 0) m_out << "<th>min</th><th>median</th><th>p95</th><th>max</th>";
  m_out << "</tr>\n";
  for (const auto& [name, line] : statistics.commands()) write_row(m_out, name, line);
  write_row(m_out, "all", statistics.all());
  m_out << "</table><h2>Status words</h2><table><tr><th>status</th><th>count</th></tr>\n";
  for (const auto& [status, count] : statistics.statuses()) {
    m_out << "<tr><td>" << to_hex(StatusWord{status}) << " " << escaped(meaning(StatusWord{status})) << "</td><td>" << count
          << "</td></tr>\n";
  }
  m_out << "</table>\n<script>" << kScript << "</script></body></html>\n";
}

}  // namespace uicclab::trace
