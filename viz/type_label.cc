#include "viz/type_label.h"

#include <cstdio>

#include "viz/page.h"
#include "viz/text.h"

namespace viz {
namespace {

std::string nth(std::uint32_t order) {
  return "#" + std::to_string(order);
}

std::string microseconds(std::uint64_t ns) {
  char out[48];
  std::snprintf(out, sizeof out, "%llu.%03llu us",
                static_cast<unsigned long long>(ns / 1000),
                static_cast<unsigned long long>(ns % 1000));
  return out;
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < 12; ++i) {
    out += (i ? ", " : "") + visible(names[i]);
  }
  return names.size() > 12 ? out + ", \u2026" : out;
}

std::string count_text(std::size_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string coloured(const std::string& html, const char* colour) {
  return std::string("<FONT COLOR=\"") + colour + "\">" + html + "</FONT>";
}

std::string tooltip_attribute(const Type& type) {
  std::string text;
  for (const char c : html_escape(type_facts(type))) {
    text += c == '\n' ? std::string("&#10;") : std::string(1, c);
  }
  return text;
}

// "> 56" and, when types in the closed branch have objects, how many.
std::string cut_label(const Type& type, std::size_t cut, const Theme& theme) {
  std::string out = small(" \u25b8 " + std::to_string(cut), theme.focus, "8");
  if (type.used_below != 0) {
    out += small(" \u25cf" + std::to_string(type.used_below), theme.instantiated.border,
                 "8");
  }
  return out;
}

std::string cell_label(const Cell& cell, const Theme& theme, State base,
                       const std::string& link_prefix) {
  const Type& type = *cell.type;
  const Box& box = box_of(theme, type.state);
  std::string out = "<TD ALIGN=\"LEFT\" TARGET=\"_self\" ID=\"" +
                    html_escape(node_id(type.name)) + "\" TOOLTIP=\"" +
                    tooltip_attribute(type) + "\"";
  if (cell.cut != 0 && !link_prefix.empty()) {
    out += " HREF=\"" + html_escape(page_of(link_prefix, type.name)) + "\"";
  }
  if (type.state != base) {
    out += std::string(" BGCOLOR=\"") + box.fill + "\" BORDER=\"1\" COLOR=\"" +
           box.border +
           (type.state == State::paper ? "\" STYLE=\"dashed\"" : "\" STYLE=\"rounded\"");
  }
  out += ">" + coloured(name_label(type, theme), box.text);
  if (!type.mark.empty()) {
    out += small(visible(type.mark, 40), theme.focus, "8");
  }
  if (cell.cut != 0) {
    out += cut_label(type, cell.cut, theme);
  }
  return out + "</TD>";
}

}  // namespace

std::string small(const std::string& text, const char* colour, const char* points) {
  if (text.empty()) {
    return {};  // an empty FONT is no label to Graphviz
  }
  // A browser drops an ordinary blank at the begin of an SVG text.
  const bool blank = text.starts_with(' ');
  return std::string("<FONT POINT-SIZE=\"") + points + "\" COLOR=\"" + colour + "\">" +
         (blank ? "\xc2\xa0" + html_escape(text.substr(1)) : html_escape(text)) +
         "</FONT>";
}

std::string name_label(const Type& type, const Theme& theme) {
  std::string out = html_escape(visible(type.name, 44));
  if (type.abstract) {
    out = "<I>" + out + "</I>";
  }
  if (type.objects != 0) {
    out +=
        small(" \u00d7" + std::to_string(type.objects), theme.instantiated.border, "8");
  }
  return out;
}

// One table cell each: in one line, smaller letters would push the name upwards.
std::string branch_label(const Branch& branch, const Theme& theme) {
  std::string name = name_label(*branch.type, theme);
  if (branch.focus) {
    name = "<B>" + name + "</B>";
  }
  if (!branch.type->mark.empty()) {
    name += small(visible(branch.type->mark, 48), theme.focus, "8");
  }
  std::vector<std::string> extras;
  if (!branch.type->interfaces.empty()) {
    extras.push_back(small(" \u25cb" + std::to_string(branch.type->interfaces.size()),
                           theme.implements, "8"));
  }
  if (branch.cut != 0) {
    extras.push_back(cut_label(*branch.type, branch.cut, theme));
  } else if (branch.elsewhere != 0) {
    extras.push_back(
        small(" + " + std::to_string(branch.elsewhere) + " others", theme.muted, "7"));
  } else if (branch.type->descendants != 0) {
    extras.push_back(
        small(" " + std::to_string(branch.type->descendants), theme.muted, "7"));
  }
  if (extras.empty()) {
    return name;
  }
  std::string out =
      "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" "
      "CELLPADDING=\"0\"><TR><TD>" +
      name + "</TD>";
  for (const std::string& extra : extras) {
    out += "<TD>" + extra + "</TD>";
  }
  return out + "</TR></TABLE>";
}

std::string type_facts(const Type& type) {
  std::string out = visible(type.name, 200);
  out += type.parent.empty() ? "\nroot" : "\nparent " + visible(type.parent);
  out += type.abstract ? ", abstract" : "";
  out += "\nstate " +
         (type.standing.empty() ? std::string(state_name(type.state)) : type.standing);
  if (type.objects != 0) {
    out += ": " + count_text(type.objects, "object") + " made";
  }
  if (type.finalized != 0) {
    out += ", " + std::to_string(type.finalized) + " gone";
  }
  if (type.register_order != 0) {
    out += "\nregistered " + nth(type.register_order);
  }
  if (!type.registered_by.empty()) {
    out += " by " + visible(type.registered_by);
  }
  if (!type.loc.empty()) {
    out += "\nat " + visible(type.loc, 120);
  }
  if (type.class_order != 0) {
    out += "\nclass made " + nth(type.class_order);
  }
  if (type.class_init_ns != 0) {
    out += " in " + microseconds(type.class_init_ns);
  }
  if (!type.interfaces.empty()) {
    out += "\nintroduces " + join(type.interfaces);
  }
  if (type.descendants != 0) {
    out += "\n" + count_text(type.descendants, "type") + " below, " +
           std::to_string(type.used_below) + " with objects";
  }
  return type.note.empty() ? out : out + "\n" + visible(type.note, 200);
}

std::string style_classes(const Type& type) {
  return "type " + std::string(state_name(type.state)) +
         (type.abstract ? " abstract" : "");
}

State common_state(const Branch& branch) {
  std::size_t count[3] = {};
  for (const Cell& cell : branch.cells) {
    ++count[static_cast<int>(cell.type->state)];
  }
  const bool paper = count[0] > count[1];
  return paper ? State::paper : count[1] != 0 ? State::klass : State::instantiated;
}

std::string page_of(const std::string& link_prefix, const std::string& type) {
  constexpr std::size_t longest = 80;
  std::string out = link_prefix;
  for (const char c : type.substr(0, longest)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    char hex[4];
    std::snprintf(hex, sizeof hex, "~%02X", static_cast<unsigned char>(c));
    out += plain ? std::string(1, c) : hex;
  }
  return out + (type.size() > longest ? "~" + std::to_string(type.size()) : "") + ".svg";
}

std::string table_label(const Branch& branch, const Theme& theme, State base,
                        const std::string& link_prefix) {
  const std::size_t cells = branch.cells.size();
  const std::size_t rows = table_rows(branch.cells);
  const std::size_t columns = cells == 0 ? 1 : (cells + rows - 1) / rows;
  std::string out =
      "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"1\" "
      "CELLPADDING=\"1\">";
  for (std::size_t row = 0; cells != 0 && row < rows; ++row) {
    out += "<TR>";
    for (std::size_t column = 0; column < columns; ++column) {
      const std::size_t at = column * rows + row;
      out += at < cells ? cell_label(branch.cells[at], theme, base, link_prefix)
                        : "<TD></TD>";
    }
    out += "</TR>";
  }
  if (branch.more != 0) {
    out += "<TR><TD ALIGN=\"LEFT\" COLSPAN=\"" + std::to_string(columns) + "\">" +
           small("+ " + std::to_string(branch.more) + " more", theme.focus, "8") +
           "</TD></TR>";
  }
  return out + "</TABLE>";
}

}  // namespace viz
