#include "store/notifier.h"

#include <utility>

namespace thalweg {

namespace {
void tell(Subscription::Entry& entry, const Notice& notice) {
  const std::lock_guard lock(entry.mutex);
  if (entry.callback) entry.callback(notice);
}
}  // namespace

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  std::swap(entry_, other.entry_);
  return *this;
}

Subscription::~Subscription() {
  if (entry_ == nullptr) return;
  const std::lock_guard lock(entry_->mutex);
  entry_->callback = nullptr;
}

Notifier::~Notifier() {
  pauses_.close();
  if (listener_ != nullptr) listener_->wake();
  if (thread_.joinable()) thread_.join();
}

Subscription Notifier::subscribe(std::string_view channel, std::function<void(const Notice&)> callback) {
  auto entry = std::make_shared<Subscription::Entry>();
  entry->channel = channel;
  entry->callback = std::move(callback);
  const std::lock_guard lock(mutex_);
  entries_.push_back(entry);
  if (listener_ == nullptr) {
    listener_ = driver_.listener();
    thread_ = std::thread([this] { loop(); });
  } else {
    listener_->wake();
    pauses_.cut_short();
  }
  return Subscription(std::move(entry));
}

Notifier::Entries Notifier::entries() {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [](const auto& entry) { return entry.expired(); });
  Entries alive;
  for (const auto& entry : entries_) {
    if (auto held = entry.lock()) alive.push_back(std::move(held));
  }
  return alive;
}

void Notifier::loop() {
  bool open = false;
  for (unsigned failures = 0; !pauses_.closed();) {
    std::optional<Failure> failure;
    if (!open) {
      failure = listener_->open();
      for (const auto& entry : entries()) entry->listening = false;
      open = !failure;
    }
    if (!failure) failure = listen(entries());
    if (!failure) failure = receive();
    if (!failure || failure->trouble == Trouble::interrupted) {
      failures = 0;
    } else {
      // There is nobody to tell: subscribers learn of it by the resync that follows.
      if (failure->trouble != Trouble::conflict) open = false;
      pauses_.wait(open ? Trouble::conflict : Trouble::lost, ++failures);
    }
  }
}

std::optional<Failure> Notifier::listen(const Entries& entries) {
  for (const auto& entry : entries) {
    if (entry->listening) continue;
    if (auto failure = listener_->listen(entry->channel)) return failure;
    entry->listening = true;
    tell(*entry, {.resync = true, .payload = {}});
  }
  return std::nullopt;
}

std::optional<Failure> Notifier::receive() {
  std::vector<Notification> received;
  bool missed = false;
  auto failure = listener_->wait(received, missed);
  for (const auto& entry : entries()) {
    if (!entry->listening) continue;
    if (missed) tell(*entry, {.resync = true, .payload = {}});
    for (const Notification& notification : received) {
      if (notification.channel == entry->channel) tell(*entry, {.resync = false, .payload = notification.payload});
    }
  }
  return failure;
}

}  // namespace thalweg
