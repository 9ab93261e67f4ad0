"""L’accueil d’un élève : ce que dit l’aperçu, ce qui change de promotion, ce qui se lit ensuite."""

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import timezone

from livret.models import (
    ChangementDePromotion,
    Classe,
    Eleve,
    Evaluation,
    Promotion,
    Scolarite,
    Situation,
    Trace,
    TransfertRecu,
    Utilisateur,
)
from livret.pfmp.ailleurs import venus
from livret.pfmp.suivi import semaines_par_eleve
from livret.transfert.apercu import ApercuDAccueil
from livret.transfert.arrivee import accueillir, apercu_d_accueil, deposer
from livret.transfert.depart import DONNEES
from livret.transfert.reprise import ChoixDAccueil
from tests import factories
from tests.deux_diplomes import importe
from tests.diplomes import cap
from tests.litanie import adresse, connecte, statuts
from tests.livret.pfmp.scene import scene
from tests.livret.transfert.test_transfert import confirmee, depart, meilleurs, partant, recu_de
from tests.monde import Monde
from trpm.base.archive import ecrire, lire
from trpm.base.signature import cle, empreinte_de_la_cle
from trpm.conservation.effacement import ecarter_les_depots
from trpm.models import ActeNote


def deposee(monde: Monde, octets: bytes) -> TransfertRecu:
    lieu, par = monde.b.etablissement, monde.b.administrateur
    return deposer(octets, empreinte_de_la_cle(), lieu, par, timezone.now())


def apercu(monde: Monde, recu: TransfertRecu, *choix: Any) -> ApercuDAccueil:
    return apercu_d_accueil(recu, ChoixDAccueil(*choix), monde.b.administrateur, timezone.now())


def garni(monde: Monde) -> Eleve:
    """Camille, avec une situation formative, un bilan validé et une PFMP."""
    eleve = partant(monde)
    formative = factories.situation(
        monde.a.classe, monde.a.enseignant, intitule="S’exercer", nature="formative"
    )
    factories.evaluation(formative, eleve, "C4", 1)
    scene(monde.a)
    factories.bilan(eleve, monde.a.enseignant, "valide")
    return eleve


def compte() -> tuple[int, ...]:
    modeles = (Eleve, Situation, Evaluation, Trace, Scolarite, Utilisateur)
    tout = [modele.objects.count() for modele in modeles]
    return (*tout, Classe.toutes.count(), Promotion.toutes.count())


def test_l_apercu_dit_tout_et_n_ecrit_rien(monde: Monde) -> None:
    recu = deposee(monde, depart(garni(monde), monde))
    avant, fichiers = compte(), default_storage.listdir("traces")
    lu = apercu(monde, recu, monde.b.classe)
    assert (compte(), default_storage.listdir("traces")) == (avant, fichiers)
    suites = {une.intitule: (une.niveaux, une.suite) for une in lu.situations}
    session = monde.b.promotion.session
    assert suites["Usiner un palier"] == (
        1, f"compte dans le livret, et pour la certification de la session {session}"
    )  # fmt: skip
    assert suites["S’exercer"] == (
        1, "compte dans le livret, non pour la certification\xa0: elle est formative"
    )  # fmt: skip
    assert "1 PFMP, à lire" in lu.repris
    assert "1 bilan validé, à lire" in lu.repris
    assert (lu.connu, lu.change) == (False, None)


def test_ce_que_l_apercu_annonce_est_ce_qui_se_fait(monde: Monde) -> None:
    recu = deposee(monde, depart(garni(monde), monde))
    lu = apercu(monde, recu, monde.b.classe)
    fait = accueillir(
        recu, ChoixDAccueil(monde.b.classe), monde.b.administrateur, timezone.now(), lu.empreinte
    )
    assert fait.compte_rendu[:-1] == list(lu.repris)
    comptent = {une.intitule for une in lu.situations if une.suite.startswith("compte")}
    assert comptent == set(Situation.objects.filter(eleve=fait.eleve).values_list("intitule", flat=True))


def test_un_apercu_perime_ne_se_confirme_pas(monde: Monde) -> None:
    eleve = garni(monde)
    recu = deposee(monde, depart(eleve, monde))
    choix = ChoixDAccueil(monde.b.classe)
    lu = apercu(monde, recu, monde.b.classe)
    factories.eleve(monde.b.classe, "ENTRE-TEMPS", ine=eleve.ine)
    avant = compte()
    with pytest.raises(ValidationError, match="changé depuis l’aperçu"):
        accueillir(recu, choix, monde.b.administrateur, timezone.now(), lu.empreinte)
    assert (compte(), TransfertRecu.objects.recus().count()) == (avant, 0)


def test_sous_un_autre_diplome_rien_ne_compte_et_l_apercu_le_dit(monde: Monde) -> None:
    recu = deposee(monde, depart(garni(monde), monde))
    autre = factories.promotion(monde.b.etablissement, importe(cap()), "SANS", nom="Autre")
    la_bas = factories.classe(autre, [monde.b.enseignant], nom="Tle autre")
    lu = apercu(monde, recu, la_bas)
    assert {une.suite for une in lu.situations} == {
        f"ne compte pas\xa0: donnée en {monde.a.promotion.referentiel}, elle se montre à part"
    }


# --- Déjà ici ---------------------------------------------------------------------------------


def ici_ailleurs(monde: Monde, ine: str) -> tuple[Eleve, Classe]:
    """La même personne, déjà dans une autre promotion d’ici ; et la classe qu’elle rejoindrait."""
    autre = factories.promotion(monde.b.etablissement, monde.b.promotion.referentiel, nom="Autre promotion")
    classe = factories.classe(autre, [monde.b.enseignant], nom="Tle W")
    return factories.eleve(classe, "DEJA", ine=ine), monde.b.classe


def test_deja_ici_il_change_de_promotion_ou_reste(monde: Monde) -> None:
    eleve = partant(monde)
    ici, rejointe = ici_ailleurs(monde, eleve.ine)
    recu = deposee(monde, depart(eleve, monde))
    reste = apercu(monde, recu, None)
    assert (reste.connu, reste.change, reste.promotion) == (True, None, "Autre promotion")
    passe = apercu(monde, recu, rejointe)
    assert (str(passe.change.promotion), passe.promotion) == ("Autre promotion", str(rejointe.promotion))
    accueillir(recu, ChoixDAccueil(rejointe), monde.b.administrateur, timezone.now(), passe.empreinte)
    ici.refresh_from_db()
    assert ici.promotion == rejointe.promotion
    assert list(ici.scolarites.ouvertes().values_list("classe__nom", flat=True)) == [rejointe.nom]
    change = ChangementDePromotion.objects.get(eleve=ici)
    assert (change.avant.nom, change.par) == ("Autre promotion", monde.b.administrateur)
    assert meilleurs(ici) == meilleurs(eleve)


def test_l_empechement_se_dit_et_il_peut_rester(monde: Monde) -> None:
    """Devant une commission ouverte d’un autre diplôme : elle garde la main."""
    eleve = partant(monde)
    ici = monde.b.eleves[0]
    Eleve.objects.filter(pk=eleve.pk).update(ine="060012345AB")
    Eleve.objects.filter(pk=ici.pk).update(ine="060012345AB")
    autre = factories.promotion(monde.b.etablissement, importe(cap()), "SANS", nom="Autre")
    rejointe = factories.classe(autre, [monde.b.enseignant], nom="Tle autre")
    recu = deposee(monde, depart(Eleve.objects.get(pk=eleve.pk), monde))
    with pytest.raises(ValidationError, match="ne peut pas passer en Tle autre.*commission ouverte"):
        apercu(monde, recu, rejointe)
    assert confirmee(recu, ChoixDAccueil(None), monde.b.administrateur).eleve == ici
    ici.refresh_from_db()
    assert ici.promotion == monde.b.promotion


def test_sans_classe_un_inconnu_n_entre_pas(monde: Monde) -> None:
    recu = deposee(monde, depart(partant(monde), monde))
    with pytest.raises(ValidationError, match="choisissez la classe"):
        apercu(monde, recu, None)


# --- La page ----------------------------------------------------------------------------------


def test_la_page_se_revoit_puis_se_confirme(monde: Monde) -> None:
    recu = deposee(monde, depart(garni(monde), monde))
    page, client = adresse("transfert-apercu", recu.pk), connecte(monde.b.administrateur)
    lue = client.get(page)
    assert monde.a.etablissement.nom in lue.text
    assert "elle est formative" in lue.text
    for montre in ("0" * 16, ""):
        perimee = client.post(page, {"classe": monde.b.classe.pk, "apercu": montre, "accueillir": "1"})
        assert (perimee.status_code, TransfertRecu.objects.recus().count()) == (422, 0)
        assert "changé depuis l’aperçu" in perimee.text
        assert perimee.context["apercu"] == lue.context["apercu"], "l’aperçu revient"
    sans = client.post(page, {"classe": "", "accueillir": "1"})
    assert "choisissez la classe" in sans.text
    envoi = {"classe": monde.b.classe.pk, "apercu": lue.context["apercu"].empreinte, "accueillir": "1"}
    assert client.post(page, envoi).status_code == 302
    assert TransfertRecu.objects.recus().count() == 1
    assert client.get(page).status_code == 404, "confirmée, elle n’est plus à confirmer"


def test_ecarter_ne_laisse_rien(monde: Monde, django_capture_on_commit_callbacks: Callable) -> None:
    recu = deposee(monde, depart(partant(monde), monde))
    nom = recu.archive.name
    with django_capture_on_commit_callbacks(execute=True):
        connecte(monde.b.administrateur).post(adresse("transfert-ecarter", recu.pk))
    assert (TransfertRecu.objects.count(), default_storage.exists(nom)) == (0, False)


def test_une_archive_oubliee_part_au_bout_d_un_mois(
    monde: Monde, django_capture_on_commit_callbacks: Callable
) -> None:
    recu = deposee(monde, depart(partant(monde), monde))
    jours = [datetime.timedelta(days=nombre) for nombre in (29, 31)]
    with django_capture_on_commit_callbacks(execute=True):
        assert [ecarter_les_depots(timezone.now() + un) for un in jours] == [0, 1]
    assert not default_storage.exists(recu.archive.name)


# --- Ce qui se lit de là-bas -------------------------------------------------------------------


def test_bilans_et_pfmp_se_lisent_avec_leur_provenance(monde: Monde) -> None:
    eleve = garni(monde)
    arrive = recu_de(
        depart(eleve, monde), empreinte_de_la_cle(), monde.b.classe, None, monde.b.administrateur
    ).eleve
    page = adresse("eleve-recus", arrive.pk)
    lue = connecte(monde.b.enseignant).get(page)
    la_bas = monde.a.etablissement
    for dit in (
        "Un semestre régulier.",
        f"Reçu de {la_bas.nom} ({la_bas.uai})",
        "Usinage A",
        "Maryse Tutrice A",
    ):
        assert dit in lue.text, dit
    (apport,) = lue.context["apports"]
    assert [un.intact for un in apport.bilans] == [True]
    assert apport.pfmp[0].absences == 1
    assert page in connecte(monde.b.enseignant).get(arrive.get_absolute_url()).text
    assert arrive.bilans.count() == 0
    assert arrive.pfmps.count() == 0
    note = ActeNote.objects.get(adresse="livret:eleve-recus")
    assert (note.eleve, note.auteur) == (arrive, monde.b.enseignant)
    assert "D’un autre établissement" in connecte(monde.b.enseignant).get(arrive.get_absolute_url()).text


def test_les_semaines_faites_la_bas_comptent_sous_leur_nom(monde: Monde) -> None:
    eleve, jour = garni(monde), datetime.date(2100, 1, 1)
    la_bas = semaines_par_eleve([eleve], jour)[eleve.pk]
    arrive = confirmee(
        deposee(monde, depart(eleve, monde)), ChoixDAccueil(monde.b.classe), monde.b.administrateur
    ).eleve
    ici = semaines_par_eleve([arrive], jour)[arrive.pk]
    lieu = monde.a.etablissement
    assert la_bas.jours > 0
    assert (ici.jours, ici.prevus, ici.cible) == (la_bas.jours, la_bas.prevus, la_bas.cible)
    assert ici.ailleurs == ((f"{lieu.nom} ({lieu.uai})", la_bas.jours),)
    assert f"à {lieu.nom} ({lieu.uai})" in ici.texte
    assert ici.texte in connecte(monde.b.enseignant).get(adresse("eleve-pfmp", arrive.pk)).text


def test_la_meme_pfmp_redite_par_une_autre_archive_compte_une_fois_jusqu_a_son_depart() -> None:
    une = {"sejours": [{"debut": "2026-03-02", "fin": "2026-03-13", "jours": 10, "rattrapage": False}]}
    une |= {"absences": [{"debut": "2026-03-03", "fin": "2026-03-03", "jours": "1"}]}
    tot, tard = datetime.date(2026, 3, 6), datetime.date(2026, 6, 1)
    deux_fois = [("Lycée d’avant", tot, [une]), ("Autre lycée", tot, []), ("Lycée d’avant", tard, [une, une])]
    assert [(un.origine, un.jours) for un in venus(deux_fois)] == [("Lycée d’avant", 18)]
    assert [un.jours for un in venus(deux_fois[:1])] == [4]


def test_qui_les_lit(monde: Monde) -> None:
    lui = monde.a.eleves[0]
    octets = depart(partant(monde), monde)
    TransfertRecu.objects.create(
        etablissement=monde.a.etablissement, eleve=lui, origine="Lycée Z (0750001A)", empreinte="0" * 64,
        archive="", par=monde.a.administrateur, le=timezone.now(),
    )  # fmt: skip
    la_bas = recu_de(octets, empreinte_de_la_cle(), monde.b.classe, None, monde.b.administrateur).eleve
    page = adresse("eleve-recus", lui.pk)
    assert statuts(monde, page) == {
        "administrateur": 200, "enseignant": 200, "collègue": 404, "élève": 200, "membre": 200,
        "président": 200, "ailleurs": 404,
    }  # fmt: skip
    assert connecte(monde.a.enseignant).get(adresse("eleve-recus", la_bas.pk)).status_code == 404
    assert connecte(monde.a.enseignant).get(adresse("eleve-recus", monde.a.eleves[1].pk)).status_code == 404


# --- Une archive mal faite ---------------------------------------------------------------------


def chemins(dit: Any, ici: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(dit, dict):
        return [(*ici, nom) for nom in dit] + [un for nom in dit for un in chemins(dit[nom], (*ici, nom))]
    return (
        [un for rang, lu in enumerate(dit) for un in chemins(lu, (*ici, rang))]
        if isinstance(dit, list)
        else []
    )


def sans(dit: Any, chemin: tuple[Any, ...], remplace: bool) -> bytes:
    copie = json.loads(json.dumps(dit))
    ou = copie
    for pas in chemin[:-1]:
        ou = ou[pas]
    if remplace:
        ou[chemin[-1]] = {"imprévu": [1]}
    else:
        del ou[chemin[-1]]
    return json.dumps(copie).encode()


@pytest.mark.parametrize("remplace", [False, True])
def test_bien_signee_et_mal_faite_elle_se_refuse_par_une_phrase(monde: Monde, remplace: bool) -> None:
    """Chaque clé ôtée, puis chaque valeur remplacée : un refus dit, ou un accueil ; jamais une erreur."""
    fichiers = {
        nom: octets
        for nom, octets in lire(depart(garni(monde), monde)).items()
        if nom.startswith("transfert")
    }
    dit = json.loads(fichiers[DONNEES])
    refus: list[str] = []
    avant = compte()
    premiers = [un for un in chemins(dit) if len(un) < 3 or un[1] in (0, "promotion")]
    for chemin in premiers[remplace::4]:
        octets = ecrire({DONNEES: sans(dit, chemin, remplace)}, cle())
        try:
            apercu(monde, deposee(monde, octets), monde.b.classe)
        except ValidationError as faute:
            refus += faute.messages
    assert compte() == avant
    assert len(refus) > 8
    assert max(map(len, refus)) < 400
