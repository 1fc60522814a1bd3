"""A stand-in for the program ollama: `ollama serve`, as far as the helpers speak with it.

Statuses and words are those of the real one. What it holds is a file for each model in the folder
OLLAMA_MODELS, so that a test can look. OLLAMA_FAULT names what goes wrong.
"""

import hashlib
import http.server
import json
import os
import re
import sys
import time
from pathlib import Path

STORE = Path(os.environ["OLLAMA_MODELS"])
FAULT = os.environ.get("OLLAMA_FAULT", "")
NAME = re.compile(r"([\w.:-]+/)*\w[\w.-]{0,79}(:\w[\w.-]{0,79})?", re.ASCII)


def tagged(name: str) -> str:
    """Return the whole name of a model: `:latest` may be left out."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def place(name: str) -> Path:
    """Return where a model of this name is kept."""
    return STORE / "models" / re.sub("[/:]", "~", tagged(name).lower())


class Ollama(http.server.BaseHTTPRequestHandler):
    """Its routes that are used."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, content: dict | str = "") -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    def do_HEAD(self) -> None:
        self.answer(200 if (STORE / self.path.rpartition(":")[2]).is_file() else 404)

    def do_GET(self) -> None:
        names = [json.loads(f.read_text())["model"] for f in (STORE / "models").iterdir()]
        listed = [{"id": tagged(name), "object": "model"} for name in names] or None
        known = {"/api/version": {"version": "0.33.0"}, "/v1/models": {"data": listed}}
        found = self.path in known
        self.answer(200 if found else 404, known[self.path] if found else "404 page not found")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with (STORE / "asked").open("a") as log:
            log.write(self.path + "\n")
        if self.path.startswith("/api/blobs/"):
            return self.blob(body)
        asked = json.loads(body)
        {"/api/create": self.create, "/api/show": self.show}.get(self.path, self.chat)(asked)

    def blob(self, body: bytes) -> None:
        if FAULT == "full":
            return self.answer(500, {"error": "write blob: no space left on device"})
        digest = hashlib.sha256(body).hexdigest()
        if digest != self.path.rpartition(":")[2]:
            return self.answer(400, {"error": "digest mismatch"})
        (STORE / digest).write_bytes(body)
        self.answer(201)

    def create(self, asked: dict) -> None:
        if FAULT == "old":
            return self.answer(400, {"error": "path or Modelfile are required"})
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        blobs = [STORE / digest.rpartition(":")[2] for digest in asked["files"].values()]
        lines = [{"status": "parsing GGUF"}, {"status": "writing manifest"}, {"status": "success"}]
        if FAULT == "unknown":
            lines[1:] = [{"error": "unsupported architecture"}]
        for line in lines:
            self.wfile.write(json.dumps(line).encode() + b"\n")
            if FAULT == "silent":
                time.sleep(60)
            if FAULT == "broken":
                os._exit(1)
        if FAULT != "unknown":
            kept = {"content": b"".join(blob.read_bytes() for blob in blobs).hex(), **asked}
            place(asked["model"]).write_text(json.dumps(kept))

    def show(self, asked: dict) -> None:
        if not NAME.fullmatch(asked["model"]):
            return self.answer(400, {"error": "invalid model name"})
        if not place(asked["model"]).is_file():
            return self.answer(404, {"error": f"model '{asked['model']}' not found"})
        able = ["completion", "thinking"] if "thinks" in asked["model"] else ["completion"]
        self.answer(200, {"capabilities": able})

    def chat(self, asked: dict) -> None:
        if not place(asked["model"]).is_file():
            return self.answer(404, {"error": {"message": f"model '{asked['model']}' not found"}})
        if FAULT == "memory":
            return self.answer(500, {"error": {"message": "model requires more system memory"}})
        message = {"role": "assistant", "content": "Hello!"}
        self.answer(200, {"choices": [{"message": message}]})


if __name__ == "__main__":
    assert sys.argv[1:] == ["serve"]
    (STORE / "models").mkdir(parents=True, exist_ok=True)
    host, _, port = os.environ["OLLAMA_HOST"].partition("://")[2].rpartition(":")
    if FAULT == "start":
        sys.exit("Error: could not create directory mkdir /data: permission denied")
    try:
        server = http.server.ThreadingHTTPServer((host, int(port)), Ollama)
    except OSError as error:
        sys.exit(f"Error: listen tcp {host}:{port}: bind: {error}")
    server.serve_forever()
