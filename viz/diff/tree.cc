#include "viz/diff/tree.h"

#include <algorithm>

#include "viz/diff/stamp.h"
#include "viz/diff/tree_builder.h"

namespace viz::diff {

namespace {

Tree read(trace::Reader& reader, const std::string& name, const LoadOptions& options) {
  TreeBuilder builder(name, options);
  const trace::TraceHeader& header = reader.header();
  builder.metadata(header.metadata);
  builder.lost(header.lost);
  builder.started(header.started);
  for (const auto& [tid, thread] : header.threads) {
    builder.thread(tid, thread);
  }
  trace::Event event;
  while (reader.next(event)) {
    builder.event(event);
  }
  return builder.finish();
}

}  // namespace

Tree Tree::load(const std::string& file, const LoadOptions& options) {
  trace::Reader reader(file);
  return read(reader, file, options);
}

Tree Tree::from_text(std::string_view text, const std::string& name,
                     const LoadOptions& options) {
  trace::Reader reader(text, name);
  return read(reader, name, options);
}

std::span<const Word> Tree::values(Index node) const {
  const Node& at = nodes_[node];
  const KindOf& kind = kinds_[at.kind];
  return {values_.data() + at.values,
          at.has_results ? kind.fields.size() : kind.before_results};
}

std::uint64_t Tree::meaning(Index node, std::size_t value) const {
  const Word word = values(node)[value];
  if (value == kind(node).numbered && text(word).ends_with("]\"")) {
    const std::string_view name = text(word);
    return hash_of(name.substr(0, name.rfind('[')));
  }
  if (value == kind(node).stamped) {
    return hash_of(without_times(unquoted(text(word))));
  }
  return meanings_[word];
}

std::string_view unquoted(std::string_view json) {
  const bool quoted = json.size() >= 2 && json.front() == '"';
  return quoted ? json.substr(1, json.size() - 2) : json;
}

std::string_view Tree::value(Index node, std::string_view field) const {
  const std::span<const Word> of_node = values(node);
  for (std::size_t i = 0; i < of_node.size(); ++i) {
    if (kind(node).fields[i].name == field) {
      return unquoted(text(of_node[i]));
    }
  }
  return {};
}

std::string Tree::label(Index node) const {
  std::string label = kind(node).name;
  const std::span<const Word> of_node = values(node);
  for (std::size_t i = 0; i < of_node.size(); ++i) {
    const std::string_view word = unquoted(text(of_node[i]));
    if (kind(node).fields[i].identity && !word.empty()) {
      (label += ' ') += word;
    }
  }
  return label;
}

std::string_view Tree::path_of(std::string_view object) const {
  const auto found = paths_.find(words_.find("\"" + std::string(object) + "\""));
  return found == paths_.end() ? std::string_view() : unquoted(text(found->second));
}

std::string_view Tree::object_at(Word path) const {
  const auto found =
      std::ranges::find(paths_, path, [](const auto& entry) { return entry.second; });
  return found == paths_.end() ? std::string_view() : unquoted(text(found->first));
}

std::vector<Index> Tree::children(Index node) const {
  std::vector<Index> children;
  for (Index child = node + 1; child < last(node); child = last(child)) {
    children.push_back(child);
  }
  return children;
}

Index Tree::thread_of(Index node) const {
  while (node != 0 && nodes_[node].parent != 0) {
    node = nodes_[node].parent;
  }
  return node;
}

std::string_view Tree::metadata(std::string_view key) const {
  const auto found =
      std::ranges::find(metadata_, key, &std::pair<std::string, std::string>::first);
  return found == metadata_.end() ? std::string_view() : found->second;
}

}  // namespace viz::diff
