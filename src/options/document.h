// Options with structure: -blockdev and its like take a tree of keys, written either as
// "driver=qcow2,file.driver=file,file.filename=x" (keyval, qom-semantics section M) or as
// JSON. Both become a Document. Flat options (-device, -object, -netdev) may be given as
// JSON too, as QEMU does since 6.0; flatten() makes them ordinary options again.
//
// What a user got wrong is thrown as qom::Error in 4.0's words. Thread rule: none; these
// are plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace options {

struct Document {
  enum class Kind : std::uint8_t { null, boolean, number, text, list, dictionary };
  Kind kind = Kind::null;
  std::string scalar;           // boolean ("on", "off"), number, text
  std::vector<Document> items;  // of a list
  struct Member;                // of a dictionary
  std::vector<Member> members;  // in the order given

  const Document* find(std::string_view key) const;  // nullptr if there is none
  // The scalar of a member; empty if there is none.
  std::string_view text(std::string_view key) const;
};

// Not a std::pair: clang cannot have one of a type that is not complete yet.
struct Document::Member {
  std::string key;
  Document value;
};

// "a=1,b.c=2,list.0=x". `implied_key`: what a first element without '=' stands for, or
// nullptr. `help`, if given, tells whether "help" or "?" stood alone somewhere; without
// it, as in 4.0, these are words like any other.
Document keyval_parse(std::string_view params, const char* implied_key, bool* help);
// Repeated options: scalars are replaced, dictionaries merged, lists appended. Throws
// "Parameter 'a.b' used inconsistently".
void keyval_merge(Document& into, const Document& from);

// One JSON value and nothing behind it; single quotes are taken too, as in QEMU.
Document json_parse(std::string_view text);
bool looks_like_json(std::string_view text);

// JSON if it looks so, else keyval.
Document document_parse(std::string_view text, const char* implied_key);

// "path.key"; the key alone at the top.
std::string key_below(const std::string& path, const std::string& key);

// A dictionary as "key", "text" in order: {"a":{"b":1}} is a.b=1, a list of numbers is
// "0,1", a list of {"str":x} repeats the key.
std::vector<std::pair<std::string, std::string>> flatten(const Document& dictionary);

}  // namespace options
