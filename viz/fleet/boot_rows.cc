#include "viz/fleet/boot_rows.h"

#include <algorithm>
#include <unordered_map>

#include "viz/diff/edits.h"
#include "viz/text.h"

namespace viz::fleet {

namespace {

using diff::Index;

constexpr std::size_t longest_label = 400;

class Gatherer {
 public:
  explicit Gatherer(const diff::Tree& tree) : tree_(tree), self_(tree.size()) {}

  BootRows gather() {
    rows_.started = tree_.started();
    rows_.command = visible(tree_.metadata("argv"), 4000);
    rows_.structure = static_cast<std::int64_t>(tree_[0].hash);
    rows_.events = tree_.steps();
    rows_.lost = static_cast<std::int64_t>(tree_.lost());
    measure();
    std::vector<std::uint64_t> ids(tree_.size());
    std::vector<std::uint32_t> depths(tree_.size());
    for (Index i = 1; i < tree_.size(); ++i) {
      const Index parent = tree_[i].parent;
      ids[i] = diff::mix(ids[parent], tree_[i].key);
      depths[i] = depths[parent] + 1;
      if (tree_[i].seq != 0) {  // a thread is no step
        add(i, ids[i], tree_[parent].seq != 0 ? ids[parent] : 0, depths[i] - 2);
      }
    }
    std::uint64_t set = 0;
    for (const StepRow& step : rows_.steps) {
      set += diff::mix(0, static_cast<std::uint64_t>(step.step));
    }
    rows_.step_set = static_cast<std::int64_t>(set);
    return std::move(rows_);
  }

 private:
  void measure() {
    for (Index i = 1; i < tree_.size(); ++i) {
      const diff::Node& node = tree_[i];
      self_[i] = node.dur_ns;
      std::uint64_t& around = self_[node.parent];
      around -= std::min(around, node.dur_ns);
      rows_.unended += node.ended ? 0 : 1;
      rows_.total_ns =
          std::max(rows_.total_ns, static_cast<std::int64_t>(node.ts_ns + node.dur_ns));
    }
  }

  void add(Index node, std::uint64_t id, std::uint64_t parent, std::uint32_t depth) {
    const auto [found, fresh] = places_.try_emplace(id, rows_.steps.size());
    if (fresh) {
      rows_.steps.push_back({static_cast<std::int64_t>(id),
                             static_cast<std::int64_t>(parent), tree_.kind(node).name,
                             tree_.kind(node).cat,
                             visible(tree_.label(node), longest_label),
                             visible(diff::phase_of(tree_, node), longest_label),
                             std::string(tree_.loc(node)), depth});
      rows_.took.push_back({0, static_cast<std::int64_t>(tree_[node].ts_ns), 0, 0});
    }
    TookRow& took = rows_.took[found->second];
    ++took.count;
    took.self_ns += static_cast<std::int64_t>(self_[node]);
    took.total_ns += static_cast<std::int64_t>(tree_[node].dur_ns);
  }

  const diff::Tree& tree_;
  std::vector<std::uint64_t> self_;
  std::unordered_map<std::uint64_t, std::size_t> places_;
  BootRows rows_;
};

}  // namespace

BootRows rows_of(const diff::Tree& tree) {
  return Gatherer(tree).gather();
}

}  // namespace viz::fleet
