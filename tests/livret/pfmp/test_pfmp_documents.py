"""L'annexe et l'attestation de PFMP, pour un élève et pour la classe."""

from datetime import date
from io import BytesIO

from django.urls import reverse
from pypdf import PdfReader

from livret.models import Pfmp
from tests import factories
from tests.litanie import (
    COMMISSION_QUI_SIEGE,
    EQUIPE_ET_ADMINISTRATION,
    connecte,
    requetes,
    statuts,
)
from tests.livret.pfmp.scene import Scene
from tests.monde import INTRUS, Monde


def adresse(nom: str, objet: object) -> str:
    return reverse(f"livret:{nom}", args=[objet.pk])  # type: ignore[attr-defined]


def pages(contenu: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(contenu)).pages]


def test_droits(monde: Monde, pfmps: Scene) -> None:
    avec_l_eleve = {**EQUIPE_ET_ADMINISTRATION, **COMMISSION_QUI_SIEGE, "élève": 200}
    assert statuts(monde, adresse("attestation-pdf", pfmps.camille)) == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, adresse("annexe-pdf", pfmps.camille)) == avec_l_eleve
    assert statuts(monde, adresse("annexe-pdf", pfmps.dominique)) == avec_l_eleve | {"élève": 404}
    for nom in ("periode-annexes", "periode-attestations"):
        assert statuts(monde, adresse(nom, pfmps.periode)) == EQUIPE_ET_ADMINISTRATION


def test_l_attestation_dit_les_jours_effectues(monde: Monde, pfmps: Scene) -> None:
    reponse = connecte(monde.a.enseignant).get(adresse("attestation-pdf", pfmps.camille))
    assert "Attestation PFMP ALPHA-A1 Camille.pdf" in reponse["Content-Disposition"]
    [page] = pages(reponse.content)
    for attendu in (
        "Attestation de période de formation en milieu professionnel",
        "Camille ALPHA-A1, naissance le 14 mars 2008",
        "Période du 5 janvier 2026 au 30 janvier 2026 : 19 jours effectués, soit 3,8 semaines de cinq jours.",
        "SIRET 11004301500012",
        "Maryse Tutrice A",
        "Pour l’entreprise",
        "Pour l’établissement",
        "page 1 / 1",
        "Lycée A",
    ):
        assert attendu in page
    for interdit in ("Document de travail", "tutrice@entreprise.invalid", "04 70", "Bonne tenue", INTRUS):
        assert interdit not in page


def test_avant_la_fin_l_attestation_est_un_document_de_travail(
    monde: Monde, pfmps: Scene, monkeypatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2026, 1, 9))
    [page] = pages(connecte(monde.a.enseignant).get(adresse("attestation-pdf", pfmps.camille)).content)
    assert "Document de travail : la période n’est pas terminée." in page
    assert "4 jours effectués, soit 0,8 semaine de cinq jours." in page


def test_l_annexe_dit_ce_qui_est_vise(monde: Monde, pfmps: Scene) -> None:
    pfmps.camille.competences.set(monde.referentiel.competences.filter(code__in=["C1", "C3"]))
    pfmps.camille.taches.set(monde.referentiel.activites.get(code="A1").taches.all())
    client = connecte(monde.a.compte_eleve)
    [page] = pages(client.get(adresse("annexe-pdf", pfmps.camille)).content)
    for attendu in (
        "Proposition à relire par l’équipe pédagogique.",
        "C1 Lire un plan C3 Régler une machine",
        "A1 Préparation A1-T1 Étudier le dossier A1-T2 Préparer la gamme",
        "20 jours prévus",
        "Enseignant-A Personne-A",
    ):
        assert attendu in page
    for interdit in ("tutrice@entreprise.invalid", "C2 Choisir", "Bonne tenue"):
        assert interdit not in page
    Pfmp.objects.update(annexe_relue_le=date(2026, 1, 2))
    [page] = pages(client.get(adresse("annexe-pdf", pfmps.camille)).content)
    assert "Proposition" not in page


def test_toute_la_classe_en_un_fichier(monde: Monde, pfmps: Scene) -> None:
    """Un document par élève placé, chacun sa pagination ; ni l'annulée, ni celui qui n'a pas d'entreprise."""
    client = connecte(monde.a.enseignant)
    noms = ["BERTON", "CHAPUIS"]
    for nom in noms:
        factories.sejour(factories.pfmp(pfmps.periode, factories.eleve(monde.a.classe, nom)), pfmps.tuteur)
    factories.sejour(
        factories.pfmp(pfmps.periode, factories.eleve(monde.a.classe, "ANNULEE"), etat="annulee"),
        pfmps.tuteur,
    )
    for nom in ("periode-annexes", "periode-attestations"):
        reunis = pages(client.get(adresse(nom, pfmps.periode)).content)
        assert len(reunis) == 3
        for page, attendu in zip(reunis, ["ALPHA-A1", *noms], strict=True):
            assert attendu in page
            assert "page 1 / 1" in page


def test_sans_personne_de_place_on_le_dit(monde: Monde, pfmps: Scene) -> None:
    vide = factories.periode(monde.a.classe, "Vide", "2026-05-04", "2026-05-08")
    reponse = connecte(monde.a.enseignant).get(adresse("periode-annexes", vide), follow=True)
    assert "rien à imprimer" in reponse.content.decode()


def test_requetes(monde: Monde, pfmps: Scene) -> None:
    client = connecte(monde.a.enseignant)
    lot = adresse("periode-attestations", pfmps.periode)
    assert requetes(lambda: client.get(adresse("attestation-pdf", pfmps.camille))) == 15
    assert requetes(lambda: client.get(lot)) == 16
    for _ in range(2):
        factories.sejour(factories.pfmp(pfmps.periode, factories.eleve(monde.a.classe)), pfmps.tuteur)
    assert requetes(lambda: client.get(lot)) == 16


def test_la_page_de_la_classe_demande_le_recto_verso(monde: Monde, pfmps: Scene) -> None:
    """Une case, deux boutons ; un document d'une page est suivi d'une page blanche, sauf le dernier."""
    factories.sejour(pfmps.dominique, pfmps.tuteur)
    client = connecte(monde.a.enseignant)
    texte = client.get(adresse("classe-pfmp", monde.a.classe)).content.decode()
    assert 'type="checkbox" name="recto_verso"' in texte
    for nom in ("periode-annexes", "periode-attestations"):
        url = adresse(nom, pfmps.periode)
        assert f'formaction="{url}"' in texte
        une, autre = pages(client.get(url).content)
        assert pages(client.get(url, {"recto_verso": "1"}).content) == [une, "", autre]
