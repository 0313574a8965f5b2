// The properties of one object or of one class: found by name, listed in the
// order they were added.
//
// A table of a few rows is searched from the front by hash; a longer one has an
// index. Rows are heap nodes, so an ObjectProperty& stays valid until its row is
// removed. Belongs to the object's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qom/property.h"

namespace qom {

inline std::size_t property_hash(std::string_view name) {
  return std::hash<std::string_view>{}(name);
}

class PropertyTable {
 public:
  struct Row {
    std::size_t hash = 0;
    bool released = false;
    std::unique_ptr<ObjectProperty> property;
  };

  ObjectProperty* find(std::string_view name, std::size_t hash) const;

  ObjectProperty* find(std::string_view name) const {
    return find(name, property_hash(name));
  }

  // The name must not be in the table.
  ObjectProperty& add(ObjectProperty property, std::size_t hash);
  void remove(const ObjectProperty* property);

  // Where to start looking for a free "stem0]", "stem1]"...: everything below is
  // taken. The caller moves it on past names it finds taken.
  std::uint32_t& next_index(std::string_view stem);

  std::vector<Row>& rows() { return rows_; }

  const std::vector<Row>& rows() const { return rows_; }

 private:
  void index_all();
  void index_one(std::uint32_t position);

  std::vector<Row> rows_;
  std::vector<std::pair<std::string, std::uint32_t>> next_indexes_;  // until a removal
  std::vector<std::uint32_t> index_;  // position + 1; 0 is a free slot; a power of two
};

}  // namespace qom
