#include "tests/fuzz/fuzz_targets.h"

namespace attune {

const std::vector<NamedTarget>& FuzzTargets() {
  static const auto& targets =
      *new std::vector<NamedTarget>({{"requests", &FuzzRequests},
                                     {"responses", &FuzzResponses},
                                     {"page_token", &FuzzPageToken},
                                     {"filter", &FuzzFilter},
                                     {"study_file", &FuzzStudyFile},
                                     {"points", &FuzzPoints},
                                     {"settings", &FuzzSettings},
                                     {"display", &FuzzDisplay},
                                     {"idx", &FuzzIdx},
                                     {"cifar", &FuzzCifar},
                                     {"csv", &FuzzCsv},
                                     {"model", &FuzzModel},
                                     {"checkpoint", &FuzzCheckpoint},
                                     {"stored", &FuzzStored},
                                     {"lock", &FuzzLock}});
  return targets;
}

}  // namespace attune
