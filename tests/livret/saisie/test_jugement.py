"""Ce qu'il advient d'un geste, cas par cas, sans base."""

import datetime
from dataclasses import replace
from uuid import UUID

import pytest

from livret.saisie.case import (
    COMMENTAIRE,
    SUR_DETAILLEE,
    Case,
    Presente,
)
from livret.saisie.jugement import (
    DEJA_SERVI,
    CadreDeSaisie,
    Conflit,
    Ecrit,
    Envoi,
    Geste,
    Inchange,
    Inscrit,
    Memoire,
    Recue,
    Refus,
    juger,
    juger_tous,
)
from livret.situation.colonnes import COMPETENCE, DETAILLEE, ColonneVisee

CAMILLE, DOMINIQUE, INCONNU = 1, 2, 3
HIER = datetime.datetime(2026, 3, 11, 9, 5, tzinfo=datetime.UTC)
MAINTENANT = datetime.datetime(2026, 3, 12, 10, 42, tzinfo=datetime.UTC)

DETAIL = Case(DETAILLEE, 12, CAMILLE)
OFFICIELLE = Case(COMPETENCE, 3, CAMILLE)
D_UNE_OPTION = Case(DETAILLEE, 13, DOMINIQUE)
MOTS = Case(COMMENTAIRE, 0, CAMILLE)
REMARQUE = Case(SUR_DETAILLEE, 12, CAMILLE)

CADRE = CadreDeSaisie(
    niveaux=("0", "1", "2", "3"),
    mentions=("NE", "ABS", "DISP"),
    eleves={CAMILLE: Inscrit("Camille A1", 7, "RSP"), DOMINIQUE: Inscrit("Dominique A2", 8, "RO")},
    colonnes={
        (DETAILLEE, 12): ColonneVisee(DETAILLEE, 12, "C1.2", "Interpréter"),
        (DETAILLEE, 13): ColonneVisee(DETAILLEE, 13, "C1.3", "Modéliser", 7, "RSP"),
        (COMPETENCE, 3): ColonneVisee(COMPETENCE, 3, "C1", "Analyser"),
    },
)
CLOSE = replace(CADRE, fermee="close")
PAS_UN_NIVEAU = (
    "« 9 » n’est pas un niveau : tapez 0, 1, 2, 3, N (non évalué), A (absent), D (dispensé), ou laissez vide."
)
NON_VISEE = "Cette compétence n’est pas visée par la situation."
DETAIL_NON_VISE = "Cette compétence détaillée n’est pas visée par la situation."
PAS_DE_LA_CLASSE = "Cet élève n’est pas dans la classe de la situation."


def portee(texte: str) -> Presente:
    return Presente(5, texte, "Alix Collègue", HIER.isoformat())


def conflit(actuel: str) -> tuple[object, ...]:
    return (Conflit, actuel, "Alix Collègue", HIER)


VIDEE = (Conflit, "", "", None)


@pytest.mark.parametrize(
    ("case", "porte", "vu", "recu", "attendu"),
    [
        # La case n'a pas changé depuis qu'on l'a vue.
        (DETAIL, None, "", "3", (Ecrit, "3")),
        (OFFICIELLE, None, "", "3", (Ecrit, "3")),
        (DETAIL, "2", "2", "3", (Ecrit, "3")),
        (DETAIL, "2", "2", "", (Ecrit, "")),
        (DETAIL, "2", "2", "  ", (Ecrit, "")),
        (DETAIL, None, "", "n", (Ecrit, "NE")),
        (DETAIL, None, "", "a", (Ecrit, "ABS")),
        (DETAIL, None, "", "Disp", (Ecrit, "DISP")),
        (DETAIL, "NE", "n", "3", (Ecrit, "3")),
        (DETAIL, "2", " 2 ", "1", (Ecrit, "1")),
        (MOTS, None, "", " Soigné.\r\nRapide. ", (Ecrit, "Soigné.\nRapide.")),
        (MOTS, "Soigné.\nRapide.", "Soigné.\r\nRapide.", "Soigné.", (Ecrit, "Soigné.")),
        (MOTS, None, "", "9", (Ecrit, "9")),
        (REMARQUE, None, "", "À revoir", (Ecrit, "À revoir")),
        (REMARQUE, "À revoir", "À revoir", "", (Ecrit, "")),
        # Elle porte déjà ce que l'on veut y écrire.
        (DETAIL, None, "", "", (Inchange,)),
        (DETAIL, "3", "3", "3", (Inchange,)),
        (DETAIL, "3", "", "3", (Inchange,)),
        (DETAIL, "NE", "", "n", (Inchange,)),
        (DETAIL, None, "2", "", (Inchange,)),
        (MOTS, "Soigné.", "", " Soigné. ", (Inchange,)),
        # Elle a changé entre-temps.
        (DETAIL, "2", "", "3", conflit("2")),
        (DETAIL, "2", "1", "3", conflit("2")),
        (DETAIL, "2", "1", "", conflit("2")),
        (DETAIL, "2", "illisible", "3", conflit("2")),
        (DETAIL, None, "2", "3", VIDEE),
        (DETAIL, None, "illisible", "3", VIDEE),
        (MOTS, "Soigné.", "", "Rapide.", conflit("Soigné.")),
        (REMARQUE, "Du collègue.", "", "La mienne.", conflit("Du collègue.")),
        # Elle ne peut pas le recevoir.
        (DETAIL, "2", "2", "9", (Refus, PAS_UN_NIVEAU)),
        (DETAIL, "2", "", " 9 ", (Refus, PAS_UN_NIVEAU)),
        (DETAIL._replace(item=99), None, "", "3", (Refus, DETAIL_NON_VISE)),
        (OFFICIELLE._replace(item=99), None, "", "3", (Refus, NON_VISEE)),
        (REMARQUE._replace(item=99), None, "", "x", (Refus, DETAIL_NON_VISE)),
        (D_UNE_OPTION, None, "", "3", (Refus, "C1.3 ne concerne pas l’option RO, celle de Dominique A2.")),
        (D_UNE_OPTION._replace(eleve=CAMILLE), None, "", "3", (Ecrit, "3")),
        (MOTS._replace(eleve=INCONNU), None, "", "x", (Refus, PAS_DE_LA_CLASSE)),
    ],
)  # fmt: skip
def test_un_geste(case: Case, porte: str | None, vu: str, recu: str, attendu: tuple) -> None:
    geste = Geste(case, recu, vu)
    nature, *suite = attendu
    assert juger(geste, CADRE, None if porte is None else portee(porte)) == nature(geste, *suite)


@pytest.mark.parametrize(
    ("cadre", "eleve", "motif"),
    [
        (CLOSE, CAMILLE, "La situation est close\xa0: on n’y saisit pas."),
        (CLOSE, INCONNU, "La situation est close\xa0: on n’y saisit pas."),
        (CADRE, INCONNU, PAS_DE_LA_CLASSE),
        (
            replace(CADRE, groupe="Demi-classe A"),
            INCONNU,
            "Cet élève n’est pas dans le groupe « Demi-classe A » de la situation.",
        ),
        (replace(CADRE, seul="Camille A1"), INCONNU, "Cette situation ne vise que Camille A1."),
    ],
)
def test_un_refus_que_rien_ne_rachete(cadre: CadreDeSaisie, eleve: int, motif: str) -> None:
    """Pas même d'avoir vu la case telle qu'elle est, ni d'y vouloir ce qu'elle porte."""
    for texte in ("2", "3", "9"):
        geste = Geste(DETAIL._replace(eleve=eleve), texte, "2")
        assert juger(geste, cadre, portee("2")) == Refus(geste, motif)


# --- Les envois d'un appareil ---------------------------------------------------------------------

CHAINE, AUTRE_CHAINE = UUID(int=100), UUID(int=200)


def envoi(numero: int, rang: int = 0, chaine: UUID = CHAINE) -> Envoi:
    return Envoi(UUID(int=numero), chaine, rang)


def deja(numero: int, rang: int = 0, texte: str = "3", **sort: object) -> Recue:
    return Recue(envoi(numero, rang), str(DETAIL), texte, **{"ecrite": True, **sort})  # type: ignore[arg-type]


REFUSE = {"ecrite": False, "refus": "Le motif d’alors."}
EN_CONFLIT = {"ecrite": False, "conflit": ("2", "Alix Collègue", HIER)}
INCHANGE = {"ecrite": False}


@pytest.mark.parametrize(
    ("recues", "porte", "geste", "attendu"),
    [
        # Le même envoi, de nouveau : la même réponse, quoi que porte la case à présent.
        ([deja(1)], "1", Geste(DETAIL, "3", "", envoi(1)), (Inchange,)),
        ([deja(1)], None, Geste(DETAIL, "un autre texte", "", envoi(1)), (Inchange,)),
        ([deja(1, **INCHANGE)], "1", Geste(DETAIL, "3", "", envoi(1)), (Inchange,)),
        ([deja(1, **REFUSE)], None, Geste(DETAIL, "3", "", envoi(1)), (Refus, "Le motif d’alors.")),
        ([deja(1, **EN_CONFLIT)], "3", Geste(DETAIL, "3", "", envoi(1)), conflit("2")),
        # Un identifiant ne sert qu'une fois.
        ([deja(1)], "3", Geste(OFFICIELLE, "3", "", envoi(1)), (Refus, DEJA_SERVI)),
        ([deja(1, ici=False)], "3", Geste(DETAIL, "3", "", envoi(1)), (Refus, DEJA_SERVI)),
        # En retard : il ne défait pas celui qui l'a suivi, et reçoit la réponse faite à celui-ci.
        ([deja(2, 1)], "3", Geste(DETAIL, "1", "", envoi(1)), (Inchange,)),
        ([deja(2, 1, **EN_CONFLIT)], "2", Geste(DETAIL, "1", "", envoi(1)), conflit("2")),
        ([deja(2, 1), deja(3, 2, **EN_CONFLIT)], "3", Geste(DETAIL, "1", "", envoi(1)), conflit("2")),
        ([deja(3, 2, **EN_CONFLIT), deja(2, 1)], "3", Geste(DETAIL, "1", "", envoi(1)), conflit("2")),
        ([deja(2, 0)], "3", Geste(DETAIL, "1", "", envoi(1)), (Ecrit, "1")),
        # Un refus n'a rien laissé à défaire ; une autre suite, une autre case ou ailleurs, non plus.
        ([deja(2, 1, **REFUSE)], None, Geste(DETAIL, "1", "", envoi(1)), (Ecrit, "1")),
        ([deja(2, 1)], None, Geste(DETAIL, "1", "", envoi(1, chaine=AUTRE_CHAINE)), (Ecrit, "1")),
        ([deja(2, 1)], None, Geste(OFFICIELLE, "1", "", envoi(1)), (Ecrit, "1")),
        ([deja(2, 1, ici=False)], None, Geste(DETAIL, "1", "", envoi(1)), (Ecrit, "1")),
        # La suite d'un geste déjà écrit : l'appareil montrait ce texte, même si l'envoi ne le dit pas.
        ([deja(1)], "3", Geste(DETAIL, "1", "", envoi(2, 1)), (Ecrit, "1")),
        ([deja(1)], "2", Geste(DETAIL, "1", "", envoi(2, 1)), conflit("2")),
        ([deja(1, texte="0"), deja(2, 1)], "3", Geste(DETAIL, "1", "", envoi(3, 2)), (Ecrit, "1")),
        ([deja(1, **INCHANGE)], "3", Geste(DETAIL, "1", "", envoi(2, 1)), conflit("3")),
        ([deja(1, texte="n")], "NE", Geste(DETAIL, "1", "", envoi(2, 1)), (Ecrit, "1")),
        # Sans identifiant, rien ne se rappelle.
        ([deja(1)], "3", Geste(DETAIL, "1", ""), conflit("3")),
    ],
)  # fmt: skip
def test_un_envoi(recues: list[Recue], porte: str | None, geste: Geste, attendu: tuple) -> None:
    nature, *suite = attendu
    presentes = {} if porte is None else {geste.case: portee(porte)}
    verdicts = juger_tous([geste], CADRE, presentes, Memoire(recues), "Sacha Enseignant", MAINTENANT)
    assert verdicts == [nature(geste, *suite)]


# --- L'un après l'autre ---------------------------------------------------------------------------


def natures(gestes: list[Geste], memoire: Memoire | None = None, cadre: CadreDeSaisie = CADRE) -> list[str]:
    verdicts = juger_tous(gestes, cadre, {}, memoire or Memoire(), "Sacha Enseignant", MAINTENANT)
    assert [verdict.geste for verdict in verdicts] == gestes
    return [type(verdict).__name__ for verdict in verdicts]


def test_chaque_geste_tient_compte_de_ceux_qui_le_precedent() -> None:
    gestes = [Geste(DETAIL, "3"), Geste(DETAIL, "2"), Geste(DETAIL, "1", "3"), Geste(DETAIL, "", "1")]
    assert natures(gestes) == ["Ecrit", "Conflit", "Ecrit", "Ecrit"]
    assert natures([*gestes, Geste(DETAIL, "2", "1"), Geste(DETAIL, "2")])[4:] == ["Conflit", "Ecrit"]


def test_un_conflit_avec_un_geste_du_meme_lot_le_dit_de_qui_l_envoie() -> None:
    gestes = [Geste(DETAIL, "3"), Geste(DETAIL, "2")]
    _, refuse = juger_tous(gestes, CADRE, {}, Memoire(), "Sacha Enseignant", MAINTENANT)
    assert refuse == Conflit(gestes[1], "3", "Sacha Enseignant", MAINTENANT)


def test_la_suite_des_gestes_d_un_appareil_repart_de_ce_qu_elle_a_ecrit() -> None:
    suite = [Geste(DETAIL, texte, "", envoi(rang + 1, rang)) for rang, texte in enumerate("3912")]
    assert natures(suite) == ["Ecrit", "Refus", "Ecrit", "Ecrit"]
    assert natures([suite[3], suite[0], suite[2], suite[3]]) == ["Ecrit", "Inchange", "Inchange", "Inchange"]


def test_la_memoire_retient_une_fois_ce_qu_elle_ne_savait_pas() -> None:
    memoire = Memoire([deja(1)])
    un, deux = Geste(DETAIL, "3", "", envoi(1)), Geste(DETAIL, "9", "", envoi(2, 1))
    ailleurs = Geste(OFFICIELLE, "3", "", envoi(1))
    assert natures([un, deux, deux, ailleurs, Geste(MOTS, "x")], memoire) == [
        "Inchange",
        "Refus",
        "Refus",
        "Refus",
        "Ecrit",
    ]
    assert [(un.uuid.int, verdict) for un, verdict in memoire.nouvelles] == [(2, Refus(deux, PAS_UN_NIVEAU))]


def test_juger_ne_change_pas_ce_que_portent_les_cases() -> None:
    presentes = {DETAIL: portee("2")}
    juger_tous([Geste(DETAIL, "", "2")], CADRE, presentes, Memoire(), "Sacha Enseignant", MAINTENANT)
    assert presentes == {DETAIL: portee("2")}
