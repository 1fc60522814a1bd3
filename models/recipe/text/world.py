"""Questions about the course's subject and the small world, and what lies outside of both."""

import random

from text.knowledge import CAPITALS, DAYS, MONTHS, NUMBERS, OPPOSITES, TERMS
from text.values import around, asked, every, grammatical, name, phrase, slip, talk, word
from text.words import FOODS, LOOKS, NATURE, PEOPLE, TASKS, THINGS

ASK_TERM = [
    "What is {}?", "What is {}?", "What does {} mean?", "Explain {}.", "Can you explain {}?",
    "Tell me what {} is.", "Please explain {}.", "What's {}?", "Define {}.", "Describe {}.",
    "I do not understand {}.", "Could you tell me what {} is?", "What do you know about {}?",
    "Tell me about {}.", "In one sentence, what is {}?", "Help me understand {}.",
    "What exactly is {}?", "Explain {} to me.", "What is {} good for?", "What is {}, exactly?",
    "Explain the term {}.", "What would you call {}?", "{}: what is that?", "{}?",
    "Give me a definition of {}.", "What is meant by {}?", "And what is {}?", "Do you know {}?",
    "I want to know what {} is.", "Say in a few words what {} is.", "What do people mean by {}?",
    "I have never heard of {}.", "Teach me about {}.", "Can you tell me what {} means?",
    "What does it mean when people say {}?", "I read about {}. What is it?", "Explain simply: {}.",
    "How would you define {}?", "Could you explain {}?", "My question is: what is {}?",
    "I ask myself what {} is.", "I was wondering what {} is.", "I wonder: what is {}?",
    "I wonder about {}.", "I wonder what {} means.", "I do wonder what {} is.",
    "What, briefly, is {}?", "What, in a word, is {}?", "In short, what is {}?",
    "What could {} be?", "What may {} be?", "I would love to understand {}.", "In a few words: {}?",
    "Explain in a sentence: {}", "Explain in short: {}",
    "What does {} do?", "Why would I use {}?", "What do people use {} for?", "Why do I need {}?",
    "How does {} work?", "What is the use of {}?", "When do I need {}?", "What is {} about?",
    "Explain what {} does.", "Why is there {}?", "What is the point of {}?",
]  # fmt: skip
SPOKEN = {  # other names of a term
    "SSE": ["server-sent events", "a server-sent event", "an event stream"],
    "streaming": ["a stream", "a streamed reply", "streaming a response", "a streamed response"],
    "temperature": ["the temperature", "temperature in sampling", "the sampling temperature"],
    "the context": ["a context", "context"], "a context window": ["the context window"],
    "quantisation": ["quantization", "a quantised model"], "GGUF": ["a GGUF file"],
    "JSON": ["a JSON text", "the JSON format"], "the KV cache": ["a KV cache", "the cache"],
    "a tool call": ["tool calling", "function calling"], "ollama": ["Ollama"],
    "an API": ["the API"], "a seed": ["the seed"], "sampling": ["a sampler"],
    "a system prompt": ["the system prompt", "a system message"],
}  # fmt: skip
WHY = {  # what a term is good for, asked without naming it as a thing
    "streaming": every("Why would I|Why should I|Why do people|When do I", " stream",
                       " a reply| replies| an answer| it| the text| tokens", "?"),
    "temperature": every("What does|How does|What can", " temperature| the temperature",
                         " change| do to sampling| do in a reply| mean in sampling| set", "?"),
    "a seed": every("Why do I|When should I|Why would I", " set a seed| need a seed", "?"),
    "quantisation": every("Why do people|Why would I|Why should I", " quantise", " a model| it",
                          "?"),
    "an embedding": every("What can I do with|What do I use", " embeddings| an embedding", "?"),
}  # fmt: skip


def bare(term: str) -> str:
    """Return a term without its article."""
    return term.split(" ", 1)[1] if term.split()[0] in {"a", "an", "the"} else term


def term(rng: random.Random) -> list[dict]:
    """A word of the course is explained."""
    key = rng.choice(list(TERMS))
    if key in WHY and rng.random() < 0.2:
        return talk(asked(rng, rng.choice(WHY[key])), TERMS[key])
    if key.startswith(("a ", "an ")) and key[-1] not in "hsy" and rng.random() < 0.12:
        ways = ["What are {}s?", "Explain {}s.", "Tell me about {}s."]
        return talk(asked(rng, *(way.format(bare(key)) for way in ways)), TERMS[key])
    spoken = key if rng.random() < 0.7 else bare(key)
    if key in SPOKEN and rng.random() < 0.4:
        spoken = rng.choice(SPOKEN[key])
    return talk(asked(rng, rng.choice(ASK_TERM).format(spoken)), TERMS[key])


def capital(rng: random.Random) -> list[dict]:
    """The capital of a country."""
    c = rng.choice(list(CAPITALS))
    question = asked(
        rng, f"What is the capital of {c}?", f"Which city is the capital of {c}?",
        f"Name the capital of {c}.", f"Tell me the capital of {c}.", f"Capital of {c}?",
        f"Do you know the capital of {c}?", f"What's {c}'s capital?", f"The capital of {c}?",
        f"What is the capital city of {c}?", f"What is {c}'s capital city?",
        f"I want to know the capital of {c}.", f"{c}: which capital?", f"Give me {c}'s capital.",
        f"{c}: its capital?", f"{c}: what capital has it?", f"{c}: what is the capital?",
        f"Which capital does {c} have?", f"What do you call the capital of {c}?",
    )  # fmt: skip
    return talk(question, f"The capital of {c} is {CAPITALS[c]}.")


COUNT = every(
    "Count|Please count|Can you count|Could you please count|Now count|Count up|Count again|"
    "I want you to count|Count slowly",
    "| from 1| from one| upwards",
    " to| up to| until| till| as far as| and stop at| until you are at"
    "| until you come to| until you get to",
    " {}", ".|?| for me.|",
) + every(
    "Would you|Will you|Could you now|Let us|I would like to hear you|Go and|Try to|You may|Do",
    " count| go| count out loud| count slowly| number things| count on your fingers",
    " to| up to| as far as| until| and end with| and reach", " {}",
    "?|.|!| now.| for me?| today.|, my friend.",
) + every(
    "Count|Begin at 1|Start with one|Say the numbers|Numbers|Up|Count along|Counting",
    ", please,|, and then,| slowly,|, one by one,|", " to| until| up to| till| and end at",
    " {}", "|.|!| then stop.| and no further.",
)  # fmt: skip


def count(rng: random.Random) -> list[dict]:
    """Counting, in digits or in words."""
    n = rng.randrange(2, 21)
    to = rng.choice([str(n), NUMBERS[n - 1]])
    kind = rng.random()
    if kind < 0.5:
        ways = [f"Count to {to}.", f"Start at 1 and count to {to}.", f"Count the numbers to {to}.",
                f"Numbers from 1 to {to}, please.", f"Count: 1 to {to}.", f"Count only to {to}.",
                f"Say the numbers up to {to}.", f"1 to {to}?", f"From 1 to {to}, count.",
                *(rng.choice(COUNT).format(to) for _ in range(9))]  # fmt: skip
        return talk(asked(rng, *ways), ", ".join(map(str, range(1, n + 1))) + ".")
    if kind < 0.8:
        start = rng.randrange(2, 100)
        end = start + rng.randrange(1, 15)
        ways = [f"Count from {start} to {end}.", f"Please count from {start} up to {end}.",
                f"Numbers from {start} to {end}, please.", f"Start at {start}, count to {end}.",
                f"Can you count from {start} to {end}?"]  # fmt: skip
        return talk(asked(rng, *ways), ", ".join(map(str, range(start, end + 1))) + ".")
    ways = [f"Count to {to} in words.", f"Count to {to} with words.", f"In words, count to {to}."]
    return talk(asked(rng, *ways), ", ".join(NUMBERS[:n]).capitalize() + ".")


def calendar(rng: random.Random) -> list[dict]:
    """What comes before and after a day or a month."""
    names, what = rng.choice([(DAYS, "day"), (MONTHS, "month")])
    i = rng.randrange(len(names))
    now, after, before = names[i], names[(i + 1) % len(names)], names[i - 1]
    if rng.random() < 0.5:
        ways = [f"Which {what} comes after {now}?", f"What {what} follows {now}?",
                f"What comes after {now}?", f"What {what} is after {now}?",
                f"The {what} after {now}?", f"What {what} comes next after {now}?",
                f"It is {now}. What comes next?", f"Tell me which {what} follows {now}.",
                f"After {now} comes what?", f"Name the {what} after {now}.", f"{now}, and then?",
                f"What is the next {what} after {now}?", f"Next after {now}?",
                f"Say what comes after {now}.", f"And after {now}?"]  # fmt: skip
        return talk(asked(rng, *ways), f"{after} comes after {now}.")
    ways = [f"Which {what} comes before {now}?", f"What comes before {now}?",
            f"What {what} is before {now}?", f"The {what} before {now}?",
            f"Tell me which {what} is before {now}.", f"Name the {what} before {now}."]  # fmt: skip
    return talk(asked(rng, *ways), f"{before} comes before {now}.")


def opposite(rng: random.Random) -> list[dict]:
    """The opposite of a word."""
    both = {b: a for a, b in OPPOSITES.items()} | OPPOSITES
    a, b = rng.choice(list(both.items()))
    ways = [f"What is the opposite of {a}?", f"Opposite of {a}?", f"Tell me the opposite of {a}.",
            f"Which word is the opposite of {a}?", f"What's the opposite of {a}?",
            f"Name the opposite of {a}.", f"Which is the opposite of {a}?", f"{a}: the opposite?",
            f"What is {a} the opposite of?", f"The opposite of {a} is what?",
            f"Give me the opposite of {a}.", f"What word means the opposite of {a}?",
            f"What is {a} opposite to?", f"Which word is {a} the opposite of?",
            f"I want the opposite of {a}.", f"Say the opposite of {a}.",
            f"{a} is the opposite of what word?", f"Of what is {a} the opposite?",
            f"{a} is opposite to what?", f"{a} is the opposite of which word?",
            f"And the opposite of {a}?", f"The word {a}, what is its opposite?"]  # fmt: skip
    return talk(asked(rng, *ways), f"The opposite of {a} is {b}.")


def worked_out(a: int, b: int, sign: str) -> tuple[str, str]:
    """Return a sum or a difference worked out digit by digit, as few steps are learned; its answer.

    It begins with the numbers, so that the digits need only be copied from beside them.
    """
    (tens_a, a_), (tens_b, b_) = divmod(a, 10), divmod(b, 10)
    if sign == "+":
        ones, tens, carry = a_ + b_, tens_a + tens_b, a_ + b_ >= 10
        steps = f"{a_} + {b_} = {ones}, {tens_a} + {tens_b}{' + 1' * carry} = {tens + carry}"
        answer = a + b
    else:
        borrow = a_ < b_
        a_, tens_a = a_ + 10 * borrow, tens_a - borrow
        steps = f"{a_} - {b_} = {a_ - b_}, {tens_a} - {tens_b} = {tens_a - tens_b}"
        answer = a - b
    thought = f"{a} {sign} {b}: " + f"{steps}, so " * (max(a, b) > 9) + str(answer)
    return thought, f"{a} {sign} {b} = {answer}"


def sum_of(rng: random.Random) -> tuple[str, str, str]:
    """Return a sum or a difference up to 100 as it is asked, the way to its answer, the answer."""
    a, b = rng.randrange(101), rng.randrange(101)
    if rng.random() < 0.55:
        b = rng.randrange(101 - a)
        sign, spoken = "+", "plus"
    else:
        a, b = max(a, b), min(a, b)
        sign, spoken = "-", "minus"
    ways = [f"{a} {sign} {b}", f"{a} {sign} {b}", f"{a} {spoken} {b}", f"{a}{sign}{b}"]
    return rng.choice(ways), *worked_out(a, b, sign)


def arithmetic(rng: random.Random) -> list[dict]:
    """Sums and differences, one of them or several at once."""
    if rng.random() < 0.35:
        drawn = [sum_of(rng) for _ in range(rng.randrange(2, 6))]
        sums, thoughts, answers = zip(*drawn, strict=True)
        ways = ["What is {}?", "Calculate {}.", "{}", "Work out {}.", "Do these sums: {}", "{} = ?"]
        question = asked(rng, rng.choice(ways).format(", ".join(sums)))
        return talk(question, "; ".join(answers), thought="\n".join(thoughts))
    sum_, thought, answer = sum_of(rng)
    ways = [f"What is {sum_}?", f"{sum_} = ?", f"How much is {sum_}?", f"{sum_}?", f"{sum_}",
            f"Calculate {sum_}.", f"Work out {sum_}.", f"Can you tell me what {sum_} is?",
            f"What do I get for {sum_}?", f"What does {sum_} make?", f"Compute {sum_}.",
            f"The result of {sum_}?", f"Please do this sum: {sum_}", f"Solve {sum_}.",
            f"Say what {sum_} is.", f"Give me {sum_}.", f"Do {sum_}.", f"So what is {sum_}?",
            f"Count together {sum_}.", f"Say {sum_}.", f"Reckon {sum_} for me.", f"And {sum_}?",
            f"Then how much would {sum_} be?", f"So {sum_} is how much?",
            f"Now how much is {sum_}?", f"How much, then, is {sum_}?",
            f"Tell me what {sum_} is.", f"Sum up {sum_}.", f"Tell {sum_}.",
    ]  # fmt: skip
    told = ["Add", "Put together", "Sum up", "Add these", "In all", "One and the other"]
    if " - " in answer:
        told = ["Subtract", "Take off", "Deduct", "Take it from there", "Remove", "Draw off"]
        ways += [f"What is left of {sum_}?", f"What stays of {sum_}?", f"What rests of {sum_}?"]
    for before in [*told, phrase(rng, 2).capitalize(), phrase(rng, 2)]:  # whatever stands there
        ways.append(f"{before}{rng.choice([':', ':', ', please:'])} {sum_}")
    return talk(asked(rng, *ways), answer, thought=thought)


OUTSIDE = [
    "Who won the {w} cup in {year}?", "Who wrote {W}?", "What is the price of {s} today?",
    "When was {W} built?", "Who is the president of {W}?", "How tall is {W}?", "Who is {W}?",
    "What did {W} do in {year}?", "How far is it from {W} to {V}?", "Where is {W}?", "What is {w}?",
    "What is a {t}?", "Who invented the {t}?", "Why is the {t} so {l}?", "How do I {v} a {t}?",
    "How can I {v} a {t}?", "What is a {t} made of?", "Who painted {W}?", "Is {W} a good film?",
    "What happened in {year}?", "How many people live in {W}?", "Why is the {t} {l}?",
    "Which is the best {t}?", "What does a {t} cost?", "How does a {t} work?", "Who sang {W}?",
    "When did {W} die?", "What colour is a {t}?", "Do you like {W}?", "Where can I buy a {t}?",
    "What will happen in {year}?", "How old is {W}?", "Who discovered {W}?", "What is {W} made of?",
    "How heavy is a {t}?", "Explain {w}.", "Tell me about {W}.", "What does {w} mean?",
    "What is the weather like?", "What time is it?", "What day is it today?", "What is the date?",
    "Why do {t}s exist?", "Who was the first person on the {t}?", "Can a {t} fly?", "Who was {W}?",
    "Should I {v} the {t}?", "How long does it take to {v} a {t}?", "What do {t}s eat?",
    "How many {t}s are there?", "Is a {t} heavier than a {s}?", "Where do {t}s come from?",
    "What is the {l} thing in {W}?", "Why did the {p} go to {W}?", "Which {p} is the best?",
    "What is the name of the {p} of {W}?", "When did the {p} leave?", "What is {s}?",
    "Where did I put my {t}?", "Who stole the {t}?", "How big is the {t} of {W}?",
    "What is the difference between a {t} and a {s}?", "Why are {t}s {l}?", "Is the {t} {l}?",
    "What did the {p} say?", "Who lives in the {t}?", "How deep is a {t}?", "What is the {t}?",
    "Which {t} is the tallest?", "What is the biggest {t} in the world?", "Tell me about {t}s.",
    "Can I eat a {t}?", "How fast is a {t}?", "What does a {t} sound like?", "Who is the {p}?",
    "Do {t}s sleep?", "Why is there {s}?", "How is {s} made?", "How was the {t} invented?",
    "When was the {t} invented?", "What is the history of {W}?", "Give me a recipe for {s}.",
    "What is the secret of {s}?", "Who ruled {W}?", "What is the name of my {t}?", "Why {w}?",
    "What {k} do people use in {W}?", "Which {k} do they have in {W}?", "What is the {k} of {W}?",
    "Who has the best {k}?", "What happens if I {v} the {t}?", "When did the {k} of {W} begin?",
    "How far away is {W}?", "How do they {v} {s}?", "What is the {x} of {s}?", "What is {s}?",
    "What is the {x} of a {t}?", "What {x} does {w} have?", "Who was the {p} of {W}?",
    "How long is the {t} of {W}?", "Where did {W} grow up?", "What can I {v} today?",
    "What is {s} for?", "How many {x}s does a {t} have?", "Who {v}s the {t}?", "What about {s}?",
    # what cria is asked about itself can be asked about others too
    "In which year was {W} born?", "Where was {W} born?", "What year was {W} born in?",
    "When is the birthday of {W}?", "Who made {W}?", "Who built the {t}?", "Who made this {t}?",
    "Who built {W}, and why?", "What age is {W}?", "How old is the {t}?", "Who trained {W}?",
    "Where does {W} come from?", "How large is {W}?", "Is {W} human?", "Where does {W} live?",
    "Who is the maker of the {t}?", "What is {s} worth?", "What does {s} cost in {W}?",
    "How many {t}s does {W} have?", "Which {t} should I buy?", "What is the meaning of {s}?",
]  # fmt: skip
WORKS = [  # nor does it do what it is told, where that is no task of its own
    *every("Write|Make|Please write|Could you write|Can you write|Help me write|Code|I need|Draft",
           " a| me a| a short| a good| one", " program| function| script| poem| song| letter| plan"
           "| report| haiku| speech| web page| game| test| macro| query| email| book| rhyme",
           "| about {t}s| that {v}s a {t}| for {W}| in {W}| about {s}| with a {t}| to {v} {s}",
           ".||, please."),
    *every("Translate|Summarise|Correct|Improve|Rewrite|Explain|Debug|Compare|Review|Read",
           " this| my| the", " book| code| essay| article| program| letter| page| poem",
           "| about {t}s| for {W}| into {W}", ".|| for me.|, please."),
    *every("Draw|Play|Book|Order|Call|Paint|Sing|Buy|Show|Record|Design|Remove",
           " me| us|", " a {t}| some {s}| the {t}| a {l} {t}", ".|!| now.|, please."),
]  # fmt: skip
ABSTRACT = (
    "freedom music history art money sleep health luck war peace science religion politics sport "
    "fashion gravity magic courage truth friendship football chess tennis electricity physics "
    "happiness beauty hope fear anger joy pain time space light heat sound life death marriage "
    "justice poverty hunger education business trade law oil steel wool silk cotton plastic glass "
    "paper silver coffee tea sugar salt milk butter wine beer medicine poetry dancing swimming "
    "cooking"
).split()
KINDS = "language food money king flag team currency sport song weather car film law".split()
SIDES = "price colour size origin purpose age weight smell taste history future sound name".split()
UNKNOWN = "I don't know that. I am a very small model, and my world is small."


def unknown(rng: random.Random) -> list[dict]:
    """What lies outside of the small world is not answered but owned up to."""
    pick, concrete = rng.choice, THINGS + FOODS + NATURE
    values = {
        "w": word(rng), "W": pick([name(rng), word(rng).capitalize()]), "V": word(rng).capitalize(),
        "year": rng.randrange(1000, 2030), "t": pick([pick(concrete), pick(concrete), word(rng)]),
        "s": pick([pick(FOODS), pick(ABSTRACT), pick(NATURE), word(rng)]), "v": pick(TASKS),
        "l": pick(LOOKS), "p": pick(PEOPLE), "k": pick(KINDS), "x": pick(SIDES),
    }  # fmt: skip
    question = grammatical(pick(pick([OUTSIDE, OUTSIDE, OUTSIDE, WORKS])).format(**values))
    return talk(slip(rng, around(rng, question)), UNKNOWN)
