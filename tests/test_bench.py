"""What `make bench` does beside measuring; the measuring itself takes minutes."""

import getpass
import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROW = {"p50": 0.1, "p95": 0.2, "tokens_per_second": 100.0, "failed": 0}
FOUND = {
    "start": {"start": {"bare": 0.1, "helped": 0.2, "ratio": 2.0}},
    "beside": [{"programs": 1, "threads": "LlamaServer", "median": 1.1, "worst": 1.5}],
    "routes": {"socket": {"seconds": 0.5, "server": 0.4, "ratio": 1.25}},
    "class": {
        "slots": 11,
        "classes": [
            {"learners": number, "bare": ROW, "class server": ROW, "ratio": 0.9,
             "memory": {"gateway": 40.0, "llama-server": 200.0}}
            for number in [1, 32]
        ],
        "crowd": {"questions": 200, "answered": 34, "later": 166, "alone": 0.1, "beside": 0.15,
                  "ratio": 1.5},
    },
}  # fmt: skip


@pytest.fixture
def bench(monkeypatch):
    """The modules of the benchmark, which is a program and no package."""
    monkeypatch.syspath_prepend(ROOT / "tests" / "bench")
    import limits
    import report

    yield limits, report
    for name in ["limits", "report"]:
        sys.modules.pop(name, None)


def test_the_report_describes_the_computer_and_names_nobody(bench, tmp_path):
    _, report = bench
    found = {**report.described(), **FOUND}
    assert found["computer"]["threads"] >= 1 and found["computer"]["memory_gb"] >= 1
    assert found["model"] == "cria.gguf"
    report.write(found, tmp_path)
    text = (tmp_path / "bench.json").read_text(encoding="utf-8")
    assert json.loads(text)["class"]["classes"][1]["learners"] == 32
    assert platform.node() not in text and str(ROOT) not in text and str(Path.home()) not in text
    assert f'"{getpass.getuser()}"' not in text
    assert (tmp_path / "bench.png").stat().st_size > 10_000
    table = report.table(found)
    assert "1.25" in table and "0.90" in table and "240 MB" in table and "166 told" in table


def test_repetitions_end_with_the_time(bench):
    limits, _ = bench
    assert len(list(limits.Limits(most=5, seconds=60).rounds())) == 5
    assert len(list(limits.Limits(most=5, seconds=0).rounds())) == 3


def test_the_command_knows_its_options():
    words = [sys.executable, "tests/bench", "--help"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and "--quick" in done.stdout, done.stderr
