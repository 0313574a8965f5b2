// PropertyTable: rows in order, with an open-addressed index when there are many.
#include "qom/property_table.h"

#include <utility>

namespace qom {

namespace {

constexpr std::size_t rows_without_index = 8;

}  // namespace

ObjectProperty* PropertyTable::find(std::string_view name, std::size_t hash) const {
  if (index_.empty()) {
    for (const Row& row : rows_) {
      if (row.hash == hash && row.property->name == name) {
        return row.property.get();
      }
    }
    return nullptr;
  }
  const std::size_t mask = index_.size() - 1;
  for (std::size_t slot = hash & mask; index_[slot] != 0; slot = (slot + 1) & mask) {
    const Row& row = rows_[index_[slot] - 1];
    if (row.hash == hash && row.property->name == name) {
      return row.property.get();
    }
  }
  return nullptr;
}

ObjectProperty& PropertyTable::add(ObjectProperty property, std::size_t hash) {
  rows_.push_back({hash, false, std::make_unique<ObjectProperty>(std::move(property))});
  ObjectProperty& added = *rows_.back().property;
  if (rows_.size() > rows_without_index) {
    if (rows_.size() * 2 > index_.size()) {
      index_all();
    } else {
      index_one(static_cast<std::uint32_t>(rows_.size() - 1));
    }
  }
  return added;
}

void PropertyTable::remove(const ObjectProperty* property) {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].property.get() == property) {
      next_indexes_.clear();
      const Row dead = std::move(rows_[i]);  // destroyed last: its release may look here
      rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(i));
      if (!index_.empty()) {
        index_all();
      }
      return;
    }
  }
}

std::uint32_t& PropertyTable::next_index(std::string_view stem) {
  for (auto& [known, next] : next_indexes_) {
    if (known == stem) {
      return next;
    }
  }
  return next_indexes_.emplace_back(std::string(stem), 0).second;
}

void PropertyTable::index_all() {
  std::size_t slots = 32;
  while (slots < rows_.size() * 4) {
    slots *= 2;
  }
  index_.assign(slots, 0);
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    index_one(i);
  }
}

void PropertyTable::index_one(std::uint32_t position) {
  const std::size_t mask = index_.size() - 1;
  std::size_t slot = rows_[position].hash & mask;
  while (index_[slot] != 0) {
    slot = (slot + 1) & mask;
  }
  index_[slot] = position + 1;
}

}  // namespace qom
