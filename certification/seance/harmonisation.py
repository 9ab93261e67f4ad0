"""Harmoniser : comment se répartissent niveaux et notes, et quels dossiers méritent d'être relus. Module pur.

Rien ici ne juge un évaluateur ni un candidat : des répartitions, et des dossiers « limites » dont la
définition (`DEFINITIONS`) s'affiche avec la liste.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from statistics import median

from certification.dossier.grille.citations import CandidatCite
from certification.dossier.grille.epreuve import GrilleEpreuve, LigneGrille
from certification.notation import note_affichee
from referentiel.echelle import Degre

ECART_DE_NIVEAUX = 2
MOYENNE = Decimal(10)
AUTOUR = Decimal("0.5")
LARGEUR = 2
DEFINITIONS = (
    f"la note calculée est à un demi-point ou moins de {MOYENNE}",
    f"deux situations retenues donnent à une compétence des niveaux distants de {ECART_DE_NIVEAUX} ou plus",
    "la commission s’est écartée d’un niveau proposé ou de la note calculée",
)


@dataclass(frozen=True)
class PartDeNiveau:
    """Un niveau dans une répartition : combien, et sa place dans une barre de 100 de large."""

    degre: Degre
    nombre: int
    debut: Fraction
    largeur: Fraction

    @property
    def x(self) -> str:
        return f"{float(self.debut):.2f}"

    @property
    def taille(self) -> str:
        return f"{float(self.largeur):.2f}"


@dataclass(frozen=True)
class Repartition:
    """Un groupe (évaluateur, situation…) : ses niveaux, et les notes calculées de ses candidats."""

    nom: str
    candidats: int
    parts: tuple[PartDeNiveau, ...]
    notes: tuple[Decimal, ...]

    @property
    def niveaux(self) -> int:
        return sum(part.nombre for part in self.parts)

    @property
    def mediane(self) -> Decimal | None:
        return median(self.notes) if self.notes else None

    @property
    def minimum(self) -> Decimal | None:
        return min(self.notes, default=None)

    @property
    def maximum(self) -> Decimal | None:
        return max(self.notes, default=None)


@dataclass(frozen=True)
class Tranche:
    """Une barre d'histogramme : les notes de `de` à moins de `a`, et sa hauteur dans un dessin de 100."""

    de: int
    a: int
    nombre: int
    hauteur: int

    @property
    def sommet(self) -> str:
        """Où s'écrit son compte, au-dessus d'elle, dans un dessin de 62 de haut."""
        return f"{50 - 0.45 * self.hauteur:.1f}"


@dataclass(frozen=True)
class Histogramme:
    """Les notes d'une épreuve : calculées, ou proposées."""

    nom: str
    tranches: tuple[Tranche, ...]
    notes: int
    mediane: Decimal


@dataclass(frozen=True)
class Limite:
    """Un dossier à relire ; `rang` désigne la grille dans la suite reçue."""

    rang: int
    raisons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GrilleHarmonisee:
    """Ce qu'une grille dit ici. `niveaux` : évaluateur, situation, en centre ou non, et la valeur, de chaque
    niveau d'une situation retenue ; `raisons` : pourquoi le dossier est limite."""

    a_evaluer: bool
    candidat: CandidatCite
    code: str
    intitule: str
    degres: tuple[Degre, ...]
    calculee: Decimal | None
    note_proposee: Decimal | None
    niveaux: tuple[tuple[str, str, bool, int], ...]
    raisons: tuple[str, ...]

    @classmethod
    def de(cls, grille: GrilleEpreuve) -> GrilleHarmonisee:
        return cls(
            grille.a_evaluer,
            grille.candidat,
            grille.epreuve.code,
            grille.epreuve.intitule,
            grille.regle.echelle.degres,
            grille.calculee,
            grille.note_proposee,
            tuple(
                (situation.evaluateur, situation.intitule, situation.en_centre, constat.valeur)
                for situation in grille.situations_retenues
                for constat in situation.constats
                if constat.valeur is not None
            ),
            tuple(_raisons(grille)),
        )


Harmonises = list[tuple[str, dict[str, tuple[Repartition, ...]], tuple[Histogramme, ...]]]


def par_diplome(grilles: Iterable[tuple[str, GrilleHarmonisee]], *, anonymes: bool = False) -> Harmonises:
    """Ne se comparent que les grilles d'un diplôme et d'une échelle. Chaque groupe : nom, répartitions
    et notes ; chaque grille vient avec le nom de son diplôme ; les codes de l'échelle s'y ajoutent si le
    diplôme en a plusieurs."""
    groupes: dict[tuple[str, tuple[str, ...]], list[GrilleHarmonisee]] = defaultdict(list)
    for diplome, grille in grilles:
        groupes[diplome, tuple(degre.code for degre in grille.degres)].append(grille)
    echelles = Counter(diplome for diplome, _ in groupes)
    return [
        (
            ", ".join(filter(None, (diplome, " ".join(codes) if echelles[diplome] > 1 else ""))),
            repartitions(siennes, anonymes=anonymes),
            histogrammes(siennes),
        )
        for (diplome, codes), siennes in sorted(groupes.items(), key=lambda groupe: groupe[0])
    ]


def repartitions(
    grilles: Iterable[GrilleHarmonisee], *, anonymes: bool = False
) -> dict[str, tuple[Repartition, ...]]:
    """Par évaluateur, situation, option, lieu et épreuve ; seules comptent les situations retenues.

    `anonymes` : personne ne s'y reconnaît, évaluateurs et situations ont un numéro.
    """
    grilles = [grille for grille in grilles if grille.a_evaluer]
    degres = grilles[0].degres if grilles else ()
    niveaux: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    presents: dict[tuple[str, str], dict[int, GrilleHarmonisee]] = defaultdict(dict)
    for rang, grille in enumerate(grilles):
        for groupe, valeur in _niveaux(grille):
            niveaux[groupe][valeur] += 1
            presents[groupe][rang] = grille
    resultat: dict[str, list[Repartition]] = defaultdict(list)
    for axe, nom in sorted(niveaux):
        dedans = presents[axe, nom].values()
        notes = tuple(sorted(g.calculee for g in dedans if g.calculee is not None))
        candidats = len({grille.candidat for grille in dedans})
        resultat[axe].append(Repartition(nom, candidats, _parts(niveaux[axe, nom], degres), notes))
    axes = {axe: tuple(resultat[axe]) for axe in AXES if axe in resultat}
    return _sans_noms(axes) if anonymes else axes


NOMINATIFS = ("Évaluateur", "Situation")
AXES = ("Évaluateur", "Situation", "Option", "Centre ou entreprise", "Épreuve")


def _niveaux(grille: GrilleHarmonisee) -> Iterator[tuple[tuple[str, str], int]]:
    epreuve = f"{grille.code} {grille.intitule}"
    for evaluateur, situation, en_centre, valeur in grille.niveaux:
        lieu = "centre de formation" if en_centre else "entreprise"
        for groupe in zip(AXES, (evaluateur, situation, grille.candidat.option, lieu, epreuve), strict=True):
            yield groupe, valeur


def histogrammes(grilles: Iterable[GrilleHarmonisee]) -> tuple[Histogramme, ...]:
    """Par épreuve, les notes calculées puis les proposées, en tranches de deux points ; 20 est dans la
    dernière. Une épreuve sans note n'en a pas."""
    notes: dict[str, list[Decimal]] = defaultdict(list)
    for grille in sorted((une for une in grilles if une.a_evaluer), key=lambda une: une.code):
        for genre, note in (("calculées", grille.calculee), ("proposées", grille.note_proposee)):
            if note is not None:
                notes[f"{grille.code}, notes {genre}"].append(note)
    return tuple(_histogramme(nom, siennes) for nom, siennes in notes.items())


def _histogramme(nom: str, notes: list[Decimal]) -> Histogramme:
    compte = Counter(min(int(note) // LARGEUR, 20 // LARGEUR - 1) for note in notes)
    sommet = max(compte.values())
    tranches = tuple(
        Tranche(LARGEUR * rang, LARGEUR * (rang + 1), compte[rang], 100 * compte[rang] // sommet)
        for rang in range(20 // LARGEUR)
    )
    return Histogramme(nom, tranches, len(notes), median(notes))


def _sans_noms(axes: dict[str, tuple[Repartition, ...]]) -> dict[str, tuple[Repartition, ...]]:
    return {
        axe: tuple(
            replace(groupe, nom=f"{axe} {rang}") if axe in NOMINATIFS else groupe
            for rang, groupe in enumerate(groupes, 1)
        )
        for axe, groupes in axes.items()
    }


def _parts(compte: Counter[int], degres: Iterable[Degre]) -> tuple[PartDeNiveau, ...]:
    total, debut, parts = compte.total(), Fraction(0), []
    for degre in degres:
        largeur = Fraction(100 * compte[degre.valeur], total)
        parts.append(PartDeNiveau(degre, compte[degre.valeur], debut, largeur))
        debut += largeur
    return tuple(parts)


def limites(grilles: Iterable[GrilleHarmonisee]) -> tuple[Limite, ...]:
    """Les dossiers limites, ceux qui le sont à plus de titres d'abord."""
    trouvees = (Limite(rang, grille.raisons) for rang, grille in enumerate(grilles))
    return tuple(sorted((une for une in trouvees if une.raisons), key=lambda une: -len(une.raisons)))


def _raisons(grille: GrilleEpreuve) -> Iterator[str]:
    if not grille.a_evaluer:
        return
    if grille.calculee is not None and abs(grille.calculee - MOYENNE) <= AUTOUR:
        yield f"note calculée {note_affichee(grille.calculee)}, à un demi-point ou moins de {MOYENNE}"
    for ligne in grille.positions:
        yield from _raisons_de_ligne(grille, ligne)
    if grille.ecart and grille.note_proposee is not None and grille.calculee is not None:
        proposee, calculee = note_affichee(grille.note_proposee), note_affichee(grille.calculee)
        yield f"note proposée {proposee}, calculée {calculee}"


def _raisons_de_ligne(grille: GrilleEpreuve, ligne: LigneGrille) -> Iterator[str]:
    valeurs = [preuve.valeur for preuve in ligne.retenues]
    if valeurs and max(valeurs) - min(valeurs) >= ECART_DE_NIVEAUX:
        codes = " et ".join(degre.code for v in (min(valeurs), max(valeurs)) if (degre := grille.degre(v)))
        yield f"{ligne.code} : niveaux {codes} selon les situations"
    if ligne.arretee and (ligne.non_demontree or ligne.niveau_arrete != ligne.propose):
        yield f"{ligne.code} : niveau arrêté différent du proposé"
