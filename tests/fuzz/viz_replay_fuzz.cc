// The replay page, from two sides, by the first byte. Even: the rest is a trace's text,
// and an accepted one becomes a page that holds each of its steps. Odd: the rest makes
// events of any kinds and values, packed in parts with spans that end later, and read
// back they must be the same. Whatever goes in, nothing comes out that could end or open
// markup.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "../viz/step_unpack.h"
#include "trace/json_text.h"
#include "viz/replay.h"
#include "viz/step_pack.h"

namespace {

using trace::Type;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Values from the front of the bytes; zeros behind their end.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  std::uint8_t byte() { return size_ == 0 ? 0 : (--size_, *data_++); }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int i = byte() % 9; i > 0; --i) {
      value = value << 8 | byte();
    }
    return value;
  }

  std::string text() {
    std::string value;
    for (int i = byte() % 24; i > 0; --i) {
      value += static_cast<char>(byte());
    }
    return value;
  }

  bool empty() const { return size_ == 0; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

// As a page shows it: bytes that are no UTF-8 are U+FFFD.
std::string shown(std::string_view text) {
  std::string to;
  while (!text.empty()) {
    const std::size_t length = trace::detail::utf8_length(text);
    to += length == 0 ? "\xef\xbf\xbd" : std::string(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return to;
}

void require_harmless(std::string_view part) {
  for (const char c : part) {
    require(c >= ' ' && c < 0x7f && c != '<' && c != '>' && c != '&' && c != '@');
  }
}

struct Expected {
  std::string name, ph;
  int tid = 0;
  std::uint64_t ts_ns = 0, dur_ns = 0, seq = 0, par = 0;
  std::vector<nlohmann::json> values;
};

constexpr std::uint64_t largest_exact = std::uint64_t{1} << 53;

class Events {
 public:
  explicit Events(Bytes bytes) : bytes_(bytes) {
    const int kinds = 1 + bytes_.byte() % 6;
    for (int i = 0; i < kinds; ++i) {
      trace::KindText& kind = kinds_.emplace_back();
      kind.name = bytes_.text();
      kind.cat = bytes_.text();
      for (int k = bytes_.byte() % 5; k > 0; --k) {
        kind.fields.push_back({bytes_.text(), trace::Role::identity,
                               static_cast<Type>(bytes_.byte() % 7), ""});
      }
    }
  }

  void run() {
    while (!bytes_.empty() && expected_.size() < 500) {
      one();
      if (bytes_.byte() % 8 == 0) {
        take();
      }
    }
    take();
    require(unpacker_.steps.size() == expected_.size());
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      compare(expected_[i], unpacker_.steps[i]);
    }
  }

 private:
  void take() {
    const std::string part = pack_.take();
    require_harmless(part);
    unpacker_.add(part);
  }

  // A number that a page cannot hold exactly goes as its JSON text.
  nlohmann::json argument(const trace::FieldText& field, trace::Event& event) {
    trace::Arg arg;
    arg.field = &field;
    arg.bits = bytes_.number();
    nlohmann::json value = arg.bits;
    switch (field.type) {
      case Type::text:
      case Type::object:
        arg.text = texts_.emplace_back(bytes_.text());
        value = shown(arg.text);
        break;
      case Type::boolean:
        arg.bits &= 1;
        value = arg.bits == 1;
        break;
      case Type::integer:
        value = static_cast<std::int64_t>(arg.bits);
        break;
      case Type::real:
        value = static_cast<double>(arg.bits) / 2;
        break;
      case Type::hex: {
        std::array<char, 20> room{};
        std::snprintf(room.data(), room.size(), "0x%llx",
                      static_cast<unsigned long long>(arg.bits));
        value = std::string(room.data());
        break;
      }
      case Type::natural:
        break;
    }
    arg.json = texts_.emplace_back(
        value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    event.args.push_back(arg);
    return value;
  }

  void one() {
    trace::Event event;
    const trace::KindText& kind = kinds_[bytes_.byte() % kinds_.size()];
    const std::uint8_t how = bytes_.byte();
    event.kind = &kind;
    event.phase = how % 3 == 0   ? trace::Phase::span
                  : how % 3 == 1 ? trace::Phase::open_span
                                 : trace::Phase::instant;
    event.tid = bytes_.byte();
    event.loc = texts_.emplace_back(bytes_.text());
    event.ts_ns = bytes_.number() % largest_exact;
    event.dur_ns = bytes_.number();
    Expected expected;
    expected.name = shown(kind.name);
    expected.ph = static_cast<char>(event.phase);
    expected.tid = event.tid;
    for (const trace::FieldText& field : kind.fields) {
      expected.values.push_back(argument(field, event));
    }
    expected.dur_ns = event.phase == trace::Phase::span ? event.dur_ns : 0;
    const auto earlier = spans_.find(bytes_.byte());
    if (how >= 128 && earlier != spans_.end()) {
      Expected& old = expected_[earlier->second];
      event.seq = old.seq;
      expected.seq = old.seq;
      expected.par = old.par;
      expected.ts_ns = old.ts_ns;
      old = expected;
      pack_.add(event, 0);
      return;
    }
    event.seq = expected.seq = expected_.size() + 1;
    expected.ts_ns = event.ts_ns;
    const auto parent = spans_.find(bytes_.byte());
    expected.par = parent == spans_.end() ? 0 : expected_[parent->second].seq;
    if (event.phase != trace::Phase::instant) {
      spans_[bytes_.byte()] = expected_.size();
    }
    expected_.push_back(expected);
    pack_.add(event, expected.par);
  }

  static void compare(const Expected& expected, const viz_test::UnpackedStep& step) {
    require(step.name == expected.name && step.ph == expected.ph &&
            step.tid == expected.tid && step.ts_ns == expected.ts_ns &&
            step.dur_ns == expected.dur_ns && step.seq == expected.seq &&
            step.par == expected.par && step.args.size() == expected.values.size());
    for (std::size_t i = 0; i < step.args.size(); ++i) {
      require(step.args[i].second == expected.values[i]);
    }
  }

  Bytes bytes_;
  std::deque<trace::KindText> kinds_;
  std::deque<std::string> texts_;
  viz::StepPack pack_;
  viz_test::Unpacker unpacker_;
  std::vector<Expected> expected_;
  std::map<std::uint8_t, std::size_t> spans_;
};

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

void page_of(std::string_view text) {
  try {
    trace::Reader reader(text, "input");
    const std::string title(text.substr(0, 40));
    const viz::ReplayPage page = viz::replay_page(reader, {.title = title});
    static const viz::ReplayPage plain = [] {
      trace::Reader empty(
          "[\n{\"name\":\"vitrine_trace\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{"
          "\"schema\":1,\"started\":\"2020-01-01T00:00:00.000Z\",\"process\":1,"
          "\"spans\":0,\"instants\":0,\"counters\":0,\"open\":0,\"lost\":0,"
          "\"unreadable\":0,\"metadata\":{}}},\n{\"name\":\"process_name\",\"ph\":\"M\","
          "\"pid\":1,\"tid\":0,\"args\":{\"name\":\"vitrine\"}},\n{\"name\":"
          "\"trace_end\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{\"name\":\"end\"}}"
          "\n]\n",
          "plain");
      return viz::replay_page(empty, {});
    }();
    require(count(page.html, "<") == count(plain.html, "<"));
    viz_test::Unpacker unpacker;
    unpacker.add(viz_test::element(page.html, "trace"));
    require(unpacker.steps.size() == page.steps);
  } catch (const std::runtime_error&) {
    return;  // no trace
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  if (data[0] % 2 == 0) {
    page_of({reinterpret_cast<const char*>(data + 1), size - 1});
  } else {
    Events(Bytes(data + 1, size - 1)).run();
  }
  return 0;
}
