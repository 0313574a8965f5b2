#include "viz/similar.h"

#include <algorithm>

namespace viz {
namespace {

constexpr std::size_t longest = 64;  // longer names are not compared letter by letter

// Levenshtein's distance.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string> similar_names(const TypeModel& model, const std::string& name) {
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const auto& [candidate, type] : model.types()) {
    if (name.empty() || name.size() > longest || candidate.size() > longest) {
      continue;
    }
    const std::size_t far = distance(name, candidate);
    const bool contains = candidate.find(name) != std::string::npos;
    if (far <= 1 + name.size() / 4 || contains) {
      found.emplace_back(far, candidate);
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < found.size() && i < 5; ++i) {
    names.push_back(found[i].second);
  }
  return names;
}

}  // namespace viz
