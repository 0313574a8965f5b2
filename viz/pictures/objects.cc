// objects: the composition tree, what is part of what.
//
//   / --- machine --+-- i440fx ------ pci.0 (a bus)
//                   +-- peripheral --[ table of devices ]
//                   +-- unattached --[ table: device[3]  isa-serial  on isa.0 ]
//
// Lines (irq) and memory regions are counted, not drawn: a PC has hundreds. Devices
// without parts of their own share a table with their siblings. A dashed edge is a link:
// it points at an object that is part of something else. What plugs a device into a bus
// is such a link too; it is written behind the device ("on isa.0").
#include "viz/pictures/objects.h"

#include <algorithm>

#include "viz/text.h"
#include "viz/type_label.h"

namespace viz {

namespace {

using Kind = Attribute::Kind;

constexpr std::size_t table_from = 3;   // so many leaves share a table
constexpr std::size_t deepest = 60;     // levels; real trees have 6
constexpr std::size_t most_links = 24;  // more edges than this would hide the tree
constexpr std::size_t table_room = 60;  // rows; the others are counted

// Newer QEMUs leave out the "qemu:".
bool folds(const TreeObject& object) {
  return object.children.empty() &&
         (object.type == "irq" || object.type.ends_with("memory-region"));
}

class ObjectsPicture {
 public:
  ObjectsPicture(const ObjectTree& tree, const PictureOptions& options)
      : tree_(tree), options_(options), theme_(*options.theme), graph_("objects") {}

  Graph draw();

 private:
  void defaults();
  void title();
  bool drawn_apart(std::size_t index) const;
  void draw(std::size_t index, std::size_t depth);
  void draw_table(std::size_t parent, const std::vector<std::size_t>& leaves);
  void draw_links();
  std::string folded_words(const TreeObject& object) const;
  std::string bus_words(std::size_t index) const;
  std::string link_words(std::size_t index) const;
  std::string facts(std::size_t index) const;
  const Box& box(const TreeObject& object) const;
  std::string row(std::size_t index) const;

  const ObjectTree& tree_;
  const PictureOptions& options_;
  const Theme& theme_;
  Graph graph_;
  std::set<std::size_t> apart_;  // objects with a box of their own
  std::size_t drawn_ = 0, folded_ = 0;
};

std::string id_of(std::size_t index) {
  return "o" + std::to_string(index);
}

std::string ObjectsPicture::folded_words(const TreeObject& object) const {
  std::size_t lines = 0, regions = 0;
  for (const std::size_t child : object.children) {
    const TreeObject& part = tree_.objects[child];
    if (!options_.unfolded && folds(part)) {
      ++(part.type == "irq" ? lines : regions);
    }
  }
  std::string words;
  if (lines != 0) {
    words += " +" + std::to_string(lines) +
             say(options_, lines == 1 ? " line" : " lines", " 条线");
  }
  if (regions != 0) {
    words += " +" + std::to_string(regions) +
             say(options_, regions == 1 ? " region" : " regions", " 个内存区");
  }
  return words;
}

std::string ObjectsPicture::bus_words(std::size_t index) const {
  const auto found = tree_.bus_of.find(index);
  if (found == tree_.bus_of.end()) {
    return {};
  }
  const TreeObject& bus = tree_.objects[found->second];
  return say(options_, " on ", " 插在 ") +
         visible(bus.name.empty() ? bus.id : bus.name, 24);
}

std::string ObjectsPicture::facts(std::size_t index) const {
  const TreeObject& object = tree_.objects[index];
  std::string out = visible(object.path, 200) + "\n" + visible(object.id, 120);
  if (object.step != 0) {
    out += "\nmade at step " + std::to_string(object.step);
  }
  out += object.realized ? "\nrealized" : "";
  for (const TreeLink& link : tree_.links) {
    if (link.from == index) {
      out += "\n" + visible(link.property) + " -> " +
             visible(tree_.objects[link.to].path.empty() ? tree_.objects[link.to].id
                                                         : tree_.objects[link.to].path);
    }
  }
  return out;
}

const Box& ObjectsPicture::box(const TreeObject& object) const {
  if (object.bus) {
    return theme_.amber;
  }
  if (object.type == "container") {
    return theme_.grey;
  }
  return object.realized ? theme_.green : theme_.blue;
}

void ObjectsPicture::defaults() {
  graph_.graph_attributes({{"rankdir", "LR"},
                           {"ordering", "out"},
                           {"outputorder", "edgesfirst"},
                           {"nodesep", "0.1"},
                           {"ranksep", "0.45"},
                           {"pad", "0.25"},
                           {"bgcolor", theme_.background},
                           {"fontname", picture_font},
                           {"fontcolor", theme_.title}});
  graph_.node_defaults({{"shape", "box"},
                        {"style", "filled,rounded"},
                        {"fontname", picture_font},
                        {"fontsize", "10"},
                        {"height", "0.2"},
                        {"margin", "0.07,0.03"}});
  graph_.edge_defaults({{"dir", "back"},
                        {"arrowtail", "diamond"},
                        {"arrowsize", "0.6"},
                        {"color", theme_.edge},
                        {"fontname", picture_font},
                        {"fontsize", "8"},
                        {"fontcolor", theme_.implements},
                        {"tailport", "e"},
                        {"headport", "w"}});
}

// A box of its own, or a row of its siblings' table.
bool ObjectsPicture::drawn_apart(std::size_t index) const {
  const TreeObject& object = tree_.objects[index];
  return object.type == "container" ||
         std::any_of(object.children.begin(), object.children.end(),
                     [this](std::size_t child) {
                       return options_.unfolded || !folds(tree_.objects[child]);
                     });
}

std::string ObjectsPicture::row(std::size_t index) const {
  const TreeObject& object = tree_.objects[index];
  return html_escape(visible(object.name.empty() ? object.path : object.name, 40));
}

void ObjectsPicture::draw(std::size_t index, std::size_t depth) {
  const TreeObject& object = tree_.objects[index];
  const Box& look = box(object);
  ++drawn_;
  apart_.insert(index);
  std::string label =
      "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" "
      "CELLPADDING=\"0\"><TR><TD ALIGN=\"LEFT\"><B>" +
      row(index) + "</B>" +
      small(folded_words(object) + bus_words(index) + link_words(index), look.text, "8") +
      "</TD></TR>";
  if (object.type != "container") {
    label += "<TR><TD ALIGN=\"LEFT\">" + small(visible(object.id, 44), look.text, "8") +
             "</TD></TR>";
  }
  graph_.node(id_of(index), {{"label", label + "</TABLE>", Kind::html},
                             {"tooltip", dot_escape(facts(index))},
                             {"class", object.bus ? "object bus" : "object"},
                             {"fillcolor", look.fill},
                             {"color", look.border},
                             {"fontcolor", look.text}});
  std::vector<std::size_t> leaves;
  for (const std::size_t child : object.children) {
    if (!options_.unfolded && folds(tree_.objects[child])) {
      ++folded_;
    } else if (!drawn_apart(child)) {
      leaves.push_back(child);
    }
  }
  const bool table = leaves.size() >= table_from;
  for (const std::size_t child : object.children) {
    const bool leaf = std::find(leaves.begin(), leaves.end(), child) != leaves.end();
    if ((!options_.unfolded && folds(tree_.objects[child])) || (leaf && table)) {
      continue;
    }
    if (depth == deepest) {
      ++folded_;
      continue;
    }
    draw(child, depth + 1);
    graph_.edge(id_of(index), id_of(child), {});
  }
  if (table) {
    draw_table(index, leaves);
  }
}

void ObjectsPicture::draw_table(std::size_t parent,
                                const std::vector<std::size_t>& leaves) {
  const std::string node = id_of(parent) + "parts";
  std::string label =
      "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" "
      "CELLPADDING=\"1\">";
  const std::size_t room = options_.unfolded ? leaves.size() : table_room;
  for (std::size_t i = 0; i < leaves.size() && i < room; ++i) {
    const TreeObject& object = tree_.objects[leaves[i]];
    for (const std::size_t child : object.children) {
      folded_ += folds(tree_.objects[child]) ? 1 : 0;
    }
    ++drawn_;
    const Box& look = box(object);
    label +=
        "<TR><TD ALIGN=\"LEFT\" PORT=\"" + id_of(leaves[i]) +
        "\" TARGET=\"_self\" TOOLTIP=\"" + html_escape(facts(leaves[i])) + "\"><B>" +
        row(leaves[i]) + "</B></TD><TD ALIGN=\"LEFT\">" +
        small(" " + visible(object.id, 44), look.text, "9") + "</TD><TD ALIGN=\"LEFT\">" +
        small(folded_words(object) + bus_words(leaves[i]) + link_words(leaves[i]) + " ",
              theme_.muted, "8") +
        "</TD></TR>";
  }
  if (leaves.size() > room) {
    folded_ += leaves.size() - room;
    label += "<TR><TD ALIGN=\"LEFT\">" +
             small("+ " + std::to_string(leaves.size() - room) +
                       say(options_, " more", " 个未列出"),
                   theme_.focus, "8") +
             "</TD></TR>";
  }
  const bool devices =
      std::any_of(leaves.begin(), leaves.end(),
                  [this](std::size_t leaf) { return tree_.objects[leaf].realized; });
  const Box& look = devices ? theme_.green : theme_.blue;
  graph_.node(node,
              {{"label", label + "</TABLE>", Kind::html},
               {"tooltip", dot_escape("parts of " + visible(tree_.objects[parent].path))},
               {"class", "leaves"},
               {"fontsize", "9"},
               {"margin", "0.04,0.03"},
               {"fillcolor", look.fill},
               {"color", look.border},
               {"fontcolor", look.text}});
  graph_.edge(id_of(parent), node, {});
}

// Rows of tables say their links in words: an edge that begins and ends in a table is
// more than Graphviz can route.
void ObjectsPicture::draw_links() {
  std::vector<const TreeLink*> shown;
  for (const TreeLink& link : tree_.links) {
    if (apart_.count(link.from) && apart_.count(link.to) && link.from != link.to) {
      shown.push_back(&link);
    }
  }
  if (shown.size() > most_links && !options_.unfolded) {
    return;
  }
  for (const TreeLink* link : shown) {
    graph_.edge(id_of(link->from), id_of(link->to),
                {{"style", "dashed"},
                 {"constraint", "false"},
                 {"color", theme_.implements},
                 {"dir", "forward"},
                 {"arrowhead", "vee"},
                 {"tooltip", dot_escape(visible(link->property, 40))}});
  }
}

// " → pit: isa-pit#1" for every link of the object.
std::string ObjectsPicture::link_words(std::size_t index) const {
  std::string words;
  std::size_t count = 0;
  for (const TreeLink& link : tree_.links) {
    if (link.from == index && ++count <= 3) {
      words += " \u2192 " + visible(link.property, 24) + ": " +
               visible(tree_.objects[link.to].id, 32);
    }
  }
  return count > 3 ? words + " \u2026" : words;
}

void ObjectsPicture::title() {
  std::string what =
      say(options_, "What is part of what: ", "谁是谁的一部分: ") + visible(tree_.source);
  std::string counts =
      std::to_string(drawn_) + say(options_, " objects drawn", " 个对象");
  if (folded_ != 0) {
    counts += say(options_, ", ", ", ") + std::to_string(folded_) +
              say(options_, " lines and regions counted only", " 条线和内存区只计数");
  }
  if (tree_.outside != 0) {
    counts += say(options_, ", ", ", ") + std::to_string(tree_.outside) +
              say(options_, " objects in no tree", " 个对象不在树中");
  }
  const auto swatch = [](const Box& look, const char* words) {
    return std::string("<TD BORDER=\"1\" STYLE=\"rounded\" COLOR=\"") + look.border +
           "\" BGCOLOR=\"" + look.fill + "\">" + small(words, look.text, "9") + "</TD>";
  };
  graph_.graph_attributes(
      {{"labelloc", "t"},
       {"labeljust", "l"},
       {"label",
        "<TABLE BORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\"><TR><TD "
        "ALIGN=\"LEFT\"><B>" +
            small(what, theme_.title, "18") + "</B></TD></TR><TR><TD ALIGN=\"LEFT\">" +
            small(counts, theme_.muted, "11") +
            "</TD></TR><TR><TD ALIGN=\"LEFT\"><TABLE BORDER=\"0\" CELLBORDER=\"0\" "
            "CELLSPACING=\"6\"><TR>" +
            swatch(theme_.grey, say(options_, "container", "容器")) +
            swatch(theme_.green, say(options_, "realized device", "已实现的设备")) +
            swatch(theme_.amber, say(options_, "bus", "总线")) +
            swatch(theme_.blue, say(options_, "other object", "其他对象")) + "<TD>" +
            small(say(options_, "◆ is made of   ┈> → points at (link)",
                      "◆ 组成   ┈> → 指向 (link)"),
                  theme_.muted, "9") +
            "</TD></TR></TABLE></TD></TR></TABLE>",
        Kind::html}});
}

Graph ObjectsPicture::draw() {
  defaults();
  for (const std::size_t root : tree_.roots) {
    draw(root, 0);
  }
  if (drawn_ == 0) {
    throw std::runtime_error("no object has a place in the composition tree " +
                             visible(tree_.source) +
                             ": was the run stopped before its machine was made?");
  }
  draw_links();
  if (options_.legend) {
    title();
  }
  return std::move(graph_);
}

void outline_object(const ObjectTree& tree, std::size_t index, std::size_t depth,
                    Outline& out) {
  const TreeObject& object = tree.objects[index];
  std::vector<std::pair<std::string, std::string>> fields{{"object", object.id}};
  const auto bus = tree.bus_of.find(index);
  if (bus != tree.bus_of.end()) {
    fields.emplace_back("bus", tree.objects[bus->second].path);
  }
  for (const TreeLink& link : tree.links) {
    if (link.from == index) {
      const TreeObject& to = tree.objects[link.to];
      fields.emplace_back(link.property, to.path.empty() ? to.id : to.path);
    }
  }
  out.row(depth, object.name.empty() ? object.path : object.name, std::move(fields));
  for (const std::size_t child : object.children) {
    if (depth < deepest) {
      outline_object(tree, child, depth + 1, out);
    }
  }
}

Graph draw_objects(const Run& run, const PictureOptions& options) {
  return draw_object_tree(objects_at(run, options.at), options);
}

Outline outline_objects(const Run& run, const PictureOptions& options) {
  return outline_object_tree(objects_at(run, options.at), options);
}

const Picture objects_picture{
    .name = "objects",
    .help = "the composition tree: what is part of what, what points at what",
    .draw_run = draw_objects,
    .outline = outline_objects,
    .about =
        "What is the machine made of, and where does each part hang? Every box is an "
        "object of this run at its place in the composition tree; a diamond means \"is "
        "made of\". Devices stand with the bus they are plugged into, dashed arrows are "
        "links. Interrupt lines and memory regions are counted, not drawn.",
    .about_zh =
        "这台机器由哪些对象组成,每个对象在组合树的什么位置?每个方框是本次运行中的"
        "一个对象;菱形表示“由…组成”。设备后面写着它插在哪条总线上,虚线箭头是 "
        "link。中断线和内存区只计数,不画出。",
};

}  // namespace

Graph draw_object_tree(const ObjectTree& tree, const PictureOptions& options) {
  return ObjectsPicture(tree, options).draw();
}

Outline outline_object_tree(const ObjectTree& tree, const PictureOptions& options) {
  Outline out;
  out.title = say(options, "What is part of what: ", "谁是谁的一部分: ") + tree.source;
  for (const std::size_t root : tree.roots) {
    outline_object(tree, root, 0, out);
  }
  return out;
}

}  // namespace viz

using viz::objects_picture;
picture_init(objects_picture)
