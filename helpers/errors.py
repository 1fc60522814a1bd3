"""The errors of the helpers: each says what happened, why, and what to type next."""


class ServerError(Exception):
    """The base of all our errors: something is wrong with a server or its model."""

    def _render_traceback_(self) -> list[str]:
        """Show only the message in a notebook; a stack trace through our code would not help."""
        return [f"{type(self).__name__}: {self}"]


class BinaryNotFound(ServerError):
    """An engine is not on this computer, or not at the path that was given."""


class ModelNotFound(ServerError):
    """There is no model file at the path that was named, or it is not what it should be."""


class PortTaken(ServerError):
    """Another program listens on the port that was asked for."""


class ServerFailed(ServerError):
    """The server ended, or never became ready."""


class WrongGrammar(ServerError):
    """A grammar or a schema that llama.cpp cannot use."""
