"""Des bilans en base aux objets que l'on montre : un nombre constant de requêtes pour tous.

Un brouillon se calcule d'après le livret ; dès qu'il est préparé, ses niveaux se relisent dans son
instantané ; validé, tout s'y relit. Ne comptent que les situations que l'élève peut voir (Q36).
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import F

from livret.bilan.contenu import (
    FORMAT,
    BilanFige,
    Entretien,
    Precedent,
    Sujet,
    Textes,
    changements,
    lignes_a_la_date,
)
from livret.bilan.models import Bilan, BilanQuerySet
from livret.personnes.inscriptions import tels_qu_inscrits
from livret.progression.attendu import Attentes
from livret.progression.attentes import attentes_de
from livret.situation.models.situation import Situation, hors_brouillon
from livret.synthese.livrets import Livret, livrets
from livret.synthese.preuves import SousReferentiel, sous_referentiel
from referentiel.correspondance import LectureDeGrille
from referentiel.echelle import Degre

RELATIONS = (
    "classe__annee",
    "classe__promotion__option",
    "classe__promotion__referentiel",
    "eleve__etablissement",
    "eleve__option",
    "eleve__promotion__referentiel",
    "eleve__statut",
    "entretien_avec",
    "mots_par",
    "valide_par",
)


@dataclass(frozen=True)
class BilanLu:
    """Un bilan et ce qu'il dit, que la page et le papier montrent."""

    bilan: Bilan
    contenu: BilanFige


def bilans_lus(bilans: BilanQuerySet) -> list[BilanLu]:
    lignes = list(bilans.select_related(*RELATIONS))
    brouillons = [bilan for bilan in lignes if not bilan.contenu]
    calcules = dict(zip((bilan.pk for bilan in brouillons), instantanes(brouillons), strict=True))
    return [BilanLu(bilan, calcules.get(bilan.pk) or _relu(bilan)) for bilan in lignes]


def bilan_lu(bilan: Bilan) -> BilanLu:
    return bilans_lus(Bilan.objects.filter(pk=bilan.pk))[0]


def instantanes(bilans: list[Bilan]) -> list[BilanFige]:
    """Ce que ces bilans diraient si on les prenait maintenant, enregistrés ou non."""
    _sous_leur_referentiel(bilans)
    eleves = {sous_referentiel(bilan.eleve): bilan.eleve for bilan in bilans}
    tenus = {
        sous_referentiel(livret.eleve): livret for livret in livrets(eleves.values(), visibles_seulement=True)
    }
    attentes = attentes_de({eleve.promotion_id for eleve in eleves.values()})
    valides = _valides(bilan.eleve_id for bilan in bilans)
    return [
        _instantane(
            bilan,
            tenus[ici],
            attentes[bilan.eleve.promotion_id],
            _precedent(valides[ici], bilan.date, tenus[ici].lecture),
        )
        for bilan in bilans
        if (ici := sous_referentiel(bilan.eleve))
    ]


def _sous_leur_referentiel(bilans: Iterable[Bilan]) -> None:
    """Un élève qui a changé de diplôme reste, dans un bilan d'avant, celui qu'il y était."""
    lus = list(bilans)
    tels = tels_qu_inscrits((bilan.eleve, bilan.classe.promotion) for bilan in lus)
    for bilan, tel in zip(lus, tels, strict=True):
        bilan.eleve = tel


def depuis_la_prise(lu: BilanLu) -> tuple[str, ...]:
    """Ce qui changerait si l'on reprenait maintenant les niveaux d'un bilan préparé."""
    return changements(lu.contenu, instantanes([lu.bilan])[0])


def non_publiees(bilan: Bilan) -> list[Situation]:
    """Situations qui évaluent l'élève à la date du bilan, mais qu'il ne voit pas encore. Une requête."""
    evaluent = Situation.objects.filter(
        hors_brouillon(),
        evaluations__eleve=bilan.eleve_id,
        evaluations__niveau__isnull=False,
        fin__lte=bilan.date,
    )
    return list(evaluent.exclude(pk__in=Situation.objects.visibles().values("pk")).distinct())


def _relu(bilan: Bilan) -> BilanFige:
    fige = BilanFige.depuis_json(bilan.contenu)
    if bilan.valide:
        return fige
    return replace(
        fige,
        numero=bilan.numero,
        motif=bilan.motif,
        textes=_textes(bilan),
        entretien=_entretien(bilan),
    )


def _instantane(bilan: Bilan, livret: Livret, attentes: Attentes, precedent: Precedent | None) -> BilanFige:
    cycle = bilan.eleve.promotion.referentiel.cycle
    attendus = {ligne.code: attentes.attendu(ligne.code, bilan.semestre) for ligne in livret.lignes}
    return BilanFige(
        format=FORMAT,
        sujet=_sujet(bilan),
        semestre=bilan.semestre,
        date=bilan.date,
        numero=bilan.numero,
        motif=bilan.motif,
        echelle=livret.echelle,
        epreuves=livret.epreuves,
        lignes=lignes_a_la_date(livret.lignes, livret.echelle, bilan.date, attendus, precedent),
        precedent=precedent,
        textes=_textes(bilan),
        entretien=_entretien(bilan),
        semestre_nom=cycle.nom(bilan.semestre),
        semestres=len(cycle.semestres),
        correspondances=livret.correspondances,
    )


def _sujet(bilan: Bilan) -> Sujet:
    eleve, classe = bilan.eleve, bilan.classe
    return Sujet(
        nom=eleve.nom,
        prenom=eleve.prenom,
        naissance=eleve.naissance,
        ine=eleve.ine or "",
        option=eleve.option.dite,
        option_intitule=eleve.option.intitule if eleve.option.dite else "",
        statut=eleve.statut.intitule if eleve.statut else "",
        diplome=eleve.promotion.referentiel.intitule,
        session=eleve.promotion.session,
        etablissement=eleve.etablissement.nom,
        ville=eleve.etablissement.ville,
        classe=classe.nom,
        annee=str(classe.annee),
    )


def _textes(bilan: Bilan) -> Textes:
    return Textes(
        appreciation=bilan.appreciation,
        mots=bilan.mots,
        mots_par=bilan.mots_par.nom_complet if bilan.mots_par else "",
        mots_de_sa_main=bilan.mots_de_sa_main,
        objectifs=bilan.objectifs,
    )


def _entretien(bilan: Bilan) -> Entretien:
    return Entretien(
        le=bilan.entretien_le,
        avec=bilan.entretien_avec.nom_complet if bilan.entretien_avec else "",
        convenu=bilan.convenu,
        enseignant_present=bilan.enseignant_present,
        eleve_present=bilan.eleve_present,
    )


def _valides(eleves: Iterable[int]) -> dict[SousReferentiel, list[Bilan]]:
    """Bilans en vigueur de chaque élève sous chaque référentiel, dans l'ordre des dates. Une requête."""
    valides: dict[SousReferentiel, list[Bilan]] = defaultdict(list)
    vigueur = Bilan.objects.en_vigueur().filter(eleve__in=set(eleves))
    vigueur = vigueur.annotate(version=F("classe__promotion__referentiel"))
    for bilan in vigueur.only("eleve_id", "date", "contenu").order_by("date", "pk"):
        valides[bilan.eleve_id, bilan.version].append(bilan)
    return valides


def _precedent(valides: list[Bilan], date: datetime.date, lecture: LectureDeGrille) -> Precedent | None:
    """Le bilan d'avant, ses niveaux lus dans l'échelle de maintenant ; ceux qu'elle ne lit pas à part."""
    avant = [bilan for bilan in valides if bilan.date < date]
    if not avant:
        return None
    fige = BilanFige.depuis_json(avant[-1].contenu)
    niveaux: list[tuple[str, Degre]] = []
    ailleurs: list[tuple[str, str]] = []
    for ligne in fige.lignes:
        if ligne.degre is None:
            continue
        if lu := lecture.relu(ligne.degre, fige.echelle):
            niveaux.append((ligne.code, lu))
        else:
            ailleurs.append((ligne.code, f"{ligne.degre.code} {ligne.degre.libelle}"))
    return Precedent(fige.semestre, fige.date, fige.textes.objectifs, tuple(niveaux), tuple(ailleurs))
