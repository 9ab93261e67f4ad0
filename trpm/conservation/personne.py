"""Tout ce que l'application garde d'une personne, dans un fichier qu'on lui remet (RGPD, article 15).

Le fichier des règles dit quels modèles la concernent : un modèle ajouté y entre sans rien changer ici. De ce
qu'un adulte a écrit sur des élèves, on dit qu'il l'a écrit, et quand, jamais ce que cela dit d'eux.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.storage import default_storage
from django.db.models import (
    DateField,
    Field,
    FileField,
    ForeignKey,
    Model,
    Q,
    QuerySet,
)
from django.utils import timezone

from livret.models import Eleve, Tuteur, Utilisateur
from trpm.conservation.lignes import (
    ModeleRegle,
    comptes_de,
    de_l_eleve,
    modeles_regles,
    suivies,
)
from trpm.conservation.regles import Duree
from trpm.impression.documents import nom_de_fichier
from trpm.textes import pluriel

MEMOIRE = 8 * 1024 * 1024
FORMAT, VERSION = "trpm-donnees-d-une-personne", 1
# Ce qui ouvrirait un accès, ou qui n'a de sens que pour la machine.
TUS = {"password", "empreinte", "code_empreinte", "jeton", "session_key", "page"}


@dataclass(frozen=True)
class Section:
    """Les lignes d'un modèle qui concernent la personne ; `fichiers` : chemin donné, chemin rangé."""

    modele: str
    titre: str
    duree: Duree
    lignes: tuple[dict[str, Any], ...]
    fichiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DonneesDePersonne:
    qui: str
    qualite: str
    sections: tuple[Section, ...]
    edite_le: str = field(default_factory=lambda: timezone.localtime().isoformat(timespec="seconds"))


def donnees_de_l_eleve(eleve: Eleve) -> DonneesDePersonne:
    """Le sien, et rien d'un autre élève ; de son compte, ce que l'on garde d'un compte."""
    sections = []
    for un in modeles_regles():
        lignes = de_l_eleve(un.modele, [eleve.pk])
        if lignes is not None:
            sections.append(_section(un, lignes, eleve.pk))
    if eleve.utilisateur:
        sections += _du_compte(eleve.utilisateur)
    return DonneesDePersonne(str(eleve), "élève", _remplies(sections))


def donnees_du_compte(compte: Utilisateur) -> DonneesDePersonne:
    sections = [*_du_compte(compte), *_signees(compte)]
    return DonneesDePersonne(compte.nom_complet, "compte", _remplies(sections))


def donnees_du_tuteur(tuteur: Tuteur) -> DonneesDePersonne:
    """Sa fiche en entier ; de ce qu'il a dit d'élèves, les dates seulement."""
    sections = []
    for un in modeles_regles():
        if un.regle.tuteur:
            lignes = suivies(un.modele, "tuteur", [tuteur.pk])
            sien = un.origine is Tuteur
            sections.append(_section(un, lignes) if sien else _section_citee(un, lignes))
    return DonneesDePersonne(str(tuteur), "tuteur en entreprise", _remplies(sections))


def _remplies(sections: Iterable[Section]) -> tuple[Section, ...]:
    return tuple(une for une in sections if une.lignes)


def _du_compte(compte: Utilisateur) -> Iterator[Section]:
    """Le compte et ses attaches, en entier."""
    for un in modeles_regles():
        if un.modele is Utilisateur:
            yield _section(un, Utilisateur.objects.filter(pk=compte.pk))
        elif un.regle.duree.code == "attache":
            yield _section(un, un.modele._base_manager.filter(**{comptes_de(un.modele)[0]: compte.pk}))
        elif "username" in {champ.name for champ in un.modele._meta.concrete_fields}:
            yield _section(un, un.modele._base_manager.filter(username=compte.username))


def _signees(compte: Utilisateur) -> Iterator[Section]:
    """Ce qu'il a écrit, validé, retiré : combien, et quand."""
    for un in modeles_regles():
        if un.modele is Utilisateur or un.regle.duree.code == "attache" or not comptes_de(un.modele):
            continue
        siennes = Q()
        for lien in comptes_de(un.modele):
            siennes |= Q(**{lien: compte.pk})
        yield _section_citee(un, un.modele._base_manager.filter(siennes))


# --- Une ligne, lisible ---------------------------------------------------------------------------


def _section(un: ModeleRegle, lignes: QuerySet, eleve: int | None = None) -> Section:
    champs = [champ for champ in un.modele._meta.concrete_fields if champ.name not in {*TUS, *un.regle.tu}]
    liens = [champ.name for champ in champs if isinstance(champ, ForeignKey)]
    lues = list(lignes.select_related(*liens).order_by("pk") if liens else lignes.order_by("pk"))
    montrees = tuple(_lisible(ligne, champs, un, eleve) for ligne in lues)
    fichiers = () if un.historique else tuple(_fichiers(un.modele, lues))
    return Section(un.modele._meta.label, _titre(un), un.regle.duree, montrees, fichiers)


def _section_citee(un: ModeleRegle, lignes: QuerySet) -> Section:
    """Les dates seules."""
    dates = [champ for champ in un.modele._meta.concrete_fields if isinstance(champ, DateField)]
    montrees = tuple(
        {"numéro": ligne.pk, **{_nom(champ): _valeur(ligne, champ) for champ in dates}}
        for ligne in lignes.order_by("pk")
    )
    return Section(un.modele._meta.label, _titre(un), un.regle.duree, montrees)


def _titre(un: ModeleRegle) -> str:
    return str(un.modele._meta.verbose_name_plural)


def _lisible(ligne: Model, champs: list[Field], un: ModeleRegle, eleve: int | None) -> dict[str, Any]:
    lu = {_nom(champ): _valeur(ligne, champ) for champ in champs}
    if un.regle.rangees:
        champ = next(champ for champ in champs if champ.name == un.regle.rangees)
        table = getattr(ligne, un.regle.rangees)
        lu[_nom(champ)] = {
            "titres": table["titres"],
            "rangée": table["rangees"].get(str(eleve)),
        }
    return lu


def _nom(champ: Field) -> str:
    return str(champ.verbose_name)


def _valeur(ligne: Model, champ: Field) -> Any:
    valeur = champ.value_from_object(ligne)
    if valeur is None or isinstance(valeur, bool | int | dict | list):
        if isinstance(champ, ForeignKey) and valeur is not None:
            return _citee(ligne, champ, valeur)
        return valeur
    if isinstance(valeur, bytes | memoryview):
        return b64encode(valeur).decode()
    if hasattr(valeur, "isoformat"):
        return valeur.isoformat()
    if champ.choices:
        return str(getattr(ligne, f"get_{champ.name}_display")())
    return str(valeur)


def _citee(ligne: Model, champ: ForeignKey, cle: Any) -> Any:
    """Ce à quoi mène un lien, par son nom ; son numéro s'il n'existe plus."""
    lie = champ.name in ligne._state.fields_cache and ligne._state.fields_cache[champ.name]
    return str(lie) if lie else cle


def _fichiers(modele: type[Model], lignes: Iterable[Model]) -> Iterator[tuple[str, str]]:
    for champ in modele._meta.concrete_fields:
        if isinstance(champ, FileField):
            for ligne in lignes:
                if range_ := getattr(ligne, champ.name):
                    dit = nom_de_fichier(str(getattr(ligne, "nom", "") or champ.name))
                    yield f"fichiers/{modele._meta.model_name}-{ligne.pk}-{champ.name}-{dit}", range_.name


# --- Le fichier ------------------------------------------------------------------------------------


def archive_de(donnees: DonneesDePersonne) -> IO[bytes]:
    """Le zip, ouvert au début : le sommaire, les données, les fichiers."""
    sortie: IO[bytes] = SpooledTemporaryFile(max_size=MEMOIRE)  # noqa: SIM115 : la réponse le ferme
    with ZipFile(sortie, "w", ZIP_DEFLATED) as zip_:
        absents = list(_ecrire_les_fichiers(zip_, donnees))
        zip_.writestr("donnees.json", json.dumps(en_json(donnees), ensure_ascii=False, indent=2))
        zip_.writestr("sommaire.txt", sommaire(donnees, absents))
    sortie.seek(0)
    return sortie


def _ecrire_les_fichiers(zip_: ZipFile, donnees: DonneesDePersonne) -> Iterator[str]:
    """Rend ceux que le disque n'a plus."""
    for section in donnees.sections:
        for chemin, range_ in section.fichiers:
            if not default_storage.exists(range_):
                yield chemin
                continue
            with default_storage.open(range_) as fichier:
                zip_.writestr(chemin, fichier.read())


def en_json(donnees: DonneesDePersonne) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "edite_le": donnees.edite_le,
        "personne": donnees.qui,
        "qualite": donnees.qualite,
        "sections": [
            {
                "modele": une.modele,
                "titre": une.titre,
                "pourquoi": une.duree.pourquoi,
                "duree": une.duree.dite,
                "ensuite": une.duree.ensuite,
                "fichiers": [chemin for chemin, _ in une.fichiers],
                "lignes": list(une.lignes),
            }
            for une in donnees.sections
        ],
    }


def sommaire(donnees: DonneesDePersonne, absents: Iterable[str]) -> str:
    """Ce qu'il y a dans le fichier, à lire sans logiciel."""
    lignes = [
        f"Données personnelles de {donnees.qui} ({donnees.qualite})",
        f"Édité le {donnees.edite_le}",
        "",
        "donnees.json réunit tout ce que l’application garde de cette personne, rubrique par rubrique\xa0;",
        "le dossier « fichiers » contient les fichiers eux-mêmes.",
        "",
    ]
    for une in donnees.sections:
        rangs, joints = len(une.lignes), len(une.fichiers)
        lignes += [
            f"{une.titre}\xa0: {rangs} ligne{pluriel(rangs)}, {joints} fichier{pluriel(joints)}",
            f"  Pourquoi\xa0: {une.duree.pourquoi}",
            f"  Gardé\xa0: {une.duree.dite}\xa0; ensuite {une.duree.ensuite}.",
        ]
    lignes += [f"Fichier introuvable sur le serveur\xa0: {chemin}" for chemin in absents]
    return "\n".join(lignes) + "\n"
