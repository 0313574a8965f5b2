// The one file that includes Graphviz.
#include "viz/graph.h"

#include <cstdio>
#include <cstdlib>
#include <map>

#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>

namespace viz {
namespace {

// Graphviz takes char* for text it does not change.
char* text(const char* s) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): as said above.
  return const_cast<char*>(s);
}

char* text(const std::string& s) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): as said above.
  return const_cast<char*>(s.c_str());
}

// Graphviz reports through a global function; what it said is kept here.
std::string& complaints() {
  static std::string said;
  return said;
}

int complain(char* message) {
  if (complaints().size() < 2000) {
    complaints() += message;
  }
  return 0;
}

std::string take_complaints() {
  std::string said = std::move(complaints());
  complaints().clear();
  while (!said.empty() && (said.back() == '\n' || said.back() == ' ')) {
    said.pop_back();
  }
  return said.empty() ? "no reason given" : said;
}

void listen() {
  agseterr(AGWARN);
  agseterrf(complain);
  complaints().clear();
}

void set(Agraph_t* root, void* object, int kind, const Attribute& attribute,
         const char* fallback) {
  Agsym_t* symbol = agattr(root, kind, text(attribute.key), nullptr);
  if (!symbol) {
    symbol = agattr(root, kind, text(attribute.key), text(fallback));
  }
  if (attribute.kind == Attribute::Kind::plain) {
    agxset(object, symbol, text(attribute.value));
    return;
  }
  char* html = agstrdup_html(root, text(attribute.value));
  agxset(object, symbol, html);
  agstrfree(root, html);
}

// Names get numbers in order of appearance. Graphviz' own numbering uses addresses,
// and it writes subgraphs in the order of their numbers: equal graphs would differ.
struct Names {
  std::map<std::string, IDTYPE, std::less<>> numbers;  // with the kind of object in front
  // Graphviz looks at what stands before a name to see whether it is HTML, so names are
  // strings of its own making; they go when the graph is closed.
  std::map<IDTYPE, char*> names;
  IDTYPE last = 0;
  Agraph_t* graph = nullptr;
};

std::string key_of(int kind, const char* name) {
  const int shared = kind == AGINEDGE ? AGOUTEDGE : kind;
  return std::to_string(shared) + ":" + name;
}

void* names_open(Agraph_t* graph, Agdisc_t*) {
  auto* names = new Names;
  names->graph = graph;
  return names;
}

void names_close(void* state) {
  delete static_cast<Names*>(state);
}

long names_alloc(void*, int, IDTYPE) {
  return 0;
}  // no numbers from outside

void names_free(void*, int, IDTYPE) {}  // a name keeps its number

void names_register(void*, int, void*) {}

long names_map(void* state, int kind, char* name, IDTYPE* number, int create) {
  Names& names = *static_cast<Names*>(state);
  if (!name) {
    *number = create ? ++names.last : 0;
    return create;
  }
  const auto found = names.numbers.find(key_of(kind, name));
  if (found != names.numbers.end()) {
    *number = found->second;
    return 1;
  }
  if (!create) {
    return 0;
  }
  const auto made = names.numbers.emplace(key_of(kind, name), ++names.last).first;
  names.names[made->second] = agstrdup(names.graph, name);
  *number = made->second;
  return 1;
}

char* names_print(void* state, int, IDTYPE number) {
  const Names& names = *static_cast<Names*>(state);
  const auto found = names.names.find(number);
  return found == names.names.end() ? nullptr : found->second;
}

Agdisc_t* numbered_by_appearance() {
  static Agiddisc_t ids{names_open,  names_map,   names_alloc,   names_free,
                        names_print, names_close, names_register};
  static Agdisc_t all{&AgMemDisc, &ids, &AgIoDisc};
  return &all;
}

struct CloseGraph {
  void operator()(Agraph_t* graph) const { agclose(graph); }
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// One for the program and never freed: the text plugin remembers the name of the last
// font beyond the life of the context that owned it.
GVC_t* graphviz() {
  static GVC_t* const context = gvContext();
  return context;
}

std::string write_dot(Agraph_t* graph) {
  char* bytes = nullptr;
  std::size_t size = 0;
  std::FILE* memory = open_memstream(&bytes, &size);
  if (!memory) {
    throw std::runtime_error("cannot write dot text: out of memory");
  }
  const int bad = agwrite(graph, memory);
  std::fclose(memory);
  std::string out(bytes, size);
  std::free(bytes);
  if (bad != 0) {
    throw std::runtime_error("cannot write dot text: " + take_complaints());
  }
  return out;
}

}  // namespace

bool graphviz_available() {
  return true;
}

std::string graphviz_version() {
  return gvcVersion(graphviz());
}

struct Graph::Impl {
  std::unique_ptr<Agraph_t, CloseGraph> graph;
  std::vector<Agraph_t*> clusters;  // [0] the graph itself
};

Graph::Graph(std::string_view name) : impl_(new Impl) {
  listen();
  impl_->graph.reset(
      agopen(text(std::string(name)), Agdirected, numbered_by_appearance()));
  if (!impl_->graph) {
    throw std::runtime_error("cannot make a graph: " + take_complaints());
  }
  impl_->clusters.push_back(impl_->graph.get());
}

Graph::~Graph() = default;
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;

void Graph::graph_attributes(const Attributes& attributes) {
  for (const Attribute& attribute : attributes) {
    set(impl_->graph.get(), impl_->graph.get(), AGRAPH, attribute, "");
  }
}

void Graph::node_defaults(const Attributes& attributes) {
  for (const Attribute& attribute : attributes) {
    agattr(impl_->graph.get(), AGNODE, text(attribute.key), text(attribute.value));
  }
}

void Graph::edge_defaults(const Attributes& attributes) {
  for (const Attribute& attribute : attributes) {
    agattr(impl_->graph.get(), AGEDGE, text(attribute.key), text(attribute.value));
  }
}

void Graph::node(const std::string& id, const Attributes& attributes,
                 std::size_t cluster) {
  Agraph_t* root = impl_->graph.get();
  Agnode_t* node = agnode(root, text(id), 1);
  if (cluster != 0) {
    agsubnode(impl_->clusters.at(cluster), node, 1);
  }
  for (const Attribute& attribute : attributes) {
    set(root, node, AGNODE, attribute, "");
  }
}

void Graph::edge(const std::string& from, const std::string& to,
                 const Attributes& attributes) {
  Agraph_t* root = impl_->graph.get();
  Agedge_t* edge =
      agedge(root, agnode(root, text(from), 1), agnode(root, text(to), 1), nullptr, 1);
  for (const Attribute& attribute : attributes) {
    set(root, edge, AGEDGE, attribute, "");
  }
}

std::size_t Graph::cluster(const std::string& id, const Attributes& attributes,
                           std::size_t outer) {
  Agraph_t* made = agsubg(impl_->clusters.at(outer), text("cluster_" + id), 1);
  for (const Attribute& attribute : attributes) {
    set(impl_->graph.get(), made, AGRAPH, attribute, "");
  }
  impl_->clusters.push_back(made);
  return impl_->clusters.size() - 1;
}

std::size_t Graph::node_count() const {
  return static_cast<std::size_t>(agnnodes(impl_->graph.get()));
}

std::string Graph::dot() const {
  listen();
  return write_dot(impl_->graph.get());
}

std::string Graph::render(const std::string& format) const {
  listen();
  GVC_t* context = graphviz();
  Agraph_t* graph = impl_->graph.get();
  if (gvLayout(context, graph, "dot") != 0) {
    gvFreeLayout(context, graph);
    throw std::runtime_error("Graphviz cannot lay out the picture: " + take_complaints());
  }
  char* bytes = nullptr;
  unsigned int size = 0;
  const int bad = gvRenderData(context, graph, format.c_str(), &bytes, &size);
  std::string out = bad != 0 || !bytes ? std::string() : std::string(bytes, size);
  gvFreeRenderData(bytes);
  gvFreeLayout(context, graph);
  if (out.empty()) {
    throw std::runtime_error("Graphviz cannot write " + format + ": " +
                             take_complaints() +
                             " (its plugins: `dot -c` as root lists them anew)");
  }
  return out;
}

std::string dot_round_trip(const std::string& dot) {
  listen();
  const std::unique_ptr<std::FILE, CloseFile> in(fmemopen(text(dot), dot.size(), "r"));
  const std::unique_ptr<Agraph_t, CloseGraph> graph(
      in ? agread(in.get(), numbered_by_appearance()) : nullptr);
  if (!graph) {
    throw std::runtime_error("not dot text: " + take_complaints());
  }
  return write_dot(graph.get());
}

}  // namespace viz
