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
#include "viz/run_words.h"
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
  const char* say(const char* en, const char* zh) const {
    return viz::say(options_, en, zh);
  }

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
  if (options_.comparing) {
    out += swatch(theme_.paper, "dashed",
                  with_count(say("only in A", "只在 A"), State::paper));
    out += swatch(theme_.klass, "rounded",
                  with_count(say("in both", "两边都有"), State::klass));
    out += swatch(theme_.instantiated, "rounded",
                  with_count(say("only in B", "只在 B"), State::instantiated));
    out +=
        words("\u21b7", theme_.focus, say("has another parent in A", "A 中的父类型不同"));
    if (selection_.folded != 0) {
      out += words("\u25b8 9", theme_.focus,
                   say("types in a closed branch (--root NAME opens it),",
                       "合上的分支里的类型数(--root NAME 打开),"));
      out += words("\u25cf2", theme_.instantiated.border,
                   say("of them only in B", "其中只在 B 的"));
    }
    return out + "</TR></TABLE>";
  }
  if (model_.states_known || model_.count(State::paper) != 0) {
    out +=
        swatch(theme_.paper, "dashed", with_count(say("on paper", "纸面"), State::paper));
  }
  out += swatch(theme_.klass, "rounded",
                with_count(say("class made", "有类"), State::klass));
  out += swatch(theme_.instantiated, "rounded",
                with_count(say("has objects", "有对象"), State::instantiated));
  out += words("\u00d73", theme_.instantiated.border, say("objects made", "对象个数"));
  out += "<TD>" + small(say("slanted", "斜体"), theme_.title, "9").insert(0, "<I>") +
         "</I>" + small(say(" abstract", " 抽象"), theme_.muted, "9") + "</TD>";
  out +=
      words("\u25cb2", theme_.implements, say("interfaces introduced", "引入的接口数"));
  if (!selection_.implements.empty()) {
    out += words("\u2508\u25cb", theme_.implements, say("implements, from", "实现,来自"));
    out += swatch(theme_.interface_type, "dotted", say("an interface", "接口"));
  }
  if (selection_.folded != 0) {
    out += words("\u25b8 9", theme_.focus,
                 say("types in a closed branch (--root NAME opens it),",
                     "合上的分支里的类型数(--root NAME 打开),"));
    out += words("\u25cf2", theme_.instantiated.border,
                 say("of them with objects", "其中有对象的"));
  }
  return out + "</TR></TABLE>";
}

void TypesPicture::title() {
  const SelectOptions& select = options_.select;
  std::string what = (options_.comparing ? say("Types compared. ", "类型比较。 ")
                                         : say("Types of ", "类型: ")) +
                     visible(model_.source, 160);
  if (!select.ancestors_of.empty()) {
    what =
        say("Where ", "来历: ") + visible(select.ancestors_of) + say(" comes from", "");
  } else if (!select.root.empty()) {
    what = visible(select.root) + say(" and the types below it", " 和它下面的类型");
  }
  const bool named = select.ancestors_of.empty() && select.root.empty();
  std::string counts = std::to_string(selection_.total) + say(" types", " 个类型") +
                       (named ? "" : say(" of ", ",") + visible(model_.source, 120)) +
                       ": " + std::to_string(selection_.drawn) + say(" drawn", " 个画出");
  if (selection_.folded) {
    counts += ", " + std::to_string(selection_.folded) + say(" folded", " 个折叠");
  }
  if (selection_.hidden) {
    counts +=
        ", " + std::to_string(selection_.hidden) + say(" not asked for", " 个未要求");
  }
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
  if (!options_.comparing &&
      (type.name == "interface" || TypeModel::is_a(model_, type, "interface"))) {
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
  if (branch.cut != 0 && !options_.link_prefix.empty()) {
    graph_.node(node_id(type.name),
                {{"URL", dot_escape(page_of(options_.link_prefix, type.name))}});
  }
}

void TypesPicture::draw_table(const Branch& branch, std::size_t cluster) {
  const State base = common_state(branch);
  const bool of_interfaces = !options_.comparing && branch.type->name == "interface";
  const Box& look = of_interfaces ? theme_.interface_type : box_of(theme_, base);
  const std::string parent = node_id(branch.type->name);
  const std::string table = parent + "~leaves";  // no node_id() ends like this
  for (const Cell& cell : branch.cells) {
    node_of_[cell.type] = table;
  }
  graph_.node(
      table,
      {{"label", table_label(branch, theme_, base, options_.link_prefix), Kind::html},
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

TypeModel model_of(const Run& run, const PictureOptions& options) {
  TypeModel model = types_at(run, options.at);
  model.source = when_words(run, options.at, options.chinese);
  if (model.size() == 0) {
    throw std::runtime_error(model.source +
                             " holds no types: was it recorded with the qom events "
                             "switched off?");
  }
  return model;
}

Graph draw_types_of_run(const Run& run, const PictureOptions& options) {
  return draw_types(model_of(run, options), options);
}

void outline_branch(const Branch& branch, std::size_t depth, Outline& out) {
  const auto row = [&out](const Type& type, std::size_t at, std::size_t folded) {
    out.row(at, type.name,
            {{"state", std::string(state_name(type.state))},
             {"abstract", type.abstract ? "true" : "false"},
             {"objects", std::to_string(type.objects)},
             {"folded_below", std::to_string(folded)}});
  };
  row(*branch.type, depth, branch.cut);
  for (const Branch& child : branch.inner) {
    outline_branch(child, depth + 1, out);
  }
  for (const Cell& cell : branch.cells) {
    row(*cell.type, depth + 1, cell.cut);
  }
  if (branch.more != 0) {
    out.row(depth + 1, "+ " + std::to_string(branch.more));
  }
}

Outline outline_types(const Run& run, const PictureOptions& options) {
  const TypeModel model = model_of(run, options);
  Outline out;
  out.title = std::to_string(model.size()) + say(options, " types of ", " 个类型: ") +
              model.source;
  for (const Branch& root : select_types(model, options.select).roots) {
    outline_branch(root, 0, out);
  }
  return out;
}

const Picture types_picture{
    .name = "types",
    .help = "the type hierarchy, with the state each type reached",
    .draw = draw_types,
    .draw_run = draw_types_of_run,
    .outline = outline_types,
    .about =
        "Which types are there, who descends from whom, and how far did each come? "
        "Dashed is paper, blue has a class, green became objects in this run. Leaves of "
        "one parent share a table; a branch that does not fit is closed with a count and "
        "has a page of its own in the gallery. --at STEP shows the state then, "
        "--ancestors-of TYPE one type with its interfaces.",
    .about_zh =
        "有哪些类型,谁继承自谁,各自走到了哪一步?虚线是纸面,蓝色有了类,绿色在本次"
        "运行中有了对象。同一父类型的叶子放在一张表里;放不下的分支合上并写明数量,"
        "在图集里有自己的一页。--at STEP 显示当时的状态,--ancestors-of TYPE 显示"
        "一个类型和它的接口。",
};

}  // namespace
}  // namespace viz

using viz::types_picture;
picture_init(types_picture)
