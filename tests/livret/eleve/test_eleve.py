"""Le livret d'un élève, à l'écran et imprimé."""

import datetime
import re
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from livret.models import Scolarite, Situation
from tests import factories
from tests.litanie import connecte, requetes, statuts
from tests.monde import INTRUS, Monde
from trpm.voisins import Voisins

DROITS = {
    "administrateur": 200,
    "enseignant": 200,
    "collègue": 404,
    "élève": 200,
    "membre": 200,
    "président": 200,
    "ailleurs": 404,
}


def url(monde: Monde, nom: str = "eleve", rang: int = 0) -> str:
    return reverse(f"livret:{nom}", args=[monde.a.eleves[rang].pk])


def publier(monde: Monde) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=Situation.Etat.PUBLIEE)


def texte(contenu: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(contenu)).pages)


def test_droits(monde: Monde) -> None:
    assert statuts(monde, url(monde)) == DROITS
    assert statuts(monde, url(monde, rang=1)) == {**DROITS, "élève": 404}
    assert statuts(monde, reverse("livret:mon-livret")) == {
        **DROITS,
        "administrateur": 404,
        "enseignant": 404,
        "membre": 404,
        "président": 404,
    }


def test_le_pdf_a_les_memes_droits(monde: Monde) -> None:
    assert statuts(monde, url(monde, "eleve-pdf")) == DROITS
    assert statuts(monde, url(monde, "eleve-pdf", rang=1)) == {**DROITS, "élève": 404}


def test_le_livret_vu_par_l_enseignant(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).get(url(monde))
    livret = reponse.context["livret"]
    assert [
        (
            epreuve,
            [
                (ligne.code, ligne.valeur, ligne.detaillees_observees, ligne.detaillees_visees)
                for ligne in lignes
            ],
        )
        for epreuve, _, lignes in livret.par_epreuve
    ] == [
        ("EP1", [("C1", 2, 1, 2), ("C2", 3, 0, 1)]),
        ("EP2", [("C3", None, 0, 2), ("C4", None, 0, 1)]),
        ("EP3", [("C5", None, 0, 2)]),
    ]
    page = reponse.content.decode()
    assert "Étude de gamme A</a>, 13 mars 2026, centre de formation, Enseignant-A Personne-A" in page
    assert "option USI usinage" in page
    assert "Scolaire sous contrat" in page
    assert "<dt>Naissance</dt><dd>14 mars 2008</dd>" in page
    assert "Gamme cohérente" in page


def test_le_meilleur_niveau_reste_et_toutes_les_preuves_se_lisent(monde: Monde) -> None:
    plus_tard = factories.situation(
        monde.a.classe, monde.a.enseignant, competences=["C1"], fin="2026-04-10", intitule="Reprise"
    )
    factories.evaluation(plus_tard, monde.a.eleves[0], "C1", 1)
    livret = connecte(monde.a.enseignant).get(url(monde)).context["livret"]
    ligne = livret.lignes[0]
    assert (ligne.valeur, ligne.meilleure.situation) == (2, "Étude de gamme A")
    assert [(une.preuve.situation, une.degre.code) for une in ligne.historique] == [
        ("Reprise", "1"),
        ("Étude de gamme A", "2"),
    ]


@pytest.mark.parametrize("etat", ["brouillon", "ouverte"])
def test_l_eleve_ne_voit_pas_ce_qui_n_est_pas_publie(monde: Monde, etat: str) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=etat)
    client = connecte(monde.a.compte_eleve)
    for adresse in (url(monde), reverse("livret:mon-livret")):
        reponse = client.get(adresse)
        page = reponse.content.decode()
        assert [ligne.valeur for ligne in reponse.context["livret"].lignes] == [None] * 5
        assert reponse.context["passages"] == []
        assert "Étude de gamme A" not in page
        assert "Gamme cohérente" not in page
    imprime = texte(client.get(url(monde, "eleve-pdf")).content)
    assert "Étude de gamme A" not in imprime
    assert "Gamme cohérente" not in imprime


@pytest.mark.parametrize("etat", ["publiee", "close"])
def test_l_eleve_voit_ce_qui_est_publie_et_rien_d_autre(monde: Monde, etat: str) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=etat)
    reponse = connecte(monde.a.compte_eleve).get(reverse("livret:mon-livret"))
    page = reponse.content.decode()
    assert [ligne.valeur for ligne in reponse.context["livret"].lignes] == [2, 3, None, None, None]
    assert "Gamme cohérente" in page
    for interdit in ("ALPHA-A2", "Dominique", "/ 20", "/situations/", "/classes/"):
        assert interdit not in page


def test_une_mention_se_lit_en_toutes_lettres(monde: Monde) -> None:
    page = connecte(monde.a.enseignant).get(url(monde, rang=1)).content.decode()
    assert '<span class="niveau niveau-aucun">absent</span>' in page


def test_precedent_et_suivant(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    premiere, seconde = (client.get(url(monde, rang=rang)).content.decode() for rang in (0, 1))
    assert ('rel="prev"' in premiere, 'rel="next"' in premiere) == (False, True)
    assert ('rel="prev"' in seconde, 'rel="next"' in seconde) == (True, False)
    assert 'rel="next"' not in connecte(monde.a.compte_eleve).get(url(monde)).content.decode()


def test_un_eleve_sorti_garde_son_livret(monde: Monde) -> None:
    monde.a.eleves[0].scolarites.update(sortie="2026-01-05")
    reponse = connecte(monde.a.enseignant).get(url(monde))
    assert reponse.context["voisins"] == Voisins()
    assert reponse.context["livret"].lignes[0].valeur == 2


def test_les_images_ont_un_titre_une_description_et_aucun_style(monde: Monde) -> None:
    page = connecte(monde.a.enseignant).get(url(monde)).content.decode()
    assert "Enseignants. C1 : niveau 2 ; C2 : niveau 3 ; C3 : non évaluée" in page
    assert '<desc id="barre-EP1-description">C1 : niveau 2 ; C2 : niveau 3</desc>' in page
    assert '<title id="frise-C1-titre">Évolution de C1, semestre par semestre</title>' in page
    assert "style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))


def test_ce_qui_s_ecrit_d_un_trait_est_echappe(monde: Monde) -> None:
    """Situation, lieu, évaluateur, compétence : aucun texte n'y devient une balise."""
    publier(monde)
    hostile, echappe = '<i>"Carter"</i> & co', "&lt;i&gt;&quot;Carter&quot;&lt;/i&gt; &amp; co"
    Situation.objects.filter(pk=monde.a.situation.pk).update(intitule=hostile, entreprise="<i>", tuteur="<i>")
    monde.referentiel.competences.update(intitule=hostile)
    for compte in (monde.a.enseignant, monde.a.compte_eleve):
        page = connecte(compte).get(url(monde)).content.decode()
        assert f"{echappe}, 13 mars 2026, &lt;i&gt;, &lt;i&gt;\n</summary>" in page
        assert f'<th scope="row" title="{echappe}">C1</th>' in page
        assert f'<li title="{echappe}"><strong>C1</strong>' in page
        assert "<i>" not in page
    lue = f'<a href="/situations/{monde.a.situation.pk}/">{echappe}</a>, 13 mars 2026'
    assert lue in connecte(monde.a.enseignant).get(url(monde)).content.decode()
    assert f"/situations/{monde.a.situation.pk}/" not in page


def test_les_trois_voix_et_le_curseur(monde: Monde) -> None:
    camille = monde.a.eleves[0]
    en_entreprise = factories.situation(
        monde.a.classe, monde.a.enseignant, ["C1"], lieu="entreprise", tuteur="Maryse", fin="2026-05-22"
    )
    factories.evaluation(en_entreprise, camille, "C1", 1)
    factories.autoevaluation(camille, "C1", 0, "2025-11-03")
    factories.autoevaluation(camille, "C1", 3, "2026-04-02")
    factories.autoevaluation(camille, "C2", 1, "2026-04-02")
    client = connecte(monde.a.enseignant)

    def vus(requete: str = "") -> list[tuple[str, ...]]:
        rangees = client.get(url(monde) + requete).context["portrait"].rangees
        return [
            (rangee.code, *(degre.code if degre else "–" for degre in rangee.degres)) for rangee in rangees
        ]

    assert vus()[:3] == [("C1", "2", "3", "1"), ("C2", "3", "1", "–"), ("C3", "–", "–", "–")]
    assert vus("?voix=eleve")[:2] == [("C1", "3"), ("C2", "1")]
    mi_decembre_2025 = (datetime.date(2025, 12, 15) - datetime.date(2025, 8, 1)).days // 7
    assert vus(f"?semaine={mi_decembre_2025}")[:2] == [("C1", "–", "0", "–"), ("C2", "–", "–", "–")]
    assert vus("?semaine=demain&voix=pirate") == vus()


def test_l_eleve_lit_sa_voix_a_cote_de_celle_des_enseignants(monde: Monde) -> None:
    publier(monde)
    factories.autoevaluation(monde.a.eleves[0], "C1", 3, "2026-04-02", situation=monde.a.situation)
    client = connecte(monde.a.compte_eleve)
    reponse = client.get(url(monde))
    assert [[une.niveau.code for une in siennes] for _, siennes in reponse.context["passages"]] == [["3"]]
    assert "Vous :" in reponse.content.decode()
    assert "L’élève :" in connecte(monde.a.enseignant).get(url(monde)).content.decode()


def test_l_echelle_dit_en_avance_attendu_en_retard(monde: Monde) -> None:
    attentes = {"C1": {6: 3}, "C2": {1: 1, 6: 2}, "C3": {6: 1}}
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, attentes)
    reponse = connecte(monde.a.enseignant).get(url(monde))
    suivi = reponse.context["suivi"]
    assert [une.repere.position.value for une in suivi.lignes] == [
        "en retard",
        "en avance",
        "jamais évaluée",
        "sans attente",
        "sans attente",
    ]
    assert [
        (bloc.code, bloc.evaluees, bloc.tenues, bloc.attendues, len(bloc.lignes)) for bloc in suivi.blocs
    ] == [("BC01", 2, 1, 2, 2), ("BC02", 0, 0, 1, 2), ("BC03", 0, 0, 0, 1)]
    choix_d_un_procede = suivi.lignes[1].etapes
    assert [
        (etape.semestre, etape.atteint and etape.atteint.code, etape.attendu and etape.attendu.code)
        for etape in choix_d_un_procede
    ] == [
        ("Tle S1", None, "1"),
        ("Tle S2", "3", "2"),
    ]
    imprime = texte(connecte(monde.a.enseignant).get(url(monde, "eleve-pdf")).content)
    for mot in ("en retard", "en avance", "Reste à prouver", "C1, C3, C4, C5"):
        assert mot in imprime


def test_sans_echelle_aucune_attente(monde: Monde) -> None:
    assert "position-" not in connecte(monde.a.enseignant).get(url(monde)).content.decode()


def test_le_parcours_et_les_semaines(monde: Monde) -> None:
    camille = monde.a.eleves[0]
    seconde = factories.classe(monde.a.promotion, niveau="2de", nom="2de REMI")
    Scolarite.objects.create(eleve=camille, classe=seconde)
    pfmp = factories.pfmp(factories.periode(monde.a.classe), camille)
    factories.sejour(pfmp, factories.tuteur(factories.entreprise(monde.a.etablissement)))
    page = connecte(monde.a.compte_eleve).get(url(monde)).content.decode()
    assert "2de REMI, 2023-2024 › Tle A, 2025-2026" in page
    assert "4\xa0/\xa022\xa0semaines" in page


def test_le_pdf_dit_la_meme_chose_que_la_page(monde: Monde) -> None:
    reponse = connecte(monde.a.enseignant).get(url(monde, "eleve-pdf"))
    assert reponse["Content-Type"] == "application/pdf"
    assert "Livret ALPHA-A1 Camille.pdf" in reponse["Content-Disposition"]
    lecteur = PdfReader(BytesIO(reponse.content))
    assert lecteur.metadata.title == "Livret de compétences de ALPHA-A1 Camille"
    assert [round(float(cote)) for cote in lecteur.pages[0].mediabox[2:]] == [595, 842]
    for numero, page in enumerate(lecteur.pages, start=1):
        contenu = page.extract_text()
        assert f"page {numero} / {len(lecteur.pages)}" in contenu
        assert "Lycée A" in contenu
        assert "ALPHA-A1 Camille" in contenu
    imprime = texte(reponse.content)
    for attendu in ("Partiellement maîtrisé", "Bien maîtrisé", "jamais évaluée", "Étude de gamme A"):
        assert attendu in imprime
    assert INTRUS not in imprime


def test_l_equipe_va_de_l_eleve_a_ses_bilans(monde: Monde) -> None:
    publier(monde)
    camille = monde.a.eleves[0]
    equipe = [connecte(compte) for compte in (monde.a.enseignant, monde.a.administrateur)]
    for client in equipe:
        assert f'<a href="/classes/{monde.a.classe.pk}/bilans/">aucun bilan</a>' in lire(client, monde)
    valide = factories.bilan(camille, monde.a.enseignant, "valide")
    prepare = factories.bilan(
        camille, monde.a.enseignant, "prepare", semestre=5, date=datetime.date(2026, 1, 30)
    )
    factories.bilan(monde.a.eleves[1], monde.a.enseignant)
    for client in equipe:
        page = lire(client, monde)
        assert f'<a href="/bilans/{prepare.pk}/">semestre 5</a> (préparé), ' in page
        assert f'<a href="/bilans/{valide.pk}/">semestre 6</a> (validé)</dd>' in page
        assert page.count('<a href="/bilans/') == 2
        assert client.get(f"/bilans/{prepare.pk}/").status_code == 200
    correction = valide.corriger("Une faute.", monde.a.enseignant)
    page = lire(equipe[0], monde)
    assert (f"/bilans/{correction.pk}/" in page, f"/bilans/{valide.pk}/" in page) == (True, False)
    assert "<dt>Bilans</dt>" not in lire(connecte(monde.a.compte_eleve), monde)


def lire(client: Client, monde: Monde) -> str:
    return client.get(url(monde)).content.decode()


def test_requetes(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")
    publier(monde)
    monde.a.eleves[1].scolarites.update(sortie="2026-01-05")
    assert requetes(lambda: client.get(url(monde))) == 33
    monde.a.eleves[1].scolarites.update(sortie=None)
    factories.eleve(monde.a.classe)
    autre = factories.situation(monde.a.classe, monde.a.enseignant, competences=["C3"])
    factories.evaluation(autre, monde.a.eleves[0], "C3", 1)
    assert requetes(lambda: client.get(url(monde))) == 33
