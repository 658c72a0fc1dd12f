#ifndef ATTUNE_TESTS_FUZZ_FUZZ_TARGETS_H_
#define ATTUNE_TESTS_FUZZ_FUZZ_TARGETS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// Everything that reads what others wrote, fed with any bytes. A target ends,
// whatever they are, or aborts if something is wrong.
namespace attune {

using FuzzTarget = void (*)(absl::string_view bytes);

// A run of calls, each a byte that says which, its length in two bytes, and its
// message: decoded, decided by a coordinator, answered.
void FuzzRequests(absl::string_view bytes);

// What clients and workers read: the first byte says which message it is.
void FuzzResponses(absl::string_view bytes);

// A token of a page, and of a watch.
void FuzzPageToken(absl::string_view bytes);

// A filter and an order, split at the first zero byte.
void FuzzFilter(absl::string_view bytes);

void FuzzStudyFile(absl::string_view bytes);

// A table of points, for `attune create-trial`.
void FuzzPoints(absl::string_view bytes);

// Settings of a network in JSON; behind the first zero byte, a list of layers.
void FuzzSettings(absl::string_view bytes);

// What a terminal is shown: the first byte chooses its width and whether the
// rest is a text or a trial.
void FuzzDisplay(absl::string_view bytes);

// A file of images and of labels.
void FuzzIdx(absl::string_view bytes);

// Records of images with their classes.
void FuzzCifar(absl::string_view bytes);

// The first byte chooses the options.
void FuzzCsv(absl::string_view bytes);

// A kept model, and what it says of examples.
void FuzzModel(absl::string_view bytes);

// The state that a training goes on from.
void FuzzCheckpoint(absl::string_view bytes);

// Values as a database has them.
void FuzzStored(absl::string_view bytes);

// The file that says who serves a database.
void FuzzLock(absl::string_view bytes);

struct NamedTarget {
  std::string name;  // of its folder in corpus/
  FuzzTarget target;
};
const std::vector<NamedTarget>& FuzzTargets();

}  // namespace attune

#endif  // ATTUNE_TESTS_FUZZ_FUZZ_TARGETS_H_
