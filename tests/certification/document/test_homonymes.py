"""Deux candidats de mêmes nom et prénom ne se confondent dans aucune liste ni aucun fichier."""

import datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.urls import reverse
from django.utils import timezone

from certification.document import releves, tables
from certification.dossier.resultats import dossiers_lus
from certification.lot.tirages import demander
from certification.models import AccesJury, Dossier
from livret.bilan.documents import bilans_zip
from livret.bilan.lus import bilans_lus
from livret.models import Bilan, Eleve
from tests import factories
from tests.litanie import adresse, connecte
from tests.monde import Monde
from tests.tirage_blanc import sans_mise_en_page

PREMIER, SECOND = "(naissance le 01/07/2008)", "(naissance le 02/07/2008)"


@pytest.fixture
def homonymes(monde: Monde) -> list[Eleve]:
    for rang, eleve in enumerate(monde.a.eleves, start=1):
        Eleve.objects.filter(pk=eleve.pk).update(
            nom="Morel", prenom="Lina", naissance=datetime.date(2008, 7, rang), numero_candidat=""
        )
    return list(Eleve.objects.filter(pk__in=[un.pk for un in monde.a.eleves]))


def test_les_bilans_d_une_archive_zip(monde: Monde, homonymes: list[Eleve]) -> None:
    for eleve in homonymes:
        factories.bilan(eleve, monde.a.enseignant, "valide")
    with sans_mise_en_page():
        archive = ZipFile(BytesIO(bilans_zip(bilans_lus(Bilan.objects.all()))))
    assert archive.namelist() == [
        f"Bilan du semestre 6, Morel Lina (naissance le 0{rang}-07-2008).pdf" for rang in (1, 2)
    ]


def test_les_documents_d_un_lot(monde: Monde, homonymes: list[Eleve]) -> None:
    lot = demander(monde.a.commission, "grilles", monde.a.president)
    noms = [tirage.nom for tirage in lot.tirages.order_by("pk") if tirage.dossier_id]
    assert noms == [f"Morel Lina (naissance le 0{rang}-07-2008) EP1 grille.pdf" for rang in (1, 2)]


@pytest.mark.parametrize("nom", ["commission", "cockpit", "harmonisation", "cyclades"])
def test_les_pages_de_la_commission(monde: Monde, homonymes: list[Eleve], nom: str) -> None:
    session = [monde.a.etablissement.pk, monde.a.promotion.session]
    arguments = [monde.a.commission.pk] if nom == "commission" else session
    url = reverse(f"certification:{nom}", args=arguments)
    page = connecte(monde.a.president).get(url).content.decode()
    montres = [une in page for une in (PREMIER, SECOND)]
    assert montres == [True, True] or (nom == "harmonisation" and "Morel Lina" not in page)


def test_le_proces_verbal_et_le_bordereau(monde: Monde, homonymes: list[Eleve]) -> None:
    lu = releves.releve(dossiers_lus(monde.a.commission.dossiers.all()))
    assert [une.nom for une in lu.propositions] == [f"Morel Lina {PREMIER}", f"Morel Lina {SECOND}"]
    Eleve.objects.filter(pk__in=[un.pk for un in homonymes]).update(naissance=None)
    lu = releves.releve(dossiers_lus(monde.a.commission.dossiers.all()))
    assert len(lu.lignes()) == 2, "sans naissance ni numéro, ce sont encore deux candidats"


def test_la_table_cyclades(monde: Monde, homonymes: list[Eleve]) -> None:
    table = tables.cyclades(dossiers_lus(Dossier.objects.filter(commission=monde.a.commission)))
    assert [une.cellules[2] for une in table.rangees] == [f"Lina {PREMIER}", f"Lina {SECOND}"]
    assert [une.qui for une in table.rangees] == [f"Morel Lina {PREMIER}", f"Morel Lina {SECOND}"]


def test_ce_que_lit_le_jury(monde: Monde, homonymes: list[Eleve]) -> None:
    for lu in dossiers_lus(monde.a.commission.dossiers.all()):
        lu.dossier.figer(lu.grille.vers_json(), monde.a.president, timezone.now())
    jusque = timezone.now() + datetime.timedelta(days=1)
    acces = AccesJury.creer(monde.a.commission, "Jury", monde.a.president, timezone.now(), jusque)
    page = connecte(monde.a.president).get(acces.chemin).content.decode()
    assert PREMIER in page
    assert SECOND in page


def test_les_listes_de_choix(monde: Monde, homonymes: list[Eleve]) -> None:
    """Django lit une liste de choix par `iterator`, qui contourne la liste déjà lue."""
    voisine = factories.classe(monde.a.promotion, [monde.a.enseignant])
    page = connecte(monde.a.administrateur).get(adresse("classe-inscrire", voisine.pk)).content.decode()
    assert PREMIER in page
    assert SECOND in page


def test_la_page_d_un_bilan_dit_la_naissance(monde: Monde, homonymes: list[Eleve]) -> None:
    bilan = factories.bilan(homonymes[0], monde.a.enseignant)
    page = connecte(monde.a.enseignant).get(adresse("bilan", bilan.pk)).content.decode()
    assert "naissance le 1er juillet 2008" in page
