"""Chercher : sans accents, par genre, dans ce que l'on a le droit d'ouvrir, et rien d'autre."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.litanie import connecte, requetes
from tests.monde import INTRUS, Monde
from tests.test_droits import parent_de
from trpm.accueil.trouver import MONTRES, trouver
from trpm.permissions import Role

URL = reverse("chercher")


def titres(compte: object, texte: str) -> dict[str, list[str]]:
    trouves = trouver(compte, texte, timezone.localdate())
    return {genre: [un.titre for un in siens] for genre, siens in trouves.genres}


def test_chaque_genre_se_trouve_et_mene_a_sa_page(monde: Monde) -> None:
    a, prof = monde.a, monde.a.enseignant
    factories.eleve(a.classe, "Lefèvre", "Zoé")
    factories.situation(a.classe, prof, intitule="Façonnage d’une bride")
    factories.entreprise(a.etablissement, "Mécanique Générale", ville="Évry")
    attendus = {
        "zoe lefevre": ("Élèves", "Lefèvre Zoé"),
        "LEFÈVRE": ("Élèves", "Lefèvre Zoé"),
        "faconnage bride": ("Situations", "Façonnage d’une bride"),
        "mecanique": ("Entreprises", "Mécanique Générale"),
        "evry": ("Entreprises", "Mécanique Générale"),
        "creer une situation": ("Actes", f"Créer une situation · {a.classe.nom}"),
        "nouvelle evaluation": ("Actes", f"Créer une situation · {a.classe.nom}"),
        a.classe.nom: ("Classes", a.classe.nom),
    }
    client = connecte(prof)
    for texte, (genre, titre) in attendus.items():
        assert titre in titres(prof, texte)[genre], texte
        for _, siens in trouver(prof, texte, timezone.localdate()).genres:
            for un in siens:
                assert client.get(un.adresse).status_code == 200, un
    assert titres(prof, "C1")["Compétences"][0].startswith("C1 ")


def test_rien_ne_repond(monde: Monde) -> None:
    page = connecte(monde.a.enseignant).get(URL, {"q": "zzz<b>"}).content.decode()
    assert "Rien ne répond à « zzz&lt;b&gt; »" in page


def test_sans_mot_la_page_donne_ce_que_l_on_peut_faire(monde: Monde) -> None:
    page = connecte(monde.a.enseignant).get(URL).content.decode()
    assert f"Créer une situation · {monde.a.classe.nom}" in page


def test_la_liste_depliee_est_celle_d_une_combobox(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).get(URL, {"q": "alpha"}, headers={"X-Requested-With": "fetch"})
    page = reponse.content.decode()
    assert "<html" not in page
    assert page.count('role="option"') == 2
    assert 'aria-selected="false" tabindex="-1" id="entete-trouve-1-1"' in page


@pytest.mark.parametrize("role", [*Role])
def test_rien_de_l_autre_etablissement(monde: Monde, role: Role) -> None:
    factories.entreprise(monde.b.etablissement, f"Usine {INTRUS}")
    parent = role == Role.RESPONSABLE
    client = connecte(parent_de(monde.a) if parent else monde.a.comptes[role])
    for texte in ("intrus", monde.b.eleves[0].nom, "", "tle", "usine", "etude"):
        for entetes in ({}, {"X-Requested-With": "fetch"}):
            page = client.get(URL, {"q": texte}, headers=entetes).content.decode()
            assert INTRUS not in page.replace(f"« {texte} »", "").replace(f'value="{texte}"', "")
            assert monde.b.classe.get_absolute_url() + '"' not in page


@pytest.mark.parametrize(
    ("compte", "genres"),
    [
        ("enseignant", {"Élèves"}),
        ("collegue", set()),
        ("administrateur", {"Élèves"}),
        ("membre", {"Élèves"}),
        ("president", {"Élèves"}),
        ("compte_eleve", set()),
        ("inspecteur", set()),
    ],
)
def test_un_nom_d_eleve_ne_repond_qu_a_qui_le_suit(monde: Monde, compte: str, genres: set[str]) -> None:
    assert set(titres(getattr(monde.a, compte), "alpha camille")) == genres


def test_l_eleve_trouve_ses_competences_dans_son_livret(monde: Monde) -> None:
    (genre, siens), *_ = trouver(monde.a.compte_eleve, "C2", timezone.localdate()).genres
    assert (genre, siens[0].adresse) == ("Compétences", f"{reverse('livret:mon-livret')}#C2")
    assert "M’auto-évaluer" in titres(monde.a.compte_eleve, "auto evaluer")["Actes"]
    assert "Préparer une commission" not in str(titres(monde.a.compte_eleve, "commission"))


def test_requetes(monde: Monde) -> None:
    """Autant à deux élèves qu'à cinquante, et l'on n'en montre que trente."""
    client = connecte(monde.a.administrateur)
    assert requetes(lambda: client.get(URL, {"q": "a"})) == 9
    for rang in range(50):
        factories.eleve(monde.a.classe, f"ALPHA{rang:02}", "Sacha")
    assert requetes(lambda: client.get(URL, {"q": "a"})) == 9
    assert len(titres(monde.a.administrateur, "alpha")["Élèves"]) == MONTRES
