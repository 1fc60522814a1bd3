"""llama.cpp's server out of a Python wheel, for a computer that has no llama-server.

    python -m helpers.xllamacpp_server --model models/cria.gguf --port 8080

The package xllamacpp holds the same C++ server, prebuilt for Linux, macOS and Windows. This program
gives it the flags of llama-server that the lessons use.
"""

import argparse
import os
import threading

import xllamacpp

FLAGS = {
    "--model": {"required": True},
    "--host": {"default": "127.0.0.1"},
    "--port": {"type": int, "default": 8080},
    "--alias": {"default": ""},
    "--api-key": {"default": os.environ.get("LLAMA_API_KEY", "")},
    "--ctx-size": {"type": int, "default": 0},
    "--parallel": {"type": int},
    "--kv-unified": {"action": "store_true"},
    "--threads": {"type": int, "default": os.environ.get("LLAMA_ARG_THREADS", -1)},
    "--n-gpu-layers": {"type": int, "default": -1},
    "--chat-template": {"default": ""},
    "--no-jinja": {"action": "store_true"},
    "--metrics": {"action": "store_true"},
}


def parsed() -> argparse.Namespace:
    """Return the values of the flags; end with a message if one of them is unknown."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for flag, how in FLAGS.items():
        parser.add_argument(flag, **how)
    wanted, unknown = parser.parse_known_args()
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)} (there are {', '.join(FLAGS)})")
    return wanted


def listed(text: str) -> list[str]:
    """Return what stands between the commas."""
    return [part for part in text.split(",") if part]


def main() -> None:
    """Serve until somebody ends this program."""
    wanted = parsed()
    params = xllamacpp.CommonParams()
    params.model.path = wanted.model
    params.hostnames, params.port = [wanted.host], wanted.port
    params.model_alias = set(listed(wanted.alias))
    params.api_keys = listed(wanted.api_key)
    params.cors_origins = os.environ.get("LLAMA_ARG_CORS_ORIGINS", "localhost")
    params.n_ctx = wanted.ctx_size
    params.n_parallel = wanted.parallel or 4
    params.kv_unified = wanted.kv_unified or not wanted.parallel
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = wanted.threads
    params.n_gpu_layers = wanted.n_gpu_layers
    params.chat_template = wanted.chat_template
    params.use_jinja = not wanted.no_jinja
    params.endpoint_metrics = wanted.metrics
    params.n_threads_http = int(os.environ.get("LLAMA_ARG_THREADS_HTTP", -1))
    server = xllamacpp.Server(params)
    print("listening on", server.listening_address, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
