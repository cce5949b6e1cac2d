// The one function that the program knows of this module.

#include <algorithm>
#include <new>
#include <numeric>
#include <openvino/op/constant.hpp>
#include <openvino/openvino.hpp>

#include "base/cores.h"
#include "base/printable.h"
#include "base/utf8.h"
#include "models/network.h"
#include "models/openvino/graph.h"
#include "models/openvino/kept.h"
#include "models/openvino/workers.h"

namespace thalweg::openvino {

namespace {

using models::Batch;
using models::EncoderKind;
using models::Network;
using models::Precision;

// What OpenVINO throws, as one line: its texts carry places in its sources first.
std::unexpected<Error> thrown(Code code, std::string_view doing, const std::string& path, const std::exception& error) {
  std::string_view text = error.what();
  while (text.starts_with("Exception from ") || text.starts_with("Check ")) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  // Memory that is not there has many names, and so has a library that finds no room.
  for (const std::string_view sign : {"bad_alloc", "can't alloc", "'ptr' failed", "Cannot allocate memory",
                                      "Resource temporarily unavailable", "failed to map segment", "cannot allocate memory"}) {
    if (std::string_view(error.what()).contains(sign))
      return fail(Code::resource_exhausted, "not enough memory to {} {}", doing, path);
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return fail(code, "cannot {} {}: {}", doing, path, printable_line(utf8::cut(text, 300)));
}

ov::element::Type element(Precision precision) {
  switch (precision) {
    case Precision::f32:
      return ov::element::f32;
    case Precision::bf16:
      break;
  }
  return ov::element::bf16;
}

class Compiled final : public Network {
 public:
  Compiled(const EncoderFolder& folder, ov::Core& core, const Imported& network, Precision precision, const std::string& kept)
      : path_(folder.weights),
        kind_(network.classifies ? EncoderKind::classifier : EncoderKind::embedding),
        vocabulary_(network.vocabulary) {
    const ov::element::Type type = element(precision);
    for (const auto& node : network.model->get_ordered_ops()) {
      const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(node);
      if (constant != nullptr) weights_ += ov::shape_size(constant->get_shape()) * type.size();
    }
    width_ = static_cast<std::size_t>(network.model->output(0).get_partial_shape()[1].get_max_length());
    // The precision is pinned: left alone it would be bf16 where the processor has it, and vectors would differ between machines.
    // Threads are not pinned to cores, which others use too.
    const ov::AnyMap options{ov::hint::inference_precision(type), ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
                             ov::hint::num_requests(1), ov::inference_num_threads(static_cast<int>(usable_cores())),
                             ov::hint::enable_cpu_pinning(false)};
    compiled_ = compiled(core, network.model, options, kept);
    request_ = compiled_.model.create_infer_request();
    for (const auto& input : compiled_.model.inputs()) {
      const auto& names = input.get_names();
      const auto has = [&](const char* name) { return names.contains(name) || input.get_node()->get_friendly_name() == name; };
      inputs_.push_back({input, has("input_ids") ? Role::ids : has("attention_mask") ? Role::mask : Role::types});
    }
  }

  Result<> run(const Batch& batch, std::size_t cores, std::vector<float>& out) override {
    try {
      const ov::Shape shape{batch.rows, batch.length};
      for (const Input& input : inputs_) {
        const auto& values = input.role == Role::ids ? batch.ids : input.role == Role::mask ? batch.mask : batch.types;
        ov::Tensor tensor = request_.get_tensor(input.port);
        tensor.set_shape(shape);
        if (input.port.get_element_type() == ov::element::i64) {
          std::ranges::copy(values, tensor.data<std::int64_t>());
        } else {
          std::ranges::transform(values, tensor.data<std::int32_t>(),
                                 [](std::int64_t id) { return static_cast<std::int32_t>(id); });
        }
      }
      const Workers workers(std::max<std::size_t>(cores, 1));
      request_.infer();
      const ov::Tensor result = request_.get_output_tensor(0);
      if (result.get_shape() != ov::Shape{batch.rows, width_}) {
        return fail(Code::internal, "{} gave a result of another shape than it says", path_);
      }
      const std::span<const float> rows(result.data<float>(), result.get_size());
      out.insert(out.end(), rows.begin(), rows.end());
      return {};
    } catch (const std::bad_alloc&) {
      return fail(Code::resource_exhausted, "not enough memory to run {} on {} tokens", path_, batch.rows * batch.length);
    } catch (const std::exception& error) {
      return thrown(Code::internal, "run", path_, error);
    }
  }

  [[nodiscard]] std::size_t width() const noexcept override { return width_; }
  [[nodiscard]] EncoderKind kind() const noexcept override { return kind_; }
  [[nodiscard]] std::size_t vocabulary() const noexcept override { return vocabulary_; }
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return weights_; }

 private:
  enum class Role : std::uint8_t { ids, mask, types };
  struct Input {
    ov::Output<const ov::Node> port;
    Role role;
  };
  const std::string path_;
  const EncoderKind kind_;
  const std::size_t vocabulary_;
  std::uint64_t weights_ = 0;
  std::size_t width_ = 0;
  CompiledNetwork compiled_;
  ov::InferRequest request_;
  std::vector<Input> inputs_;
};

// One for the process, and never taken down: its plugin gives the thread that opens it a stack for signals, which that thread
// must not outlive.
ov::Core& shared_core() {
  static ov::Core* const kCore = std::make_unique<ov::Core>().release();
  return *kCore;
}

// Asked for what it does not compute, OpenVINO takes what it does.
Result<> check_precision(const ov::Core& core, const std::string& weights, Precision precision) {
  if (precision == Precision::f32) return {};
  const auto all = core.get_property("CPU", ov::device::capabilities);
  if (std::ranges::find(all, ov::device::capability::BF16) != all.end()) return {};
  return fail(Code::unimplemented, "{} cannot be computed in bf16: this processor has no such instructions; take f32", weights);
}

Result<std::unique_ptr<Network>> make(const EncoderFolder& folder, Precision precision, const std::string& kept) {
  Imported network;
  try {
    ov::Core& core = shared_core();
    TRY(check_precision(core, folder.weights, precision));
    if (folder.kind == models::WeightsKind::safetensors) {
      network = {TRY(from_safetensors(folder)), folder.architecture.classifies, folder.architecture.vocabulary};
    } else {
      network = TRY(from_file(folder));
    }
    const ov::PartialShape shape = network.model->output(0).get_partial_shape();
    if (shape[1].is_dynamic()) return fail(Code::unimplemented, "{}: its output has no known width", folder.weights);
    return std::make_unique<Compiled>(folder, core, network, precision, kept);
  } catch (const std::bad_alloc&) {
    return fail(Code::resource_exhausted, "not enough memory to load {}", folder.weights);
  } catch (const std::exception& error) {
    // OpenVINO's own libraries are opened now, and may be missing.
    const bool library = std::string_view(error.what()).contains("Cannot load library");
    return thrown(library ? Code::failed_precondition : Code::data_loss, "load", folder.weights, error);
  }
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void thalweg_openvino_network_3(const EncoderFolder& folder,
                                                                                  Precision precision, const std::string& kept,
                                                                                  Result<std::unique_ptr<Network>>& made) {
  made = make(folder, precision, kept);
}

}  // namespace thalweg::openvino
