"""`{% url %}` garde ce qu'il écrit, et écrit ce qu'écrivait celui de Django."""

import pytest
from django.template import Context, Engine, engines
from django.template.defaulttags import URLNode
from django.urls import NoReverseMatch, reverse, set_script_prefix
from django.utils.safestring import mark_safe

from trpm.templatetags.adresses import AdresseNode, adresse

MOTEURS = [Engine(), engines["django"].engine]
GABARITS = [
    "{% url 'livret:eleve' cle %}",
    "{% url nom cle %}",
    "{% url 'accueil' %}",
    "{% url 'livret:eleve' pk=cle %}",
    "{% url 'livret:eleve' cle as lien %}[{{ lien }}]",
    "{% url 'couleurs' texte %}",
    "{% autoescape off %}{% url 'livret:eleve' cle %}{% endautoescape %}",
]


@pytest.mark.parametrize("gabarit", GABARITS)
@pytest.mark.parametrize("cle", [1, "1", mark_safe("1"), 12])
def test_les_memes_adresses_que_django(gabarit: str, cle: int | str) -> None:
    contexte = {"cle": cle, "nom": "livret:eleve", "texte": "7a1f3d"}
    ecrites = [[un.from_string(gabarit).render(Context(contexte)) for un in MOTEURS] for _ in range(2)]
    assert len({texte for fois in ecrites for texte in fois}) == 1


def test_c_est_bien_la_notre() -> None:
    siennes, notres = (un.from_string(GABARITS[0]).nodelist[0] for un in MOTEURS)
    assert [type(siennes), type(notres)] == [URLNode, AdresseNode]


@pytest.mark.parametrize("cle", [True, 1.0, None, "x"])
def test_ce_qui_n_est_pas_une_cle_ne_prend_pas_l_adresse_d_une_autre(cle: object) -> None:
    notre = engines["django"].engine.from_string(GABARITS[0])
    assert notre.render(Context({"cle": 1})) == reverse("livret:eleve", args=[1])
    with pytest.raises(NoReverseMatch):
        notre.render(Context({"cle": cle}))


def test_un_site_sous_un_prefixe() -> None:
    assert adresse("accueil") == "/"
    try:
        set_script_prefix("/livret/")
        assert adresse("accueil") == "/livret/"
    finally:
        set_script_prefix("/")
    assert adresse("accueil") == "/"
