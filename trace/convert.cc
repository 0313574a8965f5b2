#include "trace/convert.h"

#include <stdexcept>
#include <string_view>

#include "trace/output.h"
#include "trace/record_reader.h"
#include "trace/rows.h"
#include "trace/writer.h"

namespace trace::detail {

Form output_form(const std::string& file) {
  const std::string_view suffix = compression_suffix(file);
  const std::string_view bare =
      std::string_view(file).substr(0, file.size() - suffix.size());
  if (!can_compress(suffix)) {
    throw std::runtime_error(
        "trace: this program cannot write " + file +
        ": it is built without compression; use a name ending in .json");
  }
  if (bare.ends_with(".ndjson")) {
    return Form::ndjson;
  }
  return Form::json;
}

Converted convert(const std::string& records, const std::string& file) {
  const Form form = output_form(file);
  const MappedFile mapped(records);
  RecordImage image = read_record_image(mapped.bytes());
  RowSet set = build_rows(image);
  const std::vector<RowRef> order = number_rows(set);
  const auto output = open_output(file);
  JsonText text(*output);
  const Rows rows{image, set, order};
  if (form == Form::ndjson) {
    write_ndjson(text, rows);
  } else {
    write_chrome(text, rows);
  }
  text.flush();
  output->finish();
  return {order.size(), image.lost, image.unreadable, set.open == 0};
}

}  // namespace trace::detail
