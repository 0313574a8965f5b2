#include "viz/diff/edits.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace viz::diff {

namespace {

struct Placed {
  Index place = 0;      // the step of B it stands at
  bool behind = false;  // or behind it
  Edit edit;
};

// The steps of one side that have no partner, gathered into edits and loops.
class Alone {
 public:
  Alone(const Tree& tree, const std::vector<Index>& partner)
      : tree_(tree), partner_(partner), owner_(tree.size(), none) {}

  // The siblings from `first` on belong to a loop.
  void mark(Index first, std::uint32_t siblings, std::uint32_t loop) {
    const Index end = tree_.last(tree_[first].parent);
    for (Index at = first; siblings > 0 && at < end; at = tree_.last(at), --siblings) {
      if (partner_[at] == none) {
        owner_[at] = loop;
      }
    }
  }

  // Calls `fresh(step)` at the first step of each edit; it returns the edit's number,
  // under which `count(number)` is called for each of its steps.
  template <class Fresh, class Count>
  void gather(const Fresh& fresh, const Count& count) {
    for (Index i = 1; i < tree_.size(); ++i) {
      if (partner_[i] != none) {
        continue;
      }
      const Index parent = tree_[i].parent;
      if (partner_[parent] == none && owner_[parent] != none) {
        owner_[i] = owner_[parent];
      } else if (owner_[i] == none) {
        owner_[i] = fresh(i);
      }
      count(owner_[i]);
    }
  }

 private:
  const Tree& tree_;
  const std::vector<Index>& partner_;
  std::vector<std::uint32_t> owner_;
};

// Loops come first in `placed_`, then edits as they are found.
class EditList {
 public:
  EditList(const Tree& a, const Tree& b, const Alignment& alignment)
      : a_(a), b_(b), alignment_(alignment) {}

  Edits list() {
    for (const Loop& loop : alignment_.loops) {
      placed_.push_back(
          {loop.b, false, {EditKind::repeated, loop.a, loop.b, 0, 0, &loop}});
    }
    only_in_a();
    only_in_b();
    paired();
    std::erase_if(placed_, [](const Placed& placed) {
      return placed.edit.kind == EditKind::repeated &&
             placed.edit.steps_a + placed.edit.steps_b == 0;
    });
    std::ranges::stable_sort(placed_, [](const Placed& x, const Placed& y) {
      return x.place != y.place ? x.place < y.place : x.behind < y.behind;
    });
    for (Placed& placed : placed_) {
      edits_.totals.loops += placed.edit.kind == EditKind::repeated ? 1 : 0;
      edits_.list.push_back(placed.edit);
    }
    return std::move(edits_);
  }

 private:
  void only_in_a();
  void only_in_b();
  void paired();

  bool moved(Index b) const { return alignment_.moved.contains(b); }

  std::uint32_t number() const { return static_cast<std::uint32_t>(placed_.size()); }

  const Tree& a_;
  const Tree& b_;
  const Alignment& alignment_;
  std::vector<Placed> placed_;
  Edits edits_;
};

// What only A has stands where the last paired step in front of it stands in B.
void EditList::only_in_a() {
  std::vector<Index> places(a_.size());
  for (Index i = 1; i < a_.size(); ++i) {
    const Index b = alignment_.to_b[i];
    places[i] = b != none && !moved(b) ? b : places[i - 1];
  }
  Alone alone(a_, alignment_.to_b);
  for (std::uint32_t i = 0; i < alignment_.loops.size(); ++i) {
    const Loop& loop = alignment_.loops[i];
    alone.mark(loop.a, loop.body * loop.rounds_a, i);
  }
  alone.gather(
      [&](Index i) {
        placed_.push_back({places[i], true, {EditKind::removed, i, none, 0, 0, nullptr}});
        return number() - 1;
      },
      [&](std::uint32_t edit) {
        ++placed_[edit].edit.steps_a;
        ++edits_.totals.removed;
      });
}

void EditList::only_in_b() {
  Alone alone(b_, alignment_.to_a);
  for (std::uint32_t i = 0; i < alignment_.loops.size(); ++i) {
    const Loop& loop = alignment_.loops[i];
    alone.mark(loop.b, loop.body * loop.rounds_b, i);
  }
  alone.gather(
      [&](Index i) {
        placed_.push_back({i, false, {EditKind::added, none, i, 0, 0, nullptr}});
        return number() - 1;
      },
      [&](std::uint32_t edit) {
        ++placed_[edit].edit.steps_b;
        ++edits_.totals.added;
      });
}

bool differ(const Tree& a, Index in_a, const Tree& b, Index in_b) {
  const std::size_t count = a.values(in_a).size();
  bool same = a[in_a].ended == b[in_b].ended && count == b.values(in_b).size();
  for (std::size_t i = 0; same && i < count; ++i) {
    same = a.meaning(in_a, i) == b.meaning(in_b, i);
  }
  return !same;
}

void EditList::paired() {
  for (Index i = 0; i < b_.size(); ++i) {
    const Index a = alignment_.to_a[i];
    if (a == none) {
      continue;
    }
    if (moved(i)) {
      ++edits_.totals.moved;
      placed_.push_back(
          {i, false, {EditKind::moved, a, i, a_[a].size, b_[i].size, nullptr}});
    }
    if (a_[a].key != b_[i].key && i != 0) {
      ++edits_.totals.replaced;
      placed_.push_back({i, false, {EditKind::replaced, a, i, 1, 1, nullptr}});
    } else if (differ(a_, a, b_, i)) {
      ++edits_.totals.changed;
      placed_.push_back({i, false, {EditKind::changed, a, i, 1, 1, nullptr}});
    } else if (a_[a].seq != 0) {
      ++edits_.totals.agree;
    }
  }
}

}  // namespace

std::string_view to_string(EditKind kind) {
  constexpr std::array<std::string_view, 6> names{"removed", "added",    "moved",
                                                  "changed", "replaced", "repeated"};
  return names[static_cast<std::size_t>(kind)];
}

Edits edits_of(const Tree& a, const Tree& b, const Alignment& alignment) {
  return EditList(a, b, alignment).list();
}

std::vector<Change> changes(const Tree& a, Index in_a, const Tree& b, Index in_b) {
  const std::span<const Word> of_a = a.values(in_a), of_b = b.values(in_b);
  const KindOf &kind_a = a.kind(in_a), &kind_b = b.kind(in_b);
  std::vector<Change> changes;
  const auto value = [](const Tree& tree, std::span<const Word> values, std::size_t i) {
    return std::string(i < values.size() ? unquoted(tree.text(values[i])) : "");
  };
  for (std::size_t i = 0; i < std::max(of_a.size(), of_b.size()); ++i) {
    if (i >= of_a.size() || i >= of_b.size() ||
        a.meaning(in_a, i) != b.meaning(in_b, i)) {
      const KindOf& kind = i < of_a.size() ? kind_a : kind_b;
      Change change{kind.fields[i].name, value(a, of_a, i), value(b, of_b, i)};
      if (change.a == change.b && i < of_a.size() && i < of_b.size()) {
        // The same place in the tree, another object there.
        (change.a += " = ") += a.object_at(of_a[i]);
        (change.b += " = ") += b.object_at(of_b[i]);
      }
      changes.push_back(std::move(change));
    }
  }
  if (a[in_a].ended != b[in_b].ended) {
    changes.push_back(
        {"(ended)", a[in_a].ended ? "yes" : "no", b[in_b].ended ? "yes" : "no"});
  }
  return changes;
}

std::string phase_of(const Tree& tree, Index node) {
  for (Index at = node; at != none; at = tree[at].parent) {
    if (tree.kind(at).name == "phase") {
      return std::string(tree.value(at, "name"));
    }
    if (at != 0 && tree[at].parent == 0) {
      const std::string_view thread = tree.value(at, "name");
      return thread != "main"            ? std::string(thread)
             : node < tree.first_phase() ? "before the phases"
                                         : "after the phases";
    }
  }
  return "threads";
}

}  // namespace viz::diff
