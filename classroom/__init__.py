"""The class server: one model for a room full of people, with a key for each of them.

README.md beside this file says how to use it, and how it is built.
"""
