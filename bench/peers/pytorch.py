"""PyTorch as a contestant: one line of JSON in, one out; arrays go through files of raw numbers."""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[1]))


def floats(path):
    return torch.from_numpy(np.fromfile(path, dtype=np.float32))


class Product:
    def __init__(self, m, k, n, layout, a, b):
        a = floats(a).reshape((k, m) if layout == "TN" else (m, k))
        b = floats(b).reshape((n, k) if layout == "NT" else (k, n))
        self.a = a.t() if layout == "TN" else a
        self.b = b.t() if layout == "NT" else b
        self.c = torch.empty(m, n)

    def run(self):
        torch.mm(self.a, self.b, out=self.c)

    def output(self):
        return self.c


def optimizer(rule, params, h):
    lr, betas, eps = h["lr"], (h["beta1"], h["beta2"]), h["eps"]
    return {
        "sgd": lambda: torch.optim.SGD(params, lr=lr),
        "momentum": lambda: torch.optim.SGD(params, lr=lr, momentum=h["momentum"]),
        "adagrad": lambda: torch.optim.Adagrad(params, lr=lr, eps=eps, initial_accumulator_value=h["accumulator"]),
        "rmsprop": lambda: torch.optim.RMSprop(params, lr=lr, alpha=h["alpha"], eps=eps),
        "adam": lambda: torch.optim.Adam(params, lr=lr, betas=betas, eps=eps),
        "adamw": lambda: torch.optim.AdamW(params, lr=lr, betas=betas, eps=eps, weight_decay=h["weightDecay"]),
    }[rule]()


class Update:
    def __init__(self, rule, p, g, hyper):
        self.p = torch.nn.Parameter(floats(p))
        self.p.grad = floats(g)
        self.opt = optimizer(rule, [self.p], hyper)

    def run(self):
        self.opt.step()

    def output(self):
        return self.p.detach()


class Training:
    def __init__(self, widths, batch, x, labels, initial, hyper):
        layers = []
        for i in range(len(widths) - 1):
            layer = torch.nn.Linear(widths[i], widths[i + 1])
            with torch.no_grad():
                layer.weight.copy_(floats(initial[2 * i]).reshape(widths[i], widths[i + 1]).t())
                layer.bias.copy_(floats(initial[2 * i + 1]))
            layers += [layer, torch.nn.ReLU()]
        self.model = torch.nn.Sequential(*layers[:-1])
        self.opt = optimizer("adam", self.model.parameters(), hyper)
        self.x = torch.from_numpy(np.memmap(x, dtype=np.float32, mode="c")).reshape(-1, batch, widths[0])
        self.labels = torch.from_numpy(np.fromfile(labels, dtype=np.int32).astype(np.int64)).reshape(-1, batch)
        self.input = torch.empty(batch, widths[0])
        self.at = 0

    def run(self):
        i = self.at % len(self.x)
        self.at += 1
        self.input.copy_(self.x[i])
        self.opt.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.model(self.input), self.labels[i])
        loss.backward()
        self.opt.step()
        return loss.item()

    def predict(self, path):
        with torch.no_grad():
            return self.model(floats(path).reshape(-1, self.input.shape[1]))


SAMPLE = 2e-4  # seconds, as in harness.ts


def sample(piece, ms):
    """The median of the times of a call, in milliseconds."""
    now = time.perf_counter
    start = now()
    piece.run()
    calls = max(1, int(SAMPLE / (now() - start)))
    times = []
    end = now() + ms / 1e3
    while True:
        start = now()
        for _ in range(calls):
            piece.run()
        stop = now()
        times.append((stop - start) / calls * 1e3)
        if stop >= end:
            return float(np.median(times))


def steps(piece, count):
    start = time.perf_counter()
    loss = float("nan")
    for _ in range(count):
        loss = piece.run()
    return {"ms": (time.perf_counter() - start) * 1e3, "loss": loss}


def written(tensor, path):
    tensor.contiguous().numpy().tofile(path)
    return {}


pieces = {}


def answer(cmd, id, **o):
    if cmd in ("product", "optimizer", "training"):
        pieces[id] = {"product": Product, "optimizer": Update, "training": Training}[cmd](**o)
        return {}
    if cmd == "version":
        torch.mm(torch.ones(64, 64), torch.ones(64, 64))  # loads what multiplies
        with open("/proc/self/maps") as maps:
            loaded = maps.read()
        known = {"openblas": "OpenBLAS", "libmkl": "MKL", "libblas": "reference BLAS"}
        return {"version": torch.__version__, "blas": next((known[k] for k in known if k in loaded), "its own BLAS")}
    piece = pieces[id]
    if cmd == "sample":
        return {"ms": sample(piece, **o)}
    if cmd == "steps":
        return steps(piece, **o)
    if cmd == "output":
        return written(piece.output(), o["path"])
    if cmd == "predict":
        return written(piece.predict(o["x"]), o["path"])
    if cmd == "dispose":
        del pieces[id]
        return {}
    raise ValueError(cmd)


for line in sys.stdin:
    try:
        reply = answer(**json.loads(line))
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
