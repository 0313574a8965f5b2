// The strict reader on any bytes: it refuses with line and column, or what it
// accepted can be written again without a byte of difference.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "trace/read/check.h"
#include "trace/read/reader.h"

namespace {

class Collected final : public trace::detail::Output {
 public:
  void write(std::string_view bytes) override { text += bytes; }

  void finish() override {}

  std::string text;
};

// True if the text was accepted to its end.
bool read_and_write(std::string_view text, Collected& to) {
  trace::detail::JsonText out(to);
  try {
    trace::Reader reader(text, "fuzz");
    trace::write_again(out, reader.header());
    trace::Event event;
    while (reader.next(event)) {
      trace::write_again(out, event);
    }
  } catch (const trace::ReadError& error) {
    if (error.line() == 0 || error.column() == 0) {
      std::abort();
    }
    return false;
  }
  trace::write_end(out);
  out.flush();
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)),
                              size);
  Collected again;
  if (read_and_write(text, again) && text.starts_with('[') && again.text != text) {
    std::abort();
  }
  try {
    trace::Reader reader(text, "fuzz");
    trace::validate(reader);
    trace::Reader for_canon(text, "fuzz");
    trace::canonical(for_canon, {});
    trace::Reader for_stats(text, "fuzz");
    trace::statistics(for_stats);
  } catch (const trace::ReadError&) {
  }
  return 0;
}
