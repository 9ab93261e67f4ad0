"""L'ancien enseignant d'un élève ne lit que ce qui fut publié de son temps, adresse par adresse (Q53)."""

import datetime
from dataclasses import dataclass

import pytest
from django.utils import timezone

from livret.models import Classe, Scolarite, Situation, Trace
from tests import factories
from tests.litanie import adresse, connecte
from tests.livret.pfmp.scene import scene
from tests.livret.photo import jpeg
from tests.monde import Monde
from tests.test_droits import TABLE, Adresse, Essai, eleve, sans_suite, texte, trace_retiree, venu
from tests.tirage_blanc import pdf_de
from trpm.permissions import Role

AUJOURDHUI = datetime.date(2026, 11, 20)
DEPUIS = "DEPUIS-SON-DÉPART"
SIENNES = [une for une in TABLE if une.arguments and not une.commun and une.attendues[Role.ENSEIGNANT] != 403]
A_LUI = {"livret:phrase", "livret:invitation", "jeton-retrait"}
BORNEES = {"livret:eleve", "livret:eleve-pdf", "livret:eleve-pfmp"}
"""Des adresses d'un élève, celles qui s'ouvrent encore ; les autres n'existent plus pour lui."""


@pytest.fixture(autouse=True)
def en_novembre(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *arguments: AUJOURDHUI)


@pytest.fixture
def monde(monde_du_fichier: Monde, db: None) -> Monde:
    return monde_du_fichier


def le(jour: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(jour, datetime.time(12)))


def publiee(classe: Classe, intitule: str, jour: datetime.date, **champs: object) -> Situation:
    vecue = {"intitule": intitule, "etat": "publiee", "debut": jour, "fin": jour, "publiee_le": le(jour)}
    return factories.situation(classe, classe.equipe.first(), ["C1", "C2"], ["C1.1"], **vecue | champs)


@dataclass(frozen=True)
class Depart:
    """Ce que Camille a fait avant, puis dans la classe d'une collègue."""

    avant: Situation
    suite: Classe
    apres: Situation
    preuve: Trace


def passe(monde: Monde, en: Classe, avant_le: datetime.date, jour: datetime.date) -> Depart:
    """Camille passe dans cette classe, où tout ce qu'on dit d'elle porte la marque."""
    a, camille = monde.a, monde.a.eleves[0]
    scolarite = Scolarite.objects.create(eleve=camille, classe=en)
    avant = publiee(a.classe, "Vu de son temps", avant_le)
    factories.evaluation(avant, camille, "C1", 1)
    apres = publiee(en, "Tournage d’après", jour)
    factories.evaluation(apres, camille, "C1", 3)
    factories.observation(apres, camille, "C1.1", 3)
    factories.fiche(apres, camille, f"Belle pièce {DEPUIS}")
    factories.autoevaluation(camille, "C1", 3, jour.isoformat(), apres)
    factories.demande(camille, en, "C2")
    preuve = factories.photo(apres, camille, jpeg((40, 30)), texte=DEPUIS)
    factories.trace_d_eleve(camille, a.compte_eleve, f"Ma pièce {DEPUIS}", au_dossier=True)
    stage = factories.periode(en, f"PFMP {DEPUIS}", jour.isoformat(), (jour + 5 * JOUR).isoformat())
    usine = factories.entreprise(a.etablissement, "Usine du carnet")
    factories.sejour(factories.pfmp(stage, camille), factories.tuteur(usine))
    factories.bilan(camille, a.collegue, classe=en, date=jour, appreciation=DEPUIS, semestre=5)
    assert scolarite.classe.annee.premier_jour <= AUJOURDHUI
    return Depart(avant, en, apres, preuve)


JOUR = datetime.timedelta(days=1)


def annee_suivante(monde: Monde) -> Depart:
    """Redoublante : sa classe de l'an dernier, puis celle d'une collègue."""
    promotion = factories.promotion(monde.a.etablissement, monde.referentiel, session=2027)
    suite = factories.classe(promotion, [monde.a.collegue], nom="Tle suivante")
    return passe(monde, suite, datetime.date(2026, 5, 4), datetime.date(2026, 9, 21))


def autre_classe(monde: Monde) -> Depart:
    """En cours d'année, le 31 mars, elle change de classe."""
    Scolarite.objects.filter(eleve=monde.a.eleves[0]).update(sortie=datetime.date(2026, 3, 31))
    suite = factories.classe(monde.a.promotion, [monde.a.collegue], nom="Tle voisine")
    return passe(monde, suite, datetime.date(2026, 3, 16), datetime.date(2026, 4, 13))


DEPARTS = pytest.mark.parametrize("partir", [annee_suivante, autre_classe])


@pytest.mark.parametrize("une", SIENNES, ids=str)
def test_parti_de_l_equipe_il_n_ouvre_plus_rien(monde: Monde, une: Adresse) -> None:
    with sans_suite() as client:
        essai = Essai.de(monde, {}, une)
        monde.a.classe.equipe.remove(monde.a.enseignant)
        client.force_login(monde.a.enseignant)
        reponse = essai.demander(client, essai.ici)
        ouverte = une.partage or une.nom in A_LUI
        assert (reponse.status_code == 404) is not ouverte


@DEPARTS
@pytest.mark.parametrize("une", SIENNES, ids=str)
def test_rien_ne_se_lit_de_ce_qui_a_suivi(monde: Monde, une: Adresse, partir: object) -> None:
    """Toute adresse que tient son équipe, élève, situation, PFMP, classe, exports : bornée ou fermée."""
    with sans_suite() as client:
        essai = Essai.de(monde, {}, une)
        partir(monde)  # type: ignore[operator]
        client.force_login(monde.a.enseignant)
        reponse = essai.demander(client, essai.ici)
        fermee = une.arguments in (eleve, trace_retiree, venu) and une.nom not in BORNEES
        assert (reponse.status_code == 404) is fermee
        assert DEPUIS not in texte(reponse)


@DEPARTS
def test_la_suite_ne_s_ouvre_pas_par_son_adresse(monde: Monde, partir: object) -> None:
    with sans_suite():
        fait: Depart = partir(monde)  # type: ignore[operator]
        camille, client = monde.a.eleves[0], connecte(monde.a.enseignant)
        bilan, pfmp = camille.bilans.get(), camille.pfmps.get()
        apres = [
            adresse("situation", fait.apres.pk),
            adresse("grille", fait.apres.pk),
            adresse("trace", fait.preuve.pk),
            adresse("trace-miniature", fait.preuve.pk),
            adresse("bilan", bilan.pk),
            adresse("bilan-pdf", bilan.pk),
            adresse("pfmp", pfmp.pk),
            adresse("annexe-pdf", pfmp.pk),
            adresse("classe", fait.suite.pk),
        ]
        assert [client.get(une).status_code for une in apres] == [404] * len(apres)
        assert connecte(monde.a.collegue).get(apres[2]).status_code == 200


@DEPARTS
def test_son_livret_est_celui_de_ce_jour_la(monde: Monde, partir: object) -> None:
    with sans_suite():
        fait: Depart = partir(monde)  # type: ignore[operator]
        page = connecte(monde.a.enseignant).get(adresse("eleve", monde.a.eleves[0].pk))
        lu = page.content.decode()
        assert "tel qu’il était publié ce jour-là" in lu
        assert fait.avant.intitule in lu
        assert fait.apres.intitule not in lu
        assert monde.a.situation.intitule not in lu, "ouverte, jamais publiée"
        (c1,) = [une.ligne for une in page.context["suivi"].lignes if une.ligne.code == "C1"]
        assert c1.valeur == 1
        assert [une.classe for une in page.context["suivi"].parcours][0] == monde.a.classe
        assert "livret:portfolio" not in lu
        suivie = connecte(monde.a.collegue).get(adresse("eleve", monde.a.eleves[0].pk))
        assert DEPUIS in suivie.content.decode()


@DEPARTS
def test_une_publication_d_apres_son_depart_ne_se_lit_pas(monde: Monde, partir: object) -> None:
    """Datée de son temps dans une autre classe, publiée depuis."""
    with sans_suite():
        fait: Depart = partir(monde)  # type: ignore[operator]
        Situation.objects.filter(pk=fait.avant.pk).update(publiee_le=le(AUJOURDHUI))
        lu = connecte(monde.a.enseignant).get(adresse("eleve", monde.a.eleves[0].pk)).content.decode()
        assert fait.avant.intitule not in lu


def test_le_tableau_d_une_classe_passee_est_celui_de_son_annee(monde: Monde) -> None:
    """Page, classeur, couverture : le niveau 3 montré depuis n'y est pas, pour l'administrateur non plus."""
    with sans_suite():
        annee_suivante(monde)
        for compte in (monde.a.enseignant, monde.a.administrateur):
            page = connecte(compte).get(adresse("classe", monde.a.classe.pk)).context["tableau"]
            (camille,) = [un for un in page.livrets if un.eleve == monde.a.eleves[0]]
            assert {une.code: une.valeur for une in camille.lignes if une.valeur is not None} == {
                "C1": 2,
                "C2": 3,
            }
            carte = connecte(compte).get(adresse("couverture", monde.a.classe.pk)).context["couverture"]
            (c11,) = [une for une in carte.lignes if une.detaillee.code == "C1.1"]
            assert [case.meilleur.valeur for case in c11.cases] == [2, 1]


def test_ses_pfmp_et_leurs_preuves_restent_a_l_ancienne_equipe(monde: Monde) -> None:
    with sans_suite():
        stage = scene(monde.a)
        preuve = factories.trace(monde.a.situation, monde.a.eleves[0], pdf_de("De son temps"))
        annee_suivante(monde)
        client = connecte(monde.a.enseignant)
        page = client.get(adresse("eleve-pfmp", monde.a.eleves[0].pk)).content.decode()
        assert str(stage.periode) in page
        assert "au 31 juillet 2026" in page
        assert client.get(adresse("trace", preuve.pk)).status_code == 200


def test_avant_la_rentree_l_equipe_sortante_lit_encore_tout(
    monde: Monde, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inscrit en juillet dans sa classe de la rentrée, l'élève est encore suivi par ses enseignants."""
    with sans_suite():
        annee_suivante(monde)
        monkeypatch.setattr("django.utils.timezone.localdate", lambda *arguments: datetime.date(2026, 7, 6))
        page = connecte(monde.a.enseignant).get(adresse("portfolio", monde.a.eleves[0].pk))
        assert page.status_code == 200
