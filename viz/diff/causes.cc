// Which argument made a group of differences. Evidence, best first: the steps name the
// argument's value; they share names with steps that do, or happen inside them; the
// phase they happen in reads the argument; no other argument differs.
#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "viz/diff/report.h"

namespace viz::diff {

namespace {

using Names = std::unordered_set<std::uint64_t>;

bool is_separator(char c) {
  return c == ',' || c == '=' || c == ':' || c == ' ' || c == '#' || c == '/';
}

// Words that mean nothing by themselves.
bool says_nothing(std::string_view word) {
  constexpr std::array<std::string_view, 10> words{"on",   "off", "yes",     "no", "true",
                                                   "none", "id",  "default", "0",  "1"};
  return word.size() < 2 || std::ranges::find(words, word) != words.end();
}

// "isapc" is named by "isapc", "isapc-machine", "isapc-machine#1".
bool names(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || is_separator(text[at - 1]);
    const bool ends = end == text.size() || is_separator(text[end]) || text[end] == '-';
    if (begins && ends) {
      return true;
    }
  }
  return false;
}

// What an argument's values are called in the trace.
std::vector<std::string> words_of(const Argument& argument) {
  std::set<std::string> words;
  for (const std::string* value : {&argument.a, &argument.b}) {
    std::string word;
    for (const char c : *value + ",") {
      if (c == ',' || c == ':') {
        words.insert(word);
        word.clear();
      } else {
        word += c;
        if (c == '=') {
          word.clear();  // of "id=d0" the value counts
        }
      }
    }
  }
  std::erase_if(words, [](const std::string& word) { return says_nothing(word); });
  return {words.begin(), words.end()};
}

class Causes {
 public:
  explicit Causes(Report& report) : report_(report), a_(*report.a), b_(*report.b) {}

  void find() {
    collect_names();
    for (std::uint32_t i = 0; i < report_.arguments.size(); ++i) {
      name_groups(i);
    }
    link_groups();
    read_here();
    only_one();
  }

 private:
  void collect_names();
  void collect(const Tree& tree, Index node, std::size_t group, bool of_a);
  void name_groups(std::uint32_t argument);
  bool named(const Group& group, const std::vector<std::string>& words) const;
  bool step_names(const Tree& tree, Index node,
                  const std::vector<std::string>& words) const;
  void link_groups();
  void read_here();
  void only_one();
  bool inside(std::size_t group, std::size_t other) const;

  Report& report_;
  const Tree& a_;
  const Tree& b_;
  // By group: names in its steps that the other side's steps of no group have.
  std::vector<Names> names_;
  std::unordered_map<Index, std::size_t> group_of_a_, group_of_b_;
};

constexpr Index most_steps_read = 2000;  // of one group: more tell nothing new

void Causes::collect(const Tree& tree, Index node, std::size_t group, bool of_a) {
  (of_a ? group_of_a_ : group_of_b_)[node] = group;
  const Index end = std::min(tree.last(node), node + most_steps_read);
  for (Index i = node; i < end; ++i) {
    const std::size_t count = tree.values(i).size();
    for (std::size_t k = 0; k < count; ++k) {
      if (tree.kind(i).fields[k].identity) {
        names_[group].insert(tree.meaning(i, k));
      }
    }
  }
}

void Causes::collect_names() {
  names_.resize(report_.groups.size());
  for (std::size_t g = 0; g < report_.groups.size(); ++g) {
    const Group& group = report_.groups[g];
    for (const std::uint32_t number : group.edits) {
      const Edit& edit = report_.edits.list[number];
      if (edit.a != none && edit.kind != EditKind::added) {
        collect(a_, edit.a, g, true);
      }
      if (edit.b != none && edit.kind != EditKind::removed) {
        collect(b_, edit.b, g, false);
      }
      if (names_[g].size() > most_steps_read) {
        break;
      }
    }
  }
  // A name that paired equal steps know too is nobody's own.
  Names common;
  for (Index i = 1; i < b_.size(); ++i) {
    const Index a = report_.alignment.to_a[i];
    if (a != none && a_[a].key == b_[i].key) {
      const std::size_t count = b_.values(i).size();
      for (std::size_t k = 0; k < count; ++k) {
        common.insert(b_.meaning(i, k));
      }
    }
  }
  for (Names& of_group : names_) {
    std::erase_if(of_group, [&](std::uint64_t name) { return common.contains(name); });
  }
}

bool Causes::step_names(const Tree& tree, Index node,
                        const std::vector<std::string>& words) const {
  return std::ranges::any_of(tree.values(node), [&](Word value) {
    const std::string_view text = unquoted(tree.text(value));
    return std::ranges::any_of(
        words, [&](const std::string& word) { return names(text, word); });
  });
}

bool Causes::named(const Group& group, const std::vector<std::string>& words) const {
  constexpr std::size_t most_edits = 200;
  for (std::size_t i = 0; i < std::min(group.edits.size(), most_edits); ++i) {
    const Edit& edit = report_.edits.list[group.edits[i]];
    if ((edit.a != none && step_names(a_, edit.a, words)) ||
        (edit.b != none && step_names(b_, edit.b, words))) {
      return true;
    }
  }
  return false;
}

void Causes::name_groups(std::uint32_t argument) {
  const Argument& of = report_.arguments[argument];
  const std::vector<std::string> words = words_of(of);
  for (Group& group : report_.groups) {
    const Edit& first = report_.edits.list[group.edits.front()];
    const Shown at = shown(a_, b_, first);
    const std::string& event = at.tree->kind(at.node).name;
    const bool own = (event == "lookup_opt" || event == "qemu_opts_parse") &&
                     at.tree->value(at.node, event == "lookup_opt" ? "option" : "group")
                         .starts_with(of.option);
    if (own || (!words.empty() && named(group, words))) {
      group.causes.push_back(argument);
      group.evidence = Evidence::named;
    }
  }
}

// A step of `group` lies in a step of `other`.
bool Causes::inside(std::size_t group, std::size_t other) const {
  constexpr std::size_t most_edits = 50;
  const Group& of = report_.groups[group];
  for (std::size_t i = 0; i < std::min(of.edits.size(), most_edits); ++i) {
    const Edit& edit = report_.edits.list[of.edits[i]];
    const Shown at = shown(a_, b_, edit);
    const auto& groups = at.tree == &a_ ? group_of_a_ : group_of_b_;
    for (Index up = (*at.tree)[at.node].parent; up != none; up = (*at.tree)[up].parent) {
      const auto found = groups.find(up);
      if (found != groups.end() && found->second == other) {
        return true;
      }
    }
  }
  return false;
}

void Causes::link_groups() {
  std::vector<std::size_t> known;
  for (std::size_t g = 0; g < report_.groups.size(); ++g) {
    if (report_.groups[g].evidence != Evidence::unknown) {
      known.push_back(g);
    }
  }
  for (std::size_t k = 0; k < known.size(); ++k) {
    const std::size_t from = known[k];
    for (std::size_t g = 0; g < report_.groups.size(); ++g) {
      Group& group = report_.groups[g];
      if (group.evidence != Evidence::unknown) {
        continue;
      }
      const bool shares = std::ranges::any_of(
          names_[g], [&](std::uint64_t name) { return names_[from].contains(name); });
      if (shares || inside(g, from)) {
        group.causes = report_.groups[from].causes;
        group.evidence = Evidence::linked;
        known.push_back(g);
      }
    }
  }
}

void Causes::read_here() {
  for (Group& group : report_.groups) {
    if (group.evidence != Evidence::unknown) {
      continue;
    }
    for (std::uint32_t i = 0; i < report_.arguments.size(); ++i) {
      if (std::ranges::find(group.phases, report_.arguments[i].used_in) !=
          group.phases.end()) {
        group.causes.push_back(i);
        group.evidence = Evidence::read_here;
      }
    }
  }
}

void Causes::only_one() {
  for (Group& group : report_.groups) {
    if (report_.arguments.size() == 1 && group.causes.empty()) {
      group.causes = {0};
      group.evidence = Evidence::only;
    }
  }
}

}  // namespace

std::string_view to_string(Evidence evidence) {
  constexpr std::array<std::string_view, 7> texts{
      "unknown", "only", "read_here", "linked", "named", "together", "confirmed"};
  return texts[static_cast<std::size_t>(evidence)];
}

void find_causes(Report& report) {
  Causes(report).find();
}

void confirm_causes(Report& report, const std::vector<Report>& alone) {
  std::vector<Names> seen(alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    for (const Edit& edit : alone[i].edits.list) {
      seen[i].insert(signature(*alone[i].a, *alone[i].b, edit));
    }
  }
  for (Group& group : report.groups) {
    std::vector<std::uint32_t> most, some;  // of the edits come with this argument alone
    for (std::uint32_t i = 0; i < alone.size(); ++i) {
      const auto shows = std::ranges::count_if(group.edits, [&](std::uint32_t edit) {
        return seen[i].contains(signature(*report.a, *report.b, report.edits.list[edit]));
      });
      if (static_cast<std::size_t>(shows) * 2 > group.edits.size()) {
        most.push_back(i);
      }
      if (shows != 0) {
        some.push_back(i);
      }
    }
    group.causes = most.empty() ? some : most;
    group.evidence = group.causes.empty() ? Evidence::together : Evidence::confirmed;
    for (std::uint32_t i = 0; some.empty() && i < alone.size(); ++i) {
      group.causes.push_back(i);
    }
  }
}

}  // namespace viz::diff
