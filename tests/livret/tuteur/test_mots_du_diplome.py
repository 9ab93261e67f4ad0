"""Qui suit l'élève en entreprise se nomme comme le dit le diplôme, sur chaque page et chaque papier."""

import re
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.http import HttpResponse
from django.urls import reverse
from pypdf import PdfReader

from livret.models import Situation
from livret.pfmp.models.entreprise import mot_du_carnet
from livret.tuteur.courriel import prevenir_le_referent
from referentiel.models import Referentiel
from referentiel.reglement.tuteur import MotTuteur
from tests import factories
from tests.litanie import connecte
from tests.livret.tuteur.scene import Accueil, complete, stage
from tests.monde import Monde

__all__ = ["stage"]
MOT = "maître d’apprentissage"
TUTEUR = re.compile(r"\btut(eur|rice)s?\b", re.IGNORECASE)
PAGES = (
    *("pfmp", "annexe", "sejour-create"),
    *("classe-pfmp", "periode-create", "situation-create"),
    *("periode-update", "periode-tuteurs", "periode-relances"),
    *("fiche-tuteur", "fiche-tuteur-saisie"),
    *("entreprises", "entreprise", "tuteur-create", "tuteur-update"),
    *("eleve", "eleve-pfmp"),
)
PAPIERS = ("annexe-pdf", "attestation-pdf", "fiche-tuteur-pdf", "eleve-pdf")


@pytest.mark.parametrize(
    ("mot", "dits"),
    [
        ("tuteur", ("le tuteur", "un tuteur", "du tuteur", "au tuteur", "de tuteur", "tuteurs")),
        (MOT, (f"le {MOT}", f"un {MOT}", f"du {MOT}", f"au {MOT}", f"de {MOT}", "maîtres d’apprentissage")),
        (
            "accompagnateur",
            *[
                (
                    *("l’accompagnateur", "un accompagnateur", "de l’accompagnateur", "à l’accompagnateur"),
                    *("d’accompagnateur", "accompagnateurs"),
                )
            ],
        ),
        (
            "tutrice",
            ("la tutrice", "une tutrice", "de la tutrice", "à la tutrice", "de tutrice", "tutrices"),
        ),
        (
            "responsable local en entreprise",
            (
                *("le responsable local en entreprise", "un responsable local en entreprise"),
                *("du responsable local en entreprise", "au responsable local en entreprise"),
                *("de responsable local en entreprise", "responsables locaux en entreprise"),
            ),
        ),
    ],
)
def test_le_mot_prend_sa_place_dans_la_phrase(mot: str, dits: tuple[str, ...]) -> None:
    un = MotTuteur(mot)
    assert (un.le, un.un, un.du, un.au, un.de, un.pluriel) == dits
    assert MotTuteur(f"tuteur ou {MOT}").pluriel == "tuteurs ou maîtres d’apprentissage"


def dit(reponse: HttpResponse) -> str:
    """Ce qui se lit ou s'entend d'une page ou d'un papier, les noms de personnes ôtés."""
    assert reponse.status_code == 200
    contenu = getattr(reponse, "content", b"") or b"".join(reponse.streaming_content)
    if contenu.startswith(b"%PDF"):
        lu = PdfReader(BytesIO(contenu))
        texte = " ".join([str(lu.metadata.title), *(page.extract_text() for page in lu.pages)])
    else:
        soupe = BeautifulSoup(contenu.decode(), "html.parser")
        attributs = ("aria-label", "title", "alt", "data-titre", "placeholder")
        dits = [une[nom] for nom in attributs for une in soupe.find_all(attrs={nom: True})]
        texte = " ".join([soupe.get_text(" "), *dits])
    return sans_noms(texte)


def sans_noms(texte: str) -> str:
    """Sans le nom de la personne, son courriel et les adresses."""
    return " ".join(re.sub(r"Maryse\s+Tutrice|\S+@\S+|https?:\S+", "", texte).split())


def adresses(monde: Monde, stage: Accueil) -> dict[str, str]:
    lieux = {
        "classe": monde.a.classe.pk,
        "periode": stage.pfmp.periode_id,
        "eleve": stage.pfmp.eleve_id,
        "situation": monde.a.classe.pk,
        "entreprise": stage.tuteur.entreprise_id,
    }
    autres = {
        "eleve-pdf": [lieux["eleve"]],
        "eleve-pfmp": [lieux["eleve"]],
        "periode-create": [lieux["classe"]],
        "entreprises": [],
        "tuteur-create": [lieux["entreprise"]],
        "tuteur-update": [stage.tuteur.pk],
    }
    args = {
        nom: autres.get(nom)
        if nom in autres
        else stage.args
        if nom.startswith("fiche-tuteur")
        else [lieux.get(nom.split("-")[0], stage.pfmp.pk)]
        for nom in (*PAGES, *PAPIERS)
    }
    return {nom: reverse(f"livret:{nom}", args=args[nom]) for nom in args}


@pytest.fixture
def apprenti(monde: Monde, stage: Accueil) -> Accueil:
    """Le même stage, dans un diplôme qui a son mot ; une situation en entreprise y est publiée."""
    diplome = Referentiel.objects.get(pk=monde.a.promotion.referentiel_id)
    diplome.commission = {**diplome.commission, "tuteur": MOT}
    diplome.save()
    situation = factories.situation(
        monde.a.classe,
        monde.a.enseignant,
        ["C1"],
        lieu=Situation.Lieu.ENTREPRISE,
        entreprise="Atelier",
        tuteur="Maryse Tutrice",
        etat=Situation.Etat.PUBLIEE,
    )
    factories.evaluation(situation, monde.a.eleves[0], "C1", 2)
    stage.pfmp.refresh_from_db()
    return stage


def test_chaque_page_et_chaque_papier_du_stage(monde: Monde, apprenti: Accueil) -> None:
    client = connecte(monde.a.enseignant)
    for nom, adresse in adresses(monde, apprenti).items():
        texte = dit(client.get(adresse))
        assert not TUTEUR.search(texte), (nom, TUTEUR.search(texte))
        if nom not in ("annexe", "eleve-pfmp", "periode-relances"):
            assert re.search(r"ma[îi]tres? d’apprentissage", texte, re.IGNORECASE), nom
    retour = client.post(reverse("livret:fiche-tuteur-lien", args=apprenti.args))
    assert "Lien du maître d’apprentissage" in dit(retour)
    assert not TUTEUR.search(dit(retour))


def test_la_fiche_de_son_lien_a_sa_validation(monde: Monde, apprenti: Accueil, settings) -> None:
    public, client = connecte(monde.b.collegue), connecte(monde.a.enseignant)
    assert not TUTEUR.search(dit(public.get(apprenti.acces.chemin)))
    envoi = public.post(apprenti.acces.chemin, complete(apprenti.fiche, signataire="Autre Personne"))
    assert envoi.status_code == 302
    assert not TUTEUR.search(dit(public.get(apprenti.acces.chemin)))
    recue = dit(client.get(reverse("livret:fiche-tuteur", args=apprenti.args)))
    assert "Ce n’est pas le maître d’apprentissage au carnet" in recue
    assert "Rendre au maître d’apprentissage à compléter" in recue
    assert not TUTEUR.search(recue)
    settings.EMAIL_HOST = "smtp.invalid"
    requete = client.get(reverse("livret:pfmp", args=[apprenti.pfmp.pk])).wsgi_request
    fiche = apprenti.relue()
    fiche.pfmp.referent.email = "referent@lycee.invalid"
    prevenir_le_referent(requete, fiche)
    for courriel in mail.outbox:
        assert not TUTEUR.search(sans_noms(f"{courriel.subject} {courriel.body}"))


def test_le_dossier_et_la_situation(monde: Monde, apprenti: Accueil) -> None:
    situation = Situation.objects.get(entreprise="Atelier")
    page = dit(connecte(monde.a.enseignant).get(situation.get_absolute_url()))
    assert "Maître d’apprentissage" in page
    assert not TUTEUR.search(page)
    dossier = reverse("certification:dossier-pdf", args=[monde.a.dossiers[0].pk])
    papier = dit(connecte(monde.a.membre).get(dossier))
    assert f", {MOT}\xa0:" in papier.replace(" :", "\xa0:")
    assert not TUTEUR.search(papier)


def test_un_carnet_de_plusieurs_diplomes_dit_leurs_mots(monde: Monde, apprenti: Accueil) -> None:
    autre = factories.referentiel("AUTRE")
    factories.promotion(monde.a.etablissement, autre)
    assert str(mot_du_carnet([monde.a.etablissement])) == f"{MOT} ou tuteur"
    Referentiel.objects.filter(pk=autre.pk).update(commission={"tuteur": MOT})
    assert str(mot_du_carnet([monde.a.etablissement])) == MOT
    assert str(mot_du_carnet([factories.etablissement("Neuf")])) == "tuteur"
