// A record file of any bytes: refused, or turned into a trace that the strict reader
// and the validator accept.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "trace/read/check.h"
#include "trace/read/reader.h"
#include "trace/writer.h"

namespace {

class Collected final : public trace::detail::Output {
 public:
  void write(std::string_view bytes) override { text += bytes; }

  void finish() override {}

  std::string text;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trace::detail;
  RecordImage image;
  try {
    image = read_record_image(std::as_bytes(std::span(data, size)));
  } catch (const std::runtime_error&) {
    return 0;
  }
  RowSet set = build_rows(image);
  const auto order = number_rows(set);
  Collected json;
  Collected rows;
  {
    JsonText out(json);
    write_chrome(out, {image, set, order});
    out.flush();
    JsonText more(rows);
    write_ndjson(more, {image, set, order});
    more.flush();
  }
  try {
    trace::Reader reader(json.text, "fuzz");
    trace::validate(reader);
  } catch (const trace::ReadError&) {
    std::abort();
  }
  return 0;
}
