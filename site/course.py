"""What Sphinx has to be told: diagrams, anchors, links to folders, lessons that run in a tab."""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

DIAGRAM = '<pre class="mermaid">'
IN_A_TAB = r"notebooks/((solutions/)?(00|0[3-8])|12)_.*"  # site/lab/README.md says which do


class Mermaid(SphinxDirective):
    """A diagram, which Mermaid draws in the browser; the theme inverts it on a dark page."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Put the source into the page as it is."""
        source = escape("\n".join(self.content))
        return [nodes.raw("", f"{DIAGRAM}{source}</pre>", format="html")]


def load_mermaid(app: Sphinx, page: str, template: str, context: dict, tree: nodes.Node) -> None:
    """Load Mermaid, which is large, into the pages that have a diagram."""
    if DIAGRAM in context.get("body", ""):
        app.add_js_file("mermaid/mermaid.min.js", loading_method="defer")


def offer_tab(app: Sphinx, page: str, template: str, context: dict, tree: nodes.Node) -> None:
    """Give a lesson that runs in a browser tab a button that opens it there."""
    if re.fullmatch(IN_A_TAB, page):
        address = context["pathto"]("lab/index.html", 1)
        context["header_buttons"].append(
            {
                "type": "link",
                "url": f"{address}?path={page}.ipynb",
                "tooltip": "Run this lesson here, in your browser",
                "icon": "fas fa-play",
                "label": "run-in-this-browser",
            }
        )


def anchor(heading: str) -> str:
    """Name a heading as JupyterLab does, so that the links in the notebooks fit."""
    return heading.replace(" ", "-")


class FolderNames(SphinxPostTransform):
    """A link to a folder becomes plain text: a folder has no page."""

    default_priority = 8  # before MyST looks for the page, and warns

    def run(self, **options: object) -> None:
        """Replace the links of one page."""
        for link in list(self.document.findall(addnodes.pending_xref)):
            _, path = self.env.relfn2path(link["reftarget"], self.env.docname)
            if Path(path).is_dir():
                link.replace_self(link.children)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add all this to Sphinx."""
    app.add_directive("mermaid", Mermaid)
    app.connect("html-page-context", load_mermaid)
    app.connect("html-page-context", offer_tab, priority=900)  # the theme has made its buttons
    app.add_post_transform(FolderNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
