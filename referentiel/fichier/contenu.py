"""Tout le contenu d'un référentiel, chargé en un nombre fixe de requêtes : en document, celui-là même que
l'import accepte, et en lignes de la base rangées sous les clés de `comparaison`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from django.db.models import Model

from referentiel.fichier.comparaison import Cle
from referentiel.fichier.ecriture import ecrire
from referentiel.fichier.forme import par, pleins, repartitions
from referentiel.fichier.lecture import ordonner, schema
from referentiel.models import (
    Activite,
    Coefficient,
    Correspondance,
    Critere,
    Detaillee,
    Element,
    Grille,
    Indicateur,
    IntituleActivite,
    Modalite,
    Niveau,
    Poids,
    Referentiel,
    Tache,
)

CITES = ("option", "voie", "bloc", "epreuve", "competence", "activite", "echelle")
"""Genres que d'autres éléments désignent par leur code."""
SOUS_LEUR_CODE = (
    "option",
    "voie",
    "statut",
    "bloc",
    "epreuve",
    "competence",
    "activite",
    "savoir",
    "echelle",
)
"""Genres dont la clé est le seul code."""
PAR_DEFAUT = Grille.Positionne.COMPETENCES


class ContenuReferentiel:
    def __init__(self, referentiel: Referentiel) -> None:
        self.referentiel = referentiel
        self.options = list(referentiel.options.all())
        self.voies = list(referentiel.voies.all())
        self.statuts = list(referentiel.statuts.all())
        self.blocs = list(referentiel.blocs.all())
        self.epreuves = list(referentiel.epreuves.all())
        self.competences = list(referentiel.competences.all())
        self.activites = list(referentiel.activites.prefetch_related("competences"))
        self.reperes = list(referentiel.reperes.all())
        self.savoirs = list(referentiel.savoirs.prefetch_related("competences"))
        self.echelles = list(referentiel.echelles.all())
        self.grilles = sorted(referentiel.grilles.all(), key=lambda grille: grille.ordre)
        modalites = Modalite.objects.filter(voie__referentiel=referentiel).order_by("voie__ordre", "pk")
        self.modalites = [ligne for ligne in modalites if ligne.bloc_id is not None]
        self.modalites_d_epreuve = [ligne for ligne in modalites if ligne.epreuve_id is not None]
        self.coefficients = list(
            Coefficient.objects.filter(epreuve__referentiel=referentiel).order_by("option__ordre", "pk")
        )
        self.detaillees = list(Detaillee.objects.filter(competence__referentiel=referentiel))
        self.indicateurs = [
            *Indicateur.objects.filter(competence__referentiel=referentiel),
            *Indicateur.objects.filter(detaillee__competence__referentiel=referentiel),
        ]
        self.intitules = list(
            IntituleActivite.objects.filter(activite__referentiel=referentiel).order_by("option__ordre", "pk")
        )
        self.taches = list(Tache.objects.filter(activite__referentiel=referentiel))
        self.niveaux = list(Niveau.objects.filter(echelle__referentiel=referentiel))
        self._lire_les_grilles()
        self.codes = {genre: _codes(getattr(self, f"{genre}s")) for genre in CITES}

    def _lire_les_grilles(self) -> None:
        self.poids = list(
            Poids.objects.filter(grille__referentiel=self.referentiel)
            .select_related("epreuve", "competence", "option")
            .order_by("epreuve__ordre", "option__ordre", "competence__ordre", "pk")
        )
        self.criteres = list(
            Critere.objects.filter(grille__referentiel=self.referentiel).order_by(
                "competence__ordre", "competence_id", "ordre", "pk"
            )
        )
        self.correspondances = list(
            Correspondance.objects.filter(grille__referentiel=self.referentiel)
            .select_related("niveau", "vers")
            .order_by("niveau__echelle__ordre", "niveau__valeur")
        )

    def code(self, groupe: str, pk: int | None) -> str | None:
        return None if pk is None else self.codes[groupe][pk]

    # -- en lignes ------------------------------------------------------------

    def lignes(self) -> dict[Cle, Model]:
        """Chaque ligne de la base sous la clé de sa fiche."""
        lignes: dict[Cle, Model] = {("referentiel",): self.referentiel}
        for genre in SOUS_LEUR_CODE:
            lignes |= {(genre, ligne.code): ligne for ligne in getattr(self, f"{genre}s")}
        code = self.code
        lignes |= {
            ("modalite", code("bloc", ligne.bloc_id), code("voie", ligne.voie_id)): ligne
            for ligne in self.modalites
        }
        lignes |= {
            ("modalite_epreuve", code("epreuve", ligne.epreuve_id), code("voie", ligne.voie_id)): ligne
            for ligne in self.modalites_d_epreuve
        }
        lignes |= {
            ("coefficient", code("epreuve", ligne.epreuve_id), code("option", ligne.option_id)): ligne
            for ligne in self.coefficients
        }
        cles = self.cles_detaillees()
        lignes |= {cles[ligne.pk]: ligne for ligne in self.detaillees}
        lignes |= {self.cle_indicateur(ligne, cles): ligne for ligne in self.indicateurs}
        lignes |= {
            ("intitule_activite", code("activite", ligne.activite_id), code("option", ligne.option_id)): ligne
            for ligne in self.intitules
        }
        lignes |= {
            ("tache", code("activite", ligne.activite_id), ligne.code, code("option", ligne.option_id)): ligne
            for ligne in self.taches
        }
        lignes |= {("repere", ligne.genre, str(ligne.valeur)): ligne for ligne in self.reperes}
        lignes |= {("niveau", code("echelle", ligne.echelle_id), ligne.code): ligne for ligne in self.niveaux}
        return lignes | self.lignes_des_grilles()

    def lignes_des_grilles(self) -> dict[Cle, Model]:
        versions = {grille.pk: grille.version for grille in self.grilles}
        lignes: dict[Cle, Model] = {("grille", ligne.version): ligne for ligne in self.grilles}
        return (
            lignes
            | {
                (
                    "poids",
                    versions[ligne.grille_id],
                    ligne.epreuve.code,
                    ligne.competence.code,
                    self.code("option", ligne.option_id),
                ): ligne
                for ligne in self.poids
            }
            | {
                (
                    "critere",
                    versions[ligne.grille_id or 0],
                    self.code("competence", ligne.competence_id),
                    ligne.code,
                    self.code("option", ligne.option_id),
                ): ligne
                for ligne in self.criteres
            }
            | {
                (
                    "correspondance",
                    versions[ligne.grille_id],
                    self.code("echelle", ligne.niveau.echelle_id),
                    ligne.niveau.code,
                ): ligne
                for ligne in self.correspondances
            }
        )

    def cles_detaillees(self) -> dict[int, Cle]:
        return {
            ligne.pk: (
                "detaillee",
                self.code("competence", ligne.competence_id),
                ligne.code,
                self.code("option", ligne.option_id),
            )
            for ligne in self.detaillees
        }

    def cle_indicateur(self, ligne: Indicateur, cles: Mapping[int, Cle]) -> Cle:
        parent: Cle = (self.code("competence", ligne.competence_id), None, None)
        if ligne.detaillee_id is not None:
            parent = cles[ligne.detaillee_id][1:]
        return ("indicateur", *parent, ligne.code or ligne.intitule, self.code("option", ligne.option_id))

    # -- en document ----------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """Le document JSON équivalent ; l'importer ne changerait rien."""
        brut = {
            "format": 1,
            "code": self.referentiel.code,
            "version": self.referentiel.version,
            "intitule": self.referentiel.intitule,
            "identite": self.referentiel.identite,
            "semaines_pfmp": self.referentiel.semaines_pfmp,
            **pleins(cycle=self.referentiel.annees),
            **pleins(commission=self.referentiel.commission, anterieurs=self.referentiel.anterieurs),
            "sources": self.referentiel.sources,
            "options": [
                pleins(code=ligne.code, intitule=ligne.intitule, code_scolarite=ligne.code_scolarite)
                for ligne in self.options
            ],
            "voies": [pleins(code=ligne.code, intitule=ligne.intitule) for ligne in self.voies],
            "statuts": [pleins(**statut) for statut in self._statuts()],
            "blocs": self._blocs(),
            "epreuves": self._epreuves(),
            "competences": self._competences(),
            "activites": self._activites(),
            "reperes": self._reperes(),
            "savoirs": [
                pleins(
                    code=ligne.code,
                    intitule=ligne.intitule,
                    niveau=ligne.niveau,
                    competences=[competence.code for competence in ligne.competences.all()],
                )
                for ligne in self.savoirs
            ],
            "echelles": self._echelles(),
            "grilles": self._grilles(),
        }
        return ordonner(brut, schema())

    def texte(self) -> str:
        return ecrire(self.document())

    def empreinte(self) -> str:
        return sha256(self.texte().encode()).hexdigest()

    def _statuts(self) -> Iterable[dict[str, Any]]:
        for li in self.statuts:
            voie = self.code("voie", li.voie_id)
            yield {"code": li.code, "intitule": li.intitule, "voie": voie, "lsl": li.lsl or None}

    def _blocs(self) -> list[dict[str, Any]]:
        modalites = par(self.modalites, "bloc_id")
        return [
            pleins(
                code=ligne.code,
                intitule=ligne.intitule,
                unite=ligne.unite,
                facultatif=ligne.facultatif or None,
                modalites=[self._modalite(modalite) for modalite in modalites[ligne.pk]],
            )
            for ligne in self.blocs
        ]

    def _modalite(self, modalite: Modalite) -> dict[str, Any]:
        cite = {"voie": self.code("voie", modalite.voie_id), "ccf": modalite.ccf}
        return cite | pleins(forme=modalite.forme, duree=modalite.duree)

    def _epreuves(self) -> list[dict[str, Any]]:
        coefficients = par(self.coefficients, "epreuve_id")
        modalites = par(self.modalites_d_epreuve, "epreuve_id")
        return [
            pleins(
                code=ligne.code,
                intitule=ligne.intitule,
                parent=self.code("epreuve", ligne.parent_id),
                bloc=self.code("bloc", ligne.bloc_id),
                unite=ligne.unite,
                coefficients={
                    self.code("option", coefficient.option_id): coefficient.valeur
                    for coefficient in coefficients[ligne.pk]
                },
                modalites=[self._modalite(modalite) for modalite in modalites[ligne.pk]],
            )
            for ligne in self.epreuves
        ]

    def _competences(self) -> list[dict[str, Any]]:
        premier = par([ligne for ligne in self.detaillees if ligne.parent_id is None], "competence_id")
        second = par(self.detaillees, "parent_id")
        directs = par(self.indicateurs, "competence_id")
        indirects = par(self.indicateurs, "detaillee_id")

        def detaillee(ligne: Detaillee) -> dict[str, Any]:
            return pleins(
                code=ligne.code,
                intitule=ligne.intitule,
                libelle=ligne.libelle,
                option=self.code("option", ligne.option_id),
                poids=ligne.poids,
                indicateurs=[self._indicateur(indicateur) for indicateur in indirects[ligne.pk]],
                detaillees=[detaillee(enfant) for enfant in second[ligne.pk]],
            )

        return [
            pleins(
                code=ligne.code,
                intitule=ligne.intitule,
                libelle=ligne.libelle,
                nature=ligne.nature,
                indicateurs=[self._indicateur(indicateur) for indicateur in directs[ligne.pk]],
                detaillees=[detaillee(enfant) for enfant in premier[ligne.pk]],
            )
            for ligne in self.competences
        ]

    def _indicateur(self, ligne: Indicateur) -> dict[str, Any]:
        option = self.code("option", ligne.option_id)
        return pleins(code=ligne.code, intitule=ligne.intitule, option=option, poids=ligne.poids)

    def _activites(self) -> list[dict[str, Any]]:
        intitules, taches = par(self.intitules, "activite_id"), par(self.taches, "activite_id")

        def tache(ligne: Tache) -> dict[str, Any]:
            option = self.code("option", ligne.option_id)
            return pleins(code=ligne.code, intitule=ligne.intitule, option=option, autonomie=ligne.autonomie)

        def activite(ligne: Activite) -> dict[str, Any]:
            return pleins(
                code=ligne.code,
                intitule=ligne.intitule,
                intitules={
                    self.code("option", propre.option_id): propre.intitule for propre in intitules[ligne.pk]
                },
                bloc=self.code("bloc", ligne.bloc_id),
                competences=[competence.code for competence in ligne.competences.all()],
                taches=[tache(enfant) for enfant in taches[ligne.pk]],
            )

        return [activite(ligne) for ligne in self.activites]

    def _reperes(self) -> dict[str, list[dict[str, Any]]]:
        reperes: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for ligne in self.reperes:
            degre = {"valeur": ligne.valeur, "intitule": ligne.intitule}
            reperes[ligne.genre].append(degre if ligne.vise else degre | {"vise": False})
        return dict(reperes)

    def _echelles(self) -> list[dict[str, Any]]:
        niveaux = par(self.niveaux, "echelle_id")
        return [
            {
                "code": ligne.code,
                "intitule": ligne.intitule,
                "niveaux": [
                    {nom: getattr(niveau, nom) for nom in ("code", "valeur", "libelle", "symbole")}
                    for niveau in niveaux[ligne.pk]
                ],
            }
            for ligne in self.echelles
        ]

    def _grilles(self) -> list[dict[str, Any]]:
        poids, criteres = par(self.poids, "grille_id"), par(self.criteres, "grille_id")
        correspondances = par(self.correspondances, "grille_id")
        return [
            {
                "version": ligne.version,
                "intitule": ligne.intitule,
                "echelle": self.code("echelle", ligne.echelle_id),
                **pleins(positionne="" if ligne.positionne == PAR_DEFAUT else ligne.positionne),
                "arrondi": ligne.arrondi,
                "bonus_max": ligne.bonus_max,
                "seuil_couverture": ligne.seuil_couverture,
                **pleins(mention_ponderation=ligne.mention_ponderation, source=ligne.source),
                **pleins(correspondances=self._correspondances(correspondances[ligne.pk])),
                "poids": repartitions(poids[ligne.pk]),
                **pleins(criteres=self._criteres(criteres[ligne.pk])),
            }
            for ligne in self.grilles
        ]

    def _criteres(self, lignes: Iterable[Critere]) -> list[dict[str, Any]]:
        return [
            {
                "competence": self.code("competence", competence),
                "criteres": [
                    pleins(
                        code=ligne.code,
                        intitule=ligne.intitule,
                        option=self.code("option", ligne.option_id),
                        poids=ligne.poids,
                    )
                    for ligne in groupe
                ],
            }
            for competence, groupe in par(lignes, "competence_id").items()
        ]

    def _correspondances(self, lignes: Iterable[Correspondance]) -> list[dict[str, Any]]:
        echelles: dict[str | None, dict[str, str]] = defaultdict(dict)
        for ligne in lignes:
            echelles[self.code("echelle", ligne.niveau.echelle_id)][ligne.niveau.code] = ligne.vers.code
        return [{"echelle": code, "niveaux": niveaux} for code, niveaux in echelles.items()]


def _codes(lignes: Iterable[Element]) -> dict[int, str]:
    return {ligne.pk: ligne.code for ligne in lignes}
