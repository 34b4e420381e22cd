#!/usr/bin/env python3
"""ESM-2 in PyTorch, to be compared with Clss.EmbedBenchmark: the same network, weights and pooling, in torch's own operations.

Ways of running (--mode):
  one      one sequence at a time, as CLSS does
  padded   sequences sorted by length, padded to the longest of a batch of --tokens tokens, attention masked
  packed   linear layers over sequences laid end to end (no padding), attention per sequence
Mode "best" runs the three and prints each. --check FILE compares the pooled embeddings with those that
Clss.EmbedBenchmark wrote with --vectors.
"""

import argparse, gzip, math, os, time

parser = argparse.ArgumentParser()
parser.add_argument("fasta")
parser.add_argument("--layers", type=int, default=12)
parser.add_argument("--hidden", type=int, default=480)
parser.add_argument("--heads", type=int, default=20)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=1)
parser.add_argument("--tokens", type=int, default=4096)
parser.add_argument("--mode", choices=["one", "padded", "packed", "best"], default="best")
parser.add_argument("--limit", type=int, default=0, help="use every n-th sequence so that about this many remain")
parser.add_argument("--check")
args = parser.parse_args()
# Before torch is loaded: its OpenMP, and OpenBLAS with its own choice of kernel and blocking.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(args.threads)
# Torch's OpenMP threads and OpenBLAS's own ones take turns: the former must not spin while the latter compute.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(args.threads)
torch.set_grad_enabled(False)
H, D, L = args.heads, args.hidden // args.heads, args.layers
LETTERS = "LAGVSERTIDPKQNFYMHWCXBUZO.-"


def formula(name, shape):
    """The numbers of FormulaWeights.cs."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & (2**64 - 1)
    with np.errstate(over="ignore"):
        v = np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15)
        v = (v ^ (v >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        v = (v ^ (v >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        v ^= v >> np.uint64(31)
    u = (v >> np.uint64(40)).astype(np.float32) * np.float32(1 / (1 << 23)) - np.float32(1)
    norm, bias = "norm" in name.lower(), name.endswith(".bias")
    offset = np.float32(1 if norm and not bias else 0)
    factor = np.float32(0.1 if norm or bias else 1 if name.startswith("embeddings.") else math.sqrt(3.0 / shape[1]))
    return torch.from_numpy((offset + factor * u).reshape(shape))


def linear(name, outputs, inputs):
    """Weight transposed in memory: OpenBLAS is then up to twice as fast as through F.linear."""
    return formula(name + ".weight", (outputs, inputs)).t().contiguous(), formula(name + ".bias", (outputs,))


def apply(x, weight, bias):
    return torch.addmm(bias, x.reshape(-1, x.shape[-1]), weight).view(*x.shape[:-1], -1)


def norm(name):
    return formula(name + ".weight", (args.hidden,)), formula(name + ".bias", (args.hidden,))


h = args.hidden
table = formula("embeddings.word_embeddings.weight", (33, h))
layers = []
for i in range(L):
    p = f"encoder.layer.{i}."
    qkv = [linear(p + "attention.self." + part, h, h) for part in ("query", "key", "value")]
    layers.append((
        norm(p + "attention.LayerNorm"),
        (torch.cat([w for w, _ in qkv], 1).contiguous(), torch.cat([b for _, b in qkv])),
        linear(p + "attention.output.dense", h, h),
        norm(p + "LayerNorm"),
        linear(p + "intermediate.dense", 4 * h, h),
        linear(p + "output.dense", h, 4 * h)))
final = norm("encoder.emb_layer_norm_after")


def rotary(n):
    frequencies = 1.0 / (10000 ** (torch.arange(0, D, 2).float() / D))
    angles = torch.outer(torch.arange(n).float(), frequencies)
    angles = torch.cat([angles, angles], -1)
    return angles.cos(), angles.sin()


def rotate(x, cos, sin):
    return x * cos + torch.cat([-x[..., D // 2:], x[..., : D // 2]], -1) * sin


def attend(q, k, v, bias=None):
    """q, k, v [batch * heads, n, D]"""
    scores = torch.bmm(q, k.transpose(1, 2))
    if bias is not None:
        scores += bias
    return torch.bmm(scores.softmax(-1), v)


def block(x, layer, attention):
    n1, qkv, out, n2, up, down = layer
    y = apply(F.layer_norm(x, (h,), *n1, 1e-5), *qkv)
    x = x + apply(attention(y), *out)
    return x + apply(F.gelu(apply(F.layer_norm(x, (h,), *n2, 1e-5), *up)), *down)


def run_one(token_lists):
    return run_packed([[i] for i in range(len(token_lists))], token_lists)


def run_packed(batches, token_lists):
    result = torch.empty(len(token_lists), h)
    for batch in batches:
        lengths = [len(token_lists[i]) for i in batch]
        x = table[torch.tensor([t for i in batch for t in token_lists[i]])] * 0.88
        tables = [rotary(n) for n in lengths]

        def attention(y):
            parts = []
            for part, (cos, sin) in zip(y.split(lengths), tables):
                q, k, v = part.view(-1, 3, H, D).permute(1, 2, 0, 3)
                o = attend(rotate(q * D**-0.5, cos, sin), rotate(k, cos, sin), v)
                parts.append(o.transpose(0, 1).reshape(-1, h))
            return parts[0] if len(parts) == 1 else torch.cat(parts)

        for layer in layers:
            x = block(x, layer, attention)
        x = F.layer_norm(x, (h,), *final, 1e-5)
        for i, part in zip(batch, x.split(lengths)):
            result[i] = part.mean(0)
    return result


def run_padded(batches, token_lists):
    result = torch.empty(len(token_lists), h)
    for batch in batches:
        longest = max(len(token_lists[i]) for i in batch)
        ids = torch.ones(len(batch), longest, dtype=torch.long)
        for row, i in enumerate(batch):
            ids[row, : len(token_lists[i])] = torch.tensor(token_lists[i])
        mask = ids != 1
        bias = None
        if not mask.all():
            bias = torch.zeros(len(batch), 1, longest).masked_fill_(~mask[:, None, :], -1e30).repeat_interleave(H, 0)
        cos, sin = rotary(longest)
        x = table[ids] * 0.88

        def attention(y):
            q, k, v = y.view(len(batch), longest, 3, H, D).permute(2, 0, 3, 1, 4).reshape(3, -1, longest, D)
            o = attend(rotate(q * D**-0.5, cos, sin), rotate(k, cos, sin), v, bias)
            return o.view(len(batch), H, longest, D).transpose(1, 2).reshape(len(batch), longest, h)

        for layer in layers:
            x = block(x, layer, attention)
        x = F.layer_norm(x, (h,), *final, 1e-5) * mask[..., None]
        result[torch.tensor(batch)] = x.sum(1) / mask.sum(1, keepdim=True)
    return result


def batches_of(order, token_lists, padded):
    batches, batch, size = [], [], 0
    for i in order:
        n = len(token_lists[i])
        full = n * (len(batch) + 1) if padded else size + n
        if batch and full > args.tokens:
            batches.append(batch)
            batch, size = [], 0
        batch.append(i)
        size += n
    return batches + ([batch] if batch else [])


opener = gzip.open if args.fasta.endswith(".gz") else open
sequences = []
for line in opener(args.fasta, "rt"):
    if line.startswith(">"):
        sequences.append("")
    else:
        sequences[-1] += line.strip()
if args.limit:
    sequences = sequences[:: max(1, len(sequences) // args.limit)]
tokens = [[0] + [4 + LETTERS.index(c) for c in s] + [2] for s in sequences]
residues = sum(map(len, sequences))
print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; {len(sequences)} sequences, {residues} residues; {L} layers, hidden {h}, {H} heads")
longest_first = sorted(range(len(tokens)), key=lambda i: -len(tokens[i]))
runs = {
    "one": lambda: run_one(tokens),
    "padded": lambda: run_padded(batches_of(longest_first, tokens, True), tokens),
    "packed": lambda: run_packed(batches_of(range(len(tokens)), tokens, False), tokens),
}
for mode in runs if args.mode == "best" else [args.mode]:
    for _ in range(args.rounds):
        start, processor = time.perf_counter(), time.process_time()
        pooled = runs[mode]()
        seconds = time.perf_counter() - start
        print(f"{residues / seconds:.0f} residues/s ({seconds:.2f} s, {mode}, {time.process_time() - processor:.2f} s of processor time)", flush=True)
    if args.check:
        ours = torch.from_numpy(np.fromfile(args.check, dtype=np.float32).reshape(len(tokens), h))
        print(f"largest difference of a pooled embedding: {(ours - pooled).abs().max().item():.2e}, rms {pooled.pow(2).mean().sqrt().item():.2f}")
