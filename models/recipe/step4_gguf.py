"""Step 4 of 4: write the model file that llama.cpp reads.

    python step4_gguf.py                   writes models/cria.gguf and its digest anew
    python step4_gguf.py --model ../mine.gguf writes another file, and leaves cria

The matrices are stored in Q8_0: blocks of 32 numbers of 8 bits each, with one scale a block.
"""

import argparse
import hashlib
import json
from pathlib import Path

import gguf
import torch
from step1_text import HERE
from step2_tokenizer import FILE as TOKENIZER
from step2_tokenizer import MARKERS, SPECIAL
from step3_network import FILE as NETWORK
from step3_network import Shape

MODEL = HERE.parent / "cria.gguf"
PARTS = {
    "attn_norm": "attn_norm", "q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output",
    "ffn_norm": "ffn_norm", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down",
}  # fmt: skip


def write(weights: dict[str, torch.Tensor], shape: Shape, file: Path) -> None:
    """Write network, tokenizer and chat template into one GGUF file."""
    writer = gguf.GGUFWriter(file, "llama")
    add_description(writer, shape)
    add_tokenizer(writer)
    tensors = {"token_embd": "embedding", "output_norm": "norm"}
    for i in range(shape.layers):
        tensors |= {f"blk.{i}.{theirs}": f"layers.{i}.{ours}" for ours, theirs in PARTS.items()}
    for theirs, ours in tensors.items():
        numbers = weights[f"{ours}.weight"].float().cpu().numpy()
        if numbers.ndim == 1:  # the norms are few, and stay as they are
            writer.add_tensor(f"{theirs}.weight", numbers)
            continue
        q8 = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(f"{theirs}.weight", gguf.quants.quantize(numbers, q8), raw_dtype=q8)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_description(writer: gguf.GGUFWriter, shape: Shape) -> None:
    """Say what this is, and the measures that llama.cpp needs."""
    writer.add_name("cria")
    writer.add_description("The tiny chat model of the course Local LLMs from Python")
    writer.add_license("CC-BY-4.0")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)


def add_tokenizer(writer: gguf.GGUFWriter) -> None:
    """Add the tokens, the rule that joins them, and the chat template."""
    bpe = json.loads(TOKENIZER.read_text(encoding="utf-8"))["model"]
    tokens = sorted(bpe["vocab"], key=bpe["vocab"].get)
    kinds = {token: gguf.TokenType.CONTROL for token in SPECIAL}
    kinds |= {token: gguf.TokenType.USER_DEFINED for token in MARKERS}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([kinds.get(token, gguf.TokenType.NORMAL) for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in bpe["merges"]])
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    writer.add_bos_token_id(tokens.index("<|im_start|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template((HERE / "template.jinja").read_text(encoding="utf-8"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=MODEL, help="file to write")
    options = parser.parse_args()
    kept = torch.load(NETWORK, map_location="cpu")
    unfinished = options.model.with_suffix(".new")  # a break leaves the old file as it is
    write(kept["network"], Shape(**kept["shape"]), unfinished)
    digest = hashlib.sha256(unfinished.read_bytes()).hexdigest()
    unfinished.replace(options.model)
    options.model.with_suffix(".gguf.sha256").write_bytes(
        f"{digest}  {options.model.name}\n".encode()
    )
    print(f"{options.model.stat().st_size / 1e6:.2f} MB in {options.model.name}")
