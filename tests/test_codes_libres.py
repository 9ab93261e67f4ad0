"""Des codes faits de signes qui fâchent, partout où le format les accepte : aucune page, aucun dessin, aucun
papier, aucun classeur n'en tombe, et chaque ancre mène quelque part."""

import itertools
from collections import Counter
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.db import models, transaction
from django.urls import reverse
from pypdf import PdfReader

from livret.models import Etablissement
from referentiel.models import Activite, Competence, Detaillee, Epreuve, Niveau, Option, Poids, Tache
from tests.litanie import connecte
from tests.monde import Monde
from tests.test_droits import ROLES, TABLE, Adresse
from tests.tirage_blanc import sans_mise_en_page
from trpm.permissions import Role
from trpm.textes import ancre

pytestmark = pytest.mark.imprime

CODES: dict[type[models.Model], dict[str, str]] = {
    Competence: {"C1": '"', "C2": "$x^$", "C3": "'", "C4": "<b>&amp;", "C5": "note"},
    Epreuve: {"EP1": 'é"<1>', "EP2": "nom", "EP3": "-barre"},
    Option: {"USI": "U'S#?", "OUT": "%2F&t"},
    Niveau: {"0": "<--", "1": "\"'&", "2": "é+é+é", "3": "ABCDE"},
    Detaillee: {"C1.1": '".1', "C1.2": "#", "C2.1": "?a", "C3.1": "[x]*:", "C4.1": "\\{{x}}"},
    Activite: {"A1": '"A', "A2": "A<2>"},
    Tache: {"A1-T1": '"T"', "A2-T1": "<T>", "A3-T1": "$T$"},
}


def renommer() -> None:
    for modele, codes in CODES.items():
        for avant, apres in codes.items():
            modele._base_manager.filter(code=avant).update(code=apres)


def niveaux_longs(monde: Monde) -> None:
    """Des codes de cinq signes, et des poids à quatre décimales."""
    for valeur, code in enumerate(("NONAC", "ENCOU", "ACQUI", "EXPER")):
        Niveau.objects.filter(echelle__referentiel=monde.referentiel, valeur=valeur).update(code=code)
    Poids.objects.filter(grille__referentiel=monde.referentiel).update(valeur=Decimal("1234.5678"))


def test_deux_codes_n_ont_jamais_la_meme_ancre() -> None:
    codes = ["C1", "C01", "c1", "C1.1", "C1-1", "C1_1", "C1_2e_1", "code-C1", "note", "-", '"', "'", "é", "é"]
    ancres = [ancre(code) for code in codes]
    assert len(set(ancres)) == len(set(codes))
    assert ancre("C1") == "C1"
    assert ancre('a"b<é') == "code-a_22_b_3c__e9_"
    assert all(une.replace("-", "").replace("_", "").isalnum() for une in ancres)


def fautes(contenu: str) -> list[str]:
    """Identifiants pris deux fois ou mal écrits, ancres et étiquettes qui ne désignent rien."""
    soupe = BeautifulSoup(contenu, "html.parser")
    compte = Counter(une["id"] for une in soupe.find_all(id=True))
    dites = [f"id {un!r} {nombre} fois" for un, nombre in compte.items() if nombre > 1]
    dites += [f"id {un!r}" for un in compte if not un or any(signe in un for signe in " \t\"'<>#")]
    for nom in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list"):
        for une in soupe.find_all(attrs={nom: True}):
            dites += [
                f"{nom} {un!r}" for un in " ".join([*une.get_attribute_list(nom)]).split() if un not in compte
            ]
    liens = [une["href"] for une in soupe.find_all("a", href=True)]
    dites += [un for un in liens if un.startswith("#") and len(un) > 1 and un[1:] not in compte]
    cibles = [une["hx-target"] for une in soupe.find_all(attrs={"hx-target": True})]
    return dites + [un for un in cibles if un.startswith("#") and un[1:] not in compte]


NOUVEAUX = {avant: apres for codes in CODES.values() for avant, apres in codes.items()}
OUVERTES = [
    (une, role)
    for une in TABLE
    if une.methode == "get"
    for role in [next((un for un in ROLES if une.attendues[un] == 200), None)]
    if role
]


@pytest.mark.long
def test_chaque_page_chaque_papier_et_chaque_classeur(monde: Monde) -> None:
    Etablissement.objects.update(familles=True)
    rates = {}
    for une, role in OUVERTES:
        with transaction.atomic(), sans_mise_en_page():
            if trouvees := manques(monde, une, role):
                rates[une.nom] = trouvees
            transaction.set_rollback(True)
    assert not rates, rates
    assert len(OUVERTES) > 90


def manques(monde: Monde, une: Adresse, role: Role) -> list[str]:
    """Ce qui ne va pas de cette page, ou de ce document, une fois les codes changés."""
    arguments = une.arguments(monde.a) if une.arguments else []
    renommer()
    adresse = reverse(une.nom, args=[NOUVEAUX.get(un, un) if isinstance(un, str) else un for un in arguments])
    reponse = connecte(monde.a.comptes[role]).get(adresse)
    nature, contenu = reponse.headers.get("Content-Type", ""), reponse.getvalue()
    if reponse.status_code != 200:
        return [f"{adresse} : {reponse.status_code}"]
    if "html" in nature:
        return fautes(contenu.decode())
    if "spreadsheet" in nature:
        return [] if openpyxl.load_workbook(BytesIO(contenu)).sheetnames else ["sans feuille"]
    return []


def test_les_papiers_montrent_les_codes_tels_quels(monde: Monde) -> None:
    renommer()
    camille, eleve = monde.a.dossiers[0].pk, monde.a.eleves[0].pk
    president, enseignant = connecte(monde.a.president), connecte(monde.a.enseignant)
    for client, nom, args in (
        (president, "certification:dossier-pdf", [camille]),
        (president, "certification:bilan-pdf", [camille]),
        (president, "certification:proces-verbal", [monde.a.commission.pk]),
        (enseignant, "livret:eleve-pdf", [eleve]),
    ):
        contenu = client.get(reverse(nom, args=args)).getvalue()
        lu = " ".join(page.extract_text() for page in PdfReader(BytesIO(contenu)).pages)
        assert 'é"<1>' in lu, nom
        if nom != "certification:proces-verbal":
            assert "$x^$" in lu, nom
            assert "é+é+é" in lu, nom


def test_la_grille_imprimee_tient_des_codes_de_cinq_signes(monde: Monde) -> None:
    """Chaque code de la tête du tableau commence après la fin du précédent."""
    niveaux_longs(monde)
    papier = connecte(monde.a.president).get(
        reverse("certification:grille-pdf", args=[monde.a.dossiers[0].pk])
    )
    places: dict[str, float] = {}
    corps: set[float] = set()

    def noter(texte: str, cm: list[float], tm: list[float], _: object, taille: float) -> None:
        for code in ("NONAC", "ENCOU", "ACQUI", "EXPER"):
            if code in texte:
                if code not in places:
                    corps.add(taille * abs(tm[0] * cm[0]))
                places.setdefault(code, cm[4] + tm[4] * cm[0])

    PdfReader(BytesIO(papier.getvalue())).pages[0].extract_text(visitor_text=noter)
    debuts = [places[code] for code in ("NONAC", "ENCOU", "ACQUI", "EXPER")]
    largeur = 5 * 0.7 * max(corps)
    assert all(apres - avant > largeur for avant, apres in itertools.pairwise(debuts)), (debuts, corps)


@pytest.mark.parametrize("nom", ["detail", "matrice", "poids", "identite"])
def test_le_referentiel_se_lit_par_ses_propres_liens(nom: str, monde: Monde) -> None:
    renommer()
    option = Option.objects.filter(referentiel=monde.referentiel).first()
    page = connecte(monde.a.enseignant).get(
        reverse(f"referentiel:{nom}", args=[monde.referentiel.pk, option.code])
    )
    soupe = BeautifulSoup(page.content.decode(), "html.parser")
    for lien in soupe.select("main a[href^='/referentiels/']"):
        assert connecte(monde.a.enseignant).get(lien["href"]).status_code == 200, lien["href"]
