"""Ce qui sort de l'application sans qu'on le lise : journaux techniques, adresses, en-têtes, objets des
courriels. Ni nom, ni jeton."""

import logging
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from django.core import mail
from django.test import Client
from django.urls import URLPattern, reverse

from livret.models import Eleve, LienTuteur, Tuteur, Utilisateur
from tests.monde import Ecole, Monde
from tests.test_droits import ROLES, TABLE, TOUTES, Essai, sans_suite
from trpm.garde.confidentialite import SansSecret, masque

JETON = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])")
CACHES = ("no-store", "no-cache", "private")


def noms(ecole: Ecole) -> set[str]:
    """Ce qui désigne une personne de l'école : nom, prénom, courriel, INE, identifiant."""
    dits: set[str] = set()
    for compte in Utilisateur.objects.filter(pk__in=[un.pk for un in ecole.comptes.values()]):
        dits |= {compte.email, compte.get_full_name(), compte.last_name, compte.username}
    for eleve in Eleve.objects.filter(etablissement=ecole.etablissement):
        dits |= {eleve.nom, eleve.prenom, eleve.ine or "", eleve.numero_candidat}
    for tuteur in Tuteur.objects.filter(entreprise__etablissement=ecole.etablissement):
        dits |= {tuteur.nom, tuteur.courriel, tuteur.telephone}
    return dits - {""}


def cites(texte: str, dits: set[str]) -> list[str]:
    return sorted(dit for dit in dits if dit in unquote(texte))


@pytest.mark.long
def test_aucune_reponse_ne_laisse_un_nom_hors_de_sa_page(
    monde: Monde, caplog: pytest.LogCaptureFixture
) -> None:
    """Toute adresse, pour qui l'ouvre : ce qu'écrit le journal, où mène la réponse, qui peut la garder."""
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(SansSecret())
    fautes: list[str] = []
    for adresse in TABLE:
        with sans_suite() as client:
            ici = Essai.de(monde, {}, adresse).ici
            ouvrent = [role for role, code in adresse.attendues.items() if code < 400]
            client.force_login(monde.a.comptes[(ouvrent or ROLES)[0]])
            caplog.clear()
            reponse = getattr(client, adresse.methode)(ici)
            dits = noms(monde.a)
            fautes += [f"{adresse} : journal, {dit}" for dit in cites(caplog.text, dits)]
            fautes += [f"{adresse} : adresse, {dit}" for dit in cites(ici, dits)]
            fautes += [f"{adresse} : suite, {dit}" for dit in cites(reponse.get("Location", ""), dits)]
            if not any(mot in reponse.get("Cache-Control", "") for mot in CACHES):
                fautes.append(f"{adresse} : gardée par un cache ({reponse.get('Cache-Control')})")
            if reponse.get("Referrer-Policy") not in ("same-origin", "no-referrer"):
                fautes.append(f"{adresse} : provenance annoncée")
    assert fautes == []


def motifs() -> Iterator[tuple[str, URLPattern]]:
    return ((nom, motif) for nom, motif in TOUTES.items())


def test_aucune_adresse_ne_porte_un_nom() -> None:
    """Par des numéros, des codes du diplôme (celui du catalogue aussi) ou des secrets, jamais un texte."""
    connus = {
        "jeton",
        "secret",
        "code",
        "couleur",
        "quoi",
        "numero",
        "option",
        "page",
        "identifiant",
        "uidb64",
        "token",
        "nom",
    }
    texte = {
        f"{nom} : {parametre}"
        for nom, motif in motifs()
        for parametre, genre in motif.pattern.converters.items()
        if type(genre).__name__ != "IntConverter" and parametre not in connus
    }
    assert texte <= {f"{nom} : notion" for nom, _ in motifs()} | {f"{nom} : key" for nom, _ in motifs()}


@pytest.mark.parametrize(
    "ligne",
    [
        '"GET /chercher/?q=Dupont%20Alix HTTP/1.1" 200',
        '"GET /administration/3/eleves/?classe=2&q=Dupont HTTP/1.1" 200',
        "Referer: https://livret.fr/administration/3/journal/?q=Dupont&page=2",
    ],
)
def test_ce_que_l_on_cherche_n_est_pas_au_journal(ligne: str) -> None:
    assert "Dupont" not in masque(ligne)
    assert "q=[secret]" in masque(ligne)


def test_une_adresse_ordinaire_reste_lisible_au_journal() -> None:
    ligne = '"GET /eleves/12/?semestre=2&statut=3 HTTP/1.1" 200'
    assert masque(ligne) == ligne


def test_les_objets_des_courriels_ne_nomment_personne(monde: Monde, settings: object, client: Client) -> None:
    """Tous ceux que l'application écrit : fiche du tuteur, relance, avis, mot de passe."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    partis = 0
    for adresse in TABLE:
        if adresse.nom in ("livret:fiche-tuteur-lien", "livret:periode-relances", "livret:periode-tuteurs"):
            with sans_suite() as equipe:
                equipe.force_login(monde.a.enseignant)
                ici = Essai.de(monde, {}, adresse).ici
                pfmps = [str(un) for un in monde.a.classe.periodes.values_list("pfmps", flat=True)]
                equipe.post(ici, {"courriel": "1", "pfmp": pfmps, "referent": [str(monde.a.enseignant.pk)]})
                partis += 1
    client.post(reverse("mot-de-passe-oublie"), {"email": monde.a.enseignant.email})
    assert partis == 3
    assert mail.outbox
    for message in mail.outbox:
        assert cites(message.subject, noms(monde.a)) == []
        assert not JETON.search(message.subject)


def test_un_secret_du_tuteur_n_est_garde_que_condense(monde: Monde, client: Client) -> None:
    adresse = next(un for un in TABLE if un.nom == "livret:fiche-tuteur-lien")
    client.force_login(monde.a.enseignant)
    chemin = client.post(Essai.de(monde, {}, adresse).ici).context["acces"].chemin
    secret = JETON.search(chemin).group()
    assert LienTuteur.objects.exists()
    assert not LienTuteur.objects.filter(empreinte__contains=secret).exists()
