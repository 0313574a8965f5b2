#include "viz/step_pack.h"

#include "trace/json_text.h"

namespace viz {

namespace {

// Numbers above it are not exact in a browser.
constexpr std::uint64_t largest_exact = std::uint64_t{1} << 53;

char encoding(const trace::Arg& arg) {
  switch (arg.field->type) {
    case trace::Type::boolean:
      return 'b';
    case trace::Type::natural:
      return arg.bits <= largest_exact ? 'n' : 'j';
    case trace::Type::hex:
      return arg.bits <= largest_exact ? 'x' : 'j';
    case trace::Type::integer:
      if (static_cast<std::int64_t>(arg.bits) >= 0) {
        return arg.bits <= largest_exact ? 'n' : 'j';
      }
      return 0 - arg.bits <= largest_exact ? 'm' : 'j';
    case trace::Type::text:
    case trace::Type::object:
      return 't';
    case trace::Type::real:
      return 'j';
  }
  return 'j';
}

void append_unit(std::string& to, unsigned unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  to += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) {
    to += digits[unit >> shift & 15];
  }
}

void append_code_point(std::string& to, std::uint32_t code) {
  if (code >= 0x10000) {
    append_unit(to, 0xd800 + ((code - 0x10000) >> 10));
    append_unit(to, 0xdc00 + ((code - 0x10000) & 0x3ff));
  } else {
    append_unit(to, code);
  }
}

// The first byte of a sequence of `length` holds 7, 5, 4 or 3 bits of it.
std::uint32_t decode(std::string_view sequence) {
  constexpr std::uint32_t first_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  std::uint32_t code =
      static_cast<unsigned char>(sequence[0]) & first_mask[sequence.size()];
  for (const char c : sequence.substr(1)) {
    code = code << 6 | (static_cast<unsigned char>(c) & 0x3f);
  }
  return code;
}

bool stands_for_itself(char c) {
  return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' &&
         c != '&' && c != '@';
}

}  // namespace

std::string page_string(std::string_view text) {
  std::string to = "\"";
  while (!text.empty()) {
    const std::size_t length = trace::detail::utf8_length(text);
    if (length == 0) {
      append_unit(to, 0xfffd);
    } else if (stands_for_itself(text[0])) {
      to += text[0];
    } else {
      append_code_point(to, decode(text.substr(0, length)));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return to += '"';
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) {
      return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
    };
    const unsigned group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    text += digits[group >> 18];
    text += digits[group >> 12 & 63];
    text += i + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
    text += i + 2 < bytes.size() ? digits[group & 63] : '=';
  }
  return text;
}

void StepPack::number(std::uint64_t value) {
  for (; value >= 128; value >>= 7) {
    steps_ += static_cast<char>(value | 128);
  }
  steps_ += static_cast<char>(value);
}

void StepPack::difference(std::uint64_t value, std::uint64_t before) {
  number(value >= before ? (value - before) * 2 : (before - value) * 2 - 1);
}

std::uint32_t StepPack::text(std::string_view text) {
  const auto [at, fresh] =
      texts_.try_emplace(std::string(text), static_cast<std::uint32_t>(texts_.size()));
  if (fresh) {
    new_texts_ += (new_texts_.empty() ? "" : ",") + page_string(text);
  }
  return at->second;
}

std::uint32_t StepPack::shape_of(const trace::Event& event) {
  key_.clear();
  const auto part = [this](const void* bytes, std::size_t size) {
    key_.append(static_cast<const char*>(bytes), size);
  };
  part(&event.kind, sizeof(const trace::KindText*));  // which kind: its address
  part(&event.phase, sizeof event.phase);
  part(&event.tid, sizeof event.tid);
  for (const trace::Arg& arg : event.args) {
    key_ += encoding(arg);
  }
  key_ += ' ';
  key_ += event.loc;
  const auto found = shapes_.find(key_);
  if (found != shapes_.end()) {
    return found->second;
  }
  std::string args;
  for (const trace::Arg& arg : event.args) {
    args += (args.empty() ? "[" : ",[") + page_string(arg.field->name) + ",\"" +
            encoding(arg) + "\"]";
  }
  new_shapes_ += (new_shapes_.empty() ? "[" : ",[") + page_string(event.name()) + "," +
                 page_string(event.cat()) + ",\"" + static_cast<char>(event.phase) +
                 "\"," + std::to_string(event.tid) + "," + page_string(event.loc) + ",[" +
                 args + "]]";
  return shapes_.emplace(key_, static_cast<std::uint32_t>(shapes_.size())).first->second;
}

void StepPack::add(const trace::Event& event, std::uint64_t parent) {
  const std::uint64_t tag = std::uint64_t{shape_of(event)} << 1;
  const auto earlier = spans_.find(event.seq);
  if (earlier != spans_.end()) {
    number(tag | 1);
    number(earlier->second);
  } else {
    number(tag);
    difference(event.ts_ns, last_ts_);
    difference(event.seq, last_seq_);
    const auto above = spans_.find(parent);
    number(above == spans_.end() ? 0 : size_ - above->second);
    last_ts_ = event.ts_ns;
    last_seq_ = event.seq;
    if (event.phase != trace::Phase::instant) {
      spans_.emplace(event.seq, size_);
    }
    ++size_;
  }
  if (event.phase == trace::Phase::span) {
    number(event.dur_ns);
  }
  values_ += event.args.size();
  for (const trace::Arg& arg : event.args) {
    switch (encoding(arg)) {
      case 't':
        number(text(arg.text));
        break;
      case 'm':
        number(0 - arg.bits);
        break;
      case 'j':
        number(text(arg.json));
        break;
      default:
        number(arg.bits);
    }
  }
}

std::string StepPack::take() {
  std::string part = "{\"shapes\":[" + new_shapes_ + "],\"texts\":[" + new_texts_ +
                     "],\"steps\":" + std::to_string(size_ - taken_) +
                     ",\"values\":" + std::to_string(values_) + ",\"bytes\":\"" +
                     base64(steps_) + "\"}";
  new_shapes_.clear();
  new_texts_.clear();
  steps_.clear();
  values_ = 0;
  taken_ = size_;
  return part;
}

}  // namespace viz
