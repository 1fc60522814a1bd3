"""Sliders that redraw a piece of HTML, for people who see them and for people who hear them."""

from collections.abc import Callable

import ipywidgets as widgets

NO_KERNEL = "The sliders appear here when you run the cells of this lesson."


class Controls(widgets.VBox):
    """Sliders, and below them a picture in HTML that follows them.

    ipywidgets gives a slider no label that a screen reader can find, but a field for numbers has
    one. So each slider stands beside a field, and the two have the same value.

    Attributes:
        fields: the fields, in the order of the sliders.
        picture: the widget that shows the HTML.
    """

    def __init__(
        self, draw: Callable[..., str], **sliders: tuple[float, float, float, float]
    ) -> None:
        """Make the sliders and draw for the first time.

        Args:
            draw: is called with the values of all sliders in their order; returns the HTML.
            sliders: label and numbers of each: the first value, the least, the largest, the step.
        """
        self._draw = draw
        self.picture = widgets.HTML()
        pairs = [_pair(label, *numbers) for label, numbers in sliders.items()]
        self.fields = [field for field, _ in pairs]
        for field in self.fields:
            field.observe(self._redraw, "value")
        self._redraw()
        rows = [widgets.HBox(pair, layout={"max_width": "34em"}) for pair in pairs]
        super().__init__([*rows, self.picture])

    def _redraw(self, *_: object) -> None:
        self.picture.value = self._draw(*[field.value for field in self.fields])

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {**super()._repr_mimebundle_(), "text/plain": NO_KERNEL}


def _pair(
    label: str, value: float, least: float, most: float, step: float
) -> tuple[widgets.Widget, widgets.Widget]:
    """Return a field with a label, and a slider that moves with it."""
    whole = all(isinstance(number, int) for number in (value, least, most, step))
    field_of = widgets.BoundedIntText if whole else widgets.BoundedFloatText
    slider_of = widgets.IntSlider if whole else widgets.FloatSlider
    limits = {"min": least, "max": most, "step": step, "value": value}
    look = {"style": {"description_width": "7em"}, "layout": {"width": "13em"}}
    field = field_of(description=label, **look, **limits)
    slider = slider_of(readout=False, layout={"flex": "1", "min_width": "6em"}, **limits)
    widgets.jslink((field, "value"), (slider, "value"))
    return field, slider
