#include "client/status_report.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "proto/convert.h"

namespace attune {
namespace {

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

// The clocks of two machines differ.
absl::Duration Since(const google::protobuf::Timestamp& time, absl::Time now) {
  return std::max(now - ToTime(time), absl::ZeroDuration());
}

std::string Milliseconds(const google::protobuf::Duration& duration) {
  const double value = absl::ToDoubleMilliseconds(ToDuration(duration));
  const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
  return absl::StrFormat("%.*f ms", decimals, value);
}

std::string StudiesText(const pb::ServerStatus& status) {
  const std::map<std::string, int64_t> counts(status.study_counts().begin(),
                                              status.study_counts().end());
  if (counts.empty()) return "none";
  return absl::StrJoin(counts, ", ", [](std::string* out, const auto& count) {
    absl::StrAppend(out, count.second, " ", count.first);
  });
}

std::string CommitsText(const pb::CommitStatus& commits) {
  if (commits.count() == 0) return "none yet";
  return absl::StrCat(commits.count(), ", median ",
                      Milliseconds(commits.median()), ", p99 ",
                      Milliseconds(commits.p99()), ", longest ",
                      Milliseconds(commits.longest()));
}

std::string FailuresText(const pb::CommitStatus& commits, absl::Time now) {
  return absl::StrCat(commits.failures(), " commits, the last ",
                      ShortDuration(Since(commits.last_error_time(), now)),
                      " ago: ", Printable(commits.last_error()));
}

Json JsonCommits(const pb::CommitStatus& commits) {
  const auto milliseconds = [](const google::protobuf::Duration& duration) {
    return JsonNumber(absl::ToDoubleMilliseconds(ToDuration(duration)));
  };
  return {{"count", commits.count()},
          {"failures", commits.failures()},
          {"median_ms", milliseconds(commits.median())},
          {"p99_ms", milliseconds(commits.p99())},
          {"longest_ms", milliseconds(commits.longest())},
          {"last_error", commits.last_error()},
          {"last_error_time", commits.has_last_error_time()
                                  ? JsonTime(ToTime(commits.last_error_time()))
                                  : Json()}};
}

// `mlp 7`.
std::string TrialText(const pb::WorkerStatus& worker) {
  const absl::StatusOr<ParsedTrialName> name = ParseTrialName(worker.trial());
  if (!name.ok()) return worker.trial();
  return absl::StrCat(name->study, " ", name->number);
}

Json JsonWorkers(const pb::ServerStatus& status) {
  Json workers = Json::array();
  for (const pb::WorkerStatus& worker : status.workers()) {
    workers.push_back(
        {{"worker", worker.worker()},
         {"trial", worker.trial().empty() ? Json() : Json(worker.trial())},
         {"last_contact", JsonTime(ToTime(worker.last_contact_time()))}});
  }
  return workers;
}

Json JsonStatus(const pb::ServerStatus& status, absl::Time now) {
  Json studies = Json::object();
  for (const auto& [state, count] : std::map<std::string, int64_t>(
           status.study_counts().begin(), status.study_counts().end())) {
    studies[state] = count;
  }
  Json addresses = Json::array();
  for (const std::string& address : status.addresses()) {
    addresses.push_back(address);
  }
  const absl::Duration up = Since(status.start_time(), now);
  return {{"version", status.version()},
          {"started", JsonTime(ToTime(status.start_time()))},
          {"uptime_s", JsonNumber(absl::ToDoubleSeconds(up))},
          {"database", status.database()},
          {"addresses", addresses},
          {"read_only", status.read_only()},
          {"studies", studies},
          {"running_trials", status.running_trials()},
          {"worker_count", status.worker_count()},
          {"waiting_calls", status.waiting_calls()},
          {"queued_calls", status.queued_calls()},
          {"watchers", status.watchers()},
          {"commits", JsonCommits(status.commits())},
          {"workers", JsonWorkers(status)}};
}

}  // namespace

std::string CommitWatch::Look(const pb::CommitStatus& commits) {
  const bool failed =
      commits.failures() > failures_.value_or(commits.failures());
  const bool wrote = commits.count() > count_;
  failures_ = commits.failures();
  count_ = commits.count();
  if (failed && commits.last_error() != said_) {
    said_ = commits.last_error();
    return absl::StrCat("the coordinator cannot write: ", Printable(said_));
  }
  if (failed || !wrote || said_.empty()) return "";
  said_.clear();
  return "the coordinator writes again";
}

std::vector<SummaryLine> StatusLines(const pb::ServerStatus& status,
                                     absl::Time now) {
  std::vector<SummaryLine> lines = {
      {"coordinator", absl::StrCat(absl::StrJoin(status.addresses(), ", "),
                                   status.read_only() ? ", only reads" : "")},
      {"version", status.version()},
      {"up", ShortDuration(Since(status.start_time(), now))},
      {"database", status.database()}};
  if (!status.read_only()) {
    lines.push_back({"studies", StudiesText(status)});
    lines.push_back(
        {"trials", absl::StrCat(status.running_trials(), " running")});
    lines.push_back(
        {"waiting",
         absl::StrCat(status.waiting_calls(), " calls for a trial, ",
                      status.queued_calls(), " for the coordinator")});
    lines.push_back({"commits", CommitsText(status.commits())});
  }
  if (status.commits().failures() > 0) {
    lines.push_back({"failed", FailuresText(status.commits(), now)});
  }
  lines.push_back({"watchers", absl::StrCat(status.watchers())});
  if (!status.read_only()) {
    lines.push_back({"workers", absl::StrCat(status.worker_count(), " slots")});
  }
  return lines;
}

Listing ListStatus(const pb::ServerStatus& status, absl::Time now) {
  Listing listing;
  listing.table.columns = {{.title = "worker"},
                           {.title = "trial"},
                           {.title = "last contact", .is_number = true}};
  for (const pb::WorkerStatus& worker : status.workers()) {
    listing.table.rows.push_back(
        {{.text = Printable(worker.worker())},
         worker.trial().empty()
             ? Cell{.text = "waits for one", .style = Style::kDim}
             : Cell{.text = TrialText(worker)},
         {.text = absl::StrCat(
              ShortDuration(Since(worker.last_contact_time(), now)), " ago")}});
  }
  for (const char* name : {"worker", "trial", "last_contact"}) {
    listing.csv.push_back({.title = name, .path = {name}});
  }
  listing.json.push_back(JsonStatus(status, now));
  return listing;
}

}  // namespace attune
