"""Reference values for layers, optimisers and schedules, from PyTorch's documented formulas in NumPy.

This is no PyTorch: it is written from the equations in PyTorch's documentation, one number or one
step after the other, and shares no code with ours. Gradients are by the complex step, exact to the
last digits. Writes layers.json beside the tests' resources:

    python3 nn/src/test/golden-tools/layers.py
"""

import json
import math
import os

import numpy as np

rng = np.random.default_rng(1)
HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "../resources/org/cotangent/nn/golden/layers.json")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def draw(*shape):
    return np.round(rng.normal(size=shape), 3)


# ---- Recurrent cells: torch.nn.RNNCell, LSTMCell, GRUCell; weights as PyTorch keeps them, [out, in]


def rnn(x, state, p):
    (h,) = state
    return (np.tanh(p["weight_ih"] @ x + p["bias_ih"] + p["weight_hh"] @ h + p["bias_hh"]),)


def lstm(x, state, p):
    h, c = state
    n = len(h)
    a = p["weight_ih"] @ x + p["bias_ih"] + p["weight_hh"] @ h + p["bias_hh"]
    i, f, g, o = a[:n], a[n : 2 * n], a[2 * n : 3 * n], a[3 * n :]
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def gru(x, state, p):
    (h,) = state
    n = len(h)
    a = p["weight_ih"] @ x + p["bias_ih"]
    b = p["weight_hh"] @ h + p["bias_hh"]
    r = sigmoid(a[:n] + b[:n])
    z = sigmoid(a[n : 2 * n] + b[n : 2 * n])
    m = np.tanh(a[2 * n :] + r * b[2 * n :])
    return ((1 - z) * m + z * h,)


def sequence(cell, states, x, p, hidden, layers):
    """Two directions; [n, time, in] to [n, time, 2 hidden] and the last states."""
    n, time, _ = x.shape
    last = []
    for layer in range(layers):
        outputs = []
        for suffix in ("", "_reverse"):
            own = {k.split(".")[1]: v for k, v in p.items() if k.startswith(f"l{layer}{suffix}.")}
            out = np.zeros((n, time, hidden), dtype=complex)
            ends = np.zeros((states, n, hidden), dtype=complex)
            for b in range(n):
                state = tuple(np.zeros(hidden) for _ in range(states))
                for t in range(time) if suffix == "" else reversed(range(time)):
                    state = cell(x[b, t], state, own)
                    out[b, t] = state[0]
                for s in range(states):
                    ends[s, b] = state[s]
            outputs.append(out)
            last.append(ends)
        x = np.concatenate(outputs, axis=2)
    return x, [np.stack([e[s] for e in last]) for s in range(states)]


# ---- Attention: torch.nn.MultiheadAttention, TransformerEncoderLayer; [n, time, width]


def softmax(a):
    e = np.exp(a)
    return e / e.sum()


def attention(q, k, v, p, heads, causal, prefix=""):
    w, b = p[prefix + "in_proj_weight"], p[prefix + "in_proj_bias"]
    e = q.shape[2]
    d = e // heads
    out = np.zeros(q.shape, dtype=complex)
    for s in range(q.shape[0]):
        for i in range(q.shape[1]):
            joined = np.zeros(e, dtype=complex)
            for h in range(heads):
                rows = slice(h * d, (h + 1) * d)
                query = w[:e][rows] @ q[s, i] + b[:e][rows]
                seen = range(i + 1) if causal else range(k.shape[1])
                keys = [w[e : 2 * e][rows] @ k[s, j] + b[e : 2 * e][rows] for j in seen]
                values = [w[2 * e :][rows] @ v[s, j] + b[2 * e :][rows] for j in seen]
                share = softmax(np.array([query @ key for key in keys]) / math.sqrt(d))
                joined[rows] = sum(a * value for a, value in zip(share, values))
            out[s, i] = p[prefix + "out_proj.weight"] @ joined + p[prefix + "out_proj.bias"]
    return out


def layer_norm(x, w, b):
    m = x.mean(axis=-1, keepdims=True)
    v = ((x - m) ** 2).mean(axis=-1, keepdims=True)
    return (x - m) / np.sqrt(v + 1e-5) * w + b


def encoder(x, p, heads, norm_first):
    def attend(y):
        return attention(y, y, y, p, heads, False, "self_attn.")

    def feed(y):
        a = y @ p["linear1.weight"].T + p["linear1.bias"]
        a = np.where(a.real > 0, a, 0)
        return a @ p["linear2.weight"].T + p["linear2.bias"]

    def norm(k, y):
        return layer_norm(y, p[f"norm{k}.weight"], p[f"norm{k}.bias"])

    if norm_first:
        x = x + attend(norm(1, x))
        return x + feed(norm(2, x))
    x = norm(1, x + attend(x))
    return norm(2, x + feed(x))


# ---- A case: values, and the gradient of their product with fixed weights


def case(f, x, p):
    """f(x, p) gives a list of arrays; the first is the output."""
    out = [np.real(v) for v in f(x, p)]
    cotangent = draw(*out[0].shape)

    def gradient(array, rebuilt):
        g = np.zeros(array.shape)
        for i in np.ndindex(array.shape):
            moved = array.astype(complex)
            moved[i] += 1e-30j
            g[i] = np.imag((f(*rebuilt(moved))[0] * cotangent).sum()) / 1e-30
        return g

    return {
        "x": x.tolist(),
        "parameters": {k: ours(k, v).tolist() for k, v in p.items()},
        "out": [v.tolist() for v in out],
        "cotangent": cotangent.tolist(),
        "dx": gradient(x, lambda m: (m, p)).tolist(),
        "gradients": {
            k: ours(k, gradient(v, lambda m, k=k: (x, {**p, k: m}))).tolist() for k, v in p.items()
        },
    }


def ours(name, value):
    """Our matrices are the transposes, [in, out]."""
    return value.T if value.ndim == 2 else value


def cells(gates, n_in, hidden, layers):
    p = {}
    for layer in range(layers):
        for suffix in ("", "_reverse"):
            width = n_in if layer == 0 else 2 * hidden
            p[f"l{layer}{suffix}.weight_ih"] = draw(gates * hidden, width)
            p[f"l{layer}{suffix}.weight_hh"] = draw(gates * hidden, hidden)
            p[f"l{layer}{suffix}.bias_ih"] = draw(gates * hidden)
            p[f"l{layer}{suffix}.bias_hh"] = draw(gates * hidden)
    return p


def recurrent(cell, states, gates):
    def f(x, p):
        y, last = sequence(cell, states, x, p, 2, 2)
        return [y, *last]

    return case(f, draw(2, 3, 2), cells(gates, 2, 2, 2))


def heads(prefix=""):
    return {
        prefix + "in_proj_weight": draw(12, 4) / 2,
        prefix + "in_proj_bias": draw(12) / 2,
        prefix + "out_proj.weight": draw(4, 4) / 2,
        prefix + "out_proj.bias": draw(4) / 2,
    }


def block():
    return heads("self_attn.") | {
        "linear1.weight": draw(5, 4),
        "linear1.bias": draw(5),
        "linear2.weight": draw(4, 5),
        "linear2.bias": draw(4),
        "norm1.weight": draw(4),
        "norm1.bias": draw(4),
        "norm2.weight": draw(4),
        "norm2.bias": draw(4),
    }


# ---- Batch normalisation: three batches in training mode, then one in evaluation mode


def batch_norm():
    w, b = np.array([1.5, -0.5]), np.array([0.25, 0.75])
    mean, var = np.zeros(2), np.ones(2)
    batches, outputs = [], []
    for _ in range(3):
        x = draw(4, 2, 3) * 2 + 1
        batches.append(x.tolist())
        y = np.zeros_like(x)
        for c in range(2):
            v = x[:, c]
            y[:, c] = (v - v.mean()) / math.sqrt(v.var() + 1e-5) * w[c] + b[c]
            mean[c] = 0.9 * mean[c] + 0.1 * v.mean()
            var[c] = 0.9 * var[c] + 0.1 * v.var(ddof=1)
        outputs.append(y.tolist())
    x = np.array(batches[0])
    y = (x - mean[:, None]) / np.sqrt(var[:, None] + 1e-5) * w[:, None] + b[:, None]
    return {
        "weight": w.tolist(),
        "bias": b.tolist(),
        "batches": batches,
        "outputs": outputs,
        "running_mean": mean.tolist(),
        "running_var": var.tolist(),
        "evaluated": y.tolist(),
    }


# ---- Optimisers: 6 steps on 1/2 sum c p^2 from p = (1, -2, 0.5), c = (1, 5, 0.1)


def optimise(update):
    p = np.array([1.0, -2.0, 0.5])
    state = {}
    path = []
    for k in range(1, 7):
        p = update(p, np.array([1.0, 5.0, 0.1]) * p, k, state)
        path.append(p.tolist())
    return path


def rmsprop(lr=0.01, alpha=0.99, eps=1e-8, wd=0.0, momentum=0.0, centered=False):
    def update(p, g, k, s):
        g = g + wd * p
        s["v"] = alpha * s.get("v", 0) + (1 - alpha) * g * g
        v = s["v"]
        if centered:
            s["a"] = alpha * s.get("a", 0) + (1 - alpha) * g
            v = v - s["a"] ** 2
        d = g / (np.sqrt(v) + eps)
        if momentum > 0:
            s["b"] = momentum * s.get("b", 0) + d
            d = s["b"]
        return p - lr * d

    return optimise(update)


def adagrad(lr=0.01, lr_decay=0.0, wd=0.0, start=0.0, eps=1e-10):
    def update(p, g, k, s):
        g = g + wd * p
        s["s"] = s.get("s", start) + g * g
        return p - lr / (1 + (k - 1) * lr_decay) * g / (np.sqrt(s["s"]) + eps)

    return optimise(update)


# ---- Schedules, in the recursive forms of PyTorch's sources where there are any


def step_lr():
    rates = [0.1]
    for t in range(1, 10):
        rates.append(rates[-1] * (0.5 if t % 3 == 0 else 1))
    return rates


def exponential_lr():
    rates = [0.1]
    for _ in range(1, 10):
        rates.append(rates[-1] * 0.9)
    return rates


def linear_lr(start=1 / 3, end=1.0, total=5):
    rates = [0.1 * start]
    for t in range(1, 10):
        if t > total:
            rates.append(rates[-1])
        else:
            rates.append(rates[-1] * (1 + (end - start) / (total * start + (t - 1) * (end - start))))
    return rates


def cosine_lr(t_max=8, least=0.01):
    rates = [0.1]
    for t in range(1, 9):
        if t == t_max:
            rates.append(least)
        else:
            turn = (1 + math.cos(math.pi * t / t_max)) / (1 + math.cos(math.pi * (t - 1) / t_max))
            rates.append(turn * (rates[-1] - least) + least)
    return rates


def one_cycle_lr(largest=0.5, total=20, pct=0.3, div=25.0, final=1e4):
    def anneal(a, b, share):
        return b + (a - b) / 2 * (math.cos(math.pi * share) + 1)

    first = largest / div
    phases = [(pct * total - 1, first, largest), (total - 1, largest, first / final)]
    rates = []
    for t in range(total):
        begin = 0.0
        for i, (end, a, b) in enumerate(phases):
            if t <= end or i == 1:
                rates.append(anneal(a, b, (t - begin) / (end - begin)))
                break
            begin = end
    return rates


def plateau(metrics, factor=0.1, patience=2, cooldown=1, least=1e-3, threshold=1e-4):
    rate, best, bad, resting, rates = 0.5, math.inf, 0, 0, []
    for m in metrics:
        if m < best * (1 - threshold):
            best, bad = m, 0
        else:
            bad += 1
        if resting > 0:
            resting -= 1
            bad = 0
        if bad > patience:
            new = max(rate * factor, least)
            if rate - new > 1e-8:
                rate = new
            resting, bad = cooldown, 0
        rates.append(rate)
    return rates


METRICS = [1, 0.9, 0.89999, 0.9, 0.95, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.7, 0.7]

golden = {
    "RNN": recurrent(rnn, 1, 1),
    "LSTM": recurrent(lstm, 2, 4),
    "GRU": recurrent(gru, 1, 3),
    "MultiHeadAttention": case(
        lambda x, p: [attention(x, x, x, p, 2, False)], draw(2, 3, 4), heads()
    ),
    "MultiHeadAttention, causal": case(
        lambda x, p: [attention(x, x, x, p, 2, True)], draw(1, 3, 4), heads()
    ),
    "TransformerEncoderBlock": case(
        lambda x, p: [encoder(x, p, 2, False)], draw(1, 3, 4), block()
    ),
    "TransformerEncoderBlock, norm first": case(
        lambda x, p: [encoder(x, p, 2, True)], draw(1, 3, 4), block()
    ),
    "BatchNorm": batch_norm(),
    "RMSProp": rmsprop(),
    "RMSProp, all set": rmsprop(0.02, 0.9, 1e-3, 0.1, 0.8, True),
    "Adagrad": adagrad(),
    "Adagrad, all set": adagrad(0.1, 0.05, 0.1, 0.3, 1e-3),
    "StepLR": step_lr(),
    "ExponentialLR": exponential_lr(),
    "LinearLR": linear_lr(),
    "CosineAnnealingLR": cosine_lr(),
    "OneCycleLR": one_cycle_lr(),
    "metrics": METRICS,
    "ReduceLROnPlateau": plateau(METRICS),
}

with open(OUT, "w") as f:
    f.write("{\n")
    f.write(",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in golden.items()))
    f.write("\n}\n")
