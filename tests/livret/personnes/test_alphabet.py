"""L'ordre alphabétique est français, et le même en base et ici."""

from livret.models import Eleve
from livret.personnes.alphabet import rang_alphabetique
from tests import factories

NOMS = [
    ("Abel", "Zoé"),
    ("Ébrard", "Anne"),
    ("Ebrard", "Éloi"),
    ("ÉBRARD", "Émile"),
    ("Le Goff", "Yann"),
    ("Le-Goff", "Zita"),
    ("Leblanc", "Al"),
    ("D’Arc", "Jeanne"),
    ("Darcy", "Paul"),
    ("Œuvrard", "Luc"),
    ("Ofrin", "Luc"),
    ("Çelik", "Ada"),
    ("Cabot", "Ada"),
    ("Zola", "Émile"),
    ("Şahin", "Ali"),
    ("Sabatier", "Ali"),
    ("Łukasz", "Jan"),
    ("=Mar(tin)", "Jan"),
]
ATTENDU = [
    "Abel Zoé",
    "Cabot Ada",
    "Çelik Ada",
    "D’Arc Jeanne",
    "Darcy Paul",
    "Ébrard Anne",
    "Ebrard Éloi",
    "ÉBRARD Émile",
    "Le Goff Yann",
    "Le-Goff Zita",
    "Leblanc Al",
    "Łukasz Jan",
    "=Mar(tin) Jan",
    "Œuvrard Luc",
    "Ofrin Luc",
    "Sabatier Ali",
    "Şahin Ali",
    "Zola Émile",
]


def test_la_base_et_python_rangent_de_meme(monde):
    for nom, prenom in reversed(NOMS):
        factories.eleve(monde.a.classe, nom, prenom)
    ranges = [eleve for eleve in Eleve.objects.presents(monde.a.classe) if not eleve.nom.startswith("ALPHA")]
    assert [str(eleve) for eleve in ranges] == ATTENDU
    assert sorted(ranges, key=rang_alphabetique) == ranges
    par_dossier = [factories.dossier(monde.a.commission, eleve) for eleve in reversed(ranges)]
    lus = monde.a.commission.dossiers.filter(pk__in=[dossier.pk for dossier in par_dossier])
    assert [str(dossier.eleve) for dossier in lus] == ATTENDU
    assert [str(eleve) for eleve in Eleve.objects.filter(pk__in=[e.pk for e in ranges]).reverse()] == (
        ATTENDU[::-1]
    )
    assert len(Eleve.objects.filter(pk__in=[e.pk for e in ranges]).distinct()) == len(ATTENDU)
