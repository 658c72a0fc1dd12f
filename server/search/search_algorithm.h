#ifndef ATTUNE_SERVER_SEARCH_SEARCH_ALGORITHM_H_
#define ATTUNE_SERVER_SEARCH_SEARCH_ALGORITHM_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/fingerprint.h"
#include "core/random.h"
#include "core/study.h"
#include "core/trial.h"

namespace attune {

// The FingerprintOf() every point of a study, whatever became of its trial. A
// point that has the fingerprint of another counts as tried.
using TriedPoints = absl::flat_hash_set<Fingerprint>;

// All that a search algorithm may see of a study: read-only, and cheap to pass.
struct StudyView {
  const StudySpec& spec;
  absl::Span<const Trial> trials;  // by number, running ones included
  const TriedPoints& tried;        // of `trials`
};

struct Suggestion {
  Parameters parameters;
  std::string tag;
  friend bool operator==(const Suggestion&, const Suggestion&) = default;
};

// Proposes the next points to try. An algorithm holds its settings and nothing
// else: what it suggests is a function of the view and of `rng`, so a restarted
// server goes on as if it had never stopped. Safe for concurrent use.
class SearchAlgorithm {
 public:
  virtual ~SearchAlgorithm() = default;

  virtual absl::string_view name() const = 0;

  // INVALID_ARGUMENT (all violations at once, fields named as in the study
  // file) for a study it cannot search. REQUIRES: Validate(spec) is empty.
  virtual absl::Status Supports(const StudySpec& spec) const = 0;

  // Up to `count` suggestions, all different from one another and from the
  // tried points; fewer, at last none, when the space is exhausted. They are
  // to become trials in their order, of which some at the end may be left out.
  // RESOURCE_EXHAUSTED if the forbidden combinations are such a riddle that no
  // point was found within a bounded effort.
  // REQUIRES: Supports(study.spec) is OK; count >= 1.
  virtual absl::StatusOr<std::vector<Suggestion>> Suggest(
      const StudyView& study, int count, Rng& rng) const = 0;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_SEARCH_SEARCH_ALGORITHM_H_
