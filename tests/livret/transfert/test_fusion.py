"""Deux fiches d’un même élève n’en font plus qu’une."""

import pytest

from livret.models import Eleve
from livret.transfert.fusion import apercu_de_fusion, fondre
from tests import factories
from tests.litanie import adresse, connecte, messages, verifier_droits
from tests.livret.transfert.test_transfert import meilleurs
from tests.monde import Monde
from trpm.models import ActeNote


@pytest.fixture
def double(monde: Monde) -> Eleve:
    """La seconde fiche de Dominique : une autre classe, un niveau, une trace, l’INE."""
    ailleurs = factories.classe(monde.a.promotion, nom="Tle B")
    double = factories.eleve(ailleurs, "ALPHA-A2", "Dominique", ine="060012345AB")
    situation = factories.situation(ailleurs, monde.a.enseignant)
    type(situation).objects.filter(pk=situation.pk).update(etat="publiee")
    factories.evaluation(situation, double, "C5", 3)
    factories.trace(situation, double)
    return double


def gardee(monde: Monde) -> Eleve:
    eleve = monde.a.eleves[1]
    Eleve.objects.filter(pk=eleve.pk).update(ine=None)
    return eleve


def vue_de(gardee: Eleve, fondue: Eleve) -> dict[str, object]:
    return {"fondue": fondue.pk, "apercu": apercu_de_fusion(gardee, fondue).empreinte}


def lue(gardee: Eleve, fondue: Eleve) -> None:
    fondre(gardee, fondue, apercu_de_fusion(gardee, fondue).empreinte)


def test_un_apercu_perime_ou_absent_ne_fond_rien(monde: Monde, double: Eleve) -> None:
    """Une trace de plus depuis que la page est ouverte, ou une page que l’on n’a pas lue."""
    eleve, client = gardee(monde), connecte(monde.a.administrateur)
    envoi, url = vue_de(eleve, double), adresse("eleve-fusion", eleve.pk)
    factories.trace(double.evaluations.get().situation, double)
    for perime in (envoi, {"fondue": double.pk}):
        reponse = client.post(url, perime)
        assert "changé depuis l’aperçu" in reponse.text
        assert (2, "traces") in reponse.context["apercu"].portes
    assert Eleve.objects.filter(pk=double.pk).exists()


def test_l_apercu_puis_la_fusion(monde: Monde, double: Eleve) -> None:
    eleve = gardee(monde)
    url = adresse("eleve-fusion", eleve.pk)
    vue = verifier_droits(
        monde, url, adresse("eleve-fusion", monde.b.eleves[0].pk), donnees={"fondue": double.pk}
    )
    assert "1 évaluation" in vue
    assert "1 trace" in vue
    avant = meilleurs(eleve)
    reponse = connecte(monde.a.administrateur).post(url, vue_de(eleve, double), follow=True)
    assert "n’en font plus qu’une" in messages(reponse)[0]
    assert not Eleve.objects.filter(pk=double.pk).exists()
    eleve.refresh_from_db()
    assert eleve.ine == "060012345AB"
    apres = meilleurs(eleve)
    assert apres == {**avant, "C5": apres["C5"]}
    assert {une.classe.nom for une in eleve.scolarites.select_related("classe")} >= {"Tle B"}


def test_deux_niveaux_au_meme_endroit_se_disent_et_rien_ne_bouge(monde: Monde, double: Eleve) -> None:
    eleve = gardee(monde)
    situation = double.evaluations.get().situation
    factories.evaluation(situation, eleve, "C5", 1)
    url = adresse("eleve-fusion", eleve.pk)
    reponse = connecte(monde.a.administrateur).post(url, vue_de(eleve, double))
    assert "au même endroit" in reponse.text
    assert (double.evaluations.count(), double.traces.count(), double.scolarites.count()) == (1, 1, 1)


def test_une_fiche_d_un_autre_etablissement_ne_se_choisit_pas(monde: Monde) -> None:
    eleve = gardee(monde)
    url = adresse("eleve-fusion", eleve.pk)
    reponse = connecte(monde.a.administrateur).post(url, {"fondue": monde.b.eleves[0].pk})
    assert list(reponse.context["form"].errors) == ["fondue"]


def test_celle_qui_a_un_dossier_est_celle_que_l_on_garde(monde: Monde, double: Eleve) -> None:
    avec = monde.a.dossiers[0].eleve
    with pytest.raises(Exception, match="dossier de certification"):
        fondre(double, avec, "")
    assert Eleve.objects.filter(pk=avec.pk).exists()


def test_une_fiche_que_le_journal_nomme_se_fond_aussi(monde: Monde, double: Eleve) -> None:
    """Le journal ne se change pas : ses lignes restent telles qu’elles sont."""
    connecte(monde.a.administrateur).get(adresse("eleve", double.pk))
    acte = ActeNote.objects.get(eleve=double.pk)
    lue(gardee(monde), double)
    assert not Eleve.objects.filter(pk=double.pk).exists()
    assert ActeNote.objects.filter(pk=acte.pk, eleve=double.pk).exists()


def test_present_par_une_seule_des_deux_fiches_il_l_est_encore(monde: Monde) -> None:
    """Parti, il revient sous une autre fiche, dans la même classe."""
    eleve = monde.a.eleves[1]
    eleve.scolarites.get().sortir(monde.a.classe.annee.premier_jour)
    lue(eleve, factories.eleve(monde.a.classe, "REVENU"))
    eleve.refresh_from_db()
    assert (eleve.actif, eleve.scolarites.get().sortie) == (True, None)
