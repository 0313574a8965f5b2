// A trace as a tree to compare: every step in the order of its thread, flat in one
// array, so that a step and all that happened inside it are neighbours:
//
//   0 trace ── 1 thread "main" ── 2 register_module_init
//                              ├─ 3 phase modules ── 4 module_call_init ── ...
//                              └─ ...
//           └─ n thread "vcpu 0" ── ...
//
// Steps i+1 .. i+size-1 lie inside step i. Identity and state values are kept as words,
// volatile ones are not kept: nothing compares them. Objects are named by their place in
// the composition tree, not by the number they were created under, so that one device
// more does not rename all that come after it.
//
// Thread rule: a tree belongs to one thread; a finished one may be read by many.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "trace/read/reader.h"
#include "viz/diff/words.h"

namespace viz::diff {

using Index = std::uint32_t;
inline constexpr Index none = 0xffffffff;

struct FieldOf {
  std::string name;
  bool identity = true;  // else state
};

// An event kind as far as comparing needs it: without volatile fields.
struct KindOf {
  std::string name;
  std::string cat;
  std::vector<FieldOf> fields;     // those known at the end behind the others
  std::size_t before_results = 0;  // how many are known at once
  std::size_t numbered = none;     // the field that is a name with a running number
  std::size_t stamped = none;      // the field that is a line with a time stamp
  std::uint64_t hash = 0;          // of name, category, shape
};

struct Node {
  std::uint16_t kind = 0;
  bool has_results = false;
  bool ended = true;  // false: open when the trace ended
  Index parent = none;
  Index size = 1;            // itself and everything inside
  std::uint32_t values = 0;  // where its values begin
  Word loc = 0;
  std::uint32_t seq = 0;  // 0 for the trace and its threads
  std::uint64_t ts_ns = 0;
  std::uint64_t dur_ns = 0;
  std::uint64_t key = 0;   // what it is: kind and identity values
  std::uint64_t hash = 0;  // key, state and everything inside
};

struct LoadOptions {
  std::set<std::string, std::less<>> categories;  // empty: all
  std::set<std::string, std::less<>> leave_out;   // event names
  std::uint32_t max_events = 20'000'000;          // more are refused
};

class Tree {
 public:
  // Reads a trace file (.json, .ndjson, compressed, "-"). Throws trace::ReadError,
  // std::system_error, std::runtime_error.
  static Tree load(const std::string& file, const LoadOptions& options = {});
  // The same from memory; `name` is for messages.
  static Tree from_text(std::string_view text, const std::string& name,
                        const LoadOptions& options = {});

  Index size() const { return static_cast<Index>(nodes_.size()); }

  // How many events it holds: nodes without the trace and its threads.
  Index steps() const { return size() - 1 - threads_; }

  const Node& operator[](Index node) const { return nodes_[node]; }

  const KindOf& kind(Index node) const { return kinds_[nodes_[node].kind]; }

  // As many as kind().fields, or fewer where a span gave no result.
  std::span<const Word> values(Index node) const;

  // Equal in two trees where the value of a step means the same thing.
  std::uint64_t meaning(Index node, std::size_t value) const;

  const Words& words() const { return words_; }

  std::string_view text(Word word) const { return words_.text(word); }

  // The value of a field by its name, quotes taken off; empty if absent.
  std::string_view value(Index node, std::string_view field) const;

  // "type_initialize edu": name and identity values, for people.
  std::string label(Index node) const;

  std::string_view loc(Index node) const { return words_.text(nodes_[node].loc); }

  // Where an object stands ("/machine/unattached/device[3]"); empty if nowhere.
  std::string_view path_of(std::string_view object) const;

  // The object that stands at a path; empty if none.
  std::string_view object_at(Word path) const;

  // The children of a node, first to last.
  std::vector<Index> children(Index node) const;

  Index last(Index node) const { return node + nodes_[node].size; }  // behind it

  Index thread_of(Index node) const;

  const std::string& file() const { return file_; }

  std::string_view metadata(std::string_view key) const;

  std::uint64_t lost() const { return lost_; }

  // Wall clock, UTC: "2026-01-31T12:00:00.000Z".
  const std::string& started() const { return started_; }

  // The first span that is a phase of the start; size() if there is none.
  Index first_phase() const { return first_phase_; }

 private:
  friend class TreeBuilder;
  Tree() = default;

  std::string file_, started_;
  Words words_;
  std::vector<std::uint64_t> meanings_;
  std::vector<KindOf> kinds_;
  std::vector<Node> nodes_;
  std::vector<Word> values_;
  std::unordered_map<Word, Word> paths_;  // object: its path
  std::vector<std::pair<std::string, std::string>> metadata_;
  Index threads_ = 0;
  std::uint64_t lost_ = 0;
  Index first_phase_ = 0;
};

// A JSON value as it stands in a trace without its quotes.
std::string_view unquoted(std::string_view json);

}  // namespace viz::diff
