// Reads back what viz/step_pack.h writes, as the page's script does: the oracle of its
// test and of its fuzz target.
#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace viz_test {

inline std::string from_base64(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=') {
      break;
    }
    group = group << 6 | static_cast<std::uint32_t>(digits.find(c));
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(group >> bits & 0xff);
    }
  }
  return bytes;
}

struct UnpackedStep {
  std::string name, cat, ph, loc;
  int tid = 0;
  std::uint64_t ts_ns = 0, dur_ns = 0, seq = 0;
  std::uint64_t par = 0;  // seq of the enclosing step
  std::vector<std::pair<std::string, nlohmann::json>> args;
};

class Unpacker {
 public:
  // Adds what one take() gave; throws if it is not what the header describes.
  void add(const std::string& part) {
    const nlohmann::json json = nlohmann::json::parse(part);
    for (const auto& text : json.at("texts")) {
      texts_.push_back(text.get<std::string>());
    }
    for (const auto& shape : json.at("shapes")) {
      shapes_.push_back(shape);
    }
    bytes_ = from_base64(json.at("bytes").get<std::string>());
    at_ = 0;
    const std::size_t before = steps.size();
    while (at_ < bytes_.size()) {
      step();
    }
    if (steps.size() - before != json.at("steps").get<std::size_t>()) {
      throw std::runtime_error("not as many steps as it says");
    }
  }

  std::vector<UnpackedStep> steps;

 private:
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.at(at_++));
      value |= std::uint64_t{byte & 127U} << shift;
      if (byte < 128) {
        return value;
      }
    }
  }

  std::uint64_t after(std::uint64_t before) {
    const std::uint64_t n = number();
    return n % 2 != 0 ? before - (n / 2 + 1) : before + n / 2;
  }

  void step() {
    const std::uint64_t tag = number();
    UnpackedStep step;
    std::size_t index = steps.size();
    if (tag % 2 != 0) {
      index = number();
      step = steps.at(index);
      step.args.clear();
    } else {
      step.ts_ns = last_ts_ = after(last_ts_);
      step.seq = last_seq_ = after(last_seq_);
      const std::uint64_t back = number();
      step.par = back == 0 ? 0 : steps.at(steps.size() - back).seq;
    }
    const nlohmann::json& shape = shapes_.at(tag / 2);
    step.name = shape[0];
    step.cat = shape[1];
    step.ph = shape[2];
    step.tid = shape[3];
    step.loc = shape[4];
    step.dur_ns = step.ph == "X" ? number() : 0;
    for (const auto& arg : shape[5]) {
      step.args.emplace_back(arg[0], value(arg[1].get<std::string>()[0]));
    }
    if (index == steps.size()) {
      steps.push_back(step);
    } else {
      steps[index] = step;
    }
  }

  nlohmann::json value(char type) {
    const std::uint64_t n = number();
    std::array<char, 20> hex{};
    switch (type) {
      case 't':
        return texts_.at(n);
      case 'x':
        std::snprintf(hex.data(), hex.size(), "0x%llx",
                      static_cast<unsigned long long>(n));
        return std::string(hex.data());
      case 'm':
        return -static_cast<std::int64_t>(n);
      case 'b':
        return n == 1;
      case 'j':
        return nlohmann::json::parse(texts_.at(n));
      default:
        return n;
    }
  }

  std::vector<std::string> texts_;
  std::vector<nlohmann::json> shapes_;
  std::string bytes_;
  std::size_t at_ = 0;
  std::uint64_t last_ts_ = 0, last_seq_ = 0;
};

// What stands in the page's element `id`.
inline std::string element(const std::string& page, const std::string& id) {
  const std::string begin = "<script id=\"" + id + "\" type=\"application/json\">";
  const std::size_t at = page.find(begin) + begin.size();
  return page.substr(at, page.find("</script>", at) - at);
}

}  // namespace viz_test
