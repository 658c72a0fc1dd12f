#ifndef ATTUNE_CLIENT_STUDY_SUMMARY_H_
#define ATTUNE_CLIENT_STUDY_SUMMARY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/format.h"
#include "client/report.h"
#include "core/attributes.h"
#include "core/study.h"

// What a study means, in words and numbers, for `show` and `preview`.
namespace attune {

// A label and a text: `budget`, `60 trials, 8 at a time`.
struct SummaryLine {
  std::string label;
  std::string text;
};

// `60 trials, 8 at a time`.
std::string BudgetText(const Budget& budget);

// `owner: anna` each.
std::vector<SummaryLine> AttributeLines(const Attributes& attributes);

// Objective, algorithm, stopping, budget, task and parameters of a spec.
std::vector<SummaryLine> SpecLines(const StudySpec& spec);

// `label   text` each, Printable(), the labels bold if in colour. A text that
// is wider than the paper goes on in the next line.
std::string FormatLines(const std::vector<SummaryLine>& lines,
                        const Paper& paper);

// The number of points that grid search takes, conditions and forbidden
// combinations aside; nullopt if a parameter has no finite number of them.
std::optional<int64_t> GridPoints(const SearchSpace& space);

// How many trials the study runs at the most; nullopt if that is open.
std::optional<int64_t> MostTrials(const StudySpec& spec);

// How many epochs one trial of a network study trains at the most.
std::optional<int64_t> MostEpochs(const StudySpec& spec);

// Size of the space, number of trials, cost: what `preview` computes.
std::vector<SummaryLine> CostLines(const StudySpec& spec);

}  // namespace attune

#endif  // ATTUNE_CLIENT_STUDY_SUMMARY_H_
