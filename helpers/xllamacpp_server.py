"""llama.cpp's server from a Python wheel, for a computer that has no llama-server.

    python -m helpers.xllamacpp_server --model models/cria.gguf --port 8080

The package xllamacpp holds the same C++ server, prebuilt for Linux, macOS and Windows, but not its
command line. This program reads those flags of llama-server that a course may need, and their
variables (`LLAMA_ARG_…`), except for switches.
"""

import argparse
import os
import sys
import threading
from pathlib import Path

import xllamacpp

SWITCH = {"on": 1, "off": 0, "auto": -1}
FLAGS = {  # all the names of a flag: how it is read
    "--model -m": {},
    "--host": {"default": "127.0.0.1"},
    "--port": {"type": int, "default": 8080},
    "--alias -a": {"default": ""},
    "--api-key": {"default": os.environ.get("LLAMA_API_KEY", "")},
    "--cors-origins": {"default": "localhost"},
    "--ctx-size -c": {"type": int, "default": 0},
    "--parallel -np": {"type": int},
    "--kv-unified -kvu": {"action": "store_true"},
    "--cache-ram -cram": {"type": int, "default": 8192},
    "--batch-size -b": {"type": int, "default": 2048},
    "--ctx-checkpoints -ctxcp": {"type": int, "default": 32},
    "--context-shift": {"action": "store_true"},
    "--threads -t": {"type": int, "default": -1},
    "--n-gpu-layers -ngl": {"type": int, "default": -1},
    "--chat-template": {"default": ""},
    "--chat-template-file": {},
    "--no-jinja": {"action": "store_true"},
    "--reasoning -rea": {"choices": SWITCH, "default": "auto"},
    "--reasoning-budget": {"type": int, "default": -1},
    "--special -sp": {"action": "store_true"},
    "--metrics": {"action": "store_true"},
    "--log-file": {},
    "--list-devices": {"action": "store_true"},
}
VARIABLES = {  # those that are not called like their flag
    "--batch-size": "LLAMA_ARG_BATCH",
    "--parallel": "LLAMA_ARG_N_PARALLEL",
    "--reasoning-budget": "LLAMA_ARG_THINK_BUDGET",
}


def parsed() -> argparse.Namespace:
    """Return the values of the flags; end with a message if one of them is unknown."""
    parser, words = argparse.ArgumentParser(allow_abbrev=False, usage=argparse.SUPPRESS), []
    program = parser.prog
    for names, how in FLAGS.items():
        flag, *short = names.split()
        parser.add_argument(flag, *short, **how)
        usual = "LLAMA_ARG_" + flag.strip("-").upper().replace("-", "_")
        variable = VARIABLES.get(flag, usual)
        value = os.environ.get(variable)
        if value and "action" not in how and flag != "--api-key":  # its variable is LLAMA_API_KEY
            words.append(f"{flag}={value}")  # the command line comes later, and wins
            parser.prog = f'error while handling environment variable "{variable}"'
            parser.parse_known_args(words)
    parser.prog = program
    wanted, unknown = parser.parse_known_args(words + sys.argv[1:])
    if unknown:
        there = ", ".join(names.split()[0] for names in FLAGS)
        parser.error(f"unrecognized arguments: {' '.join(unknown)} (there are {there})")
    if not wanted.model and not wanted.list_devices:
        parser.error("the following arguments are required: --model")
    return wanted


def params(wanted: argparse.Namespace) -> xllamacpp.CommonParams:
    """Return the values of the flags as parameters of the package."""
    common = xllamacpp.CommonParams()
    common.model.path = wanted.model
    common.hostnames, common.port = [wanted.host], wanted.port
    common.model_alias = set(filter(None, wanted.alias.split(",")))
    common.api_keys = list(filter(None, wanted.api_key.split(",")))
    common.cors_origins = wanted.cors_origins
    common.n_ctx = wanted.ctx_size
    common.n_parallel = wanted.parallel or 4
    common.kv_unified = wanted.kv_unified or not wanted.parallel
    common.cache_ram_mib = wanted.cache_ram
    common.n_batch = wanted.batch_size
    common.n_ctx_checkpoints = wanted.ctx_checkpoints
    common.ctx_shift = wanted.context_shift
    common.cpuparams.n_threads = wanted.threads
    common.cpuparams_batch.n_threads = wanted.threads
    common.n_gpu_layers = wanted.n_gpu_layers
    common.chat_template = wanted.chat_template
    if wanted.chat_template_file:
        common.chat_template = Path(wanted.chat_template_file).read_text(encoding="utf-8")
    common.use_jinja = not wanted.no_jinja
    common.enable_reasoning = SWITCH[wanted.reasoning]
    if wanted.reasoning != "auto":
        common.default_template_kwargs = {"enable_thinking": str(wanted.reasoning == "on").lower()}
    common.sampling.reasoning_budget_tokens = wanted.reasoning_budget
    common.special = wanted.special
    common.endpoint_metrics = wanted.metrics
    return common


def main() -> None:
    """Serve until somebody ends this program."""
    wanted = parsed()
    if wanted.list_devices:
        others = [d for d in xllamacpp.get_device_info() if d["name"] != "CPU"]
        lines = [f"  {d['name']}: {d['description']}" for d in others] or ["  (none)"]
        print("Available devices:", *lines, sep="\n")
        return
    if wanted.log_file:
        log = os.open(wanted.log_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for output in sys.stdout, sys.stderr:
            os.dup2(log, output.fileno())
    server = xllamacpp.Server(params(wanted))
    print("listening on", server.listening_address, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
