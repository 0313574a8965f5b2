// Option groups: "key=value,key=value" texts, parsed, checked and kept
// (QEMU's util/qemu-option.c, behaviour of 4.0; qom-semantics section L).
//
// A group of options is a QemuOptsList: its name, the key an element without '='
// stands for when it comes first ("-m 2048" is size=2048), and the keys it knows.
// Each use on the command line makes one QemuOpts in the list; a list that merges
// keeps all uses in one. What a user got wrong is thrown as qom::Error in 4.0's
// words; asking a number of an option declared as text is our own mistake and
// stops the program.
//
// Thread rule: main thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "qom/object.h"

namespace options {

enum class QemuOptType : std::uint8_t { string, boolean, number, size };

struct QemuOptDesc {
  const char* name = nullptr;
  QemuOptType type = QemuOptType::string;
  const char* help = nullptr;           // may be null
  const char* def_value_str = nullptr;  // may be null
};

struct QemuOpt {
  std::string name;
  std::string str;
  const QemuOptDesc* desc = nullptr;  // null: any text
  bool boolean = false;               // valid when desc says so
  std::uint64_t number = 0;           // number and size
};

struct QemuOptsList;

struct QemuOpts {
  std::optional<std::string> id;
  QemuOptsList* list = nullptr;  // the list that owns it; null after qemu_opts_take
  std::string location;          // "-device edu,foo=1": where messages point to
  std::deque<QemuOpt> head;      // in the order given, defaults in front
};

struct QemuOptsList {
  const char* name = nullptr;
  const char* implied_opt_name = nullptr;  // null: the first element has no implied key
  bool merge_lists = false;
  std::span<const QemuOptDesc> desc = {};  // empty: any key, all texts
  std::vector<std::unique_ptr<QemuOpts>> head = {};
};

// ---- lists by name ------------------------------------------------------------
void qemu_add_opts(QemuOptsList* list);  // adding the same list twice changes nothing
// Throws "There is no option group 'x'".
QemuOptsList* qemu_find_opts(std::string_view group);
QemuOptsList* qemu_find_opts_or_null(std::string_view group);
std::span<QemuOptsList* const> qemu_opts_lists();  // in the order added
void qemu_opts_reset_all();  // every list empty again; for tests and fuzzing

// What a trace shows of an option's text. Nothing of -trace's: where a run is recorded is
// no part of what happened in it, so equal runs stay equal.
std::string_view shown_argument(const QemuOptsList* list, std::string_view text);

// ---- making -------------------------------------------------------------------
enum class Abbreviation : std::uint8_t { refused, permitted };  // the implied key
enum class IfExists : std::uint8_t { fail, reuse };

QemuOpts* qemu_opts_create(QemuOptsList* list, std::optional<std::string_view> id,
                           IfExists exists = IfExists::fail);
QemuOpts* qemu_opts_parse(QemuOptsList* list, std::string_view params,
                          Abbreviation abbreviation, std::string location = {});
// The values go in front of what is there: whoever gave a key wins over them.
void qemu_opts_set_defaults(QemuOptsList* list, std::string_view params,
                            Abbreviation abbreviation);
void qemu_opts_do_parse(QemuOpts* opts, std::string_view params, const char* firstname);
// list.id.key = value, creating the entry if need be.
void qemu_opts_set(QemuOptsList* list, std::optional<std::string_view> id,
                   std::string_view name, std::string_view value);
void qemu_opts_del(QemuOpts* opts);
void qemu_opts_reset(QemuOptsList* list);
// -set GROUP.ID.KEY=VALUE
void qemu_set_option(std::string_view text);

// ---- reading: the last of a key counts ------------------------------------------
QemuOpts* qemu_opts_find(QemuOptsList* list, std::optional<std::string_view> id);
const QemuOpt* qemu_opt_find(const QemuOpts* opts, std::string_view name);
// The value, else the declared default, else nullptr. Valid until the group changes.
const char* qemu_opt_get(const QemuOpts* opts, std::string_view name);
bool qemu_opt_get_bool(const QemuOpts* opts, std::string_view name, bool fallback);
std::uint64_t qemu_opt_get_number(const QemuOpts* opts, std::string_view name,
                                  std::uint64_t fallback);
std::uint64_t qemu_opt_get_size(const QemuOpts* opts, std::string_view name,
                                std::uint64_t fallback);
std::optional<std::string> qemu_opt_get_del(QemuOpts* opts, std::string_view name);
bool qemu_opt_unset(QemuOpts* opts, std::string_view name);  // removes the last only
void qemu_opt_foreach(const QemuOpts* opts,
                      const std::function<void(const QemuOpt&)>& fn);

// ---- writing --------------------------------------------------------------------
void qemu_opt_set(QemuOpts* opts, std::string_view name, std::string_view value);
void qemu_opt_set_bool(QemuOpts* opts, std::string_view name, bool value);
void qemu_opt_set_number(QemuOpts* opts, std::string_view name, std::int64_t value);

// ---- other forms ----------------------------------------------------------------
using DictValue = std::variant<std::monostate, bool, std::int64_t, double, std::string>;
std::map<std::string, std::string> qemu_opts_to_dict(const QemuOpts* opts);
QemuOpts* qemu_opts_from_dict(QemuOptsList* list,
                              const std::map<std::string, DictValue>& dict);
// Types the options of a list that declares none. Throws as parsing does.
void qemu_opts_validate(QemuOpts* opts, std::span<const QemuOptDesc> desc);
std::string qemu_opts_print(const QemuOpts* opts, std::string_view separator);

// ---- help -----------------------------------------------------------------------
bool is_help_option(std::string_view text);     // "help" or "?"
bool has_help_option(std::string_view params);  // as an element of its own
std::string qemu_opts_help(const QemuOptsList* list);

// ---- values ---------------------------------------------------------------------
bool id_wellformed(std::string_view id);
// In 4.0's words, naming the parameter.
bool parse_option_bool(std::string_view name, const std::string& value);
std::uint64_t parse_option_number(std::string_view name, const std::string& value);
std::uint64_t parse_option_size(std::string_view name, const std::string& value);

enum class SizeError : std::uint8_t { none, invalid, range };

struct SizeResult {
  SizeError error = SizeError::none;
  std::uint64_t bytes = 0;
};

// 4.0's qemu_strtosz; `default_suffix` ('B', 'M', ...) counts when the text has none.
SizeResult qemu_strtosz(const std::string& text, char default_suffix = 'B');

}  // namespace options
