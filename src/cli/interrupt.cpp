#include "cli/interrupt.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "cli/command.h"

namespace thalweg::cli {

namespace {
sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

void raise_event(int descriptor) noexcept {
  const std::uint64_t one = 1;
  (void)!::write(descriptor, &one, sizeof one);
}
}  // namespace

Result<std::unique_ptr<Interrupt>> Interrupt::watch() {
  std::unique_ptr<Interrupt> made(new Interrupt);
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  made->signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  made->stopped_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  made->leave_ = ::eventfd(0, EFD_CLOEXEC);
  if (made->signals_ < 0 || made->stopped_ < 0 || made->leave_ < 0) {
    return std::unexpected(system_error(errno, "cannot listen for Ctrl-C"));
  }
  made->listener_ = std::thread([interrupt = made.get()] { interrupt->listen(); });
  return made;
}

void Interrupt::listen() {
  pollfd waits[] = {{signals_, POLLIN, 0}, {leave_, POLLIN, 0}};
  while (true) {
    if (::poll(waits, 2, -1) < 0 && errno != EINTR) return;
    if ((waits[1].revents & POLLIN) != 0) return;
    signalfd_siginfo signal{};
    if ((waits[0].revents & POLLIN) == 0 || ::read(signals_, &signal, sizeof signal) != sizeof signal) continue;
    if (requested()) ::_exit(kExitInterrupted);
    print_error("\nthalweg: stopping; Ctrl-C again stops at once\n");
    stop();
  }
}

void Interrupt::stop() noexcept {
  source().request_stop();
  raise_event(stopped_);
}

void Interrupt::reset() noexcept {
  const std::lock_guard lock(mutex_);
  source_ = std::stop_source();
  std::uint64_t count = 0;
  (void)!::read(stopped_, &count, sizeof count);
}

bool Interrupt::readable(int descriptor) const noexcept {
  pollfd waits[] = {{stopped_, POLLIN, 0}, {descriptor, POLLIN, 0}};
  while (true) {
    if (::poll(waits, 2, -1) < 0 && errno == EINTR) continue;
    return (waits[0].revents & POLLIN) == 0;
  }
}

Interrupt::~Interrupt() {
  if (listener_.joinable()) {
    raise_event(leave_);
    listener_.join();
  }
  for (const int descriptor : {signals_, stopped_, leave_}) {
    if (descriptor >= 0) ::close(descriptor);
  }
  const sigset_t set = watched();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace thalweg::cli
