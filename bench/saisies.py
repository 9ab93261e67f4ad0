"""Ce que coûte la saisie d’une classe entière : ouvrir la grille, noter une case, noter 30 × 4 cases."""

import datetime
from collections.abc import Iterable, Sequence
from itertools import cycle
from statistics import median
from typing import Any

from django.urls import reverse

from bench import lycee
from bench.chronometre import Geste, durees, rapport
from bench.navigateur import Navigateur, ReponseInattendue, session_ouverte
from bench.pages import (
    SIMPLE,
    lecture,
    nombre_de_requetes,
    saisie,
    suite,
    vue_simple,
)
from bench.tailles import Taille
from livret.models import (
    Classe,
    Eleve,
    Evaluation,
    Fiche,
    Observation,
    Situation,
    Utilisateur,
)
from livret.saisie.rangees import RANGEES
from referentiel.models import Detaillee

SUITE = {"": "1", "1": "2", "2": "1"}
NOTEES = 4
LOT_DU_NAVIGATEUR = 100


def mesurer(taille: Taille) -> dict[str, Any]:
    auteur = Utilisateur.objects.get(username=lycee.ENSEIGNANT)
    navigateur = Navigateur(session_ouverte(auteur))
    classe = lycee.classe_du_banc()
    grande = _grande_classe(classe, taille)
    detaillees = lycee.detaillees_de(classe)
    scenes = {
        f"grille ({taille.eleves} × 69)": _pleine(classe, auteur, detaillees),
        f"grille ({taille.eleves_nombreux} × 57)": _pleine(grande, auteur, detaillees),
    }
    adresses = {nom: reverse("livret:grille", args=[scene.pk]) for nom, scene in scenes.items()}
    gestes = {SIMPLE: vue_simple(navigateur)}
    gestes |= {nom: lecture(navigateur, adresse, "CANDIDAT") for nom, adresse in adresses.items()}
    pleine = f"grille ({taille.eleves} × 69)"
    gestes |= {
        f"première {pleine}": _de_rien(gestes[pleine]),
        f"une case, puis la {pleine}": suite(saisie(navigateur, scenes[pleine]), gestes[pleine]),
    }
    gestes |= _saisies(navigateur, classe, auteur, detaillees)
    requetes = {nom: nombre_de_requetes(geste) for nom, geste in gestes.items()}
    lycee.analyser()
    releves = durees(gestes, taille)
    return {
        "lignes": [
            {
                "quoi": nom,
                "secondes": median(releves[nom]),
                "rapport": rapport(releves, nom, SIMPLE),
                "requetes": requetes[nom],
                "poids": _poids(navigateur, adresses[nom]) if nom in adresses else None,
            }
            for nom in gestes
        ]
    }


def _de_rien(grille: Geste) -> Geste:
    """La même, aucune rangée n'étant gardée : la première que ce processus montre."""

    def montrer() -> None:
        RANGEES.vider()
        grille()

    return montrer


def _grande_classe(classe: Classe, taille: Taille) -> Classe:
    grande = Classe.objects.create(
        etablissement=classe.etablissement,
        annee=classe.annee,
        nom="Tle nombreuse du banc",
        niveau=classe.niveau,
        promotion=classe.promotion,
    )
    grande.equipe.set(classe.equipe.all())
    lycee.inscrire(grande, taille.eleves_nombreux)
    return grande


def _pleine(classe: Classe, auteur: Utilisateur, detaillees: list[Detaillee]) -> Situation:
    """Un niveau dans chaque case, par trois enseignants, de minute en minute comme dans une vraie classe."""
    scene = lycee.situation_vierge(classe, auteur, detaillees)
    lycee.remplir(scene, list(scene.eleves()), detaillees, lycee.niveaux_de(classe))
    collegues = [
        Utilisateur.objects.get_or_create(username=f"collegue-{rang}", first_name=prenom, last_name="BANC")[0]
        for rang, prenom in enumerate(("Dominique", "Sacha"))
    ]
    auteurs = cycle([auteur, *collegues])
    for modele in (Observation, Evaluation, Fiche):
        saisies = list(modele.objects.filter(situation=scene).order_by("pk"))
        for rang, une in enumerate(saisies):
            une.auteur = next(auteurs)
            une.modifie_le += datetime.timedelta(seconds=20 * rang)
        modele.objects.bulk_update(saisies, ["auteur", "modifie_le"], batch_size=200)
    return scene


def _saisies(
    navigateur: Navigateur, classe: Classe, auteur: Utilisateur, detaillees: list[Detaillee]
) -> dict[str, Geste]:
    vierge = lycee.situation_vierge(classe, auteur, detaillees)
    eleves = list(vierge.eleves())
    cahier = Cahier(navigateur, auteur, lycee.situation_vierge(classe, auteur, detaillees[:NOTEES]))
    toutes = cases(detaillees[:NOTEES], eleves)
    vides = iter(cases(detaillees, eleves))
    autre = Cahier(navigateur, auteur, vierge)
    seule = toutes[0]
    return {
        "une case vide remplie": lambda: autre.noter([next(vides, seule)]),
        "une case changée": lambda: cahier.noter([seule]),
        f"{len(eleves)} × {NOTEES}, en lots du navigateur": lambda: cahier.noter_par(
            LOT_DU_NAVIGATEUR, toutes
        ),
        f"{len(eleves)} × {NOTEES}, un envoi par colonne": lambda: cahier.noter_par(len(eleves), toutes),
        f"{len(eleves)} × {NOTEES}, un envoi par case": lambda: cahier.noter_par(1, toutes),
    }


def cases(detaillees: Iterable[Detaillee], eleves: Iterable[Eleve]) -> list[str]:
    """Colonne après colonne, comme on les note au clavier."""
    eleves = list(eleves)
    return [f"d{detaillee.pk}-{eleve.pk}" for detaillee in detaillees for eleve in eleves]


class Cahier:
    """Ce qu’un enseignant a sous les yeux : chaque envoi change chaque case, historique compris."""

    def __init__(self, navigateur: Navigateur, auteur: Utilisateur, situation: Situation) -> None:
        self.navigateur, self.auteur = navigateur, auteur.pk
        self.adresse = reverse("livret:operations", args=[situation.pk])
        self.montre: dict[str, str] = {}

    def noter(self, lot: Sequence[str]) -> None:
        vus = {case: self.montre.get(case, "") for case in lot}
        operations = [{"case": case, "texte": SUITE[vu], "vu": vu} for case, vu in vus.items()]
        reponse = self.navigateur.envoyer(self.adresse, self.auteur, *operations)
        if reponse.statut != 200 or reponse.corps.count('"resultat": "enregistre"') != len(lot):
            raise ReponseInattendue(f"{self.adresse} : {reponse.statut}")
        self.montre |= {case: SUITE[vu] for case, vu in vus.items()}

    def noter_par(self, nombre: int, toutes: Sequence[str]) -> None:
        for debut in range(0, len(toutes), nombre):
            self.noter(toutes[debut : debut + nombre])


def _poids(navigateur: Navigateur, adresse: str) -> tuple[int, int]:
    """Octets de la page, et octets envoyés."""
    reponse = navigateur.lire(adresse)
    return len(reponse.corps.encode()), len(reponse.contenu)
