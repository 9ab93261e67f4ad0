"""Placer une classe sans quitter la page : l'entreprise qui manque, le tuteur proposé, les dates."""

import re

from django.urls import reverse

from livret.models import Entreprise, Pfmp, Sejour
from tests import factories
from tests.litanie import connecte, messages
from tests.livret.pfmp.scene import Scene
from tests.monde import Monde


def nouvelle(monde: Monde) -> str:
    return reverse("livret:periode-create", args=[monde.a.classe.pk])


def ajout(monde: Monde, **champs: str) -> dict[str, str]:
    """« PFMP de mars » à moitié remplie, et une entreprise à mettre au carnet."""
    camille, dominique = monde.a.eleves
    return {
        "intitule": "PFMP de mars",
        "debut": "2026-03-02",
        "fin": "",
        f"place_{camille.pk}": "",
        f"place_{dominique.pk}": "",
        f"referent_{camille.pk}": str(monde.a.enseignant.pk),
        "nouvelle-nom": "Fraisage du Val",
        "nouvelle-ville": "Dax",
        "nouvelle-tuteur": "Alix Tuteur",
        "nouvelle-courriel": "alix@entreprise.invalid",
        "ajouter": "1",
        **champs,
    }


def test_l_entreprise_s_ajoute_et_rien_n_est_perdu(monde: Monde) -> None:
    camille, dominique = monde.a.eleves
    reponse = connecte(monde.a.enseignant).post(nouvelle(monde), ajout(monde, **{"nouvelle-pour": "tous"}))
    assert messages(reponse) == [
        "«\xa0Fraisage du Val (Dax)\xa0» est au carnet. La période reste à enregistrer."
    ]
    entreprise = Entreprise.objects.get(nom="Fraisage du Val")
    tuteur = entreprise.tuteurs.get()
    assert (entreprise.etablissement, tuteur.nom, tuteur.courriel) == (
        monde.a.etablissement,
        "Alix Tuteur",
        "alix@entreprise.invalid",
    )
    form = reponse.context["form"]
    assert not form.is_bound
    lues = {nom: form[nom].value() for nom in ("intitule", "debut", f"referent_{camille.pk}")}
    assert lues == {
        "intitule": "PFMP de mars",
        "debut": "2026-03-02",
        f"referent_{camille.pk}": str(monde.a.enseignant.pk),
    }
    assert {form[f"place_{un.pk}"].value() for un in (camille, dominique)} == {f"t{tuteur.pk}"}
    assert not Pfmp.objects.filter(periode__intitule="PFMP de mars").exists()


def test_elle_va_a_qui_on_dit_ou_au_carnet_seul(monde: Monde) -> None:
    camille, dominique = monde.a.eleves
    client = connecte(monde.a.enseignant)
    form = client.post(nouvelle(monde), ajout(monde, **{"nouvelle-pour": str(dominique.pk)})).context["form"]
    assert (form[f"place_{camille.pk}"].value(), form[f"place_{dominique.pk}"].value()[0]) == ("", "t")
    seule = ajout(monde, **{"nouvelle-nom": "Autre", "nouvelle-tuteur": "", "nouvelle-courriel": ""})
    form = client.post(nouvelle(monde), seule).context["form"]
    assert [form[f"place_{un.pk}"].value() for un in (camille, dominique)] == ["", ""]
    assert Entreprise.objects.get(nom="Autre").tuteurs.count() == 0


def test_une_faute_d_entreprise_garde_tout(monde: Monde) -> None:
    factories.entreprise(monde.a.etablissement, "Fraisage du Val")
    client = connecte(monde.a.enseignant)
    reponse = client.post(nouvelle(monde), ajout(monde))
    page = reponse.content.decode()
    assert "Une entreprise du carnet porte déjà ce nom." in page
    assert re.search(r'<details class="pli" id="nouvelle" open>', page)
    assert 'value="PFMP de mars"' in page
    assert Entreprise.objects.filter(nom="Fraisage du Val").count() == 1
    sans_nom = client.post(nouvelle(monde), ajout(monde, **{"nouvelle-nom": "X", "nouvelle-tuteur": ""}))
    assert "À qui est ce courriel" in sans_nom.content.decode()
    assert not Entreprise.objects.filter(nom="X").exists()


def test_ajouter_pendant_une_correction_n_ecrase_personne(monde: Monde, pfmps: Scene) -> None:
    client, adresse = connecte(monde.a.enseignant), pfmps.periode.modification
    vu = re.search(r'name="etat_vu" value="([^"]*)"', client.get(adresse).content.decode())
    assert vu
    donnees = ajout(monde, etat_vu=vu[1], intitule="Corrigée", fin="2026-03-27")
    page = client.post(adresse, donnees).content.decode()
    assert f'name="etat_vu" value="{vu[1]}"' in page
    pfmps.periode.intitule = "Changée ailleurs"
    pfmps.periode.save()
    del donnees["ajouter"]
    assert client.post(adresse, donnees).status_code == 200
    pfmps.periode.refresh_from_db()
    assert pfmps.periode.intitule == "Changée ailleurs"


def test_la_liste_propose_d_abord_qui_a_recu_le_plus_recemment(monde: Monde, pfmps: Scene) -> None:
    factories.tuteur(pfmps.entreprise, "Aaron Avant")
    page = connecte(monde.a.enseignant).get(nouvelle(monde)).content.decode()
    options = re.findall(r"<option value=\"[te]\d+\">Usinage A\xa0: ([^<]+)</option>", page)
    assert options[:3] == ["Maryse Tutrice A", "Aaron Avant", "tuteur à préciser"]


def test_les_dates_se_verifient(monde: Monde) -> None:
    factories.sans_cours(monde.a.etablissement, "2026-03-09", 1, "Vacances d’hiver")
    factories.sans_cours(monde.b.etablissement, "2026-03-09", 1, "INTRUS")
    factories.periode(monde.a.classe, "PFMP de fin mars", "2026-03-23", "2026-04-03")
    donnees = ajout(monde, fin="2026-03-27")
    del donnees["ajouter"]
    reponse = connecte(monde.a.enseignant).post(nouvelle(monde), donnees, follow=True)
    assert messages(reponse) == [
        "«\xa0PFMP de mars\xa0» est enregistrée\xa0: du lundi 2 mars au vendredi 27 mars 2026, "
        "20 jours du lundi au vendredi.",
        "Ces dates croisent «\xa0PFMP de fin mars\xa0». Vérifiez-les.",
        "Ces dates croisent «\xa0Vacances d’hiver, du 9 mars 2026 au 15 mars 2026\xa0». Vérifiez-les.",
    ]
    assert Sejour.objects.filter(pfmp__periode__intitule="PFMP de mars").count() == 0
