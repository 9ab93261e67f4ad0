"""Le niveau d'une compétence d'après ce qui se note sous elle : suggéré par ses détails, qu'on le retienne ou
non (Q7) ; lu d'après ses critères, et jamais tapé à côté (Q46). Module pur."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from livret.niveaux import suggestion
from livret.saisie.case import Case, Presente
from livret.situation.colonnes import ColonneVisee, CompetenceVisee


def rang_suggere(rangs: Mapping[ColonneVisee, int]) -> int | None:
    """Rang que suggèrent ces colonnes notées ; un détail dont un plus fin est noté s'efface devant lui."""
    parents = {colonne.parent_id for colonne in rangs}
    fines = {colonne: rang for colonne, rang in rangs.items() if colonne.pk not in parents}
    return suggestion(
        {colonne.cle: rang for colonne, rang in fines.items()},
        {colonne.cle: colonne.poids for colonne in fines},
    )


def deduit(
    groupe: CompetenceVisee,
    presentes: Mapping[Case, Presente],
    eleve: int,
    option: int,
    echelle: Sequence[str],
    mentions: Collection[str],
) -> str:
    """Ce que porte la compétence d'après ses critères : un code d'`echelle`, leur mention commune, rien."""
    concernes = [colonne for colonne in groupe.criteres if colonne.concerne(option)]
    portes = {une: presentes.get(Case(une.genre, une.pk, eleve)) for une in concernes}
    textes = [porte.texte if porte else "" for porte in portes.values()]
    rangs = {
        une: echelle.index(porte.texte) for une, porte in portes.items() if porte and porte.texte in echelle
    }
    if (rang := rang_suggere(rangs)) is not None:
        return echelle[rang]
    return textes[0] if len(set(textes)) == 1 and textes[0] in mentions else ""
