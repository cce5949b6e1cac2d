#!/usr/bin/env python3
"""An encoder's forward pass in numpy and float64, one unpadded text at a time, written from the papers: what the encoders of
thalweg are checked against. Also makes small models with random weights.

  reference.py vectors FOLDER IDS           IDS: JSON lists of token ids, or of {ids, types}; prints a JSON list of rows
  reference.py make KIND FOLDER VOCABULARY  KIND: bert, bert-max, bert-classifier, bert-inference, roberta-inference-two, roberta-reranker, distilbert-classifier, onnx, onnx-beside, ...
  reference.py ir FOLDER                    makes FOLDER/model.onnx, or the safetensors of a BERT classifier, an IR; needs OpenVINO's Python package
"""

import json
import math
import struct
import sys
from pathlib import Path

import numpy as np

erf = np.vectorize(math.erf)


def gelu(x):
    return x * 0.5 * (1 + erf(x / math.sqrt(2)))


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


ACTIVATIONS = {"gelu": gelu, "gelu_new": gelu_tanh, "relu": lambda x: np.maximum(x, 0)}


def read_tensors(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, about in json.loads(data[8 : 8 + size]).items():
        if name == "__metadata__" or about["dtype"] not in ("F32", "F16"):
            continue
        begin, end = about["data_offsets"]
        kind = np.float32 if about["dtype"] == "F32" else np.float16
        tensors[name] = np.frombuffer(data[8 + size + begin : 8 + size + end], kind).reshape(about["shape"]).astype(np.float64)
    return tensors


class Reference:
    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        tensors = read_tensors(folder / "model.safetensors")
        self.tensors = {name.removeprefix("bert.").removeprefix("roberta.").removeprefix("distilbert."): t for name, t in tensors.items()}
        self.family = {"bert": "bert", "roberta": "roberta", "xlm-roberta": "roberta", "distilbert": "distilbert"}[self.config["model_type"]]
        self.distil = self.family == "distilbert"
        pooling = folder / "1_Pooling" / "config.json"
        self.pooling = "pooling_mode_mean_tokens"
        if pooling.exists():
            self.pooling = next(name for name, on in json.loads(pooling.read_text()).items() if on is True)

    def dense(self, x, name):
        return x @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]

    def norm(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        even = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + self.config.get("layer_norm_eps", 1e-12))
        return even * self.tensors[name + ".weight"] + self.tensors[name + ".bias"]

    def layer(self, x, number):
        names = ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"]
        names += ["attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"]
        at = f"encoder.layer.{number}."
        if self.distil:
            names = ["attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2"]
            names += ["output_layer_norm"]
            at = f"transformer.layer.{number}."
        query, key, value, out, first, up, down, second = (at + name for name in names)
        heads = self.config["n_heads" if self.distil else "num_attention_heads"]
        q, k, v = (self.dense(x, name).reshape(len(x), heads, -1).transpose(1, 0, 2) for name in (query, key, value))
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (weights / weights.sum(-1, keepdims=True)) @ v
        x = self.norm(x + self.dense(mixed.transpose(1, 0, 2).reshape(len(x), -1), out), first)
        activation = ACTIVATIONS[self.config.get("activation" if self.distil else "hidden_act", "gelu")]
        return self.norm(x + self.dense(activation(self.dense(x, up)), down), second)

    def row(self, ids, types=None):
        t = self.tensors
        first = self.config["pad_token_id"] + 1 if self.family == "roberta" else 0
        x = t["embeddings.word_embeddings.weight"][ids] + t["embeddings.position_embeddings.weight"][first : first + len(ids)]
        if not self.distil:
            x = x + t["embeddings.token_type_embeddings.weight"][types or [0] * len(ids)]
        x = self.norm(x, "embeddings.LayerNorm")
        for number in range(self.config["n_layers" if self.distil else "num_hidden_layers"]):
            x = self.layer(x, number)
        if self.config["architectures"][0].endswith("ForSequenceClassification"):
            if self.family == "bert":
                return self.dense(np.tanh(self.dense(x[0], "pooler.dense")), "classifier")
            if self.family == "roberta":
                return self.dense(np.tanh(self.dense(x[0], "classifier.dense")), "classifier.out_proj")
            return self.dense(np.maximum(self.dense(x[0], "pre_classifier"), 0), "classifier")
        one = {"pooling_mode_mean_tokens": x.mean(0), "pooling_mode_cls_token": x[0], "pooling_mode_max_tokens": x.max(0)}[self.pooling]
        return one / np.linalg.norm(one)


def shapes(family, config, labels):
    """Names and shapes of a model's tensors, in the libraries' own order of names."""
    wide, up, prefix = 32, 48, {"bert": "bert.", "roberta": "roberta.", "distilbert": "distilbert."}[family] if labels else ""
    dense = lambda name, a, b: {prefix + name + ".weight": (b, a), prefix + name + ".bias": (b,)}
    norm = lambda name: {prefix + name + ".weight": (wide,), prefix + name + ".bias": (wide,)}
    made = {prefix + "embeddings.word_embeddings.weight": (config["vocab_size"], wide)}
    made[prefix + "embeddings.position_embeddings.weight"] = (config["max_position_embeddings"], wide)
    if family != "distilbert":
        made[prefix + "embeddings.token_type_embeddings.weight"] = (config["type_vocab_size"], wide)
    made |= norm("embeddings.LayerNorm")
    for number in range(2):
        if family == "distilbert":
            at = f"transformer.layer.{number}."
            for name in ("q_lin", "k_lin", "v_lin", "out_lin"):
                made |= dense(f"{at}attention.{name}", wide, wide)
            made |= norm(at + "sa_layer_norm") | dense(at + "ffn.lin1", wide, up) | dense(at + "ffn.lin2", up, wide) | norm(at + "output_layer_norm")
            continue
        at = f"encoder.layer.{number}."
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            made |= dense(f"{at}attention.{name}", wide, wide)
        made |= norm(at + "attention.output.LayerNorm") | dense(at + "intermediate.dense", wide, up) | dense(at + "output.dense", up, wide)
        made |= norm(at + "output.LayerNorm")
    if labels:
        whole, prefix = prefix, ""
        if family == "bert":
            made |= dense(whole + "pooler.dense", wide, wide) | dense("classifier", wide, labels)
        elif family == "roberta":
            made |= dense("classifier.dense", wide, wide) | dense("classifier.out_proj", wide, labels)
        else:
            made |= dense("pre_classifier", wide, wide) | dense("classifier", wide, labels)
    return made


def field(number, value):
    """One field of a protobuf message: a number, text, bytes or the bytes of a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value):
    made = b""
    while value > 127:
        made, value = made + bytes([value & 127 | 128]), value >> 7
    return made + bytes([value])


def make_onnx(folder, vocabulary, beside):
    """The smallest encoder: each token's row of a table, in a file of its own when `beside`, is its last hidden state."""
    table = np.random.default_rng(5).normal(0, 1, (vocabulary, 8)).astype(np.float32)
    np.save(folder / "table.npy", table)
    shape = lambda *names: field(2, b"".join(field(1, field(2, n) if isinstance(n, str) else field(1, n)) for n in names))
    value = lambda name, kind, *dims: field(1, name) + field(2, field(1, field(1, kind) + shape(*dims)))
    node = field(1, "table") + field(1, "input_ids") + field(2, "last_hidden_state") + field(4, "Gather")
    tensor = field(1, vocabulary) + field(1, 8) + field(2, 1) + field(8, "table")
    if beside:
        (folder / "weights").mkdir()
        (folder / "weights" / "table.bin").write_bytes(table.tobytes())
        tensor += field(13, field(1, "location") + field(2, "weights/table.bin")) + field(14, 1)
    else:
        tensor += field(9, table.tobytes())
    graph = field(1, node) + field(2, "encoder") + field(5, tensor)
    graph += b"".join(field(11, value(name, 7, "rows", "length")) for name in ("input_ids", "attention_mask"))
    graph += field(12, value("last_hidden_state", 1, "rows", "length", 8))
    (folder / "model.onnx").write_bytes(field(1, 8) + field(8, field(1, "") + field(2, 17)) + field(7, graph))


def make(kind, folder, vocabulary):
    folder.mkdir(parents=True, exist_ok=True)
    if kind.startswith("onnx"):
        return make_onnx(folder, vocabulary, kind == "onnx-beside")
    family = kind.split("-")[0]
    endings = {"classifier": ["no", "maybe", "yes"], "reranker": ["LABEL_0"], "inference": ["ENTAILMENT", "neutral", "contradiction"]}
    endings["two"] = ["not_entailment", "entailment"]
    labels = endings.get(kind.split("-")[-1], [])
    classes = {"bert": "Bert", "roberta": "Roberta", "distilbert": "DistilBert"}
    config = {"architectures": [classes[family] + ("ForSequenceClassification" if labels else "Model")], "model_type": family}
    config |= {"vocab_size": vocabulary, "max_position_embeddings": 64, "pad_token_id": 1 if family == "roberta" else 0}
    if family == "distilbert":
        config |= {"n_layers": 2, "n_heads": 4, "dim": 32, "hidden_dim": 48, "activation": "gelu"}
    else:
        config |= {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 32, "intermediate_size": 48, "layer_norm_eps": 1e-5}
        config |= {"type_vocab_size": 2, "hidden_act": "gelu_new" if family == "roberta" else "relu" if "relu" in kind else "gelu"}
    if labels:
        config["id2label"] = {str(i): name for i, name in enumerate(labels)}
    (folder / "config.json").write_text(json.dumps(config))
    if kind.endswith(("max", "cls")):
        (folder / "1_Pooling").mkdir(exist_ok=True)
        modes = {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": kind.endswith("cls"), "pooling_mode_max_tokens": kind.endswith("max")}
        (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 32} | modes))
    random = np.random.default_rng(4)
    half = "half" in kind
    header, body, at = {}, b"", 0
    for name, shape in shapes(family, config, len(labels)).items():
        values = random.normal(0, 0.3, shape) + (1 if "Norm.weight" in name or "norm.weight" in name else 0)
        data = values.astype(np.float16 if half else np.float32).tobytes()
        header[name] = {"dtype": "F16" if half else "F32", "shape": list(shape), "data_offsets": [at, at + len(data)]}
        body, at = body + data, at + len(data)
    text = json.dumps(header).encode()  # as long as it comes: tensors need not be aligned
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + body)


def make_bert_ir(folder):
    """The classifier of model.safetensors as OpenVINO's own graph; texts may be padded."""
    import openvino
    from openvino import opset13 as op

    model = Reference(folder)
    config, heads = model.config, model.config["num_attention_heads"]
    tensor = lambda name: op.constant(model.tensors[name].astype(np.float32))
    number = lambda value: op.constant(np.array(value, np.int64))
    dense = lambda x, name: op.add(op.matmul(x, tensor(name + ".weight"), False, True), tensor(name + ".bias"))

    def norm(x, name):
        even = op.mvn(x, number([-1]), True, config["layer_norm_eps"], "inside_sqrt")
        return op.add(op.multiply(even, tensor(name + ".weight")), tensor(name + ".bias"))

    inputs = [op.parameter([-1, -1], np.int64, name=name) for name in ("input_ids", "attention_mask", "token_type_ids")]
    for one in inputs:
        one.output(0).set_names({one.get_friendly_name()})
    ids, mask, types = inputs
    positions = op.range(number(0), op.gather(op.shape_of(ids), number(1), number(0)), number(1), "i64")
    x = op.gather(tensor("embeddings.word_embeddings.weight"), ids, number(0))
    x = op.add(x, op.gather(tensor("embeddings.position_embeddings.weight"), positions, number(0)))
    x = op.add(x, op.gather(tensor("embeddings.token_type_embeddings.weight"), types, number(0)))
    x = norm(x, "embeddings.LayerNorm")
    absent = op.unsqueeze(op.subtract(op.constant(np.float32(1)), op.convert(mask, "f32")), number([1, 2]))
    absent = op.multiply(absent, op.constant(np.float32(-1e9)))
    for layer in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{layer}."
        apart = lambda name: op.transpose(op.reshape(dense(x, at + name), number([0, 0, heads, -1]), True), number([0, 2, 1, 3]))
        q, k, v = (apart(f"attention.self.{name}") for name in ("query", "key", "value"))
        scale = op.constant(np.float32(1 / math.sqrt(config["hidden_size"] // heads)))
        weights = op.softmax(op.add(op.multiply(op.matmul(q, k, False, True), scale), absent), -1)
        mixed = op.reshape(op.transpose(op.matmul(weights, v, False, False), number([0, 2, 1, 3])), number([0, 0, -1]), True)
        x = norm(op.add(x, dense(mixed, at + "attention.output.dense")), at + "attention.output.LayerNorm")
        x = norm(op.add(x, dense(op.gelu(dense(x, at + "intermediate.dense"), "erf"), at + "output.dense")), at + "output.LayerNorm")
    logits = dense(op.tanh(dense(op.gather(x, number(0), number(1)), "pooler.dense")), "classifier")
    logits.output(0).set_names({"logits"})
    openvino.save_model(openvino.Model([logits], inputs), folder / "openvino_model.xml", compress_to_fp16=False)
    (folder / "model.safetensors").unlink()


def main():
    if sys.argv[1] == "make":
        return make(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    folder = Path(sys.argv[2])
    if sys.argv[1] == "ir":
        if (folder / "model.safetensors").exists():
            return make_bert_ir(folder)
        import openvino

        openvino.save_model(openvino.Core().read_model(folder / "model.onnx"), folder / "model.xml", compress_to_fp16=False)
        return (folder / "model.onnx").unlink()
    if (folder / "table.npy").exists():
        sums = [np.load(folder / "table.npy").astype(np.float64)[ids].mean(0) for ids in json.loads(Path(sys.argv[3]).read_text())]
        return print(json.dumps([list(one / np.linalg.norm(one)) for one in sums]))
    reference = Reference(folder)
    rows = [reference.row(**one) if isinstance(one, dict) else reference.row(one) for one in json.loads(Path(sys.argv[3]).read_text())]
    print(json.dumps([[round(float(x), 9) for x in row] for row in rows]))


if __name__ == "__main__":
    main()
