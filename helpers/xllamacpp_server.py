"""llama.cpp's server out of a Python wheel, for a computer that has no llama-server.

    python xllamacpp_server.py --model models/cria.gguf --port 8080

The package xllamacpp holds the same C++ server, prebuilt for Linux, macOS and Windows. This program
gives it the flags of llama-server that the lessons use.
"""

import argparse
import os
import threading

import xllamacpp


def flags() -> argparse.ArgumentParser:
    """Return the flags, named as llama-server names them."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--model", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--alias", default="")
    parser.add_argument("--api-key", action="append", default=[])
    parser.add_argument("--ctx-size", type=int, default=0)
    parser.add_argument("--parallel", type=int)
    parser.add_argument("--kv-unified", action="store_true")
    parser.add_argument("--threads", type=int, default=os.environ.get("LLAMA_ARG_THREADS", -1))
    parser.add_argument("--n-gpu-layers", type=int, default=-1)
    parser.add_argument("--chat-template", default="")
    parser.add_argument("--no-jinja", action="store_true")
    parser.add_argument("--metrics", action="store_true")
    return parser


def main() -> None:
    """Serve until somebody ends this program."""
    wanted = flags().parse_args()
    params = xllamacpp.CommonParams()
    params.model.path = wanted.model
    params.hostnames, params.port = [wanted.host], wanted.port
    params.model_alias = set(filter(None, wanted.alias.split(",")))
    params.api_keys = wanted.api_key
    params.cors_origins = os.environ.get("LLAMA_ARG_CORS_ORIGINS", "localhost")
    params.n_ctx = wanted.ctx_size
    params.n_parallel = wanted.parallel or 4
    params.kv_unified = wanted.kv_unified or not wanted.parallel
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = wanted.threads
    params.n_gpu_layers = wanted.n_gpu_layers
    params.chat_template = wanted.chat_template
    params.use_jinja = not wanted.no_jinja
    params.endpoint_metrics = wanted.metrics
    server = xllamacpp.Server(params)
    print("listening on", server.listening_address, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
