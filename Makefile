.DEFAULT_GOAL := help
.PHONY: help demo test fuzz check bench lock

help: ## affiche cette liste
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: ## installe, charge l’établissement de démonstration et sert le site (PORT=8000)
	@.ci/demo

test: ## installe ce qui manque et joue les tests, sur SQLite puis sur PostgreSQL
	@.ci/test

fuzz: ## envoie partout les valeurs qui fâchent (FUZZ=3 tours), sur les deux bases
	@.ci/fuzz

check: ## style, scripts, types, sens des imports, gabarits, migrations, réglages de production
	@.ci/check

bench: ## mesure les temps de réponse et la production des documents
	@.ci/bench

lock: ## recalcule les versions verrouillées à partir de pyproject.toml
	@.ci/lock
