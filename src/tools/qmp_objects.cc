#include "tools/qmp_objects.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace tools {

namespace {

using nlohmann::json;

// A lying answer has an end, too: one that tells of ever the same child.
constexpr std::size_t most_objects = 100000;
constexpr std::size_t longest_path = 4096;

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

// "child<edu>" is "edu"; empty if the text is no such type.
std::string inner(const std::string& type, std::string_view kind) {
  return type.starts_with(kind) && type.ends_with('>')
             ? type.substr(kind.size(), type.size() - kind.size() - 1)
             : std::string();
}

struct FoundLink {
  std::size_t from;
  std::string property;
};

class TreeWalk {
 public:
  TreeWalk(Qmp& qmp, viz::ObjectTree& tree) : qmp_(qmp), tree_(tree) {}

  void walk();

 private:
  std::size_t add(const std::string& path, const std::string& type, std::size_t parent,
                  const std::string& name);
  void visit(std::size_t index);
  std::set<std::string> subtypes(const char* of);

  Qmp& qmp_;
  viz::ObjectTree& tree_;
  std::vector<FoundLink> found_;
};

std::set<std::string> TreeWalk::subtypes(const char* of) {
  std::set<std::string> names;
  for (const json& row : qmp_.execute("qom-list-types", {{"implements", of}})) {
    names.insert(row.is_object() ? text_of(row, "name") : "");
  }
  return names;
}

std::size_t TreeWalk::add(const std::string& path, const std::string& type,
                          std::size_t parent, const std::string& name) {
  viz::TreeObject object;
  object.id = type;
  object.type = type;
  object.name = name;
  object.path = path;
  object.parent = parent;
  tree_.objects.push_back(std::move(object));
  const std::size_t index = tree_.objects.size() - 1;
  tree_.by_id.emplace(path, index);
  if (parent != viz::no_step) {
    tree_.objects[parent].children.push_back(index);
  }
  return index;
}

void TreeWalk::visit(std::size_t index) {
  const std::string path = tree_.objects[index].path;
  for (const json& property : qmp_.execute("qom-list", {{"path", path}})) {
    if (!property.is_object()) {
      continue;
    }
    const std::string name = text_of(property, "name");
    const std::string type = text_of(property, "type");
    const std::string child = inner(type, "child<");
    if (!child.empty() && tree_.objects.size() < most_objects &&
        path.size() < longest_path) {
      add((path == "/" ? "" : path) + "/" + name, child, index, name);
    } else if (!inner(type, "link<").empty()) {
      found_.push_back({index, name});
    } else if (name == "realized") {
      tree_.objects[index].realized = true;
    }
  }
}

void TreeWalk::walk() {
  tree_.roots.push_back(add("/", "container", viz::no_step, ""));
  for (std::size_t i = 0; i < tree_.objects.size(); ++i) {
    visit(i);
  }
  const std::set<std::string> buses = subtypes("bus");
  for (viz::TreeObject& object : tree_.objects) {
    object.bus = buses.count(object.type) != 0;
  }
  for (const FoundLink& link : found_) {
    const std::string& path = tree_.objects[link.from].path;
    if (tree_.objects[link.from].type == "irq" ||
        tree_.objects[link.from].type.ends_with("memory-region")) {
      continue;  // thousands, and none of them is drawn
    }
    const json value =
        qmp_.execute("qom-get", {{"path", path}, {"property", link.property}});
    const std::size_t to =
        value.is_string() ? tree_.find(value.get<std::string>()) : viz::no_step;
    if (to == viz::no_step) {
      continue;
    }
    if (tree_.objects[link.from].bus && link.property.starts_with("child[")) {
      tree_.bus_of[to] = link.from;
    } else if (link.property != "parent_bus") {
      tree_.links.push_back({link.from, to, link.property});
    }
  }
}

}  // namespace

viz::ObjectTree objects_of_qemu(const QmpOptions& options) {
  Qmp qmp(options);
  viz::ObjectTree tree;
  tree.source =
      options.binary.substr(options.binary.rfind('/') + 1) + " " + qmp.version();
  for (const std::string& argument : options.arguments) {
    tree.source += " " + argument;
  }
  TreeWalk(qmp, tree).walk();
  return tree;
}

}  // namespace tools
