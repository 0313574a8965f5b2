// The drawing of a command line: what lies on the host left, what the guest sees right,
// an edge for every id that one argument names and another owns.
#include <map>

#include "tools/explain_model.h"
#include "viz/graph.h"
#include "viz/text.h"
#include "viz/theme.h"

namespace tools {

namespace {

using viz::Attributes;

std::string node_of(const Argument& argument) {
  return "argument" + std::to_string(argument.number);
}

// A box tells the status by its border: dashed is not built, dotted is refused.
const char* style_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::works:
      return "filled,rounded";
    case Verdict::ignored:
      return "rounded";
    case Verdict::not_built:
      return "rounded,dashed";
    case Verdict::refused:
      return "rounded,dotted";
  }
  return "rounded";
}

std::string label_of(const Argument& argument) {
  std::string label = "-" + argument.option;
  if (!argument.type.empty()) {
    label += " " + argument.type;
  }
  if (!argument.id.empty() && argument.id != argument.type) {
    label += "\n" + argument.id;
  }
  if (argument.type.empty() && argument.id.empty()) {
    label = argument.text;
  }
  std::string escaped;
  for (std::size_t begin = 0; begin <= label.size();) {
    const std::size_t end = std::min(label.find('\n', begin), label.size());
    escaped += (escaped.empty() ? "" : "\\n") +
               viz::dot_escape(viz::visible(label.substr(begin, end - begin), 44));
    begin = end + 1;
  }
  return escaped;
}

class ExplainPicture {
 public:
  ExplainPicture(const Explanation& explanation, bool chinese, const viz::Theme& theme)
      : explanation_(explanation),
        chinese_(chinese),
        theme_(theme),
        graph_("command_line") {}

  viz::Graph draw() {
    graph_.graph_attributes({{"rankdir", "LR"},
                             {"nodesep", "0.12"},
                             {"ranksep", "0.6"},
                             {"bgcolor", theme_.background},
                             {"newrank", "true"},
                             {"fontname", viz::picture_font}});
    graph_.node_defaults({{"shape", "box"},
                          {"style", "rounded"},
                          {"fontname", viz::picture_font},
                          {"fontsize", "10"},
                          {"height", "0.25"},
                          {"margin", "0.09,0.04"}});
    graph_.edge_defaults({{"fontname", viz::picture_font},
                          {"fontsize", "9"},
                          {"arrowsize", "0.6"},
                          {"color", theme_.edge},
                          {"fontcolor", theme_.muted}});
    half(Half::host, "host", chinese_ ? "宿主" : "host", theme_.blue);
    half(Half::guest, "guest", chinese_ ? "客户机" : "guest", theme_.green);
    edges();
    keep_halves_apart();
    return std::move(graph_);
  }

 private:
  void half(Half which, const char* id, const char* title, const viz::Box& look) {
    const std::size_t box = graph_.cluster(id, {{"label", title},
                                                {"style", "filled,rounded"},
                                                {"color", look.border},
                                                {"fillcolor", look.fill},
                                                {"fontcolor", look.text},
                                                {"fontname", viz::picture_font},
                                                {"fontsize", "13"}});
    for (const Argument& argument : explanation_.arguments) {
      if (argument.half == which) {
        graph_.node(node_of(argument),
                    {{"label", label_of(argument)},
                     {"style", style_of(argument.verdict)},
                     {"fillcolor", theme_.background},
                     {"color", look.border},
                     {"fontcolor", theme_.title},
                     {"tooltip",
                      viz::dot_escape(viz::visible(
                          chinese_ ? argument.meaning.zh : argument.meaning.en, 200))}},
                    box);
        nodes_[which].push_back(node_of(argument));
      }
    }
    // An empty half is still a half.
    if (nodes_[which].empty()) {
      graph_.node(std::string("no_") + id, {{"label", "-"}, {"shape", "plaintext"}}, box);
      nodes_[which].push_back(std::string("no_") + id);
    }
  }

  // From the owner to its user, so that the host half stays left.
  void edges() {
    for (const Argument& user : explanation_.arguments) {
      for (const NamedId& named : user.names) {
        if (named.with == 0 || user.half == Half::none) {
          continue;
        }
        const Argument& owner = explanation_.arguments[named.with - 1];
        if (owner.half == Half::none) {
          continue;
        }
        const bool backwards = owner.half == Half::guest && user.half == Half::host;
        const std::string text =
            named.id.empty() ? named.key : named.key + "=" + named.id;
        Attributes look{{"label", viz::dot_escape(viz::visible(text, 40))}};
        if (backwards) {
          look.push_back({"dir", "back"});
        }
        graph_.edge(node_of(backwards ? user : owner), node_of(backwards ? owner : user),
                    look);
      }
    }
  }

  // Between the halves stands a point that nobody sees: all of the host is before it, all
  // of the guest behind it, whatever belongs together.
  void keep_halves_apart() {
    const Attributes unseen{{"style", "invis"}, {"weight", "0"}};
    graph_.node("middle", {{"shape", "point"},
                           {"style", "invis"},
                           {"width", "0"},
                           {"height", "0"},
                           {"margin", "0"}});
    for (const std::string& node : nodes_[Half::host]) {
      graph_.edge(node, "middle", unseen);
    }
    for (const std::string& node : nodes_[Half::guest]) {
      graph_.edge("middle", node, unseen);
    }
  }

  const Explanation& explanation_;
  bool chinese_;
  const viz::Theme& theme_;
  viz::Graph graph_;
  std::map<Half, std::vector<std::string>> nodes_;
};

}  // namespace

viz::Graph explanation_graph(const Explanation& explanation, bool chinese,
                             const viz::Theme& theme) {
  return ExplainPicture(explanation, chinese, theme).draw();
}

std::string draw_explanation(const Explanation& explanation, const std::string& format,
                             bool chinese) {
  const viz::Graph graph = explanation_graph(explanation, chinese, viz::light_theme());
  return format == "dot" ? graph.dot() : graph.render(format);
}

}  // namespace tools
