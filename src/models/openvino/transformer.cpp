// BERT and its kin built from their weights (Devlin et al. 2018, arXiv:1810.04805; RoBERTa and DistilBERT differ in names,
// positions and heads only).

#include <array>
#include <cstring>

#include "models/openvino/graph.h"
#include "openvino/opsets/opset13.hpp"

namespace thalweg::openvino {

namespace op = ov::opset13;
using models::Activation;
using models::Architecture;
using models::Family;
using models::Safetensors;
using models::TensorType;
using models::TensorView;

namespace {

// Added to the score of a padded token: its share is then exactly 0 in every precision, also in f16.
constexpr float kMasked = -60'000;

template <class T>
Node scalars(std::vector<T> values) {
  const ov::Shape shape{values.size()};
  return op::Constant::create(ov::element::from<T>(), shape, values);
}

// Where the tensors of one family stand.
struct Names {
  std::string root;
  std::string layer;  // "encoder.layer."
  std::string query, key, value, attention_out, attention_norm, up, down, norm;
};

Names names_of(Family family, const Safetensors& file) {
  Names names;
  // Whole models put a prefix before what encoders alone have at their root.
  for (const char* const prefix : {"", "bert.", "roberta.", "distilbert."}) {
    if (file.has(std::string(prefix) + "embeddings.word_embeddings.weight")) names.root = prefix;
  }
  if (family == Family::distilbert) {
    return {names.root,        names.root + "transformer.layer.",
            "attention.q_lin", "attention.k_lin",
            "attention.v_lin", "attention.out_lin",
            "sa_layer_norm",   "ffn.lin1",
            "ffn.lin2",        "output_layer_norm"};
  }
  return {names.root,
          names.root + "encoder.layer.",
          "attention.self.query",
          "attention.self.key",
          "attention.self.value",
          "attention.output.dense",
          "attention.output.LayerNorm",
          "intermediate.dense",
          "output.dense",
          "output.LayerNorm"};
}

class Builder {
 public:
  Builder(const EncoderFolder& folder, const Safetensors& file)
      : folder_(folder), shape_(folder.architecture), file_(file), names_(names_of(shape_.family, file)) {}

  Result<std::shared_ptr<ov::Model>> build() {
    const auto ids = input("input_ids");
    const auto attention = input("attention_mask");
    ov::ParameterVector inputs{ids, attention};
    const Node mask = std::make_shared<op::Convert>(attention, ov::element::f32);
    std::shared_ptr<op::Parameter> types;
    if (shape_.types > 0) {
      types = input("token_type_ids");
      inputs.push_back(types);
    }
    Node hidden = TRY(embeddings(ids, types));
    const Node absent = std::make_shared<op::Subtract>(scalars<float>({1}), mask);
    const Node scaled = std::make_shared<op::Multiply>(absent, scalars<float>({kMasked}));
    const Node added = std::make_shared<op::Unsqueeze>(scaled, scalars<std::int64_t>({1, 2}));
    for (std::size_t i = 0; i < shape_.layers; ++i) hidden = TRY(layer(i, hidden, added));
    const Node output = shape_.classifies ? TRY(head(hidden)) : pooled(hidden, mask, folder_.pooling);
    return std::make_shared<ov::Model>(ov::OutputVector{output}, inputs, "encoder");
  }

 private:
  static std::shared_ptr<op::Parameter> input(const std::string& name) {
    auto made = std::make_shared<op::Parameter>(ov::element::i64, ov::PartialShape{-1, -1});
    made->output(0).set_names({name});
    return made;
  }

  // A tensor of the file as a constant that shares its memory.
  Result<Node> weight(const std::string& name, std::initializer_list<std::size_t> shape) const {
    const TensorView view = TRY(file_.tensor(name, shape));
    const ov::element::Type type = view.type == TensorType::f32   ? ov::element::f32
                                   : view.type == TensorType::f16 ? ov::element::f16
                                                                  : ov::element::bf16;
    const ov::Shape dimensions(shape);
    std::shared_ptr<op::Constant> made;
    if (reinterpret_cast<std::uintptr_t>(view.bytes.data()) % type.size() == 0) {
      auto owner = std::make_shared<std::shared_ptr<const void>>(file_.owner());
      made = std::make_shared<op::Constant>(type, dimensions, view.bytes.data(), std::shared_ptr<void>(std::move(owner)));
    } else {
      ov::Tensor copy(type, dimensions);
      std::memcpy(copy.data(), view.bytes.data(), view.bytes.size());
      made = std::make_shared<op::Constant>(copy);
    }
    if (type == ov::element::f32) return Node(made);
    return Node(std::make_shared<op::Convert>(made, ov::element::f32));
  }

  Result<Node> dense(const Node& in, const std::string& name, std::size_t from, std::size_t to) const {
    const Node weights = TRY(weight(name + ".weight", {to, from}));
    const Node bias = TRY(weight(name + ".bias", {to}));
    const Node product = std::make_shared<op::MatMul>(in, weights, false, true);
    return Node(std::make_shared<op::Add>(product, bias));
  }

  Result<Node> norm(const Node& in, const std::string& name) const {
    const Node gain = TRY(weight(name + ".weight", {shape_.hidden}));
    const Node bias = TRY(weight(name + ".bias", {shape_.hidden}));
    const Node even = std::make_shared<op::MVN>(in, scalars<std::int64_t>({-1}), true, static_cast<float>(shape_.epsilon),
                                                ov::op::MVNEpsMode::INSIDE_SQRT);
    const Node scaled = std::make_shared<op::Multiply>(even, gain);
    return Node(std::make_shared<op::Add>(scaled, bias));
  }

  Result<Node> embeddings(const Node& ids, const std::shared_ptr<op::Parameter>& types) const {
    const std::string root = names_.root + "embeddings.";
    const Node zero = op::Constant::create(ov::element::i64, {}, {0});
    const Node words = TRY(weight(root + "word_embeddings.weight", {shape_.vocabulary, shape_.hidden}));
    Node sum = std::make_shared<op::Gather>(words, ids, zero);
    if (types != nullptr) {
      const Node table = TRY(weight(root + "token_type_embeddings.weight", {shape_.types, shape_.hidden}));
      sum = std::make_shared<op::Add>(sum, std::make_shared<op::Gather>(table, types, zero));
    }
    // RoBERTa's first position is the one behind the padding's.
    const std::int64_t first = shape_.family == Family::roberta ? folder_.pad_id + 1 : 0;
    const Node positions = TRY(weight(root + "position_embeddings.weight", {shape_.positions, shape_.hidden}));
    const Node size = std::make_shared<op::ShapeOf>(ids);
    const Node length = std::make_shared<op::Gather>(size, scalars<std::int64_t>({1}), zero);
    const Node last = std::make_shared<op::Add>(length, scalars<std::int64_t>({first}));
    const Node placed = std::make_shared<op::Slice>(positions, scalars<std::int64_t>({first}), last, scalars<std::int64_t>({1}),
                                                    scalars<std::int64_t>({0}));
    sum = std::make_shared<op::Add>(sum, placed);
    return norm(sum, root + "LayerNorm");
  }

  // [rows, length, hidden] to [rows, heads, length, hidden / heads].
  Node split(const Node& in) const {
    const auto heads = static_cast<std::int64_t>(shape_.heads);
    const auto width = static_cast<std::int64_t>(shape_.hidden / shape_.heads);
    const Node parts = std::make_shared<op::Reshape>(in, scalars<std::int64_t>({0, 0, heads, width}), true);
    return std::make_shared<op::Transpose>(parts, scalars<std::int64_t>({0, 2, 1, 3}));
  }

  Result<Node> layer(std::size_t number, const Node& in, const Node& mask) const {
    const std::string at = names_.layer + std::to_string(number) + ".";
    const std::size_t width = shape_.hidden;
    const Node query = split(TRY(dense(in, at + names_.query, width, width)));
    const Node key = split(TRY(dense(in, at + names_.key, width, width)));
    const Node value = split(TRY(dense(in, at + names_.value, width, width)));
    const Node mixed = std::make_shared<op::ScaledDotProductAttention>(query, key, value, mask, false);
    const Node back = std::make_shared<op::Transpose>(mixed, scalars<std::int64_t>({0, 2, 1, 3}));
    const Node joined =
        std::make_shared<op::Reshape>(back, scalars<std::int64_t>({0, 0, static_cast<std::int64_t>(width)}), true);
    const Node attended = TRY(dense(joined, at + names_.attention_out, width, width));
    const Node first = TRY(norm(std::make_shared<op::Add>(in, attended), at + names_.attention_norm));
    const Node up = activated(TRY(dense(first, at + names_.up, width, shape_.intermediate)));
    const Node down = TRY(dense(up, at + names_.down, shape_.intermediate, width));
    return norm(std::make_shared<op::Add>(first, down), at + names_.norm);
  }

  Node activated(const Node& in) const {
    switch (shape_.activation) {
      case Activation::gelu:
        return std::make_shared<op::Gelu>(in, ov::op::GeluApproximationMode::ERF);
      case Activation::gelu_tanh:
        return std::make_shared<op::Gelu>(in, ov::op::GeluApproximationMode::TANH);
      case Activation::relu:
        break;
    }
    return std::make_shared<op::Relu>(in);
  }

  // Logits from the first token.
  Result<Node> head(const Node& hidden) const {
    const Node zero = op::Constant::create(ov::element::i64, {}, {0});
    const Node one = op::Constant::create(ov::element::i64, {}, {1});
    const Node first = std::make_shared<op::Gather>(hidden, zero, one);
    const std::size_t width = shape_.hidden;
    const std::size_t labels = folder_.labels.size();
    if (shape_.family == Family::bert) {
      const Node through = std::make_shared<op::Tanh>(TRY(dense(first, names_.root + "pooler.dense", width, width)));
      return dense(through, "classifier", width, labels);
    }
    if (shape_.family == Family::roberta) {
      const Node through = std::make_shared<op::Tanh>(TRY(dense(first, "classifier.dense", width, width)));
      return dense(through, "classifier.out_proj", width, labels);
    }
    const Node through = std::make_shared<op::Relu>(TRY(dense(first, "pre_classifier", width, width)));
    return dense(through, "classifier", width, labels);
  }

  const EncoderFolder& folder_;
  const Architecture& shape_;
  const Safetensors& file_;
  const Names names_;
};

}  // namespace

Node pooled(const Node& hidden, const Node& mask, models::Pooling pooling) {
  const Node last = op::Constant::create(ov::element::i64, {1}, {-1});
  const Node middle = op::Constant::create(ov::element::i64, {1}, {1});
  Node one;
  if (pooling == models::Pooling::cls) {
    const Node zero = op::Constant::create(ov::element::i64, {}, {0});
    one = std::make_shared<op::Gather>(hidden, zero, op::Constant::create(ov::element::i64, {}, {1}));
  } else {
    const Node wide = std::make_shared<op::Unsqueeze>(mask, last);
    if (pooling == models::Pooling::mean) {
      // The length itself does not matter: what follows divides by the vector's own.
      one = std::make_shared<op::ReduceSum>(std::make_shared<op::Multiply>(hidden, wide), middle);
    } else {
      const Node present = std::make_shared<op::Greater>(wide, scalars<float>({0}));
      const Node lowest = scalars<float>({std::numeric_limits<float>::lowest()});
      one = std::make_shared<op::ReduceMax>(std::make_shared<op::Select>(present, hidden, lowest), middle);
    }
  }
  return std::make_shared<op::NormalizeL2>(one, last, 1e-12F, ov::op::EpsMode::MAX);
}

Result<std::shared_ptr<ov::Model>> from_safetensors(const EncoderFolder& folder) {
  const Safetensors file = TRY(Safetensors::open(folder.weights));
  return Builder(folder, file).build();
}

}  // namespace thalweg::openvino
