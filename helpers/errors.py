"""The errors of the helpers: each says what happened, why, and what to type next."""


class ServerError(Exception):
    """Something about a server or its model is not as it must be. The base of all our errors."""

    def _render_traceback_(self) -> list[str]:
        """Show the message alone in a notebook: the way through our code is not the lesson."""
        return [f"{type(self).__name__}: {self}"]


class BinaryNotFound(ServerError):
    """There is no llama-server on this computer, or not where it was said to be."""


class ModelNotFound(ServerError):
    """There is no model file at the path that was named, or it is not what it should be."""


class PortTaken(ServerError):
    """Another program listens on the port that was asked for."""


class ServerFailed(ServerError):
    """The server ended, or never became ready."""


class WrongGrammar(ServerError):
    """A grammar or a schema that llama.cpp cannot use."""
