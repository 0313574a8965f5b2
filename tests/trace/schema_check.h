// Checks a JSON value against a JSON Schema: the keywords that the trace's schema
// uses, no more. An unknown keyword fails, so the schema cannot outgrow this.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace trace_test {

// The first thing wrong, or nothing: "/3/dur: not a number".
std::string schema_error(const nlohmann::json& schema, const nlohmann::json& value);

}  // namespace trace_test
