"""What a run has found: as a table, as JSON, and as a picture."""

import json
import platform
import re
import subprocess
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import psutil

from helpers import model
from helpers.engines import find_binary


def computer() -> dict:
    """Return what kind of computer this is; not whose, and not its name."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": psutil.cpu_count(logical=False),
        "threads": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "busy_at_start": round(psutil.cpu_percent(interval=1) / 100, 2),
        "python": platform.python_version(),
    }


def _processor() -> str:
    """Return the processor's name, if the system says it."""
    file = Path("/proc/cpuinfo")
    names = re.findall(r"(?m)^model name\s*: (.+)", file.read_text()) if file.exists() else []
    return names[0] if names else platform.processor()


def table(found: dict) -> str:
    """Return the ratios as text."""
    lines = [f"{name}: {value}" for name, value in found["computer"].items()]
    lines += [f"model: {found['model']}, llama-server {found['llama-server']}", ""]
    lines.append(f"{'':<16}{'bare llama-server':>20}{'LlamaServer':>14}{'ratio':>8}")
    for part, row in found["start"].items():
        bare, helped = (f"{1000 * row[name]:.0f} ms" for name in ["bare", "helped"])
        lines.append(f"{part:<16}{bare:>20}{helped:>14}{row['ratio']:>8.2f}")
    lines += ["", f"{'a reply beside':<20}{'threads':>18}{'median':>10}{'worst':>8}"]
    for row in found["beside"]:
        name = f"{row['programs']} busy programs"
        lines.append(f"{name:<20}{row['threads']:>18}{row['median']:>10.2f}{row['worst']:>8.2f}")
    lines += ["", f"{'a reply':<16}{'seconds':>10}{'the server':>12}{'ratio':>8}"]
    for way, row in found["routes"].items():
        lines.append(f"{way:<16}{row['seconds']:>10.3f}{row['server']:>12.3f}{row['ratio']:>8.2f}")
    lines += ["", f"{found['class']['slots']} slots; in each pair: bare llama-server, class server"]
    lines.append(
        f"{'learners':<10}{'first token p50':>18}{'p95':>14}{'tokens/s':>14}{'failed':>10}"
        f"{'ratio':>8}{'memory':>10}"
    )
    for row in found["class"]["classes"]:
        bare, ours = row["bare"], row["class server"]
        cells = [
            f"{bare['p50']:.2f} {ours['p50']:.2f}", f"{bare['p95']:.2f} {ours['p95']:.2f}",
            f"{bare['tokens_per_second']:.0f} {ours['tokens_per_second']:.0f}",
            f"{bare['failed']} {ours['failed']}",
        ]  # fmt: skip
        widths = [18, 14, 14, 10]
        line = f"{row['learners']:<10}" + "".join(
            f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)
        )
        lines.append(f"{line}{row['ratio']:>8.2f}{sum(row['memory'].values()):>7.0f} MB")
    crowd = found["class"]["crowd"]
    lines += [
        "",
        f"One learner sends {crowd['questions']} questions at once: {crowd['answered']} answered, "
        f"{crowd['later']} told to come later.",
        f"The others' first token, beside that to without it: {crowd['ratio']:.2f}",
    ]
    return "\n".join(lines)


def picture(found: dict, file: Path) -> None:
    """Draw the ratios."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    ways = found["routes"]
    left.barh(list(ways), [row["ratio"] for row in ways.values()], color="0.6")
    left.axvline(1, color="black", linestyle="--")
    left.set(title="A reply: seconds, to the server's own", xlabel="ratio")
    rows = found["class"]["classes"]
    learners = [str(row["learners"]) for row in rows]
    middle.plot(learners, [row["ratio"] for row in rows], marker="o")
    middle.axhline(1, color="black", linestyle="--")
    middle.set(title="Tokens a second: class server to bare", xlabel="learners", ylim=(0, None))
    for name, line in [("bare", "--"), ("class server", "-")]:
        for part, marker in [("p50", "o"), ("p95", "^")]:
            values = [row[name][part] for row in rows]
            right.plot(learners, values, line, marker=marker, label=f"{name}, {part}")
    right.set(title="First token", xlabel="learners", ylabel="seconds", ylim=(0, None))
    right.legend()
    figure.savefig(file, dpi=150)
    plt.close(figure)


def write(found: dict, folder: Path) -> None:
    """Write JSON and picture into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=2) + "\n"
    (folder / "bench.json").write_text(text, encoding="utf-8")
    picture(found, folder / "bench.png")


def described() -> dict:
    """Return what every report begins with."""
    told = subprocess.run([find_binary(), "--version"], capture_output=True, text=True)
    version = re.search(r"version: (.+)", told.stdout + told.stderr)
    return {
        "computer": computer(), "model": model().name, "llama-server": version and version[1],
    }  # fmt: skip
