"""L'échelle d'une promotion : la table que montrent la page, le PDF et le classeur, et son enregistrement.

Une case est un niveau attendu : une compétence (`c`) ou une détaillée (`d`), à la fin d'un semestre.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from livret.niveaux import code_saisi
from livret.personnes.models.classe import Promotion
from livret.personnes.models.compte import Utilisateur
from livret.progression.models.echelle import Attente, EchelleAttendue
from livret.synthese.cadre import cadres, titre
from referentiel.echelle import Degre, Echelle
from referentiel.echelles import valeur_lue

ADRESSE = re.compile(r"([cd])([0-9]{1,18})-([1-6])", re.ASCII)


@dataclass(frozen=True)
class Cle:
    """Adresse d'une case."""

    genre: str
    pk: int
    semestre: int

    def __str__(self) -> str:
        return f"{self.genre}{self.pk}-{self.semestre}"


def cle_lue(texte: str) -> Cle | None:
    lue = ADRESSE.fullmatch(texte)
    return Cle(lue[1], int(lue[2]), int(lue[3])) if lue else None


Valeurs = Mapping[Cle, int]


@dataclass(frozen=True)
class ConflitEchelle:
    """Une case qu'un collègue a changée pendant qu'on la changeait."""

    nom: str
    voulu: str
    actuel: str
    auteur: str


@dataclass(frozen=True)
class EchelleEnvoyee:
    """Ce que la personne a tapé, et le numéro de la version qu'elle avait sous les yeux (0 : aucune)."""

    textes: Mapping[Cle, str]
    vue: int
    nom: str = ""


@dataclass(frozen=True)
class CaseEchelle:
    cle: Cle
    degre: Degre | None
    texte: str
    faute: str = ""


@dataclass(frozen=True)
class LigneEchelle:
    genre: str
    pk: int
    code: str
    intitule: str
    cases: tuple[CaseEchelle, ...]

    @property
    def detaillee(self) -> bool:
        return self.genre == "d"


@dataclass(frozen=True)
class ChangementEchelle:
    """Une version de l'échelle et ce qu'elle a changé, en toutes lettres."""

    version: EchelleAttendue
    cases: tuple[str, ...]


@dataclass(frozen=True)
class TableEchelle:
    promotion: Promotion
    version: EchelleAttendue | None
    echelle: Echelle
    groupes: tuple[tuple[str, str, tuple[LigneEchelle, ...]], ...]

    @property
    def semestres(self) -> Mapping[int, str]:
        return self.promotion.referentiel.cycle.semestres

    @property
    def lignes(self) -> list[LigneEchelle]:
        return [ligne for _, _, lignes in self.groupes for ligne in lignes]

    @property
    def vide(self) -> bool:
        return not any(case.degre for ligne in self.lignes for case in ligne.cases)

    @property
    def fautes(self) -> list[str]:
        return [case.faute for ligne in self.lignes for case in ligne.cases if case.faute]


def en_vigueur(promotion: Promotion) -> EchelleAttendue | None:
    return EchelleAttendue.objects.filter(promotion=promotion).select_related("auteur").first()


def valeurs_de(versions: Iterable[EchelleAttendue]) -> dict[int, dict[Cle, int]]:
    """Valeurs de chaque version, par identifiant, lues dans l'échelle de la promotion. Une requête.

    Un niveau attendu dans une échelle qu'elle ne lit pas n'en a pas (Q47).
    """
    lues: dict[int, dict[Cle, int]] = defaultdict(dict)
    siennes = Attente.objects.filter(echelle__in=[version.pk for version in versions])
    for echelle, competence, detaillee, semestre, valeur in siennes.annotate(
        lue=valeur_lue("niveau", "echelle__promotion__grille")
    ).values_list("echelle_id", "competence_id", "detaillee_id", "semestre", "lue"):
        if valeur is not None:
            cle = Cle("d", detaillee, semestre) if detaillee else Cle("c", competence, semestre)
            lues[echelle][cle] = valeur
    return lues


@dataclass(frozen=True)
class _Item:
    genre: str
    pk: int
    code: str
    intitule: str
    competence: int


@dataclass(frozen=True)
class Cadre:
    """Les rangs de la table : compétences par épreuve, chacune suivie de ses détaillées."""

    promotion: Promotion
    echelle: Echelle
    niveaux: Mapping[int, int]
    epreuves: tuple[tuple[str, str, tuple[_Item, ...]], ...]

    @property
    def items(self) -> dict[tuple[str, int], _Item]:
        return {(item.genre, item.pk): item for _, _, items in self.epreuves for item in items}

    def nom(self, cle: Cle) -> str:
        item = self.items.get((cle.genre, cle.pk))
        return f"{item.code if item else '?'}, {self.promotion.referentiel.cycle.nom(cle.semestre)}"

    def code(self, valeur: int | None) -> str:
        degre = self.echelle.degre(valeur)
        return degre.code if degre else ""


def cadre(promotion: Promotion) -> Cadre:
    """Compétences et détaillées de l'option, niveaux de l'échelle de maîtrise. Une requête si c'est gardé."""
    tenu = cadres({promotion.grille_id: promotion.referentiel_id})[promotion.grille_id]
    epreuves: dict[tuple[str, str], list[_Item]] = {}
    for une, siennes in tenu.rangees(promotion.option_id):
        rangs = epreuves.setdefault(titre(siennes), [])
        rangs.append(_Item("c", une.pk, une.code, une.intitule, une.pk))
        rangs += [
            _Item("d", detaillee.pk, detaillee.code, detaillee.intitule, une.pk)
            for detaillee in une.detaillees.all()
            if detaillee.concerne(promotion.option_id)
        ]
    return Cadre(
        promotion,
        tenu.lecture.echelle,
        {un.degre.valeur: pk for pk, un in tenu.lecture.niveaux.items() if tenu.lecture.sienne(pk)},
        tuple((code, intitule, tuple(items)) for (code, intitule), items in epreuves.items()),
    )


def table(
    forme: Cadre,
    version: EchelleAttendue | None,
    valeurs: Valeurs,
    *,
    details: bool = False,
    tapes: Mapping[Cle, str] | None = None,
    fautes: Mapping[Cle, str] | None = None,
) -> TableEchelle:
    """Table d'une version ; `tapes` et `fautes` gardent ce qui vient d'être refusé.

    Sans `details`, une détaillée ne se montre que si quelque chose en est attendu.
    """
    attendues = {cle.pk for cle in valeurs if cle.genre == "d"}

    def ligne(item: _Item) -> LigneEchelle:
        cases = []
        for semestre in forme.promotion.referentiel.cycle.semestres:
            cle = Cle(item.genre, item.pk, semestre)
            degre = forme.echelle.degre(valeurs.get(cle))
            texte = (tapes or {}).get(cle, degre.code if degre else "")
            cases.append(CaseEchelle(cle, degre, texte, (fautes or {}).get(cle, "")))
        return LigneEchelle(item.genre, item.pk, item.code, item.intitule, tuple(cases))

    return TableEchelle(
        forme.promotion,
        version,
        forme.echelle,
        tuple(
            (
                code,
                intitule,
                tuple(ligne(i) for i in items if details or i.genre == "c" or i.pk in attendues),
            )
            for code, intitule, items in forme.epreuves
        ),
    )


@dataclass(frozen=True)
class Issue:
    """Ce qu'a donné un enregistrement ; sans version nouvelle, rien n'a été écrit."""

    version: EchelleAttendue | None
    en_vigueur: EchelleAttendue | None
    valeurs: Valeurs
    changees: int = 0
    fautes: Mapping[Cle, str] = field(default_factory=dict)
    conflits: tuple[ConflitEchelle, ...] = ()


def enregistrer(forme: Cadre, envoi: EchelleEnvoyee, auteur: Utilisateur, le: datetime.datetime) -> Issue:
    """Ajoute une version avec ce que la personne a changé ; à appeler dans une transaction.

    Ce qu'un collègue a enregistré entre-temps est gardé ; s'il a changé une même case autrement, rien
    n'est écrit et le conflit est dit.
    """
    Promotion.objects.select_for_update(of=("self",), no_key=True).get(pk=forme.promotion.pk)
    derniere = en_vigueur(forme.promotion)
    vue = EchelleAttendue.objects.filter(promotion=forme.promotion, numero=envoi.vue).first()
    lues = valeurs_de(version for version in (derniere, vue) if version)
    actuelles, montrees = (lues.get(une.pk, {}) if une else {} for une in (derniere, vue))
    codes = {degre.code: degre.valeur for degre in forme.echelle.degres}
    nouvelles, fautes, conflits = dict(actuelles), {}, []
    for cle, texte in envoi.textes.items():
        if (cle.genre, cle.pk) not in forme.items or not forme.promotion.referentiel.cycle.nom(cle.semestre):
            continue
        code = code_saisi(texte, codes, ())
        if code is None:
            attendus = ", ".join(codes)
            fautes[cle] = (
                f"{forme.nom(cle)} : « {texte.strip()} » n’est pas un niveau. "
                f"Tapez {attendus}, ou laissez vide."
            )
            continue
        voulue = codes.get(code)
        actuelle, montree = actuelles.get(cle), montrees.get(cle)
        if voulue in (montree, actuelle):
            continue
        if actuelle != montree:
            par = derniere.auteur.nom_complet if derniere else ""
            conflits.append(ConflitEchelle(forme.nom(cle), code, forme.code(actuelle), par))
        elif voulue is None:
            del nouvelles[cle]
        else:
            nouvelles[cle] = voulue
    changees = len({cle for cle in {*nouvelles, *actuelles} if nouvelles.get(cle) != actuelles.get(cle)})
    if fautes or conflits or not (changees or envoi.nom):
        return Issue(None, derniere, actuelles, 0, fautes, tuple(conflits))
    version = _ecrire(forme, nouvelles, envoi.nom, derniere.numero + 1 if derniere else 1, auteur, le)
    return Issue(version, version, nouvelles, changees)


def _ecrire(
    forme: Cadre, valeurs: Valeurs, nom: str, numero: int, auteur: Utilisateur, le: datetime.datetime
) -> EchelleAttendue:
    version = EchelleAttendue(
        promotion=forme.promotion, numero=numero, nom=nom, auteur=auteur, enregistree_le=le
    )
    version.full_clean()
    version.save()
    items = forme.items
    Attente.objects.bulk_create(
        Attente(
            echelle=version,
            competence_id=items[cle.genre, cle.pk].competence,
            detaillee_id=cle.pk if cle.genre == "d" else None,
            semestre=cle.semestre,
            niveau_id=forme.niveaux[valeur],
        )
        for cle, valeur in valeurs.items()
        if (cle.genre, cle.pk) in items and valeur in forme.niveaux
    )
    return version


def changements(forme: Cadre, nombre: int = 20) -> list[ChangementEchelle]:
    """Les dernières versions, de la plus récente à la plus ancienne : qui a changé quoi. Deux requêtes."""
    versions = list(
        EchelleAttendue.objects.filter(promotion=forme.promotion).select_related("auteur")[: nombre + 1]
    )
    lues = valeurs_de(versions)
    rangs = {cle: rang for rang, cle in enumerate(forme.items)}
    suite = []
    for version, avant in zip(versions, [*versions[1:], None], strict=False):
        ici, la = lues.get(version.pk, {}), lues.get(avant.pk, {}) if avant else {}
        touchees = sorted(
            (cle for cle in {*ici, *la} if ici.get(cle) != la.get(cle)),
            key=lambda cle: (rangs.get((cle.genre, cle.pk), 0), cle.semestre),
        )
        suite.append(
            ChangementEchelle(
                version,
                tuple(
                    f"{forme.nom(cle)} : {forme.code(la.get(cle)) or 'vide'} → "
                    f"{forme.code(ici.get(cle)) or 'vide'}"
                    for cle in touchees
                ),
            )
        )
    return suite[:nombre]
