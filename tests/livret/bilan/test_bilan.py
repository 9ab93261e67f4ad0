"""Un bilan : l'écrire à plusieurs, le faire passer d'un état à l'autre, le figer, le corriger, l'imprimer."""

import datetime
import json
from hashlib import sha256
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from pypdf import PdfReader

from livret.bilan import preparation
from livret.bilan.lus import bilan_lu
from livret.bilan.models import BilanValide
from livret.declencheurs import GARDES
from livret.models import (
    Bilan,
    Classe,
    Eleve,
    Evaluation,
    Situation,
)
from tests import factories
from tests.litanie import connecte, requetes, statuts
from tests.livret.bilan.bilans import (
    ecrire,
    jetons,
    messages,
    relu,
    saisie,
    url,
)
from tests.monde import INTRUS, Monde
from trpm.base.declencheurs import lever
from trpm.permissions import Role
from trpm.voisins import Voisins

DROITS = {
    "administrateur": 200,
    "enseignant": 200,
    "collègue": 404,
    "élève": 404,
    "membre": 403,
    "président": 403,
    "ailleurs": 404,
}
POUR_L_EQUIPE = {**DROITS, "administrateur": 403, "élève": 403}
ENTRETIEN = {"entretien_le": "2026-04-01", "enseignant_present": True, "eleve_present": True}


@pytest.fixture(autouse=True)
def publiee(monde: Monde) -> Situation:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=Situation.Etat.PUBLIEE)
    return monde.a.situation


@pytest.fixture
def brouillon(monde: Monde) -> Bilan:
    return factories.bilan(monde.a.eleves[0], monde.a.enseignant)


@pytest.fixture
def prepare(monde: Monde) -> Bilan:
    return factories.bilan(monde.a.eleves[0], monde.a.enseignant, "prepare")


@pytest.fixture
def valide(monde: Monde) -> Bilan:
    return factories.bilan(monde.a.eleves[0], monde.a.enseignant, "valide")


@pytest.fixture
def prof(monde: Monde):
    return connecte(monde.a.enseignant)


def autre_prof(monde: Monde):
    compte = factories.utilisateur(Role.ENSEIGNANT, etablissement=monde.a.etablissement, nom="Second")
    monde.a.classe.equipe.add(compte)
    return connecte(compte)


def niveaux(bilan: Bilan) -> dict[str, int | None]:
    return {ligne.code: ligne.degre and ligne.degre.valeur for ligne in bilan_lu(bilan).contenu.lignes}


# --- Qui le lit -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("etat", "lecture", "envoi"),
    [("brouillon", 404, 302), ("prepare", 404, 302), ("entretien", 404, 302), ("valide", 200, 409)],
)
def test_droits(monde: Monde, etat: str, lecture: int, envoi: int) -> None:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, etat)
    assert statuts(monde, url("bilan", bilan.pk)) == {
        **DROITS,
        **dict.fromkeys(("membre", "président", "élève"), lecture),
    }
    assert connecte(monde.a.compte_eleve).get(url("bilan-pdf", bilan.pk)).status_code == lecture
    assert statuts(monde, url("bilan-update", bilan.pk), "post") == {**POUR_L_EQUIPE, "enseignant": envoi}


def test_l_eleve_ne_lit_pas_celui_d_un_autre(monde: Monde) -> None:
    autre = factories.bilan(monde.a.eleves[1], monde.a.enseignant, "valide")
    client = connecte(monde.a.compte_eleve)
    for nom in ("bilan", "bilan-pdf"):
        assert client.get(url(nom, autre.pk)).status_code == 404


def test_un_eleve_d_une_autre_classe_n_existe_pas(monde: Monde) -> None:
    """Même établissement, même promotion, une classe dont on n'est pas dans l'équipe."""
    ailleurs = factories.classe(monde.a.promotion, [monde.a.collegue])
    bilan = factories.bilan(factories.eleve(ailleurs, "AUTRE"), monde.a.collegue, "valide")
    client = connecte(monde.a.enseignant)
    assert client.get(url("bilan", bilan.pk)).status_code == 404
    assert client.post(url("bilan-update", bilan.pk)).status_code == 404
    assert connecte(monde.a.collegue).get(url("bilan", bilan.pk)).status_code == 200


def test_l_equipe_suivante_lit_les_bilans_d_avant_sans_les_ecrire(monde: Monde) -> None:
    premiere = factories.classe(monde.a.promotion, [monde.a.collegue], niveau="1re")
    eleve = factories.eleve(premiere, "ALPHA-A3")
    ancien = factories.bilan(eleve, monde.a.collegue, "prepare", semestre=4, date=datetime.date(2025, 5, 30))
    client = connecte(monde.a.enseignant)
    assert client.get(url("bilan", ancien.pk)).status_code == 404
    eleve.scolarites.create(classe=monde.a.classe)
    reponse = client.get(url("bilan", ancien.pk))
    assert (reponse.status_code, "form" in reponse.context) == (200, False)
    assert f"/classes/{premiere.pk}/" not in reponse.content.decode()
    assert client.post(url("bilan-update", ancien.pk)).status_code == 404


def test_l_equipe_d_avant_ne_lit_pas_ceux_d_apres(monde: Monde) -> None:
    premiere = factories.classe(monde.a.promotion, [monde.a.collegue], niveau="1re")
    monde.a.eleves[0].scolarites.create(classe=premiere)
    bilan = Bilan.objects.create(
        eleve=monde.a.eleves[0],
        classe=monde.a.classe,
        semestre=6,
        date=datetime.date(2026, 3, 30),
        auteur=monde.a.enseignant,
    )
    assert connecte(monde.a.collegue).get(url("bilan", bilan.pk)).status_code == 404


# --- Ce qu'il montre --------------------------------------------------------------------------


def test_un_brouillon_montre_les_niveaux_du_moment(monde: Monde, brouillon: Bilan, prof) -> None:
    page = prof.get(brouillon.get_absolute_url()).content.decode()
    assert niveaux(brouillon) == {"C1": 2, "C2": 3, "C3": None, "C4": None, "C5": None}
    assert "Étude de gamme A, 13 mars 2026, centre de formation, Enseignant-A Personne-A" in page
    assert "Bilan intermédiaire du semestre 6 sur 6, au 30 mars 2026" in page
    assert INTRUS not in page


def test_ce_que_l_eleve_ne_voit_pas_encore_n_y_entre_pas(monde: Monde, brouillon: Bilan, prof) -> None:
    Situation.objects.filter(pk=monde.a.situation.pk).update(etat=Situation.Etat.OUVERTE)
    page = prof.get(brouillon.get_absolute_url()).content.decode()
    assert set(niveaux(brouillon).values()) == {None}
    assert "Pas encore visible de l’élève, donc hors du bilan&nbsp;:" in page
    assert ">Étude de gamme A</a>" in page


def test_ce_qui_vient_apres_sa_date_n_y_entre_pas(monde: Monde, brouillon: Bilan) -> None:
    apres = factories.situation(
        monde.a.classe,
        monde.a.enseignant,
        competences=["C1"],
        etat="publiee",
        debut="2026-03-31",
        fin="2026-03-31",
    )
    factories.evaluation(apres, monde.a.eleves[0], "C1", 3)
    assert niveaux(brouillon)["C1"] == 2
    Bilan.objects.filter(pk=brouillon.pk).update(date="2026-03-31")
    assert niveaux(brouillon)["C1"] == 3


def test_la_comparaison_avec_le_bilan_precedent(monde: Monde, prof) -> None:
    eleve, enseignant = monde.a.eleves[0], monde.a.enseignant
    factories.bilan(
        eleve,
        enseignant,
        "valide",
        semestre=5,
        date=datetime.date(2026, 1, 30),
        objectifs="Oser le contrôle.",
    )
    bilan = factories.bilan(eleve, enseignant)
    reponse = prof.get(bilan.get_absolute_url())
    contenu = reponse.context["contenu"]
    assert [(ligne.code, ligne.evolution.mots) for ligne in contenu.lignes] == [
        ("C1", "évaluée depuis"),
        ("C2", "évaluée depuis"),
        ("C3", "toujours pas évaluée"),
        ("C4", "toujours pas évaluée"),
        ("C5", "toujours pas évaluée"),
    ]
    page = reponse.content.decode()
    assert "Depuis le bilan du semestre 5, le 30 janvier 2026" in page
    assert "Oser le contrôle." in page


def test_un_bilan_non_valide_ne_sert_pas_de_comparaison(monde: Monde) -> None:
    eleve, enseignant = monde.a.eleves[0], monde.a.enseignant
    factories.bilan(eleve, enseignant, "entretien", semestre=5, date=datetime.date(2026, 1, 30))
    assert bilan_lu(factories.bilan(eleve, enseignant)).contenu.precedent is None


def test_le_niveau_attendu_par_l_echelle_est_fige_avec_le_reste(monde: Monde, prof) -> None:
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {5: 3}, "C2": {6: 3}})
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "prepare")
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {5: 0}})
    reponse = prof.get(bilan.get_absolute_url())
    positions = {ligne.code: ligne.position.value for ligne in reponse.context["contenu"].lignes}
    assert (positions["C1"], positions["C2"], positions["C3"]) == ("en retard", "attendu", "sans attente")
    assert reponse.context["perimees"] == ("autre niveau attendu en C1, C2",)


def test_aucune_note_d_examen_n_y_parait(monde: Monde, valide: Bilan) -> None:
    page = connecte(monde.a.compte_eleve).get(valide.get_absolute_url()).content.decode()
    for interdit in (
        "/ 20",
        "/\xa020",
        "/20<",
        "coefficient",
        "Commission",
        "ALPHA-A2",
        "Dominique",
        "/situations/",
    ):
        assert interdit not in page


# --- L'écrire ---------------------------------------------------------------------------------


def test_enregistrer_puis_passer_au_suivant(monde: Monde, brouillon: Bilan, prof) -> None:
    suivant = factories.bilan(monde.a.eleves[1], monde.a.enseignant)
    page = prof.get(brouillon.get_absolute_url())
    assert page.context["voisins"] == Voisins(None, suivant.pk, 1, 2)
    envoi = saisie(prof, brouillon, appreciation="Sérieuse.") | {"vers": suivant.pk}
    reponse = prof.post(url("bilan-update", brouillon.pk), envoi)
    assert (reponse.status_code, reponse.url) == (302, f"{suivant.get_absolute_url()}?suite=1")
    ecrit = relu(brouillon)
    assert (ecrit.appreciation, ecrit.history.first().history_user) == ("Sérieuse.", monde.a.enseignant)
    assert "autofocus" in prof.get(reponse.url).content.decode()


def test_sans_changement_rien_ne_s_ecrit(brouillon: Bilan, prof) -> None:
    ecrire(prof, brouillon)
    assert brouillon.history.count() == 1


def test_un_voisin_disparu_ne_perd_rien(brouillon: Bilan, prof) -> None:
    for vers in ("999999", "douze", "-1"):
        envoi = saisie(prof, brouillon, appreciation=f"Vers {vers}.") | {"vers": vers}
        assert prof.post(url("bilan-update", brouillon.pk), envoi).status_code == 302
        assert relu(brouillon).appreciation == f"Vers {vers}."


def test_deux_collegues_ecrivent_deux_champs_sans_se_gener(monde: Monde, brouillon: Bilan, prof) -> None:
    second = autre_prof(monde)
    mien, sien = (
        saisie(prof, brouillon, appreciation="De moi."),
        saisie(second, brouillon, objectifs="De lui."),
    )
    assert second.post(url("bilan-update", brouillon.pk), sien).status_code == 302
    assert prof.post(url("bilan-update", brouillon.pk), mien).status_code == 302
    ecrit = relu(brouillon)
    assert (ecrit.appreciation, ecrit.objectifs) == ("De moi.", "De lui.")


def test_le_meme_champ_change_entre_temps_se_dit_sans_rien_perdre(
    monde: Monde, brouillon: Bilan, prof
) -> None:
    second = autre_prof(monde)
    mien = saisie(prof, brouillon, appreciation="De moi.")
    ecrire(second, brouillon, appreciation="De lui.", objectifs="Ses objectifs.")
    reponse = prof.post(url("bilan-update", brouillon.pk), mien)
    page = reponse.content.decode().replace("\u00a0", " ")
    assert reponse.status_code == 409
    assert "Second a modifié ce bilan à" in page
    assert "Est maintenant enregistré : « De lui. »" in page
    assert relu(brouillon).appreciation == "De lui."
    form = reponse.context["form"]
    assert (form["appreciation"].value(), form["objectifs"].value()) == ("De moi.", "Ses objectifs.")
    encore = {nom: form[nom].value() for nom in ("appreciation", "objectifs")} | jetons(reponse)
    assert prof.post(url("bilan-update", brouillon.pk), encore).status_code == 302
    assert (relu(brouillon).appreciation, relu(brouillon).objectifs) == ("De moi.", "Ses objectifs.")


def test_un_bilan_valide_entre_temps_rend_ce_qui_avait_ete_tape(monde: Monde, prof) -> None:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "entretien")
    envoi = saisie(prof, bilan, appreciation="Trop tard.")
    preparation.passer(relu(bilan), "valide", monde.a.enseignant, bilan.modifie_le)
    reponse = prof.post(url("bilan-update", bilan.pk), envoi)
    page = reponse.content.decode()
    assert (reponse.status_code, "Ce que vous aviez écrit" in page, "Trop tard." in page) == (409, True, True)
    assert relu(bilan).appreciation == "Un semestre régulier."


def test_l_equipe_ne_recrit_pas_les_mots_de_l_eleve(monde: Monde, prepare: Bilan, prof) -> None:
    avant = saisie(prof, prepare, mots="Recueillis par moi.")
    connecte(monde.a.compte_eleve).post(
        url("mes-mots", prepare.pk),
        {"mots": "De ma main.", "lu_mots": avant["lu_mots"]},
    )
    assert "mots" not in prof.get(prepare.get_absolute_url()).context["form"].champs
    reponse = prof.post(url("bilan-update", prepare.pk), avant)
    assert (reponse.status_code, relu(prepare).mots) == (409, "De ma main.")
    assert "L’élève a écrit ses mots lui-même" in reponse.content.decode()
    seul = {"mots": "À sa place.", "lu_mots": jetons(reponse)["lu_mots"]}
    assert prof.post(url("bilan-update", prepare.pk), seul).status_code == 409
    assert relu(prepare).mots == "De ma main."


def test_l_equipe_recueille_les_mots_d_un_eleve_sans_compte(monde: Monde, prof) -> None:
    bilan = factories.bilan(monde.a.eleves[1], monde.a.enseignant, "prepare")
    ecrire(prof, bilan, mots="Je progresse.")
    textes = bilan_lu(bilan).contenu.textes
    assert (textes.mots, textes.mots_par, textes.mots_de_sa_main) == (
        "Je progresse.",
        monde.a.enseignant.nom_complet,
        False,
    )


@pytest.mark.parametrize(
    ("champs", "faute"),
    [
        ({"entretien_le": "31/02/2026"}, "Saisissez une date valide."),
        ({"entretien_le": "2024-01-10"}, "Cette date n’est pas dans l’année scolaire 2025-2026."),
        ({"entretien_avec": "collegue"}, "Sélectionnez un choix valide."),
    ],
)
def test_une_saisie_invalide_s_explique_et_garde_le_reste(
    monde: Monde, prepare: Bilan, prof, champs: dict, faute: str
) -> None:
    if "entretien_avec" in champs:
        champs = {"entretien_avec": monde.a.collegue.pk}
    reponse = ecrire(prof, prepare, appreciation="Gardée.", **champs)
    page = reponse.content.decode()
    assert (reponse.status_code, faute in page, "Gardée." in page) == (422, True, True)
    assert relu(prepare).appreciation == "Un semestre régulier."


# --- Ses états --------------------------------------------------------------------------------


def geste(client, bilan: Bilan, quoi: str, **champs: object):
    envoi = saisie(client, bilan, **champs) | {"geste": quoi}
    return client.post(url("bilan-update", bilan.pk), envoi, follow=True)


def test_du_brouillon_au_bilan_valide(monde: Monde, brouillon: Bilan, prof) -> None:
    reponse = geste(prof, brouillon, "prepare", appreciation="Sérieuse.")
    assert messages(reponse)[1:] == ["Le bilan est préparé."]
    assert relu(brouillon).etat == "prepare"
    assert relu(brouillon).intact
    geste(prof, brouillon, "entretien", **ENTRETIEN, entretien_avec=monde.a.enseignant.pk, convenu="En mai.")
    assert relu(brouillon).etat == "entretien"
    geste(prof, brouillon, "valide")
    fait = relu(brouillon)
    assert (fait.etat, fait.valide_par, fait.intact) == ("valide", monde.a.enseignant, True)
    fige = bilan_lu(fait).contenu
    assert (fige.textes.appreciation, fige.entretien.convenu, fige.entretien.avec) == (
        "Sérieuse.",
        "En mai.",
        monde.a.enseignant.nom_complet,
    )
    assert fait.empreinte == sha256(fait.contenu.encode()).hexdigest()
    assert json.dumps(
        json.loads(fait.contenu), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ) == (fait.contenu)


@pytest.mark.parametrize(
    ("etat", "quoi", "champs", "phrase"),
    [
        (
            "brouillon",
            "prepare",
            {},
            "Avant « préparé » : écrivez l’appréciation de l’équipe.",
        ),
        (
            "brouillon",
            "valide",
            {},
            "Ce bilan est un brouillon : il ne peut pas devenir « validé ».",
        ),
        (
            "prepare",
            "n’importe quoi",
            {},
            "Ce bilan est préparé : il ne peut pas devenir « n’importe quoi ».",
        ),
        ("brouillon", "reprendre", {}, "Les niveaux se reprennent sur un bilan préparé et non validé."),
        (
            "prepare",
            "entretien",
            {"enseignant_present": True},
            "Avant « entretien fait » : donnez la date de l’entretien ; dites quel enseignant "
            "l’a mené ; marquez la présence de l’élève.",
        ),
    ],
)
def test_un_passage_refuse_dit_pourquoi(monde: Monde, prof, etat, quoi, champs, phrase) -> None:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, etat)
    reponse = geste(prof, bilan, quoi, objectifs="Gardés.", **champs)
    assert messages(reponse)[1:] == [phrase]
    assert (relu(bilan).etat, relu(bilan).objectifs) == (etat, "Gardés.")


@pytest.mark.parametrize(
    ("etat", "champs", "phrase"),
    [
        (
            "prepare",
            {"appreciation": ""},
            "Un bilan « préparé » demande encore : écrivez l’appréciation de l’équipe.",
        ),
        (
            "entretien",
            {"eleve_present": False},
            "Un bilan « entretien fait » demande encore : marquez la présence de l’élève.",
        ),
    ],
)
def test_ce_qui_a_permis_un_etat_ne_s_efface_pas(monde: Monde, prof, etat, champs, phrase) -> None:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, etat)
    traces = bilan.history.count()
    reponse = ecrire(prof, bilan, **champs)
    assert (reponse.status_code, phrase in reponse.content.decode().replace("\u00a0", " ")) == (422, True)
    assert (relu(bilan).appreciation, bilan.history.count()) == ("Un semestre régulier.", traces)


def test_on_ne_valide_pas_ce_que_l_on_n_a_pas_lu(monde: Monde, prof) -> None:
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "entretien")
    envoi = saisie(prof, bilan) | {"geste": "valide"}
    ecrire(autre_prof(monde), bilan, appreciation="Changée depuis.")
    reponse = prof.post(url("bilan-update", bilan.pk), envoi)
    assert (reponse.status_code, relu(bilan).etat) == (409, "entretien")
    assert "relisez ce qui est maintenant enregistré" in reponse.content.decode()
    assert reponse.context["form"]["appreciation"].value() == "Changée depuis."


def test_les_niveaux_ne_bougent_plus_et_se_reprennent_a_la_demande(
    monde: Monde, prepare: Bilan, prof
) -> None:
    Evaluation.objects.filter(eleve=monde.a.eleves[0], competence__code="C1").update(
        niveau=factories.niveau(monde.referentiel, 3)
    )
    assert niveaux(prepare)["C1"] == 2
    page = prof.get(prepare.get_absolute_url())
    attendue = "C1 : 2 (Partiellement maîtrisé) → 3 (Bien maîtrisé)"
    assert [phrase.replace("\u00a0", " ") for phrase in page.context["perimees"]] == [attendue]
    reponse = geste(prof, prepare, "reprendre")
    assert messages(reponse) == [f"Niveaux repris : ils ont changé : {attendue}."]
    assert niveaux(prepare)["C1"] == 3
    assert relu(prepare).intact
    assert messages(geste(prof, prepare, "reprendre")) == ["Niveaux repris : ils n’avaient pas changé."]


def test_revenir_au_brouillon_abandonne_les_niveaux_pas_les_textes(prepare: Bilan, prof) -> None:
    geste(prof, prepare, "brouillon")
    rouvert = relu(prepare)
    assert (rouvert.etat, rouvert.contenu, rouvert.empreinte, rouvert.niveaux_pris_le) == (
        "brouillon",
        "",
        "",
        None,
    )
    assert rouvert.appreciation == "Un semestre régulier."


def test_supprimer_un_brouillon_sans_texte(monde: Monde, brouillon: Bilan, prof) -> None:
    prof.post(url("bilan-delete", brouillon.pk))
    assert not Bilan.objects.exists()
    ecrit = factories.bilan(monde.a.eleves[0], monde.a.enseignant, appreciation="Sérieuse.")
    reponse = prof.post(url("bilan-delete", ecrit.pk))
    assert (reponse.status_code, "porte déjà un texte" in reponse.content.decode()) == (409, True)
    assert statuts(monde, url("bilan-delete", ecrit.pk), "post") == {**POUR_L_EQUIPE, "enseignant": 409}


# --- Validé, il ne change plus ----------------------------------------------------------------


def test_rien_ne_change_un_bilan_valide(monde: Monde, valide: Bilan) -> None:
    avant = Bilan.objects.filter(pk=valide.pk).values().get()
    rendu = bilan_lu(valide).contenu
    Evaluation.objects.all().delete()
    Eleve.objects.filter(pk=monde.a.eleves[0].pk).update(nom="AUTRE")
    Classe.objects.filter(pk=monde.a.classe.pk).update(nom="Autre")
    factories.echelle_attendue(monde.a.promotion, monde.a.enseignant, {"C1": {6: 3}})
    assert bilan_lu(valide).contenu == rendu
    objet = relu(valide)
    objet.appreciation = "Autre."
    for ecriture in (
        objet.save,
        objet.delete,
        Bilan.objects.delete,
        lambda: Bilan.objects.update(appreciation="Autre."),
        lambda: monde.a.eleves[0].bilans.update(mots="Autre."),
        lambda: Bilan.objects.bulk_update([objet], ["appreciation"]),
    ):
        with pytest.raises(BilanValide), transaction.atomic():
            ecriture()
    objet.etat = "brouillon"
    with pytest.raises(BilanValide):
        objet.save()
    assert Bilan.objects.filter(pk=valide.pk).values().get() == avant


def test_un_contenu_change_hors_du_logiciel_se_voit(valide: Bilan, prof) -> None:
    assert "L’empreinte de ce bilan" not in prof.get(valide.get_absolute_url()).content.decode()
    lever(connection, GARDES)
    Bilan._base_manager.filter(pk=valide.pk).update(contenu=valide.contenu.replace("Camille", "Camila"))
    assert "L’empreinte de ce bilan" in prof.get(valide.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    "champs",
    [
        {"etat": "prepare"},
        {"etat": "entretien", "contenu": "{}", "appreciation": "Oui."},
        {"etat": "valide", "contenu": "{}", "appreciation": "Oui."},
        {"semestre": 13},
        {"contenu": "{}"},
        {"numero": 2},
        {"motif": "Sans version."},
    ],
)
def test_la_base_refuse_un_bilan_incoherent(monde: Monde, brouillon: Bilan, champs: dict) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Bilan._base_manager.filter(pk=brouillon.pk).update(**champs)


def test_un_seul_bilan_en_cours_par_semestre(monde: Monde, brouillon: Bilan) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.bilan(monde.a.eleves[0], monde.a.enseignant, date=datetime.date(2026, 5, 4))


# --- Corriger ---------------------------------------------------------------------------------


def test_une_correction_fait_une_nouvelle_version(monde: Monde, valide: Bilan, prof) -> None:
    prof.post(url("bilan-corriger", valide.pk), {"motif": "Point oublié."})
    second = Bilan.objects.get(numero=2)
    assert (second.corrige, second.motif, second.auteur, second.etat) == (
        valide,
        "Point oublié.",
        monde.a.enseignant,
        "entretien",
    )
    eleve = connecte(monde.a.compte_eleve)
    assert eleve.get(second.get_absolute_url()).status_code == 404
    geste(prof, second, "valide", convenu="Un point en mai.")
    page = prof.get(second.get_absolute_url()).content.decode()
    assert "Motif de la correction&nbsp;: Point oublié." in page
    assert valide.get_absolute_url() in page
    ancien = eleve.get(valide.get_absolute_url())
    assert (ancien.status_code, "Un point en mai." in ancien.content.decode()) == (200, False)
    assert bilan_lu(second).contenu.entretien.convenu == "Un point en mai."
    assert [un.numero for un in Bilan.objects.en_vigueur()] == [2]


def test_une_correction_se_motive_et_ne_bifurque_pas(monde: Monde, valide: Bilan, prof) -> None:
    adresse = url("bilan-corriger", valide.pk)
    reponse = prof.post(adresse, {"motif": "  "})
    assert (reponse.status_code, "Dites en quelques mots pourquoi" in reponse.content.decode()) == (422, True)
    prof.post(adresse, {"motif": "Point oublié."})
    reponse = prof.post(adresse, {"motif": "Encore."})
    assert (reponse.status_code, reponse.context["refus"]) == (
        409,
        ["Ce bilan a déjà une version corrigée\u00a0: reprenez la dernière."],
    )
    brouillon = factories.bilan(monde.a.eleves[1], monde.a.enseignant)
    assert prof.post(url("bilan-corriger", brouillon.pk), {"motif": "Non."}).status_code == 409
    assert Bilan.objects.count() == 3


def test_corriger_pendant_qu_un_autre_bilan_du_semestre_est_ouvert(monde: Monde, valide: Bilan) -> None:
    factories.bilan(monde.a.eleves[0], monde.a.enseignant, date=datetime.date(2026, 5, 4))
    with pytest.raises(ValidationError, match="déjà en cours pour cet élève"):
        preparation.corriger(valide, "Point oublié.", monde.a.enseignant)


# --- Sur le papier ----------------------------------------------------------------------------


def test_le_pdf_dit_la_meme_chose_que_la_page(monde: Monde, prof) -> None:
    eleve, enseignant = monde.a.eleves[0], monde.a.enseignant
    factories.bilan(eleve, enseignant, "valide", semestre=5, date=datetime.date(2026, 1, 30))
    factories.echelle_attendue(monde.a.promotion, enseignant, {"C1": {6: 3}})
    bilan = factories.bilan(
        eleve,
        enseignant,
        "valide",
        mots="Je progresse.",
        objectifs="Contrôler seule.",
        convenu="Un point en mai.",
    )
    reponse = prof.get(url("bilan-pdf", bilan.pk))
    assert "Bilan du semestre 6, ALPHA-A1 Camille.pdf" in reponse["Content-Disposition"]
    lecteur = PdfReader(BytesIO(reponse.content))
    assert [round(float(cote)) for cote in lecteur.pages[0].mediabox[2:]] == [595, 842]
    textes = [" ".join(page.extract_text().split()) for page in lecteur.pages]
    for numero, texte in enumerate(textes, start=1):
        assert f"page {numero} / {len(textes)}" in texte
        assert "Lycée A" in texte
        assert "ALPHA-A1 Camille" in texte
    imprime = " ".join(textes)
    for attendu in (
        "Bilan intermédiaire du semestre 6",
        "2 évaluées depuis, – 3 toujours pas évaluées",
        "Partiellement maîtrisé",
        "Étude de gamme A, 13 mars 2026, centre de formation, Enseignant-A Personne-A",
        "en retard",
        "Un semestre régulier.",
        "Je progresse.",
        "Contrôler seule.",
        "Un point en mai.",
        "Enseignant présent : oui · élève présent : oui",
        "Signature de l’élève",
        "Signature de l’enseignant",
        f"empreinte {relu(bilan).empreinte[:16]}",
    ):
        assert attendu in imprime
    for interdit in (INTRUS, "/ 20", "Document de travail", "ALPHA-A2"):
        assert interdit not in imprime


def test_un_bilan_non_valide_s_imprime_comme_document_de_travail(prepare: Bilan, prof) -> None:
    page = PdfReader(BytesIO(prof.get(url("bilan-pdf", prepare.pk)).content)).pages[0].extract_text()
    assert "Document de travail, préparé, non validé" in page


def test_un_texte_saisi_reste_du_texte(brouillon: Bilan, prof) -> None:
    ecrire(prof, brouillon, appreciation='<img src="file:///etc/passwd"><b>gras</b>')
    pages = PdfReader(BytesIO(prof.get(url("bilan-pdf", brouillon.pk)).content)).pages
    texte = " ".join(" ".join(page.extract_text().split()) for page in pages)
    assert '<img src="file:///etc/passwd"><b>gras</b>' in texte
    assert "<b>gras</b>" not in prof.get(brouillon.get_absolute_url()).content.decode()


# --- Ce qu'il coûte ---------------------------------------------------------------------------


def test_requetes(monde: Monde, prof) -> None:
    """Le nombre ne dépend ni de la classe, ni des bilans passés."""
    comptes = []
    bilan = factories.bilan(monde.a.eleves[0], monde.a.enseignant, "prepare")
    for semestre in (4, 5):
        comptes.append(requetes(lambda: prof.get(bilan.get_absolute_url())))
        factories.bilan(factories.eleve(monde.a.classe), monde.a.enseignant)
        factories.bilan(
            monde.a.eleves[0],
            monde.a.enseignant,
            "valide",
            semestre=semestre,
            date=datetime.date(2025, 5 + semestre, 1),
        )
        preparation.reprendre(relu(bilan), bilan.modifie_le)
    assert comptes == [25, 25]
