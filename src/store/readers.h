#pragma once
// The threads that read.

#include <mutex>
#include <thread>
#include <vector>

#include "store/jobs.h"
#include "store/session.h"

namespace thalweg {

/// Runs reading statements, each on its own, on up to `most` connections; a thread is started when all others are busy.
/// A read changes nothing, so it is repeated when its connection was lost.
class Readers {
 public:
  Readers(Driver& driver, Clock& clock, StoreCounters& counters, std::size_t most, Nanos patience);
  ~Readers();

  void push(JobPtr job);

 private:
  struct Reader {
    explicit Reader(Readers& readers);
    Session session;
    std::thread thread;
  };
  void loop(Session& session);
  void run(Session& session, Job& job) const;

  Driver& driver_;
  Clock& clock_;
  StoreCounters& counters_;
  const std::size_t most_;
  const Nanos patience_;
  JobQueue queue_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace thalweg
