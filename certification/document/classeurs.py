"""La grille en classeur : des formules qui refont la note, et des niveaux que l'on peut changer.

Le calcul y est mené sur des entiers, comme dans `notation` : une division ne vient qu'à la fin, juste
avant la partie entière, si bien qu'un demi-point exact n'est jamais pris pour le suivant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any

from certification.dossier.grille.epreuve import GrilleEpreuve, LigneGrille
from certification.dossier.resultats import DossierLu
from certification.notation import Note, Provisoire
from trpm.base.a_la_demande import ALaDemande
from trpm.impression.documents import Formule, Tableur, Valeur

utility = ALaDemande("xlsxwriter.utility")

PREMIERE = 11
ENTIER = 8
"""La colonne qui sert au calcul d’une grille à critères."""
COLONNES = ("Code", "Compétence", "Poids", "Part", "Niveau", "Produit", "Origine du niveau")
LARGEURS = (9, 62, 9, 10, 10, 11, 58)
GRAS = {"bold": True}
BORD = {"border": 1, "border_color": "#8C98A6"}
A_SAISIR = {"bg_color": "#FFF7DC"}
RECAPITULATIF = {
    "N° candidat": 15,
    "Nom": 24,
    "Prénom": 20,
    "Option": 9,
    "État": 22,
    "Note brute": 14,
    "Note calculée": 14,
    "Note proposée": 28,
}
SEULS = "compétences évaluées seules", "critères évalués seuls"
ZEROS = "non évaluées comptées 0", "non évalués comptés 0"
Adresses = dict[str, tuple[str, Any]]


def grille(lu: DossierLu) -> bytes:
    tableur = Tableur()
    _remplir(tableur, _feuille(tableur, str(lu.grille.candidat)), lu)
    return tableur.octets()


def commission(lus: Sequence[DossierLu]) -> bytes:
    """Une feuille par candidat, précédées d'un récapitulatif qui lit leurs notes."""
    tableur = Tableur()
    recapitulatif = tableur.feuille("Récapitulatif", figee=1, repetees=(1, 1))
    pages = []
    for rang, lu in enumerate(lus, start=1):
        page = _feuille(tableur, f"{rang} {lu.nom}")
        pages.append((lu, page.name, _remplir(tableur, page, lu)))
    _recapituler(tableur, recapitulatif, pages)
    return tableur.octets()


def _feuille(tableur: Tableur, titre: str) -> Any:
    return tableur.feuille(titre, figee=PREMIERE - 1, repetees=(PREMIERE - 1, PREMIERE - 1))


def _remplir(tableur: Tableur, page: Any, lu: DossierLu) -> Adresses:
    """Écrit la grille d'un candidat ; rend l'adresse et la valeur des cellules de notes."""
    grille = lu.grille
    tableur.largeurs(page, LARGEURS)
    _entete(tableur, page, lu)
    for colonne, titre in enumerate(COLONNES, start=1):
        tableur.poser(page, PREMIERE - 1, colonne, titre, **GRAS, **BORD)
    _dire_les_valeurs(tableur, page, grille.regle.echelle.codes_a_dire)
    if grille.a_criteres:
        fin = _lignes_a_criteres(tableur, page, grille)
    else:
        fin = PREMIERE + len(grille.lignes) - 1
        for rang, ligne in enumerate(grille.lignes, start=PREMIERE):
            _ligne(tableur, page, rang, ligne, grille)
    if grille.note:
        return _notes(tableur, page, grille, grille.note, fin)
    rang = fin + 2
    tableur.poser(page, rang, 2, "Situation du candidat", **GRAS)
    tableur.poser(page, rang, 5, grille.texte_note)
    return {}


def _dire_les_valeurs(tableur: Tableur, page: Any, comptes: Mapping[int, str]) -> None:
    """Sous un code chiffré qui n'est pas sa valeur, la colonne porte ce qui se compte, et le dit."""
    if comptes:
        dits = ", ".join(f"{code} compté {valeur}" for valeur, code in comptes.items())
        tableur.poser(page, PREMIERE - 2, 1, "Niveaux", align="left")
        tableur.poser(page, PREMIERE - 2, 2, dits, align="left")
        tableur.poser(page, PREMIERE - 1, COLONNES.index("Niveau") + 1, "Niveau compté", **GRAS, **BORD)


def _entete(tableur: Tableur, page: Any, lu: DossierLu) -> None:
    grille, candidat = lu.grille, lu.grille.candidat
    etat = (
        f"Figée, version {lu.version.numero}, empreinte {lu.version.empreinte}"
        if lu.version
        else "Document de travail, non figé"
    )
    naissance = candidat.naissance.strftime("%d/%m/%Y") if candidat.naissance else ""
    lignes: list[tuple[Valeur, ...]] = [
        (f"Grille d’évaluation {grille.epreuve.code} : {grille.epreuve.intitule}",),
        (grille.diplome,),
        ("Établissement", f"{grille.etablissement.nom} ({grille.etablissement.uai})"),
        ("Candidat", f"{candidat.nom} {candidat.prenom}"),
        ("Date de naissance", naissance),
        ("N° candidat", candidat.numero),
        ("Session", grille.commission.session),
        ("État", etat),
    ]
    for rang, ligne in enumerate(lignes, start=1):
        titre = {"bold": True, "font_size": 14} if rang == 1 else {}
        for colonne, valeur in enumerate(ligne, start=1):
            tableur.poser(page, rang, colonne, valeur, align="left", **titre)


def _ligne(tableur: Tableur, page: Any, rang: int, ligne: LigneGrille, grille: GrilleEpreuve) -> None:
    fin = PREMIERE + len(grille.lignes) - 1
    niveau = ligne.niveau_compte if grille.note else None
    produit = "" if niveau is None else ligne.poids * niveau
    valeurs: list[tuple[Valeur, dict[str, Any]]] = [
        (ligne.code, {}),
        (ligne.intitule, {}),
        (_decimal(ligne.poids), {}),
        (Formule(f"=C{rang}/SUM(C${PREMIERE}:C${fin})", ligne.part), {"num_format": "0.00%"}),
        (niveau, A_SAISIR),
        (Formule(f'=IF(ISNUMBER(E{rang}),C{rang}*E{rang},"")', produit), {}),
        (_origine(ligne), {}),
    ]
    _poser_rang(tableur, page, rang, valeurs)


def _lignes_a_criteres(tableur: Tableur, page: Any, grille: GrilleEpreuve) -> int:
    """Chaque compétence, puis ses critères ; rend le dernier rang."""
    tableur.poser(page, PREMIERE - 1, ENTIER, "Poids entier", **GRAS, **BORD)
    page.set_column(ENTIER - 1, ENTIER - 1, 12)
    blocs = _blocs(grille)
    echelle = lcm(*((li.poids * une.part).denominator for li in grille.lignes for une in li.criteres))
    competences = ",".join(f"C${rang}" for rang, *_ in blocs)
    exacts = {une.competence: une.sur_evalues for une in (grille.note.lignes if grille.note else ())}
    for rang, debut, fin, ligne in blocs:
        poids, niveaux = f"C{debut}:C{fin}", f"E{debut}:E{fin}"
        vus = f"SUMPRODUCT({poids}*ISNUMBER({niveaux}))"
        exact = exacts.get(ligne.code)
        niveau = Formule(
            f'=IF({vus}=0,"",SUMPRODUCT({poids},{niveaux})/{vus})', "" if exact is None else exact
        )
        complet = f"SUMPRODUCT(({poids}>0)*ISNUMBER({niveaux}))={len(ligne.attendus)}"
        produit = "" if ligne.valeur is None or not grille.note else ligne.poids * ligne.valeur
        valeurs: list[tuple[Valeur, dict[str, Any]]] = [
            (ligne.code, GRAS),
            (ligne.intitule, GRAS),
            (_decimal(ligne.poids), GRAS),
            (Formule(f"=C{rang}/SUM({competences})", ligne.part), {"num_format": "0.00%"}),
            (niveau, GRAS | {"num_format": "0.00##"}),
            (Formule(f'=IF({complet},C{rang}*E{rang},"")', produit), {}),
            ("D’après ses critères", {}),
        ]
        _poser_rang(tableur, page, rang, valeurs)
        for ici, critere in enumerate(ligne.criteres, start=debut):
            total, entier = f"SUM(C${debut}:C${fin})", ligne.poids * critere.part * echelle
            _critere(tableur, page, ici, critere, total, grille)
            formule = f"=ROUND(C${rang}*C{ici}/{total}*{echelle},0)"
            tableur.poser(page, ici, ENTIER, Formule(formule, entier), **BORD)
    return blocs[-1][2]


def _critere(
    tableur: Tableur, page: Any, rang: int, critere: LigneGrille, total: str, grille: GrilleEpreuve
) -> None:
    niveau = critere.niveau_compte if grille.note and critere.poids else None
    produit = "" if niveau is None else critere.part * niveau
    saisie: tuple[Valeur, dict[str, Any]] = (niveau, A_SAISIR) if critere.poids else ("non évalué", {})
    valeurs: list[tuple[Valeur, dict[str, Any]]] = [
        (critere.code, {"indent": 1}),
        (critere.intitule, {"indent": 1}),
        (_decimal(critere.poids), {}),
        (Formule(f"=C{rang}/{total}", critere.part), {"num_format": "0.00%"}),
        saisie,
        (Formule(f'=IF(ISNUMBER(E{rang}),D{rang}*E{rang},"")', produit), {}),
        (_origine(critere) if critere.poids else "La grille le déclare non évalué", {}),
    ]
    _poser_rang(tableur, page, rang, valeurs)


def _poser_rang(
    tableur: Tableur, page: Any, rang: int, valeurs: Iterable[tuple[Valeur, dict[str, Any]]]
) -> None:
    for colonne, (valeur, traits) in enumerate(valeurs, start=1):
        tableur.poser(page, rang, colonne, valeur, text_wrap=True, valign="top", **BORD, **traits)


def _blocs(grille: GrilleEpreuve) -> list[tuple[int, int, int, LigneGrille]]:
    """Par compétence : son rang, celui du premier et du dernier de ses critères."""
    blocs, rang = [], PREMIERE
    for ligne in grille.lignes:
        blocs.append((rang, rang + 1, rang + len(ligne.criteres), ligne))
        rang += 1 + len(ligne.criteres)
    return blocs


def _decimal(fraction: Fraction) -> Decimal:
    return Decimal(fraction.numerator) / fraction.denominator


def _origine(ligne: LigneGrille) -> str:
    if ligne.non_demontree:
        return f"Non démontrée : {ligne.motif}"
    if ligne.arretee:
        suite = f" : {ligne.motif}" if ligne.motif else ""
        return f"Arrêté par la commission{suite}"
    if ligne.meilleure:
        return f"Proposé : {ligne.meilleure.situation}, {ligne.meilleure.date:%d/%m/%Y}"
    return "Non évaluée dans une situation retenue"


def _notes(tableur: Tableur, page: Any, grille: GrilleEpreuve, note: Note, fin: int) -> Adresses:
    debut = PREMIERE
    tableur.poser(page, fin + 1, 2, "Total", **GRAS)
    produits = sum((ligne.produit or Fraction(0) for ligne in note.lignes), Fraction(0))
    calcul = (CalculACriteres if grille.a_criteres else Calcul)(grille, debut, fin)
    for plage in calcul.saisies:
        _restreindre(page, plage, grille)
    for colonne, total in (("C", note.bareme.total), ("F", produits)):
        formule = Formule(f"=SUM({calcul.sommees(colonne)})", total)
        tableur.poser(page, fin + 1, "ABCDEF".index(colonne) + 1, formule, **GRAS)
    adresses: Adresses = {}
    for rang, (libelle, valeur) in enumerate(_rangs(grille, note, calcul), start=fin + 2):
        if valeur is None:
            continue
        format_ = "0.00" if libelle == "Note brute" else "0.0#"
        tableur.poser(page, rang, 2, libelle, **GRAS)
        tableur.poser(page, rang, 5, valeur, num_format=format_, **GRAS)
        lue = valeur.valeur if isinstance(valeur, Formule) else valeur
        adresses[libelle.split(",")[0]] = (utility.xl_rowcol_to_cell(rang - 1, 4), lue)
    return adresses


def _rangs(grille: GrilleEpreuve, note: Note, calcul: Calcul) -> Iterable[tuple[str, Valeur]]:
    """Sous les compétences, ce que l'on lit : un libellé, puis une valeur ou la formule qui la refait."""
    incomplete, partielle = f"NOT({calcul.complete})", f"AND(NOT({calcul.complete}),{calcul.evalues}>0)"
    arrondi = grille.regle.arrondi.libelle
    yield "Bonus (points)", _decimal(note.bonus) if grille.regle.bonus_max else None
    yield "Note brute", si(calcul.complete, calcul.brute(calcul.total), "incomplète", note.brute)
    yield (
        f"Note calculée, {arrondi}",
        si(calcul.complete, calcul.arrondie(calcul.total), "incomplète", note.calculee),
    )
    yield (
        f"Provisoire, {SEULS[grille.a_criteres]}",
        si(partielle, calcul.provisoire, "sans objet", _calculee(note.sur_evaluees)),
    )
    yield (
        f"Provisoire, {ZEROS[grille.a_criteres]}",
        si(incomplete, calcul.arrondie(calcul.total), "sans objet", _calculee(note.avec_zero)),
    )
    yield "Note proposée par la commission", _proposee(grille)
    yield "Motif de l’écart", grille.motif_ecart or None


def _calculee(provisoire: Provisoire | None) -> Decimal | None:
    return provisoire.calculee if provisoire else None


def si(condition: str, alors: str, sinon: str, valeur: Fraction | Decimal | None) -> Formule:
    """`valeur` : ce que vaut `alors` aujourd'hui ; `None` si la condition est fausse."""
    return Formule(f'=IF({condition},{alors},"{sinon}")', sinon if valeur is None else valeur)


def _proposee(grille: GrilleEpreuve) -> Valeur:
    """La note proposée, ou pourquoi il n'y en a pas."""
    return grille.texte_note if grille.note_proposee is None else grille.note_proposee


def _restreindre(page: Any, plage: str, grille: GrilleEpreuve) -> None:
    """Une cellule de niveau n'accepte qu'une valeur de l'échelle, ou rien."""
    echelle = grille.regle.echelle
    valeurs = [str(degre.valeur) for degre in echelle.degres]
    dites = [f"{valeur} (niveau {code})" for valeur, code in echelle.codes_a_dire.items()] or valeurs
    page.data_validation(
        plage,
        {
            "validate": "list",
            "source": valeurs,
            "error_title": "Niveau hors de l’échelle",
            "error_message": f"Niveaux possibles : {', '.join(dites)}. Videz la cellule si rien n’a été "
            "évalué.",
        },
    )


class Calcul:
    """Formules d'une note : un numérateur et un dénominateur entiers, divisés en dernier."""

    def __init__(self, grille: GrilleEpreuve, debut: int, fin: int) -> None:
        self.debut, self.fin = debut, fin
        niveaux, bonus = f"E{debut}:E{fin}", f"E{fin + 2}"
        echelle = lcm(*(ligne.poids.denominator for ligne in grille.lignes))
        entiers = f"ROUND(C{debut}:C{fin}*{echelle},0)"
        self.regle = grille.regle.arrondi
        self.maximum = grille.regle.echelle.maximum
        self.bonus = f"ROUND(100*{bonus},0)"
        self.somme = f"SUMPRODUCT({entiers},{niveaux})"
        self.total = f"SUMPRODUCT({entiers})"
        self.evalues = f"SUMPRODUCT({entiers}*ISNUMBER({niveaux}))"
        self.complete = f"COUNT({niveaux})={len(grille.lignes)}"

    @property
    def saisies(self) -> tuple[str, ...]:
        """Où l'on peut changer un niveau."""
        return (f"E{self.debut}:E{self.fin}",)

    def sommees(self, colonne: str) -> str:
        return f"{colonne}{self.debut}:{colonne}{self.fin}"

    @property
    def provisoire(self) -> str:
        """La note sur ce qui est évalué seul."""
        return self.arrondie(self.evalues)

    def fraction(self, poids: str) -> tuple[str, str]:
        denominateur = f"(100*{self.maximum}*{poids})"
        numerateur = f"MIN(2000*{self.somme}+{self.bonus}*{self.maximum}*{poids},20*{denominateur})"
        return numerateur, denominateur

    def brute(self, poids: str) -> str:
        numerateur, denominateur = self.fraction(poids)
        return f"{numerateur}/{denominateur}"

    def arrondie(self, poids: str) -> str:
        return self.regle.formule(*self.fraction(poids))


class CalculACriteres(Calcul):
    """Le même, sur le poids entier de chaque critère dans l’épreuve."""

    def __init__(self, grille: GrilleEpreuve, debut: int, fin: int) -> None:
        super().__init__(grille, debut, fin)
        self.blocs = _blocs(grille)
        entiers, niveaux = f"H{debut}:H{fin}", f"E{debut}:E{fin}"
        self.somme = f"SUMPRODUCT({entiers},{niveaux})"
        self.total = f"SUM({entiers})"
        self.evalues = f"SUMPRODUCT(({entiers}>0)*ISNUMBER({niveaux}))"
        self.complete = f"{self.evalues}={len(grille.positions)}"

    @property
    def saisies(self) -> tuple[str, ...]:
        return tuple(
            f"E{ici}"
            for _, debut, _, ligne in self.blocs
            for ici, critere in enumerate(ligne.criteres, start=debut)
            if critere.poids
        )

    def sommees(self, colonne: str) -> str:
        return ",".join(f"{colonne}{rang}" for rang, *_ in self.blocs)

    @property
    def provisoire(self) -> str:
        """Les critères évalués sont ramenés à 1 dans leur compétence : la division vient avant. Neuf
        décimales séparent encore un demi-point exact du suivant."""
        rangs = [rang for rang, *_ in self.blocs]
        produits = "+".join(f"C{rang}*N(E{rang})" for rang in rangs)
        poids = "+".join(f"C{rang}*ISNUMBER(E{rang})" for rang in rangs)
        brute = f"MIN(20,20*({produits})/({self.maximum}*({poids}))+{self.bonus}/100)"
        return self.regle.formule(f"ROUND({brute}*10^9,0)", "10^9")


def _recapituler(tableur: Tableur, page: Any, pages: Iterable[tuple[DossierLu, str, Adresses]]) -> None:
    tableur.largeurs(page, RECAPITULATIF.values())
    for colonne, titre in enumerate(RECAPITULATIF, start=1):
        tableur.poser(page, 1, colonne, titre, **GRAS, **BORD)
    for rang, (lu, feuille, adresses) in enumerate(pages, start=2):
        candidat = lu.grille.candidat
        valeurs: list[Valeur] = [
            candidat.numero,
            candidat.nom,
            f"{candidat.prenom}{lu.dossier.eleve.precision}",
            candidat.option,
            lu.etat,
            _renvoi(feuille, adresses, "Note brute"),
            _renvoi(feuille, adresses, "Note calculée"),
            _proposee(lu.grille),
        ]
        for colonne, valeur in enumerate(valeurs, start=1):
            formats = {6: {"num_format": "0.00"}, 7: {"num_format": "0.0#"}, 8: {"num_format": "0.0#"}}
            tableur.poser(page, rang, colonne, valeur, **formats.get(colonne, {}))


def _renvoi(feuille: str, adresses: Adresses, nom: str) -> Valeur:
    adresse, valeur = adresses.get(nom, ("", None))
    return Formule(f"={utility.quote_sheetname(feuille)}!{adresse}", valeur) if adresse else None
