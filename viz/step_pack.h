// Events as a page wants them: small, and quick to read back. A trace of half a million
// events is a hundred megabytes of JSON, which a browser takes seconds to parse; here it
// is about six, because what repeats is said once:
//
//   texts   every text, once; a step has its number
//   shapes  what steps of one kind, place and thread share:
//           [name, cat, phase, tid, loc, [[argument, type], ...]]
//   steps   bytes. A step is numbers of seven bits a byte, the last with bit 7 clear:
//
//     tag     shape * 2, + 1 if an earlier step is replaced (then its index follows, and
//             the next three are left out)
//     time    nanoseconds since the step before, times 2; -n is 2n - 1
//     seq     its difference to the step before, in the same way
//     parent  how many steps back the enclosing one is; 0: none
//     length  nanoseconds; spans only
//     values  one for each argument, by type:
//             t text: its number      n natural, x hexadecimal: itself
//             m negative: the amount  b boolean: 0 or 1
//             j anything else: the number of its JSON text
//
// What a replaced step has beyond that is again length and values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "trace/read/reader.h"

namespace viz {

class StepPack {
 public:
  // Takes a span, open span or instant. `parent` is the seq of the enclosing step; if no
  // step with it was added, or 0, there is none. A seq that was added before replaces
  // that step: a span that has ended since.
  void add(const trace::Event& event, std::uint64_t parent);

  // Everything added since the last call: {"shapes":[...],"texts":[...],"steps":N,
  // "values":N,"bytes":"base64"}. All of it is ASCII without '<' and '@'.
  std::string take();

  // Steps since the beginning.
  std::uint64_t size() const { return size_; }

 private:
  std::uint32_t text(std::string_view text);
  std::uint32_t shape_of(const trace::Event& event);
  void number(std::uint64_t value);
  void difference(std::uint64_t value, std::uint64_t before);

  std::unordered_map<std::string, std::uint32_t> texts_, shapes_;
  std::unordered_map<std::uint64_t, std::uint64_t> spans_;  // seq -> index
  std::string new_texts_, new_shapes_, steps_, key_;
  std::uint64_t size_ = 0, taken_ = 0, values_ = 0, last_ts_ = 0, last_seq_ = 0;
};

// Bytes as base64, with padding.
std::string base64(std::string_view bytes);

// A JSON string of ASCII without '<', '>', '&' and '@': fit to stand anywhere in a page.
std::string page_string(std::string_view text);

}  // namespace viz
