"""Les gens du lycée de démonstration. Noms, ville et identifiants sont inventés."""

from __future__ import annotations

from dataclasses import dataclass

from livret.personnes.identifiants import lettre_uai
from trpm.permissions import Role

NUMERO_UAI = "0999001"
UAI = NUMERO_UAI + lettre_uai(NUMERO_UAI)
LYCEE = {
    "uai": UAI,
    "nom": "Lycée professionnel des Trois-Étaux",
    "adresse": "12, rue de l’Enclume\n99000 Ferrecombe",
    "ville": "Ferrecombe",
    "academie": "Académie de Ferrecombe (fictive)",
}


@dataclass(frozen=True)
class Personne:
    identifiant: str
    prenom: str
    nom: str
    roles: tuple[Role, ...]

    @property
    def nom_complet(self) -> str:
        return f"{self.prenom} {self.nom}"


COMPTES = (
    Personne("admin", "Nadège", "Ferrant", (Role.ADMINISTRATEUR,)),
    Personne("prof", "Claire", "Vautrin", (Role.ENSEIGNANT,)),
    Personne("eleve", "Jade", "DUMAS", ()),
    Personne("membre", "Isabelle", "Thévenot", (Role.MEMBRE,)),
    Personne("president", "Philippe", "Aubertin", (Role.PRESIDENT,)),
)
LIBELLES = {
    "admin": "administrateur",
    "prof": "enseignant",
    "eleve": "élève",
    "membre": "membre de commission",
    "president": "président de commission",
}
COLLEGUES = (
    Personne("m.lebrun", "Marc", "Lebrun", (Role.ENSEIGNANT, Role.MEMBRE)),
    Personne("y.kaddour", "Yasmina", "Kaddour", (Role.ENSEIGNANT, Role.MEMBRE)),
    Personne("t.masson", "Thierry", "Masson", (Role.ENSEIGNANT, Role.MEMBRE)),
    Personne("j.prigent", "Julien", "Prigent", (Role.ENSEIGNANT, Role.MEMBRE)),
    Personne("f.diarra", "Fatou", "Diarra", (Role.ENSEIGNANT, Role.MEMBRE)),
    Personne("o.castel", "Olivier", "Castel", (Role.ENSEIGNANT, Role.MEMBRE)),
    Personne("b.roussel", "Bénédicte", "Roussel", (Role.ENSEIGNANT, Role.ADMINISTRATEUR)),
)
PROFESSIONNEL_SANS_COMPTE = "Robert Guénard, outilleur à la retraite"

EQUIPES = {
    ("RSP", "2de"): ("b.roussel", "m.lebrun", "y.kaddour"),
    ("RSP", "1re"): ("m.lebrun", "y.kaddour", "j.prigent", "f.diarra"),
    ("RSP", "Tle"): ("prof", "m.lebrun", "y.kaddour", "j.prigent", "f.diarra"),
    ("RMO", "2de"): ("b.roussel", "t.masson", "y.kaddour"),
    ("RMO", "1re"): ("t.masson", "o.castel", "y.kaddour", "j.prigent"),
    ("RMO", "Tle"): ("prof", "t.masson", "o.castel", "y.kaddour", "j.prigent"),
}
CLASSES = {
    ("RSP", "2de"): "2de REMI 1",
    ("RSP", "1re"): "1re TRPM RSP",
    ("RSP", "Tle"): "Tle TRPM RSP",
    ("RMO", "2de"): "2de REMI 2",
    ("RMO", "1re"): "1re TRPM RMO",
    ("RMO", "Tle"): "Tle TRPM RMO",
}


@dataclass(frozen=True)
class Candidat:
    """`aisance` : niveau moyen atteint en fin de cycle, de 0 à 3 ; `age` : à la rentrée de 2de."""

    nom: str
    prenom: str
    aisance: float
    statut: str = "scolaire"
    age: int = 15


ELEVES = {
    "RSP": (
        Candidat("ABADIE", "Lina", 2.5),
        Candidat("AUBRY", "Mathéo", 1.7),
        Candidat("BENALI", "Sofiane", 2.1),
        Candidat("BERTHIER", "Clara", 2.3),
        Candidat("CARON", "Enzo", 1.2),
        Candidat("CHEVALLIER", "Noé", 1.9),
        Candidat("COULIBALY", "Moussa", 2.4, "apprentissage-habilite", 16),
        Candidat("DA SILVA", "Inès", 2.7),
        Candidat("DESCHAMPS", "Lucas", 1.5),
        Candidat("DUMAS", "Jade", 2.2),
        Candidat("FAURE", "Tom", 1.8),
        Candidat("GARNIER", "Maëlle", 2.0),
        Candidat("HAMIDI", "Yanis", 1.6),
        Candidat("HERVÉ", "Baptiste", 2.6),
        Candidat("JACQUET", "Romane", 2.1),
        Candidat("KONATÉ", "Awa", 1.9),
        Candidat("LEFÈVRE", "Nathan", 1.4),
        Candidat("MARTEL", "Zoé", 2.9),
        Candidat("MOREL", "Ethan", 1.8, "apprentissage-non-habilite", 16),
        Candidat("NGUYEN", "Minh", 2.3),
        Candidat("PERRIN", "Louise", 2.0),
        Candidat("ROUSSEAU", "Gabin", 1.3),
        Candidat("TRAORÉ", "Issa", 2.2),
        Candidat("VIDAL", "Élise", 2.6, "fc-public", 29),
    ),
    "RMO": (
        Candidat("ALLARD", "Théo", 2.0),
        Candidat("AMRANI", "Nour", 2.6),
        Candidat("BARBIER", "Hugo", 1.4),
        Candidat("BOUCHER", "Manon", 2.2),
        Candidat("CISSÉ", "Ibrahima", 1.9),
        Candidat("COLLET", "Léa", 2.4),
        Candidat("DELMAS", "Rayan", 1.6),
        Candidat("FERREIRA", "Diego", 2.1),
        Candidat("FONTAINE", "Axel", 1.1),
        Candidat("GAUTHIER", "Camille", 2.8),
        Candidat("GUILLOT", "Jules", 1.8),
        Candidat("IMBERT", "Sarah", 2.0),
        Candidat("JOLY", "Timéo", 1.5),
        Candidat("KACZMAREK", "Adam", 2.3),
        Candidat("LACROIX", "Eva", 1.7),
        Candidat("LEGRAND", "Malo", 2.5),
        Candidat("MARCHAND", "Ilan", 1.9),
        Candidat("MEUNIER", "Anaïs", 2.2),
        Candidat("OLIVIER", "Kylian", 1.3),
        Candidat("PICARD", "Nolan", 2.1),
        Candidat("RENAUD", "Margot", 2.7),
        Candidat("SCHMITT", "Paul", 1.6),
        Candidat("TEIXEIRA", "Luana", 2.0),
        Candidat("WEBER", "Simon", 2.3, "apprentissage-habilite", 17),
    ),
}
ELEVE_AVEC_COMPTE = "DUMAS"

# --- Les cas qui sortent de l'ordinaire -------------------------------------------------------

ABSENTS = {
    ("FAURE", "rsp-e2-vh32"),
    ("HAMIDI", "rsp-e31-ac14"),
    ("IMBERT", "rmo-e31-pm08"),
    ("IMBERT", "rmo-e31-op21"),
}
JAMAIS_EVALUES = {("KONATÉ", "C8"), ("PICARD", "C11")}
DISPENSES = {("TEIXEIRA", "C9.3")}
NOTE_CONSERVEE = ("VIDAL", "E2", "12.00")
ABSENT_A_L_EPREUVE = ("IMBERT", "E31")
