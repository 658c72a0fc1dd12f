#ifndef ATTUNE_CORE_NETWORK_METRICS_H_
#define ATTUNE_CORE_NETWORK_METRICS_H_

#include <string>
#include <vector>

#include "core/search_space.h"
#include "core/study.h"

namespace attune {

// How long a trial has been trained so far, without attempts that were lost: of
// several networks, all of them.
inline constexpr char kElapsedSeconds[] = "elapsed_seconds";

// The metrics that a network trial of a study with these settings reports in
// every epoch: with `report_every_steps` also the `epoch`. Those of classes and
// those of numbers to predict, where only the data can tell which it has.
std::vector<std::string> NetworkMetrics(const Parameters& settings);

// What `task: auto` is where the objectives are metrics of classes or of
// numbers to predict: classification or regression; auto where the data decide.
std::string TaskByObjectives(const std::vector<Objective>& objectives);

// `settings` with what `task: auto` is by the objectives, where the dataset is
// one that can be either.
Parameters WithTaskByObjectives(Parameters settings,
                                const std::vector<Objective>& objectives);

}  // namespace attune

#endif  // ATTUNE_CORE_NETWORK_METRICS_H_
