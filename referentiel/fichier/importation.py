"""Importer un document valide : dire ce qu'il change, puis l'appliquer d'un bloc ou pas du tout.

Un référentiel qui sert n'est jamais abîmé : ses intitulés se corrigent, un élément utilisé ne
se retire pas, et ce qui fait une note (poids, échelle, arrondi) ne bouge plus ; on ajoute à
côté une nouvelle version de grille, ou une nouvelle version du référentiel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from itertools import groupby
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from referentiel.fichier.changements import ABSENT, ChangementPrevu, Changements
from referentiel.fichier.comparaison import Cle, Differences, Fiche, comparer, emprunts, fiches, nom
from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.fichier.lecture import Document
from referentiel.fichier.usages import Usage, en_clair, usages
from referentiel.imports import Provenance
from referentiel.models import (
    Activite,
    Bloc,
    Coefficient,
    Competence,
    Correspondance,
    Critere,
    Detaillee,
    Echelle,
    Epreuve,
    Grille,
    Indicateur,
    IntituleActivite,
    Modalite,
    Niveau,
    Option,
    Poids,
    Referentiel,
    Repere,
    Savoir,
    Statut,
    Tache,
    Voie,
)
from referentiel.reglement.commission import SESSION

MODELES: dict[str, type[models.Model]] = {
    "option": Option,
    "voie": Voie,
    "statut": Statut,
    "bloc": Bloc,
    "modalite": Modalite,
    "epreuve": Epreuve,
    "modalite_epreuve": Modalite,
    "coefficient": Coefficient,
    "competence": Competence,
    "detaillee": Detaillee,
    "indicateur": Indicateur,
    "activite": Activite,
    "intitule_activite": IntituleActivite,
    "tache": Tache,
    "repere": Repere,
    "savoir": Savoir,
    "echelle": Echelle,
    "niveau": Niveau,
    "grille": Grille,
    "poids": Poids,
    "critere": Critere,
    "correspondance": Correspondance,
}
CHAMPS_DE_CLE: dict[str | None, tuple[str, ...]] = {
    "modalite": ("bloc", "voie"),
    "modalite_epreuve": ("epreuve", "voie"),
    "coefficient": ("epreuve", "option"),
    "detaillee": ("competence", "code", "option"),
    "intitule_activite": ("activite", "option"),
    "tache": ("activite", "code", "option"),
    "niveau": ("echelle", "code"),
    "poids": ("grille", "epreuve", "competence", "option"),
    "critere": ("grille", "competence", "code", "option"),
}
"""Les champs que remplit une clé, dans l'ordre de ses codes ; hormis `code`, chacun désigne une ligne."""
CHAMPS_FIGES = {
    ("referentiel", "annees"),
    ("statut", "voie"),
    ("modalite", "ccf"),
    ("modalite_epreuve", "ccf"),
    ("epreuve", "parent"),
    ("epreuve", "bloc"),
    ("coefficient", "valeur"),
    ("detaillee", "parent"),
    ("indicateur", "poids"),
    ("niveau", "valeur"),
    ("grille", "echelle"),
    ("grille", "positionne"),
    ("grille", "arrondi"),
    ("grille", "bonus_max"),
    ("grille", "ordre"),
    ("poids", "valeur"),
    ("critere", "poids"),
    ("correspondance", "vers"),
}
"""Ce qui déciderait d'une note ou d'un mode d'évaluation : figé dès que l'élément sert."""

AJOUTS_FIGES = {"niveau", "poids", "critere", "correspondance", "modalite", "modalite_epreuve"}
GENRES_DE_GRILLE = {"echelle", "niveau", "grille", "poids", "critere", "correspondance"}


class ImportRefuse(Exception):
    """L'import abîmerait ce qui sert déjà : rien n'a été écrit."""

    def __init__(self, changements: Changements) -> None:
        self.changements = changements
        super().__init__("\n".join(f"{ligne.nom} : {ligne.refus}" for ligne in changements.refus))


class EtatChange(Exception):
    """La base a changé depuis l'aperçu : rien n'a été écrit."""


def previsualiser(document: Document) -> Changements:
    """Ce que l'import changerait ; la base n'est que lue."""
    return _Import(document, _trouver(document)).changements


@transaction.atomic
def importer(
    document: Document, etat_attendu: str | None = None, provenance: Provenance | None = None
) -> Changements:
    """Applique le document en une transaction ; deux imports simultanés passent l'un après l'autre.

    `etat_attendu` est celui d'un aperçu : si la base a changé depuis, l'import est refusé. Un import qui
    change quelque chose est noté au journal, avec sa provenance.
    """
    referentiel, cree = Referentiel.objects.select_for_update().get_or_create(
        code=document.code, version=document.version, defaults={"intitule": document.intitule}
    )
    if not cree:
        _verrouiller(referentiel)
    travail = _Import(document, referentiel, neuf=cree)
    if etat_attendu is not None and travail.changements.etat != etat_attendu:
        raise EtatChange
    if travail.changements.refus:
        raise ImportRefuse(travail.changements)
    try:
        travail.appliquer()
    except (ProtectedError, IntegrityError) as erreur:
        raise EtatChange from erreur
    if provenance and travail.changements:
        lignes = (ligne.resume() for ligne in travail.changements.lignes)
        provenance.noter(referentiel, travail.texte_avant, lignes)
    return travail.changements


@transaction.atomic
def retirer(referentiel: Referentiel) -> Usage:
    """Retire un référentiel dont rien ne se sert ; sinon, ce qui s'en sert, et rien n'est écrit."""
    Referentiel.objects.select_for_update().get(pk=referentiel.pk)
    _verrouiller(referentiel)
    total: Usage = Counter()
    for usage in usages(ContenuReferentiel(referentiel).lignes()).values():
        total |= usage
    if total:
        return total
    try:
        with transaction.atomic():
            for grille in referentiel.grilles.all():
                grille.delete()
            referentiel.statuts.all().delete()
            referentiel.activites.all().delete()
            referentiel.epreuves.all().delete()
            referentiel.delete()
    except (ProtectedError, IntegrityError) as erreur:
        raise EtatChange from erreur
    return total


def _trouver(document: Document) -> Referentiel | None:
    return Referentiel.objects.filter(code=document.code, version=document.version).first()


def _refus_d_emprunt(ligne: ChangementPrevu, voisin: Cle, usage: Usage) -> str:
    a_cote = "nouvelle échelle" if ligne.genre == "niveau" else "nouvelle version du référentiel"
    return (
        f"prendrait le texte de « {nom(voisin)} » alors qu’il sert ({en_clair(usage)}) : ce qui est déjà "
        f"attribué changerait de sens. Créez une {a_cote} à côté."
    )


def _retenues(commission: Any) -> str:
    """Les situations qui comptent d'office : seule des règles de commission, elle décide d'une note."""
    return str(((commission or {}).get("situations") or {}).get("retenues", SESSION))


def _verrouiller(referentiel: Referentiel) -> None:
    """Empêche qu'une commission ou une évaluation adopte une grille pendant qu'on la change."""
    list(referentiel.grilles.select_for_update().order_by("pk").values_list("pk"))
    list(
        Niveau.objects.filter(echelle__referentiel=referentiel)
        .select_for_update()
        .order_by("pk")
        .values_list("pk")
    )


class _Import:
    """Un document face à la base : les différences, ce qu'elles touchent, leur application."""

    def __init__(self, document: Document, referentiel: Referentiel | None, neuf: bool = False) -> None:
        contenu = None if referentiel is None or neuf else ContenuReferentiel(referentiel)
        self.referentiel = referentiel
        self.lignes: dict[Cle, models.Model] = contenu.lignes() if contenu else {}
        if neuf and referentiel is not None:
            self.lignes = {("referentiel",): referentiel}
        self.avant = fiches(contenu.document()) if contenu else {}
        self.apres = fiches(document.brut)
        self.usages = usages(self.lignes)
        self.differences: Differences = comparer(self.avant, self.apres)
        self.emprunts = emprunts(self.differences, self.avant)
        self.texte_avant = contenu.texte() if contenu else ""
        self.changements = Changements(
            document.code,
            document.version,
            sha256(self.texte_avant.encode()).hexdigest() if contenu else ABSENT,
            tuple(self._changements()),
        )

    # -- dire -----------------------------------------------------------------

    def _changements(self) -> list[ChangementPrevu]:
        differences = self.differences
        lignes = [
            *(
                ChangementPrevu("ajout", cle, apres=fiche.get("intitule"))
                for cle, fiche in differences.ajouts.items()
            ),
            *(
                ChangementPrevu("modification", autre.cle, autre.champ, autre.avant, autre.apres)
                for autre in differences.modifications
            ),
            *(
                ChangementPrevu("retrait", cle, avant=fiche.get("intitule"))
                for cle, fiche in differences.retraits.items()
            ),
        ]
        return [self._juger(ligne) for ligne in lignes]

    def _juger(self, ligne: ChangementPrevu) -> ChangementPrevu:
        usage = self._usage(ligne.cle)
        if not usage:
            return ligne
        if voisin := self.emprunts.get((ligne.cle, ligne.champ)):
            return replace(ligne, usage=usage, refus=_refus_d_emprunt(ligne, voisin, usage))
        fige = (
            ligne.sorte == "retrait"
            or (ligne.sorte == "ajout" and ligne.genre in AJOUTS_FIGES)
            or (ligne.genre, ligne.champ) in CHAMPS_FIGES
            or (ligne.champ == "commission" and _retenues(ligne.avant) != _retenues(ligne.apres))
        )
        return replace(ligne, usage=usage, refus=self._refus(ligne, usage) if fige else "")

    def _refus(self, ligne: ChangementPrevu, usage: Usage) -> str:
        if ligne.genre in GENRES_DE_GRILLE:
            return f"déjà en service ({en_clair(usage)}). Créez une nouvelle version de grille à côté."
        if ligne.sorte == "retrait":
            return f"utilisé ({en_clair(usage)}). Laissez-le, ou créez une nouvelle version du référentiel."
        return f"utilisé ({en_clair(usage)}). Créez une nouvelle version du référentiel à côté."

    def _usage(self, cle: Cle) -> Usage:
        """Ce qui se sert de l'élément, ou de celui dont il décide."""
        total: Usage = Counter()
        for porteur in self._porteurs(cle):
            total += self.usages.get(porteur, Counter())
        return total

    def _porteurs(self, cle: Cle) -> list[Cle]:
        genre, code, *_ = (*cle, None)
        if genre == "coefficient":
            return [("epreuve", code)]
        if genre == "modalite":
            return [*self._epreuves_du(code), *self._statuts_de(cle[2])]
        if genre == "modalite_epreuve":
            return [("epreuve", code), *self._statuts_de(cle[2])]
        if genre in ("grille", "poids", "critere", "correspondance"):
            grille = ("grille", code)
            return [grille, *self._niveaux(self.avant[grille]["echelle"])] if grille in self.avant else []
        if genre in ("echelle", "niveau"):
            return [("echelle", code), *self._niveaux(code), *self._grilles(code)]
        return [cle]

    def _epreuves_du(self, bloc: str | None) -> list[Cle]:
        return [cle for cle, fiche in self.avant.items() if cle[0] == "epreuve" and fiche["bloc"] == bloc]

    def _statuts_de(self, voie: str | None) -> list[Cle]:
        return [cle for cle, fiche in self.avant.items() if cle[0] == "statut" and fiche["voie"] == voie]

    def _niveaux(self, echelle: str | None) -> list[Cle]:
        return [cle for cle in self.avant if cle[:2] == ("niveau", echelle)]

    def _grilles(self, echelle: str | None) -> list[Cle]:
        return [
            cle for cle, fiche in self.avant.items() if cle[0] == "grille" and fiche["echelle"] == echelle
        ]

    # -- faire ----------------------------------------------------------------

    def appliquer(self) -> None:
        if not self.differences or self.referentiel is None:
            return
        revalues = {autre.cle for autre in self.differences.modifications if autre.champ == "valeur"}
        niveaux = [cle for cle in (*self.differences.retraits, *revalues) if cle[0] == "niveau"]
        self._retirer(niveaux)
        for cle, fiche in self.apres.items():
            if cle not in self.lignes:
                self._creer(cle, fiche)
        for cle in dict.fromkeys(autre.cle for autre in self.differences.modifications):
            if cle not in niveaux:
                self._ecrire(self.lignes[cle], self.apres[cle])
        self._retirer([cle for cle in reversed(list(self.differences.retraits)) if cle not in niveaux])
        self.referentiel.options.update(seule=self.referentiel.options.count() == 1)
        self.referentiel.empreinte = ContenuReferentiel(self.referentiel).empreinte()
        self._ecrire(self.referentiel, self.apres["referentiel",])

    def _retirer(self, cles: list[Cle]) -> None:
        for genre, groupe in groupby(cles, key=lambda cle: str(cle[0])):
            MODELES[genre]._default_manager.filter(
                pk__in=[self.lignes.pop(cle).pk for cle in groupe]
            ).delete()

    def _creer(self, cle: Cle, fiche: Fiche) -> None:
        ligne = MODELES[str(cle[0])](**self._identite(cle))
        self._ecrire(ligne, fiche)
        self.lignes[cle] = ligne

    def _ecrire(self, ligne: models.Model, fiche: Fiche) -> None:
        liens: Mapping[str, Any] = {}
        for champ, valeur in fiche.items():
            if champ == "competences":
                liens = {champ: [self.lignes["competence", code].pk for code in valeur]}
            else:
                setattr(ligne, champ, self._valeur(champ, valeur))
        ligne.save()
        for champ, pks in liens.items():
            getattr(ligne, champ).set(pks)

    def _valeur(self, champ: str, valeur: Any) -> Any:
        """Un code devient la ligne qu'il désigne."""
        if valeur is None:
            return None
        if isinstance(valeur, tuple):
            return self.lignes[valeur]
        if champ == "parent":
            return self.lignes["epreuve", valeur]
        return self.lignes[champ, valeur] if champ in ("voie", "bloc", "echelle") else valeur

    def _identite(self, cle: Cle) -> dict[str, Any]:
        """Les champs qui situent une ligne nouvelle, d'après sa clé."""
        genre, *codes = cle
        if genre in CHAMPS_DE_CLE:
            return {
                champ: code if champ == "code" else self.lignes.get((champ, code))
                for champ, code in zip(CHAMPS_DE_CLE[genre], codes, strict=True)
            }
        match genre:
            case "indicateur":
                return self._identite_d_indicateur(codes)
            case "correspondance":
                version, echelle, code = codes
                return {
                    "grille": self.lignes.get(("grille", version)),
                    "niveau": self.lignes.get(("niveau", echelle, code)),
                }
            case "repere":
                return {"referentiel": self.referentiel, "genre": codes[0], "valeur": int(str(codes[1]))}
            case "grille":
                return {"referentiel": self.referentiel, "version": codes[0]}
            case _:
                return {"referentiel": self.referentiel, "code": codes[0]}

    def _identite_d_indicateur(self, codes: list[str | None]) -> dict[str, Any]:
        competence, detaillee, limite, _, option = codes
        if detaillee is None:
            parent = {"competence": self.lignes.get(("competence", competence))}
        else:
            parent = {"detaillee": self.lignes.get(("detaillee", competence, detaillee, limite))}
        return parent | {"option": self.lignes.get(("option", option))}
