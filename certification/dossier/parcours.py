"""Une séance, candidat par candidat : les épreuves de celui qu'on examine, puis le suivant."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from certification.dossier.models import Dossier, VersionFigee
from livret.models import Utilisateur
from livret.personnes.alphabet import alphabetique
from trpm.permissions import Action
from trpm.voisins import Voisins, voisins


@dataclass(frozen=True)
class EtapeDeSeance:
    """Le dossier d'un candidat à une épreuve de la séance."""

    dossier: int
    eleve: int
    epreuve: str
    decide: bool
    fige: bool


@dataclass(frozen=True)
class ParcoursDeSeance:
    """`etapes` : toutes, candidat après candidat, dans l'ordre des épreuves ; `ici` : le dossier ouvert."""

    etapes: tuple[EtapeDeSeance, ...]
    ici: int

    @property
    def voisins(self) -> Voisins[int]:
        return voisins([etape.dossier for etape in self.etapes], self.ici)

    @property
    def candidats(self) -> Voisins[int]:
        """La place du candidat parmi ceux de la séance."""
        eleve = next((etape.eleve for etape in self.etapes if etape.dossier == self.ici), 0)
        return voisins([*dict.fromkeys(etape.eleve for etape in self.etapes)], eleve)

    @property
    def siennes(self) -> tuple[EtapeDeSeance, ...]:
        """Les épreuves du candidat ; vide s'il n'en a qu'une."""
        eleve = next((etape.eleve for etape in self.etapes if etape.dossier == self.ici), 0)
        siennes = tuple(etape for etape in self.etapes if etape.eleve == eleve)
        return siennes if len(siennes) > 1 else ()

    @property
    def figes(self) -> int:
        return sum(etape.fige for etape in self.etapes)


def parcours(dossier: Dossier, user: Utilisateur) -> ParcoursDeSeance:
    """Une requête : les dossiers vivants de la réunion, ou de la commission seule, que la personne voit."""
    dossiers = Dossier.objects.vivants().for_user(user, Action.VOIR_COMMISSION)
    if reunion := dossier.commission.reunion_id:
        dossiers = dossiers.filter(commission__reunion=reunion)
    else:
        dossiers = dossiers.filter(commission=dossier.commission_id)
    figee = VersionFigee.objects.en_vigueur().filter(dossier=OuterRef("pk"))
    lignes = dossiers.annotate(est_fige=Exists(figee)).order_by(
        *alphabetique("eleve__"), "epreuve__ordre", "epreuve"
    )
    return ParcoursDeSeance(
        tuple(
            EtapeDeSeance(cle, eleve, code, note is not None, fige)
            for cle, eleve, code, note, fige in lignes.values_list(
                "pk", "eleve_id", "epreuve__code", "note_proposee", "est_fige"
            )
        ),
        dossier.pk,
    )
