// Option groups: making, reading and changing them. The text forms are in
// opts_parse.cc, single values in opts_value.cc.
#include "options/opts.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>

#include "trace/event.h"

namespace options {

struct AddOpts {
  static constexpr trace::Declaration declaration{
      "qemu_add_opts", trace::Category::option, trace::Shape::instant,
      "A group of options becomes known by name."};
  std::string_view group;

  static constexpr auto fields() {
    return trace::fields(trace::identity("group", &AddOpts::group, "the group's name"));
  }
};

static std::vector<QemuOptsList*>& lists() {
  static std::vector<QemuOptsList*> all;
  return all;
}

void qemu_add_opts(QemuOptsList* list) {
  auto& all = lists();
  if (std::find(all.begin(), all.end(), list) != all.end()) {
    return;
  }
  trace::instant(AddOpts{.group = list->name});
  all.push_back(list);
}

QemuOptsList* qemu_find_opts_or_null(std::string_view group) {
  for (QemuOptsList* list : lists()) {
    if (group == list->name) {
      return list;
    }
  }
  return nullptr;
}

QemuOptsList* qemu_find_opts(std::string_view group) {
  QemuOptsList* list = qemu_find_opts_or_null(group);
  if (list == nullptr) {
    throw qom::Error("There is no option group '" + std::string(group) + "'");
  }
  return list;
}

std::span<QemuOptsList* const> qemu_opts_lists() {
  return lists();
}

void qemu_opts_reset_all() {
  for (QemuOptsList* list : lists()) {
    list->head.clear();
  }
}

// ---- making -------------------------------------------------------------------

QemuOpts* qemu_opts_find(QemuOptsList* list, std::optional<std::string_view> id) {
  for (const auto& opts : list->head) {
    if (opts->id.has_value() == id.has_value() && (!id || *opts->id == *id)) {
      return opts.get();
    }
  }
  return nullptr;
}

static void check_id(std::string_view id) {
  if (!id_wellformed(id)) {
    qom::Error error("Parameter 'id' expects an identifier");
    error.hint =
        "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.";
    throw error;
  }
}

QemuOpts* qemu_opts_create(QemuOptsList* list, std::optional<std::string_view> id,
                           IfExists exists) {
  if (id) {
    check_id(*id);
    if (QemuOpts* there = qemu_opts_find(list, id)) {
      if (exists == IfExists::fail && !list->merge_lists) {
        throw qom::Error("Duplicate ID '" + std::string(*id) + "' for " + list->name);
      }
      return there;
    }
  } else if (list->merge_lists) {
    if (QemuOpts* there = qemu_opts_find(list, std::nullopt)) {
      return there;
    }
  }
  auto opts = std::make_unique<QemuOpts>();
  opts->list = list;
  if (id) {
    opts->id = std::string(*id);
  }
  list->head.push_back(std::move(opts));
  return list->head.back().get();
}

void qemu_opts_del(QemuOpts* opts) {
  if (opts == nullptr) {
    return;
  }
  auto& head = opts->list->head;
  head.erase(std::remove_if(head.begin(), head.end(),
                            [opts](const auto& other) { return other.get() == opts; }),
             head.end());
}

void qemu_opts_reset(QemuOptsList* list) {
  list->head.clear();
}

void qemu_opts_set(QemuOptsList* list, std::optional<std::string_view> id,
                   std::string_view name, std::string_view value) {
  qemu_opt_set(qemu_opts_create(list, id, IfExists::reuse), name, value);
}

// ---- reading ------------------------------------------------------------------

static const QemuOptDesc* find_desc(std::span<const QemuOptDesc> desc,
                                    std::string_view name) {
  const auto row = std::find_if(desc.begin(), desc.end(),
                                [name](const QemuOptDesc& d) { return name == d.name; });
  return row == desc.end() ? nullptr : &*row;
}

const QemuOpt* qemu_opt_find(const QemuOpts* opts, std::string_view name) {
  if (opts == nullptr) {
    return nullptr;
  }
  const auto opt = std::find_if(opts->head.rbegin(), opts->head.rend(),
                                [name](const QemuOpt& o) { return o.name == name; });
  return opt == opts->head.rend() ? nullptr : &*opt;
}

static const char* declared_default(const QemuOpts* opts, std::string_view name) {
  const QemuOptDesc* desc = opts == nullptr ? nullptr : find_desc(opts->list->desc, name);
  return desc == nullptr ? nullptr : desc->def_value_str;
}

const char* qemu_opt_get(const QemuOpts* opts, std::string_view name) {
  const QemuOpt* opt = qemu_opt_find(opts, name);
  return opt != nullptr ? opt->str.c_str() : declared_default(opts, name);
}

bool qemu_opt_get_bool(const QemuOpts* opts, std::string_view name, bool fallback) {
  if (const QemuOpt* opt = qemu_opt_find(opts, name)) {
    assert(opt->desc != nullptr && opt->desc->type == QemuOptType::boolean);
    return opt->boolean;
  }
  const char* text = declared_default(opts, name);
  return text == nullptr ? fallback : parse_option_bool(name, text);
}

std::uint64_t qemu_opt_get_number(const QemuOpts* opts, std::string_view name,
                                  std::uint64_t fallback) {
  if (const QemuOpt* opt = qemu_opt_find(opts, name)) {
    assert(opt->desc != nullptr && opt->desc->type == QemuOptType::number);
    return opt->number;
  }
  const char* text = declared_default(opts, name);
  return text == nullptr ? fallback : parse_option_number(name, text);
}

std::uint64_t qemu_opt_get_size(const QemuOpts* opts, std::string_view name,
                                std::uint64_t fallback) {
  if (const QemuOpt* opt = qemu_opt_find(opts, name)) {
    assert(opt->desc != nullptr && opt->desc->type == QemuOptType::size);
    return opt->number;
  }
  const char* text = declared_default(opts, name);
  return text == nullptr ? fallback : parse_option_size(name, text);
}

bool qemu_opt_unset(QemuOpts* opts, std::string_view name) {
  const auto opt = std::find_if(opts->head.rbegin(), opts->head.rend(),
                                [name](const QemuOpt& o) { return o.name == name; });
  if (opt == opts->head.rend()) {
    return false;
  }
  opts->head.erase(std::next(opt).base());
  return true;
}

std::optional<std::string> qemu_opt_get_del(QemuOpts* opts, std::string_view name) {
  const char* text = qemu_opt_get(opts, name);
  if (text == nullptr) {
    return std::nullopt;
  }
  std::string value = text;
  while (qemu_opt_unset(opts, name)) {
  }
  return value;
}

void qemu_opt_foreach(const QemuOpts* opts,
                      const std::function<void(const QemuOpt&)>& fn) {
  for (const QemuOpt& opt : opts->head) {
    fn(opt);
  }
}

// ---- writing ------------------------------------------------------------------

static void parse_value(QemuOpt& opt) {
  if (opt.desc == nullptr) {
    return;
  }
  switch (opt.desc->type) {
    case QemuOptType::string:
      break;
    case QemuOptType::boolean:
      opt.boolean = parse_option_bool(opt.name, opt.str);
      break;
    case QemuOptType::number:
      opt.number = parse_option_number(opt.name, opt.str);
      break;
    case QemuOptType::size:
      opt.number = parse_option_size(opt.name, opt.str);
      break;
  }
}

static QemuOpt make_opt(const QemuOpts* opts, std::string_view name,
                        std::string_view value) {
  const QemuOptDesc* desc = find_desc(opts->list->desc, name);
  if (desc == nullptr && !opts->list->desc.empty()) {
    throw qom::Error("Invalid parameter '" + std::string(name) + "'");
  }
  QemuOpt opt{std::string(name), std::string(value), desc};
  parse_value(opt);
  return opt;
}

void qemu_opt_set(QemuOpts* opts, std::string_view name, std::string_view value) {
  opts->head.push_back(make_opt(opts, name, value));
}

void qemu_opt_set_bool(QemuOpts* opts, std::string_view name, bool value) {
  qemu_opt_set(opts, name, value ? "on" : "off");
}

void qemu_opt_set_number(QemuOpts* opts, std::string_view name, std::int64_t value) {
  qemu_opt_set(opts, name, std::to_string(value));
}

void qemu_opts_validate(QemuOpts* opts, std::span<const QemuOptDesc> desc) {
  assert(opts->list->desc.empty());
  for (QemuOpt& opt : opts->head) {
    opt.desc = find_desc(desc, opt.name);
    if (opt.desc == nullptr) {
      throw qom::Error("Invalid parameter '" + opt.name + "'");
    }
    parse_value(opt);
  }
}

}  // namespace options
