"""Reprendre ce qu'apporte un élève : le rapprocher, écrire chaque preuve sous son diplôme, le placer."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from livret.administration.changement import ApercuDeChangement, apercu, changer, inscrire
from livret.evaluation.models import Evaluation, Fiche, Observation, Remarque
from livret.evaluation.trace import Trace
from livret.personnes.identifiants import (
    base_identifiant,
    identifiant_libre,
    ine_normalise,
    nom_d_ailleurs,
    plie,
)
from livret.personnes.models.classe import AnneeScolaire, Classe, Promotion
from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.personnes.models.eleve import Eleve, Scolarite
from livret.situation.models.situation import Situation
from livret.transfert.depart import JOURS, MOTS
from livret.transfert.recus import bilan_recu, pfmp_recue
from referentiel.models import Competence, Critere, Detaillee, Grille, Niveau, Referentiel, Statut

A_BLANC = "transferts/apercu"
"""Le fichier d'une preuve, dans un accueil que l'on défait : nommé, jamais écrit."""
SANS_DIPLOME = "Le diplôme {} {} n’est pas dans cette installation\xa0: importez-le d’abord."
SANS_GRILLE = "La grille {} de {} n’est pas dans cette installation\xa0: importez-la d’abord."
SANS_CLASSE = "Cet élève n’est pas encore ici\xa0: choisissez la classe qu’il rejoint."
RESSEMBLE = "{} est déjà ici, sans le même INE\xa0: si c’est la même personne, choisissez sa fiche."
NE_CHANGE_PAS = (
    "{} est déjà ici et ne peut pas passer en {}\xa0: {}. Choisissez une classe de sa promotion, {}, ou "
    "laissez-le où il est."
)


@dataclass(frozen=True)
class ChoixDAccueil:
    """Sans classe, qui est déjà ici reste où il est. `fiche` : la sienne, quand l'INE ne la désigne pas."""

    classe: Classe | None
    fiche: Eleve | None = None
    statut: Statut | None = None


@dataclass(frozen=True)
class Arrive:
    """L'élève, une fois tout repris. `connu` : sa fiche était ici ; `change` : la promotion qu'il quitte."""

    eleve: Eleve
    connu: bool
    change: ApercuDeChangement | None
    repris: Counter[str]

    @property
    def rendu(self) -> tuple[str, ...]:
        """Ce qui fut repris, compté, en toutes lettres."""
        return tuple(
            f"{nombre} {SINGULIER.get(quoi, quoi) if nombre == 1 else quoi}"
            for quoi, nombre in sorted(self.repris.items())
        )


SINGULIER = {
    "situations": "situation",
    "niveaux de compétence": "niveau de compétence",
    "observations": "observation",
    "remarques": "remarque",
    "traces": "trace",
    "bilans validés, à lire": "bilan validé, à lire",
}


class Codes(dict[Any, Any]):
    """Ce que le référentiel d'ici connaît, par code ; `ValidationError` de ce qu'il ignore."""

    def __init__(self, quoi: str, connus: Iterable[tuple[Any, Any]]) -> None:
        super().__init__(connus)
        self.quoi = quoi

    def __missing__(self, code: Any) -> Any:
        dit = code[0] if isinstance(code, tuple) else code
        raise ValidationError(f"{self.quoi} {dit} n’est pas dans le référentiel ou la grille d’ici.")


class RepriseDEleve:
    """L'élève et tout ce qu'il apporte, écrits dans l'ordre où les uns demandent les autres."""

    def __init__(
        self,
        dit: dict[str, Any],
        fichiers: dict[str, bytes],
        lieu: Etablissement,
        choix: ChoixDAccueil,
        par: Utilisateur,
        le: datetime.datetime,
        a_blanc: bool = False,
    ) -> None:
        self.a_blanc = a_blanc
        self.dit, self.fichiers, self.lieu, self.choix = dit, fichiers, lieu, choix
        self.par, self.le = par, le
        self.repris: Counter[str] = Counter()
        self.auteurs: dict[str, Utilisateur] = {}

    def accueillir(self) -> Arrive:
        eleve, connu = self._eleve()
        for une in self.dit["situations"]:
            self._situation(une, eleve)
        for une in self.dit["portfolio"]:
            self._trace(une, eleve, None)
        for un in self.dit.get("bilans", []):
            bilan_recu(un)
            self._venue(eleve, un["classe"])
            self.repris["bilans validés, à lire"] += 1
        for une in self.dit.get("pfmp", []):
            pfmp_recue(une)
            self._venue(eleve, une["classe"])
            self.repris["PFMP, à lire"] += 1
        change = self._placer(eleve, connu)
        return Arrive(eleve, connu, change, self.repris)

    def _placer(self, eleve: Eleve, connu: bool) -> ApercuDeChangement | None:
        """Dans la classe rejointe ; de promotion si c'est celle d'une autre, par les règles de l'acte."""
        classe, jour = self.choix.classe, timezone.localdate(self.le)
        if classe is None:
            return None
        if not connu or classe.promotion_id == eleve.promotion_id:
            inscrire(eleve, classe, jour)
            return None
        prevu = apercu(eleve.promotion, classe, Eleve.objects.filter(pk=eleve.pk))
        if prevu.refuses:
            refus = prevu.refuses[0].refus
            raise ValidationError(NE_CHANGE_PAS.format(eleve, classe, refus, eleve.promotion))
        le_statut = self.choix.statut
        du_nouveau = le_statut if le_statut in prevu.statuts else None
        changer(prevu, du_nouveau, classe.annee.jour_proche(jour), self.par, self.le)
        eleve.refresh_from_db()
        return prevu

    def _eleve(self) -> tuple[Eleve, bool]:
        """Le même INE est la même personne ; un homonyme sans INE commun demande que l'on choisisse."""
        dit, ici = self.dit["eleve"], Eleve.objects.filter(etablissement=self.lieu)
        ine = ine_normalise(dit["ine"] or "") or None
        connu = self.choix.fiche or (ici.filter(ine=ine).first() if ine else None)
        if connu:
            self.repris["fiche déjà ici, complétée"] = 1
            connu.actif = True
            connu.save()
            return connu, True
        identite = plie(dit["nom"]), plie(dit["prenom"])
        for autre in ici:
            if (plie(autre.nom), plie(autre.prenom)) == identite:
                raise ValidationError(RESSEMBLE.format(autre))
        if self.choix.classe is None:
            raise ValidationError(SANS_CLASSE)
        promotion = self.choix.classe.promotion
        statuts = promotion.referentiel.statuts
        eleve = Eleve(
            etablissement=self.lieu,
            promotion=promotion,
            nom=dit["nom"],
            prenom=dit["prenom"],
            ine=ine,
            naissance=dit["naissance"] and datetime.date.fromisoformat(dit["naissance"]),
            option=promotion.referentiel.options.filter(code=dit["option"]).first() or promotion.option,
            statut=statuts.filter(code=dit["statut"] or "").first() or statuts.first(),
        )
        eleve.full_clean()
        eleve.save()
        self.repris["fiche créée"] = 1
        return eleve, False

    def _classe(self, dite: dict[str, Any]) -> Classe:
        """La classe d'origine, gardée ici sous son nom et son UAI : ces preuves y furent données."""
        promotion = dite["promotion"]
        diplome = Referentiel.objects.filter(
            code=promotion["diplome"]["code"], version=promotion["diplome"]["version"]
        ).first()
        if diplome is None:
            raise ValidationError(SANS_DIPLOME.format(*list(promotion["diplome"].values())[:2]))
        uai = self.dit["origine"]["uai"]
        cohorte, _ = Promotion.toutes.get_or_create(
            etablissement=self.lieu,
            origine=uai,
            nom=f"{promotion['nom']} ({uai})"[:80],
            defaults={
                "referentiel": diplome,
                "option": diplome.options.get(code=promotion["option"]),
                "grille": _grille(diplome, promotion),
                "session": promotion["session"],
            },
        )
        annee, _ = AnneeScolaire.objects.get_or_create(debut=dite["annee"])
        classe, _ = Classe.toutes.get_or_create(
            etablissement=self.lieu,
            origine=uai,
            annee=annee,
            nom=nom_d_ailleurs(dite["nom"], uai),
            defaults={"niveau": dite["niveau"], "promotion": cohorte},
        )
        return classe

    def _venue(self, eleve: Eleve, dite: dict[str, Any]) -> Classe:
        classe = self._classe(dite)
        sortie = min(classe.annee.dernier_jour, classe.annee.jour_proche(self.le.date()))
        Scolarite.objects.get_or_create(eleve=eleve, classe=classe, defaults={"sortie": sortie})
        return classe

    def _situation(self, dite: dict[str, Any], eleve: Eleve) -> None:
        classe = self._venue(eleve, dite["classe"])
        mots = {nom: dite[nom] for nom in MOTS} | {nom: _date(nom, dite[nom]) for nom in JOURS}
        situation = Situation.objects.create(
            classe=classe, eleve=eleve, auteur=self._auteur(dite["auteur"]), **mots
        )
        grille = classe.promotion.grille
        competences, detaillees, niveaux = _codes(grille)
        situation.competences.set([competences[code] for code in dite["competences"]])
        situation.detaillees.set([detaillees[code, option] for code, option in dite["detaillees"]])
        self._saisies(dite, {"situation": situation, "eleve": eleve}, competences, detaillees, niveaux)
        for une in dite["traces"]:
            self._trace(une, eleve, situation)
        self.repris["situations"] += 1

    def _saisies(
        self, dite: dict[str, Any], lien: dict[str, Any], competences: Any, detaillees: Any, niveaux: Any
    ) -> None:
        for une in dite["evaluations"]:
            champs = self._saisie(une, niveaux) | {"competence": competences[une["competence"]]}
            self._datee(Evaluation.objects.create(**lien, **champs), une)
            self.repris["niveaux de compétence"] += 1
        for une in dite["observations"]:
            champs = self._saisie(une, niveaux) | {"detaillee": detaillees[tuple(une["detaillee"])]}
            self._datee(Observation.objects.create(**lien, **champs), une)
            self.repris["observations"] += 1
        for une in dite["remarques"]:
            detaillee = une["detaillee"] and detaillees[tuple(une["detaillee"])]
            competence = une["competence"] and competences[une["competence"]]
            auteur = self._auteur(une["auteur"])
            Remarque.objects.create(
                **lien,
                texte=une["texte"],
                auteur=auteur,
                competence=competence or None,
                detaillee=detaillee or None,
            )
            self.repris["remarques"] += 1
        if mot := dite["commentaire"]:
            Fiche.objects.create(**lien, commentaire=mot["texte"], auteur=self._auteur(mot["auteur"]))

    def _saisie(self, une: dict[str, Any], niveaux: Codes) -> dict[str, Any]:
        niveau = niveaux[une["niveau"]] if une["niveau"] else None
        return {"niveau": niveau, "mention": une["mention"], "auteur": self._auteur(une["auteur"])}

    @staticmethod
    def _datee(ligne: Evaluation | Observation, une: dict[str, Any]) -> None:
        le = datetime.datetime.fromisoformat(une["le"])
        type(ligne)._base_manager.filter(pk=ligne.pk).update(modifie_le=le)

    def _trace(self, une: dict[str, Any], eleve: Eleve, situation: Situation | None) -> None:
        champs = {nom: une[nom] for nom in ("texte", "nom", "type_mime", "origine", "au_dossier")}
        octets = self.fichiers.get(une["fichier"] or "", b"")
        if octets:
            garde = A_BLANC if self.a_blanc else ContentFile(octets, "trace")
            champs |= {"fichier": garde, "taille": len(octets)}
            champs["empreinte"] = sha256(octets).hexdigest()
        trace = Trace.objects.create(
            eleve=eleve, situation=situation, auteur=self._auteur(une["auteur"]), **champs
        )
        Trace.objects.filter(pk=trace.pk).update(creee_le=datetime.datetime.fromisoformat(une["le"]))
        self.repris["traces"] += 1

    def _auteur(self, nom: str) -> Utilisateur:
        """Un compte fermé, sans mot de passe ni rôle, au nom de qui a signé là-bas."""
        if nom not in self.auteurs:
            uai = self.dit["origine"]["uai"].lower()
            base = f"transfert.{uai}.{base_identifiant(nom, '')}"[:140]
            connu = Utilisateur.objects.filter(username=base, is_active=False).first()
            pris = set(
                Utilisateur.objects.filter(username__startswith=base).values_list("username", flat=True)
            )
            if connu is None:
                connu = Utilisateur(
                    username=identifiant_libre(base, pris), last_name=nom[:150], is_active=False
                )
                connu.set_unusable_password()
                connu.save()
            self.auteurs[nom] = connu
        return self.auteurs[nom]


def _codes(grille: Grille) -> tuple[Codes, Codes, Codes]:
    """Les compétences, les détails et les critères, les niveaux d'une grille."""
    competences = Competence.objects.filter(referentiel=grille.referentiel_id)
    siens = {"competence__in": competences}
    details = Detaillee.objects.filter(**siens).select_related("option")
    criteres = Critere.objects.filter(**siens, grille=grille).select_related("option")
    return (
        Codes(
            "La compétence",
            ((un.code, un) for un in competences),
        ),
        Codes(
            "La compétence détaillée",
            (((un.code, un.option.code if un.option else ""), un) for un in (*criteres, *details)),
        ),
        Codes("Le niveau", ((un.code, un) for un in Niveau.objects.filter(echelle=grille.echelle_id))),
    )


def _grille(diplome: Referentiel, dite: dict[str, Any]) -> Grille:
    """La même version ; à défaut, une de la même échelle : un niveau ne se lit pas dans une autre (Q47)."""
    if meme := diplome.grilles.filter(version=dite["grille"]).first():
        return meme
    voulue = [tuple(un) for un in dite.get("echelle", [])]
    for grille in diplome.grilles.select_related("echelle"):
        niveaux = grille.echelle.niveaux.order_by("valeur")
        if voulue and voulue == list(niveaux.values_list("code", "valeur", "libelle")):
            return grille
    raise ValidationError(SANS_GRILLE.format(dite["grille"], diplome))


def _date(nom: str, dite: str | None) -> Any:
    if not dite:
        return None
    return datetime.datetime.fromisoformat(dite) if nom.endswith("_le") else datetime.date.fromisoformat(dite)
