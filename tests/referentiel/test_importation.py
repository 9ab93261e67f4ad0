"""L'import : exact, réversible en fichier, sans effet la seconde fois, jamais destructeur."""

import copy
import json
import threading
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livret.models import Promotion
from referentiel.fichier.changements import ABSENT
from referentiel.fichier.contenu import ContenuReferentiel
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.importation import (
    EtatChange,
    ImportRefuse,
    importer,
    previsualiser,
)
from referentiel.fichier.lecture import Document, lire, lire_texte
from referentiel.models import (
    Detaillee,
    Grille,
    Indicateur,
    Niveau,
    Poids,
    Referentiel,
    Tache,
)
from tests import factories
from trpm.permissions import Role

DEMO = Path(__file__).with_name("demo.json")
BRUT = json.loads(DEMO.read_text(encoding="utf-8"))


def document(**changements) -> Document:
    """Le diplôme inventé, des propriétés de premier niveau remplacées."""
    return lire_texte(ecrire(copy.deepcopy(BRUT) | changements))


def modifie(*modifications) -> Document:
    """Le diplôme inventé, avec des couples (chemin, valeur) ; `...` retire."""
    brut = copy.deepcopy(BRUT)
    for chemin, valeur in modifications:
        ici = brut
        for pas in chemin[:-1]:
            ici = ici[pas]
        if valeur is ...:
            del ici[chemin[-1]]
        else:
            ici[chemin[-1]] = copy.deepcopy(valeur)
    return lire_texte(ecrire(brut))


@pytest.fixture
def demo(db) -> Referentiel:
    importer(lire(DEMO))
    return Referentiel.objects.get(code="DEMO")


@pytest.mark.django_db
@pytest.mark.parametrize("chemin", [DEMO, factories.FICHIER_TRPM], ids=["demo", "trpm"])
def test_importer_puis_exporter_redonne_le_fichier(chemin):
    lu = lire(chemin)
    importer(lu)
    assert ContenuReferentiel(Referentiel.objects.get(code=lu.code)).texte() == chemin.read_text(
        encoding="utf-8"
    )


def test_deux_fois_le_meme_fichier_ne_change_rien(demo):
    avant = (demo.importe_le, demo.empreinte, Poids.objects.count(), Detaillee.objects.count())
    changements = importer(lire(DEMO))
    demo.refresh_from_db()
    assert changements.lignes == ()
    assert (demo.importe_le, demo.empreinte, Poids.objects.count(), Detaillee.objects.count()) == avant
    assert demo.empreinte == ContenuReferentiel(demo).empreinte() == changements.etat


def test_ce_que_l_import_ecrit(demo):
    noeud = Detaillee.objects.get(code="CP01.a.2")
    assert (noeud.parent.code, noeud.option.code, noeud.competence.code) == ("CP01.a", "AERO", "CP01")
    assert list(Detaillee.objects.filter(code="CP01.b").values_list("option__code", "intitule")) == [
        ("BOIS", "Vérifier les sangles"),
        ("AERO", "Vérifier les commandes"),
    ]
    indicateur = Indicateur.objects.get(intitule="Le mors est fixé")
    assert (indicateur.detaillee.intitule, str(indicateur.poids)) == ("Vérifier les sangles", "0.2500")
    assert list(Niveau.objects.values_list("code", "valeur")) == [("A", 0), ("B", 2), ("C", 5)]
    assert set(Poids.objects.values_list("epreuve__code", "competence__code", "option", "valeur")) == {
        ("EP1", "CP01", None, None),
        ("EP1", "CP03", None, None),
        ("EP2", "CP01", None, None),
        ("EP2", "CP02", None, None),
    }


def test_apercu_d_un_nouveau_referentiel(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        changements = previsualiser(lire(DEMO))
    assert (changements.nouveau, changements.etat, changements.refus) == (True, ABSENT, ())
    assert [(genre, len(lignes)) for genre, lignes in changements.ajouts_par_genre] == [
        ("référentiel", 1),
        ("option", 2),
        ("épreuve", 2),
        ("coefficient", 2),
        ("compétence", 3),
        ("compétence détaillée", 5),
        ("indicateur", 4),
        ("savoir", 1),
        ("échelle", 1),
        ("niveau de maîtrise", 3),
        ("grille", 1),
        ("poids", 4),
    ]
    assert Referentiel.objects.count() == 0


def test_apercu_champ_par_champ(demo):
    changements = previsualiser(
        modifie(
            (("competences", 1, "intitule"), "Encaisser vite"),
            (("grilles", 0, "bonus_max"), 2),
            (("competences", 0, "detaillees", 0), ...),
            (("epreuves", 0, "unite"), "U1"),
        )
    )
    assert [(ligne.nom, ligne.champ, ligne.avant, ligne.apres) for ligne in changements.modifications] == [
        ("épreuve EP1", "unite", "", "U1"),
        ("compétence CP02", "intitule", "Encaisser", "Encaisser vite"),
        ("grille 1", "bonus_max", lire(DEMO).grille_par_defaut.bonus_max, 2),
    ]
    assert [ligne.nom for ligne in changements.retraits] == [
        "compétence détaillée CP01.a",
        "compétence détaillée CP01.a.1",
        "compétence détaillée CP01.a.2 (AERO)",
    ]
    assert [ligne.nom for ligne in changements.deplacements] == [
        "compétence détaillée CP01.b (BOIS)",
        "compétence détaillée CP01.b (AERO)",
    ]
    assert changements.refus == ()


def test_un_referentiel_inutilise_se_refait_entierement(demo):
    refait = modifie(
        (("echelles", 0, "niveaux", 0), {"code": "C", "valeur": 0, "libelle": "à revoir", "symbole": "vide"}),
        (("echelles", 0, "niveaux", 2), {"code": "A", "valeur": 6, "libelle": "acquis", "symbole": "plein"}),
        (("competences", 0, "detaillees", 2, "option"), ...),
        (("competences", 0, "detaillees", 1), ...),
        (("epreuves", 0, "parent"), "EP2"),
        (("grilles", 0, "poids", 1, "competences"), {"CP01": 0.4, "CP02": 0.6}),
        (("savoirs", 0, "competences"), ["CP02"]),
    )
    importer(refait)
    demo.refresh_from_db()
    assert ContenuReferentiel(demo).texte() == ecrire(refait.brut)


def test_une_nouvelle_version_vit_a_cote(demo):
    importer(document(version="2"))
    assert list(Referentiel.objects.values_list("code", "version")) == [("DEMO", "2"), ("DEMO", "1")]
    assert ContenuReferentiel(demo).texte() == DEMO.read_text(encoding="utf-8")


def test_apercu_perime(demo):
    etat = previsualiser(document(semaines_pfmp=10)).etat
    importer(document(semaines_pfmp=12))
    with pytest.raises(EtatChange):
        importer(document(semaines_pfmp=10), etat_attendu=etat)
    demo.refresh_from_db()
    assert demo.semaines_pfmp == 12


# --- Un référentiel qui sert ------------------------------------------------------------------


@pytest.fixture
def utilise(demo) -> Referentiel:
    """Un élève d'AERO évalué sur CP01 (niveau B), observé sur CP01.b, et une commission en EP2."""
    importer(
        document(
            voies=[{"code": "R1", "intitule": "scolaire"}, {"code": "R2", "intitule": "autre"}],
            statuts=[{"code": "scolaire", "intitule": "Scolaire", "voie": "R1"}],
        )
    )
    demo.refresh_from_db()
    lieu = factories.etablissement()
    prof = factories.utilisateur(Role.ENSEIGNANT, etablissement=lieu)
    classe = factories.classe(factories.promotion(lieu, demo, "AERO"), [prof])
    eleve = factories.eleve(classe)
    situation = factories.situation(classe, prof, competences=["CP01"], detaillees=["CP01.b"])
    factories.evaluation(situation, eleve, "CP01", 2)
    factories.observation(situation, eleve, "CP01.b", 5)
    return demo


def brut_utilise(*modifications) -> Document:
    entetes = (
        (("voies",), [{"code": "R1", "intitule": "scolaire"}, {"code": "R2", "intitule": "autre"}]),
        (("statuts",), [{"code": "scolaire", "intitule": "Scolaire", "voie": "R1"}]),
    )
    return modifie(*entetes, *modifications)


REFUS = {
    "compétence retirée": (
        [(("competences", 0), ...), (("savoirs", 0, "competences"), ["CP03"])]
        + [(("grilles", 0, "poids"), [{"epreuve": "EP2", "competences": {"CP02": None}}])],
        "compétence CP01",
        "utilisé (1 situation d’évaluation, 1 évaluation).",
    ),
    "détaillée retirée": (
        [(("competences", 0, "detaillees", 2), ...)],
        "compétence détaillée CP01.b (AERO)",
        "utilisé (1 observation, 1 situation d’évaluation).",
    ),
    "statut changé de voie": ([(("statuts", 0, "voie"), "R2")], "statut scolaire", "utilisé (1 élève)."),
    "arrondi": ([(("grilles", 0, "arrondi"), "demi_superieur")], "grille 1", "déjà en service ("),
    "bonus": ([(("grilles", 0, "bonus_max"), 0)], "grille 1", "déjà en service ("),
    "poids": (
        [(("grilles", 0, "poids", 1, "competences"), {"CP01": 1, "CP02": 2})],
        "poids 1 EP2 CP01",
        "déjà en service (",
    ),
    "poids ajouté": (
        [(("grilles", 0, "poids", 1, "competences", "CP03"), None)],
        "poids 1 EP2 CP03",
        "déjà en service (",
    ),
    "valeur de niveau": (
        [(("echelles", 0, "niveaux", 2, "valeur"), 4)],
        "niveau de maîtrise trois C",
        "déjà en service (",
    ),
    "niveau ajouté": (
        [
            (
                ("echelles", 0, "niveaux"),
                [
                    *BRUT["echelles"][0]["niveaux"],
                    {"code": "D", "valeur": 9, "libelle": "expert", "symbole": "plein"},
                ],
            )
        ],
        "niveau de maîtrise trois D",
        "déjà en service (",
    ),
}


@pytest.mark.parametrize("cas", REFUS)
def test_refus_d_abimer_ce_qui_sert(utilise, cas):
    modifications, nom, motif = REFUS[cas]
    avant = ContenuReferentiel(utilise).texte()
    voulu = brut_utilise(*modifications)
    with pytest.raises(ImportRefuse) as erreur:
        importer(voulu)
    refus = {ligne.nom: ligne.refus for ligne in erreur.value.changements.refus}
    assert refus[nom].startswith(motif)
    assert ContenuReferentiel(utilise).texte() == avant


def test_les_refus_de_grille_disent_quoi_faire(utilise):
    changements = previsualiser(brut_utilise((("grilles", 0, "arrondi"), "demi_superieur")))
    assert [ligne.refus for ligne in changements.refus] == [
        "déjà en service (1 observation, 1 promotion, 1 évaluation). "
        "Créez une nouvelle version de grille à côté."
    ]


def test_les_intitules_se_corrigent_et_l_apercu_compte(utilise):
    voulu = brut_utilise(
        (("competences", 0, "intitule"), "Accueillir le public"),
        (("competences", 1, "intitule"), "Encaisser juste"),
        (("echelles", 0, "niveaux", 1, "libelle"), "presque"),
    )
    changements = importer(voulu)
    assert [(ligne.nom, ligne.touche) for ligne in changements.modifications] == [
        ("compétence CP01", "1 situation d’évaluation, 1 évaluation"),
        ("compétence CP02", ""),
        ("niveau de maîtrise trois B", "1 observation, 1 promotion, 1 évaluation"),
    ]
    assert utilise.competences.get(code="CP01").evaluations.count() == 1
    assert ContenuReferentiel(utilise).texte() == ecrire(voulu.brut)


def test_ce_qui_ne_sert_pas_se_retire(utilise):
    importer(brut_utilise((("competences", 0, "detaillees", 1), ...)))
    assert list(Detaillee.objects.filter(code="CP01.b").values_list("option__code", flat=True)) == ["AERO"]


def test_une_nouvelle_grille_se_pose_a_cote_et_ne_met_rien_en_service(utilise):
    nouvelle = copy.deepcopy(BRUT["grilles"][0]) | {"version": "2", "arrondi": "demi_superieur"}
    importer(brut_utilise((("grilles",), [BRUT["grilles"][0], nouvelle])))
    assert [grille.version for grille in Grille.objects.filter(referentiel=utilise)] == ["2", "1"]
    assert Promotion.objects.get().grille.version == "1"


def test_une_grille_d_une_autre_echelle_reste_libre(utilise):
    """Seules les grilles dont l'échelle a servi, ou qu'une commission emploie, sont figées."""
    echelle = copy.deepcopy(BRUT["echelles"][0]) | {"code": "autre"}
    nouvelle = copy.deepcopy(BRUT["grilles"][0]) | {"version": "2", "echelle": "autre"}
    entetes = (
        (("echelles",), [BRUT["echelles"][0], echelle]),
        (("grilles",), [BRUT["grilles"][0], nouvelle]),
    )
    importer(brut_utilise(*entetes))
    importer(brut_utilise(*entetes, (("grilles", 1), nouvelle | {"arrondi": "demi_proche"})))
    assert Grille.objects.get(version="2").arrondi == "demi_proche"
    promotion = Promotion.objects.get()
    factories.commission(promotion, "EP2", grille=Grille.objects.get(version="2"))
    refus = previsualiser(brut_utilise(*entetes)).refus
    assert [(ligne.nom, ligne.refus.split(".")[0]) for ligne in refus] == [
        ("grille 2", "déjà en service (1 commission de certification)")
    ]


def test_une_tache_travaillee_ne_se_retire_pas(monde):
    tache = Tache.objects.filter(activite__referentiel=monde.referentiel).first()
    monde.a.situation.taches.add(tache)
    brut = ContenuReferentiel(monde.referentiel).document()
    brut["activites"][0]["taches"].pop(0)
    (refus,) = previsualiser(lire_texte(ecrire(brut))).refus
    assert (refus.nom, refus.touche) == ("tâche A1-T1", "1 situation d’évaluation")


# --- Deux imports à la fois -------------------------------------------------------------------


def en_parallele(*actions):
    """Joue les actions chacune dans son fil ; rend leurs erreurs."""
    depart, erreurs = threading.Barrier(len(actions)), []

    def jouer(action):
        try:
            depart.wait()
            action()
        except Exception as erreur:
            erreurs.append(erreur)
        finally:
            connection.close()

    fils = [threading.Thread(target=jouer, args=[action]) for action in actions]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(60)
    return erreurs


@pytest.mark.django_db(transaction=True)
def test_deux_premiers_imports_simultanes():
    lu = lire(DEMO)
    assert en_parallele(lambda: importer(lu), lambda: importer(lu)) == []
    assert Referentiel.objects.count() == 1
    assert ContenuReferentiel(Referentiel.objects.get()).texte() == DEMO.read_text(encoding="utf-8")


@pytest.mark.django_db(transaction=True)
def test_deux_corrections_simultanees_passent_l_une_apres_l_autre():
    importer(lire(DEMO))
    voulus = [document(semaines_pfmp=semaines, intitule=f"Diplôme {semaines}") for semaines in (4, 8)]
    assert en_parallele(*[lambda voulu=voulu: importer(voulu) for voulu in voulus]) == []
    assert ContenuReferentiel(Referentiel.objects.get()).texte() in [ecrire(voulu.brut) for voulu in voulus]


@pytest.mark.django_db(transaction=True)
def test_deux_confirmations_du_meme_apercu_une_seule_passe():
    importer(lire(DEMO))
    voulus = [document(semaines_pfmp=semaines) for semaines in (4, 8)]
    etat = previsualiser(voulus[0]).etat
    erreurs = en_parallele(*[lambda voulu=voulu: importer(voulu, etat_attendu=etat) for voulu in voulus])
    assert [type(erreur) for erreur in erreurs] == [EtatChange]
    assert ContenuReferentiel(Referentiel.objects.get()).texte() in [ecrire(voulu.brut) for voulu in voulus]


# --- D'une version quelconque à une autre -----------------------------------------------------


@st.composite
def variantes(draw):
    brut = copy.deepcopy(BRUT)
    competence = brut["competences"][0]
    competence["detaillees"] = draw(st.permutations(competence["detaillees"]))
    if draw(st.booleans()):
        competence["detaillees"].pop()
    competence["indicateurs"] = draw(st.permutations(competence["indicateurs"]))[: draw(st.integers(1, 2))]
    brut["competences"] = draw(st.permutations(brut["competences"]))
    if draw(st.booleans()):
        brut["epreuves"][0]["parent"] = "EP2"
    valeurs = sorted(draw(st.sets(st.integers(0, 9), min_size=3, max_size=3)))
    codes = draw(st.permutations("ABC"))
    for niveau, valeur, code in zip(brut["echelles"][0]["niveaux"], valeurs, codes, strict=True):
        niveau |= {"valeur": valeur, "code": code}
    if draw(st.booleans()):
        brut["grilles"][0]["poids"][1]["competences"] = {"CP01": 0.25, "CP02": 3}
    return lire_texte(ecrire(brut))


@pytest.mark.long
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(variantes(), variantes())
def test_d_une_version_a_l_autre_la_base_suit_le_fichier(db, avant, apres):
    for voulu in (avant, apres):
        importer(voulu)
        assert previsualiser(voulu).lignes == ()
    Grille.objects.all().delete()
    Referentiel.objects.all().delete()
