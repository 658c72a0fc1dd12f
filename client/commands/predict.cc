#include <string>

#include "absl/strings/str_cat.h"
#include "client/commands/ask_worker.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/commands/kept_model.h"
#include "client/format.h"
#include "client/report.h"
#include "core/status_macros.h"

namespace attune {
namespace {

constexpr int kDigits = 6;

// As PredictFile() of worker/network_runner.h says it.
Listing ListPredictions(const Json& predictions) {
  Listing listing;
  listing.json = predictions["rows"];
  for (const Json& column : predictions["columns"]) {
    const auto name = column.get<std::string>();
    listing.csv.push_back({.title = name, .path = {name}});
    listing.table.columns.push_back(
        {.title = name, .is_number = name != "class"});
  }
  for (const Json& row : listing.json) {
    std::vector<Cell>& cells = listing.table.rows.emplace_back();
    for (const auto& [name, value] : row.items()) {
      cells.push_back({value.is_number_float()
                           ? ShortNumber(value.get<double>(), kDigits)
                       : value.is_string() ? value.get<std::string>()
                                           : value.dump()});
    }
  }
  return listing;
}

}  // namespace

absl::Status Predict(const Globals& globals, const PredictOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(
      const std::string model,
      FindModel(globals, options.model, "say which with --study"));
  ATTUNE_ASSIGN_OR_RETURN(const std::string text,
                          AskWorker({"predict", model, options.input}));
  const Json predictions = Json::parse(text, nullptr, false);
  if (!predictions.contains("columns")) {
    return absl::InternalError(absl::StrCat(
        "attune-worker printed no predictions but: ", Cut(text, 200)));
  }
  return Print(ListPredictions(predictions), globals);
}

}  // namespace attune
