"""Records what PyTorch computes: layers, losses, optimisers, schedules, clipping, a whole network.

    /usr/bin/python3 nn/src/test/golden-tools/pytorch.py nn/src/test/resources/org/cotangent/nn/golden

Written with Debian's python3-torch 1.13 (apt-get install python3-torch); needs nothing else. All
numbers are F64 but those of the whole network, which are F32. The layers' names are the texts that
org.cotangent.nn.model.Architecture reads, so the test has no table of layers.
"""

import json
import math
import struct
import sys

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
OUT = sys.argv[1]

tensors = {}
metadata = {"torch": torch.__version__}


def put(name, t):
    assert name not in tensors, name
    tensors[name] = t.detach().clone().contiguous()


def write(path, tensors, metadata):
    types = {torch.float64: "F64", torch.float32: "F32", torch.int64: "I64"}
    header, data = {"__metadata__": metadata}, b""
    # Widest elements first, as readers that map the file like it.
    for name, t in sorted(tensors.items(), key=lambda e: -e[1].element_size()):
        raw = t.numpy().tobytes()
        header[name] = {
            "dtype": types[t.dtype],
            "shape": list(t.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


# ---- Layers: result, gradients by input and parameters, buffers afterwards


def first(module):
    """A module that gives the first of several results."""

    class First(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = module

        def forward(self, x):
            args = (x, x, x) if isinstance(module, nn.MultiheadAttention) else (x,)
            return module(*args)[0]

    return First()


count = 0


def layer(text, module, *shape, train=True, x=None):
    """Called with a seed of its own, so that a new layer leaves the others as they are."""
    global count
    torch.manual_seed(1000 + count)
    inner = module.inner if hasattr(module, "inner") else module
    with torch.no_grad():
        for p in inner.parameters():
            if p.dim() == 1:  # biases that are 0 and scales that are 1 would hide what they do
                p.add_(torch.randn(p.shape) * 0.3)
        for name, b in inner.named_buffers():
            if b.is_floating_point():
                b.add_(torch.rand(b.shape))
    name = f"layer{count}"
    count += 1
    metadata[name] = ("train: " if train else "eval: ") + text
    for p, t in inner.state_dict().items():
        put(f"{name}/state/0.{p}", t)
    if x is None:
        x = torch.randn(*shape).requires_grad_()
    module.train(train)
    y = module(x)
    g = torch.randn(y.shape)
    y.backward(g)
    put(f"{name}/x", x)
    put(f"{name}/y", y)
    put(f"{name}/g", g)
    if x.requires_grad:
        put(f"{name}/dx", x.grad)
    for p, t in inner.named_parameters():
        put(f"{name}/grad/0.{p}", t.grad)
    for b, t in inner.named_buffers():
        if t.is_floating_point():
            put(f"{name}/after/0.{b}", t)


class Residual(nn.Module):
    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body = body
        self.shortcut = shortcut or nn.Identity()

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


def layers():
    torch.manual_seed(0)  # for the weights that the layers start with
    layer("linear 4", nn.Linear(3, 4), 5, 3)
    layer("linear 4 bias none", nn.Linear(3, 4, bias=False), 5, 3)
    layer("linear 4 each", nn.Linear(3, 4), 2, 5, 3)
    layer("conv 3 3", nn.Conv1d(2, 3, 3), 2, 2, 7)
    layer(
        "conv 4 3 stride 2 padding 2 dilation 2 groups 2",
        nn.Conv1d(2, 4, 3, stride=2, padding=2, dilation=2, groups=2),
        2, 2, 9,
    )
    layer("conv 2 4 padding same", nn.Conv1d(1, 2, 4, padding="same"), 2, 1, 6)
    layer("conv 3 3 padding 1", nn.Conv2d(2, 3, 3, padding=1), 2, 2, 5, 4)
    layer(
        "conv 4 2x3 stride 2x1 padding 1x2 dilation 1x2 groups 2 bias none",
        nn.Conv2d(2, 4, (2, 3), (2, 1), (1, 2), (1, 2), 2, bias=False),
        2, 2, 5, 6,
    )
    layer("conv 2 2x3 padding same", nn.Conv2d(1, 2, (2, 3), padding="same"), 2, 1, 4, 5)
    layer("conv-transpose 3 3", nn.ConvTranspose1d(2, 3, 3), 2, 2, 4)
    layer(
        "conv-transpose 4 3 stride 3 padding 1 output-padding 2 dilation 2 groups 2",
        nn.ConvTranspose1d(2, 4, 3, 3, 1, 2, 2, dilation=2),
        2, 2, 4,
    )
    layer("conv-transpose 3 2x3", nn.ConvTranspose2d(2, 3, (2, 3)), 2, 2, 3, 4)
    layer(
        "conv-transpose 4 3x2 stride 2x3 padding 1x0 output-padding 1x2 groups 2 bias none",
        nn.ConvTranspose2d(2, 4, (3, 2), (2, 3), (1, 0), (1, 2), 2, bias=False),
        2, 2, 3, 3,
    )
    layer("maxpool 3 stride 2 padding 1", nn.MaxPool1d(3, 2, 1), 2, 2, 8)
    layer("maxpool 3x2 stride 2x1 padding 1", nn.MaxPool2d((3, 2), (2, 1), 1), 2, 2, 6, 5)
    layer("maxpool 2 dilation 2 ceil", nn.MaxPool2d(2, dilation=2, ceil_mode=True), 2, 1, 6, 7)
    layer("avgpool 3 stride 2 padding 1 ceil", nn.AvgPool1d(3, 2, 1, True), 2, 2, 8)
    layer("avgpool 3x2 stride 2x1 padding 1", nn.AvgPool2d((3, 2), (2, 1), 1), 2, 2, 6, 5)
    layer("avgpool 3 stride 2 padding 1 ceil", nn.AvgPool2d(3, 2, 1, True), 1, 1, 6, 6)
    layer("adaptive-maxpool 3", nn.AdaptiveMaxPool1d(3), 2, 2, 7)
    layer("adaptive-maxpool 3x2", nn.AdaptiveMaxPool2d((3, 2)), 2, 2, 5, 7)
    layer("adaptive-avgpool 3", nn.AdaptiveAvgPool1d(3), 2, 2, 7)
    layer("adaptive-avgpool 3x2", nn.AdaptiveAvgPool2d((3, 2)), 2, 2, 5, 7)
    for train in (True, False):
        layer("batchnorm", nn.BatchNorm1d(3), 5, 3, train=train)
        layer(
            "batchnorm eps 0.001 momentum 0.3",
            nn.BatchNorm2d(3, eps=1e-3, momentum=0.3),
            2, 3, 3, 2, train=train,
        )
    layer("layernorm", nn.LayerNorm(4), 3, 4)
    layer("layernorm axes 2 eps 0.01", nn.LayerNorm((3, 4), eps=1e-2), 2, 2, 3, 4)
    layer("groupnorm 2 eps 0.01", nn.GroupNorm(2, 4, eps=1e-2), 2, 4, 3)
    layer("instancenorm eps 0.01", nn.InstanceNorm2d(2, eps=1e-2), 2, 2, 3, 4)
    layer("embedding 6 3", nn.Embedding(6, 3), x=torch.tensor([[0, 5, 2, 5], [1, 1, 1, 4]]))
    layer("rnn 3", first(nn.RNN(2, 3, batch_first=True)), 2, 4, 2)
    both = {"num_layers": 2, "bidirectional": True, "batch_first": True}
    layer("rnn 3 layers 2 bidirectional", first(nn.RNN(2, 3, **both)), 2, 3, 2)
    layer("lstm 3 layers 2 bidirectional", first(nn.LSTM(2, 3, **both)), 2, 3, 2)
    layer("gru 3 layers 2 bidirectional", first(nn.GRU(2, 3, **both)), 2, 3, 2)
    layer("attention 2", first(nn.MultiheadAttention(4, 2, batch_first=True)), 2, 3, 4)
    block = {"dim_feedforward": 6, "dropout": 0.0, "batch_first": True}
    layer("transformer 2 6 dropout 0", nn.TransformerEncoderLayer(4, 2, **block), 2, 3, 4)
    layer(
        "transformer 2 6 dropout 0 norm-first",
        nn.TransformerEncoderLayer(4, 2, norm_first=True, **block),
        2, 3, 4,
    )
    layer("prelu", nn.PReLU(), 3, 4)
    layer("prelu channels", nn.PReLU(4), 3, 4, 2)
    layer("residual(linear 4, tanh)", Residual(nn.Sequential(nn.Linear(4, 4), nn.Tanh())), 3, 4)
    layer(
        "residual(conv 3 3 padding 1, sigmoid | conv 3 1 bias none)",
        Residual(
            nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.Sigmoid()),
            nn.Sequential(nn.Conv2d(2, 3, 1, bias=False)),
        ),
        2, 2, 3, 3,
    )
    layer("dropout 0.5", nn.Dropout(0.5), 3, 4, train=False)
    layer("softmax", nn.Softmax(-1), 3, 4)
    layer("log-softmax", nn.LogSoftmax(-1), 3, 4)
    hard = torch.tensor([[-40.0, -6, -3, -1, -0.5, -0.1], [0, 0.1, 0.5, 1, 6, 3]])
    for text, m in {
        "relu": nn.ReLU(),
        "relu6": nn.ReLU6(),
        "leaky-relu": nn.LeakyReLU(),
        "leaky-relu 0.2": nn.LeakyReLU(0.2),
        "elu": nn.ELU(),
        "elu 0.5": nn.ELU(0.5),
        "selu": nn.SELU(),
        "gelu": nn.GELU(),
        "gelu-tanh": nn.GELU(approximate="tanh"),
        "silu": nn.SiLU(),
        "mish": nn.Mish(),
        "softplus": nn.Softplus(),
        "softsign": nn.Softsign(),
        "tanh": nn.Tanh(),
        "hardtanh": nn.Hardtanh(),
        "hardswish": nn.Hardswish(),
        "sigmoid": nn.Sigmoid(),
        "hardsigmoid": nn.Hardsigmoid(),
        "logsigmoid": nn.LogSigmoid(),
    }.items():
        layer(text, m, x=hard.clone().requires_grad_())
    layer("instancenorm affine", nn.InstanceNorm1d(3, affine=True), 2, 3, 4)
    layer(
        "transformer 2 6 dropout 0 gelu",
        nn.TransformerEncoderLayer(4, 2, activation="gelu", **block),
        2, 3, 4,
    )
    more_layers()


# What follows was added later, behind the others, so that these keep their numbers.


class Function(nn.Module):
    """A function that has no layer."""

    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, x):
        return self.f(x)


def more_layers():
    for mode in ("reflect", "replicate", "circular"):
        layer(f"conv 3 3 padding 2 padding-mode {mode}", nn.Conv1d(2, 3, 3, padding=2, padding_mode=mode), 2, 2, 7)
        layer(
            f"conv 2 2x3 stride 2x1 padding 1x2 padding-mode {mode} groups 2",
            nn.Conv2d(2, 2, (2, 3), (2, 1), (1, 2), groups=2, padding_mode=mode),
            2, 2, 4, 5,
        )
    layer(
        "conv 2 2x3 padding same padding-mode reflect dilation 1x2",
        nn.Conv2d(1, 2, (2, 3), padding="same", padding_mode="reflect", dilation=(1, 2)),
        2, 1, 4, 5,
    )
    layer("conv 3 3 padding 1 padding-mode zeros", nn.Conv2d(2, 3, 3, padding=1, padding_mode="zeros"), 1, 2, 4, 4)
    layer(
        "embedding 6 3 padding 5",
        nn.Embedding(6, 3, padding_idx=5), x=torch.tensor([[0, 5, 2, 5], [1, 1, 1, 4]]),
    )
    for train in (True, False):
        layer("batchnorm cumulative", nn.BatchNorm2d(3, momentum=None), 2, 3, 3, 2, train=train)
        layer("batchnorm no-affine", nn.BatchNorm1d(3, affine=False), 5, 3, train=train)
    layer("layernorm axes 2 no-affine", nn.LayerNorm((3, 4), elementwise_affine=False), 2, 2, 3, 4)
    layer("groupnorm 2 no-affine", nn.GroupNorm(2, 4, affine=False), 2, 4, 3)
    layer("local-response-norm 3 alpha 0.5 k 2", nn.LocalResponseNorm(3, alpha=0.5, k=2), 2, 5, 3)
    layer("local-response-norm 4 beta 0.5", nn.LocalResponseNorm(4, beta=0.5), 2, 5, 2, 2)
    layer("rnn 3 nonlinearity relu", first(nn.RNN(2, 3, nonlinearity="relu", batch_first=True)), 2, 4, 2)
    both = {"num_layers": 2, "bidirectional": True, "batch_first": True, "bias": False}
    layer("rnn 3 layers 2 bidirectional no-bias", first(nn.RNN(2, 3, **both)), 2, 3, 2)
    layer("lstm 3 layers 2 bidirectional no-bias", first(nn.LSTM(2, 3, **both)), 2, 3, 2)
    layer("gru 3 layers 2 bidirectional no-bias", first(nn.GRU(2, 3, **both)), 2, 3, 2)
    layer("attention 2 no-bias", first(nn.MultiheadAttention(4, 2, bias=False, batch_first=True)), 2, 3, 4)
    layer("identity", nn.Identity(), 2, 3)
    layer("pad 1x2", nn.ZeroPad2d((2, 2, 1, 1)), 1, 2, 3, 4)
    layer("pad 2 value 0.5", nn.ConstantPad1d(2, 0.5), 2, 2, 3)
    layer("pad 1x2 mode reflect", nn.ReflectionPad2d((2, 2, 1, 1)), 1, 2, 3, 4)
    layer("pad 3 mode replicate", nn.ReplicationPad1d(3), 2, 2, 3)
    layer("pad 1 mode circular", Function(lambda x: F.pad(x, (1, 1, 1, 1), mode="circular")), 1, 2, 3, 4)
    layer("upsample 2x3", nn.Upsample(scale_factor=(2, 3)), 1, 2, 3, 2)
    layer("upsample 2", nn.Upsample(scale_factor=2), 2, 2, 3)
    layer("upsample 2 linear", nn.Upsample(scale_factor=2, mode="bilinear"), 1, 2, 3, 2)
    layer("upsample 3 linear align-corners", nn.Upsample(scale_factor=3, mode="linear", align_corners=True), 2, 2, 3)
    layer("pixel-shuffle 2", nn.PixelShuffle(2), 1, 8, 2, 3)
    layer("pixel-unshuffle 2", nn.PixelUnshuffle(2), 1, 2, 4, 6)
    # PyTorch 1.13 has no derivative of its ChannelShuffle.
    shuffle = lambda x: x.view(1, 2, 3, 2, 2).transpose(1, 2).reshape(x.shape)
    image = torch.randn(1, 6, 2, 2)
    assert torch.equal(shuffle(image), nn.ChannelShuffle(2)(image))
    layer("channel-shuffle 2", Function(shuffle), 1, 6, 2, 2)
    layer("lppool 2 2x3 stride 1x2", nn.LPPool2d(2, (2, 3), (1, 2)), 2, 2, 3, 5)
    layer("lppool 2 2", nn.LPPool2d(2, 2), 1, 2, 4, 4)
    layer("lppool 2 3 stride 2 ceil", nn.LPPool1d(2, 3, 2, ceil_mode=True), 2, 2, 8)
    layer("channel-dropout 0.5", nn.Dropout2d(0.5), 3, 4, 2, 2, train=False)
    layer("alpha-dropout 0.5", nn.AlphaDropout(0.5), 3, 4, train=False)
    layer("softmin", nn.Softmin(-1), 3, 4)
    layer("glu", nn.GLU(), 3, 4)
    hard = torch.tensor([[-40.0, -6, -3, -1, -0.5, -0.1], [0, 0.1, 0.5, 1, 6, 3]])
    for text, m in {
        "celu": nn.CELU(),
        "celu 0.5": nn.CELU(0.5),
        "softshrink": nn.Softshrink(),
        "softshrink 1": nn.Softshrink(1.0),
        "hardshrink": nn.Hardshrink(),
        "hardshrink 1": nn.Hardshrink(1.0),
        "tanhshrink": nn.Tanhshrink(),
    }.items():
        layer(text, m, x=hard.clone().requires_grad_())


# ---- Layers and functions of several operands, which no text describes


def several(name, module, f, *operands):
    """f of the operands, which calls the module, if there is one."""
    torch.manual_seed(5000 + len(name))
    with torch.no_grad():
        for p in module.parameters():
            if p.dim() == 1:
                p.add_(torch.randn(p.shape) * 0.3)
    for p, t in module.state_dict().items():
        put(f"several/{name}/state/{p}", t)
    xs = [o.clone().requires_grad_(o.is_floating_point()) for o in operands]
    y = f(module, *xs)
    g = torch.randn(y.shape)
    y.backward(g)
    put(f"several/{name}/y", y)
    put(f"several/{name}/g", g)
    for i, x in enumerate(xs):
        put(f"several/{name}/x{i}", x)
        if x.requires_grad:
            put(f"several/{name}/dx{i}", x.grad)
    for p, t in module.named_parameters():
        put(f"several/{name}/grad/{p}", torch.zeros(t.shape) if t.grad is None else t.grad)


def several_operands():
    torch.manual_seed(4)
    none = nn.Module()
    x, y = torch.randn(2, 3, 4), torch.randn(2, 5, 4)
    heads = {"batch_first": True}
    # 1 where a key is missing, as PyTorch's masks have it
    missing = torch.tensor([[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]])
    attention = nn.MultiheadAttention(4, 2, **heads)
    several(
        "attention keys missing", attention,
        lambda m, q, k, none: m(q, k, k, key_padding_mask=none.bool(), need_weights=False)[0], x, y, missing,
    )
    several(
        "attention weights", nn.MultiheadAttention(4, 2, **heads),
        lambda m, q, k: m(q, k, k, average_attn_weights=False)[1], x, y,
    )
    several(
        "attention mean weights", nn.MultiheadAttention(4, 2, **heads), lambda m, q, k: m(q, k, k)[1], x, y,
    )
    later = torch.triu(torch.ones(3, 3), 1).to(torch.int64)
    absent = torch.tensor([[0, 0, 1], [0, 0, 0]])
    several(
        "attention causal keys missing", nn.MultiheadAttention(4, 2, **heads),
        lambda m, q, a, b: m(q, q, q, attn_mask=a.bool(), key_padding_mask=b.bool())[0], x, later, absent,
    )
    several(
        "attention added mask", nn.MultiheadAttention(4, 2, **heads),
        lambda m, q, a: m(q, q, q, attn_mask=a)[0], x, torch.randn(3, 3),
    )
    block = {"dim_feedforward": 6, "dropout": 0.0, "batch_first": True}
    several("decoder", nn.TransformerDecoderLayer(4, 2, **block), lambda m, x, y: m(x, y), x, y)
    several(
        "decoder norm first gelu masks",
        nn.TransformerDecoderLayer(4, 2, norm_first=True, activation="gelu", layer_norm_eps=1e-3, **block),
        lambda m, x, y, a, b: m(x, y, tgt_mask=a.bool(), memory_key_padding_mask=b.bool()), x, y, later, missing,
    )
    several("unflatten", nn.Unflatten(1, (2, 3)), lambda m, x: m(x), torch.randn(2, 6, 2))
    several("cosine similarity", nn.CosineSimilarity(), lambda m, a, b: m(a, b), x, y[:, :3])
    several("pairwise distance", nn.PairwiseDistance(), lambda m, a, b: m(a, b), x, y[:, :3])
    several("pairwise distance 1", nn.PairwiseDistance(1, 1e-3), lambda m, a, b: m(a, b), x, y[:, :3])
    image = torch.randn(2, 2, 4, 5)
    several(
        "max unpool", none, lambda m, x: F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2, output_size=(4, 5)), image,
    )
    several(
        "max unpool line", none, lambda m, x: F.max_unpool1d(*F.max_pool1d(x, 2, return_indices=True), 2), torch.randn(2, 2, 6),
    )
    several("upsample to", nn.Upsample((5, 3), mode="bilinear", align_corners=True), lambda m, x: m(x), image)
    several("embedding bag", none, lambda m, i, w: F.embedding_bag(i, w, mode="mean"), torch.tensor([[0, 5, 2], [1, 1, 4]]), torch.randn(6, 3))
    several("adaptive max 3x2", none, lambda m, x: F.adaptive_max_pool2d(x, (3, 2), return_indices=True)[0], image)
    several(
        "rnn relu cell", nn.RNNCell(4, 3, nonlinearity="relu", bias=False), lambda m, x, h: m(x, h), x[:, 0], torch.randn(2, 3),
    )
    several("lstm cell", nn.LSTMCell(4, 3, bias=False), lambda m, x, h, c: m(x, (h, c))[1], x[:, 0], torch.randn(2, 3), torch.randn(2, 3))
    several("gru cell", nn.GRUCell(4, 3, bias=False), lambda m, x, h: m(x, h), x[:, 0], torch.randn(2, 3))

    # Not as text: a model that is saved looks at one sample at a time.
    own = {"track_running_stats": False}
    for train in (True, False):
        norms = {"": nn.BatchNorm1d(3, **own), " plain": nn.BatchNorm1d(3, 0.01, affine=False, **own)}
        for name, norm in norms.items():
            norm.train(train)
            mode = "" if train else " evaluated"
            several("batch norm by the batch" + name + mode, norm, lambda m, x: m(x), torch.randn(4, 3, 2))

    # Three batches, so that the mean over batches is not that of one.
    norm = nn.BatchNorm1d(3, momentum=None)
    for k in range(3):
        batch = torch.randn(4, 3) * (k + 1) + k
        put(f"batches/{k}", batch)
        norm(batch)
    put("batches/running_mean", norm.running_mean)
    put("batches/running_var", norm.running_var)


# ---- Losses: value and gradient by each floating operand


def loss(name, f, *operands):
    xs = [o.clone().requires_grad_(o.is_floating_point() and i == 0) for i, o in enumerate(operands)]
    y = f(*xs)
    g = torch.randn(y.shape)
    y.backward(g)
    for i, x in enumerate(xs):
        put(f"loss/{name}/x{i}", x)
    put(f"loss/{name}/y", y)
    put(f"loss/{name}/g", g)
    put(f"loss/{name}/dx", xs[0].grad)


def losses():
    torch.manual_seed(1)
    z, t = torch.randn(5, 4) * 2, torch.tensor([3, 0, -100, 1, 2])
    w = torch.tensor([0.5, 2.0, 1.0, 0.25])
    shares = torch.softmax(torch.randn(5, 4), 1)
    image, places = torch.randn(2, 3, 2, 2), torch.tensor([[[0, 2], [1, 1]], [[2, 2], [-100, 0]]])
    for r in ("mean", "sum", "none"):
        loss(f"crossEntropy {r}", lambda x, t: F.cross_entropy(x, t, reduction=r), z, t)
        loss(
            f"crossEntropy weight smoothing {r}",
            lambda x, t, w: F.cross_entropy(x, t, w, reduction=r, label_smoothing=0.1), z, t, w,
        )
        loss(f"nllLoss weight {r}", lambda x, t, w: F.nll_loss(x, t, w, reduction=r), z, t, w)
        loss(f"mseLoss {r}", lambda x, t: F.mse_loss(x, t, reduction=r), z, shares)
        loss(f"l1Loss {r}", lambda x, t: F.l1_loss(x, t, reduction=r), z, shares)
    loss("crossEntropy ignore 1", lambda x, t: F.cross_entropy(x, t, ignore_index=1), z, t.clamp(0))
    loss(
        "crossEntropy shares weight smoothing",
        lambda x, t, w: F.cross_entropy(x, t, w, label_smoothing=0.2), z, shares, w,
    )
    loss("crossEntropy image", lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1), image, places)
    loss("smoothL1Loss 0.5", lambda x, t: F.smooth_l1_loss(x, t, beta=0.5), z, shares)
    loss("huberLoss 0.7", lambda x, t: F.huber_loss(x, t, delta=0.7), z, shares)
    logs = torch.log_softmax(z, 1)
    loss("klDiv mean", lambda x, t: F.kl_div(x, t, reduction="mean"), logs, shares)
    loss("klDiv batchmean", lambda x, t: F.kl_div(x, t, reduction="batchmean"), logs, shares)
    loss("klDiv log sum", lambda x, t: F.kl_div(x, t, reduction="sum", log_target=True), logs, shares.log())
    loss("binaryCrossEntropy", F.binary_cross_entropy, torch.sigmoid(z), shares)
    loss("binaryCrossEntropyWithLogits", F.binary_cross_entropy_with_logits, z * 20, shares)
    loss(
        "binaryCrossEntropyWithLogits weights",
        lambda x, t, w, p: F.binary_cross_entropy_with_logits(x, t, w, pos_weight=p), z, shares, w, w + 1,
    )
    signs = torch.where(torch.randn(5, 4) > 0, 1.0, -1.0)
    loss("hingeEmbeddingLoss", lambda x, t: F.hinge_embedding_loss(x, t), z, signs)
    loss("softMarginLoss", F.soft_margin_loss, z, signs)
    loss("poissonNllLoss", F.poisson_nll_loss, z, shares)
    loss("gaussianNllLoss", lambda x, t, v: F.gaussian_nll_loss(x, t, v), z, shares, shares + 0.1)
    loss("tripletMarginLoss", F.triplet_margin_loss, z, shares, signs)
    loss("marginRankingLoss", lambda a, b, t: F.margin_ranking_loss(a, b, t, margin=0.3), z, shares, signs)
    loss("cosineEmbeddingLoss", lambda a, b, t: F.cosine_embedding_loss(a, b, t, margin=0.1), z, shares, signs[:, 0])


def more_losses():
    torch.manual_seed(6)
    z, t, w = torch.randn(5, 4) * 2, torch.tensor([3, 0, 2, 1, 2]), torch.tensor([0.5, 2.0, 1.0, 0.25])
    has = (torch.randn(5, 4) > 0).double()
    for r in ("mean", "sum", "none"):
        loss(f"multilabelSoftMarginLoss {r}", lambda x, t: F.multilabel_soft_margin_loss(x, t, reduction=r), z, has)
        loss(f"multiMarginLoss {r}", lambda x, t: F.multi_margin_loss(x, t, reduction=r), z, t)
        loss(f"binaryCrossEntropy weight {r}", lambda x, t, w: F.binary_cross_entropy(x, t, w, reduction=r), torch.sigmoid(z), has, w)
        loss(f"smoothL1Loss {r}", lambda x, t: F.smooth_l1_loss(x, t, reduction=r), z, has)
        loss(f"huberLoss {r}", lambda x, t: F.huber_loss(x, t, reduction=r), z, has)
    loss(
        "multiMarginLoss 2 weight",
        lambda x, t, w: F.multi_margin_loss(x, t, p=2, margin=0.5, weight=w), z, t, w,
    )
    loss("multiMarginLoss one", lambda x, t: F.multi_margin_loss(x, t), z[0], t[0])


# ---- Optimisers: 10 steps; the test has the same loss


def trouble(p, q):
    c = torch.tensor([1.0, 5.0, 0.1])
    return 0.5 * (c * p.square()).sum() + q.sin().sum() * p.mean() + 0.05 * q.pow(4).sum()


def start():
    return (
        nn.Parameter(torch.tensor([1.0, -2.0, 0.5])),
        nn.Parameter(torch.tensor([[0.5, -1.5], [2.0, 0.25]])),
    )


def optimiser(name, make, scale=1.0):
    p, q = start()
    o = make([p, q])
    path = []
    for _ in range(10):
        o.zero_grad()
        (scale * trouble(p, q)).backward()
        o.step()
        path.append(torch.cat([p.detach(), q.detach().flatten()]))
    put("optimiser/" + name, torch.stack(path))


def optimisers():
    o = torch.optim
    optimiser("SGD", lambda p: o.SGD(p, 0.1))
    optimiser("SGD decay", lambda p: o.SGD(p, 0.1, weight_decay=0.05))
    optimiser("SGD momentum", lambda p: o.SGD(p, 0.1, momentum=0.9))
    optimiser("SGD dampening", lambda p: o.SGD(p, 0.1, momentum=0.9, dampening=0.3, weight_decay=0.05))
    optimiser("SGD nesterov", lambda p: o.SGD(p, 0.1, momentum=0.8, nesterov=True, weight_decay=0.05))
    optimiser("SGD maximize", lambda p: o.SGD(p, 0.1, momentum=0.9, weight_decay=0.1, maximize=True), -1)
    optimiser("Adam", lambda p: o.Adam(p, 0.1))
    optimiser("Adam all", lambda p: o.Adam(p, 0.05, betas=(0.7, 0.95), eps=1e-3, weight_decay=0.1))
    optimiser("Adam amsgrad", lambda p: o.Adam(p, 0.1, betas=(0.9, 0.8), amsgrad=True))
    optimiser("Adam maximize", lambda p: o.Adam(p, 0.1, weight_decay=0.1, maximize=True), -1)
    optimiser("AdamW", lambda p: o.AdamW(p, 0.1))
    optimiser("AdamW amsgrad", lambda p: o.AdamW(p, 0.05, betas=(0.7, 0.8), eps=1e-3, weight_decay=0.2, amsgrad=True))
    optimiser("RMSProp", lambda p: o.RMSprop(p, 0.05))
    optimiser(
        "RMSProp all",
        lambda p: o.RMSprop(p, 0.02, alpha=0.9, eps=1e-3, weight_decay=0.1, momentum=0.8, centered=True),
    )
    optimiser("Adagrad", lambda p: o.Adagrad(p, 0.1))
    optimiser(
        "Adagrad all",
        lambda p: o.Adagrad(p, 0.1, lr_decay=0.05, weight_decay=0.1, initial_accumulator_value=0.3, eps=1e-3),
    )
    p, q = start()
    o = torch.optim.LBFGS([p, q], line_search_fn="strong_wolfe", max_iter=100, tolerance_grad=1e-12, tolerance_change=0)

    def closure():
        o.zero_grad()
        y = trouble(p, q)
        y.backward()
        return y

    o.step(closure)
    put("lbfgs/end", torch.cat([p.detach(), q.detach().flatten()]))
    put("lbfgs/loss", trouble(p, q))


# ---- Schedules and clipping


def schedule(name, make, steps, rate=0.1):
    o = torch.optim.SGD([nn.Parameter(torch.zeros(1))], rate)
    s = make(o)
    rates = []
    for _ in range(steps):
        rates.append(o.param_groups[0]["lr"])
        o.step()
        s.step()
    put("schedule/" + name, torch.tensor(rates))


METRICS = [1, 0.9, 0.89999, 0.9, 0.95, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.7, 0.7]


def schedules():
    s = torch.optim.lr_scheduler
    schedule("step", lambda o: s.StepLR(o, 3, 0.5), 12)
    schedule("exponential", lambda o: s.ExponentialLR(o, 0.9), 12)
    schedule("linear", lambda o: s.LinearLR(o, 0.25, 1.0, 5), 12)
    schedule("cosine", lambda o: s.CosineAnnealingLR(o, 8, 0.01), 20)
    schedule("oneCycle", lambda o: s.OneCycleLR(o, 0.5, total_steps=20), 20)
    schedule(
        "oneCycle all",
        lambda o: s.OneCycleLR(o, 0.5, total_steps=15, pct_start=0.4, div_factor=10, final_div_factor=100),
        15,
    )
    schedule(
        "warm-up",  # linearly to the full rate within 4 steps, then a cosine
        lambda o: s.SequentialLR(o, [s.LinearLR(o, 0.2, 1.0, 4), s.CosineAnnealingLR(o, 8)], [4]),
        12,
    )
    o = torch.optim.SGD([nn.Parameter(torch.zeros(1))], 0.5)
    plateau = s.ReduceLROnPlateau(o, patience=2, cooldown=1, min_lr=1e-3)
    rates = []
    for m in METRICS:
        plateau.step(m)
        rates.append(o.param_groups[0]["lr"])
    put("plateau/metrics", torch.tensor(METRICS))
    put("plateau/rates", torch.tensor(rates))


def groups_and_more_schedules():
    o, s = torch.optim, torch.optim.lr_scheduler
    groups = lambda p: [
        {"params": p[:1], "weight_decay": 0.2},
        {"params": p[1:], "lr": 0.02, "betas": (0.7, 0.9), "weight_decay": 0.0},
    ]
    optimiser("AdamW groups", lambda p: o.AdamW(groups(p), 0.1))
    schedule("multi-step", lambda o: s.MultiStepLR(o, [2, 5, 5, 9], 0.3), 12)
    schedule("restarts", lambda o: s.CosineAnnealingWarmRestarts(o, 4, eta_min=0.01), 20)
    schedule("restarts doubled", lambda o: s.CosineAnnealingWarmRestarts(o, 3, 2), 25)


def clipping():
    torch.manual_seed(2)
    g = [torch.randn(3) * 2, torch.randn(2, 2)]
    put("clip/g0", g[0])
    put("clip/g1", g[1])
    for name, largest, p in (("2", 1.5, 2.0), ("inf", 0.5, math.inf), ("1", 1.0, 1.0), ("large", 99.0, 2.0)):
        ps = [nn.Parameter(torch.zeros(t.shape)) for t in g]
        for q, t in zip(ps, g):
            q.grad = t.clone()
        norm = nn.utils.clip_grad_norm_(ps, largest, p)
        put(f"clip/{name}/norm", norm)
        put(f"clip/{name}/g0", ps[0].grad)
        put(f"clip/{name}/g1", ps[1].grad)
    ps = [nn.Parameter(torch.zeros(t.shape)) for t in g]
    for q, t in zip(ps, g):
        q.grad = t.clone()
    nn.utils.clip_grad_value_(ps, 0.7)
    put("clip/value/g0", ps[0].grad)


# ---- Whole networks as a state_dict, for Model.loadPyTorch


def network():
    torch.manual_seed(3)
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 5),
    ).float()
    net(torch.randn(10, 3, 8, 8).float())
    net.eval()
    x = torch.randn(7, 3, 8, 8).float()
    put("network/x", x)
    put("network/y", net(x))
    write(OUT + "/pytorch-state.safetensors", {k: v.detach() for k, v in net.state_dict().items()}, {"format": "pt"})


layers()
losses()
optimisers()
schedules()
clipping()
network()
several_operands()
more_losses()
groups_and_more_schedules()
write(OUT + "/pytorch.safetensors", tensors, metadata)
