#pragma once
// Descriptors to poll on.

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace thalweg {

/// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// Ends a poll() from another thread: readable from wake() to clear().
class Waker {
 public:
  Waker() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  /// False when there was no descriptor left to make it from: then nothing may wait for it.
  explicit operator bool() const noexcept { return static_cast<bool>(event_); }
  [[nodiscard]] int descriptor() const noexcept { return event_.get(); }
  void wake() noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(event_.get(), &one, sizeof one));
  }
  void clear() noexcept {
    std::uint64_t count = 0;
    static_cast<void>(!::read(event_.get(), &count, sizeof count));
  }

 private:
  Descriptor event_;
};

}  // namespace thalweg
