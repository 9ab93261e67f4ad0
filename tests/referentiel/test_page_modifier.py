"""Compléter et corriger un référentiel dans l'application, composer une version de grille."""

import json
from pathlib import Path

import pytest
from django.urls import reverse

from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.fichier.importation import importer
from referentiel.fichier.lecture import lire_texte
from referentiel.models import Grille, ImportReferentiel, Indicateur, Referentiel
from tests import factories
from tests.litanie import requetes
from tests.referentiel.texte import rangees, texte
from trpm.permissions import Role

DEMO = Path(__file__).with_name("demo.json").read_text(encoding="utf-8")
SOURCE = {"nature": "certain", "source": "arrêté inventé, annexe I"}


@pytest.fixture
def demo(db) -> Referentiel:
    importer(lire_texte(DEMO))
    return Referentiel.objects.get()


def adresse(referentiel, notion):
    return reverse("referentiel:modifier-notion", args=[referentiel.pk, notion])


def formulaire(page):
    """Ce que le navigateur enverrait sans rien toucher."""
    vue = page.context["vue"]
    champs = {case.nom: case.valeur for ligne in page.context["lignes"] for case in ligne.cases}
    return champs | {"etat": vue.edition.etat, "de": vue.de, "page": str(vue.page)}


def applique(client, apercu):
    jeton = apercu.context["form"].initial["jeton"]
    return client.post(reverse("referentiel:importer-confirmer"), {"jeton": jeton}, follow=True)


def test_completer_des_indicateurs_avec_leur_source(admin_client, demo):
    page = admin_client.get(adresse(demo, "indicateurs"))
    assert [case.valeur for case in page.context["lignes"][0].cases] == [
        "CP01",
        "I1",
        "Le public est salué",
        "",
        "",
    ]
    champs = formulaire(page) | {"l0-2": "Le public est salué au portillon"}
    champs |= {"n0-0": "CP01/CP01.b=AERO", "n0-2": "Le manche revient au centre"}
    sans = admin_client.post(adresse(demo, "indicateurs"), champs)
    assert "Dites d’où vient ce que vous écrivez : chaque texte a sa source." in texte(sans)
    assert "Le manche revient au centre" in sans.content.decode()
    apercu = admin_client.post(adresse(demo, "indicateurs"), champs | SOURCE)
    assert ["Indicateur I1intitulé", "Le public est salué", "Le public est salué au portillon", "rien"] in (
        rangees(apercu)
    )
    assert Indicateur.objects.filter(intitule="Le manche revient au centre").count() == 0
    assert "Le référentiel DEMO 1 est modifié." in texte(applique(admin_client, apercu))
    nouveau = Indicateur.objects.get(intitule="Le manche revient au centre")
    assert (nouveau.detaillee.code, nouveau.detaillee.option.code) == ("CP01.b", "AERO")
    demo.refresh_from_db()
    assert demo.sources == [
        {
            "groupe": "indicateurs",
            "nature": "certain",
            "texte": "arrêté inventé, annexe I (CP01 I1, CP01/CP01.b=AERO)",
        }
    ]
    note = ImportReferentiel.objects.get()
    assert (note.origine, note.nom) == ("page", "Indicateurs")
    exporte = ContenuReferentiel(demo).texte()
    assert not importer(lire_texte(exporte))


def test_une_faute_se_montre_dans_sa_case_et_rien_n_est_perdu(admin_client, demo):
    page = admin_client.get(adresse(demo, "savoirs"))
    champs = formulaire(page) | SOURCE | {"l0-2": "9", "n1-0": "S2", "n1-1": "Orgues", "n1-3": "CP01 CP9"}
    reponse = admin_client.post(adresse(demo, "savoirs"), champs)
    lignes = {ligne.nom: ligne for ligne in reponse.context["lignes"]}
    assert "Le degré 9 n’est pas dans les repères." in lignes["l0"].cases[2].fautes[0]
    assert "ne désigne aucune compétence" in lignes["n1"].cases[3].fautes[0]
    assert lignes["n1"].cases[1].valeur == "Orgues"
    assert "2 fautes à corriger." in texte(reponse)


def test_ce_qui_sert_est_protege_comme_a_l_import(admin_client, trpm, lycee):
    prof = factories.utilisateur(Role.ENSEIGNANT, etablissement=lycee)
    classe = factories.classe(factories.promotion(lycee, trpm, "RSP"), [prof])
    factories.evaluation(
        factories.situation(classe, prof, competences=["C1"]), factories.eleve(classe), "C1", 1
    )
    page = admin_client.get(adresse(trpm, "niveaux"))
    champs = formulaire(page) | SOURCE
    champs["l0-3"], champs["l1-3"] = champs["l1-3"], champs["l0-3"]
    apercu = admin_client.post(adresse(trpm, "niveaux"), champs)
    assert "Cet import toucherait à ce qui sert déjà." in texte(apercu)
    assert "Appliquer" not in texte(apercu)


def test_retirer_une_ligne_et_l_etat_change(admin_client, demo):
    page = admin_client.get(adresse(demo, "indicateurs") + "?de=CP01")
    champs = formulaire(page) | SOURCE | {"l1-retirer": "on"}
    Referentiel.objects.update(intitule="Autre")
    reponse = admin_client.post(adresse(demo, "indicateurs"), champs)
    assert "Le référentiel a changé pendant que vous écriviez" in texte(reponse)
    champs["etat"] = reponse.context["vue"].edition.etat
    apercu = admin_client.post(adresse(demo, "indicateurs"), champs)
    assert ["Indicateur La file avanceLa file avance", "rien"] in rangees(apercu)
    applique(admin_client, apercu)
    assert Indicateur.objects.count() == 3
    inchange = admin_client.post(
        adresse(demo, "options"), formulaire(admin_client.get(adresse(demo, "options")))
    )
    assert "Rien n’a changé sur cette page." in texte(inchange)
    assert admin_client.get(adresse(demo, "inconnue")).status_code == 404
    assert admin_client.get(adresse(demo, "diplome")).status_code == 404


def test_composer_une_version_de_grille(admin_client, demo):
    url = reverse("referentiel:composer", args=[demo.pk])
    page = admin_client.get(url)
    composition = page.context["composition"]
    champs = {poids.nom: poids.valeur for poids in composition.poids()}
    champs |= {f"{poids.nom}-garder": "on" for poids in composition.poids()}
    champs |= composition.initial() | {"base": composition.base, "version": "2030"} | SOURCE
    champs |= {"nouvelle_echelle": "deux", "intitule_echelle": "Deux niveaux", "bonus_max": "1,5"}
    champs |= {"v0-code": "N", "v0-valeur": "0", "v0-libelle": "non acquis", "v0-symbole": "vide"}
    champs |= {"arrondi": "centieme", "a0-epreuve": "EP1", "a0-competence": "CP02", "a0-valeur": "2,5"}
    fautive = admin_client.post(url, champs)
    assert "La liste a 1 élément. Donnez-en au moins 2." in texte(fautive)
    champs |= {poids.nom: "1" for poids in composition.poids() if poids.epreuve == "EP1"}
    champs |= {"v1-code": "O", "v1-valeur": "1", "v1-libelle": "acquis", "v1-symbole": "plein"}
    apercu = admin_client.post(url, champs)
    applique(admin_client, apercu)
    grille = Grille.objects.get(version="2030")
    assert (grille.echelle.code, grille.arrondi, str(grille.bonus_max)) == ("deux", "centieme", "1.50")
    assert Grille.objects.count() == 2
    assert str(grille.poids.get(competence__code="CP02", epreuve__code="EP1").valeur) == "2.5000"
    assert not importer(lire_texte(ContenuReferentiel(Referentiel.objects.get()).texte()))


def test_qui_modifie_et_combien_de_requetes(personne, admin_client, demo):
    assert personne(Role.ENSEIGNANT)[0].get(adresse(demo, "savoirs")).status_code == 403
    assert requetes(lambda: admin_client.get(adresse(demo, "savoirs"))) == requetes(
        lambda: admin_client.get(adresse(demo, "indicateurs"))
    )


# --- Le diplôme et sa commission --------------------------------------------------------------


def le_diplome(referentiel):
    return reverse("referentiel:modifier-diplome", args=[referentiel.pk])


def propriete(page, nom):
    """Le nom du champ d'une propriété, et tout ce que le navigateur enverrait sans rien toucher."""
    valeurs = [valeur for _, siennes in page.context["vue"].parties for valeur in siennes]
    champs = {valeur.case.nom: valeur.case.valeur for valeur in valeurs}
    champ = next(valeur.case.nom for valeur in valeurs if valeur.case.colonne.nom == nom)
    return champ, champs | {"etat": page.context["vue"].edition.etat}


def test_les_regles_de_commission_se_modifient_avec_leur_source(admin_client, demo):
    sommaire = texte(admin_client.get(reverse("referentiel:modifier", args=[demo.pk])))
    assert "Intitulé, cycle, règles de commission, identité" in sommaire
    page = admin_client.get(le_diplome(demo))
    assert [titre for titre, _ in page.context["vue"].parties] == [
        "Diplôme",
        "Règles de la commission",
        "Carte d’identité",
    ]
    mot, champs = propriete(page, "commission.tuteur")
    plus, _ = propriete(page, "commission.situations.maximum")
    inchange = admin_client.post(le_diplome(demo), champs | SOURCE)
    assert "Rien n’a changé sur cette page." in texte(inchange)
    champs |= {mot: "maître d’apprentissage", plus: "4"}
    assert "Dites d’où vient ce que vous écrivez" in texte(admin_client.post(le_diplome(demo), champs))
    applique(admin_client, admin_client.post(le_diplome(demo), champs | SOURCE))
    demo.refresh_from_db()
    assert (demo.regles.tuteur, demo.regles.maximum) == ("maître d’apprentissage", 4)
    assert demo.sources[-1]["groupe"] == "commission"
    assert not importer(lire_texte(ContenuReferentiel(demo).texte()))


def test_vider_toutes_les_regles_de_commission_les_efface(admin_client, demo):
    """Un fichier qui les tait ne change rien ; la page où on les vide, elle, les efface."""
    brut = json.loads(ContenuReferentiel(demo).texte())
    Referentiel.objects.filter(pk=demo.pk).update(commission={"tuteur": "maître d’apprentissage"})
    mot, champs = propriete(admin_client.get(le_diplome(demo)), "commission.tuteur")
    applique(admin_client, admin_client.post(le_diplome(demo), champs | SOURCE | {mot: ""}))
    demo.refresh_from_db()
    assert demo.commission == {}
    brut.pop("commission", None)
    Referentiel.objects.filter(pk=demo.pk).update(commission={"tuteur": "maître d’apprentissage"})
    importer(lire_texte(json.dumps(brut)))
    demo.refresh_from_db()
    assert demo.commission == {"tuteur": "maître d’apprentissage"}


def test_une_faute_du_diplome_se_montre_a_sa_place(admin_client, demo):
    page = admin_client.get(le_diplome(demo))
    premier, champs = propriete(page, "commission.mois.premier")
    dernier, _ = propriete(page, "commission.mois.dernier")
    publie, _ = propriete(page, "identite.publication")
    fautive = admin_client.post(
        le_diplome(demo), champs | SOURCE | {premier: "9", dernier: "4", publie: "2021-02-30"}
    )
    lues = {
        valeur.case.nom: valeur.case for _, siennes in fautive.context["vue"].parties for valeur in siennes
    }
    assert (lues[premier].valeur, lues[publie].valeur) == ("9", "2021-02-30")
    assert lues[publie].fautes
    corrigee = champs | SOURCE | {premier: "9", dernier: "4"}
    fautive = admin_client.post(le_diplome(demo), corrigee)
    (faute,) = fautive.context["vue"].fautes
    assert "est avant" in faute.message
    assert Referentiel.objects.get().regles.mois is None


def test_ce_qui_compte_ne_change_plus_quand_le_diplome_sert(admin_client, trpm, lycee):
    """Passer de « la session » à « tout le cycle » changerait des notes en cours ; le mot du tuteur, non."""
    factories.promotion(lycee, trpm, "RSP")
    retenues, champs = propriete(admin_client.get(le_diplome(trpm)), "commission.situations.retenues")
    apercu = admin_client.post(le_diplome(trpm), champs | SOURCE | {retenues: "cycle"})
    assert "Cet import toucherait à ce qui sert déjà." in texte(apercu)
    mot, champs = propriete(admin_client.get(le_diplome(trpm)), "commission.tuteur")
    applique(
        admin_client, admin_client.post(le_diplome(trpm), champs | SOURCE | {mot: "tuteur en entreprise"})
    )
    trpm.refresh_from_db()
    assert (trpm.regles.tuteur, trpm.regles.retenues) == ("tuteur en entreprise", "session")


def test_qui_modifie_le_diplome(personne, demo):
    assert personne(Role.ENSEIGNANT)[0].get(le_diplome(demo)).status_code == 403
