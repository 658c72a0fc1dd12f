#ifndef ATTUNE_TESTS_SIM_FAULTS_H_
#define ATTUNE_TESTS_SIM_FAULTS_H_

#include "core/random.h"

namespace attune {

// How likely each thing is to go wrong each time that it could.
struct Faults {
  // The network, for each call.
  double lose_request = 0.0;
  double lose_reply = 0.0;
  double delay = 0.0;   // the caller gives up, the request comes later
  double repeat = 0.0;  // the request comes again later
  double cut = 0.0;     // nothing passes between this caller and the rest
  // Storage, for each commit and each read.
  double fail_commit = 0.0;
  double hide_commit = 0.0;  // it is stored, and is said to have failed
  double fail_read = 0.0;
  double slow_storage = 0.0;  // the call takes seconds
  double die_in_call = 0.0;   // the coordinator, before it or after it
  // The disk below SQLite, for each of its calls.
  double fail_disk_read = 0.0;
  double fail_disk_write = 0.0;  // or a part of it is done and the rest not
  double fail_sync = 0.0;
  double slow_sync = 0.0;
  double die_on_disk = 0.0;
  // For each event of the simulation.
  double crash_coordinator = 0.0;
  double crash_worker = 0.0;
  double stall_worker = 0.0;
  double leave_worker = 0.0;  // it drains, or hands back what it runs
  double jump_clock = 0.0;    // back or forward
  double fill_disk = 0.0;     // for some seconds
  // Of the coordinator's deaths, how many are for want of power.
  double cut_power = 0.0;

  void MakeDiskGood() {
    fail_disk_read = fail_disk_write = fail_sync = slow_sync = 0.0;
    die_on_disk = fill_disk = cut_power = 0.0;
  }

  // Some of them, at rates that `rng` chooses.
  static Faults Draw(Rng rng) {
    const auto some = [&rng](double most) {
      return rng.Below(3) == 0 ? 0.0 : rng.Uniform(0.0, most);
    };
    Faults faults;
    faults.lose_request = some(0.3);
    faults.lose_reply = some(0.3);
    faults.delay = some(0.3);
    faults.repeat = some(0.3);
    faults.cut = some(0.01);
    faults.fail_commit = some(0.2);
    faults.hide_commit = some(0.05);
    faults.fail_read = some(0.2);
    faults.slow_storage = some(0.02);
    faults.die_in_call = some(0.01);
    faults.fail_disk_read = some(0.005);
    faults.fail_disk_write = some(0.01);
    faults.fail_sync = some(0.1);
    faults.slow_sync = some(0.02);
    faults.die_on_disk = some(0.002);
    faults.crash_coordinator = some(0.01);
    faults.crash_worker = some(0.01);
    faults.stall_worker = some(0.02);
    faults.leave_worker = some(0.005);
    faults.jump_clock = some(0.004);
    faults.fill_disk = some(0.005);
    faults.cut_power = some(1.0);
    return faults;
  }
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_FAULTS_H_
