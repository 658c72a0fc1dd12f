#ifndef ATTUNE_CLIENT_STUDY_FILE_H_
#define ATTUNE_CLIENT_STUDY_FILE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/yaml_reader.h"
#include "client/yaml_tree.h"
#include "core/attributes.h"
#include "core/study.h"

namespace attune {

// docs/study-file.md describes the format.
struct StudyFile {
  // Legal if there are no problems.
  StudySpec spec;
  Attributes attributes;              // of the study when it is created
  std::vector<FileProblem> problems;  // all of them, in the file's order
  std::string path;                   // as it was given to ReadStudyFile()
  FieldLog fields;                    // knows where each one stands
};

// Reads the text of a study file. What is legal is judged by Validate() of
// core/study.h; this adds keys, types and places.
StudyFile ParseStudyFile(absl::string_view text);

// Reads the file at `path`. If it cannot be read or has problems, the message
// says all, one a line, each with its place:
//   examples/x.yaml:12:5: parameters.dropout.min: found `abc`, expected a
//   number
absl::StatusOr<StudyFile> ReadStudyFile(const std::string& path);

// A coordinator's refusal of the study in `file`, each of its violations with
// its place, as ReadStudyFile() has them: what a search cannot do is known to
// the coordinator alone. Any other status as it is.
absl::Status WithPlaces(const absl::Status& status, const StudyFile& file);

}  // namespace attune

#endif  // ATTUNE_CLIENT_STUDY_FILE_H_
