#include "viz/diff/diff_page.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "viz/diff/report_text.h"
#include "viz/text.h"

namespace viz::diff {

namespace {

using nlohmann::json;

// What a row is, as the page's script numbers it.
enum Kind : int { same, removed, added, changed, replaced, moved, repeated };

Kind kind_of(EditKind kind) {
  switch (kind) {
    case EditKind::removed:
      return removed;
    case EditKind::added:
      return added;
    case EditKind::moved:
      return moved;
    case EditKind::changed:
      return changed;
    case EditKind::replaced:
      return replaced;
    case EditKind::repeated:
      return repeated;
  }
  return same;
}

// One row: a step of each side, `none` for a gap.
struct RowOf {
  Index a = none, b = none;
  Index inside = 0;  // steps folded into it
};

// Texts and steps are told once; rows name them by number.
class Strings {
 public:
  int number(std::string_view text) {
    const auto [found, fresh] =
        numbers_.try_emplace(std::string(text), static_cast<int>(list_.size()));
    if (fresh) {
      list_.push_back(visible(text, 400));
    }
    return found->second;
  }

  json take() { return std::move(list_); }

 private:
  std::unordered_map<std::string, int> numbers_;
  json list_ = json::array();
};

class Page {
 public:
  Page(const Report& report, const PageOptions& options)
      : report_(report), a_(*report.a), b_(*report.b), options_(options) {}

  json data() {
    place_rows();
    note_edits();
    fill_rows();
    json data{{"a", side(a_, steps_a_)}, {"b", side(b_, steps_b_)},
              {"verdict", verdict()},    {"totals", totals()},
              {"phases", phases_},       {"rows", std::move(rows_json_)},
              {"edits", edits()},        {"groups", groups()},
              {"first", first()}};
    data["strings"] = strings_.take();
    return data;
  }

 private:
  void place_rows();
  void note_edits();
  void fill_rows();
  void add_row(std::size_t number);
  int add_step(const Tree& tree, Index node, json& steps);
  json side(const Tree& tree, json& steps) const;
  std::string verdict() const;
  json totals() const;
  json edits() const;
  json groups() const;
  std::size_t first() const;

  Index partner(Index b) const { return report_.alignment.to_a[b]; }

  std::size_t row_of(const Edit& edit) const {
    const auto& rows = edit.b != none ? row_of_b_ : row_of_a_;
    return rows[edit.b != none ? edit.b : edit.a];
  }

  const Report& report_;
  const Tree& a_;
  const Tree& b_;
  const PageOptions& options_;
  std::vector<RowOf> rows_;
  std::vector<std::size_t> row_of_a_, row_of_b_;
  std::vector<int> edit_of_a_, edit_of_b_;  // by step: the edit it belongs to, or -1
  Strings strings_;
  std::unordered_map<std::string, int> phase_numbers_;
  json phases_ = json::array();
  json rows_json_, steps_a_, steps_b_;
};

// The steps of B in order; what only A has stands behind the last paired step in front
// of it, as in the list of edits.
void Page::place_rows() {
  std::unordered_map<Index, std::vector<Index>> behind;
  Index place = 0;
  for (Index i = 1; i < a_.size(); ++i) {
    const Index b = report_.alignment.to_b[i];
    if (b == none) {
      behind[place].push_back(i);
    } else if (!report_.alignment.moved.contains(b)) {
      place = b;
    }
  }
  const bool fold = std::size_t{a_.size()} + b_.size() > options_.most_rows;
  row_of_a_.resize(a_.size());
  row_of_b_.resize(b_.size());
  for (Index i = 0; i < b_.size(); ++i) {
    const Index a = partner(i);
    const bool equal = fold && i != 0 && a != none && b_[i].size > 1 &&
                       a_[a].hash == b_[i].hash && b_[i].seq != 0;
    if (i != 0) {
      rows_.push_back({a, i, equal ? b_[i].size - 1 : 0});
    }
    const Index last = equal ? b_.last(i) : i + 1;
    for (Index inside = i; inside < last; ++inside) {
      row_of_b_[inside] = rows_.empty() ? 0 : rows_.size() - 1;
    }
    for (Index inside = i; inside < last; ++inside) {
      if (const auto found = behind.find(inside); found != behind.end()) {
        for (const Index only : found->second) {
          row_of_a_[only] = rows_.size();
          rows_.push_back({only, none, 0});
        }
      }
    }
    i = last - 1;
  }
}

// An edit of a subtree is one of all its steps without a partner of their own.
void Page::note_edits() {
  edit_of_a_.assign(a_.size(), -1);
  edit_of_b_.assign(b_.size(), -1);
  const auto mark = [](const Tree& tree, std::vector<int>& of, Index from, Index last,
                       const std::vector<Index>& partner, int edit) {
    for (Index i = from; i < std::min(last, tree.size()); ++i) {
      of[i] = i == from || partner[i] == none ? edit : of[i];
    }
  };
  const std::vector<Edit>& list = report_.edits.list;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Edit& edit = list[i];
    const int number = static_cast<int>(i);
    if (edit.loop != nullptr) {
      const Loop& loop = *edit.loop;
      mark(a_, edit_of_a_, loop.a, loop.a + loop.body * loop.rounds_a,
           report_.alignment.to_b, number);
      mark(b_, edit_of_b_, loop.b, loop.b + loop.body * loop.rounds_b,
           report_.alignment.to_a, number);
    } else if (edit.b != none) {
      mark(b_, edit_of_b_, edit.b,
           edit.kind == EditKind::added ? b_.last(edit.b) : edit.b + 1,
           report_.alignment.to_a, number);
    } else {
      mark(a_, edit_of_a_, edit.a, a_.last(edit.a), report_.alignment.to_b, number);
    }
  }
}

int Page::add_step(const Tree& tree, Index node, json& steps) {
  if (node == none) {
    return -1;
  }
  const int number = static_cast<int>(steps["seq"].size());
  steps["label"].push_back(strings_.number(tree.label(node)));
  steps["loc"].push_back(strings_.number(tree.loc(node)));
  steps["seq"].push_back(tree[node].seq);
  steps["ts"].push_back(tree[node].ts_ns);
  steps["dur"].push_back(tree[node].dur_ns);
  return number;
}

void Page::add_row(std::size_t number) {
  const RowOf& row = rows_[number];
  const Tree& tree = row.b != none ? b_ : a_;
  const Index node = row.b != none ? row.b : row.a;
  const int edit = row.b != none ? edit_of_b_[node] : edit_of_a_[node];
  int depth = -1;
  for (Index at = node; at != 0; at = tree[at].parent) {
    ++depth;
  }
  const bool opens = tree.kind(node).name == "phase" || tree[node].seq == 0;
  const std::string phase = visible(phase_of(tree, node));
  const auto [found, fresh] =
      phase_numbers_.try_emplace(phase, static_cast<int>(phases_.size()));
  if (fresh) {
    phases_.push_back(phase);
  }
  const Kind gap = row.a == none ? added : row.b == none ? removed : same;
  const Kind kind =
      edit < 0 ? gap : kind_of(report_.edits.list[static_cast<std::size_t>(edit)].kind);
  rows_json_["kind"].push_back(kind);
  rows_json_["edit"].push_back(edit);
  rows_json_["depth"].push_back(depth);
  rows_json_["opens"].push_back(opens ? 1 : 0);
  rows_json_["phase"].push_back(found->second);
  rows_json_["inside"].push_back(row.inside);
  rows_json_["a"].push_back(add_step(a_, row.a, steps_a_));
  rows_json_["b"].push_back(add_step(b_, row.b, steps_b_));
}

void Page::fill_rows() {
  for (const char* column :
       {"kind", "edit", "depth", "opens", "phase", "inside", "a", "b"}) {
    rows_json_[column] = json::array();
  }
  for (json* steps : {&steps_a_, &steps_b_}) {
    for (const char* column : {"label", "loc", "seq", "ts", "dur"}) {
      (*steps)[column] = json::array();
    }
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    add_row(i);
  }
}

json Page::side(const Tree& tree, json& steps) const {
  return {{"file", visible(tree.file(), 200)},
          {"argv", visible(tree.metadata("argv"), 400)},
          {"count", tree.steps()},
          {"steps", std::move(steps)}};
}

std::string Page::verdict() const {
  const Totals& totals = report_.edits.totals;
  return (totals.same() ? "The same steps: " : "The structure differs: ") +
         std::to_string(totals.agree) + " agree.";
}

json Page::totals() const {
  const Totals& totals = report_.edits.totals;
  json list = json::array();
  const auto add = [&](Kind kind, std::uint64_t count, const char* what) {
    if (count != 0) {
      list.push_back({kind, std::to_string(count) + " " + what});
    }
  };
  add(removed, totals.removed, "only in A");
  add(added, totals.added, "only in B");
  add(replaced, totals.replaced, "replaced");
  add(changed, totals.changed, "changed");
  add(moved, totals.moved, "moved");
  add(repeated, totals.loops, totals.loops == 1 ? "loop" : "loops");
  return list;
}

json Page::edits() const {
  json list = json::array();
  for (const Edit& edit : report_.edits.list) {
    const Shown at = shown(a_, b_, edit);
    json one{{"chain", visible(chain_of(*at.tree, at.node), 400)},
             {"changes", json::array()}};
    if (edit.kind == EditKind::changed || edit.kind == EditKind::replaced) {
      for (const Change& change : changes(a_, edit.a, b_, edit.b)) {
        one["changes"].push_back({{"field", visible(change.field)},
                                  {"a", visible(change.a, 400)},
                                  {"b", visible(change.b, 400)}});
      }
    }
    if (edit.kind == EditKind::moved) {
      one["was"] = visible(chain_of(a_, edit.a), 400);
    }
    if (edit.loop != nullptr) {
      one["rounds"] = std::to_string(edit.loop->rounds_a) + " \u2192 " +
                      std::to_string(edit.loop->rounds_b);
    }
    list.push_back(std::move(one));
  }
  return list;
}

json Page::groups() const {
  json list = json::array();
  for (const Group& group : report_.groups) {
    std::string causes;
    for (const std::uint32_t cause : group.causes) {
      causes += (causes.empty() ? "" : " or ") +
                visible(text_of(report_.arguments[cause], false), 100);
    }
    list.push_back({{"kind", kind_of(group.kind)},
                    {"headline", headline(report_, group)},
                    {"causes", causes},
                    {"row", row_of(report_.edits.list[group.edits.front()])}});
  }
  return list;
}

std::size_t Page::first() const {
  const Edit* edit = first_divergence(report_);
  return edit == nullptr ? 0 : row_of(*edit);
}

// Inside a script element the one thing that ends the data is "</".
std::string script_text(const json& data) {
  std::string text;
  for (const char c : data.dump(-1, ' ', false, json::error_handler_t::replace)) {
    text += c == '<' ? std::string("\\u003c") : std::string(1, c);
  }
  return text;
}

void replace(std::string& page, std::string_view mark, const std::string& text) {
  page.replace(page.find(mark), mark.size(), text);
}

}  // namespace

std::string diff_page(const Report& report, const PageOptions& options) {
  std::string page(diff_template);
  replace(page, "@data@", script_text(Page(report, options).data()));
  replace(
      page, "@title@",
      html_escape(visible(report.a->file(), 60) + " | " + visible(report.b->file(), 60)));
  return page;
}

}  // namespace viz::diff
