"""Ce que PostgreSQL rejoue des tests : assez pour exécuter chaque forme de requête."""

from itertools import combinations

from django.db import IntegrityError

from tests.rejeu import ASSEZ, forme, superflus


def test_deux_ordres_que_seules_leurs_valeurs_distinguent_ont_la_meme_forme():
    egales = [
        ("SELECT a WHERE b IN (%s, %s, %s) LIMIT 21", "SELECT a WHERE b IN (%s, %s) LIMIT 5"),
        ("INSERT INTO t VALUES (%s, %s), (%s, %s)", "INSERT INTO t VALUES (%s, %s)"),
        ('SAVEPOINT "s12_x3"', 'SAVEPOINT "s9_x14"'),
    ]
    assert all(forme(une) == forme(autre) for une, autre in egales)


def test_une_colonne_un_genre_d_ordre_ou_une_erreur_font_une_autre_forme():
    toutes = [
        forme("SELECT a FROM t WHERE b = %s"),
        forme("SELECT a FROM t WHERE c = %s"),
        forme("SELECT a FROM t WHERE b = %s FOR UPDATE"),
        forme("SELECT a FROM t WHERE b = %s", IntegrityError()),
    ]
    assert all(une != autre for une, autre in combinations(toutes, 2))


def test_chaque_forme_reste_executee_assez_de_fois():
    vus = {
        "large": (40, ["a", "b", "c"]),
        "court": (2, ["a"]),
        "autre": (3, ["a", "b"]),
        "seul": (90, ["d"]),
        "redite": (80, ["a", "b"]),
    }
    otes = superflus(vus)
    restent = [formes for test, (_, formes) in vus.items() if test not in otes]
    for une in "abcd":
        possibles = sum(une in formes for _, formes in vus.values())
        assert sum(une in formes for formes in restent) >= min(ASSEZ, possibles)
    assert "redite" in otes


def test_ce_qui_se_rejoue_toujours_compte_pour_le_reste():
    vus = {"fils": (500, ["a", "b"]), "un": (5, ["a"]), "deux": (5, ["b"]), "trois": (5, ["a", "b"])}
    assert "fils" in superflus(vus)
    otes = superflus(vus, toujours=["fils"])
    assert "fils" not in otes
    assert otes == ["deux", "un"]


def test_le_meme_releve_rend_le_meme_choix():
    vus = {f"test-{rang}": (rang % 7, [f"forme-{rang % 11}", f"forme-{rang % 13}"]) for rang in range(200)}
    assert superflus(vus) == superflus(dict(reversed(vus.items())))
