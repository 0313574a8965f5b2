// What the trace tests share: event kinds to emit, and recording into a folder of
// the test's own.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

#include "trace/event.h"
#include "trace/read/check.h"
#include "trace/read/reader.h"
#include "trace/session.h"

namespace trace_test {

struct Step {
  static constexpr trace::Declaration declaration{"test_step", trace::Category::qom,
                                                  trace::Shape::span,
                                                  "A span with one of everything."};
  std::string_view name;
  bool flag = false;
  int number = 0;
  std::uint64_t natural = 0;
  double real = 0;
  trace::Hex address{};
  trace::ObjectId object{};
  std::uint64_t when = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("name", &Step::name, "what is done"),
        trace::state("flag", &Step::flag), trace::state("number", &Step::number),
        trace::state("natural", &Step::natural), trace::state("real", &Step::real),
        trace::state("address", &Step::address), trace::identity("object", &Step::object),
        trace::volatile_field("when", &Step::when));
  }

  struct Result {
    int error = 0;

    static constexpr auto fields() {
      return trace::fields(trace::state("error", &Result::error, "0 or what went wrong"));
    }
  };
};

struct Point {
  static constexpr trace::Declaration declaration{"test_point", trace::Category::guest,
                                                  trace::Shape::instant, "A point."};
  std::string_view text;

  static constexpr auto fields() {
    return trace::fields(trace::identity("text", &Point::text, "anything"));
  }
};

struct Level {
  static constexpr trace::Declaration declaration{"test_level", trace::Category::device,
                                                  trace::Shape::counter, "A level."};
  std::uint64_t value = 0;

  static constexpr auto fields() {
    return trace::fields(trace::state("value", &Level::value, "how much"));
  }
};

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(std::filesystem::file_size(path), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

inline void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

// A session that starts empty, in a folder that the test owns.
class Recording : public testing::Test {
 protected:
  Recording() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("vitrine-" + std::string(info->test_suite_name()) + "-" + info->name() +
               "-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    trace::discard();
  }

  ~Recording() override {
    trace::discard();
    std::filesystem::remove_all(folder_);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  // Records what `body` emits and gives back the trace's text.
  template <class Body>
  std::string record(const Body& body, std::size_t ring_bytes = 0) {
    trace::open({.file = path("t.json"), .ring_bytes = ring_bytes});
    body();
    trace::close();
    return read_file(path("t.json"));
  }

  std::filesystem::path folder_;
};

inline std::uint64_t validate_text(const std::string& text) {
  trace::Reader reader(text, "text");
  return trace::validate(reader);
}

inline std::string canonical_text(const std::string& text) {
  trace::Reader reader(text, "text");
  return trace::canonical(reader, {});
}

// Everything a reader gives, written again.
class Collected : public trace::detail::Output {
 public:
  void write(std::string_view bytes) override { text += bytes; }

  void finish() override {}

  std::string text;
};

inline std::string read_and_write(const std::string& text) {
  Collected collected;
  trace::detail::JsonText out(collected);
  trace::Reader reader(text, "text");
  trace::write_again(out, reader.header());
  trace::Event event;
  while (reader.next(event)) {
    trace::write_again(out, event);
  }
  trace::write_end(out);
  out.flush();
  return collected.text;
}

}  // namespace trace_test
