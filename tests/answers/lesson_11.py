"""Answers to the exercises of lesson 11: a real model."""

MEMORY = "def memory(model, context):\n"
CHOOSE = "def choose(files, free, cache):\n"
KL = "import math\ndef divergence(p, q):\n"
LOOP = (
    "    best = None\n    for name, size in files.items():\n"
    "        if size + cache <= free and (best is None or size > files[best]):\n"
    "            best = name\n    return best"
)
SUM = (
    "    total = 0\n    for a, b in zip(p, q):\n        if a != -math.inf:\n"
    "            total += math.exp(a) * (a - b)\n    return total"
)
FORMULA = '    return model["weights"] + 4 * model["layers"] * context * model["kv_heads"] * '

RIGHT = {
    "11.1": [
        MEMORY + FORMULA + 'model["width"]',
        MEMORY + '    weights, layers, heads, width = model.values()\n'
        "    return weights + 2 * layers * context * heads * width * 2",
        "import math\n" + MEMORY + '    sizes = [model[name] for name in ("layers", "kv_heads",'
        ' "width")]\n    return model["weights"] + 4 * context * math.prod(sizes)',
        MEMORY + '    model = dict(model)\n    total = model.pop("weights")\n'
        "    cache = 4 * context\n"
        "    for number in model.values():\n        cache *= number\n    return total + cache",
        "import numpy as np\n" + MEMORY
        + '    measures = np.array([model["layers"], model["kv_heads"], model["width"], context])\n'
        '    return np.int64(model["weights"]) + 4 * measures.prod(dtype=np.int64)',
        "memory = lambda m, n: m['weights'] + 4 * n * m['layers'] * m['kv_heads'] * m['width']",
        MEMORY + "    def one_token():\n"
        '        return sum(2 * model["kv_heads"] * model["width"] for _ in "kv") * '
        'model["layers"]\n    return model["weights"] + context * one_token()',
        "class Memory:\n    def __call__(self, model, context):\n    " + FORMULA
        + 'model["width"]\nmemory = Memory()',
    ],
    "11.2": [
        CHOOSE + LOOP,
        CHOOSE + "    fitting = {n: s for n, s in files.items() if s + cache <= free}\n"
        "    return max(fitting, key=fitting.get) if fitting else None",
        CHOOSE + "    for name in sorted(files, key=files.get, reverse=True):\n"
        "        if files[name] <= free - cache:\n            return name",
        CHOOSE + "    for name, size in sorted(files.items(), key=lambda item: -item[1]):\n"
        "        if size + cache <= free:\n            return name\n    return None",
        CHOOSE + "    try:\n        size = max(s for s in files.values() if s + cache <= free)\n"
        "    except ValueError:\n        return None\n"
        "    return next(name for name in files if files[name] == size)",
        CHOOSE + "    left = dict(files)\n    while left:\n"
        "        name = max(left, key=left.get)\n        if left[name] + cache <= free:\n"
        "            return name\n        del left[name]\n    return None",
        CHOOSE + "    sizes = [s for s in files.values() if not s + cache > free]\n"
        "    if sizes:\n"
        "        return list(files)[list(files.values()).index(max(sizes))]",
        "choose = lambda files, free, cache: max((n for n in files if files[n] + cache <= free),"
        " key=files.get, default=None)",
    ],
    "11.3": [
        KL + SUM,
        KL + "    return sum(math.exp(a) * (a - b) for a, b in zip(p, q) if a > -math.inf)",
        KL + "    return math.fsum(math.exp(a) * (a - b) if math.exp(a) else 0 "
        "for a, b in zip(p, q, strict=True))",
        "import numpy as np\ndef divergence(p, q):\n    p, q = np.array(p), np.array(q)\n"
        "    there = p > -np.inf\n    p, q = p[there], q[there]\n"
        "    return (np.exp(p) * (p - q)).sum()",
        "import numpy as np\ndef divergence(p, q):\n    p, q = np.array(p), np.array(q)\n"
        "    with np.errstate(invalid='ignore'):\n        terms = np.exp(p) * (p - q)\n"
        "    return float(np.where(np.isneginf(p), 0, terms).sum())",
        KL + "    total = 0.0\n    for i in range(len(p)):\n        chance = math.exp(p[i])\n"
        "        if chance == 0:\n            continue\n"
        "        if q[i] == -math.inf:\n            return math.inf\n"
        "        total += chance * p[i] - chance * q[i]\n    return total",
        KL + "    return sum(math.e ** a * (a - b) for a, b in zip(p, q) if not math.isinf(a))",
        KL + "    return round(sum(math.exp(a) * (a - b) for a, b in zip(p, q) if a > -1e300), 7)",
    ],
}  # fmt: skip

WRONG = {
    "11.1": [
        ("memory = ...", "nothing here yet"),
        (MEMORY + "    return ...", "nothing here yet"),
        (MEMORY + FORMULA.replace("4 *", "2 *") + 'model["width"]', "expected 12437184"),
        (MEMORY + FORMULA.replace('model["weights"] + ', "") + 'model["width"]',
         "returned 9437184, expected 12437184"),
        (MEMORY + FORMULA.replace("return ", "print(") + 'model["width"])', "is there a `return`?"),
        (MEMORY + FORMULA + '(model["width"] // model["kv_heads"])', "expected 12437184"),
        (MEMORY + FORMULA.replace("4 *", "4.0 *") + 'model["width"]', "expected 12437184, an int"),
        (MEMORY + FORMULA.replace(" context *", "") + 'model["width"]', "expected 12437184"),
        (MEMORY + FORMULA.replace("context", "(context or 1)") + 'model["width"]',
         "expected 1000"),
        (MEMORY + FORMULA.replace('model["weights"]', 'model.pop("weights")') + 'model["width"]',
         "must stay as it was"),
        (MEMORY + '    model["cache"] = 4 * model["layers"] * context * model["kv_heads"] * '
         'model["width"]\n    return model["weights"] + model["cache"]', "must stay as it was"),
        (MEMORY + "    return model.weights + 4 * model.layers * context", "raised AttributeError"),
        (MEMORY + FORMULA.replace("kv_heads", "heads") + 'model["width"]',
         "raised KeyError: 'heads'"),
        (MEMORY + "    return str(" + FORMULA.replace("    return ", "") + 'model["width"])',
         "returned '12437184', expected 12437184"),
        (MEMORY + "    return (" + FORMULA.replace("    return ", "") + 'model["width"]) / 2**20',
         "expected 12437184"),
        ("memory = 12437184", "a function is expected"),
        ("def memory(model):\n    return model['weights']", "takes 1 positional argument but 2"),
    ],
    "11.2": [
        ("choose = ...", "nothing here yet"),
        (CHOOSE + "    return ...", "nothing here yet"),
        (CHOOSE + LOOP.replace("<= free", "< free"), "190, 45) returned 'Q4_K_M', expected 'Q8_0'"),
        (CHOOSE + LOOP.replace("size + cache", "size"), "expected 'Q4_K_M'"),
        (CHOOSE + LOOP.replace("size > files", "size >= files"), "returned 'b', expected 'c'"),
        (CHOOSE + LOOP.replace("size > files", "size < files"), "expected 'Q8_0'"),
        (CHOOSE + LOOP.replace("return best", "print(best)"), "is there a `return`?"),
        (CHOOSE + LOOP.replace("return best", "return best or 'none'"), "expected None"),
        (CHOOSE + LOOP.replace("return best", "return files[best] if best else None"),
         "returned 145, expected 'Q8_0'"),
        (CHOOSE + LOOP.replace("return best", "return best, files.get(best)"),
         "returned ('Q8_0', 145), expected 'Q8_0'"),
        (CHOOSE + "    return max(n for n in files if files[n] + cache <= free)",
         "raised ValueError"),
        (CHOOSE + "    return max((n for n in files if files[n] + cache <= free), default=None)",
         "expected 'F16'"),
        (CHOOSE + "    for name, size in files.items():\n        if size + cache <= free:\n"
         "            return name", "returned 'Q4_K_M', expected 'Q8_0'"),
        (CHOOSE + "    for name in sorted(files, key=files.get)[::-1]:\n"
         "        if files[name] + cache <= free:\n            return name",
         "returned 'b', expected 'c'"),
        (CHOOSE + "    for name in list(files):\n        if files[name] + cache > free:\n"
         "            del files[name]\n    return max(files, key=files.get, default=None)",
         "must stay as it was"),
        (CHOOSE + LOOP.replace("best = None", 'best = ""').replace("best is None", "not best")
         .replace("return best", "return best or None"), "{'': 5}"),
        (CHOOSE + "    return [n for n in files if files[n] + cache <= free]",
         "returned ['Q4_K_M', 'Q8_0'], expected 'Q8_0'"),
        (CHOOSE + "    by_size = {s: n for n, s in files.items() if s + cache <= free}\n"
         "    return by_size[max(by_size)] if by_size else None", "returned 'b', expected 'c'"),
        (CHOOSE + LOOP.replace("return best", "return best if cache else None"),
         "expected 'Q4_K_M'"),
        ("choose = max", "raised TypeError"),
        ("choose = 'Q8_0'", "a function is expected"),
    ],
    "11.3": [
        ("divergence = ...", "nothing here yet"),
        (KL + "    return ...", "nothing here yet"),
        (KL + SUM.replace("math.exp(a) *", "a *"), "expected 0.1438"),
        (KL + SUM.replace("(a - b)", "(b - a)"), "expected 0.1438"),
        (KL + SUM.replace("math.exp(a)", "math.exp(b)"), "expected 0.1438"),
        (KL + SUM.replace("(a - b)", "abs(a - b)"), "expected 0.1438"),
        (KL + SUM.replace("        if a != -math.inf:\n    ", ""), "returned nan, expected 0.0000"),
        (KL + SUM.replace("if a != -math.inf", "if a != -math.inf and b != -math.inf"),
         "expected inf"),
        (KL + SUM.replace("return total", "return total / len(p)"), "expected 0.1438"),
        (KL + SUM.replace("return total", "print(total)"), "is there a `return`?"),
        (KL + SUM.replace("return total", "return round(total, 2)"), "returned 0.14, expected"),
        (KL + "    return sum(math.log(a / b) * a for a, b in zip(p, q))", "expected 0.1438"),
        (KL + SUM.replace("(a - b)", "math.log2(math.exp(a - b))"), "expected 0.1438"),
        (KL + "    return sum(math.exp(a) * (a - b) for a, b in zip(p, q)) if -math.inf not in p "
         "else 0", "expected 0.6931"),
        (KL + "    return sum((math.exp(a) - math.exp(b)) ** 2 for a, b in zip(p, q))",
         "expected 0.1438"),
        (KL + SUM.replace("if a != -math.inf:", "if a == -math.inf:\n            return 0\n"
                          "        else:"), "expected 0.3466"),
        (KL + SUM.replace("    total = 0\n", "    total = 0\n    p.sort()\n    q.sort()\n"),
         "expected 1.1675"),
        (KL + "    while p:\n        p.pop()\n    return 0.0", "stay as they were"),
        (KL + "    p = [math.exp(a) for a in p]\n    q = [math.exp(b) for b in q]\n"
         "    return sum(a * math.log(a / b) for a, b in zip(p, q))", "raised ValueError"),
        ("import numpy as np\ndef divergence(p, q):\n    p, q = np.array(p), np.array(q)\n"
         "    return np.exp(p) * (p - q)", "returned array("),
        ("import numpy as np\ndef divergence(p, q):\n    p, q = np.array(p), np.array(q)\n"
         "    return np.nan_to_num(np.exp(p) * (p - q)).sum()", "expected inf"),
        ("divergence = 0.0", "a function is expected"),
    ("""
import math
def divergence(p, q):
    both = zip(p, q)
    return round(sum(math.exp(a) * (a - b) for a, b in both if a > -math.inf), 4)
""", 'not rounded'),
],
}  # fmt: skip
