"""The glossary and the lessons agree about the terms, and words that nobody uses stay out.

    python tests/test_glossary.py

prints for each term in which lesson it is explained, and where it occurs first.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
import pytest
from test_notebooks import ALL, LESSONS, NOTEBOOKS, ROOT, anchor, unfenced

GLOSSARY = NOTEBOOKS / "glossary.md"


@dataclass
class Entry:
    """A term, what the glossary says about it, and the file in which it is explained."""

    term: str
    definition: str
    file: str

    @property
    def lesson(self) -> str:
        """The lesson's number, or nothing if no lesson explains the term."""
        return self.file[:2] if self.file.endswith(".ipynb") else ""

    @property
    def pattern(self) -> str:
        """What matches the term in a text: in the plural too, and in its other forms."""
        words = [self.term, *OTHER_FORMS.get(self.term, [])]
        return rf"(?i:\b(?:{'|'.join(map(re.escape, words))})(?:e?s)?\b)".replace(r"\ ", r"\s+")


OTHER_FORMS = {
    "API key": ["key"],
    "async": ["asynchronous"],
    "bias": ["logit_bias"],
    "finish reason": ["finish_reason"],
    "GPU": ["graphics card"],
    "greedy decoding": ["greedy", "greedily"],
    "in process": ["in-process"],
    "log probability": ["log probabilities", "logprob"],
    "min-p": ["min_p"],
    "probability": ["probabilities"],
    "quantisation": ["quantised"],
    "random seed": ["seed"],
    "reasoning": ["thinking"],
    "repetition penalty": ["repetition penalties", "repeat_penalty"],
    "retry": ["retries", "retried"],
    "server-sent event": ["SSE"],
    "stop sequence": ["stop text"],
    "streaming": ["stream", "streamed"],
    "system prompt": ["system message"],
    "time-out": ["timeout"],
    "top-k": ["top_k"],
    "top-p": ["top_p"],
    "z-score": ["z score"],
}

# Terms that are written into requests or read in responses.
FIELDS = {
    "127.0.0.1", "bias", "delta", "finish reason", "min-p", "reasoning_content",
    "repetition penalty", "temperature", "top-k", "top-p", "usage",
}  # fmt: skip

# Terms that are everyday words as well: where they stand first says nothing.
EVERYDAY = {
    "API key", "body", "byte", "cell", "character", "choice", "client", "context", "conversation",
    "in process", "language model", "layer", "log", "message", "probability", "reasoning",
    "reasoning_content", "request", "response", "role", "server", "streaming", "tool", "usage",
}  # fmt: skip


def entries() -> list[Entry]:
    """Read the glossary: `### term`, an empty line, and a text that ends with a link."""
    found = []
    for part in re.split(r"(?m)^### ", GLOSSARY.read_text(encoding="utf-8"))[1:]:
        term, _, said = part.partition("\n")
        said = " ".join(said.split())
        link = re.search(r" \[[^\]]+\]\(([^)]+)\)$", said)
        found.append(Entry(term, said[: link.start()] if link else said, link[1] if link else ""))
    return found


ENTRIES = entries()
each = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.term)


@cache
def prose(path: Path) -> str:
    """The running text of a lesson: without its frame, headings, tables, diagrams and code."""
    cells = nbformat.read(path, as_version=4).cells[1:-1]
    text = unfenced("\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown"))
    return re.sub(r"(?m)^(?:#|\|).*$", "", text)


def uses(entry: Entry, text: str) -> bool:
    """Whether a text holds a term; code and the targets of links do not count.

    Code counts where it is the term and nothing else.
    """

    def term_alone(code: re.Match) -> str:
        return code[1] if re.fullmatch(entry.pattern, code[1]) else ""

    text = re.sub(r"`([^`]*)`", term_alone, text)
    return bool(re.search(entry.pattern, re.sub(r"(?<=\])\([^)\s]+\)", "", text)))


def first_use(entry: Entry) -> str:
    """The number of the first lesson in whose running text a term occurs, or nothing."""
    for path in LESSONS:
        if uses(entry, prose(path)):
            return path.name[:2]
    return ""


def is_marked(entry: Entry, text: str) -> bool:
    """Whether a term stands in italics or bold type in a text, or is linked to its entry.

    For the name of a field or an address, code type will do.
    """
    marked = re.findall(r"(\*{1,2})(?! )([^*]{1,60})\1", text)
    if entry.term in FIELDS:
        marked += re.findall(r"(`)([^`]+)`", text)
    return is_linked(entry, text) or any(re.search(entry.pattern, words) for _, words in marked)


def is_linked(entry: Entry, text: str) -> bool:
    """Whether a text has a link to the entry of a term."""
    return f"](glossary.md#{anchor(entry.term)})" in text


# --- the glossary --------------------------------------------------------------------------------


def test_is_in_alphabetical_order():
    terms = [entry.term for entry in ENTRIES]
    assert terms == sorted(terms, key=str.casefold)
    assert len(terms) == len(set(terms))


@each
def test_has_a_definition_of_one_or_two_sentences(entry):
    assert entry.definition.endswith(".")
    assert 4 <= len(entry.definition.split()) <= 50
    sentences = re.findall(r"[.!?](?= [A-Z`]|$)", entry.definition)
    assert len(sentences) <= 2


@each
def test_names_a_lesson_that_exists(entry):
    assert entry.file and (NOTEBOOKS / entry.file).exists(), entry.file


@each
def test_is_marked_in_the_lesson_that_explains_it(entry):
    """In italics, or with a link to the glossary."""
    if not entry.lesson:
        pytest.skip("no lesson explains it")
    assert is_marked(entry, prose(NOTEBOOKS / entry.file)), f"{entry.term} in {entry.file}"


@each
def test_is_not_used_before_it_is_explained(entry):
    """A lesson that uses it earlier has a link to its entry."""
    first = first_use(entry)
    if entry.term in EVERYDAY or not entry.lesson or not first:
        pytest.skip("an everyday word, or one that no lesson explains or uses")
    if first < entry.lesson:
        (path,) = [path for path in LESSONS if path.name.startswith(first)]
        assert is_linked(entry, prose(path)), f"lesson {first} uses {entry.term} ({entry.file})"


def test_links_to_the_glossary_lead_to_an_entry():
    anchors = {anchor(entry.term) for entry in ENTRIES}
    for path in LESSONS:
        source = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        for target in re.findall(r"\]\(glossary\.md#([^)\s]+)\)", source):
            assert target in anchors, f"{path.name}: {target}"


# --- words ---------------------------------------------------------------------------------------

# What must not come back → what to say instead. Learners have stumbled over each of them.
INSTEAD = {
    r"(?<!minus )(?<!plus )(?<!equals )(?<!percent )(?<!hash )(?<!dollar )(?<!sign )"
    r"\bsigns?\b(?! (?:in|up|out|of|that)\b)(?!-)": "character",
    r"(?<!of the )(?<!of an )\balphabets?\b": "encoding",
    r"\b(?:dice|lots (?:are|is|were) drawn)\b": "random seed, random numbers, drawn at random",
    r"\bfoolish(?:ly)?\b": "unlikely, wrong",
    r"\b(?:under|above|below|beside|behind|in) (?:both|it|that|them|these|this) stands?\b":
        "the subject first: below both you find …",
    r"\b(?:box|computer) on the way\b": "proxy",
    r"\b(?:is|are|was|were) no JSON\b": "is not JSON",
    r"\bfor who (?:changes|has|takes|wants|will)\b": "for those who",
    r"\bin the code \*?UTF-8": "in the encoding UTF-8",
}  # fmt: skip


def test_the_words_are_found_and_their_right_uses_are_not():
    found = "One sign, several bytes. The first is the alphabet. The same dice. Under both stands"
    right = "a minus sign, a signal, a design, a sign of life; a letter of the alphabet; assigned"
    assert len(list(odd_words(found))) == 4
    assert not list(odd_words(right))


def odd_words(text: str):
    """What in a text should be said in another way, and how."""
    text = re.sub(r"`[^`]*`", "", unfenced(text))
    for pattern, better in INSTEAD.items():
        for found in re.finditer(f"(?i){pattern}", text):
            begin, end = max(found.start() - 40, 0), found.end() + 40
            yield f"“{found[0]}” → {better}: …{' '.join(text[begin:end].split())}…"


def texts() -> dict[str, str]:
    """Everything that a learner reads: pages, text cells, and the strings of our programs."""
    found = {}
    for path in [*ROOT.glob("*.md"), *NOTEBOOKS.glob("*.md"), *ROOT.glob("models/*.md")]:
        found[path.name if path.parent == ROOT else f"{path.parent.name}/{path.name}"] = (
            path.read_text(encoding="utf-8")
        )
    for path in ALL:
        cells = nbformat.read(path, as_version=4).cells
        found[f"{path.parent.name}/{path.stem}"] = "\n\n".join(
            cell.source for cell in cells if cell.cell_type == "markdown"
        )
    for path in [*ROOT.glob("helpers/**/*.py"), *ROOT.glob("setup/**/*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        found[f"{path.relative_to(ROOT).as_posix()}"] = "\n\n".join(
            value for value in strings if isinstance(value, str)
        )
    return found


TEXTS = texts()


@pytest.mark.parametrize("name", TEXTS)
def test_no_word_is_used_that_readers_stumble_over(name):
    odd = list(odd_words(TEXTS[name]))
    assert not odd, "\n".join(odd)


# --- for authors ---------------------------------------------------------------------------------


if __name__ == "__main__":
    print(f"{'term':<22} {'explained':<10} first used")
    for entry in ENTRIES:
        print(f"{entry.term:<22} {entry.lesson:<10} {first_use(entry)}")
