#include "viz/card.h"

#include "viz/text.h"
#include "viz/type_label.h"

namespace viz {

namespace {

using Kind = Attribute::Kind;

constexpr std::size_t most_rows = 24;

}  // namespace

Attributes card_attributes(const Card& card, const Box& look, const Theme& theme) {
  std::string label =
      "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"1\">"
      "<TR><TD COLSPAN=\"2\" ALIGN=\"LEFT\" PORT=\"top\"><B>" +
      small(visible(card.title), look.text, "12") + "</B></TD></TR>";
  if (!card.subtitle.empty()) {
    label += "<TR><TD COLSPAN=\"2\" ALIGN=\"LEFT\">" +
             small(visible(card.subtitle, 80), look.text, "9") + "</TD></TR>";
  }
  std::string tooltip = visible(card.title);
  for (std::size_t i = 0; i < card.rows.size() && i < most_rows; ++i) {
    const CardRow& row = card.rows[i];
    const std::string value = small(visible(row.value, 64), look.text, "10");
    label += "<TR><TD ALIGN=\"LEFT\" VALIGN=\"TOP\">" +
             small(visible(row.key, 40) + " ", theme.muted, "9") +
             "</TD><TD ALIGN=\"LEFT\"" +
             (row.port.empty() ? "" : " PORT=\"" + row.port + "\"") + ">" +
             (row.strong ? "<B>" + value + "</B>" : value) + "</TD></TR>";
    tooltip += "\n" + visible(row.key) + " " + visible(row.value, 400);
  }
  if (card.rows.size() > most_rows) {
    label +=
        "<TR><TD COLSPAN=\"2\" ALIGN=\"LEFT\">" +
        small("+ " + std::to_string(card.rows.size() - most_rows), theme.focus, "9") +
        "</TD></TR>";
  }
  return {{"label", label + "</TABLE>", Kind::html},
          {"tooltip", dot_escape(tooltip)},
          {"style", look.style},
          {"fillcolor", look.fill},
          {"color", look.border},
          {"penwidth", look.width},
          {"fontcolor", look.text}};
}

void card_page(Graph& graph, const Theme& theme, const std::string& title,
               const std::string& below, const char* rankdir, const char* ranksep) {
  graph.graph_attributes({{"rankdir", rankdir},
                          {"outputorder", "edgesfirst"},
                          {"nodesep", "0.25"},
                          {"ranksep", ranksep},
                          {"pad", "0.25"},
                          {"bgcolor", theme.background},
                          {"fontname", picture_font},
                          {"fontcolor", theme.title}});
  if (!title.empty()) {
    graph.graph_attributes(
        {{"labelloc", "t"},
         {"labeljust", "l"},
         {"label",
          "<TABLE BORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\"><TR><TD "
          "ALIGN=\"LEFT\"><B>" +
              small(visible(title, 120), theme.title, "18") +
              "</B></TD></TR><TR><TD ALIGN=\"LEFT\">" +
              small(visible(below, 200), theme.muted, "11") +
              "</TD></TR><TR><TD></TD></TR></TABLE>",
          Kind::html}});
  }
  graph.node_defaults({{"shape", "box"},
                       {"style", "filled,rounded"},
                       {"fontname", picture_font},
                       {"fontsize", "10"},
                       {"margin", "0.1,0.06"}});
  graph.edge_defaults({{"color", theme.muted},
                       {"arrowsize", "0.7"},
                       {"fontname", picture_font},
                       {"fontsize", "9"},
                       {"fontcolor", theme.muted}});
}

}  // namespace viz
