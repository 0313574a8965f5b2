// A directed graph for Graphviz: owning handles over libcgraph and libgvc. This is
// the only folder member that knows those libraries; built without them, making a
// Graph throws GraphvizMissing and everything else of viz/ still works.
//
// Thread rule: libgvc keeps global state. One thread at a time draws.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace viz {

// What to install when Graphviz was absent at build time.
struct GraphvizMissing : std::runtime_error {
  GraphvizMissing();
};

bool graphviz_available();
std::string graphviz_version();  // "2.43.0"; empty when absent

struct Attribute {
  enum class Kind { plain, html };
  const char* key;
  std::string value;
  Kind kind = Kind::plain;
};

using Attributes = std::vector<Attribute>;

// Ids and plain values reach Graphviz as they are: callers escape (viz/text.h).
class Graph {
 public:
  explicit Graph(std::string_view name);
  ~Graph();
  Graph(Graph&&) noexcept;
  Graph& operator=(Graph&&) noexcept;

  void graph_attributes(const Attributes& attributes);
  // Defaults for nodes and edges added later.
  void node_defaults(const Attributes& attributes);
  void edge_defaults(const Attributes& attributes);

  // Makes the node, or changes it. `cluster` as cluster() returned it; 0 = none.
  void node(const std::string& id, const Attributes& attributes, std::size_t cluster = 0);
  void edge(const std::string& from, const std::string& to, const Attributes& attributes);
  // A box around nodes, inside the cluster `outer`; 0 = the page.
  std::size_t cluster(const std::string& id, const Attributes& attributes,
                      std::size_t outer = 0);

  std::size_t node_count() const;

  // The graph as dot text, not laid out: equal graphs give equal bytes.
  std::string dot() const;

  // Laid out by dot and rendered as "svg", "png", "pdf", "json" (Graphviz' own).
  // Throws std::runtime_error with Graphviz' words when it cannot.
  std::string render(const std::string& format) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Reads dot text and writes it again: what a test needs to know that it parses.
// Throws std::runtime_error with Graphviz' words.
std::string dot_round_trip(const std::string& dot);

}  // namespace viz
