"""L'échelle et la progression des deux promotions de la démonstration (tout est inventé).

L'échelle est celle d'une équipe imaginaire : aucun texte officiel ne fixe d'attendu par semestre.
"""

from __future__ import annotations

from typing import Any

from certification.demo.donnees.progression import SequenceEcrite
from certification.demo.donnees.scenes import jour_de_classe, parents
from certification.demo.ecole import Catalogue, Ecole
from certification.demo.inscription import heure, inscrire
from livret.models import (
    Attente,
    EchelleAttendue,
    PfmpPrevue,
    Sequence,
)


def creer_progressions(ecole: Ecole) -> None:
    for option in ecole.options:
        catalogue = ecole.catalogue(option)
        _echelles(ecole, option, catalogue)
        _pfmp(ecole, option)
        _sequences(ecole, option, catalogue)


def _echelles(ecole: Ecole, option: str, catalogue: Catalogue) -> None:
    ecrites = ecole.donnees.echelles
    table: dict[str, tuple[int | None, ...]] = {}
    for numero, ecrite in enumerate(ecrites.versions, start=1):
        table |= next(une.niveaux for une in ecrite.promotions if une.option == option)
        version = EchelleAttendue.objects.create(
            promotion=ecole.promotions[option],
            numero=numero,
            nom=ecrite.nom,
            auteur=ecole.comptes[ecrites.auteur],
            enregistree_le=heure(ecrite.le.date(ecole.session)),
        )
        Attente.objects.bulk_create(
            Attente(
                echelle=version,
                competence=catalogue.competences[code],
                semestre=semestre,
                niveau=catalogue.niveaux[valeur],
            )
            for code, valeurs in table.items()
            for semestre, valeur in enumerate(valeurs, start=1)
            if valeur is not None
        )


def _pfmp(ecole: Ecole, option: str) -> None:
    ecrites = ecole.donnees.progressions
    periodes = [
        PfmpPrevue(
            promotion=ecole.promotions[option],
            debut=jour_de_classe(ecole.session, prevue.niveau, prevue.semaines[0], 1),
            fin=jour_de_classe(ecole.session, prevue.niveau, prevue.semaines[1], 7),
        )
        for prevue in ecrites.pfmp_prevues
    ]
    inscrire(PfmpPrevue, periodes, ecole.ouverture, ecole.comptes[ecrites.auteur_des_pfmp])


def _sequences(ecole: Ecole, option: str, catalogue: Catalogue) -> None:
    scenes = {scene.cle: scene for scene in ecole.donnees.scenes(option)}
    ecrites = next(une for une in ecole.donnees.progressions.promotions if une.option == option)
    for ecrite in ecrites.sequences:
        evaluent = [scenes[cle] for cle in ecrite.situations]
        vise = [code for scene in evaluent for code in scene.vise]
        taches = [code for scene in evaluent for code in scene.taches]
        travaille = [*vise, *ecrite.aussi]
        sequence = _sequence(ecole, option, ecrite)
        for nom, codes, cibles in (
            ("taches", [*taches, *ecrite.taches_aussi], catalogue.taches),
            ("taches_evaluees", taches, catalogue.taches),
            ("detaillees", travaille, catalogue.detaillees),
            ("detaillees_evaluees", vise, catalogue.detaillees),
            ("competences", parents(travaille), catalogue.competences),
            ("competences_evaluees", parents(vise), catalogue.competences),
        ):
            _lier(sequence, nom, [cibles[code] for code in dict.fromkeys(codes)])
        _lier(sequence, "situations", [ecole.situations[scene.cle] for scene in evaluent])


def _sequence(ecole: Ecole, option: str, ecrite: SequenceEcrite) -> Sequence:
    niveau, (premiere, derniere) = ecrite.niveau, ecrite.semaines
    sequence = Sequence(
        promotion=ecole.promotions[option],
        classe=ecole.classes[option, niveau] if ecrite.description else None,
        intitule=ecrite.intitule,
        nature=Sequence.Nature.PROJET if ecrite.projet else Sequence.Nature.SEQUENCE,
        debut=jour_de_classe(ecole.session, niveau, premiere, 1),
        fin=jour_de_classe(ecole.session, niveau, derniere, 7),
        description=ecrite.description,
        auteur=ecole.comptes[ecrite.auteur],
    )
    le = heure(jour_de_classe(ecole.session, niveau, 37, 3))
    inscrire(Sequence, [sequence], le, sequence.auteur)
    return sequence


def _lier(sequence: Sequence, nom: str, cibles: list[Any]) -> None:
    """Remplit la relation sans écrire une trace par ligne."""
    lien = getattr(Sequence, nom)
    origine, cible = lien.field.m2m_field_name(), lien.field.m2m_reverse_field_name()
    lien.through.objects.bulk_create(
        lien.through(**{f"{origine}_id": sequence.pk, f"{cible}_id": une.pk}) for une in cibles
    )
