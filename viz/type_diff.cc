#include "viz/type_diff.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "viz/text.h"

namespace viz {

namespace {

using Kind = TypeDifference::Kind;
using Json = nlohmann::ordered_json;

constexpr Kind kinds[] = {Kind::moved, Kind::abstract, Kind::interfaces, Kind::only_a,
                          Kind::only_b};

std::set<std::string> interfaces_of(const TypeModel& model, const Type& type) {
  std::set<std::string> all;
  const Type* at = &type;
  while (at) {
    all.insert(at->interfaces.begin(), at->interfaces.end());
    at = at->parent.empty() ? nullptr : model.find(at->parent);
  }
  return all;
}

std::string joined(const std::set<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out.empty() ? "none" : out;
}

bool tells_interfaces(const TypeModel& model) {
  return std::any_of(model.types().begin(), model.types().end(),
                     [](const auto& entry) { return !entry.second.interfaces.empty(); });
}

std::string parent_of(const Type& type) {
  return type.parent.empty() ? "nothing (a root)" : type.parent;
}

}  // namespace

const char* difference_name(TypeDifference::Kind kind) {
  switch (kind) {
    case Kind::only_a:
      return "only in A";
    case Kind::only_b:
      return "only in B";
    case Kind::moved:
      return "another parent";
    case Kind::abstract:
      return "abstract in one";
    case Kind::interfaces:
      return "other interfaces";
  }
  return "";
}

std::size_t TypeComparison::count(TypeDifference::Kind kind) const {
  return static_cast<std::size_t>(
      std::count_if(differences.begin(), differences.end(),
                    [kind](const TypeDifference& one) { return one.kind == kind; }));
}

TypeComparison compare_types(const TypeModel& a, const TypeModel& b) {
  TypeComparison out;
  const bool interfaces = tells_interfaces(a) && tells_interfaces(b);
  for (const auto& entry : a.types()) {
    const std::string& name = entry.first;
    const Type& mine = entry.second;
    const Type* other = b.find(name);
    if (!other) {
      out.differences.push_back({Kind::only_a, name, parent_of(mine), ""});
      continue;
    }
    bool same = true;
    const auto differs = [&](Kind kind, std::string in_a, std::string in_b) {
      out.differences.push_back({kind, name, std::move(in_a), std::move(in_b)});
      same = false;
    };
    if (mine.parent != other->parent) {
      differs(Kind::moved, parent_of(mine), parent_of(*other));
    }
    if (mine.abstract != other->abstract) {
      differs(Kind::abstract, mine.abstract ? "abstract" : "concrete",
              other->abstract ? "abstract" : "concrete");
    }
    const std::set<std::string> in_a = interfaces_of(a, mine);
    const std::set<std::string> in_b = interfaces_of(b, *other);
    if (interfaces && in_a != in_b) {
      differs(Kind::interfaces, joined(in_a), joined(in_b));
    }
    out.same += same ? 1 : 0;
  }
  for (const auto& [name, theirs] : b.types()) {
    if (!a.find(name)) {
      out.differences.push_back({Kind::only_b, name, "", parent_of(theirs)});
    }
  }
  const auto rank = [](Kind kind) {
    return std::find(std::begin(kinds), std::end(kinds), kind) - std::begin(kinds);
  };
  std::stable_sort(out.differences.begin(), out.differences.end(),
                   [&](const TypeDifference& x, const TypeDifference& y) {
                     return rank(x.kind) < rank(y.kind);
                   });
  return out;
}

std::string comparison_text(const TypeModel& a, const TypeModel& b,
                            const TypeComparison& comparison, std::size_t most_names) {
  std::string out = "A: " + visible(a.source, 200) + ", " + std::to_string(a.size()) +
                    " types\nB: " + visible(b.source, 200) + ", " +
                    std::to_string(b.size()) + " types\n" +
                    std::to_string(comparison.same) + " types are the same in both\n";
  for (const Kind kind : kinds) {
    const std::size_t count = comparison.count(kind);
    if (count == 0) {
      continue;
    }
    out += "\n" + std::to_string(count) + " " + difference_name(kind) + "\n";
    std::size_t shown = 0;
    for (const TypeDifference& one : comparison.differences) {
      if (one.kind != kind || shown++ >= most_names) {
        continue;
      }
      out += "  " + visible(one.name);
      if (kind == Kind::only_a || kind == Kind::only_b) {
        out += "  below " + visible(kind == Kind::only_a ? one.a : one.b) + "\n";
      } else {
        out += "  A: " + visible(one.a, 200) + "  B: " + visible(one.b, 200) + "\n";
      }
    }
    if (count > most_names) {
      out += "  and " + std::to_string(count - most_names) + " more (--all)\n";
    }
  }
  return out;
}

std::string comparison_json(const TypeModel& a, const TypeModel& b,
                            const TypeComparison& comparison) {
  const auto dump = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  std::string out = dump(Json{{"a", a.source},
                              {"b", b.source},
                              {"types_a", a.size()},
                              {"types_b", b.size()},
                              {"same", comparison.same}});
  out.back() = ',';
  out += "\"differences\":[";
  const char* between = "\n";
  for (const TypeDifference& one : comparison.differences) {
    out += between + dump(Json{{"kind", difference_name(one.kind)},
                               {"name", one.name},
                               {"a", one.a},
                               {"b", one.b}});
    between = ",\n";
  }
  return out + "\n]}\n";
}

// One tree of both: B's parents win, as B is what is compared with. States become
// "only in A", "in both", "only in B", so that the picture of types draws it.
Graph draw_comparison(const TypeModel& a, const TypeModel& b,
                      const TypeComparison& comparison, PictureOptions options) {
  TypeModel both;
  for (const TypeModel* model : {&a, &b}) {
    for (const auto& [name, type] : model->types()) {
      Type& merged = both.type(name);
      merged.parent = type.parent;
      merged.abstract = type.abstract;
      merged.subsystem.clear();
      merged.standing = !a.find(name)   ? "only in B"
                        : !b.find(name) ? "only in A"
                                        : "in both";
      merged.state = !a.find(name)   ? State::instantiated
                     : !b.find(name) ? State::paper
                                     : State::klass;
    }
  }
  for (const TypeDifference& one : comparison.differences) {
    Type& type = both.type(one.name);
    type.note =
        std::string(difference_name(one.kind)) + ". A: " + one.a + ". B: " + one.b;
    if (one.kind == Kind::moved) {
      type.mark =
          " \u21b7 " + std::string(say(options, "A: below ", "A 在其下: ")) + one.a;
    }
  }
  both.settle();
  both.source = "A: " + a.source + "   B: " + b.source;
  Theme theme = *options.theme;
  const auto look = [](const Box& colours, const char* style) {
    Box box = colours;
    box.style = style;
    return box;
  };
  theme.paper = look(theme.red, "filled,rounded,dashed");
  theme.klass = look(theme.grey, "filled,rounded");
  theme.instantiated = look(theme.green, "filled,rounded,bold");
  options.theme = &theme;
  options.comparing = true;
  return picture_find("types")->draw(both, options);
}

}  // namespace viz
