"""D'une table aux élèves : chaque ligne lue, ce qui manque dit, ce qui entoure la liste laissé de côté."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import replace

from livret.administration.lecture.cellules import (
    FORMULE,
    Cellule,
    est_un_bouche_trou,
    est_une_erreur,
    signes_douteux,
)
from livret.administration.lecture.dates_lues import DateLue, ambigue, date_lue, mois_d_abord
from livret.administration.lecture.divisions import designe
from livret.administration.lecture.entetes import (
    CHAMPS_DITS,
    Designees,
    LigneEntete,
    entete,
    entete_a_designer,
    entete_lue,
    rivalites,
)
from livret.administration.lecture.noms import coupes
from livret.administration.lecture.resultat import (
    Attendu,
    FichierIllisible,
    Lecture,
    LigneEleve,
    RemarqueImport,
    SansColonnes,
)
from livret.administration.lecture.table import LIGNES_MAX, Table, trop_de_lignes
from livret.personnes.identifiants import ine_normalise, plie

LONGUEURS = {"numero_candidat": 20, "division": 100, "option": 100, "statut": 200}
LONGUEUR_NOM = 100
LONGUEUR_INE = 11
# Ce qui commence un pied de liste, et ne commence aucun nom suivi d'un nombre ou d'une date.
PIED = re.compile(
    r"^(total|totaux|effectif|nombre|nb|moyenne|edite|imprime|genere|exporte|extrait|page|source|legende|signature"
    r"|fait a|date d|mise a jour|mis a jour|document|copyright|liste|fin)\b|^\d+ (eleves?|filles?|garcons?)\b"
)
ENTETE_PERDUE = "Formule sans valeur"


def lire_table(table: Table, attendu: Attendu, designees: Designees | None = None) -> Lecture | None:
    """Les élèves de la table, ou rien si elle n'a ni nom ni prénom."""
    lue = entete([cellules for _, cellules in table.rangs], designees)
    _chercher_le_nom_complet(table, lue)
    if not lue.nomme:
        return None
    if not lue.choisie:
        _preferer_la_division(table, lue, attendu)
    return _Lecteur(table, lue, attendu).lecture


def _chercher_le_nom_complet(table: Table, lue: LigneEntete) -> None:
    """Une seule colonne « Nom » où l'on lit « NOM Prénom » porte les deux."""
    rang = lue.colonnes.get("nom")
    if rang is None or "prenom" in lue.colonnes:
        return
    suite = [cellules[rang] for _, cellules in table.rangs[lue.rang + 1 :] if rang < len(cellules)]
    if any(isinstance(un, str) and len(coupes(un)) == 1 for un in suite):
        lue.colonnes["complet"] = lue.colonnes.pop("nom")


def _preferer_la_division(table: Table, lue: LigneEntete, attendu: Attendu) -> None:
    """Entre deux colonnes qui peuvent dire la classe, celle où on lit la classe attendue."""
    essais = [lue.colonnes[champ] for champ in ("division",) if champ in lue.colonnes]
    essais += lue.rivales.get("division", [])
    for rang in essais:
        valeurs = {str(un[rang]) for _, un in table.rangs[lue.rang + 1 :] if rang < len(un)}
        if any(designe(valeur, attendu.classe) for valeur in valeurs):
            lue.rivales["division"] = [autre for autre in essais if autre != rang]
            lue.colonnes["division"] = rang
            break
    if not lue.rivales.get("division"):
        lue.rivales.pop("division", None)


def sans_colonne(tables: list[Table]) -> FichierIllisible:
    """La phrase du refus : ce qui manque à la table qui nommait le plus de champs."""
    essais = [(entete([un for _, un in table.rangs]), table) for table in tables if table.rangs]
    if not essais:
        return FichierIllisible("Le fichier ne contient aucune ligne.")
    lue, table = max(essais, key=lambda essai: essai[0].score)
    manquantes = [nom for champ, nom in (("nom", "Nom"), ("prenom", "Prénom")) if champ not in lue.colonnes]
    quoi = " et ".join(f"«\xa0{nom}\xa0»" for nom in manquantes)
    trouvees = [f"«\xa0{str(cellule)[:40]}\xa0»" for cellule in table.rangs[lue.rang][1] if str(cellule)][:30]
    return SansColonnes(
        f"Il manque {'les colonnes' if len(manquantes) > 1 else 'la colonne'} {quoi}. "
        f"Colonnes trouvées\xa0: {', '.join(trouvees) or 'aucune'}.",
        [entete_a_designer(une) for une in tables if une.rangs],
    )


class _Lecteur:
    """La lecture d'une table, ligne après ligne."""

    def __init__(self, table: Table, lue: LigneEntete, attendu: Attendu) -> None:
        self.lue, self.attendu = lue, attendu
        numero_entete, intitules = table.rangs[lue.rang]
        self.intitules = [str(un) for un in intitules]
        self.rangs = [
            (numero, cellules)
            for numero, cellules in table.rangs[lue.rang + 1 :]
            if any(cellules) and [str(un) for un in cellules][: len(intitules)] != self.intitules
        ]
        if len(self.rangs) > LIGNES_MAX:
            raise trop_de_lignes()
        lues = set(lue.colonnes.values())
        self.lecture = Lecture(
            colonnes={champ: self.intitules[rang] for champ, rang in lue.colonnes.items()},
            ignorees=[un for rang, un in enumerate(self.intitules) if un and rang not in lues],
            feuille=table.nom,
            entete=entete_lue(intitules, lue.colonnes, lue.choisie, table.nom) if not table.balises else None,
        )
        for numero, message in table.remarques:
            self._remarquer(numero, message)
        for message in rivalites(lue, intitules):
            self._remarquer(numero_entete, message)
        self.ordre = mois_d_abord([self._valeur(un, "naissance") for _, un in self.rangs], attendu.annee)
        if self.ordre:
            self._remarquer(numero_entete, "les dates de naissance sont lues mois/jour/année, vérifiez-les.")
        for numero, cellules in self.rangs:
            self._ligne(numero, cellules)
        self._cles_partagees()

    def _valeur(self, cellules: list[Cellule], champ: str) -> Cellule:
        rang = self.lue.colonnes.get(champ, len(cellules))
        return cellules[rang] if rang < len(cellules) else ""

    def _texte(self, cellules: list[Cellule], champ: str) -> str:
        valeur = self._valeur(cellules, champ)
        return f"{valeur:%d/%m/%Y}" if isinstance(valeur, datetime.date) else valeur

    def _remarquer(self, numero: int, message: str) -> None:
        self.lecture.avertissements.append(RemarqueImport(numero, message))

    def _ligne(self, numero: int, cellules: list[Cellule]) -> None:
        if not any(self._valeur(cellules, champ) for champ in self.lue.colonnes):
            return
        if self._pied(cellules):
            dit = " ".join(str(cellule) for cellule in cellules if cellule and cellule != FORMULE)
            self.lecture.avant.append(f"ligne {numero}, «\xa0{dit[:60]}\xa0»")
            return
        nom, prenom, possibles, fautes = self._identite(cellules)
        if fautes:
            self.lecture.fautes += [RemarqueImport(numero, faute) for faute in fautes]
            self.lecture.ecartees.append((plie(nom), plie(prenom)))
            return
        if douteux := signes_douteux(f"{nom} {prenom}"):
            self._remarquer(
                numero,
                f"«\xa0{nom} {prenom}\xa0» porte un signe douteux ({' '.join(douteux)})\xa0: vérifiez ce nom "
                "avant de confirmer.",
            )
        self.lecture.lignes.append(
            LigneEleve(
                numero=numero,
                nom=nom,
                prenom=prenom,
                naissance=self._naissance(numero, cellules),
                ine=self._ine(numero, self._texte(cellules, "ine")),
                sortie=self._sortie(numero, cellules),
                coupes=possibles,
                **{champ: self._facultatif(numero, cellules, champ) for champ in LONGUEURS},
            )
        )

    def _pied(self, cellules: list[Cellule]) -> bool:
        """Un total, une date d'édition : un début que l'on reconnaît, et pas de prénom derrière un nom."""
        pleines = [str(cellule) for cellule in cellules if cellule and cellule != FORMULE]
        if not PIED.search(plie(pleines[0])):
            return False
        prenom = self._texte(cellules, "prenom")
        return (
            len(pleines) == 1
            or not any(un.isalpha() for un in prenom)
            or bool(re.search(r"[:\d]", pleines[0]))
        )

    def _identite(self, cellules: list[Cellule]) -> tuple[str, str, tuple[tuple[str, str], ...], list[str]]:
        if "complet" in self.lue.colonnes:
            complet = self._texte(cellules, "complet")
            if faute := faute_de_nom(complet, "nom"):
                return complet, "", (), [faute]
            possibles = coupes(complet)
            if not possibles:
                return complet, "", (), ["prénom manquant."]
            if len(possibles) == 1:
                return *possibles[0], (), []
            return complet, "", possibles, []
        nom, prenom = (self._texte(cellules, champ) for champ in ("nom", "prenom"))
        fautes = [faute_de_nom(nom, "nom"), faute_de_nom(prenom, "prénom")]
        return nom, prenom, (), [faute for faute in fautes if faute]

    def _naissance(self, numero: int, cellules: list[Cellule]) -> datetime.date | None:
        brute = self._valeur(cellules, "naissance")
        if self.ordre is None and ambigue(brute):
            lue = DateLue(None, f"naissance «\xa0{brute}\xa0»\xa0: jour/mois ou mois/jour, laissée vide.")
        else:
            lue = date_lue(brute, self.attendu.annee, bool(self.ordre))
        if lue.remarque:
            self._remarquer(numero, lue.remarque)
        return lue.jour

    def _sortie(self, numero: int, cellules: list[Cellule]) -> datetime.date | None:
        brute = self._valeur(cellules, "sortie")
        if not brute or est_un_bouche_trou(str(brute)):
            return None
        jour = brute if isinstance(brute, datetime.date) else _jour_ecrit(brute)
        if jour is None:
            self._remarquer(numero, f"date de sortie «\xa0{str(brute)[:30]}\xa0» illisible, laissée de côté.")
        return jour.date() if isinstance(jour, datetime.datetime) else jour

    def _facultatif(self, numero: int, cellules: list[Cellule], champ: str) -> str:
        texte = self._texte(cellules, champ)
        if (
            texte
            and est_un_bouche_trou(texte)
            and (champ != "division" or est_une_erreur(texte) or texte == FORMULE)
        ):
            self._remarquer(numero, f"{CHAMPS_DITS[champ]} «\xa0{_dit(texte)}\xa0»\xa0: laissé vide.")
            return ""
        if len(texte) > LONGUEURS[champ]:
            trop = f"{CHAMPS_DITS[champ]} dépasse {LONGUEURS[champ]} caractères, laissé vide."
            self._remarquer(numero, f"«\xa0{texte[:30]}…\xa0»\xa0: {trop}")
            return ""
        return texte

    def _ine(self, numero: int, brut: str) -> str:
        """INE normalisé ; ce qui n'en est pas un est laissé vide, et dit (Q41)."""
        ine = ine_normalise(brut)
        if not brut:
            return ""
        if est_un_bouche_trou(brut) or not ine:
            self._remarquer(numero, f"l’INE «\xa0{_dit(brut)}\xa0» n’en est pas un\xa0: laissé vide.")
            return ""
        if re.fullmatch(r"\d([.,]\d+)?E\+?\d+", ine):
            self._remarquer(numero, f"l’INE «\xa0{brut}\xa0» a été arrondi par un tableur\xa0: laissé vide.")
            return ""
        if len(ine) > LONGUEUR_INE:
            self._remarquer(
                numero, f"l’INE «\xa0{ine[:30]}\xa0» a plus de 11 caractères, il n’est pas repris."
            )
            return ""
        return ine

    def _cles_partagees(self) -> None:
        """Un même INE sous deux noms n'est celui de personne."""
        noms: dict[str, set[tuple[str, str]]] = {}
        for ligne in self.lecture.lignes:
            noms.setdefault(ligne.ine, set()).add(ligne.identite)
        comptes = Counter({ine: len(qui) for ine, qui in noms.items() if ine and len(qui) > 1})
        for rang, ligne in enumerate(self.lecture.lignes):
            if ligne.ine in comptes:
                combien = f"est porté par {comptes[ligne.ine]} noms du fichier\xa0: laissé vide."
                message = f"l’INE «\xa0{ligne.ine}\xa0» {combien}"
                self._remarquer(ligne.numero, message)
                self.lecture.lignes[rang] = replace(ligne, ine="")


def _dit(texte: str) -> str:
    return "formule sans valeur" if texte == FORMULE else texte[:30]


def faute_de_nom(texte: str, quoi: str) -> str:
    if texte == FORMULE:
        return (
            f"{quoi} donné par une formule dont le classeur ne porte pas la valeur\xa0: ouvrez-le dans un "
            "tableur, enregistrez-le, recommencez."
        )
    if est_une_erreur(texte):
        return f"{quoi} manquant, la case porte l’erreur de tableur «\xa0{texte}\xa0»."
    if not any(signe.isalpha() for signe in texte):
        return f"{quoi} manquant, la case porte «\xa0{texte[:30]}\xa0»." if texte else f"{quoi} manquant."
    if len(texte) > LONGUEUR_NOM:
        return f"«\xa0{texte[:30]}…\xa0» dépasse {LONGUEUR_NOM} caractères."
    return ""


def _jour_ecrit(texte: str) -> datetime.date | None:
    """Une date de ces années-ci : `14/10/2026`, `2026-10-14`, heure ou non."""
    trouve = re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b|(\d{4})-(\d{1,2})-(\d{1,2})\b", texte)
    if not trouve:
        return None
    jour, mois, annee, an, mo, jo = trouve.groups()
    try:
        return datetime.date(int(annee or an), int(mois or mo), int(jour or jo))
    except ValueError:
        return None


def sans_doublons(lignes: list[LigneEleve]) -> tuple[list[LigneEleve], list[RemarqueImport]]:
    """Garde la première de deux lignes du même élève : même nom, et même INE ou même naissance."""
    gardees: list[LigneEleve] = []
    doublons = []
    connues: dict[tuple[str, str], list[LigneEleve]] = {}
    for ligne in lignes:
        autre = next((une for une in connues.get(ligne.identite, []) if _la_meme(une, ligne)), None)
        if autre is not None and not ligne.coupes:
            message = f"{ligne.nom_complet} est déjà à la ligne {autre.numero} (doublon)."
            doublons.append(RemarqueImport(ligne.numero, message, ligne.feuille))
            continue
        gardees.append(ligne)
        connues.setdefault(ligne.identite, []).append(ligne)
    return gardees, doublons


def _la_meme(une: LigneEleve, autre: LigneEleve) -> bool:
    if une.ine and autre.ine:
        return une.ine == autre.ine
    return une.naissance == autre.naissance
