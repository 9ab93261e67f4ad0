"""Changer d’année : ce que dit l’aperçu, ce qui s’écrit, et comment on en revient."""

import re

import pytest
from django.utils import timezone

from livret.models import (
    AnneeScolaire,
    ChangementDePromotion,
    Classe,
    EchelleAttendue,
    Eleve,
    Groupe,
    PassageDAnnee,
    Promotion,
    Scolarite,
    Sequence,
)
from livret.rentree.acte import faire
from livret.rentree.plan import ChoixDeRentree, plan_de
from livret.rentree.retour import annuler, premier_acte
from tests import factories
from tests.litanie import adresse, connecte, messages, requetes
from tests.livret.rentree.ecole import DEPUIS, FinDAnnee, fin_d_annee
from tests.simultane import ensemble
from tests.tuer import EnvoiTue

SUITE = DEPUIS + 1


@pytest.fixture
def ecole(db: None) -> FinDAnnee:
    return fin_d_annee()


def photo(lieu_pk: int) -> dict[str, list[tuple]]:
    """Tout ce qu’un changement d’année peut toucher, ligne à ligne."""
    return {
        modele.__name__: sorted(modele.objects.values_list(*champs))
        for modele, champs in {
            Classe: ("pk", "nom", "annee__debut", "promotion"),
            Promotion: ("pk", "nom", "session"),
            Scolarite: ("pk", "eleve", "classe"),
            Eleve: ("pk", "promotion", "option", "actif"),
            Groupe: ("pk", "nom", "classe"),
            ChangementDePromotion: ("pk", "eleve"),
            EchelleAttendue: ("pk", "promotion"),
            Sequence: ("pk", "promotion", "debut"),
        }.items()
    }


def passer(ecole: FinDAnnee, choix: ChoixDeRentree | None = None) -> PassageDAnnee:
    plan = plan_de(ecole.lieu, DEPUIS, choix or ChoixDeRentree())
    return faire(plan, plan.empreinte, ecole.admin, timezone.now())


def nouvelles() -> dict[str, Classe]:
    return {une.nom: une for une in Classe.objects.filter(annee__debut=SUITE)}


def test_tout_coche_les_classes_montent(ecole: FinDAnnee) -> None:
    factories.echelle_attendue(ecole.seconde.promotion, ecole.prof, {"C1": {2: 1, 6: 3}})
    factories.sequence(ecole.seconde, ecole.prof, debut="2025-11-03", detaillees=["C1.1"])
    factories.pfmp_prevue(ecole.seconde.promotion)
    passer(ecole)
    suite = nouvelles()
    assert sorted(suite) == ["1re A", "2de A", "Tle A"]
    for avant, apres in (("2de", "1re A"), ("1re", "Tle A")):
        une = suite[apres]
        assert une.promotion == ecole.classes[avant].promotion
        assert set(une.equipe.all()) == {ecole.prof}
        assert list(Eleve.objects.presents(une)) == ecole.eleves(avant)
        groupe = une.groupes.get()
        assert (groupe.nom, groupe.eleves.count()) == (f"Groupe {avant}", 2)
    entrants = suite["2de A"].promotion
    assert (entrants.nom, entrants.session, suite["2de A"].scolarites.count()) == ("USI 2029", 2029, 0)
    assert entrants.echelles.get().attentes.count() == 2
    copie = entrants.sequences.get()
    assert (copie.debut.isoformat(), copie.semaines, copie.debut.weekday()) == ("2026-11-02", 3, 0)
    assert [un.code for un in copie.detaillees.all()] == ["C1.1"]
    assert entrants.pfmp_prevues.count() == 1
    assert [un.actif for un in ecole.eleves("Tle")] == [False] * 3
    assert all(un.actif for un in ecole.eleves("2de"))


def test_sans_echelle_ni_progression_ni_equipe(ecole: FinDAnnee) -> None:
    factories.echelle_attendue(ecole.seconde.promotion, ecole.prof, {"C1": {2: 1}})
    factories.sequence(ecole.seconde, ecole.prof)
    passer(ecole, ChoixDeRentree(echelle=False, progression=False, equipes=frozenset(), groupes=frozenset()))
    entrants = nouvelles()["2de A"].promotion
    assert (entrants.echelles.count(), entrants.sequences.count()) == (0, 0)
    assert all(not une.equipe.exists() and not une.groupes.exists() for une in nouvelles().values())


def test_redoubler_partir_attendre(ecole: FinDAnnee) -> None:
    seconde, premiere, terminale = (ecole.eleves(un) for un in ("2de", "1re", "Tle"))
    issues = {
        seconde[0].pk: "redouble",
        premiere[0].pk: "redouble",
        premiere[1].pk: "part",
        premiere[2].pk: "attend",
        terminale[0].pk: "redouble",
    }
    passer(ecole, ChoixDeRentree(issues=issues))
    suite = nouvelles()
    for eleve, classe in ((seconde[0], "2de A"), (premiere[0], "1re A"), (terminale[0], "Tle A")):
        eleve.refresh_from_db()
        assert eleve.promotion == suite[classe].promotion
        assert eleve.scolarites.filter(classe=suite[classe]).exists()
        change = eleve.changements.get()
        assert (change.avant.session + 1, change.apres) == (change.apres.session, eleve.promotion)
    assert Eleve.objects.get(pk=premiere[1].pk).actif is False
    attend = Eleve.objects.get(pk=premiere[2].pk)
    assert (attend.actif, attend.scolarites.count()) == (True, 1)
    assert suite["1re A"].groupes.get().eleves.count() == 1


def test_les_meilleurs_niveaux_d_avant_restent(ecole: FinDAnnee) -> None:
    eleve = ecole.eleves("1re")[0]
    situation = factories.situation(ecole.premiere, ecole.prof)
    factories.evaluation(situation, eleve, "C1", 2)
    passer(ecole, ChoixDeRentree(issues={eleve.pk: "redouble"}))
    assert eleve.evaluations.get().niveau.valeur == 2
    assert connecte(ecole.admin).get(adresse("eleve", eleve.pk)).status_code == 200


def test_annuler_rend_tout_tant_que_rien_n_est_fait(ecole: FinDAnnee) -> None:
    factories.echelle_attendue(ecole.seconde.promotion, ecole.prof, {"C1": {2: 1}})
    factories.sequence(ecole.seconde, ecole.prof)
    avant = photo(ecole.lieu.pk)
    issues = {ecole.eleves("1re")[0].pk: "redouble", ecole.eleves("2de")[1].pk: "part"}
    passage = passer(ecole, ChoixDeRentree(issues=issues))
    assert photo(ecole.lieu.pk) != avant
    annuler(passage, ecole.admin, timezone.now())
    assert photo(ecole.lieu.pk) == avant
    passer(ecole)


@pytest.mark.parametrize(
    ("acte", "dit"),
    [
        (lambda e, c: factories.situation(c, e.prof), "1 situation"),
        (lambda e, c: factories.eleve(c, "ENTRANT"), "1 scolarité"),
        (lambda e, c: factories.groupe(c, (), "Nouveau"), "1 groupe"),
        (lambda e, c: factories.periode(c), "1 période de PFMP"),
        (lambda e, c: c.scolarites.first().sortir(c.annee.premier_jour), "1 départ"),
    ],
)
def test_le_premier_acte_ferme_le_retour(ecole: FinDAnnee, acte: object, dit: str) -> None:
    passage = passer(ecole)
    acte(ecole, nouvelles()["1re A"])
    porte = photo(ecole.lieu.pk)
    assert dit in premier_acte(passage)
    reponse = connecte(ecole.admin).post(adresse("rentree-annuler", passage.pk), follow=True)
    assert dit in messages(reponse)[0]
    assert photo(ecole.lieu.pk) == porte


def test_une_version_d_echelle_des_entrants_ferme_aussi_le_retour(ecole: FinDAnnee) -> None:
    passage = passer(ecole)
    factories.echelle_attendue(nouvelles()["2de A"].promotion, ecole.prof, {"C1": {2: 1}})
    assert "1 échelle de compétences" in premier_acte(passage)


def test_l_apercu_puis_l_acte_par_la_page(ecole: FinDAnnee) -> None:
    page, client = adresse("rentree", ecole.lieu.pk), connecte(ecole.admin)
    vue = client.get(page)
    assert "6 montent, 0 redouble, 3 partent, 0 à décider" in vue.text
    donnees = envoyees(vue)
    redouble = f"eleve_{ecole.eleves('2de')[0].pk}"
    changee = client.post(page, {**donnees, redouble: "redouble", "acte": "faire"})
    assert "ont changé depuis l’aperçu" in changee.text
    sans = client.post(page, {**donnees, "empreinte": "", "acte": "faire"})
    assert "ont changé depuis l’aperçu" in sans.text
    assert PassageDAnnee.objects.count() == 0
    donnees = envoyees(changee) | {redouble: "redouble", "acte": "faire"}
    assert messages(client.post(page, donnees, follow=True)) == [
        "L’année 2026-2027 est prête\xa0: 6 élèves y sont inscrits."
    ]
    assert "Le passage à 2026-2027 a été fait" in client.get(page).text
    passage = PassageDAnnee.objects.get()
    client.post(adresse("rentree-annuler", passage.pk))
    assert nouvelles() == {}


def envoyees(reponse: object) -> dict[str, object]:
    """Ce que la page enverrait telle quelle."""
    form = reponse.context["form"]
    donnees = {nom: form[nom].value() for nom in form.fields if form[nom].value() not in (None, False, "")}
    return donnees | {"empreinte": reponse.context["plan"].empreinte}


def test_les_eleves_se_replient_et_le_pli_dit_qui_n_est_pas_comme_les_autres(ecole: FinDAnnee) -> None:
    page, client = adresse("rentree", ecole.lieu.pk), connecte(ecole.admin)
    vue = client.get(page)
    assert [ligne.a_part for ligne in vue.context["lignes"]] == [0, 0, 0]
    assert re.findall(r"tous (montent|partent)<", vue.text) == ["montent", "montent", "partent"]
    assert vue.text.count('<details class="pli">') == 3
    redouble = f"eleve_{ecole.eleves('2de')[0].pk}"
    vue = client.post(page, {**envoyees(vue), redouble: "redouble", "acte": "apercu"})
    assert re.findall(r"(1 à part|tous \w+)<", vue.text) == ["tous montent", "1 à part", "tous partent"]
    vue = client.post(page, {**envoyees(vue), redouble: "s’envole", "acte": "apercu"})
    assert vue.text.count('<details class="pli" open>') == 1


def test_ce_qui_ne_peut_pas_se_faire_se_dit(ecole: FinDAnnee) -> None:
    page, client = adresse("rentree", ecole.lieu.pk), connecte(ecole.admin)
    donnees = envoyees(client.get(page))
    sans_entrants = {nom: un for nom, un in donnees.items() if not nom.startswith("entrants")}
    redouble = {f"eleve_{ecole.eleves('2de')[0].pk}": "redouble"}
    assert "aucune classe de 2de" in client.post(page, {**sans_entrants, **redouble}).text
    doubles = {f"nom_{une.pk}": "Classe unique" for une in (ecole.seconde, ecole.premiere)}
    assert "Deux classes s’appelleraient" in client.post(page, {**donnees, **doubles}).text
    autre = factories.promotion(ecole.lieu, ecole.seconde.promotion.referentiel, session=2028, nom="Autre")
    factories.classe(autre, niveau="1re", nom="1re A")
    assert "existe déjà l’an prochain" in client.post(f"{page}?depuis={DEPUIS}", donnees).text
    assert PassageDAnnee.objects.count() == 0


def test_une_classe_deja_creee_pour_l_an_prochain_sert(ecole: FinDAnnee) -> None:
    deja = factories.classe(ecole.seconde.promotion, niveau="1re", nom="1re A")
    passage = passer(ecole)
    assert deja.scolarites.count() == 3
    annuler(passage, ecole.admin, timezone.now())
    assert (Classe.objects.filter(pk=deja.pk).exists(), deja.scolarites.count()) == (True, 0)


@pytest.mark.django_db(transaction=True)
def test_deux_administrateurs_a_la_fois_un_seul_passage() -> None:
    ecole = fin_d_annee()
    plan = plan_de(ecole.lieu, DEPUIS, ChoixDeRentree())
    faits = ensemble(*(lambda: faire(plan, plan.empreinte, ecole.admin, timezone.now()) for _ in range(3)))
    assert [isinstance(un, PassageDAnnee) for un in faits].count(True) == 1
    assert PassageDAnnee.objects.count() == 1
    assert len(nouvelles()) == 3
    assert Scolarite.objects.filter(classe__annee__debut=SUITE).count() == 6
    passage = PassageDAnnee.objects.get()
    ensemble(*(lambda: annuler(passage, ecole.admin, timezone.now()) for _ in range(2)))
    assert nouvelles() == {}


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("quoi", ["faire", "annuler"])
def test_tue_au_milieu_rien_n_est_ecrit(quoi: str) -> None:
    """Tué au début, au milieu, près de la fin ; le même envoi, refait, aboutit entier."""
    ecole = fin_d_annee()
    client, page = connecte(ecole.admin), adresse("rentree", ecole.lieu.pk)
    envoi = EnvoiTue(client, page, {**envoyees(client.get(page)), "acte": "faire"})
    if quoi == "annuler":
        envoi = EnvoiTue(client, adresse("rentree-annuler", passer(ecole).pk), {})
    avant, total = photo(ecole.lieu.pk), envoi.ecritures()
    for coupure in (3, total // 2, total - 6):
        envoi.tuer(coupure)
        assert photo(ecole.lieu.pk) == avant
    assert envoi.faire().returncode == 0
    assert len(nouvelles()) == (3 if quoi == "faire" else 0)


@pytest.mark.django_db
def test_le_nombre_de_requetes_ne_depend_pas_des_eleves() -> None:
    AnneeScolaire.objects.create(debut=SUITE)
    comptes = []
    for effectif in (3, 9):
        ecole = fin_d_annee(effectif)
        client, page = connecte(ecole.admin), adresse("rentree", ecole.lieu.pk)
        client.get(page)
        lire = requetes(lambda client=client, page=page: client.get(page))
        redouble = ChoixDeRentree(
            issues={ecole.eleves("2de")[0].pk: "redouble", ecole.eleves("1re")[0].pk: "part"}
        )
        plan = plan_de(ecole.lieu, DEPUIS, redouble)
        ecrire = requetes(
            lambda ecole=ecole, plan=plan: faire(plan, plan.empreinte, ecole.admin, timezone.now())
        )
        comptes.append((lire, ecrire))
    assert comptes == [(12, 54), (12, 54)]
