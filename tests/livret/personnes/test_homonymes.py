"""Deux homonymes dans une même liste se distinguent ; seuls, ils gardent leur nom."""

import datetime
from io import BytesIO

import openpyxl
from django.urls import reverse

from livret.models import Eleve, Scolarite
from tests import factories
from tests.litanie import adresse, connecte
from tests.monde import Monde


def test_deux_homonymes_se_distinguent_partout_ou_ils_se_montrent_ensemble(monde: Monde) -> None:
    """Une règle, tenue par la liste : la classe, l'effectif, la grille, la synthèse, les PFMP la suivent."""
    classe = monde.a.classe
    for jour in (datetime.date(2008, 7, 1), datetime.date(2009, 2, 3)):
        eleve = factories.eleve(classe, "Morel", "Lina", ine=None, naissance=jour)
    attendus = ["Morel Lina (naissance le 01/07/2008)", "Morel Lina (naissance le 03/02/2009)"]
    assert [str(un) for un in Eleve.objects.filter(nom="Morel").order_by("naissance")] == attendus
    scolarites = (
        Scolarite.objects.filter(eleve__nom="Morel").select_related("eleve").order_by("eleve__naissance")
    )
    assert [str(une.eleve) for une in scolarites] == attendus
    assert str(Eleve.objects.get(pk=eleve.pk)) == "Morel Lina"
    premier = Eleve.objects.filter(nom="Morel").first()
    premier.nom = "MOREL"
    premier.naissance = eleve.naissance
    premier.save()
    assert [f", fiche {un.pk})" in str(un) for un in Eleve.objects.filter(prenom="Lina")] == [True, True]


def test_les_pages_d_une_classe_distinguent_deux_homonymes(monde: Monde) -> None:
    for jour in (datetime.date(2008, 7, 1), datetime.date(2009, 2, 3)):
        factories.eleve(monde.a.classe, "Morel", "Lina", ine=None, naissance=jour)
    administrateur, enseignant = connecte(monde.a.administrateur), connecte(monde.a.enseignant)
    pages = [
        (administrateur, adresse("classe-effectif", monde.a.classe.pk)),
        (enseignant, monde.a.classe.get_absolute_url()),
        (enseignant, adresse("classe-pfmp", monde.a.classe.pk)),
        (enseignant, adresse("grille", monde.a.situation.pk)),
    ]
    muettes = [url for client, url in pages if client.get(url).content.decode().count("(naissance le 0") < 2]
    assert muettes == []


def test_les_classeurs_et_l_aide_a_la_saisie_distinguent_deux_homonymes(monde: Monde) -> None:
    for rang, eleve in enumerate(monde.a.eleves[:2], start=1):
        Eleve.objects.filter(pk=eleve.pk).update(
            nom="Morel", prenom="Lina", naissance=datetime.date(2008, 7, rang)
        )
    attendus = {"Lina (naissance le 01/07/2008)", "Lina (naissance le 02/07/2008)"}
    classe, commission = monde.a.classe.pk, monde.a.commission.pk
    enseignant, president = connecte(monde.a.enseignant), connecte(monde.a.president)
    for client, url in (
        (enseignant, adresse("classe-xlsx", classe)),
        (president, reverse("certification:classeur", args=[commission])),
    ):
        feuille = openpyxl.load_workbook(BytesIO(client.get(url).content)).worksheets[0]
        lues = {str(cellule) for rangee in feuille.iter_rows(values_only=True) for cellule in rangee}
        assert attendus <= lues, url
    page = enseignant.get(reverse("certification:lsl", args=[classe])).content.decode()
    assert all(attendu in page for attendu in attendus)
