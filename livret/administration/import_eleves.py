"""Rapprochement d'un fichier d'élèves et de la base : l'aperçu, puis son application (Q43).

Rien ne s'écrit avant la confirmation. L'aperçu se recalcule au moment de confirmer, sous verrou ;
s'il n'est plus celui qui a été lu, rien n'est écrit. Une cellule vide n'efface jamais une valeur.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from livret.administration.apercu_import import (
    Absent,
    ACouper,
    Ambigu,
    Apercu,
    ChangementImport,
    DemandeImport,
    Division,
    Entree,
    FeuilleLue,
)
from livret.administration.lecture.divisions import designe
from livret.administration.lecture.lignes import sans_doublons
from livret.administration.lecture.resultat import LigneEleve, RemarqueImport
from livret.administration.rapprochement import (
    AUTRE_INE,
    AUTRE_JOUR,
    MEME,
    PRESQUE,
    SANS_JOUR,
    changer,
    doute,
    enrichit,
    identite,
    par_nom,
    se_ressemblent,
)
from livret.personnes.alphabet import rang_alphabetique
from livret.personnes.identifiants import ine_reconnu, lettres, plie
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.personnes.models.eleve import Eleve, Scolarite, refus_option
from referentiel.models import Option, Statut
from trpm.base.modification import exiger_l_apercu
from trpm.dates import date_dite

NOUVEAU = "nouveau"


def apercu(classe: Classe, demande: DemandeImport) -> Apercu:
    return _Rapprochement(classe, demande).apercu()


def confirmer(
    classe: Classe,
    demande: DemandeImport,
    empreinte: str,
    partis: Iterable[int],
    sortie: datetime.date,
    auteur: Utilisateur,
) -> Apercu:
    """Applique l'aperçu d'un seul tenant, ou lève `ApercuPerime` sans rien écrire."""
    with transaction.atomic():
        Etablissement.objects.select_for_update().get(pk=classe.etablissement_id)
        a_jour = Classe.objects.select_related("annee", "promotion__option").get(pk=classe.pk)
        resultat = apercu(a_jour, demande)
        exiger_l_apercu(empreinte, resultat.empreinte)
        resultat.appliquer(partis, sortie, auteur)
    return resultat


class _Rapprochement:
    """Le calcul de l'aperçu : les élèves de l'établissement sont lus une fois, pour tout le fichier."""

    def __init__(self, classe: Classe, demande: DemandeImport) -> None:
        self.classe, self.demande = classe, demande
        self._charger()
        referentiel = classe.promotion.referentiel_id
        self.options = par_nom(Option.objects.filter(referentiel=referentiel))
        self.statuts = par_nom(Statut.objects.filter(referentiel=referentiel))
        fichier = demande.fichier
        voulues = fichier.probables(classe.nom) if demande.feuilles is None else demande.feuilles
        self.lecture = fichier.reunie(voulues)
        self.resultat = Apercu(
            classe=classe,
            lecture=self.lecture,
            feuilles=[
                FeuilleLue(un.feuille, len(un.lignes), un.feuille in voulues) for un in fichier.lectures
            ],
            fautes=list(self.lecture.fautes),
            avertissements=list(self.lecture.avertissements),
        )
        self.pris: dict[int, str] = {}
        self.sortis: dict[int, datetime.date] = {}
        self.aujourdhui = timezone.localdate()

    def _charger(self) -> None:
        """Les élèves de l'établissement et leurs classes de l'année, rangés pour être retrouvés."""
        self.eleves = {
            eleve.pk: eleve
            for eleve in Eleve.objects.filter(etablissement=self.classe.etablissement_id).select_related(
                "option", "statut", "promotion"
            )
        }
        self.figes = set(
            Eleve.objects.filter(etablissement=self.classe.etablissement_id)
            .figes_ici()
            .values_list("pk", flat=True)
        )
        self.par_ine = {eleve.ine: eleve for eleve in self.eleves.values() if eleve.ine}
        self.par_identite: dict[tuple[str, str], list[Eleve]] = {}
        self.par_lettres: dict[str, list[Eleve]] = {}
        self.par_naissance: dict[datetime.date, list[Eleve]] = {}
        for eleve in self.eleves.values():
            self.par_identite.setdefault(identite(eleve), []).append(eleve)
            for cle in lettres(eleve.nom, eleve.prenom):
                self.par_lettres.setdefault(cle, []).append(eleve)
            if eleve.naissance:
                self.par_naissance.setdefault(eleve.naissance, []).append(eleve)
        self.scolarites: dict[int, list[Scolarite]] = {}
        for scolarite in Scolarite.objects.filter(
            eleve__etablissement=self.classe.etablissement_id, classe__annee=self.classe.annee_id
        ).select_related("classe"):
            scolarite.eleve = self.eleves[scolarite.eleve_id]
            self.scolarites.setdefault(scolarite.eleve_id, []).append(scolarite)

    def apercu(self) -> Apercu:
        retenues, autres = self._par_division()
        gardees, doublons = sans_doublons([un for ligne in retenues if (un := self._coupee(ligne))])
        self.resultat.fautes += doublons
        self.observations = self._observations(gardees)
        for ligne in gardees:
            self._ranger(ligne)
        if retenues:
            self._chercher_absents(autres)
        numeros = {(ligne.feuille, ligne.numero) for ligne in autres}
        self.resultat.avertissements = [
            un for un in self.resultat.avertissements if (un.feuille, un.numero) not in numeros
        ]
        for remarques in (self.resultat.fautes, self.resultat.avertissements):
            remarques.sort(key=lambda remarque: (remarque.feuille, remarque.numero))
        return self.resultat

    # --- Quelles lignes ---

    def _par_division(self) -> tuple[list[LigneEleve], list[LigneEleve]]:
        """Sépare les lignes de la classe des autres ; remplit la liste des divisions."""
        groupes: dict[str, list[LigneEleve]] = {}
        for ligne in self.lecture.lignes:
            groupes.setdefault(plie(ligne.division), []).append(ligne)
        voulues = self.demande.divisions
        if voulues is None or len(groupes) == 1:
            voulues = self._divisions_probables(groupes)
        self.resultat.divisions = [
            Division(cle, lignes[0].division, len(lignes), cle in voulues) for cle, lignes in groupes.items()
        ]
        retenues = [ligne for ligne in self.lecture.lignes if plie(ligne.division) in voulues]
        return retenues, [ligne for ligne in self.lecture.lignes if plie(ligne.division) not in voulues]

    def _divisions_probables(self, groupes: Mapping[str, list[LigneEleve]]) -> frozenset[str]:
        """Celles qui désignent la classe, ou la seule du fichier ; sinon, à la personne de dire."""
        noms = {cle for cle, lignes in groupes.items() if designe(lignes[0].division, self.classe.nom)}
        return frozenset(noms or (groupes if len(groupes) == 1 else ()))

    def _coupee(self, ligne: LigneEleve) -> LigneEleve | None:
        """La ligne, son nom coupé comme on l'a choisi ou comme un élève connu s'écrit ; sinon, rien."""
        if not ligne.coupes:
            return ligne
        connues = [coupe for coupe in ligne.coupes if (plie(coupe[0]), plie(coupe[1])) in self.par_identite]
        choix = self.demande.coupes.get(ligne.cle, "")
        if len(connues) != 1:
            self.resultat.a_couper.append(ACouper(ligne, choix))
            if not (choix.isdecimal() and len(choix) < 4 and int(choix) < len(ligne.coupes)):
                return None
            connues = [ligne.coupes[int(choix)]]
        return replace(ligne, nom=connues[0][0], prenom=connues[0][1], coupes=())

    # --- Qui est-ce ---

    def _observations(self, lignes: list[LigneEleve]) -> dict[int, dict[int, int]]:
        noms = {pk for ligne in lignes for pk in self._homonymes_et_ine(ligne)}
        return Eleve.objects.filter(pk__in=noms).observations_par_option()

    def _homonymes_et_ine(self, ligne: LigneEleve) -> list[int]:
        par_ine = self.par_ine.get(ligne.ine)
        homonymes = self.par_identite.get(ligne.identite, [])
        return [eleve.pk for eleve in [*homonymes, *([par_ine] if par_ine else [])]]

    def _ranger(self, ligne: LigneEleve) -> None:
        eleve, motif, candidats = self._rapprocher(ligne)
        if ligne.sortie and ligne.sortie <= self.aujourdhui:
            self._sortir(ligne, eleve)
            return
        if candidats:
            choix = self.demande.choix.get(ligne.cle, "")
            choisis = [candidat for candidat in candidats if str(candidat.pk) == choix]
            self.resultat.ambigus.append(Ambigu(ligne, motif, candidats, choix))
            if not choisis and choix != NOUVEAU:
                return
            eleve = choisis[0] if choisis else None
        if faute := self._faute(ligne, eleve):
            self.resultat.fautes.append(RemarqueImport(ligne.numero, faute, ligne.feuille))
            return
        if eleve is None:
            self.resultat.nouveaux.append(Entree(ligne, self._nouveau(ligne)))
            return
        self.pris[eleve.pk] = str(ligne.numero)
        entree = self._modifier(ligne, eleve)
        (self.resultat.modifies if entree.changements else self.resultat.inchanges).append(entree)

    def _sortir(self, ligne: LigneEleve, eleve: Eleve | None) -> None:
        """Le fichier dit qu'il est parti : proposé comme tel s'il est de la classe, jamais inscrit."""
        if eleve and self._inscrit(eleve) and ligne.sortie:
            self.sortis[eleve.pk] = ligne.sortie
            return
        jour = date_dite(ligne.sortie) if ligne.sortie else ""
        self._avertir(
            ligne, f"{ligne.nom_complet} est sorti le {jour} d’après le fichier\xa0: il n’est pas inscrit."
        )

    def _avertir(self, ligne: LigneEleve, message: str) -> None:
        self.resultat.avertissements.append(RemarqueImport(ligne.numero, message, ligne.feuille))

    def _rapprocher(self, ligne: LigneEleve) -> tuple[Eleve | None, str, list[Eleve]]:
        """L'élève sûr, ou le motif du doute et les élèves possibles."""
        doutes = self._doutes(ligne)
        meme_jour = doutes[MEME] + doutes[AUTRE_INE]
        if connu := self.par_ine.get(ligne.ine):
            if any(eleve.pk != connu.pk for eleve in meme_jour):
                return None, "l’INE est celui d’un élève, l’identité celle d’un autre", [connu, *meme_jour]
            if not se_ressemblent(ligne, connu):
                return None, "cet INE est déjà celui d’un autre nom", [connu]
            return connu, "", []
        if doutes[AUTRE_INE]:
            return None, AUTRE_INE, doutes[AUTRE_INE]
        if len(meme_jour) == 1:
            return meme_jour[0], "", []
        flous = doutes[SANS_JOUR]
        if len(flous) == 1 and self._inscrit(flous[0]):
            return flous[0], "", []
        if flous or meme_jour:
            return None, SANS_JOUR, flous or meme_jour
        motif = PRESQUE if doutes[PRESQUE] else AUTRE_JOUR
        return None, motif, doutes[motif]

    def _doutes(self, ligne: LigneEleve) -> dict[str, list[Eleve]]:
        """Les élèves qu'on pourrait prendre pour elle, par motif."""
        proches = {eleve.pk: eleve for eleve in self.par_identite.get(ligne.identite, [])}
        proches |= {eleve.pk: eleve for cle in ligne.lettres for eleve in self.par_lettres.get(cle, [])}
        if ligne.naissance:
            proches |= {eleve.pk: eleve for eleve in self.par_naissance.get(ligne.naissance, [])}
        doutes: dict[str, list[Eleve]] = defaultdict(list)
        for eleve in proches.values():
            doutes[doute(ligne, eleve, inscrit=self._inscrit(eleve))].append(eleve)
        return doutes

    def _inscrit(self, eleve: Eleve) -> bool:
        return any(scolarite.classe_id == self.classe.pk for scolarite in self.scolarites.get(eleve.pk, []))

    def _faute(self, ligne: LigneEleve, eleve: Eleve | None) -> str:
        if ligne.option and plie(ligne.option) not in self.options:
            codes = " ou ".join(sorted({option.code for option in self.options.values()}))
            return f"option « {ligne.option[:40]} » inconnue ; écrivez {codes}."
        porteur = self.par_ine.get(ligne.ine)
        if porteur and porteur is not eleve:
            return f"l’INE « {ligne.ine} » est déjà celui de {porteur} ; corrigez-le dans le fichier."
        if eleve is None:
            return ""
        if eleve.pk in self.pris:
            return f"{ligne.nom_complet} est déjà à la ligne {self.pris[eleve.pk]} (doublon)."
        if eleve.promotion.referentiel_id != self.classe.promotion.referentiel_id:
            return (
                f"{eleve} est en promotion {eleve.promotion}, sous un autre référentiel : faites-le d’abord "
                "changer de diplôme, depuis sa fiche."
            )
        return ""

    # --- Ce que cela change ---

    def _nouveau(self, ligne: LigneEleve) -> Eleve:
        self._avertir_ine(ligne)
        promotion = self.classe.promotion
        return Eleve(
            etablissement_id=self.classe.etablissement_id,
            promotion=promotion,
            nom=ligne.nom,
            prenom=ligne.prenom,
            naissance=ligne.naissance,
            ine=ligne.ine or None,
            option=self._option(ligne) or promotion.option,
            statut=self._statut(ligne) or self.demande.statut,
            numero_candidat=ligne.numero_candidat,
        )

    def _modifier(self, ligne: LigneEleve, eleve: Eleve) -> Entree:
        entree = Entree(ligne, eleve)
        if ligne.ine != eleve.ine:
            self._avertir_ine(ligne)
        for champ in ("nom", "prenom"):
            if enrichit(getattr(eleve, champ), getattr(ligne, champ)):
                changer(entree, champ, getattr(ligne, champ))
        for champ in ("naissance", "ine", "numero_candidat"):
            if getattr(ligne, champ):
                changer(entree, champ, getattr(ligne, champ))
        if option := self._option(ligne):
            self._changer_option(entree, option)
        if statut := self._statut(ligne):
            self._changer_si_ouvert(entree, "statut", statut)
        changer(entree, "promotion", self.classe.promotion)
        changer(entree, "actif", True)
        self._changer_classe(entree)
        return entree

    def _changer_option(self, entree: Entree, option: Option) -> None:
        refus = refus_option(option, self.observations.get(entree.eleve.pk, {}))
        if option.pk != entree.eleve.option_id and refus:
            self._avertir(entree.ligne, refus)
            return
        self._changer_si_ouvert(entree, "option", option)

    def _changer_si_ouvert(self, entree: Entree, champ: str, valeur: Option | Statut) -> None:
        if entree.eleve.pk in self.figes and getattr(entree.eleve, f"{champ}_id") != valeur.pk:
            self._avertir(entree.ligne, entree.eleve.refus_fige(champ))
            return
        changer(entree, champ, valeur)

    def _changer_classe(self, entree: Entree) -> None:
        scolarites = self.scolarites.get(entree.eleve.pk, [])
        ici = next((s for s in scolarites if s.classe_id == self.classe.pk), None)
        if ici and ici.sortie is None:
            return
        entree.quittees = [s for s in scolarites if s.sortie is None]
        entree.rouverte, entree.inscrire = ici, ici is None
        avant = ", ".join(s.classe.nom for s in entree.quittees)
        if ici and ici.sortie:
            avant = avant or f"sorti le {date_dite(ici.sortie)}"
        entree.changements.append(ChangementImport("classe", avant or "—", self.classe.nom))

    def _option(self, ligne: LigneEleve) -> Option | None:
        """L'option du diplôme que dit la ligne ; une langue ou une spécialité de MEF n'en est pas une."""
        option: Option | None = self.options.get(plie(ligne.option)) if ligne.option else None
        if ligne.option and option is None:
            codes = " ni ".join(sorted({une.code for une in self.options.values()}))
            self._avertir(
                ligne, f"option «\xa0{ligne.option[:40]}\xa0»\xa0: ni {codes}, elle n’est pas reprise."
            )
        return option

    def _statut(self, ligne: LigneEleve) -> Statut | None:
        statut = self.statuts.get(plie(ligne.statut)) if ligne.statut else None
        if ligne.statut and statut is None:
            message = f"statut « {ligne.statut[:60]} » non reconnu ; il n’est pas repris."
            self.resultat.avertissements.append(RemarqueImport(ligne.numero, message))
        return statut

    def _avertir_ine(self, ligne: LigneEleve) -> None:
        if ligne.ine and not ine_reconnu(ligne.ine):
            message = f"l’INE « {ligne.ine} » ne suit aucune forme connue ; il est repris tel quel."
            self.resultat.avertissements.append(RemarqueImport(ligne.numero, message))

    # --- Qui manque ---

    def _chercher_absents(self, autres: list[LigneEleve]) -> None:
        cites = {candidat.pk for ambigu in self.resultat.ambigus for candidat in ambigu.candidats}
        cites |= set(self.pris) | self._sur_lignes_fautives()
        ailleurs = {ligne.ine: ligne.division for ligne in autres if ligne.ine}
        ailleurs_par_nom = {ligne.identite: ligne.division for ligne in autres}
        inscrits = [s for scolarites in self.scolarites.values() for s in scolarites]
        for scolarite in sorted(inscrits, key=lambda s: (*rang_alphabetique(s.eleve), s.pk)):
            eleve = scolarite.eleve
            if scolarite.classe_id == self.classe.pk and not scolarite.sortie and eleve.pk not in cites:
                division = ailleurs.get(eleve.ine or "") or ailleurs_par_nom.get(identite(eleve), "")
                self.resultat.absents.append(Absent(scolarite, division, self._jour_de_sortie(eleve)))

    def _jour_de_sortie(self, eleve: Eleve) -> datetime.date | None:
        """Le jour que dit le fichier, ramené à l'année de la classe."""
        sortie = self.sortis.get(eleve.pk)
        return sortie and self.classe.annee.jour_proche(sortie)

    def _sur_lignes_fautives(self) -> set[int]:
        """Élèves que désigne une ligne écartée pour une faute : ils ne sont pas absents du fichier."""
        numeros = {(faute.feuille, faute.numero) for faute in self.resultat.fautes}
        lignes = [ligne for ligne in self.lecture.lignes if (ligne.feuille, ligne.numero) in numeros]
        identites = {ligne.identite for ligne in lignes} | set(self.lecture.ecartees)
        ines = {ligne.ine for ligne in lignes if ligne.ine}
        return {
            eleve.pk for eleve in self.eleves.values() if eleve.ine in ines or identite(eleve) in identites
        }
