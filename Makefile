# Callboard. `make help` lists what there is. Nothing is needed but make and Python 3.11.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
DATA = $(or $(CALLBOARD_DATA),.data)
export HOST PORT

.DEFAULT_GOAL := help
.PHONY: help run test races faults receivers stateful lint style types contracts django templates check messages clients bench reset lock env env-dev

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-8s %s\n", $$1, $$2}'

run: env  ## start the demo and print its addresses (PORT=8000, HOST=127.0.0.1, data in .data/)
	@CALLBOARD_DEMO=on exec .venv/bin/python manage.py serve

test: env-dev  ## the whole suite, on SQLite and then on PostgreSQL
	@exec .venv/bin/python -m tests

races: env-dev  ## everybody wants the same seats, on SQLite and on PostgreSQL (ATTEMPTS=200000, CLIENTS=16)
	@exec .venv/bin/python -m tests.races --attempts $(or $(ATTEMPTS),200000) --clients $(or $(CLIENTS),16)

faults: env-dev  ## web and worker are killed in the middle of their work, on SQLite and on PostgreSQL (KILLS=500)
	@exec .venv/bin/python -m tests.faults --kills $(or $(KILLS),500)

receivers: env-dev  ## receivers of webhooks misbehave in every way, on SQLite and on PostgreSQL (FAULTS=2000)
	@exec .venv/bin/python -m tests.faults.receivers --faults $(or $(FAULTS),2000)

stateful: env-dev  ## random days against a model without a database (CALLBOARD_TEST_EXAMPLES=200, CALLBOARD_TEST_STEPS=80)
	@CALLBOARD_TEST_EXAMPLES=$(or $(CALLBOARD_TEST_EXAMPLES),200) CALLBOARD_TEST_STEPS=$(or $(CALLBOARD_TEST_STEPS),80) \
		exec .venv/bin/python -m pytest tests/stateful -q -p no:randomly

lint:  ## everything in `check` but the tests
	@$(MAKE) --no-print-directory --keep-going style types contracts django templates

style: env-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: env-dev
	CALLBOARD_DEMO=on .venv/bin/mypy

contracts: env-dev
	.venv/bin/lint-imports --no-logo

django: env-dev
	CALLBOARD_DEMO=on .venv/bin/python manage.py check --fail-level WARNING
	CALLBOARD_DEMO=on .venv/bin/python manage.py makemigrations --check --dry-run

templates: env-dev
	.venv/bin/djlint --check --lint --quiet pages/templates

check: lint test  ## lint, types, import contracts, migrations, templates, then the tests

messages: env-dev  ## collect the words of the code for translation and compile pages/locale (needs gettext)
	CALLBOARD_DEMO=on .venv/bin/python manage.py makemessages --locale ko --locale en --no-wrap --no-obsolete \
		--add-location file --ignore .venv --ignore tests --ignore bench --ignore fixtures --ignore docs
	msgattrib --clear-fuzzy --empty --no-wrap -o pages/locale/en/LC_MESSAGES/django.po pages/locale/en/LC_MESSAGES/django.po
	msgen --no-wrap --output-file pages/locale/en/LC_MESSAGES/django.po pages/locale/en/LC_MESSAGES/django.po
	CALLBOARD_DEMO=on .venv/bin/python manage.py compilemessages --ignore .venv

clients: env-dev  ## make clients of the API in Python and TypeScript, in build/clients/ (the latter needs node and npm)
	@CALLBOARD_DEMO=on DJANGO_SETTINGS_MODULE=config.settings exec .venv/bin/python -m tests.clients

bench: env-dev  ## every benchmark beside its floor
	@exec .venv/bin/python -m bench

reset:  ## forget the demo's data; the next `make run` starts over
	rm -rf $(DATA)/callboard.sqlite3 $(DATA)/callboard.sqlite3-wal $(DATA)/callboard.sqlite3-shm $(DATA)/mail $(DATA)/webhooks \
		$(DATA)/tasks.sqlite3 $(DATA)/tasks.sqlite3-wal $(DATA)/tasks.sqlite3-shm $(DATA)/secret.key $(DATA)/demo.address $(DATA)/demo.mail

lock: env-dev  ## write the locks again after a change of requirements*.txt
	$(COMPILE) requirements.txt -o requirements.lock
	$(COMPILE) requirements-dev.txt -c requirements.lock -o requirements-dev.lock

COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

env: .venv/bin/python
	$(call install,requirements.lock)

env-dev: .venv/bin/python
	$(call install,requirements-dev.lock)

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Callboard needs Python 3.11 or newer: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv

# Installs a lock unless the environment holds exactly that one. uv is quicker where it is there; pip alone will do.
define install
	@cmp -s $(1) .venv/installed-$(1) || { \
		echo "Installing $(1) ..."; \
		if command -v uv >/dev/null; then uv pip install --quiet --python .venv/bin/python --require-hashes -r $(1); \
		else .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r $(1); fi \
		&& cp $(1) .venv/installed-$(1); }
endef
