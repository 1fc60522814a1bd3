"""Put what a real model does beside what cria does, on the pages of the lessons.

    python tests/real_pages.py [MODEL]

The lessons' own cells run with the model. What those in BESIDE give then is stored in a Markdown
cell below each of them, with the model's name: text as text, a plot as a file in notebooks/images.
Such a cell has the ID `real-`, then that of its code cell; running this again replaces its text.
Without a name, the model is SmolLM2-135M.
"""

import base64
import os
import sys
import textwrap

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell
from real import NOTEBOOKS, run, scratch
from tqdm import tqdm

from helpers import model
from helpers.hub import PACKAGED
from helpers.models import name_of

BESIDE = {  # the IDs of the cells, each with code that says in words what its plot shows
    "02_chat_template": {"cell-36": ""},
    "04_sampling": {
        "9aa66992": """
for temperature in [0.5, 1, 2]:
    shares = list(heated(chances, temperature).items())[:5]
    print(f"{temperature:<4}", *[f"{token!r} {share:.2f}" for token, share in shares])
""",
    },
    "07_structured_output": {
        "aa7343e8": """
for words, counted in bars.items():
    print(f"{words:<50}", *[f"{number} {result}" for result, number in counted.items()])
""",
    },
    "08_tools": {"13183149": ""},
}


def main() -> None:
    """Run these lessons with the model, and store what came of their cells."""
    given = sys.argv[1] if sys.argv[1:] else PACKAGED.name
    os.environ.update(LLM_MODEL=given, MPLBACKEND="agg")
    os.environ.pop("LLM_BASE_URL", None)
    name = name_of(model())
    with scratch() as folder, tqdm(unit="cell", desc=name) as progress:
        for lesson, said in BESIDE.items():
            path = NOTEBOOKS / f"{lesson}.ipynb"
            page = nbformat.read(path, as_version=4)
            ran = nbformat.read(path, as_version=4)
            ran.cells = prepared(ran.cells, said, given)
            run(folder / path.name, ran, progress)
            for cell, its_words in zip(ran.cells, ran.cells[1:], strict=False):
                if cell.id in said:
                    put(page, cell.id, shown(cell.outputs + its_words.outputs, cell.id, name))
            nbformat.write(page, path)


def prepared(cells: list, said: dict[str, str], model_name: str) -> list:
    """Return the cells to run: up to the last one that is needed, and with words to the plots."""
    result = []
    for cell in cells:
        if cell.cell_type == "code":  # some lessons ask for cria by its name
            cell.source = cell.source.replace('LlamaServer("cria"', f"LlamaServer({model_name!r}")
        result.append(cell)
        if cell.id in said:
            result.append(new_code_cell(said[cell.id] or "pass"))
            last = len(result)
    return result[:last]


def shown(outputs: list[nbformat.NotebookNode], cell: str, name: str) -> str:
    """Return outputs as Markdown, after writing a plot into its file."""
    texts = [output.text for output in outputs if output.get("name") == "stdout"]
    lines = [textwrap.fill(line, 100) for line in "".join(texts).splitlines()]
    parts = [f"With {name} in place of cria:", "\n".join(["```text", *lines, "```"])]
    for plot in [o.data["image/png"] for o in outputs if "image/png" in o.get("data", {})]:
        file = NOTEBOOKS / "images" / f"real-{cell}.png"
        file.write_bytes(base64.b64decode(plot))
        parts.append(f"![A plot of these numbers](images/{file.name})")
    return "\n\n".join(parts)


def put(page: nbformat.NotebookNode, code_cell: str, source: str) -> None:
    """Write a Markdown cell below a code cell, or write the one that is there again."""
    ids = [cell.id for cell in page.cells]
    if f"real-{code_cell}" not in ids:
        new = new_markdown_cell(id=f"real-{code_cell}")
        page.cells.insert(ids.index(code_cell) + 1, new)
    (below,) = [cell for cell in page.cells if cell.id == f"real-{code_cell}"]
    below.source = source


if __name__ == "__main__":
    main()
