"""How Sphinx makes pages to read from the notebooks: `make site`."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

project = "Local LLMs from Python"
author = "The authors of Local LLMs from Python"
language = "en"

# The notebooks and pages of the course are the only source; the Makefile collects them for Sphinx.
# A teacher's or learner's own copies stay out.
include_patterns = ["*.md", "**/README.md", "notebooks/*.md", "notebooks/**[0-9][0-9]_*.ipynb"]
exclude_patterns = ["**/*.mine*", "**/*-Copy*", "**/* copy*", "**/.ipynb_checkpoints"]
# A solution is a click away from its exercise, and not in the list of the lessons.
suppress_warnings = ["toc.not_included"]

extensions = ["myst_nb", "sphinx_copybutton", "course"]
nb_execution_mode = "off"  # the outputs are those that the tests compare
nb_merge_streams = True
nb_ipywidgets_js = {}  # a widget needs a kernel: its text stands on the page instead
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 4
myst_heading_slug_func = "course.anchor"  # Sphinx stores its settings, and cannot store a function
copybutton_selector = "div:not(.output) > div.highlight > pre"  # code, and not what it printed

html_theme = "sphinx_book_theme"
html_title = project
html_use_index = False  # the glossary is the index
html_context = {"default_mode": "auto"}  # light or dark, as the reader's computer is set
html_static_path = ["static", "_build/npm"]
html_css_files = ["course.css"]
html_theme_options = {
    "navbar_persistent": [],  # the search is at the side
    "use_fullscreen_button": False,
    "footer_content_items": "extra-footer.html",
    "extra_footer": "<p>Text and model: CC BY 4.0. Code: MIT.</p>",
}

# Only GitHub, which publishes the pages, knows the address of the course.
if repository := os.environ.get("GITHUB_REPOSITORY"):
    html_theme_options |= {
        "repository_url": f"https://github.com/{repository}",
        "use_repository_button": True,
    }
