"""Answers to the exercises, as learners write them: `RIGHT` and `WRONG`, a module a lesson.

`RIGHT` holds for each exercise at least six cells in different styles; `WRONG` at least ten, each
with a part of the message that it must get.
"""
