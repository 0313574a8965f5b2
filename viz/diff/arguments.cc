// The two command lines beside each other, as the traces tell them (lookup_opt).
#include <algorithm>
#include <array>
#include <map>

#include "viz/diff/report.h"

namespace viz::diff {

namespace {

// "pc,accel=kvm": {"", "pc"}, {"accel", "kvm"}. A doubled comma is one of the text.
std::vector<std::pair<std::string, std::string>> parts(const std::string& argument) {
  std::vector<std::pair<std::string, std::string>> parts;
  std::string part;
  const auto end_part = [&] {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) {
      parts.emplace_back("", part);
    } else {
      parts.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    }
    part.clear();
  };
  for (std::size_t i = 0; i < argument.size(); ++i) {
    if (argument[i] == ',' && argument.substr(i, 2) == ",,") {
      part += ",,";
      ++i;
    } else if (argument[i] == ',') {
      end_part();
    } else {
      part += argument[i];
    }
  }
  end_part();
  return parts;
}

// Two arguments of one option: what differs in them, part by part.
void add_parts(const Option& a, const Option& b, std::vector<Argument>& to) {
  std::map<std::string, std::array<std::string, 2>> values;
  std::map<std::string, std::array<bool, 2>> present;
  std::vector<std::string> order;
  for (const std::size_t side : {0U, 1U}) {
    for (const auto& [key, value] : parts(side == 0 ? a.argument : b.argument)) {
      if (!values.contains(key)) {
        order.push_back(key);
      }
      values[key][side] = value;
      present[key][side] = true;
    }
  }
  for (const std::string& key : order) {
    if (values[key][0] != values[key][1] || present[key][0] != present[key][1]) {
      to.push_back({b.name, key, values[key][0], values[key][1], present[key][0],
                    present[key][1], b.used_in, a.argument, b.argument});
    }
  }
}

// An argument with one part changed, added or taken away.
std::string with_part(const std::string& argument, const Argument& change) {
  std::string text;
  bool done = false;
  const auto add = [&](const std::string& key, const std::string& value) {
    text += (text.empty() ? "" : ",") + (key.empty() ? value : key + "=" + value);
  };
  for (const auto& [key, value] : parts(argument)) {
    if (key != change.key || done) {
      add(key, value);
      continue;
    }
    done = true;
    if (change.in_b) {
      add(key, change.b);
    }
  }
  if (!done && change.in_b) {
    add(change.key, change.b);
  }
  return text;
}

}  // namespace

std::vector<Option> options_of(const Tree& tree) {
  std::vector<Option> all;
  for (Index i = 1; i < tree.size(); ++i) {
    if (tree.kind(i).name == "lookup_opt") {
      all.push_back({std::string(tree.value(i, "option")),
                     std::string(tree.value(i, "argument")),
                     std::string(tree.value(i, "used_in"))});
    }
  }
  return all;
}

std::vector<Option> with_change(std::vector<Option> options, const Argument& argument) {
  const auto is_it = [&](const Option& option) {
    return option.name == argument.option && option.argument == argument.whole_a;
  };
  const auto found = std::ranges::find_if(options, is_it);
  const bool whole = argument.whole_a.empty() || argument.whole_b.empty();
  if (found == options.end()) {
    options.push_back({argument.option, argument.whole_b, argument.used_in});
  } else if (!argument.in_b && argument.key.empty() && whole) {
    options.erase(found);
  } else {
    found->argument = with_part(found->argument, argument);
  }
  return options;
}

std::string text_of(const Argument& argument, bool in_a) {
  const std::string& value = in_a ? argument.a : argument.b;
  if (!(in_a ? argument.in_a : argument.in_b)) {
    return argument.key.empty() ? "no -" + argument.option
                                : "-" + argument.option + " without " + argument.key;
  }
  std::string text = "-" + argument.option;
  if (!argument.key.empty()) {
    return text + " " + argument.key + "=" + value;
  }
  return value.empty() ? text : text + " " + value;
}

std::vector<Argument> arguments_of(const Tree& a, const Tree& b) {
  std::vector<Option> only_a = options_of(a), only_b = options_of(b);
  // What both have says nothing.
  std::erase_if(only_a, [&](const Option& argument) {
    const auto same = std::ranges::find(only_b, argument);
    const bool found = same != only_b.end();
    if (found) {
      only_b.erase(same);
    }
    return found;
  });
  std::vector<Argument> differing;
  for (const Option& was : only_a) {
    const auto is = std::ranges::find(only_b, was.name, &Option::name);
    if (is != only_b.end()) {
      add_parts(was, *is, differing);
      only_b.erase(is);
    } else {
      differing.push_back(
          {was.name, "", was.argument, "", true, false, was.used_in, was.argument, ""});
    }
  }
  for (const Option& is : only_b) {
    differing.push_back(
        {is.name, "", "", is.argument, false, true, is.used_in, "", is.argument});
  }
  return differing;
}

}  // namespace viz::diff
