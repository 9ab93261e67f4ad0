"""Ce que l’on colle d’un téléphone, d’un PDF, de Word, posé partout : pages, imprimés et classeurs."""

from io import BytesIO

import openpyxl
import pytest
from django.db import models
from django.urls import reverse

from livret.models import Classe, Eleve, Etablissement, Fiche, Situation, Utilisateur
from tests import factories
from tests.certification.document.test_pdf_conformes import fautes
from tests.certification.scene import adresse, decider, figer
from tests.litanie import connecte
from tests.monde import Monde

pytestmark = pytest.mark.imprime

COLLE = "\uf0b7 modi\ufffefication 👍🏽 مُحَمَّد ⌀12 H7 ⏥ ⟂ Ⓜ 王 "
LONG = COLLE + "https://exemple.invalid/" + "a" * 400
CHAMPS: dict[type[models.Model], tuple[str, ...]] = {
    Eleve: ("nom", "prenom"),
    Utilisateur: ("first_name", "last_name"),
    Etablissement: ("nom", "ville"),
    Classe: ("nom",),
    Situation: ("intitule",),
    Fiche: ("commentaire",),
}


def poser_partout() -> None:
    """En base, sans le nettoyage de l’entrée : une ligne ancienne, une reprise."""
    for modele, champs in CHAMPS.items():
        for ligne in modele._default_manager.all():
            textes = {nom: LONG[: modele._meta.get_field(nom).max_length] for nom in champs}
            if modele is Classe:
                textes = {"nom": f"{COLLE[:30]}{ligne.pk}"}
            modele._default_manager.filter(pk=ligne.pk).update(**textes)


def test_posees_partout_elles_s_impriment_et_s_exportent(monde: Monde) -> None:
    a, camille = monde.a, monde.a.dossiers[0]
    factories.trace_d_eleve(a.eleves[0], a.compte_eleve, LONG, au_dossier=True)
    Fiche.objects.update_or_create(situation=a.situation, eleve=a.eleves[0], defaults={"commentaire": "x"})
    poser_partout()
    camille.refresh_from_db()
    decider(monde, camille)
    figer(monde, camille)
    president, equipe = connecte(a.president), connecte(a.enseignant)
    for qui, page in (
        (president, camille.get_absolute_url()),
        (president, adresse("commission", camille.commission_id)),
        (equipe, reverse("livret:eleve", args=[a.eleves[0].pk])),
        (equipe, reverse("livret:classe", args=[a.classe.pk])),
        (equipe, reverse("livret:grille", args=[a.situation.pk])),
    ):
        assert qui.get(page).status_code == 200, page
    livret = equipe.get(reverse("livret:eleve-pdf", args=[a.eleves[0].pk])).content
    lots = [
        president.get(adresse(nom, camille.commission_id)).content for nom in ("proces-verbal", "bordereau")
    ]
    for pdf in (livret, *lots, president.get(adresse("dossier-pdf", camille.pk)).content):
        assert fautes(pdf, "ua1") == []
    archive = president.get(adresse("dossier-pdf", camille.pk) + "?archive=1").content
    assert {profil: fautes(archive, profil) for profil in ("3a", "ua1")} == {"3a": [], "ua1": []}
    for qui, classeur in (
        (president, adresse("classeur", camille.commission_id)),
        (president, adresse("grille-xlsx", camille.pk)),
        (equipe, reverse("livret:classe-xlsx", args=[a.classe.pk])),
    ):
        assert openpyxl.load_workbook(BytesIO(qui.get(classeur).content)).sheetnames, classeur
