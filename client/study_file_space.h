#ifndef ATTUNE_CLIENT_STUDY_FILE_SPACE_H_
#define ATTUNE_CLIENT_STUDY_FILE_SPACE_H_

#include <optional>

#include "client/yaml_reader.h"
#include "core/search_space.h"

// The parts of a study file that describe what can be tried. Problems go to the
// log; what could be read goes to `space`.
namespace attune {

// The map under `parameters`.
void ReadParameters(const Field& field, SearchSpace& space, FieldLog& log);

// The list under `forbidden`. REQUIRES: the parameters have been read.
void ReadForbidden(const Field& field, SearchSpace& space, FieldLog& log);

// An integer as a decimal, where the values of `domain` are decimals; any other
// value as it is, as is all where the domain is null.
ParameterValue AsValueOf(const Domain* domain, const ParameterValue& value);

// A scalar, or a list of layers, which stands for a text: of integers for their
// widths, `256,128`, of words for what they are, `conv 5x5x6, pool 2`.
std::optional<ParameterValue> ReadValueOrLayers(const Field& field,
                                                FieldLog& log);

}  // namespace attune

#endif  // ATTUNE_CLIENT_STUDY_FILE_SPACE_H_
