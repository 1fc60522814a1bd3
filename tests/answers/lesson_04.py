"""Answers to the exercises of lesson 04."""

RIGHT = {
    "04.1": [
        """
import numpy as np


def heat(numbers, temperature):
    numbers = np.array(numbers, dtype=float)
    if temperature == 0:
        shares = np.zeros(len(numbers))
        shares[numbers.argmax()] = 1
        return shares
    powers = np.exp((numbers - numbers.max()) / temperature)
    return powers / powers.sum()
""",
        """
def heat(numbers, temperature):
    top = max(numbers)
    if not temperature:
        shares = [0] * len(numbers)
        shares[numbers.index(top)] = 1
        return shares
    powers = []
    for number in numbers:
        powers.append(exp((number - top) / temperature))
    return [power / sum(powers) for power in powers]
""",
        """
import numpy as np


def heat(numbers, temperature):
    scores = np.asarray(numbers, float)
    if temperature == 0:
        return np.eye(len(scores))[scores.argmax()]
    powers = np.exp((scores - scores.max()) / temperature)
    return (powers / powers.sum()).tolist()
""",
        """
from math import log


def heat(numbers, temperature):
    top = max(numbers)
    if temperature == 0:
        return [float(i == numbers.index(top)) for i, _ in enumerate(numbers)]
    scaled = [(n - top) / temperature for n in numbers]
    total = log(sum(map(exp, scaled)))
    return [exp(n - total) for n in scaled]
""",
        """
def heat(numbers, temperature):
    if temperature == 0:
        best = max(range(len(numbers)), key=lambda place: numbers[place])
        return [1.0 if place == best else 0.0 for place in range(len(numbers))]
    low = [n / temperature for n in numbers]
    low = [n - max(low) for n in low]
    powers = [exp(n) for n in low]
    return tuple(p / sum(powers) for p in powers)
""",
        """
def heat(numbers, temperature):
    top, found, shares = max(numbers), False, []
    if temperature == 0:
        for number in numbers:
            shares.append(1 if number == top and not found else 0)
            found = found or number == top
        return shares
    total = sum(2.718281828459045 ** ((n - top) / temperature) for n in numbers)
    return [2.718281828459045 ** ((n - top) / temperature) / total for n in numbers]
""",
        """
def heat(numbers, temperature):
    top = max(numbers)
    if temperature == 0:
        first = numbers.index(top)
        return [place == first for place in range(len(numbers))]
    powers = [exp(n - top) ** (1 / temperature) for n in numbers]
    return [p / sum(powers) for p in powers]
""",
    ],
    "04.2": [
        """
def survivors(chances, p, least):
    ranked = sorted(chances.items(), key=lambda pair: pair[1], reverse=True)
    kept, total = [], 0
    for token, chance in ranked:
        kept.append((token, chance))
        total += chance
        if total >= p:
            break
    best = kept[0][1]
    kept = [(token, chance) for token, chance in kept if chance >= least * best]
    total = sum(chance for _, chance in kept)
    return {token: chance / total for token, chance in kept}
""",
        """
def survivors(chances, p, least):
    rest, kept = dict(chances), {}
    while rest and sum(kept.values()) < p:
        best = max(rest, key=rest.get)
        kept[best] = rest.pop(best)
    top = max(kept.values())
    kept = {t: c for t, c in kept.items() if c / top >= least}
    total = sum(kept.values())
    return {t: c / total for t, c in kept.items()}
""",
        """
from fractions import Fraction


def survivors(chances, p, least):
    kept, total = [], 0
    for token, chance in sorted(chances.items(), key=lambda pair: -pair[1]):
        if total < p:
            kept.append((token, Fraction(chance)))
        total += chance
    kept = [(token, chance) for token, chance in kept if chance >= least * kept[0][1]]
    total = sum(chance for _, chance in kept)
    return {token: chance / total for token, chance in kept}
""",
        """
from itertools import accumulate


def survivors(chances, p, least):
    names = sorted(chances, key=lambda name: -chances[name])
    before = [0, *accumulate(chances[name] for name in names)]
    names = [name for name, sum_before in zip(names, before) if sum_before < p]
    names = [name for name in names if chances[name] >= least * chances[names[0]]]
    total = sum(chances[name] for name in names)
    return dict((name, chances[name] / total) for name in names)
""",
        """
import numpy as np


def survivors(chances, p, least):
    names, shares = list(chances), np.array(list(chances.values()))
    order = np.argsort(-shares)
    count = int(np.searchsorted(np.cumsum(shares[order]), p)) + 1
    kept = [i for i in order[:count] if shares[i] >= least * shares.max()]
    return {names[i]: shares[i] / shares[kept].sum() for i in kept}
""",
        """
def top_p(chances, p):
    kept, total = {}, 0
    for token in sorted(chances, key=chances.get)[::-1]:
        if total >= p:
            return scaled(kept)
        kept[token] = chances[token]
        total += chances[token]
    return scaled(kept)


def min_p(chances, p):
    return scaled({t: c for t, c in chances.items() if c >= p * max(chances.values())})


def scaled(chances):
    return {t: c / sum(chances.values()) for t, c in chances.items()}


def survivors(chances, p, least):
    return min_p(top_p(chances, p), least)
""",
        """
def survivors(chances, p, least):
    left, total, best = {}, 0.0, max(chances.values())
    for token in sorted(chances, key=chances.__getitem__, reverse=True):
        if total < p and chances[token] >= best * least:
            left[token] = chances[token]
        total = total + chances[token]
    whole = sum(left.values())
    for token in left:
        left[token] /= whole
    return left
""",
    ],
    "04.3": [
        """
def honours(ask, trials):
    plain = ask(temperature=0)
    result = {}
    for name in trials:
        fields = {"temperature": 0}
        fields[name] = trials[name]
        try:
            if ask(**fields) == plain:
                result[name] = "ignored"
            else:
                result[name] = "honoured"
        except ValueError:
            result[name] = "refused"
    return result
""",
        """
def honours(ask, trials):
    base = dict(temperature=0)

    def verdict(name):
        try:
            reply = ask(**{**base, name: trials[name]})
        except ValueError:
            return "refused"
        return "honoured" if reply != ask(**base) else "ignored"

    return {name: verdict(name) for name in trials}
""",
        """
def honours(ask, trials):
    words, plain = {}, ask(temperature=0)
    for name, value in trials.items():
        words[name] = "refused"
        try:
            changed = ask(**({"temperature": 0} | {name: value})) != plain
            words[name] = ["ignored", "honoured"][changed]
        except ValueError as error:
            print(name, error)
    return words
""",
        """
def honours(ask, trials):
    found = dict.fromkeys(trials, "ignored")
    for name, value in trials.items():
        try:
            if name == "temperature":
                reply = ask(temperature=value)
            else:
                reply = ask(temperature=0, **{name: value})
            if reply != ask(temperature=0):
                found[name] = "honoured"
        except ValueError:
            found[name] = "refused"
    return found
""",
        """
from contextlib import suppress


def honours(ask, trials):
    replies = {}
    for name, value in trials.items():
        with suppress(ValueError):
            replies[name] = ask(**dict([("temperature", 0), (name, value)]))
    plain = ask(temperature=0)
    return {
        name: "refused" if name not in replies
        else "honoured" if replies[name] != plain else "ignored"
        for name in trials
    }
""",
        """
def attempt(ask, fields):
    try:
        return ask(**fields)
    except ValueError:
        return None


def honours(ask, trials):
    plain, out = ask(temperature=0.0), {}
    for name, value in trials.items():
        reply = attempt(ask, {"temperature": 0.0, name: value})
        if reply is None:
            out[name] = "refused"
        elif reply == plain:
            out[name] = "ignored"
        else:
            out[name] = "honoured"
    return out
""",
    ],
}

HEAT = """
def heat(numbers, temperature):
    best = max(numbers)
    if temperature == 0:
        return [float(place == numbers.index(best)) for place in range(len(numbers))]
    powers = [exp((number - best) / temperature) for number in numbers]
    return [power / sum(powers) for power in powers]
"""
SURVIVORS = """
def survivors(chances, p, least):
    kept, total = {}, 0
    for token in sorted(chances, key=chances.get, reverse=True):
        if total < p:
            kept[token] = chances[token]
        total += chances[token]
    bound = least * max(kept.values())
    left = {token: chance for token, chance in kept.items() if chance >= bound}
    return {token: chance / sum(left.values()) for token, chance in left.items()}
"""
HONOURS = """
def honours(ask, trials):
    plain, found = ask(temperature=0), {}
    for name, value in trials.items():
        try:
            reply = ask(**{"temperature": 0, name: value})
        except ValueError:
            found[name] = "refused"
        else:
            found[name] = "ignored" if reply == plain else "honoured"
    return found
"""

WRONG = {
    "04.1": [
        (HEAT.replace("number - best", "number"), "heat([1000, 999, -1000], 1) raised Overflow"),
        (HEAT.replace("number - best", "number - 1000"), "raised ZeroDivisionError"),
        (HEAT.replace(" / temperature", " * temperature"), "expected [0.6667, 0.1667, 0.1667]"),
        (HEAT.replace(" / temperature", ""), "returned [0.5, 0.25, 0.25], expected [0.6667"),
        (HEAT.replace("place == numbers.index(best)", "numbers[place] == best"),
         "heat([-2, -1, -1], 0) returned [0, 1, 1], expected [0, 1, 0]"),
        (HEAT.replace("float(place == numbers.index(best))", "1 / len(numbers)"), "[0.333"),
        (HEAT.replace("if temperature == 0", "if False"), "0) raised ZeroDivisionError"),
        (HEAT.replace("power / sum(powers)", "power"), "-1.386, -1.386], 0.5) returned"),
        (HEAT.replace("return [power / sum(powers) for power in powers]", "print(powers)"),
         "is there a `return`?"),
        (HEAT.replace("for number in numbers", "for number in sorted(numbers, reverse=True)"),
         "heat([-2.303, -0.3567, -1.609], 2)"),
        (HEAT.replace("best = max", "numbers.sort()\n    best = max"), "must stay as it was"),
        (HEAT.replace("return [power / sum(powers) for power in powers]",
                      "return {n: p / sum(powers) for n, p in zip(numbers, powers)}"),
         "returned {"),
        (HEAT.replace("return [power / sum(powers) for power in powers]",
                      "return max(power / sum(powers) for power in powers)"), "returned 0.5"),
        ("def heat(numbers, temperature):\n    if temperature == 0:\n        temperature = 0.01\n"
         "    powers = [exp((n - max(numbers)) / temperature) for n in numbers]\n"
         "    return [p / sum(powers) for p in powers]", "0.5, 0.5], expected [0, 1, 0]"),
        (HEAT.replace("power / sum(powers)", "str(power / sum(powers))"), "returned ['0.5', "),
        (HEAT.replace("/ temperature", "// temperature"), "expected [0.5, 0.25, 0.25]"),
        (HEAT.replace("exp((number - best) / temperature)", "exp(number / temperature - best)"),
         "heat([800, 790], 0.5) raised OverflowError"),
        (HEAT.replace("power / sum(powers)", "round(power / sum(powers), 2)"), "0.67, 0.17, 0.17"),
        (HEAT.replace("temperature == 0", "temperature < 1"), "0.5) returned [1, 0, 0], expected"),
        (HEAT.replace("return [float(place == numbers.index(best)) for place in "
                      "range(len(numbers))]", "return best"), "0) returned -0.5"),
        ("heat = [0.5, 0.25, 0.25]", "a function is expected"),
    ("""
import math
def heat(numbers, temperature):
    if temperature == 0:
        return [0, 1, 0]
    powers = [math.exp((n - max(numbers)) / temperature) for n in numbers]
    return [power / sum(powers) for power in powers]
""", 'returned [0, 1, 0]'),
("""
import math
def heat(numbers, temperature):
    if temperature == 0:
        return [1 if i == numbers.index(max(numbers)) else 0 for i in range(len(numbers))]
    powers = [math.exp((n - max(numbers)) / temperature) for n in numbers]
    return [round(power / sum(powers), 4) for power in powers]
""", 'not rounded'),
],
    "04.2": [
        (SURVIVORS.replace("sorted(chances, key=chances.get, reverse=True)", "chances"),
         "0.5, 0) returned {'red'"),
        (SURVIVORS.replace("sorted(chances, key=chances.get, reverse=True)",
                           "sorted(chances, reverse=True)"), "0.5, 0) returned"),
        (SURVIVORS.replace(", reverse=True", ""), "expected {'blue': 1.0}"),
        (SURVIVORS.replace("total < p", "total <= p"), "0.75, 0) returned"),
        (SURVIVORS.replace("total < p", "total + chances[token] <= p"),
         "0.6, 0) returned {'blue': 1.0}, expected {'blue': 0.6667, 'green': 0.3333}"),
        (SURVIVORS.replace(">= bound", "> bound"), "1, 0.25) returned"),
        (SURVIVORS.replace("least * max(kept.values())", "least"), "1, 0.25) returned"),
        (SURVIVORS.replace("chance / sum(left.values())", "chance"),
         "0.5, 0) returned {'blue': 0.5}, expected {'blue': 1.0}"),
        (SURVIVORS.replace("return {token: chance / sum(left.values()) for token, chance in "
                           "left.items()}", "return list(left)"), "returned ['blue'"),
        (SURVIVORS.replace("    return", "    result ="), "is there a `return`?"),
        ("""
def survivors(chances, p, least):
    best, total, kept = max(chances.values()), 0, {}
    for token in sorted(chances, key=chances.get, reverse=True):
        if total < p and chances[token] >= least * best:
            kept[token] = chances[token]
        total += chances.pop(token)
    return {token: chance / sum(kept.values()) for token, chance in kept.items()}
""", "the dictionary that was given must stay as it was"),
        ("""
def survivors(chances, p, least):
    best = max(chances.values())
    left = {t: c for t, c in chances.items() if c >= least * best}
    left = {t: c / sum(left.values()) for t, c in left.items()}
    kept, total = {}, 0
    for token in sorted(left, key=left.get, reverse=True):
        if total < p:
            kept[token] = left[token]
        total += left[token]
    return {t: c / sum(kept.values()) for t, c in kept.items()}
""", "0.6, 0.5) returned {'blue': 1.0}"),
        (SURVIVORS.replace("max(kept", "sum(kept"), "1, 0.25) returned {'blue': 0.66"),
        (SURVIVORS.replace("max(kept", "min(kept"), "1, 0.25) returned"),
        (SURVIVORS.replace("total += chances[token]", "total += 1"), "returned {'blue': 1.0}"),
        (SURVIVORS.replace("chance / sum(left", "100 * chance / sum(left"), "'blue': 50.0"),
        (SURVIVORS.replace("sum(left.values())", "total"), "0.5, 0) returned {'blue': 0.5}"),
        ("""
def survivors(chances, p, least):
    left = {t: c for t, c in chances.items() if c >= least}
    return {t: c / sum(left.values()) for t, c in left.items()}
""", "0.5, 0) returned"),
        ("""
def survivors(chances, p, least):
    tokens = {chance: token for token, chance in chances.items()}
    kept, total = {}, 0
    for chance in sorted(tokens, reverse=True):
        if total < p and chance >= least * max(tokens):
            kept[tokens[chance]] = chance
        total += chance
    return {t: c / sum(kept.values()) for t, c in kept.items()}
""", "1, 0) returned"),  # equal probabilities fall together
    ],
    "04.3": [
        (HONOURS.replace('{"temperature": 0, name: value}', "{name: value}"),
         "a request without temperature=0"),
        (HONOURS.replace("ask(temperature=0)", "ask()"), "a request without temperature=0: ask("),
        (HONOURS.replace('**{"temperature": 0, name: value}', "temperature=0, **{name: value}"),
         "raised TypeError"),
        (HONOURS.replace('{"temperature": 0, name: value}', '{name: value, "temperature": 0}'),
         "a server that knows temperature: honours(ask, {'temperature': 2, 'top_q': 0.1})"),
        (HONOURS.replace('**{"temperature": 0, name: value}', 'temperature=0, name=value'),
         "'repeat_penalty': 'ignored'"),
        (HONOURS.replace('{"temperature": 0, name: value}', '{"temperature": 0, **trials}'),
         "more than one field at a time"),
        (HONOURS.replace('"ignored" if reply == plain else "honoured"', '"honoured"'),
         "'repetition_penalty': 'honoured'"),
        (HONOURS.replace("==", "!="), "'repeat_penalty': 'ignored'"),
        (HONOURS.replace('found[name] = "refused"', 'found[name] = "ignored"'), "'refused'"),
        (HONOURS.replace('found[name] = "refused"', "pass"), "that refuses all but"),
        (HONOURS.replace("ValueError", "KeyError"), "raised ValueError: 400"),
        (HONOURS.replace("return found", "print(found)"), "is there a `return`?"),
        (HONOURS.replace("return found", "return list(found.values())"), "returned ['ignored'"),
        (HONOURS.replace("    return found", "        return found"), "'ignored'}, expected"),
        ("""
def honours(ask, trials):
    plain, found = ask(temperature=0), {}
    fields = {"temperature": 0}
    for name, value in trials.items():
        fields[name] = value
        try:
            found[name] = "ignored" if ask(**fields) == plain else "honoured"
        except ValueError:
            found[name] = "refused"
    return found
""", "more than one field at a time"),
        (HONOURS.replace("reply == plain", "not reply or reply == plain"), "that knows stop"),
        (HONOURS.replace("reply == plain", "len(reply) == len(plain)"), "knows repeat_penalty"),
        (HONOURS.replace("honoured", "honored"), "the word is 'honoured', with a u"),
        (HONOURS.replace("ask(temperature=0)", 'ask({"temperature": 0})'),
         "raised TypeError: ask() takes 0 positional arguments"),
        (HONOURS.replace('"ignored" if reply == plain else "honoured"', "reply != plain"),
         "'repeat_penalty': True"),
        (HONOURS.replace('ask(**{"temperature": 0, name: value})',
                         "plain if name == 'temperature' else ask(temperature=0, **{name: value})"),
         "a server that knows temperature"),
        (HONOURS.replace('found[name] = "refused"', 'return "refused"'), "returned 'refused'"),
        (HONOURS.replace("plain, found", "trials.pop('temperature', None)\n    plain, found"),
         "must stay as it was"),
    ],
}  # fmt: skip
