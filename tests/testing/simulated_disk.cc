#include "tests/testing/simulated_disk.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/check.h"

namespace attune {

// ---- a file -----------------------------------------------------------------

void DiskFile::Apply(const Change& change, std::string& bytes) {
  if (change.truncates) {
    bytes.resize(change.offset);
    return;
  }
  const size_t end = change.offset + change.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  std::copy(change.bytes.begin(), change.bytes.end(),
            bytes.begin() + static_cast<ptrdiff_t>(change.offset));
}

void DiskFile::Write(size_t offset, absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t room =
        SimulatedDisk::kSector - offset % SimulatedDisk::kSector;
    const absl::string_view part = bytes.substr(0, room);
    changes_.push_back({.offset = offset, .bytes = std::string(part)});
    Apply(changes_.back(), cached_);
    offset += part.size();
    bytes.remove_prefix(part.size());
  }
}

void DiskFile::Truncate(size_t size) {
  changes_.push_back({.offset = size, .truncates = true});
  Apply(changes_.back(), cached_);
}

void DiskFile::Sync() {
  for (const Change& change : changes_) Apply(change, synced_);
  changes_.clear();
}

void DiskFile::KeepSome(double survives, Rng& rng) {
  for (const Change& change : changes_) {
    if (rng.Uniform() < survives) Apply(change, synced_);
  }
  changes_.clear();
}

void DiskFile::FailSync(Rng& rng) { KeepSome(rng.Uniform(), rng); }

void DiskFile::CutPower(double survives, Rng& rng) {
  KeepSome(survives, rng);
  cached_ = synced_;
}

// ---- the disk ---------------------------------------------------------------

void SimulatedDisk::Kill() {
  is_dead_ = true;
  ++process_;
}

void SimulatedDisk::CutPower() {
  Kill();
  // Often nothing or everything survives; a disk that loses some sectors of
  // many is the worst.
  const double survives = std::clamp(rng_.Uniform(-0.5, 1.5), 0.0, 1.0);
  std::set<std::string> all;
  for (const auto& [name, file] : names_) all.insert(name);
  for (const auto& [name, file] : synced_names_) all.insert(name);
  for (const std::string& name : all) {
    const auto now = names_.find(name);
    const auto before = synced_names_.find(name);
    const bool keeps_now = rng_.Uniform() < survives;
    const auto& kept = keeps_now ? now : before;
    const auto& end = keeps_now ? names_.end() : synced_names_.end();
    if (kept == end) {
      synced_names_.erase(name);
    } else {
      synced_names_.insert_or_assign(name, kept->second);
    }
  }
  names_ = synced_names_;
  for (const auto& [name, file] : names_) file->CutPower(survives, rng_);
}

DiskFault SimulatedDisk::Ask(DiskCall call) {
  if (is_dead_) return DiskFault::kDies;
  const DiskFault decided = fault(call);
  if (decided == DiskFault::kDies) Kill();
  return decided;
}

DiskFault SimulatedDisk::Write(DiskFile& file, size_t offset,
                               absl::string_view bytes) {
  ++changes_;
  DiskFault decided = Ask(DiskCall::kWrite);
  const size_t end = offset + bytes.size();
  if (decided == DiskFault::kNone && end > file.bytes().size() &&
      Size() + end - file.bytes().size() > capacity) {
    decided = DiskFault::kFull;
  }
  if (decided == DiskFault::kTorn || decided == DiskFault::kFull) {
    file.Write(offset, bytes.substr(0, rng_.Below(bytes.size() + 1)));
  }
  if (decided == DiskFault::kNone) file.Write(offset, bytes);
  return decided;
}

DiskFault SimulatedDisk::Truncate(DiskFile& file, size_t size) {
  ++changes_;
  const DiskFault decided = Ask(DiskCall::kTruncate);
  if (decided == DiskFault::kNone) file.Truncate(size);
  return decided;
}

DiskFault SimulatedDisk::Sync(DiskFile& file) {
  ++changes_;
  const DiskFault decided = Ask(DiskCall::kSync);
  if (decided == DiskFault::kNone) {
    file.Sync();
    for (const auto& [name, named] : names_) {
      if (named.get() == &file) synced_names_.insert_or_assign(name, named);
    }
  }
  if (decided == DiskFault::kFails) file.FailSync(rng_);
  return decided;
}

std::shared_ptr<DiskFile> SimulatedDisk::Find(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

std::shared_ptr<DiskFile> SimulatedDisk::Create(const std::string& name) {
  ++changes_;
  auto file = std::make_shared<DiskFile>();
  const bool is_new = names_.emplace(name, file).second;
  ATTUNE_CHECK(is_new);
  return file;
}

DiskFault SimulatedDisk::Delete(const std::string& name) {
  ++changes_;
  const DiskFault decided = Ask(DiskCall::kDelete);
  if (decided == DiskFault::kNone) names_.erase(name);
  return decided;
}

size_t SimulatedDisk::Size() const {
  size_t size = 0;
  for (const auto& [name, file] : names_) size += file->bytes().size();
  return size;
}

}  // namespace attune
