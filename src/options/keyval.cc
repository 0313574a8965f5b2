// Keyval: "a=1,b.c=2,list.0=x" as a tree (qom-semantics 212 to 217). Stricter than option
// groups: a key is a name, dots make levels, and '=' may not be left out.
//
// All keys are first put into dictionaries; a dictionary whose keys are numbers is then
// made a list, because only the whole text tells that no number is missing.
#include <algorithm>
#include <cctype>
#include <charconv>

#include "options/document.h"
#include "options/opts.h"

namespace options {

using Kind = Document::Kind;

constexpr std::size_t longest_part = 127;
constexpr std::size_t most_levels = 256;  // no text may exhaust the stack

static std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_name_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

// A letter first, or a number: an index of a list.
static bool part_wellformed(std::string_view part, bool first) {
  if (part.empty() || !std::all_of(part.begin(), part.end(), is_name_letter)) {
    return false;
  }
  if (is_digit(part[0])) {
    return !first && std::all_of(part.begin(), part.end(), is_digit);
  }
  return part[0] != '-' && part[0] != '_';
}

static std::vector<std::string_view> key_parts(std::string_view key) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('.', begin), key.size());
    const std::string_view part = key.substr(begin, end - begin);
    if (!part_wellformed(part, begin == 0)) {
      throw qom::Error("Invalid parameter " + quoted(key));
    }
    if (part.size() > longest_part || parts.size() == most_levels) {
      throw qom::Error("Parameter " + quoted(key) + " is too long");
    }
    parts.push_back(part);
    begin = end + 1;
  }
  return parts;
}

// "01" and "1" are the same place of a list.
static std::string place(std::string_view part) {
  if (!is_digit(part[0])) {
    return std::string(part);
  }
  const std::size_t digits = std::min(part.find_first_not_of('0'), part.size() - 1);
  return std::string(part.substr(digits));
}

static Document& member(Document& dictionary, const std::string& name) {
  for (auto& [key, value] : dictionary.members) {
    if (key == name) {
      return value;
    }
  }
  dictionary.members.push_back({std::string(name), {}});
  return dictionary.members.back().value;
}

static void put(Document& root, std::string_view key, std::string value) {
  const std::vector<std::string_view> parts = key_parts(key);
  Document* at = &root;
  std::size_t end = 0;
  for (const std::string_view part : parts) {
    if (at->kind == Kind::text) {
      throw qom::Error("Parameters " +
                       quoted(std::string(key.substr(0, end - 1)) + ".*") +
                       " used inconsistently");
    }
    at->kind = Kind::dictionary;
    at = &member(*at, place(part));
    end += part.size() + 1;
  }
  if (at->kind == Kind::dictionary) {
    throw qom::Error("Parameters " + quoted(std::string(key) + ".*") +
                     " used inconsistently");
  }
  at->kind = Kind::text;
  at->scalar = std::move(value);
}

// ---- the text -----------------------------------------------------------------------

struct KeyvalReader {
  std::string_view text;

  std::string value() {
    std::string result;
    while (!text.empty()) {
      if (text[0] == ',') {
        text.remove_prefix(1);
        if (!text.starts_with(',')) {
          break;  // the end of the value
        }
      }
      result += text[0];
      text.remove_prefix(1);
    }
    return result;
  }
};

static bool take_help(std::string_view word, bool* help) {
  if (help == nullptr || !is_help_option(word)) {
    return false;
  }
  *help = true;
  return true;
}

static void read_pair(KeyvalReader& in, Document& root, const char* implied, bool* help) {
  const std::size_t end = std::min(in.text.find_first_of("=,"), in.text.size());
  const std::string_view word = in.text.substr(0, end);
  if (end < in.text.size() && in.text[end] == '=') {
    in.text.remove_prefix(end + 1);
    put(root, word, in.value());
    return;
  }
  in.text.remove_prefix(std::min(end + 1, in.text.size()));
  if (take_help(word, help)) {
    return;
  }
  if (implied != nullptr && !word.empty()) {
    put(root, implied, std::string(word));
    return;
  }
  if (word.empty() || !part_wellformed(word.substr(0, word.find('.')), true)) {
    throw qom::Error("Invalid parameter " + quoted(word));
  }
  throw qom::Error("Expected '=' after parameter " + quoted(word));
}

// ---- lists --------------------------------------------------------------------------

static void make_list(Document& value, const std::string& path) {
  std::vector<Document> items;
  for (std::size_t i = 0; i < value.members.size(); ++i) {
    const Document* item = value.find(std::to_string(i));
    if (item == nullptr) {
      throw qom::Error("Parameter " + quoted(path + "." + std::to_string(i)) +
                       " missing");
    }
    items.push_back(*item);
  }
  value.kind = Kind::list;
  value.items = std::move(items);
  value.members.clear();
}

static void listify(Document& value, const std::string& path) {
  std::size_t numbers = 0;
  for (auto& [key, inner] : value.members) {
    listify(inner, key_below(path, key));
    numbers += is_digit(key[0]) ? 1 : 0;
  }
  if (numbers != 0 && numbers != value.members.size()) {
    throw qom::Error("Parameters " + quoted(path + ".*") + " used inconsistently");
  }
  if (numbers != 0) {
    make_list(value, path);
  }
}

Document keyval_parse(std::string_view params, const char* implied_key, bool* help) {
  Document root;
  root.kind = Kind::dictionary;
  KeyvalReader in{params};
  const char* implied = implied_key;
  while (!in.text.empty()) {
    read_pair(in, root, implied, help);
    implied = nullptr;
  }
  listify(root, "");
  return root;
}

static void merge_at(Document& into, const Document& from, const std::string& path) {
  const bool scalars = into.kind != Kind::list && into.kind != Kind::dictionary &&
                       from.kind != Kind::list && from.kind != Kind::dictionary;
  if (!scalars && into.kind != from.kind) {
    throw qom::Error("Parameter " + quoted(path) + " used inconsistently");
  }
  if (scalars) {
    into = from;
    return;
  }
  into.items.insert(into.items.end(), from.items.begin(), from.items.end());
  for (const auto& [key, value] : from.members) {
    Document& there = member(into, key);
    if (there.kind == Kind::null) {
      there = value;
    } else {
      merge_at(there, value, key_below(path, key));
    }
  }
}

void keyval_merge(Document& into, const Document& from) {
  merge_at(into, from, "");
}

}  // namespace options
