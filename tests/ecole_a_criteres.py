"""Une petite école dont la promotion suit une grille à critères (`tests/referentiel/criteres.json`).

E1 pèse C1 1 (K1 0,4 et K2 0,6) et C2 2 (K3 0,4, K4 0,6, K5 non évalué) ; E2 pèse C3 (K6 de l'option, K7).
"""

from dataclasses import dataclass

from livret.models import Classe, Eleve, Etablissement, Situation, Utilisateur
from referentiel.models import Competence, Critere, Referentiel
from tests import factories
from trpm.permissions import Role


@dataclass
class EcoleACriteres:
    lycee: Etablissement
    diplome: Referentiel
    professeur: Utilisateur
    classe: Classe
    eleve: Eleve

    def situation(self, *competences: str, **champs: object) -> Situation:
        return factories.situation(self.classe, self.professeur, competences or ("C1", "C2"), **champs)

    def case(self, code: str) -> str:
        """L'adresse de la case d'une compétence, ou d'un critère de l'option de l'élève."""
        if code.startswith("C"):
            return f"c{Competence.objects.get(referentiel=self.diplome, code=code).pk}-{self.eleve.pk}"
        critere = next(une for une in Critere.objects.filter(code=code) if une.concerne(self.eleve.option_id))
        return f"d{critere.pk}-{self.eleve.pk}"


def ecole_a_criteres() -> EcoleACriteres:
    lycee, diplome = factories.etablissement(), factories.a_criteres()
    professeur = factories.utilisateur(Role.ENSEIGNANT, etablissement=lycee)
    classe = factories.classe(factories.promotion(lycee, diplome, "OA"), [professeur])
    return EcoleACriteres(lycee, diplome, professeur, classe, factories.eleve(classe))
