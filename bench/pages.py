"""Ce que coûte chaque page, comparée à la vue connectée la plus simple."""

from collections.abc import Iterator
from itertools import cycle
from statistics import median
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.chronometre import Geste, mesures, rapport
from bench.lycee import (
    ENSEIGNANT,
    EPREUVE,
    SESSION_COURANTE,
    SESSION_NOMBREUSE,
    classe_du_banc,
    commissions_du_banc,
)
from bench.navigateur import Navigateur, ReponseInattendue, session_ouverte
from bench.tailles import Taille
from livret.models import (
    Classe,
    Observation,
    Situation,
    Utilisateur,
)

SIMPLE = "vue connectée la plus simple"


def mesurer(taille: Taille) -> dict[str, Any]:
    """Les lectures d'abord, rien n'ayant changé ; puis ce qui écrit, et ce qui se relit ensuite."""
    navigateur, classe = navigateur_du_banc(), classe_du_banc()
    lectures = _lignes(lectures_de(navigateur, classe, taille), taille)
    _, *ecritures = _lignes(ecritures_de(navigateur, classe, taille), taille)
    return {"lignes": [*lectures, *ecritures]}


def _lignes(gestes: dict[str, Geste], taille: Taille) -> list[dict[str, Any]]:
    requetes = {nom: nombre_de_requetes(geste) for nom, geste in gestes.items()}
    releves, travail = mesures(gestes, taille)
    return [
        {
            "page": nom,
            "secondes": median(releves[nom]),
            "rapport": rapport(releves, nom, SIMPLE),
            "processeur": rapport(travail, nom, SIMPLE),
            "requetes": requetes[nom],
        }
        for nom in gestes
    ]


def navigateur_du_banc() -> Navigateur:
    return Navigateur(session_ouverte(Utilisateur.objects.get(username=ENSEIGNANT)))


def vue_simple(navigateur: Navigateur) -> Geste:
    return lecture(navigateur, reverse("banc-vue-simple"), "ok")


def lectures_de(navigateur: Navigateur, classe: Classe, taille: Taille) -> dict[str, Geste]:
    situation = classe.situations.order_by("pk")[0]
    eleve = situation.eleves().order_by("-pk")[0]
    adresses = {
        f"tableau de bord ({taille.eleves} élèves)": reverse("livret:classe", args=[classe.pk]),
        f"grille ({taille.eleves} × {taille.items})": reverse("livret:grille", args=[situation.pk]),
        "page de l’élève": reverse("livret:eleve", args=[eleve.pk]),
        f"commission ({taille.eleves} dossiers)": _commission(),
    }
    gestes = {SIMPLE: vue_simple(navigateur)}
    gestes |= {nom: lecture(navigateur, adresse, eleve.nom) for nom, adresse in adresses.items()}
    intacte = Classe.objects.filter(promotion__session=SESSION_COURANTE).latest("pk")
    inchange = f"tableau de bord inchangé ({taille.eleves} élèves)"
    gestes[inchange] = relecture(navigateur, reverse("livret:classe", args=[intacte.pk]))
    gestes["accueil"] = lecture(navigateur, reverse("accueil"), "faire")
    for session, effectif in ((SESSION_COURANTE, taille.eleves), (SESSION_NOMBREUSE, taille.candidats)):
        adresse = reverse("certification:cockpit", args=[classe.etablissement_id, session])
        gestes[f"avancement ({effectif} candidats)"] = lecture(navigateur, adresse, "CANDIDAT01")
    return gestes


def ecritures_de(navigateur: Navigateur, classe: Classe, taille: Taille) -> dict[str, Geste]:
    """Une case d'un candidat, seule, puis suivie d'une page qui la montre."""
    case = saisie(navigateur, classe.situations.order_by("pk")[0])
    suites = {
        f"une case, puis la commission ({taille.eleves} dossiers)": _commission(),
        "une case, puis l’accueil": reverse("accueil"),
    }
    gestes = {SIMPLE: vue_simple(navigateur), "une case enregistrée": case}
    return gestes | {nom: suite(case, lecture(navigateur, adresse, "")) for nom, adresse in suites.items()}


def _commission() -> str:
    return commissions_du_banc().get(epreuve__code=EPREUVE).get_absolute_url()


def suite(*gestes: Geste) -> Geste:
    return lambda: [geste() for geste in gestes]


def lecture(navigateur: Navigateur, adresse: str, attendu: str) -> Geste:
    """Le contenu est vérifié une fois : le décompresser à chaque passage fausserait la mesure."""
    if attendu not in navigateur.lire(adresse).corps:
        raise ReponseInattendue(f"{adresse} ne montre pas « {attendu} »")

    def lire() -> None:
        reponse = navigateur.lire(adresse)
        if reponse.statut != 200:
            raise ReponseInattendue(f"{adresse} : {reponse.statut}")

    return lire


def relecture(navigateur: Navigateur, adresse: str) -> Geste:
    """Ce que coûte une page que le navigateur a déjà : aucun autre geste n’écrit dans cette classe. Son
    étiquette passe avec la demi-heure ; elle se reprend alors."""
    gardee = [navigateur.lire(adresse).etiquette]

    def relire() -> None:
        reponse = navigateur.lire(adresse, HTTP_IF_NONE_MATCH=gardee[0])
        if reponse.statut == 200:
            gardee[0] = reponse.etiquette
        elif reponse.statut != 304:
            raise ReponseInattendue(f"{adresse} : {reponse.statut}")

    return relire


def saisie(navigateur: Navigateur, situation: Situation) -> Geste:
    """Change une case déjà remplie, d’un niveau à l’autre : chaque envoi écrit, historique compris."""
    observation = Observation.objects.filter(situation=situation).select_related("niveau").latest("pk")
    adresse = reverse("livret:operations", args=[situation.pk])
    case = f"d{observation.detaillee_id}-{observation.eleve_id}"
    auteur = Utilisateur.objects.get(username=ENSEIGNANT)
    suites = _niveaux(observation.niveau.code if observation.niveau else "")

    def enregistrer() -> None:
        vu, texte = next(suites)
        reponse = navigateur.envoyer(adresse, auteur.pk, {"case": case, "texte": texte, "vu": vu})
        if reponse.statut != 200 or '"resultat": "enregistre"' not in reponse.corps:
            raise ReponseInattendue(f"{adresse} : {reponse.statut}")

    return enregistrer


def _niveaux(actuel: str) -> Iterator[tuple[str, str]]:
    autre = "2" if actuel == "1" else "1"
    return cycle([(actuel, autre), (autre, actuel)])


def nombre_de_requetes(geste: Geste) -> int:
    geste()
    with CaptureQueriesContext(connection) as requetes:
        geste()
    return len(requetes)
