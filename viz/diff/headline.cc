// One line that says what a group of differences is.
#include <algorithm>
#include <cstdio>

#include "viz/diff/report_text.h"
#include "viz/text.h"

namespace viz::diff {

namespace {

constexpr std::size_t most_named = 5;

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

// Texts in the order of their first occurrence, with how often each occurs.
class Tally {
 public:
  void add(std::string text) {
    const auto found = std::ranges::find(counts_, text, &Count::first);
    if (found == counts_.end()) {
      counts_.emplace_back(std::move(text), 1);
    } else {
      ++found->second;
    }
  }

  std::size_t size() const { return counts_.size(); }

  // "a, b × 3, ... 4 more".
  std::string text() const {
    std::string text;
    for (std::size_t i = 0; i < std::min(counts_.size(), most_named); ++i) {
      text += (i == 0 ? "" : ", ") + visible(counts_[i].first);
      if (counts_[i].second > 1) {
        text += " \u00d7 " + std::to_string(counts_[i].second);
      }
    }
    if (counts_.size() > most_named) {
      text += ", ... " + std::to_string(counts_.size() - most_named) + " more";
    }
    return text;
  }

 private:
  using Count = std::pair<std::string, std::size_t>;
  std::vector<Count> counts_;
};

class Headline {
 public:
  Headline(const Report& report, const Group& group)
      : report_(report), a_(*report.a), b_(*report.b), group_(group) {}

  std::string text() const {
    switch (group_.kind) {
      case EditKind::removed:
      case EditKind::added:
        return alone();
      case EditKind::moved:
        return moved();
      case EditKind::changed:
        return changed();
      case EditKind::replaced:
        return replaced();
      case EditKind::repeated:
        return repeated();
    }
    return {};
  }

 private:
  const Edit& edit(std::size_t i) const { return report_.edits.list[group_.edits[i]]; }

  Shown step(std::size_t i) const { return shown(a_, b_, edit(i)); }

  std::string alone() const;
  std::string moved() const;
  std::string changed() const;
  std::string replaced() const;
  std::string repeated() const;
  std::string of_one_event() const;

  bool one_event() const {
    const std::string& first = step(0).tree->kind(step(0).node).name;
    return std::ranges::all_of(group_.edits, [&](std::uint32_t i) {
      const Shown at = shown(a_, b_, report_.edits.list[i]);
      return at.tree->kind(at.node).name == first;
    });
  }

  std::size_t made(const char* event) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(group_.edits, [&](std::uint32_t i) {
          const Shown at = shown(a_, b_, report_.edits.list[i]);
          return at.tree->kind(at.node).name == event;
        }));
  }

  const Report& report_;
  const Tree& a_;
  const Tree& b_;
  const Group& group_;
};

// "kvm_ioctl × 10: KVM_CHECK_EXTENSION × 6, KVM_CREATE_VM": what differs among them.
std::string Headline::of_one_event() const {
  const Shown first = step(0);
  const KindOf& kind = first.tree->kind(first.node);
  const std::string head =
      visible(kind.name) + " \u00d7 " + std::to_string(group_.edits.size());
  Tally best;
  for (std::size_t field = 0; field < kind.fields.size(); ++field) {
    Tally tally;
    for (std::size_t i = 0; i < group_.edits.size(); ++i) {
      const Shown at = step(i);
      const std::span<const Word> values = at.tree->values(at.node);
      if (kind.fields[field].identity && field < values.size()) {
        tally.add(std::string(unquoted(at.tree->text(values[field]))));
      }
    }
    // The finest division that still gathers some; all different tells as little as all
    // alike.
    const auto gathers = [this](const Tally& of) {
      return of.size() > 1 && of.size() < group_.edits.size();
    };
    if (gathers(tally) ? !gathers(best) || tally.size() > best.size() : best.size() < 2) {
      best = std::move(tally);
    }
  }
  return best.size() > 1 ? head + ": " + best.text() : head;
}

std::string Headline::alone() const {
  const std::uint64_t steps = group_.steps_a + group_.steps_b;
  const std::string more =
      steps > group_.edits.size() ? " (" + counted(steps, "step") + ")" : std::string();
  if (group_.edits.size() == 1) {
    return visible(step(0).tree->label(step(0).node), 100) + more;
  }
  if (one_event()) {
    return of_one_event() + more;
  }
  Tally events;
  for (std::size_t i = 0; i < group_.edits.size(); ++i) {
    events.add(step(i).tree->kind(step(i).node).name);
  }
  const std::size_t objects = made("object_new");
  return visible(group_.subject) +
         (objects != 0 ? ": " + counted(objects, "object") +
                             (group_.kind == EditKind::added ? " more" : " fewer")
                       : "") +
         (objects != 0 ? ", " : ": ") + counted(steps, "step") + " (" + events.text() +
         ")";
}

std::string Headline::moved() const {
  const Edit& first = edit(0);
  std::string text = visible(b_.label(first.b), 80);
  if (group_.edits.size() > 1) {
    text = visible(group_.subject) + " \u00d7 " + std::to_string(group_.edits.size());
  }
  const auto place = [](const Tree& tree, Index node) {
    const Index parent = tree[node].parent;
    return tree[parent].seq != 0 ? visible(tree.label(parent), 60) : phase_of(tree, node);
  };
  return text + ": from inside " + place(a_, first.a) + " to inside " +
         place(b_, first.b);
}

std::string Headline::changed() const {
  const Edit& first = edit(0);
  if (group_.edits.size() > 1) {
    return of_one_event();
  }
  std::string text = visible(b_.label(first.b), 80);
  const char* before = ": ";
  for (const Change& change : changes(a_, first.a, b_, first.b)) {
    text += before + visible(change.field) + " " + visible(change.a) + " \u2192 " +
            visible(change.b);
    before = ", ";
  }
  return text;
}

std::string Headline::replaced() const {
  const std::size_t objects = made("object_new");
  std::string text = visible(group_.subject, 120) + ": ";
  if (objects != 0) {
    text += counted(objects, "object") + ", ";
  }
  text += counted(group_.edits.size(), "step");
  Tally events;
  for (std::size_t i = 0; i < group_.edits.size(); ++i) {
    events.add(b_.kind(edit(i).b).name);
  }
  return text + " (" + events.text() + ")";
}

std::string Headline::repeated() const {
  const Loop& loop = *edit(0).loop;
  Tally body;
  Index at = loop.b;
  for (std::uint32_t i = 0; i < loop.body && at < b_.size(); ++i, at = b_.last(at)) {
    body.add(b_.label(at));
  }
  std::string text = body.text() + ": " + std::to_string(loop.rounds_a) + " \u2192 " +
                     std::to_string(loop.rounds_b) + " times";
  if (group_.edits.size() > 1) {
    text += ", and " + std::to_string(group_.edits.size() - 1) + " more such loops";
  }
  return text;
}

}  // namespace

std::string headline(const Report& report, const Group& group) {
  return Headline(report, group).text();
}

std::string time_text(double ns) {
  char text[40];
  const auto print = [&](double value, const char* unit) {
    std::snprintf(text, sizeof text,
                  value < 10    ? "%.2f %s"
                  : value < 100 ? "%.1f %s"
                                : "%.0f %s",
                  value, unit);
  };
  if (ns < 1e3) {
    print(ns, "ns");
  } else if (ns < 1e6) {
    print(ns / 1e3, "us");
  } else if (ns < 1e9) {
    print(ns / 1e6, "ms");
  } else {
    print(ns / 1e9, "s");
  }
  return text;
}

}  // namespace viz::diff
