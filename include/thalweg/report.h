#pragma once
// What a run did and what it cost, stage by stage.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "thalweg/clock.h"
#include "thalweg/value.h"

namespace thalweg {

enum class StageStatus : std::uint8_t { not_reached, ok, skipped, failed, continued, fell_back, cached, cancelled };

/// "ok", "skipped", ... as reports and tests write it.
[[nodiscard]] std::string_view status_name(StageStatus status) noexcept;

/// "1.50 ms", as reports write it.
[[nodiscard]] std::string time_in_words(Nanos time);

struct StageReport {
  std::string id;
  std::string uses;
  StageStatus status = StageStatus::not_reached;
  Nanos start = 0;     ///< since the run's start
  Nanos duration = 0;  ///< from the first attempt's start to the last one's end, waits between attempts included
  Nanos queue = 0;     ///< from ready to started
  std::uint32_t attempts = 0;
  std::uint64_t items = 0;  ///< emitted into a stream
  std::string reason;       ///< why skipped or failed
  std::size_t bytes = 0;    ///< of the output
  Nanos slack = 0;          ///< how much longer it could have taken without making the run longer; 0 on the critical path
  bool critical = false;    ///< on the critical path
  std::uint64_t runs = 1;   ///< nested stages: how many times it was come to; times, attempts, items and bytes are sums over all
  std::vector<StageReport> nested;
};

/// The accounting identity: wall = queue + conversion + stage + engine + residual, all along the critical path. Under the virtual
/// clock the residual is exactly 0.
struct Accounting {
  Nanos wall = 0;
  Nanos queue = 0;
  Nanos conversion = 0;  ///< conditions, arguments and the output evaluated, where they are more than plain copies
  Nanos stage = 0;
  Nanos engine = 0;
  Nanos residual = 0;
};

/// Where a report takes its figures from: the records of the run, kept until the report goes.
class ReportSource {
 public:
  [[nodiscard]] virtual std::string_view pipeline() const noexcept = 0;
  [[nodiscard]] virtual std::string_view version() const noexcept = 0;
  [[nodiscard]] virtual Accounting accounting() const = 0;
  [[nodiscard]] virtual std::vector<StageReport> stages() const = 0;
  virtual void release() noexcept = 0;

 protected:
  ~ReportSource() = default;
};

/// A run's report. Texts are made when asked for, so that a run whose report nobody reads pays only for the time stamps.
class Report {
 public:
  Report() = default;
  explicit Report(ReportSource& source) : source_(&source) {}

  [[nodiscard]] std::string_view pipeline() const noexcept { return source_ ? source_->pipeline() : std::string_view(); }
  [[nodiscard]] std::string_view version() const noexcept { return source_ ? source_->version() : std::string_view(); }
  [[nodiscard]] Accounting accounting() const { return source_ ? source_->accounting() : Accounting(); }
  /// In the plan's order; empty for a run that never began.
  [[nodiscard]] std::vector<StageReport> stages() const { return source_ ? source_->stages() : std::vector<StageReport>(); }
  [[nodiscard]] Value to_value() const;
  /// A table for people.
  [[nodiscard]] std::string to_text() const;

 private:
  struct Release {
    void operator()(ReportSource* source) const noexcept { source->release(); }
  };
  std::unique_ptr<ReportSource, Release> source_;
};

}  // namespace thalweg
