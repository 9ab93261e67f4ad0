"""Ce qui a changé d'une grille à une autre, en mots : deux versions figées, ou la dernière et le dossier
rouvert. Ni base, ni horloge."""

from __future__ import annotations

from collections.abc import Iterable

from certification.dossier.grille.epreuve import GrilleEpreuve
from certification.dossier.grille.ligne import NON_DEMONTREE, LigneGrille
from certification.notation import nombre, note_affichee


def ecarts(avant: GrilleEpreuve, apres: GrilleEpreuve) -> tuple[str, ...]:
    """Vide quand rien ne les distingue ; l'ordre est celui d'une grille que l'on lit."""
    return (
        *_candidat(avant, apres),
        *_lignes(avant, apres),
        *_note(avant, apres),
        *_situations(avant, apres),
        *_commission(avant, apres),
    )


def _candidat(avant: GrilleEpreuve, apres: GrilleEpreuve) -> Iterable[str]:
    for sujet, un, autre in (
        ("Candidat", str(avant.candidat), str(apres.candidat)),
        ("Numéro de candidat", avant.candidat.numero, apres.candidat.numero),
        ("Statut", avant.candidat.statut, apres.candidat.statut),
        ("Situation devant l’épreuve", avant.situation_libelle, apres.situation_libelle),
        ("Version de grille", avant.regle.version, apres.regle.version),
    ):
        yield from _passe(sujet, un, autre)


def _lignes(avant: GrilleEpreuve, apres: GrilleEpreuve) -> Iterable[str]:
    for code in dict.fromkeys(ligne.code for ligne in (*_toutes(avant), *_toutes(apres))):
        une, autre = avant.ligne(code), apres.ligne(code)
        if une is None or autre is None:
            yield f"{code} : {'ajoutée à' if une is None else 'retirée de'} la grille"
            continue
        yield from _passe(f"{code}, poids", nombre(une.poids), nombre(autre.poids))
        yield from _passe(f"{code}, niveau proposé", _propose(avant, une), _propose(apres, autre))
        yield from _passe(f"{code}, niveau arrêté", _arrete(avant, une), _arrete(apres, autre))
        yield from _passe(f"{code}, motif", une.motif, autre.motif)


def _toutes(grille: GrilleEpreuve) -> Iterable[LigneGrille]:
    """Chaque compétence, puis ses critères."""
    return (une for ligne in grille.lignes for une in (ligne, *ligne.attendus))


def _propose(grille: GrilleEpreuve, ligne: LigneGrille) -> str:
    degre = grille.degre(ligne.propose)
    return degre.code if degre else ""


def _arrete(grille: GrilleEpreuve, ligne: LigneGrille) -> str:
    code = ligne.code_arrete(grille.regle.echelle)
    return "non démontrée" if code == NON_DEMONTREE else code


def _note(avant: GrilleEpreuve, apres: GrilleEpreuve) -> Iterable[str]:
    calculees = [note_affichee(une.calculee) if une.calculee is not None else "" for une in (avant, apres)]
    yield from _passe("Note calculée", *calculees)
    yield from _passe("Note", avant.texte_note, apres.texte_note)
    yield from _passe("Motif de l’écart", avant.motif_ecart, apres.motif_ecart)
    yield from _passe("Observations", avant.observations, apres.observations)


def _situations(avant: GrilleEpreuve, apres: GrilleEpreuve) -> Iterable[str]:
    yield from _entrees_sorties(
        "Situation retenue",
        [une.intitule for une in avant.situations_retenues],
        [une.intitule for une in apres.situations_retenues],
    )
    pieces = [{une.trace: une.nom or une.texte for une in grille.preuves} for grille in (avant, apres)]
    sorties = [nom for trace, nom in pieces[0].items() if trace not in pieces[1]]
    entrees = [nom for trace, nom in pieces[1].items() if trace not in pieces[0]]
    yield from (f"Preuve retirée : {nom}" for nom in sorties)
    yield from (f"Preuve ajoutée : {nom}" for nom in entrees)


def _commission(avant: GrilleEpreuve, apres: GrilleEpreuve) -> Iterable[str]:
    une, autre = avant.commission, apres.commission
    yield from _entrees_sorties(
        "Membre", [membre.nom for membre in une.membres], [membre.nom for membre in autre.membres]
    )
    presences = {membre.nom: membre.present for membre in une.membres}
    dites = {True: "présent", False: "absent", None: "présence non marquée"}
    for membre in autre.membres:
        if membre.nom in presences:
            yield from _passe(membre.nom, dites[presences[membre.nom]], dites[membre.present])


def _entrees_sorties(sujet: str, avant: list[str], apres: list[str]) -> Iterable[str]:
    yield from (f"{sujet} de moins : {nom}" for nom in avant if nom not in apres)
    yield from (f"{sujet} de plus : {nom}" for nom in apres if nom not in avant)


def _passe(sujet: str, avant: str, apres: str) -> Iterable[str]:
    """« C8, niveau arrêté : 2, puis 3 »"""
    if avant != apres:
        yield f"{sujet} : {_cite(avant)}, puis {_cite(apres)}"


def _cite(texte: str) -> str:
    """Une phrase entre guillemets, pour que son point ne se lise pas comme celui de la nôtre."""
    return f"«\xa0{texte}\xa0»" if texte.endswith((".", "!", "?", "…")) else texte or "rien"
