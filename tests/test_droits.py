"""Chaque adresse, pour chaque rôle : ce qui s’ouvre, ce qui est refusé, ce qui n’existe pas.

La table est littérale. Une adresse nouvelle fait échouer `test_la_table_est_complete` tant qu’elle
n’y est pas. Les données de l’établissement B portent partout la marque INTRUS.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from openpyxl import load_workbook
from pypdf import PdfReader, PdfWriter

from livret.models import Appartenance, Scolarite
from tests import factories
from tests.distribution import INTRUS, Ecole, Monde
from trpm.permissions import DROITS, Action, Role

ROLES = [Role.ADMINISTRATEUR, Role.ENSEIGNANT, Role.ELEVE, Role.MEMBRE, Role.PRESIDENT]
TECHNIQUE = "admin-technique/"

Arguments = Callable[[Ecole], list[object]]


def classe(ecole: Ecole) -> list[object]:
    return [ecole.classe.pk]


def situation(ecole: Ecole) -> list[object]:
    return [ecole.situation.pk]


def modele(ecole: Ecole) -> list[object]:
    return [factories.modele(ecole.situation).pk]


def pdf_de(texte: str) -> bytes:
    """Un PDF lisible : le texte est dans son titre, une page blanche le suit."""
    ecrit, sortie = PdfWriter(), BytesIO()
    ecrit.add_blank_page(100, 100)
    ecrit.add_metadata({"/Title": texte})
    ecrit.write(sortie)
    return sortie.getvalue()


def piece(ecole: Ecole) -> list[object]:
    lettre = ecole.etablissement.nom.replace("Lycée ", "")
    return [factories.piece(ecole.situation, f"Sujet {lettre}.pdf", pdf_de(lettre)).pk]


def eleve(ecole: Ecole) -> list[object]:
    return [ecole.eleves[0].pk]


def etablissement(ecole: Ecole) -> list[object]:
    return [ecole.etablissement.pk]


def promotion(ecole: Ecole) -> list[object]:
    return [ecole.promotion.pk]


def scolarite(ecole: Ecole) -> list[object]:
    return [Scolarite.objects.get(eleve=ecole.eleves[1]).pk]


def compte(ecole: Ecole) -> list[object]:
    return [ecole.etablissement.pk, ecole.collegue.pk]


def commission(ecole: Ecole) -> list[object]:
    return [ecole.commission.pk]


def dossier(ecole: Ecole) -> list[object]:
    return [ecole.dossiers[0].pk]


def decision(ecole: Ecole) -> list[object]:
    return [ecole.dossiers[0].pk, "C1"]


def referentiel(ecole: Ecole) -> list[object]:
    return [ecole.promotion.referentiel_id]


def option(ecole: Ecole) -> list[object]:
    return [ecole.promotion.referentiel_id, "USI"]


@dataclass(frozen=True)
class Adresse:
    """Réponses attendues, dans l’ordre de `ROLES` ; `arguments` désigne un objet d’un établissement.

    `commun` : le même pour tous les établissements ; `partage` : entre tous les enseignants du sien.
    """

    nom: str
    methode: str
    reponses: str
    arguments: Arguments | None = None
    commun: bool = False
    partage: bool = False

    def __str__(self) -> str:
        return f"{self.methode} {self.nom}"

    @property
    def attendues(self) -> dict[Role, int]:
        return dict(zip(ROLES, map(int, self.reponses.split()), strict=True))


A = Adresse
#                                                       admin ens éle mem pré
TABLE = [
    A("accueil", "get", "200 200 302 302 302"),
    A("mot-de-passe", "get", "200 200 200 200 200"),
    A("mot-de-passe-change", "get", "200 200 200 200 200"),
    A("referentiel:liste", "get", "200 200 200 200 200"),
    A("referentiel:detail", "get", "200 200 200 200 200", option, commun=True),
    A("referentiel:matrice", "get", "200 200 200 200 200", option, commun=True),
    A("referentiel:poids", "get", "200 200 200 200 200", option, commun=True),
    A("referentiel:identite", "get", "200 200 200 200 200", option, commun=True),
    A("referentiel:exporter", "get", "200 200 200 200 200", referentiel, commun=True),
    A("referentiel:importer", "get", "200 403 403 403 403"),
    A("referentiel:importer-confirmer", "post", "302 403 403 403 403"),
    A("livret:classes", "get", "200 200 403 403 403"),
    A("livret:classe", "get", "200 200 403 403 403", classe),
    A("livret:classe-xlsx", "get", "200 200 403 403 403", classe),
    A("livret:situation-create", "get", "403 200 403 403 403", classe),
    A("livret:situation-volee", "get", "403 200 403 403 403", classe),
    A("livret:situation", "get", "200 200 403 403 403", situation),
    A("livret:situation-update", "get", "403 200 403 403 403", situation),
    A("livret:situation-duplicate", "get", "403 200 403 403 403", situation),
    A("livret:situation-delete", "get", "403 409 403 403 403", situation),
    A("livret:situation-etat", "post", "403 302 403 403 403", situation),
    A("livret:situation-retenue", "post", "403 302 403 403 403", situation),
    A("livret:modele-create", "post", "403 302 403 403 403", situation),
    A("livret:modeles", "get", "403 200 403 403 403"),
    A("livret:modele", "get", "403 200 403 403 403", modele, partage=True),
    A("livret:modele-retrait", "post", "403 302 403 403 403", modele, partage=True),
    A("livret:piece-create", "post", "403 200 403 403 403", situation),
    A("livret:piece", "get", "200 200 403 403 403", piece),
    A("livret:piece-delete", "post", "403 302 403 403 403", piece),
    A("livret:grille", "get", "200 200 403 403 403", situation),
    A("livret:operations", "post", "403 400 403 403 403", situation),
    A("livret:eleve", "get", "200 200 200 403 403", eleve),
    A("livret:eleve-pdf", "get", "200 200 200 403 403", eleve),
    A("livret:mon-livret", "get", "404 404 200 403 403"),
    A("livret:administration", "get", "302 403 403 403 403"),
    A("livret:etablissement", "get", "200 403 403 403 403", etablissement),
    A("livret:etablissement-update", "get", "200 403 403 403 403", etablissement),
    A("livret:annee-create", "post", "200 403 403 403 403", etablissement),
    A("livret:promotions", "get", "200 403 403 403 403", etablissement),
    A("livret:promotion-create", "get", "200 403 403 403 403", etablissement),
    A("livret:promotion-update", "get", "200 403 403 403 403", promotion),
    A("livret:promotion-delete", "post", "409 403 403 403 403", promotion),
    A("livret:classe-create", "get", "200 403 403 403 403", etablissement),
    A("livret:classe-effectif", "get", "200 403 403 403 403", classe),
    A("livret:classe-update", "get", "200 403 403 403 403", classe),
    A("livret:classe-delete", "post", "409 403 403 403 403", classe),
    A("livret:classe-inscrire", "post", "200 403 403 403 403", classe),
    A("livret:classe-comptes", "get", "200 403 403 403 403", classe),
    A("livret:eleves-import", "get", "200 403 403 403 403", classe),
    A("livret:eleves-import-apercu", "post", "302 403 403 403 403", classe),
    A("livret:eleve-create", "get", "200 403 403 403 403", classe),
    A("livret:eleves", "get", "200 403 403 403 403", etablissement),
    A("livret:eleve-update", "get", "200 403 403 403 403", eleve),
    A("livret:eleve-delete", "post", "409 403 403 403 403", eleve),
    A("livret:scolarite-sortie", "post", "200 403 403 403 403", scolarite),
    A("livret:scolarite-retour", "post", "302 403 403 403 403", scolarite),
    A("livret:scolarite-delete", "post", "409 403 403 403 403", scolarite),
    A("livret:comptes", "get", "200 403 403 403 403", etablissement),
    A("livret:compte-create", "get", "200 403 403 403 403", etablissement),
    A("livret:compte-rattacher", "post", "200 403 403 403 403", etablissement),
    A("livret:compte", "get", "200 403 403 403 403", compte),
    A("livret:compte-identite", "get", "200 403 403 403 403", compte),
    A("livret:compte-mot-de-passe", "post", "200 403 403 403 403", compte),
    A("livret:compte-activite", "post", "302 403 403 403 403", compte),
    A("certification:commissions", "get", "200 403 403 200 200"),
    A("certification:commission-create", "get", "200 403 403 403 200"),
    A("certification:commission", "get", "200 403 403 200 200", commission),
    A("certification:commission-update", "get", "200 403 403 403 200", commission),
    A("certification:commission-candidats", "get", "200 403 403 403 200", commission),
    A("certification:figer-tous", "post", "403 403 403 403 302", commission),
    A("certification:lot", "get", "200 403 403 200 200", commission),
    A("certification:classeur", "get", "200 403 403 200 200", commission),
    A("certification:dossier", "get", "200 403 403 200 200", dossier),
    A("certification:decision", "post", "403 403 403 302 302", decision),
    A("certification:acceptation", "post", "403 403 403 409 409", dossier),
    A("certification:proposition", "post", "403 403 403 422 422", dossier),
    A("certification:observations", "post", "403 403 403 302 302", dossier),
    A("certification:situation-candidat", "post", "409 403 403 409 409", dossier),
    A("certification:figer", "post", "403 403 403 403 409", dossier),
    A("certification:rouvrir", "post", "403 403 403 403 422", dossier),
    A("certification:grille-pdf", "get", "200 403 403 200 200", dossier),
    A("certification:dossier-pdf", "get", "200 403 403 200 200", dossier),
    A("certification:grille-xlsx", "get", "200 403 403 200 200", dossier),
]
PUBLIQUES = {
    "connexion",
    "deconnexion",
    "mot-de-passe-oublie",
    "mot-de-passe-envoye",
    "mot-de-passe-nouveau",
    "sante",
    "service-worker",
}


def adresses(motifs: list[URLPattern | URLResolver], espace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for motif in motifs:
        if isinstance(motif, URLPattern):
            yield f"{espace}{motif.name}", motif
        elif str(motif.pattern) != TECHNIQUE:
            prefixe = f"{motif.namespace}:" if motif.namespace else ""
            yield from adresses(motif.url_patterns, espace + prefixe)


TOUTES = dict(adresses(get_resolver().url_patterns))


def texte(reponse: HttpResponse) -> str:
    """Tout ce qu’une réponse donne à lire, PDF et classeurs compris."""
    type_mime = reponse.headers.get("Content-Type", "")
    if "pdf" in type_mime:
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(reponse.content)).pages)
    if "spreadsheet" in type_mime:
        classeur = load_workbook(BytesIO(reponse.content))
        return "\n".join(
            str(valeur)
            for feuille in classeur
            for ligne in feuille.iter_rows(values_only=True)
            for valeur in ligne
        )
    return reponse.content.decode()


def demander(client: Client, adresse: Adresse, ecole: Ecole) -> HttpResponse:
    arguments = adresse.arguments(ecole) if adresse.arguments else []
    return getattr(client, adresse.methode)(reverse(adresse.nom, args=arguments))


def test_la_table_est_complete() -> None:
    assert {adresse.nom for adresse in TABLE} | PUBLIQUES == set(TOUTES)


@pytest.mark.parametrize("nom", sorted(TOUTES))
def test_chaque_vue_dit_qui_peut_l_ouvrir(nom: str) -> None:
    """Fermé par défaut : une vue nomme ses actions, ou se déclare publique."""
    vue = TOUTES[nom].callback
    assert getattr(vue, "public", False) == (nom in PUBLIQUES)
    assert hasattr(vue, "actions") or nom in PUBLIQUES


@pytest.mark.parametrize("adresse", TABLE, ids=str)
def test_sans_session_on_va_a_la_connexion(client: Client, monde: Monde, adresse: Adresse) -> None:
    reponse = demander(client, adresse, monde.a)
    assert reponse.status_code == 302
    assert reponse.headers["Location"].startswith(reverse("connexion"))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("adresse", TABLE, ids=str)
def test_adresse_et_role(client: Client, monde: Monde, adresse: Adresse, role: Role) -> None:
    """Chez soi : la réponse de la table, sans rien de l’autre établissement. Ailleurs : rien."""
    client.force_login(monde.a.comptes[role])
    attendue = adresse.attendues[role]

    ici = demander(client, adresse, monde.a)
    assert ici.status_code == attendue
    assert INTRUS not in texte(ici)

    if adresse.arguments and not adresse.commun:
        ailleurs = demander(client, adresse, monde.b)
        assert ailleurs.status_code == (403 if attendue == 403 else 404)
        assert INTRUS not in texte(ailleurs)


@pytest.mark.parametrize(
    "adresse", [a for a in TABLE if a.attendues[Role.ENSEIGNANT] != 403 and a.arguments], ids=str
)
def test_un_collegue_hors_de_l_equipe_ne_voit_pas_la_classe(
    client: Client, monde: Monde, adresse: Adresse
) -> None:
    client.force_login(monde.a.collegue)
    attendue = adresse.attendues[Role.ENSEIGNANT] if adresse.commun or adresse.partage else 404
    assert demander(client, adresse, monde.a).status_code == attendue


@pytest.mark.parametrize("adresse", [a for a in TABLE if a.arguments is eleve], ids=str)
def test_un_eleve_ne_voit_que_lui(client: Client, monde: Monde, adresse: Adresse) -> None:
    client.force_login(monde.a.compte_eleve)
    autre = getattr(client, adresse.methode)(reverse(adresse.nom, args=[monde.a.eleves[1].pk]))
    assert autre.status_code == (403 if adresse.attendues[Role.ELEVE] == 403 else 404)
    assert "Dominique" not in texte(autre)


@pytest.mark.parametrize(
    "adresse",
    [a for a in TABLE if a.attendues[Role.ADMINISTRATEUR] != 403 and a.arguments and not a.commun],
    ids=str,
)
def test_un_role_tenu_ici_n_ouvre_rien_la(client: Client, monde: Monde, adresse: Adresse) -> None:
    """Administrateur de A, simple enseignant de B sans classe : B lui reste fermé."""
    Appartenance.objects.create(
        utilisateur=monde.a.administrateur, etablissement=monde.b.etablissement, role=Role.ENSEIGNANT
    )
    client.force_login(monde.a.administrateur)
    reponse = demander(client, adresse, monde.b)
    assert reponse.status_code == 404
    assert INTRUS not in texte(reponse)


def test_chaque_action_est_accordee_et_demandee() -> None:
    """Aucune ligne morte dans la table des droits."""
    demandees = {action for motif in TOUTES.values() for action in getattr(motif.callback, "actions", ())}
    assert demandees == set(DROITS) == set(Action)
