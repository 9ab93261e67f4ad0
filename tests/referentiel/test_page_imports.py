"""Le journal des imports : qui, quand, le fichier, ce qu'il a changé ; revenir quand rien ne l'empêche."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.importation import ImportRefuse, importer
from referentiel.fichier.lecture import lire_texte
from referentiel.models import ImportReferentiel, Referentiel
from tests import factories
from tests.litanie import requetes
from tests.referentiel.texte import rangees, texte
from trpm.permissions import Role

DEMO = Path(__file__).with_name("demo.json").read_text(encoding="utf-8")
LISTE = reverse("referentiel:imports")


def importe(client, contenu=DEMO):
    fichier = SimpleUploadedFile("diplome.json", contenu.encode())
    apercu = client.post(reverse("referentiel:importer"), {"fichier": fichier})
    return confirme(client, apercu)


def confirme(client, apercu):
    jeton = apercu.context["form"].initial["jeton"]
    return client.post(reverse("referentiel:importer-confirmer"), {"jeton": jeton}, follow=True)


def revient(client, note):
    return client.post(reverse("referentiel:import-revenir", args=[note.pk]), follow=True)


def test_chaque_import_est_garde_et_l_on_y_revient(personne):
    client, compte = personne(Role.ADMINISTRATEUR)
    importe(client)
    premier = ContenuReferentiel(Referentiel.objects.get()).texte()
    importe(client, DEMO.replace('"Raconter"', '"Conter"'))
    importe(client, DEMO.replace('"Raconter"', '"Conter"'))
    notes = list(ImportReferentiel.objects.order_by("pk"))
    assert [(note.auteur, note.par, note.nom, note.origine) for note in notes] == [
        (compte, str(compte), "diplome.json", "fichier")
    ] * 2
    assert (notes[0].fichier, notes[0].avant, notes[0].ajouts) == (DEMO, "", 29)
    assert notes[1].avant == premier
    assert notes[1].changements == [
        {
            "sorte": "modification",
            "element": "compétence CP03",
            "champ": "intitule",
            "avant": "Raconter",
            "apres": "Conter",
        }
    ]
    liste = rangees(client.get(LISTE))
    assert [ligne[1:] for ligne in liste[1:]] == [
        ["DEMO 1", str(compte), "fichier JSON diplome.json", "1 modification"],
        ["DEMO 1 nouveau", str(compte), "fichier JSON diplome.json", "29 ajouts"],
    ]
    page = client.get(reverse("referentiel:import", args=[notes[1].pk]))
    assert ["Compétence CP03intitulé", "Raconter", "Conter", "rien"] in rangees(page)
    fichier = client.get(reverse("referentiel:import-fichier", args=[notes[0].pk]))
    assert fichier.content.decode() == DEMO
    suite = confirme(client, revient(client, notes[1]))
    assert "Le référentiel DEMO 1 est revenu à cet état." in texte(suite)
    assert ContenuReferentiel(Referentiel.objects.get()).texte() == premier
    assert ImportReferentiel.objects.first().origine == "retour"


def test_retirer_un_referentiel_que_rien_n_emploie(admin_client, lycee):
    importe(admin_client)
    note = ImportReferentiel.objects.get()
    referentiel = Referentiel.objects.get()
    promotion = factories.promotion(lycee, referentiel, "AERO")
    assert "Ce référentiel sert (1 promotion) : il reste, rien n’a été écrit." in texte(
        revient(admin_client, note)
    )
    promotion.delete()
    suite = revient(admin_client, note)
    assert "Le référentiel DEMO 1 est retiré ; son import reste au journal." in texte(suite)
    assert not Referentiel.objects.exists()
    assert "n’est déjà plus là" in texte(revient(admin_client, note))
    importe(admin_client)
    assert Referentiel.objects.get().code == "DEMO"


def test_revenir_ne_touche_pas_a_ce_qui_sert(admin_client, lycee):
    """L'import ajoutait une compétence détaillée, depuis employée : y revenir est refusé."""
    detaillee = ',\n        {"code": "CP01.b", "intitule": "Vérifier les commandes", "option": "AERO"}'
    importe(admin_client, DEMO.replace(detaillee, ""))
    importe(admin_client)
    prof = factories.utilisateur(Role.ENSEIGNANT, etablissement=lycee)
    classe = factories.classe(factories.promotion(lycee, Referentiel.objects.get(), "AERO"), [prof])
    factories.situation(classe, prof, detaillees=["CP01.b"])
    apercu = revient(admin_client, ImportReferentiel.objects.first())
    assert "Cet import toucherait à ce qui sert déjà. Rien n’a été écrit." in texte(apercu)
    assert "Appliquer" not in texte(apercu)


def test_la_commande_est_notee_et_la_liste_coute_autant(admin_client, tmp_path):
    fichier = tmp_path / "demo.json"
    fichier.write_text(DEMO, encoding="utf-8")
    call_command("importer_referentiel", str(fichier), verbosity=0)
    call_command("importer_referentiel", str(fichier), verbosity=0)
    note = ImportReferentiel.objects.get()
    assert (note.origine, note.par_qui, note.nom) == ("commande", "la ligne de commande", "demo.json")
    une = requetes(lambda: admin_client.get(LISTE))
    for mot in ("Conter", "Dire"):
        importe(admin_client, DEMO.replace('"Raconter"', f'"{mot}"'))
    assert requetes(lambda: admin_client.get(LISTE)) == une


def test_echanger_deux_textes_qui_servent_est_refuse(trpm, lycee):
    prof = factories.utilisateur(Role.ENSEIGNANT, etablissement=lycee)
    classe = factories.classe(factories.promotion(lycee, trpm, "RSP"), [prof])
    situation = factories.situation(classe, prof, competences=["C1", "C4"])
    factories.evaluation(situation, factories.eleve(classe), "C1", 1)
    document = ContenuReferentiel(trpm).document()
    groupes = {"libelle": document["echelles"][0]["niveaux"], "intitule": document["competences"]}
    for champ, groupe in groupes.items():
        une, autre = groupe[0], groupe[1]
        une[champ], autre[champ] = autre[champ], une[champ]
    with pytest.raises(ImportRefuse) as erreur:
        importer(lire_texte(ecrire(document)))
    refus = [(ligne.nom, ligne.champ) for ligne in erreur.value.changements.refus]
    assert refus == [
        ("compétence C1", "intitule"),
        ("niveau de maîtrise quatre-niveaux 0", "libelle"),
        ("niveau de maîtrise quatre-niveaux 1", "libelle"),
    ]
    assert "prendrait le texte de « niveau de maîtrise" in str(erreur.value)


def test_echanger_deux_textes_que_rien_n_emploie(db):
    importer(lire_texte(DEMO))
    brut = json.loads(DEMO)
    une, autre = brut["competences"][:2]
    une["intitule"], autre["intitule"] = autre["intitule"], une["intitule"]
    importer(lire_texte(json.dumps(brut, ensure_ascii=False)))
    assert Referentiel.objects.get().competences.first().intitule == une["intitule"]
