"""Un référentiel de douze compétences, puis un de six cent vingt-cinq : ce que coûte chacune."""

from __future__ import annotations

from json import dumps
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from bench.chronometre import processeur
from bench.lycee import (
    COMPETENCES_PAR_SITUATION,
    ENSEIGNANT,
    analyser,
    compte,
    inscrire,
    niveaux_de,
    remplir,
    situation_vierge,
)
from bench.navigateur import Navigateur, ReponseInattendue, session_ouverte
from bench.tailles import Taille
from livret.models import Classe, Etablissement, Utilisateur
from referentiel.fichier.importation import importer
from referentiel.fichier.lecture import lire_texte
from referentiel.models import Detaillee, Referentiel
from tests import factories
from tests.diplomes import avec_voies, diplome
from trpm.impression import memoire

PETIT = 12
TROP_LONGUE = 422
COMPETENCES_PAR_EPREUVE = 25
PAGES = {
    "page de classe": "livret:classe",
    "page du livret": "livret:eleve",
    "PDF du livret": "livret:eleve-pdf",
}


def mesurer(taille: Taille) -> dict[str, Any]:
    """Base neuve ; chaque page deux fois, la seconde comptée, en secondes de processeur."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        lycee = factories.etablissement("Lycée du banc")
        enseignant = compte(ENSEIGNANT, lycee)
        classes = [_classe(lycee, enseignant, n, taille) for n in (PETIT, taille.competences)]
    analyser()
    navigateur = Navigateur(session_ouverte(enseignant))
    return {
        "lignes": [
            {
                "page": nom,
                "competences": PETIT,
                "petit": _cout(navigateur, adresse, classes[0]),
                "grand": _cout(navigateur, adresse, classes[1]),
            }
            for nom, adresse in PAGES.items()
        ]
    }


def _cout(navigateur: Navigateur, adresse: str, classe: Classe) -> float | None:
    """Secondes de processeur d’une page déjà demandée une fois, sans document gardé ; rien si elle est trop
    longue."""
    cle = classe.pk if adresse == "livret:classe" else classe.scolarites.order_by("pk")[0].eleve_id
    chemin = reverse(adresse, args=[cle])
    debut = 0.0
    for _ in range(2):
        memoire.oublier_tout()
        debut = processeur()
        statut = navigateur.lire(chemin).statut
        if statut == TROP_LONGUE:
            return None
        if statut != 200:
            raise ReponseInattendue(f"{chemin} : {statut}")
    return processeur() - debut


def _classe(lycee: Etablissement, auteur: Utilisateur, nombre: int, taille: Taille) -> Classe:
    """Autant d'évaluations par compétence à l'une et l'autre taille : un tiers en est visé par situation."""
    classe = factories.classe(factories.promotion(lycee, _referentiel(nombre), "SANS"), [auteur])
    eleves = inscrire(classe, taille.eleves)
    details = list(
        Detaillee.objects.filter(competence__referentiel=classe.promotion.referentiel).order_by(
            "competence__ordre"
        )
    )
    large = max(nombre * COMPETENCES_PAR_SITUATION // PETIT, 1)
    for rang in range(taille.situations):
        visees = [details[(large * rang + place) % nombre] for place in range(large)]
        remplir(situation_vierge(classe, auteur, visees, rang), eleves, visees, niveaux_de(classe))
    return classe


def _referentiel(nombre: int) -> Referentiel:
    """Une détaillée par compétence, une épreuve pour vingt-cinq."""
    epreuves: dict[str, dict[str, float | None]] = {}
    for rang in range(nombre):
        epreuves.setdefault(f"EP{rang // COMPETENCES_PAR_EPREUVE + 1}", {})[f"C{rang + 1}"] = 1
    brut = diplome(f"BANC-{nombre}", epreuves, **avec_voies())
    for competence in brut["competences"]:
        competence["detaillees"] = [{"code": f"{competence['code']}.1", "intitule": "Le montrer"}]
    importer(lire_texte(dumps(brut)))
    return Referentiel.objects.get(code=brut["code"])
