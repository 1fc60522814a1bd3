"""Show a plot with words for people who cannot see it."""

import base64
import html
import io

import matplotlib.pyplot as plt
from IPython.display import display

from helpers import tab


def show(words: str) -> None:
    """Show the current figure, with the words that a screen reader says in its place.

    `plt.show()` cannot do this: JupyterLab shows its pictures without any words.
    """
    if tab.without_plots():
        print(f"There are no plots in this tab. In words: {words}")
        return
    picture = io.BytesIO()
    plt.savefig(picture, format="png", bbox_inches="tight")
    plt.close()
    data = base64.b64encode(picture.getvalue()).decode()
    page = f'<img alt="{html.escape(words)}" src="data:image/png;base64,{data}">'
    display({"text/html": page, "text/plain": words}, raw=True)
