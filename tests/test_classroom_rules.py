"""What a request to the class server may ask for, and how large a server fits a class."""

import contextlib
import json
import time

import pytest

from classroom import rules
from classroom.size import LEAST, size
from helpers import ServerError, model
from helpers.errors import WrongGrammar

STRING = {"type": "string"}
DANGEROUS = {
    "bounds in a grammar": {"grammar": 'root ::= "a"{2,1}'},
    "bounds in a grammar, inside": {"grammar": 'root ::= ("b" | [x-z]{ 5 , 3 })+'},
    "lengths": {"json_schema": {**STRING, "minLength": 3, "maxLength": 1}},
    "a pattern": {"json_schema": {**STRING, "pattern": "^a{2,1}$"}},
    "a list": {"json_schema": {"properties": {"l": {"minItems": 3, "maxItems": 2}}}},
    "numbers": {"json_schema": {"type": "integer", "minimum": 10, "maximum": 5}},
    "in a response_format": {
        "response_format": {"json_schema": {"schema": {"anyOf": [{"minItems": 2, "maxItems": 1}]}}}
    },
    "in a tool": {"tools": [{"function": {"parameters": {"minLength": 2, "maxLength": 1}}}]},
    "in the format of a response": {"text": {"format": {"schema": {"pattern": "(x{9,8})"}}}},
    "30,000 parentheses": {"grammar": "root ::= " + "(" * 30_000 + '"a"' + ")" * 30_000},
    "30,000 parentheses in a pattern": {"json_schema": {"pattern": "(" * 30_000}},
    "100,000 alternatives": {"grammar": "root ::= " + " | ".join(['"a"'] * 100_000)},
    "100,000 rules": {"grammar": "root ::= a\n" * 100_000},
    "50,000 values": {"json_schema": {"enum": [f"w{i}" for i in range(50_000)]}},
    "50,000 properties": {"json_schema": {"properties": {f"p{i}": {} for i in range(50_000)}}},
    "60,000 letters": {"json_schema": {"properties": {"é" * 60_000: STRING}}},
    "400 optional parts": {"grammar": "root ::= " + '"H"? ' * 400},
    "bounds after a carriage return": {"grammar": 'root ::= #\r "a"{2,1}'},
    "bounds after a text with a newline": {"grammar": 'root ::= "\n" "a"{2,1} "b"'},
    "nested": {"json_schema": json.loads('{"not":' * 200 + "{}" + "}" * 200)},
}
SAID = {  # what the refusal says, by the beginning of its name here
    "bounds": "in this grammar are the wrong way round", "lengths": "minLength is greater",
    "a pattern": "a pattern of this schema are the wrong way", "a list": "minItems is greater",
    "numbers": "minimum is greater", "in a response_format": "minItems is greater",
    "in a tool": "minLength is greater", "in the format": "a pattern of this schema are the wrong",
    "30,000": "More than 500 parentheses are open", "100,000": "more than 2,000 rules",
    "50,000 values": "`enum` has 50,000 members", "50,000 prop": "has 50,000 members",
    "60,000": "longer than 500 characters", "400": "more than 100 optional parts",
    "nested": "nested more than 100 deep",
}  # fmt: skip
FINE = {
    "a repetition": {"grammar": 'root ::= "a"{1,3} "b"{2} "c"{2,}'},
    "braces in a text": {"grammar": 'root ::= "{2,1} \\" {2,1}" [{2,1}\\]{] # {2,1}'},
    "a pattern with braces in it": {"json_schema": {"pattern": r"^\{2,1\}[{2,1}]$"}},
    "properties that are called so": {
        "json_schema": {"properties": {"minLength": STRING, "maxLength": STRING}}
    },
    "equal bounds": {"json_schema": {"minItems": 2, "maxItems": 2}},
    "no numbers": {"json_schema": {"minItems": "5", "maxItems": True}},
    "what people write to the model": {
        "messages": [{"role": "user", "content": 'grammar: "a"{2,1}', "minItems": 5, "maxItems": 1}]
    },
    "a long prompt of tokens": {"prompt": list(range(5000))},
}


@pytest.mark.parametrize("what", DANGEROUS)
def test_what_stops_a_server_is_refused(what):
    (words,) = [said for name, said in SAID.items() if what.startswith(name)]
    with pytest.raises(WrongGrammar, match=words) as caught:
        rules.check(DANGEROUS[what])
    assert 20 < len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "body",
    [{"grammar": "[" * 250_000}, {"grammar": '"\\' * 125_000}, {"grammar": '"a' * 125_000},
     {"json_schema": {"pattern": "[" * 250_000}}, {"json_schema": {"pattern": "[\\" * 125_000}}],
)  # fmt: skip
def test_text_that_is_never_closed_keeps_nobody_waiting(body):
    begin = time.process_time()
    with contextlib.suppress(WrongGrammar):
        rules.check(body)
    assert time.process_time() - begin < 5, "with a search from each bracket it takes minutes"


@pytest.mark.parametrize("name", ["n_probs", "logprobs", "top_logprobs"])
def test_candidates_have_a_limit(name):
    for number in [True, 20, None]:
        rules.check({name: number})
    with pytest.raises(ValueError, match=f"at most 20 candidates .*fewer with `{name}`"):
        rules.check({name: 100_000})


@pytest.mark.parametrize("what", FINE)
def test_what_is_harmless_passes(what):
    rules.check(FINE[what])


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ({}, 1),
        ({"n": None}, 1),
        ({"n": 4}, 4),
        ({"n_cmpl": 2}, 2),
        ({"n": 1, "n_cmpl": 3}, 3),
        ({"n": 2, "n_cmpl": None}, 2),
        ({"prompt": "a"}, 1),
        ({"prompt": [1, 2, 3, 4, 5, 6]}, 1),
        ({"prompt": ["text", 5, 6, "and tokens", 7]}, 1),
        ({"prompt": ["a", "b"], "n": 2}, 4),
        ({"prompt": []}, 1),
    ],
)
def test_replies_are_counted(body, number):
    assert rules.replies(body) == number


@pytest.mark.parametrize(
    "body", [{"n": 5}, {"n": 0}, {"n": "2"}, {"n": 1e9}, {"prompt": ["a"] * 5}, {"n": [1]}]
)
def test_too_many_replies_are_refused(body):
    with pytest.raises(ValueError, match="1 to 4 replies"):
        rules.replies(body)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, {"max_tokens": 100}),
        ({"max_tokens": 7}, {"max_tokens": 7}),
        ({"max_tokens": 101}, {"max_tokens": 100}),
        ({"max_tokens": -1}, {"max_tokens": 100}),
        ({"max_tokens": None}, {"max_tokens": 100}),
        ({"max_completion_tokens": 1e12}, {"max_completion_tokens": 100}),
        ({"n_predict": 7, "max_tokens": 200}, {"n_predict": 7, "max_tokens": 100}),
        ({"repeat_last_n": 10**8}, {"repeat_last_n": 100, "max_tokens": 100}),
        ({"dry_penalty_last_n": -1}, {"dry_penalty_last_n": -1, "max_tokens": 100}),
        ({"max_tokens": "many"}, {"max_tokens": "many"}),  # llama-server says what is wrong
    ],
)
def test_a_reply_has_a_limit(given, sent):
    rules.shorten(given, 100, "max_tokens")
    assert given == sent


# --- the size ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("learners", "slots"), [(1, 2), (6, 2), (8, 3), (30, 10), (200, 16)])
def test_a_slot_for_three_learners(learners, slots):
    found = size(model(), learners, 16e9)
    assert found.slots == slots and found.context == 2048, "as many as cria was trained on"
    shared = ["--parallel", str(slots + 1), "--ctx-size", str((slots + 1) * 2048)]
    assert found.options == [*shared, "--cache-ram", "256"]
    assert found.needed < found.limit


def test_the_sum_is_shown():
    shown = str(size(model(), 30, 16e9))
    assert "Learners: 30. Slots: 10" in shown and "16,000 MB" in shown
    parts = [int(line.split()[-2].replace(",", "")) for line in shown.splitlines()[1:]]
    assert abs(sum(parts[:-2]) - parts[-2]) <= 2


def test_short_memory_makes_contexts_smaller_and_then_slots_fewer():
    sizes = [size(model(), 30, megabytes * 1e6) for megabytes in (1200, 1050, 1010)]
    assert [(s.slots, s.context >= LEAST) for s in sizes][0] == (10, True)
    assert sizes[0].contexts > sizes[1].contexts > sizes[2].contexts
    assert sizes[2].slots < 10
    with pytest.raises(ServerError, match="does not fit into the memory"):
        size(model(), 30, 5e8)


def test_what_is_asked_for_is_done_or_refused():
    found = size(model(), 30, 16e9, slots=3, context=512)
    assert (found.slots, found.context) == (3, 512)
    with pytest.raises(ServerError, match="--slots and --context"):
        size(model(), 30, 1.2e9, slots=3, context=1_000_000)
