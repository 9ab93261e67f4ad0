"""Un élève change de diplôme : un seul livret, chaque preuve sous le référentiel où elle a été donnée."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.utils import timezone
from pypdf import PdfReader

from certification.dossier.figement import figer
from certification.dossier.resultats import dossier_lu
from certification.models import Dossier, VersionFigee
from livret.administration.changement import apercu
from livret.bilan.lus import bilan_lu
from livret.bilan.models import Bilan
from livret.models import ChangementDePromotion, Classe, Eleve
from livret.synthese.livrets import livrets
from referentiel.models import Referentiel, Statut
from tests import factories
from tests.deux_diplomes import DeuxDiplomes, deux_diplomes
from tests.litanie import adresse, connecte, messages, requetes
from tests.simultane import ensemble
from trpm.permissions import Role


@pytest.fixture
def lieu(db: None) -> DeuxDiplomes:
    return deux_diplomes()


def url(lieu: DeuxDiplomes, promotion=None) -> str:
    return adresse("changement-de-promotion", (promotion or lieu.seconde.promotion).pk)


def statut() -> Statut:
    return Statut.objects.get(referentiel__code="PRO", code="sco")


def donnees(lieu: DeuxDiplomes, *eleves: Eleve, **champs: object) -> dict:
    choisis = [eleve.pk for eleve in eleves or (lieu.lou,)]
    return vus(
        {"eleves": choisis, "classe": lieu.premiere.pk, "jour": "01/09/2025", "statut": statut().pk} | champs
    )


def vus(champs: dict) -> dict:
    """Avec l’empreinte de l’aperçu que la page en aurait montré."""
    eleves = Eleve.objects.filter(pk__in=champs["eleves"])
    classe = Classe.objects.select_related("promotion__referentiel", "annee").get(pk=champs["classe"])
    return champs | {"apercu": apercu(eleves[0].promotion, classe, eleves).empreinte}


def passer(lieu: DeuxDiplomes, *eleves: Eleve) -> Eleve:
    reponse = connecte(lieu.admin).post(url(lieu), donnees(lieu, *eleves))
    assert reponse.status_code == 302, reponse.content.decode()
    return Eleve.objects.get(pk=lieu.lou.pk)


def lisible(contenu: bytes) -> str:
    return " ".join(contenu.decode().replace("&nbsp;", " ").replace("\xa0", " ").split())


# --- L'acte ---------------------------------------------------------------------------------------


def test_la_page_dit_ce_qui_changerait_sans_rien_ecrire(lieu):
    lieu.en_seconde(C1=1, P2=1)
    client = connecte(lieu.admin)
    page = lisible(client.get(url(lieu), {"eleves": lieu.lou.pk, "classe": lieu.premiere.pk}).content)
    assert "1 élève passerait en <strong>1re 2, 2025-2026</strong>, promotion PRO 2027" in page
    assert (
        "Les 2 niveaux déjà donnés restent dans leur livret, sous « Avant, en REMI », et ne comptent pas"
        in page
    )
    assert "<strong>P2</strong> répond à C2" in page
    assert "<strong>à choisir</strong>" in page
    assert not ChangementDePromotion.objects.exists()


def test_l_eleve_passe_avec_sa_classe_et_son_journal(lieu):
    lieu.en_seconde(C1=1)
    lou = passer(lieu)
    assert (lou.promotion.nom, lou.option.referentiel.code, lou.statut) == ("PRO 2027", "PRO", statut())
    assert [(s.classe.nom, s.sortie) for s in lou.scolarites.order_by("pk")] == [
        ("2de 1", None),
        ("1re 2", None),
    ]
    journal = ChangementDePromotion.objects.get()
    assert (journal.avant.nom, journal.apres.nom, journal.par) == ("REMI 2025", "PRO 2027", lieu.admin)
    fiche = lisible(connecte(lieu.admin).get(adresse("eleve-update", lou.pk)).content)
    assert "REMI 2025 (REMI 1) → PRO 2027 (PRO 1), à compter du 1<sup>er</sup>" in fiche or (
        "REMI 2025 (REMI 1) → PRO 2027 (PRO 1), à compter du" in fiche
    )
    reponse = connecte(lieu.admin).get(adresse("eleve-update", lou.pk))
    form = reponse.context["form"]
    assert not form.is_bound


def test_sans_statut_choisi_rien_ne_passe(lieu):
    reponse = connecte(lieu.admin).post(url(lieu), donnees(lieu, statut=""))
    assert reponse.status_code == 422
    assert "Choisissez le statut des élèves" in lisible(reponse.content)
    assert not ChangementDePromotion.objects.exists()


def test_un_apercu_perime_ou_absent_ne_passe_personne(lieu):
    """Un niveau de plus, donné depuis que la page est ouverte, ou une page que l’on n’a pas lue."""
    client, envoi = connecte(lieu.admin), donnees(lieu)
    lieu.en_seconde(C1=1)
    for perime in (envoi, donnees(lieu) | {"apercu": ""}):
        reponse = client.post(url(lieu), perime)
        assert (reponse.status_code, ChangementDePromotion.objects.count()) == (422, 0)
        assert "changé depuis l’aperçu" in lisible(reponse.content)
        assert reponse.context["apercu"].niveaux == 1
    assert client.post(url(lieu), donnees(lieu)).status_code == 302


def test_une_date_hors_de_l_annee_et_un_statut_d_ailleurs_s_expliquent(lieu):
    client = connecte(lieu.admin)
    reponse = client.post(url(lieu), donnees(lieu, jour="01/09/2023"))
    assert (reponse.status_code, "dans l’année scolaire 2025-2026" in lisible(reponse.content)) == (422, True)
    reponse = client.post(url(lieu), donnees(lieu, classe=lieu.seconde.pk))
    assert reponse.status_code == 422


def test_l_autre_etablissement_et_les_autres_roles(lieu, monde):
    assert connecte(monde.a.administrateur).get(url(lieu)).status_code == 404
    assert connecte(lieu.de_seconde).get(url(lieu)).status_code == 403


def test_dans_la_meme_annee_l_ancienne_classe_se_quitte_a_la_date(lieu):
    autre = factories.promotion(lieu.lycee, lieu.seconde.promotion.referentiel, "SANS", 2025, "REMI bis")
    voisine = factories.classe(autre, [lieu.de_seconde], "2de", "2de B")
    reponse = connecte(lieu.admin).post(
        url(lieu), vus({"eleves": [lieu.lou.pk], "classe": voisine.pk, "jour": "12/01/2025"})
    )
    assert reponse.status_code == 302
    sorties = [(s.classe.nom, str(s.sortie)) for s in lieu.lou.scolarites.order_by("pk")]
    assert sorties == [("2de 1", "2025-01-12"), ("2de B", "None")]


def test_une_erreur_se_corrige_en_revenant(lieu):
    lieu.en_seconde(C1=1)
    lou = passer(lieu)
    reponse = connecte(lieu.admin).post(
        url(lieu, lou.promotion),
        vus({"eleves": [lou.pk], "classe": lieu.seconde.pk, "jour": "02/09/2024"}),
    )
    assert reponse.status_code == 302
    lou.refresh_from_db()
    assert (lou.promotion, lou.option, lou.statut) == (
        lieu.seconde.promotion,
        lieu.seconde.promotion.option,
        None,
    )
    assert [s.classe.nom for s in lou.scolarites.all()] == ["2de 1"]
    assert ChangementDePromotion.objects.count() == 2


def test_une_commission_ouverte_garde_son_candidat(lieu):
    commission = factories.commission(lieu.seconde.promotion, "R1")
    factories.dossier(commission, lieu.lou)
    autre = factories.eleve(lieu.seconde, "ALIZE", statut=None)
    client = connecte(lieu.admin)
    choix = {"eleves": [lieu.lou.pk, autre.pk], "classe": lieu.premiere.pk}
    page = lisible(client.get(url(lieu), choix).content)
    assert (
        "<strong>ZEPHIR Lou</strong>, devant une commission ouverte (R1, session 2025) : qu’elle fige son "
        "dossier ou l’en retire, d’abord."
    ) in page
    reponse = client.post(url(lieu), donnees(lieu, lieu.lou, autre))
    assert messages(client.get(reponse.url)) == ["1 élève passé en 1re 2, PRO 2027."]
    assert Eleve.objects.get(pk=lieu.lou.pk).promotion == lieu.seconde.promotion
    reponse = client.post(url(lieu), donnees(lieu))
    assert (reponse.status_code, Dossier.objects.get().eleve) == (422, lieu.lou)


def test_le_nombre_de_requetes_de_l_apercu_ne_depend_pas_des_eleves(lieu):
    client = connecte(lieu.admin)

    def voir() -> int:
        choisis = list(Eleve.objects.values_list("pk", flat=True))
        return requetes(lambda: client.get(url(lieu), {"eleves": choisis, "classe": lieu.premiere.pk}))

    un = voir()
    for rang in range(2):
        lieu.en_seconde(factories.eleve(lieu.seconde, f"AUTRE{rang}", statut=None), C1=1)
    assert voir() == un


@pytest.mark.django_db(transaction=True)
def test_deux_administrateurs_a_la_fois_ne_font_qu_un_changement():
    lieu = deux_diplomes()
    lieu.en_seconde(C1=1)
    seconde = factories.utilisateur(Role.ADMINISTRATEUR, etablissement=lieu.lycee, nom="Adjointe")
    clients, envoi = [connecte(lieu.admin), connecte(seconde)], donnees(lieu)
    statuts = ensemble(
        *(lambda client=client: client.post(url(lieu), envoi).status_code for client in clients)
    )
    assert sorted(statuts) == [302, 422]
    assert ChangementDePromotion.objects.count() == 1
    assert Eleve.objects.get(pk=lieu.lou.pk).scolarites.count() == 2


# --- Le livret ------------------------------------------------------------------------------------


def test_le_livret_range_chaque_preuve_sous_son_referentiel(lieu):
    lieu.en_seconde(C1=1, P2=1)
    lou = passer(lieu)
    lieu.en_premiere(C2=2)
    page = lisible(connecte(lieu.de_premiere).get(lou.get_absolute_url()).content)
    ici, avant = page.split('id="avant-REMI">')
    assert '<tr id="C1"> <th scope="row"><strong>C1</strong> Tenir C1' in ici
    assert "jamais évaluée" in ici.split('<tr id="C1">')[1].split("</tr>")[0]
    assert "déjà montré en REMI, P2" in ici.split('<tr id="C2">')[1].split("</tr>")[0]
    assert "répond à C2 de PRO" in avant
    assert "Avant, en REMI : situations" in avant
    assert "2de 1, 2024-2025, en REMI › 1re 2, 2025-2026" in page
    assert "<strong>1</strong> compétence évaluée sur 2" in page
    assert "entrée en 1re" in page


def test_qui_ne_l_a_suivi_qu_avant_lit_son_livret_d_alors(lieu):
    lieu.en_seconde(C1=1)
    lou = passer(lieu)
    lieu.en_premiere(C1=3)
    page = connecte(lieu.de_seconde).get(lou.get_absolute_url())
    tenu = page.context["suivi"]
    assert tenu.eleve.promotion.nom == "REMI 2025"
    assert [(une.ligne.code, une.ligne.degre and une.ligne.degre.code) for une in tenu.lignes] == [
        ("C1", "A"),
        ("P2", None),
    ]
    assert "PRO" not in lisible(page.content).split("<main")[1]


def test_l_imprime_et_l_archive_le_disent_aussi(lieu):
    lieu.en_seconde(C1=1, P2=1)
    lou = passer(lieu)
    client = connecte(lou.utilisateur)
    pdf = client.get(adresse("eleve-pdf", lou.pk)).content
    imprime = " ".join(" ".join(p.extract_text() for p in PdfReader(BytesIO(pdf)).pages).split())
    assert "Avant, en REMI" in imprime
    assert "répond à C2 de PRO" in imprime
    octets = b"".join(client.get(adresse("eleve-archive", lou.pk)).streaming_content)
    lu = json.loads(ZipFile(BytesIO(octets)).read("livret.json"))
    (avant,) = lu["avant"]
    assert avant["diplome"]["code"] == "REMI"
    assert [(c["code"], c["meilleur_niveau"], c["repond_a"]) for c in avant["competences"]] == [
        ("C1", "A", []),
        ("P2", "A", ["C2"]),
    ]
    assert {c["code"]: c["meilleur_niveau"] for c in lu["competences"]} == {"C1": None, "C2": None}
    assert [p["diplome"]["code"] for p in lu["parcours"]] == ["REMI", "PRO"]


def test_ce_qui_reste_a_prouver_n_oublie_rien_et_rappelle_ce_qui_repond(lieu):
    lieu.en_seconde(C1=1, P2=1)
    lou = passer(lieu)
    page = lisible(connecte(lou.utilisateur).get(adresse("a-prouver", lou.pk)).content)
    assert '<li id="C1">' in page
    assert "déjà montré en REMI, P2" in page.split('<li id="C2">')[1]


def test_le_portfolio_range_les_traces_par_diplome(lieu):
    trace = factories.trace_d_eleve(lieu.lou, lieu.lou.utilisateur, "Ma pièce de seconde")
    trace.competences.set(lieu.seconde.promotion.referentiel.competences.filter(code="C1"))
    lou = passer(lieu)
    neuve = factories.trace_d_eleve(lou, lou.utilisateur, "Ma pièce de première")
    neuve.competences.set(lou.promotion.referentiel.competences.filter(code="C1"))
    client = connecte(lou.utilisateur)
    page = lisible(client.get(adresse("portfolio", lou.pk)).content)
    ici, avant = page.split("<h2>Avant, en REMI</h2>")
    assert ("Ma pièce de première" in ici, "Ma pièce de seconde" in ici) == (True, False)
    assert "Ma pièce de seconde" in avant
    client.post(adresse("portfolio-update", trace.pk), {"texte": "Ma pièce de seconde, redite"})
    assert [une.referentiel.code for une in trace.competences.all()] == ["REMI"]


def test_le_livret_imprime_range_aussi_le_portfolio(lieu):
    trace = factories.trace_d_eleve(lieu.lou, lieu.lou.utilisateur, "Ma pièce de seconde", au_dossier=True)
    trace.competences.set(lieu.seconde.promotion.referentiel.competences.filter(code="C1"))
    lieu.en_seconde(C1=1)
    lou = passer(lieu)
    pdf = connecte(lieu.admin).get(adresse("eleve-pdf", lou.pk)).content
    imprime = " ".join(" ".join(p.extract_text() for p in PdfReader(BytesIO(pdf)).pages).split())
    assert "Ma pièce de seconde" in imprime.replace("\xa0", " ").split("Avant, en REMI : portfolio")[1]


def test_la_classe_d_avant_montre_l_eleve_tel_qu_il_y_etait(lieu):
    lieu.en_seconde(C1=1)
    passer(lieu)
    page = connecte(lieu.de_seconde).get(lieu.seconde.get_absolute_url())
    (livret,) = page.context["tableau"].livrets if "tableau" in page.context else ()
    assert [(ligne.code, ligne.degre and ligne.degre.code) for ligne in livret.lignes] == [
        ("C1", "A"),
        ("P2", None),
    ]
    lieu.seconde.refresh_from_db()
    lieu.seconde.nom = "2de REMI"
    lieu.seconde.full_clean()


def test_le_bilan_d_avant_reste_celui_d_avant(lieu):
    lieu.en_seconde(C1=1)
    ancien = factories.bilan(lieu.lou, lieu.de_seconde, "valide", semestre=2)
    fige = ancien.contenu
    lou = passer(lieu)
    lieu.en_premiere(C1=3)
    correction = ancien.corriger("Une coquille", lieu.de_seconde)
    assert [ligne.code for ligne in bilan_lu(correction).contenu.lignes] == ["C1", "P2"]
    neuf = Bilan.objects.create(
        eleve=lou, classe=lieu.premiere, semestre=1, date="2026-06-10", auteur=lieu.de_premiere
    )
    lu = bilan_lu(Bilan.objects.get(pk=neuf.pk)).contenu
    assert (lu.sujet.diplome, lu.precedent) == ("Diplôme d’essai PRO", None)
    assert [(ligne.code, ligne.degre and ligne.degre.code) for ligne in lu.lignes] == [
        ("C1", "4"),
        ("C2", None),
    ]
    assert Bilan.objects.get(pk=ancien.pk).contenu == fige


def test_les_requetes_du_livret_ne_dependent_pas_de_ce_qui_a_ete_montre_avant(lieu):
    lieu.en_seconde(C1=1)
    lou = passer(lieu)
    client = connecte(lieu.de_premiere)
    une = requetes(lambda: client.get(lou.get_absolute_url()))
    lieu.en_seconde(C1=0, P2=1)
    lieu.en_seconde(P2=0)
    assert requetes(lambda: client.get(lou.get_absolute_url())) == une


# --- La certification -----------------------------------------------------------------------------


def test_la_commission_ne_compte_que_les_preuves_de_son_referentiel(lieu):
    lieu.en_seconde(C1=1, P2=1)
    lou = passer(lieu)
    lieu.en_premiere(C2=2)
    dossier = factories.dossier(factories.commission(lou.promotion, "E1"), lou)
    dossier.mode = "ccf"
    dossier.save()
    grille = dossier_lu(dossier).grille
    assert [(li.code, li.propose, len(li.preuves)) for li in grille.lignes] == [("C1", None, 0), ("C2", 2, 1)]


def test_un_dossier_fige_puis_rouvert_dit_toujours_la_meme_chose(lieu):
    lieu.en_seconde(C1=1, P2=0)
    president = factories.utilisateur(Role.PRESIDENT, Role.MEMBRE, etablissement=lieu.lycee)
    dossier = factories.dossier(factories.commission(lieu.seconde.promotion, "R1", [president]), lieu.lou)
    dossier.mode = "ccf"
    dossier.save()
    for code, valeur in (("C1", 1), ("P2", 0)):
        factories.decision(dossier, code, president, valeur)
    factories.note(dossier, "10")
    figer(dossier, president)
    fige = VersionFigee.objects.get().contenu
    lou = passer(lieu)
    lieu.en_premiere(C1=3)
    assert VersionFigee.objects.get().contenu == fige
    VersionFigee.objects.get().rouvrir("Une erreur", president, timezone.now())
    grille = dossier_lu(Dossier.objects.get()).grille
    assert (grille.calculee, grille.candidat.option, grille.candidat.statut) == (10, "", "")
    assert [(li.code, li.propose) for li in grille.lignes] == [("C1", 1), ("P2", 0)]
    assert figer(Dossier.objects.get(), president).contenu == fige
    lou.refresh_from_db()
    lou.full_clean()


def test_livrets_d_un_meme_eleve_sous_deux_referentiels(lieu):
    lieu.en_seconde(C1=1)
    lou = passer(lieu)
    (livret,) = livrets([Eleve.objects.select_related("promotion__referentiel", "option").get(pk=lou.pk)])
    assert {ligne.code: ligne.degre for ligne in livret.lignes} == {"C1": None, "C2": None}
    assert Referentiel.objects.count() == 2
