// How a trace becomes a tree: events go in one by one, in the order of the file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "viz/diff/tree.h"

namespace viz::diff {

class TreeBuilder {
 public:
  TreeBuilder(std::string file, LoadOptions options);

  void metadata(std::vector<std::pair<std::string, std::string>> pairs);
  void thread(int tid, std::string name);

  void lost(std::uint64_t count) { tree_.lost_ = count; }

  void started(std::string time) { tree_.started_ = std::move(time); }

  // Throws std::runtime_error for what cannot be a tree: a step inside one that is not
  // open, more events than allowed.
  void event(const trace::Event& event);

  // The finished tree; the builder is empty afterwards.
  Tree finish();

 private:
  struct Open {
    std::uint64_t seq = 0;
    Index node = none;  // `none`: left out; its children hang on what is above
  };

  struct Thread {
    std::string name;
    std::vector<Node> nodes;  // parent: index in here, `none` for the thread
    std::vector<Open> open;
  };

  struct KindPlace {
    std::uint16_t kind = 0;
    bool wanted = true;
    std::vector<bool> kept;  // by field, then result: not volatile
  };

  const KindPlace& place_of(const trace::KindText& kind);
  bool wanted(const trace::Event& event) const;
  void add_values(const trace::Event& event, const KindPlace& place, Node& node);
  void join_threads();
  void name_objects();
  void note_child(Index node);
  void set_keys();
  void set_hashes();

  struct Child {
    Word parent = 0;
    std::uint64_t part = 0;  // which of its parent's children it is
  };

  std::uint64_t name_of(Word object);
  std::uint64_t nameless(Word object);

  Tree tree_;
  LoadOptions options_;
  std::map<int, Thread> threads_;
  std::unordered_map<const trace::KindText*, KindPlace> places_;
  const trace::KindText* last_kind_ = nullptr;
  const KindPlace* last_place_ = nullptr;
  std::uint32_t events_ = 0;
  std::vector<Word> objects_;  // in the order they were first mentioned
  std::unordered_set<Word> seen_objects_;
  std::unordered_map<Word, Child> places_in_tree_;
  std::unordered_map<std::uint64_t, std::uint32_t> ordinals_;
};

}  // namespace viz::diff
