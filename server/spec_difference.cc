#include "server/spec_difference.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"

namespace attune {
namespace {

void CompareSpaces(const SearchSpace& a, const SearchSpace& b,
                   std::vector<std::string>& fields) {
  std::map<std::string, const ParameterSpec*> in_b;
  for (const ParameterSpec& parameter : b.parameters) {
    in_b[parameter.name] = &parameter;
  }
  const size_t before = fields.size();
  for (const ParameterSpec& parameter : a.parameters) {
    const auto found = in_b.find(parameter.name);
    if (found == in_b.end() || *found->second != parameter) {
      fields.push_back(absl::StrCat("parameters.", parameter.name));
    }
    if (found != in_b.end()) in_b.erase(found);
  }
  for (const ParameterSpec& parameter : b.parameters) {
    if (in_b.contains(parameter.name)) {
      fields.push_back(absl::StrCat("parameters.", parameter.name));
    }
  }
  if (fields.size() == before && a.parameters != b.parameters) {
    fields.emplace_back("parameters (their order)");
  }
  if (a.forbidden != b.forbidden) fields.emplace_back("forbidden");
}

}  // namespace

std::vector<std::string> DifferingFields(const StudySpec& a, const StudySpec& b,
                                         size_t most) {
  std::vector<std::string> fields;
  if (a.objectives != b.objectives) fields.emplace_back("objective");
  CompareSpaces(a.space, b.space, fields);
  if (a.algorithm != b.algorithm) fields.emplace_back("algorithm");
  if (a.stopping != b.stopping) fields.emplace_back("stopping");
  if (a.budget != b.budget) fields.emplace_back("budget");
  if (a.task != b.task) fields.emplace_back("task");
  if (a.max_attempts != b.max_attempts) fields.emplace_back("max_attempts");
  if (a.seed != b.seed) fields.emplace_back("seed");
  if (a.name != b.name) fields.emplace_back("name");
  fields.resize(std::min(fields.size(), most));
  return fields;
}

}  // namespace attune
