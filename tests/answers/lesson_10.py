"""Answers to the exercises of lesson 10: a watermark."""

RIGHT = {
    "10.1": [
        """
import math
def z(green, pairs, share):
    if not pairs:
        return 0
    return (green - pairs * share) / math.sqrt(pairs * share * (1 - share))
""",
        """
def z(green, pairs, share):
    return (green - pairs * share) / (pairs * share * (1 - share)) ** 0.5 if pairs else 0.0
""",
        """
import numpy as np
def z(green, pairs, share):
    if pairs == 0:
        return 0
    return np.float32((green - pairs * share) / np.sqrt(pairs * share * (1 - share)))
""",
        """
def z(green, pairs, share):
    try:
        return (green - pairs * share) / (pairs * share * (1 - share)) ** 0.5
    except ZeroDivisionError:
        return 0
""",
        """
def z(green, pairs, share):
    average = pairs * share
    deviation = (average * (1 - share)) ** 0.5
    return (green - average) / deviation if deviation > 0 else 0
""",
        """
z = lambda n, pairs, share: (n - pairs * share) / max(pairs * share * (1 - share), 1e-12) ** 0.5
""",
        """
def z(green, pairs, share):
    if pairs < 1:
        return 0
    return round((green / pairs - share) * (pairs / (share * (1 - share))) ** 0.5, 3)
""",
        """
from decimal import Decimal
def z(green, pairs, share):
    share = Decimal(share)
    return (green - pairs * share) / (pairs * share * (1 - share)).sqrt() if pairs else share * 0
""",
        """
from fractions import Fraction
def z(green, pairs, share):
    if pairs == 0:
        return Fraction(0)
    return (green - pairs * share) / (pairs * share * (1 - share)) ** 0.5
""",
        """
def z(green, pairs, share):
    return pairs and (green - pairs * share) * pow(pairs * share * (1 - share), -1 / 2)
""",
    ],
    "10.2": [
        """
import math
def length(share, z):
    return math.ceil((z / (2 * (share - 0.5))) ** 2)
""",
        """
def length(share, z):
    n = 1
    while (share * n - n / 2) / (n / 4) ** 0.5 < z:
        n += 1
    return n
""",
        """
import numpy as np
def length(share, z):
    return int(np.ceil((z / (2 * share - 1)) ** 2 - 1e-9))
""",
        """
from itertools import count
def length(share, z):
    return next(n for n in count(1) if (share * n - n / 2) / (n / 4) ** 0.5 >= z)
""",
        """
def length(share, z):
    return -int(-((z / (2 * share - 1)) ** 2) // 1)
""",
        """
import numpy as np
def length(share, z):
    n = np.arange(1, 100_000)
    return n[(share * n - n / 2) / np.sqrt(n / 4) >= z][0]
""",
        """
import numpy as np
def length(share, z):
    return np.ceil((z / (2 * (share - 0.5))) ** 2).astype(int)
""",
        """
def length(share, z, n=1):
    return n if (share * n - n / 2) / (n / 4) ** 0.5 >= z else length(share, z, n + 1)
""",
        """
def length(share, z):
    low, high = 1, 10**6
    while low < high:
        n = (low + high) // 2
        if (share * n - n / 2) / (n / 4) ** 0.5 >= z:
            high = n
        else:
            low = n + 1
    return low
""",
        """
from fractions import Fraction
import math
def length(share, z):
    return math.ceil((Fraction(z) / (2 * Fraction(share) - 1)) ** 2)
""",
    ],
    "10.3": [
        """
def marked_part(green, length):
    return max(range(len(green) - length + 1), key=lambda at: sum(green[at:at + length]))
""",
        """
def marked_part(green, length):
    best, where = -1, 0
    for at in range(len(green) - length + 1):
        count = green[at:at + length].count(True)
        if count > best:
            best, where = count, at
    return where
""",
        """
import numpy as np
def marked_part(green, length):
    return np.argmax(np.convolve(green, np.ones(length), "valid"))
""",
        """
def marked_part(green, length):
    counts = [sum(green[at:at + length]) for at in range(len(green) - length + 1)]
    return counts.index(max(counts))
""",
        """
def marked_part(green, length):
    count = best = sum(green[:length])
    where = 0
    for at in range(1, len(green) - length + 1):
        count += green[at + length - 1] - green[at - 1]
        if count > best:
            best, where = count, at
    return where
""",
        """
from itertools import accumulate
def marked_part(green, length):
    sums = [0, *accumulate(green)]
    counts = [b - a for a, b in zip(sums, sums[length:])]
    return min(range(len(counts)), key=lambda at: (-counts[at], at))
""",
        """
def marked_part(green, length):
    parts = sorted((-sum(green[at:at + length]), at) for at in range(len(green) - length + 1))
    return parts[0][1]
""",
        """
from numpy.lib.stride_tricks import sliding_window_view
def marked_part(green, length):
    return sliding_window_view(green, length).sum(axis=1).argmax()
""",
        """
from collections import deque
def marked_part(green, length):
    last, best, where = deque(maxlen=length), -1, 0
    for at, one in enumerate(green):
        last.append(one)
        if len(last) == length and sum(last) > best:
            best, where = sum(last), at - length + 1
    return where
""",
        """
def marked_part(green, length):
    starts = range(len(green) - length + 1)
    return min(starts, key=lambda at: green[at:at + length].count(False))
""",
    ],
}

WRONG = {
    "10.1": [
        ("def z(green, pairs, share):\n    pass", "returned None (is there a `return`?)"),
        (
            "def z(green, pairs, share):\n    if pairs == 0:\n        return 0\n"
            "    print((green - pairs * share) / (pairs * share * (1 - share)) ** 0.5)",
            "returned None (is there a `return`?)",
        ),
        (
            "def z(green, pairs, share):\n"
            "    return (green - pairs / 2) / max(pairs / 4, 1) ** 0.5",
            "z(40, 100, 0.25) returned -2.0, expected 3.46",
        ),
        (
            "def z(green, pairs, share):\n"
            "    return (green - pairs * share) / (pairs * share * (1 - share)) ** 0.5",
            "ZeroDivisionError",
        ),
        (
            "def z(green, pairs, share):\n    if pairs == 0: return 0\n"
            "    return abs(green - pairs * share) / (pairs * share * (1 - share)) ** 0.5",
            "z(10, 100, 0.5) returned 8.0, expected -8.00",
        ),
        (
            "def z(green, pairs, share):\n    if pairs == 0: return 0\n"
            "    return (green - pairs * share) / (pairs * share * (1 - share))",
            "z(70, 100, 0.5) returned 0.8, expected 4.00",
        ),
        (
            "def z(green, pairs, share):\n    if pairs == 0: return 0\n"
            "    return (green - pairs * share) // (pairs * share * (1 - share)) ** 0.5",
            "z(40, 100, 0.25) returned 3.0, expected 3.46",
        ),
        (
            "def z(green, pairs, share):\n    if pairs == 0: return 0\n"
            "    return round((green - pairs * share) / (pairs * share * (1 - share)) ** 0.5)",
            "z(40, 100, 0.25) returned 3, expected 3.46",
        ),
        (
            "import numpy as np\ndef z(green, pairs, share):\n"
            "    with np.errstate(all='ignore'):\n"
            "        wide = np.sqrt(pairs * share * (1 - share))\n"
            "        return np.float64(green - pairs * share) / wide",
            "z(0, 0, 0.25) returned",
        ),
        (
            "def z(green, pairs, share):\n    if pairs == 0: return None\n"
            "    return (green - pairs * share) / (pairs * share * (1 - share)) ** 0.5",
            "z(0, 0, 0.25) returned None (is there a `return`?), expected 0.00",
        ),
        (
            "def z(green, pairs, share):\n    if pairs == 0: return 0\n"
            "    return str((green - pairs * share) / (pairs * share * (1 - share)) ** 0.5)",
            "z(70, 100, 0.5) returned '4.0', expected 4.00",
        ),
        (
            "def z(green, pairs, share):\n    if pairs == 0: return False\n"
            "    return (green - pairs * share) / (pairs * share * (1 - share)) ** 0.5",
            "z(0, 0, 0.25) returned False, expected 0.00",
        ),
        ("def z(green, pairs):\n    return 0", "TypeError"),
        (
            "def z(green, pairs, share):\n    if pairs == 0: return 0\n"
            "    return (green / pairs - share) / (share * (1 - share)) ** 0.5",
            "expected 4.00",
        ),
        (
            "def z(green, pairs, share):\n"
            "    if pairs < 2: return 0\n"
            "    return (green - pairs * share) / ((pairs - 1) * share * (1 - share)) ** 0.5",
            "z(70, 100, 0.5) returned 4.02",
        ),
        (
            "def z(green, pairs, share):\n"
            "    if pairs == 0: return 0\n"
            "    return (green - pairs * share) / pairs * share * (1 - share) ** 0.5",
            "z(70, 100, 0.5) returned 0.07",
        ),
        (
            "def z(green, pairs, share):\n"
            "    if pairs == 0: return 0\n"
            "    return (pairs * share - green) / (pairs * share * (1 - share)) ** 0.5",
            "returned -4.0, expected 4.00",
        ),
        (
            "def z(green, pairs, share):\n"
            '    if pairs == 0: return float("nan")\n'
            "    return (green - pairs * share) / (pairs * share * (1 - share)) ** 0.5",
            "z(0, 0, 0.25) returned nan, expected 0.00",
        ),
        (
            "import numpy as np\n"
            "def z(green, pairs, share):\n"
            "    if pairs == 0: return 0\n"
            "    return np.array([(green - pairs * share) / (pairs * share * (1 - share)) ** 0.5])",
            "returned array([4.]), expected 4.00",
        ),
        (
            "def z(green, pairs, share):\n"
            "    if pairs == 0: return 0\n"
            "    return complex((green - pairs * share) / (pairs * share * (1 - share)) ** 0.5)",
            "returned (4+0j), expected 4.00",
        ),
        (
            """
import math
def z(green, pairs, share):
    if green == 0:
        return 0
    return (green - pairs * share) / math.sqrt(pairs * share * (1 - share))
""",
            "z(0, 100, 0.5) returned 0",
        ),
    ],
    "10.2": [
        (
            "def length(share, z):\n    return int((z / (2 * (share - 0.5))) ** 2)",
            "length(0.875, 4) returned 28, expected 29",
        ),
        (
            "def length(share, z):\n    return round((z / (2 * (share - 0.5))) ** 2)",
            "length(0.875, 4) returned 28, expected 29",
        ),
        (
            "def length(share, z):\n    return int((z / (2 * (share - 0.5))) ** 2) + 1",
            "length(0.75, 4) returned 65, expected 64",
        ),
        (
            "import numpy as np\ndef length(share, z):\n"
            "    return float(np.ceil((z / (2 * (share - 0.5))) ** 2))",
            "length(0.75, 4) returned 64.0, expected 64, an int",
        ),
        (
            "def length(share, z):\n    return (z / (2 * (share - 0.5))) ** 2",
            "length(0.75, 4) returned 64.0, expected 64, an int",
        ),
        (
            "def length(share, z):\n    n = 1\n"
            "    while (share * n - n / 2) / (n / 4) ** 0.5 <= z:\n        n += 1\n    return n",
            "length(0.75, 4) returned 65, expected 64",
        ),
        (
            "def length(share, z):\n    n = 0\n"
            "    while (share * n - n / 2) / (n / 4) ** 0.5 < z:\n        n += 1\n    return n",
            "ZeroDivisionError",
        ),
        (
            "def length(share, z):\n    n = 1\n"
            "    while (share * n - n / 2) / (n / 4) ** 0.5 < z:\n        n += 1\n    print(n)",
            "returned None (is there a `return`?)",
        ),
        (
            "import math\ndef length(share, z):\n    return math.ceil((z / (share - 0.5)) ** 2)",
            "length(0.75, 4) returned 256, expected 64",
        ),
        (
            "import math\ndef length(share, z):\n    return math.ceil(z / (2 * (share - 0.5)))",
            "length(0.75, 4) returned 8, expected 64",
        ),
        (
            "def length(share, z):\n    n = 10\n"
            "    while (share * n - n / 2) / (n / 4) ** 0.5 < z:\n        n += 1\n    return n",
            "length(1.0, 0.5) returned 10, expected 1",
        ),
        (
            "def length(share, z):\n    return 64",
            "length(0.875, 4) returned 64, expected 29",
        ),
        (
            "import math\ndef length(share, z):\n"
            "    return str(math.ceil((z / (2 * (share - 0.5))) ** 2))",
            "length(0.75, 4) returned '64', expected 64",
        ),
        (
            "def length(share, z):\n    for n in range(1, 50):\n"
            "        if (share * n - n / 2) / (n / 4) ** 0.5 >= z:\n            return n",
            "length(0.75, 4) returned None",
        ),
        (
            "import math\n"
            "def length(share, z):\n"
            "    return math.floor((z / (2 * (share - 0.5))) ** 2) + 1",
            "length(0.75, 4) returned 65, expected 64",
        ),
        (
            "import math\n"
            "def length(share, z):\n"
            "    return math.ceil(z / (2 * (share - 0.5))) ** 2",
            "length(0.875, 4) returned 36, expected 29",
        ),
        (
            "def length(share, z):\n"
            "    n = 1\n"
            "    while (share * n - n / 2) / (n / 4) ** 0.5 < z: n += 3\n"
            "    return n",
            "length(0.875, 4) returned 31, expected 29",
        ),
        (
            "def length(share, z):\n"
            "    n = 1\n"
            "    while (share * n - n / 2) / (n / 4) ** 0.5 < z: n += 1\n"
            "    return int(share * n)",
            "length(0.75, 4) returned 48, expected 64",
        ),
        (
            "def length(share, z):\n"
            "    n = 1\n"
            "    while (share * n - n / 2) / (n / 4) ** 0.5 < z: pass\n"
            "    return n",
            "it had not ended",
        ),
        (
            """
def length(share, z):
    return round((z / (2 * (share - 0.5))) ** 2 + 0.5)
""",
            "returned 26, expected 25",
        ),
    ],
    "10.3": [
        (
            "def marked_part(green, length):\n"
            "    return max(range(len(green) - length), "
            "key=lambda at: sum(green[at:at + length]))",
            "marked_part([F, F, F, F, F, T, T, T], 3) returned 4, expected 5",
        ),
        (
            "def marked_part(green, length):\n    best, where = 0, None\n"
            "    for at in range(len(green) - length + 1):\n"
            "        if sum(green[at:at + length]) > best:\n"
            "            best, where = sum(green[at:at + length]), at\n    return where",
            "marked_part([F, F, F], 2) returned None",
        ),
        (
            "def marked_part(green, length):\n    best, where = 0, 0\n"
            "    for at in range(len(green) - length + 1):\n"
            "        if sum(green[at:at + length]) >= best:\n"
            "            best, where = sum(green[at:at + length]), at\n    return where",
            "marked_part([T, T, F, F, T, T], 2) returned 4, expected 0",
        ),
        (
            "def marked_part(green, length):\n"
            "    return max(sum(green[at:at + length]) for at in range(len(green) - length + 1))",
            "marked_part([F, T, T, F, T, T, T, F], 3) returned 3, expected 4",
        ),
        (
            "def marked_part(green, length):\n"
            "    at = max(range(len(green) - length + 1), "
            "key=lambda at: sum(green[at:at + length]))\n    return at + 1",
            "returned 5, expected 4",
        ),
        (
            "def marked_part(green, length):\n    return green.index(True)",
            "returned 1, expected 4",
        ),
        (
            "def marked_part(green, length):\n"
            "    at = max(range(len(green) - length + 1), "
            "key=lambda at: sum(green[at:at + length]))\n    return at, at + length",
            "returned (4, 7), expected 4",
        ),
        (
            "def marked_part(green, length):\n"
            "    return max(range(len(green)), key=lambda at: sum(green[at:at + length - 1]))",
            "returned 1, expected 4",
        ),
        (
            "def marked_part(green, length):\n"
            "    at = max(range(len(green) - length + 1), "
            "key=lambda at: sum(green[at:at + length]))\n    print(at)",
            "returned None (is there a `return`?)",
        ),
        (
            "def marked_part(green, length):\n"
            "    return max(range(0, len(green) - length + 1, length), "
            "key=lambda at: sum(green[at:at + length]))",
            "returned 3, expected 5",
        ),
        (
            "def marked_part(green, length):\n    for at in range(len(green) - length + 1):\n"
            "        if all(green[at:at + length]):\n            return at",
            "returned None",
        ),
        (
            "def marked_part(green, length):\n"
            "    at = max(range(len(green) - length + 1), "
            "key=lambda at: sum(green[at:at + length]))\n    return green[at:at + length]",
            "returned [True, True, True], expected 4",
        ),
        (
            "def marked_part(green, length):\n    best = at = where = 0\n"
            "    while at <= len(green) - length:\n"
            "        if sum(green[at:at + length]) > best:\n"
            "            best, where = sum(green[at:at + length]), at\n    return where",
            "had not ended",
        ),
        (
            "def marked_part(green, length):\n"
            "    starts = range(len(green))\n"
            "    return max(starts, key=lambda at: (sum(green[at:at + length]), at))",
            "marked_part([F, T, F, T, F], 1) returned 3, expected 1",
        ),
        (
            "def marked_part(green, length):\n"
            "    starts = range(len(green) - length + 1)\n"
            "    best = max(starts, key=lambda at: sum(green[at:at + length]))\n"
            "    return best + length // 2",
            "returned 5, expected 4",
        ),
        (
            "def marked_part(green, length):\n"
            "    starts = [at for at in range(len(green) - length + 1) if green[at]]\n"
            "    return max(starts, key=lambda at: sum(green[at:at + length]))",
            "ValueError",
        ),
        (
            "import numpy as np\n"
            "def marked_part(green, length):\n"
            "    return int(np.argmax(np.convolve(green, np.ones(length), 'same')))",
            "returned 5, expected 4",
        ),
        (
            "import numpy as np\n"
            "def marked_part(green, length):\n"
            "    return float(np.argmax(np.convolve(green, np.ones(length), 'valid')))",
            "returned 4.0, expected 4",
        ),
    ],
}
