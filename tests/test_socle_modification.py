"""Le dernier qui écrit n'efface pas l'autre en silence, et le même envoi ne se fait qu'une fois."""

from collections.abc import Callable
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import resolve, reverse
from django_webtest import DjangoTestApp

from certification.models import Membre
from livret.models import Classe, Entreprise
from tests import factories
from tests.livret.pfmp.scene import scene
from tests.monde import Ecole, Monde
from tests.simultane import ensemble
from tests.test_droits import ROLES, TABLE
from trpm.base.envois import DEJA_RECU, EnvoiRecu
from trpm.base.modification import CHAMP
from trpm.permissions import Role

# Ceux qui portaient déjà le leur, et ceux qui créent ou agissent sans rien changer d'écrit.
AUTRES_JETONS = {
    "certification:situation-candidat": "lu",
    "livret:fiche-tuteur-saisie": "revision",
    "livret:sequence-update": "vue",
    "referentiel:modifier-diplome": "etat",
    "referentiel:modifier-notion": "etat",
}
SANS_LIGNE = {
    "account_reauthenticate",
    "abonnements",
    "jetons",
    "certification:archive-relire",
    "certification:commission-cloture",
    "certification:commission-create",
    "certification:jury-acces",
    "certification:lot-create",
    "livret:absence-create",
    "livret:autoevaluation",
    "livret:classe-create",
    "livret:compte-create",
    "livret:eleve-create",
    "livret:eleves-import",
    "livret:enseignants-import",
    "livret:entreprise-create",
    "livret:groupe-create",
    "livret:groupes-repartir",
    "livret:logo",
    "livret:ouverture-classes",
    "livret:ouverture-equipes",
    "livret:ouverture-pfmp",
    "livret:periode-create",
    "livret:photos",
    "livret:phrases",
    "livret:poste-create",
    "livret:promotion-create",
    "livret:rentree",  # l’empreinte de l’aperçu en tient lieu
    "livret:sejour-create",
    "livret:sequence-create",
    "livret:situation-create",
    "livret:situation-volee",
    "livret:transfert-apercu",  # de même
    "livret:transfert-arrivee",
    "livret:tuteur-create",
    "livret:visite-create",
    "mot-de-passe",
    "referentiel:composer",
    "referentiel:importer",
}


class Envoyes(HTMLParser):
    """Les formulaires envoyés d'une page : où ils mènent, leurs champs cachés, ceux à remplir."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.lus: list[tuple[str, set[str], set[str]]] = []
        self._dans: tuple[str, set[str], set[str]] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attributs: list[tuple[str, str | None]]) -> None:
        lus = {nom: valeur or "" for nom, valeur in attributs}
        if tag == "form":
            self._dans = (lus.get("action", ""), set(), set())
            if lus.get("method", "").lower() == "post":
                self.lus.append(self._dans)
        elif self._dans and tag in ("input", "textarea", "select") and lus.get("name"):
            self._dans[1 if lus.get("type") == "hidden" else 2].add(lus["name"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._dans = None


def formulaires(monde: Monde) -> dict[str, set[str]]:
    """Par adresse où mène un formulaire à remplir, ses champs cachés ; lus sur toutes les pages."""
    trouves: dict[str, set[str]] = {}
    for une in TABLE:
        role = next((role for role in ROLES if une.attendues[role] == 200), None)
        if une.methode != "get" or role is None:
            continue
        with transaction.atomic():
            adresse = reverse(une.nom, args=une.arguments(monde.a) if une.arguments else [])
            client = Client()
            client.force_login(monde.a.comptes[role])
            page = "" if adresse.rpartition(".")[2] in ("pdf", "xlsx", "zip", "json") else client.get(adresse)
            if page and "html" in page["Content-Type"]:
                for action, caches, remplis in Envoyes(page.content.decode()).lus:
                    assert "envoi" in caches, f"{une.nom} : un formulaire sans numéro d’envoi"
                    if remplis:
                        vers = resolve(urlsplit(action).path or adresse).view_name
                        trouves.setdefault(vers, set()).update(caches)
            transaction.set_rollback(True)
    return trouves


def test_tout_formulaire_qui_change_une_ligne_porte_son_etat(monde: Monde) -> None:
    """Un formulaire nouveau fait échouer ce test s'il ne porte pas son état et n'est pas sans ligne."""
    lus = formulaires(monde)
    portent = {nom for nom, caches in lus.items() if {CHAMP, AUTRES_JETONS.get(nom, CHAMP)} & caches}
    assert set(lus) - portent == SANS_LIGNE
    assert len(portent) >= 20
    assert not portent & SANS_LIGNE


# --- Deux personnes, la même fiche ----------------------------------------------------------------

CAS: dict[str, tuple[str, str, str, Callable[[Ecole], int], str]] = {
    "etablissement-update": ("ville", "Dax", "Pau", lambda a: a.etablissement.pk, "administrateur"),
    "promotion-update": ("nom", "Promo 1", "Promo 2", lambda a: a.promotion.pk, "administrateur"),
    "classe-update": ("nom", "Tle Un", "Tle Deux", lambda a: a.classe.pk, "administrateur"),
    "eleve-update": ("prenom", "Ana", "Lou", lambda a: a.eleves[0].pk, "administrateur"),
    "situation-update": ("intitule", "Un", "Deux", lambda a: a.situation.pk, "enseignant"),
    "poste-update": ("nom", "Un", "Deux", lambda a: factories.poste(a.situation, "P").pk, "enseignant"),
    "entreprise-update": ("ville", "Dax", "Pau", lambda a: scene(a).entreprise.pk, "enseignant"),
    "tuteur-update": ("nom", "Ana", "Lou", lambda a: scene(a).tuteur.pk, "enseignant"),
    "periode-update": ("intitule", "Un", "Deux", lambda a: scene(a).periode.pk, "enseignant"),
    "annexe": ("activites", "Un", "Deux", lambda a: _annexe(a), "enseignant"),
    "visite-update": ("compte_rendu", "Un", "Deux", lambda a: _visite(a), "enseignant"),
    "sejour-update": ("jours", "3", "4", lambda a: scene(a).sejour.pk, "enseignant"),
    "portfolio-update": ("texte", "Un", "Deux", lambda a: _trace(a), "compte_eleve"),
}


def _visite(ecole: Ecole) -> int:
    camille = scene(ecole).camille
    return camille.visites.create(date=camille.periode.debut, par=ecole.enseignant).pk


def _annexe(ecole: Ecole) -> int:
    camille = scene(ecole).camille
    camille.competences.set(ecole.situation.competences.all())
    return camille.pk


def _trace(ecole: Ecole) -> int:
    return factories.trace_d_eleve(ecole.eleves[0], ecole.compte_eleve).pk


def _formulaire(page: Any, champ: str) -> Any:
    return next(un for un in page.forms.values() if champ in un.fields)


@pytest.mark.parametrize("nom", CAS)
def test_le_second_ne_remplace_rien_et_garde_sa_saisie(
    django_app: DjangoTestApp, monde: Monde, nom: str
) -> None:
    champ, premier, second, cle, role = CAS[nom]
    adresse, qui = reverse(f"livret:{nom}", args=[cle(monde.a)]), getattr(monde.a, role)
    ouvertes = [_formulaire(django_app.get(adresse, user=qui), champ) for _ in range(2)]
    ouvertes[0][champ], ouvertes[1][champ] = premier, second
    assert ouvertes[0].submit().status_code == 302
    refusee = ouvertes[1].submit(expect_errors=True)
    assert refusee.status_code in (200, 409, 422)
    assert "Est maintenant enregistré\xa0:" in refusee.text.replace("&nbsp;", "\xa0")
    assert f"«\xa0{premier}\xa0»" in refusee.text.replace("&nbsp;", "\xa0")
    assert _formulaire(refusee, champ)[champ].value.strip() == second
    assert _formulaire(django_app.get(adresse, user=qui), champ)[champ].value.strip() == premier
    assert _formulaire(refusee, champ).submit().status_code == 302, "maintenue, la saisie s’enregistre"
    assert _formulaire(django_app.get(adresse, user=qui), champ)[champ].value.strip() == second


def test_un_enseignant_retire_ne_revient_pas(django_app: DjangoTestApp, monde: Monde) -> None:
    classe, adresse = monde.a.classe, reverse("livret:classe-update", args=[monde.a.classe.pk])
    classe.equipe.add(monde.a.collegue)
    ouvertes = [_formulaire(django_app.get(adresse, user=monde.a.administrateur), "equipe") for _ in range(2)]
    ouvertes[0].set("equipe", False, index=_rang(ouvertes[0], "equipe", monde.a.collegue.pk))
    ouvertes[0].submit()
    ouvertes[1]["nom"] = "Tle Neuve"
    refusee = ouvertes[1].submit()
    assert "après l’ouverture de votre page" in refusee.text
    assert list(classe.equipe.all()) == [monde.a.enseignant]
    assert _formulaire(refusee, "equipe").submit().status_code == 302
    assert list(classe.equipe.all()) == [monde.a.enseignant], "ce qu’elle n’avait pas touché suit l’autre"
    assert Classe.objects.get(pk=classe.pk).nom == "Tle Neuve"


def _rang(formulaire: Any, nom: str, cle: int) -> int:
    return [un._value for un in formulaire.fields[nom]].index(str(cle))


def test_les_presences_d_une_commission(django_app: DjangoTestApp, monde: Monde) -> None:
    adresse = reverse("certification:commission-update", args=[monde.a.commission.pk])
    ouvertes = [_formulaire(django_app.get(adresse, user=monde.a.president), "lieu") for _ in range(2)]
    ouvertes[0]["membres-0-present"], ouvertes[1]["lieu"] = "oui", "Salle 2"
    assert ouvertes[0].submit().status_code == 302
    refusee = ouvertes[1].submit(expect_errors=True)
    assert "(présent)" in refusee.text
    assert Membre.objects.get(commission=monde.a.commission).present is True


def test_une_fiche_supprimee_ne_renait_pas(django_app: DjangoTestApp, monde: Monde) -> None:
    entreprise = factories.entreprise(monde.a.etablissement, "Usinage")
    adresse = reverse("livret:entreprise-update", args=[entreprise.pk])
    ouverte = _formulaire(django_app.get(adresse, user=monde.a.enseignant), "ville")
    Entreprise.objects.filter(pk=entreprise.pk).delete()
    assert ouverte.submit(expect_errors=True).status_code == 404
    assert not Entreprise.objects.filter(pk=entreprise.pk).exists()


# --- Le même envoi, deux fois ---------------------------------------------------------------------

CREATIONS: dict[str, tuple[str, Callable[[Ecole], list[int]], dict[str, str]]] = {
    "situation-create": ("enseignant", lambda a: [a.classe.pk], {"intitule": "Une"}),
    "eleve-create": ("administrateur", lambda a: [a.classe.pk], {"nom": "NEUF", "prenom": "Lou"}),
    "classe-create": ("administrateur", lambda a: [a.etablissement.pk], {"nom": "Neuve"}),
    "promotion-create": ("administrateur", lambda a: [a.etablissement.pk], {"nom": "P", "session": "2030"}),
    "compte-create": (
        "administrateur",
        lambda a: [a.etablissement.pk],
        {"last_name": "N", "first_name": "L"},
    ),
    "poste-create": ("enseignant", lambda a: [a.situation.pk], {"nom": "Tour"}),
    "entreprise-create": ("enseignant", lambda a: [scene(a).entreprise.pk][:0], {"nom": "Neuve"}),
    "tuteur-create": ("enseignant", lambda a: [scene(a).entreprise.pk], {"nom": "Lou"}),
    "sejour-create": ("enseignant", lambda a: [scene(a).dominique.pk], {}),
    "absence-create": ("enseignant", lambda a: [scene(a).camille.pk], {"debut": "", "jours": "1"}),
    "visite-create": ("enseignant", lambda a: [scene(a).camille.pk], {"date": ""}),
    "sequence-create": ("enseignant", lambda a: [a.promotion.pk], {"intitule": "Une"}),
}


def _lignes() -> int:
    tables = [
        un for un in connection.introspection.table_names() if un.startswith(("livret_", "certification_"))
    ]
    with connection.cursor() as curseur:
        curseur.execute(" UNION ALL ".join(f'SELECT COUNT(*) FROM "{table}"' for table in tables))
        return sum(nombre for (nombre,) in curseur.fetchall())


@pytest.mark.parametrize("nom", CREATIONS)
def test_le_meme_envoi_deux_fois_n_en_fait_qu_un(django_app: DjangoTestApp, monde: Monde, nom: str) -> None:
    role, cles, valeurs = CREATIONS[nom]
    adresse, qui = reverse(f"livret:{nom}", args=cles(monde.a)), getattr(monde.a, role)
    formulaire = _formulaire(django_app.get(adresse, user=qui), next(iter(valeurs), "place"))
    for champ, valeur in valeurs.items():
        formulaire[champ] = valeur or scene_debut(monde)
    if nom == "compte-create":
        formulaire.set("roles", True, index=1)
    if nom == "sejour-create":
        formulaire["place"] = next(cle for cle, *_ in formulaire["place"].options if cle)
    if nom in ("classe-create", "promotion-create"):
        _completer(formulaire)
    avant = _lignes()
    premiere = formulaire.submit()
    faites = _lignes()
    assert (premiere.status_code, faites > avant) == (200 if nom == "compte-create" else 302, True)
    seconde = formulaire.submit()
    assert (seconde.status_code, _lignes()) == (302, faites)
    if nom != "compte-create":
        assert seconde.location == premiere.location
    assert DEJA_RECU in seconde.follow().text.replace("&nbsp;", "\xa0")


def scene_debut(monde: Monde) -> str:
    return monde.a.classe.periodes.get().debut.isoformat()


def _completer(formulaire: Any) -> None:
    """Le premier choix de chaque liste encore vide."""
    for nom, champs in formulaire.fields.items():
        champ = champs[0]
        if (
            nom
            and hasattr(champ, "options")
            and not champ.value
            and nom in ("annee", "promotion", "niveau", "option")
        ):
            champ.value = next(cle for cle, *_ in champ.options if cle)


def test_un_envoi_refuse_se_refait_et_un_autre_contenu_est_un_autre_envoi(
    django_app: DjangoTestApp, monde: Monde
) -> None:
    adresse = reverse("livret:tuteur-create", args=[scene(monde.a).entreprise.pk])
    tuteurs = scene_tuteurs(monde)
    formulaire = _formulaire(django_app.get(adresse, user=monde.a.enseignant), "nom")
    assert formulaire.submit().status_code == 200, "sans nom : à corriger, rien n’est retenu"
    assert not EnvoiRecu.objects.exists()
    for nom, statut, attendus in (("Lou", 302, 1), ("Lou", 302, 1), ("Ana", 302, 2), ("Lou", 200, 2)):
        formulaire["nom"] = nom
        assert formulaire.submit().status_code == statut, "le dernier, joué pour de bon, est un doublon"
        assert scene_tuteurs(monde) == tuteurs + attendus


def scene_tuteurs(monde: Monde) -> int:
    return sum(une.tuteurs.count() for une in Entreprise.objects.filter(etablissement=monde.a.etablissement))


@pytest.mark.django_db(transaction=True)
def test_deux_envois_au_meme_instant() -> None:
    """Le second attend le premier : une ligne, une même réponse ; deux contenus, un seul écrit."""
    lieu = factories.etablissement()
    qui = factories.utilisateur(Role.ADMINISTRATEUR, etablissement=lieu)
    promotion = factories.promotion(lieu, factories.referentiel())
    classe = factories.classe(promotion, [])
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(qui)
    creation = reverse("livret:eleve-create", args=[classe.pk])
    page = clients[0].get(creation)
    donnees = {"nom": "NEUF", "prenom": "Lou", "envoi": "le-meme-numero"}
    donnees |= {nom: str(page.context["form"][nom].field.queryset.first().pk) for nom in ("option", "statut")}
    rendus = ensemble(*[lambda un=un: un.post(creation, donnees) for un in clients])
    assert [(un.status_code, un.url) for un in rendus] == [(302, rendus[0].url)] * 2  # type: ignore[attr-defined]
    assert classe.scolarites.count() == 1
    modification = reverse("livret:classe-update", args=[classe.pk])
    page = clients[0].get(modification)
    lu = {nom: page.context["form"][nom].value() for nom in ("nom", "niveau", "annee", "promotion")}
    lu[CHAMP] = page.context["form"].etat_vu()
    envois = [{**lu, "nom": f"Neuve {rang}", "envoi": f"n{rang}"} for rang in range(2)]
    rendus = ensemble(
        *[lambda un=un, d=d: un.post(modification, d) for un, d in zip(clients, envois, strict=True)]
    )
    assert sorted(un.status_code for un in rendus) == [200, 302]  # type: ignore[attr-defined]


def test_un_envoi_ne_vaut_que_pour_sa_personne_et_ne_se_garde_pas(client: Client, monde: Monde) -> None:
    adresse = reverse("livret:tuteur-create", args=[scene(monde.a).entreprise.pk])
    autre = factories.utilisateur(Role.ENSEIGNANT, etablissement=monde.a.etablissement)
    monde.a.classe.equipe.add(autre)
    for qui, statut in ((monde.a.enseignant, 302), (autre, 200)):
        client.force_login(qui)
        assert client.post(adresse, {"nom": "Lou", "envoi": "le-meme"}).status_code == statut
    EnvoiRecu.objects.update(recu_le=EnvoiRecu.objects.first().recu_le - timedelta(days=8))
    client.post(adresse, {"nom": "Ana", "envoi": "un-autre"})
    assert EnvoiRecu.objects.count() == 1
    assert date.today() <= EnvoiRecu.objects.get().recu_le.date() + timedelta(days=1)
