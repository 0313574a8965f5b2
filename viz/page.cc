#include "viz/page.h"

#include <algorithm>

namespace viz {
namespace {

constexpr std::size_t table_width = 96;    // letters
constexpr std::size_t tallest_table = 24;  // rows, unless it would get too wide
constexpr double table_row = 0.72;         // a table's row against a node's row

}  // namespace

std::size_t table_rows(const std::vector<Cell>& cells) {
  std::size_t widest = 1;
  for (const Cell& cell : cells) {
    widest = std::max(widest, std::min<std::size_t>(cell.type->name.size(), 44) + 2);
  }
  const std::size_t columns = std::clamp<std::size_t>(table_width / widest, 1, 6);
  std::size_t rows = 1;
  while (rows * rows * 10 < cells.size() * 22) {
    ++rows;
  }
  rows = std::clamp<std::size_t>(rows, 4, 10);
  rows = std::max(rows, (cells.size() + columns - 1) / columns);
  rows = std::min(rows, std::max(tallest_table, (cells.size() + 5) / 6));
  return std::min(rows, std::max<std::size_t>(cells.size(), 1));
}

double rows_inside(const Branch& branch) {
  double rows = static_cast<double>(branch.inner.size());
  if (!branch.cells.empty() || branch.more) {
    rows += 0.5 + table_row * static_cast<double>(table_rows(branch.cells));
  }
  return rows;
}

bool has_inside(const Branch& branch) {
  return !branch.inner.empty() || !branch.cells.empty() || branch.more != 0;
}

double rows_opened(const Branch& branch) {
  double rows = rows_inside(branch) - static_cast<double>(branch.inner.size());
  for (const Branch& child : branch.inner) {
    rows += std::max(1.0, rows_opened(child));
  }
  return rows;
}

}  // namespace viz
