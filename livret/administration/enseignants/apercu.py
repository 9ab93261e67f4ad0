"""Ce que ferait l'import d'un fichier d'enseignants, personne par personne, et son application.

Rien ne s'écrit avant la confirmation. Un compte connu peut gagner un rôle ou une classe ; il n'en perd pas,
et un compte que le fichier ne cite pas reste comme il est.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db import transaction
from django.db.models import Max

from livret.administration.comptes import AccesCompte, changer_roles, ouvrir_comptes_adultes
from livret.administration.enseignants.lecture import DITS, LectureEnseignants, LigneEnseignant
from livret.administration.lecture.divisions import designe
from livret.administration.lecture.resultat import RemarqueImport
from livret.personnes.identifiants import a_un_signe, lettres, plie, prenoms_compatibles
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Appartenance, Etablissement, Utilisateur
from trpm.base.modification import exiger_l_apercu
from trpm.permissions import Role

NOUVEAU = "nouveau"
AUTRE_NOM = "ce courriel est celui d’un compte d’un autre nom"
AUTRE_COURRIEL = "même nom et même prénom, mais un autre courriel"
PLUSIEURS = "plusieurs comptes portent ce nom et ce prénom"
PRESQUE = "presque le même nom"


@dataclass(frozen=True)
class Adulte:
    """Un compte de l'établissement, ses rôles ici et ses classes de l'année."""

    compte: Utilisateur
    roles: frozenset[str]
    classes: frozenset[int]

    @cached_property
    def identite(self) -> tuple[str, str]:
        return plie(self.compte.last_name), plie(self.compte.first_name)

    @cached_property
    def lettres(self) -> frozenset[str]:
        return lettres(self.compte.last_name, self.compte.first_name)

    def __str__(self) -> str:
        courriel = f", {self.compte.email}" if self.compte.email else ""
        return f"{self.compte.nom_complet} ({self.compte.username}{courriel})"


@dataclass(frozen=True)
class EntreeEnseignant:
    """Une ligne, les classes d'ici qu'elle cite, et le compte qui est le sien s'il est connu."""

    ligne: LigneEnseignant
    classes: tuple[Classe, ...]
    propose: bool
    adulte: Adulte | None = None
    motif: str = ""
    candidats: tuple[Adulte, ...] = ()

    @property
    def roles(self) -> list[str]:
        """Ceux que la ligne donne ; qui a une classe l'évalue, donc enseigne."""
        voulus = {*self.ligne.roles, *([Role.ENSEIGNANT.value] if self.classes else [])}
        return sorted(voulus - (self.adulte.roles if self.adulte else frozenset()))

    @property
    def roles_dits(self) -> list[str]:
        return [dit for role, dit in Appartenance.ROLES if role in self.roles]

    @property
    def gagnees(self) -> list[Classe]:
        tenues = self.adulte.classes if self.adulte else frozenset()
        return [classe for classe in self.classes if classe.pk not in tenues]

    @property
    def change(self) -> bool:
        return bool(self.roles or self.gagnees)


@dataclass
class ApercuEnseignants:
    lieu: Etablissement
    lecture: LectureEnseignants
    nouveaux: list[EntreeEnseignant] = field(default_factory=list)
    modifies: list[EntreeEnseignant] = field(default_factory=list)
    connus: list[EntreeEnseignant] = field(default_factory=list)
    ressemblants: list[EntreeEnseignant] = field(default_factory=list)
    fautes: list[RemarqueImport] = field(default_factory=list)
    avertissements: list[RemarqueImport] = field(default_factory=list)
    classes_laissees: list[str] = field(default_factory=list)

    @property
    def a_ecrire(self) -> bool:
        return bool(self.nouveaux or self.modifies or self.ressemblants)

    @property
    def colonnes(self) -> list[tuple[str, str]]:
        return [
            (dit, self.lecture.colonnes[champ])
            for champ, dit in DITS.items()
            if champ in self.lecture.colonnes
        ]

    @property
    def proposes(self) -> set[str]:
        return {un.ligne.cle for un in [*self.nouveaux, *self.modifies] if un.propose}

    @cached_property
    def empreinte(self) -> str:
        """Change dès que l'import n'aurait plus exactement l'effet annoncé."""
        effets = [
            [un.ligne.cle, un.motif, un.adulte and un.adulte.compte.pk, un.roles, [c.pk for c in un.gagnees],
             [candidat.compte.pk for candidat in un.candidats]]
            for un in [*self.nouveaux, *self.modifies, *self.connus, *self.ressemblants]
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(effets).encode()).hexdigest()

    def choisis(self, retenus: Collection[str], choix: Mapping[str, str]) -> list[EntreeEnseignant]:
        """Ce qui serait écrit : les lignes cochées, et celles dont on a dit qui elles sont."""
        cochees = [un for un in [*self.nouveaux, *self.modifies] if un.ligne.cle in retenus]
        for un in self.ressemblants:
            reponse = choix.get(un.ligne.cle, "")
            if reponse == NOUVEAU:
                cochees.append(un)
            cochees += [replace(un, adulte=qui) for qui in un.candidats if str(qui.compte.pk) == reponse]
        return cochees


def apercu_enseignants(lieu: Etablissement, lecture: LectureEnseignants) -> ApercuEnseignants:
    return _Rapprocheur(lieu, lecture).apercu()


def importer_enseignants(
    lieu: Etablissement,
    lecture: LectureEnseignants,
    empreinte: str,
    retenus: Collection[str],
    choix: Mapping[str, str],
    auteur: Utilisateur,
) -> tuple[list[AccesCompte], int]:
    """Les accès ouverts et le nombre de comptes complétés ; ou `ApercuPerime`, sans rien écrire."""
    with transaction.atomic():
        Etablissement.objects.select_for_update().get(pk=lieu.pk)
        resultat = apercu_enseignants(lieu, lecture)
        exiger_l_apercu(empreinte, resultat.empreinte)
        choisis = resultat.choisis(retenus, choix)
        neufs = [
            (un, Utilisateur(last_name=un.ligne.nom, first_name=un.ligne.prenom, email=un.ligne.courriel))
            for un in choisis
            if un.adulte is None
        ]
        acces = ouvrir_comptes_adultes([(compte, un.roles) for un, compte in neufs], lieu, auteur)
        completes = [(un, un.adulte) for un in choisis if un.adulte and un.change]
        for un, adulte in completes:
            changer_roles(adulte.compte, lieu, {*adulte.roles, *un.roles})
        _joindre([*neufs, *((un, adulte.compte) for un, adulte in completes)])
    return acces, len(completes)


def _joindre(lignes: Iterable[tuple[EntreeEnseignant, Utilisateur]]) -> None:
    liens = Classe.equipe.through
    liens.objects.bulk_create(
        [liens(classe_id=c.pk, utilisateur_id=compte.pk) for un, compte in lignes for c in un.gagnees],
        ignore_conflicts=True,
    )


class _Rapprocheur:
    """Le calcul de l'aperçu : les adultes de l'établissement et ses classes sont lus une fois."""

    def __init__(self, lieu: Etablissement, lecture: LectureEnseignants) -> None:
        self.lieu, self.lecture = lieu, lecture
        derniere = lieu.classes.aggregate(derniere=Max("annee__debut"))["derniere"]
        self.classes = list(lieu.classes.filter(annee__debut=derniere).order_by("nom"))
        self.adultes = self._adultes()
        self.resultat = ApercuEnseignants(
            lieu, lecture, fautes=list(lecture.fautes), avertissements=list(lecture.avertissements)
        )
        self.pris: dict[int, int] = {}

    def _adultes(self) -> list[Adulte]:
        roles: dict[int, set[str]] = {}
        for personne, role in self.lieu.appartenances.values_list("utilisateur", "role"):
            roles.setdefault(personne, set()).add(role)
        tenues: dict[int, set[int]] = {}
        liens = Classe.equipe.through.objects.filter(classe__in=self.classes)
        for personne, classe in liens.values_list("utilisateur", "classe"):
            tenues.setdefault(personne, set()).add(classe)
        comptes = Utilisateur.objects.filter(pk__in=roles).order_by("last_name", "first_name", "pk")
        return [Adulte(un, frozenset(roles[un.pk]), frozenset(tenues.get(un.pk, ()))) for un in comptes]

    def apercu(self) -> ApercuEnseignants:
        for ligne in self._sans_doublons():
            self._ranger(ligne)
        for remarques in (self.resultat.fautes, self.resultat.avertissements):
            remarques.sort(key=lambda un: (un.feuille, un.numero))
        if not self.lecture.sts:
            self.resultat.classes_laissees = self._classes_laissees()
        return self.resultat

    def _sans_doublons(self) -> list[LigneEnseignant]:
        """Une personne citée à plusieurs lignes, une par classe, n'en fait qu'une, qui les réunit."""
        gardees: dict[tuple[str, str], list[LigneEnseignant]] = {}
        for ligne in self.lecture.lignes:
            memes = gardees.setdefault(ligne.identite, [])
            rang = next(
                (rang for rang, une in enumerate(memes) if _meme_courriel(une.courriel, ligne.courriel)), None
            )
            if rang is None:
                memes.append(ligne)
                continue
            une = memes[rang]
            memes[rang] = replace(
                une,
                courriel=une.courriel or ligne.courriel,
                roles=tuple(sorted({*une.roles, *ligne.roles})),
                classes=", ".join(filter(None, (une.classes, ligne.classes))),
            )
            message = f"{ligne.nom_complet} est déjà à la ligne {une.numero}\xa0: les deux n’en font qu’une."
            self.resultat.avertissements.append(RemarqueImport(ligne.numero, message, ligne.feuille))
        return sorted(
            (un for memes in gardees.values() for un in memes), key=lambda un: (un.feuille, un.numero)
        )

    def _ranger(self, ligne: LigneEnseignant) -> None:
        classes = tuple(un for un in self.classes if designe(ligne.classes, un.nom))
        propose = bool(classes) or not self.lecture.sts
        connu, motif, candidats = self._rapprocher(ligne)
        entree = EntreeEnseignant(ligne, classes, propose, connu, motif, tuple(candidats))
        if connu is not None:
            self._ranger_connu(entree, connu)
        elif candidats:
            self.resultat.ressemblants.append(entree)
        else:
            self.resultat.nouveaux.append(entree)

    def _ranger_connu(self, entree: EntreeEnseignant, connu: Adulte) -> None:
        ligne, pk = entree.ligne, connu.compte.pk
        if pk in self.pris:
            message = f"{ligne.nom_complet} désigne le même compte que la ligne {self.pris[pk]}."
            self.resultat.fautes.append(RemarqueImport(ligne.numero, message, ligne.feuille))
            return
        self.pris[pk] = ligne.numero
        if not connu.compte.is_active:
            message = f"le compte de {ligne.nom_complet} est désactivé\xa0: réactivez-le depuis sa page."
            self.resultat.avertissements.append(RemarqueImport(ligne.numero, message, ligne.feuille))
        (self.resultat.modifies if entree.change else self.resultat.connus).append(entree)

    def _rapprocher(self, ligne: LigneEnseignant) -> tuple[Adulte | None, str, list[Adulte]]:
        """Le compte sûr, ou le motif du doute et les comptes possibles."""
        par_courriel = [
            un for un in self.adultes if ligne.courriel and _plat(un) == ligne.courriel.casefold()
        ]
        memes = [un for un in self.adultes if un.identite == ligne.identite]
        surs = [un for un in par_courriel if un in memes or _presque(ligne, un)]
        if len(surs) == 1:
            return surs[0], "", []
        if par_courriel and not surs:
            return None, AUTRE_NOM, [*par_courriel, *(un for un in memes if un not in par_courriel)]
        if len(memes) == 1 and _meme_courriel(memes[0].compte.email, ligne.courriel):
            return memes[0], "", []
        if memes:
            return None, AUTRE_COURRIEL if len(memes) == 1 else PLUSIEURS, memes
        return None, PRESQUE, [un for un in self.adultes if _presque(ligne, un)]

    def _classes_laissees(self) -> list[str]:
        """Les classes que le fichier cite et que l'établissement n'a pas cette année."""
        citees = {mot.strip() for ligne in self.lecture.lignes for mot in ligne.classes.split(",")}
        return sorted(
            un for un in citees if un and not any(designe(un, classe.nom) for classe in self.classes)
        )


def _plat(adulte: Adulte) -> str:
    return adulte.compte.email.casefold()


def _meme_courriel(un: str, autre: str) -> bool:
    """Le même, ou l'un des deux n'est pas connu."""
    return not un or not autre or un.casefold() == autre.casefold()


def _presque(ligne: LigneEnseignant, adulte: Adulte) -> bool:
    """Mêmes lettres dans un autre ordre, un prénom de plus, ou un signe d'écart."""
    if ligne.lettres & adulte.lettres:
        return True
    memes_noms = ligne.identite[0] == adulte.identite[0]
    if memes_noms and prenoms_compatibles(ligne.prenom, adulte.compte.first_name):
        return True
    un, autre = "".join(ligne.identite), "".join(adulte.identite)
    return abs(len(un) - len(autre)) < 3 and a_un_signe(un, autre)
