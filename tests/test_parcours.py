"""Le parcours complet d’un candidat, par le navigateur de test : rien n’est créé hors des pages.

De l’import du référentiel officiel à la grille figée, avec les comptes et les mots de passe que les
pages donnent. Seuls l’établissement et son administrateur viennent de l’administration technique.
"""

import re
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from django_webtest import DjangoTestApp
from openpyxl import load_workbook
from pypdf import PdfReader
from webtest import TestResponse

from certification.models import Dossier, VersionFigee
from livret.models import (
    AnneeScolaire,
    Classe,
    Eleve,
    Etablissement,
    Evaluation,
    Promotion,
    Situation,
)
from referentiel.models import Competence, Referentiel
from tests import factories
from trpm.permissions import Role

pytestmark = pytest.mark.usefixtures("sans_mise_en_page_sur_postgresql")

MOT_DE_PASSE = "un-mot-de-passe-assez-long"
FICHIER_ELEVES = (
    "Nom;Prénom 1;Né(e) le;INE;Division\r\n"
    "MOREL;Lina;14/03/2008;123456789AB;TLE RSP\r\n"
    "PETIT;Élio;02/11/2008;;TLE RSP\r\n"
).encode("cp1252")
NIVEAUX_E31 = {"C6": "2", "C7": "2", "C8": "1", "C9": "3"}


class Site:
    """Une personne devant l’application : elle se connecte, suit des liens, remplit des formulaires."""

    def __init__(self, app: DjangoTestApp) -> None:
        self.app = app
        self.choisis: dict[str, str] = {}

    def connexion(self, identifiant: str, mot_de_passe: str) -> TestResponse:
        self.app.reset()
        page = self.page("connexion")
        formulaire = principal(page)
        mot_de_passe = self.choisis.get(identifiant, mot_de_passe)
        formulaire["username"], formulaire["password"] = identifiant, mot_de_passe
        entree = formulaire.submit().maybe_follow()
        return self.choisir(entree, identifiant, mot_de_passe) if "old_password" in entree.text else entree

    def choisir(self, page: TestResponse, identifiant: str, provisoire: str) -> TestResponse:
        """La première entrée : le mot de passe remis cède la place au sien."""
        formulaire = principal(page)
        formulaire["old_password"] = provisoire
        formulaire["new_password1"] = formulaire["new_password2"] = f"de-{identifiant}-et-de-lui-seul"
        self.choisis[identifiant] = f"de-{identifiant}-et-de-lui-seul"
        formulaire.submit().follow()
        return self.page("accueil")

    def page(self, nom: str, *arguments: object) -> TestResponse:
        return self.app.get(reverse(nom, args=arguments))

    def remplir(self, adresse: str, *arguments: object, **champs: object) -> TestResponse:
        """Ouvre la page, remplit son formulaire principal, l’envoie et suit la redirection."""
        page = self.page(adresse, *arguments)
        formulaire = principal(page)
        for champ, valeur in champs.items():
            formulaire[champ] = valeur
        reponse = formulaire.submit()
        return reponse.maybe_follow()


def principal(page: TestResponse, adresse: str = "") -> object:
    """Le formulaire de la page (hors en-tête), ou celui qui s’envoie à cette adresse."""
    for formulaire in page.forms.values():
        de_l_entete = formulaire.action == reverse("deconnexion") or "q" in formulaire.fields
        if not de_l_entete and adresse in (formulaire.action or ""):
            return formulaire
    raise AssertionError(f"aucun formulaire vers « {adresse} » dans {page.request.path}")


def texte_pdf(reponse: TestResponse) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(reponse.body)).pages)


@pytest.fixture
def site(django_app: DjangoTestApp, db: None) -> Site:
    return Site(django_app)


def test_du_referentiel_importe_a_la_grille_figee(site: Site) -> None:
    lycee = factories.etablissement("Lycée du parcours")
    factories.utilisateur(Role.ADMINISTRATEUR, etablissement=lycee, identifiant="administratrice")
    administratrice = ("administratrice", factories.MOT_DE_PASSE)

    site.connexion(*administratrice)
    importer_le_referentiel(site)
    referentiel = Referentiel.objects.get()
    comptes = preparer_l_annee(site, lycee, referentiel)
    lina = Eleve.objects.get(nom="MOREL")
    assert str(lina.naissance) == "2008-03-14"

    site.connexion("enseignante", comptes["enseignante"])
    situation = evaluer(site, lina)

    site.connexion("lina.morel", comptes["lina.morel"])
    lire_son_livret(site, lina)

    site.connexion("presidente", comptes["presidente"])
    dossier = preparer_la_commission(site, lina)
    decider(site, dossier)
    figer(site, dossier)

    avant = VersionFigee.objects.get().contenu
    site.connexion("enseignante", comptes["enseignante"])
    corriger_apres_coup(site, situation, lina)
    site.connexion("presidente", comptes["presidente"])
    verifier_que_rien_n_a_bouge(site, dossier, avant)


def importer_le_referentiel(site: Site) -> None:
    page = site.page("referentiel:importer")
    formulaire = principal(page)
    formulaire["fichier"] = ("trpm.json", factories.FICHIER_TRPM.read_bytes())
    apercu = formulaire.submit()
    assert Referentiel.objects.count() == 0
    principal(apercu, reverse("referentiel:importer-confirmer")).submit().follow()
    poids = site.page("referentiel:poids", Referentiel.objects.get().pk, "RSP")
    assert [nombre in poids.text for nombre in ("28,23", "37,90", "33,87")] == [True] * 3


def preparer_l_annee(site: Site, lycee: Etablissement, referentiel: Referentiel) -> dict[str, str]:
    site.remplir("livret:annee-create", lycee.pk, debut="2025")
    option = referentiel.options.get(code="RSP").pk
    site.remplir("livret:promotion-create", lycee.pk, nom="RSP 2026", option=str(option), session="2026")
    comptes = {
        "enseignante": ouvrir_un_compte(site, lycee, "enseignante", "Berger", ["enseignant"]),
        "presidente": ouvrir_un_compte(site, lycee, "presidente", "Vidal", ["president"]),
    }
    page = site.page("livret:classe-create", lycee.pk)
    formulaire = principal(page)
    formulaire["nom"], formulaire["niveau"] = "Tle RSP", "Tle"
    formulaire["annee"] = str(AnneeScolaire.objects.get(debut=2025).pk)
    formulaire["promotion"] = str(Promotion.objects.get().pk)
    formulaire.set("equipe", True, index=0)
    formulaire.submit().follow()
    classe = Classe.objects.get()
    assert [membre.username for membre in classe.equipe.all()] == ["enseignante"]

    page = site.page("livret:eleves-import", classe.pk)
    formulaire = principal(page)
    formulaire["fichier"] = ("eleves.csv", FICHIER_ELEVES)
    apercu = formulaire.submit()
    assert Eleve.objects.count() == 0
    principal(apercu, reverse("livret:eleves-import-apercu", args=[classe.pk])).submit(
        "acte", value="confirmer"
    ).follow()
    assert sorted(Eleve.objects.values_list("nom", "prenom")) == [("MOREL", "Lina"), ("PETIT", "Élio")]

    acces = principal(site.page("livret:classe-comptes", classe.pk)).submit("forme", value="page")
    lignes = re.findall(r"<code>([^<]+)</code>", acces.text)
    comptes |= dict(zip(lignes[::2], lignes[1::2], strict=True))
    return comptes


def ouvrir_un_compte(site: Site, lycee: Etablissement, identifiant: str, nom: str, roles: list[str]) -> str:
    page = site.page("livret:compte-create", lycee.pk)
    formulaire = principal(page)
    formulaire["last_name"], formulaire["first_name"] = nom, "Anne"
    formulaire["email"], formulaire["username"] = f"{identifiant}@exemple.fr", identifiant
    for case in formulaire.fields["roles"]:
        case.checked = case._value in roles
    acces = formulaire.submit().maybe_follow()
    return re.findall(r"<code>([^<]+)</code>", acces.text)[-1]


def evaluer(site: Site, lina: Eleve) -> Situation:
    classe = Classe.objects.get()
    page = site.page("livret:situation-create", classe.pk)
    formulaire = principal(page)
    formulaire["intitule"] = "Série de brides, réglage et qualification"
    formulaire["nature"], formulaire["lieu"] = "certificative", "centre"
    formulaire["debut"], formulaire["fin"] = "2026-03-09", "2026-03-13"
    formulaire["documents"] = "Dossier de fabrication"
    formulaire["materiels"] = "Tour à commande numérique"
    visees = {str(pk) for pk in Competence.objects.filter(code__in=NIVEAUX_E31).values_list("pk", flat=True)}
    for case in formulaire.fields["competences"]:
        case.checked = case._value in visees
    formulaire.submit().follow()
    situation = Situation.objects.get()
    changer_d_etat(site, situation, "ouverte")

    grille = site.page("livret:grille", situation.pk)
    saisie = grille.forms["saisie"]
    for code, niveau in NIVEAUX_E31.items():
        saisie[f"c{Competence.objects.get(code=code).pk}-{lina.pk}"] = niveau
    saisie.submit().follow()
    assert {e.competence.code: e.niveau.code for e in Evaluation.objects.filter(eleve=lina)} == NIVEAUX_E31
    changer_d_etat(site, situation, "publiee")
    return situation


def changer_d_etat(site: Site, situation: Situation, etat: str) -> None:
    page = site.page("livret:situation", situation.pk)
    for formulaire in page.forms.values():
        if (
            formulaire.action == reverse("livret:situation-etat", args=[situation.pk])
            and etat in formulaire.text
        ):
            formulaire.submit("etat", value=etat).follow()
            break
    situation.refresh_from_db()
    assert situation.etat == etat


def lire_son_livret(site: Site, lina: Eleve) -> None:
    page = site.page("livret:mon-livret")
    assert "Série de brides, réglage et qualification" in page.text
    assert "/ 20" not in page.text
    assert "PETIT" not in page.text
    livret = texte_pdf(site.page("livret:eleve-pdf", lina.pk))
    assert "C9 Assembler les éléments de tout ou partie d’un ensemble mécanique" in " ".join(livret.split())


def preparer_la_commission(site: Site, lina: Eleve) -> Dossier:
    page = site.page("certification:commission-create")
    formulaire = principal(page)
    epreuve = next(texte for texte in formulaire["epreuve"].options if texte[2].startswith("E31"))
    formulaire["session"], formulaire["epreuve"], formulaire["date"] = "2026", epreuve[0], "2026-06-03"
    page = formulaire.submit().follow()
    commission = lina.promotion.etablissement.commissions.get()
    page = site.page("certification:commission-candidats", commission.pk)
    formulaire = principal(page)
    for case in formulaire.fields["eleves"]:
        case.checked = case._value == str(lina.pk)
    formulaire.submit().follow()
    return Dossier.objects.get()


def decider(site: Site, dossier: Dossier) -> None:
    page = site.page("certification:dossier", dossier.pk)
    page = principal(page, reverse("certification:acceptation", args=[dossier.pk])).submit().follow()
    assert "13,19" in page.text
    proposition = principal(page, reverse("certification:proposition", args=[dossier.pk]))
    assert proposition["note_proposee"].value == "13,5"
    proposition["note_proposee"] = "14"
    refus = proposition.submit(expect_errors=True)
    assert refus.status_code == 422
    assert "donnez le motif" in refus.text
    proposition = principal(refus, reverse("certification:proposition", args=[dossier.pk]))
    proposition["motif_ecart"] = "Autonomie remarquée pendant toute la série."
    proposition.submit().follow()
    dossier.refresh_from_db()
    assert dossier.note_proposee == Decimal("14")


def figer(site: Site, dossier: Dossier) -> None:
    page = site.page("certification:dossier", dossier.pk)
    principal(page, reverse("certification:figer", args=[dossier.pk])).submit().follow()
    assert VersionFigee.objects.get().dossier == dossier


def corriger_apres_coup(site: Site, situation: Situation, lina: Eleve) -> None:
    grille = site.page("livret:grille", situation.pk)
    saisie = grille.forms["saisie"]
    saisie[f"c{Competence.objects.get(code='C8').pk}-{lina.pk}=1"] = "3"
    saisie.submit().follow()
    assert Evaluation.objects.get(eleve=lina, competence__code="C8").niveau.code == "3"


def verifier_que_rien_n_a_bouge(site: Site, dossier: Dossier, avant: str) -> None:
    assert VersionFigee.objects.get().contenu == avant
    assert "13,19" in site.page("certification:dossier", dossier.pk).text
    grille = texte_pdf(site.page("certification:grille-pdf", dossier.pk))
    assert "14,0 / 20" in grille.replace("\xa0", " ").replace("\u202f", " ")
    assert "Autonomie remarquée pendant toute la série." in " ".join(grille.split())
    pieces = " ".join(texte_pdf(site.page("certification:dossier-pdf", dossier.pk)).split())
    rangs = [pieces.index(f"Pièce {numero}.") for numero in (1, 2, 3, 4)]
    assert rangs == sorted(rangs)
    classeur = load_workbook(BytesIO(site.page("certification:grille-xlsx", dossier.pk).body))
    assert any(str(case.value).startswith("=") for feuille in classeur for ligne in feuille for case in ligne)
