"""L'archive d'une commission : ce qui est figé, lisible par cette application et par un humain sans elle."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO

from django.template.loader import render_to_string
from django.utils import timezone

from certification.commission.models import Commission
from certification.document import tables
from certification.document.tirage import nom_des_donnees
from certification.dossier.grille.epreuve import GrilleEpreuve, LigneGrille
from certification.dossier.resultats import dossiers_lus
from certification.dossier.versions import VersionFigee
from certification.lot.models import ARCHIVE, Lot, Tirage
from livret.personnes.homonymes import precisions
from trpm.base import archive as enveloppe
from trpm.base.signature import cle, empreinte_de_la_cle
from trpm.impression.documents import table_csv

DONNEES = "donnees/"
VERSIONS = (
    "Fichier",
    "N° candidat",
    "Nom",
    "Prénom",
    "Épreuve",
    "Version",
    "Figée le",
    "Par",
    "Rouverte le",
    "Par",
    "Motif de la réouverture",
    "Empreinte SHA-256",
)


def archive(lot: Lot) -> bytes:
    """Les mêmes versions figées redonnent les mêmes octets : rien n'y vient de l'horloge."""
    avancement = lot.avancement()
    documents = {f"documents/{tirage.nom}": tirage.fichier.read() for tirage in avancement.produits}
    manquants = [tirage for tirage in avancement.manquants if tirage.piece == "grilles"]
    return _signee(lot.commission, documents, manquants)


def archive_remise(commission: Commission) -> bytes:
    """La dernière archive tirée ; à défaut, ou si elle est effacée, les mêmes données sans les PDF."""
    tirees = Tirage.objects.filter(
        lot__commission=commission, lot__retire_le__isnull=True, piece=ARCHIVE
    ).exclude(fichier="")
    if derniere := tirees.order_by("-lot__demande_le", "-pk").first():
        with derniere.fichier.open() as fichier:
            return fichier.read()
    return _signee(commission, {}, [])


def _signee(commission: Commission, documents: dict[str, bytes], manquants: list[Tirage]) -> bytes:
    versions = _versions(commission)
    fichiers = documents | {nom: version.contenu.encode() for nom, version, _ in versions}
    fichiers["versions.csv"] = table_csv([[*VERSIONS], *map(_ligne, versions)])
    figes = [lu for lu in dossiers_lus(commission.dossiers.vivants()) if lu.fige]
    fichiers["notes.csv"] = table_csv(tables.notes(figes))
    contexte = {
        "commission": commission,
        "figes": figes,
        "manquants": manquants,
        "documents": bool(documents),
        "empreinte": empreinte_de_la_cle(),
        "fichiers": sorted(fichiers),
    }
    fichiers["LISEZ-MOI.txt"] = render_to_string("documents/lisez_moi.txt", contexte).encode()
    return enveloppe.ecrire(fichiers, cle())


@dataclass(frozen=True)
class DossierRelu:
    """Un instantané d'une archive, en mots : rien d'autre n'en est gardé."""

    fichier: str
    commission: str
    candidat: str
    numero: str
    epreuve: str
    note: str
    niveaux: str


@dataclass(frozen=True)
class Relecture:
    """Ce qu'une archive déposée contient, et si elle est encore ce qui fut signé."""

    fichiers: int
    signataire: str
    attendue: str
    constats: tuple[str, ...]
    dossiers: tuple[DossierRelu, ...]
    illisibles: tuple[str, ...]
    versions: dict[str, list[str]]

    @property
    def autre_cle(self) -> bool:
        return self.signataire != self.attendue

    @property
    def rangees(self) -> list[tuple[DossierRelu, list[str]]]:
        """Chaque dossier, et sa ligne de `versions.csv` : version, figée le, par, rouverte le, par, motif."""
        return [(dossier, self.versions.get(dossier.fichier, [])) for dossier in self.dossiers]


def relire(octets: bytes, attendue: str = "") -> Relecture:
    """Sans base de données. L'intégrité se juge avec la clé de l'archive ; si elle est la bonne, à part."""
    fichiers = enveloppe.lisibles(octets)
    signataire = enveloppe.signataire(fichiers)
    dossiers, illisibles = [], []
    for nom in filter(_est_instantane, sorted(fichiers)):
        try:
            ((_, grille),) = grilles({nom: fichiers[nom]})
            dossiers.append((nom, grille, dossier_relu(nom, grille)))
        except Exception:  # un fichier que l'on n'a pas écrit peut tout contenir
            illisibles.append(nom)
    return Relecture(
        len(fichiers),
        signataire,
        attendue or empreinte_de_la_cle(),
        tuple(constat.replace(" : ", "\xa0: ") for constat in enveloppe.alterations(octets, signataire)),
        _distingues(dossiers),
        tuple(illisibles),
        _versions_relues(fichiers.get("versions.csv", b"")),
    )


def grilles(fichiers: dict[str, bytes]) -> Iterator[tuple[str, GrilleEpreuve]]:
    """Chaque instantané, tel qu'il fut figé ; le premier qui ne se lit pas arrête tout."""
    for nom in sorted(fichiers):
        if _est_instantane(nom):
            yield nom, GrilleEpreuve.depuis_json(fichiers[nom].decode())


def _distingues(relus: Sequence[tuple[str, GrilleEpreuve, DossierRelu]]) -> tuple[DossierRelu, ...]:
    nommes = zip(relus, precisions([grille.candidat for _, grille, _ in relus]), strict=True)
    return tuple(replace(relu, candidat=f"{relu.candidat}{ecart}") for (_, _, relu), ecart in nommes)


def _est_instantane(nom: str) -> bool:
    return nom.startswith(DONNEES)


def dossier_relu(nom: str, grille: GrilleEpreuve) -> DossierRelu:
    commission = grille.commission
    return DossierRelu(
        nom,
        f"{commission.intitule}, session {commission.session}, {grille.etablissement.nom}",
        str(grille.candidat),
        str(grille.candidat.numero),
        grille.epreuve.code,
        grille.texte_note,
        ", ".join(f"{ligne.code} {_niveau(grille, ligne)}" for ligne in grille.lignes),
    )


def _niveau(grille: GrilleEpreuve, ligne: LigneGrille) -> str:
    degre = grille.degre(ligne.valeur)
    return "ND" if ligne.non_demontree else degre.code if degre else "NE"


def _versions_relues(octets: bytes) -> dict[str, list[str]]:
    lignes = csv.reader(StringIO(octets.decode("utf-8-sig", "replace")), delimiter=";")
    return {ligne[0]: ligne[5:] for ligne in lignes if len(ligne) == len(VERSIONS)}


def _versions(commission: Commission) -> list[tuple[str, VersionFigee, GrilleEpreuve]]:
    """Toutes, même rouvertes : elles ont compté."""
    siennes = VersionFigee.objects.filter(dossier__commission=commission).select_related(
        "figee_par", "rouverte_par"
    )
    versions = []
    for version in siennes.order_by("dossier_id", "numero"):
        grille = GrilleEpreuve.depuis_json(version.contenu)
        versions.append((f"{DONNEES}{nom_des_donnees(version, grille)}", version, grille))
    return versions


def _ligne(citee: tuple[str, VersionFigee, GrilleEpreuve]) -> tables.Ligne:
    nom, version, grille = citee
    return [
        nom,
        grille.candidat.numero,
        grille.candidat.nom,
        grille.candidat.prenom,
        grille.epreuve.code,
        version.numero,
        timezone.localtime(version.figee_le).date(),
        version.figee_par.nom_complet,
        timezone.localtime(version.rouverte_le).date() if version.rouverte_le else None,
        version.rouverte_par.nom_complet if version.rouverte_par else None,
        version.motif_reouverture,
        version.empreinte,
    ]
