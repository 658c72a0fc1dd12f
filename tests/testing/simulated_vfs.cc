#include "tests/testing/simulated_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/check.h"

namespace attune {

namespace vfs_internal {

constexpr int kRegion = 32 * 1024;

// The memory that the connections to one write-ahead log share.
struct SharedMemory {
  std::vector<std::unique_ptr<std::array<char, kRegion>>> regions;
};

using Mask = uint32_t;

// What a connection has open.
struct Handle {
  SimulatedDisk* disk = nullptr;
  std::set<Handle*>* all = nullptr;  // that the VFS has open
  std::string name;                  // empty: a temporary file
  std::shared_ptr<DiskFile> file;
  int64_t process = 0;
  bool sync_names = false;  // with the next sync
  bool delete_on_close = false;
  int lock = SQLITE_LOCK_NONE;
  std::shared_ptr<SharedMemory> memory;
  Mask shared = 0;  // locks on the shared memory
  Mask exclusive = 0;

  bool is_dead() const { return disk->is_dead() || process != disk->process(); }
};

}  // namespace vfs_internal

namespace {

using vfs_internal::Handle;
using vfs_internal::kRegion;
using vfs_internal::Mask;
using vfs_internal::SharedMemory;

constexpr int kMaxPath = 512;
// Unix days count from noon of Julian day 2440587.5; any fixed time will do.
constexpr sqlite3_int64 kStillTime = 212'000'000'000'000;

struct OpenFile {
  sqlite3_file base;
  Handle* handle;
};

Handle& Of(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file)->handle;
}

int Code(DiskFault fault, int failure) {
  switch (fault) {
    case DiskFault::kNone:
      return SQLITE_OK;
    case DiskFault::kFull:
      return SQLITE_FULL;
    case DiskFault::kFails:
    case DiskFault::kTorn:
    case DiskFault::kDies:
      return failure;
  }
  return failure;
}

// ---- reading and writing ----------------------------------------------------

int Close(sqlite3_file* file) {
  Handle& handle = Of(file);
  if (handle.delete_on_close && !handle.name.empty() && !handle.is_dead()) {
    handle.disk->Delete(handle.name);
  }
  handle.all->erase(&handle);
  delete &handle;
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
  Handle& handle = Of(file);
  if (handle.is_dead()) return SQLITE_IOERR_READ;
  const int code = Code(handle.disk->Ask(DiskCall::kRead), SQLITE_IOERR_READ);
  if (code != SQLITE_OK) return code;
  const std::string& bytes = handle.file->bytes();
  const size_t begin = std::min(bytes.size(), static_cast<size_t>(offset));
  const size_t there =
      std::min(bytes.size() - begin, static_cast<size_t>(count));
  std::memcpy(to, bytes.data() + begin, there);
  std::memset(static_cast<char*>(to) + there, 0,
              static_cast<size_t>(count) - there);
  return there == static_cast<size_t>(count) ? SQLITE_OK
                                             : SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* from, int count,
          sqlite3_int64 offset) {
  Handle& handle = Of(file);
  if (handle.is_dead()) return SQLITE_IOERR_WRITE;
  return Code(handle.disk->Write(
                  *handle.file, static_cast<size_t>(offset),
                  {static_cast<const char*>(from), static_cast<size_t>(count)}),
              SQLITE_IOERR_WRITE);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = Of(file);
  if (handle.is_dead()) return SQLITE_IOERR_TRUNCATE;
  return Code(handle.disk->Truncate(*handle.file, static_cast<size_t>(size)),
              SQLITE_IOERR_TRUNCATE);
}

int Sync(sqlite3_file* file, int) {
  Handle& handle = Of(file);
  if (handle.is_dead()) return SQLITE_IOERR_FSYNC;
  const int code = Code(handle.disk->Sync(*handle.file), SQLITE_IOERR_FSYNC);
  if (code == SQLITE_OK && std::exchange(handle.sync_names, false)) {
    handle.disk->SyncNames();
  }
  return code;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  Handle& handle = Of(file);
  if (handle.is_dead()) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(handle.file->bytes().size());
  return SQLITE_OK;
}

// ---- locks ------------------------------------------------------------------

// The highest lock that another connection of the process has on the file.
int OthersLock(const Handle& handle) {
  int highest = SQLITE_LOCK_NONE;
  for (const Handle* other : *handle.all) {
    if (other != &handle && other->file == handle.file &&
        other->process == handle.process) {
      highest = std::max(highest, other->lock);
    }
  }
  return highest;
}

int Lock(sqlite3_file* file, int wanted) {
  Handle& handle = Of(file);
  if (handle.is_dead()) return SQLITE_IOERR_LOCK;
  if (handle.lock >= wanted) return SQLITE_OK;
  const int others = OthersLock(handle);
  if (wanted == SQLITE_LOCK_SHARED) {
    if (others >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
  } else if (others >= SQLITE_LOCK_RESERVED) {
    return SQLITE_BUSY;
  } else if (wanted == SQLITE_LOCK_EXCLUSIVE && others != SQLITE_LOCK_NONE) {
    handle.lock = SQLITE_LOCK_PENDING;  // lets no more readers in
    return SQLITE_BUSY;
  }
  handle.lock = wanted;
  return SQLITE_OK;
}

int Unlock(sqlite3_file* file, int level) {
  Handle& handle = Of(file);
  handle.lock = std::min(handle.lock, level);
  return SQLITE_OK;
}

int CheckReservedLock(sqlite3_file* file, int* is_reserved) {
  Handle& handle = Of(file);
  *is_reserved =
      std::max(handle.lock, OthersLock(handle)) >= SQLITE_LOCK_RESERVED;
  return SQLITE_OK;
}

int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }

int SectorSize(sqlite3_file*) {
  return static_cast<int>(SimulatedDisk::kSector);
}

int DeviceCharacteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

// ---- shared memory ----------------------------------------------------------

std::shared_ptr<SharedMemory> FindMemory(const Handle& handle) {
  for (const Handle* other : *handle.all) {
    if (other->file == handle.file && other->process == handle.process &&
        other->memory != nullptr) {
      return other->memory;
    }
  }
  return std::make_shared<SharedMemory>();
}

int ShmMap(sqlite3_file* file, int region, int size, int extend,
           volatile void** at) {
  Handle& handle = Of(file);
  *at = nullptr;
  if (handle.is_dead()) return SQLITE_IOERR_SHMMAP;
  ATTUNE_CHECK(size == kRegion);
  if (handle.memory == nullptr) handle.memory = FindMemory(handle);
  auto& regions = handle.memory->regions;
  const auto index = static_cast<size_t>(region);
  while (extend != 0 && regions.size() <= index) {
    regions.push_back(std::make_unique<std::array<char, kRegion>>());
  }
  if (index < regions.size()) *at = regions[index]->data();
  return SQLITE_OK;
}

int ShmLock(sqlite3_file* file, int first, int count, int flags) {
  Handle& handle = Of(file);
  const Mask mask = ((Mask{1} << count) - 1) << first;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    handle.shared &= ~mask;
    handle.exclusive &= ~mask;
    return SQLITE_OK;
  }
  if (handle.is_dead()) return SQLITE_IOERR_SHMLOCK;
  const bool wants_all = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  for (const Handle* other : *handle.all) {
    if (other == &handle || other->memory != handle.memory) continue;
    const Mask held = other->exclusive | (wants_all ? other->shared : 0);
    if ((held & mask) != 0) return SQLITE_BUSY;
  }
  (wants_all ? handle.exclusive : handle.shared) |= mask;
  return SQLITE_OK;
}

// ThreadSanitizer knows no fences, so all pass by one number.
void ShmBarrier(sqlite3_file*) {
  static std::atomic<int> passed = 0;
  passed.fetch_add(1);
}

int ShmUnmap(sqlite3_file* file, int) {
  Handle& handle = Of(file);
  handle.memory = nullptr;
  handle.shared = 0;
  handle.exclusive = 0;
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = Close,
    .xRead = Read,
    .xWrite = Write,
    .xTruncate = Truncate,
    .xSync = Sync,
    .xFileSize = FileSize,
    .xLock = Lock,
    .xUnlock = Unlock,
    .xCheckReservedLock = CheckReservedLock,
    .xFileControl = FileControl,
    .xSectorSize = SectorSize,
    .xDeviceCharacteristics = DeviceCharacteristics,
    .xShmMap = ShmMap,
    .xShmLock = ShmLock,
    .xShmBarrier = ShmBarrier,
    .xShmUnmap = ShmUnmap,
};

}  // namespace

// ---- the VFS ----------------------------------------------------------------

class SimulatedVfs::Impl {
 public:
  explicit Impl(SimulatedDisk* disk) : disk_(disk) {
    static std::atomic<int> count = 0;
    name_ = absl::StrCat("simulated-disk-", ++count);
    vfs_.iVersion = 2;
    vfs_.szOsFile = sizeof(OpenFile);
    vfs_.mxPathname = kMaxPath;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = Open;
    vfs_.xDelete = Delete;
    vfs_.xAccess = Access;
    vfs_.xFullPathname = FullPathname;
    vfs_.xRandomness = Randomness;
    vfs_.xSleep = [](sqlite3_vfs*, int microseconds) { return microseconds; };
    vfs_.xCurrentTime = [](sqlite3_vfs*, double* days) {
      *days = static_cast<double>(kStillTime) / 86'400'000.0;
      return SQLITE_OK;
    };
    vfs_.xCurrentTimeInt64 = [](sqlite3_vfs*, sqlite3_int64* time) {
      *time = kStillTime;
      return SQLITE_OK;
    };
    vfs_.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
    ATTUNE_CHECK(sqlite3_vfs_register(&vfs_, /*makeDflt=*/0) == SQLITE_OK);
  }
  ~Impl() {
    ATTUNE_CHECK(handles_.empty());
    sqlite3_vfs_unregister(&vfs_);
  }

  const std::string& name() const { return name_; }

 private:
  static Impl& Of(sqlite3_vfs* vfs) {
    return *static_cast<Impl*>(vfs->pAppData);
  }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file,
                  int flags, int* flags_out) {
    file->pMethods = nullptr;
    SimulatedDisk& disk = *Of(vfs).disk_;
    const int code = Code(disk.Ask(DiskCall::kOpen), SQLITE_CANTOPEN);
    if (code != SQLITE_OK) return code;
    auto handle = std::make_unique<Handle>();
    handle->disk = &disk;
    handle->all = &Of(vfs).handles_;
    handle->name = name == nullptr ? "" : name;
    handle->process = disk.process();
    handle->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    if (name == nullptr) {
      handle->file = std::make_shared<DiskFile>();
    } else {
      handle->file = disk.Find(name);
    }
    if (handle->file == nullptr) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      handle->file = disk.Create(name);
      handle->sync_names =
          (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL |
                    SQLITE_OPEN_SUPER_JOURNAL)) != 0;
    }
    if (flags_out != nullptr) *flags_out = flags;
    Of(vfs).handles_.insert(handle.get());
    file->pMethods = &kMethods;
    reinterpret_cast<OpenFile*>(file)->handle = handle.release();
    return SQLITE_OK;
  }

  static int Delete(sqlite3_vfs* vfs, const char* name, int sync_names) {
    SimulatedDisk& disk = *Of(vfs).disk_;
    if (!disk.is_dead() && disk.Find(name) == nullptr) {
      return SQLITE_IOERR_DELETE_NOENT;
    }
    const int code = Code(disk.Delete(name), SQLITE_IOERR_DELETE);
    if (code == SQLITE_OK && sync_names != 0) disk.SyncNames();
    return code;
  }

  static int Access(sqlite3_vfs* vfs, const char* name, int, int* result) {
    SimulatedDisk& disk = *Of(vfs).disk_;
    *result = 0;
    if (disk.is_dead()) return SQLITE_IOERR_ACCESS;
    const auto file = disk.Find(name);
    // As on Unix: an empty journal is none.
    *result = file != nullptr && !file->bytes().empty() ? 1 : 0;
    return SQLITE_OK;
  }

  static int FullPathname(sqlite3_vfs*, const char* name, int size, char* to) {
    if (std::strlen(name) >= static_cast<size_t>(size)) return SQLITE_CANTOPEN;
    std::memcpy(to, name, std::strlen(name) + 1);
    return SQLITE_OK;
  }

  static int Randomness(sqlite3_vfs* vfs, int count, char* to) {
    for (int i = 0; i < count; ++i) {
      to[i] = static_cast<char>(Of(vfs).disk_->rng().Below(256));
    }
    return count;
  }

  SimulatedDisk* const disk_;
  std::string name_;
  std::set<Handle*> handles_;
  sqlite3_vfs vfs_ = {};
};

SimulatedVfs::SimulatedVfs(SimulatedDisk* disk)
    : impl_(std::make_unique<Impl>(disk)) {}

SimulatedVfs::~SimulatedVfs() = default;

const std::string& SimulatedVfs::name() const { return impl_->name(); }

}  // namespace attune
