"""A server that runs already: find out whether it can be used, and under which name."""

import re

from helpers.errors import ServerError
from helpers.network import ask

CORRECT = "Correct LLM_BASE_URL, or unset it to start a server of your own."


def checked(url: str, key: str, model: str | None = None, remedy: str = CORRECT) -> tuple[str, str]:
    """Return root and model of a server that runs already, after asking it for one token.

    Args:
        url: its address, with or without `/v1`.
        key: what it asks for.
        model: one of its models; without it, the first that it lists.
        remedy: what the message of an error ends with.

    Raises:
        ServerError: it cannot be used, and why.
    """
    root = re.sub(r"/v1/?$", "", url).rstrip("/")
    status, answer = ask(f"{root}/v1/models", key)
    if status == 200 and (model := model or _first_model(answer)):
        greeting = [{"role": "user", "content": "Hello!"}]
        body = {"model": model, "messages": greeting, "max_tokens": 1}
        status, answer = ask(f"{root}/v1/chat/completions", key, body, timeout=30)
        if status == 200 and answer.get("choices"):
            return root, model
    why = {0: "nothing answers there that speaks HTTP and JSON",
           200: "it has no model", 401: "it refuses the key in LLM_API_KEY"}  # fmt: skip
    error = answer.get("error")
    words = error.get("message") if isinstance(error, dict) else error
    raise ServerError(
        f"{root} cannot be used: {why.get(status, f'it answers {status}')}."
        + (f" It says: {words}" if words else "")
        + f"\n{remedy}"
    )


def _first_model(answer: dict) -> str | None:
    try:
        return answer["data"][0]["id"]
    except (KeyError, IndexError, TypeError):  # an empty list, or something else altogether
        return None
