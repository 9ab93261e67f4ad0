"""Rien de ce que montrent une classe ou une commission ne change sans que la base avance leur révision."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import certification.declencheurs
import livret.declencheurs
import referentiel.apps
from certification.commission.revision import revisions_de_commissions, revisions_de_dossiers
from livret.classe.revision import revision_de_classe
from livret.models import Evaluation
from livret.saisie.rangees import revisions_des_rangees
from referentiel.models import Competence, Indicateur
from tests import factories
from tests.conservation.vie import vie_entiere
from tests.litanie import connecte
from tests.monde import Ecole, Monde
from tests.simultane import ensemble
from trpm.base.declencheurs import REVISIONS, Suivi, lever
from trpm.models import Revision

PIECES = (certification.declencheurs, livret.declencheurs, referentiel.apps)
SUIVIS = tuple(suivi for piece in PIECES for suivi in piece.SUIVIS)
SANS_SUITE = frozenset().union(*(piece.SANS_SUITE for piece in PIECES))
GARDES = (*certification.declencheurs.GARDES, *livret.declencheurs.GARDES)
# Lues par l'accueil ; les autres historiques n'avancent rien.
HISTOIRES = {
    *(f"certification_historical{une}" for une in ("commission", "dossier", "decision")),
    *("livret_historicalsituation", "livret_historicaleleve"),
}
# Lus pour savoir qui regarde, non ce qu'il y a à voir.
DE_QUI_REGARDE = {"django_session", "livret_mandatinspection", "livret_phrase", "livret_responsable"}
TABLES = re.compile(r'(?:FROM|JOIN) "(\w+)"')


def tables() -> list[str]:
    return [
        modele._meta.db_table
        for modele in apps.get_models(include_auto_created=True)
        if modele._meta.app_label in ("certification", "livret", "referentiel")
        and not modele._meta.proxy
        and not modele.__name__.startswith("Historical")
    ]


def test_chaque_table_est_suivie_ou_dite_sans_suite() -> None:
    suivies = {suivi.table for suivi in SUIVIS} - HISTOIRES
    assert suivies | SANS_SUITE == set(tables())
    assert not suivies & SANS_SUITE


def test_chaque_declencheur_a_son_nom() -> None:
    noms = [nom for suivi in SUIVIS for nom in suivi.noms("sqlite")]
    assert len(noms) == len(set(noms))


@pytest.fixture
def pleine(monde: Monde) -> Ecole:
    """L'école A, une ligne au moins dans chaque table suivie."""
    vie_entiere(monde.a)
    connection.check_constraints()
    lever(connection, GARDES)
    garnir()
    connection.check_constraints()
    return monde.a


def garnir() -> None:
    """Une ligne quelconque dans chaque table suivie restée vide, et d'abord là où ses liens mènent."""
    Indicateur.objects.create(competence=Competence.objects.first(), code="1", intitule="Il")
    modeles = {un._meta.db_table: un for un in apps.get_models(include_auto_created=True)}
    for table in dict.fromkeys(suivi.table for suivi in SUIVIS):
        une_ligne(modeles[table])


def une_ligne(modele: Any) -> int:
    if (deja := modele._base_manager.values_list("pk", flat=True).first()) is not None:
        return deja
    champs = [un for un in modele._meta.concrete_fields if not un.primary_key]
    return modele._base_manager.bulk_create([modele(**{un.attname: quelconque(un) for un in champs})])[0].pk


def quelconque(champ: Any) -> Any:
    if champ.is_relation:
        return None if champ.null else une_ligne(champ.related_model)
    if champ.has_default() or champ.null:
        return champ.get_default()
    return {"DateTimeField": timezone.now(), "DateField": timezone.localdate()}.get(
        champ.get_internal_type(), "1"
    )


def lignes(table: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    with connection.cursor() as curseur:
        curseur.execute(f'SELECT * FROM "{table}" ORDER BY 1')
        return [une[0] for une in curseur.description], curseur.fetchall()


def ecritures(suivi: Suivi) -> list[tuple[str, list[Any]]]:
    """Changer puis ôter toutes les lignes de la table, en remettre une : en SQL nu."""
    noms, rangees = lignes(suivi.table)
    if suivi.colonnes and not suivi.lignes:
        return [(f"UPDATE \"{suivi.table}\" SET {une} = 'x' || id", []) for une in suivi.colonnes[:3]]
    places = ", ".join(["%s"] * len(noms))
    colonne, autre = (suivi.colonnes[0], " + 1000") if suivi.colonnes else (noms[0], "")
    return [
        (f'UPDATE "{suivi.table}" SET "{colonne}" = "{colonne}"{autre}', []),
        (f'DELETE FROM "{suivi.table}"', []),
        (f'INSERT INTO "{suivi.table}" VALUES ({places})', list(rangees[0])),
    ]


@pytest.mark.django_db
def test_toute_ecriture_avance_sa_revision(pleine: Ecole) -> None:
    """Insérer, changer, ôter, en SQL nu, dans chaque table suivie ; rien n'y échappe."""
    lues = {
        "classe": lambda: revision_de_classe(pleine.classe.pk),
        "grille": lambda: revisions_des_rangees(pleine.situation.pk),
        "commission": lambda: revisions_de_commissions([pleine.commission.pk]),
        "dossiers": lambda: revisions_de_dossiers([pleine.commission.pk]),
    }
    assert [immobile for suivi in SUIVIS for immobile in immobiles(suivi, lues)] == []


def immobiles(suivi: Suivi, lues: dict[str, Callable[[], Any]]) -> Iterator[tuple[str, str]]:
    """Les écritures de cette table qui n'ont pas avancé ce qu'elles devaient. Tout est défait ensuite."""
    attendues = {"classe": ["classe", "grille"], "commission": ["commission", "dossiers"]}.get(
        suivi.genre, list(lues)
    )
    with transaction.atomic(), connection.cursor() as curseur:
        for ordre, valeurs in ecritures(suivi):
            avant = {nom: lues[nom]() for nom in attendues}
            curseur.execute(ordre, valeurs)
            yield from ((suivi.nom, ordre[:6]) for nom, lue in avant.items() if lues[nom]() == lue)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_ces_pages_ne_lisent_que_des_tables_suivies(monde: Monde) -> None:
    vie_entiere(monde.a)
    connus = {suivi.table for suivi in SUIVIS} | DE_QUI_REGARDE | {REVISIONS}
    session = [monde.a.etablissement.pk, monde.a.commission.session]
    for qui, adresse in (
        (monde.a.enseignant, reverse("livret:classe", args=[monde.a.classe.pk])),
        (monde.a.enseignant, reverse("livret:grille", args=[monde.a.situation.pk])),
        (monde.a.president, monde.a.commission.get_absolute_url()),
        (monde.a.president, reverse("certification:cockpit", args=session)),
        (monde.a.president, reverse("certification:harmonisation", args=session)),
    ):
        client = connecte(qui)
        with CaptureQueriesContext(connection) as lues:
            assert client.get(adresse).status_code == 200
        ordres = [un["sql"] for un in lues if un["sql"].startswith("SELECT")]
        assert (adresse, set(TABLES.findall(" ".join(ordres))) - connus) == (adresse, set())


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite n’a qu’un écrivain à la fois")
@pytest.mark.django_db(transaction=True)
def test_deux_saisies_d_un_meme_eleve_ne_s_attendent_pas(monde: Monde) -> None:
    """La première n'est pas finie quand la seconde l'est : chacune, en finissant, change la révision."""
    une, autre = Evaluation.objects.filter(eleve=monde.a.eleves[0])[:2]
    lues = [revision_de_classe(monde.a.classe.pk)]

    def seconde() -> None:
        with transaction.atomic(), connection.cursor() as curseur:
            curseur.execute("SET LOCAL lock_timeout = '2s'")
            Evaluation.objects.filter(pk=autre.pk).update(auteur=F("auteur"))

    with transaction.atomic():
        Evaluation.objects.filter(pk=une.pk).update(auteur=F("auteur"))
        assert ensemble(seconde) == [None]
        lues += ensemble(lambda: revision_de_classe(monde.a.classe.pk))
    lues.append(revision_de_classe(monde.a.classe.pk))
    assert len(set(lues)) == 3


@pytest.mark.django_db
def test_une_ecriture_ailleurs_n_avance_pas_cette_classe(monde: Monde) -> None:
    def lues() -> list[Any]:
        ici = [monde.a.commission.pk]
        return [
            revision_de_classe(monde.a.classe.pk),
            revisions_de_commissions(ici),
            revisions_de_dossiers(ici),
        ]

    avant = lues()
    Evaluation.objects.filter(situation=monde.b.situation).update(auteur=F("auteur"))
    factories.groupe(monde.b.classe, monde.b.eleves)
    assert lues() == avant


def test_tout_defaire_ne_rend_pas_le_meme_compte_a_un_autre_contenu(db: None) -> None:
    """Le pas se tire au sort : après un retour en arrière, une autre écriture donne un autre compte."""
    comptes = set()
    for _ in range(3):
        with transaction.atomic():
            factories.etablissement()
            comptes.add(Revision.objects.get(genre="commune").pas)
            transaction.set_rollback(True)
    assert len(comptes) == 3
