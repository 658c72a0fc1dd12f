#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/assignments.h"
#include "client/study_file.h"
#include "core/check.h"
#include "core/layer_list.h"
#include "core/network_settings.h"
#include "core/random.h"
#include "core/study.h"
#include "proto/convert.h"
#include "server/search/factory.h"
#include "tests/fuzz/fuzz_targets.h"
#include "tests/fuzz/refusal.h"
#include "tests/testing/builders.h"
#include "worker/artifacts/settings_json.h"

namespace attune {
namespace {

// Points that the study's search proposes are legal, and trainings can begin
// from them.
void CheckSearch(const StudySpec& spec) {
  const std::unique_ptr<SearchAlgorithm> search =
      MakeSearchAlgorithm(spec.algorithm);
  const absl::Status supported = search->Supports(spec);
  if (!supported.ok()) return CheckRefusal(supported);
  const TriedPoints tried;
  Rng rng(spec.seed);
  const auto suggestions =
      search->Suggest({.spec = spec, .trials = {}, .tried = tried}, 3, rng);
  if (!suggestions.ok()) return CheckRefusal(suggestions.status());
  const auto* network = std::get_if<NetworkTask>(&spec.task);
  for (const Suggestion& suggestion : *suggestions) {
    const Parameters& point = suggestion.parameters;
    ATTUNE_CHECK(ValidatePoint(spec.space, point).empty());
    if (network == nullptr) continue;
    const auto config = ResolveNetworkConfig(network->settings, point);
    if (!config.ok()) CheckRefusal(config.status());
  }
}

// What is taken for a point is one, and means the same on the wire.
void CheckPoints(absl::string_view text, const StudySpec& spec) {
  const auto points = ReadPoints(text, "points.csv", spec);
  if (!points.ok()) return CheckRefusal(points.status());
  ATTUNE_CHECK(!points->empty());
  for (const Parameters& point : *points) {
    ATTUNE_CHECK(!HasSearch(spec) || ValidatePoint(spec.space, point).empty());
    const auto back = FromProto(ToProto(point));
    ATTUNE_CHECK(back.ok() && *back == point);
  }
}

void CheckLayers(absl::string_view text) {
  const auto layers = ParseLayerList(text);
  if (!layers.ok()) return CheckRefusal(layers.status());
  const std::string written = absl::StrJoin(
      *layers, ", ", [](std::string* out, const LayerItem& layer) {
        out->append(ToString(layer));
      });
  // A rate is written with six digits.
  const auto again = ParseLayerList(written);
  ATTUNE_CHECK(again.ok() && again->size() == layers->size());
}

}  // namespace

void FuzzStudyFile(absl::string_view bytes) {
  const StudyFile file = ParseStudyFile(bytes);
  if (!file.problems.empty()) return;
  // What is said to be legal is legal, and means the same on the wire.
  ATTUNE_CHECK(Validate(file.spec).empty());
  const absl::StatusOr<StudySpec> back =
      FromProto(file.spec.name, ToProto(file.spec));
  ATTUNE_CHECK(back.ok() && *back == file.spec);
  if (HasSearch(file.spec)) CheckSearch(file.spec);
}

void FuzzPoints(absl::string_view bytes) {
  static const auto& spaces = *new std::vector<StudySpec>([] {
    StudySpec all = MakeStudySpec("all");
    all.space = MakeSpaceOfAllDomains();
    StudySpec none = MakeStudySpec("none");
    none.space = {};
    return std::vector<StudySpec>{MakeStudySpec("one"), all, none};
  }());
  for (const StudySpec& spec : spaces) CheckPoints(bytes, spec);
  const auto attributes = ReadAttributes(absl::StrSplit(bytes, '\n'));
  if (!attributes.ok()) CheckRefusal(attributes.status());
}

void FuzzSettings(absl::string_view bytes) {
  const size_t middle = std::min(bytes.find('\0'), bytes.size());
  CheckLayers(bytes.substr(std::min(middle + 1, bytes.size())));
  const auto settings = SettingsFromJson(bytes.substr(0, middle));
  if (!settings.ok()) return CheckRefusal(settings.status());
  const auto back = SettingsFromJson(SettingsToJson(*settings));
  ATTUNE_CHECK(back.ok() && *back == *settings);
  const auto config = ResolveNetworkConfig(*settings, {});
  if (!config.ok()) CheckRefusal(config.status());
  // A study that is accepted has trials that can be trained.
  ATTUNE_CHECK(config.ok() || !ValidateNetworkTask(*settings, {}).empty());
}

}  // namespace attune
