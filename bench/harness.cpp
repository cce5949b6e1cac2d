#include "bench/harness.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <thread>

#include "base/machine.h"
#include "thalweg/random.h"

namespace thalweg::bench {

namespace {

// Linear interpolation between the two nearest ranks. Precondition: sorted and not empty.
double quantile(std::span<const double> sorted, double share) {
  const double rank = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (rank - std::floor(rank)) * (sorted[above] - sorted[below]);
}

// The 2.5th and 97.5th percentile of the medians of samples drawn with replacement (Efron 1979); the same draws every time.
std::pair<double, double> bounds_of_median(std::span<const double> samples) {
  constexpr std::size_t kDraws = 2'000;
  Random random(samples.size());
  std::vector<double> medians(kDraws), drawn(samples.size());
  for (double& median : medians) {
    for (double& one : drawn) one = samples[random.below(samples.size())];
    std::ranges::sort(drawn);
    median = quantile(drawn, 0.5);
  }
  std::ranges::sort(medians);
  return {quantile(medians, 0.025), quantile(medians, 0.975)};
}

}  // namespace

Nanos processor_time() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

double Report::once(Loop& loop, std::uint64_t times) {
  const Nanos start = clock_->now();
  loop(times);
  return static_cast<double>(clock_->now() - start);
}

// How often a batch must run its body; finding it out is the warm-up.
std::uint64_t Report::fit(Loop& loop) {
  std::uint64_t times = 1;
  for (;;) {
    const double took = once(loop, times);
    if (took >= static_cast<double>(effort_.batch) || times >= (std::uint64_t{1} << 40)) return times;
    const double wanted = static_cast<double>(times) * static_cast<double>(effort_.batch) * 1.1 / std::max(took, 1.0);
    times = static_cast<std::uint64_t>(std::clamp(wanted, static_cast<double>(times) + 1, static_cast<double>(times) * 10));
  }
}

bool Report::enough(std::size_t batches, Nanos start, std::size_t least) const noexcept {
  return batches >= std::max(effort_.least, least) && (batches >= effort_.most || clock_->now() - start >= effort_.total);
}

double Report::measure(std::string name, std::string unit, Loop loop, Convert convert) {
  const std::uint64_t times = fit(loop);
  std::vector<double> samples;
  for (const Nanos start = clock_->now(); !enough(samples.size(), start);) {
    samples.push_back(convert(once(loop, times) / static_cast<double>(times)));
  }
  return add(std::move(name), std::move(unit), std::move(samples));
}

std::vector<double> Report::measure_pair(Loop first, Loop second, Combine combine, std::size_t pairs) {
  const std::uint64_t first_times = fit(first), second_times = fit(second);
  std::vector<double> samples;
  for (const Nanos start = clock_->now(); !enough(samples.size(), start, pairs);) {
    const double a = once(first, first_times) / static_cast<double>(first_times);
    const double b = once(second, second_times) / static_cast<double>(second_times);
    samples.push_back(combine(a, b));
  }
  return samples;
}

double Report::add_ratio(std::string name, std::vector<double> samples) {
  const auto [low, high] = bounds_of_median(samples);
  const double median = add(name, "x", std::move(samples));
  add(name + ".low95", "x", {low});
  add(name + ".high95", "x", {high});
  return median;
}

double Report::add(std::string name, std::string unit, std::vector<double> samples) {
  std::ranges::sort(samples);
  results_.push_back({.name = std::move(name),
                      .median = quantile(samples, 0.5),
                      .p10 = quantile(samples, 0.1),
                      .p90 = quantile(samples, 0.9),
                      .n = samples.size(),
                      .unit = std::move(unit)});
  return results_.back().median;
}

Result<> run(std::span<const Benchmark> benchmarks, std::span<const std::string> names, Report& report) {
  std::vector<const Benchmark*> chosen;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(benchmarks, std::string_view(name).substr(0, name.find('.')), &Benchmark::name);
    if (found == benchmarks.end()) {
      std::vector<std::string_view> known;
      for (const Benchmark& benchmark : benchmarks) known.push_back(benchmark.name);
      const std::string near = nearest(name, known);
      return fail(Code::not_found, "no benchmark '{}'; {}", name,
                  near.empty() ? fmt::format("there are: {}", fmt::join(known, ", ")) : fmt::format("did you mean '{}'?", near));
    }
    if (std::ranges::find(chosen, &*found) == chosen.end()) chosen.push_back(&*found);
  }
  if (names.empty()) {
    for (const Benchmark& benchmark : benchmarks) chosen.push_back(&benchmark);
  }
  for (const Benchmark* benchmark : chosen) {
    const std::size_t before = report.results().size();
    benchmark->run(report);
    if (!names.empty() && std::ranges::find(names, benchmark->name) == names.end()) report.only(names, before);
  }
  for (const std::string& name : names) {
    const auto found =
        std::ranges::any_of(report.results(), [&name](const Measurement& figure) { return figure.name.starts_with(name); });
    const auto passed_over = std::ranges::any_of(report.passed_over(), [&name](const auto& passed) {
      return name.starts_with(passed.what) || passed.what.starts_with(name);
    });
    if (name.find('.') != std::string::npos && !found && !passed_over) {
      return fail(Code::not_found, "no figure '{}'; `thalweg bench {}` prints all of the group", name,
                  name.substr(0, name.find('.')));
    }
  }
  return {};
}

void Report::only(std::span<const std::string> names, std::size_t from) {
  const auto wanted = [names](const Measurement& figure) {
    return std::ranges::any_of(
        names, [&figure](const std::string& name) { return figure.name == name || figure.name.starts_with(name + "."); });
  };
  const auto kept = std::remove_if(results_.begin() + static_cast<std::ptrdiff_t>(from), results_.end(), std::not_fn(wanted));
  results_.erase(kept, results_.end());
}

Value to_value(std::span<const Measurement> results) {
  std::vector<Value> items;
  for (const Measurement& figure : results) {
    items.push_back(Value::map({{"name", figure.name},
                                {"median", figure.median},
                                {"p10", figure.p10},
                                {"p90", figure.p90},
                                {"n", static_cast<std::int64_t>(figure.n)},
                                {"unit", figure.unit}}));
  }
  return Value::list(std::move(items));
}

std::string to_text(std::span<const Measurement> results) {
  std::string out = machine() + "\n";
  for (const Measurement& figure : results) {
    out += fmt::format("{:<40} {:>12.5g} {:<6} (p10 {:.4g}, p90 {:.4g}, n {})\n", figure.name, figure.median, figure.unit,
                       figure.p10, figure.p90, figure.n);
  }
  return out;
}

std::string machine() {
  return fmt::format("{}, {} cores, clang {}.{}.{}", processor_name(), std::thread::hardware_concurrency(), __clang_major__,
                     __clang_minor__, __clang_patchlevel__);
}

}  // namespace thalweg::bench
