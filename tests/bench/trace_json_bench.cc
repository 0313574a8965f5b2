// Turning a million recorded events into JSON, against nlohmann's dump() of the same
// events that are already in memory as its objects, and against reading them back.
// Goal: writing at least 5 times as fast.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "trace/convert.h"
#include "trace/event.h"
#include "trace/output.h"
#include "trace/read/check.h"
#include "trace/session.h"
#include "trace/writer.h"

namespace {

constexpr std::uint32_t events = 1'000'000;

struct Exit {
  static constexpr trace::Declaration declaration{"bench_exit", trace::Category::vcpu,
                                                  trace::Shape::span,
                                                  "An exit that is not one."};
  std::string_view device;
  trace::Hex port;
  std::uint32_t value = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("device", &Exit::device),
                         trace::identity("port", &Exit::port),
                         trace::state("value", &Exit::value));
  }
};

class Discarded final : public trace::detail::Output {
 public:
  void write(std::string_view bytes) override { size += bytes.size(); }

  void finish() override {}

  std::size_t size = 0;
};

class Collected final : public trace::detail::Output {
 public:
  void write(std::string_view bytes) override { text += bytes; }

  void finish() override {}

  std::string text;
};

// The record file of a million events, kept by a hard link when the session ends.
const std::string& record_file() {
  static const std::string path = [] {
    const auto folder = std::filesystem::temp_directory_path();
    const std::string file = (folder / "vitrine-bench.json").string();
    const std::string kept = (folder / "vitrine-bench.kept").string();
    trace::discard();
    trace::open({.file = file, .ring_bytes = std::size_t{1} << 30});
    for (std::uint32_t i = 0; i < events; ++i) {
      const trace::Span span{Exit{.device = "isa-serial", .port = {0x3f8}, .value = i}};
    }
    std::filesystem::remove(kept);
    std::filesystem::create_hard_link(file + ".rec", kept);
    trace::close();
    return kept;
  }();
  return path;
}

template <class Output>
void convert(Output& output) {
  using namespace trace::detail;
  const MappedFile mapped(record_file());
  RecordImage image = read_record_image(mapped.bytes());
  RowSet set = build_rows(image);
  const auto order = number_rows(set);
  JsonText text(output);
  write_chrome(text, {image, set, order});
  text.flush();
}

const std::string& json_text() {
  static const std::string text = [] {
    Collected collected;
    convert(collected);
    return collected.text;
  }();
  return text;
}

void records_to_json(benchmark::State& state) {
  record_file();
  for (auto _ : state) {
    Discarded discarded;
    convert(discarded);
    state.counters["MB"] = static_cast<double>(discarded.size) / 1e6;
  }
}

void records_to_json_file(benchmark::State& state) {
  const auto file = std::filesystem::temp_directory_path() / "vitrine-bench-out.json";
  record_file();
  for (auto _ : state) {
    trace::detail::convert(record_file(), file.string());
  }
  std::filesystem::remove(file);
}

void nlohmann_dump(benchmark::State& state) {
  const nlohmann::ordered_json document = nlohmann::ordered_json::parse(json_text());
  for (auto _ : state) {
    std::size_t size = 0;
    for (const auto& line : document) {
      size += line.dump().size() + 2;
    }
    benchmark::DoNotOptimize(size);
    state.counters["MB"] = static_cast<double>(size) / 1e6;
  }
}

void nlohmann_dump_whole(benchmark::State& state) {
  const nlohmann::ordered_json document = nlohmann::ordered_json::parse(json_text());
  for (auto _ : state) {
    benchmark::DoNotOptimize(document.dump());
  }
}

void read_strictly(benchmark::State& state) {
  const std::string& text = json_text();
  for (auto _ : state) {
    trace::Reader reader(text, "bench");
    benchmark::DoNotOptimize(trace::validate(reader));
  }
}

void nlohmann_parse(benchmark::State& state) {
  const std::string& text = json_text();
  for (auto _ : state) {
    benchmark::DoNotOptimize(nlohmann::json::parse(text));
  }
}

BENCHMARK(records_to_json)->Unit(benchmark::kMillisecond);
BENCHMARK(records_to_json_file)->Unit(benchmark::kMillisecond);
BENCHMARK(nlohmann_dump)->Unit(benchmark::kMillisecond);
BENCHMARK(nlohmann_dump_whole)->Unit(benchmark::kMillisecond);
BENCHMARK(read_strictly)->Unit(benchmark::kMillisecond);
BENCHMARK(nlohmann_parse)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
