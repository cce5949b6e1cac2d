#pragma once
// Measuring: every figure of the project comes out of here, with its spread and the number of batches behind it.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "thalweg/clock.h"
#include "thalweg/value.h"

namespace thalweg::bench {

/// A figure: median and the 10th and 90th percentile over `n` batches.
struct Measurement {
  std::string name;
  double median = 0;
  double p10 = 0;
  double p90 = 0;
  std::size_t n = 0;
  std::string unit;
};

/// How long to measure. A batch is repeated until it is long against a clock read; short total times give rough figures fast.
struct Effort {
  Nanos batch = 2 * kMillisecond;    ///< a batch runs its body so often that it lasts about this long
  Nanos total = 400 * kMillisecond;  ///< then batches are repeated for about this long,
  std::size_t least = 7;             ///< but at least this often
  std::size_t most = 201;
};

/// Keeps the compiler from dropping what computes `value`.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

/// What something took, in ns: by the clock, and of the processor in all threads of the process.
struct Cost {
  double wall = 0;
  double processor = 0;
  Cost& operator+=(const Cost& other) noexcept {
    wall += other.wall;
    processor += other.processor;
    return *this;
  }
};

/// Of the processor, in all threads of the process, so far.
[[nodiscard]] Nanos processor_time() noexcept;

/// Collects measurements. `body` is what one operation does; it is run for warm-up, then in batches sized by time.
///
///     void bench_json(bench::Report& report) {
///       report.time("json.parse.small", [&] { bench::keep(parse_json(text)); });
///       report.rate("json.parse.records", "MB/s", static_cast<double>(text.size()) / 1e6, [&] { ... });
///     }
class Report {
 public:
  explicit Report(Clock& clock, Effort effort = {}) : clock_(&clock), effort_(effort) {}

  /// Nanoseconds an operation; `operations` is how many one call of `body` does.
  template <class Body>
  double time(std::string name, Body&& body, double operations = 1) {
    return measure(std::move(name), "ns", looped(body), [operations](double ns) { return ns / operations; });
  }
  /// `amount` of `unit` is done by one call of `body`, e.g. 1.5 for 1.5 MB with the unit "MB/s".
  template <class Body>
  double rate(std::string name, std::string unit, double amount, Body&& body) {
    return measure(std::move(name), std::move(unit), looped(body), [amount](double ns) { return amount / ns * 1e9; });
  }
  /// Nanoseconds of each further step: (time of `large` - time of `small`) / `steps`, over batches taken in turn.
  template <class Small, class Large>
  double slope(std::string name, Small&& small, Large&& large, double steps) {
    return add(std::move(name), "ns",
               measure_pair(looped(small), looped(large), [steps](double s, double l) { return (l - s) / steps; }));
  }
  /// How many times longer `a` takes than `b`, over batches taken in turn (A B A B), as add_ratio() has it. At least `pairs` of
  /// them where that is more than the effort's least.
  template <class A, class B>
  double ratio(std::string name, A&& a, B&& b, std::size_t pairs = 0) {
    return add_ratio(std::move(name), measure_pair(looped(a), looped(b), [](double x, double y) { return x / y; }, pairs));
  }
  /// A figure measured elsewhere, from its samples (at least one).
  double add(std::string name, std::string unit, std::vector<double> samples);
  /// A ratio measured elsewhere, from its pairs. Two more figures, NAME.low95 and NAME.high95, are the ends of the median's 95 %
  /// interval (percentile bootstrap, 2,000 draws).
  double add_ratio(std::string name, std::vector<double> samples);
  /// Tells that `what` ("models.index") cannot be measured here, why and what to do about it.
  void pass_over(std::string what, std::string_view why) { passed_over_.push_back({std::move(what), std::string(why)}); }
  struct PassedOver {
    std::string what;
    std::string why;
  };
  [[nodiscard]] const std::vector<PassedOver>& passed_over() const noexcept { return passed_over_; }
  /// What `body` takes, once.
  template <class Body>
  [[nodiscard]] Cost cost(Body&& body) const {
    const Nanos begun = clock_->now(), used = processor_time();
    body();
    return {.wall = static_cast<double>(clock_->now() - begun), .processor = static_cast<double>(processor_time() - used)};
  }

  /// Of the figures from the given one on, drops those that no name asks for: "engine.run" keeps itself and those below it.
  void only(std::span<const std::string> names, std::size_t from);
  [[nodiscard]] const std::vector<Measurement>& results() const noexcept { return results_; }
  [[nodiscard]] Clock& clock() const noexcept { return *clock_; }

 private:
  using Loop = std::move_only_function<void(std::uint64_t)>;
  using Convert = std::move_only_function<double(double)>;
  using Combine = std::move_only_function<double(double, double)>;
  template <class Body>
  static Loop looped(Body& body) {
    return [&body](std::uint64_t times) {
      for (std::uint64_t i = 0; i < times; ++i) body();
    };
  }
  double measure(std::string name, std::string unit, Loop loop, Convert convert);
  std::vector<double> measure_pair(Loop first, Loop second, Combine combine, std::size_t pairs = 0);
  std::uint64_t fit(Loop& loop);
  double once(Loop& loop, std::uint64_t times);
  [[nodiscard]] bool enough(std::size_t batches, Nanos start, std::size_t least = 0) const noexcept;

  Clock* clock_;
  Effort effort_;
  std::vector<Measurement> results_;
  std::vector<PassedOver> passed_over_;
};

/// A named group of measurements: `thalweg bench NAME`.
struct Benchmark {
  std::string_view name;
  void (*run)(Report&);
};

/// Runs the benchmarks with these names (a group, or one figure of it: "engine.run.fixed"), all when there are none. Errors:
/// not_found for an unknown name, a group's before anything is run. What cannot be measured here is no error: passed_over().
Result<> run(std::span<const Benchmark> benchmarks, std::span<const std::string> names, Report& report);

/// A list of {name, median, p10, p90, n, unit}, for `--json`.
[[nodiscard]] Value to_value(std::span<const Measurement> results);

/// The machine's facts and the figures as a table, for people.
[[nodiscard]] std::string to_text(std::span<const Measurement> results);

/// "AMD EPYC, 2 cores, clang 22.1.1": what figures depend on.
[[nodiscard]] std::string machine();

}  // namespace thalweg::bench
