// graph.h in a build without Graphviz: every use says what is missing.
#include "viz/graph.h"

namespace viz {

struct Graph::Impl {};

bool graphviz_available() {
  return false;
}

std::string graphviz_version() {
  return {};
}

Graph::Graph(std::string_view) {
  throw GraphvizMissing();
}

Graph::~Graph() = default;
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;

void Graph::graph_attributes(const Attributes&) {}

void Graph::node_defaults(const Attributes&) {}

void Graph::edge_defaults(const Attributes&) {}

void Graph::node(const std::string&, const Attributes&, std::size_t) {}

void Graph::edge(const std::string&, const std::string&, const Attributes&) {}

std::size_t Graph::cluster(const std::string&, const Attributes&, std::size_t) {
  return 0;
}

std::size_t Graph::node_count() const {
  return 0;
}

std::string Graph::dot() const {
  throw GraphvizMissing();
}

std::string Graph::render(const std::string&) const {
  throw GraphvizMissing();
}

std::string dot_round_trip(const std::string&) {
  throw GraphvizMissing();
}

}  // namespace viz
