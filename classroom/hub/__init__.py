"""JupyterHub for a class: whoever brings a browser takes part.

README.md beside this file says how to use it, and how it is built.
"""

# Below 1024, root alone may listen: no learner gets what is sent there while nobody listens.
HUB_PORT, PROXY_PORT, GATEWAY_PORT = 881, 880, 888
