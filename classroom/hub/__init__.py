"""JupyterHub for a class: whoever brings a browser takes part.

README.md beside this file says how to use it, and how it is built.
"""
