// Regions as the events tell them, and QEMU's rule of who answers: a region's parts
// before itself, higher priority first, among equals the one put there last.
#include "viz/memory_map.h"

#include <algorithm>

#include "viz/run_words.h"

namespace viz {

namespace {

__extension__ typedef __int128 Wide;  // addresses of aliases may begin below 0

constexpr int deepest = 40;
// A hostile trace may show a region through itself, twice.
constexpr std::size_t most_pieces = 20000, most_visits = 200000;

class Map {
 public:
  explicit Map(const Run& run) : run_(run) {}

  MemoryMap build(std::size_t last);

 private:
  Region& region(std::string_view id);
  std::uint64_t number(const Step& step, const char* key) const;
  void made(const Step& step);
  void put(const Step& step);
  void take(const Step& step);
  void changed(const Step& step);

  const Run& run_;
  MemoryMap map_;
  std::uint64_t order_ = 0;
};

Region& Map::region(std::string_view id) {
  const auto found = map_.regions.find(id);
  if (found != map_.regions.end()) {
    return found->second;
  }
  Region fresh;
  fresh.id = id;
  fresh.name = id;
  fresh.kind = "container";
  return map_.regions.emplace(std::string(id), std::move(fresh)).first->second;
}

std::uint64_t Map::number(const Step& step, const char* key) const {
  std::uint64_t value = 0;
  parse_number(run_.arg(step, key), value);
  return value;
}

void Map::made(const Step& step) {
  Region& made = region(run_.arg(step, "region"));
  made.name = run_.arg(step, "name");
  made.kind = run_.arg(step, "kind");
  made.size = number(step, "size");
  made.target = run_.arg(step, "target");
  made.offset = number(step, "offset");
  made.read_only = made.kind == "rom";
}

void Map::take(const Step& step) {
  Region& gone = region(run_.arg(step, "region"));
  const auto from = map_.regions.find(gone.container);
  if (from != map_.regions.end()) {
    std::erase(from->second.inside, gone.id);
  }
  gone.container.clear();
}

void Map::put(const Step& step) {
  take(step);
  Region& sub = region(run_.arg(step, "region"));
  sub.container = run_.arg(step, "container");
  sub.address = number(step, "address");
  const std::string_view priority = run_.arg(step, "priority");
  std::uint64_t value = 0;
  parse_number(priority.starts_with('-') ? priority.substr(1) : priority, value);
  const int size = static_cast<int>(std::min<std::uint64_t>(value, 1u << 30));
  sub.priority = priority.starts_with('-') ? -size : size;
  sub.order = ++order_;
  const std::string id = sub.id;
  const int mine = sub.priority;
  std::vector<std::string>& inside = region(sub.container).inside;
  inside.insert(std::find_if(inside.begin(), inside.end(),
                             [&](const std::string& other) {
                               return mine >= region(other).priority;
                             }),
                id);
}

void Map::changed(const Step& step) {
  Region& now = region(run_.arg(step, "region"));
  now.enabled = run_.arg(step, "enabled") != "false";
  now.read_only = run_.arg(step, "read_only") == "true";
  now.size = number(step, "size");
  now.offset = number(step, "offset");
}

MemoryMap Map::build(std::size_t last) {
  const std::vector<Step>& steps = run_.steps();
  for (std::size_t i = 0; i < steps.size() && (last == no_step || i <= last); ++i) {
    const Step& step = steps[i];
    if (step.cat != "memory") {
      continue;
    }
    if (step.name == "memory_region_init") {
      made(step);
    } else if (step.name == "memory_region_add_subregion") {
      put(step);
    } else if (step.name == "memory_region_del_subregion") {
      take(step);
    } else if (step.name == "memory_region_update") {
      changed(step);
    } else if (step.name == "address_space_init") {
      map_.spaces.emplace_back(run_.arg(step, "name"), run_.arg(step, "root"));
    }
  }
  for (const auto& [id, one] : map_.regions) {
    map_.switched_off += !one.container.empty() && !one.enabled ? 1 : 0;
  }
  return std::move(map_);
}

// One walk over the regions below a root, best answer first.
class Flattener {
 public:
  Flattener(const MemoryMap& map, Space& space) : map_(map), space_(space) {}

  void walk(std::string_view root);

 private:
  struct At {
    Wide base = 0, begin = 0, last = 0;  // where offset 0 is; the window seen through
    int priority = 0;
    const Region* via = nullptr;
    bool read_only = false;
    int depth = 0;
  };

  void render(const Region& region, At at);
  void answer(const Region& region, const At& at);

  const MemoryMap& map_;
  Space& space_;
  std::size_t visits_ = 0;
};

// Takes what is free of [begin, last]; the rest of it is covered.
void Flattener::answer(const Region& region, const At& at) {
  const auto piece = [&](Wide begin, Wide last) {
    return Shown{static_cast<std::uint64_t>(begin),
                 static_cast<std::uint64_t>(last),
                 &region,
                 at.via,
                 at.priority,
                 at.read_only || region.read_only};
  };
  Wide from = at.begin;
  std::vector<Shown> fresh;
  for (const Shown& there : space_.answers) {
    if (Wide{there.last} < from) {
      continue;
    }
    if (Wide{there.begin} > at.last) {
      break;
    }
    if (Wide{there.begin} > from) {
      fresh.push_back(piece(from, Wide{there.begin} - 1));
    }
    space_.covered.push_back(
        piece(std::max(from, Wide{there.begin}), std::min(at.last, Wide{there.last})));
    from = Wide{there.last} + 1;
  }
  if (from <= at.last) {
    fresh.push_back(piece(from, at.last));
  }
  space_.answers.insert(space_.answers.end(), fresh.begin(), fresh.end());
  std::sort(space_.answers.begin(), space_.answers.end(),
            [](const Shown& a, const Shown& b) { return a.begin < b.begin; });
}

void Flattener::render(const Region& region, At at) {
  if (!region.enabled || at.depth > deepest || region.size == 0 ||
      space_.answers.size() + space_.covered.size() > most_pieces ||
      ++visits_ > most_visits) {
    return;
  }
  at.begin = std::max(at.begin, at.base);
  at.last = std::min(at.last, at.base + Wide{region.size} - 1);
  if (at.begin > at.last) {
    return;
  }
  ++at.depth;
  at.read_only = at.read_only || region.read_only;
  at.priority = at.priority == 0 ? region.priority : at.priority;
  if (region.kind == "alias") {
    const auto target = map_.regions.find(region.target);
    if (target != map_.regions.end()) {
      at.base -= Wide{region.offset};
      at.via = at.via ? at.via : &region;
      render(target->second, at);
    }
    return;
  }
  for (const std::string& id : region.inside) {
    const Region& sub = map_.regions.find(id)->second;
    At below = at;
    below.base += Wide{sub.address};
    render(sub, below);
  }
  if (region.kind != "container") {
    answer(region, at);
  }
}

void Flattener::walk(std::string_view root) {
  const auto found = map_.regions.find(root);
  if (found != map_.regions.end()) {
    render(found->second, {.base = 0, .begin = 0, .last = Wide{UINT64_MAX}});
  }
}

}  // namespace

Space MemoryMap::space(std::size_t number) const {
  Space out;
  out.name = spaces.at(number).first;
  Flattener(*this, out).walk(spaces[number].second);
  return out;
}

MemoryMap memory_at(const Run& run, std::size_t last) {
  return Map(run).build(last);
}

}  // namespace viz
