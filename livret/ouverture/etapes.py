"""Où en est l'ouverture d'un établissement : rien n'en est retenu, tout se lit de ce qui existe déjà."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Etablissement
from livret.personnes.models.eleve import Scolarite
from livret.pfmp.models.pfmp import Periode


@dataclass(frozen=True)
class EtapeOuverture:
    nom: str
    titre: str
    pourquoi: str
    faite: bool
    adresse: str
    facultative: bool = False


@dataclass(frozen=True)
class Ouverture:
    etablissement: Etablissement
    etapes: tuple[EtapeOuverture, ...]

    @property
    def finie(self) -> bool:
        return all(une.faite or une.facultative for une in self.etapes)

    @property
    def suivante(self) -> EtapeOuverture | None:
        """La première qui n'est pas faite ; une étape facultative s'offre, sans retenir les autres."""
        restent = [une for une in self.etapes if not une.faite]
        return next(iter(restent), None)

    def apres(self, nom: str) -> EtapeOuverture | None:
        """La première à faire parmi celles qui suivent celle-ci."""
        rang = [une.nom for une in self.etapes].index(nom)
        return next((une for une in self.etapes[rang + 1 :] if not une.faite), None)


TEXTES = (
    (
        "classes",
        "Année et classes",
        "Une classe dit le diplôme, l’option et l’année du cycle\xa0: la session et la promotion s’en "
        "déduisent.",
    ),
    ("eleves", "Élèves", "Le livret est celui d’un élève\xa0: sans élève, il n’y a rien à noter."),
    (
        "pfmp",
        "Première période de PFMP",
        "Les mêmes dates pour une classe\xa0; l’entreprise se dira plus tard.",
    ),
    (
        "equipes",
        "Enseignants et droits",
        "Seules les personnes de l’équipe d’une classe la voient et l’évaluent.",
    ),
)


def ouverture_de(lieu: Etablissement) -> Ouverture:
    """Quatre requêtes."""
    classes = Classe.objects.filter(etablissement=lieu)
    faites = {
        "classes": classes.exists(),
        "eleves": Scolarite.objects.filter(classe__etablissement=lieu).exists(),
        "pfmp": Periode.objects.filter(classe__etablissement=lieu).exists(),
        "equipes": Classe.equipe.through.objects.filter(classe__etablissement=lieu).exists(),
    }
    premiere = EtapeOuverture(
        "etablissement",
        "Établissement et diplômes",
        "L’UAI distingue les établissements d’une même installation\xa0; le diplôme dit ce que l’on évalue.",
        True,
        reverse("livret:etablissement-update", args=[lieu.pk]),
    )
    suite = (
        EtapeOuverture(
            nom,
            titre,
            pourquoi,
            faites[nom],
            reverse(f"livret:ouverture-{nom}", args=[lieu.pk]),
            nom == "pfmp",
        )
        for nom, titre, pourquoi in TEXTES
    )
    return Ouverture(lieu, (premiere, *suite))
