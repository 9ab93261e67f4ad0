"""Le bilan intermédiaire figé : sa règle, ses comparaisons, son écriture. Sans base."""

import datetime
from dataclasses import replace

import pytest

from livret.bilan.contenu import (
    BilanFige,
    Entretien,
    Evolution,
    LigneBilan,
    Precedent,
    PreuveBilan,
    Sujet,
    Textes,
    changements,
    evolution,
    lignes_a_la_date,
    objectifs_proposes,
)
from livret.niveaux import Preuve
from livret.progression.attendu import Position
from livret.synthese.ligne import LigneLivret
from referentiel.echelle import Degre, Echelle

ECHELLE = Echelle(tuple(Degre(str(rang), rang, f"degré {rang}", "demi", 3) for rang in range(4)))
JOUR = datetime.date(2026, 3, 30)


def degre(valeur: int | None) -> Degre | None:
    return ECHELLE.degre(valeur)


def preuve(valeur: int, mois: int, situation: str = "Gamme") -> Preuve:
    return Preuve("C1", valeur, datetime.date(2026, mois, 10), situation, "atelier", "Mme Tour")


def ligne(code: str, valeur: int | None, avant: int | None = None, attendu: int | None = None) -> LigneBilan:
    citee = PreuveBilan(datetime.date(2026, 3, 13), "Gamme", "atelier", "Mme Tour")
    return LigneBilan(
        code,
        f"Compétence {code}",
        "EP1",
        degre(valeur),
        citee if valeur is not None else None,
        degre(avant),
        degre(attendu),
    )


def bilan(*lignes: LigneBilan, precedent: Precedent | None = None) -> BilanFige:
    return BilanFige(
        format=1,
        sujet=Sujet(
            "MOREL", "Lina", None, "", "USI", "usinage", "Scolaire", "Bac", 2026, "Lycée", "", "Tle", "2025"
        ),
        semestre=6,
        date=JOUR,
        numero=1,
        motif="",
        echelle=ECHELLE,
        epreuves=(("EP1", "Préparer"),),
        lignes=lignes,
        precedent=precedent,
        textes=Textes("Sérieuse.", "J’avance.", "Lina MOREL", True, "Contrôler seule."),
        entretien=Entretien(datetime.date(2026, 4, 2), "M. Fraise", "Un point en mai.", True, True),
    )


PRECEDENT = Precedent(5, datetime.date(2026, 1, 30), "Oser.", (("C1", degre(1)),))


@pytest.mark.parametrize(
    ("avant", "maintenant", "attendue", "mots"),
    [
        (1, 2, Evolution.PROGRES, "▲ en progrès"),
        (None, 2, Evolution.NOUVELLE, "+ évaluée depuis"),
        (None, 0, Evolution.NOUVELLE, "+ évaluée depuis"),
        (2, 2, Evolution.STABLE, "= inchangée"),
        (0, 0, Evolution.STABLE, "= inchangée"),
        (2, 1, Evolution.RECUL, "▼ en recul"),
        (0, None, Evolution.RETIREE, "× n’est plus évaluée"),
        (None, None, Evolution.ABSENTE, "– toujours pas évaluée"),
    ],
)
def test_une_evolution_se_dit_en_mots_et_en_formes(avant, maintenant, attendue, mots):
    trouvee = evolution(degre(avant), degre(maintenant))
    assert (trouvee, f"{trouvee.forme} {trouvee.mots}") == (attendue, mots)


def test_deux_evolutions_n_ont_pas_la_meme_forme():
    assert len({une.forme for une in Evolution}) == len(Evolution)


def test_les_niveaux_sont_les_meilleurs_a_la_date_du_bilan():
    preuves = (preuve(2, 1), preuve(1, 3), preuve(3, 4, "Après le bilan"))
    livret = LigneLivret("C1", "Lire un plan", "EP1", preuves, preuves[2], degre(3), 2, 2)
    jamais = LigneLivret("C2", "Choisir", "EP1", (), None, None, 1, 0)
    prises = lignes_a_la_date([livret, jamais], ECHELLE, JOUR, {"C1": 3}, PRECEDENT)
    assert [(une.code, une.degre, une.avant, une.attendu, une.position) for une in prises] == [
        ("C1", degre(2), degre(1), degre(3), Position.RETARD),
        ("C2", None, None, None, Position.SANS_ATTENTE),
    ]
    assert prises[0].preuve == PreuveBilan(datetime.date(2026, 1, 10), "Gamme", "atelier", "Mme Tour")
    assert prises[1].preuve is None


def test_le_jour_du_bilan_compte():
    le_jour_meme = Preuve("C1", 3, JOUR, "Gamme", "atelier", "Mme Tour")
    livret = LigneLivret("C1", "Lire un plan", "EP1", (le_jour_meme,), le_jour_meme, degre(3), 2, 2)
    assert lignes_a_la_date([livret], ECHELLE, JOUR, {}, None)[0].degre == degre(3)


def test_le_resume_compte_les_evolutions_dans_l_ordre():
    lignes = ligne("C1", 2, 1), ligne("C2", 2, 2), ligne("C3", 1, 1), ligne("C4", None)
    assert [compte for _, compte in bilan(*lignes, precedent=PRECEDENT).evolutions] == [
        "1 en progrès",
        "2 inchangées",
        "1 toujours pas évaluée",
    ]
    assert bilan(*lignes).evolutions == []


@pytest.mark.parametrize(
    ("lignes", "proposes"),
    [
        ((ligne("C1", 3), ligne("C2", None)), "Être évalué en C2."),
        ((ligne("C1", 1), ligne("C2", 2), ligne("C3", 2)), "Progresser en C1."),
        ((ligne("C1", 2), ligne("C2", 2), ligne("C3", 3)), ""),
        ((ligne("C1", 3), ligne("C2", 3)), ""),
        ((ligne("C1", 1, attendu=2), ligne("C2", 0, attendu=0)), "Atteindre le niveau attendu en C1."),
        ((ligne("C1", None, attendu=2),), "Être évalué en C1."),
        ((), ""),
    ],
)
def test_des_objectifs_se_proposent(lignes, proposes):
    assert objectifs_proposes(bilan(*lignes)) == proposes


def test_ce_qui_a_change_se_dit():
    avant = bilan(ligne("C1", 1), ligne("C2", 2), ligne("C3", 2), ligne("C4", 1), ligne("C9", 1))
    autre = replace(ligne("C2", 2), preuve=PreuveBilan(JOUR, "Reprise", "atelier", "Mme Tour"))
    apres = bilan(ligne("C1", 3), autre, ligne("C3", None), ligne("C4", 1, attendu=2), precedent=PRECEDENT)
    assert changements(avant, apres) == (
        "C1\u00a0: 1 (degré 1) → 3 (degré 3)",
        "C2\u00a0: même niveau, montré dans «\u00a0Reprise\u00a0»",
        "C3\u00a0: 2 (degré 2) → non évaluée",
        "C9\u00a0: ne figure plus dans le livret",
        "autre niveau attendu en C4",
        "comparé au bilan du semestre 5",
    )
    assert changements(avant, avant) == ()


def test_il_se_relit_a_l_identique():
    ecrit = bilan(ligne("C1", 2, 1, 3), ligne("C2", None), precedent=PRECEDENT)
    texte = ecrit.vers_json()
    assert BilanFige.depuis_json(texte) == ecrit
    assert BilanFige.depuis_json(texte).vers_json() == texte


def test_il_ne_porte_aucune_note_ni_aucune_cle_de_base():
    texte = bilan(ligne("C1", 2, 1, 3), precedent=PRECEDENT).vers_json()
    for interdit in ("note", "poids", "coefficient", '"pk"', "_id", '"id"', "/20"):
        assert interdit not in texte
