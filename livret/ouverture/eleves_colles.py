"""Une liste d'élèves tapée ou collée : les mêmes règles que le fichier, et rien n'y reste à deviner."""

from __future__ import annotations

from dataclasses import replace

from livret.administration.apercu_import import Apercu, DemandeImport
from livret.administration.lecture.fichier import lire
from livret.administration.lecture.resultat import Attendu, FichierIllisible
from livret.personnes.models.classe import Classe
from referentiel.models import Statut

ENTETE = "Nom et prénom;Option"


class ListeRefusee(Exception):
    """Ce qu'il faut corriger, ligne à ligne ; rien n'est écrit."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(*messages)
        self.messages = messages

    @staticmethod
    def de(prevu: Apercu) -> list[str]:
        """Les fautes, et les lignes où une personne devrait trancher ; elles valent un retour à la liste."""
        return [
            *(str(faute) for faute in prevu.fautes),
            *(
                f"Ligne {un.ligne.numero}\xa0: « {un.ligne.nom_complet} », écrivez le nom en capitales."
                for un in prevu.a_couper
            ),
            *(
                f"Ligne {un.ligne.numero}\xa0: {un.ligne.nom_complet} ressemble à un élève déjà connu\xa0; "
                "passez par un fichier pour choisir."
                for un in prevu.ambigus
            ),
        ]


def demande_de(texte: str, classe: Classe, statut: Statut | None) -> DemandeImport:
    """La première ligne collée est la ligne 1 de ses remarques."""
    lignes = [ligne.replace("\t", ";").strip(" ;") for ligne in texte.splitlines()]
    try:
        lu = lire("\n".join([ENTETE, *lignes]).encode(), Attendu(classe.nom, classe.annee.debut))
    except FichierIllisible as faute:
        raise ListeRefusee([str(faute)]) from None
    for lecture in lu.lectures:
        for remarques in (lecture.fautes, lecture.avertissements):
            remarques[:] = [replace(une, numero=une.numero - 1) for une in remarques]
        lecture.lignes[:] = [replace(une, numero=une.numero - 1) for une in lecture.lignes]
    return DemandeImport(lu, statut)
