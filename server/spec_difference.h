#ifndef ATTUNE_SERVER_SPEC_DIFFERENCE_H_
#define ATTUNE_SERVER_SPEC_DIFFERENCE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "core/study.h"

namespace attune {

// Where two specs of the same name differ, as the study file names it:
// `parameters.dropout`, `budget`. At most `most` fields, at least one if they
// differ.
std::vector<std::string> DifferingFields(const StudySpec& a, const StudySpec& b,
                                         size_t most);

}  // namespace attune

#endif  // ATTUNE_SERVER_SPEC_DIFFERENCE_H_
