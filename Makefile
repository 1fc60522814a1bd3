# Every command of the course. `make` alone lists them.

PYTHON ?= python3
BIN    := .venv/bin
SETUP  :=
BEHIND :=

# One thing after the other, even under -j; and no other Python's packages beside the course's.
.NOTPARALLEL:
unexport PYTHONPATH PYTHONHOME

# Who has no home that can be written (in a container, under another's id) gets one here.
ifneq ($(shell test -d "$$HOME" && test -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/.home
endif

# JupyterLab refuses to run as root unless told; in a container everybody is root. It listens on
# 127.0.0.1 and asks for its token all the same.
ROOT_FLAG := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help lab test update clean close-calls notebooks bench model model-setup eval lock ready
.DEFAULT_GOAL := help

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Nobody waits for the compile to open the first lesson: it goes on behind.
lab: BEHIND := --behind
lab: ready  ## set up what is missing and open the course in JupyterLab
	$(BIN)/jupyter lab $(ROOT_FLAG) --log-level=WARN --notebook-dir=. \
	    --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

update:  ## bring in the teacher's corrections; your changed notebooks are kept beside the new ones
	@$(PYTHON) setup/update.py

clean:  ## remove the environment (your own files and the compiled llama.cpp stay)
	@$(PYTHON) setup/clean.py

# Where everything is up to date, this takes a moment and says nothing.
ready:  ## set up what is missing, and nothing else
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON): README.md says how" \
	    "to get one, or name another: make lab PYTHON=python3.13"; exit 1; }
	@$(PYTHON) setup/environment.py $(SETUP) $(BEHIND)

# Several servers at once on few cores: with one thread each they do not wait for one another.
test: export LLAMA_ARG_THREADS := 1
test: ready  ## set up what is missing and run every notebook and every test
	$(BIN)/pytest

# Another processor rounds differently. Here the same happens by doing the sums in another order.
close-calls: export LLAMA_ARG_THREADS := 1
close-calls: export LLAMA_ARG_FLASH_ATTN := off
close-calls: export LLAMA_ARG_CACHE_TYPE_K := f32
close-calls: export LLAMA_ARG_CACHE_TYPE_V := f32
close-calls: ready  ## find the outputs that another processor would change
	$(BIN)/pytest notebooks

notebooks: ready  ## for authors: run ONLY=notebooks/… again and replace the stored outputs
	@test -n "$(ONLY)" || { echo "Name what to run again; its outputs are replaced:" \
	    "make notebooks ONLY=notebooks/03_raw_http.ipynb"; exit 1; }
	$(BIN)/jupyter nbconvert --to notebook --inplace --execute --log-level=WARN \
	    --ExecutePreprocessor.record_timing=False --ExecutePreprocessor.timeout=120 $(ONLY)
	$(BIN)/jupyter nbconvert --to notebook --inplace --coalesce-streams --log-level=WARN $(ONLY)

model: model-setup  ## make cria again from nothing: text, tokenizer, network, file (three hours on two cores)
	cd models/recipe && for step in step2_tokenizer step3_network step4_gguf; do \
	    ../../.venv-model/bin/python $$step.py || exit; done

model-setup:  ## install what training needs (PyTorch) into an environment of its own
	$(PYTHON) -m venv .venv-model && touch .venv-model/.ready
	.venv-model/bin/python -m pip install --quiet --upgrade pip
	.venv-model/bin/python -m pip install --quiet --group model

bench: ready  ## compare the helpers with a bare llama-server
	$(BIN)/python tests/bench.py

eval: ready  ## try every skill of cria on questions that it has not seen
	$(BIN)/python models/recipe/evaluate.py

lock: ready  ## find the newest versions that pyproject.toml allows and lock them
	$(BIN)/uv pip compile pyproject.toml --group test --group build --universal --upgrade \
	    --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" --quiet --output-file requirements.lock
