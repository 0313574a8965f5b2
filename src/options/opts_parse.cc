// Option texts: "a=1,b=two,flag,noother" and back (qom-semantics 182 to 190, 205
// to 211). An element without '=' is a flag, unless it comes first and the list
// has an implied key. Only values know the doubled comma; keys do not.
#include <algorithm>

#include "options/opts.h"
#include "trace/event.h"

namespace options {

struct OptsParse {
  static constexpr trace::Declaration declaration{
      "qemu_opts_parse", trace::Category::option, trace::Shape::instant,
      "A text of key=value elements becomes one entry of its option group."};
  std::string_view group;
  std::string_view id;
  std::string_view params;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("group", &OptsParse::group, "the group's name"),
        trace::identity("id", &OptsParse::id, "the entry's id, if it has one"),
        trace::state("params", &OptsParse::params, "the text"));
  }
};

// A position in a text being read.
struct Reader {
  std::string_view text;
  std::size_t at = 0;

  bool ended() const { return at >= text.size(); }

  std::string_view name(char delimiter) {
    const std::size_t begin = at;
    at = std::min(text.find(delimiter, at), text.size());
    return text.substr(begin, at - begin);
  }

  // Up to a single comma; a doubled one stands for itself.
  std::string value() {
    std::string result;
    while (!ended()) {
      if (text[at] == ',') {
        if (at + 1 >= text.size() || text[at + 1] != ',') {
          break;
        }
        ++at;
      }
      result += text[at++];
    }
    return result;
  }
};

struct Element {
  std::string name;
  std::string value;
};

static Element read_element(Reader& in, const char* firstname) {
  const std::size_t equals = in.text.find('=', in.at);
  const std::size_t comma = in.text.find(',', in.at);
  if (equals != std::string_view::npos && equals < comma) {
    std::string name(in.name('='));
    ++in.at;
    return {std::move(name), in.value()};
  }
  if (in.at == 0 && firstname != nullptr) {
    return {firstname, in.value()};
  }
  const std::string_view flag = in.name(',');
  if (flag.starts_with("no")) {
    return {std::string(flag.substr(2)), "off"};
  }
  return {std::string(flag), "on"};
}

enum class Place : std::uint8_t { back, front };

static void do_parse(QemuOpts* opts, std::string_view params, const char* firstname,
                     Place place) {
  Reader in{params};
  while (!in.ended()) {
    const Element element = read_element(in, firstname);
    if (element.name != "id") {
      qemu_opt_set(opts, element.name, element.value);
      if (place == Place::front) {
        QemuOpt last = std::move(opts->head.back());
        opts->head.pop_back();
        opts->head.push_front(std::move(last));
      }
    }
    ++in.at;  // the comma, or beyond the end
  }
}

void qemu_opts_do_parse(QemuOpts* opts, std::string_view params, const char* firstname) {
  do_parse(opts, params, firstname, Place::back);
}

// 4.0 looks for the id by plain text search, so an escaped comma before "id="
// counts too; kept, because configurations may have come to depend on it.
static std::optional<std::string> find_id(std::string_view params) {
  std::size_t at = std::string_view::npos;
  if (params.starts_with("id=")) {
    at = 3;
  } else if (const std::size_t found = params.find(",id=");
             found != std::string_view::npos) {
    at = found + 4;
  }
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  Reader in{params, at};
  return in.value();
}

static const char* implied_key(const QemuOptsList* list, Abbreviation abbreviation) {
  return abbreviation == Abbreviation::permitted ? list->implied_opt_name : nullptr;
}

std::string_view shown_argument(const QemuOptsList* list, std::string_view text) {
  return list != nullptr && std::string_view(list->name) == "trace" ? "" : text;
}

QemuOpts* qemu_opts_parse(QemuOptsList* list, std::string_view params,
                          Abbreviation abbreviation, std::string location) {
  const std::optional<std::string> id = find_id(params);
  trace::instant(OptsParse{
      .group = list->name, .id = id ? *id : "", .params = shown_argument(list, params)});
  QemuOpts* opts = qemu_opts_create(list, id);
  opts->location = std::move(location);
  try {
    do_parse(opts, params, implied_key(list, abbreviation), Place::back);
  } catch (...) {
    qemu_opts_del(opts);
    throw;
  }
  return opts;
}

void qemu_opts_set_defaults(QemuOptsList* list, std::string_view params,
                            Abbreviation abbreviation) {
  QemuOpts* opts = qemu_opts_create(list, find_id(params), IfExists::reuse);
  do_parse(opts, params, implied_key(list, abbreviation), Place::front);
}

static std::string cut(std::string_view& text, char delimiter) {
  const std::size_t end = std::min(text.find(delimiter), text.size());
  std::string part(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

void qemu_set_option(std::string_view text) {
  std::string_view rest = text;
  const std::string group = cut(rest, '.');
  const std::string id = cut(rest, '.');
  const std::size_t equals = rest.find('=');
  if (group.empty() || id.empty() || equals == 0 || equals == std::string_view::npos) {
    throw qom::Error("can't parse: \"" + std::string(text) + "\"");
  }
  QemuOptsList* list = qemu_find_opts(group);
  QemuOpts* opts = qemu_opts_find(list, id);
  if (opts == nullptr) {
    throw qom::Error("there is no " + group + " \"" + id + "\" defined");
  }
  qemu_opt_set(opts, rest.substr(0, equals), rest.substr(equals + 1));
}

// ---- other forms --------------------------------------------------------------

std::map<std::string, std::string> qemu_opts_to_dict(const QemuOpts* opts) {
  std::map<std::string, std::string> dict;
  if (opts->id) {
    dict["id"] = *opts->id;
  }
  for (const QemuOpt& opt : opts->head) {
    dict[opt.name] = opt.str;
  }
  return dict;
}

static std::optional<std::string> dict_text(const DictValue& value) {
  if (const bool* flag = std::get_if<bool>(&value)) {
    return *flag ? "on" : "off";
  }
  if (const std::int64_t* number = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*number);
  }
  if (const double* number = std::get_if<double>(&value)) {
    return std::to_string(*number);
  }
  if (const std::string* text = std::get_if<std::string>(&value)) {
    return *text;
  }
  return std::nullopt;
}

QemuOpts* qemu_opts_from_dict(QemuOptsList* list,
                              const std::map<std::string, DictValue>& dict) {
  std::optional<std::string> id;
  if (const auto entry = dict.find("id"); entry != dict.end()) {
    id = dict_text(entry->second);
  }
  QemuOpts* opts = qemu_opts_create(list, id);
  try {
    for (const auto& [key, value] : dict) {
      const std::optional<std::string> text = dict_text(value);
      if (key != "id" && text) {
        qemu_opt_set(opts, key, *text);
      }
    }
  } catch (...) {
    qemu_opts_del(opts);
    throw;
  }
  return opts;
}

static std::string escaped(std::string_view value) {
  std::string result;
  for (const char c : value) {
    result += c;
    if (c == ',') {
      result += c;
    }
  }
  return result;
}

static std::optional<std::string> printed_value(const QemuOpts* opts,
                                                const QemuOptDesc& desc) {
  const QemuOpt* opt = qemu_opt_find(opts, desc.name);
  if (opt == nullptr) {
    return desc.def_value_str == nullptr ? std::nullopt
                                         : std::optional<std::string>(desc.def_value_str);
  }
  const bool numeric = desc.type == QemuOptType::number || desc.type == QemuOptType::size;
  return numeric ? std::to_string(static_cast<std::int64_t>(opt->number))
                 : escaped(opt->str);
}

std::string qemu_opts_print(const QemuOpts* opts, std::string_view separator) {
  std::string result;
  const auto add = [&](std::string_view name, const std::string& value) {
    result += result.empty() ? "" : std::string(separator);
    result += std::string(name) + "=" + value;
  };
  if (opts->id) {
    add("id", *opts->id);
  }
  if (opts->list->desc.empty()) {
    for (const QemuOpt& opt : opts->head) {
      add(opt.name, escaped(opt.str));
    }
    return result;
  }
  for (const QemuOptDesc& desc : opts->list->desc) {
    if (const std::optional<std::string> value = printed_value(opts, desc)) {
      add(desc.name, *value);
    }
  }
  return result;
}

// ---- help ---------------------------------------------------------------------

bool is_help_option(std::string_view text) {
  return text == "help" || text == "?";
}

bool has_help_option(std::string_view params) {
  Reader in{params};
  while (!in.ended()) {
    if (is_help_option(in.value())) {
      return true;
    }
    ++in.at;
  }
  return false;
}

static const char* type_text(QemuOptType type) {
  switch (type) {
    case QemuOptType::string:
      return "str";
    case QemuOptType::boolean:
      return "bool (on/off)";
    case QemuOptType::number:
      return "num";
    case QemuOptType::size:
      return "size";
  }
  return "";
}

std::string qemu_opts_help(const QemuOptsList* list) {
  constexpr std::size_t help_column = 24;
  std::vector<std::string> lines;
  for (const QemuOptDesc& desc : list->desc) {
    std::string line = std::string("  ") + desc.name + "=<" + type_text(desc.type) + ">";
    if (desc.help != nullptr) {
      line.resize(std::max(line.size(), help_column), ' ');
      line += std::string(" - ") + desc.help;
    }
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  std::string text = std::string(list->name) + " options:\n";
  for (const std::string& line : lines) {
    text += line + "\n";
  }
  return text;
}

}  // namespace options
