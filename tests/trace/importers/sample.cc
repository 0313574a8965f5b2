// Writes a trace with every kind of line, for importers of other projects to read.
#include <thread>

#include "../support.h"

using trace_test::Level;
using trace_test::Point;
using trace_test::Step;

namespace {

void emit(int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const trace::Span outer{
        Step{.name = "outer \"quoted\"", .number = i, .object = {"pc", 1}}};
    trace::Span inner{Step{.name = "inner", .number = i}};
    trace::instant(Point{.text = "\xe4\xbd\xa0\n"});
    trace::counter(Level{.value = static_cast<std::uint64_t>(i)});
    inner.result(Step::Result{.error = i});
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s TRACE.json\n", argv[0]);
    return 1;
  }
  trace::open({.file = argv[1]});
  emit(500);
  std::thread vcpu([] {
    trace::name_thread(10, "vcpu 0");
    emit(500);
  });
  vcpu.join();
  const trace::Span open{Step{.name = "open at the end"}};
  trace::close();
  return 0;
}
