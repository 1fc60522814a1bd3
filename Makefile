# Every command of the course. `make` alone lists them.

PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/.ready

# JupyterLab refuses to run as root unless told; in a container everybody is root. It listens on
# 127.0.0.1 and asks for its token all the same.
ROOT_FLAG := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help lab test close-calls notebooks bench model model-setup eval lock clean
.DEFAULT_GOAL := help

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Nobody waits for the compile to open the first lesson: it goes on behind.
lab: BEHIND := --behind
lab: $(READY)  ## set up what is missing and open the course in JupyterLab
	$(BIN)/jupyter lab $(ROOT_FLAG) --log-level=WARN --notebook-dir=. \
	    --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

# Several servers at once on few cores: with one thread each they do not wait for one another.
test: export LLAMA_ARG_THREADS := 1
test: $(READY)  ## set up what is missing and run every notebook and every test
	$(BIN)/pytest

# Another processor rounds differently. Here the same happens by doing the sums in another order.
close-calls: export LLAMA_ARG_THREADS := 1
close-calls: export LLAMA_ARG_FLASH_ATTN := off
close-calls: export LLAMA_ARG_CACHE_TYPE_K := f32
close-calls: export LLAMA_ARG_CACHE_TYPE_V := f32
close-calls: $(READY)  ## find the outputs that another processor would change
	$(BIN)/pytest notebooks

notebooks: ONLY ?= notebooks/*.ipynb
notebooks: $(READY)  ## run every notebook again and store its outputs
	$(BIN)/jupyter nbconvert --to notebook --inplace --execute --log-level=WARN \
	    --ExecutePreprocessor.record_timing=False --ExecutePreprocessor.timeout=120 $(ONLY)
	$(BIN)/jupyter nbconvert --to notebook --inplace --coalesce-streams --log-level=WARN $(ONLY)

model: model-setup  ## make cria again from nothing: text, tokenizer, network, file (three hours on two cores)
	cd models/recipe && for step in step2_tokenizer step3_network step4_gguf; do \
	    ../../.venv-model/bin/python $$step.py || exit; done

model-setup:  ## install what training needs (PyTorch) into an environment of its own
	$(PYTHON) -m venv .venv-model
	.venv-model/bin/python -m pip install --quiet --upgrade pip
	.venv-model/bin/python -m pip install --quiet --group model

bench: $(READY)  ## compare the helpers with a bare llama-server
	$(BIN)/python tests/bench.py

eval: $(READY)  ## try every skill of cria on questions that it has not seen
	$(BIN)/python models/recipe/evaluate.py

lock: $(READY)  ## find the newest versions that pyproject.toml allows and lock them
	$(BIN)/uv pip compile pyproject.toml --group test --group build --universal --upgrade \
	    --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" --quiet --output-file requirements.lock

clean:  ## remove the environment and every working file (the compiled llama.cpp stays cached)
	rm -rf .venv .venv-model .pytest_cache .ruff_cache models/work
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf

# Everything the environment is made from. When one of these is newer, it is brought up to date.
$(READY): requirements.lock environment.yml pyproject.toml $(wildcard setup/*)
	$(PYTHON) setup/environment.py $(SETUP) $(BEHIND)
