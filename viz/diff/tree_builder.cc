#include "viz/diff/tree_builder.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace viz::diff {

namespace {

constexpr std::uint16_t trace_kind = 0, thread_kind = 1;
constexpr std::uint64_t nameless_part = 1;
// Reports walk from a step to those around it: a bound keeps that cheap.
constexpr std::size_t deepest = 2000;
// Where an object gets its place, and a name like "device[4]" that says how many came
// before it: one device more would rename all that follow.
constexpr std::string_view child_event = "object_property_add_child";
// Lines of a guest's console, which begin with its clock.
constexpr std::string_view console_event = "guest_console";

std::string_view type_of(std::string_view object) {
  return object.substr(0, std::min(object.rfind('#'), object.size()));
}

KindOf kind_of(const trace::KindText& text) {
  KindOf kind{text.name, text.cat, {}, 0, none, none, 0};
  kind.hash = mix(mix(hash_of(text.name), hash_of(text.cat)),
                  static_cast<std::uint64_t>(text.shape));
  for (const auto* fields : {&text.fields, &text.results}) {
    for (const trace::FieldText& field : *fields) {
      if (field.role != trace::Role::volatile_) {
        if (text.name == child_event && field.name == "name") {
          kind.numbered = kind.fields.size();
        }
        if (text.name == console_event && field.name == "text") {
          kind.stamped = kind.fields.size();
        }
        kind.fields.push_back({field.name, field.role == trace::Role::identity});
        kind.before_results += fields == &text.fields ? 1 : 0;
      }
    }
  }
  return kind;
}

}  // namespace

TreeBuilder::TreeBuilder(std::string file, LoadOptions options)
    : options_(std::move(options)) {
  tree_.file_ = std::move(file);
  tree_.kinds_.push_back({"trace", "host", {}, 0, none, none, hash_of("trace")});
  tree_.kinds_.push_back(
      {"thread", "host", {{"name", true}}, 1, none, none, hash_of("thread")});
  tree_.words_.word("");
}

void TreeBuilder::metadata(std::vector<std::pair<std::string, std::string>> pairs) {
  tree_.metadata_ = std::move(pairs);
}

void TreeBuilder::thread(int tid, std::string name) {
  threads_[tid].name = std::move(name);
}

const TreeBuilder::KindPlace& TreeBuilder::place_of(const trace::KindText& kind) {
  if (&kind == last_kind_) {
    return *last_place_;
  }
  auto [found, fresh] = places_.try_emplace(&kind);
  KindPlace& place = found->second;
  if (fresh) {
    if (tree_.kinds_.size() > std::numeric_limits<std::uint16_t>::max()) {
      throw std::runtime_error(tree_.file_ +
                               ": cannot compare a trace with more than 65535 kinds of "
                               "events");
    }
    place.kind = static_cast<std::uint16_t>(tree_.kinds_.size());
    place.wanted =
        (options_.categories.empty() || options_.categories.contains(kind.cat)) &&
        !options_.leave_out.contains(kind.name);
    for (const auto* fields : {&kind.fields, &kind.results}) {
      for (const trace::FieldText& field : *fields) {
        place.kept.push_back(field.role != trace::Role::volatile_);
      }
    }
    tree_.kinds_.push_back(kind_of(kind));
  }
  last_kind_ = &kind;
  last_place_ = &place;
  return place;
}

void TreeBuilder::add_values(const trace::Event& event, const KindPlace& place,
                             Node& node) {
  node.values = static_cast<std::uint32_t>(tree_.values_.size());
  node.has_results = event.args.size() > event.kind->fields.size();
  for (std::size_t i = 0; i < event.args.size(); ++i) {
    if (!place.kept[i]) {
      continue;
    }
    const trace::Arg& arg = event.args[i];
    const Word word = tree_.words_.word(arg.json);
    tree_.values_.push_back(word);
    if (arg.field->type == trace::Type::object && !arg.text.empty() &&
        seen_objects_.insert(word).second) {
      objects_.push_back(word);
    }
  }
}

void TreeBuilder::event(const trace::Event& event) {
  if (event.is_flow()) {
    return;
  }
  if (++events_ > options_.max_events) {
    throw std::runtime_error(tree_.file_ + ": more than " +
                             std::to_string(options_.max_events) +
                             " events; compare a part (--cat), or raise --max-events");
  }
  Thread& thread = threads_[event.tid];
  while (!thread.open.empty() && thread.open.back().seq != event.par) {
    thread.open.pop_back();
  }
  if (thread.open.empty() && event.par != 0) {
    throw std::runtime_error(tree_.file_ + ":" + std::to_string(event.line) +
                             ": the event lies inside event " +
                             std::to_string(event.par) +
                             ", which is no span open in its thread");
  }
  const Index parent = thread.open.empty() ? none : thread.open.back().node;
  const bool span =
      event.phase == trace::Phase::span || event.phase == trace::Phase::open_span;
  const KindPlace& place = place_of(*event.kind);
  if (place.wanted) {
    Node node;
    node.kind = place.kind;
    node.ended = event.phase != trace::Phase::open_span;
    node.parent = parent;
    node.seq = static_cast<std::uint32_t>(event.seq);
    node.ts_ns = event.ts_ns;
    node.dur_ns = event.dur_ns;
    node.loc = tree_.words_.word(event.loc);
    add_values(event, place, node);
    thread.nodes.push_back(node);
  }
  if (span) {
    if (thread.open.size() == deepest) {
      throw std::runtime_error(tree_.file_ + ":" + std::to_string(event.line) +
                               ": steps nest deeper than " + std::to_string(deepest) +
                               ", which no boot does");
    }
    thread.open.push_back(
        {event.seq, place.wanted ? static_cast<Index>(thread.nodes.size() - 1) : parent});
  }
}

// Makes one array of the threads' arrays; the first takes over the largest memory.
void TreeBuilder::join_threads() {
  std::size_t total = 1;
  for (const auto& [tid, thread] : threads_) {
    total += thread.nodes.empty() ? 0 : thread.nodes.size() + 1;
  }
  std::vector<Node>& all = tree_.nodes_;
  all.reserve(total);
  all.emplace_back();
  all.front().kind = trace_kind;
  std::unordered_map<std::string, int> named;
  for (auto& [tid, thread] : threads_) {
    if (thread.nodes.empty()) {
      continue;
    }
    const auto root = static_cast<Index>(all.size());
    Node node;
    node.kind = thread_kind;
    node.parent = 0;
    node.values = static_cast<std::uint32_t>(tree_.values_.size());
    node.ts_ns = thread.nodes.front().ts_ns;
    std::string name = thread.name;
    if (const int before = named[thread.name]++; before != 0) {
      name += " (" + std::to_string(before + 1) + ")";
    }
    tree_.values_.push_back(tree_.words_.word("\"" + name + "\""));
    all.push_back(node);
    ++tree_.threads_;
    for (Node& step : thread.nodes) {
      step.parent = step.parent == none ? root : root + 1 + step.parent;
      all.push_back(step);
    }
    std::vector<Node>().swap(thread.nodes);
  }
  for (Index i = tree_.size() - 1; i > 0; --i) {
    all[all[i].parent].size += all[i].size;
  }
}

// ---- objects ------------------------------------------------------------------------

// An automatic index counts all children of that name, whatever their type; what tells
// them apart across two runs is how many of the same type came before.
void TreeBuilder::note_child(Index node) {
  const std::span<const Word> values = tree_.values(node);
  const KindOf& kind = tree_.kind(node);
  const auto value_of = [&](std::string_view field) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (kind.fields[i].name == field) {
        return values[i];
      }
    }
    return Words::none;
  };
  const Word child = value_of("child"), parent = value_of("parent"),
             name = value_of("name"), path = value_of("path");
  if (child == Words::none || parent == Words::none || name == Words::none ||
      places_in_tree_.contains(child)) {
    return;
  }
  std::string_view part = unquoted(tree_.text(name));
  std::uint64_t base = hash_of(part);
  if (part.ends_with(']')) {
    base = mix(hash_of(part.substr(0, part.rfind('['))),
               hash_of(type_of(unquoted(tree_.text(child)))));
    base = mix(base, ordinals_[mix(base, tree_.words_.hash(parent))]++);
  }
  places_in_tree_[child] = {parent, base};
  if (path != Words::none && unquoted(tree_.text(path)).size() > 1) {
    tree_.paths_[child] = path;
  }
}

std::uint64_t TreeBuilder::nameless(Word object) {
  const std::uint64_t type =
      mix(nameless_part, hash_of(type_of(unquoted(tree_.text(object)))));
  return mix(type, ordinals_[type]++);
}

// A trace may lie: a chain of parents that goes in circles ends somewhere.
std::uint64_t TreeBuilder::name_of(Word object) {
  constexpr int longest_path = 64;
  std::vector<std::uint64_t> parts;
  for (int depth = 0; depth < longest_path; ++depth) {
    const auto found = places_in_tree_.find(object);
    if (found == places_in_tree_.end()) {
      break;
    }
    parts.push_back(found->second.part);
    object = found->second.parent;
  }
  std::uint64_t name = tree_.meanings_[object];
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    name = mix(name, *part);
  }
  return name;
}

void TreeBuilder::name_objects() {
  for (Index i = 1; i < tree_.size(); ++i) {
    if (tree_.kind(i).name == child_event) {
      note_child(i);
    }
  }
  tree_.meanings_.resize(tree_.words_.size());
  for (Word word = 0; word < tree_.words_.size(); ++word) {
    tree_.meanings_[word] = tree_.words_.hash(word);
  }
  for (const Word object : objects_) {
    if (!places_in_tree_.contains(object)) {
      tree_.meanings_[object] = nameless(object);
    }
  }
  std::vector<std::pair<Word, std::uint64_t>> named;
  for (const Word object : objects_) {
    if (places_in_tree_.contains(object)) {
      named.emplace_back(object, name_of(object));
    }
  }
  for (const auto& [object, name] : named) {
    tree_.meanings_[object] = name;
    if (const auto path = tree_.paths_.find(object); path != tree_.paths_.end()) {
      tree_.meanings_[path->second] = name;
    }
  }
}

// ---- keys and hashes ------------------------------------------------------------------

void TreeBuilder::set_keys() {
  for (Index i = 0; i < tree_.size(); ++i) {
    Node& node = tree_.nodes_[i];
    const KindOf& kind = tree_.kinds_[node.kind];
    const std::span<const Word> values = tree_.values(i);
    std::uint64_t key = kind.hash;
    std::uint64_t state = node.ended ? 1 : 2;
    for (std::size_t k = 0; k < values.size(); ++k) {
      const std::uint64_t meaning = tree_.meaning(i, k);
      if (kind.fields[k].identity) {
        key = mix(key, meaning);
      } else {
        state = mix(state, meaning);
      }
    }
    node.key = key;
    node.hash = mix(mix(key, state), values.size());
  }
}

// From the last node to the first: what is inside is done before what encloses it.
void TreeBuilder::set_hashes() {
  std::vector<Node>& nodes = tree_.nodes_;
  for (Index i = tree_.size() - 1; i > 0; --i) {
    Node& parent = nodes[nodes[i].parent];
    parent.hash = mix(parent.hash, nodes[i].hash);
  }
}

Tree TreeBuilder::finish() {
  join_threads();
  name_objects();
  set_keys();
  set_hashes();
  tree_.first_phase_ = 0;
  while (tree_.first_phase_ < tree_.size() &&
         tree_.kind(tree_.first_phase_).name != "phase") {
    ++tree_.first_phase_;
  }
  return std::move(tree_);
}

}  // namespace viz::diff
