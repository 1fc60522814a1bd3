"""Grammars for a model in process, checked before they are used.

llama.cpp reads a grammar in the program that uses it. A wrong one can end that program, or hang it
for ever. So another program reads it first.
"""

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from helpers.errors import WrongGrammar

if TYPE_CHECKING:
    from llama_cpp import Llama, LlamaGrammar

PATIENCE = 10  # seconds that reading a grammar may take

# Makes GBNF of a schema, reads GBNF, and looks for a token that a reply can begin with.
LOOK = """
import sys, llama_cpp as l

@l.llama_log_callback
def tell(level, text, _):
    if level == 4:  # an error
        sys.stderr.write(text.decode(errors="replace"))

l.llama_log_set(tell, None)
text = sys.stdin.buffer.read().decode()
try:
    text = text if sys.argv[2] == "GBNF" else l.LlamaGrammar.from_json_schema(text)._grammar
except Exception as error:
    sys.exit(f"error: {type(error).__name__}: {error}")
params = l.llama_model_default_params()
params.vocab_only = True
vocab = l.llama_model_get_vocab(l.llama_model_load_from_file(sys.argv[1].encode(), params))
grammar = l.llama_sampler_init_grammar(vocab, text.encode(), b"root")
if not grammar:
    sys.exit("error: it cannot be read")
count = l.llama_vocab_n_tokens(vocab)
tokens = (l.llama_token_data * count)(*[(token, 0, 0) for token in range(count)])
l.llama_sampler_apply(grammar, l.llama_token_data_array(tokens, count, -1, False))
if all(token.logit < 0 for token in tokens):
    sys.exit("error: no token fits its beginning")
sys.stdout.buffer.write(text.encode())
"""


def checked(rules: str | dict, llm: "Llama") -> "LlamaGrammar":
    """Return the grammar of these rules in GBNF, or of this JSON schema, for the model `llm`.

    Raises:
        WrongGrammar: llama.cpp cannot use it; the message says why.
    """
    from llama_cpp import LlamaGrammar

    kind, text = ("GBNF", rules) if isinstance(rules, str) else ("schema", json.dumps(rules))
    program = [sys.executable, "-P", "-c", LOOK, llm.model_path, kind]
    try:
        look = subprocess.run(program, input=text.encode(), capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        reason = (
            f"llama.cpp has not read it within {PATIENCE} s. Are bounds the wrong way round, as "
            "in {2,1}? Or is it very large?"
        )
    else:
        if not look.returncode:
            return LlamaGrammar.from_string(look.stdout.decode())
        said = look.stderr.decode(errors="replace")
        signs = r"error.*?: (.*)|(.*recursion.*)|(.*does not contain.*)|what\(\): +(.*)"
        found = re.search(signs, said)
        reason = found[found.lastindex] if found else "llama.cpp crashes when it reads this."
    raise WrongGrammar(f"This {kind} cannot be used: {reason[:300]}")
