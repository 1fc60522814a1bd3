"""Any model: the lessons with one that has no template, and the reports on a real one."""

import nbformat
import pytest
import real
import real_pages
from lessons import NOTEBOOKS, SERVED, run
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from tqdm import tqdm

from helpers import model


@pytest.fixture(scope="module")
def without_template(tmp_path_factory):
    """Return cria as a model that has no template, and so no tools, and is not called cria."""
    name, misspelt = b"tokenizer.chat_template", b"tokenizer.chat_tempiate"
    content = model("cria").read_bytes()
    assert name in content
    file = tmp_path_factory.mktemp("model") / "without-template.gguf"
    file.write_bytes(content.replace(name, misspelt))
    return file


@pytest.mark.parametrize("lesson", SERVED)
def test_every_lesson_runs_with_a_model_that_has_no_template(lesson, without_template):
    run(lesson, LLM_MODEL=str(without_template))


def test_each_cell_in_error_is_listed_and_the_others_run(monkeypatch, tmp_path):
    monkeypatch.setattr(real, "PATIENCE", 5)
    sources = ["1 / 0", "import time\ntime.sleep(1000)", "print('on')"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
    notebook = new_notebook(cells=[new_code_cell(s) for s in sources], metadata=kernel)
    with tqdm(disable=True) as progress:
        outcome = real.run(tmp_path / "any.ipynb", notebook, progress)
    assert outcome.errors == [
        "[0] ZeroDivisionError: division by zero", "[1] did not end within 5 seconds",
    ]  # fmt: skip
    assert notebook.cells[2].outputs[0].text == "on\n"


def test_what_a_real_model_does_is_stored_once_below_the_cell(monkeypatch, tmp_path):
    monkeypatch.setattr(real_pages, "NOTEBOOKS", tmp_path)
    (tmp_path / "images").mkdir()
    outputs = [
        new_output("stream", name="stdout", text="blue\nred\n"),
        new_output("display_data", data={"image/png": "UE5H", "text/plain": "a figure"}),
    ]
    page = new_notebook(cells=[new_code_cell("draw()", id="abc"), new_markdown_cell("So it is.")])
    for _ in range(2):
        real_pages.put(page, "abc", real_pages.shown(outputs, "abc", "Some-1B"))
    nbformat.validate(page)
    assert [cell.id for cell in page.cells][:2] == ["abc", "real-abc"] and len(page.cells) == 3
    assert page.cells[1].source.splitlines() == [
        "With Some-1B in place of cria:", "",
        "```text", "blue", "red", "```", "",
        "![A plot of these numbers](images/real-abc.png)",
    ]  # fmt: skip
    assert (tmp_path / "images" / "real-abc.png").read_bytes() == b"PNG"


@pytest.mark.parametrize(("lesson", "said"), real_pages.BESIDE.items())
def test_the_cells_whose_outputs_are_stored_exist(lesson, said):
    cells = nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4).cells
    run = real_pages.prepared(cells, said, "tiny")
    assert {cell.id for cell in run} >= set(said) and run[-2].id in said
    assert not any('LlamaServer("cria"' in cell.source for cell in run)
