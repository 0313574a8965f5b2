// What both forms of a document share.
#include "options/document.h"

#include "options/opts.h"

namespace options {

using Kind = Document::Kind;

const Document* Document::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) {
      return &value;
    }
  }
  return nullptr;
}

std::string_view Document::text(std::string_view key) const {
  const Document* member = find(key);
  return member == nullptr ? std::string_view() : member->scalar;
}

bool looks_like_json(std::string_view text) {
  return text.starts_with('{');
}

Document document_parse(std::string_view text, const char* implied_key) {
  return looks_like_json(text) ? json_parse(text)
                               : keyval_parse(text, implied_key, nullptr);
}

// ---- one level again --------------------------------------------------------------

using Flat = std::vector<std::pair<std::string, std::string>>;

static bool is_scalar(const Document& value) {
  return value.kind != Kind::list && value.kind != Kind::dictionary;
}

static bool all_scalars(const Document& list) {
  for (const Document& item : list.items) {
    if (!is_scalar(item)) {
      return false;
    }
  }
  return true;
}

// A word of libvirt's: {"str":"tcp::2222-:22"}.
static const Document* boxed_string(const Document& item) {
  return item.kind == Kind::dictionary && item.members.size() == 1 ? item.find("str")
                                                                   : nullptr;
}

static void flatten_value(Flat& flat, const std::string& key, const Document& value);

static void flatten_list(Flat& flat, const std::string& key, const Document& list) {
  if (all_scalars(list)) {
    std::string joined;
    for (const Document& item : list.items) {
      joined += (joined.empty() ? "" : ",") + item.scalar;
    }
    flat.emplace_back(key, joined);
    return;
  }
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Document* boxed = boxed_string(list.items[i]);
    if (boxed != nullptr) {
      flat.emplace_back(key, boxed->scalar);
    } else {
      flatten_value(flat, key + "." + std::to_string(i), list.items[i]);
    }
  }
}

std::string key_below(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

static void flatten_value(Flat& flat, const std::string& key, const Document& value) {
  if (value.kind == Kind::list) {
    flatten_list(flat, key, value);
  } else if (value.kind == Kind::dictionary) {
    for (const auto& [name, member] : value.members) {
      flatten_value(flat, key_below(key, name), member);
    }
  } else {
    flat.emplace_back(key, value.scalar);
  }
}

Flat flatten(const Document& dictionary) {
  Flat flat;
  flatten_value(flat, "", dictionary);
  return flat;
}

}  // namespace options
