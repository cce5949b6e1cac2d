#pragma once
// The thread that hands notifications to subscribers.

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/driver.h"
#include "store/pauses.h"
#include "store/store.h"

namespace thalweg {

struct Subscription::Entry {
  std::mutex mutex;  // held while the callback runs
  std::function<void(const Notice&)> callback;
  std::string channel;
  bool listening = false;  // of the notifier's thread
};

/// Listens, and listens anew when the connection was lost. Its thread and connection exist from the first subscription on.
class Notifier {
 public:
  Notifier(Driver& driver, Clock& clock) : driver_(driver), pauses_(clock) {}
  ~Notifier();

  [[nodiscard]] Subscription subscribe(std::string_view channel, std::function<void(const Notice&)> callback);

 private:
  using Entries = std::vector<std::shared_ptr<Subscription::Entry>>;
  void loop();
  std::optional<Failure> listen(const Entries& entries);
  std::optional<Failure> receive();
  [[nodiscard]] Entries entries();

  Driver& driver_;
  Pauses pauses_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Subscription::Entry>> entries_;
  std::unique_ptr<Listener> listener_;
  std::thread thread_;
};

}  // namespace thalweg
