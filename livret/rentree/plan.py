"""Ce que ferait un changement d'année : chaque classe, chaque élève, avant que rien ne soit écrit."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from livret.personnes.alphabet import alphabetique
from livret.personnes.models.classe import Classe, Promotion
from livret.personnes.models.compte import Etablissement
from livret.personnes.models.eleve import Eleve, Scolarite

MONTE, REDOUBLE, PART, ATTEND = "monte", "redouble", "part", "attend"
ISSUES = {MONTE: "Monte", REDOUBLE: "Redouble", PART: "Part", ATTEND: "À décider"}


@dataclass(frozen=True)
class ChoixDeRentree:
    """Ce que la page a coché ; `None` : rien n'a été dit, tout est coché."""

    noms: Mapping[int, str] = field(default_factory=dict)
    entrants: Mapping[int, str] | None = None
    equipes: frozenset[int] | None = None
    groupes: frozenset[int] | None = None
    issues: Mapping[int, str] = field(default_factory=dict)
    echelle: bool = True
    progression: bool = True


@dataclass(frozen=True)
class ElevePasse:
    """`vers` : le nom de la classe où il redouble, « » s'il n'en est aucune."""

    eleve: Eleve
    issue: str
    vers: str = ""

    @property
    def sans_classe(self) -> bool:
        return self.issue == REDOUBLE and not self.vers


@dataclass(frozen=True)
class ClassePassee:
    """Une classe de l'année qui finit ; `niveau` vide : dernière année du cycle, elle n'a pas de suite."""

    classe: Classe
    niveau: str
    nom: str
    eleves: tuple[ElevePasse, ...]
    equipe: tuple[int, ...]
    groupes: tuple[tuple[str, tuple[int, ...]], ...]
    existe: int | None = None
    refus: str = ""

    @property
    def montent(self) -> tuple[ElevePasse, ...]:
        return self.de(MONTE)

    @property
    def redoublent(self) -> tuple[ElevePasse, ...]:
        return self.de(REDOUBLE)

    def de(self, issue: str) -> tuple[ElevePasse, ...]:
        return tuple(un for un in self.eleves if un.issue == issue)


@dataclass(frozen=True)
class ClasseEntrante:
    """La classe de première année que prennent les entrants, sur le modèle de celle qui monte."""

    modele: Classe
    nom: str
    promotion: str
    session: int
    equipe: tuple[int, ...]
    refus: str = ""


@dataclass(frozen=True)
class PlanDeRentree:
    etablissement: Etablissement
    depuis: int
    classes: tuple[ClassePassee, ...]
    entrantes: tuple[ClasseEntrante, ...]
    choix: ChoixDeRentree

    @property
    def vers(self) -> int:
        return self.depuis + 1

    @property
    def montent(self) -> tuple[ClassePassee, ...]:
        return tuple(une for une in self.classes if une.niveau)

    def nombre(self, issue: str) -> int:
        return sum(len(une.de(issue)) for une in self.classes)

    @property
    def comptes(self) -> dict[str, int]:
        return {issue: self.nombre(issue) for issue in ISSUES}

    @property
    def refus(self) -> list[str]:
        refus = [un.refus for un in self.classes if un.refus]
        refus += [un.refus for un in self.entrantes if un.refus]
        refus += [
            f"{un.eleve} ne peut pas redoubler\xa0: aucune classe de {une.classe.niveau} de ce diplôme n’est "
            "prévue. Créez celle des entrants, ou laissez à décider."
            for une in self.classes
            for un in une.eleves
            if un.sans_classe
        ]
        return refus

    @property
    def empreinte(self) -> str:
        """Change dès que le passage ne serait plus exactement celui qui est montré."""
        dit = [
            [[un.classe.pk, un.niveau, un.nom, un.existe, un.equipe, un.groupes] for un in self.classes],
            [[un.eleve.pk, un.issue, un.vers] for une in self.classes for un in une.eleves],
            [[un.modele.pk, un.nom, un.promotion, un.equipe] for un in self.entrantes],
            [self.depuis, self.choix.echelle, self.choix.progression],
        ]
        return hashlib.sha256(json.dumps(dit).encode()).hexdigest()


def plan_de(lieu: Etablissement, depuis: int, choix: ChoixDeRentree) -> PlanDeRentree:
    """Six requêtes, quel que soit le nombre de classes et d'élèves."""
    classes = list(
        Classe.objects.filter(etablissement=lieu, annee__debut=depuis)
        .select_related("promotion__referentiel", "promotion__option", "annee")
        .order_by("nom")
    )
    prises = {une.nom: une for une in Classe.objects.filter(etablissement=lieu, annee__debut=depuis + 1)}
    equipes, groupes, eleves = _equipes(classes), _groupes(classes), _eleves(classes)
    promotions = {une.nom: une for une in Promotion.objects.filter(etablissement=lieu)}
    passees = []
    for une in classes:
        niveau = _niveau_suivant(une)
        nom = choix.noms.get(une.pk) or _nom_suivant(une, niveau, classes)
        avec = choix.equipes is None or une.pk in choix.equipes
        refaits = choix.groupes is None or une.pk in choix.groupes
        passes = tuple(ElevePasse(un, _issue(un, niveau, choix)) for un in eleves[une.pk])
        montent = {un.eleve.pk for un in passes if un.issue == MONTE}
        passees.append(
            ClassePassee(
                une,
                niveau,
                nom if niveau else "",
                passes,
                equipes[une.pk] if avec and niveau else (),
                _refaits(groupes[une.pk], montent) if refaits and niveau else (),
                existe=_existe(prises.get(nom), une, niveau),
                refus=_refus(prises.get(nom), une, niveau, nom),
            )
        )
    entrantes = _entrantes(classes, choix, equipes, promotions, prises)
    return PlanDeRentree(
        lieu, depuis, _redoublants(_uniques(passees, entrantes), entrantes), entrantes, choix
    )


def _equipes(classes: list[Classe]) -> dict[int, tuple[int, ...]]:
    lignes = Classe.equipe.through.objects.filter(classe__in=classes, utilisateur__is_active=True).order_by(
        "utilisateur"
    )
    equipes: dict[int, tuple[int, ...]] = defaultdict(tuple)
    for classe, compte in lignes.values_list("classe", "utilisateur"):
        equipes[classe] += (compte,)
    return equipes


def _groupes(classes: list[Classe]) -> dict[int, dict[str, list[int]]]:
    lignes = (
        Classe.objects.filter(pk__in=[une.pk for une in classes], groupes__archive_le__isnull=True)
        .order_by("groupes__nom")
        .values_list("pk", "groupes__nom", "groupes__eleves")
    )
    groupes: dict[int, dict[str, list[int]]] = defaultdict(dict)
    for classe, nom, eleve in lignes:
        if nom and eleve:
            groupes[classe].setdefault(nom, []).append(eleve)
    return groupes


def _eleves(classes: list[Classe]) -> dict[int, list[Eleve]]:
    """Ceux que chaque classe a encore ; qui n'est plus dans l'établissement n'y passe pas."""
    lignes = (
        Scolarite.objects.filter(classe__in=classes, sortie__isnull=True, eleve__actif=True)
        .select_related("eleve__option")
        .order_by(*alphabetique("eleve__"))
    )
    eleves: dict[int, list[Eleve]] = defaultdict(list)
    for une in lignes:
        eleves[une.classe_id].append(une.eleve)
    return eleves


def _niveau_suivant(classe: Classe) -> str:
    annees = classe.cycle.annees
    rang = annees.index(classe.niveau) + 1 if classe.niveau in annees else len(annees)
    return annees[rang] if rang < len(annees) else ""


def _nom_suivant(classe: Classe, niveau: str, classes: list[Classe]) -> str:
    """Celui de la seule classe qui tient cette place cette année ; sinon, le niveau changé dans son nom."""
    if not niveau:
        return ""
    ici = classe.promotion
    tiennent = [
        une.nom
        for une in classes
        if une.niveau == niveau
        and (une.promotion.referentiel_id, une.promotion.option_id) == (ici.referentiel_id, ici.option_id)
    ]
    pairs = [
        une
        for une in classes
        if une.niveau == classe.niveau
        and (une.promotion.referentiel_id, une.promotion.option_id) == (ici.referentiel_id, ici.option_id)
    ]
    if len(tiennent) == len(pairs) == 1:
        return tiennent[0]
    if classe.niveau in classe.nom:
        return classe.nom.replace(classe.niveau, niveau, 1)
    return f"{niveau} {classe.nom}"[:40]


def _issue(eleve: Eleve, niveau: str, choix: ChoixDeRentree) -> str:
    voulue = choix.issues.get(eleve.pk, MONTE if niveau else PART)
    return ATTEND if voulue == MONTE and not niveau else voulue


def _refaits(groupes: Mapping[str, list[int]], montent: set[int]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Les groupes de la classe, sans ceux qui n'y montent pas."""
    gardes = ((nom, tuple(un for un in membres if un in montent)) for nom, membres in groupes.items())
    return tuple((nom, membres) for nom, membres in gardes if membres)


def _existe(prise: Classe | None, classe: Classe, niveau: str) -> int | None:
    """La classe de même nom, de même promotion, déjà créée pour l'an prochain : on y passe."""
    meme = prise and (prise.promotion_id, prise.niveau) == (classe.promotion_id, niveau)
    return prise.pk if prise and meme else None


def _refus(prise: Classe | None, classe: Classe, niveau: str, nom: str) -> str:
    if niveau and prise and _existe(prise, classe, niveau) is None:
        return f"« {nom} » existe déjà l’an prochain, pour une autre promotion\xa0: changez le nom."
    return ""


def _entrantes(
    classes: list[Classe],
    choix: ChoixDeRentree,
    equipes: Mapping[int, tuple[int, ...]],
    promotions: Mapping[str, Promotion],
    prises: Mapping[str, Classe],
) -> tuple[ClasseEntrante, ...]:
    entrantes = []
    for une in classes:
        if une.niveau != une.cycle.annees[0]:
            continue
        if choix.entrants is not None and une.pk not in choix.entrants:
            continue
        nom = (choix.entrants or {}).get(une.pk) or une.nom
        session = une.promotion.session + 1
        promotion = _promotion_suivante(une.promotion, promotions)
        prise = prises.get(nom)
        if prise and choix.entrants is None:
            continue
        refus = f"« {nom} » existe déjà l’an prochain\xa0: décochez-la." if prise else ""
        avec = choix.equipes is None or une.pk in choix.equipes
        entrantes.append(ClasseEntrante(une, nom, promotion, session, equipes[une.pk] if avec else (), refus))
    return tuple(entrantes)


def _promotion_suivante(promotion: Promotion, promotions: Mapping[str, Promotion]) -> str:
    """Le même nom, une session plus loin ; une promotion déjà créée pour elle sert."""
    suivante, session = str(promotion.session + 1), str(promotion.session)
    nom = (
        promotion.nom.replace(session, suivante)
        if session in promotion.nom
        else f"{promotion.nom} {suivante}"
    )[:80]
    deja = promotions.get(nom)
    convient = deja is None or (deja.referentiel_id, deja.session) == (
        promotion.referentiel_id,
        promotion.session + 1,
    )
    return nom if convient else f"{nom} (entrants)"[:80]


def _uniques(passees: list[ClassePassee], entrantes: tuple[ClasseEntrante, ...]) -> list[ClassePassee]:
    """Deux classes de l'an prochain ne portent pas le même nom."""
    noms = [une.nom for une in passees if une.nom] + [une.nom for une in entrantes]
    return [
        replace(une, refus=f"Deux classes s’appelleraient « {une.nom} » l’an prochain.")
        if une.nom and noms.count(une.nom) > 1 and not une.refus
        else une
        for une in passees
    ]


def _redoublants(
    passees: list[ClassePassee], entrantes: tuple[ClasseEntrante, ...]
) -> tuple[ClassePassee, ...]:
    """Chacun dans la classe de son niveau, l'an prochain : de son option d'abord."""
    places: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    for une in passees:
        if une.niveau:
            ici = une.classe.promotion
            places[ici.referentiel_id, une.niveau].append((ici.option_id, une.nom))
    for entrante in entrantes:
        ici = entrante.modele.promotion
        places[ici.referentiel_id, entrante.modele.niveau].append((ici.option_id, entrante.nom))

    def vers(une: ClassePassee, un: ElevePasse) -> ElevePasse:
        if un.issue != REDOUBLE:
            return un
        offertes = places[une.classe.promotion.referentiel_id, une.classe.niveau]
        rangees = sorted(offertes, key=lambda place: (place[0] != un.eleve.option_id, place[1]))
        return replace(un, vers=rangees[0][1] if rangees else "")

    return tuple(replace(une, eleves=tuple(vers(une, un) for un in une.eleves)) for une in passees)
