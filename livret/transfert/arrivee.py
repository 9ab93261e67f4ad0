"""Accueillir un élève venu d'une autre installation : vérifier, rapprocher, reprendre, rendre compte."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from livret.administration.changement import inscrire
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
from livret.transfert.depart import DONNEES, FORMAT, JOURS, MOTS, VERSION
from livret.transfert.models import TransfertRecu
from referentiel.models import Competence, Detaillee, Niveau, Referentiel
from trpm.base.archive import alterations, lire, piege

OCTETS_MAX = 200 * 1024 * 1024
PAS_UN_TRANSFERT = "Cette archive n’est pas celle d’un élève à transférer."
SANS_DIPLOME = "Le diplôme {} {} n’est pas dans cette installation\xa0: importez-le d’abord."
RESSEMBLE = "{} est déjà ici, sans le même INE\xa0: si c’est la même personne, choisissez sa fiche."


def relue(octets: bytes, cle: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Ce que dit une archive intacte, signée par la clé annoncée ; `ValidationError` sinon."""
    if faute := piege(octets, OCTETS_MAX):
        raise ValidationError(faute)
    if constats := alterations(octets, cle):
        raise ValidationError([constat.replace(" : ", "\xa0: ") for constat in constats])
    fichiers = lire(octets)
    try:
        dit = json.loads(fichiers[DONNEES])
    except (KeyError, ValueError):
        raise ValidationError(PAS_UN_TRANSFERT) from None
    if (dit.get("format"), dit.get("version")) != (FORMAT, VERSION):
        raise ValidationError(PAS_UN_TRANSFERT)
    return dit, fichiers


@transaction.atomic
def accueillir(
    octets: bytes, cle: str, classe: Classe, fiche: Eleve | None, par: Utilisateur, le: datetime.datetime
) -> TransfertRecu:
    """Tout, ou rien ; la même archive ne s'accueille qu'une fois dans un établissement."""
    dit, fichiers = relue(octets, cle)
    lieu = Etablissement.objects.select_for_update().get(pk=classe.etablissement_id)
    abrege = sha256(octets).hexdigest()
    if TransfertRecu.objects.filter(etablissement=lieu, empreinte=abrege).exists():
        raise ValidationError("Cette archive a déjà été reçue.")
    return _Arrivee(dit, fichiers, lieu, classe, par, le).accueillir(octets, abrege, cle, fiche)


class _Arrivee:
    def __init__(
        self,
        dit: dict[str, Any],
        fichiers: dict[str, bytes],
        lieu: Etablissement,
        classe: Classe,
        par: Utilisateur,
        le: datetime.datetime,
    ) -> None:
        self.dit, self.fichiers, self.lieu, self.classe = dit, fichiers, lieu, classe
        self.par, self.le = par, le
        self.repris: Counter[str] = Counter()
        self.auteurs: dict[str, Utilisateur] = {}

    def accueillir(self, octets: bytes, abrege: str, cle: str, fiche: Eleve | None) -> TransfertRecu:
        eleve = self._eleve(fiche)
        for une in self.dit["situations"]:
            self._situation(une, eleve)
        for une in self.dit["portfolio"]:
            self._trace(une, eleve, None)
        inscrire(eleve, self.classe, timezone.localdate(self.le))
        rendu = [f"{nombre} {quoi}" for quoi, nombre in sorted(self.repris.items())]
        documents = sum(nom.endswith(".pdf") for nom in self.fichiers)
        rendu.append(f"{documents} PDF, à lire dans l’archive gardée")
        return TransfertRecu.objects.create(
            etablissement=self.lieu,
            eleve=eleve,
            origine="{nom} ({uai})".format(**self.dit["origine"]),
            empreinte=abrege,
            signataire=cle,
            archive=ContentFile(octets, "archive"),
            compte_rendu=rendu,
            par=self.par,
            le=self.le,
        )

    def _eleve(self, fiche: Eleve | None) -> Eleve:
        """Le même INE est la même personne ; un homonyme sans INE commun demande que l'on choisisse."""
        dit, ici = self.dit["eleve"], Eleve.objects.filter(etablissement=self.lieu)
        ine = ine_normalise(dit["ine"] or "") or None
        connu = fiche or (ici.filter(ine=ine).first() if ine else None)
        if connu:
            self.repris["fiche déjà ici, complétée"] = 1
            connu.actif = True
            connu.save()
            return connu
        identite = plie(dit["nom"]), plie(dit["prenom"])
        for autre in ici:
            if (plie(autre.nom), plie(autre.prenom)) == identite:
                raise ValidationError(RESSEMBLE.format(autre))
        promotion = self.classe.promotion
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
        return eleve

    def _classe(self, dite: dict[str, Any]) -> Classe:
        """La classe d'origine, gardée ici sous son nom et son UAI : ces preuves y furent données."""
        promotion = dite["promotion"]
        diplome = Referentiel.objects.filter(
            code=promotion["diplome"]["code"], version=promotion["diplome"]["version"]
        ).first()
        if diplome is None:
            raise ValidationError(SANS_DIPLOME.format(*list(promotion["diplome"].values())[:2]))
        uai = self.dit["origine"]["uai"]
        grilles = diplome.grilles
        cohorte, _ = Promotion.objects.get_or_create(
            etablissement=self.lieu,
            nom=f"{promotion['nom']} ({uai})"[:80],
            defaults={
                "referentiel": diplome,
                "option": diplome.options.get(code=promotion["option"]),
                "grille": grilles.filter(version=promotion["grille"]).first() or grilles.all()[0],
                "session": promotion["session"],
            },
        )
        annee, _ = AnneeScolaire.objects.get_or_create(debut=dite["annee"])
        classe, _ = Classe.objects.get_or_create(
            etablissement=self.lieu,
            annee=annee,
            nom=nom_d_ailleurs(dite["nom"], uai),
            defaults={"niveau": dite["niveau"], "promotion": cohorte},
        )
        return classe

    def _situation(self, dite: dict[str, Any], eleve: Eleve) -> None:
        classe = self._classe(dite["classe"])
        sortie = min(classe.annee.dernier_jour, classe.annee.jour_proche(self.le.date()))
        Scolarite.objects.get_or_create(eleve=eleve, classe=classe, defaults={"sortie": sortie})
        mots = {nom: dite[nom] for nom in MOTS} | {nom: _date(nom, dite[nom]) for nom in JOURS}
        situation = Situation.objects.create(
            classe=classe, eleve=eleve, auteur=self._auteur(dite["auteur"]), **mots
        )
        diplome, echelle = classe.promotion.referentiel_id, classe.promotion.grille.echelle_id
        competences = {un.code: un for un in Competence.objects.filter(referentiel=diplome)}
        detaillees = {
            (un.code, un.option.code if un.option else ""): un
            for un in Detaillee.objects.filter(competence__referentiel=diplome).select_related("option")
        }
        niveaux = {un.code: un for un in Niveau.objects.filter(echelle=echelle)}
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

    def _saisie(self, une: dict[str, Any], niveaux: dict[str, Niveau]) -> dict[str, Any]:
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
            champs |= {"fichier": ContentFile(octets, "trace"), "taille": len(octets)}
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


def _date(nom: str, dite: str | None) -> Any:
    if not dite:
        return None
    return datetime.datetime.fromisoformat(dite) if nom.endswith("_le") else datetime.date.fromisoformat(dite)
