// A type table and module lists of one's own, for tests: nothing registered outside is
// seen, and what is registered inside is gone at the end (its objects must be gone
// first).
#pragma once

#include "qom/module_list.h"
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

// Empty module lists until the end of its life, then the old ones again.
class IsolatedModules {
 public:
  IsolatedModules() { swap_all(); }

  ~IsolatedModules() { swap_all(); }

  IsolatedModules(const IsolatedModules&) = delete;
  IsolatedModules& operator=(const IsolatedModules&) = delete;

 private:
  void swap_all() {
    for (int type = 0; type < MODULE_INIT_MAX; ++type) {
      saved_[type].swap(find_type(static_cast<module_init_type>(type)));
    }
  }

  ModuleTypeList saved_[MODULE_INIT_MAX];
};

}  // namespace qom
