"""Chercher une personne, une classe, une situation, une entreprise, une compétence ou un acte.

Chaque recherche part de ce que la personne a le droit d'ouvrir ; la base compare des textes pliés, sans
accents ni casse, et ne rend que ce qui se montre.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Concat
from django.urls import reverse

from livret.eleve.a_faire import fiche_de
from livret.models import Classe, Eleve, Entreprise, Promotion, Scolarite, Situation, Utilisateur
from livret.personnes.alphabet import Plie, alphabetique
from livret.personnes.identifiants import plie
from livret.personnes.regard import regard
from referentiel.models import Competence
from trpm.acces import peut
from trpm.accueil.actes import ActeNomme, actes_de
from trpm.dates import date_dite
from trpm.permissions import Action, Role

SUGGERES, MONTRES = 6, 30
LONGUEUR = 80


@dataclass(frozen=True)
class Trouve:
    titre: str
    adresse: str
    precision: str = ""


@dataclass(frozen=True)
class Trouvailles:
    """Ce qui répond, par genre ; `tous` compte ce qui se montre."""

    texte: str
    genres: tuple[tuple[str, tuple[Trouve, ...]], ...]

    @property
    def tous(self) -> int:
        return sum(len(trouves) for _, trouves in self.genres)


def trouver(user: Utilisateur, texte: str, jour: datetime.date, combien: int = MONTRES) -> Trouvailles:
    """Sans mot, ses actes. Au plus huit requêtes, quels que soient les élèves."""
    mots = plie(texte[:LONGUEUR]).split()
    vue = regard(user, jour)
    eleve = fiche_de(user) if Role.ELEVE in user.roles else None
    actes = _actes(actes_de(vue, eleve), mots, combien)
    if not mots:
        return Trouvailles(texte, (("Actes", actes),) if actes else ())
    genres = (
        ("Élèves", _eleves(user, mots, combien)),
        ("Classes", _classes(user, mots, combien)),
        ("Actes", actes),
        ("Situations", _situations(user, mots, combien)),
        ("Compétences", _competences(user, eleve, mots, combien)),
        ("Entreprises", _entreprises(user, mots, combien)),
    )
    return Trouvailles(texte, tuple((nom, trouves) for nom, trouves in genres if trouves))


def _actes(actes: Iterable[ActeNomme], mots: list[str], combien: int) -> tuple[Trouve, ...]:
    """Ceux dont la phrase porte chaque mot, puis ceux que des mots voisins désignent."""
    exacts, voisins = [], []
    for acte in actes:
        phrase = plie(acte.phrase)
        if all(mot in phrase for mot in mots):
            exacts.append(acte)
        elif all(mot in f"{phrase} {plie(acte.mots)}" for mot in mots):
            voisins.append(acte)
    return tuple(Trouve(acte.phrase, acte.adresse) for acte in [*exacts, *voisins][:combien])


def _parmi(lignes: QuerySet[Any], mots: list[str], *champs: str) -> QuerySet[Any]:
    """Celles dont ces champs réunis contiennent chaque mot."""
    reunis = [morceau for champ in champs for morceau in (F(champ), Value(" "))]
    lignes = lignes.annotate(plies=Plie(Concat(*reunis, output_field=TextField())))
    for mot in mots:
        lignes = lignes.filter(plies__contains=mot)
    return lignes


def _eleves(user: Utilisateur, mots: list[str], combien: int) -> tuple[Trouve, ...]:
    if not user.roles - {Role.ELEVE, Role.INSPECTEUR, Role.RESPONSABLE}:
        return ()
    derniere = Scolarite.objects.filter(eleve=OuterRef("pk")).order_by("-classe__annee__debut", "-pk")
    visibles = Eleve.objects.for_user(user, Action.VOIR_LIVRET)
    lus = (
        _parmi(visibles, mots, "nom", "prenom")
        .annotate(classe=Subquery(derniere.values("classe__nom")[:1]))
        .order_by("-actif", *alphabetique())
        .only("pk", "nom", "prenom", "naissance", "actif")
    )
    return tuple(
        Trouve(
            str(eleve),
            eleve.get_absolute_url(),
            eleve.classe or "" if eleve.actif else "n’est plus dans l’établissement",
        )
        for eleve in lus[:combien]
    )


def _classes(user: Utilisateur, mots: list[str], combien: int) -> tuple[Trouve, ...]:
    if not peut(user, Action.VOIR_CLASSE):
        return ()
    visibles = Classe.objects.for_user(user, Action.VOIR_CLASSE).select_related("annee")
    lues = _parmi(visibles, mots, "nom", "promotion__nom").order_by("-annee__debut", "nom")
    return tuple(Trouve(une.nom, une.get_absolute_url(), str(une.annee)) for une in lues[:combien])


def _situations(user: Utilisateur, mots: list[str], combien: int) -> tuple[Trouve, ...]:
    if not peut(user, Action.VOIR_CLASSE):
        return ()
    visibles = Situation.objects.for_user(user, Action.VOIR_CLASSE)
    lues = _parmi(visibles, mots, "intitule", "classe__nom").order_by("-fin", "-pk")
    return tuple(
        Trouve(intitule, reverse("livret:situation", args=[pk]), f"{classe}, {date_dite(fin)}")
        for pk, intitule, classe, fin in lues.values_list("pk", "intitule", "classe__nom", "fin")[:combien]
    )


def _entreprises(user: Utilisateur, mots: list[str], combien: int) -> tuple[Trouve, ...]:
    if not peut(user, Action.SUIVRE_PFMP):
        return ()
    visibles = Entreprise.objects.for_user(user, Action.SUIVRE_PFMP)
    lues = _parmi(visibles, mots, "nom", "ville").order_by("nom", "pk")
    return tuple(
        Trouve(nom, reverse("livret:entreprise", args=[pk]), ville)
        for pk, nom, ville in lues.values_list("pk", "nom", "ville")[:combien]
    )


def _competences(user: Utilisateur, eleve: Eleve | None, mots: list[str], combien: int) -> tuple[Trouve, ...]:
    """Celles des référentiels de ses établissements ; dans son livret, pour un élève."""
    promotions = Promotion.objects.for_user(user, Action.CONSULTER_REFERENTIEL)
    if eleve:
        promotions = promotions.filter(pk=eleve.promotion_id)
    lues = _parmi(
        Competence.objects.filter(referentiel__in=promotions.values("referentiel")), mots, "code", "intitule"
    ).order_by("referentiel_id", "ordre", "pk")
    return tuple(
        Trouve(
            f"{code} {intitule}",
            f"{reverse('livret:mon-livret')}#{code}"
            if eleve
            else reverse("referentiel:appui", args=[version, code]),
            diplome,
        )
        for version, code, intitule, diplome in lues.values_list(
            "referentiel_id", "code", "intitule", "referentiel__code"
        )[:combien]
    )
