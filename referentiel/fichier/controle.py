"""Ce qu'un schéma ne sait pas dire d'un référentiel : codes cités, codes partagés, poids, échelles.

Le contrôle supporte un document mal formé (le schéma s'en plaint de son côté), pour donner en
une fois la liste complète des fautes. Module pur, sans Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from referentiel.fichier import criteres
from referentiel.fichier.controle_anterieurs import anterieurs
from referentiel.fichier.controle_commission import regles_de_commission
from referentiel.fichier.fautes import CONSEILS, apercu, liste_en_clair, suggestion
from referentiel.fichier.json_situe import Chemin, Noeud, Nombre, Situe
from referentiel.fichier.valeurs import nombre_de_decimales, tape

RESERVES = {
    "nd": "la commission l’écrit pour « non démontrée »",
    "ne": "la grille de saisie l’écrit pour « non évalué »",
    "abs": "la grille de saisie l’écrit pour « absent »",
    "disp": "la grille de saisie l’écrit pour « dispensé »",
}
"""Ce qui s'écrit à la place d'un niveau, quelle que soit la casse."""
PROFONDEUR = 5
"""Épreuves emboîtées les unes dans les autres, au plus."""


class Controle:
    """Les fautes de sens d'un document : liste de couples (chemin, phrase)."""

    def __init__(self, situe: Situe) -> None:
        self.situe = situe
        self.racine = Noeud(situe.valeur)
        self.fautes: list[tuple[Chemin, str]] = []
        self.conseils = 0
        self.options = self.uniques("options", "L’option")
        self.voies = self.uniques("voies", "La voie")
        self.blocs = self.uniques("blocs", "Le bloc")
        self.epreuves = self.uniques("epreuves", "L’épreuve")
        self.competences = self.uniques("competences", "La compétence")
        self.echelles = self.uniques("echelles", "L’échelle")
        self.uniques("statuts", "Le statut")
        self.uniques("activites", "L’activité")
        self.uniques("savoirs", "Le savoir")
        self.uniques("grilles", "La grille", cle="version")

    def verifier(self) -> list[tuple[Chemin, str]]:
        regles_de_commission(self)
        anterieurs(self)
        self.statuts_et_blocs()
        self.arbre_des_epreuves()
        for competence in self.racine.enfants("competences"):
            self.detaillees(competence)
        self.activites()
        self.reperes_et_savoirs()
        for echelle in self.racine.enfants("echelles"):
            self.echelle(echelle)
        for grille in self.racine.enfants("grilles"):
            self.grille(grille)
        return self.fautes

    def faute(self, chemin: Chemin, message: str) -> None:
        self.fautes.append((chemin, message))

    def ligne(self, chemin: Chemin) -> int:
        return self.situe.ligne(chemin)

    def uniques(self, groupe: str, sujet: str, cle: str = "code") -> dict[str, Noeud]:
        return self.uniques_parmi(self.racine.enfants(groupe), sujet, cle)

    def uniques_parmi(self, noeuds: Iterable[Noeud], sujet: str, cle: str = "code") -> dict[str, Noeud]:
        """Éléments par code ; un code donné deux fois est une faute."""
        vus: dict[str, Noeud] = {}
        for noeud in noeuds:
            code = noeud.texte(cle)
            if code is None:
                continue
            if code in vus:
                ligne = self.ligne(vus[code].chemin)
                self.faute(
                    (*noeud.chemin, cle),
                    f"{sujet} « {code} » existe déjà ligne {ligne}. Changez ce code ou retirez-en un.",
                )
            else:
                vus[code] = noeud
        return vus

    def connu(self, chemin: Chemin, code: str | None, connus: Mapping[str, Any], nature: str) -> None:
        """`nature` s'accorde au féminin ou au masculin : « aucune option », « aucun bloc »."""
        if code is not None and code not in connus:
            codes = list(connus)
            declares = f"Codes déclarés : {liste_en_clair(codes)}." if codes else "Aucun n’est déclaré."
            self.faute(
                chemin, f"« {code} » ne désigne {nature} du fichier. {declares}{self.conseil(code, codes)}"
            )

    def conseil(self, code: str, codes: list[str]) -> str:
        self.conseils += 1
        return suggestion(code, codes) if self.conseils <= CONSEILS else ""

    def option_connue(self, noeud: Noeud) -> None:
        self.connu((*noeud.chemin, "option"), noeud.texte("option"), self.options, "aucune option")

    def cles_connues(self, table: Noeud, connus: Mapping[str, Any], nature: str) -> None:
        for cle in table.objet:
            self.connu((*table.chemin, cle), cle, connus, nature)

    def decimales(self, chemin: Chemin, valeur: Nombre | None, maximum: int) -> None:
        if isinstance(valeur, Decimal) and nombre_de_decimales(valeur) > maximum:
            self.faute(
                chemin, f"Valeur reçue : {apercu(valeur)}. Arrondissez-la à {maximum} décimales au plus."
            )

    def par_option(self, noeuds: list[Noeud], sujet: str) -> None:
        """Un code partagé n'est permis qu'entre éléments portant chacun une option différente."""
        vus: dict[str, dict[str | None, Noeud]] = {}
        for noeud in noeuds:
            self.option_connue(noeud)
            code, option = noeud.texte("code"), noeud.texte("option")
            if code is None:
                continue
            autres = vus.setdefault(code, {})
            chemin = (*noeud.chemin, "code")
            if option in autres:
                ligne = self.ligne(autres[option].chemin)
                if option is None:
                    message = (
                        f"{sujet} « {code} » existe déjà ligne {ligne} sans option. Si les deux relèvent "
                        f"d’options différentes, indiquez l’option de chacun ; sinon, changez ce code."
                    )
                else:
                    message = (
                        f"{sujet} « {code} » existe déjà ligne {ligne} pour l’option {option}. "
                        f"Changez ce code ou cette option."
                    )
                self.faute(chemin, message)
            elif autres and (option is None or None in autres):
                ligne = self.ligne(next(iter(autres.values())).chemin)
                self.faute(
                    chemin,
                    f"{sujet} « {code} » vaut à la fois pour toutes les options et pour une seule "
                    f"(autre emploi ligne {ligne}). Indiquez l’option de chacun.",
                )
            autres.setdefault(option, noeud)

    def statuts_et_blocs(self) -> None:
        for statut in self.racine.enfants("statuts"):
            self.connu((*statut.chemin, "voie"), statut.texte("voie"), self.voies, "aucune voie")
        for porteur in (*self.racine.enfants("blocs"), *self.racine.enfants("epreuves")):
            self.uniques_parmi(porteur.enfants("modalites"), "La modalité de la voie", "voie")
            for modalite in porteur.enfants("modalites"):
                self.connu((*modalite.chemin, "voie"), modalite.texte("voie"), self.voies, "aucune voie")

    def arbre_des_epreuves(self) -> None:
        for code, epreuve in self.epreuves.items():
            self.connu((*epreuve.chemin, "bloc"), epreuve.texte("bloc"), self.blocs, "aucun bloc")
            self.connu((*epreuve.chemin, "parent"), epreuve.texte("parent"), self.epreuves, "aucune épreuve")
            coefficients = epreuve.enfant("coefficients")
            self.cles_connues(coefficients, self.options, "aucune option")
            for option in coefficients.objet:
                self.decimales((*coefficients.chemin, option), coefficients.nombre(option), 2)
            lignee = self.ancetres(epreuve)
            if code in lignee or len(lignee) > PROFONDEUR:
                self.faute(
                    (*epreuve.chemin, "parent"),
                    f"L’épreuve « {code} » est sa propre épreuve parente, ou dépend de plus de {PROFONDEUR} "
                    f"épreuves emboîtées. Corrigez « parent ».",
                )

    def ancetres(self, epreuve: Noeud) -> list[str]:
        lignee: list[str] = []
        parent = epreuve.texte("parent")
        while parent in self.epreuves and parent not in lignee and len(lignee) <= PROFONDEUR:
            lignee.append(parent)
            parent = self.epreuves[parent].texte("parent")
        return lignee

    def detaillees(self, competence: Noeud) -> None:
        premier = list(competence.enfants("detaillees"))
        second = [(parent, enfant) for parent in premier for enfant in parent.enfants("detaillees")]
        self.par_option([*premier, *(enfant for _, enfant in second)], "La compétence détaillée")
        for parent, enfant in second:
            if parent.texte("option") and enfant.texte("option") != parent.texte("option"):
                self.faute(
                    (*enfant.chemin, "option") if enfant.texte("option") else enfant.chemin,
                    f"Cet élément dépend de « {parent.texte('code')} », limité à l’option "
                    f"{parent.texte('option')}. Donnez-lui la même option.",
                )
        criteres.poids_des_details(self, premier, second)
        self.indicateurs(competence, None)
        for noeud in [*premier, *(enfant for _, enfant in second)]:
            self.indicateurs(noeud, noeud.texte("option"))

    def indicateurs(self, porteur: Noeud, option: str | None) -> None:
        indicateurs = list(porteur.enfants("indicateurs"))
        self.par_option([noeud for noeud in indicateurs if noeud.texte("code")], "L’indicateur")
        sans_code = [noeud for noeud in indicateurs if noeud.texte("code") is None]
        self.intitules_uniques(sans_code)
        for indicateur in indicateurs:
            if indicateur.texte("code") is None:
                self.option_connue(indicateur)
            self.decimales((*indicateur.chemin, "poids"), indicateur.nombre("poids"), 4)
            if option and indicateur.texte("option") not in (None, option):
                self.faute(
                    (*indicateur.chemin, "option"),
                    f"Cet indicateur dépend d’un élément limité à l’option {option}. "
                    f"Retirez « option » ou donnez la même.",
                )
        criteres.poids_a_tous(self, indicateurs, "Cet indicateur")

    def intitules_uniques(self, indicateurs: list[Noeud]) -> None:
        vus: dict[tuple[str | None, str | None], Noeud] = {}
        for noeud in indicateurs:
            cle = (noeud.texte("intitule"), noeud.texte("option"))
            if cle[0] is not None and cle in vus:
                self.faute(
                    noeud.chemin,
                    f"Cet indicateur répète celui de la ligne {self.ligne(vus[cle].chemin)}. "
                    f"Retirez-le, ou donnez un code à chacun.",
                )
            vus.setdefault(cle, noeud)

    def activites(self) -> None:
        for activite in self.racine.enfants("activites"):
            self.connu((*activite.chemin, "bloc"), activite.texte("bloc"), self.blocs, "aucun bloc")
            self.cles_connues(activite.enfant("intitules"), self.options, "aucune option")
            for chemin, code in activite.textes("competences"):
                self.connu(chemin, code, self.competences, "aucune compétence")
            taches = list(activite.enfants("taches"))
            self.par_option(taches, "La tâche")
            degres = self.degres("autonomie")
            for tache in taches:
                self.degre_connu(tache, "autonomie", degres)

    def degres(self, genre: str) -> list[Nombre]:
        noeuds = self.racine.enfant("reperes").enfants(genre)
        return [valeur for noeud in noeuds if (valeur := noeud.nombre("valeur")) is not None]

    def degre_connu(self, noeud: Noeud, nom: str, degres: list[Nombre]) -> None:
        valeur = noeud.nombre(nom)
        if valeur is not None and valeur not in degres:
            connus = liste_en_clair(map(str, degres)) or "aucun"
            self.faute(
                (*noeud.chemin, nom),
                f"Le degré {valeur} n’est pas dans les repères. Degrés déclarés : {connus}.",
            )

    def reperes_et_savoirs(self) -> None:
        reperes = self.racine.enfant("reperes")
        for genre in ("autonomie", "savoir"):
            vus: set[Nombre] = set()
            for repere in reperes.enfants(genre):
                valeur = repere.nombre("valeur")
                if valeur in vus:
                    self.faute(
                        (*repere.chemin, "valeur"), f"Le degré {valeur} est déjà décrit. Changez sa valeur."
                    )
                elif valeur is not None:
                    vus.add(valeur)
        degres = self.degres("savoir")
        for savoir in self.racine.enfants("savoirs"):
            self.degre_connu(savoir, "niveau", degres)
            for chemin, code in savoir.textes("competences"):
                self.connu(chemin, code, self.competences, "aucune compétence")

    def echelle(self, echelle: Noeud) -> None:
        niveaux = list(echelle.enfants("niveaux"))
        self.uniques_parmi(niveaux, "Le niveau")
        precedente: Nombre | None = None
        for niveau in niveaux:
            valeur = niveau.nombre("valeur")
            if valeur is not None and precedente is not None and valeur <= precedente:
                self.faute(
                    (*niveau.chemin, "valeur"),
                    f"La valeur {valeur} ne dépasse pas la précédente ({precedente}). Donnez des valeurs "
                    f"strictement croissantes, du plus bas niveau au plus haut.",
                )
            precedente = valeur if valeur is not None else precedente
        self.codes_distincts(niveaux)

    def codes_distincts(self, niveaux: list[Noeud]) -> None:
        """Deux codes de niveau se distinguent quand on les tape, et d'une mention."""
        vus: dict[str, Noeud] = {}
        for niveau in niveaux:
            code = niveau.texte("code")
            if code is None:
                continue
            tapee, chemin = tape(code), (*niveau.chemin, "code")
            if tapee in RESERVES:
                self.faute(
                    chemin,
                    f"« {code} » est réservé : {RESERVES[tapee]}. Donnez un autre code à ce niveau.",
                )
            ancien = vus.setdefault(tapee, niveau)
            if ancien is not niveau and ancien.texte("code") != code:
                self.faute(
                    chemin,
                    f"« {code} » ne se distingue pas, quand on le tape, de « {ancien.texte('code')} » "
                    f"(ligne {self.ligne(ancien.chemin)}). Changez l’un des deux.",
                )

    def grille(self, grille: Noeud) -> None:
        self.connu((*grille.chemin, "echelle"), grille.texte("echelle"), self.echelles, "aucune échelle")
        self.decimales((*grille.chemin, "bonus_max"), grille.nombre("bonus_max"), 2)
        pesees: dict[tuple[str | None, str], dict[str | None, Chemin]] = {}
        par_epreuve: dict[str | None, list[Noeud]] = {}
        for repartition in grille.enfants("poids"):
            epreuve = repartition.texte("epreuve")
            self.connu((*repartition.chemin, "epreuve"), epreuve, self.epreuves, "aucune épreuve")
            self.option_connue(repartition)
            competences = repartition.enfant("competences")
            self.cles_connues(competences, self.competences, "aucune compétence")
            par_epreuve.setdefault(epreuve, []).append(repartition)
            for code in competences.objet:
                chemin = (*competences.chemin, code)
                self.decimales(chemin, competences.nombre(code), 4)
                self.pesee_une_fois(chemin, repartition, pesees.setdefault((epreuve, code), {}))
        for code, noeud in self.epreuves.items():
            if code in par_epreuve:
                self.poids_complets(grille, noeud, par_epreuve[code])
        self.uniques_parmi(grille.enfants("correspondances"), "L’échelle lue", "echelle")
        for correspondance in grille.enfants("correspondances"):
            self.correspondance(grille, correspondance)
        criteres.controler(self, grille)

    def correspondance(self, grille: Noeud, correspondance: Noeud) -> None:
        """Chaque niveau d'une autre échelle, lu dans celle de la grille ; leur ordre se garde."""
        autre, chemin = correspondance.texte("echelle"), (*correspondance.chemin, "echelle")
        self.connu(chemin, autre, self.echelles, "aucune échelle")
        if autre == grille.texte("echelle"):
            self.faute(
                chemin, f"« {autre} » est l’échelle de la grille elle-même. Retirez la correspondance."
            )
        siens, vers = self.rangs(autre), self.rangs(grille.texte("echelle"))
        table = correspondance.enfant("niveaux")
        self.cles_connues(table, siens, "aucun niveau de cette échelle")
        lus: list[tuple[int, int, Chemin]] = []
        for code in table.objet:
            lu, ici = table.texte(code), (*table.chemin, code)
            self.connu(ici, lu, vers, "aucun niveau de l’échelle de la grille")
            if code in siens and lu in vers:
                lus.append((siens[code], vers[lu], ici))
        lus.sort(key=lambda un: un[0])
        for (_, avant, _), (_, apres, ici) in pairwise(lus):
            if apres < avant:
                self.faute(ici, "Ce niveau se lirait plus bas qu’un niveau moins élevé que lui.")

    def rangs(self, echelle: str | None) -> dict[str, int]:
        if echelle not in self.echelles:
            return {}
        codes = (niveau.texte("code") for niveau in self.echelles[echelle].enfants("niveaux"))
        return {code: rang for rang, code in enumerate(codes) if code is not None}

    def pesee_une_fois(self, chemin: Chemin, repartition: Noeud, deja: dict[str | None, Chemin]) -> None:
        """`deja` : où cette compétence pèse dans cette épreuve, par option, `None` pour toutes."""
        option = repartition.texte("option")
        communes = list(deja) if option is None else [seule for seule in (option, None) if seule in deja]
        if communes:
            self.faute(
                chemin,
                f"La compétence « {chemin[-1]} » pèse déjà dans l’épreuve {repartition.texte('epreuve')} "
                f"pour la même option (ligne {self.ligne(deja[communes[0]])}). Gardez un seul poids.",
            )
        deja.setdefault(option, chemin)

    def poids_complets(self, grille: Noeud, epreuve: Noeud, repartitions: list[Noeud]) -> None:
        """Des poids partout ou nulle part ; une épreuve à coefficient ne reste pas sans compétence."""
        sans: dict[str | None, Chemin] = {}
        avec: set[str | None] = set()
        for repartition in repartitions:
            option, competences = repartition.texte("option"), repartition.enfant("competences")
            for code, valeur in competences.objet.items():
                if valeur is None:
                    sans.setdefault(option, (*competences.chemin, code))
                else:
                    avec.add(option)
        propres = {option for option in {*sans, *avec} if option in self.options}
        melees = next(iter(self.options), None) if None in sans and None in avec else None
        for option in dict.fromkeys([melees, *sorted(propres)]):
            manques = [sans[portee] for portee in (None, option) if portee in sans]
            if option is not None and manques and avec & {None, option}:
                self.faute(
                    manques[0],
                    f"La compétence « {manques[0][-1]} » n’a pas de poids dans l’épreuve "
                    f"{epreuve.texte('code')} pour l’option {option}, alors que d’autres en ont un. "
                    f"Donnez un poids ou null à toutes.",
                )
        for option in epreuve.enfant("coefficients").objet if None not in {*sans, *avec} else ():
            if option in self.options and option not in propres:
                self.faute(
                    (*grille.chemin, "poids"),
                    f"L’épreuve {epreuve.texte('code')} a un coefficient pour l’option {option} mais aucune "
                    f"compétence. Ajoutez une répartition pour cette option.",
                )
