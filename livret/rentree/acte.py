"""Changer d'année, en une transaction : avant ou après, jamais entre."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from livret.personnes.models.changement import ChangementDePromotion
from livret.personnes.models.classe import AnneeScolaire, Classe, Promotion
from livret.personnes.models.compte import Etablissement, Utilisateur
from livret.personnes.models.eleve import Eleve, Scolarite
from livret.rentree.copie import copier_echelle, copier_progression
from livret.rentree.models import PassageDAnnee
from livret.rentree.plan import MONTE, PART, REDOUBLE, ClasseEntrante, PlanDeRentree, plan_de
from livret.situation.models.groupe import Groupe
from trpm.base.modification import exiger_l_apercu

CHANGE = "Les classes ou vos choix ont changé depuis l’aperçu\xa0: relisez ce qui changerait, puis confirmez."
DEJA = "Ce changement d’année est déjà fait\xa0: {} l’a fait."


@dataclass
class EcritDePassage:
    """Les clés de ce que le passage a créé, et de ceux qu'il a changés."""

    promotions: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    scolarites: list[int] = field(default_factory=list)
    groupes: list[int] = field(default_factory=list)
    changements: list[int] = field(default_factory=list)
    partis: list[int] = field(default_factory=list)
    echelles: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    pfmp_prevues: list[int] = field(default_factory=list)


@transaction.atomic
def faire(lu: PlanDeRentree, empreinte: str, par: Utilisateur, le: datetime.datetime) -> PassageDAnnee:
    """Fait ce que l'aperçu disait ; `ValidationError`, et rien d'écrit, s'il ne dit plus vrai."""
    lieu = Etablissement.objects.select_for_update().get(pk=lu.etablissement.pk)
    annee, _ = AnneeScolaire.objects.get_or_create(debut=lu.vers)
    if deja := PassageDAnnee.objects.en_vigueur().filter(etablissement=lieu, vers=annee).first():
        raise ValidationError(DEJA.format(deja.par.nom_complet))
    plan = plan_de(lieu, lu.depuis, lu.choix)
    exiger_l_apercu(empreinte, plan.empreinte, CHANGE)
    if plan.refus:
        raise ValidationError(plan.refus)
    ecrit = _Passage(plan, annee, par, le).ecrire()
    return PassageDAnnee.objects.create(
        etablissement=lieu, vers=annee, par=par, fait_le=le, ecrit=asdict(ecrit)
    )


class _Passage:
    """L'écriture d'un plan : par lots, un nombre de requêtes qui ne dépend pas des élèves."""

    def __init__(
        self, plan: PlanDeRentree, annee: AnneeScolaire, par: Utilisateur, le: datetime.datetime
    ) -> None:
        self.plan, self.annee, self.par, self.le = plan, annee, par, le
        self.ecrit = EcritDePassage()
        self.par_nom: dict[str, Classe] = {}

    def ecrire(self) -> EcritDePassage:
        self._classes()
        self._equipes()
        self._redoublants()
        self._scolarites()
        self._partis()
        self._groupes()
        return self.ecrit

    def _classes(self) -> None:
        nouvelles = [
            self._classe(une.nom, une.niveau, une.classe.promotion)
            for une in self.plan.montent
            if une.existe is None
        ]
        nouvelles += [
            self._classe(une.nom, une.modele.niveau, self._promotion(une)) for une in self.plan.entrantes
        ]
        Classe.objects.bulk_create(nouvelles)
        self.ecrit.classes = [une.pk for une in nouvelles]
        existent = Classe.objects.filter(pk__in=[une.existe for une in self.plan.montent if une.existe])
        self.par_nom = {une.nom: une for une in (*nouvelles, *existent.select_related("promotion"))}

    def _classe(self, nom: str, niveau: str, promotion: Promotion) -> Classe:
        return Classe(
            etablissement=self.plan.etablissement,
            annee=self.annee,
            nom=nom,
            niveau=niveau,
            promotion=promotion,
        )

    def _promotion(self, entrante: ClasseEntrante) -> Promotion:
        """Celle des entrants, sur la grille de l'an dernier, avec l'échelle et la progression voulues."""
        modele = entrante.modele.promotion
        promotion, neuve = Promotion.objects.get_or_create(
            etablissement=self.plan.etablissement,
            nom=entrante.promotion,
            defaults={
                "referentiel": modele.referentiel,
                "option": modele.option,
                "grille": modele.grille,
                "session": entrante.session,
            },
        )
        if neuve:
            self.ecrit.promotions.append(promotion.pk)
            if self.plan.choix.echelle:
                self.ecrit.echelles += copier_echelle(modele, promotion, self.par, self.le)
            if self.plan.choix.progression:
                sequences, prevues = copier_progression(modele, promotion, self.par)
                self.ecrit.sequences += sequences
                self.ecrit.pfmp_prevues += prevues
        return promotion

    def _equipes(self) -> None:
        lignes = [(une.nom, une.equipe) for une in self.plan.montent]
        lignes += [(une.nom, une.equipe) for une in self.plan.entrantes]
        liens = Classe.equipe.through
        liens.objects.bulk_create(
            [
                liens(classe=self.par_nom[nom], utilisateur_id=compte)
                for nom, equipe in lignes
                for compte in equipe
            ],
            ignore_conflicts=True,
        )

    def _redoublants(self) -> None:
        """Ils passent dans la promotion qui les suit ; ce qu'ils ont montré ne bouge pas."""
        passent = [un for une in self.plan.classes for un in une.de(REDOUBLE)]
        changements, eleves = [], []
        for un in passent:
            classe, eleve = self.par_nom[un.vers], un.eleve
            if classe.promotion_id == eleve.promotion_id:
                continue
            changements.append(
                ChangementDePromotion(
                    eleve=eleve,
                    avant_id=eleve.promotion_id,
                    option_avant_id=eleve.option_id,
                    statut_avant_id=eleve.statut_id,
                    numero_avant=eleve.numero_candidat,
                    apres_id=classe.promotion_id,
                    classe=classe,
                    jour=self.annee.premier_jour,
                    par=self.par,
                    fait_le=self.le,
                )
            )
            eleve.promotion_id = classe.promotion_id
            eleves.append(eleve)
        if eleves:
            ChangementDePromotion.objects.bulk_create(changements)
            bulk_update_with_history(eleves, Eleve, ["promotion"], default_user=self.par)
        self.ecrit.changements = [un.pk for un in changements]

    def _scolarites(self) -> None:
        places = [
            (un.eleve.pk, self.par_nom[une.nom].pk) for une in self.plan.montent for un in une.de(MONTE)
        ]
        places += [
            (un.eleve.pk, self.par_nom[un.vers].pk) for une in self.plan.classes for un in une.de(REDOUBLE)
        ]
        deja = set(
            Scolarite.objects.filter(classe__in=[une.pk for une in self.par_nom.values()]).values_list(
                "eleve", "classe"
            )
        )
        lignes = [
            Scolarite(eleve_id=eleve, classe_id=classe)
            for eleve, classe in dict.fromkeys(places)
            if (eleve, classe) not in deja
        ]
        if lignes:
            creees: list[Any] = bulk_create_with_history(lignes, Scolarite, default_user=self.par)
            self.ecrit.scolarites = [une.pk for une in creees]

    def _partis(self) -> None:
        partis = [un.eleve for une in self.plan.classes for un in une.de(PART)]
        for eleve in partis:
            eleve.actif = False
        if partis:
            bulk_update_with_history(partis, Eleve, ["actif"], default_user=self.par)
        self.ecrit.partis = [un.pk for un in partis]

    def _groupes(self) -> None:
        for une in self.plan.montent:
            classe = self.par_nom[une.nom]
            for nom, membres in une.groupes:
                groupe, neuf = Groupe.objects.get_or_create(classe=classe, nom=nom, archive_le=None)
                if neuf:
                    groupe.eleves.set(membres)
                    self.ecrit.groupes.append(groupe.pk)
