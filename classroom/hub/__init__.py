"""JupyterHub for a class: whoever brings a browser takes part.

README.md beside this file says how to use it, and how it is built.
"""

# Below 1024, root alone may listen (net.ipv4.ip_unprivileged_port_start): so no learner gets what
# is sent there while the hub or the class server is down.
HUB_PORT, PROXY_PORT, GATEWAY_PORT = 881, 880, 888
