// Selecting: which types are asked for, then how far the tree is opened.
//
// A page has room for so many rows of text. The tree starts closed at its roots;
// again and again the closed branch with the most types below it is opened, as
// long as its children still fit; a level deeper counts for a third, so that broad
// comes before deep. So the page shows the big families first and says of every
// branch left closed how much is in it.
#include "viz/select.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "viz/page.h"
#include "viz/similar.h"
#include "viz/text.h"

namespace viz {
namespace {

constexpr std::size_t deepest = 60;      // levels drawn; real trees have 8
constexpr std::size_t table_from = 5;    // so many leaf siblings make a table
constexpr std::size_t small_branch = 6;  // types below: at most so many fit in a cell
constexpr std::size_t widest_fan = 24;   // inner siblings drawn one by one

using TypeSet = std::set<const Type*>;

class Selector {
 public:
  Selector(const TypeModel& model, const SelectOptions& options)
      : model_(model), options_(options) {}

  Selection select();

 private:
  const Type& known(const std::string& name) const;
  bool is_hit(const Type& type) const;
  void keep_scope();
  Branch build(const Type& type, std::size_t level);
  void add_cells(Branch& branch, std::vector<Cell> cells);
  bool fits_in_cell(const Type& type) const;
  std::size_t kept_below(const Type& type) const;
  void build_roots();
  void build_page();
  void open_by_depth(Branch& branch, int level);
  void open_by_rows(std::vector<Branch>& roots);
  void close(Branch& branch);
  void count(const Branch& branch);
  void select_focus();
  Branch focus_branch(const Type& type);
  void add_interfaces(const std::vector<const Type*>& nodes);
  static void collect_nodes(const Branch& branch, std::vector<const Type*>& nodes);
  void add_few_interfaces();

  const TypeModel& model_;
  const SelectOptions& options_;
  TypeSet kept_;
  TypeSet hits_;
  std::map<const Type*, std::size_t> below_;  // kept types below a kept type
  std::set<const Branch*> open_;
  std::size_t small_ = 0;  // a branch with so many types below may be a cell
  Selection result_;
};

const Type& Selector::known(const std::string& name) const {
  if (const Type* type = model_.find(name)) {
    return *type;
  }
  std::string message = "there is no type '" + visible(name) + "' in " + model_.source;
  const char* between = "; similar: ";
  for (const std::string& near : similar_names(model_, name)) {
    message += between + visible(near);
    between = ", ";
  }
  throw std::runtime_error(message);
}

bool Selector::is_hit(const Type& type) const {
  return (options_.match.empty() || glob_match(options_.match, type.name)) &&
         (!options_.only_used || type.state == State::instantiated);
}

// Breadth first below the root asked for; hits pull their ancestors in.
void Selector::keep_scope() {
  std::vector<const Type*> order = model_.roots();
  if (!options_.root.empty()) {
    order = {&known(options_.root)};
  }
  const TypeSet tops(order.begin(), order.end());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order.insert(order.end(), order[i]->children.begin(), order[i]->children.end());
  }
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    if (is_hit(**it)) {
      hits_.insert(*it);
      kept_.insert(*it);
    }
    if (kept_.count(*it) && !tops.count(*it)) {
      const Type* parent = model_.find((*it)->parent);
      kept_.insert(parent);
      below_[parent] += below_[*it] + 1;
    }
  }
}

std::size_t Selector::kept_below(const Type& type) const {
  const auto found = below_.find(&type);
  return found == below_.end() ? 0 : found->second;
}

// A leaf always does; a small branch only when the page is short of room.
bool Selector::fits_in_cell(const Type& type) const {
  return kept_below(type) <= small_;
}

// Names the used ones first when not all have room, but keeps the order of names.
void Selector::add_cells(Branch& branch, std::vector<Cell> cells) {
  const std::size_t room = options_.all ? cells.size() : options_.fold;
  if (cells.size() > room + 2) {
    const auto used = [](const Cell& cell) {
      return cell.type->state == State::instantiated || cell.type->used_below != 0;
    };
    std::stable_sort(cells.begin(), cells.end(), [&used](const Cell& a, const Cell& b) {
      return used(a) && !used(b);
    });
    for (std::size_t i = room; i < cells.size(); ++i) {
      branch.more += cells[i].cut + 1;
    }
    cells.resize(room);
    std::sort(cells.begin(), cells.end(),
              [](const Cell& a, const Cell& b) { return a.type->name < b.type->name; });
  }
  branch.cells = std::move(cells);
}

Branch Selector::build(const Type& type, std::size_t level) {
  Branch branch;
  branch.type = &type;
  branch.hit = hits_.count(&type) != 0;
  branch.cut = kept_below(type);
  if (level >= deepest) {
    return branch;
  }
  std::vector<const Type*> inner;
  std::vector<Cell> cells;
  for (const Type* child : type.children) {
    if (kept_.count(child)) {
      inner.push_back(child);
      if (fits_in_cell(*child)) {
        cells.push_back({child, kept_below(*child)});
      }
    }
  }
  if (cells.size() >= table_from && options_.fold != 0) {
    inner.erase(
        std::remove_if(inner.begin(), inner.end(),
                       [this](const Type* child) { return fits_in_cell(*child); }),
        inner.end());
    add_cells(branch, std::move(cells));
  }
  std::stable_sort(inner.begin(), inner.end(), [this](const Type* a, const Type* b) {
    return kept_below(*a) > kept_below(*b);
  });
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (i < widest_fan || options_.all || options_.fold == 0) {
      branch.inner.push_back(build(*inner[i], level + 1));
    } else {
      branch.more += kept_below(*inner[i]) + 1;
    }
  }
  return branch;
}

void Selector::build_roots() {
  result_.roots.clear();
  for (const Type* top :
       options_.root.empty() ? model_.roots() : std::vector{&known(options_.root)}) {
    if (kept_.count(top)) {
      result_.roots.push_back(build(*top, 0));
    }
  }
}

// Small branches go into cells only as far as the page needs it.
void Selector::build_page() {
  for (small_ = 0; small_ <= small_branch; small_ += 2) {
    build_roots();
    double rows = 0;
    for (const Branch& root : result_.roots) {
      rows += rows_opened(root);
    }
    if (rows <= static_cast<double>(options_.rows) || options_.fold == 0) {
      return;
    }
  }
}

void Selector::open_by_depth(Branch& branch, int level) {
  if (options_.depth >= 0 && level >= options_.depth) {
    return;
  }
  open_.insert(&branch);
  for (Branch& child : branch.inner) {
    open_by_depth(child, level + 1);
  }
}

void Selector::open_by_rows(std::vector<Branch>& roots) {
  double left = static_cast<double>(options_.rows);
  std::vector<std::pair<Branch*, double>> closed;  // with what opening it is worth
  const auto open = [&](Branch& branch, double share) {
    open_.insert(&branch);
    left -= rows_inside(branch) - 1;
    for (Branch& child : branch.inner) {
      if (has_inside(child)) {
        closed.emplace_back(&child, share * static_cast<double>(child.cut));
      }
    }
  };
  for (Branch& root : roots) {
    left -= 1;
    open(root, 1);
  }
  for (;;) {
    auto best = closed.end();
    for (auto it = closed.begin(); it != closed.end(); ++it) {
      const bool fits = rows_inside(*it->first) - 1 <= std::max(left, 0.0);
      if (fits && (best == closed.end() || it->second > best->second)) {
        best = it;
      }
    }
    if (best == closed.end()) {
      return;
    }
    const auto [branch, worth] = *best;
    closed.erase(best);
    open(*branch, worth / static_cast<double>(branch->cut) / 3);
  }
}

// Opened branches lose their count, closed ones what is in them.
void Selector::close(Branch& branch) {
  if (open_.count(&branch) && has_inside(branch)) {
    branch.cut = 0;
    for (Branch& child : branch.inner) {
      close(child);
    }
    return;
  }
  branch.inner.clear();
  branch.cells.clear();
  branch.more = 0;
}

void Selector::count(const Branch& branch) {
  result_.drawn += 1 + branch.cells.size();
  result_.folded += branch.cut + branch.more;
  for (const Cell& cell : branch.cells) {
    result_.folded += cell.cut;
  }
  for (const Branch& child : branch.inner) {
    count(child);
  }
}

// The type, its children, one level: what is further down is counted.
Branch Selector::focus_branch(const Type& type) {
  Branch branch = build(type, 0);
  open_.insert(&branch);
  close(branch);
  branch.focus = true;
  return branch;
}

// `nodes` are the types whose interfaces are shown. An interface that has no place in
// the tree gets a node beside it.
void Selector::add_interfaces(const std::vector<const Type*>& nodes) {
  TypeSet beside;
  for (const Type* type : nodes) {
    for (const std::string& name : type->interfaces) {
      if (const Type* interface_type = model_.find(name)) {
        result_.implements.push_back({interface_type, type});
        if (!kept_.count(interface_type) && beside.insert(interface_type).second) {
          result_.interface_nodes.push_back(interface_type);
        }
      }
    }
  }
  result_.drawn += beside.size();
  result_.hidden -= beside.size();
}

void Selector::collect_nodes(const Branch& branch, std::vector<const Type*>& nodes) {
  nodes.push_back(branch.type);
  for (const Branch& child : branch.inner) {
    collect_nodes(child, nodes);
  }
}

void Selector::add_few_interfaces() {
  std::vector<const Type*> nodes;
  for (const Branch& root : result_.roots) {
    collect_nodes(root, nodes);
  }
  std::size_t edges = 0;
  for (const Type* type : nodes) {
    edges += type->interfaces.size();
  }
  if (edges <= options_.interface_edges) {
    add_interfaces(nodes);
  }
}

// The chain from the root, the siblings beside the type, its children below.
void Selector::select_focus() {
  const Type& type = known(options_.ancestors_of);
  std::vector<const Type*> chain{&type};
  while (!chain.back()->parent.empty() && chain.size() < deepest) {
    chain.push_back(model_.find(chain.back()->parent));
  }
  std::vector<const Type*> order{&type};
  for (std::size_t i = 0; i < order.size(); ++i) {
    order.insert(order.end(), order[i]->children.begin(), order[i]->children.end());
  }
  kept_.insert(order.begin(), order.end());
  hits_ = kept_;
  for (auto it = order.rbegin(); *it != &type; ++it) {
    below_[model_.find((*it)->parent)] += below_[*it] + 1;
  }
  Branch branch = focus_branch(type);
  for (std::size_t i = 1; i < chain.size(); ++i) {
    Branch above;
    above.type = chain[i];
    above.elsewhere = chain[i]->children.size() - 1;
    above.inner.push_back(std::move(branch));
    kept_.insert(chain[i]);
    if (i == 1 && above.elsewhere != 0) {
      std::vector<const Type*> siblings = chain[1]->children;
      siblings.erase(std::find(siblings.begin(), siblings.end(), &type));
      above.elsewhere = 0;
      kept_.insert(siblings.begin(), siblings.end());
      hits_.insert(siblings.begin(), siblings.end());
      std::vector<Cell> cells;
      cells.reserve(siblings.size());
      for (const Type* sibling : siblings) {
        cells.push_back({sibling, 0});
      }
      add_cells(above, std::move(cells));
    }
    branch = std::move(above);
  }
  result_.roots.push_back(std::move(branch));
  result_.hidden = model_.size() - kept_.size();
  count(result_.roots[0]);
  add_interfaces(chain);
}

Selection Selector::select() {
  result_.total = model_.size();
  if (!options_.ancestors_of.empty()) {
    select_focus();
    return std::move(result_);
  }
  keep_scope();
  if (kept_.empty()) {
    throw std::runtime_error(
        "nothing to draw: no type of " + model_.source +
        (options_.only_used ? " became an object" : "") +
        (options_.match.empty() ? ""
                                : " has a name like '" + visible(options_.match) + "'"));
  }
  if (options_.all || options_.depth >= 0) {
    build_roots();
    for (Branch& root : result_.roots) {
      open_by_depth(root, 0);
    }
  } else {
    build_page();
    open_by_rows(result_.roots);
  }
  for (Branch& root : result_.roots) {
    close(root);
    count(root);
  }
  result_.hidden = model_.size() - kept_.size();
  add_few_interfaces();
  return std::move(result_);
}

}  // namespace

Selection select_types(const TypeModel& model, const SelectOptions& options) {
  return Selector(model, options).select();
}

}  // namespace viz
