.DEFAULT_GOAL := help
.PHONY: help demo serve mettre-a-jour revenir test fuzz check bench lock

help: ## affiche cette liste
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: ## installe, charge l’établissement de démonstration et sert le site (PORT=8000)
	@.ci/demo

serve: ## met le site en service sur cette machine (Debian, systemd, en root)
	@.ci/serve

mettre-a-jour: ## sauvegarde, prend la version suivante, redémarre
	@.ci/mettre_a_jour

revenir: ## revient à la version et aux données d’avant la dernière mise à jour
	@.ci/revenir

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
