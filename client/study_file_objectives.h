#ifndef ATTUNE_CLIENT_STUDY_FILE_OBJECTIVES_H_
#define ATTUNE_CLIENT_STUDY_FILE_OBJECTIVES_H_

#include <optional>
#include <vector>

#include "client/yaml_reader.h"
#include "core/study.h"

// The parts of a study file that name metrics. Problems go to the log.
namespace attune {

// `{metric: loss, goal: minimize}`; nullopt if it is no map.
std::optional<Objective> ReadObjective(const Field& field, FieldLog& log);

// What stands under `objective`, or in the list under `objectives`: a file has
// one of the two.
std::vector<Objective> ReadObjectives(const MapReader& file, FieldLog& log);

}  // namespace attune

#endif  // ATTUNE_CLIENT_STUDY_FILE_OBJECTIVES_H_
