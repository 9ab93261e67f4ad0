"""Ce que la règle fait à son terme : effacer un livret, anonymiser un compte ou un tuteur, ôter ce qui a
fait son temps.

Rien n'est refusé ici de ce que l'application refuse à qui la tient (Q38) : c'est le seul endroit. Un dossier
figé ou clos, ce qu'il cite et le nom de l'élève n'y sont jamais touchés (Q35).
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import FileField, ForeignKey, Q, QuerySet
from django.utils import timezone

from certification.models import Dossier, TraceCitee
from livret.declencheurs import GARDES
from livret.models import Eleve, Etablissement, Situation, Trace, TransfertRecu, Tuteur, Utilisateur
from referentiel.models import ImportReferentiel
from trpm.base import revisions
from trpm.base.declencheurs import leves
from trpm.conservation.echeances import (
    ANONYME,
    COMPTE,
    LIVRET,
    TUTEUR,
    TUTEUR_ANONYME,
    archives,
    echeances,
)
from trpm.conservation.lignes import (
    Modele,
    comptes_de,
    de_l_eleve,
    modeles_regles,
)
from trpm.conservation.regles import LIGNE
from trpm.impression import memoire

Comptes = Counter[str]
# Une table de toute une classe, et le journal : chacun a sa durée.
HORS_LIVRET = {"certification.Extraction", "trpm.ActeNote"}


def appliquer_durees(maintenant: datetime.datetime) -> Comptes:
    """Une nuit : établissement par établissement, puis ce qui ne dépend d'aucun. Rend ce qui est parti."""
    jour, partis = timezone.localdate(maintenant), Comptes()
    for lieu in Etablissement.objects.order_by("pk"):
        dues = echeances(lieu, jour)
        partis += effacer_eleves(dues.cles(LIVRET))
        for cle in dues.cles(COMPTE):
            anonymiser_compte(cle)
        anonymiser_tuteurs(dues.cles(TUTEUR))
        partis["comptes anonymisés"] += len(dues.cles(COMPTE))
        partis["tuteurs anonymisés"] += len(dues.cles(TUTEUR))
    partis["archives écartées"] += ecarter_les_depots(maintenant)
    partis["lignes échues"] += oter_les_echues(maintenant)
    return +partis


def cette_nuit() -> Comptes:
    return appliquer_durees(timezone.now())


# --- Un livret -----------------------------------------------------------------------------------


def effacer_eleves(cles: Sequence[int]) -> Comptes:
    """Un élève à la fois : une interruption laisse chacun entier ou effacé."""
    partis = Comptes()
    for cle in cles:
        with leves(connection, GARDES):
            partis[_effacer_eleve(cle)] += 1
    memoire.oublier_tout()
    revisions.oublier_tout()
    return partis


def _effacer_eleve(cle: int) -> str:
    """Les clés étrangères se vérifient à la fin de la transaction : l'ordre n'importe pas."""
    eleve = Eleve.objects.annotate(archive=archives()).get(pk=cle)
    archive, compte = eleve.archive, eleve.utilisateur_id
    visees = {un.modele: _visees(un.modele, cle) for un in modeles_regles()}
    cles = {modele: list(lignes.values_list("pk", flat=True)) for modele, lignes in visees.items() if lignes}
    fichiers = [nom for modele in cles for nom in _fichiers(modele, cles[modele])]
    if archive:
        _detacher_les_citees(cle)
        cles.pop(Eleve, None)
        Eleve.objects.filter(pk=cle).update(utilisateur=None, actif=False)
    for modele, siennes in cles.items():
        _oter_les_liens(modele, siennes)
        _oter(modele, siennes)
    if compte:
        anonymiser_compte(compte)
    transaction.on_commit(partial(_oter_les_fichiers, fichiers))
    return "livrets effacés, archives gardées" if archive else "élèves effacés"


def _visees(modele: Modele, eleve: int) -> QuerySet | None:
    """Ce qui part avec lui : tout, sauf ses dossiers figés ou clos, ce qu'ils citent, une table de classe."""
    lignes = de_l_eleve(modele, [eleve])
    if lignes is None or modele._meta.label in HORS_LIVRET:
        return None
    figes = Dossier.objects.filter(eleve=eleve).filter(Q(versions__isnull=False) | Q(clos_le__isnull=False))
    gardes = set(figes.values_list("pk", flat=True))
    citees = TraceCitee.objects.filter(version__dossier__eleve=eleve).values_list("trace", flat=True)
    if modele is Trace:
        return lignes.exclude(pk__in=citees)
    if modele is Situation:
        return lignes.exclude(pk__in=Trace.objects.filter(pk__in=citees).values("situation"))
    return _hors_des_dossiers(modele, lignes, gardes)


def _hors_des_dossiers(modele: Modele, lignes: QuerySet, gardes: set[int]) -> QuerySet | None:
    nom = modele._meta.label
    if nom in ("certification.VersionFigee", "certification.TraceCitee", "certification.Verification"):
        return None
    if nom in ("certification.Dossier", "certification.HistoricalDossier"):
        return lignes.exclude(**{"pk__in" if modele is Dossier else "id__in": gardes})
    if "dossier_id" in {champ.attname for champ in modele._meta.concrete_fields}:
        return lignes.exclude(dossier_id__in=gardes)
    return lignes


def _detacher_les_citees(eleve: int) -> None:
    """Une preuve citée par une archive reste, sans la période en entreprise qui s'efface."""
    Trace.objects.filter(eleve=eleve, citations__isnull=False).update(pfmp=None)


def _oter(modele: Modele, cles: Sequence[int]) -> None:
    lignes = modele._base_manager.filter(pk__in=cles)
    lignes._raw_delete(lignes.db)  # ni cascade, ni historique de l'effacement


def _oter_les_liens(modele: Modele, cles: Sequence[int]) -> None:
    for lien in apps.get_models(include_auto_created=True):
        if not lien._meta.auto_created:
            continue
        for champ in lien._meta.concrete_fields:
            if isinstance(champ, ForeignKey) and champ.related_model is modele:
                lignes = lien._base_manager.filter(**{f"{champ.name}__in": cles})
                lignes._raw_delete(lignes.db)


def _fichiers(modele: Modele, cles: Sequence[int]) -> list[str]:
    champs = [champ.name for champ in modele._meta.concrete_fields if isinstance(champ, FileField)]
    if modele.__name__.startswith("Historical") or not champs:
        return []
    lignes = modele._base_manager.filter(pk__in=cles).values_list(*champs)
    return [nom for ligne in lignes for nom in ligne if nom]


def _oter_les_fichiers(noms: Iterable[str]) -> None:
    for nom in noms:
        default_storage.delete(nom)


# --- Un compte, un tuteur -------------------------------------------------------------------------


def anonymiser_compte(cle: int) -> None:
    """Ce que ce compte a signé reste, signé d'un numéro ; ses rôles et ses réglages partent."""
    with transaction.atomic():
        Utilisateur.objects.filter(pk=cle).update(
            username=f"{ANONYME}{cle}",
            first_name="",
            last_name=f"Compte anonymisé n° {cle}",
            email="",
            annuaire="",
            password=make_password(None),
            is_active=False,
            is_staff=False,
            is_superuser=False,
            last_login=None,
            vu_le=None,
            avis=None,
            avis_le=None,
        )
        ImportReferentiel.objects.filter(auteur=cle).update(par="")
        for un in modeles_regles():
            if un.regle.duree.code == "attache":
                lignes = un.modele._base_manager.filter(_a_ce_compte(un.modele, cle))
                lignes._raw_delete(lignes.db)


def _a_ce_compte(modele: Modele, cle: int) -> Q:
    """Le premier lien vers un compte dit à qui est la ligne ; les suivants, qui l'a écrite."""
    return Q(**{comptes_de(modele)[0]: cle})


def anonymiser_tuteurs(cles: Sequence[int]) -> None:
    vide = {"nom": TUTEUR_ANONYME, "fonction": "", "courriel": "", "telephone": ""}
    Tuteur.objects.filter(pk__in=cles).update(**vide)
    Tuteur.history.filter(id__in=cles).update(**vide)


# --- Ce qui ne dépend que de sa date -----------------------------------------------------------------


def ecarter_les_depots(maintenant: datetime.datetime) -> int:
    """L'archive d'un élève que personne n'a confirmée en un mois n'a pas à rester ici."""
    depuis = maintenant - datetime.timedelta(days=30)
    oubliees = list(TransfertRecu.objects.deposes().filter(le__lt=depuis))
    for une in oubliees:
        une.ecarter()
    return len(oubliees)


def oter_les_echues(maintenant: datetime.datetime) -> int:
    """Les lignes dont la durée se compte depuis elles-mêmes."""
    jour, total = timezone.localdate(maintenant), 0
    for un in modeles_regles():
        duree = un.regle.duree
        if duree.debut != LIGNE or un.modele is not un.origine:
            continue
        if un.regle.terme:  # la base compare ce jour à celui de sa propre horloge, à Greenwich
            aujourd_hui = datetime.datetime.now(datetime.UTC)
            echues = {f"{un.regle.terme}__lt": min(maintenant, aujourd_hui).astimezone(datetime.UTC).date()}
        else:
            echues = {f"{un.regle.date}__lt": maintenant - (duree.terme(jour) - jour)}
        lignes = un.modele._base_manager.filter(**echues)
        with transaction.atomic():
            nombres = lignes.delete()
        total += nombres[0]
    return total
