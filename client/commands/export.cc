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

// What goes into the model and what comes out, as DescribeOnnx() of worker says
// it.
Listing ListValues(const Json& values) {
  Listing listing;
  listing.json = values;
  for (const char* const name : {"value", "name", "type", "shape"}) {
    listing.csv.push_back({.title = name, .path = {name}});
    listing.table.columns.push_back({.title = name});
  }
  for (const Json& value : values) {
    std::vector<Cell>& cells = listing.table.rows.emplace_back();
    for (const auto& field : value) {
      cells.push_back({field.get<std::string>()});
    }
  }
  return listing;
}

}  // namespace

absl::Status Export(const Globals& globals, const ExportOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(const std::string model,
                          FindModel(globals, options.model, "say which"));
  ATTUNE_ASSIGN_OR_RETURN(const std::string text,
                          AskWorker({"export", model, options.onnx}));
  const Json values = Json::parse(text, nullptr, false);
  if (!values.is_array()) {
    return absl::InternalError(
        absl::StrCat("attune-worker printed no array but: ", Cut(text, 200)));
  }
  WriteMessage(absl::StrCat("wrote ", options.onnx, " from ", model, "\n"));
  return Print(ListValues(values), globals);
}

}  // namespace attune
