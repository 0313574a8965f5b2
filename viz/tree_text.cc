#include "viz/tree_text.h"

#include <algorithm>

#include "viz/text.h"

namespace viz {
namespace {

// The state as a sign, so that it is told without colour too.
const char* sign(State state) {
  constexpr const char* signs[] = {"\u25cc", "\u25cb", "\u25cf"};  // dotted, empty, full
  return signs[static_cast<int>(state)];
}

const char* colour_of(State state) {
  constexpr const char* colours[] = {"\033[2m", "\033[34m", "\033[1;32m"};
  return colours[static_cast<int>(state)];
}

// Terminal columns of UTF-8 text, one a character.
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

class TextTree {
 public:
  TextTree(const TypeModel& model, const TextOptions& options)
      : model_(model),
        options_(options),
        selection_(select_types(model, options.select)) {}

  std::string write() {
    head();
    for (const Branch& root : selection_.roots) {
      branch(root, "", "", "");
    }
    for (const Implements& edge : selection_.implements) {
      out_ += visible(edge.by->name) + " implements " +
              visible(edge.interface_type->name) + "\n";
    }
    return std::move(out_);
  }

 private:
  void head();
  std::string name(const Type& type) const;
  void branch(const Branch& branch, const std::string& indent, const char* elbow,
              const char* below);
  void cells(const Branch& branch, const std::string& indent);

  const TypeModel& model_;
  const TextOptions& options_;
  Selection selection_;
  std::string out_;
};

void TextTree::head() {
  const auto entry = [&](State state, const char* what) {
    out_ += std::string(sign(state)) + " " + what + " " +
            std::to_string(model_.count(state)) + "   ";
  };
  out_ += visible(model_.source) + ": " + std::to_string(selection_.total) + " types, " +
          std::to_string(selection_.drawn) + " shown, " +
          std::to_string(selection_.folded) + " folded, " +
          std::to_string(selection_.hidden) + " not asked for\n";
  entry(State::paper, "on paper");
  entry(State::klass, "class made");
  entry(State::instantiated, "has objects");
  out_ += "(abstract)   +N below, not shown: --root NAME\n\n";
}

std::string TextTree::name(const Type& type) const {
  std::string text = visible(type.name);
  text = type.abstract ? "(" + text + ")" : text;
  if (type.objects != 0) {
    text += " \u00d7" + std::to_string(type.objects);
  }
  text = std::string(sign(type.state)) + " " + text;
  return options_.colour ? colour_of(type.state) + text + "\033[0m" : text;
}

void TextTree::branch(const Branch& branch, const std::string& indent, const char* elbow,
                      const char* below) {
  out_ += indent + elbow + name(*branch.type);
  if (branch.cut != 0) {
    out_ += "  +" + std::to_string(branch.cut);
  }
  if (branch.elsewhere != 0) {
    out_ += "  and " + std::to_string(branch.elsewhere) + " other children";
  }
  out_ += branch.focus ? "  <--\n" : "\n";
  const std::string inside = indent + below;
  const bool table = !branch.cells.empty() || branch.more != 0;
  for (std::size_t i = 0; i < branch.inner.size(); ++i) {
    const bool last = i + 1 == branch.inner.size() && !table;
    this->branch(branch.inner[i], inside, last ? "\u2514\u2500 " : "\u251c\u2500 ",
                 last ? "   " : "\u2502  ");
  }
  if (table) {
    cells(branch, inside);
  }
}

void TextTree::cells(const Branch& branch, const std::string& indent) {
  std::string line = "\u2514\u2500 ";
  std::size_t used = columns(indent) + 3;
  const std::size_t start = used;
  const auto put = [&](const std::string& text, std::size_t wide) {
    if (used + wide + 2 > options_.width && used != start) {
      out_ += indent + line + "\n";
      line = "   ";
      used = start;
    }
    line += (used == start ? "" : "  ") + text;
    used += wide + 2;
  };
  for (const Cell& cell : branch.cells) {
    const std::string more = cell.cut ? " +" + std::to_string(cell.cut) : "";
    const std::size_t paint =
        options_.colour ? 4 + columns(colour_of(cell.type->state)) : 0;
    const std::string text = name(*cell.type) + more;
    put(text, columns(text) - paint);
  }
  if (branch.more != 0) {
    const std::string more = "and " + std::to_string(branch.more) + " more";
    put(more, more.size());
  }
  out_ += indent + line + "\n";
}

}  // namespace

std::string types_as_text(const TypeModel& model, const TextOptions& options) {
  return TextTree(model, options).write();
}

}  // namespace viz
