// The type hierarchy: one node a type, the parent on the left of its children.
//
//   object 733 --+-- device 438 --+-- pci-device 146 --[ table of leaf types ]
//                |                +-- cpu ...
//                +-- machine ...
//
// Leaf siblings share a table node, branches that do not fit on the page are left
// closed with a count. viz/select.cc decides both; here they only get a shape.
// Interfaces are dashed edges where they are few, as in the picture of one type, and a
// badge with their number elsewhere: many of them would cover the tree.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "viz/picture.h"
#include "viz/text.h"
#include "viz/type_label.h"

namespace viz {
namespace {

using Kind = Attribute::Kind;

constexpr std::size_t family_from = 4;  // drawn types that make a family worth a band

std::size_t drawn_types(const Branch& branch) {
  std::size_t count = 1 + branch.cells.size();
  for (const Branch& child : branch.inner) {
    count += drawn_types(child);
  }
  return count;
}

class TypesPicture {
 public:
  TypesPicture(const TypeModel& model, const PictureOptions& options)
      : model_(model),
        options_(options),
        theme_(*options.theme),
        selection_(select_types(model, options.select)),
        graph_("types") {}

  Graph draw() {
    defaults();
    if (options_.legend) {
      title();
    }
    for (const Branch& root : selection_.roots) {
      draw_branch(root, 0, 0);
    }
    draw_interfaces();
    return std::move(graph_);
  }

 private:
  void defaults();
  void title();
  std::string legend() const;
  void draw_branch(const Branch& branch, std::size_t depth, std::size_t cluster);
  void draw_node(const Branch& branch, std::size_t cluster);
  void draw_table(const Branch& branch, std::size_t cluster);
  void draw_interfaces();
  const Box& box(const Type& type) const;

  const TypeModel& model_;
  const PictureOptions& options_;
  const Theme& theme_;
  Selection selection_;
  Graph graph_;
  std::map<const Type*, std::string> node_of_;  // where a type is named: node or table
};

void TypesPicture::defaults() {
  const bool focus = !options_.select.ancestors_of.empty();
  graph_.graph_attributes({{"rankdir", "LR"},
                           {"ordering", "out"},
                           {"outputorder", "edgesfirst"},
                           {"nodesep", "0.08"},
                           {"ranksep", focus ? "0.7" : "0.5"},
                           {"pad", "0.25"},
                           {"bgcolor", theme_.background},
                           {"fontname", picture_font},
                           {"fontcolor", theme_.title}});
  graph_.node_defaults({{"shape", "box"},
                        {"style", theme_.klass.style},
                        {"fontname", picture_font},
                        {"fontsize", "10"},
                        {"height", "0.2"},
                        {"margin", "0.07,0.025"}});
  graph_.edge_defaults({{"dir", "back"},
                        {"arrowtail", "onormal"},
                        {"arrowsize", "0.5"},
                        {"color", theme_.edge},
                        {"tailport", "e"},
                        {"headport", "w"}});
}

std::string swatch(const Box& box, const char* style, const std::string& text) {
  return std::string("<TD BORDER=\"1\" STYLE=\"") + style + "\" COLOR=\"" + box.border +
         "\" BGCOLOR=\"" + box.fill + "\">" + small(text, box.text, "9") + "</TD>";
}

std::string TypesPicture::legend() const {
  const auto with_count = [&](const char* what, State state) {
    return what + (" " + std::to_string(model_.count(state)));
  };
  const auto words = [this](const std::string& sign, const char* colour,
                            const char* text) {
    return "<TD>" + small(sign, colour, "9") +
           small(" " + std::string(text), theme_.muted, "9") + "</TD>";
  };
  std::string out = "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"6\"><TR>";
  if (model_.states_known || model_.count(State::paper) != 0) {
    out += swatch(theme_.paper, "dashed", with_count("on paper", State::paper));
  }
  out += swatch(theme_.klass, "rounded", with_count("class made", State::klass));
  out += swatch(theme_.instantiated, "rounded",
                with_count("has objects", State::instantiated));
  out += words("\u00d73", theme_.instantiated.border, "objects made");
  out += "<TD>" + small("slanted", theme_.title, "9").insert(0, "<I>") + "</I>" +
         small(" abstract", theme_.muted, "9") + "</TD>";
  out += words("\u25cb2", theme_.implements, "interfaces introduced");
  if (!selection_.implements.empty()) {
    out += words("\u2508\u25cb", theme_.implements, "implements, from");
    out += swatch(theme_.interface_type, "dotted", "an interface");
  }
  if (selection_.folded != 0) {
    out += words("\u25b8 9", theme_.focus,
                 "types in a closed branch (--root NAME opens it),");
    out += words("\u25cf2", theme_.instantiated.border, "of them with objects");
  }
  return out + "</TR></TABLE>";
}

void TypesPicture::title() {
  const SelectOptions& select = options_.select;
  std::string what = "Types of " + visible(model_.source);
  if (!select.ancestors_of.empty()) {
    what = "Where " + visible(select.ancestors_of) + " comes from";
  } else if (!select.root.empty()) {
    what = visible(select.root) + " and the types below it";
  }
  const bool named = select.ancestors_of.empty() && select.root.empty();
  std::string counts = std::to_string(selection_.total) + " types" +
                       (named ? "" : " of " + visible(model_.source)) + ": " +
                       std::to_string(selection_.drawn) + " drawn";
  counts += selection_.folded ? ", " + std::to_string(selection_.folded) + " folded" : "";
  counts += selection_.hidden
                ? ", " + std::to_string(selection_.hidden) + " not asked for"
                : "";
  graph_.graph_attributes(
      {{"labelloc", "t"},
       {"labeljust", "l"},
       {"label",
        "<TABLE BORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\"><TR><TD "
        "ALIGN=\"LEFT\"><B>" +
            small(what, theme_.title, "18") + "</B></TD></TR><TR><TD ALIGN=\"LEFT\">" +
            small(counts, theme_.muted, "11") + "</TD></TR><TR><TD ALIGN=\"LEFT\">" +
            legend() + "</TD></TR></TABLE>",
        Kind::html}});
}

const Box& TypesPicture::box(const Type& type) const {
  if (type.name == "interface" || TypeModel::is_a(model_, type, "interface")) {
    return theme_.interface_type;
  }
  return box_of(theme_, type.state);
}

void TypesPicture::draw_node(const Branch& branch, std::size_t cluster) {
  const Type& type = *branch.type;
  const Box& look = box(type);
  node_of_[&type] = node_id(type.name);
  graph_.node(node_id(type.name),
              {{"label", branch_label(branch, theme_), Kind::html},
               {"tooltip", dot_escape(type_facts(type))},
               {"class", style_classes(type)},
               {"style", look.style},
               {"penwidth", branch.focus ? "2.5" : look.width},
               {"fillcolor", look.fill},
               {"color", branch.focus ? theme_.focus : look.border},
               {"fontcolor", branch.hit || branch.focus ? look.text : theme_.muted}},
              cluster);
}

void TypesPicture::draw_table(const Branch& branch, std::size_t cluster) {
  const State base = common_state(branch);
  const bool of_interfaces = branch.type->name == "interface";
  const Box& look = of_interfaces ? theme_.interface_type : box_of(theme_, base);
  const std::string parent = node_id(branch.type->name);
  const std::string table = parent + "~leaves";  // no node_id() ends like this
  for (const Cell& cell : branch.cells) {
    node_of_[cell.type] = table;
  }
  graph_.node(table,
              {{"label", table_label(branch, theme_, base), Kind::html},
               {"tooltip", dot_escape("leaf types of " + visible(branch.type->name))},
               {"class", "leaves"},
               {"fontsize", "8"},
               {"margin", "0.03,0.02"},
               {"style", look.style},
               {"fillcolor", look.fill},
               {"color", look.border},
               {"fontcolor", look.text}},
              cluster);
  graph_.edge(parent, table, {});
}

void TypesPicture::draw_branch(const Branch& branch, std::size_t depth,
                               std::size_t cluster) {
  if (depth == 1 && options_.families && drawn_types(branch) >= family_from) {
    cluster =
        graph_.cluster(node_id(branch.type->subsystem), {{"style", "filled,rounded"},
                                                         {"color", theme_.band},
                                                         {"fillcolor", theme_.band},
                                                         {"margin", "5"},
                                                         {"label", ""}});
  }
  draw_node(branch, cluster);
  for (const Branch& child : branch.inner) {
    draw_branch(child, depth + 1, cluster);
    graph_.edge(node_id(branch.type->name), node_id(child.type->name), {});
  }
  if (!branch.cells.empty() || branch.more != 0) {
    draw_table(branch, cluster);
  }
}

void TypesPicture::draw_interfaces() {
  for (const Type* type : selection_.interface_nodes) {
    Branch alone;
    alone.type = type;
    draw_node(alone, 0);
    graph_.node(node_id(type->name), {{"shape", "ellipse"}, {"margin", "0.02,0.01"}});
  }
  const bool focus = !options_.select.ancestors_of.empty();
  std::set<std::pair<std::string, const Type*>> drawn;
  for (const Implements& edge : selection_.implements) {
    const auto interface_node = node_of_.find(edge.interface_type);
    if (interface_node == node_of_.end() ||
        !drawn.emplace(interface_node->second, edge.by).second) {
      continue;  // in a branch left closed; or beside another one in a table
    }
    graph_.edge(interface_node->second, node_of_.at(edge.by),
                {{"style", "dashed"},
                 {"constraint", focus ? "true" : "false"},
                 {"color", theme_.implements},
                 {"arrowtail", "odot"},
                 {"tooltip", dot_escape(visible(edge.by->name) + " implements " +
                                        visible(edge.interface_type->name))}});
  }
}

Graph draw_types(const TypeModel& model, const PictureOptions& options) {
  return TypesPicture(model, options).draw();
}

const Picture types_picture{
    .name = "types",
    .help = "the type hierarchy, with the state each type reached",
    .draw = draw_types,
};

}  // namespace
}  // namespace viz

using viz::types_picture;
picture_init(types_picture)
