"""Le droit d'accès : tout ce qui concerne une personne, en un fichier, et rien de personne d'autre."""

import json
from io import BytesIO
from zipfile import ZipFile

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from livret.models import Eleve, Phrase
from tests.conservation.vie import vie_entiere
from tests.monde import INTRUS, Monde
from trpm.conservation.lignes import modeles_regles
from trpm.conservation.personne import (
    archive_de,
    donnees_de_l_eleve,
    donnees_du_compte,
    donnees_du_tuteur,
)


def lue(reponse: object) -> ZipFile:
    return ZipFile(BytesIO(b"".join(reponse.streaming_content)))


def test_chaque_modele_qui_nomme_un_eleve_est_dans_son_export(monde: Monde) -> None:
    """Le fichier des règles fait la liste : un modèle de plus doit y entrer, et cette scène le remplir."""
    vie_entiere(monde.a)
    donnees = donnees_de_l_eleve(monde.a.eleves[0])
    rendus = {une.modele for une in donnees.sections}
    nommes = {
        un.modele._meta.label for un in modeles_regles() if un.regle.de_l_eleve and un.modele is un.origine
    }
    assert nommes - rendus == set()
    assert {"livret.Utilisateur", "livret.HistoricalEvaluation", "livret.Groupe_eleves"} <= rendus


def test_l_export_d_un_eleve_ne_dit_rien_d_un_autre(client: Client, monde: Monde) -> None:
    vie_entiere(monde.a)
    vie_entiere(monde.b)
    client.force_login(monde.a.administrateur)
    with lue(client.get(reverse("donnees-eleve", args=[monde.a.eleves[0].pk]))) as archive:
        noms = archive.namelist()
        tout = "\n".join([*noms, *(archive.read(nom).decode(errors="replace") for nom in noms)])
        donnees = json.loads(archive.read("donnees.json"))
    for dit in ("Remarque LE PREMIER", "Opération LE PREMIER", "Trace LE PREMIER", "Bilan LE PREMIER"):
        assert dit in tout
    autre = monde.a.eleves[1]
    for interdit in ("LE SECOND", INTRUS, autre.nom, autre.prenom, autre.ine):
        assert interdit not in tout
    assert any(nom.endswith("Preuve LE PREMIER.pdf") for nom in noms)
    assert donnees["personne"] == str(monde.a.eleves[0])
    assert all(section["pourquoi"] and section["duree"] for section in donnees["sections"])


def test_l_export_est_lisible_et_ne_livre_aucune_cle(monde: Monde) -> None:
    vie_entiere(monde.a)
    with ZipFile(archive_de(donnees_de_l_eleve(monde.a.eleves[0]))) as archive:
        sommaire = archive.read("sommaire.txt").decode()
        donnees = archive.read("donnees.json").decode()
    assert sommaire.startswith(f"Données personnelles de {monde.a.eleves[0]} (élève)")
    assert "Gardé\xa0: 5 ans après le départ de l’élève\xa0; ensuite effacé." in sommaire
    assert '"date de naissance": "2008-03-14"' in donnees
    assert monde.a.compte_eleve.password not in donnees
    assert "e" * 64 not in donnees  # l'empreinte du lien du tuteur


def test_un_fichier_perdu_se_dit(monde: Monde) -> None:
    vie_entiere(monde.a)
    donnees = donnees_de_l_eleve(monde.a.eleves[0])
    trace = monde.a.eleves[0].traces.exclude(fichier="").get()
    trace.fichier.storage.delete(trace.fichier.name)
    with ZipFile(archive_de(donnees)) as archive:
        sommaire = archive.read("sommaire.txt").decode()
    assert (
        f"Fichier introuvable sur le serveur\xa0: fichiers/trace-{trace.pk}-fichier-Preuve LE PREMIER.pdf"
        in sommaire
    )


def test_un_enseignant_a_son_compte_et_les_dates_de_ce_qu_il_a_ecrit(monde: Monde) -> None:
    vie_entiere(monde.a)
    Phrase.objects.create(auteur=monde.a.enseignant, texte="Ma phrase à moi")
    donnees = donnees_du_compte(monde.a.enseignant)
    tout = "\n".join(map(str, donnees.sections))
    sections = {une.modele: une for une in donnees.sections}
    assert sections["livret.Utilisateur"].lignes[0]["adresse électronique"] == monde.a.enseignant.email
    assert "Ma phrase à moi" in tout
    assert len(sections["livret.Bilan"].lignes) == 2
    assert {"livret.Appartenance", "livret.Classe_equipe", "livret.Evaluation"} <= set(sections)
    for interdit in ("LE PREMIER", "LE SECOND", *(eleve.nom for eleve in monde.a.eleves)):
        assert interdit not in tout


def test_un_tuteur_a_sa_fiche_sans_les_eleves(client: Client, monde: Monde) -> None:
    ici = vie_entiere(monde.a)
    donnees = donnees_du_tuteur(ici.tuteur)
    tout = "\n".join(map(str, donnees.sections))
    sections = {une.modele: une for une in donnees.sections}
    assert sections["livret.Tuteur"].lignes[0]["courriel"] == "tutrice@entreprise.invalid"
    assert {"livret.Sejour", "livret.FicheTuteur", "livret.AvisTuteur", "livret.LienTuteur"} <= set(sections)
    for interdit in ("LE PREMIER", *(eleve.nom for eleve in monde.a.eleves)):
        assert interdit not in tout
    client.force_login(monde.a.administrateur)
    assert "donnees.json" in lue(client.get(reverse("donnees-tuteur", args=[ici.tuteur.pk]))).namelist()


def test_un_compte_tenu_ailleurs_n_est_pas_a_nous(client: Client, monde: Monde) -> None:
    client.force_login(monde.a.administrateur)
    ailleurs = reverse("donnees-compte", args=[monde.a.etablissement.pk, monde.b.enseignant.pk])
    inspecte = reverse("donnees-compte", args=[monde.a.etablissement.pk, monde.a.inspecteur.pk])
    assert client.get(ailleurs).status_code == 404
    assert client.get(inspecte).status_code == 404


def test_le_nombre_de_requetes_suit_les_modeles_non_les_lignes(monde: Monde) -> None:
    """Une par modèle qui le concerne : le compte change avec le fichier des règles."""
    comptes = []
    for nombre in (1, 2):
        for rang in range(nombre):
            monde.a.eleves[0].traces.create(
                auteur=monde.a.compte_eleve, texte=f"Trace {rang}", origine="eleve"
            )
        eleve = Eleve.objects.select_related("utilisateur").get(pk=monde.a.eleves[0].pk)
        with CaptureQueriesContext(connection) as requetes:
            donnees_de_l_eleve(eleve)
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1]
