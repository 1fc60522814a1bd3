"""A plot is shown with words: JupyterLab, the pages and a screen reader find them."""

import re
from base64 import b64decode
from html import unescape

import pytest

WORDS = 'Three dots, each "higher" than the one before: 1, 4 & <9>.'


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    plt = pytest.importorskip("matplotlib.pyplot")
    from helpers import plots

    outputs = []
    plt.switch_backend("agg")
    plt.plot([1, 2, 3], [1, 4, 9], "o")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plots, "display", lambda data, raw: outputs.append(data))
        plots.show(WORDS)
    assert not plt.get_fignums(), "the figure is closed, so that no cell shows it again"
    (data,) = outputs
    return data


def test_the_words_are_the_alternative_text_of_the_picture(shown):
    alt, source = re.fullmatch(r'<img alt="([^"]*)" src="([^"]*)">', shown["text/html"]).groups()
    assert unescape(alt) == WORDS
    assert b64decode(source.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")


def test_the_words_stand_where_no_picture_can(shown):
    assert shown["text/plain"] == WORDS
