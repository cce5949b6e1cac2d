// OpenVINO IR and ONNX files.

#include <algorithm>
#include <filesystem>
#include <openvino/frontend/manager.hpp>

#include "models/openvino/graph.h"
#include "openvino/opsets/opset13.hpp"

namespace thalweg::openvino {

namespace op = ov::opset13;

namespace {

template <class Output>
bool named(const Output& output, std::string_view name) {
  const auto& names = output.get_names();
  return std::ranges::any_of(names, [&](const std::string& each) { return each == name; });
}

// The output that matters: by its name, else the first.
Node result_of(ov::Model& model) {
  for (const char* const name : {"logits", "sentence_embedding", "last_hidden_state", "token_embeddings"}) {
    for (const auto& output : model.outputs()) {
      if (named(output, name)) return output.get_node()->input_value(0);
    }
  }
  return model.outputs().front().get_node()->input_value(0);
}

bool has_output(ov::Model& model, std::string_view name) {
  return std::ranges::any_of(model.outputs(), [&](const Node& output) { return named(output, name); });
}

std::shared_ptr<op::Parameter> parameter(const ov::Model& model, std::string_view name) {
  for (const auto& one : model.get_parameters()) {
    if (named(one->output(0), name) || one->get_friendly_name() == name) return one;
  }
  return nullptr;
}

// Rows of the table that token ids are looked up in; 0 when the graph is built otherwise.
std::size_t table_rows(const Node& ids) {
  for (const auto& user : ids.get_target_inputs()) {
    ov::Node* const node = user.get_node();
    if (ov::is_type<op::Convert>(node)) {
      if (const std::size_t rows = table_rows(node->output(0)); rows > 0) return rows;
    }
    if (node->get_type_info().name != std::string_view("Gather") || user.get_index() != 1) continue;
    const ov::PartialShape& table = node->get_input_partial_shape(0);
    if (table.rank().is_static() && table.size() == 2 && table[0].is_static())
      return static_cast<std::size_t>(table[0].get_length());
  }
  return 0;
}

// Never destroyed: a network uses the code of its reader's library until it goes, which may be when the process ends.
ov::frontend::FrontEndManager& readers() {
  static ov::frontend::FrontEndManager* const kReaders = std::make_unique<ov::frontend::FrontEndManager>().release();
  return *kReaders;
}

}  // namespace

Result<Imported> from_file(const EncoderFolder& folder) {
  const std::string& path = folder.weights;
  if (folder.kind == models::WeightsKind::ir) {
    const std::string weights = std::filesystem::path(path).replace_extension(".bin").string();
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(weights, ignored)) {
      return fail(Code::data_loss, "{} is missing: it holds the weights of {}", weights, path);
    }
  }
  // By the reader meant: Core::read_model would show a broken file to all there are, and some of them write to the terminal.
  const auto reader = readers().load_by_framework(folder.kind == models::WeightsKind::ir ? "ir" : "onnx");
  const auto read = reader->load(path);
  if (read == nullptr) return fail(Code::data_loss, "{} is broken, or of a version that cannot be read", path);
  const std::shared_ptr<ov::Model> model = reader->convert(read);
  if (model->get_parameters().empty()) return fail(Code::data_loss, "{} is truncated: it holds no network", path);
  const auto ids = parameter(*model, "input_ids");
  const auto mask = parameter(*model, "attention_mask");
  if (ids == nullptr || mask == nullptr || model->outputs().empty()) {
    return fail(Code::invalid_argument, "{} is no text encoder: it needs the inputs input_ids and attention_mask, and an output",
                path);
  }
  for (const auto& input : model->get_parameters()) {
    const ov::element::Type type = input->get_element_type();
    const bool known = input == ids || input == mask || input == parameter(*model, "token_type_ids");
    if (!known) return fail(Code::unimplemented, "{} has an input '{}' that texts do not give", path, input->get_friendly_name());
    const ov::PartialShape& shape = input->get_partial_shape();
    if ((type != ov::element::i64 && type != ov::element::i32) || !shape.rank().compatible(2)) {
      return fail(Code::unimplemented, "{}: its input '{}' is no table of whole numbers", path, input->get_friendly_name());
    }
    if (shape.is_static() || (shape.rank().is_static() && (shape[0].is_static() || shape[1].is_static()))) {
      return fail(Code::unimplemented, "{} takes texts of one length or number only; export it with dynamic axes", path);
    }
  }
  Imported made;
  made.vocabulary = table_rows(ids);
  const Node result = result_of(*model);
  const ov::Rank rank = result.get_partial_shape().rank();
  if (rank.is_dynamic()) return fail(Code::unimplemented, "{}: its output has no known number of dimensions", path);
  made.classifies = has_output(*model, "logits") || (folder.classifies && rank.get_length() == 2);
  Node output;
  if (rank.get_length() == 3 && !made.classifies) {
    const Node present = std::make_shared<op::Convert>(mask, ov::element::f32);
    output = pooled(std::make_shared<op::Convert>(result, ov::element::f32), present, folder.pooling);
  } else if (rank.get_length() == 2) {
    output = std::make_shared<op::Convert>(result, ov::element::f32);
    const Node last = op::Constant::create(ov::element::i64, {1}, {-1});
    if (!made.classifies) output = std::make_shared<op::NormalizeL2>(output, last, 1e-12F, ov::op::EpsMode::MAX);
  } else if (made.classifies) {
    return fail(Code::invalid_argument,
                "{} gives logits for each token, as models of masked words do; a classifier gives a row of them for each text",
                path);
  } else {
    return fail(Code::unimplemented, "{}: its output has {} dimensions; an encoder's has 2 or 3", path, rank.get_length());
  }
  made.model = std::make_shared<ov::Model>(ov::OutputVector{output}, model->get_parameters(), "encoder");
  return made;
}

}  // namespace thalweg::openvino
