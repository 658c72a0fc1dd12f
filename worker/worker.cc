#include "worker/worker.h"

#include <cstdint>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/check.h"
#include "core/random.h"

namespace attune {
namespace {

// Chance serves only to spread the tries of many workers over time.
Rng ChanceOf(const WorkerOptions& options) {
  return Rng(StableHash(options.process));
}

}  // namespace

Worker::Worker(const WorkerOptions& options, CoordinatorApi* coordinator,
               TrialRunner* runner, Clock* clock)
    : clock_(clock),
      keeper_(coordinator, clock, options.slot.session.retry,
              ChanceOf(options).Split("renewals")) {
  ATTUNE_CHECK(options.slots >= 1);
  for (int i = 1; i <= options.slots; ++i) {
    SlotOptions slot = options.slot;
    slot.worker.value = absl::StrCat(options.process, "/", i);
    slots_.push_back(std::make_unique<Slot>(
        slot,
        SessionContext{
            .coordinator = coordinator, .runner = runner, .clock = clock},
        &keeper_, ChanceOf(options).Split(static_cast<uint64_t>(i))));
  }
}

absl::Status Worker::Run() {
  std::thread control([this] { keeper_.Run(); });
  std::vector<std::thread> threads;
  for (const std::unique_ptr<Slot>& slot : slots_) {
    threads.emplace_back([this, &slot] { RunSlot(*slot); });
  }
  for (std::thread& thread : threads) thread.join();
  keeper_.Close();
  control.join();
  return Result();
}

void Worker::RunSlot(Slot& slot) {
  while (true) {
    // What the step will know already must not wake the sleep after it: only
    // what comes next.
    std::stop_token wake = draining_.get_token();
    if (wake.stop_requested()) wake = handing_back_.get_token();
    if (wake.stop_requested()) wake = std::stop_token();
    const absl::Time next = slot.Step();
    if (slot.done()) return;
    if (next > clock_->Now()) clock_->SleepUntil(next, std::move(wake));
  }
}

void Worker::Drain() {
  for (const std::unique_ptr<Slot>& slot : slots_) slot->Drain();
  draining_.request_stop();
}

void Worker::HandBack() {
  for (const std::unique_ptr<Slot>& slot : slots_) slot->HandBack();
  draining_.request_stop();
  handing_back_.request_stop();
}

absl::Status Worker::Result() const {
  absl::Status first;
  std::vector<std::string> messages;
  for (const std::unique_ptr<Slot>& slot : slots_) {
    if (slot->result().ok()) continue;
    if (first.ok()) first = slot->result();
    const std::string message(slot->result().message());
    if (messages.empty() || messages.back() != message) {
      messages.push_back(message);
    }
  }
  if (first.ok()) return first;
  return absl::Status(first.code(), absl::StrJoin(messages, "; "));
}

}  // namespace attune
