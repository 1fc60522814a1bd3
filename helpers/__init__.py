"""What the lessons need and do not teach: finding the server, waiting for it, ending it."""

from helpers import network, tab
from helpers.errors import BinaryNotFound, ModelNotFound, PortTaken, ServerError, ServerFailed
from helpers.models import local_models, model
from helpers.server import LlamaServer

network.prepare()
tab.prepare()

__all__ = [
    "BinaryNotFound",
    "LlamaServer",
    "ModelNotFound",
    "PortTaken",
    "ServerError",
    "ServerFailed",
    "local_models",
    "model",
]
