#include "viz/diff/sequence.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

#include "viz/diff/words.h"

namespace viz::diff {

namespace {

using Position = std::int64_t;

// Lists longer than this are cut at unique runs before they are searched.
constexpr std::size_t long_list = 1 << 14;
constexpr std::size_t anchor_run = 6;
// An edit distance up to which the result is exact; beyond it grows with the root of
// the length, so that the whole stays near linear.
constexpr Position exact_distance = 512;

// A part of both lists that is still to be compared.
struct Box {
  Position a = 0, a_end = 0;
  Position b = 0, b_end = 0;

  bool empty() const { return a == a_end || b == b_end; }
};

// Myers' linear-space search: the middle of a shortest edit path, found from both ends
// at once.
class Middle {
 public:
  Middle(Symbols a, Symbols b, Work& work)
      : a_(a), b_(b), work_(work), forward_(a.size() + b.size() + 3) {
    backward_.resize(forward_.size());
    const auto root = static_cast<Position>(std::bit_ceil(forward_.size()));
    Position bound = 1;
    while (bound * bound < root) {
      bound *= 2;
    }
    limit_ = std::max(exact_distance, bound);
  }

  // A point on the path, neither the first nor the last corner of `box`; the box has
  // neither a common beginning nor a common end.
  Match find(const Box& box);

  // True once a point was not on a shortest path.
  bool gave_up() const { return gave_up_; }

 private:
  struct Diagonals {
    Position low = 0, high = 0;
  };

  Position& forward(Position diagonal) { return forward_[index(diagonal)]; }

  Position& backward(Position diagonal) { return backward_[index(diagonal)]; }

  std::size_t index(Position diagonal) const {
    return static_cast<std::size_t>(diagonal - lowest_ + 1);
  }

  bool step_forward(const Box& box, Position d, Match& meeting);
  bool step_backward(const Box& box, Position d, Match& meeting);
  Match furthest(const Box& box);

  Symbols a_, b_;
  Work& work_;
  std::vector<Position> forward_, backward_;  // by diagonal: how far in `a`
  Position limit_ = 0;
  Position lowest_ = 0;           // the diagonal a - b that index 1 stands for
  Position start_ = 0, end_ = 0;  // diagonals of the two corners
  Diagonals ahead_, behind_;
  bool odd_ = false;
  bool gave_up_ = false;
};

bool Middle::step_forward(const Box& box, Position d, Match& meeting) {
  ahead_.low = ahead_.low > box.a - box.b_end ? ahead_.low - 1 : ahead_.low + 1;
  ahead_.high = ahead_.high < box.a_end - box.b ? ahead_.high + 1 : ahead_.high - 1;
  if (ahead_.low == start_ - d) {
    forward(ahead_.low - 1) = -1;
  }
  if (ahead_.high == start_ + d) {
    forward(ahead_.high + 1) = -1;
  }
  for (Position k = ahead_.high; k >= ahead_.low; k -= 2) {
    const Position down = forward(k + 1), right = forward(k - 1) + 1;
    Position x = std::max(down, right);
    Position y = x - k;
    while (x < box.a_end && y < box.b_end &&
           a_[static_cast<std::size_t>(x)] == b_[static_cast<std::size_t>(y)]) {
      ++x;
      ++y;
      ++work_.visits;
    }
    ++work_.visits;
    forward(k) = x;
    if (odd_ && k >= behind_.low && k <= behind_.high && backward(k) <= x) {
      meeting = {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y)};
      return true;
    }
  }
  return false;
}

bool Middle::step_backward(const Box& box, Position d, Match& meeting) {
  constexpr Position beyond = INT64_MAX / 2;
  behind_.low = behind_.low > box.a - box.b_end ? behind_.low - 1 : behind_.low + 1;
  behind_.high = behind_.high < box.a_end - box.b ? behind_.high + 1 : behind_.high - 1;
  if (behind_.low == end_ - d) {
    backward(behind_.low - 1) = beyond;
  }
  if (behind_.high == end_ + d) {
    backward(behind_.high + 1) = beyond;
  }
  for (Position k = behind_.high; k >= behind_.low; k -= 2) {
    const Position up = backward(k - 1), left = backward(k + 1) - 1;
    Position x = std::min(up, left);
    Position y = x - k;
    while (x > box.a && y > box.b &&
           a_[static_cast<std::size_t>(x - 1)] == b_[static_cast<std::size_t>(y - 1)]) {
      --x;
      --y;
      ++work_.visits;
    }
    ++work_.visits;
    backward(k) = x;
    if (!odd_ && k >= ahead_.low && k <= ahead_.high && x <= forward(k)) {
      meeting = {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y)};
      return true;
    }
  }
  return false;
}

// Gives up on the shortest path: the point that has come furthest from its end.
Match Middle::furthest(const Box& box) {
  // If there were none: all of `a` goes, all of `b` comes.
  Match point{static_cast<std::uint32_t>(box.a_end), static_cast<std::uint32_t>(box.b)};
  Position best = 0;
  const auto consider = [&](Position x, Position y, Position way) {
    if (x >= box.a && x <= box.a_end && y >= box.b && y <= box.b_end && way > best) {
      best = way;
      point = {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y)};
    }
  };
  for (Position k = ahead_.low; k <= ahead_.high; k += 2) {
    const Position x = forward(k), y = x - k;
    consider(x, y, x + y - box.a - box.b);
  }
  for (Position k = behind_.low; k <= behind_.high; k += 2) {
    const Position x = backward(k), y = x - k;
    consider(x, y, box.a_end + box.b_end - x - y);
  }
  return point;
}

Match Middle::find(const Box& box) {
  start_ = box.a - box.b;
  end_ = box.a_end - box.b_end;
  lowest_ = box.a - box.b_end;
  odd_ = ((start_ - end_) & 1) != 0;
  ahead_ = {start_, start_};
  behind_ = {end_, end_};
  forward(start_) = box.a;
  backward(end_) = box.a_end;
  Match meeting;
  for (Position d = 1;; ++d) {
    if (step_forward(box, d, meeting) || step_backward(box, d, meeting)) {
      return meeting;
    }
    if (d >= limit_) {
      gave_up_ = true;
      return furthest(box);
    }
  }
}

// Takes off what both ends share; the beginning goes into `found`, the end into `tail`.
void trim(Symbols a, Symbols b, Box& box, Matches& found, Work& work) {
  while (!box.empty() &&
         a[static_cast<std::size_t>(box.a)] == b[static_cast<std::size_t>(box.b)]) {
    found.push_back(
        {static_cast<std::uint32_t>(box.a++), static_cast<std::uint32_t>(box.b++)});
    ++work.visits;
  }
  while (!box.empty() && a[static_cast<std::size_t>(box.a_end - 1)] ==
                             b[static_cast<std::size_t>(box.b_end - 1)]) {
    found.push_back({static_cast<std::uint32_t>(--box.a_end),
                     static_cast<std::uint32_t>(--box.b_end)});
    ++work.visits;
  }
}

enum class Stop { never, when_uncertain };

void search(Symbols a, Symbols b, const Box& whole, Middle& middle, Stop stop,
            Matches& found, Work& work) {
  std::vector<Box> boxes{whole};
  while (!boxes.empty()) {
    Box box = boxes.back();
    boxes.pop_back();
    trim(a, b, box, found, work);
    if (box.empty()) {
      continue;
    }
    const Match at = middle.find(box);
    if (stop == Stop::when_uncertain && middle.gave_up()) {
      return;
    }
    const Position x = at.a, y = at.b;
    boxes.push_back({box.a, x, box.b, y});
    boxes.push_back({x, box.a_end, y, box.b_end});
  }
}

std::vector<std::uint64_t> runs_of(Symbols symbols, std::size_t length) {
  std::vector<std::uint64_t> runs;
  if (symbols.size() < length) {
    return runs;
  }
  runs.reserve(symbols.size() - length + 1);
  for (std::size_t i = 0; i + length <= symbols.size(); ++i) {
    std::uint64_t run = symbols[i];
    for (std::size_t k = 1; k < length; ++k) {
      run = mix(run, symbols[i + k]);
    }
    runs.push_back(run);
  }
  return runs;
}

}  // namespace

Matches longest_ascending(const Matches& matches) {
  std::vector<std::uint32_t> ends;  // by length - 1: the match a run so long ends with
  std::vector<std::uint32_t> before(matches.size());
  for (std::uint32_t i = 0; i < matches.size(); ++i) {
    const auto place = std::ranges::lower_bound(
        ends, matches[i].b, {}, [&](std::uint32_t end) { return matches[end].b; });
    before[i] = place == ends.begin() ? i : *(place - 1);
    if (place == ends.end()) {
      ends.push_back(i);
    } else {
      *place = i;
    }
  }
  Matches longest(ends.size());
  std::uint32_t at = ends.empty() ? 0 : ends.back();
  for (std::size_t left = longest.size(); left > 0; --left) {
    longest[left - 1] = matches[at];
    at = before[at];
  }
  return longest;
}

Matches unique_anchors(Symbols a, Symbols b, std::size_t length, Work& work) {
  constexpr std::uint32_t many = 0xffffffff;

  struct Place {
    std::uint32_t a = many, b = many;
    std::uint32_t count_a = 0, count_b = 0;
  };

  std::unordered_map<std::uint64_t, Place> places;
  const std::vector<std::uint64_t> runs_a = runs_of(a, length),
                                   runs_b = runs_of(b, length);
  work.visits += runs_a.size() + runs_b.size();
  places.reserve(runs_a.size());
  for (std::uint32_t i = 0; i < runs_a.size(); ++i) {
    Place& place = places[runs_a[i]];
    place.a = i;
    ++place.count_a;
  }
  for (std::uint32_t i = 0; i < runs_b.size(); ++i) {
    if (const auto found = places.find(runs_b[i]); found != places.end()) {
      found->second.b = i;
      ++found->second.count_b;
    }
  }
  Matches matches;
  for (std::uint32_t i = 0; i < runs_a.size(); ++i) {
    const Place& place = places[runs_a[i]];
    if (place.count_a == 1 && place.count_b == 1) {
      matches.push_back({i, place.b});
    }
  }
  return longest_ascending(matches);
}

std::optional<Matches> longest_common_subsequence(Symbols a, Symbols b, Work& work) {
  Matches found;
  Box whole{0, static_cast<Position>(a.size()), 0, static_cast<Position>(b.size())};
  trim(a, b, whole, found, work);
  if (!whole.empty()) {
    Middle middle(a, b, work);
    search(a, b, whole, middle, Stop::when_uncertain, found, work);
    if (middle.gave_up()) {
      return std::nullopt;
    }
  }
  std::ranges::sort(found, {}, &Match::a);
  return found;
}

Matches common_subsequence(Symbols a, Symbols b, Work& work) {
  Matches found;
  Box whole{0, static_cast<Position>(a.size()), 0, static_cast<Position>(b.size())};
  trim(a, b, whole, found, work);
  if (whole.empty()) {
    std::ranges::sort(found, {}, &Match::a);
    return found;
  }
  Middle middle(a, b, work);
  if (a.size() + b.size() > long_list) {
    const auto part = [](Symbols of, Position from, Position to) {
      return of.subspan(static_cast<std::size_t>(from),
                        static_cast<std::size_t>(to - from));
    };
    const Matches anchors = unique_anchors(
        part(a, whole.a, whole.a_end), part(b, whole.b, whole.b_end), anchor_run, work);
    Box rest = whole;
    for (const Match& anchor : anchors) {
      const Position x = whole.a + anchor.a, y = whole.b + anchor.b;
      if (x >= rest.a && y >= rest.b) {
        search(a, b, {rest.a, x, rest.b, y}, middle, Stop::never, found, work);
        rest.a = x;
        rest.b = y;
        while (!rest.empty() && a[static_cast<std::size_t>(rest.a)] ==
                                    b[static_cast<std::size_t>(rest.b)]) {
          found.push_back({static_cast<std::uint32_t>(rest.a++),
                           static_cast<std::uint32_t>(rest.b++)});
        }
      }
    }
    search(a, b, rest, middle, Stop::never, found, work);
  } else {
    search(a, b, whole, middle, Stop::never, found, work);
  }
  std::ranges::sort(found, {}, &Match::a);
  return found;
}

}  // namespace viz::diff
