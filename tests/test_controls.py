"""The sliders of the lessons; what only a browser can show is in test_browser.py."""

from helpers.controls import NO_KERNEL, Controls


def test_what_is_drawn_follows_the_fields():
    controls = Controls(lambda *values: repr(values), warmth=(1, 0, 2, 0.1), top=(3, 0, 20, 1))
    assert controls.picture.value == "(1.0, 3)"
    warmth, top = controls.fields
    warmth.value, top.value = 0.5, 7
    assert controls.picture.value == "(0.5, 7)"


def test_each_field_has_a_label_and_limits():
    (field,) = Controls(str, warmth=(1, 0, 2, 0.1)).fields
    assert field.description == "warmth"
    field.value = 5
    assert field.value == 2


def test_without_a_kernel_there_is_a_sentence():
    shown = Controls(str, warmth=(1, 0, 2, 0.1))._repr_mimebundle_()
    assert shown["text/plain"] == NO_KERNEL
    assert "application/vnd.jupyter.widget-view+json" in shown
