"""The graders of the exercises, a module for each lesson."""
