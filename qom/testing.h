// A type table of one's own, for tests: nothing registered outside is seen, and
// what is registered inside is gone at the end (its objects must be gone first).
#pragma once

#include "qom/type.h"

namespace qom {

enum class BaseTypes { registered, none };

class IsolatedTypes {
 public:
  explicit IsolatedTypes(BaseTypes base = BaseTypes::registered) {
    previous_ = type_table_replace(&table_);
    if (base == BaseTypes::registered) {
      register_base_types();
    }
  }
  ~IsolatedTypes();
  IsolatedTypes(const IsolatedTypes&) = delete;
  IsolatedTypes& operator=(const IsolatedTypes&) = delete;

 private:
  TypeTable table_;
  TypeTable* previous_ = nullptr;
};

}  // namespace qom
